"""Serving software by the names that tables use: which of three kinds it is, as far as that is known.

What decides the time of a layer is whether kernels are launched one by one from Python, by a lean loop, or replayed as
a graph. The names known here are those that measured cases or the makers' own notes tell apart; every other name is
taken as not stated, which widens the interval.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

GRAPH, PLAIN, EAGER, UNKNOWN = 0, 1, 2, 3
"""Kinds of engine: graphs of 2025, no graphs to speak of (2023 and 2024), one Python call after another, not known."""


@dataclass(frozen=True, slots=True)
class Generation:
    """Software of one name: the years it has been plain and has replayed graphs since.

    Attributes
    ----------
    plain_from, graph_from : int
        First years [1]; one of an earlier year is not known.
    reason : str
        What the years rest on.
    other_names : tuple of str
        Names that mean the same.
    graph_from_version : tuple of int
        First version that counts as graphs, where versions are told apart.
    """

    plain_from: int
    graph_from: int
    reason: str
    other_names: tuple[str, ...] = ()
    graph_from_version: tuple[int, ...] = ()


SERVERS: Final[Mapping[str, Generation]] = MappingProxyType(
    {
        "vllm": Generation(
            2023,
            2025,
            "cases of 2024 and 2025; its second engine is the default since 0.8.0 (Red Hat Developer, 28 April 2025)",
            graph_from_version=(0, 8),
        ),
        "sglang": Generation(2024, 2024, "cases of 2024; decoding replays graphs by default (its documentation)"),
        "tensorrt-llm": Generation(
            2023,
            2023,
            "cases of 2024; compiled engines from the first release",
            ("tensorrt", "tensorrtllm", "trt-?llm", "trt"),
        ),
        "lmdeploy": Generation(
            2023, 2023, "TurboMind is compiled; its PyTorch engine has graphs since 9/2024 (its README)", ("turbomind",)
        ),
        "tgi": Generation(2023, 2025, "no case: taken as vLLM of its year", ("text-generation-inference",)),
    }
)
"""Servers whose generations are known, by name."""

SCRIPTS: Final = ("eager", "pytorch", "torch", "hf", "hugging-?face", "transformers", "accelerate", "fastchat")
"""Names of plain scripts over PyTorch, as patterns; the cases are those of 2023 and of leaderboards."""

_SCRIPT: Final = re.compile(rf"(?<![a-z])({'|'.join(SCRIPTS)})(?![a-z])")
_YEAR: Final = re.compile(r"(?<![\d.])(20\d\d)(?![\d.])")
_VERSION: Final = re.compile(r"v?(\d+(?:\.\d+)+)")


@lru_cache(maxsize=4096)
def engine_kind(name: str) -> int:
    """Say which kind of engine a name means.

    Parameters
    ----------
    name : str
        Software and year or version, for example ``vllm-2024``; empty where not stated.

    Returns
    -------
    int
        `GRAPH`, `PLAIN`, `EAGER` or, where no name is given or none we know, `UNKNOWN` [1].

    Notes
    -----
    A known server without year or version counts as today's; one of a year before its first release is not known. A
    compiled script (torch.compile) is none of the three.

    References
    ----------
    MODEL.md, "Serving"; `SERVERS` and `SCRIPTS`.

    Examples
    --------
    >>> engine_kind("vllm-2025"), engine_kind("vllm-2024"), engine_kind("eager-2023"), engine_kind("my own")
    (0, 1, 2, 3)
    """
    text = re.sub(r"[\s_/]+", "-", name.strip().lower())
    if "compile" in text:
        return UNKNOWN
    for server, generation in SERVERS.items():
        named = re.search(rf"(?<![a-z])({'|'.join((server, *generation.other_names))})(?![a-z])", text)
        if named:
            return _generation(text[named.end() :], generation)
    return EAGER if _SCRIPT.search(text) else UNKNOWN


def _generation(rest: str, generation: Generation) -> int:
    year, version = _YEAR.search(rest), _VERSION.search(rest)
    if year:
        when = float(year.group(1))
    elif version and generation.graph_from_version:
        number = tuple(int(part) for part in version.group(1).split("."))
        when = generation.graph_from if number >= generation.graph_from_version else generation.plain_from
    else:
        when = math.inf
    if when >= generation.graph_from:
        return GRAPH
    return PLAIN if when >= generation.plain_from else UNKNOWN
