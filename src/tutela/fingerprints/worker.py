"""The confined process: media bytes in, fingerprint out. The picture itself never crosses the border.

Run as ``python -m tutela.fingerprints.worker``; it speaks the protocol of `tutela.media.border` on its standard
input and output. Everything that decoding may need is loaded before the doors close.
"""

import struct
from io import BytesIO

from PIL import Image, ImageCms, MpoImagePlugin

from tutela.fingerprints.pdq import SHORTEST, pdq
from tutela.media.border import DONE, border_number, serve
from tutela.media.confine import confine
from tutela.media.decode import Refused, decode
from tutela.media.formats import FORMATS
from tutela.media.limits import Limits
from tutela.model import Fingerprint, Pdq, SkipCode

_HEAD = struct.Struct(">BIIB")
_MIMES = tuple(form.mime for form in FORMATS.values())


def encode(mime: str, width: int, height: int, code: Pdq) -> bytes:
    """One answer: number of the format, width, height, quality, then eight codes."""
    return _HEAD.pack(_MIMES.index(mime), width, height, code.quality) + code.codes


def decode_answer(answer: bytes, sha256: bytes, md5: bytes) -> Fingerprint:
    """The fingerprint that `encode` described. Raises ValueError where the confined side broke the format."""
    if len(answer) != _HEAD.size + 256:
        raise ValueError(f"an answer takes {_HEAD.size + 256} bytes, not {len(answer)}")
    mime, width, height, quality = _HEAD.unpack_from(answer)
    if mime >= len(_MIMES):
        raise ValueError(f"no format has the number {mime}")
    return Fingerprint(_MIMES[mime], width, height, sha256, md5, Pdq(answer[_HEAD.size :], quality))


def handle(data: bytes, limits: Limits) -> tuple[int, bytes]:
    """One item: its code on the border and its answer."""
    try:
        picture = decode(data, limits, shortest=SHORTEST)
        code = pdq(picture.luma, picture.height, picture.width, picture.scale)
    except Refused as refused:
        return border_number(refused.code), b""
    except MemoryError:
        return border_number(SkipCode.OUT_OF_MEMORY), b""
    return DONE, encode(picture.mime, picture.width, picture.height, code)


def warm_up(limits: Limits) -> None:
    """Decodes one tiny picture of each format, so that nothing is left to load once no file can be opened."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    pillow_heif.options.DECODE_THREADS = 1
    Image.preinit()
    Image.init()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"sRGB", b"warm")
    sample = Image.new("RGB", (64, 64), (120, 90, 30))
    for name in ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "HEIF", "AVIF"):
        buffer = BytesIO()
        sample.save(buffer, name, icc_profile=profile, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
        handle(buffer.getvalue(), limits)


def main() -> None:
    """Loads, confines itself, serves."""
    limits = Limits()
    warm_up(limits)
    confine(limits.memory)
    serve(lambda data: handle(data, limits), limits)


_ = MpoImagePlugin  # JPEG's decoder asks for it by name when it meets a second picture

if __name__ == "__main__":
    main()
