"""Pictures, video and text, made by denoising or token by token: energy of a piece of each, and what was measured."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from efficiency import diffusion
from efficiency.block_diffusion import TOKENS, block_energy_j, drawn
from efficiency.cases import MEASURED_FILE, Cases, cases_from_rows, read_cases
from efficiency.catalogue import chip_labels, labels
from efficiency.context import central
from efficiency.facts import fact
from efficiency.held_out import held_out
from efficiency.inputs import Inputs
from efficiency.scenario import Scenario

PIECES: Final[Mapping[str, str]] = MappingProxyType(
    {"image": "a picture", "video": "a second of video", "text": "1,000 tokens of text"}
)
"""What is made: key to words."""
WAYS: Final[Mapping[str, str]] = MappingProxyType(
    {"diffusion": "denoised at once", "blocks": "blocks of tokens", "tokens": "one token at a time"}
)
"""How it is made: key to words."""
METRICS: Final = ("energy_per_image", "energy_per_video")
WITHIN: Final = 2.0

_SCOPES: Final = MappingProxyType({"chip": "gpu", "server": "node", "facility": "facility"})
_FLUX_STEPS, _SANA_STEPS, _VIDEO_STEPS = 28, 20, 50
_BYTES_16: Final = 2.0
_FRAMES: Final = 4.0
"""Frames that Emu3 joins in a token."""


class Piece(NamedTuple):
    """Energy of one thing made [J]: 5 %, central, 95 %; what it is, by which model, and how."""

    piece: str
    way: str
    name: str
    detail: str
    low: float
    central: float
    high: float


class Score(NamedTuple):
    """Measured pictures and videos: how many, how many are predicted, and how many of those within a factor of 2."""

    measured: int
    predicted: int
    within: int


def _denoised(scenario: Scenario) -> tuple[Piece, ...]:
    """Predict pictures and video made by denoising on one chip; none where it cannot hold the model in 16 bits."""
    shared = {
        "gpu": chip_labels()[scenario.chip],
        "n_gpus": 1,
        "batch": 1,
        "scope": _SCOPES[scenario.machine_scope],
        "pue": float(scenario.pue),
    }
    image = {"metric": "energy_per_image", "unit": "J/image", "height": 1024, "width": 1024}
    video = {"metric": "energy_per_video", "unit": "J/video", "height": 480, "steps": _VIDEO_STEPS}
    frames = {"wan": 81, "cog": 49}
    rate = {"wan": fact("generation.wan21.frame_rate").si, "cog": fact("generation.cogvideox2.frame_rate").si}
    told = (
        ("image", "FLUX.1-dev, 12B", f"1024 × 1024, {_FLUX_STEPS} steps", 1.0,
         image | {"model": "black-forest-labs/FLUX.1-dev", "params_active": 12e9, "steps": _FLUX_STEPS}),
        ("image", "SANA 1.5, 1.6B", f"1024 × 1024, {_SANA_STEPS} steps", 1.0,
         image | {"model": "SANA1.5_1.6B_1024px_diffusers", "params_active": 1.6e9, "steps": _SANA_STEPS}),
        ("video", "Wan 2.1, 14B", f"832 × 480, {_VIDEO_STEPS} steps", frames["wan"] / rate["wan"],
         video | {"model": "Wan2.1-T2V-14B-Diffusers", "params_active": 14e9, "width": 832, "frames": frames["wan"]}),
        ("video", "CogVideoX, 2B", f"720 × 480, {_VIDEO_STEPS} steps", frames["cog"] / rate["cog"],
         video | {"model": "CogVideoX-2b", "params_active": 2e9, "width": 720, "frames": frames["cog"]}),
    )  # fmt: skip
    made = diffusion.predict(cases_from_rows([shared | row for *_, row in told]), given=False)
    sizes = [float(str(row["params_active"])) for *_, row in told]
    room_bytes = fact("serving.memory_fill").si * fact(f"chip.{scenario.chip}.memory").si
    return tuple(
        Piece(piece, "diffusion", name, detail, *(float(x) / share for x in (low, middle, high)))
        for (piece, name, detail, share, _), weights, low, middle, high in zip(
            told, sizes, made.low, made.predicted, made.high, strict=True
        )
        if np.isfinite(middle) and _BYTES_16 * weights <= room_bytes
    )


class _Tokens(NamedTuple):
    """Something made of tokens: how many [1], the model whose shape is taken, and how many passes each needs."""

    piece: str
    name: str
    detail: str
    made: float
    model: str


def _tokenised() -> tuple[_Tokens, ...]:
    frames = fact("generation.emu3.frame_rate").si / _FRAMES
    return (
        _Tokens("image", "Emu3.5, 34B", "1024 × 1024", fact("generation.emu35.image_tokens").si, "qwen3_32b"),
        _Tokens("video", "Emu3, 8B", "512 × 512", frames * fact("generation.emu3.image_tokens").si, "llama31_8b"),
    )


def _written(scenario: Scenario, what: _Tokens) -> Piece:
    """Work out a picture or a second of video made token by token."""
    guidance = fact("generation.guidance_passes")
    # In the mean, a token attends to half of what is made.
    model = replace(scenario, model=what.model, context_tokens=max(what.made / 2.0, 1.0))
    energy = [block_energy_j(model, inputs, 1.0, 1.0, 0.0) for inputs in (central(model), _sampled(model))]
    low, high = np.quantile(np.asarray(energy[1]), (0.05, 0.95))
    each = (low * guidance.si_low, float(energy[0]) * guidance.si, high * guidance.si_high)
    return Piece(what.piece, "tokens", what.name, what.detail, *(float(x) * what.made for x in each))


def _sampled(scenario: Scenario) -> Inputs:
    return drawn(scenario.chip, scenario.run, float(scenario.bits), scenario.engine)[0]


def _texts(scenario: Scenario, block: float, settled: float) -> tuple[Piece, ...]:
    name, inputs = labels("model")[scenario.model], central(scenario)
    sampled, extra = drawn(scenario.chip, scenario.run, float(scenario.bits), scenario.engine)
    usual = fact("generation.tokens_per_pass")
    cache = fact("generation.cache_passes").si
    found = []
    for way, length, at in (("blocks", block, settled), ("tokens", 1.0, 1.0)):
        middle = float(block_energy_j(scenario, inputs, length, at, cache))
        low, high = np.quantile(np.asarray(block_energy_j(scenario, sampled, length, at, extra)), (0.05, 0.95))
        detail = f"blocks of {block:g}, {settled:g} a pass" if way == "blocks" else "autoregression"
        if way == "blocks":
            # What a pass settles differs between models as much as the published ones do.
            low, high = low * usual.si / usual.si_high, high * usual.si / usual.si_low
        span = (min(low, middle), middle, max(high, middle))
        found.append(Piece("text", way, name, detail, *(TOKENS * float(x) for x in span)))
    return tuple(found)


@functools.lru_cache(maxsize=128)
def pieces(scenario: Scenario, block: float = 32.0, settled: float = 4.0) -> tuple[Piece, ...]:
    """Energy of a picture, a second of video and 1,000 tokens of text, by how they are made.

    Parameters
    ----------
    scenario : Scenario
        Chip, scope, language model and conversations at once.
    block, settled : float
        Tokens in a block of text, and those that a pass settles [1].

    Returns
    -------
    tuple of Piece
        Pictures, video, text [J].

    Notes
    -----
    Denoising: one picture or clip at a time on one chip in 16 bits, predicted blind by `diffusion.predict`; nothing
    where the chip's rates are not known. Token by token: the ledger of a token of a model of the same shape (Emu3.5 has
    that of Qwen3 32B, Emu3 that of Llama 3.1 8B), the scenario's conversations at once, two passes under guidance; the
    decoder of the picture is left out. Predicted, none of it measured.

    References
    ----------
    MODEL.md, Generation; `efficiency/data/generation.csv`.

    Examples
    --------
    >>> [piece.way for piece in pieces(Scenario()) if piece.piece == "image"]
    ['diffusion', 'diffusion', 'tokens']
    """
    found = (*_denoised(scenario), *(_written(scenario, what) for what in _tokenised()))
    order = list(PIECES)
    return (*sorted(found, key=lambda piece: order.index(piece.piece)), *_texts(scenario, block, settled))


class Measured(NamedTuple):
    """A measured picture or video beside its prediction out of fold [J], with the prediction's 90 % interval."""

    metric: str
    model: str
    chip: str
    batch: float
    steps: float
    measured: float
    low: float
    predicted: float
    high: float
    source: str


@functools.lru_cache(maxsize=2)
def shipped() -> tuple[Measured, ...]:
    """Set the shipped measured pictures and videos beside what is predicted of them.

    Returns
    -------
    tuple of Measured
        Those that can be predicted [J].

    Notes
    -----
    Blind: no time and no power is used; each by a fit that had not seen its model.

    References
    ----------
    `efficiency/data/measured/cases.csv`; MODEL.md, How the error is measured.

    Examples
    --------
    >>> len(shipped()) > 100
    True
    """
    cases = pictures(read_cases(MEASURED_FILE, strict=False))
    made, _ = held_out(cases, given=False)
    return tuple(
        Measured(cases.metric[i], cases.model[i], cases.gpu[i], float(cases.batch[i]), float(cases.steps[i]),
                 float(cases.value[i]), float(made.low[i]), float(made.predicted[i]), float(made.high[i]),
                 cases.source[i])
        for i in range(len(cases))
        if np.isfinite(made.predicted[i])
    )  # fmt: skip


def pictures(cases: Cases) -> Cases:
    """Choose the measured pictures and videos of a table.

    Parameters
    ----------
    cases : Cases
        A table of cases.

    Returns
    -------
    Cases
        Rows with a measured energy per image or video [unit of the row].

    Notes
    -----
    Rows that lack steps or size are among them, though they cannot be predicted.

    References
    ----------
    `efficiency/data/measured/README.md`.

    Examples
    --------
    >>> len(pictures(cases_from_rows([{"model": "a", "gpu": "b", "metric": "c"}])))
    0
    """
    wanted = np.array([metric in METRICS for metric in cases.metric], dtype=bool)
    return cases.take(wanted & np.isfinite(cases.value))


def score(cases: Cases, metric: str) -> Score:
    """Count how many measured pictures or videos are predicted within a factor of 2, nothing measured known.

    Parameters
    ----------
    cases : Cases
        A table with measured values.
    metric : str
        One of `METRICS`.

    Returns
    -------
    Score
        Cases measured, predicted, and within [1].

    Notes
    -----
    By fits that had not seen their models, for the cases of the fit.

    References
    ----------
    MODEL.md, How the error is measured.

    Examples
    --------
    >>> found = score(read_cases(MEASURED_FILE, strict=False), "energy_per_image")
    >>> found.within / found.predicted > 0.9
    True
    """
    some = pictures(cases)
    some = some.take(np.array([name == metric for name in some.metric], dtype=bool))
    made, _ = held_out(some, given=False)
    known = np.isfinite(made.predicted)
    error = np.abs(np.log(made.predicted[known] / some.value[known]))
    return Score(len(some), int(known.sum()), int((error <= np.log(WITHIN)).sum()))
