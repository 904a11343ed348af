"""What a stored number is: a fact, its source, and the thing it is about.

`efficiency.facts` reads these from the tables. They are kept apart because the model, the pages and
the exports need to know the records, and only the loader needs to know the files.
"""

from __future__ import annotations

from dataclasses import dataclass

from efficiency.units import UNITS

KINDS = ("defined", "measured", "reported", "estimated", "derived", "fitted", "assumed")
# A derived number is computed from other facts when it is needed. Stored, it could drift from them.
STORED_KINDS = tuple(kind for kind in KINDS if kind != "derived")
TRUSTS = ("primary", "secondary", "unconfirmed", "own")
# Only what we decide ourselves may name ourselves as its witness.
OWN_KINDS = ("assumed", "defined", "fitted")
ENTITY_KINDS = ("chip", "system", "model", "run", "query")


class FactError(ValueError):
    """A record that cannot be trusted, or a key that does not exist."""


@dataclass(frozen=True, slots=True)
class Source:
    """Publication that a number comes from.

    Attributes
    ----------
    key : str
        Short name that facts cite.
    authors, title, venue, url, licence : str
        As published; venue, url and licence are empty where unknown.
    year : int or None
        Year of publication; None where the page carries none.
    """

    key: str
    authors: str
    title: str
    year: int | None
    venue: str
    url: str
    licence: str


@dataclass(frozen=True, slots=True)
class Entity:
    """Named thing that has many facts; its key is the beginning of theirs.

    Attributes
    ----------
    key : str
        Kind and name, for example ``chip.h100``, whose facts are ``chip.h100.tdp`` and so on.
    label : str
        Name as shown.
    kind : str
        One of `ENTITY_KINDS`.
    maker : str
        Who built, ran or published it; may be empty.
    year : int or None
        Year of introduction.
    note : str
        Remark. For a system or a run it begins with ``chip=NAME;`` where its accelerator is in
        the table of chips.
    """

    key: str
    label: str
    kind: str
    maker: str
    year: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One number with its range, where it was published and how far it was checked.

    Attributes
    ----------
    key : str
        Dotted name.
    label : str
        The same in plain words.
    value, low, high : float
        Central value and range [`unit`]; low and high are None where no range is known.
    unit : str
        One of the keys of `efficiency.units.UNITS`.
    kind : str
        One of `KINDS`: how the number came about.
    sources : tuple of str
        Keys of the publications, the one that states the central value first.
    place : str
        Table, page, section or abstract in the source.
    year : int or None
        Year the number holds for, or was published.
    trust : str
        ``primary``: seen in the source's own text or data set. ``secondary``: seen quoted
        elsewhere. ``unconfirmed``: widely quoted, not yet seen. ``own``: decided here.
    note : str
        What a reader must know to use it.
    origin : str
        File and row it was read from.
    """

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
