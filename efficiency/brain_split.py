"""What the brain spends on moving signals against computing with them, by how the books are kept."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from efficiency.facts import fact


@dataclass(frozen=True, slots=True)
class Booking:
    """One way to keep the books: shares of the signalling energy [1] and communication over computation [1].

    ``rest`` is what the booking gives to neither. ``low`` and ``high`` are the ratio's range; ``rule`` says where the
    current goes that a synapse lets into the receiving cell; ``ours`` marks a booking that no source makes.
    """

    key: str
    name: str
    rule: str
    communication: float
    computation: float
    rest: float
    low: float
    ratio: float
    high: float
    ours: bool
    facts: tuple[str, ...]


@functools.cache
def bookings() -> tuple[Booking, ...]:
    """List the ways to book the cortex's energy, from least to most communication.

    Returns
    -------
    tuple of Booking
        Ratio of communication over computation [1] with the shares it follows from [1].

    Notes
    -----
    A budget lists action potentials, transmitter release and recycling (communication), postsynaptic current, and
    resting potentials. Booked as computation, postsynaptic current makes the ratio 0.6; booked as communication, only
    resting potentials are left to compute with, and that booking is ours. The fourth computes the least charge that
    integrating its inputs takes a neuron, and books the rest as communication.

    References
    ----------
    .. [1] Howarth, C., Gleeson, P. and Attwell, D., "Updated energy budgets", J. Cereb. Blood Flow Metab. 32 (2012).
    .. [2] Attwell, D. and Laughlin, S. B., "An energy budget for signaling", J. Cereb. Blood Flow Metab. 21 (2001).
    .. [3] Levy, W. B. and Calvert, V. G., PNAS 118 (2021), doi:10.1073/pnas.2008173118.

    Examples
    --------
    >>> round(bookings()[0].ratio, 2), bookings()[-1].ratio
    (0.6, 35.0)
    """
    signals = ("cortex.share_action_potentials", "cortex.share_release", "cortex.share_recycling")
    current, resting = "cortex.share_postsynaptic", "cortex.share_resting"
    older = ("greymatter.share_action_potentials", "greymatter.share_recycling")
    return (
        _budget("budget_2012", "Budget of 2012", "as computation", signals, (current,), (resting,)),
        _budget(
            *("budget_2001", "Budget of 2001, rodent", "as computation"),
            *(older, ("greymatter.share_postsynaptic",), ("greymatter.share_resting",)),
        ),
        _budget(
            "budget_2012_moved", "Budget of 2012", "as communication", (*signals, current), (resting,), (), ours=True
        ),
        _levy(),
    )


def _budget(
    key: str,
    name: str,
    rule: str,
    communication: tuple[str, ...],
    computation: tuple[str, ...],
    rest: tuple[str, ...],
    ours: bool = False,
) -> Booking:
    # Central values only: a range of one share would have to be taken from another.
    spent, computed, left = (sum(fact(name).si for name in names) for names in (communication, computation, rest))
    ratio = spent / computed
    keys = (*communication, *computation, *rest)
    return Booking(key, name, rule, spent, computed, left, ratio, ratio, ratio, ours, keys)


def _levy() -> Booking:
    ratio = fact("cortex.communication_ratio")
    moved, computed = fact("cortex.power_communication").si, fact("cortex.power_computation").si
    whole = moved + computed
    return Booking(
        "levy",
        "Levy and Calvert 2021",
        "only integrating counts as computation",
        moved / whole,
        computed / whole,
        0.0,
        ratio.si_low,
        ratio.si,
        ratio.si_high,
        False,
        ("cortex.communication_ratio", "cortex.power_communication", "cortex.power_computation"),
    )
