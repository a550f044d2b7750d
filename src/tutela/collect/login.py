"""The operator's own access to Telegram: a session file that only the operator can read, and the login."""

import logging
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import telethon
from telethon.errors import AuthKeyNotFound, RPCError
from telethon.sessions import SQLiteSession

from tutela.collect.errors import CollectError, explained
from tutela.collect.patience import Patience
from tutela.collect.telegram import ODD, asked
from tutela.durable import PRIVATE

_SUFFIX = ".session"
_SILENT = "tutela.collect.telethon"  # Telethon's own messages may hold names


@asynccontextmanager
async def logged_in(session: Path, api_id: int, api_hash: str, patience: Patience) -> AsyncIterator[Any]:
    """A `telethon.TelegramClient` for the session file, which is made where it is missing.

    Whoever runs the command is asked for phone number and code where nobody is logged in, if standard input is a
    terminal. Raises `CollectError`.
    """
    with _usable(session):
        client = _client(session, api_id, api_hash)
        try:
            await asked(patience, client.connect)
            if not await asked(patience, client.is_user_authorized):
                await _log_in(client)
            if await asked(patience, client.is_bot):
                raise CollectError("a bot is logged in, and bots cannot read channels", remedy=_again(session))
            yield client
        finally:
            await client.disconnect()


def _client(session: Path, api_id: int, api_hash: str) -> Any:
    return telethon.TelegramClient(
        _session(session),
        api_id,
        api_hash,
        base_logger=_silent(),
        flood_sleep_threshold=0,  # waiting is Patience's business
        connection_retries=1,
        request_retries=3,
        raise_last_call_error=True,
        receive_updates=False,
    )


@contextmanager
def _usable(session: Path) -> Iterator[None]:
    """Turns what SQLite says of the session file into a `CollectError`: Telethon writes into it at any time."""
    try:
        yield
    except sqlite3.Error as error:
        raise CollectError(
            f"the session cannot be used ({error})",
            where=ascii(session.name),
            remedy="End what else is using it, or choose another --session",
        ) from error


def _session(path: Path) -> SQLiteSession:
    """The session, in a file of mode 0600 from its first byte on; nobody whom Telegram mentions is kept in it."""
    path = path if path.suffix == _SUFFIX else path.with_name(path.name + _SUFFIX)
    with explained(path, "--session"):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        os.fchmod(descriptor, PRIVATE)
        os.close(descriptor)
    session = SQLiteSession(str(path))
    session.save_entities = False
    return session


async def _log_in(client: Any) -> None:
    if not sys.stdin.isatty():
        remedy = "Run the command once from a terminal: it asks for the phone number and the code"
        raise CollectError("nobody is logged in to Telegram", remedy=remedy)
    try:
        with redirect_stdout(sys.stderr), _interruptible():  # standard output is for answers
            await client.start()
    except (*ODD, AuthKeyNotFound, RPCError, RuntimeError, EOFError, OSError) as error:
        raise CollectError(f"the login failed ({type(error).__name__})", remedy="Run the command again") from error


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C ends what runs. asyncio would cancel the task instead, which sees nothing of it while a question waits."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _silent() -> logging.Logger:
    logger = logging.getLogger(_SILENT)
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger


def _again(session: Path) -> str:
    return f"Delete {session.name!a} and log in with a person's account"
