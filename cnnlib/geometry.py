"""Sizes and receptive fields of convolution layers: integers only, no arrays.

A size function looks at one axis, rows or columns; call it twice for both. Python integers have no largest
value, so nothing here overflows.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import arguments

MOST_VISITS = 2**26  # that `visit_counts` counts one by one


def kernel_extent(kernel: int, dilation: int = 1) -> int:
    """Return how many cells a kernel reaches over, gaps included: d * (F - 1) + 1.

    Parameters
    ----------
    kernel : int
        F, the size of the kernel.
    dilation : int, optional
        d, the distance between neighbouring cells of the kernel.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If one of the two is below 1.
    TypeError
        If an argument is not an integer.

    Examples
    --------
    >>> kernel_extent(3, dilation=2)
    5
    """
    kernel, dilation = _integers(kernel=kernel, dilation=dilation)
    return (kernel - 1) * dilation + 1


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Return how many windows fit along one axis: W2 = floor((W1 - extent + 2P) / S) + 1.

    Parameters
    ----------
    size : int
        W1, the size of the input.
    kernel : int
        F, the size of the kernel.
    stride : int, optional
        S, the distance between neighbouring windows.
    padding : int, optional
        P, the number of cells added at each end.
    dilation : int, optional
        d, the distance between neighbouring cells of the kernel: extent = d * (F - 1) + 1.

    Returns
    -------
    int
        W2, the size of the output.

    Raises
    ------
    ValueError
        If not even one window fits, or a number is too small.
    TypeError
        If an argument is not an integer.

    Examples
    --------
    >>> output_size(227, 11, stride=4)
    55
    """
    return _window(size, kernel, stride, padding, dilation)[-1]


def conv_transpose_output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    """Return the size that a transposed convolution gives along one axis: W2 = (W1 - 1) * S - 2P + F + output_padding.

    Parameters
    ----------
    size : int
        W1, the size of the input.
    kernel : int
        F, the size of the kernel.
    stride : int, optional
        S, the distance between the places where neighbouring inputs lay the kernel.
    padding : int, optional
        P, the number of cells cut off at each end.
    output_padding : int, optional
        The number of cells added at the end, below S. It chooses among the S sizes that a convolution with this stride
        maps to W1.

    Returns
    -------
    int
        W2, the size of the output.

    Raises
    ------
    ValueError
        If `output_padding` is not below the stride, the padding cuts everything away, or a number is too small.
    TypeError
        If an argument is not an integer.

    Examples
    --------
    >>> conv_transpose_output_size(2, 3, stride=2, padding=1, output_padding=1)
    4
    """
    size, kernel, stride, padding, output_padding = _integers(
        size=size, kernel=kernel, stride=stride, padding=padding, output_padding=output_padding
    )
    if output_padding >= stride:
        raise ValueError(f"output_padding: got {output_padding}, expected 0 to {stride - 1}, below the stride")
    uncut = (size - 1) * stride + kernel + output_padding
    if uncut <= 2 * padding:
        raise ValueError(
            f"padding: got {padding}, expected at most {(uncut - 1) // 2}: a transposed convolution cuts the padding "
            f"off both ends of its {uncut} cells, and one must remain"
        )
    return uncut - 2 * padding


def same_padding(kernel: int, dilation: int = 1) -> int:
    """Return the padding that keeps the size at stride 1: P = (extent - 1) / 2, so k for a kernel of 2k + 1.

    Parameters
    ----------
    kernel : int
        F, the size of the kernel.
    dilation : int, optional
        d, the distance between neighbouring cells of the kernel: extent = d * (F - 1) + 1.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the extent is even (then one side would need one zero more than the other), or a number is below 1.
    TypeError
        If an argument is not an integer.

    Examples
    --------
    >>> same_padding(5)
    2
    """
    extent = kernel_extent(kernel, dilation)
    if extent % 2 == 0:
        raise ValueError(
            f"kernel: got an even extent of {extent} (kernel {kernel}, dilation {dilation}), expected an odd one: "
            f"the {extent - 1} zeros cannot be shared evenly by both sides"
        )
    return extent // 2


def unused_pixels(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Return how many input pixels at the end of one axis no window reaches, because sizes are rounded down.

    What remains after the last window is (W1 - extent + 2P) mod S cells. The last P of them are padding.

    Parameters
    ----------
    size, kernel, stride, padding, dilation : int
        As in `output_size`.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If not even one window fits, or a number is too small.
    TypeError
        If an argument is not an integer.

    Examples
    --------
    >>> unused_pixels(6, 3, stride=2)
    1
    """
    size, kernel, stride, padding, dilation, count = _window(size, kernel, stride, padding, dilation)
    end = (count - 1) * stride + (kernel - 1) * dilation + 1 - padding  # the pixel after the last window
    return min(size, max(0, size - end))


def visit_counts(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> list[int]:
    """Return for each input pixel along one axis how many windows read it.

    A pixel (i, j) of an image is read visit_counts(rows)[i] * visit_counts(columns)[j] times.

    Parameters
    ----------
    size, kernel, stride, padding, dilation : int
        As in `output_size`.

    Returns
    -------
    list of int
        One count for each of the `size` pixels.

    Raises
    ------
    ValueError
        If not even one window fits, a number is too small, or size times kernel is above 2**26, too many to count.
    TypeError
        If an argument is not an integer.

    Examples
    --------
    >>> visit_counts(5, 3)
    [1, 2, 3, 2, 1]
    """
    size, kernel, stride, padding, dilation, windows = _window(size, kernel, stride, padding, dilation)
    if size * kernel > MOST_VISITS:
        raise ValueError(f"size: got {size} with a kernel of {kernel}, expected less: no memory or time would suffice")
    # which window has a pixel as its cell m, and a rest where none has
    places = ([divmod(row + padding - m * dilation, stride) for m in range(kernel)] for row in range(size))
    return [sum(rest == 0 and 0 <= window < windows for window, rest in cells) for cells in places]


def receptive_field(layers: Iterable[tuple[int, ...]]) -> int:
    """Return how many input pixels along one axis one output of a stack of layers sees.

    The field grows by r_l = r_(l-1) + (extent_l - 1) * (product of the strides before l), from r_0 = 1.

    Parameters
    ----------
    layers : iterable of tuples
        (kernel, stride) or (kernel, stride, dilation) of each layer, from input to output.

    Returns
    -------
    int

    Raises
    ------
    ValueError, TypeError
        If a layer is not of this form; the error names it.

    Examples
    --------
    >>> receptive_field([(3, 1), (3, 1), (3, 1)])
    7
    """
    form = "(kernel, stride) or (kernel, stride, dilation)"
    if isinstance(layers, (str, bytes, dict, set)) or hasattr(layers, "ndim") or not isinstance(layers, Iterable):
        raise TypeError(f"layers: got {layers!r:.60}, expected a list of tuples {form}")
    field, step = 1, 1  # step: how far apart in the input two neighbours of the current layer are
    for index, layer in enumerate(layers):
        name = f"layers[{index}]"
        if not isinstance(layer, (tuple, list)):
            raise TypeError(f"{name}: got {layer!r}, expected a tuple {form}")
        if len(layer) not in (2, 3):
            raise ValueError(f"{name}: got {layer!r} of length {len(layer)}, expected {form}")
        kernel = arguments.integer(f"{name}[0] (kernel)", layer[0], 1)
        stride = arguments.integer(f"{name}[1] (stride)", layer[1], 1)
        dilation = arguments.integer(f"{name}[2] (dilation)", layer[2], 1) if len(layer) == 3 else 1
        field += (kernel - 1) * dilation * step
        step *= stride
    return field


def windows_that_fit(name: str, size: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """Return `output_size` of integers that are checked already; `name` is whose fault it is if no window fits."""
    extent, padded = (kernel - 1) * dilation + 1, size + 2 * padding
    if extent <= padded:
        return (padded - extent) // stride + 1
    gaps = f" (kernel {kernel}, dilation {dilation})" if dilation > 1 else ""
    smaller = f"a kernel of at most {(padded - 1) // dilation + 1} or " if padded else ""
    raise ValueError(
        f"{name}: got a window of extent {extent}{gaps} on a padded size of {padded} ({size} + 2 * {padding}), "
        f"expected one that fits: {smaller}a padding of at least {(extent - size + 1) // 2}"
    )


def _window(size: int, kernel: int, stride: int, padding: int, dilation: int) -> list[int]:
    """Return the five as Python integers, and how many windows fit."""
    values = _integers(size=size, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    return [*values, windows_that_fit("kernel", *values)]


def _integers(**values: int) -> list[int]:
    """Return the values as Python integers: a padding may be 0, everything else is at least 1."""
    return [arguments.integer(name, value, 0 if "padding" in name else 1) for name, value in values.items()]
