"""Chapter 04: the shapes that come out of five convolution layers."""

from __future__ import annotations

from ..checks.matching import Case
from ..checks.prediction import Prediction, by_formula


def layer_shape(D, H, W, N, F_h, F_w, S_h=1, S_w=1, P_h=0, P_w=0, dilation=1):
    E_h, E_w = (F_h - 1) * dilation + 1, (F_w - 1) * dilation + 1
    H2, W2 = (H - E_h + 2 * P_h) // S_h + 1, (W - E_w + 2 * P_w) // S_w + 1
    return N, H2, W2


MISTAKES = r"""
rounded up: A window that does not fit whole is left out: round down.
    (H - E_h + 2 * P_h) // S_h => -(-(H - E_h + 2 * P_h) // S_h)
    & (W - E_w + 2 * P_w) // S_w => -(-(W - E_w + 2 * P_w) // S_w)
1 forgotten: The quotient says how often the window can move; where it begins counts too.
    // S_h + 1 => // S_h
    & // S_w + 1 => // S_w
padding ignored: The zeros at both ends count as cells.
    2 * P_h => 0
    & 2 * P_w => 0
padding counted once: There are P zeros at both ends of an axis: 2P more cells.
    2 * P_h => P_h
    & 2 * P_w => P_w
stride ignored: The window moves by S cells at a time: divide by it.
    S_h => 1
    & S_w => 1
dilation ignored: The gaps make the window larger: it reaches over (F − 1) · dilation + 1 cells.
    dilation => 1
dilation times kernel: Gaps lie between the cells of the kernel only: (F − 1) · dilation + 1 cells, not F · dilation.
    (F_h - 1) * dilation + 1 => F_h * dilation
    & (F_w - 1) * dilation + 1 => F_w * dilation
stride axes swapped: In a pair, the first number belongs to the rows.
    E_h, E_w = => S_h, S_w = S_w, S_h \n E_h, E_w =
padding axes swapped: In a pair, the first number belongs to the rows.
    E_h, E_w = => P_h, P_w = P_w, P_h \n E_h, E_w =
kernel axes swapped: A kernel of 3×5 has 3 rows and 5 columns.
    E_h, E_w = => F_h, F_w = F_w, F_h \n E_h, E_w =
kernel ignored: The window lies inside with all its cells: size − kernel + 2P, divided by the stride, and plus 1.
    return N, H2, W2 => return N, H // S_h, W // S_w
    - E_h => - 0
    & - E_w => - 0
rows and columns swapped: The order is (channels, rows, columns). | return N, H2, W2 => return N, W2, H2
channels last: The order is (channels, rows, columns). | return N, H2, W2 => return H2, W2, N
depth of the input: Each kernel makes one map: the depth is the number of kernels. | return N, => return D,
one map per kernel and channel: A kernel adds up over all channels and makes one map. | return N, => return N * D,
one map only: Each kernel makes a map of its own: the first number is how many kernels there are.
    return N, => return 1,
size of the input: Look at how many windows fit into the padded input. | return N, H2, W2 => return N, H, W
"""

exercise = Prediction(
    "conv_shapes",
    "04",
    by_formula(
        layer_shape,
        MISTAKES,
        {
            "a": Case(D=3, H=32, W=20, N=8, F_h=5, F_w=5),
            "b": Case(D=3, H=64, W=48, N=16, F_h=3, F_w=3, S_h=2, S_w=2, P_h=1, P_w=1),
            "c": Case(D=1, H=10, W=7, N=4, F_h=3, F_w=3, S_h=2, S_w=2),
            "d": Case(D=6, H=20, W=30, N=10, F_h=3, F_w=5, S_h=3, S_w=2, P_h=1, P_w=2),
            "e": Case(D=2, H=15, W=12, N=5, F_h=3, F_w=3, S_h=2, S_w=2, P_h=1, P_w=1, dilation=2),
        },
    ),
    message="As many maps as kernels, and along each axis ⌊(W − extent + 2P) / S⌋ + 1 windows.",
)
