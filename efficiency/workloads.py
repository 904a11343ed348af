"""Three workloads of a language model: writing a token, reading one, training on one."""

from __future__ import annotations

from typing import Final, NamedTuple

from efficiency import catalogue
from efficiency.arrays import Floats, larger, smaller
from efficiency.compute import flop_energy, peak_flop_per_s
from efficiency.decode_step import (
    FLOP_PER_PARAMETER_FORWARD,
    DecodeStep,
    attention_flop,
    bounds_s,
    decode_step,
    replica_chips,
    with_host_s,
)
from efficiency.inputs import Inputs
from efficiency.ledger import Energies, Switching, metered
from efficiency.movement import (
    BITS_PER_BYTE,
    collective_bytes_per_token,
    matrix_traffic_bytes_per_flop,
    memory_bit_energy,
)
from efficiency.scenario import Scenario

TRAINING_PASSES: Final = 3.0
"""Forward passes' worth of FLOP that training on a token takes: one forward, two backward."""


def decode_step_s(scenario: Scenario, inputs: Inputs, batch: Floats) -> tuple[Floats, Floats, Floats]:
    """Time of one decode step by its three bounds: memory, compute and power.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields; its own batch sizes the machine.
    inputs : Inputs
        Facts, central or sampled.
    batch : float or ndarray
        Conversations decoded together [1].

    Returns
    -------
    tuple of float or ndarray
        Bound by memory, by compute and by the chips' power limit [s]; the step takes the longest.

    Notes
    -----
    Memory: weights once for the batch, caches once for each conversation, at the achieved bandwidth. Compute: at the
    best measured matrix throughput. Collectives and a launch per layer come on top of both, because the next layer
    waits for them; without graphs the step takes at least its launches. Power: what the step's work takes beside the
    active floor, activations included, which move mostly on the chip. For a dense model each bound is linear in the
    batch. The host's work for each conversation is not in them; `decode_energies` adds it.

    References
    ----------
    .. [1] Pope, R. et al., "Efficiently Scaling Transformer Inference", MLSys 2023.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> memory_s, compute_s, power_s = decode_step_s(Scenario(), central_inputs("own", "h100", "gpt3", 16.0), 64.0)
    >>> bool(compute_s < memory_s < 0.1 and power_s < memory_s)
    True
    """
    step = decode_step(scenario, inputs, batch)
    return bounds_s(step, scenario, inputs, sum(_step_switching(step, scenario, inputs)))


def _step_switching(step: DecodeStep, scenario: Scenario, inputs: Inputs) -> Switching:
    """Energies of a step of the whole batch [J]."""
    moved_bits = BITS_PER_BYTE * (step.weight_bytes + step.cache_bytes)
    spent = _switching(scenario, inputs, step.flop, moved_bits, BITS_PER_BYTE * step.link_bytes)
    # Activations were fitted as passes through memory, but stay in the chip's caches for the most part.
    bit = memory_bit_energy(scenario.movement, catalogue.chip(scenario.chip).memory_on_chip, inputs)
    passed = inputs.activation_passes * step.activation_bytes
    activations = BITS_PER_BYTE * passed * (bit.device + bit.on_chip)
    return spent._replace(on_chip=spent.on_chip + activations)


def _switching(scenario: Scenario, inputs: Inputs, flop: Floats, moved_bits: Floats, link_bits: Floats) -> Switching:
    """Energies of the work itself [J]."""
    per_flop = flop_energy(scenario, inputs)
    bit = memory_bit_energy(scenario.movement, catalogue.chip(scenario.chip).memory_on_chip, inputs)
    return Switching(
        flop * per_flop.arithmetic_j,
        flop * per_flop.instruction_j,
        flop * per_flop.operand_j + moved_bits * bit.on_chip,
        moved_bits * bit.device,
        link_bits * inputs.chip_link_j_per_bit,
    )


def decode_energies(
    scenario: Scenario, inputs: Inputs, batch: Floats | None = None, step: DecodeStep | None = None
) -> tuple[Energies, Floats]:
    """Ledger of one token written, and the time between tokens of one conversation.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields.
    inputs : Inputs
        Facts, central or sampled.
    batch : float or ndarray, optional
        Conversations decoded together, if fewer than the scenario's, whose machine they use [1].
    step : DecodeStep, optional
        Work of the step, if other than the scenario's.

    Returns
    -------
    Energies
        Per token written [J].
    float or ndarray
        Time of one step [s].

    Notes
    -----
    The step takes the longest of its three bounds (see `decode_step_s`), joined with the host's work for each
    conversation. Energies per byte, floor and times are those fitted to measured serving (MODEL.md, Serving).

    References
    ----------
    MODEL.md, The ledger; Pope, R. et al., "Efficiently Scaling Transformer Inference", MLSys 2023.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> energies, step_s = decode_energies(Scenario(), central_inputs("own", "h100", "gpt3", 16.0))
    >>> bool(0.1 < energies.total_j() < 10 and step_s < 0.1)
    True
    """
    batch = scenario.batch if batch is None else batch
    step = decode_step(scenario, inputs, batch) if step is None else step
    switching = _step_switching(step, scenario, inputs)
    memory_s, compute_s, power_s = bounds_s(step, scenario, inputs, sum(switching))
    host_s = batch * inputs.sequence_host_s
    step_s = larger(with_host_s(larger(memory_s, compute_s), host_s, scenario.engine), power_s)
    share = 1.0 / batch
    return metered(switching.scaled(share), step.chips * step_s * share, scenario, inputs, serving=True), step_s


def matrix_energies(
    scenario: Scenario, inputs: Inputs, passes: float, rate_share: Floats, work_ratio: Floats
) -> tuple[Energies, Floats]:
    """Ledger of one token through large matrix products: prefill or training.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields.
    inputs : Inputs
        Facts, central or sampled.
    passes : float
        Forward passes' worth of FLOP: 1 for prefill, 3 for training [1].
    rate_share : float or ndarray
        Share of the peak rate that is delivered as useful FLOP [1].
    work_ratio : float or ndarray
        FLOP the hardware does for each useful one [1].

    Returns
    -------
    Energies
        Per token [J].
    float or ndarray
        Useful FLOP per token, before any are dropped [FLOP].

    Notes
    -----
    The rate is given, so the time is too. A chip held to its power limit does the same work at a lower voltage:
    dynamic parts shrink together until the limit holds. At full peak rate a chip therefore spends exactly its power
    limit over its peak rate per FLOP.

    References
    ----------
    MODEL.md, The ledger; Chowdhery, A. et al., "PaLM", arXiv:2204.02311, for useful against hardware FLOP.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> full = Scenario(machine_scope="chip", utilisation=1.0)
    >>> energies, flop = matrix_energies(full, inputs, 3.0, full.utilisation, inputs.work_ratio)
    >>> round(energies.total_j() / flop * 1e12, 4)
    0.7075
    """
    work = _matrix_work(scenario, inputs, passes, work_ratio)
    chip_seconds = work.done_flop / (peak_flop_per_s(scenario, inputs) * rate_share)
    scale = smaller(1.0, _room_j(inputs, chip_seconds) / sum(work.switching))
    energies = metered(work.switching.scaled(scale), chip_seconds, scenario, inputs, serving=passes == 1.0)
    return energies, work.useful_flop


class _MatrixWork(NamedTuple):
    """FLOP of a token, useful and done [FLOP], and what switches for them at nominal voltage [J]."""

    useful_flop: Floats
    done_flop: Floats
    switching: Switching


def _matrix_work(scenario: Scenario, inputs: Inputs, passes: float, work_ratio: Floats) -> _MatrixWork:
    model = catalogue.model(scenario.model)
    serving = passes == 1.0
    flop = passes * FLOP_PER_PARAMETER_FORWARD * model.active_parameters
    done = flop * scenario.density
    if serving:
        # On average a token that is read attends to half of the context.
        done = done + 0.5 * attention_flop(scenario)
    sent = collective_bytes_per_token(
        model, scenario.bits, replica_chips(scenario, inputs, caches=serving), 1.0 if serving else 2.0
    )
    switching = _switching(
        scenario,
        inputs,
        done * work_ratio,
        BITS_PER_BYTE * done * matrix_traffic_bytes_per_flop(scenario, model, inputs),
        BITS_PER_BYTE * sent,
    )
    return _MatrixWork(flop, done, switching)


def _room_j(inputs: Inputs, chip_seconds: Floats) -> Floats:
    """Energy that may switch in a time before the power limit binds [J]."""
    return (1.0 - inputs.active_floor) * inputs.tdp_w * chip_seconds


def power_bound_utilisation(scenario: Scenario, inputs: Inputs) -> Floats:
    """Utilisation in training from which the power limit binds.

    Parameters
    ----------
    scenario : Scenario
        Its chip, model and formats; not its utilisation.
    inputs : Inputs
        Facts, central or sampled.

    Returns
    -------
    float or ndarray
        Share of the peak rate that is delivered as useful FLOP [1]; above 1 where the limit never binds.

    Notes
    -----
    Beyond it each operation is taken to need less; see `matrix_energies`.

    References
    ----------
    `matrix_energies`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> bool(0.4 < power_bound_utilisation(Scenario(), central_inputs("own", "h100", "gpt3", 16.0)) < 1.0)
    True
    """
    work = _matrix_work(scenario, inputs, TRAINING_PASSES, inputs.work_ratio)
    at_peak_s = work.done_flop / peak_flop_per_s(scenario, inputs)
    return _room_j(inputs, at_peak_s) / sum(work.switching)


def training_energies(scenario: Scenario, inputs: Inputs) -> tuple[Energies, Floats]:
    """Ledger of one token trained on.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields; its utilisation is the MFU.
    inputs : Inputs
        Facts, central or sampled.

    Returns
    -------
    Energies
        Per token [J].
    float or ndarray
        Useful FLOP per token, 6 per parameter [FLOP].

    Notes
    -----
    A forward and a backward pass; the hardware does more FLOP than the useful ones (recomputed activations).

    References
    ----------
    `matrix_energies`; Kaplan, J. et al., "Scaling Laws for Neural Language Models", arXiv:2001.08361, for 6 N.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> training_energies(Scenario(), central_inputs("own", "h100", "gpt3", 16.0))[1] / 6e9
    70.6
    """
    return matrix_energies(scenario, inputs, TRAINING_PASSES, scenario.utilisation, inputs.work_ratio)


def prefill_energies(scenario: Scenario, inputs: Inputs) -> tuple[Energies, Floats]:
    """Ledger of one token read.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields.
    inputs : Inputs
        Facts, central or sampled.

    Returns
    -------
    Energies
        Per token [J].
    float or ndarray
        Useful FLOP per token, 2 per parameter [FLOP].

    Notes
    -----
    Reading is bound by compute: the best measured matrix throughput is assumed.

    References
    ----------
    `matrix_energies`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> prefill, decode = prefill_energies(Scenario(), inputs)[0], decode_energies(Scenario(), inputs)[0]
    >>> bool(prefill.total_j() < decode.total_j())
    True
    """
    return matrix_energies(scenario, inputs, 1.0, inputs.best_matrix_fraction, 1.0)
