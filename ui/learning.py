"""The sentences and caches of the page on learning: runs against lifetimes, and how well runs are known."""

from __future__ import annotations

import functools
from html import escape
from typing import Final

import plotly.graph_objects as go

from efficiency import __version__
from efficiency.choices import PAGE_CHOICES
from efficiency.facts import DATA_VERSION, fact, facts
from efficiency.learning import (
    HOW,
    PERSONS,
    YEARS,
    TrainingRun,
    in_lifetimes,
    lifetime_j,
    run_named,
    training_runs,
)
from efficiency.learning_report import JOULES_PER_MWH, missed_words, said
from efficiency.link import State
from efficiency.say import factor, significant
from efficiency.training_check import GROUPS, checked, missed, scores
from ui.cluster import source_links
from ui.figures.cluster_parts import percent
from ui.figures.learning import GLYPHS, Share, energy, runs_figure
from ui.figures.learning_check import check_figure
from ui.record_links import records_link
from ui.theme import Mode

_SHOWN: Final = (
    *("grok3", "gpt4", "llama31_405b", "falcon180b", "palm", "deepseek_v3", "gpt3"),
    *("bloom", "llama2_7b", "gemma2_2b"),
)
"""Runs that the figure has room for, beside the one that is chosen; the table has all."""
_START: Final = "llama31_405b"
_USERS: Final = {"1": "one person alone"} | {
    key: words for key, words in PAGE_CHOICES["le_users"].options.items() if key != "1"
}


def step_names() -> list[str]:
    """Spell the slider's stops as the link does."""
    return list(PAGE_CHOICES["le_users"].options)


def chosen_run(state: State) -> TrainingRun:
    """The run of the scenario, or the one that the page starts with where its energy cannot be predicted."""
    known = {run.key for run in training_runs()}
    return run_named(state.scenario.run if state.scenario.run in known else _START)


def shown_runs(state: State) -> tuple[TrainingRun, ...]:
    """The runs of the figure, the largest first."""
    return _shown(chosen_run(state).key)


@functools.lru_cache(maxsize=64)
def _shown(chosen: str) -> tuple[TrainingRun, ...]:
    return tuple(run for run in training_runs() if run.key in _SHOWN or run.key == chosen)


def shares_of(state: State) -> tuple[Share, ...]:
    """Every position of the slider for a state's choices."""
    return _shares(chosen_run(state).key, state.choices["le_person"], state.choices["le_years"])


@functools.lru_cache(maxsize=256)
def _shares(chosen: str, person: str, years: str) -> tuple[Share, ...]:
    runs, run = _shown(chosen), run_named(chosen)
    life = lifetime_j(person, years)
    # Sharing divides, so each run is drawn once.
    each = [in_lifetimes(one.energy_j, 1.0, person, years) for one in runs]
    mine = in_lifetimes(run.energy_j, 1.0, person, years)
    found = []
    for key, words in _USERS.items():
        users = float(key)
        low, central, high = (said(end / users, years) for end in mine)
        found.append(
            Share(
                key,
                words,
                life.low * users / JOULES_PER_MWH,
                life.high * users / JOULES_PER_MWH,
                tuple(said(one.central / users, years) for one in each),
                (central if users == 1.0 else f"{central} each", f"{run.label}, {_span(low, high)}"),
            )
        )
    return tuple(found)


def _span(low: str, high: str) -> str:
    """Say a range, the unit once where both ends have it.

    >>> _span("5,100 lifetimes", "19,000 lifetimes"), _span("40 minutes", "2 hours")
    ('5,100 to 19,000 lifetimes', '40 minutes to 2 hours')
    """
    number, _, unit = low.partition(" ")
    return f"{number} to {high}" if high.endswith(f" {unit}") else f"{low} to {high}"


@functools.lru_cache(maxsize=256)
def _figure(chosen: str, person: str, years: str, at: str, mode: Mode) -> go.Figure:
    return runs_figure(_shown(chosen), _shares(chosen, person, years), step_names().index(at), chosen, mode)


def runs_figure_of(state: State, mode: Mode) -> go.Figure:
    """Draw the runs, the slider standing where the state says."""
    chosen = state.choices
    return _figure(chosen_run(state).key, chosen["le_person"], chosen["le_years"], chosen["le_users"], mode)


def headline_html(state: State) -> str:
    """Say the finding, its range, and what sharing makes of it."""
    run, person, years = chosen_run(state), state.choices["le_person"], state.choices["le_years"]
    alone = in_lifetimes(run.energy_j, 1.0, person, years)
    weekly = fact("learning.weekly_users")
    shared = in_lifetimes(run.energy_j, weekly.si, person, years)
    basis = "the hours of its chips" if run.basis == "time" else "its arithmetic alone"
    time = f"{fact(YEARS[years]).value:g} years"
    return (
        f'<h1 class="tw-headline">Training {escape(run.label)} took {_lives(alone.central, person)} for {time}</h1>'
        f'<p class="tw-range">Between {_many(alone.low)} and {_many(alone.high)}: '
        f"{energy(run.energy_j.central)}, predicted from {basis}, over {energy(lifetime_j(person, years).central)}. "
        "But what it learned can be copied: shared by as many as use ChatGPT in a week "
        f"({weekly.si / 1e6:,.0f} million), it is {said(shared.central, years)} of learning for each; serving them is "
        "not counted.</p>"
    )


def _lives(number: float, person: str) -> str:
    """Say the energy of so many who learn; of less than one, as a share of it, as HTML."""
    one, many, learn = ("a brain", "brains", "that learn") if person == "brain" else ("a person", "people", "who learn")
    said = _many(number)
    if number <= 1.0 or said == "1":
        share = "" if said == "1" else f'<span class="tw-machine">{said} times</span> '
        return f"{share}the energy of {one} {learn}s"
    return f'the energy of <span class="tw-machine">{said} {many}</span> {learn}'


def _many(value: float) -> str:
    return significant(value, 2) if 1 <= value < 1e6 else factor(value, "html")


def runs_footer(state: State) -> str:
    """Say what is compared and what is left out, as HTML."""
    person, years = state.choices["le_person"], state.choices["le_years"]
    whose = "20 W of glucose" if person == "brain" else "a resting body of 100 W"
    run = chosen_run(state)
    tokens = facts().get(f"run.{run.key}.tokens")
    read = f"; {escape(run.label)} some {significant(tokens.si / 1e12, 2)} trillion tokens" if tokens else ""
    return (
        f"A person: {whose} for {fact(YEARS[years]).value:g} years; at five, the brain takes "
        f"{fact('learning.child_peak').value:g} times an adult’s glucose, which is not counted. Runs: one final run at "
        "the facility’s meter, PUE 1.3 (1.09 to 1.56) whatever the sidebar says; experiments before it, data and "
        "people not counted. It is not the same learning: what evolution spent is not counted, and a child hears about "
        f"{fact('brain.words_by_13').si / 1e6:,.0f} million words by the age of 13{read}. The "
        "gap page counts a run by its FLOP at the utilisation set there. To the right of each name: what falls on each "
        "who shares it · "
        f"{records_link(state, 'run.', 'runs')} · {records_link(state, PERSONS[person], 'the person')} · "
        f"data {DATA_VERSION} · model {__version__}"
    )


@functools.cache
def check_figure_of(mode: Mode) -> go.Figure:
    """Draw predicted over measured."""
    return check_figure(checked(), mode)


def check_headline() -> str:
    """Say how well a run is predicted from its chip-hours."""
    found = {score.group: score for score in scores()}
    errors = [f"{100 * (found[group].median - 1):.0f} %" for group in ("gpu", "node", "facility")]
    runs = sum(found[group].runs for group in ("gpu", "node", "facility"))
    return (
        f"Given the hours of its chips, half of the runs are met within {errors[0]} at the board, {errors[1]} at the "
        f"node, {errors[2]} at the facility; {len(missed())} of {runs} are more than 20 % off"
    )


def check_html() -> str:
    """Set the errors by scope as a table in HTML."""
    heads = ("Metered at", "Runs", "Median error", "Within 20 %", "Within 2 times", "Inside the interval")
    body = "".join(
        f"<tr><td>{escape(GROUPS[score.group])}</td><td>{score.runs}</td><td>{100 * (score.median - 1):.0f} %</td>"
        f"<td>{percent(score.within_fifth)}</td><td>{percent(score.within_two)}</td>"
        f"<td>{percent(score.inside)}</td></tr>"
        for score in scores()
    )
    return _table(heads, body)


def check_footer() -> str:
    """Say how the errors were found and what they do not show."""
    return (
        "Every prediction is by a fit that had not seen the model. Measured: MLPerf nodes at the wall or behind their "
        "supplies, and papers; three of the facilities (Strubell 2019) are modelled themselves. "
        "The weight that such rows get in the fit was chosen with them in view. "
        f"{escape(missed_words())}, predicted over measured."
    )


def table_headline() -> str:
    """Say how what was published came about."""
    published = [run.published for run in training_runs() if run.published]
    kept = sum(one.how == "bookkeeping" for one in published)
    return (
        f"Of {len(published)} energies of runs on record {kept} are power limit times hours: bookkeeping for the chips "
        "alone, not a measurement"
    )


def table_html(state: State) -> str:
    """Set all runs as a table in HTML, each with its prediction and what was published of it."""
    person, years = state.choices["le_person"], state.choices["le_years"]
    heads = ("Run", "Predicted at the facility", "Lifetimes", "Published", "How it came about", "Sources")
    return _table(heads, "".join(_row(run, person, years) for run in training_runs()))


def _row(run: TrainingRun, person: str, years: str) -> str:
    each = in_lifetimes(run.energy_j, 1.0, person, years)
    basis = "hours" if run.basis == "time" else "FLOP"
    published, how, links = "", "", ""
    if run.published:
        one = run.published
        span = f"<br>{energy(one.low_j)} to {energy(one.high_j)}" if one.high_j > one.low_j else ""
        published, how = f"{energy(one.energy_j)}{span}", f"{GLYPHS[one.how]} {escape(HOW[one.how])}"
        links = source_links(one.sources)
    numbers = (
        f"{energy(run.energy_j.central)}, from {basis}<br>{energy(run.energy_j.low)} to {energy(run.energy_j.high)}",
        f"{_many(each.central)}<br>{_many(each.low)} to {_many(each.high)}",
        published,
    )
    return (
        f"<tr><td><b>{escape(run.label)}</b><br>{escape(run.maker)}, {run.year}</td>"
        + "".join(f'<td style="white-space:nowrap">{cell}</td>' for cell in numbers)
        # Wide enough not to make a row of many short lines on a phone.
        + f'<td style="min-width:16rem">{how}</td><td>{links}</td></tr>'
    )


def _table(heads: tuple[str, ...], body: str) -> str:
    return (
        '<div class="tw-scroll"><table class="tw-table"><thead><tr>'
        + "".join(f"<th>{head}</th>" for head in heads)
        + f"</tr></thead><tbody>{body}</tbody></table></div>"
    )
