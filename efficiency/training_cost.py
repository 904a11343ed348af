"""Energy of a training run from the time its chips took, or from its arithmetic, by scope.

::

    chip-hours  = FLOP / (peak x utilisation(size)),  FLOP = 6 N D        where no time is known
    E(board)    = chip-hours x limit x smaller(0.90, node share) x fill(size)
    E(node)     = chip-hours x limit x node share of the chip's class      at the wall, host and supplies included
    E(facility) = E(node) x PUE
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from efficiency.cases import Column
from efficiency.facts import fact

# Data-centre GPUs before 2020 drew less of their limit at work than those that came after.
NEW_GPUS_FROM = 2020.0


def fill(parameters: Column, half: float) -> Column:
    """Give a board's power in training over its power at full load.

    Parameters
    ----------
    parameters : ndarray
        Size of the model; NaN where unknown [1].
    half : float
        Size at which the model half fills a chip [1].

    Returns
    -------
    ndarray
        Between the floor of a board that runs and 1; 1 where the size is unknown [fraction].

    Notes
    -----
    floor + (1 - floor) N / (N + half): small models leave a chip waiting for data and launches.

    References
    ----------
    MODEL.md, "Training runs"; Dodge, J. et al.: Measuring the carbon intensity of AI in cloud instances. FAccT 2022.

    Examples
    --------
    >>> round(float(fill(np.array(6e7), 6e7)), 3)
    0.635
    """
    size = np.asarray(parameters, dtype=float)
    known = np.where(np.isfinite(size), size, 1.0)
    share = np.where(np.isfinite(size), known / (known + half), 1.0)
    floor = fact("chip.active_floor").si
    return floor + (1.0 - floor) * share


def utilisation(parameters: Column, full: float, half: float) -> Column:
    """Give the model FLOP utilisation of a run from the size of its model.

    Parameters
    ----------
    parameters : ndarray
        Size of the model; NaN where unknown [1].
    full : float
        Utilisation of a large model [fraction].
    half : float
        Size at which it halves [1].

    Returns
    -------
    ndarray
        Achieved share of the 16-bit peak; `full` where the size is unknown [fraction].

    Notes
    -----
    full / (1 + sqrt(half / N)): a form of convenience. Published utilisations of models of one size differ threefold,
    and no form in the size alone can follow that.

    References
    ----------
    MODEL.md, "Training runs".

    Examples
    --------
    >>> float(utilisation(np.array(1e9), 0.4, 1e9))
    0.2
    """
    size = np.asarray(parameters, dtype=float)
    return full / (1.0 + np.sqrt(half / np.where(np.isfinite(size), size, np.inf)))


def run_flop(parameters: Column, tokens: Column, low_rank: np.ndarray) -> Column:
    """Count the arithmetic of a training run.

    Parameters
    ----------
    parameters, tokens : ndarray
        Active parameters and training tokens [1, token].
    low_rank : ndarray of bool
        Whether the weights are frozen and only adapters are trained.

    Returns
    -------
    ndarray
        Arithmetic [FLOP].

    Notes
    -----
    6 N D, and 4 N D with frozen weights, which need no gradient of their own.

    References
    ----------
    Brown, T. B. et al.: Language models are few-shot learners. arXiv 2005.14165 (2020), appendix D.

    Examples
    --------
    >>> float(run_flop(np.array(1e9), np.array(1e9), np.array(False)))
    6e+18
    """
    frozen, trained = fact("training.lora_flop_per_parameter_token").si, fact("training.flop_per_parameter_token").si
    return np.where(low_rank, frozen, trained) * np.asarray(parameters, dtype=float) * tokens


def chip_seconds(flop: Column, peak_flop_s: Column, utilised: Column) -> Column:
    """Give the chips times seconds that a run takes.

    Parameters
    ----------
    flop, peak_flop_s : ndarray
        Arithmetic of the run [FLOP] and 16-bit peak of a chip [FLOP/s].
    utilised : ndarray
        Achieved share of the peak [fraction].

    Returns
    -------
    ndarray
        Chips times seconds [s].

    Notes
    -----
    FLOP / (peak x utilisation).

    References
    ----------
    Chowdhery, A. et al.: PaLM. arXiv 2204.02311 (2022), section 4.1.

    Examples
    --------
    >>> round(float(chip_seconds(np.array(3.14e23), np.array(312e12), np.array(0.4))) / 3600)
    698896
    """
    return flop / (peak_flop_s * utilised)


def limit_shares(
    found: Mapping[str, float], parameters: Column, year: Column, tpu: np.ndarray
) -> tuple[Column, Column]:
    """Give the power of board and node per chip, over the chip's limit.

    Parameters
    ----------
    found : Mapping of str to float
        Coefficients by name.
    parameters : ndarray, shape (n,)
        Size of the model [1].
    year : ndarray, shape (n,)
        Year of the chip; NaN counts as new [1].
    tpu : ndarray of bool, shape (n,)
        Whether the chip is a tensor processing unit.

    Returns
    -------
    tuple of ndarray
        Board and node [1]; the board's is never the larger.

    Notes
    -----
    A node share is fitted for each of three classes of chips. A board's is 0.90 at full load, or the node's where that
    is less: the limit of early TPUs is far above what they draw, host included.

    References
    ----------
    Patterson, D. et al.: Carbon emissions and large neural network training. arXiv 2104.10350 (2021), Table 4.

    Examples
    --------
    >>> found = {"node_per_tdp_old": 1.0, "node_per_tdp_gpu": 1.22, "node_per_tdp_tpu": 0.63, "fill_params": 6e7}
    >>> board, node = limit_shares(found, np.array([1e11]), np.array([2022.0]), np.array([False]))
    >>> round(float(board[0]), 2), float(node[0])
    (0.9, 1.22)
    """
    old = np.where(year < NEW_GPUS_FROM, found["node_per_tdp_old"], found["node_per_tdp_gpu"])
    node = np.where(tpu, found["node_per_tdp_tpu"], old)
    full = np.minimum(fact("training.board_full").si, node)
    return full * fill(parameters, found["fill_params"]), node
