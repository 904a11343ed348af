"""Under which licence each dependency is. ``python -m tests.licences`` writes licences.csv from what is installed."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "licences.csv"
FILES = {"requirements.txt": "dashboard", "requirements-dev.txt": "tests"}
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE | re.IGNORECASE)
CLASSIFIER = "License :: OSI Approved :: "


def pinned() -> dict[str, tuple[str, str]]:
    """Return name -> version and what it is for, of every pinned package."""
    found: dict[str, tuple[str, str]] = {}
    for file, use in FILES.items():
        for name, version in PIN.findall((ROOT / file).read_text(encoding="utf-8")):
            found.setdefault(name.lower(), (version, use))
    return dict(sorted(found.items()))


def stated(name: str) -> str:
    """Say what an installed package says of its licence, in one line; empty where it is not installed."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    expression = about.get("License-Expression")
    if expression:
        return str(expression)
    named = [text.removeprefix(CLASSIFIER) for text in about.get_all("Classifier") or () if text.startswith(CLASSIFIER)]
    # Some put the whole text of the licence into the field.
    return "; ".join(named) or str(about.get("License") or "").strip().partition("\n")[0]


def table() -> Mapping[str, tuple[str, str]]:
    """Read the table: name -> licence and what the package is for."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["package"]: (row["licence"], row["for"]) for row in csv.DictReader(file)}


def main() -> None:
    """Write the table; what is not installed keeps its line."""
    known = table() if TABLE.exists() else {}
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("package", "licence", "for"))
        for name, (_, use) in pinned().items():
            writer.writerow((name, stated(name) or known.get(name, ("", ""))[0], use))


if __name__ == "__main__":
    main()
