"""Where posts come from: exports, dumps and folders, each read as a stream (`docs/sources.md`)."""

from tutela.sources.account import Item, Part, Source, SourceAccount
from tutela.sources.errors import SourceError
from tutela.sources.mending import Mender
from tutela.sources.opening import open_source, open_sources
from tutela.sources.pseudonyms import KEY_BYTES, Pseudonymiser
from tutela.sources.runs import HEAD, Run, Shelves

__all__ = [
    "HEAD",
    "KEY_BYTES",
    "Item",
    "Mender",
    "Part",
    "Pseudonymiser",
    "Run",
    "Shelves",
    "Source",
    "SourceAccount",
    "SourceError",
    "open_source",
    "open_sources",
]
