"""The sentences, tables and figures of the *Precision* page."""

from __future__ import annotations

import functools
from dataclasses import replace
from html import escape
from statistics import median
from typing import Final

import plotly.graph_objects as go

from efficiency import __version__
from efficiency.architectures import resolve
from efficiency.brain import synaptic_event_energy_j
from efficiency.catalogue import chip, labels
from efficiency.facts import DATA_VERSION, fact
from efficiency.gap import inputs_for
from efficiency.ledger import PER
from efficiency.lever_pairs import Pair
from efficiency.link import State
from efficiency.precision import Width, at_width, best_width, widths
from efficiency.precision_quality import REFERENCE_BITS, Factor
from efficiency.precision_weights import break_even_batch, weights_only
from efficiency.say import factor, quantity, significant, times
from efficiency.scenario import Scenario
from efficiency.stored_pairs import shipped_pairs
from ui.figures.precision import bits_text, energy_text, precision_figure
from ui.figures.precision_parts import (
    MeasuredPair,
    pairs_figure,
)
from ui.names import WHOSE, arithmetic_row, chip_name, plural
from ui.pair_scores import score_sentence
from ui.precision_quality import cited, html_table
from ui.record_links import records_link
from ui.theme import Mode, palette
from ui.units import counted, saved

EQUAL: Final = "equal"


@functools.lru_cache(maxsize=128)
def ledger_figure_of(scenario: Scenario, at: str, equal: bool, mode: Mode) -> go.Figure:
    """Draw the ledger by width, the slider standing at a width."""
    shown = widths(scenario)
    return precision_figure(shown, [f"{width.bits:g}" for width in shown].index(at), equal, mode)


@functools.cache
def fp8_pairs() -> tuple[MeasuredPair, ...]:
    """Take the measured pairs that differ in nothing but 8 bits for 16."""
    found = (pair for pair in shipped_pairs() if pair.lever == "precision" and pair.before == "16 bit")
    return tuple(_measured(pair) for pair in found if pair.after == "8 bit")


def _measured(pair: Pair) -> MeasuredPair:
    experts = resolve(pair.model).experts > 1
    name = pair.model.rsplit("/", 1)[-1]
    words = f"{name} on {pair.chips:.0f} {pair.chip.removeprefix('NVIDIA ').split(' ')[0]}"
    return MeasuredPair(pair.batch, pair.measured, pair.predicted, experts, words)


@functools.lru_cache(maxsize=4)
def pairs_figure_of(mode: Mode) -> go.Figure:
    """Draw what FP8 changed in measurements."""
    return pairs_figure(fp8_pairs(), mode)


def headline_html(scenario: Scenario, equal: bool) -> str:
    """Say the finding, the number in the machine's colour, and what it rests on."""
    said, number, after = _equal_finding(scenario) if equal else _plain_finding(scenario)
    number = f' <span class="tw-machine">{escape(number)}</span>' if number else ""
    return (
        f'<h1 class="tw-headline">{escape(said)}{number}{escape(after)}</h1>'
        f'<p class="tw-range">{_equal_range(scenario) if equal else _plain_range(scenario)}</p>'
    )


def _plain_finding(scenario: Scenario) -> tuple[str, str, str]:
    saving = at_width(scenario, 1.0).saving.central
    if saving < 1.05:
        return "One bit instead of sixteen saves", "nothing", ""
    return "One bit instead of sixteen saves", times(saving), "" if saving > 13 else ", not 16"


def _plain_range(scenario: Scenario) -> str:
    sixteen, eight, one = (at_width(scenario, bits) for bits in (REFERENCE_BITS, 8.0, 1.0))
    per = f"per {PER[scenario.workload]}"
    known = spread(one.saving)
    return (
        f"{known}{'. ' if known else ''}{energy_text(sixteen.total_j)} {per} at 16 bit, "
        f"{energy_text(eight.total_j)} at 8, "
        f"{energy_text(one.total_j)} at 1, if the same model still worked: what remains does not shrink with the bits."
    )


def _equal_finding(scenario: Scenario) -> tuple[str, str, str]:
    best = best_width(scenario, equal_quality=True)
    saving = best.saving_at(True).central
    if best.bits >= REFERENCE_BITS or saving < 1.05:
        return "At equal quality fewer bits save", "nothing", ""
    return f"At equal quality the saving ends at {bits_text(best.bits)}:", times(saving), ""


def _equal_range(scenario: Scenario) -> str:
    best, one = best_width(scenario, equal_quality=True), at_width(scenario, 1.0)
    known = spread(best.saving_at(True))
    native = chip(scenario.chip).native_bits[1.0]
    widths = f"With weights of 1 bit and arithmetic at {bits_text(native)}" if native > 1.0 else "At 1 bit"
    growth = one.growth
    spoken = f"{factor(growth.low)} to {factor(growth.high)}"
    if factor(growth.low) == factor(growth.central):
        spoken = f"by other laws up to {factor(growth.high)}"
    return (
        f"{known}{', by which published law one believes. ' if known else ''}{widths} a model must be "
        f"{times(growth.central)} as large ({spoken}) and {_compared(one.saving_at(True).central)}."
    )


def _compared(saving: float) -> str:
    if "1" in (factor(saving), factor(1 / saving)):
        return "costs as much as at 16 bit"
    return f"costs {factor(1 / saving)} times as much as at 16 bit" if saving < 1 else f"saves {times(saving)}"


def spread(found: Factor) -> str:
    """Say a range, or nothing where its ends read alike.

    >>> spread(Factor(1.6, 2.2, 2.9)), spread(Factor(2.0, 2.0, 2.0))
    ('Range 1.6 to 2.9 times', '')
    """
    ends = factor(found.low), factor(found.high)
    if ends[0] == ends[1]:
        return ""
    if found.low < 1.0 and ends[0] != "1":
        best = "nothing saved" if ends[1] == "1" or found.high < 1.0 else f"{ends[1]} times less"
        return f"Range {100.0 / found.low - 100.0:.0f} % more to {best}"
    return f"Range {ends[0]} to {ends[1]} times"


def caption(state: State) -> str:
    """Say under the first figure what it is about, what is calculated and where its records are, as HTML."""
    scenario = state.scenario
    lacking = [width.bits for width in widths(scenario) if width.native_bits > width.bits]
    native = (
        f"our table has no peak of the {chip_name(scenario.chip)} at {_listed(lacking)} bit, so that is computed wider "
        "and only the weights shrink · "
        if lacking
        else ""
    )
    load = f", {_serving(float(scenario.batch))}" if scenario.workload == "decode" else ""
    row = arithmetic_row(scenario.chip, 8.0)
    if "INT8" in row:
        row = row.removesuffix(" · ") + ", which sums integers: a float’s sum would shrink it less · "
    return (
        f"Calculated, per {PER[scenario.workload]}: {escape(labels('model')[scenario.model])} on "
        f"{escape(plural(chip_name(scenario.chip)))}{load} · pale: 16 bit · {escape(native)}{row}"
        f"caches keep at least 8 bit · {records_link(state, 'precision.', 'sources')} · "
        f"data {DATA_VERSION} · model {__version__}"
    )


def _serving(batch: float) -> str:
    said = counted(batch, "conversation")
    return f"{said} alone" if said == "1 conversation" else f"{said} at once"


def _listed(bits: list[float]) -> str:
    words = [f"{one:g}" for one in bits]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def parts_legend_html(mode: Mode) -> str:
    """Say what the colours of the ledger mean."""
    colours = palette(mode)
    blue, grey = (f'<span style="color:{fill}">■</span>' for fill in (colours.shades[2], colours.greys[1]))
    return f'<p class="tw-footer" style="opacity:1">{blue} touches the work · {grey} runs whether it works or not</p>'


def width_headline(scenario: Scenario) -> str:
    """Say that three things that bits buy shrink by three different factors."""
    sixteen = at_width(scenario, REFERENCE_BITS)
    native = min(width.native_bits for width in widths(scenario))
    chip = escape(chip_name(scenario.chip))
    if native >= REFERENCE_BITS:
        one = at_width(scenario, 1.0)
        return (
            f"The {chip} computes nothing below {native:g} bit: from 16 to 1 bit its arithmetic saves nothing, the "
            f"weights {saved(sixteen.weights_bytes / one.weights_bytes)}, the energy {saved(one.saving.central)}"
        )
    narrow = at_width(scenario, native)
    # A chip without a format of 16 bits puts it together from pieces of the narrower one.
    bare = sixteen.bare_j / narrow.bare_j
    shrinks = "stays" if saved(bare) == "nothing" else f"shrinks {times(bare)}"
    return (
        f"From 16 to {native:g} bit the bare arithmetic {shrinks}, the weights shrink "
        f"{times(sixteen.weights_bytes / narrow.weights_bytes)}, and the energy {_change(narrow.saving.central)}"
    )


def _change(saving: float) -> str:
    """Say what happens to an energy.

    >>> _change(2.2), _change(1.01), _change(0.5)
    ('2.2 times', 'stays', 'grows 2 times')
    """
    if "1" in (factor(saving), factor(1 / saving)):
        return "stays"
    return times(saving) if saving > 1 else f"grows {times(1 / saving)}"


def width_table(scenario: Scenario) -> str:
    """Set every width with its numbers as a table in HTML."""
    rows = "".join(_width_row(width) for width in widths(scenario))
    heads = (
        "Width",
        "Computed in",
        "Multiply-add, bare",
        "As the chip spends it",
        "Weights",
        f"Per {PER[scenario.workload]}",
        "At equal quality",
    )
    return html_table(heads, rows)


def _width_row(width: Width) -> str:
    equal = width.total_at(True)
    low, high = width.total_j * width.cost.low, width.total_j * width.cost.high
    spread_words = f" ({energy_text(low)} to {energy_text(high)})" if high > 1.05 * low else ""
    cells = (
        f"<b>{bits_text(width.bits)}</b>",
        bits_text(width.native_bits) if width.native_bits >= width.bits else f"pieces of {width.native_bits:g} bit",
        energy_text(width.bare_j),
        energy_text(width.chip_j),
        quantity(width.weights_bytes, "B", 2),
        energy_text(width.total_j),
        f"{energy_text(equal)}{spread_words}",
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def pairs_headline() -> str:
    """Say what FP8 changed in measurements."""
    found = fp8_pairs()
    if not found:
        return "No measured pair differs in the width alone"
    least, most = min(pair.measured for pair in found), max(pair.measured for pair in found)
    more = sum(pair.measured > 1.0 for pair in found)
    return (
        f"Measured, 8 bit costs {significant(least, 2)} to {significant(most, 2)} times the energy of 16 bit: "
        f"more in {more} of {len(found)} pairs"
    )


def pairs_caption() -> str:
    """Say how narrow the setting is, what is measured and what calculated."""
    found = fp8_pairs()
    if not found:
        return ""
    few, many = ([p.measured for p in found if (p.batch < 24) == small] for small in (True, False))
    medians = (
        f"Half of the pairs lie above {significant(median(few), 2)} below 24 conversations at once, above "
        f"{significant(median(many), 2)} from there on. "
        if few and many
        else ""
    )
    models = sorted({pair.words.split(" on ")[0] for pair in found})
    dense = sum(not pair.experts for pair in found)
    kind = "all mixtures of experts" if not dense else f"{dense} of the pairs with dense models"
    names = sorted({pair.source for pair in shipped_pairs() if pair.lever == "precision"})
    return (
        "Filled: measured at the same chip, count, batch and software. Hollow: predicted by fits that had not seen "
        f"the model. {medians}A narrow setting: {escape(', '.join(models))}, {kind}. "
        f"{score_sentence('precision')} Source: {escape('; '.join(names))}."
    )


def costlier_table(scenario: Scenario) -> str:
    """Set the cases in which fewer bits cost more, each with how it is known, as a table in HTML."""
    rows = [*_measured_row(), _weights_row(), _kernel_row(), _lacking_row(scenario), _quality_row(scenario)]
    cells = "".join(
        f'<tr><td><b>{case}</b><br>{known}</td><td style="white-space:normal">{what}</td></tr>'
        for case, what, known in rows
    )
    return html_table(("Where, and how it is known", "What fewer bits do"), cells, wrap=True)


def _measured_row() -> list[tuple[str, str, str]]:
    found = fp8_pairs()
    if not found:
        return []
    worst = max(found, key=lambda pair: pair.measured)
    return [
        (
            f"Few conversations: {escape(worst.words)}, {worst.batch:.0f} at once",
            f"8 bit costs {significant(worst.measured, 2)} times as much as 16",
            "Measured",
        )
    ]


def _weights_row() -> tuple[str, str, str]:
    found, even = weights_only(), break_even_batch()
    turn = f", even at about {significant(even, 1)}" if even else ""
    return (
        "Many conversations: Llama 3.1 70B on four H100s, weights of 4 bit computed in 16",
        f"{significant(found[0].ratio, 2)} times the energy of 8 bit throughout for one conversation, "
        f"{significant(found[-1].ratio, 2)} times for {found[-1].batch:,.0f}{turn}",
        "Calculated by the model fitted to serving",
    )


def _kernel_row() -> tuple[str, str, str]:
    record = fact("precision.speed.aqlm")
    return (
        "Weights of 2 bit that need a code book",
        f"{significant(record.si_low, 2)} to {significant(record.si_high, 2)} times the speed of 16 bit, "
        "by software for the same weights",
        f"Measured by the authors, speed and not energy: {cited(record.key)}",
    )


def _lacking_row(scenario: Scenario) -> tuple[str, str, str]:
    reading = replace(scenario, workload="prefill")
    native = min(width.native_bits for width in widths(scenario))
    gain = at_width(reading, native).total_j / at_width(reading, 1.0).total_j
    return (
        f"Below the narrowest format that our table has of the {escape(chip_name(scenario.chip))}, reading",
        f"from {native:g} to 1 bit the energy falls {factor(gain)} times"
        if saved(gain) != "nothing"
        else f"from {native:g} to 1 bit nothing is saved",
        "Calculated from your settings",
    )


def _quality_row(scenario: Scenario) -> tuple[str, str, str]:
    worse = [
        width for width in widths(scenario) if width.bits < REFERENCE_BITS and width.saving_at(True).central < 0.975
    ]
    unsure = [width for width in widths(scenario) if width.bits < REFERENCE_BITS and width.saving_at(True).low < 0.975]
    said = (
        f"{_costing(worse)} more than 16"
        if worse
        else f"by the least favourable law {_costing(unsure)} more than 16"
        if unsure
        else "no width costs more than 16 bit"
    )
    return "Where quality must stay as it is at 16 bit", said, "Calculated from your settings with published laws"


def _costing(some: list[Width]) -> str:
    return f"{_listed([width.bits for width in some])} bit {'costs' if len(some) == 1 else 'cost'}"


def brain_html(scenario: Scenario) -> str:
    """Say what the brain does instead, as HTML."""
    inputs = inputs_for(scenario)
    event = float(synaptic_event_energy_j(scenario.brain_scope, inputs))
    here = at_width(scenario, float(scenario.bits))
    record = fact("brain.bits_per_synapse")
    return (
        f'<h2 class="tw-finding">The brain stores about <span style="color:BRAIN">'
        f"{significant(record.si, 2)} bit</span> a synapse and charges everything to the event</h2>"
        f'<p class="tw-range">In the hippocampus of rats a synapse tells about {2**record.si:.0f} strengths apart '
        f"({_plain_link(record.key)}; {factor(record.si_low)} bit and more in a later study), after averaging over "
        "minutes; a spike is there or not. One synaptic event costs "
        f"{energy_text(event)} with {WHOSE[scenario.brain_scope]} charged to the synapses of the neocortex; one "
        "multiply-add in the "
        f"{escape(chip_name(scenario.chip))} at {bits_text(here.bits)} costs "
        f"{energy_text(here.chip_j)} before memory, idle time and cooling. Few bits are not what "
        "makes the brain cheap: most synapses are silent at any moment, and none of them is fetched from a memory.</p>"
    )


def _plain_link(key: str) -> str:
    """Cite a record in the colour of the sentence around it."""
    return cited(key).replace("<a ", '<a style="color:inherit" ')
