"""What a budget buys: chips, power, people and text, the arithmetic of one large run, and the model a law allows.

The quality of a model is its loss, as a scaling law has it: nats per token of a text, never "intelligence".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from efficiency.arrays import Floats, larger, smaller
from efficiency.budget_assumptions import assumed
from efficiency.budget_limits import supply
from efficiency.budget_plan import Plan, price
from efficiency.cluster import peak_flop_s
from efficiency.facts import fact
from efficiency.goodput import goodput
from efficiency.scaling_laws import FLOP_PER_PARAMETER_TOKEN, Law, coefficients_of, loss, optimal
from efficiency.units import SECONDS_PER_YEAR

LIMITS: Final = ("chips", "power", "data", "ideas")
"""What can bind beside money, as fields of `Outcome.asked`."""
_FLOP_PER_PARAMETER_SERVED: Final = 2.0


class Asked(NamedTuple):
    """What the money asks for over what there is [1]; above 1 it is not to be had."""

    chips: Floats
    power: Floats
    data: Floats
    ideas: Floats


class Outcome(NamedTuple):
    """What a budget buys; SI units, floats or arrays.

    ``chips`` are all that are bought, ``power_w`` is what the sites draw when most of them run, ``run_chips`` work on
    the large run at once. ``flop`` is its arithmetic; ``ideas`` is by how much new ideas multiply it.
    ``wanted_tokens`` is what the law would read, ``tokens`` what there is of it. ``capital_usd`` is spent on chips and
    sites, ``energy_usd`` on electricity, ``people_usd`` on people, ``text_usd`` on new text; the rest is left over.
    """

    chips: Floats
    h100s: Floats
    power_w: Floats
    people: Floats
    run_chips: Floats
    mfu: Floats
    goodput: Floats
    flop: Floats
    ideas: Floats
    wanted_tokens: Floats
    tokens: Floats
    parameters: Floats
    loss: Floats
    served_tokens_per_s: Floats
    capital_usd: Floats
    energy_usd: Floats
    people_usd: Floats
    text_usd: Floats
    left_usd: Floats
    asked: Asked

    @property
    def effective_flop(self) -> Floats:
        """Arithmetic that would do the same without the new ideas [FLOP]."""
        return self.flop * self.ideas


def outcome(plan: Plan, values: Mapping[str, Floats] | None = None, coefficients: Law | None = None) -> Outcome:
    r"""Work out what a plan buys.

    Parameters
    ----------
    plan : Plan
        Budget, years, split and so on.
    values : Mapping of str to float or ndarray, optional
        As from `assumed`; its central values unless given.
    coefficients : Law, optional
        Samples of the plan's law; its central coefficients unless given.

    Returns
    -------
    Outcome
        Broadcast over dollars and values [SI units].

    Notes
    -----
    One fleet; run, experiments and serving share its chip-time as they share the money. Engineers E bring utilisation
    and the times of checkpoint and restart from those without a team towards the best by q = E/(E + half). Ideas: the
    world halves the arithmetic for a loss in a time T; a lab does it at its share of the world's effort to a power,
    effort being researchers and experiments, and never faster than the world. New ideas act like more parameters and
    more tokens alike. Where the law would read more text than there is, the rest of the arithmetic goes into
    parameters.

    References
    ----------
    MODEL.md, Ten trillion dollars; `goodput.goodput`, `scaling_laws.optimal`.

    Examples
    --------
    >>> found = outcome(Plan(dollars=1e9))
    >>> 5e3 < found.chips < 2e4, 1e24 < found.flop < 1e26, 1.8 < found.loss < 2.2
    (True, True, True)
    """
    a = assumed() if values is None else values
    share, unit, there = plan.shares(), price(plan, a), supply(plan.where, plan.years, a)
    on_chips = 1.0 - share["people"]
    text_usd = plan.dollars * share["run"] * a["newtext"]
    fleet_usd = plan.dollars * on_chips - text_usd
    h100s_per_chip = float(peak_flop_s(plan.chip, 1.0) / peak_flop_s("h100", 1.0))

    wanted_chips = fleet_usd / unit.total_usd
    # Of chips bought evenly over more years than they last, only the younger ones run.
    alive = smaller(1.0, a["life"] / (plan.years * SECONDS_PER_YEAR))
    wanted_w = wanted_chips * alive * unit.facility_w
    asked_chips, asked_power = wanted_chips * h100s_per_chip / there.h100s, wanted_w / there.power_w
    chips = wanted_chips / larger(1.0, larger(asked_chips, asked_power))

    years_s = plan.years * SECONDS_PER_YEAR
    wanted_people = plan.dollars * share["people"] / (a["salary"] * years_s)
    people = smaller(wanted_people, there.people)

    run_share, trial_share, serving_share = _of_fleet(share, text_usd, fleet_usd, plan.dollars)
    running = chips * alive
    run_s = larger(a["runtime"], run_share * unit.service_s / alive)
    run_chips = run_share * chips * unit.service_s / run_s
    mfu, useful = _engineered(people * a["engineers"] * plan.years, run_chips, a)
    flop = run_share * chips * unit.service_s * float(peak_flop_s(plan.chip, 1.0)) * mfu * useful

    ideas = _ideas(people * (1.0 - a["engineers"]), running * h100s_per_chip * trial_share, years_s, a)
    law = coefficients_of(plan.law if coefficients is None else coefficients)
    gain = ideas**0.5
    wanted_tokens = optimal(law, flop * ideas).tokens / gain
    available = there.tokens + text_usd / there.usd_per_new_token
    tokens = smaller(wanted_tokens, available)
    parameters = flop / (FLOP_PER_PARAMETER_TOKEN * tokens)
    serving_flop_s = serving_share * running * float(peak_flop_s(plan.chip, 1.0)) * a["serve"]
    capital, energy = chips * unit.capital_usd, chips * unit.energy_usd
    people_usd = people * a["salary"] * years_s
    return Outcome(
        chips=chips,
        h100s=chips * h100s_per_chip,
        power_w=running * unit.facility_w,
        people=people,
        run_chips=run_chips,
        mfu=mfu,
        goodput=useful,
        flop=flop,
        ideas=ideas,
        wanted_tokens=wanted_tokens,
        tokens=tokens,
        parameters=parameters,
        loss=loss(law, parameters * gain, tokens * gain),
        served_tokens_per_s=serving_flop_s / (_FLOP_PER_PARAMETER_SERVED * parameters),
        capital_usd=capital,
        energy_usd=energy,
        people_usd=people_usd,
        text_usd=text_usd,
        left_usd=larger(plan.dollars - capital - energy - people_usd - text_usd, 0.0),
        asked=Asked(asked_chips, asked_power, wanted_tokens / available, wanted_people / there.people),
    )


def _of_fleet(
    share: Mapping[str, float], text_usd: Floats, fleet_usd: Floats, dollars: Floats
) -> tuple[Floats, Floats, Floats]:
    """Share the fleet's time between run, experiments and serving, as their money."""
    return (
        (share["run"] * dollars - text_usd) / fleet_usd,
        share["experiments"] * dollars / fleet_usd,
        share["serving"] * dollars / fleet_usd,
    )


def _engineered(engineer_years: Floats, run_chips: Floats, a: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Utilisation and goodput that a team reaches."""
    reached = engineer_years / (engineer_years + a["half"])
    mfu = a["alone"] + (a["best"] - a["alone"]) * reached
    save = a["save"] * (fact("failures.checkpoint").si / a["save"]) ** reached
    restart = a["restart"] * (fact("failures.restart").si / a["restart"]) ** reached
    together = larger(smaller(run_chips, a["domain"]), 1.0)
    return mfu, goodput(together, checkpoint_s=save, restart_s=restart).useful


def _ideas(researchers: Floats, trial_h100s: Floats, years_s: float, a: Mapping[str, Floats]) -> Floats:
    """By how much a lab's own ideas multiply its arithmetic, beside what is public."""
    effort = (researchers / a["pool"]) ** (1.0 - a["trials"]) * (trial_h100s / a["worldx"]) ** a["trials"]
    # Nobody is taken to be faster than the whole world is today.
    return 2.0 ** (years_s / a["halving"] * smaller(effort, 1.0) ** a["toes"])


def binding(found: Outcome) -> str:
    """Name what binds a budget.

    Parameters
    ----------
    found : Outcome
        Of a plan with one budget.

    Returns
    -------
    str
        ``"money"`` where all that it asks for is there, else one of `LIMITS`.

    Notes
    -----
    Where several are short, the one that is exceeded most.

    References
    ----------
    MODEL.md, Ten trillion dollars.

    Examples
    --------
    >>> binding(outcome(Plan(dollars=1e6)))
    'money'
    """
    asked = {name: float(np.asarray(value)) for name, value in found.asked._asdict().items()}
    worst = max(asked, key=asked.__getitem__)
    return worst if asked[worst] > 1.0 else "money"
