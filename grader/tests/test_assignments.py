"""The assignments: masters in order, one solution each that earns all points, student versions that leak nothing.

A task NAME is made of the cells task-NAME-text, task-NAME (the solution), task-NAME-check and task-NAME-test.
"""

from __future__ import annotations

import builtins
import json
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import make_assignments
import nbformat
import numpy as np
import pytest
from kept import cases_in_words, kept
from nbformat import NotebookNode
from solutions import ALL, FUNCTIONS, MASTERS, READ, STUDENT, TASKS, WRONG, cell_of, made_by, run, solution_of, task_id

import cnncourse
import cnnlib
import execute_notebooks
from cnncourse.checks.prediction import Prediction
from cnngrader import assignments, grading, submission
from cnngrader.task import Assignment, Task
from cnngrader.tasks import assignment4
from cnngrader.tasks.nbgrader_points import points

ROLES = {  # of a cell: its kind, and what nbgrader is told: grade, solution, locked
    "-text": ("markdown", False, False, True),
    "": ("code", False, True, False),
    "-check": ("code", False, False, True),
    "-test": ("code", True, False, True),
}


# ---- the masters ----------------------------------------------------------------------------------------------------


def test_there_are_four_assignments() -> None:
    assert list(MASTERS) == ["1", "2", "3", "4"]
    assert [assignment.points for assignment in ALL.values()] == [20] * 4


@pytest.mark.parametrize("name", MASTERS)
def test_a_master_is_stored_in_order(name: str) -> None:
    notebook = READ[name]
    nbformat.validate(notebook)
    assert notebook.metadata == {
        "kernelspec": execute_notebooks.KERNEL,
        "language_info": execute_notebooks.LANGUAGE,
    }
    assert MASTERS[name].read_text(encoding="utf-8") == nbformat.writes(notebook).rstrip("\n") + "\n"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count] == []
    assert [cell.id for cell in notebook.cells if "!" in re.sub(r"`[^`]*`|!=", "", cell.source)] == []


@pytest.mark.parametrize(("name", "task"), TASKS, ids=task_id)
def test_the_cells_of_a_task_are_complete(name: str, task: Task) -> None:
    cells = [cell for cell in READ[name].cells if re.fullmatch(rf"task-{task.name}(-text|-check|-test|)", cell.id)]
    if task.kind == "written":
        wanted = {"-text": ROLES["-text"], "": ("markdown", True, True, False)}
        cells = [cell for cell in cells if not cell.id.endswith("-check")]  # a cell that draws, for the text
    else:
        wanted = ROLES
    assert [cell.id for cell in cells] == [f"task-{task.name}{role}" for role in wanted]
    for cell, (kind, grade, solution, locked) in zip(cells, wanted.values(), strict=True):
        given = cell.metadata.nbgrader
        expected = {"grade": grade, "solution": solution, "locked": locked, "schema_version": 3, "task": False}
        expected |= {"grade_id": cell.id, "cell_type": kind} | ({"points": task.points} if grade else {})
        assert given == expected
        assert cell.cell_type == kind
    text = cells[0].source
    assert text.startswith(f"## Task {ALL[name].tasks.index(task) + 1} ({task.points} points): {task.title}\n")


@pytest.mark.parametrize("name", MASTERS)
def test_a_master_has_no_other_tasks_and_says_what_it_asks_for(name: str) -> None:
    notebook, assignment = READ[name], ALL[name]
    named = {match[1] for cell in notebook.cells if (match := submission.CELL.fullmatch(cell.id))}
    assert named == {task.name for task in assignment.tasks}
    title = notebook.cells[0].source
    assert title.startswith(f"# Assignment {name}: {assignment.title}\n")
    assert f"{assignment.points} points" in title
    assert sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in notebook.cells) == assignment.points
    for part in (
        "**You need** chapter",
        "**It takes** about",
        "**Rules.**",
        "**How it is graded.**",
        "**To hand in:**",
    ):
        assert part in title
    assert [task.kind for task in assignment.tasks].count("written") == 1
    if all(task.needs == "numpy" for task in assignment.tasks):
        assert ("five seconds" in title, grading.LONGEST_CELL) == (True, 5)


@pytest.mark.parametrize(("name", "task"), [pair for pair in TASKS if pair[1].kind == "written"], ids=task_id)
def test_a_written_task_has_a_marking_scheme_whose_points_add_up(name: str, task: Task) -> None:
    scheme = cell_of(READ[name], task.name).source
    assert f"**Marking scheme, {task.points} points.**" in scheme
    assert sum(int(n) for n in re.findall(r"^- \*\*(\d) points?:\*\*", scheme, re.MULTILINE)) == task.points


def test_the_points_that_a_text_names_for_the_network_are_those_of_its_steps() -> None:
    task = checks_task("small_network")
    text = next(c.source for n in READ.values() for c in n.cells if c.id == f"task-{task.name}-text")
    assert [criterion.points for criterion in task.criteria] == [3, 5, 2]
    table = [float(part) / 100 for part in re.findall(r"(\d\d) % \|", text)]
    assert table == [round(step, 2) for step in (*assignment4.GOALS.plain_steps, *assignment4.GOALS.moved_steps)]


@pytest.mark.parametrize("task", FUNCTIONS, ids=task_id)
def test_a_text_says_how_the_points_of_a_function_are_given(task: Task) -> None:
    text = next(c.source for n in READ.values() for c in n.cells if c.id == f"task-{task.name}-text")
    assert task.criteria and text.endswith(task.rule()) and text.count("**Points:**") == 1


def test_what_is_tried_is_what_was_looked_at(request: pytest.FixtureRequest) -> None:
    # As in the course: which mistakes can be told apart hangs on the sizes and numbers of the cases. To store them:
    #   python -m pytest tests/test_assignments.py -k looked_at --mpl-generate-path=tests
    lines = [line for task in FUNCTIONS for line in cases_in_words(task.name, task.exercise)]
    assert kept("graded_cases.txt", lines, request.config, folder=Path(__file__).parent) == []


@pytest.mark.parametrize("task", FUNCTIONS, ids=task_id)
def test_every_part_of_the_points_has_cases_of_its_own(task: Task) -> None:
    for seed in range(5):
        counts: Counter[int] = Counter()
        for case in task.exercise.cases(np.random.default_rng(seed)):
            given = case.arguments(task.exercise.argument_names)
            among = [task.criterion_of(given, part) for part in task.by_part()]
            counts.update({id(one) for one in among})
        assert min(counts[id(one)] for one in task.criteria) >= 3, (seed, counts)
        assert min((counts[id(one)] for one in task.finer), default=2) >= 2, (seed, counts)


@pytest.mark.parametrize("name", MASTERS)
def test_a_master_states_its_limits(name: str) -> None:
    title, tasks = READ[name].cells[0].source, ALL[name].tasks
    functions = [task for task in tasks if task.kind == "function"]
    assert {task.exercise.seconds for task in functions} == {2.0}
    whole = {task.seconds for task in tasks if task.kind in ("function", "network")}
    words = {20.0: "after twenty", 180.0: "after three minutes"}
    assert [words[seconds] in title for seconds in whole] == [True]
    assert name == "4" or ("your function after two" in title and "loses 1 point" in title)


# ---- the solutions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "task"), [pair for pair in TASKS if pair[1].kind != "written"], ids=task_id)
def test_the_solution_earns_all_points(name: str, task: Task, solved: dict[str, Any]) -> None:
    namespace, values = solved[name]
    assert values[f"task-{task.name}-check"].status == "right", values[f"task-{task.name}-check"]
    assert values[f"task-{task.name}-test"] == task.points
    for seed in range(3):
        assert points(task.name, namespace[task.answer], seed) == task.points


def test_the_solution_keeps_the_budget_with_room_to_spare(solved: dict[str, Any]) -> None:
    network = solved["4"][0]["my_network"]
    for seed in range(3):
        messages = [finding.message for finding in assignment4.GOALS(network, np.random.default_rng(seed))]
        read = [float(re.match(r"([\d.]+)%", text)[1]) for text in messages[:2]]
        assert read[0] >= 97
        assert read[1] >= 93
    assert [type(picture).__name__ for picture in solved["4"][1]["shown"]] == ["Picture"]


def graded(name: str, notebook: NotebookNode, folder: Path) -> dict[str, tuple[str, float]]:
    """Return status and points of each task, as `python -m cnngrader` gives them."""
    path = folder / "someone.ipynb"
    nbformat.write(notebook, path)
    handed_in = submission.read("someone", path)
    wrapped = bool(grading.sandbox.bubblewrap())
    results = grading.grade(ALL[name], handed_in, 1, wrapped)
    assert results.remarks == []
    assert [result.fault for result in results.tasks if result.fault] == []
    return {result.task: (result.status, result.points) for result in results.tasks}


@pytest.mark.parametrize("name", ["1", "2", "3"])  # the fourth trains: test_nbgrader.py runs it
def test_the_sandbox_gives_the_solution_all_points(name: str, tmp_path: Path) -> None:
    found = graded(name, READ[name], tmp_path)
    wanted = {task.name: ("right", task.points) for task in ALL[name].tasks if task.kind != "written"}
    written = {task.name: ("to be marked", 0) for task in ALL[name].tasks if task.kind == "written"}
    assert found == wanted | written


@pytest.mark.parametrize("name", MASTERS)
def test_the_examples_in_the_texts_are_true(name: str, solved: dict[str, Any]) -> None:
    count = 0
    for cell in READ[name].cells:
        for block in re.findall(r"^```python\n(.*?)^```$", cell.source, re.MULTILINE | re.DOTALL):
            namespace = dict(solved[name][0])
            before: list[str] = []
            for line in block.splitlines():
                call, given, told = line.partition("  # gives ")
                before.append(line if not given else "")
                if given:
                    exec("\n".join(before), namespace)
                    before, expected = [], eval(told)
                    got = eval(call, namespace)
                    same = got == expected if isinstance(expected, tuple) else np.array_equal(got, expected)
                    assert same, (call, got)
                    count += 1
    assert count >= {"1": 6, "2": 6, "3": 9, "4": 2}[name]


# ---- the student versions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MASTERS)
def test_the_student_version_runs_and_every_check_says_not_yet(name: str, handed_out: Path) -> None:
    _, values = run(STUDENT[name], ("", "-check", "-test"))
    results = {task.name: values[f"task-{task.name}-check"] for task in ALL[name].tasks if task.kind != "written"}
    assert {task: result.status for task, result in results.items()} == dict.fromkeys(results, "not yet")
    assert values["shown"] == []


@pytest.mark.parametrize("name", ["1", "4"])  # the others are alike, and their stubs are tried below
def test_the_untouched_student_version_earns_nothing(name: str, tmp_path: Path) -> None:
    found = graded(name, STUDENT[name], tmp_path)
    assert set(found) == {task.name for task in ALL[name].tasks}
    assert {earned for _, earned in found.values()} == {0}
    assert {status for task, (status, _) in found.items() if task != "small_network"} == {"not yet"}


@pytest.mark.parametrize(("name", "task"), [pair for pair in TASKS if pair[1].kind != "written"], ids=task_id)
def test_the_untouched_stub_has_no_points_in_process(name: str, task: Task) -> None:
    answer = run(STUDENT[name], ("",))[0][task.answer]
    with pytest.raises(AssertionError, match="0 of"):
        points(task.name, answer)


@pytest.mark.parametrize(("name", "task"), TASKS, ids=task_id)
def test_the_stub_of_a_task_is_the_one_that_students_get(name: str, task: Task) -> None:
    assert cell_of(STUDENT[name], task.name).source == task.stub


def secrets_of(notebook: NotebookNode) -> set[str]:
    """Return the lines of a master that stand between marks, and nowhere else."""
    hidden, public = set(), set()
    for cell in notebook.cells:
        parts = re.split(r"^.*### (BEGIN|END) (?:SOLUTION|HIDDEN TESTS).*$", cell.source, flags=re.MULTILINE)
        for number, part in enumerate(parts[::2]):
            (hidden if number % 2 else public).update(line.strip() for line in part.splitlines())
    return {line for line in hidden - public if len(line) > 2}


@pytest.mark.parametrize("name", MASTERS)
def test_nothing_of_a_solution_leaks(name: str, tmp_path: Path) -> None:
    path = make_assignments.make(MASTERS[name], tmp_path)
    with zipfile.ZipFile(path) as archive:
        texts = [entry for entry in archive.namelist() if not entry.endswith(".whl")]
        files = {entry: archive.read(entry).decode("utf-8") for entry in texts}
    files["plain"] = (tmp_path / MASTERS[name].name).read_text(encoding="utf-8")
    hidden = secrets_of(READ[name])
    assert len(hidden) > 20
    for entry, text in files.items():
        raw, lines = text, {line.strip() for line in text.splitlines()}
        if entry.endswith(".ipynb") or entry == "plain":
            lines = {line.strip() for c in nbformat.reads(text, as_version=4).cells for line in c.source.splitlines()}
        assert hidden & lines == set(), entry
        assert [line for line in hidden if len(line) > 25 and json.dumps(line)[1:-1] in raw] == [], entry
        for word in ("BEGIN", "SOLUTION", "HIDDEN", "Marking", "nbgrader_points", "scheme", "master"):
            assert word not in raw, (entry, word)
    for cell in STUDENT[name].cells:
        assert set(cell.metadata) <= {"nbgrader"}
        assert "attachments" not in cell
        assert cell.get("outputs", []) == []


@pytest.mark.parametrize("name", MASTERS)
def test_the_student_version_has_the_cells_of_the_master(name: str) -> None:
    for ours, theirs in zip(READ[name].cells, STUDENT[name].cells, strict=True):
        assert (ours.id, ours.cell_type, ours.metadata) == (theirs.id, theirs.cell_type, theirs.metadata)
        if "### BEGIN" not in ours.source:
            assert ours.source == theirs.source
    assert not any("### " in cell.source for cell in STUDENT[name].cells)


def test_the_zips_hold_what_a_student_needs_and_are_the_same_each_time(tmp_path: Path) -> None:
    made = [make_assignments.make(path, tmp_path / "one") for path in MASTERS.values()]
    again = [make_assignments.make(path, tmp_path / "two") for path in MASTERS.values()]
    assert [path.read_bytes() for path in made] == [path.read_bytes() for path in again]
    for path, master in zip(made, MASTERS.values(), strict=True):
        with zipfile.ZipFile(path) as archive:
            checks = f"{master.stem}_checks.json"
            package, _ = make_assignments.wheel()
            names = ["README.txt", master.name, checks, "requirements.txt", package]
            assert sorted(archive.namelist()) == sorted(f"{master.stem}/{name}" for name in names)
            with zipfile.ZipFile(archive.open(f"{master.stem}/{package}")) as inside:
                folders = {name.split("/")[0] for name in inside.namelist()}
            assert folders == {"cnnlib", "cnncourse", f"cnnlib-{cnnlib.__version__}.dist-info"}
            for name in (master.name, checks):
                assert archive.read(f"{master.stem}/{name}") == (tmp_path / "one" / name).read_bytes()
            wanted = archive.read(f"{master.stem}/requirements.txt").decode("utf-8").splitlines()
            readme = archive.read(f"{master.stem}/README.txt").decode("utf-8")
        # pip asks no index for a name that is given as a file, so nobody else's package can come in its place.
        assert wanted == [f"./{package}[notebooks]"]
        assert readme.splitlines()[0] == READ[path.name[0]].cells[0].source.splitlines()[0].lstrip("# ")
        assert "pip install -r requirements.txt" in readme
        assert checks in readme and checks in READ[path.name[0]].cells[0].source
        assert "hand in" in readme


def master_with(source: str, **nbgrader: bool) -> NotebookNode:
    cell = nbformat.v4.new_code_cell(source, id="one", metadata={"nbgrader": nbgrader})
    return nbformat.v4.new_notebook(cells=[cell])


@pytest.mark.parametrize(
    ("source", "role"),
    [
        ("### BEGIN SOLUTION\nx = 1", {"solution": True}),
        ("x = 1\n### END SOLUTION", {"solution": True}),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", {"solution": True}),
        ("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", {"solution": False}),
        ("### BEGIN HIDDEN TESTS\nassert x\n### END HIDDEN TESTS", {"grade": False}),
        ("### BEGIN HIDDEN TESTS\nassert x", {"grade": True}),
    ],
)
def test_a_region_out_of_place_is_refused(source: str, role: dict[str, bool]) -> None:
    with pytest.raises(ValueError, match="cell one: "):
        make_assignments.student_version(master_with(source, **role))


def test_the_stubs_of_nbgrader_are_ours() -> None:
    text = (make_assignments.MASTERS / "nbgrader_config.py").read_text(encoding="utf-8")
    assert 'code_stub = {"python": "..."}' in text
    assert f'text_stub = "{make_assignments.TEXT_STUB}"' in text
    assert {task.stub for _, task in TASKS if task.kind == "written"} == {make_assignments.TEXT_STUB}


# ---- wrong answers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", FUNCTIONS, ids=task_id)
def test_every_known_mistake_is_named_and_costs_points(task: Task) -> None:
    assert len(task.exercise.mistakes) >= 7
    for number, mistake in enumerate(task.exercise.mistakes):
        found = task.exercise(made_by(task.exercise, mistake.answer), seed=number)
        assert (found.status, found.mistake) == ("wrong", mistake.name)


@pytest.mark.parametrize(("name", "there", "written", "mistake"), WRONG)
def test_a_wrong_solution_is_named(
    name: str, there: str, written: str, mistake: str | None, solved: dict[str, Any]
) -> None:
    [(place, task)] = [pair for pair in TASKS if pair[1].name == name]
    source = solution_of(task)
    assert there in source
    namespace = dict(solved[place][0])
    given = next((cell.source for cell in READ[place].cells if cell.id == "given"), "")
    exec(given, namespace)
    exec(source.replace(there, written), namespace)
    answer = namespace[task.answer]
    found = task.exercise(answer, seed=4)
    assert found.status == "wrong"
    if mistake:
        assert found.mistake == mistake, found
    try:
        earned = points(name, answer, 4)
    except AssertionError:
        earned = 0
    assert earned < task.points


# One mistake, and what it costs: (task, what stands there, what they write, points).
COSTS = [
    ("same_padding", "zeros // 2, zeros - zeros // 2", "zeros - zeros // 2, zeros // 2", 2),
    ("same_padding", "max((windows - 1) * stride + kernel - size, 0)", "kernel - 1", 1.5),
    ("same_padding", "max((windows - 1) * stride + kernel - size, 0)", "(windows - 1) * stride + kernel - size", 2.5),
    ("conv2d_channels_last", "x = np.pad(x, (rows, columns, (0, 0)))", "", 5),
    ("conv2d_channels_last", "= stride, padding", "= (1, 1), padding", 5),
    ("conv2d_channels_last", "= stride, padding", "= stride[::-1], padding", 5),
    ("conv2d_channels_last", "+ b[k]", "", 6),
    ("conv2d_channels_last", "x = np.pad(x, (", "x += 1\n    x = np.pad(x - 1, (", 6),
    ("lp_pool2d", "np.abs(window) ** order", "window ** order", 3),
    ("mean_pool2d_to_the_end", "j * S_w + q].mean()", "j * S_w + q].sum() / (p * q)", 1.5),
    ("mean_pool2d_to_the_end", "= size, stride", "= size, size", 2.5),
    ("count_network", "2 * P", "P", 3),
    ("count_network", "(inputs + 1)", "inputs", 3.5),
    ("count_network", "(F_h * F_w * D + 1)", "(F_h * F_w * D)", 2.5),
    ("count_network", "inputs, shape = int(np.prod(shape)),", "inputs, shape = shape[0],", 3.5),
    ("rows_seen", "+ F - 1", "+ F", 1.5),
    ("rows_seen", "reversed(layers)", "layers", 2.5),
    ("rows_seen", "first * S - P, last * S - P", "first * S, last * S", 2),
    ("mean_pool2d_backward", "+= delta", "= delta", 2),
    ("conv2d_backward_sides", "delta.sum(axis=(1, 2))", "None", 5),
    ("conv2d_backward_sides", ", delta.sum(axis=(1, 2))", "", 5),
    ("conv2d_backward_sides", "d_x[window] += delta", "d_x[window] = delta", 3),
    ("conv2d_backward_sides", "top, left = rows[0], columns[0]", "top, left = 0, 0", 5),
    ("two_layers_backward", "1.0, slope)", "1.0, slope)\n    delta1 = d_a1 * np.where(net1 >= 0, 1.0, slope)", 2.5),
    ("two_layers_backward", "d_a1 * np.where(net1 > 0, 1.0, slope)", "d_a1", 2),
    ("two_layers_backward", "d_w2 += delta2[i, j] * a1[window]", "d_w2 += delta2[i, j] * net1[window]", 2),
    ("check_gradient", "(2 * eps)", "eps", 1),
    ("check_gradient", "0.01 *", "0.02 *", 1.5),
    ("check_gradient", "np.maximum(np.abs(d_w), np.abs(n))", "(np.abs(d_w) + np.abs(n))", 1.5),
    ("check_gradient", "np.maximum(np.abs(d_w), np.abs(n))", "np.abs(n)", 1.5),
    ("check_gradient", "np.abs(d_w - n) > ", "np.abs(d_w) < ", 1),
    ("input_sensitivity", "np.array([label])", "scores.argmax(axis=1)", 2),
]  # fmt: skip


@pytest.mark.parametrize(("name", "there", "written", "left"), COSTS)
def test_one_mistake_costs_one_thing(name: str, there: str, written: str, left: float, solved: dict[str, Any]) -> None:
    [(place, task)] = [pair for pair in TASKS if pair[1].name == name]
    source = solution_of(task)
    assert there in source
    namespace = dict(solved[place][0])
    exec(next((cell.source for cell in READ[place].cells if cell.id == "given"), ""), namespace)
    exec(source.replace(there, written), namespace)
    for seed in range(3):
        assert points(name, namespace[task.answer], seed) == left


def checks_task(name: str) -> Task:
    return assignments.all_tasks()[name]


@pytest.mark.parametrize("task", [task for _, task in TASKS if task.kind == "prediction"], ids=task_id)
def test_a_prediction_gives_half_a_point_for_each_answer(task: Task, solved: dict[str, Any]) -> None:
    [name] = [name for name, one in TASKS if one is task]
    right = dict(solved[name][0][task.answer])
    exercise = task.exercise
    assert isinstance(exercise, Prediction)
    assert len(right) * 0.5 == task.points
    for key in right:
        off = tuple(part + 1 for part in right[key]) if isinstance(right[key], tuple) else right[key] + 100
        assert exercise(right | {key: off}).status == "wrong"
        assert points(task.name, right | {key: off}) == task.points - 0.5
        assert points(task.name, right | {key: ...}) == task.points - 0.5


@pytest.mark.parametrize(
    ("name", "key", "answer", "mistake"),
    [
        ("window_by_hand", "b", 2, None),
        ("window_by_hand", "b", -2, "bias forgotten"),
        ("window_by_hand", "c", 10, "kernel turned by 180°"),
        ("window_by_hand", "a", (3, 3), "stride ignored"),
        ("window_by_hand", "f", -9, "kernel not turned"),
        ("six_shapes", "b", (5, 15, 10), "rounded up"),
        ("six_shapes", "d", (6, 20, 17), "rounded up"),
        ("six_shapes", "e", (4, 12, 9), "dilation ignored"),
        ("gradients_by_hand", "a", 3, "kernel not turned"),
        ("gradients_by_hand", "d", -1, "last position only"),
        ("two_designs", "c", 8640, "biases forgotten"),
        ("two_designs", "b", 1014, "rounded up"),
    ],
)
def test_a_wrong_prediction_is_named(name: str, key: str, answer: Any, mistake: str | None) -> None:
    verdict = assignments.all_tasks()[name].exercise.questions[key](answer)
    assert not verdict.right
    if mistake:
        assert mistake in verdict.mistake


# ---- the network ----------------------------------------------------------------------------------------------------


def shares(*layers: cnnlib.Layer) -> list[float]:
    network = cnnlib.Sequential(*layers)
    return [finding.share for finding in assignment4.GOALS(network, np.random.default_rng(0))]


def test_a_network_that_guesses_earns_nothing() -> None:
    assert shares(cnnlib.MaxPool2d(4), cnnlib.Flatten(), cnnlib.Linear(49, 10, rng=0)) == [0, 0, 0]


def test_a_network_with_other_outputs_earns_nothing() -> None:
    assert shares(cnnlib.Flatten(), cnnlib.Linear(784, 3, rng=0)) == [0, 0, 0]
    assert shares(cnnlib.Conv2d(1, 10, 3, rng=0)) == [0, 0, 0]


def test_more_parameters_count_half_and_then_nothing(solved: dict[str, Any]) -> None:
    good = list(solved["4"][0]["my_network"])
    assert shares(*good) == [1, 1, 1]

    def widened(units: int) -> list[float]:
        extra = cnnlib.Linear(10, units, rng=0), cnnlib.Linear(units, 10, rng=0)
        extra[0].weight[:], extra[1].weight[:] = np.eye(units, 10), np.eye(10, units)
        extra[0].bias[:], extra[1].bias[:] = 0, 0
        return shares(*good, *extra)

    assert widened(10) == [0.5, 0.5, 0]
    assert widened(200) == [0, 0, 0]


def test_weights_that_are_no_numbers_do_no_harm() -> None:
    layer = cnnlib.Linear(784, 10, rng=0)
    layer.weight[:] = np.nan
    assert shares(cnnlib.Flatten(), layer) == [0, 0, 0]


# ---- in the student's process ---------------------------------------------------------------------------------------


def test_points_in_process_say_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AssertionError, match=r"0 of 3 points"):
        points("rows_seen", lambda layers, row: (-7, -9), 3)
    with pytest.raises(AssertionError, match="is no function"):
        points("rows_seen", 3)
    with pytest.raises(AssertionError, match="ends with an error"):
        points("rows_seen", lambda layers, row: builtins.divmod(1, 0))
    with pytest.raises(AssertionError, match="0 of 10 points"):
        points("small_network", 3)
    assert points("rows_seen", made_by(checks_task("rows_seen").exercise, WRONG_ROWS), 3) == 2
    assert "The mistake: stride ignored." in capsys.readouterr().out
    assert points("same_padding", checks_task("same_padding").exercise.reference_solution) == 3
    assert "3 of 3 points" in capsys.readouterr().out


def WRONG_ROWS(layers: list[tuple[int, int, int]], row: int) -> tuple[int, int]:
    return checks_task("rows_seen").exercise.reference_solution([(F, 1, P) for F, _, P in layers], row)


def test_no_two_assignments_share_a_name() -> None:
    names = [task.name for _, task in TASKS]
    assert len(set(names)) == len(names)
    assert not set(names) & set(cnncourse.checks.EXERCISES)
    assert all(isinstance(assignment, Assignment) for assignment in ALL.values())


def test_the_check_of_the_network_reads_the_test_digits_only_when_asked() -> None:
    net = cnnlib.Sequential(cnnlib.MaxPool2d(4), cnnlib.Flatten(), cnnlib.Linear(49, 10, rng=0))
    exercise = assignment4.small_network
    text, look = str(exercise(net, seed=1)), str(exercise(net, seed=1, last_look=True))
    assert "training digits" in text and "of the test digits" not in text
    assert "last_look=True" in " ".join(text.split())
    assert "test digits" in look and "training digits" not in look and "last_look" not in look
    assert "test" not in assignment4.GOALS.to_json()  # what the data files hold is as it was
