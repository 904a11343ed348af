"""What was measured on a GPU: per FLOP and per byte with spread, as a table, as rows of cases, and whole as JSON."""

from __future__ import annotations

import csv
import io
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from benchmarks.gpu_counter import Repeat
from benchmarks.gpu_kernels import Kernel

COLUMNS: Final = (
    *("id", "family", "kind", "model", "architecture", "params_total", "params_active", "weight_bits"),
    *("weights_format", "gpu", "n_gpus", "tensor_parallel", "batch", "engine", "input_tokens", "output_tokens"),
    *("steps", "height", "width", "frames", "tokens_per_s", "avg_power_w", "metric", "unit", "scope", "value"),
    *("quality", "source", "source_url", "note"),
)
FAMILY: Final = "own_gpu"
JOULE: Final = 1e12
"""Picojoules in one."""


@dataclass(frozen=True)
class Spread:
    """The middle of several repeats, the least and the most."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        """Give the three as a table shows them."""
        return f"{digits(self.median)} ({digits(self.low)} to {digits(self.high)})"


@dataclass(frozen=True)
class Result:
    """One kernel and its repeats."""

    kernel: Kernel
    repeats: tuple[Repeat, ...]

    def over(self, quantity: Callable[[Repeat], float]) -> Spread:
        """Give a quantity's spread over the repeats."""
        values = [quantity(repeat) for repeat in self.repeats]
        return Spread(statistics.median(values), min(values), max(values))

    @property
    def power_w(self) -> Spread:
        """Power of the board [W]."""
        return self.over(lambda repeat: repeat.power_w)

    def rate(self, work: float) -> float:
        """Work per second [1/s], for an amount of work per launch."""
        return self.over(lambda repeat: repeat.launches_per_s * work).median

    def energy_pj(self, work: float, idle_w: float = 0.0) -> Spread | None:
        """Energy per unit of work [pJ], above an idle power where one is given; None where none of it is done."""
        if not work:
            return None
        return self.over(lambda repeat: JOULE * (repeat.power_w - idle_w) / repeat.launches_per_s / work)


def idle_power_w(results: Sequence[Result]) -> float | None:
    """Median power of the idle board [W], where it was measured."""
    return next((result.power_w.median for result in results if result.kernel.build is None), None)


def table(results: Sequence[Result], tdp_w: float | None) -> str:
    """Give the results for a terminal; "net" is above idle."""
    idle_w = idle_power_w(results)
    header = ("kernel", "rate", "W", "of TDP", "pJ/FLOP (least to most)", "net", "pJ/byte (least to most)", "net")
    lines: list[tuple[str, ...]] = [header]
    for result in results:
        kernel, power = result.kernel, result.power_w
        rates = []
        if kernel.flop:
            rates.append(f"{result.rate(kernel.flop) / 1e12:.4g} TFLOP/s")
        if kernel.moved_bytes:
            rates.append(f"{result.rate(kernel.moved_bytes) / 1e9:.4g} GB/s")
        share = f"{power.median / tdp_w:.0%}" if tdp_w else ""
        cells = [kernel.key, ", ".join(rates), f"{power.median:.1f}", share]
        for work in (kernel.flop, kernel.moved_bytes):
            net = None if idle_w is None else result.energy_pj(work, idle_w)
            cells += [str(result.energy_pj(work) or ""), digits(net.median) if net else ""]
        lines.append(tuple(cells))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def rows(results: Sequence[Result], chip: Mapping[str, Any]) -> list[dict[str, str]]:
    """Give the results as rows of cases, one per kernel and quantity."""
    found = []
    for result in results:
        kernel = result.kernel
        quantities = {
            ("energy_per_flop", "pJ/FLOP"): result.energy_pj(kernel.flop),
            ("energy_per_byte", "pJ/byte"): result.energy_pj(kernel.moved_bytes),
            ("avg_power", "W"): result.power_w if kernel.build is None else None,
        }
        for (metric, unit), spread in quantities.items():
            if spread is not None:
                found.append(_row(result, metric, unit, spread, chip))
    return found


def _row(result: Result, metric: str, unit: str, spread: Spread, chip: Mapping[str, Any]) -> dict[str, str]:
    kernel = result.kernel
    row = dict.fromkeys(COLUMNS, "")
    row.update(
        id=slug(f"own {chip['name']} {kernel.key} {metric} {chip['date']}"),
        family=FAMILY,
        kind="kernel",
        model=kernel.key,
        weight_bits=str(kernel.weight_bits or ""),
        weights_format=kernel.number_format,
        gpu=str(chip["name"]),
        n_gpus="1",
        tensor_parallel="1",
        batch=str(kernel.batch or ""),
        engine=f"pytorch-{chip.get('torch', '')}",
        avg_power_w=f"{result.power_w.median:.6g}",
        metric=metric,
        unit=unit,
        scope="gpu",
        value=f"{spread.median:.6g}",
        quality="A" if chip.get("counted") and not chip.get("others") else "B",
        source=f"Own measurement with benchmarks/measure_gpu.py, {chip['date']}",
        note=_note(result, spread, chip),
    )
    return row


def _note(result: Result, spread: Spread, chip: Mapping[str, Any]) -> str:
    kernel = result.kernel
    tdp_w = chip.get("tdp_w")
    held = sorted({str(repeat.state["held_back_by"]) for repeat in result.repeats if repeat.state.get("held_back_by")})
    parts = [
        kernel.what,
        f"{len(result.repeats)} repeats {spread.low:.4g} to {spread.high:.4g}",
        f"{result.rate(kernel.flop) / 1e12:.4g} TFLOP/s" if kernel.flop else "",
        f"{result.rate(kernel.moved_bytes) / 1e9:.4g} GB/s" if kernel.moved_bytes else "",
        f"{result.power_w.median / tdp_w:.0%} of TDP {tdp_w:g} W" if tdp_w else "",
        f"held back by {' and '.join(held)}" if held else "",
        f"chip {chip['name']}",
        f"driver {chip.get('driver', 'unknown')}",
        f"CUDA {chip.get('cuda', 'unknown')}",
        str(chip.get("method", "")),
        "other programs were on the GPU" if chip.get("others") else "",
        f"measured {chip['date']}",
    ]
    return "; ".join(part for part in parts if part)


def csv_text(found: Sequence[Mapping[str, str]]) -> str:
    """Give rows as the text of a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return text.getvalue()


def whole(results: Sequence[Result], left_out: Mapping[str, str], chip: Mapping[str, Any]) -> dict[str, Any]:
    """Give everything, every repeat included, as JSON can hold it."""
    idle_w = idle_power_w(results)
    kernels = []
    for result in results:
        kernel = {name: value for name, value in vars(result.kernel).items() if name != "build"}
        found: dict[str, Any] = {"power_w": asdict(result.power_w)}
        for name, work in (("flop", result.kernel.flop), ("byte", result.kernel.moved_bytes)):
            if (spread := result.energy_pj(work)) is not None:
                found[f"pj_per_{name}"] = asdict(spread)
                found[f"{name}_per_s"] = result.rate(work)
            if idle_w is not None and (net := result.energy_pj(work, idle_w)) is not None:
                found[f"pj_per_{name}_above_idle"] = asdict(net)
        repeats = [{**vars(repeat), "state": dict(repeat.state)} for repeat in result.repeats]
        kernels.append({"kernel": kernel, "found": found, "repeats": repeats})
    return {"chip": dict(chip), "results": kernels, "left_out": dict(left_out)}


def digits(value: float) -> str:
    """Give three digits, which is what a counter good to a per cent bears, without powers of ten."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def slug(text: str) -> str:
    """Give text as it may stand in a file name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
