"""What a student costs by how much of its teacher it pays for, with a slider along the worth of a taught token."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import significant
from ui.figures.axes import above
from ui.figures.frames import PlainFigure
from ui.figures.pieces import halo
from ui.figures.rail import rail, sliding
from ui.figures.scaling_parts import joules, label, line, log_axis, powers, rounded
from ui.legend import legend, mark
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

_ROW_PX: Final = 62
_TOP_PX: Final = 44
_BOTTOM_PX: Final = 132
_HEIGHT_PX: Final = 420
_MARGIN: Final = {"l": 60, "r": 16, "t": 34, "b": 58}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to the same student: its name, energy [J] and parts (student, answers, teacher) [J]."""

    name: str
    energy_j: float
    parts: tuple[float, float, float]


def worth_words(worth: float) -> str:
    """Name a worth, as the slider does.

    >>> worth_words(2.5), worth_words(1.0)
    ('a taught token is worth 2.5 tokens', 'a taught token is worth 1 token')
    """
    return f"a taught token is worth {worth:g} token{'' if worth == 1 else 's'}"


def ways_figure(ways: Mapping[float, Sequence[Way]], active: float, mode: Mode) -> go.Figure:
    """Draw every way's energy, the slider standing at the worth ``active``; the first way is on data alone."""
    return PlainFigure(ways_dict(ways, active, mode))


def ways_dict(ways: Mapping[float, Sequence[Way]], active: float, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    rows = len(ways[active])
    every = [way.energy_j for each in ways.values() for way in each]
    ends = (min(every) / 1.6, max(every) * 1.6)
    height = _TOP_PX + _ROW_PX * rows + _BOTTOM_PX
    places = [_TOP_PX + _ROW_PX * row + 42 for row in range(rows)]
    moving: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "name": "data alone",
            "mode": "lines",
            "y": [_TOP_PX + 30, places[-1] + 8],
            "line": {"color": colours.ink, "width": 2, "dash": "dot"},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "name": "against data alone",
            "mode": "lines",
            "y": [y for place in places[1:] for y in (place, place, None)],
            "line": {"color": colours.neutral_soft, "width": 6},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "name": "ways",
            "mode": "markers",
            "y": places,
            "marker": {"size": 16, "line": {"color": colours.ground, "width": 2}, "opacity": 1},
            "hoverinfo": "text",
        },
        {
            "type": "scatter",
            "name": "words",
            "mode": "text",
            "xaxis": "x2",
            "x": [0, *[0] * rows, *[1] * rows],
            "y": [15, *[place - 24 for place in places] * 2],
            "textposition": [*["middle right"] * (rows + 1), *["middle left"] * rows],
            "textfont": {
                "size": [20, *[TEXT_PX] * (2 * rows)],
                "color": [colours.machine, *[colours.ink] * (2 * rows)],
                "shadow": halo(colours),
            },
            "hoverinfo": "skip",
        },
    ]
    stops = {f"{worth:g}": _moved(each, colours) for worth, each in ways.items()}
    said = [f"{words[0].upper()}{words[1:]}" for words in map(worth_words, ways)]
    here = list(ways).index(active)
    return {
        **sliding([], moving, stops, here),
        "layout": {
            "template": template_dict(mode),
            "height": height,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _BOTTOM_PX},
            "xaxis": log_axis(ends, powers(*ends), joules, "energy charged to the student", colours, grid=True),
            "xaxis2": {"range": [0, 1], "visible": False, "overlaying": "x"},
            # One unit is one pixel, counted down from the top.
            "yaxis": {"range": [height - _BOTTOM_PX, 0], "visible": False},
            "sliders": [rail(list(stops), said, here, colours, above_px=60)],
        },
    }


def verdict(ways: Sequence[Way]) -> str:
    """Say which ways cost less than data alone.

    >>> parts = (1.0, 0.0, 0.0)
    >>> names = "On data alone", "Teacher free", "Its answers charged"
    >>> verdict([Way(name, energy, parts) for name, energy in zip(names, (2.0, 1.0, 3.0))])
    'Pays if the teacher is free'
    """
    alone = ways[0].energy_j
    paying = [row for row, way in enumerate(ways) if row and way.energy_j < alone * (1 - 1e-9)]
    if not paying:
        return "Teaching does not pay"
    name = ways[paying[-1]].name
    said = ("", "if the teacher is free", "with its answers charged", f"with {name[0].lower()}{name[1:]}")
    return f"Pays {said[paying[-1]]}" if paying[-1] < len(said) else "Pays even with all of it charged"


def ways_alt(ways: Mapping[float, Sequence[Way]], active: float) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(f"{way.name}: {joules(way.energy_j)}" for way in ways[active])
    first, last = ways[min(ways)], ways[max(ways)]
    return (
        f"Energy of a student, log axis, where {worth_words(active)} of data: {said}. {verdict(ways[active])}. "
        f"Where it is worth {min(ways):g}: {verdict(first).lower()}; {max(ways):g}: {verdict(last).lower()}."
    )


def _moved(ways: Sequence[Way], colours: Palette) -> list[dict[str, Any]]:
    """Only what changes from frame to frame, in the order of the moving traces."""
    alone = ways[0].energy_j
    return [
        {"x": rounded([alone, alone])},
        {"x": [x for way in ways[1:] for x in (*rounded([alone, way.energy_j]), None)]},
        {
            "x": rounded([way.energy_j for way in ways]),
            "marker": {
                "size": 16,
                "line": {"color": colours.ground, "width": 2},
                "opacity": 1,
                "color": [colours.ink, *(_colour(way, alone, colours) for way in ways[1:])],
            },
            "hovertext": [f"<b>{way.name}</b><br>{parts_words(way.parts)}" for way in ways],
        },
        {
            "text": [
                f"<b>{verdict(ways)}</b>",
                *(f"<b>{way.name}</b>" for way in ways),
                *(
                    joules(way.energy_j) if row == 0 else f"{joules(way.energy_j)}, {ratio_words(way.energy_j / alone)}"
                    for row, way in enumerate(ways)
                ),
            ]
        },
    ]


def _colour(way: Way, alone: float, colours: Palette) -> str:
    return colours.machine if way.energy_j < alone * (1 - 1e-9) else colours.neutral


def ratio_words(ratio: float) -> str:
    """Say a ratio of energies.

    >>> ratio_words(0.5), ratio_words(9.81), ratio_words(1.001)
    ('÷2', '×9.8', 'the same')
    """
    if 0.975 < ratio < 1.025:
        return "the same"
    said = significant(max(ratio, 1 / ratio)).removesuffix(".0")
    return f"{'×' if ratio > 1 else '÷'}{said}"


def parts_words(parts: Sequence[float]) -> str:
    """Say the parts of a bill.

    >>> parts_words((2e9, 0.0, 3e12))
    'student 2 GJ, teacher’s training 3 TJ'
    """
    names = ("student", "teacher’s answers", "teacher’s training")
    return ", ".join(f"{name} {joules(part)}" for name, part in zip(names, parts, strict=True) if part)


@dataclass(frozen=True, slots=True)
class Threshold:
    """By students that share a teacher: the least worth of a taught token with which teaching pays [1]."""

    name: str
    students: tuple[float, ...]
    worth: tuple[float, ...]
    chosen: bool


def thresholds_figure(
    found: Sequence[Threshold], worth: tuple[float, float, float], at: tuple[float, float], mode: Mode
) -> go.Figure:
    """Draw where teaching begins to pay; ``at`` is the chosen number of students and worth."""
    return PlainFigure(thresholds_dict(found, worth, at, mode))


def thresholds_dict(
    found: Sequence[Threshold], worth: tuple[float, float, float], at: tuple[float, float], mode: Mode
) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    ends, top = (found[0].students[0], found[0].students[-1]), 45.0
    data = []
    for one in found:
        drawn = [(n, k) for n, k in zip(one.students, one.worth, strict=True) if math.isfinite(k) and k <= top]
        look = {"color": colours.machine if one.chosen else colours.neutral, "width": 4 if one.chosen else 2.5}
        hover = f"{one.name}, %{{x:,.0f}} students: above %{{y:.2g}} tokens"
        data.append(line(one.name, [n for n, _ in drawn], [k for _, k in drawn], look, hover))
    notes = []
    for rank, one in enumerate(sorted(found, key=lambda one: one.worth[-1])):
        last = one.worth[-1]
        if math.isfinite(last):
            colour = colours.machine if one.chosen else colours.muted
            words = f"<b>{one.name}</b>" if one.chosen else one.name
            # Lines lie close together at the right: the lowest has its name beneath.
            notes.append(label(one.students[-1], last, words, colour, colours, "right", 13 if rank else -14))
    return {
        "data": [
            *data,
            {
                "type": "scatter",
                "name": "chosen",
                "mode": "markers",
                "x": [at[0]],
                "y": [at[1]],
                "marker": {
                    "size": 16, "color": colours.ink, "opacity": 1, "line": {"color": colours.ground, "width": 2},
                },
                "hoverinfo": "text",
                "hovertext": [f"chosen: {at[0]:,.0f} students, {worth_words(at[1])}"],
            },
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _HEIGHT_PX,
            "margin": _MARGIN,
            "xaxis": log_axis(
                (ends[0] / 1.15, ends[1]),
                powers(*ends),
                lambda n: f"{n:,.0f}",
                "students that share the teacher",
                colours,
            ),
            "yaxis": log_axis((0.9, top), (1, 2, 5, 10, 20, 40), lambda k: f"{k:g}", "", colours, grid=True),
            "shapes": [
                {
                    "type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": worth[0], "y1": worth[2], "layer": "below",
                    "fillcolor": colours.band, "line": {"width": 0},
                }
            ],
            "annotations": [
                above("least worth of a taught token", colours),
                {
                    "text": f"assumed: {worth[0]:g} to {worth[2]:g}",
                    "font": {"size": SMALL_PX, "color": colours.muted, "shadow": halo(colours)},
                    "xref": "paper", "x": 0.02, "xanchor": "left",
                    "y": math.log10(worth[0]), "yanchor": "bottom", "yshift": 2,
                },
                *notes,
            ],
        },
    }  # fmt: skip


def thresholds_alt(found: Sequence[Threshold], worth: tuple[float, float, float]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{one.name}: {_worth_or_never(one.worth[0])} with one student, {_worth_or_never(one.worth[-1])} with "
        f"{one.students[-1]:,.0f}"
        for one in found
    )
    return (
        "Least worth of a taught token, in tokens of data, at which teaching saves energy, by students that share the "
        f"teacher’s training, log axes. {said}. Assumed worth: {worth[1]:g}, {worth[0]:g} to {worth[2]:g}."
    )


def _worth_or_never(worth: float) -> str:
    return significant(worth) if math.isfinite(worth) else "never"


@dataclass(frozen=True, slots=True)
class Reached:
    """Along losses to reach [nats]: energies by way [J], infinite where it cannot be reached."""

    losses: tuple[float, ...]
    ways: tuple[tuple[str, tuple[float, ...]], ...]
    floor: float
    teacher: float
    student: str


def reach_figure(found: Reached, mode: Mode) -> go.Figure:
    """Draw the energy to reach a loss, by way."""
    return PlainFigure(reach_dict(found, mode))


def reach_dict(found: Reached, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    looks = _reach_looks(colours)
    finite = [y for _, values in found.ways for y in values if math.isfinite(y)]
    ends = (min(finite) / 2, min(max(finite), min(finite) * 1e9) * 2)
    data = []
    for (name, values), look in zip(found.ways, looks, strict=True):
        drawn = [(x, y) for x, y in zip(found.losses, values, strict=True) if math.isfinite(y)]
        hover = f"{name}: loss %{{x:.3f}}, %{{y:.2s}}J"
        data.append(line(name, [x for x, _ in drawn], [y for _, y in drawn], look, hover))
    return {
        "data": data,
        "layout": {
            "template": template_dict(mode),
            "height": _HEIGHT_PX,
            "margin": {**_MARGIN, "l": 68},
            "xaxis": {
                "range": [found.losses[-1], found.floor - 0.004],
                "tickfont": {"size": SMALL_PX, "color": colours.muted},
                "nticks": 6,
                "title": {
                    "text": "loss to reach, nats per token (better →)",
                    "font": {"size": TEXT_PX, "color": colours.muted},
                },
            },
            "yaxis": log_axis(ends, powers(*ends), joules, "", colours, grid=True),
            "shapes": [
                {
                    "type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": found.floor, "x1": found.floor,
                    "line": {"color": colours.limit, "width": 2},
                }
            ],
            "annotations": [
                above("training energy", colours),
                {
                    "text": f"no {found.student} gets here",
                    "font": {"size": TEXT_PX, "color": colours.limit, "shadow": halo(colours)},
                    "x": found.floor, "xanchor": "right", "xshift": -6, "yref": "paper", "y": 0.03,
                },
            ],
        },
    }  # fmt: skip


def _reach_looks(colours: Palette) -> tuple[dict[str, Any], ...]:
    """Compute-optimal size, data alone, teacher free, answers charged, shared, all charged."""
    return (
        {"color": colours.neutral, "width": 3, "dash": "dot"},
        {"color": colours.ink, "width": 3},
        {"color": colours.shades[0], "width": 3, "dash": "dash"},
        {"color": colours.machine, "width": 4},
        {"color": colours.shades[2], "width": 3, "dash": "dashdot"},
        {"color": colours.greys[1], "width": 3, "dash": "dash"},
    )


def reach_legend_html(found: Reached, mode: Mode) -> str:
    """Name the lines of the figure of losses."""
    dashes = {"dot": "···", "dash": "– –", "dashdot": "–·–", "solid": "——"}
    looks = zip(found.ways, _reach_looks(palette(mode)), strict=True)
    return legend(*(mark(look["color"], dashes[look.get("dash", "solid")], name) for (name, _), look in looks))


def reach_alt(found: Reached) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    middle = len(found.losses) // 2
    said = "; ".join(
        f"{name}: {joules(values[middle]) if math.isfinite(values[middle]) else 'cannot'}"
        for name, values in found.ways
    )
    return (
        f"Training energy to reach a loss by the refitted law, log axis. At {found.losses[middle]:.3f} nats per token: "
        f"{said}. No {found.student} gets below {found.floor:.3f}; the teacher’s own loss is {found.teacher:.3f}."
    )
