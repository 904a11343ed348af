"""Every number the model uses, with its range, its source and its place in the source.

The tables are CSV files in ``efficiency/data``. ``sources.csv`` says who published a number, ``entities.csv`` names the
things that have many facts (an accelerator, a site, a training run); every other CSV file there holds records. A record
that has no source, no known unit, or whose central value lies outside its own range does not load: the error names the
file, the row and the field.

Keys are dotted. The facts of an entity start with the entity's key: ``chip.h100`` has ``chip.h100.tdp``,
``chip.h100.memory`` and so on. A cell nobody has published has no record at all.
"""

from __future__ import annotations

import csv
import difflib
import functools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from efficiency.units import UNITS

DATA_VERSION = "2026-11"
DATA_FOLDER = Path(__file__).parent / "data"

KINDS = ("defined", "measured", "reported", "estimated", "derived", "fitted", "assumed")
# A derived number is computed from other facts when it is needed. Stored, it could drift away from them.
STORED_KINDS = tuple(kind for kind in KINDS if kind != "derived")
TRUSTS = ("primary", "secondary", "unconfirmed", "own")
# Only what we decide ourselves may name ourselves as its witness.
OWN_KINDS = ("assumed", "defined", "fitted")
ENTITY_KINDS = ("chip", "system", "model", "run", "query")

SOURCES_FILE = "sources.csv"
ENTITIES_FILE = "entities.csv"
SOURCE_COLUMNS = ("key", "authors", "title", "year", "venue", "url", "licence")
ENTITY_COLUMNS = ("key", "label", "kind", "maker", "year", "note")
FACT_COLUMNS = (
    *("key", "label", "value", "low", "high", "unit"),
    *("kind", "source", "place", "year", "trust", "note"),
)


class FactError(ValueError):
    """A record that cannot be trusted, or a key that does not exist."""


@dataclass(frozen=True, slots=True)
class Source:
    """Publication that a number comes from."""

    key: str
    authors: str
    title: str
    year: int | None
    venue: str
    url: str
    licence: str


@dataclass(frozen=True, slots=True)
class Entity:
    """Named thing that has many facts; its key is the beginning of theirs."""

    key: str
    label: str
    kind: str
    maker: str
    year: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One number with its range [`unit`], where it was published and how far it was checked."""

    key: str
    label: str
    value: float
    low: float | None
    high: float | None
    unit: str
    kind: str
    sources: tuple[str, ...]
    place: str
    year: int | None
    trust: str
    note: str
    origin: str

    @property
    def si(self) -> float:
        """Central value [`si_unit`]."""
        return self.value * UNITS[self.unit][0]

    @property
    def si_low(self) -> float:
        """Low end of the range, or the central value where none is known [`si_unit`]."""
        return (self.value if self.low is None else self.low) * UNITS[self.unit][0]

    @property
    def si_high(self) -> float:
        """High end of the range, or the central value where none is known [`si_unit`]."""
        return (self.value if self.high is None else self.high) * UNITS[self.unit][0]

    @property
    def si_unit(self) -> str:
        """SI unit of `si`, `si_low` and `si_high`."""
        return UNITS[self.unit][1]

    @property
    def has_range(self) -> bool:
        """Whether low and high differ."""
        return self.si_low < self.si_high

    @property
    def is_fraction(self) -> bool:
        """Whether the quantity is a share of a whole."""
        return self.si_unit == "fraction"


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a table, able to say where it stands when it is refused."""

    origin: str
    cells: Mapping[str, str]

    def refuse(self, field: str, allowed: str) -> FactError:
        return FactError(
            f"{self.origin}: key {self.cells.get('key', '')!r}: {field} is "
            f"{self.cells.get(field, '')!r}; {allowed}"
        )

    def text(self, field: str) -> str:
        if not self.cells[field]:
            raise self.refuse(field, "it must not be empty")
        return self.cells[field]

    def choice(self, field: str, allowed: tuple[str, ...]) -> str:
        if self.cells[field] not in allowed:
            raise self.refuse(field, f"allowed: {', '.join(allowed)}")
        return self.cells[field]

    def number(self, field: str) -> float | None:
        if not self.cells[field]:
            return None
        try:
            number = float(self.cells[field])
        except ValueError:
            raise self.refuse(field, "it must be a number") from None
        if not math.isfinite(number):
            raise self.refuse(field, "it must be a finite number")
        return number

    def year(self) -> int | None:
        if not self.cells["year"]:
            return None
        if not self.cells["year"].isdigit():
            raise self.refuse("year", "it must be a year in digits, or empty")
        return int(self.cells["year"])


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[_Row]:
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.reader(stream, strict=True)
        header = tuple(next(reader, ()))
        if header != columns:
            raise FactError(
                f"{path.name}:1: columns are {','.join(header)!r}; must be {','.join(columns)!r}"
            )
        for cells in reader:
            origin = f"{path.name}:{reader.line_num}"
            if len(cells) != len(columns):
                raise FactError(f"{origin}: {len(cells)} cells; must be {len(columns)}")
            yield _Row(origin, dict(zip(columns, map(str.strip, cells), strict=True)))


def _add(table: dict, row: _Row, record) -> None:
    if record.key in table:
        raise row.refuse("key", "it is already taken")
    table[record.key] = record


def load_sources(folder: Path) -> Mapping[str, Source]:
    """Sources listed in a folder of tables, by key.

    Parameters
    ----------
    folder : Path
        Folder that holds ``sources.csv``.

    Returns
    -------
    Mapping of str to Source
        Read-only, in the order of the file.

    Raises
    ------
    FactError
        If a row is incomplete or a key appears twice.
    """
    table: dict[str, Source] = {}
    for row in _rows(folder / SOURCES_FILE, SOURCE_COLUMNS):
        plain = {name: row.text(name) for name in ("key", "authors", "title")}
        rest = {name: row.cells[name] for name in ("venue", "url", "licence")}
        _add(table, row, Source(**plain, year=row.year(), **rest))
    return MappingProxyType(table)


def load_entities(folder: Path) -> Mapping[str, Entity]:
    """Entities listed in a folder of tables, by key.

    Parameters
    ----------
    folder : Path
        Folder that holds ``entities.csv``.

    Returns
    -------
    Mapping of str to Entity
        Read-only, in the order of the file.

    Raises
    ------
    FactError
        If a row is incomplete, its kind is unknown, or a key appears twice.
    """
    table: dict[str, Entity] = {}
    for row in _rows(folder / ENTITIES_FILE, ENTITY_COLUMNS):
        entity = Entity(
            key=row.text("key"),
            label=row.text("label"),
            kind=row.choice("kind", ENTITY_KINDS),
            maker=row.cells["maker"],
            year=row.year(),
            note=row.cells["note"],
        )
        if not entity.key.startswith(f"{entity.kind}."):
            raise row.refuse("key", f"it must start with '{entity.kind}.'")
        _add(table, row, entity)
    return MappingProxyType(table)


def load_facts(folder: Path) -> Mapping[str, Fact]:
    """Facts of every record file in a folder, by key.

    Parameters
    ----------
    folder : Path
        Folder of CSV files. All but ``sources.csv`` and ``entities.csv`` are taken as record files.

    Returns
    -------
    Mapping of str to Fact
        Read-only, files in alphabetical order.

    Raises
    ------
    FactError
        If a record has no source, an unknown unit, a value outside its range, or any other defect.
    """
    known_sources = load_sources(folder)
    table: dict[str, Fact] = {}
    for path in sorted(folder.glob("*.csv")):
        if path.name not in (SOURCES_FILE, ENTITIES_FILE):
            for row in _rows(path, FACT_COLUMNS):
                _add(table, row, _fact(row, known_sources))
    return MappingProxyType(table)


def _fact(row: _Row, known_sources: Mapping[str, Source]) -> Fact:
    if row.text("unit") not in UNITS:
        raise row.refuse("unit", f"allowed: {', '.join(UNITS)}")
    named = tuple(name.strip() for name in row.text("source").split(";"))
    for name in named:
        if name not in known_sources:
            raise row.refuse("source", f"{name!r} is not a key of {SOURCES_FILE}")
    value, low, high = row.number("value"), row.number("low"), row.number("high")
    if value is None:
        raise row.refuse("value", "it must not be empty")
    if low is not None and low > value:
        raise row.refuse("low", f"it must not exceed the value {value:g}")
    if high is not None and high < value:
        raise row.refuse("high", f"it must not be below the value {value:g}")
    kind, trust = row.choice("kind", STORED_KINDS), row.choice("trust", TRUSTS)
    if trust == "own" and kind not in OWN_KINDS:
        raise row.refuse("trust", f"'own' is for the kinds {', '.join(OWN_KINDS)}")
    return Fact(
        key=row.text("key"),
        label=row.text("label"),
        value=value,
        low=low,
        high=high,
        unit=row.cells["unit"],
        kind=kind,
        sources=named,
        place=row.text("place"),
        year=row.year(),
        trust=trust,
        note=row.cells["note"],
        origin=row.origin,
    )


@functools.cache
def sources() -> Mapping[str, Source]:
    """Shipped sources, by key (read-only, loaded once)."""
    return load_sources(DATA_FOLDER)


@functools.cache
def entities() -> Mapping[str, Entity]:
    """Shipped entities, by key (read-only, loaded once)."""
    return load_entities(DATA_FOLDER)


@functools.cache
def facts() -> Mapping[str, Fact]:
    """Shipped facts, by key (read-only, loaded once)."""
    return load_facts(DATA_FOLDER)


def _look_up(table: Mapping, key: str, what: str):
    try:
        return table[key]
    except KeyError:
        near = difflib.get_close_matches(key, table, n=3, cutoff=0.5)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise FactError(f"no {what} has the key {key!r}{hint}") from None


def fact(key: str) -> Fact:
    """Shipped fact with this key.

    Parameters
    ----------
    key : str
        Dotted key, for example ``brain.power``.

    Returns
    -------
    Fact
        The record.

    Raises
    ------
    FactError
        If there is none; the message names keys that look alike.
    """
    return _look_up(facts(), key, "fact")


def source(key: str) -> Source:
    """Shipped source with this key.

    Parameters
    ----------
    key : str
        Key in ``sources.csv``, for example ``horowitz2014``.

    Returns
    -------
    Source
        The publication.

    Raises
    ------
    FactError
        If there is none; the message names keys that look alike.
    """
    return _look_up(sources(), key, "source")
