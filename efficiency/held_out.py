"""Predictions of cases by a fit that had not seen them.

A fit looks better on the rows it was made from. Calibration therefore leaves out models in turn, predicts their rows
from the others, and stores what came out; only these predictions are compared with measurements.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from efficiency.cases import Cases, Column, table_text
from efficiency.facts import DATA_FOLDER
from efficiency.predict import MODEL_OF_METRIC, blind_step_s, predict
from efficiency.prediction import Prediction
from efficiency.published_notes import DIRECT_CURRENT, with_notes

FITTED_FOLDER: Final = DATA_FOLDER / "fitted"
FILE: Final = "out_of_fold.csv"
MODES: Final = ("given", "blind")
ENDS: Final = ("", "_low", "_high")
STEP: Final = "blind_step_s"
COLUMNS: Final = ("fit", "id", "job", "beside", "value", *(f"{mode}{end}" for mode in MODES for end in ENDS), STEP)
# A value is written with six digits.
SAME_VALUE: Final = 1e-5
# What a blind prediction may look at, and what only one with something given may.
JOB_TEXTS: Final = ("model", "weights_format", "gpu", "engine", "metric", "scope")
JOB_NUMBERS: Final = (
    *("params_total", "params_active", "weight_bits", "n_gpus", "tensor_parallel", "batch", "input_tokens"),
    *("output_tokens", "steps", "height", "width", "frames", "train_tokens", "train_flop", "pue"),
)
BESIDE_NUMBERS: Final = ("tokens_per_s", "avg_power_w", "latency_s", "hours", "chip_hours")


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
    A row is one of the fit's if its name, its measured value and its whole configuration are: who changes the batch of
    a row asks about another job. All others are predicted as they come.

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
    stored, mode = _stored(cases, given, folder), MODES[0 if given else 1]
    columns = {name: getattr(now, name).copy() for name in ("predicted", "low", "high")}
    known = np.zeros(len(cases), dtype=bool)
    for i, row in enumerate(stored):
        centre = _number(row, mode)
        known[i] = bool(not now.why_not[i] and centre > 0)
        if known[i]:
            # A table without ends takes the interval's shape from the prediction of today.
            for column, end in zip(columns, ENDS, strict=True):
                ratio = columns[column][i] / now.predicted[i]
                stated = _number(row, f"{mode}{end}")
                columns[column][i] = stated if stated > 0 else centre * ratio
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
    for i, row in enumerate(_stored(cases, False, folder)):
        stated = _number(row, STEP)
        if stated > 0:
            step_s[i] = stated
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
    Cases that could not be predicted have empty cells. Rows of families that have no case here stay as they are stored:
    who fits images anew has not fitted serving anew.

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
    fits = [MODEL_OF_METRIC.get(metric, "") for metric in cases.metric]
    jobs, beside = configurations(cases)
    rows = [
        [*texts, *(f"{x:.6g}" if np.isfinite(x) else "" for x in row)]
        for texts, *row in zip(zip(fits, cases.id, jobs, beside, strict=True), *numbers, strict=True)
    ]
    stored = _table(folder).values()
    kept = [[row.get(name, "") for name in COLUMNS] for row in stored if row.get("fit", "") not in fits]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    path.write_text(table_text(COLUMNS, sorted(kept + rows, key=lambda row: row[0])), encoding="utf-8")
    _table.cache_clear()
    return path


def configurations(cases: Cases) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give short names of what each case is, by which it is known again.

    Parameters
    ----------
    cases : Cases
        A table of cases.

    Returns
    -------
    jobs, beside : tuple of str
        Of all that a blind prediction may look at; and of the times, speeds and powers measured beside it [text].

    Notes
    -----
    The first ten digits of a hash of texts in small letters (but for the unit: mJ is not MJ) and numbers to nine
    digits. Times and sizes that stand in the note of a published case count as if they had columns.

    References
    ----------
    FIPS 180-4, SHA-256.

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> job = {"model": "a", "gpu": "H100", "metric": "energy_per_request", "batch": 8}
    >>> (one, again, other), _ = configurations(cases_from_rows([job, job | {"batch": "8.0"}, job | {"batch": 9}]))
    >>> one == again, one == other
    (True, False)
    """
    noted = with_notes(cases)
    texts = [[text.lower() for text in getattr(noted, name)] for name in JOB_TEXTS]
    texts.append(list(noted.unit))
    texts.append([DIRECT_CURRENT if DIRECT_CURRENT in note else "" for note in noted.note])
    jobs, beside = (
        [[f"{x:.9g}" if np.isfinite(x) else "" for x in getattr(noted, name)] for name in names]
        for names in (JOB_NUMBERS, BESIDE_NUMBERS)
    )
    return _short([*texts, *jobs], len(cases)), _short(beside, len(cases))


def _short(columns: Sequence[Sequence[str]], count: int) -> tuple[str, ...]:
    rows = ("\n".join(column[i] for column in columns) for i in range(count))
    return tuple(hashlib.sha256(row.encode()).hexdigest()[:10] for row in rows)


def _stored(cases: Cases, given: bool, folder: Path) -> list[Mapping[str, str]]:
    """Give what is stored of each row, nothing where the row is no case of the fit."""
    table = _table(folder)
    if not table:
        return [{}] * len(cases)
    found: list[Mapping[str, str]] = []
    for name, value, job, beside in zip(cases.id, cases.value, *configurations(cases), strict=True):
        row = table.get(name, {})
        same = row.get("job") == job and (row.get("beside") == beside or not given)
        found.append(row if same and abs(_number(row, "value") / value - 1) < SAME_VALUE else {})
    return found


def _number(row: Mapping[str, str], name: str) -> float:
    return float(row.get(name) or "nan")


@cache
def _table(folder: Path) -> Mapping[str, Mapping[str, str]]:
    path = folder / FILE
    if not path.is_file():
        return MappingProxyType({})
    with path.open(newline="", encoding="utf-8") as stream:
        return MappingProxyType({row["id"]: row for row in csv.DictReader(stream)})
