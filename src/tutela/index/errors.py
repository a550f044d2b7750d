"""What can be wrong with an index's file. The codes themselves are safe elsewhere: make the index anew from them."""

from tutela.model import TutelaError

_REMEDY = "Delete it; the index is made anew from the bank"


class IndexFileError(TutelaError):
    """The file is no index, or not the one that was saved. `where` names it."""

    exit_status = 4

    def __init__(self, what: str, where: str, remedy: str = _REMEDY) -> None:
        super().__init__(what, where=where, remedy=remedy)
