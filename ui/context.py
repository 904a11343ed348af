"""The sentences and caches of the page on long context: where a state takes less than attention, and what fits."""

from __future__ import annotations

import functools
from dataclasses import replace
from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go

from efficiency import __version__
from efficiency.catalogue import labels
from efficiency.context import (
    CONTEXTS,
    PENALTIES,
    Cost,
    Setting,
    attention_share,
    central,
    central_assumed,
    cost,
)
from efficiency.context_charges import per_unit, with_penalty
from efficiency.context_crossover import Crossover, crossover
from efficiency.context_measured import HybridPair, hybrid_pairs
from efficiency.context_report import crossover_words, tokens_words
from efficiency.context_shapes import (
    HEADS,
    KINDS,
    Attention,
    attention_model,
    kv_bytes,
    state_bytes,
    state_shape,
)
from efficiency.facts import DATA_VERSION, fact
from efficiency.link import State
from efficiency.movement import weight_bytes
from efficiency.say import power_of_ten, quantity, times
from efficiency.scenario import Scenario
from ui.figures.context import Room, room_figure
from ui.figures.crossing import Crossing, Line, Stop, crossing_figure
from ui.movement_built import table
from ui.names import chip_name, plural
from ui.record_links import records_link
from ui.text import scope_sentence
from ui.theme import Mode
from ui.units import counted

TICKS: Final = ((1e3, "1,000"), (1e4, "10⁴"), (1e5, "10⁵"), (1e6, "10⁶"), (1e7, "10⁷"))
PENALTY_STEPS: Final = tuple(f"{penalty:g}" for penalty in PENALTIES)
CHOICES: Final = {
    "cx_heads": "Keys and values",
    "cx_window": "Windows",
    "cx_paid": "A training penalty is paid by",
    "cx_served": "Tokens that share the training",
    "cx_chips": "Chips that serve together, at least",
}
"""Choices that stand behind an expander, with their labels."""
UNIT_WORDS: Final = {"token": "a token written", "request": "a request"}
_Y_TITLES: Final = {"token": "energy of a token written", "request": "energy of a request"}
_PLAIN: Final = Scenario(system="own")
_FIRST: Final = 1e3
_MILLION: Final = 1e6
_FILL: Final = fact("serving.memory_fill").si
_SHORT: Final = {"many": "MHA", "grouped": "GQA", "one": "MQA", "latent": "MLA", "as_built": "as built"}


def _alone(scenario: Scenario) -> Scenario:
    """Leave out what does not enter, so that a cache knows two scenarios as one."""
    kept = ("chip", "model", "bits", "density", "movement", "execution", "utilisation", "pue", "engine", "batch",
            "machine_scope", "run")  # fmt: skip
    return replace(_PLAIN, **{name: getattr(scenario, name) for name in kept})


def setting_of(state: State) -> Setting:
    """Read from a state what is compared."""
    chosen = state.choices
    return Setting(
        _alone(state.scenario),
        Attention(chosen["cx_heads"], chosen["cx_window"], float(chosen["cx_kv"])),
        float(chosen["cx_chips"]),
        chosen["cx_paid"],
        float(chosen["cx_served"]),
    )


@functools.lru_cache(maxsize=128)
def _costs(setting: Setting) -> dict[str, Cost]:
    """Costs along the figure's axis, by kind."""
    along = np.array(CONTEXTS)
    found = {kind: cost(kind, setting, central(setting.scenario), central_assumed(), along) for kind in KINDS}
    return {kind: Cost(*(np.broadcast_to(part, along.shape) for part in each)) for kind, each in found.items()}


def _heights(setting: Setting, kind: str, penalty: float, unit: str) -> tuple[float, ...]:
    charged = with_penalty(_costs(setting)[kind], setting, 1.0 if kind == "transformer" else penalty)
    return tuple(float(value) for value in per_unit(charged, unit, np.array(CONTEXTS)))


@functools.lru_cache(maxsize=64)
def crossing_of(setting: Setting, unit: str) -> Crossing:
    """Lines by context, with a stop of the slider for each penalty."""
    own = _heights(setting, "transformer", 1.0, unit)
    stops = []
    for penalty, value in zip(PENALTIES, PENALTY_STEPS, strict=True):
        found = crossover(setting, penalty, unit)
        moving = tuple(_heights(setting, kind, penalty, unit) for kind in ("hybrid", "state_space"))
        height = None
        if CONTEXTS[0] <= found.central <= CONTEXTS[-1]:
            height = float(np.exp(np.interp(np.log(found.central), np.log(CONTEXTS), np.log(own))))
        ratio = own[-1] / moving[1][-1]
        stops.append(
            Stop(
                value,
                "Training as good as attention’s" if penalty == 1 else f"Training {value} times worse",
                moving,
                tuple(found),
                height,
                (_card_words(found), f"at 10 million tokens {times(ratio)} less" if ratio > 1 else "never less"),
            )
        )
    return Crossing(
        CONTEXTS,
        TICKS,
        "tokens of context",
        _Y_TITLES[unit],
        "J",
        ((Line("Attention", "solid", 24, "top left"), own),),
        (Line("Hybrid", "soft", 26, "bottom right"), Line("State-space", "dashed", 20, "bottom right")),
        tuple(stops),
        "tokens",
    )


def _card_words(found: Crossover) -> str:
    if found.central == 0.0:
        return "A state takes less at any length"
    if found.central == float("inf"):
        return "A state takes more throughout"
    return f"Less from {tokens_words(found.central)} tokens on"


def position(state: State) -> int:
    """Where the slider stands."""
    return PENALTY_STEPS.index(state.choices["cx_penalty"])


@functools.lru_cache(maxsize=128)
def crossing_figure_of(setting: Setting, unit: str, at: str, mode: Mode) -> go.Figure:
    """Draw the lines with the slider at a penalty."""
    return crossing_figure(crossing_of(setting, unit), PENALTY_STEPS.index(at), mode)


def found_of(state: State, kind: str = "state_space") -> Crossover:
    """Work out the crossover of a state."""
    return crossover(setting_of(state), float(state.choices["cx_penalty"]), state.choices["cx_unit"], kind)


def headline_html(state: State) -> str:
    """Say from where on a state takes less, with the range and what it hangs on."""
    found, unit = found_of(state), UNIT_WORDS[state.choices["cx_unit"]]
    name = escape(labels("model")[state.scenario.model])
    penalty = state.choices["cx_penalty"]
    if found.central == 0.0:
        said = (
            f'A state of constant size makes {unit} cheaper for {name} <span class="tw-machine">at any context</span>'
        )
    elif found.central == float("inf"):
        said = (
            f"A state of constant size makes {unit} cheaper for {name} at "
            '<span class="tw-machine">no context up to 10 million</span> tokens'
        )
    else:
        said = (
            f"A state of constant size makes {unit} cheaper for {name} from "
            f'<span class="tw-machine">{tokens_words(found.central)} tokens</span> of context on'
        )
    charged = (
        "if it trained as well as attention does; the slider charges for training worse"
        if penalty == "1"
        else f"if it needs {penalty} times the compute in training for the same loss"
    )
    return (
        f'<h1 class="tw-headline">{said}</h1><p class="tw-range">Between {tokens_words(found.low)} and '
        f"{tokens_words(found.high)}, {charged}. What it can no longer quote from the context is not charged.</p>"
    )


def alt_words(state: State) -> str:
    """Say the crossovers of both in words."""
    said = (f"{KINDS[kind]}: less {crossover_words(found_of(state, kind))}." for kind in ("state_space", "hybrid"))
    return " ".join(said)


def footer(state: State) -> str:
    """Say what is computed, for what and from which records, as HTML."""
    setting, scenario = setting_of(state), state.scenario
    chips = f"{setting.chips:g} {plural(chip_name(scenario.chip)) if setting.chips > 1 else chip_name(scenario.chip)}"
    tokens = fact("context.training_tokens")
    return (
        f"Computed, not measured: {escape(labels('model')[scenario.model])} on {escape(chips)}, or twice, four "
        f"times, … as many where that takes less, at most {counted(float(scenario.batch), 'conversation')} "
        f"at once, {_attention_words(setting)}, or a state of {quantity(state_shape_bytes(setting), 'B', 2)}. "
        f"A request reads the context and writes {fact('context.answer_tokens').si:g} tokens. Assumptions: training on "
        f"{tokens.si:g} tokens per parameter ({tokens.si_low:g} to {tokens.si_high:,.0f}), shared by "
        f"{power_of_ten(setting.served_tokens)} tokens served · circle: where both take the same, grey: 5 to 95 % · "
        f"{escape(scope_sentence(scenario).partition(' · ')[0])} · {records_link(state, 'context.', 'sources')} · "
        f"data {DATA_VERSION} · model {__version__}"
    )


def state_shape_bytes(setting: Setting) -> float:
    """Size of a conversation's state [B]."""
    return float(state_bytes(attention_model(setting.scenario.model, setting.attention), state_shape()))


def _attention_words(setting: Setting) -> str:
    chosen = setting.attention
    model = attention_model(setting.scenario.model, chosen)
    per_token = quantity(float(kv_bytes(model, chosen.kv_bits, 1.0)), "B", 2)
    window = "" if not model.windowed_share else f", {100 * model.windowed_share:.0f} % of layers with a window"
    return f"keys and values of {per_token} a token{window}"


@functools.lru_cache(maxsize=64)
def rooms_of(setting: Setting) -> tuple[Room, ...]:
    """Conversations that fit beside the weights by their length, whatever batch is wanted."""
    scenario = setting.scenario
    along = np.array(CONTEXTS)
    chosen = attention_model(scenario.model, setting.attention)
    free = _free_bytes(setting)
    built = {heads: replace(setting.attention, heads=heads) for heads in ("many", "grouped", "one", "latent")}
    rooms = []
    for heads, attention in built.items():
        model = attention_model(scenario.model, attention)
        kept = kv_bytes(model, attention.kv_bits, along)
        alike = np.allclose(kept, kv_bytes(chosen, attention.kv_bits, along))
        rooms.append(Room(HEADS[heads], _SHORT[heads], _fit(free, kept), bool(alike), False))
    if not any(room.chosen for room in rooms):
        kept = kv_bytes(chosen, setting.attention.kv_bits, along)
        rooms.append(Room(HEADS["as_built"], _SHORT["as_built"], _fit(free, kept), True, False))
    name = "State of constant size"
    rooms.append(Room(name, name, _fit(free, state_shape_bytes(setting) + 0.0 * along), False, True))
    return tuple(rooms)


def _free_bytes(setting: Setting) -> float:
    """Memory that the weights leave; on as many chips as hold them, if those chosen do not."""
    scenario = setting.scenario
    memory = _FILL * float(central(scenario).memory_bytes)
    weights = float(weight_bytes(attention_model(scenario.model, setting.attention).parameters, scenario.bits,
                                 scenario.density))  # fmt: skip
    chips = max(setting.chips, -(-weights // memory))
    # Weights that fill their chips to the last byte leave no room at all; a logarithmic axis needs some.
    return max(memory * chips - weights, 1e-3 * memory)


def _fit(free: float, kept: np.ndarray) -> tuple[float, ...]:
    return tuple(float(value) for value in np.broadcast_to(free / kept, (len(CONTEXTS),)))


@functools.lru_cache(maxsize=128)
def room_figure_of(setting: Setting, mode: Mode) -> go.Figure:
    """Draw what fits."""
    return room_figure(CONTEXTS, rooms_of(setting), mode)


def chips_words(setting: Setting) -> str:
    """Name the machine: so many chips of a kind."""
    scenario = setting.scenario
    memory = _FILL * float(central(scenario).memory_bytes)
    weights = float(weight_bytes(attention_model(scenario.model, setting.attention).parameters, scenario.bits,
                                 scenario.density))  # fmt: skip
    chips = max(setting.chips, -(-weights // memory))
    name = chip_name(scenario.chip)
    return f"{chips:,.0f} {plural(name) if chips > 1 else name}"


def room_headline(setting: Setting) -> str:
    """Say how many conversations of a million tokens fit, and how many states."""
    rooms = rooms_of(setting)
    at = min(range(len(CONTEXTS)), key=lambda i: abs(CONTEXTS[i] - _MILLION))
    chosen = next(room for room in rooms if room.chosen).conversations[at]
    state = rooms[-1].conversations[at]
    machine = chips_words(setting)
    holds = "holds" if machine.startswith("1 ") else "hold"
    if chosen < 1 and state < 1:
        room = "neither a conversation of a million tokens nor a state"
    else:
        join = "but" if chosen < 1 else "or"
        room = f"{_whole(chosen, 'conversation')} of a million tokens, {join} {_whole(state, 'state')}"
    return f"Beside the weights, {machine} {holds} {room} whatever the length"


def _whole(count: float, word: str) -> str:
    """Say so many whole things.

    >>> _whole(0.9, "state"), _whole(1.9, "state"), _whole(12.0, "state")
    ('not one state', '1 state', '12 states')
    """
    if count < 1:
        return f"not one {word}"
    said = quantity(float(np.floor(count)), "1", 2)
    return f"{said} {word}{'' if said == '1' else 's'}"


def room_footer(state: State) -> str:
    """Say what the lines are, as HTML."""
    setting = setting_of(state)
    latent = fact("context.latent_groups")
    return (
        f"Memory of the chips, {100 * _FILL:.0f} % of it used, less the weights, over what one conversation keeps at "
        f"{setting.attention.kv_bits:g} bit · thick: chosen · a latent is as large as {latent.si:g} heads · "
        f"{records_link(state, 'context.', 'sources')} · data {DATA_VERSION} · model {__version__}"
    )


def measured_headline() -> str:
    """Say what hybrids were measured to take beside transformers."""
    ratios = [pair.dense_j / pair.hybrid_j for pair in hybrid_pairs()]
    return (
        f"Measured at some thousand tokens, a hybrid takes {_ratio_words(max(ratios))} to {_ratio_words(min(ratios))} "
        "than a transformer: too short a context to tell"
    )


def _ratio_words(ratio: float) -> str:
    """Say a factor as less or more.

    >>> _ratio_words(1.3), _ratio_words(0.5)
    ('1.3 times less', '2 times more')
    """
    return f"{times(ratio)} less" if ratio >= 1 else f"{times(1 / ratio)} more"


def _pair_row(pair: HybridPair) -> list[str]:
    return [
        f"{escape(pair.chip.replace('NVIDIA ', '').partition(' ')[0])}, {escape(pair.task)}, {pair.batch:.0f} at once",
        f"{quantity(pair.hybrid_j, 'J', 2)}<br>{escape(pair.hybrid.removeprefix('NVIDIA-'))}, "
        f"{quantity(pair.hybrid_answer, '1', 2)} tokens",
        f"{quantity(pair.dense_j, 'J', 2)}<br>{escape(pair.dense)}, {quantity(pair.dense_answer, '1', 2)} tokens",
        f"{pair.size_ratio:.1f} times its size",
    ]


def measured_html() -> str:
    """Set the measured pairs as a table, as HTML."""
    rows = [_pair_row(pair) for pair in hybrid_pairs()]
    return table(("Where", "Hybrid, a token", "Transformer, a token", "Transformer is"), rows) + (
        '<p class="tw-footer">ML.ENERGY, boards alone, reading included. Not matched: the models differ in width, '
        "vocabulary, quality and in the length of their answers, which is the context here. "
        "No published measurement reaches contexts where the difference should be large.</p>"
    )


def quality_headline() -> str:
    """Say what it costs in quality."""
    return "What it costs: a state forgets. Hybrids keep a little attention, and so the quality"


def quality_html(state: State) -> str:
    """Set what is published of quality beside each choice, as HTML."""
    points = fact("context.hybrid_points")
    share = attention_share("hybrid", central_assumed())
    one, grouped = fact("context.mqa_points"), fact("context.gqa_points")
    rows = [
        [
            "State-space model",
            "behind on copying, on five-shot MMLU and on finding what was said; as good or better on many other tasks",
            "8B models, up to 3.5 trillion tokens (Waleffe 2024); copying provably, for any state of fixed size "
            "(Jelassi 2024, arXiv 2402.01032)",
        ],
        [
            f"Hybrid, attention in {100 * float(share):.0f} % of the mixing layers",
            f"{points.si:+.2f} points in the mean of 12 tasks",
            "8B, trained alike (Waleffe 2024)",
        ],
        ["Eight groups of heads", f"{grouped.si:+.1f} points", "T5-XXL, retrained briefly (Ainslie 2023), second-hand"],
        ["One head for all", f"{one.si:+.1f} points", "the same"],
        ["A latent", "as good as many heads or better, say its makers", "DeepSeek-V2"],
        [
            "Cache in fewer bits",
            "2 bits: “almost the same”, say its makers; others find losses on long reasoning at 2 bits, none at 4",
            f"KIVI 2024, {fact('context.kv_memory_saved').si:g} times less memory with the weights; Kitty 2025, "
            "arXiv 2511.18643",
        ],
        ["Windows", "not priced here: far recall rests on the layers that see all", "built so: Gemma 2 and 3"],
    ]  # fmt: skip
    return table(("Choice", "Quality", "Shown by"), rows) + (
        f'<p class="tw-footer">The energies above hold none of it · {records_link(state, "context.", "sources")}</p>'
    )
