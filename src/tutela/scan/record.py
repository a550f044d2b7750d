"""What a scan writes into its custody log: counts and codes in the open, the rest as commitments."""

from collections.abc import Mapping
from pathlib import Path

from tutela.bank import Bank
from tutela.custody import CustodyLog, JsonValue, Opening
from tutela.report import MatchLine
from tutela.sources import SourceAccount

_BATCH = 256


class Recorder:
    """Writes the acts of one scan and keeps, sealed in the bank, what opens their commitments."""

    def __init__(self, log: CustodyLog, bank: Bank) -> None:
        self._log = log
        self._bank = bank
        self._openings: list[Opening] = []

    def started(self, version: str, sources: int, cases: int) -> None:
        """The scan begins. How many cases there are could be a figure about very few people."""
        self._record("scan.started", {"tool": f"tutela/{version}", "sources": sources}, {"cases": cases})

    def opened(self, number: int, kind: str, path: Path) -> None:
        """A source is about to be read. Its place on disk may name a person: only a commitment is written."""
        self._record("source.opened", {"number": number, "kind": kind}, {"path": str(path.absolute())})

    def read(self, number: int, account: SourceAccount) -> None:
        """A source was read to its end."""
        facts: dict[str, int | str] = {
            "number": number,
            "posts": account.posts,
            "repairs": account.repairs,
            "damaged": account.damaged,
            "refused": sum(account.refused.values()),
        }
        if account.sha256 is not None:
            facts["sha256"] = account.sha256
        self._record("source.read", facts)

    def matched(self, line: MatchLine) -> None:
        """A picture in a post matched a protection. A distance in the open would help whoever tries to get past."""
        private: dict[str, JsonValue] = {
            "channel": line.channel,
            "post": line.post,
            "case": line.match.case,
            "protection": line.match.protection,
            "distance": line.match.distance,
        }
        self._record("match.found", {"tier": line.match.tier.value, "attachment": line.attachment}, private)

    def measured(self, measures: int, matches: int, skipped: int) -> None:
        """All sources were read and the figures computed."""
        self._record("scan.measured", {"measures": measures, "matches": matches, "skipped": skipped})

    def flush(self) -> None:
        """Hands the openings that wait to the bank."""
        self._bank.keep_openings(self._openings)
        self._openings.clear()

    def _record(self, act: str, facts: Mapping[str, int | str], private: Mapping[str, JsonValue] | None = None) -> None:
        opening = self._log.record(act, facts, private)
        if opening is not None:
            self._openings.append(opening)
            if len(self._openings) >= _BATCH:
                self.flush()
