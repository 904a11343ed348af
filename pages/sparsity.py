"""Sparsity: what leaving work out saves by kind, experts by batch, spikes, paper against measurement, and quality."""

import streamlit as st

from efficiency.sparsity import STEPS
from efficiency.spiking import active_share
from ui import chart, sparsity
from ui import sparsity_quality as found
from ui.address import current_state
from ui.controls import choice
from ui.figures.sparsity import density_alt
from ui.figures.sparsity_experts import legend_html, pairs_alt, touched_alt, touched_legend_html
from ui.figures.sparsity_gains import gains_alt
from ui.figures.sparsity_gains import legend_html as gains_legend_html
from ui.figures.sparsity_spikes import legend_html as spikes_legend_html
from ui.figures.sparsity_spikes import spikes_alt
from ui.markup import finding_html, unbroken
from ui.slider import watch_slider
from ui.style import mode

state = current_state()
scenario = state.scenario
at, names = state.choices["sp_at"], sparsity.step_names()

st.html(unbroken(sparsity.headline_html(scenario)))
quality = choice("sp_quality", "Quality")
lines = sparsity.lines_of(scenario, quality == sparsity.EQUAL)
chart.show(
    sparsity.density_figure_of(scenario, quality, at, mode()),
    "sparsity",
    density_alt(lines, STEPS, names.index(at), active_share()),
)
watch_slider("sparsity", "sp_at", names, label="Share of the multiply-adds")
st.html(sparsity.bars_legend_html(quality, mode()))
st.html(f'<p class="tw-footer">{sparsity.density_footer(state)}</p>')

st.html(finding_html(sparsity.experts_headline()))
st.html(legend_html(sparsity.pair_groups(), mode()))
chart.show(sparsity.pairs_figure_of(mode()), "experts", pairs_alt(sparsity.pair_groups()))
st.html(f'<p class="tw-footer">{sparsity.experts_footer(state)}</p>')

st.html(finding_html(sparsity.touched_headline()))
st.html(touched_legend_html(sparsity.touched_lines(), mode()))
touched = (sparsity.touched_lines(), sparsity.touched_batches(), float(scenario.batch))
chart.show(sparsity.touched_figure_of(float(scenario.batch), mode()), "touched", touched_alt(*touched))
st.html(f'<p class="tw-footer">{sparsity.touched_footer()}</p>')

st.html(finding_html(sparsity.spikes_headline(scenario)))
spikes = sparsity.spikes_of(scenario)
st.html(spikes_legend_html(spikes, mode()))
chart.show(sparsity.spikes_figure_of(scenario, mode()), "spikes", spikes_alt(spikes))
st.html(f'<p class="tw-footer">{sparsity.spikes_footer(state)}</p>')

st.html(finding_html(found.gains_headline()))
st.html(gains_legend_html(mode()))
chart.show(found.gains_figure_of(mode()), "gains", gains_alt(found.gains()))
st.html(f'<p class="tw-footer">{found.gains_footer(state)}</p>')

st.html(finding_html(found.quality_headline()))
st.html(found.quality_html(state))
st.html(finding_html(found.growth_headline()))
st.html(found.growth_html(state))

st.html(finding_html(found.brain_headline()))
st.html(found.brain_html(state))
