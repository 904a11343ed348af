"""Central values around an attribution: the machines on the way to all levers, and the shares at another batch."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from efficiency.attribution import members, shares
from efficiency.lever_draws import Draws, draws_of, uncertain_count
from efficiency.lever_machines import Task, machine, machine_energies
from efficiency.levers import Attribution, changes_machine, multiplies_alike


@dataclass(frozen=True, slots=True)
class CentralShares:
    """An attribution without its ranges, at some batch of today's machine [powers of ten].

    ``shares`` are in the order of the levers.
    """

    batch: float
    start: float
    together: float
    overlap: float
    remainder: float
    shares: tuple[float, ...]


def standings(found: Attribution) -> tuple[float, ...]:
    """Place the machines that have the first levers pulled and no others.

    Parameters
    ----------
    found : Attribution
        Its task and positions.

    Returns
    -------
    tuple of float
        From none pulled to all: decimal logarithm of machine over brain [powers of ten].

    Notes
    -----
    Unlike the shares these depend on the order, which is that of the list; they meet where all are pulled.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> from efficiency.levers import attribute
    >>> from efficiency.scenario import Scenario
    >>> found = attribute(Task("token", Scenario()), {"precision": "products"}, 1.0, 64)
    >>> along = standings(found)
    >>> along[0] == found.start.central, round(along[-1] - found.remainder.central, 9)
    (True, 0.0)
    """
    logs = [found.start.central]
    subset = 0
    for bar in found.bars:
        if bar.key in found.moved:
            subset |= 1 << found.moved.index(bar.key)
        logs.append(math.log10(found.central_j[subset] / found.brain_j))
    return tuple(logs)


def shares_at(found: Attribution, batch: float) -> CentralShares:
    """Attribute the same pulls on today's machine at another batch.

    Parameters
    ----------
    found : Attribution
        Its task and positions.
    batch : float
        Sequences or brains that share today's weights [1].

    Returns
    -------
    CentralShares
        By lever [powers of ten].

    Notes
    -----
    What multiplies all energy alike gains the same in whatever company, so only the others need their subsets.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> from efficiency.levers import attribute
    >>> from efficiency.scenario import Scenario
    >>> found = attribute(Task("token", Scenario()), {"use": "limit", "facility": "products"}, 1.0, 64)
    >>> at_one, at_best = (shares_at(found, batch) for batch in (1.0, found.best_batch))
    >>> [round(bar.share.central - share, 9) for bar, share in zip(found.bars, at_one.shares)] == [0.0] * 9
    True
    >>> at_best.together < at_one.together
    True
    """
    task = replace(found.task, today=replace(found.task.today, batch=batch))
    chosen = {bar.key: bar.setting for bar in found.bars}
    moved = [key for key, one in chosen.items() if changes_machine(task, one, found.best_batch)]
    factors = [key for key in moved if multiplies_alike(chosen[key])]
    others = [key for key in moved if key not in factors]
    held = members(len(others)).tolist() if others else [[]]
    subsets = [[key for key, taken in zip(others, row, strict=True) if taken] for row in held]
    logs = np.array([_log_j(found, task, keys) for keys in subsets])
    gains = dict.fromkeys(chosen, 0.0) | {key: float(logs[0]) - _log_j(found, task, [key]) for key in factors}
    overlap = 0.0
    if others:
        shared = shares(logs[0] - logs)
        gains |= dict(zip(others, map(float, shared.shapley), strict=True))
        overlap = float(shared.overlap)
    together = sum(gains.values())
    start = float(logs[0]) - math.log10(found.brain_j)
    return CentralShares(batch, start, together, overlap, start - together, tuple(gains.values()))


def unshared(found: Attribution) -> tuple[float, float]:
    """Place the machine with all levers pulled where nobody shares its weights.

    Parameters
    ----------
    found : Attribution
        Its task and positions.

    Returns
    -------
    float
        Brains or conversations that share its weights as it is pulled [1].
    float
        Decimal logarithm of machine over brain where each has weights of its own [powers of ten].

    Notes
    -----
    The batch is the best one of today's machine, so it is another one for another chip; brains differ in their weights,
    conversations with one model do not.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> from efficiency.levers import attribute
    >>> from efficiency.scenario import Scenario
    >>> found = attribute(Task("synapse", Scenario()), {"use": "research"}, 1.0, 64)
    >>> sharing, log_ratio = unshared(found)
    >>> sharing == found.best_batch, log_ratio > found.remainder.central
    (True, True)
    """
    pulled = [bar.setting for bar in found.bars]
    sharing = float(machine(found.task, pulled, found.best_batch)[0].batch)
    alone = replace(found.task, today=replace(found.task.today, batch=1.0))
    total = machine_energies(alone, pulled, 1.0, _centre(alone.today.engine)).total_j()
    return sharing, math.log10(float(np.atleast_1d(total)[0]) / found.brain_j)


def _log_j(found: Attribution, task: Task, keys: Sequence[str]) -> float:
    """Energy with some levers pulled; of a machine that batches as well as it can, as it was worked out before."""
    pulled = [bar.setting for bar in found.bars if bar.key in keys]
    best = max(found.batch, float(task.today.batch)) <= found.best_batch
    if best and any(one.best_batch for one in pulled) and set(keys) <= set(found.moved):
        return math.log10(found.central_j[sum(1 << found.moved.index(key) for key in keys)])
    total = machine_energies(task, pulled, found.best_batch, _centre(task.today.engine)).total_j()
    return math.log10(float(np.atleast_1d(total)[0]))


@functools.lru_cache(maxsize=4)
def _centre(engine: str) -> Draws:
    """One draw at the central values, whose facts are looked up once."""
    return draws_of(np.zeros((1, uncertain_count())), engine)
