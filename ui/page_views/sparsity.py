"""The figures of the page on sparsity."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from efficiency.link import State
from efficiency.provenance import facts_behind
from efficiency.sparsity import STEPS
from efficiency.spiking import active_share
from ui import sparsity, sparsity_quality
from ui.figures.sparsity import density_alt
from ui.figures.sparsity_experts import legend_html, pairs_alt, touched_alt, touched_legend_html
from ui.figures.sparsity_gains import gains_alt
from ui.figures.sparsity_gains import legend_html as gains_legend_html
from ui.figures.sparsity_spikes import legend_html as spikes_legend_html
from ui.figures.sparsity_spikes import spikes_alt
from ui.views import Row, Slider, View, ledger_records, sources_of, topic

_NAMES: Final = tuple(sparsity.step_names())


def _behind(state: State) -> tuple[str, ...]:
    """Records behind a token's energy, how active a brain is, and, at equal quality, by how much models grow."""
    grown = topic("sparse_law.") if state.choices["sp_quality"] == sparsity.EQUAL else ()
    return (*ledger_records(state), "cortex.fraction_active", *grown)


def _lines(state: State) -> Iterator[Row]:
    for line in sparsity.lines_of(state.scenario, state.choices["sp_quality"] == sparsity.EQUAL):
        for step, parts in zip(STEPS, line.parts, strict=True):
            name = f"{line.name}, {100 * step:g} % of the multiply-adds: energy per token"
            yield Row(name, None, sum(parts), None, "J")


def _headline_first(state: State) -> Iterator[Row]:
    low, central, high = sparsity.brain_saving(state.scenario)
    yield Row("Saving if as sparse as the brain, zeros skipped", low, central, high, "1")
    yield from _lines(state)


def _pairs(_state: State) -> Iterator[Row]:
    for group in sparsity.pair_groups():
        for batch, measured, predicted in zip(group.batch, group.measured, group.predicted, strict=True):
            name = f"{group.name}, {batch:,.0f} at once: ratio of energies"
            yield Row(f"{name}, measured", None, measured, None, "1", ("mlenergy",))
            yield Row(f"{name}, predicted", None, predicted, None, "1", ("own_fit",))


def _touched(_state: State) -> Iterator[Row]:
    for model, _, shares in sparsity.touched_lines():
        for batch, share in zip(sparsity.touched_batches(), shares, strict=True):
            yield Row(f"{model}, {batch:.4g} at once: share of the weights read", None, share, None, "1")


def _spikes(state: State) -> Iterator[Row]:
    found = sparsity.spikes_of(state.scenario)
    for event in found.events:
        name = f"{event.name}: energy per event"
        yield Row(name, event.low_j, event.event_j, event.high_j, "J", sources_of([event.key]))
    yield Row(f"{found.chip}: dense multiply-add", None, found.dense_j, None, "J")
    yield Row(f"{found.chip}: the same {found.serving}", None, found.whole_j, None, "J")
    brain = sources_of(key for key in facts_behind("synapse", state.scenario) if key.startswith("brain."))
    yield Row("Brain: energy per synaptic event", None, found.brain_j, None, "J", brain)
    published = sources_of(topic("neuro.breakeven", "spikes."))
    for one in found.crossings:
        yield Row(f"{one.name}: break-even, spikes per synapse", one.low, one.central, one.high, "1", published)


def _gains(_state: State) -> Iterator[Row]:
    for gain in sparsity_quality.gains():
        sources = sources_of([gain.key])
        yield Row(f"{gain.name}: on paper", None, gain.paper, None, "1", sources)
        yield Row(f"{gain.name}: measured {gain.what}, {gain.where}", gain.low, gain.measured, gain.high, "1", sources)


VIEWS: Final = (
    View(
        "sparsity",
        "sparsity",
        "Sparsity",
        heading=lambda state: sparsity.headline_html(state.scenario),
        figure=lambda state, mode: sparsity.density_figure_of(
            state.scenario, state.choices["sp_quality"], state.choices["sp_at"], mode
        ),
        alt=lambda state: density_alt(
            sparsity.lines_of(state.scenario, state.choices["sp_quality"] == sparsity.EQUAL),
            STEPS,
            _NAMES.index(state.choices["sp_at"]),
            active_share(),
        ),
        caption=sparsity.density_footer,
        staged=sparsity.staged_density_of,
        numbers=_headline_first,
        behind=_behind,
        slider=Slider("sp_at", _NAMES, "Share of the multiply-adds"),
        legend=lambda state, mode: sparsity.bars_legend_html(state.choices["sp_quality"], mode),
    ),
    View(
        "sparsity",
        "experts",
        "Experts, measured",
        heading=lambda _state: escape(sparsity.experts_headline()),
        figure=lambda _state, mode: sparsity.pairs_figure_of(mode),
        alt=lambda _state: pairs_alt(sparsity.pair_groups()),
        caption=sparsity.experts_footer,
        numbers=_pairs,
        legend=lambda _state, mode: legend_html(sparsity.pair_groups(), mode),
    ),
    View(
        "sparsity",
        "touched",
        "Experts by batch",
        heading=lambda _state: escape(sparsity.touched_headline()),
        figure=lambda state, mode: sparsity.touched_figure_of(float(state.scenario.batch), mode),
        alt=lambda state: touched_alt(
            sparsity.touched_lines(), sparsity.touched_batches(), float(state.scenario.batch)
        ),
        caption=lambda _state: sparsity.touched_footer(),
        numbers=_touched,
        behind=lambda _state: topic("serving.independent_choice", *(f"model.{key}." for key in sparsity.TOUCHED)),
        legend=lambda _state, mode: touched_legend_html(sparsity.touched_lines(), mode),
    ),
    View(
        "sparsity",
        "spikes",
        "When spikes pay",
        heading=lambda state: escape(sparsity.spikes_headline(state.scenario)),
        figure=lambda state, mode: sparsity.spikes_figure_of(state.scenario, mode),
        alt=lambda state: spikes_alt(sparsity.spikes_of(state.scenario)),
        caption=sparsity.spikes_footer,
        numbers=_spikes,
        behind=ledger_records,
        legend=lambda state, mode: spikes_legend_html(sparsity.spikes_of(state.scenario), mode),
    ),
    View(
        "sparsity",
        "gains",
        "Paper and measurement",
        heading=lambda _state: escape(sparsity_quality.gains_headline()),
        figure=lambda _state, mode: sparsity_quality.gains_figure_of(mode),
        alt=lambda _state: gains_alt(sparsity_quality.gains()),
        caption=sparsity_quality.gains_footer,
        numbers=_gains,
        legend=lambda _state, mode: gains_legend_html(mode),
    ),
)
