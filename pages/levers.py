"""All levers: build a machine, see what each lever closes of the gap to the brain, and what to argue about."""

import streamlit as st

from efficiency.choices import PAGE_CHOICES
from ui import chart, levers, levers_controls, levers_tables
from ui.address import current_state
from ui.markup import unbroken
from ui.slider import heading, watch_slider
from ui.style import mode
from ui.views import views

state = current_state()

heading("levers").html(unbroken(levers.headline_html(state)))
levers_controls.presets(state)
with st.expander("Pull each lever yourself; choose task, batch and quality"):
    levers_controls.draw()

left, right = st.columns([3, 2], gap="large")
with left:
    chart.show(levers.waterfall_figure_of(state, mode()), "levers", levers.alt(state))
    watch_slider(
        "levers",
        levers.SLIDER,
        list(PAGE_CHOICES[levers.SLIDER].options),
        label="Levers pulled",
        headings=views()["levers/levers"].headings(state),
    )
    st.html(levers.legend_html(mode()))
with right:
    st.html(unbroken(levers.tornado_headline_html(state)))
    chart.show(levers.tornado_figure_of(state, mode()), "tornado", levers.tornado_alt_of(state))
    st.html(levers.tornado_legend_html(mode()))
    st.html(f'<p class="tw-footer">{levers.tornado_caption()}</p>')
if beside := levers.check_html(state):
    st.html(beside)
st.html(f'<p class="tw-footer">{levers.footer(state)}</p>')

st.html(f'<h2 class="tw-finding">{unbroken(levers.overlap_headline(state))}</h2>')
st.html(f'<p class="tw-footer">{levers.overlap_sentence(state)} {levers.batches_sentence(state)}</p>')
st.html(levers_tables.levers_table(state))

st.html(f'<h2 class="tw-finding">{unbroken(levers_tables.evidence_headline())}</h2>')
st.html(levers_tables.evidence_table(state))
st.html(f'<p class="tw-footer">{levers_tables.evidence_footer()}</p>')
