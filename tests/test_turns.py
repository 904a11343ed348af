"""A page run that has to wait, and one that broke."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

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


def passes(line: turns.Line) -> bool:
    """Tell whether another run gets its turn now."""
    with line:
        pass
    return True


def on_another_thread(run: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_runs_that_stand_in_line_go_one_at_a_time() -> None:
    line = turns.Line(longest_s=60)
    order: list[str] = []

    def stand(name: str) -> None:
        with line:
            order.append(name)

    with line:
        behind = []
        for name in ("second", "third"):
            behind.append(on_another_thread(partial(stand, name)))
            behind[-1].join(0.05)
        assert not order
        order.append("first")
    for thread in behind:
        thread.join(60)
    assert order == ["first", "second", "third"]


def test_a_run_that_takes_long_holds_nobody_up_for_long() -> None:
    line = turns.Line(longest_s=0.01)
    with line:
        passed = on_another_thread(partial(passes, line))
        passed.join(60)
        assert not passed.is_alive()


def test_a_run_that_breaks_off_lets_the_next_one_go() -> None:
    line = turns.Line(longest_s=60)
    with pytest.raises(KeyError), line:
        raise KeyError("chip")
    assert passes(line)


def test_who_has_let_the_others_pass_does_so_once() -> None:
    line = turns.Line(longest_s=60)
    with line:
        line.let_pass()
    with line:
        waiting = on_another_thread(partial(passes, line))
        waiting.join(0.05)
        assert waiting.is_alive(), "two runs at once"
    waiting.join(60)
    assert not waiting.is_alive()


def test_who_waits_for_an_address_stands_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = []

    def meanwhile(_: float) -> None:
        other = on_another_thread(partial(passes, turns.LINE))
        other.join(60)
        passed.append(not other.is_alive())

    monkeypatch.setattr(turns, "PAGES", Admission(Buckets(rate_per_s=20, burst=1)))
    monkeypatch.setattr(turns, "time", SimpleNamespace(monotonic=time.monotonic, sleep=meanwhile))
    monkeypatch.setattr(turns.LINE, "longest_s", 600.0)
    with turns.LINE:
        for work in ("one", "two"):
            turns.wait_for_turn(work)
        late = on_another_thread(partial(passes, turns.LINE))
        late.join(0.05)
        assert late.is_alive(), "after its wait it stands in line again"
    late.join(60)
    assert not late.is_alive()
    assert passed
    assert all(passed)


def test_who_works_out_a_table_stands_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PAGES", Admission(Buckets()))
    monkeypatch.setattr(turns.LINE, "longest_s", 600.0)
    with turns.LINE:
        turns.wait_for_turn("table", UPLOAD_COST)
        other = on_another_thread(partial(passes, turns.LINE))
        other.join(60)
        assert not other.is_alive()


def test_who_waited_for_a_slider_lets_the_others_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fragment runs outside the line; having waited for its turn, it must not stay at its head."""
    waits = iter([0.01, 0.0])
    monkeypatch.setattr(turns.PAGES, "wait_s", lambda *_: next(waits))
    page = AppTest.from_function(moved, default_timeout=30).run()
    assert not page.exception
    assert page.text[0].value == "followed"
    assert turns.LINE._free._value == 1


def moved() -> None:
    import streamlit as st

    from ui import address, slider

    address.read_address()
    st.session_state["moved-chart"] = True
    slider.watch_slider("chart", "pr_at", ["8", "4"], follow=lambda: st.text("followed"))
