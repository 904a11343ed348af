"""Utilisation of published runs over their year, size or number of chips."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import Any, Final

import plotly.graph_objects as go

from ui.figures.axes import above
from ui.figures.frames import PlainFigure
from ui.figures.pieces import halo, spans
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

SYMBOLS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "as reported": ("circle", "●"),
        "from chip-hours": ("circle-open", "○"),
        "from a benchmark's rate": ("diamond", "◆"),
        "estimated by others": ("x", "×"),
    }
)
"""How a utilisation is known, to the mark of a figure and of a legend."""
_HEIGHT_PX: Final = 430


@dataclass(frozen=True, slots=True)
class Dot:
    """A run: where it stands across, its utilisation with range [1], how that is known, and what a hover says."""

    name: str
    x: float
    low: float
    mfu: float
    high: float
    basis: str
    words: str
    label: str = ""
    label_place: str = "top center"


def runs_figure(dots: Sequence[Dot], axis: str, log: bool, mode: Mode) -> go.Figure:
    """Draw each run's utilisation with its published range."""
    return PlainFigure(runs_dict(dots, axis, log, mode))


def runs_dict(dots: Sequence[Dot], axis: str, log: bool, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    places = [math.log10(dot.x) if log else dot.x for dot in dots]
    ends = (min(places), max(places)) if log else (math.floor(min(places)), math.ceil(max(places)))
    room = (0.07 if log else 0.01) * (ends[1] - ends[0])
    ticks = _ticks(ends, log)
    return {
        "data": [_ranges(dots, colours), *(_marks(dots, basis, colours) for basis in SYMBOLS)],
        "layout": {
            "template": template_dict(mode),
            "height": _HEIGHT_PX,
            "margin": {"l": 52, "r": 16, "t": 34, "b": 58},
            "xaxis": {
                "type": "log" if log else "linear",
                "range": [ends[0] - room, ends[1] + room],
                "tickvals": ticks,
                "ticktext": [_tick(tick, log) for tick in ticks],
                "tickfont": {"size": TEXT_PX, "color": colours.muted},
                "title": {"text": axis, "font": {"size": TEXT_PX, "color": colours.muted}},
            },
            "yaxis": {
                "range": [0, 0.64],
                "tickvals": [0.0, 0.2, 0.4, 0.6],
                "tickformat": ".0%",
                "tickfont": {"size": SMALL_PX, "color": colours.muted},
                "showgrid": True,
            },
            "shapes": [
                {
                    "type": "rect",
                    "layer": "below",
                    "xref": "paper",
                    "x0": 0,
                    "x1": 1,
                    "yref": "y",
                    "y0": 0.4,
                    "y1": 0.5,
                    "fillcolor": colours.band,
                    "line": {"width": 0},
                }
            ],
            "annotations": [above("model FLOP utilisation", colours)],
        },
    }


def runs_alt(dots: Sequence[Dot], axis: str) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{dot.name} {100 * dot.mfu:.0f} %"
        + ("" if dot.low == dot.high else f" ({100 * dot.low:.1f} to {100 * dot.high:.1f})")
        for dot in dots
    )
    return f"Model FLOP utilisation of {len(dots)} published runs and benchmarks by {axis}: {said}."


def _ranges(dots: Sequence[Dot], colours: Palette) -> dict[str, Any]:
    found = [(dot.low, dot.high, dot.x) for dot in dots if dot.low != dot.high]
    return spans("ranges", found, colours.machine_soft, 9, upright=True)


def _marks(dots: Sequence[Dot], basis: str, colours: Palette) -> dict[str, Any]:
    chosen = [dot for dot in dots if dot.basis == basis]
    return {
        "type": "scatter",
        "name": basis,
        "mode": "markers+text",
        "x": [dot.x for dot in chosen],
        "y": [dot.mfu for dot in chosen],
        "marker": {
            "symbol": SYMBOLS[basis][0],
            "size": 12,
            "color": colours.neutral if basis == "estimated by others" else colours.machine,
            "line": {"width": 2, "color": colours.machine},
            "opacity": 1,
        },
        "text": [escape(dot.label) for dot in chosen],
        "textposition": [dot.label_place for dot in chosen],
        "textfont": {"size": SMALL_PX, "color": colours.ink, "shadow": halo(colours)},
        "hovertext": [f"<b>{escape(dot.name)}</b><br>{escape(dot.words)}" for dot in chosen],
        "hoverinfo": "text",
    }


def _ticks(ends: tuple[float, float], log: bool) -> list[float]:
    if log:
        return [10.0**n for n in range(math.ceil(ends[0] - 0.2), math.floor(ends[1] + 0.2) + 1)]
    # A year's name stands in its middle, because its runs stand side by side.
    return [year + 0.5 for year in range(math.floor(ends[0]), math.ceil(ends[1]))]


def _tick(tick: float, log: bool) -> str:
    if not log:
        return f"{math.floor(tick)}"
    for size, unit in ((1e12, "T"), (1e9, "B"), (1e3, "k")):
        if tick >= size:
            return f"{tick / size:g}{unit}"
    return f"{tick:g}"
