"""Ranges as distributions, drawn from seeded Sobol points.

A range's low and high are read as 5 and 95 %; unless the source says so, these percentiles are our assumption.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtri

from efficiency.arrays import Floats
from efficiency.facts import Fact

SEED: Final = 20
"""Any fixed seed does: the same link must give the same picture."""

QUANTILE_95: Final = float(ndtri(0.95))


class Range(NamedTuple):
    """A central value between its 5 and 95 % points [any unit]."""

    low: float
    central: float
    high: float


@functools.lru_cache(maxsize=8)
def unit_normals(samples: int, dimensions: int) -> npt.NDArray[np.float64]:
    """Draw standard normal points that fill their space evenly.

    Parameters
    ----------
    samples : int
        Number of points, a power of two [1].
    dimensions : int
        Number of independent inputs [1].

    Returns
    -------
    ndarray
        Shape (samples, dimensions), read-only [1].

    Notes
    -----
    Scrambled Sobol points through the inverse normal distribution. Drawing them costs milliseconds, so they are kept.

    References
    ----------
    .. [1] Joe, S. and Kuo, F. Y., "Constructing Sobol sequences with better two-dimensional projections", SIAM J.
       Sci. Comput. 30, 2635 (2008); scipy.stats.qmc.Sobol.

    Examples
    --------
    >>> bool(abs(unit_normals(1024, 3).mean()) < 1e-2)
    True
    """
    from scipy.stats import qmc  # half a second to import, and only a first draw needs it

    uniform = qmc.Sobol(d=dimensions, scramble=True, rng=SEED).random(samples)
    # The scrambled sequence may hold an exact 0, whose normal would be minus infinity.
    points = np.asfortranarray(ndtri(np.clip(uniform, 1e-9, 1 - 1e-9)))
    points.setflags(write=False)
    return points


def sample(fact: Fact, normals: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Draw a fact from its range.

    Parameters
    ----------
    fact : Fact
        With a low or a high; a missing side has no spread.
    normals : ndarray
        Standard normal draws, shape (n,) [1].

    Returns
    -------
    ndarray
        Shape (n,) [SI unit of the fact].

    Notes
    -----
    Positive scale quantities follow a split log-normal: the median is the central value and each side has its own
    width, so that low and high are the 5 and 95 % points. Fractions do the same on the logit scale, which keeps them
    between 0 and 1. Where that is impossible (a bound of exactly 0 or 1) the bound is moved in by a thousandth.

    References
    ----------
    MODEL.md, The ranges; Fernandez, C. and Steel, M. F. J., "On Bayesian modeling of fat tails and skewness", JASA 93,
    359 (1998), for the split form.

    Examples
    --------
    >>> from efficiency.facts import fact
    >>> sample(fact("brain.synapses"), np.array([-QUANTILE_95, 0.0, QUANTILE_95])) / 1e14
    array([1. , 1.5, 3. ])
    """
    if fact.is_fraction:
        low, central, high = logit(np.clip([fact.si_low, fact.si, fact.si_high], 1e-3, 1 - 1e-3))
        return expit(_split(normals, low, central, high))
    return sample_scale(fact.si_low, fact.si, fact.si_high, normals)


def sample_scale(low: float, central: float, high: float, normals: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Draw a positive scale quantity from a range that is no record.

    Parameters
    ----------
    low, central, high : float
        5 %, 50 % and 95 % points [any unit].
    normals : ndarray
        Standard normal draws, shape (n,) [1].

    Returns
    -------
    ndarray
        Shape (n,) [unit of the range].

    Notes
    -----
    The split log-normal of `sample`.

    References
    ----------
    As `sample`.

    Examples
    --------
    >>> sample_scale(1.0, 2.0, 8.0, np.array([-QUANTILE_95, 0.0, QUANTILE_95])).round(9).tolist()
    [1.0, 2.0, 8.0]
    """
    ends = np.log([max(low, 1e-3 * central), central, high])
    return np.exp(_split(normals, *ends))


def _split(normals: npt.NDArray[np.float64], low: float, central: float, high: float) -> npt.NDArray[np.float64]:
    unit = normals / QUANTILE_95
    return central + np.where(unit < 0, unit * (central - low), unit * (high - central))


def interval(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the 5 and 95 % points of a sample.

    Parameters
    ----------
    values : ndarray
        Shape (n,) [any unit].

    Returns
    -------
    tuple of float
        Low and high [unit of the values].

    Notes
    -----
    Linear interpolation between order statistics.

    References
    ----------
    numpy.quantile, method "linear".

    Examples
    --------
    >>> interval(np.arange(101.0))
    (5.0, 95.0)
    """
    ordered = np.sort(values)
    last = len(ordered) - 1
    low, high = np.interp((0.05 * last, 0.95 * last), np.arange(last + 1), ordered)
    return float(low), float(high)


def range_around(central: float, drawn: Floats) -> Range:
    """Return a central value between the 5 and 95 % points of draws.

    Parameters
    ----------
    central : float
        What follows from the central inputs [any unit].
    drawn : float or ndarray
        Shape (n,), or one number where nothing varies [the same unit].

    Returns
    -------
    Range
        5 %, central and 95 % [unit of the values].

    Notes
    -----
    Where the central value lies outside the points, the nearer end is the central value itself.

    References
    ----------
    `interval`.

    Examples
    --------
    >>> range_around(50.0, np.arange(101.0)), range_around(2.0, np.arange(101.0))
    (Range(low=5.0, central=50.0, high=95.0), Range(low=2.0, central=2.0, high=95.0))
    """
    low, high = interval(np.atleast_1d(np.asarray(drawn, dtype=float)))
    return Range(min(low, central), central, max(high, central))


def range_of_draws(central: float, drawn: Sequence[float] | npt.NDArray[np.float64]) -> Range:
    """Return a central value between two of the draws, where some of them may be infinite.

    Parameters
    ----------
    central : float
        What follows from the central inputs [any unit].
    drawn : sequence of float or ndarray
        Shape (n,) [the same unit].

    Returns
    -------
    Range
        About 5 %, central and about 95 % [unit of the values].

    Notes
    -----
    As `range_around`, but the ends are draws themselves: nothing lies between a number and what is never reached.

    References
    ----------
    `interval`.

    Examples
    --------
    >>> range_of_draws(1.0, [1.0, 2.0] * 9 + [float("inf")] * 2)
    Range(low=1.0, central=1.0, high=inf)
    """
    ordered = np.sort(drawn)
    low, high = (float(ordered[round(share * (len(ordered) - 1))]) for share in (0.05, 0.95))
    return Range(min(low, central), central, max(high, central))
