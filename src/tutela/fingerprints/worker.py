"""The confined process: media bytes in, fingerprint out, or what is at the places that are asked about.

The picture itself never crosses the border.

Run as ``python -m tutela.fingerprints.worker LIMITS… DETAIL`` (`Limits.words`, `Detail`); it speaks the protocol of
`tutela.media.border` on its standard input and output. Everything that decoding may need is loaded before the doors
close.
"""

import os
import pkgutil
import sys
import warnings
from io import BytesIO

from PIL import AvifImagePlugin, Image, ImageCms, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin

from tutela.fingerprints.answer import encode
from tutela.fingerprints.detail import Detail
from tutela.fingerprints.pdq import SHORTEST, pdq
from tutela.media.border import DONE, border_number, serve
from tutela.media.confine import confine
from tutela.media.decode import Raster, Refused, decode
from tutela.media.limits import Limits
from tutela.model import Parts, SkipCode

NEEDED = {Detail.PLAIN: 0, Detail.PROTECT: 640, Detail.LOOKUP: 1000}
"""Pixels that the shorter side of a picture must keep for its parts."""

_POINT = b"\x00\x80\x00\x80\x40\x00"
"""Some point: describing what is there loads all that looking again takes."""


def handle(data: bytes, limits: Limits, detail: Detail = Detail.PLAIN, points: bytes = b"") -> tuple[int, bytes]:
    """One item: its code on the border and its answer. Where there are `points`, only what is there is described."""
    try:
        if points:
            return DONE, _described(data, limits, points)
        picture = decode(data, limits, shortest=SHORTEST)
        code = pdq(picture.luma, picture.height, picture.width, picture.scale, picture.cut)
        parts = None if detail is Detail.PLAIN else _parts(picture, data, limits, detail)
    except Refused as refused:
        return border_number(refused.code), b""
    except MemoryError:
        return border_number(SkipCode.OUT_OF_MEMORY), b""
    return DONE, encode(picture.mime, picture.width, picture.height, code, parts)


def _parts(picture: Raster, data: bytes, limits: Limits, detail: Detail) -> Parts:
    """The picture's parts; decoded once more where it was reduced further than these can do with."""
    from tutela.fingerprints.parts import kept_parts, looked_up_parts

    if picture.scale > 1 and min(picture.luma.shape) < NEEDED[detail]:
        picture = decode(data, limits, shortest=NEEDED[detail])
    return kept_parts(picture.luma) if detail is Detail.PROTECT else looked_up_parts(picture.luma)


def _described(data: bytes, limits: Limits, points: bytes) -> bytes:
    """Descriptions at given points of a picture that is looked up."""
    from tutela.fingerprints.parts import parts_at

    return parts_at(decode(data, limits, shortest=NEEDED[Detail.LOOKUP]).luma, points).descriptions


def warm_up(limits: Limits, detail: Detail) -> None:
    """Decodes one tiny picture of each format, so that nothing is left to load once no file can be opened."""
    import pi_heif  # the variant that decodes only: the other brings an encoder under the GPL

    pi_heif.register_heif_opener()
    pi_heif.options.DECODE_THREADS = 1  # the pool keeps the cores busy; each thread costs address space
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.preinit()
    handle(_sample("JPEG"), limits, detail)
    if detail is Detail.LOOKUP:
        handle(_sample("JPEG"), limits, detail, _POINT)
    for name in ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"):
        handle(_sample(name), limits)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"s\0R\0G\0B", b"w\0a\0r\0m")
    handle(_sample("JPEG", icc_profile=profile), limits)
    handle(pkgutil.get_data(__package__, "plain.heic") or b"", limits)


def _sample(name: str, **options: bytes) -> bytes:
    buffer = BytesIO()
    picture = Image.new("RGB", (64, 64), (120, 90, 30))
    picture.save(buffer, name, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0", **options)
    return buffer.getvalue()


def main() -> None:
    """Loads, confines itself, serves."""
    warnings.simplefilter("ignore")  # showing one would open source files, and nobody reads them here
    *words, detail = sys.argv[1:] or (Detail.PLAIN,)
    limits = Limits.from_words(words)
    warm_up(limits, Detail(detail))
    confine(limits.memory)
    serve(lambda data, points: handle(data, limits, Detail(detail), points), limits)
    os._exit(0)  # nothing is left to write, and taking the interpreter apart takes long


_ = MpoImagePlugin, TiffImagePlugin, WebPImagePlugin  # Pillow would look for them by name, and in all its plugins

if __name__ == "__main__":
    main()
