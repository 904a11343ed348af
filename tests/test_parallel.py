"""Parallel fit: the published ratios, the laws, and no bad number for any scenario."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.amdahl import SERIAL_SHARES, energy_per_job, idle_share, speed_up
from efficiency.arithmetic import instruction_overhead
from efficiency.catalogue import chip_labels
from efficiency.choices import PAGE_CHOICES
from efficiency.facts import fact
from efficiency.gap import inputs_for
from efficiency.parallel import (
    STEPS,
    batch_grid,
    batches,
    has_format,
    instruction_gain,
    matrix_operations,
    multiply_add,
    overhead_at,
    token_gains,
    usage_energy,
)
from efficiency.parallel_points import HOW, dataflow_at_best_batch, dataflow_rack_energy_j, points
from efficiency.scenario import Scenario
from efficiency.workloads import decode_energies, training_energies
from tests.scenarios import examples, scenarios


def test_instruction_overhead_falls_from_2000_to_22_per_cent_at_fp16_per_flop() -> None:
    """Hot Chips 2023: HFMA 2000 %, HMMA 22 %, both of 16-bit arithmetic, each of the arithmetic it starts."""
    scalar_flop_j = fact("instruction.scalar_fp16_energy").si / 2
    matrix_flop_j = fact("instruction.matrix_fp16_energy").si / (2 * matrix_operations())
    assert matrix_flop_j == pytest.approx(scalar_flop_j), "a FLOP is the same arithmetic in both"
    scalar_overhead = scalar_flop_j * fact("instruction.scalar_fp16_overhead").si
    matrix_overhead = matrix_flop_j * fact("instruction.matrix_fp16_overhead").si
    assert scalar_overhead / scalar_flop_j == pytest.approx(20.0)
    assert matrix_overhead / matrix_flop_j == pytest.approx(0.22)
    assert (overhead_at(1.0), overhead_at(matrix_operations())) == pytest.approx((20.0, 0.22))
    assert instruction_gain(1.0, matrix_operations()) == pytest.approx(21 / 1.22)


def test_the_gain_compares_one_format_and_not_int8() -> None:
    """18 times would be scalar FP16 to INT8 matrix instructions: two changes in one number."""
    mixed = 21.0 / (1 + fact("instruction.matrix_int8_overhead").si)
    assert mixed == pytest.approx(18.1, abs=0.05)
    assert instruction_gain(1.0, matrix_operations()) < mixed


def test_overhead_is_close_to_a_price_per_instruction() -> None:
    """Published: about 30 pJ an instruction whatever it starts, so overhead goes nearly as 1/n."""
    price_j = fact("instruction.gpu_overhead").si
    for kind in ("scalar_fp16", "packed_int8", "matrix_fp16", "matrix_int8"):
        own = fact(f"instruction.{kind}_energy").si * fact(f"instruction.{kind}_overhead").si
        assert own == pytest.approx(price_j, rel=0.2), kind
    exponent = -math.log(overhead_at(10.0) / overhead_at(1.0)) / math.log(10.0)
    assert exponent == pytest.approx(1.05, abs=0.005)


def test_more_arithmetic_per_instruction_never_costs_more() -> None:
    overheads = [float(overhead_at(operations)) for operations in STEPS.values()]
    assert all(later < earlier for earlier, later in itertools.pairwise(overheads))
    assert overheads[-1] == 0.0
    assert overhead_at(np.array([1.0, math.inf])).tolist() == [20.0, 0.0]


def test_the_slider_has_a_name_in_the_link_for_every_step() -> None:
    assert list(PAGE_CHOICES["pf_at"].options) == list(STEPS)
    assert len(STEPS) <= 41
    assert sorted(STEPS.values()) == list(STEPS.values())


@pytest.mark.parametrize("chip", chip_labels())
def test_a_multiply_add_adds_up_on_every_chip(chip: str) -> None:
    inputs = inputs_for(Scenario(system="own", chip=chip))
    found = [multiply_add(chip, inputs, operations) for operations in STEPS.values()]
    assert all(part >= 0 and math.isfinite(part) for parts in found for part in parts)
    assert all(parts.arithmetic_j > 0 for parts in found)
    assert len({(parts.arithmetic_j, parts.operand_j) for parts in found}) == 1, "the slider moves the instruction only"
    assert found[-1].instruction_j == 0
    assert (found[0].operand_j == 0) or has_format(chip)


def test_amdahl_s_law_at_its_ends() -> None:
    assert speed_up(0.0, 64.0) == 64.0
    assert speed_up(1.0, 64.0) == 1.0
    assert speed_up(0.05, 1e12) == pytest.approx(20.0)
    assert energy_per_job(0.0, 64.0, 0.3) == 1.0
    assert energy_per_job(0.2, 64.0, 0.0) == 1.0
    assert energy_per_job(1.0, 64.0, 1.0) == 64.0
    assert tuple(sorted(SERIAL_SHARES, reverse=True)) == SERIAL_SHARES


@given(st.floats(0, 1), st.floats(1, 1e6), st.floats(0, 1))
def test_energy_of_waiting_is_power_times_time(serial: float, processors: float, idle: float) -> None:
    """Woo and Lee: average power [1 + (n - 1) k s] / [s + (1 - s) / n], and one over that in work per joule."""
    time = 1 / speed_up(serial, processors)
    power = (1 + (processors - 1) * idle * serial) / (serial + (1 - serial) / processors)
    assert energy_per_job(serial, processors, idle) == pytest.approx(power * time, rel=1e-9)
    assert energy_per_job(serial, processors, idle) >= 1


def test_amdahl_takes_arrays() -> None:
    n = np.array([1.0, 10.0, 1000.0])
    assert speed_up(0.01, n).tolist() == [speed_up(0.01, float(x)) for x in n]
    assert energy_per_job(0.01, n, 0.1).tolist() == [energy_per_job(0.01, float(x), 0.1) for x in n]


def test_work_and_waiting_add_up_to_the_ledger() -> None:
    scenario = Scenario(model="gpt3", chip="a100")
    inputs = inputs_for(scenario)
    shares = np.array([0.01, 0.2, 0.5, 1.0])
    usage = usage_energy(scenario, inputs, shares)
    for i, share in enumerate(shares):
        parts, flop = training_energies(Scenario(model="gpt3", chip="a100", utilisation=float(share)), inputs)
        assert usage.work[i] + usage.waiting[i] == pytest.approx(parts.total_j() / flop, rel=1e-12)
    assert usage.waiting[0] / usage.waiting[3] == pytest.approx(100.0), "waiting goes as one over utilisation"


def test_a_batch_is_the_scenario_s_own_decoding() -> None:
    scenario = Scenario(batch=48.0)
    inputs = inputs_for(scenario)
    found = batches(scenario, inputs, np.array([1.0, 48.0]))
    energies, step_s = decode_energies(scenario, inputs)
    assert found.energy_j[1] == pytest.approx(energies.total_j(), rel=1e-12)
    assert found.step_s[1] == pytest.approx(step_s, rel=1e-12)
    assert found.energy_j[0] > found.energy_j[1]
    assert set(batch_grid()) >= {1.0, 64.0, 512.0, 4096.0}


@examples(60)
@given(scenarios())
def test_no_scenario_gives_a_bad_number(scenario: Scenario) -> None:
    inputs = inputs_for(scenario)
    waiting = idle_share(inputs)
    assert 0 < waiting <= 1
    usage = usage_energy(scenario, inputs, np.array([0.01, 0.1, 1.0]))
    swept = batches(scenario, inputs, np.array(batch_grid()))
    for values in (*usage, *swept):
        assert np.isfinite(values).all()
        assert (np.asarray(values) > 0).all()
    inputs_16 = inputs_for(Scenario(system="own", chip=scenario.chip))
    gains = (
        *token_gains(scenario, inputs_16, "scalar", "matrix"),
        *token_gains(scenario, inputs_16, "matrix", "fixed"),
    )
    assert all(math.isfinite(gain) and gain >= 1 - 1e-9 for gain in gains)


def test_every_published_gain_says_how_it_was_found_and_from_which_records() -> None:
    found = points()
    assert len({point.key for point in found}) == len(found)
    for point in found:
        assert point.how in HOW
        assert point.narrow
        assert point.low <= point.gain <= point.high
        assert all(fact(key) for key in point.facts)
    assert {point.how for point in found} == set(HOW)


def test_published_gains_are_those_of_their_sources() -> None:
    gain = {point.key: (point.low, point.gain, point.high) for point in points()}
    assert gain["h264"][1] == 500  # Hameed 2011, abstract
    assert gain["tpu_v1"][::2] == (30, 80)  # Jouppi 2017, abstract
    assert gain["tpu_v4"][::2] == (1.3, 1.9)  # Jouppi 2023
    assert gain["northpole_fast"][1] == 72.7  # Appuswamy 2024, abstract
    assert gain["p100_v100"][1] == pytest.approx(125 / 21.22)
    assert gain["int8"][1] == pytest.approx(6 / 1.16)
    assert instruction_overhead(16.0, "fixed") == 0


def test_dataflow_gains_only_where_a_gpu_cannot_batch() -> None:
    per_token_j = 672 / 28356
    assert dataflow_at_best_batch() == pytest.approx((0.0467 / 8e9) / (per_token_j / 3e9))
    assert dataflow_at_best_batch() < 1 < fact("nearmem.northpole_gain").si
    assert dataflow_rack_energy_j() == pytest.approx(30e3 / (3 * 28 / 2.8e-3))
