"""Long context: attention against a state of constant size, what fits, what was measured, and what it costs."""

import streamlit as st

from ui import chart, context
from ui.address import current_state
from ui.controls import choice
from ui.figures.context import room_alt
from ui.figures.crossing import crossing_alt
from ui.markup import finding_html, unbroken
from ui.slider import heading, watch_slider
from ui.style import mode
from ui.views import views

top = heading("context")
left, right = st.columns(2)
with left:
    choice("cx_unit", "Compare")
with right:
    choice("cx_kv", "Cache in")
with st.expander("Keys and values, windows, training, machine"):
    for name, label in context.CHOICES.items():
        choice(name, label)

state = current_state()
setting, unit, at = context.setting_of(state), state.choices["cx_unit"], state.choices["cx_penalty"]
top.html(unbroken(context.headline_html(state)))
chart.show(
    context.crossing_figure_of(setting, unit, at, mode()),
    "context",
    crossing_alt(context.crossing_of(setting, unit), context.position(state), context.alt_words(state)),
)
watch_slider(
    "context",
    "cx_penalty",
    context.PENALTY_STEPS,
    label="Compute of training for the same loss",
    headings=views()["context/context"].headings(state),
)
st.html(f'<p class="tw-footer">{context.footer(state)}</p>')

st.html(finding_html(context.room_headline(setting)))
rooms = context.rooms_of(setting)
chart.show(
    context.room_figure_of(setting, mode()), "room", room_alt(context.CONTEXTS, rooms, context.chips_words(setting))
)
st.html(f'<p class="tw-footer">{context.room_footer(state)}</p>')

st.html(finding_html(context.measured_headline()))
st.html(context.measured_html())

st.html(finding_html(context.quality_headline()))
st.html(context.quality_html(state))
