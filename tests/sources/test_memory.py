"""A large export streams: memory does not follow the file's size."""

import tracemalloc
from pathlib import Path

import pytest

from sources.conftest import entry, exported, message
from tutela.sources import Pseudonymiser, open_source

SIZE = 20_000_000
BOUND = 10_000_000


def large(path: Path, head: str, body: str, tail: str) -> int:
    """Writes copies of `body` until the file has its size; gives their number."""
    copies = SIZE // len(body) + 1
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        for number in range(copies):
            file.write(("," if number else "") + body)
        file.write(tail)
    return copies


TEXT = [{"type": "bold", "text": "a word of several "}] * 20
FORMS = {
    "one chat": ('{"type": "public_channel", "id": 1, "messages": [', exported(message(text=TEXT)), "]}"),
    "refused chat": ('{"type": "personal_chat", "id": 1, "messages": [', exported(message(text=TEXT)), "]}"),
    "contacts": ('{"about": "", "contacts": {"list": [', exported({"first_name": "x" * 400}), "]}}"),
    "dump": ("[", exported(entry(media={"sizes": [{"bytes": [1] * 300}]})), "]"),
}


@pytest.mark.parametrize("form", FORMS)
def test_twenty_megabytes_are_read_with_less_than_ten(tmp_path: Path, pseudonyms: Pseudonymiser, form: str) -> None:
    copies = large(tmp_path / "result.json", *FORMS[form])
    source = open_source(tmp_path / "result.json", pseudonyms)
    tracemalloc.start()
    try:
        for _ in source.read():
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < BOUND
    assert source.account.posts == (copies if form in ("one chat", "dump") else 0)
    assert source.account.damaged == 0
