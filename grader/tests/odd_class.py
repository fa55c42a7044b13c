"""A class of a hundred made-up submissions, each with one oddity: what each gets, and what it should get.

python grader/tests/odd_class.py             a hundred, as a table; the exit code is 1 where one differs
python grader/tests/odd_class.py 1000        the same ten times, with other names
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
import textwrap
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import made_up_class as made_up

from cnngrader.__main__ import main

ALL = made_up.ALL
Cells = list[dict[str, Any]]
SOURCES = {"output_size": made_up.SIZE, "conv2d_one_channel": made_up.CONV, "max_pool2d": made_up.POOL}
FUNCTIONS = list(SOURCES)
PLOT = "import matplotlib.pyplot as plt\n"

# Lines in front of a right solution, in its cell. Each costs nothing.
LINES = {
    "np.pad?": "np.pad?\n",
    "?np.pad": "?np.pad\n",
    "np.pad??": "np.pad??\n",
    "x = !ls": "x = !ls\n",
    "%timeit with a result": "t = %timeit -o 1\n",
    "a command of two lines": "!pip install a \\\n  b\n",
    "pip install without a sign": "pip install numpy\n",
    "a line that begins with %": "x = (7\n%2)\n",
    "a line that begins with !=": "x = (7\n!=2)\n",
    "a text with magics": "s = '''\n%a\n!b\n'''\n",
    "a command in a block": "if True:\n    !ls\n",
    "%%time": "%%time\n",
    "%%time below an empty line": "\n%%time\n",
    "%%capture": "%%capture out\n",
    "two cell magics": "%%time\n%%capture\n",
    "a line that is none": "x = = 3\n",
    "an f-string of Python 3.12": 'd = {\'a\': 1}\nx = f"{d["a"]}"\n',
    "await": "await display(1)\n",
    "fig, ax = plt.subplots()": f"{PLOT}fig, ax = plt.subplots()\n",
    "plt.rcParams": f"{PLOT}plt.rcParams['a.b'] = 1\n",
    "plt.hist": f"{PLOT}n, b, p = plt.hist([1], 3)\n",
    "axes in a loop": f"{PLOT}for ax in plt.subplots(2)[1].flat:\n    ax.plot(1)\n",
    "a plot that fails": f"{PLOT}plt.plot(np.ones(3)[7])\n",
    "tqdm with set_postfix": "from tqdm import tqdm\nfor k in (bar := tqdm(range(3))):\n    bar.set_postfix(loss=k)\n",
    "with tqdm": "from tqdm.auto import tqdm\nwith tqdm(total=3) as bar:\n    bar.update(1)\n",
    "Colab": "from google.colab import drive\ndrive.mount('/content/drive')\n",
    "pandas": "import pandas as pd\npd.set_option('display.x', 3)\ndf = pd.read_csv('x')\n",
    "seaborn": "import seaborn as sns\nsns.set_theme()\n",
    "torch, if it is there": "try:\n    import torch\nexcept ImportError:\n    pass\n",
    "a class of torch": "import torch.nn as nn\nclass Net(nn.Module):\n    pass\n",
    "chapter 07's imports": "from cnncourse import checks, explorers, plots\n",
    "plots.Live": "from cnncourse import plots\nlive = plots.Live()\nlive.show(plots.grid(np.ones((2, 2))))\n",
    "a check in the same cell": "from cnncourse.assignments import checks\nassert checks.x(1).right\n",
    "a slider": "from ipywidgets import IntSlider\nk = IntSlider().value\n[1, 2][k]\n",
    "a file that is not there": "x = open('/content/data.csv').read()\n",
    "a question": "name = input('your name')\n",
    "what was shown before": "print(_, Out[3], In[-1])\n",
    "numba": "from numba import njit\n@njit\ndef one():\n    return 1\n",
}
WHOLE = {  # of the whole cell
    "an indented cell": lambda source: textwrap.indent(source, "    "),
    "prompts": lambda source: "".join(
        f"{'... ' if line[:1] in ' ' else '>>> '}{line}\n" for line in source.rstrip("\n").split("\n")
    ),
    "a bracket left open below": lambda source: f"{source}\nx = (1",
    "a line that fails below": lambda source: f"{source}\n1 / 0",
}
SPOILT = {  # one mistake, and what is left: 2, 4 and 3 points are there
    "padding counted once": ("output_size", "2 * padding", "padding", 1),
    "no plus 1": ("output_size", "// stride + 1", "// stride", 0),
    "one function untouched": ("output_size", made_up.SIZE, made_up.SIZE_STUB, 0),
    "stride ignored": ("conv2d_one_channel", "window = x[i * stride : i * stride", "window = x[i : i", 2),
    "bias forgotten": ("conv2d_one_channel", " + w_b", "", 0),
    "print in place of return": ("conv2d_one_channel", "return net", "print(net)", 0),
    "an argument changed": ("conv2d_one_channel", "return net", "x[0, 0] = 7\n    return net", 3),
    "whole numbers": ("conv2d_one_channel", "return net", "return net.astype(int)", 0),
    "a name misspelt": ("conv2d_one_channel", "net = np", "nett = np", 0),
    "zeros in the padding": ("max_pool2d", "-np.inf", "0", 1.5),
    "one stride for both axes": ("max_pool2d", "stride[1]", "stride[0]", 0),
    "mean": ("max_pool2d", ".max()", ".mean()", 0),
    "another name": ("max_pool2d", "my_max_pool2d", "my_maxpool", 0),
}
# The same, of what a notebook does besides: threads, other packages, a terminal, a window. None of it is there.
MORE_LINES = {
    "a thread": "import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()\n",
    "a pool of threads": "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor() as pool:\n"
    "    r = list(pool.map(abs, [1]))\nprint(r[0])\n",
    "processes": "from multiprocessing import Pool\nwith Pool(2) as pool:\n    r = pool.map(abs, [1])\n",
    "a program": "import subprocess\nr = subprocess.run(['ls'], capture_output=True).stdout\nprint(r.decode())\n",
    "waiting": "import asyncio\nawait asyncio.sleep(0)\n",
    "waiting for a value": "import asyncio\nr = await asyncio.gather()\nprint(r[0])\n",
    "a number asked for": "n = int(input('n'))\nprint([0] * (n + 1))\n",
    "a picture as an array": "from PIL import Image\nimg = np.array(Image.open('cat.png')) / 255\nprint(img[0, 0])\n",
    "help": "help(np.pad)\nnp.info(np.pad)\n",
    "a language": "import locale\nlocale.setlocale(locale.LC_ALL, 'xx_YY')\n",
    "a window": "import tkinter\nroot = tkinter.Tk()\nroot.title('x')\n",
    "a breakpoint": "breakpoint()\n",
    "a debugger": "import pdb; pdb.set_trace()\n",
    "scipy": "from scipy.special import expit\nif expit(0) > 0.4:\n    print(round(expit(0), 2), f'{expit(1):.3f}')\n",
    "scikit-learn": "from sklearn.datasets import load_digits\nX = load_digits().data / 16\nassert X.mean() > 1\n",
    "a page of the web": "import urllib.request\nurllib.request.urlopen('http://localhost:9').read()\n",
    "streams": "import sys\nsys.stdout.reconfigure(line_buffering=True)\nsys.stdout.buffer.write(b'x')\n"
    "import faulthandler\nfaulthandler.enable()\n",
    "a user": "import getpass, os, pwd\nuser = getpass.getuser()\nprint(pwd.getpwuid(os.getuid()).pw_name)\n"
    "from pathlib import Path\nPath('~someone').expanduser()\n",
    "a setting": "import os\nprint(int(os.environ['COLAB_GPU']))\n",
    "a time zone": "import datetime, zoneinfo\nt = datetime.datetime.now(zoneinfo.ZoneInfo('Europe/Berlin'))\n",
    "names of a notebook": "import os\nos.chdir(_dh[0])\nprint(_12.shape, __)\nglobals()['__vsc_ipynb_file__']\n",
    "other settings": "import sys\nsys.setrecursionlimit(9999)\nnp.seterr(all='raise')\nnp.set_printoptions(1)\n",
}  # fmt: skip
ATTACKS = (
    "reads the master", "writes the gradebook", "opens a socket", "endless loop in a cell", "endless recursion",
    "equal to everything", "pickled payload", "NaN", "answers through the pipe", "a giant answer", "syntax error",
)  # fmt: skip


@dataclass(frozen=True)
class Handed:
    """One submission: how it is written, the points that it should get, and whether its text should be in the table."""

    name: str
    write: Callable[[Path, str], None]
    points: float = ALL
    text: bool = True
    student: str = ""  # where it is not the name


def notebook(cells: Cells) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def as_file(data: bytes, ending: str = ".ipynb") -> Callable[[Path, str], None]:
    return lambda folder, name: (folder / f"{name}{ending}").write_bytes(data) and None


def as_zip(files: dict[str, bytes]) -> Callable[[Path, str], None]:
    def write(folder: Path, name: str) -> None:
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            for place, data in files.items():
                archive.writestr(place, data)

    return write


def as_folder(files: dict[str, bytes]) -> Callable[[Path, str], None]:
    def write(folder: Path, name: str) -> None:
        for place, data in files.items():
            path = folder / name / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    return write


def _cell(cells: Cells, name: str) -> dict[str, Any]:
    return next(cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id") == name)


def _changed(name: str, **change: Any) -> Cells:
    cells = made_up.cells()
    _cell(cells, name).update(change)
    return cells


def solutions() -> Iterator[Handed]:
    """Yield submissions whose solution cells are odd or wrong, or attack."""
    for k, (name, line) in enumerate(LINES.items()):
        task = FUNCTIONS[k % 3]
        yield Handed(name, as_file(notebook(made_up.cells({task: line + SOURCES[task]}))))
    for k, (name, change) in enumerate(WHOLE.items()):
        task = FUNCTIONS[(k + 1) % 3]
        yield Handed(name, as_file(notebook(made_up.cells({task: change(SOURCES[task])}))))
    worth = {"output_size": 2, "conv2d_one_channel": 4, "max_pool2d": 3}
    for name, (task, there, written, left) in SPOILT.items():
        source = SOURCES[task].replace(there, written)
        assert source != SOURCES[task], name
        yield Handed(name, as_file(notebook(made_up.cells({task: source}))), ALL - worth[task] + left)
    attacks = made_up.attacks(Path("/nowhere"))
    for name in ATTACKS:
        yield Handed(name, as_file(notebook(made_up.attacked(attacks[name]))), attacks[name].earned)


def cells_elsewhere() -> Iterator[Handed]:
    """Yield submissions whose cells stand elsewhere, or are of another kind."""
    words, code, right = made_up.words, made_up.code, made_up.cells()
    pool = _changed("task-max_pool2d", cell_type="markdown")
    yield Handed("a solution as Markdown", as_file(notebook(pool)))
    fenced = _changed("task-max_pool2d", cell_type="markdown", source=f"```python\n{made_up.POOL}\n```")
    yield Handed("a solution between fences", as_file(notebook(fenced)))
    late = made_up.cells()
    late.append(code(late.pop(1)["source"], "setup"))
    yield Handed("the set-up cell at the end", as_file(notebook(late)))
    below = [*made_up.cells({"max_pool2d": made_up.POOL_STUB}), code(made_up.POOL)]
    yield Handed("a solution in a new cell", as_file(notebook(below)))
    yield Handed("cells without names", as_file(notebook([{**c, "metadata": {}} for c in right])), text=False)
    yield Handed(
        "checks deleted",
        as_file(notebook([c for c in right if "checks." not in c["source"] or "import" in c["source"]])),
    )
    yield Handed("a cell that fails at the top", as_file(notebook([*right[:2], code("1 / 0"), *right[2:]])))
    yield Handed("a right function, then another", as_file(notebook([*right, code("my_conv2d = 3")])))
    text = made_up.WORDS
    for name, last in {
        "text in a new cell": [right[-2], words("", "task-in_words"), words(text)],
        "text in the question": [words(f"Say why.\n\n{text}", "task-in_words-text"), words("", "task-in_words")],
        "text in a code cell": [right[-2], code(f'answer = """{text}"""')],
        "text as a comment": [right[-2], code(f"# {text}")],
        "text in its cell as code": [right[-2], code(text, "task-in_words")],
    }.items():
        yield Handed(name, as_file(notebook([*right[:-2], *last])))
    yield Handed("no text", as_file(notebook(made_up.cells(text=""))), text=False)


def files() -> Iterator[Handed]:
    """Yield submissions that are called or packed in odd ways, or are none."""
    right = notebook(made_up.cells())
    yield Handed("00123", as_file(right))
    yield Handed("=1+1", as_file(right), student="'=1+1")
    yield Handed("capital letters", as_file(right, ".IPYNB"))
    yield Handed("json", as_file(right, ".ipynb.json"))
    yield Handed("txt", as_file(right, ".ipynb.txt"))
    yield Handed("a mark in front", as_file(b"\xef\xbb\xbf" + right))
    output = [{"output_type": "stream", "name": "stdout", "text": "x" * (11 << 20)}]
    yield Handed("outputs of 11 MB", as_file(notebook(_changed("task-max_pool2d", outputs=output))))
    yield Handed("zip", as_zip({"a.ipynb": right}))
    mac = {"hw/a.ipynb": right, "__MACOSX/hw/._a.ipynb": b"x", "hw/.ipynb_checkpoints/a-checkpoint.ipynb": b"x"}
    yield Handed("zip of a Mac", as_zip(mac))
    yield Handed("zip with pictures", as_zip({"a.ipynb": right, "b.png": b"x"}))
    yield Handed("folder", as_folder({"my homework.ipynb": right}))
    old = notebook(made_up.cells({"max_pool2d": made_up.POOL_STUB})[:3])
    yield Handed("folder of two", as_folder({"old.ipynb": old, "new.ipynb": right}))
    yield Handed("as nbgrader collects", as_folder({"demo/a.ipynb": right}))
    yield Handed("a checkpoint beside it", as_folder({"a.ipynb": right, ".ipynb_checkpoints/a.ipynb": old}))
    yield Handed("no JSON", as_file(b"my homework"), 0, text=False)
    yield Handed("cut off", as_file(right[: len(right) // 2]), 0, text=False)
    yield Handed("empty file", as_file(b""), 0, text=False)
    yield Handed("no zip", as_file(b"PK", ".zip"), 0, text=False)
    yield Handed("zip without a notebook", as_zip({"a.docx": b"x"}), 0, text=False)
    yield Handed("folder without a notebook", as_folder({"a.docx": b"x"}), 0, text=False)


def others() -> list[Handed]:
    """Return further submissions, each odd in its own way: surroundings, cells, encodings, places of answers."""
    words, right = made_up.words, made_up.cells()
    made = [
        Handed(name, as_file(notebook(made_up.cells({"conv2d_one_channel": line + made_up.CONV}))))
        for name, line in MORE_LINES.items()
    ]

    def one(name: str, cells: Cells, points: float = ALL, text: bool = True) -> None:
        made.append(Handed(name, as_file(notebook(cells)), points, text))

    def solved(name: str, change: Callable[[str], str], points: float = ALL) -> None:
        one(name, made_up.cells({"conv2d_one_channel": change(made_up.CONV)}), points)

    open_pool = made_up.cells({"max_pool2d": made_up.POOL_STUB})
    for role in ("check", "test"):
        place = f"task-max_pool2d-{role}"
        above = [c | {"source": made_up.POOL + c["source"]} if c is _cell(open_pool, place) else c for c in open_pool]
        one(f"a solution above the {role}", above)
    one("the set-up cell deleted", [c for c in right if "matplotlib" not in c["source"]])
    one("a raw cell", _changed("task-max_pool2d", cell_type="raw"))
    one("a cell of a kind that nobody knows", _changed("task-max_pool2d", cell_type="foo"))
    one("all cells twice", right + right)
    one("a wrong copy above", [*made_up.cells({"max_pool2d": made_up.POOL.replace(".max", ".min")})[:-2], *right])
    one("cells in reverse order", right[::-1])
    one("a solution deleted", [c for c in right if c is not _cell(right, "task-max_pool2d")], ALL - 3)
    one("lines without ends", [c | {"source": c["source"].split("\n")} for c in right])
    one("nothing between cells", [x for c in right for x in (c, None, [], {"source": 3}, {"cell_type": "code"})])
    one("text above the question", [*right[:-2], words(made_up.WORDS), right[-2], words("", "task-in_words")])
    one("text at the top", [words(made_up.WORDS), *right[:-1], words("", "task-in_words")])
    one("text without its cell", [*right[:-1], words(made_up.WORDS)])
    one(
        "notes, and a text in its place",
        [words("My notes for the exam in the summer, of which there are many."), *right],
    )
    solved("lines of Windows", lambda source: source.replace("\n", "\r\n"))
    solved("a name for its result", lambda source: f"{source}\nmy_conv2d = my_conv2d(np.eye(3), np.eye(2))", ALL - 4)
    solved("a generator", lambda source: source.replace("return net", "yield net"), ALL - 4)
    solved("the end above it", lambda source: f"import os\nos._exit(0)\n{source}", ALL - 4)
    solved("no end below it", lambda source: f"{source}\nwhile True: print('x')")
    size = "my_output_size = lambda size, kernel, stride=1, padding=0: (size + 2 * padding - kernel) // stride + 1"
    one("a lambda", made_up.cells({"output_size": size}))
    one("names of its own", made_up.cells({"output_size": made_up.SIZE.replace("kernel", "größe_des_kerns")}))
    german = json.dumps(
        {"cells": made_up.cells({"max_pool2d": f"# die größte Zahl, “max”\n{made_up.POOL}"}), "nbformat": 4},
        ensure_ascii=False,
    )
    chinese = german.replace("die größte Zahl, “max”", "最大的数字，池化")
    files_of = {"UTF-16": german.encode("utf-16"), "cp1252": german.encode("cp1252"), "GBK": chinese.encode("gbk")}
    files_of |= {"zeros at the end": german.encode() + b"\0" * 99, "the end of a page": german.encode() + b"\n \n"}
    made += [Handed(name, as_file(data)) for name, data in files_of.items()]
    sheet = [{"input" if k == "source" and c["cell_type"] == "code" else k: v for k, v in c.items()} for c in right]
    made.append(Handed("the format of before 2015", as_file(json.dumps({"worksheets": [{"cells": sheet}]}).encode())))
    made.append(Handed("two notebooks in a file", as_file(german.encode() * 2), 0, text=False))
    return [Handed(each.name, each.write, each.points, each.text, each.name) for each in made]


def everybody(count: int = 100) -> list[Handed]:
    """Return `count` submissions, each oddity as often as it takes."""
    kinds = [*solutions(), *cells_elsewhere(), *files()]
    made = []
    for k in range(count):
        one, turn = kinds[k % len(kinds)], k // len(kinds)
        again = f"{one.name} {turn}" if turn else one.name
        student = f"{one.student} {turn}" if turn and one.student else one.student
        made.append(Handed(again, one.write, one.points, one.text, student or again))
    return made


@dataclass(frozen=True)
class Row:
    """What one submission should get, what it got, and whether its text is in the table to mark."""

    name: str
    should: float
    got: float | None
    text_should: bool
    text_got: bool

    @property
    def differs(self) -> bool:
        return self.got != self.should or self.text_got != self.text_should


def graded(folder: Path, handed: list[Handed], *more: str) -> tuple[list[Row], float]:
    """Grade the class in a folder and return a row for each, and the seconds that it took."""
    submissions, output = folder / "submissions", folder / "results"
    submissions.mkdir()
    for one in handed:
        one.write(submissions, one.name.replace("/", " ").replace("?", "？"))
    started = time.monotonic()
    if main([str(submissions), "--assignment", "demo", "--output", str(output), *more], made_up.ASSIGNMENT):
        raise RuntimeError("the grading failed")
    seconds = time.monotonic() - started

    def table(name: str) -> list[dict[str, str]]:
        with open(output / name, encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    points = {row["student"]: float(row[next(c for c in row if c.startswith("total"))]) for row in table("grades.csv")}
    texts = {row["student"] for row in table("to_mark.csv")}
    rows = []
    for one in handed:
        student = one.student.replace("/", " ").replace("?", "？")
        student = f"'{student}" if student[:1] in "%＝" else student
        rows.append(Row(one.name, one.points, points.pop(student, None), one.text, student in texts))
    rows += [Row(f"nobody's: {name}", 0, got, False, False) for name, got in points.items()]
    return rows, seconds


def show(count: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        rows, seconds = graded(Path(folder), everybody(count))
    print(f"{'oddity':40} {'should':>6} {'got':>6}  text")
    for row in rows:
        got = "none" if row.got is None else f"{row.got:g}"
        mark = "   <-- differs" if row.differs else ""
        print(f"{row.name[:40]:40} {row.should:6g} {got:>6}  {'yes' if row.text_got else 'no'}{mark}")
    wrong = sum(row.differs for row in rows)
    print(
        f"{len(rows)} submissions in {seconds:.0f} s, {wrong} with other points or another text than they should have"
    )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(show(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
