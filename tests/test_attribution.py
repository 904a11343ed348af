"""Shares of a gain: synthetic ledgers whose factors are known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.attribution import MOST_LEVERS, members, shares
from tests.scenarios import examples


def gains(energies: Sequence[float]) -> np.ndarray:
    logs = np.log10(np.array(energies))
    return logs[0] - logs


def ledger(parts: Sequence[float], levers: Sequence[dict[int, float]]) -> np.ndarray:
    """Energies of parts by subset; a lever multiplies some of the parts."""
    found = []
    for subset in members(len(levers)):
        cut = list(parts)
        for lever, pulled in zip(levers, subset, strict=True):
            for part, factor in lever.items():
                cut[part] *= factor if pulled else 1.0
        found.append(sum(cut))
    return gains(found)


def test_subsets_are_numbered_by_their_bits() -> None:
    held = members(3)
    assert held.shape == (8, 3)
    assert not held[0].any()
    assert held[7].all()
    assert held[5].tolist() == [True, False, True]


@pytest.mark.parametrize("levers", [0, MOST_LEVERS + 1])
def test_too_many_levers_are_refused(levers: int) -> None:
    with pytest.raises(ValueError, match=f"levers is {levers}; allowed: 1 to 9"):
        members(levers)


def test_gains_are_checked() -> None:
    with pytest.raises(ValueError, match="3 rows"):
        shares(np.zeros(3))
    with pytest.raises(ValueError, match="not 0"):
        shares(np.ones(4))


def test_factors_on_the_whole_ledger_are_recovered() -> None:
    """Factors of 10, 100 and 2 on everything: each lever gets its own, in any order, and nothing overlaps."""
    found = shares(ledger([3.0, 5.0], [{0: 0.1, 1: 0.1}, {0: 0.01, 1: 0.01}, {0: 0.5, 1: 0.5}]))
    for what in (found.shapley, found.alone, found.last_in):
        assert what == pytest.approx([1.0, 2.0, np.log10(2)])
    assert found.overlap == pytest.approx(0.0, abs=1e-12)


def test_a_known_ledger_by_hand() -> None:
    """Parts 6 and 4. The first lever halves the first part, the second removes three quarters of the second."""
    found = shares(ledger([6.0, 4.0], [{0: 0.5}, {1: 0.25}]))
    first, second, both = np.log10(10 / 7), np.log10(10 / 7), np.log10(10 / 4)
    assert found.alone == pytest.approx([first, second])
    assert found.last_in == pytest.approx([np.log10(7 / 4)] * 2)
    assert found.shapley == pytest.approx([both / 2] * 2)
    assert found.overlap == pytest.approx(first + second - both)
    assert found.overlap < 0, "levers on different parts gain more together"


def test_a_lever_that_changes_nothing_gets_exactly_nothing() -> None:
    found = shares(ledger([1.0, 2.0, 3.0], [{0: 0.5}, {}, {1: 0.1, 2: 0.3}, {2: 1.0}]))
    for what in (found.shapley, found.alone, found.last_in):
        assert what[1] == 0.0
        assert what[3] == 0.0


def test_equal_levers_get_equal_shares() -> None:
    found = shares(ledger([5.0, 1.0], [{0: 0.2}, {1: 0.9}, {0: 0.2}]))
    assert found.shapley[0] == pytest.approx(found.shapley[2], rel=1e-14)


def test_two_levers_that_remove_the_same_bytes_show_the_overlap() -> None:
    """Batching and memory on the chip both remove nearly all of the same reads."""
    parts = [99.0, 1.0]
    reads = [{0: 0.001}, {0: 0.001}]
    found = shares(ledger(parts, reads))
    alone = np.log10(100 / (1 + 0.099))
    assert found.alone == pytest.approx([alone, alone])
    assert found.last_in == pytest.approx([0.041, 0.041], abs=1e-3)
    assert found.overlap == pytest.approx(2 * alone - found.together)
    assert found.overlap > 1.9


@examples(100)
@given(
    values=st.integers(1, 6).flatmap(
        lambda n: st.lists(st.floats(1e-12, 1e3), min_size=2**n, max_size=2**n).map(lambda e: (n, e))
    )
)
def test_a_share_is_the_mean_over_all_orders(values: tuple[int, list[float]]) -> None:
    levers, energies = values
    gained = gains(energies)
    found = shares(gained)
    orders = list(permutations(range(levers)))
    expected = np.zeros(levers)
    for order in orders:
        subset = 0
        for lever in order:
            expected[lever] += gained[subset | 1 << lever] - gained[subset]
            subset |= 1 << lever
    assert found.shapley == pytest.approx(expected / len(orders), abs=1e-9)
    assert found.shapley.sum() == pytest.approx(float(found.together), abs=1e-9)


def test_samples_are_attributed_each_for_itself() -> None:
    rng = np.random.default_rng(5)
    gained = np.log10(rng.uniform(0.1, 10, (16, 7)))
    gained[0] = 0.0
    together = shares(gained)
    for column in range(7):
        assert together.shapley[:, column] == pytest.approx(shares(gained[:, column]).shapley)
        assert together.overlap[column] == pytest.approx(float(shares(gained[:, column]).overlap))
