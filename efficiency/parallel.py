"""How well work fits a machine: arithmetic per instruction, utilisation, and work that shares one reading."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from efficiency import catalogue
from efficiency.arithmetic import instruction_overhead, multiply_add_energy_j
from efficiency.arrays import Floats
from efficiency.compute import flop_energy
from efficiency.facts import fact
from efficiency.inputs import Inputs
from efficiency.scenario import Scenario
from efficiency.workloads import decode_energies, prefill_energies, training_energies

FORMAT_BITS: Final = 16.0
"""Instructions are compared in this format alone."""
FLOP_PER_MULTIPLY_ADD: Final = 2.0


def matrix_operations() -> float:
    """Multiply-adds that one matrix instruction starts, by the energy of its arithmetic.

    Returns
    -------
    float
        Arithmetic of a matrix instruction over that of a scalar one [1].

    Notes
    -----
    Both at 16 bits. From published energies, not from the instruction's shape, so that overhead per instruction and
    overhead per operation are of one table.

    References
    ----------
    `efficiency/data/operations.csv`: instruction.matrix_fp16_energy, instruction.scalar_fp16_energy.

    Examples
    --------
    >>> round(matrix_operations(), 1)
    73.3
    """
    return fact("instruction.matrix_fp16_energy").si / fact("instruction.scalar_fp16_energy").si


STEPS: Final[Mapping[str, float]] = MappingProxyType(
    {str(n): float(n) for n in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48)}
    | {"matrix": matrix_operations()}
    | {str(n): float(n) for n in (96, 128, 192, 256, 384, 512, 768, 1024)}
    | {"fixed": math.inf}
)
"""Where the slider stops: a name for the link to multiply-adds per instruction; fixed function needs none."""


def overhead_at(operations: Floats) -> Floats:
    r"""Energy of an instruction over that of the 16-bit arithmetic it starts.

    Parameters
    ----------
    operations : float or ndarray
        Multiply-adds per instruction, at least 1; infinite for fixed function [1].

    Returns
    -------
    float or ndarray
        Overhead over arithmetic [1].

    Notes
    -----
    Published at two points, 20 for one multiply-add and 0.22 for a matrix instruction; between them, and beyond, by
    the power law through both, :math:`20\,n^{-p}`. Its exponent, 1.05, is close to the 1 of an overhead that does not
    depend on what the instruction starts. Without instructions it is 0.

    References
    ----------
    .. [1] Dally, W. J., keynote, Hot Chips 2023: HFMA 2000 %, HMMA 22 %.

    Examples
    --------
    >>> overhead_at(1.0), round(overhead_at(matrix_operations()), 12), overhead_at(math.inf)
    (20.0, 0.22, 0.0)
    """
    scalar, matrix = instruction_overhead(FORMAT_BITS, "scalar"), instruction_overhead(FORMAT_BITS, "matrix")
    return scalar * operations ** -(math.log(scalar / matrix) / math.log(matrix_operations()))


def instruction_gain(before: float, after: float) -> float:
    """How many times less a multiply-add and its share of the instruction take.

    Parameters
    ----------
    before, after : float
        Multiply-adds per instruction; infinite for fixed function [1].

    Returns
    -------
    float
        Energy before over energy after [1].

    Notes
    -----
    16 bits on both sides, bare arithmetic and instruction alone: a theoretical gain of published ratios.

    References
    ----------
    `overhead_at`.

    Examples
    --------
    >>> round(instruction_gain(1.0, matrix_operations()), 1), round(instruction_gain(matrix_operations(), math.inf), 2)
    (17.2, 1.22)
    """
    return float((1.0 + overhead_at(before)) / (1.0 + overhead_at(after)))


class MultiplyAdd(NamedTuple):
    """Energy of one 16-bit multiply-add by where it goes [J]; ``operand`` is inferred by difference."""

    arithmetic_j: float
    operand_j: float
    instruction_j: float


def multiply_add(chip: str, inputs: Inputs, operations: float) -> MultiplyAdd:
    """Energy of one 16-bit multiply-add on a chip by how many of them an instruction starts.

    Parameters
    ----------
    chip : str
        Short key of the chip.
    inputs : Inputs
        Facts of that chip at 16 bits.
    operations : float
        Multiply-adds per instruction, at least 1; infinite for fixed function [1].

    Returns
    -------
    MultiplyAdd
        Arithmetic, rest of the delivery on the chip and instruction [J per multiply-add].

    Notes
    -----
    Arithmetic is the published row at the chip's node. The instruction is fetch, decode and operand read; the rest of
    the delivery on the chip, inferred by difference, is that of its matrix units, whatever the instruction; 0 where the
    chip has no 16-bit arithmetic of its own, because none is known then.

    References
    ----------
    `compute.flop_energy`, `overhead_at`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> sum(multiply_add("h100", inputs, 1.0)) > 8 * sum(multiply_add("h100", inputs, math.inf))
    True
    """
    chip_at = Scenario(system="own", chip=chip, bits=FORMAT_BITS)
    node_m = catalogue.chip(chip).node_m
    arithmetic = multiply_add_energy_j(FORMAT_BITS, fact("chip.node_unknown").si if node_m is None else node_m)
    operand = FLOP_PER_MULTIPLY_ADD * float(flop_energy(chip_at, inputs).operand_j) if has_format(chip) else 0.0
    return MultiplyAdd(arithmetic, operand, arithmetic * float(overhead_at(operations)))


def has_format(chip: str) -> bool:
    """Say whether a chip has 16-bit arithmetic of its own.

    Parameters
    ----------
    chip : str
        Short key of the chip.

    Returns
    -------
    bool
        False where 16-bit numbers run in another format.

    Notes
    -----
    The figure's caption says so where it has none.

    References
    ----------
    `efficiency/data/chips.csv`.

    Examples
    --------
    >>> has_format("h100"), has_format("k20x")
    (True, False)
    """
    return catalogue.chip(chip).native_bits[FORMAT_BITS] == FORMAT_BITS


class TokenGains(NamedTuple):
    """What another kind of instruction saves on a whole token [1]: writing it and reading it."""

    writing: float
    reading: float


def token_gains(scenario: Scenario, inputs: Inputs, before: str, after: str) -> TokenGains:
    """How many times less energy a whole token takes with another kind of instruction.

    Parameters
    ----------
    scenario : Scenario
        All of it but bits, execution and the brain's fields.
    inputs : Inputs
        Facts at 16 bits.
    before, after : {"scalar", "matrix", "fixed"}
        Kind of instruction.

    Returns
    -------
    TokenGains
        Energy before over energy after [1].

    Notes
    -----
    Time counts too: scalar instructions run at the chip's vector rate, so the machine waits longer for them. A chip
    whose vector rate is not published keeps its matrix rate.

    References
    ----------
    `workloads.decode_energies`, `workloads.prefill_energies`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> gains = token_gains(Scenario(), central_inputs("own", "h100", "gpt3", 16.0), "matrix", "fixed")
    >>> 1.0 <= gains.writing < 1.22 and 1.0 <= gains.reading < 1.22
    True
    """
    first, second = (replace(scenario, bits=FORMAT_BITS, execution=kind) for kind in (before, after))
    return TokenGains(
        float(decode_energies(first, inputs)[0].total_j() / decode_energies(second, inputs)[0].total_j()),
        float(prefill_energies(first, inputs)[0].total_j() / prefill_energies(second, inputs)[0].total_j()),
    )


class Usage(NamedTuple):
    """Energy per useful FLOP of a training run [J/FLOP]: of the work itself, and of machines that are merely on."""

    work: Floats
    waiting: Floats


def usage_energy(scenario: Scenario, inputs: Inputs, utilisation: Floats) -> Usage:
    """Energy per useful FLOP by how well the machine is used.

    Parameters
    ----------
    scenario : Scenario
        Machine, model and scope.
    inputs : Inputs
        Facts, central or sampled.
    utilisation : float or ndarray
        Share of the peak rate delivered as useful FLOP, in (0, 1] [1].

    Returns
    -------
    Usage
        Work, and waiting (active floor, host and network) [J/FLOP].

    Notes
    -----
    Cooling and lost work are shared out in proportion, so the two add up to the ledger's total.

    References
    ----------
    `workloads.training_energies`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> tenth, half = (usage_energy(Scenario(), inputs, share) for share in (0.1, 0.5))
    >>> round(tenth.waiting / half.waiting, 9)
    5.0
    """
    parts, flop = training_energies(replace(scenario, utilisation=utilisation), inputs)
    waiting = parts.static + parts.host
    total = parts.total_j()
    share = waiting / (total - parts.cooling - parts.lost)
    return Usage(total * (1.0 - share) / flop, total * share / flop)


class Batches(NamedTuple):
    """Serving by conversations at once [1]: energy per token [J] and time between a conversation's tokens [s]."""

    batch: Floats
    energy_j: Floats
    step_s: Floats


def batches(scenario: Scenario, inputs: Inputs, batch: Floats) -> Batches:
    """Energy and time of a token written by how many conversations share a step.

    Parameters
    ----------
    scenario : Scenario
        Machine, model, format and scope.
    inputs : Inputs
        Facts, central or sampled.
    batch : float or ndarray
        Conversations at once, 1 to 4096 [1].

    Returns
    -------
    Batches
        Energy per token written [J] and time between two tokens of one conversation [s].

    Notes
    -----
    The machine is sized for each batch: more caches need more chips.

    References
    ----------
    `workloads.decode_energies`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> found = batches(Scenario(), central_inputs("own", "h100", "gpt3", 16.0), np.array([1.0, 64.0]))
    >>> bool(found.energy_j[0] > 30 * found.energy_j[1])
    True
    """
    energies, step_s = decode_energies(replace(scenario, batch=batch), inputs)
    return Batches(batch, energies.total_j(), step_s)


def batch_grid() -> tuple[float, ...]:
    """List the batches that a sweep visits.

    Returns
    -------
    tuple of float
        Whole numbers from 1 to 4096, evenly spread over the decades [1].

    Notes
    -----
    Three steps an octave; small ones coincide and are kept once.

    References
    ----------
    `scenario.field_rules`: batch.

    Examples
    --------
    >>> batch_grid()[:4], batch_grid()[-1]
    ((1.0, 2.0, 3.0, 4.0), 4096.0)
    """
    return tuple(sorted({float(round(n)) for n in 2.0 ** np.linspace(0.0, 12.0, 37)}))
