"""Numbers that count nothing: models, sizes, times of day, how many people something is for."""

from msgspec.structs import replace

from tutela.model import Unit
from tutela.texts.bounds import DASHES
from tutela.texts.shares import is_content
from tutela.texts.tokens import Token
from tutela.texts.words import NOTHING, Sense

_NAMELESS = Sense(marks=frozenset({"plain"}))
_CROSSES = frozenset({"x", "х", "×", "*"})
_CAPACITY = frozenset({"gb", "tb", "гб", "тб", "гиг", "гига", "гигов", "гіг", "гігів"})
_HOURS = frozenset({"uhr", "am", "pm", "clock"})
_DAY = 24
"""Hours."""
_MARKS = 2
"""Letters that a model's number or an ordinal may have beside it."""


def uncounted(found: list[Token]) -> list[Token]:
    """The tokens, of which numbers that count nothing are words without a meaning, whose value only odds may use."""
    members = any(token.sense.unit is Unit.MEMBER for token in found)
    names = [
        place
        for place, token in enumerate(found)
        if token.kind == "num" and (_is_name(found, place) or (not members and _is_for(found, place)))
    ]
    for place in names:
        found[place] = replace(found[place], kind="word", sense=_NAMELESS)
    return found


def _near(found: list[Token], place: int) -> Token | None:
    return found[place] if 0 <= place < len(found) else None


def _is_name(found: list[Token], place: int) -> bool:
    """Whether a number is part of a name, a size or a time of day: `A54`, `700c`, `4x4`, `alle 6`."""
    before, after = _near(found, place - 1), _near(found, place + 1)
    timed = after is not None and after.sense.days is not None
    if before is not None and ((not timed and _is_glued(before, found[place])) or _is_clock(before, found[place])):
        return True
    if after is None:
        return False
    if after.has("join.measure"):
        return before is not None and (before.has("bound.at_most") or _is_feature(after, found[place + 2 : place + 4]))
    hour = after.text in _HOURS or _is_from_to(found, place)
    return hour or (after.tight and _is_mark(after)) or _is_size(found, place)


def _is_clock(before: Token, number: Token) -> bool:
    hour = number.value is not None and number.value <= _DAY
    return hour and before.has("join.clock") and not before.has("join.all")


def _is_feature(measure: Token, behind: list[Token]) -> bool:
    """Whether a measure tells of which kind something is: `phone 64 GB, like new`, `washing machine 7 kg, white`."""
    if not behind or behind[0].kind == "break":
        return len(behind) > 1 and behind[1].kind != "money"
    return measure.text in _CAPACITY and is_content(behind[0])


def _is_from_to(found: list[Token], place: int) -> bool:
    """Whether it is one of two hours with a dash between: `10h–13h`, `10-13h`; not `post 72h – 28 €`."""
    if found[place + 1].text != "h":
        return False
    dash, until = _near(found, place + 2), _near(found, place + 4)
    if dash is not None and dash.text in DASHES:
        return until is not None and until.text == "h"
    dash, since = _near(found, place - 1), _near(found, place - 2)
    return dash is not None and dash.text in DASHES and since is not None and (since.text == "h" or since.kind == "num")


def _is_glued(before: Token, number: Token) -> bool:
    """Whether letters stand right before a number: `A54`, `S51`."""
    name = before.sense is NOTHING or "a" <= before.text <= "z"
    return number.tight and before.kind == "word" and name and before.text not in _CROSSES


def _is_mark(after: Token) -> bool:
    """Whether the letters right behind a number make it a name: `700c`."""
    return after.kind == "word" and after.sense is NOTHING and after.text not in _CROSSES and len(after.text) <= _MARKS


def _is_size(found: list[Token], place: int) -> bool:
    """Whether a number is one of two that are multiplied, with nothing behind them: `8x6, €420`."""
    first = place if found[place + 1].text in _CROSSES else place - 2
    if first < 0 or first + 2 >= len(found) or found[first + 1].text not in _CROSSES:
        return False
    if found[first + 2].kind not in {"num", "word"} or found[first].kind not in {"num", "word"}:
        return False
    after = _near(found, first + 3)
    return after is None or after.kind == "break"


def _is_for(found: list[Token], place: int) -> bool:
    """Whether it says for how many people something is: `tent for 4 people`, `carpa 4 personas`."""
    after = _near(found, place + 1)
    return place > 0 and found[place - 1].kind == "word" and after is not None and after.has("join.heads")
