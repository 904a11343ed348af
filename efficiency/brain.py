"""The brain's side of every yardstick: its power, its events, its bits, its words, its years."""

from __future__ import annotations

from typing import Final

from efficiency.arrays import Floats
from efficiency.inputs import Inputs

BITS_PER_BYTE: Final = 8.0


def brain_power_w(scope: str, inputs: Inputs) -> Floats:
    r"""Power of the brain in the chosen scope.

    Parameters
    ----------
    scope : {"atp", "glucose", "body"}
        ATP spent on signalling, glucose burnt by the brain, or the whole resting body.
    inputs : Inputs
        Brain and body power, ATP yield, housekeeping share.

    Returns
    -------
    float or ndarray
        Power [W].

    Notes
    -----
    :math:`P_{ATP} = P\,\eta\,(1 - s)` with the ATP yield of glucose and the share of housekeeping.

    References
    ----------
    .. [1] Balasubramanian, V., "Brain power", PNAS 118 (2021), doi:10.1073/pnas.2107022118.
    .. [2] Harris, J. J., Jolivet, R. and Attwell, D., "Synaptic energy use and supply", Neuron 75 (2012).

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> brain_power_w("glucose", central_inputs("own", "h100", "gpt3", 16.0))
    20.0
    """
    if scope == "glucose":
        return inputs.brain_power_w
    if scope == "body":
        return inputs.body_power_w
    return inputs.brain_power_w * inputs.atp_yield * (1.0 - inputs.housekeeping_share)


def synaptic_event_energy_j(scope: str, inputs: Inputs) -> Floats:
    """Energy of one synaptic event, everything the brain does charged to its events.

    Parameters
    ----------
    scope : {"atp", "glucose", "body"}
        As `brain_power_w`.
    inputs : Inputs
        Synapses and mean firing rate.

    Returns
    -------
    float or ndarray
        Energy per event [J].

    Notes
    -----
    :math:`P / (S f)`.

    References
    ----------
    Synapses: Pakkenberg, B. et al. (2003). Rates: Lennie, P. (2003).

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> f"{synaptic_event_energy_j('glucose', central_inputs('own', 'h100', 'gpt3', 16.0)):.2g}"
    '2.7e-13'
    """
    return brain_power_w(scope, inputs) / (inputs.synapses * inputs.firing_rate_hz)


def sent_bit_energy_j(scope: str, inputs: Inputs) -> Floats:
    """Energy of one bit that a cortical neuron sends.

    Parameters
    ----------
    scope : {"atp", "glucose", "body"}
        As `brain_power_w`; the published power is ATP.
    inputs : Inputs
        Communication power, neurons, information rate.

    Returns
    -------
    float or ndarray
        Energy per bit sent [J].

    Notes
    -----
    :math:`P_{com} / (N r)`, 31 pJ as ATP. Glucose is that over the ATP yield; the whole body is scaled by its power
    over the brain's.

    References
    ----------
    .. [1] Levy, W. B. and Calvert, V. G., PNAS 118 (2021), doi:10.1073/pnas.2008173118.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> f"{sent_bit_energy_j('atp', central_inputs('own', 'h100', 'gpt3', 16.0)):.2g}"
    '3.1e-11'
    """
    energy = inputs.communication_power_w / (inputs.cortex_neurons * inputs.bits_per_neuron_per_s)
    if scope == "atp":
        return energy
    glucose = energy / inputs.atp_yield
    return glucose if scope == "glucose" else glucose * inputs.body_power_w / inputs.brain_power_w


def delivered_bit_energy_j(scope: str, inputs: Inputs) -> Floats:
    """Energy of one bit that arrives at one of a neuron's receivers.

    Parameters
    ----------
    scope : {"atp", "glucose", "body"}
        As `brain_power_w`.
    inputs : Inputs
        As `sent_bit_energy_j`, and receivers per neuron.

    Returns
    -------
    float or ndarray
        Energy per bit delivered [J].

    Notes
    -----
    The brain sends few bits and shares each among thousands of receivers.

    References
    ----------
    As `sent_bit_energy_j`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> f"{delivered_bit_energy_j('atp', central_inputs('own', 'h100', 'gpt3', 16.0)):.3g}"
    '1.25e-14'
    """
    return sent_bit_energy_j(scope, inputs) / inputs.receivers_per_neuron


def token_energy_j(task: str, scope: str, inputs: Inputs) -> Floats:
    """Energy a person spends on one token of language.

    Parameters
    ----------
    task : {"speaking", "writing", "reading"}
        What the person does.
    scope : {"atp", "glucose", "body"}
        As `brain_power_w`.
    inputs : Inputs
        Words per second of the task, tokens per word.

    Returns
    -------
    float or ndarray
        Energy per token [J].

    Notes
    -----
    The whole brain's power for the time a token takes: about 6 J spoken.

    References
    ----------
    `efficiency/data/human.csv`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> round(token_energy_j("speaking", "glucose", central_inputs("own", "h100", "gpt3", 16.0)), 1)
    6.0
    """
    # One of three is read, not all: what is read counts as a source of the answer.
    if task == "speaking":
        words_per_s = inputs.speaking_words_per_s
    elif task == "writing":
        words_per_s = inputs.writing_words_per_s
    else:
        words_per_s = inputs.reading_words_per_s
    return brain_power_w(scope, inputs) / (words_per_s * inputs.tokens_per_word)


def lifetime_energy_j(scope: str, years_s: Floats, inputs: Inputs) -> Floats:
    """Energy of growing up: the brain's power for the years that it learns.

    Parameters
    ----------
    scope : {"atp", "glucose", "body"}
        As `brain_power_w`.
    years_s : float or ndarray
        Time spent learning [s].
    inputs : Inputs
        As `brain_power_w`.

    Returns
    -------
    float or ndarray
        Energy [J].

    Notes
    -----
    A child's brain takes more and an old one less; the adult's power is used for all years.

    References
    ----------
    As `brain_power_w`.

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> inputs = central_inputs("own", "h100", "gpt3", 16.0)
    >>> round(lifetime_energy_j("glucose", 30 * 365.25 * 86400, inputs) / 3.6e9, 2)
    5.26
    """
    return brain_power_w(scope, inputs) * years_s


def stored_bytes(inputs: Inputs) -> Floats:
    """Bytes that the synapses could hold.

    Parameters
    ----------
    inputs : Inputs
        Synapses and bits per synapse.

    Returns
    -------
    float or ndarray
        Size [B].

    Notes
    -----
    :math:`S b / 8`: 88 TB.

    References
    ----------
    .. [1] Bartol, T. M. et al., eLife 4 (2015), doi:10.7554/eLife.10778, for the bits per synapse (rat hippocampus).

    Examples
    --------
    >>> from efficiency.inputs import central_inputs
    >>> round(stored_bytes(central_inputs("own", "h100", "gpt3", 16.0)) / 1e12)
    88
    """
    return inputs.synapses * inputs.bits_per_synapse / BITS_PER_BYTE
