"""Two yardsticks for predictions of language models: nameplate power times time, and EcoLogits' published formula.

Neither is fitted here. They are what a prediction must beat to be worth making.
"""

from __future__ import annotations

import numpy as np

from efficiency.case_chips import ratings
from efficiency.cases import Cases, Column
from efficiency.facts import fact
from efficiency.units import SECONDS_PER_HOUR


def limit_times_time_j_per_token(cases: Cases) -> Column:
    """Give the energy per output token if every board drew its limit all the time.

    Parameters
    ----------
    cases : Cases
        Language models, with tokens_per_s of all boards together.

    Returns
    -------
    ndarray, shape (n,)
        Energy per output token; NaN where throughput, count or chip is unknown [J/token].

    Notes
    -----
    E = limit x boards / throughput. An upper bound where the boards keep to their limit.

    References
    ----------
    The common estimate of model cards, for example of Llama.

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> row = {"model": "m", "gpu": "NVIDIA H100 SXM", "metric": "energy_per_output_token", "n_gpus": 2,
    ...        "tokens_per_s": 1000}
    >>> limit_times_time_j_per_token(cases_from_rows([row])).tolist()
    [1.4]
    """
    return ratings(cases.gpu).limit_w * cases.n_gpus / cases.tokens_per_s


def ecologits_boards(params_total: Column, weight_bits: Column | float | None = None) -> Column:
    """Give the boards that EcoLogits takes a model to need.

    Parameters
    ----------
    params_total : float or ndarray
        All parameters of the model [1].
    weight_bits : float or ndarray, optional
        Bits per weight; EcoLogits' own assumption if left out [bit].

    Returns
    -------
    ndarray
        A power of two [1].

    Notes
    -----
    1.2 x parameters x bits / 8 over 80 GB, rounded up, and rounded up again to a power of two.

    References
    ----------
    EcoLogits, methodology of LLM inference, https://ecologits.ai/latest/methodology/llm_inference/.

    Examples
    --------
    >>> [float(ecologits_boards(size)) for size in (8e9, 70e9, 405e9)]
    [1.0, 4.0, 16.0]
    """
    bits = fact("ecologits.weight_bits").si if weight_bits is None else weight_bits
    memory_byte = fact("ecologits.weights_overhead").si * np.asarray(params_total, dtype=float) * bits / 8.0
    boards = np.maximum(np.ceil(memory_byte / fact("ecologits.gpu_memory").si), 1.0)
    return 2.0 ** np.ceil(np.log2(boards))


def ecologits_board_j_per_token(
    params_active: Column, params_total: Column, batch: Column | float | None = None
) -> Column:
    """Give the energy per output token of the boards, by EcoLogits' formula.

    Parameters
    ----------
    params_active, params_total : float or ndarray
        Parameters per token, and all [1].
    batch : float or ndarray, optional
        Requests at a time; EcoLogits' own assumption if left out [1].

    Returns
    -------
    ndarray
        Energy [J/token].

    Notes
    -----
    boards x (alpha exp(beta batch) P / 1e9 + gamma), alpha and gamma in watt-hours per token. The regression is its
    authors', to the ML.ENERGY leaderboard; its exponential in the batch holds to about 64.

    References
    ----------
    EcoLogits, methodology of LLM inference, https://ecologits.ai/latest/methodology/llm_inference/.

    Examples
    --------
    >>> round(float(ecologits_board_j_per_token(8e9, 8e9)), 4)
    0.1623
    """
    at_once = fact("ecologits.batch").si if batch is None else np.asarray(batch, dtype=float)
    falling = fact("ecologits.energy_alpha").si * np.exp(fact("ecologits.energy_beta").si * at_once)
    watt_hours = falling * np.asarray(params_active, dtype=float) / 1e9 + fact("ecologits.energy_gamma").si
    return SECONDS_PER_HOUR * watt_hours * ecologits_boards(params_total)


def ecologits_request_j(
    params_active: Column,
    params_total: Column,
    output_tokens: Column,
    batch: Column | float | None = None,
    pue: Column | float = 1.0,
) -> Column:
    """Give the energy of a request by EcoLogits' formula, with its share of the server.

    Parameters
    ----------
    params_active, params_total : float or ndarray
        Parameters per token, and all [1].
    output_tokens : float or ndarray
        Tokens generated [token].
    batch : float or ndarray, optional
        Requests at a time; EcoLogits' own assumption if left out [1].
    pue : float or ndarray, optional
        Power usage effectiveness [1].

    Returns
    -------
    ndarray
        Energy [J].

    Notes
    -----
    PUE x (time x server power x boards / 8 / batch + boards' energy); time per token is a + b batch + c P / 1e9.

    References
    ----------
    EcoLogits, methodology of LLM inference, https://ecologits.ai/latest/methodology/llm_inference/.

    Examples
    --------
    >>> round(float(ecologits_request_j(8e9, 8e9, 400.0)), 1)
    107.0
    """
    at_once = fact("ecologits.batch").si if batch is None else np.asarray(batch, dtype=float)
    length = np.asarray(output_tokens, dtype=float)
    per_token_s = (
        fact("ecologits.latency_alpha").si * np.asarray(params_active, dtype=float) / 1e9
        + fact("ecologits.latency_beta").si * at_once
        + fact("ecologits.latency_gamma").si
    )
    boards = ecologits_boards(params_total)
    server_w = fact("ecologits.server_power").si * boards / fact("ecologits.server_gpus").si / at_once
    return pue * length * (per_token_s * server_w + ecologits_board_j_per_token(params_active, params_total, at_once))


def ecologits_j_per_token(cases: Cases) -> Column:
    """Give the energy per output token of the boards, by EcoLogits' formula and its own batch.

    Parameters
    ----------
    cases : Cases
        Language models.

    Returns
    -------
    ndarray, shape (n,)
        Energy per output token; NaN where the size is unknown [J/token].

    Notes
    -----
    A model whose active parameters are not stated is dense.

    References
    ----------
    EcoLogits, methodology of LLM inference, https://ecologits.ai/latest/methodology/llm_inference/.

    Examples
    --------
    >>> from efficiency.cases import cases_from_rows
    >>> row = {"model": "m", "gpu": "g", "metric": "energy_per_output_token", "params_total": 8e9}
    >>> ecologits_j_per_token(cases_from_rows([row])).round(4).tolist()
    [0.1623]
    """
    total = np.where(np.isfinite(cases.params_total), cases.params_total, cases.params_active)
    active = np.where(np.isfinite(cases.params_active), cases.params_active, total)
    return ecologits_board_j_per_token(active, total)
