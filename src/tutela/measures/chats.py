"""Channels and messages."""

from tutela.measures.columns import POST_KINDS, STATES, Observations
from tutela.measures.completeness import seen_share
from tutela.measures.parts import by_channel, by_member
from tutela.measures.timeline import by_month, dating_note, window
from tutela.model import ChannelKind, ChannelState, Measure, PostKind

_KINDS = tuple(ChannelKind)


def channels(seen: Observations) -> Measure:
    """Chats observed, by kind and by their latest known state."""
    readings, unknown = seen.readings, STATES.index(ChannelState.UNKNOWN)
    latest = readings.latest(readings.state, unknown)
    states = [readings.state[latest[chat]] if chat in latest else unknown for chat in seen.chats]
    kinds = [_KINDS.index(seen.channels[chat].kind) for chat in seen.chats]
    count = len(seen.chats)
    return Measure(
        name="channels",
        value=count,
        low=count,
        high=count,
        unit="chats",
        definition=(
            "Chats (channels and groups) observed, by kind and by state. The state is that of the latest reading that "
            "tells it; restricted, on one platform or in one country, is not removed. A folder of files is no chat."
        ),
        window=window(
            seen.posts.at[seen.of_chats(seen.posts.channel)],
            readings.at[seen.of_chats(readings.channel)],
        ),
        completeness=None,
        parts=by_member("kind", _KINDS, kinds) + by_member("state", STATES, states),
        note="How many chats there are that nobody observed is unknown.",
    )


def messages(seen: Observations) -> Measure:
    """Messages read, by channel and by month; service and unsupported lines apart."""
    posts = seen.posts
    rows = posts.of_kind(PostKind.MESSAGE)
    return Measure(
        name="messages",
        value=rows.size,
        low=rows.size,
        high=rows.size,
        unit="messages",
        definition=(
            "Messages read, each number of a channel once. Service lines (someone joined, a title changed) and what "
            "the exporter could not express are no messages and stand apart, by kind of post. A file read from a "
            "folder counts as one message."
        ),
        window=window(posts.at[rows]),
        completeness=seen_share(seen),
        parts=by_channel(seen, posts.channel[rows])
        + by_month(posts.at[rows])
        + by_member("post_kind", POST_KINDS, posts.kind),
        note=dating_note(posts.at[rows], posts.zoned[rows]),
    )
