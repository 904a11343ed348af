"""The power ladder: from one brain to a gigawatt site, with a slider through named systems."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final, Protocol

import plotly.graph_objects as go

from ui.figures.axes import card_axes
from ui.figures.frames import PlainFigure
from ui.figures.pieces import card, halo
from ui.figures.rail import MAXIMUM_FRAMES, rail, sliding
from ui.figures.rungs import (
    AXIS_AT,
    BRAIN_W,
    PLOT_END,
    PLOT_PX,
    POWERS,
    Rung,
    axis_line,
    brains,
    label_shifts,
    rung_label,
    rung_line,
    rung_trace,
    watts,
)
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

_CARD_PX: Final = 78
"""Above the plot: what the slider stands at, in large type."""
_PLOT_TOP: Final = PLOT_PX / (PLOT_PX + _CARD_PX)
_BOTTOM_PX: Final = 86
_RULES: Final = ((1e3, "1 kW"), (1e6, "1 MW"), (1e9, "1 GW"), (1e12, "1 TW"))


class System(Protocol):
    """What the slider visits: a named system and the power it draws [W]; the range may be unknown.

    The label is at most 26 letters, or the line above the slider is cut on a phone.
    """

    key: str
    label: str
    year: int
    power_w: float
    low_w: float | None
    high_w: float | None
    kind: str


def ladder_figure(rungs: Sequence[Rung], systems: Sequence[System], active: int, mode: Mode) -> go.Figure:
    """Draw the ladder with the slider standing at ``systems[active]``."""
    return PlainFigure(ladder_dict(rungs, systems, active, mode))


def ladder_dict(rungs: Sequence[Rung], systems: Sequence[System], active: int, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    if not 1 <= len(systems) <= MAXIMUM_FRAMES:
        raise ValueError(f"systems has {len(systems)} entries; allowed are 1 to {MAXIMUM_FRAMES}")
    if not 0 <= active < len(systems):
        raise ValueError(f"active is {active}; allowed are 0 to {len(systems) - 1}")
    colours = palette(mode)
    years = _year_range(systems)
    fixed = [rung_trace(rungs, years[0], colours), _ghost_trace(systems, colours)]
    stops = {system.key: _moving(system, years) for system in systems}
    return {
        **sliding(fixed, _looks(colours), stops, active),
        "layout": {
            "template": template_dict(mode),
            "height": PLOT_PX + _CARD_PX + _BOTTOM_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _BOTTOM_PX},
            "xaxis": {
                "domain": [AXIS_AT, PLOT_END],
                "range": list(years),
                "tickmode": "array",
                "tickvals": _year_ticks(systems),
                "tickformat": "d",
                "tickfont": {"color": colours.muted, "size": SMALL_PX},
            },
            "yaxis": {
                "type": "log",
                "domain": [0, _PLOT_TOP],
                "range": list(POWERS),
                "side": "right",
                "tickmode": "array",
                "tickvals": [power for power, _ in _RULES],
                "ticktext": [f" {text}" for _, text in _RULES],
                "tickfont": {"color": colours.muted, "size": SMALL_PX},
            },
            **card_axes(_PLOT_TOP, _CARD_PX),
            "shapes": [
                axis_line(_PLOT_TOP, colours),
                *(rung_line(rung, colours) for rung in rungs),
            ],
            "annotations": [
                rung_label(rung, shift, colours) for rung, shift in zip(rungs, label_shifts(rungs), strict=True)
            ],
            "sliders": [rail(list(stops), [escape(_titled(one)) for one in systems], active, colours, above_px=26)],
        },
    }


def ladder_alt(rungs: Sequence[Rung], systems: Sequence[System], active: int) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    system = systems[active]
    steps = "; ".join(f"{rung.label} {watts(rung.power_w)}, {brains(rung.power_w)}" for rung in rungs)
    return (
        f"Power on a log axis from 10 W to 1 TW. {_titled(system)} draws {watts(system.power_w)}"
        f"{_range_text(system)}, as much as {brains(system.power_w)}. For comparison: {steps}. "
        f"A slider moves through {len(systems)} systems."
    )


def _titled(system: System) -> str:
    return f"{system.label}, {system.year}"


def _range_text(system: System) -> str:
    low, high = _interval(system)
    return f" (range {watts(low)} to {watts(high)})" if high > low else ""


def _interval(system: System) -> list[float]:
    return [system.low_w or system.power_w, system.high_w or system.power_w]


def _year_range(systems: Sequence[System]) -> tuple[float, float]:
    first = min(system.year for system in systems)
    last = max(system.year for system in systems)
    pad = max(0.06 * (last - first), 0.5)
    return first - 2 * pad, last + pad


def _year_ticks(systems: Sequence[System]) -> list[int]:
    first = min(system.year for system in systems)
    last = max(system.year for system in systems)
    return [first, last] if last > first else [first]


def _ghost_trace(systems: Sequence[System], colours: Palette) -> dict[str, Any]:
    """Every system, faintly: where the slider can go."""
    return {
        "type": "scatter",
        "name": "systems",
        "mode": "markers",
        "x": [system.year for system in systems],
        "y": [system.power_w for system in systems],
        "marker": {"size": 8, "color": colours.machine_soft, "opacity": 1, "line": {"width": 0}},
        "hovertext": [
            f"<b>{escape(_titled(system))}</b><br>{watts(system.power_w)}, {brains(system.power_w)}"
            f"<br>{_range_text(system)[2:-1]}<br>{escape(system.kind)}".replace("<br><br>", "<br>")
            for system in systems
        ],
        "hoverinfo": "text",
    }


def _moving(system: System, years: tuple[float, float]) -> list[dict[str, Any]]:
    """Only what changes from frame to frame, in the order of `_looks`."""
    place = (system.year - years[0]) / (years[1] - years[0])
    side = "middle right" if place < 0.4 else "middle left" if place > 0.6 else "top center"
    power = watts(system.power_w)
    return [
        {"x": [system.year, system.year], "y": _interval(system)},
        {
            "x": [system.year, system.year],
            "y": [BRAIN_W, system.power_w],
            "text": ["", f"  <b>{power}</b>  "],
            "textposition": side,
        },
        {"text": [f"<b>{brains(system.power_w)}</b>", f"{power}{_range_text(system)}"]},
    ]


def _looks(colours: Palette) -> list[dict[str, Any]]:
    """How the range looks, the way up from one brain to the system, and the words above the plot.

    Three traces, because every one is made again for each frame and that is most of the time.
    """
    return [
        {
            "type": "scatter",
            "name": "interval",
            "mode": "lines",
            "line": {"color": colours.machine_soft, "width": 9},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "name": "chosen",
            "mode": "lines+markers+text",
            "line": {"color": colours.machine, "width": 2, "dash": "dot"},
            "marker": {
                "size": [0, 19],
                "color": colours.machine,
                "line": {"width": [0, 2.5], "color": colours.ground},
                "opacity": 1,
            },
            "textfont": {"size": TEXT_PX, "color": colours.ink, "shadow": halo(colours)},
            "hoverinfo": "skip",
        },
        card((56, 24), (colours.machine, colours.muted), size=28),
    ]
