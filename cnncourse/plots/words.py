"""Alternative texts of figures in the reader's language.

A figure puts its text together from phrases: "x, 4 by 4: 1 0 2 0; times; w, 2 by 2: 1 1". The finished text is taken
apart again, at the marks between phrases, and each phrase is told in the language: a template with numbers or other
phrases in it, a name, or a sentence that a cell of a notebook gives as a whole. So texts of stored figures can be told
too, and figures are drawn by the same code in every language.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator

from cnncourse.language import ENGLISH, between, filled, language, mark, translated

# What stands between phrases, the widest first.
MARKS = (mark("{first}. {second}"), mark("{first}; {second}"), mark("{first}: {second}"), mark("{phrase}, {next}"))
# Phrases with something in them. Fields of one small letter hold a number, others may be phrases themselves.
TEMPLATES = (
    mark("{h} by {w}"),
    mark("{d} by {h} by {w}"),
    mark("{h} by {w} pixels"),
    mark("an image of {size}"),
    mark("An image of {size}"),
    mark("{n} images of {size}"),
    mark("{n} kernel"),
    mark("{n} kernel of {size}"),
    mark("{n} kernels"),
    mark("{n} kernels of {size}"),
    mark("{n} parameters"),
    mark("{n} unit"),
    mark("{n} units"),
    mark("{n} map of {size}"),
    mark("{n} maps of {size}"),
    mark("{n} row"),
    mark("{n} rows"),
    mark("{n} column"),
    mark("{n} columns"),
    mark("{n} value from {a} to {b}"),
    mark("{n} values from {a} to {b}"),
    mark("values from {a} to {b}"),
    mark("weights from {a} to {b}"),
    mark("from {a} to {b}"),
    mark("{name} from {a} to {b}"),
    mark("{name} from"),
    mark("{n} of {m} points"),
    mark("highest {x}"),
    mark("lowest {x}"),
    mark("mean {x}"),
    mark("standard deviation {x}"),
    mark("{n} probabilities"),
    mark("{which} with {p}"),
    mark("then {which} with {p}"),
    mark("padded with {p}"),
    mark("the largest is that of {which} with {p}"),
    mark("An image and beside it the probabilities of {n} classes"),
    mark("windows of {size}"),
    mark("row {a}"),
    mark("column {a}"),
    mark("rows {a} to {b}"),
    mark("columns {a} to {b}"),
    mark("marked row {a}"),
    mark("marked column {a}"),
    mark("marked rows {a} to {b}"),
    mark("marked columns {a} to {b}"),
    mark("and beside it its numbers in rows {a} to {b}"),
    mark("framed by padding of {p} with {v}"),
    mark("framed by padding of {p} row and {q} column with {v}"),
    mark("framed by padding of {p} row and {q} columns with {v}"),
    mark("framed by padding of {p} rows and {q} column with {v}"),
    mark("framed by padding of {p} rows and {q} columns with {v}"),
    mark("{shown} against {across}"),
    mark("{shown} (logarithmic)"),
    mark("{shown} (log scale)"),
    mark("{shown} (%)"),
    mark("{values} ({note})"),
    mark("sum {n}"),
    mark("map {h} × {w}"),
    mark("{size} places"),
    mark("{n} cells → {m}"),
    mark("Histogram of {name}"),
    mark("after epoch {n}"),
    mark("after epoch {n} of {m}"),
    mark("{what} after epoch {n} of {m}"),
    mark("Loss and accuracy after {n} epoch"),
    mark("Loss and accuracy after each of {n} epochs"),
    mark("read as {which}"),
    mark("{one} read as {other}"),
    mark("reads {which} ✓"),
    mark("{n} times"),
    mark("and {n} other pair"),
    mark("and {n} other pairs"),
    mark("{n} read right"),
    mark("{what} of {n} image"),
    mark("{what} of {n} images"),
    mark("{which} and {n} more"),
    mark("Maps {name}"),
    mark("From left to right"),
    mark("channel {n}"),
    mark("code {n}"),
    mark("kernel {n}"),
    mark("pair {n}"),
    mark("map {n}"),
    mark("stroke {n}"),
    mark("{n} strokes"),
    mark("partial map of filter {n}"),
    mark("{first} and {second}"),
)
WORD = re.compile("[A-Za-z]{2}")
NUMBER = r"(?:[^ ]*[\d∞][^ ]*|[^ A-Za-z]+|two|three)(?: %)?"
OUTSIDE = r"(?![^\[(]*[\])])"  # of brackets
Told = Callable[[str], str | None]  # gives a phrase in another language, None where it is to be taken apart


def told(text: str) -> str:
    """Return the alternative text of a figure in the reader's language; what has no translation stays English."""
    if language() == ENGLISH:
        return text
    return _told(text, lambda phrase: found if (found := translated(phrase)) != phrase else None, lambda phrase: phrase)


def phrases(text: str, whole: set[str]) -> Iterator[str]:
    """Yield the phrases of an English text that are to be translated.

    whole: sentences that are not to be taken apart.
    """
    found: list[str] = []

    def noted(phrase: str) -> str:
        found.append(phrase)
        return phrase

    _told(text, lambda phrase: noted(phrase) if phrase in whole else None, noted)
    yield from found


def _told(text: str, known: Told, leaf: Callable[[str], str], level: int = 0) -> str:
    if not WORD.search(text):
        return text
    if (found := known(text)) is not None:
        return found
    if text.endswith("."):
        return _closed(_told(text[:-1], known, leaf, level))
    while level < len(MARKS):
        english, other = between(MARKS[level]), between(translated(MARKS[level]))
        level += 1
        parts = re.split(re.escape(english) + OUTSIDE, text)
        if len(parts) > 1:
            return other.join(_told(part, known, leaf, level) for part in parts)
    for pattern, template in _patterns():
        if match := pattern.fullmatch(text):
            fields = {name: _told(part, known, leaf, level) for name, part in match.groupdict().items()}
            return filled(translated(template), dict(fields))
    return leaf(text)


def _closed(text: str) -> str:
    """Return a sentence with its full stop."""
    return filled(translated(mark("{line}.")), {"line": text})


@functools.cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return the templates as patterns, those with the most words first."""
    longest = sorted(TEMPLATES, key=lambda template: -len(re.sub(r"\{\w+\}", "", template)))
    return [(re.compile(_pattern(template)), template) for template in longest]


def _pattern(template: str) -> str:
    parts = re.split(r"\{(\w+)\}", template)
    fields = [f"(?P<{name}>{NUMBER if len(name) == 1 else '.+'})" for name in parts[1::2]]
    return "".join(re.escape(words) + field for words, field in zip(parts[::2], [*fields, ""]))
