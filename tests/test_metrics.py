"""What is counted, and the page of it."""

from __future__ import annotations

import asyncio
import re
import urllib.request

import pytest
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from efficiency.catalogue import chip
from tests.asynchronous import get, run
from tests.servers import free_port
from ui import metrics
from ui.metrics import Histogram, Metrics
from ui.watch import STREAM, Watch, route_of

LINE = re.compile(
    r'# (TYPE|HELP) twenty_watts_\w+ .+|twenty_watts_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [0-9.e+-]+|# EOF'
)


def test_a_histogram_counts_each_once() -> None:
    histogram = Histogram(bounds_s=(0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 3.0):
        histogram.add(seconds)
    assert list(histogram.lines("x")) == [
        'x_bucket{le="0.1"} 2',
        'x_bucket{le="1.0"} 3',
        'x_bucket{le="+Inf"} 4',
        "x_sum 3.650000",
        "x_count 4",
    ]


def test_the_page_is_what_it_says_it_is() -> None:
    counted = Metrics()
    counted.session_opened()
    counted.rerun(0.02, first=True)
    counted.rerun(0.3, first=False)
    counted.error("KeyError")
    counted.refuse("sessions")
    counted.request("/view", 200, 0.001)
    chip("h100")
    text = counted.text()
    lines = text.splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert lines[-1] == "# EOF"
    assert "twenty_watts_sessions_open 1" in lines
    assert "twenty_watts_rerun_seconds_count 1" in lines
    assert "twenty_watts_first_render_seconds_count 1" in lines
    assert 'twenty_watts_errors_total{kind="KeyError"} 1' in lines
    assert 'twenty_watts_refused_total{reason="sessions"} 1' in lines
    assert 'twenty_watts_requests_total{route="/view",status="200"} 1' in lines
    assert re.search(r'cache_hits_total\{cache="efficiency\.catalogue\.chip"\} \d+', text)
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names))


def test_the_page_is_served_on_a_port_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv(metrics.PORT_VARIABLE, str(port))

    def fetch(path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, ""

    async def use() -> list[tuple[int, str]]:
        async with metrics.serving():
            return [await asyncio.to_thread(fetch, path) for path in ("/metrics", "/etc/passwd")]

    (status, text), (other, _) = run(use())
    assert status == 200
    assert text.endswith("# EOF\n")
    assert other == 404


def test_without_a_port_there_is_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(metrics.PORT_VARIABLE, raising=False)

    async def use() -> int:
        before = len(asyncio.all_tasks())
        async with metrics.serving():
            return len(asyncio.all_tasks()) - before

    assert run(use()) == 0


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/precision", "page"),
        ("/view", "/view"),
        ("/assets/fonts/x.woff2", "/assets"),
        ("/static/js/x.js", "/static"),
        ("/_stcore/upload_file/abc/def", "/_stcore"),
        ("/etc/passwd", "other"),
        ('/"}\n', "other"),
    ],
)
def test_routes_are_few_whatever_is_asked_for(path: str, route: str) -> None:
    assert route_of(path) == route


def test_requests_are_counted_by_route_and_status(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Metrics()
    monkeypatch.setattr("ui.watch.METRICS", counted)

    async def app(_scope: object, _receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]

    async def broken(*_: object) -> None:
        raise RuntimeError

    get(Watch(app), "/precision")
    with pytest.raises(RuntimeError):
        get(Watch(broken), "/view", "chip=h100")
    assert counted.requests == {("page", 418): 1, ("/view", 500): 1}


def test_a_session_and_its_runs_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Metrics()
    monkeypatch.setattr("ui.watch.METRICS", counted)
    ask, other, end, noise = BackMsg(), BackMsg(), ForwardMsg(), ForwardMsg()
    ask.rerun_script.query_string = "bits=8"
    other.stop_script = True
    end.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY
    noise.delta.new_element.text.body = "x"
    open_then: list[int] = []

    async def app(_scope: object, receive: object, send: object) -> None:
        await send({"type": "websocket.accept"})  # type: ignore[operator]
        open_then.append(counted.sessions_open)
        for _ in range(2):
            await receive()  # type: ignore[operator]
            await receive()  # type: ignore[operator]
            await send({"type": "websocket.send", "bytes": noise.SerializeToString()})  # type: ignore[operator]
            await send({"type": "websocket.send", "bytes": end.SerializeToString()})  # type: ignore[operator]

    incoming = [ask.SerializeToString(), other.SerializeToString(), ask.SerializeToString(), b"\xff\xff\xff"]

    async def receive() -> Message:
        return {"type": "websocket.receive", "bytes": incoming.pop(0)}

    async def send(_message: Message) -> None:
        return None

    run(Watch(app)({"type": "websocket", "path": STREAM}, receive, send))  # type: ignore[arg-type]
    assert open_then == [1]
    assert (counted.sessions_open, counted.sessions) == (0, 1)
    assert sum(counted.first_renders.counts) == 1
    assert sum(counted.reruns.counts) == 1
