"""Energy to reach a loss with a small model, on data alone and taught, beside the size that reaches it most cheaply."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from efficiency.arrays import Floats
from efficiency.distillation import CHARGES, alone_j, pair_of, taught_j
from efficiency.scaling_energy import Prices
from efficiency.scaling_laws import loss, optimal_for_loss, tokens_for_loss


class Reach(NamedTuple):
    """Energy to reach a loss [J] with a student of one size, and with the compute-optimal size [parameters]."""

    target: Floats
    alone_j: Floats
    taught_j: Mapping[str, Floats]
    optimal_j: Floats
    optimal_parameters: Floats


def reach(key: str, price: Prices, worth: float, target: Floats, students: float = 1.0) -> Reach:
    """Energy to reach a loss, on data alone and taught.

    Parameters
    ----------
    key : str
        One of `CASES`, for the sizes and the teacher's tokens.
    price : Prices
        Energies per FLOP.
    worth : float
        Tokens of data that a token with answers is worth [1].
    target : float or ndarray
        Cross-entropy to reach, by the refitted law [nats per token].
    students : float
        Students that share the teacher's training, where it is shared [1].

    Returns
    -------
    Reach
        [J]; infinite where the size cannot reach the loss, or where the teacher's own loss is no lower.

    Notes
    -----
    The student's size bounds what either way reaches: answers save tokens, they do not make a model larger.

    References
    ----------
    `scaling_laws.tokens_for_loss`.

    Examples
    --------
    >>> found = reach("gemma2_2b", Prices(1e-12, 1e-12, 0.0), 3.0, 2.2)
    >>> found.taught_j["answers"] < found.alone_j < found.taught_j["charged"]
    True
    """
    sizes = pair_of(key, worth)
    tokens = tokens_for_loss("refit", sizes.student, target)
    pair = sizes._replace(tokens_alone=tokens)
    above = np.asarray(target, dtype=float) > loss("refit", sizes.teacher, sizes.teacher_tokens)
    taught = {}
    for charge in CHARGES:
        total = np.where(above, taught_j(pair, price, worth, charge, students).total_j, np.inf)
        taught[charge] = total if total.ndim else float(total)
    best = optimal_for_loss("refit", target)
    return Reach(
        target,
        alone_j(pair, price),
        MappingProxyType(taught),
        price.training_j_per_flop * best.flop,
        best.parameters,
    )
