"""Live reading of public channels into a file that `tutela scan` reads: no joining, no media, resumable."""

from tutela.collect.errors import CollectError, RefusedError, StalledError, UnreachableError
from tutela.collect.folder import Dump, Folder, Window
from tutela.collect.handles import public_handle
from tutela.collect.run import Client, Collected, Front, collect

__all__ = [
    "Client",
    "CollectError",
    "Collected",
    "Dump",
    "Folder",
    "Front",
    "RefusedError",
    "StalledError",
    "UnreachableError",
    "Window",
    "collect",
    "public_handle",
]
