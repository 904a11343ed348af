"""Why a measurement is hard to predict, or is not predicted at all, in plain words."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from efficiency.prediction import Prediction

REASONS: Final = (
    (r"idle ones|incl\. idle", "idle chips of the machine are counted"),
    (r"number of (GPUs|H100s)|unstated number", "the number of chips is not stated"),
    (r"batch/concurrency not stated|batching not", "how many requests ran at once is not stated"),
    (r"modelled|CodeCarbon", "part of it is modelled, not measured"),
    (r"PUE .*(not stated|unclear)", "it is unclear whether cooling is included"),
    (r"nameplate", "the power may be that of the nameplate"),
    (r"second-hand|via press", "it is told second-hand"),
    (
        r"mllm-chat|image-chat|video-chat|omni",
        "what pictures in the requests cost is not published",
    ),
    (r"form factor", "which board it was is not stated"),
    (r"capped", "the chips ran under a power cap"),
    (r"arrival Poisson", "requests came one by one, so the chip waited"),
    (r"eager|FastChat|HF transformers|HF generate", "the software of the time launched every operation by itself"),
    (r"rounded", "the published number is rounded"),
    (r"prompt lengths|input length not", "the length of the requests is not published"),
    (r"achieved [\d.]+ TFLOPS", "how well a run uses its chips has to be assumed"),
    (r"nominal denoiser", "the size of the model is that of its name"),
    (r"token counts not stated", "how many tokens were trained is not stated"),
)
"""What in a note explains an error, and how it is said; those that weigh most come first."""
UNKNOWN_REASON: Final = "Not known"
LACKS: Final = (
    (r"batch is not stated", "how many requests ran at once"),
    (r"train_flop|chip_hours", "how much a training run computed"),
    (r"steps, height, width", "the size of a picture"),
    (r"n_gpus is not stated", "the number of chips"),
    (r"output_tokens is not stated", "the length of an answer"),
)
"""What a case that is not predicted lacks."""


def reason(note: str, quality: str) -> str:
    """Say what is known of why a case is hard, from its note.

    >>> reason("vLLM; number of GPUs not stated in the table (taken as 1)", "B")
    'The number of chips is not stated'
    >>> reason("rounded; PUE 1.2 (not stated clearly)", "C")
    'It is unclear whether cooling is included; the published number is rounded'
    >>> reason("", "A")
    'Not known'
    """
    found = [words for pattern, words in REASONS if re.search(pattern, note)]
    if not found and quality == "C":
        found = ["the measurement is rounded, second-hand or partly modelled"]
    said = "; ".join(found[:2])
    return said[:1].upper() + said[1:] or UNKNOWN_REASON


def unpredicted(made: Prediction) -> str:
    """Say for how many cases there is no prediction, and the three most frequent things that are missing."""
    unsaid = [why for why in made.why_not if why]
    lacking = Counter(words for why in unsaid for words in _lacks(why))
    most = "; ".join(f"{words}, {count}" for words, count in lacking.most_common(3))
    return f"{len(unsaid)} more are not predicted{', mostly because our table does not hold ' if most else ''}{most}."


def _lacks(why: str) -> list[str]:
    return [words for pattern, words in LACKS if re.search(pattern, why)][:1]
