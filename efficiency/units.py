"""Units that a fact may carry, and their conversion to SI.

The vocabulary is closed on purpose: a unit that is not listed here is refused when the facts load,
so a typing slip (``pJ/bits``, ``Mw``) cannot become a silent factor of a thousand. Counted things
(operations, bits, tokens) stay in the SI unit's name because a joule per bit and a joule per
operation must not be compared by accident.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np

Quantity = TypeVar("Quantity", float, "np.ndarray")

SECONDS_PER_HOUR = 3600.0
SECONDS_PER_DAY = 86_400.0
JOULES_PER_MWH = 1e6 * SECONDS_PER_HOUR
# The Julian year of astronomy: 365.25 days of 86,400 s. A calendar year differs by under 0.1 %.
SECONDS_PER_YEAR = 365.25 * SECONDS_PER_DAY

_PREFIX = MappingProxyType(
    {"a": 1e-18, "f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0}
    | {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
)


def _scaled(prefixes: str, unit: str, si_unit: str, factor: float = 1.0) -> dict[str, tuple[float, str]]:
    """List `unit` under the decimal prefixes named; a space stands for no prefix."""
    return {f"{prefix.strip()}{unit}": (_PREFIX[prefix.strip()] * factor, si_unit) for prefix in prefixes}


UNITS: Mapping[str, tuple[float, str]] = MappingProxyType(
    {"1": (1.0, "1"), "x": (1.0, "1"), "fraction": (1.0, "fraction"), "%": (0.01, "fraction")}
    # Power, energy, time
    | _scaled("mu kMGT", "W", "W")
    | _scaled("afpnum kMGT", "J", "J")
    | _scaled(" kMGT", "Wh", "J", SECONDS_PER_HOUR)
    | {"kWh/year": (1e3 * SECONDS_PER_HOUR / SECONDS_PER_YEAR, "W")}
    | {"TWh/year": (1e12 * SECONDS_PER_HOUR / SECONDS_PER_YEAR, "W")}
    | _scaled("num ", "s", "s")
    | {"min": (60.0, "s"), "h": (SECONDS_PER_HOUR, "s"), "year": (SECONDS_PER_YEAR, "s")}
    | {"chip-hours": (SECONDS_PER_HOUR, "chip-seconds")}
    | _scaled(" kMG", "Hz", "Hz")
    | {"K": (1.0, "K"), "J/K": (1.0, "J/K")}
    # Energy per counted thing
    | _scaled("fpn ", "J/op", "J/op")
    | _scaled("afpn ", "J/bit", "J/bit")
    | _scaled("fpn", "J/bit/mm", "J/bit/m", 1e3)
    | _scaled("p", "J/bit/layer", "J/bit/layer")
    | _scaled("pn", "J/64b", "J/bit", 1 / 64)
    | _scaled("pn", "J/32b", "J/bit", 1 / 32)
    | _scaled("pn", "J/instruction", "J/instruction")
    | _scaled("fpnu", "J/event", "J/event")
    | _scaled("m ", "J/token", "J/token")
    | {"Wh/query": (SECONDS_PER_HOUR, "J/query"), "J/query": (1.0, "J/query")}
    | {"J/ATP": (1.0, "J/ATP"), "kJ/mol": (1e3, "J/mol"), "kJ/g": (1e6, "J/kg")}
    | {"ATP": (1.0, "ATP"), "ATP/s": (1.0, "ATP/s"), "ATP/bit": (1.0, "ATP/bit")}
    | {"ATP/glucose": (1.0, "ATP/glucose")}
    # Rates of work
    | _scaled(" kMGTPE", "FLOP", "FLOP")
    | _scaled(" kMGTPE", "FLOP/s", "FLOP/s")
    | _scaled(" GTP", "FLOP/J", "FLOP/J")
    | _scaled(" GTP", "OP/s", "OP/s")
    | _scaled(" GTP", "OP/J", "OP/J")
    | {"1/day": (1.0 / SECONDS_PER_DAY, "1/s")}
    | {"events/s": (1.0, "events/s"), "erasures/s": (1.0, "erasures/s")}
    # Information
    | _scaled(" kMGTP", "B", "B")
    | _scaled(" kMGTP", "B/s", "B/s")
    | _scaled(" kMGT", "bit", "bit")
    | _scaled(" kMGT", "bit/s", "bit/s")
    # Length
    | {"nm": (1e-9, "m"), "um": (1e-6, "m"), "mm": (1e-3, "m"), "m": (1.0, "m")}
    # Counts
    | {
        name: (1.0, name)
        for name in (
            *("neurons", "synapses", "tokens", "parameters", "layers", "heads", "experts"),
            *("people", "chips", "words", "levels", "brains", "restarts", "nats"),
        )
    }
    # Language and money
    | {"words/min": (1 / 60, "words/s"), "tokens/word": (1.0, "tokens/word")}
    | {"tokens/s": (1.0, "tokens/s"), "tokens/parameter": (1.0, "tokens/parameter")}
    | {"characters/min": (1 / 60, "characters/s")}
    | {"USD": (1.0, "USD"), "USD/GW": (1e-9, "USD/W"), "USD/MWh": (1e-6 / SECONDS_PER_HOUR, "USD/J")}
    | {"USD/h": (1 / SECONDS_PER_HOUR, "USD/s"), "USD/year": (1 / SECONDS_PER_YEAR, "USD/s")}
    # What the world makes or builds in a year
    | {"chips/year": (1 / SECONDS_PER_YEAR, "chips/s"), "GW/year": (1e9 / SECONDS_PER_YEAR, "W/s")}
)


def si(value: Quantity, unit: str) -> Quantity:
    """Convert a quantity to SI units.

    Parameters
    ----------
    value : float or ndarray
        Quantity [`unit`].
    unit : str
        One of the keys of `UNITS`.

    Returns
    -------
    float or ndarray
        The same quantity, same shape [SI unit of `unit`, see `si_unit`].

    Raises
    ------
    ValueError
        If the unit is not in the table.

    Notes
    -----
    Prefixes are decimal, also for bytes: 1 GB is 1e9 B. A year is the Julian year of 365.25 days.

    References
    ----------
    BIPM, The International System of Units (SI), 9th edition, 2019, Table 7 (prefixes).

    Examples
    --------
    >>> si(2.0, "kWh")
    7200000.0
    >>> round(si(640.0, "pJ/64b") * 1e12, 6)
    10.0
    """
    return value * _entry(unit)[0]


def si_unit(unit: str) -> str:
    """Name the SI unit that `si` converts to.

    Parameters
    ----------
    unit : str
        One of the keys of `UNITS`.

    Returns
    -------
    str
        SI unit, with the counted thing kept in its name.

    Raises
    ------
    ValueError
        If the unit is not in the table.

    Notes
    -----
    A joule per bit and a joule per operation are different units, so that they are not compared by accident.

    References
    ----------
    As `si`.

    Examples
    --------
    >>> si_unit("pJ/64b")
    'J/bit'
    """
    return _entry(unit)[1]


def _entry(unit: str) -> tuple[float, str]:
    try:
        return UNITS[unit]
    except KeyError:
        raise ValueError(f"unit {unit!r} is not known; allowed: {', '.join(UNITS)}") from None
