"""Repairs: valid JSON is left alone, known breakages are mended and counted, and pieces make no difference."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tutela.sources import Mender

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("document_id"), inner),
    max_leaves=20,
)
shards = st.sampled_from(
    [
        b"\\",
        b"\\\\",
        b"\\x0",
        b"\\x1F",
        b"x0c",
        b"\x01",
        b"\xff",
        b"\xc3",
        b"\xa9",
        b'"',
        b'"document_id"',
        b'"document_id": ',
        b": ",
        b"stickers/a (1).webp",
        b"true",
        b"null,",
        b",\n",
        b"\n",
        b" ",
        b"\\u0041",
        b"\xef\xbb\xbf",
        b"a" * 4000,
    ]
)
pieces = st.lists(shards | st.binary(max_size=4), max_size=40)


def mended(*parts: bytes) -> tuple[bytes, int]:
    mender = Mender()
    out = b"".join([mender.feed(part) for part in parts])
    return out + mender.finish(), mender.repairs


@given(values, st.booleans(), st.sampled_from([None, 1]))
def test_valid_json_passes_unchanged_with_no_repair(value: object, plain: bool, indent: int | None) -> None:
    data = json.dumps(value, ensure_ascii=plain, indent=indent).encode("utf-8", "replace")
    assert mended(data) == (data, 0)


@given(pieces)
@example([b'"document_id": ', b"a" * 5000, b"\n"])
@example([b"\\" * 4999, b"\\" * 9998, b"x0c", b'"document_id": stickers/a.webp,', b"\n" + b" " * 5000])
def test_the_size_of_the_pieces_makes_no_difference(parts: list[bytes]) -> None:
    whole = b"".join(parts)
    single = [whole[i : i + 1] for i in range(len(whole))]
    assert mended(whole) == mended(*parts) == mended(*single)


@given(pieces, pieces)
def test_what_is_taken_back_can_be_fed_again(before: list[bytes], after: list[bytes]) -> None:
    mender = Mender()
    out = b"".join([mender.feed(part) for part in before])
    taken = mender.take_back()
    assert mender.take_back() == b""
    out += mender.feed(taken + b"".join(after)) + mender.finish()
    assert (out, mender.repairs) == mended(*before, *after)


@given(pieces)
@example([b'"document_id": ', b"a\x00b,\n"])
def test_what_was_mended_needs_no_more_mending(parts: list[bytes]) -> None:
    out, _ = mended(*parts)
    assert mended(b" " + out) == (b" " + out, 0)


@given(st.integers(0, 20_000), st.integers(50, 10_000))
def test_a_breakage_is_mended_wherever_a_border_falls(before: int, size: int) -> None:
    data = b'{"a": "' + b"b" * before + b'\\x0C\\\\x0C", "document_id": stickers/sticker (2).webm\n}'
    out, repairs = mended(*[data[i : i + size] for i in range(0, len(data), size)])
    assert repairs == 2
    assert json.loads(out) == {"a": "b" * before + "\x0c\\x0C", "document_id": "stickers/sticker (2).webm"}


@pytest.mark.parametrize("body", [b"\\x0C", b"\\\\", b"\\x0C\\\\", b"\\n\x01"])
@pytest.mark.parametrize("shift", range(5))
def test_no_byte_is_lost_or_doubled_where_breakage_is_dense(body: bytes, shift: int) -> None:
    data = b'"' + b"-" * shift + body * 5000 + b'"'
    out, _ = mended(*[data[i : i + 1000] for i in range(0, len(data), 1000)])
    assert out == mended(data)[0]
    assert json.loads(out) == "-" * shift + json.loads(b'"' + mended(body)[0] + b'"') * 5000


@pytest.mark.parametrize(
    ("broken", "meant", "repairs"),
    [
        (b'"a\\x0Cb"', "a\x0cb", 1),
        (b'"\\x00\\x1f"', "\x00\x1f", 2),
        (b'"\\\\x0C"', "\\x0C", 0),
        (b'"\\\\\\x0C"', "\\\x0c", 1),
        (b'"\\q\\x"', "\\q\\x", 2),
        (b'"\x01\x1f"', "\x01\x1f", 2),
        (b'"caf\xe9"', "caf\xe9", 1),
        (b'\xef\xbb\xbf"a"', "a", 0),
    ],
)
def test_strings_that_json_does_not_allow_mean_what_was_written(broken: bytes, meant: str, repairs: int) -> None:
    out, counted = mended(broken)
    assert (json.loads(out), counted) == (meant, repairs)


@pytest.mark.parametrize(
    "value",
    ["video_files/sticker (2).webm", "(File not included. Change settings.)", 'a"b\\c', "nullable", "true.webp"],
)
@pytest.mark.parametrize("end", ["\n}", ",\n}", "\r\n}", " ,\r\n}"])
def test_a_document_id_without_quotation_marks_gets_them(value: str, end: str) -> None:
    out, repairs = mended(f'{{"document_id": {value}{end}'.encode())
    text = out.decode().replace(",\n}", "\n}").replace(",\r\n}", "\n}")
    assert repairs == 1
    assert json.loads(text)["document_id"].rstrip() == value


@pytest.mark.parametrize("value", ["12", "-1", "null", "true", "false", '"a"', "[1]", '{"b": 2}'])
def test_a_document_id_that_is_proper_json_is_left_alone(value: str) -> None:
    data = f'{{"document_id": {value}\n}}'.encode()
    assert mended(data) == (data, 0)


def test_what_is_quoted_inside_a_text_is_no_breakage() -> None:
    data = json.dumps({"text": 'he sent "document_id": stickers/a.webp\n and \\x0C'}).encode()
    assert mended(data) == (data, 0)
