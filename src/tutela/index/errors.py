"""What can be wrong with an index's file. Whether its codes are anywhere else, this room does not know."""

from tutela.model import TutelaError

_REMEDY = "Check the path and the key; what is damaged comes from a copy, or is made anew from the codes"


class IndexFileError(TutelaError):
    """The file is no index, or not the one that was saved. `where` names it."""

    exit_status = 4

    def __init__(self, what: str, where: str, remedy: str = _REMEDY) -> None:
        super().__init__(what, where=where, remedy=remedy)
