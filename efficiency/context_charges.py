"""What the energies of long contexts come to: a training penalty charged, a token or a whole request."""

from __future__ import annotations

from efficiency.arrays import Floats
from efficiency.context import Cost, Setting
from efficiency.facts import fact


def with_penalty(found: Cost, setting: Setting, penalty: Floats) -> Cost:
    r"""Charge a training penalty.

    Parameters
    ----------
    found : Cost
        Without one [J].
    setting : Setting
        How it is paid, and by how many tokens.
    penalty : float or ndarray
        Compute for the same loss over what a transformer needs, at least 1 [1].

    Returns
    -------
    Cost
        Per token; its training is what is spent beyond a transformer's [J].

    Notes
    -----
    Paid in training, the model of the same size sees p times the tokens. Paid in size, model and tokens both grow by
    :math:`\sqrt{p}`, as a compute-optimal law shares compute; a model that much larger is taken as that much deeper on
    as many more chips, so all that it does grows alike. Either way p - 1 trainings are shared by the tokens served.

    References
    ----------
    Hoffmann, J. et al., "Training Compute-Optimal Large Language Models", arXiv:2203.15556, for the square root.

    Examples
    --------
    >>> from efficiency.scenario import Scenario
    >>> with_penalty(Cost(1.0, 0.5, 0.2), Setting(Scenario(), paid="size"), 4.0)
    Cost(written=2.0, read=1.0, training=0.6000000000000001)
    """
    growth = penalty**0.5 if setting.paid == "size" else 1.0
    return Cost(found.written * growth, found.read * growth, (penalty - 1.0) * found.training)


def per_unit(found: Cost, unit: str, tokens: Floats) -> Floats:
    """Energy of what is compared: a token written, or a whole request.

    Parameters
    ----------
    found : Cost
        Per token, its training charged already or zero [J].
    unit : {"token", "request"}
        A token written at this context; or reading the context and writing an answer.
    tokens : float or ndarray
        Length of the context [1].

    Returns
    -------
    float or ndarray
        Energy [J].

    Notes
    -----
    Answers have a fixed length, and are written at the full context.

    References
    ----------
    `efficiency/data/context.csv`: context.answer_tokens.

    Examples
    --------
    >>> per_unit(Cost(1.0, 0.5, 0.0), "request", 1000.0)
    1000.0
    """
    if unit == "token":
        return found.written + found.training
    answer = fact("context.answer_tokens").si
    return tokens * (found.read + found.training) + answer * (found.written + found.training)
