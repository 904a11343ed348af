"""The figures of the page on failures."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from efficiency.link import State
from efficiency.say import significant
from ui import answers, failures
from ui.figures.failures import PARTS, failures_alt
from ui.figures.failures_interval import interval_alt
from ui.figures.ledger import ledger_alt
from ui.units import counted
from ui.views import Row, Slider, View, sources_of, training_records

_NAMES: Final = tuple(failures.step_names())
_RATES: Final = (
    *("failures.llama3_unexpected", "failures.llama3_span", "failures.llama3_chips", "failures.rsc1_rate"),
    *("failures.rsc2_rate", "failures.chips_per_server", "failures.checkpoint", "failures.restart"),
)
_SHOWN: Final = 100_000
"""Failures played out for a figure that is asked for outside the page; few enough to answer at once."""


def _pauses(state: State) -> tuple[str, str]:
    return state.choices["fl_checkpoint"], state.choices["fl_restart"]


def _sizes(state: State) -> Iterator[Row]:
    for size in failures.sizes_of(*_pauses(state)):
        name = counted(size.chips, "chip")
        yield Row(f"{name}: useful share of the time", size.low, size.shares[0], size.high, "1")
        for part, share in zip(PARTS[1:], size.shares[1:], strict=True):
            yield Row(f"{name}: {part}, share of the time", None, share, None, "1")
        yield Row(f"{name}: time between interruptions", None, size.mtbf_s, None, "s")
        yield Row(f"{name}: work between checkpoints", None, size.interval_s, None, "s")
    for one in failures.reported():
        yield Row(f"{one.name}, {one.chips:,.0f} chips, reported{' as a lower bound' if one.bound else ''}",
                  None, one.share, None, "1", sources_of(["failures.llama3_effective"]))  # fmt: skip


def _intervals(state: State) -> Iterator[Row]:
    sweep, rules = failures.sweep_of(*failures.chosen(state.choices))
    for interval, lost in zip(sweep.interval_s, sweep.lost, strict=True):
        yield Row(
            f"{significant(interval, 4)} s of work between checkpoints: share of the time lost", None, lost, None, "1"
        )
    for mark in (*rules, *failures.played_of(*failures.chosen(state.choices), _SHOWN)):
        yield Row(
            f"{mark.name}, {significant(mark.interval_s, 4)} s: share of the time lost", None, mark.lost, None, "1"
        )


def _ledger(state: State) -> Iterator[Row]:
    for part in failures.ledger_of(state.scenario, *failures.chosen(state.choices)).parts:
        yield Row(f"{part.name}, per token trained on", None, part.energy_j, None, "J")


VIEWS: Final = (
    View(
        "failures",
        "failures",
        "Failures",
        heading=lambda state: failures.headline_html(*_pauses(state)),
        figure=lambda state, mode: failures.figure_of(*failures.chosen(state.choices), mode),
        alt=lambda state: failures_alt(
            failures.sizes_of(*_pauses(state)), failures.reported(), _NAMES.index(state.choices["fl_at"])
        ),
        caption=failures.footer,
        numbers=_sizes,
        behind=lambda _state: _RATES,
        slider=Slider("fl_at", _NAMES, "Chips that must all work"),
        legend=lambda _state, mode: failures.legend_html(mode),
    ),
    View(
        "failures",
        "interval",
        "Checkpoints",
        heading=lambda state: escape(failures.interval_headline(*failures.chosen(state.choices), _SHOWN)),
        figure=lambda state, mode: failures.interval_figure_of(*failures.chosen(state.choices), _SHOWN, mode),
        alt=lambda state: interval_alt(
            *failures.sweep_of(*failures.chosen(state.choices)),
            failures.played_of(*failures.chosen(state.choices), _SHOWN),
        ),
        caption=failures.interval_footer,
        numbers=_intervals,
        behind=lambda _state: _RATES,
        legend=lambda _state, mode: failures.interval_legend_html(mode),
    ),
    View(
        "failures",
        "lost",
        "Energy lost to failures",
        heading=lambda state: escape(failures.ledger_headline(state.scenario, *failures.chosen(state.choices))),
        figure=lambda state, mode: answers.ledger_figure_of(
            failures.ledger_of(state.scenario, *failures.chosen(state.choices)), mode
        ),
        alt=lambda state: ledger_alt(failures.ledger_of(state.scenario, *failures.chosen(state.choices))),
        caption=failures.ledger_footer,
        numbers=_ledger,
        behind=lambda state: (*_RATES, *training_records(state)),
        own_dark=True,
    ),
)
