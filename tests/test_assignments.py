"""The assignments: masters in order, one solution each that earns all points, student versions that leak nothing.

A task NAME is made of the cells task-NAME-text, task-NAME (the solution), task-NAME-check and task-NAME-test.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode

import cnnlib
import execute_notebooks
import make_assignments
from cnnlib.checks.exercise import FunctionExercise
from cnnlib.checks.prediction import Prediction
from cnnlib.grade import assignments, checks, grading, submission
from cnnlib.grade.task import Assignment, Task
from cnnlib.grade.tasks import assignment4
from cnnlib.grade.tasks.in_process import points

MASTERS = {path.name[0]: path for path in make_assignments.masters()}
READ = {name: nbformat.read(path, as_version=4) for name, path in MASTERS.items()}
STUDENT = {name: make_assignments.student_version(notebook) for name, notebook in READ.items()}
ALL = {name: assignments.find(name) for name in MASTERS}
TASKS = [(name, task) for name, assignment in ALL.items() for task in assignment.tasks]
FUNCTIONS = [task for _, task in TASKS if task.kind == "function"]
ROLES = {  # of a cell: its kind, and what nbgrader is told: grade, solution, locked
    "-text": ("markdown", False, False, True),
    "": ("code", False, True, False),
    "-check": ("code", False, False, True),
    "-test": ("code", True, False, True),
}


def task_id(value: Any) -> str | None:
    return value.name if isinstance(value, Task) else None


def cell_of(notebook: NotebookNode, name: str, role: str = "") -> NotebookNode:
    [found] = [cell for cell in notebook.cells if cell.id == f"task-{name}{role}"]
    return found


def solution_of(task: Task) -> str:
    """Return what stands between the marks of a master's solution cell."""
    [notebook] = [notebook for notebook in READ.values() if any(c.id == f"task-{task.name}" for c in notebook.cells)]
    return cell_of(notebook, task.name).source


def run(notebook: NotebookNode, roles: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run the code cells of a notebook, of the task cells those with such a role; return names and last values."""
    shown: list[Any] = []
    namespace: dict[str, Any] = {"display": shown.append}
    values: dict[str, Any] = {}
    for cell in notebook.cells:
        role = re.fullmatch(r"task-[a-z0-9_]+?(-text|-check|-test|)", cell.id)
        if cell.cell_type != "code" or (role and role[1] not in roles):
            continue
        body = ast.parse(cell.source).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), f"<{cell.id}>", "exec"), namespace)
        values[cell.id] = eval(ast.unparse(last), namespace) if last else None
    values["shown"] = shown
    return namespace, values


@pytest.fixture(scope="module")
def solved() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return each master after its cells have run: its names and what its checks and tests said."""
    return {name: run(notebook, ("", "-check", "-test")) for name, notebook in READ.items()}


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
        told = {"grade": grade, "solution": solution, "locked": locked, "schema_version": 3, "task": False}
        told |= {"grade_id": cell.id, "cell_type": kind} | ({"points": task.points} if grade else {})
        assert given == told
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


@pytest.mark.parametrize("task", [task for _, task in TASKS if task.aspects], ids=task_id)
def test_the_points_that_a_text_names_are_those_of_its_aspects(task: Task) -> None:
    text = next(c.source for n in READ.values() for c in n.cells if c.id == f"task-{task.name}-text")
    if task.kind == "network":
        assert [aspect.points for aspect in task.aspects] == [3, 5, 2]
        table = [float(part) / 100 for part in re.findall(r"(\d\d) % \|", text)]
        assert table == [round(step, 2) for step in (*assignment4.PLAIN_STEPS, *assignment4.MOVED_STEPS)]
        return
    told = text.split("**Points:**")[1]
    assert Counter(float(n) for n in re.findall(r"(?<![\d.])(\d(?:\.5)?) (?:for|without)", told)) == Counter(
        float(aspect.points) for aspect in task.aspects
    )


@pytest.mark.parametrize("task", [task for task in FUNCTIONS if not task.aspects], ids=task_id)
def test_a_task_without_aspects_says_what_half_of_it_is_worth(task: Task) -> None:
    text = next(c.source for n in READ.values() for c in n.cells if c.id == f"task-{task.name}-text")
    half = (
        f"{task.points} if all is right; {task.points / 2:g} if half of the cases and the simplest third of them are."
    )
    assert text.endswith(f"**Points:** {half}")


@pytest.mark.parametrize("task", [task for task in FUNCTIONS if task.aspects], ids=task_id)
def test_every_aspect_has_three_cases_or_more(task: Task) -> None:
    for seed in range(5):
        counts: Counter[str] = Counter()
        for case in task.exercise.cases(np.random.default_rng(seed)):
            given = case.arguments(task.exercise.argument_names)
            counts[next(one.name for one in task.aspects if one.when is None or one.when(given))] += 1
        assert min(counts[aspect.name] for aspect in task.aspects) >= 3, counts


# ---- the solutions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "task"), [pair for pair in TASKS if pair[1].exercise], ids=task_id)
def test_the_solution_earns_all_points(name: str, task: Task, solved: dict[str, Any]) -> None:
    namespace, values = solved[name]
    assert values[f"task-{task.name}-check"].status == "right", values[f"task-{task.name}-check"]
    assert values[f"task-{task.name}-test"] == task.points
    for seed in range(3):
        assert points(task.name, namespace[task.answer], seed) == task.points


def test_the_solution_keeps_the_budget_with_room_to_spare(solved: dict[str, Any]) -> None:
    network = solved["4"][0]["my_network"]
    for seed in range(3):
        says = [finding.says for finding in assignment4.judge(network, np.random.default_rng(seed))]
        read = [float(re.match(r"([\d.]+)%", text)[1]) for text in says[:2]]
        assert read[0] >= 97
        assert read[1] >= 93
    assert [type(picture).__name__ for picture in solved["4"][1]["shown"]] == ["Picture"]


def graded(name: str, notebook: NotebookNode, folder: Path) -> dict[str, tuple[str, float]]:
    """Return status and points of each task, as `python -m cnnlib.grade` gives them."""
    path = folder / "someone.ipynb"
    nbformat.write(notebook, path)
    handed_in = submission.read("someone", path)
    wrapped = bool(grading.sandbox.bubblewrap())
    results = grading.grade(ALL[name], handed_in, 1, wrapped)
    assert results.remarks == []
    assert [result.fault for result in results.tasks if result.fault] == []
    return {result.task: (result.status, result.points) for result in results.tasks}


@pytest.mark.parametrize("name", ["1", "2", "3"])  # the fourth trains: tests_grading does it
def test_the_sandbox_gives_the_solution_all_points(name: str, tmp_path: Path) -> None:
    found = graded(name, READ[name], tmp_path)
    wanted = {task.name: ("right", task.points) for task in ALL[name].tasks if task.exercise}
    written = {task.name: ("to be marked", 0) for task in ALL[name].tasks if not task.exercise}
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
def test_the_student_version_runs_and_every_check_says_not_yet(name: str) -> None:
    _, values = run(STUDENT[name], ("", "-check", "-test"))
    said = {task.name: values[f"task-{task.name}-check"] for task in ALL[name].tasks if task.exercise}
    assert {task: result.status for task, result in said.items()} == dict.fromkeys(said, "not yet")
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
        files = {entry: archive.read(entry).decode("utf-8") for entry in archive.namelist()}
    files["plain"] = (tmp_path / MASTERS[name].name).read_text(encoding="utf-8")
    hidden = secrets_of(READ[name])
    assert len(hidden) > 20
    for entry, text in files.items():
        raw, lines = text, {line.strip() for line in text.splitlines()}
        if entry.endswith(".ipynb") or entry == "plain":
            lines = {line.strip() for c in nbformat.reads(text, as_version=4).cells for line in c.source.splitlines()}
        assert hidden & lines == set(), entry
        assert [line for line in hidden if len(line) > 25 and json.dumps(line)[1:-1] in raw] == [], entry
        for word in ("BEGIN", "SOLUTION", "HIDDEN", "Marking", "in_process", "scheme", "master"):
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
        assert path.stat().st_size < 50_000
        with zipfile.ZipFile(path) as archive:
            names = ["README.txt", master.name, "requirements.txt"]
            assert sorted(archive.namelist()) == sorted(f"{master.stem}/{name}" for name in names)
            assert archive.read(f"{master.stem}/{master.name}") == (tmp_path / "one" / master.name).read_bytes()
            wanted = archive.read(f"{master.stem}/requirements.txt").decode("utf-8").splitlines()
            readme = archive.read(f"{master.stem}/README.txt").decode("utf-8")
        assert wanted[0] == f"cnnlib>={cnnlib.__version__}"
        assert readme.splitlines()[0] == READ[path.name[0]].cells[0].source.splitlines()[0].lstrip("# ")
        assert "pip install -r requirements.txt" in readme
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


def made_by(exercise: FunctionExercise, answer: Any) -> Any:
    """Return a function that answers as a known mistake does."""

    def wrong(*values: Any, **by_name: Any) -> Any:
        return answer(**exercise.with_defaults(dict(zip(exercise.argument_names, values)) | by_name))

    return wrong


@pytest.mark.parametrize("task", FUNCTIONS, ids=task_id)
def test_every_known_mistake_is_named_and_costs_points(task: Task) -> None:
    assert len(task.exercise.mistakes) >= 7
    for number, mistake in enumerate(task.exercise.mistakes):
        found = task.exercise(made_by(task.exercise, mistake.answer), seed=number)
        assert (found.status, found.mistake) == ("wrong", mistake.name)


# Changes of a master's solution, each a mistake that students make: (task, what stands there, what they write, name).
WRONG = [
    ("same_padding", "zeros // 2, zeros - zeros // 2", "zeros - zeros // 2, zeros // 2", "odd zero in front"),
    ("same_padding", "max((windows - 1) * stride + kernel - size, 0)", "kernel - 1", "stride ignored"),
    ("conv2d_channels_last", "window = x[i * S_h : i * S_h + F_h,", "window = x[i * S_w : i * S_w + F_h,", None),
    ("conv2d_channels_last", "w[..., k]) + b[k]", "w[..., k] + b[k])", "bias added once per product"),
    ("conv2d_channels_last", "(rows, columns, (0, 0))", "(columns, rows, (0, 0))", "padding axes swapped"),
    ("conv2d_channels_last", "w[..., k]) + b[k]", "w[::-1, ::-1, :, k]) + b[k]", "kernel turned by 180°"),
    ("conv2d_channels_last", "w[..., k]) + b[k]", "w[..., k]) + b[0]", "one bias for all kernels"),
    ("dilated_conv2d", "i + m * d_h, j + n * d_w", "i + m * d_w, j + n * d_h", None),
    ("dilated_conv2d", "x[i + m * d_h, j + n * d_w]", "x[i + m, j + n]", "dilation in the size only"),
    ("lp_pool2d", "np.abs(window) ** order", "window ** order", "signs kept"),
    ("lp_pool2d", "np.mean(np.abs(window) ** order)", "np.sum(np.abs(window) ** order)", "sum instead of mean"),
    ("mean_pool2d_to_the_end", "j * S_w + q].mean()", "j * S_w + q].sum() / (p * q)", "divided by p·q"),
    ("mean_pool2d_to_the_end", "-(-(H - p) // S_h) + 1, -(-(W - q)", "(H - p) // S_h + 1, ((W - q)", "rounded down"),
    ("count_network", "(F_h * F_w * D + 1)", "(F_h * F_w * D)", "biases of the kernels forgotten"),
    ("count_network", "(inputs + 1)", "inputs", "biases of the units forgotten"),
    ("count_network", "2 * P", "P", "padding counted once"),
    ("rows_seen", "reversed(layers)", "layers", "layers from the front"),
    ("rows_seen", "+ F - 1", "+ F", "one row too many"),
    ("mean_pool2d_backward", "+= delta", "= delta", "overwritten instead of added"),
    ("mean_pool2d_backward", " / (p * q)", "", "δ not shared out"),
    ("conv2d_backward_sides", "d_x[window] += delta", "d_x[window] = delta", "overwritten instead of added"),
    ("conv2d_backward_sides", "top, left = rows[0], columns[0]", "top, left = 0, 0", "padding cut on one side"),
    ("conv2d_backward_sides", "delta.sum(axis=(1, 2))", "delta.mean(axis=(1, 2))", "mean instead of sum"),
    ("conv2d_backward_sides", "d_w[k] += delta", "d_w[k] = delta", "last position only"),
    ("two_layers_backward", "d_a1 * np.where(net1 > 0, 1.0, slope)", "d_a1", "f′ forgotten"),
    ("two_layers_backward", "np.where(net1 > 0, 1.0, slope)", "(net1 > 0)", "derivative of ReLU"),
    ("check_gradient", "down[place] -= eps", "pass", None),
    ("check_gradient", "(2 * eps)", "eps", "divided by ε"),
    ("input_sensitivity", "np.array([label])", "scores.argmax(axis=1)", "label of the network"),
    ("input_sensitivity", "network.backward(delta)[0]", "network.backward(delta)", "an axis too many"),
]  # fmt: skip


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
    found = checks.__getattr__(name)(answer, seed=4)
    assert found.status == "wrong"
    if mistake:
        assert found.mistake == mistake, found
    try:
        earned = points(name, answer, 4)
    except AssertionError:
        earned = 0
    assert earned < task.points


def test_parts_of_a_task_earn_parts_of_its_points() -> None:
    source = solution_of(checks_task("conv2d_channels_last"))
    namespace: dict[str, Any] = {"np": np}
    exec(source.replace("x = np.pad(x, (rows, columns, (0, 0)))", ""), namespace)
    assert points("conv2d_channels_last", namespace["my_conv2d"], 1) == 5
    exec(source.replace("= stride, padding", "= (1, 1), padding"), namespace)
    assert points("conv2d_channels_last", namespace["my_conv2d"], 1) < 7
    source = solution_of(checks_task("mean_pool2d_backward"))
    exec(source.replace("+= delta", "= delta"), namespace)
    assert points("mean_pool2d_backward", namespace["my_mean_pool_backward"], 1) == 2


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
    return [finding.share for finding in assignment4.judge(network, np.random.default_rng(0))]


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
    with pytest.raises(AssertionError, match=r"0 of 3 points\nThe mistake: stride ignored\."):
        points("rows_seen", made_by(checks_task("rows_seen").exercise, WRONG_ROWS), 3)
    with pytest.raises(AssertionError, match="is no function"):
        points("rows_seen", 3)
    with pytest.raises(AssertionError, match="ends with an error"):
        points("rows_seen", lambda layers, row: builtins.divmod(1, 0))
    with pytest.raises(AssertionError, match="0 of 10 points"):
        points("small_network", 3)
    assert points("same_padding", checks_task("same_padding").exercise.truth) == 3
    assert "3 of 3 points" in capsys.readouterr().out


def WRONG_ROWS(layers: list[tuple[int, int, int]], row: int) -> tuple[int, int]:
    return checks_task("rows_seen").exercise.truth([(F, 1, P) for F, _, P in layers], row)


def test_no_two_assignments_share_a_name() -> None:
    names = [task.name for _, task in TASKS]
    assert len(set(names)) == len(names)
    assert not set(names) & set(cnnlib.checks.EXERCISES)
    assert all(isinstance(assignment, Assignment) for assignment in ALL.values())
