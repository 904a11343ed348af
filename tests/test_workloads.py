"""Laws of writing, reading and training on a token."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from efficiency import catalogue
from efficiency.caches import cache_bytes
from efficiency.compute import flop_energy, peak_flop_per_s
from efficiency.decode_step import attention_flop, replica_chips
from efficiency.facts import fact
from efficiency.gap import inputs_for
from efficiency.movement import memory_bit_energy
from efficiency.scenario import BITS, Scenario
from efficiency.workloads import (
    decode_energies,
    matrix_energies,
    prefill_energies,
    training_energies,
)
from tests.scenarios import energies, examples, scenarios

# Sums of a dozen floats differ in their last digits.
ROUNDING = 1e-9


def total(scenario: Scenario) -> float:
    return float(energies(scenario, inputs_for(scenario)).total_j())


def never_falls(values: list[float]) -> bool:
    return all(b >= a * (1 - ROUNDING) for a, b in pairwise(values))


def never_rises(values: list[float]) -> bool:
    return never_falls(values[::-1])


def test_an_h100_at_its_peak_spends_its_board_power() -> None:
    peak = Scenario(machine_scope="chip", utilisation=1.0)
    parts, flop = training_energies(peak, inputs_for(peak))
    assert parts.total_j() / flop == pytest.approx(700 / 989.4e12, rel=1e-9)


def test_useful_flop_are_six_and_two_for_each_parameter() -> None:
    inputs = inputs_for(Scenario())
    assert training_energies(Scenario(), inputs)[1] == pytest.approx(6 * 70.6e9)
    assert prefill_energies(Scenario(), inputs)[1] == pytest.approx(2 * 70.6e9)


def test_chips_that_hold_a_model() -> None:
    # 141 GB of weights and 64 caches of 2,048 tokens x 320 KiB: 184 GB in 72 GB a chip.
    inputs = inputs_for(Scenario())
    assert replica_chips(Scenario(), inputs) == 3.0
    assert replica_chips(Scenario(), inputs, caches=False) == 2.0
    assert replica_chips(Scenario(bits=4.0, batch=1.0), inputs) == 1.0
    batches = np.array([1.0, 64.0, 4096.0])
    together = replica_chips(Scenario(batch=batches), inputs)
    assert together.tolist() == [replica_chips(Scenario(batch=b), inputs) for b in batches.tolist()]


@examples(300)
@given(scenario=scenarios(workload="decode", machine_scope="chip"))
def test_no_chip_draws_more_than_its_limit_when_writing(scenario: Scenario) -> None:
    inputs = inputs_for(scenario)
    parts, step_s = decode_energies(scenario, inputs)
    chip_seconds = replica_chips(scenario, inputs) * step_s / scenario.batch
    assert parts.total_j() <= inputs.tdp_w * chip_seconds * (1 + ROUNDING)
    assert parts.total_j() >= inputs.active_floor * inputs.tdp_w * chip_seconds * (1 - ROUNDING)


@examples(300)
@given(scenario=scenarios(machine_scope="chip"), workload=st.sampled_from(["prefill", "training"]))
def test_no_chip_draws_more_than_its_limit_in_matrix_work(scenario: Scenario, workload: str) -> None:
    inputs = inputs_for(scenario)
    run = training_energies if workload == "training" else prefill_energies
    share = scenario.utilisation if workload == "training" else inputs.best_matrix_fraction
    parts, flop = run(scenario, inputs)
    done = flop * scenario.density + (0.0 if workload == "training" else 0.5 * attention_flop(scenario))
    chip_seconds = done / (peak_flop_per_s(scenario, inputs) * share)
    assert parts.total_j() <= inputs.tdp_w * chip_seconds * (1 + ROUNDING)
    assert parts.total_j() >= inputs.active_floor * inputs.tdp_w * chip_seconds * (1 - ROUNDING)


@examples(100)
@given(scenario=scenarios(machine_scope="chip"))
def test_no_chip_draws_more_than_its_limit_in_any_sample(scenario: Scenario) -> None:
    inputs = inputs_for(scenario, 64)
    parts, step_s = decode_energies(scenario, inputs)
    chip_seconds = replica_chips(scenario, inputs) * step_s / scenario.batch
    assert np.all(parts.total_j() <= inputs.tdp_w * chip_seconds * (1 + ROUNDING))
    rate = peak_flop_per_s(scenario, inputs) * scenario.utilisation
    parts, flop = training_energies(scenario, inputs)
    chip_seconds = flop * scenario.density / rate
    assert np.all(parts.total_j() <= inputs.tdp_w * chip_seconds * (1 + ROUNDING))


@examples(300)
@given(scenario=scenarios(workload="decode"))
def test_a_token_costs_less_in_a_larger_batch_on_as_many_chips(scenario: Scenario) -> None:
    """More conversations share the weights; only a cache that needs another chip costs more."""
    inputs = inputs_for(scenario)
    batches = [scenario.batch * 2**n for n in range(12) if scenario.batch * 2**n <= 4096]
    fitting = [replace(scenario, batch=batch) for batch in batches]
    chips = replica_chips(scenario, inputs)
    found = [total(s) for s in fitting if replica_chips(s, inputs) == chips]
    assert never_rises(found)


def test_a_larger_batch_saves_until_compute_binds() -> None:
    """The saving of each doubling shrinks towards none."""
    found = [total(Scenario(batch=2.0**n, context_tokens=1.0, bits=8.0)) for n in range(13)]
    savings = [a / b for a, b in pairwise(found)]
    assert savings[0] == pytest.approx(2.0, abs=0.05), "bound by reading the weights"
    assert savings[-1] == pytest.approx(1.0, abs=0.15), "bound by compute"
    assert never_rises(savings)


@examples(300)
@given(scenario=scenarios(execution="matrix"))
def test_wider_numbers_never_cost_less(scenario: Scenario) -> None:
    assert never_falls([total(replace(scenario, bits=bits)) for bits in BITS])


@examples(300)
@given(scenario=scenarios())
def test_a_longer_context_never_costs_less(scenario: Scenario) -> None:
    lengths = (1.0, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7)
    assert never_falls([total(replace(scenario, context_tokens=length)) for length in lengths])


@examples(300)
@given(scenario=scenarios())
def test_keeping_fewer_weights_never_costs_more(scenario: Scenario) -> None:
    """Up to one half: above it, the pattern of what was dropped can outweigh what was saved."""
    densities = (0.001, 0.01, 0.1, 0.25, 0.5)
    assert never_falls([total(replace(scenario, density=density)) for density in densities])


@examples(300)
@given(scenario=scenarios(workload="training"))
def test_a_flop_costs_less_the_better_a_chip_is_used(scenario: Scenario) -> None:
    shares = (0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
    assert never_rises([total(replace(scenario, utilisation=share)) for share in shares])


@examples(300)
@given(scenario=scenarios())
def test_a_wider_scope_never_costs_less(scenario: Scenario) -> None:
    assert never_falls([total(replace(scenario, machine_scope=s)) for s in ("chip", "server", "facility")])


@examples(300)
@given(scenario=scenarios())
def test_fixed_function_never_costs_more(scenario: Scenario) -> None:
    matrix, fixed = (total(replace(scenario, execution=e)) for e in ("matrix", "fixed"))
    assert fixed <= matrix * (1 + ROUNDING)


@examples(200)
@given(scenario=scenarios(workload="decode"))
def test_weights_that_never_move_cost_less_than_weights_off_chip(scenario: Scenario) -> None:
    off_chip, in_memory = (total(replace(scenario, movement=m)) for m in ("off_chip", "in_memory"))
    assert in_memory <= off_chip * (1 + ROUNDING)


@examples(100)
@given(scenario=scenarios(movement="in_memory"))
def test_only_caches_are_read_where_weights_never_move(scenario: Scenario) -> None:
    assume(not catalogue.chip(scenario.chip).memory_on_chip)
    inputs = inputs_for(scenario)
    cache = cache_bytes(catalogue.model(scenario.model), scenario.bits, scenario.context_tokens)
    bit = memory_bit_energy("in_memory", False, inputs)
    parts, _ = decode_energies(scenario, inputs)
    assert parts.off_chip == pytest.approx(8 * cache * bit.device)


def test_the_hardware_does_more_flop_than_the_useful_ones() -> None:
    inputs = inputs_for(Scenario())
    parts, flop = training_energies(Scenario(), inputs)
    # 25 % more: activations are computed again.
    assert parts.arithmetic == pytest.approx(1.25 * flop * flop_energy(Scenario(), inputs).arithmetic_j)


def test_a_mixture_of_experts_costs_between_its_active_and_all_its_parameters() -> None:
    """At batch 64 its energy a token is well above the share of its FLOP."""
    sparse = catalogue.model("qwen3_30b_a3b")
    dense = catalogue.model("qwen3_32b")
    assert dense.active_parameters / sparse.active_parameters == pytest.approx(10, abs=1)
    saving = total(Scenario(model="qwen3_32b")) / total(Scenario(model="qwen3_30b_a3b"))
    assert 1.0 < saving < 0.6 * dense.active_parameters / sparse.active_parameters


def test_reading_a_token_costs_less_than_writing_it() -> None:
    inputs = inputs_for(Scenario())
    assert prefill_energies(Scenario(), inputs)[0].total_j() < (decode_energies(Scenario(), inputs)[0].total_j())


@examples(200)
@given(scenario=scenarios(workload="training"), batch=st.floats(1.0, 4096.0), context=st.floats(1.0, 1e7))
def test_how_a_model_is_served_does_not_move_its_training(scenario: Scenario, batch: float, context: float) -> None:
    served_otherwise = replace(scenario, batch=batch, context_tokens=context)
    assert energies(served_otherwise, inputs_for(scenario)) == energies(scenario, inputs_for(scenario))


def test_a_pass_back_costs_as_much_as_its_flop() -> None:
    inputs = inputs_for(Scenario())
    short = Scenario(context_tokens=1.0)
    once, flop_once = matrix_energies(short, inputs, 1.0, 0.4, 1.0)
    thrice, flop_thrice = matrix_energies(short, inputs, 3.0, 0.4, 1.0)
    assert flop_thrice == pytest.approx(3 * flop_once)
    assert thrice.arithmetic == pytest.approx(3 * once.arithmetic, rel=1e-4), "attention is counted when reading"


@examples(200)
@given(scenario=scenarios(workload="decode"), batch=st.floats(1.0, 4096.0))
def test_a_batch_of_its_own_replaces_the_scenarios(scenario: Scenario, batch: float) -> None:
    inputs = inputs_for(scenario)
    same = replace(scenario, batch=batch)
    assume(replica_chips(scenario, inputs) == replica_chips(same, inputs))
    assert decode_energies(scenario, inputs, batch)[0] == decode_energies(same, inputs)[0]


@pytest.mark.parametrize("workload", ["decode", "prefill", "training"])
def test_the_workload_of_the_scenario_is_run(workload: str) -> None:
    scenario = Scenario(workload=workload)
    inputs = inputs_for(scenario)
    run = {"decode": decode_energies, "prefill": prefill_energies, "training": training_energies}
    assert energies(scenario, inputs) == run[workload](scenario, inputs)[0]


def test_chips_that_hold_the_model_write_as_fast_as_published() -> None:
    # DeBole 2025, abstract: an 8B model, 28 users, 2,048 tokens of context, 2.8 ms between tokens. Weights of 4 bits.
    served = Scenario(system="own", chip="northpole", model="llama31_8b", bits=4.0, batch=28.0, context_tokens=2048.0)
    assert decode_energies(served, inputs_for(served))[1] == pytest.approx(
        fact("parallel.northpole_rack_step").si, rel=0.2
    )
    # Cerebras 2024, first paragraph: 450 tokens per second for Llama 3.1 70B in 16 bits.
    wafer = Scenario(system="own", chip="wse3", model="llama31_70b", batch=1.0, context_tokens=2048.0)
    assert decode_energies(wafer, inputs_for(wafer))[1] == pytest.approx(1 / 450, rel=0.5)
