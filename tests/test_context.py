"""Long context: published sizes are met, laws hold, and the crossover answers to what moves it."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency import context_report
from efficiency.architectures import architecture
from efficiency.catalogue import model
from efficiency.context import (
    CONTEXTS,
    MACHINES,
    PENALTIES,
    SERVED,
    Cost,
    Setting,
    attention_share,
    central,
    central_assumed,
    cost,
    held,
)
from efficiency.context_charges import per_unit, with_penalty
from efficiency.context_crossover import SEARCHED, Crossover, crossing, crossover
from efficiency.context_shapes import (
    HEADS,
    KINDS,
    KV_BITS,
    WINDOWS,
    Attention,
    StateShape,
    attention_model,
    attention_token_flop,
    kv_bytes,
    mean_attention_flop,
    state_bytes,
    state_shape,
    state_values,
)
from efficiency.decode_step import replica_chips
from efficiency.facts import fact
from efficiency.scenario import Scenario
from efficiency.topics import TopicError
from efficiency.workloads import decode_energies, prefill_energies
from tests.scenarios import examples, scenarios

ATTENTIONS = st.builds(
    Attention, st.sampled_from(list(HEADS)), st.sampled_from(list(WINDOWS)), st.sampled_from(KV_BITS)
)


def energy(kind: str, tokens: float, scenario: Scenario | None = None, **setting: object) -> Cost:
    chosen = Setting(scenario or Scenario(), **setting)  # type: ignore[arg-type]
    return cost(kind, chosen, central(chosen.scenario), central_assumed(), tokens)


@pytest.mark.parametrize(
    ("name", "heads", "published"),
    [
        # Bytes of a token in 16 bits: 2 x layers x KV heads x head size x 2; DeepSeek's latent and rotary part.
        ("llama31_70b", "as_built", 2 * 80 * 8 * 128 * 2),
        ("llama31_70b", "many", 2 * 80 * 64 * 128 * 2),
        ("llama31_70b", "one", 2 * 80 * 1 * 128 * 2),
        ("llama31_405b", "grouped", 2 * 126 * 8 * 128 * 2),
        ("deepseek_v3", "as_built", 61 * (512 + 64) * 2),
        ("gpt3", "as_built", 2 * 96 * 96 * 128 * 2),
    ],
)
def test_bytes_of_a_token_are_as_published(name: str, heads: str, published: float) -> None:
    assert kv_bytes(attention_model(name, Attention(heads)), 16.0, 1.0) == pytest.approx(published)
    assert kv_bytes(attention_model(name, Attention(heads)), 4.0, 1.0) == pytest.approx(published / 4)


def test_a_latent_is_as_large_as_the_published_number_of_groups() -> None:
    # DeepSeek-V2: equal to grouped attention with 2.25 groups of heads of 128.
    latent, one = (kv_bytes(attention_model("llama31_70b", Attention(h)), 16.0, 1.0) for h in ("latent", "one"))
    assert latent / one == pytest.approx(fact("context.latent_groups").si)


def test_a_published_state_is_met() -> None:
    # Nemotron Nano 9B v2: 27 blocks, 128 heads of 80 channels, 128 numbers each.
    nano = architecture("nemotron_nano_9b_v2")
    shape = dataclasses.replace(model("llama31_8b"), attention_layers=27.0, hidden=nano.hidden)
    own = StateShape(128.0, 128.0 * 80.0 / nano.hidden, 32.0, 6.0)
    assert state_values(shape, own) == pytest.approx(nano.state_values)
    assert state_bytes(shape, own) == pytest.approx(4 * nano.state_values)


def test_windows_are_those_of_published_models() -> None:
    half, most = (attention_model("llama31_70b", Attention(window=w)) for w in ("half", "most"))
    assert (half.window, half.windowed_share) == (4096.0, 0.5)
    assert most.window == 1024.0
    assert most.windowed_share == pytest.approx(5 / 6, abs=0.01)
    plain = kv_bytes(attention_model("llama31_70b", Attention(window="none")), 16.0, 1e6)
    assert kv_bytes(half, 16.0, 1e6) == pytest.approx(0.5 * plain, rel=0.01)
    gemma = attention_model("gemma3_27b", Attention(window="none"))
    assert (gemma.window, gemma.windowed_share) == (0.0, 0.0)


def test_the_mean_over_a_text_is_the_sum_over_its_tokens() -> None:
    windowed = attention_model("llama31_70b", Attention(window="half"))
    tokens = 10_000
    each = attention_token_flop(windowed, np.arange(1.0, tokens + 1.0))
    assert mean_attention_flop(windowed, float(tokens)) == pytest.approx(float(np.mean(each)), rel=1e-3)


def test_a_transformer_as_built_is_the_ledger_s() -> None:
    for name in ("llama31_70b", "deepseek_v3"):
        for tokens in (1024.0, 65536.0):
            scenario = Scenario(model=name, context_tokens=tokens, batch=4.0)
            inputs = central(scenario)
            chips = float(replica_chips(scenario, inputs))
            found = energy("transformer", tokens, scenario, chips=chips)
            assert found.written == pytest.approx(decode_energies(scenario, inputs)[0].total_j(), rel=1e-9)
            # The energy of links is booked with the FLOP here.
            assert found.read == pytest.approx(prefill_energies(scenario, inputs)[0].total_j(), rel=0.05)


def test_a_state_costs_the_same_at_any_context() -> None:
    along = np.array(CONTEXTS)
    found = energy("state_space", along)  # type: ignore[arg-type]
    for part in (found.written, found.read):
        assert np.ptp(np.broadcast_to(part, along.shape)) == 0.0


@pytest.mark.parametrize("kind", ["transformer", "hybrid"])
def test_attention_costs_more_the_longer_the_context(kind: str) -> None:
    found = energy(kind, np.array(CONTEXTS))  # type: ignore[arg-type]
    assert (np.diff(found.written) > 0).all()
    assert (np.diff(found.read) > 0).all()


def test_reading_is_quadratic_in_the_end() -> None:
    reads = [energy("transformer", tokens).read for tokens in (2e6, 4e6)]
    assert reads[1] / reads[0] == pytest.approx(2.0, rel=0.05)


def test_what_fits_is_what_the_memory_leaves() -> None:
    scenario = Scenario(batch=4096.0)
    setting, inputs, assumed = Setting(scenario), central(scenario), central_assumed()
    for tokens in (1e5, 1e7):
        found = held("transformer", setting, inputs, assumed, tokens)
        assert math.log2(found.chips / 8.0) % 1 == 0
        room = fact("serving.memory_fill").si * found.chips * 80e9 - 2 * model("llama31_70b").parameters
        assert found.conversations == pytest.approx(room / (327_680 * tokens), rel=1e-6)
    assert held("state_space", Setting(replace(scenario, batch=64.0)), inputs, assumed, 1e7).chips == 8.0
    few = held("transformer", Setting(Scenario(batch=2.0)), inputs, assumed, 1e3)
    assert few.conversations == 2.0


def test_the_share_of_attention_is_checked() -> None:
    assert [attention_share(kind, central_assumed()) for kind in KINDS] == [1.0, 0.0, 0.14]
    with pytest.raises(ValueError, match="kind is 'recurrent'; allowed: transformer"):
        attention_share("recurrent", central_assumed())


@pytest.mark.parametrize(
    ("field", "value"), [("heads", "two"), ("window", "all"), ("kv_bits", 5.0), ("paid", "never"), ("chips", 0.0)]
)
def test_a_setting_checks_itself(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"{field} is {value!r}; allowed: "):
        if field in ("heads", "window", "kv_bits"):
            Attention(**{field: value})  # type: ignore[arg-type]
        else:
            Setting(Scenario(), **{field: value})  # type: ignore[arg-type]


def test_a_penalty_is_charged_as_said() -> None:
    found = Cost(2.0, 1.0, 0.5)
    plain = Setting(Scenario())
    assert with_penalty(found, plain, 1.0) == Cost(2.0, 1.0, 0.0)
    assert with_penalty(found, plain, 3.0) == Cost(2.0, 1.0, 1.0)
    assert with_penalty(found, dataclasses.replace(plain, paid="size"), 4.0) == Cost(4.0, 2.0, 1.5)
    answer = fact("context.answer_tokens").si
    assert per_unit(Cost(2.0, 1.0, 0.5), "request", 1000.0) == 1000 * 1.5 + answer * 2.5
    assert per_unit(Cost(2.0, 1.0, 0.5), "token", 1000.0) == 2.5


def test_training_is_6_flop_per_parameter_and_token_over_the_tokens_served() -> None:
    one, ten = (energy("transformer", 1e3, served_tokens=served).training for served in (1e13, 1e14))
    assert one / ten == pytest.approx(10.0)
    # 6 N D at 1 to 5 pJ per delivered FLOP in a facility.
    parameters = model("llama31_70b").parameters
    per_flop = one * 1e13 / (6.0 * parameters * 200.0 * parameters)
    assert 1e-12 < per_flop < 5e-12


def test_the_crossover_is_where_both_cost_the_same() -> None:
    for unit in ("token", "request"):
        for paid in ("training", "size"):
            setting = Setting(Scenario(), paid=paid)
            found = crossover(setting, 1.5, unit)
            assert found.low <= found.central <= found.high
            if not math.isfinite(found.central):
                continue
            inputs, assumed = central(setting.scenario), central_assumed()
            own = cost("transformer", setting, inputs, assumed, found.central)._replace(training=0.0)
            other = with_penalty(cost("state_space", setting, inputs, assumed, found.central), setting, 1.5)
            ratio = per_unit(other, unit, found.central) / per_unit(own, unit, found.central)
            # Looked for on eight contexts a decade.
            assert ratio == pytest.approx(1.0, abs=0.03)


def test_the_crossover_without_penalty_is_where_the_bytes_are_alike() -> None:
    # One conversation on a machine that holds it: weights and launches are the same on both sides.
    found = crossover(Setting(Scenario(batch=1.0)), 1.0, "token").central
    state, moved = state_shape(), fact("context.state_passes").si
    shape = attention_model("llama31_70b", Attention())
    assert found == pytest.approx(moved * state_bytes(shape, state) / kv_bytes(shape, 16.0, 1.0), rel=0.1)


def test_the_crossover_moves_as_it_must() -> None:
    def at(penalty: float = 1.0, unit: str = "token", **setting: object) -> float:
        return crossover(Setting(Scenario(), **setting), penalty, unit).central  # type: ignore[arg-type]

    penalties = [at(penalty, "request") for penalty in PENALTIES]
    assert all(a <= b for a, b in pairwise(penalties))
    assert at(attention=Attention("many")) < at() < at(attention=Attention("latent")) < at(attention=Attention("one"))
    assert at(attention=Attention(kv_bits=8.0)) == pytest.approx(2 * at(), rel=0.1)
    assert at() <= at(attention=Attention(window="half")) <= at(attention=Attention(window="most"))
    served = [at(3.0, "request", served_tokens=tokens) for tokens in SERVED]
    assert all(a >= b for a, b in pairwise(served))


def test_a_crossover_may_be_everywhere_or_nowhere() -> None:
    contexts = np.array([1.0, 10.0, 100.0])
    columns = np.array([[0.9, 0.5, 0.1], [0.5, 0.5, 1.1], [2.0, 0.5, 0.1], [1.0, 2.0, 0.5]]).T
    assert crossing(contexts, columns) == pytest.approx([0.0, math.inf, math.sqrt(10.0), 10**1.5])
    with pytest.raises(ValueError, match="penalty is nan"):
        crossover(Setting(Scenario()), math.nan, "token")
    assert SEARCHED[0] == 1.0
    assert SEARCHED[-1] == pytest.approx(1e7)


@given(
    scenarios(),
    ATTENTIONS,
    st.sampled_from(MACHINES),
    st.sampled_from(["training", "size"]),
    st.sampled_from(SERVED),
    st.floats(0.0, 7.0).map(lambda x: 10.0**x),
)
@examples(60)
def test_any_setting_has_finite_energies(
    scenario: Scenario, attention: Attention, chips: float, paid: str, served: float, tokens: float
) -> None:
    setting = Setting(scenario, attention, chips, paid, served)
    inputs, assumed = central(scenario), central_assumed()
    for kind in KINDS:
        fits = held(kind, setting, inputs, assumed, tokens)
        assert fits.chips >= chips
        assert 1.0 <= fits.conversations <= max(1.0, float(scenario.batch))
        found = with_penalty(cost(kind, setting, inputs, assumed, tokens), setting, 3.0)
        for value in found:
            assert math.isfinite(float(value))
            assert float(value) >= 0.0


@given(scenarios(), ATTENTIONS, st.sampled_from(MACHINES))
@examples(30)
def test_a_longer_context_is_never_cheaper(scenario: Scenario, attention: Attention, chips: float) -> None:
    setting, along = Setting(scenario, attention, chips), np.array(CONTEXTS)
    for kind in KINDS:
        found = cost(kind, setting, central(scenario), central_assumed(), along)
        assert (np.diff(np.broadcast_to(found.written, along.shape)) >= -1e-9 * np.max(found.written)).all()


@given(scenarios(), ATTENTIONS, st.sampled_from(PENALTIES), st.sampled_from(["token", "request"]))
@examples(10)
def test_any_setting_has_a_crossover(scenario: Scenario, attention: Attention, penalty: float, unit: str) -> None:
    found = crossover(Setting(scenario, attention), penalty, unit)
    assert 0.0 <= found.low <= found.central <= found.high
    assert not math.isnan(found.high)
    assert context_report.crossover_words(found)


def ask(*words: str) -> context_report.Answer:
    parser = argparse.ArgumentParser()
    context_report.add_arguments(parser)
    return context_report.answer(parser.parse_args(list(words)))


def test_the_verb_says_crossovers_and_rows() -> None:
    found = ask("--tokens", "1000", "1e6", "--penalty", "2", "--heads", "one", "--kv-bits", "8")
    assert [row.tokens for row in found.rows] == [1e3] * 3 + [1e6] * 3
    said = context_report.as_text(found)
    assert "State-space model takes less for a request" in said
    assert "2 times the compute of training" in said
    data = json.loads(json.dumps(context_report.as_data(found), allow_nan=False))
    assert data["results"]["crossover_tokens"]["token"]["state_space"]["central"] > 1e4
    assert data["inputs"]["heads"] == "one"
    assert all(record["key"].startswith("context.") for record in data["facts"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tokens", "2e7"), "--tokens is 20000000.0; allowed: 1 to 1e\\+07 tokens"),
        (("--penalty", "11"), "--penalty is 11.0; allowed: 1 to 10"),
        (("--kv-bits", "5"), "--kv-bits is 5.0; allowed: 16, 8, 4"),
        (("--served-tokens", "nan"), "--served-tokens is nan"),
        (("--chips", "0"), "--chips is 0.0; allowed: 1 to 100000 chips"),
    ],
)
def test_the_verb_refuses_what_cannot_be(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(TopicError, match=said):
        ask(*words)


def test_crossovers_in_words() -> None:
    assert context_report.crossover_words(Crossover(0.0, 0.0, 0.0)) == "at any context"
    assert context_report.crossover_words(Crossover(0.0, 5000.0, math.inf)) == (
        "from 5,000 tokens on (any to beyond 10 million)"
    )
