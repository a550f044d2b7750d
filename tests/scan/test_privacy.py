"""Nothing that names anybody or anything comes out of a scan: not in any file, whatever the source holds."""

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tutela.bank import Bank
from tutela.report import query
from tutela.scan import scan

_LETTERS, _DIGITS = "ABCDEFGHJKMNPQRSTUVWXYZ", "23456789"


def _joined(letters: str, size: int) -> st.SearchStrategy[str]:
    return st.text(letters, min_size=size, max_size=size)


NAMES = _joined(_LETTERS, 9).map(lambda word: f"Zq{word}")
PHONES = _joined(_DIGITS, 8).map(lambda digits: f"+7999{digits}")
CARDS = _joined(_DIGITS, 12).map(lambda digits: f"4242{digits}")
WALLETS = _joined(_LETTERS, 20).map(lambda word: f"bc1q{word.lower()}")
SECRETS = st.one_of(NAMES, NAMES.map(lambda n: f"@{n}"), NAMES.map(lambda n: f"t.me/{n}"), PHONES, CARDS, WALLETS)
TEXTS = st.tuples(
    st.sampled_from(
        ["Премиум 100 ₽ за 100 фото", "12 coins for $1.50, write to", "invite 3 friends, get 5 coins", "16 лет"]
    ),
    SECRETS,
).map(" ".join)


class Said:
    """Draws messages and remembers every secret that went into them."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.secrets: list[str] = []

    def secret(self, kind: st.SearchStrategy[str] = SECRETS) -> str:
        self.secrets.append(self._draw(kind))
        return self.secrets[-1]

    def text(self) -> str:
        text = self._draw(TEXTS)
        self.secrets.append(text.split(" ")[-1])
        return text

    def message(self, number: int) -> dict[str, Any]:
        name, text, handle = self.secret(NAMES), self.text(), self.secret(NAMES)
        return {
            "id": number,
            "type": "message",
            "date": "2020-05-01T10:00:00",
            "date_unixtime": str(1_588_327_200 + number),
            "from": name,
            "from_id": f"user{number}",
            "author": self.secret(NAMES),
            "forwarded_from": self.secret(NAMES),
            "via_bot": f"@{self.secret(NAMES)}",
            "photo": f"photos/{self.secret(NAMES)}.jpg",
            "file_name": self.secret(NAMES),
            "text": [text, {"type": "mention", "text": f"@{handle}"}, {"type": "phone", "text": self.secret(PHONES)}],
            "text_entities": [
                {"type": "plain", "text": text},
                {"type": "mention", "text": f"@{handle}"},
                {"type": "text_link", "text": "here", "href": f"https://t.me/{self.secret(NAMES)}"},
                {"type": "bank_card", "text": self.secret(CARDS)},
            ],
            "inline_bot_buttons": [
                [{"type": "url", "text": self.text(), "data": f"https://t.me/{self.secret(NAMES)}"}]
            ],
            "reactions": [
                {
                    "type": "emoji",
                    "emoji": "👍",
                    "count": 3,
                    "recent": [{"from": self.secret(NAMES), "from_id": "user9"}],
                }
            ],
            "poll": {
                "question": self.text(),
                "closed": False,
                "total_voters": 50,
                "answers": [{"text": self.text(), "voters": 30}, {"text": self.secret(), "voters": 20}],
            },
            "contact_information": {"first_name": self.secret(NAMES), "phone_number": self.secret(PHONES)},
        }

    def service(self, number: int) -> dict[str, Any]:
        return {
            "id": number,
            "type": "service",
            "date": "2020-05-01T10:00:00",
            "actor": self.secret(NAMES),
            "actor_id": f"user{number}",
            "action": "invite_members",
            "members": [self.secret(NAMES), self.secret(NAMES)],
            "title": self.secret(NAMES),
            "text": "",
        }


@st.composite
def exports(draw: st.DrawFn) -> tuple[dict[str, Any], list[str]]:
    said = Said(draw)
    messages = [said.message(number) for number in range(1, draw(st.integers(2, 4)))]
    messages.append(said.service(9))
    return {"name": said.secret(NAMES), "type": "public_supergroup", "id": 77, "messages": messages}, said.secrets


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(exports())
def test_no_name_handle_link_phone_card_or_wallet_gets_out(drawn: tuple[dict[str, Any], list[str]]) -> None:
    export, secrets = drawn
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "Zsource"
        source.mkdir()
        (source / "result.json").write_text(json.dumps(export, ensure_ascii=False), "utf-8")
        with Bank.open(f"sqlite:///{folder / 'bank.db'}", create=True) as bank:
            result = scan([source], folder / "out", bank)
        assert result.tally.posts == len(export["messages"])
        written = _everything(folder / "out")
    for secret in secrets:
        bare = secret.removeprefix("@").removeprefix("t.me/").lower()
        assert bare not in written, f"{secret} came out"
    assert "zsource" not in written


def _everything(out: Path) -> str:
    """All that the folder holds, as text in small letters; of Parquet what it says, not how it is packed."""
    texts = [path.read_text("utf-8") for path in out.rglob("*") if path.is_file() and path.suffix != ".parquet"]
    tables = sorted((out / "observations").glob("*.parquet"))
    rows = " UNION ALL ".join(f"SELECT {path.stem}::VARCHAR FROM {path.stem}" for path in tables)
    texts.append(repr(query(out, rows).rows))
    return "\n".join(texts).lower()
