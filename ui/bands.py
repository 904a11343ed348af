"""Flows from things to ends as plain HTML: bands between two columns that any screen draws without a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from ui.markup import plain_text

_ALL_PX: Final = 260.0
"""Height of all bands together; the rows between them come on top."""
_ROW_PX: Final = 44.0
"""A name over a number: the least that a row is high."""
_GAP_PX: Final = 8.0
_BAR: Final = 1.5
"""Width of the bars at both ends, in hundredths of the drawing's."""


def bands_html(sankey: Mapping[str, Any]) -> str:
    """Draw plotly's sankey trace of two columns, its labels as "name, number"."""
    node, link = sankey["node"], sankey["link"]
    arrows = list(zip(link["source"], link["target"], link["value"], link["color"], link["customdata"], strict=True))
    scale = _ALL_PX / sum(arrow[2] for arrow in arrows)
    sides = [sorted({arrow[side] for arrow in arrows}) for side in (0, 1)]
    sizes = {one: scale * sum(arrow[2] for arrow in arrows if one in arrow[:2]) for side in sides for one in side}
    tops: dict[int, float] = {}
    heights = [_stack(side, sizes, tops) for side in sides]
    height = max(heights)
    for side, used in zip(sides, heights, strict=True):
        for one in side:
            tops[one] += (height - used) / 2
    free = dict(tops)
    bands = ""
    for source, target, value, colour, said in arrows:
        bands += _band(free[source], free[target], scale * value, colour, said)
        free[source] += scale * value
        free[target] += scale * value
    bars = "".join(
        f'<rect x="{x:g}" y="{tops[one]:.1f}" width="{_BAR}" height="{max(sizes[one], 1.0):.1f}" '
        f'fill="{escape(node["color"][one])}"/>'
        for side, x in zip(sides, (0.0, 100.0 - _BAR), strict=True)
        for one in side
    )
    labels = "".join(
        _label(node["label"][one], tops[one] + sizes[one] / 2, where)
        for side, where in zip(sides, ("left", "right"), strict=True)
        for one in side
    )
    return (
        f'<div class="bands" style="height:{height:.0f}px"><svg viewBox="0 0 100 {height:.1f}" '
        f'preserveAspectRatio="none" aria-hidden="true">{bands}{bars}</svg>{labels}</div>'
    )


def _stack(side: Sequence[int], sizes: Mapping[int, float], tops: dict[int, float]) -> float:
    """Set one column under each other, each with room for its words; give the height it takes."""
    at = 0.0
    for one in side:
        row = max(sizes[one], _ROW_PX)
        tops[one] = at + (row - sizes[one]) / 2
        at += row + _GAP_PX
    return at - _GAP_PX


def _band(left: float, right: float, size: float, colour: str, said: str) -> str:
    above = f"M{_BAR} {left:.1f}C50 {left:.1f} 50 {right:.1f} {100 - _BAR} {right:.1f}"
    below = f"V{right + size:.1f}C50 {right + size:.1f} 50 {left + size:.1f} {_BAR} {left + size:.1f}Z"
    return f'<path d="{above}{below}" fill="{escape(colour)}"><title>{escape(plain_text(said))}</title></path>'


def _label(text: str, middle: float, where: str) -> str:
    name, _, number = plain_text(text).partition(", ")
    more = f"<br>{escape(number)}" if number else ""
    return f'<span class="{where}" style="top:{middle:.1f}px"><b>{escape(name)}</b>{more}</span>'
