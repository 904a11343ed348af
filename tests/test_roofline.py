"""The roofline: its corner, its laws, and what no scenario may break."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from efficiency.gap import inputs_for
from efficiency.ledger import Energies
from efficiency.roofline import BATCHES, BOUNDS, matrix_point, roof, split, standings
from efficiency.scenario import Scenario
from efficiency.traffic import THINGS, token_flows, useful_flop
from efficiency.workloads import decode_energies
from tests.scenarios import examples, scenarios


def test_the_corner_is_rate_over_bandwidth() -> None:
    inputs = inputs_for(Scenario())
    found = roof(Scenario(), inputs)
    assert found.peak_flop_per_s == pytest.approx(989.4e12)
    assert found.corner == pytest.approx(989.4e12 * 0.803 / (3.35e12 * inputs.bandwidth_efficiency))


def test_batch_moves_a_dense_model_right_and_its_caches_hold_it_back() -> None:
    inputs = inputs_for(Scenario())
    found = standings(Scenario(), inputs)
    assert (np.diff(found.intensity) > 0).all()
    assert found.intensity[0] == pytest.approx(1.0, rel=0.1), "two operations for each weight of two bytes"
    assert found.intensity[-1] < roof(Scenario(), inputs).corner
    assert BOUNDS[found.bound[0]] == "memory"
    short = standings(Scenario(context_tokens=1.0), inputs_for(Scenario(context_tokens=1.0)))
    assert short.intensity[-1] > found.intensity[-1]


def test_more_context_lowers_the_intensity() -> None:
    def last(context: float) -> float:
        scenario = Scenario(context_tokens=context)
        return float(standings(scenario, inputs_for(scenario)).intensity[-1])

    reached = [last(context) for context in (128.0, 2048.0, 32768.0)]
    assert reached == sorted(reached, reverse=True)


def test_a_series_of_batches_says_what_each_alone_says() -> None:
    inputs = inputs_for(Scenario())
    found = standings(Scenario(), inputs)
    for i in (0, 6, 12):
        alone = Scenario(batch=BATCHES[i])
        energies, step_s = decode_energies(alone, inputs)
        assert found.step_s[i] == pytest.approx(step_s)
        assert [part[i] for part in found.energies] == pytest.approx(list(energies))


def test_the_parts_add_up() -> None:
    energies = Energies(*(float(value) for value in range(1, 10)))
    assert sum(split(energies)) == pytest.approx(energies.total_j())
    assert split(energies).arithmetic == energies.arithmetic, "an instruction is no arithmetic"


def test_useful_operations_are_two_per_weight_and_attention() -> None:
    assert useful_flop(Scenario(context_tokens=1.0)) == pytest.approx(2 * 70.6e9, rel=0.001)


@given(scenarios())
@examples(60)
def test_no_scenario_breaks_the_roofline(scenario: Scenario) -> None:
    inputs = inputs_for(scenario)
    found, roofs = standings(scenario, inputs), roof(scenario, inputs)
    for values in (found.intensity, found.flop_per_s, found.step_s, found.chips):
        assert np.isfinite(values).all()
        assert (values > 0).all()
    assert (found.flop_per_s <= roofs.flop_per_s * (1 + 1e-9)).all()
    assert (found.flop_per_s <= found.intensity * roofs.bytes_per_s * (1 + 1e-9)).all(), "nothing stands above the roof"
    for part in (*found.energies, *split(found.energies)):
        assert np.isfinite(part).all()
        assert (np.asarray(part) >= 0).all()
    for workload in ("prefill", "training"):
        intensity, rate = matrix_point(scenario, inputs, workload)
        assert 0 < float(intensity) < np.inf
        assert 0 < float(rate) <= float(roofs.flop_per_s)


@given(scenarios())
@examples(60)
def test_a_token_s_flows_are_the_ledger_s_first_parts(scenario: Scenario) -> None:
    inputs = inputs_for(scenario)
    flows = token_flows(scenario, inputs)
    ledger = decode_energies(scenario, inputs)[0]
    assert [flow.key for flow in flows] == list(THINGS)
    for flow in flows:
        assert min(flow.bytes, flow.device_j, flow.on_chip_j, flow.link_j, flow.arithmetic_j, flow.instruction_j) >= 0
        assert np.isfinite(flow.energy_j)
    assert sum(flow.device_j for flow in flows) == pytest.approx(float(ledger.off_chip), rel=1e-9)
    assert sum(flow.on_chip_j for flow in flows) == pytest.approx(float(ledger.on_chip), rel=1e-9)
    assert sum(flow.link_j for flow in flows) == pytest.approx(float(ledger.interconnect), rel=1e-9)
    assert sum(flow.arithmetic_j for flow in flows) == pytest.approx(float(ledger.arithmetic), rel=1e-9)
    assert sum(flow.instruction_j for flow in flows) == pytest.approx(float(ledger.instruction), rel=1e-9)
