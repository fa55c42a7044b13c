"""Exercises of chapter 02, fully connected or convolutional."""

from __future__ import annotations

from .. import geometry
from .prediction import Prediction, Question, Verdict, whole_number

BIAS_FORGOTTEN = ("bias forgotten", "The weights are all there; the biases are parameters too.")
BIAS_ONCE = ("one bias for all", "Every unit, and every kernel, has a bias of its own.")


def linear(inputs: int, outputs: int) -> Question:
    """Return the question how many parameters a fully connected layer has."""
    weights = inputs * outputs
    return whole_number(
        geometry.linear_parameters(inputs, outputs),
        (weights, *BIAS_FORGOTTEN),
        (weights + 1, *BIAS_ONCE),
        (weights + inputs, "bias per input", "A bias belongs to a unit, that is, to an output, not to an input."),
        (inputs + outputs, "added instead of multiplied", "Every output is connected with every input."),
        (weights + inputs + outputs, "inputs counted as parameters", "Inputs are given, not learned."),
        (inputs + 1, "one unit only", "That is one unit. The layer has more of them."),
    )


def flattened(channels: int, rows: int, columns: int, outputs: int) -> Question:
    """Return the question how many parameters a fully connected layer on flattened maps has."""
    inputs = channels * rows * columns
    whole = linear(inputs, outputs)
    one_map = rows * columns

    def judge(value: object) -> Verdict:
        verdict = whole(value)
        if not verdict.right and not verdict.mistake:
            depth = whole_number(
                geometry.linear_parameters(inputs, outputs),
                ((one_map + 1) * outputs, "depth forgotten", "All maps are flattened, not one of them."),
                (one_map * outputs, "depth forgotten", "All maps are flattened, not one of them; and add the biases."),
                ((channels + 1) * outputs, "image size forgotten", "A fully connected layer has a weight per pixel."),
            )
            return depth(value)
        return verdict

    return judge


def convolution(channels: int, kernels: int, kernel: tuple[int, int], image: tuple[int, int]) -> Question:
    """Return the question how many parameters a convolution layer (stride 1, no padding) has."""
    cells = kernel[0] * kernel[1]
    weights = channels * cells * kernels
    positions = (image[0] - kernel[0] + 1) * (image[1] - kernel[1] + 1)
    known = [
        (weights, *BIAS_FORGOTTEN),
        (weights + 1, *BIAS_ONCE),
        (
            weights + kernels * positions,
            "bias per neuron",
            "The bias is shared like the weights: one per kernel, not one per neuron of its map.",
        ),
        (
            (weights + kernels) * positions,
            "weights not shared",
            "One kernel serves all positions: its weights are counted once, whatever the size of the image.",
        ),
        (weights * positions, "weights not shared", "One kernel serves all positions: its weights are counted once."),
        (
            weights + kernels * channels,
            "bias per channel of the kernel",
            "The products of all channels go into one sum, and that sum gets one bias.",
        ),
        (channels * cells + 1, "one kernel only", "That is one kernel. The layer has more of them."),
        (
            kernels * image[0] * image[1] * channels,
            "image size counted",
            "The parameters of a convolution do not depend on the size of the image.",
        ),
        (
            (channels * image[0] * image[1] + 1) * kernels,
            "a fully connected layer",
            "A kernel is connected with a small window, not with the whole image.",
        ),
    ]
    if channels > 1:
        says = "A kernel has as many channels as the input of its layer."
        known.append(((cells + 1) * kernels, "depth forgotten", says))
        known.append((cells * kernels, "depth and bias forgotten", says))
    if kernel[0] != kernel[1]:
        says = "The kernel is not square: count rows times columns."
        for side in kernel:
            known.append(((channels * side * side + 1) * kernels, "kernel taken as square", says))
    right = geometry.convolution_parameters(channels, kernels, kernel)
    return whole_number(right, *[item for item in known if item[0] != right])


def pooling(size: int, channels: int) -> Question:
    """Return the question how many parameters a max pooling layer has: none."""
    says = "The largest of the numbers is taken: nothing is multiplied or added, so there is nothing to learn."
    wrong = {size * size, size * size * channels, size * size + 1, (size * size + 1) * channels, channels, 1}
    return whole_number(0, *[(value, "pooling has no parameters", says) for value in sorted(wrong)])


count_parameters_check = Prediction(
    "count_parameters",
    "02",
    {
        "a": linear(50, 20),
        "b": flattened(4, 12, 10, 30),
        "c": convolution(1, 8, (5, 5), (28, 20)),
        "d": convolution(6, 16, (3, 5), (14, 12)),
        "e": convolution(64, 10, (1, 1), (7, 9)),
        "f": pooling(2, 16),
    },
    said="Fully connected: (inputs + 1) · outputs. Convolution: (rows · columns · channels + 1) · kernels, whatever "
    "the size of the image.",
)
