"""The ladder of distances: what a bit costs from a register to another machine, and in the brain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.hierarchy import Level
from efficiency.say import quantity, significant
from ui.figures.frames import PlainFigure
from ui.figures.pieces import spans, thin_halo
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

_ROW_PX: Final = 44
_TOP_PX: Final = 30
_BOTTOM_PX: Final = 34
_LINE_PX: Final = 33
"""From the top of a row to its interval; the words stand above."""
_TICKS: Final = ((1e-21, "1 zJ"), (1e-18, "1 aJ"), (1e-15, "1 fJ"), (1e-12, "1 pJ"), (1e-9, "1 nJ"))
_ENDS: Final = (-21.3, -7.8)


def ladder_figure(levels: Sequence[Level], multiply_j_per_bit: float, mode: Mode) -> go.Figure:
    """Draw every level as a range with a tick, and a line where a multiplication stands."""
    return PlainFigure(ladder_dict(levels, multiply_j_per_bit, mode))


def ladder_dict(levels: Sequence[Level], multiply_j_per_bit: float, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    height = _TOP_PX + _ROW_PX * len(levels) + _BOTTOM_PX
    return {
        "data": [
            *(
                _range_trace([level for level in levels if level.side == side], levels, colour)
                for side, colour in (("machine", colours.machine_soft), ("brain", colours.brain))
            ),
            _tick_trace(levels, colours),
        ],
        "layout": {
            "template": template_dict(mode),
            "height": height,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _BOTTOM_PX},
            "xaxis": {
                "type": "log",
                "range": list(_ENDS),
                "tickmode": "array",
                "tickvals": [value for value, _ in _TICKS],
                "ticktext": [text for _, text in _TICKS],
                "tickfont": {"color": colours.muted, "size": SMALL_PX},
                "showgrid": True,
            },
            # One unit is one pixel, counted down.
            "yaxis": {"range": [height - _BOTTOM_PX, 0], "visible": False},
            "shapes": [reference_line(multiply_j_per_bit, colours)],
            "annotations": [
                _multiply_label(multiply_j_per_bit, colours),
                *(part for row, level in enumerate(levels) for part in _words(row, level, colours)),
            ],
        },
    }


def ladder_alt(levels: Sequence[Level]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    return (
        "Energy of moving one bit by distance, on a log axis. "
        + "; ".join(f"{level.name} ({_place(level)}): {energy_words(level)}" for level in levels)
        + "."
    )


def energy_words(level: Level) -> str:
    """Say a level's energy with its range.

    >>> from efficiency.hierarchy import levels
    >>> energy_words(levels()[3]), energy_words(levels()[-1])
    ('0.25 pJ/bit, 0.25 to 0.6', '3 zJ/bit')
    """
    if level.energy < 1e-19:
        return f"{significant(level.energy * 1e21, 1)} zJ/bit"
    said = quantity(level.energy, "J/bit", 2)
    if not level.low < level.high:
        return said
    scale = level.energy / float(said.split(" ")[0].replace(",", ""))
    ends = " to ".join(quantity(end / scale, "1", 2) for end in (level.low, level.high))
    return f"{said}, {ends}"


def distance_words(distance_m: float) -> str:
    """Say a distance.

    >>> distance_words(2e-5), distance_words(0.03), distance_words(300.0)
    ('20 µm', '30 mm', '300 m')
    """
    return quantity(distance_m, "m", 2)


def _place(level: Level) -> str:
    way = "" if level.distance_m is None else f"{distance_words(level.distance_m)}, "
    return f"{way}{level.scope}"


def _y(row: int) -> float:
    return _TOP_PX + _ROW_PX * row + _LINE_PX


def _range_trace(rows: Sequence[Level], every: Sequence[Level], colour: str) -> dict[str, Any]:
    return spans("range", [(one.low, one.high, _y(every.index(one))) for one in rows], colour, 10) | {"opacity": 1}


def _tick_trace(levels: Sequence[Level], colours: Palette) -> dict[str, Any]:
    colour = {"machine": colours.machine, "brain": colours.brain, "limit": colours.limit}
    return {
        "type": "scatter",
        "name": "energy",
        "mode": "markers",
        "x": [level.energy for level in levels],
        "y": [_y(row) for row in range(len(levels))],
        "marker": {
            "size": 13,
            "color": [colour[level.side] for level in levels],
            "opacity": 1,
            "line": {"width": 2, "color": colours.ground},
        },
        "hovertext": [
            f"<b>{escape(level.name)}</b><br>{energy_words(level)}<br>{escape(_place(level))}" for level in levels
        ],
        "hoverinfo": "text",
    }


def _words(row: int, level: Level, colours: Palette) -> list[dict[str, Any]]:
    ink = {"machine": colours.ink, "brain": colours.brain_ink, "limit": colours.limit}[level.side]
    energy = energy_words(level).partition(",")[0]
    return row_ends(_y(row) - 17, level.name, _short_place(level), energy.removesuffix("/bit"), ink, colours)


def row_ends(place: float, name: str, detail: str, value: str, ink: str, colours: Palette) -> list[dict[str, Any]]:
    """A row's words: its name with a muted detail on the left, its value on the right."""
    halo = thin_halo(colours, 2, "1px")
    base = {"xref": "paper", "yref": "y", "y": place, "yanchor": "middle"}
    bold = f'<b><span style="font-size:{TEXT_PX}px;color:{ink}">{escape(name)}</span></b>'
    return [
        {
            **base,
            "text": f"{bold}  {escape(detail)}",
            "x": 0,
            "xanchor": "left",
            "font": {"size": SMALL_PX, "color": colours.muted, "shadow": halo},
        },
        {
            **base,
            "text": f"<b>{value}</b>",
            "x": 1,
            "xanchor": "right",
            "font": {"size": TEXT_PX, "color": ink, "shadow": halo},
        },
    ]


def _short_place(level: Level) -> str:
    """Only the way on a row, or the scope where there is none; the hover text says both."""
    return level.scope if level.distance_m is None else distance_words(level.distance_m)


def reference_line(at: float, colours: Palette) -> dict[str, Any]:
    """A dotted line through all rows, to compare with."""
    return {
        "type": "line",
        "xref": "x",
        "x0": at,
        "x1": at,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": colours.neutral, "width": 1.5, "dash": "dot"},
        "layer": "below",
    }


def _multiply_label(energy: float, colours: Palette) -> dict[str, Any]:
    return {
        "text": "a 16-bit multiplication, per bit",
        "x": math.log10(energy),
        "xanchor": "center",
        "yref": "y",
        "y": 4,
        "yanchor": "top",
        "font": {"size": SMALL_PX, "color": colours.muted},
    }
