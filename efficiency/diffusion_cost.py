"""Time, power and energy of sampling an image or a video, from its steps, size and frames.

One run makes `batch` items on `n` chips that share the sequence::

    busy = (matrix + score_ops x scores + element_ops x elements) x (1 + serial x (n - 1))
                                                     per chip, as if it never waited; Amdahl's law with an n-th each
    t    = smooth maximum(busy, launches)             one chip: launches overlap kernels
         = busy + link + launches                     several: a collective blocks
           + decode_ops x pixels                      the decoder, on one chip
    E    = n TDP t x smooth minimum(cap, floor + active x (busy + decode / n) / t)

Products run at the matrix peak, but softmax and element-wise kernels at the rate at which multiprocessors issue lanes,
which grew 1.6 times from the A100 to the H100 and 1.2 times to the B200 while the matrix peak grew 3.2 and 2.3 times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from efficiency.cases import Column
from efficiency.denoisers import Denoiser
from efficiency.facts import fact


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """Work of one run, per chip; coefficients are not applied yet.

    Attributes
    ----------
    matrix_s, link_s : ndarray
        Time of the products, and of tensors on the link [s].
    scores_s, elements_s, decode_s : ndarray
        Time per lane operation on every attention score, element, and decoded pixel [s].
    layer_steps : ndarray
        Layers launched, times steps [1].
    """

    matrix_s: Column
    link_s: Column
    scores_s: Column
    elements_s: Column
    decode_s: Column
    layer_steps: Column


def tokens(model: Denoiser, height: Column, width: Column, frames: Column) -> tuple[Column, Column]:
    """Count the tokens of an image or a video.

    Parameters
    ----------
    model : Denoiser
        The network.
    height, width, frames : float or ndarray
        Size of the output [pixel, pixel, 1]; an image has one frame.

    Returns
    -------
    tuple of ndarray
        Tokens that pass the network, and pairs of them that attention scores [1].

    Notes
    -----
    A causal video autoencoder keeps the first frame and joins the others: 1 + (frames - 1) / down_time. A U-Net attends
    within a frame; a transformer to everything, text included.

    References
    ----------
    Peebles, W.; Xie, S.: Scalable diffusion models with transformers. arXiv 2212.09748 (2022).

    Examples
    --------
    >>> from efficiency.denoisers import denoisers
    >>> [float(count) for count in tokens(denoisers()["flux.1"], 1024.0, 1024.0, 1.0)]
    [4608.0, 21233664.0]
    """
    still = np.ceil(height / model.down / model.patch) * np.ceil(width / model.down / model.patch)
    joined = np.ceil(((frames - 1) / model.down_time + 1) / model.patch_time) if model.down_time > 1 else frames
    if model.convolutional:
        return still * joined, still * still * joined
    count = still * joined + model.text_tokens
    return count, count * count


def work(
    models: Sequence[Denoiser],
    steps: Column,
    height: Column,
    width: Column,
    frames: Column,
    batch: Column,
    chips: Column,
    peak_flop_s: Column,
    lane_rate_s: Column,
    link_byte_s: Column,
) -> Work:
    """Count the work of sampling runs.

    Parameters
    ----------
    models : sequence of Denoiser, length n
        The network of each run.
    steps, height, width, frames, batch, chips : ndarray, shape (n,)
        Denoising steps, size of the output, items at a time, chips that share them [1, pixel, pixel, 1, 1, 1].
    peak_flop_s, lane_rate_s, link_byte_s : ndarray, shape (n,)
        Matrix peak at 16 bits [FLOP/s], lane operations [1/s], link of a chip, both directions [B/s].

    Returns
    -------
    Work
        Per run [s].

    Notes
    -----
    FLOP = (2 multiply-adds x tokens + attention x pairs) x steps x passes x batch. Guidance needs two passes per step;
    samplers of few steps do without. Four tensors cross the link per layer.

    References
    ----------
    MODEL.md, "Images and videos".

    Examples
    --------
    >>> from efficiency.denoisers import denoisers
    >>> one = np.ones(1)
    >>> flux = work([denoisers()["flux.1"]], 28 * one, 1024 * one, 1024 * one, one, one, one, 989e12 * one,
    ...             7.7e12 * one, 9e11 * one)
    >>> round(float(flux.matrix_s[0]), 2)
    3.01
    """
    lengths = np.array(
        [tokens(m, h, w, f) for m, h, w, f in zip(models, height, width, frames, strict=True)], dtype=float
    ).reshape(-1, 2)
    length, pairs = lengths[:, 0], lengths[:, 1]

    def per_run(field: str) -> Column:
        return np.array([getattr(model, field) for model in models], dtype=float)

    passes = np.where(steps <= fact("diffusion.few_steps").si, 1.0, per_run("passes"))
    runs = steps * passes * batch
    efficiency = np.where(
        per_run("convolutional") > 0,
        fact("diffusion.convolution_efficiency").si,
        fact("diffusion.matrix_efficiency").si,
    )
    flop = (2.0 * per_run("multiply_adds") * length + per_run("attention_flop") * pairs) * runs
    moved = fact("diffusion.link_tensors").si * 2.0 * length * per_run("layers") * per_run("hidden") * runs / chips
    decoder = np.where(frames > 1, fact("diffusion.video_decode_ratio").si, 1.0)
    return Work(
        matrix_s=flop / (chips * peak_flop_s * efficiency),
        # A chip keeps its own share; half of a link's rate goes either way.
        link_s=moved * (1.0 - 1.0 / chips) / (fact("diffusion.link_efficiency").si * link_byte_s / 2.0),
        scores_s=per_run("score_heads") * pairs * runs / (lane_rate_s * chips),
        elements_s=per_run("elements") * length * runs / (lane_rate_s * chips),
        decode_s=decoder * height * width * frames * batch / lane_rate_s,
        layer_steps=per_run("launches") * steps,
    )


def busy_s(found: Mapping[str, float], job: Work, chips: Column) -> Column:
    """Give the time a chip would work on the denoiser if it never waited.

    Parameters
    ----------
    found : Mapping of str to float
        Coefficients by name.
    job : Work
        The runs.
    chips : ndarray, shape (n,)
        Chips that share a run [1].

    Returns
    -------
    ndarray, shape (n,)
        Time [s].

    Notes
    -----
    matrix + score_ops x scores + element_ops x elements, an n-th of it on each of n chips; what is not split, `serial`
    of the whole, every chip does.

    References
    ----------
    Amdahl, G. M.: Validity of the single processor approach to achieving large scale computing capabilities. AFIPS
    Spring Joint Computer Conference (1967). MODEL.md, "Images and videos".

    Examples
    --------
    >>> one = np.ones(1)
    >>> found = {"score_ops": 2.0, "element_ops": 3.0, "serial": 0.1}
    >>> [round(float(busy_s(found, Work(one, one, one, one, one, one), chips * one)[0]), 1) for chips in (1, 2)]
    [6.0, 6.6]
    """
    split = job.matrix_s + found["score_ops"] * job.scores_s + found["element_ops"] * job.elements_s
    return split * (1.0 + found["serial"] * (chips - 1.0))


def run_s(found: Mapping[str, float], job: Work, chips: Column) -> Column:
    """Give the time of a run, decoding included.

    Parameters
    ----------
    found : Mapping of str to float
        Coefficients by name.
    job : Work
        The runs.
    chips : ndarray, shape (n,)
        Chips that share a run [1].

    Returns
    -------
    ndarray, shape (n,)
        Time [s].

    Notes
    -----
    On one chip, (busy^3 + launches^3)^(1/3); on several, their sum and the link's time, because every layer waits for
    its collectives. Launches cost more with every doubling of the chips.

    References
    ----------
    MODEL.md, "Images and videos".

    Examples
    --------
    >>> one, none = np.ones(1), np.zeros(1)
    >>> found = dict(score_ops=0, element_ops=0, decode_ops=0, launch_s=1, parallel_s=1, parallel_growth=0, serial=0)
    >>> float(run_s(found, Work(one, none, none, none, none, none), one)[0])
    1.0
    """
    busy = busy_s(found, job, chips)
    exponent = fact("diffusion.overlap_exponent").si
    alone = (busy**exponent + (found["launch_s"] * job.layer_steps) ** exponent) ** (1 / exponent)
    growth = 1.0 + found["parallel_growth"] * np.log2(np.maximum(chips, 2.0) / 2.0)
    together = busy + job.link_s + found["parallel_s"] * growth * job.layer_steps
    return np.where(chips > 1, together, alone) + found["decode_ops"] * job.decode_s


def power_share(found: Mapping[str, float], job: Work, time_s: Column, chips: Column) -> Column:
    """Give the mean power of a board over its limit.

    Parameters
    ----------
    found : Mapping of str to float
        Coefficients by name.
    job : Work
        The runs.
    time_s : ndarray, shape (n,)
        How long they took, or take [s].
    chips : ndarray, shape (n,)
        Chips that share a run [1].

    Returns
    -------
    ndarray, shape (n,)
        Power over the limit, below the cap [fraction].

    Notes
    -----
    A floor while a board runs at all, and a part in proportion to the time it works; (p^-8 + cap^-8)^(-1/8).

    References
    ----------
    MODEL.md, "Images and videos".

    Examples
    --------
    >>> one, none = np.ones(1), np.zeros(1)
    >>> found = dict(score_ops=0, element_ops=0, decode_ops=0, floor=0.25, active=0.5, serial=0)
    >>> round(float(power_share(found, Work(one, none, none, none, none, none), 2 * one, one)[0]), 3)
    0.5
    """
    worked = busy_s(found, job, chips) + found["decode_ops"] * job.decode_s / chips
    share = found["floor"] + found["active"] * np.minimum(worked / time_s, 1.0)
    exponent = fact("diffusion.cap_exponent").si
    return (share**-exponent + fact("power.cap").si ** -exponent) ** (-1 / exponent)
