"""Calibration: fit every family to measured cases, and store coefficients and what they predict of unseen models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from efficiency import diffusion, serving, training_runs
from efficiency.cases import Cases, Column
from efficiency.coefficients import Fit, bounds, write
from efficiency.grouped_fit import FOLDS, groups
from efficiency.held_out import write_held_out
from efficiency.prediction import Prediction, assemble
from efficiency.serving_jobs import METRICS as SERVING_METRICS
from efficiency.stored_pairs import write_pairs
from efficiency.units import UNITS

Report = Callable[[float, str], None]
"""Told the share that is done, from 0 to 1, and what is being done."""

_WORDS: Final = {"serving": "serving", "diffusion": "images and videos", "training": "training runs"}
# Shares of the time that the families take.
LEAST_CASES: Final = {"serving": 100, "diffusion": 50, "training": 30}
"""Cases below which a family is not fitted: several for each of its coefficients."""
LEAST_MODELS: Final = FOLDS
"""Models below which it is not: one for each part that is left out in turn."""
_UNTIL: Final = {"serving": 0.25, "diffusion": 0.9, "training": 1.0}

Made = tuple[Fit, Prediction, Prediction, Column]
"""Fit, predictions of models left out (given and blind), and their blind step times [s]."""


def calibrate(cases: Cases, folder: Path, progress: Report | None = None) -> str:
    """Fit the coefficients of all families anew and store them.

    Parameters
    ----------
    cases : Cases
        A table with measured values.
    folder : Path
        Folder of the facts: ``fitted.csv`` and the folder ``fitted`` are written there.
    progress : callable, optional
        Called with the share that is done, from 0 to 1, and what is being done.

    Returns
    -------
    str
        Coefficients with their standard errors [unit of each], and the errors on models left out, as text.

    Raises
    ------
    ValueError
        If no family has cases enough to be fitted.

    Notes
    -----
    A family without measured cases in the table, or with too few of them, keeps the coefficients and the stored
    predictions that it has: a fit to a handful of rows is worse than the one it would replace, and none of its errors
    could be measured on models left out.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> calibrate(cases_from_rows([{"model": "m", "gpu": "g", "metric": "energy_per_request"}]), Path("nowhere"))
    Traceback (most recent call last):
    ...
    ValueError: nothing is fitted: no measured case of serving, diffusion or training among 1 cases
    """
    made: dict[str, Made] = {}
    kept: list[str] = []
    begun = 0.0
    for family, (metrics, run) in _FAMILIES.items():

        def tell(share: float, family: str = family, begun: float = begun) -> None:
            if progress is not None:
                progress(begun + share * (_UNTIL[family] - begun), f"fitting {_WORDS[family]}")

        rows = np.flatnonzero(np.isin(cases.metric, metrics) & np.isfinite(cases.value))
        few = _too_few(family, rows.size, [cases.model[i] for i in rows])
        if rows.size and not few:
            tell(0.0)
            try:
                found = run(cases, tell)
                seen = np.flatnonzero(np.isfinite(found[1].predicted) | np.isfinite(found[2].predicted))
                few = _too_few(family, found[0].cases, [cases.model[i] for i in seen])
                if not few:
                    made[family] = found
            except ValueError as error:
                if not str(error).startswith("no measured"):
                    raise
                few = _too_few(family, 0, [])
        if rows.size and few:
            kept.append(few)
        begun = _UNTIL[family]
    if not made:
        none = f"no measured case of serving, diffusion or training among {len(cases)} cases"
        raise ValueError(f"nothing is fitted: {'; '.join(kept) or none}")
    write([fit for fit, *_ in made.values()], folder)
    given = _together([known for _, known, _, _ in made.values()])
    blind = _together([unknown for _, _, unknown, _ in made.values()])
    step_s = made["serving"][3] if "serving" in made else np.full(len(cases), np.nan)
    rows = np.flatnonzero(np.isfinite(given.predicted) | np.isfinite(blind.predicted))
    write_held_out(cases.take(rows), _part(given, rows), _part(blind, rows), folder / "fitted", step_s[rows])
    write_pairs(cases, given, blind, folder / "fitted")
    if progress is not None:
        progress(1.0, "done")
    return "\n\n".join([*(_text(family, *one[:3], cases.value) for family, one in made.items()), *kept])


def _too_few(family: str, count: int, models: list[str]) -> str:
    """Say that there are too few cases to fit a family, if so."""
    apart = len(set(groups(models)))
    if count >= LEAST_CASES[family] and apart >= LEAST_MODELS:
        return ""
    return (
        f"{_WORDS[family]} kept as it was: {count} usable {'case' if count == 1 else 'cases'} of {apart} "
        f"{'model' if apart == 1 else 'models'}, needed are {LEAST_CASES[family]} of {LEAST_MODELS}"
    )


def _serving(cases: Cases, tell: Callable[[float], None]) -> Made:
    found = serving.cross_validate(cases, tell)
    given, blind = (
        assemble(len(cases), [(found.rows, prediction)], "not a case of the fit")
        for prediction in (found.given, found.blind)
    )
    step_s = np.full(len(cases), np.nan)
    step_s[found.rows] = found.step_s
    return found.fitted, given, blind, step_s


def _diffusion(cases: Cases, tell: Callable[[float], None]) -> Made:
    fitted = diffusion.fit(cases, lambda share: tell(share / 3))
    given = diffusion.out_of_fold(cases, True)
    tell(2 / 3)
    return fitted, given, diffusion.out_of_fold(cases, False), np.full(len(cases), np.nan)


def _training(cases: Cases, tell: Callable[[float], None]) -> Made:
    fitted = training_runs.fit(cases, tell)
    given, blind = (training_runs.out_of_fold(cases, known) for known in (True, False))
    return fitted, given, blind, np.full(len(cases), np.nan)


_FAMILIES: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Cases, Callable[[float], None]], Made]]]] = {
    "serving": (SERVING_METRICS, _serving),
    "diffusion": (diffusion.METRICS, _diffusion),
    "training": (training_runs.METRICS, _training),
}


def _together(parts: list[Prediction]) -> Prediction:
    """Join predictions of the whole table of which each has some of the rows."""
    rows = [np.flatnonzero(np.isfinite(part.predicted)) for part in parts]
    chosen = [(which, _part(part, which)) for which, part in zip(rows, parts, strict=True)]
    return assemble(len(parts[0]), chosen, "not a case of the fit")


def _part(prediction: Prediction, rows: np.ndarray) -> Prediction:
    return Prediction(
        predicted=prediction.predicted[rows],
        low=prediction.low[rows],
        high=prediction.high[rows],
        why_not=tuple(prediction.why_not[i] for i in rows),
    )


def _text(family: str, fitted: Fit, given: Prediction, blind: Prediction, measured: Column) -> str:
    lines = [f"{_WORDS[family]}: {fitted.cases} cases"]
    ranges = bounds(family)
    for name, value, error in zip(fitted.names, fitted.values, fitted.standard_errors, strict=True):
        unit = ranges[name].unit
        factor = UNITS[unit][0]
        spread = f"± {error / factor:.2g}" if error > 0 else "at its bound"
        lines.append(f"  {name:<22} {value / factor:>10.4g} {spread:<13} {unit}")
    for mode, prediction in (("given", given), ("blind", blind)):
        error = np.abs(np.log10(prediction.predicted / measured))
        if np.isfinite(error).any():
            lines.append(f"  {mode}, models left out: median |log10 error| {np.nanmedian(error):.3f}")
    return "\n".join(lines)
