"""The figures of the page on distillation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import Final

from efficiency.distillation import CASES
from efficiency.link import State
from efficiency.say import quantity
from efficiency.scaling_steps import WORTH_STEPS
from ui import distillation
from ui.figures.distillation import reach_alt, reach_legend_html, thresholds_alt, ways_alt
from ui.views import Row, Slider, View, ledger_records, topic, training_records


def _chosen(state: State) -> tuple[str, float]:
    return distillation.case_of(state), distillation.students_of(state)


def _ways(state: State) -> Iterator[Row]:
    case, students = _chosen(state)
    low, central, high = distillation.least_worth(case, state.scenario)
    yield Row("Least worth of a taught token, answers charged", low, central, high, "1")
    for worth, ways in distillation.ways_of(state.scenario, case, students).items():
        for way in ways:
            yield Row(f"Worth {worth:g}: {way.name}", None, way.energy_j, None, "J")


def _behind(state: State) -> tuple[str, ...]:
    """Records behind students and teachers, the energy of training and reading, and the law."""
    runs = [f"run.{name}." for case in CASES.values() for name in (case.student, case.teacher)]
    reading = State(replace(state.scenario, workload="prefill"))
    return (*topic("distillation.", "scaling.refit.", *runs), *training_records(state), *ledger_records(reading))


def _thresholds(state: State) -> Iterator[Row]:
    yield Row("Worth of a taught token, assumed", *distillation.token_worth(), "1", ("assumption",))
    for one in distillation.thresholds_of(state.scenario, distillation.case_of(state)):
        for students, worth in zip(one.students, one.worth, strict=True):
            if math.isfinite(worth):
                yield Row(f"{one.name}, {_students(students)}: least worth", None, worth, None, "1")


def _students(number: float) -> str:
    said = quantity(number, "1")
    return f"{said} student{'' if said == '1' else 's'}"


def _reached(state: State) -> Iterator[Row]:
    found = distillation.reached(state)
    for name, values in found.ways:
        for loss, energy in zip(found.losses, values, strict=True):
            if math.isfinite(energy):
                yield Row(f"{name}: loss {loss:.4f}", None, energy, None, "J")


VIEWS: Final = (
    View(
        "distillation",
        "ways",
        "Distillation",
        heading=distillation.headline_html,
        figure=lambda state, mode: distillation.ways_figure_of(
            state.scenario, *_chosen(state), distillation.worth_of(state), mode
        ),
        alt=lambda state: ways_alt(distillation.ways_of(state.scenario, *_chosen(state)), distillation.worth_of(state)),
        caption=distillation.ways_footer,
        numbers=_ways,
        behind=_behind,
        slider=Slider("di_at", tuple(f"{worth:g}" for worth in WORTH_STEPS), "Worth of a taught token"),
    ),
    View(
        "distillation",
        "thresholds",
        "When teaching pays",
        heading=lambda state: escape(distillation.thresholds_headline(state)),
        figure=lambda state, mode: distillation.thresholds_figure_of(
            state.scenario, *_chosen(state), distillation.worth_of(state), mode
        ),
        alt=lambda state: thresholds_alt(
            distillation.thresholds_of(state.scenario, distillation.case_of(state)),
            tuple(distillation.token_worth()),  # type: ignore[arg-type]
        ),
        caption=distillation.thresholds_footer,
        numbers=_thresholds,
        behind=_behind,
    ),
    View(
        "distillation",
        "reach",
        "Energy to a loss",
        heading=lambda state: escape(distillation.reach_headline(state)),
        figure=lambda state, mode: distillation.reach_figure_of(
            state.scenario, *_chosen(state), distillation.worth_of(state), mode
        ),
        alt=lambda state: reach_alt(distillation.reached(state)),
        caption=distillation.reach_footer,
        numbers=_reached,
        behind=_behind,
        legend=lambda state, mode: reach_legend_html(distillation.reached(state), mode),
    ),
)
