"""The figures of the page on budgets."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from efficiency.budget_assumptions import ASSUMPTIONS, record_of
from efficiency.link import State
from efficiency.scaling_laws import LAWS
from ui import budget
from ui.figures.budget import ROW_NAMES, budget_alt
from ui.figures.budget_split import PARTS, split_alt
from ui.views import Row, Slider, View

_SOURCES: Final = tuple(sorted({key for name in ASSUMPTIONS for key in record_of(name).sources}))
_UNITS: Final = {"chips": "chips", "power": "W", "data": "tokens", "ideas": "people"}


def _along(state: State) -> Iterator[Row]:
    plan, chosen = budget.plan_of(state), budget.chosen_of(state)
    sweep = budget.sweep_of(plan, chosen)
    for step in sweep.steps:
        low, high = step.low + sweep.floor, step.high + sweep.floor
        yield Row(f"{step.words}: loss by {LAWS[plan.law]}", low, step.loss, high, "nats", _SOURCES)
        yield Row(f"{step.words}: arithmetic of the run", None, step.flop, None, "FLOP", _SOURCES)
        yield Row(f"{step.words}: parameters", None, step.parameters, None, "parameters", _SOURCES)
        had = {"chips": step.chips, "power": step.power_w, "data": step.tokens, "ideas": step.people}
        for key, name in ROW_NAMES.items():
            yield Row(f"{step.words}: {name.lower()}", None, had[key], None, _UNITS[key], _SOURCES)
            yield Row(
                f"{step.words}: {name.lower()} asked for over what there is", None, step.asked[key], None, "1", _SOURCES
            )
        yield Row(f"{step.words}: left over", None, step.left_usd, None, "USD", _SOURCES)
    for name, usd in sweep.beginnings:
        yield Row(f"{ROW_NAMES[name]} short from", None, usd, None, "USD", _SOURCES)


def _splits(state: State) -> Iterator[Row]:
    for bar in budget.split_bars(budget.plan_of(state), budget.chosen_of(state)):
        for part, share in zip(PARTS.values(), bar.shares, strict=True):
            yield Row(f"{bar.name}, best split: {part}", None, share, None, "1", _SOURCES)


VIEWS: Final = (
    View(
        "budget",
        "budget",
        "Ten trillion dollars",
        heading=lambda state: budget.headline_html(budget.plan_of(state), budget.chosen_of(state)),
        figure=lambda state, mode: budget.budget_figure_of(
            budget.plan_of(state), budget.chosen_of(state), state.choices["bu_at"], mode
        ),
        alt=lambda state: budget_alt(
            budget.sweep_of(budget.plan_of(state), budget.chosen_of(state)),
            budget.step_names().index(state.choices["bu_at"]),
        ),
        caption=lambda state: budget.budget_footer(budget.plan_of(state), budget.chosen_of(state), state),
        numbers=_along,
        slider=Slider("bu_at", tuple(budget.step_names()), "Budget"),
    ),
    View(
        "budget",
        "budget-split",
        "The best split",
        heading=lambda state: escape(budget.split_headline(budget.plan_of(state), budget.chosen_of(state))),
        figure=lambda state, mode: budget.split_figure_of(budget.plan_of(state), budget.chosen_of(state), mode),
        alt=lambda state: split_alt(budget.split_bars(budget.plan_of(state), budget.chosen_of(state))),
        caption=lambda state: escape(budget.split_footer(budget.plan_of(state))),
        numbers=_splits,
        legend=lambda _state, mode: budget.split_legend_html(mode),
        own_dark=True,
    ),
)
