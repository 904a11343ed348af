"""What nearer memory would save, what was built and measured, and what it costs: sentences, tables, a figure."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go

from efficiency.catalogue import chip
from efficiency.facts import fact
from efficiency.gap import inputs_for
from efficiency.lever_machines import Task, best_batch
from efficiency.lever_pairs import Pair
from efficiency.near_memory import NEARER, claims, distance_gain, published
from efficiency.parallel_points import GPU_PARAMETERS, NORTHPOLE_PARAMETERS
from efficiency.roofline import BATCHES
from efficiency.say import factor, quantity, significant, times
from efficiency.scenario import Scenario, field_rules
from efficiency.stored_pairs import shipped_pairs
from ui.figures.movement_published import EVIDENCE, published_figure
from ui.movement import View, per_s
from ui.names import chip_name, plural
from ui.pair_scores import score_sentence
from ui.theme import Mode
from ui.units import saved, words_for

_PAIRS_SHOWN: Final = 6
_NOTABLE: Final = 1.1
"""Effects below this ratio are within the noise of measurements."""


@functools.lru_cache(maxsize=128)
def gains_of(scenario: Scenario) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """Work out what nearer memory alone would save, for one conversation, as set, and at the best batch."""
    inputs = inputs_for(scenario)
    along = np.array([1.0, float(scenario.batch), best_batch(Task("token", scenario))])
    return tuple(
        (where, tuple(float(gain) for gain in np.broadcast_to(distance_gain(scenario, inputs, where, along), 3)))
        for where in NEARER
    )


def gains_headline(scenario: Scenario) -> str:
    """Say the best that nearer memory could do."""
    gains = gains_of(scenario)
    alone, many = (max(row[i] for _, row in gains) for i in (0, 2))
    if max(alone, many) < _NOTABLE:
        return (
            f"In theory: nearer memory alone would save next to nothing on {escape(plural(chip_name(scenario.chip)))}"
        )
    most = best_batch(Task("token", scenario))
    others = f", {saved(many, 'html')} for {most:,.0f}, where a token takes least" if most > 1.0 else ""
    return f"In theory: nearer memory alone would save {saved(alone, 'html')} for one conversation{others}"


def gains_table(scenario: Scenario) -> str:
    """Set the computed gains as a table in HTML."""
    rule = field_rules()["movement"]
    heads = ("Computed here", "1 conversation", f"{words_for('batch', float(scenario.batch))}, as set",
             f"{best_batch(Task('token', scenario)):,.0f}, the best batch")  # fmt: skip
    rows = (
        [rule.options[where], *(f"{factor(gain, 'html')}×" for gain in gains)]  # type: ignore[union-attr]
        for where, gains in gains_of(scenario)
    )
    return table(heads, rows, "22rem")


def gains_caption(scenario: Scenario) -> str:
    """Say what the computed gains leave out, as HTML."""
    own = "the memory on the die that they have" if chip(scenario.chip).memory_on_chip else "off-chip memory"
    return (
        f"Energy of one written token on {escape(plural(chip_name(scenario.chip)))} with {own} over the same "
        "with nearer memory; nothing else changes, not even the size of the memory. A computed bound, not a product: "
        "instructions, idle power, host and cooling stay, and where weights never move the caches still do, on the die."
    )


@functools.lru_cache(maxsize=2)
def published_figure_of(mode: Mode) -> go.Figure:
    """Draw what was published of built chips."""
    return published_figure(published(), mode)


def published_headline() -> str:
    """Say what whole analog chips reach beside a GPU, and what a macro's number would promise."""
    rows = {row.key: row for row in published()}
    hermes, gpu, macro = rows["hermes"], rows["h100_8"], rows["macro"]
    return (
        f"As published: HERMES, a whole analog chip, does {_tera(hermes.low)} to {_tera(hermes.high)} operations per "
        f"picojoule, an H100 {_tera(gpu.value)} at its peak; a single macro promises {_tera(macro.value)}"
    )


def _tera(value: float) -> str:
    return significant(value / 1e12, 2)


def published_caption() -> str:
    """Say what the marks mean, and what operations per joule do not say, as HTML."""
    return (
        f"Trillion operations per joule (TOPS/W). ● {EVIDENCE['measured']} · ○ {EVIDENCE['peak']} · "
        f"✕ {EVIDENCE['macro']} · dotted: H100, 8 bit. WSE-3’s peak is probably for sparse weights, its power that "
        "of the server. In these publications no analog chip runs a large language model; fewer bits "
        "cost less everywhere."
    )


def claims_table() -> str:
    """Set published gains with the settings that they hold in, as HTML."""
    rows = ([escape(c.name), f"{factor(c.gain, 'html')}×", c.kind, escape(c.setting)] for c in claims())
    return table(("Published gain", "Less energy", "Kind", "Holds"), rows)


@functools.cache
def northpole_sentence() -> str:
    """Set NorthPole's energy per token beside the best measured of a GPU that batches, as plain text."""
    tokens, power = fact("nearmem.northpole_tokens").si, fact("nearmem.northpole_power").si
    card = power / tokens / NORTHPOLE_PARAMETERS
    best = fact("parallel.gpu_8b_best").si / GPU_PARAMETERS
    return (
        f"NorthPole’s cards take {quantity(power / tokens, 'J', 2)} for a token of that 3B model, "
        f"{quantity(card * 1e9, 'J', 2)} per billion parameters. Measured: an 8B model on one B200 at its best batch "
        f"takes {quantity(best * 1e9, 'J', 2)} per billion. Models, formats and scopes differ, but the gain lies in "
        "answering few conversations fast."
    )


def batch_pairs() -> tuple[Pair, ...]:
    """Give the measured pairs that differ in the batch alone."""
    return tuple(pair for pair in shipped_pairs() if pair.lever == "batch")


def pairs_headline() -> str:
    """Say what sharing was measured to save, and how well that was predicted."""
    found = batch_pairs()
    strongest = min(found, key=lambda pair: pair.measured)
    return (
        "As measured: sharing each reading among more conversations saves up to "
        f"{times(1 / strongest.measured, 'html')}, from {_count(strongest.before)} to {_count(strongest.after)} at once"
    )


def _count(batch: str) -> str:
    return f"{float(batch):,.0f}"


def pairs_sentence() -> str:
    """Say how far the predictions of measured batch effects are off, as plain text."""
    found = batch_pairs()
    return (
        f"{len(found):,} measured pairs that differ in the batch alone, each predicted by a fit that had not seen its "
        f"model. {score_sentence('batch')}"
    )


def pairs_table() -> str:
    """Set the strongest measured effect of each model beside its prediction, as HTML."""
    best: dict[str, Pair] = {}
    for pair in sorted(batch_pairs(), key=lambda pair: pair.measured):
        best.setdefault(pair.model, pair)
    rows = (
        [
            escape(pair.model.rpartition("/")[2]),
            escape(pair.chip),
            f"{_count(pair.before)} → {_count(pair.after)}",
            f"{factor(1 / pair.measured)}×",
            f"{factor(1 / pair.predicted)}× ({factor(1 / pair.high)} to {factor(1 / pair.low)})",
            escape(pair.source.partition(" (")[0]),
        ]
        for pair in list(best.values())[:_PAIRS_SHOWN]
    )
    return table(("Model", "Chip", "At once", "Measured saving", "Predicted (90 %)", "Measured by"), rows)


def cost_sentence(view: View) -> str:
    """Say what moving less costs in quality and in waiting, as plain text."""
    step = view.standing.step_s
    # Cut into more chips, a step can even become shorter.
    waiting = (
        "Batching costs waiting: "
        f"{per_s(step[0])} a second for one conversation, {per_s(step[-1])} for each of {BATCHES[-1]:,.0f}."
        if step[-1] > _NOTABLE * step[0]
        else "Batching costs no waiting here: the machine grows with the conversations, and each step takes no longer."
    )
    return (
        "Digital memory, wherever it is, changes no bit of an answer, so there is no quality to buy back. Analog "
        "reading does: the chips above reach software’s accuracy on small networks and nearly so on larger ones; "
        "none of them was published with a large language model. "
        f"{waiting}"
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], narrowest: str = "36rem") -> str:
    """Set a table in HTML that fits a page's width; the cells are HTML already."""
    body = "".join(
        "<tr>" + "".join(f'<td style="white-space:normal">{cell}</td>' for cell in row) + "</tr>" for row in rows
    )
    head = "".join(f"<th>{name}</th>" for name in heads)
    return (
        f'<div class="tw-scroll"><table class="tw-table" style="min-width:{narrowest}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
