"""Failures of a large synchronous run: interruptions, checkpoints, and the share of the time that makes progress."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from efficiency.arrays import Floats, larger
from efficiency.facts import fact

LARGEST_EXPONENT: Final = 600.0
"""Beyond it a run makes no progress that a number could hold."""


class Shares(NamedTuple):
    """Where a run's time goes; the four add up to 1.

    ``useful`` is kept progress; ``checkpoint`` saves it; ``rework`` is progress that an interruption undoes;
    ``restart`` is time in which nothing runs [1].
    """

    useful: Floats
    checkpoint: Floats
    rework: Floats
    restart: Floats


def mtbf_per_chip_s() -> tuple[float, float, float]:
    """Mean time between interruptions per accelerator, as published: low, central, high.

    Returns
    -------
    tuple of float
        Chip-seconds between interruptions of the whole job that one chip, its server and its share of the network
        cause [chip s].

    Notes
    -----
    Central: the 54 days of Llama 3.1 405B, chips times hours over unexpected interruptions. Low and high: two clusters
    of A100 over 11 months. All are interruptions of jobs, whatever broke; small jobs fail more often per chip, which
    this leaves out.

    References
    ----------
    .. [1] Llama team, "The Llama 3 herd of models", arXiv:2407.21783 (2024), section 3.3.4.
    .. [2] Kokolis, A. et al., "Revisiting reliability in large-scale machine learning research clusters", HPCA 2025.

    Examples
    --------
    >>> [round(seconds / 3600, -2) for seconds in mtbf_per_chip_s()]
    [29500.0, 50700.0, 82100.0]
    """
    server = fact("failures.chips_per_server").si
    central = fact("failures.llama3_chips").si * fact("failures.llama3_span").si / fact("failures.llama3_unexpected").si
    return server / fact("failures.rsc1_rate").si, central, server / fact("failures.rsc2_rate").si


def interruptions_per_s(chips: Floats, per_chip_rate: Floats) -> Floats:
    """Rate at which a job on many chips is interrupted.

    Parameters
    ----------
    chips : float or ndarray
        Accelerators that must all work [chips].
    per_chip_rate : float or ndarray
        Interruptions that one chip causes [1/(chip s)].

    Returns
    -------
    float or ndarray
        Interruptions of the job [1/s].

    Notes
    -----
    Training is synchronous, so one failure stops all; failures are taken as independent.

    References
    ----------
    .. [1] Llama team, "The Llama 3 herd of models", arXiv:2407.21783 (2024), section 3.3.4.

    Examples
    --------
    >>> round(1 / interruptions_per_s(16384.0, 1 / mtbf_per_chip_s()[1]) / 3600, 2)
    3.09
    """
    return chips * per_chip_rate


def young_interval_s(checkpoint_s: Floats, mtbf_s: Floats) -> Floats:
    r"""Work between two checkpoints, to first order.

    Parameters
    ----------
    checkpoint_s : float or ndarray
        Time for which a checkpoint stops the work [s].
    mtbf_s : float or ndarray
        Mean time between interruptions of the job [s].

    Returns
    -------
    float or ndarray
        Work between checkpoints [s].

    Notes
    -----
    :math:`\sqrt{2 \delta M}`. Good while a checkpoint is much shorter than the time between interruptions.

    References
    ----------
    .. [1] Young, J. W., "A first order approximation to the optimum checkpoint interval", CACM 17, 530 (1974).

    Examples
    --------
    >>> young_interval_s(300.0, 86400.0) / 60
    120.0
    """
    return (2.0 * checkpoint_s * mtbf_s) ** 0.5


def optimal_interval_s(checkpoint_s: Floats, mtbf_s: Floats) -> Floats:
    r"""Work between two checkpoints that loses least time, to higher order.

    Parameters
    ----------
    checkpoint_s : float or ndarray
        Time for which a checkpoint stops the work [s].
    mtbf_s : float or ndarray
        Mean time between interruptions of the job [s].

    Returns
    -------
    float or ndarray
        Work between checkpoints [s].

    Notes
    -----
    Daly's equation 37: with :math:`\xi = \delta / 2M`,

    .. math:: \tau = \sqrt{2 \delta M}\,(1 + \xi^{1/2}/3 + \xi/9) - \delta \quad (\delta < 2M), \qquad \tau = M

    otherwise. The time of a restart does not move the optimum.

    References
    ----------
    .. [1] Daly, J. T., "A higher order estimate of the optimum checkpoint interval for restart dumps", Future
       Generation Computer Systems 22, 303 (2006), https://doi.org/10.1016/j.future.2004.11.016.

    Examples
    --------
    >>> [round(optimal_interval_s(300.0, hours * 3600.0) / 60, 1) for hours in (24, 6, 0.25)]
    [116.7, 56.7, 9.1]
    """
    ratio = checkpoint_s / (2.0 * mtbf_s)
    short = young_interval_s(checkpoint_s, mtbf_s) * (1.0 + ratio**0.5 / 3.0 + ratio / 9.0) - checkpoint_s
    found = np.where(ratio < 1.0, short, mtbf_s)
    return float(found) if found.ndim == 0 else found


def exact_interval_s(checkpoint_s: Floats, mtbf_s: Floats) -> Floats:
    r"""Work between two checkpoints that loses least time, exactly.

    Parameters
    ----------
    checkpoint_s : float or ndarray
        Time for which a checkpoint stops the work [s].
    mtbf_s : float or ndarray
        Mean time between interruptions of the job [s].

    Returns
    -------
    float or ndarray
        Work between checkpoints [s].

    Notes
    -----
    Where the derivative of `time_shares`' useful share vanishes: :math:`\tau/M = 1 + W(-e^{-1-\delta/M})`, with
    Lambert's W. Daly's series approximates it.

    References
    ----------
    .. [1] Daly, J. T., Future Generation Computer Systems 22, 303 (2006), equation 20.

    Examples
    --------
    >>> round(exact_interval_s(300.0, 86400.0) / 60, 1)
    116.7
    """
    from scipy.special import lambertw  # a tenth of a second to import, and only this needs it

    ratio = np.minimum(np.asarray(checkpoint_s, dtype=float) / mtbf_s, LARGEST_EXPONENT)
    found = mtbf_s * (1.0 + lambertw(-np.exp(-1.0 - ratio)).real)
    return float(found) if np.ndim(found) == 0 else found


def time_shares(mtbf_s: Floats, checkpoint_s: Floats, restart_s: Floats, interval_s: Floats) -> Shares:
    r"""Where the time of a run goes that is interrupted at random.

    Parameters
    ----------
    mtbf_s : float or ndarray
        Mean time between interruptions of the job [s].
    checkpoint_s : float or ndarray
        Time for which a checkpoint stops the work [s].
    restart_s : float or ndarray
        Time from an interruption until the work runs again [s].
    interval_s : float or ndarray
        Work between two checkpoints [s].

    Returns
    -------
    Shares
        Of the time [1].

    Notes
    -----
    Interruptions follow one another at random, also during restarts and checkpoints. Between two of them lie M seconds
    on average, of which :math:`M(1 - e^{-R/M})` go into restarting, and
    :math:`K = e^{-R/M} / (e^{(\tau + \delta)/M} - 1)` rounds of work and checkpoint are completed; what is left is
    undone. The useful share :math:`K \tau / M` is the inverse of Daly's equation 20 over the solution time.

    References
    ----------
    .. [1] Daly, J. T., Future Generation Computer Systems 22, 303 (2006), equation 20.

    Examples
    --------
    >>> shares = time_shares(11135.0, 10.0, 600.0, optimal_interval_s(10.0, 11135.0))
    >>> round(sum(shares), 12), round(shares.useful, 3)
    (1.0, 0.908)
    """
    running = np.exp(-np.minimum(np.asarray(restart_s, dtype=float) / mtbf_s, LARGEST_EXPONENT))
    round_s = interval_s + checkpoint_s
    rounds = running / np.expm1(np.minimum(np.asarray(round_s, dtype=float) / mtbf_s, LARGEST_EXPONENT))
    useful = rounds * interval_s / mtbf_s
    saving = rounds * checkpoint_s / mtbf_s
    # A difference of near equals, where interruptions are rare, may fall below 0 by a last digit.
    undone = np.maximum(running - useful - saving, 0.0)
    shares = (useful, saving, undone, 1.0 - running)
    return Shares(*(float(share) if np.ndim(share) == 0 else share for share in shares))


def goodput(
    chips: Floats,
    mtbf_chip_s: Floats | None = None,
    checkpoint_s: Floats | None = None,
    restart_s: Floats | None = None,
    interval_s: Floats | None = None,
) -> Shares:
    """Where the time of a run goes by its number of chips.

    Parameters
    ----------
    chips : float or ndarray
        Accelerators that must all work [chips].
    mtbf_chip_s : float or ndarray, optional
        Mean time between interruptions per chip; that of the 54-day run unless given [chip s].
    checkpoint_s : float or ndarray, optional
        Time for which a checkpoint stops the work; the record's unless given [s].
    restart_s : float or ndarray, optional
        Time from an interruption until the work runs again; the record's unless given [s].
    interval_s : float or ndarray, optional
        Work between two checkpoints; the optimum unless given [s].

    Returns
    -------
    Shares
        Of the time; ``useful`` is the goodput [1].

    Notes
    -----
    One job on all chips, no spare parts running along, no part of it going on alone.

    References
    ----------
    `time_shares`, `optimal_interval_s`; `efficiency/data/goodput.csv`.

    Examples
    --------
    >>> [round(goodput(chips).useful, 2) for chips in (1024.0, 16384.0, 131072.0, 1e6)]
    [0.99, 0.91, 0.58, 0.03]
    """
    mtbf_s = (mtbf_per_chip_s()[1] if mtbf_chip_s is None else mtbf_chip_s) / chips
    saving = fact("failures.checkpoint").si if checkpoint_s is None else checkpoint_s
    waiting = fact("failures.restart").si if restart_s is None else restart_s
    interval = optimal_interval_s(saving, mtbf_s) if interval_s is None else interval_s
    return time_shares(mtbf_s, saving, waiting, interval)


def lost_energy(shares: Shares, waiting_power: Floats) -> Floats:
    """Energy that failures cost, over the energy of the kept progress.

    Parameters
    ----------
    shares : Shares
        Where the time goes [1].
    waiting_power : float or ndarray
        Power while nothing is computed over power at work [1].

    Returns
    -------
    float or ndarray
        Lost over useful energy [1].

    Notes
    -----
    Undone work is done at full power; during checkpoints and restarts the machines are on, but compute nothing.

    References
    ----------
    MODEL.md, Failures.

    Examples
    --------
    >>> round(lost_energy(Shares(0.5, 0.1, 0.2, 0.2), 0.5), 9)
    0.7
    """
    idle = waiting_power * (shares.checkpoint + shares.restart)
    return (shares.rework + idle) / larger(shares.useful, 1e-300)
