"""What an operator decides about the service. Everything that reaches outwards is off until it is switched on."""

from dataclasses import dataclass
from pathlib import Path

from tutela.web.protect.site import DEFAULT, Site
from tutela.web.shared import ALONE, Memories

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Settings of one service.

    `media_uploads`: whether pictures may be sent, to be fingerprinted in memory. `fetch_hosts`: hosts (``NAME`` or
    ``NAME:PORT``) from which pictures may be fetched. `webhook_hosts`: hosts that may be told of events.
    `open_metrics`: whether `/metrics` needs no key. `calls`: the folder of the record of calls, None for none.
    `per_minute`: calls a minute of a key without a limit of its own. `upload_bytes`: the largest picture. `decoders`:
    pictures decoded at once. `threads`: lookups that run at once. `site`: what the public page says of the operator.
    `memories`: where limits are counted.
    """

    media_uploads: bool = False
    fetch_hosts: tuple[str, ...] = ()
    webhook_hosts: tuple[str, ...] = ()
    open_metrics: bool = False
    calls: Path | None = None
    per_minute: int = 6000
    upload_bytes: int = 25 * MIB
    decoders: int = 2
    threads: int = 2
    site: Site = DEFAULT
    memories: Memories = ALONE
