"""The course in other languages: text only, keyed by cell, put into the one set of executed notebooks.

    python tools/translations.py extract zh_CN 05_pooling   adds the cells of a chapter that have no piece yet
    python tools/translations.py check                      names what is stale or torn, and counts what is open
    python tools/translations.py build zh_CN                writes the notebooks into build/zh_CN/notebooks

A language is a folder of `translations/`: `language.toml`, its name, the chapters that are whole, its rules of
punctuation; `glossary.toml`, its terms; and one file for each chapter. There a line stands above the text of a cell,

    <!-- cell: stride-look 1a2b3c4d -->

its id and a hash of the English it was made from. A piece with the word `open` after the hash is not translated yet, or
its English has changed: the notebook shows the English. Code between fences is never copied: {{code 1}} stands for the
first block of the cell. README.zh_CN.md has such a line above each section, and holds its code itself, with the
comments translated.
"""

from __future__ import annotations

import argparse
import calendar
import hashlib
import json
import re
import sys
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

import predicted_cells
import spoken_outputs
from cnncourse.language import FILE as LANGUAGE_FILE
from cnncourse.language import METADATA as LANGUAGE_METADATA

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "translations"
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build"
BUILT = ".built.json"  # beside the notebooks: what was written last, so that a reader's work is known from it

HEAD = re.compile(r"^<!-- cell: (\S+) ([0-9a-f]{8})( open)? -->$", re.MULTILINE)
HEAD_LIKE = re.compile(r"^<!--.*$", re.MULTILINE)
FENCE = re.compile(r"^```[^\n]*\n.*?^```[ \t]*$", re.MULTILINE | re.DOTALL)
PLACE = re.compile(r"\{\{code (\d+)\}\}")
FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
WORDS = re.compile(r"(\\text(?:bf)?)\{[^{}]*\}")
CODE = re.compile(r"`[^`\n]+`")
TAG = re.compile(r"</?[a-z][^>\n]*>")
LINK = re.compile(r"\]\(([^)\s]+)\)")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
MONTHS = list(calendar.month_name)  # "", "January", …
DATE = re.compile(rf"(\d+) ({'|'.join(MONTHS[1:])}) (?=\d{{4}})")
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
BOLD = re.compile(r"(?P<before>.?)\*\*(?P<text>[^*\n]+)\*\*(?P<after>.?)")
TITLE = re.compile(r"(?<!\*)\*(?:[^*\s]+\s+){3,}[^*\s]+\*(?!\*)")  # *of a book*, in italics, which stays English
CHOICE = re.compile(r"<!-- elsewhere -->|<!-- here: | -->")  # around words of which one or the other is shown
MASK = "\ue000"  # stands for a formula, code or a link where the rules of punctuation are held against the prose


# ---- what is stored -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """The text of one cell in another language, made from the English with the hash `made_from`."""

    cell: str
    made_from: str
    is_open: bool
    text: str


@dataclass(frozen=True)
class Language:
    """A folder of `translations/`."""

    folder: Path

    @cached_property
    def settings(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "language.toml").read_text(encoding="utf-8"))

    @cached_property
    def terms(self) -> dict[str, dict[str, Any]]:
        return tomllib.loads((self.folder / "glossary.toml").read_text(encoding="utf-8"))["terms"]

    def path(self, chapter: str) -> Path:
        return self.folder / f"{chapter}.md"

    def pieces(self, chapter: str) -> list[Piece]:
        """Return the pieces of a chapter in order; [] if it has no file. Raise ValueError if a line is malformed."""
        return parse(path.read_text(encoding="utf-8")) if (path := self.path(chapter)).exists() else []


def parse(stored: str) -> list[Piece]:
    """Return the pieces of a file's text; raise ValueError for a heading that is none and for text above the first."""
    heads = list(HEAD.finditer(stored))
    for line in HEAD_LIKE.findall(stored):
        if "cell:" in line and not HEAD.fullmatch(line):
            raise ValueError(f"got {line!r}, expected <!-- cell: ID HASH -->, or the word open behind the hash")
    if stored[: heads[0].start() if heads else None].strip():
        raise ValueError("got text above the first cell")
    ends = [head.start() for head in heads[1:]] + [len(stored)]
    return [Piece(head[1], head[2], bool(head[3]), stored[head.end() : end].strip()) for head, end in zip(heads, ends)]


def written(pieces: list[Piece]) -> str:
    """Return the text of a file with these pieces: the inverse of `parse`."""
    heads = [f"{piece.cell} {piece.made_from}{' open' if piece.is_open else ''}" for piece in pieces]
    return "\n".join(f"<!-- cell: {head} -->\n\n{piece.text}\n" for head, piece in zip(heads, pieces))


def languages(names: list[str] | None = None) -> list[Language]:
    """Return the languages with these names, or all; raise ValueError for one without a folder."""
    present = sorted(path.parent.name for path in FOLDER.glob("*/language.toml"))
    if strangers := [name for name in names or [] if name not in present]:
        raise ValueError(f"got language {strangers[0]!r}, expected one of {present}")
    return [Language(FOLDER / name) for name in names or present]


def chapters() -> list[str]:
    return sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


def read(chapter: str) -> NotebookNode:
    return nbformat.read(NOTEBOOKS / f"{chapter}.ipynb", as_version=4)


def english(notebook: NotebookNode) -> dict[str, str]:
    """Return the text of every markdown cell by its id."""
    return {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "markdown"}


def hash_of(text: str) -> str:
    """Return eight letters that change with the text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:8]


# ---- code is never copied -------------------------------------------------------------------------------------------


def without_code(text: str) -> str:
    """Return `text` with {{code 1}}, {{code 2}}, ... in the place of its blocks of code."""
    numbers = iter(range(1, len(FENCE.findall(text)) + 1))
    return FENCE.sub(lambda _: f"{{{{code {next(numbers)}}}}}", text)


def with_code(text: str, source: str) -> str:
    """Return `text` with the blocks of code of `source`, the English, in their places."""
    blocks = FENCE.findall(source)
    return PLACE.sub(lambda place: blocks[int(place[1]) - 1], text)


# ---- checks ---------------------------------------------------------------------------------------------------------


def prose(text: str, mask: str = " ") -> str:
    """Return `text` with `mask` in the place of code, comments, formulas and addresses of links, and without tags."""
    for pattern in (FENCE, HEAD_LIKE, PLACE, FORMULA, CODE):
        text = pattern.sub(mask, text)
    return TAG.sub("", LINK.sub("]", CHOICE.sub("", text)))


def without_words(formula: str) -> str:
    """Return a formula without spaces and without its words, those in \\text{...}, which are translated."""
    return re.sub(r"\s+", "", WORDS.sub(r"\1{}", formula))


def shared(text: str) -> dict[str, Counter[str]]:
    """Return what a text and its translation have to have in common, each kind with its counts; the order is free."""
    no_code = without_code(text)
    no_formulas = FORMULA.sub(" ", no_code)
    # a month is a word in one language and a number in another
    dated = DATE.sub(lambda date: f"{date[1]} {MONTHS.index(date[2])} ", prose(no_code))
    return {
        "block of code": Counter(PLACE.findall(no_code)),
        "formula": Counter(without_words(formula) for formula in FORMULA.findall(no_code)),
        "inline code": Counter(CODE.findall(no_formulas)),
        "HTML tag": Counter(TAG.findall(re.sub(r'(?<= alt=)"[^"]*"', "", CODE.sub(" ", no_formulas)))),
        "link": Counter(LINK.findall(no_formulas)),
        "number": Counter(NUMBER.findall(dated)),
        "heading": Counter(HEADING.findall(no_code)),
        "row of a table": Counter(re.findall(r"^\|", no_code, re.MULTILINE)),
    }


def parity(source: str, text: str) -> Iterator[str]:
    """Yield a phrase for everything of the English that the translation lacks, and the other way round."""
    ours, theirs = shared(text), shared(source)
    for kind, expected in theirs.items():
        yield from (f"lacks the {kind} {one}" for one in (expected - ours[kind]).elements())
        yield from (f"has the {kind} {one}, which the English has not" for one in (ours[kind] - expected).elements())


def emphasis(text: str) -> Iterator[str]:
    """Yield a phrase for every **bold** that Markdown shows with its asterisks, because of a mark beside them."""
    for found in BOLD.finditer(prose(text, MASK)):
        inside, before, after = found["text"], found["before"].strip(), found["after"].strip()
        closes = not is_mark(inside[-1]) or not after or is_mark(after)
        opens = not is_mark(inside[0]) or not before or is_mark(before)
        if not (opens and closes) or inside != inside.strip():
            yield f"**{inside}** is not shown bold: a mark or a space stands beside the asterisks"


def is_mark(character: str) -> bool:
    """Whether Markdown takes a character for punctuation, such as the $ or ` at which something masked begins."""
    return character == MASK or unicodedata.category(character)[0] in "PS"


def punctuation(text: str, rules: list[dict[str, str]]) -> Iterator[str]:
    """Yield a phrase for every place where a rule of the language is broken."""
    plain = prose(text, MASK).replace("**", "")
    for rule in rules:
        for found in re.finditer(rule["pattern"], plain, re.MULTILINE):
            around = plain[max(0, found.start() - 8) : found.end() + 8].replace(MASK, "…").replace("\n", " ")
            yield f"{rule['says']}: {around!r}"


def wording(source: str, text: str, terms: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield a phrase for every term of the glossary that the translation of `source` does not use, or must not."""
    plain = prose(text).replace("*", "")
    small = plain.lower()
    original = re.sub(r"[\s*]+", " ", TITLE.sub(" ", prose(source)))
    for term, entry in terms.items():
        allowed = [entry["use"], *entry.get("also", [])]
        said = any(word.lower() in small for word in allowed)
        if not said and entry.get("held", True) and occurs(term, original):
            yield f"the English says {term!r}, expected {' or '.join(allowed)}"
        for word in entry.get("mention", []) if not said else ():
            if word not in plain:
                continue
            longer = "|".join(e["use"] for e in terms.values() if word in e["use"] != word)  # 残差 in 残差网络
            if word in re.sub(longer, "", plain):
                yield f"says {word} without {entry['use']}, the term of this course"
        yield from (f"says {word}, expected {entry['use']}" for word in entry.get("avoid", []) if word in plain)


def occurs(term: str, text: str) -> bool:
    """Whether a term stands in an English text, in its singular or its plural."""
    if term.lower() not in text.lower():  # which is known sooner, of two hundred terms in thousands of sentences
        return False
    return bool(re.search(rf"(?<![\w-]){re.escape(term)}(?:s|es)?(?![\w-])", text, re.IGNORECASE))


def faults_of_piece(piece: Piece, source: str, language: Language) -> Iterator[str]:
    """Yield a phrase for everything that is wrong with a piece that is not open, by the English and by itself."""
    if piece.is_open:
        return
    if piece.made_from != hash_of(source):
        yield f"is stale: made from {piece.made_from}, and the English is {hash_of(source)}"
    yield from parity(source, piece.text)
    yield from emphasis(piece.text)
    yield from punctuation(piece.text, language.settings.get("rules", []))
    yield from wording(source, piece.text, language.terms)


def faults(language: Language, chapter: str, texts: dict[str, str]) -> list[str]:
    """Return a sentence for everything that is stale or torn in a chapter, whose English `texts` are given by id."""
    stored = path.read_text(encoding="utf-8") if (path := language.path(chapter)).exists() else ""
    return faults_of_pieces(language, stored, texts, whole=chapter in language.settings["whole"])


def faults_of_pieces(language: Language, stored: str, texts: dict[str, str], whole: bool) -> list[str]:
    """Return a sentence for everything that is stale or torn in the text of a file, or missing if it is `whole`."""
    try:
        pieces = parse(stored)
    except ValueError as error:
        return [str(error)]
    found = [f"{name}: has {count} pieces" for name, count in Counter(p.cell for p in pieces).items() if count > 1]
    known = [piece for piece in pieces if piece.cell in texts]
    found += [f"{one.cell}: {what}" for one in known for what in faults_of_piece(one, texts[one.cell], language)]
    found += [f"{piece.cell}: the English has no such part" for piece in pieces if piece not in known]
    if not found and (order := [piece.cell for piece in known]) != [name for name in texts if name in order]:
        found.append("the pieces do not stand in the order of the cells")
    missing = "is missing, and the chapter is said to be whole"
    return found + [f"{name}: {missing}" for name in (open_cells(pieces, texts) if whole else [])]


def faults_of_readme(language: Language) -> list[str]:
    """Return a sentence for everything that is stale or torn in the README of a language, if there is one."""
    if not (path := ROOT / f"README.{language.folder.name}.md").exists():
        return []
    source = (ROOT / "README.md").read_text(encoding="utf-8")
    stored = path.read_text(encoding="utf-8").replace("](README.md)", f"]({path.name})")  # each links to the other
    stored = stored.replace(f"](translations/{language.folder.name}/docs/", "](docs/")  # and to pages in its language
    found = faults_of_pieces(language, stored, sections(source), whole=False)
    found += [f"{name}: is missing" for name in sections(source) if f"<!-- cell: {name} " not in stored]
    commands = [[re.sub(r" *#.*", "", block) for block in FENCE.findall(text)] for text in (stored, source)]
    return found if commands[0] == commands[1] else [*found, "the commands are not those of README.md"]


def sections(text: str) -> dict[str, str]:
    """Return the parts of a page, cut above its headings of the second rank, by the words of their first lines."""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return {"-".join(part.partition("\n")[0].lower().split()[1:]): part.strip() for part in parts}


def open_cells(pieces: list[Piece], texts: dict[str, str]) -> list[str]:
    """Return the ids of the cells that are not translated yet."""
    done = {piece.cell for piece in pieces if not piece.is_open}
    return [name for name in texts if name not in done]


def faults_of_language(language: Language) -> dict[str, list[str]]:
    """Return what is wrong with each chapter of a language, and with its folder as a whole."""
    found = {chapter: faults(language, chapter, english(read(chapter))) for chapter in chapters()}
    named = {path.stem for path in language.folder.glob("*.md")} | set(language.settings["whole"])
    found["the folder"] = [f"{name}: there is no such chapter" for name in sorted(named - set(chapters()))]
    return found | {"README": faults_of_readme(language)}


# ---- commands -------------------------------------------------------------------------------------------------------


def extract(language: Language, chapter: str) -> int:
    """Add the cells of a chapter that have no piece yet, in English and marked open; return how many."""
    texts = english(read(chapter))
    known = {piece.cell: piece for piece in language.pieces(chapter)}
    added = {name: Piece(name, hash_of(text), True, without_code(text)) for name, text in texts.items()}
    strangers = [piece for name, piece in known.items() if name not in texts]
    pieces = [known.get(name, piece) for name, piece in added.items()] + strangers
    language.path(chapter).write_text(written(pieces), encoding="utf-8", newline="\n")
    return len(added.keys() - known.keys())


def check(language: Language) -> bool:
    """Print what is wrong with a language and how much of it is open; return whether nothing is wrong."""
    everything = faults_of_language(language).items()
    wrong = [f"{language.folder.name}/{chapter}: {what}" for chapter, found in everything for what in found]
    if wrong:
        print(*wrong, sep="\n", file=sys.stderr)
        return False
    texts = {chapter: english(read(chapter)) for chapter in chapters()}
    opened = {chapter: open_cells(language.pieces(chapter), cells) for chapter, cells in texts.items()}
    counts = {chapter: (len(cells) - len(opened[chapter]), len(cells)) for chapter, cells in texts.items()}
    done, of = (sum(numbers) for numbers in zip(*counts.values()))
    print(f"{language.folder.name}: {done} of {of} pieces, {of - done} are open")
    for chapter, (some, all_of_it) in counts.items():
        print(f"  {chapter:<40}{some:>4} of {all_of_it}")
    return True


def translated(notebook: NotebookNode, pieces: list[Piece]) -> NotebookNode:
    """Put the pieces into a notebook, in place; its code and its outputs stay as they are. Return it."""
    texts = {piece.cell: piece.text for piece in pieces if not piece.is_open}
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.id in texts:
            cell.source = with_code(texts[cell.id], cell.source)
    return notebook


def named(notebook: NotebookNode, language: str) -> NotebookNode:
    """Write a language into the cells of code, in place: programs that run there know it by that. Return the notebook.

    So it travels with the notebook, whoever takes it alone.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata[LANGUAGE_METADATA] = language
    return notebook


def spoken(language: Language, chapter: str) -> NotebookNode:
    """Return a chapter in a language: its text, and what its cells ask for and its stored outputs say."""
    notebook = named(translated(read(chapter), language.pieces(chapter)), language.folder.name)
    predicted_cells.in_language(notebook, language.folder)
    return spoken_outputs.spoken(notebook, language.folder.name)


def build(language: Language) -> bool:
    """Write all notebooks in a language; return False, and write none, if one of its pieces is stale or torn.

    A notebook that a reader has changed since it was built is left as it is.
    """
    if not check(language):
        return False
    folder = BUILD / language.folder.name / "notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / BUILT
    before = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    after = {}
    for chapter in chapters():
        notebook = spoken(language, chapter)
        text = nbformat.writes(notebook).rstrip("\n") + "\n"
        path = folder / f"{chapter}.ipynb"
        if changed := path.exists() and hash_of(path.read_text(encoding="utf-8")) != before.get(chapter):
            print(f"{path.name}: you have changed it, so it stays; move it away to get the new one")
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
        after[chapter] = before.get(chapter, "") if changed else hash_of(text)
    record.write_text(json.dumps(after, indent=1) + "\n", encoding="utf-8")
    (folder / LANGUAGE_FILE).write_text(f"{language.folder.name}\n", encoding="utf-8")  # what programs speak there
    print(f"written into {folder.relative_to(BUILD.parent)}")
    return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="The course in other languages.")
    commands = parser.add_subparsers(dest="command", required=True)
    extracting = commands.add_parser("extract", help="add the cells that have no piece yet, marked open")
    extracting.add_argument("language")
    extracting.add_argument("chapter", nargs="+", choices=chapters())
    for name, what in (("check", "name what is stale or torn"), ("build", "write the notebooks into build/")):
        commands.add_parser(name, help=what).add_argument("language", nargs="*", help="default: all")
    options = parser.parse_args(arguments)
    try:
        if options.command == "extract":
            for chapter in options.chapter:
                print(f"{chapter}: {extract(languages([options.language])[0], chapter)} cells added")
            return 0
        doing = {"check": check, "build": build}[options.command]
        return 0 if all([doing(language) for language in languages(options.language)]) else 1
    except ValueError as error:
        parser.error(str(error))


if __name__ == "__main__":
    sys.exit(main())
