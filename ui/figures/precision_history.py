"""Energy of an operation through the generations, and what the gain is made of."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from efficiency.say import factor, quantity, significant
from ui.figures.frames import PlainFigure
from ui.figures.precision_parts import level, level_words
from ui.theme import TEXT_PX, Mode, Palette, ink_on, palette, template_dict

if TYPE_CHECKING:
    from efficiency.precision_history import Operation, Split

_HISTORY_PX: Final = 470
_SPLIT_ROW_PX: Final = 74
FORMAT_NAMES: Final = {32.0: "32 bit, vector", 19.0: "TF32", 16.0: "16 bit", 8.0: "8 bit", 4.0: "4 bit"}


def history_figure(operations: Sequence[Operation], limit_j: float, mode: Mode) -> go.Figure:
    """Draw the energy of an operation at peak, one line a format, through the generations."""
    return PlainFigure(history_dict(operations, limit_j, mode))


def history_dict(operations: Sequence[Operation], limit_j: float, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    years = [one.year for one in operations]
    shades = {32.0: colours.greys[0], 19.0: colours.greys[1]} | dict(
        zip((16.0, 8.0, 4.0), (colours.shades[0], colours.shades[1], colours.shades[2]), strict=True)
    )
    lines = []
    for bits, name in FORMAT_NAMES.items():
        of = [one for one in operations if one.bits == bits]
        lines.append(
            {
                "type": "scatter",
                "name": name,
                "mode": "lines+markers",
                "x": [one.year for one in of],
                "y": [one.energy_j for one in of],
                "line": {"color": shades[bits], "width": 3},
                "marker": {"color": shades[bits], "size": 10, "line": {"color": colours.ground, "width": 1.5}},
                "hovertext": [f"<b>{escape(one.label)}, {name}</b><br>{quantity(one.energy_j, 'J', 2)}" for one in of],
                "hoverinfo": "text",
            }
        )
    powers = (-16, -15, -14, -13, -12, -11, -10)
    names = ("0.1 fJ", "1 fJ", "10 fJ", "0.1 pJ", "1 pJ", "10 pJ", "100 pJ")
    return {
        "data": lines,
        "layout": {
            "template": template_dict(mode),
            "height": _HISTORY_PX,
            "margin": {"l": 64, "r": 118, "t": 10, "b": 42},
            "xaxis": {"range": [min(years) - 0.5, max(years) + 0.4], "tickvals": [*range(2012, 2025, 4)]},
            "yaxis": {
                "type": "log",
                "range": [math.log10(limit_j) - 0.45, -9.9],
                "tickvals": [10.0**power for power in powers],
                "ticktext": list(names),
            },
            "shapes": [{**level(limit_j, colours.limit, "dash"), "x0": 0, "x1": 1}],
            "annotations": [
                *_end_words(operations, colours),
                {
                    **level_words(limit_j, "limit of CMOS, estimated", colours.limit),
                    "x": 0.02,
                    "xanchor": "left",
                },
            ],
        },
    }


def history_alt(operations: Sequence[Operation], limit_j: float) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{one.label} {one.year}, {FORMAT_NAMES[one.bits]} {quantity(one.energy_j, 'J', 2)}" for one in operations
    )
    return f"Energy of one operation at the peak rate, log axis. {said}. Limit of CMOS: {quantity(limit_j, 'J', 2)}."


def split_figure(splits: Sequence[Split], mode: Mode) -> go.Figure:
    """Draw what the gain is made of: lengths are logarithms, so that factors add up."""
    return PlainFigure(split_dict(splits, mode))


def split_dict(splits: Sequence[Split], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    fills = (colours.shades[0], colours.shades[2], colours.shades[4])
    places = [_SPLIT_ROW_PX * row + 48.0 for row in range(len(splits))]
    traces = []
    for index, (name, fill) in enumerate(zip(("same format", "matrix units", "fewer bits"), fills, strict=True)):
        factors = [(s.same_format, s.matrix_units, s.fewer_bits) for s in splits]
        starts = [[0.0, *itertools.accumulate(math.log10(one.central) for one in row)] for row in factors]
        traces.append(
            {
                "type": "bar",
                "name": name,
                "orientation": "h",
                "y": places,
                "base": [start[index] for start in starts],
                "x": [math.log10(row[index].central) for row in factors],
                "width": [34] * len(splits),
                "marker": {"color": fill, "line": {"color": colours.ground, "width": 1}},
                "text": [f"<b>{factor(row[index].central)}×</b>" for row in factors],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "textfont": {"size": TEXT_PX, "color": ink_on(fill)},
                "hovertext": [
                    f"<b>{name}</b><br>{factor(row[index].central)} times, "
                    f"{factor(row[index].low)} to {factor(row[index].high)}"
                    for row in factors
                ],
                "hoverinfo": "text",
            }
        )
    height = _SPLIT_ROW_PX * len(splits)
    return {
        "data": traces,
        "layout": {
            "template": template_dict(mode),
            "height": height,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "barmode": "overlay",
            "xaxis": {"range": [0, max(math.log10(s.whole.central) for s in splits)], "visible": False},
            # One unit is one pixel, counted down from the top.
            "yaxis": {"range": [height, 0], "visible": False},
            "annotations": [
                {
                    "text": f"{escape(short(s.new))}, 4 bit: <b>{significant(s.whole.central, 3)} times</b> less",
                    "xref": "paper",
                    "x": 0,
                    "xanchor": "left",
                    "y": place - 32,
                    "yanchor": "middle",
                    "font": {"size": TEXT_PX, "color": colours.ink},
                }
                for s, place in zip(splits, places, strict=True)
            ],
        },
    }


def split_alt(splits: Sequence[Split]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{s.new} at {s.bits:g} bit over {s.old} at 32 bit {factor(s.whole.central)} times: same format "
        f"{factor(s.same_format.central)}, matrix units {factor(s.matrix_units.central)}, fewer bits "
        f"{factor(s.fewer_bits.central)}"
        for s in splits
    )
    return f"What the gain in energy per peak operation is made of. {said}."


def short(label: str) -> str:
    """Leave the maker and the form factor out of a chip's name.

    >>> short("NVIDIA B200 SXM"), short("NVIDIA Tesla K20X")
    ('B200', 'K20X')
    """
    return label.removeprefix("NVIDIA ").removeprefix("Tesla ").removesuffix(" SXM")


def _end_words(operations: Sequence[Operation], colours: Palette) -> list[dict[str, Any]]:
    """Each line's name at its right end, in the order of the ends; ends that nearly touch are moved apart."""
    last = {one.bits: one for one in operations}
    ends = sorted(last.values(), key=lambda one: one.energy_j)
    least = 0.24
    at: list[float] = []
    for one in ends:
        place = math.log10(one.energy_j)
        at.append(max(place, at[-1] + least) if at else place)
    return [
        {
            "text": FORMAT_NAMES[one.bits],
            "xref": "paper",
            "x": 1,
            "xanchor": "left",
            "xshift": 4,
            "y": place,
            "yanchor": "middle",
            "font": {"size": TEXT_PX, "color": colours.ink},
        }
        for one, place in zip(ends, at, strict=True)
    ]
