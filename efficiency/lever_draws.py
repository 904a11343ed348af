"""Draws of all that is uncertain of machines with levers: the inputs, and what belongs to the levers themselves."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from efficiency.arrays import Floats
from efficiency.derived import records
from efficiency.draws import mixed
from efficiency.inputs import FACT_OF, Inputs, inputs_at
from efficiency.lever_settings import LEVERS
from efficiency.sampling import sample, sample_scale, unit_normals
from efficiency.scenario import Scenario

PRECISION_GROWTH: Final = "precision growth"
SPARSITY_GROWTH: Final = "sparsity growth"


@functools.cache
def uncertain_settings() -> tuple[str, ...]:
    """List what of the levers themselves is uncertain.

    Returns
    -------
    tuple of str
        Record keys, and the two growths.

    Notes
    -----
    Each has one column of draws, which all machines share.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> "goodput.gemini" in uncertain_settings()
    True
    """
    keys = [
        key
        for lever in LEVERS
        for one in lever.settings.values()
        for key in (*one.values.values(), one.parameter_share)
        if isinstance(key, str) and key and records()[key].has_range
    ]
    return (*dict.fromkeys(keys), PRECISION_GROWTH, SPARSITY_GROWTH)


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Standard normal draws of all that is uncertain: attributes of `Inputs`, and what belongs to the levers.

    What is drawn from them is kept, because 512 machines differ in few of these.
    """

    columns: Mapping[str, npt.NDArray[np.float64]]
    settings: Mapping[str, npt.NDArray[np.float64]]
    _inputs: dict[tuple[str, ...], Inputs] = field(default_factory=dict)
    _scales: dict[tuple[object, ...], Floats] = field(default_factory=dict)

    def inputs(self, scenario: Scenario) -> Inputs:
        """Place the facts behind a scenario where the draws say.

        Parameters
        ----------
        scenario : Scenario
            Its system, chip, run, bits and engine decide.

        Returns
        -------
        Inputs
            Arrays along the draws where a fact has a range, else floats; SI units.

        Notes
        -----
        Machines of one chip and width share them.

        References
        ----------
        `inputs.inputs_at`.

        Examples
        --------
        >>> drawn = draws_of(np.zeros((1, uncertain_count())), "graphs_2025")
        >>> round(float(drawn.inputs(Scenario()).synapses[0]) / 1e14, 9)
        1.5
        """
        key = (scenario.system, scenario.chip, scenario.run, str(scenario.bits), scenario.engine)
        if key not in self._inputs:
            self._inputs[key] = inputs_at(self.columns, *key[:3], float(scenario.bits), scenario.engine)
        return self._inputs[key]

    def record(self, key: str) -> Floats:
        """Place a record that a lever uses where the draws say.

        Parameters
        ----------
        key : str
            Key of a record.

        Returns
        -------
        float or ndarray
            Along the draws, or its value where it has no range [SI].

        Notes
        -----
        One draw, whatever machines use it.

        References
        ----------
        `sampling.sample`.

        Examples
        --------
        >>> drawn = draws_of(np.zeros((1, uncertain_count())), "graphs_2025")
        >>> round(float(drawn.record("goodput.gemini")[0]), 9)
        0.97
        """
        if (key,) not in self._scales:
            known = records()[key]
            self._scales[key,] = sample(known, self.settings[key]) if key in self.settings else known.si
        return self._scales[key,]

    def ratio(self, name: str, over: tuple[float, float, float], under: tuple[float, float, float]) -> Floats:
        """Place the ratio of two ranges that the same draws decide.

        Parameters
        ----------
        name : str
            One of `uncertain_settings`.
        over, under : tuple of float
            Low, central and high [any unit].

        Returns
        -------
        ndarray
            Along the draws [1].

        Notes
        -----
        Both lie at the same place of their ranges.

        References
        ----------
        `sampling.sample_scale`.

        Examples
        --------
        >>> drawn = draws_of(np.zeros((1, uncertain_count())), "graphs_2025")
        >>> round(float(drawn.ratio("precision growth", (1.0, 2.0, 3.0), (1.0, 1.0, 1.0))[0]), 9)
        2.0
        """
        key = (name, over, under)
        if key not in self._scales:
            normals = self.settings[name]
            self._scales[key] = sample_scale(*over, normals) / sample_scale(*under, normals)
        return self._scales[key]


def uncertain_count() -> int:
    """Count the columns of draws that the levers need.

    Returns
    -------
    int
        Attributes of `Inputs`, and `uncertain_settings` [1].

    Notes
    -----
    In this order.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> uncertain_count() > len(FACT_OF)
    True
    """
    return len(FACT_OF) + len(uncertain_settings())


def draws_of(normals: npt.NDArray[np.float64], engine: str) -> Draws:
    """Name the columns of independent normal draws.

    Parameters
    ----------
    normals : ndarray, shape (n, uncertain_count())
        Independent standard normals [1].
    engine : {"graphs_2025", "graphs_2024", "eager"}
        Generation of the serving software.

    Returns
    -------
    Draws
        By name [1].

    Notes
    -----
    Fitted coefficients are mixed by their correlation.

    References
    ----------
    `inputs.mixed`.

    Examples
    --------
    >>> draws_of(np.zeros((4, uncertain_count())), "graphs_2025").settings["goodput.gemini"].shape
    (4,)
    """
    first = len(FACT_OF)
    settings = {name: normals[:, first + i] for i, name in enumerate(uncertain_settings())}
    return Draws(mixed(normals, engine), MappingProxyType(settings))


@functools.lru_cache(maxsize=8)
def seeded_draws(samples: int, engine: str) -> Draws:
    """Draw all that is uncertain, after a first row at the central values.

    Parameters
    ----------
    samples : int
        Number of draws after the first row, a power of two [1].
    engine : {"graphs_2025", "graphs_2024", "eager"}
        Generation of the serving software.

    Returns
    -------
    Draws
        Columns of length samples + 1 [1].

    Notes
    -----
    Seeded, so that the same link shows the same ranges.

    References
    ----------
    `efficiency.sampling`.

    Examples
    --------
    >>> float(seeded_draws(64, "graphs_2025").columns["synapses"][0])
    0.0
    """
    normals = unit_normals(samples, uncertain_count())
    return draws_of(np.vstack([np.zeros((1, normals.shape[1])), normals]), engine)
