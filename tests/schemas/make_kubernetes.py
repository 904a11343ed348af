"""Cut the schemas of the kinds that deploy/kubernetes uses out of those that kubernetes-validate ships.

``python tests/schemas/make_kubernetes.py FOLDER`` with that package's folder ``v1.34.0-local-strict``; the whole
package has 108 MB. Descriptions are left out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

KINDS = {
    "Deployment": "deployment-apps-v1",
    "Service": "service-v1",
    "Ingress": "ingress-networking-v1",
    "NetworkPolicy": "networkpolicy-networking-v1",
    "HorizontalPodAutoscaler": "horizontalpodautoscaler-autoscaling-v2",
    "PodDisruptionBudget": "poddisruptionbudget-policy-v1",
}
REFERENCE = "#/$defs/"


def cut(node: Any, wanted: set[str]) -> Any:
    """Copy a schema without descriptions, and note the definitions it refers to."""
    if isinstance(node, list):
        return [cut(item, wanted) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for name, value in node.items():
        if name == "$ref":
            definition = value.partition(REFERENCE)[2]
            wanted.add(definition)
            kept[name] = f"{REFERENCE}{definition}"
        # A property may be called description as well; then it is no text.
        elif (name != "description" or not isinstance(value, str)) and not name.startswith(("x-kubernetes", "$id")):
            kept[name] = cut(value, wanted)
    return kept


def main() -> None:
    folder = Path(sys.argv[1])
    every = json.loads((folder / "_definitions.json").read_text(encoding="utf-8"))["$defs"]
    wanted: set[str] = set()
    kinds = {
        kind: cut(json.loads((folder / f"{name}.json").read_text("utf-8")), wanted) for kind, name in KINDS.items()
    }
    definitions: dict[str, Any] = {}
    while missing := sorted(wanted - set(definitions)):
        for name in missing:
            definitions[name] = cut(every[name], wanted)
    out = {"version": folder.name, "kinds": kinds, "$defs": dict(sorted(definitions.items()))}
    text = json.dumps(out, separators=(",", ":"))
    (Path(__file__).parent / "kubernetes.json").write_text(text + "\n", encoding="utf-8")
    print(len(text), "bytes,", len(definitions), "definitions")


if __name__ == "__main__":
    main()
