"""Named systems on a map of power against compute, and a cluster that a slider builds from chips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from efficiency.say import quantity
from ui.figures.axes import card_axes, rule
from ui.figures.frames import PlainFigure
from ui.figures.pieces import card, line_through, spans
from ui.figures.rail import rail, sliding
from ui.legend import legend, mark
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

if TYPE_CHECKING:
    from efficiency.cluster_systems import NamedSystem

_CARD_PX: Final = 96
_PLOT_PX: Final = 400
_AXIS_PX: Final = 50
_BOTTOM_PX: Final = 86
_FLOPS: Final = (12.6, 22.9)
_WATTS: Final = (0.85, 10.15)
_X_TICKS: Final = ((1e15, "1 PFLOP/s"), (1e18, "1 EFLOP/s"), (1e21, "1 ZFLOP/s"))
_Y_TICKS: Final = ((1e3, "1 kW"), (1e6, "1 MW"), (1e9, "1 GW"))
_GUIDES: Final = ((1e10, "10 GFLOP/J"), (1e12, "1 TFLOP/J"))
_GUIDE_NAMES: Final = ((5.4, True), (3.9, False))
"""Power of ten of the watts at which each guide is named, and whether to its left."""
SYMBOLS: Final = {"measured": "star", "reported": "circle", "estimated": "circle-open", "announced": "diamond-open"}
GLYPHS: Final = {"measured": "★", "reported": "●", "estimated": "○", "announced": "◇"}
NAMED: Final = {
    "titan": ("Titan, 2012", "middle left"),
    "gpt3_v100": ("GPT-3, 2020", "bottom right"),
    "frontier": ("Frontier, 2022", "bottom right"),
    "new_carlisle": ("New Carlisle, 2025", "top left"),
    "uae_campus": ("Abu Dhabi, 2030", "top left"),
}
"""Names that the map has room for; the others are said when pointed at, and in the table."""


@dataclass(frozen=True, slots=True)
class Brain:
    """The brain on the map: power [W], and its compute as published, low, central and high [FLOP/s]."""

    power_w: float
    low_flop_s: float
    flop_s: float
    high_flop_s: float


@dataclass(frozen=True, slots=True)
class Step:
    """A position of the slider: chips, compute [FLOP/s], power with its range [W], two lines of what it is beside."""

    key: str
    chips: str
    flop_s: float
    low_w: float
    power_w: float
    high_w: float
    beside: tuple[str, str]


def map_figure(
    systems: Sequence[NamedSystem], brain: Brain, steps: Sequence[Step], active: int, chosen: str, mode: Mode
) -> go.Figure:
    """Draw the map with the slider standing at ``steps[active]``; ``chosen`` is a system to be ringed, or none."""
    return PlainFigure(map_dict(systems, brain, steps, active, chosen, mode))


def map_dict(
    systems: Sequence[NamedSystem], brain: Brain, steps: Sequence[Step], active: int, chosen: str, mode: Mode
) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    height = _CARD_PX + _PLOT_PX + _AXIS_PX
    fixed = [
        *(_guide(per_joule, colours) for per_joule, _ in _GUIDES),
        _ranges(systems, colours),
        _sites(systems, chosen, colours),
        *_brain(brain, colours),
    ]
    stops = {step.key: _moving(step) for step in steps}
    tick = {"color": colours.muted, "size": SMALL_PX}
    return {
        **sliding(fixed, _looks(colours), stops, active),
        "layout": {
            "template": template_dict(mode),
            "height": height + _BOTTOM_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _BOTTOM_PX},
            "xaxis": {
                "type": "log", "domain": [0.0, 1.0], "range": list(_FLOPS), "anchor": "y", "tickmode": "array",
                "tickvals": [at for at, _ in _X_TICKS], "ticktext": [text for _, text in _X_TICKS], "tickfont": tick,
            },
            "yaxis": {
                "type": "log", "domain": [_AXIS_PX / height, (_AXIS_PX + _PLOT_PX) / height], "range": list(_WATTS),
                "visible": False,
            },
            **card_axes(1 - _CARD_PX / height, _CARD_PX),
            "shapes": [rule(power, colours) for power, _ in _Y_TICKS],
            "annotations": [*_notes(colours), _brain_note(brain, colours)],
            "sliders": [rail(list(stops), [escape(step.chips) for step in steps], active, colours, above_px=26)],
        },
    }  # fmt: skip


def map_alt(systems: Sequence[NamedSystem], brain: Brain, steps: Sequence[Step], active: int) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{one.label} {one.year}: {quantity(one.power_w, 'W')} {one.standing}, {quantity(one.flop_s, 'FLOP/s')}"
        for one in systems
    )
    step = steps[active]
    return (
        f"Power against peak arithmetic of {len(systems)} sites on log axes. {said}. The brain: "
        f"{quantity(brain.power_w, 'W')}, {quantity(brain.low_flop_s, 'FLOP/s')} to "
        f"{quantity(brain.high_flop_s, 'FLOP/s')}. A cluster of {step.chips}: {power_text(step)}, {step.beside[0]}, "
        f"{step.beside[1]}. A slider moves through {len(steps)} counts of chips."
    )


def legend_html(mode: Mode) -> str:
    """Say what the marks mean."""
    colours = palette(mode)
    marks = (
        *((colours.machine, glyph, standing) for standing, glyph in GLYPHS.items()),
        (colours.machine, "■", "your cluster, with its range"),
        (colours.brain, "●", "the brain, wherever its FLOP/s lie"),
    )
    return legend(*(mark(*one) for one in marks), "lines: peak arithmetic per joule")


def power_text(step: Step) -> str:
    """Say a power with its range: "118 MW (97 to 169)"."""
    said = quantity(step.power_w, "W")
    unit = said.rpartition(" ")[2]
    ends = [quantity(end, "W", 2) for end in (step.low_w, step.high_w)]
    if all(end.endswith(f" {unit}") for end in ends):
        return f"{said} ({ends[0].removesuffix(f' {unit}')} to {ends[1].removesuffix(f' {unit}')})"
    return f"{said} ({ends[0]} to {ends[1]})"


def _moving(step: Step) -> list[dict[str, Any]]:
    """Only what changes from frame to frame, in the order of `_looks`."""
    return [
        {"x": [step.flop_s, step.flop_s], "y": [step.low_w, step.high_w]},
        {"x": [step.flop_s], "y": [step.power_w]},
        {"text": [f"<b>{power_text(step)}</b>", *step.beside]},
    ]


def _looks(colours: Palette) -> list[dict[str, Any]]:
    return [
        {
            "type": "scatter",
            "name": "range",
            "mode": "lines",
            "line": {"color": colours.machine_soft, "width": 9},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "name": "built",
            "mode": "markers",
            "marker": {
                "symbol": "square",
                "size": 15,
                "color": colours.machine,
                "opacity": 1,
                "line": {"color": colours.ground, "width": 2},
            },
            "hoverinfo": "skip",
        },
        card((78, 44, 20), (colours.machine, colours.ink, colours.muted)),
    ]


def _guide(per_joule: float, colours: Palette) -> dict[str, Any]:
    """A line of equal arithmetic per joule across the map."""
    low, high = (10.0**end for end in _WATTS)
    return line_through(
        "guide", [low * per_joule, high * per_joule], [low, high], {"color": colours.grid, "width": 1.5}, clip=True
    )


def _ranges(systems: Sequence[NamedSystem], colours: Palette) -> dict[str, Any]:
    found = [(one.low_w, one.high_w, one.flop_s) for one in systems if one.high_w > one.low_w]
    return spans("published range", found, colours.neutral, 1.5, upright=True)


def _sites(systems: Sequence[NamedSystem], chosen: str, colours: Palette) -> dict[str, Any]:
    named = [NAMED.get(one.key, ("", "middle right")) for one in systems]
    return {
        "type": "scatter",
        "name": "sites",
        "mode": "markers+text",
        "x": [one.flop_s for one in systems],
        "y": [one.power_w for one in systems],
        "text": [f" {name} " if name else "" for name, _ in named],
        "textposition": [side for _, side in named],
        "textfont": {"size": SMALL_PX, "color": colours.muted},
        "marker": {
            "symbol": [SYMBOLS[one.standing] for one in systems],
            "size": [16 if one.key == chosen else 13 if one.standing == "measured" else 10 for one in systems],
            "color": colours.machine,
            "opacity": 1,
            "line": {"width": 2, "color": [colours.ink if one.key == chosen else colours.machine for one in systems]},
        },
        "hovertext": [
            f"<b>{escape(one.label)}, {one.year}</b><br>{quantity(one.power_w, 'W')}, {one.standing}"
            f"<br>{quantity(one.flop_s, 'FLOP/s')} peak, {quantity(one.flop_per_j, 'FLOP/J')}"
            for one in systems
        ],
        "hoverinfo": "text",
    }


def _brain(brain: Brain, colours: Palette) -> list[dict[str, Any]]:
    return [
        line_through(
            "spread of the brain",
            [brain.low_flop_s, brain.high_flop_s],
            [brain.power_w, brain.power_w],
            {"color": colours.brain, "width": 7},
        )
        | {"opacity": 0.45},
        {
            "type": "scatter",
            "name": "brain",
            "mode": "markers",
            "x": [brain.flop_s],
            "y": [brain.power_w],
            "marker": {"size": 15, "color": colours.brain, "opacity": 1, "line": {"width": 2, "color": colours.ground}},
            "hovertext": [f"<b>The brain</b><br>{quantity(brain.power_w, 'W')}"],
            "hoverinfo": "text",
        },
    ]


def _brain_note(brain: Brain, colours: Palette) -> dict[str, Any]:
    return {
        "text": f"<b>the brain, {quantity(brain.power_w, 'W')}</b>",
        "xref": "x",
        "x": math.log10(brain.low_flop_s),
        "xanchor": "left",
        "yref": "y",
        "y": math.log10(brain.power_w),
        "yshift": 20,
        "font": {"size": TEXT_PX, "color": colours.brain_ink},
    }


def _notes(colours: Palette) -> list[dict[str, Any]]:
    scale = [
        {"text": text, "xref": "paper", "x": 0, "xanchor": "left", "yref": "y", "y": math.log10(power), "yshift": 10}
        for power, text in _Y_TICKS
    ]
    # Each guide's name stands on the side of its line where the map is empty.
    guides = [
        {
            "text": text,
            "xref": "x",
            "x": math.log10(per_joule) + at,
            "xanchor": "right" if left else "left",
            "xshift": -8 if left else 8,
            "yref": "y",
            "y": at,
        }
        for (per_joule, text), (at, left) in zip(_GUIDES, _GUIDE_NAMES, strict=True)
    ]
    font = {"size": SMALL_PX, "color": colours.muted}
    return [note | {"font": font} for note in (*scale, *guides)]
