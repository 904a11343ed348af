"""Learning: a person's years against training runs, per run and per user, and how well the energy of runs is known."""

import streamlit as st

from efficiency.training_check import checked
from ui import chart, learning
from ui.address import current_state
from ui.controls import choice
from ui.figures.learning import legend_html, runs_alt
from ui.figures.learning_check import check_alt
from ui.figures.learning_check import legend_html as check_legend_html
from ui.markup import finding_html, unbroken
from ui.slider import watch_slider
from ui.style import mode

state = current_state()
names = learning.step_names()
active = names.index(state.choices["le_users"])

st.html(unbroken(learning.headline_html(state)))
person, years = st.columns(2)
with person:
    choice("le_person", "A person is")
with years:
    choice("le_years", "Who learns for")
runs, shares = learning.shown_runs(state), learning.shares_of(state)
chart.show(learning.runs_figure_of(state, mode()), "learning", runs_alt(runs, shares, active))
watch_slider("learning", "le_users", names, label="People who share a run")
st.html(legend_html(runs, mode()))
st.html(f'<p class="tw-footer">{learning.runs_footer(state)}</p>')

st.html(finding_html(learning.check_headline()))
st.html(check_legend_html(mode()))
chart.show(learning.check_figure_of(mode()), "check", check_alt(checked()))
st.html(learning.check_html())
st.html(f'<p class="tw-footer">{learning.check_footer()}</p>')

st.html(finding_html(learning.table_headline()))
st.html(learning.table_html(state))
