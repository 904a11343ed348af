"""Compress Streamlit's frontend once, at install, instead of for every visitor.

Streamlit sends its 26 MB of scripts as they are; compressing plotly.js on the fly costs 0.2 s of
processor time per visitor. ``python -m ui.precompress`` writes Brotli and gzip copies into a
cache folder, from which `ui.static_files` serves them. Without it the app works, only larger.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import brotli
import streamlit
from streamlit import file_util

ROOT = Path(__file__).resolve().parent.parent
MANIFEST_NAME = "manifest.json"
# Source maps are left out: nobody asks for them. So are pictures and fonts: they do not shrink.
COMPRESSIBLE_SUFFIXES = frozenset({".css", ".js", ".json", ".mjs", ".svg", ".txt", ".wasm"})
SUFFIX_BY_CODING = {"br": ".br", "gzip": ".gz"}
# A variant that saves less than this is not worth a header and a cache entry.
LARGEST_USEFUL_RATIO = 0.95


@dataclass(frozen=True, slots=True)
class CompressedFile:
    """One frontend file, and the sizes of those of its variants that are worth serving."""

    name: str
    sha256: str
    size_bytes: int
    variant_bytes: dict[str, int]

    def variant_path(self, cache: Path, coding: str) -> Path:
        """Return where the variant lies. Its name holds the content's hash."""
        return cache / (self.sha256 + SUFFIX_BY_CODING[coding])


def frontend_folder() -> Path:
    """Return the folder of the installed Streamlit frontend."""
    return Path(file_util.get_static_dir())


def cache_folder() -> Path:
    """Return the cache folder; ``TWENTY_WATTS_CACHE`` moves it off a read-only checkout."""
    base = Path(os.environ.get("TWENTY_WATTS_CACHE") or ROOT / ".cache")
    return base / f"static-{streamlit.__version__}"


def asset_cache(cache: Path) -> Path:
    """Return where the variants of our own files lie, below the frontend's."""
    return cache / "assets"


def compress(data: bytes, coding: str) -> bytes:
    """Return ``data`` in a content coding, as small as that coding gets it."""
    if coding == "br":
        return brotli.compress(data, quality=11)
    # mtime=0 keeps the result, and so its hash, the same on every machine.
    return gzip.compress(data, compresslevel=9, mtime=0)


def useful_variants(data: bytes) -> dict[str, bytes]:
    """Return the content coding -> body of those variants that are smaller than ``data``."""
    variants = {coding: compress(data, coding) for coding in SUFFIX_BY_CODING}
    return {coding: body for coding, body in variants.items() if len(body) <= LARGEST_USEFUL_RATIO * len(data)}


def frontend_names(frontend: Path) -> list[str]:
    """Return the names of the compressible files, largest first so that both cores end together."""
    paths = [path for path in frontend.rglob("*") if path.is_file() and path.suffix in COMPRESSIBLE_SUFFIXES]
    paths.sort(key=lambda path: path.stat().st_size, reverse=True)
    return [path.relative_to(frontend).as_posix() for path in paths]


def replace_file(path: Path, body: bytes) -> None:
    """Write a file aside, then rename it: a server that starts meanwhile never reads half of it."""
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    aside.write_bytes(body)
    aside.replace(path)


def compress_file(frontend: Path, cache: Path, name: str) -> CompressedFile:
    """Write the variants of one file and describe them."""
    data = (frontend / name).read_bytes()
    variants = useful_variants(data)
    file = CompressedFile(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        variant_bytes={coding: len(body) for coding, body in variants.items()},
    )
    for coding, body in variants.items():
        replace_file(file.variant_path(cache, coding), body)
    return file


def read_manifest(frontend: Path, cache: Path) -> dict[str, CompressedFile]:
    """Return the cached files that still match the frontend, by name; empty without a cache."""
    try:
        records = json.loads((cache / MANIFEST_NAME).read_text(encoding="utf-8"))
        files = [CompressedFile(**record) for record in records]
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError) as error:
        print(f"Ignoring the unreadable {cache / MANIFEST_NAME}: {error}", file=sys.stderr)
        return {}
    return {file.name: file for file in files if _is_current(file, frontend, cache)}


def _is_current(file: CompressedFile, frontend: Path, cache: Path) -> bool:
    """Tell whether the original and every variant still have the recorded size."""
    sizes = {frontend / file.name: file.size_bytes}
    for coding, size_bytes in file.variant_bytes.items():
        sizes[file.variant_path(cache, coding)] = size_bytes
    return all(path.is_file() and path.stat().st_size == size_bytes for path, size_bytes in sizes.items())


def precompress(frontend: Path, cache: Path, workers: int | None = None) -> list[CompressedFile]:
    """Bring the cache up to date and return what it holds. Files already there are kept."""
    cache.mkdir(parents=True, exist_ok=True)
    current = read_manifest(frontend, cache)
    names = frontend_names(frontend)
    missing = [name for name in names if name not in current]
    if missing:
        with ProcessPoolExecutor(max_workers=workers or os.cpu_count()) as pool:
            fresh = pool.map(partial(compress_file, frontend, cache), missing)
            current.update((file.name, file) for file in fresh)
    files = [current[name] for name in names]
    text = json.dumps([asdict(file) for file in files], indent=1)
    replace_file(cache / MANIFEST_NAME, text.encode())
    return files


def main() -> None:
    """Compress what is missing; say so, because it takes half a minute."""
    frontend, cache = frontend_folder(), cache_folder()
    known = len(read_manifest(frontend, cache))
    wanted = len(frontend_names(frontend))
    if known < wanted:
        print(f"Compressing {wanted - known} files of Streamlit's frontend, once ...", flush=True)
    precompress(frontend, cache)
    precompress(ROOT / "assets", asset_cache(cache))


if __name__ == "__main__":
    main()
