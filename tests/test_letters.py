"""A letter stands for one thing in the whole course: the two tables on the page of formulas say for what, and where.

Looked at are the formulas of all chapters, and in their code each name of one letter that is assigned, looped over or
an argument. (What a comprehension or a lambda binds lives for one line, and is left out; `net` is not.) A letter below
another one, or that counts in a loop, is an index and belongs to the second table. A digit behind a letter counts what
it stands for, `w0`, `a_1`, but for W1, H1, W2 and H2.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
CHAPTERS = {path.stem[:2]: nbformat.read(path, as_version=4) for path in sorted(FOLDER.glob("[0-9]*.ipynb"))}
FORMULAS = nbformat.read(FOLDER / "formulas.ipynb", as_version=4)

QUANTITY, INDEX, CODE = "quantity", "index", "name in code"

# What stands for something else, where, and why it may. Each is used; a test says so.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("03", "A"): "mathematics' convolution of two arrays, A and B, which are neither input nor kernel",
    ("03", "B"): "the same; no batch is near",
    ("03", "a"): "m_a × n_a are the rows and columns of A, m_b × n_b those of B",
    ("03", "s"): "the sum of two dice, before there are two indices",
    ("03", "r"): "row and column of a window's corner, r and c, in two solutions",
    ("03", "c"): "the same",
    ("04", "n"): "other books' letters for size, kernel, stride, and the padding of both ends, for once: n, k, s, p",
    ("04", "s"): "the same",
    ("04", "p"): "the same",
    ("04", "h"): "the same: n_h is the number of rows",
    ("05", "p"): "a pooling window has p × q cells, always the pair; a probability stands alone or has an index",
    ("05", "q"): "the same",
    ("07", "p"): "the same",
    ("07", "q"): "the same",
    ("06", "u"): "two numbers on the way from x to E, as in calculus, in the first lines of the chapter",
    ("06", "v"): "the same; no velocity is near",
    ("11", "j"): "the paper's and cnnlib's name of the constant in the loss of 1998; no index is near",
    ("15", "beta"): "the shift of batch normalisation: γ and β in its paper and in all libraries",
}

NUMBERS = ("W1", "H1", "W2", "H2", "F", "P", "S", "D", "N", "B", "C")
MATRICES = ("W", "V", "X", "A")

FENCED = re.compile(r"^(`{3,})[^\n]*\n.*?^\1 *$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FORMULA = re.compile(r"\$\$(.*?)\$\$|\$([^$\n]+)\$", re.DOTALL)
WORDS = re.compile(r"\\(?:text|textbf|mathrm|begin|end)\{[^{}]*\}")
DERIVATIVE = re.compile(r"\\d?frac\{d[a-zA-Z]\}\{d[a-zA-Z]\}")
LETTER = re.compile(r"\\[a-zA-Z]+|[WH][12]|[a-zA-Z]")
GREEK = {"alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "lambda", "mu", "sigma", "varphi"}
# `net` is the weighted input, an array: it has none of these.
NETWORKS = re.compile(r"\bnet\.(?:forward|backward|scores|predict|layers|parameters|summary|steps|cost)\b")
AN_INDEX = ("range", "ndindex", "enumerate", "divmod", "unravel_index")
AN_ARRAY = ("array", "zeros", "ones", "full", "normal", "arange", "integers", "conv2d", "reshape", "copy")


# ---- formulas -------------------------------------------------------------------------------------------------------


def group(tex: str, at: int) -> tuple[str, int]:
    """Return what a subscript that begins at `at` consists of, and where it ends."""
    if tex[at : at + 1] != "{":
        found = re.compile(r"\\[a-zA-Z]+|.", re.DOTALL).match(tex, at)
        return (found[0], found.end()) if found else ("", at)
    depth = 0
    for end in range(at, len(tex)):
        depth += {"{": 1, "}": -1}.get(tex[end], 0)
        if depth == 0:
            return tex[at + 1 : end], end + 1
    raise ValueError(f"an open bracket in {tex!r}")


def letters(tex: str) -> Iterator[str]:
    for found in LETTER.findall(tex):
        if not found.startswith("\\") or found[1:] in GREEK:
            yield found.removeprefix("\\")


def in_formula(tex: str) -> Iterator[tuple[str, str]]:
    """Yield (quantity or index, letter) for the letters of a formula."""
    tex = DERIVATIVE.sub(" ", WORDS.sub(" ", tex)).replace("net", " ")
    tex = tex.replace("w_b", "w").replace("_{in}", "").replace("_{out}", "").replace("w_{b,", "w_{").replace("d_a", " ")
    above, at = "", 0
    while at < len(tex):
        if tex[at] != "_":
            above, at = above + tex[at], at + 1
            continue
        below, at = group(tex, at + 1)
        above += " "
        for letter in letters(below):  # x_{iS+m-P}: S and P are the sizes that they always are
            yield (QUANTITY if letter.isupper() else INDEX), letter
    for letter in letters(above):
        yield QUANTITY, letter


# ---- code -----------------------------------------------------------------------------------------------------------


def called(node: ast.AST | None) -> str:
    """Return the last name of what an expression calls, "" if it is no call."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def of_one_letter(name: str) -> str:
    """Return the letter of a name such as `w`, `w0` or `δ`, "" for a longer one."""
    if re.fullmatch(r"[WH][12]", name):
        return name
    return {"δ": "delta", "η": "eta"}.get(name[0], name[0]) if re.fullmatch(r"[^\W\d_]\d?", name) else ""


def bound(node: ast.AST) -> Iterator[tuple[ast.expr, ast.AST | None]]:
    """Yield (target, value) of all that a piece of code binds, but for comprehensions and lambdas."""
    if isinstance(node, (ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.Lambda)):
        return
    if isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)
    elif isinstance(node, ast.For):
        yield node.target, node.iter
    elif isinstance(node, ast.arg):
        yield ast.Name(node.arg, ast.Store()), None
    for child in ast.iter_child_nodes(node):
        yield from bound(child)


def in_code(source: str) -> Iterator[tuple[str, str, str]]:
    """Yield (name in code or index, letter, "array" or "number" where it is plain what it is bound to)."""
    lines = [line for line in source.splitlines() if line.lstrip()[:1] not in ("%", "!")]
    for target, value in bound(ast.parse("\n".join(lines))):
        names = [node for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
        if {"H", "W"} <= {name.id for name in names}:  # D, H, W = x.shape: the axes of an array have these names
            names = [name for name in names if name.id not in ("H", "W")]
            value = None
        parts = value.elts if isinstance(value, ast.Tuple) and len(value.elts) == len(names) else [value] * len(names)
        for name, part in zip(names, parts):
            if letter := of_one_letter(name.id):
                counts = called(value) in AN_INDEX or {"m", "n"} <= {one.id for one in names}
                yield (INDEX if counts and letter.islower() else CODE), letter, kind_of(part)


def kind_of(value: ast.AST | None) -> str:
    if value is None:
        return ""
    if called(value) in AN_ARRAY or (isinstance(value, ast.BinOp) and isinstance(value.op, ast.MatMult)):
        return "array"
    plain = isinstance(value, ast.Constant) and isinstance(value.value, (int, float))
    return "number" if plain or called(value) in ("len", "output_size") else ""


# ---- the chapters ---------------------------------------------------------------------------------------------------

Uses = dict[tuple[str, str], set[str]]


def uses(notebook: NotebookNode) -> Uses:
    """Return the cells in which each letter is used, as a quantity or as an index."""
    found: Uses = defaultdict(set)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            codes = [cell.source]
        else:
            codes = PYTHON.findall(cell.source)
            for displayed, inline in FORMULA.findall(FENCED.sub("", cell.source)):
                for use in in_formula(displayed or inline):
                    found[use].add(cell.id)
        for code in codes:
            for kind, letter, _ in in_code(code):
                found[kind, letter].add(cell.id)
    return found


USES = {chapter: uses(notebook) for chapter, notebook in CHAPTERS.items()}


def rows_of(heading: str) -> list[list[str]]:
    """Return the rows of the table on the page of formulas whose first line begins with `heading`."""
    lines = FORMULAS.cells[0].source.partition(f"| {heading} |")[2].splitlines()[2:]
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append([part.strip() for part in line.strip("|").split("|")])
    return found


def lettered(cell: str) -> set[str]:
    """Return the letters that the formulas of a table's cell stand for; of δ = ∂E/∂net the first."""
    formulas = [inline.partition("= \\partial")[0] for _, inline in FORMULA.findall(cell)]
    return {letter for tex in formulas for kind, letter in in_formula(tex) if kind == QUANTITY}


def told_chapters(cell: str) -> set[str]:
    first, _, last = cell.partition("–")
    return {f"{number:02}" for number in range(int(first), int(last or first) + 1)}


QUANTITIES = {
    letter: told_chapters(chapters) for cell, _, chapters in rows_of("letter") for letter in sorted(lettered(cell))
}
ONLY_INDICES = ("i", "j", "k", "l")
INDICES = {
    letter for cell, told in rows_of("index") for letter in lettered(cell) | lettered(" ".join(told.split("$")[1::2]))
}


def unexplained(found: Uses, chapter: str) -> list[str]:
    """Return the letters of a chapter that the tables give no meaning there, and that are no exceptions."""
    missing = []
    for (kind, letter), cells in found.items():
        known = chapter in QUANTITIES.get(letter, ()) if kind != INDEX else letter in INDICES
        if letter in INDICES and (kind == QUANTITY or letter in ONLY_INDICES):
            known = True  # "i counts rows": an index is named alone
        if not known and (chapter, letter) not in EXCEPTIONS:
            missing.append(f"{chapter}: {letter} as {kind} in {', '.join(sorted(cells))}")
    return missing


def wrong_kinds(notebook: NotebookNode, chapter: str) -> list[str]:
    """Return where a letter for a number names an array, or one for a matrix a number."""
    found = []
    for cell in notebook.cells:
        codes = [cell.source] if cell.cell_type == "code" else PYTHON.findall(cell.source)
        for _, letter, kind in (use for code in codes for use in in_code(code)):
            wrong = (letter in NUMBERS and kind == "array") or (letter in MATRICES and kind == "number")
            if wrong and (chapter, letter) not in EXCEPTIONS:
                found.append(f"{chapter}, {cell.id}: {letter} is {kind}")
    return found


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_letter_of_a_chapter_is_in_the_tables(chapter: str) -> None:
    assert unexplained(USES[chapter], chapter) == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_is_a_number_names_no_array(chapter: str) -> None:
    assert wrong_kinds(CHAPTERS[chapter], chapter) == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_network_is_not_called_net(chapter: str) -> None:
    asked = {cell.id: NETWORKS.findall(cell.source) for cell in CHAPTERS[chapter].cells if cell.cell_type == "code"}
    assert {name: found for name, found in asked.items() if found} == {}


def test_the_tables_name_no_letter_twice_and_no_chapter_in_vain() -> None:
    named = [letter for cell, *_ in rows_of("letter") for letter in lettered(cell)]
    assert len(named) == len(set(named)) > 30
    for letter, chapters in QUANTITIES.items():
        for end in (min(chapters), max(chapters)):
            assert {(QUANTITY, letter), (CODE, letter)} & set(USES[end]), (letter, end)


def test_each_exception_is_needed() -> None:
    for chapter, letter in EXCEPTIONS:
        assert {(kind, letter) for kind in (QUANTITY, INDEX, CODE)} & set(USES[chapter]), (chapter, letter)


def test_the_page_of_formulas_tells_what_is_used_otherwise() -> None:
    told: dict[str, set[str]] = {}
    text = FORMULAS.cells[0].source.partition("Some are used otherwise")[2]
    for part in re.findall(r"[^;:]*?\((?:\d\d(?:, )?)+\)", text):
        for chapter in re.findall(r"\d\d", part.rpartition("(")[2]):
            told[chapter] = {letter for _, tex in FORMULA.findall(part) for _, letter in in_formula(tex)}
    assert told.keys() == {chapter for chapter, _ in EXCEPTIONS}
    for chapter, letters_told in told.items():
        assert letters_told & {letter for where, letter in EXCEPTIONS if where == chapter}, chapter


def test_delta_at_the_output_is_written_alike_on_all_pages() -> None:
    root = FOLDER.parent
    pages = [*root.glob("docs/*.md"), *root.glob("translations/**/*.md"), *FOLDER.glob("*.ipynb")]
    assert [page.name for page in pages if re.search(r"\bp ?[-−] ?y\b", page.read_text(encoding="utf-8"))] == []


# ---- the tests of the tests -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tex", "found"),
    [
        (
            r"x_{d,\, iS+m-P}",
            {(QUANTITY, "x"), (INDEX, "d"), (INDEX, "i"), (QUANTITY, "S"), (INDEX, "m"), (QUANTITY, "P")},
        ),
        (r"W2 = \lfloor (W1 - F)/S \rfloor", {(QUANTITY, "W2"), (QUANTITY, "W1"), (QUANTITY, "F"), (QUANTITY, "S")}),
        (r"\hat\delta_k \ast w_{kd}", {(QUANTITY, "delta"), (INDEX, "k"), (QUANTITY, "w"), (INDEX, "d")}),
        (r"\frac{dE}{dx} \text{ of } net_j + w_b", {(INDEX, "j"), (QUANTITY, "w")}),
        (r"27C^2", {(QUANTITY, "C")}),
    ],
)
def test_letters_of_formulas_are_found(tex: str, found: set[tuple[str, str]]) -> None:
    assert set(in_formula(tex)) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("W = 32", {(CODE, "W", "number")}),
        ("C = np.zeros((2, 3))", {(CODE, "C", "array")}),
        ("W1, b1 = rng.normal(size=3), 0", {(CODE, "W1", "array"), (CODE, "b", "number")}),
        ("for i, j in np.ndindex(2, 2):\n    y[i, j] = 0", {(INDEX, "i", ""), (INDEX, "j", "")}),
        ("B, D, H, W = x.shape", {(CODE, "B", ""), (CODE, "D", "")}),
        ("def f(p, long): return [a for a in p]", {(CODE, "p", "")}),
        ("δ_1, w0, net = 1, 2, 3", {(CODE, "w", "number")}),
    ],
)
def test_letters_of_code_are_found(code: str, found: set[tuple[str, str, str]]) -> None:
    assert set(in_code(code)) == found


def test_what_has_no_row_is_told() -> None:
    assert unexplained({(QUANTITY, "C"): {"a-cell"}}, "04") == ["04: C as quantity in a-cell"]
    assert unexplained({(QUANTITY, "C"): {"a-cell"}, (INDEX, "k"): {"a-cell"}, (CODE, "i"): {"a-cell"}}, "09") == []
    assert unexplained({(CODE, "q"): {"a-cell"}}, "09") == ["09: q as name in code in a-cell"]
