"""The words that the page uses for names in the data. An unknown name is shown as it is, without its underscores."""

from tutela.model import Match, Part, Similarity, Tier
from tutela.report.wording import UNKNOWN, capital, finite, is_month, month_name, number

LABELS = {
    "channels": "Channels",
    "messages": "Messages",
    "memberships": "Memberships",
    "unique_members": "Different members",
    "active_people": "Active people",
    "images_shared": "Images posted",
    "forwarded_images": "Forwarded images",
    "unique_images": "Different pictures",
    "unhashed_images": "Images not compared",
    "growth": "Growth",
    "payments_floor": "Payments seen",
    "promotion_edges": "Promotion between channels",
    "minor_signals": "Signals about minors",
    "report_effect": "Effect of reporting",
}

TIERS = {
    Tier.EXACT: ("Exact copy", "The very same file, byte for byte."),
    Tier.NEAR: ("Near copy", "The same picture, saved again, resized, turned or mirrored."),
    Tier.DERIVED: ("Derived picture", "Made from the protected picture: cropped, framed, marked or partly replaced."),
}

_ORIENTATIONS = {
    "as-is": "as it was",
    "rotated-90": "turned 90° to the left",
    "rotated-180": "turned upside down",
    "rotated-270": "turned 90° to the right",
    "mirrored": "mirrored",
    "flipped": "flipped top to bottom",
    "transposed": "mirrored and turned 90° to the left",
    "transversed": "mirrored and turned 90° to the right",
}

_REFUSED = {
    "contacts": "the account's contacts",
    "frequent_contacts": "the account's frequent contacts",
    "personal_chat": "a personal chat",
    "bot_chat": "a chat with a bot",
    "saved_messages": "saved messages",
    "person": "a description of a person",
    "unknown_type": "a chat of unknown type",
}

_BY = {"month-cumulative": "By month, added up", "origin": "By origin"}


def label(name: str) -> str:
    """A measure's name as a heading."""
    return LABELS.get(name, plain(name))


def orientation(match: Match) -> str:
    """How the copy lies, against the protected picture."""
    if match.derivation is not None:
        return _lie(match.derivation.similarity)
    if match.transform is None:
        return "same file" if match.tier is Tier.EXACT else "not stated"
    return _ORIENTATIONS.get(match.transform, match.transform)


def _lie(similarity: Similarity) -> str:
    """Turned by steps of five degrees, the shorter way round."""
    if (rotation := finite(similarity.rotation)) is None:
        return "not stated"
    degrees = (round(rotation / 5) * 5 + 180) % 360 - 180
    turned = f"turned {abs(degrees)}° to the {'left' if degrees > 0 else 'right'}" if degrees else ""
    said = [word for word in ("mirrored" if similarity.mirrored else "", turned) if word]
    return " and ".join(said).replace("turned 180° to the right", "turned upside down") or "as it was"


def by(kind: str) -> str:
    """The heading of a breakdown."""
    return _BY.get(kind, f"By {kind.replace('_', ' ').replace('-', ' ')}")


def refused(reason: str) -> str:
    """What was left unread, and counted only."""
    return _REFUSED.get(reason, reason.replace("_", " "))


def plain(name: str) -> str:
    """A name from the data without its underscores."""
    return capital(name.replace("_", " "))


def part_key(part: Part) -> str:
    """What a part is about: a month in words, a pseudonym as it is."""
    return month_name(part.key) if is_month(part.key) else part.key.replace("_", " ")


def part_value(part: Part) -> str:
    """A part's value; what is withheld on purpose is not called unknown."""
    if part.value is None:
        return "suppressed" if "suppress" in part.note.lower() else UNKNOWN
    return number(part.value)
