"""Numbers and units of work in words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.gap import evaluate, inputs_for
from efficiency.say import factor, power_of_ten, quantity, significant, times
from efficiency.scenario import Scenario
from efficiency.words import NAMES, UNITS_OF_YARDSTICKS, unit_of_work
from efficiency.yardsticks import YARDSTICKS, Shared
from tests.scenarios import examples, scenarios

POSITIVE = st.floats(-25, 25).map(lambda e: 10.0**e)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(4137.2, 2, "4,100"), (0.2667, 2, "0.27"), (5.2596, 3, "5.26"), (-12.3, 2, "−12"),
     (0, 2, "0"), (9.96, 2, "10"), (0.0996, 1, "0.1"), (99_950, 3, "100,000"), (1e6, 1, "1,000,000"),
     (2.0, 3, "2.00")],
)  # fmt: skip
def test_significant(value: float, digits: int, text: str) -> None:
    assert significant(value, digits) == text


@examples(300)
@given(value=st.floats(-12, 15).map(lambda e: 10.0**e), digits=st.integers(1, 6))
def test_significant_digits_are_as_many_as_asked(value: float, digits: int) -> None:
    said = significant(value, digits)
    assert float(said.replace(",", "")) == pytest.approx(value, rel=0.5 * 10.0 ** (1 - digits) * 1.01)
    shown = said.replace(",", "").replace(".", "").lstrip("0")
    assert len(shown.rstrip("0")) <= digits


@pytest.mark.parametrize(
    ("value", "plain", "html"),
    [(7.5e6, "10⁶·⁹", "10<sup>6.9</sup>"), (1e7, "10⁷", "10<sup>7</sup>"),
     (0.99, "10⁰", "10<sup>0</sup>"), (1e-14, "10⁻¹⁴", "10<sup>−14</sup>"), (3e-5, "10⁻⁴·⁵", "10<sup>−4.5</sup>")],
)  # fmt: skip
def test_power_of_ten(value: float, plain: str, html: str) -> None:
    assert power_of_ten(value) == plain
    assert power_of_ten(value, "html") == html


@pytest.mark.parametrize(
    ("value", "text"),
    [(183.2, "180"), (0.524, "0.52"), (1.0, "1"), (0.96, "0.96"), (9994, "10,000"), (10_000, "10⁴"),
     (9_999.9, "10⁴"), (2.5e4, "10⁴·⁴"), (1e-4, "0.0001"), (9e-5, "10⁻⁴"), (2.5, "2.5")],
)  # fmt: skip
def test_factor(value: float, text: str) -> None:
    assert factor(value) == text
    assert times(value) == f"{text} times"


@examples(300)
@given(value=POSITIVE)
def test_a_factor_reads_back_as_about_the_number(value: float) -> None:
    said = factor(value, "html")
    if "<sup>" in said:
        power = said.removeprefix("10<sup>").removesuffix("</sup>").replace("−", "-")
        read = 10 ** float(power)
    else:
        read = float(said.replace(",", ""))
    assert read == pytest.approx(value, rel=0.51)
    assert "<sup>" not in factor(value)
    assert times(value, "html") == f"{said} times"


@pytest.mark.parametrize(
    ("value", "unit", "digits", "text"),
    [(3.16e6, "W", 3, "3.16 MW"), (150e6, "W", 3, "150 MW"), (2.667e-13, "J", 2, "0.27 pJ"),
     (120.0, "J", 2, "120 J"), (20.0, "W", 2, "20 W"), (8.1e9, "1", 2, "8.1 billion"),
     (1.5e14, "1", 2, "150 trillion"), (2.5e6, "1", 2, "2.5 million"), (64, "1", 2, "64"),
     (0.0, "W", 3, "0 W"), (0.0, "1", 3, "0"), (math.inf, "W", 3, "inf W"), (310.0, "K", 3, "310 K"),
     (0.5, "fraction", 2, "0.5 fraction"), (2.97e-21, "J", 3, "0.00297 aJ"),
     (1e27, "J", 2, "1,000,000 ZJ"), (-5e6, "W", 2, "−5 MW")],
)  # fmt: skip
def test_quantity(value: float, unit: str, digits: int, text: str) -> None:
    assert quantity(value, unit, digits) == text


@examples(300)
@given(value=st.floats(-17, 23).map(lambda e: 10.0**e), digits=st.integers(2, 4))
def test_a_quantity_has_few_digits_and_reads_back(value: float, digits: int) -> None:
    number, unit = quantity(value, "W", digits).split(" ")
    prefix = {"a": -18, "f": -15, "p": -12, "n": -9, "µ": -6, "m": -3, "": 0, "k": 3, "M": 6,
              "G": 9, "T": 12, "P": 15, "E": 18, "Z": 21}[unit.removesuffix("W")]  # fmt: skip
    assert float(number.replace(",", "")) * 10.0**prefix == pytest.approx(value, rel=10.0 ** (1 - digits))
    assert len(number.replace(".", "").replace(",", "").strip("0")) <= digits
    assert not number.endswith(".")


def test_every_yardstick_has_a_name_and_a_unit() -> None:
    assert tuple(NAMES) == tuple(UNITS_OF_YARDSTICKS) == tuple(YARDSTICKS)


@examples(200)
@given(scenario=scenarios())
def test_a_unit_of_work_fits_above_a_bar(scenario: Scenario) -> None:
    for y in evaluate(scenario, 64).yardsticks:
        assert 5 < len(y.unit_of_work) <= 60, y.unit_of_work
        assert "\n" not in y.unit_of_work
        assert "e+" not in y.unit_of_work
        assert "nan" not in y.unit_of_work


def test_golden_units_of_work() -> None:
    found = {y.key: y.unit_of_work for y in evaluate(Scenario(), 64).yardsticks}
    assert found == {
        "nameplate": "a whole site, not the same work",
        "memory": "hold and sweep 88 TB",
        "learning": "Llama 3.1 405B, 20 years",
        "compute": "brain at 10¹⁵ FLOP/s",
        "synapse": "one multiply-add, 0.27 pJ",
        "communication": "one bit sent, 63 pJ",
        "stream": "one conversation, 20 W",
        "token": "one token spoken, 6 J",
    }
    other = Scenario(system="own", copies=1e9, events="every_step", language_task="reading")
    found = {y.key: y.unit_of_work for y in evaluate(other, 64).yardsticks}
    assert found["nameplate"] == "your chips, not the same work"
    assert found["learning"] == "Llama 3.1 405B shared by 1 billion, 20 years"
    assert found["synapse"] == "one multiply-add each step, 0.27 pJ"
    assert found["token"].startswith("one token read, ")


def test_an_unknown_yardstick_has_no_unit_of_work() -> None:
    with pytest.raises(KeyError):
        unit_of_work("weight", Scenario(), 1.0, inputs_for(Scenario()), Shared(Scenario(), inputs_for(Scenario())))
