"""The levers on the command line and as data."""

import json
from typing import Any

import pytest

from efficiency.__main__ import main
from efficiency.derived import records
from efficiency.lever_report import attribution_of, positions_of, task_of
from efficiency.lever_settings import LEVERS
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
