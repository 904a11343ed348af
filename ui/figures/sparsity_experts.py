"""Mixtures of experts beside dense models of like quality: measured and predicted energy by batch, and what is read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from ui.figures.axes import level
from ui.figures.frames import PlainFigure
from ui.figures.pieces import line_through, spans
from ui.figures.sparsity import GLYPHS
from ui.legend import legend, mark
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up")
_DASHES: Final = {"solid": "━━", "dash": "╍╍", "dot": "┅┅", "dashdot": "━╍"}
_PAIRS_PX: Final = 430
_TOUCHED_PX: Final = 360
_BATCHES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_DODGE: Final = (0.94, 0.98, 1.02, 1.06)
"""Groups stand a little apart, or points of the same batch hide each other."""


@dataclass(frozen=True, slots=True)
class PairPoints:
    """Measured pairs of one dense model and one mixture.

    ``multiply_adds`` is what the mixture does over what the dense model does; points are batch, measured and predicted
    energy of the mixture over the dense model's, and what each says when pointed at.
    """

    name: str
    multiply_adds: float
    batch: tuple[float, ...]
    measured: tuple[float, ...]
    predicted: tuple[float, ...]
    hover: tuple[str, ...]


def pairs_figure(groups: Sequence[PairPoints], mode: Mode) -> go.Figure:
    """Draw measured points, each with its prediction, over the batch."""
    return PlainFigure(pairs_dict(groups, mode))


def pairs_dict(groups: Sequence[PairPoints], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    values = [value for group in groups for value in (*group.measured, *group.predicted, group.multiply_adds)]
    low, high = math.log10(min(values)) - 0.06, math.log10(max(values)) + 0.2
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1.0, 2.0) if low <= math.log10(tick) <= high]
    return {
        "data": [
            _connectors(groups, colours),
            _predicted(groups, colours),
            *(
                _measured(group, symbol, dodge, colours)
                for group, symbol, dodge in zip(groups, SYMBOLS, _DODGE, strict=False)
            ),
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _PAIRS_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 54},
            "xaxis": _batch_axis(colours, (5.5, 1500.0), _BATCHES[3::2], "conversations at once"),
            "yaxis": {
                "type": "log",
                "range": [low, high],
                "side": "right",
                "tickmode": "array",
                "tickvals": ticks,
                "ticktext": [f" {times_words(tick)}" for tick in ticks],
                "tickfont": {"color": colours.muted, "size": TEXT_PX},
            },
            "shapes": [
                line | {"layer": "below"}
                for line in (
                    level(1.0, colours.ink, "solid"),
                    *(level(value, colours.limit, "dash") for value in {round(g.multiply_adds, 3) for g in groups}),
                )
            ],
            "annotations": [
                _note("above 1×: more energy than the dense model", 10**high, "top", colours.ink),
                _note(
                    "multiply-adds alone would say this", max(g.multiply_adds for g in groups), "bottom", colours.limit
                ),
            ],
        },
    }


def pairs_alt(groups: Sequence[PairPoints]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{group.name}: {times_words(group.multiply_adds)} of the multiply-adds, measured "
        f"{times_words(min(group.measured))} to {times_words(max(group.measured))} of the energy"
        for group in groups
    )
    return f"Energy per token of mixtures of experts over dense models of like quality, by batch. {said}."


def times_words(value: float) -> str:
    """Say a ratio on the axis.

    >>> times_words(0.5), times_words(1.0), times_words(2.0)
    ('0.5×', '1×', '2×')
    """
    return f"{value:.2g}×"


def legend_html(groups: Sequence[PairPoints], mode: Mode) -> str:
    """Name the pairs beside their marks."""
    colours = palette(mode)
    marks = (mark(colours.machine, GLYPHS[symbol], group.name) for group, symbol in zip(groups, SYMBOLS, strict=False))
    return legend(*marks, "filled: measured", "hollow: predicted")


def touched_figure(
    lines: Sequence[tuple[str, float, tuple[float, ...]]], batches: Sequence[float], batch: float, mode: Mode
) -> go.Figure:
    """Draw the share of the weights that a step reads, by batch; a line is name, active share and shares."""
    return PlainFigure(touched_dict(lines, batches, batch, mode))


def touched_dict(
    lines: Sequence[tuple[str, float, tuple[float, ...]]], batches: Sequence[float], batch: float, mode: Mode
) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    return {
        "data": [
            line_through(
                name,
                batches,
                shares,
                {"color": colours.machine, "width": 3, "dash": dash},
                hover=[
                    f"<b>{escape(name)}</b><br>{size:,.0f} at once: {100 * share:.0f} % of the weights read"
                    for size, share in zip(batches, shares, strict=True)
                ],
            )
            for (name, _, shares), dash in zip(lines, _DASHES, strict=False)
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _TOUCHED_PX,
            "margin": {"l": 0, "r": 0, "t": 8, "b": 54},
            "xaxis": _batch_axis(colours, (0.9, 1100.0), _BATCHES[::2], "conversations at once"),
            "yaxis": {
                "range": [0, 1.04],
                "side": "right",
                "tickmode": "array",
                "tickvals": [0.25, 0.5, 0.75, 1.0],
                "ticktext": [" 25 %", " 50 %", " 75 %", " 100 %"],
                "tickfont": {"color": colours.muted, "size": TEXT_PX},
            },
            "shapes": [
                {
                    "type": "line",
                    "xref": "x",
                    "x0": min(max(batch, 1.0), 1024.0),
                    "x1": min(max(batch, 1.0), 1024.0),
                    "yref": "y domain",
                    "y0": 0,
                    "y1": 1,
                    "line": {"color": colours.neutral, "width": 1, "dash": "dot"},
                }
            ],
            "annotations": [
                {
                    "text": f"here: {batch:,.0f}",
                    "font": {"size": SMALL_PX, "color": colours.muted},
                    "xref": "x",
                    "x": math.log10(min(max(batch, 1.0), 1024.0)),
                    "xanchor": "right" if batch > 100 else "left",
                    "xshift": -4 if batch > 100 else 4,
                    "yref": "y domain",
                    "y": 0.02 if batch > 20 else 0.98,
                    "yanchor": "bottom" if batch > 20 else "top",
                }
            ],
        },
    }


def touched_legend_html(lines: Sequence[tuple[str, float, tuple[float, ...]]], mode: Mode) -> str:
    """Name the models beside their lines, with the share of weights that a token uses."""
    colours = palette(mode)
    return legend(
        *(
            mark(colours.machine, dash, f"{name}, {100 * active:.0f} % for one token")
            for (name, active, _), dash in zip(lines, _DASHES.values(), strict=False)
        )
    )


def touched_alt(lines: Sequence[tuple[str, float, tuple[float, ...]]], batches: Sequence[float], batch: float) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    at = min(range(len(batches)), key=lambda i: abs(math.log(batches[i] / max(batch, 1.0))))
    said = "; ".join(
        f"{name} {100 * active:.0f} % for one token, {100 * shares[at]:.0f} % at {batches[at]:,.0f}"
        for name, active, shares in lines
    )
    return f"Share of a mixture's weights that one step reads, by conversations at once. {said}."


def _batch_axis(colours: Palette, ends: tuple[float, float], batches: Sequence[int], title: str) -> dict[str, Any]:
    return {
        "type": "log",
        "domain": [0, 0.86],
        "range": [math.log10(end) for end in ends],
        "tickmode": "array",
        "tickvals": list(batches),
        "ticktext": [f"{batch:,}" for batch in batches],
        "tickfont": {"color": colours.muted, "size": TEXT_PX},
        "title": {"text": title, "font": {"color": colours.muted, "size": TEXT_PX}},
    }


def _connectors(groups: Sequence[PairPoints], colours: Palette) -> dict[str, Any]:
    errors = [
        (measured, predicted, batch * dodge)
        for group, dodge in zip(groups, _DODGE, strict=False)
        for measured, predicted, batch in zip(group.measured, group.predicted, group.batch, strict=True)
    ]
    return spans("error", errors, colours.machine_soft, 2, upright=True)


def _predicted(groups: Sequence[PairPoints], colours: Palette) -> dict[str, Any]:
    pairs = list(zip(groups, SYMBOLS, _DODGE, strict=False))
    return {
        "type": "scatter",
        "name": "predicted",
        "mode": "markers",
        "x": [batch * dodge for group, _, dodge in pairs for batch in group.batch],
        "y": [value for group, _, _ in pairs for value in group.predicted],
        "marker": {
            "symbol": [f"{symbol}-open" for group, symbol, _ in pairs for _ in group.batch],
            "size": 9,
            "opacity": 1,
            "color": colours.machine,
            "line": {"width": 1.5, "color": colours.machine},
        },
        "hovertext": [text for group, _, _ in pairs for text in group.hover],
        "hoverinfo": "text",
    }


def _measured(group: PairPoints, symbol: str, dodge: float, colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": group.name,
        "mode": "markers",
        "x": [batch * dodge for batch in group.batch],
        "y": list(group.measured),
        "marker": {"symbol": symbol, "size": 11, "opacity": 1, "color": colours.machine, "line": {"width": 0}},
        "hovertext": list(group.hover),
        "hoverinfo": "text",
    }


def _note(text: str, value: float, anchor: str, colour: str) -> dict[str, Any]:
    return {
        "text": text,
        "font": {"size": TEXT_PX, "color": colour},
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "yref": "y",
        "y": math.log10(value),
        "yanchor": anchor,
        "yshift": 3 if anchor == "bottom" else 0,
    }
