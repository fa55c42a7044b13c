"""Every exercise: its solution is right, its stub is not, and each known mistake is called by its own name.

The mistakes are those of the files in cnncourse/exercises: each is handed in as a reader would hand it in.
"""

from __future__ import annotations

import inspect
import itertools
import math
import pickle
import re
from collections.abc import Callable
from typing import Any

import nbformat
import numpy as np
import pytest
from kept import cases_in_words, kept
from said import speaking, torn
from test_notebook_exercises import NOTEBOOKS, exercises_of, solutions

import mutate_solutions
from cnncourse import checks
from cnncourse.checks import comparing, matching
from cnncourse.checks.calling import Job, Outcome, call_each, run_jobs
from cnncourse.checks.comparing import GENERAL, Mistake, alike, difference
from cnncourse.checks.exercise import FunctionExercise
from cnncourse.checks.patches import Patched, PatchError, mistakes_of
from cnncourse.checks.prediction import Prediction
from cnncourse.checks.result import Code, Text

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


@pytest.fixture
def answers_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute once what a known mistake comes to in a case: at the same seed every check would compute it again.

    What is handed in is still called each time, and compared with what is kept.
    """
    kept_outcomes: dict[tuple[int, bytes, int], Outcome] = {}

    def run_once(jobs: list[Job], *limits: float, ours: bool = False) -> list[Outcome]:
        keys = [(id(function), pickle.dumps(arguments), count) for function, arguments, count in jobs]
        missing = {key: job for key, job in zip(keys, jobs) if key not in kept_outcomes}
        new = run_jobs([*missing.values()], *limits, ours=ours) if missing else []
        kept_outcomes.update((key, one) for key, one in zip(missing, new) if not one.time_up)
        assert all(key in kept_outcomes for key in keys), "the time did not suffice"
        return [kept_outcomes[key] for key in keys]

    monkeypatch.setattr(matching, "run_jobs", run_once)


@pytest.mark.usefixtures("answers_kept")
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


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_the_mistakes_are_changes_of_is_right(name: str) -> None:
    # Some are changes of a second way to the answer, which no reader sees.
    made = [one.answer for one in FUNCTIONS[name].mistakes if isinstance(one.answer, Patched)]
    for way in {one.solution for one in made}:
        found = FUNCTIONS[name](way, seed=7)
        assert found.right, found


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


# ---- what is tried, and how a cell comes about ----------------------------------------------------------------------


def test_what_is_tried_is_what_was_looked_at(request: pytest.FixtureRequest) -> None:
    # Which mistakes can be told apart hangs on the sizes and numbers of the cases: a change of one is to be seen.
    lines = [line for name, exercise in FUNCTIONS.items() for line in cases_in_words(name, exercise)]
    assert kept("cases.txt", lines, request.config) == []


def computed(text: str) -> float:
    """Return what a formula of a message comes to: `2·(-3) + 1`, `⌊7 / 2⌋ + 1`."""
    for written, meant in (("·", "*"), ("−", "-"), ("⌊", "math.floor("), ("⌋", ")")):
        text = text.replace(written, meant)
    return eval(text, {"math": math})


def after(words: str, text: str) -> list[float]:
    """Return the numbers that stand behind some words, as far as the end of the line."""
    return [float(found) for found in re.findall(rf"{words}(\S+)$", text, re.MULTILINE)]


def numbers_shown(text: str) -> np.ndarray:
    return np.array([float(word) for word in text.split() if word != "·"])


# What the code of an explanation comes to, by exercise: it is to be the right answer.
EXPLAINED: dict[str, Callable[[str], float]] = {
    "conv2d_many_channels": lambda code: (
        sum(after("products summed: ", code)) + float(re.findall(r"plus the bias (\S+):", code)[0])
    ),
    "delta_stride_one": lambda code: sum(computed(line.split(": ")[1]) for line in code.splitlines()[:-1]),
    "max_pool_backward": lambda code: sum(after("it wins and gets δ = ", code)),
    "max_pool2d": lambda code: numbers_shown(code.split("\n\n")[0]).max(),
}


def windows_with(cell: tuple[int, ...], delta: Any, size: Any, stride: Any, padding: int, **_: Any) -> int:
    """Return how many windows of a channel hold a cell."""
    _, row, column = cell
    rows, columns = (
        sum(k * S <= place + padding < k * S + F for k in range(count))
        for place, count, F, S in zip((row, column), delta.shape[1:], size, stride)
    )
    return rows * columns


def place_of(cell: tuple[int, ...], x: Any, size: Any, stride: Any, padding: int) -> str:
    """Return where the window of a pooled cell lies, in rows and columns of the map without its padding."""
    channel, *place = cell
    begins = [k * S - padding for k, S in zip(place, stride)]
    lines = [
        f"{what} {begin}" if F == 1 else f"{what}s {begin} to {begin + F - 1}"
        for what, begin, F in zip(("row", "column"), begins, size)
    ]
    over = any(begin < 0 or begin + F > length for begin, F, length in zip(begins, size, x.shape[1:]))
    return f"Its window is {lines[0]} and {lines[1]} of channel {channel}{' (a dot is padding)' * over}:"


@pytest.mark.parametrize("name", [name for name, exercise in FUNCTIONS.items() if exercise.explain])
def test_the_explanation_of_a_cell_gives_its_value(name: str) -> None:
    exercise = FUNCTIONS[name]
    assert exercise.explain
    for case in [*exercise.cases(np.random.default_rng(0)), *exercise.cases(np.random.default_rng(1))]:
        arguments = case.arguments(exercise.argument_names)
        given, right = exercise.with_defaults(arguments), exercise.reference_solution(**arguments)
        for cell in np.ndindex(np.shape(right)):
            parts = exercise.explain(arguments, cell, right)
            value = float(right[cell] if cell else right)
            code = "".join(part.text for part in parts if isinstance(part, Code))
            if not code:  # nothing comes to this cell
                assert [type(part) for part in parts] == [Text] and value == 0
            elif name in EXPLAINED:
                assert EXPLAINED[name](code) == pytest.approx(value), (case, cell)
            elif name != "mean_pool2d":  # whose window is shown rounded
                sides = code.splitlines()[-1].split(" = ")
                assert len(sides) > 1 and [computed(side) for side in sides] == pytest.approx([value] * len(sides))
            assert "inf" not in code and "nan" not in code
            if name == "max_pool_backward":
                assert code.count("window (") == windows_with(cell, **given)
            if name in ("mean_pool2d", "max_pool2d"):
                assert " ".join(part.text for part in parts if isinstance(part, Text)) == place_of(cell, **given)
            last = code.splitlines()[-1] if code else ""
            assert name == "max_pool_backward" or comparing.number(right[cell] if cell else right) in last


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
    changed = [repr(one.answer) for one in found]
    assert changed[:3] == ["/ 2 => * 2", "range(many - 1) => range(0)", "many => 1 & return y => return 1.0 * y"]


def test_what_a_solution_is_changed_to_may_hold_an_arrow() -> None:
    (found,) = mistakes_of(half, "arrow: It says where it leads. | return y => return f'{x} => {y}'")
    assert found.answer(8) == "8 => 4.0"


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
