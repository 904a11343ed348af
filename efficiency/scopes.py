"""From boards to a node and to a building: what is counted besides the accelerators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from efficiency.cases import Column
from efficiency.facts import Fact, fact

BOARD, NODE, FACILITY = "gpu", "node", "facility"
NAMES = {"": BOARD, "gpu": BOARD, "board": BOARD, "chip": BOARD, "node": NODE, "server": NODE, "facility": FACILITY}


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """What comes on top of the boards, per case.

    Attributes
    ----------
    host_share : ndarray
        Power of the host over the boards' limit [1]; 0 for boards alone.
    pue : ndarray
        Power usage effectiveness [1]; 1 inside the building.
    spread : ndarray
        What not knowing them adds to the half-width of an interval, as a decimal logarithm [1].
    """

    host_share: Column
    pue: Column
    spread: Column


def scope_names(names: Sequence[str]) -> tuple[str, ...]:
    """Name what an energy counts.

    Parameters
    ----------
    names : sequence of str
        As the cases have it; blank is the board.

    Returns
    -------
    tuple of str
        gpu, node or facility; empty where it is none of them.

    Notes
    -----
    A board is an accelerator with its memory; a node adds processors, fans and power supplies; a facility adds cooling
    and distribution.

    References
    ----------
    MODEL.md, "Scopes".

    Examples
    --------
    >>> scope_names(["", "node", "planet"])
    ('gpu', 'node', '')
    """
    return tuple(NAMES.get(name.strip().lower(), "") for name in names)


def scope_factor(names: Sequence[str], pue: Column) -> Scope:
    """Give what a node and a building add to the boards.

    Parameters
    ----------
    names : sequence of str
        Scope per case.
    pue : ndarray, shape (n,)
        Power usage effectiveness where a case states it, else NaN [1].

    Returns
    -------
    Scope
        Per case [1].

    Notes
    -----
    E(node) = E(board) + host_share x limit x time; E(facility) = E(node) x PUE. Their published ranges widen the
    interval, as independent errors.

    References
    ----------
    `efficiency/data/operating.csv`, `facility.host_share`; `efficiency/data/levels.csv`, `pue.default`.

    Examples
    --------
    >>> scope_factor(["gpu", "facility"], np.array([np.nan, 1.1])).pue.tolist()
    [1.0, 1.1]
    """
    kinds, host = scope_names(names), fact("facility.host_share")
    beyond = np.array([kind in (NODE, FACILITY) for kind in kinds], dtype=bool)
    factor, pue_spread = pue_of(kinds, pue)
    spread = np.hypot(np.where(beyond, _decades(host, 1.0), 0.0), pue_spread)
    return Scope(np.where(beyond, host.si, 0.0), factor, spread)


def pue_of(kinds: Sequence[str], pue: Column) -> tuple[Column, Column]:
    """Give the power usage effectiveness by which cases are multiplied.

    Parameters
    ----------
    kinds : sequence of str
        Scope per case, from `scope_names`.
    pue : ndarray, shape (n,)
        As a case states it, else NaN [1].

    Returns
    -------
    tuple of ndarray
        Power usage effectiveness, 1 but for facilities, and half-width of the interval that not knowing it adds, as a
        decimal logarithm [1].

    Notes
    -----
    A site that is not named has the usual one, between the best fleets and the industry's average.

    References
    ----------
    `efficiency/data/levels.csv`, `pue.default`.

    Examples
    --------
    >>> [float(column[0]) for column in pue_of(["facility"], np.array([1.1]))]
    [1.1, 0.0]
    """
    default = fact("pue.default")
    built = np.array([kind == FACILITY for kind in kinds], dtype=bool)
    unknown = built & ~np.isfinite(pue)
    factor = np.where(built, np.where(unknown, default.si, pue), 1.0)
    return factor, np.where(unknown, _decades(default, 0.0), 0.0)


def _decades(record: Fact, added_to: float) -> float:
    return float(np.log10((added_to + record.si_high) / (added_to + record.si_low)) / 2.0)
