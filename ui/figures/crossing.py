"""Lines over a logarithmic axis that cross: some stay, some are moved by a slider; where they meet, with its range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import quantity
from ui.figures.axes import card_axes
from ui.figures.frames import PlainFigure
from ui.figures.pieces import card, halo
from ui.figures.rail import rail
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

_CARD_PX: Final = 112
_PLOT_PX: Final = 370
_AXIS_PX: Final = 58
_SLIDER_PX: Final = 86
_OFF_PX: Final = 4.0
_MOST_DECADES: Final = 6
"""More decades than these are labelled at every other power of ten."""
LOOKS: Final = {"solid": ("machine", 4.0, "solid"), "dashed": ("machine", 3.0, "dash"),
                "soft": ("machine", 2.5, "dot"), "plain": ("neutral", 2.5, "dash")}  # fmt: skip
"""How a line looks: colour by meaning, width, dash."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its name, how it looks (a key of `LOOKS`), and where its name stands.

    ``at`` is the index of the point that carries the name, ``side`` a text position of plotly.
    """

    name: str
    look: str
    at: int
    side: str = "top left"


@dataclass(frozen=True, slots=True)
class Stop:
    """A position of the slider.

    Attributes
    ----------
    value, label : str
        As in the link, and as the slider says it.
    moving : tuple of tuple of float
        Heights of the moving lines.
    crossing : tuple of float
        5 %, central and 95 % along the axis; 0 and infinity stand for its ends.
    height : float or None
        Where the lines meet, if they do inside the axis.
    card : tuple of str
        The finding, and a quieter line.
    """

    value: str
    label: str
    moving: tuple[tuple[float, ...], ...]
    crossing: tuple[float, float, float]
    height: float | None
    card: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Crossing:
    """A whole figure: its axis, lines that stay with their heights, lines that move, and the slider's stops."""

    x: tuple[float, ...]
    ticks: tuple[tuple[float, str], ...]
    x_title: str
    y_title: str
    unit: str
    fixed: tuple[tuple[Line, tuple[float, ...]], ...]
    moving: tuple[Line, ...]
    stops: tuple[Stop, ...]
    hover: str
    side: str = "left"


def crossing_figure(crossing: Crossing, active: int, mode: Mode) -> go.Figure:
    """Draw the lines with the slider standing at ``stops[active]``."""
    return PlainFigure(crossing_dict(crossing, active, mode))


def crossing_dict(crossing: Crossing, active: int, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    low, high = _limits(crossing)
    height = _CARD_PX + _PLOT_PX + _AXIS_PX
    bottom, top = _AXIS_PX / height, (_AXIS_PX + _PLOT_PX) / height
    still = [_line(line, crossing, values, colours) for line, values in crossing.fixed]
    first = crossing.stops[active]
    looks = _looks(crossing, colours)
    moved = list(range(len(looks)))
    now = _moving(crossing, first, low, high)
    return {
        "data": [*(data | look for data, look in zip(now, looks, strict=True)), *still],
        "frames": [
            {"name": stop.value, "data": _moving(crossing, stop, low, high), "traces": moved}
            for stop in crossing.stops
        ],
        "layout": {
            "template": template_dict(mode),
            "height": height + _SLIDER_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _SLIDER_PX},
            "xaxis": {
                "type": "log",
                "domain": [0, 0.985],
                "range": [math.log10(crossing.x[0]), math.log10(crossing.x[-1])],
                "anchor": "y",
                # The first and the last would be cut at the page's edge; they stand as notes that keep inside.
                "tickvals": [tick for tick, _ in crossing.ticks[1:-1]],
                "ticktext": [text for _, text in crossing.ticks[1:-1]],
                "tickfont": {"color": colours.muted, "size": TEXT_PX},
            },
            "yaxis": {
                "type": "log",
                "domain": [bottom, top],
                "range": [low, high],
                "showgrid": True,
                "side": crossing.side,
                "ticklabelposition": "inside top",
                **_ticks(low, high, crossing.unit),
                "tickfont": {"color": colours.muted, "size": SMALL_PX},
            },
            **card_axes(top, _CARD_PX),
            "annotations": [
                *_ends(crossing, colours),
                {"text": escape(crossing.x_title), "font": {"size": TEXT_PX, "color": colours.muted}, "xref": "paper",
                 "x": 1, "xanchor": "right", "yref": "y domain", "y": 0, "yanchor": "top", "yshift": -28},
                {"text": escape(crossing.y_title), "font": {"size": TEXT_PX, "color": colours.muted}, "xref": "paper",
                 "x": 0, "xanchor": "left", "yref": "y domain", "y": 1, "yanchor": "bottom", "yshift": 4},
            ],
            "sliders": [rail([s.value for s in crossing.stops], [s.label for s in crossing.stops], active, colours)],
        },
    }  # fmt: skip


def _ends(crossing: Crossing, colours: Palette) -> list[dict[str, Any]]:
    """The axis's first and last tick, set so that they keep inside the page."""
    return [
        {
            "text": text,
            "font": {"size": TEXT_PX, "color": colours.muted},
            "xref": "paper",
            "x": place,
            "xanchor": anchor,
            "yref": "y domain",
            "y": 0,
            "yanchor": "top",
            "yshift": 0,
        }
        for (_, text), place, anchor in ((crossing.ticks[0], 0, "left"), (crossing.ticks[-1], 0.985, "right"))
    ]


def crossing_alt(crossing: Crossing, active: int, words: str) -> str:
    """Say the figure's numbers in words, for a screen reader; ``words`` say what meets where."""
    stop = crossing.stops[active]
    lines = [*crossing.fixed, *zip(crossing.moving, stop.moving, strict=True)]
    ends = (0, len(crossing.x) // 2, -1)
    said = "; ".join(
        f"{line.name}: "
        + ", ".join(f"{quantity(values[i], crossing.unit, 2)} at {quantity(crossing.x[i], '1', 2)}" for i in ends)
        for line, values in lines
    )
    return (
        f"{crossing.y_title} by {crossing.x_title}, log axes. At {stop.label}: {said}. {words} "
        f"A slider moves through {len(crossing.stops)} positions."
    )


def _limits(crossing: Crossing) -> tuple[float, float]:
    values = [y for _, line in crossing.fixed for y in line]
    values += [y for stop in crossing.stops for line in stop.moving for y in line]
    return math.log10(min(values)) - 0.25, math.log10(max(values)) + 0.25


def _ticks(low: float, high: float, unit: str) -> dict[str, Any]:
    decades = range(math.ceil(low), math.floor(high) + 1)
    digits = (1.0, 3.0) if high - low < 2.5 else (1.0,)
    ticks = [d * 10.0**n for n in range(math.floor(low), math.floor(high) + 1) for d in digits]
    ticks = [tick for tick in ticks if low <= math.log10(tick) <= high]
    if len(decades) > _MOST_DECADES:
        ticks = ticks[::2]
    return {"tickvals": ticks, "ticktext": [quantity(tick, unit, 1) for tick in ticks]}


def _inside(crossing: Crossing, value: float) -> float:
    return min(max(value, crossing.x[0]), crossing.x[-1])


def _moving(crossing: Crossing, stop: Stop, low: float, high: float) -> list[dict[str, Any]]:
    """Only what changes from stop to stop, in the order of `_looks`."""
    left, right = (_inside(crossing, value) for value in (stop.crossing[0], stop.crossing[2]))
    floor, ceiling = 10.0**low, 10.0**high
    meets = stop.height is not None
    return [
        {"x": [left, left, right, right], "y": [floor, ceiling, ceiling, floor]},
        *({"x": list(crossing.x), "y": list(values)} for values in stop.moving),
        {
            "x": [crossing.x[line.at] for line in crossing.moving],
            "y": [_beside(line, values, high - low) for line, values in zip(crossing.moving, stop.moving, strict=True)],
        },
        {"x": [stop.crossing[1] if meets else None], "y": [stop.height if meets else None]},
        {"text": list(stop.card)},
    ]


def _beside(line: Line, values: Sequence[float], decades: float) -> float:
    """Where a name stands: a few pixels off its line."""
    away = _OFF_PX / _PLOT_PX * decades
    return values[line.at] * 10.0 ** (away if line.side.startswith("top") else -away)


def _looks(crossing: Crossing, colours: Palette) -> list[dict[str, Any]]:
    """How the moving traces look; what moves is added to each."""
    band = {
        "type": "scatter",
        "name": "range",
        "mode": "lines",
        "fill": "toself",
        "fillcolor": colours.band,
        "line": {"width": 0, "color": colours.band},
        "hoverinfo": "skip",
        "cliponaxis": True,
    }
    lines = [_style(line, colours) | {"hoverinfo": "skip"} for line in crossing.moving]
    names = {
        "type": "scatter",
        "name": "names",
        "mode": "text",
        "text": [escape(line.name) for line in crossing.moving],
        "textposition": [line.side for line in crossing.moving],
        "textfont": {"size": TEXT_PX, "color": colours.ink, "shadow": halo(colours)},
        "hoverinfo": "skip",
    }
    meet = {
        "type": "scatter",
        "name": "meets",
        "mode": "markers",
        "marker": {"size": 16, "color": colours.ground, "opacity": 1, "line": {"width": 3.5, "color": colours.ink}},
        "hoverinfo": "skip",
    }
    return [band, *lines, names, meet, card((84, 52), (colours.machine, colours.muted))]


def _style(line: Line, colours: Palette) -> dict[str, Any]:
    colour, width, dash = LOOKS[line.look]
    return {
        "type": "scatter",
        "name": line.name,
        "mode": "lines",
        "line": {"color": getattr(colours, colour), "width": width, "dash": dash},
        "cliponaxis": True,
    }


def _line(line: Line, crossing: Crossing, values: Sequence[float], colours: Palette) -> dict[str, Any]:
    """A line that stays, with its name on it."""
    at = line.at % len(crossing.x)
    return _style(line, colours) | {
        "mode": "lines+text",
        "x": list(crossing.x),
        "y": list(values),
        "text": [escape(line.name) if i == at else "" for i in range(len(crossing.x))],
        "textposition": line.side,
        "textfont": {"size": TEXT_PX, "color": colours.ink, "shadow": halo(colours)},
        "cliponaxis": False,
        "hovertext": [
            f"<b>{escape(line.name)}</b><br>{quantity(x, '1', 2)} {escape(crossing.hover)}: "
            f"{quantity(y, crossing.unit, 2)}"
            for x, y in zip(crossing.x, values, strict=True)
        ],
        "hoverinfo": "text",
    }
