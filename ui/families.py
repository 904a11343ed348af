"""Families of measurements in words, and their points as a figure takes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import Final

import numpy as np

from efficiency.case_sources import case_source
from efficiency.cases import Cases
from efficiency.prediction import Prediction
from efficiency.say import quantity
from efficiency.validate import Validation
from ui.figures.error import Cloud, FamilyError

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "mlenergy_v3_llm": "ML.ENERGY 2025, text",
        "mlenergy_v2_llm": "ML.ENERGY 2024, text",
        "mlenergy_v1_llm": "ML.ENERGY 2023, text",
        "mlenergy_v3_diffusion": "ML.ENERGY 2025, pictures",
        "mlenergy_v2_diffusion": "ML.ENERGY 2024, pictures",
        "argonne_llm_bench": "Argonne, text",
        "chung2025": "Chung 2025, requests",
        "morrison_serving": "Morrison 2025, requests",
        "ai_energy_score": "AI Energy Score",
        "delavande_t2v": "Delavande 2025, video",
        "mlperf_training": "MLPerf, training",
        "train_papers": "Papers, training",
        "chuyishang": "Chuyi Shang 2025, text",
        "ecocompute": "EcoCompute 2026, text",
        "zschache": "Zschache 2025, requests",
        "luccioni2024": "Luccioni 2024, requests",
        "facility_inference": "Google 2025, requests",
        "northpole": "IBM NorthPole, text",
        "samsi": "Samsi 2023, text",
        "power_split": "Dodge 2022, power",
        "green500": "Green500, computing",
    }
)
"""At most 24 letters, or a name touches the number behind it on a phone."""

_ENERGY_PER: Final = "energy_per_"
QUANTITIES: Final[Mapping[str, tuple[str, float, str]]] = MappingProxyType(
    {
        "energy_per_output_token": ("J", 1.0, "per output token"),
        "energy_per_request": ("J", 1.0, "per request"),
        "energy_per_image": ("J", 1.0, "per image"),
        "energy_per_video": ("J", 1.0, "per video"),
        "energy_per_training_run": ("Wh", 1e6, "per training run"),
    }
)
"""By metric: unit that takes a prefix, how many of it are in the models' unit, what it is counted per.

The choice `er_metric` of the page names them without "energy_per_".
"""


def family_name(family: str) -> str:
    """Say a family in words; one that nobody here knows keeps its own name.

    >>> family_name("mlperf_training"), family_name("mine"), family_name("")
    ('MLPerf, training', 'mine', 'your measurements')
    """
    return NAMES.get(family, family[:24] or "your measurements")


def quantities(validation: Validation, way: str) -> list[str]:
    """List the metrics of which anything is predicted, most points first."""
    scored = _scored(validation.cases, validation.ways[way])
    counts = Counter(validation.cases.metric[i] for i in scored)
    return sorted(counts, key=lambda metric: (-counts[metric], list(QUANTITIES).index(metric)))


def shown_metric(validation: Validation, way: str, chosen: str) -> tuple[str, str]:
    """Give the metric of a choice, and what to say where nothing of it is predicted and the first one stands in."""
    found = quantities(validation, way)
    metric = f"{_ENERGY_PER}{chosen}"
    if metric in found:
        return metric, ""
    asked, used = (QUANTITIES[name][2] for name in (metric, found[0]))
    return found[0], f"Nothing is predicted {asked} where this is known; shown is the energy {used}."


def clouds(validation: Validation, way: str, metric: str) -> list[Cloud]:
    """Give the points of a quantity by family, the largest family first."""
    cases, made = validation.cases, validation.ways[way]
    rows: dict[str, list[int]] = {}
    for i in _scored(cases, made):
        if cases.metric[i] == metric:
            rows.setdefault(cases.family[i], []).append(i)
    scale = [validation.in_standard_units[i] * QUANTITIES[metric][1] for i in range(len(cases))]
    return [
        Cloud(
            family_name(family),
            tuple(float(cases.value[i] * scale[i]) for i in found),
            tuple(float(made.predicted[i] * scale[i]) for i in found),
            tuple(hover(cases, made, i, scale[i]) for i in found),
            tuple(case_source(cases.source[i]) for i in found),
        )
        for family, found in sorted(rows.items(), key=lambda item: -len(item[1]))
    ]


def hover(cases: Cases, made: Prediction, row: int, scale: float) -> str:
    """Say what a point is: model, chip, batch, measured and predicted, source."""
    unit = QUANTITIES[cases.metric[row]][0]
    measured, predicted, low, high = (
        quantity(float(column[row] * scale), unit, 2) for column in (cases.value, made.predicted, made.low, made.high)
    )
    lines = [
        f"<b>{escape(_short(cases.model[row]))}</b>",
        escape(where(cases, row)),
        f"measured {measured}, predicted {predicted} ({low} to {high})",
        escape(_short(cases.source[row], 60)),
    ]
    return "<br>".join(line for line in lines if line)


def where(cases: Cases, row: int) -> str:
    """Name count, chip and batch of a case, as far as they are known."""
    count, batch = cases.n_gpus[row], cases.batch[row]
    # Some names already hold a count, as in "8x NVIDIA A100".
    several = np.isfinite(count) and count >= 1.5 and not cases.gpu[row][:1].isdigit()
    chips = f"{count:,.0f} × " if several else ""
    shared = f", batch {batch:,.0f}" if np.isfinite(batch) else ""
    return f"{chips}{_short(cases.gpu[row] or 'chip not stated')}{shared}"


def family_errors(validation: Validation, way: str) -> list[FamilyError]:
    """Give the error of each family of which anything is predicted, the largest family first."""
    found = [
        FamilyError(family_name(_own(line.group)), s.count, float(10**s.median_error), s.within)
        for line in validation.lines
        if line.grouping == "family" and line.way == way and (s := line.score).count
    ]
    return sorted(found, key=lambda family: -family.count)


def _own(group: str) -> str:
    return "" if group == "not stated" else group


def _scored(cases: Cases, made: Prediction) -> list[int]:
    return [i for i in range(len(cases)) if not made.why_not[i] and np.isfinite(cases.value[i])]


def _short(text: str, letters: int = 48) -> str:
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"
