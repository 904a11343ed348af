"""The home page's model beside measurements and beside the calibrated model."""

from __future__ import annotations

import pytest

from efficiency import serving
from efficiency.beside import measured_beside
from efficiency.cases import cases_from_rows
from efficiency.catalogue import model
from efficiency.decode_step import replica_chips
from efficiency.gap import inputs_for
from efficiency.scenario import Scenario
from efficiency.workloads import decode_energies

NAMES = {
    "llama31_8b": "meta-llama/Llama-3.1-8B-Instruct",
    "llama31_70b": "meta-llama/Llama-3.1-70B-Instruct",
    "qwen3_32b": "Qwen/Qwen3-32B",
    "gemma3_27b": "google/gemma-3-27b-it",
    "qwen3_30b_a3b": "Qwen/Qwen3-30B-A3B",
    "qwen3_235b_a22b": "Qwen/Qwen3-235B-A22B",
    "mixtral_8x7b": "mistralai/Mixtral-8x7B-Instruct-v0.1",
    "deepseek_v3": "deepseek-ai/DeepSeek-V3",
    "gpt_oss_120b": "openai/gpt-oss-120b",
}
ENGINES = {"graphs_2025": "vllm-2025", "graphs_2024": "vllm-2024"}


# The grouped kernels of 2025 for 8-bit experts are a property of that software, which the home page leaves out.
FORMATS = [(key, bits) for key in NAMES for bits in (16, 8) if bits == 16 or model(key).experts == 1]


@pytest.mark.parametrize(("key", "bits"), FORMATS)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("batch", [1, 8, 64, 256])
def test_the_home_page_agrees_with_the_calibrated_model(key: str, engine: str, batch: int, bits: int) -> None:
    """One prompt token, so that both write and neither reads."""
    scenario = Scenario(
        model=key, batch=float(batch), machine_scope="chip", context_tokens=200.0, engine=engine, bits=float(bits)
    )
    chips = int(replica_chips(scenario, inputs_for(scenario)))
    case = {
        "id": "x", "family": "x", "kind": "inference", "model": NAMES[key],
        "weights_format": {16: "bfloat16", 8: "fp8"}[bits],
        "params_total": str(model(key).parameters), "params_active": str(model(key).active_parameters),
        "weight_bits": str(bits), "gpu": "NVIDIA H100 80GB HBM3 (SXM)", "n_gpus": str(chips),
        "tensor_parallel": str(chips), "batch": str(batch), "engine": ENGINES[engine], "input_tokens": "1",
        "output_tokens": "400", "metric": "energy_per_output_token", "unit": "J/token", "scope": "gpu",
    }  # fmt: skip
    predicted = serving.predict(cases_from_rows([case]), given=False)
    assert predicted.why_not[0] == ""
    ours = decode_energies(scenario, inputs_for(scenario))[0].total_j()
    assert predicted.low[0] <= ours <= predicted.high[0]
    assert ours == pytest.approx(predicted.predicted[0], rel=0.11)


def test_a_measurement_stands_beside_its_configuration() -> None:
    found = measured_beside(Scenario(model="llama31_8b", chip="h100", batch=64.0))
    assert found is not None
    assert found.batch == pytest.approx(64, rel=0.01)
    assert found.energy_j == pytest.approx(0.1307, rel=0.01)
    assert found.address.startswith("https://")


def test_nothing_stands_beside_what_nobody_measured() -> None:
    assert measured_beside(Scenario(model="llama31_8b", chip="tpu_v1")) is None
    assert measured_beside(Scenario(model="llama31_8b", chip="h100", batch=2.0)) is None
    assert measured_beside(Scenario(model="llama31_8b", chip="h100", bits=4.0)) is None
