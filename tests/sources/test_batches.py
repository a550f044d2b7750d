"""Reading many entries at a time gives what reading one by one from events gives, sound or broken."""

import json
import random
import re
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ijson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.conftest import KEY, chat, entry, exported, lines, message
from sources.test_fuzz import KEYS
from tutela.model import Post, Pseudonym
from tutela.sources import HEAD, Item, Pseudonymiser, Run, SourceAccount, SourceError, open_sources
from tutela.sources.batches import Batches
from tutela.sources.desktop import DesktopSource
from tutela.sources.desktop_message import messages, salvaged_message, wanted_message
from tutela.sources.events import JsonEvents
from tutela.sources.streams import MendedFile

LAYOUTS: dict[str, Callable[[Any], str]] = {
    "exporter": exported,
    "compact": lambda value: json.dumps(value, separators=(",", ":")),
    "one line": lambda value: json.dumps(value, ensure_ascii=False),
    "sorted": lambda value: json.dumps(value, sort_keys=True, indent=4),
    "tabs": lambda value: json.dumps(value, indent="\t").replace("\n", "\r\n"),
}


@contextmanager
def one_by_one() -> Iterator[None]:
    """Has every entry read from events."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JsonEvents, "between", property(lambda self: False))
        yield


def outcome(path: Path) -> list[tuple[list[Item], SourceAccount]]:
    sources = open_sources(path, Pseudonymiser(KEY))
    return [(list(source.read()), source.account) for source in sources]


def agree(path: Path, content: bytes) -> list[tuple[list[Item], SourceAccount]]:
    """Both ways of reading; what they give must be the same to the last count."""
    path.write_bytes(content)
    try:
        found = outcome(path)
    except SourceError:
        return []
    with one_by_one():
        assert outcome(path) == found
    return found


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("batches") / "result.json"


def many(number: int, seed: int = 1) -> list[dict[str, Any]]:
    """Messages of every sort, with traps in their texts."""
    chance = random.Random(seed)
    texts = [
        "",
        "é 👍",
        '}, {"id": 1, "type": "message"',
        '\n  },\n  {\n   "id": 5',
        "\\",
        '"messages": [',
        "]}",
        "\x0c",
    ]
    odd: list[dict[str, Any]] = [
        {},
        {"text": [{"type": "text_link", "text": "a", "href": "https://t.me/roses"}, "b"]},
        {"inline_bot_buttons": [[{"type": "url", "text": "x", "data": "t.me/+AAAAAEx4mple"}]]},
        {"reactions": [{"type": "emoji", "emoji": "x", "count": 2, "recent": [{"from": "A", "from_id": "user3"}]}]},
        {"poll": {"question": "?", "answers": [{"text": "y", "voters": 1}], "closed": False, "total_voters": 1}},
        {"type": "service", "action": "invite_members", "actor": "A", "actor_id": "user5", "members": ["B", None]},
        {"photo": "photos/a.jpg", "nested": [{"id": 9, "type": "message"}, {"id": 10, "type": "message"}]},
        {"edited": None, "from": None, "file": 7, "media_type": []},
        {"invoice_information": '{"amount": 5, "currency": "EUR"}'},
    ]
    return [message(n, text=chance.choice(texts)) | chance.choice(odd) for n in range(1, number + 1)]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("number", [0, 1, 2, 3, 300])
def test_one_chat_in_any_layout(path: Path, layout: str, number: int) -> None:
    [(items, account)] = agree(path, LAYOUTS[layout](chat(*many(number))).encode())
    assert [item.id for item in items if isinstance(item, Post)] == list(range(1, number + 1))
    assert account.damaged == 0


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_account_of_many_chats_in_any_layout(path: Path, layout: str) -> None:
    kinds = ["public_channel", "personal_chat", "private_group", "bot_chat"]
    listed = [chat(*many(n % 40, seed=n), kind=kinds[n % 4], number=n) for n in range(90)]
    account = {"about": "", "contacts": {"list": [{"first_name": "Ada"}]}, "chats": {"list": listed}}
    [(items, told)] = agree(path, LAYOUTS[layout](account | {"left_chats": {"list": listed[:5]}}).encode())
    assert sum(isinstance(item, Post) for item in items) == sum(n % 40 for n in [*range(90), *range(5)] if n % 2 == 0)
    assert told.refused["personal_chat"] + told.refused["bot_chat"] == 47


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_dump_in_any_layout(path: Path, layout: str) -> None:
    bold = [{"_": "MessageEntityBold", "offset": 0}, {"_": "MessageEntityTextUrl", "url": "t.me/roses"}]
    entries = [entry(n, entities=bold, message="}, {") for n in range(300)]
    entries[::7] = [each | {"_": "MessageService", "action": {"_": "MessageActionPinMessage"}} for each in entries[::7]]
    [(items, account)] = agree(path, LAYOUTS[layout]([{"_": "Channel", "id": 777, "username": "R"}, *entries]).encode())
    assert sum(isinstance(item, Post) for item in items) == 300
    assert account.damaged == 0


BREAKS = [
    b"",
    b"\x01",
    b"\\x0C",
    b"\\",
    b'"',
    b"}",
    b"]",
    b",",
    b"{",
    b"\xff",
    b"\\ud800",
    b"]}",
    b'"messages": [',
    b"\n",
]


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 60), st.sampled_from(sorted(LAYOUTS)), st.data())
def test_a_break_anywhere_costs_the_same(path: Path, number: int, layout: str, data: st.DataObject) -> None:
    content = LAYOUTS[layout](chat(*many(number, seed=number))).encode()
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content) - 1))
        end = start + data.draw(st.integers(0, 5))
        content = content[:start] + data.draw(st.sampled_from(BREAKS)) + content[end:]
    agree(path, content)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_a_break_between_two_messages_costs_the_same(path: Path, layout: str) -> None:
    content = LAYOUTS[layout](chat(*many(3))).encode()
    joint = re.search(rb"\}\s*,\s*\{", content[content.index(b'"messages"') :])
    assert joint is not None
    first = content.index(joint[0], content.index(b'"messages"'))
    for place in range(first - 4, first + len(joint[0]) + 2):
        for broken in BREAKS:
            agree(path, content[:place] + broken + content[place:])


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(LAYOUTS)), st.data())
def test_a_break_moves_no_message_to_another_chat(path: Path, layout: str, data: st.DataObject) -> None:
    """Nor does it open a chat that is refused."""
    kinds = ["public_channel", "personal_chat", "private_group", "bot_chat"]
    sizes = data.draw(st.lists(st.integers(0, 4), min_size=2, max_size=8))
    chats = [
        chat(*(each | {"id": 100 * n + each["id"]} for each in many(size, seed=n)), kind=kinds[n % 4], number=n)
        for n, size in enumerate(sizes, 1)
    ]
    content = LAYOUTS[layout]({"about": "", "chats": {"list": chats}}).encode()
    for _ in range(data.draw(st.integers(1, 2))):
        start = data.draw(st.integers(0, len(content) - 1))
        end = start + data.draw(st.integers(0, 5))
        content = content[:start] + data.draw(st.sampled_from(BREAKS)) + content[end:]
    key = Pseudonymiser(KEY)
    allowed = {(key.channel(str(n)), n) for n in range(len(sizes) + 1) if n % 4 in (0, 2)}
    for items, _ in agree(path, content):
        told = {item.id // 100: item.channel for item in items if isinstance(item, Post) and item.id >= 100}
        assert {(ref, n) for n, ref in told.items()} <= allowed


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 60), st.sampled_from(sorted(LAYOUTS)), st.data())
def test_a_cut_anywhere_keeps_the_same(path: Path, number: int, layout: str, data: st.DataObject) -> None:
    content = LAYOUTS[layout](chat(*many(number, seed=number))).encode()
    agree(path, content[: data.draw(st.integers(0, len(content)))])


scalars = (
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars | st.text(max_size=5) | st.sampled_from(["service", "2023-05-01T12:00:00", "user1", "http://t.me/roses"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from([*KEYS.split(), "from", "members", "amount", "currency", "stars", "invoice_information"])


@settings(max_examples=120, deadline=None)
@given(st.lists(st.dictionaries(names, values, max_size=4), max_size=6), st.sampled_from(sorted(LAYOUTS)))
def test_any_values_give_the_same(path: Path, odd: list[dict[str, Any]], layout: str) -> None:
    found = [message(n) | fields for n, fields in enumerate(odd, 1)]
    agree(path, LAYOUTS[layout](chat(message(99), *found)).encode("utf-8", "surrogatepass"))
    entries = [entry(n) | fields for n, fields in enumerate(odd, 1)]
    agree(path, LAYOUTS[layout]([entry(99), *entries]).encode("utf-8", "surrogatepass"))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(names, values, max_size=4), max_size=6))
def test_lines_of_a_dump_give_what_their_events_give(path: Path, odd: list[dict[str, Any]]) -> None:
    path.write_bytes(lines(entry(99), *(entry(n) | fields for n, fields in enumerate(odd, 1))).encode())
    found = outcome(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tutela.sources.telethon._object", lambda line: json.loads("no JSON"))
        assert outcome(path) == found


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("empty", [{}, {"bytes": None}, {"thumbs": [1], "data": "x"}])
def test_a_part_of_which_nothing_is_wanted_is_none(path: Path, layout: str, empty: dict[str, Any]) -> None:
    said = entry(1) | {"full_chat": empty, "chats": [empty]}
    for content in (LAYOUTS[layout]([entry(99), said]), lines(entry(99), said)):
        [(items, account)] = agree(path, content.encode())
        assert [item.id for item in items if isinstance(item, Post)] == [99, 1]
        assert account.damaged == 0


def test_a_wrong_type_in_every_message_is_no_reason_to_read_events(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a new exporter does to one field, a large file must not become slow."""
    path.write_text(exported(chat(*(message(n, text={"type": 5}, photo=7) for n in range(2000)))))
    resumed = []
    go_on = JsonEvents.go_on
    monkeypatch.setattr(JsonEvents, "go_on", lambda self, context: (resumed.append(1), go_on(self, context))[1])
    [(items, _)] = outcome(path)
    assert sum(isinstance(item, Post) for item in items) == 2000
    assert len(resumed) <= 3


@pytest.mark.parametrize("layout", LAYOUTS)
def test_sound_entries_never_become_events(path: Path, layout: str) -> None:
    """But for the last one at most: this is where the speed comes from."""
    found = [{key: value for key, value in each.items() if key != "nested"} for each in many(500)]
    path.write_text(LAYOUTS[layout](chat(*found)))
    built: list[object] = []

    def salvage(text: bytes) -> Any:
        built.append(text)
        return salvaged_message(text)

    def build(events: Any, event: str, value: Any) -> Any:
        built.append(event)
        return wanted_message(events, event, value)

    with MendedFile(path) as file:
        events = JsonEvents(file, re.compile(rb'\{\s*"[a-z]+":'))
        while next(events) != ("start_array", None):
            pass
        read = [
            each
            for batch in Batches(file, events, messages, salvage, build).read(b'{"messages":[')
            for each in batch.entries
        ]
    assert len(read) == 500
    odd = sum("edited" in each and each["edited"] is None for each in found)
    assert len(built) <= 3 * odd + 1


def test_a_text_that_is_too_long_costs_its_message(path: Path) -> None:
    content = exported(chat(message(1), message(2, text="x" * (5 << 20)), message(3))).encode()
    [(items, account)] = agree(path, content)
    assert [item.id for item in items if isinstance(item, Post)] == [1, 3]
    assert (account.damaged, account.places) == (1, ("chat 1, message 2",))


class Memory:
    """A shelf of which nothing is ever lost; what is kept of a run is the run."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Remembered] = {}

    def __bool__(self) -> bool:
        return bool(self._kept)

    def has(self, head: bytes) -> bool:
        return head in self._kept

    def find(self, head: bytes) -> "Remembered | None":
        return self._kept.get(head)

    def keep(self, run: Run) -> None:
        if len(run.text) >= HEAD:
            self._kept[run.text[:HEAD]] = Remembered(run)


class Remembered:
    """What is kept of one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.length = len(run.text)

    def of(self, text: memoryview) -> Sized | None:
        return Recalled(self._run.posts) if text == self._run.text else None


class Recalled(list[Post]):
    """The posts of a run that was read at another time."""


def remembered(path: Path, shelves: dict[Pseudonym, Memory]) -> tuple[list[Item], SourceAccount, int]:
    """What is in a source and its account, read with what is on the shelves, and how many posts these gave."""
    source = DesktopSource(path, Pseudonymiser(KEY))
    items: list[Item] = []
    recalled = 0
    runs = []
    for part in source.parts(lambda channel: shelves.setdefault(channel, Memory())):
        if isinstance(part, Run):
            runs.append(part)
            items += part.posts
        elif isinstance(part, Recalled):
            recalled += len(part)
            items += part
        elif not isinstance(part, Sized):
            items.append(part)
    for run in runs:
        if run.texts:
            shelves[run.channel].keep(run)
    return items, source.account, recalled


@contextmanager
def short_runs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tutela.sources.desktop.LONGEST", 1500)
        patch.setattr("tutela.sources.batches._MANY", 700)
        yield


def same_from_the_shelf(path: Path, before: bytes, content: bytes) -> int:
    """What was read of a file before changes nothing of what is told of it now; how many posts it gave."""
    shelves: dict[Pseudonym, Memory] = {}
    path.write_bytes(before)
    remembered(path, shelves)
    path.write_bytes(content)
    items, account, recalled = remembered(path, shelves)
    assert (items, account) == remembered(path, {})[:2]
    return recalled


@pytest.mark.parametrize("layout", sorted(LAYOUTS.keys() - {"sorted"}))  # a type behind the break is not found
@pytest.mark.parametrize("broken", [b",", b", ,", b",5", b",[]", b"5", b",]", b",{", b"}", b', "x": {'])
def test_what_is_on_the_shelf_hides_no_break_behind_it(path: Path, layout: str, broken: bytes) -> None:
    found = [message(n, date_unixtime=str(n)) for n in range(1, 60)]
    before = LAYOUTS[layout](chat(*found)).encode()
    with short_runs():
        last = before.rindex(b"}", 0, before.rindex(b"]")) + 1
        assert same_from_the_shelf(path, before, before[:last] + broken + before[last:]) > 0
        middle = before.index(b"{", before.index(b"{", len(before) // 2))
        assert same_from_the_shelf(path, before, before[:middle] + broken + before[middle:]) > 0


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 60), st.sampled_from(sorted(LAYOUTS)), st.data())
def test_what_is_on_the_shelf_hides_no_break_anywhere(
    path: Path, number: int, layout: str, data: st.DataObject
) -> None:
    before = LAYOUTS[layout](chat(*many(number, seed=number))).encode()
    joints = [found.start() + 1 for found in re.finditer(rb"\}\s*[],]", before)]
    content = before
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(before) - 1) | st.sampled_from(joints))
        end = start + data.draw(st.integers(0, 5))
        content = content[:start] + data.draw(st.sampled_from(BREAKS)) + content[end:]
    with short_runs():
        same_from_the_shelf(path, before, content)
        same_from_the_shelf(path, content, before)


def test_what_follows_a_list_is_read_from_events(path: Path) -> None:
    for behind in (b"}", b"", b"{"):
        [(items, account)] = agree(path, exported(chat(*many(5))).encode() + behind)
        assert sum(isinstance(item, Post) for item in items) == 5
        assert account.damaged == bool(behind)


def test_a_reader_that_stops_leaves_nothing_open(path: Path) -> None:
    path.write_text(exported(chat(*many(50))))
    [source] = open_sources(path, Pseudonymiser(KEY))
    reading = source.read()
    for _ in range(10):
        next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert source.account.posts == 9
    with pytest.raises(ijson.JSONError):
        next(JsonEvents(iter([b"oops"]), re.compile(rb"\{")))
