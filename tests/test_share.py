"""What a visitor takes away says what the page says, with sources and versions, and leads back to it."""

from __future__ import annotations

import csv
import html
import io
import json
import random
import re
from dataclasses import fields
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from hypothesis import given
from streamlit.testing.v1 import AppTest

from efficiency import __version__
from efficiency.choices import PAGE_CHOICES
from efficiency.facts import DATA_VERSION, sources
from efficiency.gap import evaluate
from efficiency.link import State, decode, encode
from efficiency.scenario import Choice, Scenario, field_rules
from tests.scenarios import examples, states
from ui import exports, light_page, share
from ui.markup import plain_text
from ui.text import headline_html
from ui.theme import PALETTES
from ui.views import HOME, views

ROOT = Path(__file__).resolve().parent.parent
BASE = "https://watts.example.org"
NAMES = tuple(views())
LINKED = State(Scenario(chip="b200", bits=8.0), theme="dark", choices={"mv_batch": "1024"})
NAMED = views()["movement/roofline"]
LARGEST_FILE = 2_000_000


@given(state=states())
@examples(60)
def test_every_address_leads_back_to_its_state(state: State) -> None:
    for page in (HOME, "movement"):
        for give in (exports.dashboard_link, exports.short_link):
            parts = urlsplit(give(page, state, BASE))
            assert parts.path == ("/" if page == HOME else f"/{page}")
            assert decode(parts.query) == (state, ())
    asked = light_page.asked(urlsplit(exports.phone_link(NAMED, state, BASE)).query)
    assert (asked.view, asked.state, asked.notices) == (NAMED, state, ())


def test_a_code_holds_the_address() -> None:
    drawn = exports.code(exports.phone_link(NAMED, LINKED, BASE))
    assert drawn.startswith("<svg")
    assert "#ffffff" in drawn or "#fff" in drawn
    # Few enough modules for the back row: version 10 has 57.
    assert exports.segno.make(exports.phone_link(NAMED, LINKED, BASE), error="m").version <= 10


def test_a_code_that_no_phone_can_follow_says_so() -> None:
    def warning(base: str, network: str | None) -> str:
        return exports.code_warning("precision", LINKED, base, network)

    assert warning(BASE, None) == ""
    assert warning("http://192.168.1.7:8501", None) == ""
    said = warning("http://localhost:8501", "192.168.1.7")
    assert "http://192.168.1.7:8501" in said
    # And not to its front door.
    assert exports.short_link("precision", LINKED, "http://192.168.1.7:8501") in said
    assert warning("http://[::1]:8501", None).startswith("[::1]:8501 means this machine alone")


def test_an_embedded_figure_is_asked_for_as_one() -> None:
    found = re.search(r'src="([^"]+)"', exports.embed_snippet(NAMED, LINKED, BASE))
    assert found
    asked = light_page.asked(urlsplit(html.unescape(found[1])).query)
    assert (asked.view, asked.state, asked.embedded, asked.notices) == (NAMED, LINKED, True, ())


@pytest.mark.parametrize("name", NAMES)
def test_numbers_come_with_units_ranges_sources_and_versions(name: str) -> None:
    view = views()[name]
    rows = view.rows(LINKED)
    table = list(csv.DictReader(io.StringIO(exports.numbers_csv(view, LINKED, BASE))))
    told = json.loads(exports.numbers_json(view, LINKED, BASE))
    assert [row["name"] for row in table] == [row["name"] for row in told["numbers"]] == [row.name for row in rows]
    for row, cells, data in zip(rows, table, told["numbers"], strict=True):
        assert float(cells["central"]) == data["central"] == row.central
        assert (cells["low"] == "") == (data["low"] is None) == (row.low is None)
        assert cells["unit"] == data["unit"] == row.unit
        assert tuple(cells["sources"].split()) == tuple(data["sources"]) == row.sources
        assert (cells["data"], cells["model"]) == (DATA_VERSION, __version__)
    assert decode(urlsplit(table[0]["link"]).query) == decode(urlsplit(told["link"]).query) == (LINKED, ())
    assert {one["key"] for one in told["sources"]} == {key for row in rows for key in row.sources} <= set(sources())
    assert (told["data_version"], told["model_version"]) == (DATA_VERSION, __version__)
    assert told["headline"] == plain_text(view.headline(LINKED))


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_s_file_needs_nothing_else(name: str) -> None:
    view = views()[name]
    text = exports.figure_file(view, LINKED, BASE)
    assert len(text.encode()) <= LARGEST_FILE
    outside = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert not re.findall(r'\bsrc="', outside)
    assert not re.findall(r"<link\b", outside)
    assert all(url.startswith("data:") for url in re.findall(r"url\(([^)]*)\)", outside))
    for address in re.findall(r'href="([^"]*)"', outside):
        assert address.startswith(("https://", "http://")), address
    assert f"data {DATA_VERSION} · model {__version__}" in text or f"Data {DATA_VERSION} · model {__version__}" in text
    assert 'data-theme="dark"' in text


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_slide_holds_the_figure_as_it_stands(name: str, mode: str) -> None:
    view = views()[name]
    drawn = exports.picture(view, LINKED, mode, BASE)  # type: ignore[arg-type]
    figure = json.loads(drawn["figure"])
    assert "sliders" not in figure["layout"]
    assert view.figure(LINKED, mode).layout.height >= figure["layout"]["height"] > 40  # type: ignore[arg-type]
    assert drawn["colours"]["ground"] == PALETTES[mode].ground
    assert DATA_VERSION in drawn["caption"] and "Twenty Watts" in drawn["caption"]
    assert "<a " not in drawn["caption"]
    assert not re.search(r"(^|· |: )(sources|all records|\d+ sources)( ·|$)", drawn["caption"])
    address = html.unescape(re.findall(r"\S+$", drawn["caption"])[0])
    assert "https://" + address == exports.short_link(view.page, LINKED, BASE)
    stand = [step.layout.sliders[0] for step in [view.figure(LINKED, mode)] if step.layout.sliders]  # type: ignore[arg-type]
    assert bool(drawn["position"]) == bool(stand)
    assert all(stand[0].steps[stand[0].active].label in drawn["position"] for _ in stand)
    json.dumps(drawn, allow_nan=False)


def test_the_citation_says_what_the_repository_says() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["title"] == exports.CITED_TITLE
    assert [author["name"] for author in cited["authors"]] == [exports.CITED_AUTHOR]
    assert __version__ == cited["version"]
    for give in (exports.citation, exports.bibtex):
        text = give(NAMED, "movement", LINKED, BASE)
        assert cited["title"] in text and __version__ in text and DATA_VERSION in text
        found = re.search(r"https://[^\s}]+", text)
        assert found and decode(urlsplit(found[0]).query) == (LINKED, ())
    without = exports.bibtex(None, "sources", LINKED, BASE)
    assert without.count("{") == without.count("}")


def opened(link: str = "", page: str = "") -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=30)
    for piece in filter(None, link.split("&")):
        name, _, value = piece.partition("=")
        app.query_params[name] = value
    app.run()
    if page:
        app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    return app.button(key=share.BUTTON_KEY).click().run()


OTHER_PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py") if path.stem != "gap")


@pytest.mark.parametrize("page", ["", *OTHER_PAGES])
def test_every_page_can_be_shared(page: str) -> None:
    app = opened(page=page)
    assert not app.exception
    assert [tab.label for tab in app.tabs][: len(share.TABS)] == list(share.TABS)
    app.run()
    assert not app.exception


def random_state(draw: random.Random) -> State:
    """Draw a state as somebody might leave it: some settings anywhere, the others as they were."""
    chosen: dict[str, object] = {}
    for name, rule in field_rules().items():
        if draw.random() < 0.5:
            continue
        if isinstance(rule, Choice):
            chosen[name] = draw.choice(list(rule.options))
        elif name == "bits":
            chosen[name] = draw.choice([4.0, 8.0, 16.0, 32.0])
        else:
            chosen[name] = draw.uniform(rule.low, min(rule.high, 100 * max(rule.low, 1)))
    return State(Scenario(**chosen), theme=draw.choice(["auto", "light", "dark"]))  # type: ignore[arg-type]


def test_two_hundred_states_show_the_same_numbers_elsewhere() -> None:
    """A link pasted elsewhere says the same headline to the last digit: it is worked out from what the link holds."""
    draw = random.Random(20)
    for number in range(200):
        state = random_state(draw)
        for spell in (exports.dashboard_link, exports.short_link):
            there, notices = decode(urlsplit(spell(HOME, state, BASE)).query)
            assert (there, notices) == (state, ())
            assert [getattr(there.scenario, f.name) for f in fields(Scenario)] == [
                getattr(state.scenario, f.name) for f in fields(Scenario)
            ]
        if number % 10 == 0:
            # Not from a cache that the first answer filled.
            assert headline_html(evaluate(there.scenario)) == headline_html(evaluate(state.scenario))


def test_a_page_s_link_names_a_theme() -> None:
    app = opened(encode(State(theme="dark")))
    assert app.query_params["theme"] in ("dark", ["dark"])
    assert not app.exception


def test_an_address_that_a_slide_has_no_room_for_is_left_out() -> None:
    view = views()["budget/budget"]
    far = State(choices={name: next(iter(rule.options)) for name, rule in PAGE_CHOICES.items() if name[:3] == "bu_"})
    assert len(exports.short_link("budget", far, BASE)) > exports.LONGEST_IN_PICTURE
    assert "watts.example.org" not in exports.picture(view, far, "light", BASE)["caption"]
    assert "watts.example.org" in exports.picture(view, State(), "light", BASE)["caption"]
    assert "localhost" not in exports.picture(view, State(), "light", "http://localhost:8501")["caption"]
