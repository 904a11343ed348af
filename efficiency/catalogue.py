"""Chips, models, systems and runs, assembled from the facts that belong to them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final

from efficiency.architectures import architecture
from efficiency.facts import Fact, FactError, entities, facts
from efficiency.own import Labels

FORMATS_BY_BITS: Final = MappingProxyType(
    {64.0: ("fp64",), 32.0: ("fp32",), 19.0: ("tf32",), 16.0: ("fp16",), 8.0: ("fp8", "int8"),
     6.0: ("fp6",), 4.0: ("fp4",)}
)  # fmt: skip
"""Number formats with a published peak rate, by width, preferred first."""

_DOUBLE_BITS: Final = 64.0
_CHIP_NEEDS: Final = ("tdp", "memory", "memory_bandwidth")
# Above this many sweeps of its whole memory per second, a chip's memory is on-chip SRAM (Groq 3e5, WSE-3 5e5,
# NorthPole 6e4), not HBM or GDDR (at most about 100).
_ON_CHIP_SWEEPS_PER_S: Final = 1e3


@dataclass(frozen=True, slots=True)
class Chip:
    """An accelerator's fixed properties; those with a range are read in `efficiency.inputs`.

    ``peak_per_s`` maps a width in bits to the peak rate of the narrowest native format that holds it [FLOP/s], and
    ``native_bits`` to that format's own width [bit]. ``node_m`` is None where the maker does not publish it.
    ``vector_64_per_s`` is the rate of 64-bit floats outside matrix units, where it is another one [FLOP/s].
    ``memory_kind`` is hbm, gddr or ddr; ``power_scope`` says what the published power covers, chip or server;
    ``trains`` is false for chips that their makers present for answering alone.
    """

    key: str
    label: str
    year: int | None
    node_m: float | None
    memory_on_chip: bool
    memory_kind: str
    power_scope: str
    peak_per_s: Mapping[float, float]
    native_bits: Mapping[float, float]
    peak_fact: Mapping[float, str]
    vector_64_per_s: float | None
    trains: bool

    def pieces(self, bits: float) -> float:
        """Count the operations that one in a format takes.

        Parameters
        ----------
        bits : float
            Width of the numbers [bit].

        Returns
        -------
        float
            Operations in the chip's own format [1]; 1 where it holds the numbers.

        Notes
        -----
        Partial products: the square of the widths' ratio, by which `peak_per_s` falls too.

        References
        ----------
        `chip`.

        Examples
        --------
        >>> chip("h100").pieces(16.0), chip("northpole").pieces(16.0)
        (1.0, 4.0)
        """
        return max(bits / self.native_bits[bits], 1.0) ** 2


@dataclass(frozen=True, slots=True)
class Model:
    """A language model's published architecture; sizes are counts [1].

    A dense model has one expert, which is active. ``latent`` is the width of a compressed cache entry, 0 where keys and
    values are kept; ``windowed_share`` of the attention layers look back ``window`` tokens only.
    """

    key: str
    label: str
    parameters: float
    active_parameters: float
    layers: float
    attention_layers: float
    hidden: float
    heads: float
    kv_heads: float
    head_size: float
    latent: float
    window: float
    windowed_share: float
    experts: float
    experts_active: float
    expert_width: float


@functools.cache
def labels(kind: str) -> Labels:
    """Name the entities of a kind that the model can use.

    Parameters
    ----------
    kind : {"system", "model", "run"}
        Kind of entity.

    Returns
    -------
    Labels
        Short key (without the kind's prefix) to label; systems by power, the rest in the order of the table. It answers
        for a visitor's own things and does not list them.

    Notes
    -----
    Systems need a published power, models an architecture, runs a FLOP count.

    References
    ----------
    `efficiency/data/entities.csv`.

    Examples
    --------
    >>> "colossus_1" in labels("system")
    True
    """
    needed = {"system": "power", "model": "layers", "run": "flop"}[kind]
    table = facts()
    found = {
        key.removeprefix(f"{kind}."): entity.label
        for key, entity in entities().items()
        if entity.kind == kind and f"{key}.{needed}" in table
    }
    if kind == "system":
        found = dict(sorted(found.items(), key=lambda kv: table[f"system.{kv[0]}.power"].si))
    return Labels(kind, found)


@functools.cache
def chip_labels() -> Labels:
    """Name the chips that the model can compute with.

    Returns
    -------
    Labels
        Short key to label, in the order of the table; it answers for a visitor's own chips and does not list them.

    Notes
    -----
    A chip needs a power, a memory, a bandwidth and at least one peak rate; announced parts without a power and
    neuromorphic parts without a FLOP rate are shown among the sources only.

    References
    ----------
    `efficiency/data/chips.csv`.

    Examples
    --------
    >>> "h100" in chip_labels(), "loihi2" in chip_labels()
    (True, False)
    """
    return Labels(
        "chip",
        {
            key.removeprefix("chip."): entity.label
            for key, entity in entities().items()
            if entity.kind == "chip" and _is_usable(key)
        },
    )


def _is_usable(key: str) -> bool:
    table = facts()
    return all(f"{key}.{field}" in table for field in _CHIP_NEEDS) and any(
        f"{key}.peak_{name}" in table for names in FORMATS_BY_BITS.values() for name in names
    )


@functools.lru_cache(maxsize=1024)
def chip(key: str) -> Chip:
    """Assemble a chip from its facts.

    Parameters
    ----------
    key : str
        Short key, for example ``"h100"``.

    Returns
    -------
    Chip
        Rates in [FLOP/s], node in [m].

    Raises
    ------
    FactError
        If the chip is unknown or lacks what the model needs.

    Notes
    -----
    A format the chip lacks runs in the next wider one it has: fewer bits then save movement, not arithmetic. Wider
    than its widest, it is emulated at a cost that grows as the square of the width (partial products).

    References
    ----------
    Peak rates: `efficiency/data/chips.csv`.

    Examples
    --------
    >>> chip("h100").peak_per_s[16.0]
    989400000000000.0
    """
    if key not in chip_labels():
        raise FactError(f"chip is {key!r}; allowed: {', '.join(chip_labels())}")
    table = facts()
    name = f"chip.{key}"
    native: dict[float, Fact] = {}
    for bits, formats in FORMATS_BY_BITS.items():
        found = [table[f"{name}.peak_{f}"] for f in formats if f"{name}.peak_{f}" in table]
        if found:
            native[bits] = found[0]
    in_matrices = table.get(f"{name}.peak_fp64_matrix")
    vector_64 = native[_DOUBLE_BITS].si if in_matrices else None
    if in_matrices:
        native[_DOUBLE_BITS] = in_matrices
    widest = max(native)
    rates, widths, peak_facts = {}, {}, {}
    for bits in (1.0, 1.58, 2.0, *sorted(FORMATS_BY_BITS)):
        holders = [width for width in native if width >= bits]
        # FP8 is not always faster than FP16 (TPU v6e): take the fastest format that holds the number.
        best = max(holders, key=lambda w: (native[w].si, -w)) if holders else widest
        emulation = (bits / widest) ** 2 if not holders else 1.0
        rates[bits] = native[best].si / emulation
        widths[bits] = best
        peak_facts[bits] = native[best].key
    sweeps = table[f"{name}.memory_bandwidth"].si / table[f"{name}.memory"].si
    node = table.get(f"{name}.node")
    return Chip(
        key=key,
        label=entities()[name].label,
        year=entities()[name].year,
        node_m=node.si if node else None,
        memory_on_chip=sweeps > _ON_CHIP_SWEEPS_PER_S,
        memory_kind=_noted(name, "memory") or "hbm",
        power_scope=_noted(name, "scope") or "chip",
        peak_per_s=MappingProxyType(rates),
        native_bits=MappingProxyType(widths),
        peak_fact=MappingProxyType(peak_facts),
        vector_64_per_s=vector_64,
        trains=_noted(name, "trains") != "no",
    )


@functools.lru_cache(maxsize=1024)
def model(key: str) -> Model:
    """Assemble a language model from its facts.

    Parameters
    ----------
    key : str
        Short key, for example ``"llama31_70b"``.

    Returns
    -------
    Model
        Counts [1]; a dense model has one expert, which is active.

    Raises
    ------
    FactError
        If the model is unknown.

    Notes
    -----
    The shapes are those that the calibrated model uses too.

    References
    ----------
    `efficiency/data/models.csv`, `efficiency/data/architectures/models.csv`.

    Examples
    --------
    >>> model("llama31_70b").layers
    80.0
    """
    if key not in labels("model"):
        raise FactError(f"model is {key!r}; allowed: {', '.join(labels('model'))}")
    shape = architecture(key)
    same = {field.name: getattr(shape, field.name) for field in fields(Model)}
    return Model(**(same if shape.experts > 1.0 else same | {"experts": 1.0, "experts_active": 1.0}))


def system_chip(key: str) -> str | None:
    """Name the chip that a system is made of.

    Parameters
    ----------
    key : str
        Short key of a system.

    Returns
    -------
    str or None
        Short key of a chip the model can use, else None.

    Notes
    -----
    The entity's note holds ``chip=KEY``.

    References
    ----------
    `efficiency/data/entities.csv`.

    Examples
    --------
    >>> system_chip("colossus_1")
    'h100'
    """
    named = _noted(f"system.{key}", "chip")
    return named if named in chip_labels() else None


def run_chip(key: str) -> str | None:
    """Name the chip of a training run that is reckoned as another one.

    Parameters
    ----------
    key : str
        Short key of a run.

    Returns
    -------
    str or None
        Its name; None where the run is reckoned with the chip that it had.

    Notes
    -----
    The entity's note holds ``built=NAME`` beside ``chip=KEY``.

    References
    ----------
    `efficiency/data/entities.csv`.

    Examples
    --------
    >>> run_chip("deepseek_v3"), run_chip("llama31_405b")
    ('H800', None)
    """
    return _noted(f"run.{key}", "built")


def system_scope(key: str) -> str:
    """Say what a system's published power covers.

    Parameters
    ----------
    key : str
        Short key of a system.

    Returns
    -------
    str
        ``"chip"``, ``"server"`` (with its host, without cooling) or ``"facility"``.

    Notes
    -----
    The entity's note holds ``scope=...``; without one it is a whole site.

    References
    ----------
    `efficiency/data/entities.csv`.

    Examples
    --------
    >>> system_scope("dgx_h100"), system_scope("colossus_1")
    ('server', 'facility')
    """
    return _noted(f"system.{key}", "scope") or "facility"


def _noted(entity_key: str, name: str) -> str | None:
    """Read ``name=value`` from an entity's note."""
    entity = entities().get(entity_key)
    for part in (entity.note if entity else "").split(";"):
        found, _, value = part.strip().partition("=")
        if found == name:
            return value
    return None
