"""Where the money goes: the best split of a budget for each decade of dollars, as bars of one length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import significant
from ui.figures.frames import PlainFigure
from ui.theme import TEXT_PX, Mode, Palette, ink_on, palette, template_dict

PARTS: Final = {
    "run": "one large run",
    "experiments": "experiments",
    "people": "research and engineering",
    "serving": "serving",
    "left": "left over",
}
_ROW_PX: Final = 40
_LEFT_PX: Final = 122
_LEAST_LABELLED: Final = 0.15


@dataclass(frozen=True, slots=True)
class Bar:
    """One split: what it is called, and the share of each of `PARTS` in the money [1]."""

    name: str
    shares: tuple[float, ...]


def fills(colours: Palette) -> tuple[str, ...]:
    """Colours of `PARTS`: three blues for what makes the model, greys for the rest."""
    return (colours.shades[0], colours.shades[2], colours.shades[4], colours.greys[1], colours.band)


def split_figure(bars: Sequence[Bar], mode: Mode) -> go.Figure:
    """Draw the splits, one bar each."""
    return PlainFigure(split_dict(bars, mode))


def split_dict(bars: Sequence[Bar], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    traces = []
    for index, (fill, name) in enumerate(zip(fills(colours), PARTS.values(), strict=True)):
        values = [bar.shares[index] for bar in bars]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": name,
                "x": values,
                "y": list(range(len(bars))),
                "width": 0.62,
                "marker": {"color": fill, "line": {"width": 1, "color": colours.ground}},
                "text": [percent(value) if value >= _LEAST_LABELLED else "" for value in values],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "constraintext": "none",
                "textfont": {"size": TEXT_PX, "color": _ink(index, fill, colours)},
                "hovertext": [f"<b>{bar.name}</b>: {name} {percent(bar.shares[index])}" for bar in bars],
                "hoverinfo": "text",
            }
        )
    return {
        "data": traces,
        "layout": {
            "template": template_dict(mode),
            "barmode": "stack",
            "height": _ROW_PX * len(bars) + 8,
            "margin": {"l": _LEFT_PX, "r": 0, "t": 4, "b": 4},
            "xaxis": {"range": [0, 1], "visible": False},
            "yaxis": {"range": [len(bars) - 0.5, -0.5], "visible": False},
            "annotations": [
                {
                    "text": bar.name,
                    "font": {"size": TEXT_PX, "color": colours.ink},
                    "xref": "paper",
                    "x": 0,
                    "xanchor": "right",
                    "xshift": -8,
                    "yref": "y",
                    "y": index,
                    "yanchor": "middle",
                }
                for index, bar in enumerate(bars)
            ],
        },
    }


def split_alt(bars: Sequence[Bar]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{bar.name}: "
        + ", ".join(f"{name} {percent(share)}" for name, share in zip(PARTS.values(), bar.shares, strict=True))
        for bar in bars
    )
    return f"Split of the money that gives the least loss, what is served staying as chosen. {said}."


def percent(share: float) -> str:
    """Say a share with two digits.

    >>> percent(0.284), percent(0.0081), percent(0.0)
    ('28 %', '0.81 %', '0 %')
    """
    if share < 1e-4:
        return "0 %"
    return f"{significant(100 * share, 2).removesuffix('.0')} %"


def _ink(index: int, fill: str, colours: Palette) -> str:
    """Colour that reads on a part's fill."""
    return colours.muted if index == len(PARTS) - 1 else ink_on(fill)
