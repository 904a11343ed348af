"""The shapes of language models: by name where published, from the parameter counts where not.

The tables in ``efficiency/data/architectures`` are read when a first model is looked up, not with the other facts: they
are large, and most of the app does not need them. `architecture_records` gives their values as records with sources.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from efficiency.facts import DATA_FOLDER, Entity, Fact, FactError, entities, facts, sources
from efficiency.model_names import model_key
from efficiency.own import find, is_own
from efficiency.tables import load_entities, read_table

FOLDER: Final = DATA_FOLDER / "architectures"
MODEL_COLUMNS: Final = ("model", "values", "source", "place", "year", "trust", "note")
FIELDS: Final = MappingProxyType(
    {
        "parameters": ("parameters", "parameters"),
        "active_parameters": ("parameters active per token", "parameters"),
        "layers": ("layers", "layers"),
        "attention_layers": ("layers with attention", "layers"),
        "encoder_layers": ("layers of the encoder", "layers"),
        "dense_layers": ("layers without experts", "layers"),
        "hidden": ("width of the hidden state", "1"),
        "heads": ("attention heads", "heads"),
        "kv_heads": ("key and value heads", "heads"),
        "head_size": ("size of an attention head", "1"),
        "latent": ("width of the latent in the cache", "1"),
        "rotary": ("width of the rotary part in the cache", "1"),
        "window": ("tokens a layer with a window looks back", "tokens"),
        "global_every": ("one in this many layers looks back all the way", "layers"),
        "state_values": ("numbers in the recurrent state", "1"),
        "intermediate": ("width of the feed-forward network", "1"),
        "moe_intermediate": ("width of an expert", "1"),
        "experts": ("routed experts in a layer", "experts"),
        "experts_active": ("routed experts active per token", "experts"),
        "experts_shared": ("shared experts in a layer", "experts"),
        "vocabulary": ("tokens in the vocabulary", "tokens"),
    }
)
"""Fields of a model in the tables, with label and unit."""

SAME_SIZE: Final = 0.2
"""A row that states another size than the table by more than this (natural logarithm) means another model."""

_READS_IMAGES: Final = re.compile(r"[-_ ](vl|omni|vision)|llava|chameleon|pixtral|internvl")

# The generic shape, from the published ones: a dense transformer has about 12 hidden² parameters a layer and is about
# 128 times as wide as deep.
_PARAMETERS_PER_SQUARE: Final = 12.0
_WIDTH_PER_LAYER: Final = 128.0
_HEAD_SIZE: Final = 128.0
_MANY_EXPERTS: Final = (128.0, 8.0)
_FEW_EXPERTS: Final = (8.0, 2.0)
_STATE_SIZE: Final = 128.0


@dataclass(frozen=True, slots=True)
class Architecture:
    """What of a language model decides how much it computes and reads; counts and widths [1].

    `experts` is 0 for a dense model. `latent` is the width of a compressed cache entry, 0 where keys and values are
    kept. `windowed_share` of the attention layers look back `window` tokens only. `state_values` are the numbers of a
    recurrent state, per sequence. `known` says whether the shape was published or made up from the parameter counts.
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
    state_values: float
    experts: float
    experts_active: float
    expert_width: float
    reads_images: bool
    known: bool


@functools.cache
def architecture_entities() -> Mapping[str, Entity]:
    """Give the language models whose shapes are published.

    Returns
    -------
    Mapping of str to Entity
        By key, for example ``model.llama2_7b``; read-only.

    Notes
    -----
    Those of `facts.entities` and those of the large table.

    References
    ----------
    `efficiency/data/architectures/entities.csv`.

    Examples
    --------
    >>> architecture_entities()["model.llama_65b"].maker
    'Meta'
    """
    shown = {key: entity for key, entity in entities().items() if f"{key}.layers" in facts()}
    return MappingProxyType({**shown, **load_entities(FOLDER)})


@functools.cache
def architecture_records() -> Mapping[str, Fact]:
    """Give every value of the table of architectures as a record with its source.

    Returns
    -------
    Mapping of str to Fact
        By key, for example ``model.llama_65b.layers``; read-only, without those that `facts.facts` already has.

    Raises
    ------
    FactError
        If a row of the table names an unknown model, field or source.

    Notes
    -----
    A row of the table holds the values that share source, place and trust.

    References
    ----------
    `efficiency/data/architectures/models.csv`.

    Examples
    --------
    >>> record = architecture_records()["model.llama_65b.layers"]
    >>> record.value, record.sources
    (80.0, ('code_transformer_lens',))
    """
    known, named = architecture_entities(), sources()
    table: dict[str, Fact] = {}
    for line, row in enumerate(read_table(FOLDER / "models.csv", MODEL_COLUMNS), 2):
        model, origin = f"model.{row['model']}", f"models.csv:{line}"
        if model not in known or row["source"] not in named:
            raise FactError(f"{origin}: model {row['model']!r} or source {row['source']!r} is not in its table")
        for name, value in _values(row["values"]):
            if name not in FIELDS or f"{model}.{name}" in table:
                raise FactError(f"{origin}: {name!r} is no field, or stands there twice; allowed: {', '.join(FIELDS)}")
            if f"{model}.{name}" in facts():
                continue
            label, unit = FIELDS[name]
            table[f"{model}.{name}"] = Fact(
                key=f"{model}.{name}",
                label=f"{known[model].label}: {label}",
                value=value,
                low=None,
                high=None,
                unit=unit,
                kind="reported",
                sources=(row["source"],),
                place=row["place"],
                year=int(row["year"]) if row["year"] else None,
                trust=row["trust"],
                note=row["note"],
                origin=origin,
            )
    return MappingProxyType(table)


def _values(cell: str) -> list[tuple[str, float]]:
    return [(name, float(value)) for name, _, value in (part.partition("=") for part in cell.split())]


@functools.cache
def _by_model() -> Mapping[str, Mapping[str, float]]:
    """Collect the fields of each model; only plain numbers, because making two thousand records takes longer."""
    table: dict[str, dict[str, float]] = {}
    for key, record in facts().items():
        if key.startswith("model.") and key.count(".") == 2:
            table.setdefault(key.split(".")[1], {})[key.split(".")[2]] = record.si
    for row in read_table(FOLDER / "models.csv", MODEL_COLUMNS):
        for name, value in _values(row["values"]):
            table.setdefault(row["model"], {}).setdefault(name, value)
    return MappingProxyType({key: fields for key, fields in table.items() if "layers" in fields})


@functools.lru_cache(maxsize=4096)
def resolve(name: str, params_total: float = math.nan, params_active: float = math.nan) -> Architecture:
    """Give the shape of a language model.

    Parameters
    ----------
    name : str
        As published.
    params_total, params_active : float, optional
        Parameters, all and per token, where known [1].

    Returns
    -------
    Architecture
        The published shape, or a generic one from the parameter counts [1].

    Raises
    ------
    FactError
        If neither the name is known nor a parameter count given.

    Notes
    -----
    Counts given are often nominal ("7B"), so the published ones are used unless they differ by more than a fifth.

    Without a published shape: P/12 = L d² with d = 128 L; heads of 128, 8 of them for keys and values (4 below 3.5e9
    parameters). If all parameters exceed the active ones by 15 %, there are experts: 128 with 8 active where
    the ratio is above 5, else 8 with 2 active; the depth then follows the geometric mean of both counts.

    References
    ----------
    `efficiency/data/architectures/models.csv`; the generic shape was compared with the published ones in the tests.

    Examples
    --------
    >>> resolve("meta-llama/Llama-3.1-8B").layers
    32.0
    >>> generic = resolve("unheard-of", 7e9, 7e9)
    >>> generic.known, generic.layers
    (False, 33.0)
    """
    key = model_key(name)
    images = bool(_READS_IMAGES.search(name.lower()))
    if key is None or key not in _by_model():
        return _generic(name, params_total, params_active, images)
    shape = replace(architecture(key, params_total), reads_images=images)
    if params_total > 0 and not abs(math.log(params_total / shape.parameters)) <= SAME_SIZE:
        active = params_active if params_active > 0 else params_total
        return _with_parameters(shape, params_total, min(active, params_total))
    return shape


def architecture(key: str, params_total: float = math.nan) -> Architecture:
    """Give the published shape of a language model.

    Parameters
    ----------
    key : str
        Short key, for example ``"llama31_70b"``.
    params_total : float, optional
        Parameters where the tables have none [1].

    Returns
    -------
    Architecture
        Counts and widths [1].

    Raises
    ------
    FactError
        If the tables do not know the model.

    Notes
    -----
    A compressed cache keeps its latent and its rotary part.

    References
    ----------
    `efficiency/data/architectures/models.csv`.

    Examples
    --------
    >>> architecture("deepseek_v3").latent
    576.0
    """
    fields = _by_model().get(key) or _own(key)
    if not fields:
        raise FactError(f"model is {key!r}; no shape of that name is in the tables")
    parameters = fields.get("parameters", params_total)
    active = min(fields.get("active_parameters", parameters), parameters)
    layers, hidden = fields["layers"], fields["hidden"]
    heads = fields.get("heads", 0.0)
    latent = fields.get("latent", 0.0) + fields.get("rotary", 0.0)
    entity = entities()[f"model.{key}"] if is_own(key) else architecture_entities()[f"model.{key}"]
    shape = Architecture(
        key=key,
        label=entity.label,
        parameters=parameters,
        active_parameters=active,
        layers=layers,
        attention_layers=fields.get("attention_layers", layers) if heads else 0.0,
        hidden=hidden,
        heads=heads,
        kv_heads=1.0 if latent else fields.get("kv_heads", heads),
        head_size=fields.get("head_size", hidden / heads if heads else 0.0),
        latent=latent,
        window=fields.get("window", 0.0),
        windowed_share=_windowed_share(layers, fields),
        state_values=_state_values(layers, hidden, fields, entity.note),
        experts=fields.get("experts", 0.0),
        experts_active=fields.get("experts_active", 1.0),
        expert_width=fields.get("moe_intermediate", 0.0),
        reads_images=False,
        known=True,
    )
    return _with_parameters(shape, parameters, active)


def _own(key: str) -> Mapping[str, float]:
    """Give the fields of a model that a visitor brought."""
    thing = find(f"model.{key}")
    return {name.rpartition(".")[2]: record.si for name, record in thing.facts.items()} if thing else {}


def _with_parameters(shape: Architecture, parameters: float, active: float) -> Architecture:
    """Give a shape these counts; where all are active there are no experts."""
    sparse = active < parameters and shape.experts > 1
    return replace(
        shape,
        parameters=parameters,
        active_parameters=active,
        experts=shape.experts if sparse else 0.0,
        experts_active=shape.experts_active if sparse else 0.0,
    )


def _windowed_share(layers: float, fields: Mapping[str, float]) -> float:
    if "window" not in fields:
        return 0.0
    every = fields.get("global_every", 0.0)
    return 1.0 - math.floor(layers / every) / layers if every else 1.0


def _state_values(layers: float, hidden: float, fields: Mapping[str, float], note: str) -> float:
    """Give the size of a recurrent state; where it is not published, that of a usual Mamba-2 or RWKV layer."""
    if "state_values" in fields:
        return fields["state_values"]
    if note.startswith("attention=rwkv"):
        return layers * hidden * 64.0
    if note.startswith("attention=hybrid"):
        # Blocks of state and of feed-forward alternate; a state is twice the hidden width times its size.
        return (layers - fields.get("attention_layers", 0.0)) / 2 * 2 * hidden * _STATE_SIZE
    return 0.0


def _generic(name: str, params_total: float, params_active: float, images: bool) -> Architecture:
    counts = [count for count in (params_total, params_active) if count > 0]
    if not counts:
        raise FactError(f"model is {name[:60]!r}, which the tables do not know; its parameter count must be given")
    total, active = max(counts), min(counts)
    sparse = total > 1.15 * active
    both = math.sqrt(total * active)
    layers = float(max(6, round((both / (_PARAMETERS_PER_SQUARE * _WIDTH_PER_LAYER**2)) ** (1 / 3))))
    hidden = math.sqrt(active / (_PARAMETERS_PER_SQUARE * layers)) * (0.9 if sparse else 1.0)
    experts, chosen = (_MANY_EXPERTS if total / active > 5 else _FEW_EXPERTS) if sparse else (0.0, 0.0)
    return Architecture(
        key="",
        label=name,
        parameters=total,
        active_parameters=active,
        layers=layers,
        attention_layers=layers,
        hidden=hidden,
        heads=hidden / _HEAD_SIZE * (1.3 if sparse else 1.0),
        kv_heads=8.0 if sparse or active > 3.5e9 else 4.0,
        head_size=_HEAD_SIZE,
        latent=0.0,
        window=0.0,
        windowed_share=0.0,
        state_values=0.0,
        experts=experts,
        experts_active=chosen,
        expert_width=0.0,
        reads_images=images,
        known=False,
    )
