"""Chapter 05: which of four statements about pooling is false."""

from __future__ import annotations

from ..checks.prediction import Prediction, choice

exercise = Prediction(
    "false_about_pooling",
    "05",
    {
        "": choice(
            "b",
            {
                "a": "it is true. Taking the largest or the mean needs no weights, so there is nothing to learn.",
                "c": "it is true. A stride of 2 halves the number of windows per axis, in a convolution too.",
                "d": "it is true. Depth is not touched: as many maps come out as went in.",
            },
        )
    },
    message="b is false. Nothing is learned in a pooling layer, but the layers before it learn: the derivatives go "
    "back through it, to the cell that was the largest, or shared out over the window. Chapter 07 works it out.",
)
