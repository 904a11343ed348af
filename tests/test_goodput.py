"""Failures: published tables, laws, and the formula against a simulation that does not know it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.__main__ import main
from efficiency.facts import fact, facts
from efficiency.failure_costs import chip_power
from efficiency.failure_simulation import simulate
from efficiency.goodput import (
    Shares,
    exact_interval_s,
    goodput,
    interruptions_per_s,
    lost_energy,
    mtbf_per_chip_s,
    optimal_interval_s,
    time_shares,
    young_interval_s,
)
from efficiency.scenario import Scenario
from efficiency.utilisation import central_of
from tests.odd_words import odd_words
from tests.scenarios import examples, scenarios

HOUR = 3600.0


@pytest.mark.parametrize(("mtbf_h", "minutes"), [(24.0, 117.0), (6.0, 57.0), (0.25, 9.1)])
def test_the_interval_is_daly_s(mtbf_h: float, minutes: float) -> None:
    """Daly 2006, figures 3 to 5: R = 10 min, checkpoint 5 min; printed with two or three digits."""
    found = optimal_interval_s(300.0, mtbf_h * HOUR) / 60
    assert found == pytest.approx(minutes, abs=0.05 if minutes < 10 else 0.5)


@pytest.mark.parametrize("mtbf_h", [24.0, 6.0, 0.25])
def test_the_series_is_close_to_the_exact_optimum(mtbf_h: float) -> None:
    exact = exact_interval_s(300.0, mtbf_h * HOUR)
    assert optimal_interval_s(300.0, mtbf_h * HOUR) == pytest.approx(exact, rel=4e-3)
    best = time_shares(mtbf_h * HOUR, 300.0, 600.0, exact).useful
    for other in (0.9, 1.1):
        assert time_shares(mtbf_h * HOUR, 300.0, 600.0, other * exact).useful < best


def test_both_intervals_agree_where_failures_are_rare() -> None:
    assert optimal_interval_s(1.0, 1e8) == pytest.approx(young_interval_s(1.0, 1e8), rel=1e-3)


def test_the_54_day_run_failed_every_three_hours() -> None:
    rate = interruptions_per_s(fact("run.llama31_405b.chips").si, 1 / mtbf_per_chip_s()[1])
    assert 1 / rate / HOUR == pytest.approx(54 * 24 / 419)
    assert round(1 / rate / HOUR) == 3


def test_the_causes_of_the_54_day_run_are_all_of_its_interruptions() -> None:
    causes = [record.si for key, record in facts().items() if key.startswith("failures.cause.")]
    assert sum(causes) == fact("failures.llama3_unexpected").si == 419
    planned = fact("run.llama31_405b.interruptions").si - sum(causes)
    assert planned == 47


def test_two_other_clusters_give_their_published_times() -> None:
    """Kokolis et al. 2025: RSC-1's rate means 1.8 h at 16,384 chips and 0.23 h at 131,072."""
    low, _, high = mtbf_per_chip_s()
    assert low / 16384 / HOUR == pytest.approx(1.8, rel=0.01)
    assert low / 131072 / HOUR == pytest.approx(0.23, rel=0.025)
    assert high > low


def test_the_model_brackets_the_reported_effective_time() -> None:
    """Over 90 % on 16,384 chips: the central value is, and the range of checkpoints and restarts spans it."""
    chips, reported = fact("failures.llama3_chips").si, fact("failures.llama3_effective").si
    assert goodput(chips).useful > reported
    ends = [
        goodput(chips, None, checkpoint, restart).useful
        for checkpoint, restart in (
            (fact("failures.checkpoint").si_high, fact("failures.restart").si_high),
            (fact("failures.checkpoint").si_low, fact("failures.restart").si_low),
        )
    ]
    assert ends[0] < reported < ends[1] < 1


@pytest.mark.parametrize("chips", [1024.0, 16384.0, 131072.0, 400_000.0])
@pytest.mark.parametrize("pauses", [(10.0, 600.0), (60.0, 300.0), (0.6, 180.0)])
def test_simulation_and_formula_agree_within_two_per_cent(chips: float, pauses: tuple[float, float]) -> None:
    checkpoint, restart = pauses
    mtbf = mtbf_per_chip_s()[1] / chips
    interval = optimal_interval_s(checkpoint, mtbf)
    formula = time_shares(mtbf, checkpoint, restart, interval)
    played = simulate(mtbf, checkpoint, restart, interval, 400_000)
    assert played.shares.useful == pytest.approx(formula.useful, rel=0.02)
    assert abs(played.shares.useful - formula.useful) < 5 * played.standard_error
    for ours, theirs in zip(played.shares, formula, strict=True):
        assert ours == pytest.approx(theirs, abs=0.005)


def test_a_simulation_is_seeded_and_reports_its_progress() -> None:
    said: list[float] = []
    first = simulate(5000.0, 10.0, 60.0, 300.0, 600_000, progress=said.append)
    assert first == simulate(5000.0, 10.0, 60.0, 300.0, 600_000)
    assert said == sorted(said)
    assert said[-1] == 1.0
    assert len(said) == 3
    with pytest.raises(ValueError, match="failures is 0; allowed"):
        simulate(5000.0, 10.0, 60.0, 300.0, 0)


@pytest.mark.parametrize(
    "words",
    [
        ["--chips", "1e8"],
        ["--chips", "1"],
        ["--checkpoint-s", "100000", "--chips", "100000"],
        ["--mtbf-hours-per-chip", "1e9", "--chips", "1"],
        ["--restart-s", "1e6", "--interval-s", "0.1"],
    ],
)
def test_the_verb_reads_well_at_odd_ends(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["goodput", *words]) == 0
    said = capsys.readouterr().out
    for line in said.splitlines():
        # The columns of the table and the length of the run are numbers, not sentences.
        assert not odd_words(line), line
        assert len(line) <= 180


def test_the_verb_shows_a_bar_where_it_takes_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(0.4 * step for step in range(1000))
    monkeypatch.setattr("efficiency.goodput_report.time.monotonic", lambda: next(clock))
    assert main(["goodput", "--failures", "2000000"]) == 0
    bars = capsys.readouterr().err.splitlines()
    assert len(bars) >= 2
    assert bars[-1] == f"[{'#' * 30}] 100% failures played out"


def test_failures_in_clusters_cost_less_than_the_formula_says() -> None:
    args = (1392.0, 10.0, 600.0, 160.0)
    random, clustered = (simulate(*args, 400_000, shape).shares.useful for shape in (1.0, 0.7))
    assert clustered > random * 1.05


def test_more_chips_make_less_progress_each() -> None:
    chips = np.geomspace(1.0, 1e6, 61)
    shares = goodput(chips)
    assert np.all(np.diff(shares.useful) < 0)
    assert shares.useful[0] > 0.999
    assert goodput(float(chips[30])).useful == pytest.approx(shares.useful[30], rel=1e-12)


def test_a_faster_restart_is_what_a_million_chips_need() -> None:
    assert goodput(1e6).useful < 0.05
    assert goodput(1e6, restart_s=30.0, checkpoint_s=1.0).useful > 0.7


def test_halving_every_time_changes_nothing() -> None:
    assert tuple(time_shares(2000.0, 20.0, 100.0, 300.0)) == pytest.approx(
        tuple(time_shares(1000.0, 10.0, 50.0, 150.0))
    )


def test_lost_energy_counts_undone_work_in_full_and_waiting_in_part() -> None:
    shares = Shares(0.8, 0.05, 0.1, 0.05)
    assert lost_energy(shares, 1.0) == pytest.approx(1 / 0.8 - 1)
    assert lost_energy(shares, 0.0) == pytest.approx(0.1 / 0.8)


@given(st.floats(1e-3, 1e12), st.floats(1e-3, 1e5), st.floats(0.0, 1e6), st.one_of(st.none(), st.floats(1e-2, 1e7)))
@examples(200)
def test_shares_are_shares(mtbf: float, checkpoint: float, restart: float, interval: float | None) -> None:
    interval = optimal_interval_s(checkpoint, mtbf) if interval is None else interval
    shares = time_shares(mtbf, checkpoint, restart, interval)
    assert all(math.isfinite(share) and 0 <= share <= 1 for share in shares)
    assert sum(shares) == pytest.approx(1.0, abs=1e-9)
    assert math.isfinite(lost_energy(shares, 0.4))
    assert lost_energy(shares, 0.4) >= 0


@examples(60)
@given(scenario=scenarios(machine_scope="chip"))
def test_a_chip_at_work_draws_between_its_floor_and_its_limit(scenario: Scenario) -> None:
    """Fewer weights save time, not watts."""
    inputs = central_of(scenario)
    power = chip_power(scenario, inputs)
    floor_w = inputs.active_floor * inputs.tdp_w
    assert floor_w * 0.999 <= power.waiting_w <= power.at_work_w <= inputs.tdp_w * 1.001
