"""Energy per token along the share of multiply-adds done, by kind of sparsity, with a slider along that share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final, NamedTuple

import plotly.graph_objects as go

from efficiency.say import quantity, significant
from ui.figures.axes import card_axes, under_axis
from ui.figures.frames import PlainFigure
from ui.figures.pieces import card, line_through, row_values
from ui.figures.rail import rail, sliding
from ui.theme import TEXT_PX, Mode, Palette, palette, template_dict

GLYPHS: Final = {"circle": "●", "square": "■", "diamond": "◆", "triangle-up": "▲", "star": "★"}

_AXIS_PX: Final = 58
_BOTTOM_PX: Final = 86
_BELOW_DENSE: Final = 25.0
"""How far the plot goes below the dense energy; what is paid for the work done alone goes further."""
_TICKS: Final = ((1.0, "all of it"), (0.1, "10 %"), (0.01, "1 %"), (0.001, "0.1 %"))
IDEAL: Final = "skipped"
GROUPS: Final = ("computing", "moving data", "standing ready")


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of sparsity along the steps of the slider.

    Attributes
    ----------
    key, name, symbol : str
        The name is at most 26 letters, or the row is cut on a phone.
    reach : float
        Least share at which the kind has been shown to work; steps below are drawn faintly.
    parts : tuple of tuple of float
        Energy of a token at each step, in the order of `GROUPS` [J].
    """

    key: str
    name: str
    symbol: str
    reach: float
    parts: tuple[tuple[float, float, float], ...]

    def total_j(self, step: int) -> float:
        """Energy of a token at a step [J]."""
        return math.fsum(self.parts[step])


class Form(NamedTuple):
    """How high the card, the plot and a row under it are [px], and where a row's words and bar lie."""

    card: int
    plot: int
    row: int
    words_at: int
    bar_at: int


PAGE: Final = Form(card=84, plot=320, row=48, words_at=15, bar_at=34)
STAGE: Final = Form(card=46, plot=210, row=37, words_at=12, bar_at=30)
"""Lower, so that a wide screen shows it large."""


def density_figure(
    lines: Sequence[Line],
    steps: Sequence[float],
    active: int,
    brain: tuple[float, float, float],
    mode: Mode,
    form: Form = PAGE,
) -> go.Figure:
    """Draw the kinds with the slider standing at ``steps[active]``; ``brain`` is its active share."""
    return PlainFigure(density_dict(lines, steps, active, brain, mode, form))


def density_dict(
    lines: Sequence[Line],
    steps: Sequence[float],
    active: int,
    brain: tuple[float, float, float],
    mode: Mode,
    form: Form = PAGE,
) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    dense = lines[0].total_j(0)
    rows_px = form.row * len(lines)
    height = form.card + form.plot + _AXIS_PX + rows_px
    bottom, top = (_AXIS_PX + rows_px) / height, (_AXIS_PX + rows_px + form.plot) / height
    fixed = [
        *(_line_trace(line, steps, colours) for line in lines),
        _beyond_trace(lines, steps, colours),
        _limit_trace(dense, colours),
    ]
    highest = max(max(line.total_j(i) for i, d in enumerate(steps) if d >= line.reach) for line in lines)
    stops = {step_name(density): _moving(lines, steps, i, form) for i, density in enumerate(steps)}
    said = [f"{share_text(density)} of the multiply-adds" for density in steps]
    return {
        **sliding(fixed, _looks(lines, colours, form), stops, active),
        "layout": {
            "template": template_dict(mode),
            "height": height + _BOTTOM_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _BOTTOM_PX},
            "xaxis": {
                "type": "log",
                "domain": [0.0, 0.985],
                "range": [0.03, -3.14],
                "anchor": "y",
                "tickmode": "array",
                "tickvals": [tick for tick, _ in _TICKS],
                "ticktext": ["", *(text for _, text in _TICKS[1:])],
                "tickfont": {"color": colours.muted, "size": TEXT_PX},
            },
            "yaxis": {
                "type": "log",
                "domain": [bottom, top],
                "range": [math.log10(dense / _BELOW_DENSE), math.log10(max(highest, dense) * 1.5)],
                "visible": False,
            },
            **card_axes(top, form.card),
            "xaxis3": {"domain": [0, 1], "range": [0, max(highest, dense)], "visible": False, "anchor": "y3"},
            # One unit is one pixel, counted down from the first row.
            "yaxis3": {"domain": [0, rows_px / height], "range": [rows_px, 0], "visible": False, "anchor": "x3"},
            "shapes": [
                {"type": "rect", "xref": "x", "x0": brain[2], "x1": brain[0], "yref": "y domain", "y0": 0, "y1": 1,
                 "fillcolor": colours.brain, "opacity": 0.16, "line": {"width": 0}, "layer": "below"},
                {"type": "line", "xref": "x", "x0": brain[1], "x1": brain[1], "yref": "y domain", "y0": 0, "y1": 1,
                 "line": {"color": colours.brain, "width": 2}, "layer": "below"},
                {"type": "line", "xref": "x", "x0": 1.0, "x1": 0.001, "yref": "y domain", "y0": 0, "y1": 0,
                 "line": {"color": colours.grid, "width": 1}},
            ],
            "annotations": _notes(lines, dense, brain, colours, form),
            "sliders": [rail(list(stops), said, active, colours, above_px=26)],
        },
    }  # fmt: skip


def density_alt(lines: Sequence[Line], steps: Sequence[float], active: int, brain: tuple[float, float, float]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(f"{line.name}: {row_text(line, steps, active)}" for line in lines)
    return (
        f"Energy of a token written, from all multiply-adds done to one in a thousand, on log axes. Dense: "
        f"{energy(lines[0].total_j(0))}. At {share_text(steps[active])}: {said}. About {share_text(brain[1])} of the "
        f"brain's neurons are active ({share_text(brain[0])} to {share_text(brain[2])}). "
        f"A slider moves through {len(steps)} shares."
    )


def step_name(density: float) -> str:
    """Spell a share as in a link: 0.125."""
    return f"{density:g}"


def share_text(density: float) -> str:
    """Say a share: 12.5 %, 0.1 %."""
    return f"{100 * density:.3g} %"


def energy(joules: float) -> str:
    """Say an energy with two digits."""
    return quantity(joules, "J", 2)


def times_less(factor: float, unit: str = " times") -> str:
    """Say what a factor saves, or costs.

    >>> times_less(2.54), times_less(1.004), times_less(0.5, "×")
    ('2.5 times less', 'no less', '2× more')
    """
    if 0.985 < factor < 1.015:
        return "no less"
    more = factor < 1
    said = significant(1 / factor if more else factor, 2).removesuffix(".0")
    return f"{said}{unit} {'more' if more else 'less'}"


def row_text(line: Line, steps: Sequence[float], index: int) -> str:
    """Say a kind's energy at a step, or that it has not been shown there."""
    if steps[index] < line.reach * (1 - 1e-9):
        return f"shown to {share_text(line.reach)} only"
    return f"{energy(line.total_j(index))}, {times_less(line.total_j(0) / line.total_j(index), '×')}"


def best(lines: Sequence[Line], steps: Sequence[float], index: int) -> Line:
    """Find the kind that costs least at a step among those that reach it, or the ideal one where none does."""
    reaching = [line for line in lines if steps[index] >= line.reach * (1 - 1e-9)]
    # Where nothing has been shown, the ideal stands in: hardware that skips every zero.
    ideal = [line for line in lines if line.key == IDEAL]
    return min(reaching or ideal or lines, key=lambda line: line.total_j(index))


def _card(lines: Sequence[Line], steps: Sequence[float], index: int, form: Form) -> list[str]:
    said = _card_lines(lines, steps, index)
    return ["\u2002".join(said), ""] if form == STAGE else said


def _card_lines(lines: Sequence[Line], steps: Sequence[float], index: int) -> list[str]:
    if index == 0:
        return [f"<b>{energy(lines[0].total_j(0))} a token</b>", "dense: every multiply-add is done"]
    found = best(lines, steps, index)
    factor = found.total_j(0) / found.total_j(index)
    shown = steps[index] >= found.reach * (1 - 1e-9)
    least = "at best" if shown else "if it were shown to work"
    return [
        f"<b>{times_less(factor)} energy a token</b>",
        f"{least}, by {found.name[:1].lower() + found.name[1:]}",
    ]


def _moving(lines: Sequence[Line], steps: Sequence[float], index: int, form: Form) -> list[dict[str, Any]]:
    """Only what changes from frame to frame, in the order of `_looks`."""
    density = steps[index]
    shown = [density >= line.reach * (1 - 1e-9) for line in lines]
    bars: list[dict[str, Any]] = []
    for group in range(len(GROUPS)):
        x: list[float | None] = []
        y: list[float | None] = []
        for row, line in enumerate(lines):
            start = math.fsum(line.parts[index][:group]) if shown[row] else 0.0
            end = start + line.parts[index][group] if shown[row] else 0.0
            x += [start, end, None]
            y += [_bar_px(row, form), _bar_px(row, form), None]
        bars.append({"x": x, "y": y})
    faint: dict[str, Any] = {"x": [], "y": []}
    for row, line in enumerate(lines):
        faint["x"] += [0.0, 0.0 if shown[row] else line.total_j(index), None]
        faint["y"] += [_bar_px(row, form), _bar_px(row, form), None]
    bars.append(faint)
    return [
        {
            "x": [density] * len(lines),
            "y": [line.total_j(index) if on else None for line, on in zip(lines, shown, strict=True)],
        },
        *bars,
        {"text": [row_text(line, steps, index) for line in lines]},
        {"text": _card(lines, steps, index, form)},
    ]


def _bar_px(row: int, form: Form) -> float:
    return float(form.row * row + form.bar_at)


def _looks(lines: Sequence[Line], colours: Palette, form: Form) -> list[dict[str, Any]]:
    """How the moving traces look; what moves is added to each."""
    fills = (colours.shades[0], colours.shades[2], colours.greys[2])
    marks = {
        "type": "scatter",
        "name": "here",
        "mode": "markers",
        "hoverinfo": "skip",
        "marker": {
            "symbol": [line.symbol for line in lines],
            "size": 15,
            "opacity": 1,
            "color": colours.machine,
            "line": {"width": 2, "color": colours.ground},
        },
    }
    bars = [
        {
            "type": "scatter",
            "name": name,
            "mode": "lines",
            "xaxis": "x3",
            "yaxis": "y3",
            "line": {"color": fill, "width": 11},
            "hoverinfo": "skip",
        }
        for name, fill in zip(GROUPS, fills, strict=True)
    ]
    bars.append(
        bars[0]
        | {"name": "not shown", "line": {"color": colours.machine_soft, "width": 3, "dash": "dot"}, "cliponaxis": True}
    )
    values = row_values([form.row * row + form.words_at for row in range(len(lines))], colours)
    return [marks, *bars, values, card((form.card - 26, 26), (colours.machine, colours.muted))]


def _reached(line: Line, steps: Sequence[float]) -> list[int]:
    return [index for index, density in enumerate(steps) if density >= line.reach * (1 - 1e-9)]


def _line_trace(line: Line, steps: Sequence[float], colours: Palette) -> dict[str, Any]:
    """A kind as far as it has been shown to work, with its mark at the end."""
    indices = _reached(line, steps)
    return {
        "type": "scatter",
        "name": line.name,
        "mode": "lines+markers",
        "x": [steps[index] for index in indices],
        "y": [line.total_j(index) for index in indices],
        "line": {"color": colours.machine, "width": 2.5},
        "marker": {
            "symbol": line.symbol,
            "size": [9 if index == indices[-1] else 0 for index in indices],
            "color": colours.machine,
            "opacity": 1,
            "line": {"width": 0},
        },
        "hovertext": [
            f"<b>{escape(line.name)}</b><br>{share_text(steps[i])}: {row_text(line, steps, i)}" for i in indices
        ],
        "hoverinfo": "text",
    }


def _beyond_trace(lines: Sequence[Line], steps: Sequence[float], colours: Palette) -> dict[str, Any]:
    """What the same sums give where nobody has shown the kind to work."""
    x: list[float | None] = []
    y: list[float | None] = []
    for line in lines:
        last = _reached(line, steps)[-1]
        x += [*steps[last:], None]
        y += [*(line.total_j(index) for index in range(last, len(steps))), None]
    return line_through("beyond", x, y, {"color": colours.machine_soft, "width": 2, "dash": "dot"}, clip=True)


def _limit_trace(dense: float, colours: Palette) -> dict[str, Any]:
    return line_through(
        "limit",
        [1.0, 1.0 / _BELOW_DENSE],
        [dense, dense / _BELOW_DENSE],
        {"color": colours.limit, "width": 2, "dash": "dash"},
    )


def _notes(
    lines: Sequence[Line],
    dense: float,
    brain: tuple[float, float, float],
    colours: Palette,
    form: Form,
) -> list[dict[str, Any]]:
    log = math.log10
    return [
        {
            "text": f"dense {energy(dense)}",
            "font": {"size": TEXT_PX, "color": colours.ink},
            "xref": "paper",
            "x": 0,
            "xanchor": "left",
            "yref": "y",
            "y": log(dense),
            "yanchor": "bottom",
            "yshift": 6,
        },
        {
            "text": "if all energy<br>shrank alike",
            "align": "right",
            "font": {"size": TEXT_PX, "color": colours.limit},
            "xref": "x",
            "x": log(0.13),
            "xanchor": "right",
            "yref": "y",
            "y": log(dense * 0.06),
            "yanchor": "middle",
        },
        under_axis("of the multiply-adds done", colours),
        {
            "text": f"<b>brain</b><br>about {share_text(brain[1])}<br>active",
            "align": "left",
            "font": {"size": TEXT_PX, "color": colours.brain_ink},
            "xref": "x",
            "x": log(brain[0]),
            "xanchor": "left",
            "xshift": 6,
            "yref": "y domain",
            "y": 0.03,
            "yanchor": "bottom",
        },
        *(
            {
                "text": f'<span style="color:{colours.machine}">{GLYPHS[line.symbol]}</span> {escape(line.name)}',
                "font": {"size": TEXT_PX, "color": colours.ink},
                "xref": "paper",
                "x": 0,
                "xanchor": "left",
                "yref": "y3",
                "y": form.row * row + form.words_at,
                "yanchor": "middle",
            }
            for row, line in enumerate(lines)
        ),
    ]
