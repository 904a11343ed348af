"""The benchmark of the model runs; how fast is for its table to say, never for a test."""

import pytest

from benchmarks import model


@pytest.mark.parametrize("name", model.MEASURES)
def test_a_measure_gives_positive_figures(name: str) -> None:
    tiny = {
        "central": lambda: model.central(1, 2),
        "ranged": lambda: model.ranged(1, 1),
        "ranged_new_chip": lambda: model.ranged_new_chip(2),
        "swept": lambda: model.swept(100, 1),
        "attributed": lambda: model.attributed(16, 1),
    }
    measured = tiny[name]()
    assert measured.keys() >= {"seconds"}
    assert all(value > 0 for value in measured.values())


def test_the_table_says_what_was_measured() -> None:
    measured = {name: {"seconds": 1e-3, "peak_bytes": 2.0**29} for name in model.MEASURES}
    text = model.table(measured, {"bare_s": 2e-3, "whole_s": 4e-3})
    assert "1.000 ms" in text
    assert "0.50 GiB" in text
    assert "takes 2.00 times one scenario" in text
    assert "answers 2,000,000 scenarios" in text


def test_it_compares_with_a_version_that_is_named() -> None:
    required = model.REQUIREMENTS.read_text(encoding="utf-8")
    assert "ecologits==0.11.3" in required
