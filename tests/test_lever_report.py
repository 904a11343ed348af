"""The levers on the command line and as data."""

import json
from typing import Any

import pytest

from efficiency.__main__ import main
from efficiency.derived import records
from efficiency.lever_report import attribution_of, positions_of, task_of
from efficiency.lever_settings import LEVERS, setting
from efficiency.link import State, encode
from efficiency.scenario import Scenario

STATE = State(
    Scenario(chip="a100", machine_scope="server"),
    choices={
        "lv_task": "token",
        "lv_batch": "best",
        "lv_quality": "lost",
        "lv_precision": "products",
        "lv_use": "today",
    },
)


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(("levers", *arguments)) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_a_state_names_a_task() -> None:
    assert (task_of(STATE).name, task_of(STATE).equal_quality, task_of(STATE).today.chip) == ("token", False, "a100")
    assert task_of(State()).today.events == "every_step"
    in_rate = State(choices={"lv_events": "rate"})
    assert task_of(in_rate).today.events == "events"
    assert positions_of(STATE)["precision"] == "products"


def test_a_state_is_attributed_at_its_batch() -> None:
    best = attribution_of(STATE, 64)
    assert best.batch == best.best_batch > 1.0
    assert attribution_of(State(), 64).batch == 1.0


@pytest.mark.parametrize("state", [State(), STATE])
def test_the_json(capsys: pytest.CaptureFixture[str], state: State) -> None:
    text = answer(capsys, "--json", "--link", f"https://example.org/levers?{encode(state)}")
    assert "NaN" not in text
    assert "Infinity" not in text
    data: dict[str, Any] = json.loads(text)
    found = attribution_of(state)
    assert data["remainder"] == {
        "low": found.remainder.low, "central": found.remainder.central, "high": found.remainder.high,
    }  # fmt: skip
    assert [lever["name"] for lever in data["levers"]] == [lever.key for lever in LEVERS]
    assert sum(lever["share"]["central"] for lever in data["levers"]) == pytest.approx(data["together"]["central"])
    assert all(key in records() for lever in data["levers"] for key in lever["facts"])
    theory = [lever for lever in data["levers"] if lever["evidence"] == "theory"]
    assert theory
    assert all(lever["facts"] or lever["reason"] for lever in theory)
    assert data["scenario"]["chip"] == state.scenario.chip
    assert len(data["assumptions"]) >= 3


def test_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    text = answer(capsys)
    lines = text.splitlines()
    assert lines[0].startswith("One synaptic event: ")
    for lever in LEVERS:
        assert sum(line.startswith(f"  {lever.name} ") for line in lines) == 1
    for word in ("overlap", "remainder", "all together"):
        assert sum(line.startswith(f"  {word} ") for line in lines) == 1
    assert max(map(len, lines)) < 180


def test_a_wrong_link_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("levers", "--link", "lv_task=dream")) == 2
    assert capsys.readouterr().err == "efficiency: --link: The link says lv_task=dream; allowed is synapse, token.\n"


def test_theory_says_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    said = answer(capsys, "--link", "lv_movement=limit&lv_goodput=limit")
    lines = [line.strip() for line in said.splitlines()]
    for position, reason in (
        ("weights never move, theory (whole", "a weight that is used where it lies is not read"),
        ("nothing fails, theory", "no work is lost"),
    ):
        at = next(i for i, line in enumerate(lines) if position in line)
        assert lines[at + 1] == reason


@pytest.mark.parametrize("task", ["synapse", "token"])
def test_a_task_names_only_the_records_behind_what_it_uses(task: str) -> None:
    for position in ("research", "limit"):
        sparse, used = (setting(lever, position).for_task(task) for lever in ("sparsity", "use"))
        assert ("neuro.truenorth_event" in sparse.facts) == (task == "synapse")
        assert ("sparse_law.text.b" in sparse.facts) == (task == "token")
        assert (used.reason == "the batch that takes least") == (task == "token")
        assert used.facts == () or task == "synapse"
        assert sparse.evidence != "theory" or sparse.reason
