"""Serving: laws that no fit may break, the ledger's sum, intervals, and reasons where there is no prediction."""

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from efficiency import serving, serving_energy, serving_interval
from efficiency.cases import Cases, cases_from_rows
from efficiency.coefficients import bounds, coefficients
from efficiency.facts import fact
from efficiency.prediction import Prediction
from efficiency.serving_energy import DYNAMIC, PARTS, Serving, serve, with_batch
from efficiency.serving_jobs import Jobs, jobs
from efficiency.serving_work import decode_step, prompt_tokens, smooth_maximum

BATCHES = tuple(2.0**i for i in range(11))
MODELS = {
    "Qwen/Qwen3-8B": (8e9, 8e9),
    "meta-llama/Llama-3.1-70B": (7e10, 7e10),
    "Qwen/Qwen3-30B-A3B": (3e10, 3e9),
    "openai/gpt-oss-120b": (1.17e11, 5e9),
    "deepseek-ai/DeepSeek-V3": (6.7e11, 3.7e10),
    "nvidia/NVIDIA-Nemotron-Nano-9B-v2": (9e9, 9e9),
    "nobody's dense": (1e9, 1e9),
    "nobody's experts": (3e10, 3e9),
}
CHIPS = ("H100", "B200", "A100 80GB", "V100", "RTX 3090", "L4", "MI300X", "TPU v5e")
WITH_EXPERTS = ("Qwen/Qwen3-30B-A3B", "openai/gpt-oss-120b", "deepseek-ai/DeepSeek-V3", "nobody's experts")
ENGINES = ("vllm-2025", "vllm-2024", "eager", "")
FORMATS = ((16, "bf16"), (8, "fp8"), (8, "w8a16"), (4, "awq int4"), (4, "mxfp4"))
VALUES = coefficients("serving").by_name


def row(**changes: Any) -> dict[str, Any]:
    plain = {
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
    }
    changed = plain | changes
    total, active = MODELS.get(str(changed["model"]), ("", ""))
    return {"params_total": total, "params_active": active} | changed


def table(**changes: Any) -> Cases:
    return cases_from_rows([row(**changes)])


def served(cases: Cases, values: Mapping[str, float] = VALUES) -> Serving:
    return serve(values, jobs(cases))


def over_batches(**changes: Any) -> Cases:
    return cases_from_rows([row(batch=batch, **changes) for batch in BATCHES])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("chip", CHIPS)
def test_energy_per_token_falls_with_the_batch(model: str, chip: str) -> None:
    for engine in ENGINES:
        for bits, form in FORMATS:
            for chips in (1, 8):
                cases = over_batches(
                    model=model, gpu=chip, engine=engine, weight_bits=bits, weights_format=form, n_gpus=chips
                )
                energy = served(cases).j_per_token
                assert np.all(np.diff(energy) <= 1e-9 * energy[:-1]), (engine, form, chips)


def test_once_compute_bound_a_larger_batch_saves_nothing_more() -> None:
    energy = served(cases_from_rows([row(batch=b, output_tokens=100, input_tokens=4000) for b in (512, 1024)]))
    assert energy.j_per_token[1] > 0.97 * energy.j_per_token[0]


SIZES = [(47e9, 13e9), (30e9, 3e9), (235e9, 22e9), (671e9, 37e9)]


def sparse_over_dense(total: float, active: float, **changes: Any) -> np.ndarray:
    sparse = over_batches(model="experts", params_total=total, params_active=active, **changes)
    dense = over_batches(model="dense", params_total=total, params_active=total, **changes)
    return served(sparse).j_per_token / served(dense).j_per_token


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("sizes", SIZES)
def test_experts_cost_at_most_a_dense_model_of_the_same_size(chip: str, sizes: tuple[float, float]) -> None:
    for bits, form in FORMATS:
        for engine in ENGINES:
            changes: dict[str, Any] = {"gpu": chip, "engine": engine}
            if form == "fp8":
                continue
            changes |= {"weight_bits": bits, "weights_format": form}
            assert np.all(sparse_over_dense(*sizes, n_gpus=1, **changes) <= 1), (form, engine)
            # On many chips the fullest one and the launches of small experts can eat up the gain.
            assert np.all(sparse_over_dense(*sizes, n_gpus=8, **changes) <= 1.03), (form, engine)


WITH_8_BIT_MATRICES = ("H100", "B200", "L4", "MI300X")


def eight_and_sixteen(**changes: Any) -> tuple[Serving, Serving]:
    """Serve the same job with 8-bit and with 16-bit weights."""
    eight, sixteen = (
        served(over_batches(weight_bits=bits, weights_format=form, **changes))
        for bits, form in ((8, "fp8"), (16, "bf16"))
    )
    return eight, sixteen


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("sizes", SIZES)
def test_eight_bit_experts_cost_at_most_a_dense_model_of_sixteen_bits(chip: str, sizes: tuple[float, float]) -> None:
    for engine in ENGINES:
        changes: dict[str, Any] = {"gpu": chip, "engine": engine, "n_gpus": 1, "model": "experts"}
        counts = dict(zip(("params_total", "params_active"), sizes, strict=True))
        eight, _ = eight_and_sixteen(**counts, **changes)
        dense = served(over_batches(**changes | {"model": "dense"} | dict.fromkeys(counts, sizes[0])))
        assert np.all(eight.j_per_token <= dense.j_per_token)


@pytest.mark.parametrize("chip", WITH_8_BIT_MATRICES)
@pytest.mark.parametrize("chips", [1, 8])
def test_eight_bit_experts_cost_more_in_small_batches_and_less_in_large_ones(chip: str, chips: int) -> None:
    """The exception, as measured: each expert gets a tile, chosen or not, so a small batch moves more bytes."""
    for model in ("Qwen/Qwen3-30B-A3B", "Qwen/Qwen3-235B-A22B"):
        eight, sixteen = eight_and_sixteen(model=model, gpu=chip, n_gpus=chips)
        ratio = eight.ledger["weights"] / sixteen.ledger["weights"]
        assert ratio[0] > 3 and ratio[-1] == pytest.approx(0.5)
        assert np.all(np.diff(ratio) < 1e-12)
        gain = eight.j_per_token / sixteen.j_per_token
        assert gain[0] > 1.3 and gain[-1] < 1
        assert np.sum(np.diff(np.sign(gain - 1)) != 0) == 1, "one batch from which on they save"


def test_no_tile_is_begun_in_vain_where_another_kernel_runs() -> None:
    """A dense model, experts of latent attention on Blackwell, one expert a token, older engines, chips without FP8."""
    for changes in (
        {"model": "Qwen/Qwen3-8B"},
        {"model": "deepseek-ai/DeepSeek-V3", "gpu": "B200", "n_gpus": 8},
        {"model": "meta-llama/Llama-4-Scout-17B-16E-Instruct", "n_gpus": 4},
        {"model": "Qwen/Qwen3-30B-A3B", "engine": "vllm-2024"},
        {"model": "Qwen/Qwen3-30B-A3B", "gpu": "V100"},
    ):
        eight, sixteen = eight_and_sixteen(**changes)
        assert eight.ledger["weights"] == pytest.approx(sixteen.ledger["weights"] / 2), changes
        assert np.all(eight.j_per_token <= sixteen.j_per_token), changes


def test_on_many_chips_each_keeps_a_slot_for_every_chosen_expert() -> None:
    for model, grows in (("Qwen/Qwen3-30B-A3B", True), ("Qwen/Qwen3-8B", False)):
        one, eight = (decode_step(VALUES, jobs(table(model=model, n_gpus=n, batch=64))) for n in (1, 8))
        assert (eight.activation_byte[0] > 3 * one.activation_byte[0]) == grows
        if not grows:
            assert eight.activation_byte[0] == pytest.approx(one.activation_byte[0])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("chip", CHIPS)
def test_more_bytes_never_cost_less(model: str, chip: str) -> None:
    """Fewer bits cost at most as much, as long as the arithmetic is done in the same format or a narrower one."""
    for engine in ENGINES:
        for chips in (1, 8):
            by_format = {
                form: served(
                    over_batches(
                        model=model, gpu=chip, weight_bits=bits, weights_format=form, engine=engine, n_gpus=chips
                    )
                )
                for bits, form in FORMATS
            }
            for wide, narrow in (
                ("bf16", "fp8"),
                ("bf16", "w8a16"),
                ("w8a16", "awq int4"),
                ("bf16", "awq int4"),
                ("bf16", "mxfp4"),
            ):
                less, more = by_format[narrow], by_format[wide]
                if narrow == "fp8" and model in WITH_EXPERTS:
                    continue  # see the exception above
                assert np.all(less.ledger["weights"] <= more.ledger["weights"] * (1 + 1e-12)), (narrow, engine)
                assert np.all(less.j_per_token <= more.j_per_token * (1 + 1e-12)), (narrow, engine)
            less, more = by_format["awq int4"], by_format["fp8"]
            assert np.all(less.ledger["weights"] <= more.ledger["weights"] * (1 + 1e-12))


def test_longer_contexts_and_more_bytes_in_the_cache_never_cost_less() -> None:
    lengths = [100, 1000, 10_000, 100_000]
    energy = served(cases_from_rows([row(input_tokens=n) for n in lengths]))
    assert np.all(np.diff(energy.j_per_token) > 0)
    assert np.all(np.diff(energy.ledger["cache"]) > 0)
    some = jobs(table())
    for name in ("kv_heads", "state_values"):
        more = replace(some, **{name: getattr(some, name) * 2 + 1e6 * (name == "state_values")})
        assert serve(VALUES, more).j_per_token[0] > serve(VALUES, some).j_per_token[0]


def test_four_bit_weights_cost_more_than_eight_bit_ones_once_arithmetic_decides() -> None:
    """The exception: they are widened to 16 bits to compute, 8-bit weights and activations are not."""
    four, eight = (
        served(over_batches(model="nobody's dense", weight_bits=bits, weights_format=form))
        for bits, form in ((4, "awq int4"), (8, "fp8"))
    )
    assert four.j_per_token[0] < eight.j_per_token[0]
    assert four.j_per_token[-1] > eight.j_per_token[-1]
    assert np.all(four.ledger["weights"] < eight.ledger["weights"])
    assert np.all(four.ledger["arithmetic"] > eight.ledger["arithmetic"])


@pytest.mark.parametrize("given", [False, True])
def test_the_parts_of_the_ledger_sum_to_the_prediction(given: bool) -> None:
    rows = [
        row(model=model, gpu=chip, engine=engine, batch=batch, n_gpus=chips, tokens_per_s=rate * batch)
        for model in MODELS
        for chip in CHIPS
        for engine in ENGINES
        for batch, chips in ((1, 1), (32, 4), (512, 8))
        for rate in (5, 100)
    ]
    cases = cases_from_rows(rows)
    parts = serving.ledger(cases, given)
    assert tuple(parts) == PARTS
    total = sum(parts.values())
    predicted = serving.predict(cases, given).predicted
    # What does not fit on its chips has neither.
    fits = np.isfinite(predicted)
    assert fits.mean() > 0.5 and np.isnan(total[~fits]).all()
    assert np.max(np.abs(total / predicted - 1)[fits]) < 1e-12
    for name, part in ((name, part[fits]) for name, part in parts.items()):
        if name == "cap":
            assert np.all(part <= 0) and (given or np.all(part == 0))
        else:
            assert np.all(part >= -1e-15), name


def test_a_vector_gives_what_its_rows_give() -> None:
    rows = [
        row(model=model, gpu=chip, engine=engine, weight_bits=bits, weights_format=form, batch=batch)
        for model, batch in zip(MODELS, BATCHES, strict=False)
        for chip, engine in zip(CHIPS, ENGINES * 2, strict=True)
        for bits, form in FORMATS
    ]
    rows[3] |= {"input_tokens": "", "engine": ""}
    together = serving.predict(cases_from_rows(rows), False)
    for i in range(0, len(rows), 7):
        alone = serving.predict(cases_from_rows([rows[i]]), False)
        for name in ("predicted", "low", "high"):
            assert getattr(alone, name)[0] == pytest.approx(getattr(together, name)[i], rel=1e-12, nan_ok=True)
        assert alone.why_not[0] == together.why_not[i]
    assert np.isfinite(together.predicted).mean() > 0.5


@pytest.mark.parametrize("model", MODELS)
def test_a_chip_twice_as_efficient_halves_the_dynamic_energy(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the arithmetic from the same power, and memory and links that take half as much for a byte."""
    cases = over_batches(model=model, n_gpus=2)
    some = jobs(cases)
    twice = replace(some, peak_16=2 * some.peak_16, peak_8=2 * some.peak_8)
    one = serve(VALUES, some)
    fixed = serving_energy.constants()
    halved = SimpleNamespace(**{**vars(fixed), "link_j_per_byte": fixed.link_j_per_byte / 2})
    monkeypatch.setattr(serving_energy, "constants", lambda values=None: halved)
    other = serve({**VALUES, "memory_energy": VALUES["memory_energy"] / 2}, twice)
    for name in DYNAMIC:
        assert other.ledger[name] == pytest.approx(one.ledger[name] / 2, rel=1e-12), name
    assert np.all(one.ledger["link"] > 0)


def test_twice_the_answer_costs_twice_the_request_but_the_prompt() -> None:
    short, long = (
        serving.predict(table(metric="energy_per_request", input_tokens=0, output_tokens=n), False).predicted[0]
        for n in (100, 200)
    )
    assert 1.9 < long / short < 2.1
    token = serving.predict(table(input_tokens=0, output_tokens=200), False).predicted[0]
    assert long == pytest.approx(200 * token)


def test_power_stays_below_the_cap_and_above_idle() -> None:
    cap = fact("serving.power_cap").si
    for chip in CHIPS:
        cases = over_batches(gpu=chip, input_tokens=8000)
        some = jobs(cases)
        for given_s in (None, np.full(len(some), 1e-4), np.full(len(some), 10.0)):
            power = serve(VALUES, some, given_s).power_w / some.tdp_w
            assert np.all(power <= cap * (1 + 1e-9))
            assert np.all(power >= some.idle_w / some.tdp_w)


def test_time_is_at_least_what_memory_and_arithmetic_need() -> None:
    for model in MODELS:
        some = jobs(over_batches(model=model, n_gpus=4))
        step = decode_step(VALUES, some)
        least = (step.weight_byte + step.cache_byte) / (4 * some.bandwidth_byte_per_s)
        assert np.all(step.step_s > least)
        assert np.all(step.step_s > step.useful_flop / (4 * step.executed_peak))


def test_a_batch_touches_at_most_all_experts_and_at_least_those_of_a_token() -> None:
    some = jobs(over_batches(model="Qwen/Qwen3-30B-A3B", input_tokens=0, output_tokens=100_000))
    read = decode_step(VALUES, some).weight_byte / 2
    assert np.all(np.diff(read) > 0)
    assert read[0] == pytest.approx(3.3e9, rel=0.01)
    assert read[-1] == pytest.approx(30.5e9, rel=0.01)


def test_older_software_is_slower() -> None:
    seconds = [serving.step_s(table(engine=engine, batch=32))[0] for engine in ("vllm-2025", "vllm-2024", "eager")]
    assert seconds == sorted(seconds)


def width(made: Prediction) -> float:
    return float(made.high[0] / made.low[0])


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize(
    "change",
    [{"engine": ""}, {"input_tokens": ""}, {"gpu": "MI300X"}, {"model": "nobody's", "params_total": 8e9}],
    ids=["engine", "prompt", "chip", "shape"],
)
def test_what_is_not_known_widens_the_interval(change: dict[str, Any], given: bool) -> None:
    for batch in (1, 32, 256):
        known = serving.predict(table(batch=batch, tokens_per_s=40 * batch), given)
        unknown = serving.predict(table(batch=batch, tokens_per_s=40 * batch, **change), given)
        assert width(unknown) > width(known)


def test_the_interval_without_an_engine_reaches_towards_both_kinds() -> None:
    graph, eager, unknown = (serving.predict(table(engine=name, batch=1), False) for name in ("vllm-2025", "eager", ""))
    assert graph.predicted[0] < unknown.predicted[0] < eager.predicted[0]
    assert unknown.low[0] < graph.predicted[0] and unknown.high[0] > eager.predicted[0]


def test_given_is_narrower_than_blind() -> None:
    cases = table(tokens_per_s=1000)
    assert width(serving.predict(cases, True)) < width(serving.predict(cases, False))


def test_blind_looks_at_no_measured_speed_and_given_at_no_power() -> None:
    fast, slow = (table(tokens_per_s=rate, avg_power_w=watts, value=watts) for rate, watts in ((100, 300), (900, 600)))
    assert serving.predict(fast, False).predicted[0] == serving.predict(slow, False).predicted[0]
    assert serving.predict(fast, True).predicted[0] > 2 * serving.predict(slow, True).predicted[0]
    same = table(tokens_per_s=100, avg_power_w=500)
    assert serving.predict(same, True).predicted[0] == serving.predict(fast, True).predicted[0]


def test_latency_stands_for_throughput() -> None:
    by_rate = table(batch=4, output_tokens=100, tokens_per_s=200)
    by_time = table(batch=4, output_tokens=100, latency_s=2)
    assert serving.predict(by_rate, True).predicted[0] == serving.predict(by_time, True).predicted[0]


def test_a_batch_is_inferred_from_the_throughput() -> None:
    some = jobs(cases_from_rows([row(batch=batch) for batch in (4, 64)]))
    rate = some.batch / serve(VALUES, some).step_s
    inferred = with_batch(VALUES, replace(some, batch=np.full(2, np.nan)), rate)
    assert inferred.batch == pytest.approx(some.batch, rel=0.02)
    kept = with_batch(VALUES, some, rate)
    assert kept is some
    assert serving.predict(table(batch="", tokens_per_s=1000), True).why_not == ("",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": "nobody's", "params_total": "", "params_active": ""}, "parameter count must be given"),
        ({"model": "", "params_total": "", "params_active": ""}, "model is not stated"),
        ({"gpu": "an abacus"}, "gpu is 'an abacus'"),
        ({"gpu": "IBM NorthPole"}, "16-bit rate is not published"),
        ({"n_gpus": "", "tensor_parallel": ""}, "n_gpus is not stated"),
        ({"output_tokens": ""}, "output_tokens is not stated"),
        ({"batch": ""}, "batch is not stated"),
        ({"scope": "village"}, "scope must be"),
        ({"metric": "energy_per_image"}, "metric must be"),
    ],
)
def test_what_cannot_be_predicted_says_why(change: dict[str, Any], said: str) -> None:
    good, bad = row(), row(**change)
    made = serving.predict(cases_from_rows([good, bad, good]), False)
    assert said in made.why_not[1]
    assert np.isnan(made.predicted[1])
    assert made.predicted[0] == made.predicted[2] > 0
    parts = serving.ledger(cases_from_rows([good, bad]))
    assert all(np.isnan(part[1]) and np.isfinite(part[0]) for part in parts.values())


def test_a_node_costs_more_than_its_boards_and_a_building_more_than_its_nodes() -> None:
    boards, node, building = (serving.predict(table(scope=scope), False) for scope in ("gpu", "node", "facility"))
    assert boards.predicted[0] < node.predicted[0] < building.predicted[0]
    assert width(boards) < width(node)
    efficient = serving.predict(table(scope="facility", pue=1.0), False)
    assert efficient.predicted[0] == pytest.approx(node.predicted[0])


def test_unstated_prompts_have_the_usual_length_and_an_image_where_one_is_read() -> None:
    lengths = cases_from_rows(
        [row(input_tokens="", output_tokens=n, model=m) for n, m in ((400, "Qwen/Qwen3-8B"), (4000, "Qwen/Qwen3-8B"),
                                                                     (400, "Qwen/Qwen3-VL-8B"))]
    )  # fmt: skip
    found = prompt_tokens(VALUES, jobs(lengths))
    assert found[0] == pytest.approx(VALUES["prompt_tokens"])
    assert found[0] < found[1] < 10 * found[0]
    assert found[2] == pytest.approx(found[0] + fact("serving.image_tokens").si)


@pytest.mark.parametrize("sharpness", [1.0, 2.0, 8.0])
def test_a_smooth_maximum_lies_between_the_larger_and_the_sum(sharpness: float) -> None:
    first, second = np.array([0.0, 1.0, 1e-9, 3.0]), np.array([2.0, 1.0, 5.0, 0.0])
    joined = smooth_maximum(first, second, sharpness)
    assert np.all(joined >= np.maximum(first, second) * (1 - 1e-12)) and np.all(joined <= first + second + 1e-12)


def test_every_bound_is_used_and_no_coefficient_belongs_to_a_model() -> None:
    assert set(VALUES) == set(bounds("serving"))
    assert len(VALUES) <= 16
    some: Jobs = jobs(
        cases_from_rows(
            [row(model=m, engine=e, weight_bits=b, weights_format=f, n_gpus=2, input_tokens="")
             for m in MODELS for e in ENGINES for b, f in FORMATS]
        )
    )  # fmt: skip
    plain = serve(VALUES, some).j_per_token
    for name, value in VALUES.items():
        moved = np.abs(serve({**VALUES, name: 1.1 * value}, some).j_per_token / plain - 1) > 1e-9
        models = {i // (len(ENGINES) * len(FORMATS)) for i in np.flatnonzero(moved)}
        assert len(models) >= 2, f"{name} moves {len(models)} models"


def test_numbers_that_are_not_fitted_widen_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tile may have 16 rows or 128: whoever does not know it cannot be as sure as who does."""
    cases = cases_from_rows([row(batch=batch, n_gpus=4, model=m) for batch in (1, 32) for m in MODELS])
    with_them = serving.predict(cases, False)
    monkeypatch.setattr(serving_interval, "UNSURE", ())
    without = serving.predict(cases, False)
    assert np.array_equal(with_them.predicted, without.predicted, equal_nan=True)
    known = np.isfinite(without.predicted)
    widths = [np.log10(made.high / made.low)[known] for made in (with_them, without)]
    assert np.all(widths[0] > widths[1]) and np.median(widths[0]) < 1.5 * np.median(widths[1])


@pytest.mark.parametrize("name", serving_interval.UNSURE)
def test_a_number_that_is_not_fitted_can_be_tried_out(name: str) -> None:
    sizes = (("Qwen/Qwen3-VL-30B-A3B", 3e10, 3e9), ("Qwen/Qwen3-8B", 8e9, 8e9))
    some = jobs(
        cases_from_rows(
            [
                row(model=m, params_total=p, params_active=a, input_tokens="", batch=b)
                for m, p, a in sizes
                for b in BATCHES
            ]
        )
    )
    record = fact(f"serving.{name}")
    ends = [serve({**VALUES, name: end}, some).j_per_token for end in (record.si_low, record.si_high)]
    assert np.any(np.abs(ends[1] / ends[0] - 1) > 1e-3), "it moves something"
