"""The waterfall from today's machine to the brain, lever by lever, with a slider that pulls one after another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any, Final, NamedTuple

import plotly.graph_objects as go

from efficiency.levers import Attribution, Bar
from efficiency.say import factor, power_of_ten, quantity
from ui.figures.frames import PlainFigure
from ui.figures.levers_words import NOTHING, bar_hover, gain_words, over_brain, span_words, standing
from ui.figures.pieces import halo, row_words
from ui.figures.rail import RAIL_PX, rail
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

_BAR_PX: Final = 11
_AXIS_PX: Final = 30
_INDENT_PX: Final = 8
"""Keeps words clear of the brain's line."""
_INDENT: Final = "\u2002"
"""As wide, in a space of Unicode, for words that move."""
_MOST_TICKS: Final = 7


class Form(NamedTuple):
    """How high what stands in the figure is [px]; a lever that is not pulled is ``idle`` high, one line and no bar."""

    card: int
    row: int
    idle: int
    bar_at: int
    small: int
    one_line: bool


PAGE: Final = Form(card=74, row=58, idle=30, bar_at=49, small=SMALL_PX, one_line=False)
STAGE: Final = Form(card=46, row=39, idle=26, bar_at=31, small=TEXT_PX, one_line=True)
"""Lower, so that a wide screen shows it large: what a row says stands on one line."""


def waterfall_figure(
    found: Attribution, along: Sequence[float], active: int, mode: Mode, form: Form = PAGE
) -> go.Figure:
    """Draw the shares of the levers with the slider standing at ``active`` levers pulled."""
    return PlainFigure(waterfall_dict(found, along, active, mode, form))


def waterfall_dict(
    found: Attribution, along: Sequence[float], active: int, mode: Mode, form: Form = PAGE
) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full.

    ``along`` are the machines with the first levers pulled and no others [powers of ten over the brain].
    """
    if len(along) != len(found.bars) + 1 or not 0 <= active < len(along):
        raise ValueError(
            f"active is {active} of {len(along)} machines; allowed: one for each of {len(found.bars)} bars"
        )
    colours = palette(mode)
    rows, depth = _rows(found.bars, form)
    reach = _reach(found, along)
    fixed = _ghost_trace(found, rows, colours)
    moving = _moving_traces(found, along, active, rows, colours, form)
    edge = _edge(reach)
    moving[-1]["x"] = [0, 0, *[(edge - reach[0]) / (reach[1] - reach[0])] * 2, 1]
    notes = _today(found, rows[0], colours, form)
    for bar, row in zip(found.bars, rows[1:-1], strict=True):
        notes += _lever(bar, row, colours, form)
    lines = [_line(power, (form.card, depth), colours.grid, 1) for power in _ticks(reach) if power]
    names = range(1 + len(moving))
    return {
        "data": [fixed, *moving],
        "frames": [
            # Plotly clears bars that a frame does not name.
            {
                "name": str(n),
                "data": [{"type": "bar"}, *_moving_data(found, along, n, rows, form)],
                "traces": list(names),
            }
            for n in range(len(along))
        ],
        "layout": {
            "template": template_dict(mode),
            "height": RAIL_PX + depth + _AXIS_PX,
            "margin": {"l": 0, "r": 0, "t": RAIL_PX, "b": _AXIS_PX},
            "barmode": "overlay",
            "xaxis": {
                "range": reach,
                "tickmode": "array",
                "tickvals": _ticks(reach),
                "ticktext": [_tick(power) for power in _ticks(reach)],
                "tickfont": {"size": form.small, "color": colours.muted},
            },
            "xaxis2": {"range": [0, 1], "overlaying": "x", "visible": False},
            # One unit is one pixel, counted down from the top.
            "yaxis": {"range": [depth, 0], "visible": False},
            "shapes": [*lines, _line(0, (form.card, depth), colours.brain, 3)],
            "annotations": [_at(note, edge) for note in notes],
            "sliders": [_slider(found.bars, active, colours)],
        },
    }


def waterfall_alt(found: Attribution, along: Sequence[float], active: int) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    bars = "; ".join(
        f"{bar.name}, {bar.setting.words}: {gain_words(bar.share.central)} ({gain_words(bar.share.low)} to "
        f"{gain_words(bar.share.high)})"
        for bar in found.bars
        if bar.position != "today"
    )
    return (
        f"Waterfall of machine over brain on a log axis. Today {over_brain(found.start.central)}. "
        f"{bars or 'No lever is pulled'}. Left with all pulled: {over_brain(found.remainder.central)}. "
        f"The slider stands at {active} of {len(found.bars)} levers pulled: {over_brain(along[active])}."
    )


def evidence_colour(evidence: str, colours: Palette) -> str:
    """Fill of a lever's bar, by what its position rests on: shown, modelled, theory."""
    if evidence == "theory":
        return colours.limit
    return colours.shades[2] if evidence == "modelled" else colours.machine


class Row(NamedTuple):
    """Where a row begins and where its bar lies, counted down from the top [px]."""

    top: float
    bar: float


def _rows(bars: Sequence[Bar], form: Form) -> tuple[list[Row], float]:
    """Rows of today, the levers and what is left; and where the last one ends [px]."""
    found: list[Row] = []
    top = float(form.card)
    for idle in (False, *(bar.position == "today" for bar in bars), False):
        found.append(Row(top, top + (form.idle / 2 if idle else form.bar_at)))
        top += form.idle if idle else form.row
    return found, top


def _steps(found: Attribution) -> list[float]:
    """Where each lever's bar begins, and where the last one ends [powers of ten]."""
    places = [found.start.central]
    for bar in found.bars:
        places.append(places[-1] - bar.share.central)
    return places


def _reach(found: Attribution, along: Sequence[float]) -> list[float]:
    steps = _steps(found)
    ends = [0.0, 1.0, found.start.low, found.start.high, found.remainder.low, found.remainder.high, *along, *steps]
    for begin, bar in zip(steps, found.bars, strict=False):
        ends += [begin - bar.share.low, begin - bar.share.high]
    low, high = min(ends), max(ends)
    pad = 0.03 * (high - low)
    return [low - pad, high + pad]


def _edge(reach: Sequence[float]) -> float:
    """Where words begin: at the brain's line, unless bars reach beyond it."""
    return 0.0 if reach[0] > -0.05 * (reach[1] - reach[0]) else reach[0]


def _at(note: dict[str, Any], edge: float) -> dict[str, Any]:
    """Begin a note on the left at a place of the axis."""
    return note | {"xref": "x", "x": edge} if note["xanchor"] == "left" else note


def _ticks(reach: Sequence[float]) -> list[int]:
    low, high = math.ceil(reach[0]), math.floor(reach[1])
    step = math.ceil((high - low + 1) / _MOST_TICKS)
    return [power for power in range(low, high + 1) if power % step == 0]


def _tick(power: int) -> str:
    if power == 0:
        return "1×"
    return f"{10.0**power:,g}×" if -4 < power < 4 else f"{power_of_ten(10.0**power, 'html')}×"


def _line(power: float, ends: tuple[float, float], colour: str, width: int) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": power,
        "x1": power,
        "y0": ends[0],
        "y1": ends[1],
        "line": {"color": colour, "width": width},
        "layer": "below",
    }


def _ghost_trace(found: Attribution, rows: Sequence[Row], colours: Palette) -> dict[str, Any]:
    """Every share, faintly: what the slider has yet to pull."""
    base, lengths = _lever_bars(found, len(found.bars))
    return {
        "type": "bar",
        "name": "shares",
        "orientation": "h",
        "base": base,
        "x": lengths,
        "y": [row.bar for row in rows[1:-1]],
        "width": [_BAR_PX] * len(base),
        "marker": {
            "color": colours.band,
            "line": {"width": [int(bar.position != "today") for bar in found.bars], "color": colours.neutral_soft},
        },
        "hovertext": [bar_hover(bar) for bar in found.bars],
        "hoverinfo": "text",
    }


def _lever_bars(found: Attribution, pulled: int) -> tuple[list[float], list[float]]:
    """Left end and length of each lever's bar; those that are not pulled have none."""
    steps = _steps(found)
    base = [min(steps[i], steps[i + 1]) for i in range(len(found.bars))]
    lengths = [abs(bar.share.central) if i < pulled else 0.0 for i, bar in enumerate(found.bars)]
    return base, lengths


def _moving_data(
    found: Attribution, along: Sequence[float], pulled: int, rows: Sequence[Row], form: Form
) -> list[dict[str, Any]]:
    """Only what changes from frame to frame, in the order of `_moving_traces`."""
    base, lengths = _lever_bars(found, pulled)
    here = along[pulled]
    whiskers = _whiskers(found, pulled, rows)
    return [
        # A frame's trace without a type would be taken for a scatter.
        {"type": "bar", "base": [min(0.0, found.start.central), *base], "x": [abs(found.start.central), *lengths]},
        {"type": "bar", "base": [0.0, min(here, 0.0)], "x": [max(here, 0.0), max(-here, 0.0)]},
        whiskers,
        whiskers,
        {"x": [here], "y": [rows[pulled].bar]},
        {"text": _said(found, along, pulled, form)},
    ]


def _whiskers(found: Attribution, pulled: int, rows: Sequence[Row]) -> dict[str, Any]:
    """Interval of each bar's free end; of what is left only where all is pulled."""
    places = [row.bar for row in rows]
    steps = _steps(found)
    ends: list[tuple[float, float, float]] = [(found.start.low, found.start.high, places[0])]
    for i, bar in enumerate(found.bars[:pulled]):
        if bar.share.high > bar.share.low:
            ends.append((steps[i] - bar.share.high, steps[i] - bar.share.low, places[i + 1]))
    if pulled == len(found.bars):
        ends.append((found.remainder.low, found.remainder.high, places[-1]))
    x: list[float | None] = []
    y: list[float | None] = []
    for low, high, place in ends:
        x += [low, high, None]
        y += [place, place, None]
    return {"x": x, "y": y}


def _said(found: Attribution, along: Sequence[float], pulled: int, form: Form) -> list[str]:
    """The card's two lines, and the three texts of the last row."""
    here = along[pulled]
    count = len(found.bars)
    if all(bar.position == "today" for bar in found.bars):
        under = "no lever is set beyond today"
    elif pulled == count:
        ends = span_words(found.remainder.low, found.remainder.high, "html")
        under = f"all pulled; {ends.removesuffix(' than the brain').removesuffix(' the brain')}"
    else:
        under = f"the first {pulled} of {count} levers pulled, no others"
        if pulled < 2:
            under = f"the first of {count} levers pulled, no others" if pulled else "no lever pulled"
    name, why = (
        ("Left", "what these levers do not explain") if here >= 0 else ("Beyond", "it needs less than the brain")
    )
    if abs(here) < NOTHING:
        name, why = "Level", "nothing is left"
    said = [f"<b>{over_brain(here, 'html').replace(' less than ', ' below ')}</b>", under]
    left = [f"{_INDENT}<b>{name}</b>", f"{_INDENT}{why}"]
    if form.one_line:
        said, left = [f"{_INDENT}".join(said), ""], ["".join(left), ""]
    return [*said, *left, f"<b>{factor(10.0 ** abs(here), 'html')} times</b>"]


def _moving_traces(
    found: Attribution, along: Sequence[float], active: int, rows: Sequence[Row], colours: Palette, form: Form
) -> list[dict[str, Any]]:
    bars, left, whiskers, _, machine, card = _moving_data(found, along, active, rows, form)
    places = [row.bar for row in rows]
    flat = {"type": "bar", "orientation": "h", "hoverinfo": "skip"}
    fills = [
        evidence_colour(bar.setting.evidence, colours) if bar.share.central >= 0 else colours.neutral
        for bar in found.bars
    ]
    return [
        flat
        | {
            "name": "pulled",
            "y": places[:-1],
            "width": [_BAR_PX] * (len(places) - 1),
            "marker": {"color": [colours.shades[0], *fills], "line": {"width": 0}},
        }
        | bars,
        flat
        | {
            "name": "left",
            "y": [places[-1]] * 2,
            "width": [_BAR_PX + 3] * 2,
            "marker": {
                "color": [colours.neutral, colours.shades[2]],
                "line": {"width": 1, "color": [colours.neutral, colours.shades[2]]},
                "pattern": {"shape": ["/", ""], "bgcolor": colours.ground, "size": 7, "solidity": 0.4},
            },
        }
        | left,
        # A rim of ground around the whiskers, which also lie on deep bars.
        _lines_trace("rim", colours.ground, 4) | whiskers,
        _lines_trace("interval", colours.ink, 2) | whiskers,
        {
            "type": "scatter",
            "name": "machine",
            "mode": "markers",
            "marker": {
                "symbol": "diamond",
                "size": 14,
                "color": colours.machine,
                "opacity": 1,
                "line": {"width": 2, "color": colours.ground},
            },
            "hoverinfo": "skip",
        }
        | machine,
        {
            "type": "scatter",
            "name": "card",
            "mode": "text",
            "xaxis": "x2",
            "x": [0, 0, 0, 0, 1],
            "y": [22, 54, *(rows[-1].top + y for y in (13, 31, 13))],
            "textposition": ["middle right"] * 4 + ["middle left"],
            "textfont": {
                "size": [22 if form.one_line else 26, TEXT_PX, TEXT_PX, form.small, TEXT_PX],
                "color": [colours.machine, colours.muted, colours.ink, colours.muted, colours.ink],
                "shadow": ["none", "none", halo(colours), halo(colours), "none"],
            },
            "hoverinfo": "skip",
        }
        | card,
    ]


def _lines_trace(name: str, colour: str, width: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": name,
        "mode": "lines",
        "line": {"color": colour, "width": width},
        "hoverinfo": "skip",
    }


def _today(found: Attribution, row: Row, colours: Palette, form: Form) -> list[dict[str, Any]]:
    energy = f"{quantity(found.today_j, 'J', 2)} today, {quantity(found.brain_j, 'J', 2)} in the brain"
    return _row("Today", energy, standing(found.start.central), row, colours, form)


def _lever(bar: Bar, row: Row, colours: Palette, form: Form) -> list[dict[str, Any]]:
    if bar.position == "today":
        return [
            _text(0, row.bar, escape(bar.name), TEXT_PX, colours.muted, colours),
            _text(1, row.bar, "as set", form.small, colours.muted, colours, "right"),
        ]
    said = f"{escape(bar.setting.words)} · {bar.setting.evidence}"
    return _row(bar.name, said, gain_words(bar.share.central, "html"), row, colours, form)


def _row(name: str, words: str, value: str, row: Row, colours: Palette, form: Form) -> list[dict[str, Any]]:
    right = _text(1, row.top + 13, f"<b>{value}</b>", TEXT_PX, colours.ink, colours, "right")
    first = f"<b>{escape(name)}</b>"
    if form.one_line:
        both = f'{first}{_INDENT}<span style="color:{colours.muted}">{words}</span>'
        return [_text(0, row.top + 13, both, TEXT_PX, colours.ink, colours), right]
    return [
        _text(0, row.top + 13, first, TEXT_PX, colours.ink, colours),
        _text(0, row.top + 31, words, form.small, colours.muted, colours),
        right,
    ]


def _text(
    x: float, place: float, text: str, size: int, colour: str, colours: Palette, anchor: str = "left"
) -> dict[str, Any]:
    # On the right a rim would eat into the digit before an exponent.
    shadow, indent = (halo(colours), _INDENT_PX) if anchor == "left" else ("none", 0)
    found = row_words(x, place, text, size, colour, anchor)
    return found | {"font": {"size": size, "color": colour, "shadow": shadow}, "xshift": indent}


def _slider(bars: Sequence[Bar], active: int, colours: Palette) -> dict[str, Any]:
    """Above the plot, so that it is on the screen together with the bars."""
    labels = ["none", *(f"{n}, {bar.name}" for n, bar in enumerate(bars, 1))]
    labels[-1] = f"all {len(bars)}"
    found = rail([str(n) for n in range(len(labels))], [escape(label) for label in labels], active, colours)
    above = {"y": 1, "yanchor": "bottom", "pad": {"t": 0, "b": 8, "l": 0, "r": 0}}
    return found | above | {"currentvalue": found["currentvalue"] | {"prefix": "Pulled: "}}
