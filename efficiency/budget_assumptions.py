"""What a budget takes for granted: every assumption with its record, its steps on a slider, and its values."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from efficiency.arrays import Floats, larger
from efficiency.facts import Fact, fact
from efficiency.sampling import SEED, sample
from efficiency.units import si


class Assumption(NamedTuple):
    """One assumption: its group and name, the key of its record, its steps in the record's unit, and how they are said.

    A step is multiplied by ``scale`` before it is put into ``words``.
    """

    group: str
    label: str
    key: str
    steps: tuple[float, ...]
    words: str
    scale: float = 1.0


_MACHINES, _WORLD, _TEXT, _PEOPLE, _RUNNING = "Machines", "What there is", "Text", "Ideas and people", "Running it"
ASSUMPTIONS: Final[Mapping[str, Assumption]] = MappingProxyType(
    {
        "cluster": Assumption(
            _MACHINES, "Chip with server and network", "budget.cluster_over_chip", (1.48, 1.75, 2.05), "{} × the chip"
        ),
        "site": Assumption(_MACHINES, "Building", "budget.site_cost", (9.3e9, 1.17e10, 1.5e10), "${} a watt", 1e-9),
        "power": Assumption(
            _MACHINES, "Electricity", "electricity.price_industrial", (50.0, 80.6, 120.0), "{} ¢ a kWh", 0.1
        ),
        "life": Assumption(_MACHINES, "Life of a chip", "budget.hardware_life", (3.0, 5.0, 6.0), "{} years"),
        "service": Assumption(
            _MACHINES, "A chip is there for", "budget.in_service", (0.5, 0.75, 1.0), "{} % of the years", 100.0
        ),
        "made": Assumption(
            _WORLD, "Chips made in a year", "budget.chips_per_year", (7e6, 1.05e7, 1.6e7), "{} million H100s", 1e-6
        ),
        "growth": Assumption(
            _WORLD, "Growth of that a year", "budget.growth", (1.0, 1.2, 1.5, 2.0, 3.3), "{} ×"
        ),
        "reach": Assumption(
            _WORLD, "One buyer can get", "budget.reach", (0.1, 0.25, 0.5, 1.0), "{} % of it", 100.0
        ),
        "firm": Assumption(
            _WORLD, "Mean power of new plants", "budget.firm_share", (0.2, 0.25, 0.4, 0.6), "{} % of nameplate", 100.0
        ),
        "pool": Assumption(
            _WORLD, "Researchers and engineers", "budget.researchers", (22_400.0, 1e5, 3e5), "{} thousand", 1e-3
        ),
        "text": Assumption(
            _TEXT, "Public text", "scaling.text_stock", (1e14, 3e14, 1e15), "{} trillion tokens", 1e-12
        ),
        "newtext": Assumption(
            _TEXT, "New text, of the run's money", "budget.text_share", (0.0, 0.01, 0.1, 0.3, 0.6), "{} %", 100.0
        ),
        "wage": Assumption(_TEXT, "Wage of a writer", "budget.writing_wage", (2.5, 10.0, 40.0), "${} an hour"),
        "salary": Assumption(
            _PEOPLE, "A researcher costs", "budget.salary", (250_000.0, 650_000.0, 1_500_000.0), "${},000 a year", 1e-3
        ),
        "engineers": Assumption(
            _PEOPLE, "Engineers among them", "budget.engineers_share", (0.2, 0.5, 0.8), "{} %", 100.0
        ),
        "halving": Assumption(
            _PEOPLE, "The world halves arithmetic in", "budget.halving", (0.417, 0.667, 1.167), "{} months", 12.0
        ),
        "toes": Assumption(
            _PEOPLE, "Pace of ideas grows as effort to the", "budget.ideas_exponent", (0.3, 0.5, 0.8), "{}"
        ),
        "trials": Assumption(
            _PEOPLE, "Experiments in research effort", "budget.experiments_exponent", (0.3, 0.5, 0.7), "{} %", 100.0
        ),
        "worldx": Assumption(
            _PEOPLE, "The world's experiments run on", "budget.world_experiments", (1.5e6, 4.5e6, 9e6),
            "{} million H100s", 1e-6,
        ),
        "alone": Assumption(
            _RUNNING, "Utilisation without a team", "budget.mfu_alone", (0.15, 0.25, 0.4), "{} %", 100.0
        ),
        "best": Assumption(
            _RUNNING, "Utilisation at best", "budget.mfu_best", (0.43, 0.5, 0.6), "{} %", 100.0
        ),
        "half": Assumption(
            _RUNNING, "Half way takes", "budget.engineers_half", (30.0, 100.0, 300.0), "{} engineer-years"
        ),
        "save": Assumption(
            _RUNNING, "Checkpoint without a team", "budget.checkpoint_alone", (120.0, 300.0, 900.0),
            "{} minutes", 1 / 60,
        ),
        "restart": Assumption(
            _RUNNING, "Restart without a team", "budget.restart_alone", (1800.0, 3600.0, 7200.0), "{} minutes", 1 / 60
        ),
        "domain": Assumption(
            _RUNNING, "Most chips that fail together", "budget.fault_domain", (16_384.0, 1e5, 1e6), "{} thousand", 1e-3
        ),
        "runtime": Assumption(
            _RUNNING, "The large run takes at least", "budget.run_time", (0.1, 0.25, 0.5, 1.0), "{} months", 12.0
        ),
        "serve": Assumption(
            _RUNNING, "Utilisation in serving", "budget.serving_utilisation", (0.03, 0.1, 0.3), "{} %", 100.0
        ),
    }
)  # fmt: skip
"""Short name to assumption; each starts at its record's value."""


def step_name(value: float) -> str:
    """Spell a step as in a link.

    Parameters
    ----------
    value : float
        In the record's unit [any unit].

    Returns
    -------
    str
        Letters that an address holds.

    Notes
    -----
    An address would spell a plus sign in three letters.

    References
    ----------
    MODEL.md, The link.

    Examples
    --------
    >>> step_name(3e14), step_name(0.25)
    ('3e14', '0.25')
    """
    return f"{value:g}".replace("e+0", "e").replace("e+", "e")


def step_words(name: str, value: float) -> str:
    """Say a step in plain words.

    Parameters
    ----------
    name : str
        One of `ASSUMPTIONS`.
    value : float
        In the record's unit [any unit].

    Returns
    -------
    str
        For example ``"$11.7 a watt"``.

    Notes
    -----
    At most three digits.

    References
    ----------
    MODEL.md, The words.

    Examples
    --------
    >>> step_words("site", 1.17e10), step_words("halving", 0.667), step_words("salary", 1.5e6)
    ('$11.7 a watt', '8 months', '$1,500,000 a year')
    """
    one = ASSUMPTIONS[name]
    scaled = value * one.scale
    return one.words.format(f"{scaled:,.0f}" if scaled >= 100 else f"{float(f'{scaled:.3g}'):g}")


def record_of(name: str) -> Fact:
    """Look up the record behind an assumption.

    Parameters
    ----------
    name : str
        One of `ASSUMPTIONS`.

    Returns
    -------
    Fact
        With its range and source.

    Notes
    -----
    Kind "assumed" is our own choice; others rest on a publication, and are extrapolated all the same.

    References
    ----------
    `efficiency/data/budget.csv`.

    Examples
    --------
    >>> record_of("reach").kind
    'assumed'
    """
    return fact(ASSUMPTIONS[name].key)


def assumed(chosen: Mapping[str, float] | None = None, samples: int = 0) -> Mapping[str, Floats]:
    """Give every assumption a value.

    Parameters
    ----------
    chosen : Mapping of str to float, optional
        Those that differ from their records, in the records' units.
    samples : int
        Draws from the records' ranges, a power of two; 0 for the central values [1].

    Returns
    -------
    Mapping of str to float or ndarray
        By short name [SI units].

    Raises
    ------
    ValueError
        For an unknown name, or a value that is negative, no number, or a share above 1.

    Notes
    -----
    What is chosen is taken as exact; what stands at its record's value is drawn from its range.

    References
    ----------
    `efficiency.sampling`.

    Examples
    --------
    >>> assumed()["reach"], assumed({"reach": 0.5})["reach"]
    (0.25, 0.5)
    >>> assumed(samples=64)["reach"].shape
    (64,)
    """
    given = dict(chosen or {})
    for name, value in given.items():
        if name not in ASSUMPTIONS:
            raise ValueError(f"assumption is {name!r}; allowed: {', '.join(ASSUMPTIONS)}")
        low, high = limits(name)
        if not low <= value <= high:
            raise ValueError(f"{name} is {value!r}; allowed: {low:g} to {high:g} {record_of(name).unit}".rstrip(" 1"))
    normals = _normals(samples, len(ASSUMPTIONS)) if samples else None
    found: dict[str, Floats] = {}
    for column, name in enumerate(ASSUMPTIONS):
        record = record_of(name)
        if name in given and given[name] != record.value:
            found[name] = si(given[name], record.unit)
        else:
            drawn = normals is not None and record.has_range
            found[name] = sample(record, normals[:, column]) if drawn and normals is not None else record.si
    # Two ranges overlap: a team never makes a run worse than it is without one.
    found["best"] = larger(found["best"], found["alone"])
    return MappingProxyType(found)


def limits(name: str) -> tuple[float, float]:
    """Say what an assumption may be.

    Parameters
    ----------
    name : str
        One of `ASSUMPTIONS`.

    Returns
    -------
    tuple of float
        Lowest and highest value [the record's unit].

    Notes
    -----
    Ten times beyond the steps of its slider, shares up to 1.

    References
    ----------
    `ASSUMPTIONS`.

    Examples
    --------
    >>> limits("reach"), limits("growth")
    ((0.01, 1.0), (1.0, 33.0))
    """
    steps = ASSUMPTIONS[name].steps
    lowest = 1.0 if name == "growth" else min(steps) / 10.0
    shares = record_of(name).is_fraction or name in ("trials", "toes")
    highest = 1.0 if shares else max(steps) * 10.0
    return lowest, 0.9 if name == "newtext" else highest


@functools.lru_cache(maxsize=4)
def _normals(samples: int, dimensions: int) -> npt.NDArray[np.float64]:
    """Draw normal points, one in each of as many equal strata of every dimension.

    The Sobol points of `sampling` take a third of a second to import, which the verb does not have.
    """
    generator = np.random.default_rng(SEED)
    strata = np.array([generator.permutation(samples) for _ in range(dimensions)]).T
    points = np.asfortranarray(ndtri((strata + generator.random((samples, dimensions))) / samples))
    points.setflags(write=False)
    return points
