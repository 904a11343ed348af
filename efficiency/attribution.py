r"""Sharing a gain among the levers that made it, whatever their order.

For a set A of levers, v(A) is what pulling them gains, as a decimal logarithm. A lever's share is its Shapley value:
the mean of what it adds, over all orders in which the levers can be pulled. Rows of arrays are subsets, numbered by
their bits: lever i belongs to subset a where :math:`a \mathbin{\&} 2^i` is set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

MOST_LEVERS: Final = 9
"""Levers that are attributed together: 512 subsets."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What each lever gains [powers of ten]; shape (levers, ...), and (...) for what concerns all together.

    ``overlap`` is what the gains alone exceed the gain of all by: two levers may remove the same energy.
    """

    shapley: Array
    alone: Array
    last_in: Array
    together: Array
    overlap: Array


def members(levers: int) -> npt.NDArray[np.bool_]:
    """Say which levers belong to which subset.

    Parameters
    ----------
    levers : int
        Number of levers, at most `MOST_LEVERS` [1].

    Returns
    -------
    ndarray of bool, shape (2**levers, levers)
        Subsets in the order of their bits [1].

    Raises
    ------
    ValueError
        For more levers, or fewer than one.

    Notes
    -----
    The first subset is empty, the last holds all.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> members(2).tolist()
    [[False, False], [True, False], [False, True], [True, True]]
    """
    if not 1 <= levers <= MOST_LEVERS:
        raise ValueError(f"levers is {levers}; allowed: 1 to {MOST_LEVERS}")
    return (np.arange(2**levers)[:, None] >> np.arange(levers)) & 1 == 1


def shares(gains: Array) -> Shares:
    r"""Share the gain of all levers among them.

    Parameters
    ----------
    gains : ndarray, shape (2**n, ...)
        v(A) by subset, as in `members`; the empty one gains 0 [powers of ten].

    Returns
    -------
    Shares
        By lever [powers of ten].

    Raises
    ------
    ValueError
        If the number of rows is no power of two, or the empty subset gains something.

    Notes
    -----
    .. math:: \phi_i = \sum_{A \not\ni i} \frac{|A|!\,(n - |A| - 1)!}{n!}\,\bigl(v(A \cup i) - v(A)\bigr)

    The shares add up to v of all, by construction.

    References
    ----------
    .. [1] Shapley, L. S., "A value for n-person games", Contributions to the Theory of Games II, 307 (1953).

    Examples
    --------
    >>> shares(np.array([0.0, 1.0, 2.0, 3.0])).shapley.tolist()
    [1.0, 2.0]
    >>> float(shares(np.array([0.0, 1.0, 1.0, 1.0])).overlap)
    1.0
    """
    levers = len(gains).bit_length() - 1
    if len(gains) != 2**levers:
        raise ValueError(f"gains has {len(gains)} rows; allowed: a power of two")
    if np.any(gains[0]):
        raise ValueError("gains of no lever are not 0; v(A) is measured from the empty subset")
    held = members(levers)
    sizes = held.sum(axis=1)
    orders = [math.factorial(k) * math.factorial(levers - k - 1) for k in range(levers)]
    weights = np.array(orders) / math.factorial(levers)
    subsets = np.arange(len(gains))
    shapley = np.empty((levers, *gains.shape[1:]))
    for lever in range(levers):
        without = subsets[~held[:, lever]]
        # Differences first: a lever that changes nothing gets exactly 0.
        added = gains[without | 1 << lever] - gains[without]
        shapley[lever] = np.tensordot(weights[sizes[without]], added, axes=1)
    single = 1 << np.arange(levers)
    alone = gains[single]
    return Shares(
        shapley=shapley,
        alone=alone,
        last_in=gains[-1] - gains[(len(gains) - 1) ^ single],
        together=gains[-1],
        overlap=alone.sum(axis=0) - gains[-1],
    )
