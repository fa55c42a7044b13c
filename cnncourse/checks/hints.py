"""What an exception most often means in an exercise."""

from __future__ import annotations

from ..language import mark, translated
from .calling import Outcome

WHOLE = mark("A whole number is needed here, and this one is a float. `/` always gives a float: use `//`, or `int(…)`.")
SHAPES = mark("Two arrays meet whose shapes do not fit: print both shapes just before this line.")
NOTHING = mark("Something is None here: the result of a function that returns nothing, or of a method such as `sort`?")

AS_FLOATS = mark(
    "An array of whole numbers takes no fractions in place: make floats of it first, `x.astype(float)`, or a new array."
)
SIZES = mark("The new shape has to hold as many numbers as the old one: print the shape just before this line.")
A_LIST = mark(
    "This is a list, or a list of lists: it takes one index at a time, `a[i][j]`. An array, as `np.zeros` makes it, "
    "takes `a[i, j]`."
)
AS_MANY = mark(
    "On the left there are more or fewer names than values on the right: print `x.shape` just before this line."
)
ONE_NUMBER = mark("One number is needed here, and this is an array of several: is an index missing, or a sum?")
NO_WINDOW = mark(
    "This array is empty: does a slice begin behind the end, or does it end at −0, as `[P:-P]` does with P = 0?"
)

HINTS: tuple[tuple[type[BaseException], str, str], ...] = (  # the error, a part of its message ("": any), the hint
    (TypeError, "object cannot be interpreted as an integer", WHOLE),
    (TypeError, "slice indices must be integers", WHOLE),
    (IndexError, "only integers, slices", WHOLE),
    (TypeError, "list indices must be integers", A_LIST),
    (
        TypeError,
        "only integer scalar arrays",
        mark(
            "An array stands where a number belongs: the second argument of `np.max` is an axis; `np.maximum(a, b)` "
            "compares."
        ),
    ),
    (TypeError, "NoneType", NOTHING),
    (TypeError, "Cannot cast ufunc", AS_FLOATS),
    (TypeError, "be converted to Python scalar", ONE_NUMBER),
    (
        TypeError,
        "unsupported operand",
        mark("These two kinds of values cannot be combined: a list or a tuple is no array, `np.array(…)` makes one."),
    ),
    (
        TypeError,
        "does not support item assignment",
        mark("A tuple, or a number, cannot be changed in place: make an array of the right size first, `np.zeros(…)`."),
    ),
    (TypeError, "cannot unpack non-iterable", AS_MANY),
    (
        AttributeError,
        "'numpy.ndarray' object has no attribute 'append'",
        mark("An array cannot grow: make it in its full size first, `np.zeros(…)`, or collect in a list."),
    ),
    (AttributeError, "NoneType", NOTHING),
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
    (ValueError, "mismatch in its core dimension", SHAPES),
    (ValueError, "not aligned", SHAPES),
    (ValueError, "must match exactly", SHAPES),
    (ValueError, "must have the same shape", SHAPES),
    (ValueError, "cannot reshape", SIZES),
    (ValueError, "values to unpack", AS_MANY),
    (ValueError, "zero-size array", NO_WINDOW),
    (
        ValueError,
        "negative dimensions",
        mark("The size of an array comes out below 0: print the sizes that it is computed from."),
    ),
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
        "out of bounds for array of dimension",
        mark(
            "The array has fewer axes than `axis` asks for: `x.ndim` says how many; the first one is 0, the last one "
            "−1."
        ),
    ),
    (IndexError, "boolean index did not match", SHAPES),
    (
        IndexError,
        "tuple index out of range",
        mark("A shape, or another tuple, has fewer numbers than that: print it just before this line."),
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
