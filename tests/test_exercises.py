"""Every exercise: its solution is right, its stub is not, and each known mistake is called by its own name.

The mistakes are those of the files in cnncourse/exercises: each is handed in as a reader would hand it in.
"""

from __future__ import annotations

import inspect
import itertools
import re
from typing import Any

import nbformat
import numpy as np
import pytest
from said import speaking, torn
from test_notebook_exercises import NOTEBOOKS, exercises_of, solutions

import mutate_solutions
from cnncourse import checks
from cnncourse.checks.calling import call_each
from cnncourse.checks.comparing import GENERAL, Mistake, alike, difference
from cnncourse.checks.exercise import FunctionExercise
from cnncourse.checks.patches import Patched, PatchError, mistakes_of
from cnncourse.checks.prediction import Prediction

SEEDS = (0, 1, 2)
FUNCTIONS = {name: exercise for name, exercise in checks.EXERCISES.items() if isinstance(exercise, FunctionExercise)}
STUBS = {
    "dots": "...",
    "docstring": '"""Return it."""\n    ...',
    "pass": "pass",
    "return": "return",
    "dots given": "return ...",
    "dots in a name": "a = ...\n    return a",
    "not implemented": "raise NotImplementedError('write me')",
}


def words(text: Any) -> str:
    return " ".join(str(text).split())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_solution_is_right(name: str) -> None:
    for seed in (*SEEDS, 123456, None):
        found = FUNCTIONS[name](FUNCTIONS[name].reference_solution, seed=seed)
        assert found.right and not found.mistake, found


@pytest.mark.parametrize("stub", STUBS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_stub_is_not_yet(name: str, stub: str) -> None:
    namespace: dict[str, Any] = {}
    exec(f"def f{FUNCTIONS[name].signature}:\n    {STUBS[stub]}", namespace)
    assert FUNCTIONS[name](namespace["f"]).status == "not yet"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_mistake_is_called_by_its_name(name: str) -> None:
    exercise, seed = FUNCTIONS[name], 7
    for mistake in exercise.mistakes[:60]:  # the others are those of the broken loop, several at a time
        found = exercise(mistake.answer, seed=seed)
        assert found.status == "wrong", (mistake, found)
        assert found.mistake == mistake.name, (mistake, found)
        assert words(mistake.message) in words(found), (mistake, found)
        assert "Perhaps" not in str(found)
        assert f"seed={seed}" in str(found)
        with speaking("zh_CN"):
            chinese = exercise(mistake.answer, seed=seed)
        assert torn(found, chinese, "zh_CN") == []


def outcomes(exercise: FunctionExercise, seed: int) -> list[tuple[Mistake | None, list[Any]]]:
    """Return what the solution and every mistake come to in all cases of a seed: the answer, or the kind of error."""
    found = []
    cases = exercise.cases(np.random.default_rng(seed))
    for mistake in (None, *exercise.mistakes):
        function = mistake.answer if mistake else exercise.reference_solution
        calls = [(case.arguments(exercise.argument_names), len(case.values)) for case in cases]
        made = call_each(function, calls, 2, 20)
        assert len(made) == len(cases) and not any(one.time_up for one in made), mistake
        found.append((mistake, [one.value if one.completed else one.error_type.__name__ for one in made]))
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", FUNCTIONS)
def test_mistakes_with_other_names_have_other_answers(name: str, seed: int) -> None:
    # Where two have the same answers in all cases, nobody can tell which of them was made.
    found = outcomes(FUNCTIONS[name], seed)
    (_, right), *wrong = found
    for mistake, answers in wrong:
        assert any(type(one) is str or difference(one, other) for one, other in zip(answers, right)), mistake
    for (mistake, answers), (other, others) in itertools.combinations(wrong, 2):
        if mistake.name != other.name and all(map(alike, others, answers)):
            assert str in map(type, answers), (mistake, other)  # errors: their words tell them apart


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_solution_is_the_one_of_the_notebook(name: str) -> None:
    exercise = FUNCTIONS[name]
    (path,) = (path for path in NOTEBOOKS if path.stem[:2] == exercise.chapter)
    cells = exercises_of(nbformat.read(path, as_version=4))[name.replace("_", "-")]
    assert inspect.getsource(exercise.reference_solution) == solutions(cells[3])[0]


def test_every_change_is_python_and_none_is_written_twice() -> None:
    for exercise in FUNCTIONS.values():
        assert all(callable(one.answer.function) for one in exercise.mistakes if isinstance(one.answer, Patched))
        sources = [one.answer.source for one in exercise.mistakes if isinstance(one.answer, Patched)]
        assert len(set(sources)) == len(sources), exercise.name


def test_what_is_said_is_plain_english() -> None:
    texts = [mistake.message for exercise in FUNCTIONS.values() for mistake in (*exercise.mistakes, *GENERAL)]
    texts += [exercise.message for exercise in checks.EXERCISES.values() if isinstance(exercise, Prediction)]
    texts += [exercise.cases_description for exercise in FUNCTIONS.values()]
    for text in texts:
        assert text == "" or text[-1] in ".?", text
        assert not re.search(r"!|\b(simply|obviously|just|anew)\b", text), text


# ---- a change of a solution -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["leaky_relu", "output_size", "stable_softmax", "update_rule", "transposed_size"])
def test_no_small_change_of_a_solution_is_right(name: str) -> None:
    count, _, left = mutate_solutions.survivors(FUNCTIONS[name], seeds=(0,))
    assert count > 5
    assert left == []


def half(x, many=1):
    y = x / 2
    for _ in range(many - 1):
        y = y / 2
    return y


def test_the_text_of_mistakes() -> None:
    text = r"""
    doubled: Too much,
        says the second line.
        / 2 => * 2
    once: Only once.
        # a remark
        range(many - 1) => range(0)
        many => 1
        & return y => return 1.0 * y
    doubled:
        return y => y = 4 * y \n return y
    """
    found = mistakes_of(half, text)
    assert [one.name for one in found] == ["doubled", "once", "once", "doubled"]
    assert found[0].message == found[3].message == "Too much, says the second line."
    assert [one.answer(8, 3) for one in found] == [64, 4, 4, 4]
    assert inspect.signature(half) == inspect.signature(found[2].answer.function)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("no sentence:\n    y => x", "'no sentence': a sentence is missing"),
        ("no colon\n    y => x", "expected `name: sentence`"),
        ("first: A change.\n    & y => x", "nothing above"),
        ("absent: A change. | z => x", "'z' does not stand in the solution"),
    ],
)
def test_a_text_that_cannot_be_read(text: str, what: str) -> None:
    with pytest.raises(PatchError, match=re.escape(what)):
        for mistake in mistakes_of(half, text):
            mistake.answer(1)
