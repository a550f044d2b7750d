"""Contents to report on: an empty one, and one as an investigation of seven channels would give."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate, combinations

from tutela.measures import Observer, evidence, measure_all
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
POLLS = ["po-5b0c9e41d7a2f3386604", "po-a1d04c77e93b52f81c20", "po-0e6f22b98d1c47a3950b"]
OUTSIDE = ["ch-5ad0c3e19f72", "ch-aa31f0b26c84", "ch-13c9e7d40b5a"]
EDGES = {
    (1, 0): 412, (2, 0): 268, (3, 0): 175, (0, 1): 96, (4, 0): 71, (5, 0): 44, (6, 0): 12, (1, 2): 58, (2, 1): 37,
    (4, 5): 66, (5, 4): 51, (4, 6): 23, (6, 5): 9, (3, 1): 18, (0, 7): 14, (4, 8): 31, (5, 8): 27, (1, 9): 6,
}  # fmt: skip
"""How often a channel leads to another: positions in `CHANNELS`, then in `OUTSIDE`."""
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


def realistic(lang: str = "en") -> Contents:
    """Seven channels, eleven months, every measure, matches of every tier, items that were skipped."""
    return contents(
        list(_measures()),
        [match(Tier.EXACT, n, why="The same file, byte for byte.") for n in range(3)]
        + [_near(n, ("as-is", "mirrored", "rotated-90")[n % 3]) for n in range(3, 14)]
        + [_derived(n) for n in range(14, 18)],
        sources=(
            SourceLine("Source 1", "telegram-desktop", 181_406, 90_738, 2, 0, {}),
            SourceLine("Source 2", "telethon", 41_220, 14_114, 0, 3, {"personal_chat": 2}),
        ),
        skipped=(
            SkippedLine(SkipCode.NOT_INCLUDED, "the exporter was set to leave such files out", 6_204),
            SkippedLine(SkipCode.DAMAGED, "the picture is damaged or cut off and cannot be decoded", 131),
            SkippedLine(SkipCode.TOO_MANY_PIXELS, "the picture has more pixels than the limit", 2),
        ),
        cases=2,
        evidence=evidence(Observer().finish()),
        lang=lang,
    )


def _near(n: int, transform: str) -> MatchLine:
    how = "" if transform == "as-is" else ", rotated by 90°" if transform == "rotated-90" else f", {transform}"
    return match(Tier.NEAR, n, transform=transform, why=f"The same picture{how}; its bytes differ.")


def _derived(n: int) -> MatchLine:
    said = "about 70 % of it reappears, 30 % was replaced" + (", mirrored, turned by -33°" if n % 3 == 2 else "")
    return match(Tier.DERIVED, n, confidence=0.9 - n / 100, why=f"Made from the protected picture: {said}.")


def _parts(by: str, cells: dict[str, float | None], notes: Sequence[str] = ()) -> tuple[Part, ...]:
    told = [*notes, *[""] * len(cells)]
    return tuple(Part(by, key, value, note) for (key, value), note in zip(cells.items(), told, strict=False))


def _channels(values: Sequence[float | None], notes: Sequence[str] = ()) -> tuple[Part, ...]:
    told = sorted(zip(CHANNELS, values, [*notes, *[""] * len(values)], strict=False))
    return tuple(Part("channel", *one) for one in told)


def _months(values: Sequence[int], by: str = "month") -> tuple[Part, ...]:
    return tuple(Part(by, key, value) for key, value in zip(MONTHS, values, strict=True))


DEFINED = {said.name: said for said in measure_all(Observer().finish())}
"""Every measure with its own definition and unit, of nothing."""


def defined(name: str, low: float | None, high: float | None, *parts: Part, **changes: object) -> Measure:
    """A measure of that name as the program defines it."""
    said = {"value": low if low == high else None, "window": WINDOW, "completeness": 0.97, "note": ""} | changes
    return replace(DEFINED[name], low=low, high=high, parts=parts, **said)  # type: ignore[arg-type]


def _measures() -> Iterator[Measure]:
    """In the shapes that the measures give."""
    yield defined(
        "channels", 7, 7, *_parts("kind", {"public_channel": 5, "public_group": 2}),
        *_parts("state", {"accessible": 5, "restricted": 1, "not_found": 1}), completeness=None,
        note="How many chats there are that nobody observed is unknown.",
    )  # fmt: skip
    yield defined(
        "messages", 222_626, 222_626, *_channels([90_112, 61_204, 33_870, 19_544, 11_240, 5_344, 1_312]),
        *_months([3_310, 5_120, 8_240, 11_902, 15_277, 18_204, 20_931, 26_018, 33_914, 38_230, 41_480]),
        *_parts("post_kind", {"message": 222_626, "service": 4_108, "unsupported": 61}),
        note="61 without a date are in no month.",
    )  # fmt: skip
    yield defined(
        "memberships", 101_080, None, *_channels(MEMBERS, [*["read 2026-07-31"] * 6, "unknown"]), value=101_080,
        completeness=6 / 7,
        note="The count of 1 of 7 channels is unknown, so nothing bounds the sum from above.",
    )  # fmt: skip
    yield defined(
        "unique_members", 61_940, 78_310, *_overlaps(), value=69_204, completeness=6 / 7,
    )  # fmt: skip
    yield defined(
        "active_people", 4_218, None, *_parts("role", {"poster": 1_904, "reactor": 3_011, "joiner": 611}),
        *_channels([2_604, 911, 512, 240, 118, None, 31], [*[""] * 5, "fewer than 10: suppressed"]), value=4_218,
        completeness=None,
    )  # fmt: skip
    yield defined(
        "images_shared", 104_852, 104_852, *_parts("kind", {"photo": 98_310, "image_document": 6_542}),
        *_channels(BY_CHANNEL), *_months(BY_MONTH),
    )  # fmt: skip
    yield defined(
        "forwarded_images", 12_480, 12_480, *_parts("kind", {"photo": 12_004, "image_document": 476}),
        *_channels([1_204, 4_810, 3_902, 1_790, 604, 170, 0]),
    )  # fmt: skip
    yield defined(
        "unique_images", 61_377, 67_714,
        Part("hash", "pdq", 60_112, "images compared: 97204"),
        Part("hash", "sha256", 1_265, "images compared, without a usable PDQ hash: 1311"),
        value=61_377, completeness=0.94,
        note="6337 could not be compared: the interval runs from all of them being copies to all being different.",
    )  # fmt: skip
    yield defined(
        "unhashed_images", 6_337, 6_337,
        *_parts("reason", {"not-included": 6_204, "damaged": 131, "too-many-pixels": 2}),
    )  # fmt: skip
    yield defined(
        "growth", 2_365.8, 2_378.1, *_months(BY_MONTH), *_months(list(accumulate(BY_MONTH)), "month-cumulative"),
        *_parts("change", {"2025-12-29": 1.62, "2026-04-27": 1.71}, [
            "from 1.02e+03 to 1.65e+03 images a week; between 2025-12-15 and 2026-01-12 (95 %)",
            "from 2.2e+03 to 3.77e+03 images a week; between 2026-04-20 and 2026-05-04 (95 %)",
        ]),
        Part("trend", "% more images each week", 5.4, "4.8 to 6.1 (95 %)"),
        value=2_371.2, completeness=0.999,
        note="3515 images by the end of 2025-10, 83411 by the end of 2026-06. 61 without a date are in no month.",
    )  # fmt: skip
    yield defined(
        "languages", 148_020, 151_344,
        *_parts("language", {"en": 9_120, "es": 611, "kk": 1_204, "not told": 51_240, "ru": 131_870, "uk": 6_880}),
        *_channels([0.93, 0.88, 0.91, 0.64, 0.97, 0.81, None], [
            *[f"{code}; {told} of 2048 texts told" for code, told in zip(
                ("ru", "ru", "ru", "en", "ru", "ru"), (1604, 1511, 1499, 902, 1720, 730), strict=True)],
            "no language told among 41 texts"]),
        value=149_685, completeness=0.745,
        note="Counted up from samples: the interval is that of sampling (95 %).",
    )  # fmt: skip
    yield defined(
        "polls",
        3,
        3,
        *_polls(),
        completeness=2 / 3,
        note=("A poll without a total shows no results, or its results were hidden."),
    )
    yield defined(
        "offers", 1_846, 1_846,
        *_parts("price", {
            "100 RUB for 100 image over 7 days": 412, "1.5 USD for 12 coin": 266, "up to 500 RUB for 1 video": 118,
            "from 50 RUB for access over 30 days": 97, "250 XTR": 61, "5 USDT for 40 image": 33,
            "10 EUR for 1 other": 8,
        }),
        *_parts("currency", {"EUR": 21, "RUB": 1_204, "USD": 487, "USDT": 73, "XTR": 61}),
        *_parts("origin", {"text": 1_390, "button": 395, "invoice": 61}),
        *_channels([902, 410, 288, 150, 71, 25, 0]), *_months([12, 30, 51, 77, 96, 130, 171, 210, 288, 361, 420]),
        note=DEFINED["offers"].note,
    )  # fmt: skip
    yield defined(
        "payments_floor", None, None, Part("currency", "RUB", 41_300, "84 payments"),
        Part("currency", "XTR", 12_750, "51 payments"), Part("currency", "USD", 30, "fewer than 10 payments"),
        completeness=None, note="Several currencies are not added up.",
    )  # fmt: skip
    yield defined(
        "reward_rules", 311, 311,
        *_parts("rule", {"5 coin for 3 invite": 140, "1 image for 100 like": 88, "1 coin for 1 share": 21}),
        *_channels([201, 60, 30, 12, 8, 0, 0]), Part("counter", "buttons", 1_904, "adding up to 88210"),
    )  # fmt: skip
    yield defined(
        "promotion_edges", 18, 21, *_promotion(), value=18, note=("3 of them lead to channels that were not observed.")
    )
    yield defined(
        "communities", 2, 3, *_channels([1, 1, 1, 1, 2, 2, 2], [*["one of 4"] * 4, *["one of 3"] * 3]), value=2,
    )  # fmt: skip
    yield defined(
        "minor_signals", 46, 46, *_parts("sign", {"stated_age": 12, "word": 21, "school": 15}),
        *_channels([19, 11, 8, 5, 3]), note="The evidence names the messages, for whoever holds the key.",
    )  # fmt: skip
    yield defined(
        "report_effect", -34.2, 8.1, *_effect(), value=-14.7, completeness=None,
        note="3 of 7 channels were reported. 3 reported and 4 unreported channels are compared.",
    )  # fmt: skip
    yield defined(
        "completeness", 0.9714, 1.0,
        *_channels([0.991, 0.972, 0.964, 0.951, 0.948, 0.99, 0.604],
                   [f"{n} of {m} message numbers" for n, m in (
                       (90_112, 90_930), (61_204, 62_967), (33_870, 35_135), (19_544, 20_551), (11_240, 11_857),
                       (5_344, 5_398), (1_312, 2_172))]),
        value=0.9714, completeness=0.9714,
        note="Deleted messages leave gaps too, so that at least this share of what still stood in the range was read.",
    )  # fmt: skip


def _overlaps() -> Iterator[Part]:
    for n, (one, other) in enumerate(combinations(sorted(CHANNELS[:6]), 2)):
        few = n % 4 == 3
        note = "fewer than 10 people seen in both: suppressed" if few else ""
        yield Part("overlap", f"{one} {other}", None if few else 9_600 - 610 * n, note)


def _polls() -> Iterator[Part]:
    yield Part("poll", POLLS[0], 7_200, "voters; one choice, closed")
    for n, voters in enumerate((5_040, 1_210, 640, 310), 1):
        yield Part("option", f"{POLLS[0]} {n}", voters / 7_200, f"{voters} of 7200 voters")
    yield Part("poll", POLLS[1], 1_904, "voters; several choices, open when read")
    for n, share in enumerate((0.63, 0.41, 0.16, None), 1):
        told = "suppressed: a small group of voters could be worked out"
        note = told if share is None else f"{round(share * 1904)} of 1904 voters"
        yield Part("option", f"{POLLS[1]} {n}", share, note)
    yield Part("poll", POLLS[2], None, "voters unknown; choices unknown, open when read")


def _promotion() -> Iterator[Part]:
    names = [*CHANNELS, *OUTSIDE]
    yield Part("kind", "forward", 14, "seen 1020 times")
    yield Part("kind", "mention", 7, "seen 164 times")
    yield Part("kind", "link", 9, "seen 284 times")
    for (source, target), seen in sorted(EDGES.items(), key=lambda edge: -edge[1]):
        yield Part("edge", f"{names[source]} {names[target]}", seen)
    scores = [0.341, 0.162, 0.093, 0.024, 0.088, 0.104, 0.041]
    for ref, n, score in sorted(zip(CHANNELS, range(7), scores, strict=True)):
        into, out = (sum(edge[end] == n for edge in EDGES) for end in (1, 0))
        yield Part("hub", ref, score, f"{into} in, {out} out")


def _effect() -> Iterator[Part]:
    shares = {"reported": (0.33, 0.67), "unreported": (0.0, 0.25), "back": (0.5, 0.5)}
    ends = {"reported": ("0.06 to 0.79", "0.2 to 0.94"), "unreported": ("0 to 0.49", "0.05 to 0.7"),
            "back": ("0.09 to 0.91", "0.09 to 0.91")}  # fmt: skip
    whole = {"reported": "2 of 3 channels", "unreported": "1 of 4 channels", "back": "1 of 2 channels"}
    for name, (soon, late) in shares.items():
        for days, share, end in zip((30, 90), (soon, late), ends[name], strict=True):
            yield Part("state", f"{name} within {days} days", share, f"{end} (95 %); {whole[name]}")
        if name == "unreported":
            yield Part(
                "state", f"{name} median days", None, f"{whole[name]}; fewer than half changed; at least 41 (95 %)"
            )
        else:
            yield Part("state", f"{name} median days", 21.5, f"6 to no limit (95 %); {whole[name]}")
    note = "0.34 to 1 (95 %); of the reported channels that changed"
    yield Part("replaced", "came back or have a successor", 1.0, note)
    yield Part("members", "after 56 days", 0.97, "0.88 to 1.07 (95 %); relative to unreported channels")
    yield Part("posts", "beyond the trend", 0.853, "0.658 to 1.08 (95 %); relative to unreported channels")
    yield Part("posts", "if trends were alike", 0.91, "0.74 to 1.12 (95 %); relative to unreported channels")
