"""What the lever pages say of odd machines: no gain of one time, no one conversations, no part that is all."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given

from efficiency.catalogue import chip
from efficiency.link import State
from efficiency.scenario import Scenario
from tests.scenarios import examples, scenarios
from ui import (
    movement,
    movement_built,
    pair_scores,
    parallel,
    parallel_batch,
    parallel_brain,
    parallel_waiting,
    precision,
    sparsity,
)
from ui.figures.movement import roofline_alt
from ui.figures.movement_flow import flow_alt

ABSURD = re.compile(
    r"(?<![\d.,])(?<! to )[01](?:\.0)? times\b|(?<![\d.,])1(?:\.0)? (?:conversations|tokens|people|spikes)\b"
    r"|between 1 and 1\b"
    r"|\bthe same and\b|(?<![\d.,])(?:100|0) % of|\bnan\b|\binf\b|\bNone\b|(?<! and )\b1 bit cost |4,100 conv",
)
CHIPS = ("groq", "wse3", "northpole", "k20x", "tpu_v1")
ODD = (
    *({"chip": key, "system": "own"} for key in CHIPS),
    *({"chip": key, "bits": bits} for key, bits in zip(CHIPS, (64.0, 1.0, 64.0, 1.0, 64.0), strict=True)),
    *({"batch": batch, "context_tokens": context} for batch in (1.0, 4096.0) for context in (1.0, 1e7)),
    *({"workload": workload, "batch": batch} for workload in ("training", "prefill") for batch in (1.0, 4096.0)),
    {"execution": "scalar"},
    {"bits": 1.0},
    {"bits": 64.0},
    {"density": 0.01},
    {"utilisation": 0.01},
    {"utilisation": 1.0},
    {"machine_scope": "chip"},
    {"workload": "training", "execution": "scalar", "bits": 4.0, "utilisation": 0.01},
    {"movement": "on_chip", "execution": "scalar"},
    {"movement": "in_memory", "context_tokens": 1.0},
    {"chip": "wse3", "batch": 1.0, "model": "deepseek_v3"},
)


def sentences(scenario: Scenario) -> Iterator[str]:
    """Everything that the four pages say of a scenario, as it is read."""
    state = State(scenario)
    view = movement.view_of(scenario)
    stops = movement.stops_of(view)
    yield movement.headline_html(view)
    yield movement.roofline_caption(scenario)
    yield movement.flow_headline(scenario)
    yield movement.flow_caption(scenario)
    yield roofline_alt(movement.roofs_of(view), stops, view.marks, 0)
    yield flow_alt(movement.flows_of(scenario))
    yield from (f"{stop.label}. {stop.headline}. {stop.detail}" for stop in stops)
    yield movement_built.gains_headline(scenario)
    yield movement_built.gains_caption(scenario)
    yield movement_built.cost_sentence(view)
    yield parallel.headline_html(scenario.chip)
    yield parallel.token_sentence(scenario)
    yield parallel_waiting.usage_headline(scenario)
    yield parallel_waiting.usage_footer(state)
    yield parallel_waiting.amdahl_headline(scenario.chip)
    yield parallel_batch.batch_headline(scenario)
    yield parallel_batch.batch_footer(state)
    yield parallel_brain.brain_headline(scenario)
    yield from (precision.headline_html(scenario, equal) for equal in (False, True))
    yield precision.caption(state)
    yield precision.width_headline(scenario)
    yield precision.costlier_table(scenario)
    yield sparsity.headline_html(scenario)
    yield sparsity.density_footer(state)
    yield sparsity.spikes_headline(scenario)
    yield sparsity.spikes_footer(state)


def read(html: str) -> str:
    """Take what is read, a space where a line or a cell ends."""
    return re.sub(r"<[^>]+>", " ", re.sub(r"</?(?:span|a|b)\b[^>]*>", "", html)).replace("\u00a0", " ")


def absurd(scenario: Scenario) -> list[tuple[str, str]]:
    """Find what nobody would say, with the sentence that says it."""
    read_out = [read(sentence) for sentence in sentences(scenario)]
    return [(hit.group(), said) for said in read_out for hit in ABSURD.finditer(said)]


@pytest.mark.parametrize("changed", ODD, ids=lambda changed: "-".join(str(value) for value in changed.values()))
def test_no_sentence_is_absurd_for_an_odd_machine(changed: dict[str, object]) -> None:
    assert not absurd(Scenario(**changed))  # type: ignore[arg-type]


@given(scenarios())
@examples(8)
def test_no_sentence_is_absurd_for_any_machine(scenario: Scenario) -> None:
    assert not absurd(scenario)


def test_the_test_would_see_an_absurd_sentence() -> None:
    for said in ("saves 1 times", "1 conversations", "Between 1 and 1".lower(), "100 % of it", "1 tokens", "nan"):
        assert ABSURD.search(said)
    for said in (
        "11 times",
        "2.1 times",
        "21 conversations",
        "0.9 to 1 times",
        "4 and 1 bit cost more",
        "1 bit costs more",
    ):
        assert not ABSURD.search(said)


def test_a_chip_with_memory_on_the_die_is_not_compared_with_off_chip_memory() -> None:
    for key in CHIPS:
        said = movement_built.gains_caption(Scenario(chip=key))
        assert ("the memory on the die that they have" in said) == chip(key).memory_on_chip


def test_a_chip_without_the_format_gains_nothing_from_its_instructions() -> None:
    assert "nothing of that can be had" in parallel.token_sentence(Scenario(chip="k20x"))
    assert "11 times less" in parallel.token_sentence(Scenario())


def test_waiting_is_named_only_where_somebody_waits() -> None:
    waits, none = (
        movement_built.cost_sentence(movement.view_of(scenario)) for scenario in (Scenario(), Scenario(chip="k20x"))
    )
    assert "Batching costs waiting" in waits
    assert "Batching costs waiting" in none or "no waiting here" in none
    for scenario in (Scenario(chip="k20x", bits=1.0), Scenario(chip="groq"), Scenario(movement="in_memory")):
        view = movement.view_of(scenario)
        slower = view.standing.step_s[-1] > 1.1 * view.standing.step_s[0]
        assert ("costs waiting" in movement_built.cost_sentence(view)) == bool(slower)


def test_the_two_scopes_of_break_even_are_both_said() -> None:
    said = sparsity.spikes_headline(Scenario())
    assert "one spike for 18 synapses against the H100’s bare multiply-add" in said
    assert re.search(r"below [\d.]+ spikes? per synapse against all that a written token takes", said)


def test_serving_names_the_format() -> None:
    assert "at 4 bit" in parallel_batch.batch_footer(State(Scenario(bits=4.0)))


def test_every_page_says_what_guessing_would_reach() -> None:
    assert "wrong for 2 of the 20" in precision.pairs_caption()
    assert "wrong for 3 of the 38" in sparsity.experts_footer(State())
    for said in (parallel_batch.pairs_footer(), movement_built.pairs_sentence()):
        assert "for pictures alone 0.76 of it" in said
    assert pair_scores.score_of("batch").count == len(movement_built.batch_pairs())
