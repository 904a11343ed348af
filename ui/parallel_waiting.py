"""Sentences and caches of the page on parallel fit: chips that wait, and work that cannot be shared."""

from __future__ import annotations

import functools
from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go

from efficiency.amdahl import SERIAL_SHARES, energy_per_job, idle_share, speed_up
from efficiency.catalogue import labels
from efficiency.facts import fact, facts
from efficiency.gap import inputs_for
from efficiency.link import State
from efficiency.parallel import usage_energy
from efficiency.say import significant, times
from efficiency.scenario import Scenario
from ui.figures.parallel_waiting import Job, Mark, amdahl_figure, usage_figure
from ui.names import chip_name, plural, training_remark
from ui.parallel import format_inputs
from ui.record_links import records_link
from ui.text import scope_sentence
from ui.theme import Mode
from ui.units import part_of, words_for

_RUNS: Final = (("GPT-3", "run.gpt3.mfu"), ("PaLM", "run.palm.mfu"))
"""Published utilisations that the curve marks; a third lies where the slider starts."""
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
        f"· {escape(scope_sentence(state.scenario).partition(' · ')[0])} · "
        f"{escape(training_remark(state.scenario.chip))}waiting: power of chips, hosts and network "
        "that does not depend on the work · GPT-3 and PaLM: their published utilisation, energy of this machine · "
        f"first-order model · {records_link(state, '.mfu', 'sources')}<br>"
        f"Measured: {_host_sentence()} · {records_link(state, 'parallel.reads_', 'source')}"
    )


def _host_sentence() -> str:
    """Say what a written token takes where hosts prepare pictures, in measurements of others."""
    found = (fact(f"parallel.reads_{what}") for what in ("images", "videos"))
    images, videos = (f"{significant(one.si_low)} to {significant(one.si_high)}" for one in found)
    return (
        f"a model that also reads images takes {images} times the energy of text alone per written token, with videos "
        f"{videos} times: prompts are longer, and chips wait for the host that prepares the pictures"
    )


_PROCESSORS: Final = tuple(float(round(n)) for n in np.geomspace(1.0, 1e5, 21))


@functools.lru_cache(maxsize=64)
def jobs(chip: str) -> tuple[Job, ...]:
    """Jobs of different serial shares on chips of a kind."""
    waiting = float(idle_share(format_inputs(chip)))
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
    waiting = float(idle_share(format_inputs(chip)))
    return (
        f"If 1 % of a job cannot be shared, 10,000 chips are {times(speed_up(0.01, 1e4))} faster "
        f"and take {times(energy_per_job(0.01, 1e4, waiting))} the energy"
    )


def amdahl_footer(chip: str) -> str:
    """Say what the curves rest on, as HTML."""
    waiting = float(idle_share(format_inputs(chip)))
    known = "measured" if f"chip.{chip}.idle_power" in facts() else "assumed"
    return (
        "Theory: Amdahl’s law with the energy of waiting (Woo and Lee 2008), work fixed, sharing it out free · "
        f"a waiting {escape(chip_name(chip))} draws {100 * waiting:.0f} % of its limit, {known} · "
        "dots: 1, 10, 100, … 100,000 processors"
    )
