"""Chapter 01: how much of a derivative ten sigmoid layers with weights of 3 can leave."""

from __future__ import annotations

from ..checks.prediction import Prediction, real_number

exercise = Prediction(
    "largest_factor",
    "01",
    {
        "": real_number(
            0.75**10,
            0.01,
            (0.25**10, "weight forgotten", "A factor is w · σ′(net), not σ′(net) alone."),
            (3 * 0.25**10, "weight counted once", "Each of the ten factors has its own w."),
            (
                3.0**10,
                "the sigmoid itself",
                "1 bounds the sigmoid. What is multiplied by w is its derivative, at most 1/4.",
            ),
            (
                1.5**10,
                "σ(0) in place of σ′(0)",
                "At 0 the sigmoid is 1/2; its derivative there, a(1 − a), is 1/2 times 1/2.",
            ),
            (7.5, "added instead of multiplied", "The chain rule multiplies the factors of the layers."),
            (0.75, "one layer only", "That is the largest factor of a single layer. Ten of them are multiplied."),
            (0.075, "divided by the depth", "The chain rule multiplies the factors of the layers."),
            (0.75**9, "one layer too few", "Each of the ten layers gives a factor."),
            (0.75**11, "one layer too many", "Each of the ten layers gives one factor, and nothing else does."),
            (0.75**-10, "upside down", "This is how much smaller the derivative becomes. The factor is 1 over that."),
            (-10.0, "the exponent only", "Write the number itself, for example `2**-3` for an eighth."),
            (0.06, "rounded", "That is near, but a power says it exactly."),
            (
                3.2796e-07,
                "the maximum itself",
                "No input reaches more, because no two of the units can be at net = 0 at once. A bound is asked for that "
                "needs no search: each factor at its largest.",
            ),
            (0.0, "rounded to zero", "It is small, but not 0: write it as a power."),
        )
    },
    message="(3/4)¹⁰, about 0.056: so much of the derivative can at most be left after ten sigmoid layers with w = 3.",
)
