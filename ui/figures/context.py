"""Conversations that a machine holds by their length, one line for each way of keeping a context."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import quantity
from ui.figures.axes import log_axis
from ui.figures.frames import PlainFigure
from ui.figures.pieces import line_through
from ui.theme import TEXT_PX, Mode, Palette, palette, template_dict

_HEIGHT_PX: Final = 440
_TICKS: Final = ((1e3, "1,000"), (1e4, "10⁴"), (1e5, "10⁵"), (1e6, "10⁶"), (1e7, "10⁷"))


@dataclass(frozen=True, slots=True)
class Room:
    """A way of keeping a context: conversations that fit by their length [1]; whether it is the chosen one."""

    name: str
    short: str
    conversations: tuple[float, ...]
    chosen: bool
    state: bool


def room_figure(contexts: Sequence[float], rooms: Sequence[Room], mode: Mode) -> go.Figure:
    """Draw what fits."""
    return PlainFigure(room_dict(contexts, rooms, mode))


def room_dict(contexts: Sequence[float], rooms: Sequence[Room], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    top = max(max(room.conversations) for room in rooms)
    bottom = 0.05
    shown = [[value if value >= bottom else None for value in room.conversations] for room in rooms]
    places = _places(contexts, rooms, bottom)
    ticks = [10.0**n for n in range(-1, math.ceil(math.log10(top)) + 1)]
    ends = (math.log10(bottom), math.log10(top) + 0.45)
    return {
        "data": [
            line_through(room.name, contexts, values, _look(room, colours), _hover(contexts, room), clip=True)
            for room, values in zip(rooms, shown, strict=True)
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _HEIGHT_PX,
            "margin": {"l": 56, "r": 14, "t": 20, "b": 62},
            "xaxis": {
                "type": "log",
                "range": [math.log10(contexts[0]), math.log10(contexts[-1])],
                "tickvals": [tick for tick, _ in _TICKS],
                "ticktext": [text for _, text in _TICKS],
                "tickfont": {"color": colours.muted, "size": TEXT_PX},
                "title": {"text": "tokens in a conversation", "font": {"size": TEXT_PX, "color": colours.muted}},
            },
            "yaxis": log_axis(
                ends, ticks, lambda tick: f"{tick:,.0f}" if tick >= 1 else f"{tick:g}", "", colours, grid=True
            ),
            "shapes": [
                {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": bottom, "y1": 1.0,
                 "fillcolor": colours.band, "line": {"width": 0}, "layer": "below"},
            ],
            "annotations": [
                {"text": "not even one fits", "font": {"size": TEXT_PX, "color": colours.muted}, "xref": "paper",
                 "x": 0.01, "xanchor": "left", "yref": "y", "y": math.log10(0.22), "yanchor": "middle"},
                *(
                    {"text": escape(room.short), "font": {"size": TEXT_PX, "color": colours.ink if room.chosen or
                     room.state else colours.muted}, "xref": "x", "x": math.log10(x), "yref": "y", "y": math.log10(y),
                     "xanchor": "right" if room.state else "center", "yanchor": "bottom" if room.state else "middle",
                     "yshift": 3 if room.state else 0,
                     "bgcolor": "rgba(0,0,0,0)" if room.state else colours.ground, "borderpad": 2}
                    for room, (x, y) in zip(rooms, places, strict=True)
                ),
            ],
        },
    }  # fmt: skip


def _look(room: Room, colours: Palette) -> dict[str, Any]:
    return {
        "color": colours.machine if room.chosen or room.state else colours.neutral,
        "width": 4 if room.chosen else 3 if room.state else 2,
        "dash": "dash" if room.state else "solid",
    }


def _hover(contexts: Sequence[float], room: Room) -> list[str]:
    return [
        f"<b>{escape(room.name)}</b><br>{quantity(n, '1', 2)} tokens: {quantity(v, '1', 2)} at once"
        for n, v in zip(contexts, room.conversations, strict=True)
    ]


def _places(contexts: Sequence[float], rooms: Sequence[Room], bottom: float) -> list[tuple[float, float]]:
    """Where the names stand: on their lines, along a diagonal, so that parallel lines do not share a place."""
    falling = [room for room in rooms if not room.state]
    places: list[tuple[float, float]] = []
    for room in rooms:
        if room.state:
            places.append((contexts[-1], room.conversations[-1]))
            continue
        order = sorted(falling, key=lambda one: one.conversations[0]).index(room)
        wanted = round((0.1 + 0.17 * order) * (len(contexts) - 1))
        index = max((i for i in range(wanted + 1) if room.conversations[i] >= bottom), default=0)
        places.append((contexts[index], room.conversations[index]))
    return places


def _held(conversations: float) -> str:
    return "under 0.01" if conversations < 0.01 else quantity(conversations, "1", 2)


def room_alt(contexts: Sequence[float], rooms: Sequence[Room], chips: str) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    ends = (0, len(contexts) // 2, -1)
    said = "; ".join(
        f"{room.name}: " + ", ".join(f"{_held(room.conversations[i])} of {quantity(contexts[i], '1', 2)}" for i in ends)
        for room in rooms
    )
    holds = "holds" if chips.startswith("1 ") else "hold"
    return f"Conversations that {chips} {holds} beside the weights, by length in tokens, log axes. {said}."
