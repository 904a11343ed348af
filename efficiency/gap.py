"""The whole answer for one scenario: eight yardsticks with their ranges, and the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from efficiency.arrays import Floats
from efficiency.draws import draws, sampled_inputs
from efficiency.facts import fact
from efficiency.inputs import Inputs, central_inputs
from efficiency.ledger import Energies, Ledger, as_ledger
from efficiency.provenance import facts_behind
from efficiency.sampling import interval
from efficiency.scenario import Scenario
from efficiency.words import DRIVER_WORDS, NAMES, UNITS_OF_YARDSTICKS, unit_of_work
from efficiency.yardsticks import YARDSTICKS, Shared

SAMPLES: Final = 1024
CHUNK: Final = 4096
"""Rows evaluated at a time: small enough that the working set stays in a core's cache."""


@dataclass(frozen=True, slots=True)
class Yardstick:
    """One yardstick of one scenario: machine over brain with its 5 to 95 % interval.

    ``machine_si`` and ``brain_si`` are the central values of the two sides in ``unit``. ``driver`` names the fact that
    most of the range comes from and ``driver_share`` its share of the variance of the logarithm; ``facts`` lists every
    record the ratio leans on.
    """

    key: str
    name: str
    low: float
    central: float
    high: float
    machine_si: float
    brain_si: float
    unit: str
    unit_of_work: str
    driver: str
    driver_share: float
    hollow: bool
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Everything the home page, the command line and the exports show of one scenario."""

    scenario: Scenario
    yardsticks: tuple[Yardstick, ...]
    ledger: Ledger
    sources: tuple[str, ...]

    def yardstick(self, key: str) -> Yardstick:
        """Find a yardstick by its key.

        Parameters
        ----------
        key : str
            One of `efficiency.yardsticks.YARDSTICKS`.

        Returns
        -------
        Yardstick
            The one with that key.

        Raises
        ------
        KeyError
            If there is none.

        Notes
        -----
        Eight entries: a search is as fast as a table.

        References
        ----------
        MODEL.md, The yardsticks.

        Examples
        --------
        >>> evaluate(Scenario()).yardstick("compute").hollow
        False
        """
        for found in self.yardsticks:
            if found.key == key:
                return found
        raise KeyError(key)


def inputs_for(scenario: Scenario, samples: int | None = None) -> Inputs:
    """Find the facts that a scenario leans on.

    Parameters
    ----------
    scenario : Scenario
        Its system, chip, run and bits decide.
    samples : int, optional
        Number of draws [1]; central values if None.

    Returns
    -------
    Inputs
        Floats or samples, in SI units.

    Notes
    -----
    If bits is an array, the spread of the published peak is that of 16 bits.

    References
    ----------
    `efficiency.inputs`.

    Examples
    --------
    >>> inputs_for(Scenario()).brain_power_w
    20.0
    """
    bits = scenario.bits if isinstance(scenario.bits, float) else 16.0
    chosen = (scenario.system, scenario.chip, scenario.run, bits)
    if samples is None:
        return central_inputs(*chosen, scenario.engine)
    return sampled_inputs(*chosen, samples, scenario.engine)


def ratios(scenario: Scenario, inputs: Inputs) -> tuple[Mapping[str, Floats], Energies]:
    """Evaluate eight ratios and the ledger at given inputs, without intervals.

    Parameters
    ----------
    scenario : Scenario
        Scalars or arrays that broadcast.
    inputs : Inputs
        Central or sampled.

    Returns
    -------
    Mapping of str to float or ndarray
        Machine over brain by yardstick [1].
    Energies
        The ledger of the scenario's workload [J].

    Notes
    -----
    The fast path: no text, no sorting.

    References
    ----------
    MODEL.md, The ledger and The yardsticks.

    Examples
    --------
    >>> ratios(Scenario(), inputs_for(Scenario()))[0]["nameplate"]
    7500000.0
    """
    common = Shared(scenario, inputs)
    found = {key: sides(scenario, inputs, common).ratio() for key, sides in YARDSTICKS.items()}
    return found, common.energies


def sweep(scenario: Scenario) -> tuple[Mapping[str, npt.NDArray[np.float64]], Energies]:
    """Evaluate a scenario whose fields are long arrays, in chunks that fit a core's cache.

    Parameters
    ----------
    scenario : Scenario
        Array fields of one shape (n,), scalars elsewhere.

    Returns
    -------
    Mapping of str to ndarray
        Machine over brain by yardstick, shape (n,) [1].
    Energies
        Ledger parts, shape (n,) each [J].

    Notes
    -----
    Central values of all facts. A million rows take seconds less and gigabytes less than in one piece.

    References
    ----------
    `benchmarks/model.py` prints the figures.

    Examples
    --------
    >>> sweep(Scenario(batch=np.array([1.0, 64.0])))[0]["token"].shape
    (2,)
    """
    inputs = inputs_for(scenario)
    arrays = {
        f.name: getattr(scenario, f.name) for f in fields(scenario) if isinstance(getattr(scenario, f.name), np.ndarray)
    }
    (length,) = np.broadcast_shapes(*(a.shape for a in arrays.values())) if arrays else (1,)
    scalars = {f.name: getattr(scenario, f.name) for f in fields(scenario) if f.name not in arrays}
    found = {key: np.empty(length) for key in YARDSTICKS}
    parts = [np.empty(length) for _ in Energies._fields]
    for start in range(0, length, CHUNK):
        rows = slice(start, start + CHUNK)
        piece = Scenario(**scalars, **{name: a[rows] for name, a in arrays.items()})
        piece_ratios, piece_parts = ratios(piece, inputs)
        for key, value in piece_ratios.items():
            found[key][rows] = value
        for whole, value in zip(parts, piece_parts, strict=True):
            whole[rows] = value
    return found, Energies(*parts)


def evaluate(scenario: Scenario, samples: int = SAMPLES) -> Gap:
    """Answer the question for one scenario: how far, on which yardstick, and how sure.

    Parameters
    ----------
    scenario : Scenario
        Scalar fields.
    samples : int
        Draws behind the intervals, a power of two [1].

    Returns
    -------
    Gap
        Eight yardsticks with intervals, the ledger at central values, and the sources.

    Notes
    -----
    Centres are at central values; intervals are 5 to 95 % of seeded Sobol samples, so the same scenario always gives
    the same picture.

    References
    ----------
    MODEL.md, The ledger and The yardsticks and The ranges.

    Examples
    --------
    >>> gap = evaluate(Scenario())
    >>> all(y.low <= y.central <= y.high for y in gap.yardsticks)
    True
    """
    central = inputs_for(scenario)
    sampled = inputs_for(scenario, samples)
    common = Shared(scenario, central)
    common_sampled = Shared(scenario, sampled)
    found = []
    for key, sides in YARDSTICKS.items():
        at_centre = sides(scenario, central, common)
        drawn = np.asarray(sides(scenario, sampled, common_sampled).ratio())
        low, high, driver, share = _spread(drawn, sampled, draws(samples, scenario.engine))
        found.append(
            Yardstick(
                key=key,
                name=NAMES[key],
                low=low,
                central=float(at_centre.ratio()),
                high=high,
                machine_si=float(at_centre.machine),
                brain_si=float(at_centre.brain),
                unit=UNITS_OF_YARDSTICKS[key],
                unit_of_work=unit_of_work(key, scenario, at_centre.brain, central, common),
                driver=DRIVER_WORDS[driver],
                driver_share=share,
                hollow=key == "nameplate",
                facts=facts_behind(key, scenario),
            )
        )
    keys = tuple(dict.fromkeys(s for y in found for k in y.facts for s in fact(k).sources))
    return Gap(scenario, tuple(found), as_ledger(common.energies, scenario.workload), keys)


def _spread(
    drawn: npt.NDArray[np.float64], sampled: Inputs, columns: Mapping[str, npt.NDArray[np.float64]]
) -> tuple[float, float, str, float]:
    """Interval of a yardstick, and the input that most of it comes from."""
    low, high = interval(drawn)
    logs = np.log(drawn)
    logs = logs - logs.mean()
    variance = float(logs @ logs)
    best, share = "", 0.0
    for name, column in columns.items():
        if isinstance(getattr(sampled, name), np.ndarray):
            covariance = float(logs @ column)
            correlation = covariance * covariance / (variance * float(column @ column))
            if correlation > share:
                best, share = name, correlation
    return low, high, best, share
