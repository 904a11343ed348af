"""Viewers of a running dashboard, over the protocol that browsers speak: they open a page, move a control now and then,
and come back by themselves when their connection is lost, with nothing but the cookie and the address.

Only for servers on this machine; every viewer stops by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import urlsplit

import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

THIS_MACHINE: Final = ("127.0.0.1", "localhost", "::1")
LONGEST_RUN_S: Final = 60.0
LARGEST_MESSAGE: Final = 2**26
RETRIES_S: Final = (0.5, 0.5, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0)
"""Pauses between tries to come back; a browser's are alike."""
LOST: Final = (websockets.WebSocketException, OSError)
"""What a broken connection, or one that is not to be had, looks like."""


@dataclass
class Tally:
    """What a crowd of viewers has seen.

    Attributes
    ----------
    firsts_s, reruns_s : list of float
        From opening the page, and from a move, to the end of the server's answer [s].
    recoveries_s : list of float
        From a lost connection to the end of the first answer after it [s].
    states_lost : int
        Times that a viewer came back to other settings than it had left.
    errors : list of str
        What was shown as an error, and what a viewer died of.
    """

    opened: int = 0
    failed: int = 0
    firsts_s: list[float] = field(default_factory=list)
    reruns_s: list[float] = field(default_factory=list)
    recoveries_s: list[float] = field(default_factory=list)
    states_lost: int = 0
    errors: list[str] = field(default_factory=list)


def percentile_ms(seconds: Sequence[float], share: float) -> float:
    """Give a percentile [ms] of times [s]; NaN of none."""
    ordered = sorted(seconds)
    return 1e3 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


@dataclass
class Viewer:
    """One browser tab, without the browser.

    Attributes
    ----------
    url : str
        The server, on this machine.
    path, query : str
        The page, and what stands in its address bar, which the server rewrites.
    """

    url: str
    tally: Tally
    path: str = "/"
    query: str = ""
    choose: random.Random = field(default_factory=random.Random)
    cookie: str = ""
    sliders: dict[str, Any] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    page_hash: str = ""
    socket: Any = None
    runs: int = 0

    def __post_init__(self) -> None:
        if urlsplit(self.url).hostname not in THIS_MACHINE:
            raise ValueError(f"{self.url} is not on this machine")

    def _get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=LONGEST_RUN_S)
        try:
            connection.request("GET", path, headers={"cookie": self.cookie} if self.cookie else {})
            answer = connection.getresponse()
            for text in answer.headers.get_all("set-cookie") or ():
                for name, morsel in SimpleCookie(text).items():
                    self.cookie = f"{name}={morsel.value}"
            return answer.status, answer.read()
        finally:
            connection.close()

    async def open(self, with_page: bool = True) -> None:
        """Fetch the page as a browser would, which brings the cookie, then connect."""
        if with_page:
            address = f"{self.path}?{self.query}" if self.query else self.path
            status, _ = await asyncio.to_thread(self._get, address)
            if status != 200:
                raise ConnectionError(f"the page answers {status}")
        self.socket = await websockets.connect(
            self.url.replace("http", "ws", 1).rstrip("/") + "/_stcore/stream",
            max_size=LARGEST_MESSAGE,
            origin=self.url.rstrip("/"),
            subprotocols=["streamlit"],
            additional_headers={"cookie": self.cookie} if self.cookie else None,
            open_timeout=LONGEST_RUN_S,
            proxy=None,
        )

    async def run(self, moved: str = "") -> None:
        """Ask for a page run and read its answer to the end."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string = self.query
        asked.page_script_hash = self.page_hash
        if not self.page_hash:
            asked.page_name = self.path.strip("/")
        asked.context_info.timezone = "UTC"
        asked.context_info.url = f"{self.url.rstrip('/')}{self.path}"
        for identity, words in self.chosen.items():
            state = asked.widget_states.widgets.add()
            state.id = identity
            state.string_array_value.data.append(words)
        await self.socket.send(message.SerializeToString())
        async with asyncio.timeout(LONGEST_RUN_S):
            while not self._read(await self.socket.recv()):
                pass
        self.runs += 1

    def _read(self, raw: bytes) -> bool:
        """Take one message in; tell whether it ends the run."""
        message = ForwardMsg.FromString(raw)
        kind = message.WhichOneof("type")
        if kind == "script_finished":
            return bool(message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN)
        if kind == "navigation":
            # A new session names the first page, whichever is shown.
            self.page_hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._see(message.delta.new_element)
        return False

    def _see(self, element: Any) -> None:
        what = element.WhichOneof("type")
        if what == "slider" and element.slider.options:
            self.sliders[element.slider.id] = element.slider
            if element.slider.set_value:
                # The server says where the slider stands now.
                self.chosen[element.slider.id] = element.slider.raw_value[0]
        elif what == "exception":
            self.tally.errors.append(f"exception: {element.exception.message}")
        elif what == "alert" and element.alert.format == Alert.ERROR:
            self.tally.errors.append(f"error: {element.alert.body}")

    def move(self) -> None:
        """Put one of the sliders somewhere else."""
        free = [slider for slider in self.sliders.values() if not slider.disabled]
        if free:
            slider = self.choose.choice(free)
            self.chosen[slider.id] = self.choose.choice(list(slider.options))

    async def watch(self, until: float, think_s: float, come_back: bool = False) -> None:
        """Open, then move a control every ``think_s`` seconds on average until the clock says ``until`` [s]."""
        start = time.perf_counter()
        try:
            await self.open()
            await self.run()
        except LOST:
            if not come_back:
                raise
            await self._come_back()
        self.tally.opened += 1
        self.tally.firsts_s.append(time.perf_counter() - start)
        while True:
            pause = think_s * (0.5 + self.choose.random())
            if time.perf_counter() + pause > until:
                break
            try:
                await self._idle(pause)
                self.move()
                start = time.perf_counter()
                await self.run()
                self.tally.reruns_s.append(time.perf_counter() - start)
            except LOST:
                if not come_back:
                    raise
                await self._come_back()
        await self.socket.close()

    async def _idle(self, seconds: float) -> None:
        """Wait as a reader does, who notices at once when the connection goes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    self._read(await self.socket.recv())

    async def _come_back(self) -> None:
        start = time.perf_counter()
        query = self.query
        # A new server knows none of these; the address has to do.
        self.chosen = {}
        for pause in RETRIES_S:
            try:
                await self.open(with_page=False)
                await self.run()
                break
            except LOST:
                await asyncio.sleep(pause)
        else:
            raise ConnectionError("nobody answered")
        self.tally.recoveries_s.append(time.perf_counter() - start)
        self.tally.states_lost += self.query != query


async def crowd(
    url: str,
    viewers: int,
    seconds: float,
    think_s: float,
    *,
    arrive_s: float,
    paths: Sequence[str] = ("/",),
    come_back: bool = False,
    tally: Tally | None = None,
    seed: int = 20,
) -> Tally:
    """Let viewers arrive over ``arrive_s`` seconds and move controls for ``seconds`` after that."""
    tally = tally or Tally()
    until = time.perf_counter() + arrive_s + seconds
    draw = random.Random(seed)

    async def one(number: int, tally: Tally = tally) -> None:
        viewer = Viewer(url, tally, paths[number % len(paths)], choose=random.Random(seed + number))
        await asyncio.sleep(arrive_s * draws[number])
        try:
            await viewer.watch(until, think_s, come_back)
        except Exception as error:
            # A viewer lost is a figure, not the end of the measurement.
            tally.failed += 1
            tally.errors.append(f"{type(error).__name__}: {error}"[:200])

    draws = [draw.random() for _ in range(viewers)]
    await asyncio.gather(*map(one, range(viewers)))
    return tally


def rows(tally: Tally) -> Iterator[tuple[str, str]]:
    """Lay a tally out as names and words."""
    yield "viewers who got in / failed", f"{tally.opened} / {tally.failed}"
    yield "errors shown", str(len(tally.errors))
    yield (
        "first render p50 / p95 [ms]",
        f"{percentile_ms(tally.firsts_s, 0.5):.0f} / {percentile_ms(tally.firsts_s, 0.95):.0f}",
    )
    yield "reruns", str(len(tally.reruns_s))
    shares = (0.5, 0.95, 0.99)
    yield "rerun p50 / p95 / p99 [ms]", " / ".join(f"{percentile_ms(tally.reruns_s, share):.0f}" for share in shares)
    if tally.recoveries_s:
        yield "came back, slowest [s]", f"{len(tally.recoveries_s)}, {max(tally.recoveries_s):.1f}"
        yield "came back to other settings", str(tally.states_lost)
