"""Published costs of runs whose machines are known, beside what the prices of a budget give for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from efficiency.arrays import Floats
from efficiency.budget_assumptions import assumed
from efficiency.budget_plan import chip_price_usd
from efficiency.budget_split import SAMPLES
from efficiency.cluster import cluster_power_w
from efficiency.facts import Fact, entities, fact, facts
from efficiency.sampling import Range, range_around
from efficiency.units import SECONDS_PER_HOUR

RUN_CHIPS: Final = {"gpt4": "a100_40", "llama31_405b": "h100", "grok3": "h100"}
"""Run to the chip whose price is taken."""
COSTS: Final = {
    "bought": "its machines, bought",
    "run": "their wear and energy during the run",
}


class Compared(NamedTuple):
    """A cost as our prices give it, beside the published record [USD]."""

    run: str
    label: str
    cost: str
    ours: Range
    published: Fact

    @property
    def errors(self) -> tuple[float, ...]:
        """Ours over the published estimate less one, then over the one before its revision if there was [fraction]."""
        estimates = [self.published.si]
        if self.published.low is not None and self.published.low < self.published.value:
            estimates.append(self.published.si_low)
        return tuple(self.ours.central / estimate - 1.0 for estimate in estimates)


def compared_costs(samples: int = SAMPLES) -> tuple[Compared, ...]:
    """Price the machines of published runs.

    Parameters
    ----------
    samples : int
        Draws behind the ranges, a power of two [1].

    Returns
    -------
    tuple of Compared
        Two for each run: buying its machines, and their wear with energy while it ran [USD].

    Notes
    -----
    Chips x price x (server and network); wear is that over the life, for the hours of the run. Buildings are left out,
    as in the published estimates. The published costs are estimates too, from the same chips and hours but from prices
    of their own, so agreement tests the prices and not the bill. Epoch has revised its estimates of wear upwards; those
    of purchases are from before the revision.

    References
    ----------
    .. [1] Cottier, B. et al., "The rising costs of training frontier AI models", arXiv:2405.21015 (2024).

    Examples
    --------
    >>> [one.label for one in compared_costs(64)][:2]
    ['GPT-4', 'GPT-4']
    """
    central, drawn = assumed(), assumed(samples=samples)
    found = []
    for run, chip in RUN_CHIPS.items():
        for cost in COSTS:
            middle = float(np.asarray(_cost_usd(run, chip, cost, central)))
            published = facts()[f"budget.cost.{run}.{cost}"]
            ours = range_around(middle, _cost_usd(run, chip, cost, drawn))
            found.append(Compared(run, entities()[f"run.{run}"].label, cost, ours, published))
    return tuple(found)


def energy_over_hardware(run: str) -> float:
    """Energy of a run over the wear of its machines.

    Parameters
    ----------
    run : str
        One of `RUN_CHIPS`.

    Returns
    -------
    float
        Dollars over dollars [1].

    Notes
    -----
    The published shares of hardware and energy bracket it: 2 to 6 % over 47 to 67 %.

    References
    ----------
    .. [1] Cottier, B. et al., arXiv:2405.21015 (2024).

    Examples
    --------
    >>> 0.02 < energy_over_hardware("llama31_405b") < 0.15
    True
    """
    values = assumed()
    wear, energy = _hourly_usd(RUN_CHIPS[run], values)
    return float(np.asarray(energy / wear))


def site_usd_per_w(chip: str) -> float:
    """Cost of a site with its machines per watt at its meter.

    Parameters
    ----------
    chip : str
        Short key.

    Returns
    -------
    float
        Capital without energy [USD/W].

    Notes
    -----
    Published: 29 to 60 billion dollars a gigawatt.

    References
    ----------
    `efficiency/data/budget.csv`: budget.site_all_in.

    Examples
    --------
    >>> round(site_usd_per_w("b200"))
    45
    """
    values = assumed()
    server_w = float(cluster_power_w(chip, 1.0, pue=1.0))
    capital = chip_price_usd(chip) * values["cluster"] + server_w * values["site"]
    return float(np.asarray(capital / (server_w * fact("pue.default").si)))


def _hourly_usd(chip: str, values: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Wear and energy of one chip in an hour [USD]."""
    wear = chip_price_usd(chip) * values["cluster"] * SECONDS_PER_HOUR / values["life"]
    energy = float(cluster_power_w(chip, 1.0)) * SECONDS_PER_HOUR * values["power"]
    return wear, energy


def _cost_usd(run: str, chip: str, cost: str, values: Mapping[str, Floats]) -> Floats:
    if cost == "bought":
        bought: Floats = facts()[f"run.{run}.chips"].si * chip_price_usd(chip) * values["cluster"]
        return bought
    wear, energy = _hourly_usd(chip, values)
    return facts()[f"run.{run}.chip_hours"].si / SECONDS_PER_HOUR * (wear + energy)
