"""Chapter 04: a kernel size, a padding and a stride that make 14 cells of 28."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnnlib import geometry

from ..checks.comparing import in_short
from ..checks.patches import mistakes_of
from ..checks.prediction import Prediction, Verdict, WrongForm, not_it, read_shape
from ..language import joined, listed, mark, say, say_count

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
        F, P, S = read_shape(answer, 3, mark("This is {value}, expected three whole numbers: (F, P, S)."))
    except WrongForm as error:
        return Verdict(False, str(error), "form")
    choice = listed(f"{letter} = {in_short(value)}" for letter, value in zip("FPS", (F, P, S)))
    if F < 1 or P < 0 or S < 1:
        return Verdict(False, say("{choice}: F and S are at least 1, P at least 0.", choice=choice), "form")
    if F > BEFORE + 2 * P:
        template = mark("A window of {F} cells does not fit into {before} + 2·{P} cells.")
        message = say(template, F=in_short(F), before=BEFORE, P=in_short(P))
        return Verdict(False, message, "window does not fit")
    size = windows(F, P, S)
    if size == AFTER:
        return Verdict(True, joined([say("{choice}: it fits.", choice=choice), _remark(F, P, S)]))
    known = [(one.name, one.message) for one in MISTAKES if _gives(one.answer, F, P, S)]
    quotient = f"⌊({BEFORE} − {in_short(F)} + 2·{in_short(P)}) / {in_short(S)}⌋ + 1 = {in_short(size)}"
    result = say("{choice} give {quotient}, not {after}.", choice=choice, quotient=quotient, after=AFTER)
    more = say("Fewer windows are needed.") if size > AFTER else say("More windows are needed.")
    return replace(not_it(answer, known), message=result if known else joined([result, more]))


def _gives(wrong: Any, F: int, P: int, S: int) -> bool:
    try:
        return bool(wrong(F, P, S) == AFTER)
    except ZeroDivisionError:
        return False


def _remark(F: int, P: int, S: int) -> str:
    """Return what is remarkable about a choice that fits."""
    if P >= F:
        return say("Some windows lie wholly in the padding and see only zeros.")
    if F > 1000:
        return say("Each window covers the whole axis.")
    lost = geometry.unused_pixels(BEFORE, F, S, P)
    skipped = geometry.visit_counts(BEFORE, F, S, P).count(0) - lost
    if skipped:
        template = mark("{count} pixels between the windows are never read: S is larger than F.")
        return say(template, count=skipped)
    if lost:
        return say_count(
            "No window reaches the last pixel of the axis.",
            "No window reaches the last {count} pixels of the axis.",
            lost,
        )
    return say("Every pixel is read.")


exercise = Prediction(
    "choose_fps", "04", {"": judge}, message="There are other choices that do.", mistakes=tuple(MISTAKES)
)
