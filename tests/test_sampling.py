"""Ranges as distributions: their quantiles, their limits, their seed."""

import hashlib
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from efficiency.facts import Fact, fact, facts
from efficiency.sampling import QUANTILE_95, interval, range_around, range_of_draws, sample, unit_normals
from tests.scenarios import examples

POINTS = np.array([-QUANTILE_95, 0.0, QUANTILE_95])


def record(low: float | None, value: float, high: float | None, unit: str) -> Fact:
    return replace(fact("brain.power"), value=value, low=low, high=high, unit=unit)


def test_the_95_percent_point_is_that_of_the_normal() -> None:
    assert pytest.approx(1.6448536269514722) == QUANTILE_95


@examples(300)
@given(
    value=st.floats(1e-20, 1e20),
    below=st.floats(1.0, 900.0),
    above=st.floats(1.0, 1e6),
)
def test_a_scale_quantity_has_its_range_as_5_and_95_percent(value: float, below: float, above: float) -> None:
    drawn = sample(record(value / below, value, value * above, "W"), POINTS)
    np.testing.assert_allclose(drawn, [value / below, value, value * above], rtol=1e-9)


@examples(300)
@given(ends=st.tuples(*[st.floats(0.002, 0.998)] * 3).map(sorted))
def test_a_fraction_has_its_range_as_5_and_95_percent(ends: list[float]) -> None:
    low, value, high = ends
    np.testing.assert_allclose(sample(record(low, value, high, "fraction"), POINTS), ends, rtol=1e-9)


@examples(300)
@given(ends=st.tuples(*[st.floats(0.0, 1.0)] * 3).map(sorted), normal=st.floats(-6.0, 6.0))
def test_a_fraction_stays_one(ends: list[float], normal: float) -> None:
    low, value, high = ends
    (drawn,) = sample(record(low, value, high, "fraction"), np.array([normal]))
    assert 0.0 < drawn <= 1.0


def test_a_bound_of_zero_is_moved_in() -> None:
    drawn = sample(record(0.0, 2.0, 4.0, "W"), POINTS)
    np.testing.assert_allclose(drawn, [2e-3, 2.0, 4.0])
    drawn = sample(record(0.0, 0.5, 1.0, "fraction"), POINTS)
    np.testing.assert_allclose(drawn, [1e-3, 0.5, 0.999])


def test_a_missing_side_has_no_spread() -> None:
    assert sample(record(None, 2.0, 4.0, "W"), POINTS).tolist() == pytest.approx([2.0, 2.0, 4.0])
    assert sample(record(1.0, 2.0, None, "W"), POINTS).tolist() == pytest.approx([1.0, 2.0, 2.0])


@pytest.mark.parametrize("key", [key for key, record in facts().items() if record.has_range])
def test_every_shipped_range_is_reproduced(key: str) -> None:
    record = facts()[key]
    values = sample(record, unit_normals(4096, 2)[:, 1])
    assert np.isfinite(values).all()
    assert values.min() > 0
    found = np.quantile(values, [0.05, 0.5, 0.95])
    wanted = np.array([record.si_low, record.si, record.si_high])
    if record.is_fraction:
        assert values.max() < 1
        wanted = wanted.clip(1e-3, 1 - 1e-3)
    else:
        wanted[0] = max(wanted[0], 1e-3 * record.si)
    np.testing.assert_allclose(np.log(found), np.log(wanted), atol=0.01 * max(1, np.ptp(np.log(wanted))))


def test_points_fill_their_space_evenly() -> None:
    points = unit_normals(1024, 5)
    assert points.shape == (1024, 5)
    assert not points.flags.writeable
    np.testing.assert_allclose(points.mean(axis=0), 0.0, atol=0.01)
    np.testing.assert_allclose(points.std(axis=0), 1.0, atol=0.01)
    # A thousand Sobol points have one in each of a thousand equal slices.
    slices = np.floor(np.sort(1024 * (0.5 + 0.5 * _erf(points[:, 3] / np.sqrt(2)))))
    assert (slices == np.arange(1024)).mean() > 0.99


def _erf(x: np.ndarray) -> np.ndarray:
    from scipy.special import erf

    return erf(x)


def test_the_seed_is_fixed() -> None:
    program = (
        "import hashlib; from efficiency.sampling import unit_normals;"
        "print(hashlib.sha256(unit_normals(256, 43).tobytes()).hexdigest())"
    )
    fresh = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    here = hashlib.sha256(unit_normals(256, 43).tobytes()).hexdigest()
    assert fresh.stdout.strip() == here


@examples(100)
@given(values=st.lists(st.floats(1e-30, 1e30), min_size=1, max_size=200))
def test_the_interval_is_that_of_numpy(values: list[float]) -> None:
    array = np.array(values)
    np.testing.assert_allclose(interval(array), np.quantile(array, [0.05, 0.95]), rtol=1e-12)


def test_the_interval_of_a_normal() -> None:
    low, high = interval(unit_normals(4096, 1)[:, 0])
    assert (low, high) == pytest.approx((ndtri(0.05), ndtri(0.95)), abs=0.01)


@examples(100)
@given(values=st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=64), central=st.floats(-1e9, 1e9))
def test_a_range_holds_its_central_value_and_the_interval(values: list[float], central: float) -> None:
    low, high = interval(np.array(values))
    for found in (range_around(central, np.array(values)), range_of_draws(central, values)):
        assert found.low <= found.central == central <= found.high
    assert range_around(central, np.array(values)) == (min(low, central), central, max(high, central))
    assert set(range_of_draws(central, values)) <= {central, *values}


def test_the_range_of_one_number_is_that_number() -> None:
    assert range_around(2.0, 2.0) == (2.0, 2.0, 2.0)
