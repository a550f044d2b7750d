"""Words that say somebody may be under age: calmly, and with what to do."""

from tutela.report.blocks import Block, Facts, Paragraph, Section
from tutela.report.sections.view import View, largest_first

_STEPS = ("look", "hotline", "never")


def signals(view: View) -> Section:
    """How many messages, where, and who does what about them."""
    words, measure = view.words, view.find("minor_signals")
    ident, heading = "signals", words.say("title_signals")
    if measure is None:
        return Section(ident, heading, (Paragraph(words.say("signals_unmeasured")),))
    if not measure.value:
        return Section(ident, heading, (Paragraph(words.say("signals_none")),))
    todo = tuple((words.say(f"signals_{step}"), words.say(f"signals_{step}_how")) for step in _STEPS)
    blocks: list[Block] = [Paragraph(words.say("signals_found", n=measure.value)), Facts(todo)]
    if signs := view.parts("minor_signals", "sign"):
        blocks.append(view.part_table("signs", words.say("caption_signs"), measure, signs, "sign", "times"))
    if channels := largest_first(view.parts("minor_signals", "channel")):
        caption = words.say("caption_signal-channels")
        blocks.append(view.part_table("signal-channels", caption, measure, channels, "channel", "messages"))
    return Section(ident, heading, tuple(blocks))
