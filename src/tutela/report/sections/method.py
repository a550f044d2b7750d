"""How the figures came about: each step with its parameters, as they were in this run."""

from collections import Counter
from importlib.metadata import version
from platform import python_version

from tutela.fingerprints import ALGORITHM
from tutela.matching.thresholds import THRESHOLDS
from tutela.measures import SMALLEST
from tutela.measures.clusters import THRESHOLD
from tutela.measures.columns import LANGUAGES_AT_MOST
from tutela.measures.images import QUALITY
from tutela.measures.network import RESAMPLES
from tutela.model import SkipCode
from tutela.report import labels
from tutela.report.blocks import Block, Command, Facts, Heading, Paragraph, Section, Steps
from tutela.report.data import SCHEMA
from tutela.report.sections.view import View
from tutela.texts.language import LANGUAGES, LETTERS, SURE
from tutela.texts.language import WORDS as LEAST_WORDS

_READ_AS = ("intervals", "unknown", "window", "people", "matches", "pseudonyms", "kept")
_LIBRARIES = ("numpy", "networkx", "lingua-language-detector")

Step = tuple[str, str, tuple[tuple[str, str], ...]]


def method(view: View) -> Section:
    """The steps, then how to read what they give."""
    words = view.words
    done = [_reading(view), _pseudonyms(view), _fingerprints(view), _looking_up(view), *_texts(view), _measuring(view)]
    reading = tuple((words.say(f"method_{name}"), words.say(f"method_{name}_how")) for name in _READ_AS)
    blocks: tuple[Block, ...] = (
        Paragraph(words.say("method_about")),
        Steps((*done, _writing(view))),
        Heading(words.say("method_reading")),
        Facts(reading),
    )
    return Section("method", words.say("title_method"), blocks)


def verify(view: View) -> Section:
    """How to check that nothing was changed since."""
    words = view.words
    blocks: tuple[Block, ...] = (
        Paragraph(words.say("verify_about")),
        Command(words.say("verify_command"), "tutela custody verify FOLDER"),
        Paragraph(words.say("verify_how")),
        Heading(words.say("verify_cite")),
        Paragraph(words.say("verify_cite_how")),
    )
    return Section("verify", words.say("title_verify"), blocks)


def _step(view: View, name: str, **parameters: str) -> Step:
    words = view.words
    told = tuple((words.say(f"parameter_{key}"), value) for key, value in parameters.items())
    return words.say(f"step_{name}"), words.say(f"step_{name}_how"), told


def _reading(view: View) -> Step:
    words, sources = view.words, view.contents.sources
    formats = Counter(str(labels.source(words, line.kind)) for line in sources)
    told = [words.say("step_format", name=name, n=count) for name, count in sorted(formats.items())]
    posts, repairs, damaged = (sum(getattr(s, name) for s in sources) for name in ("posts", "repairs", "damaged"))
    refused = sum(sum(line.refused.values()) for line in sources)
    return _step(
        view,
        "read",
        formats=", ".join(told) or words.number(0),
        posts=words.number(posts),
        repairs=words.number(repairs),
        damaged=words.number(damaged),
        refused=words.number(refused),
    )


def _pseudonyms(view: View) -> Step:
    return _step(view, "pseudonyms")


def _fingerprints(view: View) -> Step:
    words, contents = view.words, view.contents
    images = sum(line.images for line in contents.sources)
    absent = sum(line.count for line in contents.skipped if line.code is SkipCode.NOT_INCLUDED)
    rest = sum(line.count for line in contents.skipped) - absent
    return _step(
        view,
        "fingerprints",
        algorithm=ALGORITHM,
        images=words.number(images),
        absent=words.number(absent),
        unreadable=words.number(rest),
    )


def _looking_up(view: View) -> Step:
    words, cases = view.words, view.contents.cases
    if not cases:
        return _step(view, "no_lookup")
    return _step(
        view,
        "lookup",
        cases=words.people(cases),
        near=words.say("bits", n=THRESHOLDS.near_distance, all=256),
        quality=words.say("of", n=THRESHOLDS.near_quality, all=100),
        score=words.number(THRESHOLDS.derived_score),
        matches=words.number(len(view.contents.matches)),
    )


def _texts(view: View) -> list[Step]:
    words, found = view.words, view.find("languages")
    if found is None:
        return []
    told = ", ".join(words.say(f"language_{code}") if words.has(f"language_{code}") else code for code in LANGUAGES)
    return [
        _step(
            view,
            "texts",
            languages=told,
            least=words.say("letters_and_words", letters=LETTERS, words=LEAST_WORDS),
            sure=words.percent(SURE),
            sample=words.say("texts_a_channel", n=LANGUAGES_AT_MOST),
        )
    ]


def _measuring(view: View) -> Step:
    words = view.words
    return _step(
        view,
        "measures",
        measures=words.number(len(view.contents.measures)),
        clusters=words.say("bits", n=THRESHOLD, all=256),
        cluster_quality=words.say("of", n=QUALITY, all=100),
        resamples=words.number(RESAMPLES),
        smallest=words.number(SMALLEST),
    )


def _writing(view: View) -> Step:
    libraries = [f"{name} {version(name)}" for name in _LIBRARIES]
    return _step(
        view,
        "write",
        tutela=view.contents.version,
        python=python_version(),
        libraries=", ".join(libraries),
        schema=SCHEMA,
        language=view.words.say("language_name"),
    )
