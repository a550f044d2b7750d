"""Contents made of anything that their types allow, and of what strangers would like to see printed."""

from datetime import UTC
from typing import Any

from hypothesis import strategies as st

from report.examples import DEFINED, contents
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
from tutela.report import MatchLine, SkippedLine, SourceLine
from tutela.report.catalogue import LANGUAGES

HOSTILE = [
    "<script>alert(1)</script>", "</style><img src=x onerror=a()>", '"><svg/onload=alert(1)>', "' onclick='alert(1)",
    "{{ 7 * 7 }}", "{% raw %}", "&lt;", "]]>", "<!--", "x" * 500, "مرحبا", "https://example.org/",
    "=cmd|'/c calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r\n=1+1", "\x00=1+1", "＝1+1",
    "\udc80", "\u202egnp.exe", "\u2028",
]  # fmt: skip
texts = st.sampled_from(HOSTILE) | st.text(st.characters(), max_size=30)
counts = st.integers(0, 10**12)
numbers = st.none() | st.integers() | st.floats() | st.sampled_from([10**400, -(10**400), 1e308, 5e-324, 2**63, -0.0])
instants = st.datetimes(timezones=st.just(UTC))
windows = st.none() | st.builds(Window, instants, instants)
months = st.builds("{:04}-{:02}".format, st.integers(0, 9999), st.integers(1, 12))
keys = st.sampled_from(
    ["a b", "ch-00 ch-01", "po-00 1", "2026-03-02", "2026-03-99", "1.2.3 RUB", "5 RUB for 2 image over 7 days",
     "5 coin for 3 invite", "reported within 30 days", "back median days", "not told", " ", "x "]
)  # fmt: skip
kinds = st.sampled_from(
    ["month", "channel", "month-cumulative", "language", "edge", "hub", "price", "currency", "rule", "counter", "poll",
     "option", "change", "trend", "state", "replaced", "members", "overlap", "sign", "reason", "kind"]
)  # fmt: skip
notes = st.sampled_from(
    [
        "",
        "suppressed",
        "0.1 to 0.9 (95 %); 2 of 3 channels",
        "-1e+400 to 5e+3 (95 %)",
        "ru; 1 of 2 texts told",
        "read 2026-99-99",
    ]
)
parts = st.builds(Part, kinds | texts, months | keys | texts, numbers, notes | texts)
names = st.sampled_from(list(DEFINED)) | st.from_regex(r"[a-z][a-z0-9_]{0,63}", fullmatch=True)
measures = st.builds(
    Measure,
    names.filter(lambda name: name != "skipped"),
    numbers,
    numbers,
    numbers,
    texts,
    texts,
    windows,
    st.none() | st.floats(),
    st.lists(parts, max_size=8).map(tuple),
    notes | texts,
)
edges = st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0]) | st.floats()
boxes = st.lists(st.builds(Box, edges, edges, edges, edges), max_size=6).map(tuple)
derivations = st.builds(
    Derivation,
    counts,
    st.builds(Similarity, st.floats(), st.floats(-180, 180) | st.floats(), st.booleans(), st.floats(), st.floats()),
    boxes,
    boxes,
)
pseudonyms = texts.map(Pseudonym)
matches = st.builds(
    MatchLine,
    pseudonyms,
    pseudonyms,
    counts,
    st.builds(
        Match,
        texts.map(CaseRef),
        texts.map(ProtectionId),
        st.sampled_from(Tier),
        st.none() | texts,
        st.none() | st.integers(0, 31),
        st.floats(0, 1),
        texts,
        st.none() | derivations,
    ),
)
sources = st.builds(
    SourceLine, texts, texts, counts, counts, counts, counts, st.dictionaries(texts, counts, max_size=2)
)
skipped = st.builds(SkippedLine, st.sampled_from(SkipCode), texts, counts)


def _all(**drawn: Any) -> Any:
    return contents(drawn.pop("measures"), drawn.pop("matches"), **drawn)


anything = st.builds(
    _all,
    generated=instants,
    version=texts,
    title=texts,
    sources=st.lists(sources, max_size=3).map(tuple),
    measures=st.lists(measures, max_size=5, unique_by=lambda measure: measure.name),
    matches=st.lists(matches, max_size=4),
    skipped=st.lists(skipped, max_size=3).map(tuple),
    cases=counts,
    lang=st.sampled_from(LANGUAGES),
)
