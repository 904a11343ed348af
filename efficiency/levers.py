"""What closes the gap, and by how much: the attribution of a machine's gain to its levers, with ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from efficiency.attribution import members, shares
from efficiency.lever_draws import Draws, seeded_draws
from efficiency.lever_machines import Task, best_batch, growth, machine, machine_energies
from efficiency.lever_settings import LEVERS, Setting, setting
from efficiency.lever_task import brain_energy_j
from efficiency.sampling import interval

SAMPLES: Final = 512
"""Draws behind each interval of a page."""


@dataclass(frozen=True, slots=True)
class Range:
    """A central value between the 5 and 95 % points [powers of ten]."""

    low: float
    central: float
    high: float


_NOTHING: Final = Range(0.0, 0.0, 0.0)


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
    0 it needs less than the brain. ``overlap`` is what the gains alone exceed the gain of all by.
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


def attribute(task: Task, positions: Mapping[str, str], batch: float, samples: int = SAMPLES) -> Attribution:
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
    active = [key for key, one in chosen.items() if _changes(task, one, best)]
    logs = _log_energies(task, [chosen[key] for key in active], best, drawn)
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
        bars.append(Bar(lever.key, lever.name, positions.get(lever.key, "today"), one, *ranges, larger))
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
    )


def _changes(task: Task, one: Setting, best: float) -> bool:
    """Tell whether a position makes another machine at all; those that do not need no subsets."""
    pulled, replaced, size = machine(task, [one], best)
    return bool(pulled != task.today or replaced or not (isinstance(size, float) and size == 1.0))


def _log_energies(task: Task, pulled: list[Setting], best: float, drawn: Draws) -> npt.NDArray[np.float64]:
    """Energy of the task by subset of the levers that are pulled, as a decimal logarithm; shape (2**n, draws)."""
    held = members(len(pulled)) if pulled else np.zeros((1, 0), dtype=bool)
    rows = np.empty((len(held), len(drawn.columns["synapses"])))
    for row, subset in zip(rows, held, strict=True):
        row[:] = machine_energies(
            task, [one for one, taken in zip(pulled, subset, strict=True) if taken], best, drawn
        ).total_j()
    return np.asarray(np.log10(rows, out=rows))


def _range(drawn: npt.NDArray[np.float64]) -> Range:
    """Central value, which stands first, and interval of the rest."""
    low, high = interval(drawn[1:])
    return Range(min(low, float(drawn[0])), float(drawn[0]), max(high, float(drawn[0])))
