"""The head of the page, and the five figures that matter."""

from tutela.model import Measure
from tutela.report import labels
from tutela.report.blocks import Block, Headline, Headlines, Paragraph, Section, Text
from tutela.report.findings import different
from tutela.report.notes import Said
from tutela.report.sections.view import View
from tutela.report.wording import capital

SLOTS = (
    ("memberships",),
    ("unique_members", "active_people"),
    ("images_shared",),
    ("growth",),
    ("report_effect", "offers", "payments_floor", "reward_rules", "promotion_edges", "channels"),
)
"""For each of the five figures the measures that can fill it: the first that is known and not zero does."""

ANCHORS = {
    "memberships": "channels", "unique_members": "channels", "active_people": "channels", "channels": "channels",
    "images_shared": "images", "growth": "growth", "report_effect": "effect", "offers": "commerce",
    "payments_floor": "commerce", "reward_rules": "commerce", "promotion_edges": "network",
}  # fmt: skip
"""Where the page says more."""


def opening(view: View) -> str:
    """What was read, what was looked for, what was found."""
    words, contents = view.words, view.contents
    if not contents.sources:
        return words.say("read_nothing")
    posts, images = (sum(getattr(line, name) for line in contents.sources) for name in ("posts", "images"))
    read = words.say(
        "read",
        posts=words.say("count_posts", n=posts),
        images=words.say("count_images", n=images),
        sources=words.say("count_sources", n=len(contents.sources)),
    )
    again = posts - sum(part.value or 0 for part in view.parts("messages", "post_kind"))
    told = f" {words.say('read_again', n=again)}" if view.find("messages") and again > 0 else ""
    if not contents.cases:
        return words.say("read_unlooked", read=read) + told
    found = words.say("count_matches", n=len(contents.matches))
    return words.say("read_found", read=read, cases=words.people(contents.cases), matches=found) + told


def span(view: View) -> str:
    """The days that the posts span; empty where none is dated."""
    words, spans = view.words, map(view.find, ("completeness", "messages", "images_shared"))
    found = next((measure.window for measure in spans if measure and measure.window), None)
    if found is None:
        return ""
    start, end = words.day(found.start), words.day(found.end)
    return words.say("read_day", day=start) if start == end else words.say("read_span", start=start, end=end)


def summary(view: View) -> Section:
    """Each figure with its interval, one sentence, and how sure it is."""
    words = view.words
    chosen = [measure for slot in SLOTS if (measure := _first(view, slot))] or list(view.contents.measures[:5])
    blocks: tuple[Block, ...] = (Paragraph(words.say("short_none")),)
    if chosen:
        order = words.listed([str(labels.label(words, name)) for name in SLOTS[-1]])
        rule = Paragraph(words.say("short_rule", order=order), soft=True)
        blocks = (Headlines(tuple(_headline(view, measure) for measure in chosen)), rule)
    return Section("short", words.say("title_short"), blocks)


def _first(view: View, names: tuple[str, ...]) -> Measure | None:
    found = [measure for name in names if (measure := view.find(name))]
    telling = (m for m in found if any((m.value, m.low, m.high)))
    return next(telling, found[0] if found else None)


def _headline(view: View, measure: Measure) -> Headline:
    words, anchor = view.words, ANCHORS.get(measure.name, "measures")
    sure = Said(((words.certainty(measure) + (" " if measure.note else ""), False),))
    return Headline(
        labels.label(words, measure.name),
        words.interval(measure),
        labels.unit(words, measure),
        _sentence(view, measure) or labels.definition(words, measure),
        Said(sure.pieces + labels.note(words, measure.note).pieces),
        anchor,
        words.say(f"title_{anchor}"),
    )


def _sentence(view: View, measure: Measure) -> Text:
    """What the figure says, in words; empty where there is nothing but the definition to say."""
    words = view.words
    match measure.name:
        case "memberships":
            return _memberships(view)
        case "unique_members":
            return words.say("say_unique_members")
        case "images_shared":
            unique, forwarded = view.find("unique_images"), view.total("forwarded_images")
            if unique is None or forwarded is None or words.between(unique) == words.say("unknown"):
                return ""
            return capital(words.say("say_images_shared", unique=different(words, unique), forwarded=forwarded))
        case "growth":
            if measure.value is None:
                return words.say("say_growth_unknown")
            return words.say("say_growth", n=1 + measure.value / 100)
        case "report_effect":
            return effect_sentence(view, measure)
        case "offers":
            prices = view.parts("offers", "price")
            often = [part for part in prices if part.value == prices[0].value != 1]
            if len(often) == 1:
                return words.say("say_offers", price=str(labels.part_key(words, often[0])))
            return words.say("say_offers_plain") if prices else ""
        case _:
            return ""


def _memberships(view: View) -> str:
    known = [part.value for part in view.parts("memberships", "channel") if part.value is not None]
    if len(known) < 2:
        return ""
    return view.words.say("say_memberships", n=len(known), largest=max(known))


def effect_sentence(view: View, measure: Measure) -> str:
    """Whether reports did anything, as far as it can be told from chance; empty where it cannot be said."""
    if measure.low is None or measure.high is None:
        return ""
    key = "less" if measure.high < 0 else "more" if measure.low > 0 else "unclear"
    return view.words.say(f"say_effect_{key}")
