"""What a chat shows of a link: title, headline of the state, picture; in plain HTML, because chats run no script."""

from __future__ import annotations

import logging
from typing import Final

from efficiency.link import State, encode
from ui.documents import Document
from ui.first_page import DESCRIPTION, TITLE
from ui.markup import attribute, plain_text
from ui.views import HOME, View, hero

PICTURE_SIZE: Final = (1200, 630)
PICTURE_ALT: Final = "A brain’s 20 watts as a thin orange line beside the wide blue range of machines"
_MARK: Final = "</title>"
_LOG: Final = logging.getLogger(__name__)


def summary(view: View, finding: tuple[str, str]) -> tuple[str, str]:
    """Say title and description of a figure with a finding in HTML, as plain text."""
    headline, spread = map(plain_text, finding)
    end = "" if headline.endswith((".", "?", "!")) else "."
    return f"{view.title} · {TITLE}", f"{headline}{end} {spread}".strip()


def _summary_of(view: View | None, state: State) -> tuple[str, str]:
    """Say title and description of a page, whatever its state."""
    if view is None:
        return TITLE, DESCRIPTION
    try:
        return summary(view, view.finding(state))
    except Exception:
        # The page says itself what is wrong with its numbers; it must not be missing for want of a preview.
        _LOG.exception("no preview of %s", view.name)
        return f"{view.title} · {TITLE}", DESCRIPTION


def tags(title: str, description: str, address: str, picture: str) -> str:
    """Write the Open Graph and Twitter tags; without absolute addresses the tags that need one are left out.

    Parameters
    ----------
    title, description : str
        Plain text.
    address, picture : str
        Absolute addresses, or empty.
    """
    named = {
        "og:type": "website",
        "og:site_name": TITLE,
        "og:title": title,
        "og:description": description,
        "og:url": address,
        "og:image": picture,
        "og:image:type": picture and "image/png",
        "og:image:width": picture and str(PICTURE_SIZE[0]),
        "og:image:height": picture and str(PICTURE_SIZE[1]),
        "og:image:alt": picture and PICTURE_ALT,
    }
    twitter = {
        "twitter:card": "summary_large_image" if picture else "summary",
        "twitter:title": title,
        "twitter:description": description,
        "twitter:image": picture,
        "twitter:image:alt": picture and PICTURE_ALT,
    }
    lines = [f"<meta property={attribute(name)} content={attribute(text)} />" for name, text in named.items() if text]
    lines += [f"<meta name={attribute(name)} content={attribute(text)} />" for name, text in twitter.items() if text]
    return "\n    ".join(lines)


class Previews:
    """The first page with the tags of the state that an address holds."""

    def __init__(self, page: str, picture: str) -> None:
        """Take the first page and the picture's path."""
        self.page, self.picture = page, picture

    def make(self, name: str, state: State, base: str) -> Document:
        """Give the first page of a page in a state."""
        title, description = _summary_of(hero(name or HOME), state)
        address = f"{base}/{name}?{encode(state)}" if base else ""
        lines = tags(title, description, address, base and f"{base}{self.picture}")
        usual = f'<meta name="description" content={attribute(DESCRIPTION)} />'
        page = self.page.replace(usual, f'<meta name="description" content={attribute(description)} />', 1)
        return Document(page.replace(_MARK, f"{_MARK}\n    {lines}", 1), headers={"cache-control": "no-cache"})
