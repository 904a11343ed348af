"""Nearer memory in theory, and what was published of whole chips; the brain's two ways to keep its books."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from efficiency.brain_split import bookings
from efficiency.facts import facts
from efficiency.gap import inputs_for
from efficiency.near_memory import NEARER, claims, distance_gain, published
from efficiency.scenario import Scenario, field_rules
from tests.scenarios import examples, scenarios

ROWS = {row.key: row for row in published()}


def test_every_nearer_setting_is_one_of_the_scenario_s() -> None:
    assert {"off_chip", *NEARER} == set(field_rules()["movement"].options)  # type: ignore[union-attr]


def test_batching_takes_what_nearer_memory_would_save() -> None:
    """Both remove the same reading of weights, so together they save less than one after the other."""
    inputs = inputs_for(Scenario())
    for movement in NEARER:
        alone, many = (float(distance_gain(Scenario(), inputs, movement, batch)) for batch in (1.0, 4096.0))
        assert alone > many >= 1.0


def test_published_chips_are_whole_and_macros_are_marked() -> None:
    """Full-chip analog 2.5 to 9.8 TOPS/W against 2.8 of an H100 at 8 bit."""
    assert ROWS["hermes"].low == pytest.approx(2.48e12)
    assert ROWS["hermes"].high == pytest.approx(9.76e12)
    assert ROWS["hermes"].evidence == "measured"
    assert ROWS["h100_8"].value == pytest.approx(2.83e12, rel=0.002)
    assert ROWS["h100_8"].evidence == "peak"
    assert ROWS["imagine_macro"].value > 3 * ROWS["imagine"].value, "a chip is not its macro"
    assert {row.evidence for row in published() if "macro" in row.name or "one core" in row.name} == {"macro"}
    for row in published():
        assert 0 < row.low <= row.value <= row.high
        assert set(row.facts) <= set(facts())


def test_a_narrow_gain_says_where_it_holds() -> None:
    northpole = claims()[0]
    assert northpole.gain == 72.7
    assert "lowest latency of a GPU" in northpole.setting
    assert all(claim.setting and claim.gain > 1 and claim.fact in facts() for claim in claims())


def test_the_brain_s_split_goes_from_0_6_to_35() -> None:
    """Howarth 2012 with postsynaptic current as computation; Levy and Calvert 2021."""
    found = {row.key: row for row in bookings()}
    assert found["budget_2012"].ratio == pytest.approx(0.6)
    assert found["budget_2012_moved"].ratio == pytest.approx(4.0)
    assert found["budget_2012_moved"].ours
    assert (found["levy"].low, found["levy"].ratio) == (20.0, 35.0)
    for row in bookings():
        assert row.communication + row.computation + row.rest == pytest.approx(1.0, abs=0.04)
        assert set(row.facts) <= set(facts())


@given(scenarios())
@examples(40)
def test_no_scenario_breaks_a_gain(scenario: Scenario) -> None:
    inputs = inputs_for(scenario)
    for movement in NEARER:
        gain = np.asarray(distance_gain(scenario, inputs, movement, np.array([1.0, 64.0, 4096.0])))
        assert np.isfinite(gain).all()
        assert (gain > 0).all()
