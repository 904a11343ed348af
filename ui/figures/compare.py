"""Two scenarios on one log axis: for each yardstick two intervals, A above B."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from efficiency.say import factor
from ui.figures.frames import PlainFigure
from ui.figures.pieces import halo
from ui.theme import TEXT_PX, Mode, Palette, palette, template_dict

if TYPE_CHECKING:
    from efficiency.gap import Gap, Yardstick

LETTERS: Final = ("A", "B")
_ROW_PX: Final = 82
_TOP_PX: Final = 30
_BOTTOM_PX: Final = 52
_LANES_PX: Final = (36, 60)
"""How far below the top of its row each interval lies; the name stands above them."""
_TICK_PX: Final = 20
_VALUE_SHARE: Final = 0.27
"""Share of a phone's width that a value takes beside its interval."""
_BESIDE_LINE: Final = 0.06
"""Decades that a value keeps from the brain's line, at least."""
_LEAST: Final = (-2.5, 7.5)


def letter_colours(colours: Palette) -> tuple[str, str]:
    """Give the colours of A and B: the machine's, strong and light."""
    return colours.shades[0], colours.shades[2]


def compare_figure(gaps: Sequence[Gap], mode: Mode) -> go.Figure:
    """Draw two scenarios' yardsticks as 5 to 95 % intervals with ticks at their central values."""
    return PlainFigure(compare_dict(gaps, mode))


def compare_dict(gaps: Sequence[Gap], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    rows = gaps[0].yardsticks
    low, high = _axis([y for gap in gaps for y in gap.yardsticks])
    data: list[dict[str, Any]] = []
    for letter, colour, lane, gap in zip(LETTERS, letter_colours(colours), _LANES_PX, gaps, strict=True):
        places = [len(rows) - 1 - at + 0.5 - lane / _ROW_PX for at in range(len(rows))]
        data += [
            _intervals(gap.yardsticks, places, colour, letter),
            _ticks(gap.yardsticks, places, colour, letter),
            _values(gap.yardsticks, places, (low, high), colours, letter),
        ]
    powers = [
        power for power in range(math.ceil(low), math.floor(high) + 1) if power % (2 if high - low <= 14 else 4) == 0
    ]
    return {
        "data": [*data[::3], _brain(len(rows), colours), *data[1::3], *data[2::3]],
        "layout": {
            "template": template_dict(mode),
            "height": _ROW_PX * len(rows) + _TOP_PX + _BOTTOM_PX,
            "margin": {"l": 0, "r": 0, "t": _TOP_PX, "b": _BOTTOM_PX},
            "xaxis": {
                "type": "log",
                "range": [low, high],
                "tickmode": "array",
                "tickvals": [10.0**power for power in powers],
                "ticktext": [
                    str(10**power) if power in (0, 1) else f"10<sup>{str(power).replace('-', '−')}</sup>"
                    for power in powers
                ],
                "title": {"text": "machine ÷ brain", "standoff": 4},
                "showgrid": True,
            },
            "yaxis": {"range": [-0.5, len(rows) - 0.5], "visible": False},
            "annotations": [
                *(_name(row, len(rows) - 1 - at, colours) for at, row in enumerate(rows)),
                {
                    "text": "<b>brain = 1</b>",
                    "font": {"size": TEXT_PX, "color": colours.brain_ink},
                    "xref": "x",
                    "x": 0.0,
                    "xanchor": "center",
                    "yref": "paper",
                    "y": 1,
                    "yanchor": "bottom",
                },
            ],
        },
    }


def compare_alt(gaps: Sequence[Gap]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = []
    for pair in zip(*(gap.yardsticks for gap in gaps), strict=True):
        both = " and ".join(
            f"{letter} {factor(row.central)} times, {factor(row.low)} to {factor(row.high)}"
            for letter, row in zip(LETTERS, pair, strict=True)
        )
        said.append(f"{pair[0].name}: {both}")
    return (
        "Machine over brain of two scenarios, A and B, on one log axis where the brain is 1; central value and "
        f"5 to 95 % interval. {'. '.join(said)}."
    )


def _axis(rows: Sequence[Yardstick]) -> tuple[float, float]:
    low = min(_LEAST[0], *(math.log10(row.low) - 0.3 for row in rows))
    # A value takes a share of the axis, so the axis has to grow with what it makes room for.
    ends = [(math.log10(row.high) - _VALUE_SHARE * low) / (1 - _VALUE_SHARE) for row in rows]
    return low, max(_LEAST[1], *ends)


def _intervals(rows: Sequence[Yardstick], places: Sequence[float], colour: str, letter: str) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for row, place in zip(rows, places, strict=True):
        x += [row.low, row.high, None]
        y += [place, place, None]
    return {
        "type": "scatter",
        "name": f"interval {letter}",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": colour, "width": 12},
        "opacity": 0.4,
        "hoverinfo": "skip",
    }


def _brain(rows: int, colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "brain",
        "mode": "lines",
        "x": [1, 1],
        "y": [-0.5, rows - 0.5],
        "line": {"color": colours.brain, "width": 3},
        "hoverinfo": "skip",
    }


def _ticks(rows: Sequence[Yardstick], places: Sequence[float], colour: str, letter: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": f"central {letter}",
        "mode": "markers",
        "x": [row.central for row in rows],
        "y": list(places),
        # Plotly draws this symbol 1.4 times as high as its size.
        "marker": {"symbol": "line-ns", "size": _TICK_PX / 1.4, "line": {"width": 4, "color": colour}, "opacity": 1},
        "hovertext": [
            f"<b>{letter}, {escape(row.name)}</b>: {factor(row.central, 'html')} times the brain<br>"
            f"5 to 95 %: {factor(row.low, 'html')} to {factor(row.high, 'html')}<br>{escape(row.unit_of_work)}"
            for row in rows
        ],
        "hoverinfo": "text",
    }


def _value_place(row: Yardstick, low: float, high: float) -> float:
    """Where a value begins: right of the interval, or of the brain's line if it would lie across that."""
    end = math.log10(row.high)
    reach = end + _VALUE_SHARE * (high - low)
    return 10**_BESIDE_LINE if end < _BESIDE_LINE and reach > -_BESIDE_LINE else row.high


def _values(
    rows: Sequence[Yardstick], places: Sequence[float], axis: tuple[float, float], colours: Palette, letter: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": f"value {letter}",
        "mode": "text",
        "x": [_value_place(row, *axis) for row in rows],
        "y": list(places),
        "text": [f"\u2002{letter}  {factor(row.central, 'html')}×" for row in rows],
        "textposition": "middle right",
        "textfont": {
            "size": TEXT_PX,
            "weight": 700,
            "color": [colours.muted if row.hollow else colours.ink for row in rows],
        },
        "hoverinfo": "skip",
    }


def _name(row: Yardstick, level: int, colours: Palette) -> dict[str, Any]:
    return {
        "text": f"<b>{escape(row.name)}</b>{', not the same work' if row.hollow else ''}",
        "font": {"size": TEXT_PX, "color": colours.muted if row.hollow else colours.ink, "shadow": halo(colours)},
        "align": "left",
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "yref": "y",
        "y": level + 0.5,
        "yanchor": "top",
        "yshift": -2,
    }
