"""Stories: what ships can be told, and what cannot be told says where and why."""

from __future__ import annotations

import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.gap import evaluate
from efficiency.link import State, encode
from efficiency.say import factor, times
from efficiency.scenario import Scenario
from tests.scenarios import examples, states
from tests.test_hostile import WORDS
from ui.markup import plain_text
from ui.stage import checked, outline, own_html
from ui.stories import MOST_BYTES, MOST_PROBLEMS, MOST_STEPS, StoryError, filled, read, shipped, text_of
from ui.views import views

STEP = '[[steps]]\npage = "gap/ladder"\nsentence = "A brain takes {One brain}"\n'
LEVERS = ("movement", "parallel", "precision", "sparsity", "utilisation")


def problems(text: str) -> list[str]:
    with pytest.raises(StoryError) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


# What ships


@pytest.mark.parametrize("name", shipped())
def test_what_ships_can_be_told(name: str) -> None:
    story = read(shipped()[name])
    for step in story.steps:
        assert step.note
        assert "{" not in plain_text(step.sentence + step.note)
        # Numbers are computed: what is typed holds none but the names of rows and the claim in words.
        assert not re.search(r"\d", re.sub(r"\{[^{}]*\}", "", step.words)), step.words


def test_the_long_story_tells_the_whole_argument() -> None:
    assert list(shipped()) == ["twenty-watts", "five-minutes"]
    story = read(shipped()["twenty-watts"])
    assert 10 <= len(story.steps) <= 14
    order = [step.view.page for step in story.steps]
    assert order[0] == "gap"
    assert order[-1] == "error"
    places = [order.index(page) for page in ("gap", *LEVERS, "levers", "cluster", "failures", "error")]
    assert sorted(places[1:6]) == list(range(min(places[1:6]), max(places[1:6]) + 1))
    assert places[0] < min(places[1:6]) < places[6] < places[7] < places[8] < places[9]
    assert "gap/ledger" in {step.view.name for step in story.steps}


def test_the_numbers_are_the_model_s() -> None:
    gap = evaluate(Scenario())
    sentences = [step.sentence for step in read(shipped()["twenty-watts"]).steps]
    compute, token = gap.yardstick("compute"), gap.yardstick("token")
    assert times(compute.central, "html") in sentences[2]
    assert factor(compute.low, "html") in sentences[2]
    assert factor(compute.high, "html") in sentences[2]
    assert factor(token.central, "html") in sentences[1]


# Holes


def test_a_sentence_is_filled_from_its_own_state() -> None:
    view = views()["gap/gap"]
    small, large = (State(Scenario(brain_flop_per_s=flop)) for flop in (1e14, 1e16))
    said = [filled("{number}, {Compute: machine over brain}", view, state) for state in (small, large)]
    assert said[0] != said[1]
    for state, text in zip((small, large), said, strict=True):
        central = evaluate(state.scenario).yardstick("compute").central
        assert plain_text(text) == f"{plain_text(times(central, 'html'))}, {plain_text(factor(central, 'html'))}"


def test_a_sentence_follows_the_slider_where_it_says_something_else() -> None:
    head = 'title = "t"\n[[steps]]\n'
    step = read(head + 'page = "context"\nsentence = "{number}: {headline}"\n').steps[0]
    steps = step.view.at_steps(step.state)
    assert list(step.sentences) == [filled(step.words, step.view, one) for one in steps]
    assert step.sentences[step.view.position(step.state)] == step.sentence
    assert len(set(step.sentences)) > 20
    for fixed in ('page = "gap/ladder"\nsentence = "{One brain}"', 'page = "context"\nsentence = "A claim"'):
        assert read(f"{head}{fixed}\n").steps[0].sentences == ()


def test_forms_of_a_number() -> None:
    view, state = views()["failures/failures"], State()
    row = next(row for row in view.rows(state) if row.name == "16,384 chips: useful share of the time")
    assert f"{100 * row.central:.2g} %" in filled("{16,384 chips: useful share of the time | percent}", view, state)
    assert plain_text(filled("{range}", view, state)) == plain_text(view.range(state))
    assert "tw-machine" in filled("{number 2}", view, state)


def test_words_are_never_markup() -> None:
    story = read(
        'title = "<script>x</script>"\n[[steps]]\npage = "gap"\nsentence = "<img src=x onerror=alert(1)> & so"\n'
        'note = "<b>bold</b>"\n'
    )
    assert story.steps[0].sentence == "&lt;img src=x onerror=alert(1)&gt; &amp; so"
    assert story.steps[0].note == "<b>bold</b>"


@given(state=states())
@examples(8)
def test_the_headline_of_any_state_fits_a_sentence(state: State) -> None:
    text = f'title = "t"\n[[steps]]\npage = "gap/gap"\nstate = "{encode(state)}"\nsentence = "{{headline}}"\n'
    (step,) = read(text).steps
    assert step.state == state
    assert step.sentence == views()["gap/gap"].headline(state)


# What is wrong


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["Line 1, title: is missing.", f"Line 1, steps: There are 0 steps; allowed are 1 to {MOST_STEPS}, "]),
        ('title = "t"\n\n[[steps]]\nsentence = "x"\n', ["Line 3, page: is missing."]),
        ('title = "t"\n[[steps]]\npage = "gap"\n', ["Line 2, sentence: is missing."]),
        (f'title = "t"\n{STEP}notes = "x"\n', ["Line 5, notes: 'notes' is not known here; allowed are sentence, "]),
        (f'name = "t"\ntitle = "t"\n{STEP}', ["Line 1, name: 'name' is not known here; allowed are title, steps."]),
        (f"title = 3\n{STEP}", ["Line 1, title: is 3; a text in quotes is wanted."]),
        (f'title = " "\n{STEP}', ["Line 1, title: is empty."]),
        (f'title = "{"t" * 200}"\n{STEP}', ["Line 1, title: has 200 characters; allowed are 60."]),
        ('title = "t"\nsteps = "x"\n', ["Line 2, steps: has to be a list of tables"]),
        (
            'title = "t"\n[[steps]]\npage = "gap/laddr"\nsentence = "x"\n',
            ["Line 3, page: is 'gap/laddr'; the nearest of "],
        ),
        (
            'title = "t"\n[[steps]]\npage = "movement/flow"\nsentence = "x"\n',
            ["Line 3, page: movement/flow is drawn in the full dashboard only"],
        ),
        (
            f'title = "t"\n{STEP}state = "https://x.example/?chip=zzz&bits=7"\n',
            ["Line 5, state: The link says chip=zzz; allowed is ", "Line 5, state: The link says bits=7; allowed is "],
        ),
        (
            'title = "t"\n[[steps]]\npage = "gap/ladder"\nsentence = "{Two brains}"\n',
            ["Line 4, sentence: asks for {Two brains}, which gap/ladder has not; the nearest of "],
        ),
        (
            'title = "t"\n[[steps]]\npage = "gap/ladder"\nsentence = "{number}"\n',
            ["Line 4, sentence: asks for {number}; the headline of gap/ladder has 0 coloured numbers."],
        ),
        (
            'title = "t"\n[[steps]]\npage = "gap/ladder"\nsentence = "{One brain | most}"\n',
            ["Line 4, sentence: says | most; allowed are low, high and percent."],
        ),
        (
            'title = "t"\n[[steps]]\npage = "gap/ledger"\nsentence = "{Total, per token written | low}"\n',
            ["Line 4, sentence: asks for {Total, per token written | low}; that number has no range."],
        ),
        (
            'title = "t"\n[[steps]]\npage = "gap"\nsentence = "a } brace"\n',
            ["Line 4, sentence: has a brace without its partner"],
        ),
        (
            f'title = "t"\n[[steps]]\npage = "gap"\nsentence = "{"long " * 45}"\n',
            ["Line 4, sentence: reads as 224 characters; allowed are 200."],
        ),
        (f'title = "t"\n{STEP}note = """\none\n{{No row}}"""\n', ["Line 5, note: asks for {No row}"]),
        # A line of a note that looks like a field is none.
        (
            f'title = "t"\n{STEP}note = """\npage = 3\nstate = 4"""\nstate = "bits=7"\n',
            ["Line 8, state: The link says"],
        ),
        ('title = "t"\n[[steps]]\npage = "gap\n', ["Line 3, page: This is no TOML: "]),
        ('title = "t"\ntitle = "u"\n', ["Line 2, title: This is no TOML: "]),
        ('title = "t"\nnote = """\n\n', ["Line 3, note: This is no TOML: "]),
        (f'title = "t"\n{STEP * (MOST_STEPS + 1)}', [f"Line {3 * MOST_STEPS + 2}, steps: There are 41 steps; "]),
    ],
)
def test_a_mistake_names_its_line_and_field(text: str, said: list[str]) -> None:
    found = problems(text)
    assert len(found) == len(said), found
    for problem, beginning in zip(found, said, strict=True):
        assert problem.startswith(beginning), problem


def test_a_link_s_setting_that_is_not_used_is_not_said_to_be() -> None:
    (problem,) = problems(f'title = "t"\n{STEP}state = "bits=7"\n')
    assert "is used" not in problem


def test_problems_are_said_in_the_order_of_lines_and_not_all() -> None:
    found = problems('title = "t"\n' + '[[steps]]\npage = "nowhere"\n' * 30)
    assert len(found) == MOST_PROBLEMS
    lines = [int(re.match(r"Line (\d+)", problem)[1]) for problem in found]  # type: ignore[index]
    assert lines == sorted(lines)


def test_bytes_that_are_no_text() -> None:
    assert text_of(b"\xef\xbb\xbftitle = 't'") == "title = 't'"
    with pytest.raises(StoryError, match="Line 3: This is no UTF-8 text"):
        text_of(b"a\nb\n\xff")
    with pytest.raises(StoryError, match="allowed are"):
        text_of(b"x" * (MOST_BYTES + 1))


@given(text=st.text(max_size=300))
@examples(200)
def test_any_text_at_all_is_read_or_refused_in_words(text: str) -> None:
    try:
        read(text)
    except StoryError as error:
        assert all(problem.line >= 1 and problem.message for problem in error.problems)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = 't'\na = " + "[" * 5000, "Line 2, a: This is no TOML: brackets stand within brackets too deeply."),
        ("a = " + "{a=" * 3000, "Line 1, a: This is no TOML: brackets stand within brackets too deeply."),
        ("title = 't'\n\nb = " + "9" * 5000, "Line 3, b: This is no TOML: a number has too many digits."),
        ("title = 0x" + "f" * 9000, "Line 1, title: is no text; a text in quotes is wanted."),
        ('"\\u0000" = 1', "Line 1, ?: '?' is not known here; allowed are title, steps."),
        ("[[steps]]\n" + "x" * 5000 + " = 1\n", f"Line 2, {'x' * 39}…: '{'x' * 39}…' is not known here; "),
        ("a" + ".a" * 3000 + " = 1", "Line 1, a"),
    ],
    ids=["brackets", "tables", "digits", "hexadecimal", "unprintable name", "long name", "dots"],
)
def test_what_the_parser_itself_gives_up_on_is_said_in_words(text: str, said: str) -> None:
    _, problems = checked(text.encode())
    assert any(problem.startswith(said) for problem in problems), [problem[:200] for problem in problems]


HARM: Final = (
    *WORDS, "{", "}", "{headline}", "{Compute | low}", "{number 9}", '"', "'''", '"""', "[[steps]]\n", "[steps]\n",
    '\nstate = "?chip=b200&bits=4"\n', '\npage = "gap/ladder"\n', "\nnote = 1\n", "\\", "#", "=",
)  # fmt: skip


@given(
    name=st.sampled_from(sorted(shipped())),
    changes=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 80), st.one_of(st.binary(max_size=4), st.sampled_from(HARM))),
        min_size=1,
        max_size=6,
    ),
)
@examples(300)
def test_a_story_made_to_do_harm_is_told_safely_or_refused_in_words(
    name: str, changes: list[tuple[float, int, bytes | str]]
) -> None:
    """Whatever is cut out of a story and put into it: each message names its line, is short, and can be printed."""
    data = shipped()[name].encode()
    for place, cut, put in changes:
        at = int(place * len(data))
        data = data[:at] + (put if isinstance(put, bytes) else put.encode("utf-8", "surrogatepass")) + data[at + cut :]
    text, problems = checked(data)
    assert bool(text) != bool(problems)
    assert len(problems) <= MOST_PROBLEMS
    for problem in problems:
        assert re.match(r"Line [1-9]\d*(, [^:]+)?: .", problem)
        assert problem.isprintable()
        assert len(problem) < 700
    if text:
        told = own_html(text) + outline(text)
        assert "<script" not in told
        assert "<img" not in told
        assert "<svg" not in told


@given(cut=st.integers(0, 4000), by=st.text(max_size=5))
@examples(150)
def test_a_damaged_story_is_read_or_refused_in_words(cut: int, by: str) -> None:
    text = shipped()["five-minutes"]
    damaged = text[: cut % len(text)] + by + text[cut % len(text) + 3 :]
    try:
        read(damaged)
    except StoryError as error:
        assert all(1 <= problem.line <= len(damaged.splitlines()) + 1 for problem in error.problems)
