"""Which assumption to argue about: how much of a machine's distance from the brain hangs on each uncertain input.

Sobol indices ask for independent inputs. The fitted coefficients of serving vary together, so they count as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from efficiency.derived import records
from efficiency.draws import fitted_correlation
from efficiency.inputs import FACT_OF
from efficiency.lever_draws import (
    PRECISION_GROWTH,
    SPARSITY_GROWTH,
    Draws,
    draws_of,
    uncertain_count,
    uncertain_settings,
)
from efficiency.lever_machines import Task, machine, machine_energies
from efficiency.lever_settings import Setting
from efficiency.lever_task import brain_energy_j
from efficiency.sampling import QUANTILE_95, unit_normals
from efficiency.words import DRIVER_WORDS

SAMPLES: Final = 512
MOST_INPUTS: Final = 12
"""Inputs that are told apart; the smaller ones share an index."""
FITTED: Final = "fitted"
OTHERS: Final = "others"
_SETTING_WORDS: Final = {
    PRECISION_GROWTH: "what few bits cost in quality",
    SPARSITY_GROWTH: "what sparsity costs in quality",
    "run.palm.mfu": "the best published utilisation",
    "utilisation.research": "the utilisation of research kernels",
    "process.n2_gain": "the gain of a 2 nm process",
    "pue.google_fleet": "Google’s cooling",
    "goodput.gemini": "the goodput of the Gemini run",
    "algorithm.qwen3_over_qwen25": "how small an equal model can be",
}
"""What belongs to the levers, in the words of a sentence."""
_LEAST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Influence:
    """What one uncertain input does to the distance from the brain [powers of ten].

    ``low`` and ``high`` are the distances with the input at its 5 and 95 % points and all others at their centres;
    ``first_order`` is its share of the variance by itself, ``total`` with what it does together with others [1].
    """

    key: str
    words: str
    low: float
    high: float
    first_order: float
    total: float


def log_distance(task: Task, pulled: Sequence[Setting], batch: float, drawn: Draws) -> npt.NDArray[np.float64]:
    """Distance of a machine from the brain at each draw.

    Parameters
    ----------
    task : Task
        With today's deployment.
    pulled : sequence of Setting
        Positions of the levers that are pulled.
    batch : float
        The best batch, for levers that share weights [1].
    drawn : Draws
        Of length n.

    Returns
    -------
    ndarray, shape (n,)
        Decimal logarithm of machine over brain [powers of ten].

    Notes
    -----
    Below 0 the machine needs less.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> from efficiency.scenario import Scenario
    >>> centre = draws_of(np.zeros((1, uncertain_count())), "graphs_2025")
    >>> bool(log_distance(Task("synapse", Scenario()), [], 64.0, centre)[0] > 2)
    True
    """
    machine_j = machine_energies(task, pulled, batch, drawn).total_j()
    # A brain's facts are the same beside any chip; those of this machine's chip are drawn already.
    inputs = drawn.inputs(machine(task, pulled, batch)[0])
    distance = np.log10(machine_j) - np.log10(brain_energy_j(task.name, task.today, inputs))
    return np.asarray(np.broadcast_to(distance, len(drawn.columns["synapses"])))


def influences(task: Task, pulled: Sequence[Setting], batch: float, samples: int = SAMPLES) -> tuple[Influence, ...]:
    """Rank the uncertain inputs by what they do to the distance from the brain.

    Parameters
    ----------
    task : Task
        With today's deployment.
    pulled : sequence of Setting
        Positions of the levers that are pulled.
    batch : float
        The best batch, for levers that share weights [1].
    samples : int
        Base draws of the indices, a power of two [1].

    Returns
    -------
    tuple of Influence
        The largest swing first; inputs that change nothing are left out [powers of ten].

    Notes
    -----
    Swings come from moving one input at a time. Indices come from Saltelli's design, in which one group of columns
    after another is exchanged between two independent draws; where their scatter makes a first-order index larger than
    the total one, or the sum of all larger than 1, the first-order ones are brought down.

    References
    ----------
    .. [1] Saltelli, A. et al., "Variance based sensitivity analysis of model output", Comput. Phys. Commun. 181, 259
       (2010), doi:10.1016/j.cpc.2009.09.018; scipy.stats.sobol_indices.

    Examples
    --------
    >>> from efficiency.scenario import Scenario
    >>> found = influences(Task("synapse", Scenario()), [], 1.0, 64)
    >>> sum(one.first_order for one in found) < 1.1
    True
    """
    engine = task.today.engine
    count = uncertain_count()
    steps = np.vstack([np.zeros((1, count)), -QUANTILE_95 * np.eye(count), QUANTILE_95 * np.eye(count)])
    distances = log_distance(task, pulled, batch, draws_of(steps, engine))
    centre, low, high = distances[0], distances[1 : count + 1], distances[count + 1 :]
    groups = _groups(engine, np.abs(high - low))
    first, total = _indices(task, pulled, batch, samples, list(groups.values()))
    found = [
        Influence(name, _words(name), *_swing(columns, centre, low, high), float(one), float(all_of_it))
        for (name, columns), one, all_of_it in zip(groups.items(), first, total, strict=True)
    ]
    return tuple(sorted(found, key=lambda influence: (influence.key == OTHERS, -abs(influence.high - influence.low))))


def _names() -> tuple[str, ...]:
    return (*FACT_OF, *uncertain_settings())


def _groups(engine: str, swings: npt.NDArray[np.float64]) -> dict[str, list[int]]:
    """Columns by input: those that matter, the fitted ones together, and the small ones together."""
    fitted = set(fitted_correlation(engine)[0])
    found: dict[str, list[int]] = {}
    for column in np.argsort(-swings):
        if swings[column] < _LEAST:
            continue
        name = _names()[column]
        key = FITTED if name in fitted else name
        if key not in found and len(found) >= MOST_INPUTS:
            key = OTHERS
        found.setdefault(key, []).append(int(column))
    return found


def _swing(
    columns: list[int], centre: float, low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """Give the ends of a bar; independent inputs of a group add their squares."""
    if len(columns) == 1:
        return float(low[columns[0]]), float(high[columns[0]])
    half = float(np.sqrt(np.sum(((high - low)[columns] / 2.0) ** 2)))
    return float(centre) - half, float(centre) + half


def _indices(
    task: Task, pulled: Sequence[Setting], batch: float, samples: int, groups: list[list[int]]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """First-order and total Sobol indices of groups of columns."""
    from scipy.stats import sobol_indices  # half a second to import, and only this needs it

    if not groups:
        return np.zeros(0), np.zeros(0)
    count = uncertain_count()
    both = unit_normals(samples, 2 * count)
    one, other = both[:, :count], both[:, count:]
    stacked = np.tile(one, (len(groups) + 2, 1))
    stacked[samples : 2 * samples] = other
    for i, columns in enumerate(groups):
        rows = slice((i + 2) * samples, (i + 3) * samples)
        stacked[rows, columns] = other[:, columns]
    distances = log_distance(task, pulled, batch, draws_of(stacked, task.today.engine)).reshape(-1, 1, samples)
    found = sobol_indices(func={"f_A": distances[0], "f_B": distances[1], "f_AB": distances[2:]}, n=samples)
    first, total = (np.clip(np.reshape(values, -1), 0.0, 1.0) for values in (found.first_order, found.total_order))
    # Estimated apart, the two may cross by their scatter; what one does alone is a part of what it does in all.
    first = np.minimum(first, total)
    return first / max(1.0, float(first.sum())), total


def _words(name: str) -> str:
    if name == FITTED:
        return "the fitted coefficients of serving"
    if name == OTHERS:
        return "all others together"
    if name in DRIVER_WORDS:
        return DRIVER_WORDS[name]
    if name in _SETTING_WORDS:
        return _SETTING_WORDS[name]
    label = records()[name].label
    return label[0].lower() + label[1:]
