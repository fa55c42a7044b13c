"""A class graded by the workers of a Dask cluster: the same as alone, also where a worker is killed half-way."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import made_up_class as made_up
import pytest

from cnngrader import cluster, collecting, grading
from cnngrader.__main__ import main
from cnngrader.submission import Submission

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # of a worker that is killed, in threads of the scheduler
ASSIGNMENT = made_up.ASSIGNMENT
NAMES = [task.name for task in ASSIGNMENT.tasks]


@pytest.fixture(name="two_workers", scope="module")
def start_two_workers() -> Iterator[Any]:
    sys.stdout.flush()
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as made:
        yield made


def a_class(folder: Path, count: int) -> list[Submission]:
    made_up.make_class(folder, count)
    return collecting.find(folder, NAMES)


def points(results: list[grading.Graded]) -> dict[str, list[tuple[str, float, str]]]:
    return {one.student: [(task.task, task.points, task.status) for task in one.tasks] for one in results}


def test_a_worker_that_is_killed_takes_nothing_with_it(two_workers: Any, tmp_path: Path) -> None:
    found = a_class(tmp_path / "submissions", 12)
    client = distributed.Client(two_workers.scheduler_address)
    pids = list(client.run(os.getpid).values())
    client.close()
    results = []
    for one in grading.grade_all(
        ASSIGNMENT, found, tmp_path / "cache", 5, run=cluster.on(two_workers.scheduler_address)
    ):
        results.append(one)
        if len(results) == 4:
            os.kill(pids[0], signal.SIGKILL)
    students = [one.student for one in results]
    assert sorted(students) == sorted(one.student for one in found)  # each once, and none is missing
    assert len(list((tmp_path / "cache").glob("*.json"))) == len(found)
    alone = list(grading.grade_all(ASSIGNMENT, found, tmp_path / "alone", 5))
    assert points(results) == points(alone)
    again = list(grading.grade_all(ASSIGNMENT, found, tmp_path / "cache", 5, run=never))
    assert points(again) == points(alone)


def never(assignment: Any, submissions: list[Submission], seed: int, wrapped: bool) -> Iterator[grading.Graded]:
    assert submissions == []
    return iter(())


def test_the_table_is_the_same_as_that_of_one_computer(two_workers: Any, tmp_path: Path) -> None:
    a_class(tmp_path / "submissions", 3)
    tables = []
    for name, more in (("alone", []), ("cluster", ["--scheduler", two_workers.scheduler_address])):
        command = [str(tmp_path / "submissions"), "--assignment", "demo", "--output", str(tmp_path / name)]
        assert main([*command, "--seed", "3", *more], ASSIGNMENT) == 0
        tables.append((tmp_path / name / "grades.csv").read_bytes())
    assert tables[0] == tables[1]


def test_what_no_worker_brings_to_an_end_is_graded_here(two_workers: Any, tmp_path: Path, monkeypatch: Any) -> None:
    found = a_class(tmp_path / "submissions", 2)
    monkeypatch.setattr(cluster, "grade_there", fails)
    results = list(
        grading.grade_all(ASSIGNMENT, found, tmp_path / "c", 5, run=cluster.on(two_workers.scheduler_address))
    )
    assert points(results) == points(list(grading.grade_all(ASSIGNMENT, found, tmp_path / "alone", 5)))


def fails(*given: Any) -> None:
    raise RuntimeError("no")


def unfit(*given: Any) -> tuple[str, None]:
    return "bubblewrap is missing there, or may not be used", None


def test_nothing_is_graded_where_there_is_no_sandbox(two_workers: Any, tmp_path: Path, monkeypatch: Any) -> None:
    found = a_class(tmp_path / "submissions", 2)
    monkeypatch.setattr(cluster, "grade_there", unfit)
    with pytest.raises(ValueError, match="a worker cannot grade: bubblewrap is missing"):
        list(grading.grade_all(ASSIGNMENT, found, tmp_path / "c", 5, run=cluster.on(two_workers.scheduler_address)))


def test_a_worker_with_other_code_is_unfit(tmp_path: Path) -> None:
    (one,) = a_class(tmp_path, 1)
    assert cluster.grade_there(ASSIGNMENT, one, 1, True, "another")[1] is None
    why, graded = cluster.grade_there(ASSIGNMENT, one, 1, True, grading.version_of(ASSIGNMENT, True, None))
    assert why == "" and graded is not None and graded.points == made_up.ALL


def test_an_address_where_nothing_answers_is_an_error(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    a_class(tmp_path / "submissions", 1)
    monkeypatch.setattr(cluster, "WAIT", 1.0)
    command = [str(tmp_path / "submissions"), "--assignment", "demo", "--output", str(tmp_path / "results")]
    with contextlib.suppress(SystemExit):
        assert main([*command, "--scheduler", "tcp://127.0.0.1:9"], ASSIGNMENT) == 2
    assert "scheduler: got 'tcp://127.0.0.1:9'" in capsys.readouterr().err
