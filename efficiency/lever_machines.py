"""Machines with some levers pulled: what each set of levers makes of a deployment."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, cast

import numpy as np

from efficiency import catalogue, precision_quality, sparsity_quality
from efficiency.arrays import Floats
from efficiency.derived import records
from efficiency.gap import inputs_for
from efficiency.ledger import Energies
from efficiency.lever_draws import PRECISION_GROWTH, SPARSITY_GROWTH, Draws
from efficiency.lever_settings import Setting
from efficiency.lever_task import task_energies
from efficiency.scenario import Number, Scenario, field_rules
from efficiency.workloads import decode_energies

_SCENARIO_FIELDS: Final = frozenset(f.name for f in fields(Scenario))
BATCHES: Final = tuple(2.0**power for power in range(13))
"""Batches among which the best is looked for [1]."""
_AS_GOOD_AS_BEST: Final = 1.02
LONGEST_STEP_S: Final = 0.1
"""A conversation waits no longer for a token: ten a second."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is compared: the unit of work, the deployment that does it today, and whether quality is kept.

    Raises
    ------
    ValueError
        If the scenario holds arrays, which one deployment cannot.
    """

    name: str
    today: Scenario
    equal_quality: bool = True

    def __post_init__(self) -> None:
        if not self.today.is_scalar():
            raise ValueError("today's scenario holds arrays; the levers start from one deployment")


def machine(
    task: Task, chosen: Iterable[Setting], batch: float, drawn: Draws | None = None
) -> tuple[Scenario, Mapping[str, Floats], Floats]:
    """Pull levers on a deployment.

    Parameters
    ----------
    task : Task
        With today's deployment.
    chosen : iterable of Setting
        Positions of the levers that are pulled.
    batch : float
        The best batch, for levers that share weights [1].
    drawn : Draws, optional
        Central values if None.

    Returns
    -------
    Scenario
        The machine; its fields may be samples.
    Mapping of str to float or ndarray
        Attributes of `Inputs` to replace [SI].
    float or ndarray
        Size of the model over the one of equal quality that is deployed today [1].

    Notes
    -----
    Levers set different fields, so their order does not matter.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> from efficiency.lever_settings import setting
    >>> pulled, _, size = machine(Task("token", Scenario()), [setting("precision", "products")], 64.0)
    >>> pulled.bits, size
    (8.0, 1.0)
    """
    changed: dict[str, Any] = {}
    replaced: dict[str, Floats] = {}
    shrunk: Floats = 1.0
    for one in chosen:
        changed |= one.scenario
        if one.best_batch:
            changed["batch"] = max(batch, float(task.today.batch))
        for name, value in one.values.items():
            found = _value(value, drawn)
            if name in _SCENARIO_FIELDS:
                rule = cast(Number, field_rules()[name])
                changed[name] = np.clip(found, rule.low, rule.high) if isinstance(found, np.ndarray) else found
            else:
                replaced[name] = found
        if one.parameter_share and task.name == "token":
            shrunk = _value(one.parameter_share, drawn)
    pulled = replace(task.today, **changed) if changed else task.today
    return pulled, replaced, shrunk * growth(task, pulled, drawn)


def _value(value: str | float, drawn: Draws | None) -> Floats:
    if isinstance(value, float):
        return value
    return records()[value].si if drawn is None else drawn.record(value)


def growth(task: Task, pulled: Scenario, drawn: Draws | None = None) -> Floats:
    """Size of a model that has today's quality in spite of narrow or dropped weights.

    Parameters
    ----------
    task : Task
        Its deployment sets the quality.
    pulled : Scenario
        Bits, density and events of the machine with its levers pulled.
    drawn : Draws, optional
        Central values if None.

    Returns
    -------
    float or ndarray
        Weights over those of today's model [1]; 1 where quality is not kept.

    Notes
    -----
    Published laws of growth (`precision_quality`, `sparsity_quality`) over those of today's bits and density. A machine
    that evaluates events alone drops no weight of the synaptic task, so it loses nothing.

    References
    ----------
    MODEL.md, Precision and Sparsity.

    Examples
    --------
    >>> kept, lost = (Task("token", Scenario(), equal_quality=kept) for kept in (True, False))
    >>> round(growth(kept, Scenario(bits=4.0)), 2), growth(lost, Scenario(bits=4.0))
    (1.22, 1.0)
    """
    if not task.equal_quality:
        return 1.0
    narrow, today = _precision_growth(pulled), _precision_growth(task.today)
    fewer, dense = _sparsity_growth(task, pulled), _sparsity_growth(task, task.today)
    return _ratio(narrow, today, PRECISION_GROWTH, drawn) * _ratio(fewer, dense, SPARSITY_GROWTH, drawn)


def _precision_growth(scenario: Scenario) -> tuple[float, float, float]:
    """Growth for weights of the scenario's width, with activations as wide as the chip computes."""
    bits = float(scenario.bits)
    return _narrow_growth(bits, catalogue.chip(scenario.chip).native_bits[bits])


_narrow_growth = functools.lru_cache(maxsize=256)(precision_quality.equal_quality_growth)


def _sparsity_growth(task: Task, pulled: Scenario) -> tuple[float, float, float]:
    density = float(pulled.density)
    if density == 1.0 or (task.name == "synapse" and pulled.events == "events"):
        return 1.0, 1.0, 1.0
    return _dropped_growth("two_four" if density == 0.5 else "unstructured", density)


_dropped_growth = functools.lru_cache(maxsize=256)(sparsity_quality.equal_quality_growth)


def _ratio(
    pulled: tuple[float, float, float],
    today: tuple[float, float, float],
    name: str,
    drawn: Draws | None,
) -> Floats:
    """Growth over today's."""
    if pulled == today:
        return 1.0
    return pulled[1] / today[1] if drawn is None else drawn.ratio(name, pulled, today)


def machine_energies(task: Task, chosen: Iterable[Setting], batch: float, drawn: Draws | None = None) -> Energies:
    """Ledger of the fixed task on a deployment with levers pulled.

    Parameters
    ----------
    task : Task
        With today's deployment.
    chosen : iterable of Setting
        Positions of the levers that are pulled.
    batch : float
        The best batch, for levers that share weights [1].
    drawn : Draws, optional
        Central values if None.

    Returns
    -------
    Energies
        Per unit of work [J]; arrays along the draws.

    Notes
    -----
    A level quality is kept by a larger model; see `growth`.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> from efficiency.lever_settings import setting
    >>> task = Task("token", Scenario())
    >>> narrow = machine_energies(task, [setting("precision", "products")], 64.0).total_j()
    >>> bool(narrow < machine_energies(task, [], 64.0).total_j())
    True
    """
    pulled, replaced, size = machine(task, chosen, batch, drawn)
    inputs = inputs_for(pulled) if drawn is None else drawn.inputs(pulled)
    return task_energies(task.name, pulled, replace(inputs, **replaced) if replaced else inputs, size)


@functools.lru_cache(maxsize=256)
def best_batch(task: Task) -> float:
    """Smallest batch at which today's deployment does its task nearly as cheaply as it can.

    Parameters
    ----------
    task : Task
        With today's deployment.

    Returns
    -------
    float
        One of `BATCHES` [1].

    Notes
    -----
    Within 2 % of the least energy; a conversation must still get ten tokens a second, if it can at all.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> best_batch(Task("token", Scenario())) > 64.0
    True
    """
    costs = {}
    for batch in BATCHES:
        scenario = replace(task.today, batch=batch)
        inputs = inputs_for(scenario)
        if task.name == "token" and batch > 1.0 and float(decode_energies(scenario, inputs)[1]) > LONGEST_STEP_S:
            continue
        costs[batch] = float(task_energies(task.name, scenario, inputs).total_j())
    least = min(costs.values())
    return min(batch for batch, cost in costs.items() if cost <= _AS_GOOD_AS_BEST * least)
