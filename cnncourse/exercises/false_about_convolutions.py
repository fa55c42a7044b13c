"""Chapter 05: which of four statements about convolutions is false."""

from __future__ import annotations

from ..checks.prediction import Prediction, choice

exercise = Prediction(
    "false_about_convolutions",
    "05",
    {
        "": choice(
            "c",
            {
                "a": "it is true. One kernel serves all positions: (F·F·D + 1)·N parameters, whatever the image.",
                "b": "it is true. The products are summed over the depth, so a kernel needs a channel for each.",
                "d": "it is true. With F = 2k + 1 and S = 1 the padding P = k gives W − F + 2k + 1 = W.",
            },
        )
    },
    message="c is false. The kernels of the layer have 3 channels, and so has the larger image. The size of the image "
    "is nowhere in the kernels: the same weights slide over more positions, and the maps become larger.",
)
