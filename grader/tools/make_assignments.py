"""Make what students get from the master notebooks of the assignments.

    python grader/tools/make_assignments.py           all of masters/, into dist/assignments/
    python grader/tools/make_assignments.py --output DIR
    python grader/tools/make_assignments.py --personal COURSE --students TABLE
                                                      a folder for each student, with numbers of their own
    python grader/tools/make_assignments.py --language zh_CN
                                                      in Chinese, into dist/zh_CN/assignments/
    python grader/tools/make_assignments.py --language all
                                                      in every language, each into its folder: for the site

Solutions are replaced by stubs; hidden tests and outputs are removed. Each assignment becomes a notebook, the data file
of its instant checks, and a zip with both, the package of the course, a README and requirements.txt. The same input
gives the same bytes. The data
files are also written beside the masters, whose checks read them too.

The texts in other languages are pieces as those of the chapters (tools/translations.py), in grader/translations/; the
questions that are answered in words are in the catalogue of the grader, which has to know them.
"""

from __future__ import annotations

import argparse
import copy
import functools
import json
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import nbformat
from hatchling.builders.wheel import WheelBuilder
from nbformat import NotebookNode

import translations
from cnncourse.language import FILE as LANGUAGE_FILE
from cnngrader import assignments, instant_checks, names, personal, report
from cnngrader.task import Assignment
from cnngrader.wording import ENGLISH, languages, say, speaking, translated

GRADER = Path(__file__).resolve().parent.parent
MASTERS = GRADER / "masters"
TRANSLATIONS = GRADER / "translations"
DIST = GRADER.parent / "dist"
DAY = (2020, 1, 1, 0, 0, 0)  # of every file in a zip
ALL = "all"  # languages
TEXT_STUB = "YOUR ANSWER HERE"
SOLUTION = ("### BEGIN SOLUTION", "### END SOLUTION")
HIDDEN = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")

README = """{title}

What is in here: {file}, the assignment; {checks}, which its instant checks read and which
belongs beside it; {wheel}, the package of the course; and requirements.txt, what pip installs.

To install, with Python 3.11 or newer, unpack the zip file, open a terminal in the folder of this file, and enter:

    python3 -m venv .venv
    .venv/bin/python -m pip install -r requirements.txt
    .venv/bin/python -m jupyterlab {file}

On Windows:

    py -m venv .venv
    .venv\\Scripts\\python -m pip install -r requirements.txt
    .venv\\Scripts\\python -m jupyterlab {file}

If you have installed the course already, the notebook needs nothing else: open it there. cnnlib itself is installed out
of this folder, and never from an index on the internet, where the name may belong to somebody else.

To hand in: in the notebook, choose Kernel, Restart Kernel and Run All Cells; look whether the instant checks say what
you expect; save; hand in {file} alone, under this name, where your teacher collects it.
"""


def output(language: str = ENGLISH) -> Path:
    """Return the folder for what students get in a language."""
    return DIST / "assignments" if language == ENGLISH else DIST / language / "assignments"


def student_version(master: NotebookNode, assignment: Assignment | None = None, seed: str = "") -> NotebookNode:
    """Return a copy of a master as students get it; raises ValueError for a region that does not end or has no cell.

    seed: of the numbers in the tasks by hand of the assignment, "" for those of the master.
    """
    notebook = copy.deepcopy(master)
    if assignment and seed:
        notebook.metadata.setdefault("cnnlib", {})["seed"] = seed
        for task, pairs in personal.replacements(assignment, seed).items():
            (cell,) = (one for one in notebook.cells if one.id == f"task-{task}-text")
            cell.source = _replaced(cell.source, pairs)
    for cell in notebook.cells:
        role = cell.metadata.get("nbgrader", {})
        cell.source = _cut(
            cell, SOLUTION, translated(TEXT_STUB) if cell.cell_type == "markdown" else "...", role.get("solution")
        )
        cell.source = _cut(cell, HIDDEN, "", role.get("grade"))
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def in_language(master: NotebookNode, assignment: Assignment, stem: str, language: str) -> NotebookNode:
    """Return a copy of a master whose texts for students are in a language; its code stays."""
    if language == ENGLISH:
        return master
    notebook = translations.translated(copy.deepcopy(master), translations.parse(pieces_of(stem, language)))
    translations.named(notebook, language).metadata["cnnlib"] = {"language": language}
    questions = {f"task-{task.name}-text": translated(task.question).strip() for task in assignment.written}
    for cell in notebook.cells:
        cell.source = questions.get(cell.id, cell.source)
    return notebook


def pieces_of(stem: str, language: str) -> str:
    """Return the stored text of a master in a language."""
    return (TRANSLATIONS / language / f"{stem}.md").read_text(encoding="utf-8")


def texts_for_students(master: NotebookNode, assignment: Assignment) -> dict[str, str]:
    """Return the texts that have a piece in each language, by the ids of their cells."""
    questions = {f"task-{task.name}-text" for task in assignment.written}
    solutions = {cell.id for cell in master.cells if cell.metadata.get("nbgrader", {}).get("solution")}
    texts = translations.english(master)
    return {name: text for name, text in texts.items() if name not in questions | solutions}


def faults(language: str) -> list[str]:
    """Return a sentence for everything that is stale, torn or missing in the assignments of a language."""
    [known] = translations.languages([language])
    found = []
    for master in masters():
        texts = texts_for_students(nbformat.read(master, as_version=4), assignment_of(master))
        wrong = translations.faults_of_pieces(known, pieces_of(master.stem, language), texts, whole=True)
        found += [f"{master.stem}: {what}" for what in wrong]
    return found


def _replaced(text: str, pairs: list[tuple[str, str]]) -> str:
    """Return a text with pieces of it replaced, each of which must be there once; all at the same time."""
    for ours, _ in pairs:
        if text.count(ours) != 1:
            raise ValueError(f"the text of a task has {ours!r} {text.count(ours)} times, expected once")
    theirs = dict(pairs)
    return re.sub("|".join(map(re.escape, theirs)), lambda found: theirs[found[0]], text)


def _cut(cell: NotebookNode, marks: tuple[str, str], stub: str, allowed: bool | None) -> str:
    """Return the source of a cell without its marked regions; an indented one, and a text, leaves the stub behind."""
    kept, inside = [], False
    for line in cell.source.split("\n"):
        bare = line.strip()
        if bare in marks:
            if not allowed or inside == (bare == marks[0]):
                raise ValueError(f"cell {cell.id}: {bare!r} is out of place")
            inside = not inside
            indent = line[: len(line) - len(line.lstrip())]
            if inside and stub and (indent or cell.cell_type == "markdown") and not _is_filled(kept, indent):
                kept.append(indent + stub)
        elif not inside:
            kept.append(line)
    if inside:
        raise ValueError(f"cell {cell.id}: a region does not end")
    return "\n".join(kept).rstrip("\n")


def _is_filled(lines: list[str], indent: str) -> bool:
    """Return whether the body above already holds a stub of its own, such as `d_x = ...`."""
    return bool(indent) and lines[-1].startswith(indent) and lines[-1].endswith("= ...")


@functools.cache
def wheel() -> tuple[str, bytes]:
    """Return the name and the bytes of the package as students install it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(next(iter(WheelBuilder(str(GRADER.parent)).build(directory=folder, versions=["standard"]))))
        return path.name, path.read_bytes()


def requirements() -> str:
    """Return what pip installs: the package out of this very folder, and with it all that a notebook needs."""
    return f"./{wheel()[0]}[notebooks]\n"


def checks_file(master: Path) -> str:
    """Return the name of the data file of an assignment's instant checks."""
    return f"{master.stem}_checks.json"


def assignment_of(master: Path) -> Assignment:
    return assignments.find(master.name.partition("_")[0])


@functools.cache
def checks_of(master: Path, seed: str = "", language: str = ENGLISH) -> str:
    """Return the data file of the instant checks of one master."""
    return instant_checks.text(assignment_of(master), seed, language)


def make(master: Path, folder: Path, seed: str = "", language: str = ENGLISH) -> Path:
    """Write the student version of one master with its data file, as they are and as a zip; return the zip."""
    with speaking(language):
        return _make(master, folder, seed, language)


def _make(master: Path, folder: Path, seed: str, language: str) -> Path:
    assignment = assignment_of(master)
    spoken = in_language(nbformat.read(master, as_version=4), assignment, master.stem, language)
    notebook = student_version(spoken, assignment, seed)
    nbformat.validate(notebook)
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
    checks = checks_file(master)
    package, content = wheel()
    readme = say(README, title=title, file=master.name, checks=checks, wheel=package)
    texts = {
        master.name: text,
        checks: checks_of(master, seed, language),
        "README.txt": readme,
        "requirements.txt": requirements(),
    }
    if language != ENGLISH:
        texts[LANGUAGE_FILE] = f"{language}\n"
    files = {name: text.encode("utf-8") for name, text in texts.items()} | {package: content}
    folder.mkdir(parents=True, exist_ok=True)
    for name in texts.keys() - {"README.txt", "requirements.txt"}:
        (folder / name).write_bytes(files[name])
    path = folder / f"{master.stem}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(f"{master.stem}/{name}", DAY), data, zipfile.ZIP_DEFLATED)
    return path


def masters() -> list[Path]:
    """Return the master notebooks in their order."""
    return sorted(MASTERS.glob("*.ipynb"))


def make_personal(course: str, table: Path, folder: Path, language: str = ENGLISH) -> int:
    """Write the assignments of each student in a table, with numbers of their own, and return how many they are."""
    students = list(names.read_names(table).rows)
    for student in students:
        for master in masters():
            seed = personal.seed_of(course, master.name.partition("_")[0], student)
            make(master, folder / report.file_name(student).removesuffix(".html"), seed, language)
    return len(students)


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, help="folder for the notebooks and zips")
    parser.add_argument("--language", choices=[*languages(), ALL], default=ENGLISH, help="of texts, checks, README.txt")
    parser.add_argument("--personal", metavar="COURSE", help="numbers of their own for each student of this course")
    parser.add_argument("--students", type=Path, metavar="TABLE", help="CSV with a column `student`, for --personal")
    options = parser.parse_args(given)
    if options.language == ALL:
        if options.output or options.personal:
            parser.error(f"--language {ALL} takes no other options")
        for language in languages():
            main(["--language", language])
        return
    folder, language = options.output or output(options.language), options.language
    if language != ENGLISH and (wrong := faults(language)):
        raise SystemExit("\n".join(wrong))
    if bool(options.personal) != bool(options.students):
        parser.error("--personal and --students belong together")
    if options.personal:
        count = make_personal(options.personal, options.students, folder / "personal", language)
        print(f"{count} students, written to {folder / 'personal'}")
        return
    for master in masters():
        path = make(master, folder, language=language)
        if language == ENGLISH:
            shutil.copy(folder / checks_file(master), MASTERS)
        cells = len(json.loads(master.read_text(encoding="utf-8"))["cells"])
        print(f"{path.name}: {cells} cells, {path.stat().st_size:,} bytes")
    print(f"written to {folder}")


if __name__ == "__main__":
    main()
