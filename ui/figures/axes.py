"""Axes that several figures share, what they are called, and lines across a plot."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ui.theme import SMALL_PX, TEXT_PX, Palette


def log_axis(
    limits: tuple[float, float],
    ticks: Sequence[float],
    words: Callable[[float], str],
    title: str,
    colours: Palette,
    grid: bool = False,
) -> dict[str, Any]:
    """A logarithmic axis between two powers of ten, with small ticks and a muted title."""
    axis: dict[str, Any] = {
        "type": "log",
        "range": list(limits),
        "tickvals": list(ticks),
        "ticktext": [words(tick) for tick in ticks],
        "tickfont": {"size": SMALL_PX, "color": colours.muted},
        "showgrid": grid,
    }
    if title:
        axis["title"] = {"text": title, "font": {"size": TEXT_PX, "color": colours.muted}}
    return axis


def decades(low: float, high: float) -> list[float]:
    """List the powers of ten between two exponents.

    >>> decades(-0.5, 2.0)
    [1.0, 10.0, 100.0]
    """
    return [10.0**n for n in range(math.ceil(low), math.floor(high) + 1)]


def card_axes(bottom: float, height_px: float) -> dict[str, Any]:
    """The axes x2 and y2 above a plot, from ``bottom`` of the figure up, on which one unit upwards is one pixel."""
    return {
        "xaxis2": {"domain": [0, 1], "range": [0, 1], "visible": False, "anchor": "y2"},
        "yaxis2": {"domain": [bottom, 1], "range": [0, height_px], "visible": False, "anchor": "x2"},
    }


def above(text: str, colours: Palette, shift: int = 6) -> dict[str, Any]:
    """What is measured upwards, over the axis."""
    return {
        "text": text,
        "font": {"size": TEXT_PX, "color": colours.muted},
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": shift,
    }


def under_axis(text: str, colours: Palette) -> dict[str, Any]:
    """What an axis measures, under its ticks on the left."""
    return {
        "text": text,
        "font": {"size": TEXT_PX, "color": colours.muted},
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "yref": "y domain",
        "y": 0,
        "yanchor": "top",
        "yshift": -26,
    }


def rule(y: float, colours: Palette) -> dict[str, Any]:
    """A quiet line across the figure."""
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": "y",
        "y0": y,
        "y1": y,
        "line": {"color": colours.grid, "width": 1},
        "layer": "below",
    }


def level(y: float, colour: str, dash: str) -> dict[str, Any]:
    """A line at a level across the plot, to compare with."""
    return {
        "type": "line",
        "xref": "x domain",
        "x0": 0,
        "x1": 1,
        "yref": "y",
        "y0": y,
        "y1": y,
        "line": {"color": colour, "width": 1.5, "dash": dash},
    }


def rule_words(text: str, y: float, colours: Palette, shift: float = 2.0) -> dict[str, Any]:
    """Words at the left end of a rule, just above it."""
    return {
        "text": text,
        "font": {"size": SMALL_PX, "color": colours.muted},
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "yref": "y",
        "y": y,
        "yanchor": "bottom",
        "yshift": shift,
    }
