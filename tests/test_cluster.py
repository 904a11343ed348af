"""Power of clusters: parts, ranges, published systems, and what a power is beside other things."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from efficiency import catalogue
from efficiency.__main__ import main
from efficiency.cluster import (
    LIMITS,
    Cluster,
    cluster_parts_w,
    cluster_power_w,
    cluster_range_w,
    peak_flop_s,
)
from efficiency.cluster_systems import BASES, STANDINGS, largest, named_systems, system_named
from efficiency.facts import fact, facts, sources
from efficiency.grids import GRIDS, HOUSEHOLDS, beside, grid_power_w, household_power_w, reactor_power_w
from tests.odd_words import odd_words

CLUSTERS = st.builds(
    Cluster,
    chip=st.sampled_from(sorted(catalogue.chip_labels())),
    count=st.floats(1.0, 1e9),
    utilisation=st.floats(0.0, 1.0),
    host=st.none() | st.floats(0.0, 3.0),
    network=st.none() | st.floats(0.0, 1.0),
    pue=st.none() | st.floats(1.0, 3.0),
)


@settings(deadline=None)
@given(CLUSTERS)
def test_any_cluster_has_a_power_with_its_range(cluster: Cluster) -> None:
    found = cluster_range_w(cluster, 64)
    assert 0.0 < found.low <= found.central <= found.high < math.inf
    choices = (cluster.count, cluster.utilisation, cluster.host, cluster.network, cluster.pue)
    parts = cluster_parts_w(cluster.chip, *choices)
    assert all(part >= 0.0 for part in parts)
    assert parts.total_w() == pytest.approx(found.central)
    assert peak_flop_s(cluster.chip, cluster.count) > 0.0


def test_what_is_stated_is_exact() -> None:
    """Only the chip itself is left open."""
    left_open, stated = cluster_range_w(Cluster()), cluster_range_w(Cluster(host=0.35, network=0.05, pue=1.2))
    assert math.log(stated.high / stated.low) < 0.5 * math.log(left_open.high / left_open.low)


def test_power_grows_with_each_setting() -> None:
    counts = np.array([1.0, 1e3, 1e6])
    assert cluster_power_w("h100", counts) == pytest.approx(counts * cluster_power_w("h100", 1.0))
    for name in ("utilisation", "host", "network", "pue"):
        low, high = LIMITS[name]
        assert cluster_power_w("h100", 1.0, **{name: low}) < cluster_power_w("h100", 1.0, **{name: high})


def test_a_waiting_cluster_still_draws() -> None:
    waiting = cluster_power_w("h100", 1.0, 0.0) / cluster_power_w("h100", 1.0, 1.0)
    assert 0.2 < waiting < 0.4


def test_a_node_at_work_is_met() -> None:
    """MLPerf Training v4.0: 8 H100 drew 6.8 to 7.2 kW at the wall, 1.22 to 1.28 times their limit."""
    assert 6.8e3 < cluster_power_w("h100", 8.0, network=0.0, pue=1.0) < 7.3e3


def test_a_tpu_v4_with_its_host_draws_what_was_measured() -> None:
    assert cluster_power_w("tpu_v4", 1.0, network=0.0, pue=1.0) == pytest.approx(378.5)


@pytest.mark.parametrize("system", ["eos", "coreweave_eos_dfw", "llama31_run", "meta_24k", "colossus_1", "titan"])
def test_published_sites_have_room_for_what_their_chips_draw(system: str) -> None:
    """Facility figures are capacities or nameplates; the draw lies below, and the range reaches them."""
    chips, power = fact(f"system.{system}.chips").si, fact(f"system.{system}.power").si
    chip = catalogue.system_chip(system)
    assert chip is not None
    found = cluster_range_w(Cluster(chip, chips))
    assert 0.7 * power < found.central < power < found.high


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("chip", "abacus", "chip is 'abacus'; allowed: "),
        ("count", 0.0, "count is 0.0; allowed: 1 to 1e"),
        ("utilisation", 1.5, "utilisation is 1.5; allowed: 0 to 1"),
        ("pue", 0.9, "pue is 0.9; allowed: 1 to 3"),
        ("host", math.nan, "host is nan; allowed: 0 to 3"),
    ],
)
def test_a_bad_setting_is_named(field: str, value: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Cluster(**{field: value})  # type: ignore[arg-type]


def test_a_power_beside_other_things() -> None:
    found = beside(1e9, "us", "us")
    assert found.brains == 5e7
    # EIA: 10,791 kWh a year is 1.231 kW.
    assert found.households == pytest.approx(1e9 / 1231.0, rel=1e-3)
    # World Nuclear Association: 398 GW in 440 reactors, at 83 %.
    assert found.reactors == pytest.approx(440 / 398)
    assert found.reactors_delivered == pytest.approx(440 / 398 / 0.83)
    # 4,635 TWh a year is 529 GW.
    assert found.grid_share == pytest.approx(1 / 528.8, rel=1e-3)


def test_grids_and_households_are_of_plausible_size() -> None:
    powers = [grid_power_w(grid) for grid in ("ireland", "germany", "us", "china", "world")]
    assert powers == sorted(powers)
    assert set(GRIDS) == {"us", "china", "germany", "ireland", "world"}
    assert all(200.0 < household_power_w(place) < 2e3 for place in HOUSEHOLDS)
    assert 0.6e9 < reactor_power_w() < 1.6e9
    with pytest.raises(ValueError, match="grid is 'moon'; allowed: us"):
        grid_power_w("moon")
    with pytest.raises(ValueError, match="household is 'moon'; allowed: us"):
        household_power_w("moon")


def test_a_planned_site_says_so() -> None:
    for key in ("hyperion", "uae_campus", "colossus2_planned", "prometheus_planned", "mount_pleasant"):
        assert f"system.{key}.power" in facts()
        assert fact(f"system.{key}.power").kind in ("reported", "estimated")


def test_the_map_runs_from_2012_to_what_is_announced() -> None:
    found = named_systems()
    assert (found[0].key, found[0].year) == ("titan", 2012)
    assert {one.standing for one in found} == set(STANDINGS)
    assert {one.basis for one in found} == set(BASES)
    assert max(one.year for one in found if one.standing != "announced") == 2025
    for one in found:
        assert one.low_w <= one.power_w <= one.high_w
        assert one.sources
        assert set(one.sources) <= set(sources())


def test_published_systems_are_where_they_were_published() -> None:
    """18,688 K20X of 3.935 TFLOP/s at 32 bits; 100,000 H100; El Capitan 1.809 EFLOP/s at 60.9 GFLOP/J."""
    titan, colossus, capitan = (system_named(key) for key in ("titan", "colossus_1", "el_capitan"))
    assert titan.flop_s == pytest.approx(18_688 * 3.935e12)
    assert colossus.flop_s == pytest.approx(1e5 * 989.4e12)
    assert capitan.power_w == pytest.approx(29.7e6, rel=1e-3)
    assert capitan.standing == "measured"
    # Epoch: 4.368e19 at 16 bits.
    assert capitan.flop_s == pytest.approx(4.368e19, rel=1e-3)


def test_compute_per_joule_rose_by_two_powers_of_ten() -> None:
    gain = largest(2025).flop_per_j / largest(2012).flop_per_j
    assert 50 < gain < 150
    # 471,566 H100s by 8-bit peaks; the site's Trainium2 has 667 TFLOP/s at 16 bits and 1,299 at 8.
    assert largest(2025).flop_s == pytest.approx(471_566 * 1978.9e12 * 667 / 1299, rel=1e-3)
    with pytest.raises(ValueError, match="year is 2000; the oldest system is of 2012"):
        largest(2000)
    with pytest.raises(ValueError, match="system is 'moon'; allowed: titan, "):
        system_named("moon")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--count", "0"], "--count is 0.0; allowed: 1 to 1e+09 chips"),
        (["--utilisation", "nan"], "--utilisation is nan; allowed: 0 to 1"),
        (["--pue", "9"], "--pue is 9.0; allowed: 1 to 3"),
        (["--chip", "abacus"], "--chip is 'abacus'; allowed: "),
        (["--system", "moon"], "--system is 'moon'; allowed: titan, "),
        (["--grid", "moon"], "--grid is 'moon'; allowed: us, "),
        (
            ["--system", "titan", "--count", "5"],
            "efficiency: --count is 5, but --system titan has its power as published",
        ),
        (["--system", "titan", "--chip", "h100"], "--chip is 'h100', but --system titan"),
        (["--system", "titan", "--utilisation", "0.5"], "--utilisation is 0.5, but --system titan"),
        (["--system", "titan", "--pue", "1.2"], "--pue is 1.2, but --system titan"),
    ],
)
def test_the_verb_names_a_bad_argument(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cluster", *words]) == 2
    assert said in capsys.readouterr().err


def test_the_verb_answers_for_a_built_and_for_a_named_system(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cluster", "--chip", "b200", "--count", "8", "--pue", "1.1", "--json"]) == 0
    built = json.loads(capsys.readouterr().out)
    assert set(built) >= {"model_version", "data_version", "inputs", "results", "facts", "sources"}
    assert built["results"]["power_w"]["central"] == pytest.approx(sum(built["results"]["parts_w"].values()))
    assert set(built["facts"]) <= set(facts())
    assert main(["cluster", "--system", "hyperion", "--grid", "ireland", "--household", "germany"]) == 0
    named = capsys.readouterr().out
    assert "power announced" in named
    assert "62 % (Ireland)" in named


def test_plans_and_claims_are_no_range_of_an_estimate(capsys: pytest.CaptureFixture[str]) -> None:
    for key, later in (("abilene", "1.2 GW planned"), ("colossus2", "1 GW claimed")):
        one = system_named(key)
        assert one.low_w == one.power_w == one.high_w < one.later_w
        assert main(["cluster", "--system", key]) == 0
        assert later in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--chip", "northpole"], "50 TFLOP/s at 16 bits, extrapolated: pieced together from 8 bits"),
        (["--system", "titan"], "at 32 bits, for it has none of 16"),
        (["--count", "1e9", "--grid", "ireland"], "times as much (Ireland)"),
        (["--count", "1"], "under 0.001 %"),
    ],
)
def test_the_verb_says_what_its_numbers_are(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    count = [] if "--count" in words or "--system" in words else ["--count", "1"]
    assert main(["cluster", *words, *count]) == 0
    out = capsys.readouterr().out
    assert said in out
    assert not odd_words(out)
