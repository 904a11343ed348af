"""Fitted coefficients: written by calibration, read by the models that use them.

Values are facts of kind "fitted" in ``fitted.csv``, with their 5 and 95 % points; covariance, spreads and the date of
each fit stand in the folder ``fitted`` beside it. The bounds that a coefficient was fitted in are facts too: those of
``FAMILY.bounds.NAME``, whose central value is where the fit starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from efficiency.cases import table_text
from efficiency.facts import DATA_FOLDER, Fact, FactError, facts
from efficiency.tables import FACT_COLUMNS, read_table
from efficiency.units import UNITS

Progress = Callable[[float], None]
"""Told the share that is done, from 0 to 1."""

FAMILIES: Final = ("serving", "diffusion", "training")
RECORDS: Final = "fitted.csv"
COVARIANCE_COLUMNS: Final = ("family", "name", "other", "covariance")
SPREAD_COLUMNS: Final = ("family", "class", "value")
FIT_COLUMNS: Final = ("family", "data_version", "date", "cases")
AT_BOUND: Final = 1e-3
"""A coefficient nearer to its bound than this share of the range is at it."""
_NORMAL_95: Final = 1.6449


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Coefficients of one family, how sure they are, and how far cases scatter around them.

    Attributes
    ----------
    family : str
        One of `FAMILIES`.
    names : tuple of str
        Coefficients, each with bounds among the facts.
    values, standard_errors : ndarray, shape (k,) [SI unit of the bounds]
        Estimates; the error of a coefficient at its bound is 0.
    covariance : ndarray, shape (k, k) [products of these units]
        Of the estimates.
    spreads : mapping of str to float
        By class of case, half-widths of the 90 % interval as decimal logarithms, and what else the family keeps [1].
    data_version : str
        Version of the facts used.
    date : str
        Day of the fit, year first.
    cases : int
        Rows fitted.
    """

    family: str
    names: tuple[str, ...]
    values: npt.NDArray[np.float64]
    standard_errors: npt.NDArray[np.float64]
    covariance: npt.NDArray[np.float64]
    spreads: Mapping[str, float]
    data_version: str
    date: str
    cases: int

    @property
    def by_name(self) -> Mapping[str, float]:
        """Values by name [SI unit of the bounds]."""
        return MappingProxyType(dict(zip(self.names, map(float, self.values), strict=True)))


def bounds(family: str) -> Mapping[str, Fact]:
    """Give the ranges that a family's coefficients may take.

    Parameters
    ----------
    family : str
        One of `FAMILIES`.

    Returns
    -------
    Mapping of str to Fact
        By coefficient: low and high, and the start of the fit as the central value.

    Notes
    -----
    They are physical bounds of our choice, within which the fit is free. What is published of the same quantity stands
    in records of its own, ``literature.FAMILY.NAME``, which no fit sees; where nothing is, the bound says so.

    References
    ----------
    `efficiency/data/serving.csv` and its like, keys with ``.bounds.``; `efficiency/data/literature.csv`.

    Examples
    --------
    >>> bounds("serving")["memory_energy"].unit
    'pJ/bit'
    """
    start = f"{family}.bounds."
    return MappingProxyType({k.removeprefix(start): v for k, v in facts().items() if k.startswith(start)})


@cache
def coefficients(family: str, folder: Path = DATA_FOLDER) -> Fit:
    """Read the coefficients of a family.

    Parameters
    ----------
    family : str
        One of `FAMILIES`.
    folder : Path, optional
        Where `write` put them.

    Returns
    -------
    Fit
        As calibrated [SI units].

    Raises
    ------
    FactError
        If the family has not been calibrated there.

    Notes
    -----
    Read once, on the first call.

    References
    ----------
    `efficiency/data/fitted.csv`.

    Examples
    --------
    >>> coefficients("serving").date > "2026"
    True
    """
    start = f"fitted.{family}."
    path = folder / RECORDS
    rows = [row for row in _rows(path, FACT_COLUMNS) if row["key"].startswith(start)]
    told = [row for row in _rows(folder / "fitted" / "fits.csv", FIT_COLUMNS) if row["family"] == family]
    if not rows or not told:
        raise FactError(f"{path.name}: no coefficients of {family!r}; `python -m efficiency calibrate` makes them")
    names = tuple(row["key"].removeprefix(start) for row in rows)
    place = {name: i for i, name in enumerate(names)}
    covariance = np.zeros((len(names), len(names)))
    for row in _rows(folder / "fitted" / "covariance.csv", COVARIANCE_COLUMNS):
        if row["family"] == family:
            i, j = place[row["name"]], place[row["other"]]
            covariance[i, j] = covariance[j, i] = float(row["covariance"])
    return Fit(
        family=family,
        names=names,
        values=np.array([float(row["value"]) * UNITS[row["unit"]][0] for row in rows]),
        standard_errors=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        spreads=MappingProxyType(
            {
                row["class"]: float(row["value"])
                for row in _rows(folder / "fitted" / "spreads.csv", SPREAD_COLUMNS)
                if row["family"] == family
            }
        ),
        data_version=told[0]["data_version"],
        date=told[0]["date"],
        cases=int(told[0]["cases"]),
    )


def write(fits: Sequence[Fit], folder: Path) -> tuple[Path, ...]:
    """Store fits as facts and tables.

    Parameters
    ----------
    fits : sequence of Fit
        One per family; families not among them keep what is stored.
    folder : Path
        Folder of the facts.

    Returns
    -------
    tuple of Path
        The files written [values in the units of the bounds].

    Raises
    ------
    FactError
        If a coefficient has no bounds among the facts.

    Notes
    -----
    Low and high are the 5 and 95 % points of a normal distribution, cut at the bounds. A coefficient at a bound has no
    such points; its note says so and its bounds' record gives the reason.

    References
    ----------
    MODEL.md, "How the error is measured".

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as there:
    ...     paths = write([coefficients("serving")], Path(there))
    ...     again = coefficients("serving", Path(there))
    >>> again.names == coefficients("serving").names
    True
    """
    new = {fit.family for fit in fits}
    tables = folder / "fitted"
    tables.mkdir(parents=True, exist_ok=True)
    ordered = sorted(fits, key=lambda fit: fit.family)
    contents: dict[Path, tuple[tuple[str, ...], list[list[str]]]] = {
        folder / RECORDS: (FACT_COLUMNS, [row for fit in ordered for row in _records(fit)]),
        tables / "covariance.csv": (
            COVARIANCE_COLUMNS,
            [
                [fit.family, fit.names[i], fit.names[j], f"{fit.covariance[i, j]:.9g}"]
                for fit in ordered
                for i in range(len(fit.names))
                for j in range(i + 1)
            ],
        ),
        tables / "spreads.csv": (
            SPREAD_COLUMNS,
            [[fit.family, name, f"{value:.6g}"] for fit in ordered for name, value in fit.spreads.items()],
        ),
        tables / "fits.csv": (
            FIT_COLUMNS,
            [[fit.family, fit.data_version, fit.date, str(fit.cases)] for fit in ordered],
        ),
    }
    for path, (columns, rows) in contents.items():
        kept = [
            [row[name] for name in columns]
            for row in _rows(path, columns)
            if (row["key"].split(".")[1] if "key" in row else row["family"]) not in new
        ]
        path.write_text(table_text(columns, sorted(kept + rows, key=lambda row: row[0].split(".")[:2])), "utf-8")
    coefficients.cache_clear()
    return tuple(contents)


def at_bound(value: float, record: Fact) -> bool:
    """Say whether a coefficient is at an end of its range.

    Parameters
    ----------
    value : float
        The coefficient [SI unit of the record].
    record : Fact
        Its bounds.

    Returns
    -------
    bool
        Whether it is.

    Notes
    -----
    Nearer than `AT_BOUND` of the range.

    References
    ----------
    None.

    Examples
    --------
    >>> record = bounds("serving")["memory_energy"]
    >>> at_bound(record.si_high, record), at_bound(record.si, record)
    (True, False)
    """
    near = AT_BOUND * (record.si_high - record.si_low)
    return not record.si_low + near < value < record.si_high - near


def _records(fit: Fit) -> list[list[str]]:
    ranges = bounds(fit.family)
    rows = []
    for name, value, error in zip(fit.names, fit.values, fit.standard_errors, strict=True):
        if name not in ranges:
            raise FactError(f"coefficient {name!r} has no bounds: no fact is called {fit.family}.bounds.{name}")
        record = ranges[name]
        factor = UNITS[record.unit][0]
        low = max(value - _NORMAL_95 * error, min(record.si_low, value)) / factor
        high = min(value + _NORMAL_95 * error, max(record.si_high, value)) / factor
        note = f"Fitted between {record.low:g} and {record.high:g}"
        if at_bound(float(value), record):
            note += ", and at an end of this range"
        number, ends = f"{value / factor:.6g}", ["", ""]
        if error > 0:
            # Rounding must not put the value outside its own range.
            ends = [f"{min(low, float(number)):.6g}", f"{max(high, float(number)):.6g}"]
        place = f"fit of {fit.cases} cases, {fit.date}"
        name_and_value = [f"fitted.{fit.family}.{name}", record.label, number, *ends, record.unit]
        rows.append([*name_and_value, "fitted", "own_fit", place, fit.date[:4], "own", note])
    return rows


def _rows(path: Path, columns: tuple[str, ...]) -> tuple[Mapping[str, str], ...]:
    return read_table(path, columns) if path.is_file() else ()
