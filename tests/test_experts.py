"""Mixtures of experts: which of their weights a batch touches."""

import itertools

import numpy as np
import pytest

from efficiency import catalogue
from efficiency.experts import expert_weights, fullest_chip, touched_share

LLAMA = catalogue.model("llama31_70b")
EXPERT_MODELS = tuple(key for key in catalogue.labels("model") if catalogue.model(key).experts > 1)


@pytest.mark.parametrize("key", EXPERT_MODELS)
def test_experts_touched_lie_between_the_active_and_all_of_them(key: str) -> None:
    model = catalogue.model(key)
    batches = np.geomspace(1, 4096, 100)
    touched = np.asarray(touched_share(model, batches))
    assert touched[0] == pytest.approx(model.experts_active / model.experts, rel=1e-12)
    assert (np.diff(touched) >= 0).all(), "a larger batch touches more experts"
    assert (touched <= 1).all()
    assert touched[-1] == pytest.approx(1, rel=1e-6)
    assert (np.diff(touched / batches) < 0).all(), "and still reads less for each conversation"
    assert [touched_share(model, float(b)) for b in batches] == pytest.approx(touched)
    shared = model.parameters - expert_weights(model)
    assert shared + expert_weights(model) * touched[0] == pytest.approx(model.active_parameters)


def test_golden_experts_of_mixtral() -> None:
    """Mixtral routes each token to 2 of 8 experts; eight tokens that choose freely read 90 % of them."""
    model = catalogue.model("mixtral_8x7b")
    assert expert_weights(model) == pytest.approx((46.7e9 - 12.9e9) / 0.75)
    assert touched_share(model, 8.0) == pytest.approx(1 - 0.75**8)


@pytest.mark.parametrize("batch", [1.0, 4096.0])
def test_a_dense_model_reads_all_its_weights(batch: float) -> None:
    assert expert_weights(LLAMA) == 0.0
    assert touched_share(LLAMA, batch) == 1.0
    assert fullest_chip(LLAMA, 8.0, 1.0) == 1.0


@pytest.mark.parametrize("key", EXPERT_MODELS)
def test_the_fullest_chip_holds_up_the_others_most_at_small_batches(key: str) -> None:
    model = catalogue.model(key)
    waits = [fullest_chip(model, 8.0, touched_share(model, batch)) for batch in (1.0, 8.0, 64.0, 512.0)]
    assert all(first > then >= 1.0 for first, then in itertools.pairwise(waits))
    assert fullest_chip(model, 1.0, 0.1) == 1.0
    assert fullest_chip(model, np.array([1.0, 8.0]), 0.1).tolist() == pytest.approx(
        [1.0, fullest_chip(model, 8.0, 0.1)]
    )
