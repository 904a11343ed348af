"""The precision lever: gains and laws from the records, and nothing but sound numbers for any scenario."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.facts import fact
from efficiency.gap import evaluate
from efficiency.precision import WIDTHS, at_width, best_width, widths
from efficiency.precision_history import (
    GENERATIONS,
    NEWEST,
    cmos_headroom,
    generations,
    huang_factors,
    operation,
    split,
)
from efficiency.precision_quality import (
    REFERENCE_BITS,
    effective_share,
    equal_quality_growth,
    has_law,
    same_quality,
)
from efficiency.precision_weights import BATCHES, break_even_batch, weights_only
from efficiency.scenario import BITS, Scenario
from tests.scenarios import examples, scenarios


def test_k20x_to_b200_is_537_times_of_it_four_to_five_at_the_same_format() -> None:
    found = split("b200")
    assert found.whole.central == pytest.approx(537, abs=0.5)
    assert 4.0 <= found.same_format.central <= 5.0
    assert 4.0 <= split("b300").same_format.central <= 5.0


@pytest.mark.parametrize("chip", NEWEST)
def test_the_parts_of_the_gain_multiply_to_the_whole(chip: str) -> None:
    found = split(chip)
    product = found.same_format.central * found.matrix_units.central * found.fewer_bits.central
    assert product == pytest.approx(found.whole.central, rel=1e-12)
    for part in (found.whole, found.same_format, found.matrix_units, found.fewer_bits):
        assert 1.0 < part.low <= part.central <= part.high
    assert found.matrix_units.central > found.same_format.central, "most of it is a changed question"


def test_where_published_chips_disagree_the_range_says_so() -> None:
    found = split("b200")
    assert found.same_format.low == pytest.approx(found.same_format.central * 62 / 80)
    assert split("b300").whole.low == pytest.approx(235 / 3.935 / (1100 / 12600))


def test_huang_s_factors_make_a_thousand_in_speed() -> None:
    assert math.prod(huang_factors().values()) == fact("huang.all").si == 1000.0
    assert fact("huang.all").unit == "x"
    assert fact("chip.b200.tdp").si > 4 * fact("chip.k20x.tdp").si, "speed is not energy: power limits rose too"


def test_headroom_of_cmos_over_the_b200() -> None:
    assert cmos_headroom() == pytest.approx(4.7e15 / 9e12 * 1.0, rel=1e-3)
    assert cmos_headroom() == pytest.approx(522, abs=0.5)
    with pytest.raises(ValueError, match="k20x"):
        cmos_headroom("k20x")


def test_the_history_holds_every_generation_and_only_formats_that_exist() -> None:
    found = generations()
    assert {one.chip for one in found} == set(GENERATIONS)
    assert operation("k20x", 16.0) is None
    for one in found:
        assert 0.0 < one.low_j <= one.energy_j <= one.high_j
    with pytest.raises(ValueError, match="h100"):
        split("h100")


def test_kumar_s_law_gives_the_values_of_the_paper() -> None:
    # arXiv:2411.04330, appendix K: 1 - exp(-4 / 2.6745), over the same at 16 bits.
    assert effective_share(4.0, "weights", offset=False) == pytest.approx(0.7759 / 0.9975, abs=5e-4)
    assert equal_quality_growth(4.0).high > 4.0
    assert effective_share(1.0, "activations", offset=True) == 0.0


def test_the_published_efficiencies_are_met() -> None:
    assert equal_quality_growth(2.0).central == pytest.approx(1 / 0.16)
    assert equal_quality_growth(4.0).central == pytest.approx(1 / math.sqrt(0.70 * 0.747))
    assert equal_quality_growth(1.0).high == pytest.approx(1 / 0.02)
    assert equal_quality_growth(8.0).central == 1.0, "QuEST's 1.02 at 8 bits is no gain"
    assert [bits for bits in BITS if not has_law(bits)] == [1.58, 6.0]


@given(st.floats(0.25, 64.0), st.floats(0.25, 64.0))
@examples(200)
def test_fewer_bits_never_need_a_smaller_model(one: float, other: float) -> None:
    few, many = sorted((one, other))
    low, high = equal_quality_growth(many), equal_quality_growth(few)
    for less, more in zip(low, high, strict=True):
        assert less <= more * (1 + 1e-12)
    assert 1.0 <= high.low <= high.central <= high.high < math.inf
    apart = equal_quality_growth(few, many)
    assert 1.0 <= apart.low <= apart.central <= apart.high
    assert apart.central <= high.central * (1 + 1e-12), "wider activations do not need a larger model"


def test_wide_numbers_need_no_larger_model() -> None:
    for bits in (16.0, 19.0, 64.0):
        assert equal_quality_growth(bits) == (1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="0"):
        equal_quality_growth(0.0)
    with pytest.raises(ValueError, match="nan"):
        equal_quality_growth(math.nan)


def test_quantised_models_agree_with_the_laws_for_weights_alone() -> None:
    found = same_quality()
    assert {one.bits for one in found} == {4.0, 3.0, 2.0}
    for one in found:
        growth = equal_quality_growth(one.bits, 8.0)
        assert 0.9 * growth.low <= one.growth <= 1.15 * growth.high, one
    # By hand: 3.84 lies between 4.10 (32.5 billion) and 3.53 (65.2 billion) on logarithms.
    share = math.log(4.10 / 3.84) / math.log(4.10 / 3.53)
    size = 32.5 * (65.2 / 32.5) ** share
    llama = next(one for one in found if one.model == "llama1_65b" and one.bits == 4.0)
    assert llama.growth == pytest.approx(65.2 / size)


def test_the_ledger_by_width_is_the_ledger() -> None:
    for bits in (16.0, 4.0):
        scenario = Scenario(bits=bits)
        found = at_width(scenario, bits)
        assert found.total_j == pytest.approx(evaluate(scenario).ledger.total_j, rel=1e-12)
        assert sum(part.energy_j for part in found.parts) == pytest.approx(found.total_j, rel=1e-12)
    with pytest.raises(ValueError, match="allowed: 64"):
        at_width(Scenario(), 7.0)


def test_the_ledger_shrinks_unevenly() -> None:
    sixteen, one = at_width(Scenario(), 16.0), at_width(Scenario(), 1.0)
    falls = [
        before.energy_j / after.energy_j
        for before, after in zip(sixteen.parts, one.parts, strict=True)
        if after.energy_j
    ]
    assert max(falls) > 2 * min(falls)
    assert one.saving.central < 16


def test_restored_quality_takes_back_some_of_the_saving() -> None:
    for width in widths(Scenario()):
        assert width.saving_at(True).central <= width.saving_at(False).central
    assert best_width(Scenario(), equal_quality=False).bits <= best_width(Scenario(), equal_quality=True).bits


@given(scenarios())
@examples(120)
def test_every_scenario_has_sound_numbers_at_every_width(scenario: Scenario) -> None:
    found = widths(scenario)
    assert tuple(width.bits for width in found) == WIDTHS
    for width in found:
        for part in width.parts:
            assert part.energy_j >= 0.0
            assert math.isfinite(part.energy_j)
        for factor in (width.saving, width.growth, width.saving_at(True)):
            assert 0.0 < factor.low <= factor.central <= factor.high < math.inf
        for value in (width.total_j, width.bare_j, width.chip_j, width.weights_bytes):
            assert 0.0 < value < math.inf
        if width.bits == REFERENCE_BITS:
            assert width.saving.central == 1.0
    assert best_width(scenario, equal_quality=True) in found


@given(scenarios(workload="decode", density=1.0))
@examples(60)
def test_the_same_model_never_costs_more_with_fewer_bits(scenario: Scenario) -> None:
    totals = [width.total_j for width in widths(replace(scenario, bits=16.0))]
    for wide, narrow in itertools.pairwise(totals):
        assert narrow <= wide * (1 + 1e-9)


def test_weights_alone_cost_more_than_eight_bits_beyond_some_batch() -> None:
    found = weights_only()
    assert tuple(one.batch for one in found) == BATCHES
    ratios = [one.ratio for one in found]
    assert ratios == sorted(ratios)
    even = break_even_batch()
    assert even is not None
    assert BATCHES[0] < even < BATCHES[-1]
