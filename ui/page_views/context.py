"""The figures of the page on long context."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from efficiency.context import CONTEXTS, PENALTIES
from efficiency.context_crossover import crossover
from efficiency.link import State
from efficiency.say import quantity, significant
from ui import context
from ui.figures.context import room_alt
from ui.figures.crossing import crossing_alt
from ui.units import as_much
from ui.views import Row, Slider, View, ledger_records, sources_of

_RECORDS: Final = ("context.state_size", "context.state_bits", "context.hybrid_attention", "context.training_tokens")


def _lines(state: State) -> Iterator[Row]:
    setting, unit = context.setting_of(state), state.choices["cx_unit"]
    sources = sources_of((*_RECORDS, *ledger_records(state)))
    for penalty in PENALTIES:
        low, middle, high = crossover(setting, penalty, unit)
        if 0.0 < middle < float("inf"):
            name = f"Context from which a state takes less, training {as_much(penalty)} compute"
            yield Row(name, low or None, middle, high if high < float("inf") else None, "tokens", sources)
    shown = context.crossing_of(setting, unit)
    stop = shown.stops[context.position(state)]
    for line, heights in (*shown.fixed, *zip(shown.moving, stop.moving, strict=True)):
        for tokens, energy in zip(CONTEXTS, heights, strict=True):
            yield Row(
                f"{line.name}, {significant(tokens, 3)} tokens: {shown.y_title}", None, energy, None, "J", sources
            )


def _rooms(state: State) -> Iterator[Row]:
    for room in context.rooms_of(context.setting_of(state)):
        for tokens, count in zip(CONTEXTS, room.conversations, strict=True):
            yield Row(f"{room.name}, {quantity(tokens, '1', 3)} tokens: conversations held", None, count, None, "1")


VIEWS: Final = (
    View(
        "context",
        "context",
        "Long context",
        heading=context.headline_html,
        figure=lambda state, mode: context.crossing_figure_of(
            context.setting_of(state), state.choices["cx_unit"], state.choices["cx_penalty"], mode
        ),
        alt=lambda state: crossing_alt(
            context.crossing_of(context.setting_of(state), state.choices["cx_unit"]),
            context.position(state),
            context.alt_words(state),
        ),
        caption=context.footer,
        numbers=_lines,
        slider=Slider("cx_penalty", context.PENALTY_STEPS, "Compute of training for the same loss", tells=True),
    ),
    View(
        "context",
        "room",
        "What fits in memory",
        heading=lambda state: context.room_headline(context.setting_of(state)),
        figure=lambda state, mode: context.room_figure_of(context.setting_of(state), mode),
        alt=lambda state: room_alt(
            CONTEXTS, context.rooms_of(context.setting_of(state)), context.chips_words(context.setting_of(state))
        ),
        caption=context.room_footer,
        numbers=_rooms,
        behind=lambda state: (*_RECORDS, *ledger_records(state)),
    ),
)
