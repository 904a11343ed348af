"""Chips, models, systems and runs assembled from their facts."""

import pytest

from efficiency import catalogue
from efficiency.facts import FactError, entities, fact, facts
from efficiency.scenario import BITS

CHIPS = tuple(catalogue.chip_labels())
MODELS = tuple(catalogue.labels("model"))


@pytest.mark.parametrize(
    ("chip", "bits", "peak_tflop_per_s"),
    # Dense rates of the makers' data sheets.
    [("h100", 16.0, 989.4), ("h100", 8.0, 1979), ("a100", 16.0, 312), ("b200", 16.0, 2250),
     ("v100", 16.0, 125), ("h100", 64.0, 67), ("a100", 64.0, 19.5), ("a100", 32.0, 19.5), ("b200", 64.0, 31)],
)  # fmt: skip
def test_peak_rates_are_those_of_the_data_sheets(chip: str, bits: float, peak_tflop_per_s: float) -> None:
    assert catalogue.chip(chip).peak_per_s[bits] == pytest.approx(peak_tflop_per_s * 1e12, rel=3e-3)


@pytest.mark.parametrize("key", CHIPS)
def test_a_chip_runs_every_width(key: str) -> None:
    chip = catalogue.chip(key)
    assert set(chip.peak_per_s) == set(BITS) == set(chip.native_bits) == set(chip.peak_fact)
    widest = max(chip.native_bits.values())
    rates = [chip.peak_per_s[bits] for bits in BITS]
    assert rates == sorted(rates, reverse=True), "a wider number is never faster"
    assert min(rates) > 0
    for bits in BITS:
        native = fact(chip.peak_fact[bits]).si
        assert chip.peak_fact[bits].startswith(f"chip.{key}.peak_")
        if bits <= widest:
            assert chip.native_bits[bits] >= bits, "the format holds the number"
            assert chip.peak_per_s[bits] == native
        else:
            assert chip.native_bits[bits] == widest
            assert chip.peak_per_s[bits] == pytest.approx(native * (widest / bits) ** 2)


def test_a_chip_without_a_format_takes_the_next_wider_one() -> None:
    assert catalogue.chip("h100").native_bits[4.0] == 8.0
    assert catalogue.chip("b200").native_bits[4.0] == 4.0
    assert catalogue.chip("v100").native_bits[8.0] == 16.0


def test_a_chip_takes_the_fastest_format_that_holds_the_number() -> None:
    for key in CHIPS:
        chip = catalogue.chip(key)
        for bits, name in ((8.0, "fp8"), (16.0, "fp16"), (32.0, "fp32")):
            record = facts().get(f"chip.{key}.peak_{name}")
            assert record is None or chip.peak_per_s[bits] >= record.si


def test_memory_on_the_chip_is_told_from_memory_beside_it() -> None:
    on_chip = {key for key in CHIPS if catalogue.chip(key).memory_on_chip}
    assert on_chip == {"wse3", "groq", "northpole"}


def test_parts_that_cannot_compute_here_are_left_out() -> None:
    for key in ("loihi2", "truenorth", "rubin"):
        assert f"chip.{key}" in entities()
        assert key not in CHIPS
        with pytest.raises(FactError, match=rf"^chip is '{key}'; allowed: .*h100"):
            catalogue.chip(key)


@pytest.mark.parametrize("key", MODELS)
def test_a_model_is_consistent(key: str) -> None:
    model = catalogue.model(key)
    assert 0 < model.active_parameters <= model.parameters
    assert 1 <= model.experts_active <= model.experts
    assert (model.experts_active < model.experts) == (model.active_parameters < model.parameters)
    assert model.kv_heads <= model.heads
    assert model.layers >= 1
    assert model.hidden >= model.head_size > 1
    # What is not an expert is positive: attention, embeddings, shared experts.
    if model.experts_active < model.experts:
        idle = 1 - model.experts_active / model.experts
        assert (model.parameters - model.active_parameters) / idle < model.parameters


@pytest.mark.parametrize("key", [key for key in MODELS if catalogue.model(key).experts == 1])
def test_a_dense_model_has_about_the_parameters_its_shape_implies(key: str) -> None:
    model = catalogue.model(key)
    # Attention alone is 2 h (H + K) d a layer; the feed-forward part is 1 to 4 times as large.
    attention = 2 * model.hidden * (model.heads + model.kv_heads) * model.head_size * model.layers
    assert 1.5 * attention < model.parameters < 8 * attention


def test_an_unknown_model_is_refused_by_name() -> None:
    with pytest.raises(FactError, match=r"^model is 'gpt9'; allowed: .*llama31_70b"):
        catalogue.model("gpt9")


def test_systems_stand_in_the_order_of_their_power() -> None:
    powers = [facts()[f"system.{key}.power"].si for key in catalogue.labels("system")]
    assert powers == sorted(powers)
    assert len(powers) >= 10


def test_every_label_is_a_name() -> None:
    for kind in ("system", "model", "run"):
        for key, label in catalogue.labels(kind).items():
            assert label, key


def test_a_system_names_its_chip_where_it_is_in_the_table() -> None:
    assert catalogue.system_chip("selene") == "a100"
    # A chip the model cannot compute with, a system without a chip, an unknown system.
    assert catalogue.system_chip("hala_point") is None
    assert catalogue.system_chip("aurora") is None
    assert catalogue.system_chip("nowhere") is None
    for key in catalogue.labels("system"):
        assert catalogue.system_chip(key) in (None, *CHIPS)
