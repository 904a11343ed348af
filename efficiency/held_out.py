"""Predictions of cases by a fit that had not seen them.

A fit looks better on the rows it was made from. Calibration therefore leaves out models in turn, predicts their rows
from the others, and stores what came out; only these predictions are compared with measurements.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from efficiency.cases import Cases, Column, table_text
from efficiency.facts import DATA_FOLDER
from efficiency.predict import blind_step_s, predict
from efficiency.prediction import Prediction

FITTED_FOLDER: Final = DATA_FOLDER / "fitted"
FILE: Final = "out_of_fold.csv"
MODES: Final = ("given", "blind")
ENDS: Final = ("", "_low", "_high")
STEP: Final = "blind_step_s"
COLUMNS: Final = ("id", "value", *(f"{mode}{end}" for mode in MODES for end in ENDS), STEP)
# A value is written with six digits.
SAME_VALUE: Final = 1e-5


def held_out(cases: Cases, given: bool, folder: Path = FITTED_FOLDER) -> tuple[Prediction, np.ndarray]:
    """Predict cases by fits that had not seen them, as far as the fit's own cases are concerned.

    Parameters
    ----------
    cases : Cases
        A table with measured values.
    given : bool
        Whether throughput, latency and power may be used.
    folder : Path, optional
        Where calibration wrote.

    Returns
    -------
    Prediction
        Per row [unit of the row].
    ndarray of bool, shape (n,)
        Whether the row was a case of the fit, and its prediction is the stored one [1].

    Notes
    -----
    A row is one of the fit's if its name and its measured value are. All others are predicted as they come: the fit has
    not seen them.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> cases = cases_from_rows([{"model": "HPL", "gpu": "NVIDIA H100", "metric": "gflops_per_watt"}])
    >>> made, stored = held_out(cases, given=True)
    >>> bool(stored[0])
    False
    """
    now = predict(cases, given)
    stored, mode = _table(folder), MODES[0 if given else 1]
    columns = {name: getattr(now, name).copy() for name in ("predicted", "low", "high")}
    known = np.zeros(len(cases), dtype=bool)
    for i, (name, value) in enumerate(zip(cases.id, cases.value, strict=True)):
        row = stored.get(name)
        if not row or now.why_not[i] or not row.get(mode, 0) > 0:
            continue
        known[i] = bool(abs(row.get("value", value) / value - 1) < SAME_VALUE)
        if known[i]:
            # A table without ends takes the interval's shape from the prediction of today.
            for column, end in zip(columns, ENDS, strict=True):
                ratio = columns[column][i] / now.predicted[i]
                columns[column][i] = row.get(f"{mode}{end}", np.nan)
                if not columns[column][i] > 0:
                    columns[column][i] = row[mode] * ratio
    return Prediction(**columns, why_not=now.why_not), known


def held_out_step_s(cases: Cases, folder: Path = FITTED_FOLDER) -> Column:
    """Predict blind how long a step of serving takes, by fits that had not seen the fit's own cases.

    Parameters
    ----------
    cases : Cases
        A table of cases.
    folder : Path, optional
        Where calibration wrote.

    Returns
    -------
    ndarray, shape (n,)
        Time in which every sequence gains a token [s]; NaN where there is none or it is not predicted.

    Notes
    -----
    A row is one of the fit's as in `held_out`.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> cases = cases_from_rows([{"model": "HPL", "gpu": "NVIDIA H100", "metric": "gflops_per_watt"}])
    >>> bool(held_out_step_s(cases)[0] > 0)
    False
    """
    step_s = blind_step_s(cases)
    stored = _table(folder)
    for i, (name, value) in enumerate(zip(cases.id, cases.value, strict=True)):
        row = stored.get(name)
        if row and abs(row.get("value", value) / value - 1) < SAME_VALUE and row.get(STEP, 0) > 0:
            step_s[i] = row[STEP]
    return step_s


def write_held_out(
    cases: Cases, given: Prediction, blind: Prediction, folder: Path, step_s: Column | None = None
) -> Path:
    """Store what fits predict for cases that they had not seen.

    Parameters
    ----------
    cases : Cases
        The cases of the fit, with their measured values.
    given, blind : Prediction
        What was predicted for each by the fit without its model.
    folder : Path
        Folder to write in.
    step_s : ndarray, shape (n,), optional
        Likewise predicted times of a step, blind [s].

    Returns
    -------
    Path
        The file [table in the units of the rows].

    Notes
    -----
    Cases that could not be predicted have empty cells.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> import tempfile
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.prediction import nothing
    >>> cases = cases_from_rows([{"model": "a", "gpu": "b", "metric": "c"}])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_held_out(cases, nothing(1, "no"), nothing(1, "no"), Path(folder)).name
    'out_of_fold.csv'
    """
    steps = np.full(len(cases), np.nan) if step_s is None else step_s
    numbers = [cases.value, given.predicted, given.low, given.high, blind.predicted, blind.low, blind.high, steps]
    rows = [
        [name, *(f"{x:.6g}" if np.isfinite(x) else "" for x in row)]
        for name, *row in zip(cases.id, *numbers, strict=True)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    path.write_text(table_text(COLUMNS, rows), encoding="utf-8")
    _table.cache_clear()
    return path


@cache
def _table(folder: Path) -> Mapping[str, dict[str, float]]:
    path = folder / FILE
    if not path.is_file():
        return MappingProxyType({})
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return MappingProxyType(
        {
            row["id"]: {name: float(cell) if cell else np.nan for name, cell in row.items() if name != "id"}
            for row in rows
        }
    )
