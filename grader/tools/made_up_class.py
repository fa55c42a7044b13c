"""A made-up class for tests and timing: a small assignment, and the notebooks of invented students.

Some are right, some wrong, and some attack: HOSTILE holds what an attack puts into the notebook, and the points that it
must get. The teacher's files, which must not change, are in a folder whose path the attacks know.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnncourse import checks
from cnngrader.function_task import FunctionTask
from cnngrader.task import Assignment, Criterion, WrittenTask

SIZE_STUB = "def my_output_size(size, kernel, stride=1, padding=0):\n    ...\n"
CONV_STUB = "def my_conv2d(x, w, w_b=0.0, stride=1):\n    ...\n"
POOL_STUB = "def my_max_pool2d(x, size, stride, padding=0):\n    ...\n"

ASSIGNMENT = Assignment(
    "demo",
    "A small assignment",
    "1",
    (
        FunctionTask(
            "output_size", "The size of the output", 2, checks.output_size, "my_output_size", stub=SIZE_STUB,
            criteria=(Criterion("padding", 1, lambda a: a.get("padding", 0) > 0), Criterion("no padding", 1)),
            seconds=4,
        ),
        FunctionTask(
            "conv2d_one_channel", "A convolution", 4, checks.conv2d_one_channel, "my_conv2d", stub=CONV_STUB,
            criteria=(Criterion("strides above 1", 2, lambda a: a.get("stride", 1) > 1), Criterion("stride 1", 2)),
            seconds=4,
        ),
        FunctionTask(
            "max_pool2d", "Pooling", 3, checks.max_pool2d, "my_max_pool2d", stub=POOL_STUB, seconds=4,
            criteria=(Criterion("padding", 1.5, lambda a: a.get("padding", 0) > 0), Criterion("no padding", 1.5)),
            megabytes=512,
        ),
        WrittenTask("in_words", "In your own words", 3, question="Say why."),
    ),
)  # fmt: skip

SETUP = (
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nimport numpy as np\n\nimport cnnlib\n"
    "from cnncourse.assignments import checks\n"
)
SIZE = (
    "def my_output_size(size, kernel, stride=1, padding=0):\n    return (size + 2 * padding - kernel) // stride + 1\n"
)
CONV = """def my_conv2d(x, w, w_b=0.0, stride=1):
    rows = (x.shape[0] - w.shape[0]) // stride + 1
    columns = (x.shape[1] - w.shape[1]) // stride + 1
    net = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[i * stride : i * stride + w.shape[0], j * stride : j * stride + w.shape[1]]
            net[i, j] = (window * w).sum() + w_b
    return net
"""
POOL = """def my_max_pool2d(x, size, stride, padding=0):
    sides = ((0, 0), (padding, padding), (padding, padding))
    x = np.pad(x.astype(float), sides, constant_values=-np.inf)
    channels, H, W = x.shape
    rows, columns = (H - size[0]) // stride[0] + 1, (W - size[1]) // stride[1] + 1
    y = np.zeros((channels, rows, columns))
    for d in range(channels):
        for i in range(rows):
            for j in range(columns):
                top, left = i * stride[0], j * stride[1]
                y[d, i, j] = x[d, top : top + size[0], left : left + size[1]].max()
    return y
"""
WORDS = "A stride of two leaves every second window out, so the map has half as many rows and columns."
RIGHT = {"output_size": SIZE, "conv2d_one_channel": CONV, "max_pool2d": POOL}
ALL = 9.0  # points of the three functions
WRONG = {
    "output_size": [
        "def my_output_size(size, kernel, stride=1, padding=0):\n    return (size + padding - kernel) // stride + 1\n",
        "def my_output_size(size, kernel, stride=1, padding=0):\n    return (size + 2 * padding - kernel) // stride\n",
        SIZE_STUB,
    ],
    "conv2d_one_channel": [
        CONV.replace("i * stride : i * stride", "i : i").replace("j * stride : j * stride", "j : j"),
        CONV.replace(" + w_b", ""),
        CONV.replace("window * w)", "window * w[::-1, ::-1])"),
        CONV.replace("rows = ", "rows = 1 + "),
        CONV.replace("net = np", "nett = np"),
        CONV.replace("return net", "print(net)"),
        CONV.replace("return net", "x[0, 0] = 7\n    return net"),
        CONV.replace("return net", "return net.astype(int)"),
        CONV_STUB,
    ],
    "max_pool2d": [
        POOL.replace("-np.inf", "0"),
        POOL.replace("stride[1]", "stride[0]"),
        POOL.replace("range(channels)", "range(1)"),
        POOL.replace(".max()", ".mean()"),
        POOL_STUB,
    ],
}


# ---- notebooks ------------------------------------------------------------------------------------------------------


def code(source: str, name: str = "") -> dict[str, Any]:
    """Return a code cell, named as nbgrader names it."""
    metadata = {"nbgrader": {"grade_id": name, "solution": True}} if name else {}
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}


def words(source: str, name: str = "") -> dict[str, Any]:
    """Return a text cell."""
    return {"cell_type": "markdown", "source": source, "metadata": {"nbgrader": {"grade_id": name}} if name else {}}


def cells(solutions: dict[str, str] | None = None, text: str = WORDS) -> list[dict[str, Any]]:
    """Return the cells of a notebook with these solutions, and right solutions of the other tasks."""
    made = [words("# A small assignment"), code(SETUP)]
    for task in ASSIGNMENT.tasks[:3]:
        name = f"task-{task.name}"
        made += [words(task.title, f"{name}-text"), code({**RIGHT, **(solutions or {})}[task.name], name)]
        made += [code(f"checks.{task.name}({task.answer})", f"{name}-check"), code("assert False", f"{name}-test")]
    return [*made, words("Say why.", "task-in_words-text"), words(text, "task-in_words")]


def write(path: Path, content: list[dict[str, Any]]) -> Path:
    """Write a notebook of these cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = {"cells": content, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def make_class(folder: Path, count: int = 100) -> None:
    """Write `count` submissions: a third without mistakes, the others with one to three mistakes or stubs."""
    for k in range(count):
        solutions = {}
        for place, (task, ways) in enumerate(WRONG.items()):
            if k % 3 and (k // 3 + place) % (2 + place) == 0:
                solutions[task] = ways[(k // 2 + place) % len(ways)]
        write(folder / f"student{k:03d}.ipynb", cells(solutions, f"{WORDS} I am number {k}."))


# ---- attacks --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attack:
    """An attack: solutions that replace the right ones, cells added at the beginning or the end, the points it may get.

    earned: the points of the functions. seen: a part of what the report must say of it, "" if there is nothing to say.
    """

    earned: float
    solutions: dict[str, str] = field(default_factory=dict)
    first: str = ""
    last: str = ""
    seen: str = ""


def _instead(body: str, before: str = "") -> dict[str, str]:
    """Return a convolution whose body is `body`."""
    return {"conv2d_one_channel": f"{before}\ndef my_conv2d(x, w, w_b=0.0, stride=1):\n    {body}\n"}


def _forged(message: str) -> str:
    """Return code that writes its own message into every open file, one of which leads outside."""
    return (
        f"import os, struct, json\ntext = json.dumps({message}).encode()\n"
        "for fd in range(3, 64):\n    try: os.write(fd, struct.pack('>4sII', b'cnn1', len(text), 0) + text)\n"
        "    except OSError: pass"
    )


def attacks(secret: Path, port: int = 9) -> dict[str, Attack]:
    """Return the attacks by name.

    secret: the teacher's folder, with master.ipynb, gradebook.db and submitted/ in it. port: one that is listened to.
    """
    rest = ALL - 4  # what the two other functions earn
    master, book = str(secret / "master.ipynb"), str(secret / "gradebook.db")
    other = str(secret / "submitted" / "honest.ipynb")
    code_of_master = (
        "import json\n"
        f"for cell in json.load(open({master!r}))['cells']:\n"
        "    if 'def ' in ''.join(cell['source']):\n        exec(''.join(cell['source']), globals())"
    )
    equal = "class Equal(tuple):\n    def __eq__(self, other): return True\n    __hash__ = None\n"
    equal += "    def __array_function__(self, *a): return True\n    shape = property(lambda self: Equal())\n"
    return {
        "reads the master": Attack(rest, {"conv2d_one_channel": code_of_master}, seen="opened a file"),
        "reads the package's source": Attack(
            rest,
            _instead(
                "return _right(x, w, w_b, stride)",
                "from cnncourse.exercises.conv2d_one_channel import my_conv2d as _right",
            ),
        ),
        "looks for the checkout": Attack(
            rest,
            {
                "conv2d_one_channel": "import glob\nplaces = '/work', '/home', '/root', '/srv', '/mnt'\n"
                "found = [p for r in places for p in glob.glob(r + '/**/chapter03.py', recursive=True)]\n"
                "for path in found: exec(open(path).read(), globals())\nmy_conv2d = conv2d_one_channel"
            },
            seen="listed a folder",
        ),
        "writes the gradebook": Attack(ALL, last=f"open({book!r}, 'w').write('100 points')", seen="for writing"),
        "writes another submission": Attack(ALL, last=f"open({other!r}, 'w').write('gone')", seen="for writing"),
        "deletes files": Attack(
            ALL,
            last="import os, shutil\n"
            f"for path in ({book!r}, {other!r}):\n    try: os.remove(path)\n    except OSError: pass\n"
            f"shutil.rmtree({str(secret)!r}, ignore_errors=True)",
            seen="deleted a f",
        ),
        "fills the disk": Attack(
            ALL,
            last="k = 0\nwhile True:\n    open(f'/tmp/{k}', 'wb').write(b'x' * (1 << 20)); k += 1",
            seen="for writing",
        ),
        "opens a socket": Attack(
            ALL,
            first=f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 1).send(b'hello')",
            seen="network",
        ),
        "endless loop in a cell": Attack(ALL, first="while True: pass"),
        "endless loop that catches everything": Attack(
            ALL, last="def on():\n    try:\n        while True: pass\n    finally: on()\non()", seen="stopped after"
        ),
        "endless loop that ignores signals": Attack(
            ALL,
            last="import signal, sys, threading\nfor s in range(1, 32):\n    try: signal.signal(s, signal.SIG_IGN)\n"
            "    except (OSError, ValueError): pass\nwhile True: pass",
            seen="stopped after",
        ),
        "endless loop in the function": Attack(rest, _instead("while True: pass")),
        "endless loop in C": Attack(rest, _instead("10 ** 10 ** 10"), seen=""),
        "endless loop at the end": Attack(
            ALL,
            last="import atexit\natexit.register(lambda: [None for _ in iter(int, 1)])\n"
            "class Late:\n    def __del__(self):\n        while True: pass\nlate = Late()",
        ),
        "endless recursion": Attack(
            rest, _instead("import sys; sys.setrecursionlimit(10 ** 9); return my_conv2d(x, w)")
        ),
        "endless output": Attack(
            ALL, first="import os\nwhile True:\n    print('x' * 10_000); os.write(1, b'x' * 10_000)"
        ),
        "memory": Attack(rest, _instead("return np.ones((1 << 40,))")),
        "memory, little by little": Attack(ALL, first="kept = []\nwhile True: kept.append(bytearray(1 << 24))"),
        "fork bomb": Attack(ALL, last="import os\nwhile True: os.fork()", seen="started a process"),
        "thread bomb": Attack(
            ALL, last="import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(100,)).start()"
        ),
        "starts a program": Attack(ALL, last=f"import os\nos.system('rm -rf {secret}')", seen="started a program"),
        "os._exit in a cell": Attack(ALL, last="import os\nos._exit(0)", seen="ended by itself"),
        "os._exit in the function": Attack(rest, _instead("import os; os._exit(0)"), seen="ended by itself"),
        "sys.exit": Attack(ALL, last="import sys\nsys.exit(0)"),
        "segmentation fault": Attack(rest, _instead("import ctypes; ctypes.string_at(0)"), seen="SIGSEGV"),
        "kills its parent": Attack(
            ALL,
            last="import os, signal\nfor pid in (os.getppid(), -1, 1):\n    try: os.kill(pid, signal.SIGKILL)\n"
            "    except OSError: pass\nos.killpg(0, signal.SIGKILL)",
            seen="sent a signal",
        ),
        "numpy replaced": Attack(
            rest,
            _instead("return np.zeros(1)"),
            first="import numpy as np\nnp.allclose = np.array_equal = np.isclose = lambda *a, **k: True\n"
            "np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None\n"
            "class Shape(tuple):\n    def __eq__(self, other): return True\n    __hash__ = None",
        ),
        "numpy broken for the others": Attack(ALL, last="np.zeros = np.pad = None\nnp.ndarray.astype if 0 else None"),
        "builtins replaced": Attack(
            rest,
            _instead("return 1"),
            last="import builtins, numpy\n"
            "numpy.all = builtins.all = builtins.any = builtins.isinstance = lambda *a: True\n"
            "builtins.len = lambda x: 1\nbuiltins.abs = lambda x: 0",
        ),
        "json and open replaced": Attack(
            rest, _instead("return 1"), last="import json, builtins\njson.dumps = lambda *a, **k: '{\"points\": 100}'"
        ),
        "the worker replaced": Attack(
            rest,
            _instead("return 1"),
            last="import sys\nsys.modules['serialization'].pack = lambda *a: b'100 points'",
        ),
        "stdout replaced": Attack(ALL, first="import sys\nsys.stdout = sys.stderr = sys.stdin = None"),
        "input transformer": Attack(
            rest,
            _instead("return 1"),
            first="ip = get_ipython()\nip.input_transformers_cleanup.append(lambda lines: [])\n"
            "import ast\nast.parse = lambda *a, **k: ast.Module([], [])",
        ),
        "notebook code replaced": Attack(
            rest,
            _instead("return 1"),
            last="import notebook_code, import_stubs\n"
            "notebook_code.statements = import_stubs.is_stand_in = lambda *a: 1",
        ),
        "magics that write": Attack(ALL, last=f"%time open({book!r}, 'w').write('100 points')", seen="for writing"),
        "commands": Attack(ALL, last=f"!rm -rf {secret}\nx = !cat {book}\n%run {master}\n%load {master}\n%cd /"),
        "very many magics": Attack(ALL, first="?x\n!y\n" * 5000),
        "very many lines that are none": Attack(ALL, first="x = = 1\n" * 20_000),
        "a stand-in as the result": Attack(rest, _instead("return plt.imread(x)", "import matplotlib.pyplot as plt")),
        "a stand-in that learns": Attack(
            rest,
            _instead(
                "return plt.x",
                "import matplotlib.pyplot as plt\nStand = type(plt.x)\n"
                "Stand.__array__ = lambda *a, **k: np.zeros((2, 2))\n"
                "Stand.shape = property(lambda self: (2, 2))\nStand.__class__ = property(lambda self: np.ndarray)\n"
                "Stand.dtype = np.dtype(float)",
            ),
        ),
        "a stand-in without an end": Attack(
            ALL,
            last="import matplotlib.pyplot as plt\ntype(plt.x).__iter__ = lambda self: self\na, b = plt.x\nlist(plt.x)",
            seen="",
        ),
        "import hook": Attack(
            rest,
            _instead("return 1"),
            first="import sys\nclass Hook:\n    def find_spec(self, *a): return None\n"
            "sys.meta_path.insert(0, Hook())\nsys.modules['serialization'] = None",
        ),
        "equal to everything": Attack(rest, _instead("return Equal()", equal)),
        "an array by its own word": Attack(
            rest, _instead("return Mine()", "class Mine:\n    def __array__(self, *a, **k): return np.zeros((2, 2))\n")
        ),
        "an ndarray of its own": Attack(
            rest,
            _instead(
                "return np.zeros((2, 2)).view(Mine)",
                "class Mine(np.ndarray):\n    def __eq__(self, other): return np.True_\n"
                "    def __array_function__(self, *a): return True\n"
                "    def __array_ufunc__(self, *a, **k): return np.True_\n",
            ),
        ),
        "a float of its own": Attack(
            ALL - 2,
            {
                "output_size": "class Mine(int):\n    def __eq__(self, other): return True\n    __hash__ = None\n"
                "def my_output_size(size, kernel, stride=1, padding=0):\n    return Mine(0)\n"
            },
        ),
        "pickled payload": Attack(
            rest,
            _instead(
                "return np.array([Bad()], dtype=object)",
                f"class Bad:\n    def __reduce__(self): return (open, ({book!r}, 'w'))\n",
            ),
        ),
        "objects": Attack(rest, _instead("return np.array([[None, 'x']], dtype=object)")),
        "texts": Attack(rest, _instead("return np.array([['1', '2']])")),
        "complex": Attack(rest, _instead("return np.zeros((2, 2), complex)")),
        "wrong dtype": Attack(
            rest, {"conv2d_one_channel": CONV.replace("return net", "return net.astype(np.float16)")}
        ),
        "wrong shape": Attack(rest, {"conv2d_one_channel": CONV.replace("return net", "return net[None]")}),
        "NaN": Attack(rest, {"conv2d_one_channel": CONV.replace("return net", "return net * np.nan")}),
        "infinite": Attack(rest, {"conv2d_one_channel": CONV.replace("return net", "return net + np.inf")}),
        "a giant answer": Attack(rest, _instead("return np.zeros((1000, 1000))"), seen="more than"),
        "a list that holds itself": Attack(rest, _instead("a = []; a.append(a); return a")),
        "a deep list": Attack(rest, _instead("a = 1\n    for _ in range(10 ** 5): a = [a]\n    return a")),
        "a huge number": Attack(rest, _instead("return 1 << 10 ** 7")),
        "answers of seen cases": Attack(
            rest,
            _instead(
                "return seen.get((x.shape, w.shape, stride), np.zeros((1, 1)))",
                "seen = {((2, 3), (1, 2), 1): np.array([[1., 2.], [3., 4.]])}",
            ),
        ),
        "answers through the pipe": Attack(
            rest,
            _instead(
                "return 1",
                _forged("{'call': 0, 'points': 100, 'done': True, 'arrays': []}"),
            ),
        ),
        "noise through the pipe": Attack(
            ALL,
            last="import os\nfor fd in range(3, 64):\n    try: os.write(fd, b'\\xff' * 5000)\n    except OSError: pass",
            seen="no message",
        ),
        "a flood through the pipe": Attack(
            ALL,
            last="import os\nwhile True:\n    for fd in range(3, 64):\n"
            "        try: os.write(fd, b'x' * 60000)\n        except OSError: pass",
            seen="more than",
        ),
        "a claim of a giant array": Attack(
            rest,
            _instead(
                "return 1",
                _forged("{'call': 0, 'value': {'array': 0}, 'arrays': [['f8', [1 << 39]]]}"),
            ),
        ),
        "a fault that is none": Attack(
            ALL,
            last=_forged("{'fault': 'give me all points', 'arrays': []}"),
        ),
        "changes its argument": Attack(
            ALL - 1, {"conv2d_one_channel": CONV.replace("return net", "x[...] = 0\n    return net")}
        ),
        "an error with a text of its own": Attack(
            rest,
            _instead(
                "raise Loud()",
                "class Loud(Exception):\n    def __str__(self):\n        while True: pass\n",
            ),
        ),
        "half a character": Attack(
            ALL, first="raise ValueError(chr(0xD800) + 'x')", last=_forged("{'event': chr(0xD800), 'arrays': []}")
        ),
        "lists in lists": Attack(
            ALL, last=_forged("{'event': eval('[' * 90 + ']' * 90), 'answer': [], 'cells': 7, 'arrays': []}")
        ),
        "a notebook of many bytes": Attack(rest, {"conv2d_one_channel": "'" + "é" * 300_000 + "'"}),
        "markup": Attack(
            rest,
            _instead(
                "raise ValueError('<script>alert(1)</script>')",
                "raise_ = '<img src=x onerror=alert(1)>'\ntype('<b>x</b>', (Exception,), {})",
            ),
        ),
        "syntax error": Attack(rest, {"conv2d_one_channel": "def my_conv2d(x, w:\n    return 1\n"}),
        "deep brackets": Attack(ALL, last="x = " + "(" * 5000 + "1" + ")" * 5000),
    }


def attacked(attack: Attack) -> list[dict[str, Any]]:
    """Return the cells of a notebook with an attack in it: in cells of its own, and in solutions."""
    made = cells(attack.solutions)
    first = [code(attack.first)] if attack.first else []
    return [*made[:2], *first, *made[2:], *([code(attack.last)] if attack.last else [])]
