"""Conversion to SI: against definitions, and refusing what is not in the table."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.units import SECONDS_PER_YEAR, UNITS, si, si_unit


@pytest.mark.parametrize(
    ("value", "unit", "expected", "expected_unit"),
    [
        (20, "W", 20, "W"),
        (150, "MW", 150e6, "W"),
        (1, "GW", 1e9, "W"),
        (1, "kWh", 3.6e6, "J"),
        (415, "TWh", 415 * 3.6e15, "J"),
        (0.24, "Wh/query", 864, "J/query"),
        (640, "pJ/32b", 20e-12, "J/bit"),
        (10, "pJ/64b", 10e-12 / 64, "J/bit"),
        (3.9, "pJ/bit", 3.9e-12, "J/bit"),
        (12, "fJ/bit", 12e-15, "J/bit"),
        (0.12, "pJ/bit/mm", 0.12e-9, "J/bit/m"),
        (989.4, "TFLOP/s", 989.4e12, "FLOP/s"),
        (1.809, "EFLOP/s", 1.809e18, "FLOP/s"),
        (60.9, "GFLOP/J", 60.9e9, "FLOP/J"),
        (80, "TB/s", 80e12, "B/s"),
        (80, "GB", 80e9, "B"),
        (90, "us", 90e-6, "s"),
        (7, "nm", 7e-9, "m"),
        (150, "words/min", 2.5, "words/s"),
        (22, "%", 0.22, "fraction"),
        (29e9, "USD/GW", 29, "USD/W"),
        (1, "chip-hours", 3600, "chip-seconds"),
        (1, "year", 31_557_600, "s"),
    ],
)
def test_conversion_follows_the_definition(value, unit, expected, expected_unit):
    assert si(float(value), unit) == pytest.approx(expected, rel=1e-12)
    assert si_unit(unit) == expected_unit


def test_a_household_of_10791_kwh_a_year_draws_1_23_kw():
    assert si(10791.0, "kWh/year") == pytest.approx(1231, abs=0.5)


def test_one_watt_for_a_year_is_8766_watt_hours():
    assert SECONDS_PER_YEAR / UNITS["Wh"][0] == pytest.approx(8766)


def test_every_factor_is_positive_and_finite():
    assert all(math.isfinite(factor) and factor > 0 for factor, _ in UNITS.values())


def test_every_si_unit_converts_to_itself():
    # Units without a row of their own in the table are still named, so they must be consistent.
    for unit in {name for _, name in UNITS.values()} & set(UNITS):
        assert UNITS[unit] == (1.0, unit)


@pytest.mark.parametrize("unit", ["", "Mw", "pJ/bits", "kilowatt", "kW "])
def test_an_unknown_unit_is_refused_with_the_ones_allowed(unit):
    for function in (lambda: si(1.0, unit), lambda: si_unit(unit)):
        with pytest.raises(ValueError, match=r"is not known; allowed: 1, x, fraction") as caught:
            function()
        assert repr(unit) in str(caught.value)


def test_an_array_converts_like_its_elements():
    values = np.array([0.5, 1.0, 20.0])
    assert si(values, "MW").tolist() == [si(float(value), "MW") for value in values]


@given(st.sampled_from(sorted(UNITS)), st.floats(1e-6, 1e6))
def test_doubling_the_quantity_doubles_its_si_value(unit, value):
    assert si(2 * value, unit) == pytest.approx(2 * si(value, unit), rel=1e-12)


@pytest.mark.parametrize(("large", "small"), [("MW", "kW"), ("TB", "GB"), ("nJ/event", "pJ/event")])
def test_neighbouring_prefixes_are_a_thousand_apart(large, small):
    assert UNITS[large][0] / UNITS[small][0] == pytest.approx(1000, rel=1e-12)


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        UNITS["furlong"] = (201.168, "m")
