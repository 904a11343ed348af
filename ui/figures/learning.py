"""Training runs beside a person's learning; a slider shares each run among more and more people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from efficiency.say import quantity, significant
from ui.figures.axes import card_axes
from ui.figures.frames import PlainFigure
from ui.figures.pieces import card, spans
from ui.figures.rail import rail
from ui.legend import legend, mark
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

if TYPE_CHECKING:
    from efficiency.learning import TrainingRun

_MWH_J: Final = 3.6e9
_CARD_PX: Final = 64
_ROW_PX: Final = 44
_AXIS_PX: Final = 40
_BOTTOM_PX: Final = 86
_MWH: Final = (0.0, 6.0)
"""Powers of ten of the axis [MWh]."""
_TICKS: Final = ((10.0, "10 MWh"), (1e3, "1 GWh"), (1e5, "100 GWh"))
SYMBOLS: Final = {"bookkeeping": "square-open", "epoch": "diamond-open", "authors": "circle-open", "owner": "circle"}
GLYPHS: Final = {"bookkeeping": "□", "epoch": "◇", "authors": "○", "owner": "●"}


@dataclass(frozen=True, slots=True)
class Share:
    """A position of the slider.

    Attributes
    ----------
    key, words : str
        The stop in the link, and who shares.
    low_mwh, high_mwh : float
        What so many people spend on learning, 5 and 95 % [MWh].
    said : tuple of str
        Per run, what falls on each of them.
    card : tuple of str
        Two lines about the chosen run.
    """

    key: str
    words: str
    low_mwh: float
    high_mwh: float
    said: tuple[str, ...]
    card: tuple[str, str]


def runs_figure(
    runs: Sequence[TrainingRun], shares: Sequence[Share], active: int, chosen: str, mode: Mode
) -> go.Figure:
    """Draw the runs with the slider standing at ``shares[active]``; ``chosen`` is the run that the card is about."""
    return PlainFigure(runs_dict(runs, shares, active, chosen, mode))


def runs_dict(
    runs: Sequence[TrainingRun], shares: Sequence[Share], active: int, chosen: str, mode: Mode
) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    rows_px = _ROW_PX * len(runs)
    height = _CARD_PX + rows_px + _AXIS_PX
    fixed = [_intervals(runs, colours), _published(runs, colours), _predicted(runs, chosen, colours)]
    moving = [data | look for data, look in zip(_moving(shares[active]), _looks(runs, colours), strict=True)]
    # The band lies under all else.
    data = [moving[0], *fixed, *moving[1:]]
    moved = [0, *range(1 + len(fixed), len(data))]
    said = [escape(f"Shared by {share.words}") for share in shares]
    return {
        "data": data,
        "frames": [{"name": share.key, "data": _moving(share), "traces": moved} for share in shares],
        "layout": {
            "template": template_dict(mode),
            "height": height + _BOTTOM_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _BOTTOM_PX},
            "xaxis": {
                "type": "log", "domain": [0.0, 1.0], "range": list(_MWH), "anchor": "y", "tickmode": "array",
                "tickvals": [at for at, _ in _TICKS], "ticktext": [text for _, text in _TICKS],
                "tickfont": {"color": colours.muted, "size": SMALL_PX},
            },
            # One unit is one pixel, counted down from the first row.
            "yaxis": {
                "domain": [_AXIS_PX / height, (_AXIS_PX + rows_px) / height], "range": [rows_px, 0], "visible": False,
            },
            **card_axes(1 - _CARD_PX / height, _CARD_PX),
            "xaxis3": {"domain": [0, 1], "range": [0, 1], "visible": False, "anchor": "y", "overlaying": "x"},
            "shapes": [
                {"type": "line", "xref": "x", "x0": at, "x1": at, "yref": "y", "y0": 0, "y1": rows_px,
                 "line": {"color": colours.grid, "width": 1}, "layer": "below"}
                for at, _ in _TICKS
            ],
            "annotations": [_label(row, run, run.key == chosen, colours) for row, run in enumerate(runs)],
            "sliders": [rail([share.key for share in shares], said, active, colours, above_px=26)],
        },
    }  # fmt: skip


def runs_alt(runs: Sequence[TrainingRun], shares: Sequence[Share], active: int) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    share = shares[active]
    said = "; ".join(
        f"{run.label} {run.year}: {energy(run.energy_j.central)} ({energy(run.energy_j.low)} to "
        f"{energy(run.energy_j.high)}), each {each}"
        for run, each in zip(runs, share.said, strict=True)
    )
    return (
        f"Energy of {len(runs)} training runs on a log axis, predicted at the facility’s meter. Shared by "
        f"{share.words}, who would spend {significant(share.low_mwh, 2)} to {significant(share.high_mwh, 2)} MWh on "
        f"learning: {said}. A slider moves through {len(shares)} numbers of people."
    )


def legend_html(runs: Sequence[TrainingRun], mode: Mode) -> str:
    """Say what the marks mean, those of the published figures only where they occur."""
    colours = palette(mode)
    words = {
        "bookkeeping": "published: power limit × hours, bookkeeping without a meter",
        "epoch": "published: Epoch’s power × time",
        "authors": "published: estimate of its authors",
        "owner": "published by its owner",
    }
    used = {run.published.how for run in runs if run.published}
    marks = [
        (colours.machine, "●", "predicted, with 90 % interval"),
        *((colours.muted, GLYPHS[how], words[how]) for how in words if how in used),
        (colours.brain, "▮", "what as many people spend on learning"),
    ]
    return legend(*(mark(*one) for one in marks))


def energy(joules: float) -> str:
    """Say an energy in watt-hours.

    >>> energy(1.2312e14), energy(3.6e9 * 1300)
    ('34 GWh', '1.3 GWh')
    """
    return quantity(joules / 3600.0, "Wh", 2)


def _row_px(row: int) -> float:
    return _ROW_PX * row + 33.0


def _moving(share: Share) -> list[dict[str, Any]]:
    """Only what changes from frame to frame, in the order of `_looks`."""
    # Beyond the axis the band stays at its edge.
    ends = [min(max(end, 10.0 ** _MWH[0]), 10.0 ** _MWH[1]) for end in (share.low_mwh, share.high_mwh)]
    return [
        {"x": [ends[0], ends[1], ends[1], ends[0], ends[0]]},
        {"text": list(share.said)},
        {"text": [f"<b>{share.card[0]}</b>", share.card[1]]},
    ]


def _looks(runs: Sequence[TrainingRun], colours: Palette) -> list[dict[str, Any]]:
    rows_px = _ROW_PX * len(runs)
    return [
        {
            "type": "scatter",
            "name": "learning",
            "mode": "lines",
            "y": [0, 0, rows_px, rows_px, 0],
            "fill": "toself",
            "fillcolor": colours.brain,
            "opacity": 0.28,
            "line": {"color": colours.brain, "width": 1},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "name": "each",
            "mode": "text",
            "xaxis": "x3",
            "x": [1.0] * len(runs),
            "y": [_row_px(row) - 19.0 for row in range(len(runs))],
            "textposition": "middle left",
            "textfont": {"size": TEXT_PX, "color": colours.ink},
            "hoverinfo": "skip",
        },
        card((46, 17), (colours.machine, colours.muted)),
    ]


def _label(row: int, run: TrainingRun, chosen: bool, colours: Palette) -> dict[str, Any]:
    name = escape(run.label)
    said = f"<b>{name}</b>" if chosen else name
    return {
        "text": f'{said} <span style="font-size:{SMALL_PX}px;color:{colours.muted}">{run.year}</span>',
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "yref": "y",
        "y": _row_px(row) - 19.0,
        "yanchor": "middle",
        "font": {"size": TEXT_PX, "color": colours.ink},
        "bgcolor": "rgba(0,0,0,0)",
    }


def _intervals(runs: Sequence[TrainingRun], colours: Palette) -> dict[str, Any]:
    found = [(run.energy_j.low / _MWH_J, run.energy_j.high / _MWH_J, _row_px(row)) for row, run in enumerate(runs)]
    return spans("interval", found, colours.machine_soft, 9)


def _predicted(runs: Sequence[TrainingRun], chosen: str, colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "predicted",
        "mode": "markers",
        "x": [run.energy_j.central / _MWH_J for run in runs],
        "y": [_row_px(row) for row in range(len(runs))],
        "marker": {
            "size": [15 if run.key == chosen else 12 for run in runs],
            "color": colours.machine,
            "opacity": 1,
            "line": {"color": colours.ground, "width": 2},
        },
        "hovertext": [
            f"<b>{escape(run.label)}</b><br>{energy(run.energy_j.central)}, {energy(run.energy_j.low)} to "
            f"{energy(run.energy_j.high)}<br>from {'the hours of its chips' if run.basis == 'time' else 'its FLOP'}"
            for run in runs
        ],
        "hoverinfo": "text",
    }


def _published(runs: Sequence[TrainingRun], colours: Palette) -> dict[str, Any]:
    found = [(row, run, run.published) for row, run in enumerate(runs) if run.published]
    return {
        "type": "scatter",
        "name": "published",
        "mode": "markers",
        "x": [said.energy_j / _MWH_J for _, _, said in found],
        "y": [_row_px(row) for row, _, _ in found],
        "marker": {
            "symbol": [SYMBOLS[said.how] for _, _, said in found],
            "size": 13,
            "color": colours.muted,
            "opacity": 1,
            "line": {"width": 2, "color": colours.muted},
        },
        "hovertext": [f"<b>{escape(run.label)}</b><br>published: {energy(said.energy_j)}" for _, run, said in found],
        "hoverinfo": "text",
    }
