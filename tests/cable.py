"""A network cable between a browser and the servers, which can be pulled: connections break, and new ones fail."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Cable:
    """Passes everything on to a port of this machine, until it is pulled."""

    def __init__(self, to_port: int) -> None:
        self.to_port = to_port
        self.silent = False
        self._plugged = threading.Event()
        self._plugged.set()
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def pull(self, silently: bool = False) -> None:
        """Break the connection; silently, as when a mast is out of reach: nothing comes through and nobody is told."""
        self.silent = silently
        self._plugged.clear()
        if not silently:
            self._break()

    def plug(self) -> None:
        """Mend it."""
        self._plugged.set()

    def close(self) -> None:
        """Take it away."""
        self._plugged.set()
        self._listener.close()
        self._break()

    def _break(self) -> None:
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._plugged.is_set() and not self.silent:
                near.close()
                continue
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        self._plugged.wait()
        try:
            far = socket.create_connection(("127.0.0.1", self.to_port), timeout=10)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        with self._lock:
            self._ends |= {near, far}
        threading.Thread(target=self._pump, args=(far, near), daemon=True).start()
        self._pump(near, far)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                # What was sent while the cable is out arrives when it is mended, as a phone's network does it.
                self._plugged.wait()
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
