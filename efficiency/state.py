"""All that a link holds: the scenario, where figures' sliders stand, what is chosen on single pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from efficiency import catalogue
from efficiency.choices import with_defaults
from efficiency.scenario import Scenario, ScenarioError

PARAMETER_OF: Final = MappingProxyType(
    {
        "system": "sys",
        "chip": "chip",
        "chip_count": "n",
        "model": "model",
        "workload": "work",
        "bits": "bits",
        "density": "dens",
        "movement": "move",
        "execution": "exec",
        "utilisation": "util",
        "pue": "pue",
        "engine": "eng",
        "batch": "batch",
        "context_tokens": "ctx",
        "brain_flop_per_s": "bf",
        "brain_flops_range": "bfr",
        "machine_scope": "mscope",
        "brain_scope": "bscope",
        "language_task": "task",
        "hidden_tokens": "hid",
        "events": "ev",
        "channel": "ch",
        "brain_bit": "bit",
        "run": "run",
        "copies": "copies",
    }
)
"""Field of `Scenario` to its parameter in the link."""

LADDER_PARAMETER: Final = "ladder"
FIND_PARAMETER: Final = "find"
THEME_PARAMETER: Final = "theme"
OTHER_PARAMETER: Final = "cmp"
THEMES: Final[Mapping[str, str]] = MappingProxyType(
    {"auto": "As on the reader's screen", "light": "Light", "dark": "Dark"}
)
"""How a link wants to be seen: setting to its plain words."""
LONGEST_FIND: Final = 80


@dataclass(frozen=True, slots=True)
class State:
    """All that a link holds.

    The scenario; ``ladder``, the system that the power ladder's slider stands on; ``find``, what is searched for on the
    Sources page, at most 80 printable characters; ``choices``, what is chosen on single pages (see `choices`);
    ``theme``, how the link wants to be seen (see `THEMES`); ``other``, the scenario that this one is compared with.
    """

    scenario: Scenario = field(default_factory=Scenario)
    ladder: str = "colossus_1"
    find: str = ""
    choices: Mapping[str, str] = field(default_factory=dict, hash=False)
    theme: str = "auto"
    other: Scenario | None = None

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "choices", with_defaults(self.choices))
        except ValueError as error:
            raise ScenarioError(str(error)) from None
        if self.ladder not in list(catalogue.labels("system")):
            raise ScenarioError(f"ladder is {self.ladder!r}; allowed: {', '.join(catalogue.labels('system'))}")
        if len(self.find) > LONGEST_FIND or not self.find.isprintable():
            raise ScenarioError(f"find is {shown(self.find)!r}; allowed: up to {LONGEST_FIND} printable characters")
        if self.theme not in THEMES:
            raise ScenarioError(f"theme is {self.theme!r}; allowed: {', '.join(THEMES)}")


def shown(text: str) -> str:
    """Make a foreign text short and harmless enough to repeat in a message.

    Parameters
    ----------
    text : str
        Anything.

    Returns
    -------
    str
        At most 40 printable characters.

    Notes
    -----
    What cannot be printed becomes a question mark.

    References
    ----------
    MODEL.md, The link.

    Examples
    --------
    >>> shown("a" + chr(10) + "b")
    'a?b'
    """
    printable = "".join(c if c.isprintable() else "?" for c in text)
    return printable if len(printable) <= 40 else printable[:39] + "…"
