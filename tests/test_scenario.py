"""The scenario: what it takes, what it refuses, and how it says so."""

from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest
from hypothesis import given

from efficiency.scenario import BITS, Choice, Number, Scenario, ScenarioError, field_rules
from tests.scenarios import CHOICES, NUMBERS, examples, scenarios


def test_rules_cover_the_fields_in_their_order() -> None:
    assert list(field_rules()) == [f.name for f in fields(Scenario)]


def test_every_rule_helps() -> None:
    for name, rule in field_rules().items():
        assert rule.help.endswith("."), name
        if isinstance(rule, Choice):
            assert len(rule.options) >= 2, name
            assert all(rule.options.values()), name
        else:
            assert rule.low < rule.high, name
            assert not (rule.log and rule.low <= 0), f"{name}: no logarithm of {rule.low}"


@examples(300)
@given(scenario=scenarios())
def test_takes_all_that_its_rules_allow(scenario: Scenario) -> None:
    assert scenario.is_scalar()
    assert hash(scenario) == hash(replace(scenario))
    assert replace(scenario) == scenario


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("where", ["below", "above"])
def test_refuses_a_number_out_of_range(name: str, where: str) -> None:
    rule = field_rules()[name]
    assert isinstance(rule, Number)
    value = np.nextafter(rule.low, -np.inf) if where == "below" else rule.high * 2
    for refused in (float(value), np.array([rule.low, value])):
        with pytest.raises(ScenarioError) as caught:
            Scenario(**{name: refused})
        said = str(caught.value)
        assert said.startswith(f"{name} is {float(value)!r}; allowed: ")
        assert rule.allowed() in said


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        -float("inf"),
        np.array([1.0, float("nan")]),
        np.array([]),
        [],
        True,
        "1",
        None,
        {},
        "many",
        1j,
        [[1.0], [1.0, 2.0]],
        ["a"],
        10**400,
    ],
    ids=repr,
)
def test_refuses_what_is_no_number(name: str, value: object) -> None:
    with pytest.raises(ScenarioError, match=rf"^{name} is .*; allowed: .*\d"):
        Scenario(**{name: value})


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("value", ["", "nothing", "H100", 1.0, None, True, ("h100",), ["h100"]])
def test_refuses_an_unknown_choice(name: str, value: object) -> None:
    rule = field_rules()[name]
    assert isinstance(rule, Choice)
    with pytest.raises(ScenarioError) as caught:
        Scenario(**{name: value})
    assert str(caught.value).startswith(f"{name} is {value!r}; allowed: ")
    assert all(option in str(caught.value) for option in rule.options)


@pytest.mark.parametrize("value", [3.0, 7.0, 1.5, 63.0, np.array([8.0, 12.0])])
def test_refuses_a_width_without_a_format(value: object) -> None:
    with pytest.raises(ScenarioError, match=r"^bits is .*; allowed: 1, 1\.58, 2, 4, 6, 8, 16"):
        Scenario(bits=value)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NUMBERS)
def test_takes_whole_numbers_and_arrays_as_floats(name: str) -> None:
    rule = field_rules()[name]
    assert isinstance(rule, Number)
    whole = int(rule.low) + 1 if name != "bits" else 8
    for given_value in (whole, np.int64(whole), np.float64(whole), np.array(float(whole))):
        if whole <= rule.high:
            taken = getattr(Scenario(**{name: given_value}), name)
            assert type(taken) in (float, np.float64)
            assert taken == whole
    array = [BITS[0], BITS[-1]] if name == "bits" else [rule.low, rule.high]
    taken = Scenario(**{name: array})
    assert getattr(taken, name).dtype == float
    assert not taken.is_scalar()


def test_is_frozen() -> None:
    for f in fields(Scenario):
        with pytest.raises(FrozenInstanceError):
            setattr(Scenario(), f.name, getattr(Scenario(), f.name))
    with pytest.raises((AttributeError, TypeError)):
        Scenario().watts = 20.0  # type: ignore[attr-defined]


def test_says_its_limits_with_their_unit() -> None:
    assert field_rules()["chip_count"].allowed() == "1 to 10⁸ chips"  # type: ignore[union-attr]
    assert field_rules()["density"].allowed() == "0.001 to 1"  # type: ignore[union-attr]
