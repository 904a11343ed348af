"""Scaling laws: published optima are reproduced, closed forms agree with a search, ranges hold what was printed."""

from __future__ import annotations

import argparse
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar

from efficiency.facts import fact
from efficiency.inference_aware import inference_aware, kaplan_published
from efficiency.scaling_draws import loss_range, ratio_range, refit_draws, size_range
from efficiency.scaling_energy import prices, served, served_range, training_j
from efficiency.scaling_laws import (
    LAWS,
    AdditiveLaw,
    floor,
    law,
    loss,
    optimal,
    optimal_for_loss,
    optimal_numeric,
    tokens_for_loss,
)
from efficiency.scaling_report import answer, as_data, as_text
from efficiency.scaling_steps import FLOP_STEPS
from efficiency.scaling_wall import text_stock, trained_models, wall_flop
from efficiency.scenario import Scenario
from efficiency.topics import TopicError
from efficiency.workloads import decode_energies, training_energies
from tests.scenarios import examples, scenarios

CHINCHILLA_FLOP = 5.76e23
KEYS = tuple(LAWS)
BUDGETS = st.floats(15.0, 30.0).map(lambda x: 10.0**x)


def test_the_published_law_gives_59_to_93_tokens_per_parameter_and_the_refit_18() -> None:
    ratios = {key: optimal(key, CHINCHILLA_FLOP).tokens_per_parameter for key in KEYS}
    assert ratios["chinchilla"] == pytest.approx(93, abs=0.5)
    assert ratios["chinchilla_unrounded"] == pytest.approx(59, abs=0.5)
    assert ratios["refit"] == pytest.approx(18.4, abs=0.1)
    # Gopher's budget: 40 billion parameters, as the paper's third approach says in words.
    assert optimal("chinchilla_unrounded", CHINCHILLA_FLOP).parameters == pytest.approx(40e9, rel=0.02)


def test_exponents_are_as_published() -> None:
    for key, exponent in (("refit", 0.513), ("chinchilla_unrounded", 0.457)):
        sizes = [math.log10(optimal(key, flop).parameters) for flop in (1e22, 1e24)]
        assert (sizes[1] - sizes[0]) / 2 == pytest.approx(exponent, abs=1e-3)
    # Kaplan's appendix B: the exponent of compute is 1 / (1/alpha_S + 1/alpha_B + 1/alpha_N), about 0.052.
    losses = [math.log10(optimal("kaplan", flop).loss) for flop in (1e22, 1e24)]
    assert (losses[0] - losses[1]) / 2 == pytest.approx(0.0524, abs=1e-3)


def test_the_first_law_s_own_rule() -> None:
    """At 1e21 FLOP the rule of thumb gives 4.68 billion parameters, as Hoffmann et al. read it in appendix D.4."""
    assert kaplan_published(1e21).parameters == pytest.approx(4.68e9, rel=0.005)
    assert kaplan_published(CHINCHILLA_FLOP).tokens_per_parameter < 1


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("flop", [1e18, 1e21, CHINCHILLA_FLOP, 1e27])
def test_the_closed_form_is_what_a_search_finds(key: str, flop: float) -> None:
    closed, found = optimal(key, flop), optimal_numeric(key, flop)
    assert found.parameters == pytest.approx(closed.parameters, rel=1e-4)
    assert found.loss == pytest.approx(closed.loss, rel=1e-10)
    assert closed.flop == pytest.approx(flop)
    assert closed.loss == pytest.approx(float(loss(key, closed.parameters, closed.tokens)))


@given(st.sampled_from(KEYS), BUDGETS, st.floats(-3.0, 3.0))
@examples(80)
def test_no_other_split_is_better(key: str, flop: float, moved: float) -> None:
    best = optimal(key, flop)
    other = loss(key, best.parameters * 10**moved, best.tokens / 10**moved)
    assert 0 < best.loss <= other * (1 + 1e-12)
    assert math.isfinite(other)


@given(st.sampled_from(KEYS), st.floats(6.0, 14.0), st.floats(8.0, 18.0))
@examples(80)
def test_tokens_are_the_inverse_of_loss(key: str, size: float, tokens: float) -> None:
    n, d = 10.0**size, 10.0**tokens
    value = loss(key, n, d)
    assert value > floor(key, n) > 0
    assert math.log10(tokens_for_loss(key, n, value)) == pytest.approx(tokens, abs=1e-4)
    assert loss(key, n, 10 * d) < value
    assert tokens_for_loss(key, n, 0.999 * floor(key, n)) == math.inf


@given(st.sampled_from(KEYS), BUDGETS)
@examples(40)
def test_the_cheapest_way_to_a_loss_is_the_best_for_its_budget(key: str, flop: float) -> None:
    best = optimal(key, flop)
    back = optimal_for_loss(key, best.loss)
    assert back.parameters == pytest.approx(best.parameters, rel=1e-5)
    assert back.flop == pytest.approx(flop, rel=1e-4)


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="kaplan, chinchilla"):
        law("gopher")
    with pytest.raises(ValueError, match=r"above 1\.817"):
        optimal_for_loss("refit", 1.8)
    with pytest.raises(ValueError, match="above 0"):
        optimal_for_loss("kaplan", -1.0)


def test_arrays_are_their_elements() -> None:
    flop = np.array([1e20, 1e24])
    for key in KEYS:
        both = optimal(key, flop)
        for index, one in enumerate(flop.tolist()):
            single = optimal(key, one)
            assert [float(x[index]) for x in both] == pytest.approx([float(x) for x in single])


@pytest.mark.parametrize("name", ["small", "large"])
def test_published_examples_of_serving(name: str) -> None:
    """Sardana et al.: quality of a compute-optimal 13 or 30 billion, 2 or 10 trillion tokens served, in FLOP."""
    quality, tokens = {"small": (13e9, 2e12), "large": (30e9, 1e13)}[name]
    key = "chinchilla_unrounded"
    flop = 10 ** brentq(lambda x: optimal(key, 10**x).parameters - quality, 18, 27)
    best = optimal(key, flop)
    found = inference_aware(key, best.loss, tokens, 1.0, 2.0)
    published = {part: fact(f"scaling.sardana_{name}.{part}").si for part in ("size", "data", "saved")}
    assert found.chosen.parameters == pytest.approx(published["size"], rel=0.03)
    assert found.chosen.tokens / best.tokens == pytest.approx(published["data"], rel=0.04)
    assert found.saved_share == pytest.approx(published["saved"], abs=0.015)


@given(st.sampled_from(KEYS), st.floats(18.0, 27.0), st.floats(9.0, 18.0), st.floats(-1.0, 3.0))
@examples(25)
def test_serving_is_weighed_as_a_search_would(key: str, budget: float, tokens: float, ratio: float) -> None:
    target, total, price = optimal(key, 10**budget).loss, 10**tokens, 10**ratio
    found = inference_aware(key, target, total, 1.0, price)

    def log_energy(log_size: float) -> float:
        size = math.exp(log_size)
        spent = 6 * size * float(tokens_for_loss(key, size, target)) + price * total * size
        return min(math.log(spent), 1e3)

    centre = math.log(found.chosen.parameters)
    searched = minimize_scalar(log_energy, bounds=(centre - 0.5, centre + 0.5), method="bounded")
    assert math.log(found.total_j) <= searched.fun + 1e-6
    assert found.chosen.parameters <= found.optimum.parameters * (1 + 1e-9)
    assert -1e-9 <= found.saved_share < 1
    assert loss(key, found.chosen.parameters, found.chosen.tokens) == pytest.approx(target, rel=1e-6)


def test_nothing_served_is_the_compute_optimum() -> None:
    found = inference_aware("refit", optimal("refit", 1e24).loss, 0.0, 1e-12, 1e-11)
    assert found.chosen == found.optimum
    assert found.saved_share == 0


def test_more_served_is_smaller_and_longer() -> None:
    sizes = [float(served(Scenario(), "refit", 1e24, 10.0**n).chosen.parameters) for n in range(9, 18)]
    assert sizes == sorted(sizes, reverse=True)


@given(st.floats(18.0, 30.0), st.floats(9.0, 20.0))
@examples(25)
def test_no_size_reads_more_than_there_is(budget: float, tokens: float) -> None:
    found, stock = served(Scenario(), "refit", 10**budget, 10**tokens), text_stock().central
    assert found.chosen.tokens <= max(stock, found.optimum.tokens) * (1 + 1e-6)
    assert loss("refit", found.chosen.parameters, found.chosen.tokens) == pytest.approx(found.optimum.loss, rel=1e-6)
    assert -1e-9 <= found.saved_share < 1
    free = inference_aware("refit", found.optimum.loss, 10**tokens, *prices(Scenario())[::2])
    if free.chosen.tokens < stock:
        assert found.chosen.parameters == pytest.approx(free.chosen.parameters)
        assert not found.text_binds
    else:
        assert found.text_binds
        assert found.total_j >= free.total_j * (1 - 1e-9)


def test_where_text_or_tests_end_the_verb_says_so() -> None:
    said = as_text(answer(given_arguments(law="inference-aware", served_tokens=1e16)))
    assert "300 trillion" in said
    assert "held               by the stock of public text" in said
    assert "10,000 tokens for each parameter" in said
    plain = as_text(answer(given_arguments(law="inference-aware")))
    assert "held" not in plain
    assert "untested" not in plain


def test_served_tokens_count_under_one_law_only() -> None:
    with pytest.raises(TopicError, match="--law is refit; allowed: --law inference-aware"):
        answer(given_arguments(served_tokens=1e12))


def test_draws_give_back_the_printed_intervals() -> None:
    drawn = refit_draws(1024)
    for name in AdditiveLaw._fields:
        low, high = np.quantile(getattr(drawn, name), (0.025, 0.975))
        printed = fact(f"scaling.refit.{name}")
        assert low == pytest.approx(printed.si_low, rel=0.18)
        assert high == pytest.approx(printed.si_high, rel=0.18)
    assert np.corrcoef(np.log(drawn.a), drawn.alpha)[0, 1] > 0.99


@pytest.mark.parametrize("flop", [1e19, 1e21, CHINCHILLA_FLOP, 1e28])
def test_ranges_hold_their_centre(flop: float) -> None:
    for low, central, high in (ratio_range(flop), size_range(flop), loss_range(flop)):
        assert 0 < low < central < high
    assert ratio_range(CHINCHILLA_FLOP).low < 20 < ratio_range(CHINCHILLA_FLOP).high, "the rule of thumb lies within"


def test_prices_are_the_ledgers() -> None:
    from efficiency.catalogue import model
    from efficiency.inputs import central_inputs

    scenario = Scenario()
    inputs = central_inputs("own", scenario.chip, scenario.run, 16.0, scenario.engine)
    found = prices(scenario)
    energies, flop = training_energies(scenario, inputs)
    assert found.training_j_per_flop == pytest.approx(energies.total_j() / flop)
    size = model(scenario.model).active_parameters
    assert found.serving_j_per_parameter_token * size == pytest.approx(decode_energies(scenario, inputs)[0].total_j())


@given(scenarios(), st.sampled_from(list(FLOP_STEPS.values())), st.sampled_from([1e9, 1e13, 1e17]))
@examples(25)
def test_every_scenario_has_positive_energies(scenario: Scenario, flop: float, tokens: float) -> None:
    assert all(math.isfinite(price) and price > 0 for price in prices(scenario))
    low, central, high = training_j(scenario, flop, 64)
    assert 0 < low <= central <= high < math.inf
    found = served_range(scenario, flop, tokens, 64)
    assert 0 < found.size.low <= found.size.central <= found.size.high
    assert -1e-9 <= found.saved.low <= found.saved.high < 1
    assert math.isfinite(found.central.total_j)


def test_published_models_lie_where_their_records_say() -> None:
    found = {run.key: run for run in trained_models()}
    assert found["llama3_8b"].tokens_per_parameter == pytest.approx(1875)
    assert found["chinchilla"].tokens_per_parameter == pytest.approx(20)
    assert found["gpt3"].tokens_per_parameter < 2
    assert found["deepseek_v3"].parameters == fact("run.deepseek_v3.active_parameters").si
    assert found["gpt4"].estimated
    assert not found["gpt3"].estimated


@pytest.mark.parametrize("key", KEYS)
def test_the_wall_is_where_the_optimum_needs_all_text(key: str) -> None:
    for flop, tokens in zip(wall_flop(key), text_stock(), strict=True):
        assert optimal(key, flop).tokens == pytest.approx(tokens, rel=1e-6)


def given_arguments(**changed: object) -> argparse.Namespace:
    return argparse.Namespace(**{"flop": CHINCHILLA_FLOP, "law": "refit", "served_tokens": None} | changed)


@pytest.mark.parametrize("name", ["kaplan", "chinchilla", "refit", "inference-aware"])
def test_the_verb_answers(name: str) -> None:
    found = answer(given_arguments(law=name))
    data = as_data(found)
    assert data["inputs"]["law"] == name
    assert data["results"]["parameters"] > 0
    assert data["facts"]
    assert data["sources"]
    said = as_text(found)
    assert "nats per token" in said
    assert ("unrounded" in said) == (name == "chinchilla")
    assert ("saved" in said) == (name == "inference-aware")


@pytest.mark.parametrize("wrong", [{"flop": 1e10}, {"flop": math.nan}, {"served_tokens": -1.0}])
def test_the_verb_refuses_what_is_outside(wrong: dict[str, float]) -> None:
    with pytest.raises(TopicError, match=r"--flop|--served-tokens"):
        answer(given_arguments(**wrong))
