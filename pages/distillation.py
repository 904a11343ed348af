"""Distillation: what teaching a small model takes, when its teacher is paid, and what it reaches."""

import streamlit as st

from ui import chart, distillation
from ui.address import current_state
from ui.controls import choice
from ui.figures.distillation import reach_alt, reach_legend_html, thresholds_alt, ways_alt
from ui.markup import finding_html, unbroken
from ui.slider import watch_slider
from ui.style import mode

state = current_state()
scenario = state.scenario
case, students, at = distillation.case_of(state), distillation.students_of(state), distillation.worth_of(state)


def paid() -> None:
    """Draw when the teacher is paid, and what teaching reaches, at the worth of the slider."""
    moved = current_state()
    worth = distillation.worth_of(moved)
    st.html(finding_html(distillation.thresholds_headline(moved)))
    found = distillation.thresholds_of(scenario, case)
    chart.show(
        distillation.thresholds_figure_of(scenario, case, students, worth, mode()),
        "thresholds",
        thresholds_alt(found, tuple(distillation.token_worth())),
    )
    st.html(f'<p class="tw-footer">{distillation.thresholds_footer(moved)}</p>')

    st.html(finding_html(distillation.reach_headline(moved)))
    reached = distillation.reached(moved)
    st.html(reach_legend_html(reached, mode()))
    chart.show(distillation.reach_figure_of(scenario, case, students, worth, mode()), "reach", reach_alt(reached))
    st.html(f'<p class="tw-footer">{distillation.serving_sentence(moved)} {distillation.reach_footer(moved)}</p>')


st.html(unbroken(distillation.headline_html(state)))
left, right = st.columns(2)
with left:
    choice("di_case", "Student")
with right:
    choice("di_students", "Students that share the teacher")
ways = distillation.ways_of(scenario, case, students)
chart.show(distillation.ways_figure_of(scenario, case, students, at, mode()), "ways", ways_alt(ways, at))
st.html(f'<p class="tw-footer">{distillation.ways_footer(state)}</p>')

watch_slider("ways", "di_at", [f"{worth:g}" for worth in ways], label="Worth of a taught token", follow=paid)
