"""The sentences and caches of the page on all levers: what they close together, and what is left."""

from __future__ import annotations

import functools
from dataclasses import replace
from html import escape
from typing import Final, NamedTuple

import plotly.graph_objects as go

from efficiency import __version__
from efficiency.facts import DATA_VERSION
from efficiency.lever_central import CentralShares, shares_at, standings, unshared
from efficiency.lever_evidence import check
from efficiency.lever_report import attribution_of, positions_of, tornado_of
from efficiency.lever_settings import PRESETS
from efficiency.lever_task import TASKS
from efficiency.levers import Attribution, Range
from efficiency.link import State, encode
from efficiency.say import factor, quantity, significant, times
from efficiency.sensitivity import Influence
from ui.figures.levers import PAGE, STAGE, Form, waterfall_alt, waterfall_figure
from ui.figures.levers_words import over_brain, span_words
from ui.figures.tornado import tornado_alt, tornado_figure
from ui.legend import dotted, legend, mark
from ui.names import chip_name, plural
from ui.own_words import target
from ui.text import scope_sentence
from ui.theme import Mode, palette

SLIDER: Final = "lv_pulled"
_SUBJECTS: Final = {
    "products": "Pulling every lever as far as products do",
    "northpole": "NorthPole",
    "neuromorphic": "A neuromorphic machine",
    "analog": "An analog machine",
    "research": "Pulling every lever that research has shown",
    "limit": "Pulling every lever to its physical limit",
}
_SOME: Final = 0.05
"""Powers of ten that are worth a word."""


def preset_of(state: State) -> str | None:
    """Find the preset whose positions a state has; the first one is a machine too."""
    positions = positions_of(state)
    name = next((key for key, preset in PRESETS.items() if preset.settings == positions), None)
    if name == "today" and state.scenario.system != State().scenario.system:
        return None
    return name


def asked(state: State) -> State:
    """Reduce a state to what the attribution depends on, so that the slider asks for nothing new."""
    return State(state.scenario, choices={n: v for n, v in state.choices.items() if n[:3] == "lv_" and n != SLIDER})


class Answer(NamedTuple):
    """All that the page says of a reduced state."""

    found: Attribution
    along: tuple[float, ...]
    other: CentralShares
    influences: tuple[Influence, ...]
    sharing: float
    unshared: float


@functools.lru_cache(maxsize=256)
def _answer(state: State) -> Answer:
    found = attribution_of(state)
    other = shares_at(found, found.best_batch if found.batch == 1.0 else 1.0)
    return Answer(found, standings(found), other, tornado_of(found), *unshared(found))


def answer_of(state: State) -> Answer:
    """Attribute what a state pulls: at its batch with ranges, at the other one without."""
    return _answer(asked(state))


def found_of(state: State) -> Attribution:
    """Attribute what a state pulls."""
    return answer_of(state).found


def other_of(state: State) -> CentralShares:
    """Attribute the same at the other batch: the best one, or one at a time."""
    return answer_of(state).other


def pulled_of(state: State) -> int:
    """Tell how many levers the slider has pulled, from the first on; all, where the others change nothing."""
    found, along = found_of(state), answer_of(state).along
    pulled = int(state.choices[SLIDER])
    return pulled if any(one != along[-1] for one in along[pulled:]) else len(found.bars)


def waterfall_figure_of(state: State, mode: Mode) -> go.Figure:
    """Draw the waterfall with the slider where the state says."""
    return _waterfall(asked(state), int(state.choices[SLIDER]), mode, PAGE)


def staged_waterfall_of(state: State, mode: Mode) -> go.Figure:
    """Draw the waterfall as slides show it."""
    return _waterfall(asked(state), int(state.choices[SLIDER]), mode, STAGE)


@functools.lru_cache(maxsize=256)
def _waterfall(state: State, pulled: int, mode: Mode, form: Form) -> go.Figure:
    return waterfall_figure(found_of(state), answer_of(state).along, pulled, mode, form)


def tornado_figure_of(state: State, mode: Mode) -> go.Figure:
    """Draw the assumptions behind what is left."""
    return _tornado(asked(state), mode)


@functools.lru_cache(maxsize=256)
def _tornado(state: State, mode: Mode) -> go.Figure:
    return tornado_figure(answer_of(state).influences, found_of(state).remainder.central, mode)


def alt(state: State) -> str:
    """Say the waterfall in words."""
    return waterfall_alt(found_of(state), answer_of(state).along, int(state.choices[SLIDER]))


def tornado_alt_of(state: State) -> str:
    """Say the tornado in words."""
    return tornado_alt(answer_of(state).influences)


def headline_html(state: State) -> str:
    """Say what the levers close and what is left, the number in the machine's colour, and the range."""
    before, number, after = headline(state)
    return (
        f'<h1 class="tw-headline">{escape(before)} <span class="tw-machine">{number}</span>{after}</h1>'
        f'<p class="tw-range">{range_sentence(state)}</p>'
    )


def headline(state: State) -> tuple[str, str, str]:
    """Say the finding: the words before the number, the number, the words after it."""
    found, pulled = found_of(state), pulled_of(state)
    start, left = found.start.central, answer_of(state).along[pulled]
    together = start - left
    if all(bar.position == "today" for bar in found.bars[:pulled]):
        unit = TASKS[found.task.name]
        before = f"With no lever pulled, one {unit} on {plural(chip_name(found.task.today.chip))} takes"
        return before, _ratio(start), " what the brain needs" if start >= 0 else " than in the brain"
    subject = _SUBJECTS.get(preset_of(state) or "", "What is pulled here")
    if pulled < len(found.bars):
        subject = f"Pulling {found.bars[0].name.lower()} alone" if pulled == 1 else f"Pulling the first {pulled} levers"
    if start <= 0:
        before = f"{subject} takes the machine from {times(10.0**-start)} less than the brain to"
        return before, _ratio(left) + (" more" if left > 0 else ""), ""
    if together <= -_SOME / 10:
        return f"{subject} widens the gap by", f"{tens(-together)} powers of ten", f", to {times(10.0**left, 'html')}"
    if left > 0:
        return (
            f"{subject} closes",
            f"{tens(together)} of {tens(start)}",
            f" powers of ten; a factor of {factor(10.0**left, 'html')} is left",
        )
    return (
        f"{subject} closes all",
        f"{tens(start)} powers of ten",
        f" and needs {times(10.0**-left, 'html')} less than the brain",
    )


def _ratio(log_ratio: float) -> str:
    return times(10.0**log_ratio, "html") if log_ratio >= 0 else f"{times(10.0**-log_ratio, 'html')} less"


def tens(log_ratio: float) -> str:
    """Say powers of ten with one digit after the point.

    >>> tens(4.613), tens(-0.02), tens(-0.3)
    ('4.6', '0.0', '−0.3')
    """
    return f"{round(log_ratio, 1) + 0.0:.1f}".replace("-", "−")


def _between(value: Range) -> str:
    return f"{tens(value.low)} to {tens(value.high)}"


def range_sentence(state: State) -> str:
    """Say the ranges, the energies and what is held fixed, as HTML."""
    found = found_of(state)
    left = span_words(found.remainder.low, found.remainder.high, "html")
    nothing = found.together == Range(0.0, 0.0, 0.0)
    subject = "All levers" if pulled_of(state) < len(found.bars) else "The levers"
    closed = "" if nothing else f"{subject} gain {_between(found.together)} powers of ten, which leaves "
    quality = "at equal quality" if found.task.equal_quality else "whatever the quality"
    pulled = "" if nothing else f", {quantity(found.pulled_j, 'J', 2)} with {subject[0].lower()}{subject[1:]}"
    # Many more than the one multiply-add that the first page sets beside a synaptic event.
    silent = found.task.name == "synapse" and found.task.today.events == "every_step"
    whole = " (every synapse is evaluated at each step)" if silent else ""
    answer = answer_of(state)
    shared = ""
    if found.task.name == "synapse" and answer.sharing > 1.0:
        alone = _place(answer.unshared)
        shared = f", where {answer.sharing:,.0f} brains share the same weights; each with weights of its own, {alone}"
    return (
        f"{closed}{left} (5 to 95 %){shared}. One {TASKS[found.task.name]}: "
        f"{quantity(found.today_j, 'J', 2)} today{whole}{pulled}, {quantity(found.brain_j, 'J', 2)} in the brain, "
        f"{quality}."
    )


def legend_html(mode: Mode) -> str:
    """Say what the bars' colours and marks mean."""
    colours = palette(mode)
    marks = (
        (colours.machine, "■", "in use or reported"),
        (colours.shades[2], "■", "modelled"),
        (colours.limit, "■", "theory"),
        (colours.brain, "┃", "the brain, 1×"),
        (colours.ink, "—", "5 to 95 %"),
    )
    swatches = [mark(*one) for one in marks]
    return (
        f'<p class="tw-footer" style="opacity:1">Positions: {dotted(*swatches[:3])}. {dotted(*swatches[3:])}. '
        f'<span style="color:{colours.machine}">◆</span> the machine with the levers down to here pulled, no others. '
        "All shares are modelled; what was measured stands apart.</p>"
    )


def overlap_headline(state: State) -> str:
    """Say how the levers go together."""
    overlap = found_of(state).overlap.central
    if overlap > _SOME:
        return f"Levers remove the same energy: {tens(overlap)} powers of ten of their gains overlap"
    if overlap < -_SOME:
        return f"Levers clear the way for one another: together they gain {tens(-overlap)} powers of ten more"
    return "What each lever gains: its share, alone, and pulled last"


def overlap_sentence(state: State) -> str:
    """Say how far the gains alone exceed, or fall short of, the gain together."""
    found = found_of(state)
    active = [bar for bar in found.bars if bar.position != "today"]
    if len(active) < 2:
        return ""
    alone = sum(bar.alone.central for bar in active)
    said = (
        f"Alone, the levers would gain {tens(alone)} powers of ten; together they gain {tens(found.together.central)}"
    )
    if found.overlap.central > _SOME:
        most = sorted(active, key=lambda bar: bar.last_in.central - bar.alone.central)[:2]
        names = " and ".join(bar.name.lower() for bar in most if bar.alone.central - bar.last_in.central > _SOME)
        where = f", most with {names}" if names else ""
        return f"{said}. The difference, {tens(found.overlap.central)}, is overlap{where}."
    if found.overlap.central < -_SOME:
        return f"{said}: an overlap of {tens(found.overlap.central)}."
    return f"{said}: no overlap."


def batches_sentence(state: State) -> str:
    """Set one at a time beside the best batch."""
    found, other = found_of(state), other_of(state)
    if other.batch == found.batch:
        return "Today’s machine is at its best when it serves one at a time."
    here = (found.start.central, found.together.central, found.remainder.central)
    there = (other.start, other.together, other.remainder)
    one, best = (here, there) if found.batch == 1.0 else (there, here)
    left = _place(one[2])
    if _place(best[2]) != left:
        left += f" and {_place(best[2])}"
    what = "brains" if found.task.name == "synapse" else "conversations"
    if all(bar.position == "today" for bar in found.bars):
        return (
            f"One at a time, today’s machine stands at {_place(one[0])}; with {found.best_batch:,.0f} {what} sharing "
            f"its weights, at {_place(best[0])}."
        )
    return (
        f"One at a time, today’s machine stands at {_place(one[0])} and the levers gain {tens(one[1])}; with "
        f"{found.best_batch:,.0f} {what} sharing its weights, at {_place(best[0])} and {tens(best[1])}. "
        f"Left: {left}."
    )


def _place(log_ratio: float) -> str:
    return over_brain(log_ratio, "html")


def footer(state: State) -> str:
    """Say interval, task, scope and versions, as HTML."""
    found = found_of(state)
    extra = (
        " At the limits, precision and sparsity stay where they pay at equal quality."
        if preset_of(state) == "limit" and found.task.equal_quality
        else ""
    )
    events = "every synapse at each step" if found.task.today.events == "every_step" else "events alone"
    counted = f" · today evaluates {events}" if found.task.name == "synapse" else ""
    return (
        f"Shapley values of log<sub>10</sub>: shares do not depend on the order.{extra} 5 to 95 % intervals, "
        f"stretched to the central value · "
        f"{escape(plural(chip_name(found.task.today.chip)))}{counted} · {escape(scope_sentence(state.scenario))} · "
        f'<a href="/sources?{escape(encode(replace(state, find="")))}" target="{target(state)}">all records</a> · '
        f"data {DATA_VERSION} · model {__version__} · Twenty Watts"
    )


def tornado_headline(state: State) -> str:
    """Say which assumption to argue about."""
    found = answer_of(state).influences
    if not found:
        return "Nothing uncertain is left"
    first = found[0]
    swing = abs(first.high - first.low)
    if swing < _SOME:
        return "No single assumption matters much"
    moved = f"{tens(swing)} powers of ten" if swing >= 0.95 else f"a factor of {factor(10.0**swing)}"
    return f"Argue about {first.words}: alone it moves what is left by {moved}"


def tornado_headline_html(state: State) -> str:
    """Set that sentence in a size for a narrow column."""
    style = "margin-top:0;font-size:clamp(1.3rem,0.9rem + 0.55vw,1.6rem)"
    return f'<h2 class="tw-finding" style="{style}">{escape(tornado_headline(state))}</h2>'


def tornado_caption() -> str:
    """Say what the bars are."""
    return (
        "Machine over brain with what is pulled here, as one assumption moves between its 5 and 95 % points, longest "
        "reach first. Per cent: its first-order Sobol index, or less than 1."
    )


def tornado_legend_html(mode: Mode) -> str:
    """Say whose assumption is in which colour."""
    colours = palette(mode)
    return legend(
        mark(colours.brain, "■", "the brain’s facts"),
        mark(colours.machine, "■", "the machine’s"),
        mark(colours.neutral, "■", "neither’s"),
    )


def check_html(state: State) -> str:
    """Hold the modelled machine against the published one, or say nothing."""
    preset = preset_of(state)
    beside = check(found_of(state), preset) if preset else None
    if beside is None:
        return ""
    known = quantity(beside.central_j, "J", 2)
    if beside.high_j > beside.low_j:
        known = f"{quantity(beside.low_j, 'J', 2)} to {quantity(beside.high_j, 'J', 2)}"
    apart = _apart(beside.modelled_j / beside.high_j, beside.modelled_j / beside.low_j)
    query = escape(encode(replace(state, find=beside.fact)))
    return (
        f'<p class="tw-footer" style="opacity:1"><b>Against a built chip.</b> {beside.name}, measured: {known} '
        f"for a synaptic event, the chip alone. This machine, modelled, chips alone: "
        f"{quantity(beside.modelled_j, 'J', 2)}, {apart}. No like-for-like test: {escape(beside.caveat)} "
        f"The modelled one is made of {escape(plural(chip_name(state.scenario.chip)))} · "
        f'<a href="/sources?{query}" target="{target(state)}">record</a></p>'
    )


def _apart(least: float, most: float) -> str:
    """Say how a modelled energy stands to a measured one that has a range.

    >>> _apart(1.3, 5.1), _apart(2.0, 2.0), _apart(0.4, 0.5), _apart(0.99, 1.02), _apart(0.5, 2.0)
    ('1.3 to 5.1 times as much', '2 times as much', '2 to 2.5 times less', 'as much', '0.5 to 2 times as much')
    """
    if least > 0.95 and most < 1.05:
        return "as much"
    if most < 1.0:
        ends, word = (factor(1.0 / most), factor(1.0 / least)), "less"
    else:
        ends, word = (factor(least), factor(most)), "as much"
    return f"{ends[0]} times {word}" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]} times {word}"


def swing_words(value: float) -> str:
    """Say a gain in a table.

    >>> swing_words(1.774), swing_words(-0.02)
    ('1.77', '−0.02')
    """
    return significant(round(value, 2), 3) if abs(value) >= 10 else f"{round(value, 2) + 0.0:.2f}".replace("-", "−")
