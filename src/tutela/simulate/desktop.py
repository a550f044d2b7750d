"""Writes invented channels as Telegram Desktop exports: today's form, an old one, a broken one, a whole account."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from tutela.simulate.ecosystem import Chat, Message, Picture

ABSENT = "(File not included. Change data exporting settings to download.)"
Save = Callable[[Picture, Path], None]
Entry = dict[str, object]


def write_export(folder: Path, chat: Chat, save: Save, *, old: bool = False, broken: bool = False) -> None:
    """One channel as the export of one chat. `old` leaves out what files of 2020 lack; `broken` is no valid JSON."""
    root = _chat(folder, chat, save, old=old)
    text = json.dumps(root, ensure_ascii=False, indent=1)
    if broken:
        text = text.replace("Thanks to everybody", "Thanks\\x20to everybody")
    _write(folder, text)


def write_account(folder: Path, chat: Chat, save: Save) -> None:
    """One channel inside the export of a whole account, beside contacts and a private conversation."""
    private = {
        "name": "Somebody",
        "type": "personal_chat",
        "id": 55,
        "messages": [{"id": 1, "type": "message", "date": "2020-03-01T10:00:00", "text": "Lunch at noon?"}],
    }
    account = {
        "about": "Here is the data you requested.",
        "contacts": {"about": "", "list": [{"first_name": "Some", "last_name": "Body", "phone_number": "000"}]},
        "chats": {"about": "", "list": [private, _chat(folder, chat, save, old=False)]},
        "left_chats": {"about": "", "list": []},
    }
    _write(folder, json.dumps(account, ensure_ascii=False, indent=1))


def _chat(folder: Path, chat: Chat, save: Save, *, old: bool) -> Entry:
    messages = [_message(folder, chat, message, save, old=old) for message in chat.messages]
    return {
        "name": f"Channel {chat.plan.number % 1000}",
        "type": chat.plan.kind,
        "id": chat.plan.number,
        "messages": messages,
    }


def _message(folder: Path, chat: Chat, message: Message, save: Save, *, old: bool) -> Entry:
    entry: Entry = {"id": message.number, "type": "message", "date": f"{message.at:%Y-%m-%dT%H:%M:%S}"}
    if not old:
        entry["date_unixtime"] = str(int(message.at.timestamp()))
    person = f"Person {message.author % 1000}"
    if message.joined:
        return entry | {
            "type": "service",
            "actor": person,
            "actor_id": f"user{message.author}",
            "action": "join_group_by_link",
            "inviter": "Group",
            "text": "",
        }
    entry |= {"from": person, "from_id": message.author if old else f"user{message.author}"}
    if message.forwarded is not None:
        entry["forwarded_from"] = f"Channel {message.forwarded % 1000}"
        if not old:
            entry["forwarded_from_id"] = f"channel{message.forwarded}"
    if message.picture is not None:
        entry |= _photo(folder, message.number, message.picture, save)
    if message.poll:
        entry["poll"] = _poll(message)
    if message.reactions and not old:
        entry["reactions"] = [{"type": "emoji", "count": message.reactions, "emoji": "👍"}]
    return entry | {"text": message.text, "text_entities": [{"type": "plain", "text": message.text}]}


def _photo(folder: Path, number: int, picture: Picture, save: Save) -> Mapping[str, object]:
    if not picture.included:
        return {"photo": ABSENT, "width": 480, "height": 360}
    name = f"photos/photo_{number}.jpg"
    save(picture, folder / name)
    return {"photo": name, "width": 480, "height": 360}


def _poll(message: Message) -> Entry:
    return {
        "question": "How often should there be new pictures?",
        "closed": False,
        "total_voters": sum(voters for _, voters in message.poll),
        "answers": [{"text": text, "voters": voters, "chosen": False} for text, voters in message.poll],
    }


def _write(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_text(text, "utf-8")
