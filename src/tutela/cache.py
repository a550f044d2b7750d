"""Where lies what can be made again at any time. Below every room, and light: the parent of workers asks it too."""

import os
from pathlib import Path

_VARIABLE = "TUTELA_CACHE"
"""Names the folder, instead of the user's cache folder."""


def cache_folder() -> Path:
    """The folder, which need not exist yet; others keep their files in it, too."""
    import platformdirs

    return Path(os.environ.get(_VARIABLE) or platformdirs.user_cache_path("tutela"))
