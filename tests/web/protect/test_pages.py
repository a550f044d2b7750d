"""The pages as any browser gets them: without a script, a cookie, or a word to another site."""

import asyncio
import logging
import re
from html.parser import HTMLParser
from itertools import product
from urllib.parse import urlsplit

import httpx
import pytest

from tutela.bank import Bank
from tutela.web.guard import Guard
from tutela.web.protect import Site
from tutela.web.protect.hotlines import services
from tutela.web.protect.texts import LANGUAGES, direction, said
from web.protect.conftest import Ask
from web.protect.server import app

PATHS = ["", "age", "help", "help?country=de", "steps?under18=no", "case"]
PAGES = [f"/{code}/{path}" for code, path in product(LANGUAGES, PATHS)]


class Elements(HTMLParser):
    """All start tags of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def page(web: httpx.Client, path: str) -> Elements:
    answer = web.get(path)
    assert answer.status_code == 200
    return Elements(answer.text)


def assets(elements: Elements) -> list[str]:
    links = [link["href"] for link in elements.all("link")] + [script.get("src") for script in elements.all("script")]
    return [each for each in links if each]


def test_every_page_is_guarded_by_its_headers(web: httpx.Client) -> None:
    for path in PAGES:
        headers = web.get(path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy == {
            "default-src": "'none'", "script-src": "'self'", "worker-src": "'self'", "style-src": "'self'",
            "img-src": "'self' blob:", "connect-src": "'self'", "font-src": "'self'", "form-action": "'self'",
            "base-uri": "'none'", "frame-ancestors": "'none'",
        }  # fmt: skip
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert "set-cookie" not in headers


def test_no_page_has_inline_scripts_or_styles_or_anything_from_elsewhere(web: httpx.Client) -> None:
    for path in PAGES:
        elements = page(web, path)
        for tag, attributes in elements.found:
            assert not any(name.startswith("on") or name == "style" for name in attributes), (path, tag)
            source = attributes.get("src") or (attributes.get("href") if tag == "link" else None) or ""
            assert not urlsplit(source).netloc, (path, source)
        assert not elements.all("style")
        assert all("src" in script or script["type"] == "application/json" for script in elements.all("script"))
        assert len(assets(elements)) >= 3


def test_links_to_other_sites_are_the_exit_and_the_services_alone(web: httpx.Client) -> None:
    known = {urlsplit(each.url).netloc for each in services() if each.url} | {"www.wikipedia.org"}
    for path in PAGES:
        outside = [link for link in page(web, path).all("a") if urlsplit(link["href"] or "").netloc]
        assert {urlsplit(link["href"] or "").netloc for link in outside} <= known
        assert all("noreferrer" in (link.get("rel") or "") for link in outside)


def test_titles_are_neutral_and_languages_are_named(web: httpx.Client) -> None:
    for code in LANGUAGES:
        text = web.get(f"/{code}/").text
        assert f'<html lang="{code}" dir="{direction(code)}">' in text
        assert f"<title>{said(code, 'title_start')}</title>" in text


def test_each_page_leads_to_itself_in_the_other_languages(web: httpx.Client) -> None:
    for path in PATHS:
        links = [link["href"] for link in page(web, f"/en/{path}").all("a") if "hreflang" in link]
        assert links == [f"/{code}/{path}" for code in LANGUAGES]


@pytest.mark.parametrize(("header", "code"), [("es-AR", "es"), ("de", "en"), ("ar;q=0.9,ru", "ru"), ("", "en")])
def test_the_front_door_leads_to_the_language_of_the_browser(web: httpx.Client, header: str, code: str) -> None:
    answer = web.get("/", headers={"accept-language": header})
    assert (answer.status_code, answer.headers["location"], answer.headers["vary"]) == (
        303,
        f"/{code}/",
        "Accept-Language",
    )


HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("accept", [HTML, {}])
def test_a_language_alone_leads_to_its_start(web: httpx.Client, accept: dict[str, str]) -> None:
    for code in LANGUAGES:
        answer = web.get(f"/{code}", headers=accept)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/{code}/")
    for unknown in ("/de", "/EN", "/english"):
        assert web.get(unknown, headers=accept).status_code == 404


@pytest.mark.parametrize(
    ("path", "liked", "code"),
    [
        ("/en/steps/", "ar", "en"),
        ("/ar/x", "en", "ar"),
        ("/RU/Help", "", "ru"),
        ("/x", "es-MX", "es"),
        ("/x/ar/", "", "en"),
    ],
)
def test_a_mistyped_address_gives_a_page_with_the_exit_in_the_persons_language(
    web: httpx.Client, path: str, liked: str, code: str
) -> None:
    answer = web.get(path, headers={**HTML, "accept-language": liked})
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    elements = Elements(answer.text)
    assert elements.all("html") == [{"lang": code, "dir": direction(code)}]
    assert said(code, "lost_head") in elements.said
    links = elements.all("a")
    assert [link["href"] for link in links if link.get("class") == "exit"] == ["https://www.wikipedia.org/"]
    assert [link["href"] for link in links if "hreflang" in link] == [f"/{each}/" for each in LANGUAGES]
    assert path not in answer.text


@pytest.mark.parametrize("accept", ["*/*", "", "application/json", "text/html;q=0", "text/htmlx", "application/*"])
def test_programs_are_told_of_it_in_json(web: httpx.Client, accept: str) -> None:
    answer = web.get("/nothing", headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/protect/api/nothing", "/protect/assets/0/x.js"])
def test_addresses_of_programs_keep_to_json_whoever_asks(web: httpx.Client, path: str) -> None:
    answer = web.get(path, headers=HTML)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_wrong_method_is_told_as_before(web: httpx.Client) -> None:
    assert web.get("/protect/api/cases", headers=HTML).status_code == 405
    assert web.post("/en/", headers=HTML).status_code == 405
    assert web.post("/nothing", headers=HTML).headers["content-type"] == "application/problem+json"


def test_what_is_stored_for_how_long_and_who_sees_it_comes_before_anything_is_chosen(web: httpx.Client) -> None:
    start = page(web, "/en/")
    assert not start.all("input") and not start.all("form")
    for told in ("What is stored", "For how long", "Who sees it", "What platforms learn", "What we cannot promise"):
        assert told in start.said


def test_the_question_about_age_comes_before_any_picker_and_cannot_be_passed_by(web: httpx.Client) -> None:
    assert not page(web, "/en/age").all("input")
    assert [link["href"] for link in page(web, "/en/age").all("a") if "button" in (link.get("class") or "")] == [
        "/en/help",
        "/en/steps?under18=no",
    ]
    for way_round in ("/en/steps", "/en/steps?under18=yes", "/en/steps?under18="):
        answer = web.get(way_round)
        assert (answer.status_code, answer.headers["location"]) == (303, "/en/age")


def test_whoever_was_under_18_gets_hotlines_without_a_script(web: httpx.Client) -> None:
    general, german = page(web, "/en/help"), page(web, "/en/help?country=de")
    for elements in (general, german):
        assert "Take It Down (NCMEC)" in elements.said
        assert "INHOPE" in elements.said
        [form] = elements.all("form")
        assert (form["method"], form["action"]) == ("get", "/en/help")
        assert elements.said.index("Take It Down") < elements.said.index("StopNCII")
    assert "Nummer gegen Kummer" in german.said
    assert "Nummer gegen Kummer" not in general.said
    assert {"href": "tel:116111", "class": "phone"} in german.all("a")
    assert "Nothing about you was stored" in general.said


@pytest.mark.parametrize("strange", ["zz", "<script>alert(1)</script>", "../..", "*"])
def test_a_country_that_nobody_knows_gives_the_services_for_everybody(web: httpx.Client, strange: str) -> None:
    answer = web.get("/en/help", params={"country": strange})
    assert answer.status_code == 200
    assert strange == "*" or strange not in answer.text
    assert Elements(answer.text).said == Elements(web.get("/en/help").text).said


def test_without_scripts_the_steps_say_so_and_lead_to_help(web: httpx.Client) -> None:
    for path in ("steps?under18=no", "case"):
        text = web.get(f"/en/{path}").text
        [inside] = re.findall(r"<noscript>(.*?)</noscript>", text, re.DOTALL)
        assert "needs JavaScript" in inside
        assert 'href="/en/help"' in inside


def test_every_asset_is_kept_for_ever_and_its_address_changes_with_it(web: httpx.Client) -> None:
    for path in {each for page_path in PAGES for each in assets(page(web, page_path))}:
        answer = web.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"].split(";")[0] in ("text/javascript", "text/css", "image/svg+xml")
        version = path.split("/")[3]
        assert web.get(path.replace(version, "0" * 16)).status_code == 404


def test_what_runs_in_a_worker_may_send_nothing_anywhere(web: httpx.Client) -> None:
    """A worker keeps to the policy of its own file."""
    script = next(each for each in assets(page(web, "/en/steps?under18=no")) if each.endswith("/steps.js"))
    for name in ("fingerprint/worker.js", "fingerprint/client.js"):
        answer = web.get(script.replace("steps.js", name))
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "connect-src" not in policy


def test_an_asset_is_not_given_to_whoever_says_more_than_its_address(web: httpx.Client) -> None:
    for path in assets(page(web, "/en/")):
        answer = web.get(f"{path}?pixels=1")
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


def test_no_address_that_was_asked_for_reaches_a_log(bank: Bank, caplog: pytest.LogCaptureFixture) -> None:
    """With the guard of the whole service around the page, which writes a line for each call."""
    caplog.set_level(logging.DEBUG)
    transport = httpx.ASGITransport(Guard(app(bank)))

    async def visits() -> list[int]:
        async with httpx.AsyncClient(transport=transport, base_url="http://page.example") as client:
            paths = ("/protect/assets/telltale/telltale.js?telltale", "/en/?telltale", "/telltale?telltale")
            return [(await client.get(path, headers=HTML)).status_code for path in paths]

    assert asyncio.run(visits()) == [404, 200, 404]
    lines = [each.getMessage() for each in caplog.records if each.name.startswith("tutela")]
    assert len(lines) == 3
    assert "telltale" not in "".join(lines)


@pytest.mark.parametrize("path", ["..%2fpages.py", "%2e%2e/pages.py", "", "nothing.js", "/etc/passwd"])
def test_nothing_but_assets_is_served(web: httpx.Client, path: str) -> None:
    version = assets(page(web, "/en/"))[0].split("/")[3]
    assert web.get(f"/protect/assets/{version}/{path}").status_code == 404


def test_an_operator_chooses_where_the_exit_leads_and_is_named(ask: Ask) -> None:
    site = Site(exit_url="https://weather.example/", operator='Help & "Co" <b>')
    elements = page(ask(site=site), "/en/")
    [exit_link] = [link for link in elements.all("a") if link.get("class") == "exit"]
    assert exit_link["href"] == "https://weather.example/"
    assert 'This page is run by Help & "Co" <b>.' in elements.said


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "weather.example", "data:text/html,x", "//x.example/"])
def test_an_exit_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="web address"):
        Site(exit_url=url)
