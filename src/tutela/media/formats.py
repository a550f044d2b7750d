"""What a file is, by its first bytes. File names and declared types are never believed."""

from dataclasses import dataclass

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})


@dataclass(frozen=True, slots=True)
class Format:
    """A picture format: its MIME type, the decoders allowed to touch it, whether it shrinks while decoding."""

    mime: str
    decoders: tuple[str, ...]
    scales: bool = False


FORMATS = {
    "jpeg": Format("image/jpeg", ("JPEG", "MPO"), scales=True),
    "png": Format("image/png", ("PNG",)),
    "gif": Format("image/gif", ("GIF",)),
    "webp": Format("image/webp", ("WEBP",)),
    "bmp": Format("image/bmp", ("BMP",)),
    "tiff": Format("image/tiff", ("TIFF",)),
    "heic": Format("image/heic", ("HEIF",)),
    "avif": Format("image/avif", ("AVIF",)),
}
"""The formats that Tutela reads. MPO (two pictures in one JPEG) counts as JPEG: its first picture is taken."""


def recognise(head: bytes) -> Format | None:
    """The format of a file from its first 64 bytes or more, or None."""
    name = _by_signature(head) or _by_brand(head)
    return FORMATS[name] if name else None


def _by_signature(head: bytes) -> str | None:
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    for signature, name in (
        (b"\xff\xd8\xff", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"BM", "bmp"),
        (b"II*\0", "tiff"),
        (b"MM\0*", "tiff"),
        (b"II+\0", "tiff"),
        (b"MM\0+", "tiff"),
    ):
        if head.startswith(signature):
            return name
    return None


def _by_brand(head: bytes) -> str | None:
    """HEIC and AVIF share ISO 14496-12's container; the brands after ``ftyp`` tell them apart."""
    if head[4:8] != b"ftyp":
        return None
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[at : at + 4] for at in range(8, size, 4) if at != 12}
    if brands & _AVIF_BRANDS:
        return "avif"
    return "heic" if brands & _HEIC_BRANDS else None


def webp_pixels(head: bytes) -> int:
    """The pixels that a WebP file's first chunk declares (RFC 9649): its decoder takes memory for them on opening."""
    kind = head[12:16]
    if kind == b"VP8X":
        return (int.from_bytes(head[24:27], "little") + 1) * (int.from_bytes(head[27:30], "little") + 1)
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return ((bits & 0x3FFF) + 1) * (((bits >> 14) & 0x3FFF) + 1)
    return (int.from_bytes(head[26:28], "little") & 0x3FFF) * (int.from_bytes(head[28:30], "little") & 0x3FFF)
