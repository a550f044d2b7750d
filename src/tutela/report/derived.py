"""What derived matches show of the protected picture: plans of boxes and shares in words, never imagery. Pure.

How many parts agree and what they weigh stays with the data for casework: whoever tries edits until one gets past
could read there how near the last one came.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from markupsafe import Markup

from tutela.model import Box, Derivation, Tier
from tutela.report import labels, svg
from tutela.report.blocks import Plan, Plans
from tutela.report.contents import MatchLine
from tutela.report.wording import Words, capital, finite

SHOWN = 12
"""Plans on one page, the surest matches first."""

STEP = 5
"""Shares are told in steps of so many percent."""

_WIDTH, _HEIGHT = 192, 144
_HATCH = 9
_SWATCH = (24, 16)


def plans(words: Words, lines: Iterable[MatchLine]) -> Plans | None:
    """Plans of the derived matches, surest first; None where no match says how it was derived."""
    told = [line for line in lines if line.match.tier is Tier.DERIVED and line.match.derivation is not None]
    if not told:
        return None
    told.sort(key=lambda m: (-m.match.confidence, m.channel, m.post, m.attachment))
    derivations = [line.match.derivation for line in told if line.match.derivation is not None]
    pairs = zip(told[:SHOWN], derivations, strict=False)
    drawn = tuple(_plan(words, i, line, derivation) for i, (line, derivation) in enumerate(pairs))
    left = len(told) - len(drawn)
    more = words.say("derived_more", n=left) if left else ""
    title = derived_title(words, derivations)
    return Plans(title, words.say("derived_about", n=STEP), drawn, more, _legend(words))


def derived_title(words: Words, derivations: Sequence[Derivation]) -> str:
    """How much of the protected pictures was replaced, as a finding."""
    shares = sorted(_percent(share(derivation.altered)) for derivation in derivations)
    low, high, n = shares[0], shares[-1], len(shares)
    if not high:
        return words.say("derived_hardly", n=n)
    if low == high:
        return words.say("derived_equal", n=n, share=_share(words, high))
    if low:
        return words.say("derived_range", n=n, low=_share(words, low), high=_share(words, high))
    return words.say("derived_up_to", n=n, share=_share(words, high))


def told(words: Words, derivation: Derivation) -> str:
    """What a plan shows, as sentences, with shares in steps of `STEP` percent."""
    copied, altered = share(derivation.copied), share(derivation.altered)
    again = _about(words, copied)
    if not altered:
        return capital(words.say("derived_whole", again=again))
    return capital(words.say("derived_both", again=again, replaced=_about(words, altered)))


def share(boxes: Iterable[Box]) -> float:
    """The share of the unit square that boxes cover together, from 0 to 1. What lies outside it does not count."""
    inside = [cut for box in boxes if (cut := _inside(box)) is not None]
    edges = sorted({edge for box in inside for edge in (box.left, box.right)})
    return sum(
        (right - left) * _length((b.top, b.bottom) for b in inside if b.left <= left and right <= b.right)
        for left, right in pairwise(edges)
    )


def _length(stretches: Iterable[tuple[float, float]]) -> float:
    """How long stretches are together, overlaps counted once."""
    total, reached = 0.0, 0.0
    for start, end in sorted(stretches):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def _inside(box: Box) -> Box | None:
    """What of a box lies in the unit square; None where that is nothing, or an edge is no number."""
    edges = (box.left, box.top, box.right, box.bottom)
    if any(finite(edge) is None for edge in edges):
        return None
    cut = Box(*(min(max(edge, 0.0), 1.0) for edge in edges))
    return cut if cut.left < cut.right and cut.top < cut.bottom else None


def _percent(part: float) -> int:
    return round(part * 100 / STEP) * STEP


def _share(words: Words, percent: int) -> str:
    return words.percent(percent / 100)


def _about(words: Words, part: float) -> str:
    """A share in words: what is something is never called nothing, nor what is not all, all."""
    percent = _percent(part)
    if percent == 0:
        return words.say("derived_hardly_any")
    return words.say("derived_nearly_all") if percent == 100 else words.say("about", n=_share(words, percent))


def _plan(words: Words, number: int, line: MatchLine, derivation: Derivation) -> Plan:
    desc = told(words, derivation)
    title = words.say("derived_plan", post=line.post)
    body = _body(derivation.copied, derivation.altered, _WIDTH, _HEIGHT)
    lies = labels.orientation(words, line.match)
    if lies not in (words.say("orientation_as-is"), words.say("lies_unstated")):
        desc = words.say("derived_lies", told=desc, lies=lies)
    drawing = svg.frame(body, f"derived-{number}", title, desc, _WIDTH, _HEIGHT, name="plan")
    return Plan(drawing, line.post, words.say("attachment", n=line.attachment), desc)


def _legend(words: Words) -> tuple[tuple[Markup, str], ...]:
    whole = (Box(0.0, 0.0, 1.0, 1.0),)
    return (
        (_swatch(whole, ()), words.say("derived_reappears")),
        (_swatch((), whole), words.say("derived_replaced")),
        (_swatch((), ()), words.say("derived_cut")),
    )


def _swatch(copied: Sequence[Box], altered: Sequence[Box]) -> Markup:
    width, height = _SWATCH
    return Markup('<svg class="plan swatch" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>').format(
        width, height, _body(copied, altered, width, height)
    )


def _body(copied: Iterable[Box], altered: Iterable[Box], width: int, height: int) -> Markup:
    """The frame of a picture with boxes in it: one tone for what reappears, hatching for what was replaced."""
    shapes = [
        _path("copied", (_outline(box) for box in _scaled(copied, width, height))),
        _path("altered", (stroke for box in _scaled(altered, width, height) for stroke in _strokes(box))),
    ]
    rect = Markup('<rect class="{}" x="0" y="0" width="{}" height="{}"/>')
    ground, edge = (rect.format(name, width, height) for name in ("ground", "edge"))
    return Markup().join([ground, *shapes, edge])


def _scaled(boxes: Iterable[Box], width: int, height: int) -> list[Box]:
    inside = [cut for box in boxes if (cut := _inside(box)) is not None]
    return [Box(b.left * width, b.top * height, b.right * width, b.bottom * height) for b in inside]


def _path(name: str, pieces: Iterable[str]) -> Markup:
    """One shape for all boxes, so that no seam shows between neighbours."""
    drawn = "".join(pieces)
    return Markup('<path class="{}" d="{}"/>').format(name, drawn) if drawn else Markup()


def _outline(box: Box) -> str:
    left, top, right, bottom = (svg.coordinate(edge) for edge in (box.left, box.top, box.right, box.bottom))
    return f"M{left} {top}H{right}V{bottom}H{left}z"


def _strokes(box: Box) -> Iterable[str]:
    """Slanting strokes x + y = n × `_HATCH`, cut at the box's edges: those of neighbours run on from each other."""
    first, last = math.ceil((box.left + box.top) / _HATCH), math.floor((box.right + box.bottom) / _HATCH)
    for along in (n * _HATCH for n in range(first, last + 1)):
        start, end = max(box.left, along - box.bottom), min(box.right, along - box.top)
        if start < end:
            yield "M{} {}L{} {}".format(*(svg.coordinate(at) for at in (start, along - start, end, along - end)))
