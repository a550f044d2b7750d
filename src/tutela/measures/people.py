"""People who were seen to do something."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from tutela.measures.columns import ROLES, UNDATED, UNKNOWN, Observations, Role
from tutela.measures.parts import in_order
from tutela.measures.suppression import SMALLEST, tellable, telling
from tutela.measures.timeline import WEEK, window
from tutela.model import Measure, Part

_Positions = NDArray[np.int32]


def active_people(seen: Observations) -> Measure:
    """Different people who posted, reacted by name, or were reported to have come in."""
    posts = seen.posts
    rows, person, role = _acts(seen)
    total = np.unique(person).size
    shown = telling(total, total)
    return Measure(
        name="active_people",
        value=total if shown else None,
        low=total if shown else 0,
        high=None,
        unit="people observed",
        definition=(
            "Different accounts that were seen to post, to react by name, or to come in. They are not the members: "
            "most members are never seen, and a channel that posts under its own name shows none. Whoever a source "
            "names without a number counts once for each name."
        ),
        window=window(posts.at[rows]),
        completeness=None,
        parts=tuple(_parts("role", _roles(person, role), total))
        + in_order(_parts("channel", _channels(seen, person, posts.channel[rows]), total)),
        note="" if shown else f"Suppressed: fewer than {SMALLEST} people.",
    )


def active(seen: Observations) -> tuple[_Positions, _Positions, NDArray[np.int64]]:
    """Person, channel and week of each dated act; weeks count from 1970."""
    rows, person, _ = _acts(seen)
    dated = seen.posts.at[rows] != UNDATED
    rows, person = rows[dated], person[dated]
    return person, seen.posts.channel[rows], seen.posts.at[rows] // WEEK


def _acts(seen: Observations) -> tuple[NDArray[np.intp], _Positions, NDArray[np.uint8]]:
    """The row in `Posts`, the person and the role of everything that somebody was seen to do."""
    posts, acts = seen.posts, seen.acts
    wrote = np.flatnonzero((posts.author != UNKNOWN) & _are_people(seen)[posts.author])
    rows = np.concatenate([wrote, acts.post]).astype(np.intp)
    person = np.concatenate([posts.author[wrote], acts.person])
    return rows, person, np.concatenate([np.full(wrote.size, ROLES.index(Role.POSTER), np.uint8), acts.role])


def _are_people(seen: Observations) -> NDArray[np.bool_]:
    """By position in `people`, with one more place at the end for `UNKNOWN`: channels post under their own name."""
    return np.array([not ref.startswith("ch-") for ref in seen.people] + [False])


def _roles(person: _Positions, role: NDArray[np.uint8]) -> Mapping[str, int]:
    sizes = {name.value: np.unique(person[role == place]).size for place, name in enumerate(ROLES)}
    return {name: size for name, size in sizes.items() if size}


def _channels(seen: Observations, person: _Positions, channel: _Positions) -> Mapping[str, int]:
    people = max(1, len(seen.people))
    pairs = np.unique(channel.astype(np.int64) * people + person)  # as one number: much faster to sort than two
    counts = np.bincount(pairs // people, minlength=len(seen.channels)).tolist()
    return {seen.channels[chat].ref: counts[chat] for chat in seen.chats}


def _parts(by: str, sizes: Mapping[str, int], total: int) -> Iterator[Part]:
    told = tellable([size for size in sizes.values() if size], total)
    for key, size in sizes.items():
        if told and telling(size, size):
            yield Part(by, key, size)
        elif told or total < SMALLEST:
            yield Part(by, key, None, f"fewer than {SMALLEST}: suppressed")
        else:
            yield Part(by, key, None, "suppressed so that another cell cannot be worked out")
