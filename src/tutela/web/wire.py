"""Fingerprints as they travel: JSON whose every field has a form and a size, turned into the model's types and back."""

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from tutela.model import Fingerprint, Parts, Pdq
from tutela.model.parts import DESCRIPTION_BYTES, POINT_BYTES
from tutela.web.errors import NotUnderstood, WrongInput

POINTS = 3000
"""The most key points that travel: those of a picture that is looked up, in two directions each."""

SIDE = 1_000_000
"""The longest side of a picture, in pixels."""

END = r"$(?!\n)"
"""The end of a text in a pattern. In JSON Schema that is ``$``; in Python ``$`` also stands before a last line feed."""

Sha256 = Annotated[str, Meta(pattern=f"^[0-9a-fA-F]{{64}}{END}", max_length=64, description="SHA-256 of the file, hex")]
Md5 = Annotated[str, Meta(pattern=f"^[0-9a-fA-F]{{32}}{END}", max_length=32, description="MD5 of the file, hex")]
Codes = Annotated[
    str,
    Meta(
        pattern=f"^([0-9a-fA-F]{{64}}|[0-9a-fA-F]{{512}}){END}",
        max_length=512,
        description="PDQ in hex: the picture as it is (64 digits), or in all eight orientations (512)",
    ),
]
Side = Annotated[int, Meta(ge=1, le=SIDE)]
_MOST_POINTS, _MOST_DESCRIPTIONS = POINTS * POINT_BYTES, POINTS * DESCRIPTION_BYTES

T = TypeVar("T")


class WirePdq(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`tutela.model.Pdq`: `hash` has one code (64 hex digits) or all eight orientations (512); `quality` is 0 to 100.

    With one code alone, a mirrored or turned copy is not found.
    """

    hash: Codes
    quality: Annotated[int, Meta(ge=0, le=100)]


class WireParts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`tutela.model.Parts` in base64: 6 bytes a point, 64 bytes a description, as many of one as of the other."""

    points: Annotated[bytes, Meta(max_length=_MOST_POINTS)]
    descriptions: Annotated[bytes, Meta(max_length=_MOST_DESCRIPTIONS)]


class WireFingerprint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`tutela.model.Fingerprint`, field by field. A file's name never travels."""

    media: Annotated[str, Meta(pattern=f"^image/[a-z0-9.+-]{{1,32}}{END}", max_length=38, description="MIME type")]
    width: Side
    height: Side
    sha256: Sha256
    md5: Md5
    pdq: WirePdq | None
    parts: WireParts | None = None

    def __repr__(self) -> str:
        return f"WireFingerprint({self.media!r})"

    def model(self) -> Fingerprint:
        """The fingerprint. Raises `WrongInput` where points and descriptions do not fit each other."""
        pdq = None if self.pdq is None else Pdq(bytes.fromhex(self.pdq.hash), self.pdq.quality)
        sha256, md5 = bytes.fromhex(self.sha256), bytes.fromhex(self.md5)
        return Fingerprint(self.media, self.width, self.height, sha256, md5, pdq, _parts(self.parts))


def wire(fingerprint: Fingerprint) -> WireFingerprint:
    """The fingerprint as it travels; `WireFingerprint.model` is the way back."""
    pdq, parts = fingerprint.pdq, fingerprint.parts
    return WireFingerprint(
        fingerprint.media,
        fingerprint.width,
        fingerprint.height,
        fingerprint.sha256.hex(),
        fingerprint.md5.hex(),
        None if pdq is None else WirePdq(pdq.codes.hex(), pdq.quality),
        None if parts is None else WireParts(parts.points, parts.descriptions),
    )


def read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """What the body says. Raises `NotUnderstood` for what is no JSON, `WrongInput` for what has another form.

    The message names the field, never its value.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise WrongInput(_plain(str(error)), remedy="See /api/v1/openapi.json") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotUnderstood("the body is no JSON", remedy="Send a JSON object in UTF-8") from None


def _plain(message: str) -> str:
    """msgspec's message without what it quotes of the input: an unknown field's name, an unknown word."""
    for quoting in ("Object contains unknown field", "Invalid enum value"):
        if message.startswith(quoting):
            _, _, place = message.partition(" - at ")
            return f"{quoting[0].lower()}{quoting[1:]}" + (f" - at {place}" if place else "")
    return message[:1].lower() + message[1:]


def _parts(some: WireParts | None) -> Parts | None:
    if some is None or not some.points:
        return None
    try:
        if len(some.points) % POINT_BYTES:
            raise ValueError
        return Parts(some.points, some.descriptions)
    except ValueError:
        raise WrongInput("`parts` has other numbers of points than of descriptions, or half a point") from None
