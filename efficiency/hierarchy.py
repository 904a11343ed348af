"""The memory hierarchy: what a bit costs at each distance, from a register to another machine, and in the brain."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final, Literal

from efficiency import brain
from efficiency.arithmetic import REFERENCE_NODE_M, landauer_energy_j, multiply_add_energy_j
from efficiency.facts import fact
from efficiency.inputs import central_inputs
from efficiency.movement import BITS_PER_BYTE

_OPERAND_BITS: Final = 16.0

Side = Literal["machine", "brain", "limit"]


@dataclass(frozen=True, slots=True)
class Level:
    """One distance of the hierarchy: energy of a bit with its range [J/bit], the way it goes [m] or None.

    ``scope`` says what the energy covers, because figures of different scope must not be compared unseen; ``facts``
    lists the records that the energy and the way lean on.
    """

    key: str
    name: str
    scope: str
    side: Side
    low: float
    energy: float
    high: float
    distance_m: float | None
    facts: tuple[str, ...]


def multiplies_per_operand(bit_energy_j: float, multiply_energy_j: float, bits: float) -> float:
    r"""Multiplications that cost as much as fetching one operand.

    Parameters
    ----------
    bit_energy_j : float
        Energy of moving one bit [J/bit].
    multiply_energy_j : float
        Energy of one multiplication [J].
    bits : float
        Width of the operand [bit].

    Returns
    -------
    float
        Multiplications per operand fetched [1].

    Notes
    -----
    :math:`b\,e_{bit} / e_{mul}`.

    References
    ----------
    .. [1] Jouppi, N. P. et al., "Ten Lessons From Three Generations Shaped Google's TPUv4i", ISCA 2021, table 2.

    Examples
    --------
    >>> round(multiplies_per_operand(350e-12 / 64, 0.34e-12, 16.0))
    257
    """
    return bits * bit_energy_j / multiply_energy_j


def hbm2_multiplies() -> float:
    """Multiplications of 16 bits at 7 nm that cost as much as one 16-bit operand from HBM2.

    Returns
    -------
    float
        About 257 [1].

    Notes
    -----
    Both numbers are from one table, so that node and scope are alike.

    References
    ----------
    As `multiplies_per_operand`.

    Examples
    --------
    >>> round(hbm2_multiplies())
    257
    """
    return multiplies_per_operand(fact("memory.hbm2_jouppi").si, fact("op7.fp16_mul").si, _OPERAND_BITS)


@functools.cache
def levels() -> tuple[Level, ...]:
    """List the hierarchy.

    Returns
    -------
    tuple of Level
        Machine levels by distance, then the brain's two bits, then the limit [J/bit].

    Notes
    -----
    A register costs as much as one 16-bit multiply-add. A drive is charged its whole power over its rate; a way
    through a data centre crosses switches and one optical link more than those. The brain's figures are ATP.

    References
    ----------
    `efficiency/data/movement.csv`, `efficiency/data/hierarchy.csv`, `efficiency/data/fitted.csv`.

    Examples
    --------
    >>> [level.name for level in levels()[:2]]
    ['Register', 'Static memory, 8 KB']
    """
    return (
        _register(),
        _read("sram_8kb", "Static memory, 8 KB", "array, 7 nm", "memory.sram7_8kb", "distance.sram_8kb"),
        _read("sram_1mb", "Static memory, 1 MB", "array, 7 nm", "memory.sram7_1mb", "distance.sram_1mb"),
        _read("package", "Next die in the package", "link alone", "link.ucie", "distance.package"),
        _read("chip", "Across the chip", "wires and cache", "wire.word_llc", "wire.across_die"),
        _read("hbm", "Stacked memory (HBM)", "device alone", "memory.hbm2_device", "distance.hbm"),
        _read("hbm_path", "HBM to the arithmetic", "fitted to boards", "fitted.serving.memory_energy", "distance.hbm"),
        _read("ddr", "Memory modules (DDR4)", "device and link", "memory.ddr4", "distance.board"),
        _flash(),
        _drive("disk", "Hard disk", "power over rate", "storage.disk_power", "storage.disk_rate"),
        _read("rack", "Chip to chip in a rack", "copper link", "link.nvlink", "distance.rack"),
        _read("racks", "Rack to rack", "optical link", "link.optical_pluggable", "distance.racks"),
        _datacentre(),
        *_brain(),
        _limit(),
    )


def _read(key: str, name: str, scope: str, energy: str, distance: str) -> Level:
    record = fact(energy)
    way = fact(distance).si
    return Level(key, name, scope, "machine", record.si_low, record.si, record.si_high, way, (energy, distance))


def _register() -> Level:
    energy = (
        fact("memory.register_over_multiply_add").si
        * multiply_add_energy_j(_OPERAND_BITS, REFERENCE_NODE_M)
        / _OPERAND_BITS
    )
    keys = ("memory.register_over_multiply_add", "op7.fp16_mul", "op7.fp32_add", "distance.register")
    return Level("register", "Register", "array, 7 nm", "machine", energy, energy, energy, fact(keys[-1]).si, keys)


def _per_bit(power: str, rate: str, end: str) -> float:
    """Power over rate at one end of the power's range [J/bit]."""
    watts = {"low": fact(power).si_low, "central": fact(power).si, "high": fact(power).si_high}[end]
    return watts / (fact(rate).si * BITS_PER_BYTE)


def _drive(key: str, name: str, scope: str, power: str, rate: str) -> Level:
    low, central, high = (_per_bit(power, rate, end) for end in ("low", "central", "high"))
    keys = (power, rate, "distance.drive")
    return Level(key, name, scope, "machine", low, central, high, fact("distance.drive").si, keys)


def _flash() -> Level:
    """Two drives span the range: one for servers at its limit, and a recent one that was made to save power."""
    central = _per_bit("storage.flash_power", "storage.flash_rate", "central")
    low = _per_bit("storage.flash_recent_power", "storage.flash_recent_rate", "central")
    keys = (
        *("storage.flash_power", "storage.flash_rate", "storage.flash_recent_power", "storage.flash_recent_rate"),
        "distance.drive",
    )
    return Level(
        "flash", "Flash drive", "power over rate", "machine", low, central, central, fact("distance.drive").si, keys
    )


def _datacentre() -> Level:
    switch, link, crossed = (
        fact("network.switch_power"),
        fact("link.optical_pluggable"),
        fact("network.switches_crossed"),
    )
    rate = fact("network.switch_rate").si
    low, central, high = (
        count * power / rate + (count + 1.0) * bit
        for count, power, bit in (
            (crossed.si_low, switch.si_low, link.si_low),
            (crossed.si, switch.si, link.si),
            (crossed.si_high, switch.si_high, link.si_high),
        )
    )
    keys = (switch.key, "network.switch_rate", link.key, crossed.key, "distance.datacentre")
    way = fact("distance.datacentre").si
    return Level("datacentre", "Across a data centre", "links and switches", "machine", low, central, high, way, keys)


def _brain() -> tuple[Level, Level]:
    inputs = central_inputs("own", "h100", "llama31_405b", _OPERAND_BITS)
    power, receivers = fact("cortex.power_communication"), fact("cortex.receivers_per_neuron")
    sent = float(brain.sent_bit_energy_j("atp", inputs))
    delivered = float(brain.delivered_bit_energy_j("atp", inputs))
    low, high = power.si_low / power.si, power.si_high / power.si
    fewer = receivers.si / receivers.si_low
    keys = ("cortex.power_communication", "cortex.neurons", "cortex.bits_per_neuron_per_s")
    return (
        Level("sent", "Bit a neuron sends", "ATP, all receivers", "brain", sent * low, sent, sent * high, None, keys),
        Level(
            *("delivered", "That bit, per receiver", "ATP", "brain"),
            *(delivered * low, delivered, delivered * high * fewer),
            None,
            (*keys, receivers.key),
        ),
    )


def _limit() -> Level:
    energy = float(landauer_energy_j(fact("brain.temperature").si))
    keys = ("physics.boltzmann", "brain.temperature")
    return Level("limit", "Erasing a bit, at least", "Landauer", "limit", energy, energy, energy, None, keys)
