"""Predicted against measured energy of training runs, by what was metered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from efficiency.say import quantity, significant
from ui.figures.frames import PlainFigure
from ui.figures.pieces import line_through
from ui.legend import legend, mark
from ui.theme import SMALL_PX, TEXT_PX, Mode, palette, template_dict

if TYPE_CHECKING:
    from efficiency.training_check import Case

_RANGE: Final = (-5.3, 3.9)
_TICKS: Final = ((1e-5, "10 Wh"), (1e-3, "1 kWh"), (1.0, "1 MWh"), (1e3, "1 GWh"))
SYMBOLS: Final = {"gpu": "circle", "node": "square", "facility": "diamond"}
GLYPHS: Final = {"gpu": "●", "node": "■", "facility": "◆"}
NAMES: Final = {"gpu": "board", "node": "node", "facility": "facility"}


def check_figure(cases: Sequence[Case], mode: Mode) -> go.Figure:
    """Draw predicted over measured, with the diagonal and the lines of twice and half."""
    return PlainFigure(check_dict(cases, mode))


def check_dict(cases: Sequence[Case], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    ends = [10.0**end for end in _RANGE]
    fills = {"gpu": colours.shades[3], "node": colours.shades[0], "facility": colours.shades[1]}
    band = {
        "type": "scatter",
        "name": "within twice",
        "mode": "lines",
        "x": [ends[0], ends[1], ends[1], ends[0], ends[0]],
        "y": [2 * ends[0], 2 * ends[1], ends[1] / 2, ends[0] / 2, 2 * ends[0]],
        "fill": "toself",
        "fillcolor": colours.band,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "cliponaxis": True,
    }
    diagonal = line_through("equal", ends, ends, {"color": colours.neutral, "width": 1.5}, clip=True)
    clouds = []
    for scope, symbol in SYMBOLS.items():
        of = [case for case in cases if case.scope == scope]
        clouds.append(
            {
                "type": "scatter",
                "name": NAMES[scope],
                "mode": "markers",
                "x": [case.measured for case in of],
                "y": [case.predicted for case in of],
                "marker": {
                    "symbol": [symbol if case.timed else f"{symbol}-open" for case in of],
                    "size": 11,
                    "color": fills[scope],
                    "opacity": 1,
                    "line": {"width": 1.5, "color": [colours.ground if case.timed else fills[scope] for case in of]},
                },
                "hovertext": [
                    f"<b>{escape(case.name)}</b>, {NAMES[scope]}<br>measured {energy(case.measured)}, predicted "
                    f"{energy(case.predicted)}{'' if case.timed else '<br>from its arithmetic alone'}"
                    for case in of
                ],
                "hoverinfo": "text",
            }
        )
    axis = {
        "type": "log",
        "range": list(_RANGE),
        "tickmode": "array",
        "tickvals": [at for at, _ in _TICKS],
        "ticktext": [text for _, text in _TICKS],
        "tickfont": {"color": colours.muted, "size": SMALL_PX},
    }
    return {
        "data": [band, diagonal, *clouds],
        "layout": {
            "template": template_dict(mode),
            "height": 420,
            "margin": {"l": 58, "r": 8, "t": 8, "b": 54},
            "xaxis": axis,
            "yaxis": axis,
            "annotations": [
                {"text": "measured", "xref": "paper", "x": 1, "xanchor": "right", "yref": "paper", "y": 0,
                 "yshift": -42, "font": {"size": TEXT_PX, "color": colours.muted}},
                {"text": "predicted", "xref": "paper", "x": 0, "xanchor": "left", "xshift": 8, "yref": "paper", "y": 1,
                 "yanchor": "top", "font": {"size": TEXT_PX, "color": colours.muted}},
                {"text": "within 2 times", "xref": "x", "x": math.log10(0.02), "yref": "y", "y": math.log10(0.028),
                 "xanchor": "right", "yanchor": "bottom", "font": {"size": SMALL_PX, "color": colours.muted}},
            ],
        },
    }  # fmt: skip


def check_alt(cases: Sequence[Case]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{case.name} {energy(case.measured)} measured, {significant(case.predicted / case.measured, 2)} times that"
        for case in cases
    )
    return f"Predicted against measured energy of {len(cases)} training runs on log axes: {said}."


def legend_html(mode: Mode) -> str:
    """Say what the marks mean."""
    colours = palette(mode)
    fills = {"gpu": colours.shades[3], "node": colours.shades[0], "facility": colours.shades[1]}
    first, *others = (mark(fills[scope], GLYPHS[scope], NAMES[scope]) for scope in GLYPHS)
    return legend(f"Metered at the {first}", *others, "hollow: no time published")


def energy(mwh: float) -> str:
    """Say an energy in watt-hours.

    >>> energy(0.00062), energy(1287)
    ('620 Wh', '1.3 GWh')
    """
    return quantity(mwh * 1e6, "Wh", 2)
