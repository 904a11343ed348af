"""Derived records: computed from others, joined to their sources."""

import math

import pytest

from efficiency.derived import derived, records
from efficiency.facts import fact, facts
from efficiency.units import UNITS

ORDER = ("own", "primary", "secondary", "unconfirmed")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("brain.energy_30_years", 20 * 30 * 365.25 * 24 / 1e6),
        ("brain.energy_per_synaptic_event", 20 / (1.5e14 * 0.5) * 1e12),
        ("cortex.energy_per_bit_sent", 3.5 / (16e9 * 7) * 1e12),
        ("cortex.energy_per_bit_delivered", 3.5 / (16e9 * 7 * 2500) * 1e15),
        ("human.energy_per_token_spoken", 20 / (150 / 60 * 1.33)),
        ("brain.atp_signalling_power", 20 * 0.5 * 0.75),
        ("brain.storage", 1.5e14 * 4.7 / 8 / 1e12),
        ("physics.landauer_310k", 2.9666e-21),
    ],
)
def test_golden_derived_records(key: str, value: float) -> None:
    assert derived()[key].value == pytest.approx(value, rel=1e-4)


def test_all_human_brains_draw_as_much_as_a_few_countries() -> None:
    people = fact("human.population").si
    assert 8e9 < people < 9e9
    assert derived()["grid.all_human_brains"].value == pytest.approx(people * 20 / 1e9)
    energy = fact("grid.datacentres_energy_2024").si
    mean_gw = energy / (365.25 * 86400) / 1e9
    assert derived()["grid.datacentre_power_2024"].value == pytest.approx(mean_gw)


@pytest.mark.parametrize("key", derived())
def test_a_derived_record_joins_its_parents(key: str) -> None:
    record = derived()[key]
    assert record.kind == "derived"
    assert key == record.key not in facts(), "never stored as well"
    assert record.unit in UNITS
    parents = [facts()[name] for name in record.note.removeprefix("From ").split(", ")]
    if record.has_range:
        (parent,) = [p for p in parents if math.isclose(record.low / record.value, p.si_low / p.si) and p.has_range]
        assert record.high / record.value == pytest.approx(parent.si_high / parent.si), "proportional to it"
    assert set(record.sources) == {source for p in parents for source in p.sources}
    assert ORDER.index(record.trust) == max(ORDER.index(p.trust) for p in parents)


def test_records_are_all_there_is() -> None:
    assert list(records()) == [*facts(), *derived()]
