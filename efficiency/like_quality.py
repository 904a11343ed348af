"""Models of like quality, one dense and one a mixture of experts, as their publishers report both on one test."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from efficiency.facts import fact, facts

BEGINNING: Final = "like_quality."
_FORMAT_NAME: Final = re.compile(r"[-_](?:fp8|int8|int4|awq|gptq|nvfp4|mxfp4|bf16|fp16)$", re.IGNORECASE)


def base_name(model: str) -> str:
    """Name a model without its publisher and its format.

    Parameters
    ----------
    model : str
        As a table names it.

    Returns
    -------
    str
        The same for the same weights in another width.

    Notes
    -----
    Publishers append the format to the name.

    References
    ----------
    None.

    Examples
    --------
    >>> base_name("Qwen/Qwen3-235B-A22B-Instruct-2507-FP8")
    'Qwen3-235B-A22B-Instruct-2507'
    """
    return _FORMAT_NAME.sub("", model.rpartition("/")[2])


def slug(model: str) -> str:
    """Spell a model's name as the keys of records do.

    Parameters
    ----------
    model : str
        As a table names it.

    Returns
    -------
    str
        Lower case, words joined by underscores, without publisher and format.

    Notes
    -----
    A served version's name begins with the name of the model it is a version of.

    References
    ----------
    None.

    Examples
    --------
    >>> slug("meta-llama/Llama-3.1-70B-Instruct")
    'llama_3_1_70b_instruct'
    """
    return re.sub(r"[^a-z0-9]+", "_", base_name(model).lower())


@cache
def like_quality_names() -> tuple[tuple[str, str], ...]:
    """Give the pairs of like quality by the beginnings of their names.

    Returns
    -------
    tuple of (str, str)
        Mixture of experts, dense model, as `slug` spells them [names].

    Notes
    -----
    What a record pairs, in the order of the table.

    References
    ----------
    `efficiency/data/like_quality.csv`.

    Examples
    --------
    >>> ("qwen3_30b_a3b", "qwen3_14b") in like_quality_names()
    True
    """
    both = [key.split(".")[1:3] for key in facts() if key.startswith(BEGINNING) and key.endswith(".experts")]
    return tuple((experts, dense) for experts, dense in both)


def like_quality(experts: str, dense: str) -> Mapping[str, float]:
    """Give the published scores of two models of like quality.

    Parameters
    ----------
    experts, dense : str
        Models as a table names them.

    Returns
    -------
    mapping of str to float
        By label of the record, model and test, its score [fraction]; empty where no record pairs them.

    Notes
    -----
    Both on one test, as their publisher reports them.

    References
    ----------
    `efficiency/data/like_quality.csv`.

    Examples
    --------
    >>> dict(like_quality("Qwen/Qwen3-30B-A3B-Instruct-2507", "Qwen/Qwen3-14B"))
    {'Qwen3-30B-A3B, MMLU-Redux': 0.895, 'Qwen3-14B, MMLU-Redux': 0.886}
    """
    for one, other in like_quality_names():
        if slug(experts).startswith(one) and slug(dense).startswith(other):
            scores = [fact(f"{BEGINNING}{one}.{other}.{side}") for side in ("experts", "dense")]
            return MappingProxyType({score.label: score.si for score in scores})
    return MappingProxyType({})
