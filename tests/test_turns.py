"""A page run that has to wait, and one that broke."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.test_error_page import dropped
from ui import turns
from ui.limits import UPLOAD_COST, Admission, Buckets
from ui.metrics import METRICS


def asks_for(work: str) -> None:
    import streamlit as st

    from ui.turns import wait_for_turn

    wait_for_turn(work)
    st.text("done")


def shown(work: str) -> AppTest:
    return AppTest.from_function(asks_for, args=(work,), default_timeout=30).run()


def test_who_asks_for_too_much_is_told_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PAGES", Admission(Buckets(rate_per_s=0.01, burst=1)))
    refused = METRICS.refused["rerun_rate"]
    assert [text.value for text in shown("one").text] == ["done"]
    second = shown("two")
    assert not second.text
    assert [warning.value for warning in second.warning] == [turns.NOTICE]
    assert [text.value for text in shown("one").text] == ["done"], "what is known is never limited"
    assert METRICS.refused["rerun_rate"] == refused + 1


def test_a_short_wait_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PAGES", Admission(Buckets(rate_per_s=20, burst=1)))
    assert [text.value for name in ("one", "two", "three") for text in shown(name).text] == ["done"] * 3


def breaks() -> None:
    from ui.faults import on_error

    assert on_error(KeyError("<b>chip=h100</b>"))


def test_a_viewer_of_a_broken_page_learns_nothing_of_the_reason() -> None:
    counted = METRICS.errors["KeyError"]
    app = AppTest.from_function(breaks, default_timeout=30).run()
    (said,) = (error.value for error in app.error)
    assert "h100" not in said
    assert "KeyError" not in said
    assert METRICS.errors["KeyError"] == counted + 1


def test_a_dropped_table_takes_its_turn_in_every_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PAGES", Admission(Buckets(rate_per_s=0.01, burst=UPLOAD_COST + 5)))
    app = dropped(b"model,gpu,metric\nllama-3.1-8b,H100,energy_per_output_token\n")
    assert turns.NOTICE in [warning.value for warning in app.warning]
    assert not app.exception
