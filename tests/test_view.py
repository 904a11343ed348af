"""What is served without a session: the light page, link previews, numbers for programs, who may embed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import Final
from urllib.parse import quote, urlsplit

import plotly
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plotly.offline import get_plotlyjs
from starlette.requests import Request
from starlette.responses import Response

from efficiency.gap import evaluate
from efficiency.link import State, encode
from efficiency.report import as_data
from efficiency.say import times
from efficiency.scenario import Scenario
from tests.scenarios import examples, states
from tests.servers import dashboard
from tests.test_server import ask
from ui import embedding, light_page, public_address
from ui.bands import bands_html
from ui.documents import Document, Kept
from ui.light_page import address, asked, dashboard_address
from ui.markup import plain_text
from ui.precompress import ROOT
from ui.server import ASSETS, Server
from ui.theme import PALETTES, Palette
from ui.views import pages, views

LINKED = State(Scenario(system="own", chip="b200", chip_count=7.0, bits=8.0, pue=1.1), ladder="frontier")
HOSTILE = "\"'><script>alert(1)</script><!--</title></style>&amp;"
NAMES = tuple(views())


class Parsed(HTMLParser):
    """Raw HTML, as a chat or a crawler reads it: meta tags, elements, and the text outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, str] = {}
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.data: dict[str, str] = {}
        self._inside = ""
        self._name = ""
        self.feed(html)
        self.close()
        self.text = " ".join("".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        self._inside, self._name = tag, found.get("id", "")
        if tag == "meta":
            self.meta[found.get("property") or found.get("name", "")] = found.get("content", "")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.data[self._name] = self.data.get(self._name, "") + data
        elif self._inside != "style":
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(server: str, path: str) -> Parsed:
    answer = ask(server, path)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Parsed(answer.body.decode())


def as_read(text: str) -> str:
    """Say a text with its entities read and its spaces alike."""
    return " ".join(unescape(text).split())


# The light page


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_has_a_light_page(server: str, name: str) -> None:
    view = views()[name]
    page = read(server, address(view, LINKED))
    assert as_read(re.sub("<[^>]+>", "", view.headline(LINKED))) in page.text
    assert as_read(view.alt(LINKED)) in page.text
    assert dashboard_address(view, LINKED) in [link["href"] for link in page.all("a")]
    if "figure-light" not in page.data:
        assert "drawn in the full dashboard only" not in page.text
        assert len([one for one in page.all("div") if one.get("class") == "bands"]) == 2, "light and dark"
        assert not [one for one in page.all("script") if "src" in one]
        return
    assert ("figure-dark" in page.data) == view.own_dark
    for text in (text for name, text in page.data.items() if name.startswith("figure-")):
        figure = json.loads(text)
        assert {trace["type"] for trace in figure["data"]} <= light_page.BASIC_TRACES
        assert "sliders" not in figure["layout"]
        assert figure["config"]["displaylogo"] is False
    assert page.all("div")[0]
    (chart,) = (one for one in page.all("div") if one.get("id") == "chart")
    assert chart["aria-label"] == view.alt(LINKED)
    assert bool([one for one in page.all("input") if one["type"] == "range"]) == (view.slider is not None)


BAND: Final = re.compile(
    r'<path d="M1.5 ([\d.]+)C50 \1 50 ([\d.]+) 98.5 \2V([\d.]+)C50 \3 50 ([\d.]+) 1.5 \4Z" fill="([^"]+)">'
    r"<title>([^<]+)"
)


@pytest.mark.parametrize("width", ["joules", "bytes"])
@pytest.mark.parametrize("scenario", [Scenario(), LINKED.scenario, Scenario(model="gpt_oss_120b", batch=1)])
def test_flows_are_bands_as_wide_as_what_flows(scenario: Scenario, width: str) -> None:
    """Plain HTML of the same numbers as the dashboard's figure, whose kind the partial plotly.js does not draw."""
    state = State(scenario, choices={"mv_flow": width})
    for mode in ("light", "dark"):
        trace = views()["movement/flow"].figure(state, mode).to_plotly_json()["data"][0]
        drawn = bands_html(trace)
        values, found = list(trace["link"]["value"]), BAND.findall(drawn)
        assert len(found) == len(values)
        scale = 260.0 / sum(values)
        for value, said, colour, (left, right, right_end, left_end, fill, title) in zip(
            values, trace["link"]["customdata"], trace["link"]["color"], found, strict=True
        ):
            assert float(left_end) - float(left) == pytest.approx(scale * value, abs=0.11)
            assert float(right_end) - float(right) == pytest.approx(scale * value, abs=0.11)
            assert (fill, unescape(title)) == (colour, plain_text(said))
        # Nothing is drawn above or below the room it has, and no two labels of a column touch.
        height = float(re.search(r"viewBox=\"0 0 100 ([\d.]+)\"", drawn)[1])  # type: ignore[index]
        assert all(0 <= float(end) <= height + 0.1 for band in found for end in band[:4])
        for side in ("left", "right"):
            tops = [float(top) for top in re.findall(rf'<span class="{side}" style="top:([\d.]+)px">', drawn)]
            assert all(below - above >= 44 for above, below in pairwise(tops))
        for label in trace["node"]["label"]:
            assert plain_text(label).partition(", ")[0] in plain_text(drawn)


def test_a_light_colour_has_one_dark_colour() -> None:
    for one in fields(Palette):
        light, dark = (getattr(PALETTES[mode], one.name) for mode in ("light", "dark"))
        pairs = zip(light, dark, strict=True) if isinstance(light, tuple) else [(light, dark)]
        assert all(light_page.dark_of()[before] == after for before, after in pairs), one.name


@given(state=states())
@examples(4)
def test_a_figure_painted_dark_is_the_dark_figure(state: State) -> None:
    colours = light_page.dark_of()
    for view in views().values():
        light, dark = (view.figure(state, mode).to_json() for mode in ("light", "dark"))
        painted = re.sub("#[0-9A-F]{6}", lambda found: colours.get(found[0], found[0]), light)
        assert (painted == dark) or view.own_dark, f"{view.name} needs own_dark=True in ui/page_views/{view.page}.py"


def test_the_words_come_before_the_scripts(server: str) -> None:
    html = ask(server, "/view").body.decode()
    assert html.index("<h1>") < html.index('class="range"') < html.index('id="chart"') < html.index("<script")


def test_a_light_page_is_small(server: str) -> None:
    """At 1.5 Mbit/s 45 kB take 0.3 s, and with letters and plotly.js 2.4 s; the rest of 4 s is for drawing."""
    sizes = {name: len(ask(server, address(views()[name], State()), accept_encoding="br").body) for name in NAMES}
    assert max(sizes.values()) < 45_000, sizes
    page = read(server, "/view")
    paths = [one["src"] for one in page.all("script") if "src" in one]
    paths += [one["href"] for one in page.all("link") if one["rel"] == "preload"]
    assert len(paths) == 3
    assert sum(len(ask(server, path, accept_encoding="br").body) for path in paths) < 400_000


def test_the_slider_stands_where_the_link_says(server: str) -> None:
    view = views()["gap/ladder"]
    page = read(server, address(view, LINKED))
    (slider,) = (one for one in page.all("input") if one["type"] == "range")
    told = json.loads(page.data["steps"])
    assert told["values"][int(slider["value"])] == "frontier"
    assert told["parameter"] == "ladder"
    assert slider["aria-valuetext"] == told["labels"][int(slider["value"])]
    assert len(told["moves"]) == len(told["values"]) == int(slider["max"]) + 1


def test_what_a_link_says_wrong_is_noticed(server: str) -> None:
    page = read(server, "/view?page=nowhere&fig=what&page=gap&bits=7&pue=nan&unknown=1")
    for name in ("page=nowhere", "fig=what", "repeats page", "bits=7", "pue=nan", "unknown"):
        assert name in page.text
    assert evaluate(Scenario()).yardstick("compute").central
    assert times(evaluate(Scenario()).yardstick("compute").central) in page.text


@pytest.mark.parametrize(
    "query",
    [
        f"page={quote(HOSTILE)}&fig={quote(HOSTILE)}&find={quote(HOSTILE)}&{quote(HOSTILE)}=1&chip={quote(HOSTILE)}",
        f"embed={quote(HOSTILE)}&v={quote(HOSTILE)}",
        "%00%ff%fe=%zz&&&==&page",
        "v=1&" * 5000,
    ],
)
@pytest.mark.parametrize("path", ["/view", "/", "/precision", "/sources"])
def test_a_hostile_link_is_only_text(server: str, path: str, query: str) -> None:
    plain, hostile = read(server, path), read(server, f"{path}?{query}")
    assert [tag for tag, _ in hostile.elements if tag == "script"] == [
        tag for tag, _ in plain.elements if tag == "script"
    ]
    assert not [name for _, attributes in hostile.elements for name in attributes if name.startswith("on")]
    assert set(hostile.meta) <= set(plain.meta)
    assert "alert(1)" not in "".join(hostile.data.values())


@given(query=st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda data: data.decode("latin-1"))))
@examples(100)
def test_any_text_at_all_asks_for_a_figure(query: str) -> None:
    found = asked(query)
    assert found.view in views().values()
    assert found.state


@given(state=states(), name=st.sampled_from(NAMES))
@examples(100)
def test_an_address_of_a_light_page_is_read_as_it_was_written(state: State, name: str) -> None:
    path, _, query = address(views()[name], state).partition("?")
    assert path == "/view"
    found = asked(query)
    assert (found.view.name, found.state, found.notices) == (name, state, ())


def test_the_light_page_is_not_kept_by_a_validator(server: str) -> None:
    for path in ("/view", "/", "/precision?bits=8"):
        answer = ask(
            server, path, accept_encoding="br", if_none_match="*", if_modified_since="Mon, 01 Jan 2035 00:00:00 GMT"
        )
        assert answer.status == 200
        assert not {"etag", "last-modified"} & set(answer.headers)
        assert answer.headers["content-encoding"] == "br"
        assert "accept-encoding" in answer.headers["vary"].lower()


def test_its_policy_allows_files_of_ours_only(server: str) -> None:
    policy = ask(server, "/view").headers["content-security-policy"]
    assert "script-src 'self' blob:;" in policy
    assert "unsafe-eval" not in policy


def test_making_a_page_keeps_nobody_waiting() -> None:
    """What takes time is not done on the event loop: there it would wait for what comes after it."""
    released = threading.Event()
    kept: list[bool] = []

    def document(_query: str, _base: str) -> Document:
        kept.append(released.wait(10))
        return Document("made")

    server = Server()
    server.light_pages = Kept(document, most=2)
    scope = {"type": "http", "method": "GET", "path": "/view", "query_string": b"", "headers": [], "server": ("a", 80)}

    async def ask_and_go_on() -> Response:
        asked_for = [asyncio.ensure_future(server.view(Request(scope))) for _ in range(3)]
        await asyncio.sleep(0.1)
        released.set()
        return (await asyncio.gather(*asked_for))[-1]

    with ThreadPoolExecutor(1) as own_thread:
        answer = own_thread.submit(lambda: asyncio.run(ask_and_go_on())).result()
    assert answer.body == b"made"
    assert kept == [True], "made once for all who waited"


def test_documents_are_kept_in_bounds_and_faults_are_not() -> None:
    made: list[int] = []

    def make(number: int) -> Document:
        made.append(number)
        if number < 0:
            raise ValueError(number)
        return Document(str(number))

    async def ask_for(*numbers: int) -> list[str]:
        kept = Kept(make, most=2)
        found = []
        for number in numbers:
            try:
                found.append((await kept.document(number)).text)
            except ValueError:
                found.append("fault")
        return found

    with ThreadPoolExecutor(1) as own_thread:
        found = own_thread.submit(lambda: asyncio.run(ask_for(1, 2, 1, 3, 1, 2, -1, -1))).result()
    assert found == ["1", "2", "1", "3", "1", "2", "fault", "fault"]
    assert made == [1, 2, 3, 2, -1, -1], "the least recently asked for goes first"


# plotly.js


def test_plotly_js_is_the_version_that_python_draws_for() -> None:
    (file,) = (ASSETS / "plotly").glob("plotly-basic-*.js")
    version = re.search(r"plotly\.js v([\d.]+)", get_plotlyjs()[:200])
    assert version
    assert file.name.startswith(f"plotly-basic-{version[1]}.")
    data = file.read_bytes()
    assert f"plotly.js (basic - minified) v{version[1]}".encode() in data[:200]
    assert f".{hashlib.sha256(data).hexdigest()[:8]}." in file.name
    assert plotly.__version__ in (ROOT / "requirements.txt").read_text()
    assert (ASSETS / "plotly" / "plotly-basic.LICENSE.txt").read_text().startswith("MIT License")


def test_plotly_js_is_sent_once(server: str) -> None:
    (source,) = (one["src"] for one in read(server, "/view").all("script") if "plotly" in one.get("src", ""))
    answer = ask(server, source, accept_encoding="br")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "br"
    assert len(answer.body) < 350_000


# Link previews


@pytest.mark.parametrize("page", pages())
def test_a_chat_shows_the_numbers_of_the_state(server: str, page: str) -> None:
    view = next(one for one in views().values() if one.page == page)
    for path in (dashboard_address(view, LINKED), address(view, LINKED)):
        meta = read(server, path).meta
        assert meta["og:title"] == meta["twitter:title"] == f"{view.title} · Twenty Watts"
        assert plain_text(view.headline(LINKED)) in meta["og:description"]
        assert meta["og:description"] == meta["twitter:description"] == meta["description"]
        assert meta["og:url"] == server + path
        assert meta["twitter:card"] == "summary_large_image"
        picture = urlsplit(meta["og:image"])
        assert meta["og:image"] == meta["twitter:image"]
        answer = ask(server, picture.path)
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"].endswith("immutable")
        width, height = (int.from_bytes(answer.body[at : at + 4]) for at in (16, 20))
        assert (str(width), str(height)) == (meta["og:image:width"], meta["og:image:height"])


def test_a_chat_s_numbers_are_those_of_the_model(server: str) -> None:
    compute = evaluate(LINKED.scenario).yardstick("compute").central
    assert times(compute) in read(server, f"/?{encode(LINKED)}").meta["og:description"]
    assert "B200s" in read(server, f"/?{encode(LINKED)}").meta["og:description"]


def test_a_page_without_figures_has_a_general_preview(server: str) -> None:
    meta = read(server, "/sources").meta
    assert meta["og:title"] == "Twenty Watts"
    assert "20 W" in meta["og:description"]


@pytest.mark.parametrize("host", ["evil.example", "a b", "localhost:99999999", 'x"><script>', "127.0.0.1.evil.example"])
def test_a_foreign_host_is_not_believed(server: str, host: str) -> None:
    answer = ask(server, "/view", host=host)
    if answer.status == 400:
        return
    meta = Parsed(answer.body.decode()).meta
    assert "og:url" not in meta
    assert "og:image" not in meta
    assert meta["twitter:card"] == "summary"
    assert "evil" not in answer.body.decode()


@pytest.mark.parametrize(
    "given_url", ["watts.example", "ftp://a.example", "https://a.example/?x=1", 'https://a.example/"', "https://"]
)
def test_a_wrong_public_address_stops_the_start(given_url: str) -> None:
    with pytest.raises(ValueError, match=public_address.VARIABLE):
        public_address.configured({public_address.VARIABLE: given_url})


# Numbers for programs


def test_a_program_gets_what_the_command_prints(server: str) -> None:
    answer = ask(server, f"/api/v1/gap?{encode(LINKED)}", accept_encoding="gzip")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    plain = ask(server, f"/api/v1/gap?{encode(LINKED)}")
    assert json.loads(plain.body) == json.loads(json.dumps(as_data(evaluate(LINKED.scenario))))
    printed = subprocess.run(
        [sys.executable, "-m", "efficiency", "gap", "--json", "--link", encode(LINKED)],
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    assert plain.body == printed.stdout


def test_a_program_is_told_what_is_wrong(server: str) -> None:
    answer = ask(server, "/api/v1/gap?bits=7&what=%3Cb%3E")
    assert answer.status == 400
    told = json.loads(answer.body)
    assert told["notices"][0].startswith("The link says bits=7; allowed is 1, 1.58,")
    assert "<b>" not in told["notices"][1] or answer.headers["content-type"] == "application/json"
    assert told["error"] == " ".join(told["notices"])
    said = subprocess.run(
        [sys.executable, "-m", "efficiency", "gap", "--link", "bits=7&what=%3Cb%3E"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert told["error"] in said.stderr


def test_other_addresses_of_the_interface_are_not_found(server: str) -> None:
    for path in ("/api/", "/api/v1/gaps", "/api/v2/gap"):
        answer = ask(server, path)
        assert answer.status == 404
        assert "/api/v1/gap" in json.loads(answer.body)["error"]
    assert ask(server, "/api/v1/gap", method="POST").status == 405


# Embedding


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a dashboard whose operator lets one origin embed it and says where it stands."""
    variables = {
        embedding.VARIABLE: "http://localhost:9 https://*.talks.example",
        public_address.VARIABLE: "https://watts.example.org/",
    }
    with dashboard(tmp_path_factory.mktemp("configured") / "log.txt", variables=variables) as url:
        yield url


def ancestors(headers: Mapping[str, str]) -> str:
    directives = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    return directives["frame-ancestors"]


@pytest.mark.parametrize(
    "path", ["/view", "/?embed=true", "/precision?v=1&embed=True", "/", "/precision", "/api/v1/gap"]
)
def test_nobody_else_may_embed_unless_configured(server: str, path: str) -> None:
    assert ancestors(ask(server, path).headers) == "'self'"


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/view", True),
        ("/view?embed=true", True),
        ("/?embed=true", True),
        ("/precision?v=1&embed=True", True),
        ("/", False),
        ("/precision?embed=false", False),
        ("/sources?find=embed%3Dtrue", False),
        ("/api/v1/gap", False),
    ],
)
def test_configured_origins_may_embed_what_is_made_for_it(configured: str, path: str, may: bool) -> None:
    allowed = "'self' http://localhost:9 https://*.talks.example" if may else "'self'"
    assert ancestors(ask(configured, path).headers) == allowed


def test_the_configured_address_is_the_one_that_chats_open(configured: str) -> None:
    for path in ("/view", "/precision"):
        meta = Parsed(ask(configured, path, host="evil.example").body.decode()).meta
        assert meta["og:url"].startswith(f"https://watts.example.org{path}?")
        assert meta["og:image"].startswith("https://watts.example.org/assets/preview.")


@pytest.mark.parametrize(
    "origins", ["*", "'none'", "https://a.example; script-src *", "a.example", "https://a.example/x"]
)
def test_wrong_origins_stop_the_start(origins: str) -> None:
    with pytest.raises(ValueError, match=embedding.VARIABLE):
        embedding.frame_ancestors({embedding.VARIABLE: origins})


def test_an_embedded_page_is_the_figure_alone(server: str) -> None:
    page = read(server, "/view?page=movement&embed=true")
    assert not page.all("nav")
    assert not page.all("details")
    (link,) = page.all("a")
    assert link["target"] == "_blank"
    assert link["rel"] == "noopener"
