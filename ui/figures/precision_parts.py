"""Beside the precision ledger: FP8 as measured, and how large a model must be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from efficiency.say import factor
from ui.figures.frames import PlainFigure
from ui.figures.pieces import spans
from ui.theme import TEXT_PX, Mode, Palette, palette, template_dict

if TYPE_CHECKING:
    from efficiency.precision_quality import Factor

_PAIRS_PX: Final = 400
_GROWTH_ROW_PX: Final = 50


@dataclass(frozen=True, slots=True)
class MeasuredPair:
    """Energy at fewer bits over that at 16, measured and predicted [1], of one model on one chip."""

    batch: float
    measured: float
    predicted: float
    experts: bool
    words: str


@dataclass(frozen=True, slots=True)
class GrowthRow:
    """By how much a model must grow at a width, by published laws, and what quantised models showed [1]."""

    bits: float
    growth: Factor
    seen: tuple[float, ...]


def pairs_figure(pairs: Sequence[MeasuredPair], mode: Mode) -> go.Figure:
    """Draw what FP8 changed, by batch: measured filled, predicted hollow."""
    return PlainFigure(pairs_dict(pairs, mode))


def pairs_dict(pairs: Sequence[MeasuredPair], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    ends = [value for pair in pairs for value in (pair.measured, pair.predicted)]
    low, high = min([0.45, *ends]) / 1.06, max([2.0, *ends]) * 1.06
    batches = [pair.batch for pair in pairs] or [1.0]
    left, right = min(batches) / 1.25, max(batches) * 1.25
    marks = [
        _marks("measured, mixture of experts", [p for p in pairs if p.experts], "measured", "circle", colours),
        _marks("measured, dense", [p for p in pairs if not p.experts], "measured", "diamond", colours),
        _marks("predicted", pairs, "predicted", "circle-open", colours),
    ]
    errors = [(pair.measured, pair.predicted, pair.batch) for pair in pairs]
    ticks = [tick for tick in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024) if left <= tick <= right]
    return {
        "data": [spans("error", errors, colours.grid, 1, upright=True), *(trace for trace in marks if trace["x"])],
        "layout": {
            "template": template_dict(mode),
            "height": _PAIRS_PX,
            "margin": {"l": 48, "r": 0, "t": 12, "b": 62},
            "xaxis": {
                "type": "log",
                "range": [math.log10(left), math.log10(right)],
                # Neighbouring powers of two touch on a phone.
                "tickvals": ticks[::2] if len(ticks) > 5 else ticks,
                "title": {"text": "conversations at once"},
            },
            "yaxis": {
                "type": "log",
                "range": [math.log10(low), math.log10(high)],
                "tickvals": [0.5, 1, 2],
                "ticktext": ["0.5×", "1×", "2×"],
            },
            "shapes": [level(1.0, colours.neutral, "solid"), level(0.5, colours.limit, "dot")],
            "annotations": [
                {
                    **level_words(0.72, "below 1×: 8 bit costs less", colours.muted),
                    "x": 0.01,
                    "xanchor": "left",
                    "yanchor": "middle",
                },
                level_words(0.5, "half: what twice the peak rate promises", colours.muted),
            ],
        },
    }


def pairs_alt(pairs: Sequence[MeasuredPair]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    if not pairs:
        return "No measured pairs."
    said = "; ".join(
        f"{pair.words}, {pair.batch:.0f} at once: {pair.measured:.2f} times measured, {pair.predicted:.2f} predicted"
        for pair in sorted(pairs, key=lambda pair: (pair.batch, pair.words))
    )
    return f"Energy of a token at 8 bit over that at 16 bit, {len(pairs)} measured pairs. {said}."


def growth_figure(rows: Sequence[GrowthRow], mode: Mode) -> go.Figure:
    """Draw by how much a model must grow to be as good at few bits as at 16."""
    return PlainFigure(growth_dict(rows, mode))


def growth_dict(rows: Sequence[GrowthRow], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    places = [_GROWTH_ROW_PX * (row + 0.5) for row in range(len(rows))]
    seen = [(one, place) for row, place in zip(rows, places, strict=True) for one in row.seen]
    ranges = [(row.growth.low, row.growth.high, place) for row, place in zip(rows, places, strict=True)]
    height = _GROWTH_ROW_PX * len(rows)
    return {
        "data": [
            spans("range", ranges, colours.machine_soft, 12),
            {
                "type": "scatter",
                "name": "laws",
                "mode": "markers+text",
                "x": [row.growth.central for row in rows],
                "y": places,
                "marker": {"color": colours.machine, "size": 15, "line": {"color": colours.ground, "width": 2}},
                "text": [f"<b>{factor(row.growth.central)}×</b>" for row in rows],
                "textposition": "top center",
                "textfont": {"size": TEXT_PX, "color": colours.ink},
                "hovertext": [
                    f"<b>{row.bits:g} bit</b><br>{factor(row.growth.central)} times the parameters, "
                    f"{factor(row.growth.low)} to {factor(row.growth.high)}"
                    for row in rows
                ],
                "hoverinfo": "text",
            },
            {
                "type": "scatter",
                "name": "seen",
                "mode": "markers",
                "x": [one for one, _ in seen],
                "y": [place for _, place in seen],
                "marker": {"symbol": "line-ns", "size": 11, "line": {"color": colours.ink, "width": 2.5}},
                "hovertext": [f"weights alone, narrowed after training: {factor(one)} times" for one, _ in seen],
                "hoverinfo": "text",
            },
        ],
        "layout": {
            "template": template_dict(mode),
            "height": height + 62,
            "margin": {"l": 72, "r": 8, "t": 14, "b": 48},
            "xaxis": {
                "type": "log",
                "range": [math.log10(0.85), math.log10(1.2 * max(row.growth.high for row in rows))],
                "tickvals": [1, 2, 5, 10, 20, 50],
                "ticktext": ["1×", "2×", "5×", "10×", "20×", "50×"],
            },
            "yaxis": {
                "range": [height, 0],
                "tickvals": places,
                "ticktext": [f"{row.bits:g} bit" for row in rows],
            },
            "shapes": [
                {
                    "type": "line",
                    "x0": 1,
                    "x1": 1,
                    "yref": "paper",
                    "y0": 0,
                    "y1": 1,
                    "layer": "below",
                    "line": {"color": colours.neutral, "width": 1},
                }
            ],
        },
    }


def growth_alt(rows: Sequence[GrowthRow]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{row.bits:g} bit: {factor(row.growth.central)} times, {factor(row.growth.low)} to {factor(row.growth.high)}"
        + (f", quantised models {factor(min(row.seen))} to {factor(max(row.seen))}" if row.seen else "")
        for row in rows
    )
    return f"How many times the parameters a model needs to be as good as at 16 bit. {said}."


def _marks(name: str, pairs: Sequence[MeasuredPair], value: str, symbol: str, colours: Palette) -> dict[str, Any]:
    hollow = value == "predicted"
    return {
        "type": "scatter",
        "name": name,
        "mode": "markers",
        "x": [pair.batch for pair in pairs],
        "y": [getattr(pair, value) for pair in pairs],
        "marker": {
            "symbol": symbol,
            "size": 9 if hollow else 12,
            "color": colours.muted if hollow else colours.machine,
            "line": {"width": 2 if hollow else 1, "color": colours.muted if hollow else colours.ground},
        },
        "hovertext": [
            f"<b>{escape(pair.words)}</b><br>{pair.batch:.0f} at once<br>{pair.measured:.2f}× measured, "
            f"{pair.predicted:.2f}× predicted"
            for pair in pairs
        ],
        "hoverinfo": "text",
    }


def level(value: float, colour: str, dash: str) -> dict[str, Any]:
    """Draw a line across the figure at a level."""
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": value,
        "y1": value,
        "layer": "below",
        "line": {"color": colour, "width": 1.5, "dash": dash},
    }


def level_words(value: float, words: str, colour: str) -> dict[str, Any]:
    """Write above a level; an annotation on a log axis is placed by its logarithm."""
    return {
        "text": words,
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "y": math.log10(value),
        "yanchor": "bottom",
        "font": {"size": TEXT_PX, "color": colour},
    }
