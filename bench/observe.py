"""What reading, observing, measuring and reporting an export costs, in time and memory, as it grows.

    .venv/bin/python bench/observe.py [--posts 100000 300000 1000000]

Writes invented Telegram Desktop exports without media into a temporary folder and scans them, then adds one post in a
hundred and scans them again. Peers, on the same files in the same run: `ijson` over every event, doing nothing (the
floor of streaming), and `json.load` (the obvious way), which is left out above 300,000 posts.
"""

import argparse
import json
import random
import tempfile
from pathlib import Path

from programs import IJSON, LOAD, SCAN, Cost, cost

_LOADED_AT_MOST = 300_000
_CORES = (1, None)
_ABSENT = "(File not included. Change data exporting settings to download.)"
_WORDS = {
    "ru": "сегодня новый канал правила вопрос спасибо когда будет завтра работает почему друзья смотрите вечером ответ",
    "en": "today the new channel rules question thanks when will it work tomorrow why friends look evening answer here",
    "es": "hoy el nuevo canal reglas pregunta gracias cuando sale mañana funciona porque amigos miren tarde respuesta",
}
_SAYINGS = (
    "100 ₽ за 100 фото на 7 дней", "12 coins for $1.50", "Premium 500 ₽/мес", "invite 3 friends and get 5 coins",
    "до 50 евро за доступ", "вход с 18 лет", "10% скидка до пятницы", "смотри https://t.me/other_channel",
)  # fmt: skip


def write_export(path: Path, posts: int) -> None:
    """An export of one channel, some 600 bytes a post: texts in three languages, forwards, reactions, absent photos."""
    chance = random.Random(2020)
    words = [listed.split() for listed in _WORDS.values()]
    with path.open("w", encoding="utf-8") as file:
        file.write('{\n "name": "Invented",\n "type": "public_supergroup",\n "id": 1000000001,\n "messages": [\n')
        for number in range(1, posts + 1):
            entry = json.dumps(_message(number, chance, words), ensure_ascii=False, indent=1)
            file.write(entry + ("" if number == posts else ",") + "\n")
        file.write(" ]\n}\n")


def _message(number: int, chance: random.Random, words: list[list[str]]) -> dict[str, object]:
    text = " ".join(chance.choices(chance.choice(words), k=chance.randint(3, 26)))
    if number % 11 == 0:
        text += " " + chance.choice(_SAYINGS)
    at, person = 1_577_836_800 + number * 60, int(chance.expovariate(1 / 3000))
    message: dict[str, object] = {
        "id": number,
        "type": "message",
        "date": "2020-01-01T00:00:00",
        "date_unixtime": str(at),
        "from": f"Person {person}",
        "from_id": f"user{person}",
    }
    if number % 2:
        message |= {"photo": _ABSENT, "photo_file_size": 0, "width": 480, "height": 640}
    if number % 5 == 0:
        message |= {"forwarded_from": "Channel", "forwarded_from_id": f"channel{chance.randrange(50)}"}
    message |= {"text": text, "text_entities": [{"type": "plain", "text": text}]}
    if number % 3 == 0:
        message["reactions"] = [{"type": "emoji", "count": chance.randrange(90), "emoji": "👍"}]
    return message


def row(posts: int) -> str:
    """One row of the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export = folder / "export" / "result.json"
        export.parent.mkdir()
        write_export(export, posts)
        size = export.stat().st_size / 2**20
        floor = cost(IJSON, export, folder=folder)
        loaded = _said(cost(LOAD, export, folder=folder)) if posts <= _LOADED_AT_MOST else "–"
        first = [_scanned(export, folder / str(cores), cores) for cores in _CORES]
        write_export(export, posts + posts // 100)
        again = [_scanned(export, folder / str(cores), cores) for cores in _CORES]
    cells = [f"{posts:,}", f"{size:,.0f}", _said(floor), loaded]
    for new, known in zip(first, again, strict=True):
        cells += [_said(new), _said(known), f"{new.clock / floor.clock:.2f}", f"{known.clock / new.clock:.2f}"]
    return f"| {' | '.join(cells)} |"


def _scanned(export: Path, folder: Path, cores: int | None) -> Cost:
    """A scan with the bank in `folder`."""
    folder.mkdir(exist_ok=True)
    return cost(SCAN, export.parent, "--out", folder / "out", folder=folder, cores=cores)


def _said(cost: Cost) -> str:
    return f"{cost.clock:.1f}, {cost.mib:,.0f}"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, nargs="+", default=[100_000, 300_000, 1_000_000, 3_000_000])
    scans = [f"{on}: scan | again, 1 % more | scan / ijson | again / scan" for on in ("one core", "all")]
    print(f"| posts | MiB | ijson alone: s, MiB | json.load | {' | '.join(scans)} |\n|{12 * '--:|'}")
    for posts in parser.parse_args().posts:
        print(row(posts), flush=True)


if __name__ == "__main__":
    main()
