"""Calibration of serving: coefficients, their covariance, and how cases scatter that a fit had not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from efficiency.cases import Cases, Column
from efficiency.coefficients import Fit, Progress, at_bound, bounds
from efficiency.grouped_fit import Solution, bounded_fit, fit_of, folds
from efficiency.model_names import model_key
from efficiency.prediction import Prediction, assemble
from efficiency.scopes import BOARD, scope_names
from efficiency.serving_energy import serve, with_batch
from efficiency.serving_interval import ENOUGH_ROWS, POOLED, spread_classes
from efficiency.serving_jobs import METRICS, Jobs, jobs
from efficiency.serving_predict import predict, throughput

FAMILY: Final = "serving"
ROBUST_SCALE: Final = 0.05
"""Residual in powers of ten above which a case counts less than its square."""
STEP_WEIGHT: Final = 0.5
"""Weight of the residual of the step's time beside those of the energy, given and blind."""
FAMILY_POWER: Final = -0.25
"""A family's rows weigh as this power of their number, so that none drowns another."""
LEVELS: Final = (0.0425, 0.9575)
"""A little outside 5 and 95 %: cases of one model resemble each other, so fewer are independent than are counted."""
LEAST_SPREAD: Final = 0.02
_ROUNDS: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidation:
    """Predictions by fits that had not seen a case's model, and the fit to all.

    Attributes
    ----------
    cases : Cases
        The cases fitted.
    rows : ndarray of int
        Where they stand in the table given.
    given, blind : Prediction
        Out of fold.
    step_s : ndarray
        Step time out of fold, blind [s].
    fitted : Fit
        To all cases.
    """

    cases: Cases
    rows: np.ndarray
    given: Prediction
    blind: Prediction
    step_s: Column
    fitted: Fit


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """Cases to fit: energy per token, time of a step where known, weight, model, family."""

    cases: Cases
    jobs: Jobs
    tokens_per_s: Column
    j_per_token: Column
    weight: Column
    model: tuple[str, ...]

    def take(self, index: np.ndarray) -> _Sample:
        rows = np.flatnonzero(index)
        return _Sample(
            self.cases.take(rows),
            self.jobs.take(rows),
            self.tokens_per_s[rows],
            self.j_per_token[rows],
            self.weight[rows],
            tuple(self.model[i] for i in rows),
        )


def measured(cases: Cases) -> np.ndarray:
    """Choose the cases that serving can be calibrated on.

    Parameters
    ----------
    cases : Cases
        A table of cases.

    Returns
    -------
    ndarray of int
        Row numbers [1].

    Notes
    -----
    Energy of boards in joules, of a job that can be predicted. Per token: batch and throughput are stated; per request:
    both lengths, and batch or throughput.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> measured(cases_from_rows([{"model": "m", "gpu": "H100", "metric": "energy_per_request"}])).tolist()
    []
    """
    metric = np.array(cases.metric)
    has_batch, has_rate = np.isfinite(cases.batch), np.isfinite(throughput(cases))
    token = (metric == METRICS[0]) & has_batch & has_rate
    request = (metric == METRICS[1]) & np.isfinite(cases.input_tokens) & (has_batch | has_rate)
    plain = [
        scope == BOARD and unit in ("", "J/token", "J/request")
        for scope, unit in zip(scope_names(cases.scope), cases.unit, strict=True)
    ]
    rows = np.flatnonzero((token | request) & (cases.value > 0) & np.array(plain, dtype=bool))
    return rows[jobs(cases.take(rows)).why_not == ""]


def _sample(cases: Cases) -> _Sample:
    per_request = np.array(cases.metric) == METRICS[1]
    _, place, count = np.unique(np.array(cases.family), return_inverse=True, return_counts=True)
    weight = count[place] ** FAMILY_POWER
    return _Sample(
        cases=cases,
        jobs=jobs(cases),
        tokens_per_s=throughput(cases),
        j_per_token=np.where(per_request, cases.value / cases.output_tokens, cases.value),
        weight=weight / np.sqrt(np.mean(weight**2)),
        model=tuple(model_key(name) or name for name in cases.model),
    )


def _solve(sample: _Sample) -> Solution:
    """Fit the coefficients; batches that must be inferred are inferred with the coefficients of the round before."""
    ranges = bounds(FAMILY)
    values: Mapping[str, float] = {name: record.si for name, record in ranges.items()}
    infers = bool(np.any(~np.isfinite(sample.jobs.batch)))
    for _ in range(_ROUNDS if infers else 1):
        some = with_batch(values, sample.jobs, sample.tokens_per_s)
        given_s = some.batch / sample.tokens_per_s
        timed = np.isfinite(given_s)
        safe_s = np.where(timed, given_s, 1.0)

        def residuals(
            trial: Mapping[str, float], some: Jobs = some, given_s: Column = given_s, safe_s: Column = safe_s
        ) -> Column:
            known, blind = serve(trial, some, given_s), serve(trial, some)
            late = np.where(np.isfinite(given_s), np.log10(blind.step_s / safe_s), 0.0)
            parts = (np.log10(made.j_per_token / sample.j_per_token) for made in (known, blind))
            return np.concatenate([sample.weight * part for part in (*parts, STEP_WEIGHT * late)])

        found = bounded_fit(residuals, f"{FAMILY}.bounds.", sample.model * 3, ROBUST_SCALE)
        values = found.by_name
    free = np.array([not at_bound(value, ranges[name]) for name, value in values.items()])
    return replace(found, covariance=found.covariance * np.outer(free, free))


def _ends(error: Column, weight: Column) -> tuple[float, float]:
    """Give how far a share of cases lies below and above; a case of a small set counts for more than one of a large."""
    order = np.argsort(error)
    share = np.cumsum(weight[order]) - weight[order] / 2.0
    low, high = np.interp(LEVELS, share / weight.sum(), error[order])
    return max(-float(low), LEAST_SPREAD), max(float(high), LEAST_SPREAD)


def _spreads(sample: _Sample, errors: Mapping[str, Column], seen: np.ndarray) -> dict[str, float]:
    """Give how far measurements lie below and above predictions, by mode and class; and rows per chip."""
    classes, weight = np.array(spread_classes(sample.jobs)), sample.weight**2
    spreads = {
        f"rows {chip}": float(count)
        for chip, count in zip(*np.unique(sample.jobs.chip, return_counts=True), strict=True)
    }
    for mode, error in errors.items():
        fine = np.isfinite(error) & seen
        pooled = max(_ends(error[fine], weight[fine]))
        spreads |= {f"{mode} {POOLED} low": pooled, f"{mode} {POOLED} high": pooled}
        for name in np.unique(classes):
            chosen = fine & (classes == name)
            if chosen.sum() >= ENOUGH_ROWS:
                spreads[f"{mode} {name} low"], spreads[f"{mode} {name} high"] = _ends(error[chosen], weight[chosen])
    return spreads


def cross_validate(cases: Cases, progress: Progress | None = None) -> CrossValidation:
    """Fit serving six times without a part of the models, and once to all.

    Parameters
    ----------
    cases : Cases
        A table with measured values; rows of other kinds are passed over.
    progress : callable, optional
        Called with the share that is done, from 0 to 1.

    Returns
    -------
    CrossValidation
        Predictions of cases whose model the fit had not seen [J/token, J/request, s].

    Raises
    ------
    ValueError
        If no case can be fitted.

    Notes
    -----
    Models are told apart by their published shape, so that two names of one model are left out together. The interval
    of a case comes from the scatter of the other parts.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> cross_validate(cases_from_rows([{"model": "m", "gpu": "g", "metric": "energy_per_request"}]))
    Traceback (most recent call last):
    ...
    ValueError: no measured case of serving among 1 cases
    """
    rows = measured(cases)
    if not rows.size:
        raise ValueError(f"no measured case of serving among {len(cases)} cases")
    sample = _sample(cases.take(rows))
    part = folds(sample.model)
    count = int(part.max()) + 1
    whole = _solve(sample)
    _tell(progress, 1.0, count)
    plain = {f"{mode} {POOLED} {end}": 0.1 for mode in ("given", "blind") for end in ("low", "high")}
    by_part = []
    errors = {mode: np.full(len(rows), np.nan) for mode in ("given", "blind")}
    for number in range(count):
        solved = _solve(sample.take(part != number)) if count > 1 else whole
        by_part.append(solved)
        out = part == number
        made = fit_of(FAMILY, solved, plain, len(rows))
        # Without its throughput, a case whose batch is not stated cannot be predicted; its scatter is not counted then.
        for mode in errors:
            predicted = predict(sample.cases.take(out), mode == "given", made).predicted
            errors[mode][out] = np.log10(sample.cases.value[out] / predicted)
        _tell(progress, number + 2.0, count)
    given, blind, step = [], [], np.full(len(rows), np.nan)
    for number, solved in enumerate(by_part):
        out = part == number
        made = fit_of(FAMILY, solved, _spreads(sample, errors, ~out if count > 1 else out), len(rows))
        held = sample.cases.take(out)
        given.append((np.flatnonzero(out), predict(held, True, made)))
        blind.append((np.flatnonzero(out), predict(held, False, made)))
        some = sample.jobs.take(out)
        known = np.isfinite(some.batch)
        served = serve(solved.by_name, replace(some, batch=np.where(known, some.batch, 1.0)))
        step[out] = np.where(known, served.predicted_step_s, np.nan)
    return CrossValidation(
        cases=sample.cases,
        rows=rows,
        given=assemble(len(rows), given, "not predicted"),
        blind=assemble(len(rows), blind, "not predicted"),
        step_s=step,
        fitted=fit_of(FAMILY, whole, _spreads(sample, errors, np.ones(len(rows), dtype=bool)), len(rows)),
    )


def fit(cases: Cases, progress: Progress | None = None) -> Fit:
    """Fit the coefficients of serving to measured cases.

    Parameters
    ----------
    cases : Cases
        A table with measured values; rows of other kinds are passed over.
    progress : callable, optional
        Called with the share that is done, from 0 to 1.

    Returns
    -------
    Fit
        Coefficients, covariance, and the spreads of cases left out by model [units of ``serving.bounds``].

    Raises
    ------
    ValueError
        If no case can be fitted.

    Notes
    -----
    Soft L1 loss on decimal logarithms of the energy given, the energy blind and (half) the time of a step.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> fit(cases_from_rows([{"model": "m", "gpu": "g", "metric": "energy_per_request"}]))
    Traceback (most recent call last):
    ...
    ValueError: no measured case of serving among 1 cases
    """
    return cross_validate(cases, progress).fitted


def _tell(progress: Progress | None, done: float, parts: int) -> None:
    if progress is not None:
        progress(done / (parts + 1.0))
