"""The figures of the page on learning."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from efficiency.learning import in_lifetimes, training_runs
from efficiency.link import State
from efficiency.training_check import checked
from ui import learning
from ui.figures.learning import legend_html, runs_alt
from ui.figures.learning_check import NAMES, check_alt
from ui.figures.learning_check import legend_html as check_legend_html
from ui.views import Row, Slider, View, sources_of

_STEPS: Final = tuple(learning.step_names())


def _alt(state: State) -> str:
    at = _STEPS.index(state.choices["le_users"])
    return runs_alt(learning.shown_runs(state), learning.shares_of(state), at)


def _runs(state: State) -> Iterator[Row]:
    person, years = state.choices["le_person"], state.choices["le_years"]
    for run in training_runs():
        behind = sources_of(run.facts)
        low, central, high = run.energy_j
        yield Row(f"{run.label}: energy at the facility, predicted", low, central, high, "J", behind)
        each = in_lifetimes(run.energy_j, float(state.choices["le_users"]), person, years)
        yield Row(f"{run.label}: lifetimes of learning for each", each.low, each.central, each.high, "1", behind)
        if run.published:
            one = run.published
            name = f"{run.label}: energy as published ({one.how})"
            yield Row(name, one.low_j, one.energy_j, one.high_j, "J", one.sources)


def _checked(_state: State) -> Iterator[Row]:
    for case in checked():
        name = f"{case.name}, {NAMES[case.scope]}"
        yield Row(f"{name}: measured", None, case.measured, None, "MWh", (case.source,))
        yield Row(f"{name}: predicted", case.low, case.predicted, case.high, "MWh", ("own_fit",))


VIEWS: Final = (
    View(
        page="learning",
        key="learning",
        title="Learning",
        heading=learning.headline_html,
        figure=learning.runs_figure_of,
        alt=_alt,
        caption=learning.runs_footer,
        numbers=_runs,
        slider=Slider("le_users", _STEPS, "People who share a run"),
        legend=lambda state, mode: legend_html(learning.shown_runs(state), mode),
    ),
    View(
        page="learning",
        key="check",
        title="Training runs, checked",
        heading=lambda _: escape(learning.check_headline()),
        figure=lambda _, mode: learning.check_figure_of(mode),
        alt=lambda _: check_alt(checked()),
        caption=lambda _: learning.check_footer(),
        numbers=_checked,
        legend=lambda _, mode: check_legend_html(mode),
    ),
)
