"""Answers and figures by scenario, kept in bounded caches and never changed after they are made."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go

from efficiency.catalogue import labels
from efficiency.derived import derived
from efficiency.facts import Fact, entities, fact, facts
from efficiency.gap import Gap, evaluate
from efficiency.ledger import Ledger
from efficiency.scenario import Scenario
from ui.figures.gap import gap_figure
from ui.figures.ladder import Rung, ladder_figure
from ui.figures.ledger import ledger_figure
from ui.theme import Mode

_RUNG_FACTS: Final = (
    ("brain", "One brain", "brain.power", "brain"),
    ("laptop", "Laptop", "laptop.power", "machine"),
    ("gpu", "GPU (H100)", "chip.h100.tdp", "machine"),
    ("server", "Server, 8 GPUs", "system.dgx_h100.power", "machine"),
    ("rack", "Rack, 72 GPUs", "system.gb200_nvl72.power", "machine"),
    ("cluster", "Cluster, 24,576 GPUs", "system.meta_24k.power", "machine"),
    ("site", "Site of 2027, planned", "system.abilene_planned.power", "machine"),
    ("brains", "All human brains", "grid.all_human_brains", "brain"),
    ("datacentres", "All data centres", "grid.datacentre_power_2024", "machine"),
)


@dataclass(frozen=True, slots=True)
class SystemStep:
    """A named system that the ladder's slider visits; ``kind`` says how its power is known."""

    key: str
    label: str
    year: int
    power_w: float
    low_w: float
    high_w: float
    kind: str


@functools.lru_cache(maxsize=256)
def gap_of(scenario: Scenario) -> Gap:
    """Answer one scenario."""
    return evaluate(scenario)


@functools.lru_cache(maxsize=256)
def gap_figure_of(scenario: Scenario, mode: Mode) -> go.Figure:
    """Draw the yardsticks of one scenario."""
    return gap_figure(gap_of(scenario), mode)


@functools.lru_cache(maxsize=256)
def ledger_figure_of(ledger: Ledger, mode: Mode) -> go.Figure:
    """Draw one ledger."""
    return ledger_figure(ledger, mode)


@functools.lru_cache(maxsize=128)
def ladder_figure_of(active: str, mode: Mode) -> go.Figure:
    """Draw the power ladder with its slider on one system."""
    steps = system_steps()
    return ladder_figure(rungs(), steps, [step.key for step in steps].index(active), mode)


@functools.cache
def rungs() -> tuple[Rung, ...]:
    """The ladder's fixed steps, from the records."""
    return tuple(
        Rung(key, label, record.si, record.si_low, record.si_high, group)  # type: ignore[arg-type]
        for key, label, record, group in ((k, n, rung_fact(f), g) for k, n, f, g in _RUNG_FACTS)
    )


def rung_fact(key: str) -> Fact:
    """The record behind a step of the ladder."""
    return derived()[key] if key in derived() else fact(key)


def rung_fact_keys() -> tuple[str, ...]:
    """The records behind the ladder's fixed steps."""
    return tuple(key for _, _, key, _ in _RUNG_FACTS)


@functools.cache
def system_steps() -> tuple[SystemStep, ...]:
    """Every named system with a published power, by year and then by power."""
    table = facts()
    found = []
    for key in labels("system"):
        power = table[f"system.{key}.power"]
        entity = entities()[f"system.{key}"]
        found.append(SystemStep(key, entity.label, entity.year or 0, power.si, power.si_low, power.si_high, power.kind))
    return tuple(sorted(found, key=lambda step: (step.year, step.power_w)))
