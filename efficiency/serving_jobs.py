"""Serving jobs as columns of numbers: what a case says, completed from the tables of models and boards."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from efficiency.architectures import Architecture, resolve
from efficiency.boards import Board, board, board_of, most_memory_byte
from efficiency.cases import Cases, Column
from efficiency.engines import EAGER as EAGER
from efficiency.engines import GRAPH as GRAPH
from efficiency.engines import PLAIN as PLAIN
from efficiency.engines import UNKNOWN as UNKNOWN
from efficiency.engines import engine_kind
from efficiency.facts import FactError

METRICS: Final = ("energy_per_output_token", "energy_per_request")

_MODEL_NUMBERS: Final = (
    *("parameters", "active_parameters", "layers", "attention_layers", "hidden", "heads", "kv_heads", "head_size"),
    *("latent", "window", "windowed_share", "state_values", "experts", "experts_active", "expert_width"),
)
_BOARD_NUMBERS: Final = ("tdp_w", "idle_w", "bandwidth_byte_per_s", "peak_16", "peak_8", "peak_4", "best_fraction")
OTHER_SIZE: Final = 1.5
"""Factor by which a stated count of parameters may differ from the published one before it is another model."""
# Formats that store weights in few bits and compute in 16.
_WIDTH: Final = re.compile(
    r"(?<![a-z])(?:bf|fp|bfloat|float|int|uint|nf|mxfp|nvfp|w)-?(4|8|16|32|64)(?!\d)|(?<![\d.])(4|8|16|32|64)-?bit"
)
_WEIGHTS_ONLY: Final = re.compile(r"int4|awq|gptq|gguf|nf4|w4|w8a16|4-?bit|int8 weight|bitsandbytes|llm\.int8")


@dataclass(frozen=True, slots=True, eq=False)
class Jobs:
    """Serving jobs by column; shape (n,) each.

    Columns of the model as in `architectures.Architecture` and of the board as in `boards.Board`. `chips` and `batch`
    are counts [1], `bits` the width of a weight [bit], `input_tokens` and `output_tokens` lengths per request [token],
    NaN where not stated. `image_tokens` are expected in the prompt where the length is not stated. `why_not` says what
    keeps a job from being predicted.
    """

    parameters: Column
    active_parameters: Column
    layers: Column
    attention_layers: Column
    hidden: Column
    heads: Column
    kv_heads: Column
    head_size: Column
    latent: Column
    window: Column
    windowed_share: Column
    state_values: Column
    experts: Column
    experts_active: Column
    expert_width: Column
    tdp_w: Column
    idle_w: Column
    bandwidth_byte_per_s: Column
    peak_16: Column
    peak_8: Column
    peak_4: Column
    best_fraction: Column
    memory_byte: Column
    chips: Column
    batch: Column
    bits: Column
    block_scaled: npt.NDArray[np.bool_]
    weights_only: npt.NDArray[np.bool_]
    input_tokens: Column
    output_tokens: Column
    reads_images: npt.NDArray[np.bool_]
    engine: npt.NDArray[np.int_]
    shape_known: npt.NDArray[np.bool_]
    chip: npt.NDArray[np.str_]
    why_not: npt.NDArray[np.str_]

    def __len__(self) -> int:
        """Give the number of jobs."""
        return len(self.chips)

    def take(self, index: npt.NDArray[Any]) -> Jobs:
        """Give some of the jobs.

        Parameters
        ----------
        index : ndarray
            Row numbers, or one truth value per row.

        Returns
        -------
        Jobs
            Those rows [same units].

        Notes
        -----
        Selection alone.

        References
        ----------
        None.

        Examples
        --------
        >>> from efficiency.cases import cases_from_rows
        >>> cases = cases_from_rows([{"model": "Llama-3.1-8B", "gpu": "H100", "metric": "energy_per_request"}])
        >>> len(jobs(cases).take(np.array([0, 0])))
        2
        """
        return Jobs(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


def jobs(cases: Cases) -> Jobs:
    """Complete cases of serving from the tables of models and boards.

    Parameters
    ----------
    cases : Cases
        A table of cases. Value, throughput and power are not looked at.

    Returns
    -------
    Jobs
        One per case [units of the columns].

    Notes
    -----
    Weights are as wide as their format says where their bits are not stated, and 16 bits where neither is. Chips not
    counted are those that share a layer. A model of another size than the published one has no known shape.

    References
    ----------
    MODEL.md, "Serving".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> cases = cases_from_rows([{"model": "mine", "gpu": "H100", "metric": "energy_per_request"}])
    >>> str(jobs(cases).why_not[0])
    "model is 'mine', which the tables do not know; its parameter count must be given"
    """
    models, model_faults = _each(cases, _model)
    boards, board_faults = _each(cases, _board)
    some_model, some_board = resolve("Llama-3.1-8B"), board_of("h100")
    usable_models = [one or some_model for one in models]
    usable_boards = [one or some_board for one in boards]
    columns: dict[str, Any] = {
        name: np.array([getattr(one, name) for one in usable_models], dtype=float) for name in _MODEL_NUMBERS
    } | {name: np.array([getattr(one, name) for one in usable_boards], dtype=float) for name in _BOARD_NUMBERS}
    formats = [text.lower() for text in cases.weights_format]
    named = np.array([bits_of_format(text) for text in cases.weights_format])
    bits = np.where(np.isfinite(cases.weight_bits), cases.weight_bits, np.where(np.isfinite(named), named, 16.0))
    block_scaled = np.array(["mxfp4" in text or "nvfp4" in text for text in formats], dtype=bool)
    weights_only = np.array([bool(_WEIGHTS_ONLY.search(text)) for text in formats], dtype=bool)
    chips = np.where(np.isfinite(cases.n_gpus), cases.n_gpus, cases.tensor_parallel)
    faults = [
        _fault(i, cases, chips, model or machine)
        for i, (model, machine) in enumerate(zip(model_faults, board_faults, strict=True))
    ]
    return Jobs(
        **columns,
        memory_byte=np.array([most_memory_byte(name) for name in cases.gpu], dtype=float),
        chips=np.where(np.isfinite(chips), chips, 1.0),
        batch=cases.batch,
        bits=bits,
        block_scaled=block_scaled,
        weights_only=weights_only | ((bits < 8) & ~block_scaled),
        input_tokens=cases.input_tokens,
        output_tokens=cases.output_tokens,
        reads_images=np.array([one.reads_images for one in usable_models], dtype=bool),
        engine=np.array([engine_kind(name) for name in cases.engine], dtype=int),
        shape_known=np.array([one.known for one in usable_models], dtype=bool),
        chip=np.array([one.key for one in usable_boards], dtype=str),
        why_not=np.array(faults, dtype=str),
    )


def bits_of_format(text: str) -> float:
    """Give the width of a weight that the name of a number format tells.

    Parameters
    ----------
    text : str
        For example ``bf16``, ``fp8`` or ``awq int4``.

    Returns
    -------
    float
        Width [bit]; NaN where the name tells none, or more than one.

    Notes
    -----
    Formats of weights and activations (W4A16) are those of the weights.

    References
    ----------
    None.

    Examples
    --------
    >>> bits_of_format("bfloat16"), bits_of_format("fp8"), bits_of_format("awq int4"), bits_of_format("bf16, fp8")
    (16.0, 8.0, 4.0, nan)
    """
    named = {float(next(filter(None, hit))) for hit in _WIDTH.findall(text.lower())}
    return named.pop() if len(named) == 1 else math.nan


def _each(cases: Cases, make: Any) -> tuple[list[Any], list[str]]:
    made: list[Any] = []
    faults: list[str] = []
    for i in range(len(cases)):
        try:
            made.append(make(cases, i))
            faults.append("")
        except FactError as error:
            made.append(None)
            faults.append(str(error))
    return made, faults


def _model(cases: Cases, i: int) -> Architecture:
    if not cases.model[i] and not cases.params_total[i] > 0:
        raise FactError("model is not stated, nor its parameter count")
    # One NaN for all: two that are made apart are different keys of a cache.
    total, active = (
        float(count) if count > 0 else math.nan for count in (cases.params_total[i], cases.params_active[i])
    )
    shape = resolve(cases.model[i], total, active)
    if shape.known and (total > 0 or active > 0):
        published = resolve(cases.model[i])
        pairs = ((total, published.parameters), (active, published.active_parameters))
        if any(abs(math.log(stated / known)) > math.log(OTHER_SIZE) for stated, known in pairs if stated > 0 < known):
            return replace(shape, known=False)
    return shape


def _board(cases: Cases, i: int) -> Board:
    key = board(cases.gpu[i])
    if key is None:
        raise FactError(f"gpu is {cases.gpu[i][:60]!r}, which is no accelerator that the tables know")
    return board_of(key)


def _fault(i: int, cases: Cases, chips: Column, known: str) -> str:
    if known:
        return known
    if not chips[i] > 0:
        return "n_gpus is not stated, nor tensor_parallel"
    if not cases.output_tokens[i] > 0:
        return "output_tokens is not stated"
    return ""
