"""Which submissions are alike: their code as a sequence of words, whatever the names in it.

Code is cut into tokens and never parsed or run. A group is for a teacher to look at, no more: short functions have
few ways to be written. Texts are compared by runs of words, whatever their capitals and punctuation.
"""

from __future__ import annotations

import builtins
import io
import keyword
import re
import token
import tokenize
from collections.abc import Callable
from dataclasses import dataclass

RUN = 6  # tokens that are compared as one
LEAST = 40  # runs of a solution that are enough to compare
ALIKE = 0.9
MOST_TOKENS = 5000
WORDS = re.compile(r"[^\W_]+")
LEAST_WORDS = 12  # runs of a text that are enough to compare
ALIKE_WORDS = 0.5  # texts in one's own words share hardly any run of six
QUIET = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING, tokenize.ENDMARKER}
KEPT = set(keyword.kwlist) | set(dir(builtins)) | {"np"}

Runs = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Group:
    """Students whose solutions of a task are alike. sources: those of the first two."""

    task: str
    students: tuple[str, ...]
    sources: dict[str, str]


def runs(source: str) -> Runs:
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


def runs_of_words(text: str) -> Runs:
    """Return the runs of words in a text."""
    words = [word.casefold() for word in WORDS.findall(text)[:MOST_TOKENS]]
    return frozenset(tuple(words[k : k + RUN]) for k in range(len(words) - RUN + 1))


def alike(first: Runs, second: Runs, share: float = ALIKE) -> bool:
    """Return whether two solutions share nearly all their runs."""
    few, many = sorted((len(first), len(second)))
    return few >= share * many and len(first & second) >= share * len(first | second)


def groups(task: str, sources: dict[str, str], stub: str = "") -> list[Group]:
    """Return the groups of `sources` (by student) that are alike apart from `stub`, the smallest first.

    A solution joins every group that it is alike to one of, and so makes them one.
    """
    return _grouped(task, sources, runs, stub, LEAST, ALIKE)


def groups_of_texts(task: str, texts: dict[str, str], question: str = "") -> list[Group]:
    """Return the groups of written answers that are alike apart from the words of the question."""
    return _grouped(task, texts, runs_of_words, question, LEAST_WORDS, ALIKE_WORDS)


def _grouped(
    task: str, sources: dict[str, str], cut: Callable[[str], Runs], stub: str, least: int, share: float
) -> list[Group]:
    common = cut(stub)
    own = {student: cut(source) - common for student, source in sources.items()}
    found: list[list[str]] = []
    for student, mine in own.items():
        if len(mine) < least:
            continue
        near = [
            group for group in found if any(own[other] == mine or alike(own[other], mine, share) for other in group)
        ]
        found = [group for group in found if group not in near] + [
            [name for group in near for name in group] + [student]
        ]
    made = [Group(task, tuple(names), {name: sources[name] for name in names[:2]}) for names in found if len(names) > 1]
    return sorted(made, key=lambda group: (len(group.students), group.students))
