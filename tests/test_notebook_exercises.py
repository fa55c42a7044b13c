"""The exercises in the notebooks: complete, told "not yet" as they stand, and "right" with the folded solution.

An exercise is four cells in a row: exercise-NAME or exercise-NAME-text (markdown, the task), exercise-NAME-stub,
exercise-NAME-check and exercise-NAME-solution (markdown, with python blocks folded by <details>). A solution takes
the place of the stub; it may use what the cells above import and nothing else.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from cnncourse import checks
from cnncourse.checks.exercise import FunctionExercise

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CELL = re.compile(r"exercise-([a-z0-9-]+?)(-text|-stub|-check|-solution|)")
INLINE = re.compile(r"`([^`\n]+)`")
KINDS = {"": "markdown", "-stub": "code", "-check": "code", "-solution": "markdown"}
CHAPTERS = tuple(f"{number:02}" for number in range(1, 15))  # the last chapter has none


def exercises_of(notebook: NotebookNode) -> dict[str, list[NotebookNode]]:
    """Return the cells of each exercise of a notebook, by its name."""
    found: dict[str, list[NotebookNode]] = {}
    for cell in notebook.cells:
        if match := CELL.fullmatch(cell.id):
            found.setdefault(match[1], []).append(cell)
    return found


def faults(notebook: NotebookNode, chapter: str) -> list[str]:
    """Return a sentence for everything that is wrong with the exercises of a notebook, without running them."""
    found = []
    order = [cell.id for cell in notebook.cells]
    for name, cells in exercises_of(notebook).items():
        wanted = [f"exercise-{name}{end}" for end in KINDS]
        if [cell.id.removesuffix("-text") for cell in cells] != wanted:
            found.append(f"{name}: got the cells {[cell.id for cell in cells]}, expected {wanted}")
            continue
        if [cell.cell_type for cell in cells] != list(KINDS.values()):
            found.append(f"{name}: got the kinds {[cell.cell_type for cell in cells]}, expected {list(KINDS.values())}")
        if order.index(cells[-1].id) - order.index(cells[0].id) != 3:
            found.append(f"{name}: there are other cells in between")
        found += faults_of_one(name, cells, chapter)
    there = {name.replace("-", "_") for name in exercises_of(notebook)}
    if chapter in CHAPTERS:
        missing = {name for name, e in checks.EXERCISES.items() if e.chapter == chapter and not e.optional} - there
        found += [f"{name}: is missing in chapter {chapter}" for name in sorted(missing)]
    return found


def faults_of_one(name: str, cells: list[NotebookNode], chapter: str) -> list[str]:
    found = []
    exercise = checks.EXERCISES.get(name.replace("-", "_"))
    if exercise is None:
        return [f"{name}: there is no check of that name"]
    if exercise.chapter != chapter:
        found.append(f"{name}: stands in chapter {chapter}, belongs to {exercise.chapter}")
    call = re.fullmatch(r"checks\.(\w+)\((.+)\)", cells[2].source)
    if not call or call[1] != exercise.name:
        found.append(f"{name}: the check cell is {cells[2].source!r}, expected checks.{exercise.name}(…)")
    elif isinstance(exercise, FunctionExercise) and f"def {call[2]}{exercise.signature}:" not in cells[1].source:
        found.append(f"{name}: the stub does not define {call[2]}{exercise.signature}")
    if not solutions(cells[3]):
        found.append(f"{name}: the solution has no python block")
    if not re.fullmatch(r"<details>\s*<summary>.+</summary>\n\n.+\n\n</details>", cells[3].source.strip(), re.DOTALL):
        found.append(f"{name}: the solution is not folded by <details> and <summary>, with an empty line after each")
    return found


def solutions(cell: NotebookNode) -> list[str]:
    """Return the python blocks of a folded solution."""
    return re.findall(r"^```python\n(.*?)^```$", cell.source, re.MULTILINE | re.DOTALL)


def imports_above(notebook: NotebookNode, name: str) -> str:
    """Return the import statements of all code cells above an exercise."""
    lines = []
    for cell in notebook.cells:
        if cell.id == f"exercise-{name}-stub":
            break
        if cell.cell_type == "code":
            source = "\n".join(line for line in cell.source.splitlines() if line.lstrip()[:1] not in ("%", "!"))
            lines += [
                ast.unparse(node) for node in ast.parse(source).body if isinstance(node, (ast.Import, ast.ImportFrom))
            ]
    return "\n".join(lines)


def checked(notebook: NotebookNode, name: str, source: str) -> Any:
    """Return what the check cell says with `source` in the place of the stub."""
    namespace: dict[str, Any] = {}
    exec(imports_above(notebook, name), namespace)
    exec(compile(source, f"<{name}>", "exec"), namespace)
    check = exercises_of(notebook)[name][2].source
    return eval(compile(check, f"<check of {name}>", "eval"), namespace)


# ---- given away -----------------------------------------------------------------------------------------------------


def pattern(node: ast.AST, meant: dict[str, ast.expr]) -> str:
    """Return an expression without its names: those of functions stay, and for some others stands what they mean."""
    if isinstance(node, ast.Name):
        return pattern(meant[node.id], {}) if node.id in meant else "_"
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        parts = [pattern(one, meant) for one in node.args]
        return f"{name}({', '.join(parts + sorted(pattern(word.value, meant) for word in node.keywords))})"
    if isinstance(node, (ast.Constant, ast.operator, ast.cmpop, ast.unaryop, ast.expr_context)):
        return ast.dump(node)
    return f"{type(node).__name__}({', '.join(pattern(one, meant) for one in ast.iter_child_nodes(node))})"


def given_away(notebook: NotebookNode) -> list[str]:
    """Return the exercises whose solution is one expression that the code above them has already."""
    found, above = [], set()
    for cell in notebook.cells:
        if cell.cell_type == "code" and not CELL.fullmatch(cell.id):
            tree = ast.parse(
                "\n".join(line for line in cell.source.splitlines() if line.lstrip()[:1] not in ("%", "!"))
            )
            names = [
                (n.targets[0], n.value) for n in ast.walk(tree) if isinstance(n, ast.Assign) and len(n.targets) == 1
            ]
            meant = {target.id: value for target, value in names if isinstance(target, ast.Name)}
            above |= {pattern(node, meant) for node in ast.walk(tree) if isinstance(node, ast.expr)}
        elif cell.id.startswith("exercise-") and cell.id.endswith("-solution"):
            for source in solutions(cell):
                functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
                bodies = [node.body[0] for node in functions if len(node.body) == 1]
                wanted = {pattern(one.value, {}) for one in bodies if isinstance(one, ast.Return) and one.value}
                found += [cell.id.removesuffix("-solution")] if wanted & above else []
    return found


def without_names(expression: ast.expr) -> str:
    """Return what an expression does, with its names numbered as they come: the same where names alone differ."""
    tree, known = ast.parse(ast.unparse(expression), mode="eval"), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = known.setdefault(node.id, f"name_{len(known)}")
    return ast.dump(tree)


def told_before(notebook: NotebookNode, name: str) -> list[str]:
    """Return what a solution of an exercise returns, where the text above has it as code in a line."""
    above: set[str] = set()
    for cell in notebook.cells[: [cell.id for cell in notebook.cells].index(f"exercise-{name}-solution")]:
        for code in INLINE.findall(cell.source) if cell.cell_type == "markdown" else []:
            with contextlib.suppress(SyntaxError):
                above.add(without_names(ast.parse(code, mode="eval").body))
    blocks = solutions(exercises_of(notebook)[name][3])
    returns = [node.value for block in blocks for node in ast.walk(ast.parse(block)) if isinstance(node, ast.Return)]
    long = [value for value in returns if value is not None and len([*ast.walk(value)]) > 8]
    return [ast.unparse(value) for value in long if without_names(value) in above]


def functions_above(notebook: NotebookNode, name: str) -> list[str]:
    """Return the functions that the cells above an exercise define, as source; other exercises' cells do not count."""
    found: list[str] = []
    for cell in notebook.cells:
        if cell.id == f"exercise-{name}":
            break
        if cell.cell_type == "code" and not CELL.fullmatch(cell.id):
            source = "\n".join(line for line in cell.source.splitlines() if line.lstrip()[:1] not in ("%", "!"))
            found += [ast.unparse(node) for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return found


def by_place(function: Callable[..., Any], parameters: list[inspect.Parameter]) -> Callable[..., Any]:
    """Return a function with the parameters of an exercise that hands all values on by place, whatever their names."""
    signature = inspect.Signature(parameters)

    def answer(*values: Any, **by_name: Any) -> Any:
        bound = signature.bind(*values, **by_name)
        bound.apply_defaults()
        return function(*bound.args)

    answer.__signature__ = signature  # type: ignore[attr-defined]
    return answer


def solved_above(notebook: NotebookNode, name: str) -> list[str]:
    """Return the functions above an exercise that its check calls right as they stand."""
    above = functions_above(notebook, name)
    namespace: dict[str, Any] = {}
    exec(imports_above(notebook, name), namespace)
    for source in above:
        with contextlib.suppress(NameError):  # a default value that another cell computes
            exec(source, namespace)
    exercise = checks.EXERCISES[name.replace("-", "_")]
    assert isinstance(exercise, FunctionExercise)
    names = {ast.parse(source).body[0].name for source in above}  # type: ignore[attr-defined]
    names &= namespace.keys()
    return sorted(one for one in names if exercise(by_place(namespace[one], exercise.parameters)).status == "right")


# ---- the notebooks --------------------------------------------------------------------------------------------------

READ = {path.stem: nbformat.read(path, as_version=4) for path in NOTEBOOKS}
PLACES = [(stem, name) for stem, notebook in READ.items() for name in exercises_of(notebook)]


FUNCTIONS = [
    (stem, name) for stem, name in PLACES if isinstance(checks.EXERCISES[name.replace("-", "_")], FunctionExercise)
]
# The cell that tells, in words or code, what an exercise asks for: it comes behind it.
TOLD_BY = {
    "conv2d-many-channels": "worked-loops",
    "mean-pool2d": "pool-loops",
    "delta-stride-one": "conv-formula",
    "weight-gradient": "all-loops",
    "max-pool-backward": "pool-loops-max",
    "momentum-rule": "momentum-valley",
    "convert-linear": "dense-look",
    "transposed-size": "transposed-loops",
}


@pytest.mark.parametrize(("stem", "name"), FUNCTIONS)
def test_no_function_above_an_exercise_solves_it(stem: str, name: str) -> None:
    assert solved_above(READ[stem], name) == []


@pytest.mark.parametrize("name", TOLD_BY)
def test_an_exercise_comes_before_what_tells_it(name: str) -> None:
    (order,) = ([cell.id for cell in READ[stem].cells] for stem, there in PLACES if there == name)
    assert order.index(f"exercise-{name}-solution") < order.index(TOLD_BY[name])


def test_a_function_that_solves_an_exercise_is_found() -> None:
    notebook = notebook_with()
    assert solved_above(notebook, "output-size") == []
    code = "def fits(W1, F, S=1, P=0):\n    return (W1 - F + 2 * P) // S + 1\n\n\ndef other(a):\n    return a"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(code, id="fits"))
    assert solved_above(notebook, "output-size") == ["fits"]


@pytest.mark.parametrize("stem", READ)
def test_no_solution_stands_above_its_exercise(stem: str) -> None:
    assert given_away(READ[stem]) == []


@pytest.mark.parametrize("stem", READ)
def test_the_exercises_are_complete(stem: str) -> None:
    assert faults(READ[stem], stem[:2]) == []


@pytest.mark.parametrize(("stem", "name"), PLACES)
def test_the_stub_is_not_yet(stem: str, name: str) -> None:
    cells = exercises_of(READ[stem])[name]
    found = checked(READ[stem], name, cells[1].source)
    assert found.status == "not yet", found
    stored = [output.data for output in cells[2].outputs]
    assert [data["text/plain"] for data in stored] == [repr(found)]
    assert [data["text/html"] for data in stored] == [found._repr_html_()]


@pytest.mark.parametrize(("stem", "name"), PLACES)
def test_the_text_above_leaves_the_solution_to_the_reader(stem: str, name: str) -> None:
    assert told_before(READ[stem], name) == []


@pytest.mark.parametrize(("stem", "name"), PLACES)
def test_every_folded_solution_is_right(stem: str, name: str) -> None:
    for source in solutions(exercises_of(READ[stem])[name][3]):
        for _ in range(3):
            found = checked(READ[stem], name, source)
            assert found.status == "right", found


# ---- the tests of the tests -----------------------------------------------------------------------------------------

SOLUTION = """<details>
<summary>Solution</summary>

```python
def mine(size, kernel, stride=1, padding=0):
    return (size - kernel + 2 * padding) // stride + 1
```

Words.

</details>"""
STUB = 'def mine(size, kernel, stride=1, padding=0):\n    """Return it."""\n    ...'


def notebook_with(*, drop: str = "", **changed: str) -> NotebookNode:
    sources = {
        "start": "import numpy as np\nfrom cnncourse import checks\n%matplotlib inline\nx = 1 / 0",
        "exercise-output-size": "### Exercise",
        "exercise-output-size-stub": STUB,
        "exercise-output-size-check": "checks.output_size(mine)",
        "exercise-output-size-solution": SOLUTION,
    }
    cells = []
    for name, source in sources.items():
        kind = KINDS.get(name.removeprefix("exercise-output-size"), "code")
        make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        if name != drop:
            cells.append(make(changed.get(name.split("-")[-1], source), id=name))
    return nbformat.v4.new_notebook(cells=cells)


def test_a_sound_exercise_passes() -> None:
    notebook = notebook_with()
    assert faults(notebook, "04") == [f"{name}: is missing in chapter 04" for name in ("choose_fps", "conv_shapes")]
    assert imports_above(notebook, "output-size") == "import numpy as np\nfrom cnncourse import checks"
    assert checked(notebook, "output-size", STUB).status == "not yet"
    assert [checked(notebook, "output-size", source).status for source in solutions(notebook.cells[-1])] == ["right"]


@pytest.mark.parametrize(
    ("notebook", "fault"),
    [
        (notebook_with(drop="exercise-output-size-solution"), "got the cells"),
        (notebook_with(drop="exercise-output-size"), "got the cells"),
        (notebook_with(check="checks.output_sizes(mine)"), "the check cell is"),
        (notebook_with(check="checks.output_size(mine)\nprint(1)"), "the check cell is"),
        (notebook_with(stub="def mine(size, kernel, stride=1): ..."), "the stub does not define"),
        (notebook_with(solution=SOLUTION.replace("python", "")), "no python block"),
        (notebook_with(solution=SOLUTION.replace("details", "div")), "is not folded"),
        (notebook_with(solution=SOLUTION.replace("</summary>\n", "</summary>")), "is not folded"),
    ],
)
def test_a_fault_is_found(notebook: NotebookNode, fault: str) -> None:
    assert any(fault in text for text in faults(notebook, "04")), faults(notebook, "04")


def test_an_exercise_in_another_chapter_and_a_missing_one_are_found() -> None:
    found = faults(notebook_with(), "05")
    assert "output-size: stands in chapter 05, belongs to 04" in found
    assert "mean_pool2d: is missing in chapter 05" in found
    assert not any("max_pool2d" in text for text in found)  # optional


def test_every_chapter_has_exercises_and_every_exercise_a_chapter() -> None:
    assert {exercise.chapter for exercise in checks.EXERCISES.values()} == set(CHAPTERS)
    empty = nbformat.v4.new_notebook()
    for chapter in CHAPTERS:
        assert faults(empty, chapter)  # none of them may be left out
    assert "training_loop_bug: is missing in chapter 09" in faults(empty, "09")
    assert not any("max_pool2d" in text for text in faults(empty, "05"))  # optional


def test_a_solution_that_the_text_tells_is_found() -> None:
    notebook = notebook_with()
    assert told_before(notebook, "output-size") == []
    told = nbformat.v4.new_markdown_cell("It is `(W - F + 2 * P) // S + 1`, rounded down.", id="told")
    notebook.cells.insert(0, told)
    assert told_before(notebook, "output-size") == ["(size - kernel + 2 * padding) // stride + 1"]


def test_cells_in_between_are_found() -> None:
    notebook = notebook_with()
    notebook.cells.insert(3, nbformat.v4.new_markdown_cell("Between.", id="between"))
    assert "output-size: there are other cells in between" in faults(notebook, "04")


@pytest.mark.parametrize(
    ("above", "found"),
    [
        ("turned = B[::-1, ::-1]\nassert same(cross_correlate2d(A, turned, 'full'), C)", ["exercise-f"]),
        ("C = cnnlib.cross_correlate2d(A, B[::-1, ::-1], mode='full')", ["exercise-f"]),
        ("C = cross_correlate2d(A, B[::-1, ::-1], 'same')\nD = correlate(np.pad(A, 1), np.rot90(B, 2))", []),
    ],
)
def test_a_solution_that_is_given_away_is_found(above: str, found: list[str]) -> None:
    solution = "def f(a, b):\n    return cross_correlate2d(a, b[::-1, ::-1], mode='full')\n"
    cells = [nbformat.v4.new_code_cell(above, id="above")]
    cells += [nbformat.v4.new_markdown_cell(f"```python\n{solution}```", id="exercise-f-solution")]
    assert given_away(nbformat.v4.new_notebook(cells=cells)) == found
