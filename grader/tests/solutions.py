"""The masters with their solutions and stubs, wrong solutions of them, and how their cells are run."""

from __future__ import annotations

import ast
import re
from typing import Any

import make_assignments
import nbformat
from nbformat import NotebookNode

from cnncourse.checks.exercise import FunctionExercise
from cnngrader import assignments
from cnngrader.task import Task

MASTERS = {path.name[0]: path for path in make_assignments.masters()}
READ = {name: nbformat.read(path, as_version=4) for name, path in MASTERS.items()}
STUDENT = {name: make_assignments.student_version(notebook) for name, notebook in READ.items()}
ALL = {name: assignments.find(name) for name in MASTERS}
TASKS = [(name, task) for name, assignment in ALL.items() for task in assignment.tasks]
FUNCTIONS = [task for _, task in TASKS if task.kind == "function"]


def task_id(value: Any) -> str | None:
    return value.name if isinstance(value, Task) else None


def cell_of(notebook: NotebookNode, name: str, role: str = "") -> NotebookNode:
    [found] = [cell for cell in notebook.cells if cell.id == f"task-{name}{role}"]
    return found


def solution_of(task: Task) -> str:
    """Return what stands between the marks of a master's solution cell."""
    [notebook] = [notebook for notebook in READ.values() if any(c.id == f"task-{task.name}" for c in notebook.cells)]
    return cell_of(notebook, task.name).source


def run(notebook: NotebookNode, roles: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run the code cells of a notebook, of the task cells those with such a role; return names and last values."""
    shown: list[Any] = []
    namespace: dict[str, Any] = {"display": shown.append}
    values: dict[str, Any] = {}
    for cell in notebook.cells:
        role = re.fullmatch(r"task-[a-z0-9_]+?(-text|-check|-test|)", cell.id)
        if cell.cell_type != "code" or (role and role[1] not in roles):
            continue
        body = ast.parse(cell.source).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), f"<{cell.id}>", "exec"), namespace)
        values[cell.id] = eval(ast.unparse(last), namespace) if last else None
    values["shown"] = shown
    return namespace, values


def made_by(exercise: FunctionExercise, answer: Any) -> Any:
    """Return a function that answers as a known mistake does."""

    def wrong(*values: Any, **by_name: Any) -> Any:
        return answer(**exercise.with_defaults(dict(zip(exercise.argument_names, values)) | by_name))

    return wrong


# Changes of a master's solution, each a mistake that students make: (task, what stands there, what they write, name).
WRONG = [
    ("same_padding", "zeros // 2, zeros - zeros // 2", "zeros - zeros // 2, zeros // 2", "odd zero in front"),
    ("same_padding", "max((windows - 1) * stride + kernel - size, 0)", "kernel - 1", "stride ignored"),
    ("conv2d_channels_last", "window = x[i * S_h : i * S_h + F_h,", "window = x[i * S_w : i * S_w + F_h,", None),
    ("conv2d_channels_last", "w[..., k]) + b[k]", "w[..., k] + b[k])", "bias added once per product"),
    ("conv2d_channels_last", "(rows, columns, (0, 0))", "(columns, rows, (0, 0))", "padding axes swapped"),
    ("conv2d_channels_last", "w[..., k]) + b[k]", "w[::-1, ::-1, :, k]) + b[k]", "kernel turned by 180°"),
    ("conv2d_channels_last", "w[..., k]) + b[k]", "w[..., k]) + b[0]", "one bias for all kernels"),
    ("dilated_conv2d", "i + m * d_h, j + n * d_w", "i + m * d_w, j + n * d_h", None),
    ("dilated_conv2d", "x[i + m * d_h, j + n * d_w]", "x[i + m, j + n]", "dilation in the size only"),
    ("lp_pool2d", "np.abs(window) ** order", "window ** order", "signs kept"),
    ("lp_pool2d", "np.mean(np.abs(window) ** order)", "np.sum(np.abs(window) ** order)", "sum instead of mean"),
    ("mean_pool2d_to_the_end", "j * S_w + q].mean()", "j * S_w + q].sum() / (p * q)", "divided by p·q"),
    ("mean_pool2d_to_the_end", "-(-(H - p) // S_h) + 1, -(-(W - q)", "(H - p) // S_h + 1, ((W - q)", "rounded down"),
    ("count_network", "(F_h * F_w * D + 1)", "(F_h * F_w * D)", "biases of the kernels forgotten"),
    ("count_network", "(inputs + 1)", "inputs", "biases of the units forgotten"),
    ("count_network", "2 * P", "P", "padding counted once"),
    ("rows_seen", "reversed(layers)", "layers", "layers from the front"),
    ("rows_seen", "+ F - 1", "+ F", "one row too many"),
    ("mean_pool2d_backward", "+= delta", "= delta", "overwritten instead of added"),
    ("mean_pool2d_backward", " / (p * q)", "", "δ not shared out"),
    ("conv2d_backward_sides", "d_x[window] += delta", "d_x[window] = delta", "overwritten instead of added"),
    ("conv2d_backward_sides", "top, left = rows[0], columns[0]", "top, left = 0, 0", "padding cut on one side"),
    ("conv2d_backward_sides", "delta.sum(axis=(1, 2))", "delta.mean(axis=(1, 2))", "mean instead of sum"),
    ("conv2d_backward_sides", "d_w[k] += delta", "d_w[k] = delta", "last position only"),
    ("two_layers_backward", "d_a1 * np.where(net1 > 0, 1.0, slope)", "d_a1", "f′ forgotten"),
    ("two_layers_backward", "np.where(net1 > 0, 1.0, slope)", "(net1 > 0)", "derivative of ReLU"),
    ("check_gradient", "down[place] -= eps", "pass", None),
    ("check_gradient", "(2 * eps)", "eps", "divided by ε"),
    ("input_sensitivity", "np.array([label])", "scores.argmax(axis=1)", "label of the network"),
    ("input_sensitivity", "network.backward(delta)[0]", "network.backward(delta)", "an axis too many"),
]  # fmt: skip
