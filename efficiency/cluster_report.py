"""The verb `cluster`: a cluster built or named, beside brains, homes, reactors and a grid, and all named systems."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from efficiency.catalogue import system_chip
from efficiency.cluster import LIMITS, Cluster, Parts, cluster_parts_w, cluster_range_w, peak_flop_s
from efficiency.cluster_systems import NamedSystem, named_systems, system_named
from efficiency.cluster_words import count, share, width_words
from efficiency.facts import fact, sources
from efficiency.grids import GRID_NAMES, GRIDS, HOUSEHOLDS, Beside, beside
from efficiency.sampling import Range
from efficiency.say import quantity
from efficiency.topics import TopicError, check_range

_START: Final = Cluster()
_UNITS: Final = {"count": "chips"}
FACTS: Final = (
    *("training.board_full", "chip.idle_share", "facility.host_share", "facility.host_idle_share"),
    *("facility.network_share", "pue.default", "brain.power", "grid.reactors", "grid.reactors_capacity"),
    "grid.reactors_capacity_factor",
)
"""Records behind every answer, beside those of the chip, the grid and the household."""
_BUILDS: Final = ("chip", *LIMITS)
"""Arguments that build a cluster."""


@dataclass(frozen=True, slots=True)
class ClusterAnswer:
    """A power [W] with its range and parts, its peak arithmetic [FLOP/s], and what it is beside other things.

    ``cluster`` is None for a named system, whose power is published and has no parts.
    """

    cluster: Cluster | None
    system: NamedSystem | None
    grid: str
    household: str
    power_w: Range
    parts: Parts | None
    flop_s: float
    beside: Beside


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb.

    Parameters
    ----------
    parser : ArgumentParser
        Of the verb.

    Returns
    -------
    None
        The parser is changed.

    Notes
    -----
    What is left out has its published value with its range.

    References
    ----------
    The README lists the verbs.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> parser.parse_args(["--count", "8"]).count
    8.0
    """
    parser.add_argument("--system", metavar="KEY", help="a named system, instead of one that is built")
    parser.add_argument("--chip", metavar="KEY", help=f"default {_START.chip}")
    parser.add_argument("--count", type=float, metavar="N", help=f"chips, default {_START.count:,.0f}")
    parser.add_argument("--utilisation", type=float, metavar="U", help="share of the chips at work, default 1")
    parser.add_argument("--host", type=float, metavar="X", help="hosts over the chips' limit")
    parser.add_argument("--network", type=float, metavar="X", help="network over the chips' limit")
    parser.add_argument("--pue", type=float, metavar="X", help="power usage effectiveness")
    parser.add_argument("--grid", default="us", metavar="PLACE", help=", ".join(GRIDS))
    parser.add_argument("--household", default="us", metavar="PLACE", help=", ".join(HOUSEHOLDS))


def answer(given: argparse.Namespace) -> ClusterAnswer:
    """Answer the verb.

    Parameters
    ----------
    given : Namespace
        Parsed arguments.

    Returns
    -------
    ClusterAnswer
        Power with its range, and what it is beside other things [W].

    Raises
    ------
    TopicError
        If an argument is outside what is allowed.

    Notes
    -----
    A named system's power is taken as published, so what builds a cluster is refused beside it.

    References
    ----------
    MODEL.md, Clusters.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> round(answer(parser.parse_args(["--system", "colossus_1"])).beside.brains)
    7500000
    """
    for name, (low, high) in LIMITS.items():
        value = getattr(given, name)
        if value is not None:
            check_range(f"--{name}", value, low, high, _UNITS.get(name, ""))
    if given.system is not None:
        _refuse_beside_a_system(given)
    try:
        if given.system is not None:
            return _named(system_named(given.system), given.grid, given.household)
        built = replace(_START, **{name: getattr(given, name) for name in _BUILDS if getattr(given, name) is not None})
        return built_answer(built, given.grid, given.household)
    except ValueError as error:
        raise TopicError(f"--{error}") from None


def _as_given(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)


def _refuse_beside_a_system(given: argparse.Namespace) -> None:
    for name in _BUILDS:
        if getattr(given, name) is not None:
            raise TopicError(
                f"--{name} is {_as_given(getattr(given, name))}, but --system {given.system} has its power as "
                "published; allowed: one of the two"
            )


def built_answer(built: Cluster, grid: str = "us", household: str = "us") -> ClusterAnswer:
    """Answer for a cluster that is built.

    Parameters
    ----------
    built : Cluster
        What it is made of.
    grid, household : str
        Where it is compared.

    Returns
    -------
    ClusterAnswer
        Power with its range [W].

    Raises
    ------
    ValueError
        For an unknown grid or household.

    Notes
    -----
    The parts are central values.

    References
    ----------
    MODEL.md, Clusters.

    Examples
    --------
    >>> built_answer(Cluster(count=8.0)).parts.network
    280.0
    """
    power = cluster_range_w(built)
    parts = cluster_parts_w(built.chip, built.count, built.utilisation, built.host, built.network, built.pue)
    flop = float(peak_flop_s(built.chip, built.count))
    return ClusterAnswer(built, None, grid, household, power, parts, flop, beside(power.central, grid, household))


def _named(system: NamedSystem, grid: str, household: str) -> ClusterAnswer:
    power = Range(system.low_w, system.power_w, system.high_w)
    against = beside(system.power_w, grid, household)
    return ClusterAnswer(None, system, grid, household, power, None, system.flop_s, against)


def fact_keys(found: ClusterAnswer) -> tuple[str, ...]:
    """List the records behind an answer.

    Parameters
    ----------
    found : ClusterAnswer
        From `answer`.

    Returns
    -------
    tuple of str
        Keys of records.

    Notes
    -----
    Those of the other named systems are in the table itself.

    References
    ----------
    `efficiency/data`.

    Examples
    --------
    >>> "chip.h100.tdp" in fact_keys(built_answer(Cluster()))
    True
    """
    places = (GRIDS[found.grid], HOUSEHOLDS[found.household])
    if found.cluster is None:
        return (f"system.{found.system.key}.power" if found.system else "", *FACTS[6:], *places)
    return (f"chip.{found.cluster.chip}.tdp", *FACTS, *places)


def as_data(found: ClusterAnswer) -> dict[str, Any]:
    """Turn an answer into plain data.

    Parameters
    ----------
    found : ClusterAnswer
        From `answer`.

    Returns
    -------
    dict
        Ready for JSON [W, FLOP/s].

    Notes
    -----
    Numbers are unrounded.

    References
    ----------
    The README lists the verbs.

    Examples
    --------
    >>> as_data(built_answer(Cluster()))["results"]["brains"] > 1e6
    True
    """
    named = [asdict(one) | {"flop_per_j": one.flop_per_j} for one in named_systems()]
    cited = {key for one in named_systems() for key in one.sources}
    return {
        "inputs": {
            "cluster": asdict(found.cluster) if found.cluster else None,
            "system": found.system.key if found.system else None,
            "grid": found.grid,
            "household": found.household,
        },
        "results": {
            "power_w": found.power_w._asdict(),
            "parts_w": found.parts._asdict() if found.parts else None,
            "peak_flop_s": found.flop_s,
            **{name: value for name, value in found.beside._asdict().items() if name != "power_w"},
        },
        "systems": named,
        "facts": list(fact_keys(found)),
        "sources": {key: sources()[key].url for key in sorted(cited)},
    }


def as_text(found: ClusterAnswer) -> str:
    """Say an answer in lines for a terminal.

    Parameters
    ----------
    found : ClusterAnswer
        From `answer`.

    Returns
    -------
    str
        The power, what it is beside other things, its parts, then the named systems.

    Notes
    -----
    Two or three digits: the ranges support no more.

    References
    ----------
    `efficiency.say`.

    Examples
    --------
    >>> print(as_text(built_answer(Cluster(count=1.0))).splitlines()[0])
    1 NVIDIA H100 SXM5 80GB: 1.18 kW (967 W to 1.69 kW), 989 TFLOP/s at 16 bits
    """
    from efficiency.catalogue import chip_labels

    power, against, brain_w = found.power_w, found.beside, fact("brain.power").si
    who = found.system.label if found.system else ""
    if found.cluster is not None:
        who = f"{found.cluster.count:,.0f} {chip_labels()[found.cluster.chip]}"
    how = f"; power {found.system.standing}" if found.system else ""
    if found.system and found.system.later:
        how += f"; {quantity(found.system.later_w, 'W')} {found.system.later}"
    lines = [
        f"{who}: {quantity(power.central, 'W')} ({quantity(power.low, 'W')} to {quantity(power.high, 'W')}), "
        f"{quantity(found.flop_s, 'FLOP/s')} {width_words(found.cluster.chip if found.cluster else _chip(found))}{how}",
        f"  brains at 20 W        {count(against.brains)}",
        f"  households ({found.household})".ljust(24) + count(against.households),
        f"  nuclear reactors      {count(against.reactors)} at full power, "
        f"{count(against.reactors_delivered)} at what the mean one gives in a year",
        f"  share of the grid     {share(against.grid_share)} ({GRID_NAMES[found.grid]})",
    ]
    if found.cluster is not None and found.cluster.pue is None:
        usual = fact("pue.default")
        lines.append(
            f"  cooling               PUE {usual.si:g}, drawn from {usual.si_low:g} to {usual.si_high:g}; set by --pue"
        )
    if found.parts is not None:
        total = found.parts.total_w()
        said = ", ".join(f"{name} {100.0 * float(part / total):.0f} %" for name, part in found.parts._asdict().items())
        lines.append(f"  parts                 {said}")
    lines.append("Named systems: year, power, how it is known, 16-bit peak and its basis, brains, sources")
    lines += [
        f"  {one.key:<20} {one.year} {quantity(one.power_w, 'W'):>8}  {one.standing:<9} "
        f"{quantity(one.flop_s, 'FLOP/s'):>13}  {one.basis:<9} {count(one.power_w / brain_w):>12}  "
        f"{', '.join(one.sources)}"
        for one in named_systems()
    ]
    return "\n".join(lines)


def _chip(found: ClusterAnswer) -> str | None:
    """Name the chip of a named system whose peak is its chips' own."""
    return system_chip(found.system.key) if found.system and found.system.basis == "chips" else None
