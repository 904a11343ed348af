"""Which assumption decides: swings and Sobol indices."""

import numpy as np
import pytest

from efficiency import sensitivity
from efficiency.draws import fitted_correlation
from efficiency.lever_draws import draws_of, uncertain_count, uncertain_settings
from efficiency.lever_machines import Task, best_batch
from efficiency.lever_settings import PRESETS, setting
from efficiency.scenario import Scenario
from efficiency.sensitivity import FITTED, MOST_INPUTS, OTHERS, influences, log_distance

CLOCKED = Scenario(events="every_step", batch=1.0)
RESEARCH = [setting(lever, position) for lever, position in PRESETS["research"].settings.items()]


@pytest.mark.parametrize("name", ["synapse", "token"])
def test_indices_share_the_variance(name: str) -> None:
    task = Task(name, CLOCKED)
    found = influences(task, RESEARCH, best_batch(task))
    assert 3 <= len(found) <= MOST_INPUTS + 2
    assert 0.85 < sum(one.first_order for one in found) < 1.0 + 1e-9
    for one in found:
        assert 0 <= one.first_order <= 1
        assert one.total >= one.first_order
        assert one.words == one.words.strip()
    keys = [one.key for one in found]
    assert len(set(keys)) == len(keys)
    assert OTHERS not in keys[:-1]
    swings = [abs(one.high - one.low) for one in found if one.key != OTHERS]
    assert swings == sorted(swings, reverse=True)


def test_the_step_of_a_clocked_machine_decides_most() -> None:
    """It spans two powers of ten, more than anything else that a clocked machine hangs on."""
    first = influences(Task("synapse", CLOCKED), [], 1.0)[0]
    assert first.key == "step_rate_hz"
    assert first.high - first.low == pytest.approx(2.0, abs=0.01)
    assert first.first_order > 0.8


def test_fitted_coefficients_count_as_one() -> None:
    found = influences(Task("token", CLOCKED), [], 1.0)
    keys = [one.key for one in found]
    assert FITTED in keys
    assert not set(fitted_correlation("graphs_2025")[0]) & set(keys)


def test_a_variance_known_by_hand() -> None:
    """At batch 1 and chip scope on events alone, S and f enter as products: logarithms add, so shares follow ranges."""
    task = Task("synapse", Scenario(batch=1.0, machine_scope="chip"))
    found = {one.key: one for one in influences(task, [], 1.0, 1024)}
    normals = np.random.default_rng(1).standard_normal((4096, uncertain_count()))
    spread = log_distance(task, [], 1.0, draws_of(normals, "graphs_2025")).var()
    for key in ("synapses", "firing_rate_hz", "brain_power_w"):
        swing = (found[key].high - found[key].low) / (2 * 1.6449)
        assert found[key].first_order == pytest.approx(swing**2 / spread, abs=0.1)
        assert found[key].total == pytest.approx(found[key].first_order, abs=0.1), "no interaction"


def test_every_uncertain_setting_has_words_for_a_sentence() -> None:
    assert set(sensitivity._SETTING_WORDS) == set(uncertain_settings())
    assert all(len(said) <= 40 for said in sensitivity._SETTING_WORDS.values())
