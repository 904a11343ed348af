"""Fitted coefficients: inside what is published, stored and read alike, at a bound only for a reason."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from efficiency.coefficients import FAMILIES, Fit, at_bound, bounds, coefficients, write
from efficiency.facts import DATA_FOLDER, DATA_VERSION, FactError, facts, load_facts

MOST = 16


@pytest.mark.parametrize("family", FAMILIES)
def test_every_coefficient_lies_inside_its_range(family: str) -> None:
    fit, ranges = coefficients(family), bounds(family)
    assert set(fit.names) == set(ranges)
    for name, value in fit.by_name.items():
        record = ranges[name]
        assert record.si_low * (1 - 1e-6) <= value <= record.si_high * (1 + 1e-6), name
        assert record.si_low < record.si_high


@pytest.mark.parametrize("family", FAMILIES)
def test_every_coefficient_lies_inside_what_is_published_or_says_that_nothing_is(family: str) -> None:
    """The solver keeps to its bounds; what others have published it never sees."""
    for name, value in coefficients(family).by_name.items():
        published, bound = facts().get(f"literature.{family}.{name}"), bounds(family)[name]
        if published is None:
            assert bound.note.startswith("No literature"), name
            assert "physical bound, our choice" in bound.place, name
        else:
            assert published.si_low <= value <= published.si_high, name
            assert f"literature.{family}.{name}" in bound.note, name
            assert not {"assumption", "own_fit"} & set(published.sources) and published.trust != "own", name
            assert (published.si_low, published.si_high) != (bound.si_low, bound.si_high), "not the bounds once more"


def test_what_is_published_is_of_a_coefficient() -> None:
    known = {f"literature.{family}.{name}" for family in FAMILIES for name in coefficients(family).names}
    published = {key for key in facts() if key.startswith("literature.")}
    assert published <= known and len(published) >= 9


def test_serving_has_few_coefficients() -> None:
    assert len(coefficients("serving").names) <= MOST


@pytest.mark.parametrize("family", FAMILIES)
def test_a_coefficient_at_the_end_of_its_range_has_a_written_reason(family: str) -> None:
    fit, ranges = coefficients(family), bounds(family)
    at_end = {name for name, value in fit.by_name.items() if at_bound(value, ranges[name])}
    assert at_end <= ({"activation_passes"} if family == "serving" else set())
    for name in at_end:
        assert "end" in ranges[name].note
        assert facts()[f"fitted.{family}.{name}"].note.endswith("at an end of this range")


def test_the_energy_of_a_bit_lies_among_the_published_ones() -> None:
    fitted = coefficients("serving").by_name["memory_energy"]
    published = [fact.si for key, fact in facts().items() if key.startswith("memory.path_")]
    published.append(facts()["memory.gpu_path"].si_high)
    assert min(published) < fitted < max(published)


@pytest.mark.parametrize("family", FAMILIES)
def test_fits_are_facts_with_range_date_and_number_of_cases(family: str) -> None:
    fit = coefficients(family)
    for name, value in fit.by_name.items():
        record = facts()[f"fitted.{family}.{name}"]
        assert record.kind == "fitted" and record.trust == "own" and record.sources == ("own_fit",)
        assert record.si == pytest.approx(value)
        assert str(fit.cases) in record.place and fit.date in record.place
    assert fit.data_version == DATA_VERSION
    assert np.all(np.linalg.eigvalsh(fit.covariance / np.outer(*[np.maximum(np.abs(fit.values), 1e-30)] * 2)) > -1e-9)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(fit.standard_errors)


def test_what_is_written_is_read_and_loads_among_the_facts(tmp_path: Path) -> None:
    fits = [coefficients(family) for family in FAMILIES]
    paths = write(fits, tmp_path)
    assert all(path.is_file() for path in paths)
    for fit in fits:
        again = coefficients(fit.family, tmp_path)
        assert again.names == fit.names and again.cases == fit.cases and again.date == fit.date
        assert again.values == pytest.approx(fit.values, rel=1e-5)
        assert again.covariance == pytest.approx(fit.covariance, rel=1e-6, abs=1e-60)
        assert dict(again.spreads) == pytest.approx(dict(fit.spreads), rel=1e-4)
    (tmp_path / "sources.csv").write_text((DATA_FOLDER / "sources.csv").read_text())
    assert len(load_facts(tmp_path)) == sum(len(fit.names) for fit in fits)


def test_writing_one_family_keeps_the_others(tmp_path: Path) -> None:
    one, other = (coefficients(family) for family in ("serving", "diffusion"))
    write([one, other], tmp_path)
    write([replace(one, spreads=MappingProxyType({"all": 0.5}), cases=7)], tmp_path)
    assert coefficients("serving", tmp_path).cases == 7
    assert dict(coefficients("serving", tmp_path).spreads) == {"all": 0.5}
    assert coefficients("diffusion", tmp_path).cases == other.cases


def test_a_coefficient_at_its_bound_has_no_error(tmp_path: Path) -> None:
    record = bounds("serving")["memory_energy"]
    made = Fit(
        family="serving",
        names=("memory_energy",),
        values=np.array([record.si_high]),
        standard_errors=np.zeros(1),
        covariance=np.zeros((1, 1)),
        spreads=MappingProxyType({}),
        data_version="x",
        date="2026-01-01",
        cases=3,
    )
    write([made], tmp_path)
    text = (tmp_path / "fitted.csv").read_text()
    assert "at an end of this range" in text
    assert coefficients("serving", tmp_path).standard_errors.tolist() == [0.0]


def test_a_coefficient_without_bounds_is_refused(tmp_path: Path) -> None:
    fit = coefficients("serving")
    renamed = replace(fit, names=("luck", *fit.names[1:]))
    with pytest.raises(FactError, match=r"^coefficient 'luck' has no bounds: no fact is called serving\.bounds\.luck$"):
        write([renamed], tmp_path)


def test_a_family_that_was_not_calibrated_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(FactError, match="no coefficients of 'serving'"):
        coefficients("serving", tmp_path)
    with pytest.raises(FactError, match="no coefficients of 'weather'"):
        coefficients("weather")
