"""The figures of the page on all levers."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from efficiency.choices import PAGE_CHOICES
from efficiency.levers import Range
from efficiency.link import State
from efficiency.provenance import facts_behind
from ui import levers
from ui.views import Row, Slider, View, ledger_records, sources_of


def _shares(state: State) -> Iterator[Row]:
    found = levers.found_of(state)
    yield Row("Today over the brain", *_times(found.start), "1")
    for bar in found.bars:
        name = f"{bar.name}, {bar.setting.words}: gain"
        yield Row(f"{name}, share", *_times(bar.share), "1", sources_of(bar.setting.facts))
        yield Row(f"{name}, alone", *_times(bar.alone), "1")
        yield Row(f"{name}, pulled last", *_times(bar.last_in), "1")
    yield Row("All together: gain", *_times(found.together), "1")
    yield Row("Left over the brain, all levers pulled", *_times(found.remainder), "1")
    for pulled, standing in enumerate(levers.answer_of(state).along[1:-1], start=1):
        yield Row(f"Left over the brain, first {pulled} pulled", None, 10.0**standing, None, "1")
    yield Row("Energy today", None, found.today_j, None, "J")
    yield Row("Energy with all levers pulled", None, found.pulled_j, None, "J")
    yield Row("Energy in the brain", None, found.brain_j, None, "J")


def _behind(state: State) -> tuple[str, ...]:
    """Records behind machine and brain before any lever is pulled, and behind those pulled."""
    pulled = (key for bar in levers.found_of(state).bars for key in bar.setting.facts)
    brain = (key for yardstick in ("synapse", "token") for key in facts_behind(yardstick, state.scenario))
    return (*ledger_records(state), *brain, *pulled)


def _times(value: Range) -> tuple[float, float, float]:
    """Powers of ten as ratios."""
    return 10.0**value.low, 10.0**value.central, 10.0**value.high


def _assumptions(state: State) -> Iterator[Row]:
    centre = levers.found_of(state).remainder.central
    for one in levers.answer_of(state).influences:
        low, high = sorted((one.low, one.high))
        yield Row(f"Left over the brain, as {one.words} moves", 10.0**low, 10.0**centre, 10.0**high, "1")
        yield Row(f"Share of the variance: {one.words}", None, one.first_order, None, "1")


VIEWS: Final = (
    View(
        "levers",
        "levers",
        "All levers",
        heading=levers.headline_html,
        figure=levers.waterfall_figure_of,
        alt=levers.alt,
        caption=levers.footer,
        numbers=_shares,
        behind=_behind,
        slider=Slider(levers.SLIDER, tuple(PAGE_CHOICES[levers.SLIDER].options), "Levers pulled", tells=True),
        legend=lambda _state, mode: levers.legend_html(mode),
        staged=levers.staged_waterfall_of,
    ),
    View(
        "levers",
        "tornado",
        "What to argue about",
        heading=lambda state: escape(levers.tornado_headline(state)),
        figure=levers.tornado_figure_of,
        alt=levers.tornado_alt_of,
        caption=lambda _state: levers.tornado_caption(),
        numbers=_assumptions,
        behind=_behind,
        legend=lambda _state, mode: levers.tornado_legend_html(mode),
    ),
)
