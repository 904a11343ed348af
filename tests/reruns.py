"""How long a page takes for a state not asked before, on a machine that others may use too."""

from __future__ import annotations

import math
import time
from typing import Final

import pytest
from streamlit.testing.v1 import AppTest

from ui.address import session_key

BUDGET_S: Final = 0.08
"""For any state, on a quiet machine."""
_LOOP_S: Final = 0.0086
"""What `_loop_s` takes on a quiet machine; it is slower on a busy one, and so are pages."""
_STEPS: Final = 16


def seconds(app: AppTest) -> float:
    """Time a run by what this process computes."""
    start = time.process_time()
    app.run()
    return time.process_time() - start


def assert_quick(app: AppTest) -> None:
    """Move a slider of the machine until one run keeps the budget."""
    best = math.inf
    for step in range(_STEPS):
        app.select_slider(key=session_key("pue")).set_value(round(1.4 + 0.05 * step, 2))
        best = min(best, seconds(app) / max(1.0, _loop_s() / _LOOP_S))
        if best < BUDGET_S:
            return
    pytest.fail(f"{1000 * best:.0f} ms")


def _loop_s() -> float:
    """Time work that has nothing to do with a page."""
    start = time.process_time()
    total = 0
    for i in range(200_000):
        total += i * i % 7
    return time.process_time() - start
