"""Where the time of a run goes by its number of chips, with a slider along them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.goodput_report import span_words
from ui.figures.axes import card_axes, rule, rule_words, under_axis
from ui.figures.frames import PlainFigure
from ui.figures.pieces import CARD_LINES, CARD_PX, band, card, halo, here, line_through
from ui.figures.rail import RAIL_PX, rail, sliding
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

PARTS: Final = ("useful work", "checkpoints", "undone work", "restarts")
_BAR_PX: Final = 46
_PLOT_PX: Final = 280
_AXIS_PX: Final = 54
_TICKS: Final = ((1.0, "1"), (10.0, "10"), (1e2, "100"), (1e3, "1k"), (1e4, "10k"), (1e5, "100k"), (1e6, "1M"))


@dataclass(frozen=True, slots=True)
class Size:
    """A run of a size: where its time goes, the range of the useful share [1], and its times [s]."""

    chips: float
    shares: tuple[float, float, float, float]
    low: float
    high: float
    mtbf_s: float
    interval_s: float


@dataclass(frozen=True, slots=True)
class Reported:
    """A run whose useful share of the time is reported; ``bound`` says that it is at least that."""

    name: str
    chips: float
    share: float
    bound: bool


def failures_figure(sizes: Sequence[Size], reported: Sequence[Reported], active: int, mode: Mode) -> go.Figure:
    """Draw the useful share over the number of chips, and where the time goes at one of them."""
    return PlainFigure(failures_dict(sizes, reported, active, mode))


def failures_dict(sizes: Sequence[Size], reported: Sequence[Reported], active: int, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    height = CARD_PX + _BAR_PX + _PLOT_PX + _AXIS_PX
    plot = (_AXIS_PX / height, (_AXIS_PX + _PLOT_PX) / height)
    bar = (plot[1], plot[1] + _BAR_PX / height)
    spread = band([s.chips for s in sizes], [s.low for s in sizes], [s.high for s in sizes], colours)
    fixed = [spread | {"opacity": 0.55}, _curve(sizes, colours), _reported(reported, colours)]
    stops = {step_name(size.chips): _moving(size) for size in sizes}
    grid = (0.0, 0.25, 0.5, 0.75, 1.0)
    return {
        **sliding(fixed, _looks(colours), stops, active),
        "layout": {
            "template": template_dict(mode),
            "height": height + RAIL_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": RAIL_PX},
            "xaxis": {
                "type": "log",
                "domain": [0.0, 0.98],
                "range": [-0.1, 6.1],
                "ticklabeloverflow": "allow",
                "anchor": "y",
                "tickvals": [tick for tick, _ in _TICKS],
                "ticktext": [text for _, text in _TICKS],
                "tickfont": {"color": colours.muted, "size": TEXT_PX},
            },
            "yaxis": {"domain": list(plot), "range": [-0.01, 1.12], "anchor": "x", "visible": False},
            **card_axes(bar[1], CARD_PX),
            "xaxis3": {"domain": [0, 1], "range": [0, 1], "visible": False, "anchor": "y3"},
            "yaxis3": {"domain": list(bar), "range": [0, _BAR_PX], "visible": False, "anchor": "x3"},
            "shapes": [rule(y, colours) for y in grid],
            "annotations": [
                *(
                    rule_words(f"{100 * y:.0f} %" + (" of the time useful" if y == 1 else ""), y, colours)
                    for y in grid[1:]
                ),
                _pointer(reported, colours),
                under_axis("chips that must all work", colours),
            ],
            "sliders": [rail(list(stops), [_chips(size.chips) for size in sizes], active, colours)],
        },
    }


def failures_alt(sizes: Sequence[Size], reported: Sequence[Reported], active: int) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    at = sizes[active]
    parts = ", ".join(f"{name} {share_text(share)}" for name, share in zip(PARTS, at.shares, strict=True))
    ends = "; ".join(
        f"{_chips(size.chips)} {share_text(size.shares[0])} ({share_text(size.low)} to {share_text(size.high)})"
        for size in sizes
        if size.chips in (1024.0, 16384.0, 131072.0, 1e6)
    )
    told = "; ".join(
        f"{one.name}, {_chips(one.chips)}: {'over ' if one.bound else ''}{share_text(one.share)}" for one in reported
    )
    return (
        f"Useful share of the time by number of chips, log axis: {ends}. Slider at {_chips(at.chips)}: {parts}; "
        f"an interruption every {span_words(at.mtbf_s)}, a checkpoint every {span_words(at.interval_s)}. "
        f"Reported: {told}. A slider moves through {len(sizes)} sizes."
    )


def step_name(chips: float) -> str:
    """Spell a number of chips as in a link.

    >>> step_name(16384.0), step_name(1e6)
    ('16384', '1000000')
    """
    return f"{chips:.0f}"


def share_text(share: float) -> str:
    """Say a share of the time.

    >>> share_text(0.908), share_text(0.9987), share_text(0.0263), share_text(1.0), share_text(0.0)
    ('91 %', '99.9 %', '2.6 %', '100 %', '0 %')
    """
    percent = 100 * share
    if 99 < percent < 99.95:
        return f"{percent:.1f} %"
    if percent < 0.05:
        return "0 %" if percent < 1e-9 else "under 0.1 %"
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %"


def part_colours(colours: Palette) -> tuple[str, str, str, str]:
    """Fills of useful work, checkpoints, undone work and restarts; what makes no progress is neutral."""
    return colours.machine, colours.greys[0], colours.greys[2], colours.greys[3]


def _chips(chips: float) -> str:
    return f"{chips:,.0f} chip{'' if chips == 1 else 's'}"


def _moving(size: Size) -> list[dict[str, Any]]:
    """Only what changes from frame to frame, in the order of `_looks`."""
    parts, start = [], 0.0
    for share in size.shares:
        parts.append({"x": [start, start + share], "y": [_BAR_PX / 2] * 2})
        start += share
    useful = size.shares[0]
    return [
        {"x": [size.chips, size.chips], "y": [0.0, useful]},
        {"x": [size.chips], "y": [useful]},
        *parts,
        {
            "text": [
                f"<b>{share_text(useful)} of the time is useful</b>",
                f"stopped every {span_words(size.mtbf_s)}, saves every {span_words(size.interval_s)}",
            ]
        },
    ]


def _looks(colours: Palette) -> list[dict[str, Any]]:
    """How the moving traces look; what moves is added to each."""
    return [
        {
            "type": "scatter",
            "name": "down",
            "mode": "lines",
            "line": {"color": colours.machine, "width": 1.5, "dash": "dot"},
            "hoverinfo": "skip",
        },
        here(colours),
        *(
            {
                "type": "scatter",
                "name": name,
                "mode": "lines",
                "xaxis": "x3",
                "yaxis": "y3",
                "line": {"color": fill, "width": 26},
                "hoverinfo": "skip",
                "cliponaxis": True,
            }
            for name, fill in zip(PARTS, part_colours(colours), strict=True)
        ),
        card(CARD_LINES, (colours.machine, colours.muted)),
    ]


def _curve(sizes: Sequence[Size], colours: Palette) -> dict[str, Any]:
    return line_through(
        "useful",
        [size.chips for size in sizes],
        [size.shares[0] for size in sizes],
        {"color": colours.machine, "width": 3},
        hover=[
            f"<b>{_chips(size.chips)}</b><br>{share_text(size.shares[0])} useful "
            f"({share_text(size.low)} to {share_text(size.high)})<br>an interruption every {span_words(size.mtbf_s)}"
            for size in sizes
        ],
    )


def _reported(reported: Sequence[Reported], colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "reported",
        "mode": "markers",
        "x": [one.chips for one in reported],
        "y": [one.share for one in reported],
        "marker": {
            "symbol": ["triangle-up" if one.bound else "circle" for one in reported],
            "size": [13 if one.bound else 11 for one in reported],
            "color": colours.ground,
            "line": {"width": 2, "color": colours.ink},
            "opacity": 1,
        },
        "hovertext": [
            f"<b>{escape(one.name)}</b>, {_chips(one.chips)}<br>reported: {'over ' if one.bound else ''}"
            f"{share_text(one.share)} useful"
            for one in reported
        ],
        "hoverinfo": "text",
    }


def _pointer(reported: Sequence[Reported], colours: Palette) -> dict[str, Any]:
    """Name the reported runs at once: they stand too close for a label each."""
    left = min(one.chips for one in reported)
    return {
        "text": "△ over, ○ as reported",
        "font": {"size": SMALL_PX, "color": colours.ink, "shadow": halo(colours)},
        "x": math.log10(left),
        "xanchor": "right",
        "xshift": -10,
        "yref": "y",
        "y": min(one.share for one in reported),
        "yanchor": "top",
        "yshift": -4,
    }
