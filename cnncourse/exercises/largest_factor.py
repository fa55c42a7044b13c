"""Chapter 01: how little of a derivative ten sigmoid layers can leave."""

from __future__ import annotations

from ..checks.prediction import Prediction, real_number

exercise = Prediction(
    "largest_factor",
    "01",
    {
        "": real_number(
            0.25**10,
            0.01,
            (1.0, "the sigmoid itself", "1 bounds the sigmoid. What is multiplied is its derivative, at most 1/4."),
            (
                0.5**10,
                "σ(0) in place of σ′(0)",
                "At 0 the sigmoid is 1/2; its derivative there, a(1 − a), is 1/2 times 1/2.",
            ),
            (2.5, "added instead of multiplied", "The chain rule multiplies the factors of the layers."),
            (0.25, "one layer only", "That is the largest factor of a single layer. Ten of them are multiplied."),
            (0.025, "divided by the depth", "The chain rule multiplies the factors of the layers."),
            (0.25**9, "one layer too few", "Each of the ten layers gives a factor."),
            (0.25**11, "one layer too many", "Each of the ten layers gives one factor, and nothing else does."),
            (4.0**10, "upside down", "This is how much smaller the derivative becomes. The factor is 1 over that."),
            (-10.0, "the exponent only", "Write the number itself, for example `2**-3` for an eighth."),
            (0.1**10, "0.1 per layer", "The derivative of the sigmoid can be larger than 0.1: look at its curve at 0."),
            (1e-6, "rounded", "That is near, but a power says it exactly."),
            (
                3.9013e-07,
                "the maximum itself",
                "No input reaches more, because no two of the units can be at net = 0 at once. A bound is asked for that "
                "needs no search: each factor at its largest.",
            ),
            (0.0, "rounded to zero", "It is small, but not 0: write it as a power."),
        )
    },
    message="(1/4)¹⁰, less than a millionth: so little of the derivative can be left after ten sigmoid layers with w = "
    "1.",
)
