"""The table that `Sequential.summary` gives: a row for each layer, with totals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from . import arguments
from .layers import Layer

HEADINGS = ("layer", "output", "parameters", "multiply-adds", "activation bytes")


class SummaryRow(NamedTuple):
    """One layer of a `Summary`."""

    layer: str
    output_shape: arguments.Shape
    parameters: int
    multiply_adds: int
    activation_bytes: int


class Summary(list[SummaryRow]):
    """The rows of `Sequential.summary`, shown as a table with totals."""

    @property
    def total(self) -> SummaryRow:
        """The sums over all layers."""
        rows: list[Any] = list(self)
        shape = rows[-1].output_shape if rows else ()
        return SummaryRow("total", shape, *(sum(row[column] for row in rows) for column in (2, 3, 4)))

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (row.layer.replace("\n", " "), " × ".join(map(str, row.output_shape)), *(f"{n:,}" for n in row[2:]))
            for row in [*self, self.total]
        ]

    def __str__(self) -> str:
        table = [HEADINGS, *self._cells()]
        widths = [max(map(len, column)) for column in zip(*table)]
        aligned = ["  ".join([name.ljust(widths[0]), *map(str.rjust, cells, widths[1:])]) for name, *cells in table]
        rule = "-" * len(aligned[0])
        return "\n".join([aligned[0], rule, *aligned[1:-1], rule, aligned[-1]])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        table = [HEADINGS, *self._cells()]
        tags = ["th", *["td"] * len(self), "th"]
        rows = [f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>" for tag, cells in zip(tags, table)]
        return f"<table><thead>{rows[0]}</thead><tbody>{''.join(rows[1:-1])}</tbody><tfoot>{rows[-1]}</tfoot></table>"


def summarize(layers: Sequence[Layer], input_shape: arguments.Shape) -> Summary:
    """Return a row for each layer, given the shape of one image or of a batch; see `Sequential.summary`."""
    if not isinstance(input_shape, (tuple, list)):
        raise TypeError(f"input_shape: got {input_shape!r}, expected a tuple such as (1, 28, 28)")
    shape: arguments.Shape = tuple(arguments.integer("input_shape", size, 1) for size in input_shape)
    if not 1 <= len(shape) <= 4:
        raise ValueError(f"input_shape: got {shape}, expected (D, H, W), (features,) or the same with the batch first")
    batch, shape = (shape[:1], shape[1:]) if len(shape) in (2, 4) else ((), shape)
    images = math.prod(batch)
    parameters = [list(layer.parameters().values()) for layer in layers]
    itemsize = max((array.itemsize for arrays in parameters for array in arrays), default=4)
    summary = Summary()
    for layer, arrays in zip(layers, parameters):
        products, shape = layer.multiply_adds(shape) * images, tuple(layer.output_shape(shape))
        size, count = math.prod(shape) * images * itemsize, sum(array.size for array in arrays)
        summary.append(SummaryRow(repr(layer), batch + shape, count, products, size))
    return summary
