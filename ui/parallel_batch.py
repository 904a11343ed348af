"""Sentences and caches of the page on parallel fit: conversations that share a reading of the weights."""

from __future__ import annotations

import functools
import math
from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go

from efficiency.case_sources import case_source
from efficiency.catalogue import labels
from efficiency.gap import inputs_for
from efficiency.lever_pairs import TEXT_METRICS, Pair
from efficiency.link import State
from efficiency.parallel import batch_grid, batches
from efficiency.say import significant, times
from efficiency.scenario import Scenario
from efficiency.stored_pairs import shipped_pairs
from efficiency.workloads import prefill_energies
from ui.figures.parallel_batch import Serving, batch_figure
from ui.figures.parallel_pairs import Cloud, pairs_figure
from ui.legend import legend, mark
from ui.names import chip_name, plural
from ui.pair_scores import score_sentence
from ui.text import scope_sentence
from ui.theme import Mode, palette
from ui.units import as_much, counted, saved, words_for

_SMALL_BATCH: Final = 32
"""Pairs that start below this share little; those above have little left to share."""


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
            tuple(float(f"{1 / pair.measured:.4g}") for pair in group),
            tuple(float(f"{1 / pair.predicted:.4g}") for pair in group),
            tuple(_named(pair) for pair in group),
            tuple(case_source(pair.source) for pair in group),
        )
        for name, group in groups
        if group
    )


def _named(pair: Pair) -> str:
    model, chip = escape(pair.model.rpartition("/")[2][:40]), escape(pair.chip.removeprefix("NVIDIA ").split(" ")[0])
    return f"{model}, {chip}: {pair.before} to {pair.after}"


@functools.lru_cache(maxsize=2)
def pairs_figure_of(mode: Mode) -> go.Figure:
    """Draw the pairs."""
    return pairs_figure(pair_clouds(), mode)


@functools.cache
def pairs_headline() -> str:
    """Say what doubling a batch was measured to save, against sharing everything."""
    saved: dict[bool, list[float]] = {True: [], False: []}
    for pair in batch_pairs():
        doublings = math.log2(float(pair.after) / float(pair.before))
        saved[pair.metric in TEXT_METRICS].append(1 - pair.measured ** (1 / doublings))
    text, pictures = (100 * float(np.median(saved[kind])) for kind in (True, False))
    return (
        f"Measured, a doubled batch saves {text:.0f} % of a token’s energy at the median and {pictures:.0f} % of a "
        "picture’s; if all of it were shared it would save 50 %"
    )


@functools.cache
def pairs_footer() -> str:
    """Say how well the pairs are predicted, as HTML."""
    pairs = batch_pairs()
    return (
        f"{len(pairs):,} pairs of measurements by others, alike in all but the batch; each predicted by a fit without "
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
