"""Reading and refusing: CSV tables in, records out.

Whatever is wrong with a row is reported with the file, the row, the key, the field, what stands
there and what is allowed, because the person who meets the message is editing that table.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from efficiency.records import (
    ENTITY_KINDS,
    OWN_KINDS,
    STORED_KINDS,
    TRUSTS,
    Entity,
    Fact,
    FactError,
    Source,
)
from efficiency.units import UNITS

SOURCES_FILE = "sources.csv"
ENTITIES_FILE = "entities.csv"
SOURCE_COLUMNS = ("key", "authors", "title", "year", "venue", "url", "licence")
ENTITY_COLUMNS = ("key", "label", "kind", "maker", "year", "note")
FACT_COLUMNS = (
    *("key", "label", "value", "low", "high", "unit"),
    *("kind", "source", "place", "year", "trust", "note"),
)

Record = TypeVar("Record", Source, Entity, Fact)


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a table, able to say where it stands when it is refused."""

    origin: str
    cells: Mapping[str, str]

    def refuse(self, field: str, allowed: str) -> FactError:
        return FactError(
            f"{self.origin}: key {self.cells.get('key', '')!r}: {field} is {self.cells.get(field, '')!r}; {allowed}"
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
            raise FactError(f"{path.name}:1: columns are {','.join(header)!r}; must be {','.join(columns)!r}")
        for cells in reader:
            origin = f"{path.name}:{reader.line_num}"
            if len(cells) != len(columns):
                raise FactError(f"{origin}: {len(cells)} cells; must be {len(columns)}")
            yield _Row(origin, dict(zip(columns, map(str.strip, cells), strict=True)))


def _by_key(records: Iterable[tuple[_Row, Record]]) -> Mapping[str, Record]:
    table: dict[str, Record] = {}
    for row, record in records:
        if record.key in table:
            raise row.refuse("key", "it is already taken")
        table[record.key] = record
    return MappingProxyType(table)


def read_table(path: Path, columns: tuple[str, ...]) -> tuple[Mapping[str, str], ...]:
    """Read a table that is not one of records.

    Parameters
    ----------
    path : Path
        A CSV file.
    columns : tuple of str
        Its columns, in order.

    Returns
    -------
    tuple of Mapping of str to str
        One mapping of column to cell per row [as the file has it].

    Raises
    ------
    FactError
        If the header or the number of cells of a row is another.

    Notes
    -----
    Cells are stripped of surrounding blanks and otherwise left as they are.

    References
    ----------
    `efficiency/data`.

    Examples
    --------
    >>> from efficiency.facts import DATA_FOLDER
    >>> read_table(DATA_FOLDER / "sources.csv", SOURCE_COLUMNS)[0]["key"] != ""
    True
    """
    return tuple(row.cells for row in _rows(path, columns))


def load_sources(folder: Path) -> Mapping[str, Source]:
    """Read the sources listed in a folder of tables.

    Parameters
    ----------
    folder : Path
        Folder that holds ``sources.csv``.

    Returns
    -------
    Mapping of str to Source
        By key; read-only, in the order of the file.

    Raises
    ------
    FactError
        If a row is incomplete or a key appears twice.

    Notes
    -----
    A venue, an address, a licence or a year may be unknown; who published it may not.

    References
    ----------
    `efficiency/data/sources.csv`.

    Examples
    --------
    >>> from efficiency.facts import DATA_FOLDER
    >>> load_sources(DATA_FOLDER)["horowitz2014"].year
    2014
    """
    return _by_key((row, _source(row)) for row in _rows(folder / SOURCES_FILE, SOURCE_COLUMNS))


def _source(row: _Row) -> Source:
    return Source(
        key=row.text("key"),
        authors=row.text("authors"),
        title=row.text("title"),
        year=row.year(),
        venue=row.cells["venue"],
        url=row.cells["url"],
        licence=row.cells["licence"],
    )


def load_entities(folder: Path) -> Mapping[str, Entity]:
    """Read the entities listed in a folder of tables.

    Parameters
    ----------
    folder : Path
        Folder that holds ``entities.csv``.

    Returns
    -------
    Mapping of str to Entity
        By key; read-only, in the order of the file.

    Raises
    ------
    FactError
        If a row is incomplete, its kind is unknown, or a key appears twice.

    Notes
    -----
    A key begins with its kind, so that the facts of an entity are found by their beginning.

    References
    ----------
    `efficiency/data/entities.csv`.

    Examples
    --------
    >>> from efficiency.facts import DATA_FOLDER
    >>> load_entities(DATA_FOLDER)["chip.h100"].kind
    'chip'
    """
    return _by_key((row, _entity(row)) for row in _rows(folder / ENTITIES_FILE, ENTITY_COLUMNS))


def _entity(row: _Row) -> Entity:
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
    return entity


def load_facts(folder: Path) -> Mapping[str, Fact]:
    """Read the facts of every record file in a folder.

    Parameters
    ----------
    folder : Path
        Folder of CSV files. All but ``sources.csv`` and ``entities.csv`` hold records.

    Returns
    -------
    Mapping of str to Fact
        By key; read-only, files in alphabetical order.

    Raises
    ------
    FactError
        If a record has no source, an unknown unit, a value outside its range, or any other defect.

    Notes
    -----
    One bad record stops them all: a number that cannot be trusted is not left out in silence.

    References
    ----------
    `efficiency/data`.

    Examples
    --------
    >>> from efficiency.facts import DATA_FOLDER
    >>> load_facts(DATA_FOLDER)["brain.power"].sources
    ('balasubramanian2021',)
    """
    known_sources = load_sources(folder)
    paths = [path for path in sorted(folder.glob("*.csv")) if path.name not in (SOURCES_FILE, ENTITIES_FILE)]
    return _by_key((row, _fact(row, known_sources)) for path in paths for row in _rows(path, FACT_COLUMNS))


def load_side_table(path: Path, known_sources: Mapping[str, Source]) -> Mapping[str, Fact]:
    """Read a file of records that stands apart from the others.

    Parameters
    ----------
    path : Path
        CSV file with the columns of a record file.
    known_sources : Mapping of str to Source
        The sources its records may cite.

    Returns
    -------
    Mapping of str to Fact
        By key; read-only, in the order of the file.

    Raises
    ------
    FactError
        As `load_facts`.

    Notes
    -----
    For hundreds of records that only one module reads, so that start-up does not wait for them.

    References
    ----------
    `efficiency/data`.

    Examples
    --------
    >>> from efficiency.facts import DATA_FOLDER, sources
    >>> table = load_side_table(DATA_FOLDER / "architectures" / "denoisers.csv", sources())
    >>> table["denoiser.flux.1.layers"].value
    57.0
    """
    return _by_key((row, _fact(row, known_sources)) for row in _rows(path, FACT_COLUMNS))


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
