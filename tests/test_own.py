"""What a visitor brings: checked row by row, marked as his everywhere, seen by nobody else, in no link."""

from __future__ import annotations

import csv
import gc
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from efficiency import own
from efficiency.catalogue import chip, chip_labels, labels, model
from efficiency.derived import records
from efficiency.facts import entities, facts, sources
from efficiency.gap import evaluate
from efficiency.link import State, decode, encode
from efficiency.own_table import COLUMNS, FIELDS, LARGEST_FILE, MOST_MESSAGES, MOST_THINGS, read_own, template
from efficiency.scenario import Scenario, ScenarioError, field_rules
from tests.scenarios import examples
from ui import compare, exports, light_page, owned, tables
from ui.address import OTHER_KEY, session_key
from ui.own_words import link_words, own_words
from ui.views import views

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@pytest.fixture
def brought() -> Iterator[dict[str, str]]:
    """Bring the template's things, and hold them as a session would."""
    things, messages = read_own(template())
    assert not messages
    held = [own.register(thing) for thing in things]
    yield {thing.kind: thing.key for thing in held}


def table(*rows: str) -> str:
    return "\n".join([",".join(COLUMNS), *rows]) + "\n"


CHIP = (
    "chip,X1,tdp,500,,,W",
    "chip,X1,memory,96,,,GB",
    "chip,X1,memory_bandwidth,4,,,TB/s",
    "chip,X1,peak_fp16,1,,,PFLOP/s",
)


def test_csv_and_json_say_the_same() -> None:
    (thing,), _ = read_own(table(*CHIP))
    cells = [dict(zip(COLUMNS, row.split(","), strict=True)) for row in CHIP]
    numbers = [{**row, "value": float(row["value"]), "low": None} for row in cells]

    def said(one: own.Own) -> dict[str, tuple[float, float | None, str]]:
        return {key.rpartition(".")[2]: (fact.si, fact.low, fact.unit) for key, fact in one.facts.items()}

    for written in (cells, numbers):
        (other,), messages = read_own(json.dumps(written))
        assert messages == ()
        assert said(other) == said(thing)
    assert thing.facts[f"chip.{thing.key}.tdp"].si == 500.0
    assert thing.facts[f"chip.{thing.key}.memory_bandwidth"].si == 4e12


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (("chip,X1,tdp,much,,,W",), "Row 2, column value: 'much' is not a number."),
        ((*CHIP, "chip,X1,idle_power,,,,W"), "Row 6, column value: '' must not be empty."),
        ((*CHIP, "chip,X1,idle_power,600,,,W"), "Row 6, column value: idle_power of X1 must not exceed tdp."),
        ((*CHIP, "chip,X1,idle_power,50,60,70,W"), "Row 6, column low: '60' must not exceed the value 50."),
        ((*CHIP, "chip,X1,idle_power,50,40,,W"), "Row 6, column high: '' must be given where the other end is."),
        ((*CHIP, "chip,X1,tdp,500,,,W"), "Row 6, column field: tdp of X1 stands in row 2 already."),
        ((*CHIP, "chip,X1,node,4,,,W"), "Row 6, column unit: 'W' is not allowed; allowed: nm, um, mm, m."),
        ((*CHIP, "chip,X1,idle_power,1e9,,,W"), "Row 6, column value: '1e9' is outside 1 mW to 1 MW."),
        ((*CHIP, "chip,X1,watts,1,,,W"), "Row 6, column field: 'watts' is not a field of a chip; allowed: "),
        ((*CHIP, "brain,X1,tdp,1,,,W"), "Row 6, column kind: 'brain' is not allowed; allowed: chip, system, model."),
        ((*CHIP, "chip,<b>,tdp,1,,,W"), "Row 6, column name: '<b>' is not allowed; allowed: up to 40 "),
        (CHIP[:3], "Row 2, column field: the chip X1 has no peak rate, for example peak_fp16."),
        (CHIP[1:], "Row 2, column field: the chip X1 has no tdp."),
        (("chip,X1,tdp,1", *CHIP), "Row 2 has 4 cells; the heads are 7."),
        ((CHIP[0], "chip,X1", CHIP[1], "chip,X1,node,x,,,nm"), "Row 5, column value: 'x' is not a number."),
        (("model,M,experts,8,,,experts",), "Row 2, column field: the model M has experts and so needs "),
        ((*CHIP, "", "chip,X1,node,x,,,nm"), "Row 7, column value: 'x' is not a number."),
        (("model,M,layers,3.5,,,layers",), "Row 2, column value: '3.5' is not a whole number."),
        ((*CHIP, 'chip,X1,idle_power,"50,5",,,W'), "Row 6, column value: '50,5' is not a number; decimals stand after"),
        ((), "The table has no rows."),
    ],
)  # fmt: skip
def test_a_message_names_row_and_column(rows: tuple[str, ...], message: str) -> None:
    things, messages = read_own(table(*rows))
    assert things == ()
    assert any(said.startswith(message) for said in messages), messages


def test_what_a_row_lacks_is_not_said_twice() -> None:
    """A needed field that stands there with a wrong number is not also missing."""
    _, messages = read_own(table(*CHIP).replace("500", "much"))
    assert messages == ("Row 2, column value: 'much' is not a number.",)


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: ("\ufeff" + text).encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", ",,\n"),
        lambda text: text.replace("kind,name", "Kind,NAME").replace("chip,", "Chip,"),
    ],
    ids=["semicolons", "tabs", "crlf", "cr", "byte order mark", "utf-16", "empty columns", "capitals"],
)  # fmt: skip
def test_a_table_is_read_as_spreadsheets_write_it(written: Callable[[str], str | bytes]) -> None:
    plain, _ = read_own(table(*CHIP))
    assert read_own(written(table(*CHIP))) == (plain, ())


def test_a_column_that_stands_there_twice_is_named() -> None:
    text = table(*CHIP).replace("kind,", "kind,low,").replace("chip,", "chip,,")
    assert read_own(text)[1] == ("Row 1: the column low stands there twice.",)


def test_a_file_that_is_no_table_is_refused() -> None:
    nested = f'[{{"kind": "chip", "name": {"[" * 900 + "]" * 900}}}]'
    for data in (
        b"\xff\xfe", b"\xfe\xff\xd8", "", "a,b\n1,2\n", "{", "[1]", '{"a": 1}', '"x', nested, b"[" * 50_000,
        "x" * (LARGEST_FILE + 1),
    ):  # fmt: skip
        things, messages = read_own(data)
        assert things == ()
        assert 1 <= len(messages) <= MOST_MESSAGES + 1


@examples(300)
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: table(text))))
def test_any_bytes_give_things_or_messages(data: bytes | str) -> None:
    things, messages = read_own(data)
    assert bool(things) != bool(messages)
    assert all(message.isprintable() for message in messages)


@examples(60)
@given(data=st.data())
def test_any_chip_within_the_limits_has_its_numbers(data: st.DataObject) -> None:
    """What the table lets in, the model can answer for."""
    rows = []
    units = {"W": "W", "B": "B", "B/s": "B/s", "FLOP/s": "FLOP/s", "m": "m", "fraction": "fraction"}
    for name, field in FIELDS["chip"].items():
        if name in ("tdp", "memory", "memory_bandwidth", "peak_fp16") or data.draw(st.booleans()):
            value = data.draw(st.floats(field.low, field.high, exclude_max=True).filter(lambda x: x > 0))
            rows.append(f"chip,X,{name},{value!r},,,{units[field.unit]}")
    things, messages = read_own(table(*rows))
    if messages:
        assert all("must not exceed" in message for message in messages)
        return
    thing = own.register(things[0])
    for workload in ("decode", "training"):
        found = evaluate(Scenario(system="own", chip=thing.key, workload=workload), 64)
        assert all(0 < y.low <= y.central <= y.high < float("inf") for y in found.yardsticks)
        assert 0 < found.ledger.total_j < float("inf")


def test_equal_things_share_a_key_and_others_never() -> None:
    one, same = read_own(table(*CHIP))[0][0], read_own(table(*CHIP))[0][0]
    assert (one.key, one) == (same.key, same)
    for other in (table(*CHIP).replace("500", "501"), table(*CHIP).replace("X1", "X2"), table(*reversed(CHIP))):
        assert read_own(other)[0][0].key != one.key


def test_a_key_cannot_be_tried_out_elsewhere() -> None:
    """Who meets a key in an address and guesses the numbers still cannot tell: another process says another key."""
    asked = "from efficiency.own_table import *; print(read_own(template())[0][0].key)"
    other = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT)
    key = read_own(template())[0][0].key
    assert other.stdout.strip() != key
    assert len(other.stdout.strip()) == len(key)


def test_own_things_are_answered_for_and_never_listed(brought: dict[str, str]) -> None:
    for kind, key in brought.items():
        assert own.is_own(key)
        assert f"{kind}.{key}" in entities()
        assert f"{kind}.{key}" not in list(entities())
        assert key not in list(chip_labels() if kind == "chip" else labels(kind))
        assert key in field_rules()[kind].options
        assert key not in list(field_rules()[kind].options)
    assert chip(brought["chip"]).label == "your X1"
    assert model(brought["model"]).parameters == 4e10
    assert brought["chip"] not in list(chip_labels())
    for listed in (facts(), records(), sources()):
        assert not any(".own_" in key or key == "yours" for key in listed)
    with pytest.raises(ScenarioError) as error:
        Scenario(chip="own_of_somebody_else")
    assert brought["chip"] not in str(error.value)


def test_a_thing_is_gone_with_the_last_who_brought_it() -> None:
    key = read_own(table(*CHIP))[0][0].key
    first, second = (own.register(read_own(table(*CHIP))[0][0]) for _ in range(2))
    assert first is second
    del first
    gc.collect()
    assert Scenario(chip=key).chip == key
    del second
    gc.collect()
    assert own.find(f"chip.{key}") is None
    with pytest.raises(ScenarioError):
        Scenario(chip=key)


def test_sessions_at_once_never_mix_their_numbers() -> None:
    """Many bring a chip of one name with numbers of their own, while others come and go."""

    def energy(watts: int) -> tuple[float, str]:
        thing = own.register(read_own(table(*CHIP).replace("500", str(watts)))[0][0])
        scenario = Scenario(system="own", chip=thing.key, workload="decode")
        found = evaluate(scenario, 64)
        assert chip(thing.key).label == "your X1"
        return found.ledger.total_j, own_words(scenario)

    wanted = {watts: energy(watts) for watts in range(400, 412)}
    assert len({total for total, _ in wanted.values()}) == len(wanted)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(energy, [*wanted] * 6))
    assert found == [*wanted.values()] * 6


def test_a_link_carries_no_own_thing(brought: dict[str, str]) -> None:
    state = State(Scenario(chip=brought["chip"], system=brought["system"], model=brought["model"]))
    read, notices = decode(encode(state))
    assert read == State()
    assert len(notices) == 3
    assert "in no link, so h100 is used" in " ".join(notices)
    assert decode(encode(state), brought.values()) == (state, ())
    other = State(other=state.scenario)
    assert decode(encode(other))[0].other == Scenario()
    assert decode(encode(other), brought.values()) == (other, ())


def test_every_figure_says_whose_it_is(brought: dict[str, str]) -> None:
    state = State(Scenario(chip=brought["chip"], system=brought["system"], model=brought["model"]))
    for view in views().values():
        said = "yours, not checked: chip X1, system Site One, model Mine 40B"
        assert said in view.footer(state), view.name
        assert all(row.central == row.central for row in view.rows(state))
    shown = views()["gap/gap"]
    assert "your X1" in shown.headline(state)
    assert "yours, not checked" in exports.picture(shown, state, "light", "https://watts.example.org")["caption"]
    assert "yours, not checked" in exports.figure_file(shown, state, "https://x.example")
    told = json.loads(exports.numbers_json(shown, state, "https://x.example"))
    assert "yours" in [source["key"] for source in told["sources"]]
    compared = views()["compare/compare"]
    assert "yours, not checked: chip X1" in compared.footer(State(other=state.scenario))
    assert "yours" not in shown.footer(State(other=state.scenario))


def test_nothing_taken_away_promises_a_link_that_shows_it(brought: dict[str, str]) -> None:
    view, base = views()["gap/gap"], "https://x.example"
    for state in (State(Scenario(chip=brought["chip"])), State(other=Scenario(chip=brought["chip"]))):
        said = "NVIDIA H100 SXM5 80GB instead of the chip X1"
        assert said in link_words(state)
        told = json.loads(exports.numbers_json(view, state, base))
        assert told["link"] is None
        assert said in told["no_link"]
        rows = list(csv.DictReader(io.StringIO(exports.numbers_csv(view, state, base))))
        assert rows
        assert all(said in row["link"] for row in rows)
        assert said in exports.citation(view, "gap", state, base)
        assert said in exports.figure_file(view, state, base)
        assert "in no link" in exports.bibtex(view, "gap", state, base)
    assert link_words(State()) == ""
    # A link that left the page would forget what was brought.
    assert 'target="_self"' in compare.footer(State())
    assert 'target="_self"' not in compare.footer(state)
    assert 'target="_blank"' in compare.footer(state)
    assert json.loads(exports.numbers_json(view, State(), base))["link"].startswith(base)


def test_a_light_page_and_the_numbers_for_programs_know_no_own_thing(brought: dict[str, str]) -> None:
    query = encode(State(Scenario(chip=brought["chip"])))
    wanted = light_page.asked(f"page=gap&fig=gap&{query}")
    assert wanted.state.scenario.chip == "h100"
    assert "in no link" in wanted.notices[0]
    assert "X1" not in " ".join(wanted.notices)


def opened(page: str, things: bool = True, link: str = "") -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=60)
    if things:
        app.session_state[owned.KEY] = read_own(template())[0]
    for name, value in parse_qsl(link, keep_blank_values=True):
        app.query_params[name] = value
    app.run()
    return app if page == "gap" else app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()


@pytest.mark.parametrize("page", PAGES)
def test_every_page_runs_with_own_things(page: str) -> None:
    things = {thing.kind: thing for thing in read_own(template())[0]}
    app = opened(page)
    for kind, thing in things.items():
        app.selectbox(key=session_key(kind)).set_value(thing.key)
    app.run()
    assert not app.exception
    assert app.session_state[session_key("chip")] in (things["chip"].key, "h100")
    app.selectbox(key=session_key("chip")).set_value(things["chip"].key).run()
    assert not app.exception
    assert any("yours, not checked" in element.proto.body for element in app.get("html"))


def bring(app: AppTest, text: str) -> None:
    app.file_uploader[0].set_value(("mine.csv", text.encode(), "text/csv")).run()
    assert not app.exception


def test_the_page_takes_a_table_and_forgets_it() -> None:
    app = opened("own", things=False)
    assert not app.exception
    bring(app, table(*CHIP).replace("500", "much"))
    assert "Row 2, column value" in app.info[0].value
    assert "Nothing of this table is used" in app.info[0].value
    assert owned.KEY not in app.session_state
    bring(app, table(*CHIP))
    assert not app.info
    key = read_own(table(*CHIP))[0][0].key
    app.button(key=f"own_use_chip.{key}").click().run()
    assert app.session_state[session_key("chip")] == key
    assert app.button(key=f"own_use_chip.{key}").label == "In use"
    app.session_state[OTHER_KEY] = Scenario(chip=key)
    app.button(key="own_forget").click().run()
    assert not app.exception
    assert app.session_state[session_key("chip")] == "h100"
    assert app.session_state[OTHER_KEY] == Scenario()
    # The file that stood in the control is not read again.
    app.run()
    assert app.session_state[owned.KEY] == ()
    gc.collect()
    assert own.find(f"chip.{key}") is None


def test_a_table_brought_again_takes_the_place_of_the_first() -> None:
    app = opened("own", things=False)
    bring(app, template())
    keys = {thing.kind: thing.key for thing in read_own(template())[0]}
    app.button(key=f"own_use_chip.{keys['chip']}").click().run()
    app.session_state[OTHER_KEY] = Scenario(chip=keys["chip"], model=keys["model"])
    bring(app, table(*CHIP).replace("500", "501"))
    new = read_own(table(*CHIP).replace("500", "501"))[0][0].key
    assert [thing.key for thing in app.session_state[owned.KEY]] == [new, keys["system"], keys["model"]]
    assert app.session_state[session_key("chip")] == new
    assert app.session_state[OTHER_KEY] == Scenario(chip=new, model=keys["model"])
    app.switch_page(str(ROOT / "pages" / "compare.py")).run()
    assert not app.exception
    options = app.selectbox(key=session_key("chip")).options
    assert options.count("your X1") == 1


def test_a_session_holds_so_many_things_and_no_more() -> None:
    app = opened("own", things=False)
    most = "".join(table(*CHIP).partition("\n")[2].replace("X1", f"Y{number}") for number in range(MOST_THINGS))
    bring(app, table() + most)
    assert len(app.session_state[owned.KEY]) == MOST_THINGS
    bring(app, table(*CHIP))
    assert f"at most {MOST_THINGS} are kept" in app.info[0].value
    assert "What you brought before is still there" in app.info[0].value
    assert len(app.session_state[owned.KEY]) == MOST_THINGS


def test_what_was_brought_is_said_in_plain_numbers() -> None:
    said = [owned.numbers(thing) for thing in read_own(template())[0]]
    assert "power when idle 70 (60 to 90) W" in said[0]
    assert "power of the whole site 30 (25 to 36) MW, accelerators 24,000" in said[1]
    assert "parameters 40 billion, layers 48" in said[2]
    assert not any("e+" in one for one in said)


def test_a_system_brings_its_chips() -> None:
    app = opened("own")
    system = next(thing for thing in read_own(template())[0] if thing.kind == "system")
    app.button(key=f"own_use_system.{system.key}").click().run()
    assert app.session_state[session_key("system")] == system.key
    assert app.session_state[session_key("chip_count")] == 24000


def test_the_sources_list_them_as_yours_in_this_session_alone() -> None:
    things = read_own(template())[0]
    keys = {key for thing in things for key in thing.facts}
    app = opened("sources")
    listed = app.dataframe[0].value
    mine = listed[listed["Checked"] == tables.YOURS]
    assert set(mine["Key"]) == keys
    assert set(mine["Kind"]) == {"yours"}
    assert app.dataframe[1].value.iloc[0]["Records"] == len(keys)
    assert any(f"{len(keys)} more are yours" in element.proto.body for element in app.get("html"))
    other = opened("sources", things=False)
    assert tables.YOURS not in set(other.dataframe[0].value["Checked"])
    assert len(other.dataframe[0].value) == len(listed) - len(keys)
    assert not any("are yours" in element.proto.body for element in other.get("html"))


def test_another_session_does_not_see_it(brought: dict[str, str]) -> None:
    app = opened("gap", things=False, link=encode(State(Scenario(chip=brought["chip"]))))
    assert not app.exception
    assert app.session_state[session_key("chip")] == "h100"
    assert "in no link" in app.info[0].value
    assert brought["chip"] not in app.selectbox(key=session_key("chip")).options
    assert not any("your " in option for option in app.selectbox(key=session_key("chip")).options)
