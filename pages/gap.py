"""The gap: how far the chosen machine is from the brain, on eight yardsticks, with the ladder and the ledger."""

import streamlit as st

from ui import answers, chart, text
from ui.address import current_state
from ui.controls import control
from ui.figures.gap import gap_alt
from ui.figures.ladder import ladder_alt
from ui.figures.ledger import ledger_alt
from ui.markup import finding_html, unbroken
from ui.slider import watch_slider
from ui.style import mode

state = current_state()
scenario = state.scenario
answer = answers.gap_of(scenario)

st.html(unbroken(text.headline_html(answer)))
chart.show(answers.gap_figure_of(scenario, mode()), "gap", gap_alt(answer))
st.html(f'<p class="tw-footer">{text.footer(state, len(answer.sources))}</p>')
numbers = st.expander("The numbers behind each row", key="numbers", on_change="rerun")
if numbers.open:
    with numbers:
        st.html(text.yardstick_table(answer, state))
        st.page_link("../pages/sources.py", label="Every number with its source", icon=":material/menu_book:")

steps = answers.system_steps()
keys = [step.key for step in steps]
st.html(f'<h2 class="tw-finding">{unbroken(text.ladder_headline(answers.rungs()))}</h2>')
chart.show(
    answers.ladder_figure_of(state.ladder, mode()),
    "ladder",
    ladder_alt(answers.rungs(), steps, keys.index(state.ladder)),
)
watch_slider("ladder", "ladder", keys, label="Named system")
st.html(f'<p class="tw-footer">{text.ladder_caption(state)}</p>')

st.html(finding_html(text.ledger_headline(answer.ledger)))
control("workload")
chart.show(answers.ledger_figure_of(answer.ledger, mode()), "ledger", ledger_alt(answer.ledger))
st.html(f'<p class="tw-footer">{text.beside_sentence(scenario)} {text.ledger_caption(state)}</p>')
