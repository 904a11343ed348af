"""What whole chips with memory nearby were published to do, beside single macros, in operations per joule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.near_memory import Published
from efficiency.say import significant
from ui.figures.frames import PlainFigure
from ui.figures.gap import NARROWEST_PX
from ui.figures.movement_ladder import reference_line, row_ends
from ui.figures.pieces import spans
from ui.letters import fits, width_px
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

_ROW_PX: Final = 44
_TOP_PX: Final = 6
_BOTTOM_PX: Final = 40
_LINE_PX: Final = 32
_TERA: Final = 1e12
_TICKS: Final = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
_ENDS: Final = (math.log10(0.8), math.log10(600.0))
EVIDENCE: Final = {
    "measured": "measured on the whole chip",
    "peak": "the maker’s peak over the power limit",
    "macro": "one part alone, not a chip",
}


def published_figure(rows: Sequence[Published], mode: Mode) -> go.Figure:
    """Draw each as a dot: filled where measured, hollow where a peak, a cross where only a part of a chip."""
    return PlainFigure(published_dict(rows, mode))


def published_dict(rows: Sequence[Published], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    height = _TOP_PX + _ROW_PX * len(rows) + _BOTTOM_PX
    reference = next(row for row in rows if row.key == "h100_8").value / _TERA
    return {
        "data": [_range_trace(rows, colours), _dot_trace(rows, colours)],
        "layout": {
            "template": template_dict(mode),
            "height": height,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _BOTTOM_PX},
            "xaxis": {
                "type": "log",
                "range": list(_ENDS),
                "tickmode": "array",
                "tickvals": list(_TICKS),
                "ticktext": [f"{tick:g}" for tick in _TICKS],
                "tickfont": {"color": colours.muted, "size": SMALL_PX},
                "showgrid": True,
            },
            # One unit is one pixel, counted down.
            "yaxis": {"range": [height - _BOTTOM_PX, 0], "visible": False},
            "shapes": [reference_line(reference, colours)],
            "annotations": [part for row, found in enumerate(rows) for part in _words(row, found, colours)],
        },
    }


def published_alt(rows: Sequence[Published]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{row.approach}, {row.name}, {row.bits:g} bit: {value_words(row)} trillion operations per joule, "
        f"{EVIDENCE[row.evidence]}"
        for row in rows
    )
    return f"Operations per joule, on a log axis. {said}."


def value_words(row: Published) -> str:
    """Say a row's value, or its range.

    >>> from efficiency.near_memory import published
    >>> value_words(published()[0]), value_words(published()[7])
    ('2.83', '2.48 to 9.76')
    """
    ends = dict.fromkeys(_trimmed(end / _TERA) for end in (row.low, row.high))
    return " to ".join(ends)


def _trimmed(value: float) -> str:
    """Say a published number with the digits it has."""
    said = significant(value, 3)
    return said.rstrip("0").rstrip(".") if "." in said else said


def _y(row: int) -> float:
    return _TOP_PX + _ROW_PX * row + _LINE_PX


def _range_trace(rows: Sequence[Published], colours: Palette) -> dict[str, Any]:
    found = [(one.low / _TERA, one.high / _TERA, _y(row)) for row, one in enumerate(rows) if one.low < one.high]
    return spans("range", found, colours.machine_soft, 10)


def _dot_trace(rows: Sequence[Published], colours: Palette) -> dict[str, Any]:
    symbol = {"measured": "circle", "peak": "circle-open", "macro": "x-thin-open"}
    colour = {"measured": colours.machine, "peak": colours.machine, "macro": colours.neutral}
    return {
        "type": "scatter",
        "name": "published",
        "mode": "markers",
        "x": [row.value / _TERA for row in rows],
        "y": [_y(row) for row in range(len(rows))],
        "marker": {
            "size": 13,
            "symbol": [symbol[row.evidence] for row in rows],
            "color": [colour[row.evidence] for row in rows],
            "line": {"width": 2.5, "color": [colour[row.evidence] for row in rows]},
            "opacity": 1,
        },
        "hovertext": [
            f"<b>{escape(row.name)}</b>, {row.bits:g} bit<br>{value_words(row)} TOPS/W<br>"
            f"{escape(EVIDENCE[row.evidence])}<br>{escape(row.scope)}"
            for row in rows
        ],
        "hoverinfo": "text",
    }


def _words(row: int, found: Published, colours: Palette) -> list[dict[str, Any]]:
    ink = colours.muted if found.evidence == "macro" else colours.ink
    detail = f"{found.approach.lower()}, {found.bits:g} bit"
    room_px = NARROWEST_PX - width_px(f"{found.name}  {value_words(found)} ", TEXT_PX, bold=True)
    return row_ends(_y(row) - 17, found.name, fits(detail, SMALL_PX, room_px), value_words(found), ink, colours)
