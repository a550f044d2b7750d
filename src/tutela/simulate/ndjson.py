"""Writes an invented channel in Tutela's own exchange form, with its pictures beside it (`docs/ndjson.md`)."""

import json
from pathlib import Path

from tutela.simulate.desktop import Entry, Save
from tutela.simulate.ecosystem import Chat, Message


def write_lines(path: Path, chat: Chat, save: Save) -> None:
    """One channel, one object a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    channel = str(chat.plan.number)
    lines: list[Entry] = [{"type": "channel", "id": channel, "kind": chat.plan.kind}]
    lines += [_post(path.parent, channel, message, save) for message in chat.messages]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")


def _post(folder: Path, channel: str, message: Message, save: Save) -> Entry:
    post: Entry = {
        "type": "post",
        "channel": channel,
        "id": message.number,
        "kind": "service" if message.joined else "message",
        "at": message.at.isoformat(),
        "author": f"user{message.author}",
        "text": message.text,
    }
    if message.forwarded is not None:
        post["forwarded"] = {"channel": str(message.forwarded)}
    if message.picture is not None:
        name = f"pictures/{channel}-{message.number}.jpg"
        if message.picture.included:
            save(message.picture, folder / name)
        post["attachments"] = [{"kind": "photo", "path": name if message.picture.included else None}]
    if message.reactions:
        post["reactions"] = [{"emoji": "👍", "count": message.reactions}]
    if message.poll:
        answers = [{"text": text, "voters": voters} for text, voters in message.poll]
        post["poll"] = {"question": "How often?", "answers": answers}
    return post
