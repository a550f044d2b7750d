"""``tutela demo --preset 2020``: whether the figures that were published about 2020 come out again."""

from pathlib import Path
from typing import TYPE_CHECKING

from tutela.cli.output import answer, finish, tell
from tutela.cli.progress import ProgressLine
from tutela.cli.scan import line, sentences
from tutela.cli.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tutela.model import Measure
    from tutela.model.figures import Number
    from tutela.simulate import Published


ROUNDED = 0.005
"""Published figures are rounded."""


def run(settings: Settings, out: Path, data: Path, lang: str) -> None:
    """Writes the exports, scans them, and says of each published figure what was measured."""
    from tutela.scan import scan
    from tutela.scan.folder import prepare
    from tutela.simulate import simulate_published

    folder = data / "2020"
    prepare(out, [folder])
    tell("Writing seven invented channels of the published size …")
    channels = simulate_published(folder).channels
    with settings.open_demo_bank(folder) as bank, ProgressLine() as progress:
        title = "Seven channels of the size of 2020"
        result = scan([channels], out, bank, title=title, lang=lang, progress=progress)
    found = list(compared(result.contents.measures))
    words = [f"{figure.said}: published {figure.value:g}, measured {said}" for figure, said, _ in found]
    agreed = sum(within for _, _, within in found)
    said = {**line(result, out), "published": len(found), "agreed": agreed}
    answer(
        settings, said, *words, f"{agreed} of {len(found)} published figures come out again", *sentences(result, out)
    )
    finish(settings, 0)


def compared(measures: "Iterable[Measure]") -> "Iterator[tuple[Published, str, bool]]":
    """Each published figure with what was measured, in words, and whether it lies within the interval."""
    from tutela.simulate import FIGURES

    by_name = {measure.name: measure for measure in measures}
    for figure in FIGURES:
        low, value, high = _measured(figure, by_name[figure.measure])
        within = value is not None and (low or 0) - ROUNDED <= figure.value
        within = within and (high is None or figure.value <= high + ROUNDED)
        words = "nothing" if value is None else f"{value:.6g}"
        yield figure, words if low == high else f"{words} ({_end(low)} to {_end(high)})", within


def _measured(figure: "Published", measure: "Measure") -> "tuple[Number | None, Number | None, Number | None]":
    """Lower end, value and upper end; a part has no interval of its own."""
    if not figure.by:
        return measure.low, measure.value, measure.high
    parts = (
        part.value for part in measure.parts if part.by == figure.by and figure.note in (part.note, str(part.value))
    )
    value = next(parts, None)
    return value, value, value


def _end(value: "Number | None") -> str:
    return "no limit" if value is None else f"{value:.6g}"
