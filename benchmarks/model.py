"""How long the model takes: one scenario, one with its ranges, a million; and EcoLogits beside it.

``python -m benchmarks.model`` prints a table. Each row is measured in a process of its own, on one core and one thread;
EcoLogits is installed once, into a virtual environment under ``.cache``.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from efficiency import catalogue
from efficiency.gap import evaluate, inputs_for, ratios, sweep
from efficiency.lever_machines import Task
from efficiency.lever_settings import LEVERS
from efficiency.levers import attribute
from efficiency.scenario import BITS, Scenario, field_rules

ROOT: Final = Path(__file__).resolve().parent.parent
REQUIREMENTS: Final = ROOT / "benchmarks" / "requirements.txt"
OTHERS: Final = ROOT / ".cache" / "bench-venv"
ONE_THREAD: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def _median_s(call: Callable[[float], object], repeats: int, rounds: int) -> float:
    """Median over the repeats of the mean over the rounds [s]; each call gets a batch not asked for before."""
    batch = 1.0
    call(batch)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(rounds):
            batch += 0.01
            call(batch)
        times.append((time.perf_counter() - start) / rounds)
    return statistics.median(times)


def central(repeats: int = 30, rounds: int = 200) -> dict[str, float]:
    """Time one new scenario at central values: checks, eight yardsticks and the ledger."""

    def answer(batch: float) -> object:
        scenario = Scenario(batch=batch)
        return ratios(scenario, inputs_for(scenario))

    return {"seconds": _median_s(answer, repeats, rounds)}


def ranged(repeats: int = 30, rounds: int = 10) -> dict[str, float]:
    """Time one new scenario with intervals from 1,024 samples, drivers, words and sources."""
    return {"seconds": _median_s(lambda batch: evaluate(Scenario(batch=batch)), repeats, rounds)}


def ranged_new_chip(chips: int = 100) -> dict[str, float]:
    """Time the same for chips not seen before, whose facts are drawn first."""
    evaluate(Scenario(chip="h100"))
    times = []
    for chip in [key for key in catalogue.chip_labels() if key != "h100"][:chips]:
        start = time.perf_counter()
        evaluate(Scenario(chip=chip))
        times.append(time.perf_counter() - start)
    return {"seconds": statistics.median(times)}


def swept(rows: int = 1_000_000, repeats: int = 5) -> dict[str, float]:
    """Time a sweep over seven fields at once, and report the process's peak memory."""
    generator = np.random.default_rng(20)

    def over(name: str) -> np.ndarray:
        rule = field_rules()[name]
        return np.exp(generator.uniform(np.log(rule.low), np.log(rule.high), rows))  # type: ignore[union-attr]

    names = ("density", "utilisation", "batch", "context_tokens", "brain_flop_per_s", "pue")
    fields = {name: over(name).clip(field_rules()[name].low, field_rules()[name].high) for name in names}  # type: ignore[union-attr]
    scenario = Scenario(**fields, bits=generator.choice(np.array(BITS), rows))
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        sweep(scenario)
        times.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"seconds": statistics.median(times), "peak_bytes": float(peak)}


def attributed(samples: int = 4096, repeats: int = 7) -> dict[str, float]:
    """Time the attribution of a new deployment's gain to eight levers: 256 machines at each sample, and the shares."""
    levers = {lever.key: "research" for lever in LEVERS if lever.key != "algorithm"}
    times = []
    for repeat in range(repeats + 1):
        today = Scenario(events="every_step", pue=1.3 + repeat / 1000)
        start = time.perf_counter()
        attribute(Task("synapse", today), levers, 1.0, samples)
        times.append(time.perf_counter() - start)
    # The first one draws the samples and looks for the best batch of all.
    return {"seconds": statistics.median(times[1:]), "first_seconds": times[0]}


MEASURES: Final[dict[str, Callable[[], dict[str, float]]]] = {
    "central": central,
    "ranged": ranged,
    "ranged_new_chip": ranged_new_chip,
    "swept": swept,
    "attributed": attributed,
}


def _run(command: list[str]) -> dict[str, float]:
    """Run a command that prints JSON, on one core and one thread."""
    shown = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | ONE_THREAD,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        preexec_fn=_keep_one_core if hasattr(os, "sched_setaffinity") else None,
    )
    measured: dict[str, float] = json.loads(shown.stdout)
    return measured


def _keep_one_core() -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def ecologits(repeats: int = 30, rounds: int = 200) -> dict[str, float]:
    """Time one EcoLogits answer in its own virtual environment, which is made first if there is none."""
    python = OTHERS / "bin" / "python"
    stamp = OTHERS / REQUIREMENTS.name
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        venv.create(OTHERS, with_pip=True, clear=True)
        quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
        subprocess.run([str(python), "-m", "pip", "install", *quiet, "-r", str(REQUIREMENTS)], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    script = ROOT / "benchmarks" / "ecologits_answer.py"
    return _run([str(python), str(script), str(repeats), str(rounds)])


def table(measured: dict[str, dict[str, float]], others: dict[str, float]) -> str:
    """Lay the figures out beside their aims and beside EcoLogits."""
    bare, whole = others["bare_s"], others["whole_s"]
    one, ranges, new = (measured[name]["seconds"] for name in ("central", "ranged", "ranged_new_chip"))
    many, peak = measured["swept"]["seconds"], measured["swept"]["peak_bytes"]
    levers = measured["attributed"]["seconds"]
    rows = [
        ("one scenario: 8 yardsticks and the ledger", f"{one * 1e3:.3f} ms", "0.15 ms"),
        ("the same with ranges, 1,024 samples", f"{ranges * 1e3:.2f} ms", "4 ms"),
        ("the same for a chip not seen before", f"{new * 1e3:.2f} ms", ""),
        ("1,000,000 scenarios, seven fields vary", f"{many:.2f} s", "0.4 s"),
        ("  peak memory of that process", f"{peak / 2**30:.2f} GiB", "1 GiB"),
        ("8 levers x 4,096 samples, 1,048,576 machines", f"{levers:.2f} s", "0.4 s"),
        ("EcoLogits 0.11.3, one calculation", f"{bare * 1e3:.3f} ms", ""),
        ("EcoLogits 0.11.3, one answer with its ranges", f"{whole * 1e3:.3f} ms", ""),
    ]
    lines = [f"{'model, one core, median':<46}{'measured':>12}{'aim':>10}"]
    lines += [f"{what:<46}{found:>12}{aim:>10}" for what, found, aim in rows]
    lines.append(
        f"EcoLogits' calculation takes {bare / one:.2f} times one scenario of ours; in the time of one of its\n"
        f"calculations a sweep answers {bare / (many / 1e6):,.0f} scenarios."
    )
    return "\n".join(lines)


def main() -> None:
    """Measure everything and print the table."""
    if len(sys.argv) == 2:
        print(json.dumps(MEASURES[sys.argv[1]]()))
        return
    measured = {name: _run([sys.executable, "-m", "benchmarks.model", name]) for name in MEASURES}
    print(table(measured, ecologits()))


if __name__ == "__main__":
    main()
