"""The sentences and tables of the pages."""

from __future__ import annotations

import doctest
from dataclasses import replace
from types import ModuleType

import pytest

from efficiency.cases import MEASURED_FILE, read_cases
from efficiency.catalogue import chip_labels
from efficiency.derived import records
from efficiency.gap import Gap, evaluate
from efficiency.link import State, decode
from efficiency.say import quantity
from efficiency.scenario import Scenario
from ui import letters, names, precision, sparsity_quality, tables, text, units
from ui.answers import rungs
from ui.figures.ledger import energy_text


@pytest.mark.parametrize("module", [letters, names, tables, text, units], ids=lambda module: module.__name__)
def test_examples_hold(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("chip", list(chip_labels()))
def test_every_chip_has_a_short_name(chip: str) -> None:
    name = names.chip_name(chip)
    assert 0 < len(name) <= 16
    assert "  " not in name
    assert "(" not in name


def test_headline_follows_the_scope_of_the_brain() -> None:
    said = {
        scope: " ".join(text.headline(evaluate(Scenario(brain_scope=scope)))) for scope in ("atp", "glucose", "body")
    }
    assert said["glucose"].endswith("the brain’s 20 W")
    assert said["body"].endswith("the body’s 100 W")
    assert said["atp"].endswith("the brain’s 7.5 W of signalling")


def test_range_sentence_names_what_nobody_knows() -> None:
    published = text.range_sentence(evaluate(Scenario()))
    exact = text.range_sentence(evaluate(Scenario(brain_flops_range="exact")))
    assert "nobody knows the brain’s FLOP/s" in published
    assert "nobody knows" not in exact


def gap_with(**changed: object) -> Gap:
    """Change what the answer says of the compute yardstick."""
    answer = evaluate(Scenario())
    found = [replace(y, **changed) if y.key == "compute" else y for y in answer.yardsticks]
    return replace(answer, yardsticks=tuple(found))


@pytest.mark.parametrize(
    ("share", "sentence", "cell"),
    [
        (0.9954, "mostly because of host power", "host power, 99 %"),
        (0.84, "mostly because of host power", "host power, 84 %"),
        (0.496, "mostly because of host power", "host power, 50 %"),
        (0.22, "from many inputs, host power first", "many inputs, host power first, 22 %"),
    ],
)
def test_one_input_makes_a_range_only_with_half_of_its_variance(share: float, sentence: str, cell: str) -> None:
    answer = gap_with(driver="host power", driver_share=share)
    assert sentence in text.range_sentence(answer)
    assert f"<td>{cell}</td>" in text.yardstick_table(answer, State())


def test_ladder_headline_compares_the_extremes() -> None:
    said = text.ladder_headline(rungs())
    assert "10<sup>8</sup>" in said
    assert "draw 29 % of what all human brains do" in said


def test_links_to_sources_carry_the_whole_state() -> None:
    state = State(Scenario(chip="b200", system="own"), "summit")
    link = text.sources_link(state, "ledger", "sources")
    query = link.split("?")[1].split('"')[0].replace("&amp;", "&")
    assert decode(query) == (replace(state, find="used:ledger"), ())


def test_text_from_a_link_is_escaped() -> None:
    assert "<b>" not in text.sources_link(State(find="<b>"), "<b>", "<b>")


def test_table_of_numbers_has_a_row_and_a_link_for_every_yardstick() -> None:
    answer = evaluate(Scenario())
    table = text.yardstick_table(answer, State())
    assert table.count("<tr>") == 1 + len(answer.yardsticks)
    assert table.count("/sources?") == len(answer.yardsticks)


def test_search_takes_all_words_and_keeps_only_what_holds_them() -> None:
    answer = evaluate(Scenario())
    everything = tables.record_table(answer, "")
    found = tables.record_table(answer, "H100 power")
    assert 0 < len(found) < len(everything)
    used = tables.record_table(answer, "used:any")
    assert set(used["Key"]) >= {key for y in answer.yardsticks for key in y.facts}
    assert (used["Used by"] != "").all()
    assert 0 < len(used) < len(everything)


@pytest.mark.parametrize("scenario", [Scenario(), Scenario(bits=4.0, chip="b200", system="own", brain_scope="atp")])
def test_a_link_to_a_row_s_records_shows_exactly_those(scenario: Scenario) -> None:
    answer = evaluate(scenario)
    table = text.yardstick_table(answer, State(scenario))
    for yardstick in answer.yardsticks:
        find = f"used:{yardstick.key}"
        found = tables.record_table(answer, find)
        assert set(found["Key"]) == set(yardstick.facts)
        count = f"{len(yardstick.facts)} records"
        assert f">{count}</a>" in table
        assert text.records_found(found, find) == f"{count} used by {yardstick.name}"


def test_records_of_all_yardsticks_come_from_the_sources_that_are_counted() -> None:
    answer = evaluate(Scenario())
    keys = tables.record_table(answer, "used:yardsticks")["Key"]
    assert {source for key in keys for source in records()[key].sources} == set(answer.sources)


def test_a_derived_record_is_used_only_where_a_figure_shows_it() -> None:
    found = tables.record_table(evaluate(Scenario()), "")
    used = found[(found["Kind"] == "derived") & (found["Used by"] != "")]
    assert dict(zip(used["Key"], used["Used by"], strict=True)) == {
        "grid.all_human_brains": "Ladder",
        "grid.datacentre_power_2024": "Ladder",
    }


@pytest.mark.parametrize("find", ["used:", "used:nonsense", "used:compute more", "compute", "unused:compute"])
def test_anything_else_is_searched_for_as_it_stands(find: str) -> None:
    found = tables.record_table(evaluate(Scenario()), find)
    assert tables.named_user(find) is None
    assert "used by" not in text.records_found(found, find)


def test_what_was_searched_for_is_escaped() -> None:
    answer = evaluate(Scenario())
    said = text.records_found(tables.record_table(answer, "<b>"), "<b>")
    assert "&lt;b&gt;" in said
    assert "<b>" not in said


def test_ledger_caption_says_where_arithmetic_has_no_row_of_its_own() -> None:
    said = {
        key: text.ledger_caption(State(Scenario(chip="b200", bits=bits)))
        for key, bits in (("fp4", 4.0), ("fp8", 8.0), ("fp16", 16.0))
    }
    assert "arithmetic at 4 bit is estimated from other widths" in said["fp4"]
    assert "arithmetic in FP8 is taken from the row of INT8" in said["fp8"]
    assert "arithmetic" not in said["fp16"]


def test_ledger_s_headline_and_figure_say_an_energy_alike() -> None:
    ledger = evaluate(Scenario()).ledger
    assert energy_text(ledger.total_j) in text.ledger_headline(ledger)
    assert [energy_text(part.energy_j) for part in ledger.parts] == [
        quantity(part.energy_j, "J", 2) for part in ledger.parts
    ]


def test_every_source_with_an_address_has_a_link() -> None:
    table = tables.source_table()
    assert (table["Records"] + table["Measured cases"]).min() >= 1
    assert table["Measured cases"].sum() == len(read_cases(MEASURED_FILE))
    assert table["Link"].dropna().str.startswith("https://").mean() > 0.9


def test_a_measurement_is_set_beside_the_boards() -> None:
    said = text.beside_sentence(Scenario(model="llama31_8b"))
    assert "boards alone and with reading the prompt: 130 mJ per token at 64 conversations" in said
    assert "that the fit has seen" in said, "what is in the fit is no test of it"
    assert "https://" in said
    assert text.beside_sentence(Scenario(model="llama31_8b", chip="tpu_v1")) == ""
    assert text.beside_sentence(Scenario(model="llama31_8b", workload="training")) == ""


def test_what_is_not_built_is_named_and_set_beside_no_measurement() -> None:
    built, other = Scenario(), Scenario(density=0.01, execution="fixed")
    assert "Measured, boards alone" in text.beside_sentence(built)
    assert text.beside_sentence(other) == ""
    for said in (text.footer, text.ledger_caption):
        arguments = (3,) if said is text.footer else ()
        assert "as if free" not in said(State(built), *arguments)
        assert "only 1 % of the multiply-adds" in said(State(other), *arguments)
        assert "fixed function" in said(State(other), *arguments)


def test_what_belongs_to_the_brain_is_said_by_its_scope() -> None:
    for scope, words in names.WHOSE.items():
        state = State(Scenario(brain_scope=scope))
        for said in (sparsity_quality.brain_html(state), precision.brain_html(state.scenario)):
            assert f"{words} charged to the synapses of the neocortex" in said
    assert "synapses: those of the neocortex" in text.footer(State(), 3)


def test_a_host_that_holds_the_chips_up_is_named() -> None:
    assert "512 at once a token takes less" in text.ledger_caption(State(Scenario(batch=4096.0)))
    for kind in ({}, {"workload": "training", "batch": 4096.0}):
        assert "at once a token takes less" not in text.ledger_caption(State(Scenario(**kind)))
