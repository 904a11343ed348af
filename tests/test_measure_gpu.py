"""The GPU benchmark measures rightly what a made-up GPU does, so that a real one may be believed."""

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from benchmarks import gpu_counter, gpu_kernels, gpu_report, measure_gpu
from benchmarks.gpu_counter import Bench, CounterError, NvmlCounter, Repeat
from benchmarks.gpu_kernels import IDLE, Kernel, all_kernels
from benchmarks.gpu_report import Result
from benchmarks.measure_gpu import Machine, NoGpuError, main
from efficiency.cases import read_cases
from efficiency.predict import predict

ROOT = Path(__file__).resolve().parent.parent
# Seconds and millijoules as read every 50 ms from a counter that moves every 100 ms, 500 W, and overflows on the way.
RECORDED = [
    *((0.00, 4294617290), (0.05, 4294617290), (0.10, 4294667290), (0.15, 4294667290), (0.20, 4294717290)),
    *((0.25, 4294717290), (0.30, 4294767290), (0.35, 4294767290), (0.40, 4294817290), (0.45, 4294817290)),
    *((0.50, 4294867290), (0.55, 4294867290), (0.60, 4294917290), (0.65, 4294917290), (0.70, 4294967290)),
    *((0.75, 4294967290), (0.80, 49994), (0.85, 49994), (0.90, 99994), (0.95, 99994), (1.00, 149994)),
    *((1.05, 149994), (1.10, 199994), (1.15, 199994), (1.20, 249994), (1.25, 249994)),
]


class FakeGpu:
    """A GPU in a time of its own: a queue, a power while it works and one while not, a counter that moves in steps."""

    method = "NVML total energy counter"
    idle_w = 80.0

    def __init__(self, step_s: float = 0.1, bits: int = 64, start_mj: float = 0.0) -> None:
        self.step_s, self.bits = step_s, bits
        self.time_s = self.free_at_s = 0.0
        self.energy_mj = self.shown_mj = start_mj
        self.busy_w = 500.0
        self.launch_s = 1e-3
        self.next_step_s = step_s

    def advance(self, seconds: float) -> None:
        end_s = self.time_s + seconds
        while self.time_s < end_s:
            until_s = min(end_s, self.next_step_s)
            busy_s = min(max(self.free_at_s - self.time_s, 0.0), until_s - self.time_s)
            self.energy_mj += 1e3 * (busy_s * self.busy_w + (until_s - self.time_s - busy_s) * self.idle_w)
            self.time_s = until_s
            if until_s == self.next_step_s:
                self.shown_mj = self.energy_mj
                self.next_step_s += self.step_s

    def launch(self) -> None:
        self.advance(2e-6)
        self.free_at_s = max(self.free_at_s, self.time_s) + self.launch_s

    def mark(self) -> Callable[[], bool]:
        end_s = self.free_at_s

        def is_done() -> bool:
            self.advance(1e-6)
            return self.time_s >= end_s

        return is_done

    def read_mj(self) -> float:
        self.advance(2e-5)
        return int(self.shown_mj) % 2**self.bits

    def state(self) -> dict[str, float | str]:
        return {"sm_clock_mhz": 1980, "held_back_by": "power limit" if self.free_at_s > self.time_s else ""}

    def bench(self) -> Bench:
        return Bench(self, self.mark, lambda: self.time_s, self.advance)

    def kernel(self, key: str, busy_w: float, launch_s: float, **work: float) -> Kernel:
        def build(torch: Any, device: str) -> Callable[[], object]:
            self.busy_w, self.launch_s = busy_w, launch_s
            return self.launch

        return Kernel(key, f"a made-up {key}", "bf16", 16, build, **work)

    def machine(self) -> Machine:
        chip = {"name": "NVIDIA Made-up 1", "driver": "1.2", "cuda": "13.2", "torch": "2.15.0", "tdp_w": 700.0}
        known = {"method": self.method, "counted": True, "others": 0, "date": "2026-11-22"}
        return Machine(self.bench(), None, "cuda:0", chip | known)


def test_a_recorded_counter_gives_its_power_across_an_overflow() -> None:
    power_w, steps = gpu_counter.steady_power(RECORDED)
    assert power_w == pytest.approx(500.0, rel=1e-9)
    assert steps == 11


def test_where_a_window_lies_between_steps_does_not_matter() -> None:
    window = RECORDED[1:25]
    naive_w = gpu_counter.step_mj(window[0][1], window[-1][1]) / 1e3 / (window[-1][0] - window[0][0])
    assert naive_w > 1.04 * 500, "reading at either end alone is wrong by a part of a step"
    assert gpu_counter.steady_power(window)[0] == pytest.approx(500.0, rel=1e-9)


@pytest.mark.parametrize(
    ("earlier", "later", "step"),
    [(5, 5, 0), (5, 9, 4), (2**32 - 3, 7, 10), (2.0**64 - 4096, 4096.0, 8192)],
)
def test_a_step_across_an_overflow(earlier: float, later: float, step: float) -> None:
    assert gpu_counter.step_mj(earlier, later) == step


def test_a_counter_that_goes_back_is_refused() -> None:
    with pytest.raises(CounterError, match="went back from 5000 to 10 mJ"):
        gpu_counter.step_mj(5000, 10)


def test_a_counter_that_hardly_moves_is_refused() -> None:
    with pytest.raises(CounterError, match="moved 6 times, fewer than 11; more --seconds"):
        gpu_counter.steady_power(RECORDED[:13])
    with pytest.raises(CounterError, match="moved 0 times"):
        gpu_counter.steady_power([(0.0, 7.0), (1.0, 7.0)])


@pytest.mark.parametrize("launch_s", [4e-6, 1e-3, 0.03, 0.1])
@pytest.mark.parametrize("step_s", [0.02, 0.1, 0.137])
def test_power_and_rate_are_those_of_the_kernel(launch_s: float, step_s: float) -> None:
    gpu = FakeGpu(step_s, bits=32, start_mj=2**32 - 1.2e6)
    gpu.launch_s = launch_s
    launches = gpu_counter.launches_per_batch(gpu.bench(), gpu.launch)
    assert launches * launch_s == pytest.approx(max(launch_s, gpu_counter.BATCH_S), rel=0.35)
    repeat = gpu_counter.measure(gpu.bench(), gpu.launch, launches, seconds=3, warm_up_s=0.5)
    assert repeat.power_w == pytest.approx(500.0, rel=0.005)
    assert repeat.launches_per_s == pytest.approx(1 / launch_s, rel=0.005)
    assert repeat.window_s == pytest.approx(3, rel=0.1)
    assert repeat.state["held_back_by"] == "power limit", "asked while the kernel still ran"
    assert gpu.free_at_s <= gpu.time_s, "nothing is left in the queue for the next kernel"


def test_a_window_too_short_for_its_launches_is_refused() -> None:
    gpu = FakeGpu()
    gpu.launch_s = 0.5
    with pytest.raises(CounterError, match="batches of launches ended"):
        gpu_counter.measure(gpu.bench(), gpu.launch, 1, seconds=3, warm_up_s=0.5)


def test_idle_is_the_power_without_work() -> None:
    gpu = FakeGpu()
    gpu.launch()
    repeat = gpu_counter.measure_idle(gpu.bench(), seconds=3, settle_s=1)
    assert repeat.power_w == pytest.approx(gpu.idle_w, rel=0.005)
    assert repeat.launches_per_s == 0


def a_result(*power_w: float) -> Result:
    kernel = Kernel("k", "a kernel", "bf16", 16, lambda torch, device: lambda: None, flop=2e12, moved_bytes=1e9)
    return Result(kernel, tuple(Repeat(power, 250.0, 3.0, 30) for power in power_w))


def test_energy_per_unit_of_work_with_its_spread() -> None:
    result = a_result(500, 480, 530)
    per_flop, per_byte = result.energy_pj(2e12), result.energy_pj(1e9, idle_w=100)
    assert per_flop is not None and per_byte is not None
    # 500 W over 250 launches a second of 2 TFLOP each: 500 TFLOP/s, hence 1 pJ each.
    assert (per_flop.median, per_flop.low, per_flop.high) == pytest.approx((1.0, 0.96, 1.06))
    assert (per_byte.median, per_byte.low, per_byte.high) == pytest.approx((1600, 1520, 1720))
    assert result.energy_pj(0) is None
    assert str(per_flop) == "1 (0.96 to 1.06)"


def test_the_table_says_what_was_measured() -> None:
    idle = Result(IDLE, (Repeat(100.0, 0.0, 3.0, 30),))
    header, first, second = gpu_report.table([idle, a_result(500)], tdp_w=1000).splitlines()
    assert "pJ/FLOP" in header
    assert first.split() == ["idle", "100.0", "10%"]
    assert "500 TFLOP/s, 250 GB/s" in second
    assert second.split()[-11:] == ["50%", "1", "(1", "to", "1)", "0.8", "2000", "(2000", "to", "2000)", "1600"]


def run(gpu: FakeGpu, kernels: list[Kernel], output: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr(measure_gpu, "all_kernels", lambda: tuple(kernels))
    return main(["--output", str(output), *options], open_gpu=lambda index: gpu.machine())


def kernels_of(gpu: FakeGpu) -> list[Kernel]:
    def lacking(torch: Any, device: str) -> Callable[[], object]:
        raise RuntimeError("FP8 needs a newer chip\nand a long trace")

    return [
        IDLE,
        gpu.kernel("matmul-bf16", 600.0, 1e-3, flop=1e12),
        gpu.kernel("copy-64MiB", 350.0, 2e-5, moved_bytes=2.0**26),
        gpu.kernel("decode-8", 400.0, 5e-4, flop=2e10, moved_bytes=2e9, batch=8),
        Kernel("matmul-fp8", "a product", "fp8", 8, lacking, flop=1e12),
    ]


def test_a_run_writes_rows_that_are_cases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gpu = FakeGpu()
    output = tmp_path / "new" / "own.csv"
    assert run(gpu, kernels_of(gpu), output, monkeypatch, "--seconds", "2", "--repeats", "2") == 0
    cases = read_cases(output)
    assert cases.family == ("own_gpu",) * 5
    assert cases.scope == ("gpu",) * 5
    assert len(set(cases.id)) == 5
    assert cases.gpu[0] == "NVIDIA Made-up 1"
    found = dict(zip(zip(cases.model, cases.unit, strict=True), cases.value, strict=True))
    assert found == pytest.approx(
        {
            ("idle", "W"): 80.0,
            ("matmul-bf16", "pJ/FLOP"): 0.6,
            ("copy-64MiB", "pJ/byte"): 350 * 2e-5 / 2**26 * 1e12,
            ("decode-8", "pJ/FLOP"): 10.0,
            ("decode-8", "pJ/byte"): 100.0,
        },
        rel=0.01,
    )
    assert cases.batch[3] == 8
    for words in ("driver 1.2", "2026-11-22", "2 repeats", "86% of TDP 700 W", "held back by power limit"):
        assert words in cases.note[1]
    shown = capsys.readouterr()
    assert "left out: matmul-fp8: RuntimeError: FP8 needs a newer chip\n" in shown.out
    assert "round 2 of 2: matmul-bf16" in shown.err
    assert shown.err.count("matmul-fp8\n") == 1, "what a chip lacks is tried once"


def test_the_model_takes_the_rows_and_says_where_it_cannot_predict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpu = FakeGpu()
    run(gpu, kernels_of(gpu), tmp_path / "own.csv", monkeypatch, "--repeats", "1")
    cases = read_cases(tmp_path / "own.csv")
    for given in (False, True):
        prediction = predict(cases, given)
        for predicted, why_not in zip(prediction.predicted, prediction.why_not, strict=True):
            assert (predicted > 0) != bool(why_not), "a figure or a reason, never neither"


def test_a_run_writes_everything_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = FakeGpu()
    assert run(gpu, kernels_of(gpu), tmp_path / "own.csv", monkeypatch, "--repeats", "2", "--seconds", "2.5") == 0
    whole = json.loads((tmp_path / "own.json").read_text(encoding="utf-8"))
    assert whole["chip"]["driver"] == "1.2"
    assert whole["chip"]["window_s"] == 2.5
    assert whole["left_out"] == {"matmul-fp8": "RuntimeError: FP8 needs a newer chip"}
    product = whole["results"][1]
    assert product["kernel"]["key"] == "matmul-bf16"
    assert len(product["repeats"]) == 2
    assert product["repeats"][0]["state"]["sm_clock_mhz"] == 1980
    assert product["found"]["pj_per_flop_above_idle"]["median"] == pytest.approx(0.52, rel=0.01)
    assert product["found"]["flop_per_s"] == pytest.approx(1e15, rel=0.01)


def test_only_some_kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = FakeGpu()
    assert run(gpu, kernels_of(gpu), tmp_path / "own.csv", monkeypatch, "--only", "copy,decode", "--repeats", "1") == 0
    assert set(read_cases(tmp_path / "own.csv").model) == {"copy-64MiB", "decode-8"}


def test_a_run_that_is_stopped_keeps_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = FakeGpu()

    def stop(torch: Any, device: str) -> Callable[[], object]:
        raise KeyboardInterrupt

    kernels = [gpu.kernel("matmul-bf16", 600.0, 1e-3, flop=1e12), Kernel("later", "", "", 0, stop)]
    assert run(gpu, kernels, tmp_path / "own.csv", monkeypatch) == 0
    assert read_cases(tmp_path / "own.csv").model == ("matmul-bf16",)


def test_a_run_in_which_nothing_could_be_measured_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = FakeGpu(step_s=5.0)
    kernels = [gpu.kernel("matmul-bf16", 600.0, 1e-3, flop=1e12)]
    assert run(gpu, kernels, tmp_path / "own.csv", monkeypatch) == 1
    assert "moved" in json.loads((tmp_path / "own.json").read_text(encoding="utf-8"))["left_out"]["matmul-bf16"]


def test_a_kernel_is_chosen_by_its_name_or_its_beginning() -> None:
    every = all_kernels()
    assert [kernel.key for kernel in measure_gpu.chosen(every, "decode-1,idle")] == ["idle", "decode-1"]
    assert len(measure_gpu.chosen(every, "decode")) == 9
    assert len(measure_gpu.chosen(every, None)) == len(every)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--only", "coffee"], "no kernel begins with 'coffee'; there are idle,"),
        (["--only", ""], "no kernel begins with ''"),
        (["--seconds", "0"], "argument --seconds: 0 is not a positive number"),
        (["--repeats", "1.5"], "argument --repeats"),
    ],
)
def test_an_option_that_means_nothing_is_refused(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(options, open_gpu=lambda index: pytest.fail("measured all the same"))
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def fake_nvml(**functions: Any) -> ModuleType:
    nvml = ModuleType("pynvml")
    error = type("NVMLError", (Exception,), {})

    def missing(*arguments: object) -> None:
        raise error("Not Supported")

    names = ("NVML_FI_DEV_POWER_INSTANT", "NVML_CLOCK_SM", "NVML_CLOCK_MEM", "NVML_TEMPERATURE_GPU", "NVML_SUCCESS")
    vars(nvml).update(dict.fromkeys(names, 0), NVMLError=error, nvmlInit=lambda: None)
    for name in ("TotalEnergyConsumption", "FieldValues", "PowerUsage", "ClockInfo", "Temperature", "MigMode"):
        setattr(nvml, f"nvmlDeviceGet{name}", missing)
    vars(nvml).update({f"nvmlDeviceGet{name}": function for name, function in functions.items()})
    return nvml


def test_the_energy_counter_is_read_where_there_is_one() -> None:
    counter = NvmlCounter(fake_nvml(TotalEnergyConsumption=lambda handle: 1234), "board")
    assert counter.method == "NVML total energy counter"
    assert counter.read_mj() == 1234


def test_power_is_integrated_where_there_is_no_energy_counter() -> None:
    times = iter([0.0, 1.0, 3.0])
    power_mw = iter([0, 100_000, 200_000, 400_000])
    counter = NvmlCounter(fake_nvml(PowerUsage=lambda handle: next(power_mw)), "board", lambda: next(times))
    assert "no energy counter" in counter.method
    # 100 to 200 W over one second, then 200 to 400 W over two.
    assert [counter.read_mj() for _ in range(3)] == [0, 150_000, 750_000]


def test_the_instant_power_is_preferred_to_the_smoothed() -> None:
    field = SimpleNamespace(nvmlReturn=0, value=SimpleNamespace(uiVal=300_000))
    nvml = fake_nvml(FieldValues=lambda handle, fields: [field], PowerUsage=lambda handle: 100_000)
    assert NvmlCounter(nvml, "board").state() == {"power_sensor_w": 300.0}


def test_a_gpu_that_falls_silent_ends_its_kernel_not_the_run() -> None:
    nvml = fake_nvml(TotalEnergyConsumption=lambda handle: 1)
    counter = NvmlCounter(nvml, "board")

    def lost(handle: object) -> int:
        raise nvml.NVMLError("GPU is lost")

    nvml.nvmlDeviceGetTotalEnergyConsumption = lost
    with pytest.raises(CounterError, match="GPU is lost"):
        counter.read_mj()


def test_what_holds_a_gpu_back_is_said_in_words() -> None:
    nvml = fake_nvml(PowerUsage=lambda handle: 1, CurrentClocksThrottleReasons=lambda handle: 0x4 | 0x20)
    assert NvmlCounter(nvml, "board").state()["held_back_by"] == "power limit, temperature"


def fake_torch(available: bool = True, uuid: str = "1-2") -> ModuleType:
    torch = ModuleType("torch")
    properties = SimpleNamespace(uuid=uuid, name="Made-up", major=9, minor=0, multi_processor_count=2, total_memory=1)
    cuda = SimpleNamespace(
        is_available=lambda: available,
        device_count=lambda: 1,
        get_device_properties=lambda index: properties,
        set_device=lambda index: None,
    )
    version = SimpleNamespace(cuda="13.2")
    vars(torch).update(cuda=cuda, version=version, __version__="2.15.0", zeros=lambda size, device: None)
    return torch


def no_driver() -> ModuleType:
    nvml = fake_nvml()

    def absent() -> None:
        raise nvml.NVMLError("Shared Library Not Found")

    vars(nvml).update(nvmlInit=absent)
    return nvml


DIVIDED = {"HandleByUUID": lambda uuid: uuid, "MigMode": lambda handle: [1, 1]}


@pytest.mark.parametrize(
    ("torch", "nvml", "device", "message"),
    [
        (None, fake_nvml(), "0", "PyTorch is not installed: pip install -r benchmarks/requirements-gpu.txt"),
        (fake_torch(), None, "0", "nvidia-ml-py is not installed: pip install -r benchmarks/requirements-gpu.txt"),
        (fake_torch(), no_driver(), "0", "no NVIDIA GPU: its driver does not answer (Shared Library Not Found)"),
        (fake_torch(available=False), fake_nvml(), "0", "no NVIDIA GPU that PyTorch can use"),
        (fake_torch(), fake_nvml(), "3", "no GPU 3: PyTorch sees 1, counted from 0"),
        (fake_torch(uuid=""), fake_nvml(), "0", "PyTorch 2.15.0 is too old"),
        (fake_torch(), fake_nvml(**DIVIDED), "0", "GPU 0 is divided (MIG mode 1)"),
        (fake_torch(), fake_nvml(HandleByUUID=lambda uuid: uuid), "0", "GPU 0 cannot be read through NVML"),
    ],
    ids=["no torch", "no nvml", "no driver", "no CUDA", "no such GPU", "old torch", "MIG", "no power"],
)
def test_without_a_gpu_one_line_says_what_is_missing(
    torch: ModuleType | None,
    nvml: ModuleType | None,
    device: str,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    assert main(["--device", device]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(message)
    assert shown.err.count("\n") == 1
    assert not shown.out


def test_a_gpu_is_opened_by_the_board_that_pytorch_means(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    nvml = fake_nvml(
        HandleByUUID=lambda uuid: asked.append(uuid) or "board",
        TotalEnergyConsumption=lambda handle: 5,
        PowerManagementDefaultLimit=lambda handle: 700_000,
        Name=lambda handle: b"NVIDIA Made-up",
    )
    monkeypatch.setitem(sys.modules, "torch", fake_torch(uuid="1-2"))
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    machine = measure_gpu.open_machine(0)
    assert asked == ["GPU-1-2"]
    assert machine.chip["name"] == "NVIDIA Made-up"
    assert machine.chip["tdp_w"] == 700.0
    assert machine.chip["compute_capability"] == "9.0"
    assert machine.chip["counted"]
    assert "driver" not in machine.chip, "what a board does not tell is not made up"


def test_the_kernels_are_those_promised() -> None:
    every = all_kernels()
    keys = [kernel.key for kernel in every]
    assert len(set(keys)) == len(keys)
    assert keys[0] == "idle"
    assert {f"matmul-{name}" for name in ("fp64", "fp32", "tf32", "bf16", "fp8", "int8")} < set(keys)
    assert {f"matmul-{name}-2:4" for name in ("bf16", "fp8", "int8")} < set(keys)
    assert [kernel.batch for kernel in every if kernel.batch] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert all(kernel.flop or kernel.moved_bytes for kernel in every if kernel.build)
    for kernel in every:
        if kernel.key.startswith("read"):
            assert kernel.moved_bytes >= min(256, kernel.working_set_mib or 0) * 2**20, "no launch is too short"


def test_the_work_of_a_decode_step_is_that_of_its_matrices() -> None:
    one, most = (next(k for k in all_kernels() if k.key == f"decode-{batch}") for batch in (1, 256))
    weights = gpu_kernels.SIZE**2 * gpu_kernels.DECODE_LAYERS
    assert one.flop == 2 * weights
    assert most.flop == 256 * one.flop
    assert one.moved_bytes == pytest.approx(2 * weights, rel=1e-3)
    assert most.moved_bytes < 1.1 * one.moved_bytes, "weights are read once for the whole batch"


def test_rows_have_the_columns_of_the_shipped_cases() -> None:
    shipped = ROOT / "efficiency" / "data" / "measured" / "cases.csv"
    with shipped.open(encoding="utf-8", newline="") as file:
        assert tuple(next(csv.reader(file))) == gpu_report.COLUMNS


def test_a_table_of_nothing_is_still_a_table() -> None:
    text = gpu_report.csv_text([])
    assert tuple(next(csv.reader(io.StringIO(text)))) == gpu_report.COLUMNS


def test_what_it_needs_is_pinned_apart_from_the_app() -> None:
    pinned = (ROOT / "benchmarks" / "requirements-gpu.txt").read_text(encoding="utf-8")
    assert "nvidia-ml-py==" in pinned
    assert "torch==" in pinned
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert "torch" not in (ROOT / name).read_text(encoding="utf-8")


def test_an_error_of_ours_is_not_taken_for_a_missing_kernel() -> None:
    assert not issubclass(NoGpuError, measure_gpu.NOT_HERE)
    assert issubclass(CounterError, measure_gpu.NOT_HERE), "one kernel's readings do not end the run"
