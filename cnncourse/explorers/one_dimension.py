"""Convolution in one dimension: a row of weights laid on a row of numbers, turned or as it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnncourse.language import Texts, fill, joined
from cnnlib.convolution import convolve2d, cross_correlate2d

from .scene import (
    INPUT,
    LETTERS,
    OUTPUT,
    PADDING,
    Choice,
    Explorer,
    Grid,
    Position,
    Scene,
    Setting,
    all_scenes,
    grid,
    numbers,
    text_of,
    windows,
)
from .words import WORDS

SETTINGS: tuple[Setting, ...] = (
    Choice(
        "example",
        "Example",
        (
            ("dice", "two dice"),
            ("polynomials", "two polynomials"),
            ("smooth", "smoothing"),
            ("steps", "where it steps"),
        ),
        "dice",
    ),
    Choice("way", "Way", (("convolution", "convolution ∗"), ("correlation", "cross-correlation ⋆")), "convolution"),
    Choice("extent", "Extent", (("full", "full"), ("same", "same"), ("valid", "valid")), "full"),
    LETTERS,
    Position(label="Window", start=(0, 3)),
)

# The numbers of A and B. A die shows each of its six faces in one way; a polynomial has its constant first.
ROWS: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "dice": ((1,) * 6, (1,) * 6),
    "polynomials": ((1, 2, 0, 1), (3, 1)),
    "smooth": ((0, 0, 4, 0, 0, 8, 8, 8), (1, 2, 1)),
    "steps": ((1, 1, 1, 5, 5, 5, 2, 2), (1, -1)),
}

TEMPLATES: dict[str, Any] = {
    "input": "A",
    "padded": "A, with zeros around",
    "kernel": "B",
    "turned": "B turned, on A",
    "straight": "B, on A",
    "products": "Products",
    "output": "A ∗ B",
    "output_correlation": "A ⋆ B",
    "line_convolution": "(A ∗ B)_s = Σ A_k · B_{s−k}",
    "line_correlation": "(A ⋆ B)_s = Σ A_{s+m} · B_m",
    "line": "{result} = ({values})",
    "full": "Full: {n} + {F} − 1 = {m} places, all where A and B meet at all.",
    "same": "Same: {m} places, as many as A has numbers.",
    "valid_one": "Valid: {n} − {F} + 1 = 1, the one place where all of B lies on A.",
    "valid": "Valid: {n} − {F} + 1 = {m} places, those where all of B lies on A.",
    "turns": "B is laid on A turned: then the indices of every product add up to s.",
    "straight_on": "B is laid on A as it is: the first index of every product runs ahead of the second by s.",
    "alike": "B is the same turned: convolution and cross-correlation give the same numbers.",
    "dice": "A and B say in how many ways a die shows 1 to 6, A ∗ B in how many of 36 two dice show 2 to 12.",
    "polynomials": "A ∗ B holds the coefficients of (1 + 2x + x³) · (3 + x).",
    "smooth": "Each number is spread over its neighbours; divided by 1 + 2 + 1 = 4, {result} is a weighted mean.",
    "steps": "A ∗ B is the difference of neighbours: 0 where A stays as it is.",
    "steps_correlation": "A ⋆ B is the difference of neighbours with the other sign: 0 where A stays as it is.",
    "reading": "{result} at {s}: {terms} = {value}",
    "reading_dice": "A ∗ B at {s}: {terms} = {value}: two dice show {sum} in {value} of 36 ways",
    "reaches": "A at {k}, {value}, is part of {n} numbers of {result}",
    "reaches_one": "A at {k}, {value}, is part of one number of {result}",
    "reaches_zero": "a zero beside A: with it B finds a number wherever it lies",
    "weight": "B at {k}, {value}: here it meets {met}",
    "cell_input": "A {c}: {value}",
    "cell_padding": "zero beside A: {value}",
    "cell_kernel": "B {c}: {value}",
    "cell_turned": "B {c} lies here: {value}",
    "cell_products": "product: {value}",
    "cell_empty": "nothing here",
    "cell_output": "{result} {c}: {value}",
    "code_cnnlib": "import numpy as np\n\nimport cnnlib\n\nA = np.array([[{A}]])\nB = np.array([[{B}]])\n"
    'result = cnnlib.{function}(A, B, "{extent}")\nprint(result[0])\n',
    "code_torch": "import torch\n\nA = torch.tensor([[[{A}]]], dtype=torch.float32)\n"
    "B = torch.tensor([[[{B}]]], dtype=torch.float32)\n"
    "x = torch.nn.functional.pad(A, ({before}, {after}))\n"
    "result = torch.nn.functional.conv1d(x, B{turn})[0]\nprint(result[0])\n",
}
TEXTS = Texts(TEMPLATES)


def around(extent: str, kernel: int) -> tuple[int, int]:
    """Return how many zeros stand before and after A.

    >>> around("full", 4), around("same", 4), around("valid", 4)
    ((3, 3), (1, 2), (0, 0))
    """
    total = {"full": 2 * (kernel - 1), "same": kernel - 1, "valid": 0}[extent]
    return total // 2, total - total // 2


def scene(example: str, way: str, extent: str, letters: bool = False, position: Any = (0, 0)) -> Scene:
    """Return the scene of B on A; `letters` and `position` change no number.

    first: the index s of the first place. turned: B as it lies on A.
    """
    A, B = (np.array([row]) for row in ROWS[example])
    turn = way == "convolution"
    values = numbers((convolve2d if turn else cross_correlate2d)(A, B, extent))
    before, after = around(extent, B.shape[1])
    padded = np.pad(A, ((0, 0), (before, after)))
    count = len(values[0])
    name = str(TEXTS["output" if turn else "output_correlation"])
    alike = bool((B == B[:, ::-1]).all())
    gaps = {"n": A.shape[1], "F": B.shape[1], "m": count, "result": name}
    meaning = f"{example}_{way}" if f"{example}_{way}" in TEXTS else example
    said = [
        "alike" if alike else "turns" if turn else "straight_on",
        "valid_one" if extent == "valid" and count == 1 else extent,
    ]
    if example not in ("dice", "polynomials") or (turn and extent == "full"):
        said.append(meaning)
    kinds = PADDING * before + INPUT * A.shape[1] + PADDING * after
    return Scene(
        (1, count),
        [
            grid("input", str(TEXTS["padded" if before + after else "input"]), padded, np.array([list(kinds)])),
            grid("kernel", str(TEXTS["kernel"]), B, INPUT),
            Grid("output", name, values, [OUTPUT * count]),
        ],
        [[0]],
        windows(count, B.shape[1], 1),
        [str(TEXTS[f"line_{way}"]), fill(TEXTS["line"], result=name, values=", ".join(map(text_of, values[0])))],
        joined(fill(TEXTS[key], **gaps) for key in said),
        details={
            "turned": numbers(B[:, ::-1] if turn else B)[0],
            "first": (B.shape[1] - 1 if turn else 0) - before,
            "before": before,
        },
    )


def data() -> dict[str, Any]:
    """Return all scenes."""
    return all_scenes(SETTINGS, scene) | {
        "name": EXPLORER.name,
        "texts": TEXTS,
        "words": WORDS | {"place": "window {c}"},
        "legend": [
            ["window", "B on A, and its number of the result"],
            ["signs", WORDS["signs"]],
            ["pad", "zeros beside A"],
        ],
        "room": {"laptop": [2, 3], "tablet": [2, 4], "phone": [3, 8], "small": [4, 10]},
        "formulas": 2,
        "start": EXPLORER.start(),
    }


EXPLORER = Explorer("convolution_in_one_dimension", "convolution in one dimension", SETTINGS, scene, data)
