"""Two states side by side: their figure, the sentences of their differences, and a link to each."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from html import escape
from typing import Final

import plotly.graph_objects as go

from efficiency.compare import SAME, Difference, compare
from efficiency.gap import Gap
from efficiency.link import State, encode
from efficiency.say import factor, times
from efficiency.scenario import Choice, Scenario, field_rules
from ui import text
from ui.answers import gap_of
from ui.figures.compare import LETTERS, compare_figure, letter_colours
from ui.labels import LABELS
from ui.legend import legend, mark
from ui.names import chip_name
from ui.own_words import target
from ui.theme import Mode, palette
from ui.units import portion, words_for

MOST_SETTINGS: Final = 5
"""Settings that are named under the headline; the table names all."""
_PER_CENT: Final = 0.01
"""Below it a share would be said with zeros."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that differs: its name and what it is in A and in B, in words."""

    name: str
    first: str
    second: str


def pair_of(state: State) -> tuple[Scenario, Scenario]:
    """Give the two scenarios: the state's own, and the one it is compared with, else the standard one."""
    return state.scenario, state.other or Scenario()


def gaps_of(state: State) -> tuple[Gap, Gap]:
    """Answer both scenarios."""
    first, second = pair_of(state)
    return gap_of(first), gap_of(second)


@functools.lru_cache(maxsize=128)
def _differences(first: Scenario, second: Scenario) -> tuple[Difference, ...]:
    return compare(first, second)


def differences_of(state: State) -> tuple[Difference, ...]:
    """Compare the two scenarios on every yardstick."""
    return _differences(*pair_of(state))


@functools.lru_cache(maxsize=64)
def _figure(first: Scenario, second: Scenario, mode: Mode) -> go.Figure:
    return compare_figure((gap_of(first), gap_of(second)), mode)


def figure_of(state: State, mode: Mode) -> go.Figure:
    """Draw both scenarios' yardsticks."""
    return _figure(*pair_of(state), mode)


def settings_of(state: State) -> tuple[Setting, ...]:
    """List the settings that differ."""
    first, second = pair_of(state)
    found = []
    for one in fields(Scenario):
        values = getattr(first, one.name), getattr(second, one.name)
        if values[0] != values[1]:
            found.append(Setting(LABELS[one.name], *(_words(one.name, value) for value in values)))
    return tuple(found)


def _words(field: str, value: str | float) -> str:
    rule = field_rules()[field]
    if field == "chip":
        return chip_name(str(value))
    return rule.options[str(value)] if isinstance(rule, Choice) else words_for(field, float(value))


def largest(found: Sequence[Difference]) -> Difference | None:
    """Find the yardstick that differs most; one that compares the same work, unless there is no other."""
    differing = [one for one in found if not one.is_same]
    same_work = [one for one in differing if not one.hollow]
    return max(same_work or differing, key=lambda one: abs(one.central - 1) / (one.central + 1), default=None)


def heading(state: State) -> str:
    """Say the largest difference, its range, and what the two differ in, as HTML."""
    found, settings = differences_of(state), settings_of(state)
    most = largest(found)
    if most is None:
        first = '<h1 class="tw-headline">A and B are the same on all <span class="tw-machine">8</span> yardsticks</h1>'
        return f'{first}<p class="tw-range">{_settings_sentence(settings)}</p>'
    number, what = _takes(most)
    return (
        f'<h1 class="tw-headline">{escape(most.name)}: B takes <span class="tw-machine">{number}</span> {what}</h1>'
        f'<p class="tw-range">{_span(most)}. {_settings_sentence(settings)}</p>'
    )


def _takes(one: Difference) -> tuple[str, str]:
    """Say how much B takes of what A does: the number, and the words after it."""
    if _is_far_less(one):
        return f"{times(1.0 / one.central, 'html')} less", "than A"
    number = portion(one.central)
    return number, "A does" if number == "as much as" else "what A does"


def _is_far_less(one: Difference) -> bool:
    """Tell whether per cent would need zeros; then B is said to take so many times less."""
    return one.central < _PER_CENT and one.high < 1.0


def _ends(one: Difference) -> tuple[str, str]:
    low, high = (1.0 / one.high, 1.0 / one.low) if _is_far_less(one) else (one.low, one.high)
    return factor(low, "html"), factor(high, "html")


def _span(one: Difference) -> str:
    """Say the range of a ratio."""
    if one.high / one.low - 1 < SAME:
        return "With no range of its own: what is uncertain is the same for both"
    low, high = _ends(one)
    less = " less" if _is_far_less(one) else ""
    said = f"Between {low} and {high}" if low != high else f"About {low}"
    return f"{said} times{less}; what both hang on is drawn for both"


def _settings_sentence(settings: Sequence[Setting]) -> str:
    if not settings:
        return "They do not differ in any setting."
    said = [f"{escape(s.name)} ({escape(s.second)} for {escape(s.first)})" for s in settings[:MOST_SETTINGS]]
    left = len(settings) - len(said)
    more = [f"{left} more"] if left else []
    return f"B differs in {', '.join([*said, *more])}."


def sentence(one: Difference) -> str:
    """Say one difference, as HTML."""
    if one.is_same:
        return f"<b>{escape(one.name)}</b>: the same, {factor(one.first, 'html')} times the brain."
    aside = " (not the same work)" if one.hollow else ""
    ends = ("", "") if one.high / one.low - 1 < SAME else _ends(one)
    span = f" ({ends[0]} to {ends[1]})" if ends[0] != ends[1] else ""
    return (
        f"<b>{escape(one.name)}</b>{aside}: B takes {' '.join(_takes(one))}{span}; "
        f"{factor(one.second, 'html')} against {factor(one.first, 'html')} times the brain."
    )


def sentences(state: State) -> str:
    """Say every difference, as an HTML list."""
    return "<ul>" + "".join(f"<li>{sentence(one)}</li>" for one in differences_of(state)) + "</ul>"


def settings_table(state: State) -> str:
    """Set what differs as a table in HTML, or say that nothing does."""
    rows = "".join(
        f"<tr><td>{escape(s.name)}</td><td>{escape(s.first)}</td><td>{escape(s.second)}</td></tr>"
        for s in settings_of(state)
    )
    head = "<thead><tr><th>Setting</th><th>A</th><th>B</th></tr></thead>"
    if not rows:
        return '<p class="tw-footer">No setting differs.</p>'
    return f'<table class="tw-table" style="min-width:0">{head}<tbody>{rows}</tbody></table>'


def links(state: State) -> str:
    """Link to each state alone, as HTML."""
    first = escape(encode(replace(state, other=None)))
    second = escape(encode(State(pair_of(state)[1])))
    standard = ", the standard settings" if state.other is None else ""
    where = target(state)
    alone = f'<a href="/?{first}" target="{where}">A alone</a>'
    return f'{alone} · <a href="/?{second}" target="{where}">B alone{standard}</a>'


def letters_legend_html(state: State, mode: Mode) -> str:
    """Name the two intervals' colours, as HTML."""
    names = ("these settings", "the standard settings" if state.other is None else "the state kept")
    marks = [
        mark(colour, "■", f"{letter}: {name}")
        for letter, colour, name in zip(LETTERS, letter_colours(palette(mode)), names, strict=True)
    ]
    return legend(*marks)


def footer(state: State) -> str:
    """Say interval, sources, both links and versions, as HTML."""
    first, second = gaps_of(state)
    count = len(dict.fromkeys((*first.sources, *second.sources)))
    return f"{links(state)} · {text.footer(state, count)}"
