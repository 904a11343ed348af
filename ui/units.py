"""Settings as people read them: SI, per cent, powers of ten."""

from __future__ import annotations

from typing import Final

from efficiency.say import power_of_ten, quantity, significant, times

_FRACTIONS: Final = {
    "a tenth of": 1 / 10,
    "a fifth of": 1 / 5,
    "a quarter of": 1 / 4,
    "a third of": 1 / 3,
    "half of": 1 / 2,
}


def words_for(field: str, value: float) -> str:
    """Say a field's value as its control shows it.

    >>> words_for("brain_flop_per_s", 1e15), words_for("utilisation", 0.4), words_for("chip_count", 1e5)
    ('10¹⁵ FLOP/s', '40 %', '100,000')
    >>> words_for("density", 0.001), words_for("density", 1.0), words_for("density", 0.125)
    ('0.1 %', '100 %', '12.5 %')
    """
    if field == "bits":
        return f"{value:g} bit"
    if field in ("utilisation", "density"):
        number = significant(100 * value, 3)
        return f"{number.rstrip('0').rstrip('.') if '.' in number else number} %"
    if field == "pue":
        return f"{value:.2f}"
    if field == "brain_flop_per_s":
        return f"{power_of_ten(value)} FLOP/s"
    if field == "context_tokens":
        return f"{value:,.0f} tokens" if value < 1e6 else f"{quantity(value, '1', 3)} tokens"
    if field == "copies":
        return "nobody" if value == 1 else f"{quantity(value, '1', 3)} people"
    return f"{value:,.0f}"


def portion(ratio: float) -> str:
    """Say how much one thing is of another: a plain fraction or per cent of it below one, else times.

    >>> portion(0.3), portion(0.5), portion(0.29), portion(0.0004), portion(1.0), portion(2.4)
    ('a third of', 'half of', '29 % of', '0.04 % of', 'as much as', '2.4 times')
    """
    if ratio >= 0.95:
        return "as much as" if ratio < 1.05 else times(ratio, "html")
    name, nearest = min(_FRACTIONS.items(), key=lambda item: abs(ratio / item[1] - 1))
    if abs(ratio / nearest - 1) < 0.101:
        return name
    return f"{significant(100 * ratio, 2 if ratio >= 0.1 else 1)} % of"
