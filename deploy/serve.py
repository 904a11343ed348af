"""``python -m deploy.serve``: as many servers as there are cores behind HAProxy, watched, and restarted one by one.

Each server is the dashboard as ``streamlit run app.py`` starts it, for this machine only; HAProxy listens to the world.
A server that ends is started again. SIGHUP restarts them one after the other, so that somebody always answers; SIGTERM
or Ctrl-C ends everything.
"""

from __future__ import annotations

import argparse
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import IO, Final

FOLDER: Final = Path(__file__).resolve().parent
ROOT: Final = FOLDER.parent
THIS_MACHINE: Final = "127.0.0.1"
LOOK_EVERY_S: Final = 0.25
START_S: Final = 120.0
"""Longest time from the start of a server to its being ready."""
STOP_S: Final = 8.0
LONGEST_PAUSE_S: Final = 30.0
"""Between two starts of a server that does not stay."""
STABLE_S: Final = 20.0
ONE_THREAD: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class ServeError(Exception):
    """What keeps the servers from starting, in one line."""


@dataclass
class Replica:
    """One server process.

    Attributes
    ----------
    name : str
        Its name in HAProxy.
    port, metrics_port : int
        Where it listens, on this machine only.
    log : file, optional
        Where its lines go, if not where ours go.
    """

    name: str
    port: int
    metrics_port: int
    environment: dict[str, str] = field(repr=False)
    log: IO[bytes] | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    next_start: float = 0.0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{THIS_MACHINE}:{self.port}"

    def start(self) -> None:
        """Start the process."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        options = ["--server.port", str(self.port), "--server.address", THIS_MACHINE]
        self.process = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            env=self.environment | {"TWENTY_WATTS_METRICS_PORT": str(self.metrics_port)},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            # Ctrl-C is for this program; it ends the servers in order.
            start_new_session=True,
        )
        self.started = time.monotonic()

    def running(self) -> bool:
        """Tell whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def ready(self) -> bool:
        """Tell whether it answers and has warmed up."""
        connection = http.client.HTTPConnection(THIS_MACHINE, self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """End the process, by force where it does not go."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def look_after(self) -> None:
        """Start the process again where it has ended: at once the first time, then after longer and longer pauses."""
        if self.running():
            return
        now = time.monotonic()
        if self.process is not None:
            stayed = now - self.started >= STABLE_S
            self.failures = 0 if stayed else self.failures + 1
            pause = 0.0 if self.failures <= 1 else min(LONGEST_PAUSE_S, 2.0**self.failures)
            say(f"{self.name} ended with {self.process.returncode}; starting it again in {pause:.0f} s")
            self.process, self.next_start = None, now + pause
        if now >= self.next_start:
            self.start()


def say(text: str) -> None:
    """Write a line about the servers."""
    print(f"serve: {text}", file=sys.stderr, flush=True)


def haproxy_path() -> str:
    """Find HAProxy; Debian puts it where only root looks."""
    found = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise ServeError("HAProxy is missing: apt-get install haproxy (Debian, Ubuntu), then try again")
    return found


def replicas_section(replicas: Sequence[Replica]) -> str:
    """Write the part of HAProxy's configuration that names the replicas."""
    lines = [f"    server {r.name} {THIS_MACHINE}:{r.port}" for r in replicas]
    return "\n".join(["backend replicas", *lines, ""])


class Proxy:
    """The HAProxy process, and a line to it."""

    name: Final = "HAProxy"

    def __init__(
        self, folder: Path, port: int, replicas: Sequence[Replica], secret: str, log: IO[bytes] | None
    ) -> None:
        self.port = port
        self.log = log
        self.socket = folder / "admin.sock"
        self.section = folder / "replicas.cfg"
        self.section.write_text(replicas_section(replicas), encoding="utf-8")
        self.environment = os.environ | {
            "PORT": str(port),
            "COOKIE_SECRET": secret,
            "ADMIN_SOCKET": str(self.socket),
            "ERRORS": str(FOLDER / "errors"),
            "TLS_PORT": os.environ.get("TLS_PORT", "8443"),
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def command(self) -> list[str]:
        """How it is called."""
        return [haproxy_path(), "-db", "-f", str(FOLDER / "haproxy.cfg"), "-f", str(self.section)]

    def check(self) -> None:
        """Have HAProxy read its configuration."""
        finished = subprocess.run([*self.command, "-c"], env=self.environment, capture_output=True, text=True)
        if finished.returncode:
            raise ServeError(f"HAProxy does not take its configuration:\n{finished.stderr.strip()}")

    def start(self) -> None:
        """Start it."""
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def running(self) -> bool:
        """Tell whether it is there."""
        return self.process is not None and self.process.poll() is None

    def ready(self) -> bool:
        """Tell whether it listens."""
        with socket.socket() as line:
            line.settimeout(2)
            return line.connect_ex((THIS_MACHINE, self.port)) == 0

    def stop(self) -> None:
        """End it."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_S)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def ask(self, command: str) -> str:
        """Give it a command and return what it answers."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(self.socket))
            line.sendall(f"{command}\n".encode())
            pieces = iter(lambda: line.recv(65536), b"")
            return b"".join(pieces).decode()

    def sends_to(self, name: str) -> bool:
        """Tell whether visitors are sent to a replica: column 6 says whether it runs, column 7 who stopped it."""
        for line in self.ask("show servers state replicas").splitlines():
            columns = line.split()
            if len(columns) > 6 and columns[3] == name:
                return columns[5] == "2" and columns[6] == "0"
        return False


class Group:
    """Replicas and proxy together."""

    def __init__(
        self,
        folder: Path,
        port: int,
        count: int,
        first_port: int,
        first_metrics_port: int,
        log: IO[bytes] | None = None,
    ) -> None:
        environment = os.environ | ONE_THREAD
        # Every replica must accept what another one signed, and believe nobody but the proxy about addresses.
        secret = environment.setdefault("STREAMLIT_SERVER_COOKIE_SECRET", secrets.token_hex(32))
        environment.setdefault("FORWARDED_ALLOW_IPS", THIS_MACHINE)
        self.replicas = [
            Replica(f"replica{n + 1}", first_port + n, first_metrics_port + n, environment, log) for n in range(count)
        ]
        self.proxy = Proxy(folder, port, self.replicas, secret, log)
        self.port = port
        self.roll_wanted = False
        self.stop_wanted = False

    def start(self) -> None:
        """Start everything and wait until it answers."""
        self.proxy.check()
        for replica in self.replicas:
            replica.start()
        for replica in self.replicas:
            self._wait_until(replica.ready, replica)
        self.proxy.start()
        self._wait_until(self.proxy.ready, self.proxy)
        say(f"{len(self.replicas)} replicas behind http://{THIS_MACHINE}:{self.port}")

    def _wait_until(self, fulfilled: Callable[[], bool], server: Replica | Proxy) -> None:
        deadline = time.monotonic() + START_S
        while not fulfilled():
            if not server.running():
                raise ServeError(f"{server.name} ended with {server.process.returncode if server.process else None}")
            if time.monotonic() > deadline:
                raise ServeError(f"{server.name} is not ready after {START_S:.0f} s")
            if self.stop_wanted:
                return
            time.sleep(LOOK_EVERY_S)

    def watch(self) -> None:
        """Keep everything running until told to stop."""
        while not self.stop_wanted:
            if self.roll_wanted:
                self.roll_wanted = False
                self.roll()
            for replica in self.replicas:
                replica.look_after()
            if not self.proxy.running():
                say("HAProxy ended; starting it again")
                self.proxy.start()
            time.sleep(LOOK_EVERY_S)

    def roll(self) -> None:
        """Restart the replicas one by one; viewers move to another one and back to nobody."""
        for replica in self.replicas:
            if self.stop_wanted:
                return
            self.proxy.ask(f"set server replicas/{replica.name} state maint")
            replica.stop()
            replica.start()
            self._wait_until(replica.ready, replica)
            self.proxy.ask(f"set server replicas/{replica.name} state ready")
            # The next one may go only when this one is sent visitors again.
            self._wait_until(partial(self.proxy.sends_to, replica.name), replica)
            say(f"{replica.name} restarted")

    def stop(self) -> None:
        """End everything, the proxy first: nobody is sent to a server that goes."""
        self.proxy.stop()
        for replica in self.replicas:
            if replica.running() and replica.process:
                replica.process.terminate()
        for replica in self.replicas:
            replica.stop()


@contextmanager
def group(
    port: int, count: int, first_port: int, first_metrics_port: int, log: IO[bytes] | None = None
) -> Iterator[Group]:
    """Give a group that is ended however this ends."""
    with tempfile.TemporaryDirectory(prefix="twenty-watts-") as folder:
        made = Group(Path(folder), port, count, first_port, first_metrics_port, log)
        try:
            yield made
        finally:
            made.stop()


def cores() -> int:
    """Count the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m deploy.serve", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, default=8501, help="where HAProxy listens (%(default)s)")
    parser.add_argument("--replicas", type=int, default=cores(), help="server processes (one for each core)")
    parser.add_argument("--first-port", type=int, default=8601, help="the first server's port (%(default)s)")
    parser.add_argument("--first-metrics-port", type=int, default=9101, help="its metrics (%(default)s)")
    options = parser.parse_args(arguments)
    if options.replicas < 1:
        parser.error("at least one replica is needed")
    try:
        with group(options.port, options.replicas, options.first_port, options.first_metrics_port) as made:

            def stop(_signal: int, _frame: FrameType | None) -> None:
                made.stop_wanted = True

            def roll(_signal: int, _frame: FrameType | None) -> None:
                made.roll_wanted = True

            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGINT, stop)
            signal.signal(signal.SIGHUP, roll)
            made.start()
            made.watch()
    except ServeError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
