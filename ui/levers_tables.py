"""The tables of the page on all levers: each lever's share, and apart from it what was measured of it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from html import escape

from efficiency.lever_evidence import Evidence, evidence
from efficiency.lever_settings import LEVERS
from efficiency.levers import Bar, Range
from efficiency.link import State
from efficiency.say import factor, times
from ui.figures.levers_words import gain_words
from ui.levers import found_of, other_of, swing_words
from ui.record_links import records_link


def levers_table(state: State) -> str:
    """Set share, gain alone, gain last, and what a position rests on, lever by lever, as HTML."""
    found, other = found_of(state), other_of(state)
    heads = (
        "Lever",
        f"Share, {_batch(found.batch)}",
        f"Share, {_batch(other.batch)}",
        "Alone",
        "Pulled last",
        "Model grows, alone",
        "Rests on",
        "Holds where, and why",
    )
    rows = [_row(bar, there, state) for bar, there in zip(found.bars, other.shares, strict=True)]
    for name, here, there in (
        ("All together", found.together, other.together),
        ("Overlap", found.overlap, other.overlap),
        ("Left", found.remainder, other.remainder),
    ):
        rows.append((f"<b>{name}</b>", _spread(here), swing_words(there), "", "", "", "", ""))
    return _table(heads, rows)


def _batch(batch: float) -> str:
    return "one at a time" if batch == 1.0 else f"batch of {batch:,.0f}"


def _row(bar: Bar, there: float, state: State) -> tuple[str, ...]:
    name = f"<b>{escape(bar.name)}</b><br>{escape(bar.setting.words)}"
    if bar.position == "today":
        return (name, "0", "0", "", "", "", bar.setting.evidence, "")
    grows = "no" if bar.growth < 1.005 else f"{factor(bar.growth)}×"
    return (
        name,
        _spread(bar.share),
        swing_words(there),
        swing_words(bar.alone.central),
        swing_words(bar.last_in.central),
        grows,
        _linked(bar.setting.evidence, bar.setting.facts, state),
        _holds(bar),
    )


def _holds(bar: Bar) -> str:
    """Say where a position does not hold, and why it may where no record says so."""
    return "<br>".join(escape(one) for one in (bar.setting.narrow, bar.setting.reason) if one)


def _spread(value: Range) -> str:
    said = f"<b>{swing_words(value.central)}</b>"
    if value.high - value.low < 0.005:
        return said
    return f"{said}<br>{swing_words(value.low)} to {swing_words(value.high)}"


def _linked(words: str, facts: Iterable[str], state: State) -> str:
    key = next(iter(facts), "")
    if not key:
        return escape(words)
    return records_link(state, key, words)


def evidence_table(state: State) -> str:
    """Set what was measured or published beside what theory promised and what is predicted of it, as HTML."""
    heads = ("Lever", "In theory", "Predicted", "Found", "How", "Of what, and where it holds")
    found = found_of(state)
    positions = {bar.key: bar for bar in found.bars}
    names = {lever.key: lever.name for lever in LEVERS}
    rows = []
    shown: set[str] = set()
    for one in evidence():
        name = "" if one.lever in shown else f"<b>{names[one.lever]}</b>"
        if name and positions[one.lever].position != "today":
            bar = positions[one.lever]
            gain = gain_words(bar.alone.central).replace(" ", "\u00a0")
            name += f"<br>{escape(bar.setting.words)} here, alone: {gain}"
        shown.add(one.lever)
        rows.append((name, *_evidence_cells(one), _where(one, state)))
    return _table(heads, rows)


@functools.cache
def _evidence_cells(one: Evidence) -> tuple[str, ...]:
    found = f"<b>{_times(one.central)}</b>"
    if one.high > one.low * 1.005:
        found += f"<br>{_times(one.low)} to {_times(one.high)}"
    how = f"{one.kind}, {one.count} pairs" if one.count else one.kind
    return (
        "" if one.theory is None else _times(one.theory),
        "" if one.predicted is None else _times(one.predicted),
        found,
        how,
    )


def _where(one: Evidence, state: State) -> str:
    what = escape(one.what[0].upper() + one.what[1:])
    said = f"{what}, in {escape(one.of)}; {escape(one.narrow)}"
    if one.facts:
        return f"{said} · {_linked('record', one.facts, state)}"
    return said


def _times(gain: float) -> str:
    return f"{factor(gain)}×"


def evidence_headline() -> str:
    """Say how what was found compares with what was promised."""
    eight = next(one for one in evidence() if one.lever == "precision")
    pair = next(one for one in evidence() if one.facts == ("sparsity.two_four_speedup",))
    return (
        f"What was found falls short of what was promised: half the bits took {_change(eight.central)} energy, half "
        f"the weights gave {times(pair.central)} the speed; in theory, {factor(2.0)} each"
    )


def _change(gain: float) -> str:
    """Say a gain as a change of energy.

    >>> _change(0.94), _change(1.25)
    ('6 % more', '20 % less')
    """
    percent = 100.0 * (1.0 / gain - 1.0)
    return f"{percent:.0f} % more" if percent > 0 else f"{-percent:.0f} % less"


def evidence_footer() -> str:
    """Say how the two sides differ."""
    return (
        "How many times less energy, or of what is named; below 1 it takes more. Nothing of this is part of a bar: "
        "shares are modelled on this machine, these were found on others, with their medians and 5 to 95 % points. "
        "Predicted: by fits that had not seen the model, median of the same pairs. “Here, alone”: modelled, this lever "
        "by itself on the machine of this page."
    )


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join(
        "<tr>" + "".join(f'<td style="white-space:normal">{cell}</td>' for cell in row) + "</tr>" for row in rows
    )
    inside = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="tw-scroll"><table class="tw-table">{inside}</table></div>'
