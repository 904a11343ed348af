"""Training arithmetic counted from a model's layers, and how far 6 N D is from published counts."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from efficiency.facts import fact, facts
from efficiency.run_table import BASES, FLOP_PER_PARAMETER_TOKEN, published_runs, run_rows

COUNTED: Final = "counted"
HARDWARE: Final = "hardware"
"""Of the `BASES`, the two that are counts of their own."""

_FAMILY: Final = {"73m": "73M", "305m": "305M", "552m": "552M", "1b": "1.1B", "2b": "1.6B", "7b": "6.8B"}
_BENCHMARKS: Final = {
    "gb300_llama3_8b": ("Llama 3 8B", "model.llama31_8b.parameters"),
    "gb300_llama3_70b": ("Llama 3 70B", "model.llama31_70b.parameters"),
    "gb300_llama31_405b": ("Llama 3.1 405B", "model.llama31_405b.parameters"),
    "gb300_deepseek_v3": ("DeepSeek-V3", "model.deepseek_v3.active_parameters"),
    "gb300_qwen3_30b": ("Qwen3 30B-A3B", "model.qwen3_30b_a3b.active_parameters"),
    "gb300_qwen3_235b": ("Qwen3 235B-A22B", "model.qwen3_235b_a22b.active_parameters"),
    "gb300_gpt_oss": ("gpt-oss-120b", "model.gpt_oss_120b.active_parameters"),
    "h100_gpt3": ("GPT-3 175B", "model.gpt3.parameters"),
}
_PER_TOKEN: Final = {
    "deepseek_v3": ("DeepSeek-V3", "model.deepseek_v3.active_parameters"),
    "deepseek_v2": ("DeepSeek-V2", "count.deepseek_v2.active_parameters"),
    "qwen_72b": ("Qwen2.5 72B", "count.qwen_72b.active_parameters"),
    "llama_405b": ("Llama 3.1 405B", "model.llama31_405b.parameters"),
}
RUN_OF: Final = {
    "count.gb300_llama3_8b": "llama3_8b",
    "count.gb300_llama3_70b": "llama3_70b",
    "count.gb300_llama31_405b": "llama31_405b",
    "count.gb300_deepseek_v3": "deepseek_v3",
    "count.h100_gpt3": "gpt3",
}
"""Counts that hold for a training run too: the same model at the context that it was trained with."""


class Counted(NamedTuple):
    """A published count against 6 N D.

    Its key, the model, whose count it is, the basis (one of `run_table.BASES`), training FLOP per token counted and
    by six per active parameter [FLOP], their ratio [1], and the records behind it. The two FLOP are None where only the
    ratio is published.
    """

    key: str
    name: str
    by: str
    basis: str
    per_token: float | None
    six_n: float | None
    ratio: float
    facts: tuple[str, ...]


def training_flop_per_token(
    layers: int, hidden: int, feed_forward: int, heads: int, head_size: int, context: int, vocabulary: int = 0
) -> float:
    r"""Count the training arithmetic of a token, layer by layer.

    Parameters
    ----------
    layers, hidden, feed_forward, heads, head_size : int
        Shape of a decoder with plain attention and a feed-forward block of two matrices [1].
    context : int
        Tokens that attend to one another, all of them to all [tokens].
    vocabulary : int
        Words among which the last layer chooses; 0 leaves it out [1].

    Returns
    -------
    float
        Three forward passes' worth [FLOP/token].

    Notes
    -----
    Per token and layer: projections :math:`6 d (k h)`, attention :math:`4 s (k h)`, softmax :math:`3 h s`, output
    :math:`2 (k h) d`, feed-forward :math:`4 d f`; then logits :math:`2 d v`. The backward pass costs twice the forward
    one. The six ratios of the published table follow to their last digit with the logits left out, although the
    appendix lists embeddings and logits.

    References
    ----------
    .. [1] Hoffmann, J. et al., "Training compute-optimal large language models", arXiv:2203.15556, appendix F.

    Examples
    --------
    >>> round(training_flop_per_token(20, 1024, 4096, 16, 64, 2048) / (6 * 305.4e6), 2)
    1.1
    """
    wide = heads * head_size
    attention = 6 * hidden * wide + 4 * context * wide + 3 * heads * context + 2 * wide * hidden
    forward = 2 * hidden * vocabulary + layers * (attention + 4 * hidden * feed_forward)
    return 3.0 * forward


@cache
def counts() -> tuple[Counted, ...]:
    """List the published counts that owe nothing to 6 N D.

    Returns
    -------
    tuple of Counted
        Counts of the model's own arithmetic first, then those with recomputed work; each by its ratio to 6 N D [1].

    Notes
    -----
    Most published FLOP *are* 6 N D and prove nothing; they are left out. A count of the model holds attention, which
    6 N D lacks, and leaves out look-ups of embeddings, which N holds. A hardware count holds what is computed twice.

    References
    ----------
    `efficiency/data/utilisation.csv`; `run_table.run_rows` for the basis of each run.

    Examples
    --------
    >>> found = {count.key: count for count in counts()}
    >>> round(found["count.gb300_deepseek_v3"].ratio, 2), round(found["run.opt175b"].ratio, 2)
    (1.12, 1.37)
    """
    found = [*map(_family, _FAMILY), *map(_benchmark, _BENCHMARKS), *map(_per_token, _PER_TOKEN), *_runs()]
    return tuple(sorted(found, key=lambda count: (count.basis, count.ratio)))


def _family(key: str) -> Counted:
    name = f"count.hoffmann_{key}.ratio"
    return Counted(name.rpartition(".")[0], f"Chinchilla’s kin, {_FAMILY[key]}", "Hoffmann et al.", COUNTED,
                   None, None, fact(name).si, (name,))  # fmt: skip


def _benchmark(key: str) -> Counted:
    name, parameters = _BENCHMARKS[key]
    rate, speed = f"count.{key}.rate", f"count.{key}.speed"
    per_token = fact(rate).si / fact(speed).si
    return _against(f"count.{key}", name, "NVIDIA's software", per_token, (rate, speed, parameters))


def _per_token(key: str) -> Counted:
    name, parameters = _PER_TOKEN[key]
    record = f"count.{key}.per_token"
    return _against(f"count.{key}", name, "DeepSeek", fact(record).si, (record, parameters))


def _against(key: str, name: str, by: str, per_token: float, used: tuple[str, ...]) -> Counted:
    six_n = FLOP_PER_PARAMETER_TOKEN * fact(used[-1]).si
    return Counted(key, name, by, COUNTED, per_token, six_n, per_token / six_n, used)


def _runs() -> list[Counted]:
    found = []
    for row in run_rows():
        if row["flop_basis"] not in (COUNTED, HARDWARE):
            continue
        flop, tokens = (f"run.{row['run']}.{name}" for name in ("flop", "tokens"))
        parameters = f"run.{row['run']}.active_parameters"
        parameters = parameters if parameters in facts() else f"run.{row['run']}.parameters"
        per_token = fact(flop).si / fact(tokens).si
        found.append(
            _against(f"run.{row['run']}", row["name"], "its owner", per_token, (flop, tokens, parameters))._replace(
                basis=row["flop_basis"]
            )
        )
    return found


def error_of_six_nd(basis: str = COUNTED) -> tuple[float, float, float]:
    """Say how far published counts lie above 6 N D.

    Parameters
    ----------
    basis : {"counted", "hardware"}
        Of the model's own arithmetic, or with what is computed twice.

    Returns
    -------
    tuple of float
        Smallest, median and largest of the count over 6 N D, less 1 [1].

    Raises
    ------
    ValueError
        If no count has that basis.

    Notes
    -----
    A model that is counted twice, or at two contexts, stands for itself each time.

    References
    ----------
    `counts`.

    Examples
    --------
    >>> [round(error, 2) for error in error_of_six_nd()]
    [-0.1, 0.04, 0.23]
    """
    ratios = sorted(count.ratio for count in counts() if count.basis == basis)
    if not ratios:
        raise ValueError(
            f"basis is {basis!r}; allowed: {', '.join(key for key in BASES if key in (COUNTED, HARDWARE))}"
        )
    middle = len(ratios) // 2
    median = ratios[middle] if len(ratios) % 2 else 0.5 * (ratios[middle - 1] + ratios[middle])
    return ratios[0] - 1.0, median - 1.0, ratios[-1] - 1.0


def basis_counts() -> dict[str, int]:
    """Count the published runs by where their FLOP come from.

    Returns
    -------
    dict of str to int
        Basis to runs [1], in the order of `BASES`; benchmarks are no runs.

    Notes
    -----
    Runs that are set aside elsewhere, for want of hours, are counted here.

    References
    ----------
    `efficiency/data/utilisation/runs.csv`.

    Examples
    --------
    >>> basis_counts()["6nd"] > 4 * (basis_counts()["counted"] + basis_counts()["hardware"])
    True
    """
    rows = [row for row in run_rows() if row["what"] != "benchmark"]
    return {basis: sum(row["flop_basis"] == basis for row in rows) for basis in BASES}


class RunCount(NamedTuple):
    """A run whose model was counted: its name, 6 N D and the count over all of its tokens [FLOP]."""

    name: str
    six_nd: float
    counted: float


def counted_runs() -> tuple[RunCount, ...]:
    """Carry counts per token over to the runs that trained those models.

    Returns
    -------
    tuple of RunCount
        6 N D by the run's own records, and the count times its tokens [FLOP].

    Notes
    -----
    The published FLOP of these runs are 6 N D; what their software counts is more.

    References
    ----------
    `counts`, `RUN_OF`.

    Examples
    --------
    >>> {run.name: round(run.counted / run.six_nd - 1, 2) for run in counted_runs()}["Llama 3.1 405B"]
    0.04
    """
    known = {run.key: run for run in published_runs()}
    found = []
    for count in counts():
        run = known.get(RUN_OF.get(count.key, ""))
        if run is not None and run.tokens is not None and count.per_token is not None:
            six_nd = FLOP_PER_PARAMETER_TOKEN * run.active_parameters * run.tokens
            found.append(RunCount(run.name, six_nd, count.per_token * run.tokens))
    return tuple(found)
