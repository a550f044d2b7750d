"""A disk that fills up in the middle of a line leaves a record of calls that verifies up to that line."""

import subprocess
import sys
from pathlib import Path

import pytest

from tutela.custody import verify

_FILLS_UP = """
import resource, sys
from pathlib import Path
from tutela.custody import CustodyError, CustodyLog, Signer

path, room = Path(sys.argv[1]), int(sys.argv[2])
log = CustodyLog.create(path, Signer(bytes(32)))
for number in range(3):
    log.record("api.lookup", {"count": number})
log.checkpoint()
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + room,) * 2)
try:
    log.record("api.lookup", {"count": 3})
except CustodyError as error:
    print(error.what)
"""


@pytest.mark.parametrize("room", [0, 1, 60])
def test_what_was_recorded_before_still_verifies(tmp_path: Path, room: int) -> None:
    path = tmp_path / "calls.ndjson"
    told = subprocess.run(
        [sys.executable, "-c", _FILLS_UP, path, str(room)], capture_output=True, text=True, check=True
    )
    assert "written" in told.stdout
    found = verify(path)
    assert found.events == 3
    assert [problem.what.partition(":")[0] for problem in found.problems] == ["not closed"]
