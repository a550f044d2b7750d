r"""Repairs what makes an export invalid JSON, while its bytes stream by.

Known breakages: control characters written as ``\xHH`` or raw, escapes that JSON does not have, a ``document_id``
without its quotation marks (Telegram Desktop 4.1), bytes that are no UTF-8. Valid JSON passes unchanged.
"""

import codecs
import re

_ROOM = 64  # white space allowed at each joint of a broken `document_id`
_LONGEST = 4096
_CLEAR = (b"", 0)  # a decoder with nothing begun that is past the place of a byte order mark
_REACH = len('"document_id":,\n') + 3 * _ROOM + _LONGEST
_CONTROL = rb"[\x00-\x08\x0b\x0c\x0e-\x1f]"
_ANY_CONTROL = re.compile(rb"[\x00-\x1f]")
_KEY = rb'"document_id"[ \t\r\n]{0,%d}:[ \t\r\n]{0,%d}' % (_ROOM, _ROOM)
_SUSPECT = [re.compile(pattern) for pattern in (rb'\\[^"\\/bfnrtu]', _CONTROL, _KEY + rb'[^" \t\r\n]')]
_REPAIR = re.compile(
    rb"""
    \\x(?P<hex>[0-9A-Fa-f]{2})
    | (?P<stray>\\)(?=[^"\\/bfnrtu])
    | \\[^x]
    | (?P<control>%s)
    | (?P<unquoted>
        %s(?![ \t\r\n"0-9{\[-]|(?:true|false|null)[ \t\r\n,}])
        (?P<value>[^\n]{1,%d}?)(?=,?[ \t\r]{0,%d}\n)
      )
    """
    % (_CONTROL, _KEY.replace(b" ", rb"\ "), _LONGEST, _ROOM),
    re.VERBOSE,
)


class Mender:
    """A filter of bytes that gives the same whatever the sizes of the pieces that it is fed."""

    def __init__(self) -> None:
        self.repairs = 0
        # Foreign bytes come out of the decoder as \xHH, which is then mended like any other; a leading mark is dropped.
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("backslashreplace")
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        """The mended form of what is now certain; the last few kilobytes stay back until more is known."""
        self._held += self._decoded(piece)
        if len(self._held) < 2 * _REACH:
            return b""  # a crumb at a time would have the same kilobytes searched again and again
        mended, self._held = self._mend(self._held, len(self._held) - _REACH)
        return mended

    def finish(self) -> bytes:
        """The rest."""
        data = self._held + self._decoder.decode(b"", final=True).encode()
        self._held = b""
        return self._mend(data, len(data))[0]

    def take_back(self) -> bytes:
        """What was fed and did not come out yet, to be read in another way. Foreign bytes are mended."""
        begun, state = self._decoder.getstate()
        self._decoder.setstate((b"", state))
        held, self._held = self._held + begun, b""
        return held

    def _decoded(self, piece: bytes) -> bytes:
        if piece.isascii() and self._decoder.getstate() == _CLEAR:
            return piece
        return self._decoder.decode(piece).encode()

    def _mend(self, data: bytes, until: int) -> tuple[bytes, bytes]:
        """Mends all that begins before `until`; the second part begins where the first one's last match ends."""
        if not any(pattern.search(data) for pattern in _SUSPECT):
            # Only a pair of a backslash and its letter could straddle the border.
            until += _backslashes(data, until) % 2
            return data[:until], data[until:]
        out, position = [], 0
        for match in _REPAIR.finditer(data):
            if match.start() >= until:
                break
            out += [data[position : match.start()], self._mended(match)]
            position = match.end()
        border = max(until, position)
        return b"".join([*out, data[position:border]]), data[border:]

    def _mended(self, match: re.Match[bytes]) -> bytes:
        kind = match.lastgroup
        if kind is None:
            return match[0]
        self.repairs += 1
        if kind == "hex":
            return b"\\u00" + match["hex"]
        if kind == "stray":
            return b"\\\\"
        if kind == "control":
            return _escaped(match)
        value = match["value"]
        quoted = value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        return match[0][: -len(value)] + b'"' + _ANY_CONTROL.sub(_escaped, quoted) + b'"'


def _escaped(control: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % control[0][0]


def mended(data: bytes) -> tuple[bytes, int]:
    """The mended form of a whole text, and how much was mended."""
    mender = Mender()
    return mender.feed(data) + mender.finish(), mender.repairs


def _backslashes(data: bytes, until: int) -> int:
    """How many backslashes end `data[:until]`."""
    return until - len(data[:until].rstrip(b"\\"))
