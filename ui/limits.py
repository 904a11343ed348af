"""How much one address may have worked out anew, so that nobody's flood of settings keeps the others waiting.

What is already known costs nothing. The rate is meant for a hall: a thousand phones behind one address, each asking for
something new every five seconds. Where a proxy stands in front, the server learns the visitor's address from it, and
from no other sender (``FORWARDED_ALLOW_IPS``).
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from ui.setting_error import SettingError

RATE_VARIABLE: Final = "TWENTY_WATTS_RATE_PER_S"
BURST_VARIABLE: Final = "TWENTY_WATTS_BURST"
RATE_PER_S: Final = 200.0
BURST: Final = 2000.0
MOST_ADDRESSES: Final = 4096
MOST_KNOWN: Final = 256
"""Work remembered as done: no more than the caches of answers hold."""
UPLOAD_COST: Final = 25.0
"""A dropped table keeps a core busy for about as long as this many new settings."""
UNKNOWN: Final = "unknown"


def number_from(variable: str, default: float) -> float:
    """Read a positive number from the environment; whatever else stands there stops the start."""
    text = os.environ.get(variable, "").strip()
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise SettingError(f"{variable} is {text!r}; a positive number is wanted")
    return number


@dataclass
class Buckets:
    """One token bucket for each address; of too many, the one that was used longest ago is forgotten.

    Attributes
    ----------
    rate_per_s : float
        Tokens that come back each second.
    burst : float
        Tokens of an address that has not asked for long.
    most : int
        Addresses remembered.
    clock : callable
        Gives the time [s].
    """

    rate_per_s: float = RATE_PER_S
    burst: float = BURST
    most: int = MOST_ADDRESSES
    clock: Callable[[], float] = time.monotonic
    _levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, address: str, cost: float = 1.0) -> float:
        """Take tokens and return 0, or take none and return after how many seconds there will be enough."""
        now = self.clock()
        wanted = min(cost, self.burst)
        with self._lock:
            level, then = self._levels.pop(address, (self.burst, now))
            level = min(self.burst, level + (now - then) * self.rate_per_s)
            enough = level >= wanted
            self._levels[address] = (level - wanted if enough else level, now)
            while len(self._levels) > self.most:
                self._levels.popitem(last=False)
        return 0.0 if enough else (wanted - level) / self.rate_per_s


class Admission:
    """Tells who has to wait: whoever asks for much that nobody has asked for lately."""

    def __init__(self, buckets: Buckets, most_known: int = MOST_KNOWN) -> None:
        self.buckets = buckets
        self.most_known = most_known
        self.refused = 0
        self._known: OrderedDict[Hashable, None] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, work: Hashable, address: str | None, cost: float = 1.0) -> float:
        """Return 0 where the work may be done now, else after how many seconds to ask again.

        Parameters
        ----------
        work : hashable
            What is to be worked out; alike work has to be equal.
        address : str or None
            The visitor's address, None where nobody knows it.
        cost : float
            Tokens that the work takes.
        """
        with self._lock:
            if work in self._known:
                self._known.move_to_end(work)
                return 0.0
        wait = self.buckets.take(address or UNKNOWN, cost)
        if wait:
            self.refused += 1
            return wait
        with self._lock:
            self._known[work] = None
            while len(self._known) > self.most_known:
                self._known.popitem(last=False)
        return 0.0


BUCKETS: Final = Buckets(number_from(RATE_VARIABLE, RATE_PER_S), number_from(BURST_VARIABLE, BURST))
"""Those of this process: pages and light pages draw on the same ones."""
