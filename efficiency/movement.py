"""Bytes that a workload moves, and what a bit costs at each distance."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from efficiency.arrays import Floats, larger
from efficiency.catalogue import Model
from efficiency.facts import fact
from efficiency.inputs import Inputs
from efficiency.scenario import Scenario

BITS_PER_BYTE: Final = 8.0
_ACROSS_DIE_M: Final = fact("wire.across_die").si
_ABOVE_DIE_M: Final = fact("wire.above_die").si
CACHE_BITS_AT_LEAST: Final = fact("serving.cache_bits").si
"""Width that caches and activations keep where weights are narrower [bit]."""
_HBM_DEVICE_J_PER_BIT: Final = fact("memory.hbm2_device").si


class BitEnergy(NamedTuple):
    """Energy to bring one bit from memory to the arithmetic [J/bit], by where it is spent."""

    device: Floats
    on_chip: Floats


def memory_bit_energy(movement: str, memory_on_chip: bool, inputs: Inputs) -> BitEnergy:
    """Energy of bringing one bit from memory to the arithmetic.

    Parameters
    ----------
    movement : {"off_chip", "stacked", "on_chip", "in_memory"}
        Where the weights are; for ``"in_memory"`` this is the price of all that still moves, which moves as from memory
        on the chip.
    memory_on_chip : bool
        Whether the chip's own memory is on-chip already.
    inputs : Inputs
        Energies per bit and per length.

    Returns
    -------
    BitEnergy
        Device (array, interface) and path on the chip (cache, wires) [J/bit].

    Notes
    -----
    Off-chip, the whole path from stacked memory is fitted to measured serving and the memory device is a published
    figure; what the path exceeds the device by is booked on the chip, and is the same for other kinds of memory.

    References
    ----------
    `efficiency/data/fitted.csv`: memory_energy;
    `efficiency/data/movement.csv`: memory.hbm2_device, memory.hbm_stacked_modelled,
    memory.sram7_1mb, wire.on_chip, wire.word_llc.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> energy = memory_bit_energy("off_chip", False, central_inputs("own", "h100", "gpt3", 16.0))
    >>> 7e-12 < sum(energy) < 30e-12
    True
    """
    if movement in ("on_chip", "in_memory") or memory_on_chip:
        return BitEnergy(inputs.sram_j_per_bit, inputs.wire_j_per_bit_m * _ACROSS_DIE_M)
    if movement == "stacked":
        path = inputs.cache_j_per_bit + inputs.wire_j_per_bit_m * _ABOVE_DIE_M
        return BitEnergy(inputs.stacked_device_j_per_bit, path)
    on_chip = larger(inputs.memory_path_j_per_bit - _HBM_DEVICE_J_PER_BIT, 0.0)
    return BitEnergy(inputs.memory_device_j_per_bit, on_chip)


def bandwidth_bytes_per_s(movement: str, inputs: Inputs) -> Floats:
    """Rate at which a chip reads its weights.

    Parameters
    ----------
    movement : {"off_chip", "stacked", "on_chip", "in_memory"}
        Where the weights are.
    inputs : Inputs
        The chip's own memory bandwidth.

    Returns
    -------
    float or ndarray
        Peak rate of one chip [B/s].

    Notes
    -----
    Stacked memory multiplies the chip's bandwidth, on-chip memory replaces it by that of a shipped chip that keeps
    all weights on the die. Where weights never move, what still moves is on the die too. The size of the memory stays
    as built: the setting asks what distance costs, not what fits.

    References
    ----------
    `efficiency/data/operating.csv`: stacked.bandwidth_gain, on_chip.bandwidth.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> bandwidth_bytes_per_s("off_chip", central_inputs("own", "h100", "gpt3", 16.0))
    3350000000000.0
    """
    if movement == "stacked":
        return inputs.bandwidth_bytes_per_s * inputs.stacked_bandwidth_gain
    if movement in ("on_chip", "in_memory"):
        return larger(inputs.bandwidth_bytes_per_s, fact("on_chip.bandwidth").si)
    return inputs.bandwidth_bytes_per_s


def metadata_bits(density: Floats) -> Floats:
    """Bits that say which weights were kept, per weight kept.

    Parameters
    ----------
    density : float or ndarray
        Share of weights kept [1].

    Returns
    -------
    float or ndarray
        Bits per kept weight [bit].

    Notes
    -----
    The entropy of the pattern, :math:`H(d)/d`: 2 bits at one half, which is what 2:4 sparsity stores, and a lower
    bound elsewhere.

    References
    ----------
    .. [1] Shannon, C. E., "A mathematical theory of communication", Bell Syst. Tech. J. 27, 379 (1948).

    Examples
    --------
    >>> float(metadata_bits(0.5)), metadata_bits(1.0)
    (2.0, 0.0)
    """
    if isinstance(density, float) and density == 1.0:
        return 0.0
    dropped = larger(1.0 - density, 1e-300)
    return -np.log2(density) - dropped / density * np.log2(dropped)


def weight_bytes(parameters: Floats, bits: Floats, density: Floats) -> Floats:
    """Bytes that weights take, with the pattern of those that were dropped.

    Parameters
    ----------
    parameters : float or ndarray
        Weights before dropping any [1].
    bits : float or ndarray
        Width of a weight [bit].
    density : float or ndarray
        Share kept [1].

    Returns
    -------
    float or ndarray
        Size [B].

    Notes
    -----
    :math:`P d (b + H(d)/d) / 8`.

    References
    ----------
    `metadata_bits`.

    Examples
    --------
    >>> weight_bytes(70e9, 16.0, 1.0)
    140000000000.0
    """
    return parameters * density * (bits + metadata_bits(density)) / BITS_PER_BYTE


def matrix_traffic_bytes_per_flop(scenario: Scenario, model: Model, inputs: Inputs) -> Floats:
    r"""Memory traffic of large matrix products, per FLOP, in training and prefill.

    Parameters
    ----------
    scenario : Scenario
        Its bits are used.
    model : Model
        Its hidden size is used.
    inputs : Inputs
        Tokens per chip and step.

    Returns
    -------
    float or ndarray
        Traffic [B/FLOP].

    Notes
    -----
    A product of m x k by k x n reads and writes mk + kn + mn values for 2mnk FLOP; with m tokens and square weights
    of the hidden size h that is :math:`(1/m + 2/h)\,b/16`.

    References
    ----------
    .. [1] Williams, S., Waterman, A. and Patterson, D., "Roofline", CACM 52, 65 (2009), doi:10.1145/1498765.1498785.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> from efficiency.catalogue import model
    >>> matrix_traffic_bytes_per_flop(Scenario(), model("llama31_70b"), inputs) < 1e-3
    True
    """
    values = 1.0 / inputs.tokens_per_chip_step + 2.0 / model.hidden
    return values * scenario.bits / (2.0 * BITS_PER_BYTE)


def collective_bytes_per_token(model: Model, bits: Floats, chips: Floats, passes: float) -> Floats:
    """Bytes sent between the chips that share one copy of a model, per token.

    Parameters
    ----------
    model : Model
        Layers and hidden size.
    bits : float or ndarray
        Width of an activation [bit]; at least 8 are sent.
    chips : float or ndarray
        Chips that share the copy [1].
    passes : float
        1 for a forward pass, 2 with the backward pass [1].

    Returns
    -------
    float or ndarray
        Sum over the chips [B/token].

    Notes
    -----
    Tensor parallelism: two all-reduces a layer and pass, each moving :math:`2(n-1)` times the activation.

    References
    ----------
    .. [1] Shoeybi, M. et al., "Megatron-LM", arXiv:1909.08053, section 3.

    Examples
    --------
    >>> from efficiency.catalogue import model
    >>> collective_bytes_per_token(model("llama31_70b"), 16.0, 1.0, 1.0)
    0.0
    """
    activation = model.hidden * larger(bits, CACHE_BITS_AT_LEAST) / BITS_PER_BYTE
    return passes * 2.0 * model.layers * 2.0 * (chips - 1.0) * activation
