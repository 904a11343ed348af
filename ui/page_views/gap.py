"""The figures of the home page."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from efficiency.link import LADDER_PARAMETER, State
from ui import answers, text
from ui.answers import gap_of
from ui.figures.gap import gap_alt
from ui.figures.ladder import ladder_alt
from ui.figures.ledger import ledger_alt
from ui.views import Row, Slider, View, ledger_records, sources_of

_SYSTEMS: Final = tuple(step.key for step in answers.system_steps())


def _yardsticks(state: State) -> Iterator[Row]:
    for y in gap_of(state.scenario).yardsticks:
        sources = sources_of(y.facts)
        yield Row(f"{y.name}: machine over brain", y.low, y.central, y.high, "1", sources)
        yield Row(f"{y.name}: machine, {y.unit_of_work}", None, y.machine_si, None, y.unit, sources)
        yield Row(f"{y.name}: brain, {y.unit_of_work}", None, y.brain_si, None, y.unit, sources)


def _powers(_state: State) -> Iterator[Row]:
    for rung, key in zip(answers.rungs(), answers.rung_fact_keys(), strict=True):
        yield Row(rung.label, rung.low_w, rung.power_w, rung.high_w, "W", sources_of([key]))
    for step in answers.system_steps():
        name = f"{step.label}, {step.year}, {step.kind}"
        yield Row(name, step.low_w, step.power_w, step.high_w, "W", sources_of([f"system.{step.key}.power"]))


def _parts(state: State) -> Iterator[Row]:
    ledger = gap_of(state.scenario).ledger
    sources = sources_of(ledger_records(state))
    for part in ledger.parts:
        inferred = ", by difference" if part.inferred else ""
        yield Row(f"{part.name}, per {ledger.per}{inferred}", None, part.energy_j, None, "J", sources)
    yield Row(f"Total, per {ledger.per}", None, ledger.total_j, None, "J", sources)


def _gap_caption(state: State) -> str:
    return text.footer(state, len(gap_of(state.scenario).sources))


VIEWS: Final = (
    View(
        "gap",
        "gap",
        "The gap",
        heading=lambda state: text.headline_html(gap_of(state.scenario)),
        figure=lambda state, mode: answers.gap_figure_of(state.scenario, mode),
        alt=lambda state: gap_alt(gap_of(state.scenario)),
        caption=_gap_caption,
        numbers=_yardsticks,
    ),
    View(
        "gap",
        "ladder",
        "The power ladder",
        heading=lambda state: text.ladder_headline(answers.rungs()),
        figure=lambda state, mode: answers.ladder_figure_of(state.ladder, mode),
        alt=lambda state: ladder_alt(answers.rungs(), answers.system_steps(), _SYSTEMS.index(state.ladder)),
        caption=text.ladder_caption,
        numbers=_powers,
        slider=Slider(LADDER_PARAMETER, _SYSTEMS, "Named system"),
    ),
    View(
        "gap",
        "ledger",
        "The energy ledger",
        heading=lambda state: escape(text.ledger_headline(gap_of(state.scenario).ledger)),
        figure=lambda state, mode: answers.ledger_figure_of(gap_of(state.scenario).ledger, mode),
        alt=lambda state: ledger_alt(gap_of(state.scenario).ledger),
        caption=lambda state: f"{text.beside_sentence(state.scenario)} {text.ledger_caption(state)}",
        numbers=_parts,
        own_dark=True,
    ),
)
