"""What a budget's numbers are called: shares behind a limit, ranges that end with the search, odd numbers."""

from __future__ import annotations

from efficiency.budget_plan import LEAST_USD, MOST_USD, Plan
from efficiency.sampling import Range
from efficiency.say import counted, quantity, significant

_EVERYTHING = 0.999
_LEAST_SHARE = 1e-4
_MOST_PERCENT = 1000.0


def behind(limit: str, plan: Plan) -> str:
    """Say which share of the money decides where a limit begins.

    Parameters
    ----------
    limit : str
        One of `budget.LIMITS`, or ``"money"``.
    plan : Plan
        Its split counts.

    Returns
    -------
    str
        To follow "a budget".

    Notes
    -----
    Another split would bring another limit first.

    References
    ----------
    MODEL.md, Ten trillion dollars.

    Examples
    --------
    >>> behind("ideas", Plan()), behind("data", Plan())
    ('with 20 % for people', 'with 10 % for the run')
    """
    share = plan.shares()
    of = {"ideas": (share["people"], "people"), "data": (share["run"], "the run")}
    part, name = of.get(limit, (1.0 - share["people"], "machines"))
    return f"with {percent_words(part)} for {name}"


def dollars_words(dollars: float) -> str:
    """Say an amount of money.

    Parameters
    ----------
    dollars : float
        At least one [USD].

    Returns
    -------
    str
        For example ``"$1.6 billion"``.

    Notes
    -----
    Two digits.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> dollars_words(1.6e9), dollars_words(1e13), dollars_words(33600.0)
    ('$1.6 billion', '$10 trillion', '$34,000')
    """
    return "$" + quantity(dollars, "1", 2)


def dollars_span(span: Range) -> str:
    """Say a range of budgets, and where it goes on beyond what is looked at.

    Parameters
    ----------
    span : Range
        From `budget_split.first_limit_span` [USD].

    Returns
    -------
    str
        A sentence's beginning.

    Notes
    -----
    An end at the smallest or largest budget is where the search ended, not where the range does.

    References
    ----------
    `budget_split.first_limit_span`.

    Examples
    --------
    >>> dollars_span(Range(1e9, 2e9, 3e9)), dollars_span(Range(1e9, 2e9, 1e13))
    ('Between $1 billion and $3 billion', 'Between $1 billion and more than $10 trillion')
    """
    low, high = map(dollars_words, (span.low, span.high))
    if span.high >= MOST_USD * _EVERYTHING:
        high = f"more than {high}"
    if span.low >= MOST_USD * _EVERYTHING:
        return f"Beyond {dollars_words(MOST_USD)}"
    if span.low * _EVERYTHING <= LEAST_USD:
        low = f"less than {low}"
    return f"Between {low} and {high}"


def percent_words(share: float) -> str:
    """Say a share.

    Parameters
    ----------
    share : float
        0 or more [fraction].

    Returns
    -------
    str
        Two digits, and no run of zeros.

    Notes
    -----
    Less than a hundredth of a percent is called that.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> percent_words(0.284), percent_words(3.9e-9), percent_words(0.0), percent_words(1.0)
    ('28 %', 'under 0.01 %', '0 %', '100 %')
    """
    if 0.0 < share < _LEAST_SHARE:
        return "under 0.01 %"
    return f"{significant(100 * share, 2).removesuffix('.0')} %"


def change_words(change: float) -> str:
    """Say by how much something grows or shrinks.

    Parameters
    ----------
    change : float
        After over before, less one [fraction].

    Returns
    -------
    str
        In percent, or in times where that would be thousands.

    Notes
    -----
    What rounds to nothing has no sign.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> change_words(0.071), change_words(-0.027), change_words(649.086), change_words(-1e-9)
    ('+7.1 %', '−2.7 %', '650 times', '0 %')
    """
    if abs(change) < 0.0005:
        return "0 %"
    if 100 * change >= _MOST_PERCENT:
        return f"{quantity(1.0 + change, '1', 2)} times"
    return f"{100 * change:+.1f} %".replace("-", "−")


def amount(value: float, unit: str = "1") -> str:
    """Say a quantity with two digits, and no run of zeros.

    Parameters
    ----------
    value : float
        0 or more [unit].
    unit : str
        SI unit, ``"1"`` for a count.

    Returns
    -------
    str
        Counts below a hundredth are called that.

    Notes
    -----
    Units have their prefixes; counts have none below one.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> amount(4.3e7), amount(2.9e-4), amount(51e9, "W"), amount(0.0)
    ('43 million', 'under 0.01', '51 GW', '0')
    """
    return "under 0.01" if unit == "1" and 0.0 < value < 0.01 else quantity(value, unit, 2)


def loss_words(change: float) -> str:
    """Say by how much the loss changes.

    Parameters
    ----------
    change : float
        After less before [nats].

    Returns
    -------
    str
        In millionths of a nat.

    Notes
    -----
    What rounds to nothing has no sign.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> loss_words(-0.00602), loss_words(-7.1e-5), loss_words(-4.5e-9)
    ('−6,000 millionths', '−71 millionths', '0')
    """
    if abs(change) < 5e-8:
        return "0"
    return f"{'+' if change > 0 else ''}{significant(1e6 * change)} millionths"


def left_words(left_usd: float, dollars: float) -> str:
    """Say what is left over.

    Parameters
    ----------
    left_usd : float
        Left over [USD].
    dollars : float
        The budget [USD].

    Returns
    -------
    str
        ``"nothing"`` where it is the rounding of the sums.

    Notes
    -----
    A millionth of the budget counts as nothing.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> left_words(2.9e-12, 1e6), left_words(6.9e12, 1e13)
    ('nothing', '$6.9 trillion')
    """
    return "nothing" if left_usd < 1e-6 * dollars else dollars_words(left_usd)


def years_words(years: float) -> str:
    """Say a number of years.

    Parameters
    ----------
    years : float
        Positive [year].

    Returns
    -------
    str
        With the noun in its number.

    Notes
    -----
    As it was given.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> years_words(1.0), years_words(5.0), years_words(0.5)
    ('1 year', '5 years', '0.5 years')
    """
    return counted(f"{years:g}", "year")
