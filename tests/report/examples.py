"""Contents to report on: an empty one, and one as an investigation of seven channels would give."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from tutela.model import (
    Box,
    CaseRef,
    Derivation,
    Match,
    Measure,
    Part,
    ProtectionId,
    Pseudonym,
    Similarity,
    SkipCode,
    Tier,
    Window,
)
from tutela.report import Contents, MatchLine, SkippedLine, SourceLine

WRITTEN = datetime(2026, 11, 5, 14, 5, 9, tzinfo=UTC)
WINDOW = Window(datetime(2025, 9, 12, 8, 30, tzinfo=UTC), datetime(2026, 7, 31, 21, 15, tzinfo=UTC))
CHANNELS = [
    "ch-4f2a91c07be3", "ch-0b77d1e2a94c", "ch-c3e5508f1d26", "ch-91aa40be7713",
    "ch-77e20c4dd9f8", "ch-2d6b8e013fa5", "ch-e8f19c5b6047",
]  # fmt: skip
MEMBERS = [45_216, 21_874, 14_390, 9_811, 6_502, 3_287, None]
BY_CHANNEL = [48_120, 27_411, 15_207, 7_960, 4_118, 1_733, 303]
BY_MONTH = [1_204, 2_311, 3_870, 5_218, 6_990, 8_305, 9_117, 11_640, 15_822, 18_934, 21_441]
MONTHS = [f"2025-{month:02}" for month in range(9, 13)] + [f"2026-{month:02}" for month in range(1, 8)]


def measure(name: str = "messages", low: float | None = 7, high: float | None = 7, **changes: object) -> Measure:
    """A measure with everything that a test does not care about filled in."""
    said = {
        "value": low if low == high else None,
        "unit": "messages",
        "definition": "Messages that were read, service lines left out.",
        "window": WINDOW,
        "completeness": 0.97,
    }
    return Measure(name=name, low=low, high=high, **(said | changes))  # type: ignore[arg-type]


def derivation(n: int = 0, **changes: object) -> Derivation:
    """How derived picture number `n` was made: each has another hole, one in three is mirrored or turned."""
    left, top = n % 5 / 8, n % 3 / 8
    hole = Box(left, top, left + 0.5, top + 0.625)
    around = (Box(0.0, 0.0, 1.0, hole.top), Box(0.0, hole.bottom, 1.0, 1.0))
    beside = (Box(0.0, hole.top, hole.left, hole.bottom), Box(hole.right, hole.top, 1.0, hole.bottom))
    copied = tuple(box for box in around + beside if box.left < box.right and box.top < box.bottom)
    lies = Similarity((0.5, 1.0, 0.75)[n % 3], (0.4, 91.2, -33.0)[n % 3], n % 3 == 2, 0.5, 0.4)
    said = {"inliers": 41 + n, "similarity": lies, "copied": copied, "altered": (hole,)}
    return Derivation(**(said | changes))  # type: ignore[arg-type]


def match(tier: Tier = Tier.NEAR, n: int = 0, **changes: object) -> MatchLine:
    """Match number `n`; `changes` go to the match."""
    said: dict[str, object] = {
        Tier.EXACT: {"transform": None, "distance": None, "confidence": 1.0},
        Tier.NEAR: {"transform": "mirrored", "distance": 12, "confidence": 0.994},
        Tier.DERIVED: {"transform": None, "distance": None, "confidence": 0.87, "derivation": derivation(n)},
    }[tier]
    why = {
        Tier.EXACT: "The SHA-256 of both files is the same.",
        Tier.NEAR: "The picture is 12 of 256 bits away; unrelated pictures are hardly ever closer than 60.",
        Tier.DERIVED: "Many details lie where a picture made from the protected one has them; part of it was replaced.",
    }[tier]
    whose = {"case": CaseRef("TU-7K3M-9QWX"), "protection": ProtectionId("abcdefghijklmnopqrstuvwxyz")}
    told = {"tier": tier, "why": why}
    found = Match(**(whose | told | said | changes))  # type: ignore[arg-type]
    return MatchLine(Pseudonym(CHANNELS[n % 3]), Pseudonym(f"po-{n:04x}9b1c77d0"), n % 4, found)


def contents(measures: Sequence[Measure] = (), matches: Sequence[MatchLine] = (), **changes: object) -> Contents:
    """A report with these measures and matches and nothing else."""
    said: dict[str, object] = {
        "generated": WRITTEN,
        "version": "0.1.0",
        "title": "What seven channels show",
        "sources": (),
        "skipped": (),
        "cases": 0,
    }
    return Contents(measures=tuple(measures), matches=tuple(matches), **(said | changes))  # type: ignore[arg-type]


def realistic() -> Contents:
    """Seven channels, eleven months, matches of every tier, items that were skipped."""
    return contents(
        list(_measures()),
        [match(Tier.EXACT, n) for n in range(3)]
        + [match(Tier.NEAR, n, transform=("as-is", "mirrored", "rotated-90")[n % 3]) for n in range(3, 14)]
        + [match(Tier.DERIVED, n, confidence=0.9 - n / 100) for n in range(14, 18)],
        sources=(
            SourceLine("Source 1", "telegram-desktop", 181_406, 90_738, 2, 0, {}),
            SourceLine("Source 2", "telethon", 41_220, 14_114, 0, 3, {"path leads outside the export": 2}),
        ),
        skipped=(
            SkippedLine(SkipCode.NOT_INCLUDED, "The export does not include this file.", 6_204),
            SkippedLine(SkipCode.DAMAGED, "The picture is damaged and cannot be decoded.", 131),
            SkippedLine(SkipCode.TOO_MANY_PIXELS, "The picture has more pixels than the limit.", 2),
        ),
        cases=2,
    )


def _parts(by: str, keys: Sequence[str], values: Sequence[float | None], note: str = "") -> tuple[Part, ...]:
    return tuple(Part(by, key, value, note if value is None else "") for key, value in zip(keys, values, strict=True))


def _measures() -> Iterator[Measure]:
    yield measure(
        "channels", 7, 7, unit="chats", completeness=None,
        definition="Chats that were observed, by state at the latest reading. A restricted chat is not a removed one.",
        parts=_parts("state", ["accessible", "restricted", "not_found"], [5, 1, 1]),
    )  # fmt: skip
    yield measure(
        "memberships", 101_080, None, unit="memberships", completeness=6 / 7,
        definition="Sum of the latest known member count of each channel. A person in two channels counts twice.",
        parts=_parts("channel", CHANNELS, MEMBERS, "no reading gave a count"),
        note="One channel has no known member count.",
    )  # fmt: skip
    yield measure(
        "unique_members", 45_216, 101_080, unit="people",
        definition="Different people among the members: no fewer than the largest channel holds, no more than the sum.",
    )  # fmt: skip
    yield measure(
        "messages", 222_626, 222_626, parts=_parts("channel", CHANNELS[:3], [120_000, 90_000, None], "suppressed"),
    )  # fmt: skip
    yield measure(
        "images_shared", 104_852, 104_852, unit="images",
        definition="Photo messages and images sent as files; each picture of an album counts once, forwards included.",
        parts=_parts("channel", CHANNELS, BY_CHANNEL) + _parts("month", MONTHS, BY_MONTH),
    )  # fmt: skip
    yield measure(
        "forwarded_images", 12_480, 12_480, unit="images",
        definition="Images in messages that were carried over from elsewhere.",
    )  # fmt: skip
    yield measure(
        "unique_images", 61_377, 67_714, unit="pictures", value=61_377,
        definition=(
            "Groups of near-identical images: PDQ, at most 31 of 256 bits from the picture that stands for the group, "
            "quality 50 or more."
        ),
        note="The upper bound takes every image that could not be compared for a picture of its own.",
    )  # fmt: skip
    yield measure(
        "unhashed_images", 6_337, 6_337, unit="images", definition="Images without a usable fingerprint.",
    )  # fmt: skip
    yield measure(
        "growth", 198, 198, unit="percent",
        definition="Images posted in the last three whole months against the three before: 100 is twice as many.",
        parts=_parts("month", MONTHS, BY_MONTH),
    )  # fmt: skip
    yield measure(
        "payments_floor", 1_250.5, None, unit="US dollars",
        definition="Payments that were seen, times the price that was listed. List prices alone give no revenue.",
    )  # fmt: skip
    yield measure(
        "report_effect", None, None, unit="percent", window=None, completeness=None,
        definition="Share of reported channels that were gone 30 days later, less that of unreported ones.",
        note="No channel was reported in this window.",
    )  # fmt: skip
