"""Scripts, styles and the icon, read once and kept in memory under one address that changes with their content."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable

_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".bin": "application/octet-stream",
}
"""What is served; any other file in the folder is not."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Assets:
    """All files by path. `version` is made from their names and bytes: whatever changes gives all of them a new
    address, so that browsers may keep them for ever and modules that import each other always fit."""

    version: str
    files: Mapping[str, Asset]


def read_assets() -> Assets:
    """The folder `assets/` of the package."""
    digest, files = hashlib.sha256(), {}
    for path, file in sorted(_walk(resources.files(__package__).joinpath("assets"), "")):
        media_type = _TYPES.get("." + path.rpartition(".")[2])
        if media_type is None:
            continue
        content = file.read_bytes()
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
        files[path] = Asset(media_type, content)
    return Assets(digest.hexdigest()[:16], files)


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _walk(each, f"{prefix}{each.name}/")
        else:
            yield f"{prefix}{each.name}", each
