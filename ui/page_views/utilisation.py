"""The figures of the page on utilisation."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from efficiency.flop_count import counts
from efficiency.link import State
from efficiency.run_table import published_runs
from ui import utilisation
from ui.figures.utilisation import power_alt
from ui.figures.utilisation_counts import counts_alt
from ui.figures.utilisation_runs import runs_alt
from ui.views import Row, Slider, View, sources_of

_NAMES: Final = tuple(utilisation.step_names())


def _powers(state: State) -> Iterator[Row]:
    run = state.choices["ut_run"]
    low, central, high = utilisation.saving_of(state.scenario, run)
    yield Row("Energy saved from 40 to 50 % utilisation", low, central, high, "1")
    for stop in utilisation.stops_of(state.scenario, run):
        name = f"{100 * stop.utilisation:.0f} % utilisation"
        yield Row(f"{name}: power", stop.low_w, stop.power_w, stop.high_w, "W")
        yield Row(f"{name}: power of the work alone", None, stop.work_w, None, "W")


def _runs(_state: State) -> Iterator[Row]:
    for run in published_runs():
        name = f"{run.name}, {run.year}: model FLOP utilisation, {run.basis}"
        yield Row(name, run.mfu_low, run.mfu, run.mfu_high, "1", sources_of(run.facts))


def _counts(_state: State) -> Iterator[Row]:
    for count in counts():
        name = f"{count.name}, counted by {count.by}: training arithmetic over 6 N D"
        yield Row(name, None, count.ratio, None, "1", sources_of(count.facts))


VIEWS: Final = (
    View(
        "utilisation",
        "utilisation",
        "Utilisation",
        heading=lambda state: utilisation.headline_html(state.scenario, state.choices["ut_run"]),
        figure=lambda state, mode: utilisation.figure_of(
            state.scenario, state.choices["ut_run"], state.choices["ut_at"], mode
        ),
        alt=lambda state: power_alt(
            utilisation.stops_of(state.scenario, state.choices["ut_run"]),
            utilisation.own_of(state.scenario, state.choices["ut_run"]),
            _NAMES.index(state.choices["ut_at"]),
        ),
        caption=lambda state: utilisation.footer(state, state.choices["ut_run"]),
        numbers=_powers,
        behind=lambda state: utilisation.records_behind(state.scenario, state.choices["ut_run"]),
        slider=Slider("ut_at", _NAMES, "Share of the peak that is useful"),
    ),
    View(
        "utilisation",
        "runs",
        "Published runs",
        heading=lambda _state: escape(utilisation.runs_headline()),
        figure=lambda state, mode: utilisation.runs_figure_of(state.choices["ut_axis"], mode),
        alt=lambda state: runs_alt(utilisation.dots_of(state.choices["ut_axis"]), state.choices["ut_axis"]),
        caption=utilisation.runs_footer,
        numbers=_runs,
        legend=lambda _state, mode: utilisation.runs_legend_html(mode),
    ),
    View(
        "utilisation",
        "counts",
        "6 N D checked",
        heading=lambda _state: escape(utilisation.counts_headline()),
        figure=lambda _state, mode: utilisation.counts_figure_of(mode),
        alt=lambda _state: counts_alt(utilisation.count_rows()),
        caption=utilisation.counts_footer,
        numbers=_counts,
    ),
)
