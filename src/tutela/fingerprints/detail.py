"""How much of a picture to compute."""

from enum import StrEnum


class Detail(StrEnum):
    """What a fingerprint is for: the more it is to find, the longer it takes.

    *Plain* finds copies (about 5 ms). *Protect* adds the parts by which altered versions of this picture are found
    (about 40 ms more). *Lookup* adds what it shows at three sizes and in eight orientations, to find
    what it was made from (about 150 ms more); it holds what *protect* needs.
    """

    PLAIN = "plain"
    PROTECT = "protect"
    LOOKUP = "lookup"
