"""The instant checks that students get say what the graders' exercises say, from tables in place of functions.

Both are asked about every solution of a master, every stub, every known mistake and every changed solution. The full
exercise draws the cases that are stored, so the two texts agree to the letter.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import make_assignments
import numpy as np
import pytest
from solutions import ALL, FUNCTIONS, READ, STUDENT, TASKS, WRONG, made_by, run, solution_of, task_id

import cnnlib
from cnncourse.assignments import checks, stored
from cnncourse.checks.prediction import Exact, Prediction
from cnncourse.checks.result import Result
from cnngrader import assignments, instant_checks
from cnngrader.task import Task

AGAIN = re.compile(r"\s*The same numbers again: `checks\.\w+\([^`]*, seed=\d+\)`\.")
PREDICTIONS = [task for _, task in TASKS if task.kind == "prediction"]


pytestmark = pytest.mark.usefixtures("handed_out")


def both(task: Task, answer: Any) -> tuple[Result, Result]:
    """Return what the full exercise and the stored one say of an answer."""
    full = task.exercise(answer) if task.kind == "prediction" else task.exercise(answer, seed=instant_checks.SEED)
    given = getattr(checks, task.name)
    return full, given(answer, seed=instant_checks.SEED) if task.kind == "network" else given(answer)


def same(task: Task, answer: Any) -> Result:
    """Return what the stored exercise says, after comparing it with what the full one says."""
    full, ours = both(task, answer)
    assert ours.status == full.status
    assert ours.mistake == full.mistake
    assert words(str(ours)) == words(AGAIN.sub("", str(full)))
    for name in ("inputs", "got", "expected"):
        np.testing.assert_equal(getattr(ours, name), getattr(full, name))
    return ours


def words(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize(("name", "task"), [pair for pair in TASKS if pair[1].kind != "written"], ids=task_id)
def test_a_solution_is_right(name: str, task: Task, solved: dict[str, Any]) -> None:
    assert same(task, solved[name][0][task.answer]).status == "right"


@pytest.mark.parametrize(("name", "task"), [pair for pair in TASKS if pair[1].kind != "written"], ids=task_id)
def test_a_stub_is_not_done_yet(name: str, task: Task) -> None:
    assert same(task, run(STUDENT[name], ("",))[0][task.answer]).status == "not yet"
    assert same(task, ...).status == "not yet"


@pytest.mark.parametrize("task", FUNCTIONS, ids=task_id)
def test_every_known_mistake_is_named(task: Task) -> None:
    for mistake in task.exercise.mistakes:
        found = getattr(checks, task.name)(made_by(task.exercise, mistake.answer))
        assert (found.status, found.mistake) == ("wrong", mistake.name)


@pytest.mark.parametrize(("name", "there", "written", "mistake"), WRONG)
def test_a_changed_solution_is_wrong_with_the_same_words(
    name: str, there: str, written: str, mistake: str | None, solved: dict[str, Any]
) -> None:
    [(place, task)] = [pair for pair in TASKS if pair[1].name == name]
    namespace = dict(solved[place][0])
    exec(next((cell.source for cell in READ[place].cells if cell.id == "given"), ""), namespace)
    exec(solution_of(task).replace(there, written), namespace)
    found = same(task, namespace[task.answer])
    assert found.status == "wrong"
    assert mistake in (None, found.mistake)


@pytest.mark.parametrize("task", FUNCTIONS, ids=task_id)
def test_what_no_mistake_explains_is_reported_with_the_same_words(task: Task) -> None:
    right = task.exercise.reference_solution

    def spoilt(change: Any) -> Any:
        return made_by(task.exercise, lambda **given: change(right(**given)))

    def fails(*values: Any, **by_name: Any) -> Any:
        raise KeyError("x")

    for answer in (
        spoilt(lambda value: None),
        spoilt(str),
        spoilt(lambda value: value[0]),
        spoilt(lambda value: tuple(part + 0.5 for part in value) if isinstance(value, tuple) else value + 0.5),
        fails,
        lambda: 1,
        3,
    ):
        assert same(task, answer).status == "wrong"


# ---- by hand --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", PREDICTIONS, ids=task_id)
def test_every_known_wrong_answer_is_named_and_others_are_not(task: Task) -> None:
    exercise = task.exercise
    right = {key: question.expected for key, question in exercise.questions.items()}
    count = 0
    for key, question in exercise.questions.items():
        wrong = [answer for answer, _, _ in question.known]
        other = tuple(part + 50 for part in right[key]) if isinstance(right[key], tuple) else right[key] + 12345
        for answer in (*wrong, other):
            found = same(task, dict.fromkeys(right, ...) | {key: answer})
            assert found.status == "wrong"
            assert bool(found.mistake) == (answer in wrong)
            count += 1
    assert count > 2 * len(right)


@pytest.mark.parametrize("task", PREDICTIONS, ids=task_id)
def test_answers_of_another_form_are_refused_with_the_same_words(task: Task) -> None:
    keys = list(task.exercise.questions)
    for answer in (3, [1], {"z": 1}, {}, *(dict.fromkeys(keys, value) for value in ("x", 1.5, (1.5,), (1,) * 9, True))):
        assert same(task, answer).status in ("wrong", "not yet")


def test_sentences_about_a_right_answer_are_kept() -> None:
    for task in PREDICTIONS:
        assert getattr(checks, task.name).message == task.exercise.message


# ---- the network ----------------------------------------------------------------------------------------------------


class Mine(cnnlib.ReLU):
    pass


@pytest.mark.parametrize(
    "network",
    [
        cnnlib.Sequential(cnnlib.MaxPool2d(4), cnnlib.Flatten(), cnnlib.Linear(49, 10, rng=0)),
        cnnlib.Sequential(cnnlib.Flatten(), cnnlib.Linear(784, 3, rng=0)),
        cnnlib.Sequential(cnnlib.Flatten(), cnnlib.Linear(784, 10, rng=0)),
        cnnlib.Sequential(Mine(), cnnlib.Flatten(), cnnlib.Linear(784, 10, rng=0)),
        cnnlib.Flatten(),
        3,
    ],
    ids=["untrained", "three outputs", "over the budget", "a layer of one's own", "one layer", "a number"],
)
def test_a_network_is_measured_by_the_same_goals(network: Any) -> None:
    assert same(assignments.all_tasks()["small_network"], network).status == "wrong"


# ---- the file -------------------------------------------------------------------------------------------------------


def file_of(name: str) -> stored.Document:
    [master] = [path for path in make_assignments.masters() if path.name.startswith(name)]
    return stored.read(make_assignments.checks_of(master))


@pytest.mark.parametrize("name", ALL)
def test_the_file_holds_every_task_that_is_not_written_and_nothing_else(name: str) -> None:
    document = file_of(name)
    assert list(document.checks) == [task.name for task in ALL[name].tasks if task.kind != "written"]
    for task in ALL[name].tasks:
        if task.kind == "function":
            cases = document.checks[task.name]["cases"]
            assert len(cases) == len(task.exercise.cases(np.random.default_rng(0)))
    assert {check["kind"] for check in document.checks.values()} <= {"function", "prediction", "network"}


@pytest.mark.parametrize("task", PREDICTIONS, ids=task_id)
def test_answers_by_hand_are_sealed(task: Task) -> None:
    [name] = [name for name, one in TASKS if one is task]
    questions = file_of(name).checks[task.name]["questions"]
    seals = [question["right"] for question in questions.values()]
    assert all(re.fullmatch("[0-9a-f]{64}", seal) for seal in seals)
    assert len(set(seals)) == len({question["salt"] for question in questions.values()}) == len(questions)
    for question in questions.values():
        assert set(question) == {"axes", "salt", "right", "mistakes"}
        assert all(set(mistake) == {"sealed", "name", "message"} for mistake in question["mistakes"])


@pytest.mark.parametrize("task", FUNCTIONS, ids=task_id)
def test_grading_draws_other_cases(task: Task) -> None:
    assert not 0 <= instant_checks.SEED < 1 << 31  # as __main__ draws them
    ours = {repr(case.arguments(task.exercise.argument_names)) for case in instant_checks.stored_cases(task.exercise)}
    theirs = [repr(case.arguments(task.exercise.argument_names)) for case in task.cases(1)]
    assert sum(case in ours for case in theirs) <= len(theirs) / 2  # the simplest ones have no other numbers


def test_an_exercise_that_has_no_form_is_refused() -> None:
    task = next(task for task in PREDICTIONS)
    odd = Prediction(task.name, "", {"a": lambda value: None})
    with pytest.raises(TypeError, match="a question that is not one of exact answers"):
        instant_checks.text(dataclasses.replace(ALL["1"], tasks=(dataclasses.replace(task, exercise=odd),)))
    assert isinstance(next(iter(task.exercise.questions.values())), Exact)
