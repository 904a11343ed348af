"""A prediction for a table of cases: value, interval, and where there is none the reason in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from efficiency.cases import Column


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What is expected of each case.

    Attributes
    ----------
    predicted : ndarray, shape (n,) [unit of the row]
        The central value; NaN where nothing can be said.
    low, high : ndarray, shape (n,) [unit of the row]
        Ends of the 90 % interval; NaN where nothing can be said.
    why_not : tuple of str
        Why a case cannot be predicted, in words; empty where it is.
    """

    predicted: Column
    low: Column
    high: Column
    why_not: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a prediction that is neither a number nor a reason."""
        if not len(self.predicted) == len(self.low) == len(self.high) == len(self.why_not):
            raise ValueError("predicted, low, high and why_not must be equally long")
        for name in ("predicted", "low", "high"):
            finite = np.isfinite(getattr(self, name))
            for i in np.flatnonzero(finite == np.array([bool(why) for why in self.why_not], dtype=bool)):
                raise ValueError(f"case {i}: {name} is {getattr(self, name)[i]} and why_not is {self.why_not[i]!r}")

    def __len__(self) -> int:
        """Give the number of cases."""
        return len(self.why_not)


def prediction(
    predicted: Column, low: Column, high: Column, why_not: Sequence[str] | str, otherwise: str = "a number is missing"
) -> Prediction:
    """Make a prediction in which every case has a number or a reason.

    Parameters
    ----------
    predicted, low, high : ndarray, shape (n,) [unit of the row]
        Central value and ends of the 90 % interval, anything where a reason stands.
    why_not : sequence of str, or str
        A reason per case, empty where there is none; one text stands for all.
    otherwise : str, optional
        Reason of a case that has none and whose numbers are not finite and positive.

    Returns
    -------
    Prediction
        Numbers where all three are finite and positive and no reason speaks against them [unit of the row].

    Notes
    -----
    The interval is stretched to hold the central value, never the other way round.

    References
    ----------
    MODEL.md, "Predicting measurements".

    Examples
    --------
    >>> import numpy as np
    >>> made = prediction(np.array([2.0, np.nan]), np.array([1.0, 1.0]), np.array([4.0, 1.0]), "")
    >>> made.why_not
    ('', 'a number is missing')
    """
    values = np.broadcast_arrays(*(np.asarray(column, dtype=float) for column in (predicted, low, high)))
    count = values[0].size
    reasons = [why_not] * count if isinstance(why_not, str) else list(why_not)
    good = np.all([np.isfinite(column) & (column > 0) for column in values], axis=0)
    reasons = [reason or ("" if fine else otherwise) for reason, fine in zip(reasons, good, strict=True)]
    keep = np.array([not reason for reason in reasons], dtype=bool)
    centre, below, above = (np.where(keep, column, np.nan) for column in values)
    return Prediction(centre, np.minimum(below, centre), np.maximum(above, centre), tuple(reasons))


def nothing(count: int, why_not: str) -> Prediction:
    """Give a prediction that says for every case why there is none.

    Parameters
    ----------
    count : int
        Number of cases.
    why_not : str
        The reason, in words.

    Returns
    -------
    Prediction
        Without a number [unit of the row].

    Notes
    -----
    Never a guess in silence: what cannot be predicted says so.

    References
    ----------
    MODEL.md, "Predicting measurements".

    Examples
    --------
    >>> nothing(2, "no such chip").why_not
    ('no such chip', 'no such chip')
    """
    empty = np.full(count, np.nan)
    return prediction(empty, empty, empty, why_not)


def assemble(count: int, parts: Sequence[tuple[np.ndarray, Prediction]], otherwise: str) -> Prediction:
    """Put predictions of parts of a table back in their places.

    Parameters
    ----------
    count : int
        Number of cases of the whole table.
    parts : sequence of (ndarray of int, Prediction)
        Row numbers, and what is predicted for them.
    otherwise : str
        The reason for rows that are in no part.

    Returns
    -------
    Prediction
        For the whole table [unit of the row].

    Notes
    -----
    A row in two parts keeps the later one.

    References
    ----------
    MODEL.md, "Predicting measurements".

    Examples
    --------
    >>> import numpy as np
    >>> assemble(2, [(np.array([1]), nothing(1, "too early"))], "unknown").why_not
    ('unknown', 'too early')
    """
    columns = {name: np.full(count, np.nan) for name in ("predicted", "low", "high")}
    reasons = [otherwise] * count
    for rows, part in parts:
        for name, column in columns.items():
            column[rows] = getattr(part, name)
        for row, reason in zip(rows, part.why_not, strict=True):
            reasons[row] = reason
    return Prediction(**columns, why_not=tuple(reasons))
