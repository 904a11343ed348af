"""The figures of the page on precision."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from efficiency.ledger import PER
from efficiency.link import State
from efficiency.precision import widths
from efficiency.precision_history import NEWEST, OLDEST, generations, split
from efficiency.scenario import BITS
from ui import precision, precision_history, precision_quality
from ui.figures.precision import precision_alt
from ui.figures.precision_history import history_alt, split_alt
from ui.figures.precision_parts import growth_alt, pairs_alt
from ui.views import Row, Slider, View, ledger_records, sources_of, topic

_GROWTH: Final = topic("precision.efficiency.", "precision.kumar.")
"""Records of laws by which a model of fewer bits must be larger to be as good."""


def _equal(state: State) -> bool:
    return state.choices["pr_quality"] == precision.EQUAL


def _widths(state: State) -> Iterator[Row]:
    per = PER[state.scenario.workload]
    for width in widths(state.scenario):
        saving = width.saving_at(_equal(state))
        bits = f"{width.bits:g} bit"
        yield Row(f"{bits}: energy per {per}", None, width.total_at(_equal(state)), None, "J")
        yield Row(f"{bits}: saving over 16 bit", saving.low, saving.central, saving.high, "1")


def _pairs(_state: State) -> Iterator[Row]:
    for pair in precision.fp8_pairs():
        name = f"{pair.words}, {pair.batch:,.0f} at once: 8 over 16 bit"
        yield Row(f"{name}, measured", None, pair.measured, None, "1", ("mlenergy",))
        yield Row(f"{name}, predicted", None, pair.predicted, None, "1", ("own_fit",))


def _growth(_state: State) -> Iterator[Row]:
    for row in precision_quality.growth_rows():
        name = f"{row.bits:g} bit: parameters for equal quality, over 16 bit"
        yield Row(name, row.growth.low, row.growth.central, row.growth.high, "1")


def _splits(_state: State) -> Iterator[Row]:
    for chip in NEWEST:
        found = split(chip)
        parts = {
            "all": found.whole,
            "same format": found.same_format,
            "matrix units": found.matrix_units,
            "fewer bits": found.fewer_bits,
        }
        for name, part in parts.items():
            yield Row(f"{found.old} to {found.new}: gain, {name}", part.low, part.central, part.high, "1")


def _history(_state: State) -> Iterator[Row]:
    for one in generations():
        sources = sources_of([f"chip.{one.chip}.tdp"])
        yield Row(f"{one.label}, {one.year}, {one.bits:g} bit", one.low_j, one.energy_j, one.high_j, "J/op", sources)


VIEWS: Final = (
    View(
        "precision",
        "widths",
        "Precision",
        heading=lambda state: precision.headline_html(state.scenario, _equal(state)),
        figure=lambda state, mode: precision.ledger_figure_of(
            state.scenario, state.choices["pr_at"], _equal(state), mode
        ),
        alt=lambda state: precision_alt(widths(state.scenario), _equal(state)),
        caption=precision.caption,
        numbers=_widths,
        behind=lambda state: (*ledger_records(state), *(_GROWTH if _equal(state) else ())),
        slider=Slider("pr_at", tuple(f"{bits:g}" for bits in reversed(BITS)), "Width of the numbers"),
        legend=lambda _state, mode: precision.parts_legend_html(mode),
    ),
    View(
        "precision",
        "pairs",
        "8 bit, measured",
        heading=lambda _state: escape(precision.pairs_headline()),
        figure=lambda _state, mode: precision.pairs_figure_of(mode),
        alt=lambda _state: pairs_alt(precision.fp8_pairs()),
        caption=lambda _state: precision.pairs_caption(),
        numbers=_pairs,
    ),
    View(
        "precision",
        "growth",
        "What quality costs",
        heading=lambda _state: escape(precision_quality.growth_headline()),
        figure=lambda _state, mode: precision_quality.growth_figure_of(mode),
        alt=lambda _state: growth_alt(precision_quality.growth_rows()),
        caption=lambda _state: precision_quality.growth_caption(),
        numbers=_growth,
        behind=lambda _state: _GROWTH,
    ),
    View(
        "precision",
        "split",
        "Where the gain came from",
        heading=lambda _state: precision_history.history_headline(),
        figure=lambda _state, mode: precision_history.split_figure_of(mode),
        alt=lambda _state: split_alt([split(chip) for chip in NEWEST]),
        caption=lambda _state: precision_history.split_caption(),
        numbers=_splits,
        behind=lambda _state: topic(*(f"chip.{chip}." for chip in (OLDEST, *NEWEST))),
        legend=lambda _state, mode: precision_history.split_legend_html(mode),
        own_dark=True,
    ),
    View(
        "precision",
        "history",
        "Energy of an operation",
        heading=lambda _state: precision_history.history_headline(),
        figure=lambda _state, mode: precision_history.history_figure_of(mode),
        alt=lambda _state: history_alt(generations(), precision_history.cmos_limit_j()),
        caption=lambda _state: precision_history.history_caption(),
        numbers=_history,
    ),
)
