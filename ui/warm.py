"""Do once, before the first visitor comes, what that visitor would otherwise wait for."""

from __future__ import annotations

from typing import Final

from efficiency.link import State
from ui import answers, tables, text
from ui.theme import Mode
from ui.views import views

_MODES: Final[tuple[Mode, ...]] = ("light", "dark")


def warm_up() -> None:
    """Read the facts, work out the default answer, draw every figure in both manners, set up the tables.

    An error here stops the start, as it should: the first page would fail in the same way.
    """
    state = State()
    for view in views().values():
        for mode in _MODES:
            view.figure(state, mode).to_json()
            view.legend(state, mode)
        view.finding(state)
        view.alt(state)
        view.footer(state)
        view.rows(state)
    tables.record_table(answers.gap_of(state.scenario), state.find)
    tables.source_table()
    text.beside_sentence(state.scenario)
