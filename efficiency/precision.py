"""The precision lever: one scenario at every width of its numbers, and what is left when quality is restored."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Final

from efficiency import catalogue
from efficiency.arithmetic import multiply_add_energy_j
from efficiency.arrays import Floats
from efficiency.compute import flop_energy
from efficiency.facts import fact
from efficiency.gap import inputs_for
from efficiency.ledger import PART_NAMES, Energies
from efficiency.lever_task import token_energies
from efficiency.precision_quality import REFERENCE_BITS, Factor, equal_quality_growth
from efficiency.sampling import range_around
from efficiency.scenario import BITS, Scenario
from efficiency.yardsticks import Shared

WIDTHS: Final = tuple(sorted(BITS, reverse=True))
"""Widths of a number, widest first [bit]."""
FLOP_PER_MULTIPLY_ADD: Final = 2.0
_SAMPLES: Final = 256
_ROWS: Final = (
    ("arithmetic", "Arithmetic, instructions", ("arithmetic", "instruction")),
    ("on_chip", PART_NAMES["on_chip"], ("on_chip",)),
    ("off_chip", "Memory and links", ("off_chip", "interconnect")),
    *((key, PART_NAMES[key], (key,)) for key in ("static", "host", "cooling", "lost")),
)
"""Key, name and the ledger's parts that a row adds up."""


@dataclass(frozen=True, slots=True)
class PartAt:
    """A part of the ledger at one width [J per unit of work]."""

    key: str
    name: str
    energy_j: float


@dataclass(frozen=True, slots=True)
class Width:
    """A scenario at one width.

    Attributes
    ----------
    bits : float
        Width of the weights [bit].
    native_bits : float
        Width of the format that the chip computes in [bit].
    parts : tuple of PartAt
        Ledger of the scenario's unit of work, arithmetic with its instructions [J].
    total_j : float
        Their sum [J].
    saving : Factor
        Energy at 16 bits over that at this width, the same model [1].
    growth : Factor
        Factor by which parameters must grow to be as good as at 16 bits [1].
    cost : Factor
        Energy of the model that has grown so over that of the one that has not, at central values [1].
    bare_j, chip_j : float
        A multiply-add: the arithmetic alone at the chip's node, and all that the chip spends on it at its best matrix
        throughput [J].
    weights_bytes : float
        Size of the whole model [B].
    """

    bits: float
    native_bits: float
    parts: tuple[PartAt, ...]
    total_j: float
    saving: Factor
    growth: Factor
    cost: Factor
    bare_j: float
    chip_j: float
    weights_bytes: float

    def total_at(self, equal_quality: bool) -> float:
        """Energy of the unit of work.

        Parameters
        ----------
        equal_quality : bool
            Whether the model has grown until it is as good as at 16 bits.

        Returns
        -------
        float
            Energy [J].

        Notes
        -----
        Where tokens are written, weights and their products grow and the machine with them, until it holds weights and
        caches; caches stay. Reading and training grow by as much as the parameters.

        References
        ----------
        `precision_quality.equal_quality_growth`.

        Examples
        --------
        >>> width = widths(Scenario())[-1]
        >>> width.total_at(True) > 10 * width.total_at(False)
        False
        """
        return self.total_j * (self.cost.central if equal_quality else 1.0)

    def saving_at(self, equal_quality: bool) -> Factor:
        """Energy at 16 bits over that at this width.

        Parameters
        ----------
        equal_quality : bool
            Whether the model has grown until it is as good as at 16 bits.

        Returns
        -------
        Times
            Factor with its range; below 1 it is a loss [1].

        Notes
        -----
        The range of the growth is that of published laws, far wider than that of the energies; ends are paired so that
        the range is the widest.

        References
        ----------
        `precision_quality.equal_quality_growth`.

        Examples
        --------
        >>> widths(Scenario())[3].saving_at(True)
        Factor(low=1.0, central=1.0, high=1.0)
        """
        if not equal_quality:
            return self.saving
        low, central, high = self.saving
        return Factor(low / self.cost.high, central / self.cost.central, high / self.cost.low)


@functools.lru_cache(maxsize=256)
def widths(scenario: Scenario) -> tuple[Width, ...]:
    """Evaluate a scenario at every width, widest first.

    Parameters
    ----------
    scenario : Scenario
        Scalar; its own bits are not used.

    Returns
    -------
    tuple of Width
        One for each of `WIDTHS` [J per unit of work].

    Notes
    -----
    Weights and activations have the width as far as the chip computes in it; caches and what is sent between chips
    keep at least 8 bits. A format that the chip lacks runs in the next wider one, so that only the weights shrink.

    References
    ----------
    MODEL.md, Precision.

    Examples
    --------
    >>> [width.bits for width in widths(Scenario())][:4]
    [64.0, 32.0, 19.0, 16.0]
    """
    sixteen = _drawn_j(scenario, REFERENCE_BITS)
    central_16 = _energies(scenario, REFERENCE_BITS).total_j()
    return tuple(_width(scenario, bits, sixteen, float(central_16)) for bits in WIDTHS)


def _width(scenario: Scenario, bits: float, sixteen_j: Floats, central_16_j: float) -> Width:
    here = replace(scenario, bits=bits)
    chip, model = catalogue.chip(scenario.chip), catalogue.model(scenario.model)
    native = chip.native_bits[bits]
    parts = _energies(scenario, bits)
    total = float(parts.total_j())
    node_m = chip.node_m if chip.node_m is not None else fact("chip.node_unknown").si
    growth = equal_quality_growth(bits, native)
    return Width(
        bits=bits,
        native_bits=native,
        parts=tuple(
            PartAt(key, name, float(sum(getattr(parts, one) for one in together))) for key, name, together in _ROWS
        ),
        total_j=total,
        saving=Factor(*range_around(central_16_j / total, sixteen_j / _drawn_j(scenario, bits))),
        growth=growth,
        cost=_cost(here, growth, total),
        bare_j=chip.pieces(bits) * multiply_add_energy_j(native, node_m),
        chip_j=FLOP_PER_MULTIPLY_ADD * float(sum(flop_energy(here, inputs_for(here)))),
        weights_bytes=model.parameters * bits / 8.0,
    )


def _cost(scenario: Scenario, growth: Factor, total_j: float) -> Factor:
    """Energy of a grown model over that of the one that has not grown."""
    if scenario.workload != "decode":
        return growth
    inputs = inputs_for(scenario)
    return Factor(*(float(token_energies(scenario, inputs, size).total_j()) / total_j for size in growth))


def _energies(scenario: Scenario, bits: float) -> Energies:
    here = replace(scenario, bits=bits)
    return Shared(here, inputs_for(here)).energies


def _drawn_j(scenario: Scenario, bits: float) -> Floats:
    """Sample the energy at a width, with the same draws at all of them [J]."""
    here = replace(scenario, bits=bits)
    return Shared(here, inputs_for(here, _SAMPLES)).energies.total_j()


def at_width(scenario: Scenario, bits: float) -> Width:
    """Evaluate a scenario at one width.

    Parameters
    ----------
    scenario : Scenario
        Scalar; its own bits are not used.
    bits : float
        One of `WIDTHS` [bit].

    Returns
    -------
    Width
        The scenario at that width [J per unit of work].

    Raises
    ------
    ValueError
        If the width is not one of `WIDTHS`.

    Notes
    -----
    Looked up in `widths`.

    References
    ----------
    MODEL.md, Precision.

    Examples
    --------
    >>> at_width(Scenario(), 8.0).saving.central > 1.5
    True
    """
    if bits not in WIDTHS:
        raise ValueError(f"bits is {bits!r}; allowed: {', '.join(f'{width:g}' for width in WIDTHS)}")
    return widths(scenario)[WIDTHS.index(bits)]


def best_width(scenario: Scenario, equal_quality: bool) -> Width:
    """Find the width at which a unit of work costs least.

    Parameters
    ----------
    scenario : Scenario
        Scalar.
    equal_quality : bool
        Whether the model grows until it is as good as at 16 bits.

    Returns
    -------
    Width
        The cheapest; of equals the widest [J per unit of work].

    Notes
    -----
    At central values.

    References
    ----------
    MODEL.md, Precision.

    Examples
    --------
    >>> best_width(Scenario(), equal_quality=False).bits
    1.0
    """
    return min(widths(scenario), key=lambda width: width.total_at(equal_quality))
