"""What a teacher does with a class: names of a platform, marking without names, a late submission, copied texts."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import made_up_class as made_up
import pytest

from cnngrader import collecting, comments, grading, marks, names, report, similarity, tables
from cnngrader.__main__ import main
from cnngrader.collecting import Collected
from cnngrader.results import TaskResult
from cnngrader.submission import Submission

ASSIGNMENT = made_up.ASSIGNMENT
TASKS = [task.name for task in ASSIGNMENT.tasks]


@pytest.fixture(name="graded_fast")
def grade_without_running(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grade without a sandbox: everything earns 1 point, plus 1 for each time that it was graded. Return who was."""
    seen: list[str] = []

    def grade(assignment: Any, one: Submission, *rest: Any) -> grading.Graded:
        seen.append(one.student)
        results = [TaskResult(task.name, task.points) for task in assignment.tasks]
        results[0].points, results[0].status = 1.0 * seen.count(one.student), "partly"
        results[-1] = grading.written_result(assignment.tasks[-1], one)
        return grading.Graded(one.student, results)

    monkeypatch.setattr(grading, "grade", grade)
    return seen


def hand_in(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        made_up.write(folder / f"{name}.ipynb", made_up.cells(text=text))
    return folder


def command(folder: Path, output: Path, *more: Any) -> int:
    return main([str(folder), "--assignment", "demo", "--output", str(output), *map(str, more)], ASSIGNMENT)


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def fill_in(path: Path, **by_text: tuple[str, str]) -> None:
    """Write points and comments beside the answers that begin with a word."""
    rows = read(path)
    for row in rows:
        for word, (points, comment) in by_text.items():
            if row["text"].startswith(word):
                row["points"], row["comment"] = points, comment
    path.write_bytes(tables.as_csv([list(rows[0]), *[list(row.values()) for row in rows]]))


# ---- a late one -----------------------------------------------------------------------------------------------------


def test_one_late_student_is_graded_and_nobody_else(graded_fast: list[str], tmp_path: Path) -> None:
    folder, output = hand_in(tmp_path / "in", ada="Ada says", bob="Bob says"), tmp_path / "out"
    assert command(folder, output) == 0
    before = {path.name: path.read_bytes() for path in (output / "feedback").iterdir()}
    table = read(output / "grades.csv")
    hand_in(folder, bob="Bob says it again", eve="Eve says")
    (output / "feedback" / "ada.html").write_bytes(before["ada.html"] + b"<!-- as it was -->")
    assert command(folder, output, "--only", "eve", "--fresh") == 0
    assert graded_fast == ["ada", "bob", "eve"]
    after = read(output / "grades.csv")
    assert after[:2] == table and [row["student"] for row in after] == ["ada", "bob", "eve"]
    assert (output / "feedback" / "ada.html").read_bytes() == before["ada.html"] + b"<!-- as it was -->"
    assert (output / "feedback" / "bob.html").read_bytes() == before["bob.html"]


def test_a_name_that_is_not_there_is_no_late_student(graded_fast: list[str], tmp_path: Path, capsys: Any) -> None:
    folder = hand_in(tmp_path / "in", ada="Ada says", bob="Bob says")
    assert command(folder, tmp_path / "out", "--only", "eva") == 2
    assert "only: got 'eva', expected one of ada, bob" in capsys.readouterr().err
    assert command(folder, tmp_path / "out", "--only", "ada") == 0
    assert "Not graded: bob" in capsys.readouterr().out and graded_fast == ["ada"]


# ---- rows that are gone ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", ["a row", "the table"])
def test_a_mark_whose_row_was_deleted_comes_back(
    graded_fast: list[str], tmp_path: Path, capsys: Any, gone: str
) -> None:
    folder, output = hand_in(tmp_path / "in", ada="Ada says", bob="Bob says"), tmp_path / "out"
    table = output / "to_mark.csv"
    assert command(folder, output) == 0
    fill_in(table, Ada=("1.5", "good"), Bob=("2", ""))
    assert command(folder, output) == 0
    rows = read(table)
    if gone == "the table":
        table.unlink()
    else:
        table.write_bytes(tables.as_csv([list(rows[0]), *[list(row.values()) for row in rows[1:]]]))
    capsys.readouterr()
    assert command(folder, output) == 0
    assert read(table) == rows
    assert "The row of 'ada' for in_words is gone from the table, and was put back" in capsys.readouterr().out
    fill_in(table, Ada=("", ""))  # a mark that is taken back stays so
    assert command(folder, output) == 0
    assert [row["points"] for row in read(table)] == ["", "2"]


# ---- marking without names ------------------------------------------------------------------------------------------


def test_a_table_without_names_keeps_its_order_and_its_marks(graded_fast: list[str], tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    hand_in(folder, **{f"student{k}": f"Word{k} of mine" for k in range(12)})
    assert command(folder, output, "--anonymous") == 0
    rows = read(output / "to_mark.csv")
    assert "student" not in "".join("".join(row.values()) for row in rows)
    assert [row["student"] for row in rows] == [row["key"] for row in rows]
    order = [row["text"].split()[0] for row in rows]
    assert order != sorted(order)
    fill_in(output / "to_mark.csv", Word3=("2,5", "Good."))
    hand_in(folder, late="Late and last")
    assert command(folder, output, "--anonymous") == 0
    rows = read(output / "to_mark.csv")
    assert [row["text"].split()[0] for row in rows if not row["text"].startswith("Late")] == order
    assert {row["text"]: row["points"] for row in rows if row["points"]} == {"Word3 of mine": "2,5"}
    assert [row["in_words (3)"] for row in read(output / "grades.csv") if row["student"] == "student3"] == ["2.5"]
    assert command(folder, output) == 0  # with the names again
    assert {row["student"]: row["points"] for row in read(output / "to_mark.csv")}["student3"] == "2,5"


# ---- what a spreadsheet does to the table ---------------------------------------------------------------------------


def test_a_table_saved_under_another_name_is_not_passed_over_in_silence(
    graded_fast: list[str], tmp_path: Path, capsys: Any
) -> None:
    folder, output = hand_in(tmp_path / "in", ada="Ada says"), tmp_path / "out"
    assert command(folder, output) == 0
    assert "lies beside" not in capsys.readouterr().out
    for name in ("to_mark.xlsx", "to_mark (1).csv", "To_mark-Sheet1.csv"):
        (output / name).write_bytes(b"PK")
        assert command(folder, output) == 0
        assert f"{name} lies beside to_mark.csv and is not read" in capsys.readouterr().out
        (output / name).unlink()
    marked = output / "to_mark_done.csv"
    marked.write_bytes((output / "to_mark.csv").read_bytes())
    assert command(folder, output, "--marks", marked) == 0
    assert "lies beside" not in capsys.readouterr().out


def test_a_comment_that_begins_like_a_formula_stays_as_it_was_typed(graded_fast: list[str], tmp_path: Path) -> None:
    folder, output = hand_in(tmp_path / "in", ada="Ada says"), tmp_path / "out"
    assert command(folder, output) == 0
    fill_in(output / "to_mark.csv", Ada=("1", "+ a drawing, - no numbers"))
    for _ in range(3):
        assert command(folder, output) == 0
        page = (output / "feedback" / "ada.html").read_text(encoding="utf-8")
        assert "+ a drawing, - no numbers" in page and "&#x27;+" not in page
        assert read(output / "to_mark.csv")[0]["comment"] == "'+ a drawing, - no numbers"


SAVED = {  # how a spreadsheet may write the two rows back: points and comment of ada, and what is known of bob
    "semicolons": "student;task;of;points;comment;text;key\r\nada;in_words;3;2,5;Good.;Ada says;{ada}\r\n"
    "bob;in_words;3;;;Bob says;{bob}\r\n",
    "sorted, without texts": "key,points,student,task,comment\n{bob},,bob,in_words,\n{ada},2.5,ada,in_words,Good.\n",
    "no keys": "Student\tTask\tPoints\tComment\nada\tin_words\t2,50\tGood.\nbob\tin_words\t\t\n",
    "a line for Excel, empty rows and columns": "sep=;\nstudent;task;points;comment;;\n;;;;;\n"
    "ADA ;in_words; 2,5 ;Good.;;\n;;;;;\n",
    "keys alone": "student,task,points,comment,key\n,in_words,2.5,Good.,{ada}\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("saved", SAVED)
def test_a_mark_survives_what_a_spreadsheet_makes_of_the_table(
    saved: str, encoding: str, graded_fast: list[str], tmp_path: Path
) -> None:
    folder, output = hand_in(tmp_path / "in", ada="Ada says", bob="Bob says"), tmp_path / "out"
    assert command(folder, output) == 0
    text = SAVED[saved].format(ada=marks.key_of("ada"), bob=marks.key_of("bob"))
    (output / "to_mark.csv").write_bytes(text.encode(encoding))
    assert command(folder, output) == 0
    rows = {row["student"]: row for row in read(output / "to_mark.csv")}
    assert set(rows) == {"ada", "bob"} and rows["ada"]["comment"] == "Good." and rows["bob"]["points"] == ""
    assert [row["in_words (3)"] for row in read(output / "grades.csv")] == ["2.5", ""]


# ---- a bank of comments ---------------------------------------------------------------------------------------------


def test_comments_are_written_once(graded_fast: list[str], tmp_path: Path, capsys: Any) -> None:
    folder, output = hand_in(tmp_path / "in", ada="Ada says", bob="Bob says", eve="Eve says"), tmp_path / "out"
    assert command(folder, output) == 0
    assert (output / "comments.csv").read_text(encoding="utf-8-sig").strip() == "short,comment"
    (output / "comments.csv").write_text("Short;Comment\nloss;What is <lost> is not named.\n", encoding="utf-8")
    fill_in(output / "to_mark.csv", Ada=("1", "#loss Else fine."), Bob=("1", "#Loss"), Eve=("0", "#nothing"))
    assert command(folder, output) == 0
    page = (output / "feedback" / "ada.html").read_text(encoding="utf-8")
    assert "What is &lt;lost&gt; is not named. Else fine." in page
    assert {row["comment"] for row in read(output / "to_mark.csv")} == {"#loss Else fine.", "#Loss", "#nothing"}
    assert "#nothing stands in a comment, and not in comments.csv" in capsys.readouterr().out
    summary = (output / "summary.html").read_text(encoding="utf-8")
    assert '<td class="number">2</td><td>What is &lt;lost&gt; is not named.</td>' in summary


def test_a_comment_of_two_texts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "comments.csv"
    path.write_text("short,comment\nx,one\n#X,two\n", encoding="utf-8")
    with pytest.raises(ValueError, match="comments: got 'x' twice, in line 3"):
        comments.read_bank(path)
    assert comments.expanded("1 # 2 and #y", {"x": "one"}) == "1 # 2 and #y"


# ---- names of a platform --------------------------------------------------------------------------------------------

TABLE = "student;Full name;ID;address\nada;Ada Lovelace;00123;ada@school\nbob;Bob;45;bob@school\neve;Eve;;eve@school\n"


@pytest.mark.parametrize(
    ("file", "student"),
    [
        ("ada", "ada"),
        ("ADA", "ada"),
        ("123", "ada"),
        ("Ada Lovelace_991234_assignsubmission_file_1_convolution", "ada"),
        ("ada@school", "ada"),
        ("bob_late_45_991_1_convolution", "bob"),
        ("adalovelace", "ada"),
        ("carol", None),
        ("_", None),
    ],
)
def test_a_file_belongs_to_whom_the_table_names(file: str, student: str | None, tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text(TABLE, encoding="utf-8")
    assert names.read_names(tmp_path / "names.csv").student_of(file) == student


def test_points_go_back_under_the_names_of_the_platform(graded_fast: list[str], tmp_path: Path, capsys: Any) -> None:
    table = tmp_path / "names.csv"
    table.write_text(TABLE, encoding="utf-8")
    folder = hand_in(tmp_path / "in", **{"Ada Lovelace_99_file_a": "Ada says", "45": "Bob says", "carol": "I say"})
    assert command(folder, tmp_path / "out", "--names", table) == 0
    assert [row["student"] for row in read(tmp_path / "out" / "grades.csv")] == ["ada", "bob", "carol"]
    rows = read(tmp_path / "out" / "points.csv")
    assert [(row["ID"], row["points"]) for row in rows] == [("00123", "1"), ("45", "1"), ("", "")]
    assert list(rows[0]) == ["student", "Full name", "ID", "address", "points"]
    said = capsys.readouterr().out
    assert "'carol' is not in the table of names" in said and "'eve' is in the table of names and has" in said


def test_two_files_of_one_student_are_both_graded(tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text(TABLE, encoding="utf-8")
    collected = Collected([Submission("00123"), Submission("ada")], [])
    found, _ = names.renamed(collected, names.read_names(tmp_path / "names.csv"))
    assert [one.student for one in found.submissions] == ["ada", "ada (2)"]
    assert found.submissions[1].remarks == ("Another submission is of the same student.",)


@pytest.mark.parametrize("text", ["name\nada\n", "student\nada\nada\n", "student,x\n,1\n"])
def test_a_table_of_names_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"^names: got "):
        names.read_names(tmp_path / "names.csv")


# ---- texts that are alike -------------------------------------------------------------------------------------------

ORIGINAL = (
    "With stride two every second window is left out, so the map has a quarter of the numbers. What stood at odd "
    "places is lost for good, and a shift by one pixel gives other numbers than before."
)
COPY = ORIGINAL.replace("for good", "forever").upper()
OTHER = (
    "A stride saves work because fewer windows are computed. One can check it by slicing the full map. If the object "
    "moves by one pixel, the result is not simply moved, since the windows begin at other pixels of the object."
)


def test_texts_with_few_changes_are_alike_and_others_are_not() -> None:
    found = similarity.groups_of_texts("in_words", {"ada": ORIGINAL, "bob": COPY, "eve": OTHER, "ian": ""}, "Say why.")
    assert [group.students for group in found] == [("ada", "bob")]


def test_the_words_of_the_question_are_no_copy() -> None:
    texts = {"ada": f"{ORIGINAL} Yes.", "bob": f"{ORIGINAL} No, it is lost."}
    assert similarity.groups_of_texts("in_words", texts, ORIGINAL) == []


# ---- the parts of the class -----------------------------------------------------------------------------------------


def test_the_summary_counts_parts(tmp_path: Path) -> None:
    def one(name: str, right: int) -> grading.Graded:
        results = [TaskResult(task.name, task.points) for task in ASSIGNMENT.tasks]
        part = {"name": "strides", "points": 2.0 * (right == 4), "of": 2, "right": right, "cases": 4}
        results[1].parts = [part, part | {"name": "finer", "of": -0.5, "points": -0.5 * (right < 4)}]
        return grading.Graded(name, results)

    graded = [one("ada", 4), one("bob", 2), one("eve", 0)]
    report.write_summary(tmp_path / "s.html", ASSIGNMENT, graded, [], "", [])
    page = (tmp_path / "s.html").read_text(encoding="utf-8")
    row = '<td>strides</td><td class="number">2</td><td class="number">1 of 3</td><td class="number">50%</td>'
    assert row in page
    assert '<td>finer</td><td class="number">-0.5</td><td class="number">1 of 3</td>' in page


def test_what_is_written_beside_submissions_is_none(graded_fast: list[str], tmp_path: Path) -> None:
    hand_in(tmp_path, ada="Ada says")
    assert command(tmp_path, tmp_path) == 0
    assert [one.student for one in collecting.collect(tmp_path, TASKS, tmp_path).submissions] == ["ada"]
    assert command(tmp_path, tmp_path) == 0 and graded_fast == ["ada"]
    assert marks.key_of("ada") == read(tmp_path / "to_mark.csv")[0]["key"]


def test_one_submission_is_counted_as_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], graded_fast: list[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    command(hand_in(folder, ada="So it is."), tmp_path / "out")
    assert re.search(r"^1 submission in \d+ s; points: 1\.$", capsys.readouterr().out, re.MULTILINE)
    command(hand_in(folder, bob="So it is not."), tmp_path / "out")
    assert re.search(r"^2 submissions in \d+ s, median 1 points\.$", capsys.readouterr().out, re.MULTILINE)
