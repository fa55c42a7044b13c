"""A class in which every submission is odd in its own way: none gets more or less than it should."""

from __future__ import annotations

from pathlib import Path

import odd_class


def test_there_are_a_hundred_of_them_and_each_is_another() -> None:
    names = [one.name for one in odd_class.everybody()]
    assert len(set(names)) == 100
    assert len([*odd_class.solutions(), *odd_class.cells_elsewhere(), *odd_class.files()]) == 100


def test_what_stands_around_a_solution_and_where_it_stands_costs_nothing(tmp_path: Path) -> None:
    others = odd_class.others()
    assert len({one.name for one in others}) == len(others) > 40
    rows, _ = odd_class.graded(tmp_path, others)
    assert [row for row in rows if row.differs] == []


def test_every_odd_submission_gets_what_it_should(tmp_path: Path) -> None:
    rows, _ = odd_class.graded(tmp_path, odd_class.everybody())
    assert [row for row in rows if row.differs] == []
