"""The pairs of all published cases, which come with the program though not all of the cases do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from efficiency.cases import Cases, table_text
from efficiency.held_out import FITTED_FOLDER
from efficiency.lever_pairs import Pair, pairs
from efficiency.prediction import Prediction
from efficiency.tables import read_table

PAIRS_FILE: Final = "lever_pairs.csv"
_STORED_TEXTS: Final = (
    *("lever", "model", "other_model", "chip", "engine", "before", "after", "source", "job", "metric"),
)
_STORED_NUMBERS: Final = ("batch", "measured", "chips", "predicted", "low", "high")
_GIVEN: Final = ("given", "given_low", "given_high")
PAIR_COLUMNS: Final = (*_STORED_TEXTS, *_STORED_NUMBERS, *_GIVEN, "before_row", "after_row")


def write_pairs(cases: Cases, given: Prediction, blind: Prediction, folder: Path) -> Path:
    """Store the pairs of a table with what is predicted of them.

    Parameters
    ----------
    cases : Cases
        A table with measured values.
    given, blind : Prediction
        What fits predict for its rows that had not seen them, with the measured speed and without.
    folder : Path
        Folder to write in.

    Returns
    -------
    Path
        The file [ratios, 1].

    Notes
    -----
    Pairs of quantities that the table does not hold stay as they are stored, as in `held_out.write_held_out`.

    References
    ----------
    MODEL.md, "Levers against measurement".

    Examples
    --------
    >>> import tempfile
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.prediction import nothing
    >>> cases = cases_from_rows([{"model": "a", "gpu": "b", "metric": "c"}])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_pairs(cases, nothing(1, "no"), nothing(1, "no"), Path(folder)).name
    'lever_pairs.csv'
    """
    known = {pair.rows: pair for pair in pairs(cases, given)}
    made = [(pair, known[pair.rows]) for pair in pairs(cases, blind) if pair.rows in known]
    rows = [
        [
            *(getattr(pair, name) for name in _STORED_TEXTS),
            *(f"{getattr(pair, name):.6g}" for name in _STORED_NUMBERS),
            *(f"{x:.6g}" for x in (also.predicted, also.low, also.high)),
            *(str(row) for row in pair.rows),
        ]
        for pair, also in made
    ]
    path = folder / PAIRS_FILE
    metrics = set(cases.metric)
    stored = read_table(path, PAIR_COLUMNS) if path.is_file() else ()
    kept = [[row[name] for name in PAIR_COLUMNS] for row in stored if row["metric"] not in metrics]
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(table_text(PAIR_COLUMNS, kept + rows), encoding="utf-8")
    return path


@cache
def shipped_pairs(given: bool = False) -> tuple[Pair, ...]:
    """Give the pairs of all published cases that the fits were made from, predicted by fits that had not seen them.

    Parameters
    ----------
    given : bool, optional
        Use the measured speed; otherwise the configuration alone is known.

    Returns
    -------
    tuple of Pair
        Ratios of energy, after over before [1].

    Notes
    -----
    They come with the program, though not all of the cases do. Read once.

    References
    ----------
    `efficiency/data/fitted/lever_pairs.csv`, written by `write_pairs`.

    Examples
    --------
    >>> sorted({pair.lever for pair in shipped_pairs()})
    ['batch', 'experts', 'precision']
    """
    return tuple(_read(row, given) for row in read_table(FITTED_FOLDER / PAIRS_FILE, PAIR_COLUMNS))


def _read(row: Mapping[str, str], given: bool) -> Pair:
    texts: dict[str, Any] = {name: row[name] for name in _STORED_TEXTS}
    numbers: dict[str, Any] = {name: float(row[name]) for name in _STORED_NUMBERS}
    if given:
        numbers |= {name: float(row[known]) for name, known in zip(("predicted", "low", "high"), _GIVEN, strict=True)}
    return Pair(**texts, **numbers, rows=(int(row["before_row"]), int(row["after_row"])))
