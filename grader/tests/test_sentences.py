"""What the grader says stands in tables: with other words in the tables, nothing else is left on its pages."""

from __future__ import annotations

import importlib
import pkgutil
import re
import string
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import made_up_class as made_up
import pytest

import cnngrader
from cnngrader import function_task, gradebook, grading, report, results, similarity, submission

TABLES = ("TEXTS", "PROBLEMS", "MISTAKES", "STATUS", "SECTIONS", "HEADS", "HELP")
OURS = re.compile(r"⟦[^⟦⟧]*⟧")  # a sentence of a table, after those within it are gone
NAMES = "|".join(task.name for task in made_up.ASSIGNMENT.tasks)
# What comes from a submission or an assignment; numbers and marks.
DATA = re.compile(rf"«[^«»]*»|\b(?:{NAMES})\b|[-\d.%✓✗◐…✎!\s]+")


def tables(module: ModuleType) -> Iterator[dict[str, str]]:
    yield from (vars(module)[name] for name in TABLES if name in vars(module))


def modules() -> list[ModuleType]:
    return [importlib.import_module(f"cnngrader.{one.name}") for one in pkgutil.iter_modules(cnngrader.__path__)]


@pytest.mark.parametrize("module", [one for one in modules() if list(tables(one))], ids=lambda one: one.__name__)
def test_a_template_is_text_with_named_gaps(module: ModuleType) -> None:
    for table in tables(module):
        for key, text in table.items():
            gaps = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
            assert all(name.isidentifier() for name in gaps), (key, text)


class _Texts(HTMLParser):
    """The texts of a page, those for screen readers too, but not its style."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.style = tag == "style"
        self.found += [value or "" for name, value in attrs if name in ("aria-label", "lang")]

    def handle_data(self, data: str) -> None:
        self.found += [] if self.style else [data]


def left(page: str) -> set[str]:
    """Return what a page says that comes neither of a table nor of what was handed in."""
    reader = _Texts()
    reader.feed(page)
    text = "".join(f"{one}\n" for one in reader.found)
    while OURS.search(text):
        text = OURS.sub("", text)
    return {word for line in text.split("\n") for word in [DATA.sub("", line).strip("⟦⟧,;: ")] if word}


@pytest.fixture
def translated(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (report, gradebook, grading):
        for table in tables(module):
            for key, text in list(table.items()):
                monkeypatch.setitem(table, key, f"⟦{text}⟧" if text else "")


def class_of_three() -> list[grading.Graded]:
    """Return results of every kind, of which all words stand between « and »."""

    def task(k: int, **more: object) -> results.TaskResult:
        one = made_up.ASSIGNMENT.tasks[k]
        return results.TaskResult(one.name, one.points, **more)

    parts = [results.Part(name=f"«{name}»", points=1.0, of=of, right=2, cases=4) for name, of in (("a", 2), ("b", -1))]
    states = {"right": 2.0, "partly": 1.0, "wrong": 0.0, "not yet": 0.0}
    every = [
        [
            task(
                0, status=status, points=points, mistake="«mistake»", paragraphs=["«said»", "    «line»"], parts=parts
            ),
            task(1, status="not graded", fault="«fault»", events=["«event»", "«error»"], errors=["«error»"]),
            task(2, status=status, points=points),
            task(3, status="to be marked"),
        ]
        for status, points in states.items()
    ]
    made = [grading.Graded(f"«s{k}»", tasks, remarks=["«remark»"]) for k, tasks in enumerate(every)]
    return [*made, grading.Graded("«none»", every[0][:3] + [task(3)], problem="«problem»")]


def test_nothing_on_a_page_stands_outside_of_the_tables(translated: None, tmp_path: Path) -> None:
    tasks = tuple(replace(task, title=f"«{task.title}»") for task in made_up.ASSIGNMENT.tasks)
    assignment = replace(made_up.ASSIGNMENT, title="«title»", tasks=tasks)
    graded = class_of_three()
    for one in graded:
        page = report.write_feedback(tmp_path, assignment, one, submission.Submission(one.student))
        assert left(page.read_text(encoding="utf-8")) == set()
    groups = [
        similarity.Group("max_pool2d", tuple(f"«{k}»" for k in range(count)), {"«0»": "«x»", "«1»": "«y»"})
        for count in [2, 3, 4] * 17
    ]
    for several in (graded, graded[:1], []):
        path = tmp_path / "summary.html"
        report.write_summary(path, assignment, several, groups, "«warning»", ["«note»"], {"«comment»": 2})
        assert left(path.read_text(encoding="utf-8")) == set()


def test_every_problem_has_a_name_for_the_teacher() -> None:
    assert list(function_task.PROBLEMS) == list(function_task.MISTAKES)
    assert set(report.STATUS) == set(report.SYMBOLS)
