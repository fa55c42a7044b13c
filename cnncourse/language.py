"""What programs say to a reader, in the reader's language.

Every sentence is a whole template in English, such as `say("{name} has {count} values.", name=..., count=...)`: the
template is looked up in the catalogue of the language and filled after that. A sentence that stands in a table is
marked there, `mark("...")`, and looked up where it is said, `translated(sentence)`. CONTRIBUTING.md says how a sentence
is translated; what has no translation stays English.

The language is that of the variable CNNCOURSE_LANGUAGE, else the one that the notebook itself names in the metadata of
its cells, else that of the file `cnncourse_language.txt` beside the notebook, else English.
"""

from __future__ import annotations

import functools
import gettext
import os
import re
import string
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from . import front_end

VARIABLE = "CNNCOURSE_LANGUAGE"
FILE = "cnncourse_language.txt"  # not hidden: an edition in the browser does not serve hidden files
METADATA = "cnncourse_language"  # of each cell of code of a notebook that is in another language than English
CATALOGUES = Path(__file__).resolve().parent / "locale"
DOMAIN = "cnncourse"
ENGLISH = "en"
FURTHER: dict[str, Path] = {}  # catalogues of packages that build on this one: their folders by their domains
T = TypeVar("T")


# ---- which language -------------------------------------------------------------------------------------------------


def language() -> str:
    """Return the language that is spoken, such as "en" or "zh_CN"."""
    chosen = (_chosen.get() or os.environ.get(VARIABLE, "")).strip()
    return _known(chosen or _of_the_notebook() or _beside_the_notebook())


_chosen: ContextVar[str] = ContextVar("language", default="")


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Have this thread speak a language for a while, whatever the variable and the file say."""
    before = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(before)


def languages() -> list[str]:
    """Return the languages that there are: English, and those with a catalogue."""
    return [ENGLISH, *sorted(path.parent.parent.name for path in CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))]


_named = {"language": ""}  # by the notebook; what moves an explorer comes without the metadata of a cell


def _of_the_notebook() -> str:
    """Return what the notebook says of itself, as far as its front end tells: so a chapter taken alone is known."""
    if named := front_end.sent_along().get(METADATA) or front_end.in_file(METADATA):
        _named["language"] = str(named)
    return _named["language"]


@functools.cache
def _beside_the_notebook() -> str:
    """Return what the file beside the notebook says; a kernel begins in the folder of its notebook."""
    try:
        return Path(FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


@functools.cache
def _known(name: str) -> str:
    """Return the language of this name, English for one that there is not, which is said once."""
    wanted = (name or ENGLISH).replace("-", "_").lower()
    found = next((one for one in languages() if one.lower() == wanted), None)
    if found is None:
        message = f"the language of the course is {name!r}, expected one of {languages()}: English is used"
        warnings.warn(message, UserWarning, stacklevel=4)
    return found or ENGLISH


@functools.cache
def _catalogue(name: str) -> gettext.NullTranslations:
    if name == ENGLISH:
        return gettext.NullTranslations()
    found = gettext.translation(DOMAIN, CATALOGUES, [name])
    for domain, folder in FURTHER.items():
        found.add_fallback(gettext.translation(domain, folder, [name], fallback=True))
    return found


def templates() -> list[str]:
    """Return the English templates that the catalogue of the language that is spoken holds; none for English."""
    return [key for key in getattr(_catalogue(language()), "_catalog", {}) if isinstance(key, str) and key]


def add_catalogue(domain: str, folder: Path) -> None:
    """Have sentences looked up in a further catalogue, where ours has none: folder/LANGUAGE/LC_MESSAGES/domain.mo."""
    FURTHER[domain] = folder
    _catalogue.cache_clear()


def everywhere(sentence: str) -> list[str]:
    """Return a sentence as it is in each language."""
    return list(dict.fromkeys(_catalogue(name).gettext(sentence) for name in languages())) if sentence else [""]


def each_language(made: Callable[[], T]) -> Callable[[], T]:
    """Return a function that calls `made` once in every language, and then knows what it gave."""
    known = functools.cache(lambda name: made())
    return functools.wraps(made)(lambda: known(language()))


def html_lang() -> str:
    """Return ` lang="zh-CN"` for an element whose text is not in the language of its page, "" for English."""
    return "" if language() == ENGLISH else f' lang="{language().replace("_", "-")}"'


# ---- sentences ------------------------------------------------------------------------------------------------------


def mark(template: str) -> str:
    """Return the template as it is: it is translated where it is said."""
    return template


def translated(sentence: str) -> str:
    """Return a sentence without fields in the reader's language."""
    return _catalogue(language()).gettext(sentence) if sentence else ""


def say(template: str, /, **fields: object) -> str:
    """Return the template in the reader's language, filled."""
    return filled(_catalogue(language()).gettext(template), fields)


def say_count(one: str, many: str, count: int, /, **fields: object) -> str:
    """Return one of two templates, as `count` asks for, in the reader's language and filled; `{count}` is the count."""
    return filled(_catalogue(language()).ngettext(one, many, count), {"count": count, **fields})


def spoken(value: Any) -> Any:
    """Return what holds sentences, a text or lists and dictionaries of them, in the reader's language."""
    if isinstance(value, str):
        return translated(value)
    if isinstance(value, dict):
        return {name: spoken(one) for name, one in value.items()}
    return type(value)(map(spoken, value)) if isinstance(value, (list, tuple)) else value


class Texts(dict[str, Any]):
    """A table of templates in English: what is looked up in it comes in the reader's language."""

    def __getitem__(self, name: str) -> Any:
        return spoken(super().__getitem__(name))


def fill(template: str, /, **fields: object) -> str:
    """Return a template that is in the reader's language already, filled."""
    return filled(template, fields)


def joined(sentences: Iterable[str]) -> str:
    """Return sentences one after the other: with a space between them in English, without one in Chinese."""
    return between(translated(mark("{first} {second}"))).join(sentences)


def listed(names: Iterable[str]) -> str:
    """Return names one after the other, "a, b, c" in English."""
    return between(translated(mark("{first}, {second}"))).join(names)


def between(template: str) -> str:
    """Return what stands between the two fields of a template such as "{first} and {second}"."""
    return re.sub(r"^\{\w+\}|\{\w+\}$", "", template)


def filled(template: str, fields: dict[str, object]) -> str:
    """Return a template with its fields filled in.

    A template of Chinese writes a space between a character and a field, as stands between a character and a Latin
    letter or a number. Where what comes into the field is Chinese too, that space goes.
    """
    text = ""
    for literal, name, form, _ in string.Formatter().parse(template):
        text = _met(text, literal)
        if name is not None:
            text = _met(text, format(fields[name], form or ""))
    return text


def _met(left: str, right: str) -> str:
    """Return two texts one after the other, without a space between Chinese characters or beside a full-width mark."""
    if not (left.endswith(" ") or right.startswith(" ")):
        return left + right
    before, after = left.rstrip(" "), right.lstrip(" ")
    ends = before[-1:], after[:1]
    return before + after if all(map(_is_wide, ends)) or any(map(_is_mark, ends)) else left + right


def _is_mark(character: str) -> bool:
    """Return whether this is a full-width mark."""
    return bool(character) and ("\u3001" <= character <= "\u303f" or "\uff00" <= character <= "\uffef")


def _is_wide(character: str) -> bool:
    """Return whether this is a Chinese character or a full-width mark."""
    return bool(character) and (
        "\u3000" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef" or character in "“”"
    )
