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
from ui.slider import watch_slider
from ui.style import mode

state = current_state()
plan, chosen = budget.plan_of(state), budget.chosen_of(state)
at, names = state.choices["bu_at"], budget.step_names()

st.html(budget.headline_html(plan, chosen))
sweep = budget.sweep_of(plan, chosen)
chart.show(
    budget.budget_figure_of(plan, chosen, at, mode()),
    "budget",
    budget_alt(sweep, names.index(at)),
)
watch_slider("budget", "bu_at", names, label="Budget")
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

st.html(f'<h2 class="tw-finding">{escape(budget.split_headline(plan, chosen))}</h2>')
st.html(budget.split_legend_html(mode()))
chart.show(budget.split_figure_of(plan, chosen, mode()), "budget-split", split_alt(budget.split_bars(plan, chosen)))
st.html(f'<p class="tw-footer">{escape(budget.split_footer(plan))}</p>')

st.html(f'<h2 class="tw-finding">{escape(budget.marginal_headline(plan, chosen, at))}</h2>')
st.html(budget.marginal_html(plan, chosen, at))
st.html(f'<p class="tw-footer">{budget.marginal_footer()}</p>')

st.html(f'<h2 class="tw-finding">{escape(budget.costs_headline())}</h2>')
st.html(budget.costs_html())
st.html(f'<p class="tw-footer">{budget.costs_footer(state)}</p>')

st.html(f'<h2 class="tw-finding">{escape(budget.assumptions_headline())}</h2>')
for group, members in budget.groups().items():
    with st.expander(group):
        for name, column in zip(members, (c for _ in range(9) for c in st.columns(3)), strict=False):
            with column:
                slide(f"bu_{name}", budget.assumption_label(name))
with st.expander("What each rests on"):
    st.html(budget.assumptions_html(state))
