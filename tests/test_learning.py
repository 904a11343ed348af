"""Learning: a lifetime, published runs beside predicted ones, and the error of what is predicted."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from efficiency.__main__ import main
from efficiency.cluster import Range
from efficiency.facts import fact, facts
from efficiency.learning import BOOKKEEPING, HOW, PERSONS, YEARS, in_lifetimes, lifetime_j, run_named, training_runs
from efficiency.learning_report import said
from efficiency.training_check import GROUPS, checked, scores

MWH = 3.6e9


def test_a_lifetime_is_power_times_years() -> None:
    """20 W for 20 years are 3.5 MWh; for 30, the lifetime anchor, 5.3 MWh; a body of 100 W takes five times that."""
    assert lifetime_j().central / MWH == pytest.approx(20 * 20 * 8766 / 1e6)
    assert lifetime_j("brain", "anchor").central / MWH == pytest.approx(5.26, rel=1e-3)
    assert lifetime_j("body").central == pytest.approx(5 * lifetime_j("brain").central)


@pytest.mark.parametrize("person", PERSONS)
@pytest.mark.parametrize("years", YEARS)
def test_every_lifetime_has_a_range(person: str, years: str) -> None:
    found = lifetime_j(person, years)
    assert 0.0 < found.low < found.central < found.high < math.inf


@settings(deadline=None)
@given(
    st.floats(1e3, 1e18),
    st.floats(1.0, 10.0),
    st.floats(1.0, 1e10),
    st.sampled_from(sorted(PERSONS)),
    st.sampled_from(sorted(YEARS)),
)
def test_any_run_for_any_users_has_a_share(energy: float, spread: float, users: float, person: str, years: str) -> None:
    found = in_lifetimes(Range(energy / spread, energy, energy * spread), users, person, years, 64)
    assert 0.0 < found.low <= found.central <= found.high < math.inf
    assert said(found.central, years)


def test_sharing_divides() -> None:
    energy = run_named("llama31_405b").energy_j
    alone, shared = in_lifetimes(energy), in_lifetimes(energy, 1e6)
    assert [one / 1e6 for one in alone] == pytest.approx(list(shared))


def test_bookkeeping_is_never_called_a_measurement() -> None:
    """The power limit times the hours is what model cards print; it misses host, cooling and what chips really drew."""
    assert "no meter" in HOW[BOOKKEEPING]
    assert not any("measured" in words for words in HOW.values())
    kept = [run for run in training_runs() if run.published and run.published.how == BOOKKEEPING]
    assert {run.key for run in kept} >= {"bloom", "llama31_405b", "llama2_70b", "deepseek_v3"}
    for run in kept:
        assert fact(f"run.{run.key}.energy").kind == "estimated"
        assert run.published is not None
        # Chips alone: below what a facility draws by host and cooling.
        assert run.published.energy_j < run.energy_j.central


def test_predictions_hold_what_was_published() -> None:
    """GPT-3 by Patterson 2021 within 20 %; both published figures of Llama 3.1 405B inside the interval."""
    gpt3, llama = run_named("gpt3"), run_named("llama31_405b")
    assert gpt3.energy_j.central / MWH == pytest.approx(1287, rel=0.2)
    assert llama.energy_j.low / MWH < 21_588 < 48_500 < llama.energy_j.high / MWH
    # 8.4 million hours at 378.5 W and a PUE of 1.3; with the owner's 1.08 it would be 3,436 MWh.
    assert run_named("palm").energy_j.central / MWH == pytest.approx(8.405e6 * 378.5 * 1.3 / 1e6, rel=1e-3)


def test_runs_are_many_and_in_order() -> None:
    runs = training_runs()
    assert len(runs) >= 25
    centrals = [run.energy_j.central for run in runs]
    assert centrals == sorted(centrals, reverse=True)
    assert {run.basis for run in runs} == {"time", "flop"}
    for run in runs:
        assert 0.0 < run.energy_j.low < run.energy_j.central < run.energy_j.high < math.inf
        assert set(run.facts) <= set(facts())


def test_each_scope_is_met_within_a_fifth_given_the_time() -> None:
    """Median error within 20 % and 95 % within 2 times, by scope, and for the runs with measured power."""
    found = {score.group: score for score in scores()}
    assert set(found) == set(GROUPS)
    for group in ("gpu", "node", "facility", "patterson", "mlperf"):
        assert found[group].median <= 1.2, group
        assert found[group].within_two >= 0.95, group
    assert len(checked()) == 47


def test_names_that_are_not_known_are_refused() -> None:
    with pytest.raises(ValueError, match="person is 'cat'; allowed: brain, body"):
        lifetime_j("cat")
    with pytest.raises(ValueError, match="years is 'nine'; allowed: learning, "):
        in_lifetimes(Range(1.0, 1.0, 1.0), 1.0, "brain", "nine")
    with pytest.raises(ValueError, match="run is 'none'; allowed: "):
        run_named("none")
    with pytest.raises(ValueError, match=r"users is 0\.5; allowed: 1 to 1e\+10"):
        in_lifetimes(Range(1.0, 1.0, 1.0), 0.5)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--users", "0"], "--users is 0.0; allowed: 1 to 1e+10 people"),
        (["--person", "cat"], "--person is 'cat'; allowed: brain, body"),
        (["--years", "nine"], "--years is 'nine'; allowed: learning, "),
        (["--run", "none"], "--run is 'none'; allowed: "),
    ],
)
def test_the_verb_names_a_bad_argument(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learning", *words]) == 2
    assert told in capsys.readouterr().err


def test_the_verb_prints_the_table_of_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learning", "--users", "8e8", "--person", "body"]) == 0
    text = capsys.readouterr().out
    assert "limit x hours, no meter" in text
    assert "Facilities                   10    16 %" in text
    assert main(["learning", "--run", "gpt3", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {"model_version", "data_version", "inputs", "results", "check", "facts", "sources"} <= set(data)
    assert data["results"]["runs"][0]["published"]["how"] == "authors"
