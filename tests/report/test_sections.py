"""What each section makes of its measures: in plain words, and no more than the data say."""

from dataclasses import replace
from pathlib import Path

import pytest

from report.examples import CHANNELS, POLLS, contents, defined, realistic
from report.tree import Node, read
from tutela.model import Part
from tutela.report import Contents, write_report
from tutela.report import labels as every_label
from tutela.report.wording import words

EN, RU, ES = (words(code) for code in ("en", "ru", "es"))


def section(folder: Path, said: Contents, ident: str) -> Node:
    write_report(folder, said)
    page = read((folder / "report.html").read_text("utf-8"))
    (found,) = (node for node in page.all("section") if node.attributes["aria-labelledby"] == ident)
    return found


def rows(table: Node) -> list[list[str]]:
    return [[cell.text for cell in row.all("th", "td")] for row in table.one("tbody").all("tr")]


@pytest.mark.parametrize(
    ("text", "english", "russian", "spanish"),
    [
        ("100 RUB for 100 image over 7 days", "100 roubles for 100 images over 7 days",
         "100 рублей за 100 изображений на 7 дней", "100 rublos por 100 imágenes durante 7 días"),
        ("1.5 USD for 12 coin", "1.5 US dollars for 12 coins", "1,5 доллара США за 12 монет",
         "1,5 dólares por 12 monedas"),
        ("up to 1500 RUB for 1 video", "up to 1,500 roubles for 1 video", "максимум 1 500 рублей за 1 видео",
         "hasta 1500 rublos por 1 vídeo"),
        ("from 1 RUB for access over 1 days", "from 1 rouble for access over 1 day",
         "минимум 1 рубль за доступ на 1 день",
         "desde 1 rublo por acceso durante 1 día"),
        ("250 XTR", "250 Telegram Stars", "250 звёзд Telegram", "250 estrellas de Telegram"),
        ("3 ABC for 2", "3 ABC for 2", "3 ABC за 2", "3 ABC por 2"),
    ],
)  # fmt: skip
def test_prices_in_plain_words(text: str, english: str, russian: str, spanish: str) -> None:
    said = [str(every_label.price(speaker, text)).replace("\xa0", " ") for speaker in (EN, RU, ES)]
    assert said == [english, russian, spanish]


def test_rewards_in_plain_words() -> None:
    said = [str(every_label.rule(speaker, "5 coin for 3 invite")) for speaker in (EN, RU, ES)]
    assert said == ["5 coins for 3 invitations", "5 монет за 3 приглашения", "5 monedas por 3 invitaciones"]


@pytest.mark.parametrize(
    "text", ["", "for free", "1.2.3 RUB", "5 coin for love or money", "5 RUB for 2 image over long"]
)
def test_what_is_no_price_stays_as_it_is(text: str) -> None:
    assert str(every_label.price(EN, text)) == text
    assert str(every_label.rule(EN, text)) == text


class TestGrowth:
    def test_changes_of_level_are_marked_and_listed(self, tmp_path: Path) -> None:
        shown = section(tmp_path, realistic(), "growth")
        assert len(next(shown.all("svg")).with_class("mark")) == 2 * 2
        assert "changed its level on 29 December 2025 and 27 April 2026" in shown.text
        assert "the number of images a week changes by 5.4% each week (4.8 to 6.1 (95 %))." in shown.text
        changes = list(shown.all("table"))[1]
        assert rows(changes)[0][:2] == ["29 December 2025", "×1.62"]

    def test_where_every_month_is_unknown_nothing_is_called_a_plot(self, tmp_path: Path) -> None:
        said = defined("growth", None, None, Part("month", "2026-01", None), Part("month", "2026-02", None))
        shown = section(tmp_path, contents([said]), "growth")
        assert [row[1] for row in rows(shown.one("table"))] == ["unknown", "unknown"]
        assert "Images posted in each month" not in shown.text

    def test_without_changes_nothing_is_marked(self, tmp_path: Path) -> None:
        said = contents([defined("growth", 5, 5, Part("month", "2026-01", 5), Part("month", "2026-02", 9))])
        shown = section(tmp_path, said, "growth")
        assert not shown.with_class("mark")
        assert "Broken lines" not in shown.text

    def test_a_date_that_is_none_marks_nothing(self, tmp_path: Path) -> None:
        parts = (Part("month", "2026-01", 5), Part("change", "2026-01", 2.0), Part("change", "soon", 2.0))
        assert not section(tmp_path, contents([defined("growth", 5, 5, *parts)]), "growth").with_class("mark")


class TestCommerce:
    def test_the_commonest_prices_stand_first_with_how_often(self, tmp_path: Path) -> None:
        tables = {node.one("caption").text: node for node in section(tmp_path, realistic(), "commerce").all("table")}
        prices = next(node for caption, node in tables.items() if caption.startswith("The commonest prices"))
        assert rows(prices)[0] == ["100 roubles for 100 images over 7 days", "412"]
        assert prices.one("caption").text == "The commonest prices · 7 rows · measures/offers.csv"

    def test_a_price_is_not_called_revenue(self, tmp_path: Path) -> None:
        assert "no revenue follows from it" in section(tmp_path, realistic(), "commerce").text

    def test_payments_are_called_a_floor(self, tmp_path: Path) -> None:
        shown = section(tmp_path, realistic(), "commerce")
        payments = next(node for node in shown.all("table") if "Payments" in node.one("caption").text)
        assert "a floor" in payments.one("caption").text
        assert rows(payments)[1] == ["Telegram Stars", "12,750", "51 payments"]

    def test_what_was_not_found_has_no_heading(self, tmp_path: Path) -> None:
        """Measures of nothing still have a part for each channel."""
        nothing = [defined(name, 0, 0, Part("channel", CHANNELS[0], 0)) for name in ("offers", "reward_rules")]
        price = defined("offers", 1, 1, Part("currency", "RUB", 1), Part("price", "5 RUB", 1))
        shown = section(
            tmp_path, contents([price, defined("payments_floor", 0, None, value=0), nothing[1]]), "commerce"
        )
        assert [node.text for node in shown.all("h3")] == ["Prices stated: 1; 100% in roubles"]
        assert "No price, payment or reward was found." in section(tmp_path, contents(nothing), "commerce").text

    @pytest.mark.parametrize(
        ("lang", "title"),
        [
            ("en", "Prices stated: about 60; 50% in roubles and 50% in US dollars"),
            ("ru", "Названо цен: около 60; рубль – 50 % и доллар США – 50 %"),
            ("es", "Precios indicados: cerca de 60; el 50 %, en rublos y el 50 %, en dólares"),
        ],
    )
    def test_an_estimate_is_called_one_and_a_tie_has_no_winner(self, tmp_path: Path, lang: str, title: str) -> None:
        currencies = [Part("currency", code, 30) for code in ("RUB", "USD")]
        said = defined("offers", 53, 73, *currencies, value=60)
        found = section(tmp_path, contents([said], lang=lang), "commerce").one("h3").text
        assert found.replace("\xa0", " ") == title

    @pytest.mark.parametrize(("counts", "often"), [([1], False), ([2, 2], False), ([2], True), ([3, 2], True)])
    def test_most_often_is_said_where_one_price_is(self, tmp_path: Path, counts: list[int], often: bool) -> None:
        prices = [Part("price", f"{n + 5} RUB", count) for n, count in enumerate(counts)]
        shown = section(tmp_path, contents([defined("offers", 1, 9, *prices, value=5)]), "short").text
        assert ("most often: 5 roubles" in shown) is often
        assert "So often a price was stated" in shown


class TestLanguagesAndPolls:
    def test_what_could_not_be_told_stands_last_and_outlined(self, tmp_path: Path) -> None:
        figure = next(section(tmp_path, realistic(), "languages").all("figure"))
        assert figure.one("h3").text.startswith("88% of the messages")
        assert rows(figure.one("table"))[-1][:2] == ["not told", "51,240"]
        last = list(next(figure.all("svg")).all("g"))[-1]
        assert [node.attributes["class"] for node in last.all("rect")] == ["bar pale"]

    def test_options_stand_by_number_without_words(self, tmp_path: Path) -> None:
        figures = list(section(tmp_path, realistic(), "polls").all("figure"))
        assert [node.one("h3").text for node in figures] == [
            "Of 7,200 voters, 70% chose option 1", "Of 1,904 voters, 63% chose option 1",
        ]  # fmt: skip
        assert rows(figures[1].one("table"))[3] == [
            "option 4", "suppressed", "suppressed: a small group of voters could be worked out",
        ]  # fmt: skip

    def test_every_poll_is_listed_those_without_a_result_last(self, tmp_path: Path) -> None:
        table = list(section(tmp_path, realistic(), "polls").all("table"))[-1]
        assert [row[0] for row in rows(table)] == POLLS
        assert rows(table)[2][1] == "unknown"


class TestEffect:
    def test_reported_channels_are_told_against_unreported_ones(self, tmp_path: Path) -> None:
        shown = section(tmp_path, realistic(), "effect")
        title = "67% of reported channels changed their state within 90 days, and 25% of unreported ones"
        assert next(shown.all("figure")).one("h3").text == title
        assert "No effect of reports on posting can be told from chance" in shown.text

    def test_shares_stand_with_their_intervals(self, tmp_path: Path) -> None:
        shown = section(tmp_path, realistic(), "effect")
        assert "reported: within 90 days: 67% (20%–94%)" in next(shown.all("desc")).text
        rest = {row[0]: row[1:] for row in rows(list(shown.all("table"))[1])}
        assert rest["members 56 days after the report"] == ["×0.97", "×0.88–×1.07", "relative to unreported channels"]
        assert rest["came back or have a successor"][:2] == ["100%", "34%–100%"]

    @pytest.mark.parametrize(
        ("low", "high", "said"), [(-40, -10, "posted less"), (5, 20, "posted more"), (-5, 5, "can be told from chance")]
    )
    def test_what_reports_did_is_said_in_words(self, tmp_path: Path, low: int, high: int, said: str) -> None:
        found = defined("report_effect", low, high, Part("members", "after 56 days", 1.0))
        assert said in section(tmp_path, contents([found]), "effect").text

    def test_without_reports_nothing_is_claimed(self, tmp_path: Path) -> None:
        nothing = defined("report_effect", None, None)
        shown = section(tmp_path, contents([nothing]), "effect")
        assert "That is not to say that it did nothing." in shown.text


class TestSignals:
    def test_they_say_what_to_do_before_how_many_where(self, tmp_path: Path) -> None:
        shown = section(tmp_path, realistic(), "signals")
        assert [node.text for node in shown.all("dt")] == ["A person looks", "A hotline acts", "Never"]
        assert "46 messages" in shown.text
        assert "no verdicts" in shown.text
        assert not list(shown.all("svg", "figure"))

    def test_none_found_is_not_called_none_there(self, tmp_path: Path) -> None:
        shown = section(tmp_path, contents([defined("minor_signals", 0, 0)]), "signals")
        assert "That does not say that there are none" in shown.text


class TestMethod:
    def test_each_step_says_what_was_set_in_this_run(self, tmp_path: Path) -> None:
        shown = section(tmp_path, realistic(), "method")
        steps = list(shown.one("ol").all("li"))
        facts = [
            dict(zip((t.text for t in step.all("dt")), (d.text for d in step.all("dd")), strict=True)) for step in steps
        ]
        assert facts[0] == {
            "Formats (sources)": "Telegram Desktop export (1), Telethon dump (1)", "Posts read": "222,626",
            "Repairs": "2", "Damaged, left out": "3", "Passed over on purpose": "2",
        }  # fmt: skip
        assert facts[2] == {
            "Likeness": "pdq/1", "Images posted": "104,852", "Not in the sources": "6,204", "Not readable": "133",
        }  # fmt: skip
        assert facts[3]["Near: at most"] == "31 of 256 bits"
        assert facts[3]["Cases in the bank"] == "fewer than 10"
        assert facts[5]["Smallest group of people"] == "10"
        assert (facts[6]["Tutela"], facts[6]["Schema"]) == ("0.1.0", "tutela.report/1")

    def test_a_step_that_was_not_taken_is_not_described(self, tmp_path: Path) -> None:
        shown = section(tmp_path, replace(realistic(), cases=0, matches=()), "method")
        assert "No copies were looked for, since the bank held no cases." in shown.text
        assert "Near: at most" not in shown.text


def test_shared_members_of_two_channels_are_listed_and_small_groups_withheld(tmp_path: Path) -> None:
    shown = section(tmp_path, realistic(), "channels")
    table = next(node for node in shown.all("table") if "two channels share" in node.one("caption").text)
    assert {"suppressed"} < {row[1] for row in rows(table)}
    assert all(row[0].count(" · ") == 1 for row in rows(table))
    assert all(ref in CHANNELS for row in rows(table) for ref in row[0].split(" · "))
