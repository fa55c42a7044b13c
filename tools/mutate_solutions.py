"""Change the solutions of exercises and graded tasks a little, in every way, and list what is still called right.

    python tools/mutate_solutions.py [exercise or task ...]

A change is another operator, constant, comparison, order of arguments, or a statement left out. One that is called
right is harmless if it answers as the solution does wherever it is tried, here in the cases of many seeds: those are
counted. The others are survivors: cases that tell them apart are missing. Graded tasks are known where grader/ is.
"""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cnncourse import checks
from cnncourse.checks.calling import call_each, copied
from cnncourse.checks.comparing import difference
from cnncourse.checks.exercise import FunctionExercise

GRADER = Path(__file__).resolve().parent.parent / "grader"
SEEDS = range(1000, 1040)  # where a change that is called right is compared with the solution
BINARY: dict[type, list[type[ast.operator]]] = {
    ast.Add: [ast.Sub, ast.Mult],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Add, ast.Div],
    ast.Div: [ast.Mult, ast.FloorDiv],
    ast.FloorDiv: [ast.Mult, ast.Mod, ast.Div],
    ast.Pow: [ast.Mult],
    ast.MatMult: [ast.Mult],
}
COMPARED: dict[type, list[type[ast.cmpop]]] = {
    ast.Gt: [ast.GtE, ast.Lt],
    ast.Lt: [ast.LtE, ast.Gt],
    ast.Is: [ast.IsNot],
    ast.Eq: [ast.NotEq],
}


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in the place of `node`."""
    if isinstance(node, ast.BinOp):
        for other in BINARY.get(type(node.op), []):
            yield ast.BinOp(node.left, other(), node.right)
        yield node.left
        yield node.right
        if isinstance(node.op, (ast.Sub, ast.Div, ast.FloorDiv)):
            yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Compare):
        for comparison in COMPARED.get(type(node.ops[0]), []):
            yield ast.Compare(node.left, [comparison()], node.comparators)
    elif isinstance(node, ast.Constant):
        yield from (ast.Constant(value) for value in _constants(node.value))
    elif isinstance(node, ast.Call) and len(node.args) >= 2:
        yield ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)
        yield ast.Call(node.func, node.args[:-1], node.keywords)
    elif isinstance(node, ast.Call) and node.keywords:
        yield ast.Call(node.func, node.args, node.keywords[:-1])
    elif isinstance(node, ast.Tuple) and len(node.elts) >= 2 and isinstance(node.ctx, ast.Load):
        yield ast.Tuple([node.elts[1], node.elts[0], *node.elts[2:]], node.ctx)
    elif isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value)
        yield ast.AugAssign(node.target, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), node.value)
        yield ast.Pass()
    elif isinstance(node, ast.Assign) or (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)):
        yield ast.Pass()


def _constants(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, (int, float)):
        return [value + 1, value - 1]
    return []


@dataclass(frozen=True)
class Solution:
    """The text that defines a function, what the function is called there, and the names that the text needs.

    around: a text that stays as it is, and defines what is called where that is not the function itself.
    """

    source: str
    name: str
    names: Mapping[str, Any]
    around: str = ""


def solution_of(exercise: FunctionExercise) -> Solution:
    """Return the reference solution of an exercise."""
    function = exercise.reference_solution
    return Solution(textwrap.dedent(inspect.getsource(function)), function.__name__, function.__globals__)


def mutants(solution: Solution) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the changed versions of a function: what was changed, and the function."""
    tree = ast.parse(solution.source)
    for number, node in enumerate(_inner(tree)):
        for new in changes(node):
            changed = copy.deepcopy(tree)
            old = _inner(changed)[number]
            fresh = ast.copy_location(copy.deepcopy(new), old)
            if ast.unparse(fresh) == ast.unparse(old):
                continue
            _Put(old, fresh).visit(changed)
            ast.fix_missing_locations(changed)
            namespace = dict(solution.names)
            try:
                exec(compile(changed, "<changed>", "exec"), namespace)
                exec(solution.around, namespace)
            except (SyntaxError, TypeError, ValueError):
                continue
            yield f"{ast.unparse(node)}  ->  {ast.unparse(fresh)}", namespace[solution.name]


def _inner(tree: ast.Module) -> list[ast.AST]:
    """Return what the functions of a text consist of."""
    functions = [one for one in tree.body if isinstance(one, ast.FunctionDef)]
    return [node for function in functions for statement in function.body for node in ast.walk(statement)]


class _Put(ast.NodeTransformer):
    """Puts a node in the place of another one."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


def refused(exercise: FunctionExercise, function: Callable[..., Any], seeds: Iterable[int]) -> bool:
    """Return whether a function gives a wrong answer in the cases of every one of these seeds."""
    return all(_differs(exercise, function, seed) for seed in seeds)


def _differs(exercise: FunctionExercise, function: Callable[..., Any], seed: int) -> bool:
    for case in exercise.cases(np.random.default_rng(seed)):
        arguments = case.arguments(exercise.argument_names)
        right = exercise.reference_solution(**copied(arguments))
        (outcome,) = call_each(function, [(arguments, len(case.values))], 1, 1)
        if not outcome.completed or outcome.changed or difference(outcome.value, right, exercise.relative):
            return True
    return False


def survivors(
    exercise: FunctionExercise, seeds: tuple[int, ...] = (0, 1, 2), solution: Solution | None = None
) -> tuple[int, list[str], list[str]]:
    """Return how many changes there are, the harmless ones, and those that some seed calls right all the same."""
    count, harmless, left = 0, list[str](), list[str]()
    for what, function in mutants(solution or solution_of(exercise)):
        count += 1
        if not refused(exercise, function, seeds):
            differs = any(_differs(exercise, function, seed) for seed in SEEDS)
            (left if differs else harmless).append(what)
    return count, harmless, left


def exercises() -> dict[str, tuple[FunctionExercise, Solution]]:
    """Return the exercises whose answer is a function, and behind them the graded tasks with the masters' solutions."""
    found = {name: getattr(checks, name) for name in checks.NAMES}
    functions = {name: (one, solution_of(one)) for name, one in found.items() if isinstance(one, FunctionExercise)}
    return functions | (graded_tasks() if GRADER.is_dir() else {})


def graded_tasks() -> dict[str, tuple[FunctionExercise, Solution]]:
    """Return the graded tasks whose answer is a function, as the masters solve them."""
    sys.path.append(str(GRADER))
    tasks = importlib.import_module("cnngrader.assignments").all_tasks()  # which students do not have
    found = {}
    for path in sorted((GRADER / "masters").glob("*.ipynb")):
        cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
        names: dict[str, Any] = {}
        given = next(("".join(cell["source"]) for cell in cells if cell["id"] == "given"), "")
        for cell in cells:
            task, source = tasks.get(cell["id"].removeprefix("task-")), "".join(cell["source"])
            exercise = getattr(task, "exercise", None)
            if isinstance(exercise, FunctionExercise):
                exec(source, names)
                found[exercise.name] = exercise, Solution(source, getattr(task, "answer", ""), names, given)
            elif cell["id"] == "setup":
                exec(source, names)
    return found


def main(names: list[str]) -> int:
    """Print a row for each exercise, and what survived or made no difference; return how many survived."""
    known, total = exercises(), 0
    if strange := [name for name in names if name not in known]:
        raise SystemExit(f"got {strange[0]!r}, expected some of {', '.join(known)}")
    print(f"{'exercise':28} {'changes':>7} {'killed':>7} {'harmless':>8} {'survive':>7}")
    for name in names or known:
        exercise, solution = known[name]
        count, harmless, left = survivors(exercise, solution=solution)
        total += len(left)
        killed = count - len(harmless) - len(left)
        print(f"{name:28} {count:7} {killed:7} {len(harmless):8} {len(left):7}")
        for what, kind in [(what, "survives") for what in left] + [(what, "harmless") for what in harmless]:
            print(f"    {kind}: {what}")
        sys.stdout.flush()
    return total


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
