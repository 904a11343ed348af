"""Settings as people read them: SI, per cent, powers of ten."""

from __future__ import annotations

from efficiency.say import power_of_ten, quantity, significant


def words_for(field: str, value: float) -> str:
    """Say a field's value as its control shows it.

    >>> words_for("brain_flop_per_s", 1e15), words_for("utilisation", 0.4), words_for("chip_count", 1e5)
    ('10¹⁵ FLOP/s', '40 %', '100,000')
    """
    if field == "bits":
        return f"{value:g} bit"
    if field in ("utilisation", "density"):
        return f"{significant(100 * value, 3)} %".replace(".00 %", " %").replace(".0 %", " %")
    if field == "pue":
        return f"{value:.2f}"
    if field == "brain_flop_per_s":
        return f"{power_of_ten(value)} FLOP/s"
    if field == "context_tokens":
        return f"{value:,.0f} tokens" if value < 1e6 else f"{quantity(value, '1', 3)} tokens"
    if field == "copies":
        return "nobody" if value == 1 else f"{quantity(value, '1', 3)} people"
    return f"{value:,.0f}"
