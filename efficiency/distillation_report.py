"""``python -m efficiency distillation``: what a student costs on data alone and taught, and when teaching pays."""

from __future__ import annotations

import argparse
import math
from typing import Any, Final, NamedTuple

import numpy as np

from efficiency.distillation import (
    CASES,
    CHARGES,
    Bill,
    alone_j,
    break_even_students,
    break_even_worth,
    pair_of,
    taught_j,
    token_worth,
)
from efficiency.facts import entities, fact, facts
from efficiency.sampling import Range, range_around, range_of_draws
from efficiency.say import counted, quantity, significant
from efficiency.scaling_energy import SAMPLES, Prices, prices
from efficiency.scenario import Scenario
from efficiency.topics import check_range

_WORTH_ENDS: Final = (1.0, 100.0)
_STUDENT_ENDS: Final = (1.0, 1e6)


class Answer(NamedTuple):
    """What was asked for; energies on data alone and by charge [J]; what must hold for teaching to pay."""

    case: str
    worth: float
    students: float
    alone_j: float
    bills: tuple[tuple[str, Bill], ...]
    least_worth: Range
    least_worth_charged: float
    least_students: Range
    price: Prices


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
    Without arguments the verb answers for Gemma 2 2B.

    References
    ----------
    The README lists the verbs.

    Examples
    --------
    >>> add_arguments(argparse.ArgumentParser())
    """
    parser.add_argument("--case", choices=tuple(CASES), default="gemma2_2b", help="student and teacher")
    parser.add_argument(
        "--worth",
        type=float,
        default=token_worth().central,
        metavar="K",
        help="tokens of data that a token with the teacher's answers is worth (an assumption)",
    )
    parser.add_argument("--students", type=float, default=10.0, metavar="N", help="students that share the teacher")


def answer(given: argparse.Namespace) -> Answer:
    """Answer the verb.

    Parameters
    ----------
    given : Namespace
        Parsed arguments.

    Returns
    -------
    Answer
        [J].

    Raises
    ------
    TopicError
        If a number is outside what is allowed.

    Notes
    -----
    Joules are those of the default scenario.

    References
    ----------
    `distillation.taught_j`.

    Examples
    --------
    >>> found = answer(argparse.Namespace(case="gemma2_2b", worth=2.0, students=10.0))
    >>> 1 < found.least_worth.central < 3
    True
    """
    check_range("--worth", given.worth, *_WORTH_ENDS)
    check_range("--students", given.students, *_STUDENT_ENDS)
    price = prices(Scenario())
    pair = pair_of(given.case, given.worth)
    return Answer(
        given.case,
        given.worth,
        given.students,
        float(alone_j(pair, price)),
        tuple((charge, taught_j(pair, price, given.worth, charge, given.students)) for charge in CHARGES),
        least_worth(given.case, Scenario()),
        float(break_even_worth(given.case, price, 1.0)),
        least_students(given.case, Scenario(), given.worth),
        price,
    )


def least_worth(case: str, scenario: Scenario, samples: int = SAMPLES) -> Range:
    """Worth of a taught token above which an existing teacher saves energy.

    Parameters
    ----------
    case : str
        One of `distillation.CASES`.
    scenario : Scenario
        All of it but the brain's fields.
    samples : int
        Draws, a power of two [1].

    Returns
    -------
    Range
        5 %, central and 95 % [1].

    Notes
    -----
    The answers are charged, the teacher's training is not. The range is that of the machine.

    References
    ----------
    `distillation.break_even_worth`.

    Examples
    --------
    >>> low, central, high = least_worth("llama3_8b", Scenario(), 64)
    >>> 2 < low < central < high < 4
    True
    """
    central, drawn = (break_even_worth(case, price) for price in (prices(scenario), prices(scenario, samples)))
    return range_around(float(central), drawn)


def least_students(case: str, scenario: Scenario, worth: float, samples: int = SAMPLES) -> Range:
    """Students that must share a teacher for teaching to save energy.

    Parameters
    ----------
    case : str
        One of `distillation.CASES`.
    scenario : Scenario
        All of it but the brain's fields.
    worth : float
        Tokens of data that a token with answers is worth [1].
    samples : int
        Draws, a power of two [1].

    Returns
    -------
    Range
        5 %, central and 95 %; infinite where no number of students pays [1].

    Notes
    -----
    The range is that of the machine. Close to `least_worth` it is without end: the answers cost what they save.

    References
    ----------
    `distillation.break_even_students`.

    Examples
    --------
    >>> low, central, high = least_students("gemma2_9b", Scenario(), 2.0, 64)
    >>> 1 < low < central < high < 100
    True
    """
    central = float(break_even_students(case, prices(scenario), worth))
    drawn = break_even_students(case, prices(scenario, samples), worth)
    return range_of_draws(central, np.atleast_1d(drawn))


def as_data(found: Answer) -> dict[str, Any]:
    """Turn an answer into plain data.

    Parameters
    ----------
    found : Answer
        From `answer`.

    Returns
    -------
    dict
        Ready for JSON [J].

    Notes
    -----
    A number without end is null.

    References
    ----------
    The README documents this form.

    Examples
    --------
    >>> as_data(answer(argparse.Namespace(case="gemma2_2b", worth=2.0, students=10.0)))["inputs"]["worth"]
    2.0
    """
    case = CASES[found.case]
    keys = [f"run.{run}.{name}" for run in (case.student, case.teacher) for name in ("parameters", "tokens")]
    keys.append("distillation.token_worth")
    known = facts()
    return {
        "inputs": {
            "case": found.case,
            "worth": found.worth,
            "students": found.students,
            **{name: float(value) for name, value in found.price._asdict().items()},
        },
        "results": {
            "alone_j": found.alone_j,
            **{
                charge: {"total_j": float(bill.total_j)} | {name: float(x) for name, x in bill._asdict().items()}
                for charge, bill in found.bills
            },
            "least_worth": found.least_worth.central,
            "least_worth_low_high": [found.least_worth.low, found.least_worth.high],
            "least_worth_teacher_charged": _finite(found.least_worth_charged),
            "least_students": _finite(found.least_students.central),
            "least_students_low_high": [_finite(found.least_students.low), _finite(found.least_students.high)],
        },
        "assumption": "a token with a teacher's answers is worth a fixed number of tokens of data",
        "note": case.note,
        "facts": keys,
        "sources": list(dict.fromkeys(source for key in keys for source in known[key].sources)),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def as_text(found: Answer) -> str:
    """Say an answer in lines for a terminal.

    Parameters
    ----------
    found : Answer
        From `answer`.

    Returns
    -------
    str
        The student, what it costs each way, and when teaching pays.

    Notes
    -----
    The worth of a token is an assumption and is said to be one.

    References
    ----------
    `efficiency.say`.

    Examples
    --------
    >>> as_text(answer(argparse.Namespace(case="gemma2_2b", worth=2.0, students=10.0))).splitlines()[0]
    'Gemma 2 2B, taught by Gemma 2 9B; a token with its answers is taken to be worth 2 tokens of data'
    """
    case = CASES[found.case]
    teacher = entities()[f"run.{case.teacher}"].label
    worth = tokens_words(found.worth)
    lines = [
        f"{case.label}, taught by {teacher}; a token with its answers is taken to be worth {worth} of data",
        f"  {'on data alone':<33} {_joules(found.alone_j):>8}",
    ]
    for charge, bill in found.bills:
        name = CHARGES[charge].lower() + (f" by {quantity(found.students, '1', 3)}" if charge == "shared" else "")
        lines.append(f"  {name:<33} {_joules(float(bill.total_j)):>8}  = {_parts(bill)}")
    low, central, high = found.least_worth
    lines.append(
        f"  With its answers charged, teaching pays above {significant(central)} tokens' worth "
        f"({significant(low)} to {significant(high)})"
    )
    if math.isfinite(found.least_worth_charged):
        lines.append(f"  With all of the teacher charged, above {significant(found.least_worth_charged)}")
    else:
        lines.append("  With all of the teacher charged to one student it never pays")
    lines.append(f"  At this worth {students_words(found.least_students)}")
    lines.append(f"  {case.label}: {case.note}")
    tested = [fact(f"distillation.gemma2_{name}").value for name in ("scratch", "taught")]
    lines.append(f"  Gemma 2 2B on equal tokens, three tests: {tested[0]:g} % from scratch, {tested[1]:g} % taught")
    return "\n".join(lines)


def tokens_words(worth: float) -> str:
    """Say a number of tokens.

    Parameters
    ----------
    worth : float
        Positive [1].

    Returns
    -------
    str
        With the noun in its number.

    Notes
    -----
    Three digits.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> tokens_words(1.0), tokens_words(1.25), tokens_words(40.0)
    ('1 token', '1.25 tokens', '40 tokens')
    """
    return counted(quantity(worth, "1", 3), "token")


def students_words(found: Range) -> str:
    """Say how many students must share a teacher for teaching to pay.

    Parameters
    ----------
    found : Range
        From `least_students` [1].

    Returns
    -------
    str
        To follow "at this worth".

    Notes
    -----
    Less than one student is one.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> students_words(Range(3.0, 4.2, 9.0)), students_words(Range(0.1, 0.18, 0.3))
    ('teaching pays from 5 students on (3 to 9)', 'teaching pays with a single student, all of its teacher charged')
    >>> students_words(Range(130.0, 6600.0, math.inf))
    'the answers cost about what they save: teaching pays from 130 students on at best, at worst never'
    """
    low, central, high = (float(np.ceil(one)) for one in found)
    if math.isinf(low):
        return "teaching does not pay, however many students share the teacher's training"
    if math.isinf(high):
        best = "with a single student" if low <= 1 else f"from {quantity(low, '1', 2)} students on"
        return f"the answers cost about what they save: teaching pays {best} at best, at worst never"
    span = f" ({quantity(low, '1', 2)} to {quantity(high, '1', 2)})" if low < high else ""
    if central <= 1:
        return f"teaching pays with a single student{span}, all of its teacher charged"
    return f"teaching pays from {quantity(central, '1', 2)} students on{span}"


def _parts(bill: Bill) -> str:
    parts = (("student", bill.student_j), ("answers", bill.answers_j), ("teacher", bill.teacher_j))
    return " + ".join(f"{name} {_joules(float(joules))}" for name, joules in parts if joules)


def _joules(value: float) -> str:
    return quantity(value, "J", 2)
