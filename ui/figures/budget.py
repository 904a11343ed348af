"""What a budget buys along its dollars: loss of the model, where limits begin, and what is asked of the world."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import power_of_ten, quantity, significant
from ui.figures.axes import card_axes
from ui.figures.frames import PlainFigure
from ui.figures.pieces import band, card, line_through, row_values, spans
from ui.figures.rail import rail, sliding
from ui.theme import TEXT_PX, Mode, Palette, palette, template_dict

_CARD_PX: Final = 122
_PLOT_PX: Final = 270
_AXIS_PX: Final = 54
_ROW_PX: Final = 48
_SCALE_PX: Final = 34
_BOTTOM_PX: Final = 86
_LEAST_SHARE: Final = 1e-4
_MOST_SHARE: Final = 30.0
_MONEY_TICKS: Final = ((1e6, "$1 million"), (1e9, "$1 billion"), (1e12, "$1 trillion"))
SHORT: Final = {
    "money": "money binds",
    "chips": "too few chips",
    "power": "too little power",
    "data": "too little text",
    "ideas": "too few people",
}
"""What binds, in few words."""
ROW_NAMES: Final = {"chips": "Chips", "power": "Power", "data": "Text", "ideas": "People"}


@dataclass(frozen=True, slots=True)
class Step:
    """What one budget buys.

    Attributes
    ----------
    name, dollars, words : str, float, str
        As in a link, as a number [USD], and in words.
    binding : str
        What binds, a key of `SHORT`.
    chips, power_w, tokens, people : float
        What is had [1, W, tokens, people].
    asked : dict of str to float
        What is asked for over what there is, by key of `ROW_NAMES` [1].
    flop, parameters : float
        Arithmetic of the run, and the model's size [FLOP, parameters].
    loss, above, low, high : float
        Loss of the model; how far it is above the law's floor, with 5 and 95 % [nats per token].
    left_usd : float
        Money that buys nothing [USD].
    """

    name: str
    dollars: float
    words: str
    binding: str
    chips: float
    power_w: float
    tokens: float
    people: float
    asked: dict[str, float]
    flop: float
    parameters: float
    loss: float
    above: float
    low: float
    high: float
    left_usd: float


@dataclass(frozen=True, slots=True)
class Sweep:
    """A plan along its dollars: steps, where limits begin [USD], the chip's plural name, and the law's floor [nats]."""

    steps: tuple[Step, ...]
    beginnings: tuple[tuple[str, float], ...]
    chips_name: str
    floor: float


def budget_figure(sweep: Sweep, active: int, mode: Mode) -> go.Figure:
    """Draw a plan along its dollars, the slider standing at ``sweep.steps[active]``."""
    return PlainFigure(budget_dict(sweep, active, mode))


def budget_dict(sweep: Sweep, active: int, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    rows_px = _ROW_PX * len(ROW_NAMES) + _SCALE_PX
    height = _CARD_PX + _PLOT_PX + _AXIS_PX + rows_px
    top = 1 - _CARD_PX / height
    bottom = (_AXIS_PX + rows_px) / height
    steps = sweep.steps
    highest = max(max(step.high, step.above) for step in steps) * 1.25
    lowest = min(min(step.low, step.above) for step in steps) / 2.0
    lowest = max(lowest, highest / 1e4)
    spread = band([s.dollars for s in steps], [s.high for s in steps], [s.low for s in steps], colours)
    fixed = [spread | {"cliponaxis": True}, _line_trace(sweep, colours), _track_trace(colours)]
    stops = {step.name: _moving(sweep, index) for index, step in enumerate(steps)}
    one_of = math.log10(1 / _LEAST_SHARE) / math.log10(_MOST_SHARE / _LEAST_SHARE)
    return {
        **sliding(fixed, _looks(colours), stops, active),
        "layout": {
            "template": template_dict(mode),
            "height": height + _BOTTOM_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _BOTTOM_PX},
            "xaxis": {
                "type": "log",
                "domain": [0.0, 0.985],
                "range": [math.log10(steps[0].dollars) - 0.1, math.log10(steps[-1].dollars) + 0.1],
                "anchor": "y",
                "tickmode": "array",
                "tickvals": [tick for tick, _ in _MONEY_TICKS],
                "ticktext": ["", *(text for _, text in _MONEY_TICKS[1:])],
                "tickfont": {"color": colours.muted, "size": TEXT_PX},
            },
            "yaxis": {
                "type": "log",
                "domain": [bottom, top],
                "range": [math.log10(lowest), math.log10(highest)],
                "visible": False,
            },
            **card_axes(top, _CARD_PX),
            # Bars are drawn as powers of ten, so that nothing is drawn for a share of nothing.
            "xaxis3": {"domain": [0, 1], "range": [0, math.log10(_MOST_SHARE / _LEAST_SHARE)], "visible": False,
                       "anchor": "y3"},
            "yaxis3": {"domain": [0, rows_px / height], "range": [rows_px, 0], "visible": False, "anchor": "x3"},
            "shapes": [
                {"type": "line", "xref": "x", "x0": usd, "x1": usd, "yref": "y domain", "y0": 0, "y1": 1,
                 "line": {"color": colours.limit, "width": 1.5, "dash": "dash"}, "layer": "below"}
                for _, usd in sweep.beginnings
            ]
            + [
                {"type": "line", "xref": "x domain", "x0": 0, "x1": 1, "yref": "y domain", "y0": 0, "y1": 0,
                 "line": {"color": colours.grid, "width": 1}},
                *(
                    {"type": "line", "xref": "paper", "x0": one_of, "x1": one_of, "yref": "y3",
                     "y0": _bar_px(row) - 8, "y1": _bar_px(row) + 8, "line": {"color": colours.limit, "width": 2}}
                    for row in range(len(ROW_NAMES))
                ),
            ],
            "annotations": _notes(sweep, rows_px, lowest, highest, colours),
            "sliders": [rail(list(stops), [step.words for step in steps], active, colours, above_px=26)],
        },
    }  # fmt: skip


def budget_alt(sweep: Sweep, active: int) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    first, here, last = sweep.steps[0], sweep.steps[active], sweep.steps[-1]
    order = "; ".join(f"{SHORT[name]} from ${quantity(usd, '1', 2)}" for name, usd in sweep.beginnings) or "none"
    rows = "; ".join(f"{ROW_NAMES[key]}: {row_text(here, key)}" for key in ROW_NAMES)
    return (
        f"Loss of the best model above the law's floor along the budget, on log axes: {above(first.above)} nats for "
        f"{first.words}, {above(last.above)} for {last.words}. Limits: {order}. At {here.words}: "
        f"{' '.join(_card(here)).replace('<b>', '').replace('</b>', '.')}. {rows}. "
        f"A slider moves through {len(sweep.steps)} budgets."
    )


def above(nats: float) -> str:
    """Say a distance in nats with two digits."""
    return significant(nats, 2)


def row_text(step: Step, key: str) -> str:
    """Say how much is had, and what share of all there is that asks for.

    >>> from dataclasses import replace
    >>> step = Step("1e6", 1e6, "$1 million", "money", 11.0, 1e4, 3e11, 0.06, {"chips": 2.6e-7}, 1, 1, 2, 1, 1, 1, 0)
    >>> row_text(step, "chips")
    '11, under 0.01 %'
    >>> row_text(replace(step, chips=4.3e7, asked={"chips": 2.63}), "chips")
    '43 million, asks for 2.6×'
    """
    share = step.asked[key]
    had = {
        "chips": quantity(step.chips, "1", 2),
        "power": quantity(step.power_w, "W", 2),
        "data": f"{quantity(step.tokens, '1', 2)} tokens",
        "ideas": quantity(step.people, "1", 2) if step.people >= 1.0 else "less than one",
    }[key]
    if share > 1.0 + 1e-9:
        return f"{had}, asks for {significant(share, 2).removesuffix('.0')}×"
    if share < _LEAST_SHARE:
        return f"{had}, under {100 * _LEAST_SHARE:g} %"
    return f"{had}, {significant(100 * share, 2).removesuffix('.0')} %"


def _card(step: Step) -> list[str]:
    left = f", ${quantity(step.left_usd, '1', 2)} left over" if step.left_usd > 0.005 * step.dollars else ""
    return [
        f"<b>{step.words}: {SHORT[step.binding]}</b>",
        f"{quantity(step.parameters, '1', 2)} parameters, loss {step.loss:.3f}",
        f"{power_of_ten(step.flop)} FLOP in one run{left}",
    ]


def _moving(sweep: Sweep, index: int) -> list[dict[str, Any]]:
    """Only what changes from frame to frame, in the order of `_looks`."""
    step = sweep.steps[index]
    within: dict[str, Any] = {"x": [], "y": []}
    beyond: dict[str, Any] = {"x": [], "y": []}
    for row, key in enumerate(ROW_NAMES):
        share = min(max(step.asked[key], _LEAST_SHARE), _MOST_SHARE)
        end, full = math.log10(share / _LEAST_SHARE), math.log10(1 / _LEAST_SHARE)
        within["x"] += [0.0, min(end, full), None]
        beyond["x"] += [full if end > full else None, end if end > full else None, None]
        for bars in (within, beyond):
            bars["y"] += [_bar_px(row), _bar_px(row), None]
    return [
        {"x": [step.dollars], "y": [step.above]},
        within,
        beyond,
        {"text": [row_text(step, key) for key in ROW_NAMES]},
        {"text": _card(step)},
    ]


def _bar_px(row: int) -> float:
    return _ROW_PX * row + 36.0


def _looks(colours: Palette) -> list[dict[str, Any]]:
    """How the moving traces look; what moves is added to each."""
    bar = {"type": "scatter", "mode": "lines", "xaxis": "x3", "yaxis": "y3", "hoverinfo": "skip"}
    return [
        {
            "type": "scatter",
            "name": "here",
            "mode": "markers",
            "hoverinfo": "skip",
            "marker": {"size": 15, "color": colours.machine, "line": {"width": 2, "color": colours.ground}},
        },
        bar | {"name": "asked for", "line": {"color": colours.machine, "width": 11}},
        bar | {"name": "not to be had", "line": {"color": colours.limit, "width": 11}},
        row_values([_ROW_PX * row + 15.0 for row in range(len(ROW_NAMES))], colours),
        card((98, 66, 40), (colours.machine, colours.muted, colours.muted), size=20),
    ]


def _line_trace(sweep: Sweep, colours: Palette) -> dict[str, Any]:
    return line_through(
        "loss above the floor",
        [step.dollars for step in sweep.steps],
        [step.above for step in sweep.steps],
        {"color": colours.machine, "width": 2.5},
        hover=[
            f"<b>{step.words}</b>: {SHORT[step.binding]}<br>loss {step.loss:.3f}, {above(step.above)} above the floor"
            f"<br>{quantity(step.chips, '1', 2)} {sweep.chips_name}, {quantity(step.power_w, 'W', 2)}"
            for step in sweep.steps
        ],
    )


def _track_trace(colours: Palette) -> dict[str, Any]:
    """The empty bars: how far there is to go."""
    tracks = [(0.0, math.log10(1 / _LEAST_SHARE), _bar_px(row)) for row in range(len(ROW_NAMES))]
    return spans("all there is", tracks, colours.band, 11) | {"xaxis": "x3", "yaxis": "y3"}


def _notes(sweep: Sweep, rows_px: float, lowest: float, highest: float, colours: Palette) -> list[dict[str, Any]]:
    log = math.log10
    last = sweep.steps[-1]
    floor = f" above the law's {sweep.floor:.2f}" if sweep.floor else ""
    notes: list[dict[str, Any]] = [
        {
            "text": f"loss in nats a token{floor}",
            "font": {"size": TEXT_PX, "color": colours.ink},
            "xref": "paper",
            "x": 0,
            "xanchor": "left",
            "yref": "y",
            "y": log(highest),
            "yanchor": "bottom",
            "yshift": -4,
        },
        *(
            {
                "text": above(step.above),
                "font": {"size": TEXT_PX, "color": colours.machine},
                "bgcolor": colours.ground,
                "xref": "x",
                "x": log(step.dollars),
                "xanchor": anchor,
                "yref": "y",
                "y": log(max(step.low, lowest)),
                "yanchor": "top",
                "yshift": shift,
            }
            for step, anchor, shift in ((sweep.steps[0], "left", -8), (last, "right", -6))
        ),
        {
            "text": _MONEY_TICKS[0][1],
            "font": {"size": TEXT_PX, "color": colours.muted},
            "xref": "paper",
            "x": 0,
            "xanchor": "left",
            "yref": "y domain",
            "y": 0,
            "yanchor": "top",
            "yshift": -1,
        },
    ]
    for level, (name, usd) in enumerate(sweep.beginnings):
        notes.append(
            {
                "text": SHORT[name],
                "font": {"size": TEXT_PX, "color": colours.limit},
                "bgcolor": colours.ground,
                "xref": "x",
                "x": log(usd),
                # A limit at the left end has no room to its left.
                "xanchor": "right" if usd > 3e9 else "left",
                "xshift": -5 if usd > 3e9 else 5,
                "yref": "y domain",
                "y": 0.9 - 0.1 * level,
                "yanchor": "middle",
            }
        )
    notes += [
        {
            "text": name,
            "font": {"size": TEXT_PX, "color": colours.ink},
            "xref": "paper",
            "x": 0,
            "xanchor": "left",
            "yref": "y3",
            "y": _ROW_PX * row + 15.0,
            "yanchor": "middle",
        }
        for row, name in enumerate(ROW_NAMES.values())
    ]
    for share, text in ((_LEAST_SHARE, "0.01 %"), (0.01, "1 %")):
        notes.append(_scale_note(share, text, colours.muted, rows_px))
    notes.append(_scale_note(1.0, "all one buyer can get", colours.limit, rows_px))
    return notes


def _scale_note(share: float, text: str, colour: str, rows_px: float) -> dict[str, Any]:
    place = math.log10(share / _LEAST_SHARE) / math.log10(_MOST_SHARE / _LEAST_SHARE)
    return {
        "text": text,
        "font": {"size": TEXT_PX, "color": colour},
        "xref": "paper",
        "x": place,
        "xanchor": "left" if share <= _LEAST_SHARE else "center",
        "yref": "y3",
        "y": rows_px - _SCALE_PX + 18.0,
        "yanchor": "middle",
    }
