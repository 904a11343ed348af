"""The sentences and caches of the page on sparsity: what each kind saves, when spikes pay, and what quality costs."""

from __future__ import annotations

import functools
import itertools
from dataclasses import replace
from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go

from efficiency import __version__, catalogue
from efficiency.experts import expert_weights, touched_share
from efficiency.facts import DATA_VERSION, fact
from efficiency.gap import inputs_for
from efficiency.lever_pairs import Pair
from efficiency.link import State
from efficiency.model_names import model_key
from efficiency.movement import metadata_bits
from efficiency.say import factor, significant, times
from efficiency.scenario import Scenario
from efficiency.sparsity import KINDS, STEPS, lowest_density, saving, sweep
from efficiency.spiking import (
    active_share,
    brain_event_j,
    break_even_activity,
    dense_multiply_add_j,
    published_thresholds,
)
from efficiency.stored_pairs import shipped_pairs
from efficiency.workloads import decode_energies
from ui.figures.sparsity import PAGE, STAGE, Form, Line, density_figure, share_text
from ui.figures.sparsity_experts import PairPoints, pairs_figure, touched_figure
from ui.figures.sparsity_spikes import Crossing, Event, Spikes, spikes_figure
from ui.legend import dotted, mark
from ui.names import chip_name, plural
from ui.pair_scores import score_sentence
from ui.record_links import records_link
from ui.text import scope_sentence
from ui.theme import Mode, palette
from ui.units import counted, saved, within, words_for

SAMPLES: Final = 1024
EQUAL: Final = "equal"
"""The choice that grows the model until it is as good as the dense one."""
_SYMBOLS: Final = ("square", "triangle-up", "diamond", "star", "circle")
_COMPUTING: Final = ("arithmetic", "instruction")
_MOVING: Final = ("on_chip", "off_chip", "interconnect")
TOUCHED: Final = ("mixtral_8x7b", "qwen3_30b_a3b", "deepseek_v3")
_TOUCHED_BATCHES: Final = tuple(2.0 ** (half / 2) for half in range(21))
_EVENTS: Final = (
    ("IBM TrueNorth, one operating point", "neuro.truenorth_event", "solid"),
    ("Intel Loihi, before silicon", "neuro.loihi_event", "dash"),
    ("Weight beside the adder, modelled", "neuro.event_near_memory", "dot"),
)


def step_names() -> list[str]:
    """Spell the slider's stops as the link does."""
    return [f"{step:g}" for step in STEPS]


@functools.lru_cache(maxsize=128)
def lines_of(scenario: Scenario, equal_quality: bool) -> tuple[Line, ...]:
    """Every kind along the slider, from the ledger of a written token."""
    lines = []
    for (key, kind), symbol in zip(KINDS.items(), _SYMBOLS, strict=True):
        ledger = sweep(scenario, key, STEPS, equal_quality)
        computing = sum(np.asarray(getattr(ledger, name)) for name in _COMPUTING)
        moving = sum(np.asarray(getattr(ledger, name)) for name in _MOVING)
        rest = ledger.total_j() - computing - moving
        parts = zip(computing.tolist(), moving.tolist(), rest.tolist(), strict=True)
        lines.append(Line(key, kind.name, symbol, lowest_density(key), tuple(parts)))
    return tuple(lines)


def density_figure_of(scenario: Scenario, quality: str, at: str, mode: Mode) -> go.Figure:
    """Draw the energy along the share of work, the slider standing at ``at``."""
    return _density(scenario, quality, at, mode, PAGE)


def staged_density_of(state: State, mode: Mode) -> go.Figure:
    """Draw the same as slides show it."""
    return _density(state.scenario, state.choices["sp_quality"], state.choices["sp_at"], mode, STAGE)


@functools.lru_cache(maxsize=128)
def _density(scenario: Scenario, quality: str, at: str, mode: Mode, form: Form) -> go.Figure:
    lines = lines_of(scenario, quality == EQUAL)
    return density_figure(lines, STEPS, step_names().index(at), active_share(), mode, form)


@functools.lru_cache(maxsize=256)
def brain_saving(scenario: Scenario, samples: int = SAMPLES) -> tuple[float, float, float]:
    """What leaving out as much as the brain does would save, if all zeros were skipped."""
    return saving(scenario, "skipped", active_share()[1], samples)


def headline_html(scenario: Scenario) -> str:
    """Say the finding, its range and why it is so small."""
    share = active_share()[1]
    low, central, high = brain_saving(scenario)
    alone = brain_saving(replace(scenario, batch=1.0), 0)[1]
    together = conversations(scenario)
    why, other = f"{together} share the weights", f" With one conversation at a time it would be {saved(alone)}."
    if together == "1 conversation":
        why, other = "the weights are read for one conversation alone", ""
    nothing = saved(central) == "nothing"
    number = "next to nothing" if nothing else times(central, "html")
    return (
        f'<h1 class="tw-headline">Doing {share_text(share)} of the work, as sparse as the brain, would save this '
        f'machine <span class="tw-machine">{number}</span>, not {significant(1 / share, 2)}{" times" * nothing}</h1>'
        f'<p class="tw-range">{within(low, high)}, even if every zero were '
        f"skipped: {why}, and neither caches nor the chips that hold them shrink.{other}</p>"
    )


def conversations(scenario: Scenario) -> str:
    """Say how many conversations share the weights.

    >>> conversations(Scenario(batch=1.0)), conversations(Scenario(batch=64.0))
    ('1 conversation', '64 conversations')
    """
    return counted(float(scenario.batch), "conversation")


def factor_words(value: float) -> str:
    """Say a factor with two digits.

    >>> factor_words(2.28), factor_words(10.17), factor_words(2.0)
    ('2.3', '10', '2')
    """
    return significant(value, 2).removesuffix(".0")


def bars_legend_html(quality: str, mode: Mode) -> str:
    """Say what the bars' shades and the lines mean."""
    colours = palette(mode)
    fills = zip(
        ("computing", "moving data", "standing ready, host, cooling"),
        (colours.shades[0], colours.shades[2], colours.greys[2]),
        strict=True,
    )
    marks = [mark(fill, "■", name) for name, fill in fills]
    lines = "lines and bars end where the kind has been shown to work; dotted: the same sums beyond"
    if quality == EQUAL:
        lines += "; the model grows until it is as good as the dense one (central growth)"
    return f'<p class="tw-footer" style="opacity:1">Bars: {dotted(*marks)}. {lines[0].upper() + lines[1:]}.</p>'


def density_footer(state: State) -> str:
    """Say what is computed, for what, and from which records, as HTML."""
    scenario = state.scenario
    model = catalogue.labels("model")[scenario.model]
    return (
        f"{losses_sentence(scenario)} "
        "Computed, not measured: the ledger of one token written, with the weights' bytes and multiply-adds of each "
        "kind and the pattern stored with them, on as many chips as hold them and the caches; batch and caches stay. "
        f"{escape(model)} with all its weights in use, {escape(plural(chip_name(scenario.chip)))}, "
        f"{words_for('bits', float(scenario.bits))}, {conversations(scenario)} · "
        f"{escape(scope_sentence(scenario))} · brain: what its energy supply lets be active (Lennie 2003), "
        f"{share_text(active_share()[0])} to {share_text(active_share()[2])} · "
        f"{records_link(state, 'fraction active', 'sources')} · data {DATA_VERSION} · model {__version__}"
    )


def losses_sentence(scenario: Scenario) -> str:
    """Say what the pattern and the zeros that are not skipped take away of the saving."""
    bits = float(scenario.bits)
    half, tenth = (100 * float(metadata_bits(share)) / bits for share in (0.5, 0.1))
    lowest = lowest_density("unstructured")
    skipped, built = (saving(scenario, kind, lowest)[1] for kind in ("skipped", "unstructured"))
    return (
        f"Lost on the way: which weights were kept adds {half:.0f} % to the bytes of those kept at one half, "
        f"{tenth:.0f} % at one tenth (entropy of the pattern; 2:4 stores exactly that); and units made for dense "
        f"products multiply the zeros of any other pattern, so {share_text(lowest)} of the weights save {saved(built)} "
        f"as built, {saved(skipped)} if they were skipped."
    )


@functools.cache
def pair_groups() -> tuple[PairPoints, ...]:
    """Measured mixtures of experts beside dense models of like quality, one group for each pair of models."""
    groups: dict[tuple[str, str], list[Pair]] = {}
    for pair in shipped_pairs():
        if pair.lever == "experts":
            groups.setdefault((_plain(pair.model), _plain(pair.other_model)), []).append(pair)
    found = []
    for (dense, mixture), pairs in groups.items():
        ordered = sorted(pairs, key=lambda pair: pair.batch)
        work = _multiply_adds(ordered[0])
        if work is None:
            continue
        found.append(
            PairPoints(
                f"{mixture} over {dense}",
                work,
                tuple(pair.batch for pair in ordered),
                tuple(pair.measured for pair in ordered),
                tuple(pair.predicted for pair in ordered),
                tuple(_hover(pair) for pair in ordered),
            )
        )
    return tuple(sorted(found, key=lambda group: group.multiply_adds))


def _plain(name: str) -> str:
    """Name a model without its publisher, training stage and date, so that versions share a mark.

    >>> _plain("Qwen/Qwen3-30B-A3B-Thinking-2507"), _plain("meta-llama/Llama-4-Scout-17B-16E-Instruct")
    ('Qwen3-30B-A3B', 'Llama-4-Scout')
    """
    plain = name.rpartition("/")[2]
    for ending in ("-2507", "-Instruct", "-Thinking", "-17B-16E"):
        plain = plain.removesuffix(ending)
    # The two dense Llamas of 70B have the same shape.
    return plain.replace("Llama-3.1-70B", "Llama-3-70B").replace("Llama-3.3-70B", "Llama-3-70B")


def _multiply_adds(pair: Pair) -> float | None:
    """Multiply-adds of the mixture for a token over those of the dense model, or nothing if a size is not known."""
    sizes = [_active(pair.model), _active(pair.other_model)]
    return sizes[1] / sizes[0] if all(sizes) else None


def _active(name: str) -> float:
    key = model_key(name)
    known = catalogue.labels("model")
    if key in known:
        return catalogue.model(str(key)).active_parameters
    return fact("experts.scout.active").si if "Scout" in name else 0.0


def _hover(pair: Pair) -> str:
    return (
        f"<b>{escape(pair.other_model.rpartition('/')[2])}</b> over {escape(pair.model.rpartition('/')[2])}<br>"
        f"{escape(pair.chip)}, {pair.batch:,.0f} at once<br>"
        f"measured {pair.measured:.2f}, predicted {pair.predicted:.2f}"
    )


@functools.lru_cache(maxsize=4)
def pairs_figure_of(mode: Mode) -> go.Figure:
    """Draw measured against predicted mixtures."""
    return pairs_figure(pair_groups(), mode)


def experts_headline() -> str:
    """Say what experts saved in measurements, against a dense model of like quality."""
    worst = max((group for group in pair_groups()), key=lambda group: max(group.measured))
    at = worst.batch[worst.measured.index(max(worst.measured))]
    return (
        f"A mixture of experts with {factor_words(1 / worst.multiply_adds)} times fewer multiply-adds than its dense "
        f"equal took up to {factor_words(max(worst.measured))} times the energy, at {at:,.0f} conversations"
    )


def experts_footer(state: State) -> str:
    """Say what was measured, by whom, and how well it was predicted, as HTML."""
    groups = pair_groups()
    count = sum(len(group.measured) for group in groups)
    return (
        f"{count} measured pairs on the same chip, engine and batch (ML.ENERGY, boards alone); predictions by fits "
        f"that had not seen either model. {score_sentence('experts')} "
        "The two models differ in more than experts: layers, width and caches too. "
        "Above 1 the batch reads so many experts that the mixture is "
        f"the larger model · quality of the pairs: {records_link(state, 'like_quality', 'sources')}"
    )


@functools.cache
def touched_lines() -> tuple[tuple[str, float, tuple[float, ...]], ...]:
    """Share of the weights that a step reads, by batch, for known mixtures."""
    found = []
    for key in TOUCHED:
        shares = tuple(_read_share(key, batch) for batch in _TOUCHED_BATCHES)
        found.append((catalogue.labels("model")[key], shares[0], shares))
    return tuple(found)


def _read_share(key: str, batch: float) -> float:
    """Share of a mixture's weights that a step of some conversations reads."""
    model = catalogue.model(key)
    experts = expert_weights(model) / model.parameters
    return float(1.0 - experts + experts * touched_share(model, batch))


def touched_batches() -> tuple[float, ...]:
    """Batches along which the shares are drawn."""
    return _TOUCHED_BATCHES


@functools.lru_cache(maxsize=64)
def touched_figure_of(batch: float, mode: Mode) -> go.Figure:
    """Draw the share of weights read, with the scenario's batch marked."""
    return touched_figure(touched_lines(), _TOUCHED_BATCHES, batch, mode)


def touched_headline() -> str:
    """Say how soon a batch touches nearly all experts."""
    name, active, _ = touched_lines()[1]
    at = next(batch for batch in itertools.count(1) if _read_share(TOUCHED[1], batch) >= 0.5)
    return (
        f"Each token uses {share_text(round(active, 2))} of {name}; "
        f"{at:,.0f} conversations together read more than half of it"
    )


def touched_footer() -> str:
    """Say how the shares are computed."""
    choice = fact("serving.independent_choice")
    return (
        "1 − (1 − k/E) to the power of the conversations that choose independently, taken as "
        f"{100 * choice.si:.0f} % of them (ours; {100 * choice.si_low:.0f} to {100 * choice.si_high:.0f} %), "
        "beside the weights that every token uses. Bytes are shared by the batch, multiply-adds are not: "
        "at large batches experts save computing, at one conversation they save reading."
    )


@functools.lru_cache(maxsize=128)
def spikes_of(scenario: Scenario) -> Spikes:
    """Everything the figure of spikes shows for a scenario."""
    inputs = inputs_for(scenario)
    weights = catalogue.model(scenario.model).active_parameters
    whole = float(decode_energies(replace(scenario, density=1.0), inputs)[0].total_j()) / weights
    events = tuple(
        Event(name, fact(key).si_low, fact(key).si, fact(key).si_high, dash, key) for name, key, dash in _EVENTS
    )
    return Spikes(
        events,
        float(dense_multiply_add_j(scenario, inputs)),
        whole,
        float(brain_event_j(scenario, inputs)),
        active_share(),
        tuple(Crossing(t.name, t.low, t.central, t.high) for t in published_thresholds()),
        chip_name(scenario.chip),
        f"with all else, {words_for('batch', float(scenario.batch))} at once",
    )


@functools.lru_cache(maxsize=128)
def spikes_figure_of(scenario: Scenario, mode: Mode) -> go.Figure:
    """Draw spikes against dense products."""
    return spikes_figure(spikes_of(scenario), mode)


def spikes_headline(scenario: Scenario) -> str:
    """Say how rare spikes must be to pay against the chosen chip."""
    spikes = spikes_of(scenario)
    bare, whole = (
        float(break_even_activity(dense, spikes.events[0].event_j)) for dense in (spikes.dense_j, spikes.whole_j)
    )
    return (
        f"Spikes on TrueNorth pay below {seen(bare)} against the {spikes.chip}’s bare multiply-add, "
        f"below {seen(whole)} against all that a written token takes"
    )


def seen(spikes_per_synapse: float) -> str:
    """Say an activity: one synapse in so many where it is rare, else spikes per synapse.

    >>> seen(0.055), seen(0.9), seen(1.02), seen(4.8)
    ('one spike for 18 synapses', '0.9 spikes per synapse', '1 spike per synapse', '4.8 spikes per synapse')
    """
    if spikes_per_synapse <= 0.5:
        return f"one spike for {factor(1 / spikes_per_synapse)} synapses"
    said = factor(spikes_per_synapse)
    return f"{said} spike{'' if said == '1' else 's'} per synapse"


def spikes_footer(state: State) -> str:
    """Say what the figures are and where they hold, as HTML."""
    gain = fact("nearmem.northpole_gain").si
    return (
        "Break-even: dense multiply-add over energy per event, of different scopes: TrueNorth's event holds its "
        "weights and static power at one operating point but no host or cooling, the bare multiply-add none of these, "
        "a written token all. "
        "Loihi's is from before silicon, though quoted as measured; the modelled one is 45 nm, its "
        "band up to weights in a large memory. Grey bars: thresholds of three papers, each for its own hardware. Where "
        "the dense machine re-reads its weights for each token (few conversations), events win by keeping weights in "
        f"place: that is data movement, and NorthPole's {gain:g} times, without any spikes, holds only at a GPU's "
        "lowest latency · "
        f"{records_link(state, 'neuro.', 'sources')}"
    )
