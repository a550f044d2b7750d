"""Texts that say somebody may be under age: for a person to look at."""

import numpy as np

from tutela.measures.columns import Observations
from tutela.measures.completeness import seen_share
from tutela.measures.parts import by_member, in_order
from tutela.measures.timeline import window
from tutela.model import Measure, Part, Sign

_SIGNS = tuple(Sign)


def minor_signals(seen: Observations) -> Measure:
    """Messages with such words."""
    said = seen.signals
    rows = np.unique(said.post)
    channels = np.bincount(seen.posts.channel[rows], minlength=len(seen.channels)).tolist()
    return Measure(
        name="minor_signals",
        value=rows.size,
        low=rows.size,
        high=rows.size,
        unit="messages to be looked at",
        definition=(
            "Messages whose text states an age under 18 or uses words for minors or for school. They are to be "
            "looked at by a person, and by a hotline where the person finds it founded. It is a signal and no verdict: "
            "nothing here estimates an age, and no picture is judged."
        ),
        window=window(seen.posts.at[rows]),
        completeness=seen_share(seen),
        parts=by_member("sign", _SIGNS, [_SIGNS.index(said.values[place].sign) for place in said.value.tolist()])
        + in_order(Part("channel", seen.channels[chat].ref, channels[chat]) for chat in seen.chats if channels[chat]),
        note="The evidence names the messages, for whoever holds the key." if rows.size else "",
    )
