"""What a power is beside brains, households, reactors and the grids of countries."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from efficiency.facts import fact
from efficiency.units import SECONDS_PER_YEAR

GRIDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "us": "grid.us_electricity_2024",
        "china": "grid.china_electricity_2024",
        "germany": "grid.germany_electricity_2022",
        "ireland": "grid.ireland_electricity_2024",
        "world": "grid.world_electricity_2024",
    }
)
"""A grid and the record of its electricity in a year."""
GRID_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"us": "United States", "china": "China", "germany": "Germany", "ireland": "Ireland", "world": "World"}
)
HOUSEHOLDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "us": "grid.household_energy",
        "germany": "grid.household_germany",
        "world": "grid.household_world",
    }
)
"""Where a household is and the record of its electricity in a year."""


class Beside(NamedTuple):
    """What a power is beside other things: counts [1], and its share of a grid [fraction]."""

    power_w: float
    brains: float
    households: float
    reactors: float
    reactors_delivered: float
    grid_share: float


def grid_power_w(grid: str) -> float:
    """Mean power of a grid.

    Parameters
    ----------
    grid : {"us", "china", "germany", "ireland", "world"}
        Whose.

    Returns
    -------
    float
        Electricity of its year over the year [W].

    Raises
    ------
    ValueError
        For another grid.

    Notes
    -----
    Generated in some, consumed or metered in others; the records say which.

    References
    ----------
    `efficiency/data/grid.csv`.

    Examples
    --------
    >>> round(grid_power_w("ireland") / 1e9, 1)
    3.6
    """
    if grid not in GRIDS:
        raise ValueError(f"grid is {grid!r}; allowed: {', '.join(GRIDS)}")
    return fact(GRIDS[grid]).si / SECONDS_PER_YEAR


def household_power_w(household: str) -> float:
    """Mean electric power of a household.

    Parameters
    ----------
    household : {"us", "germany", "world"}
        Where it is.

    Returns
    -------
    float
        Power [W].

    Raises
    ------
    ValueError
        For another place.

    Notes
    -----
    Electricity alone, without other fuels.

    References
    ----------
    `efficiency/data/grid.csv`.

    Examples
    --------
    >>> round(household_power_w("us"))
    1231
    """
    if household not in HOUSEHOLDS:
        raise ValueError(f"household is {household!r}; allowed: {', '.join(HOUSEHOLDS)}")
    return fact(HOUSEHOLDS[household]).si


def reactor_power_w() -> float:
    """Power of the mean nuclear reactor of the world.

    Returns
    -------
    float
        Net electrical power [W].

    Notes
    -----
    Capacity of all reactors over their number, 0.9 GW; a large one of today has 1 to 1.6 GW.

    References
    ----------
    .. [1] World Nuclear Association, World nuclear performance report 2025.

    Examples
    --------
    >>> round(reactor_power_w() / 1e9, 2)
    0.9
    """
    return fact("grid.reactors_capacity").si / fact("grid.reactors").si


def beside(power_w: float, grid: str = "us", household: str = "us") -> Beside:
    """Set a power beside brains, households, reactors and a grid.

    Parameters
    ----------
    power_w : float
        Power at the facility's meter [W].
    grid : str
        One of `GRIDS`.
    household : str
        One of `HOUSEHOLDS`.

    Returns
    -------
    Beside
        Counts [1] and share [fraction].

    Raises
    ------
    ValueError
        For an unknown grid or household.

    Notes
    -----
    A brain is 20 W of glucose. Reactors are counted at full power and, as ``reactors_delivered``, at what the mean one
    gives over a year.

    References
    ----------
    `efficiency/data/grid.csv`, `efficiency/data/brain.csv`.

    Examples
    --------
    >>> found = beside(1e9)
    >>> round(found.brains / 1e6), round(found.households, -3), round(found.reactors, 1)
    (50, 812000.0, 1.1)
    """
    reactor = reactor_power_w()
    return Beside(
        power_w=power_w,
        brains=power_w / fact("brain.power").si,
        households=power_w / household_power_w(household),
        reactors=power_w / reactor,
        reactors_delivered=power_w / (reactor * fact("grid.reactors_capacity_factor").si),
        grid_share=power_w / grid_power_w(grid),
    )
