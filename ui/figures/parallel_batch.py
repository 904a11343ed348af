"""Work that shares one reading of the weights: energy per token and time between tokens by conversations at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import quantity
from ui.figures.axes import log_axis
from ui.figures.frames import PlainFigure
from ui.figures.pieces import line_through
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

_HEIGHT_PX: Final = 520
_GAP: Final = (0.40, 0.50)
"""Where the lower panel ends and the upper one begins."""
_TICKS: Final = (1.0, 10.0, 100.0, 1000.0, 4096.0)


@dataclass(frozen=True, slots=True)
class Serving:
    """Energy per token [J] and time between a conversation's tokens [s] by conversations at once [1]."""

    batch: tuple[float, ...]
    energy_j: tuple[float, ...]
    step_s: tuple[float, ...]

    def best(self) -> int:
        """Find the batch that takes least energy."""
        return min(range(len(self.batch)), key=self.energy_j.__getitem__)


def batch_figure(serving: Serving, chosen: tuple[float, float, float], read_j: float, mode: Mode) -> go.Figure:
    """Draw both over the batch; ``chosen`` is the scenario's own batch, energy and time, ``read_j`` a token read."""
    return PlainFigure(batch_dict(serving, chosen, read_j, mode))


def batch_dict(serving: Serving, chosen: tuple[float, float, float], read_j: float, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    best = serving.best()
    batch, energy_j, step_s = chosen
    energies = _limits([*serving.energy_j, energy_j, read_j])
    times = _limits([*serving.step_s, step_s])
    x = {"type": "log", "range": [-0.04, math.log10(4096) + 0.04], "tickvals": list(_TICKS)}
    return {
        "data": [
            _curve("energy", serving.batch, serving.energy_j, "y", "J", "per token written", colours),
            _dots("least", [(serving.batch[best], serving.energy_j[best])], "y", False, colours),
            _dots("chosen", [(batch, energy_j)], "y", True, colours),
            _curve("time", serving.batch, serving.step_s, "y2", "s", "between two tokens", colours),
            _dots("chosen time", [(batch, step_s)], "y2", True, colours),
            line_through("reading", [1, 4096], [read_j, read_j],
                         {"color": colours.neutral, "width": 2, "dash": "dash"},
                         hover=[f"a token read: {quantity(read_j, 'J', 2)}"] * 2),
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _HEIGHT_PX,
            "margin": {"l": 64, "r": 12, "t": 26, "b": 58},
            "xaxis": x
            | {
                "ticktext": [f"{tick:,.0f}" for tick in _TICKS],
                "tickfont": {"size": SMALL_PX, "color": colours.muted},
                "title": {"text": "conversations at once", "font": {"size": TEXT_PX, "color": colours.muted}},
                "anchor": "y2",
            },
            "yaxis": _axis(energies, "J", (_GAP[1], 1.0), colours),
            "yaxis2": _axis(times, "s", (0.0, _GAP[0]), colours),
            "annotations": [
                _text(1, 1, "energy per token written", colours.muted, "right", "paper", SMALL_PX, 10),
                _text(1, _GAP[0], "time between two tokens of one", colours.muted, "right", "paper", SMALL_PX, 10),
                _text(
                    0, math.log10(read_j), f"a token read: {quantity(read_j, 'J', 2)}", colours.muted, "left", "y",
                    TEXT_PX, -12 if read_j > min(energies) * 1.6 else 12,
                ),
                _text(
                    math.log10(serving.batch[best]),
                    math.log10(serving.energy_j[best]),
                    f"least: {quantity(serving.energy_j[best], 'J', 2)} at {quantity(serving.batch[best], '1', 2)}",
                    colours.ink,
                    "center" if 8 <= serving.batch[best] <= 300 else "left" if serving.batch[best] < 8 else "right",
                    "y",
                    TEXT_PX,
                    -20,
                ),
            ],
        },
    }  # fmt: skip


def batch_alt(serving: Serving, chosen: tuple[float, float, float], read_j: float) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    best = serving.best()

    def at(batch: float, energy_j: float, step_s: float) -> str:
        return f"{quantity(energy_j, 'J', 2)} and {quantity(step_s, 's', 2)} at {batch:,.0f}"

    return (
        "Energy per token written and time between a conversation's tokens by conversations at once, log axes: "
        f"{at(serving.batch[0], serving.energy_j[0], serving.step_s[0])}; least energy "
        f"{at(serving.batch[best], serving.energy_j[best], serving.step_s[best])}; chosen {at(*chosen)}; "
        f"{at(serving.batch[-1], serving.energy_j[-1], serving.step_s[-1])}. "
        f"A token read takes {quantity(read_j, 'J', 2)}."
    )


def _limits(values: Sequence[float]) -> tuple[float, float]:
    return min(values) / 2.2, max(values) * 1.5


def _axis(limits: tuple[float, float], unit: str, domain: tuple[float, float], colours: Palette) -> dict[str, Any]:
    low, high = math.log10(limits[0]), math.log10(limits[1])
    decades = range(math.floor(low), math.floor(high) + 1)
    # Few decades need steps between them; many would crowd the smaller panel.
    digits = (1.0, 2.0, 5.0) if high - low < 2.2 else (1.0,)
    ticks = [digit * 10.0**n for n in decades for digit in digits if low <= n + math.log10(digit) <= high]
    ticks = ticks[:: max(1, math.ceil(len(ticks) / 5))]
    found = log_axis((low, high), ticks, lambda tick: quantity(tick, unit, 1), "", colours, grid=True)
    return found | {"domain": list(domain)}


def _curve(
    name: str, x: Sequence[float], y: Sequence[float], axis: str, unit: str, per: str, colours: Palette
) -> dict[str, Any]:
    return line_through(
        name,
        x,
        y,
        {"color": colours.machine, "width": 4},
        hover=[f"{quantity(value, unit, 2)} {per}<br>{n:,.0f} at once" for n, value in zip(x, y, strict=True)],
    ) | {"xaxis": "x", "yaxis": axis}


def _dots(
    name: str, places: Sequence[tuple[float, float]], axis: str, chosen: bool, colours: Palette
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": name,
        "mode": "markers",
        "x": [x for x, _ in places],
        "y": [y for _, y in places],
        "yaxis": axis,
        "marker": {
            "size": 17 if chosen else 11,
            "color": colours.machine if chosen else colours.ground,
            "line": {"width": 2.5, "color": colours.ground if chosen else colours.machine},
            "opacity": 1,
        },
        "hoverinfo": "skip",
    }


def _text(
    x: float, y: float, text: str, colour: str, anchor: str, reference: str, size: int, shift: float
) -> dict[str, Any]:
    return {
        "text": text,
        "font": {"size": size, "color": colour},
        "xref": "paper" if reference == "paper" else "x",
        "yref": reference,
        "x": x,
        "y": y,
        "xanchor": anchor,
        "yanchor": "middle",
        "yshift": shift,
    }
