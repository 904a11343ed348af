"""The loader refuses bad rows and says which; the shipped tables keep their promises."""

import csv
import dataclasses
import math

import pytest

from efficiency.case_sources import beginnings
from efficiency.facts import (
    DATA_FOLDER,
    KINDS,
    TRUSTS,
    FactError,
    entities,
    fact,
    facts,
    load_entities,
    load_facts,
    load_sources,
    source,
    sources,
)
from efficiency.tables import ENTITY_COLUMNS, FACT_COLUMNS, SOURCE_COLUMNS
from efficiency.units import UNITS

SOURCE = {
    "key": "someone2020",
    "authors": "A. Someone",
    "title": "On watts",
    "year": "2020",
    "venue": "Journal of Watts",
    "url": "https://example.org",
    "licence": "",
}
ENTITY = {
    "key": "chip.thing",
    "label": "Thing",
    "kind": "chip",
    "maker": "Maker",
    "year": "2020",
    "note": "",
}
FACT = {
    "key": "thing.power",
    "label": "Power of the thing",
    "value": "20",
    "low": "17",
    "high": "25",
    "unit": "W",
    "kind": "measured",
    "source": "someone2020",
    "place": "Table 1",
    "year": "2020",
    "trust": "primary",
    "note": "",
}


def write(path, columns, rows):
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def folder(tmp_path):
    """A folder with one good source, one good entity and one good fact."""
    write(tmp_path / "sources.csv", SOURCE_COLUMNS, [SOURCE])
    write(tmp_path / "entities.csv", ENTITY_COLUMNS, [ENTITY])
    write(tmp_path / "thing.csv", FACT_COLUMNS, [FACT])
    return tmp_path


def refusal(folder, *rows):
    write(folder / "thing.csv", FACT_COLUMNS, rows)
    with pytest.raises(FactError) as caught:
        load_facts(folder)
    return str(caught.value)


def test_a_good_row_is_read(folder):
    loaded = load_facts(folder)["thing.power"]
    assert (loaded.value, loaded.low, loaded.high, loaded.unit) == (20.0, 17.0, 25.0, "W")
    assert loaded.sources == ("someone2020",)
    assert loaded.origin == "thing.csv:2"
    assert loaded.year == 2020


def test_an_empty_range_is_unknown_not_zero(folder):
    write(folder / "thing.csv", FACT_COLUMNS, [FACT | {"low": "", "high": "", "unit": "MW"}])
    loaded = load_facts(folder)["thing.power"]
    assert loaded.low is None
    assert loaded.high is None
    assert loaded.si_low == loaded.si == loaded.si_high == 20e6
    assert not loaded.has_range


def test_several_sources_are_split(folder):
    write(folder / "sources.csv", SOURCE_COLUMNS, [SOURCE, SOURCE | {"key": "other2021"}])
    write(folder / "thing.csv", FACT_COLUMNS, [FACT | {"source": "someone2020; other2021"}])
    assert load_facts(folder)["thing.power"].sources == ("someone2020", "other2021")


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"source": ""}, "source", "must not be empty"),
        ({"source": "nobody1999"}, "source", "'nobody1999' is not a key of sources.csv"),
        ({"source": "someone2020;"}, "source", "'' is not a key"),
        ({"unit": ""}, "unit", "must not be empty"),
        ({"unit": "Mw"}, "unit", "allowed:"),
        ({"low": "21"}, "low", "must not exceed the value 20"),
        ({"high": "19"}, "high", "must not be below the value 20"),
        ({"value": ""}, "value", "must not be empty"),
        ({"value": "about 20"}, "value", "must be a number"),
        ({"value": "nan"}, "value", "finite"),
        ({"value": "inf", "high": ""}, "value", "finite"),
        ({"low": "-inf"}, "low", "finite"),
        ({"kind": "guessed"}, "kind", "allowed:"),
        ({"kind": "derived"}, "kind", "allowed:"),
        ({"kind": ""}, "kind", "allowed:"),
        ({"trust": "blind"}, "trust", "allowed:"),
        ({"trust": "own"}, "trust", "assumed"),
        ({"label": ""}, "label", "must not be empty"),
        ({"key": ""}, "key", "must not be empty"),
        ({"place": " "}, "place", "must not be empty"),
        ({"year": "last year"}, "year", "year in digits"),
    ],
)
def test_a_bad_row_is_refused_and_named(folder, change, field, said):
    message = refusal(folder, FACT | {"key": "good.one"}, FACT | change)
    assert message.startswith("thing.csv:3: key ")
    assert f": {field} is " in message
    assert said in message
    assert repr((FACT | change)["key"].strip()) in message


def test_a_duplicate_key_is_refused_even_across_files(folder):
    assert "thing.csv:3" in refusal(folder, FACT, FACT)
    write(folder / "thing.csv", FACT_COLUMNS, [FACT])
    write(folder / "zoo.csv", FACT_COLUMNS, [FACT])
    with pytest.raises(FactError, match=r"zoo\.csv:2: key 'thing\.power': key .* already taken"):
        load_facts(folder)


@pytest.mark.parametrize("missing", FACT_COLUMNS)
def test_a_missing_column_is_refused(folder, missing):
    write(folder / "thing.csv", [name for name in FACT_COLUMNS if name != missing], [FACT])
    with pytest.raises(FactError, match=r"thing\.csv:1: columns are .* must be 'key,label,value"):
        load_facts(folder)


def test_a_short_row_is_refused(folder):
    with (folder / "thing.csv").open("a", encoding="utf-8") as stream:
        stream.write("thing.mass,Mass\n")
    with pytest.raises(FactError, match=r"thing\.csv:3: 2 cells; must be 12"):
        load_facts(folder)


def test_an_empty_file_is_refused(folder):
    (folder / "thing.csv").write_text("")
    with pytest.raises(FactError, match=r"thing\.csv:1"):
        load_facts(folder)


@pytest.mark.parametrize("field", ["key", "authors", "title"])
def test_a_source_without_author_or_title_is_refused(folder, field):
    write(folder / "sources.csv", SOURCE_COLUMNS, [SOURCE | {field: ""}])
    with pytest.raises(FactError, match=rf"sources\.csv:2: .*{field} is '';"):
        load_sources(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "toaster"}, "kind is 'toaster'; allowed: chip"),
        ({"key": "system.thing"}, "it must start with 'chip.'"),
        ({"label": ""}, "label is ''"),
        ({"year": "MMXX"}, "year is 'MMXX'"),
    ],
)
def test_a_bad_entity_is_refused(folder, change, said):
    write(folder / "entities.csv", ENTITY_COLUMNS, [ENTITY | change])
    with pytest.raises(FactError, match=r"entities\.csv:2") as caught:
        load_entities(folder)
    assert said in str(caught.value)


def test_records_and_tables_cannot_be_changed():
    for record in (fact("brain.power"), source("horowitz2014"), entities()["chip.h100"]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            record.key = "else"
    for table in (facts(), sources(), entities()):
        with pytest.raises(TypeError):
            table["new"] = None


def test_an_unknown_key_names_those_that_look_alike():
    with pytest.raises(FactError, match=r"no fact has the key 'brain\.pover'.*brain\.power"):
        fact("brain.pover")
    with pytest.raises(FactError, match=r"no source has the key 'horowitz2015'.*horowitz2014"):
        source("horowitz2015")
    with pytest.raises(FactError, match=r"'zzzzzz'$"):
        fact("zzzzzz")


@pytest.mark.parametrize("record", facts().values(), ids=lambda record: record.key)
def test_every_shipped_record_is_complete(record):
    assert record.label == record.label.strip(" .")
    assert record.unit in UNITS
    assert record.sources
    assert set(record.sources) <= set(sources())
    assert record.place
    assert record.kind in KINDS
    assert record.kind != "derived"
    assert record.trust in TRUSTS
    assert math.isfinite(record.si)
    assert record.si_low <= record.si <= record.si_high
    if record.is_fraction:
        assert record.si_low >= 0
        assert record.si_high <= 1


def test_only_our_own_numbers_cite_ourselves_alone():
    for record in facts().values():
        if record.sources == ("assumption",):
            assert (record.kind, record.trust) == ("assumed", "own"), record.key
        if record.trust == "own" and record.kind == "assumed":
            assert "assumption" in record.sources, record.key


def test_what_was_seen_at_the_source_says_where():
    for record in facts().values():
        if record.trust in ("primary", "own"):
            assert record.place != "not seen at the source", record.key


def test_every_source_is_used_and_every_entity_has_facts():
    used = {key for record in facts().values() for key in record.sources}
    for path in (DATA_FOLDER / "architectures").glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as stream:
            cited = ";".join(row.get("source") or "" for row in csv.DictReader(stream))
        used |= {key.strip() for key in cited.split(";")} - {""}
    used |= set(beginnings().values())
    assert used == set(sources())
    keys = set(facts())
    for entity in entities():
        assert any(key == entity or key.startswith(f"{entity}.") for key in keys), entity


def test_facts_about_a_thing_belong_to_a_listed_thing():
    for key in facts():
        if key.startswith(("chip.", "system.", "model.", "run.")) and key.count(".") == 2:
            assert key.rpartition(".")[0] in entities(), key


def test_the_tables_are_broad_enough():
    count = {kind: sum(e.kind == kind for e in entities().values()) for kind in ("chip", "system")}
    assert count["chip"] >= 34
    assert count["system"] >= 18
    assert all(f"{key}.peak_fp16" in facts() for key in ("chip.h100", "chip.b200", "chip.tpu_v4"))


def test_a_chip_named_by_a_system_or_run_exists():
    for entity in entities().values():
        name, _, value = entity.note.partition(";")[0].strip().partition("=")
        if name == "chip":
            assert f"chip.{value}" in entities(), entity.key


def test_published_values_are_kept_as_published():
    """Golden values, each with the digits of its source."""
    assert fact("physics.boltzmann").si == 1.380649e-23  # SI brochure, exact
    assert fact("op45.fp16_mul").si == pytest.approx(1.1e-12)  # Horowitz 2014, Figure 1.1.9
    assert fact("op7.int8_mul").si == pytest.approx(0.07e-12)  # Jouppi 2021, Table 2
    assert fact("cortex.power_communication").si == 3.5  # Levy and Calvert 2021, abstract
    assert fact("human.reading_rate").si == pytest.approx(238 / 60)  # Brysbaert 2019, abstract
    assert fact("query.gemini_median").si == pytest.approx(864)  # 0.24 Wh, arXiv 2508.15734
    assert fact("model.llama31_405b.layers").value == 126  # Llama 3, Table 3
    shares = [fact(f"query.gemini_{part}_share").si for part in ("accelerator", "host", "idle")]
    assert sum(shares) + fact("query.gemini_overhead_share").si == pytest.approx(1, abs=0.02)


def test_disagreements_are_carried_as_ranges():
    for key in ("brain.flops", "system.colossus_3.power", "run.llama31_405b.energy", "wire.on_chip"):
        assert fact(key).has_range, key
    assert fact("chip.gb300.peak_int8").si_high > 10 * fact("chip.gb300.peak_int8").si


def test_every_record_file_is_read():
    names = {record.origin.partition(":")[0] for record in facts().values()}
    files = {path.name for path in DATA_FOLDER.glob("*.csv")} - {"sources.csv", "entities.csv"}
    assert names == files
