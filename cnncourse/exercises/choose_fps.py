"""Chapter 04: a kernel size, a padding and a stride that make 14 cells of 28."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnnlib import geometry

from ..checks.comparing import in_short
from ..checks.patches import mistakes_of
from ..checks.prediction import Prediction, Verdict, WrongForm, not_it, read_shape

BEFORE, AFTER = 28, 14


def windows(F, P, S):
    return (28 - F + 2 * P) // S + 1


# Each says how many windows somebody counts who makes the mistake: it is named if that is 14.
MISTAKES = mistakes_of(
    windows,
    r"""
P and S swapped: With P and S swapped it would be 14: the order is (F, P, S).
    return => P, S = S, P \n return
1 forgotten: After the division, 1 is added. | // S + 1 => // S
rounded up: The last window would not fit whole. | (28 - F + 2 * P) // S => -(-(28 - F + 2 * P) // S)
padding counted once: It lies at both ends. | 2 * P => P
padding ignored: It makes the input larger. | 2 * P => 0
""",
)


def judge(answer: Any) -> Verdict:
    """Judge a choice of (F, P, S)."""
    try:
        F, P, S = read_shape(answer, axes=3)
    except WrongForm as error:
        message = str(error).replace("a tuple of whole numbers", "three whole numbers: (F, P, S)")
        return Verdict(False, message, "form")
    if F < 1 or P < 0 or S < 1:
        return Verdict(False, f"{_choice(F, P, S)}: F and S are at least 1, P at least 0.", "form")
    if F > BEFORE + 2 * P:
        message = f"A window of {in_short(F)} cells does not fit into {BEFORE} + 2·{in_short(P)} cells."
        return Verdict(False, message, "window does not fit")
    size = windows(F, P, S)
    quotient = f"⌊({BEFORE} − {in_short(F)} + 2·{in_short(P)}) / {in_short(S)}⌋"
    result = f"{_choice(F, P, S)} give {quotient} + 1 = {in_short(size)}"
    if size == AFTER:
        return Verdict(True, f"{_choice(F, P, S)}: it fits.{_remark(F, P, S)}")
    known = [(one.name, one.message) for one in MISTAKES if _gives(one.answer, F, P, S)]
    more = "" if known else f" {'Fewer' if size > AFTER else 'More'} windows are needed."
    return replace(not_it(answer, known), message=f"{result}, not {AFTER}.{more}")


def _gives(wrong: Any, F: int, P: int, S: int) -> bool:
    try:
        return bool(wrong(F, P, S) == AFTER)
    except ZeroDivisionError:
        return False


def _choice(F: int, P: int, S: int) -> str:
    return f"F = {in_short(F)}, P = {in_short(P)}, S = {in_short(S)}"


def _remark(F: int, P: int, S: int) -> str:
    """Return what is remarkable about a choice that fits."""
    if P >= F:
        return " Some windows lie wholly in the padding and see only zeros."
    if F > 1000:
        return " Each window covers the whole axis."
    lost = geometry.unused_pixels(BEFORE, F, S, P)
    skipped = geometry.visit_counts(BEFORE, F, S, P).count(0) - lost
    if skipped:
        return f" {skipped} pixels between the windows are never read: S is larger than F."
    if lost:
        return f" No window reaches the last {'pixel' if lost == 1 else f'{lost} pixels'} of the axis."
    return " Every pixel is read."


exercise = Prediction("choose_fps", "04", {"": judge}, message="There are other choices that do.")
