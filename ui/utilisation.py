"""The sentences and caches of the page on utilisation: what a gain is worth, published runs, and 6 N D checked."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import Final

import numpy as np
import plotly.graph_objects as go

from efficiency import __version__, catalogue
from efficiency.draws import sampled_inputs
from efficiency.facts import DATA_VERSION, fact
from efficiency.flop_count import COUNTED, HARDWARE, basis_counts, counted_runs, counts, error_of_six_nd
from efficiency.link import State
from efficiency.parallel import usage_energy
from efficiency.provenance import facts_behind
from efficiency.run_table import BITS, GUESSED, HOURS, RATE, REPORTED, Run, published_run, published_runs
from efficiency.say import quantity, significant
from efficiency.scenario import Scenario
from efficiency.utilisation import STEPS, Worth, central_of, run_flop, run_scenario, working, worth
from efficiency.workloads import power_bound_utilisation
from ui.figures.utilisation import Own, Stop, power_figure, step_name
from ui.figures.utilisation_counts import Count, counts_figure
from ui.figures.utilisation_runs import SYMBOLS, Dot, runs_figure
from ui.legend import legend, mark
from ui.names import chip_name, plural
from ui.record_links import records_link
from ui.tables import number
from ui.text import scope_sentence
from ui.theme import Mode, palette

SAMPLES: Final = 512
_MWH: Final = 3.6e9
AXES: Final[Mapping[str, tuple[str, bool]]] = MappingProxyType(
    {"year": ("year", False), "size": ("parameters", True), "chips": ("chips", True)}
)
"""Setting to the axis' words, and whether it is logarithmic."""
_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "gpt3": "GPT-3",
        "palm": "PaLM",
        "falcon180b": "Falcon",
        "megascale": "MegaScale",
        "llama31_8b": "Llama 3.1 8B",
        "gb300_405b": "GB300",
    }
)
GAINS: Final = (
    ("Recomputing only what saves memory", "Megatron, 530B on 2,240 A100s, 2022", "megatron530b"),
    ("Overlap, operators, fewer stragglers", "MegaScale, 175B on 12,288 GPUs, 2024", "megascale"),
)
"""Published gains on one machine: what was done, where, and whose records hold before and after."""


def step_names() -> list[str]:
    """Spell the slider's stops as the link does."""
    return [step_name(step) for step in STEPS]


@functools.lru_cache(maxsize=64)
def _scenario(scenario: Scenario, run: str) -> Scenario:
    """The visitor's scope and cooling with the run's chip; what is not used is set alike, so that caches meet."""
    return run_scenario(published_run(run), Scenario(pue=scenario.pue, machine_scope=scenario.machine_scope))


def records_behind(scenario: Scenario, run: str) -> tuple[str, ...]:
    """Name the records behind a run's power and what a gain saves of it."""
    return (*published_run(run).facts, *facts_behind("ledger", _scenario(scenario, run)))


@functools.lru_cache(maxsize=64)
def stops_of(scenario: Scenario, run: str) -> tuple[Stop, ...]:
    """Power at every stop of the slider, for the useful rate of a run."""
    at, one = _scenario(scenario, run), published_run(run)
    rate = _rate(one)
    grid = np.array(STEPS)
    central = usage_energy(at, working(central_of(at)), grid)
    drawn = working(sampled_inputs(at.system, at.chip, at.run, float(at.bits), SAMPLES, at.engine))
    # Two thirds of a stop's cost is fixed, so one call along both axes would gain little and cost its memory.
    ranges = [np.quantile(rate * np.asarray(sum(usage_energy(at, drawn, step))), (0.05, 0.95)) for step in STEPS]
    work = rate * np.broadcast_to(central.work, grid.shape)
    power = work + rate * np.broadcast_to(central.waiting, grid.shape)
    return tuple(
        Stop(
            step,
            float(power[i]),
            min(float(ranges[i][0]), float(power[i])),
            max(float(ranges[i][1]), float(power[i])),
            float(work[i]),
            _words(one, step, float(power[i]), worth(one, one.mfu, step, at)),
        )
        for i, step in enumerate(STEPS)
    )


def _rate(run: Run) -> float:
    return float(run.chips or 0.0) * run.mfu * catalogue.chip(run.chip).peak_per_s[BITS]


def _words(run: Run, step: float, power_w: float, gain: Worth) -> tuple[str, str]:
    less = float(gain.power_before_w - gain.power_after_w)
    chips = gain.chips_before - gain.chips_after
    if abs(less) < 1e-3 * power_w:
        return f"{quantity(power_w, 'W', 2)} at {100 * step:.0f} %", "as the run itself"
    said = "less" if less > 0 else "more"
    return (
        f"{quantity(power_w, 'W', 2)} at {100 * step:.0f} %",
        f"{quantity(abs(less), 'W', 2)} and {significant(abs(chips))} chips {said} than at {100 * run.mfu:.1f} %",
    )


@functools.lru_cache(maxsize=64)
def own_of(scenario: Scenario, run: str) -> Own:
    """The run's own place on the curve."""
    at, one = _scenario(scenario, run), published_run(run)
    power = _rate(one) * float(sum(usage_energy(at, working(central_of(at)), one.mfu)))
    return Own(one.name, one.mfu_low, one.mfu, one.mfu_high, power)


@functools.lru_cache(maxsize=128)
def figure_of(scenario: Scenario, run: str, at: str, mode: Mode) -> go.Figure:
    """Draw power over utilisation, the slider standing at ``at``."""
    return power_figure(stops_of(scenario, run), own_of(scenario, run), step_names().index(at), mode)


@functools.lru_cache(maxsize=64)
def saving_of(scenario: Scenario, run: str, before: float = 0.4, after: float = 0.5) -> tuple[float, float, float]:
    """Share of the energy that a gain saves: 5 %, central, 95 %."""
    at, one = _scenario(scenario, run), published_run(run)
    drawn = sampled_inputs(at.system, at.chip, at.run, float(at.bits), SAMPLES, at.engine)
    found = [worth(one, before, after, at, inputs) for inputs in (central_of(at), drawn)]
    central, sampled = (1.0 - np.asarray(each.energy_after_j) / np.asarray(each.energy_before_j) for each in found)
    low, high = np.quantile(sampled, (0.05, 0.95))
    return min(float(low), float(central)), float(central), max(float(high), float(central))


def headline_html(scenario: Scenario, run: str) -> str:
    """Say the finding: what 40 to 50 % saves in energy, watts, chips and money."""
    at, one = _scenario(scenario, run), published_run(run)
    gain = worth(one, 0.4, 0.5, at)
    low, central, high = saving_of(scenario, run)
    less = float(gain.power_before_w - gain.power_after_w)
    return (
        f'<h1 class="tw-headline">From 40 to 50\u00a0% utilisation {escape(one.name)} would have taken '
        f'<span class="tw-machine">{100 * central:.0f}\u00a0% less energy</span>, not 20\u00a0%</h1>'
        f'<p class="tw-range">Between {100 * low:.0f} and {100 * high:.0f}\u00a0%: the work stays, waiting shrinks. '
        f"The useful rate of its {_chips_words(one, at)}, which ran at "
        f"{100 * one.mfu:.1f}\u00a0%, for {quantity(less, 'W', 2)} less, "
        f"{significant(float(gain.saved_usd))} USD of electricity over the run, and "
        f"{significant(gain.chips_before - gain.chips_after)} chips fewer, which is worth far more.</p>"
    )


def _chips_words(run: Run, at: Scenario) -> str:
    """Say how many chips of which kind a run had, and as which they are reckoned where we do not have that kind."""
    name = escape(plural(chip_name(at.chip)))
    built = catalogue.run_chip(run.key)
    return f"{run.chips:,.0f} {f'{escape(plural(built))}, reckoned as {name}' if built else name}"


def footer(state: State, run: str) -> str:
    """Say what the curve rests on, as HTML."""
    one = published_run(run)
    at = _scenario(state.scenario, run)
    flop = run_flop(one) or 0.0
    bound = float(power_bound_utilisation(at, central_of(at)))
    limit = (
        f" · from {100 * bound:.0f} % on at the power limit, as if each operation took less"
        if bound < STEPS[-1]
        else ""
    )
    return (
        f"{escape(one.name)}: {_chips_words(one, at)}, "
        f"{number(float(f'{flop:.1e}'))} FLOP; "
        "the useful rate of all its chips, delivered by fewer the better they are used · power while they work, "
        f"energy with lost work: {100 * fact('training.goodput').si:.0f} % of the time useful, "
        f"{records_link(state, 'training.goodput', 'as reported')}; by size on the page on failures · "
        f"band: 5 to 95 %{limit} · {escape(scope_sentence(at).partition(' · ')[0])} · first-order model · "
        f"{records_link(state, '.mfu', 'sources')} · data {DATA_VERSION} · model {__version__} · Twenty Watts"
    )


@functools.lru_cache(maxsize=8)
def dots_of(axis: str) -> tuple[Dot, ...]:
    """Published runs along an axis; those without a number there are left out."""
    runs = [run for run in published_runs() if axis != "chips" or run.chips]
    found = []
    for run in runs:
        same = [other.key for other in runs if other.year == run.year]
        # Runs of a year stand side by side, in the order of the table.
        spread = 0.1 + 0.8 * (same.index(run.key) + 0.5) / len(same)
        x = {"year": run.year + spread, "size": run.parameters, "chips": run.chips or 0.0}[axis]
        found.append(
            Dot(
                run.name,
                x,
                run.mfu_low,
                run.mfu,
                run.mfu_high,
                run.basis,
                _dot_words(run),
                _LABELS.get(run.key, ""),
                "bottom center" if run.mfu < 0.18 else "top center",
            )
        )
    return tuple(found)


def _dot_words(run: Run) -> str:
    span = (
        "" if run.mfu_low == run.mfu_high else f", published from {100 * run.mfu_low:.1f} to {100 * run.mfu_high:.1f} %"
    )
    hours = (
        "" if run.mfu_from_hours is None or run.basis == HOURS else f"; {100 * run.mfu_from_hours:.0f} % by its hours"
    )
    return f"{run.year}: {100 * run.mfu:.1f} %, {run.basis}{span}{hours}"


@functools.lru_cache(maxsize=8)
def runs_figure_of(axis: str, mode: Mode) -> go.Figure:
    """Draw the published runs along an axis."""
    words, log = AXES[axis]
    return runs_figure(dots_of(axis), words, log, mode)


def runs_headline() -> str:
    """Say how far published utilisations reach, then and now."""
    runs = published_runs()
    first = runs[0]
    recent = [run for run in runs if run.year >= 2024]
    reported = [run.mfu for run in recent if run.basis == REPORTED]
    least = min((run.mfu for run in recent if run.basis == HOURS), default=min(reported))
    by_hours = f" (by their chip hours, down to {100 * least:.0f} %)" if least < min(reported) else ""
    return (
        f"{first.name} used {100 * first.mfu:.0f} % of its V100s; since 2024 runs report {100 * min(reported):.0f} to "
        f"{100 * max(reported):.0f} %{by_hours}, and neither year nor size decides"
    )


def runs_legend_html(mode: Mode) -> str:
    """Name the marks by how a utilisation is known."""
    colour = palette(mode).machine
    order = (REPORTED, HOURS, RATE, GUESSED)
    return legend(*(mark(colour, SYMBOLS[basis][1], basis) for basis in order), "bars: published numbers that disagree")


def runs_footer(state: State) -> str:
    """Say what is compared, as HTML."""
    llama = published_run("llama31_405b")
    return (
        "Useful work over the 16-bit peak, the 8-bit peak for benchmarks in FP8 · shaded: 40 to 50 % · hollow: 6 N D "
        "over all hours that the owner reports, which may hold more than the run · by all its "
        f"chip-hours, failures and tests included, Llama 3.1 405B comes to {100 * (llama.mfu_from_hours or 0.0):.0f} % "
        f"instead of {100 * llama.mfu:.0f} % · GPT-3 19.7 % (Epoch) or 21.3 % (PaLM’s paper), Gopher 37.8 or 32.5 %, "
        f"PaLM 45.7 % without attention, 46.2 % with it · {records_link(state, '.mfu', 'sources')}"
    )


def gains_headline(run: str) -> str:
    """Say what published gains would be worth to a run."""
    best = max((_gain(key) for _, _, key in GAINS), key=lambda pair: pair[1] / pair[0])
    found = worth(published_run(run), *best)
    saved = 1.0 - float(found.energy_after_j) / float(found.energy_before_j)
    return (
        f"Better software alone made a machine {best[1] / best[0]:.2f} times as fast; on {published_run(run).name} "
        f"that is {100 * saved:.0f} % of the energy"
    )


def _gain(key: str) -> tuple[float, float]:
    return fact(f"use.{key}.mfu_before").si, fact(f"use.{key}.mfu").si


def gains_html(state: State, run: str) -> str:
    """Set published gains, and what each would be worth to the run, as a table."""
    one = published_run(run)
    at = _scenario(state.scenario, run)
    cases = [(name, where, *_gain(key)) for name, where, key in GAINS]
    cases.append(("Ten points more", "for comparison", 0.4, 0.5))
    rows = []
    for name, where, before, after in cases:
        found = worth(one, before, after, at)
        less_j = float(found.energy_before_j - found.energy_after_j)
        rows.append(
            f"<tr><td><b>{escape(name)}</b><br>{escape(where)}</td><td>{100 * before:.1f} → {100 * after:.1f} %</td>"
            f"<td>{significant(less_j / _MWH / 1e3)} GWh</td>"
            f"<td>{quantity(float(found.power_before_w - found.power_after_w), 'W', 2)}</td>"
            f"<td>{significant(found.chips_before - found.chips_after)}</td>"
            f"<td>{significant(float(found.saved_usd))} USD</td></tr>"
        )
    heads = ("Gain", "Utilisation", "Energy saved", "Power saved", "Chips not needed", "Electricity saved")
    return (
        '<div class="tw-scroll"><table class="tw-table"><thead><tr>'
        + "".join(f"<th>{head}</th>" for head in heads)
        + f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        f'<p class="tw-footer">Applied to {escape(one.name)}, its useful rate kept, as if it had stood '
        f"at the first number; it ran at {100 * one.mfu:.1f} % · electricity at "
        f"{significant(fact('electricity.price_industrial').value)} USD per MWh, the price of US industry in 2023 · "
        f"{records_link(state, 'mfu_before', 'sources')}</p>"
    )


@functools.cache
def count_rows() -> tuple[Count, ...]:
    """The counts that owe nothing to 6 N D, as the figure shows them."""
    return tuple(Count(count.name, count.by, count.ratio, count.basis == HARDWARE) for count in counts())


@functools.lru_cache(maxsize=2)
def counts_figure_of(mode: Mode) -> go.Figure:
    """Draw the counts."""
    return counts_figure(count_rows(), mode)


def counts_headline() -> str:
    """Say how far 6 N D is off."""
    low, median, high = error_of_six_nd(COUNTED)
    least, _, most = error_of_six_nd(HARDWARE)
    signed = [f"{100 * error:+.0f}".replace("-", "−") for error in (low, high, median, least, most)]
    return (
        f"Counted independently, training’s arithmetic is {signed[0]} to {signed[1]} % from 6 N D, {signed[2]} % in "
        f"the middle; with recomputed work {signed[3]} to {signed[4]} %"
    )


def counts_footer(state: State) -> str:
    """Say what was left out and why, as HTML."""
    found = basis_counts()
    total = sum(found.values()) - found["none"]
    carried = ", ".join(f"{escape(run.name)} {100 * (run.counted / run.six_nd - 1):+.0f} %" for run in counted_runs())
    return (
        f"● the model’s own arithmetic, ◆ with recomputed work · left out: {found['6nd']} of {total} published FLOP of "
        "runs, which are 6 N D and prove nothing · attention and routing are above it, embeddings that are looked up "
        "below; DeepSeek’s count of Qwen2.5 72B is less than its layers alone take, and carried as published · "
        f"carried over to runs: {carried} · {records_link(state, 'count.', 'sources')}"
    )
