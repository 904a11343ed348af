"""Counts, shares and widths as the verb and the page on clusters say them."""

from __future__ import annotations

from efficiency.catalogue import chip as chip_of
from efficiency.say import quantity, significant


def width_words(chip: str | None) -> str:
    """Say at what width a chip's peak is counted.

    Parameters
    ----------
    chip : str or None
        Short key; None where a site's peak is published at 16 bits.

    Returns
    -------
    str
        For a line of text [1].

    Notes
    -----
    What is pieced together from narrower numbers is nobody's data sheet.

    References
    ----------
    `efficiency.catalogue`.

    Examples
    --------
    >>> width_words("h100"), width_words("k20x")
    ('at 16 bits', 'at 32 bits, for it has none of 16')
    >>> width_words("northpole")
    'at 16 bits, extrapolated: pieced together from 8 bits'
    """
    native = 16.0 if chip is None else chip_of(chip).native_bits[16.0]
    if native > 16.0:
        return f"at {native:g} bits, for it has none of 16"
    return "at 16 bits" if native == 16.0 else f"at 16 bits, extrapolated: pieced together from {native:g} bits"


def count(value: float) -> str:
    """Say a count of things, also where it is less than one.

    Parameters
    ----------
    value : float
        Positive [1].

    Returns
    -------
    str
        Two significant digits [1].

    Notes
    -----
    Millions and billions in words.

    References
    ----------
    `efficiency.say.quantity`.

    Examples
    --------
    >>> count(7.5e6), count(0.034), count(1e-6)
    ('7.5 million', '0.034', 'under 0.001')
    """
    if value < 1e-3:
        return "under 0.001"
    return significant(value, 2) if value < 1e3 else quantity(value, "1", 2)


def share(value: float) -> str:
    """Say a share of a whole.

    Parameters
    ----------
    value : float
        Positive [fraction].

    Returns
    -------
    str
        In per cent, or in times where it is more than the whole [1].

    Notes
    -----
    Shares far below a thousandth of a per cent are only said to be less.

    References
    ----------
    `efficiency.say.significant`.

    Examples
    --------
    >>> share(0.00022), share(2.5), share(1e-9)
    ('0.022 %', '2.5 times as much', 'under 0.001 %')
    """
    if value < 1e-5:
        return "under 0.001 %"
    return f"{significant(value, 2)} times as much" if value > 1.0 else f"{significant(100 * value, 2)} %"


def share_of(value: float, whole: str) -> str:
    """Say a share of a whole with the whole's name.

    Parameters
    ----------
    value : float
        Positive [fraction].
    whole : str
        For example "Ireland's grid".

    Returns
    -------
    str
        In per cent of it, or in times it [1].

    Notes
    -----
    As `share`.

    References
    ----------
    `share`.

    Examples
    --------
    >>> share_of(4.6, "Ireland's grid"), share_of(0.5, "Ireland's grid")
    ("4.6 times Ireland's grid", "50 % of Ireland's grid")
    """
    return f"{significant(value, 2)} times {whole}" if value > 1.0 else f"{share(value)} of {whole}"
