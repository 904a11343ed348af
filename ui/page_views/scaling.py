"""The figures of the page on scaling laws."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from efficiency.link import State
from efficiency.say import power_of_ten
from efficiency.scaling_steps import FLOP_STEPS
from efficiency.scaling_wall import text_stock, trained_models, wall_flop
from ui import scaling
from ui.figures.scaling import isoflop_alt
from ui.figures.scaling_runs import Lines, lives_alt, runs_alt, wall_alt
from ui.views import Row, Slider, View, ledger_records, sources_of, topic, training_records

_LAWS: Final = ("kaplan2020", "hoffmann2022", "besiroglu2024")


def _splits(state: State) -> Iterator[Row]:
    for stop in scaling.stops_of(state.scenario).values():
        name = f"{power_of_ten(stop.flop)} FLOP"
        yield Row(f"{name}: training energy", stop.low_j, stop.energy_j, stop.high_j, "J")
        for curve in stop.curves:
            refit = curve is stop.curves[-1]
            low, high = (stop.low_size, stop.high_size) if refit else (None, None)
            yield Row(f"{name}, {curve.name}: best size", low, curve.parameters, high, "parameters", _LAWS)
            yield Row(f"{name}, {curve.name}: tokens", None, curve.tokens, None, "tokens", _LAWS)
            yield Row(f"{name}, {curve.name}: loss", None, curve.loss, None, "nats", _LAWS)


def _models(_state: State) -> Iterator[Row]:
    facts = {run.key: run.facts for run in trained_models()}
    for dot in scaling.dots():
        sources = sources_of(facts[dot.key])
        yield Row(f"{dot.label}: tokens per parameter", None, dot.ratio, None, "tokens/parameter", sources)
        yield Row(f"{dot.label}: training arithmetic, 6 N D", None, dot.flop, None, "FLOP", sources)
    yield from _along(scaling.run_lines(), "best tokens per parameter", "tokens/parameter")


def _along(lines: Lines, what: str, unit: str) -> Iterator[Row]:
    for name, values in zip(lines.names, lines.by_law, strict=True):
        for flop, value in zip(lines.flop, values, strict=True):
            yield Row(f"{name}, {power_of_ten(flop)} FLOP: {what}", None, value, None, unit, _LAWS)


def _lives(state: State) -> Iterator[Row]:
    both = scaling.served_range_of(state)
    yield Row("Energy saved by the best size", both.saved.low, both.saved.central, both.saved.high, "1")
    yield Row("Best size", both.size.low, both.size.central, both.size.high, "parameters")
    lives = scaling.lives_of(state.scenario, scaling.budget_of(state), scaling.served_of(state))
    for i, served in enumerate(lives.served):
        yield Row(f"{power_of_ten(served)} tokens served: best size", None, lives.sizes[i], None, "parameters")
        yield Row(f"{power_of_ten(served)} tokens served: energy, best size", None, lives.chosen_j[i], None, "J")
        yield Row(f"{power_of_ten(served)} tokens served: energy, compute-optimal", None, lives.optimum_j[i], None, "J")


def _wall(_state: State) -> Iterator[Row]:
    stock = text_stock()
    yield Row("Public text", *stock, "tokens", ("villalobos2024",))
    for key, name in scaling.LAWS.items():
        yield Row(f"{name}: needs all text", *wall_flop(key), "FLOP", _LAWS)
    yield from _along(scaling.wall_lines(), "tokens of the best split", "tokens")


VIEWS: Final = (
    View(
        "scaling",
        "isoflop",
        "Scaling laws",
        heading=lambda state: scaling.headline_html(state.choices["sc_at"]),
        figure=lambda state, mode: scaling.isoflop_figure_of(state.scenario, state.choices["sc_at"], mode),
        alt=lambda state: isoflop_alt(scaling.stops_of(state.scenario), state.choices["sc_at"]),
        caption=scaling.isoflop_footer,
        numbers=_splits,
        behind=training_records,
        slider=Slider("sc_at", tuple(FLOP_STEPS), "Training budget", tells=True),
    ),
    View(
        "scaling",
        "models",
        "Published models",
        heading=lambda _state: scaling.runs_headline(),
        figure=lambda _state, mode: scaling.runs_figure_of(mode),
        alt=lambda _state: runs_alt(scaling.dots(), scaling.run_lines()),
        caption=scaling.runs_footer,
        numbers=_models,
        legend=lambda _state, mode: scaling.runs_legend_html(mode),
    ),
    View(
        "scaling",
        "served",
        "Training and serving",
        heading=lambda state: escape(scaling.lives_headline(state)),
        figure=lambda state, mode: scaling.lives_figure_of(
            state.scenario, scaling.budget_of(state), scaling.served_of(state), mode
        ),
        alt=lambda state: lives_alt(
            scaling.lives_of(state.scenario, scaling.budget_of(state), scaling.served_of(state))
        ),
        caption=scaling.lives_footer,
        numbers=_lives,
        behind=lambda state: (*_LAWS, *topic("scaling.sardana"), *training_records(state), *ledger_records(state)),
    ),
    View(
        "scaling",
        "wall",
        "The data wall",
        heading=lambda _state: scaling.wall_headline(),
        figure=lambda _state, mode: scaling.wall_figure_of(mode),
        alt=lambda _state: wall_alt(scaling.wall_lines(), tuple(text_stock()), scaling.walls()),
        caption=scaling.wall_footer,
        numbers=_wall,
        legend=lambda _state, mode: scaling.legend_html(mode),
    ),
)
