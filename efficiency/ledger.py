"""The energy ledger: where every joule of a unit of work goes. Its parts add up to its total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from efficiency import catalogue
from efficiency.arrays import Floats
from efficiency.inputs import Inputs
from efficiency.scenario import Scenario

PART_NAMES: Final = {
    "arithmetic": "Arithmetic",
    "instruction": "Instructions",
    "on_chip": "Movement on the chip",
    "off_chip": "Memory devices",
    "interconnect": "Between chips",
    "static": "Static and idle",
    "host": "Host and network",
    "cooling": "Cooling and power supply",
    "lost": "Lost work",
}
INFERRED_PARTS: Final = frozenset({"on_chip"})
PER: Final = {
    "decode": "token written",
    "prefill": "token read",
    "training": "token trained on",
}


class Energies(NamedTuple):
    """The ledger's parts in their order [J per unit of work]; see `PART_NAMES`."""

    arithmetic: Floats
    instruction: Floats
    on_chip: Floats
    off_chip: Floats
    interconnect: Floats
    static: Floats
    host: Floats
    cooling: Floats
    lost: Floats

    def total_j(self) -> Floats:
        """Sum of the parts.

        Returns
        -------
        float or ndarray
            Energy per unit of work [J].

        Notes
        -----
        Summed in the order of the parts, so that every page shows the same last digit.

        References
        ----------
        MODEL.md, The ledger.

        Examples
        --------
        >>> Energies(1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5).total_j()
        3.5
        """
        return sum(self)


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the ledger; ``inferred`` marks what is known only by difference."""

    key: str
    name: str
    energy_j: float
    inferred: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of one scenario, ready to show: energy per unit of work [J]."""

    parts: tuple[Part, ...]
    total_j: float
    per: str


class Switching(NamedTuple):
    """What the chips spend on the work itself, by the ledger's first five parts [J]."""

    arithmetic: Floats
    instruction: Floats
    on_chip: Floats
    off_chip: Floats
    interconnect: Floats

    def scaled(self, factor: Floats) -> Switching:
        """Multiply every part.

        Parameters
        ----------
        factor : float or ndarray
            By how much [1].

        Returns
        -------
        Switching
            Each part times the factor [J].

        Notes
        -----
        For sharing a step among its batch, and for holding a chip to its power limit.

        References
        ----------
        MODEL.md, The ledger.

        Examples
        --------
        >>> Switching(1.0, 2.0, 3.0, 4.0, 5.0).scaled(2.0).off_chip
        8.0
        """
        return Switching(*(part * factor for part in self))


def metered(switching: Switching, chip_seconds: Floats, scenario: Scenario, inputs: Inputs, serving: bool) -> Energies:
    """Add what the chosen scope adds to the energy of the chips themselves.

    Parameters
    ----------
    switching : Switching
        What the chips spend on a unit of work [J].
    chip_seconds : float or ndarray
        For how long, summed over the chips [chip s].
    scenario : Scenario
        Its machine scope and PUE.
    inputs : Inputs
        Power limit, active floor, host, network and idle shares, goodput.
    serving : bool
        Serving keeps idle machines ready; training loses work to failures.

    Returns
    -------
    Energies
        Per unit of work [J].

    Notes
    -----
    Host and network draw nearly the same whatever the chips do, so they are charged by time, as a share of the
    chips' power limit. Cooling is the PUE less 1, of everything before it.

    References
    ----------
    `efficiency/data/operating.csv`: facility.host_share, facility.network_share, facility.idle_share.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> metered(Switching(1.0, 0.0, 0.0, 0.0, 0.0), 0.0, Scenario(pue=2.0), inputs, False).cooling
    1.0
    """
    tdp_seconds = inputs.tdp_w * chip_seconds
    static = inputs.active_floor * tdp_seconds
    host: Floats = 0.0
    cooling: Floats = 0.0
    lost: Floats = 0.0
    if scenario.machine_scope != "chip":
        host = host_share(scenario, inputs) * tdp_seconds
    if scenario.machine_scope == "facility":
        host = host + inputs.network_share * tdp_seconds
        worked = sum(switching)
        if serving:
            # Machines kept ready for the next peak, in proportion to those at work.
            static = static + inputs.idle_share * (worked + static)
        used = worked + static + host
        cooling = (scenario.pue - 1.0) * used
        if not serving:
            lost = (1.0 / inputs.goodput - 1.0) * (used + cooling)
    return Energies(*switching, static, host, cooling, lost)


def host_share(scenario: Scenario, inputs: Inputs) -> Floats:
    """Power of the host over the power limit of its chips.

    Parameters
    ----------
    scenario : Scenario
        Its chip decides.
    inputs : Inputs
        The generic share.

    Returns
    -------
    float or ndarray
        Host over chips [1]; 0 where the chip's published power is that of its whole server.

    Notes
    -----
    Counted once, wherever it is published.

    References
    ----------
    `efficiency/data/operating.csv`: facility.host_share.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> host_share(Scenario(chip="wse3"), central_inputs("own", "wse3", "gpt3", 16.0))
    0.0
    """
    return 0.0 if catalogue.chip(scenario.chip).power_scope == "server" else inputs.host_share


def as_ledger(parts: Energies, workload: str) -> Ledger:
    """Put one scenario's energies into the form that is shown and exported.

    Parameters
    ----------
    parts : Energies
        Floats [J per unit of work].
    workload : {"decode", "prefill", "training"}
        Names the unit of work.

    Returns
    -------
    Ledger
        Parts in their fixed order with the total [J].

    Notes
    -----
    Movement on the chip holds the rest of the delivery on the chip, inferred by difference, and says so.

    References
    ----------
    MODEL.md, The ledger.

    Examples
    --------
    >>> as_ledger(Energies(*[1.0] * 9), "decode").total_j
    9.0
    """
    return Ledger(
        parts=tuple(
            Part(key, PART_NAMES[key], float(value), key in INFERRED_PARTS)
            for key, value in zip(Energies._fields, parts, strict=True)
        ),
        total_j=float(parts.total_j()),
        per=PER[workload],
    )
