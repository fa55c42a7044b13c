"""Digits drawn by program, in several hands, and those of MNIST, for the tests of the drawing pad and of pictures."""

from __future__ import annotations

import functools

import numpy as np

import cnnlib
from cnncourse.explorers.sample_drawings import SAMPLES, smooth_stroke

Drawing = list[np.ndarray]


@functools.cache  # unpacking the four files takes longer than most tests
def mnist_test_set() -> tuple[np.ndarray, np.ndarray]:
    """Return the 10,000 images and labels; whoever changes them takes a copy."""
    images, labels = cnnlib.load_mnist()[1]
    images.setflags(write=False)
    return images, labels


# Straight lines only, as a schoolbook or an engraver has them: {digit: strokes of corners}.
ANGULAR = {
    0: [
        [(0.2, 0.4), (0.2, 0.6), (0.35, 0.7), (0.65, 0.7), (0.8, 0.6), (0.8, 0.4), (0.65, 0.3), (0.35, 0.3), (0.2, 0.4)]
    ],
    1: [[(0.3, 0.38), (0.18, 0.52), (0.82, 0.52)]],
    2: [[(0.32, 0.32), (0.2, 0.42), (0.2, 0.6), (0.34, 0.68), (0.8, 0.3), (0.8, 0.72)]],
    3: [[(0.2, 0.32), (0.2, 0.68), (0.45, 0.48), (0.56, 0.66), (0.72, 0.64), (0.82, 0.48), (0.76, 0.3)]],
    4: [[(0.18, 0.56), (0.6, 0.28), (0.6, 0.74)], [(0.38, 0.6), (0.84, 0.6)]],
    5: [[(0.2, 0.68), (0.2, 0.36), (0.46, 0.36), (0.44, 0.56), (0.58, 0.68), (0.72, 0.64), (0.82, 0.46), (0.76, 0.3)]],
    6: [
        [(0.18, 0.58), (0.42, 0.36), (0.72, 0.34), (0.82, 0.5), (0.74, 0.66), (0.58, 0.64), (0.54, 0.48), (0.64, 0.36)]
    ],
    7: [[(0.2, 0.3), (0.2, 0.7), (0.84, 0.42)]],
    8: [
        [(0.2, 0.5), (0.3, 0.35), (0.48, 0.5), (0.68, 0.66), (0.82, 0.5), (0.68, 0.34)],
        [(0.68, 0.34), (0.48, 0.5), (0.3, 0.65), (0.2, 0.5)],
    ],
    9: [[(0.34, 0.64), (0.2, 0.5), (0.32, 0.34), (0.46, 0.48), (0.34, 0.64), (0.84, 0.6)]],
}
# Other shapes that people write: {name: (digit, drawing)}.
OTHERS = {
    "a 7 with a bar": (7, [*SAMPLES[7], np.array([(0.5, 0.4), (0.5, 0.68)])]),
    "a closed 4": (4, [np.array([(0.84, 0.6), (0.16, 0.6), (0.58, 0.3), (0.58, 0.76)])]),
    "a 1 with flag and foot": (
        1,
        [np.array([(0.32, 0.4), (0.18, 0.52), (0.82, 0.52)]), np.array([(0.82, 0.4), (0.82, 0.64)])],
    ),
    "a 9 with a hook": (
        9,
        [
            smooth_stroke((0.3, 0.64), (0.18, 0.5), (0.28, 0.35), (0.44, 0.42), (0.4, 0.58), (0.3, 0.64)),
            smooth_stroke((0.3, 0.64), (0.6, 0.66), (0.8, 0.56), (0.82, 0.4)),
        ],
    ),
    "a 2 with a loop": (
        2,
        [
            smooth_stroke(
                *((0.3, 0.34), (0.18, 0.48), (0.3, 0.64), (0.55, 0.52), (0.78, 0.36), (0.74, 0.28), (0.7, 0.38)),
                *((0.8, 0.56), (0.78, 0.74)),
            )
        ],
    ),
    "a 3 with a flat top": (
        3,
        [
            np.array([(0.18, 0.34), (0.18, 0.66), (0.42, 0.48)]),
            smooth_stroke((0.42, 0.48), (0.5, 0.64), (0.68, 0.68), (0.82, 0.52), (0.78, 0.32)),
        ],
    ),
    "a wide 0": (0, [np.stack([0.5 - 0.28 * np.cos(a := np.linspace(0, 6.4, 40)), 0.5 - 0.34 * np.sin(a)], axis=1)]),
    "an upright 6": (
        6,
        [
            smooth_stroke(
                *((0.18, 0.42), (0.5, 0.33), (0.78, 0.38), (0.82, 0.55), (0.68, 0.66), (0.56, 0.54), (0.64, 0.36))
            )
        ],
    ),
}


def bent(
    strokes: Drawing, turn: float = 0, slant: float = 0, wide: float = 1, size: float = 1, shake: float = 0
) -> Drawing:
    """Return a drawing turned (by degrees), slanted, widened, resized, drawn by a hand that shakes (by shares)."""
    rng = np.random.default_rng(5)
    cosine, sine = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    matrix = np.array([[cosine, -sine], [sine - slant * cosine, cosine]]) * [[1], [wide]] * size
    new = []
    for stroke in strokes:
        path = smooth_stroke(*stroke) if shake and len(stroke) < 9 else np.asarray(stroke, dtype=float)
        shaken = path + shake * np.cumsum(rng.normal(size=path.shape), axis=0) / np.sqrt(len(path))
        new.append(np.clip((shaken - 0.5) @ matrix.T + 0.5, 0, 1))
    return new


HANDS = {
    "as it comes": {},
    "slanted right": {"slant": 0.3},
    "slanted left": {"slant": -0.15},
    "turned": {"turn": 10},
    "narrow": {"wide": 0.6},
    "wide": {"wide": 1.35},
    "small": {"size": 0.25},
    "shaky": {"shake": 0.08},
}


def drawings() -> list[tuple[str, int, Drawing]]:
    """Return (name, digit, drawing) of all digits in all hands."""
    plain = [(f"{digit}, round", digit, list(SAMPLES[digit])) for digit in range(10)]
    plain += [(f"{digit}, angular", digit, [np.array(s) for s in ANGULAR[digit]]) for digit in range(10)]
    plain += [(name, digit, strokes) for name, (digit, strokes) in OTHERS.items()]
    return [
        (f"{name}, {hand}", digit, bent(strokes, **how))
        for name, digit, strokes in plain
        for hand, how in HANDS.items()
    ]


# ---- images traced back into strokes ---------------------------------------------------------------------------------


def thinned(ink: np.ndarray) -> np.ndarray:
    """Return images (N, H, W), bool, with their lines made one pixel thin (Zhang and Suen's two steps in turn)."""
    ink = ink.copy()
    while True:
        before = ink.copy()
        for step in (0, 1):
            framed = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
            around = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)]
            height, width = ink.shape[1:]
            near = [framed[:, 1 + r : 1 + r + height, 1 + c : 1 + c + width] for r, c in around]
            count = np.sum(near, axis=0)
            turns = np.sum([~near[k] & near[(k + 1) % 8] for k in range(8)], axis=0)
            up, right, down, left = near[::2]
            if step == 0:
                kept = (up & right & down) | (right & down & left)
            else:
                kept = (up & right & left) | (up & down & left)
            ink &= ~((count >= 2) & (count <= 6) & (turns == 1) & ~kept)
        if (ink == before).all():
            return ink


def traced(line: np.ndarray) -> Drawing:
    """Return the strokes of a thin line (H, W), bool: one from each of its pixels to every neighbour."""
    pixels = {(int(r), int(c)) for r, c in np.argwhere(line)}
    strokes = []
    for r, c in sorted(pixels):
        ends = [(r, c + 1), (r + 1, c)]
        ends += [(r + 1, k) for k in (c - 1, c + 1) if (r + 1, c) not in pixels and (r, k) not in pixels]
        strokes += [[(r, c), end] for end in ends if end in pixels]
    return [(np.array(stroke) + 0.5) / line.shape for stroke in strokes or [[pixel] for pixel in pixels]]
