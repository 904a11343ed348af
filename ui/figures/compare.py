"""Two scenarios on one log axis: for each yardstick two intervals, A above B."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from efficiency.say import factor
from ui.figures.frames import PlainFigure
from ui.figures.over_brain import brain_line, brain_words, over_brain_layout, ticks, values
from ui.figures.pieces import halo, spans
from ui.theme import TEXT_PX, Mode, Palette, palette

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
        heights = [len(rows) - 1 - at + 0.5 - lane / _ROW_PX for at in range(len(rows))]
        found = gap.yardsticks
        bars = [(row.low, row.high, height) for row, height in zip(found, heights, strict=True)]
        places = [_value_place(row, low, high) for row in found]
        tick = {"width": 4, "color": colour}
        data += [
            spans(f"interval {letter}", bars, colour, 12) | {"opacity": 0.4},
            ticks(f"central {letter}", found, heights, _TICK_PX, tick, [_hover(row, letter) for row in found]),
            values(f"value {letter}", found, places, heights, colours, f"{letter}  "),
        ]
    return {
        "data": [*data[::3], brain_line(len(rows), colours), *data[1::3], *data[2::3]],
        "layout": {
            **over_brain_layout(len(rows), (low, high), _ROW_PX, _TOP_PX, _BOTTOM_PX, mode),
            "annotations": [
                *(_name(row, len(rows) - 1 - at, colours) for at, row in enumerate(rows)),
                brain_words(colours),
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


def _hover(row: Yardstick, letter: str) -> str:
    return (
        f"<b>{letter}, {escape(row.name)}</b>: {factor(row.central, 'html')} times the brain<br>"
        f"5 to 95 %: {factor(row.low, 'html')} to {factor(row.high, 'html')}<br>{escape(row.unit_of_work)}"
    )


def _value_place(row: Yardstick, low: float, high: float) -> float:
    """Where a value begins: right of the interval, or of the brain's line if it would lie across that."""
    end = math.log10(row.high)
    reach = end + _VALUE_SHARE * (high - low)
    return 10**_BESIDE_LINE if end < _BESIDE_LINE and reach > -_BESIDE_LINE else row.high


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
