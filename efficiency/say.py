"""Numbers as people say them: SI prefixes, plain factors, powers of ten.

The model never rounds; this module is the edge where a number becomes text, for the command line and the pages alike.
"""

from __future__ import annotations

import functools
import math
from typing import Final

PLAIN_LIMIT: Final = 10_000
"""Factors below this are said in plain digits, larger ones as powers of ten (MODEL.md, The words)."""
KEPT: Final = 4096
"""Numbers whose words are remembered: a page says some 300, and most of them again after the next move."""

_PREFIXES: Final = {
    -18: "a", -15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "",
    3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E", 21: "Z",
}  # fmt: skip
_SUPERSCRIPT: Final = str.maketrans("0123456789-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")
_NO_PREFIX_UNITS: Final = frozenset({"1", "fraction", "year", "K", "°C", "words/min"})


@functools.lru_cache(maxsize=KEPT)
def significant(value: float, digits: int = 2) -> str:
    """Say a number with so many significant digits, grouped by thousands.

    Parameters
    ----------
    value : float
        Any finite number [any unit].
    digits : int
        Significant digits, at least 1.

    Returns
    -------
    str
        For example ``"4,100"``, ``"0.27"``, ``"−12"``.

    Notes
    -----
    Digits left of the decimal point beyond `digits` become zeros; none are dropped.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> significant(4137.2), significant(0.2667), significant(5.2596, 3)
    ('4,100', '0.27', '5.26')
    """
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    rounded = round(value, digits - 1 - exponent)
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:,.{decimals}f}".replace("-", "−")


def power_of_ten(value: float, markup: str = "plain") -> str:
    """Say a positive number as a power of ten with one decimal in the exponent.

    Parameters
    ----------
    value : float
        Positive [any unit].
    markup : {"plain", "html"}
        ``"plain"`` uses superscript characters, ``"html"`` a ``<sup>`` element.

    Returns
    -------
    str
        For example ``"10⁶·⁹"`` or ``"10<sup>6.9</sup>"``.

    Notes
    -----
    One decimal of the exponent is a step of 26 %, about what these quantities are known to at best.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> power_of_ten(7.5e6), power_of_ten(7.5e6, "html"), power_of_ten(1e7)
    ('10⁶·⁹', '10<sup>6.9</sup>', '10⁷')
    """
    # Adding zero turns the minus zero of a number just below 1 into zero.
    exponent = f"{round(math.log10(value), 1) + 0.0:.1f}".removesuffix(".0")
    if markup == "html":
        return f"10<sup>{exponent.replace('-', '−')}</sup>"
    return "10" + exponent.translate(_SUPERSCRIPT)


def factor(value: float, markup: str = "plain") -> str:
    """Say a ratio: plain digits from 1/10,000 up to 10,000, else a power of ten.

    Parameters
    ----------
    value : float
        Positive ratio [1].
    markup : {"plain", "html"}
        See `power_of_ten`.

    Returns
    -------
    str
        For example ``"180"``, ``"0.5"``, ``"10⁶·⁹"``.

    Notes
    -----
    Two significant digits: no interval is narrow enough to carry more.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> factor(183.2), factor(0.524), factor(1.0), factor(2.5e4)
    ('180', '0.52', '1', '10⁴·⁴')
    """
    if not 1 / PLAIN_LIMIT <= value < PLAIN_LIMIT * 0.9995:
        return power_of_ten(value, markup)
    return _trim(significant(value))


def times(value: float, markup: str = "plain") -> str:
    """Say how many times, for a headline.

    Parameters
    ----------
    value : float
        Positive ratio [1].
    markup : {"plain", "html"}
        See `power_of_ten`.

    Returns
    -------
    str
        For example ``"180 times"``.

    Notes
    -----
    Only `factor` with its noun.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> times(183.2)
    '180 times'
    """
    return f"{factor(value, markup)} times"


@functools.lru_cache(maxsize=KEPT)
def quantity(value: float, unit: str, digits: int = 3) -> str:
    """Say an SI quantity with a prefix that keeps one to three digits before the point.

    Parameters
    ----------
    value : float
        In the SI unit [unit].
    unit : str
        SI unit, for example ``"W"`` or ``"J/bit"``; ``"1"`` for none.
    digits : int
        Significant digits.

    Returns
    -------
    str
        For example ``"3.16 MW"``.

    Notes
    -----
    Trailing zeros after the point are dropped: ``150 MW``, not ``150. MW``.

    References
    ----------
    SI brochure, 9th edition, table 7 (prefixes).

    Examples
    --------
    >>> quantity(3.16e6, "W"), quantity(2.667e-13, "J", 2), quantity(999.6, "W", 2), quantity(8.1e9, "1", 2)
    ('3.16 MW', '0.27 pJ', '1 kW', '8.1 billion')
    """
    if value == 0 or not math.isfinite(value):
        # Adding zero turns minus zero into zero.
        return f"{value + 0.0:g} {unit}".removesuffix(" 1")
    # Rounded first, so that 999.6 W is 1 kW.
    value = float(f"{value:.{digits - 1}e}")
    if unit == "1":
        return _count(value, digits)
    if unit in _NO_PREFIX_UNITS:
        return f"{_trim(significant(value, digits))} {unit}"
    # With two digits, 0.27 pJ reads better than 270 fJ: parts of a unit turn at 200, whole ones at 1000.
    turn = math.log10(5) if digits <= 2 and abs(value) < 1 else 0.0
    exponent = 3 * math.floor((math.log10(abs(value)) + turn) / 3)
    exponent = min(max(exponent, min(_PREFIXES)), max(_PREFIXES))
    number = significant(value / 10.0**exponent, digits)
    return f"{_trim(number)} {_PREFIXES[exponent]}{unit}"


def counted(number: str, noun: str) -> str:
    """Put a noun in its number.

    Parameters
    ----------
    number : str
        As it is said.
    noun : str
        Of one, with a plural in s.

    Returns
    -------
    str
        For example ``"2 tokens"``.

    Notes
    -----
    One is what is said as one, so 1.001 with two digits is too.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> counted("1", "year"), counted("0.5", "year")
    ('1 year', '0.5 years')
    """
    return f"{number} {noun}{'' if number == '1' else 's'}"


def _count(value: float, digits: int) -> str:
    for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if abs(value) >= size:
            return f"{_trim(significant(value / size, digits))} {name}"
    return _trim(significant(value, digits))


def _trim(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
