"""The verb `learning`: a person's learning against training runs, per run and per user, and how well runs are known."""

from __future__ import annotations

import argparse
import textwrap
from dataclasses import asdict, dataclass
from typing import Any, Final

from efficiency.facts import fact, sources
from efficiency.learning import (
    BOOKKEEPING,
    HOW,
    MOST_USERS,
    PERSONS,
    YEARS,
    TrainingRun,
    in_lifetimes,
    lifetime_j,
    run_named,
    training_runs,
)
from efficiency.sampling import Range
from efficiency.say import factor, quantity, significant
from efficiency.topics import TopicError, check_range
from efficiency.training_check import GROUPS, Case, Score, checked, missed, scores
from efficiency.units import JOULES_PER_MWH, SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_YEAR


@dataclass(frozen=True, slots=True)
class LearningAnswer:
    """Runs with their energy per user in lifetimes [1], a lifetime's energy [J], and the scores of the prediction."""

    person: str
    years: str
    users: float
    lifetime_j: Range
    runs: tuple[TrainingRun, ...]
    lifetimes: tuple[Range, ...]
    scores: tuple[Score, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb.

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
    Without a run all named ones are told.

    References
    ----------
    The README lists the verbs.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> parser.parse_args([]).users
    1.0
    """
    parser.add_argument("--run", metavar="KEY", help="a named run; all if left out")
    parser.add_argument("--users", type=float, default=1.0, metavar="N", help="people who share the run")
    parser.add_argument("--person", default="brain", metavar="WHO", help=", ".join(PERSONS))
    parser.add_argument("--years", default="learning", metavar="HOW", help=", ".join(YEARS))


def answer(given: argparse.Namespace) -> LearningAnswer:
    """Answer the verb.

    Parameters
    ----------
    given : Namespace
        Parsed arguments.

    Returns
    -------
    LearningAnswer
        Energies [J] and lifetimes [1].

    Raises
    ------
    TopicError
        If an argument is outside what is allowed.

    Notes
    -----
    Energies of runs are predicted, never measured; what was published stands beside them.

    References
    ----------
    MODEL.md, Learning.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> answer(parser.parse_args(["--run", "gpt3"])).lifetimes[0].central > 100
    True
    """
    check_range("--users", given.users, 1.0, MOST_USERS, "people")
    try:
        lifetime = lifetime_j(given.person, given.years)
        runs = training_runs() if given.run is None else (run_named(given.run),)
    except ValueError as error:
        raise TopicError(f"--{error}") from None
    each = tuple(in_lifetimes(run.energy_j, given.users, given.person, given.years) for run in runs)
    return LearningAnswer(given.person, given.years, given.users, lifetime, runs, each, scores())


def as_data(found: LearningAnswer) -> dict[str, Any]:
    """Turn an answer into plain data.

    Parameters
    ----------
    found : LearningAnswer
        From `answer`.

    Returns
    -------
    dict
        Ready for JSON [J, lifetimes].

    Notes
    -----
    Numbers are unrounded.

    References
    ----------
    The README lists the verbs.

    Examples
    --------
    >>> found = LearningAnswer("brain", "learning", 1.0, lifetime_j(), (), (), ())
    >>> as_data(found)["results"]["lifetime_j"]["central"] > 1e10
    True
    """
    used = {key for run in found.runs for key in run.facts} | {PERSONS[found.person], YEARS[found.years]}
    cited = {name for key in used for name in fact(key).sources}
    cited |= {name for run in found.runs if run.published for name in run.published.sources}
    return {
        "inputs": {"person": found.person, "years": found.years, "users": found.users},
        "results": {
            "lifetime_j": found.lifetime_j._asdict(),
            "runs": [
                {
                    "key": run.key,
                    "label": run.label,
                    "year": run.year,
                    "energy_j": run.energy_j._asdict(),
                    "basis": run.basis,
                    "published": asdict(run.published) | {"words": HOW[run.published.how]} if run.published else None,
                    "lifetimes_per_user": each._asdict(),
                }
                for run, each in zip(found.runs, found.lifetimes, strict=True)
            ],
        },
        "check": [score._asdict() | {"words": GROUPS[score.group]} for score in found.scores],
        "facts": sorted(used),
        "sources": {key: sources()[key].url for key in sorted(cited)},
    }


def as_text(found: LearningAnswer) -> str:
    """Say an answer in lines for a terminal.

    Parameters
    ----------
    found : LearningAnswer
        From `answer`.

    Returns
    -------
    str
        A lifetime, the runs, and how well training runs are predicted.

    Notes
    -----
    What is bookkeeping says so.

    References
    ----------
    `efficiency.say`.

    Examples
    --------
    >>> found = LearningAnswer("brain", "learning", 1.0, lifetime_j(), (), (), ())
    >>> print(as_text(found).splitlines()[0])
    A brain learning for 20 years: 3.5 MWh (2.2 to 5.6)
    """
    life = [energy / JOULES_PER_MWH for energy in found.lifetime_j]
    years = fact(YEARS[found.years]).value
    shared = "" if found.users == 1.0 else f", shared by {found.users:,.0f}"
    lines = [
        f"A {found.person} learning for {years:g} years: {significant(life[1], 2)} MWh "
        f"({significant(life[0], 2)} to {significant(life[2], 2)})",
        f"Training runs at the facility's meter, predicted; per user{shared}, as learning of the same person",
    ]
    for run, each in zip(found.runs, found.lifetimes, strict=True):
        low, central, high = (significant(energy / JOULES_PER_MWH, 2) for energy in run.energy_j)
        least, middle, most = (said(value, found.years) for value in each)
        number, _, unit = least.partition(" ")
        least = number if most.endswith(f" {unit}") else least
        lines.append(
            f"  {run.label:<20} {run.year} {central:>8} MWh ({low} to {high}), from {_BASIS[run.basis]}; "
            f"{middle} ({least} to {most}){_beside(run)}"
        )
    lines.append("Energy from chip-hours or time against measurement, by fits that had not seen the model")
    lines.append(f"  {'':<26} {'runs':>4} {'median':>7} {'in 20 %':>8} {'in 2x':>6} {'in range':>9}")
    lines += [
        f"  {GROUPS[score.group]:<26} {score.runs:>4} {100 * (score.median - 1):>5.0f} % {score.within_fifth:>8.0%} "
        f"{score.within_two:>6.0%} {score.inside:>9.0%}"
        for score in found.scores
    ]
    if found.scores:
        lines += textwrap.wrap(missed_words(), 170, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(lines)


def missed_words() -> str:
    """Name the runs that are not met within 20 %, though their time is known.

    Returns
    -------
    str
        Those with measured power, then the others, each with predicted over measured [1].

    Notes
    -----
    The table holds medians, which bound nothing.

    References
    ----------
    `training_check.missed`.

    Examples
    --------
    >>> missed_words()[:66]
    'Not within 20 %: 3 of 29 runs with measured power, MLPerf llama2_7'
    """
    measured, others = ([one for one in missed() if bool(one.group) is wanted] for wanted in (True, False))
    timed = [one for one in checked() if one.timed]
    of_measured = sum(bool(one.group) for one in timed)
    return (
        f"Not within 20 %: {len(measured)} of {of_measured} runs with measured power, {_named(measured)}; "
        f"{len(others)} of {len(timed) - of_measured} others, {_named(others)}"
    )


def _named(cases: list[Case]) -> str:
    return ", ".join(f"{one.name} {one.predicted / one.measured:.2f} times" for one in cases)


def said(lifetimes: float, years: str) -> str:
    """Say an energy as lifetimes of learning, or as the time that would take as much.

    Parameters
    ----------
    lifetimes : float
        Positive [lifetimes].
    years : str
        One of `YEARS`.

    Returns
    -------
    str
        Two significant digits, with the unit [lifetimes or time].

    Notes
    -----
    Less than a lifetime is a time: years, days, hours, minutes or seconds.

    References
    ----------
    `efficiency.say`.

    Examples
    --------
    >>> said(9750.0, "learning"), said(1.22e-5, "learning"), said(1e-12, "learning")
    ('9,800 lifetimes', '2.1 hours', '0.63 ms')
    """
    if lifetimes >= 1.0:
        return f"{significant(lifetimes, 2) if lifetimes < 1e6 else factor(lifetimes)} lifetimes"
    time_s = lifetimes * fact(YEARS[years]).si
    for size, unit in _TIMES:
        if time_s >= size:
            return f"{significant(time_s / size, 2)} {unit}"
    return quantity(time_s, "s", 2)


_TIMES: Final = (
    (SECONDS_PER_YEAR, "years"),
    (SECONDS_PER_DAY, "days"),
    (SECONDS_PER_HOUR, "hours"),
    (60.0, "minutes"),
)
_BASIS: Final = {"time": "hours", "flop": "FLOP"}
_SHORT: Final = {BOOKKEEPING: "limit x hours, no meter", "epoch": "Epoch", "authors": "authors", "owner": "owner"}


def _beside(run: TrainingRun) -> str:
    if run.published is None:
        return ""
    return f"; {significant(run.published.energy_j / JOULES_PER_MWH, 3)} ({_SHORT[run.published.how]})"
