"""``python -m deploy.bill FROM TO``: make a CycloneDX bill short and add licences.

cyclonedx-py repeats every hash of requirements.txt, and where a package may be had; both stand there already.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any, Final

LICENCES: Final = Path(__file__).resolve().parent.parent / "licences.csv"


def shortened(bill: dict[str, Any], licences: dict[str, str]) -> dict[str, Any]:
    """Return the bill with name, version, address and licence of each component."""
    for component in bill["components"]:
        for name in ("description", "externalReferences"):
            component.pop(name, None)
        component["bom-ref"] = component["purl"]
        component["licenses"] = [{"license": {"name": licences[component["name"].lower()]}}]
    bill["dependencies"] = [{"ref": component["purl"]} for component in bill["components"]]
    # The tools name themselves with their addresses, and say nothing of the dashboard.
    bill["metadata"] = {"component": {"type": "application", "name": "twenty-watts", "bom-ref": "twenty-watts"}}
    return bill


def main(source: str, target: str) -> None:
    """Read one file and write the other."""
    with LICENCES.open(encoding="utf-8", newline="") as file:
        licences = {row["package"]: row["licence"] for row in csv.DictReader(file)}
    bill = shortened(json.loads(Path(source).read_text(encoding="utf-8")), licences)
    Path(target).write_text(json.dumps(bill, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
