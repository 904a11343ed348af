"""Dashboards that tests start for themselves, and stop."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from ui.announce import wait_until_up

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 300
"""A machine that does many things at once may take minutes to import scipy; a server that dies is noticed at once."""


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def dashboard(
    log: Path, *options: str, folder: Path = ROOT, script: str = "app.py", variables: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Run a Streamlit script for this machine only, give its address once it answers, and stop it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    place = ("--server.port", str(port), "--server.address", "127.0.0.1")
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", script, *place, *options],
            cwd=folder,
            env=os.environ | dict(variables or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        for _ in range(PATIENCE_S):
            if wait_until_up(url, patience_s=1):
                break
            if process.poll() is not None:
                pytest.fail(f"The server stopped with {process.returncode}:\n{log.read_text()}")
        else:
            pytest.fail(f"The server did not answer within {PATIENCE_S} s:\n{log.read_text()}")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
