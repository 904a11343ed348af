"""The sentences and caches of the page on scaling laws."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go

from efficiency import __version__, catalogue
from efficiency.facts import DATA_VERSION, fact
from efficiency.inference_aware import kaplan_published
from efficiency.link import State
from efficiency.say import power_of_ten, significant
from efficiency.scaling_draws import REFIT, ratio_range, refit_draws, size_range
from efficiency.scaling_energy import ServedRange, prices, served, served_range, training_j
from efficiency.scaling_laws import LAWS, loss, optimal
from efficiency.scaling_report import is_untested
from efficiency.scaling_steps import FLOP_STEPS, SERVED_STEPS
from efficiency.scaling_wall import text_stock, trained_models, wall_flop
from efficiency.scenario import Scenario
from ui.figures.scaling import Curve, Stop, budget_words, fine_sizes, isoflop_figure, looks
from ui.figures.scaling_parts import count, joules
from ui.figures.scaling_runs import Dot, Lines, Lives, lives_figure, runs_figure, wall_figure
from ui.legend import legend, mark
from ui.names import chip_name, plural
from ui.record_links import records_link
from ui.text import scope_sentence
from ui.theme import Mode, palette

_OVER_TRAINED: Final = "llama3_8b"
_RUN_BUDGETS: Final = tuple(10.0 ** (21.5 + 0.25 * step) for step in range(21))
_WALL_BUDGETS: Final = tuple(10.0 ** (20 + 0.5 * step) for step in range(25))
_LIVES: Final = tuple(10.0 ** (9 + 0.25 * step) for step in range(33))
_SAMPLES: Final = 256


@functools.lru_cache(maxsize=1)
def _curves() -> Mapping[str, tuple[tuple[Curve, ...], float, float]]:
    """Curves and the range of the refit's size at each budget; the same for every scenario."""
    found = {}
    for name, flop in FLOP_STEPS.items():
        curves = []
        for key, label in LAWS.items():
            best = optimal(key, flop)
            sizes = np.array(fine_sizes(float(best.parameters)))
            above = np.asarray(loss(key, sizes, flop / 6.0 / sizes)) - best.loss
            curves.append(
                Curve(label, tuple(sizes), tuple(above), float(best.parameters), float(best.tokens), float(best.loss))
            )
        low, _, high = size_range(flop)
        found[name] = (tuple(curves), low, high)
    return found


@functools.lru_cache(maxsize=64)
def stops_of(scenario: Scenario) -> Mapping[str, Stop]:
    """Everything the figure of isoFLOP curves shows, by the slider's position."""
    low, central, high = training_j(scenario, 1.0)
    return {
        name: Stop(FLOP_STEPS[name], central * flop, low * flop, high * flop, curves, smallest, largest)
        for (name, (curves, smallest, largest)), flop in zip(_curves().items(), FLOP_STEPS.values(), strict=True)
    }


@functools.lru_cache(maxsize=128)
def isoflop_figure_of(scenario: Scenario, at: str, mode: Mode) -> go.Figure:
    """Draw the isoFLOP curves, the slider standing at ``at``."""
    return isoflop_figure(stops_of(scenario), at, mode)


@functools.cache
def headline_html(at: str) -> str:
    """Say how far the laws are apart at a budget, and how sure the refit is."""
    flop = FLOP_STEPS[at]
    low, central, high = ratio_range(flop)
    printed = float(optimal("chinchilla", flop).tokens_per_parameter)
    unrounded = float(optimal("chinchilla_unrounded", flop).tokens_per_parameter)
    kaplan = float(optimal("kaplan", flop).tokens_per_parameter)
    rule = float(kaplan_published(flop).tokens_per_parameter)
    return (
        f'<h1 class="tw-headline">With {power_of_ten(flop, "html")} FLOP, a model should read '
        f'<span class="tw-machine">{significant(central)} tokens</span> for each parameter; as first printed, the '
        f"same law says {significant(printed)}</h1>"
        f'<p class="tw-range">Refitted: between {significant(low)} and {significant(high)}. Rounding two exponents '
        f"alone makes {significant(unrounded)} into {significant(printed)}. The first law says {significant(kaplan)} "
        f"by its learning curve, {significant(rule)} by its rule of thumb.</p>"
    )


def isoflop_footer(state: State) -> str:
    """Say what is drawn, for which machine, and from which records, as HTML."""
    scenario = state.scenario
    return (
        "Each curve has its minimum at the best size for the budget. Losses of Kaplan and of Chinchilla are of other "
        "texts and tokenisers, so each is drawn above its own best. Bar: 5 to 95 % of the refit’s best size, its "
        "coefficients drawn from our bootstrap of the published points; they end at 10<sup>22.1</sup> FLOP, what lies "
        f"beyond is extrapolated. Joules: the training ledger of {escape(plural(chip_name(scenario.chip)))} at "
        f"{100 * float(scenario.utilisation):.3g} % utilisation, {escape(scope_sentence(scenario))} · "
        f"{records_link(state, 'scaling.', 'sources')} · data {DATA_VERSION} · model {__version__}"
    )


def legend_html(mode: Mode, *more: str) -> str:
    """Name the lines of the laws."""
    dashes = {"dot": "···", "dash": "– –", "dashdot": "–·–", "solid": "——"}
    marks = [
        mark(look["color"], dashes[look["dash"]], name)
        for name, look in zip(LAWS.values(), looks(palette(mode)), strict=True)
    ]
    return legend(*marks, *more)


def runs_legend_html(mode: Mode) -> str:
    """Name lines and dots of the figure of published models."""
    ink = palette(mode).ink
    return legend_html(mode, mark(ink, "●", "published"), mark(ink, "○", "sizes estimated"))


@functools.cache
def dots() -> tuple[Dot, ...]:
    """Published models, each shape and data once."""
    seen, found = set(), []
    for run in trained_models():
        place = (run.parameters, run.tokens)
        if place not in seen:
            found.append(
                Dot(run.key, run.label, run.flop, run.tokens_per_parameter, run.parameters, run.tokens, run.estimated)
            )
        seen.add(place)
    return tuple(found)


@functools.cache
def run_lines() -> Lines:
    """Best tokens per parameter by law along budgets."""
    ranges = [ratio_range(flop, _SAMPLES) for flop in _RUN_BUDGETS]
    return Lines(
        _RUN_BUDGETS,
        tuple(LAWS.values()),
        tuple(tuple(float(optimal(key, flop).tokens_per_parameter) for flop in _RUN_BUDGETS) for key in LAWS),
        tuple(r.low for r in ranges),
        tuple(r.high for r in ranges),
    )


@functools.lru_cache(maxsize=4)
def runs_figure_of(mode: Mode) -> go.Figure:
    """Draw published models against the laws."""
    return runs_figure(dots(), run_lines(), mode)


def runs_headline() -> str:
    """Say how far from the optimum a published small model was trained."""
    run = next(dot for dot in dots() if dot.key == _OVER_TRAINED)
    best = float(optimal(REFIT, run.flop).tokens_per_parameter)
    gpt3 = next(dot for dot in dots() if dot.key == "gpt3")
    wanted = float(optimal(REFIT, gpt3.flop).tokens_per_parameter)
    return (
        f"{escape(run.label)} read {significant(run.ratio)} tokens for each parameter, {significant(run.ratio / best)} "
        f"times the optimum; GPT-3 read {significant(gpt3.ratio)}, {significant(wanted / gpt3.ratio)} times too few"
    )


def runs_footer(state: State) -> str:
    """Say what the dots are, as HTML."""
    tested = fact("scaling.sardana_tested").si
    return (
        "Arithmetic is 6 N D for every model, with the active parameters of a mixture of experts; the laws are for "
        "dense models. Small models lie far above the lines because they are served: what is spent on training them "
        f"longer comes back with every token written. Up to {tested:,.0f} tokens per parameter were tested; laws "
        "fitted at usual ratios overestimate what more tokens add there (Sardana 2024) · "
        f"{records_link(state, 'run.', 'models')} · {records_link(state, 'sardana', 'serving')}"
    )


def budget_of(state: State) -> float:
    """The budget at which the slider of the first figure stands [FLOP]."""
    return FLOP_STEPS[state.choices["sc_at"]]


def served_of(state: State) -> float:
    """Tokens that the model writes over its life [tokens]."""
    return SERVED_STEPS[state.choices["sc_served"]]


def served_range_of(state: State) -> ServedRange:
    """The size chosen with serving in view, with its range."""
    return served_range(state.scenario, budget_of(state), served_of(state))


@functools.lru_cache(maxsize=256)
def lives_of(scenario: Scenario, flop: float, tokens: float) -> Lives:
    """Training and serving energy along served tokens."""
    every = [served(scenario, REFIT, flop, one) for one in _LIVES]
    return Lives(
        _LIVES,
        tuple(float(one.total_j) for one in every),
        tuple(float(one.optimum_training_j + one.optimum_serving_j) for one in every),
        tuple(float(one.chosen.parameters) for one in every),
        tuple(float(one.chosen.tokens_per_parameter) for one in every),
        min(range(len(_LIVES)), key=lambda i: abs(np.log(_LIVES[i] / tokens))),
        float(every[0].optimum_training_j),
    )


@functools.lru_cache(maxsize=128)
def lives_figure_of(scenario: Scenario, flop: float, tokens: float, mode: Mode) -> go.Figure:
    """Draw what serving changes."""
    return lives_figure(lives_of(scenario, flop, tokens), mode)


def lives_headline(state: State) -> str:
    """Say what training smaller and longer saves once serving counts."""
    both = served_range_of(state)
    best, chosen = both.central.optimum, both.central.chosen
    longer = f"{significant(float(chosen.tokens) / float(best.tokens))} times the tokens"
    if both.central.text_binds:
        longer = f"all public text ({count(chosen.tokens)} tokens)"
    saved, low, high = (100 * share for share in (both.saved.central, both.saved.low, both.saved.high))
    if saved < 1.0 and both.central.text_binds:
        return (
            f"For {count(served_of(state))} tokens written, a smaller model would pay, but there is no more public "
            f"text to train it on than {count(chosen.tokens)} tokens"
        )
    if saved < 1.0:
        return (
            f"For {count(served_of(state))} tokens written, serving hardly counts: the compute-optimal "
            f"{count(best.parameters)} parameters are best within {max(saved, 0.1):.1f} %"
        )
    return (
        f"For {count(served_of(state))} tokens written, {count(chosen.parameters)} parameters trained on "
        f"{longer} save {saved:.0f} % ({low:.0f} to {high:.0f}) of the energy"
        + (", by a law far beyond its tests" if is_untested(both.central) else "")
    )


def lives_footer(state: State) -> str:
    """Say what is compared and where it departs from the paper, as HTML."""
    found = prices(state.scenario)
    ratio = float(found.serving_j_per_parameter_token) / (2.0 * float(found.training_j_per_flop))
    both = served_range_of(state)
    weighs = (
        "as much as a FLOP of training"
        if "1.0" in (significant(ratio), significant(1 / ratio))
        else f"{significant(ratio)} times a FLOP of training, so serving weighs that much more than in FLOP"
        if ratio >= 1
        else f"{significant(1 / ratio)} times less than a FLOP of training"
    )
    return (
        f"At the loss of the compute-optimal model of {budget_words(budget_of(state))} (the first figure’s slider): "
        f"{float(both.central.optimum.loss):.3f} nats per token by the refit; best size "
        f"{count(both.size.low)} to {count(both.size.high)}. Sardana et al. count training and serving in FLOP; here a "
        f"token written costs what the ledger says for {escape(catalogue.labels('model')[state.scenario.model])}, in "
        f"proportion to size: a FLOP of it costs {weighs}. Prompts are not counted. {both_words(both)}. "
        f"{reach_words(both)} · {records_link(state, 'sardana', 'sources')}"
    )


def reach_words(both: ServedRange) -> str:
    """Say how far the text and the tests of the law reach."""
    tested = fact("scaling.sardana_tested").si
    asked = float(both.central.chosen.tokens_per_parameter)
    return (
        f"No size reads more than the {count(text_stock().central)} tokens of public text"
        + (", which ends the line of sizes here" if both.central.text_binds else "")
        + f"; tested are up to {tested:,.0f} tokens for each parameter, here {count(asked)}"
    )


def both_words(both: ServedRange) -> str:
    """Say the two bills of the chosen size."""
    central = both.central
    return f"Training {joules(float(central.training_j))}, serving {joules(float(central.serving_j))}"


@functools.cache
def wall_lines() -> Lines:
    """Tokens that the best split needs by law along budgets."""
    drawn = [np.asarray(optimal(refit_draws(_SAMPLES), flop).tokens) for flop in _WALL_BUDGETS]
    return Lines(
        _WALL_BUDGETS,
        tuple(LAWS.values()),
        tuple(tuple(float(optimal(key, flop).tokens) for flop in _WALL_BUDGETS) for key in LAWS),
        tuple(float(np.quantile(values, 0.05)) for values in drawn),
        tuple(float(np.quantile(values, 0.95)) for values in drawn),
    )


@functools.lru_cache(maxsize=4)
def wall_figure_of(mode: Mode) -> go.Figure:
    """Draw the wall of text."""
    return wall_figure(dots(), wall_lines(), tuple(text_stock()), mode)  # type: ignore[arg-type]


def walls() -> dict[str, float]:
    """Budgets at which each law asks for all text, by name [FLOP]."""
    return {name: wall_flop(key).central for key, name in LAWS.items()}


def wall_headline() -> str:
    """Say when text runs out."""
    low, central, high = wall_flop(REFIT)
    most = max(dots(), key=lambda dot: dot.tokens)
    share = most.tokens / text_stock().central
    return (
        f"Public text lasts to {power_of_ten(central, 'html')} FLOP ({power_of_ten(low, 'html')} to "
        f"{power_of_ten(high, 'html')}) if models grow with it; {escape(most.label)} read {100 * share:.0f} % of it"
    )


def wall_footer(state: State) -> str:
    """Say where the stock comes from, as HTML."""
    low, central, high = text_stock()
    largest = max(dots(), key=lambda dot: dot.flop)
    return (
        f"Stock: {count(central)} tokens of public human text ({count(low)} to {count(high)}, 90 %), weighed by "
        "quality and useful repetition; the same paper draws the indexed web alone at "
        f"{count(fact('scaling.indexed_web').si)} (Villalobos 2024). As printed, the second law meets it at "
        f"{power_of_ten(wall_flop('chinchilla').central, 'html')} FLOP, the first far beyond any plan. The largest run "
        f"here took {power_of_ten(largest.flop, 'html')} FLOP. Small models that are trained for long meet the wall "
        f"first · {records_link(state, 'villalobos', 'sources')}"
    )


def why_headline() -> str:
    """Say how the first law erred."""
    first, second = (fact(f"scaling.why.{name}_exponent").si for name in ("kaplan", "chinchilla"))
    return (
        f"The first law let size grow with compute to the power {first:g}, its successor {second:g}: "
        "the cause is still disputed"
    )


def why_html(state: State) -> str:
    """Set the explanations of the first law's error as a table in HTML."""
    runs = fact("scaling.why.porian_runs").si
    rows = (
        (
            "Learning-rate schedule",
            "One schedule for all lengths of training, so that what was read off half way looked worse than a run of "
            "that length would have been, and data seemed to help less.",
            "Hoffmann 2022",
            "Their hypothesis, as quoted by Porian 2024, who found it not essential.",
        ),
        (
            "Embeddings left out, small models",
            "Sizes without embeddings at small scale bend the curve; the second law, seen through these glasses, gives "
            "nearly the first one’s exponent.",
            "Pearce and Song 2024",
            "Derived from the second law itself.",
        ),
        (
            "Last layer, warm-up, tuning",
            "The arithmetic of the last layer not counted, a warm-up too long for small models, and one setting of the "
            "optimiser for all sizes; corrected one by one, they lead to the second law.",
            "Porian 2024",
            f"Over {runs:,.0f} training runs. Decay of the learning rate was not essential.",
        ),
    )
    body = "".join(
        f'<tr><td><b>{name}</b></td><td style="white-space:normal">{how}</td><td>{who}</td>'
        f'<td style="white-space:normal">{standing}</td></tr>'
        for name, how, who, standing in rows
    )
    return (
        '<div class="tw-scroll"><table class="tw-table"><thead><tr><th>Cause</th><th>How it misleads</th>'
        f"<th>Source</th><th>Standing</th></tr></thead><tbody>{body}</tbody></table></div>"
        '<p class="tw-footer">The schedule is the explanation told most often; the two later studies contradict it or '
        f"do without · {records_link(state, 'scaling.why', 'sources')}</p>"
    )
