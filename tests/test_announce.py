"""What keeps the dashboard from starting is said in one line, with the name of what to change."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ui.announce import trouble_with

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("port", ["abc", "", "0", "70000", "-1", "8501.5", "٣", "8 501"])
def test_what_is_no_port_is_refused(port: str) -> None:
    assert "PORT is" in trouble_with(port) and "1 to 65535" in trouble_with(port)


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, ""), (socket.AF_INET6, "::1")])
def test_a_port_in_use_is_named_with_the_way_out(family: socket.AddressFamily, address: str) -> None:
    if family is socket.AF_INET6 and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    with socket.socket(family) as other:
        try:
            other.bind((address, 0))
        except OSError as missing:
            pytest.skip(f"nothing can listen on {address}: {missing}")
        other.listen()
        port = str(other.getsockname()[1])
        assert trouble_with(port).startswith(f"Port {port} is in use")
        assert "make run PORT=" in trouble_with(port)
        checked = subprocess.run(
            [sys.executable, "-m", "ui.announce", port, "--check"], cwd=ROOT, capture_output=True, text=True
        )
    assert (checked.returncode, checked.stdout) == (1, "")
    assert checked.stderr.startswith(f"Port {port} is in use")
    assert trouble_with(port) == ""


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TWENTY_WATTS_PUBLIC_URL", "ftp://watts.example.org"),
        ("TWENTY_WATTS_FRAME_ANCESTORS", "everybody"),
        ("TWENTY_WATTS_BURST", "many"),
        ("TWENTY_WATTS_METRICS_PORT", "91OO"),
    ],
)
def test_a_variable_that_cannot_be_used_is_one_line(variable: str, value: str) -> None:
    started = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true", "--server.port", "0"],
        cwd=ROOT, env=os.environ | {variable: value}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert started.returncode == 1
    said = started.stderr.strip().splitlines()
    assert len(said) == 1 and said[0].startswith("Twenty Watts cannot start:")
    assert variable in said[0] and value in said[0]
