"""The fixed task: synaptic events and tokens on a machine."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.catalogue import model
from efficiency.gap import inputs_for
from efficiency.lever_task import (
    TASKS,
    brain_energy_j,
    multiply_adds_per_event,
    reads_per_multiply_add,
    synaptic_event_energies,
    task_energies,
    token_energies,
)
from efficiency.movement import weight_bytes
from efficiency.scenario import Scenario
from efficiency.workloads import decode_energies
from tests.scenarios import examples, scenarios


def event_j(scenario: Scenario) -> float:
    return float(synaptic_event_energies(scenario, inputs_for(scenario)).total_j())


def test_a_clocked_machine_evaluates_every_synapse_at_each_step() -> None:
    inputs = inputs_for(Scenario())
    assert multiply_adds_per_event(Scenario(events="every_step"), inputs) == 100.0 / 0.5
    assert multiply_adds_per_event(Scenario(events="every_step", density=0.5), inputs) == 100.0
    assert multiply_adds_per_event(Scenario(events="every_step", density=0.001), inputs) == 1.0, "the events remain"
    assert multiply_adds_per_event(Scenario(density=0.5), inputs) == 1.0, "counted in the rate"


def test_weights_are_shared_by_a_batch() -> None:
    inputs = inputs_for(Scenario())
    assert reads_per_multiply_add(Scenario(events="every_step", batch=256.0), inputs) == 1 / 256
    assert reads_per_multiply_add(Scenario(batch=1.0), inputs) == pytest.approx(1.0)
    assert reads_per_multiply_add(Scenario(movement="in_memory"), inputs) == 0.0
    # 0.5 % of the synapses are needed in a step: 64 brains share few of them.
    assert reads_per_multiply_add(Scenario(batch=64.0), inputs) == pytest.approx((1 - 0.995**64) / (0.005 * 64))


def test_golden_event_at_batch_one() -> None:
    """A weight of 16 bits at about 18 pJ a bit, and 0.7 ps of an H100 for each."""
    scenario = Scenario(batch=1.0, machine_scope="chip")
    inputs = inputs_for(scenario)
    parts = synaptic_event_energies(scenario, inputs)
    assert 15e-12 < inputs.memory_path_j_per_bit < 22e-12
    assert parts.off_chip + parts.on_chip == pytest.approx(16 * inputs.memory_path_j_per_bit, rel=0.01)
    time_s = 2.0 / (3.35e12 * 0.85)
    assert parts.static == pytest.approx(inputs.active_floor * 700 * time_s)
    assert parts.cooling == parts.host == parts.lost == 0.0
    around = synaptic_event_energies(replace(scenario, machine_scope="facility"), inputs)
    assert around.lost == pytest.approx((1 / 0.93 - 1) * (around.total_j() - around.lost))


@examples(200)
@given(scenario=scenarios())
def test_parts_are_sound_for_every_scenario(scenario: Scenario) -> None:
    for task in TASKS:
        parts = task_energies(task, scenario, inputs_for(scenario))
        assert all(np.isfinite(part) and part >= 0 for part in parts)
        assert parts.total_j() > 0
        assert brain_energy_j(task, scenario, inputs_for(scenario)) > 0


@examples(100)
@given(scenario=scenarios(), batches=st.tuples(st.floats(1.0, 4096.0), st.floats(1.0, 4096.0)))
def test_sharing_weights_never_costs(scenario: Scenario, batches: tuple[float, float]) -> None:
    few, many = sorted(batches)
    assert event_j(replace(scenario, batch=many)) <= event_j(replace(scenario, batch=few)) * (1 + 1e-9)


@examples(100)
@given(scenario=scenarios())
def test_evaluating_events_alone_never_costs_more_at_batch_one(scenario: Scenario) -> None:
    alone = replace(scenario, batch=1.0, density=1.0)
    assert event_j(replace(alone, events="events")) <= event_j(replace(alone, events="every_step")) * (1 + 1e-9)


@examples(60)
@given(scenario=scenarios())
def test_a_vector_equals_its_scalars(scenario: Scenario) -> None:
    batches = np.array([1.0, 8.0, 4096.0])
    together = synaptic_event_energies(replace(scenario, batch=batches), inputs_for(scenario)).total_j()
    assert np.broadcast_to(together, 3) == pytest.approx(
        [event_j(replace(scenario, batch=float(batch))) for batch in batches], rel=1e-9
    )


@examples(60)
@given(scenario=scenarios(), size=st.floats(1.0, 100.0))
def test_a_larger_model_costs_more_on_a_machine_that_holds_it(scenario: Scenario, size: float) -> None:
    inputs = inputs_for(scenario)
    same = token_energies(scenario, inputs, 1.0).total_j()
    assert same == decode_energies(scenario, inputs)[0].total_j()
    grown = token_energies(scenario, inputs, size).total_j()
    assert np.isfinite(grown)
    assert grown >= same * (1 - 1e-9)
    event = task_energies("synapse", scenario, inputs, size).total_j()
    assert event == pytest.approx(size * task_energies("synapse", scenario, inputs).total_j())


@pytest.mark.parametrize(
    ("changed", "size", "held"),
    [
        ({"model": "deepseek_v3", "bits": 1.58}, 1.86, 4.0),
        ({"bits": 1.0}, 8.0, 2.0),
        ({}, 0.45, 2.0),
        ({}, 10.0, 21.0),
    ],
)
def test_the_machine_grows_and_shrinks_with_the_model(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str | float], size: float, held: float
) -> None:
    steps = []
    scenario = replace(Scenario(), **changed)  # type: ignore[arg-type]
    monkeypatch.setattr(
        "efficiency.lever_task.decode_energies",
        lambda s, i, step: steps.append(step) or decode_energies(s, i, step=step),
    )
    token_energies(scenario, inputs_for(scenario), size)
    (step,) = steps
    assert step.chips == held
    assert step.chips * inputs_for(scenario).memory_bytes > step.cache_bytes + size * weight_bytes(
        model(scenario.model).parameters, scenario.bits, 1.0
    )


def test_a_person_who_reads_is_compared_with_one_who_speaks() -> None:
    reading, speaking = (Scenario(language_task=task) for task in ("reading", "speaking"))
    inputs = inputs_for(reading)
    assert brain_energy_j("token", reading, inputs) == brain_energy_j("token", speaking, inputs)


@pytest.mark.parametrize("ask", [task_energies, brain_energy_j])
def test_another_task_is_refused(ask) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="task is 'dream'; allowed: synapse, token"):
        ask("dream", Scenario(), inputs_for(Scenario()))
