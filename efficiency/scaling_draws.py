"""How sure the refitted law is: its coefficients drawn together, and what an optimum's range is."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from efficiency.facts import DATA_FOLDER
from efficiency.inputs import FACT_OF
from efficiency.sampling import Range, range_around
from efficiency.scaling_laws import AdditiveLaw, law, optimal
from efficiency.stratified import stratified_normals
from efficiency.tables import read_table

SAMPLES = 1024
REFIT = "refit"


@functools.cache
def _factor() -> npt.NDArray[np.float64]:
    rows = read_table(DATA_FOLDER / "fitted" / "refit_covariance.csv", ("name", *AdditiveLaw._fields))
    covariance = np.array([[float(row[name]) for name in AdditiveLaw._fields] for row in rows])
    return np.linalg.cholesky(covariance)


@functools.lru_cache(maxsize=8)
def refit_draws(samples: int = SAMPLES) -> AdditiveLaw:
    """Draw the refitted law's coefficients, which vary together.

    Parameters
    ----------
    samples : int
        Draws, a power of two [1].

    Returns
    -------
    AdditiveLaw
        Fields are arrays of shape (samples,) [nats, parameters, tokens].

    Notes
    -----
    The paper prints an interval for each coefficient, but factor and exponent of a term are known almost only together
    (their correlation is 0.999). Their covariance is ours: 1,000 resamples of the 240 published points, each refitted
    with the paper's loss. It gives back the printed intervals within a fifth. Factors and the irreducible loss are
    drawn as logarithms, around the printed centre. The columns are others than those of `Inputs`, so that law and
    machine vary independently.

    References
    ----------
    Besiroglu et al., arXiv:2404.10102; `efficiency/data/fitted/refit_covariance.csv`.

    Examples
    --------
    >>> refit_draws(64).alpha.shape
    (64,)
    """
    names = len(AdditiveLaw._fields)
    normals = stratified_normals(samples, len(FACT_OF) + names)[:, -names:]
    moved = normals @ _factor().T
    centre = law(REFIT)
    logs = 3
    return AdditiveLaw(
        *(value * np.exp(moved[:, i]) if i < logs else value + moved[:, i] for i, value in enumerate(centre))
    )


def _range_of(name: str, flop: float, samples: int) -> Range:
    """Range of one field of the `Optimum` for a budget."""
    central, drawn = (getattr(optimal(law, flop), name) for law in (REFIT, refit_draws(samples)))
    return range_around(float(central), drawn)


def ratio_range(flop: float, samples: int = SAMPLES) -> Range:
    """Best tokens per parameter for a budget, by the refitted law.

    Parameters
    ----------
    flop : float
        Training arithmetic [FLOP].
    samples : int
        Draws, a power of two [1].

    Returns
    -------
    Range
        5 %, central and 95 % [tokens/parameter].

    Notes
    -----
    The fitted runs end at 1.3e22 FLOP; beyond, the range is that of an extrapolation.

    References
    ----------
    `refit_draws`.

    Examples
    --------
    >>> low, central, high = ratio_range(5.76e23)
    >>> low < central < high, round(central)
    (True, 18)
    """
    return _range_of("tokens_per_parameter", flop, samples)


def size_range(flop: float, samples: int = SAMPLES) -> Range:
    """Best size for a budget, by the refitted law.

    Parameters
    ----------
    flop : float
        Training arithmetic [FLOP].
    samples : int
        Draws, a power of two [1].

    Returns
    -------
    Range
        5 %, central and 95 % [parameters].

    Notes
    -----
    As `ratio_range`.

    References
    ----------
    `refit_draws`.

    Examples
    --------
    >>> low, central, high = size_range(5.76e23)
    >>> low < central < high
    True
    """
    return _range_of("parameters", flop, samples)


def loss_range(flop: float, samples: int = SAMPLES) -> Range:
    """Loss at the best size for a budget, by the refitted law.

    Parameters
    ----------
    flop : float
        Training arithmetic [FLOP].
    samples : int
        Draws, a power of two [1].

    Returns
    -------
    Range
        5 %, central and 95 % [nats per token].

    Notes
    -----
    As `ratio_range`.

    References
    ----------
    `refit_draws`.

    Examples
    --------
    >>> low, central, high = loss_range(5.76e23)
    >>> 1.9 < low < central < high < 2.05
    True
    """
    return _range_of("loss", flop, samples)
