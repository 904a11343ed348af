"""One decode step of a serving engine: bytes, FLOP, and the time they take.

A step advances every sequence of the batch by one token, on all chips together. Prompts are spread over the steps of
their answers: a batch B with prompts of S_i and answers of S_o tokens processes B S_i / S_o prompt tokens in a step.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from efficiency.cases import Column
from efficiency.engines import EAGER, GRAPH, PLAIN, UNKNOWN
from efficiency.facts import fact
from efficiency.serving_jobs import Jobs

# Sharpness of a smooth maximum. The device of an engine with graphs runs memory and arithmetic of different layers side
# by side less perfectly than one kernel does.
_KERNEL, _GRAPH, _LAUNCH = 4.0, 2.0, 6.0
_BYTES_16 = 2.0
# A recurrent state is kept in 32 bits, read and written.
_STATE_BYTES = 8.0
# Two all-reduces a layer, one after attention and one after the feed-forward network.
_REDUCTIONS = 2.0
# Answers and context at which the default prompt length is defined.
_USUAL_ANSWER = 400.0
# Link rate one way over memory bandwidth, as on an H100: 300 of 3,350 GB/s kept up.
_LINK_OVER_MEMORY = 300.0 / 3350.0


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """Work and time of one decode step, all chips together; shape (n,) each.

    Bytes [B], FLOP counts [FLOP], times [s]. `executed_peak` is the rate of the format that is computed in [FLOP/s].
    `activation_byte` counts what moves on the chip too, because it costs energy; the time counts memory alone.
    """

    weight_byte: Column
    cache_byte: Column
    activation_byte: Column
    link_byte: Column
    useful_flop: Column
    padding_flop: Column
    executed_peak: Column
    device_s: Column
    link_s: Column
    layers_s: Column
    host_s: Column
    step_s: Column
    input_tokens: Column


CONSTANTS: Final = (
    *("matrix_efficiency", "tile_rows", "independent_choice", "host_overlap", "power_cap", "matrix_memory_share"),
    *("all_reduce", "image_tokens", "activation_bytes", "scale_bytes", "bandwidth_efficiency", "expert_bits"),
    *("expert_rows",),
)
"""Numbers of the model that are not fitted: records ``serving.*``."""


def constants(values: Mapping[str, float] | None = None) -> Any:
    """Give the numbers of the model that are not fitted, by name.

    Parameters
    ----------
    values : mapping of str to float, optional
        Those that shall differ from their records, among others [SI units].

    Returns
    -------
    SimpleNamespace
        Values of the records ``serving.*`` used here [SI units].

    Notes
    -----
    Each is a record with a range and its reason; none was chosen for one model or chip.

    References
    ----------
    `efficiency/data/serving.csv`.

    Examples
    --------
    >>> constants().tile_rows, constants({"tile_rows": 128.0}).tile_rows
    (64.0, 128.0)
    """
    others = {name: value for name, value in (values or {}).items() if name in CONSTANTS}
    return SimpleNamespace(**{**vars(_recorded()), **others}) if others else _recorded()


@functools.cache
def _recorded() -> SimpleNamespace:
    recorded = {name: fact(f"serving.{name}").si for name in CONSTANTS}
    return SimpleNamespace(**recorded, link_j_per_byte=8.0 * fact("link.nvlink").si)


def smooth_maximum(first: Column, second: Column, sharpness: float) -> Column:
    """Join two quantities of which the larger decides.

    Parameters
    ----------
    first, second : ndarray
        Quantities of one unit, not negative [any].
    sharpness : float
        1 adds them, infinity takes the larger [1].

    Returns
    -------
    ndarray
        (first^p + second^p)^(1/p) [the same].

    Notes
    -----
    Never below the larger, never above the sum.

    References
    ----------
    The p-norm.

    Examples
    --------
    >>> smooth_maximum(np.array([3.0]), np.array([4.0]), 2.0).tolist()
    [5.0]
    """
    largest = np.maximum(np.maximum(first, second), 1e-30)
    joined: Column = largest * ((first / largest) ** sharpness + (second / largest) ** sharpness) ** (1.0 / sharpness)
    return joined


def prompt_tokens(values: Mapping[str, float], jobs: Jobs) -> Column:
    """Give the prompt length, expected where it is not stated.

    Parameters
    ----------
    values : mapping of str to float
        Coefficients of the family "serving".
    jobs : Jobs
        Serving jobs.

    Returns
    -------
    ndarray, shape (n,)
        Prompt per request [token].

    Notes
    -----
    S_i = S_400 (S_o / 400)^a, and the tokens of an image where the model reads images.

    References
    ----------
    MODEL.md, "Serving".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.serving_jobs import jobs
    >>> row = {"model": "Llama-3.1-8B", "gpu": "H100", "metric": "energy_per_request", "output_tokens": 400}
    >>> prompt_tokens({"prompt_tokens": 500.0, "prompt_exponent": 0.3}, jobs(cases_from_rows([row]))).tolist()
    [500.0]
    """
    expected = values["prompt_tokens"] * (jobs.output_tokens / _USUAL_ANSWER) ** values["prompt_exponent"]
    expected = expected + np.where(jobs.reads_images, constants(values).image_tokens, 0.0)
    return np.where(np.isfinite(jobs.input_tokens), jobs.input_tokens, expected)


def decode_step(values: Mapping[str, float], jobs: Jobs) -> Step:
    r"""Count the work of one decode step and the time it takes.

    Parameters
    ----------
    values : mapping of str to float
        Coefficients of the family "serving" [SI units].
    jobs : Jobs
        Serving jobs with a batch.

    Returns
    -------
    Step
        All chips together [B, FLOP, s].

    Notes
    -----
    Experts: X = (P - P_a) / (1 - k/E) parameters are routed; of them a batch touches
    :math:`1 - (1 - k/E)^{1 + s (B - 1)}`, with s the share that chooses independently, and nearly all in steps that
    carry a prompt. The fullest of n chips holds :math:`1 + \sqrt{2 \ln n\,(1 - p)/(p E/n)}` times the mean.

    Bytes: shared weights, touched experts, cache or recurrent state, activations. FLOP: 2 P_a a token and attention;
    besides, a product computes whole tiles: at least 64 rows for every weight and 64 more for every touched
    expert. Engines of 2025 multiply 8-bit experts by grouped products that are made for large batches: each expert that
    a chip holds is read and gets a tile of 128 rows (`serving.expert_rows`), chosen or not, so in a small batch they
    move more bytes than 16-bit experts. Two kinds took other ways: latent attention, whose routing had a kernel of its
    own on chips with 4-bit matrices, and models that route to one expert, whose weights are scaled by channel. All
    8-bit experts are computed as dearly as 16-bit ones (`serving.expert_bits`), because blocks are summed apart.

    Time: memory and arithmetic side by side; then the link, launches per layer, and the host per sequence, beside the
    device in engines of 2025, after it before. An engine that is not stated may be one of today with graphs, or a plain
    script that launches one kernel after another: the time is the geometric mean of both.

    References
    ----------
    MODEL.md, "Serving"; extreme-value bound of the fullest bin: Raab, M. and Steger, A., RANDOM 1998.

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.coefficients import coefficients
    >>> from efficiency.serving_jobs import jobs
    >>> row = {"model": "Llama-3.1-8B", "gpu": "H100", "metric": "energy_per_request", "output_tokens": 400, "batch": 1}
    >>> step = decode_step(coefficients("serving").by_name, jobs(cases_from_rows([row | {"n_gpus": 1}])))
    >>> bool(0.004 < step.step_s[0] < 0.02)
    True
    """
    unknown = jobs.engine == UNKNOWN
    if not unknown.any():
        return _step(values, jobs)
    graph, eager = (_step(values, with_engine(jobs, kind)) for kind in (GRAPH, EAGER))
    return replace(graph, step_s=np.where(unknown, np.sqrt(graph.step_s * eager.step_s), graph.step_s))


def with_engine(jobs: Jobs, kind: int) -> Jobs:
    """Give jobs whose engine is not stated one.

    Parameters
    ----------
    jobs : Jobs
        Serving jobs.
    kind : int
        Kind of engine, as in `serving_jobs`.

    Returns
    -------
    Jobs
        The same, no engine unknown [same units].

    Notes
    -----
    Engines that are stated stay.

    References
    ----------
    MODEL.md, "Serving".

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> from efficiency.serving_jobs import jobs
    >>> some = jobs(cases_from_rows([{"model": "Llama-3.1-8B", "gpu": "H100", "metric": "energy_per_request"}]))
    >>> some.engine.tolist(), with_engine(some, EAGER).engine.tolist()
    ([3], [2])
    """
    return replace(jobs, engine=np.where(jobs.engine == UNKNOWN, kind, jobs.engine))


def _step(values: Mapping[str, float], jobs: Jobs) -> Step:
    fixed = constants(values)
    batch, chips = jobs.batch, jobs.chips
    prompt = prompt_tokens(values, jobs)
    prefilled = batch * prompt / jobs.output_tokens

    # Parameters: shared, routed, and the routed ones that a step touches
    sparse = jobs.experts > 0
    chosen = np.where(sparse, np.maximum(jobs.experts_active, 1.0) / np.maximum(jobs.experts, 1.0), 1.0)
    routed = (jobs.parameters - jobs.active_parameters) / np.maximum(1.0 - chosen, 1e-9)
    routed = np.where(sparse, np.clip(routed, 0.0, jobs.parameters), 0.0)
    shared = np.where(sparse, jobs.parameters - routed, np.minimum(jobs.parameters, jobs.active_parameters))
    choices = 1.0 + (np.maximum(batch, 1.0) - 1.0) * fixed.independent_choice
    met = 1.0 - (1.0 - np.minimum(chosen, 0.999999)) ** choices
    with_prompt = np.minimum(1.0, batch / jobs.output_tokens)
    touched = np.where(sparse, (1.0 - with_prompt) * met + with_prompt * np.maximum(met, 0.98), 1.0)

    # Bytes
    byte_per_weight = jobs.bits / 8.0 * np.where(jobs.block_scaled, fixed.scale_bytes, 1.0)
    shared_byte = shared * np.where(jobs.block_scaled, _BYTES_16, byte_per_weight)
    in_8_bits = (jobs.bits == 8.0) & ~jobs.block_scaled & ~jobs.weights_only
    own_kernel = ((jobs.latent > 0) & np.isfinite(jobs.peak_4)) | (jobs.experts_active <= 1)
    grouped = in_8_bits & sparse & np.isfinite(jobs.peak_8) & (jobs.engine == GRAPH) & ~own_kernel
    read = np.where(grouped, 1.0, touched)
    expert_byte = routed * read * byte_per_weight
    cache_byte, context = _cache(jobs, prompt)
    once = _activation_byte(jobs, sparse, fixed.activation_bytes)
    activation_byte = (values["activation_passes"] * batch + prefilled) * once

    # FLOP
    per_context = jobs.heads * np.where(jobs.latent > 0, jobs.latent, jobs.head_size) * jobs.attention_layers
    attention = 4.0 * batch * context * per_context
    decoded = 2.0 * jobs.active_parameters * batch + attention
    prefill = 2.0 * jobs.active_parameters * prefilled + 2.0 * prefilled * prompt * per_context
    per_expert = batch * jobs.experts_active / np.maximum(jobs.experts * read, 1e-9)
    least = np.where(grouped, fixed.expert_rows, fixed.tile_rows)
    rows = smooth_maximum(batch, np.full_like(batch, fixed.tile_rows), _KERNEL)
    tiled = 2.0 * (shared * rows + np.where(sparse, routed * read * (per_expert + least), 0.0)) + attention
    padding = np.maximum(tiled - decoded, 0.0)
    # Four-bit blocks are computed in 8 bits where the chip has 4-bit matrices, else widened to 16.
    widened = sparse & (fixed.expert_bits > 8.0)
    narrow = np.isfinite(jobs.peak_8) & ((in_8_bits & ~widened) | (jobs.block_scaled & np.isfinite(jobs.peak_4)))
    peak = np.where(narrow, jobs.peak_8, jobs.peak_16)

    # Time
    fullest = 1.0 + np.sqrt(
        2.0 * np.log(np.maximum(chips, 2.0)) * (1.0 - met) * chips / np.maximum(met * jobs.experts, 1e-9)
    )
    uneven = np.where(sparse & (chips > 1) & ~grouped, fullest, 1.0)
    moved = shared_byte + expert_byte * uneven + cache_byte + (batch + prefilled) * once
    memory_s = moved / (chips * fixed.bandwidth_efficiency * jobs.bandwidth_byte_per_s)
    # The best product is measured at 16 bits; the same share is taken for the peak of the format.
    rate = chips * fixed.matrix_efficiency * jobs.best_fraction * peak
    arithmetic_s = (decoded + padding) / rate
    device_s = np.where(
        jobs.engine == GRAPH,
        smooth_maximum(memory_s, arithmetic_s + prefill / rate, _GRAPH),
        smooth_maximum(memory_s, arithmetic_s, _KERNEL) + prefill / rate,
    )
    many = chips > 1
    doublings = np.log2(np.maximum(chips, 2.0))
    link_byte = np.where(
        many,
        _REDUCTIONS * jobs.layers * 2.0 * (chips - 1.0) / chips * (batch + prefilled) * jobs.hidden * _BYTES_16,
        0.0,
    )
    workers = np.where(jobs.engine == PLAIN, jobs.layers * values["rank_host_plain"], 0.0)
    link_s = np.where(
        many,
        (_REDUCTIONS * jobs.layers * fixed.all_reduce + workers) * doublings
        + link_byte / (_LINK_OVER_MEMORY * jobs.bandwidth_byte_per_s),
        0.0,
    )
    launch = np.where(jobs.engine == EAGER, values["layer_launch_eager"], values["layer_launch"])
    layers_s = jobs.layers * (launch + np.where(sparse, values["expert_launch"], 0.0))
    per_sequence = np.select(
        [jobs.engine == GRAPH, jobs.engine == PLAIN], [values["sequence_host"], values["sequence_host_plain"]], 0.0
    )
    host_s = batch * per_sequence
    step_s = np.select(
        [jobs.engine == EAGER, jobs.engine == PLAIN],
        [smooth_maximum(device_s + link_s, layers_s, _LAUNCH), device_s + link_s + layers_s + host_s],
        smooth_maximum(device_s + link_s + layers_s, host_s, fixed.host_overlap),
    )
    return Step(
        weight_byte=shared_byte + expert_byte,
        cache_byte=cache_byte,
        activation_byte=activation_byte,
        link_byte=link_byte,
        useful_flop=decoded + prefill,
        padding_flop=padding,
        executed_peak=peak,
        device_s=device_s,
        link_s=link_s,
        layers_s=layers_s,
        host_s=host_s,
        step_s=step_s,
        input_tokens=prompt,
    )


def _cache(jobs: Jobs, prompt: Column) -> tuple[Column, Column]:
    """Give the bytes of caches and states read in a step, and the mean context that attention sees."""
    full = prompt + jobs.output_tokens / 2.0
    seen = np.where(jobs.window > 0, np.minimum(full, jobs.window), full)
    context = full * (1.0 - jobs.windowed_share) + seen * jobs.windowed_share
    entry = np.where(jobs.latent > 0, jobs.latent, 2.0 * jobs.kv_heads * jobs.head_size)
    # More chips than key heads hold copies of them.
    copies = np.where(jobs.kv_heads > 0, np.maximum(1.0, jobs.chips / np.maximum(jobs.kv_heads, 1.0)), 1.0)
    cache = jobs.batch * context * entry * _BYTES_16 * jobs.attention_layers * copies
    return cache + jobs.batch * jobs.state_values * _STATE_BYTES, context


def _activation_byte(jobs: Jobs, sparse: np.ndarray, widths: float) -> Column:
    """Give what one token's unfused pass through all layers moves; a layer with experts has no wide dense part."""
    dense = widths * jobs.hidden
    # Each chip keeps a slot for every expert that a token chose, though it holds few of them; where layers are split
    # inside their experts, as before 2025, the experts' own width is shared out.
    slots = np.where(jobs.engine == GRAPH, jobs.chips, 1.0)
    chosen = 4.0 * jobs.hidden * jobs.chips + 5.0 * jobs.expert_width * slots
    experts = 20.0 * jobs.hidden + jobs.experts_active * chosen
    return np.where(sparse, experts, dense) * jobs.layers * _BYTES_16
