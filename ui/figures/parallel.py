"""One 16-bit multiply-add and its share of the instruction that starts it, with a slider along the instruction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import quantity
from ui.figures.frames import PlainFigure
from ui.figures.pieces import row_words
from ui.figures.rail import RAIL_PX, rail
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

_CARD_PX: Final = 70
"""Above the bars: the energy where the slider stands, in large type."""
_CHOSEN_PX: Final = 52
_ROW_PX: Final = 46
_HEADING_PX: Final = 34
_INFERRED: Final = 1
"""The part that is known only by difference: delivery on the chip beyond the instruction's operand read."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A multiply-add: what its row says, and its arithmetic, operands and instruction [J]."""

    key: str
    label: str
    parts: tuple[float, float, float]

    @property
    def total_j(self) -> float:
        """All parts together [J]."""
        return sum(self.parts)

    @property
    def instruction_share(self) -> float:
        """Share of the instruction in the total [1]."""
        return self.parts[2] / self.total_j


@dataclass(frozen=True, slots=True)
class Step(Bar):
    """A stop of the slider; ``known`` says whether it is published or between or beyond published points."""

    known: str


def instruction_figure(
    steps: Sequence[Step], published: Sequence[Bar], other: Sequence[Bar], active: int, mode: Mode
) -> go.Figure:
    """Draw the chosen instruction above the published ones, and apart from them those of another format."""
    return PlainFigure(instruction_dict(steps, published, other, active, mode))


def instruction_dict(
    steps: Sequence[Step], published: Sequence[Bar], other: Sequence[Bar], active: int, mode: Mode
) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    rows = [*published, *other]
    places = [
        _CARD_PX + _CHOSEN_PX + _ROW_PX * i + 30 + (_HEADING_PX if i >= len(published) else 0) for i in range(len(rows))
    ]
    depth = _CARD_PX + _CHOSEN_PX + _ROW_PX * len(rows) + _HEADING_PX
    longest = max(bar.total_j for bar in (*steps, *rows))
    chosen = [_chosen_trace(steps[active], colours), _card_trace(steps[active], colours)]
    return {
        "data": [_rows_trace(rows, places, colours), *chosen],
        "frames": [
            # Plotly clears bars that a frame does not name.
            {"name": step.key, "data": [{"type": "bar"}, _chosen_data(step), _card_data(step)], "traces": [0, 1, 2]}
            for step in steps
        ],
        "layout": {
            "template": template_dict(mode),
            "height": depth + RAIL_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": RAIL_PX},
            "barmode": "overlay",
            "xaxis": {"range": [0, longest], "visible": False},
            # One unit is one pixel, counted down from the top.
            "yaxis": {"range": [depth, 0], "visible": False},
            "shapes": [_ghost(longest, colours)],
            "annotations": [
                *(note for bar, place in zip(rows, places, strict=True) for note in _row(bar, place - 20, colours)),
                row_words(
                    0,
                    _CARD_PX + _CHOSEN_PX + _ROW_PX * len(published) + _HEADING_PX / 2 + 4,
                    "INT8, another format: compare these two only",
                    SMALL_PX,
                    colours.muted,
                ),
            ],
            "sliders": [rail([step.key for step in steps], [escape(step.label) for step in steps], active, colours)],
        },
    }


def instruction_alt(steps: Sequence[Step], published: Sequence[Bar], other: Sequence[Bar], active: int) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    step = steps[active]
    rows = "; ".join(f"{bar.label} {energy(bar.total_j)}, {share(bar)}" for bar in (*published, *other))
    label = f"{step.label[0].lower()}{step.label[1:]}"
    return (
        "Energy of one multiply-add with its share of the instruction. "
        f"Slider at {label}: {energy(step.total_j)}, {share(step)} ({step.known}). {rows}. "
        "A slider moves from one multiply-add per instruction to fixed function."
    )


def energy(joules: float) -> str:
    """Say an energy per multiply-add."""
    return quantity(joules, "J", 2)


def share(bar: Bar) -> str:
    """Say how much of a multiply-add is instruction.

    >>> share(Bar("", "", (1.0, 0.0, 3.0))), share(Bar("", "", (1.0, 0.0, 0.0))), share(Bar("", "", (1.0, 0.0, 0.001)))
    ('75 % instruction', 'no instruction', 'under 1 % instruction')
    """
    percent = 100 * bar.instruction_share
    if percent == 0:
        return "no instruction"
    return f"{percent:.0f} % instruction" if percent >= 1 else "under 1 % instruction"


def part_colours(colours: Palette) -> tuple[str, str, str]:
    """Fills of arithmetic, operands and instruction; the last does no work and is neutral."""
    return colours.shades[1], colours.shades[3], colours.greys[1]


def _starts(parts: tuple[float, float, float]) -> list[float]:
    return [0.0, parts[0], parts[0] + parts[1]]


def _rows_trace(rows: Sequence[Bar], places: Sequence[float], colours: Palette) -> dict[str, Any]:
    return _bars(
        "published",
        [start for bar in rows for start in _starts(bar.parts)],
        [part for bar in rows for part in bar.parts],
        [place for place in places for _ in range(3)],
        12,
        colours,
        [f"<b>{escape(bar.label)}</b><br>{_parts_text(bar)}" for bar in rows for _ in range(3)],
    )


def _chosen_trace(step: Step, colours: Palette) -> dict[str, Any]:
    place = _CARD_PX + _CHOSEN_PX / 2 - 4
    return _bars("chosen", [], [], [place] * 3, 40, colours, []) | _chosen_data(step)


def _chosen_data(step: Step) -> dict[str, Any]:
    hover = f"<b>{escape(step.label)}</b><br>{_parts_text(step)}"
    # A frame's trace without a type would be taken for a scatter.
    return {"type": "bar", "base": _starts(step.parts), "x": list(step.parts), "hovertext": [hover] * 3}


def _parts_text(bar: Bar) -> str:
    arithmetic, operand, instruction = (energy(part) for part in bar.parts)
    return f"arithmetic {arithmetic}<br>rest of the delivery {operand}, by difference<br>instruction {instruction}"


def _bars(
    name: str,
    base: list[float],
    lengths: list[float],
    places: Sequence[float],
    width: float,
    colours: Palette,
    hover: list[str],
) -> dict[str, Any]:
    fills = list(part_colours(colours)) * (len(places) // 3)
    return {
        "type": "bar",
        "name": name,
        "orientation": "h",
        "base": base,
        "x": lengths,
        "y": list(places),
        "width": [width] * len(places),
        "marker": {
            "color": fills,
            "line": {"width": 0},
            "pattern": {
                "shape": ["/" if i % 3 == _INFERRED else "" for i in range(len(places))],
                "bgcolor": colours.ground,
                "fillmode": "replace",
                "size": 7,
                "solidity": 0.7,
            },
        },
        "hovertext": hover,
        "hoverinfo": "text",
        "textposition": "none",
    }


def _card_trace(step: Step, colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "card",
        "mode": "text",
        "x": [0, 0],
        "y": [20, 52],
        "textposition": "middle right",
        "textfont": {"size": [28, TEXT_PX], "color": [colours.machine, colours.muted]},
        "hoverinfo": "skip",
        **_card_data(step),
    }


def _card_data(step: Step) -> dict[str, Any]:
    return {"text": [f"<b>{energy(step.total_j)}</b>", f"a multiply-add, {share(step)} ({step.known})"]}


def _ghost(longest: float, colours: Palette) -> dict[str, Any]:
    """Where the longest bar reaches, behind the chosen one."""
    top = _CARD_PX + _CHOSEN_PX / 2 - 4
    return {
        "type": "rect",
        "layer": "below",
        "x0": 0,
        "x1": longest,
        "y0": top - 20,
        "y1": top + 20,
        "fillcolor": colours.band,
        "line": {"width": 0},
    }


def _row(bar: Bar, place: float, colours: Palette) -> list[dict[str, Any]]:
    return [
        row_words(0, place, escape(bar.label), TEXT_PX, colours.ink),
        row_words(1, place, f"<b>{energy(bar.total_j)}</b>", TEXT_PX, colours.ink, "right"),
    ]
