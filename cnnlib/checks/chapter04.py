"""Exercises of chapter 04, padding and stride."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import geometry
from .comparing import Mistake, short
from .exercise import Case, FunctionExercise
from .prediction import Prediction, Question, Verdict, shape
from .result import Code, Text

Pair = tuple[int, int]


# ---- output_size ----------------------------------------------------------------------------------------------------


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    return geometry.output_size(size, kernel, stride, padding)


def output_size_cases(rng: np.random.Generator) -> list[Case]:
    """Return sizes that the window fits, with every rest that a division by the stride can leave."""
    made = [Case(5, 3), Case(4, 4), Case(3, 1, stride=2), Case(2, 2, stride=1, padding=1)]
    for stride in (1, 2, 3, 4, 5):
        for rest in range(stride):
            kernel, padding = int(rng.integers(2, 8)), int(rng.integers(1, 4))
            size = kernel + stride * int(rng.integers(padding + 2, 40)) + rest - 2 * padding
            made.append(Case(max(size, 1), kernel, stride=stride, padding=padding))
    for _ in range(10):
        kernel, stride = int(rng.integers(1, 12)), int(rng.integers(1, 7))
        made.append(Case(kernel + int(rng.integers(0, 250)), kernel, stride=stride, padding=int(rng.integers(0, 4))))
    return made


def explain_output_size(arguments: dict[str, Any], cell: tuple[int, ...], expected: int) -> list[Text | Code]:
    W1, F = arguments["size"], arguments["kernel"]
    S, P = arguments.get("stride", 1), arguments.get("padding", 0)
    return [Code(f"⌊({W1} − {F} + 2·{P}) / {S}⌋ + 1 = ⌊{W1 - F + 2 * P} / {S}⌋ + 1 = {expected}")]


output_size_mistakes = (
    Mistake(
        "rounded up",
        "A window that does not fit whole is left out: the quotient is rounded down.",
        lambda size, kernel, stride, padding: -(-(size - kernel + 2 * padding) // stride) + 1,
    ),
    Mistake(
        "rounded to the nearest",
        "A window that does not fit whole is left out: the quotient is rounded down, also from one half on.",
        lambda size, kernel, stride, padding: round((size - kernel + 2 * padding) / stride) + 1,
    ),
    Mistake(
        "rounded to the nearest",
        "A window that does not fit whole is left out: the quotient is rounded down, also from one half on.",
        lambda size, kernel, stride, padding: math.floor((size - kernel + 2 * padding) / stride + 0.5) + 1,
    ),
    Mistake(
        "not rounded",
        "The result is a whole number: `//` divides and rounds down, `/` gives a fraction.",
        lambda size, kernel, stride, padding: (size - kernel + 2 * padding) / stride + 1,
    ),
    Mistake(
        "1 forgotten",
        "The quotient says how often the window can move; where it begins counts too: plus 1.",
        lambda size, kernel, stride, padding: (size - kernel + 2 * padding) // stride,
    ),
    Mistake(
        "1 added before the division",
        "The 1 is added after the division by the stride: brackets.",
        lambda size, kernel, stride, padding: (size - kernel + 2 * padding + 1) // stride,
    ),
    Mistake(
        "divided too late",
        "`/` binds more strongly than `+` and `−`: brackets around size − kernel + 2 · padding.",
        lambda size, kernel, stride, padding: size - kernel + 2 * padding // stride + 1,
    ),
    Mistake(
        "padding counted once",
        "There are `padding` zeros at both ends of the axis: 2 · padding.",
        lambda size, kernel, stride, padding: (size - kernel + padding) // stride + 1,
    ),
    Mistake(
        "padding ignored",
        "There are `padding` zeros at both ends of the axis: 2 · padding more cells.",
        lambda size, kernel, stride, padding: (size - kernel) // stride + 1,
    ),
    Mistake(
        "padding subtracted",
        "Padding makes the input larger: plus 2 · padding.",
        lambda size, kernel, stride, padding: (size - kernel - 2 * padding) // stride + 1,
    ),
    Mistake(
        "stride ignored",
        "The window moves by `stride` cells at a time: divide by it.",
        lambda size, kernel, stride, padding: size - kernel + 2 * padding + 1,
    ),
    Mistake(
        "kernel ignored",
        "The window lies inside with all its cells: the last one begins `kernel` cells before the end.",
        lambda size, kernel, stride, padding: (size + 2 * padding) // stride + 1,
    ),
    Mistake(
        "kernel ignored",
        "The window lies inside with all its cells: the last one begins `kernel` cells before the end.",
        lambda size, kernel, stride, padding: (size + 2 * padding) // stride,
    ),
    Mistake(
        "kernel one too small",
        "The last window begins `kernel` cells before the end: minus the kernel, and plus 1 after the division.",
        lambda size, kernel, stride, padding: (size - kernel + 1 + 2 * padding) // stride + 1,
    ),
    Mistake(
        "off by one",
        "The result is 1 too large.",
        lambda size, kernel, stride, padding: (size - kernel + 2 * padding) // stride + 2,
    ),
    Mistake(
        "size of the rest",
        "`%` gives what is left over by the division: `//` is the quotient.",
        lambda size, kernel, stride, padding: (size - kernel + 2 * padding) % stride + 1,
    ),
    Mistake(
        "sum of all windows' cells",
        "The way back is (size − 1) · stride + kernel: this one goes from the input to the output.",
        lambda size, kernel, stride, padding: (size - 1) * stride + kernel - 2 * padding,
    ),
)

output_size_check = FunctionExercise(
    "output_size",
    "04",
    output_size,
    output_size_cases,
    output_size_mistakes,
    tried="sizes from 1 to a few hundred, kernels from 1 to 11, strides from 1 to 6 with every rest that the division "
    "can leave, padding from 0 to 3.",
    explain=explain_output_size,
)


# ---- five shapes ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layer:
    """A convolution layer and its input, (row, column) pairs throughout."""

    channels: int
    image: Pair
    kernels: int
    kernel: Pair
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)

    def output(self, **changed: Any) -> Pair:
        """Return rows and columns of the output; `changed`: settings to take in place of the layer's own."""
        s = vars(self) | changed
        return tuple(
            (W + 2 * P - (F - 1) * D - 1) // S + 1
            for W, F, S, P, D in zip(s["image"], s["kernel"], s["stride"], s["padding"], s["dilation"])
        )

    def rounded(self, how: Any) -> Pair:
        sizes = zip(self.image, self.kernel, self.stride, self.padding, self.dilation)
        return tuple(how((W + 2 * P - (F - 1) * D - 1) / S) + 1 for W, F, S, P, D in sizes)


def shape_question(layer: Layer) -> Question:
    """Return the question for the shape (channels, rows, columns) of a convolution's output."""
    N, D = layer.kernels, layer.channels
    right = (N, *layer.output())
    padded_once = tuple(W - P for W, P in zip(layer.image, layer.padding))
    without = tuple(size - 1 for size in layer.output())
    known = [
        ((N, *layer.rounded(math.ceil)), "rounded up", "A window that does not fit whole is left out: round down."),
        ((N, *without), "1 forgotten", "The quotient says how often the window can move; where it begins counts too."),
        ((N, *layer.output(padding=(0, 0))), "padding ignored", "The zeros at both ends count as cells."),
        (
            (N, *layer.output(image=padded_once)),
            "padding counted once",
            "There are P zeros at both ends of an axis: 2P more cells.",
        ),
        ((N, *layer.output(stride=(1, 1))), "stride ignored", "The window moves by S cells at a time: divide by it."),
        (
            (N, *layer.output(dilation=(1, 1))),
            "dilation ignored",
            "The gaps make the window larger: it reaches over (F − 1) · dilation + 1 cells.",
        ),
        (
            (N, *layer.output(kernel=tuple(F * d for F, d in zip(layer.kernel, layer.dilation)), dilation=(1, 1))),
            "dilation times kernel",
            "Gaps lie between the cells of the kernel only: (F − 1) · dilation + 1 cells, not F · dilation.",
        ),
        (
            (N, *layer.output(stride=layer.stride[::-1])),
            "stride axes swapped",
            "In a pair, the first number belongs to the rows.",
        ),
        (
            (N, *layer.output(padding=layer.padding[::-1])),
            "padding axes swapped",
            "In a pair, the first number belongs to the rows.",
        ),
        (
            (N, *layer.output(kernel=layer.kernel[::-1])),
            "kernel axes swapped",
            "A kernel of 3×5 has 3 rows and 5 columns.",
        ),
        ((N, *layer.output()[::-1]), "rows and columns swapped", "The order is (channels, rows, columns)."),
        ((*layer.output(), N), "channels last", "The order is (channels, rows, columns)."),
        ((D, *layer.output()), "depth of the input", "Each kernel makes one map: the depth is the number of kernels."),
        (
            (N * D, *layer.output()),
            "one map per kernel and channel",
            "A kernel adds up over all channels and makes one map.",
        ),
        ((N, *layer.image), "size of the input", "Look at how many windows fit into the padded input."),
    ]
    return shape(right, *[item for item in known if item[0] != right])


conv_shapes_check = Prediction(
    "conv_shapes",
    "04",
    {
        "a": shape_question(Layer(3, (32, 20), 8, (5, 5))),
        "b": shape_question(Layer(3, (64, 48), 16, (3, 3), (2, 2), (1, 1))),
        "c": shape_question(Layer(1, (10, 7), 4, (3, 3), (2, 2))),
        "d": shape_question(Layer(6, (20, 30), 10, (3, 5), (3, 2), (1, 2))),
        "e": shape_question(Layer(2, (15, 12), 5, (3, 3), (2, 2), (1, 1), (2, 2))),
    },
    said="As many maps as kernels, and along each axis ⌊(W − extent + 2P) / S⌋ + 1 windows.",
)


# ---- 28 to 14 -------------------------------------------------------------------------------------------------------

BEFORE, AFTER = 28, 14


def judge_choice(answer: Any) -> Verdict:
    """Judge a choice of (F, P, S) that is to map 28 cells to 14."""
    whole = isinstance(answer, (tuple, list)) and all(
        isinstance(part, (int, np.integer)) and not isinstance(part, bool) for part in answer
    )
    if not whole or len(answer) != 3:
        return Verdict(False, f"This is {short(answer)}, expected three whole numbers: (F, P, S).", "form")
    F, P, S = (int(part) for part in answer)
    if F < 1 or P < 0 or S < 1:
        return Verdict(False, f"F = {F}, P = {P}, S = {S}: F and S are at least 1, P at least 0.", "form")
    if _size(F, P, S) == AFTER:
        return Verdict(True, _remark(F, P, S))
    return Verdict(False, *_why_not(F, P, S))


def _why_not(F: int, P: int, S: int) -> tuple[str, str]:
    """Return what to say about a choice that does not give 14, and the name of the mistake."""
    size = _size(F, P, S)
    room = BEFORE - F + 2 * P
    if room < 0:
        return f"A window of {F} cells does not fit into {BEFORE} + 2·{P} cells.", "window does not fit"
    says = f"F = {F}, P = {P}, S = {S} give ⌊({BEFORE} − {F} + 2·{P}) / {S}⌋ + 1 = {size}, not {AFTER}. "
    if _size(F, S, P) == AFTER:
        return f"{says}With P and S swapped it would be {AFTER}: the order is (F, P, S).", "P and S swapped"
    if room // S == AFTER:
        return f"{says}The mistake: 1 forgotten. After the division, 1 is added.", "1 forgotten"
    if -(-room // S) + 1 == AFTER:
        return f"{says}The mistake: rounded up. The last window would not fit whole.", "rounded up"
    if BEFORE + P >= F and (BEFORE - F + P) // S + 1 == AFTER:
        return f"{says}The mistake: padding counted once. It lies at both ends.", "padding counted once"
    if (BEFORE - F) // S + 1 == AFTER:
        return f"{says}The mistake: padding ignored. It makes the input larger.", "padding ignored"
    return f"{says}{'Fewer' if size > AFTER else 'More'} windows are needed.", ""


def _remark(F: int, P: int, S: int) -> str:
    says = f"F = {F}, P = {P}, S = {S}: ⌊({BEFORE} − {F} + 2·{P}) / {S}⌋ + 1 = {AFTER}."
    lost = geometry.unused_pixels(BEFORE, F, S, P)
    skipped = geometry.use_counts(BEFORE, F, S, P).count(0) - lost
    if P >= F:
        says += " It fits, although some windows lie wholly in the padding and see only zeros."
    elif skipped:
        says += f" It fits, although {skipped} pixels between the windows are never read: S is larger than F."
    elif lost:
        says += (
            f" It fits, although no window reaches the last {'pixel' if lost == 1 else f'{lost} pixels'} of the axis."
        )
    else:
        says += " Every pixel is read."
    return says


def _size(F: int, P: int, S: int) -> int:
    return (BEFORE - F + 2 * P) // S + 1 if F >= 1 and S >= 1 and BEFORE + 2 * P >= F else 0


choose_fps_check = Prediction("choose_fps", "04", {"": judge_choice}, said="There are other choices that do.")
