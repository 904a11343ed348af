"""The ledger: its parts are its total, and each scope adds what it should."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.gap import inputs_for
from efficiency.inputs import central_inputs
from efficiency.ledger import (
    INFERRED_PARTS,
    PART_NAMES,
    PER,
    Energies,
    Switching,
    as_ledger,
    metered,
)
from efficiency.scenario import Scenario, field_rules
from tests.scenarios import energies, examples, scenarios

INPUTS = central_inputs("colossus_1", "h100", "llama31_405b", 16.0)
SWITCHING = st.lists(st.floats(1e-9, 1e3), min_size=6, max_size=6).map(lambda e: (Switching(*e[:5]), e[5]))


def test_the_parts_are_the_nine_of_the_design() -> None:
    assert tuple(PART_NAMES) == Energies._fields
    assert tuple(PART_NAMES) == (
        "arithmetic", "instruction", "on_chip", "off_chip", "interconnect",
        "static", "host", "cooling", "lost",
    )  # fmt: skip
    assert set(PART_NAMES) >= INFERRED_PARTS
    assert tuple(PER) == tuple(field_rules()["workload"].options)  # type: ignore[union-attr]


@examples(500)
@given(scenario=scenarios())
def test_parts_sum_to_the_total(scenario: Scenario) -> None:
    ledger = as_ledger(energies(scenario, inputs_for(scenario)), scenario.workload)
    total = sum(part.energy_j for part in ledger.parts)
    assert abs(total - ledger.total_j) <= 1e-12 * ledger.total_j
    assert all(np.isfinite(part.energy_j) and part.energy_j >= 0 for part in ledger.parts)
    assert ledger.total_j > 0
    assert ledger.per == PER[scenario.workload]
    assert [part.key for part in ledger.parts if part.inferred] == ["on_chip"]


@examples(200)
@given(scenario=scenarios())
def test_parts_sum_to_the_total_in_every_sample(scenario: Scenario) -> None:
    parts = energies(scenario, inputs_for(scenario, 64))
    stacked = np.array([np.broadcast_to(part, (64,)) for part in parts])
    assert np.isfinite(stacked).all()
    assert (stacked >= 0).all()
    np.testing.assert_allclose(stacked.sum(axis=0), parts.total_j(), rtol=1e-12)


@examples(200)
@given(chips=SWITCHING, serving=st.booleans(), pue=st.floats(1.0, 3.0))
def test_each_scope_holds_the_one_inside_it(chips: tuple[Switching, float], serving: bool, pue: float) -> None:
    chip, server, facility = (
        metered(*chips, Scenario(machine_scope=scope, pue=pue), INPUTS, serving)
        for scope in ("chip", "server", "facility")
    )
    for narrow, wide in ((chip, server), (server, facility)):
        assert all(a <= b for a, b in zip(narrow, wide, strict=True))
        assert narrow[:5] == wide[:5] == tuple(chips[0]), "the scope does not touch the chips"
    assert chip.host == chip.cooling == chip.lost == 0
    assert server.cooling == server.lost == 0
    assert server.host == pytest.approx(INPUTS.host_share * INPUTS.tdp_w * chips[1])
    added = INPUTS.host_share + INPUTS.network_share
    assert facility.host == pytest.approx(added * INPUTS.tdp_w * chips[1])
    assert (facility.lost > 0) == (not serving)


@examples(200)
@given(scenario=scenarios(machine_scope="facility"), pue=st.floats(1.0, 3.0))
def test_a_facility_takes_its_pue_times_what_it_holds(scenario: Scenario, pue: float) -> None:
    inputs = inputs_for(scenario)
    bare = energies(replace(scenario, pue=1.0), inputs)
    cooled = energies(replace(scenario, pue=pue), inputs)
    assert bare.cooling == 0
    assert cooled.total_j() == pytest.approx(pue * bare.total_j(), rel=1e-12)


def test_lost_work_is_the_share_of_time_without_progress() -> None:
    trained = energies(Scenario(workload="training"), INPUTS)
    assert trained.lost / trained.total_j() == pytest.approx(1 - 0.93)
    assert energies(Scenario(workload="decode"), INPUTS).lost == 0


def test_idle_machines_are_charged_to_serving_alone() -> None:
    chips = (Switching(1.0, 0.0, 0.0, 0.0, 0.0), 0.0)
    serving = metered(*chips, Scenario(pue=1.0), INPUTS, serving=True)
    assert serving.static == pytest.approx(INPUTS.idle_share)
    assert metered(*chips, Scenario(pue=1.0), INPUTS, serving=False).static == 0


def test_a_shown_ledger_holds_plain_floats() -> None:
    ledger = as_ledger(Energies(*[np.float64(1.0)] * 9), "training")
    assert all(type(part.energy_j) is float for part in ledger.parts)
    assert type(ledger.total_j) is float
    assert ledger.per == "token trained on"
