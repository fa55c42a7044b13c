"""Reading submissions as data: nothing in a notebook is run here."""

from __future__ import annotations

import hashlib
import json
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .wording import ENGLISH, languages, say, translated

MOST_BYTES = 10 << 20  # of a notebook, without its outputs
MOST_FILE = 200 << 20  # bytes of a file that are read at all
MOST_CELLS = 1000
MOST_CODE = 1 << 20  # characters of all code cells together
MOST_TEXT = 20_000  # characters of a written answer that are shown
# A text with the colon that makes it a key, or a bracket. A text that is not closed goes to the end of the file.
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?(?:\s*+:)?|[\[\]{}]', re.DOTALL)
FENCED = re.compile(r"\s*```[a-zA-Z0-9]*[ \t]*\n(.*?)\n?```\s*", re.DOTALL)
# Texts and comments of a program, each closed by what opened it or by the end.
QUOTED = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|$)|'
    r"'''(?:[^'\\]|\\.|'(?!''))*+(?:'''|$)|"
    r'"(?:[^"\\\n]|\\.)*+"?|'
    r"'(?:[^'\\\n]|\\.)*+'?|#[^\n]*+",
    re.DOTALL,
)
# A line that gives something a name: somebody may have written an answer above the line that checks it.
DEFINES = re.compile(r"^\s*(?:async\s+)?(?:def|class)\s+\w+|^\w+\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
LEAST_WORDS = 4  # of a text that may be an answer
SENTENCE = re.compile(r"^[^\W\d_]+(?:,? [^\W\d_]+){4}", re.MULTILINE)  # five words in a row are no program
DROPPED = (b'"outputs":', b'"attachments":', b'"widgets":')
HANDED_OUT = ("title", "setup", "given", "given-text")  # cells of the masters that belong to no task
SEED = re.compile(r"[0-9a-f]{16}")
CELL = re.compile(r"task-([a-z][a-z0-9_]{0,60}?)(-text|-check|-test)?")


TEXTS = {
    "cell": "the cell that begins “{line}”",
    "turned": "No code cells any more, and graded as code: {cells}.",
    "set-up late": "The set-up cell stands below solutions; it was run first.",
    "no file": "The file is a link or no file at all, and was not opened.",
    "large file": "The file has {size:.0f} MB, more than {most} MB. Clear the notebook's outputs.",
    "not read": "The file cannot be read ({why}).",
    "large notebook": "The notebook has {size:.0f} MB without its outputs, more than {most} MB.",
    "empty": "The file is empty.",
    "no JSON": "The file is no notebook: its content is not JSON.",
    "no notebook": "The file is no notebook: no cells.",
    "no cells": "The notebook has no cells.",
    "many cells": "The notebook has {count} cells, more than {most}.",
    "much code": "The code cells have more than {most:,} characters together.",
    "twice": "The cells of these tasks are there more than once: {tasks}.",
}


class Broken(ValueError):
    """A file that is no notebook, with the reason in words."""


@dataclass(frozen=True)
class Cell:
    """One cell: its place in the notebook, whether it is code, its text, and the task and role that its id names.

    role: "" for a solution, "text", "check" or "test"; task is "" for a cell that belongs to none. handed_out: it has a
    name that the notebook came with. was_code: it was code when it was handed out.
    """

    place: int
    is_code: bool
    source: str
    task: str = ""
    role: str = ""
    handed_out: bool = False
    was_code: bool = False

    def beginning(self) -> str:
        """Return how a reader finds a cell: notebooks do not number them."""
        lines = [line.strip() for line in self.source.splitlines()]
        first = next((line for line in lines if line and not line.startswith("#")), "")
        return say(TEXTS["cell"], line=first[:60])


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    problem: why there is nothing to grade, "" otherwise. remarks: what a teacher may want to know. digest: of the
    bytes of the file. seed: of the numbers in the tasks by hand, "" for those of the master. language: that in which
    it is answered, at first the one that the notebook was handed out in.
    """

    student: str
    path: Path | None = None
    cells: tuple[Cell, ...] = ()
    problem: str = ""
    remarks: tuple[str, ...] = ()
    digest: str = ""
    seed: str = ""
    language: str = ENGLISH

    def code(self) -> list[Cell]:
        """Return the code cells, without those that only check: of these, the ones in which something is defined count.

        What was handed out above the tasks comes first, also where it was moved below a solution.
        """
        code = [cell for cell in self.cells if cell.is_code and cell.source.strip() and not _only_checks(cell)]
        return sorted(code, key=lambda cell: not _sets_up(cell)) if self.set_up_late() else code

    def set_up_late(self) -> bool:
        """Return whether a cell that was handed out above the tasks stands below a solution."""
        first = next((cell.place for cell in self.cells if cell.is_code and cell.task and cell.role == ""), 0)
        return any(_sets_up(cell) and cell.place > first for cell in self.cells) if first else False

    def solution(self, task: str) -> list[Cell]:
        """Return the cells that hold the solution of a task."""
        return [cell for cell in self.cells if cell.task == task and cell.role == ""]

    def needed(self, task: str) -> list[Cell]:
        """Return the fewest code cells that a task may need: those before the first task, and its own."""
        code = self.code()
        first = next((cell.place for cell in code if cell.task), 0)
        return [cell for cell in code if cell.place < first or cell.task == task or _sets_up(cell)]

    def as_meant(self, code: list[str], written: list[str]) -> Submission:
        """Return the submission with code where code was asked for, and text where text was: cells change their kind.

        code, written: the tasks that ask for one or the other.
        """
        cells, turned = [], []
        for cell in self.cells:
            solves = cell.task if cell.role == "" else ""
            is_code = (cell.is_code or cell.was_code or solves in code) and solves not in written
            if is_code and not cell.is_code and cell.source.strip():
                turned.append(solves or cell.beginning())
                fenced = FENCED.fullmatch(cell.source)
                cell = replace(cell, source=fenced[1] if fenced else cell.source)
            cells.append(replace(cell, is_code=is_code))
        remarks = [say(TEXTS["turned"], cells=", ".join(dict.fromkeys(turned)))] if turned else []
        made = replace(self, cells=tuple(cells))
        if made.set_up_late():
            remarks.append(translated(TEXTS["set-up late"]))
        return replace(made, remarks=(*self.remarks, *remarks))

    def elsewhere(self, task: str, questions: Sequence[str]) -> list[str]:
        """Return the written answers to a task that do not stand in its cell.

        That is what was added to the cell of the question, and what stands in new cells up to the next task: text, or
        a code cell that holds text and no program. questions: as it was handed out, in each language.
        """
        own = [cell for cell in self.cells if cell.task == task and cell.role in ("", "text")]
        found = [_added(cell.source, questions) for cell in own if cell.role == "text" and any(questions)]
        for cell in self.cells[own[0].place :] if own else ():
            if cell.task not in ("", task) or (cell.handed_out and not cell.task):
                break
            if not cell.task and (not cell.is_code or _is_prose(cell.source)):
                found.append(cell.source)
        return [text.strip() for text in found if text.strip()]

    def above(self, task: str) -> list[str]:
        """Return what stands in new cells right above a question, or above all tasks: an answer in the wrong place."""
        named = [cell.place for cell in self.cells if cell.task]
        own = [cell.place for cell in self.cells if cell.task == task]
        if not own:
            return []
        last = max((cell.place for cell in self.cells[: own[0] - 1] if cell.task or cell.handed_out), default=0)
        new = [cell for cell in self.cells[: own[0] - 1] if not cell.task and not cell.handed_out]
        near = [cell for cell in new if cell.place > last or cell.place < named[0]]
        texts = [cell.source.strip() for cell in near if not cell.is_code or _is_prose(cell.source)]
        return [text for text in texts if len(text.split()) >= 2 * LEAST_WORDS]


def _only_checks(cell: Cell) -> bool:
    return cell.role in ("check", "test") and not DEFINES.search(cell.source)


def _sets_up(cell: Cell) -> bool:
    return cell.is_code and cell.handed_out and not cell.task


def _added(source: str, questions: Sequence[str]) -> str:
    """Return what a cell says besides the question; all of it where the question was rewritten."""
    for question in questions:
        if found := re.search(r"\s+".join(map(re.escape, question.split())), source):
            return f"{source[: found.start()]}\n{source[found.end() :]}"
    return source


def _is_prose(source: str) -> bool:
    """Return whether a code cell holds sentences rather than a program. Its words are looked at, and nothing is run.

    >>> _is_prose('answer = "Every second row is left out, so it is lost."'), _is_prose("x = np.zeros(3)  # zeros")
    (True, False)
    """
    source = source[:MOST_TEXT]
    quoted = "".join(part[0] for part in QUOTED.finditer(source))
    bare = QUOTED.sub("", source)
    return (len(quoted.split()) >= LEAST_WORDS and 4 * len(bare) <= len(quoted)) or bool(SENTENCE.search(bare))


# ---- reading --------------------------------------------------------------------------------------------------------


def read(student: str, path: Path, remarks: tuple[str, ...] = ()) -> Submission:
    """Return the submission in the file `path`; one that cannot be read comes back with its `problem`."""
    try:
        return read_bytes(student, path, content_of(path), remarks)
    except Broken as error:
        return Submission(student, path, problem=str(error), remarks=remarks, digest=_digest_of(path))


def read_bytes(student: str, path: Path, data: bytes, remarks: tuple[str, ...] = ()) -> Submission:
    """Return the submission whose notebook is `data`, which came out of the file `path`."""
    digest = hashlib.sha256(data).hexdigest()
    try:
        cells, more, seed, language = _cells(data)
    except Broken as error:
        return Submission(student, path, problem=str(error), remarks=remarks, digest=digest)
    return Submission(student, path, cells, remarks=(*remarks, *more), digest=digest, seed=seed, language=language)


def content_of(path: Path) -> bytes:
    """Return the content of a file; raises Broken for one that is not opened."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise Broken(translated(TEXTS["no file"]))
        if status.st_size > MOST_FILE:
            raise Broken(say(TEXTS["large file"], size=status.st_size / (1 << 20), most=MOST_FILE >> 20))
        with open(path, "rb") as file:
            return file.read(MOST_FILE + 1)
    except OSError as error:
        raise Broken(say(TEXTS["not read"], why=error.strerror or type(error).__name__)) from None


def _digest_of(path: Path) -> str:
    try:
        status = path.lstat()
        return hashlib.sha256(f"{status.st_size} {status.st_mtime_ns}".encode()).hexdigest()
    except OSError:
        return ""


def without_outputs(data: bytes) -> bytes:
    """Return the JSON of a notebook in which outputs, attachments and the states of widgets are empty.

    Nothing is parsed that is large: `json` would need twenty times the memory of lists in lists.

    >>> without_outputs(b'{"outputs": [{"text": "]"}], "source": "x"}')
    b'{"outputs": [], "source": "x"}'
    """
    kept: list[bytes] = []
    start, depth, key = 0, 0, b""
    for token in TOKEN.finditer(data):
        text = token[0]
        if text in (b"[", b"{"):
            if depth or b"".join(key[:40].split()) in DROPPED:
                if not depth:
                    kept.append(data[start : token.end()])
                depth += 1
            key = b""
        elif text in (b"]", b"}"):
            if depth:
                depth -= 1
                start = token.start()
            key = b""
        else:
            key = text
    return b"".join([*kept, data[start:]]) if not depth else b""


def _cells(data: bytes) -> tuple[tuple[Cell, ...], tuple[str, ...], str, str]:
    if len(data) > MOST_BYTES:
        data = without_outputs(data)
        if len(data) > MOST_BYTES:
            raise Broken(say(TEXTS["large notebook"], size=len(data) / (1 << 20), most=MOST_BYTES >> 20))
    if not data.strip(b"\0 \t\r\n"):
        raise Broken(translated(TEXTS["empty"]))
    try:
        content = json.loads(_decoded(data).strip("\0\ufeff \t\r\n"), parse_int=_whole)
    except (ValueError, RecursionError, MemoryError):
        raise Broken(translated(TEXTS["no JSON"])) from None
    cells = content.get("cells", _of_sheets(content)) if isinstance(content, dict) else None
    if not isinstance(cells, list):
        raise Broken(translated(TEXTS["no notebook"]))
    if not cells:
        raise Broken(translated(TEXTS["no cells"]))
    if len(cells) > MOST_CELLS:
        raise Broken(say(TEXTS["many cells"], count=len(cells), most=MOST_CELLS))
    made = tuple(_cell(place, cell) for place, cell in enumerate(cells, start=1))
    if sum(len(cell.source) for cell in made if cell.is_code) > MOST_CODE:
        raise Broken(say(TEXTS["much code"], most=MOST_CODE))
    seed, name = _handed_out_with(content, "seed"), _handed_out_with(content, "language")
    return made, _oddities(made), seed if SEED.fullmatch(seed) else "", name if name in languages() else ENGLISH


def _of_sheets(content: dict[str, Any]) -> list[Any] | None:
    """Return the cells of a notebook in the format of before 2015, as some programs still save it; None for no such."""
    sheets = content.get("worksheets")
    lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)] if isinstance(sheets, list) else []
    cells = [cell for one in lists if isinstance(one, list) for cell in one]
    return [{"source": cell.get("input", ""), **cell} if isinstance(cell, dict) else cell for cell in cells] or None


def _decoded(data: bytes) -> str:
    """Return a notebook in one of the encodings that JSON may have, or as a program for another one has saved it."""
    try:
        return data.decode(json.detect_encoding(data), "surrogatepass")
    except UnicodeDecodeError:
        pass
    for encoding in ("gb18030", "cp1252") if b"zh_CN" in data else ("cp1252", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def _handed_out_with(content: dict[str, Any], key: str) -> str:
    """Return what the export wrote into a notebook's metadata, "" for nothing."""
    metadata = content.get("metadata")
    own = metadata.get("cnnlib") if isinstance(metadata, dict) else None
    value = own.get(key) if isinstance(own, dict) else None
    return value if isinstance(value, str) else ""


def _whole(digits: str) -> int:
    return int(digits) if len(digits) < 100 else 0


def _cell(place: int, cell: Any) -> Cell:
    if not isinstance(cell, dict):
        return Cell(place, False, "")
    source = cell.get("source", "")
    if isinstance(source, list):
        lines = [part for part in source if isinstance(part, str)]
        source = ("" if any("\n" in line for line in lines) else "\n").join(lines)  # some programs leave the ends out
    source = source if isinstance(source, str) else ""
    source = source.encode("utf-8", "replace").decode("utf-8")  # half a character of UTF-16 could not be written again
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    nbgrader = nbgrader if isinstance(nbgrader, dict) else {}
    name = nbgrader.get("grade_id")
    ids = [name, cell.get("id"), metadata.get("id") if isinstance(metadata, dict) else None]  # the last one is Colab's
    name = next((one for one in ids if isinstance(one, str)), "")
    match = CELL.fullmatch(name)
    task, role = (match[1], (match[2] or "")[1:]) if match else ("", "")
    handed_out = bool(match) or name in HANDED_OUT
    is_code, was_code = cell.get("cell_type") == "code", nbgrader.get("cell_type") == "code"
    return Cell(place, is_code, source, task, role, handed_out, was_code)


def _oddities(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    named = [(cell.task, cell.role) for cell in cells if cell.task]
    twice = sorted({task for task, role in named if named.count((task, role)) > 1})
    return (say(TEXTS["twice"], tasks=", ".join(twice[:20])),) if twice else ()


def missing(submission: Submission, tasks: list[str]) -> list[str]:
    """Return the tasks whose solution cell is gone, or has lost its name."""
    return [task for task in tasks if not submission.solution(task)]
