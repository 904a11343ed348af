"""The log: lines of JSON that say nothing of anybody."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator

import pytest
import streamlit.logger

from ui import logs
from ui.logs import JsonFormatter, Uncounted

SECRETS = ("203.0.113.7", "chip=h100&find=private", "<script>")


def line(message: str, *arguments: object, **more: object) -> dict[str, object]:
    record = logging.LogRecord("streamlit.runtime", logging.WARNING, "x.py", 1, message, arguments, None)
    for name, value in more.items():
        setattr(record, name, value)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    found: dict[str, object] = json.loads(text)
    return found


def test_a_line_has_the_words_and_none_of_the_values() -> None:
    said = line("Rejecting %s from %s for %s", *SECRETS)
    assert said["event"] == "Rejecting %s from %s for %s"
    assert said["level"] == "warning"
    assert not any(secret in json.dumps(said) for secret in SECRETS)


def test_our_own_fields_are_written() -> None:
    said = line("request", fields={"route": "/view", "status": 200, "ms": 1.5})
    assert (said["route"], said["status"], said["ms"]) == ("/view", 200, 1.5)


def test_an_error_is_told_by_class_and_place() -> None:
    try:
        raise ValueError(SECRETS[1])
    except ValueError:
        said = line("Uncaught app execution", exc_info=sys.exc_info())
    assert said["error"] == "ValueError"
    (place,) = said["at"]  # type: ignore[misc]
    assert place.startswith("tests/test_logs.py:")
    assert place.endswith("test_an_error_is_told_by_class_and_place")
    assert SECRETS[1] not in json.dumps(said)


def test_a_line_has_an_end() -> None:
    assert len(json.dumps(line("x" * 100_000))) < 1000


@pytest.mark.parametrize("template", ['%s - "WebSocket %s" [accepted]', "connection open"])
def test_what_names_every_visitor_is_left_out(template: str) -> None:
    record = logging.LogRecord("uvicorn.error", logging.INFO, "x.py", 1, template, (SECRETS[0], SECRETS[1]), None)
    assert not Uncounted().filter(record)
    record.msg = "Application startup complete."
    assert Uncounted().filter(record)


@pytest.fixture
def restored_logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give every logger its handlers back."""
    root = logging.getLogger()
    loggers = [root, *map(logging.getLogger, root.manager.loggerDict)]
    kept = [(logger, logger.handlers[:], logger.propagate) for logger in loggers]
    monkeypatch.setattr(streamlit.logger, "setup_formatter", streamlit.logger.setup_formatter)
    yield
    for logger, handlers, propagate in kept:
        logger.handlers, logger.propagate = handlers, propagate


def test_every_logger_writes_our_lines(
    restored_logging: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(logs.VARIABLE, raising=False)
    uvicorn = logging.getLogger("uvicorn")
    uvicorn.handlers = [logging.StreamHandler()]
    logs.start()
    late = streamlit.logger.get_logger("streamlit.not_asked_for_before")
    late.warning("A %s came", SECRETS[0])
    uvicorn.warning("Another %s came", SECRETS[0])
    logs.event("request", route="/")
    written = [json.loads(text) for text in capsys.readouterr().err.splitlines()]
    assert [said["event"] for said in written] == ["A %s came", "Another %s came", "request"]
    streamlit.logger._loggers.pop("streamlit.not_asked_for_before")


def test_plain_leaves_everything_as_it_is(restored_logging: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(logs.VARIABLE, logs.PLAIN)
    before = streamlit.logger.setup_formatter
    logs.start()
    assert streamlit.logger.setup_formatter is before
