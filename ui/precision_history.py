"""What the *Precision* page says of the energy of an operation through the generations."""

from __future__ import annotations

import functools
from html import escape

import plotly.graph_objects as go

from efficiency.facts import fact
from efficiency.precision_history import NEWEST, cmos_headroom, generations, huang_factors, operation, split
from efficiency.say import factor, significant, times
from ui.figures.precision_history import history_figure, split_figure
from ui.legend import legend, mark
from ui.precision_quality import cited
from ui.theme import Mode, palette


@functools.lru_cache(maxsize=4)
def history_figure_of(mode: Mode) -> go.Figure:
    """Draw the energy of an operation through the generations."""
    return history_figure(generations(), cmos_limit_j(), mode)


@functools.lru_cache(maxsize=4)
def split_figure_of(mode: Mode) -> go.Figure:
    """Draw what the gain is made of."""
    return split_figure([split(chip) for chip in NEWEST], mode)


def cmos_limit_j() -> float:
    """Give the least energy of a 4-bit operation in CMOS, as estimated [J/op]."""
    return 1.0 / fact("limit.cmos_fp4_per_joule").si


def history_headline() -> str:
    """Say how much of the gain of thirteen years compares like with like, as HTML."""
    found = split("b200")
    return (
        f"From the K20X to the B200 an operation became {significant(found.whole.central, 3)} times cheaper, "
        f"of it {times(found.same_format.central)} at the same format"
    )


def split_legend_html(mode: Mode) -> str:
    """Say what the three segments are."""
    colours = palette(mode)
    marks = (
        (colours.shades[0], "same format, 32 bit in vector units: process, voltage, design"),
        (colours.shades[2], "matrix units, which take 32-bit numbers as TF32"),
        (colours.shades[4], "fewer bits, TF32 to 4 bit in matrix units"),
    )
    return legend(*(mark(fill, "■", words) for fill, words in marks))


def split_caption() -> str:
    """Say how sure the three segments are, as HTML."""
    found, newer = split("b200"), split("b300")
    same = found.same_format
    return (
        f"Of what matrix units gave, the narrower number explains {times(found.of_it_narrower)} by bare arithmetic. "
        f"Published rates of the B200 differ: {factor(same.low)} to {factor(same.high)} times at the same format; the "
        f"B300’s {factor(newer.whole.central)} is {factor(newer.whole.low)} to {factor(newer.whole.high)}. Power limit "
        "over peak rate, as data sheets say it; programs reach less. Lengths are logarithms, so that factors add up."
    )


def history_caption() -> str:
    """Say what else the records tell of the past and of the room left, as HTML."""
    gains = huang_factors()
    rise = fact("chip.b200.tdp").si / fact("chip.k20x.tdp").si
    product = " × ".join(f"{value:g}" for value in gains.values())
    best = min((one for one in generations() if one.bits == 32.0), key=lambda one: one.energy_j)
    last = operation("b300", 32.0)
    worse = (
        f"Of the generations drawn the {escape(best.label.removeprefix('NVIDIA '))} takes least at 32 bit, the B300 "
        f"{significant(last.energy_j / best.energy_j, 2)} times as much. "
        if last is not None and last.energy_j > best.energy_j
        else ""
    )
    return (
        f"{worse}The maker’s own account of ten years, {product} = {factor(fact('huang.all').si)} "
        f"(formats, instructions, process, sparsity; {cited('huang.all')}), is speed per GPU, not energy: power "
        f"limits rose {significant(rise, 2)} times from the K20X to the B200. "
        "Room left: the estimated limit of CMOS lies "
        f"{significant(cmos_headroom(), 3)} times below the B200 at 4 bit ({cited('limit.cmos_fp4_per_joule')})."
    )
