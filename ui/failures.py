"""The sentences and caches of the page on failures: goodput by size, checkpoints, lost energy, and what failed."""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go

from efficiency import __version__
from efficiency.facts import DATA_VERSION, fact
from efficiency.failure_costs import (
    SIZES,
    ChipPower,
    Pauses,
    average_power_w,
    chip_power,
    drawn_shares,
    goodput_range,
    ledger_with_failures,
    shares_at,
)
from efficiency.failure_simulation import failures_needed, simulate
from efficiency.goodput import Shares, lost_energy, mtbf_per_chip_s, optimal_interval_s, time_shares, young_interval_s
from efficiency.goodput_report import PUBLISHED, span_words
from efficiency.ledger import Ledger, as_ledger
from efficiency.link import State
from efficiency.say import quantity, significant
from efficiency.scenario import Scenario
from efficiency.utilisation import central_of
from ui.figures.failures import PARTS, Reported, Size, failures_figure, part_colours, share_text, step_name
from ui.figures.failures_interval import Mark, Sweep, interval_figure, line_looks
from ui.legend import legend, mark
from ui.names import chip_name, plural, training_remark
from ui.record_links import records_link
from ui.text import scope_sentence
from ui.theme import Mode, palette

ASSUMED: Final = "assumed"
"""The choice that keeps a record's value and range."""
_INTERVALS: Final = 9
_KEPT: Final = 64
_FIRST: Final = 20_000
"""Failures that tell how many the compared interval needs."""
_PLAYED: dict[tuple[float, str, str, int], tuple[tuple[float, float, int], ...]] = {}
_GUARD: Final = threading.Lock()


def step_names() -> list[str]:
    """Spell the slider's stops as the link does."""
    return [step_name(size) for size in SIZES]


def chosen(choices: Mapping[str, str]) -> tuple[str, str, str]:
    """Pick the page's settings: the slider's stop, the time of a checkpoint and of a restart."""
    return choices["fl_at"], choices["fl_checkpoint"], choices["fl_restart"]


@functools.lru_cache(maxsize=64)
def pauses(checkpoint: str, restart: str) -> Pauses:
    """Turn two choices into times."""
    return Pauses(
        checkpoint_s=None if checkpoint == ASSUMED else float(checkpoint),
        restart_s=None if restart == ASSUMED else float(restart),
    )


def _times(given: Pauses) -> tuple[float, float]:
    """Seconds of a checkpoint and of a restart."""
    return (
        fact("failures.checkpoint").si if given.checkpoint_s is None else given.checkpoint_s,
        fact("failures.restart").si if given.restart_s is None else given.restart_s,
    )


@functools.lru_cache(maxsize=64)
def sizes_of(checkpoint: str, restart: str) -> tuple[Size, ...]:
    """Where the time goes at every stop of the slider."""
    given = pauses(checkpoint, restart)
    grid = np.array(SIZES)
    central = shares_at(grid, given)
    low, high = np.quantile(drawn_shares(grid, given).useful, (0.05, 0.95), axis=0)
    mtbf = mtbf_per_chip_s()[1] / grid
    interval = np.asarray(optimal_interval_s(_times(given)[0], mtbf))
    columns = np.column_stack([np.asarray(part) for part in central])
    return tuple(
        Size(
            chips,
            (float(row[0]), float(row[1]), float(row[2]), float(row[3])),
            min(float(low[i]), float(row[0])),
            max(float(high[i]), float(row[0])),
            float(mtbf[i]),
            float(interval[i]),
        )
        for i, (chips, row) in enumerate(zip(SIZES, columns, strict=True))
    )


@functools.cache
def reported() -> tuple[Reported, ...]:
    """Runs whose useful share of the time is published."""
    return tuple(Reported(name, fact(chips).si, fact(share).si, bool(bound)) for name, chips, share, bound in PUBLISHED)


@functools.lru_cache(maxsize=128)
def figure_of(at: str, checkpoint: str, restart: str, mode: Mode) -> go.Figure:
    """Draw goodput by size, the slider standing at ``at``."""
    return failures_figure(sizes_of(checkpoint, restart), reported(), step_names().index(at), mode)


def size_at(at: str, checkpoint: str, restart: str) -> Size:
    """The slider's stop in numbers."""
    return sizes_of(checkpoint, restart)[step_names().index(at)]


def headline_html(checkpoint: str, restart: str) -> str:
    """Say the finding: what a run of 2024 keeps, and what a hundred times as many chips would."""
    then, million = size_at("16384", checkpoint, restart), size_at("1000000", checkpoint, restart)
    low, _, high = goodput_range(1e6, pauses(checkpoint, restart))
    return (
        f'<h1 class="tw-headline">One of 16,384 chips stops the job every {span_words(then.mtbf_s)}, which makes '
        f'progress <span class="tw-machine">{share_text(then.shares[0])}</span> of the time; with a million chips, '
        f'<span class="tw-machine">{share_text(million.shares[0])}</span></h1>'
        f'<p class="tw-range">A million as reliable: between {share_text(low)} and {share_text(high)}, if one failure '
        f"stops all and a restart takes {span_words(_times(pauses(checkpoint, restart))[1])}. A faster restart would "
        "help, or work that goes on without the part that failed.</p>"
    )


def legend_html(mode: Mode) -> str:
    """Name the parts of the bar and the marks."""
    fills = part_colours(palette(mode))
    parts = [mark(fill, "■", name) for name, fill in zip(PARTS, fills, strict=True)]
    told = ", ".join(
        f"{one.name} {'over ' if one.bound else ''}{share_text(one.share)} of {one.chips:,.0f}" for one in reported()
    )
    return legend(*parts, f"reported: {escape(told)}")


def footer(state: State) -> str:
    """Say what the curve rests on, as HTML."""
    return (
        "Failures per chip: Llama 3.1 405B, 419 unexpected interruptions in 54 days on 16,384 H100s; the band, 5 to "
        "95 %, takes in two clusters of A100s and our assumed times of checkpoint and restart · checkpoints as Daly "
        f"(2006) advises · {records_link(state, 'failures.', 'sources')} · data {DATA_VERSION} · model {__version__} "
        "· Twenty Watts"
    )


@functools.lru_cache(maxsize=128)
def sweep_of(at: str, checkpoint: str, restart: str) -> tuple[Sweep, tuple[Mark, Mark]]:
    """Lost time along the interval at a size, and where two rules put the optimum."""
    size = size_at(at, checkpoint, restart)
    saving, waiting = _times(pauses(checkpoint, restart))
    grid = size.interval_s * np.geomspace(1 / 30, 30, 61)
    shares = time_shares(size.mtbf_s, saving, waiting, grid)
    young = float(young_interval_s(saving, size.mtbf_s))
    rules = tuple(
        Mark(name, interval, 1.0 - float(time_shares(size.mtbf_s, saving, waiting, interval).useful))
        for name, interval in (("Young 1974", young), ("Daly 2006", size.interval_s))
    )
    columns = (1.0 - np.asarray(shares.useful), shares.checkpoint, shares.rework, np.full(61, shares.restart))
    return (
        Sweep(tuple(map(float, grid)), *(tuple(map(float, np.asarray(column))) for column in columns)),
        (rules[0], rules[1]),
    )


def played_of(
    at: str, checkpoint: str, restart: str, failures: int, progress: Callable[[float], None] | None = None
) -> tuple[Mark, ...]:
    """Play out failures at several intervals; the answer is kept, so only the first asking takes time."""
    found = _played(at, checkpoint, restart, failures, progress)
    return tuple(Mark("played out", place, lost) for place, lost, _ in found)


def _played(
    at: str, checkpoint: str, restart: str, failures: int, progress: Callable[[float], None] | None = None
) -> tuple[tuple[float, float, int], ...]:
    """Intervals, lost shares and failures played: half of them where the formula is compared, or more."""
    key = (float(at), checkpoint, restart, failures)
    with _GUARD:
        if key in _PLAYED:
            return _PLAYED[key]
    size = size_at(at, checkpoint, restart)
    times = _times(pauses(checkpoint, restart))
    sweep, middle = sweep_of(at, checkpoint, restart)[0], _INTERVALS // 2
    places = [sweep.interval_s[i] for i in np.linspace(0, len(sweep.interval_s) - 1, _INTERVALS).astype(int)]
    first = simulate(size.mtbf_s, *times, places[middle], _FIRST)
    counts = [max(failures // 2 // (len(places) - 1), 1)] * len(places)
    counts[middle] = max(failures // 2, failures_needed(first))
    lost, before = [], 0
    for place, count in zip(places, counts, strict=True):

        def report(done: float, before: int = before, count: int = count) -> None:
            if progress is not None:
                progress((before + done * count) / sum(counts))

        found = simulate(size.mtbf_s, *times, place, count, progress=report)
        lost.append((place, 1.0 - float(found.shares.useful), count))
        before += count
    with _GUARD:
        while len(_PLAYED) >= _KEPT:
            _PLAYED.pop(next(iter(_PLAYED)))
        _PLAYED[key] = tuple(lost)
    return tuple(lost)


@functools.lru_cache(maxsize=128)
def clustered_useful(at: str, checkpoint: str, restart: str) -> float:
    """Useful share where failures come in clusters, played out at the optimum."""
    size = size_at(at, checkpoint, restart)
    times = _times(pauses(checkpoint, restart))
    shape = fact("failures.weibull_shape").si
    return float(simulate(size.mtbf_s, *times, size.interval_s, 100_000, shape).shares.useful)


@functools.lru_cache(maxsize=128)
def interval_figure_of(at: str, checkpoint: str, restart: str, failures: int, mode: Mode) -> go.Figure:
    """Draw lost time over the interval, with the failures played out."""
    sweep, rules = sweep_of(at, checkpoint, restart)
    return interval_figure(sweep, rules, played_of(at, checkpoint, restart, failures), mode)


def interval_headline(at: str, checkpoint: str, restart: str, failures: int) -> str:
    """Say the best interval at the slider's size, and how well formula and simulation agree."""
    size = size_at(at, checkpoint, restart)
    apart, count = compared(at, checkpoint, restart, failures)
    agree = f"{_rounded_up(100 * apart)} %" if apart >= 1e-4 else "0.01 %"
    lose = "1 chip loses" if size.chips == 1 else f"{size.chips:,.0f} chips lose"
    return (
        f"{lose} least with a checkpoint every {span_words(size.interval_s)}; {count:,} failures played out there "
        f"agree with the formula within {agree} of the useful time"
    )


def compared(at: str, checkpoint: str, restart: str, failures: int) -> tuple[float, int]:
    """How far formula and simulation are apart at the best interval, over the useful time, and failures played."""
    _, lost, count = _played(at, checkpoint, restart, failures)[_INTERVALS // 2]
    _, (_, daly) = sweep_of(at, checkpoint, restart)
    return abs(lost - daly.lost) / max(1.0 - daly.lost, 1e-12), count


def _rounded_up(value: float) -> str:
    """Say a positive number with one digit that is no less than it: "within" must hold."""
    step = 10.0 ** math.floor(math.log10(value))
    return significant(math.ceil(value / step - 1e-9) * step, 1)


def interval_legend_html(mode: Mode) -> str:
    """Name the lines and the marks."""
    lines = [
        mark(colour, "╍╍" if dash == "dash" else "━━", name)
        for name, colour, dash, _ in reversed(line_looks(palette(mode)))
    ]
    marks = ["○ Young’s rule", "● Daly’s", "× failures played out"]
    return legend(*lines, *marks)


def _beside(clustered: float, random: float) -> str:
    said, other = (f"{100 * share:.1f} %" if share >= 1e-3 else share_text(share) for share in (clustered, random))
    if said == other:
        return "as much of the time is useful, to a digit after the point"
    return f"{said} of the time is useful instead of {other}"


def interval_footer(state: State) -> str:
    """Say what the marks are and what the formula leaves out, as HTML."""
    at, checkpoint, restart = chosen(state.choices)
    size = size_at(at, checkpoint, restart)
    useful = clustered_useful(at, checkpoint, restart)
    return (
        "Failures are played out one by one, seeded, without the formula · if they come in clusters "
        f"(Weibull, shape {fact('failures.weibull_shape').si:g}), {_beside(useful, size.shares[0])} · "
        f"{records_link(state, 'failures.', 'sources')}"
    )


@functools.lru_cache(maxsize=64)
def _power(scenario: Scenario) -> ChipPower:
    return chip_power(scenario, central_of(scenario))


@functools.lru_cache(maxsize=128)
def ledger_of(scenario: Scenario, at: str, checkpoint: str, restart: str) -> Ledger:
    """Ledger of a token trained on, its lost work that of the slider's size."""
    shares = Shares(*size_at(at, checkpoint, restart).shares)
    training = replace(scenario, workload="training")
    return as_ledger(ledger_with_failures(training, central_of(training), shares), "training")


def ledger_headline(scenario: Scenario, at: str, checkpoint: str, restart: str) -> str:
    """Say what failures take of the power, in watts and in money."""
    size = size_at(at, checkpoint, restart)
    shares, power = Shares(*size.shares), _power(scenario)
    average = float(average_power_w(size.chips, shares, power))
    lost = float(lost_energy(shares, power.waiting_w / power.at_work_w))
    taken = lost / (1.0 + lost)
    name = chip_name(scenario.chip) if size.chips == 1 else plural(chip_name(scenario.chip))
    return (
        f"Failures take {share_text(taken)} of the energy of {size.chips:,.0f} {name}: "
        f"{quantity(taken * average, 'W', 2)} of {quantity(average, 'W', 2)}"
    )


def ledger_footer(state: State) -> str:
    """Say what the ledger counts as lost, as HTML."""
    scenario = state.scenario
    price = fact("electricity.price_industrial")
    at, checkpoint, restart = chosen(state.choices)
    size = size_at(at, checkpoint, restart)
    shares, power = Shares(*size.shares), _power(scenario)
    lost = float(lost_energy(shares, power.waiting_w / power.at_work_w))
    dollars = float(average_power_w(size.chips, shares, power)) * lost / (1.0 + lost) * 31_557_600.0 * price.si
    return (
        f"Training at {100 * float(scenario.utilisation):.0f} % utilisation while it works, by the ledger "
        f"{quantity(power.at_work_w, 'W', 2)} a chip with what it needs · "
        f"{escape(training_remark(scenario.chip))}undone work draws full "
        f"power, waiting {100 * power.waiting_w / power.at_work_w:.0f} % of it (inside a job; a cluster "
        "without one draws less, see Clusters) · the lost electricity costs "
        f"{significant(dollars) if dollars >= 0.01 else 'less than 0.01'} USD a year at {significant(price.value)} USD "
        "per MWh · "
        f"{escape(scope_sentence(scenario).partition(' · ')[0])} · {records_link(state, 'failures.', 'sources')}"
    )


_GROUPS: Final = (
    ("The GPU itself", ("faulty_gpu", "gpu_sram", "gpu_processor", "gpu_thermal", "silent_corruption")),
    ("Its memory", ("gpu_memory",)),
    ("Software", ("software", "dependency", "watchdog")),
    ("Network", ("network", "nic")),
    ("Hosts", ("host_maintenance", "ssd", "power_supply", "chassis", "io_board", "cpu", "host_memory")),
)


@functools.cache
def causes() -> tuple[tuple[str, float], ...]:
    """Interruptions of the 54-day run by what broke."""
    return tuple((name, sum(fact(f"failures.cause.{key}").si for key in keys)) for name, keys in _GROUPS)


def causes_headline() -> str:
    """Say what failed most."""
    found = dict(causes())
    share = (found["The GPU itself"] + found["Its memory"]) / sum(found.values())
    return f"{100 * share:.0f} % of the unplanned interruptions of the 54-day run were a GPU or its memory"


def causes_html(state: State) -> str:
    """Set what failed, and how often a chip stops its job, as tables."""
    total = sum(count for _, count in causes())
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{count:.0f}</td><td>{100 * count / total:.0f} %</td></tr>"
        for name, count in causes()
    )
    low, central, high = mtbf_per_chip_s()
    small = fact("failures.rsc_small_mtbf").si * 1024
    opt = 1024.0 / fact("failures.opt_rate").si
    clusters = (
        ("Meta RSC-1, jobs of 1,024 A100s, 2024", small),
        ("OPT-175B, servers lost, 1,024 A100s, 2021", opt),
        ("Meta RSC-1, rate of servers, A100s, 2024", low),
        ("Llama 3.1 405B, 16,384 H100s, 2024", central),
        ("Meta RSC-2, rate of servers, A100s, 2024", high),
    )
    times = "".join(
        f"<tr><td>{escape(name)}</td><td>{span_words(value)}</td>"
        f"<td>{span_words(value / 16384)}</td></tr>"
        for name, value in clusters
    )  # fmt: skip
    return (
        '<div class="tw-scroll"><table class="tw-table" style="min-width:18rem"><thead>'
        "<tr><th>What broke</th><th>Times</th><th>Share</th></tr>"
        f"</thead><tbody>{rows}</tbody></table>"
        '<table class="tw-table" style="min-width:18rem;margin-top:1.2rem"><thead><tr><th>Published rate</th>'
        "<th>One chip stops its job every</th>"
        f"<th>16,384 such chips every</th></tr></thead><tbody>{times}</tbody></table></div>"
        f'<p class="tw-footer">Printed percentages in the paper do not fit its counts (148 of 419 is 35 %, not 30 %); '
        "these are the counts · small jobs stop more often per chip than large ones; the curve uses the large ones · "
        f"{records_link(state, 'failures.', 'sources')}</p>"
    )
