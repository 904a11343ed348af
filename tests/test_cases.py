"""Tables of cases: what is read, what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from efficiency.cases import CaseError, cases_from_rows, read_cases, table_text

HEADER = "model,gpu,metric,n_gpus,batch,input_tokens,value,colour"
ROW = "Llama,NVIDIA H100,energy_per_output_token,8,16,0,1.5,red"


def table(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def test_columns_are_read_and_unknown_ones_kept() -> None:
    cases = read_cases(table(ROW, ROW.replace("1.5", "").replace("red", "blue")))
    assert len(cases) == 2
    assert cases.model == ("Llama", "Llama")
    assert cases.id == ("row 2", "row 3"), "a case without a name is called by its place"
    np.testing.assert_array_equal(cases.value, [1.5, np.nan])
    assert cases.input_tokens[0] == 0
    assert np.isnan(cases.frames).all(), "a missing column is blank"
    assert cases.extra["colour"] == ("red", "blue")


def test_a_table_written_again_is_the_same() -> None:
    text = table(ROW, ROW.replace("8,16", "8-32,16"), ROW.replace("red", '"red, deep"'))
    cases = read_cases(text)
    assert table_text(cases.columns, cases.cells) == text


def test_a_span_of_machines_is_its_geometric_mean_and_says_so() -> None:
    cases = read_cases(table(ROW.replace("8,16", "8-32,16")))
    assert cases.n_gpus[0] == pytest.approx(16)
    assert "8-32 is read as 16" in cases.remarks[0]
    assert cases.spans["n_gpus"].tolist() == [4.0] and cases.spans["batch"].tolist() == [1.0]
    two = read_cases(table(ROW, ROW.replace("8,16", "8,64-512")))
    assert two.spans["batch"].tolist() == [1.0, 8.0] and two.take([1]).spans["batch"].tolist() == [8.0]


@pytest.mark.parametrize(
    ("cell", "column", "words"),
    [
        ("x", "batch", "must be a positive number, or blank"),
        ("0", "batch", "must be a positive number, or blank"),
        ("-4", "batch", "must be a positive number, or blank"),
        ("inf", "value", "must be a positive number, or blank"),
        ("1e308", "value", "must be a positive number, or blank"),
        ("1_000", "value", "must be a positive number, or blank"),
        ("\u0665", "value", "must be a positive number, or blank"),
        ("-1", "input_tokens", "must be 0 or a positive number, or blank"),
        ("0.9", "pue", "must be between 1 and 10, or blank"),
        ("1e39", "batch", "must be between 1 and 1e+08, or blank"),
        ("0.5", "batch", "must be between 1 and 1e+08, or blank"),
        ("1e12", "input_tokens", "must be between 0 and 1e+08, or blank"),
        ("1e-30", "output_tokens", "must be 0, or between 1 and 1e+08, or blank"),
        ("1.5", "n_gpus", "must be a whole number, or blank"),
        ("0.001", "weight_bits", "must be between 1 and 64, or blank"),
        ("1000", "weight_bits", "must be between 1 and 64, or blank"),
        ("1e-9", "latency_s", "must be between 1e-06 and 1e+09, or blank"),
        ("1e12", "tokens_per_s", "must be between 0.0001 and 1e+10, or blank"),
        ("32-8", "n_gpus", "must be a positive number, or blank"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(cell: str, column: str, words: str) -> None:
    rows = [{"model": "a", "gpu": "b", "metric": "c"}, {"model": "a", "gpu": "b", "metric": "c", column: cell}]
    with pytest.raises(CaseError) as refused:
        cases_from_rows(rows)
    assert str(refused.value) == f"row 3: {column} is {cell!r}; {words}"
    lenient = cases_from_rows(rows, strict=False)
    assert lenient.faults == ("", f"{column} is {cell!r}; {words}")
    assert np.isnan(getattr(lenient, column)).all()


@pytest.mark.parametrize("blank", ["", "  ", "NaN", "NA", "none", "-", None, float("nan")])
def test_a_blank_is_no_number(blank: object) -> None:
    cases = cases_from_rows([{"model": "a", "gpu": "b", "metric": "c", "batch": blank}])
    assert np.isnan(cases.batch[0])
    assert cases.faults == ("",)


@pytest.mark.parametrize("blank", ["", "NaN", "n/a", "None", " - "])
def test_a_blank_is_no_name(blank: str) -> None:
    cases = cases_from_rows([{"model": blank, "gpu": "b", "metric": "c", "engine": blank, "unit": blank, "note": "-"}])
    assert (cases.model, cases.engine, cases.unit) == (("",), ("",), ("",))
    assert cases.note == ("-",)
    assert cases.cells[0][0] == blank, "what was given is written out again"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\n\n", "the table is empty"),
        ("a,b\n1,2\n", "row 1: no column model, gpu, metric"),
        (table(ROW, header=HEADER.replace("colour", "gpu")), "row 1: column 'gpu' stands there twice"),
        (table(ROW + ",more"), "row 2: 9 cells; must be 8"),
        (table('"open'), "this is not a CSV table"),
    ],
)
def test_a_table_that_is_none_is_refused(text: str, words: str) -> None:
    with pytest.raises(CaseError, match=words) as refused:
        read_cases(text)
    assert "\n" not in str(refused.value)


def test_files_are_read_and_missing_ones_named(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("\ufeff" + table(ROW), encoding="utf-8")
    assert read_cases(path).gpu == read_cases(str(path)).gpu == ("NVIDIA H100",)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CaseError, match=r"cases\.csv is not text in UTF-8"):
        read_cases(path)
    for wrong in (tmp_path, tmp_path / "none.csv", "a\0b"):
        with pytest.raises(CaseError, match="cannot read"):
            read_cases(wrong)


def test_rows_can_be_taken_by_number_and_by_truth() -> None:
    cases = read_cases(table(ROW, ROW.replace("red", "blue")))
    for some in (cases.take([1]), cases.take(np.array([False, True]))):
        assert len(some) == 1
        assert some.extra["colour"] == ("blue",)
        assert some.columns == cases.columns
        assert some.cells == cases.cells[1:]
    assert len(cases.take([])) == 0


def test_no_rows_are_no_cases() -> None:
    assert len(read_cases(HEADER + "\n")) == 0


def test_the_measured_table_is_read(shared_folder: Path) -> None:
    cases = read_cases(shared_folder / "measured" / "cases.csv")
    assert len(cases) == 1957
    assert not any(cases.faults)
    assert not cases.extra
    assert np.isfinite(cases.value).all()
