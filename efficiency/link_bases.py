"""What short links start from, and what each version of the data changed."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl

from efficiency.facts import DATA_FOLDER, DATA_VERSION
from efficiency.tables import read_table

FOLDER: Final = DATA_FOLDER / "link"
BASE_COLUMNS: Final = ("base", "parameter", "setting")
VERSION_COLUMNS: Final = ("version", "changed")
DATA_PARAMETER: Final = "dv"
DATA_VERSIONS: Final = re.compile(r"20\d\d-\d\d", re.ASCII)
"""How a version of the data is written."""
LONGEST_READ: Final = 8000
NEWEST: Final = "1"
"""The base that new short links start from."""


@functools.cache
def bases() -> Mapping[str, Mapping[str, str]]:
    """Give the settings that short links start from.

    Returns
    -------
    Mapping of str to Mapping of str to str
        Number of the base to parameter to setting [as a link spells it]; read-only.

    Notes
    -----
    A base is all settings of one day, as links of its version spell them. It is never changed: short links that were
    given out lean on it. A setting that came later is spelled out, so a new base is needed only when links get long.

    References
    ----------
    MODEL.md, The link.

    Examples
    --------
    >>> bases()["1"]["chip"]
    'h100'
    """
    table: dict[str, dict[str, str]] = {}
    for row in read_table(FOLDER / "bases.csv", BASE_COLUMNS):
        table.setdefault(row["base"], {})[row["parameter"]] = row["setting"]
    return MappingProxyType({name: MappingProxyType(settings) for name, settings in table.items()})


@functools.cache
def versions() -> Mapping[str, str]:
    """Give the versions of the data with what each changed.

    Returns
    -------
    Mapping of str to str
        Version to one sentence, oldest first; read-only.

    Notes
    -----
    Every version that was ever served stands here.

    References
    ----------
    `efficiency/data/link/versions.csv`.

    Examples
    --------
    >>> list(versions())[0]
    '2026-11'
    """
    return MappingProxyType(
        {row["version"]: row["changed"] for row in read_table(FOLDER / "versions.csv", VERSION_COLUMNS)}
    )


def changes_since(version: str) -> str:
    """Say what the versions after one changed.

    Parameters
    ----------
    version : str
        As in a link.

    Returns
    -------
    str
        Their sentences; empty where the version is not known or is the newest.

    Notes
    -----
    A version that is not known may be of another server with newer data, so nothing is guessed.

    References
    ----------
    `versions`.

    Examples
    --------
    >>> changes_since("2026-11")
    ''
    """
    known = list(versions())
    if version not in known:
        return ""
    return " ".join(f"{name}: {versions()[name]}" for name in known[known.index(version) + 1 :])


def data_notice(query: str) -> str:
    """Say what changed since a link was made with older data.

    Parameters
    ----------
    query : str
        As in `efficiency.link.decode`.

    Returns
    -------
    str
        One or two plain sentences; empty where the link names today's data, or none.

    Notes
    -----
    Not among the notices of `efficiency.link.decode`: the settings of such a link are read as they were meant, so a
    program need not refuse it.

    References
    ----------
    `efficiency/data/link/versions.csv`.

    Examples
    --------
    >>> data_notice("v=1&dv=2026-11"), data_notice("v=1")
    ('', '')
    >>> data_notice("v=1&dv=2026-01")
    'The link was made with data 2026-01; the numbers here are those of data 2026-11.'
    """
    made = dict(reversed(parse_qsl(query[:LONGEST_READ].lstrip("?"), errors="replace"))).get(DATA_PARAMETER, "")
    if made == DATA_VERSION or not DATA_VERSIONS.fullmatch(made):
        return ""
    said = f"The link was made with data {made}; the numbers here are those of data {DATA_VERSION}."
    since = changes_since(made)
    return f"{said} What changed since: {since}" if since else said
