"""Clusters: named sites on a map of power against compute, one built from chips, and what both are beside."""

import streamlit as st

from efficiency.cluster_systems import named_systems
from ui import chart, cluster
from ui.address import current_state
from ui.controls import choice
from ui.figures.cluster import legend_html, map_alt
from ui.figures.cluster_parts import parts_alt, parts_legend_html
from ui.markup import finding_html, unbroken
from ui.slider import watch_slider
from ui.style import mode

st.html(unbroken(cluster.headline_html()))
for column, (name, label) in zip(
    st.columns(3), (("cl_work", "At work"), ("cl_host", "Hosts"), ("cl_network", "Network")), strict=True
):
    with column:
        choice(name, label)
state = current_state()
names = cluster.step_names()
active = names.index(state.choices["cl_count"])
chart.show(
    cluster.map_figure_of(state, mode()),
    "cluster",
    map_alt(named_systems(), cluster.brain(), cluster.steps_of(state), active),
)
watch_slider("cluster", "cl_count", names, label="Chips")
st.html(legend_html(mode()))
for column, (name, label) in zip(st.columns(2), (("cl_grid", "Grid"), ("cl_home", "Homes")), strict=True):
    with column:
        choice(name, label)
st.html(f'<p class="tw-footer">{cluster.map_footer(state)}</p>')

st.html(finding_html(cluster.parts_headline(state)))
chart.show(cluster.parts_figure_of(state, mode()), "parts", parts_alt(cluster.parts_of(state)))
st.html(parts_legend_html(cluster.parts_of(state), mode()))
st.html(f'<p class="tw-footer">{cluster.parts_footer(state)}</p>')

st.html(finding_html(cluster.systems_headline()))
st.html(cluster.systems_html(state))
st.html(f'<p class="tw-footer">{cluster.systems_footer()}</p>')
