"""The figures of the page on parallel fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from efficiency import arithmetic
from efficiency.facts import facts
from efficiency.link import State
from efficiency.parallel import FORMAT_BITS, STEPS
from efficiency.parallel_points import points
from ui import parallel, parallel_batch, parallel_waiting
from ui.figures.parallel import instruction_alt
from ui.figures.parallel_batch import batch_alt
from ui.figures.parallel_pairs import pairs_alt
from ui.figures.parallel_points import points_alt
from ui.figures.parallel_waiting import amdahl_alt, usage_alt
from ui.markup import glued
from ui.units import counted
from ui.views import Row, Slider, View, ledger_records, sources_of, topic, training_records

_PARTS: Final = ("arithmetic", "rest of the delivery on the chip", "instruction")


def _instruction_alt(state: State) -> str:
    chip = state.scenario.chip
    bars = (parallel.steps(chip), parallel.published(chip), parallel.other_format(chip))
    return instruction_alt(*bars, parallel.position(state.choices["pf_at"]))


def _instructions(state: State) -> Iterator[Row]:
    chip = state.scenario.chip
    for bar in (*parallel.steps(chip), *parallel.other_format(chip)):
        for name, part in zip(_PARTS, bar.parts, strict=True):
            yield Row(f"{bar.label}: {name}, per multiply-add", None, part, None, "J")


def _delivery(state: State) -> tuple[str, ...]:
    """Records behind the energy of a multiply-add and of what starts it."""
    node = f"chip.{state.scenario.chip}.node"
    formats = (key for bits in (FORMAT_BITS, 8.0) for key in arithmetic.facts_behind(bits, "matrix"))
    return (*topic("instruction."), *formats, node if node in facts() else "chip.node_unknown")


def _points(_state: State) -> Iterator[Row]:
    for point in points():
        name = f"{point.name}: less energy, {point.how}"
        yield Row(name, point.low, point.gain, point.high, "1", sources_of(point.facts))


def _usage(state: State) -> Iterator[Row]:
    utilisations, work, waiting, marks = parallel_waiting.usage_values(state.scenario)
    for share, spent, waited in zip(utilisations, work, waiting, strict=True):
        yield Row(f"{100 * share:.3g} % utilisation: work", None, spent, None, "J/FLOP")
        yield Row(f"{100 * share:.3g} % utilisation: waiting", None, waited, None, "J/FLOP")
    for mark in marks:
        yield Row(f"{mark.name}, {100 * mark.utilisation:.3g} % utilisation", None, mark.energy_j, None, "J/FLOP")


def _jobs(state: State) -> Iterator[Row]:
    for job in parallel_waiting.jobs(state.scenario.chip):
        for processors, speed_up, energy in zip(job.processors, job.speed_up, job.energy, strict=True):
            name = f"{100 * job.serial:g} % serial, {counted(processors, 'chip')}"
            yield Row(f"{name}: speed", None, speed_up, None, "1")
            yield Row(f"{name}: energy", None, energy, None, "1")


def _batches(state: State) -> Iterator[Row]:
    found, (batch, energy_j, step_s), read_j = parallel_batch.serving(state.scenario)
    for at, energy, step in zip(found.batch, found.energy_j, found.step_s, strict=True):
        yield Row(f"{at:,.4g} at once: energy per token", None, energy, None, "J")
        yield Row(f"{at:,.4g} at once: time per token", None, step, None, "s")
    yield Row(f"Yours, {batch:,.4g} at once: energy per token", None, energy_j, None, "J")
    yield Row(f"Yours, {batch:,.4g} at once: time per token", None, step_s, None, "s")
    yield Row("A token read", None, read_j, None, "J")


def _pairs(_state: State) -> Iterator[Row]:
    for cloud in parallel_batch.pair_clouds():
        both = zip(cloud.measured, cloud.predicted, cloud.sources, strict=True)
        for i, (measured, predicted, source) in enumerate(both, start=1):
            name = f"Batch, {cloud.name}, pair {i}: less energy"
            yield Row(f"{name}, measured", None, measured, None, "1", (source,))
            yield Row(f"{name}, predicted", None, predicted, None, "1", ("own_fit",))


VIEWS: Final = (
    View(
        "parallel",
        "parallel",
        "Parallel fit",
        heading=lambda state: parallel.headline_html(state.scenario.chip),
        figure=lambda state, mode: parallel.instruction_figure_of(state.scenario.chip, state.choices["pf_at"], mode),
        alt=_instruction_alt,
        caption=lambda state: f"{parallel.token_sentence(state.scenario)} {parallel.instruction_footer(state)}",
        numbers=_instructions,
        behind=_delivery,
        slider=Slider("pf_at", tuple(STEPS), "Multiply-adds per instruction"),
        legend=lambda _state, mode: parallel.instruction_legend_html(mode),
    ),
    View(
        "parallel",
        "points",
        "Built for one task",
        heading=lambda _state: glued(parallel.points_headline()),
        figure=lambda _state, mode: parallel.points_figure_of(mode),
        alt=lambda _state: points_alt(points()),
        caption=parallel.points_caption,
        numbers=_points,
        legend=lambda _state, mode: parallel.points_legend_html(mode),
    ),
    View(
        "parallel",
        "usage",
        "What waiting costs",
        heading=lambda state: glued(parallel_waiting.usage_headline(state.scenario)),
        figure=lambda state, mode: parallel_waiting.usage_figure_of(state.scenario, mode),
        alt=lambda state: usage_alt(*parallel_waiting.usage_values(state.scenario)),
        caption=parallel_waiting.usage_footer,
        numbers=_usage,
        behind=lambda state: (*training_records(state), "run.gpt3.mfu", "run.palm.mfu"),
    ),
    View(
        "parallel",
        "amdahl",
        "Work that cannot be shared",
        heading=lambda state: glued(parallel_waiting.amdahl_headline(state.scenario.chip)),
        figure=lambda state, mode: parallel_waiting.amdahl_figure_of(state.scenario.chip, mode),
        alt=lambda state: amdahl_alt(parallel_waiting.jobs(state.scenario.chip)),
        caption=lambda state: parallel_waiting.amdahl_footer(state.scenario.chip),
        numbers=_jobs,
        behind=lambda state: (f"chip.{state.scenario.chip}.idle_power", "chip.idle_share"),
    ),
    View(
        "parallel",
        "batch",
        "Energy by batch",
        heading=lambda state: glued(parallel_batch.batch_headline(state.scenario)),
        figure=lambda state, mode: parallel_batch.batch_figure_of(state.scenario, mode),
        alt=lambda state: batch_alt(*parallel_batch.serving(state.scenario)),
        caption=parallel_batch.batch_footer,
        numbers=_batches,
        behind=ledger_records,
    ),
    View(
        "parallel",
        "pairs",
        "Batches, measured",
        heading=lambda _state: glued(parallel_batch.pairs_headline()),
        figure=lambda _state, mode: parallel_batch.pairs_figure_of(mode),
        alt=lambda _state: pairs_alt(parallel_batch.pair_clouds()),
        caption=lambda _state: parallel_batch.pairs_footer(),
        numbers=_pairs,
        legend=lambda _state, mode: parallel_batch.pairs_legend_html(mode),
    ),
)
