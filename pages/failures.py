"""Failures: goodput by size, checkpoints against failures played out, the energy they cost, and what broke."""

import time

import streamlit as st

from ui import answers, chart, failures
from ui.address import current_state
from ui.controls import choice
from ui.figures.failures import failures_alt
from ui.figures.failures_interval import interval_alt
from ui.figures.ledger import ledger_alt
from ui.markup import finding_html, unbroken
from ui.slider import watch_slider
from ui.style import mode

state = current_state()
at = state.choices["fl_at"]


def losses() -> None:
    """Draw what checkpoints and failures take at the size of the slider."""
    moved = current_state()
    at, count = moved.choices["fl_at"], int(moved.choices["fl_played"])
    checkpoint, restart = moved.choices["fl_checkpoint"], moved.choices["fl_restart"]
    room, begun = st.empty(), time.monotonic()

    def report(done: float) -> None:
        """Show progress once it has taken a second."""
        if time.monotonic() - begun > 1.0:
            room.progress(done, text="Playing out failures")

    played = failures.played_of(at, checkpoint, restart, count, report)
    room.empty()
    section.html(finding_html(failures.interval_headline(at, checkpoint, restart, count)))
    chart.show(
        failures.interval_figure_of(at, checkpoint, restart, count, mode()),
        "interval",
        interval_alt(*failures.sweep_of(at, checkpoint, restart), played),
    )
    st.html(failures.interval_legend_html(mode()))
    st.html(f'<p class="tw-footer">{failures.interval_footer(moved)}</p>')

    st.html(finding_html(failures.ledger_headline(moved.scenario, at, checkpoint, restart)))
    ledger = failures.ledger_of(moved.scenario, at, checkpoint, restart)
    chart.show(answers.ledger_figure_of(ledger, mode()), "lost", ledger_alt(ledger))
    st.html(f'<p class="tw-footer">{failures.ledger_footer(moved)}</p>')


top = st.container()
left, right = st.columns(2)
with left:
    checkpoint = choice("fl_checkpoint", "A checkpoint stops the work for")
with right:
    restart = choice("fl_restart", "A restart takes")
top.html(unbroken(failures.headline_html(checkpoint, restart)))

names = failures.step_names()
chart.show(
    failures.figure_of(at, checkpoint, restart, mode()),
    "failures",
    failures_alt(failures.sizes_of(checkpoint, restart), failures.reported(), names.index(at)),
)
st.html(failures.legend_html(mode()))
st.html(f'<p class="tw-footer">{failures.footer(state)}</p>')

section = st.empty()
choice("fl_played", "Failures played out")
watch_slider("failures", "fl_at", names, label="Chips that must all work", follow=losses)

st.html(finding_html(failures.causes_headline()))
st.html(failures.causes_html(state))
