"""Measured hybrids beside measured transformers: the same chip, task and batch."""

from __future__ import annotations

import functools
import re
from typing import Final, NamedTuple

from efficiency.cases import MEASURED_FILE, read_cases

SAME_BATCH: Final = 1.15
LARGEST_SIZE_RATIO: Final = 1.7
_HYBRID: Final = "arch=Mamba-Transformer Hybrid"
_DENSE: Final = "arch=Dense Transformer"
_TASK: Final = re.compile(r"task=([^;]+)")


class HybridPair(NamedTuple):
    """A hybrid and a transformer on one chip at one task and batch: energy of a token [J], tokens of an answer [1]."""

    chip: str
    task: str
    batch: float
    hybrid: str
    hybrid_j: float
    hybrid_answer: float
    dense: str
    dense_j: float
    dense_answer: float
    size_ratio: float
    source: str


@functools.lru_cache(maxsize=1)
def hybrid_pairs() -> tuple[HybridPair, ...]:
    """Pair each measured hybrid with the measured transformer that is nearest in size.

    Returns
    -------
    tuple of HybridPair
        By task and batch [J, 1].

    Notes
    -----
    Batches within 15 %; sizes within 1.7 times, and said. Answers differ in length, and the models in quality, width
    and vocabulary: this is no matched pair, and is not scored as one.

    References
    ----------
    `efficiency/data/measured/cases.csv`.

    Examples
    --------
    >>> {pair.hybrid for pair in hybrid_pairs()}
    {'NVIDIA-Nemotron-Nano-9B-v2'}
    """
    cases = read_cases(MEASURED_FILE, strict=False)
    rows = [i for i in range(len(cases)) if cases.metric[i] == "energy_per_output_token"]
    found = []
    for i in rows:
        if _HYBRID not in cases.note[i]:
            continue
        task = _task(cases.note[i])
        alike = [
            k
            for k in rows
            if _DENSE in cases.note[k]
            and _task(cases.note[k]) == task
            and (cases.gpu[k], cases.n_gpus[k]) == (cases.gpu[i], cases.n_gpus[i])
            and 1 / SAME_BATCH <= cases.batch[k] / cases.batch[i] <= SAME_BATCH
            and 1 / LARGEST_SIZE_RATIO <= cases.params_total[k] / cases.params_total[i] <= LARGEST_SIZE_RATIO
        ]
        if not alike:
            continue
        near = min(alike, key=lambda k: abs(cases.params_total[k] / cases.params_total[i] - 1.0))
        found.append(
            HybridPair(
                cases.gpu[i],
                task,
                float(cases.batch[i]),
                cases.model[i].rpartition("/")[2],
                float(cases.value[i]),
                float(cases.output_tokens[i]),
                cases.model[near].rpartition("/")[2],
                float(cases.value[near]),
                float(cases.output_tokens[near]),
                float(cases.params_total[near] / cases.params_total[i]),
                cases.source[i],
            )
        )
    return tuple(sorted(found, key=lambda pair: (pair.task, pair.batch, pair.chip)))


def _task(note: str) -> str:
    told = _TASK.search(note)
    return told[1] if told else ""
