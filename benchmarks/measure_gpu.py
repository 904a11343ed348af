"""Measure an NVIDIA GPU: energy per FLOP and per byte of kernels that run long enough for its counter to be read.

``python -m benchmarks.measure_gpu`` needs what `requirements-gpu.txt` pins, prints a table and writes two files: rows
in the columns of a cases table, and a JSON file with every repeat, the chip, its driver and its limits.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import gpu_counter, gpu_report
from benchmarks.gpu_counter import Bench, NvmlCounter, Repeat
from benchmarks.gpu_kernels import Kernel, all_kernels
from benchmarks.gpu_report import Result

INSTALL: Final = "pip install -r benchmarks/requirements-gpu.txt"
SETTLE_S: Final = 5.0
"""Clocks and the leakage of a hot chip need longer to settle after work than before it."""
# What a library may raise where a chip or a version lacks a kernel; torch.cuda.OutOfMemoryError is a RuntimeError.
NOT_HERE: Final = (RuntimeError, AttributeError, TypeError, ValueError, AssertionError)


class NoGpuError(Exception):
    """There is nothing to measure, or nothing to measure it with; the message is one line."""


@dataclass(frozen=True)
class Machine:
    """A GPU that can be measured: its sensors and queue, PyTorch with its device, and what is known of it."""

    bench: Bench
    torch: Any
    device: str
    chip: dict[str, Any]

    def free(self) -> None:
        """Give memory back, so that one kernel's buffers do not stand in the way of the next."""
        gc.collect()
        if self.torch is not None:
            self.torch.cuda.empty_cache()


def open_machine(index: int) -> Machine:
    """Open a GPU by its PyTorch number."""
    try:
        import torch
    except ImportError as error:
        raise NoGpuError(f"PyTorch is not installed: {INSTALL}") from error
    try:
        import pynvml as nvml
    except ImportError as error:
        raise NoGpuError(f"nvidia-ml-py is not installed: {INSTALL}") from error
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as error:
        raise NoGpuError(f"no NVIDIA GPU: its driver does not answer ({error})") from error
    if not torch.cuda.is_available() or not torch.version.cuda:
        raise NoGpuError("no NVIDIA GPU that PyTorch can use (torch.cuda.is_available() is false)")
    if not 0 <= index < torch.cuda.device_count():
        raise NoGpuError(f"no GPU {index}: PyTorch sees {torch.cuda.device_count()}, counted from 0")
    try:
        return _open(torch, nvml, index)
    except nvml.NVMLError as error:
        raise NoGpuError(f"GPU {index} cannot be read through NVML ({error})") from error


def _open(torch: Any, nvml: Any, index: int) -> Machine:
    # CUDA_VISIBLE_DEVICES renumbers for PyTorch and not for NVML; only the UUID names the same board to both.
    uuid = str(getattr(torch.cuda.get_device_properties(index), "uuid", ""))
    if not uuid:
        raise NoGpuError(f"PyTorch {torch.__version__} is too old to tell which board it uses: {INSTALL}")
    handle = nvml.nvmlDeviceGetHandleByUUID(uuid if uuid.startswith("GPU-") else f"GPU-{uuid}")
    if mode := gpu_counter.answer(nvml, lambda: nvml.nvmlDeviceGetMigMode(handle)[0]):
        raise NoGpuError(f"GPU {index} is divided (MIG mode {mode}): its counter is that of the whole board")
    torch.cuda.set_device(index)
    counter = NvmlCounter(nvml, handle)
    # The context is made here, so that "idle" is the same idle before the first kernel as after the last.
    torch.zeros(1, device=f"cuda:{index}")

    def mark() -> Callable[[], bool]:
        event = torch.cuda.Event()
        event.record()
        return event.query

    return Machine(Bench(counter, mark), torch, f"cuda:{index}", _chip(torch, nvml, handle, index, counter))


def _chip(torch: Any, nvml: Any, handle: Any, index: int, counter: NvmlCounter) -> dict[str, Any]:
    properties = torch.cuda.get_device_properties(index)
    asked: dict[str, Callable[[], Any]] = {
        "name": lambda: _text(nvml.nvmlDeviceGetName(handle)),
        "driver": lambda: _text(nvml.nvmlSystemGetDriverVersion()),
        "tdp_w": lambda: nvml.nvmlDeviceGetPowerManagementDefaultLimit(handle) / 1e3,
        "power_limit_w": lambda: nvml.nvmlDeviceGetPowerManagementLimit(handle) / 1e3,
        "largest_sm_clock_mhz": lambda: nvml.nvmlDeviceGetMaxClockInfo(handle, nvml.NVML_CLOCK_SM),
        "largest_memory_clock_mhz": lambda: nvml.nvmlDeviceGetMaxClockInfo(handle, nvml.NVML_CLOCK_MEM),
        "others": lambda: max(0, len(nvml.nvmlDeviceGetComputeRunningProcesses(handle)) - 1),
    }
    chip = {name: value for name, ask in asked.items() if (value := gpu_counter.answer(nvml, ask)) is not None}
    return {
        **{"name": properties.name, "others": 0, **chip},
        "compute_capability": f"{properties.major}.{properties.minor}",
        "processors": properties.multi_processor_count,
        "memory_bytes": properties.total_memory,
        "l2_cache_bytes": getattr(properties, "L2_cache_size", None),
        "cuda": torch.version.cuda,
        "torch": torch.__version__,
        "method": counter.method,
        "counted": counter.method.startswith("NVML total"),
        "date": datetime.date.today().isoformat(),
    }


def _text(name: str | bytes) -> str:
    # Older bindings give bytes.
    return name.decode() if isinstance(name, bytes) else name


def measure_all(
    machine: Machine,
    kernels: Sequence[Kernel],
    seconds: float,
    warm_up_s: float,
    repeats: int,
    say: Callable[[str], None],
) -> tuple[list[Result], dict[str, str]]:
    """Measure every kernel once per round, so that the spread holds what changes over minutes; stop when asked to."""
    found: dict[str, list[Repeat]] = {kernel.key: [] for kernel in kernels}
    left_out: dict[str, str] = {}
    try:
        for number in range(1, repeats + 1):
            for kernel in kernels:
                if kernel.key in left_out:
                    continue
                say(f"round {number} of {repeats}: {kernel.key}")
                try:
                    found[kernel.key].append(_once(machine, kernel, seconds, warm_up_s))
                except NOT_HERE as error:
                    left_out[kernel.key] = _reason(error)
                    say(f"  left out: {left_out[kernel.key]}")
    except KeyboardInterrupt:
        say("stopped; what was measured until now is kept")
    results = [Result(kernel, tuple(found[kernel.key])) for kernel in kernels if found[kernel.key]]
    return results, left_out


def _once(machine: Machine, kernel: Kernel, seconds: float, warm_up_s: float) -> Repeat:
    machine.free()
    if kernel.build is None:
        return gpu_counter.measure_idle(machine.bench, seconds, max(SETTLE_S, warm_up_s))
    launch = kernel.build(machine.torch, machine.device)
    launches = gpu_counter.launches_per_batch(machine.bench, launch)
    return gpu_counter.measure(machine.bench, launch, launches, seconds, warm_up_s)


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__


def chosen(kernels: Sequence[Kernel], only: str | None) -> list[Kernel]:
    """Give the kernels named, or else those whose names begin so; all where no word is given."""
    if only is None:
        return list(kernels)
    wanted: set[str] = set()
    names = [kernel.key for kernel in kernels]
    for word in only.split(","):
        # A whole name is that kernel alone: decode-1 does not mean decode-128 too.
        matched = [word] if word in names else [name for name in names if word and name.startswith(word)]
        if not matched:
            raise argparse.ArgumentTypeError(f"no kernel begins with {word!r}; there are {', '.join(names)}")
        wanted.update(matched)
    return [kernel for kernel in kernels if kernel.key in wanted]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.measure_gpu",
        description="Measure the energy per FLOP and per byte of an NVIDIA GPU with its own energy counter.",
    )
    parser.add_argument("--seconds", type=_positive(float), default=3.0, help="length of a window [s], default 3")
    parser.add_argument("--warm-up", type=_positive(float), default=1.5, help="run before a window [s], default 1.5")
    parser.add_argument("--repeats", type=_positive(int), default=3, help="rounds over all kernels, default 3")
    parser.add_argument("--device", type=int, default=0, help="number of the GPU as PyTorch counts, default 0")
    parser.add_argument("--output", type=Path, help="CSV file of rows; the JSON file stands beside it")
    parser.add_argument("--only", help="kernels by the beginnings of their names, as in idle,matmul-bf16,copy")
    return parser


def _positive(kind: type[float] | type[int]) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if not 0 < value < 1e6:
            raise argparse.ArgumentTypeError(f"{text} is not a positive number")
        return value

    return number


def main(arguments: Sequence[str] | None = None, open_gpu: Callable[[int], Machine] = open_machine) -> int:
    """Measure, print, write; give the exit code: 2 where there is no GPU to measure, 1 where nothing could be."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        kernels = chosen(all_kernels(), options.only)
    except argparse.ArgumentTypeError as error:
        parser.error(str(error))
    try:
        machine = open_gpu(options.device)
    except NoGpuError as error:
        print(error, file=sys.stderr)
        return 2
    chip = {**machine.chip, "window_s": options.seconds, "warm_up_s": options.warm_up}
    if chip.get("others"):
        print("other programs run on this GPU; their energy is in every figure", file=sys.stderr)
    name = gpu_report.slug(f"own {chip['name']} {chip['date']}")
    output = options.output or Path(f"{name}.csv")
    # Before the minutes of measuring, not after: a folder that cannot be made is known now.
    output.parent.mkdir(parents=True, exist_ok=True)
    results, left_out = measure_all(
        machine,
        kernels,
        options.seconds,
        options.warm_up,
        int(options.repeats),
        lambda line: print(line, file=sys.stderr, flush=True),
    )
    print(f"{chip['name']}, driver {chip.get('driver')}, CUDA {chip.get('cuda')}, PyTorch {chip.get('torch')}")
    print(f"{chip.get('method')}; TDP {chip.get('tdp_w')} W, limit {chip.get('power_limit_w')} W; {chip['date']}")
    print(gpu_report.table(results, chip.get("tdp_w")))
    for key, reason in left_out.items():
        print(f"left out: {key}: {reason}")
    everything = json.dumps(gpu_report.whole(results, left_out, chip), indent=1)
    output.with_suffix(".json").write_text(everything + "\n", encoding="utf-8")
    output.write_text(gpu_report.csv_text(gpu_report.rows(results, chip)), encoding="utf-8")
    print(f"rows: {output}; everything: {output.with_suffix('.json')}")
    return 0 if results else 1


if __name__ == "__main__":
    sys.exit(main())
