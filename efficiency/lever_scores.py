"""How well the effect of a lever is predicted: scores of measured pairs beside two null models, and where they fail."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np

from efficiency.cases import Cases, Column
from efficiency.held_out import held_out
from efficiency.lever_pairs import TEXT_METRICS, Pair, matches, pairs, reads_pictures
from efficiency.stored_pairs import shipped_pairs
from efficiency.validate import BLIND, GIVEN

MARKED: Final = math.log10(1.1)
"""An effect beyond this exceeds 10 %, up or down; its sign must be right."""
OF_A_NULL: Final = 0.6
"""Share of either null model's error that the predictions may have."""
WORST: Final = 10

GROUPS: Final[Mapping[str, Callable[[str, str, bool], bool]]] = MappingProxyType(
    {
        "precision": lambda lever, metric, reads: lever == "precision",
        "experts": lambda lever, metric, reads: lever == "experts",
        "batch": lambda lever, metric, reads: lever == "batch",
        "batch, text": lambda lever, metric, reads: lever == "batch" and metric in TEXT_METRICS,
        "batch, pictures": lambda lever, metric, reads: lever == "batch" and metric not in TEXT_METRICS,
        "all": lambda lever, metric, reads: True,
        "reads pictures": lambda lever, metric, reads: reads,
        "reads none": lambda lever, metric, reads: not reads,
    }
)
"""Pairs that are scored together, by lever, quantity, and whether pictures are read."""


@dataclass(frozen=True, slots=True)
class LeverScore:
    """How far predicted ratios lie from measured ones, beside two null models.

    Attributes
    ----------
    group, way : str
        One of `GROUPS`; "given" or "blind".
    count, unpredicted : int
        Pairs predicted, and pairs for which a prediction is missing [1].
    mean_error, median_error : float
        Of abs(log10(predicted ratio / measured ratio)) [1]; NaN here and below where there is no pair.
    mean_none, median_none : float
        The same if the lever is said to have no effect [1].
    mean_constant, median_constant : float
        The same if it is said to have one effect always, the best in hindsight for that very number [1].
    marked, right : int
        Pairs whose effect exceeds 10 %, and those of them with the right sign [1].
    decided, decided_right : int
        Those of the marked pairs whose predicted interval lies on one side of 1, and those of them with the right
        sign [1].
    coverage : float
        Share of measured ratios inside their 90 % interval [fraction].
    width : float
        Median of high over low [1].
    """

    group: str
    way: str
    count: int
    unpredicted: int
    mean_error: float
    median_error: float
    mean_none: float
    median_none: float
    mean_constant: float
    median_constant: float
    marked: int
    right: int
    decided: int
    decided_right: int
    coverage: float
    width: float

    @property
    def of_null(self) -> float:
        """Mean error over the smaller one of the two null models [1]."""
        smaller = min(self.mean_none, self.mean_constant)
        return self.mean_error / smaller if smaller > 0 else math.nan


@dataclass(frozen=True, slots=True, eq=False)
class LeverValidation:
    """Pairs of a table with their scores.

    Attributes
    ----------
    pairs : mapping of str to tuple of Pair
        By way of predicting.
    scores : tuple of LeverScore
        By group and way.
    held_out : int
        Pairs both of whose predictions come from fits that had not seen them [1].
    """

    pairs: Mapping[str, tuple[Pair, ...]]
    scores: tuple[LeverScore, ...]
    held_out: int


def wrong_sign(some: Sequence[Pair]) -> tuple[Pair, ...]:
    """Give the pairs whose effect exceeds 10 % and is predicted to the other side, or not at all.

    Parameters
    ----------
    some : sequence of Pair
        Measured pairs.

    Returns
    -------
    tuple of Pair
        Those with the wrong sign [ratios, 1].

    Notes
    -----
    Ten per cent up or down: a ratio beyond 1.1 or its inverse.

    References
    ----------
    MODEL.md, "Levers against measurement".

    Examples
    --------
    >>> from efficiency.stored_pairs import shipped_pairs
    >>> all((pair.measured - 1) * (pair.predicted - 1) <= 0 for pair in wrong_sign(shipped_pairs()))
    True
    """
    return tuple(
        pair
        for pair in some
        if abs(math.log10(pair.measured)) > MARKED and (pair.measured - 1.0) * (pair.predicted - 1.0) <= 0.0
    )


def lever_score(some: Sequence[Pair], group: str, way: str, unpredicted: int = 0) -> LeverScore:
    """Score predicted effects against measured ones.

    Parameters
    ----------
    some : sequence of Pair
        Measured pairs.
    group, way : str
        Names of the score.
    unpredicted : int, optional
        Pairs left out for want of a prediction.

    Returns
    -------
    LeverScore
        Errors of the predictions and of the null models [1].

    Notes
    -----
    The constant is fitted to the very pairs that it is scored on, once for the mean (the median effect) and once for
    the median (the middle of the shortest half of the effects): no constant learned elsewhere can do better.

    References
    ----------
    MODEL.md, "Levers against measurement".

    Examples
    --------
    >>> from efficiency.stored_pairs import shipped_pairs
    >>> some = [pair for pair in shipped_pairs() if pair.lever == "precision"]
    >>> lever_score(some, "precision", "blind").of_null < OF_A_NULL
    True
    """
    if not some:
        return LeverScore(group, way, 0, unpredicted, *(math.nan,) * 6, *(0,) * 4, math.nan, math.nan)
    effect = np.log10([pair.measured for pair in some])
    error = np.abs([pair.error for pair in some])
    marked = [pair for pair in some if abs(math.log10(pair.measured)) > MARKED]
    decided = [pair for pair in marked if pair.low > 1.0 or pair.high < 1.0]
    return LeverScore(
        group=group,
        way=way,
        count=len(some),
        unpredicted=unpredicted,
        mean_error=float(np.mean(error)),
        median_error=float(np.median(error)),
        mean_none=float(np.mean(np.abs(effect))),
        median_none=float(np.median(np.abs(effect))),
        mean_constant=float(np.mean(np.abs(effect - np.median(effect)))),
        median_constant=float(np.median(np.abs(effect - _middle_of_shortest_half(effect)))),
        marked=len(marked),
        right=len(marked) - len(wrong_sign(marked)),
        decided=len(decided),
        decided_right=len(decided) - len(wrong_sign(decided)),
        coverage=float(np.mean([pair.low <= pair.measured <= pair.high for pair in some])),
        width=float(np.median([pair.high / pair.low for pair in some])),
    )


def validate_levers(cases: Cases) -> LeverValidation:
    """Compare the predicted effects of levers with those that a table's pairs show.

    Parameters
    ----------
    cases : Cases
        A table with measured values.

    Returns
    -------
    LeverValidation
        Pairs and scores [1].

    Raises
    ------
    ValueError
        If no two rows differ in one lever only.

    Notes
    -----
    Blind, the effect is predicted from the configuration alone; given, the measured speed of both cases is used.

    References
    ----------
    MODEL.md, "Levers against measurement".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> job = {"model": "Llama-3.1-8B", "gpu": "H100", "metric": "energy_per_output_token", "output_tokens": 500}
    >>> cases = cases_from_rows([job | {"batch": b, "value": 3 / b, "n_gpus": 1} for b in (8, 16)])
    >>> [score.count for score in validate_levers(cases).scores if score.group == "batch"]
    [1, 1]
    """
    found = matches(cases)
    if not found:
        raise ValueError("no two rows differ in precision, experts or batch only, so no lever can be compared")
    everyone: dict[str, tuple[Pair, ...]] = {}
    held: list[np.ndarray] = []
    scores = []
    for way in (BLIND, GIVEN):
        made, known = held_out(cases, way == GIVEN)
        held.append(known)
        everyone[way] = pairs(cases, made)
    for group, belongs in GROUPS.items():
        every = sum(
            belongs(match.lever, cases.metric[match.before], reads_pictures(cases.note[match.before]))
            for match in found
        )
        for way, some in everyone.items():
            chosen = [pair for pair in some if belongs(pair.lever, pair.metric, pair.reads_pictures)]
            if every:
                scores.append(lever_score(chosen, group, way, every - len(chosen)))
    both = np.logical_and(*held)
    return LeverValidation(
        MappingProxyType(everyone),
        tuple(scores),
        sum(bool(both[pair.rows[0]] and both[pair.rows[1]]) for pair in everyone[BLIND]),
    )


@cache
def validate_shipped() -> LeverValidation:
    """Give the pairs that come with the program, with their scores.

    Returns
    -------
    LeverValidation
        Of all published cases that the fits were made from [1].

    Notes
    -----
    The same as `validate_levers` of that table, of which only a selection comes with the program.

    References
    ----------
    MODEL.md, "Levers against measurement".

    Examples
    --------
    >>> found = validate_shipped()
    >>> found.held_out == len(found.pairs[BLIND]) > 1000
    True
    """
    everyone = {way: shipped_pairs(way == GIVEN) for way in (BLIND, GIVEN)}
    scores = (
        lever_score([pair for pair in some if belongs(pair.lever, pair.metric, pair.reads_pictures)], group, way)
        for group, belongs in GROUPS.items()
        for way, some in everyone.items()
    )
    return LeverValidation(MappingProxyType(everyone), tuple(scores), len(everyone[BLIND]))


def levers_text(validation: LeverValidation) -> str:
    """Print a validation of levers as tables for people.

    Parameters
    ----------
    validation : LeverValidation
        What was compared.

    Returns
    -------
    str
        A line per group and way; then the pairs with the wrong sign, the worst ones, and all others.

    Notes
    -----
    All pairs are listed blind, because their effect is then predicted from the configuration alone.

    References
    ----------
    MODEL.md, "Levers against measurement".

    Examples
    --------
    >>> levers_text(validate_shipped()).splitlines()[2].split()[:2]
    ['null', 'models:']
    """
    blind = validation.pairs[BLIND]
    text = [
        f"{len(blind)} pairs of measured cases differ in one lever only; {validation.held_out} are predicted by fits",
        "that had not seen the model. Errors: log10 of predicted over measured ratio of energies, after over before.",
        "null models: no effect, or one constant, the best in hindsight; of null: mean error over the smaller of both.",
        "right: sign, of the effects beyond 10 %; decided: the same where the predicted interval leaves out 1;",
        "covered: share inside the 90 % interval; none: without a prediction.",
        "",
        f"{'lever':<16}{'way':<7}{'n':>5}{'none':>6}{'mean':>8}{'no eff.':>9}{'const.':>8}{'of null':>9}"
        f"{'median':>8}{'no eff.':>9}{'const.':>8}{'right':>10}{'decided':>10}{'covered':>9}"
        f"{'width':>7}",
    ]
    for s in validation.scores:
        numbers = (s.mean_error, s.mean_none, s.mean_constant, s.of_null)
        medians = (s.median_error, s.median_none, s.median_constant)
        text.append(
            f"{s.group:<16}{s.way:<7}{s.count:>5}{s.unpredicted:>6}"
            + "".join(f"{_number(x):>{w}}" for x, w in zip(numbers, (8, 9, 8, 9), strict=True))
            + "".join(f"{_number(x):>{w}}" for x, w in zip(medians, (8, 9, 8), strict=True))
            + f"{f'{s.right}/{s.marked}':>10}{f'{s.decided_right}/{s.decided}':>10}"
            + f"{_number(s.coverage, 2):>9}{_number(s.width, 2):>7}"
        )
    wrong = wrong_sign(blind)
    order = sorted(blind, key=lambda pair: -abs(pair.error))
    text += _listed(f"Wrong sign though the effect exceeds 10 %, blind ({len(wrong)}):", wrong)
    text += _listed(f"The {min(WORST, len(blind))} worst, blind:", order[:WORST])
    text += _listed("All pairs, blind:", blind)
    return "\n".join(text)


def _listed(title: str, some: Sequence[Pair]) -> list[str]:
    lines = ["", title]
    for pair in some:
        what = f"{pair.model.rpartition('/')[2]}, {pair.chips:g} x {pair.chip}, {pair.job}"
        if pair.lever != "batch":
            what += f", batch {pair.batch:.0f}"
        ratio = f"measured {pair.measured:.3f}, predicted {pair.predicted:.3f} ({pair.low:.2f} to {pair.high:.2f})"
        lines.append(f"  {pair.lever}: {what}: {pair.before} -> {pair.after}: {ratio}, error {pair.error:+.3f}")
    return lines


def _middle_of_shortest_half(values: Column) -> float:
    ordered = np.sort(values)
    held = len(ordered) // 2 + 1
    start = int(np.argmin(ordered[held - 1 :] - ordered[: len(ordered) - held + 1]))
    return float((ordered[start] + ordered[start + held - 1]) / 2.0)


def _number(x: float, digits: int = 3) -> str:
    return f"{x:.{digits}f}" if np.isfinite(x) else "-"
