"""Least squares inside bounds, with models left out in turn.

Rows of one model resemble each other. A fit is therefore judged on models it has not seen, weighted so that a model
with many rows does not drown the others, and its standard errors count models, not rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from efficiency.cases import Column
from efficiency.facts import facts

FOLDS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Coefficients inside their bounds; covariance by model [unit of the coefficients, squared]."""

    names: tuple[str, ...]
    values: np.ndarray
    covariance: np.ndarray

    @property
    def by_name(self) -> Mapping[str, float]:
        """Values by name."""
        return MappingProxyType(dict(zip(self.names, map(float, self.values), strict=True)))


def groups(models: Sequence[str]) -> tuple[str, ...]:
    """Name what is left out together.

    Parameters
    ----------
    models : sequence of str
        Models as the cases name them.

    Returns
    -------
    tuple of str
        The same name for the same model.

    Notes
    -----
    Publisher, letter case and the ending of a converted copy do not make another model: a model that two benchmarks
    ran must not be seen by way of the other one.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> groups(["Wan-AI/Wan2.1-T2V-14B-Diffusers", "WAN2.1-T2V-14B"])
    ('wan2.1-t2v-14b', 'wan2.1-t2v-14b')
    """
    return tuple(re.sub(r"-diffusers$", "", model.lower().rpartition("/")[2]) for model in models)


def folds(models: Sequence[str], count: int = FOLDS) -> np.ndarray:
    """Divide cases into parts of about equal size that share no model.

    Parameters
    ----------
    models : sequence of str
        Model per case.
    count : int, optional
        Number of parts.

    Returns
    -------
    ndarray of int, shape (n,)
        Part per case, from 0 [1].

    Notes
    -----
    The largest model goes first, each into the part that is smallest so far, so the division is always the same.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> folds(["a", "a", "b", "c"], 2).tolist()
    [0, 0, 1, 1]
    """
    names = groups(models)
    sizes = {name: names.count(name) for name in set(names)}
    filled, part = [0] * count, {}
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        part[name] = int(np.argmin(filled))
        filled[part[name]] += sizes[name]
    return np.array([part[name] for name in names], dtype=int)


def model_weights(models: Sequence[str]) -> np.ndarray:
    """Weigh cases so that every model counts alike.

    Parameters
    ----------
    models : sequence of str
        Model per case.

    Returns
    -------
    ndarray, shape (n,)
        Factors on the residuals, 1 on average [1].

    Notes
    -----
    A residual is divided by the square root of its model's rows: a model of ninety rows weighs as much in the squared
    loss as one of three.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> model_weights(["a", "a", "a", "a", "b"]).round(3).tolist()
    [0.833, 0.833, 0.833, 0.833, 1.667]
    """
    names = groups(models)
    weights = np.array([1.0 / np.sqrt(names.count(name)) for name in names])
    return weights / weights.mean()


def bounded_fit(
    residuals: Callable[[Mapping[str, float]], Column], bounds: str, clusters: Sequence[str], scale: float
) -> Solution:
    """Fit coefficients inside the bounds of the literature.

    Parameters
    ----------
    residuals : callable
        From coefficients by name to weighted residuals of the natural logarithm [1].
    bounds : str
        Beginning of the keys of the facts that hold start, low and high of each coefficient.
    clusters : sequence of str
        Per residual, what it must not be counted apart from.
    scale : float
        Residual above which a case counts less than its square [1].

    Returns
    -------
    Solution
        Coefficients and their covariance [units of the bounds].

    Notes
    -----
    Soft L1 loss. The covariance is the sandwich by cluster, (J'J)^-1 sum(s s') (J'J)^-1 with s = J'r of a cluster.

    References
    ----------
    Cameron, A. C.; Miller, D. L.: A practitioner's guide to cluster-robust inference. Journal of Human Resources 50
    (2015), 317-372.

    Examples
    --------
    >>> from efficiency.facts import fact
    >>> made = bounded_fit(lambda c: np.array([c["floor"] - 0.3] + [0.0] * 7), "diffusion.bounds.", ["a"] * 8, 1.0)
    >>> round(made.by_name["floor"], 3)
    0.3
    """
    from scipy.optimize import least_squares

    records = {key.removeprefix(bounds): record for key, record in facts().items() if key.startswith(bounds)}
    names = tuple(records)
    start, low, high = (np.array([getattr(r, end) for r in records.values()]) for end in ("si", "si_low", "si_high"))
    # Coefficients in SI units differ by twenty powers of ten; the solver's steps and tolerances are absolute ones.
    found = least_squares(
        lambda ratios: residuals(dict(zip(names, ratios * start, strict=True))),
        np.ones(len(names)),
        bounds=(low / start, high / start),
        loss="soft_l1",
        f_scale=scale,
        max_nfev=300,
    )
    values = found.x * start
    scaled = found.jac * found.x
    inverse = np.linalg.pinv(scaled.T @ scaled, rcond=1e-9)
    middle = np.zeros_like(inverse)
    for cluster in sorted(set(clusters)):
        chosen = np.array([name == cluster for name in clusters])
        pull = scaled[chosen].T @ found.fun[chosen]
        middle += np.outer(pull, pull)
    covariance = inverse @ middle @ inverse * np.outer(values, values)
    # At its bound a coefficient is not free, and its error says nothing.
    covariance[found.active_mask != 0] = covariance[:, found.active_mask != 0] = 0.0
    return Solution(names, values, covariance)


def half_width(errors: Column, level: float, widen: float = 1.0, least: float = 0.0) -> float:
    """Give half the interval that holds a share of errors.

    Parameters
    ----------
    errors : ndarray
        Decimal logarithms of predicted over measured, of cases the fit had not seen [1]; NaN is left out.
    level : float
        Share of them that must lie inside [fraction].
    widen : float, optional
        Factor on the width, for models unlike those seen [1].
    least : float, optional
        Least half-width [1].

    Returns
    -------
    float
        Half-width as a decimal logarithm [1].

    Notes
    -----
    The quantile of the absolute errors, as in conformal prediction. What the coefficients' own uncertainty adds is in
    these errors already, because every one of them comes from other coefficients.

    References
    ----------
    Angelopoulos, A. N.; Bates, S.: A gentle introduction to conformal prediction. arXiv 2107.07511 (2021).

    Examples
    --------
    >>> half_width(np.array([-0.1, 0.2, 0.0, 0.1]), 1.0)
    0.2
    """
    size = np.abs(errors[np.isfinite(errors)])
    return float(max(widen * np.quantile(size, level), least)) if size.size else float("nan")
