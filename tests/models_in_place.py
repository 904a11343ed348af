"""Stand-ins for the fitted models, so that what is built on them is tested by numbers that are known."""

from __future__ import annotations

import numpy as np
import pytest

from efficiency import held_out as held_out_module
from efficiency import predict as predict_module
from efficiency.cases import Cases
from efficiency.predict import Model
from efficiency.prediction import Prediction, prediction


def steady(value: float, factor: float = 2.0) -> Model:
    """Make a model that says the same of every case, and nothing of chips called "unknown"."""

    def model(cases: Cases, given: bool) -> Prediction:
        assert np.isnan(cases.value).all(), "a model must not see the answer"
        if not given:
            assert np.isnan(cases.tokens_per_s).all(), "blind means blind"
            assert np.isnan(cases.avg_power_w).all(), "blind means blind"
        centre = np.full(len(cases), value)
        why = ["no such chip" if gpu == "unknown" else "" for gpu in cases.gpu]
        return prediction(centre, centre / factor, centre * factor, why)

    return model


def put_in_place(monkeypatch: pytest.MonkeyPatch, model: Model | None = None) -> None:
    """Let every kind of case be predicted by one model."""
    monkeypatch.setattr(predict_module, "_model", lambda name: model or steady(2.0))
    for module in (predict_module, held_out_module):
        monkeypatch.setattr(module, "blind_step_s", lambda cases: np.full(len(cases), 0.04))
