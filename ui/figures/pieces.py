"""Marks and words that several figures share: bars of a range, a card in large type, words of a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ui.theme import TEXT_PX, Palette

CARD_PX: Final = 70
"""Height of a card: one line in large type, one muted line."""
CARD_LINES: Final = (CARD_PX - 20, CARD_PX - 52)


def card(places: Sequence[float], inks: Sequence[str], size: int = 24) -> dict[str, Any]:
    """How a card's lines look on the axes x2 and y2; the first is in large type."""
    return {
        "type": "scatter",
        "name": "card",
        "mode": "text",
        "xaxis": "x2",
        "yaxis": "y2",
        "x": [0] * len(places),
        "y": list(places),
        "textposition": "middle right",
        "textfont": {"size": [size, *[TEXT_PX] * (len(places) - 1)], "color": list(inks)},
        "hoverinfo": "skip",
    }


def here(colours: Palette) -> dict[str, Any]:
    """How the dot looks that stands where the slider does."""
    return {
        "type": "scatter",
        "name": "here",
        "mode": "markers",
        "marker": {"size": 17, "color": colours.machine, "line": {"width": 2, "color": colours.ground}, "opacity": 1},
        "hoverinfo": "skip",
    }


def line_through(
    name: str,
    x: Sequence[Any],
    y: Sequence[Any],
    look: dict[str, Any],
    hover: Sequence[str] = (),
    clip: bool = False,
) -> dict[str, Any]:
    """A line through points, broken at a None; ``hover`` is what it says at each, ``clip`` ends it at the axes."""
    said = {"hovertext": list(hover), "hoverinfo": "text"} if hover else {"hoverinfo": "skip"}
    found = {"type": "scatter", "name": name, "mode": "lines", "x": list(x), "y": list(y), "line": look} | said
    return found | {"cliponaxis": True} if clip else found


def spans(
    name: str, found: Sequence[tuple[float, float, float]], colour: str, width: float, upright: bool = False
) -> dict[str, Any]:
    """Bars in one trace, each from low to high at its place across; ``upright`` ones stand at a place along x."""
    along = [end for low, high, _ in found for end in (low, high, None)]
    across = [end for _, _, place in found for end in (place, place, None)]
    x, y = (across, along) if upright else (along, across)
    return line_through(name, x, y, {"color": colour, "width": width})


def band(x: Sequence[float], edge: Sequence[float], other: Sequence[float], colours: Palette) -> dict[str, Any]:
    """A shaded range along x, between one edge and the other."""
    return {
        "type": "scatter",
        "name": "5 to 95 %",
        "mode": "lines",
        "x": [*x, *reversed(x)],
        "y": [*edge, *reversed(other)],
        "fill": "toself",
        "fillcolor": colours.machine_soft,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def row_words(x: float, place: float, text: str, size: int, colour: str, anchor: str = "left") -> dict[str, Any]:
    """Words of a row, at the left end (0) or the right one (1)."""
    return {
        "text": text,
        "font": {"size": size, "color": colour},
        "align": anchor,
        "xref": "paper",
        "x": x,
        "xanchor": anchor,
        "yref": "y",
        "y": place,
        "yanchor": "middle",
    }


def row_values(places: Sequence[float], colours: Palette) -> dict[str, Any]:
    """How values look at the right ends of rows under a plot, on the axes x2 and y3."""
    return {
        "type": "scatter",
        "name": "values",
        "mode": "text",
        "xaxis": "x2",
        "yaxis": "y3",
        "x": [1.0] * len(places),
        "y": list(places),
        "textposition": "middle left",
        "textfont": {"size": TEXT_PX, "color": colours.ink},
        "hoverinfo": "skip",
    }


def halo(colours: Palette) -> str:
    """A rim of ground around letters, where a line may lie behind them."""
    return ", ".join([f"{x}px {y}px 2px {colours.ground}" for x in (-3, 0, 3) for y in (-3, 0, 3)] * 2)


def thin_halo(colours: Palette, reach: int = 1, blur: str = "0") -> str:
    """A thin rim of ground, which parts letters from a line behind them without cutting the line."""
    return ", ".join(f"{x}px {y}px {blur} {colours.ground}" for x in (-reach, 0, reach) for y in (-reach, 0, reach))


def within(factor: float, low: float, high: float, colours: Palette) -> dict[str, Any]:
    """Where a prediction is right within a factor: a band along the diagonal of predicted over measured."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [low, high, high, low],
        "y": [low * factor, high * factor, high / factor, low / factor],
        "fill": "toself",
        "fillcolor": colours.band,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "cliponaxis": True,
    }
