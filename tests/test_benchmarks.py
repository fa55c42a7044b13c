"""The benchmark: that it runs, and that its table says what was found. How fast anything is, is no matter here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import child, machine, report, timing
from benchmarks.goals import NotMeasuredError, Outcome, Row, goals, verdict, written
from benchmarks.report import Line
from benchmarks.rows import ROWS, selected

ABOUT = machine.description() | {"steered": [], "quick": True}


def row(name: str) -> Row:
    return next(row for row in ROWS if row.name == name)


# ---- the command ----------------------------------------------------------------------------------------------------


def test_the_command_measures_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bench.json"
    assert command.main(["--quick", "--only", "import", "sliders", "--output", str(file)]) == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= report.WIDTH
    assert re.search(r"^import cnnlib after import numpy +\d\.\d\d s +≤0\.2 s +(reached must|missed)$", printed, re.M)
    assert re.search(r"^one step of a slider.* not measured: make test-browser", printed, re.M)
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["machine"]["numpy"] and found["machine"]["cores"] >= 1
    assert [(row["name"], len(row["figures"])) for row in found["rows"]] == [("import", 1), ("sliders", 0)]


def test_a_row_beside_another_package() -> None:
    pytest.importorskip("scipy")
    found = child.measured(row("image-float32"), quick=True)
    (figure,) = found["figures"]
    assert figure > 0
    assert re.match(r"ours \d+\.\d\d ms, SciPy \d+\.\d\d ms", found["detail"])


def test_memory_is_measured_in_megabytes() -> None:
    (grown,) = child.measured(row("memory-fit"), quick=True)["figures"]
    assert 1 < grown < 1000  # more than the batch of 0.4 MB


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "lenet", "lenet-7"], "row: got lenet-7, expected lenet-64, "),
        (["--output", "bench.txt"], "output: got bench.txt, expected a name that ends in .md or .json"),
        (["--output", "no/such/bench.md"], "output: got no/such/bench.md, expected a file in a folder that exists"),
    ],
)
def test_a_wrong_command_line_measures_nothing(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_rows_by_the_beginning_of_their_names() -> None:
    assert [row.name for row in selected(["import", "image"])] == ["image-float32", "image-float64", "import"]
    assert [row.name for row in selected(["lenet-1"])] == ["lenet-1"]
    assert len(selected(["lenet"])) > 1
    assert selected(None) == ROWS


def test_ctrl_c_leaves_what_was_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(row: Row, *rest: object) -> Iterator[Line]:
        if row.name == "sliders":
            raise KeyboardInterrupt
        yield Line(row, figures=(0.07,))

    monkeypatch.setattr(command, "measured", interrupted)
    assert command.main(["--only", "import", "sliders"]) == 130
    printed = capsys.readouterr().out
    assert "0.07 s" in printed and "not measured: interrupted" in printed


# ---- which process --------------------------------------------------------------------------------------------------


def lines_of(name: str, monkeypatch: pytest.MonkeyPatch, **about: object) -> list[Line]:
    """Return the lines of a row, of which no process measures anything."""
    monkeypatch.setattr(command, "in_a_process", lambda row, without, quick: Line(row, "Zen", without, (1.0, 1.0)))
    return list(command.measured(row(name), ABOUT | about, quick=True))


def test_without_pytorch_its_rows_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    (line,) = lines_of("lenet-64", monkeypatch)
    assert "not measured: PyTorch is not installed" in report.as_text(ABOUT, [line])
    assert line.verdict == "not measured"
    (line,) = lines_of("loops", monkeypatch)
    assert line.figures


def test_rows_for_two_cores_need_two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: "found")
    (line,) = lines_of("fit-128-2", monkeypatch, cores=1)
    assert line.reason == "this process may use one core only"
    (line,) = lines_of("fit-128-2", monkeypatch, cores=2)
    assert line.figures


def test_a_choice_for_blas_is_told_and_measured_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    about = ABOUT | {"steered": ["OPENBLAS_CORETYPE"], "environment": {"OPENBLAS_CORETYPE": "Zen"}}
    lines = lines_of("loops", monkeypatch, **about)
    assert [line.without for line in lines] == [[], ["OPENBLAS_CORETYPE"]]
    assert len(lines_of("import", monkeypatch, **about)) == 1  # does not depend on BLAS
    text = report.as_text(about, lines)
    assert "OPENBLAS_CORETYPE=Zen" in text
    assert "OPENBLAS_CORETYPE: set here" in text
    assert "... BLAS's own choice, Zen" in text


def test_a_process_gets_the_environment_without_what_it_is_to_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def run(arguments: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        seen.append((arguments, options["env"]))
        return subprocess.CompletedProcess(arguments, 0, 'a warning\n{"kernels": "Zen", "reason": "no data"}\n', "")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    line = command.in_a_process(row("loops"), ["OPENBLAS_CORETYPE"], quick=True)
    ((arguments, environment),) = seen
    assert arguments == [sys.executable, "-m", "benchmarks.child", "loops", "quick"]
    assert "OPENBLAS_CORETYPE" not in environment and "PATH" in environment
    assert (line.kernels, line.figures, line.reason) == ("Zen", (), "no data")


def test_a_row_that_breaks_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(arguments: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(arguments, 1, "", "Traceback\nValueError: x: got 3\n")

    monkeypatch.setattr(subprocess, "run", run)
    assert command.main(["--only", "import", "chapters"]) == 1
    assert capsys.readouterr().out.count("not measured: error: ValueError: x: got 3") == 2


# ---- the verdict ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "must", "aim", "expected"),
    [
        ((2.5, 2.3), "≥1.8 / ≥1.5", "≥2.5 / ≥2.3", "reached aim"),
        ((2.6, 2.2), "≥1.8 / ≥1.5", "≥2.5 / ≥2.3", "reached must"),
        ((2.6, 1.4), "≥1.8 / ≥1.5", "≥2.5 / ≥2.3", "missed"),
        ((0.9, 1.4), "≤1.4", "≤1.0", "reached must"),  # one goal for both figures
        ((0.9, 1.5), "≤1.4", "≤1.0", "missed"),
        ((99.6, 11.0), "≥99.0 % / ≤10 s", "≥99.5 % / ≤10 s", "missed"),
        ((0.1,), "≤0.2 s", "", "reached must"),
        ((float("inf"),), "≤10 s", "≤3 s", "missed"),
        ((float("nan"),), "≥1.8", "≥3", "missed"),
    ],
)
def test_verdict(figures: tuple[float, ...], must: str, aim: str, expected: str) -> None:
    assert verdict(figures, must, aim) == expected


@pytest.mark.parametrize(
    ("figures", "must", "expected"),
    [
        ((2.456, 12.34), "≥1.8 / ≥1.5", "2.46 / 12.3"),
        ((15432.1,), "≥1000", "15,432"),
        ((99.555, 6.04), "≥99.0 % / ≤10 s", "99.56 % / 6.04 s"),
        ((38.6,), "≤60 MB", "39 MB"),
        ((float("inf"),), "≤10 s", "never"),
    ],
)
def test_figures_are_written_in_the_unit_of_their_goal(figures: tuple[float, ...], must: str, expected: str) -> None:
    assert written(figures, must) == expected


def test_the_goal_for_one_thread_depends_on_the_kernels_of_blas() -> None:
    assert row("lenet-64").must_with("Haswell") == "≥1.35 / ≥1.2"
    assert row("lenet-64").must_with("SkylakeX") == row("lenet-64").must_with("") == "≥1.8 / ≥1.5"
    assert row("fit-128-2").must_with("Haswell") == "≥1.6 / ≥1.4"


def test_the_aim_is_never_below_the_goal() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
    for each in ROWS:
        assert goals(each.must)
        for must, aim in zip(goals(each.must), goals(each.aim), strict=False):
            assert must.at_least == aim.at_least and must.unit == aim.unit
            assert must.reached_by(aim.bound), each.name


# ---- the report -----------------------------------------------------------------------------------------------------


def wide_lines() -> Iterator[Line]:
    """Yield lines for all rows with wide figures, then with a long reason."""
    for each in ROWS:
        figures = tuple(10 * goal.bound if goal.unit != "%" else 99.99 for goal in goals(each.must))
        yield Line(each, "Haswell", figures=figures, detail="word " * 60, steady=False)
        if each.blas:
            yield Line(each, "SapphireRapids", ["OPENBLAS_CORETYPE"], figures)
        yield Line(each, reason="a reason that is longer than a line has room for, " * 3)


def test_no_line_is_too_wide() -> None:
    text = report.as_text(ABOUT, list(wide_lines()))
    assert max(map(len, text.splitlines())) <= report.WIDTH
    assert "?" in text


def test_markdown_has_a_table_for_each_section() -> None:
    page = report.as_markdown(ABOUT, list(wide_lines()))
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {len(report.HEADINGS) + 1}
    assert page.count("\n|---|") == len({each.section for each in ROWS})


def test_json_keeps_an_infinite_figure_apart() -> None:
    line = Line(row("mnist-99"), figures=(float("inf"),))
    (found,) = json.loads(report.as_json(ABOUT, [line]))["rows"]
    assert found["figures"] == [None] and found["verdict"] == "missed"


# ---- timing ---------------------------------------------------------------------------------------------------------


def test_sides_take_turns_in_blocks_and_the_warm_up_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing.time, "sleep", lambda seconds: None)
    calls = []

    def side(name: str, blocks: list[list[float]]) -> timing.Side:
        def steps(count: int) -> list[float]:
            calls.append(name)
            return [100.0] + blocks[calls.count(name) - 1][: count - 1]

        return steps

    sides = {"a": side("a", [[1.0, 1.0], [2.0, 3.0]]), "b": side("b", [[5.0, 5.0], [5.0, 5.0]])}
    timed = timing.in_turn(sides, timing.Plan(blocks=2, warm_up=1, steps=2))
    assert calls == ["a", "b", "b", "a"]
    assert timed.seconds == {"a": 1.5, "b": 5.0}
    assert timed.spread == {"a": 1.5, "b": 1.0}
    assert not timed.steady
    assert timed.text(str) == "a 1.5, b 5.0 (median over best block: a 1.5×)"


def test_what_cannot_be_measured_gives_its_reason() -> None:
    def measure(quick: bool) -> Outcome:
        raise NotMeasuredError("no data")

    found = child.measured(Row("x", "section", "what", measure, "≥1"), quick=True)
    assert found["reason"] == "no data" and "figures" not in found
