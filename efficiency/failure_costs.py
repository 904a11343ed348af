"""What failures cost a large run in energy and power, as a part of the ledger, with ranges."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from efficiency.arrays import Floats
from efficiency.compute import peak_flop_per_s
from efficiency.facts import fact
from efficiency.goodput import Shares, goodput, lost_energy, mtbf_per_chip_s
from efficiency.inputs import Inputs
from efficiency.ledger import Energies
from efficiency.parallel import usage_energy
from efficiency.sampling import Range, sample, sample_scale
from efficiency.scenario import Scenario
from efficiency.stratified import stratified_normals
from efficiency.workloads import training_energies

SAMPLES: Final = 1024
SIZES: Final = (*sorted({float(round(2.0 ** (step / 2))) for step in range(40)}), 1e6)
"""Numbers of chips at which a figure's slider stops: powers of two, one between each two, and a million."""


class Pauses(NamedTuple):
    """What a run does about failures; None stands for the record with its range.

    Mean time between interruptions per chip [chip s], time that a checkpoint stops the work, time that a restart
    takes, work between checkpoints [s]; None for the last one is the optimum.
    """

    mtbf_chip_s: float | None = None
    checkpoint_s: float | None = None
    restart_s: float | None = None
    interval_s: float | None = None


def shares_at(chips: Floats, pauses: Pauses) -> Shares:
    """Say where the time goes by size, central values.

    Parameters
    ----------
    chips : float or ndarray
        Accelerators that must all work [chips].
    pauses : Pauses
        What is given; the rest is the records' [s].

    Returns
    -------
    Shares
        Of the time [1].

    Notes
    -----
    As `goodput.goodput`.

    References
    ----------
    `goodput.goodput`.

    Examples
    --------
    >>> round(shares_at(16384.0, Pauses()).useful, 2)
    0.91
    """
    return goodput(chips, *pauses)


def drawn_shares(chips: npt.NDArray[np.float64], pauses: Pauses, samples: int = SAMPLES) -> Shares:
    """Draw where the time goes by size from the ranges of what is not given.

    Parameters
    ----------
    chips : ndarray
        Accelerators that must all work [chips].
    pauses : Pauses
        What is given is exact.
    samples : int
        Number of draws, a power of two [1].

    Returns
    -------
    Shares
        Arrays of shape (samples, chips) [1].

    Notes
    -----
    Seeded. The time between failures has the range of three clusters; those of checkpoint and restart are our choice.

    References
    ----------
    `sampling.sample`, `stratified.stratified_normals`, `goodput.mtbf_per_chip_s`.

    Examples
    --------
    >>> drawn_shares(np.array([1e3, 1e5]), Pauses(), 64).useful.shape
    (64, 2)
    """
    normals = stratified_normals(samples, 3)
    drawn = (
        sample_scale(*mtbf_per_chip_s(), normals[:, 0]),
        sample(fact("failures.checkpoint"), normals[:, 1]),
        sample(fact("failures.restart"), normals[:, 2]),
    )
    mtbf, checkpoint, restart = (
        column[:, None] if given is None else given for column, given in zip(drawn, pauses[:3], strict=True)
    )
    found = goodput(chips[None, :], mtbf, checkpoint, restart, pauses.interval_s)
    return Shares(*(np.broadcast_to(share, (samples, len(chips))) for share in found))


def goodput_range(chips: float, pauses: Pauses, samples: int = SAMPLES) -> Range:
    """Say the goodput at a size with its range.

    Parameters
    ----------
    chips : float
        Accelerators that must all work [chips].
    pauses : Pauses
        What is given is exact.
    samples : int
        Number of draws, a power of two [1].

    Returns
    -------
    Range
        5 %, central and 95 % of the useful share [1].

    Notes
    -----
    The central value is that of central inputs, not the median of the draws.

    References
    ----------
    `drawn_shares`.

    Examples
    --------
    >>> low, central, high = goodput_range(16384.0, Pauses())
    >>> low < 0.9 < central < high < 1
    True
    """
    drawn = drawn_shares(np.array([chips]), pauses, samples).useful
    low, high = np.quantile(drawn, (0.05, 0.95))
    central = float(shares_at(chips, pauses).useful)
    return Range(min(float(low), central), central, max(float(high), central))


class ChipPower(NamedTuple):
    """Power of a chip with its share of host, network and cooling [W]: at work, and on but computing nothing."""

    at_work_w: float
    waiting_w: float


def chip_power(scenario: Scenario, inputs: Inputs) -> ChipPower:
    """Power of a chip in training, at work and while it waits.

    Parameters
    ----------
    scenario : Scenario
        Chip, utilisation, scope and PUE.
    inputs : Inputs
        Central values.

    Returns
    -------
    ChipPower
        In the scenario's scope [W].

    Notes
    -----
    Energy per useful FLOP times the rate, without lost work. FLOP of dropped weights count as useful, so fewer weights
    raise the rate. A chip that waits draws its active floor; hosts and network go on.

    References
    ----------
    `parallel.usage_energy`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> power = chip_power(Scenario(), central_inputs("own", "h100", "gpt3", 16.0))
    >>> 900 < power.at_work_w < 1300, 0.3 < power.waiting_w / power.at_work_w < 0.8
    (True, True)
    """
    found = usage_energy(scenario, replace(inputs, goodput=1.0), scenario.utilisation)
    rate = peak_flop_per_s(scenario, inputs) * scenario.utilisation / scenario.density
    return ChipPower(float((found.work + found.waiting) * rate), float(found.waiting * rate))


def ledger_with_failures(scenario: Scenario, inputs: Inputs, shares: Shares) -> Energies:
    """Ledger of a token trained on, its lost part that of a size.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields.
    inputs : Inputs
        Central values; its goodput is not used.
    shares : Shares
        Where the time goes [1].

    Returns
    -------
    Energies
        Per token [J].

    Notes
    -----
    In every scope, because undone work and waiting draw power on the chip too.

    References
    ----------
    `goodput.lost_energy`, `workloads.training_energies`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> small, large = (ledger_with_failures(Scenario(), inputs, goodput(chips)) for chips in (1e3, 1e5))
    >>> bool(large.lost > 10 * small.lost), large.arithmetic == small.arithmetic
    (True, True)
    """
    parts, _ = training_energies(scenario, replace(inputs, goodput=1.0))
    power = chip_power(scenario, inputs)
    lost = lost_energy(shares, power.waiting_w / power.at_work_w) * (parts.total_j() - parts.lost)
    return parts._replace(lost=lost)


def average_power_w(chips: Floats, shares: Shares, power: ChipPower) -> Floats:
    """Power of a run that is interrupted, on average.

    Parameters
    ----------
    chips : float or ndarray
        Accelerators [chips].
    shares : Shares
        Where the time goes [1].
    power : ChipPower
        Of one chip with what is around it [W].

    Returns
    -------
    float or ndarray
        Of all [W].

    Notes
    -----
    Undone work draws as much as kept work.

    References
    ----------
    MODEL.md, Failures.

    Examples
    --------
    >>> average_power_w(10.0, Shares(0.5, 0.25, 0.0, 0.25), ChipPower(1000.0, 500.0))
    7500.0
    """
    working = shares.useful + shares.rework
    return chips * (power.at_work_w * working + power.waiting_w * (1.0 - working))
