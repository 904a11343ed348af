"""Time lost by how often a run saves its state: the formula, two rules for the optimum, and failures played out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.goodput_report import span_words
from ui.figures.axes import above, decades, log_axis
from ui.figures.failures import share_text
from ui.figures.frames import PlainFigure
from ui.figures.pieces import line_through
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

_HEIGHT_PX: Final = 400
_TICKS: Final = (
    *((1.0, "1 s"), (10.0, "10 s"), (60.0, "1 min"), (600.0, "10 min"), (3600.0, "1 h"), (36_000.0, "10 h")),
    *((864_000.0, "10 days"), (8_640_000.0, "100 days"), (86_400_000.0, "3 years"), (864_000_000.0, "30 years")),
)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Shares of the time lost along the work between checkpoints [s]: all, and three parts of it [1]."""

    interval_s: tuple[float, ...]
    lost: tuple[float, ...]
    checkpoint: tuple[float, ...]
    rework: tuple[float, ...]
    restart: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A named interval [s] with the share of the time that it loses [1]."""

    name: str
    interval_s: float
    lost: float


def interval_figure(sweep: Sweep, rules: Sequence[Mark], played: Sequence[Mark], mode: Mode) -> go.Figure:
    """Draw the lost share of the time over the work between two checkpoints."""
    return PlainFigure(interval_dict(sweep, rules, played, mode))


def interval_dict(sweep: Sweep, rules: Sequence[Mark], played: Sequence[Mark], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    ends = (math.log10(sweep.interval_s[0]), math.log10(sweep.interval_s[-1]))
    least = min(sweep.lost) / 30
    floor = math.log10(least)
    ticks = [(tick, words) for tick, words in _TICKS if ends[0] <= math.log10(tick) <= ends[1]]
    return {
        "data": [
            *(
                _line(name, sweep.interval_s, values, colour, dash, width)
                for values, (name, colour, dash, width) in zip(
                    (sweep.restart, sweep.checkpoint, sweep.rework, sweep.lost), line_looks(colours), strict=True
                )
            ),
            _played(played, colours),
            _rules(rules, colours),
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _HEIGHT_PX,
            "margin": {"l": 60, "r": 16, "t": 34, "b": 58},
            "xaxis": {
                "type": "log",
                "range": [ends[0], ends[1]],
                "tickvals": [tick for tick, _ in ticks],
                "ticktext": [words for _, words in ticks],
                "tickfont": {"size": SMALL_PX, "color": colours.muted},
                "title": {
                    "text": "work between two checkpoints",
                    "font": {"size": TEXT_PX, "color": colours.muted},
                },
            },
            "yaxis": log_axis(
                (floor, 0.05), decades(floor, 0), lambda tick: f"{100 * tick:g} %", "", colours, grid=True
            ),
            "annotations": [above("share of the time lost", colours)],
        },
    }


def line_looks(colours: Palette) -> tuple[tuple[str, str, str, int], ...]:
    """Name, colour, dash and width of each line, from the quietest to the loudest."""
    return (
        ("restarts", colours.greys[1], "dash", 2),
        ("checkpoints", colours.shades[3], "solid", 2),
        ("undone work", colours.greys[1], "solid", 2),
        ("all of it", colours.machine, "solid", 4),
    )


def interval_alt(sweep: Sweep, rules: Sequence[Mark], played: Sequence[Mark]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    told = "; ".join(f"{mark.name}: {span_words(mark.interval_s)}, {share_text(mark.lost)} lost" for mark in rules)
    found = "; ".join(f"{span_words(mark.interval_s)} {share_text(mark.lost)}" for mark in played)
    return (
        f"Share of the time lost over the work between checkpoints, log axes, from {span_words(sweep.interval_s[0])} "
        f"({share_text(sweep.lost[0])}) to {span_words(sweep.interval_s[-1])} ({share_text(sweep.lost[-1])}). {told}. "
        f"Played out: {found}."
    )


def _line(name: str, x: Sequence[float], y: Sequence[float], colour: str, dash: str, width: int) -> dict[str, Any]:
    return line_through(
        name,
        x,
        [max(value, 1e-9) for value in y],
        {"color": colour, "width": width, "dash": dash},
        hover=[f"{name}: {share_text(b)} after {span_words(a)}" for a, b in zip(x, y, strict=True)],
        clip=True,
    )


def _played(played: Sequence[Mark], colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "played out",
        "mode": "markers",
        "x": [mark.interval_s for mark in played],
        "y": [max(mark.lost, 1e-9) for mark in played],
        "marker": {"symbol": "x", "size": 10, "color": colours.ink, "line": {"width": 0}, "opacity": 1},
        "hovertext": [
            f"<b>played out</b><br>{span_words(mark.interval_s)}: {100 * mark.lost:.2f} % lost" for mark in played
        ],
        "hoverinfo": "text",
    }


def _rules(rules: Sequence[Mark], colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "rules",
        "mode": "markers",
        "x": [mark.interval_s for mark in rules],
        "y": [max(mark.lost, 1e-9) for mark in rules],
        "marker": {
            "size": [22, 13],
            "symbol": ["circle-open", "circle"],
            "color": colours.machine,
            "line": {"width": 2.5, "color": colours.machine},
            "opacity": 1,
        },
        "hovertext": [
            f"<b>{mark.name}</b><br>{span_words(mark.interval_s)}: {100 * mark.lost:.2f} % lost" for mark in rules
        ],
        "hoverinfo": "text",
    }
