"""The roofline: a chip's roofs, and where a workload stands under them as the batch grows."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from efficiency import catalogue
from efficiency.arrays import Floats, larger, smaller
from efficiency.compute import peak_flop_per_s
from efficiency.decode_step import bounds_s, decode_step
from efficiency.inputs import Inputs
from efficiency.ledger import Energies
from efficiency.movement import bandwidth_bytes_per_s, matrix_traffic_bytes_per_flop
from efficiency.scenario import Scenario
from efficiency.traffic import useful_flop
from efficiency.workloads import decode_energies

BATCHES: Final = tuple(2.0**power for power in range(13))
"""Conversations at once that the figure visits, 1 to 4,096."""

BOUNDS: Final = ("memory", "compute", "power", "software")
"""What a step can wait for longest; ``software`` is everything that moves no byte and computes nothing."""
_SWITCHING: Final = 5
"""Parts of a ledger, its first, that the chips spend on the work itself."""


class Roof(NamedTuple):
    """A chip's two roofs: rates on paper and as achieved; ``corner`` is where the achieved ones meet [FLOP/B]."""

    peak_flop_per_s: Floats
    flop_per_s: Floats
    peak_bytes_per_s: Floats
    bytes_per_s: Floats
    corner: Floats


class Standing(NamedTuple):
    """Where writing tokens stands under the roof, one entry for each batch.

    ``intensity`` is useful work per byte of memory traffic [FLOP/B], ``flop_per_s`` what one chip delivers, ``step_s``
    the time between two tokens of one conversation, ``bound`` the index in `BOUNDS` of what the step waits for.
    """

    batch: npt.NDArray[np.float64]
    chips: npt.NDArray[np.float64]
    intensity: npt.NDArray[np.float64]
    flop_per_s: npt.NDArray[np.float64]
    step_s: npt.NDArray[np.float64]
    bound: npt.NDArray[np.int_]
    energies: Energies


class Split(NamedTuple):
    """Energy of a token by what it is spent on [J]: moving bytes, arithmetic, its instructions, and everything else."""

    moving: Floats
    arithmetic: Floats
    instruction: Floats
    other: Floats

    @property
    def computing(self) -> Floats:
        """Arithmetic with the instructions that start it [J]."""
        return self.arithmetic + self.instruction


def roof(scenario: Scenario, inputs: Inputs) -> Roof:
    r"""Roofs of the scenario's chip.

    Parameters
    ----------
    scenario : Scenario
        Its chip, bits, execution and data movement.
    inputs : Inputs
        Best matrix throughput and bandwidth efficiency.

    Returns
    -------
    Roof
        Rates of one chip [FLOP/s] and [B/s], and the corner [FLOP/B].

    Notes
    -----
    Attainable rate :math:`\min(R, I\,B)` for the intensity I; below the corner :math:`R/B` memory decides.

    References
    ----------
    .. [1] Williams, S., Waterman, A. and Patterson, D., "Roofline", CACM 52, 65 (2009), doi:10.1145/1498765.1498785.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> 200 < roof(Scenario(), central_inputs("own", "h100", "gpt3", 16.0)).corner < 300
    True
    """
    peak = peak_flop_per_s(scenario, inputs)
    rate = peak * inputs.best_matrix_fraction
    peak_bandwidth = bandwidth_bytes_per_s(scenario.movement, inputs)
    bandwidth = peak_bandwidth * inputs.bandwidth_efficiency
    return Roof(peak, rate, peak_bandwidth, bandwidth, rate / bandwidth)


def standings(scenario: Scenario, inputs: Inputs, batches: tuple[float, ...] = BATCHES) -> Standing:
    """Where writing tokens stands for a series of batches.

    Parameters
    ----------
    scenario : Scenario
        Scalar; its own batch is replaced, and the machine is sized for each batch.
    inputs : Inputs
        Central values.
    batches : tuple of float
        Conversations at once [1].

    Returns
    -------
    Standing
        Arrays along the batches; energies per token [J].

    Notes
    -----
    The point lies below the roof by what the step spends on launches, links, the host, and on padding tiles.

    References
    ----------
    `roof`; `decode_step.bounds_s`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> found = standings(Scenario(), central_inputs("own", "h100", "gpt3", 16.0))
    >>> BOUNDS[found.bound[0]], bool(found.intensity[0] < found.intensity[-1])
    ('memory', True)
    """
    along = np.array(batches)
    swept = replace(scenario, batch=along)
    work = decode_step(swept, inputs, along)
    energies, step_s = decode_energies(swept, inputs)
    spent = sum(energies[:_SWITCHING]) * along
    memory_s, compute_s, power_s = (_along(time_s, along) for time_s in bounds_s(work, swept, inputs, spent))
    step = _along(step_s, along)
    useful = along * useful_flop(scenario)
    moved = work.weight_bytes + work.cache_bytes + work.activation_bytes
    roofs = roof(scenario, inputs)
    share = 1.0 / work.chips
    # What the roofs themselves allow, without launches, links and host.
    at_memory, at_compute = moved * share / roofs.bytes_per_s, work.flop * share / roofs.flop_per_s
    busy = larger(at_memory, at_compute)
    held = power_s >= larger(memory_s, compute_s)
    idle = step > 2.0 * busy
    bound = np.where(held, 2, np.where(idle, 3, np.where(at_memory >= at_compute, 0, 1)))
    return Standing(
        along,
        _along(work.chips, along),
        _along(useful / moved, along),
        _along(useful * share, along) / step,
        step,
        _along(bound, along).astype(int),
        Energies(*(_along(part, along) for part in energies)),
    )


def _along(values: Floats, batches: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give a part that does not depend on the batch one entry for each batch too."""
    return np.broadcast_to(np.asarray(values, dtype=float), batches.shape)


def matrix_point(scenario: Scenario, inputs: Inputs, workload: str) -> tuple[Floats, Floats]:
    """Where reading or training stands.

    Parameters
    ----------
    scenario : Scenario
        Its model, bits and utilisation.
    inputs : Inputs
        Tokens per chip and step.
    workload : {"prefill", "training"}
        Which one.

    Returns
    -------
    float or ndarray
        Intensity [FLOP/B].
    float or ndarray
        Rate of one chip, at most what the roof allows [FLOP/s].

    Notes
    -----
    Large matrix products read each weight once for thousands of tokens.

    References
    ----------
    `movement.matrix_traffic_bytes_per_flop`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> matrix_point(Scenario(), inputs, "prefill")[0] > roof(Scenario(), inputs).corner
    True
    """
    intensity = 1.0 / matrix_traffic_bytes_per_flop(scenario, catalogue.model(scenario.model), inputs)
    roofs = roof(scenario, inputs)
    share = scenario.utilisation if workload == "training" else inputs.best_matrix_fraction
    return intensity, smaller(roofs.peak_flop_per_s * share, smaller(roofs.flop_per_s, intensity * roofs.bytes_per_s))


def split(energies: Energies) -> Split:
    """Part a ledger into moving bytes, arithmetic, the instructions that start it, and everything else.

    Parameters
    ----------
    energies : Energies
        Of any unit of work [J].

    Returns
    -------
    Split
        Four parts that add up to the total [J].

    Notes
    -----
    Movement on the chip holds the rest of the delivery on the chip, which is inferred by difference. Published
    instruction energies hold fetch, decode and operand read, which is no movement here.

    References
    ----------
    MODEL.md, The ledger.

    Examples
    --------
    >>> split(Energies(1.0, 0.5, 2.0, 3.0, 1.0, 1.0, 1.0, 0.5, 0.0))
    Split(moving=6.0, arithmetic=1.0, instruction=0.5, other=2.5)
    """
    moving = energies.on_chip + energies.off_chip + energies.interconnect
    other = energies.static + energies.host + energies.cooling + energies.lost
    return Split(moving, energies.arithmetic, energies.instruction, other)
