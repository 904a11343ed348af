"""Ten trillion dollars: what a budget buys and what binds it, the best split, published costs, every assumption."""

from html import escape

import streamlit as st

from efficiency.budget_plan import USE_NAMES, USES
from ui import budget, chart
from ui.address import current_state
from ui.budget_sliders import slide
from ui.controls import choice
from ui.figures.budget import budget_alt
from ui.figures.budget_split import split_alt
from ui.markup import finding_html, unbroken
from ui.slider import watch_slider
from ui.style import mode

state = current_state()
plan, chosen = budget.plan_of(state), budget.chosen_of(state)
at, names = state.choices["bu_at"], budget.step_names()


def marginal() -> None:
    """Draw what the next dollars bring at the budget of the slider."""
    moved = current_state().choices["bu_at"]
    st.html(finding_html(budget.marginal_headline(plan, chosen, moved)))
    st.html(budget.marginal_html(plan, chosen, moved))
    st.html(f'<p class="tw-footer">{budget.marginal_footer()}</p>')


st.html(unbroken(budget.headline_html(plan, chosen)))
sweep = budget.sweep_of(plan, chosen)
chart.show(
    budget.budget_figure_of(plan, chosen, at, mode()),
    "budget",
    budget_alt(sweep, names.index(at)),
)
st.html(f'<p class="tw-footer">{budget.budget_footer(plan, chosen, state)}</p>')

for use, column in zip(USES, st.columns(len(USES)), strict=True):
    with column:
        slide(f"bu_{use}", USE_NAMES[use])
st.html(f'<p class="tw-footer">{escape(budget.chosen_sentence(plan))}</p>')
years, law, where = st.columns((2, 3, 2))
with years:
    slide("bu_years", "Spent over")
with law:
    choice("bu_law", "Scaling law")
with where:
    choice("bu_where", "New power of")

st.html(finding_html(budget.split_headline(plan, chosen)))
st.html(budget.split_legend_html(mode()))
chart.show(budget.split_figure_of(plan, chosen, mode()), "budget-split", split_alt(budget.split_bars(plan, chosen)))
st.html(f'<p class="tw-footer">{escape(budget.split_footer(plan))}</p>')

watch_slider("budget", "bu_at", names, label="Budget", follow=marginal)

st.html(finding_html(budget.costs_headline()))
st.html(budget.costs_html())
st.html(f'<p class="tw-footer">{budget.costs_footer(state)}</p>')

st.html(finding_html(budget.assumptions_headline()))
for group, members in budget.groups().items():
    with st.expander(group):
        for name, column in zip(members, (c for _ in range(9) for c in st.columns(3)), strict=False):
            with column:
                slide(f"bu_{name}", budget.assumption_label(name))
with st.expander("What each rests on"):
    st.html(budget.assumptions_html(state))
