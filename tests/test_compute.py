"""A FLOP on a chip: how fast, how much, and never above the chip's power limit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from efficiency import catalogue
from efficiency.compute import flop_energy, peak_flop_per_s
from efficiency.gap import inputs_for
from efficiency.scenario import BITS, Scenario
from tests.scenarios import examples, scenarios

CHIPS = tuple(catalogue.chip_labels())
# Its published 16-bit peak is probably that of sparse work: bare arithmetic at that rate would
# already need more than its power.
PEAK_BEYOND_POWER = frozenset({"wse3"})


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("bits", BITS)
def test_at_its_best_measured_rate_a_chip_stays_within_its_power_limit(chip: str, bits: float) -> None:
    scenario = Scenario(chip=chip, bits=bits)
    inputs = inputs_for(scenario)
    rate = peak_flop_per_s(scenario, inputs) * inputs.best_matrix_fraction
    power = inputs.active_floor * inputs.tdp_w + sum(flop_energy(scenario, inputs)) * rate
    if chip in PEAK_BEYOND_POWER and bits <= 16:
        assert power > inputs.tdp_w, "the exception is no longer one"
    else:
        assert power == pytest.approx(inputs.tdp_w, rel=1e-9)


def test_golden_flop_of_an_h100() -> None:
    scenario = Scenario()
    parts = flop_energy(scenario, inputs_for(scenario))
    # (1 - 0.27) x 700 W over 0.803 x 989.4 TFLOP/s.
    assert sum(parts) == pytest.approx(0.73 * 700 / (0.803 * 989.4e12), rel=1e-9)
    # At 5 nm half a multiply-add of 0.72 pJ, scaled, and 22 % of it for the instruction.
    assert parts.arithmetic_j * 1e12 == pytest.approx(0.36 * (5 / 7) ** 0.5135, rel=1e-3)
    assert parts.instruction_j == pytest.approx(0.22 * parts.arithmetic_j)


@examples(300)
@given(scenario=scenarios())
def test_the_kind_of_instruction_changes_the_overhead_alone(scenario: Scenario) -> None:
    inputs = inputs_for(scenario)
    by_kind = {
        kind: flop_energy(replace(scenario, execution=kind), inputs) for kind in ("scalar", "packed", "matrix", "fixed")
    }
    assert len({parts.arithmetic_j for parts in by_kind.values()}) == 1
    assert len({parts.operand_j for parts in by_kind.values()}) == 1
    assert by_kind["fixed"].instruction_j == 0
    totals = [sum(parts) for parts in by_kind.values()]
    assert totals == sorted(totals, reverse=True)
    assert all(part >= 0 for parts in by_kind.values() for part in parts)


@examples(300)
@given(scenario=scenarios())
def test_less_parallel_instructions_are_never_faster(scenario: Scenario) -> None:
    inputs = inputs_for(scenario)
    scalar, packed, matrix, fixed = (
        peak_flop_per_s(replace(scenario, execution=kind), inputs) for kind in ("scalar", "packed", "matrix", "fixed")
    )
    assert 0 < scalar <= packed <= matrix == fixed


def test_golden_peak_of_an_h100_by_kind_of_instruction() -> None:
    inputs = inputs_for(Scenario())
    rates = [peak_flop_per_s(Scenario(execution=kind), inputs) / 1e12 for kind in ("scalar", "packed", "matrix")]
    # 66.9 TFLOP/s of FP32 in vector units, two FP16 to a lane, 989.4 in matrix units.
    assert rates == pytest.approx([66.91, 133.82, 989.4])


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("execution", ["scalar", "packed", "matrix", "fixed"])
def test_an_array_of_widths_is_each_width(chip: str, execution: str) -> None:
    widths = np.array([*BITS, *reversed(BITS)])
    together = Scenario(chip=chip, execution=execution, bits=widths)
    inputs = inputs_for(together)
    rates = np.broadcast_to(peak_flop_per_s(together, inputs), widths.shape)
    parts = [np.broadcast_to(part, widths.shape) for part in flop_energy(together, inputs)]
    for row, bits in enumerate(widths):
        alone = replace(together, bits=float(bits))
        assert rates[row] == peak_flop_per_s(alone, inputs)
        assert [p[row] for p in parts] == list(flop_energy(alone, inputs))


@pytest.mark.parametrize("chip", ["northpole", "groq", "tpu_v1", "wse3"])
def test_arithmetic_in_pieces_is_arithmetic(chip: str) -> None:
    """A format wider than the chip's widest takes the square of the ratio in operations; none of it is movement."""
    built = catalogue.chip(chip)
    wide, native = (Scenario(chip=chip, bits=bits) for bits in (64.0, built.native_bits[64.0]))
    in_pieces, whole = (flop_energy(scenario, inputs_for(scenario)) for scenario in (wide, native))
    assert built.pieces(64.0) == (64.0 / built.native_bits[64.0]) ** 2 > 1
    assert sum(in_pieces) == pytest.approx(built.pieces(64.0) * sum(whole), rel=0.5)
    assert in_pieces.operand_j <= built.pieces(64.0) * whole.operand_j * (1 + 1e-9)
    assert in_pieces.arithmetic_j > in_pieces.operand_j / 20


@pytest.mark.parametrize("chip", ["h100", "b200"])
def test_a_scalar_instruction_costs_the_same_whatever_it_starts(chip: str) -> None:
    def instruction_j(bits: float, execution: str) -> float:
        scenario = Scenario(chip=chip, bits=bits, execution=execution)
        return float(flop_energy(scenario, inputs_for(scenario)).instruction_j)

    scalar = [instruction_j(bits, "scalar") for bits in (64.0, 32.0, 16.0, 8.0)]
    assert scalar == pytest.approx([scalar[0]] * 4)
    assert instruction_j(16.0, "packed") == pytest.approx(scalar[0] / 2)
    assert instruction_j(32.0, "packed") == pytest.approx(scalar[0])


@pytest.mark.parametrize(
    ("chip", "matrix", "vector"), [("h100", 66.9, 33.45), ("a100", 19.49, 9.746), ("h200", 66.9, 33.45)]
)
def test_64_bit_floats_run_in_matrix_units_at_their_own_rate(chip: str, matrix: float, vector: float) -> None:
    rates = []
    for execution in ("matrix", "fixed", "packed", "scalar"):
        scenario = Scenario(chip=chip, bits=64.0, execution=execution)
        rates.append(peak_flop_per_s(scenario, inputs_for(scenario)) / 1e12)
    assert rates == pytest.approx([matrix, matrix, vector, vector])
