"""Published architectures of denoisers: the networks that an image or a video is made by, step after step."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from efficiency.facts import DATA_FOLDER, Fact, sources
from efficiency.tables import load_side_table

FILE: Final = DATA_FOLDER / "architectures" / "denoisers.csv"
OTHER_NAMES: Final = MappingProxyType(
    {
        "diffusion-xl": "sdxl",
        "openjourney": "stable-diffusion-v1",
        "dreamlike-photoreal": "stable-diffusion-v1",
        "counterfeit-v2": "stable-diffusion-v1",
        "epicphotogasm": "stable-diffusion-v1",
        "dreamshaper-v7": "stable-diffusion-v1",
        "wan2.1-1.3b": "wan2.1-t2v-1.3b",
        # Models that bear the name of another one and are built otherwise.
        "hunyuanvideo-1.5": "",
        "sana-600m": "",
        "sana-0.6b": "",
        "sana-video": "",
    }
)
"""Part of a name to the architecture that stands behind it; "" where none of the table does."""
# A model of the same name but this many times the size is another one.
LARGEST_SIZE_RATIO: Final = 1.8
# Hidden size per layer, and weights per layer over the square of the hidden size: 12 work on a token, 6 modulate it.
GENERIC_HIDDEN_PER_LAYER: Final = 48.0
GENERIC_WEIGHTS: Final = 18.0
GENERIC_WORKING_WEIGHTS: Final = 12.0
GENERIC_HEAD_SIZE: Final = 96.0
GENERIC_TEXT_TOKENS: Final = 256.0
GENERIC_TOUCHES: Final = 32.0


@dataclass(frozen=True, slots=True)
class Denoiser:
    """A network that takes noise away, as work per token.

    A token of a convolutional network is one latent.

    Attributes
    ----------
    key, label : str
        Short name, and name as shown.
    convolutional : bool
        Whether it is a U-Net.
    parameters : float
        Nominal size [1].
    layers, launches, hidden : float
        Blocks, blocks launched per step by the host, and channels [1].
    down, down_time, patch, patch_time : float
        Pixels per latent along a side, frames per latent frame, latents per token along a side, latent frames per
        token [1].
    text_tokens, passes : float
        Text tokens in the joint sequence, passes per step under guidance [1].
    multiply_adds : float
        Multiply-adds per token outside attention [1].
    elements : float
        Elements read and written per token [1].
    score_heads : float
        Attention scores per pair of tokens [1].
    attention_flop : float
        FLOP of attention per pair of tokens [FLOP].
    generic : bool
        Whether it was made from the number of parameters alone.
    """

    key: str
    label: str
    convolutional: bool
    parameters: float
    layers: float
    launches: float
    hidden: float
    down: float
    down_time: float
    patch: float
    patch_time: float
    text_tokens: float
    passes: float
    multiply_adds: float
    elements: float
    score_heads: float
    attention_flop: float
    generic: bool


@functools.cache
def denoiser_records() -> Mapping[str, Fact]:
    """Give the records of the published denoisers.

    Returns
    -------
    Mapping of str to Fact
        By key, ``denoiser.NAME.FIELD``; read-only.

    Notes
    -----
    Read on the first call. Layers, sizes and heads are published; how often a block reads and writes its state is our
    own count, and says so.

    References
    ----------
    `efficiency/data/architectures`.

    Examples
    --------
    >>> denoiser_records()["denoiser.wan2.1.hidden"].value
    5120.0
    """
    return load_side_table(FILE, sources())


@functools.cache
def denoisers() -> Mapping[str, Denoiser]:
    """Give the denoisers whose architecture is known.

    Returns
    -------
    Mapping of str to Denoiser
        By short name; sizes as counts [1].

    Notes
    -----
    Of a transformer: elements = layers x hidden x touches, scores = attention layers x heads, FLOP of attention = 4 x
    attention layers x hidden; the last two are 0 where attention is linear. Guidance that runs its two passes in turn
    doubles the launches.

    References
    ----------
    MODEL.md, "Images and videos".

    Examples
    --------
    >>> denoisers()["flux.1"].layers
    57.0
    """
    fields: dict[str, dict[str, float]] = {}
    labels: dict[str, str] = {}
    for key, record in denoiser_records().items():
        name, _, field = key.removeprefix("denoiser.").rpartition(".")
        fields.setdefault(name, {})[field] = record.value
        labels[name] = record.label.partition(":")[0]
    return MappingProxyType({name: _denoiser(name, labels[name], given) for name, given in fields.items()})


def _denoiser(name: str, label: str, given: Mapping[str, float]) -> Denoiser:
    convolutional = "score_heads" in given
    attention_layers = given.get("attention_layers", given["layers"])
    quadratic = 0.0 if convolutional else 1.0 - given.get("linear_attention", 0.0)
    scores = given["score_heads"] if convolutional else attention_layers * given["heads"] * quadratic
    elements = given["elements_per_token"] if convolutional else given["layers"] * given["hidden"] * given["touches"]
    return Denoiser(
        key=name,
        label=label,
        convolutional=convolutional,
        parameters=given["parameters"],
        layers=given["layers"],
        launches=attention_layers * (1.0 + given.get("sequential_guidance", 0.0)),
        hidden=given["hidden"],
        down=given["down"],
        down_time=given.get("down_time", 1.0),
        patch=given.get("patch", 1.0),
        patch_time=given.get("patch_time", 1.0),
        text_tokens=given.get("text_tokens", 0.0),
        passes=given["passes"],
        multiply_adds=given["multiply_adds_per_token"],
        elements=elements,
        score_heads=scores,
        attention_flop=4.0 * attention_layers * given["hidden"] * quadratic,
        generic=False,
    )


def generic_denoiser(parameters: float, video: bool) -> Denoiser:
    """Guess a diffusion transformer from its size.

    Parameters
    ----------
    parameters : float
        Size of the denoiser [1].
    video : bool
        Whether it makes videos: frames are then joined by four.

    Returns
    -------
    Denoiser
        A transformer with L layers of width 48 L [1].

    Raises
    ------
    ValueError
        If the size is not a positive number.

    Notes
    -----
    18 h^2 weights per layer: 4 of attention, 8 of the MLP, 6 of modulation, which no token passes. Then
    h = (48 P / 18)^(1/3). The interval of a prediction that rests on it is about ninefold wide, most of all because
    autoencoders differ in how many tokens they make of an image.

    References
    ----------
    Peebles, W.; Xie, S.: Scalable diffusion models with transformers. arXiv 2212.09748 (2022).

    Examples
    --------
    >>> round(generic_denoiser(12e9, video=False).hidden)
    3175
    """
    if not (np.isfinite(parameters) and parameters > 0):
        raise ValueError(f"parameters is {parameters}; it must be a positive number")
    hidden = float((GENERIC_HIDDEN_PER_LAYER * parameters / GENERIC_WEIGHTS) ** (1 / 3))
    layers = hidden / GENERIC_HIDDEN_PER_LAYER
    return Denoiser(
        key="generic",
        label="Transformer of this size",
        convolutional=False,
        parameters=parameters,
        layers=layers,
        launches=layers,
        hidden=hidden,
        down=8.0,
        down_time=4.0 if video else 1.0,
        patch=2.0,
        patch_time=1.0,
        text_tokens=GENERIC_TEXT_TOKENS,
        passes=2.0,
        multiply_adds=GENERIC_WORKING_WEIGHTS * layers * hidden**2,
        elements=layers * hidden * GENERIC_TOUCHES,
        score_heads=layers * hidden / GENERIC_HEAD_SIZE,
        attention_flop=4.0 * layers * hidden,
        generic=True,
    )


@functools.lru_cache(maxsize=4096)
def denoiser(model: str, parameters: float, video: bool) -> Denoiser | None:
    """Find the denoiser of a model, or guess one of its size.

    Parameters
    ----------
    model : str
        Name as published, with or without publisher.
    parameters : float
        Size of the denoiser; NaN where unknown [1].
    video : bool
        Whether it makes videos.

    Returns
    -------
    Denoiser or None
        Of the longest known name that is part of this one, else `generic_denoiser`; None where the size is unknown
        too [1].

    Notes
    -----
    A model that bears a known name and is 1.8 times larger or smaller is taken for another one.

    References
    ----------
    MODEL.md, "Images and videos".

    Examples
    --------
    >>> denoiser("black-forest-labs/FLUX.1-dev", 12e9, False).label
    'FLUX.1'
    >>> denoiser("my-own", 12e9, False).generic, denoiser("my-own", float("nan"), False)
    (True, None)
    """
    name = re.sub(r"[\s_]+", "-", model.lower())
    known = {key: key for key in denoisers()} | dict(OTHER_NAMES)
    inside = sorted((part for part in known if part in name), key=len)
    sized = np.isfinite(parameters) and parameters > 0
    if inside and known[inside[-1]]:
        for part in filter(None, (known[part] for part in reversed(inside))):
            found = denoisers()[part]
            if not sized or 1 / LARGEST_SIZE_RATIO <= parameters / found.parameters <= LARGEST_SIZE_RATIO:
                return found
    return generic_denoiser(parameters, video) if sized else None
