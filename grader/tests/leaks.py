"""Looking for answer keys in what students get: the marks by which a key is known, and where to look for them.

A mark is a piece of a solution, of a hidden test, of a marking scheme, of a function that answers a graded task or
makes one of its mistakes, or the right answers of a by-hand task. It is compared with texts of which only letters,
digits and operators are left, so that it is found in source, in a notebook's JSON and in a page.
"""

from __future__ import annotations

import ast
import base64
import binascii
import functools
import gzip
import html
import inspect
import io
import re
import tarfile
import tokenize
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import make_assignments
import nbformat
import numpy as np

from cnncourse.checks.patches import Patched
from cnngrader import assignments
from cnngrader.prediction_task import PredictionTask
from cnngrader.task import Task

CHAPTERS = make_assignments.GRADER.parent / "notebooks"
LONG = 60  # characters of a mark, when it is cut out of something longer
SHORT = 20  # characters that a whole text must have to be a mark
DEEP = 6  # archives within archives
REGION = re.compile(r"^.*### (BEGIN|END) (?:SOLUTION|HIDDEN TESTS).*$", re.MULTILINE)
NOISE = re.compile(r"[^A-Za-z0-9_+*/%=.:()\[\]-]+")
NO_WORD = re.compile(r"-(?!\d)|[^A-Za-z0-9-]+")
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\[nrt\"']")
TAG = re.compile(r"<[^<>]*>")
ENCODED = re.compile(r"[A-Za-z0-9+/]{80,}={0,2}")
SHOWN = ("_windows", "windows", "square", "_full")  # functions that the chapters show in the same words, and no answers
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"wOF2", b"\0asm")
UNREADABLE = (".pyc", ".so", ".pkl", ".pickle", ".dill", ".pyd")


@dataclass(frozen=True)
class Mark:
    """A piece of a key: whose it is, and its text as `bare` or `words` leave it."""

    what: str
    text: str


# ---- texts without what differs between a source, a notebook and a page ---------------------------------------------


def bare(text: str) -> str:
    """Return letters, digits and operators of a text."""
    return NOISE.sub("", text)


def words(text: str) -> str:
    """Return letters, digits and signs of a text."""
    return NO_WORD.sub("", text)


def _readings(text: str) -> Iterator[str]:
    """Yield a text as it is, and as a notebook's JSON or a page shows it."""
    yield text
    if "\\" in text:
        text = ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", text)
        yield text
    if "<" in text or "&" in text:
        yield html.unescape(TAG.sub("", text))


# ---- the marks ------------------------------------------------------------------------------------------------------


def marks() -> tuple[set[Mark], set[Mark]]:
    """Return the marks that are compared with `bare` texts, and those that are compared with `words`."""
    regions, public = _of_masters()
    code = {mark for task in assignments.all_tasks().values() for mark in _of_functions(task)}
    known = [bare(text) for text in public]
    answers = {mark for task in assignments.all_tasks().values() for mark in _of_answers(task)}
    return {mark for mark in regions | code if not any(mark.text in text for text in known)}, answers


def _of_masters() -> tuple[set[Mark], list[str]]:
    """Return the marks of what students do not get of the masters, and the texts that they do get."""
    found, public = set(), list(_of_chapters())
    for master in make_assignments.masters():
        for cell in nbformat.read(master, as_version=4).cells:
            pieces = REGION.split(cell.source)[::2]
            public += pieces[::2]
            found |= {mark for region in pieces[1::2] for mark in _cut(f"{master.stem}, {cell.id}", region)}
    return found, public


def _of_chapters() -> Iterator[str]:
    """Yield the solutions of chapters that a master's solution begins like."""
    for chapter, cell in (("05_pooling", "exercise-max-pool2d-solution"),):
        cells = nbformat.read(CHAPTERS / f"{chapter}.ipynb", as_version=4).cells
        yield from (one.source for one in cells if one.id == cell)


def _cut(what: str, text: str) -> Iterator[Mark]:
    """Yield a mark for each line of a text: its beginning, and as much of what follows as a mark takes."""
    lines = text.splitlines()
    for number in range(len(lines)):
        piece = bare("\n".join(lines[number:]))[:LONG]
        if bare(lines[number]) and (len(piece) == LONG or (number == 0 and len(piece) >= SHORT)):
            yield Mark(what, piece)


def _of_functions(task: Task) -> Iterator[Mark]:
    """Yield the marks of all functions of a task that are written in the grader, and of its mistakes' patches."""
    for function in _functions_of(task):
        what = f"{task.name}, {function.__code__.co_qualname}"
        for piece in _code_of(function):
            yield from _cut(what, piece)
    for mistake in getattr(getattr(task, "exercise", None), "mistakes", ()):
        for one in mistake.of or (mistake,):
            text = bare(repr(one.answer))[:LONG] if isinstance(one.answer, Patched) else ""
            if len(text) == LONG:
                yield Mark(f"{task.name}, mistake: {one.name}", text)


def _functions_of(task: Task) -> list[FunctionType]:
    """Return the functions of the grader that answer a task, right or wrong, and what they call."""
    found: dict[CodeType, FunctionType] = {}
    exercise = getattr(task, "exercise", None)  # a written task has none
    queue: list[Any] = [getattr(exercise, name, ()) for name in ("reference_solution", "mistakes", "explain")]
    while queue:
        one = queue.pop()
        if isinstance(one, FunctionType):
            if one.__code__ in found or not one.__module__.startswith("cnngrader.tasks") or one.__name__ in SHOWN:
                continue
            found[one.__code__] = one
            queue += [cell.cell_contents for cell in one.__closure__ or ()]
            queue += [one.__globals__[name] for name in _names_in(one.__code__) if name in one.__globals__]
            queue += [*(one.__defaults__ or ()), *(one.__kwdefaults__ or {}).values()]
        elif isinstance(one, (tuple, list)):
            queue += one
        elif isinstance(one, dict):
            queue += one.values()
        elif type(one).__module__.startswith(("cnngrader", "cnncourse")):
            queue += [getattr(one, name) for name in getattr(one, "__dataclass_fields__", ())]
    return list(found.values())


def _names_in(code: CodeType) -> set[str]:
    """Return the names that a function and those within it look up."""
    inner = [one for one in code.co_consts if isinstance(one, CodeType)]
    return set(code.co_names).union(*map(_names_in, inner))


def _code_of(function: FunctionType) -> Iterator[str]:
    """Yield the source of a function, without its strings and comments, in the pieces that these leave."""
    path = inspect.getsourcefile(function)
    source = Path(path).read_text(encoding="utf-8")
    for node in ast.walk(_tree(source)):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)) and node.lineno == function.__code__.co_firstlineno:
            place = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
            yield from _between_strings([token for token in _tokens(source) if place[0] <= token.start < place[1]])


@functools.cache
def _tree(source: str) -> ast.Module:
    return ast.parse(source)


@functools.cache
def _tokens(source: str) -> list[tokenize.TokenInfo]:
    return list(tokenize.generate_tokens(io.StringIO(source).readline))


def _between_strings(tokens: list[tokenize.TokenInfo]) -> Iterator[str]:
    pieces = [""]
    row = tokens[0].start[0] if tokens else 0
    for token in tokens:
        if tokenize.tok_name[token.type] in ("STRING", "COMMENT", "FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END"):
            pieces.append("")
        else:
            pieces[-1] += "\n" * (token.start[0] > row) + token.string
        row = token.end[0]
    yield from pieces


def _of_answers(task: Task) -> Iterator[Mark]:
    """Yield the right answers of a by-hand task, one after the other."""
    if isinstance(task, PredictionTask):
        answers = {key: question.expected for key, question in task.exercise.questions.items()}
        yield Mark(f"{task.name}, answers", words(str(answers)))


# ---- looking --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """Where a mark was seen, or what could not be looked into."""

    place: str
    what: str


class Scan:
    """Looks for marks in files, folders, archives and what is encoded in texts."""

    def __init__(self) -> None:
        self.code, self.answers = marks()

    def folder(self, folder: Path) -> list[Found]:
        """Return what is found in all files of a folder."""
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        return [found for path in paths for found in self.file(path.relative_to(folder).as_posix(), path.read_bytes())]

    def file(self, place: str, content: bytes, depth: int = DEEP) -> list[Found]:
        """Return what is found in the content of one file, which may be an archive."""
        if place.endswith(UNREADABLE) or not depth:
            return [Found(place, "cannot be looked into")]
        try:
            inside = _inside(content)
        except (ValueError, OSError, zipfile.BadZipFile, tarfile.TarError) as error:
            return [Found(place, f"cannot be looked into ({type(error).__name__})")]
        if inside is None:
            return self.text(place, content, depth)
        return [found for name, part in inside for found in self.file(f"{place}/{name}", part, depth - 1)]

    def text(self, place: str, content: bytes, depth: int) -> list[Found]:
        """Return what is found in a text and in what is encoded in it."""
        if content.startswith(PICTURES):
            return []
        text = content.decode("utf-8", "replace")
        found = []
        for run in ENCODED.findall(text):
            decoded = _decoded(run)
            if decoded and not decoded.startswith(PICTURES):
                found += self.file(f"{place}/base64", decoded, depth - 1)
        for reading in _readings(ENCODED.sub(" ", text)):
            for simplify, wanted in ((bare, self.code), (words, self.answers)):
                simple = simplify(reading)
                found += [Found(place, mark.what) for mark in wanted if mark.text in simple]
        return list(dict.fromkeys(found))


def _inside(content: bytes) -> list[tuple[str, bytes]] | None:
    """Return the files in an archive, or the texts in an array file; None for what is neither."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [(name, archive.read(name)) for name in archive.namelist() if not name.endswith("/")]
    if content.startswith(b"\x1f\x8b"):
        return [("unpacked", gzip.decompress(content))]
    if content[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            return [(one.name, archive.extractfile(one).read()) for one in archive if one.isfile()]
    if content.startswith(b"\x93NUMPY"):
        return [("values", _values(np.load(io.BytesIO(content), allow_pickle=False)))]
    return None


def _values(array: np.ndarray) -> bytes:
    """Return the texts of an array, or its bytes, which may be those of a text."""
    return "\n".join(map(str, array.ravel())).encode() if array.dtype.kind in "US" else array.tobytes()


def _decoded(run: str) -> bytes:
    try:
        return base64.b64decode(run + "=" * (-len(run) % 4))
    except binascii.Error:
        return b""
