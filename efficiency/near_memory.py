"""Memory nearer to the arithmetic: what distance alone would save, and what whole chips were published to do."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Final, Literal

from efficiency import catalogue
from efficiency.arrays import Floats
from efficiency.facts import fact, facts
from efficiency.inputs import Inputs
from efficiency.scenario import Scenario
from efficiency.workloads import decode_energies

NEARER: Final = ("stacked", "on_chip", "in_memory")
"""Settings of a scenario's movement that are nearer than off-chip memory."""

Evidence = Literal["peak", "measured", "macro"]


@dataclass(frozen=True, slots=True)
class Published:
    """Operations per joule of something built [OP/J], with the width it holds for [bit].

    ``evidence``: ``peak`` is the maker's peak over the power limit, ``measured`` was measured on the whole chip, and
    ``macro`` on a part of one, without what feeds it. ``scope`` says what the joules cover.
    """

    key: str
    approach: str
    name: str
    bits: float
    low: float
    value: float
    high: float
    evidence: Evidence
    scope: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A published gain in energy [1] and the setting that it holds in."""

    name: str
    gain: float
    kind: str
    setting: str
    fact: str


def distance_gain(scenario: Scenario, inputs: Inputs, movement: str, batch: Floats) -> Floats:
    """Energy of a written token with memory off the chip over that with memory nearer, nothing else changed.

    Parameters
    ----------
    scenario : Scenario
        Its own movement and batch are replaced.
    inputs : Inputs
        Facts, central or sampled.
    movement : {"stacked", "on_chip", "in_memory"}
        Where the weights are.
    batch : float or ndarray
        Conversations at once [1].

    Returns
    -------
    float or ndarray
        How many times less energy [1].

    Notes
    -----
    Theory: the size of the memory stays as built, so the number of chips does too, and nothing pays for the analog to
    digital conversion or for the area of memory on the chip.

    References
    ----------
    `movement.memory_bit_energy`, `workloads.decode_energies`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> alone = distance_gain(Scenario(), inputs, "in_memory", 1.0)
    >>> bool(alone > distance_gain(Scenario(), inputs, "in_memory", 4096.0) > 1.0)
    True
    """
    built, nearer = (
        decode_energies(replace(scenario, movement=where, batch=batch), inputs)[0].total_j()
        for where in ("off_chip", movement)
    )
    return built / nearer


@functools.cache
def published() -> tuple[Published, ...]:
    """List what was built, by approach and from the farthest memory to the nearest.

    Returns
    -------
    tuple of Published
        Operations per joule [OP/J].

    Notes
    -----
    Operations per joule say what arithmetic costs once numbers are there; they do not say that a model fits, nor what
    a token costs. A macro's number leaves out buses, buffers, conversion between macros and idle parts.

    References
    ----------
    `efficiency/data/chips.csv`, `operations.csv`, `near_memory.csv`.

    Examples
    --------
    >>> found = {row.key: row for row in published()}
    >>> round(found["h100_8"].value / 1e12, 2), round(found["hermes"].low / 1e12, 2)
    (2.83, 2.48)
    """
    return (
        _chip("Off chip", "H100", "h100", 8.0),
        _chip("Off chip", "B200", "b200", 4.0),
        _chip("On one wafer", "WSE-3", "wse3", 16.0),
        _chip("On the chip", "Groq LPU", "groq", 8.0),
        _chip("On the chip", "NorthPole card", "northpole", 4.0),
        _rack(),
        _record("metis", "In memory", "Metis", 8.0, "nearmem.metis", "measured", "whole chip"),
        _record("hermes", "Analog", "HERMES chip", 8.0, "analog.hermes", "measured", "whole chip"),
        _record("hermes_core", "Analog", "HERMES, one core", 8.0, "analog.hermes_core", "macro", "one core"),
        _record("ambrogio", "Analog", "IBM, 34 tiles", 8.0, "analog.ambrogio", "measured", "whole chip"),
        _record("imagine", "Analog", "IMAGINE", 8.0, "analog.imagine_chip", "measured", "whole chip"),
        _record(
            *("imagine_macro", "Analog", "IMAGINE, one macro", 8.0, "analog.imagine_macro", "macro"),
            "macro alone",
        ),
        _record("macro", "Analog", "TSMC, one macro", 4.0, "nearmem.sram_macro", "macro", "macro alone"),
    )


def _chip(approach: str, name: str, key: str, bits: float) -> Published:
    chip = catalogue.chip(key)
    peak, power = facts()[chip.peak_fact[bits]], fact(f"chip.{key}.tdp")
    value = chip.peak_per_s[bits] / power.si
    scope = "server at its limit" if chip.power_scope == "server" else "chip at its limit"
    return Published(f"{key}_{bits:g}", approach, name, bits, value, value, value, "peak", scope, (peak.key, power.key))


def _rack() -> Published:
    rate, power = fact("nearmem.northpole_rack_ops"), fact("system.northpole_rack.power")
    value = rate.si / power.si
    return Published(
        "northpole_rack",
        "On the chip",
        "NorthPole rack",
        4.0,
        value,
        value,
        value,
        "peak",
        "whole rack",
        (rate.key, power.key),
    )


def _record(key: str, approach: str, name: str, bits: float, record: str, evidence: Evidence, scope: str) -> Published:
    found = fact(record)
    return Published(key, approach, name, bits, found.si_low, found.si, found.si_high, evidence, scope, (record,))


@functools.cache
def claims() -> tuple[Claim, ...]:
    """List published gains in energy with the setting that each holds in.

    Returns
    -------
    tuple of Claim
        How many times less energy [1].

    Notes
    -----
    They do not add up: the settings differ, and so does what they are compared with.

    References
    ----------
    `efficiency/data/operations.csv`, `near_memory.csv`.

    Examples
    --------
    >>> claims()[0].gain
    72.7
    """
    saving = fact("nearmem.hbm_pim_saving")
    kept = 1.0 / (1.0 - saving.si)
    return (
        _claim(
            "NorthPole, language model",
            "nearmem.northpole_gain",
            "only at the lowest latency of a GPU, where it cannot batch; a 3B model on 16 cards",
        ),
        _claim(
            "NorthPole, images",
            "nearmem.northpole_resnet_gain",
            "ResNet-50, which fits on the chip, against a GPU of the same node",
        ),
        Claim(
            "Compute in stacked memory (HBM-PIM)",
            kept,
            saving.kind,
            "the maker’s figure, for work bound by memory",
            saving.key,
        ),
    )


def _claim(name: str, key: str, setting: str) -> Claim:
    found = fact(key)
    return Claim(name, found.si, found.kind, setting, key)
