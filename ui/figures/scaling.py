"""IsoFLOP curves: loss against size at one training budget by each law, with a slider along the budget."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import power_of_ten, significant
from ui.figures.axes import above
from ui.figures.frames import PlainFigure
from ui.figures.pieces import line_through
from ui.figures.rail import rail, sliding
from ui.figures.scaling_parts import count, joules, log_axis, rounded
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

_CARD_PX: Final = 40
_ROW_PX: Final = 46
_PLOT_PX: Final = 250
_BOTTOM_PX: Final = 138
_GAP_PX: Final = 34
_SIZES: Final = (1e7, 1e15)
_TOP_NATS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Curve:
    """A law at one budget: sizes [parameters], loss above its best [nats], and the best split."""

    name: str
    sizes: tuple[float, ...]
    above_best: tuple[float, ...]
    parameters: float
    tokens: float
    loss: float


@dataclass(frozen=True, slots=True)
class Stop:
    """What the figure shows at one budget: FLOP, the energy and its range [J], curves, range of the refit's size."""

    flop: float
    energy_j: float
    low_j: float
    high_j: float
    curves: tuple[Curve, ...]
    low_size: float
    high_size: float


def looks(colours: Palette) -> tuple[dict[str, Any], ...]:
    """Line of each law, in their order: Kaplan, as printed, unrounded, refitted."""
    return (
        {"color": colours.neutral, "width": 3, "dash": "dot"},
        {"color": colours.shades[0], "width": 3, "dash": "dash"},
        {"color": colours.shades[2], "width": 3, "dash": "dashdot"},
        {"color": colours.machine, "width": 4, "dash": "solid"},
    )


def isoflop_figure(stops: Mapping[str, Stop], active: str, mode: Mode) -> go.Figure:
    """Draw every law's curve, the slider standing at the budget named ``active``."""
    return PlainFigure(isoflop_dict(stops, active, mode))


def isoflop_dict(stops: Mapping[str, Stop], active: str, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    first = stops[active]
    rows = len(first.curves)
    text_px = _CARD_PX + _ROW_PX * rows
    height = text_px + _GAP_PX + _PLOT_PX + _BOTTOM_PX
    inner = height - _BOTTOM_PX
    styles = looks(colours)
    fixed = [_swatch(row, style, text_px) for row, style in enumerate(styles[:rows])]
    moving = [
        {
            "type": "scatter",
            "name": "range of the refit",
            "mode": "lines",
            "y": [0.0, 0.0],
            "line": {"color": colours.machine_soft, "width": 12},
            "hoverinfo": "skip",
        },
        *(_curve(curve.name, style) for curve, style in zip(first.curves, styles, strict=False)),
        _best(styles[:rows], colours),
        _words(rows, colours),
    ]
    names, place = list(stops), list(stops).index(active)
    return {
        **sliding(fixed, moving, {name: _moved(stop) for name, stop in stops.items()}, place),
        "layout": {
            "template": template_dict(mode),
            "height": height,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _BOTTOM_PX},
            "xaxis": {
                **log_axis(_SIZES, _SIZE_TICKS, _SIZE_WORDS.__getitem__, "parameters", colours),
                "anchor": "y",
            },
            "yaxis": {
                "domain": [0, _PLOT_PX / inner],
                "range": [-0.012, _TOP_NATS],
                "tickvals": [0.1, 0.2, 0.3],
                "ticktext": ["0.1", "0.2", "0.3"],
                "tickfont": {"size": SMALL_PX, "color": colours.muted},
                "ticklabelposition": "inside top",
                "showgrid": True,
            },
            "xaxis2": {"range": [0, 1], "visible": False, "anchor": "y2"},
            # One unit is one pixel, counted down from the top.
            "yaxis2": {"domain": [1 - text_px / inner, 1], "range": [text_px, 0], "visible": False, "anchor": "x2"},
            "annotations": [
                above("loss above the law’s best, nats per token", colours, 4) | {"y": _PLOT_PX / inner},
            ],
            "sliders": [rail(names, [budget_words(stop.flop) for stop in stops.values()], place, colours, above_px=60)],
        },
    }


_SIZE_WORDS: Final = {1e8: "100M", 1e10: "10B", 1e12: "1T", 1e14: "100T"}
_SIZE_TICKS: Final = tuple(_SIZE_WORDS)


def budget_words(flop: float) -> str:
    """Name a budget, as the slider does.

    >>> budget_words(1e24)
    '10²⁴ FLOP of training'
    """
    return f"{power_of_ten(flop)} FLOP of training"


def isoflop_alt(stops: Mapping[str, Stop], active: str) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    stop = stops[active]
    said = "; ".join(
        f"{curve.name}: {split_words(curve.parameters, curve.tokens)}, loss {curve.loss:.3f} nats per token"
        for curve in stop.curves
    )
    return (
        f"Loss against size at {budget_words(stop.flop)}, {joules(stop.energy_j)} "
        f"({joules(stop.low_j)} to {joules(stop.high_j)}). Best split by law: {said}. The refit’s best size lies "
        f"between {count(stop.low_size)} and {count(stop.high_size)} parameters."
    )


def split_words(parameters: float, tokens: float) -> str:
    """Say a size and its tokens.

    >>> split_words(7.2e10, 1.3e12)
    '72 billion on 1.3 trillion tokens, 18 each'
    """
    return f"{count(parameters)} on {count(tokens)} tokens, {significant(tokens / parameters)} each"


def _swatch(row: int, style: dict[str, Any], text_px: int) -> dict[str, Any]:
    y = _CARD_PX + _ROW_PX * row + 11
    return line_through("key", [0.0, 0.075], [y, y], style) | {"xaxis": "x2", "yaxis": "y2"}


def _curve(name: str, style: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": name,
        "mode": "lines",
        "line": style,
        "hoverinfo": "name",
        "cliponaxis": True,
    }


def _best(styles: Sequence[dict[str, Any]], colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "best",
        "mode": "markers",
        "y": [0.0] * len(styles),
        "marker": {
            "size": [*[11] * (len(styles) - 1), 15],
            "color": [style["color"] for style in styles],
            "line": {"color": colours.ground, "width": 2},
            "opacity": 1,
        },
        "hoverinfo": "text",
    }


def _words(rows: int, colours: Palette) -> dict[str, Any]:
    """All words that move, in one trace: every trace is made again for each frame."""
    tops = [_CARD_PX + _ROW_PX * row + 11 for row in range(rows)]
    return {
        "type": "scatter",
        "name": "words",
        "mode": "text",
        "xaxis": "x2",
        "yaxis": "y2",
        "x": [0, *[0.09] * rows, *[0.09] * rows],
        "y": [16, *tops, *(top + 20 for top in tops)],
        "textposition": "middle right",
        "textfont": {
            "size": [20, *[TEXT_PX] * rows, *[SMALL_PX] * rows],
            "color": [colours.machine, *[colours.ink] * rows, *[colours.muted] * rows],
        },
        "hoverinfo": "skip",
    }


def _moved(stop: Stop) -> list[dict[str, Any]]:
    """Only what changes from frame to frame, in the order of the moving traces."""
    best = [curve.parameters for curve in stop.curves]
    energy = f"<b>{joules(stop.energy_j)}</b> ({joules(stop.low_j)} to {joules(stop.high_j)}) by any law"
    return [
        {"x": rounded([stop.low_size, stop.high_size])},
        *({"x": rounded(curve.sizes, 3), "y": rounded(curve.above_best, 3)} for curve in stop.curves),
        {
            "x": rounded(best),
            "hovertext": [
                f"<b>{curve.name}</b><br>{split_words(curve.parameters, curve.tokens)}" for curve in stop.curves
            ],
        },
        {
            "text": [
                energy,
                *(f"<b>{curve.name}</b>" for curve in stop.curves),
                *(split_words(curve.parameters, curve.tokens) for curve in stop.curves),
            ]
        },
    ]


def fine_sizes(best: float, points: int = 29) -> list[float]:
    """Sizes around the best one at which a curve is drawn, denser near it.

    >>> [round(size, 2) for size in fine_sizes(1.0, 3)]
    [0.02, 1.0, 63.1]
    """
    half = (points - 1) // 2
    return [best * 10 ** (1.8 * math.copysign((abs(i) / half) ** 1.4, i)) for i in range(-half, half + 1)]
