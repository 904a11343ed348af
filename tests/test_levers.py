"""The levers: what they change, what that gains, and what is left."""

from collections.abc import Mapping
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.derived import records
from efficiency.gap import inputs_for
from efficiency.inputs import Inputs
from efficiency.lever_draws import seeded_draws, uncertain_settings
from efficiency.lever_machines import BATCHES, Task, best_batch, growth, machine, machine_energies
from efficiency.lever_settings import COLUMNS, LEVERS, PRESETS, setting
from efficiency.lever_task import TASKS
from efficiency.levers import attribute
from efficiency.link import State
from efficiency.scenario import Scenario
from efficiency.workloads import decode_energies
from tests.scenarios import examples, scenarios

CLOCKED = Scenario(events="every_step")
POSITIONS = {lever.key: tuple(lever.settings) for lever in LEVERS}
SAMPLES = 64


def task(name: str = "synapse", scenario: Scenario = CLOCKED, equal_quality: bool = True) -> Task:
    return Task(name, scenario, equal_quality)


def energy(of: Task, **positions: str) -> float:
    chosen = [setting(lever, position) for lever, position in positions.items()]
    return float(machine_energies(of, chosen, best_batch(of)).total_j())


def test_every_lever_has_every_column_and_changes_what_exists() -> None:
    assert 8 <= len(LEVERS) <= 9
    known = {f.name for f in fields(Scenario)} | {f.name for f in fields(Inputs)}
    for lever in LEVERS:
        assert set(COLUMNS) <= set(lever.settings)
        for name, one in lever.settings.items():
            assert set(one.scenario) | set(one.values) <= known
            assert all(key in records() for key in one.facts), name
            assert all(isinstance(value, float) or value in records() for value in one.values.values())
            assert name == "today" or one.evidence != "as built"
            assert name == "today" or one.facts or (one.evidence == "theory" and one.reason), f"{lever.key} {name}"
            kinds = {records()[key].kind for key in one.facts}
            assert one.evidence != "measured" or kinds == {"measured"}, f"{lever.key} {name}"
            assert one.evidence != "reported" or kinds == {"reported"}, f"{lever.key} {name}"
            assert set(one.by_task) <= set(TASKS)
            replace(Scenario(), **one.scenario)  # type: ignore[arg-type]


def test_levers_set_different_fields() -> None:
    """Else their order would matter."""
    seen: dict[str, str] = {}
    for lever in LEVERS:
        for one in lever.settings.values():
            for name in (*one.scenario, *one.values, *(["batch"] if one.best_batch else [])):
                assert seen.setdefault(name, lever.key) == lever.key


@pytest.mark.parametrize("position", ["products", "research", "limit"])
def test_words_credit_only_what_does_something_in_the_task(position: str) -> None:
    """Utilisation does not enter a written token, density no synaptic event where events alone are evaluated."""
    tokens = attribute(task("token", Scenario()), {"use": position, "sparsity": "research"}, 1.0, SAMPLES)
    by_key = {bar.key: bar for bar in tokens.bars}
    assert (by_key["use"].setting.words, by_key["use"].setting.evidence) == ("best batch", "modelled")
    assert by_key["sparsity"].setting.words == "a quarter of weights"
    events = attribute(task(), {"use": position, "sparsity": "research"}, 1.0, SAMPLES)
    by_key = {bar.key: bar for bar in events.bars}
    assert by_key["use"].setting.words != "best batch"
    assert by_key["sparsity"].setting.words == "events only"


def test_presets_name_positions() -> None:
    for preset in PRESETS.values():
        assert {lever.key for lever in LEVERS} == set(preset.settings)
        for lever, position in preset.settings.items():
            assert position in POSITIONS[lever]
        assert not preset.check or preset.check in records()


def test_a_wrong_position_is_named() -> None:
    with pytest.raises(ValueError, match="lever is 'luck'; allowed: precision, "):
        attribute(task(), {"luck": "limit"}, 1.0, SAMPLES)
    with pytest.raises(ValueError, match="precision is 'none'; allowed: today, products, research, limit"):
        attribute(task(), {"precision": "none"}, 1.0, SAMPLES)
    with pytest.raises(ValueError, match="arrays"):
        Task("token", Scenario(batch=np.array([1.0, 2.0])))


def test_nothing_pulled_gains_nothing() -> None:
    found = attribute(task(), {}, 1.0, SAMPLES)
    assert all(bar.share.central == bar.share.low == bar.share.high == 0.0 for bar in found.bars)
    assert found.together.central == found.overlap.central == 0.0
    assert found.start == found.remainder
    assert found.today_j == pytest.approx(float(machine_energies(replace_batch(1.0), [], 1.0).total_j()))


def replace_batch(batch: float) -> Task:
    return task(scenario=replace(CLOCKED, batch=batch))


@pytest.mark.parametrize("batch", [1.0, 512.0])
@pytest.mark.parametrize("name", TASKS)
def test_no_machine_shown_or_sold_is_beyond_the_limits(name: str, batch: float) -> None:
    def needs(positions: Mapping[str, str]) -> float:
        pulled = [setting(*position) for position in positions.items()]
        return float(machine_energies(task(name), pulled, batch).total_j())

    limit = needs(PRESETS["limit"].settings)
    assert limit < min(needs(preset.settings) for key, preset in PRESETS.items() if key != "limit")
    for lever in LEVERS:
        alone = {position: needs({lever.key: position}) for position in lever.settings if position in COLUMNS}
        if lever.key != "precision":
            # At equal quality narrower numbers cost more from some width on.
            assert alone["limit"] == pytest.approx(min(alone.values())), lever.key


@pytest.mark.parametrize("name", ["synapse", "token"])
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("batch", [1.0, 64.0])
def test_the_waterfall_ends_where_the_machine_stands(name: str, preset: str, batch: float) -> None:
    found = attribute(task(name), PRESETS[preset].settings, batch, SAMPLES)
    assert sum(bar.share.central for bar in found.bars) == pytest.approx(found.together.central, abs=1e-9)
    assert found.start.central - found.together.central == pytest.approx(found.remainder.central, abs=1e-9)
    assert found.overlap.central == pytest.approx(
        sum(bar.alone.central for bar in found.bars) - found.together.central, abs=1e-9
    )
    assert found.remainder.central == pytest.approx(np.log10(found.pulled_j / found.brain_j))
    for bar in found.bars:
        for part in (bar.share, bar.alone, bar.last_in):
            assert part.low <= part.central <= part.high
        assert bar.growth >= 1.0
    # Alone and last in are what the machines say.
    pulled = [bar.setting for bar in found.bars]
    here = replace(task(name), today=replace(CLOCKED, batch=batch))
    for bar in found.bars:
        alone = machine_energies(here, [bar.setting], found.best_batch).total_j()
        assert bar.alone.central == pytest.approx(np.log10(found.today_j / alone), abs=1e-9)
        others = [one for one in pulled if one is not bar.setting]
        if len(others) == len(pulled) - 1:
            without = machine_energies(here, others, found.best_batch).total_j()
            assert bar.last_in.central == pytest.approx(np.log10(without / found.pulled_j), abs=1e-9)


def test_batching_and_memory_on_the_chip_remove_the_same_reads() -> None:
    pulled = {"movement": "products", "use": "products"}
    alone = attribute(task(), pulled, 1.0, SAMPLES)
    assert alone.overlap.central > 0.5
    movement = next(bar for bar in alone.bars if bar.key == "movement")
    assert movement.alone.central > 0.5
    assert movement.last_in.central < 0.1
    shared = attribute(task(), pulled, alone.best_batch, SAMPLES)
    assert abs(shared.overlap.central) < 0.1, "a machine that batches already has nothing to overlap with"


def test_the_sparsity_of_events_is_counted_once() -> None:
    """As a lever on a clocked machine, in the rate on one that evaluates events alone."""
    clocked = attribute(task(), {"sparsity": "research"}, 1.0, SAMPLES)
    in_rate = attribute(task(scenario=Scenario()), {"sparsity": "research"}, 1.0, SAMPLES)
    assert clocked.bars[1].share.central == pytest.approx(np.log10(200), abs=0.2)
    assert in_rate.bars[1].share.central == pytest.approx(0.0, abs=1e-9)
    assert clocked.pulled_j == pytest.approx(in_rate.pulled_j)


def test_quality_is_paid_for() -> None:
    kept, lost = (task("token", equal_quality=kept) for kept in (True, False))
    assert growth(kept, Scenario(bits=4.0, chip="b200")) > 1.2
    assert growth(lost, Scenario(bits=4.0, chip="b200")) == 1.0
    assert energy(kept, precision="research") > energy(lost, precision="research")
    assert growth(kept, Scenario(density=0.25)) > 1.5
    assert growth(task(), Scenario(density=0.25)) == 1.0, "events alone drop no synapse of the task"
    half = Task("token", Scenario(density=0.5))
    assert growth(half, Scenario(density=0.5)) == 1.0, "today's quality is the measure"


def test_the_limits_undercut_the_brain_and_products_do_not() -> None:
    assert attribute(task(), PRESETS["products"].settings, 1.0, SAMPLES).remainder.low > 1.0
    assert attribute(task(), PRESETS["limit"].settings, 1.0, SAMPLES).remainder.central < 0.0


def test_draws_begin_at_the_central_values() -> None:
    drawn = seeded_draws(SAMPLES, "graphs_2025")
    for name in ("synapse", "token"):
        for preset in PRESETS.values():
            chosen = [setting(lever, position) for lever, position in preset.settings.items()]
            at_centre = machine_energies(task(name), chosen, 64.0).total_j()
            first = np.broadcast_to(machine_energies(task(name), chosen, 64.0, drawn).total_j(), SAMPLES + 1)[0]
            assert first == pytest.approx(at_centre, rel=1e-9)
    assert set(uncertain_settings()) == set(drawn.settings)


def test_the_same_state_gives_the_same_picture() -> None:
    assert attribute(task(), PRESETS["research"].settings, 1.0) == attribute(task(), PRESETS["research"].settings, 1.0)


def test_the_best_batch_is_the_cheapest_that_is_fast_enough() -> None:
    of = task("token", Scenario())
    best = best_batch(of)
    assert best in BATCHES
    cost = {b: float(machine_energies(task("token", Scenario(batch=b)), [], b).total_j()) for b in BATCHES if b <= best}
    assert min(cost, key=cost.__getitem__) == best
    slow = task("token", Scenario(model="llama31_405b", engine="eager"))
    assert decode_energies(slow.today, inputs_for(slow.today))[1] > 0.1, "its launches alone take a tenth of a second"
    assert best_batch(slow) == 1.0


@examples(40)
@given(
    scenario=scenarios(),
    name=st.sampled_from(["synapse", "token"]),
    positions=st.fixed_dictionaries({key: st.sampled_from(options) for key, options in POSITIONS.items()}),
    batch=st.sampled_from([1.0, 64.0, 4096.0]),
    kept=st.booleans(),
)
def test_every_machine_that_can_be_built_is_sound(
    scenario: Scenario, name: str, positions: dict[str, str], batch: float, kept: bool
) -> None:
    of = Task(name, replace(scenario, batch=batch), kept)
    chosen = [setting(lever, position) for lever, position in positions.items()]
    parts = machine_energies(of, chosen, best_batch(of), seeded_draws(16, scenario.engine))
    for part in parts:
        assert np.all(np.isfinite(part))
        assert np.all(np.asarray(part) >= 0)
    pulled, _, size = machine(of, chosen, best_batch(of))
    assert float(np.min(size)) > 0
    assert np.all(np.isfinite(inputs_for(replace(pulled, system="own")).tdp_w))


def test_a_state_of_the_link_starts_a_task() -> None:
    assert Task("token", State().scenario).today == Scenario()


@pytest.mark.parametrize("name", ["synapse", "token"])
@pytest.mark.parametrize("preset", ["products", "research", "limit"])
def test_factoring_out_changes_no_number(name: str, preset: str) -> None:
    positions = PRESETS[preset].settings
    whole, factored = (attribute(task(name), positions, 1.0, SAMPLES, factor_out) for factor_out in (False, True))
    for one, other in zip(whole.bars, factored.bars, strict=True):
        for part in ("share", "alone", "last_in"):
            assert getattr(other, part) == pytest.approx(getattr(one, part), abs=1e-12)
    for part in ("start", "together", "overlap", "remainder"):
        assert getattr(factored, part) == pytest.approx(getattr(whole, part), abs=1e-12)


def test_tokens_lose_no_work_to_failures() -> None:
    """So goodput needs no subsets there."""
    token = attribute(task("token"), {"goodput": "limit", "facility": "limit"}, 1.0, SAMPLES)
    assert next(bar for bar in token.bars if bar.key == "goodput").share.central == 0.0
    assert energy(task("token"), goodput="limit") == energy(task("token"))
