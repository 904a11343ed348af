"""Bytes moved, and what a bit costs at each distance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency import catalogue
from efficiency.draws import sampled_inputs
from efficiency.facts import fact
from efficiency.inputs import central_inputs
from efficiency.movement import (
    bandwidth_bytes_per_s,
    collective_bytes_per_token,
    matrix_traffic_bytes_per_flop,
    memory_bit_energy,
    metadata_bits,
    weight_bytes,
)
from efficiency.scenario import BITS, Scenario, field_rules
from tests.scenarios import examples

INPUTS = central_inputs("colossus_1", "h100", "llama31_405b", 16.0)
LLAMA = catalogue.model("llama31_70b")
MOVEMENTS = tuple(field_rules()["movement"].options)  # type: ignore[union-attr]


def test_two_of_four_weights_need_two_bits_each() -> None:
    assert metadata_bits(0.5) == pytest.approx(2.0, rel=1e-12)
    assert weight_bytes(70e9, 16.0, 0.5) == pytest.approx(70e9 * 0.5 * (16 + 2) / 8)


def test_dense_weights_need_no_pattern() -> None:
    assert metadata_bits(1.0) == 0.0
    assert metadata_bits(np.array([0.5, 1.0])).tolist() == pytest.approx([2.0, 0.0])
    assert weight_bytes(70e9, 16.0, 1.0) == 140e9


@examples(200)
@given(density=st.floats(0.001, 1.0))
def test_the_pattern_is_the_entropy_of_what_was_kept(density: float) -> None:
    dropped = 1 - density
    entropy = -density * np.log2(density) - (dropped * np.log2(dropped) if dropped else 0.0)
    assert metadata_bits(density) * density == pytest.approx(entropy, rel=1e-9, abs=1e-12)
    assert 0 <= metadata_bits(density) * density <= 1 + 1e-12, "at most a bit a weight"


@examples(200)
@given(
    parameters=st.floats(1e6, 1e13),
    bits=st.sampled_from(BITS),
    densities=st.tuples(st.floats(0.001, 0.5), st.floats(0.001, 0.5)),
)
def test_keeping_fewer_weights_takes_fewer_bytes(
    parameters: float, bits: float, densities: tuple[float, float]
) -> None:
    fewer, more = sorted(densities)
    rounding = 1 + 1e-12
    assert weight_bytes(parameters, bits, fewer) <= weight_bytes(parameters, bits, more) * rounding
    # Twice the weights, twice the bytes.
    assert weight_bytes(2 * parameters, bits, more) == pytest.approx(2 * weight_bytes(parameters, bits, more))


def test_traffic_of_a_matrix_product() -> None:
    found = matrix_traffic_bytes_per_flop(Scenario(), LLAMA, INPUTS)
    # 8,192 x 8,192 times 8,192 x 8,192 in 16 bits: three matrices read or written.
    assert found == pytest.approx(3 * 8192**2 * 2 / (2 * 8192**3))
    assert matrix_traffic_bytes_per_flop(Scenario(bits=8.0), LLAMA, INPUTS) == found / 2


def test_all_reduce_of_tensor_parallel_chips() -> None:
    assert collective_bytes_per_token(LLAMA, 16.0, 1.0, 1.0) == 0.0
    # Two all-reduces in each of 80 layers, each 2 (n - 1) times 8,192 values of 2 bytes.
    assert collective_bytes_per_token(LLAMA, 16.0, 8.0, 1.0) == 80 * 2 * 2 * 7 * 8192 * 2
    assert collective_bytes_per_token(LLAMA, 16.0, 8.0, 2.0) == 2 * 80 * 2 * 2 * 7 * 8192 * 2
    assert collective_bytes_per_token(LLAMA, 4.0, 8.0, 1.0) == 80 * 2 * 2 * 7 * 8192


def test_nearer_memory_costs_less_a_bit() -> None:
    places = ("off_chip", "stacked", "on_chip")
    totals = [sum(memory_bit_energy(place, False, INPUTS)) for place in places]
    assert totals == sorted(totals, reverse=True)
    devices = [memory_bit_energy(place, False, INPUTS).device for place in places]
    assert devices == sorted(devices, reverse=True)


def test_golden_bit_from_memory() -> None:
    total = sum(memory_bit_energy("off_chip", False, INPUTS))
    # Published: 3.9 pJ/bit in the device alone, 7 with its interface; whole GPUs 11.7 to 30.6.
    assert 7e-12 < total < 31e-12
    # Static memory of 1 MB at 7 nm: 14 pJ for 64 bits.
    assert memory_bit_energy("on_chip", False, INPUTS).device == pytest.approx(14e-12 / 64)


@pytest.mark.parametrize("movement", MOVEMENTS)
def test_a_chip_with_its_memory_on_it_reads_it_there(movement: str) -> None:
    assert memory_bit_energy(movement, True, INPUTS) == memory_bit_energy("on_chip", False, INPUTS)


@pytest.mark.parametrize("movement", MOVEMENTS)
@pytest.mark.parametrize("memory_on_chip", [True, False])
def test_every_sampled_bit_costs_something(movement: str, memory_on_chip: bool) -> None:
    sampled = sampled_inputs("colossus_1", "h100", "llama31_405b", 16.0, 1024)
    device, on_chip = memory_bit_energy(movement, memory_on_chip, sampled)
    assert np.all(np.asarray(device) > 0)
    assert np.all(np.asarray(on_chip) >= 0)


def test_bandwidth_by_place() -> None:
    assert bandwidth_bytes_per_s("off_chip", INPUTS) == 3.35e12
    assert bandwidth_bytes_per_s("in_memory", INPUTS) == bandwidth_bytes_per_s("on_chip", INPUTS), "what still moves"
    assert bandwidth_bytes_per_s("stacked", INPUTS) == pytest.approx(3.35e12 * fact("stacked.bandwidth_gain").si)
    assert bandwidth_bytes_per_s("on_chip", INPUTS) == 80e12
    wafer = central_inputs("own", "wse3", "gpt3", 16.0)
    assert bandwidth_bytes_per_s("on_chip", wafer) == wafer.bandwidth_bytes_per_s > 80e12
