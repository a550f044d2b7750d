"""Images: how many were shared, how many are different pictures, and how many could not be compared."""

import numpy as np
from numpy.typing import NDArray

from tutela.measures.clusters import THRESHOLD, medoid_clusters
from tutela.measures.columns import SKIP_CODES, UNKNOWN, Observations
from tutela.measures.completeness import seen_share
from tutela.measures.parts import by_channel, by_member
from tutela.measures.timeline import by_month, dating_note, window
from tutela.model import AttachmentKind, Measure, Part, Window

QUALITY = 50
"""The least PDQ quality (0 to 100) at which a code says something about its picture; flat pictures have less."""

_IMAGE_KINDS = (AttachmentKind.PHOTO, AttachmentKind.IMAGE_DOCUMENT)  # `Images.document` as a position in them

_Rows = NDArray[np.intp]


def images_shared(seen: Observations) -> Measure:
    """Photos and image documents in messages."""
    return _shared(
        seen,
        np.arange(seen.images.post.size),
        "images_shared",
        "Photos and pictures sent as a file, in messages; each item of an album counts 1. Forwarded ones are included, "
        "and shown apart as forwarded_images. A picture in a service line (a changed chat photo) was not shared.",
    )


def forwarded_images(seen: Observations) -> Measure:
    """Those of the images shared that were carried over from elsewhere."""
    return _shared(
        seen,
        np.flatnonzero(seen.posts.forwarded[seen.images.post]),
        "forwarded_images",
        "Images shared in messages that were forwarded, from another chat or from within the same one. They are a part "
        "of images_shared.",
    )


def unhashed_images(seen: Observations) -> Measure:
    """Images shared that could not be compared with others, by reason."""
    _, _, unhashed = _by_fingerprint(seen)
    skip = seen.images.skip[unhashed]
    stated = by_member("reason", SKIP_CODES, skip[skip != UNKNOWN])
    unstated = int(np.count_nonzero(skip == UNKNOWN))
    return Measure(
        name="unhashed_images",
        value=unhashed.size,
        low=unhashed.size,
        high=unhashed.size,
        unit="images",
        definition=(
            "Images shared that have neither a usable PDQ hash nor a SHA-256 of their bytes, by reason; mostly because "
            "the bytes were not there to be read. They are in no cluster of unique_images."
        ),
        window=_window(seen, unhashed),
        completeness=seen_share(seen),
        parts=stated + ((Part("reason", "not_stated", unstated),) if unstated else ()),
    )


def unique_images(seen: Observations) -> Measure:
    """Clusters of near-duplicates among the images that could be compared."""
    by_pdq, by_bytes, unhashed = _by_fingerprint(seen)
    shared = seen.images.post.size
    near = np.unique(medoid_clusters(seen.images.codes(by_pdq))).size
    exact = np.setdiff1d(_digests(seen, by_bytes), _digests(seen, by_pdq)).size
    return Measure(
        name="unique_images",
        value=near + exact if unhashed.size < shared or not shared else None,
        low=max(near + exact, min(shared, 1)),
        high=near + exact + unhashed.size,
        unit="clusters of images",
        definition=(
            "Clusters of near-duplicates among the images shared that could be compared. Images count as one picture "
            f"where their PDQ hashes lie within {THRESHOLD} of 256 bits of the hash that stands for the cluster: its "
            "medoid, the one with most others near it, so that no chain of small steps joins different pictures. PDQ "
            f"needs a quality of at least {QUALITY} of 100; other images count as one only where their bytes have the "
            "same SHA-256. Clusters are pictures, not people."
        ),
        window=_window(seen, np.concatenate([by_pdq, by_bytes])),
        completeness=(shared - unhashed.size) / shared if shared else None,
        parts=(
            Part("hash", "pdq", near, f"images compared: {by_pdq.size}"),
            Part("hash", "sha256", exact, f"images compared, without a usable PDQ hash: {by_bytes.size}"),
        ),
        note=_unhashed_note(unhashed.size),
    )


def _shared(seen: Observations, rows: _Rows, name: str, definition: str) -> Measure:
    posts = seen.images.post[rows]
    at, zoned = seen.posts.at[posts], seen.posts.zoned[posts]
    return Measure(
        name=name,
        value=rows.size,
        low=rows.size,
        high=rows.size,
        unit="images",
        definition=definition,
        window=window(at),
        completeness=seen_share(seen),
        parts=by_member("kind", _IMAGE_KINDS, seen.images.document[rows])
        + by_channel(seen, seen.posts.channel[posts])
        + by_month(at),
        note=dating_note(at, zoned),
    )


def _by_fingerprint(seen: Observations) -> tuple[_Rows, _Rows, _Rows]:
    """The rows of the images that are compared by PDQ, by their bytes, and not at all."""
    images = seen.images
    by_pdq = images.hashed & (images.quality >= QUALITY)
    by_bytes = images.has_bytes & ~by_pdq
    return np.flatnonzero(by_pdq), np.flatnonzero(by_bytes), np.flatnonzero(~(by_pdq | by_bytes))


def _digests(seen: Observations, rows: _Rows) -> NDArray[np.bytes_]:
    """The SHA-256 digests of those rows that have one, as one value each."""
    rows = rows[seen.images.has_bytes[rows]]
    return np.ascontiguousarray(seen.images.digests(rows)).view("S32").ravel()


def _window(seen: Observations, rows: _Rows) -> Window | None:
    return window(seen.posts.at[seen.images.post[rows]])


def _unhashed_note(count: int) -> str:
    if not count:
        return ""
    return f"{count} could not be compared: the interval runs from all of them being copies to all being different."
