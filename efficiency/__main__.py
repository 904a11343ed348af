"""Command line: ``python -m efficiency gap``, ``levers``, ``facts``, ``predict`` and so on; see the README."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from efficiency.derived import records
from efficiency.facts import FactError, fact, source
from efficiency.gap import evaluate
from efficiency.link import State, decode
from efficiency.report import as_data, as_text, fact_data
from efficiency.topics import add_topics, answer_topic, draw_bar


class _OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage block."""

    def error(self, message: str) -> NoReturn:
        # An argument that is repeated in the message may hold line breaks of its own.
        self.exit(2, f"efficiency: {' '.join(message.split())}\n")


def _parser(asked: str) -> argparse.ArgumentParser:
    parser = _OneLineParser(
        prog="python -m efficiency",
        description="How far AI hardware is from the brain's 20 W, from sourced numbers.",
    )
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_OneLineParser)
    gap = commands.add_parser("gap", help="print the yardsticks and the energy ledger")
    facts = commands.add_parser("facts", help="print records with their sources")
    facts.add_argument("key", nargs="?", metavar="KEY", help="a key, or the beginning of keys")
    levers = commands.add_parser("levers", help="print what each lever closes of the gap, and what is left")
    for verb in (gap, levers):
        verb.add_argument("--link", default="", metavar="QUERY", help="state, as in the address bar")
    for verb in (gap, facts, levers):
        verb.add_argument("--json", action="store_true", help="print JSON")
    predict = commands.add_parser("predict", help="predict the energy of a table of cases")
    predict.add_argument("cases", metavar="CASES", help="CSV with the columns of efficiency/data/measured")
    predict.add_argument("-o", "--output", metavar="OUT", help="where to write; else it is printed")
    predict.add_argument("--given", action="store_true", help="use the speed and time that the table states")
    validate = commands.add_parser("validate", help="compare predictions with measurements")
    validate.add_argument("cases", nargs="?", metavar="CASES", help="else the measured cases that we ship")
    validate.add_argument("--levers", action="store_true", help="compare pairs of cases that differ in one lever only")
    calibrate = commands.add_parser("calibrate", help="fit the coefficients anew and store them")
    calibrate.add_argument("cases", metavar="CASES", help="measured cases")
    add_topics(commands, asked)
    return parser


def _state(link: str) -> State:
    query = urlsplit(link).query if "?" in link else link
    state, notices = decode(query)
    if notices:
        # A page shows what can be shown; a program that asks for a wrong state must not get another one's numbers.
        raise ValueError("--link: " + " ".join(notice.partition(", so ")[0].rstrip(".") + "." for notice in notices))
    return state


def _gap(link: str, as_json: bool) -> str:
    answer = evaluate(_state(link).scenario)
    return json.dumps(as_data(answer), indent=2) if as_json else as_text(answer)


def _levers(link: str, as_json: bool) -> str:
    from efficiency import lever_report

    found = lever_report.attribution_of(_state(link))
    tornado = lever_report.tornado_of(found)
    if as_json:
        return json.dumps(lever_report.as_data(found, tornado), indent=2)
    return lever_report.as_text(found, tornado)


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


def _predict(cases_file: str, output: str | None, given: bool) -> str:
    from efficiency.cases import CaseError, read_cases
    from efficiency.predict import predict, predicted_table
    from efficiency.remarks import remarks

    # One bad cell costs its row, which says so, and not the other thousand.
    cases = read_cases(Path(cases_file), strict=False)
    made = predict(cases, given)
    table = predicted_table(cases, made)
    missing = sum(map(bool, made.why_not))
    if missing:
        print(f"efficiency: {missing} of {len(cases)} cases are not predicted; why_not says why", file=sys.stderr)
    for name, remark in zip(cases.id, remarks(cases, given, made), strict=True):
        if remark:
            print(f"efficiency: {' '.join(name.split())}: {remark}", file=sys.stderr)
    if output is None:
        return table.removesuffix("\n")
    try:
        Path(output).write_text(table, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CaseError(f"cannot write {output!r}: {getattr(error, 'strerror', None) or 'no such path'}") from None
    return ""


def _validate(cases_file: str | None, levers: bool) -> str:
    from efficiency.cases import MEASURED_FILE, read_cases

    if levers and not cases_file:
        from efficiency.lever_scores import levers_text, validate_shipped

        return levers_text(validate_shipped())
    cases = read_cases(Path(cases_file or MEASURED_FILE), strict=False)
    if levers:
        from efficiency.lever_scores import levers_text, validate_levers

        return levers_text(validate_levers(cases))
    from efficiency.validate import validate, validation_text

    return validation_text(validate(cases))


def _calibrate(cases_file: str) -> str:
    from efficiency.cases import read_cases
    from efficiency.facts import DATA_FOLDER

    cases = read_cases(Path(cases_file))
    from efficiency.calibrate import calibrate

    return calibrate(cases, DATA_FOLDER, draw_bar)


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
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = _parser(next(iter(words), "")).parse_args(words)
    try:
        match given.command:
            case "gap":
                text = _gap(given.link, given.json)
            case "levers":
                text = _levers(given.link, given.json)
            case "facts":
                text = _facts(given.key, given.json)
            case "predict":
                text = _predict(given.cases, given.output, given.given)
            case "validate":
                text = _validate(given.cases, given.levers)
            case "calibrate":
                text = _calibrate(given.cases)
            case _:
                text = answer_topic(given)
    except (FactError, ValueError) as error:
        print(f"efficiency: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    return _print(text)


def _print(text: str) -> int:
    try:
        if text:
            print(text, flush=True)
    except BrokenPipeError:
        sys.stderr.close()
    except OSError as error:
        # What is left in the buffer would be tried once more when the interpreter ends, and fail aloud.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"efficiency: cannot write what was found: {error.strerror}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
