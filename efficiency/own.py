"""Chips, systems and models that a visitor brings: read from a table, kept in memory only, never among the facts.

A thing's key is a hash of all that it holds under a secret of this process: equal things share a key, different ones
never do, and nobody who meets a key in an address can try numbers until they fit. The facts can be asked for such a key
but never list it. This module holds no thing itself: it is gone when the last session that brought it is.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

from efficiency.records import Entity, Fact, Source

BEGINNING: Final = "own_"
"""How the keys of own things begin."""
SOURCE: Final = Source("yours", "You", "A table of your own, in this session only", None, "", "", "")
LABEL: Final = "your "

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Own:
    """One thing that a visitor brought.

    Attributes
    ----------
    kind : str
        ``chip``, ``system`` or ``model``.
    key : str
        From `key_of`.
    entity : Entity
        Its name, marked as the visitor's.
    facts : Mapping of str to Fact
        By dotted key.
    """

    kind: str
    key: str
    entity: Entity
    facts: Mapping[str, Fact]


_SECRET: Final = secrets.token_bytes(32)
_THINGS: Final[WeakValueDictionary[str, Own]] = WeakValueDictionary()
_LOCK: Final = threading.Lock()


def key_of(contents: str) -> str:
    """Name a thing by what it holds.

    Parameters
    ----------
    contents : str
        All of it, in a fixed order.

    Returns
    -------
    str
        ``own_`` and 32 hexadecimal digits.

    Notes
    -----
    A keyed hash (BLAKE2b), another one in every process.

    References
    ----------
    MODEL.md, Things of your own; RFC 7693.

    Examples
    --------
    >>> key_of("one") == key_of("one"), key_of("one") == key_of("other")
    (True, False)
    """
    return BEGINNING + hashlib.blake2b(contents.encode(), key=_SECRET, digest_size=16).hexdigest()


def register(thing: Own) -> Own:
    """Make a thing known to this process, for as long as somebody holds what is returned.

    Parameters
    ----------
    thing : Own
        From `efficiency.own_table.read_own`.

    Returns
    -------
    Own
        The one that answers for this key: an equal one, if it is known already [in the units given].

    Notes
    -----
    Whoever brings what another session has brought already shares it, so neither loses it when the other goes.

    References
    ----------
    MODEL.md, Things of your own.

    Examples
    --------
    >>> from efficiency.own_table import read_own, template
    >>> thing = register(read_own(template())[0][0])
    >>> find(thing.entity.key) is thing
    True
    """
    with _LOCK:
        return _THINGS.setdefault(thing.entity.key, thing)


def find(key: str) -> Own | None:
    """Find a thing.

    Parameters
    ----------
    key : str
        Kind and key, as in ``chip.own_0123456789abcdef``.

    Returns
    -------
    Own or None
        None where nobody has brought it, or all who have are gone.

    Notes
    -----
    Safe in any thread; the facts of a thing never change.

    References
    ----------
    MODEL.md, Things of your own.

    Examples
    --------
    >>> find("chip.h100") is None
    True
    """
    return _THINGS.get(key)


def is_own(key: str) -> bool:
    """Tell whether a short key is that of an own thing.

    Parameters
    ----------
    key : str
        As in a `Scenario`.

    Returns
    -------
    bool
        True even where the thing is not known.

    Notes
    -----
    The system ``own`` is a count of chips, not a thing that was brought.

    References
    ----------
    MODEL.md, Things of your own.

    Examples
    --------
    >>> is_own("own_0123456789abcdef"), is_own("own"), is_own("h100")
    (True, False, False)
    """
    return key.startswith(BEGINNING)


class _Behind(Mapping[str, Record]):
    """A table that also answers for own things, and lists its own rows only."""

    __slots__ = ("_table",)

    def __init__(self, table: Mapping[str, Record]) -> None:
        self._table = table

    def __getitem__(self, key: str) -> Record:
        try:
            return self._table[key]
        except KeyError:
            found = self._own(key)
            if found is None:
                raise
            return found

    def __contains__(self, key: object) -> bool:
        return key in self._table or (isinstance(key, str) and self._own(key) is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def _own(self, key: str) -> Record | None:
        raise NotImplementedError


class FactsBehind(_Behind[Fact]):
    """The facts, and those of own things."""

    __slots__ = ()

    def _own(self, key: str) -> Fact | None:
        if f".{BEGINNING}" not in key:
            return None
        thing = find(key.rpartition(".")[0])
        return None if thing is None else thing.facts.get(key)


class EntitiesBehind(_Behind[Entity]):
    """The entities, and own things."""

    __slots__ = ()

    def _own(self, key: str) -> Entity | None:
        thing = find(key)
        return None if thing is None else thing.entity


class SourcesBehind(_Behind[Source]):
    """The sources, and the visitor."""

    __slots__ = ()

    def _own(self, key: str) -> Source | None:
        return SOURCE if key == SOURCE.key else None


class Labels(dict[str, str]):
    """Short keys of a kind with their labels, which also answers for own things of that kind."""

    def __init__(self, kind: str, labels: Mapping[str, str]) -> None:
        super().__init__(labels)
        self.kind = kind

    def __missing__(self, key: str) -> str:
        thing = find(f"{self.kind}.{key}")
        if thing is None:
            raise KeyError(key)
        return thing.entity.label

    def get(self, key: str, default: Any = None) -> Any:
        """Give a label, or something else.

        Parameters
        ----------
        key : str
            Short key.
        default : object
            What is given where no such thing is known.

        Returns
        -------
        str
            The label, or the default.

        Notes
        -----
        A dict's own ``get`` would not see own things.

        References
        ----------
        MODEL.md, Things of your own.

        Examples
        --------
        >>> Labels("chip", {"h100": "H100"}).get("own_unheard_of", "none")
        'none'
        """
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or (isinstance(key, str) and find(f"{self.kind}.{key}") is not None)
