"""The sections of the page, worked out from the contents. Pure functions; the template only lays them out."""

from collections.abc import Callable

from tutela.report.blocks import Section
from tutela.report.sections.channels import channels
from tutela.report.sections.commerce import commerce
from tutela.report.sections.dictionary import dictionary
from tutela.report.sections.effect import effect
from tutela.report.sections.growth import growth, images
from tutela.report.sections.matches import matches
from tutela.report.sections.measures import measures
from tutela.report.sections.method import method, verify
from tutela.report.sections.network import network
from tutela.report.sections.reading import reading
from tutela.report.sections.signals import signals
from tutela.report.sections.speech import languages, polls
from tutela.report.sections.summary import summary
from tutela.report.sections.view import View

ORDER: tuple[Callable[[View], Section], ...] = (
    summary, growth, images, channels, network, commerce, languages, polls, effect, matches, signals, reading, measures,
    method, dictionary, verify,
)  # fmt: skip
"""As an editor reads: what matters, how it grew, who belongs together, what is sold; then how it was found out."""


def sections(view: View) -> list[Section]:
    """All of them, in order; what nothing is known about says so."""
    return [section(view) for section in ORDER]
