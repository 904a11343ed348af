"""Where the dashboard stands on the web, for the absolute addresses that link previews need."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from ui.setting_error import SettingError

VARIABLE: Final = "TWENTY_WATTS_PUBLIC_URL"
"""The address that people open, for example ``https://watts.example.org``."""
_HOST: Final = re.compile(r"(?P<name>[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(:\d{1,5})?", re.IGNORECASE)


def configured(environment: Mapping[str, str] = os.environ) -> str:
    """Return the configured address without a slash at its end; empty where none is set.

    Raises
    ------
    SettingError
        For what is no plain http or https address.

    >>> configured({VARIABLE: "https://watts.example.org/"}), configured({})
    ('https://watts.example.org', '')
    """
    given = environment.get(VARIABLE, "").strip().rstrip("/")
    if not given:
        return ""
    parts = urlsplit(given)
    fits = parts.scheme in ("http", "https") and _HOST.fullmatch(parts.netloc)
    if not fits or parts.query or parts.fragment or not re.fullmatch(r"[\w./~-]*", parts.path, re.ASCII):
        raise SettingError(f"{VARIABLE} is {given!r}; allowed is an address such as https://watts.example.org")
    return given


def public_base(fixed: str, scheme: str, host: str) -> str:
    """Return the address that previews are given: the configured one, else that of a request within the house.

    A ``Host`` header is what a client chose to write. Believing it would let anybody put his own address into what a
    cache hands to others, so only names that mean this machine or its network count.

    >>> public_base("https://a.example", "http", "b.example"), public_base("", "http", "b.example")
    ('https://a.example', '')
    >>> public_base("", "http", "192.168.1.7:8501"), public_base("", "http", "localhost:8501")
    ('http://192.168.1.7:8501', 'http://localhost:8501')
    """
    if fixed:
        return fixed
    found = _HOST.fullmatch(host)
    return f"{scheme}://{host}" if found and scheme in ("http", "https") and _is_house(found["name"]) else ""


def _is_house(name: str) -> bool:
    if name.lower() == "localhost" or name.lower().endswith((".localhost", ".local")):
        return True
    try:
        address = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return address.is_private or address.is_loopback


def is_own_machine(address: str) -> bool:
    """Tell whether an address means the very machine that opens it.

    >>> is_own_machine("http://localhost:8501"), is_own_machine("http://192.168.1.7:8501")
    (True, False)
    """
    name = (urlsplit(address).hostname or "").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
