"""Distillation: what teaching a small model takes, when its teacher is paid, and what it reaches."""

from html import escape

import streamlit as st

from ui import chart, distillation
from ui.address import current_state
from ui.controls import choice
from ui.figures.distillation import reach_alt, reach_legend_html, thresholds_alt, ways_alt
from ui.slider import watch_slider
from ui.style import mode

state = current_state()
scenario = state.scenario
case, students, at = distillation.case_of(state), distillation.students_of(state), distillation.worth_of(state)

st.html(distillation.headline_html(state))
left, right = st.columns(2)
with left:
    choice("di_case", "Student")
with right:
    choice("di_students", "Students that share the teacher")
ways = distillation.ways_of(scenario, case, students)
chart.show(distillation.ways_figure_of(scenario, case, students, at, mode()), "ways", ways_alt(ways, at))
watch_slider("ways", "di_at", [f"{worth:g}" for worth in ways], label="Worth of a taught token")
st.html(f'<p class="tw-footer">{distillation.ways_footer(state)}</p>')

st.html(f'<h2 class="tw-finding">{escape(distillation.thresholds_headline(state))}</h2>')
found = distillation.thresholds_of(scenario, case)
chart.show(
    distillation.thresholds_figure_of(scenario, case, students, at, mode()),
    "thresholds",
    thresholds_alt(found, tuple(distillation.token_worth())),
)
st.html(f'<p class="tw-footer">{distillation.thresholds_footer(state)}</p>')

st.html(f'<h2 class="tw-finding">{escape(distillation.reach_headline(state))}</h2>')
reached = distillation.reached(state)
st.html(reach_legend_html(reached, mode()))
chart.show(
    distillation.reach_figure_of(scenario, case, students, at, mode()),
    "reach",
    reach_alt(reached),
)
st.html(f'<p class="tw-footer">{distillation.serving_sentence(state)} {distillation.reach_footer(state)}</p>')
