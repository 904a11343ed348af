"""How wrong the predictions are: predicted against measured, and the error of each family of measurements."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final, Literal

import plotly.graph_objects as go

from efficiency.say import quantity, significant
from ui.figures.frames import PlainFigure
from ui.figures.pieces import line_through, within
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

BAND: Final = 2.0
"""The shaded band holds predictions between half and twice the measurement."""

_POINTS_PX: Final = 450
_ROW_PX: Final = 52
_TOP_PX: Final = 8
_AXIS_PX: Final = 8


@dataclass(frozen=True, slots=True)
class Style:
    """How the points of a family look: a shape, and a shade of the machine's blue or of neutral."""

    symbol: str
    glyph: str
    shades: Literal["shades", "greys"]
    shade: int

    def colour(self, colours: Palette) -> str:
        """Give the shade in a palette."""
        found: str = getattr(colours, self.shades)[self.shade]
        return found


STYLES: Final = (
    Style("circle", "●", "shades", 1),
    Style("diamond", "◆", "shades", 3),
    Style("square", "■", "greys", 1),
    Style("triangle-up", "▲", "shades", 0),
    Style("triangle-down", "▼", "greys", 0),
    Style("cross", "✚", "shades", 2),
    Style("star", "★", "greys", 0),
    Style("x", "✖", "greys", 1),
)
"""Families in the order of their number of points; the last style stands for all further ones."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """The points of one family: measured and predicted in one unit, what each says when pointed at, who measured."""

    name: str
    measured: tuple[float, ...]
    predicted: tuple[float, ...]
    hover: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FamilyError:
    """The error of one family.

    Attributes
    ----------
    name : str
        In words.
    count : int
        Cases predicted.
    median : float
        Half of the predictions lie within this factor.
    within : tuple of float
        Shares within 1.25, 1.5 and 2 times.
    """

    name: str
    count: int
    median: float
    within: tuple[float, ...]


def points_figure(clouds: Sequence[Cloud], unit: str, per: str, mode: Mode) -> go.Figure:
    """Draw predicted against measured, on log axes, over the band of twice."""
    return PlainFigure(points_dict(clouds, unit, per, mode))


def points_dict(clouds: Sequence[Cloud], unit: str, per: str, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    every = [value for cloud in clouds for value in (*cloud.measured, *cloud.predicted)]
    low, high = min(every) / 1.6, max(every) * 1.6
    ticks = _powers(low, high)
    ends = [math.log10(low), math.log10(high)]
    axis = {
        "type": "log",
        "range": ends,
        "tickvals": ticks,
        "ticktext": [quantity(tick, unit, 1) for tick in ticks],
        "showgrid": True,
    }
    return {
        "data": [
            within(BAND, low, high, colours) | {"name": "within twice"},
            line_through("exact", [low, high], [low, high], {"color": colours.neutral, "width": 1}, clip=True),
            *(_cloud(cloud, STYLES[min(i, len(STYLES) - 1)], colours) for i, cloud in enumerate(clouds)),
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _POINTS_PX,
            "margin": {"l": 74, "r": 16, "t": 40, "b": 66},
            "xaxis": axis,
            "yaxis": axis,
            "annotations": [
                _note(f"predicted {per}", 0, 1, "left", "bottom", -62, 10, colours),
                _note(f"measured {per}", 1, 0, "right", "top", 0, -38, colours),
            ],
        },
    }


def points_alt(clouds: Sequence[Cloud], per: str) -> str:
    """Say the figure's content in words, for a screen reader."""
    pairs = [pair for cloud in clouds for pair in zip(cloud.measured, cloud.predicted, strict=True)]
    near = sum(1 / BAND <= predicted / measured <= BAND for measured, predicted in pairs)
    families = "; ".join(f"{cloud.name}, {len(cloud.measured)}" for cloud in clouds)
    return (
        f"Predicted against measured energy {per}, {len(pairs)} points, {near} of them within 2 times: {families}. "
        "The table of the worst predictions and the shares by family stand below."
    )


def families_figure(families: Sequence[FamilyError], mode: Mode) -> go.Figure:
    """Draw for each family how many predictions lie within 1.25, 1.5 and 2 times."""
    return PlainFigure(families_dict(families, mode))


def families_dict(families: Sequence[FamilyError], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    names = ("within 1.25 times", "within 1.5 times", "within 2 times", "further off")
    fills = (colours.shades[0], colours.shades[2], colours.shades[4], colours.neutral_soft)
    height = _TOP_PX + _ROW_PX * len(families) + _AXIS_PX
    traces = []
    for i, (name, fill) in enumerate(zip(names, fills, strict=True)):
        edges = [(0.0, *family.within, 1.0)[i : i + 2] for family in families]
        traces.append(
            {
                "type": "bar",
                "name": name,
                "orientation": "h",
                "x": [max(end - start, 0.0) for start, end in edges],
                "base": [start for start, _ in edges],
                "y": [_bar_px(row) for row in range(len(families))],
                "width": 12,
                "marker": {"color": fill, "line": {"color": colours.ground, "width": 1}},
                "hovertext": [f"<b>{escape(family.name)}</b><br>{_shares(family)}" for family in families],
                "hoverinfo": "text",
            }
        )
    return {
        "data": traces,
        "layout": {
            "template": template_dict(mode),
            "height": height,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "barmode": "overlay",
            "xaxis": {"range": [0, 1], "visible": False},
            # One unit is one pixel, counted down.
            "yaxis": {"range": [height, 0], "visible": False},
            "annotations": [note for row, family in enumerate(families) for note in _row(row, family, colours)],
        },
    }


def families_alt(families: Sequence[FamilyError]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    return "Error by family. " + ". ".join(f"{family.name}: {_shares(family)}" for family in families) + "."


def factor_text(factor: float) -> str:
    """Say a factor of error: 1.12×, 2.3×, 14×."""
    return f"{significant(factor, 3 if factor < 2 else 2)}×"


def _shares(family: FamilyError) -> str:
    shares = ", ".join(
        f"{share:.0%} within {band} times".replace("%", " %")
        for share, band in zip(family.within, ("1.25", "1.5", "2"), strict=True)
    )
    return f"{family.count} predicted, half within {factor_text(family.median)}, {shares}"


def _bar_px(row: int) -> float:
    return _TOP_PX + _ROW_PX * row + 32.0


def _row(row: int, family: FamilyError, colours: Palette) -> list[dict[str, Any]]:
    y = _bar_px(row) - 19
    name = {"text": escape(family.name), "x": 0, "xanchor": "left", "font": {"size": TEXT_PX, "color": colours.ink}}
    half = {
        "text": f"<b>{factor_text(family.median)}</b> <span style='font-size:{SMALL_PX}px'>of {family.count}</span>",
        "x": 1,
        "xanchor": "right",
        "font": {"size": TEXT_PX, "color": colours.ink},
    }
    return [{"xref": "paper", "yref": "y", "y": y, "yanchor": "middle", **part} for part in (name, half)]


def _cloud(cloud: Cloud, style: Style, colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": cloud.name,
        "mode": "markers",
        "x": list(cloud.measured),
        "y": list(cloud.predicted),
        "marker": {
            "symbol": style.symbol,
            "size": 9,
            "color": style.colour(colours),
            "opacity": 0.85,
            "line": {"width": 1, "color": colours.ground},
        },
        "hovertext": list(cloud.hover),
        "hoverinfo": "text",
    }


def _powers(low: float, high: float) -> list[float]:
    """Powers of ten between two numbers; a narrow range gets 2 and 5 as well, and never fewer than two ticks."""
    first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
    if last - first >= 2:
        step = max(1, math.ceil((last - first) / 6))
        return [10.0**power for power in range(first, last + 1, step)]
    return [
        step * 10.0**power
        for power in range(first - 1, last + 1)
        for step in (1, 2, 5)
        if low <= step * 10.0**power <= high
    ]


def _note(
    text: str, x: float, y: float, xanchor: str, yanchor: str, xshift: int, yshift: int, colours: Palette
) -> dict[str, Any]:
    return {
        "text": escape(text),
        "xref": "paper",
        "yref": "paper",
        "x": x,
        "y": y,
        "xanchor": xanchor,
        "yanchor": yanchor,
        "xshift": xshift,
        "yshift": yshift,
        "font": {"size": TEXT_PX, "color": colours.muted},
    }
