"""The page: one file that opens anywhere, runs nothing and fetches nothing."""

from collections.abc import Callable
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tutela.report.contents import Contents
from tutela.report.data import SCHEMA
from tutela.report.notes import english
from tutela.report.sections import sections
from tutela.report.sections.summary import opening, span
from tutela.report.sections.view import View
from tutela.report.wording import Words, clean, instant, words


def report_html(contents: Contents) -> str:
    """The report as one HTML page in the language `contents.lang`; `contents` holds no NaN and no infinity.

    Raises `ReportError` for a language without a catalogue.
    """
    view = View(contents)
    return (
        _environment(contents.lang)
        .get_template("report.html.jinja")
        .render(
            contents=contents,
            opening=opening(view),
            span=span(view),
            sections=sections(view),
            schema=SCHEMA,
            written=view.words.minute(contents.generated),
        )
    )


@cache
def _environment(language: str) -> Environment:
    speaker = words(language)
    environment = Environment(
        loader=PackageLoader("tutela.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalizer(speaker),
    )
    environment.filters["instant"] = instant
    environment.globals.update(say=speaker.say, english=english, lang=language)
    return environment


def _finalizer(speaker: Words) -> Callable[[object], object]:
    """What the template prints: nothing forbidden in HTML, and never the word None."""

    def printed(value: object) -> object:
        if value is None:
            return speaker.say("unknown")
        return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    return printed
