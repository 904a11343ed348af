"""The brain's side: golden numbers from sourced records."""

import numpy as np
import pytest

from efficiency import brain
from efficiency.draws import sampled_inputs
from efficiency.inputs import central_inputs

INPUTS = central_inputs("own", "h100", "llama31_405b", 16.0)
YEAR_S = 365.25 * 86400.0


def test_power_by_scope() -> None:
    assert brain.brain_power_w("glucose", INPUTS) == 20.0
    assert brain.brain_power_w("body", INPUTS) == 100.0
    # Half of the glucose power becomes ATP, a quarter of that is housekeeping.
    assert brain.brain_power_w("atp", INPUTS) == pytest.approx(20.0 * 0.5 * 0.75)


def test_thirty_years_at_20_watts_are_5_26_megawatt_hours() -> None:
    energy = brain.lifetime_energy_j("glucose", 30 * YEAR_S, INPUTS)
    assert energy / 3.6e9 == pytest.approx(20 * 30 * 365.25 * 24 / 1e6, rel=1e-12)
    assert energy / 3.6e9 == pytest.approx(5.26, abs=5e-3)


def test_a_synaptic_event_takes_0_27_picojoule() -> None:
    energy = brain.synaptic_event_energy_j("glucose", INPUTS)
    assert energy == pytest.approx(20 / (1.5e14 * 0.5), rel=1e-12)
    assert energy * 1e12 == pytest.approx(0.27, abs=5e-3)


def test_a_bit_sent_takes_31_picojoule_of_atp() -> None:
    energy = brain.sent_bit_energy_j("atp", INPUTS)
    assert energy == pytest.approx(3.5 / (16e9 * 7), rel=1e-12)
    assert energy * 1e12 == pytest.approx(31, abs=0.5)
    assert brain.sent_bit_energy_j("glucose", INPUTS) == pytest.approx(2 * energy)
    assert brain.sent_bit_energy_j("body", INPUTS) == pytest.approx(10 * energy)


def test_a_bit_delivered_takes_12_femtojoule_of_atp() -> None:
    energy = brain.delivered_bit_energy_j("atp", INPUTS)
    assert energy * 1e15 == pytest.approx(12.5)
    assert energy * 2500 == pytest.approx(brain.sent_bit_energy_j("atp", INPUTS))


def test_a_token_spoken_takes_6_joule() -> None:
    energy = brain.token_energy_j("speaking", "glucose", INPUTS)
    assert energy == pytest.approx(20 / (150 / 60 * 1.33), rel=1e-12)
    assert energy == pytest.approx(6.0, abs=0.05)


def test_writing_is_slower_than_speaking_and_reading_faster() -> None:
    writing, speaking, reading = (
        brain.token_energy_j(task, "glucose", INPUTS) for task in ("writing", "speaking", "reading")
    )
    assert reading < speaking < writing
    assert 20 < writing < 45


def test_synapses_hold_88_terabytes() -> None:
    assert brain.stored_bytes(INPUTS) == pytest.approx(1.5e14 * 4.7 / 8, rel=1e-12)
    assert brain.stored_bytes(INPUTS) / 1e12 == pytest.approx(88, abs=0.5)


@pytest.mark.parametrize("scope", ["atp", "glucose", "body"])
def test_each_scope_holds_the_one_inside_it_in_every_sample(scope: str) -> None:
    sampled = sampled_inputs("own", "h100", "llama31_405b", 16.0, 1024)
    order = ("atp", "glucose", "body")
    inner = order[max(0, order.index(scope) - 1)]
    assert np.all(brain.brain_power_w(inner, sampled) <= brain.brain_power_w(scope, sampled))
    assert np.all(brain.sent_bit_energy_j(inner, sampled) <= brain.sent_bit_energy_j(scope, sampled))


def test_an_event_has_the_range_of_the_design() -> None:
    """0.03 to 2 pJ: from the ends of synapses and rate taken together, wider than 5 to 95 %."""
    sampled = sampled_inputs("own", "h100", "llama31_405b", 16.0, 1024)
    energies = brain.synaptic_event_energy_j("glucose", sampled) * 1e12
    low, high = np.quantile(energies, [0.05, 0.95])
    assert 0.03 < low < 0.1
    assert 1.0 < high < 2.0
