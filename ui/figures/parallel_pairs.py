"""Batch against batch: the gain that is predicted of a larger one, over the gain that was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import factor
from ui.figures.axes import above, log_axis
from ui.figures.frames import PlainFigure
from ui.figures.pieces import line_through, within
from ui.theme import Mode, Palette, palette, template_dict

_HEIGHT_PX: Final = 460
_BAND: Final = 1.25
"""The shaded band holds predictions within this factor of the measured gain."""
_TICKS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


@dataclass(frozen=True, slots=True)
class Cloud:
    """Pairs of a kind: measured and predicted gain [1], what each says when pointed at, and the key of who measured."""

    name: str
    measured: tuple[float, ...]
    predicted: tuple[float, ...]
    hover: tuple[str, ...]
    sources: tuple[str, ...]


def pairs_figure(clouds: Sequence[Cloud], mode: Mode) -> go.Figure:
    """Draw predicted over measured gains on log axes."""
    return PlainFigure(pairs_dict(clouds, mode))


def pairs_dict(clouds: Sequence[Cloud], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    every = [value for cloud in clouds for value in (*cloud.measured, *cloud.predicted)]
    low, high = min(every) / 1.15, max(every) * 1.15
    ticks = [tick for tick in _TICKS if low <= tick <= high]
    ends = (math.log10(low), math.log10(high))

    def axis(title: str) -> dict[str, Any]:
        return log_axis(ends, ticks, lambda tick: f"{tick:g}×", title, colours, grid=True)

    return {
        "data": [
            within(_BAND, low, high, colours) | {"name": "band"},
            line_through("exact", [low, high], [low, high], {"color": colours.neutral, "width": 1}),
            *(_cloud(cloud, first, colours) for cloud, first in zip(clouds, (True, False), strict=False)),
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _HEIGHT_PX,
            "margin": {"l": 52, "r": 12, "t": 30, "b": 58},
            "xaxis": axis("measured gain of the larger batch"),
            "yaxis": axis(""),
            "annotations": [above("predicted gain", colours, 4)],
        },
    }


def pairs_alt(clouds: Sequence[Cloud]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{cloud.name}: {len(cloud.measured)} pairs, measured {factor(min(cloud.measured))} to "
        f"{factor(max(cloud.measured))} times, predicted {factor(min(cloud.predicted))} to "
        f"{factor(max(cloud.predicted))} times"
        for cloud in clouds
    )
    return f"Predicted over measured gain in energy of a larger batch, log axes, on a band of {_BAND:g} times. {said}."


def _cloud(cloud: Cloud, first: bool, colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": cloud.name,
        "mode": "markers",
        "x": list(cloud.measured),
        "y": list(cloud.predicted),
        "marker": {
            "size": 7,
            "symbol": "circle" if first else "diamond-open",
            "color": colours.machine if first else colours.greys[0],
            "opacity": 0.75 if first else 1,
            "line": {"width": 1, "color": colours.ground} if first else {"width": 1.5},
        },
        "text": list(cloud.hover),
        "hovertemplate": "%{text} at once<br>%{x} times less measured, %{y} predicted<extra></extra>",
    }
