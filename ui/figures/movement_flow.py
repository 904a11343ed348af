"""What one written token moves: from weights, caches and links to where the bytes or the joules go."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final, Literal

import plotly.graph_objects as go

from efficiency.say import quantity
from efficiency.traffic import Flow
from ui.figures.frames import PlainFigure
from ui.theme import TEXT_PX, Mode, Palette, palette, template_dict

Width = Literal["joules", "bytes"]

_HEIGHT_PX: Final = 400
_SMALLEST: Final = 1e-4
"""Flows below this share of the whole would be invisible, and their labels would cover those of others."""
_NAMES: Final = {
    "weights": "Weights",
    "caches": "Caches",
    "activations": "Activations",
    "links": "Between chips",
    "operands": "Operands",
    "arithmetic": "Operations",
    "instructions": "Starting them",
}
_ENDS: Final = ("Memory devices", "Across the chip", "Links", "Arithmetic", "Instructions")
_BYTE_ENDS: Final = {"weights": 0, "caches": 0, "activations": 1, "links": 2}
_BYTES_SAID: Final = ("From memory", "On the chip", "Over links", "", "")


def flow_figure(flows: Sequence[Flow], width: Width, mode: Mode) -> go.Figure:
    """Draw the flows, as wide as their joules or as their bytes."""
    return PlainFigure(flow_dict(flows, width, mode))


def flow_dict(flows: Sequence[Flow], width: Width, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    arrows = _arrows(flows, width)
    ends = _ENDS if width == "joules" else _BYTES_SAID
    unit = "J" if width == "joules" else "B"
    sources = [flow.key for flow in flows if any(key == flow.key for key, _, _ in arrows)]
    targets = sorted({end for _, end, _ in arrows})
    into = {end: sum(value for _, where, value in arrows if where == end) for end in targets}
    labels = [
        *(_label(flow) for flow in flows if flow.key in sources),
        *(f"{ends[end]}, {quantity(into[end], unit, 2)}" for end in targets),
    ]
    fills = _fills(colours)
    return {
        "data": [
            {
                "type": "sankey",
                "arrangement": "fixed",
                "node": {
                    "label": labels,
                    "color": [fills[key] for key in sources] + [colours.neutral] * len(targets),
                    "pad": 26,
                    "thickness": 14,
                    "line": {"width": 0},
                    "hoverinfo": "none",
                },
                "link": {
                    "source": [sources.index(key) for key, _, _ in arrows],
                    "target": [len(sources) + targets.index(end) for _, end, _ in arrows],
                    "value": [value for _, _, value in arrows],
                    "color": [_soft(fills[key]) for key, _, _ in arrows],
                    "customdata": [
                        f"{escape(_NAMES[key])} → {ends[end].lower()}: {quantity(value, unit, 2)}"
                        for key, end, value in arrows
                    ],
                    "hovertemplate": "%{customdata}<extra></extra>",
                },
                "textfont": {"size": TEXT_PX, "color": colours.ink},
            }
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _HEIGHT_PX,
            "margin": {"l": 0, "r": 0, "t": 12, "b": 12},
        },
    }


def flow_alt(flows: Sequence[Flow]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{_NAMES[flow.key]}"
        + (f" {quantity(flow.bytes, 'B', 2)}," if flow.bytes else "")
        + f" {quantity(flow.energy_j, 'J', 2)}"
        for flow in flows
        if flow.energy_j or flow.bytes
    )
    return f"What one written token moves, and what that costs the chips. {said}."


def _label(flow: Flow) -> str:
    return f"{_NAMES[flow.key]}, {quantity(flow.bytes, 'B', 2)}" if flow.bytes else _NAMES[flow.key]


def _arrows(flows: Sequence[Flow], width: Width) -> list[tuple[str, int, float]]:
    """From which thing to which end, and how much; those too thin to be seen are left out."""
    if width == "bytes":
        found = [(flow.key, _BYTE_ENDS[flow.key], flow.bytes) for flow in flows if flow.bytes]
    else:
        found = [
            (flow.key, end, value)
            for flow in flows
            for end, value in enumerate(
                (flow.device_j, flow.on_chip_j, flow.link_j, flow.arithmetic_j, flow.instruction_j)
            )
        ]
    least = _SMALLEST * sum(value for _, _, value in found)
    return [arrow for arrow in found if arrow[2] > least]


def _fills(colours: Palette) -> dict[str, str]:
    return {
        "weights": colours.shades[0],
        "caches": colours.shades[1],
        "activations": colours.shades[2],
        "links": colours.shades[3],
        "operands": colours.greys[1],
        "arithmetic": colours.greys[0],
        "instructions": colours.greys[2],
    }


def _soft(colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.45)"
