"""Say where the dashboard is once it answers, and open a browser where there is a desktop.

Streamlit's own welcome asks a host on the internet for this machine's address; this asks nobody.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
import time
import urllib.error
import urllib.request
import webbrowser

from ui.setting_error import port_number

INTERVAL_S = 0.2


def answers(url: str) -> bool:
    """Tell whether the dashboard at ``url`` is up and warm."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=INTERVAL_S * 5) as response:  # nosec B310
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_until_up(url: str, patience_s: float) -> bool:
    """Wait until the dashboard answers; False if it does not in time."""
    deadline_s = time.monotonic() + patience_s
    while time.monotonic() < deadline_s:
        if answers(url):
            return True
        time.sleep(INTERVAL_S)
    return False


def address_on_network() -> str | None:
    """Return this machine's address for phones in the room, if it has one. Sends no packet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a datagram socket only picks the route; 192.0.2.1 belongs to nobody.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def has_desktop() -> bool:
    """Tell whether somebody sits at this machine who could look at a browser."""
    if os.environ.get("CI") or os.environ.get("SSH_CONNECTION"):
        return False
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def trouble_with(port: str) -> str:
    """Say why nothing could listen on a port, and what to do; empty where something could."""
    number = port_number(port)
    if number is None:
        return f"PORT is {port!r}; allowed is a whole number from 1 to 65535, as in: make run PORT=8502"
    try:
        listen(socket.AF_INET, number)
        # A browser that opens localhost may ask there first.
        if socket.has_dualstack_ipv6():
            listen(socket.AF_INET6, number)
    except PermissionError:
        return f"Port {port} is for administrators only; choose a higher one: make run PORT=8501"
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            # Such as a machine without IPv6: the server itself will say what it needs and lacks.
            return ""
        other = 8501 if port != "8501" else 8502
        return f"Port {port} is in use by another program; choose another: make run PORT={other}"
    return ""


def listen(family: socket.AddressFamily, port: int) -> None:
    """Listen on a port for a moment, on every address of a family; raises OSError where that cannot be."""
    with socket.create_server(("", port), family=family):
        pass


def main() -> None:
    """Announce the dashboard on the port given as the first argument; ``--check`` only says whether it can be used."""
    if sys.argv[2:] == ["--check"]:
        sys.exit(trouble_with(sys.argv[1]) or 0)
    port = int(sys.argv[1])
    url = f"http://localhost:{port}"
    server_process = os.getppid()
    while not wait_until_up(url, patience_s=1):
        if os.getppid() != server_process:
            # The server gave up, and said why.
            return
    print(f"\n  Twenty Watts is at {url}")
    address = address_on_network()
    if address:
        print(f"  and, on this network, at http://{address}:{port}")
    print("  Ctrl-C stops it.\n", flush=True)
    if has_desktop():
        webbrowser.open(url)


if __name__ == "__main__":
    main()
