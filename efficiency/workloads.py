"""Three workloads of a language model: writing a token, reading one, training on one."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from efficiency import catalogue
from efficiency.arrays import Floats, larger, smaller
from efficiency.compute import flop_energy, peak_flop_per_s
from efficiency.facts import fact
from efficiency.inputs import Inputs
from efficiency.ledger import Energies, Switching, metered
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
_MEMORY_FILL: Final = fact("serving.memory_fill").si
TILE_ROWS: Final = fact("serving.tile_rows").si
_HOST_OVERLAP: Final = fact("serving.host_overlap").si
# A record counts values over the layer's width; activations have 16 bits.
_ACTIVATION_BYTES_OVER_WIDTH: Final = 2.0 * fact("serving.activation_bytes").si


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
    Memory sets the number; a server may use more for speed. A part of each chip's memory stays free for activations.

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
    held = weight_bytes(model.parameters, scenario.bits, scenario.density)
    if caches:
        held = held + _cache_bytes(scenario, scenario.batch)
    return _chips_holding(held, inputs)


def _chips_holding(size_bytes: Floats, inputs: Inputs) -> Floats:
    chips = size_bytes / (_MEMORY_FILL * inputs.memory_bytes)
    return float(-(-chips // 1.0)) if isinstance(chips, float) else np.ceil(chips)


def _cache_bytes(scenario: Scenario, batch: Floats) -> Floats:
    return batch * scenario.context_tokens * kv_bytes_per_token(catalogue.model(scenario.model), scenario.bits)


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
    >>> compute_s < memory_s < 0.1 and power_s < memory_s
    True
    """
    step = _decode_step(scenario, inputs, batch)
    return _bounds_s(step, scenario, inputs, _step_switching(step, scenario, inputs))


class _Step(NamedTuple):
    """What a decode step of the whole batch reads, computes and sends, over all chips of the copy."""

    chips: Floats
    weight_bytes: Floats
    cache_bytes: Floats
    activation_bytes: Floats
    flop: Floats
    link_bytes: Floats


def _decode_step(scenario: Scenario, inputs: Inputs, batch: Floats) -> _Step:
    model = catalogue.model(scenario.model)
    whole = weight_bytes(model.parameters, scenario.bits, scenario.density)
    # The machine is built for the scenario's own batch.
    chips = _chips_holding(whole + _cache_bytes(scenario, scenario.batch), inputs)
    read: Floats = 0.0
    if scenario.movement != "in_memory":
        touched = weights_read_per_step(model, batch)
        dense = isinstance(touched, float) and touched == model.parameters
        read = whole if dense else weight_bytes(touched, scenario.bits, scenario.density)
    dense_flop = FLOP_PER_PARAMETER_FORWARD * model.active_parameters
    return _Step(
        chips=chips,
        weight_bytes=read,
        cache_bytes=_cache_bytes(scenario, batch),
        activation_bytes=batch * _activation_bytes(scenario) * inputs.activation_passes,
        # A matrix unit computes whole tiles: a batch smaller than a tile is padded.
        flop=larger(batch, TILE_ROWS) * dense_flop * scenario.density + batch * _attention_flop(scenario),
        link_bytes=batch * collective_bytes_per_token(model, scenario.bits, chips, 1.0),
    )


def _bounds_s(step: _Step, scenario: Scenario, inputs: Inputs, switching: Switching) -> tuple[Floats, Floats, Floats]:
    bandwidth = bandwidth_bytes_per_s(scenario.movement, inputs) * inputs.bandwidth_efficiency
    rate = peak_flop_per_s(scenario, inputs) * inputs.best_matrix_fraction
    room_w = (1.0 - inputs.active_floor) * inputs.tdp_w
    share = 1.0 / step.chips
    launch_s = catalogue.model(scenario.model).layers * inputs.layer_launch_s
    # A link's published rate counts both directions.
    link_s = step.link_bytes * share / (inputs.link_bytes_per_s / 2.0)
    memory_s = (step.weight_bytes + step.cache_bytes) * share / bandwidth + link_s
    compute_s = step.flop * share / rate + link_s
    if scenario.engine == "eager":
        # Launched one by one, the next kernel waits for its call, not for the one before.
        return larger(memory_s, launch_s), larger(compute_s, launch_s), sum(switching) * share / room_w
    return memory_s + launch_s, compute_s + launch_s, sum(switching) * share / room_w


def _with_host(device_s: Floats, host_s: Floats, engine: str) -> Floats:
    """Time of a step with the host's work for each conversation, which engines of 2025 overlap in part."""
    if engine != "graphs_2025":
        return device_s + host_s
    return (_overlapped(device_s) + _overlapped(host_s)) ** (1.0 / _HOST_OVERLAP)


def _overlapped(time_s: Floats) -> Floats:
    # A square root is several times faster than a general power on the long arrays of a sweep.
    return time_s * time_s**0.5 if _HOST_OVERLAP == 1.5 else time_s**_HOST_OVERLAP


def _step_switching(step: _Step, scenario: Scenario, inputs: Inputs) -> Switching:
    """Energies of a step of the whole batch [J]."""
    moved_bits = BITS_PER_BYTE * (step.weight_bytes + step.cache_bytes)
    spent = _switching(scenario, inputs, step.flop, moved_bits, BITS_PER_BYTE * step.link_bytes)
    # Activations were fitted as passes through memory, but stay in the chip's caches for the most part.
    bit = memory_bit_energy(scenario.movement, catalogue.chip(scenario.chip).memory_on_chip, inputs)
    activations = BITS_PER_BYTE * step.activation_bytes * (bit.device + bit.on_chip)
    return spent._replace(on_chip=spent.on_chip + activations)


def _activation_bytes(scenario: Scenario) -> float:
    """Traffic of one unfused pass of a token's activations through all layers [B]."""
    model = catalogue.model(scenario.model)
    return _ACTIVATION_BYTES_OVER_WIDTH * model.hidden * model.layers


def _attention_flop(scenario: Scenario) -> Floats:
    """FLOP with which one token attends to the whole context, forward."""
    model = catalogue.model(scenario.model)
    return 4.0 * model.layers * model.heads * model.head_size * scenario.context_tokens


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


def decode_energies(scenario: Scenario, inputs: Inputs, batch: Floats | None = None) -> tuple[Energies, Floats]:
    """Ledger of one token written, and the time between tokens of one conversation.

    Parameters
    ----------
    scenario : Scenario
        All of it but the brain's fields.
    inputs : Inputs
        Facts, central or sampled.
    batch : float or ndarray, optional
        Conversations decoded together, if fewer than the scenario's, whose machine they use [1].

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
    >>> 0.1 < energies.total_j() < 10 and step_s < 0.1
    True
    """
    batch = scenario.batch if batch is None else batch
    step = _decode_step(scenario, inputs, batch)
    switching = _step_switching(step, scenario, inputs)
    memory_s, compute_s, power_s = _bounds_s(step, scenario, inputs, switching)
    host_s = batch * inputs.sequence_host_s
    step_s = larger(_with_host(larger(memory_s, compute_s), host_s, scenario.engine), power_s)
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
    model = catalogue.model(scenario.model)
    serving = passes == 1.0
    flop = passes * FLOP_PER_PARAMETER_FORWARD * model.active_parameters
    done = flop * scenario.density
    if serving:
        # On average a token that is read attends to half of the context.
        done = done + 0.5 * _attention_flop(scenario)
    chip_seconds = done / (peak_flop_per_s(scenario, inputs) * rate_share)
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
    room_j = (1.0 - inputs.active_floor) * inputs.tdp_w * chip_seconds
    scale = smaller(1.0, room_j / sum(switching))
    return metered(switching.scaled(scale), chip_seconds, scenario, inputs, serving=serving), flop


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
