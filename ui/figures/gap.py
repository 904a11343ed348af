"""The hero figure: the gap on eight yardsticks, machine over brain, one log axis."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from efficiency.say import factor
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
_HALF_LANE: Final = 13 / _ROW_PX
_AXIS: Final = (-2.55, 8.55)
# Python does not know the width. On the narrowest screen (about 340 px for eleven decades) a value
# such as "4,100×" takes this many decades; on wider ones fewer, so what fits there fits everywhere.
_VALUE_DECADES: Final = 1.75


def gap_figure(gap: Gap, mode: Mode) -> go.Figure:
    """Draw every yardstick as a 5 to 95 % interval with a dot at its central value."""
    return go.Figure(gap_dict(gap, mode), _validate=False)


def gap_dict(gap: Gap, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    rows = list(gap.yardsticks)
    low, high = _axis_range(rows)
    places = [_value_place(row, low, high) for row in rows]
    high = max(
        [
            high,
            *(math.log10(place) + _VALUE_DECADES for place, side in places if side == "middle right"),
        ]
    )
    levels = {row.key: len(rows) - 1 - index for index, row in enumerate(rows)}
    solid = [row for row in rows if not row.hollow]
    hollow = [row for row in rows if row.hollow]
    ticks = _ticks(low, high)
    return {
        "data": [
            _lines_trace("grid", [10.0**power for power in ticks if power], levels, colours.grid, 1),
            *(
                _interval_trace(group, levels, colour)
                for group, colour in ((solid, colours.machine_soft), (hollow, colours.neutral_soft))
                if group
            ),
            _lines_trace("brain", [1.0], levels, colours.brain, 3),
            _dot_trace(rows, levels, colours),
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
        f"{f'; range mostly from {row.driver}' if row.driver else ''}"
        for row in gap.yardsticks
    ]
    return (
        "Machine over brain on one log axis, where the brain is 1 and the claim under test is 10³ "
        f"to 10⁶; central value and 5 to 95 % interval. {'. '.join(said)}."
    )


def _axis_range(rows: list[Yardstick]) -> tuple[float, float]:
    lowest = min(math.log10(row.low) for row in rows)
    highest = max(math.log10(row.high) for row in rows)
    return min(_AXIS[0], lowest - 0.3), max(_AXIS[1], highest + 0.3)


def _value_place(row: Yardstick, low: float, high: float) -> tuple[float, str]:
    """Right of the interval if there is room, else left; never across the brain's line."""
    start, end = math.log10(row.low), math.log10(row.high)
    if end < 0.1 and end + _VALUE_DECADES > 0:
        end = 0.06
    if end + _VALUE_DECADES <= high:
        return 10**end, "middle right"
    if start > -0.1 and start - _VALUE_DECADES < 0:
        start = -0.06
    if start - _VALUE_DECADES >= low:
        return 10**start, "middle left"
    return 10**end, "middle right"


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
        "line": {"color": colour, "width": 16},
        "hoverinfo": "skip",
    }


def _dot_trace(rows: list[Yardstick], levels: dict[str, int], colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "central",
        "mode": "markers",
        "x": [row.central for row in rows],
        "y": [levels[row.key] + _LANE for row in rows],
        "marker": {
            "size": 14,
            "color": [colours.ground if row.hollow else colours.machine for row in rows],
            "line": {
                "width": 2,
                "color": [colours.neutral if row.hollow else colours.ground for row in rows],
            },
            "opacity": 1,
        },
        "hovertext": [_hover(row) for row in rows],
        "hoverinfo": "text",
    }


def _value_trace(
    rows: list[Yardstick], levels: dict[str, int], places: list[tuple[float, str]], colours: Palette
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "value",
        "mode": "text",
        "x": [place for place, _ in places],
        "y": [levels[row.key] + _LANE for row in rows],
        "text": [f"\u2002{factor(row.central, 'html')}×\u2002" for row in rows],
        "textposition": [side for _, side in places],
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
    ]
    if row.driver:
        lines.append(f"range mostly from {escape(row.driver)}")
    return "<br>".join(lines)


def _row_label(row: Yardstick, level: int, colours: Palette) -> dict[str, Any]:
    """Name and unit of work, then what drives the range: above the bar."""
    second = f"range: {escape(row.driver)}" if row.driver else " "
    ink = colours.muted if row.hollow else colours.ink
    # The label as a whole has the small font because that also sets the distance between lines.
    name = f'<b><span style="font-size:{TEXT_PX}px;color:{ink}">{escape(row.name)}</span></b>'
    return {
        "text": f"{name}  {escape(row.unit_of_work)}<br>{second}",
        "font": {"size": SMALL_PX, "color": colours.muted},
        "align": "left",
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "yref": "y",
        "y": level + 0.5,
        "yanchor": "top",
        "yshift": 2,
    }


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


def _lines_trace(name: str, places: list[float], levels: dict[str, int], colour: str, width: int) -> dict[str, Any]:
    """Vertical lines, drawn in the lanes only, so that no line ever crosses a text."""
    x: list[float | None] = []
    y: list[float | None] = []
    for level in levels.values():
        for place in places:
            x += [place, place, None]
            y += [level + _LANE - _HALF_LANE, level + _LANE + _HALF_LANE, None]
    return {
        "type": "scatter",
        "name": name,
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": colour, "width": width},
        "hoverinfo": "skip",
    }
