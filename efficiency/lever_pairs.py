"""Measured pairs that differ in one lever only, with what is predicted of the lever's effect.

A pair is two measured cases of one table: the same job on the same machine, but for the width of the weights, for
experts in place of a dense model of like quality, or for the batch. Its ratio is the energy after over before.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from efficiency.cases import Cases
from efficiency.like_quality import base_name, like_quality_names, slug
from efficiency.prediction import Prediction

LEVERS: Final = ("precision", "experts", "batch")
SAME_BATCH: Final = 1.15
"""Batches within this ratio count as the same: a run whose memory was full held fewer sequences than it was set to."""
OTHER_BATCH: Final = 1.2
"""Batches within this ratio do not count as changed."""
SAME_LENGTH: Final = 1.25
"""Answers of one model at the same task within this ratio of lengths count as the same job."""
ENOUGH_PAIRS: Final = 10
"""Pairs of other models from which a pair's interval can be read."""
COVERED: Final = 0.9
TEXT_METRICS: Final = ("energy_per_output_token", "energy_per_request")
SERVED: Final = frozenset({"", "inference"})

# What a case's note says of the job and of the layout on the chips, as published tables write it.
_JOB: Final = re.compile(r"\b(?:task|framework)=[^;,\s]+|max batched tokens \d+|\d+P\d+D")
_READS_PICTURES: Final = re.compile(r"\b(?:image|video|mllm)-chat\b")
_LAYOUT: Final = re.compile(r"\b(?:EP|DP|PP|ulysses|ring)=\d+")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two measured cases that differ in one lever.

    Attributes
    ----------
    lever : str
        One of `LEVERS`.
    model, other_model : str
        Before and after; the same but for experts, where the dense one comes before.
    chip, engine : str
        As the table names them.
    batch : float
        Sequences at a time, before [1].
    before, after : str
        What the lever moved from and to, in words.
    measured, predicted : float
        Energy after over before [1].
    low, high : float
        Ends of the 90 % interval of the prediction [1].
    source : str
        Who measured.
    chips : float
        Accelerators [1].
    job : str
        Task as far as it is named, and the kind of energy counted.
    rows : tuple of int
        Where the two cases stand in the table.
    metric : str
        Quantity measured.
    """

    lever: str
    model: str
    other_model: str
    chip: str
    engine: str
    batch: float
    before: str
    after: str
    measured: float
    predicted: float
    low: float
    high: float
    source: str
    chips: float
    job: str
    rows: tuple[int, int]
    metric: str = ""

    @property
    def error(self) -> float:
        """Decimal logarithm of predicted over measured ratio [1]."""
        return math.log10(self.predicted / self.measured)

    @property
    def reads_pictures(self) -> bool:
        """Whether images or videos are read, as the task is named."""
        return reads_pictures(self.job)


class Match(NamedTuple):
    """A lever and the rows of the cases before and after."""

    lever: str
    before: int
    after: int


def matches(cases: Cases) -> tuple[Match, ...]:
    """Find the cases that differ in one lever only.

    Parameters
    ----------
    cases : Cases
        A table with measured values.

    Returns
    -------
    tuple of Match
        Lever and row numbers, before and after [1].

    Notes
    -----
    The same for all: source, quantity, scope, chip, count, engine, task, prompt, and for pictures steps and size.
    Precision: the same model in fewer bits, batches within `SAME_BATCH`. Experts: models of like quality in the same
    format (`like_quality`), batches likewise; how each is spread over the chips may differ. Batch: each batch against
    the next larger one, so that every step of a series counts once. Training is left out: there, chips and batch go
    together.

    References
    ----------
    MODEL.md, "Levers against measurement".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> job = {"model": "m", "gpu": "H100", "metric": "energy_per_output_token", "output_tokens": 100}
    >>> matches(cases_from_rows([job | {"batch": batch, "value": 1 / batch} for batch in (1, 8, 64)]))
    (Match(lever='batch', before=0, after=1), Match(lever='batch', before=1, after=2))
    """
    rows = [i for i in range(len(cases)) if cases.value[i] > 0 and cases.batch[i] > 0 and cases.kind[i] in SERVED]
    found = [*_precision(cases, rows), *_experts(cases, rows), *_batch(cases, rows)]
    return tuple(match for match in found if _same_lengths(cases, match))


def pairs(cases: Cases, made: Prediction) -> tuple[Pair, ...]:
    """Give the measured and the predicted effect of a lever, for every pair that a table holds.

    Parameters
    ----------
    cases : Cases
        A table with measured values.
    made : Prediction
        What is predicted for its rows; for an honest comparison by fits that had not seen them.

    Returns
    -------
    tuple of Pair
        Ratios of energy, after over before [1]; pairs without a prediction are left out.

    Notes
    -----
    The interval is read from the errors of the lever's pairs of other models, of those that make pictures apart from
    those that write, which are predicted by another form; where there are fewer than `ENOUGH_PAIRS`, the two
    predictions' own intervals are joined as if they were independent, which is too wide.

    References
    ----------
    MODEL.md, "Levers against measurement".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.prediction import prediction
    >>> job = {"model": "m", "gpu": "H100", "metric": "energy_per_output_token", "output_tokens": 100}
    >>> cases = cases_from_rows([job | {"batch": batch, "value": 8 / batch} for batch in (1, 8)])
    >>> guess = np.array([8.0, 2.0])
    >>> [(pair.measured, pair.predicted) for pair in pairs(cases, prediction(guess, guess, guess, ""))]
    [(0.125, 0.25)]
    """
    predicted = [m for m in matches(cases) if np.isfinite(made.predicted[[m.before, m.after]]).all()]
    ratios = {m: (_ratio(cases.value, m), _ratio(made.predicted, m)) for m in predicted}
    kind = {m: (m.lever, cases.metric[m.before] in TEXT_METRICS) for m in predicted}
    group = {m: (*kind[m], base_name(cases.model[m.before]), base_name(cases.model[m.after])) for m in predicted}
    sizes = {m: abs(math.log10(guess / seen)) for m, (seen, guess) in ratios.items()}
    widths: dict[tuple[str, bool, str, str], float] = {}
    for own in set(group.values()):
        others = sorted(sizes[m] for m in predicted if kind[m] == own[:2] and group[m] != own)
        # One more than there are: the pair itself may be the worst of all.
        enough = math.ceil(COVERED * (len(others) + 1.0))
        widths[own] = others[min(enough, len(others)) - 1] if len(others) >= ENOUGH_PAIRS else math.nan
    return tuple(_pair(cases, made, m, *ratios[m], widths[group[m]]) for m in predicted)


def reads_pictures(words: str) -> bool:
    """Say whether a job reads images or videos.

    Parameters
    ----------
    words : str
        What names its task: a case's note, or the job of a pair.

    Returns
    -------
    bool
        True where the task is one of chats about pictures [1].

    Notes
    -----
    Hosts prepare pictures for the chips and were the bottleneck in published runs: who measured these left them out
    when asking what precision or batch changes [1]_.

    References
    ----------
    .. [1] Chung, J.-W. et al., "Where do the joules go?", arXiv 2601.22076 (2026), section on multimodal models.

    Examples
    --------
    >>> reads_pictures("task=image-chat; vLLM"), reads_pictures("task=lm-arena-chat; vLLM")
    (True, False)
    """
    return bool(_READS_PICTURES.search(words))


def _precision(cases: Cases, rows: Sequence[int]) -> Iterator[Match]:
    def same(i: int) -> tuple[object, ...]:
        return (*_job(cases, i), *_layout(cases, i), base_name(cases.model[i]).lower())

    for together in _grouped(rows, same):
        for wide in together:
            narrower: dict[tuple[float, str], int] = {}
            for i in together:
                if cases.weight_bits[i] < cases.weight_bits[wide] and _apart(cases, wide, i) < SAME_BATCH:
                    key = (cases.weight_bits[i], cases.weights_format[i])
                    if key not in narrower or _apart(cases, wide, i) < _apart(cases, wide, narrower[key]):
                        narrower[key] = i
            yield from (Match("precision", wide, i) for i in narrower.values())


def _experts(cases: Cases, rows: Sequence[int]) -> Iterator[Match]:
    alike = like_quality_names()

    def same(i: int) -> tuple[object, ...]:
        return (*_job(cases, i), cases.weight_bits[i], cases.weights_format[i])

    for together in _grouped(rows, same):
        names = {i: slug(cases.model[i]) for i in together}
        for experts, dense in alike:
            for before in (i for i in together if names[i].startswith(dense)):
                close = [i for i in together if names[i].startswith(experts) and _apart(cases, before, i) < SAME_BATCH]
                yield from (Match("experts", before, i) for i in close)


def _batch(cases: Cases, rows: Sequence[int]) -> Iterator[Match]:
    def same(i: int) -> tuple[object, ...]:
        bits = (cases.weight_bits[i], cases.weights_format[i])
        return (*_job(cases, i), *_layout(cases, i), *bits, cases.model[i].lower())

    for together in _grouped(rows, same):
        last: int | None = None
        for i in sorted(together, key=lambda i: float(cases.batch[i])):
            if last is None or cases.batch[i] >= OTHER_BATCH * cases.batch[last]:
                if last is not None:
                    yield Match("batch", last, i)
                last = i


def _grouped(rows: Sequence[int], key: Callable[[int], tuple[object, ...]]) -> list[list[int]]:
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for i in rows:
        # NaN is unequal to itself, and a blank is the same as a blank.
        groups[tuple("" if part != part else part for part in key(i))].append(i)
    return [together for together in groups.values() if len(together) > 1]


def _job(cases: Cases, i: int) -> tuple[object, ...]:
    words = (cases.family, cases.source, cases.metric, cases.unit, cases.scope, cases.gpu, cases.engine)
    numbers = (cases.n_gpus, cases.input_tokens, cases.steps, cases.height, cases.width, cases.frames)
    told = tuple(sorted(_JOB.findall(cases.note[i])))
    return (*(column[i] for column in words), *(float(column[i]) for column in numbers), told)


def _layout(cases: Cases, i: int) -> tuple[object, ...]:
    return (float(cases.tensor_parallel[i]), tuple(sorted(_LAYOUT.findall(cases.note[i]))))


def _same_lengths(cases: Cases, match: Match) -> bool:
    """Two models answer at different length; without a task in common that would be another job."""
    if match.lever == "experts" and "task=" in cases.note[match.before]:
        return True
    lengths = cases.output_tokens[[match.before, match.after]]
    if not np.isfinite(lengths).all():
        return not np.isfinite(lengths).any()
    return bool(lengths.max() <= SAME_LENGTH * lengths.min())


def _apart(cases: Cases, one: int, other: int) -> float:
    batches = cases.batch[[one, other]]
    return float(batches.max() / batches.min())


def _ratio(values: np.ndarray, match: Match) -> float:
    return float(values[match.after] / values[match.before])


def _pair(cases: Cases, made: Prediction, match: Match, measured: float, predicted: float, width: float) -> Pair:
    lever, i, j = match
    if math.isnan(width):
        spans = [np.log10(made.high[k] / made.low[k]) / 2.0 for k in (i, j)]
        width = float(np.hypot(*spans))
    words: Mapping[str, tuple[str, str]] = {
        "precision": (f"{cases.weight_bits[i]:g} bit", f"{cases.weight_bits[j]:g} bit"),
        "experts": (base_name(cases.model[i]), base_name(cases.model[j])),
        "batch": (f"{cases.batch[i]:.0f}", f"{cases.batch[j]:.0f}"),
    }
    told = "; ".join(one.removeprefix("task=") for one in _JOB.findall(cases.note[i]))
    return Pair(
        lever=lever,
        model=cases.model[i],
        other_model=cases.model[j],
        chip=cases.gpu[i],
        engine=cases.engine[i],
        batch=float(cases.batch[i]),
        before=words[lever][0],
        after=words[lever][1],
        measured=measured,
        predicted=predicted,
        low=predicted * 10.0**-width,
        high=predicted * 10.0**width,
        source=cases.source[i],
        chips=float(cases.n_gpus[i]),
        job=", ".join(filter(None, (told, cases.unit[i]))),
        rows=(i, j),
        metric=cases.metric[i],
    )
