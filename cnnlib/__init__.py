"""cnnlib: convolutional neural networks in NumPy, small enough to read in an evening.

Arrays are (batch, channel, row, column), kernels (out channel, in channel, row, column). Each module opens with what
it holds and imports only modules that come before it: geometry, activations; convolution, pooling, losses, reference;
layers, network; augmentation, training, gradcheck; datasets, pictures; lenet, recipes. What the notebooks draw and
check with is `cnncourse`.
"""

# fmt: off
# isort: off
from . import reference as reference
from .activations import (
    leaky_relu, leaky_relu_derivative, relu, relu_derivative, sigmoid, sigmoid_derivative, softmax, tanh,
    tanh_derivative,
)
from .convolution import (
    conv2d, conv2d_backward, conv_transpose2d, convolve2d, cross_correlate2d, expand_sensitivity_map,
)
from .datasets import load_digits, load_mnist, mnist_is_available
from .geometry import conv_transpose_output_size, output_size, receptive_field
from .gradcheck import gradient_check, numerical_gradient
from .layers import (
    AvgPool2d, BatchNorm2d, Conv2d, Dropout, Flatten, GlobalAvgPool2d, Identity, Layer, LeakyReLU, Linear, MaxPool2d,
    ReLU, Sigmoid, Tanh,
)
from .lenet import lenet5, lenet5_1998
from .losses import cross_entropy, mean_squared_error
from .network import Residual, Sequential
from .pictures import read_digit
from .pooling import (
    avg_pool2d, avg_pool2d_backward, global_avg_pool2d, global_avg_pool2d_backward, max_pool2d, max_pool2d_backward,
)
from .training import SGD, Adam, fit

__version__ = "0.1.0"

__all__ = [
    "Adam", "AvgPool2d", "BatchNorm2d", "Conv2d", "Dropout", "Flatten", "GlobalAvgPool2d", "Identity", "Layer",
    "LeakyReLU", "Linear", "MaxPool2d", "ReLU", "Residual", "SGD", "Sequential", "Sigmoid", "Tanh",
    "avg_pool2d", "avg_pool2d_backward", "conv2d", "conv2d_backward", "conv_transpose2d", "conv_transpose_output_size",
    "convolve2d", "cross_correlate2d", "cross_entropy", "expand_sensitivity_map", "fit", "global_avg_pool2d",
    "global_avg_pool2d_backward", "gradient_check", "leaky_relu", "leaky_relu_derivative", "lenet5", "lenet5_1998",
    "load_digits", "load_mnist", "max_pool2d", "max_pool2d_backward", "mean_squared_error", "mnist_is_available",
    "numerical_gradient", "output_size", "read_digit", "receptive_field", "reference", "relu", "relu_derivative",
    "sigmoid", "sigmoid_derivative", "softmax", "tanh", "tanh_derivative",
]
