"""Named systems on a map of power against compute, each with how its numbers are known."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from efficiency import catalogue
from efficiency.facts import Fact, entities, facts

STANDINGS: Final[Mapping[str, str]] = MappingProxyType(
    {"measured": "measured", "reported": "reported", "estimated": "estimated", "announced": "announced"}
)
"""How a power is known; what is not built yet is announced, whoever says it."""
BASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "chips": "chips times the peak of their kind",
        "published": "peak as published",
        "h100": "from 8-bit peaks, by the ratio of its chip",
    }
)
"""Where a system's compute comes from."""
_COUNTED_AS: Final = "h100"


@dataclass(frozen=True, slots=True)
class NamedSystem:
    """A site with its power [W] and its 16-bit peak arithmetic [FLOP/s].

    Attributes
    ----------
    key, label : str
        Short key and name.
    year : int
        When it ran or is announced for.
    power_w, low_w, high_w : float
        Power of the facility and its published range [W].
    standing : str
        One of `STANDINGS`.
    flop_s : float
        Peak arithmetic, dense, 16 bits or the next wider format that the chip has [FLOP/s].
    basis : str
        One of `BASES`.
    sources : tuple of str
        Keys of the sources of both.
    trust : str
        Of the power's record.
    later_w, later : float and str
        Power that is planned or claimed for later, and which of the two; 0 and nothing where there is none [W].
    """

    key: str
    label: str
    year: int
    power_w: float
    low_w: float
    high_w: float
    standing: str
    flop_s: float
    basis: str
    sources: tuple[str, ...]
    trust: str
    later_w: float = 0.0
    later: str = ""

    @property
    def flop_per_j(self) -> float:
        """Peak arithmetic per joule at the facility's meter [FLOP/J]."""
        return self.flop_s / self.power_w


@functools.cache
def named_systems() -> tuple[NamedSystem, ...]:
    """List the sites whose power and compute are both known.

    Returns
    -------
    tuple of NamedSystem
        By year, then by power [W, FLOP/s].

    Notes
    -----
    Sites only: a server's power holds no cooling. A power is measured where a benchmark's work per joule is published;
    the high end is then the facility's. Compute is what was published, else chips times their peak, else a
    count of H100s by 8-bit peaks, brought to 16 bits by the site's own chips. What a site is planned to draw later is
    no part of its range.

    References
    ----------
    `efficiency/data/systems.csv`.

    Examples
    --------
    >>> first, last = named_systems()[0], named_systems()[-1]
    >>> first.label, first.year, last.year, last.standing
    ('Titan', 2012, 2030, 'announced')
    """
    table, found = facts(), []
    for key in catalogue.labels("system"):
        compute = _compute(key)
        entity = entities()[f"system.{key}"]
        if compute is None or catalogue.system_scope(key) != "facility":
            continue
        flop_s, basis, behind = compute
        power = table[f"system.{key}.power"]
        central, low, standing, behind_power = power.si, power.si_low, power.kind, power
        if "planned" in entity.note:
            standing = "announced"
        measured = _measured_w(key)
        if measured is not None:
            central, low = measured, measured
            standing, behind_power = "measured", table[f"system.{key}.hpl_efficiency"]
        found.append(
            NamedSystem(
                key,
                entity.label,
                entity.year or power.year or 0,
                central,
                low,
                power.si_high,
                standing,
                flop_s,
                basis,
                tuple(dict.fromkeys((*behind_power.sources, *power.sources, *behind.sources))),
                behind_power.trust,
                *_later(key),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.year, one.power_w)))


def _measured_w(key: str) -> float | None:
    """Power under the HPL benchmark: its rate over its work per joule, of one run."""
    table = facts()
    rate = table.get(f"system.{key}.hpl_earlier") or table.get(f"system.{key}.hpl")
    efficiency = table.get(f"system.{key}.hpl_efficiency")
    return None if rate is None or efficiency is None else rate.si / efficiency.si


def _later(key: str) -> tuple[float, str]:
    """Power that is planned or claimed beyond what is estimated, and which of the two."""
    for word in ("planned", "claimed"):
        record = facts().get(f"system.{key}.power_{word}")
        if record is not None:
            return record.si, word
    return 0.0, ""


def _compute(key: str) -> tuple[float, str, Fact] | None:
    table = facts()
    published = table.get(f"system.{key}.peak_16bit")
    if published is not None:
        return published.si, "published", published
    chip, count = catalogue.system_chip(key), table.get(f"system.{key}.chips")
    if chip is not None and count is not None:
        return catalogue.chip(chip).peak_per_s[16.0] * count.si, "chips", count
    counted = table.get(f"system.{key}.h100_equivalents")
    if counted is not None:
        # The count is by 8-bit peaks; a site's own chips say what that is at 16 bits.
        peaks = catalogue.chip(chip or _COUNTED_AS).peak_per_s
        return counted.si * catalogue.chip(_COUNTED_AS).peak_per_s[8.0] * peaks[16.0] / peaks[8.0], "h100", counted
    return None


def system_named(key: str) -> NamedSystem:
    """Find a named system.

    Parameters
    ----------
    key : str
        Short key.

    Returns
    -------
    NamedSystem
        With its power and compute [W, FLOP/s].

    Raises
    ------
    ValueError
        If there is none; the message lists all.

    Notes
    -----
    Only those of `named_systems`.

    References
    ----------
    `efficiency/data/systems.csv`.

    Examples
    --------
    >>> system_named("colossus_1").power_w
    150000000.0
    """
    for one in named_systems():
        if one.key == key:
            return one
    raise ValueError(f"system is {key!r}; allowed: {', '.join(one.key for one in named_systems())}")


def largest(year: int) -> NamedSystem:
    """Name the site that drew most power in a year, of those that ran.

    Parameters
    ----------
    year : int
        Of the systems' own year.

    Returns
    -------
    NamedSystem
        Among those up to and including the year [W, FLOP/s].

    Raises
    ------
    ValueError
        If none is so old.

    Notes
    -----
    A list of what was published is no census.

    References
    ----------
    `efficiency/data/systems.csv`.

    Examples
    --------
    >>> largest(2012).key
    'titan'
    """
    running = [one for one in named_systems() if one.year <= year and one.standing != "announced"]
    if not running:
        raise ValueError(f"year is {year}; the oldest system is of {named_systems()[0].year}")
    return max(running, key=lambda one: one.power_w)
