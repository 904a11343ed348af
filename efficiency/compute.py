"""What a floating-point operation costs on a chip, and how fast the chip does it."""

from __future__ import annotations

import functools
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from efficiency import catalogue
from efficiency.arithmetic import instruction_overhead, multiply_add_energy_j
from efficiency.arrays import Floats, larger, smaller
from efficiency.facts import fact
from efficiency.inputs import Inputs
from efficiency.scenario import BITS, Scenario

_DOUBLE_BITS: Final = 64.0
_INDEX: Final = {bits: index for index, bits in enumerate(BITS)}
_GRID: Final = np.array(BITS)


class FlopEnergy(NamedTuple):
    """Energy of one FLOP by where it goes [J]; ``operand``, the rest of the delivery, is inferred by difference."""

    arithmetic_j: Floats
    instruction_j: Floats
    operand_j: Floats


class _Table(NamedTuple):
    """A chip's properties along `BITS`, once as a tuple for scalars and once as an array."""

    peak: tuple[float, ...]
    arithmetic: tuple[float, ...]
    pieces: tuple[float, ...]
    overhead: tuple[float, ...]
    matrix_overhead: tuple[float, ...]
    matrix_peak: tuple[float, ...]


@functools.lru_cache(maxsize=4096)
def _table(chip_key: str, execution: str) -> _Table:
    chip = catalogue.chip(chip_key)
    node_m = chip.node_m if chip.node_m is not None else fact("chip.node_unknown").si
    vector = chip.peak_per_s[32.0] if chip.native_bits[32.0] == 32.0 else None

    def peak(bits: float) -> float:
        matrix = chip.peak_per_s[bits]
        if execution in ("matrix", "fixed") or vector is None:
            return matrix
        if chip.native_bits[bits] == _DOUBLE_BITS and chip.vector_64_per_s is not None:
            return min(matrix, chip.vector_64_per_s)
        lanes = 1.0 if execution == "scalar" else 32.0 / min(chip.native_bits[bits], 32.0)
        return min(matrix, vector * lanes)

    native = [chip.native_bits[bits] for bits in BITS]
    return _Table(
        peak=tuple(peak(bits) for bits in BITS),
        arithmetic=tuple(multiply_add_energy_j(n, node_m) / 2 for n in native),
        pieces=tuple(chip.pieces(bits) for bits in BITS),
        overhead=tuple(instruction_overhead(n, execution) for n in native),
        matrix_overhead=tuple(instruction_overhead(n, "matrix") for n in native),
        matrix_peak=tuple(chip.peak_per_s[bits] for bits in BITS),
    )


def _at(column: tuple[float, ...], bits: Floats) -> Floats:
    if isinstance(bits, float):
        return column[_INDEX[bits]]
    if column.count(column[0]) == len(column):
        return column[0]
    return _as_array(column)[np.searchsorted(_GRID, bits)]


@functools.lru_cache(maxsize=512)
def _as_array(column: tuple[float, ...]) -> npt.NDArray[np.float64]:
    return np.array(column)


def peak_flop_per_s(scenario: Scenario, inputs: Inputs) -> Floats:
    """Peak rate of the scenario's chip in the scenario's format and kind of instruction.

    Parameters
    ----------
    scenario : Scenario
        Its chip, bits and execution are used.
    inputs : Inputs
        Its spread of the published peak is used.

    Returns
    -------
    float or ndarray
        Dense rate of one chip [FLOP/s].

    Notes
    -----
    Scalar instructions run at the vector rate of FP32, packed ones at that rate times the lanes that fit in 32 bits,
    and 64-bit floats at their own vector rate. A better process does more within the same power limit.

    References
    ----------
    `efficiency/data/chips.csv`; `catalogue.chip` for formats a chip lacks.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> peak_flop_per_s(Scenario(), central_inputs("own", "h100", "gpt3", 16.0))
    989400000000000.0
    """
    peak = _at(_table(scenario.chip, scenario.execution).peak, scenario.bits)
    return peak * (inputs.peak_factor * inputs.switching_gain)


def flop_energy(scenario: Scenario, inputs: Inputs) -> FlopEnergy:
    r"""Energy of one FLOP on the scenario's chip, split into where it goes.

    Parameters
    ----------
    scenario : Scenario
        Its chip, bits and execution are used.
    inputs : Inputs
        TDP, active floor and best matrix throughput are used.

    Returns
    -------
    FlopEnergy
        Arithmetic, instruction overhead, and the rest of the delivery on the chip [J/FLOP].

    Notes
    -----
    At its best measured matrix throughput a chip draws its power limit, so a FLOP in matrix instructions costs

    .. math:: e = (1 - \phi) P_{TDP} / (b\,R)

    with the active floor :math:`\phi`, the best fraction b and the peak rate R. Arithmetic comes from published
    tables and instruction overhead, which is fetch, decode and operand read, from its published ratio; what remains
    of e is the rest of the delivery on the chip, inferred by difference and never below 0. Other kinds of instruction
    change the overhead alone. A format wider than the chip's widest is worked out in pieces: that many operations of
    the native format, and no more than e.

    References
    ----------
    `arithmetic.multiply_add_energy_j`, `arithmetic.instruction_overhead`, `efficiency/data/operating.csv`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> parts = flop_energy(Scenario(), central_inputs("own", "h100", "gpt3", 16.0))
    >>> 0.6e-12 < sum(parts) < 0.8e-12
    True
    """
    table = _table(scenario.chip, scenario.execution)
    bits = scenario.bits
    pieces = _at(table.pieces, bits)
    arithmetic = pieces * _at(table.arithmetic, bits) / inputs.switching_gain
    matrix_peak = _at(table.matrix_peak, bits) * (inputs.peak_factor * inputs.switching_gain)
    switching = (1.0 - inputs.active_floor) * inputs.tdp_w / (inputs.best_matrix_fraction * matrix_peak)
    started = 1.0 + _at(table.matrix_overhead, bits)
    if not (isinstance(pieces, float) and pieces == 1.0):
        arithmetic = smaller(arithmetic, np.where(np.asarray(pieces) > 1.0, switching / started, np.inf))
    operand = larger(switching - arithmetic * started, 0.0)
    return FlopEnergy(arithmetic, arithmetic * _at(table.overhead, bits), operand)
