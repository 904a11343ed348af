"""Power that a run's useful rate takes by how well its chips are used, with a slider along utilisation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import quantity
from ui.figures.axes import card_axes, rule, rule_words, under_axis
from ui.figures.frames import PlainFigure
from ui.figures.pieces import CARD_LINES, CARD_PX, band, card, halo, here, line_through
from ui.figures.rail import RAIL_PX, rail, sliding
from ui.theme import TEXT_PX, Mode, Palette, palette, template_dict

_PLOT_PX: Final = 300
_AXIS_PX: Final = 54
_MANTISSAS: Final = (1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of the slider: utilisation [1], power in all with its range, of the work alone [W], and what it says."""

    utilisation: float
    power_w: float
    low_w: float
    high_w: float
    work_w: float
    words: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Own:
    """The run's own utilisation as published, with its range [1], and the power there [W]."""

    name: str
    low: float
    central: float
    high: float
    power_w: float


def power_figure(stops: Sequence[Stop], own: Own, active: int, mode: Mode) -> go.Figure:
    """Draw power over utilisation at one useful rate: all of it, and the part that is work."""
    return PlainFigure(power_dict(stops, own, active, mode))


def power_dict(stops: Sequence[Stop], own: Own, active: int, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    height = CARD_PX + _PLOT_PX + _AXIS_PX
    plot = (_AXIS_PX / height, (_AXIS_PX + _PLOT_PX) / height)
    least = min(min(stop.work_w for stop in stops), min(stop.low_w for stop in stops))
    most = max(stop.high_w for stop in stops)
    limits = (math.log10(least) - 0.14, math.log10(most) + 0.12)
    grid = _grid(limits)
    spread = band([s.utilisation for s in stops], [s.low_w for s in stops], [s.high_w for s in stops], colours)
    fixed = [spread | {"opacity": 0.5}, _line(stops, colours), _work(stops, colours), _own(own, colours)]
    frames = {step_name(stop.utilisation): _moving(stop) for stop in stops}
    said = [f"{100 * stop.utilisation:.0f} % of the peak is useful" for stop in stops]
    ends = (stops[0].utilisation, stops[-1].utilisation)
    return {
        **sliding(fixed, _looks(colours), frames, active),
        "layout": {
            "template": template_dict(mode),
            "height": height + RAIL_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": RAIL_PX},
            "xaxis": {
                "domain": [0.0, 0.985],
                "range": [ends[0] - 0.035, ends[1] + 0.03],
                "ticklabeloverflow": "allow",
                "anchor": "y",
                "tickvals": [tick / 10 for tick in range(1, 10) if ends[0] <= tick / 10 <= ends[1]],
                "tickformat": ".0%",
                "tickfont": {"color": colours.muted, "size": TEXT_PX},
            },
            "yaxis": {"type": "log", "domain": list(plot), "range": list(limits), "anchor": "x", "visible": False},
            **card_axes(plot[1], CARD_PX),
            "shapes": [rule(watts, colours) for watts in grid],
            "annotations": [
                *(rule_words(quantity(watts, "W", 2), math.log10(watts), colours) for watts in grid),
                _note("all", stops[-1].utilisation, stops[-1].power_w, colours.machine, 18, colours),
                _note("the work alone", 0.6, _near(stops, 0.6).work_w, colours.muted, 14, colours),
                _note(f"{escape(own.name)}, reported", own.central, own.power_w, colours.ink, 26, colours, _side(own)),
                under_axis("of the peak rate is useful work", colours),
            ],
            "sliders": [rail(list(frames), said, active, colours)],
        },
    }


def power_alt(stops: Sequence[Stop], own: Own, active: int) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    at = stops[active]
    said = "; ".join(
        f"{100 * stop.utilisation:.0f} % {quantity(stop.power_w, 'W', 2)}"
        for stop in stops
        if round(100 * stop.utilisation) % 10 == 0
    )
    return (
        f"Power that the useful rate of {own.name} takes by utilisation, log axis of watts: {said}. Slider at "
        f"{100 * at.utilisation:.0f} %: {quantity(at.power_w, 'W', 2)} ({quantity(at.low_w, 'W', 2)} to "
        f"{quantity(at.high_w, 'W', 2)}), of it work {quantity(at.work_w, 'W', 2)}; {at.words[1]}. Reported: "
        f"{100 * own.low:.1f} to {100 * own.high:.1f} %. A slider moves through {len(stops)} utilisations."
    )


def step_name(utilisation: float) -> str:
    """Spell a utilisation as in a link.

    >>> step_name(0.5), step_name(0.42)
    ('0.5', '0.42')
    """
    return f"{utilisation:g}"


def _near(stops: Sequence[Stop], utilisation: float) -> Stop:
    return min(stops, key=lambda stop: abs(stop.utilisation - utilisation))


def _side(own: Own) -> str:
    """Keep a name inside the figure on a phone."""
    return "left" if own.central < 0.3 else "center"


def _grid(limits: tuple[float, float]) -> list[float]:
    """Round numbers of watts within the figure, not more than five."""
    found = [
        m * 10.0**n
        for n in range(math.floor(limits[0]), math.ceil(limits[1]) + 1)
        for m in _MANTISSAS
        if limits[0] + 0.02 < math.log10(m * 10.0**n) < limits[1] - 0.06
    ]
    return found if len(found) <= 5 else [watts for watts in found if math.log10(watts).is_integer()] or found[::2]


def _moving(stop: Stop) -> list[dict[str, Any]]:
    """Only what changes from frame to frame, in the order of `_looks`."""
    return [
        {"x": [stop.utilisation] * 2, "y": [stop.work_w, stop.power_w]},
        {"x": [stop.utilisation], "y": [stop.power_w]},
        {"text": [f"<b>{stop.words[0]}</b>", stop.words[1]]},
    ]


def _looks(colours: Palette) -> list[dict[str, Any]]:
    return [
        {
            "type": "scatter",
            "name": "waiting",
            "mode": "lines",
            "line": {"color": colours.neutral, "width": 5},
            "hoverinfo": "skip",
        },
        here(colours),
        card(CARD_LINES, (colours.machine, colours.muted)),
    ]


def _line(stops: Sequence[Stop], colours: Palette) -> dict[str, Any]:
    return line_through(
        "all",
        [stop.utilisation for stop in stops],
        [stop.power_w for stop in stops],
        {"color": colours.machine, "width": 3},
        hover=[
            f"<b>{100 * stop.utilisation:.0f} %</b><br>{quantity(stop.power_w, 'W', 3)}, of it work "
            f"{quantity(stop.work_w, 'W', 3)}"
            for stop in stops
        ],
    )


def _work(stops: Sequence[Stop], colours: Palette) -> dict[str, Any]:
    return line_through(
        "the work alone",
        [stop.utilisation for stop in stops],
        [stop.work_w for stop in stops],
        {"color": colours.shades[3], "width": 2},
    )


def _own(own: Own, colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "reported",
        "mode": "markers",
        "x": [own.central],
        "y": [own.power_w],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [own.high - own.central],
            "arrayminus": [own.central - own.low],
            "color": colours.ink,
            "thickness": 2,
            "width": 0,
        },
        "marker": {
            "symbol": "diamond",
            "size": 13,
            "color": colours.ground,
            "line": {"width": 2.5, "color": colours.ink},
            "opacity": 1,
        },
        "hovertext": [
            f"<b>{escape(own.name)}</b><br>{100 * own.low:.1f} to {100 * own.high:.1f} % reported<br>"
            f"{quantity(own.power_w, 'W', 2)} by our model"
        ],
        "hoverinfo": "text",
    }


def _note(
    text: str, x: float, y: float, colour: str, shift: float, colours: Palette, anchor: str = "right"
) -> dict[str, Any]:
    return {
        "text": text,
        "font": {"size": TEXT_PX, "color": colour, "shadow": halo(colours)},
        "x": x,
        "y": math.log10(y),
        "xanchor": anchor,
        "yanchor": "middle",
        "yshift": shift,
    }
