"""Distillation: bills add up, break-evens are where bills meet, published cases are told as published."""

from __future__ import annotations

import argparse
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.distillation import (
    CASES,
    CHARGES,
    alone_j,
    break_even_students,
    break_even_worth,
    pair_of,
    taught_j,
    teacher_j,
    token_worth,
)
from efficiency.distillation_reach import reach
from efficiency.distillation_report import answer, as_data, as_text, least_worth
from efficiency.facts import fact
from efficiency.scaling_energy import Prices, prices
from efficiency.scaling_laws import floor, loss
from efficiency.scenario import Scenario
from efficiency.topics import TopicError
from tests.scenarios import examples, scenarios

EQUAL = Prices(1e-12, 1e-12, 1e-11)
WORTHS = st.floats(1.0, 40.0)


def test_the_cases_are_the_published_runs() -> None:
    assert {key: (case.student, case.teacher) for key, case in CASES.items()} == {
        "gemma2_2b": ("gemma2_2b", "gemma2_9b"),
        "gemma2_9b": ("gemma2_9b", "gemma2_27b"),
        "llama3_8b": ("llama3_8b", "llama3_70b"),
    }
    assert fact("distillation.gemma2_taught").value - fact("distillation.gemma2_scratch").value == pytest.approx(7.4)
    hours = [fact(f"distillation.llama32_{name}").value for name in ("answers", "training_1b", "training_3b")]
    assert hours[0] / (hours[1] + hours[2]) == pytest.approx(0.104, abs=5e-4)
    low, central, high = token_worth()
    assert low == 1 < central < high


@given(scenarios(), st.sampled_from(list(CASES)), WORTHS, st.floats(1.0, 1e4))
@examples(40)
def test_a_bill_grows_with_what_is_charged(scenario: Scenario, key: str, worth: float, students: float) -> None:
    price, pair = prices(scenario), pair_of(key, worth)
    bills = [taught_j(pair, price, worth, charge, students) for charge in CHARGES]
    totals = [float(bill.total_j) for bill in bills]
    assert totals == sorted(totals)
    assert all(math.isfinite(part) and part >= 0 for bill in bills for part in bill)
    assert totals[0] == pytest.approx(float(alone_j(pair, price)) / worth)
    assert bills[3].teacher_j == pytest.approx(float(teacher_j(pair, price)))


@pytest.mark.parametrize("key", CASES)
@pytest.mark.parametrize("share", [0.0, 0.01, 1.0])
def test_at_break_even_both_ways_cost_alike(key: str, share: float) -> None:
    worth = float(break_even_worth(key, EQUAL, share))
    if math.isinf(worth):
        assert share == 1.0
        assert key == "llama3_8b"
        return
    pair = pair_of(key, worth)
    bill = taught_j(pair, EQUAL, worth, "shared", 1 / share if share else math.inf)
    assert bill.total_j == pytest.approx(alone_j(pair, EQUAL))


@pytest.mark.parametrize("key", CASES)
@pytest.mark.parametrize("worth", [1.5, 4.0, 20.0])
def test_students_enough_share_the_teacher(key: str, worth: float) -> None:
    students = break_even_students(key, EQUAL, worth)
    pair = pair_of(key, worth)
    if math.isinf(students):
        assert taught_j(pair, EQUAL, worth, "answers").total_j >= alone_j(pair, EQUAL)
        return
    assert taught_j(pair, EQUAL, worth, "shared", students).total_j == pytest.approx(alone_j(pair, EQUAL))


def test_findings_of_the_published_study_hold() -> None:
    """Busbridge et al.: an existing teacher can pay; a teacher trained for one student does not at a usual worth."""
    price = prices(Scenario())
    for key in CASES:
        assert float(break_even_worth(key, price, 0.0)) < token_worth().high
        assert float(break_even_worth(key, price, 1.0)) > token_worth().high


def test_arrays_are_their_elements() -> None:
    shares = np.array([0.0, 0.1, 1.0])
    for key in CASES:
        both = break_even_worth(key, EQUAL, shares)
        assert list(np.asarray(both)) == pytest.approx([float(break_even_worth(key, EQUAL, s)) for s in shares])


@pytest.mark.parametrize("key", CASES)
def test_reaching_a_loss(key: str) -> None:
    pair = pair_of(key, 2.0)
    bottom = float(floor("refit", pair.student))
    targets = np.linspace(bottom - 0.05, bottom + 0.5, 12)
    found = reach(key, EQUAL, 2.0, targets, 10.0)
    alone = np.asarray(found.alone_j)
    assert np.isinf(alone[targets <= bottom]).all()
    finite = np.isfinite(alone)
    assert (np.diff(alone[finite]) < 0).all()
    assert (np.asarray(found.optimal_j)[finite] <= alone[finite] * (1 + 1e-9)).all()
    below = targets <= float(loss("refit", pair.teacher, pair.teacher_tokens))
    assert np.isinf(np.asarray(found.taught_j["free"])[below]).all()


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="gemma2_2b"):
        pair_of("gpt5", 2.0)
    with pytest.raises(ValueError, match="charge"):
        taught_j(pair_of("gemma2_2b", 2.0), EQUAL, 2.0, "half")
    for wrong in ({"worth": 0.5}, {"students": 0.0}, {"worth": math.nan}):
        with pytest.raises(TopicError, match=r"--worth|--students"):
            answer(argparse.Namespace(**{"case": "gemma2_2b", "worth": 2.0, "students": 10.0} | wrong))


@pytest.mark.parametrize("key", CASES)
@pytest.mark.parametrize("worth", [1.0, 2.0, 40.0])
def test_the_verb_answers(key: str, worth: float) -> None:
    found = answer(argparse.Namespace(case=key, worth=worth, students=10.0))
    data = as_data(found)
    assert data["results"]["free"]["total_j"] == pytest.approx(data["results"]["alone_j"] / worth)
    assert "assumption" in data
    said = as_text(found)
    assert "taken to be worth" in said
    assert "60.3 %" in said
    assert ("never pays" in said) == (key == "llama3_8b")


def test_the_range_of_the_break_even() -> None:
    for key in CASES:
        low, central, high = least_worth(key, Scenario(), 64)
        assert 1 < low < central < high
