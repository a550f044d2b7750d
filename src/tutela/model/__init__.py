"""The vocabulary as plain immutable types: no I/O, no dependency, one word for one thing."""

from tutela.model.errors import TutelaError
from tutela.model.figures import Measure, Part, Window
from tutela.model.fingerprint import CODE_BYTES, Fingerprint, Pdq
from tutela.model.identifiers import CaseRef, Pin, ProtectionId, Pseudonym
from tutela.model.match import ORIENTATIONS, Match, Tier
from tutela.model.posts import (
    IMAGE_KINDS,
    Attachment,
    AttachmentKind,
    Channel,
    ChannelKind,
    ChannelReading,
    ChannelState,
    Forward,
    Poll,
    PollAnswer,
    Post,
    PostKind,
    Reaction,
    When,
)
from tutela.model.protection import Kind
from tutela.model.skips import SkipCode, Skipped

__all__ = [
    "CODE_BYTES",
    "IMAGE_KINDS",
    "ORIENTATIONS",
    "Attachment",
    "AttachmentKind",
    "CaseRef",
    "Channel",
    "ChannelKind",
    "ChannelReading",
    "ChannelState",
    "Fingerprint",
    "Forward",
    "Kind",
    "Match",
    "Measure",
    "Part",
    "Pdq",
    "Pin",
    "Poll",
    "PollAnswer",
    "Post",
    "PostKind",
    "ProtectionId",
    "Pseudonym",
    "Reaction",
    "SkipCode",
    "Skipped",
    "Tier",
    "TutelaError",
    "When",
    "Window",
]
