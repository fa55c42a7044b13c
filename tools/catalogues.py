"""The catalogues of what programs say to a reader: sentences of `cnncourse` in other languages.

    python tools/catalogues.py update zh_CN   takes over what is new or changed in the code; then translate in the .po
    python tools/catalogues.py check          names what is missing, stale or torn, and counts the sentences
    python tools/catalogues.py compile        writes what programs read, the .mo beside each .po

A catalogue is cnncourse/locale/LANGUAGE/LC_MESSAGES/cnncourse.po. It holds every template that the code marks with
`say`, `say_count` or `mark`, everything that an exercise knows: its cases, the names of its mistakes, a sentence on
each, everything that an explorer hands to its page: its labels, tables of sentences and words, and the phrases in the
alternative texts of the stored figures and their tables. An entry whose English has changed keeps the old
translation with the word `fuzzy`: mend it, and take the word away.

The grader has a catalogue of its own beside this one (grader/tools/catalogue.py).

Needed: Babel. The terms and the rules of punctuation are those of `translations/LANGUAGE/`.
"""

from __future__ import annotations

import argparse
import difflib
import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import spoken_outputs
import translations
from cnncourse import checks, explorers
from cnncourse.checks.comparing import GENERAL, ROUNDED
from cnncourse.language import CATALOGUES, DOMAIN
from cnncourse.plots import words

PACKAGE = CATALOGUES.parent
KEYWORDS = {"say": None, "mark": None, "say_count": (1, 2)}
Key = str | tuple[str, ...]  # a sentence, or its singular and its plural

# What a sentence and its translation have in the same order: fields, inline code, numbers, formulas.
FIELD = re.compile(r"\{(\w+)[^{}]*\}")
TOKEN = re.compile(r"\{\w+[^{}]*\}|`[^`]+`|[=%]|[^\s={%\u3000-\u9fff\uff00-\uffef“”—…()\[\],:;?!\"']+")
# What is translated: words, and marks between what is filled in; the rest is a formula or a number.
WORD = re.compile("[A-Za-z]{2}|^a |[,;:.](?: |$)")
LETTERS = re.compile("[A-Za-z]{2}")
SIGNS = set("0123456789_·×⌊⌋−∂δησβ∞′½²⋆∗←=+/%°{`")


class Undated(Catalog):
    """A catalogue whose heading holds no dates and no names: it changes only when a sentence does."""

    def _undated(self) -> list[tuple[str, str]]:
        return [
            ("Language", str(self.locale)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]

    mime_headers = property(_undated)


# ---- what there is to translate -------------------------------------------------------------------------------------


@dataclass
class Book:
    """The catalogues of one package: their domain and folder, and what gives its sentences, each with its file."""

    domain: str
    folder: Path
    sentences: Callable[[], Iterable[tuple[str, Key]]]


def extracted(book: Book | None = None) -> dict[Key, list[str]]:
    """Return every sentence of the package with the files that it stands in."""
    found: dict[Key, list[str]] = {}
    for path, key in (COURSE if book is None else book).sentences():
        if key and path not in found.setdefault(key, []):
            found[key].append(path)
    return found


def of_the_course() -> Iterator[tuple[str, Key]]:
    """Yield the sentences of the course, each with its file."""
    yield from marked(PACKAGE)
    yield from _known_to_exercises()
    yield from _handed_to_pages()
    yield from _told_of_figures()


def marked(package: Path) -> Iterator[tuple[str, Key]]:
    """Yield the sentences that the code of a package marks, each with its file."""
    for path in sorted(package.rglob("*.py")):
        source = path.read_bytes()
        if re.search(rb"(?:language|wording) import|def say\(", source):  # elsewhere the names mean something else
            for _, key, _, _ in extract("python", io.BytesIO(source), KEYWORDS):
                yield path.relative_to(package.parent).as_posix(), key


def _known_to_exercises() -> Iterator[tuple[str, Key]]:
    for name, exercise in checks.EXERCISES.items():
        for sentence in exercise.sentences():
            yield _named(PACKAGE / "exercises" / f"{name}.py"), sentence
    for mistake in (*GENERAL, ROUNDED):
        yield from ((_named(PACKAGE / "checks" / "comparing.py"), text) for text in (mistake.name, mistake.message))


def _handed_to_pages() -> Iterator[tuple[str, Key]]:
    for name in explorers.__all__:
        explorer: Any = getattr(getattr(explorers, name)(), "_explorer", None)
        for sentence in explorer.sentences() if explorer else ():
            if WORD.search(FIELD.sub("", sentence)):
                module = explorer.data.__module__.rpartition(".")[2]
                yield _named(PACKAGE / "explorers" / f"{module}.py"), sentence


def _told_of_figures() -> Iterator[tuple[str, Key]]:
    for chapter in translations.chapters():
        notebook = translations.read(chapter)
        whole = set(spoken_outputs.sentences_in_code(notebook))
        for output in spoken_outputs.outputs_of(notebook):
            drawn = (
                part for table in spoken_outputs.tables(output) for line in spoken_outputs.parts(table) for part in line
            )
            for text in (*spoken_outputs.alternatives(output), *drawn):
                yield from ((f"notebooks/{chapter}.ipynb", phrase) for phrase in words.phrases(text, whole))


def _named(path: Path) -> str:
    return path.relative_to(PACKAGE.parent).as_posix()


# ---- catalogues -----------------------------------------------------------------------------------------------------


COURSE = Book(DOMAIN, CATALOGUES, of_the_course)


def path_of(language: str, ending: str = "po", book: Book = COURSE) -> Path:
    return book.folder / language / "LC_MESSAGES" / f"{book.domain}.{ending}"


def _strings(message: Message) -> list[str]:
    """Return the translations of a sentence: one, or one for each plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def languages() -> list[str]:
    """Return the languages that have a catalogue."""
    return sorted(path.parent.parent.name for path in CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def entries(language: str, book: Book = COURSE) -> dict[Key, Message]:
    """Return what the catalogue of a language holds; nothing if there is none yet."""
    path = path_of(language, "po", book)
    if not path.exists():
        return {}
    stored = read_po(io.BytesIO(path.read_bytes()), locale=language, domain=book.domain)
    return {
        message.id if isinstance(message.id, str) else tuple(message.id): message for message in stored if message.id
    }


def updated(language: str, book: Book = COURSE) -> Undated:
    """Return the catalogue with the sentences of today; a changed one has its old translation, and is fuzzy."""
    old, today = entries(language, book), extracted(book)
    lost = {_first(key): key for key in old if key not in today}
    made = Undated(locale=language, domain=book.domain, fuzzy=False)
    for key, files in today.items():
        message = old.get(key)
        near = [] if message else difflib.get_close_matches(_first(key), list(lost), 1, 0.6)
        if near:
            message = old[lost[near[0]]]
        flags = (set(message.flags) if message else set()) | ({"fuzzy"} if near else set())
        string = message.string if message and isinstance(key, str) == isinstance(message.id, str) else None
        made.add(key, string, [(file, 0) for file in files], flags=flags)
    return made


def _first(key: Key) -> str:
    return key if isinstance(key, str) else key[0]


def as_po(catalogue: Catalog) -> bytes:
    target = io.BytesIO()
    write_po(target, catalogue, width=120, include_lineno=False)
    # Babel heads a file with a title, a copyright and the year: what a licence says, LICENSE says.
    text = target.getvalue().decode("utf-8")
    return text[text.index("msgid") :].encode("utf-8")


def as_mo(language: str, book: Book = COURSE) -> bytes:
    """Return what programs read, made from the .po of a language."""
    made = Undated(locale=language, domain=book.domain, fuzzy=False)
    for key, message in entries(language, book).items():
        made.add(key, message.string, flags=message.flags)
    target = io.BytesIO()
    write_mo(target, made)
    return target.getvalue()


# ---- checks ---------------------------------------------------------------------------------------------------------


def sequence(text: str) -> list[str]:
    """Return the fields, the inline code, the numbers and the formulas of a sentence in their order."""
    tokens = TOKEN.findall(re.sub(r"(?<=\w)'s\b", "", text))
    return [token for token in map(_without_words, tokens) if _counts(token)]


def _without_words(token: str) -> str:
    """Return a formula without its words, such as the second half of 2·padding; code and fields stay whole."""
    return token if token[0] in "`{" else re.sub("[A-Za-z]{4,}", "", token).strip(".").rstrip("-")


def _counts(token: str) -> bool:
    single = len(token) == 1 and token.isalpha() and token not in "aAI"
    return single or bool(SIGNS & set(token))


def plain(text: str) -> str:
    """Return a sentence with a letter in the place of its fields, as the rules of `translations` take it."""
    return FIELD.sub("x", text)


def faults_of_sentence(english: str, text: str, language: translations.Language) -> Iterator[str]:
    """Yield a phrase for everything that is wrong with a translation, by the English and by itself."""
    if sequence(english) != sequence(text):
        yield f"the English has {sequence(english)}, in this order, and this {sequence(text)}"
    yield from translations.punctuation(plain(text), language.settings.get("rules", []))
    yield from translations.wording(plain(english), plain(text), language.terms)
    if not LETTERS.search(FIELD.sub("", english)):
        yield from translations.punctuation(plain(text), language.settings.get("wordless", []))


def faults(name: str, book: Book = COURSE) -> list[str]:
    """Return a sentence for everything that is missing, stale or torn in the catalogue of a language."""
    [language] = translations.languages([name])
    today, stored = extracted(book), entries(name, book)
    found = [f"{key!r} is missing" for key in today if key not in stored]
    for key, message in stored.items():
        if key not in today:
            found.append(f"{key!r} is stale: no program says it")
        elif message.fuzzy:
            found.append(f"{key!r} is fuzzy: its English has changed")
        strings = _strings(message)
        if not all(strings):
            found.append(f"{key!r} is not translated")
        english = [key] if isinstance(key, str) else [key[-1]] * len(strings)
        for source, text in zip(english, strings):
            found += [f"{source!r} · {text!r}: {what}" for what in faults_of_sentence(source, text, language) if text]
    compiled = path_of(name, "mo", book)
    if not compiled.exists() or compiled.read_bytes() != as_mo(name, book):
        command = "tools/catalogues.py" if book is COURSE else "grader/tools/catalogue.py"
        found.append(f"{compiled.name} is not made from {book.domain}.po: python {command} compile")
    return found


# ---- commands -------------------------------------------------------------------------------------------------------


def update(language: str, book: Book = COURSE) -> None:
    translations.languages([language])  # an error for one without a folder
    path = path_of(language, "po", book)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_po(updated(language, book)))
    stored = entries(language, book)
    still = sum(not all(_strings(message)) or message.fuzzy for message in stored.values())
    print(f"{language}: {len(stored)} sentences, {still} of them to translate")


def check(language: str, book: Book = COURSE) -> bool:
    found = faults(language, book)
    for what in found:
        print(f"{language}: {what}", file=sys.stderr)
    if not found:
        print(f"{language}: all {len(entries(language, book))} sentences are translated")
    return not found


def main(arguments: list[str] | None = None, book: Book = COURSE) -> int:
    parser = argparse.ArgumentParser(description="The catalogues of what programs say to a reader.")
    parser.add_argument("command", choices=["update", "check", "compile"])
    parser.add_argument("language", nargs="*", help="default: all")
    options = parser.parse_args(arguments)
    chosen = options.language or languages()
    try:
        if options.command == "check":
            return 0 if all([check(language, book) for language in chosen]) else 1
        for language in chosen:
            if options.command == "update":
                update(language, book)
            path_of(language, "mo", book).write_bytes(as_mo(language, book))
    except ValueError as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
