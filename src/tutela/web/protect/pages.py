"""The pages as HTML. They hold no data of anybody: what a person enters is sent by scripts, and shown by them."""

from collections.abc import Mapping
from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined

from tutela.web.protect import hotlines, texts
from tutela.web.protect.site import Site

CONSENT = "2026-11-26"
"""Version of what a person agrees to (the locales' `agree_…` and `know_learn_text`). Renew it when the meaning of those
texts changes: a page that was opened before is then refused and opened anew."""

MOST_PICTURES = 100
"""Pictures in one case."""

SLUGS: Mapping[str, str] = {"start": "", "age": "age", "help": "help", "steps": "steps", "case": "case"}
"""Pages with the ends of their addresses, which say nothing to whoever reads a history."""


class Pages:
    """Renders the pages. `version` is that of the assets."""

    def __init__(self, site: Site, version: str) -> None:
        self._environment = Environment(
            loader=PackageLoader("tutela.web.protect"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(site=site, assets=f"/protect/assets/{version}", languages=texts.LANGUAGES)

    def page(self, language: str, name: str, **values: object) -> str:
        """One page (a key of `SLUGS`, or ``lost``) in one language."""
        context = {
            "say": partial(texts.said, language),
            "lang": language,
            "dir": texts.direction(language),
            "name": name,
            "here": name if name in SLUGS else "start",
            "path": partial(address, language),
            "address": address,
            "native": lambda code: texts.said(code, "language_name"),
            **values,
        }
        return self._environment.get_template(f"{name}.html.jinja").render(context)

    def help(self, language: str, country: str) -> str:
        """Where to get help; for `country` if that is a known one, else the services for everybody."""
        known = [(texts.said(language, f"country_{code}"), code) for code in hotlines.countries()]
        country = country if country in hotlines.countries() else ""
        return self.page(
            language,
            "help",
            countries=sorted(known),
            country=country,
            young=hotlines.helping(country, hotlines.For.MINOR),
            adult=hotlines.helping(country, hotlines.For.ADULT),
        )

    def steps(self, language: str) -> str:
        """The page on which pictures are chosen, after the question about age."""
        live = texts.for_scripts(language)
        return self.page(language, "steps", live=live, consent=CONSENT, most=MOST_PICTURES)

    def case(self, language: str) -> str:
        """The page that tells how a case stands."""
        return self.page(language, "case", live=texts.for_scripts(language))


def address(language: str, name: str) -> str:
    """Where a page is, such as ``/en/help``."""
    return f"/{language}/{SLUGS[name]}"
