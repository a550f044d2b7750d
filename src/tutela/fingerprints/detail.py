"""How much of a picture to compute."""

from enum import StrEnum


class Detail(StrEnum):
    """What a fingerprint is for: the more it is to find, the longer it takes.

    *Plain* finds copies (about 5 ms). *Protect* adds the parts by which altered versions of this picture are found
    (about 30 ms more). *Lookup* adds those of a larger view, to find what it was made from (about 90 ms more); they
    hold what *protect* needs.
    """

    PLAIN = "plain"
    PROTECT = "protect"
    LOOKUP = "lookup"
