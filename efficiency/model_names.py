"""The many names that one language model is published under."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from efficiency.facts import DATA_FOLDER
from efficiency.tables import read_table

ALIASES_FILE: Final = DATA_FOLDER / "architectures" / "aliases.csv"
ALIAS_COLUMNS: Final = ("alias", "model")

# What a name may end in without naming another shape: training stage, number format, context, version, date.
_FORMS: Final = (
    r"instruct|chat|it|base|hf|pt|sft|dpo|rl|rm|thinking|preview|reasoning|turbo|online|latest|fast|text|vision|omni|vl"
    r"|fp8|fp4|fp16|bf16|fp32|nvfp4|mxfp4|int8|int4|w4a16|w8a8|w8a16|awq|gptq|gguf|exl2|bnb|4bit|8bit|dynamic|static"
    r"|block|quantized|q\d|k|m|s|l|qat|deduped|\d+k|1m|v\d+(p\d+)?|\d{4}|\d{6,8}|\d{2}-20\d{2}|20\d{2}-\d{2}(-\d{2})?"
    r"|model|unsloth|uncensored|abliterated|finetuned|x\d|instances?|\(.*\)"
)
_LAST_FORM: Final = re.compile(rf"-({_FORMS})$")
_MIDDLE: Final = re.compile(r"-(coder|math|vl|omni|vision|code)(?=-|$)")


def model_key(name: str) -> str | None:
    """Find the published model that a name means.

    Parameters
    ----------
    name : str
        As published, with or without its organisation, for example ``meta-llama/Llama-3.1-8B-Instruct``.

    Returns
    -------
    str or None
        Short key of the model, None where the tables do not know it.

    Notes
    -----
    An exact alias first. Else organisation, case and punctuation are dropped and one ending after another that does not
    change the shape (training stage, number format, context, date); then words in the middle (coder, vision).

    References
    ----------
    `efficiency/data/architectures/aliases.csv`.

    Examples
    --------
    >>> model_key("meta-llama/Llama-3.1-8B-Instruct"), model_key("someone/Something-9B")
    ('llama31_8b', None)
    """
    exact, loose = _aliases()
    if name in exact:
        return exact[name]
    squashed = _squash(name)
    for start in (squashed, _MIDDLE.sub("", squashed)):
        rest, before = start, ""
        while rest and rest != before:
            if found := loose.get(rest.replace("-", "")):
                return found
            rest, before = _LAST_FORM.sub("", rest), rest
    return None


@functools.cache
def _aliases() -> tuple[Mapping[str, str], Mapping[str, str]]:
    exact: dict[str, str] = {}
    loose: dict[str, str] = {}
    for row in read_table(ALIASES_FILE, ALIAS_COLUMNS):
        exact[row["alias"]] = row["model"]
        loose.setdefault(_squash(row["alias"]).replace("-", ""), row["model"])
    return MappingProxyType(exact), MappingProxyType(loose)


def _squash(name: str) -> str:
    text = name.lower().strip().rsplit("/", 1)[-1]
    # A point between digits is kept as a letter, so that 1.3 and 13 stay apart.
    text = re.sub(r"(?<=\d)[._](?=\d)", "p", text)
    text = re.sub(r"[\s_.:]+", "-", text)
    text = re.sub(r"^(meta|nvidia|microsoft|google|mistralai|allenai|ibm)-", "", text)
    return re.sub(r"-+", "-", text).strip("-")
