"""Scaling laws: what each makes of a budget, where models lie, what serving changes, when text runs out."""

import streamlit as st

from ui import chart, scaling
from ui.address import current_state
from ui.controls import choice
from ui.figures.scaling import isoflop_alt
from ui.figures.scaling_runs import lives_alt, runs_alt, wall_alt
from ui.markup import finding_html, unbroken
from ui.slider import heading, watch_slider
from ui.style import mode
from ui.views import views

state = current_state()
scenario = state.scenario
at = state.choices["sc_at"]


def served() -> None:
    """Draw what serving changes at the budget of the slider."""
    moved = current_state()
    lives = (moved.scenario, scaling.budget_of(moved), scaling.served_of(moved))
    section.html(finding_html(scaling.lives_headline(moved)))
    chart.show(scaling.lives_figure_of(*lives, mode()), "served", lives_alt(scaling.lives_of(*lives)))
    st.html(f'<p class="tw-footer">{scaling.lives_footer(moved)}</p>')


heading("isoflop").html(unbroken(scaling.headline_html(at)))
stops = scaling.stops_of(scenario)
chart.show(scaling.isoflop_figure_of(scenario, at, mode()), "isoflop", isoflop_alt(stops, at))
st.html(f'<p class="tw-footer">{scaling.isoflop_footer(state)}</p>')

st.html(f'<h2 class="tw-finding">{unbroken(scaling.runs_headline())}</h2>')
st.html(scaling.runs_legend_html(mode()))
chart.show(scaling.runs_figure_of(mode()), "models", runs_alt(scaling.dots(), scaling.run_lines()))
st.html(f'<p class="tw-footer">{scaling.runs_footer(state)}</p>')

section = st.empty()
choice("sc_served", "Tokens written over the model’s life")
watch_slider(
    "isoflop",
    "sc_at",
    list(stops),
    label="Training budget",
    headings=views()["scaling/isoflop"].headings(state),
    follow=served,
)

st.html(f'<h2 class="tw-finding">{unbroken(scaling.wall_headline())}</h2>')
st.html(scaling.legend_html(mode()))
chart.show(
    scaling.wall_figure_of(mode()),
    "wall",
    wall_alt(scaling.wall_lines(), tuple(scaling.text_stock()), scaling.walls()),
)
st.html(f'<p class="tw-footer">{scaling.wall_footer(state)}</p>')

st.html(finding_html(scaling.why_headline()))
st.html(scaling.why_html(state))
