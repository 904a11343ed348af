"""The energy ledger: where every joule of a unit of work goes. Its parts add up to its total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from efficiency.arrays import Floats
from efficiency.inputs import Inputs
from efficiency.scenario import Scenario

PART_NAMES: Final = {
    "arithmetic": "Arithmetic",
    "instruction": "Instructions",
    "on_chip": "Movement on the chip",
    "off_chip": "Off-chip memory",
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
        Design, section 3.

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


class Chips(NamedTuple):
    """What the chips themselves spend on a unit of work [J], and for how long [chip s]."""

    arithmetic: Floats
    instruction: Floats
    on_chip: Floats
    off_chip: Floats
    interconnect: Floats
    chip_seconds: Floats


def metered(chips: Chips, scenario: Scenario, inputs: Inputs, serving: bool) -> Energies:
    """Add what the chosen scope adds to the energy of the chips themselves.

    Parameters
    ----------
    chips : Chips
        Switching energies [J] and time [chip s] of a unit of work.
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
    `efficiency/data/operating.csv`: host share from a published production stack and a server's nameplate.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> metered(Chips(1.0, 0.0, 0.0, 0.0, 0.0, 0.0), Scenario(pue=2.0), inputs, False).cooling
    1.0
    """
    tdp_seconds = inputs.tdp_w * chips.chip_seconds
    static = inputs.active_floor * tdp_seconds
    host: Floats = 0.0
    cooling: Floats = 0.0
    lost: Floats = 0.0
    if scenario.machine_scope != "chip":
        host = inputs.host_share * tdp_seconds
    if scenario.machine_scope == "facility":
        host = host + inputs.network_share * tdp_seconds
        switching = sum(chips[:5])
        if serving:
            # Machines kept ready for the next peak, in proportion to those at work.
            static = static + inputs.idle_share * (switching + static)
        used = switching + static + host
        cooling = (scenario.pue - 1.0) * used
        if not serving:
            lost = (1.0 / inputs.goodput - 1.0) * (used + cooling)
    return Energies(*chips[:5], static, host, cooling, lost)


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
    Movement on the chip holds the operand delivery that is inferred by difference, and says so.

    References
    ----------
    Design, section 3.

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
