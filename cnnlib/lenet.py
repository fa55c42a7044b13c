"""LeNet-5 twice: as it is usually built today, and as LeCun, Bottou, Bengio and Haffner published it in 1998.

Section and equation numbers are those of "Gradient-Based Learning Applied to Document Recognition", Proceedings
of the IEEE 86 (11), 2278-2324, 1998.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import arguments, losses, pooling, shapes
from .layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU, Shape
from .network import Sequential

# Which maps of S2 each of the 16 maps of C3 looks at (table I): all runs of three neighbours, all runs of four,
# three sets of four apart, and one map that sees them all.
C3_CONNECTIONS = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)

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


def lenet5(rng: np.random.Generator | int | None = None, dtype: Any = np.float32) -> Sequential:
    """Return today's LeNet-5: ReLU, max pooling, full connections, ten scores for the softmax; 61,706 parameters.

    Input (N, 1, 28, 28) in [0, 1]; the first convolution pads it by 2. Start weights as in `Conv2d` and `Linear`.

    >>> lenet5(rng=0).scores(np.zeros((2, 1, 28, 28))).shape
    (2, 10)
    """
    rng = np.random.default_rng(rng)
    options: dict[str, Any] = {"rng": rng, "dtype": dtype}
    return Sequential(
        Conv2d(1, 6, 5, padding=2, **options),
        MaxPool2d(2),  # before the ReLU: the largest of a window is the same either way, and ReLU has a quarter to do
        ReLU(),
        Conv2d(6, 16, 5, **options),
        MaxPool2d(2),
        ReLU(),
        Flatten(),
        Linear(400, 120, **options),
        ReLU(),
        Linear(120, 84, **options),
        ReLU(),
        Linear(84, 10, **options),
    )


def lenet5_1998(rng: np.random.Generator | int | None = None, dtype: Any = np.float32) -> Sequential:
    """Return LeNet-5 as published: C1, S2, C3, S4, C5, F6 and the output codes; 60,000 trainable parameters.

    Input (N, 1, 28, 28) in [0, 1], which the first layer scales and frames. The scores are minus the squared
    distances to the codes. Start weights are uniform in ±2.4 / fan_in (appendix A).

    >>> lenet5_1998(rng=0).scores(np.zeros((2, 1, 28, 28))).shape
    (2, 10)
    """
    rng = np.random.default_rng(rng)
    options: dict[str, Any] = {"rng": rng, "dtype": dtype}
    network = Sequential(
        ScaledInput(),
        Conv2d(1, 6, 5, **options),  # C1
        ScaledTanh(),
        Subsampling(6, 2, **options),  # S2
        ScaledTanh(),
        PartialConv2d(C3_CONNECTIONS, 5, **options),  # C3
        ScaledTanh(),
        Subsampling(16, 2, **options),  # S4
        ScaledTanh(),
        Conv2d(16, 120, 5, **options),  # C5: its maps are one pixel large, on a larger input they would grow
        ScaledTanh(),
        Flatten(),
        Linear(120, 84, **options),  # F6
        ScaledTanh(),
        OutputCodes(output_codes(), dtype=dtype),
    )
    for layer in network:
        if isinstance(layer, (Conv2d, Linear)):
            scale = 2.4 / math.sqrt(layer.weight[0].size)  # from ±1/sqrt(fan_in)
            for parameter in layer.parameters().values():
                parameter *= scale
    return network


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
    Shapes and errors as in `cross_entropy`, of which this is the case with an eleventh class of fixed score -j.
    """
    scores = arguments.floats_of_rank("scores", scores, "batch, class")
    labels = arguments.class_labels("labels", labels, *scores.shape)
    rubbish = np.full((len(scores), 1), -j, scores.dtype)
    loss, delta = losses.cross_entropy(np.hstack([scores, rubbish]), labels)
    return loss, delta[:, :-1]


class ScaledInput(Layer):
    """Puts an image in [0, 1] on a frame of 2 pixels and scales it: white 0 to -0.1, black 1 to 1.175 (section II.B).

    The paper's aim is a mean of about 0 and a variance of about 1, which speeds learning up. On MNIST, framed, the mean
    is 0.03 and the variance 0.12 (chapter 08 measures it).
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return (N, C, H + 4, W + 4) for (N, C, H, W)."""
        x = arguments.floats_of_rank("x", x, shapes.MAPS)
        self._x = x
        return np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2))) * x.dtype.type(1.275) - x.dtype.type(0.1)

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Return the gradient by the image, without the frame."""
        x = self._remembered("_x")
        gradient = arguments.floats("gradient", gradient)
        arguments.same_shape("gradient", gradient, (*x.shape[:2], x.shape[2] + 4, x.shape[3] + 4), "the output's shape")
        return (gradient[:, :, 2:-2, 2:-2] * 1.275).astype(x.dtype, copy=False)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (C, H + 4, W + 4) for (C, H, W)."""
        channels, height, width = input_shape
        return channels, height + 4, width + 4


class ScaledTanh(Layer):
    """a = 1.7159 tanh(2/3 net): 1 at 1 and -1 at -1, where its curvature is largest (appendix A)."""

    amplitude, slope = 1.7159, 2 / 3

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the activation of every element."""
        x = arguments.floats("x", x)
        self._tanh = np.tanh(x * self.slope)
        return self._tanh * self.amplitude

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Return gradient * f'(net)."""
        tanh = self._remembered("_tanh")
        gradient = arguments.floats("gradient", gradient)
        arguments.same_shape("gradient", gradient, tanh.shape, "the shape of the output")
        slope = 1 - tanh * tanh
        slope *= self.amplitude * self.slope
        return (gradient * slope).astype(tanh.dtype, copy=False)


class Subsampling(Layer):
    """The sum of each window, times the map's trainable coefficient, plus its trainable bias: 2 parameters a map.

    The windows do not overlap. Start values are uniform in ±2.4 / (number of cells in a window).
    """

    names = ("coefficient", "bias")

    def __init__(
        self,
        channels: int,
        size: arguments.IntPair,
        *,
        rng: np.random.Generator | int | None = None,
        dtype: Any = np.float32,
    ) -> None:
        self.channels = arguments.integer("channels", channels, 1)
        self.size, _, _ = shapes.pool_settings(size)
        self.cells = self.size[0] * self.size[1]
        rng, dtype = np.random.default_rng(rng), arguments.float_dtype(dtype)
        limit = 2.4 / self.cells
        self.coefficient = rng.uniform(-limit, limit, self.channels).astype(dtype)
        self.bias = rng.uniform(-limit, limit, self.channels).astype(dtype)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return (N, C, H2, W2) for (N, C, H, W)."""
        mean = pooling.avg_pool2d(x, self.size)
        if mean.shape[1] != self.channels:
            raise ValueError(
                f"x: got {mean.shape[1]} channels (shape {np.shape(x)}), expected {self.channels} for {self}"
            )
        self._x, self._sum = x, mean * self.cells
        return self._sum * self.coefficient[:, None, None] + self.bias[:, None, None]

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Return the gradient by the map: every cell of a window gets the coefficient's share."""
        total = self._remembered("_sum")
        gradient = arguments.floats("gradient", gradient)
        arguments.same_shape("gradient", gradient, total.shape, "the shape of the output")
        self.d_coefficient = np.einsum("nchw,nchw->c", gradient, total).astype(self.coefficient.dtype, copy=False)
        self.d_bias = gradient.sum(axis=(0, 2, 3)).astype(self.bias.dtype, copy=False)
        scaled = gradient * (self.coefficient * self.cells)[:, None, None]
        return pooling.avg_pool2d_backward(scaled, self._x, self.size)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (C, H2, W2) for (C, H, W)."""
        channels, height, width = input_shape
        return channels, height // self.size[0], width // self.size[1]

    def multiply_adds(self, input_shape: Shape) -> int:
        """Return one product for each output."""
        return math.prod(self.output_shape(input_shape))

    def __repr__(self) -> str:
        return f"Subsampling({self.channels}, {self.size[0]}×{self.size[1]})"


class PartialConv2d(Layer):
    """A convolution whose output maps look at some of the input maps only: C3 with its connection table.

    connections: for each output map the numbers of the input maps it looks at. weight (connections in all, F, F),
    in that order; bias (C_out,). Start values are uniform in ±2.4 / fan_in, each map having a fan_in of its own.
    """

    names = ("weight", "bias")

    def __init__(
        self,
        connections: tuple[tuple[int, ...], ...],
        kernel_size: int,
        *,
        rng: np.random.Generator | int | None = None,
        dtype: Any = np.float32,
    ) -> None:
        self.kernel_size = arguments.integer("kernel_size", kernel_size, 1)
        self.connections = tuple(
            tuple(arguments.integer("connections", channel, 0) for channel in seen) for seen in connections
        )
        if not self.connections or not all(seen and len(set(seen)) == len(seen) for seen in self.connections):
            raise ValueError(
                f"connections: got {connections!r}, expected one or more input maps for each output map, none twice"
            )
        self.in_channels = 1 + max(max(seen) for seen in self.connections)
        self._out = np.repeat(np.arange(len(self.connections)), [len(seen) for seen in self.connections])
        self._in = np.array([channel for seen in self.connections for channel in seen])
        rng, dtype = np.random.default_rng(rng), arguments.float_dtype(dtype)
        limits = 2.4 / np.array([len(seen) * self.kernel_size**2 for seen in self.connections])
        weight = rng.uniform(-1, 1, (len(self._out), self.kernel_size, self.kernel_size))
        self.weight = (weight * limits[self._out, None, None]).astype(dtype)
        self.bias = (rng.uniform(-1, 1, len(limits)) * limits).astype(dtype)

    def kernels(self) -> np.ndarray:
        """Return the weights as full kernels (C_out, C_in, F, F), zero where there is no connection."""
        full = np.zeros((len(self.bias), self.in_channels, *self.weight.shape[1:]), self.weight.dtype)
        full[self._out, self._in] = self.weight
        return full

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return net (N, C_out, H2, W2) for x (N, C_in, H, W)."""
        full = Conv2d.__new__(Conv2d)
        full.__dict__.update(weight=self.kernels(), bias=self.bias, stride=(1, 1), padding=(0, 0), dilation=(1, 1))
        net = full.forward(x)
        self._full = full
        return net

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Return dE/dx and set the gradients of the weights that exist."""
        full = self._remembered("_full")
        d_x = full.backward(gradient)
        self.d_weight, self.d_bias = full.d_weight[self._out, self._in], full.d_bias
        return d_x

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (C_out, H2, W2) for (C_in, H, W)."""
        channels, height, width = input_shape
        if channels != self.in_channels:
            raise ValueError(f"input_shape: got {channels} channels, expected {self.in_channels} for {self}")
        return len(self.connections), height - self.kernel_size + 1, width - self.kernel_size + 1

    def multiply_adds(self, input_shape: Shape) -> int:
        """Return positions x weights."""
        return math.prod(self.output_shape(input_shape)[1:]) * self.weight.size

    def __repr__(self) -> str:
        return f"PartialConv2d({self.in_channels}, {len(self.connections)}, {self.kernel_size})"


class OutputCodes(Layer):
    """Ten fixed codes; the score of a class is minus the squared distance of its code (equation 7).

    codes: (classes, features). Nothing here is trained.
    """

    def __init__(self, codes: np.ndarray, *, dtype: Any = np.float32) -> None:
        codes = arguments.floats_of_rank("codes", codes, "class, feature")
        self.codes = codes.astype(arguments.float_dtype(dtype))

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the scores (N, classes) for x (N, features)."""
        x = arguments.floats_of_rank("x", x, "batch, feature")
        if x.shape[1] != self.codes.shape[1]:
            raise ValueError(
                f"x: got {x.shape[1]} features (shape {x.shape}), expected {self.codes.shape[1]} for {self}"
            )
        self._x, self._away = x, x[:, None, :] - self.codes
        return -np.square(self._away).sum(axis=2)

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Return dE/dx = sum over the classes of -2 (x - code) times the class's gradient."""
        away = self._remembered("_away")
        gradient = arguments.floats("gradient", gradient)
        arguments.same_shape("gradient", gradient, away.shape[:2], "the shape of the output")
        return (-2 * np.einsum("nc,ncf->nf", gradient, away)).astype(self._x.dtype, copy=False)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (classes,) for (features,)."""
        return (len(self.codes),)

    def multiply_adds(self, input_shape: Shape) -> int:
        """Return one square for each element of a code."""
        return self.codes.size

    def __repr__(self) -> str:
        return f"OutputCodes({len(self.codes)} of {self.codes.shape[1]})"
