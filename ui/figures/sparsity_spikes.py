"""Spikes against dense products: energy per synapse and inference over the activity, and where they cross."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import quantity, significant
from ui.figures.axes import level
from ui.figures.frames import PlainFigure
from ui.figures.pieces import halo, line_through
from ui.legend import legend, mark
from ui.theme import TEXT_PX, Mode, Palette, palette, template_dict

_PLOT_PX: Final = 430
_ROW_PX: Final = 46
_HEADING_PX: Final = 34
_AXIS_PX: Final = 58
_ENDS: Final = (0.001, 10.0)
_TICKS: Final = ((0.001, "0.001"), (0.01, "0.01"), (0.1, "0.1"), (1.0, "1"), (10.0, "10"))
_RULES: Final = (
    (1e-15, "1 fJ"),
    (1e-14, "10 fJ"),
    (1e-13, "0.1 pJ"),
    (1e-12, "1 pJ"),
    (1e-11, "10 pJ"),
    (1e-10, "100 pJ"),
)


@dataclass(frozen=True, slots=True)
class Event:
    """What a synaptic event costs in one kind of silicon [J]; ``dash`` is plotly's, ``key`` the record's."""

    name: str
    low_j: float
    event_j: float
    high_j: float
    dash: str
    key: str


@dataclass(frozen=True, slots=True)
class Crossing:
    """A published activity below which spikes save energy [spikes per synapse and inference]."""

    name: str
    low: float
    central: float
    high: float


@dataclass(frozen=True, slots=True)
class Spikes:
    """All that the figure shows.

    Attributes
    ----------
    events : tuple of Event
        Silicon.
    dense_j : float
        Dense multiply-add of the chosen chip, its memory apart [J].
    whole_j : float
        Dense multiply-add with everything a written token takes on the chosen machine [J].
    brain_j : float
        The brain's synaptic event [J].
    active : tuple of float
        Share of the brain's neurons that are active: low, central, high [1].
    crossings : tuple of Crossing
        As published.
    chip, serving : str
        Words for the two dense levels.
    """

    events: tuple[Event, ...]
    dense_j: float
    whole_j: float
    brain_j: float
    active: tuple[float, float, float]
    crossings: tuple[Crossing, ...]
    chip: str
    serving: str


def spikes_figure(spikes: Spikes, mode: Mode) -> go.Figure:
    """Draw the lines of events, the dense levels and the published crossings."""
    return PlainFigure(spikes_dict(spikes, mode))


def spikes_dict(spikes: Spikes, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    rows_px = _HEADING_PX + _ROW_PX * len(spikes.crossings)
    height = _PLOT_PX + _AXIS_PX + rows_px
    bottom = (_AXIS_PX + rows_px) / height
    floor = 0.5 * min(spikes.brain_j * _ENDS[0] * 3, spikes.dense_j * 1e-3)
    highest = 2.0 * max(spikes.whole_j, spikes.dense_j * 10, *(event.high_j for event in spikes.events))
    ends = (math.log10(floor), math.log10(highest))
    return {
        "data": [
            *(_band(event, colours) for event in spikes.events if event.high_j > event.low_j),
            *(_event(event, colours) for event in spikes.events),
            _brain(spikes, colours),
            _meeting(spikes, colours),
            _published(spikes.crossings, colours),
        ],
        "layout": {
            "template": template_dict(mode),
            "height": height,
            "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
            "xaxis": {
                "type": "log",
                "domain": [0, 0.82],
                "range": [math.log10(end) for end in _ENDS],
                "tickmode": "array",
                "tickvals": [tick for tick, _ in _TICKS],
                "ticktext": [text for _, text in _TICKS],
                "tickfont": {"color": colours.muted, "size": TEXT_PX},
                "title": {
                    "text": "spikes per synapse and inference",
                    "font": {"color": colours.muted, "size": TEXT_PX},
                },
            },
            "yaxis": {
                "type": "log",
                "domain": [bottom, 1],
                "range": list(ends),
                "side": "right",
                "tickmode": "array",
                "tickvals": [value for value, _ in _RULES if ends[0] < math.log10(value) < ends[1]],
                "ticktext": [f" {text}" for value, text in _RULES if ends[0] < math.log10(value) < ends[1]],
                "tickfont": {"color": colours.muted, "size": TEXT_PX},
            },
            "yaxis2": {
                "domain": [0, rows_px / height],
                "range": [rows_px, 0],
                "visible": False,
                "anchor": "x",
            },
            "shapes": [
                level(spikes.dense_j, colours.ink, "solid"),
                level(spikes.whole_j, colours.neutral, "solid"),
                {"type": "rect", "xref": "x", "x0": spikes.active[0], "x1": spikes.active[2], "yref": "y domain",
                 "y0": 0, "y1": 1, "fillcolor": colours.brain, "opacity": 0.14, "line": {"width": 0}, "layer": "below"},
            ],
            "annotations": _notes(spikes, ends[0], colours),
        },
    }  # fmt: skip


def spikes_alt(spikes: Spikes) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    events = "; ".join(
        f"{event.name} {quantity(event.event_j, 'J', 2)} an event, which meets it at "
        f"{_spikes(spikes.dense_j / event.event_j)} per synapse"
        for event in spikes.events
    )
    published = "; ".join(f"{crossing.name} {_threshold(crossing)}" for crossing in spikes.crossings)
    return (
        f"Energy per synapse and inference over spikes per synapse, on log axes. A dense multiply-add on {spikes.chip} "
        f"takes {quantity(spikes.dense_j, 'J', 2)}, with all of the machine {quantity(spikes.whole_j, 'J', 2)}. "
        f"{events}. "
        f"The brain's event takes {quantity(spikes.brain_j, 'J', 2)}. Published break-even activities: {published}."
    )


def _spikes(value: float) -> str:
    said = activity(value)
    return f"{said} spike{'' if said == '1' else 's'}"


def activity(value: float) -> str:
    """Say an activity with two digits.

    >>> activity(0.0562), activity(1.72), activity(1.0)
    ('0.056', '1.7', '1')
    """
    said = significant(value, 2)
    return said.rstrip("0").rstrip(".") if "." in said else said


def _threshold(crossing: Crossing) -> str:
    central = activity(crossing.central)
    spread = f" ({activity(crossing.low)} to {activity(crossing.high)})" if crossing.high > crossing.low else ""
    return f"{central}{spread}"


def legend_html(spikes: Spikes, mode: Mode) -> str:
    """Name the lines of silicon."""
    colours = palette(mode)
    dashes = {"solid": "━━", "dash": "╍╍", "dot": "┅┅"}
    first, *others = (
        mark(colours.machine, dashes[event.dash], f"{event.name}: {quantity(event.event_j, 'J', 2)}")
        for event in spikes.events
    )
    brain = f"the brain, charged to the events of its neocortex: {quantity(spikes.brain_j, 'J', 2)}"
    level = f"level lines: a dense multiply-add on the {escape(spikes.chip)}, alone and with all that a token takes"
    return legend(f"An event on {first}", *others, mark(colours.brain_ink, "━━", brain), level)


def _event(event: Event, colours: Palette) -> dict[str, Any]:
    return line_through(
        event.name,
        _ENDS,
        [event.event_j * end for end in _ENDS],
        {"color": colours.machine, "width": 2.5, "dash": event.dash},
        clip=True,
    )


def _band(event: Event, colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": f"{event.name}, range",
        "mode": "lines",
        "x": [_ENDS[0], _ENDS[1], _ENDS[1], _ENDS[0]],
        "y": [event.low_j * _ENDS[0], event.low_j * _ENDS[1], event.high_j * _ENDS[1], event.high_j * _ENDS[0]],
        "fill": "toself",
        "fillcolor": colours.band,
        "line": {"width": 0},
        "cliponaxis": True,
        "hoverinfo": "skip",
    }


def _brain(spikes: Spikes, colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "brain",
        "mode": "lines+markers",
        "x": [_ENDS[0], spikes.active[1], _ENDS[1]],
        "y": [spikes.brain_j * value for value in (_ENDS[0], spikes.active[1], _ENDS[1])],
        "line": {"color": colours.brain, "width": 2.5},
        "marker": {"color": colours.brain, "size": [0, 13, 0], "opacity": 1, "line": {"width": 0}},
        "cliponaxis": True,
        "hoverinfo": "skip",
    }


def _meeting(spikes: Spikes, colours: Palette) -> dict[str, Any]:
    """Where each line of silicon meets the dense multiply-add."""
    found = [(event, spikes.dense_j / event.event_j) for event in spikes.events]
    inside = [(event, value) for event, value in found if _ENDS[0] <= value <= _ENDS[1]]
    return {
        "type": "scatter",
        "name": "break-even",
        "mode": "markers",
        "x": [value for _, value in inside],
        "y": [spikes.dense_j] * len(inside),
        "marker": {"color": colours.machine, "size": 12, "opacity": 1, "line": {"width": 2, "color": colours.ground}},
        "hovertext": [f"<b>{escape(event.name)}</b><br>pays below {activity(value)}" for event, value in inside],
        "hoverinfo": "text",
    }


def _published(crossings: Sequence[Crossing], colours: Palette) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    size: list[int] = []
    for row, crossing in enumerate(crossings):
        x += [crossing.low, crossing.central, crossing.high, None]
        y += [_HEADING_PX + _ROW_PX * row + 32.0] * 3 + [None]
        size += [6, 13, 6, 0]
    return {
        "type": "scatter",
        "name": "published",
        "mode": "lines+markers",
        "yaxis": "y2",
        "x": x,
        "y": y,
        "line": {"color": colours.greys[1], "width": 3},
        "marker": {"color": colours.greys[0], "size": size, "opacity": 1, "line": {"width": 0}},
        "hoverinfo": "skip",
    }


def _notes(spikes: Spikes, floor: float, colours: Palette) -> list[dict[str, Any]]:
    apart = abs(math.log10(spikes.whole_j / spikes.dense_j)) > 0.35
    return [
        _left(
            f"dense: {quantity(spikes.dense_j, 'J', 2)}",
            math.log10(spikes.dense_j),
            colours.ink,
            colours,
        ),
        *(
            [
                _left(
                    f"{spikes.serving}: {quantity(spikes.whole_j, 'J', 2)}",
                    math.log10(spikes.whole_j),
                    colours.muted,
                    colours,
                )
            ]
            if apart
            else []
        ),
        {
            "text": "<b>brain</b>",
            "font": {"size": TEXT_PX, "color": colours.brain_ink},
            "xref": "x",
            "x": math.log10(spikes.active[2]),
            "xanchor": "left",
            "xshift": 6,
            "yref": "y",
            "y": math.log10(spikes.brain_j * spikes.active[1]),
            "yanchor": "top",
        },
        {
            "text": "<b>published: spikes pay below</b>",
            "font": {"size": TEXT_PX, "color": colours.ink},
            "xref": "paper",
            "x": 0,
            "xanchor": "left",
            "yref": "y2",
            "y": _HEADING_PX / 2,
            "yanchor": "middle",
        },
        *(
            {
                "text": f"{escape(crossing.name)}, {_threshold(crossing)}",
                "font": {"size": TEXT_PX, "color": colours.muted},
                "xref": "paper",
                "x": 0,
                "xanchor": "left",
                "yref": "y2",
                "y": _HEADING_PX + _ROW_PX * row + 12.0,
                "yanchor": "middle",
            }
            for row, crossing in enumerate(spikes.crossings)
        ),
    ]


def _left(text: str, place: float, colour: str, colours: Palette) -> dict[str, Any]:
    return {
        "text": escape(text),
        # On a narrow screen steep lines pass here.
        "font": {"size": TEXT_PX, "color": colour, "shadow": halo(colours)},
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "yref": "y",
        "y": place,
        "yanchor": "bottom",
        "yshift": 2,
    }
