"""The roofline of one chip with the workload under it, and a slider along the batch that moves it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import power_of_ten, quantity
from ui.figures.axes import card_axes
from ui.figures.frames import PlainFigure
from ui.figures.pieces import card, halo, line_through
from ui.figures.rail import MAXIMUM_FRAMES, rail, sliding
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

_CARD_PX: Final = 62
"""At the top: what bounds the step where the slider stands, in large type."""
_BAR_PX: Final = 74
"""Below: where a token's energy goes."""
_PLOT_PX: Final = 236
_TITLE_PX: Final = 24
"""Between the energy and the roofline: what its upward axis is."""
_BOTTOM_PX: Final = 116
_HEAD_PX: Final = _CARD_PX + _BAR_PX + _TITLE_PX
_PLOT_TOP: Final = _PLOT_PX / (_PLOT_PX + _HEAD_PX)
_HEAD_BOTTOM: Final = (_PLOT_PX + _TITLE_PX) / (_PLOT_PX + _HEAD_PX)
_TICKS_SHARE: Final = 0.14
"""Of the axis, left free for the names of its rates, which stand inside to leave a phone its width."""
_BAR_Y: Final = _BAR_PX - 14.0
_LETTERS: Final = {12: "T", 9: "G", 15: "P", 18: "E", 6: "M", 21: "Z"}


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the slider: where the workload stands and what a token costs there.

    ``label`` names the stop above the rail; ``headline`` and ``detail`` are the two lines of the card; ``parts`` are
    the joules of moving bytes, of computing, and of everything else [J]; ``parts_said`` says them in words.
    """

    key: str
    label: str
    intensity: float
    flop_per_s: float
    headline: str
    detail: str
    parts: tuple[float, float, float]
    parts_said: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Mark:
    """A workload that the slider does not move; ``chosen`` is the one that the scenario counts."""

    name: str
    intensity: float
    flop_per_s: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class Roofs:
    """What the roofs are drawn from: rate [FLOP/s], bandwidth [B/s], and how both are named."""

    flop_per_s: float
    bytes_per_s: float
    rate_said: str
    bandwidth_said: str


def roofline_figure(roofs: Roofs, stops: Sequence[Stop], marks: Sequence[Mark], active: int, mode: Mode) -> go.Figure:
    """Draw the roofline with the slider standing at ``stops[active]``."""
    return PlainFigure(roofline_dict(roofs, stops, marks, active, mode))


def roofline_dict(
    roofs: Roofs, stops: Sequence[Stop], marks: Sequence[Mark], active: int, mode: Mode
) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    if not 1 <= len(stops) <= MAXIMUM_FRAMES:
        raise ValueError(f"stops has {len(stops)} entries; allowed are 1 to {MAXIMUM_FRAMES}")
    if not 0 <= active < len(stops):
        raise ValueError(f"active is {active}; allowed are 0 to {len(stops) - 1}")
    colours = palette(mode)
    x_range, y_range = _ranges(roofs, stops, marks)
    fixed = [_roof_trace(roofs, stops, x_range, colours), _path_trace(stops, colours), _mark_trace(marks, colours)]
    frames = {stop.key: _moving(stop, x_range) for stop in stops}
    return {
        **sliding(fixed, _looks(colours), frames, active),
        "layout": {
            "template": template_dict(mode),
            "height": _PLOT_PX + _HEAD_PX + _BOTTOM_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _BOTTOM_PX},
            "xaxis": _axis(x_range, _plain, colours),
            "yaxis": _axis(y_range, _rate, colours) | {"domain": [0, _PLOT_TOP], "ticklabelposition": "inside"},
            **card_axes(_HEAD_BOTTOM, _CARD_PX + _BAR_PX),
            "shapes": [_corner_line(roofs, colours)],
            "annotations": _annotations(roofs, x_range, y_range, colours),
            "sliders": [rail(list(frames), [escape(stop.label) for stop in stops], active, colours, above_px=56)],
        },
    }


def roofline_alt(roofs: Roofs, stops: Sequence[Stop], marks: Sequence[Mark], active: int) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    stop, first, last = stops[active], stops[0], stops[-1]
    others = "; ".join(
        f"{mark.name} at {quantity(mark.intensity, '1', 2)} FLOP per byte and {quantity(mark.flop_per_s, 'FLOP/s', 2)}"
        for mark in marks
    )
    said = (
        f"Roofline: rate of one chip against operations per byte of memory traffic, both on log axes. Roofs: "
        f"{roofs.rate_said}, {roofs.bandwidth_said}; they meet at "
        f"{quantity(roofs.flop_per_s / roofs.bytes_per_s, '1', 3)} FLOP per byte. {stop.label}: {stop.headline}, "
        f"{stop.detail}; {_listed(stop)}. From {first.label} to {last.label} the work moves from "
        f"{quantity(first.intensity, '1', 2)} to {quantity(last.intensity, '1', 2)} FLOP per byte. {others}. "
        f"A slider moves through {len(stops)} batches."
    )
    return re.sub(r"<[^>]*>", " ", said)


def _listed(stop: Stop) -> str:
    return ", ".join(re.sub(r"<[^>]*>", "", part.replace("<br>", " ")) for part in stop.parts_said)


def _ranges(
    roofs: Roofs, stops: Sequence[Stop], marks: Sequence[Mark]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ends of both axes, as powers of ten."""
    corner = roofs.flop_per_s / roofs.bytes_per_s
    along = [point.intensity for point in (*stops, *marks)] + [corner]
    up = [point.flop_per_s for point in (*stops, *marks)] + [roofs.flop_per_s]
    first, last = math.log10(min(along)), math.log10(max(along)) + 0.35
    bottom, top = math.log10(min(up)) - 0.45, math.log10(max(up))
    return (
        (first - _TICKS_SHARE / (1.0 - _TICKS_SHARE) * (last - first), last),
        # Above the roof there is room for its label, however many decades lie below.
        (bottom, top + max(0.25, 0.14 * (top - bottom))),
    )


def _plain(power: int) -> str:
    return f"{10**power:,}" if 0 <= power <= 4 else f"{10.0**power:g}" if -2 <= power < 0 else power_of_ten(10.0**power)


def _rate(power: int) -> str:
    prefix = 3 * (power // 3)
    return f"{10 ** (power - prefix)} {_LETTERS[prefix]}" if prefix in _LETTERS else power_of_ten(10.0**power)


def _axis(ends: tuple[float, float], said: Any, colours: Palette) -> dict[str, Any]:
    first, last = math.ceil(ends[0]), math.floor(ends[1])
    powers = list(range(first, last + 1, max(1, math.ceil((last - first + 1) / 6))))
    return {
        "type": "log",
        "range": list(ends),
        "tickmode": "array",
        "tickvals": [10.0**power for power in powers],
        "ticktext": [said(power) for power in powers],
        "tickfont": {"color": colours.muted, "size": SMALL_PX},
        "showgrid": True,
    }


def _roof_trace(roofs: Roofs, stops: Sequence[Stop], x_range: tuple[float, float], colours: Palette) -> dict[str, Any]:
    corner = roofs.flop_per_s / roofs.bytes_per_s
    left, right = min(corner, *(stop.intensity for stop in stops)) / 1.2, 10 ** x_range[1]
    return line_through(
        "roof",
        [left, corner, right],
        [left * roofs.bytes_per_s, roofs.flop_per_s, roofs.flop_per_s],
        {"color": colours.ink, "width": 3},
        clip=True,
    )


def _path_trace(stops: Sequence[Stop], colours: Palette) -> dict[str, Any]:
    """Every batch, faintly: where the slider can go."""
    return {
        "type": "scatter",
        "name": "batches",
        "mode": "lines+markers",
        "x": [stop.intensity for stop in stops],
        "y": [stop.flop_per_s for stop in stops],
        "line": {"color": colours.machine_soft, "width": 2},
        "marker": {"size": 8, "color": colours.machine_soft, "opacity": 1},
        "hovertext": [f"<b>{escape(stop.label)}</b><br>{escape(stop.headline)}<br>{stop.detail}" for stop in stops],
        "hoverinfo": "text",
    }


def _mark_trace(marks: Sequence[Mark], colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "other workloads",
        "mode": "markers+text",
        "x": [mark.intensity for mark in marks],
        "y": [mark.flop_per_s for mark in marks],
        "marker": {
            "symbol": "diamond",
            "size": [14 if mark.chosen else 10 for mark in marks],
            "color": [colours.machine if mark.chosen else colours.neutral for mark in marks],
            "opacity": 1,
        },
        "text": [f"<b>{mark.name}</b> " if mark.chosen else f"{mark.name} " for mark in marks],
        "textposition": ["bottom left" for _ in marks],
        "textfont": {"size": SMALL_PX, "color": colours.muted, "shadow": halo(colours)},
        "hovertext": [
            f"<b>{mark.name}</b><br>{quantity(mark.intensity, '1', 2)} FLOP per byte<br>"
            f"{quantity(mark.flop_per_s, 'FLOP/s', 2)}"
            for mark in marks
        ],
        "hoverinfo": "text",
    }


def _moving(stop: Stop, x_range: tuple[float, float]) -> list[dict[str, Any]]:
    """Only what changes from frame to frame, in the order of `_looks`."""
    place = (math.log10(stop.intensity) - x_range[0]) / (x_range[1] - x_range[0])
    whole = sum(stop.parts)
    first, second = stop.parts[0] / whole, (stop.parts[0] + stop.parts[1]) / whole
    return [
        {
            "x": [stop.intensity],
            "y": [stop.flop_per_s],
            "text": [f"  <b>{quantity(stop.flop_per_s, 'FLOP/s', 2)}</b>  "],
            "textposition": "bottom right" if place < 0.66 else "bottom left",
        },
        {"x": [0, first]},
        {"x": [first, second]},
        {"x": [second, 1]},
        {"text": list(stop.parts_said)},
        {"text": [f"<b>{escape(stop.headline)}</b>", stop.detail]},
    ]


def _looks(colours: Palette) -> list[dict[str, Any]]:
    """How the workload under the roof looks, the three parts of a token's energy, their names, and the card."""
    fills = (colours.machine, colours.shades[4] if colours.ground == "#FFFFFF" else colours.shades[0], colours.greys[2])
    head = {"type": "scatter", "xaxis": "x2", "yaxis": "y2", "hoverinfo": "skip"}
    return [
        {
            "type": "scatter",
            "name": "chosen",
            "mode": "markers+text",
            "marker": {"size": 19, "color": colours.machine, "line": {"width": 2.5, "color": colours.ground}},
            "textfont": {"size": TEXT_PX, "color": colours.ink, "shadow": halo(colours)},
            "hoverinfo": "skip",
        },
        *(
            {**head, "name": name, "mode": "lines", "y": [_BAR_Y, _BAR_Y], "line": {"color": fill, "width": 24}}
            for name, fill in zip(("moving", "computing", "other"), fills, strict=True)
        ),
        {
            **head,
            "name": "parts",
            "mode": "text",
            "x": [0, 0.5, 1],
            "y": [_BAR_Y - 32] * 3,
            "textposition": ["middle right", "middle center", "middle left"],
            "textfont": {"size": TEXT_PX, "color": [colours.machine, colours.ink, colours.muted]},
        },
        card((_BAR_PX + 44, _BAR_PX + 15), (colours.machine, colours.muted), size=26),
    ]


def _annotations(
    roofs: Roofs, x_range: tuple[float, float], y_range: tuple[float, float], colours: Palette
) -> list[dict[str, Any]]:
    font = {"size": SMALL_PX, "color": colours.muted, "shadow": halo(colours)}
    corner = math.log10(roofs.flop_per_s / roofs.bytes_per_s)
    return [
        {
            "text": escape(roofs.rate_said),
            "x": x_range[1],
            "y": math.log10(roofs.flop_per_s),
            "xanchor": "right",
            "yanchor": "bottom",
            "yshift": 4,
            "font": font,
        },
        _bandwidth_label(roofs, x_range, font),
        {
            "text": f"corner: {quantity(10**corner, '1', 2)}",
            "x": corner,
            "y": y_range[0],
            "xanchor": "center",
            "yanchor": "bottom",
            "font": font,
        },
        {
            "text": "operations per byte of memory traffic",
            "xref": "paper",
            "x": 0.5,
            "xanchor": "center",
            "yref": "paper",
            "y": 0,
            "yanchor": "top",
            "yshift": -22,
            "font": font,
        },
        {
            "text": "FLOP/s of one chip",
            "xref": "paper",
            "x": 0,
            "xanchor": "left",
            "yref": "paper",
            "y": _PLOT_TOP,
            "yanchor": "bottom",
            "yshift": 2,
            "font": font,
        },
    ]


def _bandwidth_label(roofs: Roofs, x_range: tuple[float, float], font: dict[str, Any]) -> dict[str, Any]:
    """Left of the rising roof, or where there is no room at the height of the flat one, across from its label."""
    corner = math.log10(roofs.flop_per_s / roofs.bytes_per_s)
    label = {"text": escape(roofs.bandwidth_said), "font": font}
    if corner - x_range[0] < 0.55 * (x_range[1] - x_range[0]):
        left = x_range[0] + _TICKS_SHARE * (x_range[1] - x_range[0])
        return {
            **label,
            "xanchor": "left",
            "yanchor": "bottom",
            "yshift": 4,
            "x": left,
            "y": math.log10(roofs.flop_per_s),
        }
    beside = 0.2 * x_range[0] + 0.8 * corner
    high = {"xanchor": "right", "xshift": -4, "yanchor": "bottom"}
    return {**label, **high, "x": beside, "y": beside + math.log10(roofs.bytes_per_s)}


def _corner_line(roofs: Roofs, colours: Palette) -> dict[str, Any]:
    corner = roofs.flop_per_s / roofs.bytes_per_s
    return {
        "type": "line",
        **{"xref": "x", "x0": corner, "x1": corner, "yref": "y", "y0": 1e-30, "y1": roofs.flop_per_s},
        "line": {"color": colours.neutral, "width": 1.5, "dash": "dot"},
        "layer": "below",
    }
