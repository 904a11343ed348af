"""Published counts of training arithmetic over 6 N D, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from ui.figures.frames import PlainFigure
from ui.figures.pieces import halo, spans
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

_ROW_PX: Final = 42
_TOP_PX: Final = 30
_BOTTOM_PX: Final = 26
_RANGE: Final = (0.86, 1.47)


@dataclass(frozen=True, slots=True)
class Count:
    """A count: whose model, who counted, the ratio to 6 N D [1], and whether recomputed work is in it."""

    name: str
    by: str
    ratio: float
    hardware: bool


def counts_figure(counts: Sequence[Count], mode: Mode) -> go.Figure:
    """Draw how far each count lies from 6 N D."""
    return PlainFigure(counts_dict(counts, mode))


def counts_dict(counts: Sequence[Count], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    depth = _TOP_PX + _ROW_PX * len(counts)
    rows = [_TOP_PX + _ROW_PX * i + 31.0 for i in range(len(counts))]
    stems = [(1.0, count.ratio, row) for count, row in zip(counts, rows, strict=True)]
    ticks = (0.9, 1.0, 1.1, 1.2, 1.3, 1.4)
    return {
        "data": [spans("stems", stems, colours.machine_soft, 6), _dots(counts, rows, colours)],
        "layout": {
            "template": template_dict(mode),
            "height": depth + _BOTTOM_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _BOTTOM_PX},
            "xaxis": {"range": list(_RANGE), "visible": False},
            # One unit is one pixel, counted down from the top.
            "yaxis": {"range": [depth, 0], "visible": False},
            "shapes": [
                {
                    "type": "line",
                    "layer": "below",
                    "xref": "x",
                    "x0": tick,
                    "x1": tick,
                    "yref": "y",
                    "y0": _TOP_PX,
                    "y1": depth,
                    "line": {"color": colours.neutral if tick == 1.0 else colours.grid, "width": 2 if tick == 1 else 1},
                }
                for tick in ticks
            ],
            "annotations": [
                *(_tick(tick, colours) for tick in ticks),
                *(note for count, row in zip(counts, rows, strict=True) for note in _row(count, row - 15, colours)),
            ],
        },
    }


def counts_alt(counts: Sequence[Count]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(f"{count.name}, counted by {count.by}: {percent(count.ratio)}" for count in counts)
    return f"Training arithmetic counted, against 6 N D. {said}."


def percent(ratio: float) -> str:
    """Say how far a ratio is from one.

    >>> percent(1.125), percent(0.903)
    ('+12 %', '−10 %')
    """
    return f"{100 * (ratio - 1):+.0f} %".replace("-", "−")


def _dots(counts: Sequence[Count], rows: Sequence[float], colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "counts",
        "mode": "markers",
        "x": [count.ratio for count in counts],
        "y": list(rows),
        "marker": {
            "symbol": ["diamond" if count.hardware else "circle" for count in counts],
            "size": 13,
            "color": [colours.neutral if count.hardware else colours.machine for count in counts],
            "line": {"width": 2, "color": colours.ground},
            "opacity": 1,
        },
        "hovertext": [
            f"<b>{escape(count.name)}</b><br>counted by {escape(count.by)}<br>{percent(count.ratio)} against 6 N D"
            for count in counts
        ],
        "hoverinfo": "text",
    }


def _tick(tick: float, colours: Palette) -> dict[str, Any]:
    return {
        "text": "6 N D" if tick == 1.0 else percent(tick),
        "font": {"size": SMALL_PX, "color": colours.muted},
        "x": tick,
        "y": _TOP_PX,
        "yanchor": "bottom",
        "yshift": 2,
    }


def _row(count: Count, place: float, colours: Palette) -> list[dict[str, Any]]:
    return [
        {
            "text": f'{escape(count.name)} <span style="color:{colours.muted}">{escape(count.by)}</span>',
            "font": {"size": TEXT_PX, "color": colours.ink, "shadow": halo(colours)},
            "xref": "paper",
            "x": 0,
            "xanchor": "left",
            "y": place,
            "yanchor": "middle",
        },
        {
            "text": f"<b>{percent(count.ratio)}</b>",
            "font": {"size": TEXT_PX, "color": colours.ink},
            "xref": "paper",
            "x": 1,
            "xanchor": "right",
            "y": place,
            "yanchor": "middle",
        },
    ]
