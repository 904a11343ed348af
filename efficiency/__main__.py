"""Command line: ``python -m efficiency gap`` and ``python -m efficiency facts``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import NoReturn
from urllib.parse import urlsplit

from efficiency.derived import records
from efficiency.facts import FactError, fact, source
from efficiency.gap import evaluate
from efficiency.link import decode
from efficiency.report import as_data, as_text, fact_data


class _OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage block."""

    def error(self, message: str) -> NoReturn:
        # An argument that is repeated in the message may hold line breaks of its own.
        self.exit(2, f"efficiency: {' '.join(message.split())}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _OneLineParser(
        prog="python -m efficiency",
        description="How far AI hardware is from the brain's 20 W, from sourced numbers.",
    )
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_OneLineParser)
    gap = commands.add_parser("gap", help="print the yardsticks and the energy ledger")
    gap.add_argument("--link", default="", metavar="QUERY", help="state, as in the address bar")
    gap.add_argument("--json", action="store_true", help="print JSON")
    facts = commands.add_parser("facts", help="print records with their sources")
    facts.add_argument("key", nargs="?", metavar="KEY", help="a key, or the beginning of keys")
    facts.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _gap(link: str, as_json: bool) -> str:
    query = urlsplit(link).query if "?" in link else link
    state, notices = decode(query)
    if notices:
        # A page shows what can be shown; a program that asks for a wrong state must not get another one's numbers.
        raise ValueError("--link: " + " ".join(notice.partition(", so ")[0].rstrip(".") + "." for notice in notices))
    answer = evaluate(state.scenario)
    return json.dumps(as_data(answer), indent=2) if as_json else as_text(answer)


def _facts(key: str | None, as_json: bool) -> str:
    everything = records()
    found = [r for name, r in everything.items() if key is None or name == key]
    if not found:
        found = [r for name, r in everything.items() if name.startswith(f"{key}.")]
    if not found and key is not None:
        fact(key)  # raises the error that names keys alike
    if as_json:
        return json.dumps([fact_data(r) for r in found], indent=2)
    lines = []
    for r in found:
        span = f" ({r.low:g} to {r.high:g})" if r.low is not None and r.high is not None else ""
        unit = "" if r.unit in ("1", "x") else f" {r.unit}"
        lines.append(f"{r.key}: {r.label}: {r.value:g}{span}{unit}, {r.kind}, {r.trust}")
        for name in r.sources:
            s = source(name)
            lines.append(f"    {s.authors}, {s.title}, {s.year or 'no year'}. {s.url}")
        lines.append(f"    place: {r.place}{'. ' + r.note if r.note else ''}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; the process's own if None.

    Returns
    -------
    int
        Exit code: 0, or 2 after one line about a bad argument.

    Notes
    -----
    A link that holds anything unusable is refused here, where a page would show a notice: a program must not take
    another state's numbers for the one it asked for.

    References
    ----------
    The README lists the commands.

    Examples
    --------
    >>> main(["facts", "brain.power"])  # doctest: +ELLIPSIS
    brain.power: ...
    0
    """
    given = _parser().parse_args(arguments)
    try:
        text = _gap(given.link, given.json) if given.command == "gap" else _facts(given.key, given.json)
    except (FactError, ValueError) as error:
        print(f"efficiency: {error}", file=sys.stderr)
        return 2
    try:
        print(text)
    except BrokenPipeError:
        sys.stderr.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
