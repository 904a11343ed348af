"""Mixtures of experts: which of their weights a batch touches."""

from __future__ import annotations

from typing import Final

import numpy as np

from efficiency.arrays import Floats
from efficiency.catalogue import Model
from efficiency.facts import fact

_INDEPENDENT_CHOICE: Final = fact("serving.independent_choice").si


def expert_weights(model: Model) -> float:
    """Weights that belong to routed experts.

    Parameters
    ----------
    model : Model
        Its parameters and experts.

    Returns
    -------
    float
        Weights of all experts together [1]; 0 for a dense model.

    Notes
    -----
    :math:`X = (P - P_a)/(1 - k/E)`, because of the experts a token uses k/E.

    References
    ----------
    MODEL.md, The ledger.

    Examples
    --------
    >>> from efficiency.catalogue import model
    >>> expert_weights(model("llama31_70b"))
    0.0
    """
    if model.experts_active >= model.experts:
        return 0.0
    idle_share = 1.0 - model.experts_active / model.experts
    return min((model.parameters - model.active_parameters) / idle_share, model.parameters)


def touched_share(model: Model, batch: Floats) -> Floats:
    """Share of the experts that at least one sequence of a batch chooses.

    Parameters
    ----------
    model : Model
        Its experts.
    batch : float or ndarray
        Sequences decoded together [1].

    Returns
    -------
    float or ndarray
        Distinct experts over all [1]; 1 for a dense model.

    Notes
    -----
    :math:`1 - (1 - k/E)^{1 + s (B - 1)}`, where the share s of a batch, by the record all of it, chooses independently.
    A mixture of experts reads ever more of itself as the batch grows, so it saves less than its FLOPs.

    References
    ----------
    `efficiency/data/serving.csv`: serving.independent_choice.

    Examples
    --------
    >>> from efficiency.catalogue import model
    >>> touched_share(model("mixtral_8x7b"), 1.0)
    0.25
    """
    if model.experts_active >= model.experts:
        return 1.0
    return 1.0 - (1.0 - model.experts_active / model.experts) ** (1.0 + _INDEPENDENT_CHOICE * (batch - 1.0))


def fullest_chip(model: Model, chips: Floats, touched: Floats) -> Floats:
    r"""Experts that the chip with the most of them reads, over the mean.

    Parameters
    ----------
    model : Model
        Its experts.
    chips : float or ndarray
        Chips that share the experts [1].
    touched : float or ndarray
        Share of the experts that a step touches [1].

    Returns
    -------
    float or ndarray
        At least 1 [1]; 1 for a dense model or one chip.

    Notes
    -----
    :math:`1 + \sqrt{2 \ln n\,(1 - p)/(p E/n)}`: all chips wait for the fullest, which matters at small batches.

    References
    ----------
    .. [1] Raab, M. and Steger, A., "Balls into Bins", RANDOM 1998.

    Examples
    --------
    >>> from efficiency.catalogue import model
    >>> fullest_chip(model("llama31_70b"), 8.0, 1.0), fullest_chip(model("mixtral_8x7b"), 1.0, 0.25)
    (1.0, 1.0)
    """
    if model.experts_active >= model.experts or (isinstance(chips, float) and chips == 1.0):
        return 1.0
    spread = 2.0 * np.log(chips) * (1.0 - touched) * chips / (touched * model.experts)
    return 1.0 + np.sqrt(spread) if isinstance(spread, np.ndarray) else 1.0 + float(spread) ** 0.5
