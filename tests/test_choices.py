"""What is chosen on single pages."""

import pytest

from efficiency.choices import PAGE_CHOICES, PageChoice, with_defaults
from efficiency.link import LADDER_PARAMETER, PARAMETER_OF


def test_a_default_is_one_of_the_settings() -> None:
    with pytest.raises(ValueError, match=r"default is 'c'; allowed: a, b"):
        PageChoice({"a": "A", "b": "B"}, "c")


def test_parameters_are_not_used_twice() -> None:
    assert not set(PAGE_CHOICES) & {*PARAMETER_OF.values(), LADDER_PARAMETER, "find", "v", "embed"}


def test_a_wrong_choice_is_named() -> None:
    with pytest.raises(ValueError, match="choice is 'no_such'"):
        with_defaults({"no_such": "1"})


@pytest.mark.parametrize("name", PAGE_CHOICES)
def test_a_wrong_setting_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is '!'; allowed: "):
        with_defaults({name: "!"})


def test_choices_that_are_not_made_take_their_defaults() -> None:
    assert dict(with_defaults({})) == {name: rule.default for name, rule in PAGE_CHOICES.items()}
