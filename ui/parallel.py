"""Sentences and caches of the page on parallel fit: instructions, gains as published, and what fit costs in quality."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from html import escape
from typing import Final

import plotly.graph_objects as go

from efficiency import __version__
from efficiency.arithmetic import instruction_overhead, multiply_add_energy_j
from efficiency.catalogue import labels
from efficiency.facts import DATA_VERSION, fact, facts
from efficiency.gap import inputs_for
from efficiency.inputs import Inputs
from efficiency.link import State
from efficiency.parallel import (
    FORMAT_BITS,
    STEPS,
    has_format,
    instruction_gain,
    matrix_operations,
    multiply_add,
    token_gains,
)
from efficiency.parallel_points import HOW, dataflow_rack_energy_j, points
from efficiency.say import factor, quantity, significant, times
from efficiency.scenario import Scenario
from ui.figures.parallel import Bar, Step, instruction_figure, part_colours
from ui.figures.parallel_points import MARKS, MEASURED, points_figure
from ui.legend import legend, mark
from ui.names import chip_name, plural
from ui.record_links import records_link
from ui.theme import Mode, palette

_SAME: Final = 1.05
"""Gains below this are called none."""


@functools.lru_cache(maxsize=64)
def format_inputs(chip: str) -> Inputs:
    """Give what a chip takes at 16 bits."""
    return inputs_for(Scenario(system="own", chip=chip, bits=FORMAT_BITS))


def _words(name: str) -> str:
    operations = STEPS[name]
    if name == "fixed":
        return "No instruction: fixed function"
    told = {"1": ": scalar instruction", "matrix": ": matrix instruction"}.get(name, "")
    return f"{operations:,.0f} at once{told}"


def _known(name: str) -> str:
    if name in ("1", "matrix"):
        return "published"
    if name == "fixed":
        return "by definition"
    return "between published points" if STEPS[name] < matrix_operations() else "beyond published points"


@functools.lru_cache(maxsize=64)
def steps(chip: str) -> tuple[Step, ...]:
    """The slider's stops on a chip."""
    inputs = format_inputs(chip)
    return tuple(
        Step(name, _words(name), _parts(chip, inputs, operations), _known(name)) for name, operations in STEPS.items()
    )


def _parts(chip: str, inputs: Inputs, operations: float) -> tuple[float, float, float]:
    found = multiply_add(chip, inputs, operations)
    return found.arithmetic_j, found.operand_j, found.instruction_j


@functools.lru_cache(maxsize=64)
def published(chip: str) -> tuple[Bar, ...]:
    """The published instructions at 16 bits."""
    named = {step.key: step for step in steps(chip)}
    words = {"1": "Scalar instruction", "matrix": "Matrix instruction", "fixed": "Fixed function, no instruction"}
    return tuple(Bar(key, f"{label}, FP16", named[key].parts) for key, label in words.items())


@functools.lru_cache(maxsize=64)
def other_format(chip: str) -> tuple[Bar, ...]:
    """The published instructions at 8 bits; how their operands are delivered is not split out."""
    node_m = _node_m(chip)
    arithmetic = multiply_add_energy_j(8.0, node_m)
    words = {"packed": "Packed instruction, 4 at once, INT8", "matrix": "Matrix instruction, INT8"}
    return tuple(
        Bar(f"int8_{kind}", label, (arithmetic, 0.0, arithmetic * instruction_overhead(8.0, kind)))
        for kind, label in words.items()
    )


def _node_m(chip: str) -> float:
    record = facts().get(f"chip.{chip}.node")
    return fact("chip.node_unknown").si if record is None else record.si


@functools.lru_cache(maxsize=256)
def instruction_figure_of(chip: str, at: str, mode: Mode) -> go.Figure:
    """Draw the instructions on a chip, with the slider at one of them."""
    return instruction_figure(steps(chip), published(chip), other_format(chip), position(at), mode)


def position(at: str) -> int:
    """Find the slider's stop of a name."""
    return list(STEPS).index(at)


def headline_html(chip: str) -> str:
    """Say what matrix instructions brought, what is left, and what the gain holds for."""
    brought = instruction_gain(1.0, matrix_operations())
    left = 100 * (1 - 1 / instruction_gain(matrix_operations(), math.inf))
    scalar, matrix, _ = published(chip)
    whole = scalar.total_j / matrix.total_j
    operands = (
        f"With the rest of the delivery on the chip, held equal for all, {times(whole)} on {_an(chip)}: "
        f"{quantity(scalar.total_j, 'J', 2)} to {quantity(matrix.total_j, 'J', 2)}."
        if has_format(chip)
        else f"The {chip_name(chip)} has no 16-bit arithmetic of its own; the rest of the delivery is left out."
    )
    return (
        '<h1 class="tw-headline">Matrix instructions made a 16-bit multiply-add '
        f'<span class="tw-machine">{times(brought, "html")}</span> cheaper; '
        f'no instruction at all would save <span class="tw-machine">{left:.0f}\u00a0%</span> more</h1>'
        f'<p class="tw-range">Fetch, decode and operand read fall from 2,000\u00a0% of the arithmetic to 22\u00a0%, '
        f"in theory: one maker’s ratios, both at FP16. {operands}</p>"
    )


def _an(chip: str) -> str:
    name = chip_name(chip)
    return f"{'an' if name[0] in 'AHLMR' and name[1:2].isdigit() and name[0] != 'R' else 'the'} {name}"


def instruction_legend_html(mode: Mode) -> str:
    """Name the parts of the bars."""
    arithmetic, operand, instruction = part_colours(palette(mode))
    return legend(
        mark(arithmetic, "■", "arithmetic"),
        mark(operand, "▨", "rest of the delivery on the chip, inferred by difference"),
        mark(instruction, "■", "instruction: fetch, decode, operand read"),
    )


def instruction_footer(state: State) -> str:
    """Say what the bars rest on, as HTML."""
    chip = state.scenario.chip
    return (
        f"One multiply-add at FP16 on {escape(plural(chip_name(chip)))} · ratios published by one maker for 45 nm, "
        "taken to this node · between and beyond the published points by the power law through them · "
        f"{records_link(state, 'instruction.', 'sources')} · data {DATA_VERSION} · model {__version__} · Twenty Watts"
    )


@functools.lru_cache(maxsize=256)
def token_sentence(scenario: Scenario) -> str:
    """Say how little of an instruction's gain reaches a whole token."""
    if not has_format(scenario.chip):
        return (
            f"On a whole token of this machine nothing of that can be had: the {escape(chip_name(scenario.chip))} "
            "has no 16-bit arithmetic, and so no matrix instruction for it."
        )
    inputs = inputs_for(replace(scenario, bits=FORMAT_BITS))
    brought, left = (token_gains(scenario, inputs, *pair) for pair in (("scalar", "matrix"), ("matrix", "fixed")))
    model = escape(labels("model")[scenario.model])
    faster = ", also because the machine waits for a shorter time" if max(brought) >= _SAME else ""
    return (
        f"On a whole token of {model} on this machine, by our model at FP16: matrix in place of scalar instructions "
        f"{_brought(brought.writing, brought.reading)}{faster}; fixed function would "
        f"{_percent_less(left.writing)}."
    )


def _brought(writing: float, reading: float) -> str:
    """Say what a token's writing and its reading gain.

    >>> _brought(2.5, 11.2), _brought(1.0, 1.0)
    ('make writing it take 2.5 times less and reading it 11 times less', 'save next to nothing')
    """
    if max(writing, reading) < _SAME:
        return "save next to nothing"
    if writing < _SAME:
        return f"make reading it take {times(reading)} less, writing it hardly less"
    if reading < _SAME:
        return f"make writing it take {times(writing)} less, reading it hardly less"
    return f"make writing it take {times(writing)} less and reading it {times(reading)} less"


def _percent_less(gain: float) -> str:
    less = 100 * (1 - 1 / gain)
    if less < 0.1:
        return "save next to nothing"
    return f"make writing it take {significant(less, 1 if less < 10 else 2)}\u00a0% less"


def points_legend_html(mode: Mode) -> str:
    """Name the marks by how a gain was found."""
    colour = palette(mode).machine
    return legend(*(mark(colour, MARKS.get(how, MEASURED)[1], name) for how, name in HOW.items()))


@functools.lru_cache(maxsize=2)
def points_figure_of(mode: Mode) -> go.Figure:
    """Draw the published gains."""
    return points_figure(points(), mode)


def points_headline() -> str:
    """Say how far apart narrow and broad gains are."""
    found = {point.key: point for point in points()}
    narrow, whole = found["h264"], found["tpu_v4"]
    return (
        f"On paper a circuit for one task takes {times(narrow.gain)} less energy than a processor; measured, "
        f"a chip for neural networks takes {factor(whole.low)} to {times(whole.high)} less than a GPU"
    )


def points_caption(state: State) -> str:
    """Say what dataflow costs where it cannot be shared or must wait, as HTML."""
    idle = fact("parallel.dataflow_idle")
    least, most = (100 * (value - 1) for value in (idle.si_low, idle.si_high))
    return (
        "NorthPole’s large gain is one operating point: at its own best batch the GPU takes less energy per parameter, "
        "and each conversation waits longer. A whole rack that serves an 8B model takes "
        f"{quantity(dataflow_rack_energy_j(), 'J', 2)} per token at its stated power, against "
        f"{quantity(fact('parallel.gpu_8b_best').si, 'J', 2)} on the GPU’s board alone: another scope, no comparison. "
        f"Of accelerators built for dataflow or matrices, three were measured to draw {least:.0f} to {most:.0f} % more "
        f"when idle than GPUs · {records_link(state, 'parallel.', 'sources')}"
    )


def quality_html() -> str:
    """Say what parallel fit costs in quality: nothing, but it has a price in time and in the choice of models."""
    return (
        '<p class="tw-range">None by itself: the same sums, in another order. The price is time, because a shared step '
        "takes longer, and choice, because models are made of what fits: large dense products, in blocks of a tile. "
        "What does not fit (small experts, sparse weights, one conversation alone) pays for tiles that stay empty.</p>"
    )
