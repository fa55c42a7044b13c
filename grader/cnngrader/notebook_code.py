"""A cell as IPython would run it, inside the sandbox: what Python does not take is turned into calls of a stand-in.

IPython's own input transformer is used where it is there; it turns text into text and runs nothing.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
import textwrap
from collections.abc import Callable
from typing import Any

PARSE = ast.parse  # as it is before a notebook may replace it
FIRST_LINE = re.compile(r"\s*%%(\S+)([^\n]*)(?:\n|$)")
WRITES = ("writefile", "file")
NOT_RUN = {
    *("!", "bash", "sh", "script", "system", "sx", "cmd", "html", "HTML", "javascript", "js", "latex", "markdown"),
    *("svg", "SVG", "perl", "ruby", "python", "python2", "python3", "pypy", "cython", "sql", "R"),
    *("timeit", *WRITES),
}  # cell magics whose cells hold no code of this notebook, or leave none of its names behind
KEEPS = re.compile(r"--(?:out|err|proc)[ =]+(\w+)")  # the names that `%%bash --out text` gives something to
OPEN = "__import__('io').open"  # a notebook may call something else `open`
PYLAB = (
    "import numpy, numpy as np, matplotlib, matplotlib.pyplot as plt\n"
    "globals().update({name: value for name, value in vars(numpy).items() if name[0] != '_'})"
)
# What a line at the margin begins with that belongs to the lines before it.
GOES_ON = re.compile(r"[\s)\]}#]|(else|elif|except|finally|case)\b|$")
MOST_JOINED = 40  # lines at the margin that one statement may hold, say in a long text
FAILS = (SyntaxError, ValueError, MemoryError, RuntimeError, OverflowError)

Transform = Callable[[str], str]


def transformer(folder: str) -> Transform | None:
    """Return IPython's input transformer, whose files lie in `folder`; None where it is not there."""
    sys.path.insert(0, folder)
    try:
        found: Transform = importlib.import_module("IPython.core.inputtransformer2").TransformerManager().transform_cell
        return found
    except Exception:
        return None
    finally:
        sys.path.remove(folder)
        for name in [name for name in sys.modules if name.partition(".")[0] == "IPython"]:
            del sys.modules[name]


def statements(source: str, place: str, transform: Transform | None) -> tuple[list[ast.stmt], list[BaseException]]:
    """Return the statements of a cell, and what was wrong with the lines that are none."""
    instead: list[str] = []  # of the cell magics
    lines = 0
    while magic := FIRST_LINE.match(source):
        name, settings = magic[1], magic[2]
        source, lines = source[magic.end() :], lines + magic[0].count("\n")
        kept = [word for word in settings.split() if not word.startswith("-")][:1] if name == "capture" else []
        kept += KEEPS.findall(settings) if _is_not_run(name) else []
        instead += [f"{word} = get_ipython()" for word in kept if word.isidentifier()]
        if _is_not_run(name):
            instead += [_writing(settings, source)] if name in WRITES else []
            source = ""
    body, errors = _parsed(source, place, transform)
    for statement in body:
        ast.increment_lineno(statement, lines)
    return [*PARSE("\n".join(instead), place).body, *body], errors


def _is_not_run(magic: str) -> bool:
    return magic in NOT_RUN or magic.startswith("!")


def _writing(settings: str, text: str) -> str:
    """Return what writes a text as `%%writefile -a NAME` does."""
    words = settings.split()
    mode = "a" if {"-a", "--append"} & set(words) else "w"
    name = " ".join(word for word in words if word not in ("-a", "--append")).strip("'\"")
    # An import looks at a folder again only when the folder's time has changed, and these are not that fine.
    looked = "__import__('importlib').invalidate_caches()"
    return f"{OPEN}({name!r}, {mode!r}, encoding='utf-8').write({text!r}), {looked}"


def uncovered(source: str) -> str:
    """Return a cell whose lines run, also where a magic above them keeps IPython from it; the lines keep their places.

    >>> uncovered("%%writefile f.py\\nx = 1"), uncovered("%%time\\nx = 1")
    ('# %%writefile f.py\\nx = 1', '%%time\\nx = 1')
    """
    first = FIRST_LINE.match(source)
    if first is None:
        return source
    above, rest = source[: first.end()], uncovered(source[first.end() :])
    return (f"# {above.lstrip()}" if _is_not_run(first[1]) else above) + rest


def _parsed(source: str, place: str, transform: Transform | None) -> tuple[list[ast.stmt], list[BaseException]]:
    try:
        return _one(source, place, transform), []
    except FAILS as error:
        return _rescued(source, place, transform), [error]


def _one(source: str, place: str, transform: Transform | None) -> list[ast.stmt]:
    """Return the statements of a text; raises one of FAILS."""
    text = python_of(source, transform)
    removed = len(source) - len(source.lstrip("\n")) if transform else 0  # the transformer drops empty lines in front
    tree = PARSE(text, place)
    _Run(transform).visit(tree)
    if removed:
        ast.increment_lineno(tree, removed)
    return tree.body


def python_of(source: str, transform: Transform | None) -> str:
    """Return a text with what only a notebook understands turned into Python."""
    if transform is not None:
        try:
            return transform(source)
        except FAILS:
            pass
    return without_magics(source)


def without_magics(source: str) -> str:
    """Return a text without the lines that only a notebook understands, where IPython is not there to ask."""
    kept = []
    for line in textwrap.dedent(source).split("\n"):
        bare = line.lstrip()
        kept.append(line[: len(line) - len(bare)] + "pass" if bare[:1] in ("%", "!", "?") and bare else line)
    return "\n".join(kept)


def _rescued(source: str, place: str, transform: Transform | None) -> list[ast.stmt]:
    """Return the statements of a cell that Python does not take as a whole, each read by itself."""
    lines = source.split("\n")
    starts = [k for k, line in enumerate(lines) if not GOES_ON.match(line)]
    ends = [*starts[1:], len(lines)]
    found: list[ast.stmt] = []
    k = 0
    while k < len(starts):
        for end in range(k, min(k + MOST_JOINED, len(starts))):
            try:
                own = _one("\n".join(lines[starts[k] : ends[end]]), place, transform)
            except FAILS:
                continue
            for statement in own:
                ast.increment_lineno(statement, starts[k])
            found += own
            k = end
            break
        k += 1
    return found


class _Run(ast.NodeTransformer):
    """Puts what `%time x = f()` or `%run f.py` runs in the place of the magic."""

    def __init__(self, transform: Transform | None) -> None:
        self.transform = transform

    def visit_Expr(self, node: ast.Expr) -> Any:
        line = _run_by(node.value)
        if line is not None:
            try:
                tree = PARSE(python_of(line, self.transform))
            except FAILS:
                return node
            return [ast.increment_lineno(one, node.lineno - 1) for one in tree.body] or node
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> Any:
        line = _run_by(node)
        if line is not None:
            try:
                value = PARSE(line, mode="eval").body
            except FAILS:
                return node
            return ast.increment_lineno(value, node.lineno - 1)
        return self.generic_visit(node)


def _run_by(node: ast.expr) -> str | None:
    """Return what a call of a line magic runs, None for any other expression."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython")), attr="run_line_magic"),
            args=[ast.Constant(value=name), ast.Constant(value=str(line))],
        ):
            words = [word for word in line.split() if not word.startswith("-")]
            if name == "run" and words:
                path = words[0].strip("'\"")
                path = path if path.endswith((".py", ".ipy")) else f"{path}.py"
                return f"exec(compile({OPEN}({path!r}, encoding='utf-8').read(), {path!r}, 'exec'), globals())"
            return {"time": line, "pylab": PYLAB}.get(str(name))
    return None
