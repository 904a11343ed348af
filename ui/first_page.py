"""The page that starts Streamlit in the browser: its own index.html with our name, theme and font.

Streamlit learns the theme only from the first run, so it would paint in its own colours (white, in
a dark room) and load 170 kB of a font that we do not use. It also looks for the server below a
deep link's path first, which costs a round trip and two failed requests. `window.__streamlit` is
the hook by which hosts tell it beforehand.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final

TITLE = "Twenty Watts"
ACCESS: Final = Path(__file__).with_name("access.js").read_text(encoding="utf-8")
"""What Streamlit's page lacks for a keyboard or a screen reader."""
DESCRIPTION = (
    "The brain runs on about 20 W; AI runs on megawatts. How many orders of magnitude lie between "
    "them, which lever closes how many of them, and how sure are we?"
)
# A link may want to be seen light or dark, which Streamlit reads from a parameter of its own before it paints. It also
# remembers an open sidebar, which on a narrow screen would lie over the page at every later visit.
_START_SCRIPT = """
{
  if (matchMedia("(max-width: 768px)").matches) {
    try {
      const kept = Object.keys(localStorage).filter((name) => name.startsWith("stSidebarCollapsed"));
      kept.forEach((name) => localStorage.removeItem(name));
    } catch {
      // Without storage nothing is remembered.
    }
  }
  const query = new URLSearchParams(location.search);
  const theme = query.get("theme");
  if ((theme === "light" || theme === "dark") && !query.has("embed_options")) {
    const search = `${location.search}&embed_options=${theme}_theme`;
    history.replaceState(history.state, "", location.pathname + search + location.hash);
  }
}
"""


def first_page(frontend: Path, config_file: Path, script: str) -> str:
    """Return the page, which also loads a script of ours by its address.

    A part of Streamlit's page that a later version writes differently stays as that version
    writes it; tests say which parts of the pinned version are replaced.
    """
    theme = tomllib.loads(config_file.read_text(encoding="utf-8"))["theme"]
    font_url = html.escape(theme["fontFaces"][0]["url"])
    preload = f'<link rel="preload" href="{font_url}" as="font" type="font/woff2" crossorigin />'
    head = (
        f"<title>{html.escape(TITLE)}</title>\n"
        f'    <meta name="description" content="{html.escape(DESCRIPTION)}" />\n'
        f"    <style>{_ground_style(theme)}</style>\n"
        f"    <script>{_host_script(theme)}</script>\n"
        f'    <script src="{script}" defer></script>'
    )
    page = (frontend / "index.html").read_text(encoding="utf-8")
    page = re.sub(r'<link\s+rel="preload"[^>]*SourceSans[^>]*>', preload, page)
    page = page.replace("<title>Streamlit</title>", head)
    return page.replace('href="./favicon.png"', 'href="/assets/icon.svg" type="image/svg+xml"')


def _ground_style(theme: dict[str, Any]) -> str:
    """Return the ground to look at until Streamlit has painted: no white flash in a dark room."""
    light, dark = (theme[name]["backgroundColor"] for name in ("light", "dark"))
    in_the_dark = f"@media screen and (prefers-color-scheme: dark) {{ html {{ background: {dark} }} }}"
    return f"html {{ background: {light} }} {in_the_dark}"


def _host_script(theme: dict[str, Any]) -> str:
    themes = {f"{name.upper()}_THEME": _theme_message(theme, name) for name in ("light", "dark")}
    # "<" could end the script element early; inside a string both spellings mean the same.
    literal = json.dumps(themes, sort_keys=True).replace("<", "\\u003c")
    return f'window.__streamlit = {{ BACKEND_BASE_URL: location.origin + "/", ...{literal} }};\n{_START_SCRIPT}'


def _theme_message(theme: dict[str, Any], name: str) -> dict[str, Any]:
    """Return one theme in the words of Streamlit's frontend, which differ from its config's."""
    faces = [
        {"weightRange" if key == "weight" else key: value for key, value in face.items()} for face in theme["fontFaces"]
    ]
    shared = {"bodyFont": theme["font"], "codeFont": theme["codeFont"], "fontFaces": faces}
    return shared | theme[name]


def content_security_policy(page: str, frame_ancestors: str) -> str:
    """Return a policy that allows nothing from other origins, and no eval.

    The hashes of the page's inline scripts stand in for 'unsafe-inline'. Streamlit imports
    components from blob: addresses and, like plotly, styles elements inline.
    """
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' blob: {hashes}".strip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "media-src 'self' blob:",
            "worker-src 'self' blob:",
            "frame-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors {frame_ancestors}",
        )
    )
