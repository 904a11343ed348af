"""Trusted HTML of the pages as plain text, and with its links taken out; words as HTML."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Final

LONGEST_SHOWN: Final = 40
_USED_INSTEAD: Final = re.compile(r", so [^,]* is used\.$|; its first value is used\.$")
_SUPERSCRIPT: Final = str.maketrans("0123456789-−.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻·")
_SUP: Final = re.compile(r"<sup>(.*?)</sup>")
_BREAK: Final = re.compile(r"<br\s*/?>|</p>|</li>|</td>")
_TAG: Final = re.compile(r"<[^>]*>")
_NUMBER_AND_UNIT: Final = re.compile(
    r"(\d(?:</(?:sup|span)>)*) (?=%|(?:[kMGTPEZmµnpfaz]?(?:J|W|Wh|B|s|FLOP|bit|m|V))\b)"
)
_LINK: Final = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)

# A piece of a line that is a link and nothing else, or leads up to one named "sources".
_LEADING: Final = re.compile(r"(?:^| · )(?:<a\b[^>]*>[^<]*</a>|(?:(?! · )[^<])*: <a\b[^>]*>sources</a>)(?= · |<br>|$)")


def plain_text(html: str) -> str:
    """Say trusted HTML without markup.

    >>> plain_text('takes <b class="x">10<sup>6.9</sup> times</b> &lt;20 W')
    'takes 10⁶·⁹ times <20 W'
    """
    raised = _SUP.sub(lambda found: found[1].translate(_SUPERSCRIPT), html)
    return " ".join(unescape(_TAG.sub("", _BREAK.sub(" ", raised))).split())


def without_links(html: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Take the links out of trusted HTML: the words stay, address and words of each link are given beside.

    Addresses come unescaped, words as plain text.

    >>> without_links('8 yardsticks · <a href="/sources?a=1&amp;b=2" target="_self">79 sources</a>')
    ('8 yardsticks · 79 sources', (('/sources?a=1&b=2', '79 sources'),))
    """
    links = tuple((unescape(address), plain_text(words)) for address, words in _LINK.findall(html))
    return _LINK.sub(r"\2", html), tuple(dict.fromkeys(links))


def without_leading(html: str) -> str:
    """Leave out of trusted HTML what only leads elsewhere, for where there is no elsewhere.

    >>> without_leading('8 pairs · quality: <a href="/s">sources</a> · <a href="/s">79 records</a> · model 1')
    '8 pairs · model 1'
    """
    return _LEADING.sub("", html).removeprefix(" · ")


def complaint(notice: str) -> str:
    """Say what is wrong with a link, for where nothing is used instead.

    >>> complaint("The link says pue=9; allowed is 1 to 3, so 1.3 is used.")
    'The link says pue=9; allowed is 1 to 3.'
    """
    return _USED_INSTEAD.sub(".", notice)


def unbroken(html: str) -> str:
    """Keep each number of trusted HTML and its unit on one line."""
    return _NUMBER_AND_UNIT.sub("\\1\u00a0", html)


def glued(words: str) -> str:
    """Escape words; a number and its unit stay on one line.

    >>> glued("R&D takes 5 %")
    'R&amp;D takes 5\\xa0%'
    """
    return unbroken(escape(words))


def finding_html(words: str) -> str:
    """Set a section's finding; a number and its unit stay on one line."""
    return f'<h2 class="tw-finding">{glued(words)}</h2>'


def attribute(text: str) -> str:
    """Spell any text as an HTML attribute's value, quotes included.

    >>> attribute('"><script>')
    '"&quot;&gt;&lt;script&gt;"'
    """
    return f'"{escape(text, quote=True)}"'


def shown(text: str) -> str:
    """Make a foreign text short and printable enough to repeat in a message; it still has to be escaped.

    >>> shown("a" * 50), shown("a" + chr(10) + "b")
    ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…', 'a?b')
    """
    printable = "".join(c if c.isprintable() else "?" for c in text)
    return printable if len(printable) <= LONGEST_SHOWN else printable[: LONGEST_SHOWN - 1] + "…"


def in_script(text: str) -> str:
    """Keep JSON from ending its script element; inside strings both spellings mean the same."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
