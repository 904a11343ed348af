r"""Teaching a small model by a large one against training it on data alone, in joules.

::

    alone   = e_t 6 N_s D
    taught  = e_t 6 N_s D/k  +  e_r 2 N_t D/k  +  e_t 6 N_t D_t x share

A token with a teacher's answers is taken to be worth k tokens of data. That is our simple treatment: the fitted
constants of the published distillation law were not seen at a source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from efficiency.arrays import Floats
from efficiency.decode_step import FLOP_PER_PARAMETER_FORWARD
from efficiency.facts import fact
from efficiency.sampling import Range
from efficiency.scaling_energy import Prices
from efficiency.scaling_laws import FLOP_PER_PARAMETER_TOKEN

CHARGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "free": "Teacher free",
        "answers": "Its answers charged",
        "shared": "Its training shared",
        "charged": "All of it charged",
    }
)
"""How much of the teacher a student pays for."""


@dataclass(frozen=True, slots=True)
class Case:
    """A student and a teacher: published runs, which of the two tokens is published, and whose the teacher is."""

    key: str
    label: str
    student: str
    teacher: str
    taught: bool
    note: str


CASES: Final[Mapping[str, Case]] = MappingProxyType(
    {
        case.key: case
        for case in (
            Case(
                "gemma2_2b",
                "Gemma 2 2B",
                "gemma2_2b",
                "gemma2_9b",
                True,
                "taught in fact; its teacher is not named, the 9B stands in for it",
            ),
            Case(
                "gemma2_9b",
                "Gemma 2 9B",
                "gemma2_9b",
                "gemma2_27b",
                True,
                "taught in fact; its teacher is not named, the 27B stands in for it",
            ),
            Case(
                "llama3_8b",
                "Llama 3 8B",
                "llama3_8b",
                "llama3_70b",
                False,
                "trained on data alone in fact, for very long; the 70B as its teacher is our supposition",
            ),
        )
    }
)


class Pair(NamedTuple):
    """Sizes [parameters] and tokens [tokens] of student and teacher; the student's tokens are those on data alone."""

    student: Floats
    tokens_alone: Floats
    teacher: Floats
    teacher_tokens: Floats


class Bill(NamedTuple):
    """What a student costs, by part [J]."""

    student_j: Floats
    answers_j: Floats
    teacher_j: Floats

    @property
    def total_j(self) -> Floats:
        """All parts [J]."""
        return self.student_j + self.answers_j + self.teacher_j


def token_worth() -> Range:
    """Tokens of data that a token with a teacher's answers is worth.

    Returns
    -------
    Range
        Low, central and high [1].

    Notes
    -----
    An assumption. No gain is left after enough data; pruned students of published families needed up to forty times
    fewer tokens, but they start from the teacher's weights.

    References
    ----------
    Busbridge et al., arXiv:2502.08606, and Muralidharan et al., arXiv:2407.14679, for the ends.

    Examples
    --------
    >>> token_worth().central
    2.0
    """
    worth = fact("distillation.token_worth")
    return Range(worth.si_low, worth.si, worth.si_high)


def pair_of(key: str, worth: Floats) -> Pair:
    """Look up a case's sizes and tokens.

    Parameters
    ----------
    key : str
        One of `CASES`.
    worth : float or ndarray
        Tokens of data that a token with answers is worth [1].

    Returns
    -------
    Pair
        [parameters, tokens].

    Raises
    ------
    ValueError
        For an unknown case.

    Notes
    -----
    Where the student was taught, its published tokens are those with answers, and data alone would take k times that.

    References
    ----------
    `efficiency/data/training.csv`.

    Examples
    --------
    >>> pair_of("gemma2_2b", 2.0).tokens_alone, pair_of("llama3_8b", 2.0).tokens_alone
    (4000000000000.0, 15000000000000.0)
    """
    if key not in CASES:
        raise ValueError(f"case is {key!r}; allowed: {', '.join(CASES)}")
    case = CASES[key]
    sizes = [fact(f"run.{run}.parameters").si for run in (case.student, case.teacher)]
    tokens = [fact(f"run.{run}.tokens").si for run in (case.student, case.teacher)]
    return Pair(sizes[0], tokens[0] * (worth if case.taught else 1.0), sizes[1], tokens[1])


def _training_j(price: Prices, parameters: Floats, tokens: Floats) -> Floats:
    """Energy of training, 6 FLOP for each parameter and token [J]."""
    return price.training_j_per_flop * FLOP_PER_PARAMETER_TOKEN * parameters * tokens


def _reading_j(price: Prices, parameters: Floats, tokens: Floats) -> Floats:
    """Energy of a forward pass, 2 FLOP for each parameter and token [J]."""
    return price.reading_j_per_flop * FLOP_PER_PARAMETER_FORWARD * parameters * tokens


def alone_j(pair: Pair, price: Prices) -> Floats:
    """Energy of training the student on data alone.

    Parameters
    ----------
    pair : Pair
        Student and teacher.
    price : Prices
        Energies per FLOP.

    Returns
    -------
    float or ndarray
        [J].

    Notes
    -----
    6 FLOP for each parameter and token.

    References
    ----------
    `scaling_energy.prices`.

    Examples
    --------
    >>> alone_j(Pair(1e9, 1e12, 1e10, 1e12), Prices(1e-12, 1e-12, 0.0))
    6000000000.0
    """
    return _training_j(price, pair.student, pair.tokens_alone)


def taught_j(pair: Pair, price: Prices, worth: Floats, charge: str, students: Floats = 1.0) -> Bill:
    """Energy of teaching the student, by part.

    Parameters
    ----------
    pair : Pair
        Student and teacher.
    price : Prices
        Energies per FLOP.
    worth : float or ndarray
        Tokens of data that a token with answers is worth [1].
    charge : str
        One of `CHARGES`.
    students : float or ndarray
        Students that share the teacher's training, where it is shared [1].

    Returns
    -------
    Bill
        [J].

    Raises
    ------
    ValueError
        For an unknown charge.

    Notes
    -----
    Answers are a forward pass of the teacher for each of the student's tokens, at the energy of reading. Each student
    pays for its own; stored ones could be shared.

    References
    ----------
    Busbridge et al., arXiv:2502.08606, equation 9, counts the same parts in FLOP.

    Examples
    --------
    >>> bill = taught_j(Pair(1e9, 1e12, 1e10, 1e12), Prices(1e-12, 1e-12, 0.0), 2.0, "answers")
    >>> bill.student_j, bill.answers_j, bill.teacher_j
    (3000000000.0, 10000000000.0, 0.0)
    """
    if charge not in CHARGES:
        raise ValueError(f"charge is {charge!r}; allowed: {', '.join(CHARGES)}")
    tokens = pair.tokens_alone / worth
    student = _training_j(price, pair.student, tokens)
    if charge == "free":
        return Bill(student, 0.0, 0.0)
    answers = _reading_j(price, pair.teacher, tokens)
    share = {"answers": 0.0, "shared": 1.0 / students, "charged": 1.0}[charge]
    return Bill(student, answers, share * teacher_j(pair, price))


def teacher_j(pair: Pair, price: Prices) -> Floats:
    """Energy of training the teacher.

    Parameters
    ----------
    pair : Pair
        Student and teacher.
    price : Prices
        Energies per FLOP.

    Returns
    -------
    float or ndarray
        [J].

    Notes
    -----
    6 FLOP for each parameter and token.

    References
    ----------
    `scaling_energy.prices`.

    Examples
    --------
    >>> round(teacher_j(Pair(1e9, 1e12, 1e10, 1e12), Prices(1e-12, 1e-12, 0.0)))
    60000000000
    """
    return _training_j(price, pair.teacher, pair.teacher_tokens)


def break_even_worth(key: str, price: Prices, share: Floats = 0.0) -> Floats:
    r"""Worth of a taught token above which teaching saves energy.

    Parameters
    ----------
    key : str
        One of `CASES`.
    price : Prices
        Energies per FLOP.
    share : float or ndarray
        Share of the teacher's training that the student pays for [fraction].

    Returns
    -------
    float or ndarray
        [1]; infinite where that share alone costs more than training on data.

    Notes
    -----
    Without the teacher's training :math:`k = 1 + e_r N_t / (3 e_t N_s)`, whatever the tokens: the answers of a teacher
    three times the student's size cost as much as the student itself, as far as reading costs what training does.
    Where the published tokens are those with answers, data alone costs k times the student's, so the teacher's share
    adds to k without end; where those on data are published, a share above all of them can never be won back.

    References
    ----------
    `taught_j`.

    Examples
    --------
    >>> round(break_even_worth("gemma2_2b", Prices(1e-12, 1e-12, 0.0)), 2)
    2.5
    """
    pair = pair_of(key, 1.0)
    student = alone_j(pair, price)
    answers = _reading_j(price, pair.teacher, pair.tokens_alone)
    teacher = share * teacher_j(pair, price)
    if CASES[key].taught:
        return (student + answers + teacher) / student
    return _times_over(student + answers, student - teacher)


def break_even_students(key: str, price: Prices, worth: float) -> Floats:
    """Students that must share a teacher's training for teaching to save energy.

    Parameters
    ----------
    key : str
        One of `CASES`.
    price : Prices
        Energies per FLOP.
    worth : float
        Tokens of data that a token with answers is worth [1].

    Returns
    -------
    float or ndarray
        As the prices [1]; infinite where the answers alone cost more than they save.

    Notes
    -----
    All students are taken to be alike.

    References
    ----------
    `taught_j`.

    Examples
    --------
    >>> break_even_students("gemma2_2b", Prices(1e-12, 1e-12, 0.0), 2.0)
    inf
    """
    pair = pair_of(key, worth)
    saved = alone_j(pair, price) - taught_j(pair, price, worth, "answers").total_j
    return _times_over(teacher_j(pair, price), saved)


def _times_over(energy_j: Floats, left_j: Floats) -> Floats:
    """One energy over what is left of another [1]; infinite where nothing is."""
    left = np.asarray(left_j, dtype=float)
    times = np.where(left > 0, energy_j / np.where(left > 0, left, 1.0), np.inf)
    return times if times.ndim else float(times)
