"""The text of the notebooks: every number in it is computed, and it keeps to the style.

A number of three digits or more, and every decimal, in a markdown cell must come from the same notebook's code:

- from the output of a code cell: text, tables, the alternative text of figures;
- or from a cell that has an `assert`, from an exercise's cells, or from the python block of a folded solution (which
  test_notebook_exercises.py runs): its literals, and the values of its constant expressions, such as 4**-10.

A decimal may be rounded: 0.33 stands for an output of 0.3333. 100,000,100 and 10^6, 10⁶, 9.5·10⁻⁷, 9.5e-7 are numbers,
too. Code between backticks is looked at, fenced code is not.

What others claim is marked: <span class="quoted">26.2 %</span> around the number, <cite>…</cite> around a source. A
source in brackets that ends with its year, (Glorot, Bordes & Bengio 2011), needs no mark, nor does a year in brackets
of its own after a word, Hubel and Wiesel (1962), nor one after "in", "of", "since", "from", "until", "by" or "between",
nor anything under a heading Further reading, References or (Where to) read on. The angles 90°, 180° and 270° are words
rather than numbers.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
READ = {path.stem: nbformat.read(path, as_version=4) for path in sorted(FOLDER.glob("*.ipynb"))}
CHAPTERS = {stem: notebook for stem, notebook in READ.items() if stem[:2].isdigit() and stem[:2] != "00"}

FENCED = re.compile(r"^(`{3,}|~{3,})[^\n]*\n.*?^\1 *$", re.MULTILINE | re.DOTALL)
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
ADDRESS = re.compile(r"(?<=\])\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)|https?://[^\s)>]+|\bdoi:\S+")
MARKED = re.compile(r'<span class="quoted">.*?</span>|<cite>.*?</cite>', re.DOTALL)
SOURCE = re.compile(r"\([^()]*[A-Za-z][^()]*\b(?:1[89]|20)\d\d[a-z]?\)|(?<=[a-z.] )\((?:1[89]|20)\d\d[a-z]?\)")
ANGLE = re.compile(r"\b(?:90|180|270)°")
YEAR = re.compile(
    r"\b((?:in|of|since|from|until|by|between) )(?:19|20)\d\d(?: and (?:19|20)\d\d)?(?![\d,.]\d|\d)", re.I
)
REFERENCES = re.compile(r"further reading|references|(where to )?read on", re.IGNORECASE)

# ---- numbers --------------------------------------------------------------------------------------------------------

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
NUMBER = re.compile(
    r"(?<![\w.])(?<!\w-)(?P<digits>\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?P<decimals>\.\d+)?(?:[eE](?P<exponent>[-+]?\d+)(?!\w))?"
)
POWER = re.compile(r"\s*(?:\^\{?(-?\d+)\}?|\*\*(-?\d+))")
TIMES_TEN = re.compile(r"\s*(?:·|×|\\cdot|\\times|\*)\s*10(?:\^\{?(-?\d+)\}?|\*\*(-?\d+))")


def plain(markdown: str) -> str:
    """Return the text of a markdown cell in which numbers have to be computed, in one notation."""
    for pattern, instead in [
        (FENCED, ""),
        (MARKED, ""),
        (ADDRESS, ""),
        (SOURCE, ""),
        (TAG, " "),
        (YEAR, r"\1"),
        (ANGLE, ""),
    ]:
        markdown = pattern.sub(instead, markdown)
    markdown = markdown.replace("−", "-").replace("{,}", ",")
    markdown = re.sub(r"(?<=\d)(?:\\,|[\u00a0\u2009\u202f])(?=\d{3}(?!\d))", ",", markdown)
    return re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda found: f"^{{{found[0].translate(SUPERSCRIPTS)}}}", markdown)


def numbers(text: str) -> Iterator[tuple[str, float, float]]:
    """Yield (as written, value, how far off it may be) for every number of plain text that has to be computed."""
    at = 0
    while found := NUMBER.search(text, at):
        at = found.end()
        value = float(found["digits"].replace(",", "") + (found["decimals"] or ""))
        places = len(found["decimals"] or ".") - 1
        unit = 10.0**-places
        exponent = int(found["exponent"] or 0)
        scaled = found["exponent"] is not None
        if times := TIMES_TEN.match(text, at):
            at, exponent, scaled = times.end(), int(times[1] or times[2]), True
        elif power := POWER.match(text, at):
            at = power.end()
            if abs(int(power[1] or power[2])) > 400 / max(len(found["digits"]), 1):
                continue
            value, unit = value ** int(power[1] or power[2]), 0.0
            scaled = True
        value, unit = value * 10.0**exponent, unit * 10.0**exponent
        exact = not found["decimals"] and not exponent
        if found["decimals"] or (scaled and not 0 <= value < 100) or value >= 100 or value % 1:
            yield text[found.start() : at].strip(), value, 0.0 if exact else unit / 2


def is_known(written: str, value: float, off: float, known: set[float]) -> bool:
    room = off + 1e-9 * abs(value)
    if any(abs(value - other) <= room for other in known):
        return True
    # (3,100,100) may be a shape written without spaces.
    parts = [float(part) for part in written.split(",")] if re.fullmatch(r"\d+(,[1-9]\d\d)+", written) else []
    return bool(parts) and all(part < 100 or part in known for part in parts)


def known_numbers(notebook: NotebookNode) -> set[float]:
    """Return the numbers that the code of a notebook gives."""
    known: set[float] = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for output in cell.outputs:
                known |= numbers_shown(shown(output))
            if re.search(r"^\s*assert\b", cell.source, re.MULTILINE) or cell.id.startswith("exercise-"):
                known |= constants(cell.source)
        elif cell.id.startswith("exercise-") and cell.id.endswith("-solution"):
            for block in re.findall(r"^```python\n(.*?)^```$", cell.source, re.MULTILINE | re.DOTALL):
                known |= constants(block)
    return known


def shown(output: NotebookNode) -> str:
    """Return the text that an output shows or gives as an alternative to a picture."""
    parts = [output.get("text", "")]
    for kind, content in output.get("data", {}).items():
        if kind == "text/html":
            alternatives = re.findall(r'(?:alt|aria-label)="([^"]*)"', content)
            parts += [
                *alternatives,
                TAG.sub(" ", re.sub(r"<style.*?</style>|<script.*?</script>", " ", content, flags=re.S)),
            ]
        elif kind.startswith("text/"):
            parts.append(content)
    return "\n".join(parts)


def numbers_shown(text: str) -> set[float]:
    found = set()
    for match in NUMBER.finditer(text.replace("−", "-")):
        exponent = f"e{match['exponent']}" if match["exponent"] else ""
        found.add(float(match["digits"].replace(",", "") + (match["decimals"] or "") + exponent))
    return found


OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}


def constants(source: str) -> set[float]:
    """Return all literals of Python code and the values of all its constant expressions, without their signs."""
    source = "\n".join(line for line in source.splitlines() if line.lstrip()[:1] not in ("%", "!"))
    values = (value_of(node) for node in ast.walk(ast.parse(source)))
    return {abs(float(value)) for value in values if value is not None}


def value_of(node: ast.AST) -> float | None:
    """Return the value of a constant expression of numbers, None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = value_of(node.operand)
        return None if value is None else -value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        left, right = value_of(node.left), value_of(node.right)
        if left is None or right is None or (isinstance(node.op, ast.Pow) and abs(right) > 64):
            return None
        if right == 0 and isinstance(node.op, (ast.Div, ast.FloorDiv)):
            return None
        return OPERATORS[type(node.op)](left, right)
    return None


def without_references(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield (id, text) of the markdown cells, without what stands under a heading for references."""
    level = 0  # of the heading that began the references; 0 outside of them
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        kept = []
        for line in cell.source.splitlines():
            heading = re.match(r"(#+) +(.*)", line)
            if heading and (not level or len(heading[1]) <= level):
                level = len(heading[1]) if REFERENCES.search(heading[2]) else 0
            if not level:
                kept.append(line)
        yield cell.id, "\n".join(kept)


def numbers_not_computed(notebook: NotebookNode) -> list[str]:
    """Return the numbers of the prose that no code of the notebook gives, each with its cell."""
    known = known_numbers(notebook)
    return [
        f"{name}: {written}"
        for name, text in without_references(notebook)
        for written, value, off in numbers(plain(text))
        if not is_known(written, value, off, known)
    ]


# ---- sources --------------------------------------------------------------------------------------------------------

NAMED = (
    re.compile(  # Maas, Hannun and Ng 2013; LeCun et al. 1998; Hubel and Wiesel (1962): the first name, and the year
        r"\b([A-Z][\w’-]+)(?:, [A-Z][\w’-]+)*,?(?: (?:and [A-Z][\w’-]+|and others|et al\.))?,? \(?((?:1[89]|20)\d\d)\b"
    )
)
NO_NAMES = {"In", "Of", "Since", "From", "Until", "By", "Between"}


def sources_not_listed(notebook: NotebookNode) -> list[str]:
    """Return the sources that the prose names and the references do not, each with its cell."""
    prose = dict(without_references(notebook))
    lines = [line for c in notebook.cells if c.cell_type == "markdown" for line in c.source.splitlines()]
    for line in "\n".join(prose.values()).splitlines():
        lines.remove(line)
    listed = "\n".join(lines)
    entries = re.split(r"^- ", listed, flags=re.MULTILINE)
    return [
        f"{cell}: {name} {year}"
        for cell, text in prose.items()
        for name, year in NAMED.findall(FENCED.sub("", text))
        if name not in NO_NAMES and not any(name in entry and year in entry for entry in entries)
    ]


# ---- style ----------------------------------------------------------------------------------------------------------


def words(notebook: NotebookNode) -> int:
    """Return how many words of text a notebook has: markdown without code, formulas, tags and addresses."""
    count = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = cell.source
            for pattern in (FENCED, FORMULA, ADDRESS, TAG):
                text = pattern.sub(" ", text)
            count += len(re.findall(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*", re.sub(r"`[^`]*`", " ", text)))
    return count


def slips(notebook: NotebookNode) -> list[str]:
    """Return the exclamation marks and the words that the style leaves out, each with its cell."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = cell.source
            for pattern in (FENCED, FORMULA, re.compile(r"`[^`]*`"), re.compile(r"<!--.*?-->", re.DOTALL), ADDRESS):
                text = pattern.sub(" ", text)
            text = text.replace("![", "[")
            found += [f"{cell.id}: exclamation mark"] * text.count("!")
            found += [f"{cell.id}: {word}" for word in re.findall(r"\bsimply\b", text, re.IGNORECASE)]
    return found


def headings(notebook: NotebookNode) -> list[str]:
    lines = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.findall(r"^#+ +(.*)", FENCED.sub("", lines).lower(), re.MULTILINE)


# ---- the notebooks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stem", READ)
def test_every_number_of_the_prose_is_computed(stem: str) -> None:
    assert numbers_not_computed(READ[stem]) == []


@pytest.mark.parametrize("stem", READ)
def test_every_source_is_among_the_references(stem: str) -> None:
    assert sources_not_listed(READ[stem]) == []


@pytest.mark.parametrize("stem", READ)
def test_no_exclamation_marks_and_nothing_is_called_simple(stem: str) -> None:
    assert slips(READ[stem]) == []


@pytest.mark.parametrize("stem", READ)
def test_code_cells_are_short(stem: str) -> None:
    lengths = {cell.id: len(cell.source.splitlines()) for cell in READ[stem].cells if cell.cell_type == "code"}
    assert {name: length for name, length in lengths.items() if length > 35} == {}


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_chapter_is_neither_too_short_nor_too_long(stem: str) -> None:
    assert 1000 <= words(CHAPTERS[stem]) <= 3000


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_chapter_has_a_summary_and_a_glossary(stem: str) -> None:
    assert "summary" in headings(CHAPTERS[stem])
    assert {"glossary", "words"} & set(headings(CHAPTERS[stem]))


# ---- the tests of the tests -----------------------------------------------------------------------------------------


def notebook_of(prose: str, code: str = "", output: str = "", kind: str = "text/plain") -> NotebookNode:
    cells = [nbformat.v4.new_markdown_cell(prose, id="prose"), nbformat.v4.new_code_cell(code, id="code")]
    if output:
        cells[1].outputs = [nbformat.v4.new_output("display_data", data={kind: output})]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("It has 280 parameters.", ["280"]),
        ("196,609,000 of them, or 105,705,600.", ["196,609,000", "105,705,600"]),
        ("$100{,}000{,}100$ and $34\\,944$", ["100,000,100", "34,944"]),
        ("a 1000×1000 image, 32×32×3", ["1000", "1000"]),
        ("$10^6$, 10^{12}, 10⁸, 4⁻¹⁰, 2³, 3^4", ["10^6", "10^{12}", "10^{8}", "4^{-10}"]),
        ("9.5·10⁻⁷ or $9.5\\cdot 10^{-7}$ or 9.5e-7", ["9.5·10^{-7}", "9.5\\cdot 10^{-7}", "9.5e-7"]),
        ("0.25, 1.0 and -0.5, at 12.", ["0.25", "1.0", "0.5"]),
        ("37.5 % of 50 %", ["37.5"]),
        ("`output_size(227, 11, stride=4)` in conv2d, float64, C120, x_100", ["227"]),
        ("In LeNet-300 and at 99", []),
        ("27C² against 49C²", []),
        ("| a | 1,024 |\n|---|---|\n| b | 512 |", ["1,024", "512"]),
        ("```python\nx = 1234\n```\nand 4321", ["4321"]),
        ("LeNet-5 of 1998, in 2012, between 1989 and 1998; 1998 numbers", ["1998"]),
        ("in 1,998 cases, of 1998.5", ["1,998", "1998.5"]),
        (
            "claimed (Glorot, Bordes & Bengio 2011), Hubel and Wiesel (1962) and others; = (2011), f(2012)",
            ["2011", "2012"],
        ),
        ("turned by 180° or 270°, not by 120°", ["120"]),
        ('<span class="quoted">26.2 %</span> and <cite>Hubel and Wiesel 1962</cite> and 26.3 %', ["26.3"]),
        ("[a link 345](https://example.org/2345/x_(678)) and https://example.org/999 end", ["345"]),
        ('<img src="x.png" width="760"> 765', ["765"]),
    ],
)
def test_numbers_are_found(prose: str, found: list[str]) -> None:
    assert [line.removeprefix("prose: ") for line in numbers_not_computed(notebook_of(prose))] == found


@pytest.mark.parametrize(
    ("prose", "code", "output"),
    [
        ("280 and 1,024", "assert n == 280\nassert m == 1024", ""),
        ("100,000,100 is 10⁸ and some", "assert n == (1000 * 1000 + 1) * 100\nassert 10**8 < n", ""),
        ("4⁻¹⁰, about 9.5·10⁻⁷ or 9.54e-07", "assert f == 4**-10", ""),
        ("0.33 and 0.333 and 6600", "", "0.33333 6600.0"),
        ("34,944", "", "34944"),
        ("34944", "", "34,944 parameters"),
        ("a shape (3,100,100)", "", "3 100 100"),
        ("-1.008", "", "[-1.008  0.99 ]"),
        ("2.5·10^6", "", "2.50e+06"),
    ],
)
def test_computed_numbers_are_known(prose: str, code: str, output: str) -> None:
    assert numbers_not_computed(notebook_of(prose, code, output)) == []


@pytest.mark.parametrize(
    ("prose", "code", "output"),
    [
        ("280", "n = 280", ""),  # nothing is asserted
        ("280", "assert n == 28", "281"),
        ("0.34", "", "0.33333"),
        ("0.3333", "", "0.33"),
        ("10^7", "assert 10**8 < n", ""),
        ("1,024", "", "1 024"),
        ("6601", "", "6600.9"),
    ],
)
def test_other_numbers_are_not_known(prose: str, code: str, output: str) -> None:
    assert len(numbers_not_computed(notebook_of(prose, code, output))) == 1


def test_alternative_texts_and_tables_count_and_pixels_do_not() -> None:
    html = '<style>p {width: 345px}</style><img alt="a grid of 123 cells" width="456"><table><td>789</td></table>'
    notebook = notebook_of("123 and 789, not 456 or 345", "", html, "text/html")
    assert numbers_not_computed(notebook) == ["prose: 456", "prose: 345"]


def test_exercises_and_folded_solutions_count() -> None:
    notebook = notebook_of("0.01 and 650 and 651")
    notebook.cells[1].source, notebook.cells[1].id = "def f(x, slope=0.01): ...", "exercise-f-stub"
    solution = nbformat.v4.new_markdown_cell("```python\nn = (64 + 1) * 10\n```", id="exercise-f-solution")
    notebook.cells.append(solution)
    assert numbers_not_computed(notebook) == ["prose: 651"]


def test_what_a_cell_with_mnist_has_stored_counts_without_mnist() -> None:
    # Nothing is run here: the stored outputs are read, wherever MNIST is.
    notebook = notebook_of("51 of 10,000 images, 0.51 %", "x = load_mnist()", "51 of 10000: 0.51")
    notebook.cells[1].metadata["tags"] = ["mnist"]
    assert numbers_not_computed(notebook) == []
    notebook.cells[1].outputs = []
    assert numbers_not_computed(notebook) == ["prose: 10,000", "prose: 0.51"]


def test_references_are_left_out_as_far_as_they_go() -> None:
    notebook = notebook_of("## One\n111\n## Further reading\n222\n### More\n333")
    notebook.cells += [
        nbformat.v4.new_markdown_cell(text, id=f"m{k}") for k, text in enumerate(["444", "## Then\n555"])
    ]
    assert numbers_not_computed(notebook) == ["prose: 111", "m1: 555"]


@pytest.mark.parametrize(
    ("prose", "missing"),
    [
        ("It leaks (Maas, Hannun and Ng 2013).", ["prose: Maas 2013"]),
        ("It leaks (Wrong and Ng 2012; LeCun et al. 1998).", ["prose: Wrong 2012"]),
        (
            "Hubel and Wiesel (1962) recorded; others quote <cite>Lennie 2003, quoted by all</cite>.",
            ["prose: Lennie 2003"],
        ),
        ("LeCun and others (1998) built it. In 2012 it was large, in 1998 small.", []),
    ],
)
def test_sources_without_an_entry_are_found(prose: str, missing: list[str]) -> None:
    entries = "- Y. LeCun and others (1998), *Learning*.\n- D. Hubel and T. Wiesel (1962), *Fields*."
    assert sources_not_listed(notebook_of(f"{prose}\n\n## Further reading\n\n{entries}")) == missing


def test_words_are_counted() -> None:
    prose = "Two words, `code here`, a well-known $x_1$ formula.\n\n"
    prose += "```python\nnot this\n```\n<b>3 bold</b> [a link](to/this)"
    assert words(notebook_of(prose, "not = this")) == 8


@pytest.mark.parametrize(
    ("prose", "count"),
    [
        ("Look!", 1),
        ("It is simply so. Simply.", 2),
        ("![alt](x.png) `a != b` $n!$\n```sh\n! ls\n```\n<!-- ok -->", 0),
        ("simplify", 0),
    ],
)
def test_slips_are_found(prose: str, count: int) -> None:
    assert len(slips(notebook_of(prose))) == count


def test_headings_are_found() -> None:
    found = headings(notebook_of("# Title\n\n## Summary\n\n```\n# no heading\n```"))
    assert found == ["title", "summary"]
