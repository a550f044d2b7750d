"""How many images were posted, when, and how many of them differ."""

from calendar import monthrange
from dataclasses import replace

from tutela.model import Measure
from tutela.model.figures import Number
from tutela.report import labels, svg
from tutela.report.blocks import Block, Figure, File, Paragraph, Plot, Section, table
from tutela.report.findings import Month, growth_title, images_title, months, partial_note
from tutela.report.notes import date_said, day_named
from tutela.report.sections.view import View

_IMAGES = ("images_shared", "forwarded_images", "unique_images", "unhashed_images")


def growth(view: View) -> Section:
    """Images by month, with the months in which the pace changed."""
    words, measure = view.words, view.find("growth")
    series = months(measure) if measure else ()
    if measure is None or not series:
        return Section("growth", words.say("title_growth"), (Paragraph(words.say("growth_undated")),))
    blocks: list[Block] = [_by_month(view, measure, series)]
    if changes := view.parts("growth", "change"):
        blocks.append(view.part_table("changes", words.say("growth_changes"), measure, changes, "week", "factor"))
    for part in view.parts("growth", "trend"):
        if part.value is not None:
            trend = {"n": labels.part_value(words, measure, part), "note": str(labels.note(words, part.note))}
            blocks.append(Paragraph(words.say("growth_trend", **trend), soft=True))
    return Section("growth", words.say("title_growth"), tuple(blocks))


def _by_month(view: View, measure: Measure, series: tuple[Month, ...]) -> Figure:
    words = view.words
    notes = {part.key: part.note for part in measure.parts if part.by == "month"}
    sums = {part.key: part.value for part in measure.parts if part.by == "month-cumulative"}
    title = growth_title(words, series)
    rows = [
        (words.month(m.key), words.number(m.value), _sum(view, sums, m), labels.note(words, notes.get(m.key, "")))
        for m in series
    ]
    columns = (view.column("month"), view.column("images", "n"), view.column("together", "n"), view.column("note"))
    numbers = table("by-month-numbers", words.say("caption_by-month"), columns, rows, "measures/growth.csv")
    bars = [_bar(view, month) for month in series]
    plot = view.plot("by-month", title, bars, svg.columns, write=words.number, marks=_marks(view, series))
    if plot is not None:
        plot = _explained(view, plot, series)
    return Figure("by-month", title, words.say("plot_by-month"), plot, numbers)


def _sum(view: View, sums: dict[str, Number | None], month: Month) -> str:
    return view.words.number(sums[month.key]) if month.key in sums else ""


def _bar(view: View, month: Month) -> svg.Bar:
    words = view.words
    short, year = words.month_short(month.key), str(int(month.key[:4]))
    return svg.Bar(words.month(month.key), month.value, words.number(month.value), short, year, pale=month.partial)


def _marks(view: View, series: tuple[Month, ...]) -> list[float]:
    """Where along the months each change of level lies, in months from the first."""
    places = {month.key: i for i, month in enumerate(series)}
    days = sorted(day for part in view.parts("growth", "change") if (day := day_named(part.key)))
    return [
        places[month] + (day.day - 1) / monthrange(day.year, day.month)[1]
        for day in days
        if (month := f"{day.year:04}-{day.month:02}") in places
    ]


def _explained(view: View, plot: Plot, series: tuple[Month, ...]) -> Plot:
    words = view.words
    days = [date_said(words, part.key) for part in view.parts("growth", "change") if day_named(part.key)]
    marked = words.say("growth_marked", days=words.listed(days)) if days else ""
    return replace(plot, note=" ".join(filter(None, (partial_note(words, series), marked))))


def images(view: View) -> Section:
    """Posted, forwarded, different and uncompared images side by side."""
    words = view.words
    found = [measure for name in _IMAGES if (measure := view.find(name))]
    if not found:
        return Section("images", words.say("title_images"), (Paragraph(words.say("images_unmeasured")),))
    title = images_title(words, view.find("images_shared"), view.find("unique_images"))
    rows = [
        (labels.label(words, m.name), words.interval(m), labels.note(words, m.note), File(f"measures/{m.name}.csv"))
        for m in found
    ]
    columns = (view.column("images"), view.column("value", "n"), view.column("note"), view.column("file", "id"))
    numbers = table("image-counts-numbers", words.say("caption_image-counts"), columns, rows)
    bars = [
        svg.Bar(
            str(labels.label(words, m.name)), m.low if m.low is not None else m.value, words.interval(m), high=m.high
        )
        for m in found
    ]
    pale = words.say("bounds_pale") if any(m.low != m.high and m.high for m in found) else ""
    plot = view.plot("image-counts", title, bars, svg.bars, pale)
    blocks: list[Block] = [Figure("image-counts", title, words.say("plot_image-counts"), plot, numbers)]
    blocks.append(Paragraph(words.say("images_no_people"), soft=True))
    return Section("images", words.say("title_images"), tuple(blocks))
