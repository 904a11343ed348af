"""Parallel fit: arithmetic per instruction, waiting and batches; theory beside measurements, and the brain's way."""

import streamlit as st

from efficiency.parallel import STEPS
from efficiency.parallel_points import points
from ui import chart, parallel, parallel_batch, parallel_brain, parallel_waiting
from ui.address import current_state
from ui.figures.parallel import instruction_alt
from ui.figures.parallel_batch import batch_alt
from ui.figures.parallel_pairs import pairs_alt
from ui.figures.parallel_points import points_alt
from ui.figures.parallel_waiting import amdahl_alt, usage_alt
from ui.markup import finding_html, unbroken
from ui.slider import watch_slider
from ui.style import mode

state = current_state()
scenario = state.scenario
chip, at = scenario.chip, state.choices["pf_at"]

st.html(unbroken(parallel.headline_html(chip)))
st.html(parallel.instruction_legend_html(mode()))
bars = (parallel.steps(chip), parallel.published(chip), parallel.other_format(chip))
chart.show(parallel.instruction_figure_of(chip, at, mode()), "parallel", instruction_alt(*bars, parallel.position(at)))
watch_slider("parallel", "pf_at", list(STEPS), label="Multiply-adds per instruction")
st.html(f'<p class="tw-footer">{parallel.token_sentence(scenario)}<br>{parallel.instruction_footer(state)}</p>')

st.html(finding_html(parallel.points_headline()))
st.html(parallel.points_legend_html(mode()))
chart.show(parallel.points_figure_of(mode()), "points", points_alt(points()))
st.html(f'<p class="tw-footer">{parallel.points_caption(state)}</p>')

st.html(finding_html(parallel_waiting.usage_headline(scenario)))
chart.show(
    parallel_waiting.usage_figure_of(scenario, mode()), "usage", usage_alt(*parallel_waiting.usage_values(scenario))
)
st.html(f'<p class="tw-footer">{parallel_waiting.usage_footer(state)}</p>')

st.html(finding_html(parallel_waiting.amdahl_headline(chip)))
chart.show(parallel_waiting.amdahl_figure_of(chip, mode()), "amdahl", amdahl_alt(parallel_waiting.jobs(chip)))
st.html(f'<p class="tw-footer">{parallel_waiting.amdahl_footer(chip)}</p>')

st.html(finding_html(parallel_batch.batch_headline(scenario)))
chart.show(parallel_batch.batch_figure_of(scenario, mode()), "batch", batch_alt(*parallel_batch.serving(scenario)))
st.html(f'<p class="tw-footer">{parallel_batch.batch_footer(state)}</p>')

st.html(finding_html(parallel_batch.pairs_headline()))
st.html(parallel_batch.pairs_legend_html(mode()))
chart.show(parallel_batch.pairs_figure_of(mode()), "pairs", pairs_alt(parallel_batch.pair_clouds()))
st.html(f'<p class="tw-footer">{parallel_batch.pairs_footer()}</p>')

st.html(finding_html("What it costs in quality"))
st.html(parallel.quality_html())

st.html(finding_html(parallel_brain.brain_headline(scenario)))
st.html(parallel_brain.brain_html(state))
