"""Change the solutions of the exercises a little, in every way, and list what their checks still call right.

    python tools/mutate_solutions.py [exercise ...]

A change is another operator, constant, comparison, order of arguments, or a statement left out. One that is called
right is harmless if it answers as the solution does wherever it is tried, here in the cases of many seeds: those are
counted. The others are survivors: cases that tell them apart are missing.
"""

from __future__ import annotations

import ast
import copy
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from cnncourse import checks
from cnncourse.checks.calling import call_each, copied
from cnncourse.checks.comparing import difference
from cnncourse.checks.exercise import FunctionExercise

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
    elif isinstance(node, (ast.Assign, ast.Expr)):
        yield ast.Pass()


def _constants(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, (int, float)):
        return [value + 1, value - 1]
    return []


def mutants(function: Callable[..., Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the changed versions of a function: what was changed, and the function."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    body = [node for statement in definition.body for node in ast.walk(statement)]
    for number, node in enumerate(body):
        for new in changes(node):
            changed = copy.deepcopy(tree)
            copied_definition = changed.body[0]
            assert isinstance(copied_definition, ast.FunctionDef)
            old = [other for statement in copied_definition.body for other in ast.walk(statement)][number]
            fresh = ast.copy_location(copy.deepcopy(new), old)
            if ast.unparse(fresh) == ast.unparse(old):
                continue
            _Put(old, fresh).visit(changed)
            ast.fix_missing_locations(changed)
            namespace = dict(function.__globals__)
            try:
                exec(compile(changed, "<changed>", "exec"), namespace)
            except (SyntaxError, TypeError, ValueError):
                continue
            yield f"{ast.unparse(node)}  ->  {ast.unparse(fresh)}", namespace[definition.name]


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


def survivors(exercise: FunctionExercise, seeds: tuple[int, ...] = (0, 1, 2)) -> tuple[int, list[str], list[str]]:
    """Return how many changes there are, the harmless ones, and those that some seed calls right all the same."""
    count, harmless, left = 0, list[str](), list[str]()
    for what, function in mutants(exercise.reference_solution):
        count += 1
        if not refused(exercise, function, seeds):
            differs = any(_differs(exercise, function, seed) for seed in SEEDS)
            (left if differs else harmless).append(what)
    return count, harmless, left


if __name__ == "__main__":
    total = 0
    for name in sys.argv[1:] or checks.NAMES:
        exercise = getattr(checks, name)
        if isinstance(exercise, FunctionExercise):
            count, harmless, left = survivors(exercise)
            total += len(left)
            print(f"{name}: {count} changes, {len(left)} survive, {len(harmless)} harmless", flush=True)
            print(*[f"    survives: {what}" for what in left], *[f"    {what}" for what in harmless], sep="\n")
    sys.exit(bool(total))
