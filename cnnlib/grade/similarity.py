"""Which submissions are alike: their code as a sequence of words, whatever the names in it.

The code is cut into tokens and never parsed or run. A group is for a teacher to look at, no more: short functions have
few ways to be written.
"""

from __future__ import annotations

import builtins
import io
import keyword
import token
import tokenize
from dataclasses import dataclass

RUN = 6  # tokens that are compared as one
LEAST = 40  # runs of a solution that are enough to compare
ALIKE = 0.9
MOST_TOKENS = 5000
QUIET = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING, tokenize.ENDMARKER}
KEPT = set(keyword.kwlist) | set(dir(builtins)) | {"np"}


@dataclass(frozen=True)
class Group:
    """Students whose solutions of a task are alike. sources: those of the first two."""

    task: str
    students: tuple[str, ...]
    sources: dict[str, str]


def runs(source: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of tokens in `source`, all names of the student's own being alike."""
    words: list[str] = []
    previous = ""
    try:
        for item in tokenize.generate_tokens(io.StringIO(source).readline):
            if item.type in QUIET:
                continue
            words.append(_word(item, previous))
            previous = item.string
            if len(words) >= MOST_TOKENS:
                break
    except (tokenize.TokenError, SyntaxError, ValueError):
        pass  # what was read up to there is compared
    return frozenset(tuple(words[k : k + RUN]) for k in range(len(words) - RUN + 1))


def _word(item: tokenize.TokenInfo, previous: str) -> str:
    if item.type == token.NAME:
        return item.string if item.string in KEPT or previous == "." else "name"
    return "text" if item.type == token.STRING else item.string.strip() or token.tok_name[item.type]


def alike(first: frozenset, second: frozenset) -> bool:
    """Return whether two solutions share nearly all their runs."""
    few, many = sorted((len(first), len(second)))
    return few >= ALIKE * many and len(first & second) >= ALIKE * len(first | second)


def groups(task: str, sources: dict[str, str], stub: str = "") -> list[Group]:
    """Return the groups of `sources` (by student) that are alike apart from `stub`, the smallest first.

    A solution joins every group that it is alike to one of, and so makes them one.
    """
    common = runs(stub)
    own = {student: runs(source) - common for student, source in sources.items()}
    found: list[list[str]] = []
    for student, mine in own.items():
        if len(mine) < LEAST:
            continue
        near = [group for group in found if any(own[other] == mine or alike(own[other], mine) for other in group)]
        found = [group for group in found if group not in near] + [
            [name for group in near for name in group] + [student]
        ]
    made = [Group(task, tuple(names), {name: sources[name] for name in names[:2]}) for names in found if len(names) > 1]
    return sorted(made, key=lambda group: (len(group.students), group.students))
