"""Chapter 06: derivatives along two paths."""

from __future__ import annotations

from ..checks.prediction import Prediction, from_formulas


def derivatives():
    x = 2
    u, v, du_dx, dv_dx = 3 * x, x**2, 3, 2 * x
    return {"a": v * du_dx + u * dv_dx, "b": 3 * -1 + 5 * 2}


MISTAKES = r"""
one path only: There are two paths: follow the other one too, and add.
    "a": v * du_dx + u * dv_dx => "a": v * du_dx
    "b": 3 * -1 + 5 * 2 => "b": 3 * -1
    "b": 3 * -1 + 5 * 2 => "b": 5 * 2
one path only or the value of E: E is 24 here, and so is one of the paths: add the other one.
    "a": v * du_dx + u * dv_dx => "a": u * dv_dx
paths multiplied: Along a path the factors are multiplied; the paths are added.
    du_dx + u => du_dx * u
    & 3 * -1 + 5 * 2 => 3 * -1 * 5 * 2
paths averaged: The paths are added. | v * du_dx + u * dv_dx => (v * du_dx + u * dv_dx) // 2
paths subtracted: The paths are added, each with its sign.
    du_dx + u => du_dx - u
    & 3 * -1 + 5 * 2 => 3 * 1 + 5 * 2
    3 * -1 + 5 * 2 => 3 * -1 - 5 * 2
∂E/∂u and ∂E/∂v left out: 3 and 4 lead from x to u and v: from there it goes on to E.
    v * du_dx + u * dv_dx => du_dx + dv_dx
du/dx and dv/dx left out: 4 and 6 lead from u and v to E: before that it goes from x to u and v.
    v * du_dx + u * dv_dx => u + v
u and v swapped: The derivative of u·v with respect to u is v, and the other way round.
    v * du_dx + u * dv_dx => u * du_dx + v * dv_dx
weights swapped: x₁ meets the weight −1 in net₀ and the weight 2 in net₁. | 3 * -1 + 5 * 2 => 3 * 2 + 5 * -1
weights left out: Each δ is multiplied by the weight that x₁ meets on its way to that output. | 3 * -1 + 5 * 2 => 3 + 5
added instead of multiplied: Each δ is multiplied by the weight that x₁ meets. | 3 * -1 + 5 * 2 => 3 + -1 + 5 + 2
sign lost: x₁ meets the weight −1 on its way to net₀. | 3 * -1 + 5 * 2 => 3 * 2 + 5 * 2
"""

exercise = Prediction(
    "total_derivative",
    "06",
    from_formulas(derivatives, MISTAKES),
    message="The paths are added, and along each the factors are multiplied.",
)
