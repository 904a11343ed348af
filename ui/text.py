"""The sentences of the pages: findings first, numbers in the machine's colour, the caveat beneath."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from html import escape

import pandas as pd

from efficiency import __version__
from efficiency.beside import measured_beside
from efficiency.catalogue import chip, labels
from efficiency.facts import DATA_VERSION
from efficiency.gap import Gap, Yardstick, inputs_for, ratios
from efficiency.ledger import Ledger
from efficiency.lever_machines import Task, best_batch
from efficiency.link import State
from efficiency.say import factor, power_of_ten, quantity, times
from efficiency.scenario import Scenario, field_rules
from efficiency.words import DRIVER_WORDS
from efficiency.workloads import decode_energies
from ui.figures.gap import is_mostly
from ui.figures.ladder import Rung
from ui.names import arithmetic_row, chip_name, plural, training_remark
from ui.record_links import records_link
from ui.tables import USED, named_user
from ui.units import counted, portion, words_for


def headline(gap: Gap) -> tuple[str, str, str]:
    """Say the finding: the words before the number, the number, the words after it."""
    ratio = gap.yardstick("compute").central
    scope = "body’s" if gap.scenario.brain_scope == "body" else "brain’s"
    power = quantity(gap.yardstick("compute").brain_si, "W", 2)
    owner = f"the {scope} {power}"
    if gap.scenario.brain_scope == "atp":
        owner = f"the brain’s {power} of signalling"
    return f"Brain-scale compute on {plural(chip_name(gap.scenario.chip))} takes", times(ratio, "html"), owner


def range_sentence(gap: Gap) -> str:
    """Say the range, where it comes from, and the caveat, as HTML."""
    compute = gap.yardstick("compute")
    if not is_mostly(compute):
        much = f"from many inputs, {escape(compute.driver)} first"
    elif compute.driver == DRIVER_WORDS["brain_flop_per_s"]:
        much = "because nobody knows the brain’s FLOP/s"
    else:
        much = f"mostly because of {escape(compute.driver)}"
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
    otherwise = "".join(f"{escape(words)} · " for words in not_as_built(state.scenario))
    return (
        f"5 to 95 % intervals · {otherwise}{escape(scope_sentence(state.scenario))} · "
        "synapses: those of the neocortex · "
        f"{sources_link(state, 'yardsticks', f'{sources} sources')} · "
        f"data {DATA_VERSION} · model {__version__} · Twenty Watts"
    )


def sources_link(state: State, user: str, words: str) -> str:
    """Link to the records that a yardstick or figure uses on the Sources page, in the same state."""
    return records_link(state, USED + user, words)


def records_found(found: pd.DataFrame, find: str) -> str:
    """Say above the table of records how many there are and whose, as HTML."""
    if found.empty:
        return f"No record holds “{escape(find)}”. Try one word, or part of one."
    count = f"{len(found):,} record{'s' if len(found) > 1 else ''}"
    user = named_user(find)
    if user:
        return f"{count} used by {escape(user)}"
    return f"{count} with “{escape(find)}”" if find else count


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
    ratio = portion(power["datacentres"] / power["brains"])
    return (
        f"From one brain to a site of {quantity(power['site'], 'W', 2)} is a factor of {climb}; "
        f"the world’s data centres draw {ratio} what all human brains do"
    )


def ledger_caption(state: State) -> str:
    """Name what the ledger is about (model, chip, precision, batch, scope) and lead to its records, as HTML."""
    scenario = state.scenario
    model = labels("model")[scenario.model]
    serving = (
        f"{counted(float(scenario.batch), 'conversation')} at once, "
        f"{words_for('context_tokens', float(scenario.context_tokens))} of context"
        if scenario.workload == "decode"
        else f"utilisation {words_for('utilisation', float(scenario.utilisation))}"
        if scenario.workload == "training"
        else "bound by compute"
    )
    otherwise = "".join(f"{escape(words)} · " for words in not_as_built(scenario))
    if scenario.workload == "decode" and chip(scenario.chip).memory_on_chip:
        otherwise += "launches and links as between GPUs, not measured on such a chip · "
    if fewer := cheaper_batch(scenario):
        otherwise += f"the host holds the chips up: with {fewer:,.0f} at once a token takes less · "
    fitted = "software and bytes fitted to measurements" if scenario.workload == "decode" else "first-order physics"
    remark = training_remark(scenario.chip) if scenario.workload == "training" else ""
    return (
        f"{escape(model)} on {escape(plural(chip_name(scenario.chip)))} at "
        f"{words_for('bits', float(scenario.bits))}, {serving} · {escape(scope_sentence(scenario))} · "
        f"{otherwise}{escape(remark)}{arithmetic_row(scenario.chip, float(scenario.bits))}{fitted} · "
        f"{sources_link(state, 'ledger', 'sources')}"
    )


def not_as_built(scenario: Scenario) -> list[str]:
    """Name the settings by which the machine differs from one that is built.

    >>> not_as_built(Scenario(density=0.01, movement="in_memory"))
    ['only 1 % of the multiply-adds, the others as if free', 'weights never move']
    """
    said = []
    if float(scenario.density) < 1.0:
        said.append(f"only {words_for('density', float(scenario.density))} of the multiply-adds, the others as if free")
    for name in ("movement", "execution"):
        if getattr(scenario, name) != getattr(Scenario(), name):
            words = field_rules()[name].options[getattr(scenario, name)]  # type: ignore[union-attr]
            said.append(words[0].lower() + words[1:])
    return said


@functools.lru_cache(maxsize=256)
def cheaper_batch(scenario: Scenario) -> float:
    """Find the best batch where it is smaller and a token written takes a tenth less at it; else 0.

    >>> cheaper_batch(Scenario()), cheaper_batch(Scenario(batch=4096.0))
    (0.0, 512.0)
    """
    inputs = inputs_for(scenario)
    best = best_batch(Task("token", scenario))
    if scenario.workload != "decode" or best >= float(scenario.batch):
        return 0.0
    here, there = (
        float(decode_energies(replace(scenario, batch=b), inputs)[0].total_j()) for b in (scenario.batch, best)
    )
    return best if there < 0.9 * here else 0.0


def beside_sentence(scenario: Scenario) -> str:
    """Set a measurement of nearly this configuration beside what the model says of the boards, as HTML; or nothing."""
    found = measured_beside(scenario) if scenario.workload == "decode" else None
    if found is None:
        return ""
    chip_scope = replace(scenario, machine_scope="chip")
    ours = ratios(chip_scope, inputs_for(chip_scope))[1].total_j()
    return (
        f"Measured, boards alone and with reading the prompt: {quantity(found.energy_j, 'J', 2)} per token "
        f"at {found.batch:,.0f} conversations "
        f"({escape(found.engine or 'software not stated')}; "
        f'<a href="{escape(found.address)}">{escape(found.source)}</a>), a case that the fit has seen. '
        f"This ledger’s boards alone, writing only: {quantity(float(ours), 'J', 2)}."
    )


def ladder_caption(state: State) -> str:
    """Say what the ladder's dots are and lead to their records, as HTML."""
    return (
        "a site’s published power, measured, reported or estimated as its record says, of supercomputers what the "
        "facility can take · one brain: 20 W of glucose · "
        f"{sources_link(state, 'ladder', 'sources')}"
    )


def range_from(yardstick: Yardstick) -> str:
    """Say what a range comes from and how much of its variance that makes up."""
    share = f"{min(round(100 * yardstick.driver_share), 99)} %"
    if is_mostly(yardstick):
        return f"{yardstick.driver}, {share}"
    return f"many inputs, {yardstick.driver} first, {share}"


def yardstick_table(gap: Gap, state: State) -> str:
    """Set the numbers behind the hero figure as a table in HTML, each row leading to its sources."""
    rows = "".join(
        f"<tr><td><b>{escape(y.name)}</b><br>{escape(y.unit_of_work)}</td>"
        f"<td>{escape(quantity(y.machine_si, y.unit, 2))}</td><td>{escape(quantity(y.brain_si, y.unit, 2))}</td>"
        f"<td>{factor(y.central, 'html')}</td><td>{factor(y.low, 'html')} to {factor(y.high, 'html')}</td>"
        f"<td>{escape(range_from(y))}</td><td>{sources_link(state, y.key, f'{len(y.facts)} records')}</td></tr>"
        for y in gap.yardsticks
    )
    heads = ("Yardstick", "Machine", "Brain", "Times", "5 to 95 %", "Range from", "Sources")
    return (
        '<div class="tw-scroll"><table class="tw-table"><thead><tr>'
        + "".join(f"<th>{head}</th>" for head in heads)
        + f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )
