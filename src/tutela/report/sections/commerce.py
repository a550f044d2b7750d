"""What is offered for money, what was seen to be paid, what is promised."""

from collections.abc import Sequence

from tutela.model import Measure, Part
from tutela.report import labels
from tutela.report.blocks import Block, Heading, Paragraph, Section
from tutela.report.sections.view import View, largest_first


def commerce(view: View) -> Section:
    """Prices in plain words, currencies, payments, rewards."""
    words = view.words
    blocks: list[Block] = []
    for name, told in (("offers", _offers), ("payments_floor", _payments), ("reward_rules", _rewards)):
        measure = view.find(name)
        if measure is None or not (found := told(view, measure)):
            continue
        heading = [] if name == "offers" else [Heading(str(labels.label(words, name)))]
        blocks += [*heading, *found]
    return Section("commerce", words.say("title_commerce"), tuple(blocks or [Paragraph(words.say("commerce_none"))]))


def _offers(view: View, measure: Measure) -> list[Block]:
    words = view.words
    prices, currencies = view.parts("offers", "price"), largest_first(view.parts("offers", "currency"))
    blocks: list[Block] = []
    if not currencies and not prices:
        return blocks
    if currencies:
        title = _offers_title(view, measure, currencies)
        blocks.append(view.part_figure("currencies", title, measure, currencies, "currency", value="times"))
    if prices:
        blocks.append(view.part_table("prices", words.say("caption_prices"), measure, prices, "price", "times"))
    evidence = words.say("commerce_evidence", file="evidence/offers.csv")
    return [*blocks, Paragraph(words.say("offers_floor"), soft=True), Paragraph(evidence, soft=True)]


def _offers_title(view: View, measure: Measure, currencies: Sequence[Part]) -> str:
    """How many prices, and the commonest currency; all of them where several are equally common."""
    words, total = view.words, sum(part.value or 0 for part in currencies) or 1
    first = [part for part in currencies if part.value == currencies[0].value]
    share = words.percent((first[0].value or 0) / total)
    shares = [words.say("offers_in", share=share, currency=str(labels.part_key(words, part))) for part in first]
    counted = words.number(measure.value)
    counted = counted if measure.low == measure.high else words.say("about", n=counted)
    return words.say("offers_title", counted=counted, shares=words.listed(shares))


def _payments(view: View, measure: Measure) -> list[Block]:
    words = view.words
    parts = view.parts("payments_floor", "currency")
    if not parts:
        return []
    return [
        view.part_table("payments", words.say("caption_payments"), measure, parts, "currency", "sum"),
        Paragraph(words.say("payments_floor_note"), soft=True),
    ]


def _rewards(view: View, measure: Measure) -> list[Block]:
    words = view.words
    rules = view.parts("reward_rules", "rule")
    blocks: list[Block] = []
    if rules:
        blocks.append(view.part_table("rewards", words.say("caption_rewards"), measure, rules, "rule", "times"))
    for part in view.parts("reward_rules", "counter"):
        note = str(labels.note(words, part.note))
        blocks.append(Paragraph(words.say("rewards_buttons", n=part.value or 0, note=note), soft=True))
    return blocks
