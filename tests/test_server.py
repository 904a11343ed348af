"""What the server adds to Streamlit, asked over HTTP of the real thing where that is possible."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import brotli
import pytest
from fontTools.ttLib import TTFont
from playwright.sync_api import Browser, expect
from streamlit import config
from streamlit.web.server.app_discovery import discover_asgi_app

from ui import precompress, static_files
from ui.first_page import content_security_policy
from ui.server import ASSETS, CONFIG_FILE, Server

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = precompress.frontend_folder()
PLOTLY = next((FRONTEND / "static" / "js").glob("PlotlyChart.*.js"))
PLOTLY_PATH = f"/{PLOTLY.relative_to(FRONTEND).as_posix()}"
DECOMPRESS = {"br": brotli.decompress, "gzip": gzip.decompress}


class Answer(NamedTuple):
    """An HTTP response, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(server: str, path: str, method: str = "GET", **headers: str) -> Answer:
    """Send a request as it stands: no library tidies the path on the way."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=20)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        response = connection.getresponse()
        fields = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, fields, response.read())
    finally:
        connection.close()


# Start


def test_streamlit_run_finds_the_app() -> None:
    found = discover_asgi_app(ROOT / "app.py")
    assert found.import_string == "app:app"


def test_start_froze_what_it_loaded(server: str) -> None:
    report = json.loads(ask(server, "/healthz").body)
    assert report["status"] == "ok"
    # Streamlit, numpy, scipy and plotly alone hold more objects than this.
    assert report["frozen_objects"] > 50_000
    # Ten is Python's own: a hundred sessions would stop all viewers for 0.2 s every few seconds.
    assert report["rounds_before_old_ones"] >= 100


# Configuration


def options(table: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Flatten the configuration into dotted names."""
    flat: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat |= options(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


CONFIGURED = options(tomllib.loads(CONFIG_FILE.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", CONFIGURED)
def test_streamlit_knows_every_option_we_set(name: str) -> None:
    assert name in config._config_options_template


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("browser.gatherUsageStats", False),
        ("client.showErrorDetails", "none"),
        ("logger.hideWelcomeMessage", True),
        ("runner.postScriptGC", False),
        ("server.enableCORS", True),
        ("server.enableXsrfProtection", True),
        ("server.fileWatcherType", "none"),
        ("server.maxUploadSize", 2),
    ],
)
def test_options_that_matter_are_set(name: str, value: object) -> None:
    assert CONFIGURED[name] == value


def test_collecting_after_every_run_is_still_streamlits_default() -> None:
    """If this fails, the hidden option has gone or changed: look whether we still need it."""
    assert config._config_options_template["runner.postScriptGC"].default_val is True


def test_the_font_holds_what_the_pages_write() -> None:
    (file,) = (ASSETS / "fonts").glob("*.woff2")
    assert f".{hashlib.sha256(file.read_bytes()).hexdigest()[:8]}." in file.name
    assert CONFIGURED["theme.fontFaces"][0]["url"] == f"/assets/fonts/{file.name}"
    assert file.stat().st_size < 80_000
    characters = {chr(code) for code in TTFont(file).getBestCmap()}
    assert set("0123456789⁰¹²³⁴⁵⁶⁷⁸⁹⁻×÷·−–’μµ≈≤≥±°%→Åéøßş") <= characters


# Headers

EVERY_KIND = (
    "/",
    "/sources",
    "/healthz",
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/assets/icon.svg",
    "/assets/nothing.svg",
    PLOTLY_PATH,
    "/static/js/nothing.js",
    "/manifest.json",
    "/favicon.png",
)


@pytest.mark.parametrize("path", EVERY_KIND)
def test_every_answer_carries_the_headers(server: str, path: str) -> None:
    headers = ask(server, path).headers
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy or "default-src 'self'" in policy
    assert "frame-ancestors" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", ["/", "/sources"])
def test_the_page_tells_other_origins_nothing_and_asks_for_no_sensors(server: str, path: str) -> None:
    headers = ask(server, path).headers
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_inline_scripts_are_allowed_by_their_hash_only(server: str) -> None:
    answer = ask(server, "/")
    page = answer.body.decode()
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    assert scripts
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]
    directives = dict(part.split(" ", 1) for part in content_security_policy(page, "'self'").split("; "))
    assert "unsafe-inline" not in directives["script-src"]


def test_metrics_are_closed(server: str) -> None:
    assert ask(server, "/_stcore/metrics").status == 404
    assert ask(server, "/_stcore/metrics/").status == 404


# First page


@pytest.mark.parametrize("path", ["/", "/sources", "/sources?v=1&bits=8"])
def test_first_page_is_ours(server: str, path: str) -> None:
    answer = ask(server, path)
    page = answer.body.decode()
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "<title>Twenty Watts</title>" in page
    assert "window.__streamlit" in page
    assert str(CONFIGURED["theme.fontFaces"][0]["url"]) in page
    assert "/assets/icon.svg" in page
    assert "SourceSans" not in page


def test_the_home_page_s_name_leads_to_the_root(server: str) -> None:
    answer = ask(server, "/gap?v=1&bits=8&at=a%26b")
    assert (answer.status, answer.headers["location"]) == (308, "/?v=1&bits=8&at=a%26b")
    assert ask(server, "/gap").headers["location"] == "/"


def test_first_page_still_starts_streamlit(server: str) -> None:
    original = (FRONTEND / "index.html").read_text()
    entry = re.search(r'src="(\./static/js/index[^"]+)"', original)
    assert entry
    assert entry[1] in ask(server, "/").body.decode()


# Precompressed files


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_every_variant_is_the_original(coding: str) -> None:
    cache = precompress.cache_folder()
    files = precompress.read_manifest(FRONTEND, cache)
    assert set(files) == set(precompress.frontend_names(FRONTEND))
    for file in files.values():
        if coding in file.variant_bytes:
            body = DECOMPRESS[coding](file.variant_path(cache, coding).read_bytes())
            assert body == (FRONTEND / file.name).read_bytes(), file.name


@pytest.mark.parametrize("coding", ["br", "gzip"])
@pytest.mark.parametrize("path", [PLOTLY_PATH, "/"])
def test_compressed_answers(server: str, path: str, coding: str) -> None:
    plain = ask(server, path)
    packed = ask(server, path, accept_encoding=coding)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == coding
    assert "accept-encoding" in plain.headers["vary"].lower()
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert int(packed.headers["content-length"]) == len(packed.body) < 0.5 * len(plain.body)
    assert DECOMPRESS[coding](packed.body) == plain.body
    if path != "/":
        # The first page is written anew for each link, so it has no tag at all.
        assert packed.headers["etag"] != plain.headers["etag"]
    expected = "text/html" if path == "/" else "text/javascript"
    assert packed.headers["content-type"].partition(";")[0] == expected


@pytest.mark.parametrize("path", [PLOTLY_PATH, "/assets/icon.svg"])
def test_unchanged_files_are_not_sent_again(server: str, path: str) -> None:
    first = ask(server, path, accept_encoding="br")
    again = ask(server, path, accept_encoding="br", if_none_match=f"W/{first.headers['etag']}")
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == first.headers["cache-control"]
    assert ask(server, path, accept_encoding="br", if_none_match='"other"').status == 200


@pytest.mark.parametrize("path", [PLOTLY_PATH, "/", "/assets/icon.svg", "/healthz"])
def test_head_is_get_without_the_body(server: str, path: str) -> None:
    get = ask(server, path, accept_encoding="br")
    head = ask(server, path, method="HEAD", accept_encoding="br")
    assert head.status == get.status == 200
    assert head.body == b""
    for name in ("content-length", "content-type", "etag", "content-encoding"):
        assert head.headers.get(name) == get.headers.get(name)


def test_other_methods_are_refused(server: str) -> None:
    assert ask(server, PLOTLY_PATH, method="POST").status == 405
    assert ask(server, "/assets/icon.svg", method="DELETE").status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/static/..%2f..%2f..%2fapp.py",
        "/static/../../../app.py",
        "/static/%2e%2e/%2e%2e/app.py",
        "/static//etc/passwd",
        "/assets/..%2fapp.py",
        "/assets/../app.py",
        "/assets/%2fetc%2fpasswd",
        "/assets/..%5capp.py",
        "//etc/passwd",
    ],
)
def test_no_path_leads_out(server: str, path: str) -> None:
    answer = ask(server, path)
    # Streamlit answers an unknown file with its first page; that is as far as any of these gets.
    assert answer.status in {400, 404} or b'<div id="root">' in answer.body
    assert b"ui/main.py" not in answer.body
    assert b"root:" not in answer.body


def test_unknown_frontend_files_are_left_to_streamlit(server: str) -> None:
    answer = ask(server, "/static/js/nothing.js", accept_encoding="br")
    assert answer.status == 200
    assert answer.body == (FRONTEND / "index.html").read_bytes()


def test_fonts_are_kept_for_a_year(server: str) -> None:
    answer = ask(server, str(CONFIGURED["theme.fontFaces"][0]["url"]), accept_encoding="br")
    assert answer.headers["content-type"] == "font/woff2"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in answer.headers


# The cache


@pytest.fixture
def small_frontend(tmp_path: Path) -> Path:
    folder = tmp_path / "frontend"
    (folder / "static" / "js").mkdir(parents=True)
    (folder / "static" / "js" / "one.AAAAAAAA.js").write_text("let one = 1;\n" * 500)
    (folder / "static" / "js" / "one.AAAAAAAA.js.map").write_text("{}" * 500)
    (folder / "static" / "js" / "tiny.BBBBBBBB.js").write_bytes(b"1")
    (folder / "static" / "picture.png").write_bytes(b"\x89PNG" * 100)
    return folder


def test_only_files_that_shrink_get_variants(small_frontend: Path, tmp_path: Path) -> None:
    files = {file.name: file for file in precompress.precompress(small_frontend, tmp_path / "c")}
    assert set(files) == {"static/js/one.AAAAAAAA.js", "static/js/tiny.BBBBBBBB.js"}
    assert set(files["static/js/one.AAAAAAAA.js"].variant_bytes) == {"br", "gzip"}
    assert not files["static/js/tiny.BBBBBBBB.js"].variant_bytes
    assert set(static_files.frontend_table(small_frontend, tmp_path / "c")) == {"/static/js/one.AAAAAAAA.js"}


def test_a_second_run_compresses_only_what_changed(
    small_frontend: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    precompress.precompress(small_frontend, cache)
    with monkeypatch.context() as patched:
        patched.setattr(precompress, "ProcessPoolExecutor", None)
        precompress.precompress(small_frontend, cache)
    script = small_frontend / "static" / "js" / "one.AAAAAAAA.js"
    script.write_text("let two = 2;\n" * 600)
    assert not static_files.frontend_table(small_frontend, cache)
    precompress.precompress(small_frontend, cache)
    table = static_files.frontend_table(small_frontend, cache)
    body = table["/static/js/one.AAAAAAAA.js"].body("br")
    assert brotli.decompress(body) == script.read_bytes()


@pytest.mark.parametrize("manifest", [None, "", "{", '[{"name": "x"}]'])
def test_without_a_usable_cache_streamlit_serves_its_own(
    small_frontend: Path, tmp_path: Path, manifest: str | None
) -> None:
    if manifest is not None:
        (tmp_path / precompress.MANIFEST_NAME).write_text(manifest)
    assert static_files.frontend_table(small_frontend, tmp_path) == {}


def test_a_missing_cache_leaves_the_rest_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWENTY_WATTS_CACHE", str(tmp_path / "none"))
    server = Server()
    assert server.frontend == {}
    assert "icon.svg" in server.assets


# Content codings


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("", "identity"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("GZIP", "gzip"),
        ("*", "br"),
        ("*;q=0", "identity"),
        ("br;q=0, *", "gzip"),
        ("br;q=high", "identity"),
        ("deflate", "identity"),
    ],
)
def test_negotiation(accepted: str, expected: str) -> None:
    offered = dict.fromkeys(("br", "gzip", "identity"))
    assert static_files.negotiate(accepted, offered) == expected


def test_nothing_acceptable() -> None:
    assert static_files.negotiate("identity;q=0", {"identity": b""}) is None
    assert static_files.negotiate("", {"br": b"", "gzip": b""}) is None


# In a browser


GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 18, 24)"}
GROUND_OF = "selector => getComputedStyle(document.querySelector(selector)).backgroundColor"


@pytest.mark.parametrize("scheme", GROUNDS)
def test_a_browser_finds_nothing_to_complain_about(
    server: str, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_page(color_scheme=scheme)
    complaints: list[str] = []
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.goto(f"{server}/", wait_until="domcontentloaded")
    assert page.evaluate(GROUND_OF, "html") == GROUNDS[scheme]
    expect(page.locator("h1, h2, h3").first).to_be_visible()
    page.wait_for_function("document.fonts.status === 'loaded'")
    faces = "[...document.fonts].filter(face => face.status == 'loaded').map(face => face.family)"
    families = page.evaluate(faces)
    assert page.evaluate(GROUND_OF, ".stApp") == GROUNDS[scheme]
    page.close()
    assert [text for text in complaints if not text.startswith(("info:", "log:", "debug:"))] == []
    assert [url for url in addresses if not url.startswith((server, "data:", "blob:"))] == []
    assert any("Inter" in family for family in families)
    assert not any("SourceSans" in url for url in addresses)


def test_a_deep_link_asks_the_server_once(server: str, browser: Browser) -> None:
    """Without our first page, Streamlit looks for its server below the page's path first."""
    page = browser.new_page()
    failures: list[str] = []
    page.on("response", lambda answer: failures.append(answer.url) if not answer.ok else None)
    page.goto(f"{server}/sources")
    expect(page.locator("h1, h2, h3").first).to_be_visible()
    expect(page).to_have_title("Sources · Twenty Watts")
    page.close()
    assert failures == []
