"""What one written token moves: bytes and joules, by what they are and by where they are spent."""

from __future__ import annotations

from dataclasses import dataclass

from efficiency import catalogue
from efficiency.arrays import Floats
from efficiency.compute import flop_energy
from efficiency.decode_step import FLOP_PER_PARAMETER_FORWARD, attention_flop, decode_step
from efficiency.inputs import Inputs
from efficiency.movement import BITS_PER_BYTE, memory_bit_energy
from efficiency.scenario import Scenario

THINGS = ("weights", "caches", "activations", "links", "operands", "arithmetic", "instructions")
"""What is paid for; operands, arithmetic and instructions are no traffic of the memory."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What one thing costs per token: bytes moved [B], and joules by the part of the ledger they belong to [J].

    ``bytes`` is 0 where nothing leaves the chip's own arrays.
    """

    key: str
    bytes: float
    device_j: float
    on_chip_j: float
    link_j: float
    arithmetic_j: float
    instruction_j: float = 0.0

    @property
    def energy_j(self) -> float:
        """All of it [J]."""
        return self.device_j + self.on_chip_j + self.link_j + self.arithmetic_j + self.instruction_j


def useful_flop(scenario: Scenario) -> Floats:
    """Count the operations that one written token needs.

    Parameters
    ----------
    scenario : Scenario
        Model, density and context.

    Returns
    -------
    float or ndarray
        Per token [FLOP].

    Notes
    -----
    Two per active weight that is kept, and attention to the context. The chip computes more: whole tiles.

    References
    ----------
    `decode_step.decode_step`.

    Examples
    --------
    >>> useful_flop(Scenario()) / 1e9 > 2 * 70
    True
    """
    active = catalogue.model(scenario.model).active_parameters
    return FLOP_PER_PARAMETER_FORWARD * active * scenario.density + attention_flop(scenario)


def token_flows(scenario: Scenario, inputs: Inputs) -> tuple[Flow, ...]:
    """Account for what one written token costs the chips, by what it is spent on.

    Parameters
    ----------
    scenario : Scenario
        Scalar.
    inputs : Inputs
        Central values.

    Returns
    -------
    tuple of Flow
        In the order of `THINGS` [B] and [J]; together the ledger's first five parts.

    Notes
    -----
    Weights and caches come from memory; activations were fitted as passes through memory but stay on the chip for the
    most part, so their joules are booked there. Operands are what delivers numbers from the chip's own arrays to the
    multipliers, inferred by difference.

    References
    ----------
    `workloads.decode_energies`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> flows = token_flows(Scenario(), central_inputs("own", "h100", "gpt3", 16.0))
    >>> [flow.key for flow in flows] == list(THINGS)
    True
    """
    batch = float(scenario.batch)
    work = decode_step(scenario, inputs, batch)
    bit = memory_bit_energy(scenario.movement, catalogue.chip(scenario.chip).memory_on_chip, inputs)
    operation = flop_energy(scenario, inputs)
    passed = float(inputs.activation_passes) * float(work.activation_bytes)

    def memory(key: str, moved: float) -> Flow:
        bits = BITS_PER_BYTE * moved
        return Flow(key, moved, bits * float(bit.device), bits * float(bit.on_chip), 0.0, 0.0)

    inside = BITS_PER_BYTE * passed / batch * float(bit.device + bit.on_chip)
    sent = float(work.link_bytes) / batch
    flop = float(work.flop) / batch
    return (
        memory("weights", float(work.weight_bytes) / batch),
        memory("caches", float(work.cache_bytes) / batch),
        Flow("activations", float(work.activation_bytes) / batch, 0.0, inside, 0.0, 0.0),
        Flow("links", sent, 0.0, 0.0, BITS_PER_BYTE * sent * float(inputs.chip_link_j_per_bit), 0.0),
        Flow("operands", 0.0, 0.0, flop * float(operation.operand_j), 0.0, 0.0),
        Flow("arithmetic", 0.0, 0.0, 0.0, 0.0, flop * float(operation.arithmetic_j)),
        Flow("instructions", 0.0, 0.0, 0.0, 0.0, 0.0, flop * float(operation.instruction_j)),
    )
