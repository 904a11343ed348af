"""The command line: what other programs and terminals get."""

import json
import subprocess
import sys
from typing import Any

import pytest

from efficiency import __version__
from efficiency.__main__ import main
from efficiency.derived import records
from efficiency.facts import DATA_VERSION, facts, sources
from efficiency.gap import evaluate
from efficiency.ledger import PART_NAMES
from efficiency.link import State, encode
from efficiency.report import as_text
from efficiency.scenario import Scenario, field_rules
from efficiency.yardsticks import YARDSTICKS

LINK = encode(State(Scenario(chip="b200", bits=8.0, workload="training")))


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "efficiency", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("link", ["", LINK, f"?{LINK}", f"https://example.org/gap?{LINK}"])
def test_the_json_of_a_gap(capsys: pytest.CaptureFixture[str], link: str) -> None:
    scenario = Scenario(chip="b200", bits=8.0, workload="training") if link else Scenario()
    text = answer(capsys, "gap", "--json", "--link", link)
    assert "NaN" not in text
    assert "Infinity" not in text
    data: dict[str, Any] = json.loads(text)
    assert list(data) == [
        "model_version", "data_version", "sources", "scenario", "yardsticks", "ledger",
    ]  # fmt: skip
    assert data["model_version"] == __version__
    assert data["data_version"] == DATA_VERSION
    assert list(data["scenario"]) == list(field_rules())
    assert data["scenario"]["chip"] == scenario.chip
    assert Scenario(**data["scenario"]) == scenario, "the scenario can be built again"
    gap = evaluate(scenario)
    assert [s["key"] for s in data["sources"]] == list(gap.sources)
    assert all(s.keys() == {"key", "authors", "title", "year", "venue", "url", "licence"}
               for s in data["sources"])  # fmt: skip
    assert [y["name"] for y in data["yardsticks"]] == list(YARDSTICKS)
    for shown, y in zip(data["yardsticks"], gap.yardsticks, strict=True):
        assert list(shown)[:4] == ["name", "low", "central", "high"]
        assert (shown["low"], shown["central"], shown["high"]) == (y.low, y.central, y.high)
        assert shown["machine"] / shown["brain"] == pytest.approx(shown["central"])
        assert set(shown["facts"]) <= set(facts())
    ledger = data["ledger"]
    assert [part["name"] for part in ledger["parts"]] == list(PART_NAMES)
    total = sum(part["energy_j"] for part in ledger["parts"])
    assert abs(total - ledger["total_j"]) <= 1e-12 * ledger["total_j"]
    assert ledger["per"] == gap.ledger.per


def test_the_text_of_a_gap(capsys: pytest.CaptureFixture[str]) -> None:
    text = answer(capsys, "gap")
    assert text.rstrip("\n") == as_text(evaluate(Scenario()))
    lines = text.splitlines()
    assert lines[0] == "Machine over brain (5 to 95 %)"
    gap = evaluate(Scenario())
    assert all(y.name in text and y.driver in text for y in gap.yardsticks)
    assert all(name in text for name in PART_NAMES.values())
    assert f"model {__version__}" in lines[-1]


def test_the_facts_of_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    text = answer(capsys, "facts", "brain.power")
    assert text.startswith("brain.power: ")
    assert " 20 (17 to 25) W" in text
    source = sources()[facts()["brain.power"].sources[0]]
    assert source.title in text
    assert source.url in text
    assert "place: " in text


def test_the_facts_of_the_beginning_of_keys(capsys: pytest.CaptureFixture[str]) -> None:
    lines = answer(capsys, "facts", "chip.h100").splitlines()
    shown = {line.partition(":")[0] for line in lines if not line.startswith(" ")}
    assert shown == {key for key in records() if key.startswith("chip.h100.")}


def test_all_facts_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(answer(capsys, "facts", "--json"))
    assert [record["key"] for record in data] == list(records())
    for record in data:
        assert record["sources"], record["key"]
        assert all(source["authors"] and source["title"] for source in record["sources"])


def test_a_derived_record_has_its_sources_too(capsys: pytest.CaptureFixture[str]) -> None:
    (record,) = json.loads(answer(capsys, "facts", "--json", "brain.energy_30_years"))
    assert record["kind"] == "derived"
    assert record["value"] == pytest.approx(5.26, abs=5e-3)
    assert record["sources"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "required: command"),
        (("gaps",), "invalid choice: 'gaps'"),
        (("gap", "--watts", "20"), "unrecognized arguments: --watts 20"),
        (("gap", "a\nb"), "unrecognized arguments: a b"),
        (("gap", "--link"), "expected one argument"),
        (("gap", "--link", "bits=7"), "bits=7; allowed is 1, 1.58, 2"),
        (("gap", "--link", "bits=7&pue=9"), "pue=9; allowed is 1 to 3"),
        (("gap", "--link", "chip=%0a%0d"), "chip=??; allowed is"),
        (("gap", "--link", "&".join(f"p{i}" for i in range(500))), "p0, which is not known"),
        (("facts", "brain.powr"), "did you mean brain.power"),
        (("facts", "x\ny"), "no fact has the key"),
    ],
)  # fmt: skip
def test_a_bad_argument_is_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    try:
        code = main(arguments)
    except SystemExit as stopped:
        code = stopped.code
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert captured.err.startswith("efficiency: ")
    assert captured.err.count("\n") == 1
    assert said in captured.err


def test_the_module_runs() -> None:
    good = run("gap", "--json", "--link", LINK)
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout)["scenario"]["chip"] == "b200"
    bad = run("gap", "--link", "bits=7")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr.count("\n") == 1
    assert "Traceback" not in bad.stderr
    assert run("--help").returncode == 0


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = f"{sys.executable} -m efficiency facts | head -1"
    shown = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert shown.stdout.count("\n") == 1
    assert shown.stderr == ""
