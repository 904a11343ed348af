"""Precision: what fewer bits save, where that ends, what was measured, what it costs in quality, and its history."""

import streamlit as st

from efficiency.precision import widths
from efficiency.precision_history import NEWEST, generations, split
from ui import chart, precision, precision_history, precision_quality
from ui.address import current_state
from ui.controls import choice
from ui.figures.precision import precision_alt
from ui.figures.precision_history import history_alt, split_alt
from ui.figures.precision_parts import growth_alt, pairs_alt
from ui.markup import unbroken
from ui.slider import watch_slider
from ui.style import mode
from ui.theme import palette

state = current_state()
scenario = state.scenario
equal = state.choices["pr_quality"] == precision.EQUAL
shown = widths(scenario)

st.html(unbroken(precision.headline_html(scenario, equal)))
choice("pr_quality", "Compare")
chart.show(
    precision.ledger_figure_of(scenario, state.choices["pr_at"], equal, mode()), "widths", precision_alt(shown, equal)
)
watch_slider("widths", "pr_at", [f"{width.bits:g}" for width in shown], label="Width of the numbers")
st.html(precision.parts_legend_html(mode()))
st.html(f'<p class="tw-footer">{precision.caption(state)}</p>')
with st.expander(precision.width_headline(scenario)):
    st.html(precision.width_table(scenario))

st.html(f'<h2 class="tw-finding">{unbroken(precision.pairs_headline())}</h2>')
chart.show(precision.pairs_figure_of(mode()), "pairs", pairs_alt(precision.fp8_pairs()))
st.html(f'<p class="tw-footer">{precision.pairs_caption()}</p>')

st.html('<h2 class="tw-finding">Where fewer bits cost more</h2>')
st.html(precision.costlier_table(scenario))

st.html('<h2 class="tw-finding">Measured gains are smaller than the bits promise, and hold in their setting</h2>')
st.html(precision_quality.gains_table())

st.html(f'<h2 class="tw-finding">{unbroken(precision_quality.growth_headline())}</h2>')
chart.show(precision_quality.growth_figure_of(mode()), "growth", growth_alt(precision_quality.growth_rows()))
st.html(f'<p class="tw-footer">{precision_quality.growth_caption()}</p>')
with st.expander("Published quality by width"):
    st.html(precision_quality.quality_table())

st.html(f'<h2 class="tw-finding">{unbroken(precision_history.history_headline())}</h2>')
chart.show(precision_history.split_figure_of(mode()), "split", split_alt([split(chip) for chip in NEWEST]))
st.html(precision_history.split_legend_html(mode()))
st.html(f'<p class="tw-footer">{precision_history.split_caption()}</p>')
chart.show(
    precision_history.history_figure_of(mode()), "history", history_alt(generations(), precision_history.cmos_limit_j())
)
st.html(f'<p class="tw-footer">{precision_history.history_caption()}</p>')

st.html(precision.brain_html(scenario).replace("BRAIN", palette(mode()).brain))
