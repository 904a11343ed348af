"""Eight yardsticks: what published records say, and how each scales."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency import yardsticks
from efficiency.facts import fact
from efficiency.gap import inputs_for, ratios
from efficiency.movement import memory_bit_energy
from efficiency.scenario import BITS, Scenario
from efficiency.workloads import decode_energies
from efficiency.yardsticks import LEAST_TOKENS_PER_S, YARDSTICKS, Shared, Sides
from tests.scenarios import NUMBERS, examples, field_values, scenarios

LINEAR = 1e-9


def sides(key: str, scenario: Scenario, samples: int | None = None) -> Sides:
    inputs = inputs_for(scenario, samples)
    return YARDSTICKS[key](scenario, inputs, Shared(scenario, inputs))


def ratio(key: str, **settings: Any) -> float:
    return float(sides(key, Scenario(**settings)).ratio())


def test_the_order_is_from_the_widest_to_the_narrowest() -> None:
    assert tuple(YARDSTICKS) == (
        "nameplate", "memory", "learning", "compute",
        "synapse", "communication", "stream", "token",
    )  # fmt: skip


def test_colossus_is_seven_and_a_half_million_brains() -> None:
    assert sides("nameplate", Scenario(system="colossus_1")).machine == 150e6
    assert ratio("nameplate", system="colossus_1") == pytest.approx(7.5e6, rel=1e-12)


def test_own_chips_are_their_limit_times_what_the_scope_adds() -> None:
    own = {"system": "own", "chip": "h100", "chip_count": 1000.0, "pue": 1.5}
    chip, server, facility = (
        sides("nameplate", Scenario(**own, machine_scope=scope)).machine for scope in ("chip", "server", "facility")
    )
    assert chip == 700e3
    host, network = fact("facility.host_share").si, fact("facility.network_share").si
    assert server == pytest.approx(700e3 * (1 + host))
    assert facility == pytest.approx(700e3 * (1 + host + network) * 1.5)


def test_a_site_in_narrower_scope_is_as_much_smaller_as_own_chips_are() -> None:
    for scope in ("chip", "server"):
        named, own = (
            ratio("nameplate", system=system, machine_scope=scope)
            / ratio("nameplate", system=system, machine_scope="facility")
            for system in ("colossus_1", "own")
        )
        assert named == pytest.approx(own)
        assert named < 1


@pytest.mark.parametrize(("brain_flop_per_s", "times"), [(1e13, 0.35), (1e15, 35), (1e17, 3500)])
def test_an_h100_at_peak_against_the_published_brains(brain_flop_per_s: float, times: float) -> None:
    by_hand = 700 / 989.4e12 * brain_flop_per_s / 20
    assert by_hand == pytest.approx(times, rel=0.02)
    found = ratio(
        "compute",
        chip="h100",
        bits=16.0,
        machine_scope="chip",
        utilisation=1.0,
        brain_flop_per_s=brain_flop_per_s,
    )
    assert found == pytest.approx(by_hand, rel=1e-9)


def test_the_synapse_yardstick_is_a_multiply_add_over_an_event() -> None:
    peak = Scenario(machine_scope="chip", utilisation=1.0)
    found = sides("synapse", peak)
    assert found.machine == pytest.approx(2 * 700 / 989.4e12, rel=1e-9)
    assert found.brain * 1e12 == pytest.approx(0.267, abs=1e-3)
    # A clock of 100 Hz evaluates each synapse 200 times for each of its events.
    clocked = sides("synapse", replace(peak, events="every_step"))
    assert clocked.machine == pytest.approx(200 * found.machine)


def test_memory_is_idle_chips_and_sweeps() -> None:
    inputs = inputs_for(Scenario())
    size = 1.5e14 * 4.7 / 8
    bit = sum(memory_bit_energy("off_chip", False, inputs))
    chips = size / (0.9 * 80e9)
    expected = inputs.idle_power_w * chips + 8 * size * 0.5 * bit
    assert sides("memory", Scenario(machine_scope="chip")).machine == pytest.approx(expected)
    server = sides("memory", Scenario(machine_scope="server")).machine
    assert server == pytest.approx(expected + 0.5 * inputs.host_share * 700 * chips)
    in_place = sides("memory", Scenario(machine_scope="chip", movement="in_memory")).machine
    assert in_place == pytest.approx(inputs.idle_power_w * chips), "weights that never move are swept in place"


@examples(100)
@given(scenario=scenarios())
def test_learning_is_the_runs_flop_at_the_price_of_a_flop(scenario: Scenario) -> None:
    inputs = inputs_for(scenario)
    common = Shared(scenario, inputs)
    found = yardsticks.learning(scenario, inputs, common)
    assert found.machine * scenario.copies == pytest.approx(common.flop_j * inputs.run_flop)


def test_a_run_lies_near_its_published_energies() -> None:
    """Llama 3.1 405B: 21.6 GWh if all boards drew their limit, 48 GWh by the facility's power."""
    gwh = 3.6e12
    chips = sides("learning", Scenario(run="llama31_405b", machine_scope="chip")).machine / gwh
    assert 0.5 * 21.6 < chips < 21.6
    facility = sides("learning", Scenario(run="llama31_405b")).machine / gwh
    assert 21.6 < facility < 48


@pytest.mark.parametrize(("channel", "key"), [("chips", "link.nvlink"), ("racks", "link.optical_pluggable")])
def test_communication_moves_a_bit_of_the_chosen_channel(channel: str, key: str) -> None:
    chip = Scenario(channel=channel, machine_scope="chip")
    assert sides("communication", chip).machine == pytest.approx(fact(key).si)
    cooled = replace(chip, machine_scope="facility", pue=1.5)
    assert sides("communication", cooled).machine == pytest.approx(1.5 * fact(key).si)


def test_a_bit_delivered_is_cheaper_by_the_receivers() -> None:
    sent, delivered = (ratio("communication", brain_bit=bit) for bit in ("sent", "delivered"))
    assert delivered / sent == pytest.approx(2500)


def test_the_brain_is_not_cheaper_for_a_bit_sent() -> None:
    assert ratio("communication", brain_bit="sent") < 1 < ratio("communication", brain_bit="delivered")


def test_hidden_tokens_are_charged_to_the_answer() -> None:
    assert ratio("token", hidden_tokens=9.0) == pytest.approx(10 * ratio("token"))
    assert ratio("token", language_task="reading", hidden_tokens=9.0) == pytest.approx(
        ratio("token", language_task="reading")
    )


def test_writing_takes_longer_than_speaking() -> None:
    assert ratio("token", language_task="writing") / ratio("token") == pytest.approx(27 / 150)


@examples(200)
@given(scenario=scenarios(), factor=st.floats(1.0, 1e4))
def test_the_brains_flops_scale_the_compute_gap(scenario: Scenario, factor: float) -> None:
    one = replace(scenario, brain_flop_per_s=1e13)
    many = replace(scenario, brain_flop_per_s=1e13 * factor)
    assert sides("compute", many).ratio() == pytest.approx(factor * sides("compute", one).ratio(), rel=LINEAR)


@examples(200)
@given(scenario=scenarios(), factor=st.floats(1.0, 1e4))
def test_copies_divide_the_learning_gap(scenario: Scenario, factor: float) -> None:
    one, many = (replace(scenario, copies=copies) for copies in (100.0, 100.0 * factor))
    assert sides("learning", one).ratio() == pytest.approx(factor * sides("learning", many).ratio(), rel=LINEAR)


@examples(200)
@given(scenario=scenarios(system="own"), factor=st.floats(1.0, 1e4))
def test_chips_scale_the_nameplate(scenario: Scenario, factor: float) -> None:
    one, many = (replace(scenario, chip_count=count) for count in (100.0, 100.0 * factor))
    assert sides("nameplate", many).ratio() == pytest.approx(factor * sides("nameplate", one).ratio(), rel=LINEAR)


@examples(200)
@given(scenario=scenarios(machine_scope="facility", system="own"), pue=st.floats(1.0, 3.0))
def test_pue_scales_every_yardstick_of_a_facility(scenario: Scenario, pue: float) -> None:
    bare, _ = ratios(replace(scenario, pue=1.0), inputs_for(scenario))
    cooled, _ = ratios(replace(scenario, pue=pue), inputs_for(scenario))
    for key in YARDSTICKS:
        assert cooled[key] == pytest.approx(pue * bare[key], rel=LINEAR), key


@examples(200)
@given(scenario=scenarios())
def test_a_wider_machine_scope_never_narrows_a_gap(scenario: Scenario) -> None:
    found = [
        ratios(replace(scenario, machine_scope=scope), inputs_for(scenario))[0]
        for scope in ("chip", "server", "facility")
    ]
    for key in YARDSTICKS:
        chip, server, facility = (one[key] for one in found)
        assert chip <= server * (1 + LINEAR), key
        assert server <= facility * (1 + LINEAR), key


@examples(200)
@given(scenario=scenarios())
def test_a_wider_brain_scope_narrows_every_gap(scenario: Scenario) -> None:
    found = [
        ratios(replace(scenario, brain_scope=scope), inputs_for(scenario))[0] for scope in ("atp", "glucose", "body")
    ]
    for key in YARDSTICKS:
        atp, glucose, body = (one[key] for one in found)
        assert atp > glucose > body > 0, key


@examples(300)
@given(scenario=scenarios())
def test_every_gap_is_a_positive_number(scenario: Scenario) -> None:
    for samples in (None, 64):
        found, _ = ratios(scenario, inputs_for(scenario, samples))
        for key, value in found.items():
            assert np.isfinite(value).all(), key
            assert np.all(np.asarray(value) > 0), key


@examples(150)
@given(scenario=scenarios(), data=st.data())
@pytest.mark.parametrize("name", NUMBERS)
def test_an_array_is_each_of_its_elements(name: str, scenario: Scenario, data: st.DataObject) -> None:
    values = data.draw(st.lists(field_values(name), min_size=1, max_size=4))
    together = replace(scenario, **{name: np.array(values)})
    found, parts = ratios(together, inputs_for(together))
    for row, value in enumerate(values):
        alone = replace(scenario, **{name: value})
        expected, expected_parts = ratios(alone, inputs_for(alone))
        for key in YARDSTICKS:
            at_row = np.broadcast_to(found[key], len(values))[row]
            assert at_row == pytest.approx(expected[key], rel=1e-12), key
        total = expected_parts.total_j()
        for part, wanted in zip(parts, expected_parts, strict=True):
            at_row = np.broadcast_to(part, len(values))[row]
            assert at_row == pytest.approx(wanted, rel=1e-12, abs=1e-14 * total)


def test_arrays_of_several_fields_go_row_by_row() -> None:
    rows = {
        "bits": np.array(BITS),
        "batch": np.geomspace(1, 4096, len(BITS)),
        "density": np.geomspace(0.001, 1, len(BITS)),
        "context_tokens": np.geomspace(1e7, 1, len(BITS)),
        "utilisation": np.geomspace(1, 0.01, len(BITS)),
    }
    together = Scenario(**rows)
    found, _ = ratios(together, inputs_for(together))
    for row in range(len(BITS)):
        alone = Scenario(**{name: float(values[row]) for name, values in rows.items()})
        expected, _ = ratios(alone, inputs_for(alone))
        for key in YARDSTICKS:
            at_row = np.broadcast_to(found[key], len(BITS))[row]
            assert at_row == pytest.approx(expected[key], rel=1e-12), key


def test_a_conversation_gets_ten_tokens_a_second_where_the_batch_allows() -> None:
    inputs = inputs_for(Scenario())
    parts, step_s = decode_energies(Scenario(), inputs)
    assert step_s < 1 / LEAST_TOKENS_PER_S
    assert sides("stream", Scenario()).machine == pytest.approx(parts.total_j() / step_s)


def test_a_conversation_that_is_too_slow_gets_a_smaller_batch() -> None:
    crowded = Scenario(batch=4096.0, execution="scalar")
    inputs = inputs_for(crowded)
    parts, crowded_s = decode_energies(crowded, inputs)
    assert crowded_s > 2 / LEAST_TOKENS_PER_S
    assert sides("stream", crowded).machine > parts.total_j() / crowded_s


@examples(300)
@given(scenario=scenarios())
def test_no_conversation_shares_a_batch_that_is_too_large(scenario: Scenario) -> None:
    """Exactly for a dense model; a mixture of experts reads fewer weights in a smaller batch, so it is never slower."""
    taken = []

    def watched(*given: Any) -> Any:
        answer = decode_energies(*given)
        taken.append((given[2] if len(given) > 2 else scenario.batch, answer[1]))
        return answer

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(yardsticks, "decode_energies", watched)
        sides("stream", scenario)
    batch, step_s = taken[-1]
    assert 1 <= batch <= scenario.batch
    assert batch == 1 or step_s * LEAST_TOKENS_PER_S <= 1 + 1e-9
    slow_at_first = taken[0][1] * LEAST_TOKENS_PER_S > 1
    assert slow_at_first == (len(taken) == 2)


def test_taking_the_brain_as_exact_removes_its_spread() -> None:
    exact = Scenario(brain_flops_range="exact", brain_flop_per_s=3e14)
    assert yardsticks.brain_flop_per_s(exact, inputs_for(exact, 64)) == 3e14
    spread = yardsticks.brain_flop_per_s(replace(exact, brain_flops_range="published"), inputs_for(exact, 1024))
    np.testing.assert_allclose(np.quantile(spread, [0.05, 0.5, 0.95]), [3e12, 3e14, 3e16], rtol=0.1)
