"""Cells as IPython would run them: nothing right is lost for a line that only a notebook, or only a plot, needs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import made_up_class as made_up
import pytest
import solutions
from IPython.core.inputtransformer2 import TransformerManager

from cnngrader import grading, marks, notebook_code, received, sandbox, submission
from cnngrader.grading import TEXTS
from cnngrader.task import Task

ASSIGNMENT = made_up.ASSIGNMENT
TASKS = {task.name: task for task in ASSIGNMENT.tasks}
DONE = "\ndone{k} = True\n"
# Cells of which the line DONE must run, whatever stands around it.
NOTEBOOK = {
    "help": "np.pad?{}",
    "help in front": "?np.pad{}",
    "source": "np.pad??{}",
    "a list of files": "x = !ls{}",
    "a magic with a result": "t = %timeit -o 1{}t.average",
    "two lines of a command": "!pip install a \\\n  b{}",
    "a cell that is indented": "    a = 1\n    done{k} = True",
    "prompts": ">>> a = 1\n>>> done{k} = True\n",
    "prompts of IPython": "In [3]: done{k} = True",
    "a remainder on a line of its own": "x = (7\n%2){}",
    "a comparison on a line of its own": "x = (7\n!=2){}",
    "a text with a magic": "s = '''\n%a\n!b\n'''{}assert '%a' in s",
    "a command in a block": "if True:\n    !ls\n    %time done{k} = True",
    "time": "%time done{k} = True",
    "time with a value": "x = %time 3 + 4{}assert x == 7",
    "a timed cell": "\n%%time\n{}",
    "a captured cell": "%%capture out --no-stderr\n{}out.show()",
    "two cell magics": "%%time\n%%capture\n{}",
    "a captured page": "%%capture out\n%%html\n<b>\nAFTER{}out.show()",
    "a captured cell with settings in front": "%%capture --no-stderr out\n{}out.show()",
    "a list of files in a cell": "%%bash --out found --err=wrong\nls\nAFTER{}print(found, wrong)",
    "a shell": "%%!\nls\nAFTER{}",
    "a page between": "%%html\n<b>not Python: x = = 3</b>\nAFTER{}",
    "a module": "%%writefile own_module.py\ndef one():\n    return 1\nAFTER"
    "%%writefile -a own_module.py\ntwo = 2\nAFTERfrom own_module import one, two{}assert one() + two == 3",
    "modules one after the other": "".join(
        f"%%writefile quick{n}.py\nx = {n}\nAFTERimport quick{n}\nassert quick{n}.x == {n}\nAFTER" for n in range(30)
    )
    + "{}",
    "a file of numbers": "%%file 'own.csv'\n1, 2\nAFTERassert np.loadtxt('own.csv', delimiter=',').sum() == 3{}",
    "a file that is run": "%%writefile other.py\nrun = 7\nAFTER%run -i other.py\nassert run == 7\nrun = 0\n"
    "%run other\nassert run == 7{}",
    "a timed loop": "kept = 1\nAFTER%%timeit kept = 2\nkept = 3\nAFTERassert kept == 1{}",
    "a profile": "%%prun -q\nseen = 1\nAFTERassert seen == 1{}",
    "pylab": "%pylab inline\nassert zeros(3).shape == numpy.ones(3).shape\nplt.plot(zeros(3)){}",
    "a magic below a comment": "# Task 2\n%%time\n{}",
    "a magic that nobody knows": "%%my_magic a b\n{}",
    "pip without a sign": "pip install tqdm{}",
    "a line that is none": "x = = 3{}",
    "an f-string of 3.12": "d = {{'a': 1}}\nx = f\"{{d[\"a\"]}}\"{}",
    "a bracket left open": "done{k} = True\nx = (1",
    "a long text": "x = '''a\nb\n'''\nthis is no code\ny = '''\nc'''{}assert y",
    "waiting": "await display(1){}",
    "two axes": "PLTfig, ax = plt.subplots(){}",
    "a figure of many": "PLTfig, (a, *b) = plt.subplots(1, 3)\n(a, b), [c, d] = plt.x{}",
    "a histogram": "PLTn, b, p = plt.hist([1], 3)\nprint(f'{{n[0].max():.2f}}', b + 1 < 2){}",
    "settings": "PLTplt.rcParams['a.b'] = 1\nplt.rcParams.update(a=1)\ndel plt.rcParams['a']{}",
    "contexts": "PLTwith plt.style.context('x') as a, plt.xkcd():\n    pass{}",
    "items of axes": "PLTaxes = plt.subplots(2, 2)[1]\naxes[0, 1].set(title='a')\n"
    "for ax in axes.flat:\n    ax.plot(1)\naxes[0] += 1\naxes.x = -axes[:, 1] / 2 @ np.ones(3) + np.ones(2)\n"
    "len(axes), int(axes[0]){}",
    "a plot that fails": "PLTplt.plot(np.ones(3)[7]){}",
    "what a plot gives": "PLTm = plt.x.y(np.ones(2)[5])\nm.z = m.get(3)[0]{}",
    "a version": "import matplotlib\nprint(matplotlib.__version__){}",
    "a bar that is told things": "from tqdm.auto import tqdm\nk = 0\nwith tqdm(range(3), desc='x') as bar:\n"
    "    for x in bar:\n"
    "        bar.set_postfix(loss=x)\n        k += 1\nassert k == 3{}",
    "bars": "import tqdm.notebook as tn\nfrom tqdm import tqdm, trange, notebook\n"
    "x = [*tqdm(np.arange(2)), *trange(1, 3), *tn.tqdm([1]), *notebook.tqdm((1, 2))]\n"
    "tqdm.write('x')\nassert len(x) == 7\n"
    "assert len(tqdm(range(4))) == 4{}",
    "a bar of another package": "from rich.progress import track\nassert [*track(range(3))] == [0, 1, 2]{}",
    "Colab": "from google.colab import drive, files\ndrive.mount('/content/drive')\nfiles.download('x'){}",
    "packages": "import os, pandas as pd, seaborn as sns\npd.set_option('display.x', 3)\nsns.set_theme(){}os.getcwd()",
    "a table": "import pandas as pd\n"
    "df = pd.read_csv('x')\ndf['a'] = df.b.mean() * 2\ntop, rest = df.groupby('a')['b']{}",
    "a package that is tried": "try:\n    import torch\nexcept ImportError:\n    pass\ntorch.manual_seed(0){}",
    "a class of a package": "import torch.nn as nn\nclass Net(nn.Module):\n    pass{}",
    "a decorator": "from numba import njit\n@njit(cache=True)\ndef one():\n    return 1{}assert one() == 1",
    "a file": "x = open('/content/data.csv').read()\ny = x.split()[0]\nnp.load('none.npy'){}",
    "a question": "name = input('your name'){}",
    "chapter 07": "from cnncourse import checks, explorers, plots\nfrom cnncourse.plots import grid, grids{}",
    "a live picture": "from cnncourse import plots\nlive = plots.Live()\nlive.show(plots.grid(np.ones((2, 2)))){}",
    "checks": "from cnncourse.assignments import checks\nassert checks.x(1).right and checks.y(2).status == 'right'{}",
    "widgets": "from ipywidgets import interact, IntSlider\n@interact(x=IntSlider(3))\ndef shown(x):\n    return x\n"
    "k = IntSlider().value\n[1, 2][k]{}assert shown(3) == 3",
    "what was shown before": "print(_, Out[3], In[-1]){}exit()",
    "showing": "from IPython.display import display, Image\ndisplay(Image('x.png'))\n"
    "get_ipython().ast_node_interactivity = 'all'{}",
}  # fmt: skip

# Cells of which nothing after the first line may run: that is how IPython does it.
STOPS = {
    "an error": "1 / 0{}",
    "a name that is none": "nothing + 1{}",
    "another language": "%%bash\n{}",
    "a page": "%%html\n{}",
    "a file that is written": "%%writefile x.txt\n{}",
    "a loop that is timed": "%%timeit\n{}",
    "the end": "import sys\nsys.exit(){}",
}


def cell(source: str, k: int) -> str:
    """Return the text of the k-th cell."""
    return source.replace("{}", DONE).format(k=k).replace("PLT", "import matplotlib.pyplot as plt\n")


def inside(cells: list[tuple[int, str]], needs: str = "numpy", wrapped: bool = True) -> tuple[Any, list[Any]]:
    """Return what the function f gives after these cells, and what was said of the cells."""
    content = {"cells": cells, "answer": "f", "kind": "function", "call_seconds": 5, "cell_seconds": 20}
    content |= {"calls": [{"arguments": [], "positional": 0}]}
    run = sandbox.run(content, [], sandbox.Limits(60, 1024, 1 << 20), needs, wrapped)
    assert not run.fault and not run.ended
    state, answer = (message for message, _ in run.messages if "cells" in message or "call" in message)
    return answer.get("value", answer), state["cells"]


@pytest.fixture(scope="module", params=["wrapped", "bare"])
def done(request: Any) -> tuple[dict[str, bool], dict[int, list[dict[str, Any]]]]:
    """Return which of the cells got to their end, and the errors by cell."""
    cells = NOTEBOOK | STOPS
    sources = [(-1, "import numpy as np")]
    # A cell with AFTER in it is several ones.
    sources += [(k, part) for k, source in enumerate(cells.values()) for part in cell(source, k).split("AFTER")]
    last = f"def f():\n    return ' '.join(str(k) for k in range({len(cells)}) if f'done{{k}}' in globals())"
    value, told = inside([*sources, (len(cells), last)], wrapped=request.param == "wrapped")
    there = {int(k) for k in value.split()}
    errors: dict[int, list[dict[str, Any]]] = {}
    for error in told:
        errors.setdefault(int(re.sub(r"\D", "", error["cell"])), []).append(error)
    return {name: k in there for k, name in enumerate(cells)}, errors


def test_a_line_that_only_a_notebook_understands_costs_nothing(done: Any) -> None:
    assert [name for name in NOTEBOOK if not done[0][name]] == []


def test_an_error_of_ones_own_ends_a_cell(done: Any) -> None:
    assert [name for name in STOPS if done[0][name]] == []


def test_what_is_not_there_is_said_and_nothing_else(done: Any) -> None:
    told = {name: done[1].get(k, []) for k, name in enumerate(NOTEBOOK)}
    silent = [name for name, errors in told.items() if not errors]
    assert len(silent) > 30 and "two axes" in silent and "a bar that is told things" in silent
    for name, errors in told.items():
        if any(error.get("not_there") for error in errors):
            assert name in (
                "a plot that fails", "what a plot gives", "a bar of another package", "Colab", "packages", "a table",
                "a class of a package", "a decorator", "a file", "a question", "waiting",
            ), (name, errors)  # fmt: skip


@pytest.mark.parametrize("source", NOTEBOOK.values(), ids=NOTEBOOK)
def test_without_ipython_no_cell_does_harm(source: str) -> None:
    bodies = [notebook_code.statements(part, "<cell 1>", None)[0] for part in cell(source, 1).split("AFTER")]
    assert bodies[-1] or source.startswith(">>>")


def test_lines_keep_their_numbers() -> None:
    transform = TransformerManager().transform_cell
    source = "\n\n%%time\n\nx = 1\ny = = 2\nz = 3\n"
    for text, lines in (
        (source, [5, 7]),
        (source.replace("= =", "="), [5, 6, 7]),
        ("%time a = 1\n%time b = 2", [1, 2]),
    ):
        body, _ = notebook_code.statements(text, "<cell 1>", transform)
        assert [statement.lineno for statement in body] == lines


def test_the_network_trains_beside_a_live_picture() -> None:
    source = (
        "import cnnlib\nfrom cnncourse import plots\nfrom cnnlib import Adam, Flatten, Linear, Sequential, fit\n"
        "x, y = cnnlib.load_digits()[0]\nnet = Sequential(Flatten(), Linear(784, 10, rng=0))\nlive = plots.Live()\n"
        "h = fit(net, Adam(net, 0.01), (x[:99], y[:99]), epochs=2, rng=0,\n"
        "callback=lambda e, h: live.show(plots.curves(h)))"
    )
    value, errors = inside([(1, source), (2, "def f():\n    return len(h['loss'])")], "cnnlib")
    assert value == {"int": "0x2"} and errors == []


def test_an_array_of_what_is_not_there_is_a_stand_in() -> None:
    source = "import numpy as np\nfrom PIL import Image\nx = np.array(Image.open('a.png'))\ny = x[0, 0] / 255\nz = 7"
    value, errors = inside([(1, source), (2, "def f():\n    return z")])
    assert value == {"int": "0x7"} and all(error["not_there"] for error in errors)


def test_a_syntax_error_is_no_waiting() -> None:
    value, errors = inside([(1, "def f():\n    return 1\n"), (2, "return 3\ndone = 1")])
    assert value == {"int": "0x1"} and not any(error.get("not_there") for error in errors)


# ---- whole notebooks with magics ------------------------------------------------------------------------------------

BESIDE = {
    "writefile": "%%writefile notes.txt\nmy_output_size = 3 (",
    "capture": "%%capture out\nprint(1)\n1 / 0",
    "time": "%%time\nsum(range(9))\nno_such_name",
    "timeit": "%%timeit\nmy_output_size = 3",
    "bash": "%%bash --out listing\nls | wc",
    "html": "%%html\n<b>my_max_pool2d = 3</b>",
    "javascript": "%%js\nalert(3);",
    "unknown": "%%nobody knows\n(",
    "comment": "# see below\n%%writefile notes.txt\n",
}


@pytest.mark.parametrize("magic", BESIDE)
def test_a_cell_magic_beside_the_solutions_costs_nothing(magic: str, tmp_path: Path) -> None:
    cells = [part for one in made_up.cells() for part in (one, made_up.code(BESIDE[magic]))]
    assert graded(tmp_path, cells).points == made_up.ALL


@pytest.mark.parametrize("magic", ["%%time", "%%capture out", "%%prun -q", "%%capture\n%%time", "\n\n%%time"])
def test_a_cell_magic_that_runs_a_solution_costs_nothing(magic: str, tmp_path: Path) -> None:
    one = graded(tmp_path, made_up.cells({"max_pool2d": f"{magic}\n{made_up.POOL}"}))
    assert one.points == made_up.ALL and TEXTS["uncovered"] not in one.tasks[2].paragraphs


@pytest.mark.parametrize("used", ["from own_pool import *", "%run own_pool.py", "exec(open('own_pool.py').read())"])
def test_a_solution_that_is_written_to_a_file_and_used_is_run(used: str, tmp_path: Path) -> None:
    cells = made_up.cells({"max_pool2d": f"%%writefile own_pool.py\nimport numpy as np\n{made_up.POOL}"})
    one = graded(tmp_path, [*cells, made_up.code(used)])
    assert one.points == made_up.ALL and TEXTS["uncovered"] not in one.tasks[2].paragraphs


@pytest.mark.parametrize("magic", ["%%writefile own_pool.py", "%%timeit", "%%html", "%%time\n%%writefile own_pool.py"])
def test_a_solution_under_a_magic_that_keeps_it_from_running_is_graded_and_told(magic: str, tmp_path: Path) -> None:
    one = graded(tmp_path, made_up.cells({"max_pool2d": f"{magic}\n{made_up.POOL}"}))
    assert one.points == made_up.ALL and TEXTS["uncovered"] in one.tasks[2].paragraphs
    wrong = graded(tmp_path, made_up.cells({"max_pool2d": f"{magic}\n{made_up.POOL.replace('-np.inf', '0')}"})).tasks[2]
    assert wrong.mistake == "max pooling padded with 0" and TEXTS["uncovered"] in wrong.paragraphs


COPIES = {  # what the cells of the task hold, from above, and the points that this gets
    "filled in, then handed out": ([made_up.CONV, made_up.CONV_STUB], made_up.ALL),
    "handed out with a comment": ([made_up.CONV, f"# my copy\n{made_up.CONV_STUB}\n"], made_up.ALL),
    "handed out, then filled in": ([made_up.CONV_STUB, made_up.CONV], made_up.ALL),
    "wrong, then right": ([made_up.WRONG["conv2d_one_channel"][0], made_up.CONV], made_up.ALL),
    "right, then wrong": ([made_up.CONV, made_up.WRONG["conv2d_one_channel"][1]], made_up.ALL - 4),
    "handed out twice": ([made_up.CONV_STUB, made_up.CONV_STUB], made_up.ALL - 4),
}


@pytest.mark.parametrize("copies", COPIES)
def test_a_copy_of_a_cell_that_is_as_it_was_handed_out_takes_nothing_away(copies: str, tmp_path: Path) -> None:
    sources, points = COPIES[copies]
    cells = made_up.cells()
    place = cells.index(named(cells, "task-conv2d_one_channel"))
    cells[place : place + 1] = [made_up.code(source, "task-conv2d_one_channel") for source in sources]
    one = graded(tmp_path, cells)
    assert one.points == points and "more than once" in one.remarks[0]
    told = TEXTS["copies"] in one.tasks[1].paragraphs
    assert told == copies.startswith(("filled in, then", "handed out with"))


# ---- cells that changed their place, their kind or their name -------------------------------------------------------


def handed_in(tmp_path: Path, cells: list[dict[str, Any]]) -> submission.Submission:
    return submission.read("ada", made_up.write(tmp_path / "ada.ipynb", cells))


def graded(tmp_path: Path, cells: list[dict[str, Any]]) -> grading.Graded:
    return grading.grade(ASSIGNMENT, handed_in(tmp_path, cells), 1)


def named(cells: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id") == name)


def test_a_solution_that_became_text_is_graded_as_code(tmp_path: Path) -> None:
    cells = made_up.cells()
    for name, fence in (("output_size", "{}"), ("max_pool2d", "```python\n{}\n```\n")):
        cell = named(cells, f"task-{name}")
        cell |= {"cell_type": "markdown", "source": fence.format(cell["source"])}
    cells[1] |= {"cell_type": "raw", "metadata": {"nbgrader": {"grade_id": "setup", "cell_type": "code"}}}
    one = graded(tmp_path, cells)
    assert one.points == made_up.ALL
    assert "graded as code: the cell that begins “%matplotlib inline”, output_size, max_pool2d" in " ".join(one.remarks)
    named(cells, "task-in_words")["cell_type"] = "code"
    assert "in_words" not in str(graded(tmp_path, cells).remarks)


def test_solutions_above_the_set_up_cell_are_graded(tmp_path: Path) -> None:
    cells = made_up.cells({"max_pool2d": "limit = np.inf\n" + made_up.POOL})
    cells.append(made_up.code(cells.pop(1)["source"], "setup"))
    one = graded(tmp_path, cells)
    assert one.points == made_up.ALL and "set-up cell stands below" in one.remarks[0]


def test_the_network_is_graded_where_the_set_up_cell_stands_below(tmp_path: Path) -> None:
    cells = json.loads(json.dumps(solutions.STUDENT["4"].cells))
    (setup,) = (one for one in cells if one["id"] == "setup")
    cells.remove(setup)
    made = submission.read("x", made_up.write(tmp_path / "x.ipynb", [*cells, setup]))
    for code in (made.code(), made.needed("small_network")):
        assert setup["source"] in [one.source for one in code[:2]]  # the other one is handed out as well


PLACES = {
    "its cell": lambda cells: cells,
    "a new cell": lambda cells: [*cells[:-1], made_up.words("", "task-in_words"), made_up.words(made_up.WORDS)],
    "a new cell above": lambda cells: [*cells[:-1], made_up.words(made_up.WORDS), made_up.words("", "task-in_words")],
    "the cell is gone": lambda cells: [*cells[:-1], made_up.words(made_up.WORDS)],
    "the question": lambda cells: [*cells[:-2], made_up.words(f"Say  why.\n\n{made_up.WORDS}", "task-in_words-text")],
    "above the question": lambda cells: [
        *cells[:-2],
        made_up.words(f"{made_up.WORDS}\nSay why.", "task-in_words-text"),
    ],
    "a text in code": lambda cells: [*cells[:-1], made_up.code(f'"""{made_up.WORDS}"""')],
    "a text with a name": lambda cells: [*cells[:-1], made_up.code(f'answer = ("{made_up.WORDS}")')],
    "a printed text": lambda cells: [*cells[:-1], made_up.code(f"print('{made_up.WORDS}')")],
    "a comment": lambda cells: [*cells[:-1], made_up.code(f"# {made_up.WORDS}")],
    "text in a code cell": lambda cells: [*cells[:-1], made_up.code(made_up.WORDS)],
    "its cell as code": lambda cells: [*cells[:-1], made_up.code(made_up.WORDS, "task-in_words")],
    "a text that is not closed": lambda cells: [*cells[:-1], made_up.code(f'"""{made_up.WORDS}')],
}


@pytest.mark.parametrize("place", PLACES)
def test_a_written_answer_is_found_wherever_it_stands(place: str, tmp_path: Path) -> None:
    one = handed_in(tmp_path, PLACES[place](made_up.cells()))
    text = grading.written_text(TASKS["in_words"], one)
    assert made_up.WORDS in text and "Say" not in text
    assert grading.written_result(TASKS["in_words"], one).status == "to be marked"
    marks.write(tmp_path / "to_mark.csv", ASSIGNMENT, {"ada": one}, marks.Matched({}, [], [], []))
    assert made_up.WORDS in (tmp_path / "to_mark.csv").read_text(encoding="utf-8-sig")


def test_what_is_no_answer_is_not_listed(tmp_path: Path) -> None:
    cells = made_up.cells(text="")
    more = [made_up.code(made_up.CONV), made_up.code("x = 'two words'"), made_up.words("  "), made_up.code("# tried")]
    more += [made_up.code("assert my_output_size(5, 3) == 3, 'this is what it has to be'\nfor k in range(3): print(k)")]
    one = handed_in(tmp_path, [*cells, *more])
    assert grading.written_text(TASKS["in_words"], one) == ""
    # What stands below another task belongs to that one.
    other = [*cells, made_up.words("Max", "task-max_pool2d-text"), made_up.words(made_up.WORDS)]
    assert grading.written_text(TASKS["in_words"], handed_in(tmp_path, other)) == ""


@pytest.mark.parametrize("source", ['"' * 200_000, "'" * 99_999, '"""' + "\\" * 99_999, "a, " * 99_999, "#" * 99_999])
def test_a_cell_is_looked_at_in_no_time(source: str) -> None:
    submission._is_prose(source)
    submission._added(source, "Say why, " * 20)


@pytest.mark.parametrize(
    ("name", "task"), [pair for pair in solutions.TASKS if pair[1].kind == "written"], ids=solutions.task_id
)
def test_the_question_of_a_task_is_the_one_that_students_get(name: str, task: Task) -> None:
    cell = solutions.cell_of(solutions.STUDENT[name], task.name, "-text")
    assert task.question.split() == cell.source.split()
    assert submission._added(cell.source, [task.question]).strip() == ""


def test_a_notebook_of_another_assignment_is_called_so(tmp_path: Path) -> None:
    one = grading.grade(ASSIGNMENT, handed_in(tmp_path, json.loads(json.dumps(solutions.STUDENT["3"].cells))), 1)
    assert one.points == 0
    named = ", ".join(task.name for task in solutions.ALL["3"].tasks)
    assert one.remarks == [TEXTS["another"].format(tasks=named)]
    lost = grading.grade(ASSIGNMENT, handed_in(tmp_path, [made_up.code(made_up.SETUP)]), 1)
    assert lost.remarks == [TEXTS["missing"].format(tasks=", ".join(TASKS))]


def test_a_renamed_function_is_named(tmp_path: Path) -> None:
    one = graded(tmp_path, made_up.cells({"max_pool2d": made_up.POOL.replace("my_max_pool2d", "max_pool") + "\ny = 1"}))
    (result,) = [result for result in one.tasks if result.task == "max_pool2d"]
    assert "`max_pool`" in " ".join(result.paragraphs) and result.mistake == "another name"
    assert result.events == ["no my_max_pool2d, but max_pool, y"]
    cells = made_up.cells({"max_pool2d": "# see below"})
    cells.append(made_up.code(made_up.POOL.replace("my_max_pool2d", "my_maxpool2d")))
    (result,) = [result for result in graded(tmp_path, cells).tasks if result.task == "max_pool2d"]
    assert result.events == ["no my_max_pool2d, but my_maxpool2d"]


def test_a_syntax_error_tells_the_version(tmp_path: Path) -> None:
    one = graded(tmp_path, made_up.cells({"max_pool2d": "def my_max_pool2d(x:\n    return x"}))
    (result,) = [result for result in one.tasks if result.task == "max_pool2d"]
    assert any(
        received.TEXTS["version"].format(what="", version=received.VERSION) in event and "<cell" not in event
        for event in result.events
    )


def test_a_result_of_what_is_not_there_is_told(tmp_path: Path) -> None:
    source = "import scipy.signal\ndef my_max_pool2d(x, size, stride, padding=0):\n    return scipy.signal.x(x)"
    one = graded(tmp_path, made_up.cells({"max_pool2d": source}))
    (result,) = [result for result in one.tasks if result.task == "max_pool2d"]
    assert result.points == 0 and "not there while grading" in " ".join(result.paragraphs)
    assert received.TEXTS["not there"].format(what="") in " ".join(result.events)
