"""Numbers of one's own in the tasks by hand: in the text, the instant checks and the grading, off unless asked for."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import make_assignments
import nbformat
import pytest
from solutions import ALL, MASTERS, READ, TASKS, task_id

from cnncourse.assignments import checks
from cnncourse.checks.prediction import Exact, Prediction
from cnngrader import grading, personal, submission
from cnngrader.__main__ import main
from cnngrader.results import TaskResult
from cnngrader.task import Task

BY_HAND = [(name, task) for name, task in TASKS if task.kind == "prediction"]
COURSE = "CNN, spring"


def right(task: Task, seed: str) -> dict[str, Any]:
    exercise = task.own(personal.generator(seed, task.name)).exercise
    return {key: question.expected for key, question in exercise.questions.items()}


@pytest.mark.parametrize(("name", "task"), BY_HAND, ids=task_id)
def test_a_task_by_hand_has_other_numbers_for_each_student(name: str, task: Task) -> None:
    assert task.own is not None
    seeds = [personal.seed_of(COURSE, name, f"student{k}") for k in range(20)]
    answers = [json.dumps(right(task, seed)) for seed in seeds]
    texts = [task.own(personal.generator(seed, task.name)).text for seed in seeds]
    assert len(set(texts)) > (15 if name != "4" else 6)
    assert len(set(answers)) > (15 if name != "4" else 6)
    assert answers[0] == json.dumps(right(task, seeds[0]))


@pytest.mark.parametrize(("name", "task"), BY_HAND, ids=task_id)
def test_known_wrong_answers_stay_wrong_with_other_numbers(name: str, task: Task) -> None:
    for k in range(20):
        exercise = task.own(personal.generator(f"{k}", task.name)).exercise
        assert isinstance(exercise, Prediction)
        assert exercise({key: one.expected for key, one in exercise.questions.items()}).right
        for question in exercise.questions.values():
            assert isinstance(question, Exact)
            assert all(not question(wrong).right for wrong, _, _ in question.known)


@pytest.mark.parametrize("name", MASTERS)
def test_the_text_holds_the_numbers_of_the_student_and_no_other_change(name: str) -> None:
    seed = personal.seed_of(COURSE, name, "ada")
    ours, theirs = READ[name], make_assignments.student_version(READ[name], ALL[name], seed)
    assert theirs.metadata["cnnlib"] == {"seed": seed} and "cnnlib" not in ours.metadata
    texts = {one.id: one.source for one in theirs.cells}
    replaced = personal.replacements(ALL[name], seed)
    for cell in make_assignments.student_version(ours).cells:
        pairs = replaced.get(re.sub("^task-|-text$", "", cell.id), [])
        if not cell.id.endswith("-text") or not pairs:
            assert texts[cell.id] == cell.source
        else:
            assert texts[cell.id] != cell.source
            assert all(piece in texts[cell.id] for _, piece in pairs)
            assert len(texts[cell.id].splitlines()) == len(cell.source.splitlines())


def test_a_class_with_its_own_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    table = tmp_path / "students.csv"
    table.write_text("student,name\nada,Ada\nbob,Bob\n", encoding="utf-8")
    monkeypatch.setattr(make_assignments, "masters", lambda: [MASTERS["1"]])
    make_assignments.main(["--personal", COURSE, "--students", str(table), "--output", str(tmp_path)])
    task = ALL["1"].tasks[0]
    answers = {student: right(task, personal.seed_of(COURSE, "1", student)) for student in ("ada", "bob")}
    assert answers["ada"] != answers["bob"]

    def hand_in(student: str, numbers: str, answer: dict[str, Any]) -> None:
        with zipfile.ZipFile(tmp_path / "personal" / numbers / "1_convolution.zip") as archive:
            text = archive.read("1_convolution/1_convolution.ipynb").decode("utf-8")
        notebook = nbformat.reads(text, as_version=4)
        (cell,) = (one for one in notebook.cells if one.id == "task-window_by_hand")
        cell.source = f"my_window = {answer!r}"
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{student}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")

    monkeypatch.setenv(checks.FOLDER, str(tmp_path / "personal" / "ada"))
    assert checks.window_by_hand(answers["ada"]).right and not checks.window_by_hand(answers["bob"]).right
    hand_in("ada", "ada", answers["ada"])
    hand_in("bob", "bob", answers["bob"])
    hand_in("carol", "ada", answers["ada"])  # copied, the notebook and all
    hand_in("dan", "bob", answers["ada"])

    def graded(*more: str) -> dict[str, tuple[str, str]]:
        output = tmp_path / f"results{len(more)}"
        assert main([str(tmp_path / "in"), "--assignment", "1", "--output", str(output), *more]) == 0
        with open(output / "grades.csv", encoding="utf-8-sig", newline="") as file:
            return {row["student"]: (row["window_by_hand (3)"], row["remarks"]) for row in csv.DictReader(file)}

    monkeypatch.setattr(grading, "_results", only_by_hand)
    got = graded("--personal", COURSE)
    assert [got[name][0] for name in ("ada", "bob", "carol")] == ["3", "3", "3"] and float(got["dan"][0]) < 3
    assert personal.OTHER in got["carol"][1] and personal.OTHER in got["dan"][1]
    assert got["ada"][1] == got["bob"][1] == ""
    assert all(personal.NOT_ASKED in remark for _, remark in graded().values())


def only_by_hand(tasks: list[Task], *given: Any, real: Any = grading._results) -> Any:
    return [real([one], *given)[0] if one.kind == "prediction" else TaskResult(one.name, one.points) for one in tasks]


def test_a_notebook_without_a_seed_has_the_numbers_of_the_master() -> None:
    one = submission.Submission("ada")
    assert personal.with_numbers_of(ALL["1"], "") is ALL["1"]
    assert personal.settled([one], ALL["1"], None) == [one]
    assert personal.settled([one], ALL["1"], COURSE)[0].remarks == (personal.WITHOUT,)


@pytest.mark.parametrize("metadata", [None, {}, {"cnnlib": 3}, {"cnnlib": {"seed": 3}}, {"cnnlib": {"seed": "x" * 16}}])
def test_a_forged_seed_is_none(metadata: Any, tmp_path: Path) -> None:
    notebook = {"cells": [{"cell_type": "code", "source": "1"}], "metadata": metadata}
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    assert submission.read("a", tmp_path / "a.ipynb").seed == ""
