"""Published training runs: how well each used its machine, and where its FLOP count comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from efficiency import catalogue
from efficiency.facts import DATA_FOLDER, Fact, facts
from efficiency.tables import read_table

BITS: Final = 16.0
"""Utilisation is told against the peak at this width, unless a benchmark ran in another and says so."""
FLOP_PER_PARAMETER_TOKEN: Final = 6.0
_FP8: Final = frozenset({"h100_405b", "gb200_405b", "gb300_405b"})
"""Benchmarks whose rate is told against the 8-bit peak, in which they ran."""

_COLUMNS: Final = ("run", "name", "year", "chip", "what", "flop_basis", "note")

REPORTED: Final = "as reported"
HOURS: Final = "from chip-hours"
RATE: Final = "from a benchmark's rate"
GUESSED: Final = "estimated by others"

BASES: Final[Mapping[str, str]] = {
    "6nd": "6 N D",
    "counted": "counted from the layers",
    "hardware": "counted with recomputed work",
    "estimated": "estimated by others",
    "none": "not published",
}
"""Where a published FLOP count comes from; only counts can be held against 6 N D."""


@dataclass(frozen=True, slots=True)
class Run:
    """A published run and how well it used its machine.

    ``mfu_low``, ``mfu`` and ``mfu_high`` span what is published; ``mfu_from_hours`` is 6 N D over all chip-hours that
    the owner reports, lost time included, None where they are not published. ``what`` is run, benchmark, or estimate.
    """

    key: str
    name: str
    year: int
    chip: str
    what: str
    flop_basis: str
    note: str
    parameters: float
    active_parameters: float
    tokens: float | None
    flop: float | None
    chips: float | None
    chip_seconds: float | None
    mfu_low: float
    mfu: float
    mfu_high: float
    mfu_from_hours: float | None
    basis: str
    facts: tuple[str, ...]


@cache
def run_rows() -> tuple[Mapping[str, str], ...]:
    """Read what is known of runs in words: chip, kind, and where their FLOP come from.

    Returns
    -------
    tuple of Mapping of str to str
        One for each run, with the columns of the table, `flop_basis` among them [words].

    Raises
    ------
    ValueError
        If a row names a basis that is not one of `BASES`.

    Notes
    -----
    Numbers are records of their own, with keys that begin with the run's.

    References
    ----------
    `efficiency/data/utilisation/runs.csv`.

    Examples
    --------
    >>> {row["run"]: row["flop_basis"] for row in run_rows()}["opt175b"]
    'hardware'
    """
    rows = read_table(DATA_FOLDER / "utilisation" / "runs.csv", _COLUMNS)
    for row in rows:
        if row["flop_basis"] not in BASES:
            raise ValueError(f"flop_basis of {row['run']} is {row['flop_basis']!r}; allowed: {', '.join(BASES)}")
    return rows


@cache
def published_runs() -> tuple[Run, ...]:
    """List the runs and benchmarks whose utilisation is published or follows from published hours.

    Returns
    -------
    tuple of Run
        By year, then as in the table; utilisation as shares of the peak [1].

    Notes
    -----
    Disagreeing numbers are carried as a range. Where nothing is reported, utilisation is 6 N D over the chip-hours and
    the 16-bit peak; that is lower than what the owner would report, because failures and tests are in the hours.

    References
    ----------
    `efficiency/data/utilisation.csv`, `efficiency/data/training.csv`.

    Examples
    --------
    >>> found = {run.key: run for run in published_runs()}
    >>> found["gpt3"].mfu_low, found["gpt3"].mfu_high, round(found["llama31_405b"].mfu_from_hours, 3)
    (0.1966, 0.213, 0.345)
    """
    found = [run for run in map(_run, run_rows()) if run is not None]
    return tuple(sorted(found, key=lambda run: run.year))


def _record(run: str, name: str) -> Fact | None:
    """Find a run's record, or that of a run which is used here alone."""
    return facts().get(f"run.{run}.{name}") or facts().get(f"use.{run}.{name}")


def _number(run: str, name: str) -> float | None:
    record = _record(run, name)
    return None if record is None else record.si


def _run(row: Mapping[str, str]) -> Run | None:
    key, chip = row["run"], row["chip"]
    parameters = _number(key, "parameters")
    if row["what"] == "aside" or parameters is None:
        return None
    active = _number(key, "active_parameters") or parameters
    tokens, hours = _number(key, "tokens"), _number(key, "chip_hours")
    from_hours = None
    if tokens and hours and chip and row["what"] == "run":
        from_hours = FLOP_PER_PARAMETER_TOKEN * active * tokens / (hours * catalogue.chip(chip).peak_per_s[BITS])
    spread = _spread(row, from_hours)
    if spread is None:
        return None
    low, central, high, basis = spread
    used = tuple(name for name in facts() if name.startswith((f"run.{key}.", f"use.{key}.")))
    return Run(
        key, row["name"], int(row["year"]), chip, row["what"], row["flop_basis"], row["note"], parameters, active,
        tokens, _number(key, "flop"), _number(key, "chips"), hours, low, central, high, from_hours, basis,
        used,
    )  # fmt: skip


def _spread(row: Mapping[str, str], from_hours: float | None) -> tuple[float, float, float, str] | None:
    key = row["run"]
    reported: Fact | None = _record(key, "mfu")
    if reported is not None:
        return (
            reported.si_low,
            reported.si,
            reported.si_high,
            GUESSED if row["what"] == "estimate" else REPORTED,
        )
    rate = _number(key, "rate")
    if rate is not None:
        share = rate / catalogue.chip(row["chip"]).peak_per_s[8.0 if key in _FP8 else BITS]
        return share, share, share, RATE
    return None if from_hours is None else (from_hours, from_hours, from_hours, HOURS)


def published_run(key: str) -> Run:
    """Find a published run.

    Parameters
    ----------
    key : str
        Its short key.

    Returns
    -------
    Run
        With its utilisation [1].

    Raises
    ------
    ValueError
        If there is none; the message lists those that there are.

    Notes
    -----
    Aside stand runs without hours, and those whose hours belong to something else.

    References
    ----------
    `published_runs`.

    Examples
    --------
    >>> published_run("palm").mfu
    0.462
    """
    known = {run.key: run for run in published_runs()}
    if key not in known:
        raise ValueError(f"run is {key!r}; allowed: {', '.join(known)}")
    return known[key]
