"""One scan from beginning to end."""

import gc
import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tutela import __version__
from tutela.bank import Bank
from tutela.cache import cache_folder
from tutela.cores import cores
from tutela.custody import LOG_NAME, CustodyLog, Signer, add_manifest, commit_manifest
from tutela.fingerprints import ALGORITHM, Detail, Fingerprinter
from tutela.matching import DERIVED_BY
from tutela.measures import evidence, measure_all
from tutela.media import Limits
from tutela.model import Post, Tier
from tutela.report import Contents, SourceLine, untitled, write_observations, write_report
from tutela.scan.digest import Bundle
from tutela.scan.digesting import Digester
from tutela.scan.findings import Findings
from tutela.scan.folder import alone, earlier_logs, prepare, set_aside
from tutela.scan.pictures import OfBundle, PictureReader
from tutela.scan.progress import Progress, Tally
from tutela.scan.record import Recorder
from tutela.scan.shelves import Shelves
from tutela.sources import Item, Pseudonymiser, Source, open_sources

_UNPUBLISHED = ("matches.ndjson", "observations/")
"""Beginnings of the names of what is for casework and for questions: the custody log only commits to it."""

_OPENINGS = "observations/openings.ndjson"


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan came to. `written` are the names of the report's files below the output folder."""

    written: tuple[str, ...]
    contents: Contents
    tally: Tally


def scan(
    paths: Sequence[Path],
    out: Path,
    bank: Bank,
    *,
    title: str = "",
    lang: str = "en",
    progress: Progress | None = None,
    keep: bool = True,
    processes: int | None = None,
) -> ScanResult:
    """Reads the sources at `paths` and writes the report, its data and its custody log into the folder `out`.

    `lang` is that of the page: `en`, `ru` or `es`. Without `keep` exports are read anew, and nothing of this reading is
    kept for another scan. Long exports are digested by so many `processes` (default: one for each core that this one
    may use). Items that cannot be read are counted in the report, named in the tally, and do not end the scan.
    Interrupted, it leaves an unclosed custody log, and everything that was fingerprinted is remembered. Raises
    `SourceError`, `ScanError`, `ReportError`, `CustodyError` or `StoreError`.
    """
    pseudonyms = Pseudonymiser(bank.pseudonym_key())
    sources: dict[Path, Source] = {}
    for source in (each for path in paths for each in open_sources(path, pseudonyms)):
        sources.setdefault(source.path.resolve(), source)
    prepare(out, paths)
    log_path, signer = out / LOG_NAME, Signer(bank.custody_key())
    with alone(out), CustodyLog.create(log_path, signer, previous=set_aside(out)) as log:
        recorder = Recorder(log, bank)
        try:
            with _garbage_seldom_looked_for():
                result = _Scan(bank, recorder, progress, keep=keep, processes=processes or cores()).run(
                    list(sources.values()), out, title, lang
                )
        finally:
            recorder.flush()
        kept = [name for name in result.written if name.startswith(_UNPUBLISHED)]
        add_manifest(log, out, [*(name for name in result.written if name not in kept), *earlier_logs(out)])
        bank.keep_openings(commit_manifest(log, out, kept, _OPENINGS))
    return result


class _Scan:
    """One run: what it needs at every step, so that the steps can be told apart."""

    def __init__(
        self, bank: Bank, recorder: Recorder, progress: Progress | None, *, keep: bool, processes: int
    ) -> None:
        self._bank = bank
        self._processes = processes
        self._recorder = recorder
        self._progress = progress
        self._findings = Findings(bank)
        knows = self._findings.observer.knows_enough
        key = bank.pseudonym_key()
        self._shelves = Shelves(_folder(bank), key, lambda digest: knows(digest.block)) if keep else None

    def run(self, sources: Sequence[Source], out: Path, title: str, lang: str) -> ScanResult:
        cases, tally = self._bank.inventory().cases, self._findings.tally
        self._recorder.started(__version__, len(sources), cases)
        lines = self._read_all(sources)
        seen = self._findings.observer.finish()
        measures = measure_all(seen)
        self._recorder.measured(len(measures), tally.matches, tally.skipped)
        contents = Contents(
            generated=datetime.now(UTC),
            version=__version__,
            title=title or untitled(lang),
            sources=lines,
            measures=measures,
            matches=tuple(self._findings.matches),
            skipped=self._findings.skipped(),
            cases=cases,
            evidence=evidence(seen),
            lang=lang,
        )
        return ScanResult(
            (*write_report(out, contents), *write_observations(out, seen, contents.evidence)), contents, tally
        )

    def _read_all(self, sources: Sequence[Source]) -> tuple[SourceLine, ...]:
        """A picture that no protected one was made into is remembered as such until another protection has parts.

        What was found to be derived is read again each time: the parts of pictures that are looked up are not kept.
        """
        limits, state = Limits(), self._bank.parts_state()
        memory = self._bank.memory(f"{ALGORITHM} {DERIVED_BY} parts/{state}" if state else ALGORITHM)
        with Fingerprinter(limits=limits, detail=Detail.LOOKUP if state else Detail.PLAIN) as fingerprinter:
            reader = PictureReader(fingerprinter, memory, limits)
            try:
                with Digester(sources, self._findings.observer, self._shelves, self._processes) as digester:
                    return tuple(
                        self._read(number, source, digester.items(number - 1), reader)
                        for number, source in enumerate(sources, start=1)
                    )
            finally:
                memory.flush()
                if self._shelves:
                    self._shelves.tidy()

    def _read(self, number: int, source: Source, items: Iterator[Item | Bundle], reader: PictureReader) -> SourceLine:
        label, before = f"Source {number}", self._findings.tally.images
        self._recorder.opened(number, source.kind, source.path)
        for item, pictures in reader.read(items):
            lines = self._findings.add(item, pictures)
            for line in lines:
                self._recorder.matched(line)
            if pictures:
                derived = {line.attachment for line in lines if line.match.tier is Tier.DERIVED}
                reader.remember(picture for picture in pictures if picture.position not in derived)
            if self._progress is not None and isinstance(item, Post | OfBundle):
                self._progress(label, self._findings.tally)
        account = source.account
        self._findings.tally.miss(account.damaged, [f"{source.path}: {place}" for place in account.places])
        self._recorder.read(number, account)
        return SourceLine(
            label=label,
            kind=account.kind,
            posts=account.posts,
            images=self._findings.tally.images - before,
            repairs=account.repairs,
            damaged=account.damaged,
            refused=account.refused,
        )


@contextmanager
def _garbage_seldom_looked_for() -> Iterator[None]:
    """Python looks for objects that refer to each other whenever there are 700 more: a tenth of a scan, for nothing.

    What posts become cannot, and what was loaded before stays.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(1 << 16)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _folder(bank: Bank) -> Path:
    """Where scans keep what they made of exports: beside a bank that is a file, else in the user's cache folder."""
    if (path := bank.store.path) is not None:
        return path.with_name(f"{path.name}.posts")
    name = hmac.digest(bank.pseudonym_key(), b"tutela.posts/1", "sha256")[:16].hex()
    return cache_folder() / f"{name}.posts"
