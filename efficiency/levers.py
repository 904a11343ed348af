"""What closes the gap, and by how much: the attribution of a machine's gain to its levers, with ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from efficiency.attribution import members, shares
from efficiency.lever_draws import Draws, seeded_draws
from efficiency.lever_machines import Task, best_batch, growth, machine, machine_energies
from efficiency.lever_settings import LEVERS, Setting, setting
from efficiency.lever_task import brain_energy_j
from efficiency.sampling import Range, range_around

SAMPLES: Final = 512
"""Draws behind each interval of a page."""


_NOTHING: Final = Range(0.0, 0.0, 0.0)
_FACTORS: Final = frozenset({"pue", "goodput"})
_UNREAD: Final[Mapping[str, frozenset[str]]] = MappingProxyType({"token": frozenset({"goodput"})})
"""Task to what of `Inputs` its energy does not depend on."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What one lever gains [powers of ten]: its share of all, alone, and pulled last.

    ``growth`` is how much larger the model must be to keep its quality with this lever alone.
    """

    key: str
    name: str
    position: str
    setting: Setting
    share: Range
    alone: Range
    last_in: Range
    growth: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """How far a deployment is from the brain, what its levers close, and what is left [powers of ten].

    ``start`` is today's machine over the brain, ``remainder`` the machine with all levers pulled over the brain; below
    0 it needs less than the brain. ``overlap`` is what the gains alone exceed the gain of all by. ``moved`` are the
    levers that change the machine, and ``central_j`` its energy with each subset of them pulled, in the order of
    `members` [J].
    """

    task: Task
    batch: float
    best_batch: float
    bars: tuple[Bar, ...]
    start: Range
    together: Range
    overlap: Range
    remainder: Range
    today_j: float
    pulled_j: float
    brain_j: float
    moved: tuple[str, ...]
    central_j: tuple[float, ...]


def attribute(
    task: Task, positions: Mapping[str, str], batch: float, samples: int = SAMPLES, factor_out: bool = False
) -> Attribution:
    """Attribute the gain of a set of lever positions.

    Parameters
    ----------
    task : Task
        With today's deployment.
    positions : mapping of str to str
        Lever to position; levers that are not named stay as they are.
    batch : float
        Sequences or brains that share today's weights [1].
    samples : int
        Draws behind the intervals, a power of two [1].
    factor_out : bool
        Work out what multiplies all energy alike once, not in every subset: the same answer, sooner.

    Returns
    -------
    Attribution
        By lever [powers of ten].

    Raises
    ------
    ValueError
        If a lever or position does not exist.

    Notes
    -----
    All subsets share the draws, so a range says how sure the gain is, not how uncertain the machines are. A lever that
    leaves the machine as it is gains exactly 0 and is left out of the subsets.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> from efficiency.scenario import Scenario
    >>> found = attribute(Task("token", Scenario()), {"precision": "products", "facility": "limit"}, 64.0, 64)
    >>> sum(bar.share.central for bar in found.bars) == found.together.central
    True
    """
    chosen = {lever.key: setting(lever.key, positions.get(lever.key, "today")) for lever in LEVERS}
    for key in positions:
        if key not in chosen:
            setting(key, "today")
    best = best_batch(replace(task, today=replace(task.today, batch=1.0)))
    task = replace(task, today=replace(task.today, batch=batch))
    drawn = seeded_draws(samples, task.today.engine)
    active = [key for key, one in chosen.items() if changes_machine(task, one, best)]
    logs = _log_energies(task, [chosen[key] for key in active], best, drawn, factor_out)
    found = shares(logs[0] - logs) if active else None
    brain_j = brain_energy_j(task.name, task.today, drawn.inputs(task.today))
    bars = []
    for lever in LEVERS:
        one = chosen[lever.key]
        ranges = (_NOTHING, _NOTHING, _NOTHING)
        if found is not None and lever.key in active:
            i = active.index(lever.key)
            ranges = _range(found.shapley[i]), _range(found.alone[i]), _range(found.last_in[i])
        larger = float(growth(task, machine(task, [one], best)[0]))
        bars.append(
            Bar(lever.key, lever.name, positions.get(lever.key, "today"), one.for_task(task.name), *ranges, larger)
        )
    return Attribution(
        task=task,
        batch=batch,
        best_batch=best,
        bars=tuple(bars),
        start=_range(logs[0] - np.log10(brain_j)),
        together=_NOTHING if found is None else _range(found.together),
        overlap=_NOTHING if found is None else _range(found.overlap),
        remainder=_range(logs[-1] - np.log10(brain_j)),
        today_j=float(10.0 ** logs[0, 0]),
        pulled_j=float(10.0 ** logs[-1, 0]),
        brain_j=float(np.atleast_1d(brain_j)[0]),
        moved=tuple(active),
        central_j=tuple((10.0 ** logs[:, 0]).tolist()),
    )


def changes_machine(task: Task, one: Setting, best: float) -> bool:
    """Tell whether a position makes another machine for a task at all; those that do not need no subsets.

    Parameters
    ----------
    task : Task
        With today's deployment.
    one : Setting
        A position of a lever.
    best : float
        The best batch, for levers that share weights [1].

    Returns
    -------
    bool
        False where nothing that the task's energy depends on is other than today.

    Notes
    -----
    Work lost to failures is not counted where tokens are served.

    References
    ----------
    `ledger.metered`.

    Examples
    --------
    >>> from efficiency.scenario import Scenario
    >>> saved = setting("goodput", "limit")
    >>> changes_machine(Task("synapse", Scenario()), saved, 1.0), changes_machine(Task("token", Scenario()), saved, 1.0)
    (True, False)
    """
    pulled, replaced, size = machine(task, [one], best)
    unread = _UNREAD.get(task.name, frozenset())
    return bool(pulled != task.today or set(replaced) - unread or not (isinstance(size, float) and size == 1.0))


def multiplies_alike(one: Setting) -> bool:
    """Tell whether a position multiplies all energy by the same number, whatever else is pulled.

    Parameters
    ----------
    one : Setting
        A position of a lever.

    Returns
    -------
    bool
        True for cooling and for lost work alone.

    Notes
    -----
    Such a lever gains the same in every company, so its subsets need no machines of their own.

    References
    ----------
    `ledger.metered`: all parts times PUE over goodput.

    Examples
    --------
    >>> multiplies_alike(setting("facility", "products")), multiplies_alike(setting("precision", "products"))
    (True, False)
    """
    return not one.best_batch and not one.parameter_share and set(one.scenario) | set(one.values) <= _FACTORS


def _log_energies(
    task: Task, pulled: list[Setting], best: float, drawn: Draws, factor_out: bool
) -> npt.NDArray[np.float64]:
    """Energy of the task by subset of the levers that are pulled, as a decimal logarithm; shape (2**n, draws)."""
    held = members(len(pulled)) if pulled else np.zeros((1, 0), dtype=bool)
    alike = [1 << i for i, one in enumerate(pulled) if factor_out and multiplies_alike(one)]
    rows = np.empty((len(held), len(drawn.columns["synapses"])))
    for i, subset in enumerate(held):
        factors = [bit for bit in alike if i & bit]
        if factors and i not in alike:
            # Subsets are numbered by their bits, so those that this one is made of come before it.
            rows[i] = rows[i - sum(factors)] + sum(rows[bit] - rows[0] for bit in factors)
            continue
        chosen = [one for one, taken in zip(pulled, subset, strict=True) if taken]
        rows[i] = np.log10(machine_energies(task, chosen, best, drawn).total_j())
    return rows


def _range(drawn: npt.NDArray[np.float64]) -> Range:
    """Central value, which stands first, between the 5 and 95 % points of the rest."""
    return range_around(float(drawn[0]), drawn[1:])
