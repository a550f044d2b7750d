"""Polls and how people voted in them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tutela.measures.columns import Observations, PollSeen
from tutela.measures.suppression import SMALLEST, hidden_beside_total, tellable
from tutela.measures.timeline import window
from tutela.model import Measure, Part

_REST = 0
"""The number of no option: whoever voted for those whose voters are unknown."""


def polls(seen: Observations) -> Measure:
    """Polls read, with the share of voters of each option."""
    rows = np.array([poll.post for poll in seen.polls], np.intp)
    known = sum(poll.total is not None for poll in seen.polls)
    return Measure(
        name="polls",
        value=len(seen.polls),
        low=len(seen.polls),
        high=len(seen.polls),
        unit="polls",
        definition=(
            "Polls in messages, each as it stood when it was read. Options stand by their number in the poll, without "
            "their words; the value of an option is its voters divided by all voters of the poll, which add up to more "
            "than 1 where several choices are allowed. What voters say of themselves is not checked."
        ),
        window=window(seen.posts.at[rows]),
        completeness=known / len(seen.polls) if seen.polls else None,
        parts=tuple(part for poll in seen.polls for part in _poll(seen.posts.ref(poll.post), poll)),
        note="A poll without a total shows no results, or its results were hidden." if known < len(seen.polls) else "",
    )


def _poll(ref: str, poll: PollSeen) -> Iterable[Part]:
    marks, hidden = _marks(poll), hidden_options(poll)
    if poll.total is None or hidden.total:
        why = "voters unknown" if poll.total is None else f"fewer than {SMALLEST} voters: suppressed"
        yield Part("poll", ref, None, f"{why}; {marks}")
        return
    yield Part("poll", ref, poll.total, f"voters; {marks}")
    for number, voters in enumerate(poll.voters, 1):
        key = f"{ref} {number}"
        if voters is None:
            yield Part("option", key, None, "unknown")
        elif number in hidden.options:
            yield Part("option", key, None, "suppressed: a small group of voters could be worked out")
        else:
            yield Part("option", key, voters / poll.total, f"{voters} of {poll.total} voters")


def _marks(poll: PollSeen) -> str:
    choice = "several choices" if poll.multiple else "one choice" if poll.multiple is False else "choices unknown"
    return f"{choice}, {'closed' if poll.closed else 'open when read'}"


@dataclass(frozen=True, slots=True)
class Hidden:
    """Which options of a poll, by number from 1, must not be told, and whether its total must not be either."""

    options: frozenset[int]
    total: bool


def hidden_options(poll: PollSeen) -> Hidden:
    """What is withheld so that no group of fewer than ten voters can be worked out.

    With one choice, those who voted for an option whose voters are unknown follow from the total: they count as one
    more option. With several choices options overlap, and all that are known are withheld where that tells too much.
    """
    known = {number: voters for number, voters in enumerate(poll.voters, 1) if voters is not None}
    total = sum(known.values()) if poll.total is None else poll.total
    if total < SMALLEST:
        return Hidden(frozenset(known), total=True)
    rest = total - sum(known.values())
    if rest and (rest < 0 or poll.multiple is not False):
        told = tellable(poll.voters, total)
        return Hidden(frozenset(number for number in known if not told or known[number] < SMALLEST), total=False)
    cells = known | ({_REST: rest} if rest else {})
    smallest_first = sorted(cells, key=lambda number: (cells[number], number))
    return Hidden(frozenset(smallest_first[: hidden_beside_total(list(cells.values()))]) - {_REST}, total=False)
