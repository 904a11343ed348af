"""What a watt at the meter of a cluster goes to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import significant
from ui.figures.frames import PlainFigure
from ui.legend import legend, mark
from ui.theme import TEXT_PX, Mode, ink_on, palette, template_dict

PARTS: Final = {"chips": "chips", "hosts": "hosts", "network": "network", "cooling": "cooling and supply"}


def parts_figure(parts: Sequence[float], mode: Mode) -> go.Figure:
    """Draw what a watt at the meter goes to, in the order of `PARTS`."""
    return PlainFigure(parts_dict(parts, mode))


def parts_dict(parts: Sequence[float], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    total = math.fsum(parts)
    fills = (colours.shades[0], colours.shades[2], colours.shades[4], colours.greys[2])
    bars = []
    start = 0.0
    for (name, part), fill in zip(zip(PARTS.values(), parts, strict=True), fills, strict=True):
        share = part / total
        bars.append(
            {
                "type": "bar",
                "name": name,
                "orientation": "h",
                "x": [share],
                "y": [0],
                "base": [start],
                "width": [0.9],
                "marker": {"color": fill, "line": {"color": colours.ground, "width": 1}},
                "text": [f"<b>{percent(share)}</b>" if share >= 0.07 else ""],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "textfont": {"size": TEXT_PX, "color": ink_on(fill)},
                "hovertext": [f"<b>{name}</b><br>{percent(share)}"],
                "hoverinfo": "text",
            }
        )
        start += share
    return {
        "data": bars,
        "layout": {
            "template": template_dict(mode),
            "height": 64,
            "margin": {"l": 0, "r": 0, "t": 8, "b": 8},
            "barmode": "overlay",
            "xaxis": {"range": [0, 1], "visible": False},
            "yaxis": {"range": [-0.5, 0.5], "visible": False},
        },
    }


def parts_alt(parts: Sequence[float]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    total = math.fsum(parts)
    said = ", ".join(f"{name} {percent(part / total)}" for name, part in zip(PARTS.values(), parts, strict=True))
    return f"What a watt at the facility’s meter goes to: {said}."


def parts_legend_html(parts: Sequence[float], mode: Mode) -> str:
    """Say what the segments are, with their shares."""
    colours = palette(mode)
    total = math.fsum(parts)
    fills = (colours.shades[0], colours.shades[2], colours.shades[4], colours.greys[2])
    named = zip(fills, PARTS.values(), parts, strict=True)
    return legend(*(mark(fill, "■", f"{name} {percent(part / total)}") for fill, name, part in named))


def percent(share: float) -> str:
    """Say a share with two digits.

    >>> percent(0.5325), percent(0.0296), percent(1.0)
    ('53 %', '3 %', '100 %')
    """
    return f"{significant(100 * share, 2 if share >= 0.1 else 1)} %" if share else "0 %"
