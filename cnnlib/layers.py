"""Layers: objects that hold parameters, remember their input, and know their own gradient.

Every layer has the same four methods. `forward(x)` gives the output and remembers what `backward` will need.
`backward(gradient)` takes the gradient of the loss by the output and gives the one by the input; on the way it
sets (it does not add to) `d_weight` and `d_bias`. `parameters()` and `gradients()` name the arrays.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np

from . import activations, arguments, convolution, layout, pooling, shapes
from .arguments import IntPair, Seed, Shape


class Layer:
    """What every layer can do; one without parameters only adds `forward` and `backward`.

    A layer of your own needs those two and, if it learns, the names of its parameters in `parameter_names`: for each
    name, `self.<name>` is the array and `self.d_<name>` its gradient. `buffer_names` names arrays that belong to the
    layer without being learned. `training` says which of two ways to compute: `Dropout` and `BatchNorm2d` have two.
    """

    parameter_names: tuple[str, ...] = ()
    buffer_names: tuple[str, ...] = ()
    multiplied: str = ""  # the name of the array of which every number is multiplied once at each place of the output
    training: bool = True

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the output for a batch x and remember what `backward` needs."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, gradient: np.ndarray, input_gradient: bool = True) -> np.ndarray | None:
        """Return the gradient by the input, given the gradient by the output of the last `forward`.

        The first layer of a network in training needs none: with `input_gradient=False` the result is None, and the
        work for it is saved. The gradients of the parameters are set either way.
        """
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def parameters(self) -> dict[str, np.ndarray]:
        """Return {name: array}, the arrays themselves: what is written into them changes the layer."""
        return {name: getattr(self, name) for name in self.parameter_names}

    def gradients(self) -> dict[str, np.ndarray]:
        """Return {name: gradient} as the last `backward` left them (RuntimeError if there was none)."""
        return {name: self._cached(f"d_{name}", "backward") for name in self.parameter_names}

    def buffers(self) -> dict[str, np.ndarray]:
        """Return {name: array} of what is saved with the parameters but not learned, the arrays themselves."""
        return {name: getattr(self, name) for name in self.buffer_names}

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one image's output, given the shape of one image's input; ValueError if it does not fit.

        It is what `forward` makes of a batch of none; of a copy, which may remember it.
        """
        try:
            return copy.copy(self).forward(np.zeros((0, *input_shape), np.float32)).shape[1:]
        except (ValueError, TypeError) as error:
            expected = f"the shape of one image that fits {self!r}"
            raise ValueError(f"input_shape: got {input_shape}, expected {expected}; {error}") from error

    def multiply_adds(self, input_shape: Shape) -> int:
        """Return how many products one image needs; activations and pooling count as none."""
        size = int(getattr(self, self.multiplied).size) if self.multiplied else 0
        return math.prod(self.output_shape(input_shape)[1:]) * size

    def _cached(self, name: str, by: str = "forward") -> Any:
        if name not in self.__dict__:
            raise RuntimeError(f"{type(self).__name__}: call {by} first, there is no {name.strip('_')} yet")
        return self.__dict__[name]

    def _delta(self, gradient: Any) -> np.ndarray:
        """Return the gradient by the output as floats, checked to have the `_output_shape` that `forward` noted."""
        delta = arguments.as_float_array("gradient", gradient)
        if delta.shape != self.__dict__.get("_output_shape"):
            arguments.same_shape("gradient", delta, self._cached("_output_shape"), "the shape of the output")
        return delta

    def _expect(self, expected: int, what: str, x: np.ndarray) -> None:
        """Raise ValueError unless the second axis of x, its channels or features, has this length."""
        if x.shape[1] != expected:
            hint = shapes.channels_hint(x.shape, expected) if x.ndim == 4 else ""
            raise ValueError(f"x: got {x.shape[1]} {what} (shape {x.shape}), expected {expected} for {self!r}{hint}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Conv2d(Layer):
    """A convolution layer; see `conv2d`. It has `weight` (C_out, C_in, F_h, F_w) and `bias` (C_out,).

    Parameters
    ----------
    in_channels, out_channels : int
        C_in, the channels of the input, and C_out, the number of filters.
    kernel_size, stride, padding, dilation : int or (row, column) pair
        As in `conv2d`.
    rng : Generator or int, optional
        Where the start values come from, or a seed: uniform in ±1/sqrt(fan_in), fan_in = C_in F_h F_w.
    dtype : float32 or float64
        Of the parameters.

    Raises
    ------
    ValueError, TypeError
        If a size is too small or of another type.

    Examples
    --------
    >>> Conv2d(1, 6, 5, padding=2, rng=0).forward(np.zeros((2, 1, 28, 28))).shape
    (2, 6, 28, 28)
    """

    parameter_names, multiplied = ("weight", "bias"), "weight"

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: IntPair, stride: IntPair = 1, padding: IntPair = 0,
        *, dilation: IntPair = 1, rng: Seed = None, dtype: Any = np.float32,
    ) -> None:  # fmt: skip
        self.in_channels = arguments.integer("in_channels", in_channels, 1)
        self.out_channels = arguments.integer("out_channels", out_channels, 1)
        self.kernel_size = arguments.pair("kernel_size", kernel_size, 1)
        self.stride = arguments.pair("stride", stride, 1)
        self.padding = arguments.pair("padding", padding, 0)
        self.dilation = arguments.pair("dilation", dilation, 1)
        shape = (self.out_channels, self.in_channels, *self.kernel_size)
        self.weight, self.bias = _start_values(shape, rng, dtype)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return net (B, C_out, H2, W2) for x (B, C_in, H, W)."""
        net = convolution.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation)
        self._x, self._output_shape = x, net.shape
        return net

    def backward(self, gradient: np.ndarray, input_gradient: bool = True) -> np.ndarray | None:
        """Return dE/dx for dE/dnet (here `gradient` is the sensitivity map) and set d_weight and d_bias."""
        delta, settings = self._delta(gradient), (self.stride, self.padding, self.dilation)
        found = convolution.conv2d_backward(delta, self._x, self.weight, *settings, input_gradient=input_gradient)
        self.d_weight, self.d_bias = found[1], found[2].astype(self.bias.dtype, copy=False)
        return found[0]

    def __repr__(self) -> str:
        usual = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1)}
        return f"Conv2d({self.in_channels}, {self.out_channels}, {_short(self.kernel_size)}{_unusual(self, usual)})"


class Linear(Layer):
    """A fully connected layer: net = W a + b for every row a of the batch; `weight` (out, in), `bias` (out,).

    Parameters
    ----------
    in_features, out_features : int
        The numbers of inputs and of outputs.
    rng : Generator or int, optional
        Where the start values come from, or a seed: uniform in ±1/sqrt(in_features).
    dtype : float32 or float64
        Of the parameters.

    Raises
    ------
    ValueError, TypeError
        If a number is below 1 or no integer.

    Examples
    --------
    >>> Linear(400, 120, rng=0).forward(np.zeros((2, 400))).shape
    (2, 120)
    """

    parameter_names, multiplied = ("weight", "bias"), "weight"

    def __init__(self, in_features: int, out_features: int, *, rng: Seed = None, dtype: Any = np.float32) -> None:
        self.in_features = arguments.integer("in_features", in_features, 1)
        self.out_features = arguments.integer("out_features", out_features, 1)
        self.weight, self.bias = _start_values((self.out_features, self.in_features), rng, dtype)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return net (B, out) for x (B, in)."""
        x = arguments.as_float_array("x", x, "batch, feature")
        self._expect(self.in_features, "features", x)
        self._x, self._output_shape = x, (len(x), self.out_features)
        net: np.ndarray = self.weight @ x.T  # the formula's columns are the batch's rows
        net += self.bias[:, None]
        return net.T

    def backward(self, gradient: np.ndarray, input_gradient: bool = True) -> np.ndarray | None:
        """Return dE/dx = W^T delta and set d_weight = delta a^T and d_bias = delta, summed over the batch."""
        delta, x = self._delta(gradient), self._x
        # dot, not @: for a batch of one NumPy's @ does not ask BLAS
        self.d_weight = np.dot(delta.T, x).astype(self.weight.dtype, copy=False)
        self.d_bias = delta.sum(axis=0, dtype=self.bias.dtype)
        return (self.weight.T @ delta.T).T.astype(x.dtype, copy=False) if input_gradient else None

    def __repr__(self) -> str:
        return f"Linear({self.in_features}, {self.out_features})"


class Fixed(Layer):
    """A layer without parameters: its `backward` has only the gradient by the input to find."""

    def backward(self, gradient: np.ndarray, input_gradient: bool = True) -> np.ndarray | None:
        """Return the gradient by the input; see `Layer.backward`."""
        delta = self._delta(gradient)
        return self._input_gradient(delta) if input_gradient else None

    def _input_gradient(self, delta: np.ndarray) -> Any:
        """Return the gradient by the input of the last `forward`, delta being the one by its output."""
        raise NotImplementedError


class Pool2d(Fixed):
    """What max and mean pooling share: the settings and the shapes."""

    def __init__(self, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0) -> None:
        self.size, self.stride, self.padding = shapes.pool_settings(size, stride, padding)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({_short(self.size)}{_unusual(self, {'stride': self.size, 'padding': (0, 0)})})"


class MaxPool2d(Pool2d):
    """The largest value of every window; see `max_pool2d`. In `backward` each gradient goes to the cell that won.

    Parameters
    ----------
    size, stride, padding : int or (row, column) pair
        As in `max_pool2d`: `stride` is the window's size unless given.

    Examples
    --------
    >>> MaxPool2d(2).forward(np.array([[[[1.0, 5.0], [3.0, 2.0]]]]))
    array([[[[5.]]]])
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the pooled map (B, D, H2, W2) of x (B, D, H, W)."""
        rows, largest = pooling.maxima(x, self.size, self.stride, self.padding)
        self._x, self._maxima, self._output_shape = x, (rows, largest), largest.shape
        return largest

    def _input_gradient(self, delta: np.ndarray) -> np.ndarray:
        settings = self.size, self.stride, self.padding
        return pooling.max_pool2d_backward(delta, self._x, *settings, found=self._maxima)


class AvgPool2d(Pool2d):
    """The mean of every window, padding counted; see `avg_pool2d`. `backward` spreads each gradient over its window.

    Parameters
    ----------
    size, stride, padding : int or (row, column) pair
        As in `avg_pool2d`: `stride` is the window's size unless given.

    Examples
    --------
    >>> AvgPool2d(2).forward(np.array([[[[1.0, 5.0], [4.0, 2.0]]]]))
    array([[[[3.]]]])
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the pooled map (B, D, H2, W2) of x (B, D, H, W)."""
        mean = pooling.avg_pool2d(x, self.size, self.stride, self.padding)
        self._x, self._output_shape = x, mean.shape
        return mean

    def _input_gradient(self, delta: np.ndarray) -> np.ndarray:
        return pooling.avg_pool2d_backward(delta, self._x, self.size, self.stride, self.padding)


class GlobalAvgPool2d(Fixed):
    """The mean of every channel: (B, D, H, W) to (B, D), whatever H and W are."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the mean of each channel."""
        mean = pooling.global_avg_pool2d(x)
        self._x, self._output_shape = x, mean.shape
        return mean

    def _input_gradient(self, delta: np.ndarray) -> np.ndarray:
        return pooling.global_avg_pool2d_backward(delta, self._x)


class Flatten(Fixed):
    """Every image as one row of numbers, channel by channel, row by row: (B, D, H, W) to (B, D*H*W)."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the rows; an input that is a batch of rows already comes back as it is."""
        x = arguments.as_float_array("x", x)
        if x.ndim not in (2, 4):
            raise ValueError(f"x: got shape {x.shape}, expected (batch, channel, row, column) or (batch, feature)")
        rows = layout.flatten(x) if x.ndim == 4 else x
        self._input_shape, self._dtype, self._output_shape = x.shape, x.dtype, rows.shape
        return rows

    def _input_gradient(self, delta: np.ndarray) -> np.ndarray:
        delta = delta.astype(self._dtype, copy=False)
        return layout.unflatten(delta, self._input_shape) if len(self._input_shape) == 4 else delta


class Activation(Fixed):
    """a = f(net), element by element; the gradient by net is the one by a, times f'(net)."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return f(x)."""
        x = arguments.as_float_array("x", x)
        a: np.ndarray = self._function(x)
        self._x, self._a, self._output_shape = x, a, x.shape
        return a

    def _input_gradient(self, delta: np.ndarray) -> Any:
        return (delta * self._slope()).astype(self._x.dtype, copy=False)

    def _function(self, x: np.ndarray) -> Any:
        """Return f(x)."""
        return x

    def _slope(self) -> Any:
        """Return f'(x), from x or from the output a, whichever is cheaper."""
        return 1.0


class Identity(Activation):
    """The activation f(net) = net, which keeps sums easy to follow by hand."""


class ReLU(Activation):
    """max(0, x); see `relu`."""

    _function = staticmethod(activations.relu)

    def _slope(self) -> Any:
        return self._x > 0


class LeakyReLU(Activation):
    """x where it is positive, else slope * x; see `leaky_relu`.

    Parameters
    ----------
    slope : float
        The slope for negative x.

    Raises
    ------
    ValueError, TypeError
        If it is no finite number.
    """

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = arguments.number("slope", slope)

    def _function(self, x: np.ndarray) -> Any:
        return activations.leaky_relu(x, self.slope)

    def _slope(self) -> Any:
        return activations.leaky_relu_derivative(self._x, self.slope)

    def __repr__(self) -> str:
        return f"LeakyReLU({self.slope})"


class Sigmoid(Activation):
    """1 / (1 + exp(-x)); see `sigmoid`."""

    _function = staticmethod(activations.sigmoid)

    def _slope(self) -> Any:
        return self._a * (1 - self._a)


class Tanh(Activation):
    """The hyperbolic tangent; see `tanh`."""

    _function = staticmethod(activations.tanh)

    def _slope(self) -> Any:
        return 1 - self._a * self._a


class BatchNorm2d(Layer):
    """Batch normalisation: every channel is shifted and scaled to mean 0 and variance 1, then by what is learned.

    y = weight (x - mean) / sqrt(variance + eps) + bias, for each channel. In training, mean and variance are those of
    the batch, and `running_mean` and `running_var` move towards them; otherwise those two take their place. `weight`
    and `bias` (D,) are parameters; the running statistics, the variance with n - 1 in its denominator, are buffers.

    Parameters
    ----------
    channels : int
        D, the channels of the input (B, D, H, W).
    eps : float
        Is added to the variance, so that a channel without any can be divided by it.
    momentum : float
        From 0 to 1: how far the running statistics move towards those of each batch.
    dtype : float32 or float64
        Of parameters and buffers.

    Raises
    ------
    ValueError, TypeError
        If a setting is out of its range. `forward` raises ValueError for other shapes and, in training, for a batch
        with one number in each channel: it has no variance.

    Examples
    --------
    >>> layer = BatchNorm2d(1)
    >>> layer.forward(np.array([[[[1.0, 3.0]]]])).round(3)
    array([[[[-1.,  1.]]]])
    >>> layer.running_mean, layer.running_var
    (array([0.2], dtype=float32), array([1.1], dtype=float32))
    """

    parameter_names, buffer_names = ("weight", "bias"), ("running_mean", "running_var")

    def __init__(self, channels: int, eps: float = 1e-5, momentum: float = 0.1, *, dtype: Any = np.float32) -> None:
        _, self.channels = shapes.must_be_possible("channels", channels, 2, arguments.integer("channels", channels, 1))
        self.eps, self.momentum = arguments.number("eps", eps, 0), _share("momentum", momentum)
        self.weight, self.running_var = np.ones((2, self.channels), arguments.float_dtype(dtype))
        self.bias, self.running_mean = np.zeros((2, self.channels), dtype)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x (B, D, H, W) normalised; in training, move the running statistics."""
        x = arguments.as_float_array("x", x, shapes.MAPS)
        self._expect(self.channels, "channels", x)
        by_batch = self.training and x.size > 0
        mean, variance = self._batch_statistics(x) if by_batch else (self.running_mean, self.running_var)
        scale = 1 / np.sqrt(variance + self.eps)
        self._scale = scale.astype(np.result_type(x, self.weight), copy=False)[:, None, None]
        self._normalized = (x - mean.astype(self._scale.dtype, copy=False)[:, None, None]) * self._scale
        self._by_batch, self._dtype, self._output_shape = by_batch, x.dtype, x.shape
        y: np.ndarray = self._normalized * self.weight[:, None, None] + self.bias[:, None, None]
        return y

    def backward(self, gradient: np.ndarray, input_gradient: bool = True) -> np.ndarray | None:
        """Return the gradient by x, which in training also moved the statistics, and set d_weight and d_bias."""
        delta = self._delta(gradient)
        d_weight, d_bias = layout.sum_per_channel(delta * self._normalized), layout.sum_per_channel(delta)
        self.d_weight = d_weight.astype(self.weight.dtype, copy=False)
        self.d_bias = d_bias.astype(self.bias.dtype, copy=False)
        if not input_gradient:
            return None
        if self._by_batch:
            count = delta.size // self.channels
            through_mean, through_variance = (sums[:, None, None] / count for sums in (d_bias, d_weight))
            delta = delta - through_mean - through_variance * self._normalized
        d_x: np.ndarray = delta * (self.weight[:, None, None] * self._scale)
        return d_x.astype(self._dtype, copy=False)

    def _batch_statistics(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance of each channel, in double precision, and move the running ones towards them."""
        count, axes = x.size // self.channels, (0, 2, 3)
        if count == 1:
            raise ValueError(f"x: got shape {x.shape}, expected more than one number for each channel in training")
        mean = x.mean(axes, dtype=np.float64)
        variance = np.square(x - mean[:, None, None]).mean(axes)
        self.running_mean += self.momentum * (mean - self.running_mean)
        self.running_var += self.momentum * (variance * (count / (count - 1)) - self.running_var)
        return mean, variance

    def __repr__(self) -> str:
        return f"BatchNorm2d({self.channels}{_unusual(self, {'eps': 1e-5, 'momentum': 0.1})})"


class Dropout(Fixed):
    """In training, every number becomes 0 with probability p and is divided by 1 - p otherwise; else x as it is.

    Parameters
    ----------
    p : float
        From 0 to 1.
    rng : Generator or int, optional
        What chooses, or a seed. Each `forward` in training draws again; `backward` uses what the last one drew.

    Raises
    ------
    ValueError, TypeError
        If p is no number from 0 to 1.

    Examples
    --------
    >>> Dropout(0.5, rng=0).forward(np.ones((1, 4)))
    array([[2., 0., 0., 0.]])
    """

    def __init__(self, p: float = 0.5, *, rng: Seed = None) -> None:
        self.p, self.rng = _share("p", p), arguments.generator(rng)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x with some numbers put to 0; x itself unless in training."""
        x = arguments.as_float_array("x", x)
        self._dtype, self._output_shape = x.dtype, x.shape
        self._factors: Any = None
        if self.training and self.p > 0:
            kept = self.rng.random(x.shape) >= self.p
            self._factors = kept / x.dtype.type(1 - self.p) if self.p < 1 else np.zeros_like(x)
            x = x * self._factors
        return x

    def _input_gradient(self, delta: np.ndarray) -> Any:
        return (delta if self._factors is None else delta * self._factors).astype(self._dtype, copy=False)

    def __repr__(self) -> str:
        return f"Dropout({self.p})"


def _start_values(shape: Shape, rng: Seed, dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return weight of this shape and bias (shape[0],), uniform in ±1/sqrt(fan_in)."""
    dtype, rng = arguments.float_dtype(dtype), arguments.generator(rng)
    limit = 1 / math.sqrt(math.prod(shapes.must_be_possible("weight", shape, *shape)[1:]))
    return rng.uniform(-limit, limit, shape).astype(dtype), rng.uniform(-limit, limit, shape[0]).astype(dtype)


def _share(name: str, value: Any) -> float:
    if not arguments.number(name, value, 0) <= 1:
        raise ValueError(f"{name}: got {value!r}, expected a number from 0 to 1")
    return float(value)


def _short(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) and value[0] == value[1] else value


def _unusual(layer: Layer, usual: dict[str, Any]) -> str:
    """Return the settings that differ from the usual ones as they stand in a call: ", stride=2"."""
    settings = ((name, getattr(layer, name)) for name, value in usual.items() if getattr(layer, name) != value)
    return "".join(f", {name}={_short(value)}" for name, value in settings)
