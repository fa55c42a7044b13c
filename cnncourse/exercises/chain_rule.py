"""Chapter 06: the chain rule by hand, from the loss back to the input of a unit."""

from __future__ import annotations

from ..checks.prediction import Prediction, from_formulas


def derivatives():
    x, w, w_b, t = 3, 2, -4, 1
    net = w * x + w_b
    a = net**2
    by_a = a - t
    slope = 2 * net
    delta = by_a * slope
    return {"a": by_a, "b": delta, "c": delta * x, "d": delta * w}


MISTAKES = r"""
the ½ forgotten: The derivative of (a − t)² is 2·(a − t); the ½ takes the 2 away. | a - t => 2 * (a - t)
sign reversed: The derivative of (a − t) with respect to a is +1. | a - t => t - a
t forgotten: The loss compares a with t: the target stays in the derivative. | a - t => a
not derived: This is (a − t)²; its derivative has the power 1. | a - t => (a - t) ** 2
net in place of a: The loss compares the activation with t, and a = net². | a - t => net - t
f′(net) left out: Between a and net lies the square: its derivative 2·net is one of the factors. | by_a * slope => by_a
f′(net) alone: δ is ∂E/∂a times f′(net). | by_a * slope => slope
added instead of multiplied: Along a path the factors are multiplied.
    by_a * slope => by_a + slope
    delta * x => delta + x
    & delta * w => delta + w
    delta * x => by_a + slope + x
    & delta * w => by_a + slope + w
slope at a instead of net: f′ is taken at net: 2·net, not 2·a. | slope = 2 * net => slope = 2 * a
the 2 of the square forgotten: The derivative of net² is 2·net: with net = 2 that is 4, not 2. | slope = 2 * net => slope = net
slope at the wrong place: f′ is taken at net: 2·net, not 2·x. | slope = 2 * net => slope = 2 * x
w in place of x: net = w·x + w_b: its derivative with respect to w is x. | delta * x => delta * w
x in place of w: net = w·x + w_b: its derivative with respect to x is w. | delta * w => delta * x
the last factor forgotten: That is δ. From net to here there is one more factor.
    delta * x => delta
    & delta * w => delta
    delta * x => delta
    delta * w => delta
"""

exercise = Prediction(
    "chain_rule",
    "06",
    from_formulas(derivatives, MISTAKES),
    message="Each derivative is the one before times one factor. δ is found once and serves the weight and the input.",
    chained=True,
)
