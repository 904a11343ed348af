"""Three workloads of a language model: writing a token, reading one, training on one."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from efficiency import catalogue
from efficiency.arrays import Floats, larger, smaller
from efficiency.compute import flop_energy, peak_flop_per_s
from efficiency.inputs import Inputs
from efficiency.ledger import Chips, Energies, metered
from efficiency.movement import (
    BITS_PER_BYTE,
    bandwidth_bytes_per_s,
    collective_bytes_per_token,
    kv_bytes_per_token,
    matrix_traffic_bytes_per_flop,
    memory_bit_energy,
    weight_bytes,
    weights_read_per_step,
)
from efficiency.scenario import Scenario

FLOP_PER_PARAMETER_FORWARD: Final = 2.0
# A chip is full when its weights and caches take nine tenths of its memory; the rest is activations and fragmentation.
_MEMORY_FILL: Final = 0.9


def replica_chips(scenario: Scenario, inputs: Inputs, caches: bool = True) -> Floats:
    """Chips that hold one copy of the model.

    Parameters
    ----------
    scenario : Scenario
        Model, bits, density, batch and context.
    inputs : Inputs
        Memory of a chip.
    caches : bool
        Whether the conversations' caches are held too: when serving, not in training.

    Returns
    -------
    float or ndarray
        Whole number of chips, at least 1 [1].

    Notes
    -----
    Memory sets the number; a server may use more for speed. Nine tenths of each chip's memory are used.

    References
    ----------
    `efficiency/data/chips.csv` for the memory.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> replica_chips(Scenario(), central_inputs("own", "h100", "gpt3", 16.0))
    3.0
    """
    model = catalogue.model(scenario.model)
    need = weight_bytes(model.parameters, scenario.bits, scenario.density)
    if caches:
        need = need + scenario.batch * scenario.context_tokens * kv_bytes_per_token(model, scenario.bits)
    chips = need / (_MEMORY_FILL * inputs.memory_bytes)
    if isinstance(chips, float):
        return float(-(-chips // 1.0))
    return np.ceil(chips)


class _Step(NamedTuple):
    """Work of one decode step of a whole batch, over all chips of the copy."""

    chips: Floats
    weight_bytes: Floats
    cache_bytes: Floats
    flop: Floats
    least_s: Floats


def _decode_step(scenario: Scenario, inputs: Inputs, batch: Floats) -> _Step:
    model = catalogue.model(scenario.model)
    chips = replica_chips(scenario, inputs)
    weights = weight_bytes(weights_read_per_step(model, batch), scenario.bits, scenario.density)
    cache = batch * scenario.context_tokens * kv_bytes_per_token(model, scenario.bits)
    attention = 4.0 * model.layers * model.heads * model.head_size * scenario.context_tokens
    flop = batch * (FLOP_PER_PARAMETER_FORWARD * model.active_parameters * scenario.density + attention)
    read = cache if scenario.movement == "in_memory" else weights + cache
    memory_s = read / (chips * bandwidth_bytes_per_s(scenario.movement, inputs) * inputs.bandwidth_efficiency)
    compute_s = flop / (chips * peak_flop_per_s(scenario, inputs) * inputs.best_matrix_fraction)
    overhead_s = model.layers * inputs.step_overhead_per_layer_s
    return _Step(chips, weights, cache, flop, larger(memory_s, compute_s) + overhead_s)


def decode_energies(scenario: Scenario, inputs: Inputs, batch: Floats | None = None) -> tuple[Energies, Floats]:
    """Ledger of one token written, and the time between tokens of one conversation.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields.
    inputs : Inputs
        Facts, central or sampled.
    batch : float or ndarray, optional
        Conversations decoded together, if not the scenario's [1].

    Returns
    -------
    Energies
        Per token written [J].
    float or ndarray
        Time of one step [s].

    Notes
    -----
    A step reads the weights once for the whole batch, the cache once for each conversation, and takes what memory or
    compute needs, whichever is longer, plus an overhead per layer. If that would draw more than the chips' power
    limit, the step takes longer.

    References
    ----------
    Design, section 3; Pope, R. et al., "Efficiently Scaling Transformer Inference", MLSys 2023.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> energies, step_s = decode_energies(Scenario(), central_inputs("own", "h100", "gpt3", 16.0))
    >>> 0.1 < energies.total_j() < 10 and step_s < 0.1
    True
    """
    model = catalogue.model(scenario.model)
    batch = scenario.batch if batch is None else batch
    step = _decode_step(scenario, inputs, batch)
    per_flop = flop_energy(scenario, inputs)
    weight_bit = memory_bit_energy(scenario.movement, catalogue.chip(scenario.chip).memory_on_chip, inputs)
    weight_bits = 0.0 if scenario.movement == "in_memory" else BITS_PER_BYTE * step.weight_bytes
    moved_bits = weight_bits + BITS_PER_BYTE * step.cache_bytes
    link_bits = BITS_PER_BYTE * collective_bytes_per_token(model, scenario.bits, step.chips, 1.0)
    arithmetic = step.flop * per_flop.arithmetic_j
    instruction = step.flop * per_flop.instruction_j
    on_chip = step.flop * per_flop.operand_j + moved_bits * weight_bit.on_chip
    off_chip = moved_bits * weight_bit.device
    interconnect = batch * link_bits * inputs.chip_link_j_per_bit
    switching = arithmetic + instruction + on_chip + off_chip + interconnect
    room_w = (1.0 - inputs.active_floor) * inputs.tdp_w * step.chips
    step_s = larger(step.least_s, switching / room_w)
    share = 1.0 / batch
    chips = Chips(
        arithmetic * share,
        instruction * share,
        on_chip * share,
        off_chip * share,
        interconnect * share,
        step.chips * step_s * share,
    )
    return metered(chips, scenario, inputs, serving=True), step_s


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
    Design, section 3; Chowdhery, A. et al., "PaLM", arXiv:2204.02311, for useful against hardware FLOP.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> full = Scenario(machine_scope="chip", utilisation=1.0)
    >>> energies, flop = matrix_energies(full, inputs, 3.0, full.utilisation, inputs.work_ratio)
    >>> round(energies.total_j() / flop * 1e12, 4)
    0.7075
    """
    model = catalogue.model(scenario.model)
    flop = passes * FLOP_PER_PARAMETER_FORWARD * model.active_parameters
    done = flop * scenario.density
    chip_seconds = done / (peak_flop_per_s(scenario, inputs) * rate_share)
    per_flop = flop_energy(scenario, inputs)
    bit = memory_bit_energy(scenario.movement, catalogue.chip(scenario.chip).memory_on_chip, inputs)
    moved_bits = BITS_PER_BYTE * done * matrix_traffic_bytes_per_flop(scenario, model, inputs)
    link_bits = BITS_PER_BYTE * collective_bytes_per_token(
        model, scenario.bits, replica_chips(scenario, inputs, caches=passes == 1.0), 1.0 if passes == 1.0 else 2.0
    )
    hardware = done * work_ratio
    arithmetic = hardware * per_flop.arithmetic_j
    instruction = hardware * per_flop.instruction_j
    on_chip = hardware * per_flop.operand_j + moved_bits * bit.on_chip
    off_chip = moved_bits * bit.device
    interconnect = link_bits * inputs.chip_link_j_per_bit
    switching = arithmetic + instruction + on_chip + off_chip + interconnect
    room_j = (1.0 - inputs.active_floor) * inputs.tdp_w * chip_seconds
    scale = smaller(1.0, room_j / switching)
    chips = Chips(
        arithmetic * scale,
        instruction * scale,
        on_chip * scale,
        off_chip * scale,
        interconnect * scale,
        chip_seconds,
    )
    return metered(chips, scenario, inputs, serving=passes == 1.0), flop


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
    return matrix_energies(scenario, inputs, 3.0, scenario.utilisation, inputs.work_ratio)


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
    >>> prefill_energies(Scenario(), inputs)[0].total_j() < decode_energies(Scenario(), inputs)[0].total_j()
    True
    """
    return matrix_energies(scenario, inputs, 1.0, inputs.best_matrix_fraction, 1.0)


def energies(scenario: Scenario, inputs: Inputs) -> Energies:
    """Ledger of the scenario's own workload.

    Parameters
    ----------
    scenario : Scenario
        Its workload decides what a unit of work is; see `PER`.
    inputs : Inputs
        Facts, central or sampled.

    Returns
    -------
    Energies
        Per unit of work [J].

    Notes
    -----
    Dispatches to `decode_energies`, `prefill_energies` or `training_energies`.

    References
    ----------
    Design, section 3.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> parts = energies(Scenario(), central_inputs("own", "h100", "gpt3", 16.0))
    >>> bool(abs(sum(parts) / parts.total_j() - 1) < 1e-12)
    True
    """
    if scenario.workload == "decode":
        return decode_energies(scenario, inputs)[0]
    if scenario.workload == "prefill":
        return prefill_energies(scenario, inputs)[0]
    return training_energies(scenario, inputs)[0]
