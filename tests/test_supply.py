"""What the dashboard is made of: pinned, hashed, listed, and under licences that let everybody use it."""

from __future__ import annotations

import json
import re
from importlib import metadata

import pytest

from tests.licences import FILES, PIN, ROOT, pinned, stated, table

LOCKS = (*FILES, "requirements-tools.txt")
# Permissive ones, and MPL 2.0, which asks for the source of changed files only.
ALLOWED = {
    "0BSD", "3-Clause BSD License", "Apache License 2.0", "Apache Software License", "Apache-2.0", "BSD License",
    "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "MIT", "MIT License", "MIT-CMU", "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)", "PSF-2.0", "Zlib",
}  # fmt: skip


def entries(file: str) -> list[str]:
    """Split a lock into its packages, each with the lines that belong to it."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return [block for block in re.split(r"^(?=[a-zA-Z0-9])", text, flags=re.MULTILINE) if not block.startswith("#")]


@pytest.mark.parametrize("file", LOCKS)
def test_every_package_is_pinned_with_hashes(file: str) -> None:
    blocks = entries(file)
    assert len(blocks) > 20
    for block in blocks:
        assert PIN.match(block), block[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block), block[:80]
    assert "http" not in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("file", LOCKS)
def test_a_lock_holds_what_was_asked_for(file: str) -> None:
    asked = dict(PIN.findall((ROOT / file.replace(".txt", ".in")).read_text(encoding="utf-8")))
    locked = dict(PIN.findall((ROOT / file).read_text(encoding="utf-8")))
    assert asked
    assert {name: locked.get(name) for name in asked} == asked


def test_tests_run_with_what_visitors_get() -> None:
    of_tests = dict(PIN.findall((ROOT / "requirements-dev.txt").read_text(encoding="utf-8")))
    for name, version in PIN.findall((ROOT / "requirements.txt").read_text(encoding="utf-8")):
        assert of_tests[name] == version, name
        # Some are for other systems only.
        if stated(name):
            assert metadata.version(name) == version, f"{name}: make install"


def test_every_licence_is_listed_and_allowed() -> None:
    listed = table()
    assert {name: use for name, (_, use) in listed.items()} == {name: use for name, (_, use) in pinned().items()}
    for name, (licence, _) in listed.items():
        assert licence == (stated(name) or licence), f"{name}: python -m tests.licences"
        parts = re.split(r" AND | OR |; ", licence)
        # Brackets hold choices together, or belong to a name.
        assert {part if part in ALLOWED else part.strip("()") for part in parts} <= ALLOWED, (
            f"{name} is under {licence}"
        )


def test_the_bill_of_materials_is_up_to_date() -> None:
    bill = json.loads((ROOT / "deploy" / "sbom.json").read_text(encoding="utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    listed = {component["name"].lower(): component["version"] for component in bill["components"]}
    wanted = {name: version for name, (version, use) in pinned().items() if use == "dashboard"}
    assert listed == wanted, "make sbom"
    licences = {c["name"].lower(): c["licenses"][0]["license"]["name"] for c in bill["components"]}
    assert licences == {name: licence for name, (licence, use) in table().items() if use == "dashboard"}
