"""Which channels there are, how large they are, and what each posted."""

from tutela.report.blocks import Block, Folded, Paragraph, Section
from tutela.report.findings import channels_title
from tutela.report.sections.view import View, largest_first


def channels(view: View) -> Section:
    """Memberships and images by channel, and the states in which channels were found."""
    words = view.words
    blocks: list[Block] = []
    for name, what, ident in (
        ("memberships", "memberships", "members"),
        ("images_shared", "images", "channel-images"),
    ):
        measure, parts = view.find(name), largest_first(view.parts(name, "channel"))
        if measure is None or not parts:
            blocks.append(Paragraph(words.say(f"channels_no_{what}")))
            continue
        title = channels_title(words, [part.value for part in parts], what)
        blocks.append(view.part_figure(ident, title, measure, parts, "channel", value=what))
    if (measure := view.find("channels")) and (states := view.parts("channels", "state")):
        blocks.append(view.part_table("states", words.say("caption_states"), measure, states, "state", "channels"))
    if (measure := view.find("unique_members")) and (pairs := largest_first(view.parts("unique_members", "overlap"))):
        caption = words.say("caption_overlap")
        table = view.part_table("overlap", caption, measure, pairs, "pair", "members")
        blocks.append(Folded(caption, (table,)))
    return Section("channels", words.say("title_channels"), tuple(blocks))
