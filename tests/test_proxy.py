"""HAProxy as it really runs, in front of servers that say what they were asked."""

from __future__ import annotations

import itertools
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from deploy.serve import Group, Proxy, Replica, ServeError, haproxy_path, replicas_section
from tests.servers import free_port


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked, and its own port."""

    # No connection is kept: a server that has ended must not answer through an old one.
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        said = {"port": self.server.server_port, "headers": {k.lower(): v for k, v in self.headers.items()}}  # type: ignore[attr-defined]
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Front:
    """HAProxy and the servers behind it."""

    def __init__(self, folder: Path, log: Any) -> None:
        self.servers = [ThreadingHTTPServer(("127.0.0.1", 0), Echo) for _ in range(2)]
        for server in self.servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        replicas = [Replica(f"replica{n}", s.server_port, 0, {}) for n, s in enumerate(self.servers)]
        self.proxy = Proxy(folder, free_port(), replicas, "secret", log)
        self.proxy.check()
        self.proxy.start()
        while not self.proxy.ready():
            if not self.proxy.running():
                # Somebody else has taken the port meanwhile.
                self.proxy = Proxy(folder, free_port(), replicas, "secret", log)
                self.proxy.start()

    def ask(self, path: str = "/", **headers: str) -> tuple[int, dict[str, str], str]:
        connection = HTTPConnection("127.0.0.1", self.proxy.port, timeout=20)
        try:
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()
        finally:
            connection.close()

    def close(self) -> None:
        self.proxy.stop()
        for server in self.servers:
            server.shutdown()
            server.server_close()


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    try:
        haproxy_path()
    except ServeError as missing:
        pytest.skip(str(missing))
    with (tmp_path / "log.txt").open("wb") as log:
        made = Front(tmp_path, log)
        try:
            yield made
        finally:
            made.close()


def test_who_came_once_comes_to_the_same_server(front: Front) -> None:
    _, headers, first = front.ask()
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    port = json.loads(first)["port"]
    again = [json.loads(front.ask(cookie=cookie.partition(";")[0])[2]) for _ in range(6)]
    assert {said["port"] for said in again} == {port}
    assert all("replica=" not in said["headers"].get("cookie", "") for said in again), "the cookie is the proxy's own"
    others = {json.loads(front.ask()[2])["port"] for _ in range(20)}
    assert len(others) == 2, "others are spread"


def test_a_visitors_word_about_addresses_is_not_passed_on(front: Front) -> None:
    claimed = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Forwarded-Host": "evil.example"}
    said = json.loads(front.ask(**claimed, X_Forwarded_Proto="https")[2])["headers"]
    assert said["x-forwarded-for"] == "127.0.0.1"
    assert said["x-forwarded-proto"] == "http"
    assert "forwarded" not in said
    assert "x-forwarded-host" not in said


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/_STCORE/metrics?x=1", "/st-metrics"])
def test_measurements_are_not_for_visitors(front: Front, path: str) -> None:
    status, headers, _ = front.ask(path)
    assert status == 404
    assert headers["x-content-type-options"] == "nosniff"


def test_a_server_that_ends_is_replaced_at_once_and_nobody_sees_an_error(front: Front, tmp_path: Path) -> None:
    _, headers, first = front.ask()
    cookie = headers["set-cookie"].partition(";")[0]
    gone = next(server for server in front.servers if server.server_port == json.loads(first)["port"])
    gone.shutdown()
    gone.server_close()
    answers = [front.ask(cookie=cookie) for _ in range(5)]
    assert {status for status, _, _ in answers} == {200}
    assert {json.loads(text)["port"] for _, _, text in answers} == {s.server_port for s in front.servers} - {
        gone.server_port
    }
    for server in front.servers:
        server.shutdown()
        server.server_close()
    status, headers, text = front.ask(cookie=cookie)
    assert status == 503
    assert "Back in a moment" in text
    assert headers["x-content-type-options"] == "nosniff"
    lines: list[dict[str, Any]] = []
    deadline = time.monotonic() + 10
    # A line is written a little after the answer.
    while {line["status"] for line in lines} != {200, 503}:
        assert time.monotonic() < deadline
        log = (tmp_path / "log.txt").read_text()
        lines = [json.loads(line) for line in log.splitlines() if line.startswith("{") and line.endswith("}")]
    assert not any("127.0.0.1" in json.dumps(line) for line in lines), "no addresses"


def test_a_link_that_no_browser_makes_is_refused(front: Front) -> None:
    assert front.ask("/?x=" + "a" * 100_000)[0] == 400
    assert front.ask("/?x=" + "a" * 4000)[0] == 200


def test_maintenance_moves_visitors_away_and_back(front: Front) -> None:
    name = "replica0"
    while not front.proxy.sends_to(name):
        assert front.proxy.running()
    front.proxy.ask(f"set server replicas/{name} state maint")
    assert not front.proxy.sends_to(name)
    assert {json.loads(front.ask()[2])["port"] for _ in range(4)} == {front.servers[1].server_port}


def test_replicas_are_written_as_haproxy_reads_them() -> None:
    assert replicas_section([Replica("one", 8601, 9101, {}), Replica("two", 8602, 9102, {})]) == (
        "backend replicas\n    server one 127.0.0.1:8601\n    server two 127.0.0.1:8602\n"
    )


def test_all_replicas_share_one_secret_and_believe_the_proxy_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STREAMLIT_SERVER_COOKIE_SECRET", raising=False)
    made = Group(tmp_path, 1, 3, 10, 20)
    secrets = {replica.environment["STREAMLIT_SERVER_COOKIE_SECRET"] for replica in made.replicas}
    assert len(secrets) == 1
    assert len(secrets.pop()) == 64
    assert {replica.environment["FORWARDED_ALLOW_IPS"] for replica in made.replicas} == {"127.0.0.1"}
    assert [(r.port, r.metrics_port) for r in made.replicas] == [(10, 20), (11, 21), (12, 22)]
    monkeypatch.setenv("STREAMLIT_SERVER_COOKIE_SECRET", "mine")
    assert Group(tmp_path, 1, 1, 10, 20).replicas[0].environment["STREAMLIT_SERVER_COOKIE_SECRET"] == "mine"


def test_a_server_that_does_not_stay_is_started_more_and_more_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("deploy.serve.time.monotonic", lambda: now[0])
    starts = []

    def start(replica: Replica) -> None:
        starts.append(now[0])
        replica.started = now[0]
        replica.process = subprocess.Popen(["true"])
        replica.process.wait()

    monkeypatch.setattr(Replica, "start", start)
    replica = Replica("one", 1, 2, {})
    replica.start()
    while now[0] < 120:
        now[0] += 0.25
        replica.look_after()
    pauses = [b - a for a, b in itertools.pairwise(starts)]
    assert pauses[0] < 1
    assert pauses == sorted(pauses)
    assert 20 < pauses[-1] <= 31
