"""The precision lever: a ledger that shrinks unevenly while a slider in the figure narrows the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from efficiency.precision_quality import REFERENCE_BITS
from efficiency.say import factor, quantity, significant
from efficiency.units import si
from ui.figures.frames import PlainFigure
from ui.figures.rail import rail
from ui.theme import TEXT_PX, Mode, Palette, palette, template_dict

if TYPE_CHECKING:
    from efficiency.precision import PartAt, Width
    from efficiency.precision_quality import Factor

_BLUE: Final = {"arithmetic": 0, "on_chip": 2, "off_chip": 3}
_GREY: Final = {"static": 0, "host": 1, "cooling": 2, "lost": 3}
_CARD_PX: Final = 84
_TOTAL_PX: Final = 52
_ROW_PX: Final = 41
_SLIDER_PX: Final = 84
_BAR_TOP_PX: Final = 26
"""From the top of a row to the middle of its bar; its words stand above."""
_ROOM: Final = {False: 1.0, True: 1.25}
"""Width of the axis over the 16-bit total: quality that is restored makes bars longer."""


def precision_figure(widths: Sequence[Width], active: int, equal: bool, mode: Mode) -> go.Figure:
    """Draw the ledger at every width, with the slider standing at ``widths[active]``."""
    return PlainFigure(precision_dict(widths, active, equal, mode))


def precision_dict(widths: Sequence[Width], active: int, equal: bool, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    sixteen = _sixteen(widths)
    keys = [part.key for part in sixteen.parts if any(_part(width, part.key).energy_j > 0 for width in widths)]
    height = _CARD_PX + 2 * _TOTAL_PX + _ROW_PX * len(keys) + 8 + _SLIDER_PX
    fixed = [
        _bars("16 bit", [_bar_y(0)] * len(keys), 20, colours, keys) | _stacked(sixteen, keys, 1.0),
        _bars("16 bit by part", _rows_y(keys), 13, colours, keys, pale=True) | _single(sixteen, keys, 1.0),
    ]
    moving = [
        _bars("total", [_bar_y(1)] * len(keys), 20, colours, keys),
        _bars("parts", _rows_y(keys), 7, colours, keys),
        {
            "type": "scatter",
            "name": "range",
            "mode": "lines",
            "y": [_bar_y(1)] * 2,
            "line": {"color": colours.ink, "width": 2},
            "hoverinfo": "skip",
            "cliponaxis": True,
        },
        _text_trace(keys, colours),
    ]
    names = [f"{width.bits:g}" for width in widths]
    frames = [_moving_data(width, sixteen, keys, equal) for width in widths]
    # Plotly clears bars that a frame does not name.
    traces = list(range(len(fixed) + len(moving)))
    still = [{"type": "bar"} for _ in fixed]
    return {
        "data": [*fixed, *({**trace, **data} for trace, data in zip(moving, frames[active], strict=True))],
        "frames": [
            {"name": name, "data": [*still, *data], "traces": traces} for name, data in zip(names, frames, strict=True)
        ],
        "layout": {
            "template": template_dict(mode),
            "height": height,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _SLIDER_PX},
            "barmode": "overlay",
            "xaxis": {"range": [0, sixteen.total_j * _ROOM[equal]], "visible": False},
            "xaxis2": {"range": [0, 1], "visible": False, "overlaying": "x"},
            # One unit is one pixel, counted down from the top.
            "yaxis": {"range": [height - _SLIDER_PX, 0], "visible": False},
            "annotations": [
                _note(0, _words_y(0), "16 bit", colours),
                _note(1, _words_y(0), energy_text(sixteen.total_j), colours, "right"),
                *(_note(0, y - 19, escape(_part(sixteen, key).name), colours) for key, y in _named_rows(keys)),
            ],
            "sliders": [rail(names, [bits_text(width.bits) for width in widths], active, colours, above_px=26)],
        },
    }


def precision_alt(widths: Sequence[Width], equal: bool) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{bits_text(width.bits)} {energy_text(width.total_at(equal))}, {saving_text(width, equal)}" for width in widths
    )
    sixteen = _sixteen(widths)
    parts = "; ".join(
        f"{part.name} {energy_text(part.energy_j)} at 16 bit, {energy_text(_part(widths[-1], part.key).energy_j)} at "
        f"{bits_text(widths[-1].bits)}"
        for part in sixteen.parts
    )
    quality = " with as many parameters as it takes to be as good as at 16 bit" if equal else ""
    return f"Energy ledger by width of the numbers{quality}: {said}. Of the same model: {parts}."


def energy_text(joules: float) -> str:
    """Say an energy with two digits."""
    return quantity(joules, "J", 2)


def _in_unit_of(joules: float, total: float) -> str:
    """Say a part with the prefix of the total, so that a column of parts compares at a glance.

    >>> _in_unit_of(0.17, 1.7), _in_unit_of(0.017, 0.26), _in_unit_of(0.0, 2e-6)
    ('0.17 J', '0.017 J', '0 µJ')
    """
    unit = energy_text(total).split(" ")[1]
    return f"{significant(joules / si(1.0, unit.replace('µ', 'u')), 2)} {unit}"


def bits_text(bits: float) -> str:
    """Say a width.

    >>> bits_text(1.58), bits_text(16.0)
    ('1.58 bit', '16 bit')
    """
    return f"{bits:g} bit"


def saving_text(width: Width, equal: bool) -> str:
    """Say how much less a width costs than 16 bits, or more."""
    saving = width.saving_at(equal).central
    if "1" in (factor(saving), factor(1 / saving)):
        return "as much as at 16 bit"
    return f"{factor(saving)} times less than at 16 bit" if saving > 1 else f"{factor(1 / saving)} times more"


def growth_text(growth: Factor) -> str:
    """Say how many parameters it takes, with the range of the published laws."""
    spread = f" ({factor(growth.low)} to {factor(growth.high)})" if growth.high > 1.05 * growth.low else ""
    return f"{factor(growth.central)} times the parameters{spread}"


def _sixteen(widths: Sequence[Width]) -> Width:
    return next(width for width in widths if width.bits == REFERENCE_BITS)


def _part(width: Width, key: str) -> PartAt:
    return next(part for part in width.parts if part.key == key)


def _words_y(total: int) -> float:
    return _CARD_PX + _TOTAL_PX * total + 9.0


def _bar_y(total: int) -> float:
    return _words_y(total) + 24.0


def _rows_y(keys: Sequence[str]) -> list[float]:
    return [_CARD_PX + 2 * _TOTAL_PX + _ROW_PX * row + _BAR_TOP_PX + 6.0 for row in range(len(keys))]


def _named_rows(keys: Sequence[str]) -> list[tuple[str, float]]:
    return list(zip(keys, _rows_y(keys), strict=True))


def _fills(keys: Sequence[str], colours: Palette) -> list[str]:
    return [colours.shades[_BLUE[key]] if key in _BLUE else colours.greys[_GREY[key]] for key in keys]


def _bars(
    name: str, places: list[float], width: float, colours: Palette, keys: Sequence[str], pale: bool = False
) -> dict[str, Any]:
    fills = [colours.band] * len(keys) if pale else _fills(keys, colours)
    line = {"color": colours.neutral_soft, "width": 1} if pale else {"color": colours.ground, "width": 1}
    return {
        "type": "bar",
        "name": name,
        "orientation": "h",
        "y": places,
        "width": [width] * len(keys),
        "marker": {"color": fills, "line": line},
        "hoverinfo": "text" if name.startswith("16") else "skip",
        "textposition": "none",
    }


def _stacked(width: Width, keys: Sequence[str], growth: float) -> dict[str, Any]:
    lengths = [_part(width, key).energy_j * growth for key in keys]
    starts = [sum(lengths[:index]) for index in range(len(keys))]
    return {"x": lengths, "base": starts, "hovertext": _hover(width, keys)}


def _single(width: Width, keys: Sequence[str], growth: float) -> dict[str, Any]:
    return {"x": [_part(width, key).energy_j * growth for key in keys], "hovertext": _hover(width, keys)}


def _hover(width: Width, keys: Sequence[str]) -> list[str]:
    parts = [_part(width, key) for key in keys]
    return [f"<b>{escape(part.name)}</b><br>{energy_text(part.energy_j)} at 16 bit" for part in parts]


def _moving_data(width: Width, sixteen: Width, keys: Sequence[str], equal: bool) -> list[dict[str, Any]]:
    """Only what changes from frame to frame, in the order of the moving traces."""
    growth = width.cost.central if equal else 1.0
    stacked, single = _stacked(width, keys, growth), _single(width, keys, growth)
    ends = [width.total_j * one for one in (width.cost.low, width.cost.high)] if equal else [0.0, 0.0]
    changes = [
        _change(_part(sixteen, key).energy_j, _part(width, key).energy_j * growth, sixteen.total_j) for key in keys
    ]
    total = energy_text(width.total_at(equal))
    card = f"{saving_text(width, equal)[0].upper()}{saving_text(width, equal)[1:]}"
    if equal:
        card = f"{card}, with<br>{growth_text(width.growth)}"
    if width.total_at(equal) > 1.001 * sixteen.total_j * _ROOM[equal]:
        card = f"{card}; bars end off the scale"
    return [
        # Without its type a trace of a frame is taken for a scatter, which has no base.
        {"type": "bar", "x": stacked["x"], "base": stacked["base"]},
        {"type": "bar", "x": single["x"]},
        {"x": ends},
        {
            "text": [
                f"<b>{bits_text(width.bits)}: {total}</b>",
                card,
                bits_text(width.bits),
                f"<b>{total}</b>",
                *changes,
            ]
        },
    ]


def _change(before: float, after: float, total: float) -> str:
    """Say how a part changed: by how much it was divided or multiplied."""
    now = _in_unit_of(after, total)
    if after <= 0.0 or before <= 0.0:
        return now
    ratio = before / after
    if 0.95 < ratio < 1.05:
        return f"{now}   <b>=</b>"
    return f"{now}   <b>{'÷' if ratio > 1 else '×'} {factor(max(ratio, 1 / ratio))}</b>"


def _text_trace(keys: Sequence[str], colours: Palette) -> dict[str, Any]:
    """All words that move, in one trace: every trace is made again for each frame."""
    count = len(keys)
    return {
        "type": "scatter",
        "name": "words",
        "mode": "text",
        "xaxis": "x2",
        "x": [0, 0, 0, 1, *[1] * count],
        "y": [18, 56, _words_y(1), _words_y(1), *(y - 19 for y in _rows_y(keys))],
        "textposition": [*["middle right"] * 3, *["middle left"] * (count + 1)],
        "textfont": {
            "size": [28, *[TEXT_PX] * (count + 3)],
            "color": [colours.machine, colours.muted, *[colours.ink] * (count + 2)],
        },
        "hoverinfo": "skip",
    }


def _note(x: float, y: float, text: str, colours: Palette, anchor: str = "left") -> dict[str, Any]:
    return {
        "text": text,
        "xref": "paper",
        "yref": "y",
        "x": x,
        "y": y,
        "xanchor": anchor,
        "yanchor": "middle",
        "font": {"size": TEXT_PX, "color": colours.ink},
    }
