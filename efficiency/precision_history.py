"""Thirteen years of energy per operation, and what of the gain came from formats, matrix units and the rest."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

from efficiency import catalogue
from efficiency.arithmetic import REFERENCE_NODE_M, multiply_add_energy_j
from efficiency.facts import Fact, entities, fact, facts
from efficiency.precision_quality import Factor

OLDEST: Final = "k20x"
NEWEST: Final = ("b200", "b300")
GENERATIONS: Final = ("k20x", "p100", "v100", "a100", "h100", "b200", "b300")
"""One server GPU of each generation, oldest first."""
FORMATS: Final = (32.0, 19.0, 16.0, 8.0, 4.0)
"""Widths of the floating-point formats that are followed [bit]."""


@dataclass(frozen=True, slots=True)
class Operation:
    """Energy of an operation at a chip's peak rate in one format [J/op]; the range is that of the records."""

    chip: str
    label: str
    year: int
    bits: float
    energy_j: float
    low_j: float
    high_j: float


@dataclass(frozen=True, slots=True)
class Split:
    """What the gain from one chip's 32-bit operation to another's narrowest is made of [1].

    ``same_format`` is the gain at 32 bits in vector units: process, voltage and design. ``matrix_units`` is what
    matrix units give in the same chip, with the step from 32 to 19 bits (TF32) that they take; ``of_it_narrower`` is
    what the bare arithmetic says of that step. ``fewer_bits`` is from 19 bits to the narrowest format. Their product
    is ``whole``.
    """

    old: str
    new: str
    bits: float
    whole: Factor
    same_format: Factor
    matrix_units: Factor
    of_it_narrower: float
    fewer_bits: Factor


def operation(chip: str, bits: float) -> Operation | None:
    """Energy of one operation at the power limit and the peak rate of a format.

    Parameters
    ----------
    chip : str
        Short key, for example ``"h100"``.
    bits : float
        One of `FORMATS` [bit].

    Returns
    -------
    Operation or None
        Energy [J/op]; None where the chip has no such format.

    Notes
    -----
    Power limit over peak rate: what a buyer reads off a data sheet, not what a program reaches. Only formats of
    floating-point numbers count.

    References
    ----------
    `efficiency/data/chips.csv`.

    Examples
    --------
    >>> round(operation("k20x", 32.0).energy_j * 1e12, 1), operation("k20x", 8.0)
    (59.7, None)
    """
    name = catalogue.FORMATS_BY_BITS[bits][0]
    peak: Fact | None = facts().get(f"chip.{chip}.peak_{name}")
    if peak is None:
        return None
    power, entity = fact(f"chip.{chip}.tdp"), entities()[f"chip.{chip}"]
    return Operation(
        chip=chip,
        label=entity.label,
        year=entity.year or 0,
        bits=bits,
        energy_j=power.si / peak.si,
        low_j=power.si_low / peak.si_high,
        high_j=power.si_high / peak.si_low,
    )


@functools.cache
def generations() -> tuple[Operation, ...]:
    """Follow every format through the generations.

    Returns
    -------
    tuple of Operation
        By generation, oldest first, then by width, widest first [J/op].

    Notes
    -----
    Dense peak rates.

    References
    ----------
    `efficiency/data/chips.csv`.

    Examples
    --------
    >>> [found.bits for found in generations() if found.chip == "b200"]
    [32.0, 19.0, 16.0, 8.0, 4.0]
    """
    found = (operation(chip, bits) for chip in GENERATIONS for bits in FORMATS)
    return tuple(one for one in found if one is not None)


def _gain(old: Operation, new: Operation) -> Factor:
    return Factor(old.low_j / new.high_j, old.energy_j / new.energy_j, old.high_j / new.low_j)


def _rates(chip: str, slow: str, fast: str) -> Factor:
    """Gain between two formats of one chip, at one power limit."""
    before, after = fact(f"chip.{chip}.peak_{slow}"), fact(f"chip.{chip}.peak_{fast}")
    return Factor(after.si_low / before.si_high, after.si / before.si, after.si_high / before.si_low)


@functools.cache
def split(new: str, old: str = OLDEST) -> Split:
    """Split the gain from an old chip's 32-bit operation to a new chip's 4-bit one.

    Parameters
    ----------
    new : str
        Short key of a chip with TF32 and FP4.
    old : str
        Short key of a chip with FP32.

    Returns
    -------
    Split
        Factors whose product is the whole [1].

    Raises
    ------
    ValueError
        If one of the chips lacks a format that is needed.

    Notes
    -----
    The gain at the same format compares like with like. What is beyond it answers another question: how cheap is an
    operation on fewer bits, in a unit that does nothing but matrix products.

    References
    ----------
    `efficiency/data/chips.csv`.

    Examples
    --------
    >>> found = split("b200")
    >>> round(found.whole.central), round(found.same_format.central, 1), round(found.matrix_units.central)
    (537, 4.8, 14)
    """
    first, vector = operation(old, 32.0), operation(new, 32.0)
    tensor, narrowest = operation(new, 19.0), operation(new, 4.0)
    if first is None or vector is None or tensor is None or narrowest is None:
        raise ValueError(f"old is {old!r} and new {new!r}; allowed: an old chip with FP32, a new one with TF32 and FP4")
    return Split(
        old=first.label,
        new=narrowest.label,
        bits=4.0,
        whole=_gain(first, narrowest),
        same_format=_gain(first, vector),
        matrix_units=_rates(new, "fp32", "tf32"),
        of_it_narrower=_narrower(),
        fewer_bits=_rates(new, "tf32", "fp4"),
    )


def _narrower() -> float:
    """Bare arithmetic at 32 bits over that at 19 [1]."""
    return multiply_add_energy_j(32.0, REFERENCE_NODE_M) / multiply_add_energy_j(19.0, REFERENCE_NODE_M)


def cmos_headroom(chip: str = "b200") -> float:
    """How far a chip's 4-bit operation at its peak rate is from the limit of CMOS.

    Parameters
    ----------
    chip : str
        Short key of a chip with FP4.

    Returns
    -------
    float
        Energy of the operation over that at the limit [1].

    Raises
    ------
    ValueError
        If the chip has no 4-bit format.

    Notes
    -----
    The limit is an estimate for CMOS as we know it, counted in 4-bit operations.

    References
    ----------
    .. [1] Ho, A. et al., "Limits to the Energy Efficiency of CMOS Microprocessors", arXiv:2312.08595.

    Examples
    --------
    >>> round(cmos_headroom())
    522
    """
    found = operation(chip, 4.0)
    if found is None:
        raise ValueError(f"chip is {chip!r}; allowed: a chip with FP4")
    return found.energy_j * fact("limit.cmos_fp4_per_joule").si


def huang_factors() -> dict[str, float]:
    """Factors by which one maker says the speed of a GPU grew in ten years.

    Returns
    -------
    dict of str to float
        Number formats, complex instructions, process and sparsity [1].

    Notes
    -----
    Speed of one GPU, not energy: the power limit grew too.

    References
    ----------
    .. [1] Dally, W. J., Hot Chips 2023, as reported by its maker.

    Examples
    --------
    >>> import math
    >>> math.prod(huang_factors().values())
    1000.0
    """
    return {name: fact(f"huang.{name}").si for name in ("numbers", "instructions", "process", "sparsity")}
