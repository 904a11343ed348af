"""Every record that moves a result is listed, and what is listed moves it."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest
from hypothesis import given

import efficiency
from efficiency.facts import Fact, entities, facts, sources
from efficiency.gap import evaluate, inputs_for, ratios
from efficiency.inputs import FACT_OF, fact_for
from efficiency.provenance import attributes_behind, facts_behind
from efficiency.scenario import Scenario
from efficiency.yardsticks import YARDSTICKS
from tests.scenarios import examples, scenarios

SCENARIOS = {
    "default": Scenario(),
    "own_b200": Scenario(
        system="own", chip="b200", bits=4.0, movement="stacked", execution="fixed",
        brain_scope="atp", language_task="writing", events="every_step", channel="chips",
        brain_bit="delivered", model="deepseek_v3", run="gpt3", workload="prefill",
    ),
    "tpu_on_chip": Scenario(
        chip="tpu_v6e", bits=8.0, movement="on_chip", execution="packed", brain_scope="body",
        language_task="reading", channel="racks", model="qwen3_30b_a3b", machine_scope="server",
        workload="training",
    ),
    "old_chip": Scenario(
        chip="v100", bits=1.58, movement="in_memory", execution="scalar", machine_scope="chip",
        batch=4096.0, context_tokens=1e5,
    ),
    "memory_on_chip": Scenario(chip="groq", movement="stacked", execution="scalar"),
}  # fmt: skip

# Records that are listed and do not move the default scenario's central ratio, with the reason.
CUT_OFF = {
    "brain.flops": "its range scales the scenario's own choice; its centre cancels",
    "memory.hbm2_device": "the whole path has a record; the device's splits it in two parts",
    "facility.host_share": "a named site's power is its facility's, whatever it holds",
    "facility.network_share": "a named site's power is its facility's, whatever it holds",
}

Perturbed = Callable[[Mapping[str, float]], None]


@pytest.fixture(scope="module")
def perturb() -> Iterator[Perturbed]:
    """Give a function that multiplies chosen records for the whole model."""
    modules = [
        importlib.import_module(f"efficiency.{module.name}")
        for module in pkgutil.iter_modules(efficiency.__path__)
        if module.name != "__main__"
    ]
    shipped, loaders = facts(), {facts, sources, entities}
    caches = {
        id(value): value
        for module in modules
        for value in vars(module).values()
        if hasattr(value, "cache_clear") and value not in loaders
    }
    readers = [module for module in modules if vars(module).get("facts") is facts]
    assert len(readers) >= 4

    def scaled(record: Fact, factor: float) -> Fact:
        low, high = (None if x is None else x * factor for x in (record.low, record.high))
        return replace(record, value=record.value * factor, low=low, high=high)

    def use(factors: Mapping[str, float]) -> None:
        table = dict(shipped)
        for key, factor in factors.items():
            table[key] = scaled(table[key], factor)
        for module in readers:
            module.facts = lambda: table  # type: ignore[attr-defined]
        for cache in caches.values():
            cache.cache_clear()

    yield use
    for module in readers:
        module.facts = facts  # type: ignore[attr-defined]
    for cache in caches.values():
        cache.cache_clear()


def results(scenario: Scenario) -> dict[str, float]:
    found, parts = ratios(scenario, inputs_for(scenario))
    return {key: float(value) for key, value in found.items()} | {"ledger": float(parts.total_j())}


@pytest.mark.parametrize("factor", [0.97, 0.4])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_record_that_is_not_listed_moves_nothing(name: str, factor: float, perturb: Perturbed) -> None:
    scenario = SCENARIOS[name]
    perturb({})
    before = results(scenario)
    listed = {key: set(facts_behind(key, scenario)) for key in before}
    # Each by a factor of its own, so that no two undo each other.
    factors = {record: factor * (1.0 - 1e-5 * place) for place, record in enumerate(facts())}

    def moved_by(records: list[str]) -> set[tuple[str, str]]:
        """Find results that are moved by records not listed for them, in halves of what moves any."""
        perturb({record: factors[record] for record in records})
        now = results(scenario)
        moved = {
            key
            for key, records_of_key in listed.items()
            if not records_of_key.issuperset(records) and now[key] != pytest.approx(before[key], rel=1e-12)
        }
        if not moved:
            return set()
        if len(records) == 1:
            return {(key, records[0]) for key in moved}
        middle = len(records) // 2
        return moved_by(records[:middle]) | moved_by(records[middle:])

    anywhere = set[str]().union(*listed.values())
    missing = moved_by([record for record in facts() if record not in anywhere])
    for record in anywhere:
        missing |= moved_by([record])
    assert not missing


@pytest.mark.parametrize("key", YARDSTICKS)
def test_a_record_that_is_listed_moves_the_ratio(key: str, perturb: Perturbed) -> None:
    scenario = SCENARIOS["default"]
    perturb({})
    before = results(scenario)
    chosen = (scenario.system, scenario.chip, scenario.run, 16.0)
    attributes = attributes_behind(key, scenario, inputs_for(scenario))
    still = set()
    for record in (fact_for(name, *chosen).key for name in attributes):
        perturb({record: 0.4})
        if results(scenario)[key] == pytest.approx(before[key], rel=1e-9):
            still.add(record)
    assert still <= set(CUT_OFF)


@examples(100)
@given(scenario=scenarios())
def test_every_listed_record_exists_and_brings_its_sources(scenario: Scenario) -> None:
    gap = evaluate(scenario, 64)
    for yardstick in gap.yardsticks:
        assert yardstick.facts == facts_behind(yardstick.key, scenario)
        assert len(set(yardstick.facts)) == len(yardstick.facts)
        for key in yardstick.facts:
            assert set(facts()[key].sources) <= set(gap.sources)


def test_attributes_are_those_of_the_inputs() -> None:
    for key in (*YARDSTICKS, "ledger"):
        found = attributes_behind(key, Scenario(), inputs_for(Scenario()))
        assert found
        assert [name for name in FACT_OF if name in found] == list(found)


def test_a_task_leans_on_its_own_rate_alone() -> None:
    for task in ("speaking", "writing", "reading"):
        listed = facts_behind("token", Scenario(language_task=task))
        rates = [key for key in listed if key.startswith("human.") and key.endswith("_rate")]
        assert rates == [f"human.{task}_rate"]
