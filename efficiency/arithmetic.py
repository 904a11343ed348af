"""Energy of one operation by format and process node, and of the instruction that starts it."""

from __future__ import annotations

import functools
from typing import Final

import numpy as np

from efficiency.arrays import Floats
from efficiency.facts import fact

REFERENCE_NODE_M: Final = 7e-9
_OLD_NODE_M: Final = 45e-9
# Multiply and accumulate records at 7 nm. FP16 products are summed in FP32, INT8 products in INT32: that is what
# matrix units do.
_MULTIPLY_ADD_ROWS: Final = {
    8.0: ("op7.int8_mul", "op7.int32_add"),
    16.0: ("op7.fp16_mul", "op7.fp32_add"),
    32.0: ("op7.fp32_mul", "op7.fp32_add"),
}
_INTEGER_BITS: Final = 8.0
_FLOAT_BITS: Final = 16.0
_REGISTER_BITS: Final = 32.0


def multiply_add_energy_j(bits: float, node_m: float) -> float:
    r"""Energy of one bare multiply-add, without instruction, operands or clocks.

    Parameters
    ----------
    bits : float
        Width of the operands [bit].
    node_m : float
        Process node [m].

    Returns
    -------
    float
        Energy per multiply-add [J].

    Notes
    -----
    Published rows at 7 nm for 8 (integer), 16 and 32 bits; widths between two rows by interpolation on logarithms,
    others by the power law fitted to the rows (see `is_row`). FP8 takes the row of INT8.
    Other nodes by :math:`E \propto L^k` with k from the published gain between 45 and 7 nm; below 7 nm that is an
    extrapolation.

    References
    ----------
    .. [1] Jouppi, N. P. et al., "Ten Lessons From Three Generations Shaped Google's TPUv4i", ISCA 2021, table 2.
    .. [2] Horowitz, M., "Computing's energy problem (and what we can do about it)", ISSCC 2014, figure 1.1.9.

    Examples
    --------
    >>> round(multiply_add_energy_j(16.0, 7e-9) * 1e12, 2)
    0.72
    """
    if is_row(bits):
        energy = sum(fact(key).si for key in _MULTIPLY_ADD_ROWS[bits])
    elif min(_MULTIPLY_ADD_ROWS) < bits < max(_MULTIPLY_ADD_ROWS):
        widths, energies = _rows_at_reference()
        energy = float(np.exp(np.interp(np.log(bits), np.log(widths), np.log(energies))))
    else:
        scale, power = width_law()
        energy = scale * bits**power
    return energy * (node_m / REFERENCE_NODE_M) ** node_exponent()


def is_row(bits: float) -> bool:
    """Say whether a width has a published row, or is interpolated.

    Parameters
    ----------
    bits : float
        Width of the operands [bit].

    Returns
    -------
    bool
        True for 8, 16 and 32 bits.

    Notes
    -----
    The ledger's caption says when arithmetic is not from a row of its own.

    References
    ----------
    `efficiency/data/operations.csv`.

    Examples
    --------
    >>> is_row(16.0), is_row(4.0)
    (True, False)
    """
    return bits in _MULTIPLY_ADD_ROWS


@functools.cache
def width_law() -> tuple[float, float]:
    r"""Fit the energy of a multiply-add at 7 nm as a power of its width.

    Returns
    -------
    tuple of float
        Scale [J] and exponent [1] of :math:`E = a\,b^p`.

    Notes
    -----
    Least squares on logarithms over the published rows. The exponent near 2 is what an array multiplier's area says.

    References
    ----------
    Rows: as `multiply_add_energy_j`.

    Examples
    --------
    >>> 1.5 < width_law()[1] < 2.5
    True
    """
    widths, energies = _rows_at_reference()
    power, log_scale = np.polyfit(np.log(widths), np.log(energies), 1)
    return float(np.exp(log_scale)), float(power)


def _rows_at_reference() -> tuple[list[float], list[float]]:
    """Widths of the published rows [bit] and their energies [J]."""
    return list(_MULTIPLY_ADD_ROWS), [sum(fact(key).si for key in rows) for rows in _MULTIPLY_ADD_ROWS.values()]


@functools.cache
def node_exponent() -> float:
    r"""Exponent with which an operation's energy follows the process node.

    Returns
    -------
    float
        k in :math:`E \propto L^k` [1].

    Notes
    -----
    From one published number, the mean gain from 45 to 7 nm; about 0.5, far below the cube of ideal scaling.

    References
    ----------
    .. [1] Jouppi, N. P. et al., ISCA 2021, table 2 (geometric mean).

    Examples
    --------
    >>> 0.3 < node_exponent() < 0.7
    True
    """
    return float(np.log(fact("node.scaling_45_to_7").si) / np.log(_OLD_NODE_M / REFERENCE_NODE_M))


def instruction_overhead(bits: float, execution: str) -> float:
    """Energy of fetching, decoding and issuing, over that of the arithmetic it starts.

    Parameters
    ----------
    bits : float
        Width of the operands [bit].
    execution : {"scalar", "packed", "matrix", "fixed"}
        How much arithmetic one instruction starts.

    Returns
    -------
    float
        Overhead over arithmetic energy [1]; 20 for scalar FP16, 0 for fixed function.

    Notes
    -----
    A scalar or packed instruction costs the same whatever it starts: that of FP16 by its published ratio, shared by the
    operations that fit in 32 bits. Packed ones of 8 bits and below by the ratio of INT8, which is published apart.
    Matrix instructions do more where numbers are wider: the FP16 ratio above 8 bits, the INT8 ratio at 8 and below.

    References
    ----------
    .. [1] Dally, W. J., keynote, Hot Chips 2023: HFMA 2000 %, HDP4A 500 %, HMMA 22 %, IMMA 16 %.

    Examples
    --------
    >>> instruction_overhead(16.0, "matrix"), instruction_overhead(16.0, "fixed")
    (0.22, 0.0)
    >>> instruction_overhead(16.0, "scalar"), instruction_overhead(16.0, "packed")
    (20.0, 10.0)
    """
    if execution == "fixed":
        return 0.0
    published = fact(_overhead_row(bits, execution)).si
    if execution == "matrix":
        return published
    row_bits = _INTEGER_BITS if execution == "packed" and bits <= _INTEGER_BITS else _FLOAT_BITS
    started = _lanes(bits) if execution == "packed" else 1.0
    # The INT8 row is of an instruction that starts four.
    row_started = _lanes(row_bits) if row_bits == _INTEGER_BITS else 1.0
    arithmetic = multiply_add_energy_j(row_bits, REFERENCE_NODE_M) / multiply_add_energy_j(bits, REFERENCE_NODE_M)
    return published * arithmetic * row_started / started


def _lanes(bits: float) -> float:
    return max(_REGISTER_BITS / bits, 1.0)


def _overhead_row(bits: float, execution: str) -> str:
    if execution == "matrix":
        return f"instruction.matrix_{'int8' if bits <= _INTEGER_BITS else 'fp16'}_overhead"
    if execution == "packed" and bits <= _INTEGER_BITS:
        return "instruction.packed_int8_overhead"
    return "instruction.scalar_fp16_overhead"


def facts_behind(bits: float, execution: str) -> tuple[str, ...]:
    """List the records that the energy of an operation leans on.

    Parameters
    ----------
    bits : float
        Width of the operands [bit].
    execution : {"scalar", "packed", "matrix", "fixed"}
        How much arithmetic one instruction starts.

    Returns
    -------
    tuple of str
        Fact keys.

    Notes
    -----
    A width without a row of its own leans on all rows, through the law fitted to them; an instruction whose ratio is
    known at another width leans on that width's rows too.

    References
    ----------
    `multiply_add_energy_j`, `instruction_overhead`.

    Examples
    --------
    >>> facts_behind(16.0, "fixed")
    ('op7.fp16_mul', 'op7.fp32_add', 'node.scaling_45_to_7')
    """
    rows = [_MULTIPLY_ADD_ROWS[bits]] if is_row(bits) else list(_MULTIPLY_ADD_ROWS.values())
    if is_row(bits) and execution in ("scalar", "packed") and not (execution == "packed" and bits == _INTEGER_BITS):
        rows.append(_MULTIPLY_ADD_ROWS[_FLOAT_BITS])
    keys = [*dict.fromkeys(key for row in rows for key in row), "node.scaling_45_to_7"]
    if execution != "fixed":
        keys.append(_overhead_row(bits, execution))
    return tuple(keys)


def landauer_energy_j(temperature_k: Floats) -> Floats:
    r"""Least energy that erasing one bit can cost.

    Parameters
    ----------
    temperature_k : float or ndarray
        Absolute temperature [K].

    Returns
    -------
    float or ndarray
        Energy per bit [J].

    Notes
    -----
    :math:`E = k T \ln 2`.

    References
    ----------
    .. [1] Landauer, R., "Irreversibility and heat generation in the computing process", IBM J. Res. Dev. 5, 183
       (1961), doi:10.1147/rd.53.0183.

    Examples
    --------
    >>> f"{landauer_energy_j(310.0):.3g}"
    '2.97e-21'
    """
    return fact("physics.boltzmann").si * temperature_k * np.log(2.0)
