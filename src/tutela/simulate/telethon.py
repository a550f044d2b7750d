"""Writes an invented channel as a Telethon dump. Such dumps carry no media, so its pictures cannot be looked at."""

import json
from pathlib import Path

from tutela.simulate.ecosystem import Chat, Message

Entry = dict[str, object]


def write_dump(path: Path, chat: Chat) -> None:
    """One channel, one message a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for message in chat.messages:
            file.write(json.dumps(_message(chat.plan.number, message), ensure_ascii=False) + "\n")


def _message(channel: int, message: Message) -> Entry:
    entry: Entry = {
        "_": "MessageService" if message.joined else "Message",
        "id": message.number,
        "peer_id": {"_": "PeerChannel", "channel_id": channel},
        "date": message.at.isoformat(),
        "from_id": {"_": "PeerUser", "user_id": message.author},
    }
    if message.joined:
        return entry | {"action": {"_": "MessageActionChatJoinedByLink", "inviter_id": message.author}}
    forwarded = {"_": "PeerChannel", "channel_id": message.forwarded} if message.forwarded else None
    return entry | {
        "message": message.text,
        "media": _media(message),
        "fwd_from": {"_": "MessageFwdHeader", "from_id": forwarded, "date": message.at.isoformat()}
        if forwarded
        else None,
        "grouped_id": message.album,
        "views": 40 * message.reactions,
        "forwards": message.reactions // 9,
    }


def _media(message: Message) -> Entry | None:
    if message.picture is not None:
        return {"_": "MessageMediaPhoto", "photo": {"_": "Photo", "id": message.number, "sizes": []}}
    if not message.poll:
        return None
    answers = [{"_": "PollAnswer", "text": text, "option": [place]} for place, (text, _) in enumerate(message.poll)]
    results = [{"_": "PollAnswerVoters", "option": [place], "voters": v} for place, (_, v) in enumerate(message.poll)]
    poll = {"_": "Poll", "id": message.number, "question": "How often?", "answers": answers}
    total = sum(voters for _, voters in message.poll)
    return {"_": "MessageMediaPoll", "poll": poll, "results": {"results": results, "total_voters": total}}
