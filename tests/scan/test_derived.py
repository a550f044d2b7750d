"""A scan finds altered pictures, again the next time, and also those of pictures that were protected only later."""

from dataclasses import replace
from pathlib import Path

import pytest

from drawings import poor
from tutela.bank import Bank
from tutela.fingerprints import Detail, fingerprint
from tutela.model import Tier
from tutela.scan import scan
from tutela.simulate.pictures import altered, draw, jpeg


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "channel"
    folder.mkdir()
    (folder / "made-from-1.jpg").write_bytes(jpeg(altered(1)))
    (folder / "other.jpg").write_bytes(jpeg(draw(77)))
    return folder


def tiers(source: Path, out: Path, bank: Bank) -> tuple[list[Tier], int]:
    """Tiers of what was found, and how many pictures were known from an earlier scan."""
    result = scan([source], out, bank)
    return [line.match.tier for line in result.contents.matches], result.tally.recalled


def test_altered_pictures_are_found_again_and_stop_with_the_case(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Bank.open(f"sqlite:///{tmp_path / 'bank.db'}", create=True) as bank:
        assert tiers(source, out, bank) == ([], 0)
        case, pin = bank.protect([fingerprint(jpeg(draw(1)), Detail.PROTECT)], kind="ordinary")
        assert tiers(source, out, bank) == ([Tier.DERIVED], 0)
        assert tiers(source, out, bank) == ([Tier.DERIVED], 1)
        bank.withdraw(case, pin)
        assert tiers(source, out, bank) == ([], 2)


def test_what_a_first_look_leaves_in_doubt_is_looked_at_again(tmp_path: Path) -> None:
    """Wherever the media is at hand: in a scan, which reads the file once more, and with bytes that were given."""
    source = tmp_path / "channel"
    source.mkdir()
    for number in range(6):
        (source / f"{number}.jpg").write_bytes(poor(number))
    with Bank.open(f"sqlite:///{tmp_path / 'bank.db'}", create=True) as bank:
        bank.protect([fingerprint(jpeg(draw(number)), Detail.PROTECT) for number in range(6)], kind="ordinary")
        pictures = [fingerprint(poor(number)) for number in range(6)]
        alone = sum(len(bank.match(replace(picture, look=None))) for picture in pictures)
        found = sum(len(bank.match(picture)) for picture in pictures)
        assert found > alone
        assert len(tiers(source, tmp_path / "out", bank)[0]) == found
