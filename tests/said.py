"""What a check says in two languages, held against each other."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Iterator

import catalogues
import translations
from cnncourse.checks.result import Code, Result, Text
from cnncourse.language import speaking

# Values that stand in a sentence: no rule of punctuation is about them.
VALUES = re.compile(r"`[^`]*`|\([^()\u3000-\u9fff\uff00-\uffef]*\)")
LISTS = re.compile(r"\[[^\[\]…]*(?:\]|…)|'[^']*'|\"[^\"]*\"")  # a long one is cut off, with …
OF_PYTHON = re.compile(r"\w+(?:Error|Warning|Exit)(?:: .*|$)", re.MULTILINE)  # a message of Python's own
ENGLISH = re.compile(r"(?<![\w.])[A-Za-z]{2,}(?: [A-Za-z]+)* [A-Za-z]{2,}(?![\w(.=])", re.ASCII)
NAMES = ("Leaky ReLU", "Page Up", "Page Down")  # the last two: of keys


def torn(english: Result, other: Result, language: str) -> list[str]:
    """Return a phrase for everything in which a result differs from the English one, or is not in its language."""
    found = []
    for name in ("exercise", "status", "mistake", "seed"):
        if getattr(english, name) != getattr(other, name):
            found.append(f"{name}: {getattr(english, name)!r}, and {getattr(other, name)!r}")
    if [type(part) for part in english.parts] != [type(part) for part in other.parts]:
        return [*found, "the parts are of other kinds"]
    for one, two in zip(english.parts, other.parts):
        found += [f"{two.text!r}: {what}" for what in _torn_part(one, two, language)]
    with speaking(language):
        found += _torn_page(other._repr_html_(), english._repr_html_(), str(other))
    return found


def _torn_part(one: Text | Code, two: Text | Code, language: str) -> Iterator[str]:
    if catalogues.sequence(one.text) != catalogues.sequence(two.text):
        yield f"the English has {catalogues.sequence(one.text)}"
    if isinstance(two, Text) or not OF_PYTHON.search(two.text):  # else it holds a line of the reader's
        yield from left_in_english(two.text)
    if isinstance(one, Text) and isinstance(two, Text):
        if bool(one.strong) != bool(two.strong) or two.strong not in two.text:
            yield f"{two.strong!r} is to be strong"
        plain = LISTS.sub("…", VALUES.sub("x", OF_PYTHON.sub("x", two.text)))
        yield from translations.punctuation(plain, _rules(language))


@functools.cache
def _rules(language: str) -> list[dict[str, str]]:
    """Return the rules of punctuation of a language: its file is read once for the thousands of sentences."""
    [spoken] = translations.languages([language])
    return spoken.settings.get("rules", [])


def left_in_english(text: str) -> Iterator[str]:
    """Yield words that stand one after the other in a text and are neither code nor a message of Python."""
    text = LISTS.sub(" · ", VALUES.sub(" · ", OF_PYTHON.sub("", text)))
    for name in NAMES:
        text = text.replace(name, "·")
    yield from (f"{found!r} is English" for found in ENGLISH.findall(text))


def _torn_page(page: str, english: str, text: str) -> Iterator[str]:
    """Yield what is wrong with the box that a notebook shows, by that of the English and by the plain text."""
    codes = [re.findall(r"<code[^>]*>(.*?)</code>", one) for one in (page, english)]
    if codes[0] != codes[1]:
        yield f"the box has the code {codes[0]}, the English one {codes[1]}"
    if page.startswith("<div") and " lang=" not in page.split(">")[0]:
        yield "the box does not say its language"
    shown = html.unescape(re.sub(r"<[^>]+>", "", page))
    if _letters(shown) != _letters(text):
        yield "the box says something else than the text"


def _letters(text: str) -> str:
    return re.sub(r"[\s`]+", "", text)
