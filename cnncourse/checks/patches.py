"""Known mistakes as changes of a solution: one line of text each, compiled when it is first tried.

    bias forgotten: The products are added up, but `w_b` is not.
        net[i, j] += w_b => pass
    stride ignored: The window moves by 1 whatever `stride` says.
        stride => 1
        // stride => // 1
        & x[i * stride + m, j * stride + n] => x[i + m, j + n]
    plain ReLU: A leaky ReLU lets `slope * x` through. | slope * x => 0

A line at the margin gives a mistake its name and a sentence; the sentence may go on in the lines below. Each line
`old => new` is the solution with `old` replaced wherever it stands below the line of the `def`, as a whole word; `&`
makes a further change to the same copy. In `new`, `\\n` begins a line, indented as the line that `old` stands in
(and further by as many spaces as follow, but one). A name
without a sentence has the one it was given earlier in the text, or the one in `phrases.COMMON`.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .comparing import Mistake
from .phrases import COMMON

ARROW = re.compile(r"\s=>(?:\s|$)")
HEAD = re.compile(r"(?P<name>[^|]+?):(?:\s+(?P<sentence>.*))?")


class PatchError(ValueError):
    """A text of patches cannot be read, or does not fit its solution; says which line."""


@dataclass(frozen=True)
class Change:
    """One `old => new`."""

    old: str
    new: str

    def apply(self, source: str) -> str:
        """Return `source` with `old` replaced wherever it stands, except in the line that begins the function."""
        before, after = (r"\b" if end.isidentifier() or end.isdigit() else "" for end in (self.old[0], self.old[-1]))
        pattern = re.compile(before + re.escape(self.old) + after)
        head, body = source.split("\n", 1)
        if not pattern.search(body):
            raise PatchError(f"{self.old!r} does not stand in the solution")
        return "\n".join([head, *(self._in_line(line, pattern) for line in body.split("\n"))])

    def _in_line(self, line: str, pattern: re.Pattern[str]) -> str:
        indent = "\n" + line[: len(line) - len(line.lstrip())]
        new = re.sub(r" ?\\n ?", lambda match: indent, self.new)
        return pattern.sub(lambda match: new, line)


class Patched:
    """A solution with changes. It can be called like the solution; it is compiled at the first call."""

    def __init__(self, solution: Callable[..., Any], changes: tuple[Change, ...]) -> None:
        self.solution, self.changes = solution, changes
        self._function: Callable[..., Any] | None = None

    @property
    def source(self) -> str:
        """Return the changed solution as text."""
        source = textwrap.dedent(inspect.getsource(self.solution))
        for change in self.changes:
            source = change.apply(source)
        return source

    @property
    def function(self) -> Callable[..., Any]:
        if self._function is None:
            namespace = dict(self.solution.__globals__)
            exec(compile(self.source, f"<{self.solution.__name__}, changed>", "exec"), namespace)
            self._function = namespace[self.solution.__name__]
        return self._function

    def __call__(self, *values: Any, **by_name: Any) -> Any:
        """Return the mistaken answer."""
        return self.function(*values, **by_name)

    def __repr__(self) -> str:
        return " & ".join(f"{change.old} => {change.new}" for change in self.changes)


def mistakes_of(solution: Callable[..., Any], text: str, sentences: dict[str, str] | None = None) -> list[Mistake]:
    """Return the mistakes that `text` describes as changes of `solution`, in its order.

    sentences: for names that have none in the text, in addition to `phrases.COMMON`.
    """
    known = COMMON | (sentences or {})
    made: list[Mistake] = []
    for block in re.split(r"\n(?=[^\s#])", "\n" + textwrap.dedent(text).strip("\n")):
        lines = [line.strip() for line in block.splitlines() if line.strip() and line.strip()[0] != "#"]
        if not lines:
            continue
        head, *inline = lines[0].split(" | ", 1)
        match = HEAD.fullmatch(head)
        if not match:
            raise PatchError(f"{lines[0]!r}: expected `name: sentence`, or `name:`")
        below = [*inline, *lines[1:]]
        words = [line for line in below if not ARROW.search(line)]
        sentence = " ".join(filter(None, [match["sentence"], *words]))
        name = match["name"]
        if sentence:
            known[name] = sentence
        if name not in known:
            raise PatchError(f"{name!r}: a sentence is missing")
        for variant in _variants([line for line in below if ARROW.search(line)]):
            made.append(Mistake(name, known[name], Patched(solution, variant)))
    return made


def _variants(lines: list[str]) -> list[tuple[Change, ...]]:
    """Return the changes of each variant: a line that begins with `&` belongs to the one above."""
    found: list[tuple[Change, ...]] = []
    for line in lines:
        more = line.startswith("& ")
        old, new = ARROW.split(line.removeprefix("& "), maxsplit=1)
        change = Change(old.strip(), new.strip())
        if more and not found:
            raise PatchError(f"{line!r}: there is nothing above that it belongs to")
        found[-1 if more else len(found) :] = [(*found[-1], change) if more else (change,)]
    return found
