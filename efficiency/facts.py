"""Every number the model uses, with its range, its source and its place in the source.

The tables are CSV files in ``efficiency/data``. ``sources.csv`` says who published a number,
``entities.csv`` names the things that have many facts (an accelerator, a site, a training run);
every other CSV file there holds records. A record that has no source, no known unit, or whose
central value lies outside its own range does not load: the error names the file, the row and the
field.

Keys are dotted. The facts of an entity start with the entity's key: ``chip.h100`` has
``chip.h100.tdp``, ``chip.h100.memory`` and so on. A cell nobody has published has no record.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from efficiency.own import EntitiesBehind, FactsBehind, SourcesBehind
from efficiency.records import (
    ENTITY_KINDS,
    KINDS,
    STORED_KINDS,
    TRUSTS,
    Entity,
    Fact,
    FactError,
    Source,
)
from efficiency.tables import load_entities, load_facts, load_sources

__all__ = [
    "DATA_FOLDER",
    "DATA_VERSION",
    "ENTITY_KINDS",
    "KINDS",
    "STORED_KINDS",
    "TRUSTS",
    "Entity",
    "Fact",
    "FactError",
    "Source",
    "entities",
    "fact",
    "facts",
    "load_entities",
    "load_facts",
    "load_sources",
    "source",
    "sources",
]

DATA_VERSION = "2026-11"
DATA_FOLDER = Path(__file__).parent / "data"

Record = TypeVar("Record", Source, Entity, Fact)


@functools.cache
def sources() -> Mapping[str, Source]:
    """Give the shipped sources.

    Returns
    -------
    Mapping of str to Source
        By key; read-only.

    Notes
    -----
    Loaded once, on the first call.

    References
    ----------
    `efficiency/data`.

    Examples
    --------
    >>> sources()["horowitz2014"].year
    2014
    """
    return SourcesBehind(load_sources(DATA_FOLDER))


@functools.cache
def entities() -> Mapping[str, Entity]:
    """Give the shipped entities.

    Returns
    -------
    Mapping of str to Entity
        By key; read-only.

    Notes
    -----
    Loaded once, on the first call.

    References
    ----------
    `efficiency/data`.

    Examples
    --------
    >>> entities()["chip.h100"].maker
    'NVIDIA'
    """
    return EntitiesBehind(load_entities(DATA_FOLDER))


@functools.cache
def facts() -> Mapping[str, Fact]:
    """Give the shipped facts.

    Returns
    -------
    Mapping of str to Fact
        By key; read-only.

    Notes
    -----
    Loaded once, on the first call. It also answers for things that a visitor brought, and never lists them; see
    `efficiency.own`.

    References
    ----------
    `efficiency/data`.

    Examples
    --------
    >>> facts()["brain.power"].value
    20.0
    """
    return FactsBehind(load_facts(DATA_FOLDER))


def _look_up(table: Mapping[str, Record], key: str, what: str) -> Record:
    try:
        return table[key]
    except KeyError:
        near = difflib.get_close_matches(key, table, n=3, cutoff=0.5)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise FactError(f"no {what} has the key {key!r}{hint}") from None


def fact(key: str) -> Fact:
    """Find a shipped fact.

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

    Notes
    -----
    The same as ``facts()[key]``, with a message that helps who mistyped.

    References
    ----------
    `efficiency/data`.

    Examples
    --------
    >>> fact("brain.power").value, fact("brain.power").unit
    (20.0, 'W')
    """
    return _look_up(facts(), key, "fact")


def source(key: str) -> Source:
    """Find a shipped source.

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

    Notes
    -----
    The same as ``sources()[key]``, with a message that helps who mistyped.

    References
    ----------
    `efficiency/data/sources.csv`.

    Examples
    --------
    >>> source("horowitz2014").year
    2014
    """
    return _look_up(sources(), key, "source")
