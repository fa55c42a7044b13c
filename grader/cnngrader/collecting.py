"""Finding submissions in a folder: who handed in what, in which form, and what was not read.

Nothing is unpacked onto the disk: a notebook in a zip file is read where it lies, and no more of it than a limit.
"""

from __future__ import annotations

import io
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cnncourse.language import FILE as LANGUAGE_FILE

from .submission import MOST_FILE, Broken, Submission, content_of, read, read_bytes
from .wording import say, translated

NOTEBOOK = re.compile(r"(.+?)(?:\.ipynb)+(?:\.json|\.txt)?", re.IGNORECASE | re.DOTALL)
ZIP = re.compile(r"(.+?)(?:\.ipynb)*\.zip", re.IGNORECASE | re.DOTALL)
GIVEN = re.compile(
    r"\w+_checks( ?\(\d+\))?\.json|README\.txt|requirements\.txt|cnnlib-[\w.]+-py3-none-any\.whl|"
    + re.escape(LANGUAGE_FILE)
)  # what was handed out with the notebook and may come back with it
NO_STUDENT = ("__macosx", "__pycache__")
OWN = (
    "feedback",
    "cache",
    "marks_before",
    "grades.csv",
    "to_mark.csv",
    "comments.csv",
    "points.csv",
    "summary.html",
)  # what results consist of
DEEP = 4  # folders within a student's folder
MOST_ENTRIES = 2000  # of one folder or zip file
MOST_NOTEBOOKS = 20  # of one student that are compared
ZIP_DIRECTORY = 1 << 20  # bytes of the list of what is in a zip file
END, END_64 = b"PK\x05\x06", b"PK\x06\x07"
READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may ask for gigabytes of memory


TEXTS = {
    "no notebook": "{file}: no notebook",
    "hidden": "{file}: a hidden file",
    "many": "{file}: more than {most} notebooks of one student",
    "same name": "Another submission has the same name.",
    "link": "A folder in it is a link, and was not opened.",
    "several": "There are {count} notebooks; graded was {file}.",
    "empty folder": "There is no notebook in the folder.",
    "no zip": "The file is no zip file, or is damaged.",
    "empty zip": "There is no notebook in the zip file.",
    "full zip": "The zip file holds too many files.",
    "password": "The notebook in the zip file has a password.",
    "compressed": "The notebook in the zip file is compressed in a way that is not read here.",
    "damaged": "The notebook in the zip file is damaged.",
    "large": "The notebooks in the zip file have more than {most} MB.",
}


@dataclass(frozen=True)
class Collected:
    """The submissions, by student, and what was not read: a line for each file, with the reason."""

    submissions: list[Submission]
    unread: list[str]


@dataclass
class Room:
    """How much more of one student's zip file is unpacked, with all zip files that lie in it."""

    files: int = MOST_NOTEBOOKS
    bytes: int = MOST_FILE


def find(folder: Path, tasks: list[str]) -> list[Submission]:
    """Return all submissions in `folder`, by student."""
    return collect(folder, tasks).submissions


def collect(folder: Path, tasks: list[str], results: Path | None = None) -> Collected:
    """Return all submissions in `folder`, and what is no submission.

    They lie there as STUDENT.ipynb (also .IPYNB, .ipynb.json, .ipynb.txt), as STUDENT.zip, as STUDENT/anything.ipynb,
    or, as nbgrader collects them, as STUDENT/ASSIGNMENT/anything.ipynb. Of several notebooks of one student, the one
    with most cells of the `tasks` counts. results: the folder that is written to, which holds no submission.
    """
    found: dict[str, Submission] = {}
    unread: list[str] = []
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if _hidden(path.name) or _of_results(path, results):
            unread += _left_out(path)
            continue
        submission = _entry(path, tasks, unread)
        if submission is None:
            unread.append(TEXTS["no notebook"].format(file=printable(path.name)))
            continue
        name = submission.student
        if name in found:
            name = next(f"{name} ({k})" for k in range(2, 10**6) if f"{name} ({k})" not in found)
            submission = _with(submission, name, TEXTS["same name"])
        found[name] = submission
    return Collected(list(found.values()), unread)


def _hidden(name: str) -> bool:
    return name.startswith(".") or name.casefold() in NO_STUDENT


def _left_out(path: Path) -> list[str]:
    """Return a line for a hidden file that somebody may have handed in; those that macOS adds are no loss."""
    named = NOTEBOOK.fullmatch(path.name) or ZIP.fullmatch(path.name)
    told = named and not path.name.startswith("._")
    return [TEXTS["hidden"].format(file=printable(path.name))] if told else []


def _of_results(path: Path, results: Path | None) -> bool:
    """Return whether a folder holds the results of this program: those of this run, or of another."""
    if results is not None:
        here, there = path.resolve(), results.resolve()
        if (
            here == there
            or (here.parent == there and path.name in OWN)
            or (here in there.parents and {one.name for one in path.iterdir()} <= {_next(here, there)})
        ):
            return True
    return path.is_dir() and (path / "grades.csv").is_file() and (path / "feedback").is_dir()


def _next(above: Path, below: Path) -> str:
    return below.relative_to(above).parts[0]


def _entry(path: Path, tasks: list[str], unread: list[str]) -> Submission | None:
    """Return the submission that one file or folder is, None for one that is none."""
    if path.is_dir() and not path.is_symlink():
        return _of_folder(path, tasks, unread)
    if match := NOTEBOOK.fullmatch(path.name):
        return read(printable(match[1]), path)
    if match := ZIP.fullmatch(path.name):
        return _of_zip(printable(match[1]), path, tasks, unread)
    return None


# ---- a folder -------------------------------------------------------------------------------------------------------


def _of_folder(folder: Path, tasks: list[str], unread: list[str]) -> Submission:
    student = printable(folder.name)
    read_ones: list[tuple[str, Submission]] = []
    remarks: tuple[str, ...] = ()
    count = 0
    for path in _files(folder):
        where = printable(str(path.relative_to(folder)))
        notebook, packed = NOTEBOOK.fullmatch(path.name), ZIP.fullmatch(path.name)
        if path.is_symlink() and path.is_dir():
            # A link that was handed in may lead to the solutions, or to somebody else's notebook.
            remarks = (TEXTS["link"],)
        elif GIVEN.fullmatch(path.name):
            continue
        elif not (notebook or packed):
            unread.append(TEXTS["no notebook"].format(file=f"{student}/{where}"))
        elif (count := count + 1) > MOST_NOTEBOOKS:
            unread.append(TEXTS["many"].format(file=f"{student}/{where}", most=MOST_NOTEBOOKS))
        else:
            read_ones.append((where, read(student, path) if notebook else _of_zip(student, path, tasks, unread)))
    if not read_ones:
        return Submission(student, problem=translated(TEXTS["empty folder"]), remarks=remarks)
    best = _best(read_ones, tasks)
    return replace(best, remarks=(*remarks, *best.remarks))


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, those at the top first, and folders that are links."""
    seen = 0
    for place, folders, files in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        folders[:] = sorted(name for name in folders if not _hidden(name) and name not in links and depth < DEEP)
        for name in sorted([*files, *links]):
            seen += 1
            if not _hidden(name) and seen <= MOST_ENTRIES:
                yield Path(place, name)


def _best(read_ones: list[tuple[str, Submission]], tasks: list[str]) -> Submission:
    """Return, of a student's notebooks, the one with most solution cells and most in them; say if there are several."""

    def done(one: Submission) -> tuple[bool, int, int]:
        solutions = [one.solution(task) for task in tasks]
        return not one.problem, sum(map(bool, solutions)), sum(len(cell.source) for own in solutions for cell in own)

    where, best = max(read_ones, key=lambda pair: done(pair[1]))
    if len(read_ones) == 1:
        return best
    return _with(best, best.student, TEXTS["several"].format(count=len(read_ones), file=where))


def _with(one: Submission, student: str, remark: str) -> Submission:
    return replace(one, student=student, remarks=(*one.remarks, remark))


# ---- a zip file -----------------------------------------------------------------------------------------------------


def _of_zip(student: str, path: Path, tasks: list[str], unread: list[str]) -> Submission:
    """Return the submission in a zip file, of which nothing is unpacked but notebooks, and these into memory."""
    try:
        read_ones = list(_in_zip(student, path, content_of(path), unread, Room()))
    except Broken as error:
        return Submission(student, path, problem=str(error))
    if not read_ones:
        return Submission(student, path, problem=translated(TEXTS["empty zip"]))
    return _best(read_ones, tasks)


def _entries(data: bytes) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """Return a zip file and what is in it; raises Broken for one that cannot be read."""
    try:
        _check_directory(data)
        archive = zipfile.ZipFile(io.BytesIO(data))
        return archive, archive.infolist()
    except Broken:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
        raise Broken(translated(TEXTS["no zip"])) from None


def _check_directory(data: bytes) -> None:
    """Raise Broken for a zip file that lists so much that the list alone would fill the memory."""
    place = data.rfind(END, max(0, len(data) - (1 << 16) - 22))
    if place < 0 or len(data) - place < 22:
        raise Broken(translated(TEXTS["no zip"]))
    (size,) = struct.unpack_from("<I", data, place + 12)
    if size > ZIP_DIRECTORY or data[max(0, place - 20) : place].startswith(END_64):
        raise Broken(translated(TEXTS["full zip"]))


def _in_zip(
    student: str, path: Path, data: bytes, unread: list[str], room: Room, outer: str = "", depth: int = 0
) -> Iterator[tuple[str, Submission]]:
    """Yield the notebooks in a zip file, and in those that lie in it. outer: the names of the files around it."""
    archive, entries = _entries(data)
    for entry in entries:
        parts = re.split(r"[/\\]", entry.filename)
        where = f"{outer}{printable(entry.filename)}"
        if entry.is_dir() or any(_hidden(part) for part in parts if part not in (".", "..")):
            continue
        if GIVEN.fullmatch(parts[-1]):
            continue
        is_notebook, is_zip = NOTEBOOK.fullmatch(parts[-1]), ZIP.fullmatch(parts[-1]) and depth < DEEP
        if not (is_notebook or is_zip):
            unread.append(TEXTS["no notebook"].format(file=f"{printable(path.name)}, {where}"))
        elif not room.files:
            unread.append(TEXTS["many"].format(file=f"{printable(path.name)}, {where}", most=MOST_NOTEBOOKS))
        else:
            inside, problem = _unpacked(archive, entry, room.bytes)
            room.files, room.bytes = room.files - 1, room.bytes - len(inside)
            if problem:
                yield where, Submission(student, path, problem=problem)
            elif is_notebook:
                yield where, read_bytes(student, path, inside)
            else:
                try:
                    yield from _in_zip(student, path, inside, unread, room, f"{where}, ", depth + 1)
                except Broken as error:
                    yield where, Submission(student, path, problem=str(error))


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> tuple[bytes, str]:
    """Return a file of the archive, and why it was not read, "" if it was. What it says of its size is not believed."""
    if entry.flag_bits & 1:
        return b"", translated(TEXTS["password"])
    if entry.compress_type not in READABLE:
        return b"", translated(TEXTS["compressed"])
    try:
        with archive.open(entry) as file:
            data = file.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
        return b"", translated(TEXTS["damaged"])
    if len(data) > most:
        return b"", say(TEXTS["large"], most=MOST_FILE >> 20)
    return data, ""


def printable(name: str) -> str:
    """Return the name of a file as a line of text."""
    name = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() else "?" for c in name).strip()[:120] or "?"
