"""The tables of the Sources page: every record with its range and source, and every source."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import pandas as pd

from efficiency.architectures import architecture_records
from efficiency.case_sources import case_source
from efficiency.cases import MEASURED_FILE, read_cases
from efficiency.catalogue import labels
from efficiency.denoisers import denoiser_records
from efficiency.derived import records
from efficiency.facts import Fact, source, sources
from efficiency.gap import Gap
from efficiency.own import SOURCE, Own
from efficiency.provenance import facts_behind
from efficiency.records import Source
from efficiency.say import power_of_ten
from efficiency.words import NAMES
from ui.answers import rung_fact_keys

_TRUST_WORDS = {
    "primary": "seen at the source",
    "secondary": "seen quoted elsewhere",
    "unconfirmed": "unconfirmed",
    "own": "our own choice",
}


YOURS: Final = "yours, not checked"


@functools.cache
def _fixed_columns() -> pd.DataFrame:
    return _columns(records().values())


def _columns(found: Iterable[Fact]) -> pd.DataFrame:
    rows = [
        {
            "What": record.label,
            "Value": number(record.value),
            "Range": range_words(record),
            "Unit": "" if record.unit in ("1", "x") else record.unit,
            "Kind": "yours" if record.sources == (SOURCE.key,) else record.kind,
            "Checked": YOURS if record.sources == (SOURCE.key,) else _TRUST_WORDS[record.trust],
            "Source": "; ".join(citation(key) for key in record.sources),
            "Link": next((url for url in map(address_of, record.sources) if url), None),
            "Place": record.place,
            "Year": record.year,
            "Note": record.note,
            "Key": record.key,
        }
        for record in found
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


USED: Final = "used:"
"""Words of a search that begin so hold only against `users`: ``used:compute``, ``used:ledger``, ``used:any``."""
USER_NAMES: Final = {**NAMES, "ledger": "Ledger", "ladder": "Ladder"}
GROUP_NAMES: Final = {"yardsticks": "the eight yardsticks", "any": "the figures"}


def users(gap: Gap) -> dict[str, tuple[str, ...]]:
    """List for each yardstick, the ledger and the ladder the records that it leans on."""
    ladder = (*rung_fact_keys(), *(f"system.{name}.power" for name in labels("system")))
    return {
        **{yardstick.key: yardstick.facts for yardstick in gap.yardsticks},
        "ledger": facts_behind("ledger", gap.scenario),
        "ladder": tuple(dict.fromkeys(ladder)),
    }


def used_by(gap: Gap) -> dict[str, str]:
    """Say for each record in use which yardsticks and figures of the scenario lean on it."""
    found: dict[str, list[str]] = {}
    for user, keys in users(gap).items():
        for key in keys:
            found.setdefault(key, []).append(USER_NAMES[user])
    return {key: ", ".join(names) for key, names in found.items()}


def named_user(find: str) -> str | None:
    """Say whose records a search is for, if it is for those that something uses.

    >>> named_user("used:synapse"), named_user("used:any"), named_user("synapse"), named_user("used:nonsense")
    ('Synaptic event', 'the figures', None, None)
    """
    if not find.casefold().startswith(USED):
        return None
    return (USER_NAMES | GROUP_NAMES).get(find.casefold().removeprefix(USED))


def record_table(gap: Gap, find: str, brought: Iterable[Own] = ()) -> pd.DataFrame:
    """List the records searched for, those that the scenario leans on first.

    Either all that hold every word, or after `USED` exactly those that something leans on; among them what this
    visitor brought.
    """
    yours = [record for thing in brought for record in thing.facts.values()]
    frame = pd.concat([_columns(yours), _fixed_columns()], ignore_index=True) if yours else _fixed_columns()
    used = frame["Key"].map(used_by(gap)).fillna("")
    if named_user(find):
        keep = frame["Key"].isin(_used_keys(gap, find.casefold().removeprefix(USED)))
    else:
        keep = pd.Series(data=True, index=frame.index)
        haystack = frame["_text"] + " " + used.str.casefold()
        for word in find.casefold().split():
            keep &= haystack.str.contains(word, regex=False)
    shown = frame.drop(columns="_text")
    shown.insert(0, "Used by", used)
    return shown[keep].sort_values("Used by", key=lambda column: column == "", kind="stable")


def _used_keys(gap: Gap, user: str) -> set[str]:
    lists = users(gap)
    chosen = {"any": tuple(lists), "yardsticks": tuple(NAMES)}.get(user, (user,))
    return {key for name in chosen for key in lists[name]}


def source_table(brought: Iterable[Own] = ()) -> pd.DataFrame:
    """List the sources with how many records and measured cases each gave; first this visitor, who brought some."""
    own = sum(len(thing.facts) for thing in brought)
    return pd.concat([_source_rows((SOURCE,), {SOURCE.key: own}, {}), _sources()]) if own else _sources()


@functools.cache
def _sources() -> pd.DataFrame:
    every = (*records().values(), *architecture_records().values(), *denoiser_records().values())
    counts = Counter(key for record in every for key in record.sources)
    cases = Counter(map(case_source, read_cases(MEASURED_FILE).source))
    return _source_rows(sources().values(), counts, cases)


def _source_rows(found: Iterable[Source], counts: Mapping[str, int], cases: Mapping[str, int]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Source": one.title,
                "Authors": one.authors,
                "Year": one.year,
                "Where": one.venue,
                "Link": address_of(one.key),
                "Licence": one.licence,
                "Records": counts.get(one.key, 0),
                "Measured cases": cases.get(one.key, 0),
            }
            for one in found
        ]
    ).astype({"Year": "Int64"})
