"""The one numeric type of the model: a float, or an array that broadcasts.

Plain Python floats are several times faster than zero-dimensional arrays, so the scalar path stays plain.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = float | npt.NDArray[np.float64]


def larger(a: Floats, b: Floats) -> Floats:
    """Return the larger of two numbers, element by element.

    Parameters
    ----------
    a, b : float or ndarray
        Any unit, alike [unit].

    Returns
    -------
    float or ndarray
        Broadcast of the inputs [unit].

    Notes
    -----
    Same as ``numpy.maximum``, without its cost on two floats.

    References
    ----------
    numpy.maximum.

    Examples
    --------
    >>> larger(1.0, 2.0)
    2.0
    """
    if isinstance(a, float) and isinstance(b, float):
        return a if a > b else b
    return np.maximum(a, b)


def smaller(a: Floats, b: Floats) -> Floats:
    """Return the smaller of two numbers, element by element.

    Parameters
    ----------
    a, b : float or ndarray
        Any unit, alike [unit].

    Returns
    -------
    float or ndarray
        Broadcast of the inputs [unit].

    Notes
    -----
    Same as ``numpy.minimum``, without its cost on two floats.

    References
    ----------
    numpy.minimum.

    Examples
    --------
    >>> smaller(1.0, 2.0)
    1.0
    """
    if isinstance(a, float) and isinstance(b, float):
        return a if a < b else b
    return np.minimum(a, b)
