"""LeNet-5 twice: as it is usually built today, and as LeCun, Bottou, Bengio and Haffner published it in 1998.

Section and equation numbers are those of "Gradient-Based Learning Applied to Document Recognition", Proceedings
of the IEEE 86 (11), 2278-2324, 1998.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import arguments, convolution, losses, pooling, shapes
from .arguments import IntPair, Seed
from .layers import Activation, Conv2d, Fixed, Flatten, Layer, Linear, MaxPool2d, ReLU
from .network import Sequential

Table = tuple[tuple[int, ...], ...]

# Which maps of S2 each of the 16 maps of C3 looks at (table I): all runs of three neighbours, all runs of four,
# three sets of four apart, and one map that sees them all.
TABLE_I = "012 123 234 345 045 015 0123 1234 2345 0345 0145 0125 0134 1245 0235 012345"
C3_CONNECTIONS = tuple(tuple(map(int, maps)) for maps in TABLE_I.split())

# The ten output codes, 7 x 12 pixels, our own drawing: similar figures have similar codes, as section II.B wants it.
BITMAPS = """
 .......  .......  .......  .......  .......  .......  .......  .......  .......  .......
 ..###..  ...#...  ..###..  .#####.  ....##.  #######  ..####.  #######  ..###..  ..###..
 .#...#.  ..##...  .#...#.  #.....#  ...#.#.  #......  .#.....  #.....#  .#...#.  .#...#.
 #.....#  .#.#...  #.....#  ......#  ...#.#.  #......  #......  .....#.  #.....#  #.....#
 #.....#  ...#...  ......#  .....#.  ..#..#.  #......  #......  .....#.  #.....#  #.....#
 #.....#  ...#...  .....#.  ...##..  ..#..#.  ######.  #.###..  ....#..  .#...#.  .#...##
 #.....#  ...#...  ....#..  .....#.  .#...#.  ......#  ##...#.  ....#..  ..###..  ..###.#
 #.....#  ...#...  ...#...  ......#  .#...#.  ......#  #.....#  ...#...  .#...#.  ......#
 #.....#  ...#...  ..#....  ......#  #######  ......#  #.....#  ...#...  #.....#  ......#
 .#...#.  ...#...  .#.....  #.....#  .....#.  #.....#  .#...#.  ..#....  #.....#  .....#.
 ..###..  .#####.  #######  .#####.  .....#.  .#####.  ..###..  ..#....  .#####.  .####..
 .......  .......  .......  .......  .......  .......  .......  .......  .......  .......
"""


def lenet5(rng: Seed = None, dtype: Any = np.float32) -> Sequential:
    """Return today's LeNet-5: ReLU, max pooling, full connections, ten scores for the softmax; 61,706 parameters.

    Parameters
    ----------
    rng : Generator or int, optional
        Where the start values come from, or a seed; see `Conv2d` and `Linear`.
    dtype : float32 or float64
        Of the parameters.

    Returns
    -------
    Sequential
        For input (B, 1, 28, 28) in [0, 1], ink high; the first convolution pads it by 2. `scores` and `predict` warn
        once if the images look otherwise.

    Raises
    ------
    TypeError
        For another dtype.

    Examples
    --------
    >>> lenet5(rng=0).scores(np.zeros((2, 1, 28, 28))).shape
    (2, 10)
    """
    options: dict[str, Any] = {"rng": arguments.generator(rng), "dtype": dtype}
    network = Sequential(  # pooling before ReLU: the largest of a window is the same, and ReLU has a quarter to do
        *(Conv2d(1, 6, 5, padding=2, **options), MaxPool2d(2), ReLU()),
        *(Conv2d(6, 16, 5, **options), MaxPool2d(2), ReLU()),
        *(Flatten(), Linear(400, 120, **options), ReLU()),
        *(Linear(120, 84, **options), ReLU()),
        Linear(84, 10, **options),
    )
    network.doubt = unlike_ink
    return network


def lenet5_1998(rng: Seed = None, dtype: Any = np.float32) -> Sequential:
    """Return LeNet-5 as published: C1, S2, C3, S4, C5, F6 and the output codes; 60,000 trainable parameters.

    Parameters
    ----------
    rng : Generator or int, optional
        Where the start values come from, or a seed: uniform in ±2.4 / fan_in (appendix A).
    dtype : float32 or float64
        Of the parameters.

    Returns
    -------
    Sequential
        For input (B, 1, 28, 28) in [0, 1], ink high, which the first layer scales and frames. The scores are minus
        the squared distances to the codes. `scores` and `predict` warn once if the images look otherwise.

    Raises
    ------
    TypeError
        For another dtype.

    Examples
    --------
    >>> lenet5_1998(rng=0).scores(np.zeros((2, 1, 28, 28))).shape
    (2, 10)
    """
    options: dict[str, Any] = {"rng": arguments.generator(rng), "dtype": dtype}
    network = Sequential(
        NormalizeAndPad(channels=1),
        *(Conv2d(1, 6, 5, **options), ScaledTanh()),  # C1
        *(Subsampling(6, 2, **options), ScaledTanh()),  # S2
        *(PartialConv2d(C3_CONNECTIONS, 5, **options), ScaledTanh()),  # C3
        *(Subsampling(16, 2, **options), ScaledTanh()),  # S4
        *(Conv2d(16, 120, 5, **options), ScaledTanh()),  # C5: its maps are one pixel large, on a larger input they grow
        *(Flatten(), Linear(120, 84, **options), ScaledTanh()),  # F6
        RBFOutput(output_codes(), dtype=dtype),
    )
    for layer in network:
        if isinstance(layer, (Conv2d, Linear)):
            scale = 2.4 / math.sqrt(layer.weight[0].size)  # from ±1/sqrt(fan_in)
            for parameter in layer.parameters().values():
                parameter *= scale
    network.doubt = unlike_ink
    return network


def unlike_ink(x: np.ndarray) -> str | None:
    """Return a sentence if images (B, 1, H, W) are no ink between 0 and 1 on paper of 0, as far as can be seen.

    Pixels of mean 0 and deviation 1 stay below 10, and noise between 0 and 1 has a mean of 0.5 at the edge: neither
    is doubted.
    """
    if x.ndim != 4 or not x.size:
        return None
    if (largest := x.max()) > 10:
        return f"x: got values up to {largest:.3g}, where this network expects 0 to 1: for 0 to 255 divide by 255"
    edge = np.concatenate([x[:, :, [0, -1]].ravel(), x[:, :, :, [0, -1]].ravel()])
    if edge.mean() > 0.75:
        return "x: got images with a light edge, where this network expects ink near 1 on paper of 0: try 1 - x"
    return None


def output_codes() -> np.ndarray:
    """Return the codes of the ten digits, (10, 84) of -1 and +1: bitmaps of 12 rows and 7 columns, read row by row."""
    rows = [line.split() for line in BITMAPS.strip().splitlines()]
    pictures = ["".join(row[digit] for row in rows) for digit in range(10)]
    return np.array([[1.0 if pixel == "#" else -1.0 for pixel in picture] for picture in pictures])


@losses.mean_over_images
def map_criterion(scores: np.ndarray, labels: np.ndarray, j: float = 1.0) -> tuple[float, np.ndarray]:
    """Return the loss with which the 1998 network was trained (equation 9), and its derivative by the scores.

    E = mean(y_label + log(e^-j + sum_k e^-y_k)), y being the distances, minus the scores: pull the right code near,
    push the wrong ones away, but not those that are further than j. The paper leaves the constant j open.
    It is `cross_entropy` with an eleventh class of fixed score -j.

    Parameters
    ----------
    scores : ndarray, shape (B, C)
        What the network gives.
    labels : ndarray, shape (B,)
        Class numbers from 0 to C - 1.
    j : float
        How far is far enough.

    Returns
    -------
    tuple
        (E, delta): a Python number, and (B, C) with the dtype of the scores.

    Raises
    ------
    ValueError, TypeError
        As `cross_entropy` does.
    """
    scores = arguments.as_float_array("scores", scores, "batch, class")
    labels = arguments.class_labels("labels", labels, *scores.shape)
    rubbish = np.full((len(scores), 1), -arguments.number("j", j), scores.dtype)
    loss, delta = losses.cross_entropy(np.hstack([scores, rubbish]), labels)
    return loss, delta[:, :-1]


class NormalizeAndPad(Fixed):
    """Puts an image in [0, 1] on a frame of 2 pixels and scales it: white 0 to -0.1, black 1 to 1.175 (section II.B).

    The paper's aim is a mean of about 0 and a variance of about 1, which speeds learning up. On MNIST, framed, the mean
    is 0.03 and the variance 0.12 (chapter 11 measures it).

    Parameters
    ----------
    channels : int, optional
        How many an image must have, any number unless given: it is checked before the frame hides how the image lies.
    """

    def __init__(self, channels: int | None = None) -> None:
        self.channels = None if channels is None else arguments.integer("channels", channels, 1)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return (B, D, H + 4, W + 4) for (B, D, H, W)."""
        x = arguments.as_float_array("x", x, shapes.MAPS)
        if self.channels is not None:
            self._expect(self.channels, "channels", x)
        y: np.ndarray = np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2))) * x.dtype.type(1.275) - x.dtype.type(0.1)
        self._dtype, self._output_shape = x.dtype, y.shape
        return y

    def _input_gradient(self, delta: np.ndarray) -> Any:
        return (delta[:, :, 2:-2, 2:-2] * 1.275).astype(self._dtype, copy=False)


class ScaledTanh(Activation):
    """a = 1.7159 tanh(2/3 net): 1 at 1 and -1 at -1, where its curvature is largest (appendix A)."""

    amplitude, slope = 1.7159, 2 / 3

    def _function(self, x: np.ndarray) -> Any:
        self._tanh = np.tanh(x * self.slope)
        return self._tanh * self.amplitude

    def _slope(self) -> Any:
        slope = 1 - self._tanh * self._tanh
        slope *= self.amplitude * self.slope
        return slope


class Subsampling(Layer):
    """The sum of each window, times the map's trainable coefficient, plus its trainable bias: 2 parameters a map.

    Parameters
    ----------
    channels : int
        The maps of the input.
    size : int or (row, column) pair
        Of the windows, which do not overlap.
    rng : Generator or int, optional
        Where the start values come from, or a seed: uniform in ±2.4 / (number of cells in a window).
    dtype : float32 or float64
        Of the parameters.

    Examples
    --------
    >>> Subsampling(6, 2, rng=0).forward(np.zeros((1, 6, 28, 28))).shape
    (1, 6, 14, 14)
    """

    parameter_names, multiplied = ("coefficient", "bias"), "coefficient"

    def __init__(self, channels: int, size: IntPair, *, rng: Seed = None, dtype: Any = np.float32) -> None:
        _, self.channels = shapes.must_be_possible("channels", channels, 2, arguments.integer("channels", channels, 1))
        self.size, _, _ = shapes.pool_settings(size)
        self.cells = math.prod(self.size)
        limit = 2.4 / self.cells
        start = arguments.generator(rng).uniform(-limit, limit, (2, self.channels))
        self.coefficient, self.bias = start.astype(arguments.float_dtype(dtype))

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return (B, D, H2, W2) for (B, D, H, W)."""
        mean = pooling.avg_pool2d(x, self.size)
        self._expect(self.channels, "channels", x)
        self._x, self._sum, self._output_shape = x, mean * self.cells, mean.shape
        y: np.ndarray = self._sum * self.coefficient[:, None, None] + self.bias[:, None, None]
        return y

    def backward(self, gradient: np.ndarray, input_gradient: bool = True) -> np.ndarray | None:
        """Return the gradient by the map: every cell of a window gets the coefficient's share."""
        delta = self._delta(gradient)
        self.d_coefficient = np.einsum("nchw,nchw->c", delta, self._sum).astype(self.coefficient.dtype, copy=False)
        self.d_bias = delta.sum(axis=(0, 2, 3)).astype(self.bias.dtype, copy=False)
        if not input_gradient:
            return None
        return pooling.avg_pool2d_backward(delta * (self.coefficient * self.cells)[:, None, None], self._x, self.size)

    def __repr__(self) -> str:
        return f"Subsampling({self.channels}, {self.size[0]}×{self.size[1]})"


class PartialConv2d(Layer):
    """A convolution whose output maps look at some of the input maps only: C3 with its connection table.

    `weight` is (connections in all, F, F), in the order of the table; `bias` is (C_out,).

    Parameters
    ----------
    connections : tuple of tuples of int
        For each output map the numbers of the input maps it looks at.
    kernel_size : int
        F.
    rng : Generator or int, optional
        Where the start values come from, or a seed: uniform in ±2.4 / fan_in, each map having a fan_in of its own.
    dtype : float32 or float64
        Of the parameters.

    Raises
    ------
    ValueError, TypeError
        If an output map looks at no input map, or twice at one, or at what is no number of a map.

    Examples
    --------
    >>> PartialConv2d(((0, 1), (1, 2)), 3, rng=0).forward(np.zeros((1, 3, 5, 5))).shape
    (1, 2, 3, 3)
    """

    parameter_names, multiplied = ("weight", "bias"), "weight"

    def __init__(self, connections: Table, kernel_size: int, *, rng: Seed = None, dtype: Any = np.float32) -> None:
        self.kernel_size = arguments.integer("kernel_size", kernel_size, 1)
        given = [[arguments.integer("connections", channel, 0) for channel in seen] for seen in connections]
        self.connections = tuple(map(tuple, given))
        if not self.connections or not all(seen and len(set(seen)) == len(seen) for seen in self.connections):
            raise ValueError(f"connections: got {connections!r}, expected one or more input maps each, none twice")
        self.in_channels = 1 + max(max(seen) for seen in self.connections)
        self._out = np.repeat(np.arange(len(self.connections)), [len(seen) for seen in self.connections])
        self._in = np.array([channel for seen in self.connections for channel in seen])
        rng, dtype = arguments.generator(rng), arguments.float_dtype(dtype)
        limits = 2.4 / np.array([len(seen) * self.kernel_size**2 for seen in self.connections])
        shape = shapes.must_be_possible("kernel_size", kernel_size, len(self._out), *2 * (self.kernel_size,))
        weight = rng.uniform(-1, 1, shape)
        self.weight = (weight * limits[self._out, None, None]).astype(dtype)
        self.bias = (rng.uniform(-1, 1, len(limits)) * limits).astype(dtype)

    def kernels(self) -> np.ndarray:
        """Return the weights as full kernels (C_out, C_in, F, F), zero where there is no connection."""
        full = np.zeros((len(self.bias), self.in_channels, *self.weight.shape[1:]), self.weight.dtype)
        full[self._out, self._in] = self.weight
        return full

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return net (B, C_out, H2, W2) for x (B, C_in, H, W)."""
        kernels = self.kernels()
        net = convolution.conv2d(x, kernels, self.bias)
        self._x, self._kernels, self._output_shape = x, kernels, net.shape
        return net

    def backward(self, gradient: np.ndarray, input_gradient: bool = True) -> np.ndarray | None:
        """Return dE/dx and set the gradients of the weights that exist."""
        delta, x, kernels = self._delta(gradient), self._x, self._kernels
        d_x, d_kernels, self.d_bias = convolution.conv2d_backward(delta, x, kernels, input_gradient=input_gradient)
        self.d_weight = d_kernels[self._out, self._in]
        return d_x

    def __repr__(self) -> str:
        return f"PartialConv2d({self.in_channels}, {len(self.connections)}, {self.kernel_size})"


class RBFOutput(Fixed):
    """Ten fixed codes; the score of a class is minus the squared distance of its code (equation 7).

    Parameters
    ----------
    codes : ndarray, shape (classes, features)
        Nothing here is trained.
    dtype : float32 or float64
        In which the codes are kept.

    Examples
    --------
    >>> RBFOutput(np.array([[1.0, -1.0], [1.0, 1.0]])).forward(np.array([[1.0, 1.0]]))
    array([[-4., -0.]])
    """

    multiplied = "codes"

    def __init__(self, codes: np.ndarray, *, dtype: Any = np.float32) -> None:
        codes = arguments.as_float_array("codes", codes, "class, feature")
        self.codes = codes.astype(arguments.float_dtype(dtype))

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the scores (B, classes) for x (B, features)."""
        x = arguments.as_float_array("x", x, "batch, feature")
        self._expect(self.codes.shape[1], "features", x)
        away = x[:, None, :] - self.codes
        scores: np.ndarray = -np.square(away).sum(axis=2)
        self._away, self._dtype, self._output_shape = away, x.dtype, scores.shape
        return scores

    def _input_gradient(self, delta: np.ndarray) -> Any:
        return (-2 * np.einsum("nc,ncf->nf", delta, self._away)).astype(self._dtype, copy=False)

    def __repr__(self) -> str:
        return f"RBFOutput({len(self.codes)} of {self.codes.shape[1]})"
