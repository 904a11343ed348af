r"""The fixed task whose energy the levers lower: synaptic events, or tokens written.

The task stays the same whatever levers are pulled: S f synaptic events a second, or a token at fixed quality. What a
lever costs in quality is paid back by a larger model (`lever_machines.growth`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from efficiency import brain, catalogue
from efficiency.arrays import Floats, larger
from efficiency.compute import flop_energy, peak_flop_per_s
from efficiency.decode_step import attention_flop, decode_step, replica_chips
from efficiency.inputs import Inputs
from efficiency.ledger import Energies, Switching, metered
from efficiency.movement import (
    BITS_PER_BYTE,
    CACHE_BITS_AT_LEAST,
    bandwidth_bytes_per_s,
    memory_bit_energy,
    metadata_bits,
    weight_bytes,
)
from efficiency.scenario import Scenario
from efficiency.workloads import decode_energies

TASKS: Final[Mapping[str, str]] = MappingProxyType({"synapse": "synaptic event", "token": "token written"})
"""Task to its unit of work."""
FLOP_PER_MULTIPLY_ADD: Final = 2.0


def multiply_adds_per_event(scenario: Scenario, inputs: Inputs) -> Floats:
    """Multiply-adds that a machine does for one synaptic event.

    Parameters
    ----------
    scenario : Scenario
        Density, and whether only events are evaluated.
    inputs : Inputs
        Firing rate and rate of steps.

    Returns
    -------
    float or ndarray
        At least 1 [1].

    Notes
    -----
    A clocked machine evaluates every synapse at each step, :math:`f_{step}/f` of them for an event, less what sparsity
    drops. An event itself is never dropped: the synapses that are there are the task.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> clocked = Scenario(events="every_step")
    >>> multiply_adds_per_event(Scenario(), inputs), multiply_adds_per_event(clocked, inputs)
    (1.0, 200.0)
    """
    if scenario.events == "events":
        return 1.0
    return larger(scenario.density * inputs.step_rate_hz / inputs.firing_rate_hz, 1.0)


def reads_per_multiply_add(scenario: Scenario, inputs: Inputs) -> Floats:
    r"""Count how often a weight is read for one multiply-add, when a batch of brains shares the weights.

    Parameters
    ----------
    scenario : Scenario
        Batch, movement, and whether only events are evaluated.
    inputs : Inputs
        Firing rate and rate of steps.

    Returns
    -------
    float or ndarray
        At most 1 [1].

    Notes
    -----
    Where every synapse is evaluated a weight is read once for the batch: 1/B. Where only events are, each of B brains
    needs a synapse in a step with the probability :math:`a = f/f_{step}`, and those that need it share it:
    :math:`(1 - (1 - a)^B)/(a B)`. At 1 % activity a batch of 64 shares next to nothing.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> reads_per_multiply_add(Scenario(events="every_step"), inputs)
    0.015625
    >>> bool(0.8 < reads_per_multiply_add(Scenario(), inputs) < 0.9)
    True
    """
    if scenario.movement == "in_memory":
        return 0.0
    if scenario.events == "every_step":
        return 1.0 / scenario.batch
    active = np.minimum(inputs.firing_rate_hz / inputs.step_rate_hz, 1.0)
    return -np.expm1(scenario.batch * np.log1p(-np.minimum(active, 1.0 - 1e-12))) / (active * scenario.batch)


def synaptic_event_energies(scenario: Scenario, inputs: Inputs) -> Energies:
    r"""Ledger of one synaptic event on a machine that holds as many weights as a brain has synapses.

    Parameters
    ----------
    scenario : Scenario
        Chip, bits, density, movement, execution, utilisation, batch, events, scope and PUE.
    inputs : Inputs
        Facts, central or sampled.

    Returns
    -------
    Energies
        Per event [J].

    Notes
    -----
    A weight is read from memory, shared by a batch; the signal of a neuron crosses between chips once for all its
    receivers. A multiply-add takes as long as arithmetic at the scenario's utilisation, the memory, or the power limit
    lets it. The machine runs without pause, one step after another, and loses work to failures.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> bool(1e-10 < synaptic_event_energies(Scenario(batch=1.0), inputs).total_j() < 2e-9)
    True
    """
    per_flop = flop_energy(scenario, inputs)
    bit = memory_bit_energy(scenario.movement, catalogue.chip(scenario.chip).memory_on_chip, inputs)
    # Only a machine that evaluates every synapse can drop some, and must keep their pattern.
    pattern = metadata_bits(scenario.density) if scenario.events == "every_step" else 0.0
    read_bits = (scenario.bits + pattern) * reads_per_multiply_add(scenario, inputs)
    link_bits = larger(scenario.bits, CACHE_BITS_AT_LEAST) / inputs.receivers_per_neuron
    switching = Switching(
        FLOP_PER_MULTIPLY_ADD * per_flop.arithmetic_j,
        FLOP_PER_MULTIPLY_ADD * per_flop.instruction_j,
        FLOP_PER_MULTIPLY_ADD * per_flop.operand_j + read_bits * bit.on_chip,
        read_bits * bit.device,
        link_bits * inputs.chip_link_j_per_bit,
    )
    compute_s = FLOP_PER_MULTIPLY_ADD / (peak_flop_per_s(scenario, inputs) * scenario.utilisation)
    memory_s = (
        read_bits / BITS_PER_BYTE / (bandwidth_bytes_per_s(scenario.movement, inputs) * inputs.bandwidth_efficiency)
    )
    power_s = sum(switching) / ((1.0 - inputs.active_floor) * inputs.tdp_w)
    time_s = larger(larger(compute_s, memory_s), power_s)
    done = multiply_adds_per_event(scenario, inputs)
    return metered(switching.scaled(done), time_s * done, scenario, inputs, serving=False)


def token_energies(scenario: Scenario, inputs: Inputs, size: Floats) -> Energies:
    """Ledger of one token written by a model that is larger or smaller than the scenario's.

    Parameters
    ----------
    scenario : Scenario
        The machine.
    inputs : Inputs
        Facts, central or sampled.
    size : float or ndarray
        Weights over those of the scenario's model [1].

    Returns
    -------
    Energies
        Per token written [J].

    Notes
    -----
    Weights and their products grow, and with them the number of chips that hold weights and caches; batch, caches and
    the software's time for each layer stay.

    References
    ----------
    `workloads.decode_energies`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> token_energies(Scenario(), inputs, 2.0).off_chip < 2 * token_energies(Scenario(), inputs, 1.0).off_chip
    True
    """
    if isinstance(size, float) and size == 1.0:
        return decode_energies(scenario, inputs)[0]
    weights = weight_bytes(catalogue.model(scenario.model).parameters, scenario.bits, scenario.density)
    chips = replica_chips(scenario, inputs, stored_bytes=weights * size)
    step = decode_step(scenario, inputs, scenario.batch, chips)
    attention = scenario.batch * attention_flop(scenario)
    larger_step = step._replace(
        weight_bytes=step.weight_bytes * size,
        waiting_bytes=step.waiting_bytes * size,
        flop=(step.flop - attention) * size + attention,
    )
    return decode_energies(scenario, inputs, step=larger_step)[0]


def task_energies(task: str, scenario: Scenario, inputs: Inputs, size: Floats = 1.0) -> Energies:
    """Ledger of one unit of the fixed task.

    Parameters
    ----------
    task : {"synapse", "token"}
        Which task.
    scenario : Scenario
        The machine.
    inputs : Inputs
        Facts, central or sampled.
    size : float or ndarray
        Weights of the model over those that the task needs at today's quality [1].

    Returns
    -------
    Energies
        Per synaptic event or token written [J].

    Raises
    ------
    ValueError
        For another task.

    Notes
    -----
    A token is written at the rate the machine gives, by the scenario's model. A network that is larger than the brain's
    does so many more multiply-adds for the same events.

    References
    ----------
    `synaptic_event_energies`, `token_energies`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> bool(task_energies("token", Scenario(), central_inputs("own", "h100", "gpt3", 16.0)).total_j() > 0.1)
    True
    """
    if task == "synapse":
        parts = synaptic_event_energies(scenario, inputs)
        return parts if isinstance(size, float) and size == 1.0 else Energies(*(part * size for part in parts))
    if task == "token":
        return token_energies(scenario, inputs, size)
    raise ValueError(f"task is {task!r}; allowed: {', '.join(TASKS)}")


def brain_energy_j(task: str, scenario: Scenario, inputs: Inputs) -> Floats:
    """Energy that a brain needs for one unit of the task.

    Parameters
    ----------
    task : {"synapse", "token"}
        Which task.
    scenario : Scenario
        Brain scope; and speaking or writing, where tokens are counted.
    inputs : Inputs
        Facts, central or sampled.

    Returns
    -------
    float or ndarray
        Per synaptic event or token [J].

    Raises
    ------
    ValueError
        For another task.

    Notes
    -----
    As the yardsticks; a person who reads is taken to speak, because the machine writes.

    References
    ----------
    `brain.synaptic_event_energy_j`, `brain.token_energy_j`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> f"{brain_energy_j('synapse', Scenario(), central_inputs('own', 'h100', 'gpt3', 16.0)):.2g}"
    '2.7e-13'
    """
    if task == "synapse":
        return brain.synaptic_event_energy_j(scenario.brain_scope, inputs)
    if task == "token":
        said = "writing" if scenario.language_task == "writing" else "speaking"
        return brain.token_energy_j(said, scenario.brain_scope, inputs)
    raise ValueError(f"task is {task!r}; allowed: {', '.join(TASKS)}")
