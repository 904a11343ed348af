"""Speed-up and energy of a job of which a part cannot be shared: Amdahl's law with the energy of waiting."""

from __future__ import annotations

from typing import Final

from efficiency.arrays import Floats
from efficiency.inputs import Inputs

SERIAL_SHARES: Final = (0.1, 0.01, 0.001)
"""Serial shares that the page draws: of a poorly, a fairly and a well shared job [1]."""


def speed_up(serial: Floats, processors: Floats) -> Floats:
    r"""How many times faster a job is on many processors than on one.

    Parameters
    ----------
    serial : float or ndarray
        Share of the work that one processor has to do alone [1].
    processors : float or ndarray
        Number of processors, at least 1 [1].

    Returns
    -------
    float or ndarray
        Time on one processor over time on all [1].

    Notes
    -----
    :math:`S = 1 / (s + (1 - s) / n)`. The work is fixed; nothing is lost in sharing it out.

    References
    ----------
    .. [1] Amdahl, G. M., "Validity of the single processor approach to achieving large scale computing capabilities",
       AFIPS 1967, doi:10.1145/1465482.1465560.

    Examples
    --------
    >>> round(speed_up(0.01, 1000.0), 1), speed_up(0.0, 8.0)
    (91.0, 8.0)
    """
    return 1.0 / (serial + (1.0 - serial) / processors)


def energy_per_job(serial: Floats, processors: Floats, idle_share: Floats) -> Floats:
    r"""Energy of a job on many processors over that on one.

    Parameters
    ----------
    serial : float or ndarray
        Share of the work that one processor has to do alone [1].
    processors : float or ndarray
        Number of processors, at least 1 [1].
    idle_share : float or ndarray
        Power of a waiting processor over that of a working one [1].

    Returns
    -------
    float or ndarray
        Energy over that of one processor [1].

    Notes
    -----
    While one works, n - 1 wait:

    .. math:: E = s\,(1 + (n - 1)\,k) + (1 - s) = 1 + s\,(n - 1)\,k

    This is one over the work per joule of a symmetric many-core machine in [1]_. Energy never falls below that of one
    processor; it stays there only if nothing is serial or waiting is free.

    References
    ----------
    .. [1] Woo, D. H. and Lee, H.-H. S., "Extending Amdahl's law for energy-efficient computing in the many-core era",
       IEEE Computer 41(12), 24-31 (2008).

    Examples
    --------
    >>> round(energy_per_job(0.01, 1000.0, 0.1), 3), energy_per_job(0.0, 1000.0, 0.1)
    (1.999, 1.0)
    """
    return 1.0 + serial * (processors - 1.0) * idle_share


def idle_share(inputs: Inputs) -> Floats:
    """Power of an idle chip over its power limit.

    Parameters
    ----------
    inputs : Inputs
        Idle power and power limit of the chip.

    Returns
    -------
    float or ndarray
        Idle over limit [1].

    Notes
    -----
    Measured where somebody has; a usual share otherwise. A chip between two steps of a job is kept warmer than this.

    References
    ----------
    `efficiency/data/chips.csv`: idle_power; `efficiency/data/operating.csv`: chip.idle_share.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> round(idle_share(central_inputs("own", "h100", "gpt3", 16.0)), 3)
    0.103
    """
    return inputs.idle_power_w / inputs.tdp_w
