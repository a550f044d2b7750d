"""The confined process: media bytes in, fingerprint out. The picture itself never crosses the border.

Run as ``python -m tutela.fingerprints.worker LIMITS…`` (`Limits.words`); it speaks the protocol of
`tutela.media.border` on its standard input and output. Everything that decoding may need is loaded before the doors
close.
"""

import sys
import warnings
from importlib import resources
from io import BytesIO

from PIL import AvifImagePlugin, Image, ImageCms, MpoImagePlugin

from tutela.fingerprints.answer import encode
from tutela.fingerprints.pdq import SHORTEST, pdq
from tutela.media.border import DONE, border_number, serve
from tutela.media.confine import confine
from tutela.media.decode import Refused, decode
from tutela.media.limits import Limits
from tutela.model import SkipCode


def handle(data: bytes, limits: Limits) -> tuple[int, bytes]:
    """One item: its code on the border and its answer."""
    try:
        picture = decode(data, limits, shortest=SHORTEST)
        code = pdq(picture.luma, picture.height, picture.width, picture.scale, picture.cut)
    except Refused as refused:
        return border_number(refused.code), b""
    except MemoryError:
        return border_number(SkipCode.OUT_OF_MEMORY), b""
    return DONE, encode(picture.mime, picture.width, picture.height, code)


def warm_up(limits: Limits) -> None:
    """Decodes one tiny picture of each format, so that nothing is left to load once no file can be opened."""
    import pi_heif  # the variant that decodes only: the other brings an encoder under the GPL

    pi_heif.register_heif_opener()
    pi_heif.options.DECODE_THREADS = 1  # the pool keeps the cores busy; each thread costs address space
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.preinit()
    Image.init()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"s\0R\0G\0B", b"w\0a\0r\0m")
    sample = Image.new("RGB", (64, 64), (120, 90, 30))
    for name in ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"):
        buffer = BytesIO()
        sample.save(buffer, name, icc_profile=profile, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
        handle(buffer.getvalue(), limits)
    handle(resources.files(__package__).joinpath("plain.heic").read_bytes(), limits)


def main() -> None:
    """Loads, confines itself, serves."""
    warnings.simplefilter("ignore")  # showing one would open source files, and nobody reads them here
    limits = Limits.from_words(sys.argv[1:])
    warm_up(limits)
    confine(limits.memory)
    serve(lambda data: handle(data, limits), limits)


_ = MpoImagePlugin  # JPEG's decoder asks for it by name when it meets a second picture

if __name__ == "__main__":
    main()
