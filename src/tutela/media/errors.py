"""What can go wrong with media, as errors. A bad item in a run is not one: it is `tutela.model.Skipped`."""

from tutela.model import Skipped, TutelaError


class MediaError(TutelaError):
    """A caller asked for the fingerprint of one item, and the item has none."""

    def __init__(self, skipped: Skipped) -> None:
        self.skipped = skipped
        super().__init__(skipped.reason)


class ConfinementError(TutelaError):
    """The decoding process cannot be started or confined on this machine."""
