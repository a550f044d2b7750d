"""The page: one file that opens anywhere, runs nothing and fetches nothing."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tutela.report import derived, labels, sections, wording
from tutela.report.contents import Contents
from tutela.report.findings import matches_title


def report_html(contents: Contents) -> str:
    """The report as one HTML page; `contents` holds no NaN and no infinity."""
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            contents=contents,
            opening=sections.opening(contents),
            headlines=sections.headlines(contents),
            growth=sections.growth(contents),
            memberships=sections.by_channel(contents, "memberships", "memberships", "held"),
            channel_images=sections.by_channel(contents, "images_shared", "images", "posted"),
            images=sections.images(contents),
            matches_title=matches_title([line.match for line in contents.matches], contents.cases),
            groups=sections.groups(contents.matches),
            derived=derived.plans(contents.matches),
            entries=sections.entries(contents),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tutela.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printed,
    )
    environment.filters.update(
        number=wording.number,
        percent=wording.percent,
        minute=wording.minute,
        instant=wording.instant,
        people=wording.people,
        refused=labels.refused,
    )
    environment.globals.update(count=wording.count, orientation=labels.orientation)
    return environment


def _printed(value: object) -> object:
    """What the template prints: nothing forbidden in HTML, and never the word None."""
    if value is None:
        return wording.UNKNOWN
    return wording.clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
