"""A budget, the years it is spent over and how it is split; and what one chip of it costs."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from efficiency import catalogue
from efficiency.arrays import Floats, smaller
from efficiency.budget_limits import WHERE
from efficiency.cluster import cluster_power_w, peak_flop_s
from efficiency.facts import Fact, fact, facts
from efficiency.own import Labels
from efficiency.scaling_laws import LAWS
from efficiency.units import SECONDS_PER_YEAR

LEAST_USD, MOST_USD = 1e6, 1e13
LEAST_YEARS, MOST_YEARS = 0.5, 20.0
DOLLAR_STEPS: Final = (
    *(round(mantissa * 10.0**power, -4) for power in range(6, 13) for mantissa in (1.0, 1.6, 2.5, 4.0, 6.3)),
    MOST_USD,
)
"""Budgets at which a figure's slider stops, five a decade [USD]."""
YEAR_STEPS: Final = (1, 2, 3, 5, 10, 20)
PART_STEPS: Final = (0, 1, 2, 5, 10, 15, 20, 25, 30, 40, 45, 50, 60, 70, 80, 90)
"""Parts of the money that a slider gives to a use."""
USES: Final = ("run", "experiments", "people", "serving")
"""What the money is split between, as fields of a `Plan`."""
USE_NAMES: Final = {
    "run": "One large run",
    "experiments": "Experiments",
    "people": "Research and engineering",
    "serving": "Serving",
}


@functools.cache
def _chips() -> Labels:
    """Chips that the model can compute with; a search for the best split asks a hundred times."""
    return catalogue.chip_labels()


@dataclass(frozen=True, slots=True)
class Plan:
    """A budget and its split.

    Attributes
    ----------
    dollars : float or ndarray
        All of the money [USD].
    years : float
        Over which it is spent, evenly [year].
    law : str
        One of `scaling_laws.LAWS`.
    where : {"world", "us"}
        Whose new power plants feed the sites.
    chip : str
        Short key, as in `catalogue.chip_labels`.
    pue : float
        Power usage effectiveness of the sites [1].
    run, experiments, people, serving : float
        Parts of the money; only their ratios count [1].
    """

    dollars: Floats = MOST_USD
    years: float = 5.0
    law: str = "refit"
    where: str = "world"
    chip: str = "h100"
    pue: float = 1.3
    run: float = 10.0
    experiments: float = 45.0
    people: float = 20.0
    serving: float = 25.0

    def __post_init__(self) -> None:
        dollars = np.asarray(self.dollars)
        if not (np.all(dollars >= LEAST_USD) and np.all(dollars <= MOST_USD * 1.02)):
            raise ValueError(f"dollars is {self.dollars!r}; allowed: {LEAST_USD:g} to {MOST_USD:g} USD")
        for name, low, high in (("years", LEAST_YEARS, MOST_YEARS), ("pue", 1.0, 3.0)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} is {value!r}; allowed: {low:g} to {high:g}")
        for name, allowed in (("law", LAWS), ("where", WHERE), ("chip", _chips())):
            value = getattr(self, name)
            if value not in allowed:
                raise ValueError(f"{name} is {value!r}; allowed: {', '.join(sorted(allowed))}")
        for name in USES:
            value = getattr(self, name)
            if not 0.0 <= value < float("inf"):
                raise ValueError(f"{name} is {value!r}; allowed: 0 or more parts")
        if not self.run > 0.0:
            raise ValueError(f"run is {self.run!r}; allowed: above 0, or there is no model")

    def shares(self) -> dict[str, float]:
        """Split the money.

        Returns
        -------
        dict of str to float
            Use to its share of all [1]; they add up to 1.

        Notes
        -----
        Parts over their sum.

        References
        ----------
        MODEL.md, Ten trillion dollars.

        Examples
        --------
        >>> Plan(run=1.0, experiments=1.0, people=1.0, serving=1.0).shares()["run"]
        0.25
        """
        parts = {name: float(getattr(self, name)) for name in USES}
        whole = sum(parts.values())
        return {name: part / whole for name, part in parts.items()}


class Price(NamedTuple):
    """Cost of one chip over the years: with its server, network and site [USD], and its electricity [USD]."""

    capital_usd: Floats
    energy_usd: Floats
    facility_w: float
    service_s: Floats

    @property
    def total_usd(self) -> Floats:
        """Capital and electricity [USD]."""
        return self.capital_usd + self.energy_usd


def published_price(chip: str) -> Fact | None:
    """Give the record of an accelerator's price.

    Parameters
    ----------
    chip : str
        Short key.

    Returns
    -------
    Fact or None
        Price [USD], or nothing where none is known.

    Notes
    -----
    Prices of chips that the page on budgets needs stand among its assumptions.

    References
    ----------
    `efficiency/data/chips.csv`, `efficiency/data/budget.csv`.

    Examples
    --------
    >>> published_price("northpole") is None
    True
    """
    return facts().get(f"chip.{chip}.price") or facts().get(f"budget.{chip}_price")


def chip_price_usd(chip: str) -> float:
    """Price of an accelerator alone.

    Parameters
    ----------
    chip : str
        Short key.

    Returns
    -------
    float
        Published, else the H100's price per 16-bit FLOP/s [USD].

    Raises
    ------
    FactError
        If the chip is unknown.

    Notes
    -----
    Today's price throughout: chips of later years will do more for a dollar, which this leaves out.

    References
    ----------
    `efficiency/data/chips.csv`, `efficiency/data/budget.csv`.

    Examples
    --------
    >>> chip_price_usd("h100"), chip_price_usd("b200")
    (33600.0, 35000.0)
    """
    known = published_price(chip)
    if known is not None:
        return known.si
    return fact("chip.h100.price").si * float(peak_flop_s(chip, 1.0) / peak_flop_s("h100", 1.0))


def price(plan: Plan, values: Mapping[str, Floats]) -> Price:
    """Cost of one chip over the years of a plan.

    Parameters
    ----------
    plan : Plan
        Its chip, years and PUE.
    values : Mapping of str to float or ndarray
        As from `assumed`.

    Returns
    -------
    Price
        [USD], power at the facility's meter [W], time at work [s].

    Notes
    -----
    Chip x (server and network) + watts of the server x building; nothing is sold at the end. A chip works for its share
    of the years, at most its life.

    References
    ----------
    `cluster.cluster_power_w`; `efficiency/data/budget.csv`.

    Examples
    --------
    >>> from efficiency.budget_assumptions import assumed
    >>> found = price(Plan(), assumed())
    >>> round(found.capital_usd, -3), round(found.energy_usd, -2)
    (69000.0, 2100.0)
    """
    server_w = float(cluster_power_w(plan.chip, 1.0, pue=1.0))
    service_s = smaller(values["service"] * (plan.years * SECONDS_PER_YEAR), values["life"])
    capital = chip_price_usd(plan.chip) * values["cluster"] + server_w * values["site"]
    facility_w = server_w * plan.pue
    return Price(capital, facility_w * service_s * values["power"], facility_w, service_s)
