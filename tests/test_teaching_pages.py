"""The pages for teachers: their links set explorers that are there, and every number in them is computed.

A piece of a page is what stands between two headings or comments. Its numbers are shown by an explorer to which it
links, or stand in the checks of the comment that ends it: Python expressions, one a line, with the names of `cnnlib`
and those of `checks_of` below.

    Six cells give two windows. <!-- check: output_size(6, 3, stride=2) == 2 -->
"""

from __future__ import annotations

import ast
import functools
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from test_notebook_prose import READ, shown

import cnnlib
import front_page
import minutes
from cnncourse import architectures, checks, explorers
from cnncourse.checks.exercise import FunctionExercise
from cnncourse.explorers.edits import Edits
from cnncourse.explorers.scene import Choice, Position, Range, Switch
from cnncourse.explorers.stops import Stops
from cnnlib import geometry, lenet, paths, recipes

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
NAMED = ("questions", "misconceptions", "lectures", "errata")
PAGES = {name: (DOCS / f"{name}.md").read_text(encoding="utf-8") for name in NAMED}
each_page = pytest.mark.parametrize("name", PAGES)

HEADING = re.compile(r"^#+ .*$", re.MULTILINE)
COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
FENCED = re.compile(r"^ *```(?:python|text)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^ *```python\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r'<a\s+href="(notebooks/[^"]+)">')
# What is no fact: names of chapters, weeks and versions, years, right angles, how long something is to take, and code,
# which is run or handed to its check instead.
NAMES = re.compile(
    "|".join(
        [
            r"\[[^\]]*\]\([^)]*\)",  # a link to a page, with its words
            r"\b(?:[Cc]hapters?|[Ww]eeks?|[Aa]ssignments?)\s+\d+(?:(?:,| and| to)\s+\d+)*|^\| \d\d \|",
            r"^\| [\d–]+ \||\b\d+ minutes\b",
            r"`[^`]*`|The check says: [^.]*\.",
            r"_\{[^}]*\}|_\w",  # indices
            r"\b(?:19|20)\d\d\b|[Vv]ersion [\d.]+|\b(?:90|180|270)°",
        ]
    ),
    re.MULTILINE,
)
NUMBER = re.compile(r"(?<![\w.])(?<!\w-)\d+(?:,\d{3})*(?:\.\d+)?(?![\w.]*\d)(?!\w)")


# ---- links ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """A link that sets an explorer of a chapter: which chapter, which explorer, and what of it."""

    chapter: str
    explorer: str
    words: str


def settings_in(text: str) -> list[Setting]:
    """Return the links of a text that set an explorer."""
    found = []
    for address in LINK.findall(text):
        parts = urlsplit(address)
        if parts.query:
            explorer, _, words = unquote(parts.query).partition("=")
            found.append(Setting(Path(parts.path).stem, explorer, words))
    return found


def opened(chapter: str, explorer: str) -> dict[str, Any]:
    """Return the settings with which a chapter opens an explorer; LookupError if it opens none."""
    for cell in READ[chapter].cells:
        if cell.cell_type == "code" and f"explorers.{explorer}(" in cell.source:
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == f"explorers.{explorer}":
                    return {one.arg: ast.literal_eval(one.value) for one in node.keywords if one.arg}
    raise LookupError(f"{chapter}: opens no explorer {explorer}")


def understood(words: str, settings: tuple[Any, ...]) -> dict[str, Any]:
    """Return what the words of a link set; KeyError, TypeError or ValueError for what the page would leave out."""
    changes = {}
    for part in words.split(","):
        key, value = part.split(":")
        named = [s for s in settings if key in (s.name, getattr(s, "symbol", "")) or (key, type(s)) == ("at", Position)]
        if len(named) != 1:
            raise KeyError(f"{key}: got {len(named)} settings of this name, expected one")
        changes[named[0].name] = wanted = meaning(named[0], value)
        if np.any(np.asarray(named[0].accept(wanted)) != np.asarray(wanted)):  # a slider takes the nearest of its stops
            raise ValueError(f"{key}: got {value}, expected a value that the slider has")
    return changes


def meaning(setting: Any, value: str) -> Any:
    if isinstance(setting, (Choice, Edits)):
        return value
    if isinstance(setting, Switch):
        return {"1": True, "0": False}[value]
    if isinstance(setting, Position) or (isinstance(setting, Range) and "x" in value):
        return tuple(map(int, value.split("x")))
    return int(value) if isinstance(setting, (Range, Stops)) else float(value)


@functools.cache
def set_by(link: Setting) -> tuple[Any, dict[str, Any]]:
    """Return the explorer of a link before it is drawn, and all its settings after the link was followed."""
    explorer = getattr(explorers, link.explorer)()._explorer
    settings = explorer.changed(explorer.start(), **opened(link.chapter, link.explorer))
    return explorer, explorer.changed(settings, **understood(link.words, explorer.settings))


@functools.cache
def alternative(link: Setting) -> str:
    """Return in words what the explorer of a link shows."""
    explorer, settings = set_by(link)
    return explorer.text_alternative(settings)


def scene_of(link: Setting) -> Any:
    explorer, settings = set_by(link)
    return explorer.scene_of(settings)


@each_page
def test_each_link_sets_an_explorer_of_its_chapter(name: str) -> None:
    links = settings_in(PAGES[name])
    assert len(links) > 5 or name == "errata"
    for link in links:
        assert "What would fit" not in alternative(link), link


def test_every_explorer_is_put_to_use() -> None:
    used = {link.explorer for text in PAGES.values() for link in settings_in(text)}
    assert used | {"drawing_pad"} == set(explorers.__all__)
    assert all(re.search(r'href="notebooks/00_tour\.html#now-you"', PAGES[name]) for name in ("questions", "lectures"))


@each_page
def test_links_without_settings_lead_to_a_heading(name: str) -> None:
    for address in LINK.findall(PAGES[name]):
        parts = urlsplit(address)
        text = "\n".join(one.source for one in READ[Path(parts.path).stem].cells if one.cell_type == "markdown")
        headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        slugs = {re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") for heading in headings}
        assert parts.path.endswith(".html") and (not parts.fragment or parts.fragment in slugs), address


# ---- numbers --------------------------------------------------------------------------------------------------------

# Strokes on a pad of 1 by 1, each a list of (row, column).
DRAWINGS = {
    "A": [[(0.85, 0.2), (0.15, 0.5), (0.85, 0.8)], [(0.6, 0.32), (0.6, 0.68)]],
    "square": [[(0.25, 0.25), (0.25, 0.75), (0.75, 0.75), (0.75, 0.25), (0.25, 0.25)]],
    "7": [[(0.2, 0.25), (0.2, 0.75), (0.85, 0.45)]],
    "7 with a bar": [[(0.2, 0.25), (0.2, 0.75), (0.85, 0.45)], [(0.52, 0.38), (0.52, 0.75)]],
}


@functools.cache
def pad(drawing: str) -> tuple[int, float]:
    """Return what LeNet-5 reads in a drawing, and how many percent sure it is."""
    explorer = explorers.drawing_pad()
    explorer.draw(DRAWINGS[drawing])
    return int(np.argmax(explorer.probabilities)), 100 * float(np.max(explorer.probabilities))


@functools.cache
def likeness(layers: int) -> float:
    """Return the correlation of what the first layers of LeNet-5 make of a 3 and of a 5 of the layer viewer."""
    network = recipes.load_trained(paths.data_folder() / "lenet5_mnist.npz").network[:layers]
    _, (images, labels) = cnnlib.load_digits()
    three, five = (network.forward(images[labels == digit][[k]]).ravel() for digit, k in ((3, 0), (5, 10)))
    return float(np.corrcoef(three, five)[0, 1])


def says(chapter: str, phrase: str) -> bool:
    """Return whether a chapter, "05", has these words, in its text or in what a cell has printed."""
    [notebook] = [notebook for stem, notebook in READ.items() if stem.startswith(f"{chapter}_")]
    parts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    parts += [shown(output) for cell in notebook.cells for output in cell.get("outputs", [])]
    return phrase in " ".join("\n".join(parts).split())


def caught(exercise: str, old: str, new: str) -> str:
    """Return what the check of an exercise says of its solution with `new` in the place of `old`."""
    asked = checks.EXERCISES[exercise]
    assert isinstance(asked, FunctionExercise)
    source = inspect.getsource(asked.reference_solution)
    assert source.count(old) == 1, source
    namespace: dict[str, Any] = {"np": np, "cnnlib": cnnlib}
    exec(source.replace(old, new), namespace)
    return str(asked(namespace[asked.reference_solution.__name__], seed=1))


def checks_of(links: list[Setting]) -> dict[str, Any]:
    """Return the names that the checks of a piece with these links may use."""

    def shows(phrase: str) -> bool:
        return any(phrase in alternative(link) for link in links)

    def grid(role: str) -> np.ndarray:
        return np.array(scene_of(links[-1]).grid(role).values, float)

    own: dict[str, Callable[..., Any]] = {"pad": pad, "likeness": likeness, "says": says, "shows": shows, "grid": grid}
    public = {name: getattr(cnnlib, name) for name in cnnlib.__all__}
    return public | own | {"np": np, "architectures": architectures, "geometry": geometry, "lenet": lenet}


@dataclass(frozen=True)
class Piece:
    """A piece of a page: its heading, its text, and the checks of the comment that ends it."""

    heading: str
    text: str
    checks: list[ast.expr]


def pieces(page: str) -> list[Piece]:
    """Return the pieces of a page."""
    found, heading, begin = [], "", 0
    for end in [*sorted([*HEADING.finditer(page), *COMMENT.finditer(page)], key=lambda match: match.start()), None]:
        text = page[begin : end.start() if end else None]
        comment = end[1].strip() if end and end[0].startswith("<!--") else ""
        lines = comment.removeprefix("check:").splitlines() if comment.startswith("check:") else []
        tree = ast.parse("\n".join(line.strip() for line in lines))
        assert all(isinstance(node, ast.Expr) for node in tree.body), comment
        found.append(Piece(heading, text, [node.value for node in tree.body if isinstance(node, ast.Expr)]))
        if end:
            heading, begin = (heading if end[0].startswith("<!--") else end[0]), end.end()
    return [piece for piece in found if piece.text.strip()]


def numbers_of(text: str) -> list[float]:
    return [float(number.replace(",", "")) for number in NUMBER.findall(text)]


def facts(text: str) -> list[str]:
    """Return the numbers of a text that state something."""
    return NUMBER.findall(NAMES.sub(" ", re.sub(r"<[^>]*>", " ", FENCED.sub(" ", text))))


def known(piece: Piece) -> list[float]:
    """Return the numbers that the checks of a piece state and those that its explorers show."""
    constants = [node.value for check in piece.checks for node in ast.walk(check) if isinstance(node, ast.Constant)]
    words = [value for value in constants if isinstance(value, str)]
    words += [alternative(link) for link in settings_in(piece.text)]
    return [float(value) for value in constants if isinstance(value, (int, float))] + numbers_of(" ".join(words))


@each_page
def test_the_checks_hold(name: str) -> None:
    count = 0
    for piece in pieces(PAGES[name]):
        for check in piece.checks:
            value = eval(compile(ast.Expression(check), f"{name}.md", "eval"), checks_of(settings_in(piece.text)))
            assert isinstance(value, (bool, np.bool_)) and value, f"{piece.heading}: {ast.unparse(check)}"
            count += 1
    assert count > 5  # none has become a comment that nobody reads


@each_page
def test_every_number_is_computed(name: str) -> None:
    missing = []
    for piece in pieces(PAGES[name]):
        values = known(piece)
        for number in facts(piece.text):
            decimals = len(number.partition(".")[2])
            room = 0.5 * 10.0**-decimals if decimals else 0.0
            if not any(abs(float(number.replace(",", "")) - value) <= room + 1e-9 for value in values):
                missing.append(f"{piece.heading}: {number} in {' '.join(piece.text.split())[:80]}")
    assert missing == []


@each_page
def test_the_code_of_a_page_runs(name: str) -> None:
    for code in PYTHON.findall(PAGES[name]):
        lines = code.splitlines()
        margin = len(lines[0]) - len(lines[0].lstrip())
        assert "assert" in code
        exec("\n".join(line[margin:] for line in lines), {"np": np, "cnnlib": cnnlib})


def test_there_are_links_and_code_to_look_at() -> None:
    assert sum(len(LINK.findall(text)) for text in PAGES.values()) > 100
    assert any(PYTHON.findall(text) for text in PAGES.values())


def test_a_number_from_nowhere_is_found() -> None:
    link = '<a href="notebooks/04_padding_and_stride.html?padding_and_stride=W:6,F:3,P:0,S:2">6 cells</a>'
    checked = "<!-- check: 13 / 4 == 3.25\n  output_size(6, 3, 2) == 2 -->"
    [piece] = pieces(f"# 04\n\n{link} give 2 windows, chapter 05 has 3.25.\n{checked}\n")
    assert facts(piece.text) == ["6", "2", "3.25"] and {2.0, 3.25, 11.0, 36.0} <= set(known(piece))
    assert 17.0 not in known(piece) and facts("17 pixels, `w[3]`, 10⁻⁷, W2 and 2P") == ["17", "10"]
    with pytest.raises(KeyError):
        understood("Q:3", explorers.padding_and_stride()._explorer.settings)
    for wrong in ("W:13", "P:4", "at:1"):
        with pytest.raises(ValueError, match="expected"):
            understood(wrong, explorers.padding_and_stride()._explorer.settings)
    with pytest.raises(LookupError):
        opened("05_pooling", "padding_and_stride")


# ---- what each page is to have --------------------------------------------------------------------------------------


def sections(name: str) -> dict[str, str]:
    """Return the text under each heading of the second level."""
    parts = re.split(r"^## (.*)$", COMMENT.sub("", PAGES[name]), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def test_each_chapter_has_a_picture_for_the_board_and_misconceptions() -> None:
    found = sections("misconceptions")
    titles = [f"{chapter.number} {chapter.title}" for chapter in front_page.chapters()]
    assert len(titles) == 16 and list(found) == titles
    for title in titles:
        board, *said = re.split(r"^- ", found[title], flags=re.MULTILINE)
        assert board.strip().startswith("**On the board:** ") and len(board.split("\n\n")) <= 3, title
        assert len(said) >= 3, title
        for one in said:
            parts = re.fullmatch(r"\*\*“(.+?)”(?:, or “.+?”\.)?\*\*(.+)", one.strip(), re.DOTALL)
            assert parts and len(parts[2]) > 60, one


def test_each_question_of_the_lecture_has_an_answer() -> None:
    for heading, text in sections("questions").items():
        asked = re.findall(r"^\*\*(.+?\?)\*\*", text, re.MULTILINE)
        answers = re.findall(r"<details>\n<summary>Answer</summary>\n\n(.+?)\n\n</details>", text, re.DOTALL)
        assert len(asked) == len(answers) >= 1, heading
    weeks = re.findall(r"^\| (\d+) \|", (DOCS / "course_plan.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {re.match(r"Week (\d+)", heading)[1] for heading in sections("questions")} <= set(weeks)


def test_the_parts_of_a_lecture_add_up_to_ninety_minutes() -> None:
    plans = 0
    for text in sections("lectures").values():
        if times := [tuple(map(int, two)) for two in re.findall(r"^\| (\d+)–(\d+) \|", text, re.MULTILINE)]:
            assert times[0][0] == 0 and times[-1][1] == 90
            assert all(end == begin and start < end for (start, end), (begin, _) in zip(times, times[1:]))
            plans += 1
    assert plans == 2


def test_the_plan_has_the_minutes_of_the_chapters() -> None:
    plan = (DOCS / "course_plan.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"(?:\[|\| )(\d\d)\b[^|;]*?, (\d+) min", plan))
    says_itself = {stem[:2]: minutes.SAYS.search(READ[stem].cells[0].source) for stem in READ if stem[:2].isdigit()}
    assert told == {chapter: found[1] for chapter, found in says_itself.items() if found and chapter != "00"}


def test_each_week_has_a_question_at_both_ends() -> None:
    parts = re.split(r"^### Week (\d+)$", sections("lectures")["Week by week"], flags=re.MULTILINE)
    weeks = dict(zip(parts[1::2], parts[2::2]))
    planned = re.findall(r"^\| (\d+) \|", (DOCS / "course_plan.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert list(weeks) == planned[:13] == [str(k) for k in range(1, 14)]
    for text in weeks.values():
        begin, middle, end = re.split(r"^- ", text.strip(), flags=re.MULTILINE)[1:]
        assert begin.startswith("*To begin:*") and end.startswith("*To end:*") and "mistake" in middle


def test_a_mistake_on_the_screen_is_called_by_its_name() -> None:
    told = re.findall(r"`(\w+)`, `(.+?)` becomes `(.+?)`\. The check says: (.+)\.$", PAGES["lectures"], re.MULTILINE)
    assert len(told) == PAGES["lectures"].count("*A mistake on the screen:*") > 9
    for exercise, old, new, name in told:
        assert f"The mistake: {name}. " in caught(exercise, old, new)
