"""What no machine can do is refused in words, and what is odd or contradicts itself is remarked upon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from efficiency.case_limits import LIMITS, WHOLE
from efficiency.cases import MEASURED_FILE, NUMBER_COLUMNS, cases_from_rows, read_cases
from efficiency.predict import predict
from efficiency.prediction import Prediction
from efficiency.remarks import remarks
from efficiency.serving_jobs import bits_of_format

TOKEN: dict[str, Any] = {
    "model": "Qwen/Qwen3-8B",
    "gpu": "NVIDIA H100 80GB HBM3 (SXM)",
    "n_gpus": 1,
    "batch": 8,
    "engine": "vllm-2025",
    "input_tokens": 500,
    "output_tokens": 500,
    "weight_bits": 16,
    "weights_format": "bf16",
    "metric": "energy_per_output_token",
    "unit": "J/token",
    "scope": "gpu",
    "kind": "inference",
}
IMAGE: dict[str, Any] = {
    "model": "black-forest-labs/FLUX.1-dev",
    "gpu": "NVIDIA H100 80GB HBM3 (SXM)",
    "n_gpus": 1,
    "batch": 1,
    "steps": 28,
    "height": 1024,
    "width": 1024,
    "metric": "energy_per_image",
}
RUN: dict[str, Any] = {
    "model": "a model",
    "gpu": "NVIDIA H100-SXM5-80GB",
    "n_gpus": 1024,
    "hours": 100,
    "params_active": 7e10,
    "metric": "energy_per_training_run",
    "scope": "node",
}


def made(row: dict[str, Any], given: bool = False) -> Prediction:
    return predict(cases_from_rows([row], strict=False), given)


def said(row: dict[str, Any], given: bool = False) -> str:
    cases = cases_from_rows([row], strict=False)
    return remarks(cases, given, predict(cases, given))[0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model": "Llama-3.1-405B"}, "weights of 810 GB do not fit on 1 x NVIDIA H100 SXM5 80GB"),
        ({"batch": 100_000}, "caches of 100000 sequences fill the memory of 1 x NVIDIA H100 SXM5 80GB 1"),
        ({"input_tokens": 1e8}, "caches of 8 sequences fill the memory"),
        ({"batch": "1e39"}, "batch is '1e39'; must be between 1 and 1e+08, or blank"),
        ({"batch": 0.5}, "batch is '0.5'; must be between 1 and 1e+08, or blank"),
        ({"input_tokens": 1e12}, "input_tokens is '1000000000000.0'; must be between 0 and 1e+08, or blank"),
        ({"output_tokens": 1e-30}, "output_tokens is '1e-30'; must be 0, or between 1 and 1e+08, or blank"),
        ({"n_gpus": 1.5}, "n_gpus is '1.5'; must be a whole number, or blank"),
        ({"weight_bits": 0.001}, "weight_bits is '0.001'; must be between 1 and 64, or blank"),
        ({"weight_bits": 1000}, "weight_bits is '1000'; must be between 1 and 64, or blank"),
    ],
)
def test_what_is_impossible_is_refused(change: dict[str, Any], reason: str) -> None:
    found = made(TOKEN | change)
    assert reason in found.why_not[0]
    assert np.isnan(found.predicted[0])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (TOKEN | {"tokens_per_s": 5e9}, "times the most that 1 x NVIDIA H100 SXM5 80GB can do"),
        (TOKEN | {"latency_s": 1e-5}, "times the most that 1 x NVIDIA H100"),
        (TOKEN | {"latency_s": 1e-9}, "latency_s is '1e-09'; must be between"),
        (IMAGE | {"latency_s": 1e-3}, "times the latency given"),
        (IMAGE | {"avg_power_w": 9000}, "avg_power_w 9000 is 13 times the chips' limit"),
        (RUN | {"train_flop": 1e28}, "times the chips' 16-bit peak"),
    ],
)
def test_what_is_given_must_be_possible(row: dict[str, Any], reason: str) -> None:
    assert reason in made(row, given=True).why_not[0]
    assert "is the energy" not in made(row).why_not[0]


def test_what_is_given_is_not_judged_blind() -> None:
    for row in (TOKEN | {"tokens_per_s": 5e9}, IMAGE | {"latency_s": 1e-3}, IMAGE | {"avg_power_w": 9000}):
        assert made(row).why_not == ("",)


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        ({}, ""),
        ({"tensor_parallel": 8}, "tensor_parallel 8 is above n_gpus 1, which is used"),
        ({"weight_bits": 7, "weights_format": ""}, "weight_bits 7 is no usual width"),
        ({"weight_bits": 4, "weights_format": "fp8"}, "weights_format 'fp8' means 8 bits; weight_bits 4 is used"),
        ({"params_total": 70e9, "n_gpus": 4}, "the parameters are not those of Qwen/Qwen3-8B"),
        (
            {"model": "mine", "params_active": 80e9, "params_total": 8e9, "n_gpus": 4},
            "params_active is above params_total",
        ),
        ({"batch": 512, "input_tokens": 2000}, "weights and caches fill the memory 2.3 times: requests would wait"),
        ({"engine": "weird"}, "engine 'weird' is none we know: taken as not stated"),
        ({"kind": "banana"}, "kind 'banana' is none we know, and is not used"),
        (
            {"n_gpus": "8-32", "batch": "64-512"},
            "n_gpus 8-32 is read as 16, their geometric mean; batch 64-512 is read as 181",
        ),
    ],
)
def test_what_is_odd_is_remarked_upon(change: dict[str, Any], remark: str) -> None:
    row = TOKEN | change
    assert made(row).why_not == ("",)
    found = said(row)
    assert remark in found and bool(found) == bool(remark)


def test_a_model_of_another_size_is_of_unknown_shape() -> None:
    """Qwen3-8B with 70 billion parameters is some other model; its interval is that of one."""
    named, unknown = (
        made(TOKEN | {"params_total": 7e10, "n_gpus": 4, "model": m}) for m in ("Qwen/Qwen3-8B", "nobody's")
    )
    usual = made(TOKEN | {"n_gpus": 4})
    widths = [float(one.high[0] / one.low[0]) for one in (named, unknown, usual)]
    assert widths[0] == pytest.approx(widths[1], rel=0.1) and widths[0] > widths[2]


@pytest.mark.parametrize(
    ("row", "stated", "words"),
    [
        (TOKEN, {"tokens_per_s": 900}, "throughput and latency not stated: predicted blind"),
        (TOKEN | {"avg_power_w": 500}, {"latency_s": 4}, "throughput and latency not stated: predicted blind"),
        (IMAGE, {"latency_s": 4}, "latency and power not stated: predicted blind"),
        (
            RUN | {"hours": "", "train_tokens": 1e12},
            {"chip_hours": 1e6},
            "chip-hours and hours not stated: predicted blind",
        ),
    ],
)
def test_a_blind_prediction_says_so_where_one_with_something_given_was_asked(
    row: dict[str, Any], stated: dict[str, Any], words: str
) -> None:
    assert words in said(row, given=True)
    assert words not in said(row)
    assert words not in said(row | stated, given=True)


def test_two_ways_to_say_the_same_must_agree() -> None:
    fine = TOKEN | {"tokens_per_s": 900, "latency_s": 8 * 500 / 900}
    assert said(fine, given=True) == ""
    assert "latency_s means 450 tokens/s; tokens_per_s 900 is used" in said(fine | {"latency_s": 8 * 500 / 450}, True)
    assert said(RUN | {"chip_hours": 102_400}, given=True) == ""
    assert "hours and n_gpus make 1.02e+05 chip-hours" in said(RUN | {"chip_hours": 5e5}, given=True)
    assert "the speed given is 1/" in said(TOKEN | {"tokens_per_s": 1}, given=True)


def test_an_image_has_one_frame() -> None:
    one, hundred = (made(IMAGE | {"frames": frames}) for frames in ("", 100))
    assert one.predicted == hundred.predicted
    assert "an image has one frame: frames 100 is not used" in said(IMAGE | {"frames": 100})


def test_what_is_refused_is_not_remarked_upon() -> None:
    assert said(TOKEN | {"model": "Llama-3.1-405B", "tensor_parallel": 8}, given=True) == ""


def test_a_board_without_a_size_may_be_the_larger_one() -> None:
    """70 GB of weights: too much for an A100 of 40 GB, not for one of 80, and the name says neither."""
    row = TOKEN | {"model": "nobody's", "params_total": 35e9}
    assert "do not fit" in made(row | {"gpu": "NVIDIA A100-SXM4-40GB"}).why_not[0]
    assert made(row | {"gpu": "NVIDIA A100"}).why_not == ("",)


def test_the_format_tells_the_bits_where_they_are_not_stated() -> None:
    by_format, by_bits = (
        made(TOKEN | {"weight_bits": "", "weights_format": "fp8"}),
        made(TOKEN | {"weight_bits": 8, "weights_format": "fp8"}),
    )
    assert by_format.predicted == by_bits.predicted
    names = (
        "bfloat16",
        "bf16/fp16 (HF default dtype)",
        "bitsandbytes LLM.int8 threshold=0",
        "W4A16",
        "mxfp4",
        "q 4-bit",
    )
    assert [bits_of_format(name) for name in names] == [16, 16, 8, 4, 4, 4]
    assert np.isnan([bits_of_format(name) for name in ("", "not stated", "bf16 master + fp8 matmul", "fp80")]).all()


def test_every_number_that_is_told_has_limits() -> None:
    assert set(LIMITS) == set(NUMBER_COLUMNS) - {"value"}
    assert set(LIMITS) >= WHOLE and all(low < high for low, high in LIMITS.values())


@pytest.mark.parametrize("given", [False, True])
def test_no_published_case_is_refused_as_impossible(shared_folder: Path, given: bool) -> None:
    for path in (MEASURED_FILE, shared_folder / "measured" / "cases.csv"):
        reasons = set(predict(read_cases(path), given).why_not)
        words = ("do not fit", "fill the memory", "times the", "must be between")
        assert not [reason for reason in reasons if any(word in reason for word in words)]
