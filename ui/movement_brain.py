"""What the brain spends on moving signals: sentences, and bars of its two ways to keep the books."""

from __future__ import annotations

from html import escape

from efficiency.brain_split import Booking, bookings
from efficiency.facts import fact
from efficiency.hierarchy import levels
from efficiency.say import factor, quantity, significant
from ui.legend import legend, mark
from ui.movement import percent
from ui.theme import Mode, palette


def brain_headline() -> str:
    """Say the brain's own split."""
    ratios = [row.ratio for row in bookings()]
    return (
        f"The brain too: communication takes {factor(min(ratios))} to {factor(max(ratios))} times what computation "
        "does, depending on how a synapse’s current is booked"
    )


def brain_bars(mode: Mode) -> str:
    """Draw the bookings as bars in HTML: communication, computation, and what belongs to neither."""
    return "".join(_brain_bar(row, mode) for row in bookings())


def _brain_bar(row: Booking, mode: Mode) -> str:
    colours = palette(mode)
    parts = (
        (row.communication, colours.brain, "communication"),
        (row.computation, colours.ink, "computation"),
        (row.rest, colours.neutral_soft, "resting potentials, neither"),
    )
    whole = sum(share for share, _, _ in parts)
    bar = "".join(
        f'<span style="display:inline-block;height:16px;width:{100 * share / whole:.2f}%;background:{fill}"></span>'
        for share, fill, _ in parts
        if share
    )
    said = ", ".join(f"{name} {percent(share / whole)}" for share, _, name in parts if share)
    ratio = f"{factor(row.ratio)}×" + (f" ({factor(row.low)} to {factor(row.high)})" if row.low < row.high else "")
    ours = ", a booking of ours" if row.ours else ""
    rule = row.rule if row.key == "levy" else f"postsynaptic current {row.rule}"
    return (
        f'<p style="margin:0.7rem 0 0.1rem"><b>{ratio}</b> {escape(row.name)}: {escape(rule)}{ours}</p>'
        f'<div role="img" aria-label="{escape(said)}" title="{escape(said)}" '
        f'style="line-height:0;white-space:nowrap">{bar}</div>'
    )


def brain_legend_html(mode: Mode) -> str:
    """Say what the bars' colours mean."""
    colours = palette(mode)
    return legend(
        mark(colours.brain, "■", "communication"),
        mark(colours.ink, "■", "computation"),
        mark(colours.neutral_soft, "■", "neither"),
    )


def brain_sentence() -> str:
    """Say what the brain does instead: few bits, each shared by thousands."""
    rate, receivers = fact("cortex.bits_per_neuron_per_s").si, fact("cortex.receivers_per_neuron").si
    synapses = fact("brain.synapses").si / fact("cortex.neurons").si
    table = {level.key: level for level in levels()}
    shared = table["hbm_path"].energy / receivers
    return (
        f"A cortical neuron sends about {rate:.0f} bits a second, at "
        f"{quantity(table['sent'].energy, 'J', 2)} each, no less than a bit from HBM. But each reaches "
        f"{receivers:,.0f} receivers, {quantity(table['delivered'].energy, 'J', 2)} apiece. Batching is the same "
        f"trick: a bit of a weight that {receivers:,.0f} conversations share costs {quantity(shared, 'J', 2)} per use. "
        f"The brain shares within one thought. {receivers:,.0f} transmissions fire a neuron (Levy and Calvert) and are "
        f"taken for its receivers; synapses over neurons make {significant(synapses, 1)}. Shares of signalling energy "
        "as ATP: Attwell and Laughlin 2001, Howarth 2012, Levy and Calvert 2021."
    )
