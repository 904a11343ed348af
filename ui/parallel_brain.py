"""What the brain does in place of instructions, clocks and batches."""

from __future__ import annotations

from efficiency import brain
from efficiency.facts import Fact, fact
from efficiency.gap import inputs_for
from efficiency.link import State
from efficiency.say import quantity
from efficiency.scenario import Scenario
from ui.record_links import records_link


def brain_headline(scenario: Scenario) -> str:
    """Say how little the brain's power depends on what it does."""
    more = fact("parallel.brain_task_share")
    return (
        f"The brain waits at nearly full power: a task adds {_range_percent(more)} to its "
        f"{quantity(brain.brain_power_w('glucose', inputs_for(scenario)), 'W', 2)}"
    )


def _range_percent(record: Fact) -> str:
    return f"{100 * record.si_low:g} to {100 * record.si_high:g} %"


def brain_html(state: State) -> str:
    """Say what the brain does in place of instructions, clocks and batches, as HTML."""
    inputs = inputs_for(state.scenario)
    events = float(inputs.synapses * inputs.firing_rate_hz)
    signalling = fact("parallel.brain_signalling_share")
    tpu = fact("chip.tpu_v4.idle_power").si / fact("chip.tpu_v4.tdp").si
    gpu = fact("chip.h100.idle_power").si / fact("chip.h100.tdp").si
    task = fact("parallel.brain_task_share")
    rows = "".join(
        f'<tr><td>{name}<br><b>{value}</b></td><td style="white-space:normal">{said}</td></tr>'
        for name, value, said in (
            (
                "Power at rest over power at work",
                f"{100 / (1 + task.si_high):.0f} to {100 / (1 + task.si_low):.1f} %",
                f"whole brain. TPU v4 {100 * tpu:.0f} % of its highest, H100 {100 * gpu:.0f} % of its limit. "
                f"But {_range_percent(signalling)} of the brain’s power supports signalling, at rest too: "
                "this is not idling as a chip does it",
            ),
            (
                "Instruction stream",
                "none",
                "the program is the wiring: what is fixed function in a chip. No fetch, no decode, no clock",
            ),
            (
                "Able to work at once",
                f"{quantity(float(inputs.synapses), '1', 2)} synapses",
                f"about {quantity(events, '1', 2)} events a second, each when it comes: "
                f"{quantity(float(inputs.brain_power_w) / events, 'J', 2)} per event with everything charged to it",
            ),
            (
                "Batch",
                "1",
                "weights lie where they are used, so that sharing a reading would save nothing; it serves one person",
            ),
        )
    )
    return (
        f'<table class="tw-table" style="min-width:0"><tbody>{rows}</tbody></table>'
        f'<p class="tw-footer">{records_link(state, "parallel.brain", "sources")} · synapses of the neocortex, '
        "mean rate assumed</p>"
    )
