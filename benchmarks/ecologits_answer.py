"""How long one EcoLogits answer takes; `benchmarks.model` runs this in the virtual environment that has EcoLogits.

Prints two medians as JSON [s]: the bare calculation, and the answer as a user of the package gets it, with ranges.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
import time
from collections.abc import Callable

TOKENS = 400
MODEL = "meta-llama/Meta-Llama-3.1-70B"


def median_s(call: Callable[[], object], repeats: int, rounds: int) -> float:
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(rounds):
            call()
        times.append((time.perf_counter() - start) / rounds)
    return statistics.median(times)


def main(repeats: int, rounds: int) -> None:
    from ecologits.impacts.llm import compute_llm_impacts
    from ecologits.tracers.utils import llm_impacts

    def bare() -> object:
        # The factors of the electricity mix do not change the time.
        return compute_llm_impacts(
            model_active_parameter_count=70.6,
            model_total_parameter_count=70.6,
            output_token_count=TOKENS,
            if_electricity_mix_adpe=7e-8,
            if_electricity_mix_pe=10.0,
            if_electricity_mix_gwp=0.5,
            if_electricity_mix_wue=4.0,
            datacenter_pue=1.3,
            datacenter_wue=0.5,
        )

    def whole() -> object:
        return llm_impacts("huggingface_hub", MODEL, TOKENS, math.inf, "WOR")

    for call in (bare, whole):
        answer = call()
        if answer.energy is None or getattr(answer, "errors", None):  # type: ignore[attr-defined]
            raise RuntimeError(f"EcoLogits gave no answer: {answer}")
    print(json.dumps({"bare_s": median_s(bare, repeats, rounds), "whole_s": median_s(whole, repeats, rounds)}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
