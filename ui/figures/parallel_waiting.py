"""What waiting costs: energy per FLOP by utilisation, and a shared job's speed-up against its energy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import factor, quantity
from ui.figures.axes import above, decades, log_axis
from ui.figures.frames import PlainFigure
from ui.figures.pieces import halo, line_through
from ui.theme import TEXT_PX, Mode, Palette, palette, template_dict

_HEIGHT_PX: Final = 400
_MARGIN: Final = {"l": 64, "r": 26, "t": 30, "b": 58}


@dataclass(frozen=True, slots=True)
class Mark:
    """A named place on the curve of utilisation: share of the peak [1] and energy [J/FLOP]."""

    name: str
    utilisation: float
    energy_j: float
    chosen: bool


def usage_figure(
    utilisation: Sequence[float], work: Sequence[float], waiting: Sequence[float], marks: Sequence[Mark], mode: Mode
) -> go.Figure:
    """Draw energy per useful FLOP over utilisation: all of it, the work and the waiting."""
    return PlainFigure(usage_dict(utilisation, work, waiting, marks, mode))


def usage_dict(
    utilisation: Sequence[float], work: Sequence[float], waiting: Sequence[float], marks: Sequence[Mark], mode: Mode
) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    total = [a + b for a, b in zip(work, waiting, strict=True)]
    # What is far below the rest has nothing to say and would stretch the axis.
    floor = max(min(*work, *waiting), max(total) / 1e5, 1e-30) / 2.2
    axis = (math.log10(floor), math.log10(max(*total, floor * 10) * 1.6))
    return {
        "data": [
            _line("waiting", utilisation, waiting, colours.greys[1], "dash", 2),
            _line("work", utilisation, work, colours.shades[3], "solid", 2),
            _line("all", utilisation, total, colours.machine, "solid", 4),
            _marks(marks, colours),
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _HEIGHT_PX,
            "margin": _MARGIN,
            "xaxis": log_axis(
                (math.log10(min(utilisation)), math.log10(1.06)),
                [share for share in (0.01, 0.03, 0.1, 0.3, 1.0) if share >= min(utilisation)],
                lambda share: f"{100 * share:.0f} %",
                "share of the peak rate that is useful work",
                colours,
            ),
            "yaxis": log_axis(axis, decades(*axis), lambda joules: quantity(joules, "J", 1), "", colours, grid=True),
            "annotations": [
                _label(utilisation[0], total[0], "all", colours.machine, 14, bold=True),
                _label(utilisation[0], work[0], "work", colours.muted, 14 if work[0] < waiting[0] else -14),
                _label(utilisation[-1], waiting[-1], "waiting", colours.muted, -16, "right"),
                above("energy per useful FLOP", colours, 4),
            ],
        },
    }


def usage_alt(
    utilisation: Sequence[float], work: Sequence[float], waiting: Sequence[float], marks: Sequence[Mark]
) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    ends = ", ".join(
        f"{quantity(work[i] + waiting[i], 'J', 2)} at {100 * utilisation[i]:.0f} %, of it "
        f"{quantity(waiting[i], 'J', 2)} waiting"
        for i in (0, -1)
    )
    named = "; ".join(
        f"{mark.name} {100 * mark.utilisation:.0f} %, {quantity(mark.energy_j, 'J', 2)}" for mark in marks
    )
    return f"Energy per useful FLOP over utilisation, log axes: {ends}. Marked: {named}."


@dataclass(frozen=True, slots=True)
class Job:
    """A job of which a share is serial: speed-up and energy [1] by number of processors."""

    serial: float
    processors: tuple[float, ...]
    speed_up: tuple[float, ...]
    energy: tuple[float, ...]

    @property
    def name(self) -> str:
        """Its serial share in words."""
        return f"{100 * self.serial:g} % serial"


def amdahl_figure(jobs: Sequence[Job], mode: Mode) -> go.Figure:
    """Draw each job's energy over its speed-up, a dot for each power of ten of processors."""
    return PlainFigure(amdahl_dict(jobs, mode))


def amdahl_dict(jobs: Sequence[Job], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    right = math.log10(max(max(job.speed_up) for job in jobs)) + 0.25
    top = math.log10(max(max(job.energy) for job in jobs)) + 0.35
    return {
        "data": [_job(job, shade, colours) for job, shade in zip(jobs, _SHADES, strict=False)],
        "layout": {
            "template": template_dict(mode),
            "height": _HEIGHT_PX,
            "margin": _MARGIN,
            "xaxis": log_axis(
                (-0.06, right), [10.0**n for n in range(int(right) + 1)], _times, "speed-up over one processor", colours
            ),
            "yaxis": log_axis((-0.06, top), [10.0**n for n in range(int(top) + 1)], _times, "", colours, grid=True),
            "annotations": [
                *(
                    _label(
                        job.speed_up[-1],
                        job.energy[-1],
                        escape(job.name),
                        colours.ink,
                        16,
                        "right",
                        True,
                        halo(colours),
                    )
                    for job in jobs
                ),
                above("energy of the job over one processor’s", colours, 4),
            ],
        },
    }


def amdahl_alt(jobs: Sequence[Job]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{job.name}: "
        + ", ".join(
            f"{int(n):,} processors {factor(s)} times faster at {factor(e)} times the energy"
            for n, s, e in zip(job.processors, job.speed_up, job.energy, strict=True)
            if n in (1000.0, 100_000.0)
        )
        for job in jobs
    )
    return f"Energy of a job over its speed-up, log axes, a dot for each power of ten of processors. {said}."


_SHADES: Final = (3, 1, 0)


def _job(job: Job, shade: int, colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": job.name,
        "mode": "lines+markers",
        "x": list(job.speed_up),
        "y": list(job.energy),
        "line": {"color": colours.shades[shade], "width": 3},
        "marker": {
            "size": [10 if math.log10(n).is_integer() else 0 for n in job.processors],
            "color": colours.shades[shade],
            "opacity": 1,
            "line": {"width": 0},
        },
        "hovertext": [
            f"<b>{int(n):,} processors</b>, {escape(job.name)}<br>"
            f"{factor(s)} times faster<br>{factor(e)} times the energy"
            for n, s, e in zip(job.processors, job.speed_up, job.energy, strict=True)
        ],
        "hoverinfo": "text",
    }


def _times(value: float) -> str:
    return f"{value:,.0f}×"


def _line(name: str, x: Sequence[float], y: Sequence[float], colour: str, dash: str, width: int) -> dict[str, Any]:
    return line_through(
        name,
        x,
        y,
        {"color": colour, "width": width, "dash": dash},
        hover=[
            f"{name}: {quantity(joules, 'J', 2)} per FLOP at {100 * share:.0f} %"
            for share, joules in zip(x, y, strict=True)
        ],
        clip=True,
    )


def _marks(marks: Sequence[Mark], colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "marks",
        "mode": "markers+text",
        "x": [mark.utilisation for mark in marks],
        "y": [mark.energy_j for mark in marks],
        "marker": {
            "size": [17 if mark.chosen else 11 for mark in marks],
            "color": [colours.machine if mark.chosen else colours.ground for mark in marks],
            "line": {"width": 2.5, "color": [colours.ground if mark.chosen else colours.machine for mark in marks]},
            "opacity": 1,
        },
        "text": [f"<b>{escape(mark.name)}</b>" if mark.chosen else escape(mark.name) for mark in marks],
        "textposition": ["bottom left" if mark.chosen else "top right" for mark in marks],
        "textfont": {"size": TEXT_PX, "color": colours.ink, "shadow": halo(colours)},
        "hovertext": [
            f"<b>{escape(mark.name)}</b><br>{100 * mark.utilisation:.0f} % of the peak<br>"
            f"{quantity(mark.energy_j, 'J', 2)} per FLOP on this machine"
            for mark in marks
        ],
        "hoverinfo": "text",
    }


def _label(
    x: float,
    y: float,
    text: str,
    colour: str,
    shift: float,
    anchor: str = "left",
    bold: bool = False,
    shadow: str = "none",
) -> dict[str, Any]:
    return {
        "text": f"<b>{text}</b>" if bold else text,
        "font": {"size": TEXT_PX, "color": colour, "shadow": shadow},
        # Annotations on a log axis stand at the logarithm.
        "x": math.log10(x),
        "y": math.log10(max(y, 1e-300)),
        "xanchor": anchor,
        "yanchor": "middle",
        "yshift": shift,
    }
