"""What of sparsity's gains was measured, what they cost in quality, and what the brain does instead, in sentences."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go

from efficiency.facts import fact
from efficiency.gap import inputs_for
from efficiency.link import State
from efficiency.say import quantity
from efficiency.sparsity_quality import equal_quality_growth, pruned_once_growth
from efficiency.spiking import active_share, best_failure_share, brain_event_j, halapoint_brain_power_w
from ui.figures.sparsity import share_text
from ui.figures.sparsity_gains import Gain, gains_figure
from ui.names import WHOSE
from ui.record_links import records_link
from ui.sparsity import factor_words, pair_groups
from ui.theme import Mode


@functools.cache
def gains() -> tuple[Gain, ...]:
    """Published gains, on paper and as measured."""

    def gain(name: str, paper: float, key: str, what: str, where: str) -> Gain:
        record = fact(key)
        return Gain(name, paper, record.si, record.si_low, record.si_high, what, where, key)

    return (
        gain("2:4 weights", 2.0, "sparsity.two_four_speedup", "speed", "8-bit, 1,000 prompts at once"),
        gain("6:8 weights", 4 / 3, "gain.six_eight", "speed", "on 2:4 hardware, compute-bound"),
        gain("Weights, 80 % dropped", 5.0, "gain.flash_llm_80", "speed", "one kernel, few rows, A100"),
        gain("Activations, 40 % dropped", 1 / 0.6, "gain.teal_40", "speed", "one conversation, at most"),
        gain("Activations, half dropped", 2.0, "gain.teal_50", "speed", "one conversation, at most"),
        gain("Neurons, 90 % idle", 10.0, "gain.powerinfer", "speed", "only with weights in host memory"),
        *(
            Gain(
                group.name,
                1 / group.multiply_adds,
                1 / float(np.median(group.measured)),
                1 / max(group.measured),
                1 / min(group.measured),
                "energy",
                f"{len(group.measured)} pairs, batches of {min(group.batch):,.0f} to {max(group.batch):,.0f}",
                "mlenergy",
            )
            for group in pair_groups()
        ),
    )


@functools.lru_cache(maxsize=4)
def gains_figure_of(mode: Mode) -> go.Figure:
    """Draw gains on paper beside those measured."""
    return gains_figure(gains(), mode)


def gains_headline() -> str:
    """Say what is left of the gains on paper."""
    best = max((gain for gain in gains() if gain.what == "energy"), key=lambda gain: gain.paper)
    return (
        f"Experts that do {factor_words(best.paper)} times less work saved {factor_words(best.low)} to "
        f"{factor_words(best.high)} times in energy; for weights and activations only speed is published"
    )


def gains_footer(state: State) -> str:
    """Say which claims are left out, and why, as HTML."""
    claim, loihi = fact("gain.experts_claim").si, fact("gain.loihi2_llm").si
    glam = fact("run.gpt3.energy").si / fact("run.glam.energy").si
    return (
        f"Not drawn: experts save {claim:g} times, a claim (Patterson 2021); GPT-3 over GLaM {glam:.1f} times in "
        f"training, which mixes chips and methods; a language model of 370M on Loihi 2 up to {loihi:g} times "
        f"less energy than another architecture on an edge GPU, preliminary · {records_link(state, 'gain.', 'sources')}"
    )


def quality_headline() -> str:
    """Say what pruning costs."""
    dense, pruned, tuned = (fact(f"two_four.mmlu_{key}").value for key in ("dense", "pruned", "tuned"))
    return (
        f"2:4 costs Llama 3 8B {dense - pruned:.0f} points of MMLU if pruned once, "
        f"{dense - tuned:.0f} after fine-tuning"
    )


def quality_html(state: State) -> str:
    """Set what sparsity costs in quality as a table in HTML."""
    rows = [
        (
            "Llama 3 8B, 2:4",
            "MMLU",
            *_percents("two_four.mmlu_", ("dense", "pruned", "tuned")),
            "pruned once, then fine-tuned",
        ),
        (
            "Qwen3, 2:4 and 6:8",
            "reasoning",
            *_percents("reasoning.", ("dense", "two_four", "six_eight")),
            "2:4, then 6:8",
        ),
        *(
            (
                f"Llama 2 {size}, half dropped",
                "perplexity",
                *_perplexities(f"llama2_{size.lower()}"),
                "2:4, then any pattern",
            )
            for size in ("7B", "13B", "70B")
        ),
    ]
    body = "".join(
        f"<tr><td><b>{escape(name)}</b><br>{escape(measure)}</td><td>{dense}</td><td>{first} → {second}</td>"
        f'<td style="white-space:normal">{escape(words)}</td></tr>'
        for name, measure, dense, first, second, words in rows
    )
    return (
        '<table class="tw-table" style="min-width:0"><thead><tr><th>Model</th><th>Dense</th><th>Sparse</th>'
        f"<th>Pattern</th></tr></thead><tbody>{body}</tbody></table>"
        f'<p class="tw-footer">{records_link(state, "pruned.", "Every pruned model")} · '
        f"{records_link(state, 'mmlu', 'MMLU')} · {records_link(state, 'reasoning', 'reasoning')}</p>"
    )


def _percents(beginning: str, names: Sequence[str]) -> list[str]:
    return [f"{fact(f'{beginning}{name}').value:g} %" for name in names]


def _perplexities(model: str) -> list[str]:
    return [f"{fact(f'pruned.{model}.{name}').value:g}" for name in ("dense", "2of4_wanda", "unstr50_wanda")]


def growth_headline() -> str:
    """Say what is left of the saving at equal quality."""
    growth = equal_quality_growth("unstructured", 0.5)
    return (
        f"As good as dense, half of the weights save {factor_words(2 / growth.central)} times the work if trained so, "
        "and nothing if pruned afterwards"
    )


def growth_html(state: State) -> str:
    """Say how much a sparse model must grow, as a table in HTML."""
    rows = []
    for quality, density, words, evidence in (
        ("two_four", 0.5, "2:4, half of the weights", "trained sparse; high: pruned once, at least"),
        ("unstructured", 0.5, "Any half of the weights", "trained sparse; high: pruned once"),
        ("unstructured", 0.125, "Any eighth of the weights", "trained sparse, up to 85M weights; high: extrapolated"),
        ("activation", 0.5, "Half of the activations", "our reading of “minimal degradation”"),
        ("experts", 0.108, "Experts, 11 % active", "published pairs of like quality"),
    ):
        growth = equal_quality_growth(quality, density)
        used = [value * density for value in growth]
        saved = f"{_saved(used[1])} ({_saved(used[2])} to {_saved(used[0])})"
        rows.append(
            f"<tr><td><b>{words}</b></td><td>{growth.central:.2g}× ({growth.low:.2g} to {growth.high:.2g})</td>"
            f'<td>{saved}</td><td style="white-space:normal">{evidence}</td></tr>'
        )
    return (
        '<table class="tw-table" style="min-width:0"><thead><tr><th>Kept</th><th>Must grow</th>'
        f"<th>Work saved then</th><th>Evidence</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
        '<p class="tw-footer">Llama 2 70B pruned once to 2:4 is about as good as the dense 7B, '
        f"{factor_words(pruned_once_growth('two_four'))} times smaller. Below one eighth of the weights, a third "
        "of the activations and 4 % of the experts nothing is published · "
        f"{records_link(state, 'sparse_law', 'sources')}</p>"
    )


def _saved(used: float) -> str:
    """Say what is saved where a share of the dense work is left.

    >>> _saved(0.5), _saved(1.0), _saved(5.1)
    ('2×', '1×', '0.20×')
    """
    return f"{factor_words(1 / used)}×"


def brain_headline() -> str:
    """Say how sparsely the brain works."""
    low, central, high = active_share()
    return (
        f"The brain sends events: about {share_text(central)} of its neurons are active "
        f"({share_text(low)} to {share_text(high)}), and most release sites stay silent when a spike arrives"
    )


def brain_html(state: State) -> str:
    """Say what the brain does instead, as HTML."""
    low, central, high = active_share()
    release = fact("synapse.release_probability")
    rate, budget = fact("brain.firing_rate"), fact("cortex.firing_rate_energy_limited")
    neurons_w, synapses_w = halapoint_brain_power_w()
    scenario = state.scenario
    event = quantity(float(brain_event_j(scenario, inputs_for(scenario))), "J", 2)
    lines = (
        f"<b>Active neurons.</b> The energy supply of human cortex lets {share_text(central)} be active at a time, "
        f"{share_text(low)} to {share_text(high)}; it is a budget, not a count (Lennie 2003). It allows "
        f"a mean rate of {budget.value:g} Hz; recordings, which favour active cells, find more. Assumed here: "
        f"{rate.value:g} Hz, {rate.low:g} to {rate.high:g}.",
        f"<b>Silent sites.</b> A release site answers a spike with probability {release.si:g}: {release.si_high:g} "
        f"where a synapse has one site, {release.si_low:g} where it has ten (Harris 2012). At {share_text(central)} "
        f"activity a failure share of {100 * best_failure_share(central):.0f} % would use energy best (Levy and Baxter "
        "2002).",
        f"<b>An event</b> costs {event} with {WHOSE[scenario.brain_scope]} charged to the synapses of the neocortex, "
        "others being uncounted; weights never move, so nothing is read for the synapses that stay silent. That is why "
        "sparsity pays there and hardly pays here.",
        f"<b>Spiking silicon</b> of that size: Hala Point scaled to a brain takes {quantity(neurons_w, 'W', 2)} by "
        f"neurons and {quantity(synapses_w, 'W', 2)} by synapses, against 20 W.",
    )
    body = "".join(f'<p style="font-size:1.05rem; margin:0.5rem 0 0">{line}</p>' for line in lines)
    return (
        f'{body}<p class="tw-footer">{records_link(state, "lennie2003", "activity")} · '
        f"{records_link(state, 'synapse.', 'synapses')} · {records_link(state, 'halapoint', 'Hala Point')}</p>"
    )
