"""Utilisation for the command line: published runs, what a gain is worth, 6 N D against counts."""

from __future__ import annotations

import argparse
from typing import Any, NamedTuple

from efficiency.catalogue import chip_labels, run_chip
from efficiency.facts import fact, facts
from efficiency.flop_count import COUNTED, HARDWARE, Counted, basis_counts, counted_runs, counts, error_of_six_nd
from efficiency.report import fact_data
from efficiency.run_table import BASES, Run, published_run, published_runs
from efficiency.say import quantity, significant
from efficiency.topics import check_range
from efficiency.units import JOULES_PER_MWH
from efficiency.utilisation import Worth, run_scenario, worth, worth_runs


class Answer(NamedTuple):
    """What was asked: a run and two utilisations [1]; what the gain is worth, with its energy and money."""

    run: Run
    before: float
    after: float
    chip: str
    worth: Worth


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
    The gain that is asked for most is that from 40 to 50 %.

    References
    ----------
    The README lists the verbs.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> parser.parse_args(["--from", "0.3"]).before
    0.3
    """
    parser.add_argument("--run", choices=worth_runs(), default="llama31_405b", metavar="RUN", help="whose gain")
    parser.add_argument("--from", dest="before", type=float, default=0.4, metavar="U", help="utilisation before")
    parser.add_argument("--to", dest="after", type=float, default=0.5, metavar="U", help="utilisation after")


def answer(given: argparse.Namespace) -> Answer:
    """Answer the verb.

    Parameters
    ----------
    given : Namespace
        Parsed arguments.

    Returns
    -------
    Answer
        Energies [J], powers [W], money [USD].

    Raises
    ------
    TopicError
        If an argument is outside what is allowed.

    Notes
    -----
    Central values, facility scope.

    References
    ----------
    MODEL.md, Utilisation.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> answer(parser.parse_args([])).chip
    'h100'
    """
    check_range("--from", given.before, 0.01, 1)
    check_range("--to", given.after, 0.01, 1)
    run = published_run(given.run)
    return Answer(run, given.before, given.after, run_scenario(run).chip, worth(run, given.before, given.after))


def as_data(found: Answer) -> dict[str, Any]:
    """Turn an answer into plain data.

    Parameters
    ----------
    found : Answer
        From `answer`.

    Returns
    -------
    dict
        Inputs, results [J, W, USD, 1] and records, ready for JSON.

    Notes
    -----
    A number that is not published is null.

    References
    ----------
    The README documents this form.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> sorted(as_data(answer(parser.parse_args([])))["results"])
    ['counts', 'error_of_6nd', 'flop_basis', 'runs', 'worth']
    """
    keys = {key for run in published_runs() for key in run.facts} | {key for count in counts() for key in count.facts}
    keys |= {"electricity.price_industrial", "training.goodput"}
    return {
        "inputs": {"run": found.run.key, "from": found.before, "to": found.after, "chip": found.chip},
        "results": {
            "worth": {name: float(value) for name, value in found.worth._asdict().items()},
            "runs": [
                {
                    name: getattr(run, name)
                    for name in (
                        *("key", "name", "year", "chip", "what", "chips", "active_parameters", "tokens", "flop"),
                        *("flop_basis", "mfu_low", "mfu", "mfu_high", "mfu_from_hours", "basis", "note"),
                    )
                }
                for run in published_runs()
            ],
            "counts": [count._asdict() for count in counts()],
            "error_of_6nd": {
                basis: dict(zip(("least", "median", "most"), error_of_six_nd(basis), strict=True))
                for basis in (COUNTED, HARDWARE)
            },
            "flop_basis": basis_counts(),
        },
        "facts": [fact_data(record) for key, record in facts().items() if key in keys],
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
    Two significant digits; shares of the peak as published.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> add_arguments(parser)
    >>> "6 N D" in as_text(answer(parser.parse_args([])))
    True
    """
    gain = found.worth
    share = 1.0 - float(gain.energy_after_j / gain.energy_before_j)
    less, kept = ("less", "saved") if share >= 0 else ("more", "spent")
    changed = f"{significant(100 * abs(share))} % {less}" if abs(share) > 1e-9 else "no change"
    built = run_chip(found.run.key)
    lines = [
        f"{found.run.name} from {100 * found.before:g} to {100 * found.after:g} % utilisation on "
        f"{chip_labels()[found.chip]}{f' (for its {built}s)' if built else ''}, facility, the same useful rate as "
        f"{found.run.chips or 0:,.0f} chips at {100 * found.run.mfu:.1f} %:",
        f"  {_gwh(gain.energy_before_j)} to {_gwh(gain.energy_after_j)} ({changed}), "
        f"{quantity(float(gain.power_before_w), 'W', 2)} to {quantity(float(gain.power_after_w), 'W', 2)}, "
        f"{gain.chips_before:,.0f} to {gain.chips_after:,.0f} chips, {significant(abs(float(gain.saved_usd)))} USD of "
        f"electricity {kept}",
        f"  energy holds lost work, {100 * fact('training.goodput').si:.0f} % of the time useful as reported (by "
        "size: the verb goodput); power is that of machines at work",
        f"{'year':<6}{'run':<26}{'chips':>8}{'MFU':>7}{'range':>14}{'by hours':>10}  {'how known':<26}FLOP",
    ]
    for run in published_runs():
        hours = "" if run.mfu_from_hours is None else f"{100 * run.mfu_from_hours:.1f} %"
        span = "" if run.mfu_low == run.mfu_high else f"{100 * run.mfu_low:.1f} to {100 * run.mfu_high:.1f}"
        chips = "" if run.chips is None else f"{run.chips:,.0f}"
        lines.append(
            f"{run.year:<6}{run.name:<26}{chips:>8}{100 * run.mfu:>5.1f} %{span:>14}{hours:>10}  {run.basis:<26}"
            f"{BASES[run.flop_basis]}"
        )
    lines.append("6 N D against FLOP that were counted independently (per token; most published FLOP are 6 N D):")
    lines += [_count_line(count) for count in counts()]
    for basis, words in ((COUNTED, "of the model's own arithmetic"), (HARDWARE, "with recomputed work")):
        low, median, high = (f"{100 * error:+.0f} %" for error in error_of_six_nd(basis))
        lines.append(f"Counts {words} over 6 N D: {low} to {high}, median {median}")
    carried = ", ".join(f"{run.name} {100 * (run.counted / run.six_nd - 1):+.0f} %" for run in counted_runs())
    lines.append(f"Carried over to runs: {carried}")
    told = ", ".join(f"{words} {basis_counts()[basis]}" for basis, words in BASES.items())
    lines.append(f"Where the published FLOP of runs come from: {told}")
    return "\n".join(lines)


def _count_line(count: Counted) -> str:
    if count.per_token is None or count.six_n is None:
        numbers = ""
    else:
        numbers = f"{quantity(count.per_token, 'FLOP', 3)} counted, {quantity(count.six_n, 'FLOP', 3)} by 6 N"
    return f"  {count.name:<24}{count.by:<22}{BASES[count.basis]:<29}{numbers:<46}{100 * (count.ratio - 1):>+6.1f} %"


def _gwh(energy_j: Any) -> str:
    return f"{significant(float(energy_j) / JOULES_PER_MWH / 1e3)} GWh"
