"""The tables of the Sources page: every record with its range and source, and every source."""

from __future__ import annotations

import functools

import pandas as pd

from efficiency.catalogue import labels
from efficiency.derived import records
from efficiency.facts import Fact, source, sources
from efficiency.gap import Gap
from efficiency.provenance import facts_behind
from efficiency.say import power_of_ten
from efficiency.words import NAMES
from ui.answers import rung_fact_keys

_TRUST_WORDS = {
    "primary": "seen at the source",
    "secondary": "seen quoted elsewhere",
    "unconfirmed": "unconfirmed",
    "own": "our own choice",
}


@functools.cache
def _fixed_columns() -> pd.DataFrame:
    rows = [
        {
            "What": record.label,
            "Value": number(record.value),
            "Range": range_words(record),
            "Unit": "" if record.unit in ("1", "x") else record.unit,
            "Kind": record.kind,
            "Checked": _TRUST_WORDS[record.trust],
            "Source": "; ".join(citation(key) for key in record.sources),
            "Link": next((url for url in map(address_of, record.sources) if url), None),
            "Place": record.place,
            "Year": record.year,
            "Note": record.note,
            "Key": record.key,
        }
        for record in records().values()
    ]
    frame = pd.DataFrame(rows)
    frame["Year"] = frame["Year"].astype("Int64")
    frame["_text"] = (
        frame[["What", "Kind", "Checked", "Source", "Place", "Note", "Key", "Unit"]]
        .agg(" ".join, axis=1)
        .str.casefold()
    )
    return frame


def number(value: float) -> str:
    """Say a record's number as it was published, powers of ten where digits would not fit a column.

    >>> number(20.0), number(1.5e14), number(30829.0), number(0.0)
    ('20', '1.5 × 10¹⁴', '30,829', '0')
    """
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        return f"{value:,.10g}"
    mantissa, _, exponent = f"{value:.4e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')} × {power_of_ten(10.0 ** int(exponent))}"


def range_words(record: Fact) -> str:
    """Say a record's range; one side alone says which."""
    if record.low is not None and record.high is not None:
        return f"{number(record.low)} to {number(record.high)}"
    if record.low is not None:
        return f"at least {number(record.low)}"
    return f"at most {number(record.high)}" if record.high is not None else ""


def citation(key: str) -> str:
    """Name a source in short: authors, title, year."""
    found = source(key)
    authors = found.authors.split(";")
    who = authors[0].strip() + (" et al." if len(authors) > 1 else "")
    return ", ".join(part for part in (who, found.title, str(found.year or "")) if part)


def address_of(key: str) -> str | None:
    """Return a source's web address, a DOI or arXiv number made into one; None where it has none."""
    url = source(key).url
    if url.startswith(("http://", "https://")):
        return url
    if url.startswith("10."):
        return f"https://doi.org/{url}"
    if url.casefold().startswith("arxiv:"):
        return f"https://arxiv.org/abs/{url[6:]}"
    return None


def used_by(gap: Gap) -> dict[str, str]:
    """Say for each record which yardsticks and figures of the scenario lean on it."""
    found: dict[str, list[str]] = {}
    for yardstick in gap.yardsticks:
        for key in yardstick.facts:
            found.setdefault(key, []).append(NAMES[yardstick.key])
    for key in facts_behind("ledger", gap.scenario):
        found.setdefault(key, []).append("Ledger")
    for key in (*rung_fact_keys(), *(f"system.{name}.power" for name in labels("system"))):
        found.setdefault(key, []).append("Ladder")
    for key, record in records().items():
        if record.kind == "derived":
            names = {n for parent in _parents(record) for n in found.get(parent, ())}
            found[key] = [*found.get(key, ()), *(n for n in (*NAMES.values(), "Ledger") if n in names)]
    return {key: ", ".join(dict.fromkeys(names)) for key, names in found.items() if names}


def _parents(record: Fact) -> list[str]:
    return record.note.removeprefix("From ").split(", ")


def record_table(gap: Gap, find: str, only_used: bool) -> pd.DataFrame:
    """List the records that hold every word searched for, those that the scenario leans on first."""
    frame = _fixed_columns()
    used = frame["Key"].map(used_by(gap)).fillna("")
    keep = pd.Series(data=True, index=frame.index)
    haystack = frame["_text"] + " " + used.str.casefold()
    for word in find.casefold().split():
        keep &= haystack.str.contains(word, regex=False)
    if only_used:
        keep &= used != ""
    shown = frame.drop(columns="_text")
    shown.insert(0, "Used by", used)
    return shown[keep].sort_values("Used by", key=lambda column: column == "", kind="stable")


@functools.cache
def source_table() -> pd.DataFrame:
    """List the sources with the number of records that come from each."""
    counts: dict[str, int] = {}
    for record in records().values():
        for key in record.sources:
            counts[key] = counts.get(key, 0) + 1
    return pd.DataFrame(
        [
            {
                "Source": found.title,
                "Authors": found.authors,
                "Year": found.year,
                "Where": found.venue,
                "Link": address_of(key),
                "Licence": found.licence,
                "Records": counts.get(key, 0),
            }
            for key, found in sources().items()
        ]
    ).astype({"Year": "Int64"})
