"""Which publication a measured case comes from, for tables of numbers that leave the program."""

from __future__ import annotations

import functools
from typing import Final

from efficiency.cases import MEASURED_FILE
from efficiency.tables import read_table

_FILE: Final = MEASURED_FILE.with_name("sources.csv")


def case_source(words: str) -> str:
    """Give the key of the publication that a table of cases names in words.

    Parameters
    ----------
    words : str
        What stands in the column ``source`` of `efficiency/data/measured/cases.csv`.

    Returns
    -------
    str
        Key of `efficiency/data/sources.csv`; empty for words of a table that did not come with the program.

    Notes
    -----
    Words name a table or an edition too, so their beginning decides, and of two the longer.

    References
    ----------
    `efficiency/data/measured/sources.csv`.

    Examples
    --------
    >>> case_source("Samsi et al. 2023, From Words to Watts")
    'samsi2023'
    """
    begun = (beginning for beginning in beginnings() if words.startswith(beginning))
    return beginnings().get(max(begun, key=len, default=""), "")


@functools.cache
def beginnings() -> dict[str, str]:
    """Give the key of each source by how it begins in a table of cases.

    Returns
    -------
    dict of str to str
        In the order of the table.

    Notes
    -----
    Read once.

    References
    ----------
    `efficiency/data/measured/sources.csv`.

    Examples
    --------
    >>> beginnings()["Strubell et al. 2019"]
    'strubell2019'
    """
    return {row["begins"]: row["source"] for row in read_table(_FILE, ("begins", "source"))}
