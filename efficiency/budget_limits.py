"""What the world has for one buyer: chips, new power, people and text."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from efficiency.arrays import Floats
from efficiency.facts import fact
from efficiency.units import SECONDS_PER_YEAR

WHERE: Final[Mapping[str, str]] = MappingProxyType({"world": "The world", "us": "The United States"})
"""Whose new power plants feed the sites."""


class Supply(NamedTuple):
    """What one buyer can get: chips counted as H100s over the years, mean power [W], people, public text [tokens]."""

    h100s: Floats
    power_w: Floats
    people: Floats
    tokens: Floats
    usd_per_new_token: Floats


def added_power_w_per_s(where: str) -> float:
    """Nameplate power that is built.

    Parameters
    ----------
    where : {"world", "us"}
        Whose.

    Returns
    -------
    float
        Power per time [W/s].

    Raises
    ------
    ValueError
        For another place.

    Notes
    -----
    The world's is what was added of renewables over their share of all that was added.

    References
    ----------
    `efficiency/data/budget.csv`.

    Examples
    --------
    >>> round(added_power_w_per_s("world") * SECONDS_PER_YEAR / 1e9)
    632
    """
    if where not in WHERE:
        raise ValueError(f"where is {where!r}; allowed: {', '.join(WHERE)}")
    if where == "us":
        return fact("budget.us_added").si
    return fact("budget.renewables_added").si / fact("budget.renewables_share_added").si


def chips_made(rate: Floats, growth: Floats, years: float) -> Floats:
    r"""Chips that are made over some years.

    Parameters
    ----------
    rate : float or ndarray
        Made at the start [chips/s].
    growth : float or ndarray
        By how much that grows in a year [1].
    years : float
        For how long [year].

    Returns
    -------
    float or ndarray
        Chips [1].

    Notes
    -----
    :math:`r (g^Y - 1) / \ln g`, and r Y without growth.

    References
    ----------
    MODEL.md, Ten trillion dollars.

    Examples
    --------
    >>> round(chips_made(1.0 / SECONDS_PER_YEAR, 1.0, 5.0), 6), round(chips_made(1.0 / SECONDS_PER_YEAR, 2.0, 1.0), 3)
    (5.0, 1.443)
    """
    # Near 1 the quotient loses all its digits; its series does not.
    log = np.log(growth)
    steady = np.abs(log) < 1e-9
    safe = np.where(steady, 1.0, log)
    factor = np.where(steady, years, np.expm1(safe * years) / safe)
    made = rate * SECONDS_PER_YEAR * factor
    return float(made) if np.ndim(made) == 0 else made


def supply(where: str, years: float, values: Mapping[str, Floats]) -> Supply:
    """Work out what one buyer can get over some years.

    Parameters
    ----------
    where : {"world", "us"}
        Whose new power.
    years : float
        For how long [year].
    values : Mapping of str to float or ndarray
        As from `budget_assumptions.assumed`.

    Returns
    -------
    Supply
        As its fields say [SI units].

    Raises
    ------
    ValueError
        For another place.

    Notes
    -----
    The same share of chips, power and people. Text is public: all of it is there for everybody. A person writes at a
    keyboard's pace, so a new token costs a wage over that pace.

    References
    ----------
    `efficiency/data/budget.csv`, `efficiency/data/human.csv`.

    Examples
    --------
    >>> from efficiency.budget_assumptions import assumed
    >>> found = supply("world", 5.0, assumed())
    >>> round(found.power_w / 1e9), round(found.h100s / 1e6), round(found.usd_per_new_token, 4)
    (198, 43, 0.0046)
    """
    reach = values["reach"]
    new_tokens_per_s = fact("human.writing_rate").si * fact("human.tokens_per_word").si
    return Supply(
        h100s=reach * chips_made(values["made"], values["growth"], years),
        power_w=reach * values["firm"] * (added_power_w_per_s(where) * years * SECONDS_PER_YEAR),
        people=reach * values["pool"],
        tokens=values["text"],
        usd_per_new_token=values["wage"] / new_tokens_per_s,
    )
