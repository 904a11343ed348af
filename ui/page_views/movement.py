"""The figures of the page on data movement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from efficiency.link import State
from ui import movement, movement_built
from ui.figures.movement import roofline_alt
from ui.figures.movement_flow import flow_alt
from ui.figures.movement_ladder import ladder_alt
from ui.figures.movement_published import published_alt
from ui.views import Row, Slider, View, ledger_records, sources_of


def _roofline_alt(state: State) -> str:
    found = movement.view_of(state.scenario)
    at = movement.STOPS.index(state.choices["mv_batch"])
    return roofline_alt(movement.roofs_of(found), movement.stops_of(found), found.marks, at)


def _standing(state: State) -> Iterator[Row]:
    found = movement.view_of(state.scenario)
    sources = sources_of(ledger_records(state))
    yield Row("Energy of moving bytes over that of computing", found.low, found.ratio, found.high, "1", sources)
    for stop in movement.stops_of(found):
        yield Row(f"{stop.label}: operations per byte", None, stop.intensity, None, "FLOP/B", sources)
        yield Row(f"{stop.label}: rate reached", None, stop.flop_per_s, None, "FLOP/s", sources)
        for name, part in zip(("moving bytes", "computing", "idle, host, cooling"), stop.parts, strict=True):
            yield Row(f"{stop.label}: {name}, per token", None, part, None, "J", sources)


def _levels(_state: State) -> Iterator[Row]:
    for level in movement.levels():
        name = f"{level.name} ({level.scope})"
        yield Row(name, level.low, level.energy, level.high, "J/bit", sources_of(level.facts))


def _flows(state: State) -> Iterator[Row]:
    sources = sources_of(ledger_records(state))
    for flow in movement.flows_of(state.scenario):
        yield Row(f"{flow.key}: moved per token", None, flow.bytes, None, "B", sources)
        yield Row(f"{flow.key}: energy per token", None, flow.energy_j, None, "J", sources)


def _published(_state: State) -> Iterator[Row]:
    for row in movement_built.published():
        name = f"{row.name}, {row.bits:g} bit, {row.evidence}, {row.scope}"
        yield Row(name, row.low, row.value, row.high, "op/J", sources_of(row.facts))


VIEWS: Final = (
    View(
        "movement",
        "roofline",
        "Data movement",
        heading=lambda state: movement.headline_html(movement.view_of(state.scenario)),
        figure=lambda state, mode: movement.roofline_figure_of(state.scenario, state.choices["mv_batch"], mode),
        alt=_roofline_alt,
        caption=lambda state: movement.roofline_caption(state.scenario),
        numbers=_standing,
        slider=Slider("mv_batch", movement.STOPS, "Conversations at once"),
        own_dark=True,
    ),
    View(
        "movement",
        "distances",
        "What a bit costs",
        heading=lambda _state: movement.ladder_headline(),
        figure=lambda _state, mode: movement.ladder_figure_of(mode),
        alt=lambda _state: ladder_alt(movement.levels()),
        caption=lambda _state: movement.ladder_caption(),
        numbers=_levels,
    ),
    View(
        "movement",
        "flow",
        "What a token moves",
        heading=lambda state: movement.flow_headline(state.scenario),
        figure=lambda state, mode: movement.flow_figure_of(
            state.scenario,
            state.choices["mv_flow"],  # type: ignore[arg-type]
            mode,
        ),
        alt=lambda state: flow_alt(movement.flows_of(state.scenario)),
        caption=lambda state: movement.flow_caption(state.scenario),
        numbers=_flows,
        own_dark=True,
    ),
    View(
        "movement",
        "published",
        "Memory that computes",
        heading=lambda _state: movement_built.published_headline(),
        figure=lambda _state, mode: movement_built.published_figure_of(mode),
        alt=lambda _state: published_alt(movement_built.published()),
        caption=lambda _state: movement_built.published_caption(),
        numbers=_published,
    ),
)
