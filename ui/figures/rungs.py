"""The fixed steps of the power ladder, and how powers are said there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final, Literal

from efficiency.say import quantity
from ui.theme import SMALL_PX, TEXT_PX, Palette

BRAIN_W: Final = 20.0

PLOT_PX: Final = 500
POWERS: Final = (1.0, 12.15)
"""Ends of the axis, as powers of ten [W]."""
AXIS_AT: Final = 0.53
PLOT_END: Final = 0.86
"""Where the plot lies between left and right edge: labels before it, the scale behind it."""
_RUNG_PX: Final = 44
"""Two lines of text and a little air: the least distance between two rungs' labels."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A fixed step of the ladder.

    Attributes
    ----------
    key, label : str
        The label is at most 22 letters, or it touches the axis on a phone.
    power_w, low_w, high_w : float
        Central value and range [W].
    group : {"brain", "machine"}
        Decides the colour.
    """

    key: str
    label: str
    power_w: float
    low_w: float
    high_w: float
    group: Literal["brain", "machine"]


def watts(power_w: float) -> str:
    """Say a power with two significant digits: 700 W, 160 GW."""
    return quantity(power_w, "W", 2)


def brains(power_w: float) -> str:
    """Say a power as a count of brains at 20 W each."""
    count = power_w / BRAIN_W
    return f"{quantity(count, '1', 2)} {'brain' if 0.995 < count < 1.005 else 'brains'}"


def _group_colour(rung: Rung, colours: Palette) -> str:
    return colours.brain if rung.group == "brain" else colours.machine


def rung_trace(rungs: Sequence[Rung], start: float, colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "rungs",
        "mode": "markers",
        "x": [start] * len(rungs),
        "y": [rung.power_w for rung in rungs],
        "marker": {
            "size": 13,
            "color": [_group_colour(rung, colours) for rung in rungs],
            "line": {"width": 2, "color": colours.ground},
            "opacity": 1,
        },
        "hovertext": [
            f"<b>{escape(rung.label)}</b><br>{watts(rung.power_w)}, {brains(rung.power_w)}"
            + (f"<br>{watts(rung.low_w)} to {watts(rung.high_w)}" if rung.high_w > rung.low_w else "")
            for rung in rungs
        ],
        "hoverinfo": "text",
    }


def label_shifts(rungs: Sequence[Rung]) -> list[float]:
    """Move labels up or down [px] just so far that none touch, and keep each near its dot."""
    order = sorted(range(len(rungs)), key=lambda index: rungs[index].power_w)
    wanted = [_height_px(rungs[index].power_w) for index in order]
    # Neighbours that are too close become one block, centred on the mean of what its members want.
    blocks: list[list[float]] = []
    for place in wanted:
        blocks.append([place, 1.0])
        while True:
            if len(blocks) == 1:
                # The lowest label must not slide off the bottom of the plot.
                blocks[0][0] = max(blocks[0][0], _RUNG_PX * blocks[0][1] / 2 - 12)
                break
            (below, below_count), (above, above_count) = blocks[-2], blocks[-1]
            if above - below >= _RUNG_PX * (below_count + above_count) / 2:
                break
            count = below_count + above_count
            blocks[-2:] = [[(below * below_count + above * above_count) / count, count]]
    places: list[float] = []
    for centre, count in blocks:
        places += [centre + _RUNG_PX * (step - (count - 1) / 2) for step in range(int(count))]
    shifts = [0.0] * len(rungs)
    for index, place, want in zip(order, places, wanted, strict=True):
        shifts[index] = round(place - want, 1)
    return shifts


def _height_px(power_w: float) -> float:
    low, high = POWERS
    return (math.log10(power_w) - low) / (high - low) * PLOT_PX


def axis_line(top: float, colours: Palette) -> dict[str, Any]:
    """The axis itself, from the bottom up to where the plot ends."""
    return {
        "type": "line",
        "xref": "paper",
        "x0": AXIS_AT,
        "x1": AXIS_AT,
        "yref": "paper",
        "y0": 0,
        "y1": top,
        "line": {"color": colours.neutral, "width": 1},
        "layer": "below",
    }


def rung_line(rung: Rung, colours: Palette) -> dict[str, Any]:
    """A line from the label across the plot, so that a system can be read against its rungs."""
    brain = rung.group == "brain"
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": PLOT_END,
        "yref": "y",
        "y0": rung.power_w,
        "y1": rung.power_w,
        "line": {"color": colours.brain if brain else colours.grid, "width": 2 if brain else 1},
        "layer": "below",
    }


def rung_label(rung: Rung, shift: float, colours: Palette) -> dict[str, Any]:
    """Name, power and count of brains at the left edge, moved by ``shift`` [px]."""
    ink = colours.brain_ink if rung.group == "brain" else colours.ink
    name = f'<b><span style="font-size:{TEXT_PX}px;color:{ink}">{escape(rung.label)}</span></b>'
    return {
        "text": f"{name}<br>{watts(rung.power_w)} · {brains(rung.power_w)}",
        "font": {"size": SMALL_PX, "color": colours.muted},
        "align": "left",
        # Hides the line behind the words, which then seems to start where they end.
        "bgcolor": colours.ground,
        "borderpad": 6,
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "xshift": -7,
        "yref": "y",
        # A log axis takes the logarithm here, unlike everywhere else.
        "y": math.log10(rung.power_w),
        "yanchor": "middle",
        "yshift": shift,
    }
