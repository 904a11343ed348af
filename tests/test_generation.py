"""Generation: block diffusion keeps its limits, pieces are the models', and published cases are met."""

from __future__ import annotations

import argparse
import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency import diffusion, generation_report
from efficiency.block_diffusion import (
    BATCHES,
    BLOCKS,
    SETTLED,
    Advantage,
    advantage,
    block_energy_j,
    curve,
    passes_per_token,
    whole_text_energy_j,
)
from efficiency.cases import MEASURED_FILE, cases_from_rows, read_cases
from efficiency.context import central
from efficiency.facts import fact
from efficiency.generation import METRICS, PIECES, pictures, pieces, score, shipped
from efficiency.sampling import Range
from efficiency.scenario import Scenario
from efficiency.topics import TopicError
from efficiency.workloads import decode_energies
from tests.scenarios import examples, scenarios


def test_a_block_of_one_is_one_token_at_a_time() -> None:
    for name in ("llama31_70b", "deepseek_v3"):
        for batch in (1.0, 64.0):
            scenario = Scenario(model=name, batch=batch)
            one = decode_energies(scenario, central(scenario))[0].total_j()
            assert block_energy_j(scenario, central(scenario), 1.0, 1.0, 1.0) == pytest.approx(one, rel=1e-12)
            found = curve(scenario, 1.0, 1.0).central[BATCHES.index(batch)]
            assert found == pytest.approx(one, rel=1e-12)


def test_passes_are_counted() -> None:
    assert passes_per_token(32.0, 32.0, 0.0) == 1 / 32
    assert passes_per_token(16.0, 64.0, 1.0) == 2 / 16, "no more than the block can be settled"
    assert passes_per_token(32.0, 2.0, 1.0) == 0.5 + 1 / 32


def test_energy_goes_with_passes() -> None:
    scenario = Scenario()
    two, four = (block_energy_j(scenario, central(scenario), 32.0, settled, 0.0) for settled in (2.0, 4.0))
    assert two == pytest.approx(2 * four)


def test_nothing_is_gained_without_settling_more_than_one() -> None:
    for block in BLOCKS:
        assert advantage(Scenario(), block, 1.0).gain[1] < 1.0


def test_sharing_the_weights_is_all_that_is_gained() -> None:
    # The best case: one conversation, a small block, every token settled in one pass.
    gain = advantage(Scenario(), 4.0, 4.0).gain[2]
    assert 1.5 < gain < 4.0


def test_the_gain_shrinks_with_the_batch_and_turns() -> None:
    one, many = curve(Scenario(), 1.0, 1.0), curve(Scenario(), 32.0, 4.0)
    ratio = one.central / many.central
    assert ratio[0] > 2
    assert ratio[-4] < 0.5
    found = advantage(Scenario(), 32.0, 4.0)
    low, middle, high = found.crossover
    assert 1.0 <= low <= middle <= high
    at = Scenario(batch=round(middle))
    same = block_energy_j(at, central(at), 32.0, 4.0, 1.0) / block_energy_j(at, central(at), 1.0, 1.0, 1.0)
    assert same == pytest.approx(1.0, abs=0.08)


def test_more_settled_per_pass_keeps_the_gain_longer() -> None:
    turns = [advantage(Scenario(), 32.0, settled).crossover[1] for settled in SETTLED]
    assert all(a <= b for a, b in pairwise(turns))


def test_experts_leave_less_to_share() -> None:
    dense, experts = (advantage(Scenario(model=name), 32.0, 4.0).gain[1] for name in ("qwen3_32b", "qwen3_30b_a3b"))
    assert experts < 1.0 < dense


def test_a_whole_text_without_a_cache_costs_more_than_blocks() -> None:
    scenario = Scenario(batch=1.0)
    whole = whole_text_energy_j(scenario, central(scenario), 500.0, 500.0, 1.0)
    assert whole > decode_energies(scenario, central(scenario))[0].total_j()


@pytest.mark.parametrize(("block", "settled", "said"), [(0.5, 1.0, "block is 0.5"), (8.0, math.nan, "settled is nan")])
def test_what_is_compared_is_checked(block: float, settled: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        advantage(Scenario(), block, settled)


@given(scenarios(), st.sampled_from(BLOCKS), st.sampled_from(SETTLED))
@examples(25)
def test_any_scenario_has_curves_and_pieces(scenario: Scenario, block: float, settled: float) -> None:
    for found in (curve(scenario, block, settled), curve(scenario, 1.0, 1.0)):
        assert (np.isfinite(found.central) & (found.central > 0)).all()
        assert np.isfinite(found.sampled).all()
    compared = advantage(scenario, block, settled)
    assert 0 < compared.gain[0] <= compared.gain[1] <= compared.gain[2] < math.inf
    assert not any(map(math.isnan, compared.crossover))
    for piece in pieces(scenario, block, settled):
        assert 0 < piece.low <= piece.central <= piece.high < math.inf


def test_pieces_are_what_the_models_say() -> None:
    found = {piece.name: piece for piece in pieces(Scenario(machine_scope="chip"))}
    row = {"model": "black-forest-labs/FLUX.1-dev", "gpu": "NVIDIA H100 SXM5 80GB", "n_gpus": 1, "batch": 1,
           "steps": 28, "height": 1024, "width": 1024, "metric": "energy_per_image", "unit": "J/image",
           "scope": "gpu"}  # fmt: skip
    made = diffusion.predict(cases_from_rows([row]), given=False)
    assert found["FLUX.1-dev, 12B"].central == pytest.approx(float(made.predicted[0]))
    assert {piece.piece for piece in found.values()} == set(PIECES)
    # 4,096 tokens twice over; a second of video is 24 frames, four to a token.
    emu = [piece for piece in pieces(Scenario()) if piece.name.startswith("Emu3, ")]
    assert fact("generation.emu3.image_tokens").si * 24 / 4 == 24_576
    assert emu[0].central > 1e4


def test_facilities_cost_more_than_chips() -> None:
    chips, site = (pieces(Scenario(machine_scope=scope)) for scope in ("chip", "facility"))
    assert [a.name for a in chips] == [b.name for b in site]
    assert all(a.central < b.central for a, b in zip(chips, site, strict=True))


def test_a_chip_without_rates_has_no_pictures() -> None:
    assert all(piece.way != "diffusion" for piece in pieces(Scenario(chip="northpole")))


def test_shipped_pictures_and_videos_are_met() -> None:
    cases = read_cases(MEASURED_FILE, strict=False)
    for metric in METRICS:
        found = score(cases, metric)
        assert found.within / found.measured >= 0.85, "those that cannot be predicted count as missed"
    assert len(shipped()) == sum(score(cases, metric).predicted for metric in METRICS)
    assert all(row.low <= row.predicted <= row.high for row in shipped())


@pytest.mark.parametrize("metric", METRICS)
def test_public_pictures_and_videos_are_within_2x_without_any_latency(shared_folder, metric, capsys):  # type: ignore[no-untyped-def]
    cases = pictures(read_cases(shared_folder / "measured" / "cases.csv", strict=False))
    found = score(cases, metric)
    with capsys.disabled():
        print(
            f"\n{metric}: {found.within} of {found.predicted} predicted within 2x ({found.within / found.predicted:.1%}"
            f"), {found.within / found.measured:.1%} of all {found.measured} measured"
        )
    assert found.measured > 250
    assert found.within / found.predicted >= 0.95
    # Twelve pictures lack steps or size, and are not predicted: counted as missed, the target of 85 % still holds.
    assert found.within / found.measured >= 0.85


def ask(*words: str) -> generation_report.Answer:
    parser = argparse.ArgumentParser()
    generation_report.add_arguments(parser)
    return generation_report.answer(parser.parse_args(list(words)))


def test_the_verb_says_pieces_crossover_and_scores() -> None:
    found = ask("--block", "16", "--settled", "2", "--model", "llama31_8b")
    said = generation_report.as_text(found)
    assert "within 2 times (" in said
    assert "Blocks of 16 with 2 tokens" in said
    data = json.loads(json.dumps(generation_report.as_data(found), allow_nan=False))
    assert data["results"]["within_a_factor_of_2"]["energy_per_video"]["measured"] == 54
    assert data["inputs"]["block"] == 16.0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--settled", "64"), "--settled is 64.0; allowed: 1 to 32 tokens"),
        (("--block", "1"), "--block is 1.0; allowed: 2 to 1024 tokens"),
        (("--batch", "0"), "--batch is 0.0; allowed: 1 to 4096"),
    ],
)
def test_the_verb_refuses_what_cannot_be(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(TopicError, match=said):
        ask(*words)


def test_crossovers_in_words() -> None:
    gain = Range(2.0, 3.0, 4.0)
    assert generation_report.crossover_words(Advantage(gain, Range(1.0, 1.0, 1.0))) == (
        "they take more at any number of conversations"
    )


def test_a_chip_that_cannot_hold_a_model_makes_no_picture_with_it() -> None:
    """A K20X has 6 GB; FLUX.1-dev alone has 24 in 16 bits."""
    names = {piece.name for piece in pieces(Scenario(chip="k20x"))}
    assert "FLUX.1-dev, 12B" in {piece.name for piece in pieces(Scenario())}
    assert not {"FLUX.1-dev, 12B", "Wan 2.1, 14B"} & names
    assert "SANA 1.5, 1.6B" in names


def test_a_loss_is_said_as_one() -> None:
    parser = argparse.ArgumentParser()
    generation_report.add_arguments(parser)
    said = generation_report.as_text(generation_report.answer(parser.parse_args(["--block", "2", "--settled", "1"])))
    assert "1 token settled" in said
    assert "times more than one token at a time" in said
    assert "they take more at any number of conversations" in said
