"""The split of a budget that gives the least loss, what the next dollar brings in each use, and where limits begin."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from efficiency.arrays import Floats
from efficiency.budget import LIMITS, Outcome, outcome
from efficiency.budget_assumptions import assumed
from efficiency.budget_plan import LEAST_USD, MOST_USD, USES, Plan
from efficiency.sampling import Range, range_around

SAMPLES: Final = 256
_GRID: Final = 10.0 ** np.linspace(math.log10(LEAST_USD), math.log10(MOST_USD), 141)
_STEP: Final = 0.01
# Money that nothing can be bought with is left over rather than put where it does nothing; small beside any real gain.
_IDLE_MONEY: Final = 1e-5
_WIDEST: Final = 12.0


class Split(NamedTuple):
    """The best split: the plan that has it and what it buys."""

    plan: Plan
    outcome: Outcome


class Marginal(NamedTuple):
    """What 1 % of the budget more in a use changes: loss [nats], effective arithmetic and tokens served [fraction]."""

    use: str
    loss: float
    effective_flop: float
    served: float


def best_split(plan: Plan, values: Mapping[str, Floats] | None = None, start: Plan | None = None) -> Split:
    """Split between the run, experiments and people that gives the least loss, what is served staying as chosen.

    Parameters
    ----------
    plan : Plan
        With one budget; its share of serving is kept.
    values : Mapping of str to float, optional
        As from `assumed`; its central values unless given.
    start : Plan, optional
        Where the search starts: a plan whose split is likely to be near.

    Returns
    -------
    Split
        The plan with the best split, and what it buys [SI units].

    Notes
    -----
    Serving lowers no loss, so its share is somebody's choice and not part of the search. Nelder and Mead's search over
    the logarithms of two ratios, which keeps every share above 0.

    References
    ----------
    scipy.optimize.minimize.

    Examples
    --------
    >>> found = best_split(Plan(dollars=1e9))
    >>> found.outcome.loss < outcome(Plan(dollars=1e9)).loss
    True
    """
    from scipy.optimize import minimize  # a fifth of a second to import, and only a search needs it

    a = assumed() if values is None else values
    serving = plan.shares()["serving"]

    def at(ratios: np.ndarray) -> Plan:
        parts = np.exp(np.clip([0.0, *ratios], -_WIDEST, _WIDEST))
        run, experiments, people = (1.0 - serving) * parts / parts.sum()
        return replace(plan, run=float(run), experiments=float(experiments), people=float(people), serving=serving)

    def cost(ratios: np.ndarray) -> float:
        tried = at(ratios)
        return float(np.asarray(outcome(tried, a).loss)) + _IDLE_MONEY * tried.people

    if serving > 1.0 - 1e-9:
        return Split(plan, outcome(plan, a))
    first, reach = [0.0, -1.0], 1.0
    if start is not None:
        near = start.shares()
        first = [math.log(max(near[use], 1e-5) / max(near["run"], 1e-5)) for use in ("experiments", "people")]
        reach = 0.5
    simplex = np.array(first) + reach * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    options = {"xatol": 3e-2, "fatol": 1e-7, "maxiter": 200, "initial_simplex": simplex}
    found = minimize(cost, first, method="Nelder-Mead", options=options)
    best = at(found.x)
    return Split(best, outcome(best, a))


def richer(plan: Plan, use: str, share: float = _STEP) -> Plan:
    """Add money to one use.

    Parameters
    ----------
    plan : Plan
        Before.
    use : str
        One of `budget_plan.USES`.
    share : float
        How much, over the whole budget [fraction].

    Returns
    -------
    Plan
        With more money, and as much as before in every other use [USD].

    Raises
    ------
    ValueError
        For another use.

    Notes
    -----
    The budget may exceed its limit by this much.

    References
    ----------
    MODEL.md, Ten trillion dollars.

    Examples
    --------
    >>> after = richer(Plan(dollars=1e9), "run")
    >>> round(after.dollars * after.shares()["people"] / 1e9, 6)
    0.2
    """
    if use not in USES:
        raise ValueError(f"use is {use!r}; allowed: {', '.join(USES)}")
    parts = plan.shares()
    parts[use] += share
    more = plan.dollars * (1.0 + share)
    run, experiments, people, serving = (parts[name] for name in USES)
    return replace(plan, dollars=more, run=run, experiments=experiments, people=people, serving=serving)


def marginals(plan: Plan, values: Mapping[str, Floats] | None = None) -> tuple[Marginal, ...]:
    """Work out what the next dollars bring in each use.

    Parameters
    ----------
    plan : Plan
        With one budget.
    values : Mapping of str to float, optional
        As from `assumed`; its central values unless given.

    Returns
    -------
    tuple of Marginal
        In the order of `budget_plan.USES` [nats, fraction].

    Notes
    -----
    By 1 % of the budget, so that the numbers can be read; over that many dollars it is the return of one. A use whose
    market is empty brings nothing.

    References
    ----------
    MODEL.md, Ten trillion dollars.

    Examples
    --------
    >>> [one.use for one in marginals(Plan(dollars=1e10)) if one.loss < 0]
    ['run', 'experiments', 'people']
    """
    a = assumed() if values is None else values
    before = outcome(plan, a)
    found = []
    for use in USES:
        after = outcome(richer(plan, use), a)
        served = float(after.served_tokens_per_s / before.served_tokens_per_s - 1.0) if plan.serving else 0.0
        change = float(after.loss - before.loss)
        found.append(Marginal(use, change, float(after.effective_flop / before.effective_flop - 1.0), served))
    return tuple(found)


def beginnings(plan: Plan, values: Mapping[str, Floats] | None = None) -> dict[str, float | None]:
    """Budgets at which each limit begins to bind.

    Parameters
    ----------
    plan : Plan
        Its budget does not matter.
    values : Mapping of str to float, optional
        As from `assumed`; its central values unless given.

    Returns
    -------
    dict of str to float or None
        Limit to dollars, None if none up to the largest budget [USD].

    Notes
    -----
    Interpolated between 20 budgets a decade. What is asked for grows with the money, so each limit begins once.

    References
    ----------
    MODEL.md, Ten trillion dollars.

    Examples
    --------
    >>> sorted(name for name, dollars in beginnings(Plan()).items() if dollars)
    ['chips', 'data', 'ideas']
    """
    asked = outcome(replace(plan, dollars=_GRID), values).asked
    found: dict[str, float | None] = {}
    for name in LIMITS:
        over = np.log(np.maximum(np.broadcast_to(np.asarray(getattr(asked, name)), _GRID.shape), 1e-300))
        beyond = np.flatnonzero(over > 0.0)
        if beyond.size == 0:
            found[name] = None
        elif beyond[0] == 0:
            found[name] = LEAST_USD
        else:
            i = int(beyond[0])
            part = -over[i - 1] / (over[i] - over[i - 1])
            found[name] = float(_GRID[i - 1] * (_GRID[i] / _GRID[i - 1]) ** part)
    return found


def first_limit(plan: Plan, values: Mapping[str, Floats] | None = None) -> tuple[str, float]:
    """Name what binds first as a budget grows.

    Parameters
    ----------
    plan : Plan
        Its budget does not matter.
    values : Mapping of str to float, optional
        As from `assumed`; its central values unless given.

    Returns
    -------
    tuple of str and float
        The limit and the dollars where it begins; ``"money"`` and the largest budget if none does [USD].

    Notes
    -----
    Up to there, money is all that binds.

    References
    ----------
    MODEL.md, Ten trillion dollars.

    Examples
    --------
    >>> first_limit(Plan())[0]
    'ideas'
    """
    begun = {name: dollars for name, dollars in beginnings(plan, values).items() if dollars is not None}
    if not begun:
        return "money", MOST_USD
    first = min(begun, key=begun.__getitem__)
    return first, begun[first]


def first_limit_span(plan: Plan, chosen: Mapping[str, float] | None = None, samples: int = SAMPLES) -> Range:
    """Say with its range up to which budget money is all that binds.

    Parameters
    ----------
    plan : Plan
        Its budget does not matter.
    chosen : Mapping of str to float, optional
        Assumptions that differ from their records, in the records' units.
    samples : int
        Draws, a power of two [1].

    Returns
    -------
    Range
        At most the largest budget, where no limit begins below it [USD].

    Notes
    -----
    Of draws, the first of 20 budgets a decade at which anything is short.

    References
    ----------
    `first_limit`.

    Examples
    --------
    >>> found = first_limit_span(Plan(), samples=64)
    >>> found.low < found.central < found.high
    True
    """
    central = first_limit(plan, assumed(chosen))[1]
    asked = outcome(replace(plan, dollars=_GRID[:, None]), assumed(chosen, samples)).asked
    short = np.zeros((_GRID.size, samples), dtype=bool)
    for one in asked:
        short |= np.broadcast_to(np.asarray(one) > 1.0, short.shape)
    first = np.where(short.any(axis=0), _GRID[short.argmax(axis=0)], MOST_USD)
    return range_around(central, first)


def spans(plan: Plan, chosen: Mapping[str, float] | None = None, samples: int = SAMPLES) -> dict[str, Range]:
    """Work out what a plan buys, with ranges.

    Parameters
    ----------
    plan : Plan
        With one budget.
    chosen : Mapping of str to float, optional
        Assumptions that differ from their records, in the records' units.
    samples : int
        Draws, a power of two [1].

    Returns
    -------
    dict of str to Range
        Field of `Outcome` to its range [SI units].

    Notes
    -----
    Seeded draws of the assumptions; the law is taken at its central coefficients, so the range of the loss holds none
    of the law's own doubt, which far beyond the models it was fitted to is the larger part.

    References
    ----------
    `efficiency.sampling`.

    Examples
    --------
    >>> found = spans(Plan(dollars=1e9), samples=64)["chips"]
    >>> found.low < found.central < found.high
    True
    """
    central = outcome(plan, assumed(chosen))
    drawn = outcome(plan, assumed(chosen, samples))
    names = [name for name in Outcome._fields if name != "asked"]
    return {name: range_around(float(np.asarray(getattr(central, name))), getattr(drawn, name)) for name in names}
