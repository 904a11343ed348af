"""Energy of an operation: the published tables, the law between their rows, the instruction."""

import numpy as np
import pytest

from efficiency.arithmetic import (
    facts_behind,
    instruction_overhead,
    is_row,
    landauer_energy_j,
    multiply_add_energy_j,
    node_exponent,
    width_law,
)
from efficiency.facts import facts
from efficiency.scenario import BITS, field_rules

EXECUTIONS = tuple(field_rules()["execution"].options)  # type: ignore[union-attr]
PICO = 1e-12


@pytest.mark.parametrize(
    ("bits", "picojoule"),
    # Jouppi et al., ISCA 2021, table 2, 7 nm: multiply plus the addition that accumulates it.
    [(8.0, 0.07 + 0.03), (16.0, 0.34 + 0.38), (32.0, 1.31 + 0.38)],
)
def test_golden_rows_at_7_nm(bits: float, picojoule: float) -> None:
    assert is_row(bits)
    assert multiply_add_energy_j(bits, 7e-9) / PICO == pytest.approx(picojoule, rel=1e-12)


@pytest.mark.parametrize(
    ("bits", "picojoule"),
    # Horowitz, ISSCC 2014, figure 1.1.9, 45 nm: an independent table.
    [(8.0, 0.2 + 0.1), (16.0, 1.1 + 0.9), (32.0, 3.7 + 0.9)],
)
def test_rows_scaled_to_45_nm_meet_the_other_table(bits: float, picojoule: float) -> None:
    assert multiply_add_energy_j(bits, 45e-9) / PICO == pytest.approx(picojoule, rel=0.15)


def test_the_node_law_gives_back_its_one_number() -> None:
    gain = multiply_add_energy_j(16.0, 45e-9) / multiply_add_energy_j(16.0, 7e-9)
    assert gain == pytest.approx(facts()["node.scaling_45_to_7"].si)
    assert 0 < node_exponent() < 1, "far below the cube of ideal scaling"
    nodes = [multiply_add_energy_j(8.0, node * 1e-9) for node in (2, 3, 5, 7, 12, 28, 45)]
    assert nodes == sorted(nodes)


def test_the_law_in_bits_passes_near_its_rows() -> None:
    scale, power = width_law()
    for bits in (8.0, 16.0, 32.0):
        assert scale * bits**power == pytest.approx(multiply_add_energy_j(bits, 7e-9), rel=0.35)
    assert 1.5 < power < 2.5, "an array multiplier grows with the square of its width"


def test_widths_without_a_row_follow_the_law() -> None:
    scale, power = width_law()
    between = [bits for bits in BITS if not is_row(bits)]
    assert between == [1.0, 1.58, 2.0, 4.0, 6.0, 19.0, 64.0]
    for bits in between:
        assert multiply_add_energy_j(bits, 7e-9) == pytest.approx(scale * bits**power)
    assert multiply_add_energy_j(1.0, 7e-9) > landauer_energy_j(310.0) * 1e3


@pytest.mark.parametrize(
    ("bits", "execution", "overhead"),
    # Dally, Hot Chips 2023: HFMA 2000 %, HDP4A 500 %, HMMA 22 %, IMMA 16 %.
    [(16.0, "scalar", 20), (16.0, "packed", 10), (8.0, "packed", 5), (16.0, "matrix", 0.22), (8.0, "matrix", 0.16),
     (4.0, "matrix", 0.16), (32.0, "matrix", 0.22), (16.0, "fixed", 0), (8.0, "fixed", 0)],
)  # fmt: skip
def test_golden_instruction_overheads(bits: float, execution: str, overhead: float) -> None:
    assert instruction_overhead(bits, execution) == pytest.approx(overhead)


@pytest.mark.parametrize("bits", BITS)
def test_more_work_per_instruction_never_costs_more(bits: float) -> None:
    overheads = [instruction_overhead(bits, e) for e in ("scalar", "packed", "matrix", "fixed")]
    assert overheads == sorted(overheads, reverse=True)


@pytest.mark.parametrize("execution", EXECUTIONS)
@pytest.mark.parametrize("bits", BITS)
def test_names_the_records_it_leans_on(bits: float, execution: str) -> None:
    keys = facts_behind(bits, execution)
    assert all(key in facts() for key in keys)
    assert any(key.startswith("instruction.") for key in keys) == (execution != "fixed")
    # The ratio of a scalar or packed instruction is known at 16 bits, of packed INT8 apart; 16 and 32 bits share a sum.
    borrowed = execution == "scalar" or (execution == "packed" and bits != 8)
    of_row = {8.0: 4, 16.0: 2, 32.0: 3} if borrowed else dict.fromkeys((8.0, 16.0, 32.0), 2)
    assert sum(key.startswith("op7.") for key in keys) == (of_row[bits] if is_row(bits) else 5)
    assert len(set(keys)) == len(keys)


def test_landauer() -> None:
    # k T ln 2 at 310 K, with the exact k of the SI.
    assert landauer_energy_j(310.0) == pytest.approx(1.380649e-23 * 310 * np.log(2), rel=1e-12)
    assert landauer_energy_j(310.0) == pytest.approx(2.97e-21, rel=2e-3)
    temperatures = np.array([77.0, 300.0, 310.0])
    assert landauer_energy_j(temperatures).tolist() == [landauer_energy_j(t) for t in (77.0, 300.0, 310.0)]
    assert landauer_energy_j(620.0) == pytest.approx(2 * landauer_energy_j(310.0))
