"""Utilisation: published ranges, what a gain is worth, and 6 N D against counts of their own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency import catalogue
from efficiency.__main__ import main
from efficiency.facts import fact, facts
from efficiency.failure_costs import chip_power
from efficiency.flop_count import counted_runs, counts, error_of_six_nd, training_flop_per_token
from efficiency.parallel import usage_energy
from efficiency.run_table import BASES, FLOP_PER_PARAMETER_TOKEN, published_run, published_runs, run_rows
from efficiency.scenario import Scenario
from efficiency.utilisation import central_of, energy_per_flop, run_flop, run_scenario, worth, worth_runs
from tests.odd_words import odd_words
from tests.scenarios import examples, scenarios


def test_disagreeing_utilisations_are_carried_as_ranges() -> None:
    spans = {key: (published_run(key).mfu_low, published_run(key).mfu_high) for key in ("gpt3", "gopher", "palm")}
    assert spans["gpt3"] == (0.1966, 0.213)
    assert spans["gopher"] == (0.325, 0.378)
    assert spans["palm"] == (0.457, 0.462)


def test_runs_reach_from_gpt3_to_today() -> None:
    runs = published_runs()
    assert len(runs) >= 25
    assert runs[0].key == "gpt3"
    assert runs[-1].year == 2025
    for run in runs:
        assert 0 < run.mfu_low <= run.mfu <= run.mfu_high < 1
        assert run.facts
        assert run.mfu_from_hours is None or run.mfu_from_hours < 1.05 * run.mfu_high, run.key


def test_gpt3_s_utilisation_follows_from_its_hours() -> None:
    run = published_run("gpt3")
    assert run.mfu_from_hours == pytest.approx(run.mfu, rel=0.01)


def test_every_run_with_flop_says_where_they_come_from() -> None:
    known = {row["run"]: row["flop_basis"] for row in run_rows()}
    with_flop = {key.split(".")[1] for key in facts() if key.startswith("run.") and key.endswith(".flop")}
    assert with_flop <= set(known)
    assert {known[run] for run in with_flop} <= set(BASES) - {"none"}
    assert not {run for run in with_flop if known[run] == "none"}


def test_what_is_called_6nd_is_6nd() -> None:
    for row in run_rows():
        if row["flop_basis"] != "6nd":
            continue
        key = f"run.{row['run']}"
        active = facts().get(f"{key}.active_parameters", facts()[f"{key}.parameters"]).si
        published = fact(f"{key}.flop").si
        assert published == pytest.approx(FLOP_PER_PARAMETER_TOKEN * active * fact(f"{key}.tokens").si, rel=0.05), key


FAMILY = [
    ("73m", 10, 640, 2560, 10, 64, 1.03),
    ("305m", 20, 1024, 4096, 16, 64, 1.10),
    ("552m", 24, 1280, 5120, 10, 128, 1.08),
    ("1b", 26, 1792, 7168, 14, 128, 1.04),
    ("2b", 28, 2048, 8192, 16, 128, 1.03),
    ("7b", 40, 3584, 14336, 28, 128, 0.99),
]


@pytest.mark.parametrize(("key", "layers", "hidden", "wide", "heads", "size", "printed"), FAMILY)
def test_the_published_table_of_ratios_is_reproduced(
    key: str, layers: int, hidden: int, wide: int, heads: int, size: int, printed: float
) -> None:
    """Hoffmann et al. 2022, appendix F, printed with two decimals; N with positions (d^2 a layer) and embeddings."""
    parameters = layers * 13 * hidden**2 + 32_000 * hidden
    found = training_flop_per_token(layers, hidden, wide, heads, size, 2048) / (FLOP_PER_PARAMETER_TOKEN * parameters)
    assert round(found, 2) == printed == fact(f"count.hoffmann_{key}.ratio").value


def test_two_counts_of_one_model_agree() -> None:
    found = {count.key: count.per_token for count in counts()}
    assert found["count.gb300_deepseek_v3"] == pytest.approx(found["count.deepseek_v3"], rel=0.01)
    # At twice the context attention counts more.
    assert 1.0 < found["count.gb300_llama31_405b"] / found["count.llama_405b"] < 1.05


def test_6nd_is_within_a_quarter_of_every_count_and_recomputing_adds_a_third() -> None:
    low, median, high = error_of_six_nd("counted")
    assert -0.10 < low < 0 < median < 0.06 < high < 0.25
    low, _, high = error_of_six_nd("hardware")
    assert 0.2 < low < high < 0.4
    with pytest.raises(ValueError, match="basis is '6nd'; allowed: counted, hardware"):
        error_of_six_nd("6nd")


def test_counted_runs_lie_above_6nd() -> None:
    found = {run.name: run.counted / run.six_nd - 1 for run in counted_runs()}
    assert set(found) >= {"GPT-3 175B", "Llama 3.1 405B", "DeepSeek-V3"}
    assert found["GPT-3 175B"] == pytest.approx(0.028, abs=0.005)
    assert found["DeepSeek-V3"] == pytest.approx(0.125, abs=0.005)


@pytest.mark.parametrize("key", worth_runs())
def test_one_machine_has_one_power(key: str) -> None:
    """A chip at work draws the same here and where failures are reckoned, and lost work changes energy alone."""
    run = published_run(key)
    found, scenario = worth(run, run.mfu, 0.5), run_scenario(run)
    at_work = chip_power(scenario, central_of(scenario)).at_work_w
    assert found.chips_before == pytest.approx(run.chips)
    assert found.power_before_w == pytest.approx(run.chips * at_work)
    same = worth(run, 0.3, 0.5)
    assert same.power_after_w == pytest.approx(found.power_after_w)
    assert same.chips_after == pytest.approx(found.chips_after)


@pytest.mark.parametrize("ends", [("0.5", "0.4"), ("0.01", "1"), ("0.4", "0.5")])
@pytest.mark.parametrize("key", ["gpt3", "llama31_405b", "palm"])
def test_the_verb_reads_well_at_odd_ends(key: str, ends: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    if key not in worth_runs():
        pytest.skip("not a run that a gain can be reckoned for")
    assert main(["utilisation", "--run", key, "--from", ends[0], "--to", ends[1]]) == 0
    said = capsys.readouterr().out.splitlines()
    first = " ".join(said[:2])
    assert not odd_words(first), first
    assert "(-" not in first
    assert max(map(len, said)) <= 180
    assert ("more" in first, "spent" in first) == (ends == ("0.5", "0.4"),) * 2


def test_energy_per_flop_is_the_ledger_s() -> None:
    scenario = Scenario()
    parts = usage_energy(scenario, central_of(scenario), 0.4)
    assert energy_per_flop(0.4) == pytest.approx(parts.work + parts.waiting)
    grid = np.linspace(0.05, 1.0, 40)
    assert np.all(np.diff(energy_per_flop(grid)) < 0)
    assert energy_per_flop(float(grid[7])) == pytest.approx(energy_per_flop(grid)[7])


def test_ten_points_of_utilisation_save_less_than_a_fifth() -> None:
    found = worth(published_run("llama31_405b"), 0.4, 0.5)
    saved = 1 - found.energy_after_j / found.energy_before_j
    assert 0.05 < saved < 0.2, "a chip that works harder draws more"
    assert 1 - found.power_after_w / found.power_before_w == pytest.approx(saved)
    assert found.chips_before / found.chips_after == pytest.approx(1.25)
    assert found.saved_usd == pytest.approx(saved * found.energy_before_j / 3.6e9 * 80.6)


def test_a_run_s_energy_is_near_the_published_one() -> None:
    """GPT-3 as estimated by Patterson et al. 2021; the chips' share of Llama 3.1 405B is a bound from below."""
    for key, mwh in (("gpt3", 1287.0),):
        run = published_run(key)
        found = worth(run, run.mfu, run.mfu).energy_before_j / 3.6e9
        assert mwh / 1.5 < found < 1.5 * mwh
    run = published_run("llama31_405b")
    assert 21_588 < worth(run, run.mfu, run.mfu).energy_before_j / 3.6e9 < 48_500


def test_a_benchmark_has_no_end() -> None:
    assert run_flop(published_run("megascale")) is None
    with pytest.raises(ValueError, match=r"run 'megascale' has no published FLOP or chips; allowed: .*llama31_405b"):
        worth(published_run("megascale"), 0.4, 0.5)
    with pytest.raises(ValueError, match="run is 'nothing'; allowed"):
        published_run("nothing")


@given(scenarios(), st.sampled_from(worth_runs()), st.floats(0.01, 1.0), st.floats(0.01, 1.0))
@examples(40)
def test_a_gain_is_finite_for_every_scenario(scenario: Scenario, key: str, before: float, after: float) -> None:
    run = published_run(key)
    found = worth(run, before, after, run_scenario(run, scenario))
    assert all(math.isfinite(float(x)) for x in found)
    assert min(found[:6]) > 0
    assert (found.saved_usd >= 0) == (after >= before) or found.energy_after_j == found.energy_before_j
    assert run.chip in catalogue.chip_labels()
