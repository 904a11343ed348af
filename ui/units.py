"""Settings as people read them: SI, per cent, powers of ten."""

from __future__ import annotations

from typing import Final

from efficiency.say import factor, power_of_ten, quantity, significant, times

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
        return counted(value, "token") if value < 1e6 else f"{quantity(value, '1', 3)} tokens"
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


def counted(number: float, noun: str) -> str:
    """Say how many of a thing there are.

    >>> counted(1.2, "conversation"), counted(4096.0, "conversation")
    ('1 conversation', '4,096 conversations')
    """
    said = f"{number:,.0f}"
    return f"{said} {noun}{'' if said == '1' else 's'}"


def saved(gain: float, markup: str = "plain") -> str:
    """Say what a gain saves, after "saves": nothing where it reads as 1 or worse.

    >>> saved(2.41), saved(1.02), saved(0.9)
    ('2.4 times', 'nothing', 'nothing')
    """
    return times(gain, markup) if gain >= 1 and factor(gain) != "1" else "nothing"


def within(low: float, high: float) -> str:
    """Say a range of gains as a sentence's beginning.

    >>> within(2.1, 3.4), within(1.01, 1.1), within(1.0, 1.04), within(3.01, 3.04)
    ('Between 2.1 and 3.4 times', 'At most 1.1 times', 'Nothing', '3 times')
    """
    least, most = factor(low), factor(high)
    if least == most:
        return "Nothing" if most == "1" else f"{most} times"
    return f"At most {most} times" if least == "1" else f"Between {least} and {most} times"


def as_much(ratio: float, markup: str = "plain") -> str:
    """Say how much one thing takes of what another does.

    >>> as_much(14.2), as_much(1.02), as_much(0.4)
    ('14 times as much', 'as much', '0.4 times as much')
    """
    return "as much" if factor(ratio) == "1" else f"{times(ratio, markup)} as much"


def part_of(share: float) -> str:
    """Say which part a share is, never rounding it to all or nothing.

    >>> part_of(0.75), part_of(0.997), part_of(1.0), part_of(0.002), part_of(0.0)
    ('75 % of', 'nearly all of', 'all of', 'less than 1 % of', 'none of')
    """
    if share >= 0.995:
        return "all of" if share >= 1.0 - 1e-9 else "nearly all of"
    if share < 0.005:
        return "less than 1 % of" if share > 0 else "none of"
    return f"{100 * share:.0f} % of"
