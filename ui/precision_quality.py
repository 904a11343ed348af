"""What the *Precision* page says of quality, and of gains that others measured."""

from __future__ import annotations

import functools
from html import escape
from typing import Final

import plotly.graph_objects as go

from efficiency.facts import fact, source
from efficiency.precision_quality import equal_quality_growth, same_quality
from efficiency.say import factor, significant, times
from ui.figures.precision import bits_text
from ui.figures.precision_parts import GrowthRow, growth_figure
from ui.theme import Mode

GROWTH_BITS: Final = (8.0, 6.0, 4.0, 3.0, 2.0, 1.58, 1.0)
_FP8_ENERGY: Final = (
    ("precision.energy.fp8_8", "8 to 16"),
    ("precision.energy.fp8_17", "17 to 64"),
    ("precision.energy.fp8_65", "65 to 256"),
)


@functools.cache
def growth_rows() -> tuple[GrowthRow, ...]:
    """Put published laws and quantised models of the same width together."""
    return tuple(
        GrowthRow(bits, equal_quality_growth(bits), tuple(one.growth for one in same_quality() if one.bits == bits))
        for bits in GROWTH_BITS
    )


@functools.lru_cache(maxsize=4)
def growth_figure_of(mode: Mode) -> go.Figure:
    """Draw by how much a model must grow."""
    return growth_figure(growth_rows(), mode)


def gains_table() -> str:
    """Set published gains beside what the bits promise, each with the setting it holds in, as a table in HTML."""
    quip = fact("precision.speed.quipsharp_2").si / fact("precision.speed.quipsharp_16").si
    rows = (
        *(
            (
                f"FP8, {told} conversations at once",
                2.0,
                _saved(key),
                "<b>energy</b>, models that read text on H100 and B200, software of 2025",
                key,
            )
            for key, told in _FP8_ENERGY
        ),
        ("FP8, vLLM", 2.0, _least_most("precision.speed.vllm_fp8"), "speed, at best", "precision.speed.vllm_fp8"),
        (
            "INT8, SmoothQuant",
            2.0,
            _least_most("precision.speed.smoothquant"),
            "speed, at best",
            "precision.speed.smoothquant",
        ),
        (
            "4-bit weights, MARLIN",
            4.0,
            _least_most("precision.speed.marlin"),
            "speed of one kernel on an A10, up to 16 to 32 conversations",
            "precision.speed.marlin",
        ),
        (
            "4-bit weights, AWQ",
            4.0,
            _least_most("precision.speed.awq"),
            "speed, one conversation, 8B model on an RTX 4090 or a Jetson",
            "precision.speed.awq",
        ),
        (
            "2-bit weights, QuIP#",
            8.0,
            factor(quip),
            "speed, one conversation, 7B model on an RTX 6000 Ada",
            "precision.speed.quipsharp_2",
        ),
        (
            "2-bit weights, AQLM",
            8.0,
            _least_most("precision.speed.aqlm"),
            "speed on a GPU, by kernel",
            "precision.speed.aqlm",
        ),
        (
            "Ternary weights, bitnet.cpp",
            16.0 / 1.58,
            _least_most("precision.energy.bitnet_cpp"),
            "<b>energy</b>, on an x86 processor",
            "precision.energy.bitnet_cpp",
        ),
    )
    cells = "".join(
        f"<tr><td><b>{what}</b><br>{setting} · {cited(key)}</td><td>{factor(bits)}×</td>"
        f'<td style="white-space:normal"><b>{measured}×</b></td></tr>'
        for what, bits, measured, setting, key in rows
    )
    return html_table(("What was measured, and where it holds", "By bits", "Measured"), cells, wrap=True)


def _saved(key: str) -> str:
    """Give the range of a gain from that of an energy over the one before."""
    record = fact(key)
    return f"{factor(1.0 / record.si_high)} to {factor(1.0 / record.si_low)}"


def _least_most(key: str) -> str:
    record = fact(key)
    if not record.has_range:
        return factor(record.si)
    return f"{factor(record.si_low)} to {factor(record.si_high)}"


def growth_headline() -> str:
    """Say where quality starts to cost."""
    eight, four, two = (equal_quality_growth(bits).central for bits in (8.0, 4.0, 2.0))
    first = "8 bit costs next to no quality" if eight < 1.02 else f"8 bit needs {factor(eight)} times the parameters"
    return f"{first}, 4 bit needs {times(four)} the parameters, 2 bit {times(two)}, and below the laws part ways"


def growth_caption() -> str:
    """Say what the marks are and how far they reach, as HTML."""
    return (
        "Dot: laws fitted to models trained with weights and activations at that width "
        f"({cited('precision.efficiency.quest_4')}; {cited('precision.efficiency.frantar_4')}); 6 and 1.58 bit are "
        f"interpolated. Bar: from the most favourable published result ({cited('precision.tasks.nvfp4_4')}; "
        f"{cited('precision.tasks.bitnet_3b')}) to the least favourable law "
        f"({cited('precision.kumar.weights_sensitivity')}; LSQ). All laws come from models of at most a few billion "
        "parameters. Ticks: other people’s measurements as a check, of weights alone narrowed after training: how much "
        "larger the model is than the one of its family that does as well at 16 bit "
        f"({cited('precision.perplexity.llama1_65b.4')}; {cited('precision.perplexity.llama2_70b.4')}; "
        f"{cited('precision.perplexity.llama2_70b.2')})."
    )


def quality_table() -> str:
    """Set what published tables say of quality by width as a table in HTML."""
    cells = "".join(
        f'<tr><td><b>{bits_text(bits)}</b></td><td style="white-space:normal">{said}</td></tr>'
        for bits, said in _quality_rows()
    )
    return html_table(("Width", "Published quality"), cells, wrap=True)


def _quality_rows() -> tuple[tuple[float, str], ...]:
    return (
        (
            8.0,
            f"Accuracy kept: {_value('tasks.fp8_recovery')} with FP8 ({cited('precision.tasks.fp8_recovery')}); "
            f"on long inputs {_value('tasks.long_context_8')} lost ({cited('precision.tasks.long_context_8')}); "
            f"perplexity of Llama 3 8B {_rise('llama3_8b.8', 'llama3_8b.16')} "
            f"({cited('precision.perplexity.llama3_8b.8')})",
        ),
        (
            6.0,
            f"Perplexity of Llama 3 8B {_rise('llama3_8b.6', 'llama3_8b.16')} "
            f"({cited('precision.perplexity.llama3_8b.6')})",
        ),
        (
            4.0,
            f"Trained in it, 12B: MMLU-Pro {_value('tasks.nvfp4_4')} against {_value('tasks.nvfp4_8')} in FP8 "
            f"({cited('precision.tasks.nvfp4_4')}). Narrowed afterwards: MMLU of Llama 2 70B "
            f"{_value('tasks.mmlu_16')} to {_value('tasks.mmlu_4')} ({cited('precision.tasks.mmlu_4')}); "
            f"agents, Qwen3 8B {_value('tasks.agents_16')} to {_value('tasks.agents_4')} "
            f"({cited('precision.tasks.agents_4')}); long inputs lose up to {_value('tasks.long_context_4')} "
            f"({cited('precision.tasks.long_context_4')})",
        ),
        (
            3.0,
            f"Perplexity of LLaMA 65B {_rise('llama1_65b.3', 'llama1_65b.16')}, calibrated; "
            f"{_rise('llama1_65b.3_plain', 'llama1_65b.16')} merely rounded "
            f"({cited('precision.perplexity.llama1_65b.3')})",
        ),
        (
            2.0,
            f"Perplexity of Llama 2 70B {_rise('llama2_70b.2', 'llama2_70b.16')}; MMLU of Llama 3 70B "
            f"{_value('tasks.mmlu_llama3_70b_16')} to {_value('tasks.mmlu_llama3_70b_2')}, of 8B "
            f"{_value('tasks.mmlu_llama3_8b_16')} to {_value('tasks.mmlu_llama3_8b_2')} "
            f"({cited('precision.tasks.mmlu_llama3_70b_2')})",
        ),
        (
            1.58,
            f"Trained in it, 3B: mean of five tasks {_value('tasks.bitnet_3b')} against "
            f"{_value('tasks.stable_lm_3b')} of another model at 16 bit; activations keep 8 bit "
            f"({cited('precision.tasks.bitnet_3b')})",
        ),
        (
            1.0,
            f"Perplexity of Llama 2 7B {_rise('llama2_7b.1', 'llama2_7b.16')} "
            f"({cited('precision.perplexity.llama2_7b.1')})",
        ),
    )


def _value(key: str) -> str:
    record = fact(f"precision.{key}")
    return f"{record.value:g} %"


def _rise(narrow: str, wide: str) -> str:
    """Say by how much a perplexity rises."""
    ratio = fact(f"precision.perplexity.{narrow}").si / fact(f"precision.perplexity.{wide}").si
    return f"+{significant(100 * (ratio - 1), 2 if ratio > 1.001 else 1)} %"


def cited(key: str) -> str:
    """Name the first source of a record, with its address."""
    found = source(fact(key).sources[0])
    first, _, others = found.authors.partition(";")
    name = f"{first} et al." if others and "et al." not in first else first
    words = escape(f"{name}, {found.year}" if found.year else name)
    if not found.url:
        return words
    return f'<a href="{escape(found.url)}" target="_blank" rel="noopener noreferrer">{words}</a>'


def html_table(heads: tuple[str, ...], rows: str, wrap: bool = False) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    style = ' style="min-width:0"' if wrap else ""
    return (
        f'<div class="tw-scroll"><table class="tw-table"{style}><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
