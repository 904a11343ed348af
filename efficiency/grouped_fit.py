"""Least squares inside bounds, with models left out in turn.

Rows of one model resemble each other. A fit is therefore judged on models it has not seen, weighted so that a model
with many rows does not drown the others, and its standard errors count models, not rows.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from efficiency.cases import Column
from efficiency.coefficients import Fit, Progress
from efficiency.facts import DATA_VERSION, facts

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


def fit_of(family: str, solution: Solution, spreads: Mapping[str, float], cases: int) -> Fit:
    """Make a solution the fit of a family, of today and to the facts as they are.

    Parameters
    ----------
    family : str
        One of `coefficients.FAMILIES`.
    solution : Solution
        Coefficients and their covariance.
    spreads : mapping of str to float
        By class of case, as in `coefficients.Fit` [1].
    cases : int
        Rows fitted.

    Returns
    -------
    Fit
        Ready to predict with, or to be written [units of the bounds].

    Notes
    -----
    Standard errors are the roots of the covariance's diagonal.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> fit_of("training", Solution(("a",), np.ones(1), np.full((1, 1), 4.0)), {"time": 0.1}, 7).standard_errors
    array([2.])
    """
    return Fit(
        family=family,
        names=solution.names,
        values=solution.values,
        standard_errors=np.sqrt(np.diag(solution.covariance)),
        covariance=solution.covariance,
        spreads=MappingProxyType(dict(spreads)),
        data_version=DATA_VERSION,
        date=datetime.date.today().isoformat(),
        cases=cases,
    )


def fit_by_folds(
    family: str,
    part: np.ndarray,
    solve: Callable[[np.ndarray], Solution],
    errors: Callable[[Mapping[str, float]], Mapping[str, Column]],
    spreads: Callable[[Mapping[str, Column], np.ndarray], Mapping[str, float]],
    progress: Progress | None = None,
) -> tuple[Fit, list[Fit]]:
    """Fit all cases, and for each fold the cases outside it, with spreads from outside it too.

    Parameters
    ----------
    family : str
        One of `coefficients.FAMILIES`.
    part : ndarray of int, shape (n,)
        From `folds`.
    solve : callable
        From the cases that are seen (bool, shape (n,)) to the coefficients.
    errors : callable
        From coefficients by name to errors of all cases, by kind [logarithm].
    spreads : callable
        From errors of cases that their fit had not seen, and the cases that count (bool), to the fit's spreads.
    progress : callable, optional
        Called with the share that is done, from 0 to 1.

    Returns
    -------
    tuple of Fit and list of Fit
        To all cases, and without each fold in turn [units of the bounds].

    Notes
    -----
    The error of a case is always that of the fit without its fold.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> def solve(seen):
    ...     return Solution(("mean",), np.ones(1), np.eye(1))
    >>> def spreads(errors, judged):
    ...     return {"all": float(errors["all"][judged].max())}
    >>> part, errors = np.array([0, 1]), {"all": np.array([0.1, 0.3])}
    >>> whole, apart = fit_by_folds("training", part, solve, lambda found: errors, spreads)
    >>> whole.spreads["all"], [fit.spreads["all"] for fit in apart]
    (0.3, [0.3, 0.1])
    """
    count = int(part.max()) + 1
    unseen: dict[str, Column] = {}
    solved = []
    for number in range(count):
        out = part == number
        solved.append(solve(~out))
        for kind, column in errors(solved[-1].by_name).items():
            unseen.setdefault(kind, np.full(len(part), np.nan))[out] = column[out]
        if progress is not None:
            progress((number + 1) / (count + 1))
    every = np.ones(len(part), dtype=bool)
    whole = solve(every)
    if progress is not None:
        progress(1.0)
    apart = [fit_of(family, one, spreads(unseen, part != n), int((part != n).sum())) for n, one in enumerate(solved)]
    return fit_of(family, whole, spreads(unseen, every), len(part)), apart
