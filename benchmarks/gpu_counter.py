"""A GPU's energy counter, and what is measured with it while a kernel runs over and over.

A counter moves in steps, some milliseconds apart and at nobody's call, so reading it before and after a run is wrong
by up to a step at either end. Here a kernel is kept running in a steady state: power is taken from the first step in
the window to the last, the rate from the first batch of launches that ended to the last; energy is their ratio.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Protocol

Launch = Callable[[], object]
Done = Callable[[], bool]

FEWEST_STEPS: Final = 10
"""Steps of the counter, or batches of launches, in a window that can be trusted to a few per cent."""
BATCH_S: Final = 0.02
"""Time of the launches queued at once: long against a launch, short against a window."""
QUEUED: Final = 2
"""Batches in the queue, so that the GPU never waits for this program."""
POLL_S: Final = 1e-3
LARGEST_STEP_MJ: Final = 1e7
"""No board draws 10 kJ between two readings of one window; a larger step back is no overflow."""
COUNTER_BITS: Final = (32, 64)
HELD_BACK_BY: Final = {0x4: "power limit", 0x8: "hardware slowdown", 0x20: "temperature", 0x40: "temperature, hardware"}


class CounterError(RuntimeError):
    """Readings from which no energy follows; the message says why."""


class Counter(Protocol):
    """What measuring needs of a GPU's sensors."""

    method: str

    def read_mj(self) -> float:
        """Give the energy since some moment [mJ]."""

    def state(self) -> Mapping[str, float | str]:
        """Give clocks, temperature and what holds the GPU back."""


@dataclass(frozen=True)
class Repeat:
    """One window in which one kernel ran steadily."""

    power_w: float
    launches_per_s: float
    window_s: float
    steps: int
    state: Mapping[str, float | str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Bench:
    """A counter, a queue of launches and a clock.

    ``mark`` puts a mark into the queue and gives the question whether everything before it is done.
    """

    counter: Counter
    mark: Callable[[], Done]
    now: Callable[[], float] = time.perf_counter
    sleep: Callable[[float], None] = time.sleep


def step_mj(earlier: float, later: float) -> float:
    """Energy between two readings [mJ], also across an overflow of the counter."""
    if later >= earlier:
        return later - earlier
    for bits in COUNTER_BITS:
        step = later - earlier + 2**bits
        if 0 <= step <= LARGEST_STEP_MJ:
            return step
    raise CounterError(f"the energy counter went back from {earlier:.0f} to {later:.0f} mJ; was the driver reloaded?")


def steady_power(readings: Iterable[tuple[float, float]]) -> tuple[float, int]:
    """Mean power [W] from the counter's first step to its last, and the number of steps between.

    Readings are (time [s], counter [mJ]). The first is no step: how long the counter stood there is not known.
    """
    first = last = 0.0
    energy_mj, steps, before = 0.0, -1, None
    for moment, reading in readings:
        if before is not None and reading != before:
            step = step_mj(before, reading)
            steps += 1
            if steps == 0:
                first = moment
            else:
                energy_mj += step
            last = moment
        before = reading
    if steps < FEWEST_STEPS:
        raise CounterError(f"the energy counter moved {steps + 1} times, fewer than {FEWEST_STEPS + 1}; more --seconds")
    return energy_mj / 1e3 / (last - first), steps


def launches_per_batch(bench: Bench, launch: Launch) -> int:
    """Launches that take about `BATCH_S`; the first launch ever may compile and is not timed."""
    _until_done(bench, launch, 1)
    elapsed_s = _until_done(bench, launch, 1)
    for rounds in (10, 100):
        if elapsed_s > BATCH_S / 4:
            break
        elapsed_s = _until_done(bench, launch, rounds) / rounds
    return max(1, round(BATCH_S / elapsed_s))


def _until_done(bench: Bench, launch: Launch, launches: int) -> float:
    start = bench.now()
    for _ in range(launches):
        launch()
    done = bench.mark()
    while not done():
        # No sleep: a single launch can be shorter than the shortest sleep there is.
        pass
    return bench.now() - start


def measure(bench: Bench, launch: Launch, launches: int, seconds: float, warm_up_s: float) -> Repeat:
    """Run a kernel steadily for the warm-up and then for the window; give the window's power and rate."""
    pending: deque[Done] = deque()
    _run(bench, launch, launches, warm_up_s, pending)
    readings, ended, state = _run(bench, launch, launches, seconds, pending)
    while pending:
        if pending[0]():
            pending.popleft()
        else:
            bench.sleep(POLL_S)
    power_w, steps = steady_power(readings)
    if len(ended) <= FEWEST_STEPS:
        raise CounterError(f"{len(ended)} batches of launches ended, fewer than {FEWEST_STEPS + 1}; more --seconds")
    rate = (len(ended) - 1) * launches / (ended[-1] - ended[0])
    return Repeat(power_w, rate, readings[-1][0] - readings[0][0], steps, state)


def measure_idle(bench: Bench, seconds: float, settle_s: float) -> Repeat:
    """Power with nothing queued, once the last kernel's heat and clocks have settled."""
    bench.sleep(settle_s)
    readings: list[tuple[float, float]] = []
    start = bench.now()
    while not readings or readings[-1][0] - start < seconds:
        readings.append((bench.now(), bench.counter.read_mj()))
        bench.sleep(10 * POLL_S)
    power_w, steps = steady_power(readings)
    return Repeat(power_w, 0.0, readings[-1][0] - start, steps, bench.counter.state())


def _run(
    bench: Bench, launch: Launch, launches: int, seconds: float, pending: deque[Done]
) -> tuple[list[tuple[float, float]], list[float], Mapping[str, float | str]]:
    readings: list[tuple[float, float]] = []
    ended: list[float] = []
    start = bench.now()
    while True:
        while pending and pending[0]():
            pending.popleft()
            ended.append(bench.now())
        while len(pending) < QUEUED:
            for _ in range(launches):
                launch()
            pending.append(bench.mark())
        reading = bench.counter.read_mj()
        readings.append((bench.now(), reading))
        if readings[-1][0] - start >= seconds:
            # Asked while the queue still holds work, so that these are the clocks of the kernel.
            return readings, ended, bench.counter.state()
        bench.sleep(POLL_S)


class NvmlCounter:
    """The sensors of one NVIDIA GPU; its power integrated over time where it has no energy counter."""

    def __init__(self, nvml: Any, handle: Any, now: Callable[[], float] = time.perf_counter) -> None:
        self._nvml, self._handle, self._now = nvml, handle, now
        self._energy_mj = 0.0
        self._before: tuple[float, float] | None = None
        try:
            nvml.nvmlDeviceGetTotalEnergyConsumption(handle)
            self._has_counter = True
            self.method = "NVML total energy counter"
        except nvml.NVMLError:
            self._power_mw()
            self._has_counter = False
            self.method = "NVML power, integrated: this GPU has no energy counter"

    def read_mj(self) -> float:
        """Give the energy since some moment [mJ]."""
        try:
            if self._has_counter:
                return float(self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle))
            moment, power_mw = self._now(), self._power_mw()
        except self._nvml.NVMLError as error:
            raise CounterError(f"the GPU stopped telling its energy ({error})") from error
        if self._before is not None:
            self._energy_mj += (moment - self._before[0]) * (power_mw + self._before[1]) / 2
        self._before = (moment, power_mw)
        return self._energy_mj

    def _power_mw(self) -> float:
        # The instant field is not smoothed over a second, as the power reading of recent boards is.
        nvml = self._nvml
        try:
            value = nvml.nvmlDeviceGetFieldValues(self._handle, [nvml.NVML_FI_DEV_POWER_INSTANT])[0]
            if value.nvmlReturn == nvml.NVML_SUCCESS and value.value.uiVal > 0:
                return float(value.value.uiVal)
        except (nvml.NVMLError, AttributeError):
            pass
        return float(nvml.nvmlDeviceGetPowerUsage(self._handle))

    def state(self) -> dict[str, float | str]:
        """Give clocks, temperature, the power sensor beside the counter, and what holds the GPU back."""
        nvml, handle = self._nvml, self._handle
        asked: dict[str, Callable[[], float | str]] = {
            "sm_clock_mhz": lambda: nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_SM),
            "memory_clock_mhz": lambda: nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_MEM),
            "temperature_c": lambda: nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU),
            "power_sensor_w": lambda: self._power_mw() / 1e3,
            "held_back_by": self._held_back_by,
        }
        return {name: value for name, ask in asked.items() if (value := answer(nvml, ask)) is not None}

    def _held_back_by(self) -> str:
        nvml = self._nvml
        ask = getattr(nvml, "nvmlDeviceGetCurrentClocksEventReasons", None)
        reasons = (ask or nvml.nvmlDeviceGetCurrentClocksThrottleReasons)(self._handle)
        return ", ".join(words for bit, words in HELD_BACK_BY.items() if reasons & bit)


def answer(nvml: Any, ask: Callable[[], Any]) -> Any:
    """Ask a sensor; None where this GPU or driver does not have it."""
    try:
        return ask()
    except (nvml.NVMLError, AttributeError):
        return None
