"""What a visitor brings: checked row by row, marked as his everywhere, seen by nobody else, in no link."""

from __future__ import annotations

import json
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
from efficiency.own_table import COLUMNS, FIELDS, LARGEST_FILE, MOST_MESSAGES, read_own, template
from efficiency.scenario import Scenario, ScenarioError, field_rules
from tests.scenarios import examples
from ui import exports, owned
from ui.address import session_key
from ui.views import views

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@pytest.fixture
def brought() -> dict[str, str]:
    """Bring the template's things, and forget them afterwards."""
    things, messages = read_own(template())
    assert not messages
    for thing in things:
        own.register(thing)
    return {thing.kind: thing.key for thing in things}


def table(*rows: str) -> str:
    return "\n".join([",".join(COLUMNS), *rows]) + "\n"


CHIP = (
    "chip,X1,tdp,500,,,W",
    "chip,X1,memory,96,,,GB",
    "chip,X1,memory_bandwidth,4,,,TB/s",
    "chip,X1,peak_fp16,1,,,PFLOP/s",
)


def test_csv_and_json_say_the_same() -> None:
    things, _ = read_own(table(*CHIP))
    cells = [dict(zip(COLUMNS, row.split(","), strict=True)) for row in CHIP]
    other, messages = read_own(json.dumps(cells))
    assert (other, messages) == (things, ())
    numbers = [{**row, "value": float(row["value"]), "low": None} for row in cells]
    assert [thing.facts.keys() for thing in read_own(json.dumps(numbers))[0]] == [
        thing.facts.keys() for thing in things
    ]
    (thing,) = things
    assert thing.facts[f"chip.{thing.key}.tdp"].si == 500.0
    assert thing.facts[f"chip.{thing.key}.memory_bandwidth"].si == 4e12


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (("chip,X1,tdp,much,,,W",), "Row 1, column value: 'much' is not a number."),
        ((*CHIP, "chip,X1,idle_power,,,,W"), "Row 5, column value: '' must not be empty."),
        ((*CHIP, "chip,X1,idle_power,600,,,W"), "Row 5, column value: idle_power of X1 must not exceed tdp."),
        ((*CHIP, "chip,X1,idle_power,50,60,70,W"), "Row 5, column low: '60' must not exceed the value 50."),
        ((*CHIP, "chip,X1,idle_power,50,40,,W"), "Row 5, column high: '' must be given where the other end is."),
        ((*CHIP, "chip,X1,tdp,500,,,W"), "Row 5, column field: tdp of X1 stands in row 1 already."),
        ((*CHIP, "chip,X1,node,4,,,W"), "Row 5, column unit: 'W' is not allowed; allowed: nm, um, mm, m."),
        ((*CHIP, "chip,X1,idle_power,1e9,,,W"), "Row 5, column value: '1e9' is outside 0.001 to 1e+06 W."),
        ((*CHIP, "chip,X1,watts,1,,,W"), "Row 5, column field: 'watts' is not a field of a chip; allowed: "),
        ((*CHIP, "brain,X1,tdp,1,,,W"), "Row 5, column kind: 'brain' is not allowed; allowed: chip, system, model."),
        ((*CHIP, "chip,<b>,tdp,1,,,W"), "Row 5, column name: '<b>' is not allowed; allowed: up to 40 "),
        (CHIP[:3], "Row 1, column field: the chip X1 has no peak rate, for example peak_fp16."),
        (CHIP[1:], "Row 1, column field: the chip X1 has no tdp."),
        (("chip,X1,tdp,1", *CHIP), "Row 1 has 4 cells; the heads are 7."),
        ((CHIP[0], "chip,X1", CHIP[1], "chip,X1,node,x,,,nm"), "Row 4, column value: 'x' is not a number."),
        (("model,M,experts,8,,,experts",), "Row 1, column field: the model M has experts and so needs "),
        ((), "The table has no rows."),
    ],
)  # fmt: skip
def test_a_message_names_row_and_column(rows: tuple[str, ...], message: str) -> None:
    things, messages = read_own(table(*rows))
    assert things == ()
    assert any(said.startswith(message) for said in messages), messages


def test_a_file_that_is_no_table_is_refused() -> None:
    for data in (b"\xff\xfe", "", "a,b\n1,2\n", "{", "[1]", '{"a": 1}', '"x', b"[" * 50_000, "x" * (LARGEST_FILE + 1)):
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
    own.register(things[0])
    for workload in ("decode", "training"):
        found = evaluate(Scenario(system="own", chip=things[0].key, workload=workload), 64)
        assert all(0 < y.low <= y.central <= y.high < float("inf") for y in found.yardsticks)
        assert 0 < found.ledger.total_j < float("inf")


def test_equal_things_share_a_key_and_others_never() -> None:
    one, other = read_own(table(*CHIP))[0][0], read_own(table(*reversed(CHIP)))[0][0]
    assert one.key == other.key
    assert read_own(table(*CHIP).replace("500", "501"))[0][0].key != one.key


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


def test_the_memory_of_own_things_is_bounded() -> None:
    for number in range(own.MOST + 20):
        own.register(read_own(table(*CHIP).replace("X1", f"X{number}"))[0][0])
    assert len(own._THINGS) == own.MOST
    first = read_own(table(*CHIP).replace("X1", "X0"))[0][0]
    assert own.find(first.entity.key) is None
    with pytest.raises(ScenarioError):
        Scenario(chip=first.key)


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
    assert "yours, not checked" in exports.picture(shown, state, "light")["caption"]
    assert "yours, not checked" in exports.figure_file(shown, state, "https://x.example")
    told = json.loads(exports.numbers_json(shown, state, "https://x.example"))
    assert "yours" in [source["key"] for source in told["sources"]]


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


def test_the_page_takes_a_table_and_forgets_it() -> None:
    app = opened("own", things=False)
    assert not app.exception
    app.file_uploader[0].set_value(("mine.csv", table(*CHIP).replace("500", "much").encode(), "text/csv")).run()
    assert "Row 1, column value" in app.info[0].value
    assert not app.session_state[owned.KEY] if owned.KEY in app.session_state else True
    app.file_uploader[0].set_value(("mine.csv", table(*CHIP).encode(), "text/csv")).run()
    assert not app.info
    key = read_own(table(*CHIP))[0][0].key
    app.button(key=f"own_use_chip.{key}").click().run()
    assert app.session_state[session_key("chip")] == key
    assert not app.exception
    app.button(key="own_forget").click().run()
    assert not app.exception
    assert app.session_state[session_key("chip")] == "h100"


def test_another_session_does_not_see_it(brought: dict[str, str]) -> None:
    app = opened("gap", things=False, link=encode(State(Scenario(chip=brought["chip"]))))
    assert not app.exception
    assert app.session_state[session_key("chip")] == "h100"
    assert "in no link" in app.info[0].value
    assert brought["chip"] not in app.selectbox(key=session_key("chip")).options
    assert not any("your " in option for option in app.selectbox(key=session_key("chip")).options)
