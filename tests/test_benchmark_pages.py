"""The pages' benchmark runs, in small; its times are printed, never asserted."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from benchmarks.pages import rerun_ms, trivial


def test_a_rerun_is_measured() -> None:
    app = AppTest.from_function(trivial, default_timeout=30)
    assert rerun_ms(app, lambda a, step: a.slider(key="height").set_value(step + 2), reruns=2) > 0
    assert app.slider(key="height").value == 3
