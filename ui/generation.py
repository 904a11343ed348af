"""The sentences and caches of the page on generation: blocks against single tokens, pictures, video, measurements."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go

from efficiency import __version__
from efficiency.block_diffusion import BATCHES, SETTLED, TOKENS, Advantage, advantage, curve
from efficiency.case_sources import case_source
from efficiency.catalogue import labels
from efficiency.facts import DATA_VERSION, fact
from efficiency.generation import METRICS, PIECES, WAYS, WITHIN, Piece, pieces, shipped
from efficiency.link import State
from efficiency.say import factor, quantity, times
from efficiency.scenario import Scenario
from ui.figures.crossing import Crossing, Line, Stop, crossing_figure
from ui.figures.generation import MARKS, Item, Point, measured_figure, pieces_figure
from ui.legend import legend, mark
from ui.movement_built import table
from ui.names import chip_name, plural
from ui.record_links import records_link
from ui.text import scope_sentence
from ui.theme import Mode, palette
from ui.units import words_for

SETTLED_STEPS: Final = tuple(f"{settled:g}" for settled in SETTLED)
THINGS: Final = {"energy_per_image": "pictures", "energy_per_video": "videos"}
_TICKS: Final = ((1.0, "1"), (10.0, "10"), (100.0, "100"), (1000.0, "1,000"), (4096.0, ""))
_PLAIN: Final = Scenario(system="own")


def _alone(scenario: Scenario) -> Scenario:
    """Leave out what does not enter, so that a cache knows two scenarios as one."""
    kept = ("chip", "model", "bits", "density", "movement", "execution", "pue", "engine", "context_tokens",
            "machine_scope", "run")  # fmt: skip
    return replace(_PLAIN, **{name: getattr(scenario, name) for name in kept})


def stops_of(block: float) -> tuple[float, ...]:
    """List what a pass may settle; beyond a block the figure stands still."""
    return tuple(min(settled, block) for settled in SETTLED)


@functools.lru_cache(maxsize=64)
def _crossing(scenario: Scenario, block: float) -> Crossing:
    one = tuple(TOKENS * float(value) for value in curve(scenario, 1.0, 1.0).central)
    stops = []
    for settled, value in zip(stops_of(block), SETTLED_STEPS, strict=True):
        found = advantage(scenario, block, settled)
        moving = tuple(TOKENS * float(value) for value in curve(scenario, block, settled).central)
        turn = found.crossover[1]
        height = None
        if 1.0 < turn < float("inf"):
            height = float(np.exp(np.interp(np.log(turn), np.log(BATCHES), np.log(one))))
        beyond = "" if float(value) <= block else f", all {block:g} of a block"
        stops.append(
            Stop(value, f"{settled:g} token{'' if settled == 1 else 's'} settled in a pass{beyond}", (moving,),
                 found.crossover, height, _card(found))
        )  # fmt: skip
    return Crossing(
        BATCHES,
        _TICKS,
        "conversations at once",
        "energy of 1,000 tokens",
        "J",
        ((Line("One at a time", "solid", 2, "top right"), one),),
        (Line("Blocks", "dashed", 9, "top center"),),
        tuple(stops),
        "at once",
        "right",
    )


def crossing_of(scenario: Scenario, block: float) -> Crossing:
    """Lines by conversations at once, with a stop of the slider for each number of tokens settled."""
    return _crossing(_alone(scenario), block)


def _card(found: Advantage) -> tuple[str, str]:
    gain = found.gain[1]
    first = f"{times(gain)} less" if gain >= 1 else f"{times(1 / gain)} more"
    return f"{first} for one alone", _turn_words(found)


def _turn_words(found: Advantage) -> str:
    middle = found.crossover[1]
    if middle == 1.0:
        return "never less"
    if middle == float("inf"):
        return "less up to 4,096 at once"
    return f"more from {_count(middle)} at once on"


def _count(value: float) -> str:
    """Say from how many conversations on, in whole ones."""
    return "beyond 4,096" if value == float("inf") else quantity(math.ceil(value - 1e-9), "1", 2)


def position(state: State) -> int:
    """Where the slider stands."""
    return SETTLED_STEPS.index(state.choices["ge_at"])


def block_of(state: State) -> float:
    """Tokens in a block."""
    return float(state.choices["ge_block"])


def settled_of(state: State) -> float:
    """Tokens that a pass settles, no more than a block."""
    return min(float(state.choices["ge_at"]), block_of(state))


@functools.lru_cache(maxsize=128)
def crossing_figure_of(scenario: Scenario, block: float, at: str, mode: Mode) -> go.Figure:
    """Draw the lines with the slider at a number of tokens settled."""
    return crossing_figure(crossing_of(scenario, block), SETTLED_STEPS.index(at), mode)


def advantage_of(state: State) -> Advantage:
    """Compare the state's blocks with one token at a time."""
    return advantage(_alone(state.scenario), block_of(state), settled_of(state))


def headline_html(state: State) -> str:
    """Say what blocks save for one conversation, and from how many on they cost, with ranges."""
    found = advantage_of(state)
    (low, gain, high), (first, turn, last) = found.gain, found.crossover
    name = escape(labels("model")[state.scenario.model])
    if turn == 1.0:
        said = (
            f'Writing in blocks takes {name} <span class="tw-machine">more energy</span> at any number of conversations'
        )
    else:
        then = "up to 4,096 at once" if turn == float("inf") else f"more from {_count(turn)} conversations on"
        even = factor(gain) == "1"
        join = "but" if turn != float("inf") else "and no more" if even else "still less"
        less = "about as much" if even else f"{times(gain, 'html')} less"
        said = (
            f'Writing in blocks takes {name} <span class="tw-machine">{less}</span> energy for one '
            f"conversation{' as single tokens' if even else ''}, {join} {then}"
        )
    turned = (
        "" if turn in (1.0, float("inf")) else f", and more from {_count(first)} to {_count(last)} conversations on"
    )
    span = f"{factor(low)} to {times(high)} less"
    if gain < 1.0 or (low < 1.0 <= high and factor(low) != "1"):
        span = f"{factor(1 / high)} to {times(1 / low)} as much for one conversation"
    if factor(low) == factor(high) == "1":
        span = "About as much for one conversation"
    return (
        f'<h1 class="tw-headline">{said}</h1><p class="tw-range">{span}{turned}, if a '
        f"pass over {block_of(state):g} tokens settles {settled_of(state):g}. The weights are read once for all of "
        "them, but every one is computed anew in each pass.</p>"
    )


def alt_words(state: State) -> str:
    """Say gain and turn in words."""
    found = advantage_of(state)
    low, gain, high = found.gain
    span = f"{gain:.2g} ({low:.2g} to {high:.2g})"
    return f"One token at a time over blocks, one conversation: {span}; {_turn_words(found)}."


def footer(state: State) -> str:
    """Say what is computed, for what and from which records, as HTML."""
    scenario = state.scenario
    usual = fact("generation.tokens_per_pass")
    return (
        f"Computed, not measured: {escape(labels('model')[scenario.model])} on as many "
        f"{escape(plural(chip_name(scenario.chip)))} as hold weights and caches at each batch, "
        f"{words_for('context_tokens', float(scenario.context_tokens))} of context; one pass more writes a finished "
        f"block into the cache. Published models settle about {usual.si:g} tokens a pass ({usual.si_low:g} to "
        f"{usual.si_high:g}), at the quality that the page lists · circle: where both take the same, grey: 5 to 95 % · "
        f"{escape(scope_sentence(scenario).partition(' · ')[0])} · "
        f"{records_link(state, 'generation.', 'sources')} · data {DATA_VERSION} · model {__version__}"
    )


def pieces_of(state: State) -> tuple[Piece, ...]:
    """What pictures, video and text take, for the state's machine."""
    scenario = replace(_alone(state.scenario), batch=state.scenario.batch)
    return pieces(scenario, block_of(state), settled_of(state))


def items_of(state: State) -> tuple[Item, ...]:
    """The same as rows of a figure."""
    return tuple(
        Item(
            PIECES[piece.piece][0].upper() + PIECES[piece.piece][1:],
            piece.way,
            f"{piece.name}, {piece.detail}" if piece.piece != "text" else f"{piece.name}, {WAYS[piece.way]}",
            piece.low,
            piece.central,
            piece.high,
        )
        for piece in pieces_of(state)
    )


@functools.lru_cache(maxsize=128)
def _pieces_figure(items: tuple[Item, ...], mode: Mode) -> go.Figure:
    return pieces_figure(items, mode)


def pieces_figure_of(state: State, mode: Mode) -> go.Figure:
    """Draw the pieces."""
    return _pieces_figure(items_of(state), mode)


def pieces_headline(state: State) -> str:
    """Say how many words a picture is worth, and a second of video."""
    found = pieces_of(state)
    text = next(piece.central for piece in found if piece.way == "tokens" and piece.piece == "text")
    shown = [piece for piece in found if piece.piece != "text" and piece.way == "diffusion"]
    if not shown:
        return "Pictures and video cannot be predicted for this chip; made of tokens, they cost their tokens"
    image, video = (max((p for p in shown if p.piece == kind), key=_central) for kind in ("image", "video"))
    return (
        f"A picture by {_first_word(image)} takes as much as {quantity(image.central / text * TOKENS, '1', 2)} "
        f"written tokens, a second of video by {_first_word(video)} as much as "
        f"{quantity(video.central / text * TOKENS, '1', 2)}"
    )


def _central(piece: Piece) -> float:
    return piece.central


def _first_word(piece: Piece) -> str:
    """Name a model without its size."""
    return piece.name.partition(",")[0]


def pieces_legend_html(mode: Mode) -> str:
    """Name the marks by how something is made."""
    colour = palette(mode).machine
    return legend(*(mark(colour, MARKS[way][1], words) for way, words in WAYS.items()), "bar: 5 to 95 %")


def pieces_footer(state: State) -> str:
    """Say what the rows are, as HTML."""
    speed = fact("generation.emu35.speed")
    brain = _brain_words(state)
    denoised = any(piece.way == "diffusion" for piece in pieces_of(state))
    name = escape(chip_name(state.scenario.chip))
    said = f"Denoised: one at a time on one {name} in 16 bits, by the model fitted to measured pictures. "
    return (
        f"Predicted. {said if denoised else ''}Token by token: tokens of a picture times the ledger of a token of a "
        "model of that shape, twice under "
        f"guidance, at {words_for('batch', float(state.scenario.batch))} at once; nobody has published its energy. "
        f"Emu3.5 says that parallel prediction makes it {speed.si:g} times faster; energy is not told. {brain} · "
        f"{escape(scope_sentence(state.scenario).partition(' · ')[0])} · "
        f"{records_link(state, 'generation.', 'sources')} · data {DATA_VERSION} · model {__version__}"
    )


def _brain_words(state: State) -> str:
    images = [piece.central for piece in pieces_of(state) if piece.piece == "image"]
    power = fact("brain.power").si
    low, high = (value / power / 60.0 for value in (min(images), max(images)))
    least, most = _minutes(low), _minutes(high)
    span = most if least == most else f"{least} to {most}"
    return f"A brain spends as much as one of these pictures in {span} minutes"


def _minutes(value: float) -> str:
    return quantity(value, "1", 2) if value >= 1 else f"{value:.1g}"


@functools.lru_cache(maxsize=4)
def points_of(metric: str) -> tuple[Point, ...]:
    """Measured pictures or videos beside their predictions."""
    return tuple(
        Point(
            f"<b>{escape(row.model.rpartition('/')[2][:40])}</b><br>{escape(row.chip[:30])}, {row.batch:g} at once, "
            f"{row.steps:g} steps",
            row.measured,
            row.predicted,
            case_source(row.source),
        )
        for row in shipped()
        if row.metric == metric
    )


@functools.lru_cache(maxsize=8)
def measured_figure_of(metric: str, mode: Mode) -> go.Figure:
    """Draw predicted against measured."""
    return measured_figure(points_of(metric), WITHIN, mode)


def measured_headline(metric: str) -> str:
    """Say how many measured pieces are predicted within the factor."""
    rows = [row for row in shipped() if row.metric == metric]
    within = sum(1 / WITHIN <= row.predicted / row.measured <= WITHIN for row in rows)
    return (
        f"{within} of {len(rows)} measured {THINGS[metric]} are predicted within {WITHIN:g} times, without being told "
        "anything measured"
    )


def measured_footer(state: State) -> str:
    """Say what was measured, and how it was predicted, as HTML."""
    metric = state.choices["ge_metric"]
    errors = [abs(np.log10(row.predicted / row.measured)) for row in shipped() if row.metric == metric]
    return (
        f"Measured by others, boards alone: {_sources(metric)}. Each predicted from model, chip, steps, size and "
        "batch, without time or power, by a fit that had not seen its model; half within "
        f"{100 * (10 ** float(np.median(errors)) - 1):.0f} %. Measurements are of denoising only: none published is of "
        f"a picture made of tokens · data {DATA_VERSION} · model {__version__}"
    )


def _sources(metric: str) -> str:
    named = dict.fromkeys(row.source.partition(" (")[0] for row in shipped() if row.metric == metric)
    return escape(", ".join(named))


def metrics() -> tuple[str, ...]:
    """Name what can be shown as measured."""
    return METRICS


def quality_headline() -> str:
    """Say what quality costs."""
    careful, fast = (fact(f"generation.llada21_{mode}.tokens_per_pass").si for mode in ("q", "s"))
    good, worse = (100 * fact(f"generation.llada21_{mode}.code").si for mode in ("q", "s"))
    return (
        f"Quality: settling {fast:.2g} tokens a pass instead of {careful:.2g} takes a test of code from "
        f"{good:.0f} to {worse:.0f} %"
    )


def quality_html(state: State) -> str:
    """Set published tokens per pass beside published quality, as HTML."""

    def percent(key: str) -> str:
        return f"{100 * fact(f'generation.{key}').si:.1f} %"

    def settled(key: str) -> str:
        record = fact(f"generation.{key}.tokens_per_pass")
        return f"{record.si:.2g}" if record.si_high == record.si else f"{record.si:.2g} to {record.si_high:.2g}"

    def speed(key: str) -> str:
        record = fact(f"generation.{key}.speed")
        low = f"{record.si_low:,.0f} to " if record.si_low < record.si else ""
        return f"{low}{record.si:,.0f} tokens/s"

    rows = [
        ["LLaDA 8B, whole text, no cache", settled("llada"), f"{percent('llada.mean')} (eight tests)",
         f"iLLaDA 8B {percent('illada.mean')}, Qwen2.5 7B {percent('qwen25_7b.mean')}, one at a time"],
        ["Fast-dLLM v2 7B, blocks of 32", f"speed {fact('generation.fastdllm_v2.speed').si:g}×", "as Qwen2.5 7B, say "
         "its makers", "made from Qwen2.5 7B"],
        ["LLaDA2.1 flash, careful", settled("llada21_q"), f"{percent('llada21_q.mean')} (33 tests)",
         f"Qwen3 30B-A3B {percent('qwen3_30b.mean')}, Ling flash {percent('ling_flash.mean')}"],
        ["LLaDA2.1 flash, fast", settled("llada21_s"), f"{percent('llada21_s.mean')} (33 tests)", "the same"],
        ["Gemini Diffusion", speed("gemini_diffusion"),
         f"{percent('gemini_diffusion.code')} code, {percent('gemini_diffusion.science')} science",
         f"Gemini 2.0 Flash-Lite {percent('gemini_flash_lite.code')}, {percent('gemini_flash_lite.science')}"],
        ["Mercury Coder Mini, Small", f"{speed('mercury_mini')}; {speed('mercury_small')}",
         "like small fast models, say its makers", "steps and batch not published"],
        ["Small models trained alike", "blocks of 4, 16, whole text",
         f"perplexity {fact('generation.bd3.block_4').si:.1f}, {fact('generation.bd3.block_16').si:.1f}, "
         f"{fact('generation.bd3.whole').si:.1f}", f"{fact('generation.bd3.ar').si:.1f} one at a time (low is good)"],
    ]  # fmt: skip
    return table(("Model", "Tokens a pass, or speed", "Quality", "Beside it"), rows) + (
        '<p class="tw-footer">No source measured energy. Two studies of open models find, as here, that blocks pay for '
        "few conversations and one token at a time for many (Kim 2025, arXiv 2510.04146; arXiv 2510.18480) · figures "
        f"of LLaDA2.1, of base models and perplexities are second-hand · "
        f"{records_link(state, 'generation.', 'sources')}</p>"
    )
