"""The verb ``budget``: what some dollars buy over some years, as text and as data."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from efficiency import catalogue
from efficiency.arrays import Floats
from efficiency.budget import LIMITS, Outcome, binding, outcome
from efficiency.budget_assumptions import ASSUMPTIONS, assumed, limits, record_of, step_words
from efficiency.budget_limits import WHERE
from efficiency.budget_plan import LEAST_USD, LEAST_YEARS, MOST_USD, MOST_YEARS, USE_NAMES, USES, Plan
from efficiency.budget_split import Marginal, Split, beginnings, best_split, first_limit, marginals, spans
from efficiency.budget_words import (
    amount,
    change_words,
    dollars_words,
    left_words,
    loss_words,
    percent_words,
    years_words,
)
from efficiency.facts import fact, source
from efficiency.grids import beside
from efficiency.sampling import Range
from efficiency.say import factor, power_of_ten
from efficiency.scaling_laws import LAWS
from efficiency.topics import TopicError, check_range

LIMIT_NAMES = {
    "money": "money",
    "chips": "chips",
    "power": "power",
    "data": "text to train on",
    "ideas": "people to have ideas",
}
"""What binds, in words."""
QUALITY = "Quality is the law's loss, in nats per token of its own text; it says nothing of intelligence."


def _law_doubt(law: str) -> str:
    """Say what the ranges leave out."""
    known = fact("scaling.refit.irreducible")
    floor = f" ({known.si_low:.2f} to {known.si_high:.2f} for its floor)" if law == "refit" else ""
    return f"Ranges are those of the assumptions; the law's own doubt comes on top{floor}."


class Bought(NamedTuple):
    """What a plan buys, with its ranges, its best split and the return of the next dollars."""

    plan: Plan
    outcome: Outcome
    spans: dict[str, Range]
    binding: str
    beginnings: dict[str, float | None]
    best: Split
    marginals: tuple[Marginal, ...]
    values: Mapping[str, Floats]


class Answer(NamedTuple):
    """The answer for each number of years, and the assumptions that were set."""

    bought: tuple[Bought, ...]
    chosen: dict[str, float]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments.

    Parameters
    ----------
    parser : ArgumentParser
        Of the verb.

    Returns
    -------
    None
        The parser is changed.

    Notes
    -----
    Every assumption can be set by its short name.

    References
    ----------
    The README lists the verbs.

    Examples
    --------
    >>> add_arguments(argparse.ArgumentParser())
    """
    start = Plan()
    parser.add_argument("--dollars", type=float, default=MOST_USD, metavar="D", help="the budget, 1e6 to 1e13")
    parser.add_argument("--years", type=float, nargs="+", default=[start.years], metavar="Y", help="spent over so many")
    parser.add_argument("--law", default=start.law, metavar="LAW", help=", ".join(LAWS))
    parser.add_argument("--where", default=start.where, metavar="WHERE", help=f"new power: {', '.join(WHERE)}")
    parser.add_argument("--chip", default=start.chip, metavar="CHIP", help="for example h100")
    parser.add_argument(
        "--split", type=float, nargs=len(USES), default=[getattr(start, use) for use in USES],
        metavar=("RUN", "EXPERIMENTS", "PEOPLE", "SERVING"), help="parts of the money",
    )  # fmt: skip
    parser.add_argument(
        "--assume", action="append", default=[], metavar="NAME=VALUE", help=f"names: {', '.join(ASSUMPTIONS)}"
    )


def answer(given: argparse.Namespace) -> Answer:
    """Answer the verb.

    Parameters
    ----------
    given : Namespace
        Parsed arguments.

    Returns
    -------
    Answer
        As its fields say [SI units].

    Raises
    ------
    TopicError
        If an argument is outside what is allowed.

    Notes
    -----
    One answer for each number of years.

    References
    ----------
    `efficiency.budget`.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> answer(parser.parse_args(["--dollars", "1e9"])).bought[0].binding
    'money'
    """
    check_range("--dollars", given.dollars, LEAST_USD, MOST_USD, "USD")
    for argument, value, allowed in (
        ("--law", given.law, LAWS),
        ("--where", given.where, WHERE),
        ("--chip", given.chip, catalogue.chip_labels()),
    ):
        if value not in allowed:
            raise TopicError(f"{argument} is {value!r}; allowed: {', '.join(allowed)}")
    for part in given.split:
        check_range("--split", part, 0.0, 1e6, "parts")
    if not given.split[0] > 0.0:
        raise TopicError(f"--split begins with {given.split[0]!r}; allowed: above 0, or there is no model")
    chosen = dict(_assumption(words) for words in given.assume)
    found = []
    for years in given.years:
        check_range("--years", years, LEAST_YEARS, MOST_YEARS, "years")
        plan = Plan(given.dollars, years, given.law, given.where, given.chip, 1.3, *given.split)
        found.append(bought(plan, chosen))
    return Answer(tuple(found), chosen)


def _assumption(words: str) -> tuple[str, float]:
    name, _, text = words.partition("=")
    if name not in ASSUMPTIONS:
        raise TopicError(f"--assume names {name!r}; allowed: {', '.join(ASSUMPTIONS)}")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    low, high = limits(name)
    unit = record_of(name).unit
    check_range(f"--assume {name}", value, low, high, "" if unit in ("1", "x") else unit)
    return name, value


def bought(plan: Plan, chosen: dict[str, float]) -> Bought:
    """Work out everything that is said about a plan.

    Parameters
    ----------
    plan : Plan
        With one budget.
    chosen : dict of str to float
        Assumptions that differ from their records, in the records' units.

    Returns
    -------
    Bought
        As its fields say [SI units].

    Notes
    -----
    Optimum and marginal returns at the assumptions' central values.

    References
    ----------
    `efficiency.budget`, `efficiency.budget_split`.

    Examples
    --------
    >>> bought(Plan(dollars=1e6), {}).binding
    'money'
    """
    values = assumed(chosen)
    found = outcome(plan, values)
    return Bought(
        plan=plan,
        outcome=found,
        spans=spans(plan, chosen),
        binding=binding(found),
        beginnings=beginnings(plan, values),
        best=best_split(plan, values),
        marginals=marginals(plan, values),
        values=values,
    )


def as_data(found: Answer) -> dict[str, Any]:
    """Turn an answer into plain data.

    Parameters
    ----------
    found : Answer
        As from `answer`.

    Returns
    -------
    dict
        Ready for JSON, SI units unless a name says otherwise.

    Notes
    -----
    Every assumption is listed with its value, kind, place and sources.

    References
    ----------
    The README lists the fields.

    Examples
    --------
    >>> as_data(Answer((bought(Plan(dollars=1e6), {}),), {}))["results"][0]["binds"]
    'money'
    """
    first = found.bought[0].plan
    assumptions = {}
    for name in ASSUMPTIONS:
        record = record_of(name)
        assumptions[name] = {
            "label": ASSUMPTIONS[name].label,
            "value": found.chosen.get(name, record.value),
            "unit": record.unit,
            "low": record.low,
            "high": record.high,
            "kind": record.kind,
            "fact": record.key,
            "sources": list(record.sources),
            "place": record.place,
        }
    used = sorted({key for name in ASSUMPTIONS for key in record_of(name).sources})
    return {
        "inputs": {
            "dollars": first.dollars,
            "years": [one.plan.years for one in found.bought],
            "law": first.law,
            "where": first.where,
            "chip": first.chip,
            "pue": first.pue,
            "split": first.shares(),
        },
        "quality": QUALITY,
        "assumptions": assumptions,
        "results": [_result(one) for one in found.bought],
        "sources": [{"key": key, "title": source(key).title, "url": source(key).url} for key in used],
    }


def _result(one: Bought) -> dict[str, Any]:
    dollars = float(one.plan.dollars)
    near = beside(float(one.outcome.power_w), one.plan.where)
    return {
        "years": one.plan.years,
        "binds": one.binding,
        "asked_over_available": {name: float(getattr(one.outcome.asked, name)) for name in LIMITS},
        "binds_from_usd": one.beginnings,
        "share_of_grid": near.grid_share,
        "reactors": near.reactors,
        "bought": {name: span._asdict() for name, span in one.spans.items()},
        "best_split": {"shares": one.best.plan.shares(), "loss": float(one.best.outcome.loss)},
        "next_dollar": {
            m.use: {
                "loss_per_usd": m.loss / (0.01 * dollars),
                "effective_flop_share_per_percent": m.effective_flop,
                "served_share_per_percent": m.served,
            }
            for m in one.marginals
        },
    }


def as_text(found: Answer) -> str:
    """Turn an answer into lines for a terminal.

    Parameters
    ----------
    found : Answer
        As from `answer`.

    Returns
    -------
    str
        Lines of at most 180 letters.

    Notes
    -----
    Central values with their 5 and 95 % points.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> "binds: money" in as_text(Answer((bought(Plan(dollars=1e6), {}),), {}))
    True
    """
    lines: list[str] = []
    for one in found.bought:
        lines += _lines(one)
    set_words = [f"{ASSUMPTIONS[n].label.lower()} {step_words(n, v)}" for n, v in found.chosen.items()]
    lines += [f"assumed instead: {words}" for words in set_words]
    lines.append(QUALITY)
    lines.append(_law_doubt(found.bought[0].plan.law))
    lines.append("Every assumption has its range and source in --json and can be set: --assume reach=0.5")
    return "\n".join(lines)


def _lines(one: Bought) -> list[str]:
    plan, s = one.plan, one.spans
    near = beside(s["power_w"].central, plan.where)
    left = left_words(s["left_usd"].central, float(plan.dollars))
    begun = sorted((usd, name) for name, usd in one.beginnings.items() if usd is not None)
    order = ", ".join(f"{LIMIT_NAMES[name]} from {dollars_words(usd)}" for usd, name in begun) or "nothing but money"
    split = ", ".join(f"{USE_NAMES[use].lower()} {percent_words(share)}" for use, share in plan.shares().items())
    best = ", ".join(f"{USE_NAMES[use].lower()} {percent_words(x)}" for use, x in one.best.plan.shares().items())
    otherwise, usd = first_limit(one.best.plan, one.values)
    lines = [
        f"{dollars_words(float(plan.dollars))} over {years_words(plan.years)}, {LAWS[plan.law]}; split: {split}",
        f"  binds: {LIMIT_NAMES[one.binding]}; in order, with this split: {order}",
        f"  chips ({catalogue.chip_labels()[plan.chip]}): {_span(s['chips'])}",
        f"  power: {_span(s['power_w'], 'W')}: {percent_words(near.grid_share)} of the grid of "
        f"{WHERE[plan.where].lower()}, {amount(near.reactors)} reactors",
        f"  people: {_span(s['people'])}; utilisation {percent_words(s['mfu'].central)}, "
        f"goodput {percent_words(s['goodput'].central)}, new ideas multiply the arithmetic by "
        f"{factor(s['ideas'].central)}",
        f"  the run: {_flop(s['flop'])} FLOP on {_span(s['run_chips'])} chips at once",
        f"  the model: {_span(s['parameters'])} parameters, {_span(s['tokens'])} tokens, "
        f"loss {s['loss'].central:.3f} ({s['loss'].low:.3f} to {s['loss'].high:.3f}) nats per token",
        f"  serves {_span(s['served_tokens_per_s'])} tokens a second; left: {left}",
        f"  best split: {best}: loss {float(one.best.outcome.loss):.3f}",
        "  with it the first to run short: "
        + (f"{LIMIT_NAMES[otherwise]}, from {dollars_words(usd)}" if otherwise != "money" else "nothing but money"),
        "  the next dollar, per 1 % of the budget:",
    ]
    for m in one.marginals:
        served = f", tokens served {change_words(m.served)}" if m.use == "serving" else ""
        arithmetic = f"effective FLOP {change_words(m.effective_flop)}"
        lines.append(f"    {USE_NAMES[m.use].lower()}: loss {loss_words(m.loss)}, {arithmetic}{served}")
    return lines


def _span(span: Range, unit: str = "1") -> str:
    low, central, high = (amount(value, unit) for value in span)
    return f"{central} ({low} to {high})"


def _flop(span: Range) -> str:
    return f"{power_of_ten(span.central)} ({power_of_ten(span.low)} to {power_of_ten(span.high)})"
