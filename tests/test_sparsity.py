"""Sparsity: published laws and tables are reproduced, bookkeeping keeps its limits, spikes have their break-even."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import least_squares

from efficiency.catalogue import model
from efficiency.draws import sampled_inputs
from efficiency.experts import touched_share
from efficiency.facts import fact
from efficiency.gap import inputs_for
from efficiency.inputs import central_inputs
from efficiency.scenario import Scenario
from efficiency.sparsity import (
    KINDS,
    always_used_share,
    lowest_density,
    saving,
    sparse_energies,
    sweep,
    weight_work,
)
from efficiency.sparsity_quality import (
    KINDS as QUALITY_KINDS,
)
from efficiency.sparsity_quality import (
    equal_quality_growth,
    experts_growth_exponent,
    kept_of_dense,
    least_density,
    pruned_once_growth,
    sparse_law,
)
from efficiency.spiking import (
    active_share,
    best_failure_share,
    break_even_activity,
    dense_multiply_add_j,
    halapoint_brain_power_w,
    published_thresholds,
)
from efficiency.workloads import decode_energies
from tests.scenarios import examples, scenarios

H100 = central_inputs("own", "h100", "gpt3", 16.0)
DENSITIES = st.floats(math.log(1e-3), 0.0).map(lambda x: min(math.exp(x), 1.0))

# Validation losses of T5 on C4 by sparsity, size and steps: google-research/jaxpruner, projects/bigsparse, t5-data.csv
# (Apache-2.0). One row: size at no sparsity; then kept share 1, 1/2, 1/4, 1/8 at 250, 500 and 1,000 thousand steps.
LOSSES = {
    1 / 128:
    ((3.12564, 2.84170, 2.74684, 2.69375),
     (3.07983, 2.78036, 2.70355, 2.64906),
     (3.03343, 2.73833, 2.66798, 2.62703)),
    1 / 32:
    ((2.55453, 2.39192, 2.32096, 2.28546),
     (2.49990, 2.32459, 2.26910, 2.23426),
     (2.45077, 2.28497, 2.22563, 2.19884)),
    1 / 8:
    ((2.17599, 2.04773, 1.98791, 1.97255),
     (2.10305, 1.98413, 1.92265, 1.90331),
     (2.05402, 1.92399, 1.86596, 1.85098)),
    1 / 2:
    ((1.88278, 1.81776, 1.76832, 1.76103),
     (1.79990, 1.72298, 1.68533, 1.67451),
     (1.74006, 1.65395, 1.61100, 1.60297)),
}  # fmt: skip


def losses() -> tuple[np.ndarray, ...]:
    rows = [
        (kept, 170.0 * size, steps, loss)
        for size, table in LOSSES.items()
        for steps, row in zip((0.25, 0.5, 1.0), table, strict=True)
        for kept, loss in zip((1.0, 0.5, 0.25, 0.125), row, strict=True)
    ]
    return tuple(np.array(rows).T)


def test_the_law_for_text_is_the_fit_of_the_published_losses() -> None:
    kept, size, steps, loss = losses()
    law = sparse_law("text")

    def residuals(constants: np.ndarray) -> np.ndarray:
        a, b, c, n, e, f, g = constants
        said = (a * kept**b + c) * size**-n + e * steps**-f + g
        return np.log(np.maximum(said, 1e-9)) - np.log(loss)

    found = least_squares(residuals, (*law, 0.17, 0.38, 0.83), loss="huber", f_scale=1e-3, max_nfev=5000).x
    for density in (0.5, 0.25, 0.125):
        refitted = kept_of_dense(type(law)(*found[:4]), density)
        assert kept_of_dense(law, density) == pytest.approx(refitted, rel=0.02)
    assert np.sqrt(np.mean(residuals(found) ** 2)) < 0.01


def test_the_law_for_images_gives_the_published_multipliers() -> None:
    """Frantar 2023: a half-sparse image model is worth a dense one of 1.60 times its kept weights."""
    assert 1 / kept_of_dense(sparse_law("image"), 0.5) == pytest.approx(1.60, abs=0.005)


def test_laws_agree_on_training_half_sparse() -> None:
    decoders = 1 / fact("sparse_law.half_multiplier").si
    low, central, high = equal_quality_growth("unstructured", 0.5)
    assert low == pytest.approx(decoders, rel=0.03)
    assert low <= central < high


def test_pruning_once_does_not_pay() -> None:
    """Half of the weights of a model that must be 2.9 or 10 times as large is more, not less."""
    assert pruned_once_growth("unstructured") * 0.5 > 1.4
    assert pruned_once_growth("two_four") * 0.5 > 5
    with pytest.raises(ValueError, match="two_four, unstructured"):
        pruned_once_growth("experts")


def test_pruned_models_are_as_published() -> None:
    assert fact("pruned.llama2_70b.2of4_wanda").si == 5.16
    assert fact("pruned.llama2_7b.dense").si == 5.12
    assert [fact(f"two_four.mmlu_{x}").value for x in ("dense", "pruned", "tuned")] == [66.7, 40.4, 60.4]
    assert [fact(f"reasoning.{x}").value for x in ("dense", "two_four", "six_eight")] == [54.0, 15.3, 51.6]


def test_experts_of_like_quality_are_reproduced() -> None:
    low, central, high = experts_growth_exponent()
    assert low < central < high < 0.5
    qwen, dense = model("qwen3_30b_a3b"), model("qwen3_14b")
    growth = equal_quality_growth("experts", qwen.active_parameters / qwen.parameters).central
    assert growth * dense.parameters == pytest.approx(qwen.parameters)


@pytest.mark.parametrize("kind", QUALITY_KINDS)
def test_growth_rises_as_the_model_thins(kind: str) -> None:
    assert equal_quality_growth(kind, 1.0) == pytest.approx((1.0, 1.0, 1.0))
    before = equal_quality_growth(kind, 1.0)
    for density in np.geomspace(1.0, 1e-3, 40)[1:]:
        growth = equal_quality_growth(kind, float(density))
        assert 1.0 - 1e-12 <= growth.low <= growth.central <= growth.high
        assert all(now >= then - 1e-12 for now, then in zip(growth, before, strict=True))
        before = growth
    assert 0.0 < least_density(kind) <= 0.5


def test_what_growth_refuses() -> None:
    with pytest.raises(ValueError, match="spikes"):
        equal_quality_growth("spikes", 0.5)
    for density in (0.0, -1.0, 1.1, math.nan):
        with pytest.raises(ValueError, match="density"):
            equal_quality_growth("experts", density)
    with pytest.raises(ValueError, match="kind"):
        least_density("spikes")
    with pytest.raises(ValueError, match="kind"):
        weight_work("spikes", 0.5, 1.0, 16.0)


def test_two_four_is_what_hardware_stores() -> None:
    """Two bits say which two of four: 9/16 of 16-bit weights, 5/8 of 8-bit ones."""
    assert weight_work("two_four", 0.5, 64.0, 16.0).read == pytest.approx(9 / 16)
    assert weight_work("two_four", 0.5, 64.0, 8.0).read == pytest.approx(5 / 8)


def test_one_conversation_touches_its_own_weights_only() -> None:
    for kind in ("activation", "experts"):
        assert weight_work(kind, 0.1, 1.0, 16.0).read == pytest.approx(0.1)


def test_experts_are_touched_as_in_the_model_of_serving() -> None:
    found = model("gpt_oss_120b")
    density = found.active_parameters / found.parameters
    for batch in (1.0, 8.0, 64.0, 512.0):
        always = always_used_share()
        expected = always + (1 - always) * touched_share(found, batch)
        assert weight_work("experts", density, batch, 16.0).read == pytest.approx(expected, rel=1e-9)


def test_dense_is_the_ledger_of_the_workload() -> None:
    for kind in KINDS:
        assert sparse_energies(Scenario(), H100, kind, 1.0).total_j() == pytest.approx(
            decode_energies(Scenario(), H100)[0].total_j(), rel=1e-12
        )


@pytest.mark.parametrize("density", [0.5, 0.25, 0.01])
@pytest.mark.parametrize("changed", [{}, {"chip": "groq"}, {"batch": 1.0}, {"batch": 4096.0}, {"bits": 4.0}])
def test_skipped_zeros_are_the_density_of_the_ledger(changed: dict[str, str | float], density: float) -> None:
    scenario = Scenario(**changed)  # type: ignore[arg-type]
    inputs = inputs_for(scenario)
    ledger = decode_energies(replace(scenario, density=density), inputs)[0].total_j()
    assert sparse_energies(scenario, inputs, "skipped", density).total_j() == pytest.approx(ledger, rel=1e-9)


@given(scenarios(), st.sampled_from(list(KINDS)), DENSITIES, DENSITIES)
@examples(60)
def test_less_work_never_costs_more_and_never_saves_more_than_its_share(
    scenario: Scenario, kind: str, one: float, other: float
) -> None:
    inputs = central_inputs(scenario.system, scenario.chip, scenario.run, scenario.bits, scenario.engine)
    less, more = min(one, other), max(one, other)
    dense, thick, thin = (
        float(sparse_energies(scenario, inputs, kind, density).total_j()) for density in (1.0, more, less)
    )
    assert all(math.isfinite(x) and x > 0 for x in (dense, thick, thin))
    assert thin <= thick * (1 + 1e-9)
    assert thick <= dense * (1 + 1e-9)
    assert thin >= less * dense * (1 - 1e-9)


@given(scenarios(), st.sampled_from(list(KINDS)))
@examples(40)
def test_every_step_of_the_slider_is_a_ledger(scenario: Scenario, kind: str) -> None:
    densities = (1.0, 0.5, 0.1, 0.01, 0.001)
    for equal_quality in (False, True):
        ledger = sweep(scenario, kind, densities, equal_quality)
        for part in ledger:
            assert np.isfinite(part).all()
            assert (np.asarray(part) >= 0).all()


def test_a_sweep_is_its_points() -> None:
    densities = (1.0, 0.3, 0.02)
    for kind in KINDS:
        swept = sweep(Scenario(), kind, densities, equal_quality=False).total_j()
        points = [sparse_energies(Scenario(), H100, kind, density).total_j() for density in densities]
        assert swept == pytest.approx(points, rel=1e-9)


def test_batching_takes_away_what_experts_and_activations_save() -> None:
    for kind in ("activation", "experts"):
        alone = saving(Scenario(batch=1.0), kind, 0.1)[1]
        together = saving(Scenario(batch=64.0), kind, 0.1)[1]
        assert together < 1.1 < 3 < alone


def test_saving_has_a_range_and_lies_in_it() -> None:
    low, central, high = saving(Scenario(), "skipped", 0.01, 64)
    assert low < central < high
    assert saving(Scenario(), "skipped", 0.01)[0] == saving(Scenario(), "skipped", 0.01)[2]
    drawn = sampled_inputs("own", "h100", "gpt3", 16.0, 64)
    assert sparse_energies(Scenario(), drawn, "experts", 0.1).total_j().shape == (64,)


def test_lowest_densities_are_those_of_the_evidence() -> None:
    assert {kind: round(lowest_density(kind), 3) for kind in KINDS} == {
        "two_four": 0.5,
        "unstructured": 0.125,
        "skipped": 0.125,
        "activation": 0.345,
        "experts": 0.044,
    }


def test_spikes_break_even_where_published() -> None:
    """All published thresholds lie between 0.15 and 1.72 spikes per synapse; Loihi's lies below them all."""
    thresholds = published_thresholds()
    assert min(t.low for t in thresholds) == 0.15
    assert max(t.high for t in thresholds) == 1.72
    dense = dense_multiply_add_j(Scenario(), H100)
    loihi = break_even_activity(dense, fact("neuro.loihi_event").si)
    near = break_even_activity(dense, fact("neuro.event_near_memory").si)
    assert 0.03 < loihi < 0.15 < near < 1.72


def test_the_brain_fails_most_of_its_releases() -> None:
    low, central, high = active_share()
    assert low < central < high
    assert best_failure_share(low) > best_failure_share(central) > best_failure_share(high)
    assert best_failure_share(0.5) == 0.25
    by_neurons, by_synapses = halapoint_brain_power_w()
    assert by_neurons == pytest.approx(194e3, rel=0.01)
    assert by_synapses == pytest.approx(3.05e6, rel=0.01)
