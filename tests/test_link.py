"""The link: there and back, whatever it holds, for years."""

import hashlib
import math
import re
import time
from dataclasses import fields, replace
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency import link, link_bases
from efficiency.choices import PAGE_CHOICES
from efficiency.facts import DATA_VERSION
from efficiency.gap import evaluate
from efficiency.link import (
    LADDER_PARAMETER,
    LINK_VERSION,
    LONGEST_FIND,
    LONGEST_LINK,
    MIGRATIONS,
    MOST_NOTICES,
    PARAMETER_OF,
    State,
    decode,
    encode,
    encode_short,
    parameters,
)
from efficiency.link_bases import bases, data_notice, versions
from efficiency.scenario import Scenario, ScenarioError, field_rules
from tests.scenarios import CHOICES, NUMBERS, examples, states

# Links given out with version 1. They are never changed: a version that reads them otherwise needs
# a migration. No field of the second stands at a default of the day it was written.
FROZEN_HOME = (
    "v=1&sys=colossus_1&chip=h100&n=100000&model=llama31_70b&work=decode&bits=16&dens=1"
    "&move=off_chip&exec=matrix&util=0.4&pue=1.3&eng=graphs_2025&batch=64&ctx=2048&bf=1e15&bfr=published"
    "&mscope=facility&bscope=glucose&task=speaking&hid=0&ev=events&ch=memory&bit=sent"
    "&run=llama31_405b&copies=1&ladder=colossus_1&find="
)
FROZEN_OTHER = (
    "v=1&sys=own&chip=b200&n=25000&model=deepseek_v3&work=training&bits=8&dens=0.5"
    "&move=stacked&exec=fixed&util=0.25&pue=1.1&eng=eager&batch=256&ctx=8000&bf=3e14&bfr=exact"
    "&mscope=server&bscope=atp&task=writing&hid=10&ev=every_step&ch=racks&bit=delivered"
    "&run=gpt3&copies=1e6&ladder=frontier&find=h100%20power"
)
HOME = State(
    Scenario(
        system="colossus_1", chip="h100", chip_count=100_000.0, model="llama31_70b",
        workload="decode", bits=16.0, density=1.0, movement="off_chip", execution="matrix",
        utilisation=0.4, pue=1.3, engine="graphs_2025", batch=64.0, context_tokens=2048.0, brain_flop_per_s=1e15,
        brain_flops_range="published", machine_scope="facility", brain_scope="glucose",
        language_task="speaking", hidden_tokens=0.0, events="events", channel="memory",
        brain_bit="sent", run="llama31_405b", copies=1.0,
    ),
    ladder="colossus_1",
    find="",
)  # fmt: skip
OTHER = State(
    Scenario(
        system="own", chip="b200", chip_count=25_000.0, model="deepseek_v3",
        workload="training", bits=8.0, density=0.5, movement="stacked", execution="fixed",
        utilisation=0.25, pue=1.1, engine="eager", batch=256.0, context_tokens=8000.0, brain_flop_per_s=3e14,
        brain_flops_range="exact", machine_scope="server", brain_scope="atp",
        language_task="writing", hidden_tokens=10.0, events="every_step", channel="racks",
        brain_bit="delivered", run="gpt3", copies=1e6,
    ),
    ladder="frontier",
    find="h100 power",
)  # fmt: skip
BASE_1 = (116, "9daf35fba97b6122")
FROZEN = ((FROZEN_HOME, HOME), (FROZEN_OTHER, OTHER))

# What the two links showed with model 0.1.0 and data 2026-11. A change of the model or of a record
# moves them: then these numbers and the changelog change together, and never by accident.
SHOWN = {
    "home": {
        "nameplate": (5.936e06, 7.5e06, 8.71e06),
        "memory": (1.089e04, 1.863e04, 4.96e04),
        "learning": (5210, 8297, 1.514e04),
        "compute": (1.508, 137.8, 1.433e04),
        "synapse": (4.104, 20.67, 108.5),
        "communication": (0.2528, 0.3554, 0.4437),
        "stream": (1.46, 2.588, 4.868),
        "token": (0.1495, 0.2749, 0.5475),
    },
    "other": {
        "nameplate": (3.529e06, 4.5e06, 8.056e06),
        "memory": (1.23e04, 2.01e04, 7.635e04),
        "learning": (1.603e-05, 2.515e-05, 5.882e-05),
        "compute": (11.6, 15.17, 30.08),
        "synapse": (165.9, 1517, 2.213e04),
        "communication": (921, 1500, 2211),
        "stream": (1.567, 2.614, 6.641),
        "token": (0.6777, 1.203, 3.628),
    },
}


@pytest.mark.parametrize(("query", "state"), FROZEN)
def test_a_frozen_link_keeps_its_meaning(query: str, state: State) -> None:
    read, notices = decode(query)
    assert notices == ()
    for f in fields(Scenario):
        assert getattr(read.scenario, f.name) == getattr(state.scenario, f.name), f.name
    assert (read.ladder, read.find) == (state.ladder, state.find)
    # Choices that pages gained since are added at their defaults; nothing that was spelled changes.
    since = {"theme": "auto", "cmp": "", "dv": DATA_VERSION}
    assert dict(parse_qsl(encode(state), True)) == dict(state.choices) | since | dict(parse_qsl(query, True))


@pytest.mark.parametrize(("query", "name"), [(FROZEN_HOME, "home"), (FROZEN_OTHER, "other")])
def test_a_frozen_link_keeps_its_numbers(query: str, name: str) -> None:
    state, _ = decode(query)
    for y in evaluate(state.scenario).yardsticks:
        assert (y.low, y.central, y.high) == pytest.approx(SHOWN[name][y.key], rel=0.01), y.key


def test_a_frozen_link_holds_every_field() -> None:
    for f in fields(Scenario):
        assert getattr(OTHER.scenario, f.name) != getattr(HOME.scenario, f.name), f.name
    for query, _ in FROZEN:
        assert set(PARAMETER_OF.values()) < {name for name, _ in parse_qsl(query, True)}


@examples(500)
@given(state=states())
def test_there_and_back(state: State) -> None:
    query = encode(state)
    assert decode(query) == (state, ())
    assert decode(f"?{query}") == (state, ())
    assert decode(query.encode()) == (state, ())
    assert query.isascii()
    assert len(query) <= LONGEST_LINK
    # As a browser passes it on.
    assert urlsplit(f"https://example.org/?{query}").query == query
    assert dict(parse_qsl(query, True)) == parameters(state)


@examples(200)
@given(state=states())
def test_a_short_link_means_the_same(state: State) -> None:
    short = encode_short(state)
    assert decode(short) == (state, ())
    assert short.isascii()
    assert len(short) <= len(encode(state)) + len("&d=1")


def test_the_short_link_of_the_standard_settings_is_short() -> None:
    assert len(encode_short(State())) < 200


def test_a_base_keeps_its_meaning_when_a_default_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short links lean on the base, not on today's defaults; what is not in a base any more is no matter."""
    older = bases()["1"] | {"chip": "v100", "pue": "2", "gone": "1"}
    monkeypatch.setattr(link_bases, "bases", lambda: {"1": older})
    assert decode("v=1&d=1&bits=8") == (State(Scenario(chip="v100", pue=2.0, bits=8.0)), ())
    state = State(Scenario(bits=8.0))
    assert "chip=h100" in encode_short(state)
    assert decode(encode_short(state)) == (state, ())


def test_the_first_base_is_frozen() -> None:
    # Short links were given out with it. Another setting needs another base.
    settings = "".join(f"{name}={text}\n" for name, text in bases()["1"].items())
    assert len(bases()["1"]) == BASE_1[0]
    assert hashlib.sha256(settings.encode()).hexdigest().startswith(BASE_1[1])


def test_older_data_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(versions())[-1] == DATA_VERSION
    known = {"2026-01": "First.", "2026-05": "The H100 draws less.", DATA_VERSION: "Two more chips."}
    monkeypatch.setattr(link_bases, "versions", lambda: known)
    assert data_notice("v=1&dv=2026-01") == (
        f"The link was made with data 2026-01; the numbers here are those of data {DATA_VERSION}. "
        f"What changed since: 2026-05: The H100 draws less. {DATA_VERSION}: Two more chips."
    )
    # The settings of such a link are read in silence: a program need not refuse it.
    assert decode("dv=2026-01") == (State(), ())
    for text in ("", f"dv={DATA_VERSION}", "dv=x", "dv=<b>", "dv=2026-11%00"):
        assert data_notice(text) == ""
    assert decode("dv=x")[1] == ("The link says dv=x, which is no version of data and is ignored.",)


def test_a_bad_link_inside_the_link_is_said() -> None:
    state, notices = decode("cmp=chip%3Dx%26watts%3D1%26bits%3D8")
    assert state == State(other=Scenario(bits=8.0))
    assert [notice.partition(";")[0] for notice in notices] == [
        "The link compared with: the link says chip=x",
        "The link compared with: the link has watts, which is not known here and is ignored.",
    ]


@examples(200)
@given(state=states())
def test_every_field_is_spelled(state: State) -> None:
    names = [part.partition("=")[0] for part in encode(state).split("&")]
    assert names == ["v", *PARAMETER_OF.values(), LADDER_PARAMETER, *PAGE_CHOICES, "find", "theme", "cmp", "dv"]
    assert len(set(names)) == len(names)
    assert list(PARAMETER_OF) == list(field_rules())


@pytest.mark.parametrize("name", [*CHOICES, *NUMBERS])
def test_a_change_of_any_field_changes_the_link(name: str) -> None:
    rule = field_rules()[name]
    other = list(rule.options)[-1] if name in CHOICES else rule.high  # type: ignore[union-attr]
    if other == getattr(HOME.scenario, name):
        other = next(iter(rule.options)) if name in CHOICES else rule.low  # type: ignore[union-attr]
    changed = State(replace(HOME.scenario, **{name: other}))
    parts = set(encode(changed).split("&")) - set(encode(HOME).split("&"))
    assert {part.partition("=")[0] for part in parts} == {PARAMETER_OF[name]}


def test_numbers_are_short_and_exact() -> None:
    def said(**settings: float) -> str:
        (name,) = settings
        return parameters(State(Scenario(**settings)))[PARAMETER_OF[name]]  # type: ignore[arg-type]

    assert said(brain_flop_per_s=1e15) == "1e15"
    assert said(brain_flop_per_s=2.5e15) == "2.5e15"
    assert said(batch=64.0) == "64"
    assert said(utilisation=0.1 + 0.2) == repr(0.1 + 0.2)
    assert said(copies=1e10) == "1e10"
    assert said(hidden_tokens=0.0) == "0"
    assert said(chip_count=1_234_567.0) == "1.234567e6"


@examples(600)
@given(query=st.binary(max_size=400))
def test_any_bytes_give_a_valid_state(query: bytes) -> None:
    assert_reads(query)


@examples(600)
@given(
    query=st.lists(
        st.tuples(
            st.sampled_from([*PARAMETER_OF.values(), "v", "d", "ladder", "find", "theme", "cmp", "dv", "", "x"]),
            st.sampled_from(["=", "", "%3D", "=="]),
            st.one_of(st.text(max_size=20), st.floats().map(str), st.integers().map(str)),
        ).map("".join),
        max_size=40,
    ).map("&".join)
)
def test_anything_like_a_link_gives_a_valid_state(query: str) -> None:
    assert_reads(query)


ADVERSARIAL = [
    "",
    "?",
    "&&&===",
    "bits=8&bits=4&bits=16",
    "bits=NaN&pue=nan&util=inf&bf=-inf",
    "bits=1e999&bf=1e999&copies=-1e999",
    "n=" + "9" * 5000,
    "v=" + "9" * 5000,
    "v=0",
    "v=-1",
    "v=²",
    "v=٣",
    "v=",
    "v=1.0",
    "bits=١٦",
    "bits=１６",
    "batch=1_000",
    "batch=0x40",
    "batch= 64 ",
    "batch=64\x00",
    "\x00=\x00&\x00",
    "chip=%00&chip=%ff%fe",
    "chip=%E0%A4%A",
    "chip=%",
    "chip=" + "a" * 100_000,
    "&".join(f"p{i}={i}" for i in range(20_000)),
    "&" * 100_000,
    "=" * 100_000,
    "%" * 100_000,
    "chip=<script>alert(1)</script>",
    "<script>alert(1)</script>=1",
    "find=" + "a" * (LONGEST_FIND + 1),
    "find=%0a%0d",
    "find=\u202egnp.exe",
    "chip=H100&model=LLAMA31_70B",
    "ladder=own",
    "ladder=../../etc/passwd",
    "bits=7",
    "bits=true",
    "chip_count=5",
    "embed=true&embed_options=dark_theme",
    "\ud800=\udfff",
    ";".join(["bits=8"] * 1000),
]


@pytest.mark.parametrize("query", ADVERSARIAL, ids=lambda q: ascii(q)[:30])
def test_an_adversarial_link_gives_a_valid_state(query: str) -> None:
    assert_reads(query)
    assert_reads("v=1&" + query)
    assert_reads(query.encode("utf-8", errors="surrogatepass"))


def assert_reads(query: str | bytes) -> None:
    started = time.perf_counter()
    state, notices = decode(query)
    assert time.perf_counter() - started < 5, "a link of nonsense must not stop the server"
    # Building it again runs its own checks.
    State(replace(state.scenario), state.ladder, state.find, dict(state.choices), state.theme, state.other)
    assert decode(encode(state)) == (state, ())
    assert len(notices) <= MOST_NOTICES
    for notice in notices:
        assert notice.startswith("The link ")
        assert notice.endswith(".")
        assert notice.isprintable()
        assert len(notice) < 400


@pytest.mark.parametrize(
    ("query", "notice"),
    [
        ("bits=7", "The link says bits=7; allowed is 1, 1.58, 2, 4, 6, 8, 16, 19, 32, 64, so 16 is used."),
        ("pue=9", "The link says pue=9; allowed is 1 to 3, so 1.3 is used."),
        ("batch=nan", "The link says batch=nan; allowed is 1 to 4,096, so 64 is used."),
        ("bf=x", "The link says bf=x; allowed is 10¹¹ to 10²¹ FLOP/s, so 1e15 is used."),
        ("work=sleep", "The link says work=sleep; allowed is decode, prefill, training, so decode is used."),
        ("watts=20", "The link has watts, which is not known here and is ignored."),
        ("bits=8&bits=4", "The link repeats bits; its first value is used."),
        ("v=2", "The link says v=2; this app reads version 1 and older, so it is read as version 1."),
        ("ladder=x", "The link says ladder=x; no system has that name, so colossus_1 is used."),
        ("find=a%0ab", "The link says find=a?b; allowed are up to 80 printable characters, "
         "so nothing is searched for."),
        ("theme=pink", "The link says theme=pink; allowed is auto, light, dark, so auto is used."),
        ("d=9", "The link says d=9; allowed is 1, so what it does not spell out is set as it is today."),
    ],
)  # fmt: skip
def test_a_notice_says_what_was_ignored_and_what_is_used(query: str, notice: str) -> None:
    assert decode(query)[1] == (notice,)


@pytest.mark.parametrize("text", ["１６", "١٦", "1_6", "0x10", "", "16bit", "²"])
def test_only_plain_digits_are_a_number(text: str) -> None:
    state, notices = decode(f"batch={text}&ctx={text}")
    assert state == State()
    assert [notice.partition("=")[0] for notice in notices] == ["The link says batch", "The link says ctx"]


def test_the_first_of_repeated_values_counts() -> None:
    assert decode("bits=8&bits=4")[0].scenario.bits == 8.0


@pytest.mark.parametrize("name", PAGE_CHOICES)
def test_a_page_choice_is_part_of_the_link(name: str) -> None:
    rule = PAGE_CHOICES[name]
    for option in rule.options:
        state, notices = decode(f"{name}={option}")
        assert (state.choices[name], notices) == (option, ())
        assert re.fullmatch(r"[A-Za-z0-9._~-]+", option), "browser and server spell it alike"
    state, notices = decode(f"{name}=!")
    assert state == State()
    assert notices[0].startswith(f"The link says {name}=!; allowed is ")


def test_a_bad_value_spoils_no_other() -> None:
    state, notices = decode("bits=7&pue=1.5&chip=b200")
    assert state.scenario == Scenario(pue=1.5, chip="b200")
    assert len(notices) == 1


def test_what_is_missing_takes_the_default_in_silence() -> None:
    assert decode("chip=b200") == (State(Scenario(chip="b200")), ())
    assert decode("") == (State(), ())


def test_parameters_of_streamlit_itself_are_left_alone() -> None:
    assert decode("embed=true&embed_options=dark_theme") == (State(), ())


def test_a_link_that_is_too_long_is_read_in_part() -> None:
    state, notices = decode("bits=8&" + "x" * LONGEST_LINK + "&pue=1.5")
    assert (state.scenario.bits, state.scenario.pue) == (8.0, 1.3)
    assert notices[0] == "The link has 8,015 characters; only the first 8,000 are read."


def test_an_unknown_version_is_read_as_todays() -> None:
    state, notices = decode(FROZEN_OTHER.replace("v=1", "v=99"))
    assert state == OTHER
    assert len(notices) == 1
    assert "v=99" in notices[0]


def test_there_is_a_migration_for_every_older_version() -> None:
    assert sorted(MIGRATIONS) == list(range(1, LINK_VERSION))


def test_an_older_link_goes_through_each_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day will come when version 3 calls `bits` something else."""

    def to_two(given: dict[str, str]) -> dict[str, str]:
        return {"width" if name == "bits" else name: text for name, text in given.items()}

    def to_three(given: dict[str, str]) -> dict[str, str]:
        return {"bits" if name == "width" else name: text for name, text in given.items()} | {"pue": "1.5"}

    monkeypatch.setattr(link, "LINK_VERSION", 3)
    monkeypatch.setattr(link, "MIGRATIONS", {1: to_two, 2: to_three})
    expected = State(replace(OTHER.scenario, pue=1.5), OTHER.ladder, OTHER.find, OTHER.choices)
    assert decode(FROZEN_OTHER) == (expected, ())
    assert decode(FROZEN_OTHER.replace("v=1", "v=3")) == (OTHER, ())
    assert encode(OTHER).startswith("v=3&")


def test_an_array_has_no_link() -> None:
    state = State(Scenario(batch=np.array([1.0, 2.0])))
    for spell in (encode, parameters):
        with pytest.raises(ValueError, match="array fields"):
            spell(state)


@pytest.mark.parametrize(
    ("setting", "message"),
    [({"ladder": "own"}, "^ladder is 'own'; allowed: .*colossus_1"),
     ({"find": "a" * 81}, "^find is .*; allowed: up to 80 printable characters"),
     ({"find": "a\n"}, r"^find is 'a\?'; allowed: "),
     ({"theme": "pink"}, "^theme is 'pink'; allowed: auto, light, dark")],
)  # fmt: skip
def test_a_state_refuses_what_it_cannot_hold(setting: dict[str, str], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        State(**setting)  # type: ignore[arg-type]


def test_a_number_of_any_size_is_read_as_a_float() -> None:
    state, _ = decode("bf=123456789012345678")
    assert state.scenario.brain_flop_per_s == 123456789012345678.0
    assert math.isfinite(state.scenario.brain_flop_per_s)
