"""Energy per image and per video of diffusion models: fitted, predicted, and predicted for models left out.

Nine coefficients, seven of time and two of power, for all models and chips. Out of fold on published cases the interval
is 1.5-fold wide where the time of a batch is known and twofold blind, but ninefold where only the size of the denoiser
is known: that guess is too wide to be called a prediction, and says so by its width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from efficiency.case_chips import Ratings, ratings
from efficiency.cases import Cases, Column
from efficiency.coefficients import Fit, Progress, coefficients
from efficiency.denoisers import Denoiser, denoiser, generic_denoiser
from efficiency.diffusion_cost import Work, power_share, run_s, work
from efficiency.grouped_fit import Solution, bounded_fit, fit_by_folds, folds, groups, half_width, model_weights
from efficiency.prediction import Prediction, assemble, prediction
from efficiency.published_notes import with_notes
from efficiency.scopes import scope_factor
from efficiency.units import UNITS

FAMILY = "diffusion"
METRICS = ("energy_per_image", "energy_per_video")
LEVEL = 0.90
# Models to come are less like those seen than those are like each other.
WIDEN = 1.10
# Of the residuals in energy blind, time, and energy with the time known: the last is what only power decides.
WEIGHTS = (1.0, 0.5, 2.0)
ROBUST_SCALE = 0.12
# Beyond the limits by this factor, what is given is a slip; a published case of 1.33 skips steps of its sampler.
IMPOSSIBLE = 3.0
_SHARED = "what an item costs depends on how many share the launches and the floor of the chips"


@dataclass(frozen=True, slots=True, eq=False)
class _Jobs:
    """The rows that can be computed, with their work; `row` leads back to the cases."""

    row: np.ndarray
    job: Work
    chips: Column
    limit_w: Column
    batch: Column
    generic: np.ndarray


def why_not(cases: Cases, chips: Ratings, models: list[Denoiser | None]) -> list[str]:
    """Say which cases cannot be predicted, and what is missing.

    Parameters
    ----------
    cases : Cases
        Images and videos.
    chips : Ratings
        Their chips.
    models : list of Denoiser or None
        Their networks.

    Returns
    -------
    list of str
        A reason per case; empty where there is none [text].

    Notes
    -----
    Energy is proportional to steps, pixels and frames; none of them is guessed, nor how many items or chips share runs.

    References
    ----------
    MODEL.md, "Images and videos".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> cases = cases_from_rows([{"model": "FLUX.1-dev", "gpu": "NVIDIA H100", "metric": "energy_per_image",
    ...                           "n_gpus": 1, "batch": 1, "steps": 28, "height": 1024}])
    >>> why_not(cases, ratings(cases.gpu), [None])[0]
    'needs the column width: energy is in proportion to it'
    """
    reasons = []
    for i in range(len(cases)):
        wanted = ["steps", "height", "width", "batch", "n_gpus"]
        wanted += ["frames"] if cases.metric[i] == "energy_per_video" else []
        missing = [name for name in wanted if not np.isfinite(getattr(cases, name)[i])]
        reason = ""
        if cases.metric[i] not in METRICS:
            reason = f"{cases.metric[i]} is not an energy per image or video"
        elif _joule(cases.unit[i]) is None:
            reason = f"the unit {cases.unit[i]!r} is not an energy per image or video"
        elif missing:
            columns = "column" if len(missing) == 1 else "columns"
            them = "it" if len(missing) == 1 else "them"
            why = _SHARED if set(missing) <= {"batch", "n_gpus"} else f"energy is in proportion to {them}"
            reason = f"needs the {columns} {', '.join(missing)}: {why}"
        elif not np.isfinite(chips.limit_w[i] * chips.peak_flop_s[i]):
            reason = "the chip is unknown: no power limit and peak to scale from"
        elif models[i] is None:
            reason = "the denoiser is unknown: neither a published architecture of this name nor a parameter count"
        reasons.append(reason)
    return reasons


def _joule(unit: str) -> float | None:
    name = unit.partition("/")[0].strip() or "J"
    factor, si_unit = UNITS.get(name, (0.0, ""))
    return factor if si_unit == "J" else None


def _models(cases: Cases) -> list[Denoiser | None]:
    video = [metric == "energy_per_video" for metric in cases.metric]
    # A denoiser whose active parameters are not stated is taken as dense.
    counts = np.where(np.isfinite(cases.params_active), cases.params_active, cases.params_total)
    return [denoiser(*row) for row in zip(cases.model, map(float, counts), video, strict=True)]


def _jobs(cases: Cases, chips: Ratings, models: list[Denoiser | None], reasons: list[str]) -> _Jobs:
    row = np.array([i for i, reason in enumerate(reasons) if not reason], dtype=int)
    some = [model for i in row if (model := models[i]) is not None]
    film = np.array([cases.metric[i] == "energy_per_video" for i in row], dtype=bool)
    # An image has one frame, whatever a cell says.
    frames = np.where(film & (cases.frames[row] > 0), cases.frames[row], 1.0)
    job = work(
        some,
        cases.steps[row],
        cases.height[row],
        cases.width[row],
        frames,
        cases.batch[row],
        cases.n_gpus[row],
        chips.peak_flop_s[row],
        chips.lane_rate_s[row],
        chips.link_byte_s[row],
    )
    generic = np.array([model.generic for model in some], dtype=bool)
    return _Jobs(row, job, cases.n_gpus[row], chips.limit_w[row], cases.batch[row], generic)


def _energy_j(found: Mapping[str, float], jobs: _Jobs, time_s: Column) -> Column:
    """Board energy per item [J] of runs that take `time_s`."""
    share = power_share(found, jobs.job, time_s, jobs.chips)
    return share * jobs.chips * jobs.limit_w * time_s / jobs.batch


def predict(cases: Cases, given: bool, fitted: Fit | None = None) -> Prediction:
    """Predict the energy per image or video.

    Parameters
    ----------
    cases : Cases
        Metrics energy_per_image and energy_per_video.
    given : bool
        Whether latency_s, or else avg_power_w, may be used where a case states it.
    fitted : Fit, optional
        Coefficients and spreads; the shipped ones if left out.

    Returns
    -------
    Prediction
        Per case [unit of the row].

    Notes
    -----
    With the time of a batch known, only power is predicted; a power beside it is not used, since the two together are
    the energy. With the power alone, time is predicted. Blind, neither is read. Scopes other than the board's take the
    host and the building on top.

    References
    ----------
    MODEL.md, "Images and videos".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> row = {"model": "black-forest-labs/FLUX.1-dev", "gpu": "NVIDIA H100 80GB HBM3 (SXM)", "n_gpus": 1, "batch": 1,
    ...        "steps": 28, "height": 1024, "width": 1024, "metric": "energy_per_image", "unit": "J/image"}
    >>> made = predict(cases_from_rows([row]), given=False)
    >>> bool(2000 < made.predicted[0] < 6000)
    True
    """
    used = coefficients(FAMILY) if fitted is None else fitted
    found = used.by_name
    chips, models = ratings(cases.gpu), _models(cases)
    reasons = why_not(cases, chips, models)
    jobs = _jobs(cases, chips, models, reasons)
    blind_s = run_s(found, jobs.job, jobs.chips)
    known_s, known_w = cases.latency_s[jobs.row], cases.avg_power_w[jobs.row]
    timed, powered = given & np.isfinite(known_s), given & ~np.isfinite(known_s) & np.isfinite(known_w)
    energy = _energy_j(found, jobs, np.where(timed, known_s, blind_s))
    energy = np.where(powered, known_w * blind_s / jobs.batch, energy)
    spread = np.where(jobs.generic, used.spreads["generic"], used.spreads["blind"])
    spread = np.where(timed & ~jobs.generic, used.spreads["given"], spread)
    spread = np.where(powered & ~jobs.generic, used.spreads["power"], spread)
    scope = scope_factor([cases.scope[i] for i in jobs.row], cases.pue[jobs.row])
    # A node's host draws in proportion to the boards' limit and the time, not to what the boards draw.
    host = scope.host_share * jobs.chips * jobs.limit_w * np.where(timed, known_s, blind_s) / jobs.batch
    spread = np.hypot(spread, scope.spread)
    joule = np.array([_joule(cases.unit[i]) or np.nan for i in jobs.row])
    central = (energy + host) * scope.pue / joule
    columns = np.full((3, len(cases)), np.nan)
    columns[:, jobs.row] = central, central * 10.0**-spread, central * 10.0**spread
    faster, hotter = jobs.job.matrix_s / known_s, known_w / (jobs.chips * jobs.limit_w)
    for place, i in enumerate(jobs.row):
        if timed[place] and faster[place] > IMPOSSIBLE:
            reasons[i] = (
                f"the products alone take {faster[place]:.2g} times the latency given, at the usual share of the peak"
            )
        elif powered[place] and hotter[place] > IMPOSSIBLE:
            reasons[i] = f"avg_power_w {known_w[place]:g} is {hotter[place]:.2g} times the chips' limit"
    return prediction(columns[0], columns[1], columns[2], reasons)


def _measured(cases: Cases) -> tuple[np.ndarray, Cases, _Jobs, _Jobs]:
    """Choose the cases to fit: board scope, time and energy known. Their rows, work, and that of generic denoisers."""
    noted = with_notes(cases)
    models, chips = _models(noted), ratings(noted.gpu)
    usable = np.array([not reason for reason in why_not(noted, chips, models)], dtype=bool)
    usable &= np.array([scope in ("", "gpu", "board") for scope in noted.scope], dtype=bool)
    usable &= np.array([model is not None and not model.generic for model in models], dtype=bool)
    usable &= np.isfinite(noted.value) & np.isfinite(noted.latency_s) & np.isfinite(noted.params_active)
    some = noted.take(usable)
    chips, known = ratings(some.gpu), _models(some)
    video = [metric == "energy_per_video" for metric in some.metric]
    guessed: list[Denoiser | None] = [
        generic_denoiser(float(size), film) for size, film in zip(some.params_active, video, strict=True)
    ]
    none = [""] * len(some)
    return np.flatnonzero(usable), some, _jobs(some, chips, known, none), _jobs(some, chips, guessed, none)


def _errors(cases: Cases, jobs: _Jobs, found: Mapping[str, float]) -> dict[str, Column]:
    """Natural logarithm of predicted over measured: energy blind, time, energy with the time or the power known."""
    measured_j = cases.value * np.array([_joule(unit) for unit in cases.unit], dtype=float)
    time_s = run_s(found, jobs.job, jobs.chips)
    return {
        "blind": np.log(_energy_j(found, jobs, time_s) / measured_j),
        "time": np.log(time_s / cases.latency_s),
        "given": np.log(_energy_j(found, jobs, cases.latency_s) / measured_j),
    }


def _solve(cases: Cases, jobs: _Jobs, seen: np.ndarray) -> Solution:
    weights, names = model_weights(cases.model), groups(cases.model)

    def residuals(found: Mapping[str, float]) -> Column:
        errors = _errors(cases, jobs, found)
        parts = zip(WEIGHTS, ("blind", "time", "given"), strict=True)
        return np.concatenate([(factor * weights * errors[name])[seen] for factor, name in parts])

    clusters = [name for name, kept in zip(names, seen, strict=True) if kept] * len(WEIGHTS)
    return bounded_fit(residuals, "diffusion.bounds.", clusters, ROBUST_SCALE)


def _fit(cases: Cases, jobs: _Jobs, guessed: _Jobs, progress: Progress | None) -> tuple[Fit, list[Fit]]:
    """Fit all cases, and all without each fold."""

    def errors(found: Mapping[str, float]) -> dict[str, Column]:
        return _errors(cases, jobs, found) | {"generic": _errors(cases, guessed, found)["blind"]}

    # Energy from a known power is wrong by as much as the time is.
    named = {"blind": "blind", "given": "given", "power": "time", "generic": "generic"}

    def spreads(errors: Mapping[str, Column], judged: np.ndarray) -> dict[str, float]:
        return {kind: half_width(errors[name][judged] / np.log(10), LEVEL, WIDEN) for kind, name in named.items()}

    return fit_by_folds(FAMILY, folds(cases.model), partial(_solve, cases, jobs), errors, spreads, progress)


def fit(cases: Cases, progress: Progress | None = None) -> Fit:
    """Fit the nine coefficients to measured cases.

    Parameters
    ----------
    cases : Cases
        A table with measured values; rows of other kinds are passed over.
    progress : callable, optional
        Called with the share that is done, from 0 to 1.

    Returns
    -------
    Fit
        Coefficients, covariance, and the spreads of cases left out by model [units of `diffusion.bounds`].

    Raises
    ------
    ValueError
        If no row is a measured image or video of known time.

    Notes
    -----
    Times are read from the notes of published cases where no column states them. Rows weigh as the inverse of their
    model's number, the residual of energy with the time known twice.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> fit(cases_from_rows([{"model": "m", "gpu": "g", "metric": "energy_per_image"}]))
    Traceback (most recent call last):
    ...
    ValueError: no measured image or video of known time among 1 cases
    """
    _, some, jobs, guessed = _measured(cases)
    if not len(some):
        raise ValueError(f"no measured image or video of known time among {len(cases)} cases")
    return _fit(some, jobs, guessed, progress)[0]


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
    >>> out_of_fold(cases_from_rows([{"model": "m", "gpu": "g", "metric": "energy_per_image"}]), given=True).why_not
    ('not a case of the fit',)
    """
    row, some, jobs, guessed = _measured(cases)
    part = folds(some.model)
    by_fold = _fit(some, jobs, guessed, None)[1] if len(some) else []
    made = [(row[part == n], predict(some.take(part == n), given, fitted)) for n, fitted in enumerate(by_fold)]
    return assemble(len(cases), made, "not a case of the fit")
