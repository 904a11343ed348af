"""Pieces that the figures of scaling laws and distillation share: how numbers are said, labels on the spot, lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from efficiency.say import quantity
from ui.figures import axes, pieces
from ui.theme import TEXT_PX, Palette

_SHORT: Final = ((1e15, "P"), (1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def short(value: float) -> str:
    """Say a count in short, as models are named.

    >>> short(7e10), short(1.5e13), short(400.0), short(2.6e15)
    ('70B', '15T', '400', '2.6P')
    """
    for size, letter in _SHORT:
        if value >= size * 0.9995:
            return f"{float(f'{value / size:.2g}'):g}{letter}"
    return f"{float(f'{value:.2g}'):g}"


def count(value: float) -> str:
    """Say a count in words.

    >>> count(7.22e10), count(18.4)
    ('72 billion', '18')
    """
    return quantity(float(value), "1", 2)


def joules(value: float) -> str:
    """Say an energy with two digits."""
    return quantity(float(value), "J", 2)


def rounded(values: Sequence[float], digits: int = 4) -> list[float]:
    """Keep so many digits: what is drawn needs no more, and frames stay small."""
    return [float(f"{value:.{digits}g}") for value in values]


def log_axis(
    ends: tuple[float, float],
    ticks: Sequence[float],
    words: Callable[[float], str],
    title: str,
    colours: Palette,
    grid: bool = False,
) -> dict[str, Any]:
    """A logarithmic axis between two values, with small ticks and a muted title."""
    return axes.log_axis((math.log10(ends[0]), math.log10(ends[1])), ticks, words, title, colours, grid)


def powers(low: float, high: float, step: int = 1) -> list[float]:
    """List the powers of ten between two values.

    >>> powers(2.0, 2e4, 2)
    [100.0, 10000.0]
    """
    return [10.0**n for n in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1) if n % step == 0]


def label(
    x: float, y: float, text: str, colour: str, colours: Palette, anchor: str = "left", shift: float = 0.0
) -> dict[str, Any]:
    """Words on the spot in a log-log figure, with a rim of ground against lines behind them."""
    return {
        "text": text,
        "font": {"size": TEXT_PX, "color": colour, "shadow": pieces.halo(colours)},
        "x": math.log10(x),
        "y": math.log10(y),
        "xanchor": anchor,
        "yanchor": "middle",
        "yshift": shift,
    }


def line(name: str, x: Sequence[float], y: Sequence[float], look: dict[str, Any], hover: str = "") -> dict[str, Any]:
    """A line without marks; ``hover`` is said of each point, with x and y in it if it asks for them."""
    trace: dict[str, Any] = {
        "type": "scatter",
        "name": name,
        "mode": "lines",
        "x": rounded(x),
        "y": rounded(y),
        "line": look,
        "cliponaxis": True,
    }
    return trace | ({"hovertemplate": f"{hover}<extra></extra>"} if hover else {"hoverinfo": "skip"})


def band(x: Sequence[float], low: Sequence[float], high: Sequence[float], colours: Palette) -> dict[str, Any]:
    """A shaded range along x."""
    found = pieces.band(rounded(x), rounded(low), rounded(high), colours)
    return found | {"name": "range", "opacity": 0.55, "cliponaxis": True}
