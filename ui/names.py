"""Chips as people call them, and the formats that they compute in."""

from __future__ import annotations

import re
from typing import Final

from efficiency import arithmetic
from efficiency.catalogue import chip, chip_labels
from efficiency.own import is_own
from ui.units import words_for

WHOSE: Final = {"glucose": "all of the brain", "atp": "all signalling of the brain", "body": "all of the body"}
"""What the energy of an event is, by the brain's scope."""
_MAKERS = re.compile(r"^(NVIDIA Tesla|NVIDIA|AMD Instinct|AMD|Google|Intel|AWS|Cerebras|IBM) ")
_FORM_FACTORS = re.compile(r" (SXM\d?|\d+GB|\(.*\)|Trillium|Ironwood|v1(?= ))")


def chip_name(chip: str) -> str:
    """Call a chip what people call it on stage.

    >>> chip_name("h100"), chip_name("tpu_v5p")
    ('H100', 'TPU v5p')
    """
    if is_own(chip):
        return chip_labels()[chip]
    label = _MAKERS.sub("", chip_labels()[chip]).removesuffix(", its GPU")
    return _FORM_FACTORS.sub("", label).strip()


def plural(name: str) -> str:
    """Make a chip's name plural, as in "H100s".

    >>> plural("H100"), plural("TPU v5p")
    ('H100s', 'TPU v5p chips')
    """
    return f"{name}s" if re.fullmatch(r"\w*\d\w*", name) else f"{name} chips"


def native_format(key: str, bits: float) -> str:
    """Say what a chip does with numbers of a width that it has no format for; nothing where it has one.

    >>> native_format("h100", 4.0), native_format("h100", 8.0)
    ('Arithmetic runs at 8 bit on the H100; only memory shrinks', '')
    >>> native_format("tpu_v1", 16.0)
    'Arithmetic is pieced together from 8 bit on the TPU v1'
    """
    native = chip(key).native_bits[bits]
    if native == bits:
        return ""
    if native < bits:
        return f"Arithmetic is pieced together from {words_for('bits', native)} on the {chip_name(key)}"
    return f"Arithmetic runs at {words_for('bits', native)} on the {chip_name(key)}; only memory shrinks"


def training_remark(key: str) -> str:
    """Say of a chip that is made to answer that nobody trains on it; nothing of others.

    >>> training_remark("northpole"), training_remark("h100")
    ('nobody trains on the NorthPole, which is made to answer: its peak rate alone is counted · ', '')
    """
    if chip(key).trains:
        return ""
    return f"nobody trains on the {chip_name(key)}, which is made to answer: its peak rate alone is counted · "


def arithmetic_row(key: str, bits: float) -> str:
    """Say where the energy of the arithmetic comes from, if not from a published row of the same format.

    >>> arithmetic_row("b200", 4.0), arithmetic_row("h100", 8.0), arithmetic_row("h100", 16.0)
    ('arithmetic at 4 bit is estimated from other widths · ', 'arithmetic in FP8 is taken from the row of INT8 · ', '')
    """
    native = chip(key).native_bits[bits]
    if not arithmetic.is_row(native):
        return f"arithmetic at {words_for('bits', native)} is estimated from other widths · "
    if chip(key).peak_fact[bits].endswith(".peak_fp8"):
        return "arithmetic in FP8 is taken from the row of INT8 · "
    return ""
