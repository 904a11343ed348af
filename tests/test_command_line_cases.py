"""The verbs that take tables of cases: what they write, and what they say in one line when they cannot."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from efficiency import validate as validate_module
from efficiency.__main__ import main
from efficiency.cases import MEASURED_FILE, Cases, read_cases
from efficiency.facts import DATA_FOLDER
from tests.models_in_place import put_in_place

TABLE = (
    "mine,model,gpu,metric,unit,n_gpus,value,tokens_per_s,avg_power_w\n"
    '"a,b",Llama,NVIDIA H100,energy_per_output_token,J/token,8-32,,,\n'
    "=c,X,unknown,energy_per_output_token,J/token,1,,,\n"
    "d,X,NVIDIA H100,energy_per_output_token,J/token,many,,,\n"
)


@pytest.fixture
def known_models(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch)
    monkeypatch.setattr(validate_module, "_simpler", lambda cases: {})
    monkeypatch.setattr("efficiency.held_out._table", lambda folder: {})


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "cases.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.usefixtures("known_models")
@pytest.mark.parametrize("given", [(), ("--given",)])
def test_predict_adds_four_columns(table: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...]) -> None:
    assert main(["predict", str(table), *given]) == 0
    captured = capsys.readouterr()
    found = rows(captured.out)
    assert list(found[0])[:9] == TABLE.splitlines()[0].split(",")
    assert list(found[0])[9:] == ["predicted", "low", "high", "why_not"]
    assert [row["mine"] for row in found] == ["a,b", "=c", "d"], "unknown columns are kept"
    assert found[0]["n_gpus"] == "8-32", "a cell stays as it was given"
    assert (found[0]["predicted"], found[0]["low"], found[0]["high"], found[0]["why_not"]) == ("2", "1", "4", "")
    assert (found[1]["predicted"], found[1]["why_not"]) == ("", "no such chip")
    assert found[2]["why_not"] == "n_gpus is 'many'; must be a positive number, or blank"
    assert "nan" not in captured.out.casefold()
    assert "2 of 3 cases are not predicted" in captured.err
    assert "n_gpus 8-32 is read as 16" in captured.err


@pytest.mark.usefixtures("known_models")
def test_predict_writes_a_file(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(table)]) == 0
    printed = capsys.readouterr().out
    assert main(["predict", str(table), "-o", str(tmp_path / "out.csv")]) == 0
    assert capsys.readouterr().out == ""
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == printed


@pytest.mark.usefixtures("known_models")
def test_validate_takes_a_table_or_our_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    measured = tmp_path / "cases.csv"
    measured.write_text(TABLE.replace("8-32,", "8-32,2.2"), encoding="utf-8")
    assert main(["validate", str(measured)]) == 0
    assert capsys.readouterr().out.startswith("1 measured case;")
    assert main(["validate"]) == 0
    assert capsys.readouterr().out.startswith(f"{len(read_cases(MEASURED_FILE))} measured cases;")


def test_calibrate_hands_on_the_cases_and_shows_how_far_it_is(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table.write_text(TABLE.replace("many", "2"), encoding="utf-8")
    asked = []

    def calibrate(cases: Cases, folder: Path, progress: object) -> str:
        asked.append((len(cases), folder))
        assert callable(progress)
        progress(0.5, "serving")
        progress(1.0, "done")
        return "three fits"

    module = ModuleType("efficiency.calibrate")
    module.calibrate = calibrate  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "efficiency.calibrate", module)
    assert main(["calibrate", str(table)]) == 0
    captured = capsys.readouterr()
    assert asked == [(3, DATA_FOLDER)]
    assert captured.out == "three fits\n"
    assert captured.err.splitlines() == ["[###############...............]  50% serving", f"[{30 * '#'}] 100% done"]


@pytest.mark.parametrize("verb", ["predict", "validate", "calibrate"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot read"),
        ("", "the table is empty"),
        ("a,b\n1,2\n", "row 1: no column model, gpu, metric"),
        ("model,gpu,metric\n1,2\n", "row 2: 2 cells; must be 3"),
        ("model,gpu,metric,gpu\n", "stands there twice"),
    ],
)
def test_what_is_no_table_is_said_in_one_line(
    verb: str, content: str | None, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cases.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert main([verb, str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("efficiency: ")
    assert words in captured.err


def test_calibrate_takes_no_table_with_a_bad_cell(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", str(table)]) == 2
    assert capsys.readouterr().err == "efficiency: row 4: n_gpus is 'many'; must be a positive number, or blank\n"


def test_validate_says_that_there_is_nothing_to_compare(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(table)]) == 2
    assert capsys.readouterr().err == "efficiency: no row has a value, so there is nothing to compare with\n"


@pytest.mark.usefixtures("known_models")
def test_predict_says_when_it_cannot_write(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(table), "-o", str(tmp_path)]) == 2
    assert "cannot write" in capsys.readouterr().err.splitlines()[-1]


def test_calibrate_shows_no_bar_before_it_has_something_to_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "header.csv"
    empty.write_text("model,gpu,metric\n", encoding="utf-8")
    assert main(["calibrate", str(empty)]) == 2
    assert capsys.readouterr().err == (
        "efficiency: nothing is fitted: no measured case of serving, diffusion or training among 0 cases\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_a_full_disk_is_said_in_one_line(table: Path) -> None:
    program = [sys.executable, "-m", "efficiency", "predict", str(table)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "efficiency: cannot write what was found: No space left on device"
    assert "Traceback" not in done.stderr


def test_remarks_are_said_beside_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(
        "id,model,gpu,metric,n_gpus,batch,output_tokens,engine\n"
        "mine,Qwen3-8B,H100,energy_per_output_token,1,8,500,weird\n",
        encoding="utf-8",
    )
    assert main(["predict", str(path), "--given"]) == 0
    said = "efficiency: mine: engine 'weird' is none we know: taken as not stated; throughput and latency not stated"
    assert said in capsys.readouterr().err


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "efficiency", *arguments]
    return subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)


def test_bad_arguments_are_said_in_one_line() -> None:
    for arguments in (["predict"], ["predict", "a", "b"], ["predict", "a", "--gave"], ["calibrate"]):
        done = command(*arguments)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1


def test_thousands_of_cases_are_predicted_or_refused(tmp_path: Path) -> None:
    assert DATA_FOLDER.is_dir()
    text = MEASURED_FILE.read_text(encoding="utf-8")
    header, rest = text.split("\n", 1)
    table = tmp_path / "many.csv"
    table.write_text(header + "\n" + rest * (2000 // len(read_cases(MEASURED_FILE)) + 1), encoding="utf-8")
    assert len(read_cases(table)) >= 2000
    done = command("predict", str(table), "-o", str(tmp_path / "out.csv"))
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "out.csv").read_text(encoding="utf-8")
    found = rows(written)
    assert all((row["predicted"] == "") == (row["why_not"] != "") for row in found)
    assert all(float(row["low"]) <= float(row["predicted"]) <= float(row["high"]) for row in found if row["predicted"])


def test_blank_measurements_are_enough(tmp_path: Path) -> None:
    """A table whose answers are sealed is predicted as well as one that shows them."""
    cases = read_cases(MEASURED_FILE)
    hidden = [cases.columns.index(name) for name in ("value", "tokens_per_s", "avg_power_w")]
    lines = [",".join(cases.columns)]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([["" if i in hidden else cell for i, cell in enumerate(line)] for line in cases.cells])
    sealed, shown = tmp_path / "sealed.csv", tmp_path / "shown.csv"
    sealed.write_text(lines[0] + "\n" + stream.getvalue(), encoding="utf-8")
    for source, target in ((sealed, sealed), (MEASURED_FILE, shown)):
        assert command("predict", str(source), "-o", str(target)).returncode == 0
    for blind, open_ in zip(rows(sealed.read_text()), rows(shown.read_text()), strict=True):
        assert [blind[name] for name in ("predicted", "low", "high", "why_not")] == [
            open_[name] for name in ("predicted", "low", "high", "why_not")
        ]
