"""What reading and measuring an export costs, in time and memory, as it grows.

    .venv/bin/python bench/posts.py [--posts 100000 300000 1000000]

Writes invented Telegram Desktop exports without media into a temporary folder, reads them into posts, and scans them.
Peers, on the same files in the same run: `ijson` over every event, doing nothing (the floor of streaming), and
`json.load` (the obvious way). Every program's own start counts; of three runs the fastest.
"""

import argparse
import json
import random
import tempfile
from operator import attrgetter
from pathlib import Path

from programs import IJSON, LOAD, SCAN, cost

_WORDS = ("new", "pictures", "every", "evening", "см.", "закреп", "👍")
_ABSENT = "(File not included. Change data exporting settings to download.)"
_READ = """
import sys
from pathlib import Path
from tutela.sources import Pseudonymiser, open_source
for _ in open_source(Path(sys.argv[1]), Pseudonymiser(bytes(32))).read(): pass
"""


def write_export(path: Path, posts: int) -> None:
    """An export of one channel: texts, forwards, polls, reactions, photos that are not included."""
    chance = random.Random(posts)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"name": "Invented", "type": "public_channel", "id": 1000000001, "messages": [\n')
        for number in range(1, posts + 1):
            comma = "" if number == posts else ","
            file.write(json.dumps(_message(number, chance), ensure_ascii=False, indent=1) + comma + "\n")
        file.write("]}\n")


def _message(number: int, chance: random.Random) -> dict[str, object]:
    text = " ".join(chance.choices(_WORDS, k=chance.randint(3, 30)))
    at = 1_577_836_800 + number * 60
    message: dict[str, object] = {
        "id": number,
        "type": "message",
        "date": "2020-01-01T00:00:00",
        "date_unixtime": str(at),
        "from": f"Person {chance.randrange(5000)}",
        "from_id": f"user{chance.randrange(5000)}",
        "text": [text, {"type": "bold", "text": "!"}],
        "text_entities": [{"type": "plain", "text": text}, {"type": "bold", "text": "!"}],
        "reactions": [{"type": "emoji", "count": chance.randrange(90), "emoji": "👍"}],
    }
    if number % 2:
        message |= {
            "photo": _ABSENT,
            "width": 1,
            "height": 1,
        }
    if number % 5 == 0:
        message |= {"forwarded_from": "Channel", "forwarded_from_id": f"channel{chance.randrange(50)}"}
    return message


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, nargs="+", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    titles = (
        "ijson alone: s, MiB",
        "json.load: s, MiB",
        "reading: s, MiB",
        "scan: s, MiB",
        "reading / ijson",
        "scan / ijson",
    )
    print(f"| Posts | MiB | {' | '.join(titles)} |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for posts in arguments.posts:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            export = folder / "result.json"
            write_export(export, posts)
            scan = ("--out", folder / "out")
            programs = ((IJSON,), (LOAD,), (_READ,), (SCAN, *scan))
            rounds = [
                [cost(program, export, *more, folder=folder) for program, *more in programs]
                for _ in range(arguments.runs)
            ]
            best = [min(costs, key=attrgetter("seconds")) for costs in zip(*rounds, strict=True)]
            floor, _, reading, whole = (each.seconds for each in best)
            cells = " | ".join(f"{each.seconds:.1f}, {each.mib:,.0f}" for each in best)
            size = export.stat().st_size / 2**20
            print(f"| {posts:,} | {size:,.0f} | {cells} | {reading / floor:.2f} | {whole / floor:.2f} |", flush=True)


if __name__ == "__main__":
    main()
