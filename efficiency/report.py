"""The answer as data for other programs, and as text for a terminal."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from efficiency import __version__
from efficiency.facts import DATA_VERSION, Fact, facts, source
from efficiency.gap import Gap, Yardstick
from efficiency.say import factor, quantity


def as_data(gap: Gap) -> dict[str, Any]:
    """Turn an answer into plain data.

    Parameters
    ----------
    gap : Gap
        From `efficiency.gap.evaluate`.

    Returns
    -------
    dict
        ``model_version``, ``data_version``, ``sources``, ``scenario``, ``yardsticks`` [machine over brain, 1] and
        ``ledger`` [J per unit of work], ready for JSON.

    Notes
    -----
    Numbers are unrounded.

    References
    ----------
    The README documents this form.

    Examples
    --------
    >>> from efficiency.gap import evaluate
    >>> from efficiency.scenario import Scenario
    >>> data = as_data(evaluate(Scenario()))
    >>> abs(sum(part["energy_j"] for part in data["ledger"]["parts"]) / data["ledger"]["total_j"] - 1) < 1e-12
    True
    """
    return {
        "model_version": __version__,
        "data_version": DATA_VERSION,
        "sources": [source_data(key) for key in gap.sources],
        "scenario": {f.name: getattr(gap.scenario, f.name) for f in fields(gap.scenario)},
        "yardsticks": [
            {
                "name": y.key,
                "low": y.low,
                "central": y.central,
                "high": y.high,
                "machine": y.machine_si,
                "brain": y.brain_si,
                "unit": y.unit,
                "unit_of_work": y.unit_of_work,
                "range_from": y.driver,
                "range_from_share": y.driver_share,
                "facts": list(y.facts),
            }
            for y in gap.yardsticks
        ],
        "ledger": {
            "per": gap.ledger.per,
            "parts": [
                {"name": part.key, "energy_j": part.energy_j, "inferred": part.inferred} for part in gap.ledger.parts
            ],
            "total_j": gap.ledger.total_j,
        },
    }


def source_data(key: str) -> dict[str, Any]:
    """Turn a source into plain data.

    Parameters
    ----------
    key : str
        Key in `efficiency/data/sources.csv`.

    Returns
    -------
    dict
        Its columns.

    Notes
    -----
    Shared by both commands.

    References
    ----------
    `efficiency/data/sources.csv`.

    Examples
    --------
    >>> source_data("assumption")["key"]
    'assumption'
    """
    found = source(key)
    return {f.name: getattr(found, f.name) for f in fields(found)}


def fact_data(fact: Fact) -> dict[str, Any]:
    """Turn a record into plain data with its sources.

    Parameters
    ----------
    fact : Fact
        Any record.

    Returns
    -------
    dict
        Its columns, with ``sources`` spelled out.

    Notes
    -----
    Values are in the record's own unit.

    References
    ----------
    `efficiency.facts`.

    Examples
    --------
    >>> from efficiency.facts import fact
    >>> fact_data(fact("brain.power"))["unit"]
    'W'
    """
    data = {f.name: getattr(fact, f.name) for f in fields(fact)}
    return data | {"sources": [source_data(key) for key in fact.sources]}


def facts_data(beginning: str) -> list[dict[str, Any]]:
    """Turn the records of a topic into plain data with their sources.

    Parameters
    ----------
    beginning : str
        Of their keys, for example ``"context."``.

    Returns
    -------
    list of dict
        In the order of the table [unit of each record].

    Notes
    -----
    Those of chips, models and software stand in tables of their own.

    References
    ----------
    `efficiency/data`.

    Examples
    --------
    >>> facts_data("context.")[0]["key"]
    'context.state_size'
    """
    return [fact_data(record) for key, record in facts().items() if key.startswith(beginning)]


def range_words(yardstick: Yardstick) -> str:
    """Say where a yardstick's range comes from.

    Parameters
    ----------
    yardstick : Yardstick
        Its driver and the driver's share of the variance are used.

    Returns
    -------
    str
        One input if it makes at least half of the range, else the first of many.

    Notes
    -----
    The same rule as on the page.

    References
    ----------
    MODEL.md, The ranges.

    Examples
    --------
    >>> from efficiency.gap import evaluate
    >>> from efficiency.scenario import Scenario
    >>> range_words(evaluate(Scenario()).yardstick("compute"))
    'range: the brain’s FLOP/s'
    """
    if yardstick.driver_share >= 0.5:
        return f"range: {yardstick.driver}"
    return f"range: many inputs, {yardstick.driver} first"


def as_text(gap: Gap) -> str:
    """Say an answer in lines for a terminal.

    Parameters
    ----------
    gap : Gap
        From `efficiency.gap.evaluate`.

    Returns
    -------
    str
        A table of yardsticks, then the ledger.

    Notes
    -----
    The same words and digits as on the home page.

    References
    ----------
    `efficiency.say`.

    Examples
    --------
    >>> from efficiency.gap import evaluate
    >>> from efficiency.scenario import Scenario
    >>> as_text(evaluate(Scenario())).splitlines()[0]
    'Machine over brain (5 to 95 %)'
    """
    lines = ["Machine over brain (5 to 95 %)"]
    for y in gap.yardsticks:
        span = f"{factor(y.low)} to {factor(y.high)}"
        lines.append(f"  {y.name:<15} {factor(y.central):>8}   {span:<18} {y.unit_of_work}")
        lines.append(f"  {'':<15} {'':>8}   {'':<18} {range_words(y)}")
    ledger = gap.ledger
    lines.append(f"Energy per {ledger.per}: {quantity(ledger.total_j, 'J', 2)}")
    for part in ledger.parts:
        by = " (by difference)" if part.inferred else ""
        lines.append(
            f"  {part.name:<26} {quantity(part.energy_j, 'J', 2):>10} {_share(part.energy_j / ledger.total_j):>8}{by}"
        )
    lines.append(
        f"{len(gap.sources)} sources · data {DATA_VERSION} · model {__version__} · "
        "python -m efficiency facts KEY shows a record"
    )
    return "\n".join(lines)


def _share(share: float) -> str:
    """Say a share with two digits, and a small one as small.

    >>> _share(0.2434), _share(0.0078), _share(0.0004), _share(0.0)
    ('24 %', '0.8 %', '< 0.1 %', '0 %')
    """
    percent = 100.0 * share
    if 0.0 < percent < 0.1:
        return "< 0.1 %"
    return f"{percent:.0f} %" if percent >= 9.95 or percent == 0.0 else f"{percent:.1f} %"
