"""One line of JSON for each thing that happens, without anything that could say who was there.

What goes into a line is the text that the program's authors wrote, never the values put into it: no address, no query,
no content of a link or file. An error is told by its class and the places in the code it came through.
``TWENTY_WATTS_LOG=plain`` leaves Streamlit's and Uvicorn's own lines as they are, for work on the code.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import traceback
from pathlib import PurePath
from types import TracebackType
from typing import Any, Final

import streamlit.logger

VARIABLE: Final = "TWENTY_WATTS_LOG"
PLAIN: Final = "plain"
MOST_FRAMES: Final = 12
LONGEST_EVENT: Final = 200
LOG: Final = logging.getLogger("twenty_watts")


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record's template and our own fields; its arguments stay out."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg)[:LONGEST_EVENT],
            "process": record.process,
        }
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["at"] = places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=True, default=str)


def places(trace: TracebackType | None) -> list[str]:
    """Name the last places that an error came through: file, line and function, no values."""
    frames = traceback.extract_tb(trace)[-MOST_FRAMES:]
    return [f"{'/'.join(PurePath(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}" for frame in frames]


class Uncounted(logging.Filter):
    """Leaves out what Uvicorn says of every connection: it names the visitor, and `ui.watch` says the rest."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record is written."""
        text = str(record.msg)
        return not (record.name.startswith("uvicorn") and ("WebSocket" in text or text.startswith("connection ")))


def handler() -> logging.Handler:
    """Make what writes the lines, to standard error."""
    made = logging.StreamHandler(sys.stderr)
    made.setFormatter(JsonFormatter())
    made.addFilter(Uncounted())
    return made


def start() -> None:
    """Send the lines of every logger, present and future, through ours."""
    if os.environ.get(VARIABLE) == PLAIN:
        return
    ours = handler()
    root = logging.getLogger()
    for logger in [root, *map(logging.getLogger, root.manager.loggerDict)]:
        if logger.handlers:
            logger.handlers = [ours]
            # Once is enough: the root logger writes too.
            logger.propagate = False
    root.handlers = [ours]
    LOG.setLevel(logging.INFO)
    # Streamlit gives a logger its own handler when it is first asked for, which may be later.
    streamlit.logger.setup_formatter = lambda logger: setattr(logger, "handlers", [ours])


def event(name: str, **fields: object) -> None:
    """Write one line of our own. The fields must be of our making: counts, times, names from the code."""
    LOG.info(name, extra={"fields": fields})
