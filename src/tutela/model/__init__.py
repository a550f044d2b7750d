"""The vocabulary as plain immutable types: no I/O, one word for one thing."""

from tutela.model.commerce import Bound, Deed, MinorSignal, Money, Offer, RewardRule, Sign, Unit
from tutela.model.errors import TutelaError
from tutela.model.figures import Measure, Part, Window
from tutela.model.fingerprint import CODE_BYTES, NO_FILE, Fingerprint, Pdq
from tutela.model.identifiers import CaseRef, Pin, ProtectionId, Pseudonym
from tutela.model.match import ORIENTATIONS, Box, Derivation, Match, Similarity, Tier
from tutela.model.parts import CodedParts, Look, Parts
from tutela.model.posts import (
    IMAGE_KINDS,
    Attachment,
    AttachmentKind,
    Channel,
    ChannelKind,
    ChannelReading,
    ChannelState,
    Forward,
    Link,
    LinkKind,
    Poll,
    PollAnswer,
    Post,
    PostKind,
    Reaction,
    Report,
    When,
)
from tutela.model.protection import Kind
from tutela.model.skips import SkipCode, Skipped

__all__ = [
    "CODE_BYTES",
    "IMAGE_KINDS",
    "NO_FILE",
    "ORIENTATIONS",
    "Attachment",
    "AttachmentKind",
    "Bound",
    "Box",
    "CaseRef",
    "Channel",
    "ChannelKind",
    "ChannelReading",
    "ChannelState",
    "CodedParts",
    "Deed",
    "Derivation",
    "Fingerprint",
    "Forward",
    "Kind",
    "Link",
    "LinkKind",
    "Look",
    "Match",
    "Measure",
    "MinorSignal",
    "Money",
    "Offer",
    "Part",
    "Parts",
    "Pdq",
    "Pin",
    "Poll",
    "PollAnswer",
    "Post",
    "PostKind",
    "ProtectionId",
    "Pseudonym",
    "Reaction",
    "Report",
    "RewardRule",
    "Sign",
    "Similarity",
    "SkipCode",
    "Skipped",
    "Tier",
    "TutelaError",
    "Unit",
    "When",
    "Window",
]
