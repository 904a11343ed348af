"""The levers of a link: which task and positions it names, and the answer as data and as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from efficiency import __version__
from efficiency.choices import lever_parameter
from efficiency.facts import DATA_VERSION
from efficiency.lever_machines import Task, best_batch
from efficiency.lever_settings import LEVERS
from efficiency.lever_task import TASKS
from efficiency.levers import SAMPLES, Attribution, attribute
from efficiency.link import State
from efficiency.sampling import Range
from efficiency.say import factor, quantity
from efficiency.sensitivity import Influence, influences

_TORNADO_LINES = 8


def task_of(state: State) -> Task:
    """Read the fixed task from a state.

    Parameters
    ----------
    state : State
        With its choices for the levers.

    Returns
    -------
    Task
        Today's machine is the state's scenario, at its own batch [1].

    Notes
    -----
    The sparsity of events is counted once: the machine of today evaluates every synapse where it is a lever, and events
    alone where it stands in the rate.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> task_of(State()).today.events
    'every_step'
    """
    events = "every_step" if state.choices["lv_events"] == "lever" else "events"
    return Task(state.choices["lv_task"], replace(state.scenario, events=events), state.choices["lv_quality"] == "kept")


def positions_of(state: State) -> dict[str, str]:
    """Read the positions of the levers from a state.

    Parameters
    ----------
    state : State
        With its choices for the levers.

    Returns
    -------
    dict of str to str
        Lever to position.

    Notes
    -----
    Every lever has one.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> positions_of(State())["precision"]
    'research'
    """
    return {lever.key: state.choices[lever_parameter(lever.key)] for lever in LEVERS}


def attribution_of(state: State, samples: int = SAMPLES) -> Attribution:
    """Attribute the gain of the levers that a state pulls.

    Parameters
    ----------
    state : State
        With its choices for the levers.
    samples : int
        Draws behind the intervals, a power of two [1].

    Returns
    -------
    Attribution
        By lever [powers of ten].

    Notes
    -----
    Today's weights serve one at a time, or the best batch, as the state says.

    References
    ----------
    MODEL.md, The levers.

    Examples
    --------
    >>> attribution_of(State(), 64).start.central > 4
    True
    """
    task = task_of(state)
    batch = 1.0
    if state.choices["lv_batch"] == "best":
        batch = best_batch(replace(task, today=replace(task.today, batch=1.0)))
    return attribute(task, positions_of(state), batch, samples, factor_out=True)


def tornado_of(found: Attribution) -> tuple[Influence, ...]:
    """Rank the assumptions behind the remainder of an attribution.

    Parameters
    ----------
    found : Attribution
        Its task and positions.

    Returns
    -------
    tuple of Influence
        The largest swing first [powers of ten].

    Notes
    -----
    Of the machine with all its levers pulled, over the brain.

    References
    ----------
    `efficiency.sensitivity`.

    Examples
    --------
    >>> tornado_of(attribution_of(State(), 64))[0].key
    'step_rate_hz'
    """
    return influences(found.task, [bar.setting for bar in found.bars], found.best_batch)


def as_data(found: Attribution, tornado: Sequence[Influence]) -> dict[str, Any]:
    """Turn an attribution into plain data.

    Parameters
    ----------
    found : Attribution
        From `attribution_of`.
    tornado : sequence of Influence
        From `tornado_of`.

    Returns
    -------
    dict
        Gains, ranges and indices, ready for JSON [powers of ten; J per unit of work].

    Notes
    -----
    Numbers are unrounded.

    References
    ----------
    The README documents this form.

    Examples
    --------
    >>> found = attribution_of(State(), 64)
    >>> as_data(found, ())["remainder"]["central"] == found.remainder.central
    True
    """
    today = found.task.today
    return {
        "model_version": __version__,
        "data_version": DATA_VERSION,
        "task": found.task.name,
        "unit_of_work": TASKS[found.task.name],
        "equal_quality": found.task.equal_quality,
        "scenario": {f.name: getattr(today, f.name) for f in fields(today)},
        "batch": found.batch,
        "best_batch": found.best_batch,
        "today_j": found.today_j,
        "pulled_j": found.pulled_j,
        "brain_j": found.brain_j,
        "start": found.start._asdict(),
        "levers": [
            {
                "name": bar.key,
                "position": bar.position,
                "words": bar.setting.words,
                "evidence": bar.setting.evidence,
                "reason": bar.setting.reason,
                "narrow": bar.setting.narrow,
                "share": bar.share._asdict(),
                "alone": bar.alone._asdict(),
                "last_in": bar.last_in._asdict(),
                "model_growth": bar.growth,
                "facts": list(bar.setting.facts),
            }
            for bar in found.bars
        ],
        "together": found.together._asdict(),
        "overlap": found.overlap._asdict(),
        "remainder": found.remainder._asdict(),
        "assumptions": [asdict(one) for one in tornado],
    }


def as_text(found: Attribution, tornado: Sequence[Influence]) -> str:
    """Say an attribution in lines for a terminal.

    Parameters
    ----------
    found : Attribution
        From `attribution_of`.
    tornado : sequence of Influence
        From `tornado_of`.

    Returns
    -------
    str
        The start, a table of levers, overlap and remainder, then the assumptions that matter most.

    Notes
    -----
    Gains are powers of ten; a negative remainder says that the machine needs less than the brain.

    References
    ----------
    `efficiency.say`.

    Examples
    --------
    >>> as_text(attribution_of(State(), 64), ()).splitlines()[0]
    'One synaptic event: 150 nJ today at batch 1, 0.27 pJ in the brain'
    """
    unit = TASKS[found.task.name]
    quality = "at equal quality" if found.task.equal_quality else "whatever the quality"
    lines = [
        f"One {unit}: {quantity(found.today_j, 'J', 2)} today at batch {found.batch:g}, "
        f"{quantity(found.brain_j, 'J', 2)} in the brain",
        f"  today over brain    {_said(found.start)}  = {factor(10**found.start.central)} times",
        f"Levers, {quality}; powers of ten, 5 to 95 %",
        f"  {'':<24} {'share':<22} {'alone':>6} {'last':>6}  position",
    ]
    for bar in found.bars:
        narrow = f" ({bar.setting.narrow})" if bar.setting.narrow else ""
        lines.append(
            f"  {bar.name:<24} {_said(bar.share):<22} {bar.alone.central:>6.2f} {bar.last_in.central:>6.2f}  "
            f"{bar.setting.words}, {bar.setting.evidence}{narrow}"
        )
        if bar.setting.reason:
            lines.append(f"  {'':<64}{bar.setting.reason}")
    lines += [
        f"  {'all together':<24} {_said(found.together)}",
        f"  {'overlap':<24} {_said(found.overlap)}",
        f"  {'remainder':<24} {_said(found.remainder)}  = {factor(10**found.remainder.central)} times the brain",
    ]
    if tornado:
        lines.append("What the remainder hangs on: from 5 to 95 %, share of the variance alone and in all")
        lines += [
            f"  {one.words:<58.58} {one.low:>6.2f} to {one.high:>5.2f} {one.first_order:>5.0%} {one.total:>5.0%}"
            for one in tornado[:_TORNADO_LINES]
        ]
    return "\n".join(lines)


def _said(value: Range) -> str:
    return f"{value.central:5.2f} ({value.low:.2f} to {value.high:.2f})"
