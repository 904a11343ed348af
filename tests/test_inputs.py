"""The facts a scenario leans on, by name."""

from dataclasses import fields

import numpy as np
import pytest

from efficiency import catalogue
from efficiency.coefficients import coefficients
from efficiency.draws import draws, fitted_correlation, sampled_inputs
from efficiency.facts import fact, facts
from efficiency.inputs import FACT_OF, ON_CHIP, Inputs, central_inputs, fact_for
from efficiency.scenario import BITS, field_rules
from efficiency.words import DRIVER_WORDS

SYSTEMS = tuple(field_rules()["system"].options)  # type: ignore[union-attr]


def test_each_input_is_one_fact() -> None:
    *known, lever = (f.name for f in fields(Inputs))
    assert tuple(FACT_OF) == tuple(known) == tuple(DRIVER_WORDS)
    assert lever == "switching_gain", "what only a lever changes is no fact"
    assert len(set(FACT_OF.values())) == len(FACT_OF)


@pytest.mark.parametrize("attribute", FACT_OF)
def test_every_key_exists_for_every_choice(attribute: str) -> None:
    for chip in catalogue.chip_labels():
        for bits in BITS:
            assert fact_for(attribute, "own", chip, "gpt3", bits).key in facts()
    for system in SYSTEMS:
        assert fact_for(attribute, system, "h100", "gpt3", 16.0).key in facts()
    for run in catalogue.labels("run"):
        assert fact_for(attribute, "own", "h100", run, 16.0).key in facts()


@pytest.mark.parametrize("chip", catalogue.chip_labels())
def test_central_values_are_positive_floats(chip: str) -> None:
    for bits in BITS:
        inputs = central_inputs("colossus_1", chip, "gpt3", bits)
        for name in FACT_OF:
            value = getattr(inputs, name)
            assert isinstance(value, float), name
            # A chip that holds the model waits for no kernels of experts.
            assert value > 0 or (value == 0 and name in ON_CHIP and catalogue.chip(chip).memory_on_chip), name
        assert inputs.peak_factor == 1.0
        assert inputs.idle_power_w < inputs.tdp_w
        assert inputs.active_floor < 1.0


def test_units_are_si() -> None:
    inputs = central_inputs("colossus_1", "h100", "llama31_405b", 16.0)
    assert inputs.site_power_w == 150e6
    assert inputs.bandwidth_bytes_per_s == 3.35e12
    assert inputs.speaking_words_per_s == pytest.approx(150 / 60)
    assert inputs.learning_s == 20 * 365.25 * 86400
    assert inputs.memory_device_j_per_bit == pytest.approx(3.92e-12)
    assert 10e-6 < inputs.layer_launch_s < 150e-6


@pytest.mark.parametrize("chip", catalogue.chip_labels())
@pytest.mark.parametrize("engine", ["graphs_2025", "graphs_2024", "eager"])
def test_software_times_of_servers_of_gpus_belong_to_gpus(chip: str, engine: str) -> None:
    for name in ON_CHIP:
        key = fact_for(name, "own", chip, "gpt3", 16.0, engine).key
        assert key.startswith("on_chip." if catalogue.chip(chip).memory_on_chip else "fitted.serving."), name


def test_times_of_chips_that_hold_the_model_follow_from_published_rates() -> None:
    # All the time of a layer, or of a token, is the most that may not depend on its work.
    per_layer = 1.0 / (fact("on_chip.tokens_rate").si * catalogue.model("llama31_8b").layers)
    per_token = 1.0 / fact("nearmem.northpole_tokens").si
    for key, published in (("on_chip.layer_time", per_layer), ("on_chip.sequence_time", per_token)):
        assert fact(key).high == fact(key).value
        assert fact(key).si == pytest.approx(published, rel=5e-3)


def test_a_chip_without_its_own_record_takes_the_generic_one() -> None:
    assert fact_for("idle_power_w", "own", "b200", "gpt3", 16.0).key == "chip.idle_share"
    b200 = central_inputs("own", "b200", "gpt3", 16.0)
    assert b200.idle_power_w == pytest.approx(fact("chip.idle_share").si * b200.tdp_w)
    h100 = central_inputs("own", "h100", "gpt3", 16.0)
    assert h100.idle_power_w == pytest.approx(71.8)
    assert fact_for("best_matrix_fraction", "own", "v100", "gpt3", 16.0).key == ("chip.best_matrix_fraction")
    # A system of one's own has no published power: its chip's stands in.
    assert fact_for("site_power_w", "own", "b200", "gpt3", 16.0).key == "chip.b200.tdp"


@pytest.mark.parametrize("chip", ["h100", "b200", "groq"])
def test_samples_are_arrays_where_a_fact_has_a_range(chip: str) -> None:
    chosen = ("colossus_1", chip, "llama31_405b", 16.0)
    sampled, central = sampled_inputs(*chosen, 256), central_inputs(*chosen)
    for name in FACT_OF:
        value = getattr(sampled, name)
        if fact_for(name, *chosen).has_range:
            assert value.shape == (256,), name
            assert np.isfinite(value).all(), name
            assert value.min() > 0, name
            assert value.min() <= getattr(central, name) * (1 + 1e-12), name
            assert value.max() >= getattr(central, name) * (1 - 1e-12), name
            assert value.min() < value.max(), name
        elif name == "idle_power_w":
            assert np.all(np.asarray(value) > 0)
        else:
            assert value == getattr(central, name), name


def test_one_draw_is_shared_whatever_is_chosen() -> None:
    """A brain does not change with the chip beside it, nor does a picture when a chip is added."""
    first = sampled_inputs("colossus_1", "h100", "llama31_405b", 16.0, 128)
    second = sampled_inputs("own", "groq", "gpt3", 4.0, 128)
    for name, key in FACT_OF.items():
        if "{" not in key and name not in ON_CHIP:
            np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_draws_are_those_behind_the_samples() -> None:
    columns = draws(1024)
    assert tuple(columns) == tuple(FACT_OF)
    inputs = sampled_inputs("colossus_1", "h100", "llama31_405b", 16.0, 1024)
    for name in ("synapses", "firing_rate_hz", "active_floor"):
        assert (np.argsort(columns[name]) == np.argsort(getattr(inputs, name))).all()


def test_draws_are_independent() -> None:
    """At the 1,024 samples of a page; with fewer, pairs of Sobol columns go together up to 0.4."""
    fitted, _ = fitted_correlation("graphs_2025")
    columns = [column for name, column in draws(1024).items() if name not in fitted]
    correlation = np.corrcoef(np.array(columns))
    assert np.abs(correlation - np.eye(len(columns))).max() < 0.15


@pytest.mark.parametrize("engine", ["graphs_2025", "graphs_2024", "eager"])
def test_fitted_coefficients_are_drawn_from_their_covariance(engine: str) -> None:
    fit = coefficients("serving")
    names, factor = fitted_correlation(engine)
    keys = [fact_for(name, "own", "h100", "gpt3", 16.0, engine).key.removeprefix("fitted.serving.") for name in names]
    assert len(set(keys)) >= 6
    rows = [fit.names.index(key) for key in keys]
    scale = np.sqrt(fit.covariance.diagonal()[rows])
    stated = fit.covariance[np.ix_(rows, rows)] / np.outer(scale, scale)
    assert factor @ factor.T == pytest.approx(stated)
    drawn = np.corrcoef(np.array([draws(4096, engine)[name] for name in names]))
    assert drawn == pytest.approx(stated, abs=0.05)
    assert np.abs(stated - np.eye(len(names))).max() > 0.3, "or drawing them alone would do"
