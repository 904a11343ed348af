"""The sentences of the pages: findings first, numbers in the machine's colour, the caveat beneath."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html import escape

from efficiency import __version__
from efficiency.catalogue import chip_labels, labels
from efficiency.facts import DATA_VERSION
from efficiency.gap import Gap
from efficiency.ledger import Ledger
from efficiency.link import State, encode
from efficiency.say import factor, power_of_ten, quantity, times
from efficiency.scenario import Scenario, field_rules
from efficiency.words import DRIVER_WORDS
from ui.figures.ladder import Rung
from ui.units import words_for

_MAKERS = re.compile(r"^(NVIDIA Tesla|NVIDIA|AMD Instinct|AMD|Google|Intel|AWS|Cerebras|IBM) ")
_FORM_FACTORS = re.compile(r" (SXM\d?|\d+GB|\(.*\)|Trillium|Ironwood|v1(?= ))")


def chip_name(chip: str) -> str:
    """Call a chip what people call it on stage.

    >>> chip_name("h100"), chip_name("tpu_v5p")
    ('H100', 'TPU v5p')
    """
    label = _MAKERS.sub("", chip_labels()[chip])
    return _FORM_FACTORS.sub("", label).strip()


def plural(name: str) -> str:
    """Make a chip's name plural, as in "H100s".

    >>> plural("H100"), plural("TPU v5p")
    ('H100s', 'TPU v5p chips')
    """
    return f"{name}s" if re.fullmatch(r"\w*\d\w*", name) else f"{name} chips"


def headline(gap: Gap) -> tuple[str, str, str]:
    """Say the finding: the words before the number, the number, the words after it."""
    ratio = gap.yardstick("compute").central
    scope = {"atp": "signalling", "glucose": "brain’s", "body": "body’s"}[gap.scenario.brain_scope]
    power = quantity(gap.yardstick("compute").brain_si, "W", 2)
    owner = f"the {scope} {power}" if scope != "signalling" else f"the {power} of its signalling"
    return f"Brain-scale compute on {plural(chip_name(gap.scenario.chip))} takes", times(ratio, "html"), owner


def range_sentence(gap: Gap) -> str:
    """Say the range, where it comes from, and the caveat, as HTML."""
    compute = gap.yardstick("compute")
    if compute.low == compute.high:
        return "With every input taken as exact. The yardstick decides:"
    much = f"mostly because of {escape(compute.driver)}"
    if compute.driver == DRIVER_WORDS["brain_flop_per_s"]:
        much = "because nobody knows the brain’s FLOP/s"
    return (
        f"between {factor(compute.low, 'html')} and {factor(compute.high, 'html')} times, "
        f"{much}. The yardstick decides:"
    )


def headline_html(gap: Gap) -> str:
    """Set the headline and its range in HTML."""
    before, number, after = headline(gap)
    return (
        f'<h1 class="tw-headline">{escape(before)} <span class="tw-machine">{number}</span> {escape(after)}</h1>'
        f'<p class="tw-range">{range_sentence(gap)}</p>'
    )


def scope_sentence(scenario: Scenario) -> str:
    """Name the scope of both sides, as under every figure."""
    machine = field_rules()["machine_scope"].options[scenario.machine_scope]  # type: ignore[union-attr]
    brain = field_rules()["brain_scope"].options[scenario.brain_scope]  # type: ignore[union-attr]
    return f"machine: {machine.lower()} · brain: {brain[0].lower() + brain[1:]}"


def footer(state: State, sources: int) -> str:
    """Say interval, scopes, sources and versions, as HTML."""
    return (
        f"5 to 95 % intervals · {escape(scope_sentence(state.scenario))} · "
        f"{sources_link(state, '', f'{sources} sources')} · data {DATA_VERSION} · model {__version__} · Twenty Watts"
    )


def sources_link(state: State, find: str, words: str) -> str:
    """Link to the records of a yardstick or figure on the Sources page, in the same state."""
    query = encode(replace(state, find=find))
    return f'<a href="/sources?{escape(query)}" target="_self">{escape(words)}</a>'


def ledger_headline(ledger: Ledger) -> str:
    """Say what a unit of work costs and where most of it goes."""
    largest = max(ledger.parts, key=lambda part: part.energy_j)
    arithmetic = next(part for part in ledger.parts if part.key == "arithmetic")
    share = arithmetic.energy_j / ledger.total_j
    spoken = "less than 1 %" if share < 0.01 else f"{100 * share:.0f} %"
    return (
        f"One {ledger.per} takes {quantity(ledger.total_j, 'J', 2)}; arithmetic is {spoken} of it, "
        f"{largest.name.lower()} {100 * largest.energy_j / ledger.total_j:.0f} %"
        if largest.key != "arithmetic"
        else f"One {ledger.per} takes {quantity(ledger.total_j, 'J', 2)}, most of it arithmetic"
    )


def ladder_headline(rungs: Sequence[Rung]) -> str:
    """Say the ladder's finding: all people's brains against all data centres."""
    power = {rung.key: rung.power_w for rung in rungs}
    climb = power_of_ten(power["site"] / power["brain"], "html")
    ratio = factor(power["datacentres"] / power["brains"], "html")
    return (
        f"From one brain to a gigawatt site is a factor of {climb}; "
        f"the world’s data centres draw {ratio} times what all human brains do"
    )


def ledger_caption(state: State) -> str:
    """Name what the ledger is about (model, chip, precision, batch, scope) and lead to its records, as HTML."""
    scenario = state.scenario
    model = labels("model")[scenario.model]
    serving = (
        f"{words_for('batch', float(scenario.batch))} conversations at once, "
        f"{words_for('context_tokens', float(scenario.context_tokens))} of context"
        if scenario.workload == "decode"
        else f"utilisation {words_for('utilisation', float(scenario.utilisation))}"
        if scenario.workload == "training"
        else "bound by compute"
    )
    return (
        f"{escape(model)} on {escape(plural(chip_name(scenario.chip)))} at "
        f"{words_for('bits', float(scenario.bits))}, {serving} · {escape(scope_sentence(scenario))} · "
        f"first-order physics, not yet calibrated · {sources_link(state, 'Ledger', 'sources')}"
    )


def ladder_caption(state: State) -> str:
    """Say what the ladder's dots are and lead to their records, as HTML."""
    return (
        "a site’s published power, measured, reported or estimated as its record says · one brain: 20 W of glucose · "
        f"{sources_link(state, 'Ladder', 'sources')}"
    )


def yardstick_table(gap: Gap, state: State) -> str:
    """Set the numbers behind the hero figure as a table in HTML, each row leading to its sources."""
    rows = "".join(
        f"<tr><td><b>{escape(y.name)}</b><br>{escape(y.unit_of_work)}</td>"
        f"<td>{escape(quantity(y.machine_si, y.unit, 2))}</td><td>{escape(quantity(y.brain_si, y.unit, 2))}</td>"
        f"<td>{factor(y.central, 'html')}</td><td>{factor(y.low, 'html')} to {factor(y.high, 'html')}</td>"
        f"<td>{escape(y.driver)}</td><td>{sources_link(state, y.name, f'{len(y.facts)} records')}</td></tr>"
        for y in gap.yardsticks
    )
    heads = ("Yardstick", "Machine", "Brain", "Times", "5 to 95 %", "Range mostly from", "Sources")
    return (
        '<div class="tw-scroll"><table class="tw-table"><thead><tr>'
        + "".join(f"<th>{head}</th>" for head in heads)
        + f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )
