"""Engines by name: what is known is told apart, and what is not known widens the interval."""

import csv

import pytest

from efficiency import serving
from efficiency.cases import MEASURED_FILE, cases_from_rows
from efficiency.engines import EAGER, GRAPH, PLAIN, SCRIPTS, SERVERS, UNKNOWN, engine_kind

JOB = {
    "model": "Qwen/Qwen3-8B",
    "gpu": "NVIDIA H100",
    "n_gpus": 1,
    "batch": 8,
    "input_tokens": 500,
    "output_tokens": 500,
    "metric": "energy_per_output_token",
}
# Names that were once taken as the newest engine.
UNHEARD_OF = (
    *("weird-engine", "unknown", "llama.cpp", "ollama", "deepspeed-2022", "deepspeed-mii", "mlc-llm", "vllm-2022"),
    *("vllm-2020", "sglang-2023", "torch.compile", "gpt-fast", "northpole", "xdit-2025", "something", "vllmish"),
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("vllm-2025", GRAPH), ("vllm-2026", GRAPH), ("vLLM", GRAPH), ("vLLM 0.10.1", GRAPH), ("vllm-v0.8.0", GRAPH)),
        *(("vllm-2024", PLAIN), ("vllm-2023", PLAIN), ("vllm-0.3", PLAIN), ("vllm 0.6.3.post1", PLAIN)),
        *(("sglang-2024", GRAPH), ("SGLang 0.4", GRAPH), ("lmdeploy", GRAPH), ("TurboMind-2023", GRAPH)),
        *(("tensorrt-llm-2024", GRAPH), ("TensorRT-LLM", GRAPH), ("trtllm-0.12", GRAPH), ("TRT-LLM 2025", GRAPH)),
        *(("tgi-2023", PLAIN), ("text-generation-inference 2024", PLAIN)),
        *(("eager-2023", EAGER), ("eager", EAGER), ("transformers-4.30", EAGER), ("HuggingFace", EAGER)),
        *(("hf", EAGER), ("torch", EAGER), ("PyTorch 2.5", EAGER), ("FastChat", EAGER), ("hf_accelerate", EAGER)),
        *((name, UNKNOWN) for name in ("", " ", *UNHEARD_OF)),
    ],
)
def test_engines_are_told_apart(name: str, kind: int) -> None:
    assert engine_kind(name) == kind


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("name", [*UNHEARD_OF, "nan", "n/a", "-"])
def test_an_engine_nobody_knows_is_as_good_as_none(name: str, given: bool) -> None:
    known, none, unheard = (
        serving.predict(cases_from_rows([JOB | {"engine": engine, "tokens_per_s": 900}]), given)
        for engine in ("vllm-2025", "", name)
    )
    assert unheard.predicted == none.predicted
    assert unheard.high / unheard.low == none.high / none.low > known.high / known.low


def test_every_engine_of_the_language_models_we_ship_is_known() -> None:
    with MEASURED_FILE.open(encoding="utf-8", newline="") as stream:
        named = {row["engine"] for row in csv.DictReader(stream) if row["metric"] == "energy_per_output_token"}
    assert {name for name in named - {""} if engine_kind(name) == UNKNOWN} == {"northpole"}


def test_every_kind_says_what_it_rests_on() -> None:
    assert all(one.reason and one.plain_from <= one.graph_from for one in SERVERS.values())
    assert len(SCRIPTS) == len(set(SCRIPTS))
