"""The figures of the page on clusters."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from efficiency.cluster_systems import named_systems
from efficiency.link import State
from ui import cluster
from ui.figures.cluster import legend_html, map_alt
from ui.figures.cluster_parts import PARTS, parts_alt, parts_legend_html
from ui.views import Row, Slider, View, sources_of, topic

_NAMES: Final = tuple(cluster.step_names())


def _alt(state: State) -> str:
    at = _NAMES.index(state.choices["cl_count"])
    return map_alt(named_systems(), cluster.brain(), cluster.steps_of(state), at)


def _sites(state: State) -> Iterator[Row]:
    behind = sources_of(_drawing(state))
    for step in cluster.steps_of(state):
        yield Row(f"{step.chips}: power", step.low_w, step.power_w, step.high_w, "W", behind)
    for one in named_systems():
        name = f"{one.label}, {one.year}"
        yield Row(f"{name}: power, {one.standing}", one.low_w, one.power_w, one.high_w, "W", one.sources)
        basis = "counted by 8-bit peaks, halved" if one.basis == "h100" else "16 bits, or the next wider that it has"
        yield Row(f"{name}: peak arithmetic, {basis}", None, one.flop_s, None, "FLOP/s", one.sources)


def _drawing(state: State) -> tuple[str, ...]:
    """Records behind what a cluster draws."""
    chip = f"chip.{state.scenario.chip}"
    rest = ("chip.idle_share", "training.board_full", *topic("facility."), "pue.default")
    return (f"{chip}.tdp", f"{chip}.idle_power", f"{chip}.training_node_power", *rest)


def _parts(state: State) -> Iterator[Row]:
    for name, part in zip(PARTS.values(), cluster.parts_of(state), strict=True):
        yield Row(f"One chip’s share of the cluster: {name}", None, part, None, "W")


VIEWS: Final = (
    View(
        page="cluster",
        key="cluster",
        title="Clusters",
        heading=lambda _: cluster.headline_html(),
        figure=cluster.map_figure_of,
        alt=_alt,
        caption=cluster.map_footer,
        numbers=_sites,
        slider=Slider("cl_count", _NAMES, "Chips"),
        legend=lambda _, mode: legend_html(mode),
    ),
    View(
        page="cluster",
        key="parts",
        title="Parts of a cluster's power",
        heading=lambda state: escape(cluster.parts_headline(state)),
        figure=cluster.parts_figure_of,
        alt=lambda state: parts_alt(cluster.parts_of(state)),
        caption=cluster.parts_footer,
        numbers=_parts,
        behind=_drawing,
        legend=lambda state, mode: parts_legend_html(cluster.parts_of(state), mode),
        own_dark=True,
    ),
)
