"""Every measure by name, in the order in which reports show them. `docs/measures.md` has a section for each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tutela.measures.chats import channels, messages
from tutela.measures.columns import Observations
from tutela.measures.commerce import offers, payments_floor, reward_rules
from tutela.measures.completeness import completeness
from tutela.measures.growth import growth
from tutela.measures.images import forwarded_images, images_shared, unhashed_images, unique_images
from tutela.measures.languages import languages
from tutela.measures.membership import memberships, unique_members
from tutela.measures.network import communities, promotion_edges
from tutela.measures.people import active_people
from tutela.measures.polls import polls
from tutela.measures.reporting import report_effect
from tutela.measures.signals import minor_signals
from tutela.model import Measure

MEASURES: Mapping[str, Callable[[Observations], Measure]] = MappingProxyType(
    {
        "channels": channels,
        "messages": messages,
        "memberships": memberships,
        "unique_members": unique_members,
        "active_people": active_people,
        "images_shared": images_shared,
        "forwarded_images": forwarded_images,
        "unique_images": unique_images,
        "unhashed_images": unhashed_images,
        "growth": growth,
        "languages": languages,
        "polls": polls,
        "offers": offers,
        "payments_floor": payments_floor,
        "reward_rules": reward_rules,
        "promotion_edges": promotion_edges,
        "communities": communities,
        "minor_signals": minor_signals,
        "report_effect": report_effect,
        "completeness": completeness,
    }
)
"""Each a pure function over the observations; nothing observed gives 0 or None, never an error."""


def measure_all(observations: Observations) -> tuple[Measure, ...]:
    """Every measure of `MEASURES`, in that order."""
    return tuple(measure(observations) for measure in MEASURES.values())
