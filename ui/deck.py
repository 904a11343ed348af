"""A story as one page for the stage: all steps at once, so that they change in the browser with no server.

The same page is served at a plain route and, with everything inside, saved as a file that opens from disk.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import numpy as np
import segno

from efficiency import __version__
from efficiency.facts import DATA_VERSION
from efficiency.link import State, encode_short
from ui.documents import Document
from ui.drawings import Drawing, drawing
from ui.first_page import DESCRIPTION, TITLE
from ui.light_page import FIGURE_PARAMETER, PAGE_PARAMETER, dashboard_address
from ui.light_page import PATH as VIEW_PATH
from ui.markup import attribute, in_script, plain_text, shown, without_leading, without_links
from ui.preview import tags
from ui.stories import MOST_BYTES, Step, Story, StoryError, read, shipped
from ui.theme import Mode, palette
from ui.views import View

PATH: Final = "/present"
OWN_PATH: Final = "/present-own"
"""Stories that are not ours come inside their own address, so that nothing of them is kept."""
STORY, TEXT, DOWNLOAD = "story", "text", "download"
LONGEST_TEXT: Final = 10_000
"""Characters of a packed story; proxies take 16 kB of an address and its headers."""
MOST_BYTES_OFFLINE: Final = 8_000_000
_FOLDER: Final = Path(__file__).parent
SCRIPT: Final = (_FOLDER / "deck.js").read_text(encoding="utf-8")
STYLE: Final = (_FOLDER / "deck.css").read_text(encoding="utf-8")
_MODES: Final[tuple[Mode, ...]] = ("light", "dark")
_COLOURS: Final = ("ground", "ink", "muted", "machine", "grid", "band")
_SCRIPT_END: Final = re.compile(r"</(?=script)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class File:
    """Something that a page loads, or holds where it has to stand alone."""

    address: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Files:
    """What every deck needs."""

    plotly: File
    script: File
    font: File
    icon: File
    picture: File


@dataclass(frozen=True, slots=True)
class Deck:
    """A story with what to call it.

    Attributes
    ----------
    story : Story
        What is told.
    name : str
        For file names and for the channel that the notes follow.
    query : str
        What asks for it, without a question mark.
    path : str
        Where it is served.
    """

    story: Story
    name: str
    query: str
    path: str

    @property
    def own(self) -> bool:
        """Whether its sentences are somebody else's."""
        return self.path == OWN_PATH


def pack(text: str) -> str:
    """Spell a story in letters that fit into an address.

    >>> unpack(pack('title = "Ten watts"'))
    'title = "Ten watts"'
    """
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpack(packed: str) -> str:
    """Read what `pack` wrote; ValueError for anything else, or for more than a story may hold."""
    if len(packed) > LONGEST_TEXT:
        raise ValueError(f"the address holds {len(packed):,} characters of story; allowed are {LONGEST_TEXT:,}")
    try:
        data = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(data, MOST_BYTES)
        if unpacking.unconsumed_tail or not unpacking.eof:
            raise ValueError(f"it is cut off, or longer than {MOST_BYTES:,} bytes")
        return text.decode()
    except (ValueError, zlib.error) as error:
        raise ValueError(f"the address holds no story: {error}") from None


def own_address(text: str) -> str:
    """Give the address at which somebody's own story is shown."""
    return f"{OWN_PATH}?{TEXT}={pack(text)}"


def shipped_address(name: str) -> str:
    """Give the address of a story that comes with the dashboard."""
    return f"{PATH}?{STORY}={name}"


class Decks:
    """The decks of this server."""

    def __init__(self, files: Files) -> None:
        """Take what decks load or hold."""
        self.files = files

    def make(self, path: str, query: str, base: str) -> Document:
        """Make the deck of an address, as a page or as a file to keep. The step is the script's business."""
        asked = dict(reversed(parse_qsl(query, keep_blank_values=True)))
        try:
            deck, notice = _deck(path, asked)
        except StoryError as error:
            return _refusal("This story cannot be told yet", str(error))
        except ValueError as error:
            return _refusal("There is no story here", f"{str(error)[:1].upper()}{str(error)[1:]}.")
        if DOWNLOAD not in asked:
            page = render(deck, self.files, base, notice=notice)
            return Document(page, headers={"cache-control": "no-cache"})
        page = render(deck, self.files, base, offline=True)
        if len(page.encode()) > MOST_BYTES_OFFLINE:
            return _refusal("This story is too long for one file", "Leave out some steps, then try again.")
        disposition = f'attachment; filename="{deck.name}.html"'
        return Document(page, headers={"cache-control": "no-cache", "content-disposition": disposition})


def key_of(path: str, query: str) -> str:
    """Reduce an address to what its deck depends on, so that every step finds the same one."""
    wanted = (STORY, DOWNLOAD) if path == PATH else (TEXT, DOWNLOAD)
    asked = dict(reversed(parse_qsl(query, keep_blank_values=True)))
    return "&".join(f"{name}={asked[name]}" for name in wanted if name in asked)


def _deck(path: str, asked: dict[str, str]) -> tuple[Deck, str]:
    """Find the story that an address asks for; a notice says what of it was ignored."""
    if path == OWN_PATH:
        text = unpack(asked.get(TEXT, ""))
        story = read(text)
        name = re.sub(r"[^a-z0-9]+", "-", story.title.lower()).strip("-") or "story"
        return Deck(story, name, f"{TEXT}={asked[TEXT]}", path), ""
    first = next(iter(shipped()))
    name, notice = asked.get(STORY, first), ""
    if name not in shipped():
        notice = f"The link says story={shown(name)}; here are {', '.join(shipped())}, so {first} is shown."
        name = first
    return Deck(read(shipped()[name]), name, f"{STORY}={name}", path), notice


def _refusal(title: str, message: str) -> Document:
    """Say in plain words what is the matter."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in message.splitlines())
    page = f"""<!DOCTYPE html>
<html lang="en">
  <head><meta charset="utf-8" /><meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>{escape(title)} · {TITLE}</title><style>{_style()}</style></head>
  <body class="plain"><h1>{escape(title)}</h1>{lines}<p><a href="/stage">Stories and how to write one</a></p></body>
</html>
"""
    return Document(page, status=400, headers={"cache-control": "no-store"})


@dataclass(frozen=True, slots=True)
class Slide:
    """What the figure of a step puts into the page; ``narrow`` is for phones, where those for a wide screen collide."""

    drawings: tuple[Drawing, Drawing]
    narrow: tuple[Drawing, Drawing] | None
    legend: str
    alt: str
    position: int
    caption: str
    spread: str


@functools.lru_cache(maxsize=128)
def _slide(view: View, state: State) -> Slide:
    light, dark = (drawing(view.on_stage(state, mode)) for mode in _MODES)
    plain = tuple(drawing(view.figure(state, mode)) for mode in _MODES) if view.staged else None
    legends = [view.legend(state, mode) for mode in _MODES]
    legend = "".join(
        f'<div class="legend {mode}">{text}</div>' for mode, text in zip(_MODES, legends, strict=True) if text
    )
    caption, _ = without_links(without_leading(view.footer(state)))
    return Slide(
        (light, dark),
        plain,
        legend,
        view.alt(state),
        view.position(state),
        caption,
        without_links(view.range(state))[0],
    )


@functools.lru_cache(maxsize=2048)
def _code(address: str) -> tuple[int, str]:
    """Make a QR code: how many modules it is wide, and its rows of modules as bits in base 64."""
    rows = segno.make(address, micro=False, error="l").matrix
    bits = np.packbits(np.concatenate([np.frombuffer(row, np.uint8) for row in rows]))
    return len(rows), base64.b64encode(bits.tobytes()).decode()


def render(deck: Deck, files: Files, base: str, offline: bool = False, notice: str = "") -> str:
    """Write the page of a deck.

    Parameters
    ----------
    deck : Deck
        What to show.
    files : Files
        What is loaded, or put inside.
    base : str
        Where the dashboard stands on the web; without it there are no codes, and a file leads nowhere.
    offline : bool
        Put everything inside.
    notice : str
        What to say of the address.
    """
    story = deck.story
    slides = [_slide(step.view, step.state) for step in story.steps]
    told = {
        "key": hashlib.sha256(repr(deck.query).encode()).hexdigest()[:12],
        "offline": offline,
        "title": story.title,
        "steps": [_told(step, slide, base, offline) for step, slide in zip(story.steps, slides, strict=True)],
    }
    blocks = {"deck": in_script(json.dumps(told, ensure_ascii=False))}
    for number, slide in enumerate(slides):
        blocks |= {f"figure-{number}-{mode}": one.json for mode, one in zip(_MODES, slide.drawings, strict=True)}
        narrow = zip(_MODES, slide.narrow, strict=True) if slide.narrow else ()
        blocks |= {f"figure-{number}-{mode}-narrow": one.json for mode, one in narrow}
    sections = "\n".join(
        _section(step, slide, number, len(slides))
        for number, (step, slide) in enumerate(zip(story.steps, slides, strict=True))
    )
    data = "\n".join(f'<script type="application/json" id="{name}">{text}</script>' for name, text in blocks.items())
    first = plain_text(story.steps[0].sentence)
    address = f"{base}{deck.path}?{deck.query}" if base and not deck.own else ""
    preview = tags(f"{story.title} · {TITLE}", first, address, base and base + files.picture.address)
    save = "" if offline else f"<a href={attribute(f'{deck.path}?{deck.query}&{DOWNLOAD}=1')} download>Save as file</a>"
    key = "" if offline else ' title="Escape"'
    leave = "" if offline and not base else f'<a id="leave" href="/"{key}>Dashboard</a>'
    told_by = "Sentences: the speaker’s own · " if deck.own else ""
    said = f'<p class="notice" role="status">{escape(notice)}</p>' if notice else ""
    return f"""<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>{escape(story.title)} · {TITLE}</title>
    <meta name="description" content={attribute(first or DESCRIPTION)} />
    {"" if offline else preview}
    {_head(files, offline)}
  </head>
  <body>
    {said}
    <main>
{sections}
    </main>
    <footer>
      <p id="counter">1 / {len(slides)}</p>
      <p id="said" aria-live="polite"></p>
      <p class="source">{told_by}{TITLE} · data {DATA_VERSION} · model {__version__}</p>
      <nav aria-label="Presentation">
        <button type="button" id="notes-button" title="N">Notes</button>
        <button type="button" id="code-button" title="Q">Sources, QR</button>
        <button type="button" id="full" title="F">Full screen</button>
        {save}{leave}
        <button type="button" id="back" aria-label="Step back" title="Left arrow, Page Up">‹</button>
        <button type="button" id="on" aria-label="Step on" title="Right arrow, Page Down">›</button>
      </nav>
    </footer>
    <dialog id="code" aria-label="Sources and QR code"></dialog>
    {data}
    {_scripts(files, offline)}
  </body>
</html>
"""


def _told(step: Step, slide: Slide, base: str, offline: bool) -> dict[str, Any]:
    """Give what the script needs to know of a step."""
    view, state = step.view, step.state
    begin = f"{VIEW_PATH}?{PAGE_PARAMETER}={view.page}&{FIGURE_PARAMETER}={view.key}&"
    # One for each place of the slider: the audience shall see what stands on the stage.
    phones = [begin + encode_short(one) for one in view.at_steps(state) or (state,)]
    here = base if offline else ""
    light = slide.drawings[0]
    slider = view.slider and {
        "parameter": view.slider.parameter,
        "values": view.slider.values,
        "labels": light.labels,
        "start": slide.position,
        "sentences": [[one, plain_text(one)] for one in step.sentences],
        "spreads": [without_links(spread)[0] for _, spread in view.findings(state)],
    }
    return {
        "sentence": plain_text(step.sentence),
        "note": step.note,
        "shape": _shape(slide.drawings),
        "narrow": slide.narrow and _shape(slide.narrow),
        "slider": slider,
        "theme": state.theme,
        "phones": [base + phone for phone in phones] if base else [],
        "codes": [_code(base + phone) for phone in phones] if base else [],
        "dashboard": here + dashboard_address(view, state) if here or not offline else "",
        "lights": [here + phone for phone in phones] if here or not offline else [],
        "caption": slide.caption,
        "spread": slide.spread,
    }


def _shape(drawings: tuple[Drawing, Drawing]) -> dict[str, Any]:
    """Give what differs between a figure for a wide screen and one for a phone."""
    return {"height": [one.height_px for one in drawings], "moves": drawings[0].moves}


def _section(step: Step, slide: Slide, number: int, count: int) -> str:
    light = slide.drawings[0]
    label = attribute(f"Step {number + 1} of {count}")
    style = attribute(f"--height:{light.height_px}px")
    return f"""<section class="step" id="step-{number + 1}" aria-roledescription="step" aria-label={label}>
  <h1>{step.sentence}</h1>
  {slide.legend}
  <div class="place" style={style}><div class="chart" role="img" aria-label={attribute(slide.alt)}></div></div>
  {_slider(step, slide)}
</section>"""


def _slider(step: Step, slide: Slide) -> str:
    labels = slide.drawings[0].labels
    if step.view.slider is None:
        return ""
    now = labels[slide.position]
    return (
        f'<div class="slider"><output>{escape(now)}</output>'
        '<button type="button" data-by="-1" aria-label="One position back" title="Down arrow">−</button>'
        f'<input type="range" min="0" max="{len(labels) - 1}" step="1" value="{slide.position}" autocomplete="off" '
        f"aria-label={attribute(step.view.slider.label)} aria-valuetext={attribute(now)} />"
        '<button type="button" data-by="1" aria-label="One position on" title="Up arrow">+</button></div>'
    )


def _style(font: str = "") -> str:
    light, dark = (
        ";".join(f"--{name}:{getattr(palette(mode), name)}" for name in _COLOURS) + f";color-scheme:{mode}"
        for mode in _MODES
    )
    face = f"@font-face{{font-family:Inter;src:url({font}) format('woff2');font-weight:400 700}}" if font else ""
    return (
        f":root{{{light}}}:root[data-scheme=dark]{{{dark}}}"
        f"@media (prefers-color-scheme:dark){{:root:not([data-scheme]){{{dark}}}}}{face}\n{STYLE}"
    )


def _head(files: Files, offline: bool) -> str:
    # Browsers look for the icon anew at each step; inside the page they find it without a server.
    icon = f'<link rel="icon" href="{_inside(files.icon, "image/svg+xml")}" />'
    if offline:
        return f"{icon}\n    <style>{_style(_inside(files.font, 'font/woff2'))}</style>"
    return (
        f'{icon}\n    <link rel="preload" href="{files.font.address}" as="font" type="font/woff2" crossorigin />\n'
        f"    <style>{_style(files.font.address)}</style>"
    )


def _inside(file: File, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(file.read()).decode()}"


def _scripts(files: Files, offline: bool) -> str:
    """Load or hold the scripts, ours first: words and keys do not wait for the drawing."""
    if not offline:
        return "\n    ".join(f'<script src="{file.address}" defer></script>' for file in (files.script, files.plotly))
    texts = (SCRIPT, files.plotly.read().decode())
    return "\n".join("<script>" + _SCRIPT_END.sub(r"<\\/", text) + "</script>" for text in texts)
