"""Verbs of the command line that answer one question each."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from efficiency.__main__ import main
from efficiency.topics import TOPICS, TopicError, check_range

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("verb", TOPICS)
def test_a_verb_answers_without_arguments(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert len(said.out.splitlines()) >= 3
    assert max(map(len, said.out.splitlines())) <= 180


@pytest.mark.parametrize("verb", TOPICS)
def test_a_verb_answers_as_json(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {"model_version", "data_version"} <= set(data)


@pytest.mark.parametrize("verb", TOPICS)
def test_a_verb_refuses_what_it_does_not_know_in_one_line(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([verb, "--no-such-thing", "1"])
    assert stopped.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_only_the_verb_that_is_asked_for_is_read() -> None:
    program = (
        "import sys; from efficiency.__main__ import main; main(['facts', 'brain.power']);"
        "from efficiency.topics import TOPICS;"
        "print(sorted(m for m, _ in TOPICS.values() if f'efficiency.{m}' in sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert shown.stdout.splitlines()[-1] == "[]"


def test_a_range_is_checked() -> None:
    check_range("--flop", 1e20, 1e15, 1e29)
    for value in (1e14, float("nan"), float("inf")):
        with pytest.raises(TopicError, match=r"--flop is .*; allowed: 1e\+15 to 1e\+29 FLOP"):
            check_range("--flop", value, 1e15, 1e29, "FLOP")
