"""Machine over brain on one log axis: what the home figure and the comparison of two scenarios share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from efficiency.say import factor
from ui.figures.pieces import line_through
from ui.theme import TEXT_PX, Mode, Palette, template_dict

if TYPE_CHECKING:
    from efficiency.gap import Yardstick


def over_brain_layout(
    rows: int, ends: tuple[float, float], row_px: int, top_px: int, bottom_px: int, mode: Mode
) -> dict[str, Any]:
    """Rows of a height above an axis in powers of ten."""
    # Even powers at most: they stay apart on the narrowest screen without turning.
    step = 2 if ends[1] - ends[0] <= 14 else 4
    powers = [power for power in range(math.ceil(ends[0]), math.floor(ends[1]) + 1) if power % step == 0]
    return {
        "template": template_dict(mode),
        "height": row_px * rows + top_px + bottom_px,
        "margin": {"l": 0, "r": 0, "t": top_px, "b": bottom_px},
        "xaxis": {
            "type": "log",
            "range": list(ends),
            "tickmode": "array",
            "tickvals": [10.0**power for power in powers],
            "ticktext": [_power_text(power) for power in powers],
            "title": {"text": "machine ÷ brain", "standoff": 4},
            "showgrid": True,
        },
        "yaxis": {"range": [-0.5, rows - 0.5], "visible": False},
    }


def _power_text(power: int) -> str:
    return str(10**power) if power in (0, 1) else f"10<sup>{str(power).replace('-', '−')}</sup>"


def brain_line(rows: int, colours: Palette, words: float = 0.0) -> dict[str, Any]:
    """The brain's line through all rows, above the intervals and below the words.

    ``words`` is the upper share of each row that holds words which may reach the line; there it is left out.
    """
    reach = [(-0.5, rows - 0.5)] if words == 0.0 else [(row - 0.5, row + 0.5 - words) for row in range(rows)]
    return line_through(
        "brain",
        [1, 1, *[None, 1, 1] * (len(reach) - 1)],
        [place for ends in reach for place in (*ends, None)][:-1],
        {"color": colours.brain, "width": 3},
    )


def brain_words(colours: Palette) -> dict[str, Any]:
    """What the brain's line is, above it."""
    return top_words(0.0, "<b>brain = 1</b>", colours.brain_ink)


def top_words(power: float, text: str, colour: str) -> dict[str, Any]:
    """Words above the rows, over a power of ten."""
    return {
        "text": text,
        "font": {"size": TEXT_PX, "color": colour},
        "xref": "x",
        "x": power,
        "xanchor": "center",
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
    }


def ticks(
    name: str, rows: Sequence[Yardstick], heights: Sequence[float], px: int, line: dict[str, Any], hover: Sequence[str]
) -> dict[str, Any]:
    """Thin ticks at central values, higher than their bars: a dot would hide a narrow interval on a phone."""
    return {
        "type": "scatter",
        "name": name,
        "mode": "markers",
        "x": [row.central for row in rows],
        "y": list(heights),
        # Plotly draws this symbol 1.4 times as high as its size.
        "marker": {"symbol": "line-ns", "size": px / 1.4, "line": line, "opacity": 1},
        "hovertext": list(hover),
        "hoverinfo": "text",
    }


def values(
    name: str,
    rows: Sequence[Yardstick],
    places: Sequence[float],
    heights: Sequence[float],
    colours: Palette,
    letter: str = "",
) -> dict[str, Any]:
    """Each row's factor in bold from its place on, after a letter where there is one."""
    return {
        "type": "scatter",
        "name": name,
        "mode": "text",
        "x": list(places),
        "y": list(heights),
        "text": [f"\u2002{letter}{factor(row.central, 'html')}×" for row in rows],
        "textposition": "middle right",
        "textfont": {
            "size": TEXT_PX,
            "weight": 700,
            "color": [colours.muted if row.hollow else colours.ink for row in rows],
        },
        "hoverinfo": "skip",
    }
