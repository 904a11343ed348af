"""Utilisation: what a gain is worth in watts and dollars, published runs, software's gains, and 6 N D checked."""

import streamlit as st

from ui import chart, utilisation
from ui.address import current_state
from ui.controls import choice
from ui.figures.utilisation import power_alt
from ui.figures.utilisation_counts import counts_alt
from ui.figures.utilisation_runs import runs_alt
from ui.markup import finding_html, unbroken
from ui.slider import watch_slider
from ui.style import mode

state = current_state()
scenario, at = state.scenario, state.choices["ut_at"]
heading = st.container()
run = choice("ut_run", "Run")
heading.html(unbroken(utilisation.headline_html(scenario, run)))

names = utilisation.step_names()
chart.show(
    utilisation.figure_of(scenario, run, at, mode()),
    "utilisation",
    power_alt(utilisation.stops_of(scenario, run), utilisation.own_of(scenario, run), names.index(at)),
)
watch_slider("utilisation", "ut_at", names, label="Share of the peak that is useful")
st.html(f'<p class="tw-footer">{utilisation.footer(state, run)}</p>')

st.html(finding_html(utilisation.runs_headline()))
axis = choice("ut_axis", "Against")
st.html(utilisation.runs_legend_html(mode()))
chart.show(utilisation.runs_figure_of(axis, mode()), "runs", runs_alt(utilisation.dots_of(axis), axis))
st.html(f'<p class="tw-footer">{utilisation.runs_footer(state)}</p>')

st.html(finding_html(utilisation.gains_headline(run)))
st.html(utilisation.gains_html(state, run))

st.html(finding_html(utilisation.counts_headline()))
chart.show(utilisation.counts_figure_of(mode()), "counts", counts_alt(utilisation.count_rows()))
st.html(f'<p class="tw-footer">{utilisation.counts_footer(state)}</p>')
