"""Grading, apart from the sandbox: reading, judging, pages and tables, likeness, what is graded again."""

from __future__ import annotations

import ast
import collections
import contextlib
import csv
import dataclasses
import enum
import json
import os
import re
import shutil
import types
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import made_up_class as made_up
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cnnlib
from cnncourse import checks
from cnncourse.assignments import network
from cnncourse.assignments.network import LAYERS
from cnncourse.checks.calling import copied
from cnncourse.checks.exercise import Case
from cnngrader import (
    assignments,
    collecting,
    function_task,
    gradebook,
    grading,
    marks,
    notebook_code,
    received,
    report,
    sandbox,
    scoring,
    serialization,
    similarity,
    submission,
    tables,
    worker,
)
from cnngrader.__main__ import main
from cnngrader.function_task import FunctionTask
from cnngrader.network_task import NetworkTask
from cnngrader.prediction_task import PredictionTask
from cnngrader.received import Cells, Received
from cnngrader.results import TaskResult
from cnngrader.task import AnsweredTask, Assignment, Criterion, WrittenTask

ASSIGNMENT = made_up.ASSIGNMENT
TASKS = {task.name: task for task in ASSIGNMENT.tasks}
CONV = TASKS["conv2d_one_channel"]


def defined(source: str, name: str) -> Any:
    namespace = {"np": np}
    exec(source, namespace)
    return namespace[name]


def run_of(task: FunctionTask, answer: Any, cases: list[Case]) -> sandbox.Run:
    """Return what the sandbox would give for `answer`, without a process."""
    done = sandbox.Run()

    def send(content: dict[str, Any], arrays: Any = ()) -> None:
        done.messages.append(serialization.unpack(serialization.pack(content, list(arrays)))[:2])

    send({"ready": True})
    send({"cells": [], "answer": "there"})
    channel = types.SimpleNamespace(send=send)
    for number, case in enumerate(cases):
        given = list(copied(task.arguments(case)).items())
        worker.call(channel, answer, number, given, len(case.values), 0)
    send({"done": True})
    return done


def judge(
    task: AnsweredTask,
    cases: list[Case],
    run: sandbox.Run,
    seed: int,
    sources: dict[str, str],
    own: Sequence[str] = (),
    called: dict[str, str] | None = None,
) -> TaskResult:
    return scoring.judge(task, Received(run, cases, Cells(sources, own, called), seed))


def judged(task: AnsweredTask, answer: Any, seed: int = 3) -> TaskResult:
    cases = task.cases(seed)
    return judge(task, cases, run_of(task, answer, cases), seed, {})


def value_run(task: AnsweredTask, value: Any) -> sandbox.Run:
    arrays: list[np.ndarray] = []
    tree = task.tree(value, arrays)
    messages = [({"ready": True}, []), ({"cells": [], "answer": "there"}, []), ({"call": 0, "value": tree}, arrays)]
    return sandbox.Run([*messages, ({"done": True}, [])])


def test_an_answer_that_cannot_be_read_earns_nothing_whatever_would_hold() -> None:
    task = dataclasses.replace(ASSIGNMENT.tasks[0], criteria=(Criterion("all", 2, holds=lambda *given: True),))
    cases = task.cases(3)
    run = run_of(task, defined(made_up.SIZE.replace("return", "return 1 +"), "my_output_size"), cases)
    assert judge(task, cases, run, 3, {}).points == 2
    for content, _ in run.messages:
        if "call" in content:
            content["value"] = {"no such kind": 1}
    found = judge(task, cases, run, 3, {})
    assert (found.points, found.mistake) == (0, function_task.MISTAKES["unreadable"])


@pytest.mark.parametrize("k", [1, 2])
def test_an_answer_four_times_as_large_as_the_right_one_is_read_to_its_end(k: int) -> None:
    cases = ASSIGNMENT.tasks[k].cases(3)
    exercise = ASSIGNMENT.tasks[k].exercise
    right = [exercise.reference_solution(**copied(case.arguments(exercise.argument_names))) for case in cases]
    padded = [np.concatenate([np.ravel(one)] * 4) for one in right]
    messages = [serialization.pack({"call": k, "value": {"array": 0}, "changed": []}, [one]) for one in padded]
    room = ASSIGNMENT.tasks[k].output_bytes(cases) - ASSIGNMENT.tasks[k].output_bytes([])
    assert sum(map(len, messages)) + 2000 * len(cases) <= room <= 10 * sum(map(len, messages)) + 10_000 * len(cases)


@pytest.mark.parametrize("spoilt", ["unread", "not there"])
def test_a_case_without_an_answer_does_not_hide_which_part_is_wrong(spoilt: str) -> None:
    task = assignments.find("3").tasks[2]

    def without_bias(*values: Any, **by_name: Any) -> Any:
        d_x, d_w, d_b = task.exercise.reference_solution(*values, **by_name)
        return d_x, d_w, d_b + 1

    cases = task.cases(3)
    run = run_of(task, without_bias, cases)
    place = next(k for k, (content, _) in enumerate(run.messages) if content.get("call") == 4)
    if spoilt == "unread":
        run.messages[place][0]["value"] = {"no such kind": 1}
    else:
        del run.messages[place]
    found = judge(task, cases, run, 3, {})
    assert "Wrong: `d_b`. Right in all cases: `d_x`, `d_w`." in " ".join(found.paragraphs), found.paragraphs


# ---- arrays over the pipe -------------------------------------------------------------------------------------------

VALUES = [
    None,
    True,
    ...,
    -(1 << 200),
    0.1,
    float("inf"),
    "text",
    (1, (2.5, "x")),
    [[[[[[[["as deep as an answer may be"]]]]]]]],
    [[], ()],
    {"a": (1,), 2: None},
    np.float32(0.5),
    np.zeros((0, 3)),
    np.arange(6, dtype=np.int16).reshape(2, 3),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    np.arange(6.0)[::-2],
    np.array([True, False]),
    np.array(2.0),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_come_back_as_they_were(value: Any) -> None:
    arrays: list[np.ndarray] = []
    data = serialization.pack({"value": serialization.as_tree(value, arrays)}, arrays)
    content, read, used = serialization.unpack(data + b"rest")
    back = serialization.plain(content["value"], read)
    assert used == len(data)
    assert type(back) is type(value)
    if isinstance(value, np.ndarray):
        assert back.dtype == value.dtype and back.shape == value.shape
    np.testing.assert_equal(back, value)


class Pair(NamedTuple):
    first: int
    second: float


class Size(enum.IntEnum):
    SMALL = 3


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Pair(1, 2.5), (1, 2.5)),
        (collections.OrderedDict(a=(1, 2)), {"a": (1, 2)}),
        (collections.defaultdict(int, a=1), {"a": 1}),
        (Size.SMALL, 3),
        (np.longdouble(0.5), np.float64(0.5)),
        (np.array([0.5, 2], np.longdouble), np.array([0.5, 2])),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_of_a_kind_of_their_own_come_back_plain(value: Any, plain: Any) -> None:
    arrays: list[np.ndarray] = []
    back = serialization.plain(serialization.as_tree(value, arrays), arrays)
    assert type(back) is type(plain) and getattr(back, "dtype", 0) == getattr(plain, "dtype", 0)
    np.testing.assert_equal(back, plain)


class Mine(np.ndarray):
    def __eq__(self, other: Any) -> Any:
        return True

    __hash__ = None


class Equal:
    def __eq__(self, other: Any) -> bool:
        return True

    __hash__ = None


@pytest.mark.parametrize(
    "value",
    [
        Equal(),
        np.zeros(3).view(Mine),
        np.array([None]),
        np.array(["x"]),
        np.zeros(2, complex),
        np.ma.masked_array([1.0]),
        1 << 10_000,
        lambda: 0,
        1j,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_plain_stays_inside(value: Any) -> None:
    arrays: list[np.ndarray] = []
    tree = serialization.as_tree(value, arrays)
    assert "foreign" in tree and not arrays
    back = serialization.plain(tree, arrays)
    assert isinstance(back, serialization.Foreign) and back != 1


def test_an_answer_that_holds_itself_ends() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert "foreign" in json.dumps(serialization.as_tree(loop, []))


@given(st.binary(max_size=80))
def test_noise_is_no_message(data: bytes) -> None:
    with pytest.raises(serialization.Unreadable):
        serialization.unpack(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["array", "int", "dict", "tuple"]), inner)
    ),
    max_leaves=8,
)


@given(JSON)
def test_a_forged_answer_is_plain_or_unreadable(tree: Any) -> None:
    with contextlib.suppress(serialization.Unreadable):
        serialization.plain(tree, [np.zeros(2)])


@given(JSON)
def test_a_forged_message_is_unreadable_or_a_dictionary(content: Any) -> None:
    text = json.dumps(content).encode()
    try:
        read, arrays, _ = serialization.unpack(serialization.HEAD.pack(serialization.MAGIC, len(text), 0) + text)
    except serialization.Unreadable:
        return
    assert isinstance(read, dict) and all(type(array) is np.ndarray for array in arrays)


@pytest.mark.parametrize(
    "shapes",
    [
        [["f8", [1 << 39]]],
        [["f8", [2]], ["f8", [1]]],
        [["O", [1]]],
        [["f8", [-1, -2]]],
        [["f8", [1.5]]],
        [["f8", [True]]],
        [["f8", 3]],
        [["f8", [1] * 60]],
        "f8",
        [["f8", []], ["f8", [0]]],
    ],
    ids=str,
)
def test_no_array_is_made_that_is_larger_than_its_bytes(shapes: Any) -> None:
    text = json.dumps({"arrays": shapes}).encode()
    with pytest.raises(serialization.Unreadable):
        serialization.unpack(serialization.HEAD.pack(serialization.MAGIC, len(text), 16) + text + bytes(16))


def test_bools_are_bools_whatever_their_bytes() -> None:
    text = json.dumps({"arrays": [["b1", [2]]]}).encode()
    _, (array,), _ = serialization.unpack(
        serialization.HEAD.pack(serialization.MAGIC, len(text), 2) + text + b"\x07\x00"
    )
    assert array.view(np.uint8).tolist() == [1, 0]


# ---- reading notebooks ----------------------------------------------------------------------------------------------


def test_a_notebook_is_read_with_its_names(tmp_path: Path) -> None:
    read = submission.read("ada", made_up.write(tmp_path / "a.ipynb", made_up.cells()))
    assert not read.problem and not read.remarks
    assert [cell.source for cell in read.solution("max_pool2d")] == [made_up.POOL]
    assert read.solution("in_words")[0].source == made_up.WORDS
    assert all(cell.role not in ("check", "test") for cell in read.code())
    assert [cell.source for cell in read.needed("max_pool2d")] == [made_up.SETUP, made_up.POOL]
    assert submission.missing(read, ["max_pool2d", "other"]) == ["other"]


Meant = submission.Cell
TEXT_OF_CODE = "```python\nx = 1\n```"


@pytest.mark.parametrize(
    ("cell", "is_code", "source", "turned"),
    [
        # the kind that it has, where nobody asked for another
        (Meant(2, True, "x = 1"), True, "x = 1", ""),
        (Meant(2, False, "Words."), False, "Words.", ""),
        (Meant(2, False, "What is x?", "sum", "text"), False, "What is x?", ""),
        (Meant(2, True, "x = 1", "sum", "check"), True, "x = 1", ""),
        # the solution of a task that asks for code
        (Meant(2, True, "x = 1", "sum"), True, "x = 1", ""),
        (Meant(2, False, "x = 1", "sum"), True, "x = 1", "sum"),
        (Meant(2, False, TEXT_OF_CODE, "sum"), True, "x = 1", "sum"),
        (Meant(2, False, " \n", "sum"), True, " \n", ""),  # nothing to turn
        # a task that asks for words: its cell is text, whatever it was
        (Meant(2, True, "Because.", "why"), False, "Because.", ""),
        (Meant(2, True, "Because.", "why", "", True, True), False, "Because.", ""),
        (Meant(2, True, "x = 1", "why", "check"), True, "x = 1", ""),
        # code when it was handed out
        (Meant(2, False, "import x", "", "", True, True), True, "import x", "the cell that begins “import x”"),
        (Meant(2, False, "x = 1", "sum", "test", True, True), True, "x = 1", "the cell that begins “x = 1”"),
        (Meant(2, False, "", "", "", True, True), True, "", ""),
    ],
)
def test_a_cell_is_of_the_kind_that_its_task_asks_for(cell: Any, is_code: bool, source: str, turned: str) -> None:
    given = submission.Submission("ada", cells=(Meant(1, False, "A title."), cell), remarks=("before",))
    meant = given.as_meant(["sum"], ["why"])
    assert meant.cells == (given.cells[0], dataclasses.replace(cell, is_code=is_code, source=source))
    said = f"No code cells any more, and graded as code: {turned}."
    assert meant.remarks == (("before", said) if turned else ("before",))


def test_cells_that_are_turned_are_named_once_and_a_late_set_up_is_remarked() -> None:
    setup = Meant(3, True, "import numpy", "", "", True)
    cells = (Meant(1, False, "x = 1", "sum"), Meant(2, False, "y = 1", "sum"), setup)
    meant = submission.Submission("ada", cells=cells).as_meant(["sum"], [])
    assert meant.remarks == (
        "No code cells any more, and graded as code: sum.",
        "The set-up cell stands below solutions; it was run first.",
    )
    assert [cell.place for cell in meant.code()] == [3, 1, 2]


BROKEN = {
    "not JSON": b"hello",
    "not text": b"\xff\xfe\x00",
    "nothing": b"",
    "deep": b"[" * 100_000,
    "deep cells": b'{"cells":' * 50_000,
    "no cells": b"{}",
    "a list": b"[1]",
    "empty": b'{"cells": []}',
    "cells of another kind": b'{"cells": 3}',
    "old": b'{"worksheets": []}',
    "many cells": json.dumps({"cells": [{}] * 2000}).encode(),
    "much code": json.dumps({"cells": [{"cell_type": "code", "source": "x" * (2 << 20)}]}).encode(),
    "huge": b"x" * (submission.MOST_BYTES + 1),
}


@pytest.mark.parametrize("data", [b"", b" \r\n", bytes(5000)], ids=["nothing", "lines", "zeros"])
def test_an_empty_file_is_called_so(data: bytes, tmp_path: Path) -> None:
    assert submission.read_bytes("bob", tmp_path, data).problem == submission.TEXTS["empty"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_notebook_is_read_in_any_encoding_of_json(encoding: str, tmp_path: Path) -> None:
    text = json.dumps({"cells": [made_up.words("Größe 大小 😀")]}, ensure_ascii=False)
    assert submission.read_bytes("ada", tmp_path, text.encode(encoding)).cells[0].source == "Größe 大小 😀"


def test_a_cell_keeps_its_name_where_colab_has_moved_it(tmp_path: Path) -> None:
    cells = [{**cell, "metadata": {"id": cell["metadata"]["nbgrader"]["grade_id"]}} for cell in made_up.cells()[2:]]
    read = submission.read("ada", made_up.write(tmp_path / "a.ipynb", cells))
    assert submission.missing(read, list(TASKS)) == []


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_broken_notebook_has_a_problem_and_no_points(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "b.ipynb"
    path.write_bytes(data)
    read = submission.read("bob", path)
    assert read.problem.endswith(".") and not read.cells
    graded = grading.grade(ASSIGNMENT, read, 1)
    assert graded.points == 0 and graded.problem == read.problem and len(graded.tasks) == 4


def test_odd_cells_do_no_harm(tmp_path: Path) -> None:
    odd = [
        None,
        3,
        {},
        {"cell_type": "code"},
        {"source": 5},
        {"source": [1, "x = 1"], "cell_type": "code", "metadata": 3},
    ]
    odd += [{"source": "\ud800", "metadata": {"nbgrader": {"grade_id": ["x"]}}, "id": 7}]
    odd += [{"source": "1" * 5000, "number": 1}]
    read = submission.read("odd", made_up.write(tmp_path / "o.ipynb", odd))
    assert not read.problem and [cell.source for cell in read.code()] == ["x = 1"]
    (tmp_path / "n.ipynb").write_text('{"cells": [{}], "n": ' + "9" * 50_000 + "}")
    assert not submission.read("n", tmp_path / "n.ipynb").problem


def test_links_and_pipes_are_not_opened(tmp_path: Path) -> None:
    made_up.write(tmp_path / "real" / "secret.txt", made_up.cells())
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "real" / "secret.txt")
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name in ("link", "pipe"):
        assert "not opened" in submission.read(name, tmp_path / f"{name}.ipynb").problem


def test_a_folder_that_is_a_link_is_not_opened(tmp_path: Path) -> None:
    made_up.write(tmp_path / "teacher" / "master.ipynb", made_up.cells())
    for name in ("eve", "bob"):
        (tmp_path / "all" / name).mkdir(parents=True)
        (tmp_path / "all" / name / "mine").symlink_to(tmp_path / "teacher")
    made_up.write(tmp_path / "all" / "bob" / "own.ipynb", [made_up.code("x = 1")])
    found = {one.student: one for one in collecting.find(tmp_path / "all", list(TASKS))}
    assert not found["eve"].cells and "no notebook" in found["eve"].problem and "a link" in found["eve"].remarks[0]
    assert len(found["bob"].cells) == 1 and "a link" in found["bob"].remarks[0]


def test_a_long_notebook_reaches_the_worker() -> None:
    packed = serialization.pack({"cells": [[1, "é" * 300_000]]}, [])
    assert serialization.unpack(packed, len(packed))[0]["cells"][0][0] == 1
    with pytest.raises(serialization.Unreadable):
        serialization.unpack(packed)


def test_only_text_is_repeated_of_what_comes_out() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    state = {"answer": deep, "cells": [dict.fromkeys(("type", "cell"), deep)]}
    run = sandbox.Run([({"event": deep}, []), ({"event": "x", "of": deep}, []), (state, [])])
    result = judge(TASKS["conv2d_one_channel"], [], run, 1, {})
    assert result.points == 0 and result.events == ["x", "a cell: error"]


def test_names_that_are_there_twice_are_remarked(tmp_path: Path) -> None:
    cells = [*made_up.cells(), made_up.code(made_up.CONV, "task-conv2d_one_channel")]
    read = submission.read("x", made_up.write(tmp_path / "x.ipynb", cells))
    assert "conv2d_one_channel" in read.remarks[0] and len(read.solution("conv2d_one_channel")) == 2


def test_three_ways_to_collect(tmp_path: Path) -> None:
    made_up.write(tmp_path / "ada.ipynb", made_up.cells())
    made_up.write(tmp_path / "bob" / "mine.ipynb", made_up.cells())
    made_up.write(tmp_path / "bob" / ".ipynb_checkpoints" / "mine.ipynb", [])
    made_up.write(tmp_path / "eve" / "assignment1" / "a.ipynb", made_up.cells())
    made_up.write(tmp_path / "eve" / "assignment0" / "a.ipynb", [made_up.code("x = 1")])
    (tmp_path / "nobody").mkdir()
    (tmp_path / "notes.txt").write_text("")
    found = {one.student: one for one in collecting.find(tmp_path, list(TASKS))}
    assert list(found) == ["ada", "bob", "eve", "nobody"]
    assert found["eve"].path.parent.name == "assignment1" and "2 notebooks" in found["eve"].remarks[0]
    assert not found["bob"].remarks and "no notebook" in found["nobody"].problem


def zipped(path: Path, files: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_every_file_is_read_or_named(tmp_path: Path) -> None:
    data = made_up.write(tmp_path / "all" / "ada.ipynb", made_up.cells()).read_bytes()
    folder = tmp_path / "all"
    for name in ("bob.IPYNB", "carl.ipynb.json", "dora.ipynb.txt", "emil.ipynb.ipynb", "notes.pdf", ".DS_Store"):
        (folder / name).write_bytes(data)
    for name in ("._ada.ipynb", ".frida.ipynb", "__MACOSX/._ada.ipynb", "__MACOSX/x.ipynb", ".hidden/x.ipynb"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    for name in ("gina/a/b/c/d.ipynb", "gina/photo.png", "gina/.ipynb_checkpoints/d.ipynb", "hal/hal.ipynb.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    zipped(folder / "ivo.ZIP", {"hw/ivo.ipynb": data, "__MACOSX/hw/._ivo.ipynb": b"x", "hw/read.me": b"x"})
    zipped(folder / "hal" / "more.zip", {"x.txt": b""})
    made_up.write(folder / "old" / "feedback" / "x.ipynb", made_up.cells())
    (folder / "old" / "grades.csv").write_text("")
    made_up.write(folder / "out" / "results" / "cache" / "x.ipynb", made_up.cells())
    collected = collecting.collect(folder, list(TASKS), folder / "out" / "results")
    names = {one.student: one for one in collected.submissions}
    assert list(names) == ["ada", "bob", "carl", "dora", "emil", "gina", "hal", "ivo"]
    assert [one.student for one in collected.submissions if one.problem or one.code() != names["ada"].code()] == []
    assert sorted(line.partition(":")[0] for line in collected.unread) == [
        ".frida.ipynb", "gina/photo.png", "ivo.ZIP, hw/read.me", "more.zip, x.txt", "notes.pdf",
    ]  # fmt: skip


def test_what_was_handed_out_and_comes_back_is_no_oddity(tmp_path: Path) -> None:
    right = json.dumps({"cells": made_up.cells()}).encode()
    wheel = f"cnnlib-{cnnlib.__version__}-py3-none-any.whl"
    files = ("1_convolution_checks.json", "README.txt", "requirements.txt", "cnncourse_language.txt", wheel)
    given = dict.fromkeys(files, b"x")
    zipped(
        tmp_path / "ada.zip", {f"1_convolution/{name}": data for name, data in given.items()} | {"1_c/a.ipynb": right}
    )
    for name, data in (given | {"a.ipynb": right, "own.json": b"x"}).items():
        (tmp_path / "bob").mkdir(exist_ok=True)
        (tmp_path / "bob" / name).write_bytes(data)
    collected = collecting.collect(tmp_path, list(TASKS))
    assert [one.problem for one in collected.submissions] == ["", ""]
    assert collected.unread == ["bob/own.json: no notebook"]


def test_results_among_the_submissions_are_no_submissions(tmp_path: Path) -> None:
    made_up.write(tmp_path / "ada.ipynb", made_up.cells())
    for name in (*collecting.OWN[:3], "mine"):
        made_up.write(tmp_path / name / "x.ipynb", made_up.cells())
    for name in collecting.OWN[3:]:
        (tmp_path / name).write_text("")
    collected = collecting.collect(tmp_path, list(TASKS), tmp_path)
    assert ([one.student for one in collected.submissions], collected.unread) == (["ada", "mine"], [])


def test_the_command_names_what_it_did_not_read(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(grading, "grade", lambda assignment, one, *rest: grading.Graded(one.student, [], [], "x"))
    monkeypatch.setattr(main.__globals__["report"], "write_summary", lambda *values: None)
    made_up.write(tmp_path / "s" / "00123.ipynb", made_up.cells())
    (tmp_path / "s" / "notes.pdf").write_text("")
    (tmp_path / "s" / "bob.zip").write_text("")
    words = [tmp_path / "s", "--assignment", "demo", "--output", tmp_path / "s" / "results"]
    assert command(*words) == command(*words) == 0
    told = capsys.readouterr().err
    assert "notes.pdf" in told and "bob: The file is no zip file" in told and "results" not in told
    marked = tmp_path / "s" / "results" / "to_mark.csv"
    row = ["123", "in_words", "2", "Good.", ""]
    table(marked, row, ["eve", "in_words", "1", "", ""])
    assert command(*words) == 1
    assert "'eve'" in capsys.readouterr().err
    assert [one.typed for one in marks.read_rows(marked, ASSIGNMENT)] == ["2", "1"]
    table(marked, row)
    assert command(*words) == 0
    assert len(list((marked.parent / marks.BACKUPS).iterdir())) == 2


def test_a_zip_file_is_opened_with_care(tmp_path: Path) -> None:
    data = made_up.write(tmp_path / "a.ipynb", made_up.cells()).read_bytes()
    (tmp_path / "all").mkdir()
    outside = zipped(tmp_path / "all" / "outside.zip", {"../../escaped.ipynb": data, "/etc/x.ipynb": data})
    zipped(tmp_path / "all" / "bomb.zip", {"x.ipynb": b" " * (submission.MOST_FILE + 1)})
    zipped(tmp_path / "all" / "many.zip", {f"{k}.txt": b"" for k in range(30_000)})
    zipped(tmp_path / "all" / "lzma.zip", {"x.ipynb": data}, zipfile.ZIP_LZMA)
    zipped(tmp_path / "all" / "none.zip", {"in.zip": zipped(tmp_path / "in.zip", {"x.txt": b""}).read_bytes()})
    (tmp_path / "all" / "cut.zip").write_bytes(outside.read_bytes()[:-30])
    spoilt = bytearray(zipped(tmp_path / "all" / "spoilt.zip", {"x.ipynb": data}).read_bytes())
    spoilt[60:80] = bytes(20)
    (tmp_path / "all" / "spoilt.zip").write_bytes(spoilt)
    locked = bytearray(zipped(tmp_path / "all" / "locked.zip", {"x.ipynb": data}).read_bytes())
    locked[locked.rfind(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "all" / "locked.zip").write_bytes(locked)
    (tmp_path / "all" / "link.zip").symlink_to(outside)
    found = {one.student: one for one in collecting.find(tmp_path / "all", list(TASKS))}
    assert not found.pop("outside").problem
    words = {
        "bomb": "more than", "many": "too many", "lzma": "compressed", "none": "no notebook", "cut": "damaged",
        "spoilt": "damaged", "locked": "password", "link": "a link",
    }  # fmt: skip
    assert {name: words[name] in one.problem for name, one in found.items()} == dict.fromkeys(words, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ipynb", "all", "in.zip"]


def test_a_zip_file_in_a_zip_file_is_opened_with_the_same_care(tmp_path: Path) -> None:
    data = made_up.write(tmp_path / "a.ipynb", made_up.cells()).read_bytes()
    inner = tmp_path / "inner"
    (tmp_path / "all").mkdir()
    around = data
    for depth in range(collecting.DEEP + 2):
        name = "x.ipynb" if not depth else f"{depth}.zip"
        around = zipped(inner, {name: around}).read_bytes()
        (tmp_path / "all" / f"deep{depth}.zip").write_bytes(around)
    (tmp_path / "all" / "folder").mkdir()
    zipped(tmp_path / "all" / "folder" / "y.zip", {"1.zip": zipped(inner, {"x.ipynb": data}).read_bytes()})
    zipped(tmp_path / "all" / "cut.zip", {"1.zip": zipped(inner, {"x.ipynb": data}).read_bytes()[:-30]})
    half = zipped(inner, {"x.ipynb": b" " * (submission.MOST_FILE // 2 + 1)}).read_bytes()
    zipped(tmp_path / "all" / "bomb.zip", {"1.zip": half, "2.zip": half})
    many = zipped(inner, {f"{k}.ipynb": b"{}" for k in range(15)}).read_bytes()
    zipped(tmp_path / "all" / "many.zip", {"1.zip": many, "2.zip": many})
    collected = collecting.collect(tmp_path / "all", list(TASKS))
    found = {one.student: one.problem for one in collected.submissions}
    assert [found[f"deep{k}"] for k in range(collecting.DEEP + 1)] == [""] * (collecting.DEEP + 1)
    assert found["folder"] == "" and "no notebook" in found[f"deep{collecting.DEEP + 1}"]
    assert "damaged" in found["cut"]
    assert "deep5.zip, 5.zip, 4.zip, 3.zip, 2.zip, 1.zip: no notebook" in collected.unread
    assert [line.partition(":")[0] for line in collected.unread if line.startswith("many")] == [
        f"many.zip, 2.zip, {k}.ipynb" for k in range(collecting.MOST_NOTEBOOKS - 17, 15)
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ipynb", "all", "inner"]


@pytest.mark.parametrize("names", [("1 old.ipynb", "2 new.ipynb"), ("2 old.ipynb", "1 new.ipynb")])
def test_of_two_notebooks_the_one_counts_that_holds_more(names: tuple[str, str], tmp_path: Path) -> None:
    stubs = {"conv2d_one_channel": made_up.CONV_STUB, "max_pool2d": made_up.POOL_STUB}
    cells = made_up.cells(stubs, ""), made_up.cells()
    files = {name: json.dumps({"cells": one}).encode() for name, one in zip(names, cells)}
    zipped(tmp_path / "ada.zip", files)
    for name, data in files.items():
        (tmp_path / "bob").mkdir(exist_ok=True)
        (tmp_path / "bob" / name).write_bytes(data)
    for one in collecting.find(tmp_path, list(TASKS)):
        assert one.solution("max_pool2d")[0].source == made_up.POOL and names[1] in one.remarks[0]


def test_outputs_are_left_out_where_a_notebook_is_large(tmp_path: Path) -> None:
    content = made_up.cells()
    tricky = {"text": 'a "quoted" ] } \\', "data": {"outputs": [[{}]]}}
    for cell in content:
        cell["outputs"] = [tricky, {"data": {"image/png": "x" * 2_000_000}}, tricky]
    read = submission.read("ada", made_up.write(tmp_path / "a.ipynb", content))
    assert not read.problem and [cell.source for cell in read.cells] == [cell["source"] for cell in content]
    for data in (b'"\\"' * 4_000_000, b'{"outputs": [' * 1_000_000, b'{"cells": "' + b"x" * (11 << 20)):
        (tmp_path / "b.ipynb").write_bytes(data)
        assert submission.read("bob", tmp_path / "b.ipynb").problem


def test_names_of_students_are_one_line_and_different(tmp_path: Path) -> None:
    for name in ("a\nb", "a\rb", "a?b"):
        made_up.write(tmp_path / f"{name}.ipynb", made_up.cells())
    names = [one.student for one in collecting.find(tmp_path, list(TASKS))]
    assert len(set(names)) == 3 and all(name.isprintable() for name in names)


# ---- judging --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", made_up.RIGHT)
def test_right_functions_get_all_points(name: str) -> None:
    task = TASKS[name]
    for seed in range(5):
        result = judged(task, defined(made_up.RIGHT[name], task.answer), seed)
        assert (result.points, result.status) == (task.points, "right"), result


@pytest.mark.parametrize(("name", "source"), [(name, way) for name, ways in made_up.WRONG.items() for way in ways])
def test_wrong_functions_do_not(name: str, source: str) -> None:
    task = TASKS[name]
    result = judged(task, defined(source, task.answer))
    assert result.points < task.points and result.status in ("wrong", "partly", "not yet")
    assert result.paragraphs


def test_mistakes_are_named_and_no_hidden_number_is_told() -> None:
    task = TASKS["max_pool2d"]
    result = judged(task, defined(made_up.POOL.replace("-np.inf", "0"), task.answer))
    assert result.mistake == "max pooling padded with 0"
    # The map is drawn from large numbers that no sentence holds by itself.
    exercise = checks.conv2d_one_channel
    hidden = 7_919_137.0

    def cases(rng: np.random.Generator) -> list[Case]:
        return [Case(np.full((3, 4), hidden), np.full((2, 2), 7_919_139.0), stride=1)] * 3

    secret = type(exercise)(exercise.name, "03", exercise.reference_solution, cases, exercise.mistakes, "tried")
    for source in [
        *made_up.WRONG["conv2d_one_channel"],
        "def my_conv2d(x, w, w_b=0, stride=1):\n    raise ValueError(x)",
    ]:
        task = FunctionTask("conv2d_one_channel", "t", 4, secret, "my_conv2d")
        text = json.dumps(judged(task, defined(source, "my_conv2d")).as_json())
        assert "7919" not in text and "7_919" not in text and "7,919" not in text, text


def test_points_of_aspects() -> None:
    result = judged(CONV, defined(made_up.WRONG["conv2d_one_channel"][0], "my_conv2d"))
    assert result.points == 2 and result.status == "partly" and "stride 1 (2)" in " ".join(result.paragraphs)


ALL_AT_ONCE = FunctionTask(
    "conv2d_one_channel",
    "t",
    4,
    checks.conv2d_one_channel,
    "my_conv2d",
    stub=made_up.CONV_STUB,
    criteria=(Criterion("strides above 1", 2, lambda a: a.get("stride", 1) > 1), Criterion("stride 1", 2)),
    finer=(Criterion("large images", 0.5, lambda a: a["x"].size > 40),),
)


def test_finer_cases_cost_something_only_where_all_else_is_right() -> None:
    def spoilt(x: np.ndarray, w: np.ndarray, w_b: float = 0.0, stride: int = 1) -> np.ndarray:
        net = checks.conv2d_one_channel.reference_solution(x, w, w_b, stride)
        return net + (x.size > 40) + 7 * (strides and stride > 1)

    strides = False
    fine = judged(ALL_AT_ONCE, spoilt)
    assert (fine.points, [part["points"] for part in fine.parts]) == (3.5, [2, 2, -0.5])
    strides = True
    assert (judged(ALL_AT_ONCE, spoilt).points, len(judged(ALL_AT_ONCE, spoilt).parts)) == (2, 2)


def test_several_results_are_named_and_judged_apart() -> None:
    task = assignments.all_tasks()["conv2d_backward_sides"]
    right = task.exercise.reference_solution

    def result(change: Any) -> TaskResult:
        return judged(task, lambda *values, **given: change(*right(*values, **given)))

    one = result(lambda d_x, d_w, d_b: (d_x, d_w.tolist(), d_b))
    text = " ".join(one.paragraphs)
    assert one.points == 4 and "`d_w` is a list, expected a NumPy array" in text
    assert "Wrong: `d_w`. Right in all cases: `d_x`, `d_b`." in text
    text = " ".join(result(lambda d_x, d_w, d_b: (d_x, d_w)).paragraphs)
    assert "The result is 2 values, expected 3 values: `d_x, d_w, d_b`" in text
    rows = assignments.all_tasks()["rows_seen"]
    text = " ".join(judged(rows, lambda layers, row: (float(row), 3)).paragraphs)
    assert "`first` is a number (float), expected a number (int). `/` always gives a float" in text


def test_a_result_of_another_type_earns_its_part_nothing_though_its_number_is_right() -> None:
    rows = assignments.all_tasks()["rows_seen"]
    right = rows.exercise.reference_solution
    for k, part in enumerate(rows.exercise.parts):
        found = judged(
            rows, lambda layers, row, k=k: tuple(float(n) if i == k else n for i, n in enumerate(right(layers, row)))
        )
        others = sum(one.points for one in rows.criteria if one.part != part)
        assert 0 < others < rows.points and found.points == others, part


def test_a_changed_argument_costs_one_point() -> None:
    spoils = made_up.CONV.replace("return net", "x[0, 0] = 7\n    return net")
    result = judged(CONV, defined(spoils, CONV.answer))
    assert (result.points, result.status, result.mistake) == (3, "partly", "argument changed")


def test_a_function_that_prints_is_no_stub() -> None:
    cases = CONV.cases(1)
    prints = made_up.CONV.replace("return net", "print(net)")
    for source, status, mistake in (
        (prints, "wrong", "nothing returned"),
        (CONV.stub, "not yet", ""),
        (CONV.stub.replace("...", "# to do\n    pass"), "not yet", ""),
    ):
        run = run_of(CONV, defined(source, CONV.answer), cases)
        result = judge(CONV, cases, run, 1, {"<cell 1>": source}, [source])
        assert (result.status, result.mistake) == (status, mistake)
        assert ("instead of `print`" in " ".join(result.paragraphs)) == (source == prints)
    elsewhere = {"<cell 1>": CONV.stub, "<cell 2>": prints}
    run = run_of(CONV, defined(prints, CONV.answer), cases)
    assert judge(CONV, cases, run, 1, elsewhere, [CONV.stub]).status == "wrong"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name 'H2' is not defined", "name 'H2' is not defined"),
        ("no attribute 'correlate2d' of np.float64", "no attribute 'correlate2d' of np.float64"),
        ("index 12 is out of bounds for axis 0 with size 12", "index # is out of bounds for axis # with size #"),
        ("(3,2) 1e-05 7_919 x7919137 v[3.25]", "(#,#) #-# # x# v[#.#]"),
    ],
)
def test_names_keep_their_digits_and_numbers_do_not(text: str, told: str) -> None:
    assert received.without_numbers(text) == told


def test_a_page_says_each_error_once_and_what_is_still_to_come(tmp_path: Path) -> None:
    error = "the solution cell of “A convolution”, line 2: NameError: no x"
    results = [
        TaskResult("output_size", 2, 1.0, "partly", errors=[error], events=[error, "opened a file"]),
        TaskResult("conv2d_one_channel", 4, errors=[error], events=[error]),
        TaskResult("in_words", 3, status="to be marked"),
    ]
    results[1].parts = [{"name": "strides", "points": 0, "of": 2, "right": 1, "cases": 4}] * 2
    one = grading.Graded("ada", results)
    page = report.write_feedback(tmp_path, ASSIGNMENT, one, submission.Submission("ada")).read_text(encoding="utf-8")
    assert page.count("NameError") == 1 and page.index("NameError") < page.index("<article")
    assert "1 of 9 points so far; an answer worth 3 points is still to be marked" in page
    assert "1 of 4</td>" in page and "0 of 2</td>" in page and page.count("opened a file") == 1


@pytest.mark.parametrize("seed", range(6))
def test_the_same_answer_earns_the_same_whatever_cases_are_drawn(seed: int) -> None:
    """Padding counted once is right in some half of the cases, a few more or less: no points hang on that."""

    def once(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
        return (size + padding - kernel) // stride + 1

    whole = FunctionTask("output_size", "t", 3, checks.output_size, "f")
    parts = (Criterion("padding", 2, lambda a: a.get("padding", 0) > 0), Criterion("no padding", 1))
    for task, points in ((whole, 0), (dataclasses.replace(whole, criteria=parts), 1)):
        assert judged(task, once, seed).points == points
        assert judged(task, checks.output_size.reference_solution, seed).points == 3
        assert judged(task, lambda size, kernel, stride=1, padding=0: -1, seed).points == 0


def test_a_function_that_remembers() -> None:
    calls = []
    cases = len(checks.conv2d_one_channel.cases(np.random.default_rng(0)))

    def remembers(x: np.ndarray, w: np.ndarray, w_b: float = 0.0, stride: int = 1) -> np.ndarray:
        calls.append(1)
        return checks.conv2d_one_channel.reference_solution(x, w, w_b, stride) + (len(calls) > cases)

    result = judged(CONV, remembers)
    assert result.points == 2 and result.mistake == "left over from the call before"


WRONG_KINDS = {
    "dtype": lambda y: y.astype(np.float16),
    "integers": lambda y: y.astype(int),
    "NaN": lambda y: y * np.nan,
    "shape": lambda y: y[None],
    "list": lambda y: y.tolist(),
    "objects": lambda y: y.astype(object),
    "complex": lambda y: y + 0j,
    "own class": lambda y: y.view(Mine),
    "equal to all": lambda y: Equal(),
    "masked": lambda y: np.ma.masked_array(y, True),
    "giant": lambda y: np.broadcast_to(0.0, (10, 10**4)),
    "None": lambda y: None,
    "dots": lambda y: ...,
    "bool": lambda y: np.ones(y.shape, bool),
}


@pytest.mark.parametrize("spoil", WRONG_KINDS.values(), ids=WRONG_KINDS)
def test_results_of_a_wrong_kind_get_nothing(spoil: Any) -> None:
    result = judged(
        CONV, lambda x, w, w_b=0.0, stride=1: spoil(checks.conv2d_one_channel.reference_solution(x, w, w_b, stride))
    )
    assert result.points == 0 and result.status in ("wrong", "not yet")


def test_a_lie_about_the_answers_gets_nothing() -> None:
    cases = CONV.cases(1)
    honest = run_of(CONV, defined(made_up.CONV, "my_conv2d"), cases)
    lies: list[dict[str, Any]] = [
        {"call": k, **lie}
        for k in range(len(cases))
        for lie in ({"points": 100}, {"value": {"array": 0}}, {"value": {"array": -1}}, {"value": []}, {"error": 3})
    ]
    lies += [{"call": "0"}, {"call": True}, {"call": [0]}, {"event": 1}, {"done": 1}]
    for lie in lies:
        run = sandbox.Run([*honest.messages[:2], (lie, []), ({"done": True}, [])])
        assert judge(CONV, cases, run, 1, {}).points == 0
    # The first answer to a case counts.
    late = sandbox.Run([*honest.messages[:2], ({"call": 0, "value": None}, []), *honest.messages[2:]])
    assert judge(CONV, cases, late, 1, {}).points < CONV.points


def test_a_process_that_ends_early_keeps_what_it_has() -> None:
    task = TASKS["output_size"]
    cases = sorted(task.cases(1), key=lambda case: case.by_name.get("padding", 0) > 0)
    run = run_of(task, defined(made_up.SIZE, task.answer), cases)
    unpadded = sum(not case.by_name.get("padding") for case in cases)
    assert 0 < unpadded < len(cases) - 1
    cut = sandbox.Run(run.messages[: 2 + unpadded + 1], ended="stopped after 4 seconds")
    result = judge(task, cases, cut, 1, {})
    assert result.points == 1 and result.status == "partly" and result.events == ["stopped after 4 seconds"]
    none = judge(task, cases, sandbox.Run(run.messages[:1], ended="ended by SIGKILL"), 1, {})
    assert none.points == 0 and none.mistake == "ended early"


def test_a_fault_of_the_sandbox_is_not_the_students() -> None:
    result = judge(CONV, [], sandbox.Run(fault="no bwrap"), 1, {})
    assert result.status == "not graded" and gradebook.is_open(result) and "not your fault" in result.paragraphs[0]


@pytest.mark.parametrize("state", ["missing", "open", "no function", 7, None])
def test_no_answer(state: Any) -> None:
    run = sandbox.Run([({"ready": True}, []), ({"cells": [{"type": "NameError"}, 3], "answer": state}, [])])
    result = judge(CONV, [], run, 1, {})
    assert result.points == 0 and "`my_conv2d`" in " ".join(result.paragraphs)


def test_an_error_of_a_cell_is_mentioned_where_points_are_missing() -> None:
    cases = CONV.cases(1)
    for source, told in ((made_up.CONV, 0), (made_up.CONV.replace("+ w_b", ""), 1)):
        run = run_of(CONV, defined(source, CONV.answer), cases)
        calm = judge(CONV, cases, run, 1, {})
        run.messages[1][0]["cells"] = [{"cell": "<cell 3>", "line": 2, "type": "NameError", "message": "no x"}]
        result = judge(CONV, cases, run, 1, {})
        assert result.events == ["cell 3, line 2: NameError: no x"] and not calm.events
        assert result.points == calm.points
        assert (
            result.paragraphs[len(calm.paragraphs) :]
            == ["On the way a cell ended with an error: see the top of the page."] * told
        )


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.5, "stopped after 0.5 seconds"),
        (float("nan"), "stopped after nan seconds"),
        *((value, "TimeUp") for value in (10**400, "{0}", None, [1], True)),
    ],
)
def test_how_long_a_cell_ran_is_not_believed(seconds: Any, told: str) -> None:
    cells = [{"type": "TimeUp", "seconds": seconds, "cell": "<cell 2>"}]
    result = judge(CONV, [], sandbox.Run([({"cells": cells, "answer": "missing"}, [])]), 1, {})
    assert result.errors == [f"cell 2: {told}"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [(1, ["line 1: def f(x):"]), (3, ["line 3: return x / 0"]), (4, []), (0, []), (-1, []), (None, []), ("3", [])],
)
def test_the_line_of_an_error_is_shown_where_the_cell_has_it(line: Any, shown: list[str]) -> None:
    cases = CONV.cases(1)
    error = {"type": "ZeroDivisionError", "message": "division by zero", "cell": "<cell 2>", "line": line}
    messages = [({"cells": [], "answer": "there"}, []), *(({"call": k, "error": error}, []) for k in range(len(cases)))]
    sources = {"<cell 2>": "def f(x):\n    y = 1\n    return x / 0\n", "<cell 3>": "another"}
    result = judge(CONV, cases, sandbox.Run(messages), 1, sources)
    told = judge(CONV, cases, sandbox.Run(messages), 1, sources, (), {"<cell 2>": "the cell of f"})
    assert (f"    line {line} of the cell of f: " in "".join(told.paragraphs)) == bool(shown)
    (text,) = (text for text in result.paragraphs if text.endswith("ZeroDivisionError: division by zero"))
    assert [row.strip() for row in text.splitlines()[:-1]] == shown


PREDICTION = PredictionTask("pooled_shapes", "t", 3, checks.pooled_shapes, "shapes")


def test_predictions_get_points_in_proportion() -> None:
    def result(answer: Any) -> TaskResult:
        return judge(PREDICTION, [], value_run(PREDICTION, answer), 1, {})

    keys = list(checks.pooled_shapes.questions)
    assert result(dict.fromkeys(keys, ...)).status == "not yet"
    for forged in ("text", [1], Equal(), {"x": 1}, {key: Equal() for key in keys}, np.zeros(3), None):
        assert result(forged).points == 0, forged
    letters = PredictionTask("false_about_pooling", "t", 2, checks.false_about_pooling, "letter")
    by_letter = {a: judge(letters, [], value_run(letters, a), 1, {}).points for a in "abcdefgh"}
    assert sorted(by_letter.values())[-2:] == [0, 2]


# ---- networks -------------------------------------------------------------------------------------------------------


def judge_network(net: cnnlib.Sequential, rng: np.random.Generator) -> list[network.Finding]:
    few = sum(value.size for value in net.parameters().values()) < 10_000
    guess = np.isfinite(net.scores(rng.random((2, 1, 28, 28), np.float32))).all()
    return [network.Finding("budget", float(few), "counted"), network.Finding("runs", float(guess), "tried")]


NET = NetworkTask(
    "small_net", "t", 4, network.NetworkExercise("small_net", "", judge_network), "net",
    criteria=(Criterion("budget", 1), Criterion("runs", 3)), needs="cnnlib",
)  # fmt: skip


def small_net(width: int = 4) -> cnnlib.Sequential:
    first = cnnlib.Conv2d(1, width, 3, padding=1, rng=0)
    return cnnlib.Sequential(
        first, cnnlib.LeakyReLU(0.1), cnnlib.MaxPool2d(4), cnnlib.Flatten(), cnnlib.Linear(width * 49, 10, rng=1)
    )


def test_a_network_is_made_again_and_measured() -> None:
    net, arrays = small_net(), []
    net[1].slope = 0.25
    made = network.rebuilt(serialization.plain(serialization.network_tree(net, arrays, LAYERS), arrays), (1, 28, 28))
    x = np.random.default_rng(0).random((3, 1, 28, 28))
    np.testing.assert_array_equal(made.scores(x), net.scores(x))
    assert judge(NET, [], value_run(NET, net), 1, {}).points == 4
    assert judge(NET, [], value_run(NET, small_net(30)), 1, {}).points == 3
    untouched = sandbox.Run([({"ready": True}, []), ({"cells": [], "answer": "open"}, [])])
    assert judge(NET, [], untouched, 1, {}).status == "not yet"
    assert NET.exercise(net).right and NET.exercise().status == "not yet" and not NET.exercise(3).right


class Liar(cnnlib.ReLU):
    pass


def forged(**changes: Any) -> list[Any]:
    arrays: list[np.ndarray] = []
    answer = serialization.plain(serialization.network_tree(small_net(), arrays, LAYERS), arrays)
    kind, settings, parameters = answer[0]
    answer[0] = (changes.pop("kind", kind), {**settings, **changes}, parameters)
    return answer


@pytest.mark.parametrize(
    "answer",
    [
        None, 3, [], "Conv2d", [1], [("Conv2d", {}, {})], [("open", {}, {})] * 2, forged(kind="Sequential"),
        forged(kind="__import__"), forged(out_channels=10**9), forged(padding=50_000), forged(kernel_size=-1),
        forged(stride=0), forged(kernel_size=(3, 3, 3)), forged(in_channels=True), forged(padding=np.zeros(3)),
        forged(rng=1), forged(padding=400), forged(padding=5000, stride=5000), forged(out_channels=(1,) * 1900),
        [("MaxPool2d", {"size": 300, "stride": 1, "padding": 150}, {})], forged(out_channels=5), forged() * 30,
        [("Linear", {"in_features": 784, "out_features": 1}, {})],
    ],
    ids=lambda answer: str(answer)[:60],
)  # fmt: skip
def test_what_is_no_network_is_not_made(answer: Any) -> None:
    with pytest.raises(network.NotANetwork):
        network.rebuilt(answer, (1, 28, 28))


def deep_net() -> cnnlib.Sequential:
    """Return a network of everything that holds buffers, draws at random or holds other layers, trained a little."""
    block = cnnlib.Residual(
        cnnlib.Conv2d(3, 3, 3, padding=1, rng=1), cnnlib.BatchNorm2d(3, momentum=0.5), cnnlib.Sequential(cnnlib.ReLU())
    )
    net = cnnlib.Sequential(
        cnnlib.Sequential(cnnlib.Conv2d(1, 3, 3, stride=3, rng=0), cnnlib.BatchNorm2d(3, eps=1e-3)),
        block, cnnlib.MaxPool2d(3), cnnlib.Dropout(0.25, rng=0), cnnlib.Flatten(), cnnlib.Linear(27, 10, rng=2),
    )  # fmt: skip
    net.forward(np.random.default_rng(5).random((20, 1, 28, 28), np.float32))
    return net


def test_a_network_with_buffers_and_blocks_is_made_again_as_it_was_trained() -> None:
    net, arrays = deep_net(), []
    tree = serialization.network_tree(net, arrays, LAYERS)
    made = network.rebuilt(serialization.plain(tree, arrays), (1, 28, 28))
    assert repr(made) == repr(net) and (made.training, net.training) == (False, True)
    for name, buffer in net.buffers().items():
        np.testing.assert_array_equal(made.buffers()[name], buffer)
    x = np.random.default_rng(0).random((3, 1, 28, 28))
    np.testing.assert_array_equal(made.scores(x), net.scores(x))
    np.testing.assert_array_equal(made.forward(x), net.scores(x))  # also where a judge does not ask for scores
    assert judge(NET, [], value_run(NET, net), 1, {}).points == 4
    assert NET.exercise(net).right


def test_blocks_that_do_not_fit_are_told() -> None:
    conv = cnnlib.Conv2d(1, 4, 3)
    misfits = [
        cnnlib.Sequential(conv, cnnlib.BatchNorm2d(5)),
        cnnlib.Sequential(cnnlib.Residual(cnnlib.Conv2d(1, 4, 3))),
        cnnlib.Residual(cnnlib.ReLU()),
    ]
    itself = cnnlib.Sequential(cnnlib.ReLU())
    itself.layers.append(itself)
    for net in [*misfits, itself]:
        assert NET.exercise(net).status == "wrong"
        assert judge(NET, [], value_run(NET, net), 1, {}).points == 0


@pytest.mark.parametrize(
    "parts",
    [
        [("Residual", {"layers": 2}, {}), ("ReLU", {}, {})], [("Residual", {"layers": (1, 1)}, {}), ("ReLU", {}, {})],
        [("Sequential", {"layers": 1}, {"weight": np.ones(1)}), ("ReLU", {}, {})], [("Dropout", {"p": "0"}, {})],
        [("Dropout", {"p": True}, {})], [("Dropout", {"p": 2.0}, {})],
        [("BatchNorm2d", {"channels": 1, "eps": 1e-5, "momentum": 0.1}, {"weight": np.ones(1), "bias": np.ones(1)})],
        [("Sequential", {"layers": 1}, {})] * 40,
    ],
    ids=lambda parts: str(parts)[:60],
)  # fmt: skip
def test_a_forged_block_is_not_made(parts: list[Any]) -> None:
    with pytest.raises(network.NotANetwork):
        network.rebuilt(parts, (1, 28, 28))


def test_layers_of_ones_own_are_not_run() -> None:
    net = small_net()
    net.layers[1] = Liar()
    assert judge(NET, [], value_run(NET, net), 1, {}).points == 0
    net = small_net()
    net[0].weight = np.full_like(net[0].weight, np.nan)
    assert judge(NET, [], value_run(NET, net), 1, {}).points == 1  # few parameters, and they do not run


# ---- pages and tables -----------------------------------------------------------------------------------------------

NASTY = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    " =1",
    "a\nb",
    "<script>alert(1)</script>",
    "|x",
    "%x",
]


@pytest.mark.parametrize("text", NASTY)
def test_no_cell_of_a_table_is_a_formula(text: str) -> None:
    safe = tables.escape_csv_cell(text)
    assert safe.isprintable() and safe.lstrip()[:1] not in tuple("=+-@|%")


def graded_class(texts: list[str], folder: Path) -> tuple[list[grading.Graded], dict[str, submission.Submission]]:
    """Return a class whose names, texts and messages are all `texts`."""
    graded, found = [], {}
    for k, text in enumerate(texts):
        cells = made_up.cells({"conv2d_one_channel": text}, text)
        one = submission.read(text, made_up.write(folder / f"{k}.ipynb", cells), (text,))
        results = [
            TaskResult(task.name, task.points, 1.0, "partly", text, [text, f"`{text}`", f"    {text}"], [text], text)
            for task in ASSIGNMENT.tasks[:3]
        ]
        results.append(grading.written_result(ASSIGNMENT.tasks[3], one))
        graded.append(grading.Graded(text, results, [text], text))
        found[text] = one
    return graded, found


def test_no_name_leads_to_the_page_of_another() -> None:
    other = report.file_name("Anna Lee")
    assert report.file_name(other.removesuffix(".html")) != other
    assert all(len(report.file_name(c * 60).encode()) < 200 for c in "x\N{MATHEMATICAL BOLD SMALL A}学;")


def test_no_second_cell_is_a_formula_where_semicolons_part_cells() -> None:
    for text in ("so;=1+1", 'so; "=1+1"', "so;\t@SUM(1)", "so;;+1"):
        assert not re.search(r';[\s"]*[=+@-]', tables.escape_csv_cell(text))
        assert tables.escape_csv_cell(tables.escape_csv_cell(text)) == tables.escape_csv_cell(text)


OUR_TAGS = {"html", "head", "meta", "title", "style", "body", "main", "article", "section", "header", "h1", "h2", "p"}
OUR_TAGS |= {"span", "div", "pre", "code", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "a", "svg", "rect"}
OUR_TAGS |= {"text", "line", "details", "summary", "strong"}


def test_nothing_in_a_page_is_markup_of_a_submission(tmp_path: Path) -> None:
    texts = [
        *NASTY,
        "</title><b>x",
        '"><img src=x onerror=alert(1)>',
        "&lt;",
        "../../etc/passwd",
        "",
        "x" * 300,
        "\ud800",
    ]
    graded, found = graded_class(texts, tmp_path)
    groups = [similarity.Group("max_pool2d", tuple(texts), {text: text for text in texts})]
    report.write_summary(tmp_path / "summary.html", ASSIGNMENT, graded, groups, "warning <b>", texts)
    (tmp_path / "feedback").mkdir()
    pages = [tmp_path / "summary.html"]
    pages += [report.write_feedback(tmp_path / "feedback", ASSIGNMENT, one, found[one.student]) for one in graded]
    assert len(set(pages)) == len(texts) + 1
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert page.parent in (tmp_path, tmp_path / "feedback") and len(page.name) < 100
        assert "default-src 'none'" in text
        assert not re.search(r"<(script|img|b|iframe)\b", text)
        tags = set(re.findall(r"</?([a-z0-9]+)", text))
        assert tags <= OUR_TAGS


def test_the_table_of_grades(tmp_path: Path) -> None:
    graded, found = graded_class(NASTY, tmp_path)
    gradebook.write_grades(tmp_path / "grades.csv", ASSIGNMENT, graded, "not protected")
    marks.write(tmp_path / "to_mark.csv", ASSIGNMENT, found, marks.Matched({}, [], [], []))
    for name in ("grades.csv", "to_mark.csv"):
        with open(tmp_path / name, encoding="utf-8-sig", newline="") as file:
            head, *rows = csv.reader(file)
        assert len(rows) == len(NASTY) + (name == "grades.csv")
        assert all(len(row) == len(head) for row in rows)
        assert all(cell[:1] not in tuple("=+-@\t\r|%") or cell[:1] == "" for row in rows for cell in row)
    assert head[0] == "student"


def test_the_table_of_tasks_counts_what_is_still_to_be_marked() -> None:
    def one(status: str) -> grading.Graded:
        results = [TaskResult(task.name, task.points, task.points, "right") for task in ASSIGNMENT.tasks[:3]]
        return grading.Graded("a", [*results, TaskResult("in_words", 3, 3.0 * (status == "right"), status)])

    page = report._by_task(ASSIGNMENT, [one("to be marked"), one("right"), one("to be marked")])
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)]
    assert rows[-1] == ["In your own words", "3", "3.0", "1", "2"] and rows[-2][-2:] == ["3", ""]


def test_the_distribution_counts_everyone() -> None:
    graded = [grading.Graded(str(k), [TaskResult("x", 12, points=float(k))]) for k in range(13)]
    assert report.shares(graded, 12) == [2, 1, 1, 1, 1, 2, 1, 1, 1, 2]
    assert sum(report.shares(graded, 0)) == 13


def contrast(first: str, second: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    a, b = sorted((light(first), light(second)))
    return (b + 0.05) / (a + 0.05)


def test_colours_can_be_read_in_both_themes() -> None:
    themes = [
        dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in re.findall(r":root \{.*?\}", report.STYLE, re.S)
    ]
    assert len(themes) == 2 and all(len(theme) == 10 for theme in themes)
    for theme in themes:
        for name in ("text", "quiet", "right", "partly", "wrong", "link"):
            assert contrast(theme[name], theme["ground"]) >= 4.5 and contrast(theme[name], theme["panel"]) >= 4.5, name


# ---- marks by hand --------------------------------------------------------------------------------------------------


def table(path: Path, *rows: list[str]) -> Path:
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([["student", "task", "points", "comment", "text"], *rows])
    return path


def matched(path: Path, found: dict[str, submission.Submission]) -> marks.Matched:
    return marks.match(marks.read_rows(path, ASSIGNMENT), found, ASSIGNMENT)


def test_marks_by_hand_are_put_in(tmp_path: Path) -> None:
    graded, found = graded_class(["ada", "=bob"], tmp_path)
    rows = [["ada", "in_words", "2,5", "Good.", "A stride of two"], ["'=bob", "in_words", "3", "", ""]]
    rows += [["eve", "in_words", "1", "Kept.", ""]]
    given = matched(table(tmp_path / "m.csv", *rows), found)
    (error,) = given.errors
    assert "'eve'" in error and "line 4 of m.csv" in error
    marks.apply(graded, found, ASSIGNMENT, given.rows)
    assert [one.tasks[3].points for one in graded] == [2.5, 3]
    assert graded[0].tasks[3].paragraphs == ["Good."] and "another one" in graded[0].remarks[-1]
    marks.write(tmp_path / "to_mark.csv", ASSIGNMENT, found, given)
    again = marks.read_rows(tmp_path / "to_mark.csv", ASSIGNMENT)
    assert [(row.student, row.typed, row.comment) for row in again] == [
        *(("ada", "2,5", "Good."), ("'=bob", "3", ""), ("eve", "1", "Kept."))
    ]


LONG = "A stride of two leaves every second window out, and a step of one pixel changes all."
# What a spreadsheet may make of a name; and the name of the student whose mark it is.
REWRITTEN = [
    ("123", "00123"), ("123.0", "00123"), (" Ada LOVELACE ", "ada lovelace"), ("ada\u00a0lovelace", "ada lovelace"),
    ("'=bob", "=bob"), ("=bob", "=bob"),
    ("Jose\u0301", "Jos\u00e9"), ("７", "07"), ("TRUE", "true"), ("O’Neil", "O'Neil"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "student"), REWRITTEN)
def test_a_mark_survives_what_a_spreadsheet_makes_of_a_name(name: str, student: str, tmp_path: Path) -> None:
    _, found = graded_class([student, "another"], tmp_path)
    given = matched(table(tmp_path / "m.csv", [name, "In_Words ", "2", "", ""]), found)
    assert not given.errors and given.rows[student, "in_words"].points == 2


FORMS = {
    "semicolons": lambda rows: "\r\n".join(";".join(row) for row in rows).encode("utf-8-sig"),
    "sep=": lambda rows: ("sep=;\r\n" + "\r\n".join(";".join(row) for row in rows)).encode(),
    "all quoted": lambda rows: "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).encode(),
    "tabs in UTF-16": lambda rows: "\r\n".join("\t".join(row) for row in rows).encode("utf-16"),
    "columns turned": lambda rows: "\n".join(",".join(row[::-1]) for row in rows).encode("utf-8-sig"),
    "heads in capitals": lambda rows: "\n".join(
        ",".join(f" {cell.upper()}" if not k else cell for cell in row) for k, row in enumerate(rows)
    ).encode(),
    "empty lines and cells": lambda rows: "\n,,,,\n".join(",".join(row) + ",," for row in rows).encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_table_is_read_as_spreadsheets_write_it(form: str, tmp_path: Path) -> None:
    _, found = graded_class(["00123", "123", "ada"], tmp_path)
    keys = {student: marks.key_of(student) for student in found}
    rows = [["student", "task", "points", "comment", "key", "checked by"]]
    rows += [["123", "in_words", "1", "first", keys["00123"], "me"], ["123", "in_words", "2", "", keys["123"], ""]]
    rows += [["1.2E+02", "in_words", "3", "", keys["ada"], ""]]
    (tmp_path / "m.csv").write_bytes(FORMS[form](rows))
    given = matched(tmp_path / "m.csv", found)
    assert not given.errors and not given.left
    assert {student: row.points for (student, _), row in given.rows.items()} == {"00123": 1, "123": 2, "ada": 3}
    marks.write(tmp_path / "to_mark.csv", ASSIGNMENT, found, given)
    (first, *_) = marks.read_rows(tmp_path / "to_mark.csv", ASSIGNMENT)
    assert [*first.more.values()] == ["me"] and first.comment == "first"


def test_a_mark_that_may_be_of_two_is_nobodys_and_stays(tmp_path: Path) -> None:
    _, found = graded_class(["Ada", "ada ", "bob", "eve"], tmp_path)
    rows = [["ADA", "in_words", "1", "", ""], ["bob", "in_words", "1", "", ""], ["bob", "in_words", "2", "", ""]]
    given = matched(table(tmp_path / "m.csv", *rows), found)
    assert len(given.errors) == 2 and len(given.left) == 3 and not any(row.by_hand for row in given.rows.values())
    key = [["student", "task", "points", "key"], ["eve", "in_words", "3", marks.key_of("bob")]]
    (tmp_path / "k.csv").write_text("\n".join(map(",".join, key)))
    assert "'eve'" in matched(tmp_path / "k.csv", found).errors[0]
    marks.write(tmp_path / "to_mark.csv", ASSIGNMENT, found, given)
    again = marks.read_rows(tmp_path / "to_mark.csv", ASSIGNMENT)
    assert sorted(row.typed for row in again if row.typed) == ["1", "1", "2"]


def test_the_same_mark_twice_is_one(tmp_path: Path) -> None:
    _, found = graded_class(["ada"], tmp_path)
    rows = [["ada", "in_words", "1", "", ""], ["Ada", "in_words", "1.0", "", "x"], ["ada", "in_words", "", "", ""]]
    given = matched(table(tmp_path / "m.csv", *rows), found)
    assert not given.errors and given.rows["ada", "in_words"].points == 1


def test_marks_follow_a_file_with_a_new_name(tmp_path: Path) -> None:
    _, found = graded_class(["ada_v2"], tmp_path)
    found["ada_v2"] = submission.read("ada_v2", made_up.write(tmp_path / "a.ipynb", made_up.cells(text=LONG)))
    row = ["ada", "in_words", "2", "Good.", f"'{LONG}  "]
    given = matched(table(tmp_path / "m.csv", row), found)
    assert given.rows["ada_v2", "in_words"].comment == "Good." and "'ada_v2'" in given.notes[0] and not given.errors
    for others in ([["bob", "in_words", "1", "", LONG]], [["ada_v2", "in_words", "0", "", LONG]]):
        given = matched(table(tmp_path / "m.csv", row, *others), found)
        assert "'ada'" in given.errors[0] and row[0] in [one.student for one in given.left]


def test_two_tables_of_marks_are_put_together(tmp_path: Path) -> None:
    _, found = graded_class(["ada", "bob"], tmp_path)
    old = [["ada", "in_words", "1", "", ""], ["bob", "in_words", "1", "", ""], ["eve", "in_words", "1", "", ""]]
    new = [["ada", "in_words", "2", "", ""], ["bob", "in_words", "", "", ""], ["eve", "in_words", "1", "", ""]]
    both = marks.merged(*(matched(table(tmp_path / "m.csv", *rows), found) for rows in (new, old)))
    assert [both.rows[name, "in_words"].typed for name in ("ada", "bob")] == ["2", "1"] and len(both.left) == 1


def test_what_was_there_is_copied_before_it_is_written_over(tmp_path: Path) -> None:
    _, found = graded_class(["ada"], tmp_path)
    path, empty = tmp_path / "to_mark.csv", marks.Matched({}, [], [], [])
    for _ in range(2):
        marks.write(path, ASSIGNMENT, found, empty)
    assert not (tmp_path / marks.BACKUPS).exists()  # nothing changed
    for text in ("first", "second"):
        path.write_text(text)
        marks.write(path, ASSIGNMENT, found, empty)
    kept = sorted((tmp_path / marks.BACKUPS).iterdir())
    assert [(one.name, one.read_text()) for one in kept] == [
        ("to_mark-001.csv", "first"),
        ("to_mark-002.csv", "second"),
    ]


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\x00", b"student,task,points\n\x80,in_words,1", b"", b'"', b"a\0b", b"\0" * 50]
)
def test_a_file_that_is_no_table_stops_before_anything_is_written(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_bytes(data)
    with pytest.raises(ValueError, match=r"^marks: "):
        marks.read_rows(tmp_path / "m.csv", ASSIGNMENT)


@pytest.mark.parametrize(
    ("typed", "points", "status"), [("0", 0, "wrong"), ("0,5", 0.5, "partly"), (" 3 ", 3, "right"), ("3.0", 3, "right")]
)
def test_a_mark_may_be_anything_from_none_to_all(typed: str, points: float, status: str, tmp_path: Path) -> None:
    graded, found = graded_class(["ada"], tmp_path)
    given = matched(table(tmp_path / "m.csv", ["ada", "in_words", typed, "", ""]), found)
    assert not given.errors and given.rows["ada", "in_words"].typed == typed.strip()
    marks.apply(graded, found, ASSIGNMENT, given.rows)
    assert (graded[0].tasks[3].points, graded[0].tasks[3].status) == (points, status)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["ada", "in_words", "3.01", "", ""], "expected 0 to 3"),
        (["ada", "in_words", "4", "", ""], "expected 0 to 3"),
        (["ada", "in_words", "-1", "", ""], "expected 0 to 3"),
        (["ada", "in_words", "nan", "", ""], "expected 0 to 3"),
        (["ada", "in_words", "many", "", ""], "expected 0 to 3"),
        (["ada", "max_pool2d", "3", "", ""], "expected one of"),
    ],
)
def test_marks_that_are_none(row: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        marks.read_rows(table(tmp_path / "m.csv", row), ASSIGNMENT)
    (tmp_path / "n.csv").write_text("a;b\n1;2\n")
    with pytest.raises(ValueError, match="columns"):
        marks.read_rows(tmp_path / "n.csv", ASSIGNMENT)


def test_a_text_as_it_was_handed_out_is_no_answer(tmp_path: Path) -> None:
    task = WrittenTask("in_words", "t", 3, stub="Write here.")
    for text, status in (("Write here.\n", "not yet"), ("", "not yet"), ("Because.", "to be marked")):
        one = submission.read("x", made_up.write(tmp_path / "x.ipynb", made_up.cells(text=text)))
        assert grading.written_result(task, one).status == status


# ---- likeness -------------------------------------------------------------------------------------------------------

RENAMED = made_up.POOL.replace("rows", "n").replace("columns", "m").replace("top", "a").replace("left", "b")
OTHER = """def my_max_pool2d(x, size, stride, padding=0):
    if padding:
        big = np.full((len(x), x.shape[1] + 2 * padding, x.shape[2] + 2 * padding), -np.inf)
        big[:, padding:-padding, padding:-padding] = x
        x = big
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))
    return windows[:, :: stride[0], :: stride[1]].max(axis=(-1, -2)).astype(float)
"""


def test_a_copy_with_other_names_is_pointed_out() -> None:
    sources = {"ada": made_up.POOL, "bob": "# mine\n" + RENAMED, "eve": OTHER, "joe": made_up.POOL_STUB}
    (group,) = similarity.groups("max_pool2d", sources, made_up.POOL_STUB)
    assert group.students == ("ada", "bob")


@pytest.mark.parametrize(
    ("shared", "first", "second", "same"),
    [(9, 1, 0, True), (9, 0, 1, True), (18, 1, 1, True), (8, 1, 1, False), (8, 2, 0, False), (0, 10, 10, False)],
)
def test_solutions_are_alike_that_share_nine_tenths(shared: int, first: int, second: int, same: bool) -> None:
    """shared runs, and runs that only one of the two has."""
    one = frozenset(("both", k) for k in range(shared)) | {("one", k) for k in range(first)}
    other = frozenset(("both", k) for k in range(shared)) | {("other", k) for k in range(second)}
    assert similarity.alike(one, other) is similarity.alike(other, one) is same


def test_what_was_handed_out_is_not_a_copy() -> None:
    assert similarity.groups("x", {"ada": made_up.POOL, "bob": made_up.POOL}, made_up.POOL) == []
    assert similarity.groups("x", {"ada": made_up.SIZE, "bob": made_up.SIZE}) == []  # too short to tell


@pytest.mark.parametrize("source", ["(" * 100_000, "'" * 3, "\\", "\x00", "if x:\n  y\n z", "é" * 1000, "1_" * 100])
def test_code_that_is_none_is_compared_all_the_same(source: str) -> None:
    similarity.groups("x", {"ada": source, "bob": source})


# ---- graded again ---------------------------------------------------------------------------------------------------


def test_only_what_changed_is_graded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def grade(assignment: Assignment, one: submission.Submission, seed: int, wrapped: bool) -> grading.Graded:
        done.append(one.student)
        faults = ["broken"] if one.student == "eve" else [""]
        results = [TaskResult(task.name, task.points, 1.0, "partly", fault=faults[0]) for task in assignment.tasks]
        return grading.Graded(one.student, results, ["remark"])

    monkeypatch.setattr(grading, "grade", grade)

    def run(**more: Any) -> list[str]:
        done.clear()
        found = collecting.find(tmp_path / "s", list(TASKS))
        graded = list(grading.grade_all(ASSIGNMENT, found, tmp_path / "cache", 5, **more))
        assert len(graded) == 3 and all(one.points == 4 and one.remarks == ["remark"] for one in graded)
        return sorted(done)

    for name in ("ada", "bob", "eve"):
        made_up.write(tmp_path / "s" / f"{name}.ipynb", made_up.cells(text=name))
    assert run() == ["ada", "bob", "eve"]
    assert run() == ["eve"]  # where grading failed it is tried again
    assert run(fresh=True) == ["ada", "bob", "eve"]
    made_up.write(tmp_path / "s" / "bob.ipynb", made_up.cells(text="new"))
    assert run() == ["bob", "eve"]
    for path in (tmp_path / "cache").iterdir():
        path.write_text('{"tasks": [{"x": 1}]}')
    assert run() == ["ada", "bob", "eve"]
    assert run(wrapped=False) == ["ada", "bob", "eve"]
    assert run(fixed_seed=True) == ["ada", "bob", "eve"]


@pytest.mark.parametrize("changed", ["scoring.py", "tasks/assignment1.py", "worker.py"])
def test_results_depend_on_the_code_that_judges(changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = grading.version_of(ASSIGNMENT, True, 1)
    shutil.copytree(sandbox.HERE, tmp_path / "copy", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(sandbox, "HERE", tmp_path / "copy")
    assert grading.version_of(ASSIGNMENT, True, 1) == before
    with open(tmp_path / "copy" / changed, "a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert grading.version_of(ASSIGNMENT, True, 1) != before


# ---- the command ----------------------------------------------------------------------------------------------------


def command(*words: Any, assignment: Assignment | None = ASSIGNMENT) -> int:
    return main([*map(str, words)], assignment)


def test_the_command_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: Any) -> None:
    rest = ["--assignment", "demo", "--output", tmp_path / "out"]
    monkeypatch.setattr(sandbox, "bubblewrap", lambda: "")
    (tmp_path / "empty").mkdir()
    cases = [
        ([tmp_path / "nowhere", *rest], "expected a folder"),
        ([tmp_path / "empty", *rest, "--jobs", "0"], "expected 1 or more"),
        ([tmp_path / "empty", *rest], "Install it"),
        ([tmp_path / "empty", *rest, "--no-sandbox-ok"], "no notebook"),
        ([tmp_path / "empty", *rest, "--no-sandbox-ok", "--marks", tmp_path / "no.csv"], "No such file"),
    ]
    for words, message in cases:
        assert command(*words) == 2
        assert message in capsys.readouterr().err
    assert command(tmp_path, "--assignment", "none", "--output", tmp_path, assignment=None) == 2


def test_without_a_sandbox_the_warning_is_everywhere(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """The one test here that starts processes: they are limited, and their notebooks mean no harm."""
    monkeypatch.setattr(sandbox, "bubblewrap", lambda: "")
    made_up.write(tmp_path / "s" / "ada.ipynb", made_up.cells())
    loop = {"conv2d_one_channel": made_up.CONV, "output_size": made_up.SIZE + "\nimport os\nos._exit(3)"}
    made_up.write(tmp_path / "s" / "bob.ipynb", made_up.cells(loop))
    words = [tmp_path / "s", "--assignment", "demo", "--output", tmp_path / "out", "--no-sandbox-ok"]
    assert command(*words) == 0
    with open(tmp_path / "out" / "grades.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[:5] for row in rows[1:3]] == [["ada", "2", "4", "3", ""], ["bob", "0", "4", "3", ""]]
    assert "with code 3" in rows[2][-1]
    for text in (rows[3][-1], capsys.readouterr().err, (tmp_path / "out" / "summary.html").read_text()):
        assert "reach the network" in text
    table_path = tmp_path / "out" / "to_mark.csv"
    lines = table_path.read_text(encoding="utf-8-sig").splitlines()
    table_path.write_text("\n".join([lines[0], *(line.replace("3,,", "3,2,Fine.") for line in lines[1:])]))
    assert command(*words) == 0
    assert "Fine." in (tmp_path / "out" / "feedback" / "ada.html").read_text()
    assert ",2,Fine.," in table_path.read_text(encoding="utf-8-sig")


# ---- small parts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("if x:\n    !ls\n    y = 5 % 3", "if x:\n    pass\n    y = 5 % 3"),
        ("?x", "pass"),
        ("", ""),
    ],
)
def test_lines_that_only_a_notebook_understands(cell: str, kept: str) -> None:
    assert notebook_code.without_magics(cell) == kept


def test_the_worker_needs_nothing_but_numpy() -> None:
    for name in sandbox.FILES:
        tree = ast.parse((sandbox.HERE / name).read_text(encoding="utf-8"))
        modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        modules |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        tops = {module.partition(".")[0] for module in modules if module}
        assert tops <= {
            *__import__("sys").stdlib_module_names,
            "numpy",
            "serialization",
            "import_stubs",
            "notebook_code",
            "cnnlib",
        }


def test_what_is_right_is_not_sent_into_the_sandbox(tmp_path: Path) -> None:
    one = submission.read("x", made_up.write(tmp_path / "x.ipynb", made_up.cells()))
    for task in ASSIGNMENT.tasks[:3]:
        job = grading._job(grading.Attempt(task, one.code()), task.cases(5))
        content, arrays = job.content, job.arrays
        assert set(content) == {"cells", "kind", "answer", "layers", "calls", "call_seconds", "cell_seconds"}
        assert content["layers"] == LAYERS
        inputs = sum(
            isinstance(v, np.ndarray) for case in task.cases(5) for v in [*case.values, *case.by_name.values()]
        )
        assert len(arrays) == inputs and set(content["calls"][0]) == {"arguments", "positional"}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Conv"},
        {"exercise": checks.pooled_shapes},
        {"answer": "my conv"},
        {"exercise": checks.max_pool2d},
        {"needs": "torch"},
        {"criteria": (Criterion("x", 1),)},
        {"criteria": (Criterion("x", 4, lambda a: True),)},
        {"criteria": (Criterion("x", 2), Criterion("y", 2, lambda a: True))},
    ],
    ids=[
        *("name", "no function", "answer", "not its own exercise", "needs"),
        *("points do not add up", "the last criterion has a condition", "the first criterion takes all"),
    ],
)
def test_a_task_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    fields = {"name": "conv2d_one_channel", "title": "t", "points": 4}
    fields |= {"exercise": checks.conv2d_one_channel, "answer": "my_conv2d", **change}
    with pytest.raises(ValueError):
        FunctionTask(**fields)


def test_a_task_is_of_a_kind_that_can_be_judged() -> None:
    with pytest.raises(TypeError, match="abstract"):
        AnsweredTask("conv2d_one_channel", "t", 4, checks.conv2d_one_channel, "my_conv2d")


def test_every_assignment_can_be_graded() -> None:
    seen: list[str] = []
    for name in assignments.names():
        assignment = assignments.find(name)
        assert assignment.name == name
        for task in assignment.tasks:
            seen.append(task.name)
            for criterion in task.criteria if task.kind == "function" else ():
                cases = task.cases(1)[:-1]
                given = [case.arguments(task.exercise.argument_names) for case in cases]
                takes = [task.criterion_of(one, criterion.part) for one in given]
                assert takes.count(criterion) >= 2, (task.name, criterion.name)
            if task.kind == "function":
                assert judged(task, task.exercise.reference_solution).points == task.points
    assert len(set(seen)) == len(seen)
