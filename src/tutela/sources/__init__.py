"""Where posts come from: exports, dumps and folders, each read as a stream (`docs/sources.md`)."""

from tutela.sources.account import Item, Source, SourceAccount
from tutela.sources.errors import SourceError
from tutela.sources.mending import Mender
from tutela.sources.opening import open_source, open_sources
from tutela.sources.pseudonyms import KEY_BYTES, Pseudonymiser

__all__ = [
    "KEY_BYTES",
    "Item",
    "Mender",
    "Pseudonymiser",
    "Source",
    "SourceAccount",
    "SourceError",
    "open_source",
    "open_sources",
]
