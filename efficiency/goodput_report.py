"""Failures and goodput for the command line: what is asked, the answer as data, and as text for a terminal."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from efficiency.catalogue import chip_labels
from efficiency.facts import fact
from efficiency.failure_costs import ChipPower, Pauses, average_power_w, chip_power, goodput_range, shares_at
from efficiency.failure_simulation import MOST_FAILURES, Played, simulate
from efficiency.goodput import Shares, lost_energy, mtbf_per_chip_s, optimal_interval_s, young_interval_s
from efficiency.report import facts_data
from efficiency.sampling import Range
from efficiency.say import quantity, significant
from efficiency.scenario import Scenario
from efficiency.topics import check_range, draw_bar
from efficiency.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_YEAR
from efficiency.utilisation import central_of

SIZES: Final = (1.0, 1e2, 1e3, 1e4, 1e5, 1e6)
PUBLISHED: Final = (
    ("Llama 3.1 405B", "failures.llama3_chips", "failures.llama3_effective", "over "),
    ("MegaScale", "failures.megascale_chips", "failures.megascale_effective", "over "),
    ("ByteRobust", "failures.byterobust_chips", "failures.byterobust_effective", ""),
)
"""Published shares of useful time: name, records of chips and share, and whether it is a lower bound."""


class Answer(NamedTuple):
    """What was asked and what follows; times [s], powers [W], shares [1], lost over useful energy [1]."""

    chips: float
    pauses: Pauses
    chip: str
    utilisation: float
    mtbf_s: float
    checkpoint_s: float
    restart_s: float
    interval_s: float
    young_s: float
    span: Range
    shares: Shares
    power: ChipPower
    average_w: float
    lost: float
    played: Played | None
    sizes: tuple[tuple[float, float, Range], ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments.

    Parameters
    ----------
    parser : ArgumentParser
        Of the verb.

    Returns
    -------
    None
        The parser is changed.

    Notes
    -----
    What is left out has the range of its record.

    References
    ----------
    The README lists the verbs.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> parser.parse_args(["--chips", "1000"]).chips
    1000.0
    """
    parser.add_argument("--chips", type=float, default=16384.0, metavar="N", help="chips that must all work")
    parser.add_argument("--mtbf-hours-per-chip", type=float, metavar="H", help="hours between failures, one chip")
    parser.add_argument("--checkpoint-s", type=float, metavar="S", help="seconds that a checkpoint stops the work")
    parser.add_argument("--restart-s", type=float, metavar="S", help="seconds until the work runs again")
    parser.add_argument("--interval-s", type=float, metavar="S", help="seconds of work between checkpoints")
    parser.add_argument("--failures", type=int, default=200_000, metavar="N", help="play out so many; 0 for none")
    parser.add_argument("--chip", choices=tuple(chip_labels()), default="h100", metavar="CHIP", help="whose power")
    parser.add_argument("--utilisation", type=float, default=0.4, metavar="U", help="share of the peak while it works")


def answer(given: argparse.Namespace) -> Answer:
    """Answer the verb.

    Parameters
    ----------
    given : Namespace
        Parsed arguments.

    Returns
    -------
    Answer
        SI units [1, s, W].

    Raises
    ------
    TopicError
        If an argument is outside what is allowed.

    Notes
    -----
    Ranges from seeded draws of what is not given.

    References
    ----------
    MODEL.md, Failures.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> round(answer(parser.parse_args([])).shares.useful, 2)
    0.91
    """
    check_range("--chips", given.chips, 1, 1e8, "chips")
    check_range("--failures", given.failures, 0, MOST_FAILURES)
    check_range("--utilisation", given.utilisation, 0.01, 1)
    for argument, low, high, unit in (
        ("mtbf_hours_per_chip", 1, 1e9, "hours"),
        ("checkpoint_s", 1e-3, 1e5, "seconds"),
        ("restart_s", 0, 1e6, "seconds"),
        ("interval_s", 0.1, 1e7, "seconds"),
    ):
        value = getattr(given, argument)
        if value is not None:
            check_range(f"--{argument.replace('_', '-')}", value, low, high, unit)
    hours = given.mtbf_hours_per_chip
    mtbf_chip_s = None if hours is None else hours * SECONDS_PER_HOUR
    pauses = Pauses(mtbf_chip_s, given.checkpoint_s, given.restart_s, given.interval_s)
    checkpoint = fact("failures.checkpoint").si if pauses.checkpoint_s is None else pauses.checkpoint_s
    restart = fact("failures.restart").si if pauses.restart_s is None else pauses.restart_s
    mtbf = (mtbf_per_chip_s()[1] if pauses.mtbf_chip_s is None else pauses.mtbf_chip_s) / given.chips
    interval = float(optimal_interval_s(checkpoint, mtbf)) if pauses.interval_s is None else pauses.interval_s
    shares = Shares(*map(float, shares_at(given.chips, pauses)))
    scenario = Scenario(system="own", chip=given.chip, utilisation=given.utilisation, workload="training")
    power = chip_power(scenario, central_of(scenario))
    played = None
    if given.failures:
        played = simulate(mtbf, checkpoint, restart, interval, given.failures, progress=_Bar())
    return Answer(
        given.chips, pauses, given.chip, given.utilisation, mtbf, checkpoint, restart, interval,
        float(young_interval_s(checkpoint, mtbf)), goodput_range(given.chips, pauses), shares, power,
        float(average_power_w(given.chips, shares, power)),
        float(lost_energy(shares, power.waiting_w / power.at_work_w)), played,
        tuple((size, mtbf * given.chips / size, goodput_range(size, pauses)) for size in SIZES),
    )  # fmt: skip


class _Bar:
    """A bar on standard error, over itself on a terminal; nothing where the answer comes within half a second."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.said = 0.0

    def __call__(self, done: float) -> None:
        now, on_terminal = time.monotonic(), sys.stderr.isatty()
        ends = done >= 1.0 and self.said > 0.0
        # Lines of a log are few: one each two seconds.
        if now - (self.said or self.begun) < (0.5 if on_terminal or not self.said else 2.0) and not ends:
            return
        self.said = now
        draw_bar(done, "failures played out")


def as_data(found: Answer) -> dict[str, Any]:
    """Turn an answer into plain data.

    Parameters
    ----------
    found : Answer
        From `answer`.

    Returns
    -------
    dict
        Inputs, results [s, W, 1] and records, ready for JSON.

    Notes
    -----
    An input that is null has the range of its record.

    References
    ----------
    The README documents this form.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> sorted(as_data(answer(parser.parse_args(["--failures", "0"]))))
    ['facts', 'inputs', 'results']
    """
    return {
        "inputs": {
            "chips": found.chips,
            "chip": found.chip,
            "utilisation": found.utilisation,
            **found.pauses._asdict(),
        },
        "results": {
            "time_between_interruptions_s": found.mtbf_s,
            "interruptions_per_day": SECONDS_PER_DAY / found.mtbf_s,
            "checkpoint_s": found.checkpoint_s,
            "restart_s": found.restart_s,
            "interval_s": found.interval_s,
            "interval_young_s": found.young_s,
            "goodput": found.span._asdict(),
            "time_shares": found.shares._asdict(),
            "lost_over_useful_energy": found.lost,
            "power_at_work_w": found.chips * found.power.at_work_w,
            "power_average_w": found.average_w,
            "simulated": None
            if found.played is None
            else {
                "failures": found.played.failures,
                "goodput": found.played.shares.useful,
                "standard_error": found.played.standard_error,
            },
            "by_size": [
                {
                    "chips": size,
                    "time_between_interruptions_s": mtbf,
                    "goodput": span._asdict(),
                }
                for size, mtbf, span in found.sizes
            ],
        },
        "facts": facts_data("failures."),
    }


def as_text(found: Answer) -> str:
    """Set an answer for a terminal.

    Parameters
    ----------
    found : Answer
        From `answer`.

    Returns
    -------
    str
        Lines of at most 180 letters.

    Notes
    -----
    Two significant digits.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> as_text(answer(parser.parse_args([]))).splitlines()[0]
    '16,384 x NVIDIA H100 SXM5 80GB: an interruption every 3.1 h, 7.8 a day'
    """
    power = found.chips * found.power.at_work_w
    useful, saving, undone, waiting = (float(share) for share in found.shares)
    lines = [
        f"{found.chips:,.0f} x {chip_labels()[found.chip]}: an interruption every {span_words(found.mtbf_s)}, "
        f"{_a_day(SECONDS_PER_DAY / found.mtbf_s)}",
        f"A checkpoint after {span_words(found.interval_s)} of work, stopping it for {span_words(found.checkpoint_s)}; "
        f"a restart takes {span_words(found.restart_s)}. To first order (Young) the interval is "
        f"{span_words(found.young_s)}.",
        f"Goodput {_span_of_shares(found.span)}: checkpoints "
        f"{_per_cent(saving)}, undone work {_per_cent(undone)}, restarts {_per_cent(waiting)}",
        f"Lost energy: {_lost(found.lost)}; {quantity(power, 'W', 2)} at work, "
        f"{quantity(found.average_w, 'W', 2)} on average, at {100 * found.utilisation:.0f} % utilisation, facility",
    ]
    if found.played is not None:
        said = f"{found.played.failures:,} interruptions played out: goodput {100 * found.played.shares.useful:.2f} % "
        lines.append(said + f"± {100 * found.played.standard_error:.2f}, by the formula {100 * useful:.2f} %")
    lines.append(f"{'chips':>11}  {'interrupted every':>18}  {'goodput':>8}  5 to 95 %")
    for size, mtbf, (low, central, high) in found.sizes:
        lines.append(
            f"{size:>11,.0f}  {span_words(mtbf):>18}  {_per_cent(central):>8}  {_per_cent(low)} to {_per_cent(high)}"
        )
    said = "; ".join(
        f"{name} {fact(chips).si:,.0f} chips {bound}{100 * fact(share).si:.0f} %"
        for name, chips, share, bound in PUBLISHED
    )
    lines.append(f"Reported: {said}. Times of checkpoint and restart are assumed unless given.")
    return "\n".join(lines)


def _a_day(count: float) -> str:
    return "fewer than one in a thousand days" if count < 1e-3 else f"{significant(count)} a day"


def _lost(lost: float) -> str:
    """Say lost energy over the useful; a run that makes no progress loses all."""
    if lost > 1e6:
        return "all but a millionth"
    return f"{significant(lost)} times the useful" if lost >= 10.0 else f"{_per_cent(lost)} of the useful"


def _span_of_shares(span: Sequence[float]) -> str:
    """Say a share with its range, once where all three read alike."""
    low, central, high = (_per_cent(share) for share in span)
    return central if low == central == high else f"{central} ({low} to {high})"


def _per_cent(share: float) -> str:
    if 0.99 < share <= 1.0:
        return f"{100 * share:.4g} %"
    if share < 1e-4:
        return "under 0.01 %" if share else "0 %"
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{significant(100 * share)} %"


def span_words(seconds: float) -> str:
    """Say a span of time in the unit that people would use.

    Parameters
    ----------
    seconds : float
        Positive [s].

    Returns
    -------
    str
        Two significant digits and a unit.

    Notes
    -----
    Years are of 365.25 days.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> span_words(0.6), span_words(466.0), span_words(11135.0), span_words(1e6), span_words(1.8e8)
    ('0.60 s', '7.8 min', '3.1 h', '12 days', '5.7 years')
    """
    for unit, length, below in (
        ("s", 1.0, 100.0),
        ("min", 60.0, 5940.0),
        ("h", SECONDS_PER_HOUR, 2.0 * SECONDS_PER_DAY),
    ):
        if seconds < below:
            return f"{significant(seconds / length)} {unit}"
    if seconds < 2.0 * SECONDS_PER_YEAR:
        return f"{significant(seconds / SECONDS_PER_DAY)} days"
    return f"{significant(seconds / SECONDS_PER_YEAR)} years"
