"""The sentences and caches of the page on distillation."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from html import escape
from typing import Final

import numpy as np
import plotly.graph_objects as go

from efficiency import __version__
from efficiency.arrays import Floats
from efficiency.distillation import (
    CASES,
    CHARGES,
    alone_j,
    break_even_worth,
    pair_of,
    taught_j,
    token_worth,
)
from efficiency.distillation_reach import reach
from efficiency.distillation_report import least_students, least_worth, students_words, tokens_words
from efficiency.facts import DATA_VERSION, entities, fact
from efficiency.link import State
from efficiency.sampling import interval
from efficiency.say import significant
from efficiency.scaling_draws import REFIT, Range, refit_draws
from efficiency.scaling_energy import prices
from efficiency.scaling_laws import (
    FLOP_PER_PARAMETER_TOKEN,
    AdditiveLaw,
    floor,
    loss,
    optimal_for_loss,
    tokens_for_loss,
)
from efficiency.scaling_steps import WORTH_STEPS
from efficiency.scaling_wall import text_stock
from efficiency.scenario import Scenario
from ui.figures.distillation import (
    Reached,
    Threshold,
    Way,
    reach_figure,
    thresholds_figure,
    ways_figure,
)
from ui.figures.scaling_parts import count, joules
from ui.names import chip_name, plural
from ui.record_links import records_link
from ui.text import scope_sentence
from ui.theme import Mode

_STUDENTS: Final = tuple(10.0 ** (step / 8) for step in range(33))
_LEAST_ROOM, _MOST_ROOM, _STEPS = 0.012, 0.6, 41
_DRAWS: Final = 256


def case_of(state: State) -> str:
    """The chosen student and teacher."""
    return state.choices["di_case"]


def students_of(state: State) -> float:
    """Students that share the teacher [1]."""
    return float(state.choices["di_students"])


def worth_of(state: State) -> float:
    """Where the slider stands [1]."""
    return float(state.choices["di_at"])


def teacher_label(case: str) -> str:
    """Name the teacher, and that it stands in where the real one is not named."""
    return entities()[f"run.{CASES[case].teacher}"].label


@functools.lru_cache(maxsize=128)
def ways_of(scenario: Scenario, case: str, students: float) -> Mapping[float, tuple[Way, ...]]:
    """Every way to the student, by the worth of a taught token."""
    price, found = prices(scenario), {}
    for worth in WORTH_STEPS:
        pair = pair_of(case, worth)
        alone = float(alone_j(pair, price))
        ways = [Way("On data alone", alone, (alone, 0.0, 0.0))]
        for charge, name in CHARGES.items():
            bill = taught_j(pair, price, worth, charge, students)
            said = f"{name} by {students:,.0f}" if charge == "shared" else name
            parts = (float(bill.student_j), float(bill.answers_j), float(bill.teacher_j))
            ways.append(Way(said, float(bill.total_j), parts))
        found[worth] = tuple(ways)
    return found


@functools.lru_cache(maxsize=128)
def ways_figure_of(scenario: Scenario, case: str, students: float, at: float, mode: Mode) -> go.Figure:
    """Draw the ways, the slider standing at ``at``."""
    return ways_figure(ways_of(scenario, case, students), at, mode)


@functools.lru_cache(maxsize=128)
def _least(case: str, scenario: Scenario) -> tuple[float, float, float]:
    return tuple(least_worth(case, scenario))  # type: ignore[return-value]


def headline_html(state: State) -> str:
    """Say when teaching pays for the chosen student, and how sure that is."""
    case, scenario = CASES[case_of(state)], state.scenario
    low, central, high = _least(case.key, scenario)
    price = prices(scenario)
    charged = float(break_even_worth(case.key, price, 1.0))
    worth = token_worth()
    whole = (
        f"above {significant(charged)} with all of its teacher charged"
        if math.isfinite(charged)
        else "never with all of its teacher charged"
    )
    ends = significant(low), significant(high)
    spread = f"between {ends[0]} and {ends[1]}" if ends[0] != ends[1] else "the same"
    return (
        f'<h1 class="tw-headline">Teaching {escape(case.label)} pays if a taught token is worth more than '
        f'<span class="tw-machine">{significant(central)} tokens</span> of data, {whole}</h1>'
        f'<p class="tw-range">In energy; {spread} with the range of the '
        "machine, the teacher’s answers charged. What it is worth nobody has published in a form to be used here: "
        f"assumed {worth.central:g}, {worth.low:g} to {worth.high:g}.</p>"
    )


def ways_footer(state: State) -> str:
    """Say what is charged and what is assumed, as HTML."""
    case, scenario = CASES[case_of(state)], state.scenario
    pair = pair_of(case.key, 1.0)
    published = "with answers" if case.taught else "on data alone"
    return (
        f"{escape(case.label)} ({count(pair.student)} parameters, {count(pair.tokens_alone)} tokens {published}): "
        f"{escape(case.note)}. Teacher: {escape(teacher_label(case.key))}, {count(pair.teacher)} parameters, "
        f"{count(pair.teacher_tokens)} tokens. Answers: one forward pass of the teacher for each token of the student, "
        f"at the energy of reading. Dotted: the same student on data alone. Computed, not measured: "
        f"{escape(plural(chip_name(scenario.chip)))}, {escape(scope_sentence(scenario))} · "
        f"{records_link(state, 'distillation.', 'sources')} · data {DATA_VERSION} · model {__version__}"
    )


@functools.lru_cache(maxsize=128)
def thresholds_of(scenario: Scenario, chosen: str) -> tuple[Threshold, ...]:
    """Where teaching begins to pay, by students that share a teacher, for every case; the chosen one last."""
    price = prices(scenario)
    found = []
    for key, case in CASES.items():
        worth = np.asarray(break_even_worth(key, price, 1.0 / np.array(_STUDENTS)), dtype=float)
        found.append(Threshold(case.label, _STUDENTS, tuple(worth.tolist()), key == chosen))
    return tuple(sorted(found, key=lambda one: one.chosen))


@functools.lru_cache(maxsize=256)
def thresholds_figure_of(scenario: Scenario, chosen: str, students: float, worth: float, mode: Mode) -> go.Figure:
    """Draw the thresholds, with the chosen students and worth marked."""
    assumed = tuple(token_worth())
    return thresholds_figure(thresholds_of(scenario, chosen), assumed, (students, worth), mode)  # type: ignore[arg-type]


@functools.lru_cache(maxsize=128)
def _least_students(case: str, scenario: Scenario, worth: float) -> Range:
    return least_students(case, scenario, worth)


def thresholds_headline(state: State) -> str:
    """Say how many students a teacher needs."""
    case = CASES[case_of(state)]
    said = f"{case.label}: if a taught token is worth {tokens_words(worth_of(state))} of data"
    found = _least_students(case.key, state.scenario, worth_of(state))
    if math.isinf(found.low):
        return f"{said}, no number of students pays for a teacher: its answers cost more than they save"
    return f"{said}, {students_words(found)}"


def thresholds_footer(state: State) -> str:
    """Say what published numbers there are, as HTML."""
    answers, one, three = (
        fact(f"distillation.llama32_{name}").value for name in ("answers", "training_1b", "training_3b")
    )
    smallest, largest = (fact(f"distillation.law_{name}_student").si for name in ("smallest", "largest"))
    return (
        "Above a line teaching saves energy. A teacher that exists for other reasons costs nothing more: move to the "
        "right. Published: for Llama 3.2 1B and 3B the teachers’ answers took "
        f"{100 * answers / (one + three):.0f} % of the students’ chip-hours (for how many of the tokens is not said); "
        f"Minitron’s pruned and taught models needed up to {fact('distillation.minitron_tokens').value:g} times fewer "
        "tokens, starting from the teacher’s own weights, and a family of three took "
        f"{fact('distillation.minitron_family').value:g} times less arithmetic with the teacher counted. Busbridge et "
        f"al. (2025) find the same order, for students of {count(smallest)} to {count(largest)} parameters: a teacher "
        "that exists or is shared pays up to an amount of compute that grows with the student, one trained for a "
        "single student does not. Their law’s constants were not seen, so it is not used · "
        f"{records_link(state, 'busbridge', 'sources')}"
    )


@functools.lru_cache(maxsize=128)
def reached_of(scenario: Scenario, case: str, students: float, worth: float) -> Reached:
    """Energy to reach losses above what the student can reach at all."""
    pair = pair_of(case, worth)
    bottom = float(floor("refit", pair.student))
    room = np.geomspace(_LEAST_ROOM, _MOST_ROOM, _STEPS)
    losses = bottom + room
    found = reach(case, prices(scenario), worth, losses, students)
    names = {**CHARGES, "shared": f"{CHARGES['shared']} by {students:,.0f}"}
    ways = [("Best size, on data", found.optimal_j), (f"{CASES[case].label}, on data", found.alone_j)]
    ways += [(names[charge], found.taught_j[charge]) for charge in CHARGES]
    return Reached(
        tuple(losses.tolist()),
        tuple((name, tuple(np.asarray(values, dtype=float).tolist())) for name, values in ways),
        bottom,
        float(loss("refit", pair.teacher, pair.teacher_tokens)),
        CASES[case].label,
    )


def reached(state: State) -> Reached:
    """Energy to reach a loss, for what is chosen."""
    return reached_of(state.scenario, case_of(state), students_of(state), worth_of(state))


@functools.lru_cache(maxsize=128)
def reach_figure_of(scenario: Scenario, case: str, students: float, worth: float, mode: Mode) -> go.Figure:
    """Draw the energy to reach a loss."""
    return reach_figure(reached_of(scenario, case, students, worth), mode)


def reach_headline(state: State) -> str:
    """Say what a small model pays for reaching what a larger one reaches."""
    case = CASES[case_of(state)]
    tokens = pair_of(case.key, worth_of(state)).tokens_alone
    (low, ratio, high), size = _dearness(case.key, worth_of(state))
    notes = [f"{worth_of(state):g} for each taught one"] if case.taught else []
    if float(tokens) > text_stock().central:
        notes.append("more than all public text")
    noted = f" ({', '.join(notes)})" if notes else ""
    said = f"On {count(tokens)} tokens of data alone{noted}, {case.label} "
    # Where training is this short, the student is the larger of the two.
    if size < 1:
        return f"{said}is trained so briefly that a smaller model would reach its loss with less"
    if size < 2:
        return f"{said}is near the size that reaches its loss most cheaply"
    return (
        f"{said}takes {significant(ratio)} times ({significant(low)} to {significant(high)}) the training energy of "
        "the best size for its loss"
    )


@functools.lru_cache(maxsize=128)
def _dearness(case: str, worth: float) -> tuple[Range, float]:
    """Training energy over that of the best size for the same loss, by the law's draws; how much larger that is."""
    pair = pair_of(case, worth)

    def over(which: str | AdditiveLaw) -> tuple[Floats, Floats]:
        best = optimal_for_loss(which, loss(which, pair.student, pair.tokens_alone))
        return FLOP_PER_PARAMETER_TOKEN * pair.student * pair.tokens_alone / best.flop, best.parameters / pair.student

    ratio, size = map(float, over(REFIT))
    low, high = interval(np.asarray(over(refit_draws(_DRAWS))[0]))
    return Range(min(low, ratio), ratio, max(high, ratio)), size


def _whence(state: State) -> str:
    """Say where the tokens are from, and what the best size is."""
    case, worth = CASES[case_of(state)], worth_of(state)
    size = _dearness(case.key, worth)[1]
    whence = f"{case.label} read so many in fact."
    if case.taught:
        whence = f"Tokens of data: {worth:g} for each that was taught, as assumed."
    if size < 2:
        return whence
    return f"{whence} The best size is {significant(size)} times as large, and as dear to serve."


def reach_footer(state: State) -> str:
    """Say what law this is and what it cannot say, as HTML."""
    scratch, taught = (fact(f"distillation.gemma2_{name}").value for name in ("scratch", "taught"))
    lower = math.log(
        fact("distillation.gemma2_perplexity_scratch").value / fact("distillation.gemma2_perplexity_taught").value
    )
    tokens = fact("distillation.gemma2_tokens").si
    left = float(loss("refit", 1e9, tokens)) - float(floor("refit", 1e9))
    found = reached(state)
    needed = float(tokens_for_loss("refit", pair_of(case_of(state), 1.0).student, found.losses[len(found.losses) // 2]))
    return (
        f"{_whence(state)} Losses by the refit of the second law. A student reaches nothing below its own floor, nor "
        f"below its teacher’s loss ({found.teacher:.3f}); answers save tokens, they do not make a model larger. In the "
        f"middle of the figure the student needs {count(needed)} tokens of data. This view is too narrow: on "
        f"{count(tokens)} equal tokens Gemma 2 2B scored {taught:g} % taught and {scratch:g} % from scratch "
        f"(three tests), and at 1 billion parameters a taught model had {lower:.2f} nats less, where this law would "
        f"grant endless data {left:.2f}. Nobody has published joules · {records_link(state, 'gemma2', 'sources')}"
    )


def serving_sentence(state: State) -> str:
    """Say what the student saves each time it is used."""
    price = prices(state.scenario)
    pair = pair_of(case_of(state), 1.0)
    student, teacher = (
        float(price.serving_j_per_parameter_token) * float(size) for size in (pair.student, pair.teacher)
    )
    return (
        f"A token costs {joules(student)} from the student and {joules(teacher)} from the teacher: why anybody teaches "
        "small models, whatever their training took."
    )
