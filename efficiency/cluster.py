"""Power and peak arithmetic of a cluster that is built from chips, hosts, network and cooling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from efficiency import catalogue
from efficiency.arrays import Floats, larger
from efficiency.facts import Fact, fact, facts
from efficiency.sampling import Range, range_around, sample
from efficiency.stratified import stratified_normals

SAMPLES: Final = 1024
MOST_CHIPS: Final = 1e9
"""More are not sold in a decade; the limit keeps a slip of the keyboard from becoming a planet."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster of one kind of chip.

    Attributes
    ----------
    chip : str
        Short key, as in `catalogue.chip_labels`.
    count : float
        Chips [1].
    utilisation : float
        Share of the chips that are at work; the others wait [fraction].
    host, network : float or None
        Power of the hosts, and of the network between them, over the chips' limit; None for the published share with
        its range [1].
    pue : float or None
        Power usage effectiveness; None for that of an unnamed site with its range [1].
    """

    chip: str = "h100"
    count: float = 100_000.0
    utilisation: float = 1.0
    host: float | None = None
    network: float | None = None
    pue: float | None = None

    def __post_init__(self) -> None:
        if self.chip not in catalogue.chip_labels():
            raise ValueError(f"chip is {self.chip!r}; allowed: {', '.join(catalogue.chip_labels())}")
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ValueError(f"{name} is {value!r}; allowed: {low:g} to {high:g}")


LIMITS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "count": (1.0, MOST_CHIPS),
        "utilisation": (0.0, 1.0),
        "host": (0.0, 3.0),
        "network": (0.0, 1.0),
        "pue": (1.0, 3.0),
    }
)
"""What a field of a `Cluster` may be [1]."""


class Parts(NamedTuple):
    """Power of a cluster by what draws it [W]; the parts add up to the whole."""

    chips: Floats
    hosts: Floats
    network: Floats
    cooling: Floats

    def total_w(self) -> Floats:
        """Sum of the parts.

        Returns
        -------
        float or ndarray
            Power at the facility's meter [W].

        Notes
        -----
        In the order of the parts.

        References
        ----------
        MODEL.md, Clusters.

        Examples
        --------
        >>> Parts(1.0, 2.0, 3.0, 4.0).total_w()
        10.0
        """
        return self.chips + self.hosts + self.network + self.cooling


def cluster_power_w(
    chip: str,
    count: Floats,
    utilisation: Floats = 1.0,
    host: Floats | None = None,
    network: Floats | None = None,
    pue: Floats | None = None,
) -> Floats:
    """Power of a cluster at the facility's meter.

    Parameters
    ----------
    chip : str
        Short key of the chip.
    count, utilisation : float or ndarray
        Chips, and the share of them at work [1, fraction].
    host, network, pue : float or ndarray, optional
        Hosts and network over the chips' limit, power usage effectiveness; the published ones if left out [1].

    Returns
    -------
    float or ndarray
        Power [W].

    Raises
    ------
    FactError
        If the chip is unknown.

    Notes
    -----
    The sum of `cluster_parts_w`, at central values.

    References
    ----------
    MODEL.md, Clusters.

    Examples
    --------
    >>> round(cluster_power_w("h100", 24_576.0) / 1e6)
    29
    """
    return cluster_parts_w(chip, count, utilisation, host, network, pue).total_w()


def cluster_parts_w(
    chip: str,
    count: Floats,
    utilisation: Floats = 1.0,
    host: Floats | None = None,
    network: Floats | None = None,
    pue: Floats | None = None,
    normals: np.ndarray | None = None,
) -> Parts:
    """Power of a cluster by what draws it.

    Parameters
    ----------
    chip : str
        Short key of the chip.
    count, utilisation : float or ndarray
        Chips, and the share of them at work [1, fraction].
    host, network, pue : float or ndarray, optional
        As in `cluster_power_w` [1].
    normals : ndarray, shape (n, 6), optional
        Standard normal draws of what has a range: power at work, idle power, hosts, idle hosts, network, PUE [1].

    Returns
    -------
    Parts
        By part, arrays of shape (n,) where `normals` are given [W].

    Raises
    ------
    FactError
        If the chip is unknown.

    Notes
    -----
    A chip at work draws 0.90 of its limit and a waiting one what it draws when idle; a host follows its chips down to
    half its power; the network stays on. Cooling and distribution are the rest of the power usage effectiveness. Chips
    whose published power holds their host have none of their own; where a chip's power with its host was measured in
    training, the host is the rest of that.

    References
    ----------
    `efficiency/data/operating.csv`, `efficiency/data/training_scopes.csv`, `efficiency/data/levels.csv`.

    Examples
    --------
    >>> parts = cluster_parts_w("h100", 1.0, host=0.35, network=0.05, pue=1.0)
    >>> [round(part) for part in parts]
    [630, 245, 35, 0]
    """
    known = catalogue.chip(chip)
    limit = facts()[f"chip.{chip}.tdp"].si * count

    def of(record: Fact, column: int) -> Floats:
        return record.si if normals is None else sample(record, normals[:, column])

    idle = facts().get(f"chip.{chip}.idle_power")
    at_rest = of(fact("chip.idle_share"), 1) if idle is None else of(idle, 1) / facts()[f"chip.{chip}.tdp"].si
    at_work = of(fact("training.board_full"), 0)
    chips = limit * (utilisation * at_work + (1.0 - utilisation) * at_rest)
    share = of(fact("facility.host_share"), 2) if host is None else host
    node = facts().get(f"chip.{chip}.training_node_power")
    if host is None and node is not None:
        share = larger(of(node, 2) / facts()[f"chip.{chip}.tdp"].si - at_work, 0.0)
    elif host is None and known.power_scope == "server":
        share = 0.0
    hosts = limit * share * (utilisation + (1.0 - utilisation) * of(fact("facility.host_idle_share"), 3))
    links = limit * (of(fact("facility.network_share"), 4) if network is None else network)
    effectiveness = of(fact("pue.default"), 5) if pue is None else pue
    return Parts(chips, hosts, links, (effectiveness - 1.0) * (chips + hosts + links))


def cluster_range_w(cluster: Cluster, samples: int = SAMPLES) -> Range:
    """Power of a cluster with its range.

    Parameters
    ----------
    cluster : Cluster
        What it is made of; what it leaves open has its published range.
    samples : int
        Draws [1].

    Returns
    -------
    Range
        5 %, central and 95 % [W].

    Notes
    -----
    What is stated is exact. The draws are seeded.

    References
    ----------
    `efficiency.stratified`.

    Examples
    --------
    >>> found = cluster_range_w(Cluster(), 256)
    >>> bool(80e6 < found.low < found.central < found.high < 250e6)
    True
    """
    settings = (cluster.count, cluster.utilisation, cluster.host, cluster.network, cluster.pue)
    central = float(cluster_power_w(cluster.chip, *settings))
    drawn = cluster_parts_w(cluster.chip, *settings, normals=stratified_normals(samples, 6)).total_w()
    return range_around(central, drawn)


def peak_flop_s(chip: str, count: Floats, bits: float = 16.0) -> Floats:
    """Peak arithmetic of a cluster.

    Parameters
    ----------
    chip : str
        Short key of the chip.
    count : float or ndarray
        Chips [1].
    bits : float
        Width of a number [bit].

    Returns
    -------
    float or ndarray
        Rate [FLOP/s].

    Raises
    ------
    FactError
        If the chip is unknown.

    Notes
    -----
    Dense, in the narrowest format that holds the width: a chip of 2012 has none of 16 bits and counts with 32.

    References
    ----------
    `efficiency/data/chips.csv`.

    Examples
    --------
    >>> f"{peak_flop_s('h100', 100_000.0):.2e}"
    '9.89e+19'
    """
    return catalogue.chip(chip).peak_per_s[bits] * count
