"""The client over Telethon: four read-only requests, and what their refusals mean.

Loads Telethon; nothing that starts a command may import this module at its head.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from telethon import errors
from telethon.tl import types
from telethon.tl.functions.channels import GetFullChannelRequest, GetMessagesRequest
from telethon.tl.functions.contacts import ResolveUsernameRequest
from telethon.tl.functions.messages import GetHistoryRequest

from tutela.collect.errors import CollectError, RefusedError, UnreachableError
from tutela.collect.patience import Patience
from tutela.collect.records import Record, front_record, message_record
from tutela.collect.run import BATCH, Front
from tutela.model import ChannelState

_STATES: tuple[tuple[type[Exception], ChannelState], ...] = (
    (errors.ChannelPrivateError, ChannelState.PRIVATE),
    (errors.UsernameNotOccupiedError, ChannelState.NOT_FOUND),
    (errors.UsernameInvalidError, ChannelState.NOT_FOUND),
    (errors.UsernamePurchaseAvailableError, ChannelState.NOT_FOUND),
    (errors.ChannelInvalidError, ChannelState.NOT_FOUND),
    (errors.ChannelBannedError, ChannelState.FORBIDDEN),
    (errors.UserBannedInChannelError, ChannelState.FORBIDDEN),
    (errors.ForbiddenError, ChannelState.FORBIDDEN),
)
ODD = (errors.BadMessageError, errors.SecurityError, errors.TypeNotFoundError, ValueError)
"""What Telethon raises where it cannot make anything of an answer, or never gets one that counts."""

_REMEDY = "Name a public channel or group as @handle or t.me/handle"


class Telegram:
    """See `tutela.collect.run.Client`; over a `telethon.TelegramClient` that is logged in."""

    def __init__(self, client: Any, patience: Patience) -> None:
        self._client = client
        self._patience = patience

    async def front(self, handle: str) -> Front:
        """What the handle leads to: Telegram is asked for the channel, then for its number of members."""
        try:
            answer = await self._ask(ResolveUsernameRequest(handle))
        except UnreachableError as error:
            return Front(error.state)
        chat = _channel(answer)
        if isinstance(chat, types.ChannelForbidden):
            return Front(ChannelState.FORBIDDEN, chat.id)
        try:
            full = await self._ask(GetFullChannelRequest(types.InputChannel(chat.id, chat.access_hash)))
        except UnreachableError as error:
            return Front(error.state, chat.id)
        latest = next((c for c in full.chats if isinstance(c, types.Channel) and c.id == chat.id), chat)
        return Front(
            state=ChannelState.RESTRICTED if latest.restriction_reason else ChannelState.ACCESSIBLE,
            channel=chat.id,
            members=full.full_chat.participants_count,
            record=front_record(chat.to_dict()),
            peer=types.InputPeerChannel(chat.id, chat.access_hash),
        )

    async def page(self, front: Front, since: int) -> Sequence[Record]:
        """The messages that follow."""
        return await self._history(front.peer, offset_id=max(since, 1), add_offset=-BATCH, limit=BATCH)

    async def latest(self, front: Front, before: int | None = None) -> int:
        """The number of the last message."""
        found = await self._history(front.peer, offset_id=before or 0, add_offset=0, limit=1)
        return max((record["id"] for record in found if before is None or record["id"] < before), default=0)

    async def messages(self, front: Front, numbers: Sequence[int]) -> Sequence[Record]:
        """Messages by their numbers."""
        peer: Any = front.peer
        channel = types.InputChannel(peer.channel_id, peer.access_hash)
        try:
            answer = await self._ask(GetMessagesRequest(channel, [types.InputMessageID(number) for number in numbers]))
        except errors.MessageIdsEmptyError:
            return []
        return _records(answer)

    async def _history(self, peer: object, *, offset_id: int, add_offset: int, limit: int) -> Sequence[Record]:
        request = GetHistoryRequest(
            peer=peer,
            offset_id=offset_id,
            offset_date=None,
            add_offset=add_offset,
            limit=limit,
            max_id=0,
            min_id=0,
            hash=0,
        )
        return _records(await self._ask(request))

    async def _ask(self, request: Any) -> Any:
        async def connected() -> Any:
            if not self._client.is_connected():
                await self._client.connect()
            return await self._client(request)

        return await asked(self._patience, connected)


async def asked(patience: Patience, request: Callable[[], Awaitable[Any]]) -> Any:
    """The answer. Raises `UnreachableError` or another `CollectError` where Telegram refuses, with no name in it."""
    try:
        return await patience.ask(request)
    except errors.MessageIdsEmptyError:
        raise
    except (errors.UnauthorizedError, errors.AuthKeyError, errors.AuthKeyNotFound) as error:
        remedy = "Delete the session file and log in again"
        raise CollectError("Telegram does not accept the session any more", remedy=remedy) from error
    except errors.RPCError as error:
        for kind, state in _STATES:
            if isinstance(error, kind):
                raise UnreachableError(state) from error
        what = f"Telegram refused the request ({type(error).__name__})"
        raise CollectError(what, remedy="Run again later: it goes on from here") from error
    except ODD as error:
        what = f"Telegram's answer cannot be used ({type(error).__name__})"
        remedy = "Check the clock, bring Telethon up to date and run again: it goes on from here"
        raise CollectError(what, remedy=remedy) from error


def _channel(answer: Any) -> Any:
    """The channel that a handle was resolved to. Raises `RefusedError` for anything else."""
    if isinstance(answer.peer, types.PeerUser):
        raise RefusedError("the handle is a person's or a bot's", remedy=_REMEDY)
    number = getattr(answer.peer, "channel_id", None)
    chat = next((chat for chat in answer.chats if chat.id == number), None)
    if not isinstance(chat, types.Channel | types.ChannelForbidden):
        raise RefusedError("the handle leads to no channel", remedy=_REMEDY)
    if chat.monoforum or (isinstance(chat, types.Channel) and not (chat.username or chat.usernames)):
        raise RefusedError("the handle leads to a private chat", remedy=_REMEDY)
    return chat


def _records(answer: Any) -> list[Record]:
    return [message_record(message.to_dict()) for message in getattr(answer, "messages", ())]
