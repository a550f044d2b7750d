"""``tutela serve``."""

import gc
import logging
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.cli.output import answer, tell
from tutela.cli.settings import Settings, default_bank, shared_options

if TYPE_CHECKING:
    from tutela.web.protect import Site
    from tutela.web.settings import ServiceSettings

GRACE_SECONDS = 10
KEEP_ALIVE_SECONDS = 75
SWITCH_SECONDS = 0.001
"""How long a thread that computes may hold up the one that answers: five times as long by default."""


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--media-uploads", is_flag=True, help="Take pictures too, to be fingerprinted in memory.")
@click.option("--fetch-host", "fetch_hosts", multiple=True, metavar="HOST", help="Fetch pictures from this host.")
@click.option("--webhook-host", "webhook_hosts", multiple=True, metavar="HOST", help="Tell this host of events.")
@click.option("--open-metrics", is_flag=True, help="Show /metrics without a key.")
@click.option("--calls", type=click.Path(path_type=Path, file_okay=False), help="Folder of the record of calls.")
@click.option("--per-minute", default=6000, show_default=True, type=click.IntRange(1), help="Calls a minute of a key.")
@click.option("--proxy", "proxies", multiple=True, metavar="ADDRESS", help="Believe this proxy who a caller is.")
@click.option("--tls-cert", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="Certificate chain.")
@click.option("--tls-key", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="Its private key.")
@click.option("--exit-url", metavar="URL", help="Where the public page's quick exit leads.  [default: Wikipedia]")
@click.option("--operator", default="", metavar="NAME", help="Who runs this service, as the public page names them.")
@shared_options
def command(
    settings: Settings,
    host: str,
    port: int,
    media_uploads: bool,
    fetch_hosts: tuple[str, ...],
    webhook_hosts: tuple[str, ...],
    open_metrics: bool,
    calls: Path | None,
    per_minute: int,
    proxies: tuple[str, ...],
    tls_cert: Path | None,
    tls_key: Path | None,
    exit_url: str | None,
    operator: str,
) -> None:
    """Run the service: the API, HMA's addresses and the public page. Ctrl-C ends it."""
    from tutela.web.settings import ServiceSettings

    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key belong together")
    service = ServiceSettings(
        media_uploads=media_uploads,
        fetch_hosts=fetch_hosts,
        webhook_hosts=webhook_hosts,
        open_metrics=open_metrics,
        calls=calls or _calls_folder(settings),
        per_minute=per_minute,
        site=_site(exit_url, operator),
    )
    listening = _listening(host, port)
    secure = tls_cert is not None
    name, number = listening.getsockname()[:2]
    url = f"http{'s' if secure else ''}://{f'[{name}]' if ':' in name else name}:{number}/"
    if not secure and not proxies and name not in ("127.0.0.1", "::1"):
        tell("anybody on the way can read what is sent: use --tls-cert and --tls-key, or a proxy that does TLS")
    _run(settings, service, listening, proxies, tls_cert, tls_key, url)


def _run(
    settings: Settings,
    service: "ServiceSettings",
    listening: socket.socket,
    proxies: tuple[str, ...],
    tls_cert: Path | None,
    tls_key: Path | None,
    url: str,
) -> None:
    import uvicorn

    from tutela.access import Keys
    from tutela.web.app import create_app

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with listening, settings.open_bank(create=True) as bank:
        bank.warm_up()  # what is wrong with the bank is said here, and by us
        app = create_app(bank, service)
        gc.collect()
        gc.freeze()  # what was loaded stays: looking through it for garbage would hold lookups up
        sys.setswitchinterval(SWITCH_SECONDS)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            ssl_certfile=tls_cert,
            ssl_keyfile=tls_key,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
            lifespan="on",
            ws="none",
        )
        answer(settings, {"url": url}, f"Tutela listens at {url}")
        if not Keys(bank.store).all():
            tell("nobody has a key yet: make one with `tutela key create LABEL --role operator` and the same --bank")
        uvicorn.Server(config).run(sockets=[listening])


def _site(exit_url: str | None, operator: str) -> "Site":
    from tutela.web.protect import NEUTRAL, Site

    try:
        return Site(exit_url or NEUTRAL, operator)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--exit-url") from None


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise click.UsageError(f"cannot listen at {host} port {port} ({error.strerror})") from None


def _calls_folder(settings: Settings) -> Path:
    """Beside an SQLite bank, else in the user's data folder."""
    from tutela.store.engine import sqlite_path

    path = sqlite_path(settings.bank or default_bank())
    if path is not None:
        return path.with_name(f"{path.name}.calls")
    import platformdirs

    return platformdirs.user_data_path("tutela") / "calls"
