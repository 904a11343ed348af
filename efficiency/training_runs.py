"""Energy of training runs: fitted, predicted, and predicted by fits that had not seen a model.

Where the time of a run is known, MLPerf's measured nodes are met within 4 % and the papers' runs within 14 % (median,
out of fold), with intervals 1.6-fold and 2.7-fold wide. From arithmetic alone the median error is 39 % and the interval
eightfold wide, because utilisation by itself spans threefold: such a guess says what a run of this size would cost, not
what one cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from efficiency.case_chips import Ratings, ratings
from efficiency.cases import Cases, Column
from efficiency.coefficients import Fit, Progress, coefficients
from efficiency.facts import fact, facts
from efficiency.grouped_fit import Solution, bounded_fit, fit_by_folds, folds, groups, half_width
from efficiency.prediction import Prediction, assemble, prediction
from efficiency.published_notes import DIRECT_CURRENT, with_notes
from efficiency.scopes import BOARD, NODE, pue_of, scope_names
from efficiency.training_cost import NEW_GPUS_FROM, chip_seconds, limit_shares, run_flop, utilisation
from efficiency.units import UNITS, si

FAMILY = "training"
METRICS = ("energy_per_training_run",)
LEVEL = 0.90
# Thirteen runs of stated arithmetic: a little more, so that nine of ten of them lie inside.
ARITHMETIC_LEVEL = 0.92
# Two dozen measured nodes are few, and of two makes; published spreads of nodes of one kind are this large.
LEAST_SPREAD = 0.10
ROBUST_SCALE = 0.04
# Over the 16-bit peak: formats of 8 bits have twice as much, and no published run passes 0.54.
IMPOSSIBLE = 3.0
# A power sampled on another chip and scaled missed a later measurement by 1.6 (189 and 296 W for a P100, Patterson
# 2021), where measured powers agree within about 1.1: a fifth of the weight.
MEASURED_WEIGHT, MODELLED_WEIGHT, MLPERF_WEIGHT, ARITHMETIC_WEIGHT = 1.0, 0.2, 0.7, 0.7


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """Training runs in SI: chips times seconds where known, arithmetic where known, and what scales them."""

    chips: Ratings
    scopes: tuple[str, ...]
    known_s: Column
    flop: Column
    parameters: Column
    pue: Column
    pue_spread: Column
    direct_current: np.ndarray
    node_w: Column


def why_not(cases: Cases, given: bool) -> list[str]:
    """Say which cases cannot be predicted, and what is missing.

    Parameters
    ----------
    cases : Cases
        Training runs.
    given : bool
        Whether the time of a run may be used.

    Returns
    -------
    list of str
        A reason per case; empty where there is none [text].

    Notes
    -----
    A power is not predicted: power needs a machine at work, energy a run.

    References
    ----------
    MODEL.md, "Training runs".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> row = {"model": "m", "gpu": "NVIDIA H100", "metric": "energy_per_training_run", "unit": "MWh"}
    >>> why_not(cases_from_rows([row]), given=False)[0]
    'needs train_flop, or train_tokens and params_active or params_total'
    """
    runs, reasons = _runs(cases), []
    used = runs.flop / (runs.known_s * runs.chips.peak_flop_s)
    for i in range(len(cases)):
        time_stated = bool(np.isfinite(runs.known_s[i]))
        arithmetic = bool(np.isfinite(runs.flop[i]))
        work = "train_flop, or train_tokens and params_active or params_total"
        reason = ""
        if cases.metric[i] not in METRICS:
            reason = f"{cases.metric[i]} is not the energy of a training run"
        elif _joule(cases.unit[i]) is None:
            reason = f"the unit {cases.unit[i]!r} is not an energy"
        elif not runs.scopes[i]:
            reason = f"the scope {cases.scope[i]!r} is none of gpu, node and facility"
        elif not np.isfinite(runs.chips.limit_w[i]):
            reason = "the chip is unknown: no power limit to scale from"
        elif given and not time_stated and not arithmetic:
            reason = f"needs chip_hours, or hours and n_gpus, or {work}"
        elif not given and not arithmetic:
            reason = f"needs {work}" + ("; the time of the run is used only where it is said to be given" * time_stated)
        elif not (given and time_stated) and not np.isfinite(runs.chips.peak_flop_s[i]):
            reason = "the chip's 16-bit peak is unknown: arithmetic gives no time"
        elif given and time_stated and arithmetic and used[i] > IMPOSSIBLE:
            reason = f"the time given makes {used[i]:.2g} times the chips' 16-bit peak"
        reasons.append(reason)
    return reasons


def _joule(unit: str) -> float | None:
    factor, si_unit = UNITS.get(unit.partition("/")[0].strip() or "MWh", (0.0, ""))
    return factor if si_unit == "J" else None


def _runs(cases: Cases) -> _Runs:
    hours = np.where(np.isfinite(cases.chip_hours), cases.chip_hours, cases.hours * cases.n_gpus)
    low_rank = np.array(["lora" in model.lower() for model in cases.model], dtype=bool)
    # A model whose active parameters are not stated is taken as dense.
    parameters = np.where(np.isfinite(cases.params_active), cases.params_active, cases.params_total)
    counted = run_flop(parameters, cases.train_tokens, low_rank)
    pue, pue_spread = pue_of(scope_names(cases.scope), cases.pue)
    chips = ratings(cases.gpu)
    return _Runs(
        chips=chips,
        scopes=scope_names(cases.scope),
        known_s=si(hours, "chip-hours"),
        flop=np.where(np.isfinite(cases.train_flop), cases.train_flop, counted),
        parameters=parameters,
        pue=pue,
        pue_spread=pue_spread,
        direct_current=np.array([DIRECT_CURRENT in note for note in cases.note], dtype=bool),
        node_w=_measured_node_w(chips.keys),
    )


def _measured_node_w(keys: Sequence[str | None]) -> Column:
    """Power of a chip with its share of the host where that was measured in training, and no limit is published."""
    table = {key: facts().get(f"chip.{key}.training_node_power") for key in set(keys)}
    powers = {key: np.nan if record is None else record.si for key, record in table.items()}
    return np.array([powers[key] for key in keys], dtype=float)


def _worked_s(found: Mapping[str, float], runs: _Runs) -> Column:
    utilised = utilisation(runs.parameters, found["mfu_full"], found["mfu_params"])
    return chip_seconds(runs.flop, runs.chips.peak_flop_s, utilised)


def _energy_j(found: Mapping[str, float], runs: _Runs, time_s: Column) -> Column:
    board, node = limit_shares(found, runs.parameters, runs.chips.year, runs.chips.tpu)
    node = np.where(np.isfinite(runs.node_w), runs.node_w / runs.chips.limit_w, node)
    # Readings behind the power supplies lack what the supplies lose.
    node = node * np.where(runs.direct_current, fact("training.supply_efficiency").si, 1.0)
    at_board = np.array([scope == BOARD for scope in runs.scopes], dtype=bool)
    return time_s * runs.chips.limit_w * np.where(at_board, board, node) * runs.pue


def _like_mlperf(runs: _Runs) -> np.ndarray:
    """Tell nodes of new GPUs, which MLPerf has measured, from all that papers report."""
    node = np.array([scope == NODE for scope in runs.scopes], dtype=bool)
    return node & ~runs.chips.tpu & ~(runs.chips.year < NEW_GPUS_FROM)


def predict(cases: Cases, given: bool, fitted: Fit | None = None) -> Prediction:
    """Predict the energy of training runs.

    Parameters
    ----------
    cases : Cases
        Metric energy_per_training_run.
    given : bool
        Whether chip_hours, or hours and n_gpus, may be used where a case states them.
    fitted : Fit, optional
        Coefficients and spreads; the shipped ones if left out.

    Returns
    -------
    Prediction
        Per case [unit of the row].

    Notes
    -----
    Blind, time follows from the arithmetic. A measured power is never used: with the time it is the energy.

    References
    ----------
    MODEL.md, "Training runs".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> row = {"model": "m", "gpu": "NVIDIA H100 SXM", "metric": "energy_per_training_run", "unit": "MWh",
    ...        "scope": "node", "chip_hours": 1e6, "params_active": 7e10}
    >>> bool(800 < predict(cases_from_rows([row]), given=True).predicted[0] < 900)
    True
    """
    used = coefficients(FAMILY) if fitted is None else fitted
    found = used.by_name
    runs = _runs(cases)
    timed = given & np.isfinite(runs.known_s)
    energy = _energy_j(found, runs, np.where(timed, runs.known_s, _worked_s(found, runs)))
    spread = np.where(_like_mlperf(runs), used.spreads["time_node"], used.spreads["time"])
    spread = np.hypot(np.where(timed, spread, used.spreads["flop"]), runs.pue_spread)
    central = energy / np.array([_joule(unit) or np.nan for unit in cases.unit], dtype=float)
    return prediction(central, central * 10.0**-spread, central * 10.0**spread, why_not(cases, given))


def _measured(cases: Cases) -> tuple[np.ndarray, Cases]:
    noted = with_notes(cases)
    usable = np.array([not reason for reason in why_not(noted, given=True)], dtype=bool)
    row = np.flatnonzero(usable & np.isfinite(noted.value))
    return row, noted.take(row)


def _errors(cases: Cases, runs: _Runs, found: Mapping[str, float]) -> dict[str, Column]:
    """Natural logarithm of predicted over measured, from the time and from the arithmetic; NaN where unknown."""
    measured_j = cases.value * np.array([_joule(unit) for unit in cases.unit], dtype=float)
    times = {"time": runs.known_s, "flop": _worked_s(found, runs)}
    return {name: np.log(_energy_j(found, runs, time_s) / measured_j) for name, time_s in times.items()}


def _solve(cases: Cases, runs: _Runs, seen: np.ndarray) -> Solution:
    weights = np.where([quality == "C" for quality in cases.quality], MODELLED_WEIGHT, MEASURED_WEIGHT)
    mlperf = _like_mlperf(runs)
    weights = weights * np.where(mlperf, MLPERF_WEIGHT, 1.0)
    timed = seen & np.isfinite(runs.known_s)
    # MLPerf trains to a quality, mostly by adapters: its arithmetic says little of large runs.
    worked = seen & np.isfinite(runs.flop * runs.chips.peak_flop_s) & ~mlperf
    names = groups(cases.model)

    def residuals(found: Mapping[str, float]) -> Column:
        errors = _errors(cases, runs, found)
        parts = [(errors["time"] * weights)[timed], (errors["flop"] * weights * ARITHMETIC_WEIGHT)[worked]]
        return np.concatenate(parts)

    clusters = [name for kept in (timed, worked) for name, yes in zip(names, kept, strict=True) if yes]
    return bounded_fit(residuals, "training.bounds.", clusters, ROBUST_SCALE)


def _fit(cases: Cases, progress: Progress | None) -> tuple[Fit, list[Fit]]:
    """Fit all cases, and all without each fold."""
    runs = _runs(cases)
    mlperf = _like_mlperf(runs)

    def spreads(errors: Mapping[str, Column], judged: np.ndarray) -> dict[str, float]:
        time, flop = (errors[name] / np.log(10) for name in ("time", "flop"))
        return {
            "time_node": half_width(time[mlperf & judged], LEVEL, least=LEAST_SPREAD),
            "time": half_width(time[~mlperf & judged], LEVEL),
            "flop": half_width(flop[~mlperf & judged], ARITHMETIC_LEVEL),
        }

    solve, errors = partial(_solve, cases, runs), partial(_errors, cases, runs)
    return fit_by_folds(FAMILY, folds(cases.model), solve, errors, spreads, progress)


def fit(cases: Cases, progress: Progress | None = None) -> Fit:
    """Fit the six coefficients to measured runs.

    Parameters
    ----------
    cases : Cases
        A table with measured values; rows of other kinds are passed over.
    progress : callable, optional
        Called with the share that is done, from 0 to 1.

    Returns
    -------
    Fit
        Coefficients, covariance, and the spreads of cases left out by model [units of `training.bounds`].

    Raises
    ------
    ValueError
        If no row is a measured training run.

    Notes
    -----
    Times and sizes are read from the notes of published cases where no column states them. Rows of quality C, which
    are partly modelled, weigh 0.2.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> fit(cases_from_rows([{"model": "m", "gpu": "g", "metric": "energy_per_training_run"}]))
    Traceback (most recent call last):
    ...
    ValueError: no measured training run among 1 cases
    """
    _, some = _measured(cases)
    if not len(some):
        raise ValueError(f"no measured training run among {len(cases)} cases")
    return _fit(some, progress)[0]


def out_of_fold(cases: Cases, given: bool) -> Prediction:
    """Predict measured cases by fits that had not seen their models.

    Parameters
    ----------
    cases : Cases
        A table with measured values.
    given : bool
        As in `predict`; times are read from notes too.

    Returns
    -------
    Prediction
        Per case [unit of the row]; cases that no fit uses are predicted by none.

    Notes
    -----
    Coefficients and interval of a case both come from the other folds.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> cases = cases_from_rows([{"model": "m", "gpu": "g", "metric": "energy_per_training_run"}])
    >>> out_of_fold(cases, given=True).why_not
    ('not a case of the fit',)
    """
    row, some = _measured(cases)
    part = folds(some.model)
    by_fold = _fit(some, None)[1] if len(some) else []
    made = [(row[part == n], predict(some.take(part == n), given, fitted)) for n, fitted in enumerate(by_fold)]
    return assemble(len(cases), made, "not a case of the fit")
