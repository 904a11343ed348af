"""Pieces that several figures share: the rail of a slider, a card of large words, words on quiet grid lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ui.theme import SMALL_PX, TEXT_PX, Palette

CARD_PX: Final = 70
"""Height of a card: one line in large type, one muted line."""
RAIL_PX: Final = 84
"""Room under a figure for its slider."""


def rail(names: Sequence[str], labels: Sequence[str], active: int, colours: Palette) -> dict[str, Any]:
    """A slider across the figure whose steps show frames of the same names."""
    animate = {
        "mode": "immediate",
        "frame": {"duration": 0, "redraw": False},
        "transition": {"duration": 0},
    }
    return {
        "active": active,
        "steps": [
            {"label": label, "method": "animate", "args": [[name], animate]}
            for name, label in zip(names, labels, strict=True)
        ],
        "x": 0,
        "len": 1,
        "y": 0,
        "yanchor": "top",
        "pad": {"t": 24, "b": 0, "l": 0, "r": 0},
        "currentvalue": {"font": {"size": 18, "color": colours.ink, "weight": 700}, "offset": 6},
        # The labels of all steps cannot be read; the current one stands above the rail.
        "font": {"size": 1, "color": "rgba(0,0,0,0)"},
        "bgcolor": colours.machine,
        "activebgcolor": colours.machine,
        "bordercolor": colours.ground,
        "borderwidth": 2,
        "ticklen": 5,
        "minorticklen": 5,
        "tickcolor": colours.neutral,
        "transition": {"duration": 0},
    }


def card(text: Sequence[str], colours: Palette) -> dict[str, Any]:
    """Two lines of words on the axes x2 and y2, whose unit is a pixel."""
    return {
        "type": "scatter",
        "name": "card",
        "mode": "text",
        "xaxis": "x2",
        "yaxis": "y2",
        "x": [0, 0],
        "y": [CARD_PX - 20, CARD_PX - 52],
        "text": list(text),
        "textposition": "middle right",
        "textfont": {"size": [24, TEXT_PX], "color": [colours.machine, colours.muted]},
        "hoverinfo": "skip",
    }


def line_label(text: str, y: float, colours: Palette, shift: float = 2.0) -> dict[str, Any]:
    """Words at the left end of a grid line, just above it."""
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


def halo(colours: Palette) -> str:
    """A rim of ground around letters, where a line may lie behind them."""
    return ", ".join([f"{x}px {y}px 2px {colours.ground}" for x in (-3, 0, 3) for y in (-3, 0, 3)] * 2)
