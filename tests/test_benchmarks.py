"""The benchmark: that it runs, and that its table says what was found. How fast anything is, is no matter here."""

from __future__ import annotations

import json
import math
import pickle
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from threadpoolctl import threadpool_limits

from benchmarks import __main__ as command
from benchmarks import child, compare, growth, machine, report, step, timing, training
from benchmarks.goals import Figure, NotMeasuredError, Outcome, Row, goals, verdict, written
from benchmarks.report import Line
from benchmarks.rows import ROWS, selected
from cnnlib import SGD, blas_threads, fit, lenet5

ROOT = Path(__file__).resolve().parent.parent
ABOUT = machine.description() | {"steered": [], "quick": True}


def row(name: str) -> Row:
    return next(row for row in ROWS if row.name == name)


# ---- the command ----------------------------------------------------------------------------------------------------


def test_the_command_measures_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bench.md"
    assert command.main(["--quick", "--only", "import", "sliders", "--output", str(file)]) == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= report.WIDTH
    assert re.search(r"^import cnnlib after import numpy +\d\.\d\d s +≤0\.1 s +(reached must|missed)$", printed, re.M)
    assert re.search(r"^one step of a slider.* not measured: make test-browser", printed, re.M)
    assert file.read_text(encoding="utf-8").startswith("# Benchmarks")
    assert "## Beside networks that others wrote in NumPy" in file.read_text(encoding="utf-8")
    found = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    assert found["machine"]["numpy"] and found["machine"]["cores"] >= 1
    assert [(row["name"], len(row["figures"])) for row in found["rows"]] == [("import", 1), ("sliders", 0)]


def test_what_is_stored_is_what_the_next_run_is_compared_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, file in (("PAGE", "page.md"), ("STORED", "stored.json")):
        monkeypatch.setattr(command, name, tmp_path / file)
    monkeypatch.setattr(command, "selected", lambda names: [row("import")])
    seconds = iter([0.02, 0.09])

    def measured(row: Row, *rest: object) -> Iterator[Line]:
        yield Line(row, figures=(Figure(next(seconds)),))

    monkeypatch.setattr(command, "measured", measured)
    assert command.main(["--store"]) == 0
    assert "stored figures" not in capsys.readouterr().out
    assert command.main([]) == 0
    assert "import 0.02 s → 0.09 s" in capsys.readouterr().out
    assert "0.02 s" in (tmp_path / "page.md").read_text(encoding="utf-8")


def test_what_is_stored_is_measured_with_both_kernels_and_with_the_page_on_growth() -> None:
    def commands(*words: str) -> list[str]:
        told = subprocess.run(["make", "-n", "bench", *words], cwd=ROOT, capture_output=True, text=True, check=True)
        return [line for line in told.stdout.splitlines() if "-m benchmarks" in line]

    stored, growth_too = commands("STORE=1")
    assert stored.startswith("OPENBLAS_CORETYPE=Haswell ") and stored.endswith(" --store")
    assert growth_too.startswith("env -u OPENBLAS_CORETYPE ") and growth_too.endswith(" -m benchmarks.growth")
    assert ["CORETYPE" in line or "--store" in line for line in commands()] == [False]


def test_a_row_beside_another_package() -> None:
    pytest.importorskip("scipy")
    found = child.measured(row("image-float32"), quick=True)
    ((value, error),) = found["figures"]
    assert value > 0 and error > 0
    assert re.match(r"ours \d+\.\d\d ms, SciPy \d+\.\d\d ms", found["detail"])


def test_memory_is_measured_in_megabytes() -> None:
    ((grown, _),) = child.measured(row("memory-fit"), quick=True)["figures"]
    assert 1 < grown < 1000  # more than the batch of 0.4 MB


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "lenet", "lenet-7"], "row: got lenet-7, expected lenet-64, "),
        (["--output", "bench.json"], "output: got bench.json, expected a name that ends in .md"),
        (["--store", "--quick"], "store: what is stored is measured whole"),
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
        yield Line(row, figures=(Figure(0.07),))

    monkeypatch.setattr(command, "measured", interrupted)
    assert command.main(["--only", "import", "sliders"]) == 130
    printed = capsys.readouterr().out
    assert "0.07 s" in printed and "not measured: interrupted" in printed


# ---- which process --------------------------------------------------------------------------------------------------


def lines_of(name: str, monkeypatch: pytest.MonkeyPatch, **about: object) -> list[Line]:
    """Return the lines of a row, of which no process measures anything."""
    monkeypatch.setattr(
        command, "in_a_process", lambda row, without, quick: Line(row, "Zen", without, (Figure(1.0, 0.1), Figure(1.0)))
    )
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
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # a row says itself how many threads it may have
    line = command.in_a_process(row("loops"), ["OPENBLAS_CORETYPE"], quick=True)
    ((arguments, environment),) = seen
    assert arguments == [sys.executable, "-m", "benchmarks.child", "loops", "quick"]
    assert not {"OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS"} & set(environment) and "PATH" in environment
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
    assert verdict(tuple(Figure(value, 100.0) for value in figures), must, aim) == expected


@pytest.mark.parametrize(
    ("figures", "must", "expected"),
    [
        (((2.456, 0.061), (12.34, 0.26)), "≥1.8 / ≥1.5", "2.46 ±0.06 / 12.3 ±0.3"),
        (((15432.1, 0.0),), "≥1000", "15,432"),
        (((99.555, 0.1), (6.04, 0.0)), "≥99.0 % / ≤10 s", "99.56 ±0.10 % / 6.04 s"),
        (((38.6, float("inf")),), "≤60 MB", "39 MB"),
        (((float("inf"), 0.0),), "≤10 s", "never"),
    ],
)
def test_figures_are_written_in_the_unit_of_their_goal(
    figures: tuple[tuple[float, float], ...], must: str, expected: str
) -> None:
    assert written(tuple(Figure(*figure) for figure in figures), must) == expected


def test_the_goal_for_one_thread_depends_on_the_kernels_of_blas() -> None:
    assert row("lenet-64").must_with("Haswell") == "≥1.6 / ≥1.4"
    assert row("lenet-64").must_with("SkylakeX") == row("lenet-64").must_with("") == "≥2.6 / ≥2.2"
    assert row("fit-128-2").must_with("Haswell") == "≥2.0 / ≥1.8"


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
        figures = tuple(
            Figure(10 * goal.bound, goal.bound) if goal.unit != "%" else Figure(99.99, 9.99)
            for goal in goals(each.must)
        )
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
    line = Line(row("mnist-99"), figures=(Figure(float("inf")),))
    (found,) = json.loads(report.as_json(ABOUT, [line]))["rows"]
    assert found["figures"] == [[None, 0.0]] and found["verdict"] == "missed"


# ---- beside the stored figures --------------------------------------------------------------------------------------


def stored(*lines: Line) -> dict[str, object]:
    return json.loads(report.as_json(ABOUT, list(lines)))


def line(name: str, *figures: tuple[float, float], kernels: str = "Zen") -> Line:
    return Line(row(name), kernels, figures=tuple(Figure(*figure) for figure in figures))


@pytest.mark.parametrize(
    ("name", "was", "new", "says"),
    [
        ("lenet-1", (3.0, 0.1), (2.5, 0.1), "Worse than the stored figures"),
        ("lenet-1", (2.5, 0.1), (3.0, 0.1), "Better: lenet-1 (Zen) 2.50 ±0.10 → 3.00 ±0.10."),
        ("memory-fit", (20.0, 0.0), (30.0, 0.0), "Worse than the stored figures"),  # here less is better
        ("lenet-1", (3.0, 0.4), (2.5, 0.4), "Unchanged: 1."),  # not sure
        ("lenet-1", (3.0, 0.001), (2.95, 0.001), "Unchanged: 1."),  # sure, and not worth a word
        ("mnist-99", (4.0, 0.0), (float("inf"), 0.0), "Worse than the stored figures"),
        ("mnist-99", (float("inf"), 0.0), (4.0, 0.0), "Better: mnist-99 (Zen) never → 4.00 s."),
    ],
)
def test_a_change_is_told_where_it_is_sure(
    name: str, was: tuple[float, float], new: tuple[float, float], says: str
) -> None:
    told = compare.sentences(stored(line(name, was)), ABOUT, [line(name, new)])
    assert any(text.startswith(says) for text in told), told
    assert ("Nothing is worse" in told[0]) == (not says.startswith("Worse"))


def test_figures_of_other_kernels_are_not_compared() -> None:
    told = compare.sentences(
        stored(line("lenet-1", (9.0, 0.1))), ABOUT, [line("lenet-1", (1.0, 0.1), kernels="Haswell")]
    )
    assert told[-1] == "Unchanged: 0."
    other = ABOUT | {"processor": "another one"}
    assert "measured on another processor" in compare.sentences(stored(), other, [])[0]


# ---- how cost grows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs", "says"),
    [
        ([1, 1, 1, 1, 1], [2, 3, 2, 2, 2], "cnnlib needs less at every setting, by a factor of 2.0 to 3.0."),
        ([4, 4, 4, 4, 4], [2, 2, 2, 2, 1], "PyTorch needs less at every setting, by a factor of 2.0 to 4.0."),
        ([1, 1, 4, 4, 4], [2, 2, 2, 2, 2], "cnnlib needs less up to 3, PyTorch from 5 on, by a factor of 2.0."),
        (
            [1, 9, 9, 1, 1],
            [2, 2, 2, 2, 4],
            "cnnlib needs less at 1, PyTorch from 3 to 5, cnnlib from 9 on, by a factor of 2.0 to 4.0.",
        ),
    ],
)
def test_where_curves_cross_is_said(ours: list[float], theirs: list[float], says: str) -> None:
    assert says in growth.crossing("kernel size", {"cnnlib": ours, "PyTorch": theirs})


def test_the_page_of_growth_shows_every_figure() -> None:
    found = {
        axis: {side: [10.0 * place + k for k in range(len(settings))] for place, side in enumerate(growth.SIDES, 1)}
        for axis, settings in growth.AXES.items()
    }
    page = growth.page(found, found, ABOUT)
    assert page.count("<img ") == 2 and page.count('alt="') == 2
    for settings in growth.AXES.values():
        assert page.count("| " + " | ".join(map(str, settings)) + " |") == 2
    assert page.count("| cnnlib, ms | 10 | 11 |") == page.count("| cnnlib, MB | 10 | 11 |") == len(growth.AXES)


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
    assert timed.blocks == {"a": [1.0, 2.5], "b": [5.0, 5.0]}
    assert timed.spread == {"a": 1.5, "b": 1.0}
    assert not timed.steady
    assert timed.text(str) == "a 1.5, b 5.0 (median over best block: a 1.5×)"


def test_rounds_end_early_only_where_every_ratio_is_sure() -> None:
    def rounds(noise: dict[str, float]) -> int:
        rng = np.random.default_rng(3)
        sides = {name: lambda count, sd=sd: list(rng.normal(1, sd, count)) for name, sd in noise.items()}
        return len(timing.in_turn(sides, timing.Plan(8, 0, 3)).blocks["a"])

    assert rounds({"a": 0.001, "b": 0.001, "c": 0.001}) == timing.FEWEST
    assert rounds({"a": 0.001, "b": 0.001, "c": 0.2}) == rounds({"a": 0.2, "b": 0.001}) == 8
    assert rounds({"a": 0.2}) == 8  # alone there is no ratio


def test_an_early_end_hardly_makes_intervals_too_short() -> None:
    rng, held, runs = np.random.default_rng(5), 0, 2000
    for _ in range(runs):
        logs = list(rng.normal(0, 0.02, 6))
        seen: list[float] = []
        for log in logs:
            seen.append(log)
            if timing.sure([seen]):
                break
        value, error = timing.mean_of(seen)
        held += abs(value) <= error
    assert held / runs > 0.92  # of intervals that are to hold the true ratio 95 times in 100


def test_a_ratio_is_the_mean_over_rounds_with_its_interval() -> None:
    blocks = {"ours": [1.0, 2.0, 4.0], "theirs": [2.0, 4.4, 7.6]}  # the machine slowed down; the ratio hardly changed
    timed = timing.Timed(blocks, {}, {})
    logs = np.log([2.0, 2.2, 1.9])
    value, error = timed.ratio("theirs", "ours")
    assert value == pytest.approx(np.exp(logs.mean()))
    half = stats.t.ppf(0.975, 2) * logs.std(ddof=1) / np.sqrt(3)
    assert error == pytest.approx(value * np.expm1(half), rel=1e-2)


@pytest.mark.parametrize("count", [2, 5, 12])
def test_the_interval_of_a_mean_is_students(count: int) -> None:
    values = np.random.default_rng(count).normal(size=count)
    low, high = stats.t.interval(0.95, count - 1, values.mean(), stats.sem(values))
    assert timing.mean_of(values.tolist()) == pytest.approx((values.mean(), (high - low) / 2), rel=2e-3)


def test_a_single_value_has_no_interval() -> None:
    assert timing.mean_of([3.0]) == (3.0, float("inf"))
    assert json.loads(report.as_json(ABOUT, [line("lenet-1", (3.0, float("inf")))]))["rows"][0]["figures"] == [
        [3.0, None]
    ]


def test_what_cannot_be_measured_gives_its_reason() -> None:
    def measure(quick: bool) -> Outcome:
        raise NotMeasuredError("no data")

    found = child.measured(Row("x", "section", "what", measure, "≥1"), quick=True)
    assert found["reason"] == "no data" and "figures" not in found


# ---- several seeds ---------------------------------------------------------------------------------------------------


def threads_and_weights(seed: int) -> tuple[float, float]:
    """Train a little, on random images; return a number made of all weights, and how many threads there may be."""
    images = np.random.default_rng(0).random((256, 1, 28, 28), np.float32), np.arange(256) % 10
    network = lenet5(rng=seed)
    fit(network, SGD(network, 0.01), images, epochs=1, batch_size=128, rng=seed, progress=False)
    return sum(float(array.sum()) for array in network.parameters().values()), blas_threads.max_threads()


def test_seeds_side_by_side_give_what_they_give_alone_and_only_those_alone_are_timed() -> None:
    with threadpool_limits(2, "blas"):  # a child of its own has as many as there are cores
        expected = [threads_and_weights(seed) for seed in (1, 2, 3)]
        found = training.trained(threads_and_weights, 3, alone=1)
        assert training.trained(threads_and_weights, 1, alone=5) == [expected[0]]
    assert found[0] == expected[0]
    assert [error for error, _ in found] == [error for error, _ in expected]
    assert np.isnan([seconds for _, seconds in found]).tolist() == [False, True, True]


def test_the_time_of_a_row_is_that_of_seeds_that_trained_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "mnist_is_available", lambda: True)
    runs = [(0.5, 20.0), (0.7, math.nan), (0.6, math.nan)]
    # another process can be told what it is to do
    monkeypatch.setattr(training, "trained", lambda train, count, alone: pickle.loads(pickle.dumps(train)) and runs)
    (error, error_of_mean), (seconds, _) = training.mnist_error(quick=False).figures
    half = stats.t.ppf(0.975, 2) * np.std([0.5, 0.7, 0.6], ddof=1) / math.sqrt(3)
    assert (error, seconds) == (pytest.approx(0.6), 20.0) and error_of_mean == pytest.approx(half, rel=1e-2)
    told = training.mnist_error(quick=False).detail
    assert "error 0.60 % (0.50 to 0.70, 3 seeds); 20.00 s, 1 seed" in told
    (accuracy, _), (seconds, _) = training.digits(quick=False).figures
    assert (accuracy, seconds) == (pytest.approx(99.4), 20.0)
    assert "accuracy 99.40 % (99.30 to 99.50, 3 seeds); 20.00 s, 1 seed" in training.digits(quick=False).detail
    runs[:] = [(0.9, 5.0), (1.1, 4.0)]  # one seed does not get to 99 %
    assert training.mnist_seconds(quick=False).figures == (Figure(math.inf),)
    runs[1] = (1.0, 6.0)
    assert training.mnist_seconds(quick=False).figures == (Figure(6.0),)


# ---- what others publish ---------------------------------------------------------------------------------------------


def test_what_others_publish_stands_beside_ours_with_its_source() -> None:
    said = tomllib.loads(report.PUBLISHED.read_text(encoding="utf-8"))
    ours = Line(row("mnist-error"), figures=(Figure(0.006, 0.0001), Figure(12.0)))
    table = report.published([ours, Line(row("mnist-99"), reason="no MNIST"), Line(row("import"))])
    assert "| MNIST: error of 5 seeds / time of one | " in table and "measured here |" in table
    assert "to 99 %" not in table and "import cnnlib" not in table
    for one in said["network"]:
        assert re.fullmatch("[0-9a-f]{40}", one["commit"])
        assert f"https://github.com/{one['source']}/blob/{one['commit']}/README.md" in table
        assert one["time"] in table and one["what"] in table and one["remark"]
    assert f"read on {said['read'].day} November 2026" in table
    assert table.count("\n| ") == 2 + len(said["network"])
    assert set(report.BESIDE) <= {row.name for row in ROWS}


def test_the_products_of_a_step_are_the_multiply_adds_of_the_network() -> None:
    network, batch = lenet5(rng=0), 3
    counted = {step.FORWARD: 0, step.BACKWARD: 0}
    for (_, direction), found in step.of_a_step(batch).items():
        counted[direction] += sum(product.multiply_adds for product in found)
    once = batch * network.multiply_adds((1, 28, 28))
    first = batch * network[0].multiply_adds((1, 28, 28))
    assert counted == {step.FORWARD: once, step.BACKWARD: 2 * once - first}


def test_where_a_step_goes_is_told_for_every_layer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(step, "STEPS", 4)
    monkeypatch.setattr("sys.argv", ["step", "--batch", "2"])
    step.main()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 2 * len(lenet5(rng=0)) + 2 + 2
    assert lines[-2].startswith("together")
    assert lines[-1].startswith("at the speed of one large product, ") and float(lines[-1].split()[-2]) > 0
