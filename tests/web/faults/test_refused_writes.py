"""While the bank takes nothing new, lookups are answered, everything else is refused in clear words, and nothing of it
is there; when it takes something again, the service goes on by itself."""

import os
import resource
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from acts import Diary, Helper
from faults import until_ready
from served import Receiver, Service
from servers import Server

from databases import only_server, only_sqlite
from web.faults.asking import found_nothing_wrong, near, refused, some_cases, writes

_TABLES = ("protections", "outcomes", "deliveries", "acts", "sightings", "webhooks")
"""What is written in the middle or at the end of a transaction, so that a half one would show."""


BOUND_BY_RIGHTS = () if os.geteuid() else ("setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override")
"""What starts a program that the rights of files bind, also where root runs the tests."""


def no_room(service: Service, bytes_more: int = 0) -> None:
    """No file of the service's may grow beyond so many bytes: to a program, what a full disk is."""
    _, hard = resource.prlimit(service.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (bytes_more, hard))


def open_files(service: Service) -> int:
    return sum(1 for _ in Path(f"/proc/{service.pid}/fd").iterdir())


def room(service: Service) -> None:
    _, hard = resource.prlimit(service.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def full(database: psycopg.Connection[tuple[object, ...]]) -> Iterator[None]:
    """What a server says whose disk is full, from the server itself."""
    database.execute(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
    )
    for table in _TABLES:
        database.execute(f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()")
    yield
    database.execute("DROP FUNCTION full_disk CASCADE")


def test_a_service_whose_lookups_go_on(service: Service) -> None:
    """The tests below would tell nothing if these were refused in a healthy bank."""
    diary = Diary()
    with Helper(service, diary, 1) as helper, service.client() as client:
        (case,) = some_cases(helper, diary, 1)
        answers = [write(client).status_code for write in writes(service, helper, case)]
    assert answers == [201, 201, 200, 200, 200, 201]


@only_sqlite
def test_a_full_disk(service: Service, receiver: Receiver) -> None:
    diary = Diary()
    with Helper(service, diary, 1) as helper, service.client() as client:
        cases = some_cases(helper, diary, 3)
        asked = writes(service, helper, cases[0])
        before = open_files(service)
        no_room(service)
        for place in range(2):
            assert all(refused(write(client), "not_stored") for write in asked)
            answer = near(client, cases[1], place)
            assert (answer.status_code, answer.json()["matched"]) == (200, True)
            diary.matches_asked[cases[1].reference] += 1
            diary.matches_answered[cases[1].reference] += 1
            assert helper.look_up(cases[2])
            time.sleep(0.5)  # the record of calls is tried again some times
        assert open_files(service) <= before + 4
        room(service)
        some_cases(helper, diary, 1)
    until_ready(service)
    found_nothing_wrong(service, diary, receiver)
    assert len(list(service.calls.iterdir())) <= 3
    assert all(log.stat().st_size for log in service.calls.iterdir())


@only_sqlite
def test_a_disk_that_is_full_in_the_middle_of_a_transaction(service: Service, receiver: Receiver) -> None:
    diary = Diary()
    with Helper(service, diary, 1) as helper, service.client() as client:
        (case,) = some_cases(helper, diary, 1)
        asked = writes(service, helper, case)
        log = Path(service.address.removeprefix("sqlite:///") + "-wal")
        helper.withdraw_case(case, by_page=False)  # the log begins anew
        answers = []
        for place in range(1, 40, 3):
            no_room(service, log.stat().st_size + place * 1024)
            answers += [write(client) for write in (asked[0], asked[1], asked[4])]
            room(service)
    assert any(answer.is_success for answer in answers)
    failed = [answer for answer in answers if not answer.is_success]
    assert failed
    assert all(refused(answer, "not_stored") for answer in failed)
    found_nothing_wrong(service, diary, receiver)


@only_sqlite
def test_a_file_that_may_only_be_read(addresses: Callable[[], str], tmp_path: Path, receiver: Receiver) -> None:
    service, diary = Service(addresses(), tmp_path, receiver), Diary()
    path = Path(service.address.removeprefix("sqlite:///"))
    with service, Helper(service, diary, 1) as helper:
        some_cases(helper, diary, 2)
        until_ready(service)
    files = [each for each in path.parent.glob("bank.db*") if each.is_file()]
    for each in files:
        each.chmod(stat.S_IRUSR)
    service.under = BOUND_BY_RIGHTS
    with service:
        until_ready(service)
        with Helper(service, diary, 1) as helper, service.client() as client:
            asked = writes(service, helper, diary.cases[0])
            assert all(refused(write(client), "not_stored") for write in asked)
            assert helper.look_up(diary.cases[1])
    diary.matches_answered.clear()  # events of matches that waited in memory went with the process
    for each in files:
        each.chmod(stat.S_IRUSR | stat.S_IWUSR)
    with service:
        until_ready(service)
        with Helper(service, diary, 1) as helper:
            some_cases(helper, diary, 1)
        found_nothing_wrong(service, diary, receiver)


@only_server
def test_a_server_whose_disk_is_full(service: Service, receiver: Receiver, server: Server) -> None:
    diary = Diary()
    with Helper(service, diary, 1) as helper, service.client() as client:
        cases = some_cases(helper, diary, 3)
        asked = writes(service, helper, cases[0])
        with server.admin(_name(service)) as database, full(database):
            assert all(refused(write(client), "not_stored") for write in asked)
            assert near(client, cases[1], 1).json()["matched"]
            diary.matches_asked[cases[1].reference] += 1
            diary.matches_answered[cases[1].reference] += 1
            assert helper.look_up(cases[2])
        some_cases(helper, diary, 1)
    found_nothing_wrong(service, diary, receiver)


@only_server
def test_a_server_that_takes_readers_only(service: Service, receiver: Receiver, server: Server) -> None:
    diary, name = Diary(), _name(service)
    with Helper(service, diary, 1) as helper, service.client() as client, server.admin() as admin:
        cases = some_cases(helper, diary, 3)
        asked = writes(service, helper, cases[0])
        admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        _hang_up(admin, name)
        assert all(refused(write(client), "not_stored") for write in asked)
        assert near(client, cases[1], 1).json()["matched"]
        diary.matches_asked[cases[1].reference] += 1
        diary.matches_answered[cases[1].reference] += 1
        assert helper.look_up(cases[2])
        admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        some_cases(helper, diary, 1)
    found_nothing_wrong(service, diary, receiver)


def _hang_up(admin: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Ends every session that began before this, also one that is about to begin."""
    (now,) = admin.execute("SELECT clock_timestamp()").fetchone() or ()
    query = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND backend_start < %s"
    for _ in range(5):
        admin.execute(query, [name, now])
        time.sleep(0.05)


def _name(service: Service) -> str:
    return service.address.partition("@/")[2].partition("?")[0]
