"""A prediction is a number with an interval, or a reason."""

from __future__ import annotations

import numpy as np
import pytest

from efficiency.prediction import Prediction, assemble, nothing, prediction

ONE = np.array([1.0])
NONE = np.array([np.nan])


def test_neither_number_nor_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="case 0: predicted is nan"):
        Prediction(NONE, NONE, NONE, ("",))
    with pytest.raises(ValueError, match="case 0: low is nan"):
        Prediction(ONE, NONE, ONE, ("",))
    with pytest.raises(ValueError, match=r"case 0: predicted is 1\.0"):
        Prediction(ONE, ONE, ONE, ("a reason",))
    with pytest.raises(ValueError, match="equally long"):
        Prediction(ONE, ONE, ONE, ())


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0, -1.0])
def test_a_number_that_is_none_becomes_a_reason(bad: float) -> None:
    made = prediction(np.array([bad, 2.0]), np.ones(2), np.full(2, 3.0), ["", ""], "no power")
    assert made.why_not == ("no power", "")
    assert np.isnan([made.predicted[0], made.low[0], made.high[0]]).all()
    assert (made.low[1], made.predicted[1], made.high[1]) == (1.0, 2.0, 3.0)


def test_the_interval_holds_the_value() -> None:
    made = prediction(ONE, ONE * 2, ONE * 0.5, "")
    assert (made.low[0], made.high[0]) == (1.0, 1.0)


def test_parts_return_to_their_places() -> None:
    whole = assemble(
        3, [(np.array([2]), prediction(ONE, ONE, ONE, "")), (np.array([0]), nothing(1, "no chip"))], "unknown"
    )
    assert whole.why_not == ("no chip", "unknown", "")
    np.testing.assert_array_equal(whole.predicted, [np.nan, np.nan, 1.0])
    assert len(whole) == 3
    assert len(nothing(0, "")) == 0
