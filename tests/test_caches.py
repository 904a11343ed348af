"""Caches: what attention keeps of a context."""

import numpy as np

from efficiency import catalogue
from efficiency.caches import attended_tokens, cache_bytes
from efficiency.scenario import BITS

LLAMA = catalogue.model("llama31_70b")


def test_golden_cache() -> None:
    # Llama 3.1 70B: keys and values of 80 layers x 8 heads x 128 in 16 bits.
    assert cache_bytes(LLAMA, 16.0, 1.0) == 2 * 80 * 8 * 128 * 2
    # GPT-3 has no shared heads: 96 layers x 96 heads x 128.
    assert cache_bytes(catalogue.model("gpt3"), 16.0, 10.0) == 10 * 2 * 96 * 96 * 128 * 2
    # DeepSeek-V3 keeps a latent of 512 and 64 rotary values for each of 61 layers.
    assert cache_bytes(catalogue.model("deepseek_v3"), 16.0, 1.0) == 61 * (512 + 64) * 2


def test_a_window_bounds_the_cache() -> None:
    """Half of the layers of gpt-oss-120b look back 128 tokens."""
    model = catalogue.model("gpt_oss_120b")
    assert cache_bytes(model, 16.0, 128.0) == 36 * 2 * 8 * 64 * 2 * 128
    assert cache_bytes(model, 16.0, 10_128.0) == 36 * 2 * 8 * 64 * 2 * (128 + 10_000 / 2)
    assert attended_tokens(model, np.array([64.0, 1128.0])).tolist() == [64.0, 628.0]


def test_the_cache_keeps_at_least_8_bits() -> None:
    assert cache_bytes(LLAMA, 4.0, 100.0) == cache_bytes(LLAMA, 8.0, 100.0)
    together = cache_bytes(LLAMA, np.array(BITS), 100.0)
    assert together.tolist() == [cache_bytes(LLAMA, bits, 100.0) for bits in BITS]
