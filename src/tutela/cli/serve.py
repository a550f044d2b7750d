"""``tutela serve``."""

import gc
import logging
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.cache import cache_folder
from tutela.cli.output import answer, tell
from tutela.cli.paths import NamedPath
from tutela.cli.settings import Settings, default_bank, shared_options
from tutela.cli.workers import Place, share

if TYPE_CHECKING:
    from tutela.web.protect import Site
    from tutela.web.settings import ServiceSettings
    from tutela.web.shared import Memories

GRACE_SECONDS = 10
KEEP_ALIVE_SECONDS = 75
SWITCH_SECONDS = 0.001
"""How long a thread that computes may hold up the one that answers: five times as long by default."""

MOST_WORKERS = 64


@dataclass(frozen=True, slots=True)
class _Listening:
    """Where it is listened, and how."""

    socket: socket.socket
    url: str
    connections: int
    proxies: tuple[str, ...]
    tls_cert: Path | None
    tls_key: Path | None


def _networks(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses and networks, written as networks. Raises `BadParameter` for anything else, which nobody would be."""
    try:
        return tuple(str(ip_network(value, strict=False)) for value in values)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, MOST_WORKERS), help="Processes, on PostgreSQL."
)
@click.option(
    "--connections", default=1000, show_default=True, type=click.IntRange(10), help="At the same time, in each process."
)
@click.option("--media-uploads", is_flag=True, help="Take pictures too, to be fingerprinted in memory.")
@click.option("--fetch-host", "fetch_hosts", multiple=True, metavar="HOST", help="Fetch pictures from this host.")
@click.option("--webhook-host", "webhook_hosts", multiple=True, metavar="HOST", help="Tell this host of events.")
@click.option("--open-metrics", is_flag=True, help="Show /metrics without a key.")
@click.option("--calls", type=NamedPath(path_type=Path, file_okay=False), help="Folder of the record of calls.")
@click.option("--per-minute", default=6000, show_default=True, type=click.IntRange(1), help="Calls a minute of a key.")
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    callback=_networks,
    help="Believe this proxy who a caller is.",
)
@click.option("--tls-cert", type=NamedPath(path_type=Path, dir_okay=False, exists=True), help="Certificate chain.")
@click.option("--tls-key", type=NamedPath(path_type=Path, dir_okay=False, exists=True), help="Its private key.")
@click.option("--exit-url", metavar="URL", help="Where the public page's quick exit leads.  [default: Wikipedia]")
@click.option("--operator", default="", metavar="NAME", help="Who runs this service, as the public page names them.")
@shared_options
def command(
    settings: Settings,
    host: str,
    port: int,
    workers: int,
    connections: int,
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
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key belong together")
    if workers > 1:
        _refuse_many(settings)

    def service(memories: "Memories") -> "ServiceSettings":
        from tutela.web.settings import ServiceSettings

        return ServiceSettings(
            media_uploads=media_uploads,
            fetch_hosts=fetch_hosts,
            webhook_hosts=webhook_hosts,
            open_metrics=open_metrics,
            calls=calls or _calls_folder(settings),
            per_minute=per_minute,
            site=_site(exit_url, operator),
            memories=memories,
        )

    listening = _listening(host, port, connections, proxies, tls_cert, tls_key)
    place, memories = _place(
        workers, lambda: answer(settings, {"url": listening.url}, f"Tutela listens at {listening.url}")
    )
    _run(settings, service(memories), listening, place)


def _refuse_many(settings: Settings) -> None:
    """Raises `UsageError` where only one process may serve."""
    from tutela.store.engine import sqlite_path

    if sqlite_path(settings.bank or default_bank()) is not None:
        raise click.UsageError(
            "a bank that is one file is served by one process: while several read it, what a withdrawal deleted cannot "
            "be overwritten. Leave --workers out, or use a bank on PostgreSQL (docs/postgresql.md)"
        )
    if not hasattr(os, "fork"):
        raise click.UsageError(
            "this system has no way to share a socket: leave --workers out, or start several services"
        )


def _place(workers: int, tell_url: Callable[[], None]) -> tuple[Place, "Memories"]:
    """Returns in each process that is to serve, with what all of them share: light, since nothing is loaded yet."""
    from tutela.web.shared import ALONE, Memories

    if workers == 1:
        return Place(0, tell_url), ALONE
    folder = cache_folder() / f"serving-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)  # of one long ago that was killed
    folder.mkdir(parents=True, mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    memories = Memories.shared(folder)
    try:
        return share(workers, tell_url), memories
    except BaseException:  # only where all workers have ended
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _run(settings: Settings, service: "ServiceSettings", listening: _Listening, place: Place) -> None:
    import uvicorn

    from tutela.access import Keys
    from tutela.web.app import create_app
    from tutela.web.connections import files, limited

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # the server ends in order, and then raises it again
    _open_files(files(listening.connections))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with listening.socket, settings.open_bank(create=True) as bank:
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
            proxy_headers=bool(listening.proxies),
            forwarded_allow_ips=list(listening.proxies),
            ssl_certfile=listening.tls_cert,
            ssl_keyfile=listening.tls_key,
            http=limited(listening.connections, app.state.straight),
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
            lifespan="on",
            ws="none",
        )
        if place.number == 0 and not Keys(bank.store).all():
            tell("nobody has a key yet: make one with `tutela key create LABEL --role operator` and the same --bank")

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                place.ready()

            async def on_tick(self, counter: int) -> bool:  # ten times a second
                if counter % 10 == 0:
                    place.alive()
                return await super().on_tick(counter)

        Server(config).run(sockets=[listening.socket])


def _open_files(wanted: int) -> None:
    """Lets the process open so many files, as far as the system allows it."""
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        tell(f"the system allows {hard} open files, and so many connections may need {wanted}: raise it (LimitNOFILE=)")
        wanted = hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _site(exit_url: str | None, operator: str) -> "Site":
    from tutela.web.protect import NEUTRAL, Site

    try:
        return Site(exit_url or NEUTRAL, operator)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--exit-url") from None


def _listening(
    host: str, port: int, connections: int, proxies: tuple[str, ...], tls_cert: Path | None, tls_key: Path | None
) -> _Listening:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise click.UsageError(f"cannot listen at {host} port {port} ({error.strerror})") from None
    secure = tls_cert is not None
    name, number = listening.getsockname()[:2]
    url = f"http{'s' if secure else ''}://{f'[{name}]' if ':' in name else name}:{number}/"
    if not secure and not proxies and name not in ("127.0.0.1", "::1"):
        tell("anybody on the way can read what is sent: use --tls-cert and --tls-key, or a proxy that does TLS")
    return _Listening(listening, url, connections, proxies, tls_cert, tls_key)


def _calls_folder(settings: Settings) -> Path:
    """Beside an SQLite bank, else in the user's data folder."""
    from tutela.store.engine import sqlite_path

    path = sqlite_path(settings.bank or default_bank())
    if path is not None:
        return path.with_name(f"{path.name}.calls")
    import platformdirs

    return platformdirs.user_data_path("tutela") / "calls"
