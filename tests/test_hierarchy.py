"""The ladder of distances: published values, order, and the test from the records."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from efficiency.facts import facts
from efficiency.hierarchy import hbm2_multiplies, levels, multiplies_per_operand

LEVELS = {level.key: level for level in levels()}


def test_an_operand_from_hbm2_costs_257_multiplications() -> None:
    """350 pJ for 64 bit and 0.34 pJ for one multiplication: Jouppi 2021, table 2."""
    assert hbm2_multiplies() == pytest.approx(350 / 4 / 0.34)
    assert round(hbm2_multiplies()) == 257


def test_the_records_still_say_so(shared_folder: Path) -> None:
    rows = {row["key"]: row for row in csv.DictReader((shared_folder / "facts" / "op_energy.csv").open())}
    memory, multiply = float(rows["mem7nm.hbm2_64b"]["value"]), float(rows["op7nm.fp16_mul"]["value"])
    assert multiplies_per_operand(memory * 1e-12 / 64, multiply * 1e-12, 16.0) == pytest.approx(hbm2_multiplies())


def test_every_level_has_its_records_and_a_range_around_its_value() -> None:
    for level in levels():
        assert 0 < level.low <= level.energy <= level.high, level.key
        assert set(level.facts) <= set(facts()), level.key
        assert level.scope, "figures of different scope must say so"
        assert (level.distance_m is None) == (level.side != "machine"), level.key


def test_machine_levels_stand_by_distance_and_cost_more_from_array_to_board() -> None:
    machine = [level for level in levels() if level.side == "machine"]
    assert [level.distance_m for level in machine] == sorted(level.distance_m or 0.0 for level in machine)
    climb = [
        LEVELS[key].energy for key in ("register", "sram_8kb", "sram_1mb", "chip", "hbm", "hbm_path", "flash", "disk")
    ]
    assert climb == sorted(climb)
    links = [LEVELS[key].energy for key in ("package", "rack", "racks", "datacentre")]
    assert links == sorted(links)


def test_the_brain_s_bits_are_those_of_the_design() -> None:
    assert LEVELS["sent"].energy == pytest.approx(31e-12, rel=0.02)
    assert LEVELS["delivered"].energy == pytest.approx(12.5e-15, rel=0.01)
    assert LEVELS["sent"].energy > LEVELS["hbm"].energy, "per bit sent the brain is not cheaper than memory"
    assert LEVELS["limit"].energy < 1e-6 * LEVELS["delivered"].energy


def test_a_drive_is_its_power_over_its_rate() -> None:
    assert LEVELS["flash"].energy == pytest.approx(12 / 6.5e9 / 8)
    assert LEVELS["flash"].low == pytest.approx(7 / 14.5e9 / 8)
    assert LEVELS["disk"].energy == pytest.approx(13.5 / 524e6 / 8)


def test_a_way_through_a_data_centre_adds_links_and_switches() -> None:
    assert LEVELS["datacentre"].energy == pytest.approx(3 * 500 / 51.2e12 + 4 * 18.75e-12)
