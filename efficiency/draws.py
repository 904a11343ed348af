"""Seeded draws of the inputs: independent facts, and fitted coefficients that vary together."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from efficiency.coefficients import coefficients
from efficiency.inputs import ENGINE, FACT_OF, HOST_OF, LAUNCH_OF, Inputs, inputs_at
from efficiency.sampling import unit_normals


@functools.lru_cache(maxsize=64)
def sampled_inputs(system: str, chip: str, run: str, bits: float, samples: int, engine: str = ENGINE) -> Inputs:
    """Draw every fact that has a range, one draw for all yardsticks.

    Parameters
    ----------
    system, chip, run : str
        Short keys, as in a `Scenario`.
    bits : float
        Width of a number [bit].
    samples : int
        Number of draws, a power of two [1].
    engine : {"graphs_2025", "graphs_2024", "eager"}
        Generation of the serving software.

    Returns
    -------
    Inputs
        Arrays of shape (samples,) where the fact has a range, else floats; SI units.

    Notes
    -----
    Column j of the Sobol points always belongs to the j-th attribute, so adding a chip does not change a picture.
    Fitted coefficients are drawn from their covariance; see `draws`.

    References
    ----------
    `efficiency.sampling`.

    Examples
    --------
    >>> sampled_inputs("own", "h100", "gpt3", 16.0, 64).synapses.shape
    (64,)
    """
    return inputs_at(draws(samples, engine), system, chip, run, bits, engine)


@functools.lru_cache(maxsize=16)
def draws(samples: int, engine: str = ENGINE) -> Mapping[str, npt.NDArray[np.float64]]:
    """Return the unit normal draws behind `sampled_inputs`, by attribute.

    Parameters
    ----------
    samples : int
        Number of draws, a power of two [1].
    engine : {"graphs_2025", "graphs_2024", "eager"}
        Generation of the serving software, which decides whose coefficients are drawn.

    Returns
    -------
    Mapping of str to ndarray
        Shape (samples,) each [1].

    Notes
    -----
    Facts are independent, except the fitted coefficients: their columns are mixed by the Cholesky factor of their
    correlation. The square of a result's correlation with a column is that fact's share of the result's spread.

    References
    ----------
    `efficiency.sampling`; `efficiency/data/fitted/covariance.csv`.

    Examples
    --------
    >>> draws(64)["synapses"].shape
    (64,)
    """
    return mixed(unit_normals(samples, len(FACT_OF)), engine)


def mixed(normals: npt.NDArray[np.float64], engine: str) -> Mapping[str, npt.NDArray[np.float64]]:
    """Name the columns of independent normal draws, and mix those of the fitted coefficients.

    Parameters
    ----------
    normals : ndarray, shape (n, k)
        Independent standard normals; the first columns belong to the attributes of `Inputs` in their order [1].
    engine : {"graphs_2025", "graphs_2024", "eager"}
        Generation of the serving software, which decides whose coefficients are mixed.

    Returns
    -------
    Mapping of str to ndarray
        Shape (n,) each [1].

    Notes
    -----
    By the Cholesky factor of `fitted_correlation`, so that the columns stay standard normals.

    References
    ----------
    `efficiency/data/fitted/covariance.csv`.

    Examples
    --------
    >>> float(mixed(np.zeros((1, len(FACT_OF))), "graphs_2025")["active_floor"][0])
    0.0
    """
    columns = {name: normals[:, column] for column, name in enumerate(FACT_OF)}
    names, factor = fitted_correlation(engine)
    independent = np.array([columns[name] for name in names])
    return MappingProxyType(columns | dict(zip(names, factor @ independent, strict=True)))


@functools.cache
def fitted_correlation(engine: str) -> tuple[tuple[str, ...], npt.NDArray[np.float64]]:
    """Say how the fitted coefficients among the inputs vary together.

    Parameters
    ----------
    engine : {"graphs_2025", "graphs_2024", "eager"}
        Generation of the serving software, which decides whose coefficients are meant.

    Returns
    -------
    tuple of str
        Attributes of `Inputs`.
    ndarray, shape (n, n)
        Lower Cholesky factor of their correlation [1].

    Notes
    -----
    A coefficient at the end of its range has no variance, and is left out.

    References
    ----------
    `efficiency/data/fitted/covariance.csv`.

    Examples
    --------
    >>> names, factor = fitted_correlation("graphs_2025")
    >>> "active_floor" in names, bool(np.allclose((factor @ factor.T).diagonal(), 1))
    (True, True)
    """
    fit = coefficients("serving")
    index = {f"fitted.serving.{name}": row for row, name in enumerate(fit.names)}
    rows = {}
    for name, key in FACT_OF.items():
        row = index.get(key.replace("{launch}", LAUNCH_OF[engine]).replace("{host}", HOST_OF[engine]))
        if row is not None and fit.covariance[row, row] > 0.0:
            rows[name] = row
    chosen = list(rows.values())
    covariance = fit.covariance[np.ix_(chosen, chosen)]
    scale = np.sqrt(covariance.diagonal())
    return tuple(rows), np.linalg.cholesky(covariance / np.outer(scale, scale))
