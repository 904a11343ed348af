"""Failures played out event by event, with seeded random times, to check the formula and what it leaves out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from efficiency.goodput import Shares
from efficiency.sampling import SEED

CHUNK: Final = 250_000
"""Interruptions played out at once: a few megabytes, and some ten milliseconds between two reports of progress."""
MOST_FAILURES: Final = 100_000_000


CLOSE: Final = 0.02 / 4
"""Standard error over the useful share at which four of them stay within 2 % [1]."""


class Played(NamedTuple):
    """What a simulation found: shares of the time, the standard error of the useful one [1], interruptions [1]."""

    shares: Shares
    standard_error: float
    failures: int


def simulate(
    mtbf_s: float,
    checkpoint_s: float,
    restart_s: float,
    interval_s: float,
    failures: int = 200_000,
    shape: float = 1.0,
    progress: Callable[[float], None] | None = None,
) -> Played:
    r"""Play out a run from interruption to interruption and add up where its time went.

    Parameters
    ----------
    mtbf_s : float
        Mean time between interruptions of the job [s].
    checkpoint_s : float
        Time for which a checkpoint stops the work [s].
    restart_s : float
        Time from an interruption until the work runs again [s].
    interval_s : float
        Work between two checkpoints [s].
    failures : int
        Interruptions to play out, 1 to `MOST_FAILURES` [1].
    shape : float
        Of the Weibull distribution of the times between interruptions: 1 for random, less for clusters [1].
    progress : callable, optional
        Called with the share that is done, after each chunk [1].

    Returns
    -------
    Played
        Shares of the time and their statistical error [1].

    Raises
    ------
    ValueError
        If the number of interruptions is outside its range.

    Notes
    -----
    Each time between two interruptions begins with a restart; what is left of it holds whole rounds of work and
    checkpoint, and one that is undone. Nothing here knows the formula of `goodput.time_shares`. The error is that of a
    ratio of means, :math:`s(u_i - g t_i) / (\bar t \sqrt n)`.

    References
    ----------
    .. [1] Schroeder, B. and Gibson, G. A., "A large-scale study of failures in high-performance computing systems",
       DSN 2006, for times between failures that follow a Weibull distribution.

    Examples
    --------
    >>> played = simulate(11135.0, 10.0, 600.0, 466.0)
    >>> round(played.shares.useful, 2), played.standard_error < 0.001
    (0.91, True)
    """
    if not 1 <= failures <= MOST_FAILURES:
        raise ValueError(f"failures is {failures!r}; allowed: 1 to {MOST_FAILURES:,}")
    random = np.random.default_rng(SEED)
    mean_of_unit = math.gamma(1.0 + 1.0 / shape)
    sums, squares = np.zeros(4), np.zeros(3)
    done = 0
    while done < failures:
        count = min(CHUNK, failures - done)
        unit = random.exponential(size=count) if shape == 1.0 else random.weibull(shape, size=count) / mean_of_unit
        gap_s = unit * mtbf_s
        running_s = np.maximum(gap_s - restart_s, 0.0)
        rounds = np.floor(running_s / (interval_s + checkpoint_s))
        useful_s, saving_s = rounds * interval_s, rounds * checkpoint_s
        sums += (useful_s.sum(), saving_s.sum(), (running_s - useful_s - saving_s).sum(), gap_s.sum())
        squares += (useful_s @ useful_s, useful_s @ gap_s, gap_s @ gap_s)
        done += count
        if progress is not None:
            progress(done / failures)
    useful, saving, undone = (float(part) for part in sums[:3] / sums[3])
    spread = float(squares[0] - 2.0 * useful * squares[1] + useful**2 * squares[2])
    shares = Shares(useful, saving, undone, max(1.0 - useful - saving - undone, 0.0))
    return Played(shares, math.sqrt(max(spread, 0.0)) / float(sums[3]), failures)


def failures_needed(found: Played, close: float = CLOSE) -> int:
    r"""Say how many interruptions bring the useful share close to what it is.

    Parameters
    ----------
    found : Played
        A first simulation of the same run.
    close : float
        Standard error over the useful share that is asked for [1].

    Returns
    -------
    int
        Interruptions, at most `MOST_FAILURES` [1].

    Notes
    -----
    The error falls as :math:`1/\sqrt n`. Large runs need most: nearly all of their times between interruptions are too
    short for any progress.

    References
    ----------
    MODEL.md, Failures.

    Examples
    --------
    >>> failures_needed(Played(Shares(0.5, 0.0, 0.5, 0.0), 0.01, 10_000))
    160000
    """
    if found.shares.useful <= 0.0:
        return MOST_FAILURES
    needed = found.failures * (found.standard_error / (close * float(found.shares.useful))) ** 2
    return min(max(math.ceil(round(needed, 6)), 1), MOST_FAILURES)
