"""The deck as a page and as a file: everything of every step, escaped, small, and made once."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from efficiency.link import State, decode
from tests.scenarios import examples
from tests.servers import ROOT
from tests.test_server import ask
from tests.test_view import Parsed, as_read
from ui import deck, stage
from ui.deck import MOST_BYTES_OFFLINE, own_address, pack, shipped_address, unpack
from ui.drawings import drawing
from ui.server import ASSETS
from ui.stories import MOST_BYTES, Story, read, shipped
from ui.views import views

NAMES = tuple(shipped())
HOSTILE = "</script><script>alert(1)</script><!--"
OWN = f"""title = "Mine {HOSTILE}"
[[steps]]
page = "gap/ladder"
state = "ladder=frontier&theme=dark"
sentence = "<img src=x onerror=alert(1)> {{One brain}}"
note = "{HOSTILE}"
[[steps]]
page = "movement"
sentence = "{{headline}}"
"""


def page_of(server: str, address: str) -> Parsed:
    answer = ask(server, address)
    assert answer.status == 200
    return Parsed(answer.body.decode())


def file_of(server: str, name: str) -> str:
    answer = ask(server, f"{shipped_address(name)}&download=1")
    assert answer.status == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.html"'
    return answer.body.decode()


@pytest.mark.parametrize("name", NAMES)
def test_every_step_is_in_the_page(server: str, name: str) -> None:
    story = read(shipped()[name])
    page = page_of(server, shipped_address(name))
    told = json.loads(page.data["deck"])
    assert len(told["steps"]) == len(page.all("section")) == len(story.steps)
    charts = [one for one in page.all("div") if one.get("class") == "chart"]
    for number, step in enumerate(story.steps):
        assert as_read(re.sub("<[^>]+>", "", step.sentence)) in page.text
        assert charts[number]["aria-label"] == step.view.alt(step.state)
        said = told["steps"][number]
        assert said["note"] == step.note
        assert decode(urlsplit(said["dashboard"]).query) == (step.state, ())
        at_steps = step.view.at_steps(step.state) or (step.state,)
        assert len(said["phones"]) == len(said["codes"]) == len(said["lights"]) == len(at_steps)
        for phone, state in zip(said["phones"], at_steps, strict=True):
            assert phone.startswith(f"{server}/view?page={step.view.page}&fig={step.view.key}&")
            kept = urlsplit(phone).query.partition(f"fig={step.view.key}&")[2]
            assert decode(kept) == (state, ())
        for mode in ("light", "dark"):
            figure = json.loads(page.data[f"figure-{number}-{mode}"])
            assert "sliders" not in figure["layout"]
            assert figure["config"]["displaylogo"] is False
            assert (f"figure-{number}-{mode}-narrow" in page.data) == bool(said["narrow"]) == bool(step.view.staged)
        if step.view.slider:
            assert len(said["shape"]["moves"]) == len(said["slider"]["values"]) == len(step.view.slider.values)
            assert said["slider"]["start"] == step.view.position(step.state)


def test_a_code_holds_the_light_page_of_its_step(server: str) -> None:
    for said in json.loads(page_of(server, shipped_address("twenty-watts")).data["deck"])["steps"]:
        asked = parse_qs(urlsplit(said["phones"][0]).query)
        view = views()[f"{asked['page'][0]}/{asked['fig'][0]}"]
        assert said["dashboard"].startswith(f"/{'' if view.page == 'gap' else view.page}?")
        # Few enough squares to be read from the last row.
        for phone, (size, packed) in zip(said["phones"], said["codes"], strict=True):
            assert size <= 57
            rows = segno.make(phone, micro=False, error="l").matrix
            bits = "".join(f"{byte:08b}" for byte in base64.b64decode(packed))
            assert bits[: size * size] == "".join(str(module) for row in rows for module in row)


def test_the_page_is_small_and_made_once(server: str) -> None:
    answer = ask(server, f"{shipped_address('twenty-watts')}&step=3", accept_encoding="br")
    assert answer.headers["content-encoding"] == "br"
    assert len(answer.body) < 150_000
    assert deck.key_of(deck.PATH, "story=a&step=3&notes") == deck.key_of(deck.PATH, "step=9&story=a") == "story=a"
    paths = [one["src"] for one in page_of(server, "/present").all("script") if "src" in one]
    assert [path.partition(".")[0] for path in paths] == ["/assets/deck", "/assets/plotly/plotly-basic-4"]
    for path in paths:
        assert ask(server, path).headers["cache-control"].endswith("immutable")


@pytest.mark.parametrize("address", ["/present", "/present?story=nowhere", "/present?step=99&x=%00"])
def test_any_address_shows_a_story(server: str, address: str) -> None:
    page = page_of(server, address)
    assert "Twenty watts" in page.text
    assert ("nowhere" in page.text) == ("nowhere" in address)


def test_only_our_own_files_run(server: str) -> None:
    for address in ("/present", own_address(OWN)):
        headers = ask(server, address).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self' blob:;" in policy
        assert "frame-ancestors 'self'" in policy
        assert not {"etag", "last-modified"} & set(headers)


# One file


@pytest.mark.parametrize("name", NAMES)
def test_the_file_stands_alone(server: str, name: str) -> None:
    html = file_of(server, name)
    assert len(html.encode()) <= MOST_BYTES_OFFLINE
    page = Parsed(html)
    assert not [one for one in page.all("script") if "src" in one]
    assert not [one for one in page.all("img") if not one["src"].startswith("data:")]
    assert all(one["href"].startswith("data:") for one in page.all("link"))
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style
    assert all(address.startswith("data:") for address in re.findall(r"url\(([^)]*)\)", style[1]))
    assert not re.search(r"@import", style[1])
    # plotly.js stands in it once.
    assert html.count("plotly.js (basic - minified)") == 1
    assert json.loads(page.data["deck"])["offline"] is True
    assert len(page.all("section")) == len(read(shipped()[name]).steps)


# Somebody's own


def test_a_story_of_ones_own_is_shown_and_only_as_text(server: str) -> None:
    address = own_address(OWN)
    for one in (address, f"{address}&download=1"):
        answer = ask(server, one)
        assert answer.status == 200
        page = Parsed(answer.body.decode())
        assert "speaker’s own" in page.text
        kinds = [element.get("type", "") for element in page.all("script")]
        assert kinds.count("application/json") == 5
        assert len(kinds) == 7
        assert not [attributes for _, attributes in page.elements if any(name.startswith("on") for name in attributes)]
        assert not page.all("img")
        assert json.loads(page.data["deck"])["steps"][0]["note"].startswith("</script>")
        assert json.loads(page.data["deck"])["steps"][0]["theme"] == "dark"
    assert answer.headers["content-disposition"] == 'attachment; filename="mine-script-script-alert-1-script.html"'
    # Its words stand in no preview's address, and nowhere on the server.
    assert "og:url" not in Parsed(ask(server, address).body.decode()).meta


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "The address holds no story"),
        ("text=%3Cscript%3E", "The address holds no story"),
        ("text=abc", "The address holds no story"),
        (f"text={'A' * 20_000}", "characters of story"),
        (f"text={pack('x' * (MOST_BYTES + 1))}", "longer than"),
        (f"text={pack('title = 1')}", "Line 1, title: is 1; a text in quotes is wanted."),
    ],
)
def test_what_is_no_story_is_refused_in_words(server: str, query: str, said: str) -> None:
    answer = ask(server, f"/present-own?{query}")
    assert answer.status == 400
    page = Parsed(answer.body.decode())
    assert said in page.text
    assert not page.all("script")


@given(text=st.text(max_size=400))
@examples(50)
def test_packing_loses_nothing(text: str) -> None:
    assert unpack(pack(text)) == text
    assert re.fullmatch(r"[A-Za-z0-9_-]+", pack(text))


@given(packed=st.text(max_size=80))
@examples(100)
def test_any_address_is_read_or_refused(packed: str) -> None:
    with pytest.raises(ValueError):
        unpack(packed + "!")


def test_a_file_that_would_be_too_large_is_refused(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    monkeypatch.setattr(deck, "MOST_BYTES_OFFLINE", 100)
    plain = deck.File("/x", lambda: b"x")
    decks = deck.Decks(deck.Files(plain, plain, plain, plain, plain))
    assert decks.make(deck.PATH, "download=1", "").status == 400
    assert decks.make(deck.PATH, "", "").status == 200


def test_without_a_public_address_there_is_no_code() -> None:
    plain = deck.File("/x", lambda: b"x")
    page = Parsed(deck.Decks(deck.Files(plain, plain, plain, plain, plain)).make(deck.PATH, "", "").text)
    assert not any(said["codes"] or said["phones"] for said in json.loads(page.data["deck"])["steps"])
    offline = Parsed(deck.Decks(deck.Files(plain, plain, plain, plain, plain)).make(deck.PATH, "download=1", "").text)
    assert {said["dashboard"] for said in json.loads(offline.data["deck"])["steps"]} == {""}


@pytest.mark.parametrize("name", [name for name, view in views().items() if view.slider])
def test_a_slider_s_room_goes_with_it(name: str) -> None:
    figure = views()[name].figure(State(), "light")
    found = drawing(figure)
    layout = json.loads(found.json)["layout"]
    plot = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    assert layout["height"] - layout["margin"]["t"] - layout["margin"]["b"] == plot
    assert found.height_px < figure.layout.height
    assert layout["margin"]["b"] >= 8
    assert len(found.labels) == len(found.moves) == len(figure.layout.sliders[0].steps)
    # The dashboard's figure is the same object: it keeps its slider.
    assert drawing(figure) == found


# The page on stories


def stage_page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=30).run()
    return app.switch_page(str(ROOT / "pages" / "stage.py")).run()


def html_of(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def test_the_page_lists_what_ships() -> None:
    app = stage_page()
    assert not app.exception
    for name in NAMES:
        assert f'href="{shipped_address(name)}"' in html_of(app)
        assert Path(ASSETS / "stories" / f"{name}.toml").is_file()


def test_a_dropped_story_is_told_or_its_mistakes_are() -> None:
    app = stage_page()
    app.file_uploader(key="stage_file").set_value(("mine.toml", OWN.encode(), "application/toml")).run()
    assert not app.exception
    assert own_address(OWN) in html_of(app)
    assert "<img" not in html_of(app)
    app.file_uploader(key="stage_file").set_value(("<b>.toml", b'title = "t"\n[[steps]]\n', "application/toml")).run()
    assert "Line 2, page: is missing." in html_of(app)
    assert "<b>.toml" not in html_of(app)
    assert "/present-own" not in html_of(app)


def test_the_step_that_is_offered_can_be_told() -> None:
    for name in ("gap/gap", "levers/levers", "precision/widths"):
        text = stage.step_of(State(ladder="frontier", theme="dark"), name)
        story: Story = read(f'title = "t"\n{text}')
        assert story.steps[0].view.name == name
        assert story.steps[0].state.ladder == "frontier"
        assert story.steps[0].note
    assert "[[steps]]" not in stage.step_of(State(), "movement/flow")
