"""Two scenarios side by side: how far one is from the other on each yardstick, whatever nobody knows about both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from efficiency.draws import mixed
from efficiency.gap import SAMPLES, inputs_for, ratios
from efficiency.inputs import FACT_OF, Inputs, fact_for, inputs_at
from efficiency.sampling import range_around, unit_normals
from efficiency.scenario import Scenario
from efficiency.words import NAMES

SAME: float = 0.005
"""Centres that differ by less than this share count as the same."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Second scenario over first on one yardstick, with the 5 to 95 % interval of the ratio [1].

    ``first`` and ``second`` are the two scenarios' machine over brain [1].
    """

    key: str
    name: str
    first: float
    second: float
    low: float
    central: float
    high: float
    hollow: bool

    @property
    def is_same(self) -> bool:
        """Whether nothing worth saying lies between the two."""
        return abs(np.log(self.central)) < SAME


def compare(first: Scenario, second: Scenario, samples: int = SAMPLES) -> tuple[Difference, ...]:
    """Compare two scenarios on every yardstick.

    Parameters
    ----------
    first, second : Scenario
        Scalar fields.
    samples : int
        Draws behind the intervals, a power of two [1].

    Returns
    -------
    tuple of Difference
        In the order of the yardsticks; ratios of second over first [1].

    Notes
    -----
    A fact that both lean on is drawn once for both, so that what is unknown of the brain cancels where it enters both
    alike; facts of one alone (another chip's peak) are drawn apart. The ratio is therefore surer than the two intervals
    beside each other suggest.

    References
    ----------
    MODEL.md, Comparing.

    Examples
    --------
    >>> [d.central for d in compare(Scenario(), Scenario()) if not d.is_same]
    []
    >>> found = {d.key: d for d in compare(Scenario(), Scenario(brain_flop_per_s=1e16))}
    >>> round(found["compute"].central, 3), round(found["nameplate"].central, 3)
    (10.0, 1.0)
    """
    centres = [ratios(one, inputs_for(one))[0] for one in (first, second)]
    drawn = [
        ratios(one, inputs)[0] for one, inputs in zip((first, second), _together(first, second, samples), strict=True)
    ]
    found = []
    for key, name in NAMES.items():
        centre = float(centres[1][key]) / float(centres[0][key])
        ratio = range_around(centre, drawn[1][key] / drawn[0][key])
        found.append(
            Difference(
                key=key,
                name=name,
                first=float(centres[0][key]),
                second=float(centres[1][key]),
                low=ratio.low,
                central=centre,
                high=ratio.high,
                hollow=key == "nameplate",
            )
        )
    return tuple(found)


def _together(first: Scenario, second: Scenario, samples: int) -> tuple[Inputs, Inputs]:
    """Draw the facts of both: those of the same record together."""
    normals = unit_normals(samples, 2 * len(FACT_OF))
    chosen = [(one.system, one.chip, one.run, float(one.bits)) for one in (first, second)]
    engines = (first.engine, second.engine)
    records = [
        [fact_for(name, *which, engine).key for name in FACT_OF] for which, engine in zip(chosen, engines, strict=True)
    ]
    columns = [at if one == other else at + len(FACT_OF) for at, (one, other) in enumerate(zip(*records, strict=True))]
    return (
        inputs_at(mixed(normals[:, : len(FACT_OF)], engines[0]), *chosen[0], engines[0]),
        inputs_at(mixed(normals[:, columns], engines[1]), *chosen[1], engines[1]),
    )
