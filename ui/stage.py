"""The page on stories: those that ship, somebody's own, and how a step of one is written."""

from __future__ import annotations

from html import escape
from typing import Final

from efficiency.link import State, encode_short
from ui.deck import DOWNLOAD, LONGEST_TEXT, own_address, pack, shipped_address
from ui.light_page import BASIC_TRACES
from ui.markup import plain_text
from ui.stories import FOLDER, Problem, Story, StoryError, read, shipped, text_of
from ui.views import views

TEMPLATE: Final = "five-minutes"
HEADLINE: Final = (
    '<h1 class="tw-headline">A talk is a small text file: <span class="tw-machine">one figure, one sentence</span> '
    "a step</h1>"
    '<p class="tw-range">Steps change in the browser without a server. Keys and clickers work, sliders are live, notes '
    "follow in a second window, and the whole talk fits in one file that needs no network. A story’s steps keep their "
    "own settings, whatever the sidebar says.</p>"
)
KEYS: Final = (
    '<p class="tw-footer">→ ← or Page Up, Page Down: steps · ↑ ↓: slider · F: full screen · N: notes · Q: sources and '
    "QR code · B: black · Esc: to the dashboard, where the step stands</p>"
)
HELP: Final = (
    "<p>A story has a <code>title</code> and steps, each under a line <code>[[steps]]</code>, with fields:</p><ul>"
    "<li><code>sentence</code>: what stands over the figure. Braces are filled when shown: <code>{headline}</code>, "
    "<code>{range}</code>, <code>{number}</code> (the coloured number of the headline), or the name of a row of the "
    "figure’s table, as in <code>{One brain}</code> or <code>{Compute: machine over brain | low}</code>.</li>"
    "<li><code>page</code>: the figure, such as <code>gap/ladder</code>; a page alone means its first figure.</li>"
    "<li><code>state</code>, if you like: what stands after ? in the address bar; the whole address will do.</li>"
    "<li><code>note</code>, if you like: what you want to remember.</li></ul>"
)


def stories_html() -> str:
    """List the stories that ship, each with its links."""
    return "".join(_entry(read(text), shipped_address(name), name) for name, text in shipped().items())


def own_html(text: str) -> str:
    """Give somebody's own story with its links."""
    story = read(text)
    return _entry(story, own_address(text))


def _entry(story: Story, address: str, name: str = "") -> str:
    # This page holds the file that was dropped, so it stays open beside somebody's own story.
    target = "_self" if name else "_blank"
    source = f' · <a href="/assets/{FOLDER.name}/{name}.toml" download>Text file</a>' if name else ""
    return (
        f'<h2 class="tw-finding">{escape(story.title)}</h2>'
        f"<p>{len(story.steps)} step{'s' * (len(story.steps) > 1)}. It begins: {story.steps[0].sentence}</p>"
        f'<p class="tw-footer" style="opacity:1"><a href="{escape(address)}" target="{target}"><b>Present</b></a> · '
        f'<a href="{escape(address)}&amp;{DOWNLOAD}=1" download>Save as one file</a>{source}</p>'
    )


def checked(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Read a dropped file: its text, or what is wrong with it, a line for each problem."""
    try:
        text = text_of(data)
        read(text)
        if len(pack(text)) > LONGEST_TEXT:
            raise StoryError([Problem(1, "", "The story is too long to present; shorten its notes.")])
    except StoryError as error:
        return "", tuple(map(str, error.problems))
    return text, ()


def outline(text: str) -> str:
    """List a story's sentences as they read now."""
    return "".join(f"<li>{step.sentence} ({escape(step.view.title)})</li>" for step in read(text).steps)


def step_of(state: State, name: str) -> str:
    """Write a step that shows a figure in a state, ready to be pasted into a story."""
    view = views()[name]
    if not {trace.type for trace in view.figure(state, "light").data} <= BASIC_TRACES:
        return f"# {view.name} is drawn in the dashboard only; choose another figure.\n"
    return (
        f"[[steps]]\n# {plain_text(view.headline(state))}\n"
        f'page = "{view.name}"\nstate = "{encode_short(state)}"\nsentence = "{{headline}}"\nnote = """\n{{range}}"""\n'
    )


def problems_html(name: str, problems: tuple[str, ...]) -> str:
    """Say what is wrong with a dropped file, line by line."""
    lines = "".join(f"<li>{escape(problem)}</li>" for problem in problems)
    return f'<div role="alert"><p><b>{escape(name)}</b> cannot be told yet:</p><ul>{lines}</ul></div>'
