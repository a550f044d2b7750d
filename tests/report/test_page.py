"""The page: complete, honest, closed to the outside, and built so that every reader can use it."""

import math
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from report.examples import CHANNELS, WINDOW, contents, defined, derivation, match, measure, realistic
from report.strategies import HOSTILE
from report.tree import Node, read
from tutela.model import Part, Similarity, SkipCode, Tier, Window
from tutela.report import Contents, SkippedLine, SourceLine, write_report
from tutela.report.blocks import ROWS
from tutela.report.catalogue import LANGUAGES
from tutela.report.derived import SHOWN
from tutela.report.labels import orientation
from tutela.report.sections.view import BARS
from tutela.report.wording import words

EN = words("en")

Page = Callable[[Contents], Node]


@pytest.fixture
def page(tmp_path: Path) -> Page:
    def written(said: Contents) -> Node:
        write_report(tmp_path, said)
        return read((tmp_path / "report.html").read_text("utf-8"))

    return written


def section(page: Node, ident: str) -> Node:
    """The section whose heading has that id."""
    (found,) = (node for node in page.all("section") if node.attributes["aria-labelledby"] == ident)
    return found


def cells(part: Node) -> list[list[str]]:
    """What stands in the rows of the only table."""
    return [[node.text for node in row.all("th", "td")] for row in part.one("tbody").all("tr")]


EXAMPLES = {"empty": contents()} | {code: realistic(code) for code in LANGUAGES}
each = pytest.mark.parametrize("said", EXAMPLES.values(), ids=list(EXAMPLES))


class TestClosed:
    @each
    def test_it_runs_nothing_and_loads_nothing(self, tmp_path: Path, said: Contents) -> None:
        write_report(tmp_path, said)
        source = (tmp_path / "report.html").read_text("utf-8")
        assert not re.search(r"<script|https?:|//[a-z]|url\(|@import|src=|srcset|javascript:|\son[a-z]+=", source)
        links = [node.attributes["href"] for node in read(source).all("a")]
        assert links
        for link in links:
            assert link.startswith("#") or (tmp_path / link).is_file(), link

    @each
    def test_its_policy_forbids_what_it_does_not_need(self, page: Page, said: Contents) -> None:
        policies = [node for node in page(said).all("meta") if "http-equiv" in node.attributes]
        assert [node.attributes for node in policies] == [
            {
                "http-equiv": "Content-Security-Policy",
                "content": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
            }
        ]

    def test_texts_of_strangers_stay_texts(self, page: Page) -> None:
        """In every place where a text can stand, in elements and in attributes."""
        plain = page(hostile("harmless"))
        for text in HOSTILE:
            tree = page(hostile(text))
            assert [node.tag for node in tree.all()] == [node.tag for node in plain.all()]
            assert [set(node.attributes) for node in tree.all()] == [set(node.attributes) for node in plain.all()]

    def test_a_template_in_a_text_is_not_filled_in(self, page: Page) -> None:
        assert page(contents(title="{{ 7 * 7 }}")).one("h1").text == "{{ 7 * 7 }}"

    def test_what_html_forbids_is_shown_as_a_replacement(self, page: Page) -> None:
        assert page(contents(title="a\x00b\udc80c")).one("h1").text == "a\ufffdb\ufffdc"


def hostile(text: str) -> Contents:
    """`text` wherever the types allow one."""
    part = Part("channel", text, 5, text)
    said = [
        measure(name, 5, 9, unit=text, definition=text, note=text, parts=(part, replace(part, by=f"x{text}")))
        for name in ("messages", "memberships", "images_shared")
    ]
    found = match(transform=text, why=text)
    return contents(
        said,
        [replace(line, channel=text, post=text) for line in (found, match(Tier.DERIVED, why=text))],  # type: ignore[arg-type]
        title=text,
        version=text,
        sources=(SourceLine(text, text, 1, 1, 1, 1, {text: 1}),),
        skipped=(SkippedLine(SkipCode.EMPTY, text, 1),),
        cases=1,
    )


class TestStructure:
    @each
    def test_one_title_one_main_one_first_heading(self, page: Page, said: Contents) -> None:
        tree = page(said)
        assert tree.one("head").one("title").text == tree.one("h1").text == said.title
        assert tree.one("html").attributes == {"lang": said.lang, "dir": "ltr"}
        assert tree.one("main").attributes["id"] == "main"

    @each
    def test_headings_go_down_one_step_at_a_time(self, page: Page, said: Contents) -> None:
        levels = [int(node.tag[1]) for node in page(said).all("h1", "h2", "h3", "h4", "h5", "h6")]
        assert levels[0] == 1
        assert all(below - above <= 1 for above, below in pairwise(levels))

    @each
    def test_every_reference_leads_somewhere(self, page: Page, said: Contents) -> None:
        tree = page(said)
        ids = {node.attributes["id"] for node in tree.all() if "id" in node.attributes}
        wanted = {name for node in tree.all() for name in node.attributes.get("aria-labelledby", "").split()}
        wanted |= {href[1:] for node in tree.all("a") if (href := node.attributes["href"]).startswith("#")}
        assert wanted <= ids

    @each
    def test_every_section_is_named_by_its_heading_and_linked(self, page: Page, said: Contents) -> None:
        tree = page(said)
        links = [node.attributes["href"][1:] for node in tree.one("nav").all("a")]
        named = [node.attributes["aria-labelledby"] for node in tree.all("section")]
        assert named == ["short", *links]
        assert all(tree.by_id(ident).tag == "h2" for ident in named)

    def test_every_table_has_a_caption_and_says_what_its_headers_head(self, page: Page) -> None:
        tables = list(page(realistic()).all("table"))
        assert tables
        for table in tables:
            assert table.one("caption").text
            rows = len(list(table.one("tbody").all("tr")))
            assert table.one("caption").with_class("rows")[0].text.startswith(f"· {EN.say('rows', n=rows)}")
            assert {node.attributes["scope"] for node in table.one("thead").all("th")} == {"col"}
            columns = len(list(table.one("thead").all("th")))
            for row in table.one("tbody").all("tr"):
                assert len(list(row.all("th", "td"))) == columns
                assert [node.attributes["scope"] for node in row.all("th")] == ["row"]

    def test_every_table_can_be_reached_and_scrolled_with_the_keyboard(self, page: Page) -> None:
        for region in page(realistic()).with_class("scroll"):
            assert (region.attributes["role"], region.attributes["tabindex"]) == ("region", "0")
            assert next(region.one("caption").all("span")).attributes["id"] == region.attributes["aria-labelledby"]

    def test_every_plot_is_an_image_with_a_title_and_a_description(self, page: Page) -> None:
        plots = [node for node in page(realistic()).all("svg") if "aria-hidden" not in node.attributes]
        assert len(plots) == 2 * 11 + 4, "each for wide and for narrow screens, and a plan of each derived match"
        for plot in plots:
            title, desc = plot.attributes["aria-labelledby"].split()
            assert plot.attributes["role"] == "img"
            assert plot.by_id(title).tag == "title"
            assert plot.by_id(title).text
            assert plot.by_id(desc).tag == "desc"

    def test_every_plot_has_its_numbers_as_a_table(self, page: Page) -> None:
        for figure in page(realistic()).all("figure"):
            desc = next(figure.all("desc")).text
            rows = [row.text for row in figure.one("tbody").all("tr")]
            assert len(rows) >= len(desc.split("; "))
            assert figure.one("caption").with_class("rows")


class TestFigures:
    @pytest.mark.parametrize("code", LANGUAGES)
    def test_every_measure_shows_definition_uncertainty_window_and_completeness(self, page: Page, code: str) -> None:
        said, speaker = realistic(code).measures, words(code)
        articles = list(page(realistic(code)).all("article"))
        assert len(articles) == len(said) == 20
        facts = ("definition", "uncertainty", "window", "completeness", "data")
        for article, one in zip(articles, said, strict=True):
            terms = dict(zip((n.text for n in article.all("dt")), (n.text for n in article.all("dd")), strict=True))
            assert list(terms) == [speaker.say(f"fact_{name}") for name in facts]
            shown = list(terms.values())
            assert shown[0] == speaker.say(f"define_{one.name}").replace("\xa0", " ")
            assert shown[1].startswith(speaker.certainty(one).replace("\xa0", " "))
            assert shown[4] == f"measures/{one.name}.csv"

    def test_a_definition_that_no_translator_saw_stays_english_and_says_so(self, page: Page) -> None:
        article = page(contents([measure("messages", definition="Another thing.")], lang="ru")).one("article")
        (marked,) = (
            node for node in article.all("span") if node.attributes.get("lang") == "en" and "thing" in node.text
        )
        assert marked.text == "Another thing."

    def test_a_figure_stands_with_its_interval_and_unit(self, page: Page) -> None:
        figures = [next(node.all("p")).text for node in page(realistic()).all("article")]
        assert figures[:4] == [
            "7 chats", "222,626 messages", "at least 101,080 memberships", "61,940–78,310 different members",
        ]  # fmt: skip
        assert figures[9] == "2,366%–2,378% more images (cumulative)"
        assert figures[13] == "unknown", "what is not known has no unit"
        assert figures[-1] == "97%–100% of message numbers"

    def test_the_five_figures_stand_first_each_with_a_sentence(self, page: Page) -> None:
        short = next(page(realistic()).all("section"))
        shown = [node.text for node in short.all("dt")]
        assert shown == ["Memberships", "Different members", "Images posted", "Growth", "Effect of reporting"]
        sentences = [node.text for node in short.with_class("about")]
        assert sentences[0].startswith("The members of 6 channels added up; the largest alone has 45,216.")
        assert sentences[2].startswith(
            "Among them between 61,377 and 67,714 different pictures; forwarded from elsewhere"
        )
        assert sentences[3].startswith("The number of all images posted so far, from the end of the first")
        assert "whole month that was read: ×24.71." in sentences[3], "a figure that is cumulative is told as such"
        assert sentences[4].startswith("No effect of reports on posting can be told from chance")
        assert "61 without a date are in no month" in sentences[3]

    def test_each_of_the_five_leads_to_the_section_that_says_more(self, page: Page) -> None:
        short = next(page(realistic()).all("section"))
        links = [(node.attributes["href"], node.text) for node in short.all("a")]
        assert links[2:] == [
            ("#images", "More: Images"), ("#growth", "More: Growth"), ("#effect", "More: Effect of reporting"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("unknown", "fifth"),
        [
            (["report_effect"], "Prices stated"),
            (["report_effect", "offers"], "Rewards promised"),
            (["report_effect", "offers", "reward_rules"], "Promotion between channels"),
        ],
    )
    def test_the_fifth_figure_is_the_first_that_is_known(self, page: Page, unknown: list[str], fifth: str) -> None:
        said = realistic()
        measures = [replace(m, value=0, low=0, high=0) if m.name in unknown else m for m in said.measures]
        short = next(page(replace(said, measures=tuple(measures))).all("section"))
        assert [node.text for node in short.all("dt")][4] == fifth
        assert "The fifth is the first of the following that is known and not zero" in short.text

    def test_without_the_usual_headlines_the_first_measures_stand_in(self, page: Page) -> None:
        said = contents([measure(f"other_{n}") for n in range(7)])
        assert [node.text for node in next(page(said).all("section")).all("dt")] == [f"Other {n}" for n in range(5)]

    def test_the_window_is_written_out(self, page: Page) -> None:
        assert "12 September 2025 – 31 July 2026" in page(contents([measure()])).one("article").text

    def test_signals_about_minors_are_not_called_minor(self, page: Page) -> None:
        assert page(contents([measure("minor_signals")])).one("article").one("h3").text == "Signals about minors"

    def test_a_suppressed_cell_is_not_called_unknown(self, page: Page) -> None:
        parts = (Part("language", "de", None, "suppressed: fewer than ten people"), Part("language", "fr", None))
        article = page(contents([measure(parts=parts)])).one("article")
        assert cells(article) == [
            ["German", "suppressed", "suppressed: fewer than ten people"],
            ["French", "unknown", ""],
        ]

    def test_a_long_breakdown_is_cut_and_says_so(self, page: Page) -> None:
        parts = tuple(Part("language", f"l{n}", n) for n in range(ROWS + 20))
        table = page(contents([measure(parts=parts)])).one("article").one("table")
        assert len(list(table.one("tbody").all("tr"))) == ROWS
        caption = "Messages: By language · first 100 of 120 rows · measures/messages.csv"
        assert table.one("caption").text == caption

    def test_many_channels_are_plotted_in_part_and_listed_in_full(self, page: Page) -> None:
        parts = tuple(Part("channel", f"ch-{n:03}", n) for n in range(40))
        figure = next(page(contents([measure("memberships", parts=parts)])).all("figure"))
        assert "The 15 largest of 40; all are in the table." in figure.text
        assert len(list(next(figure.all("svg")).all("g"))) == BARS
        assert [row.one("th").text for row in figure.one("tbody").all("tr")][:2] == ["ch-039", "ch-038"]

    def test_unknown_months_stay_visible(self, page: Page) -> None:
        parts = (Part("month", "2026-01", 5), Part("month", "2026-03", 9))
        figure = next(page(contents([measure("growth", parts=parts)])).all("figure"))
        assert [row[:2] for row in cells(figure)] == [
            ["January 2026", "5"], ["February 2026", "unknown"], ["March 2026", "9"],
        ]  # fmt: skip
        assert [node.text for node in next(figure.all("svg")).with_class("unknown")] == ["?"]

    def test_a_plot_of_nothing_but_zeros_is_not_drawn(self, page: Page) -> None:
        parts = (Part("channel", CHANNELS[0], 0), Part("channel", CHANNELS[1], None))
        figure = next(page(contents([measure("memberships", parts=parts)])).all("figure"))
        assert not list(figure.all("svg"))


class TestMatches:
    def test_they_are_grouped_by_tier_the_surest_first(self, page: Page) -> None:
        tiers = section(page(realistic()), "matches")
        table = next(tiers.all("table"))
        rows = [[node.text for node in row.all("td")] for row in table.one("tbody").all("tr")]
        few = "fewer than 10"
        assert [row[:4] for row in rows] == [["3", "3", "3", few], ["11", "11", "3", few], ["4", "4", "3", few]]
        assert [node.text for node in tiers.all("summary")] == [
            "Exact copy: 3 matches", "Near copy: 11 matches", "Derived picture: 4 matches",
        ]  # fmt: skip

    def test_a_match_is_shown_without_case_protection_or_picture(self, page: Page) -> None:
        shown = section(page(realistic()), "matches")
        for line in realistic().matches:
            assert line.match.case not in shown.text
            assert line.match.protection not in shown.text
        assert not list(shown.all("img", "picture", "canvas", "image"))

    def test_each_says_where_how_sure_and_why(self, page: Page) -> None:
        line = match(Tier.NEAR, 5)
        row = list(section(page(contents(matches=[line], cases=1)), "matches").all("tbody"))[1]
        assert [node.text for node in row.all("td", "th")] == [
            line.post, line.channel, "1", "mirrored", "99%", line.match.why,
        ]  # fmt: skip

    def test_a_near_match_is_not_called_a_verdict(self, page: Page) -> None:
        assert "not a verdict: a person decides" in section(page(realistic()), "matches").text

    def test_each_derived_match_has_a_plan_and_its_words(self, page: Page) -> None:
        shown = section(page(realistic()), "matches")
        assert shown.by_id("derived-title").text == "In 4 derived pictures, about 30% of the protected one was replaced"
        (plans,) = shown.with_class("plans")
        lines = [line for line in realistic().matches if line.match.tier is Tier.DERIVED]
        told = [node.text for node in plans.all("p")]
        assert [text.split()[0] for text in told] == [line.post for line in lines]
        for node, text in zip(plans.all("svg"), told, strict=True):
            assert node.one("desc").text in text
            assert node.attributes["role"] == "img"
        assert [node.text for node in shown.with_class("legend")[0].all("li")] == [
            "reappears", "was replaced", "cut off, or unknown",
        ]  # fmt: skip

    def test_the_surest_plans_are_shown_and_the_rest_is_counted(self, page: Page) -> None:
        many = [match(Tier.DERIVED, n, confidence=n / 1000) for n in range(SHOWN + 3)]
        shown = section(page(contents(matches=many, cases=1)), "matches")
        (plans,) = shown.with_class("plans")
        assert [node.text.split()[0] for node in plans.all("p")] == [line.post for line in many[:2:-1]]
        assert "3 more derived matches in matches.ndjson." in shown.text

    def test_without_a_derivation_there_is_no_plan(self, page: Page) -> None:
        for line in (match(Tier.NEAR), match(Tier.DERIVED, derivation=None)):
            assert not section(page(contents(matches=[line], cases=1)), "matches").with_class("derived")

    def test_the_page_does_not_tell_how_much_agrees(self, page: Page) -> None:
        """Whoever tries edits until one gets past would read there how near the last one came."""
        few, many = (
            page(contents(matches=[match(Tier.DERIVED, derivation=derivation(1, inliers=n))], cases=1))
            for n in (23, 987_654)
        )
        assert few == many

    def test_the_surest_of_many_are_shown_and_the_rest_is_counted(self, page: Page) -> None:
        many = [match(Tier.DERIVED, n, confidence=n / 1000) for n in range(ROWS + 50)]
        table = list(section(page(contents(matches=many, cases=1)), "matches").all("table"))[1]
        assert len(list(table.one("tbody").all("tr"))) == ROWS
        caption = "Derived picture, most confident first · first 100 of 150 rows · matches.ndjson"
        assert table.one("caption").text == caption

    @pytest.mark.parametrize(
        ("transform", "tier", "told"),
        [
            (None, Tier.EXACT, "same file"),
            (None, Tier.DERIVED, "not stated"),
            ("rotated-90", Tier.NEAR, "turned 90° to the left"),
        ],
    )
    def test_the_orientation_in_words(self, page: Page, transform: str | None, tier: Tier, told: str) -> None:
        found = match(tier, transform=transform, derivation=None)
        row = list(section(page(contents(matches=[found], cases=1)), "matches").all("tbody"))[1]
        assert [node.text for node in row.all("td")][2] == told

    @pytest.mark.parametrize(
        ("rotation", "mirrored", "said"),
        [
            (0.4, False, "as it was"),
            (-2.4, True, "mirrored"),
            (91.2, False, "turned 90° to the left"),
            (-33.0, True, "mirrored and turned 35° to the right"),
            (179.0, False, "turned upside down"),
            (-179.0, False, "turned upside down"),
            (math.nan, False, "not stated"),
        ],
    )
    def test_how_a_derived_picture_lies_in_words(self, rotation: float, mirrored: bool, said: str) -> None:
        made = derivation(similarity=Similarity(1.0, rotation, mirrored, 0.5, 0.5))
        assert orientation(EN, match(Tier.DERIVED, derivation=made).match) == said


class TestWhatIsMissing:
    def test_every_reason_for_skipping_is_listed_with_its_count(self, page: Page) -> None:
        shown = section(page(realistic()), "read")
        table = list(shown.all("table"))[-1]
        assert cells(table) == [
            [line.reason[:1].upper() + line.reason[1:], line.code.value, f"{line.count:,}"]
            for line in realistic().skipped
        ]
        assert "6,337 items could not be fingerprinted" in shown.text
        assert "a copy among them would not have been found" in shown.text

    def test_what_was_refused_repaired_and_damaged_is_said(self, page: Page) -> None:
        shown = section(page(realistic()), "read")
        assert "a personal chat" in shown.text
        assert [node.text for node in shown.one("tfoot").all("td")] == ["", "222,626", "104,852", "2", "3"]

    def test_an_empty_report_says_so_everywhere(self, page: Page) -> None:
        tree = page(contents())
        assert "Tutela read nothing: no source was given." in tree.one("header").text
        said = {node.attributes["aria-labelledby"]: node.text for node in tree.all("section")}
        assert "No figure was measured" in said["short"]
        for ident, told in {
            "read": "Nothing was read: no source was given",
            "growth": "there is no growth to show",
            "channels": "the size of the channels is unknown",
            "images": "No images were measured",
            "network": "No message was seen that leads to another channel",
            "commerce": "No price, payment or reward was found",
            "languages": "No message has a text whose language could be told",
            "polls": "No poll was read",
            "effect": "what reporting did is unknown",
            "matches": "Nothing was looked for: the bank held no cases",
            "signals": "Words about minors were not looked for",
            "measures": "Nothing was measured",
        }.items():
            assert told in said[ident]
        assert "Nothing was read, so nothing was skipped" in said["read"]
        assert not list(tree.all("svg"))

    def test_that_nothing_was_looked_for_is_said_first(self, page: Page) -> None:
        read_only = contents(sources=(SourceLine("Source 1", "folder", 1, 0, 0, 0, {}),))
        opening = page(read_only).one("header").text
        assert "1 post with no images from 1 source. It looked for no copies, since its bank held no cases." in opening

    @pytest.mark.parametrize(("posts", "said"), [(58, " 29 posts came more than once and count once."), (29, "")])
    def test_what_came_in_two_files_is_said_to_count_once(self, page: Page, posts: int, said: str) -> None:
        messages = defined("messages", 28, 28, Part("post_kind", "message", 28), Part("post_kind", "service", 1))
        sources = (SourceLine("Source 1", "telethon", posts, 0, 0, 0, {}),)
        opening = page(contents([messages], sources=sources)).one("header").text
        assert f"its bank held no cases.{said} The posts run from" in opening

    def test_posts_of_one_day_run_from_nowhere(self, page: Page) -> None:
        day = datetime(2026, 6, 19, 8, tzinfo=UTC)
        tree = page(contents([measure(window=Window(day, day.replace(hour=9)))], sources=realistic().sources))
        assert "The posts are all of 19 June 2026." in tree.one("header").text
        assert "19 June 2026 – 19 June 2026" not in tree.text

    def test_the_posts_run_as_far_as_service_lines_do(self, page: Page) -> None:
        start = datetime(2019, 9, 4, tzinfo=UTC)
        all_posts = defined("completeness", 1, 1, window=replace(WINDOW, start=start))
        tree = page(contents([measure(), all_posts], sources=realistic().sources))
        assert "The posts run from 4 September 2019 to" in tree.one("header").text

    def test_reasons_that_read_the_same_are_one_row(self, page: Page) -> None:
        lines = tuple(SkippedLine(SkipCode.MISSING, reason, 2) for reason in ("one thing", "another"))
        told = SkippedLine(SkipCode.NOT_INCLUDED, "the exporter was set to leave such files out", 3)
        source = SkippedLine(SkipCode.NOT_INCLUDED, "the source does not include the file", 4)
        table = list(section(page(contents(skipped=(*lines, told, source), lang="es")), "read").all("table"))[-1]
        assert cells(table) == [
            ["El archivo no está en la carpeta de la fuente", "missing", "4"],
            ["La exportación se configuró para dejar fuera esos archivos", "not-included", "3"],
            ["La fuente no incluye el archivo", "not-included", "4"],
        ]

    def test_the_word_none_is_never_printed(self, page: Page) -> None:
        nothing = measure(low=None, high=None, window=None, completeness=None)
        assert "None" not in page(contents([nothing], [match(transform=None)])).text
