"""Layers: objects that hold parameters, remember their input, and know their own gradient.

Every layer has the same four methods. `forward(x)` gives the output and remembers what `backward` will need.
`backward(gradient)` takes the gradient of the loss by the output and gives the one by the input; on the way it
sets (it does not add to) `d_weight` and `d_bias`. `parameters()` and `gradients()` name the arrays.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import activations, arguments, convolution, geometry, memory, pooling, shapes
from .arguments import IntPair

Shape = tuple[int, ...]


class Layer:
    """What every layer can do; one without parameters only adds `forward` and `backward`.

    A layer of your own needs those two and, if it learns, the names of its parameters in `names`: for each
    name, `self.<name>` is the array and `self.d_<name>` its gradient.
    """

    names: tuple[str, ...] = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the output for a batch x and remember what `backward` needs."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Return the gradient by the input, given the gradient by the output of the last `forward`."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def parameters(self) -> dict[str, np.ndarray]:
        """Return {name: array}, the arrays themselves: what is written into them changes the layer."""
        return {name: getattr(self, name) for name in self.names}

    def gradients(self) -> dict[str, np.ndarray]:
        """Return {name: gradient} as the last `backward` left them (RuntimeError if there was none)."""
        return {name: self._remembered(f"d_{name}", "backward") for name in self.names}

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one image's output, given the shape of one image's input."""
        return input_shape

    def multiply_adds(self, input_shape: Shape) -> int:
        """Return how many products one image needs; activations and pooling count as none."""
        return 0

    def _remembered(self, name: str, by: str = "forward") -> Any:
        try:
            return self.__dict__[name]
        except KeyError:
            raise RuntimeError(f"{type(self).__name__}: call {by} first, there is no {name.strip('_')} yet") from None

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Conv2d(Layer):
    """A convolution layer: weight (C_out, C_in, F_h, F_w), bias (C_out,); see `conv2d`.

    Start values are uniform in ±1/sqrt(fan_in), fan_in = C_in * F_h * F_w. `rng` is a generator or a seed.

    >>> Conv2d(1, 6, 5, padding=2, rng=0).forward(np.zeros((2, 1, 28, 28))).shape
    (2, 6, 28, 28)
    """

    names = ("weight", "bias")

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: IntPair,
        stride: IntPair = 1,
        padding: IntPair = 0,
        *,
        dilation: IntPair = 1,
        rng: np.random.Generator | int | None = None,
        dtype: Any = np.float32,
    ) -> None:
        self.in_channels = arguments.integer("in_channels", in_channels, 1)
        self.out_channels = arguments.integer("out_channels", out_channels, 1)
        self.kernel_size = arguments.pair("kernel_size", kernel_size, 1)
        self.stride = arguments.pair("stride", stride, 1)
        self.padding = arguments.pair("padding", padding, 0)
        self.dilation = arguments.pair("dilation", dilation, 1)
        shape = (self.out_channels, self.in_channels, *self.kernel_size)
        self.weight, self.bias = _start_values(shape, rng, dtype)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return net (N, C_out, H2, W2) for x (N, C_in, H, W)."""
        net = convolution.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation)
        self._x, self._shape = x, net.shape
        return net

    def backward(self, gradient: np.ndarray, input_gradient: bool = True) -> np.ndarray | None:
        """Return dE/dx for dE/dnet (here `gradient` is the sensitivity map) and set d_weight and d_bias.

        The first layer of a network in training needs no dE/dx: `input_gradient=False` saves the work.
        """
        delta = _like_output(gradient, self._remembered("_shape"))
        d_x, self.d_weight, d_bias = convolution.backward(
            delta, self._x, self.weight, self.stride, self.padding, self.dilation, input_gradient
        )
        self.d_bias = d_bias.astype(self.bias.dtype, copy=False)
        return d_x

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (C_out, H2, W2) for (C_in, H, W)."""
        channels, *size = _image_shape(input_shape)
        if channels != self.in_channels:
            raise ValueError(f"input_shape: got {channels} channels, expected {self.in_channels} for {self!r}")
        settings = zip(size, self.kernel_size, self.stride, self.padding, self.dilation, strict=True)
        return (self.out_channels, *(geometry.output_size(*axis) for axis in settings))

    def multiply_adds(self, input_shape: Shape) -> int:
        """Return outputs x products for each."""
        return math.prod(self.output_shape(input_shape)) * math.prod(self.weight.shape[1:])

    def __repr__(self) -> str:
        text = f"Conv2d({self.in_channels}, {self.out_channels}, {_short(self.kernel_size)}"
        for name, usual in (("stride", 1), ("padding", 0), ("dilation", 1)):
            if getattr(self, name) != (usual, usual):
                text += f", {name}={_short(getattr(self, name))}"
        return text + ")"


class Linear(Layer):
    """A fully connected layer: net = W a + b for every row a of the batch; weight (out, in), bias (out,).

    Start values are uniform in ±1/sqrt(in_features). `rng` is a generator or a seed.

    >>> Linear(400, 120, rng=0).forward(np.zeros((2, 400))).shape
    (2, 120)
    """

    names = ("weight", "bias")

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        rng: np.random.Generator | int | None = None,
        dtype: Any = np.float32,
    ) -> None:
        self.in_features = arguments.integer("in_features", in_features, 1)
        self.out_features = arguments.integer("out_features", out_features, 1)
        self.weight, self.bias = _start_values((self.out_features, self.in_features), rng, dtype)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return net (N, out) for x (N, in)."""
        x = arguments.floats_of_rank("x", x, "batch, feature")
        if x.shape[1] != self.in_features:
            raise ValueError(
                f"x: got {x.shape[1]} features (shape {x.shape}), expected {self.in_features} for {self!r}"
            )
        self._x = x
        net = self.weight @ x.T  # the formula's columns are the batch's rows
        net += self.bias[:, None]
        return net.T

    def backward(self, gradient: np.ndarray, input_gradient: bool = True) -> np.ndarray | None:
        """Return dE/dx = W^T delta and set d_weight = delta a^T and d_bias = delta, summed over the batch."""
        x = self._remembered("_x")
        gradient = _like_output(gradient, (len(x), self.out_features))
        # dot, not @: for a batch of one NumPy's @ does not ask BLAS
        self.d_weight = np.dot(gradient.T, x).astype(self.weight.dtype, copy=False)
        self.d_bias = gradient.sum(axis=0, dtype=self.bias.dtype)
        return (self.weight.T @ gradient.T).T.astype(x.dtype, copy=False) if input_gradient else None

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (out,) for (in,)."""
        if tuple(input_shape) != (self.in_features,):
            raise ValueError(f"input_shape: got {tuple(input_shape)}, expected ({self.in_features},) for {self!r}")
        return (self.out_features,)

    def multiply_adds(self, input_shape: Shape) -> int:
        """Return the number of weights: each is used once for an image."""
        return self.weight.size

    def __repr__(self) -> str:
        return f"Linear({self.in_features}, {self.out_features})"


class _Pool2d(Layer):
    """What max and mean pooling share: the settings and the shapes."""

    def __init__(self, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0) -> None:
        self.size, self.stride, self.padding = shapes.pool_settings(size, stride, padding)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (C, H2, W2) for (C, H, W)."""
        channels, *size = _image_shape(input_shape)
        settings = zip(size, self.size, self.stride, self.padding, strict=True)
        return (channels, *(geometry.output_size(*axis) for axis in settings))

    def __repr__(self) -> str:
        text = f"{type(self).__name__}({_short(self.size)}"
        if self.stride != self.size:
            text += f", stride={_short(self.stride)}"
        if self.padding != (0, 0):
            text += f", padding={_short(self.padding)}"
        return text + ")"


class MaxPool2d(_Pool2d):
    """The largest value of every window; see `max_pool2d`. `stride` is the window's size unless given."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the pooled map (N, C, H2, W2) of x (N, C, H, W)."""
        self._largest = pooling.max_pool2d(x, self.size, self.stride, self.padding)
        self._x = x
        return self._largest

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Return the gradient by x: each goes to the element that won its window."""
        largest = self._remembered("_largest")
        delta = _like_output(gradient, largest.shape)
        return pooling.max_backward(delta, self._x, self.size, self.stride, self.padding, largest)


class AvgPool2d(_Pool2d):
    """The mean of every window, padding counted; see `avg_pool2d`. `stride` is the window's size unless given."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the pooled map (N, C, H2, W2) of x (N, C, H, W)."""
        mean = pooling.avg_pool2d(x, self.size, self.stride, self.padding)
        self._x, self._shape = x, mean.shape
        return mean

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Return the gradient by x: each is spread evenly over its window."""
        delta = _like_output(gradient, self._remembered("_shape"))
        return pooling.avg_pool2d_backward(delta, self._x, self.size, self.stride, self.padding)


class GlobalAvgPool2d(Layer):
    """The mean of every channel: (N, C, H, W) to (N, C), whatever H and W are."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the mean of each channel."""
        mean = pooling.global_avg_pool2d(x)
        self._x, self._shape = x, mean.shape
        return mean

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Return the gradient by x: each is spread evenly over its channel."""
        delta = _like_output(gradient, self._remembered("_shape"))
        return pooling.global_avg_pool2d_backward(delta, self._x)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (C,) for (C, H, W)."""
        return (_image_shape(input_shape)[0],)


class Flatten(Layer):
    """Every image as one row of numbers, channel by channel, row by row: (N, C, H, W) to (N, C*H*W)."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the rows; an input that is a batch of rows already comes back as it is."""
        x = arguments.floats("x", x)
        if x.ndim not in (2, 4):
            raise ValueError(f"x: got shape {x.shape}, expected (batch, channel, row, column) or (batch, feature)")
        self._shape, self._dtype = x.shape, x.dtype
        return memory.flatten(x) if x.ndim == 4 else x

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Return the gradient in the shape of the input."""
        shape = self._remembered("_shape")
        gradient = _like_output(gradient, (shape[0], math.prod(shape[1:]))).astype(self._dtype, copy=False)
        return memory.unflatten(gradient, shape) if len(shape) == 4 else gradient

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (C*H*W,) for (C, H, W)."""
        return (math.prod(input_shape),)


class Identity(Layer):
    """The activation f(net) = net, which keeps sums easy to follow by hand."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x itself."""
        x = arguments.floats("x", x)
        self._shape, self._dtype = x.shape, x.dtype
        return x

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Return the gradient itself."""
        return _like_output(gradient, self._remembered("_shape")).astype(self._dtype, copy=False)


class _Activation(Layer):
    """a = f(net), element by element; the gradient by net is the one by a, times f'(net)."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return f(x)."""
        self._x = arguments.floats("x", x)
        self._a = self._function(self._x)
        return self._a

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Return gradient * f'(x)."""
        x = self._remembered("_x")
        gradient = _like_output(gradient, x.shape)
        return (gradient * self._slope()).astype(x.dtype, copy=False)

    def _function(self, x: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _slope(self) -> np.ndarray:
        """Return f'(x), from x or from the output a, whichever is cheaper."""
        raise NotImplementedError


class ReLU(_Activation):
    """max(0, x); see `relu`."""

    def _function(self, x: np.ndarray) -> np.ndarray:
        return activations.relu(x)

    def _slope(self) -> np.ndarray:
        return self._x > 0


class LeakyReLU(_Activation):
    """x where it is positive, else slope * x; see `leaky_relu`."""

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = activations.checked_slope(slope)

    def _function(self, x: np.ndarray) -> np.ndarray:
        return activations.leaky_relu(x, self.slope)

    def _slope(self) -> np.ndarray:
        return activations.leaky_relu_derivative(self._x, self.slope)

    def __repr__(self) -> str:
        return f"LeakyReLU({self.slope})"


class Sigmoid(_Activation):
    """1 / (1 + exp(-x)); see `sigmoid`."""

    def _function(self, x: np.ndarray) -> np.ndarray:
        return activations.sigmoid(x)

    def _slope(self) -> np.ndarray:
        return self._a * (1 - self._a)


class Tanh(_Activation):
    """The hyperbolic tangent; see `tanh`."""

    def _function(self, x: np.ndarray) -> np.ndarray:
        return activations.tanh(x)

    def _slope(self) -> np.ndarray:
        return 1 - self._a * self._a


def _start_values(shape: Shape, rng: np.random.Generator | int | None, dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return weight of this shape and bias (shape[0],), uniform in ±1/sqrt(fan_in)."""
    dtype, rng = arguments.float_dtype(dtype), np.random.default_rng(rng)
    limit = 1 / math.sqrt(math.prod(shape[1:]))
    return rng.uniform(-limit, limit, shape).astype(dtype), rng.uniform(-limit, limit, shape[0]).astype(dtype)


def _like_output(gradient: Any, shape: Shape) -> np.ndarray:
    """Return the gradient by the output as floats, checked to have the output's shape."""
    gradient = arguments.floats("gradient", gradient)
    arguments.same_shape("gradient", gradient, shape, "the shape of the output")
    return gradient


def _image_shape(shape: Shape) -> Shape:
    if not isinstance(shape, (tuple, list)) or len(shape) != 3:
        raise ValueError(f"input_shape: got {shape}, expected (channel, row, column)")
    return tuple(shape)


def _short(pair: tuple[int, int]) -> int | tuple[int, int]:
    return pair[0] if pair[0] == pair[1] else pair
