"""When more come than one process can serve: who gets in, who is told what, and what is never refused."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from tests.asynchronous import get, run
from ui.capacity import STREAM, AllowedHosts, FairShare, SessionLimit, polite_page
from ui.limits import Admission, Buckets


async def everything(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer whatever is asked for."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"the dashboard"})


def status(app: ASGIApp, path: str, query: str = "", client: str = "198.51.100.1", **headers: str) -> int:
    return int(get(app, path, query, client, **headers)[0]["status"])


def body(messages: list[Message]) -> str:
    return b"".join(message.get("body", b"") for message in messages).decode()


# Sessions


def full(most: int, connections: int) -> tuple[SessionLimit, list[list[str]]]:
    """Fill a server with connections that stay; return it, and what each connection was told."""
    release = asyncio.Event()

    async def stays(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await release.wait()

    limit = SessionLimit(stays, most)
    told: list[list[str]] = [[] for _ in range(connections)]

    async def connect() -> None:
        async def receive() -> Message:
            return {"type": "websocket.connect"}

        def teller(number: int) -> Send:
            async def send(message: Message) -> None:
                told[number].append(message["type"])

            return send

        scopes = [{"type": "websocket", "path": STREAM} for _ in range(connections)]
        tasks = [asyncio.create_task(limit(scope, receive, teller(n))) for n, scope in enumerate(scopes)]
        await asyncio.sleep(0.05)
        limit.app = everything
        limit.most_seen = limit.open  # type: ignore[attr-defined]
        release.set()
        await asyncio.gather(*tasks)

    run(connect())
    return limit, told


def test_connections_are_refused_a_quarter_later_than_pages() -> None:
    limit, told = full(most=8, connections=12)
    assert [messages[0] for messages in told] == ["websocket.accept"] * 10 + ["websocket.close"] * 2
    assert limit.most_seen == 10  # type: ignore[attr-defined]
    assert limit.open == 0, "who leaves makes room"


@pytest.mark.parametrize("path", ["/", "/precision", "/sources"])
def test_a_full_server_answers_pages_politely(path: str) -> None:
    limit = SessionLimit(everything, 1)
    assert status(limit, path) == 200
    limit.open = 1
    messages = get(limit, path, "v=1&bits=8")
    assert messages[0]["status"] == 503
    headers = dict(messages[0]["headers"])
    assert 20 <= int(headers[b"retry-after"]) <= 40
    assert headers[b"cache-control"] == b"no-store"
    page = body(messages)
    assert "Every seat is taken" in page
    (link,) = re.findall(r'href="([^"]+)"', page)
    assert link.startswith("/view?page=")
    assert "&amp;bits=8&amp;" in link


@pytest.mark.parametrize("path", ["/view", "/healthz", "/readyz", "/static/js/x.js", "/assets/x.woff2", "/present"])
def test_a_full_server_still_answers_everything_that_needs_no_session(path: str) -> None:
    limit = SessionLimit(everything, 1)
    limit.open = 5
    assert status(limit, path) == 200


def test_the_polite_page_repeats_nothing_of_what_was_asked() -> None:
    page = bytes(polite_page("precision", "bits=%3Cscript%3Ealert(1)%3C/script%3E&find=%22%3E%3Cimg%20src=x%3E").body)
    assert b"<script" not in page
    assert b"<img" not in page


# Work


def test_what_is_new_is_limited_by_address_and_what_is_known_never() -> None:
    app = FairShare(everything, Admission(Buckets(rate_per_s=0.001, burst=3)))
    assert [status(app, "/view", f"bits={bits}") for bits in (4, 8, 16)] == [200, 200, 200]
    refused = get(app, "/view", "bits=32")
    assert refused[0]["status"] == 429
    assert int(dict(refused[0]["headers"])[b"retry-after"]) >= 1
    assert all(status(app, "/view", "bits=8") == 200 for _ in range(100))
    assert status(app, "/view", "bits=32", client="198.51.100.2") == 200
    assert status(app, "/view", "bits=32") == 200, "somebody else has had it worked out"


@pytest.mark.parametrize(
    "path", ["/static/js/PlotlyChart.js", "/assets/plotly/plotly.js", "/healthz", "/_stcore/health"]
)
def test_files_and_health_are_never_limited(path: str) -> None:
    app = FairShare(everything, Admission(Buckets(rate_per_s=0.001, burst=1)))
    assert all(status(app, path, f"x={number}") == 200 for number in range(20))


# Hosts


@pytest.fixture
def one_host() -> Iterator[ASGIApp]:
    before = config.get_option("server.allowedHosts")
    config.set_option("server.allowedHosts", ["watts.example.org"])
    yield AllowedHosts(everything)
    config.set_option("server.allowedHosts", before)


def test_other_names_are_refused_where_names_are_set(one_host: ASGIApp) -> None:
    assert status(one_host, "/", host="watts.example.org") == 200
    assert status(one_host, "/", host="watts.example.org:8501") == 200
    assert status(one_host, "/", host="evil.example.com") == 400
    assert status(one_host, "/healthz", host="10.0.0.7:8501") == 200


def test_any_name_will_do_where_none_is_set() -> None:
    assert config.get_option("server.allowedHosts") == []
    assert status(AllowedHosts(everything), "/", host="anything.example") == 200
