"""Which assumption to argue about: how far each uncertain input moves what is left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import power_of_ten
from efficiency.sensitivity import Influence
from ui.figures.frames import PlainFigure
from ui.figures.pieces import row_words
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

ROWS: Final = 8
_ROW_PX: Final = 46
_TOP_PX: Final = 26
_BAR_AT: Final = 35
_BAR_PX: Final = 11
_AXIS_PX: Final = 30
_MOST_TICKS: Final = 6
_LONGEST: Final = 34
"""Letters of a label that fit beside its share of the variance on a phone."""
_OF_THE_BRAIN: Final = frozenset(
    {
        "brain_power_w", "body_power_w", "atp_yield", "housekeeping_share", "synapses", "firing_rate_hz",
        "receivers_per_neuron", "speaking_words_per_s", "writing_words_per_s", "tokens_per_word",
    }
)  # fmt: skip


def tornado_figure(found: Sequence[Influence], centre: float, mode: Mode) -> go.Figure:
    """Draw the largest swings of what is left around its central value."""
    return PlainFigure(tornado_dict(found, centre, mode))


def tornado_dict(found: Sequence[Influence], centre: float, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    shown = list(found[:ROWS])
    tops = [_TOP_PX + _ROW_PX * i for i in range(len(shown))]
    depth = _TOP_PX + _ROW_PX * max(len(shown), 1)
    ends = [end for one in shown for end in (one.low, one.high)] + [centre - 0.5, centre + 0.5]
    pad = 0.03 * (max(ends) - min(ends))
    reach = [min(ends) - pad, max(ends) + pad]
    lows = [min(one.low, one.high) for one in shown]
    highs = [max(one.low, one.high) for one in shown]
    return {
        "data": [
            {
                "type": "bar",
                "name": "swing",
                "orientation": "h",
                "base": lows,
                "x": [high - low for low, high in zip(lows, highs, strict=True)],
                "y": [top + _BAR_AT for top in tops],
                "width": [_BAR_PX] * len(shown),
                "marker": {"color": [side_colour(one.key, colours) for one in shown], "line": {"width": 0}},
                "hovertext": [_hover(one) for one in shown],
                "hoverinfo": "text",
            }
        ],
        "layout": {
            "template": template_dict(mode),
            "height": depth + _AXIS_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _AXIS_PX},
            "xaxis": {
                "range": reach,
                "tickmode": "array",
                "tickvals": _ticks(reach),
                "ticktext": [_tick(power) for power in _ticks(reach)],
                "tickfont": {"size": SMALL_PX, "color": colours.muted},
            },
            # One unit is one pixel, counted down from the top.
            "yaxis": {"range": [depth, 0], "visible": False},
            "shapes": _lines(reach, centre, depth, colours),
            "annotations": [
                _text(1, 10, "of the variance", SMALL_PX, colours.muted, colours.ground, "right"),
                *(note for one, top in zip(shown, tops, strict=True) for note in _row(one, top, colours)),
            ],
        },
    }


def tornado_alt(found: Sequence[Influence]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    rows = "; ".join(
        f"{one.words}: 10 to the {_power(one.low)} to 10 to the {_power(one.high)}, {share(one)}"
        for one in found[:ROWS]
    )
    return f"What is left, machine over brain, as one assumption moves from its 5 to its 95 % point. {rows or 'None'}."


def _power(log_ratio: float) -> str:
    return f"{round(log_ratio, 1) + 0.0:.1f}".replace("-", "−")


def share(one: Influence) -> str:
    """Say an input's share of the variance.

    >>> share(Influence("a", "a", 0.0, 1.0, 0.666, 0.7)), share(Influence("a", "a", 0.0, 1.0, 0.001, 0.0))
    ('67 %', '< 1 %')
    """
    percent = 100 * one.first_order
    return f"{percent:.0f} %" if percent >= 1 else "< 1 %"


def side_colour(key: str, colours: Palette) -> str:
    """Fill by whose fact it is: the brain's, the machine's, or of neither."""
    if key in _OF_THE_BRAIN:
        return colours.brain
    return colours.neutral if key in ("others", "step_rate_hz") else colours.machine


def _hover(one: Influence) -> str:
    return (
        f"<b>{escape(one.words)}</b><br>{power_of_ten(10.0**one.low, 'html')} at its 5 % point, "
        f"{power_of_ten(10.0**one.high, 'html')} at its 95 % point<br>{share(one)} of the variance alone, "
        f"{100 * one.total:.0f} % together with others"
    )


def _ticks(reach: Sequence[float]) -> list[float]:
    span = reach[1] - reach[0]
    step = 0.5 if span <= _MOST_TICKS / 2 else float(math.ceil(span / _MOST_TICKS))
    first = math.ceil(reach[0] / step)
    return [step * n for n in range(first, math.floor(reach[1] / step) + 1)]


def _tick(power: float) -> str:
    if power in (0.0, 1.0, 2.0, 3.0):
        return f"{10**power:,.0f}"
    return power_of_ten(10.0**power, "html")


def _lines(reach: Sequence[float], centre: float, depth: float, colours: Palette) -> list[dict[str, Any]]:
    """The central value, and the brain where it is in reach."""
    found = [(centre, colours.neutral, 1)]
    if reach[0] < 0 < reach[1]:
        found.append((0.0, colours.brain, 3))
    return [
        {
            "type": "line",
            "x0": place,
            "x1": place,
            "y0": _TOP_PX,
            "y1": depth,
            "line": {"color": colour, "width": width},
            "layer": "below",
        }
        for place, colour, width in found
    ]


def _row(one: Influence, top: float, colours: Palette) -> list[dict[str, Any]]:
    words = one.words if len(one.words) <= _LONGEST else one.words[: _LONGEST - 1].rstrip() + "…"
    return [
        _text(0, top + 14, escape(words[0].upper() + words[1:]), TEXT_PX, colours.ink, colours.ground),
        _text(1, top + 14, f"<b>{share(one)}</b>", TEXT_PX, colours.ink, colours.ground, "right"),
    ]


def _text(
    x: float, place: float, text: str, size: int, colour: str, ground: str, anchor: str = "left"
) -> dict[str, Any]:
    return row_words(x, place, text, size, colour, anchor) | {"bgcolor": ground}
