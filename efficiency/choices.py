"""What a visitor can choose on one page beside the scenario: which column is shown, where a figure's slider stands.

A choice changes what is looked at, never what is computed of the scenario. Its name is its parameter in the link.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from efficiency.block_diffusion import BLOCKS, SETTLED
from efficiency.budget_assumptions import ASSUMPTIONS, record_of, step_name, step_words
from efficiency.budget_limits import WHERE
from efficiency.budget_plan import DOLLAR_STEPS, PART_STEPS, USE_NAMES, USES, YEAR_STEPS, Plan
from efficiency.context import MACHINES, PENALTIES, SERVED
from efficiency.context_shapes import HEADS, KV_BITS, WINDOWS
from efficiency.distillation import CASES
from efficiency.failure_costs import SIZES
from efficiency.grids import GRID_NAMES
from efficiency.lever_settings import COLUMNS, LEVERS
from efficiency.parallel import STEPS
from efficiency.say import power_of_ten, quantity
from efficiency.scaling_laws import LAWS
from efficiency.scaling_steps import FLOP_STEPS, SERVED_STEPS, STUDENT_STEPS, WORTH_STEPS
from efficiency.scenario import BITS
from efficiency.sparsity import STEPS as SPARSITY_STEPS
from efficiency.utilisation import STEPS as UTILISATION_STEPS
from efficiency.utilisation import published_run, worth_runs

CHIP_STEPS: Final = (*(step * 10**power for power in range(7) for step in (1, 2, 5)), 10_000_000)
"""Chips of a cluster at which a figure's slider stops."""
USER_STEPS: Final[Mapping[str, str]] = MappingProxyType(
    {"1": "nobody"}
    | {f"{n}": f"{n:,} people" for n in sorted(step * 10**power for power in range(9) for step in (1, 3))[1:]}
    | {"800000000": "800 million, ChatGPT’s weekly users", "8160000000": "8.2 billion, everyone"}
)
"""People who share a training run, at which a figure's slider stops."""


@dataclass(frozen=True, slots=True)
class PageChoice:
    """A choice with named settings: setting to its plain words, where it starts, and one line of help."""

    options: Mapping[str, str]
    default: str
    help: str = ""

    def __post_init__(self) -> None:
        if self.default not in self.options:
            raise ValueError(f"default is {self.default!r}; allowed: {', '.join(self.options)}")


def lever_parameter(lever: str) -> str:
    """Name the parameter that holds a lever's position.

    Parameters
    ----------
    lever : str
        Key of a lever.

    Returns
    -------
    str
        As in the link.

    Notes
    -----
    Keys of levers are words of small letters.

    References
    ----------
    MODEL.md, The link.

    Examples
    --------
    >>> lever_parameter("goodput")
    'lv_goodput'
    """
    return f"lv_{lever}"


PAGE_CHOICES: Final[Mapping[str, PageChoice]] = MappingProxyType(
    {
        "bu_at": PageChoice({step_name(usd): f"${quantity(usd, '1', 2)}" for usd in DOLLAR_STEPS}, "1e13"),
        "bu_years": PageChoice(
            {f"{n}": f"{n} year{'s' * (n > 1)}" for n in YEAR_STEPS}, "5", "The money is spent evenly."
        ),
        "bu_law": PageChoice(dict(LAWS), Plan().law, "Which says the loss of the model."),
        "bu_where": PageChoice(dict(WHERE), Plan().where, "Whose new power plants feed the sites."),
        **{
            f"bu_{use}": PageChoice(
                {f"{n}": f"{n} part{'s' * (n != 1)}" for n in PART_STEPS if n or use != "run"},
                f"{getattr(Plan(), use):g}",
                f"{USE_NAMES[use]}; only the ratios of the parts count.",
            )
            for use in USES
        },
        **{
            f"bu_{name}": PageChoice(
                {step_name(value): step_words(name, value) for value in one.steps},
                step_name(record_of(name).value),
                f"{record_of(name).label}. {record_of(name).kind.capitalize()}: {record_of(name).place}.",
            )
            for name, one in ASSUMPTIONS.items()
        },
        "cl_count": PageChoice({str(n): f"{n:,}" for n in CHIP_STEPS}, "100000"),
        "cl_work": PageChoice(
            {f"{n}": f"{n} % of the chips" for n in range(0, 101, 10)},
            "100",
            "Share of the chips at work; others wait.",
        ),
        "cl_host": PageChoice(
            {"published": "As published"}
            | {f"{x:g}": f"{x:g} of the chips’ limit" for x in (0.0, 0.25, 0.35, 0.5, 0.82)},
            "published",
            "Processors, memory, fans and power supplies of the servers.",
        ),
        "cl_network": PageChoice(
            {"published": "As published"}
            | {f"{x:g}": f"{x:g} of the chips’ limit" for x in (0.0, 0.02, 0.05, 0.1, 0.2)},
            "published",
            "Switches and optics between the servers.",
        ),
        "cl_grid": PageChoice(dict(GRID_NAMES), "us", "Whose electricity the power is a share of."),
        "cl_home": PageChoice({"us": "United States", "germany": "Germany", "world": "World"}, "us", "Whose homes."),
        "di_at": PageChoice(
            {f"{worth:g}": f"{worth:g} token{'s' * (worth != 1)} of data" for worth in WORTH_STEPS}, "2"
        ),
        "di_case": PageChoice({key: case.label for key, case in CASES.items()}, "gemma2_9b", "Student and teacher."),
        "di_students": PageChoice(
            {f"{n:g}": f"{n:,.0f}" for n in STUDENT_STEPS}, "10", "Students that share the teacher’s training."
        ),
        "er_way": PageChoice({"blind": "The configuration alone", "given": "The measured speed too"}, "blind"),
        "er_metric": PageChoice(
            {
                "output_token": "Token",
                "request": "Request",
                "image": "Image",
                "video": "Video",
                "training_run": "Training run",
            },
            "output_token",
        ),
        "cx_penalty": PageChoice({f"{p:g}": f"{p:g} times the compute" for p in PENALTIES}, "1"),
        "cx_unit": PageChoice({"token": "A token written", "request": "A request"}, "token", "What is compared."),
        "cx_heads": PageChoice(dict(HEADS), "as_built", "Keys and values that attention keeps of each token."),
        "cx_kv": PageChoice({f"{b:g}": f"{b:g} bit" for b in KV_BITS}, "16", "Width of keys and values."),
        "cx_window": PageChoice(dict(WINDOWS), "as_built", "Layers that look back so many tokens and no more."),
        "cx_paid": PageChoice(
            {"training": "Longer training", "size": "A larger model, trained longer"},
            "training",
            "A penalty p takes p times the tokens, or a model √p times as large on √p times the tokens.",
        ),
        "cx_served": PageChoice(
            {f"1e{round(math.log10(n))}": power_of_ten(n) for n in SERVED},
            "1e14",
            "Tokens, read and written, that share one training. An assumption: nobody publishes it.",
        ),
        "cx_chips": PageChoice(
            {f"{n:g}": f"{n:g}" for n in MACHINES},
            "8",
            "At least so many chips serve together; twice, four times, … as many where that takes less.",
        ),
        "ge_at": PageChoice({f"{n:g}": f"{n:g} a pass" for n in SETTLED}, "4"),
        "ge_block": PageChoice({f"{n:g}": f"{n:g}" for n in BLOCKS}, "32", "Tokens that are refined together."),
        "ge_metric": PageChoice({"energy_per_image": "Pictures", "energy_per_video": "Videos"}, "energy_per_image"),
        "le_users": PageChoice(dict(USER_STEPS), "1"),
        "le_person": PageChoice({"brain": "The brain", "body": "The whole body"}, "brain", "Whose power is counted."),
        "le_years": PageChoice(
            {"school": "School, 13 years", "learning": "20 years", "anchor": "30 years", "life": "A life, 80 years"},
            "learning",
            "How long a person learns.",
        ),
        "fl_at": PageChoice({f"{size:.0f}": f"{size:,.0f} chips" for size in SIZES}, "16384"),
        "fl_checkpoint": PageChoice(
            {"assumed": "10 s (0.6 to 60)", "60": "1 min", "1": "1 s"},
            "assumed",
            "Our assumption: a save that blocks takes a minute, one in the background stops the work for seconds.",
        ),
        "fl_restart": PageChoice(
            {"assumed": "10 min (3 to 15)", "60": "1 min", "10": "10 s"},
            "assumed",
            "From an interruption until the work runs again; our assumption, near what one owner reports.",
        ),
        "fl_played": PageChoice(
            {"100000": "100,000", "3000000": "3 million", "50000000": "50 million"},
            "100000",
            "More take longer and scatter less.",
        ),
        "pf_at": PageChoice({step: step for step in STEPS}, "1"),
        "pr_at": PageChoice({f"{bits:g}": f"{bits:g} bit" for bits in BITS}, "8"),
        "pr_quality": PageChoice({"same_size": "Same model", "equal": "Equal quality"}, "same_size"),
        "mv_batch": PageChoice({f"{2**power}": f"{2**power:,}" for power in range(13)}, "64"),
        "mv_flow": PageChoice({"joules": "Joules", "bytes": "Bytes"}, "joules", "What the flows are as wide as."),
        "lv_task": PageChoice(
            {"synapse": "Synaptic events", "token": "Tokens written"}, "synapse", "The work that stays the same."
        ),
        "lv_batch": PageChoice(
            {"one": "One at a time", "best": "At its best batch"},
            "one",
            "How many share the weights of today's machine.",
        ),
        "lv_quality": PageChoice(
            {"kept": "At equal quality", "lost": "Whatever the quality"},
            "kept",
            "Whether the model grows until narrow or dropped weights cost nothing in quality.",
        ),
        "lv_events": PageChoice(
            {"lever": "As a lever", "rate": "In the rate"},
            "lever",
            "Whether today's machine evaluates every synapse at each step, or events alone.",
        ),
        **{
            lever_parameter(lever.key): PageChoice(
                # Lists tell their options apart by the words, and two positions may be the same thing.
                {key: f"{COLUMNS.get(key, 'Built')}: {one.words}" for key, one in lever.settings.items()},
                "research",
            )
            for lever in LEVERS
        },
        "lv_pulled": PageChoice({str(n): f"{n} pulled" for n in range(len(LEVERS) + 1)}, str(len(LEVERS))),
        "sc_at": PageChoice({name: f"{power_of_ten(flop)} FLOP" for name, flop in FLOP_STEPS.items()}, "23.76"),
        "sc_served": PageChoice(
            {name: power_of_ten(tokens) for name, tokens in SERVED_STEPS.items()},
            "13",
            "An assumption: nobody publishes it.",
        ),
        "ut_at": PageChoice({f"{share:g}": f"{100 * share:.0f} %" for share in UTILISATION_STEPS}, "0.5"),
        "ut_run": PageChoice(
            {run: published_run(run).name for run in worth_runs()}, "llama31_405b", "Whose useful rate is delivered."
        ),
        "ut_axis": PageChoice({"year": "Year", "size": "Parameters", "chips": "Chips"}, "year"),
        "sp_at": PageChoice({f"{share:g}": f"{100 * share:.3g} %" for share in SPARSITY_STEPS}, "0.125"),
        "sp_quality": PageChoice({"same_size": "Same model", "equal": "Equal quality"}, "same_size"),
    }
)
"""Parameter in the link to what it may hold; a page's parameters begin alike."""


def with_defaults(chosen: Mapping[str, str]) -> Mapping[str, str]:
    """Complete choices by those that are not made.

    Parameters
    ----------
    chosen : Mapping of str to str
        Parameter to setting.

    Returns
    -------
    Mapping of str to str
        Every choice with its setting, in the order of the table.

    Raises
    ------
    ValueError
        If a choice is not known, or a setting not allowed; the message names them.

    Notes
    -----
    A link spells every choice out, so that it keeps its meaning when a default changes.

    References
    ----------
    MODEL.md, The link.

    Examples
    --------
    >>> set(with_defaults({})) == set(PAGE_CHOICES)
    True
    """
    for name, value in chosen.items():
        if name not in PAGE_CHOICES:
            raise ValueError(f"choice is {name!r}; allowed: {', '.join(PAGE_CHOICES)}")
        if value not in PAGE_CHOICES[name].options:
            raise ValueError(f"{name} is {value!r}; allowed: {', '.join(PAGE_CHOICES[name].options)}")
    return MappingProxyType({name: chosen.get(name, rule.default) for name, rule in PAGE_CHOICES.items()})
