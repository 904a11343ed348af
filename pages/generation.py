"""Generation: text in blocks against one token at a time, pictures and video, what was measured, and quality."""

import streamlit as st

from ui import chart, generation
from ui.address import current_state
from ui.controls import choice
from ui.figures.crossing import crossing_alt
from ui.figures.generation import measured_alt, pieces_alt
from ui.markup import finding_html, unbroken
from ui.slider import heading, watch_slider
from ui.style import mode
from ui.views import views


def pieces() -> None:
    """Draw what a page of text, a picture and a video take, text in blocks as the slider has it."""
    moved = current_state()
    st.html(finding_html(generation.pieces_headline(moved)))
    st.html(generation.pieces_legend_html(mode()))
    chart.show(generation.pieces_figure_of(moved, mode()), "pieces", pieces_alt(generation.items_of(moved)))
    st.html(f'<p class="tw-footer">{generation.pieces_footer(moved)}</p>')


top = heading("generation")
choice("ge_block", "Tokens in a block")
state = current_state()
block, at = generation.block_of(state), state.choices["ge_at"]
top.html(unbroken(generation.headline_html(state)))
chart.show(
    generation.crossing_figure_of(state.scenario, block, at, mode()),
    "generation",
    crossing_alt(
        generation.crossing_of(state.scenario, block), generation.position(state), generation.alt_words(state)
    ),
)
st.html(f'<p class="tw-footer">{generation.footer(state)}</p>')

watch_slider(
    "generation",
    "ge_at",
    generation.SETTLED_STEPS,
    label="Tokens that a pass settles",
    headings=views()["generation/generation"].headings(state),
    follow=pieces,
)

measured = st.container()
metric = choice("ge_metric", "Measured")
measured.html(finding_html(generation.measured_headline(metric)))
chart.show(
    generation.measured_figure_of(metric, mode()),
    "measured",
    measured_alt(generation.points_of(metric), generation.WITHIN, generation.THINGS[metric]),
)
st.html(f'<p class="tw-footer">{generation.measured_footer(state)}</p>')

st.html(finding_html(generation.quality_headline()))
st.html(generation.quality_html(state))
