"""The hero figure: the gap on eight yardsticks, machine over brain, one log axis."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from efficiency.say import factor
from ui.figures.frames import PlainFigure
from ui.letters import fits, width_px
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

if TYPE_CHECKING:
    from efficiency.gap import Gap
    from efficiency.yardsticks import Yardstick

CLAIM: Final = (1e3, 1e6)
"""The claim under test: a factor of a thousand to a million."""

_ROW_PX: Final = 64
_TOP_PX: Final = 44
_BOTTOM_PX: Final = 52
_LANE: Final = 0.5 - 51 / _ROW_PX
"""Where in its row the interval lies; the two lines of text stand above it."""
_HALF_BAR: Final = 7 / _ROW_PX
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
    levels = {row.key: len(rows) - 1 - index for index, row in enumerate(rows)}
    ticks = _ticks(low, high)
    return {
        "data": [
            _interval_trace([row for row in rows if not row.hollow], levels, colours.machine_soft),
            *(_outline_trace(row, levels, colours) for row in rows if row.hollow),
            _brain_trace(len(rows), colours),
            _tick_trace(rows, levels, colours),
            _value_trace(rows, levels, places, colours),
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _ROW_PX * len(rows) + _TOP_PX + _BOTTOM_PX,
            "margin": {"l": 0, "r": 0, "t": _TOP_PX, "b": _BOTTOM_PX},
            "xaxis": {
                "type": "log",
                "range": [low, high],
                "tickmode": "array",
                "tickvals": [10.0**power for power in ticks],
                "ticktext": [_power_text(power, colours) for power in ticks],
                "title": {"text": "machine ÷ brain", "standoff": 4},
                "showgrid": True,
            },
            "yaxis": {"range": [-0.5, len(rows) - 0.5], "visible": False},
            "shapes": [_claim_band(colours)],
            "annotations": [
                *(_row_label(row, levels[row.key], colours) for row in rows),
                _top_label(4.5, "the claim<br>10<sup>3</sup> to 10<sup>6</sup>", colours.muted, "center"),
                _top_label(0.0, "<b>brain = 1</b>", colours.brain_ink, "center"),
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


def _ticks(low: float, high: float) -> list[int]:
    """Even powers at most: they stay apart on the narrowest screen without turning."""
    step = 2 if high - low <= 14 else 4
    return [power for power in range(math.ceil(low), math.floor(high) + 1) if power % step == 0]


def _power_text(power: int, colours: Palette) -> str:
    if power in (0, 1):
        return str(10**power)
    return f"10<sup>{str(power).replace('-', '−')}</sup>"


def _interval_trace(rows: list[Yardstick], levels: dict[str, int], colour: str) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for row in rows:
        x += [row.low, row.high, None]
        y += [levels[row.key] + _LANE, levels[row.key] + _LANE, None]
    return {
        "type": "scatter",
        "name": "interval",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": colour, "width": 14},
        "hoverinfo": "skip",
    }


def _outline_trace(row: Yardstick, levels: dict[str, int], colours: Palette) -> dict[str, Any]:
    """A hollow interval: what it compares is not the same work."""
    bottom, top = (levels[row.key] + _LANE + side for side in (-_HALF_BAR, _HALF_BAR))
    return {
        "type": "scatter",
        "name": "outline",
        "mode": "lines",
        "x": [row.low, row.high, row.high, row.low, row.low],
        "y": [bottom, bottom, top, top, bottom],
        "line": {"color": colours.neutral, "width": 1.5},
        "hoverinfo": "skip",
    }


def _brain_trace(rows: int, colours: Palette) -> dict[str, Any]:
    """The brain's line through all rows, above the intervals and below the words."""
    return {
        "type": "scatter",
        "name": "brain",
        "mode": "lines",
        "x": [1, 1],
        "y": [-0.5, rows - 0.5],
        "line": {"color": colours.brain, "width": 3},
        "hoverinfo": "skip",
    }


def _tick_trace(rows: list[Yardstick], levels: dict[str, int], colours: Palette) -> dict[str, Any]:
    """A thin tick higher than the bar: a dot would hide a narrow interval on a phone."""
    return {
        "type": "scatter",
        "name": "central",
        "mode": "markers",
        "x": [row.central for row in rows],
        "y": [levels[row.key] + _LANE for row in rows],
        "marker": {
            "symbol": "line-ns",
            # Plotly draws this symbol 1.4 times as high as its size.
            "size": _TICK_PX / 1.4,
            "line": {
                "width": [2 if row.hollow else 4 for row in rows],
                "color": [colours.neutral if row.hollow else colours.machine for row in rows],
            },
            "opacity": 1,
        },
        "hovertext": [_hover(row) for row in rows],
        "hoverinfo": "text",
    }


def _value_trace(
    rows: list[Yardstick], levels: dict[str, int], places: list[float], colours: Palette
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "value",
        "mode": "text",
        "x": places,
        "y": [levels[row.key] + _LANE for row in rows],
        "text": [f"\u2002{factor(row.central, 'html')}×" for row in rows],
        "textposition": "middle right",
        "textfont": {
            "size": TEXT_PX,
            "weight": 700,
            "color": [colours.muted if row.hollow else colours.ink for row in rows],
        },
        "hoverinfo": "skip",
    }


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
        "font": {"size": SMALL_PX, "color": colours.muted, "shadow": _thin_halo(colours)},
        "align": "left",
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "yref": "y",
        "y": level + 0.5,
        "yanchor": "top",
        "yshift": 2,
    }


def _thin_halo(colours: Palette) -> str:
    """A rim that parts letters from the brain's line behind them without cutting the line."""
    return ", ".join(f"{x}px {y}px 0 {colours.ground}" for x in (-1, 0, 1) for y in (-1, 0, 1))


def _top_label(power: float, text: str, colour: str, anchor: str) -> dict[str, Any]:
    return {
        "text": text,
        "font": {"size": TEXT_PX, "color": colour},
        "xref": "x",
        "x": power,
        "xanchor": anchor,
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
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
