"""Do once, before the first visitor comes, what that visitor would otherwise wait for."""

from __future__ import annotations

from typing import Final

from efficiency.link import State
from efficiency.validate import BLIND
from ui import (
    answers,
    budget,
    cluster,
    context,
    error,
    failures,
    generation,
    learning,
    levers,
    scaling,
    tables,
    text,
    utilisation,
)
from ui.families import quantities
from ui.theme import Mode

_MODES: Final[tuple[Mode, ...]] = ("light", "dark")


def warm_up() -> None:
    """Read the facts, work out the default answer, draw it in both manners, set up the tables.

    An error here stops the start, as it should: the first page would fail in the same way.
    """
    state = State()
    answer = answers.gap_of(state.scenario)
    for mode in _MODES:
        answers.gap_figure_of(state.scenario, mode).to_json()
        answers.ladder_figure_of(state.ladder, mode).to_json()
        answers.ledger_figure_of(answer.ledger, mode).to_json()
    tables.record_table(answer, state.find)
    tables.source_table()
    text.beside_sentence(state.scenario)
    validation = error.shipped()
    for mode in _MODES:
        error.points_figure_of(BLIND, quantities(validation, BLIND)[0], mode).to_json()
        error.families_figure_of(BLIND, mode).to_json()
        cluster.map_figure_of(state, mode).to_json()
        learning.runs_figure_of(state, mode).to_json()
        learning.check_figure_of(mode).to_json()
    for mode in _MODES:
        scaling.isoflop_figure_of(state.scenario, state.choices["sc_at"], mode).to_json()
        scaling.runs_figure_of(mode).to_json()
        scaling.wall_figure_of(mode).to_json()
        failures.figure_of(*failures.chosen(state.choices), mode).to_json()
        failures.interval_figure_of(*failures.chosen(state.choices), int(state.choices["fl_played"]), mode).to_json()
        utilisation.figure_of(state.scenario, state.choices["ut_run"], state.choices["ut_at"], mode).to_json()
    for mode in _MODES:
        context.crossing_figure_of(context.setting_of(state), state.choices["cx_unit"], "1", mode).to_json()
        context.room_figure_of(context.setting_of(state), mode).to_json()
        block = generation.block_of(state)
        generation.crossing_figure_of(state.scenario, block, state.choices["ge_at"], mode).to_json()
        generation.pieces_figure_of(state, mode).to_json()
        generation.measured_figure_of(state.choices["ge_metric"], mode).to_json()
    for mode in _MODES:
        budget.budget_figure_of(budget.plan_of(state), (), state.choices["bu_at"], mode).to_json()
        budget.split_figure_of(budget.plan_of(state), (), mode).to_json()
    for mode in _MODES:
        levers.waterfall_figure_of(state, mode).to_json()
        levers.tornado_figure_of(state, mode).to_json()
