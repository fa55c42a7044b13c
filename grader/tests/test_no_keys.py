"""No answer key reaches a student: not by what is installed, handed out, published, run in a browser or cloned.

What students get is made here and searched: as text, unpacked, and by calling what can be imported. A key that is
planted in any of these places is found.
"""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import pickle
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import leaks
import make_assignments
import nbformat
import numpy as np
import probe
import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder
from solutions import READ, TASKS, cell_of, solution_of

import make_site
from cnncourse.assignments.values import from_json, to_json
from cnncourse.checks.comparing import alike
from cnngrader import assignments

ROOT = make_assignments.GRADER.parent
PLACES = ("wheel", "sdist", "zips", "site", "in the browser", "branch")
KEY = solution_of(assignments.all_tasks()["same_padding"])
# The same answer in other words, under a name that says nothing: no text of the key is in it.
DISGUISED = """def helper(size, kernel, stride=1):
    count = (size + stride - 1) // stride
    missing = count * stride - stride + kernel - size
    front = max(0, missing) >> 1
    return front, max(0, missing) - front
"""


@pytest.fixture(scope="session")
def scan() -> leaks.Scan:
    return leaks.Scan()


# ---- the places -----------------------------------------------------------------------------------------------------


def made(tree: Path, folder: Path) -> dict[str, Path]:
    """Return the folders of what students get, made from a copy of the repository that has no grader/."""
    places = {name: folder / name for name in PLACES}
    for name in PLACES[:-1]:
        places[name].mkdir(parents=True)
    places["branch"] = tree
    [wheel] = WheelBuilder(str(tree)).build(directory=str(places["wheel"]), versions=["standard"])
    list(SdistBuilder(str(tree)).build(directory=str(places["sdist"])))
    for master in make_assignments.masters():
        make_assignments.make(master, places["zips"])
    for path in [Path(wheel), *(tree / "notebooks").glob("*.ipynb")]:  # what tools/make_lite.py puts together
        shutil.copy(path, places["in the browser"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(make_site, "ROOT", tree)
        patch.setattr(make_site, "katex_files", dict)  # from the npm registry
        shutil.copytree(places["zips"], tree / "dist" / "assignments", ignore=shutil.ignore_patterns("*.zip"))
        fitting = partial(make_site.fitted, lite=True, compiled=False, zipped=True)
        for place, content in make_site.collected(True, fitting).items():  # the Chinese pieces are in the branch
            make_site.written(content, places["site"] / place)
        shutil.rmtree(tree / "dist")
    for compiled in [*tree.rglob("__pycache__")]:  # by building, which runs a file of the branch
        shutil.rmtree(compiled)
    return places


@pytest.fixture(scope="module")
def places(students_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return made(students_tree, tmp_path_factory.mktemp("places"))


@pytest.fixture(scope="module")
def spoilt(students_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the same with a key in each place, which came in by a file that the place is made of."""
    tree, folder = tmp_path_factory.mktemp("spoilt") / "course", tmp_path_factory.mktemp("spoilt_places")
    shutil.copytree(students_tree, tree)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# More"), nbformat.v4.new_code_cell(KEY)])
    planted = {
        "cnncourse/planted_wheel.py": KEY,
        "tests/planted_sdist.txt": KEY,
        "docs/planted_site.md": f"# More\n\n```python\n{KEY}\n```\n",
        "notebooks/99_planted_browser.ipynb": nbformat.writes(notebook),
        "tools/planted_branch.py": KEY,
        "cnncourse/explorers/disguised.py": DISGUISED,
    }
    for name, content in planted.items():
        (tree / name).write_text(content, encoding="utf-8")
    places = made(tree, folder)
    with zipfile.ZipFile(places["zips"] / "1_convolution.zip", "a") as archive:
        archive.writestr("1_convolution/planted_zips.txt", KEY)
    return places


PLANTED = dict(zip(PLACES, ("wheel.py", "sdist.txt", "zips.txt", "site.md", "browser.ipynb", "branch.py")))


@pytest.mark.parametrize("name", PLACES)
def test_no_key_is_in_what_students_get(places: dict[str, Path], scan: leaks.Scan, name: str) -> None:
    assert len([path for path in places[name].rglob("*") if path.is_file()]) >= (
        1 if name in ("wheel", "sdist") else 12
    )
    assert scan.folder(places[name]) == []


def test_the_site_offers_each_assignment_with_the_file_of_its_checks(places: dict[str, Path]) -> None:
    for master in make_assignments.masters():
        page = (places["site"] / "assignments" / master.name).read_text(encoding="utf-8")
        for name in (master.name, make_assignments.checks_file(master)):
            assert f'href=\\"{name}\\" download' in page
            assert (places["site"] / "extra" / "assignments" / name).read_bytes() == (
                places["zips"] / name
            ).read_bytes()


@pytest.mark.parametrize("name", PLACES)
def test_a_key_that_is_planted_is_found(spoilt: dict[str, Path], scan: leaks.Scan, name: str) -> None:
    found = [one for one in scan.folder(spoilt[name]) if one.place.endswith(f"planted_{PLANTED[name]}")]
    assert {one.what for one in found} == {"1_convolution, task-same_padding"}


@pytest.mark.parametrize("built", ["build/site/html", "build/site/wheel", "dist/assignments"])
def test_no_key_is_in_what_was_built_here(scan: leaks.Scan, built: str) -> None:
    """Pages and the in-browser edition take long to make: what the last `make site` left is searched,
    with the edition in the folder `lite` of the pages.
    """
    if not (ROOT / built).is_dir():
        pytest.skip(f"there is no {built}: make site, make assignments")
    assert scan.folder(ROOT / built) == []


# ---- what can be imported -------------------------------------------------------------------------------------------


def probed(place: Path) -> dict[str, Any]:
    """Return what `probe.py` says of a folder with packages, asked with cases as the grading draws them."""
    tasks = {}
    for _, task in TASKS:
        if task.kind == "function":
            cases = task.cases(11)
            asked = [
                [[to_json(v) for v in case.values], {k: to_json(v) for k, v in case.by_name.items()}] for case in cases
            ]
            tasks[task.name] = (task.exercise.argument_names, asked)
    command = [sys.executable, "-I", "-S", probe.__file__, str(place), sysconfig.get_path("purelib")]
    done = subprocess.run(
        command, input=json.dumps(tasks), cwd=place, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def right_ones(name: str, answers: dict[str, list[Any]]) -> list[str]:
    """Return where something answered all cases of a task as the key does."""
    task = assignments.all_tasks()[name]
    exercise = task.exercise
    expected = [exercise.reference_solution(**case.arguments(exercise.argument_names)) for case in task.cases(11)]
    return [
        place
        for place, given in answers.items()
        if len(given) == len(expected)
        and all(alike(from_json(a), b, exercise.relative) for a, b in zip(given, expected))
    ]


def test_nothing_that_can_be_imported_answers_a_graded_task(spoilt: dict[str, Path], tmp_path: Path) -> None:
    """The planted functions do, one of them with no word of the key in it; the tables of a data file do not."""
    [wheel] = spoilt["wheel"].glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    for path in spoilt["zips"].glob("*_checks.json"):
        shutil.copy(path, tmp_path)
    said = probed(tmp_path)
    assert {"cnnlib.reference", "cnncourse.checks.exercise", "cnncourse.assignments.checks"} <= set(said["modules"])
    assert said["importable"] == []
    tried = [place for answers in said["answers"].values() for place in answers]
    tables = [place for place in tried if place.startswith("cnncourse.assignments.checks.")]
    assert len(tables) >= len(said["answers"])
    found = {place for name, answers in said["answers"].items() for place in right_ones(name, answers)}
    assert found == {"cnncourse.explorers.disguised.helper", "cnncourse.planted_wheel.my_same_padding"}


# ---- the forms that a key may have ----------------------------------------------------------------------------------


def zipped(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


def stored(**arrays: Any) -> bytes:
    made = io.BytesIO()
    np.savez_compressed(made, **arrays)
    return made.getvalue()


def highlighted(source: str) -> str:
    """Return a page with a source, each of its words in a tag of its own."""
    return "<pre>" + "".join(f'<span class="n">{html.escape(part)}</span> ' for part in source.split(" ")) + "</pre>"


RIGHT = {key: question.expected for key, question in assignments.all_tasks()["six_shapes"].exercise.questions.items()}
MISTAKE = """stride instead of dilation: Here the window moves by d: it moves by 1, and its cells are d apart.
    x.shape[0] - (F_h - 1) * d_h, => (x.shape[0] - F_h) // d_h + 1,
    & x.shape[1] - (F_w - 1) * d_w => (x.shape[1] - F_w) // d_w + 1
"""
ASSIGNMENT_2 = (ROOT / "grader/cnngrader/tasks/assignment2.py").read_text(encoding="utf-8")
SCHEME = cell_of(READ["4"], "map_in_words").source
NOTEBOOK = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(KEY)])
FORMS: dict[str, tuple[str, str | bytes, str]] = {
    "a source": ("a.py", KEY, "task-same_padding"),
    "a source without indents": ("a.txt", "\n".join(map(str.strip, KEY.splitlines())), "task-same_padding"),
    "a notebook": ("a.ipynb", nbformat.writes(NOTEBOOK), "task-same_padding"),
    "JSON in one line": ("a.json", json.dumps({"text": KEY}), "task-same_padding"),
    "JSON in JSON": ("a.json", json.dumps({"text": json.dumps([KEY])}), "task-same_padding"),
    "a page": ("a.html", highlighted(KEY), "task-same_padding"),
    "a zip in a zip": ("a.zip", zipped("b.zip", zipped("c.txt", KEY.encode())), "task-same_padding"),
    "gzip": ("a.gz", gzip.compress(KEY.encode()), "task-same_padding"),
    "texts in an array": ("a.npz", stored(x=np.array(KEY.splitlines())), "task-same_padding"),
    "bytes in an array": ("a.npz", stored(x=np.frombuffer(KEY.encode(), np.uint8)), "task-same_padding"),
    "base64": ("a.json", json.dumps({"image/png": base64.b64encode(KEY.encode()).decode()}), "task-same_padding"),
    "an archive in base64": ("a.txt", base64.b64encode(zipped("a", KEY.encode())).decode(), "task-same_padding"),
    "a hidden test": ("a.py", cell_of(READ["1"], "same_padding", "-test").source, "task-same_padding-test"),
    "a marking scheme": ("a.md", SCHEME, "task-map_in_words"),
    "a line of a marking scheme": ("a.md", SCHEME.splitlines()[3], "task-map_in_words"),
    "a mistake's patch": ("a.py", MISTAKE, "dilated_conv2d, mistake: stride instead of dilation"),
    "the grader's own file": ("a.py", ASSIGNMENT_2, "lp_pool2d, lp_pool2d"),
    "answers by hand": ("a.json", json.dumps(RIGHT), "six_shapes, answers"),
    "answers by hand as a list": ("a.md", "\n".join(f"- **{k}** {v}" for k, v in RIGHT.items()), "six_shapes, answers"),
    "a pickle": ("a.pkl", pickle.dumps(KEY), "cannot be looked into"),
    "a pickle in an array": ("a.npz", stored(x=np.array([{"a": 1}])), "cannot be looked into (ValueError)"),
    "compiled code": ("a.pyc", b"", "cannot be looked into"),
    "a broken archive": ("a.zip", zipped("a", b"b")[:40], "cannot be looked into (BadZipFile)"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_found_in_any_form(scan: leaks.Scan, form: str) -> None:
    name, content, what = FORMS[form]
    found = scan.file(name, content if isinstance(content, bytes) else content.encode())
    assert any(one.what.endswith(what) for one in found), found


def test_there_are_marks_of_every_task(scan: leaks.Scan) -> None:
    known = {mark.what for mark in scan.code | scan.answers}
    for _, task in TASKS:
        assert any(f"task-{task.name}" in what for what in known), task.name
        if task.kind == "function":
            assert any(what.startswith(f"{task.name}, ") for what in known), task.name
        if task.kind == "prediction":
            assert f"{task.name}, answers" in known
