"""What an operator decides about the page."""

from dataclasses import dataclass
from urllib.parse import urlsplit

NEUTRAL = "https://www.wikipedia.org/"


@dataclass(frozen=True, slots=True)
class Site:
    """Settings of the page.

    `exit_url` is where the quick exit leads: a page that raises no question. The person's browser goes there, and only
    when they leave. `operator` is the name of whoever runs the page, shown on it; may be empty. Raises ValueError for
    an exit that is no plain web address.
    """

    exit_url: str = NEUTRAL
    operator: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.exit_url)
        if parts.scheme not in ("https", "http") or not parts.netloc:
            raise ValueError("the quick exit needs a web address such as https://www.wikipedia.org/")


DEFAULT = Site()
