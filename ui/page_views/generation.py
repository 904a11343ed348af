"""The figures of the page on generation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from efficiency.block_diffusion import BATCHES, SETTLED
from efficiency.link import State
from ui import generation
from ui.figures.crossing import crossing_alt
from ui.figures.generation import measured_alt, pieces_alt
from ui.views import Row, Slider, View, ledger_records, sources_of, topic


def _lines(state: State) -> Iterator[Row]:
    sources = sources_of(("generation.cache_passes", *ledger_records(state)))
    block = generation.block_of(state)
    shown = generation.crossing_of(state.scenario, block)
    for settled, stop in zip(SETTLED, shown.stops, strict=True):
        low, middle, high = stop.crossing
        if 1.0 < middle < float("inf"):
            name = f"Conversations from which one token at a time takes less, {settled:g} settled in a pass"
            yield Row(name, low, middle, high if high < float("inf") else None, "1", sources)
    low, middle, high = generation.advantage_of(state).gain
    yield Row("One token at a time over blocks, one conversation", low, middle, high, "1", sources)
    stop = shown.stops[generation.position(state)]
    for line, heights in (*shown.fixed, *zip(shown.moving, stop.moving, strict=True)):
        for batch, energy in zip(BATCHES, heights, strict=True):
            yield Row(f"{line.name}, {batch:g} at once: {shown.y_title}", None, energy, None, "J", sources)


def _pieces(state: State) -> Iterator[Row]:
    chip = f"chip.{state.scenario.chip}.tdp"
    written = (*ledger_records(state), *topic("generation.emu", "generation.guidance"))
    behind = {
        "diffusion": ("own_fit", chip),
        "tokens": written,
        "blocks": (*written, "generation.cache_passes", "generation.tokens_per_pass"),
    }
    for item in generation.items_of(state):
        name = f"{item.group}: {item.name}"
        yield Row(name, item.low, item.central, item.high, "J", sources_of(behind[item.way]))


def _measured(state: State) -> Iterator[Row]:
    for point in generation.points_of(state.choices["ge_metric"]):
        name = point.words.replace("<b>", "").replace("</b><br>", ", ")
        yield Row(f"{name}: measured", None, point.measured, None, "J", (point.source,))
        yield Row(f"{name}: predicted", None, point.predicted, None, "J", ("own_fit",))


VIEWS: Final = (
    View(
        "generation",
        "generation",
        "Blocks of text",
        heading=generation.headline_html,
        figure=lambda state, mode: generation.crossing_figure_of(
            state.scenario, generation.block_of(state), state.choices["ge_at"], mode
        ),
        alt=lambda state: crossing_alt(
            generation.crossing_of(state.scenario, generation.block_of(state)),
            generation.position(state),
            generation.alt_words(state),
        ),
        caption=generation.footer,
        numbers=_lines,
        slider=Slider("ge_at", generation.SETTLED_STEPS, "Tokens that a pass settles", tells=True),
    ),
    View(
        "generation",
        "pieces",
        "Pictures, video and text",
        heading=generation.pieces_headline,
        figure=generation.pieces_figure_of,
        alt=lambda state: pieces_alt(generation.items_of(state)),
        caption=generation.pieces_footer,
        numbers=_pieces,
        legend=lambda _state, mode: generation.pieces_legend_html(mode),
    ),
    View(
        "generation",
        "measured",
        "Measured pictures and videos",
        heading=lambda state: generation.measured_headline(state.choices["ge_metric"]),
        figure=lambda state, mode: generation.measured_figure_of(state.choices["ge_metric"], mode),
        alt=lambda state: measured_alt(
            generation.points_of(state.choices["ge_metric"]),
            generation.WITHIN,
            generation.THINGS[state.choices["ge_metric"]],
        ),
        caption=generation.measured_footer,
        numbers=_measured,
    ),
)
