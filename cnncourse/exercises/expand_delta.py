"""Chapter 06: the sensitivity map of a layer with a stride, expanded to that of the stride-1 layer."""

from __future__ import annotations

import numpy as np

from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.windows import fine, kernel_values


def my_expand(delta, stride, size=None):
    rows, columns = ((length - 1) * stride + 1 for length in delta.shape)
    expanded = np.zeros((rows, columns) if size is None else size)
    expanded[:rows:stride, :columns:stride] = delta
    return expanded


MISTAKES = r"""
stride not expanded: Between two neighbours of δ there are S − 1 zeros: δ_ij goes to row i·S, column j·S.
    return expanded => return delta
    [:rows:stride, :columns:stride] => [: delta.shape[0], : delta.shape[1]]
    (rows, columns) if => delta.shape if
    & [:rows:stride, :columns:stride] => [: delta.shape[0], : delta.shape[1]]
dropped rows and columns forgotten: The result ends at the last δ whatever `size` says: zeros follow for the windows that
    were dropped.
    (rows, columns) if size is None else size => (rows, columns)
S zeros instead of S − 1: Stride S means one of S rows: S − 1 zeros between two neighbours.
    rows, columns = => stride += 1 \n rows, columns =
    rows, columns = => stride, size = stride + 1, None \n rows, columns =
δ repeated instead of zeros: The new cells hold 0: the outputs between were never computed, so nothing comes back from
    them.
    return expanded => return np.kron(delta, np.ones((stride, stride)))
    return expanded => return np.kron(delta, np.ones((stride, stride)))[: len(expanded), : expanded.shape[1]]
    expanded[:rows:stride, :columns:stride] = delta => blocks = np.kron(delta, np.ones((stride, stride)))[: len(expanded), : expanded.shape[1]] \n expanded[: len(blocks), : blocks.shape[1]] = blocks
zeros after the last δ: Zeros stand between neighbours; after the last δ there are none without `size`: (H2 − 1)·S + 1 rows.
    (length - 1) * stride + 1 => length * stride
zeros after the last δ: Zeros stand between neighbours; after the last δ there are as many as `size` asks for: none
    without it.
    (length - 1) * stride + 1 => length * stride
    & if size is None else size => if True else size
zeros before δ: The first δ stays in row 0, column 0: δ_ij goes to row i·S, column j·S.
    (length - 1) * stride + 1 => length * stride
    & if size is None else size => if True else size
    & [:rows:stride, :columns:stride] => [stride - 1 :: stride, stride - 1 :: stride]
1 forgotten: Without `size` there are (H2 − 1)·S + 1 rows: the last δ needs a row too.
    * stride + 1 => * stride
    * stride + 1 => * stride
    & [:rows:stride, :columns:stride] => [: rows + 1 : stride, : columns + 1 : stride]
dropped rows and columns in front: The windows at the end were dropped, where the stride does not divide: their zeros go
    below and to the right.
    [:rows:stride, :columns:stride] => [len(expanded) - rows :: stride, expanded.shape[1] - columns :: stride]
    expanded[:rows:stride, :columns:stride] = delta => r, c = (len(expanded) - rows) // 2, (expanded.shape[1] - columns) // 2 \n expanded[r : r + rows : stride, c : c + columns : stride] = delta
one axis only: Rows and columns are both expanded: δ_ij goes to row i·S, column j·S.
    rows, columns = ((length - 1) * stride + 1 for length in delta.shape) => rows, columns = (len(delta) - 1) * stride + 1, delta.shape[1]
    & :columns:stride => :columns
    rows, columns = ((length - 1) * stride + 1 for length in delta.shape) => rows, columns = len(delta), (delta.shape[1] - 1) * stride + 1
    & :rows:stride => :rows
size axes swapped: `size` is (rows, columns). | else size => else size[::-1]
δ multiplied by the stride: The numbers stay as they are. | = delta => = delta * stride
δ divided by the stride: The numbers stay as they are.
    = delta => = delta / stride
    = delta => = delta / stride**2
"""


def cases(rng: np.random.Generator) -> list[Case]:
    """Return maps without a zero, every stride with no size, with the least size, and with rows and columns dropped."""
    made = [Case(kernel_values(rng, shape), stride) for shape, stride in [((1, 2), 2), ((2, 1), 3), ((3, 2), 1)]]
    settings = [((2, 3), 2), ((3, 2), 3), ((1, 3), 2), ((3, 4), 2), ((2, 1), 4)]
    for k, (shape, stride) in enumerate(settings):
        delta = kernel_values(rng, shape)
        least = [(length - 1) * stride + 1 for length in shape]
        more = [(k + 1) % stride, stride - 1]
        made.append(Case(delta, stride))
        made.append(Case(delta, stride, size=(least[0] + more[0], least[1] + more[1])))
        made.append(Case(-delta, stride, size=(least[0] + more[1], least[1])))
    made.append(Case(kernel_values(rng, (2, 4)), 3, size=(4, 10)))
    made.append(Case(fine(rng, (2, 3)), 2))
    return [*made, Case(kernel_values(rng, (2, 3)), 1, size=(2, 3))]


exercise = FunctionExercise(
    "expand_delta",
    "06",
    my_expand,
    cases,
    mistakes_of(my_expand, MISTAKES),
    "maps from 1×2 to 3×4, not square, strides 1 to 4, without a size, with the least one, and with rows and columns "
    "that the floor dropped.",
)
