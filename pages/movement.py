"""Data movement: what a bit costs at each distance, what a workload moves, and what nearer memory would change."""

import streamlit as st

from ui import chart, controls, movement, movement_brain
from ui import movement_built as built
from ui.address import current_state
from ui.figures.movement import roofline_alt
from ui.figures.movement_flow import flow_alt
from ui.figures.movement_ladder import ladder_alt
from ui.figures.movement_published import published_alt
from ui.markup import unbroken
from ui.slider import watch_slider
from ui.style import mode

state = current_state()
scenario = state.scenario
view = movement.view_of(scenario)
at = state.choices["mv_batch"]

st.html(unbroken(movement.headline_html(view)))
chart.show(
    movement.roofline_figure_of(scenario, at, mode()),
    "roofline",
    roofline_alt(movement.roofs_of(view), movement.stops_of(view), view.marks, movement.STOPS.index(at)),
)
watch_slider("roofline", "mv_batch", movement.STOPS, label="Conversations at once")
st.html(f'<p class="tw-footer">{movement.roofline_caption(scenario)}</p>')

st.html(f'<h2 class="tw-finding">{unbroken(movement.ladder_headline())}</h2>')
chart.show(movement.ladder_figure_of(mode()), "distances", ladder_alt(movement.levels()))
st.html(f'<p class="tw-footer">{movement.ladder_caption()}</p>')

st.html(f'<h2 class="tw-finding">{unbroken(movement.flow_headline(scenario))}</h2>')
width = controls.choice("mv_flow", "Width of the flows")
chart.show(movement.flow_figure_of(scenario, width, mode()), "flow", flow_alt(movement.flows_of(scenario)))
st.html(f'<p class="tw-footer">{movement.flow_caption(scenario)}</p>')

st.html(f'<h2 class="tw-finding">{unbroken(built.gains_headline(scenario))}</h2>')
st.html(built.gains_table(scenario))
st.html(f'<p class="tw-footer">{built.gains_caption(scenario)}</p>')

st.html(f'<h2 class="tw-finding">{unbroken(built.published_headline())}</h2>')
chart.show(built.published_figure_of(mode()), "published", published_alt(built.published()))
st.html(f'<p class="tw-footer">{built.published_caption()}</p>')
st.html(built.claims_table())
st.html(f'<p class="tw-footer">{built.northpole_sentence()}</p>')

st.html(f'<h2 class="tw-finding">{unbroken(built.pairs_headline())}</h2>')
st.html(built.pairs_table())
st.html(f'<p class="tw-footer">{built.pairs_sentence()}</p>')
st.html('<h2 class="tw-finding">What moving less costs</h2>')
st.html(f"<p>{built.cost_sentence(view)}</p>")

st.html(f'<h2 class="tw-finding">{unbroken(movement_brain.brain_headline())}</h2>')
st.html(movement_brain.brain_bars(mode()) + movement_brain.brain_legend_html(mode()))
st.html(f'<p class="tw-footer">{movement_brain.brain_sentence()}</p>')
