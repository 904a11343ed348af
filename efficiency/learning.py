"""What learning costs: a person's years of learning against published training runs, per run and per user served."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from efficiency.cases import cases_from_rows
from efficiency.facts import Fact, entities, fact, facts
from efficiency.sampling import Range, range_around, sample, sample_scale
from efficiency.stratified import stratified_normals
from efficiency.training_runs import predict

PERSONS: Final[Mapping[str, str]] = MappingProxyType({"brain": "brain.power", "body": "brain.power_whole_body"})
"""Whose power a person's learning is charged with, and its record."""
YEARS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "learning": "brain.learning_years",
        "school": "learning.school_years",
        "anchor": "learning.anchor_years",
        "life": "learning.life_years",
    }
)
"""How long a person learns, and its record."""
BOOKKEEPING: Final = "bookkeeping"
HOW: Final[Mapping[str, str]] = MappingProxyType(
    {
        BOOKKEEPING: "bookkeeping: power limit of the chips times their hours, no meter",
        "epoch": "Epoch’s power of the facility times time",
        "authors": "estimate of its authors",
        "owner": "reported by its owner",
    }
)
"""How a published energy came about."""
SAMPLES: Final = 1024
MOST_USERS: Final = 1e10


@dataclass(frozen=True, slots=True)
class Published:
    """A published energy of a run [J] with its range, how it came about (a key of `HOW`), and its sources."""

    energy_j: float
    low_j: float
    high_j: float
    how: str
    sources: tuple[str, ...]
    trust: str


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A named training run.

    Attributes
    ----------
    key, label, maker : str
        Short key, name, and who trained it.
    year : int
        When it was published.
    energy_j : Range
        At the facility's meter, predicted, with its 90 % interval [J].
    basis : str
        ``"time"`` where the hours of its chips are known, ``"flop"`` where only its arithmetic is.
    published : Published or None
        What was said of it.
    facts : tuple of str
        Keys of the records behind the prediction.
    """

    key: str
    label: str
    maker: str
    year: int
    energy_j: Range
    basis: str
    published: Published | None
    facts: tuple[str, ...]


def lifetime_j(person: str = "brain", years: str = "learning", samples: int = SAMPLES) -> Range:
    """Energy that a person spends while learning.

    Parameters
    ----------
    person : {"brain", "body"}
        The brain's glucose, or the whole resting body.
    years : {"learning", "school", "anchor", "life"}
        How long.
    samples : int
        Draws for the range [1].

    Returns
    -------
    Range
        5 %, central and 95 % [J].

    Raises
    ------
    ValueError
        For another person or time.

    Notes
    -----
    The adult's power for all years; at five, the brain takes twice that (Kuzawa et al.).

    References
    ----------
    `efficiency/data/brain.csv`, `efficiency/data/learning.csv`.

    Examples
    --------
    >>> found = lifetime_j()
    >>> [round(energy / 3.6e9, 1) for energy in (found.low, found.central, found.high)]
    [2.2, 3.5, 5.6]
    """
    power, time = _of("person", PERSONS, person), _of("years", YEARS, years)
    normals = stratified_normals(samples, 3)
    drawn = sample(power, normals[:, 0]) * sample(time, normals[:, 1])
    return range_around(power.si * time.si, drawn)


def _of(name: str, table: Mapping[str, str], key: str) -> Fact:
    if key not in table:
        raise ValueError(f"{name} is {key!r}; allowed: {', '.join(table)}")
    return fact(table[key])


@functools.cache
def training_runs() -> tuple[TrainingRun, ...]:
    """List the named runs whose chips are known.

    Returns
    -------
    tuple of TrainingRun
        By energy, the largest first [J].

    Notes
    -----
    Each is predicted at the facility's meter, from the hours of its chips where they are published and from its
    arithmetic where not. The building is taken as an unnamed one, whatever the owner says.

    References
    ----------
    `efficiency/data/training.csv`; `efficiency.training_runs`.

    Examples
    --------
    >>> training_runs()[0].label
    'Grok 3'
    """
    table, found = facts(), []
    keys = [key for key, entity in entities().items() if entity.kind == "run" and _chip(key) is not None]
    rows = [_row(key) for key in keys]
    made = predict(cases_from_rows(rows), given=True)
    for i, key in enumerate(keys):
        if made.why_not[i]:
            continue
        entity = entities()[key]
        used = tuple(f"{key}.{name}" for name in _FIELDS if f"{key}.{name}" in table)
        found.append(
            TrainingRun(
                key.removeprefix("run."),
                entity.label,
                entity.maker,
                entity.year or 0,
                Range(*(float(column[i]) for column in (made.low, made.predicted, made.high))),
                "time" if f"{key}.chip_hours" in table else "flop",
                _published(key),
                (*used, f"chip.{_chip(key)}.tdp", "pue.default"),
            )
        )
    return tuple(sorted(found, key=lambda run: -run.energy_j.central))


_FIELDS: Final = ("chip_hours", "flop", "parameters", "active_parameters", "tokens")


def _chip(key: str) -> str | None:
    name, _, chip = entities()[key].note.partition(";")[0].strip().partition("=")
    return chip if name == "chip" and f"chip.{chip}" in entities() else None


def _row(key: str) -> dict[str, str]:
    """State a run as a case to be predicted, in joules at the facility's meter."""
    table = facts()

    def number(name: str, per: float = 1.0) -> str:
        record = table.get(f"{key}.{name}")
        return "" if record is None else repr(record.si / per)

    return {
        "id": key,
        "model": entities()[key].label,
        "gpu": entities()[f"chip.{_chip(key)}"].label,
        "metric": "energy_per_training_run",
        "unit": "J",
        "scope": "facility",
        "chip_hours": number("chip_hours", 3600.0),
        "train_flop": number("flop"),
        "train_tokens": number("tokens"),
        "params_active": number("active_parameters") or number("parameters"),
    }


def _published(key: str) -> Published | None:
    record = facts().get(f"{key}.energy")
    if record is None:
        return None
    if "TDP x hours" in record.note:
        how = BOOKKEEPING
    elif record.note.startswith("Epoch"):
        how = "epoch"
    else:
        how = "authors" if record.kind == "estimated" else "owner"
    return Published(record.si, record.si_low, record.si_high, how, record.sources, record.trust)


def run_named(key: str) -> TrainingRun:
    """Find a named run.

    Parameters
    ----------
    key : str
        Short key.

    Returns
    -------
    TrainingRun
        With its energy [J].

    Raises
    ------
    ValueError
        If there is none; the message lists all.

    Notes
    -----
    Only those of `training_runs`.

    References
    ----------
    `efficiency/data/training.csv`.

    Examples
    --------
    >>> run_named("gpt3").basis
    'time'
    """
    for run in training_runs():
        if run.key == key:
            return run
    raise ValueError(f"run is {key!r}; allowed: {', '.join(run.key for run in training_runs())}")


def in_lifetimes(
    energy_j: Range, users: float = 1.0, person: str = "brain", years: str = "learning", samples: int = SAMPLES
) -> Range:
    """Energy of a run for each of its users, over what a person spends while learning.

    Parameters
    ----------
    energy_j : Range
        Of the whole run, 5 %, central and 95 % [J].
    users : float
        People who share it, at least 1 [people].
    person, years : str
        As in `lifetime_j`.
    samples : int
        Draws for the range [1].

    Returns
    -------
    Range
        5 %, central and 95 % [lifetimes].

    Raises
    ------
    ValueError
        For another person or time, or for users outside 1 to 1e10.

    Notes
    -----
    Sharing a run is what copies of a model allow and brains do not; serving them costs extra.

    References
    ----------
    MODEL.md, Learning.

    Examples
    --------
    >>> round(in_lifetimes(Range(1e13, 1e13, 1e13)).central, 1)
    792.2
    """
    if not 1.0 <= users <= MOST_USERS:
        raise ValueError(f"users is {users!r}; allowed: 1 to {MOST_USERS:g}")
    power, time = _of("person", PERSONS, person), _of("years", YEARS, years)
    normals = stratified_normals(samples, 3)
    drawn = sample_scale(*energy_j, normals[:, 2]) / (sample(power, normals[:, 0]) * sample(time, normals[:, 1]))
    return range_around(energy_j.central / (power.si * time.si) / users, drawn / users)
