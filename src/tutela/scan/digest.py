"""What a scan makes of a run of posts: what there is to observe, and the pictures to look at."""

from collections.abc import Sequence
from itertools import groupby

from msgspec import Struct

from tutela.measures import Block, Columns
from tutela.measures.gathering import Interned, Rows
from tutela.model import IMAGE_KINDS, Attachment, AttachmentKind, SkipCode
from tutela.sources import Run, Source

LOOKED_AT = IMAGE_KINDS | {AttachmentKind.DOCUMENT}
"""What may be a picture: a document whose bytes are at hand is looked at too."""


class File(Struct, frozen=True):
    """A file that may be a picture: of which post, which of its attachments, what the source calls it."""

    row: int
    position: int
    kind: AttachmentKind
    name: str


class Digest(Struct, frozen=True):
    """All that is kept of a run: no text, no fingerprint, nothing that depends on the bank.

    `attached` has the number of attachments of each post. Columns of `absent`, the images that the source does not
    include: post, position among its attachments, whether it was sent as a document, position in `reasons`.
    """

    block: Block
    attached: Columns
    absent: Columns
    reasons: tuple[str, ...]
    files: tuple[File, ...]

    def __len__(self) -> int:
        return len(self.block)


class Look(Struct, frozen=True, gc=False):
    """An attachment of a post to be looked at."""

    row: int
    position: int
    attachment: Attachment


class Bundle:
    """A run on its way through the scan. `looks` has the attachments of each post that has some to be looked at."""

    def __init__(self, digest: Digest, looks: Sequence[Look]) -> None:
        self.digest = digest
        self.looks = [(row, tuple(group)) for row, group in groupby(looks, key=lambda look: look.row)]


def made(run: Run, block: Block) -> Bundle:
    """A run that was read; `block` is what there is to observe in it."""
    absent, reasons, looks = Rows("i4", "i4", "u1", "i4"), Interned[str](), list[Look]()
    for row, post in enumerate(run.posts):
        for position, attachment in enumerate(post.attachments):
            kind, why = attachment.kind, attachment.absent
            if why is None or why.code is not SkipCode.NOT_INCLUDED:
                if kind in LOOKED_AT:
                    looks.append(Look(row, position, attachment))
            elif kind in IMAGE_KINDS:
                document = kind is AttachmentKind.IMAGE_DOCUMENT
                absent.add((row, position, document, reasons.position(why.reason)))
    attached = Rows("u4")
    attached.extend([len(post.attachments) for post in run.posts])
    name = run.name if run.text else lambda row, position: ""
    files = [File(look.row, look.position, look.attachment.kind, name(look.row, look.position)) for look in looks]
    digest = Digest(block, tuple(attached.columns()), tuple(absent.columns()), reasons.values(), tuple(files))
    return Bundle(digest, looks)


def recalled(digest: Digest, source: Source) -> Bundle:
    """A run that was kept; its files are looked for anew."""
    looks = [Look(file.row, file.position, source.attachment(file.kind, file.name)) for file in digest.files]
    return Bundle(digest, looks)
