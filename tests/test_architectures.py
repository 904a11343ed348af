"""Shapes of language models: from the tables by name, made up from counts where there is no name."""

import dataclasses
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from efficiency import architectures, model_names
from efficiency.architectures import Architecture, architecture, architecture_entities, architecture_records, resolve
from efficiency.cases import read_cases
from efficiency.facts import FactError, facts, sources
from efficiency.model_names import model_key
from efficiency.records import STORED_KINDS, TRUSTS
from efficiency.tables import read_table
from efficiency.units import UNITS

KEYS = tuple(sorted(architectures._by_model()))
NAMES = {row["model"]: row["alias"] for row in read_table(model_names.ALIASES_FILE, model_names.ALIAS_COLUMNS)}


def shape(key: str) -> Architecture:
    return resolve(NAMES[key])


@pytest.mark.parametrize(
    ("name", "layers", "hidden", "heads", "kv_heads"),
    # Llama 2: arXiv 2307.09288, section 2.2; Llama 3: arXiv 2407.21783, Table 3; GPT-3: arXiv 2005.14165, Table 2.1
    [
        ("meta-llama/Llama-2-70b-chat-hf", 80, 8192, 64, 8),
        ("Llama 3.1 405B", 126, 16384, 128, 8),
        ("GPT-3", 96, 12288, 96, 96),
        ("meta-llama/Llama-2-7b", 32, 4096, 32, 32),
    ],
)
def test_published_shapes_are_kept_as_published(name: str, layers: int, hidden: int, heads: int, kv_heads: int) -> None:
    found = resolve(name)
    assert (found.layers, found.hidden, found.heads, found.kv_heads) == (layers, hidden, heads, kv_heads)
    assert found.known


def test_every_value_is_a_record_with_its_source() -> None:
    records = architecture_records()
    assert len(records) > 1900
    for key, record in records.items():
        assert key == record.key and key not in facts()
        assert set(record.sources) <= set(sources()), key
        assert record.unit in UNITS and record.kind in STORED_KINDS and record.trust in TRUSTS, key
        assert record.place and record.label == record.label.strip(" .")
        assert record.value > 0 or key.endswith("attention_layers"), key
        if record.trust == "primary":
            assert record.place != "not seen at the source", key


@pytest.mark.parametrize("key", KEYS)
def test_a_shape_is_consistent(key: str) -> None:
    found = shape(key)
    assert found.key == key
    assert 0 < found.active_parameters <= found.parameters
    assert found.layers >= found.attention_layers >= 0
    assert 0 <= found.windowed_share <= 1
    assert found.kv_heads <= max(found.heads, 1.0)
    if found.experts:
        assert found.active_parameters < found.parameters
        assert 1 <= found.experts_active < found.experts
        idle = 1 - found.experts_active / found.experts
        assert (found.parameters - found.active_parameters) / idle <= 1.02 * found.parameters, "more than all is routed"
    assert all(math.isfinite(v) for v in dataclasses.astuple(found) if isinstance(v, float))


def test_every_alias_means_a_model_of_the_table() -> None:
    assert set(NAMES) <= {key.removeprefix("model.") for key in architecture_entities()}
    assert set(KEYS) == set(NAMES)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("meta-llama/Meta-Llama-3.1-8B-Instruct", "llama31_8b"),
        ("LLAMA-3.1-8b-instruct-AWQ-INT4", "llama31_8b"),
        ("Qwen/Qwen3-30B-A3B-Instruct-2507-FP8", "qwen3_30b_a3b"),
        ("facebook/opt-1.3b", "opt_1b3"),
        ("facebook/opt-13b", "opt_13b"),
        ("", None),
        ("nobody/knows-this-7b", None),
        ("-".join(["chat"] * 50), None),
    ],
)
def test_a_name_is_found_through_its_endings(name: str, key: str | None) -> None:
    assert model_key(name) == key


def test_the_published_count_beats_a_nominal_one_but_not_another_model() -> None:
    published = resolve("google/gemma-2-2b-it")
    assert published.parameters == pytest.approx(2.61e9, rel=0.01)
    assert resolve("google/gemma-2-2b-it", 2.3e9, 2.3e9).parameters == published.parameters
    assert resolve("google/gemma-2-2b-it", 9e9, 9e9).parameters == 9e9


def test_an_unknown_model_needs_a_count() -> None:
    with pytest.raises(FactError, match=r"^model is 'nobody', .* parameter count must be given$"):
        resolve("nobody")
    found = resolve("nobody", math.nan, 7e9)
    assert not found.known and found.parameters == found.active_parameters == 7e9 and found.experts == 0


@pytest.mark.parametrize("size", np.geomspace(1e8, 1e12, 9))
def test_a_generic_shape_holds_the_parameters_it_came_from(size: float) -> None:
    found = resolve("nobody", size, size)
    assert 12 * found.layers * found.hidden**2 == pytest.approx(size)
    assert found.hidden > found.head_size or size < 5e8
    bigger = resolve("nobody", 2 * size, 2 * size)
    assert bigger.layers >= found.layers and bigger.hidden > 0.9 * found.hidden


def test_generic_shapes_resemble_the_published_ones() -> None:
    """Dense models above a billion parameters; what is read per token of context varies more than all else."""
    errors: dict[str, list[float]] = {"layers": [], "hidden": []}
    for key in KEYS:
        known = shape(key)
        if known.experts or known.parameters < 1e9 or known.state_values or known.latent:
            continue
        guess = resolve("nobody", known.parameters, known.parameters)
        for field, found in errors.items():
            found.append(abs(math.log10(getattr(guess, field) / getattr(known, field))))
    assert len(errors["layers"]) > 80
    assert np.median(errors["layers"]) < 0.08 and np.median(errors["hidden"]) < 0.08
    assert max(errors["layers"]) < math.log10(3)


def test_counts_apart_make_experts() -> None:
    few, many = resolve("nobody", 47e9, 13e9), resolve("nobody", 235e9, 22e9)
    assert (few.experts, few.experts_active) == (8, 2)
    assert (many.experts, many.experts_active) == (128, 8)
    assert resolve("nobody", 8.1e9, 8e9).experts == 0


def test_a_recurrent_state_does_not_grow_with_context() -> None:
    hybrid = resolve("nvidia/NVIDIA-Nemotron-Nano-9B-v2")
    assert hybrid.attention_layers == 4
    assert hybrid.state_values == 27 * 128 * 80 * 128
    recurrent = resolve("RWKV/rwkv-raven-7b")
    assert recurrent.known and recurrent.attention_layers == 0 and recurrent.state_values > 0


def test_records_of_the_large_table_are_not_made_until_they_are_shown() -> None:
    program = (
        "from efficiency.gap import Scenario, evaluate; evaluate(Scenario(), 64);"
        "from efficiency import architectures as a; print(a.architecture_records.cache_info().currsize)"
    )
    root = Path(__file__).resolve().parent.parent
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    assert shown.stdout.split() == ["0"]


def test_a_bad_row_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = ",".join(architectures.MODEL_COLUMNS)
    for name in ("entities.csv", "aliases.csv"):
        (tmp_path / name).write_text((architectures.FOLDER / name).read_text())
    monkeypatch.setattr(architectures, "FOLDER", tmp_path)
    for row, said in (
        ("nobody,layers=3,published_configs,p,2024,primary,", "model 'nobody'"),
        ("llama_7b,layers=3,nowhere,p,2024,primary,", "source 'nowhere'"),
        ("llama_7b,legs=3,published_configs,p,2024,primary,", "'legs' is no field"),
        ("llama_7b,layers=3 layers=4,published_configs,p,2024,primary,", "twice"),
    ):
        (tmp_path / "models.csv").write_text(f"{header}\n{row}\n")
        with pytest.raises(FactError, match=rf"models\.csv:2: .*{said}"):
            architecture_records.__wrapped__()


def test_every_language_model_that_was_measured_has_a_shape(shared_folder: Path) -> None:
    cases = read_cases(shared_folder / "measured" / "cases.csv", strict=False)
    names = {
        name for name, metric in zip(cases.model, cases.metric, strict=True) if metric == "energy_per_output_token"
    }
    assert len(names) > 70
    unknown = [name for name in names if model_key(name) is None]
    assert len(unknown) <= 0.02 * len(names), unknown


def test_a_name_and_its_key_give_one_shape() -> None:
    for key, name in NAMES.items():
        if not math.isnan(architecture(key).parameters):
            assert dataclasses.replace(resolve(name), reads_images=False) == architecture(key), key


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(FactError, match="model is 'gpt9'"):
        architecture("gpt9")
