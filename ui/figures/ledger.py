"""The energy ledger: every part of a unit of work, each bar starting where the last one ended."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from efficiency.say import quantity, significant
from ui.figures.frames import PlainFigure
from ui.figures.pieces import row_words
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, ink_on, palette, template_dict

if TYPE_CHECKING:
    from efficiency.ledger import Ledger, Part

WORKING: Final = ("arithmetic", "instruction", "on_chip", "off_chip", "interconnect")
"""Parts in shades of the machine's blue: energy that touches the work. All others are neutral."""

_TOTAL_PX: Final = 86
_ROW_PX: Final = 44
_BOTTOM_PX: Final = 34
_VALUE_SHIFT_PX: Final = -68
"""The column of values ends here, left of the column of shares."""
_PERCENT_INSIDE: Final = 0.15
"""Least share whose percentage fits inside the stacked bar on a phone."""


def ledger_figure(ledger: Ledger, mode: Mode) -> go.Figure:
    """Draw the total as one stacked bar, and under it one row a part with its value and share."""
    return PlainFigure(ledger_dict(ledger, mode))


def ledger_dict(ledger: Ledger, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    parts = list(ledger.parts)
    height = _TOTAL_PX + _ROW_PX * len(parts) + _BOTTOM_PX
    starts = [math.fsum(part.energy_j for part in parts[:index]) for index in range(len(parts))]
    return {
        "data": [
            _bar_trace("total", parts, starts, [-_TOTAL_PX + 50.0] * len(parts), 40, ledger, colours),
            _bar_trace(
                "parts",
                parts,
                starts,
                [_bar_px(index) for index in range(len(parts))],
                9,
                ledger,
                colours,
            ),
            _percent_trace(parts, starts, ledger, colours),
        ],
        "layout": {
            "template": template_dict(mode),
            "height": height,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "barmode": "overlay",
            "xaxis": {"range": [0, ledger.total_j], "visible": False},
            # One unit is one pixel, counted down from the first row.
            "yaxis": {"range": [_ROW_PX * len(parts) + _BOTTOM_PX, -_TOTAL_PX], "visible": False},
            "annotations": [
                row_words(
                    0,
                    -_TOTAL_PX + 14,
                    f"<b>total {energy_text(ledger.total_j)}</b> per {escape(ledger.per)}",
                    TEXT_PX + 2,
                    colours.ink,
                ),
                *(note for index, part in enumerate(parts) for note in _row(index, part, ledger, colours)),
                *_footnote(parts, colours),
            ],
        },
    }


def ledger_alt(ledger: Ledger) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{part.name} {energy_text(part.energy_j)}, {share_text(part, ledger)}"
        f"{', by difference' if part.inferred else ''}"
        for part in ledger.parts
    )
    return f"Energy ledger: total {energy_text(ledger.total_j)} per {ledger.per}. {said}."


def share_text(part: Part, ledger: Ledger) -> str:
    """Say a part's share of the total in percent."""
    percent = 100 * part.energy_j / ledger.total_j
    if percent == 0:
        return "0 %"
    if percent < 0.1:
        return "< 0.1 %"
    return f"{significant(percent, 1 if percent < 1 else 2).removesuffix('.0')} %"


def energy_text(joules: float) -> str:
    """Say an energy with two digits and the prefix that suits it, as the command line does."""
    return quantity(joules, "J", 2)


def _bar_px(index: int) -> float:
    return _ROW_PX * index + 31.0


def _colours_of(parts: list[Part], colours: Palette) -> list[str]:
    greys = [part.key for part in parts if part.key not in WORKING]
    return [
        colours.shades[WORKING.index(part.key)]
        if part.key in WORKING
        else colours.greys[greys.index(part.key) % len(colours.greys)]
        for part in parts
    ]


def _bar_trace(
    name: str,
    parts: list[Part],
    starts: list[float],
    places: list[float],
    width: float,
    ledger: Ledger,
    colours: Palette,
) -> dict[str, Any]:
    fills = _colours_of(parts, colours)
    return {
        "type": "bar",
        "name": name,
        "orientation": "h",
        "y": places,
        "base": starts,
        "x": [part.energy_j for part in parts],
        "width": [width] * len(parts),
        "marker": {
            "color": fills,
            "line": {
                "color": colours.ground if name == "total" else fills,
                "width": 1 if name == "total" else 2,
            },
            "pattern": {
                "shape": ["/" if part.inferred else "" for part in parts],
                "bgcolor": colours.ground,
                # The stripes take the fill's colour. With "overlay" plotly.js complains about a list of fills.
                "fillmode": "replace",
                "size": 7,
                "solidity": 0.7,
            },
        },
        "hovertext": [_hover(part, ledger) for part in parts],
        "hoverinfo": "text",
        "textposition": "none",
    }


def _percent_trace(parts: list[Part], starts: list[float], ledger: Ledger, colours: Palette) -> dict[str, Any]:
    fills = _colours_of(parts, colours)
    large = [
        (part, start, fill)
        for part, start, fill in zip(parts, starts, fills, strict=True)
        if part.energy_j >= _PERCENT_INSIDE * ledger.total_j and not part.inferred
    ]
    return {
        "type": "scatter",
        "name": "share",
        "mode": "text",
        "x": [start + part.energy_j / 2 for part, start, _ in large],
        "y": [-_TOTAL_PX + 50] * len(large),
        "text": [f"<b>{share_text(part, ledger)}</b>" for part, _, _ in large],
        "textposition": "middle center",
        "textfont": {
            "size": TEXT_PX,
            "color": [ink_on(fill) for _, _, fill in large] or colours.ink,
        },
        "hoverinfo": "skip",
    }


def _hover(part: Part, ledger: Ledger) -> str:
    inferred = "<br>inferred by difference" if part.inferred else ""
    return (
        f"<b>{escape(part.name)}</b><br>{energy_text(part.energy_j)} per {escape(ledger.per)}, "
        f"{share_text(part, ledger)}{inferred}"
    )


def _row(index: int, part: Part, ledger: Ledger, colours: Palette) -> list[dict[str, Any]]:
    place = _ROW_PX * index + 12
    value = row_words(1, place, energy_text(part.energy_j), TEXT_PX, colours.muted, "right")
    return [
        row_words(0, place, escape(part.name), TEXT_PX, colours.ink),
        {**value, "xshift": _VALUE_SHIFT_PX},
        row_words(1, place, f"<b>{escape(share_text(part, ledger))}</b>", TEXT_PX, colours.ink, "right"),
    ]


def _footnote(parts: list[Part], colours: Palette) -> list[dict[str, Any]]:
    if not any(part.inferred for part in parts):
        return []
    place = _ROW_PX * len(parts) + _BOTTOM_PX - 14
    return [row_words(0, place, "hatched: inferred by difference", SMALL_PX, colours.muted)]
