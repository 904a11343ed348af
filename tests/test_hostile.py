"""Links and files made to do harm: nothing breaks, nothing hangs, nothing runs, and the code offers no such way.

``TWENTY_WATTS_LONG=1`` tries as many as the dashboard has been promised to stand: 20,000 links, 500 of them through
the server, and 5,000 tables.
"""

from __future__ import annotations

import ast
import asyncio
import os
import random
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.viewers import Tally, Viewer
from efficiency.cases import MEASURED_FILE
from efficiency.link import State, decode, encode
from efficiency.scenario import Scenario
from tests.asynchronous import run
from ui import error

ROOT = Path(__file__).resolve().parent.parent
LONG = bool(os.environ.get("TWENTY_WATTS_LONG"))
LINKS = 20_000 if LONG else 4_000
SERVED_LINKS = 500 if LONG else 40
TABLES = 5_000 if LONG else 120
LONGEST_S = 1.0
# A machine that does other things as well is slower; a hang is longer than that.
SLACK = 5.0
SEED = 20

SCRIPTS = (
    "<script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    "'\"><svg onload=window.hit=1>",
    "javascript:window.hit=1",
    "[x](javascript:window.hit=1)",
    "</title><script>window.hit=1</script>",
    "${window.hit=1}",
    "{{constructor.constructor('window.hit=1')()}}",
)
WORDS = (
    *SCRIPTS, "nan", "NaN", "inf", "-inf", "1e999", "-1", "0", "1e308", "9" * 400, "0x10", "1_000", "١٢٣", "٨", "true",
    "null", "None", "[]", "{}", "\x00", "\u202e", "😀" * 30, "../../etc/passwd", "%s%s%n", "h100", "8", "a" * 5000, "",
    "; DROP TABLE", "\r\nSet-Cookie: a=b", "=cmd|'/c calc'!A1",
)  # fmt: skip
MARKS = (b",", b'"', b"\n", b"\r", b"\x00", b"\xff", b";", b"\t")
NAMES = tuple(pair.partition("=")[0] for pair in encode(State()).split("&"))


def hostile_links(count: int) -> Iterator[str]:
    """Make links: parts of a right one spoilt, repeated, left out, of wrong types, far too long."""
    draw = random.Random(SEED)
    right = encode(State()).split("&")
    for number in range(count):
        pairs = draw.sample(right, draw.randrange(len(right)))
        for _ in range(draw.randrange(1, 6)):
            name = draw.choice((*NAMES, draw.choice(WORDS), "v", "embed"))
            word = draw.choice(WORDS)
            pairs.append(f"{quote(name)}={word if draw.random() < 0.2 else quote(word)}")
        draw.shuffle(pairs)
        link = draw.choice("&&&&&;").join(pairs)
        if number % 200 == 0:
            link += "&x=" + "y" * 100_000
        yield link


def test_no_link_breaks_the_codec() -> None:
    slowest = 0.0
    for link in hostile_links(LINKS):
        start = time.perf_counter()
        state, notices = decode(link)
        slowest = max(slowest, time.perf_counter() - start)
        assert isinstance(state.scenario, Scenario)
        assert decode(encode(state))[0] == state
        assert all(len(notice) < 500 for notice in notices)
        assert len(notices) <= 12
    assert slowest < LONGEST_S * SLACK


async def visit(url: str, links: list[str]) -> Tally:
    tally = Tally()
    gate = asyncio.Semaphore(4)

    async def one(link: str) -> None:
        async with gate:
            viewer = Viewer(url, tally, query=link)
            start = time.perf_counter()
            await viewer.open(with_page=len(link) < 16_000 and link.isascii())
            await viewer.run()
            tally.firsts_s.append(time.perf_counter() - start)
            await viewer.socket.close()

    await asyncio.gather(*map(one, links))
    return tally


def test_no_link_breaks_the_server(server: str) -> None:
    # What is no address at all never leaves a browser.
    links = [quote(link, safe="&=;%+") for link in hostile_links(SERVED_LINKS)]
    tally = run(visit(server, links))
    assert tally.errors == []
    assert len(tally.firsts_s) == SERVED_LINKS
    assert max(tally.firsts_s) < 4 * LONGEST_S * SLACK


def hostile_tables(count: int) -> Iterator[bytes]:
    """Make tables: our own with bytes changed, cut, repeated and put in, and cells that are attacks."""
    draw = random.Random(SEED)
    lines = MEASURED_FILE.read_bytes().splitlines(keepends=True)
    for _ in range(count):
        rows = draw.sample(lines[1:], draw.randrange(1, 12))
        table = bytearray(b"".join([lines[0], *rows]))
        for _ in range(draw.randrange(1, 12)):
            place = draw.randrange(len(table))
            what = draw.randrange(5)
            if what == 0:
                table[place] = draw.randrange(256)
            elif what == 1:
                del table[place : place + draw.randrange(1, 40)]
            elif what == 2:
                table[place:place] = draw.choice(WORDS).encode("utf-8", "surrogatepass")
            elif what == 3:
                table[place:place] = draw.choice(
                    [b",", b'"', b"\n", b"\r", b"\x00", b"\xff", b";", b"\t"]
                ) * draw.randrange(1, 5)
            else:
                table[place:place] = table[place : place + draw.randrange(1, 200)]
            if not table:
                table = bytearray(b"x")
        yield bytes(table)


def test_no_table_breaks_the_page() -> None:
    slowest = 0.0
    for number, table in enumerate(hostile_tables(TABLES)):
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            answer = error.answer(table, number % 2 == 0)
        slowest = max(slowest, time.perf_counter() - start)
        assert answer.message or answer.sentence
        assert "Traceback" not in answer.message
    assert slowest < LONGEST_S * SLACK


@pytest.mark.parametrize(
    "table",
    [
        b"model,gpu,metric" + b"," * 1_900_000,
        b"model,gpu,metric\n" + b"a,b,c" + b",x" * 900_000,
        b"model,gpu,metric\n" + b"a,b,c\n" * 300_000,
        b'model,gpu,metric\n"' + b"a" * 1_900_000,
        b"model,gpu,metric\n" + b"\x00" * 1_900_000,
        b"model,gpu,metric\n" + b'"",' * 600_000,
        b"\n" * 2_000_000,
        b"," * 2_000_000,
        b"x" * 2_000_001,
    ],
    ids=["columns", "cells", "rows", "quote", "zeros", "quotes", "lines", "commas", "bytes"],
)
def test_a_table_made_to_be_slow_is_answered_soon(table: bytes) -> None:
    start = time.perf_counter()
    answer = error.answer(table, given=False)
    assert answer.message or answer.sentence
    assert time.perf_counter() - start < LONGEST_S * SLACK


@pytest.mark.parametrize("path", ["/", "/sources", "/error", "/view", "/precision"])
def test_no_script_of_a_link_runs(server: str, browser: Browser, path: str) -> None:
    page = browser.new_page()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    pairs = [f"{name}={quote(script)}" for name, script in zip(NAMES, SCRIPTS * len(NAMES), strict=False)]
    page.goto(f"{server}{path}?find={quote(SCRIPTS[1])}&{'&'.join(pairs)}#{SCRIPTS[0]}")
    expect(page.locator("h1, h2, .tw-headline, [data-testid=stAlert]").first).to_be_visible()
    page.wait_for_timeout(500)
    assert page.evaluate("window.hit") is None
    assert page.locator("img[src=x], svg[onload]").count() == 0
    assert dialogs == []
    page.close()


# What the code must not offer

SERVED = [path for folder in ("ui", "efficiency", "pages") for path in sorted((ROOT / folder).rglob("*.py"))]
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "marshal", "shelve", "subprocess", "ctypes", "code", "xml"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "input", "system", "popen", "execfile", "read_pickle"}
# These read files, and all by names that stand in the code.
READERS = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "read_csv", "loadtxt", "genfromtxt"}

# Their arguments are folders and files of the installation, given by the server at its start.
LOOKED_AT = {"ui/first_page.py", "ui/precompress.py", "ui/static_files.py"}


def called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def offences(source: str) -> set[str]:
    """Name what a module imports or calls that input could misuse."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.partition(".")[0] in FORBIDDEN_MODULES}
        elif isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] in FORBIDDEN_MODULES:
            found.add(str(node.module))
        elif isinstance(node, ast.Call):
            name = called(node)
            of_re = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "re"
            if name in FORBIDDEN_CALLS and not (name == "compile" and of_re):
                found.add(name)
            if any(keyword.arg == "unsafe_allow_html" for keyword in node.keywords):
                found.add("unsafe_allow_html")
            if any(keyword.arg == "allow_pickle" for keyword in node.keywords):
                found.add("allow_pickle")
    return found


@pytest.mark.parametrize("path", SERVED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_input_finds_nothing_to_misuse(path: Path) -> None:
    assert offences(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    "source", ["import pickle", "from marshal import loads", "eval(x)", "st.markdown(x, unsafe_allow_html=True)"]
)
def test_an_offence_would_be_seen(source: str) -> None:
    assert offences(source)


def readings(source: str) -> set[str]:
    """Name the functions that read a file whose name they have been given."""
    found = set()
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        given = {a.arg for a in (*function.args.args, *function.args.kwonlyargs, *function.args.posonlyargs)}
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and called(node) in READERS:
                path = node.func.value if isinstance(node.func, ast.Attribute) else node
                if given & {name.id for name in ast.walk(path) if isinstance(name, ast.Name)} - {"self"}:
                    found.add(function.name)
    return found


def test_pages_and_what_they_call_open_no_file_by_a_name_from_outside() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): names
        for path in SERVED
        if path.parent.name != "efficiency" and (names := readings(path.read_text(encoding="utf-8")))
    }
    new = {file: names for file, names in found.items() if file not in LOOKED_AT}
    assert new == {}, "can the names of what these read come from outside? If not, list the file above"


@pytest.mark.parametrize("source", ["def f(name):\n    open(name)", "def f(name):\n    (FOLDER / name).read_text()"])
def test_a_reading_by_a_given_name_would_be_seen(source: str) -> None:
    assert readings(source) == {"f"}
    assert readings("def f(name):\n    FILE.read_text()") == set()
