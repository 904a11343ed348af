"""The hero figure: the gap on eight yardsticks, machine over brain, one log axis."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from efficiency.say import factor
from ui.figures.frames import PlainFigure
from ui.figures.over_brain import brain_line, brain_words, over_brain_layout, ticks, top_words, values
from ui.figures.pieces import line_through, spans, thin_halo
from ui.letters import fits, width_px
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette

if TYPE_CHECKING:
    from efficiency.gap import Gap, Yardstick

CLAIM: Final = (1e3, 1e6)
"""The claim under test: a factor of a thousand to a million."""

_ROW_PX: Final = 64
_TOP_PX: Final = 44
_BOTTOM_PX: Final = 52
_LANE: Final = 0.5 - 51 / _ROW_PX
"""Where in its row the interval lies; the two lines of text stand above it."""
_HALF_BAR: Final = 7 / _ROW_PX
_WORDS_PX: Final = 40
"""How far down in its row the two lines of text reach."""
_TICK_PX: Final = 26
_AXIS: Final = (-2.75, 8.55)
NARROWEST_PX: Final = 328
"""The figure on a phone of 360 px. Python does not know the width: what fits here fits everywhere."""
_BESIDE_LINE: Final = 0.12
"""Decades that a value keeps from the brain's line, at least."""
_SHORTER: Final = (
    (" people", ""), (" shared by ", " for "), ("one ", ""), (" each step", " a step"), (" billion", " bn"),
)  # fmt: skip
"""Ways to say a unit of work in fewer letters, in the order in which they are taken."""


def gap_figure(gap: Gap, mode: Mode) -> go.Figure:
    """Draw every yardstick as a 5 to 95 % interval with a tick at its central value."""
    return PlainFigure(gap_dict(gap, mode))


def gap_dict(gap: Gap, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    rows = list(gap.yardsticks)
    low, high = _axis_range(rows)
    places = [_value_place(row, low, high) for row in rows]
    levels = [len(rows) - 1 - index for index in range(len(rows))]
    heights = [level + _LANE for level in levels]
    lanes = list(zip(rows, heights, strict=True))
    tick = {
        "width": [2 if row.hollow else 4 for row in rows],
        "color": [colours.neutral if row.hollow else colours.machine for row in rows],
    }
    intervals = [(row.low, row.high, height) for row, height in lanes if not row.hollow]
    return {
        "data": [
            spans("interval", intervals, colours.machine_soft, 14),
            *(_outline_trace(row, height, colours) for row, height in lanes if row.hollow),
            brain_line(len(rows), colours, _WORDS_PX / _ROW_PX),
            ticks("central", rows, heights, _TICK_PX, tick, [_hover(row) for row in rows]),
            values("value", rows, places, heights, colours),
        ],
        "layout": {
            **over_brain_layout(len(rows), (low, high), _ROW_PX, _TOP_PX, _BOTTOM_PX, mode),
            "shapes": [_claim_band(colours), _brain_thread(colours)],
            "annotations": [
                *(_row_label(row, level, colours) for row, level in zip(rows, levels, strict=True)),
                top_words(4.5, "the claim<br>10<sup>3</sup> to 10<sup>6</sup>", colours.muted),
                brain_words(colours),
            ],
        },
    }


def gap_alt(gap: Gap) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = [
        f"{row.name} ({row.unit_of_work}): {factor(row.central)} times, "
        f"{factor(row.low)} to {factor(row.high)}{', not the same work' if row.hollow else ''}"
        f"; {range_source(row)}"
        for row in gap.yardsticks
    ]
    return (
        "Machine over brain on one log axis, where the brain is 1 and the claim under test is 10³ "
        f"to 10⁶; central value and 5 to 95 % interval. {'. '.join(said)}."
    )


def is_mostly(row: Yardstick) -> bool:
    """Tell whether one input makes up half of a range's variance, to the per cent that is shown."""
    return round(row.driver_share, 2) >= 0.5


def range_source(row: Yardstick) -> str:
    """Say where a range comes from: one input, or many."""
    return f"range: {row.driver}" if is_mostly(row) else f"range: many, {row.driver} first"


def _axis_range(rows: list[Yardstick]) -> tuple[float, float]:
    """Hold every interval, and right of it its value."""
    low = min(_AXIS[0], *(math.log10(row.low) - 0.3 for row in rows))
    # A value takes a share of the axis, so the axis has to grow with what it makes room for.
    ends = ((math.log10(row.high), _value_px(row) / NARROWEST_PX) for row in rows)
    return low, max(_AXIS[1], *((end - share * low) / (1 - share) for end, share in ends))


def _value_place(row: Yardstick, low: float, high: float) -> float:
    """Where a value begins: right of the interval, or of the brain's line if it would lie across that."""
    end = math.log10(row.high)
    reach = end + _value_px(row) / NARROWEST_PX * (high - low)
    return 10**_BESIDE_LINE if end < _BESIDE_LINE and reach > -_BESIDE_LINE else 10**end


def _value_px(row: Yardstick) -> float:
    """Width of a value with the space before it, at most."""
    plain, _, raised = factor(row.central, "html").removesuffix("</sup>").partition("<sup>")
    widths = [(5.2 if letter in ",." else 10.9) * size for text, size in ((plain, 1), (raised, 0.7)) for letter in text]
    return 8 + sum(widths) + 10.9


def short_work(row: Yardstick) -> str:
    """Say the unit of work in so few letters that it fits beside the name on a phone."""
    room_px = NARROWEST_PX - width_px(f"{row.name}  ", TEXT_PX, bold=True)
    work = row.unit_of_work
    for long, short in _SHORTER:
        if width_px(work, SMALL_PX) > room_px:
            work = work.replace(long, short)
    return fits(work, SMALL_PX, room_px)


def _outline_trace(row: Yardstick, height: float, colours: Palette) -> dict[str, Any]:
    """A hollow interval: what it compares is not the same work."""
    bottom, top = height - _HALF_BAR, height + _HALF_BAR
    return line_through(
        "outline",
        [row.low, row.high, row.high, row.low, row.low],
        [bottom, bottom, top, top, bottom],
        {"color": colours.neutral, "width": 1.5},
    )


def _hover(row: Yardstick) -> str:
    lines = [
        f"<b>{escape(row.name)}</b>: {factor(row.central, 'html')} times the brain",
        f"5 to 95 %: {factor(row.low, 'html')} to {factor(row.high, 'html')}",
        escape(row.unit_of_work),
        escape(range_source(row)),
    ]
    return "<br>".join(lines)


def _row_label(row: Yardstick, level: int, colours: Palette) -> dict[str, Any]:
    """Name and unit of work, then what drives the range: above the bar."""
    ink = colours.muted if row.hollow else colours.ink
    # The label as a whole has the small font because that also sets the distance between lines.
    name = f'<b><span style="font-size:{TEXT_PX}px;color:{ink}">{escape(row.name)}</span></b>'
    return {
        "text": f"{name}  {escape(short_work(row))}<br>{escape(range_source(row))}",
        "font": {"size": SMALL_PX, "color": colours.muted, "shadow": thin_halo(colours)},
        "align": "left",
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "yref": "y",
        "y": level + 0.5,
        "yanchor": "top",
        "yshift": 2,
    }


def _brain_thread(colours: Palette) -> dict[str, Any]:
    """Where the brain's line goes on behind the words, as thin as a line of the grid."""
    return {
        "type": "line",
        "xref": "x",
        "x0": 1,
        "x1": 1,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": colours.brain, "width": 1},
        "layer": "between",
    }


def _claim_band(colours: Palette) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "x",
        "x0": CLAIM[0],
        "x1": CLAIM[1],
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "fillcolor": colours.band,
        "line": {"width": 0},
        "layer": "below",
    }
