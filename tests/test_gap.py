"""The whole answer: eight yardsticks with their ranges, the ledger, the sources."""

import json
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given

from efficiency.facts import sources
from efficiency.gap import CHUNK, evaluate, inputs_for, ratios, sweep
from efficiency.scenario import BITS, Scenario
from efficiency.words import DRIVER_WORDS
from efficiency.yardsticks import YARDSTICKS
from tests.scenarios import examples, scenarios


@examples(200)
@given(scenario=scenarios())
def test_every_central_value_lies_in_its_range(scenario: Scenario) -> None:
    gap = evaluate(scenario, 256)
    assert tuple(y.key for y in gap.yardsticks) == tuple(YARDSTICKS)
    for y in gap.yardsticks:
        assert 0 < y.low <= y.central <= y.high < np.inf, y.key
        assert y.central == pytest.approx(y.machine_si / y.brain_si, rel=1e-12)
        assert 0 <= y.driver_share <= 1 + 1e-9
        assert y.driver in (*DRIVER_WORDS.values(), "the settings alone")
        assert y.facts
        assert y.hollow == (y.key == "nameplate")
        assert all(isinstance(v, float) for v in (y.low, y.central, y.high, y.driver_share))
    assert set(gap.sources) <= set(sources())
    assert len(set(gap.sources)) == len(gap.sources)


def test_the_range_is_that_of_the_samples() -> None:
    gap = evaluate(Scenario(), 1024)
    found, _ = ratios(Scenario(), inputs_for(Scenario(), 1024))
    for y in gap.yardsticks:
        low, high = np.quantile(found[y.key], [0.05, 0.95])
        assert (y.low, y.high) == pytest.approx((low, high), rel=1e-9)


def test_more_samples_give_the_same_range() -> None:
    few, many = evaluate(Scenario(), 1024), evaluate(Scenario(), 16384)
    for a, b in zip(few.yardsticks, many.yardsticks, strict=True):
        width = np.log(b.high / b.low)
        np.testing.assert_allclose(np.log([a.low, a.high]), np.log([b.low, b.high]), atol=0.06 * width)
        assert a.central == b.central


def test_an_exact_brain_narrows_the_compute_gap_alone() -> None:
    published = evaluate(Scenario())
    exact = evaluate(Scenario(brain_flops_range="exact"))
    for a, b in zip(published.yardsticks, exact.yardsticks, strict=True):
        if a.key == "compute":
            assert a.high / a.low > 1e3 > 10 > b.high / b.low
            assert a.driver == DRIVER_WORDS["brain_flop_per_s"]
            assert a.driver_share > 0.8
            assert b.driver != a.driver
        else:
            assert (a.low, a.central, a.high) == (b.low, b.central, b.high)


def test_one_draw_is_shared_by_all_yardsticks() -> None:
    """In every sample the FLOP that learns is the FLOP that computes, and the brain one brain."""
    scenario = Scenario(brain_flops_range="exact")
    inputs = inputs_for(scenario, 256)
    found, _ = ratios(scenario, inputs)
    brains = found["learning"] / inputs.run_flop * inputs.learning_s
    np.testing.assert_allclose(brains, found["compute"] / 1e15, rtol=1e-12)
    events = found["synapse"] / (inputs.synapses * inputs.firing_rate_hz)
    np.testing.assert_allclose(events, 2 * found["compute"] / 1e15, rtol=1e-12)


def test_the_same_scenario_gives_the_same_answer_in_a_fresh_process() -> None:
    scenario = Scenario(chip="b200", bits=8.0)
    program = (
        "import json, dataclasses;"
        "from efficiency.gap import evaluate; from efficiency.scenario import Scenario;"
        "print(json.dumps(dataclasses.asdict(evaluate(Scenario(chip='b200', bits=8.0)))))"
    )
    fresh = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    here = json.dumps(asdict(evaluate(scenario)))
    assert json.loads(fresh.stdout) == json.loads(here)
    assert json.dumps(asdict(evaluate(replace(scenario)))) == here


def test_the_ledger_is_at_central_values() -> None:
    for workload in ("decode", "prefill", "training"):
        scenario = Scenario(workload=workload)
        _, parts = ratios(scenario, inputs_for(scenario))
        ledger = evaluate(scenario, 64).ledger
        assert [part.energy_j for part in ledger.parts] == list(parts)


def test_a_yardstick_is_found_by_its_key() -> None:
    gap = evaluate(Scenario(), 64)
    assert all(gap.yardstick(key).key == key for key in YARDSTICKS)
    with pytest.raises(KeyError, match="weight"):
        gap.yardstick("weight")


@pytest.mark.parametrize("length", [1, CHUNK, 2 * CHUNK + 1])
def test_a_sweep_is_its_rows(length: int) -> None:
    scenario = Scenario(
        batch=np.geomspace(1, 4096, length),
        bits=np.resize(np.array(BITS), length),
        pue=np.linspace(1, 3, length),
    )
    found, parts = sweep(scenario)
    whole, whole_parts = ratios(scenario, inputs_for(scenario))
    for key in YARDSTICKS:
        assert found[key].shape == (length,)
        np.testing.assert_allclose(found[key], np.broadcast_to(whole[key], length), rtol=1e-12)
    for part, wanted in zip(parts, whole_parts, strict=True):
        np.testing.assert_allclose(part, np.broadcast_to(wanted, length), rtol=1e-12)


def test_a_sweep_of_one_point_is_that_point() -> None:
    found, parts = sweep(Scenario())
    expected, expected_parts = ratios(Scenario(), inputs_for(Scenario()))
    assert {key: value.tolist() for key, value in found.items()} == {key: [value] for key, value in expected.items()}
    assert parts.total_j().tolist() == [expected_parts.total_j()]
