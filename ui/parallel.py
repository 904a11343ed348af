"""The sentences and caches of the page on parallel fit: instructions, waiting, batches, and what the brain does."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go

from efficiency import __version__, brain
from efficiency.amdahl import SERIAL_SHARES, energy_per_job, idle_share, speed_up
from efficiency.arithmetic import instruction_overhead, multiply_add_energy_j
from efficiency.catalogue import labels
from efficiency.facts import DATA_VERSION, Fact, fact, facts
from efficiency.gap import inputs_for
from efficiency.inputs import Inputs
from efficiency.lever_pairs import Pair, shipped_pairs
from efficiency.link import State
from efficiency.parallel import (
    FORMAT_BITS,
    STEPS,
    batch_grid,
    batches,
    has_format,
    instruction_gain,
    matrix_operations,
    multiply_add,
    token_gains,
    usage_energy,
)
from efficiency.parallel_points import HOW, dataflow_rack_energy_j, points
from efficiency.say import factor, quantity, significant, times
from efficiency.scenario import Scenario
from efficiency.workloads import prefill_energies
from ui.figures.parallel import Bar, Step, instruction_figure, part_colours
from ui.figures.parallel_batch import Serving, batch_figure
from ui.figures.parallel_pairs import Cloud, pairs_figure
from ui.figures.parallel_points import MARKS, MEASURED, points_figure
from ui.figures.parallel_waiting import Job, Mark, amdahl_figure, usage_figure
from ui.legend import legend, mark
from ui.names import chip_name, plural
from ui.pair_scores import score_sentence
from ui.record_links import records_link
from ui.text import scope_sentence
from ui.theme import Mode, palette
from ui.units import as_much, counted, part_of, saved, words_for

_RUNS: Final = (("GPT-3", "run.gpt3.mfu"), ("PaLM", "run.palm.mfu"))
"""Published utilisations that the curve marks; a third lies where the slider starts."""
_SMALL_BATCH: Final = 32
"""Pairs that start below this share little; those above have little left to share."""
_SAME: Final = 1.05
"""Gains below this are called none."""


@functools.lru_cache(maxsize=64)
def _format_inputs(chip: str) -> Inputs:
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
    inputs = _format_inputs(chip)
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


def finding_html(words: str) -> str:
    """Set a section's finding; a number and its per cent stay on one line."""
    glued = escape(words).replace(" %", "\u00a0%")
    return f'<h2 class="tw-finding">{glued}</h2>'


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


_UTILISATIONS: Final = tuple(float(u) for u in np.geomspace(0.01, 1.0, 33))


@functools.lru_cache(maxsize=64)
def usage(scenario: Scenario) -> tuple[tuple[float, ...], tuple[float, ...], tuple[Mark, ...]]:
    """Work and waiting per useful FLOP along utilisation, and the marked places."""
    inputs = inputs_for(scenario)
    curve = usage_energy(scenario, inputs, np.array(_UTILISATIONS))
    named = [(name, fact(key).si, False) for name, key in _RUNS]
    own = float(scenario.utilisation)
    marks = tuple(
        Mark(name, share, float(sum(usage_energy(scenario, inputs, share))), chosen)
        for name, share, chosen in (*named, ("yours", own, True))
    )
    return _listed(curve.work), _listed(curve.waiting), marks


def _listed(values: object) -> tuple[float, ...]:
    return tuple(float(value) for value in np.broadcast_to(np.asarray(values), (len(_UTILISATIONS),)))


@functools.lru_cache(maxsize=128)
def usage_figure_of(scenario: Scenario, mode: Mode) -> go.Figure:
    """Draw energy per FLOP by utilisation."""
    return usage_figure(_UTILISATIONS, *usage(scenario), mode)


def usage_values(
    scenario: Scenario,
) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...], tuple[Mark, ...]]:
    """What the figure draws, for its text alternative."""
    return _UTILISATIONS, *usage(scenario)


def usage_headline(scenario: Scenario) -> str:
    """Say how much of a useful FLOP is waiting, here and elsewhere on the curve."""
    inputs = inputs_for(scenario)
    own = float(scenario.utilisation)
    other = 0.05 if own > 0.1 else 0.5
    here, there = (float(e.waiting / sum(e)) for e in (usage_energy(scenario, inputs, u) for u in (own, other)))
    said = "At" if own < 0.995 else "Even at"
    return (
        f"{said} {words_for('utilisation', own)} utilisation, {part_of(here)} a FLOP’s energy is waiting; "
        f"at {words_for('utilisation', other)}, {part_of(there).removesuffix(' of')}"
    )


def usage_footer(state: State) -> str:
    """Say what the curve is, as HTML."""
    return (
        f"Training {escape(labels('model')[state.scenario.model])} on {escape(plural(chip_name(state.scenario.chip)))} "
        f"· {escape(scope_sentence(state.scenario).partition(' · ')[0])} · waiting: power of chips, hosts and network "
        "that does not depend on the work · GPT-3 and PaLM: their published utilisation, energy of this machine · "
        f"first-order model · {records_link(state, '.mfu', 'sources')}"
    )


_PROCESSORS: Final = tuple(float(round(n)) for n in np.geomspace(1.0, 1e5, 21))


@functools.lru_cache(maxsize=64)
def jobs(chip: str) -> tuple[Job, ...]:
    """Jobs of different serial shares on chips of a kind."""
    waiting = float(idle_share(_format_inputs(chip)))
    return tuple(
        Job(
            serial,
            _PROCESSORS,
            tuple(float(speed_up(serial, n)) for n in _PROCESSORS),
            tuple(float(energy_per_job(serial, n, waiting)) for n in _PROCESSORS),
        )
        for serial in SERIAL_SHARES
    )


@functools.lru_cache(maxsize=64)
def amdahl_figure_of(chip: str, mode: Mode) -> go.Figure:
    """Draw speed-up against energy."""
    return amdahl_figure(jobs(chip), mode)


def amdahl_headline(chip: str) -> str:
    """Say what a little serial work does on many processors."""
    waiting = float(idle_share(_format_inputs(chip)))
    return (
        f"If 1 % of a job cannot be shared, 10,000 chips are {times(speed_up(0.01, 1e4))} faster "
        f"and take {times(energy_per_job(0.01, 1e4, waiting))} the energy"
    )


def amdahl_footer(chip: str) -> str:
    """Say what the curves rest on, as HTML."""
    waiting = float(idle_share(_format_inputs(chip)))
    known = "measured" if f"chip.{chip}.idle_power" in facts() else "assumed"
    return (
        "Theory: Amdahl’s law with the energy of waiting (Woo and Lee 2008), work fixed, sharing it out free · "
        f"a waiting {escape(chip_name(chip))} draws {100 * waiting:.0f} % of its limit, {known} · "
        "dots: 1, 10, 100, … 100,000 processors"
    )


@functools.lru_cache(maxsize=64)
def serving(scenario: Scenario) -> tuple[Serving, tuple[float, float, float], float]:
    """Energy and time by batch, the scenario's own, and the energy of a token read."""
    inputs = inputs_for(scenario)
    grid = batch_grid()
    swept = batches(scenario, inputs, np.array(grid))
    own = batches(scenario, inputs, float(scenario.batch))
    shape = (len(grid),)
    return (
        Serving(
            grid,
            tuple(float(x) for x in np.broadcast_to(swept.energy_j, shape)),
            tuple(float(x) for x in np.broadcast_to(swept.step_s, shape)),
        ),
        (float(scenario.batch), float(own.energy_j), float(own.step_s)),
        float(prefill_energies(scenario, inputs)[0].total_j()),
    )


@functools.lru_cache(maxsize=128)
def batch_figure_of(scenario: Scenario, mode: Mode) -> go.Figure:
    """Draw energy and time by batch."""
    return batch_figure(*serving(scenario), mode)


def batch_headline(scenario: Scenario) -> str:
    """Say what sharing the reading of weights saves, and what it costs in time."""
    found, _, read_j = serving(scenario)
    best = found.best()
    if best == 0:
        return (
            f"Serving more at once saves nothing here; a token written takes {as_much(found.energy_j[0] / read_j)} "
            "energy as one read"
        )
    if saved(found.energy_j[0] / found.energy_j[best]) == "nothing":
        return "Serving more at once saves next to nothing here"
    slower = found.step_s[best] / found.step_s[0]
    wait = f"{times(slower)} as long" if slower >= 1.05 else "no longer"
    less = times(found.energy_j[0] / found.energy_j[best])
    # Two digits are enough, but not if they name more conversations than were tried.
    many = min(float(significant(found.batch[best], 2).replace(",", "")), found.batch[-1])
    return f"{counted(many, 'conversation')} at once take {less} less energy a token than one; each waits {wait} for it"


def batch_footer(state: State) -> str:
    """Compare writing with reading and say what the curves are, as HTML."""
    scenario = state.scenario
    _, (batch, energy_j, _), read_j = serving(scenario)
    return (
        f"A token written takes {as_much(energy_j / read_j)} energy as one read at {batch:,.0f} at once: all tokens "
        f"of a text are read together, but written one after the other · {escape(labels('model')[scenario.model])} on "
        f"{escape(plural(chip_name(scenario.chip)))} at {words_for('bits', float(scenario.bits))}, as many as hold "
        "weights and caches · "
        f"{escape(scope_sentence(scenario).partition(' · ')[0])} · model fitted to measured serving · large dot: yours"
    )


@functools.cache
def batch_pairs() -> tuple[Pair, ...]:
    """Measured pairs that differ in the batch alone."""
    return tuple(pair for pair in shipped_pairs() if pair.lever == "batch")


@functools.cache
def pair_clouds() -> tuple[Cloud, ...]:
    """The pairs by where they start."""
    groups = (
        (f"from fewer than {_SMALL_BATCH} at once", [p for p in batch_pairs() if p.batch < _SMALL_BATCH]),
        (f"from {_SMALL_BATCH} or more", [p for p in batch_pairs() if p.batch >= _SMALL_BATCH]),
    )
    return tuple(
        Cloud(
            name,
            tuple(1 / pair.measured for pair in group),
            tuple(1 / pair.predicted for pair in group),
            tuple(_hover(pair) for pair in group),
        )
        for name, group in groups
        if group
    )


def _hover(pair: Pair) -> str:
    return (
        f"<b>{escape(pair.model.rpartition('/')[2][:40])}</b><br>{escape(pair.chip[:30])}<br>"
        f"{pair.before} to {pair.after} at once: {factor(1 / pair.measured)} measured, "
        f"{factor(1 / pair.predicted)} predicted"
    )


@functools.lru_cache(maxsize=2)
def pairs_figure_of(mode: Mode) -> go.Figure:
    """Draw the pairs."""
    return pairs_figure(pair_clouds(), mode)


@functools.cache
def pairs_headline() -> str:
    """Say what doubling a batch was measured to save, against sharing everything."""
    saved = [1 - pair.measured ** (1 / math.log2(float(pair.after) / float(pair.before))) for pair in batch_pairs()]
    return (
        f"Measured, a doubled batch saves {100 * float(np.median(saved)):.0f} % of the energy at the median; "
        "if all of it were shared it would save 50 %"
    )


@functools.cache
def pairs_footer() -> str:
    """Say how well the pairs are predicted, as HTML."""
    pairs = batch_pairs()
    return (
        f"{len(pairs)} pairs of measurements by others, alike in all but the batch; each predicted by a fit without "
        f"its model · tokens, requests and pictures · {score_sentence('batch')}"
    )


def pairs_legend_html(mode: Mode) -> str:
    """Name the clouds."""
    colours = palette(mode)
    marks = (("●", colours.machine), ("◇", colours.greys[0]))
    named = [
        mark(colour, glyph, f"{cloud.name}, {len(cloud.measured)}")
        for cloud, (glyph, colour) in zip(pair_clouds(), marks, strict=False)
    ]
    return legend(*named, "line: exact", "grey band: within 1.25 times")


def quality_html() -> str:
    """Say what parallel fit costs in quality: nothing, but it has a price in time and in the choice of models."""
    return (
        '<p class="tw-range">None by itself: the same sums, in another order. The price is time, because a shared step '
        "takes longer, and choice, because models are made of what fits: large dense products, in blocks of a tile. "
        "What does not fit (small experts, sparse weights, one conversation alone) pays for tiles that stay empty.</p>"
    )


def brain_headline(scenario: Scenario) -> str:
    """Say how little the brain's power depends on what it does."""
    more = fact("parallel.brain_task_share")
    return (
        f"The brain waits at nearly full power: a task adds {_range_percent(more)} to its "
        f"{quantity(brain.brain_power_w('glucose', inputs_for(scenario)), 'W', 2)}"
    )


def _range_percent(record: Fact) -> str:
    return f"{100 * record.si_low:g} to {100 * record.si_high:g} %"


def brain_html(state: State) -> str:
    """Say what the brain does in place of instructions, clocks and batches, as HTML."""
    inputs = inputs_for(state.scenario)
    events = float(inputs.synapses * inputs.firing_rate_hz)
    signalling = fact("parallel.brain_signalling_share")
    tpu = fact("chip.tpu_v4.idle_power").si / fact("chip.tpu_v4.tdp").si
    gpu = fact("chip.h100.idle_power").si / fact("chip.h100.tdp").si
    task = fact("parallel.brain_task_share")
    rows = "".join(
        f'<tr><td>{name}<br><b>{value}</b></td><td style="white-space:normal">{said}</td></tr>'
        for name, value, said in (
            (
                "Power at rest over power at work",
                f"{100 / (1 + task.si_high):.0f} to {100 / (1 + task.si_low):.1f} %",
                f"whole brain. TPU v4 {100 * tpu:.0f} % of its highest, H100 {100 * gpu:.0f} % of its limit. "
                f"But {_range_percent(signalling)} of the brain’s power supports signalling, at rest too: "
                "this is not idling as a chip does it",
            ),
            (
                "Instruction stream",
                "none",
                "the program is the wiring: what is fixed function in a chip. No fetch, no decode, no clock",
            ),
            (
                "Working at once",
                f"{quantity(float(inputs.synapses), '1', 2)} synapses",
                f"about {quantity(events, '1', 2)} events a second, each when it comes: "
                f"{quantity(float(inputs.brain_power_w) / events, 'J', 2)} per event with everything charged to it",
            ),
            (
                "Batch",
                "1",
                "weights lie where they are used, so that sharing a reading would save nothing; it serves one person",
            ),
        )
    )
    return (
        f'<table class="tw-table" style="min-width:0"><tbody>{rows}</tbody></table>'
        f'<p class="tw-footer">{records_link(state, "parallel.brain", "sources")} · synapses of the neocortex, '
        "mean rate assumed</p>"
    )
