"""What an exception most often means in an exercise."""

from __future__ import annotations

from ..language import mark, translated
from .calling import Outcome

WHOLE = mark("A whole number is needed here, and this one is a float. `/` always gives a float: use `//`, or `int(…)`.")
SHAPES = mark("Two arrays meet whose shapes do not fit: print both shapes just before this line.")
NOTHING = mark("Something is None here: the result of a function that returns nothing, or of a method such as `sort`?")

HINTS: tuple[tuple[type[BaseException], str, str], ...] = (  # the error, a part of its message ("": any), the hint
    (TypeError, "object cannot be interpreted as an integer", WHOLE),
    (TypeError, "slice indices must be integers", WHOLE),
    (IndexError, "only integers, slices", WHOLE),
    (TypeError, "NoneType", NOTHING),
    (
        TypeError,
        "not callable",
        mark("Something that is no function is called: is an operator missing before a bracket?"),
    ),
    (
        ValueError,
        "truth value of an array",
        mark(
            "`if` needs a single yes or no, and a comparison of an array gives one for every cell: use `np.where`, or "
            "a loop over the cells."
        ),
    ),
    (ValueError, "could not be broadcast", SHAPES),
    (ValueError, "could not broadcast", SHAPES),
    (
        ValueError,
        "setting an array element",
        mark("One cell gets several numbers: is an index missing on the right, or a sum over what stands there?"),
    ),
    (
        IndexError,
        "too many indices",
        mark("There are more indices than the array has axes: `x.ndim` says how many, `x.shape` how long they are."),
    ),
    (
        IndexError,
        "",
        mark("An index went past the end of an array: how many windows fit, and where does the last one begin?"),
    ),
    (
        UnboundLocalError,
        "",
        mark("A name is used before it gets a value in this function: is its first value missing, above the loop?"),
    ),
    (NameError, "", mark("A name is used that nothing was assigned to, or it is misspelt.")),
    (KeyError, "", mark("A dictionary has no entry of this name: `list(…)` of the dictionary shows its names.")),
    (RecursionError, "", mark("The function calls itself without end.")),
    (ZeroDivisionError, "", mark("The divisor is 0 here: which of the arguments is it made from?")),
)


def hint_for(outcome: Outcome) -> str:
    """Return what the error of `outcome` most often means, "" if nothing is known of it."""
    if outcome.error_type is None:
        return ""
    kind, text = outcome.error_type, outcome.error
    return next((translated(hint) for error, part, hint in HINTS if issubclass(kind, error) and part in text), "")
