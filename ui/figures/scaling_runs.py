"""Where published models lie against the laws, when text runs out, and what serving changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import power_of_ten, significant
from ui.figures.axes import above
from ui.figures.frames import PlainFigure
from ui.figures.pieces import halo
from ui.figures.scaling import looks
from ui.figures.scaling_parts import (
    band,
    count,
    joules,
    label,
    line,
    log_axis,
    powers,
    rounded,
    short,
)
from ui.theme import TEXT_PX, Mode, Palette, palette, template_dict

_HEIGHT_PX: Final = 430
_MARGIN: Final = {"l": 56, "r": 14, "t": 34, "b": 58}
_NAMED: Final[Mapping[str, str]] = {
    "gpt3": "middle left",
    "chinchilla": "bottom center",
    "llama3_8b": "top left",
    "llama31_405b": "top center",
    "llama4_scout": "top right",
    "gemma2_2b": "top center",
    "llama32_1b": "top center",
    "palm": "bottom right",
}
"""Models that are named in the figure, and where."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A published model: training arithmetic [FLOP], tokens per parameter, size [parameters] and tokens."""

    key: str
    label: str
    flop: float
    ratio: float
    parameters: float
    tokens: float
    estimated: bool


@dataclass(frozen=True, slots=True)
class Lines:
    """Along budgets [FLOP]: a number by law, and the refit's range."""

    flop: tuple[float, ...]
    names: tuple[str, ...]
    by_law: tuple[tuple[float, ...], ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def runs_figure(dots: Sequence[Dot], lines: Lines, mode: Mode) -> go.Figure:
    """Draw tokens per parameter against the budget: models as dots, laws as lines."""
    return PlainFigure(runs_dict(dots, lines, mode))


def runs_dict(dots: Sequence[Dot], lines: Lines, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    ends = (lines.flop[0], lines.flop[-1])
    return {
        "data": [
            band(lines.flop, lines.low, lines.high, colours),
            *(
                line(name, lines.flop, values, style, f"{name}: %{{y:.3g}} tokens per parameter")
                for name, values, style in zip(lines.names, lines.by_law, looks(colours), strict=False)
            ),
            _dots(dots, [dot.ratio for dot in dots], colours),
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _HEIGHT_PX,
            "margin": _MARGIN,
            "xaxis": log_axis(ends, powers(*ends), power_of_ten, "training arithmetic, FLOP", colours),
            "yaxis": log_axis((0.3, 3e4), powers(0.3, 3e4), lambda n: f"{n:,.0f}", "", colours, grid=True),
            "annotations": [above("training tokens per parameter", colours)],
        },
    }


def runs_alt(dots: Sequence[Dot], lines: Lines) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    models = "; ".join(
        f"{dot.label} {significant(dot.ratio)} at {power_of_ten(dot.flop)} FLOP"
        + (" (sizes estimated by others)" if dot.estimated else "")
        for dot in dots
    )
    laws = "; ".join(
        f"{name} from {significant(values[0])} to {significant(values[-1])}"
        for name, values in zip(lines.names, lines.by_law, strict=True)
    )
    return (
        f"Training tokens per parameter against training arithmetic, log axes. Best by law from "
        f"{power_of_ten(lines.flop[0])} to {power_of_ten(lines.flop[-1])} FLOP: {laws}. Published models: {models}."
    )


def wall_figure(dots: Sequence[Dot], lines: Lines, stock: tuple[float, float, float], mode: Mode) -> go.Figure:
    """Draw the tokens that the laws ask for against the text there is."""
    return PlainFigure(wall_dict(dots, lines, stock, mode))


def wall_dict(dots: Sequence[Dot], lines: Lines, stock: tuple[float, float, float], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    ends = (lines.flop[0], lines.flop[-1])
    tokens = (1e9, 1e17)
    return {
        "data": [
            band(lines.flop, lines.low, lines.high, colours),
            *(
                line(name, lines.flop, values, style, f"{name}: %{{y:.3g}} tokens")
                for name, values, style in zip(lines.names, lines.by_law, looks(colours), strict=False)
            ),
            _dots(dots, [dot.tokens for dot in dots], colours, named=False),
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _HEIGHT_PX,
            "margin": _MARGIN,
            "xaxis": log_axis(ends, powers(*ends, 2), power_of_ten, "training arithmetic, FLOP", colours),
            "yaxis": log_axis(tokens, powers(*tokens, 2), short, "", colours, grid=True),
            "shapes": [
                {
                    "type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": stock[0], "y1": stock[2], "layer": "below",
                    "fillcolor": colours.limit, "opacity": 0.22, "line": {"width": 0},
                },
                {
                    "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": stock[1], "y1": stock[1],
                    "line": {"color": colours.limit, "width": 2},
                },
            ],
            "annotations": [
                above("training tokens", colours),
                label(ends[0] * 2, stock[1], "<b>all public text</b>", colours.limit, colours, shift=-13),
            ],
        },
    }  # fmt: skip


def wall_alt(lines: Lines, stock: tuple[float, float, float], walls: Mapping[str, float]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(f"{name} at {power_of_ten(flop)} FLOP" for name, flop in walls.items())
    return (
        f"Tokens that the best split needs against training arithmetic, log axes, and the stock of public text: "
        f"{count(stock[1])} tokens ({count(stock[0])} to {count(stock[2])}). The line of a law meets it: {said}."
    )


@dataclass(frozen=True, slots=True)
class Lives:
    """Along served tokens: energy of the chosen and of the compute-optimal size [J], and the chosen size."""

    served: tuple[float, ...]
    chosen_j: tuple[float, ...]
    optimum_j: tuple[float, ...]
    sizes: tuple[float, ...]
    ratios: tuple[float, ...]
    marked: int
    training_j: float


def lives_figure(lives: Lives, mode: Mode) -> go.Figure:
    """Draw training plus serving energy by how much is served."""
    return PlainFigure(lives_dict(lives, mode))


def lives_dict(lives: Lives, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    ends = (lives.served[0], lives.served[-1])
    low, high = min(lives.chosen_j) / 2.5, max(lives.optimum_j) * 2.5
    at = lives.marked
    hover = [
        f"<b>{count(served)} tokens served</b><br>{count(size)} parameters, {significant(ratio)} tokens each<br>"
        f"{joules(chosen)} instead of {joules(optimum)}"
        for served, size, ratio, chosen, optimum in zip(
            lives.served, lives.sizes, lives.ratios, lives.chosen_j, lives.optimum_j, strict=True
        )
    ]
    # Words stand where the lines are not: above them to the left, below them to the right, as far as there is room.
    share = at / (len(lives.served) - 1)
    over, under = ("left" if share < 0.4 else "right"), ("left" if share < 0.55 else "right")
    return {
        "data": [
            line("compute-optimal", lives.served, lives.optimum_j, {"color": colours.neutral, "width": 3}),
            {
                **line("smaller, trained longer", lives.served, lives.chosen_j, {"color": colours.machine, "width": 4}),
                "hoverinfo": "text",
                "hovertext": hover,
            },
            {
                "type": "scatter",
                "name": "chosen",
                "mode": "markers",
                "x": rounded([lives.served[at]] * 2),
                "y": rounded([lives.chosen_j[at], lives.optimum_j[at]]),
                "marker": {
                    "size": [17, 13],
                    "color": [colours.machine, colours.neutral],
                    "line": {"color": colours.ground, "width": 2},
                    "opacity": 1,
                },
                "hoverinfo": "text",
                "hovertext": [hover[at], f"compute-optimal: {joules(lives.optimum_j[at])}"],
            },
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _HEIGHT_PX - 30,
            "margin": {**_MARGIN, "l": 64},
            "xaxis": log_axis(ends, powers(*ends, 2), power_of_ten, "tokens written over the model’s life", colours),
            "yaxis": log_axis((low, high), powers(low, high, 2), lambda n: joules(n), "", colours, grid=True),
            "annotations": [
                above("training and serving", colours),
                label(
                    lives.served[at], lives.optimum_j[at], "compute-optimal size", colours.muted, colours,
                    over, 22,
                ),
                label(
                    lives.served[at], lives.chosen_j[at],
                    f"<b>{short(lives.sizes[at])}</b> on {short(lives.sizes[at] * lives.ratios[at])} tokens",
                    colours.machine, colours, under, -26,
                ),
            ],
        },
    }  # fmt: skip


def lives_alt(lives: Lives) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{power_of_ten(lives.served[i])} tokens: {count(lives.sizes[i])} parameters, {joules(lives.chosen_j[i])} "
        f"instead of {joules(lives.optimum_j[i])}"
        for i in range(0, len(lives.served), max(1, len(lives.served) // 6))
    )
    return f"Energy of training and serving by tokens served, log axes, at one loss. {said}."


def _dots(dots: Sequence[Dot], y: Sequence[float], colours: Palette, named: bool = True) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "published models",
        "mode": "markers+text" if named else "markers",
        "x": rounded([dot.flop for dot in dots]),
        "y": rounded(y),
        "marker": {
            "size": 11,
            "color": [colours.ground if dot.estimated else colours.ink for dot in dots],
            "line": {"color": [colours.ink if dot.estimated else colours.ground for dot in dots], "width": 2},
            "opacity": 1,
        },
        "text": [escape(dot.label) if named and dot.key in _NAMED else "" for dot in dots],
        "textposition": [_NAMED.get(dot.key, "top center") for dot in dots],
        "textfont": {"size": TEXT_PX, "color": colours.ink, "shadow": halo(colours)},
        "hovertext": [
            f"<b>{escape(dot.label)}</b><br>{count(dot.parameters)} parameters on {count(dot.tokens)} tokens<br>"
            f"{significant(dot.ratio)} each" + (", estimated by others" if dot.estimated else "")
            for dot in dots
        ],
        "hoverinfo": "text",
    }
