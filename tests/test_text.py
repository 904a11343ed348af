"""The sentences and tables of the pages."""

from __future__ import annotations

import doctest
from dataclasses import replace
from types import ModuleType

import pytest

from efficiency.catalogue import chip_labels
from efficiency.gap import evaluate
from efficiency.link import State, decode
from efficiency.scenario import Scenario
from ui import letters, tables, text, units
from ui.answers import rungs


@pytest.mark.parametrize("module", [letters, text, tables, units], ids=lambda module: module.__name__)
def test_examples_hold(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("chip", list(chip_labels()))
def test_every_chip_has_a_short_name(chip: str) -> None:
    name = text.chip_name(chip)
    assert 0 < len(name) <= 16
    assert "  " not in name
    assert "(" not in name


def test_headline_follows_the_scope_of_the_brain() -> None:
    said = {
        scope: " ".join(text.headline(evaluate(Scenario(brain_scope=scope)))) for scope in ("atp", "glucose", "body")
    }
    assert said["glucose"].endswith("the brain’s 20 W")
    assert said["body"].endswith("the body’s 100 W")
    assert said["atp"].endswith("the 7.5 W of its signalling")


def test_range_sentence_names_what_nobody_knows() -> None:
    published = text.range_sentence(evaluate(Scenario()))
    exact = text.range_sentence(evaluate(Scenario(brain_flops_range="exact")))
    assert "nobody knows the brain’s FLOP/s" in published
    assert "nobody knows" not in exact


def test_ladder_headline_compares_the_extremes() -> None:
    said = text.ladder_headline(rungs())
    assert "10<sup>8</sup>" in said
    assert "0.3 times" in said


def test_links_to_sources_carry_the_whole_state() -> None:
    state = State(Scenario(chip="b200", system="own"), "summit")
    link = text.sources_link(state, "Ledger", "sources")
    query = link.split("?")[1].split('"')[0].replace("&amp;", "&")
    assert decode(query) == (replace(state, find="Ledger"), ())


def test_text_from_a_link_is_escaped() -> None:
    assert "<b>" not in text.sources_link(State(find="<b>"), "<b>", "<b>")


def test_table_of_numbers_has_a_row_and_a_link_for_every_yardstick() -> None:
    answer = evaluate(Scenario())
    table = text.yardstick_table(answer, State())
    assert table.count("<tr>") == 1 + len(answer.yardsticks)
    assert table.count("/sources?") == len(answer.yardsticks)


def test_search_takes_all_words_and_keeps_only_what_holds_them() -> None:
    answer = evaluate(Scenario())
    everything = tables.record_table(answer, "", only_used=False)
    found = tables.record_table(answer, "H100 power", only_used=False)
    assert 0 < len(found) < len(everything)
    used = tables.record_table(answer, "", only_used=True)
    assert set(used["Key"]) >= {key for y in answer.yardsticks for key in y.facts}
    assert 0 < len(used) < len(everything)


def test_sources_of_a_yardstick_are_its_records() -> None:
    answer = evaluate(Scenario())
    for yardstick in answer.yardsticks:
        found = set(tables.record_table(answer, yardstick.name, only_used=True)["Key"])
        assert found >= set(yardstick.facts)


def test_every_source_with_an_address_has_a_link() -> None:
    table = tables.source_table()
    assert table["Records"].min() >= 1
    assert table["Link"].dropna().str.startswith("https://").mean() > 0.9
