"""Stand-ins, inside the sandbox, for packages that a notebook imports and its functions have no use for.

`import matplotlib.pyplot as plt` then works, `fig, ax = plt.subplots()` gives two stand-ins, and the cell goes on.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import inspect
import opcode
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

UNPACK, UNPACK_WITH_REST = opcode.opmap["UNPACK_SEQUENCE"], opcode.opmap["UNPACK_EX"]
LOOPED_OVER = (range, list, tuple, set, dict, zip, enumerate, map, filter, types.GeneratorType)
OPERATORS = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "matmul"),
    *("and", "or", "xor", "lshift", "rshift"),
)
ALONE = ("neg", "pos", "abs", "invert", "round", "trunc", "floor", "ceil", "aenter")


class NotThereWhileGrading:
    """Takes every call, has every attribute and item, may be unpacked and counted with, and is nothing.

    over: what a progress bar of any package goes through, so that the loop is run all the same.
    """

    __array_ufunc__ = None  # NumPy leaves what it is added to alone
    __version__ = "0.0.0"

    def __init__(self, over: Iterable[Any] | None = None) -> None:
        self.__dict__["over"] = over

    def __call__(self, *values: Any, **by_name: Any) -> NotThereWhileGrading:
        return NotThereWhileGrading(values[0]) if values and isinstance(values[0], LOOPED_OVER) else self

    def __getattr__(self, name: str) -> NotThereWhileGrading:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        return None

    def __delattr__(self, name: str) -> None:
        return None

    def __getitem__(self, key: Any) -> NotThereWhileGrading:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        return None

    def __delitem__(self, key: Any) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        """Give as many stand-ins as there are names on the left side, else what is looped over, else nothing."""
        frame = inspect.currentframe()
        count = _names_on_the_left(frame.f_back) if frame is not None and frame.f_back is not None else None
        if count is not None:
            return iter([self] * count)
        return iter(()) if self.over is None else iter(self.over)

    def __next__(self) -> NotThereWhileGrading:
        return self

    def __len__(self) -> int:
        try:
            return len(self.over)
        except TypeError:
            return 0

    def __bool__(self) -> bool:
        return True

    def __contains__(self, key: Any) -> bool:
        return True

    def __enter__(self) -> NotThereWhileGrading:
        return self

    def __exit__(self, *error: Any) -> None:
        return None

    def __eq__(self, other: Any) -> bool:
        return True

    def __ne__(self, other: Any) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = object.__hash__

    def __array__(self, *values: Any, **by_name: Any) -> Any:
        """Make no array of objects: whoever wants one goes on with a stand-in for it."""
        raise TypeError("no array is there while grading")

    def __instancecheck__(self, value: Any) -> bool:
        return False

    __subclasscheck__ = __instancecheck__

    def __mro_entries__(self, bases: Any) -> tuple[()]:
        return ()

    def __int__(self) -> int:
        return 0

    __index__ = __int__

    def __float__(self) -> float:
        return 0.0

    def __format__(self, form: str) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return "(not there while grading)"


def _itself(stand_in: NotThereWhileGrading, *values: Any) -> NotThereWhileGrading:
    return stand_in


for _name in OPERATORS:
    for _side in ("", "r", "i"):
        setattr(NotThereWhileGrading, f"__{_side}{_name}__", _itself)
for _name in ALONE:
    setattr(NotThereWhileGrading, f"__{_name}__", _itself)


def _names_on_the_left(frame: types.FrameType) -> int | None:
    """Return how many values `a, b = value` asks for, None where a frame does something else just now."""
    code, place = frame.f_code.co_code, frame.f_lasti
    if not 0 <= place < len(code) - 1:
        return None
    if code[place] == UNPACK:
        return code[place + 1]
    if code[place] == UNPACK_WITH_REST:  # the names after a, *b = … are counted in the argument before this one
        return code[place + 1] + (code[place - 1] if place >= 2 and code[place - 2] == opcode.EXTENDED_ARG else 0)
    return None


def is_stand_in(value: Any) -> bool:
    """Return whether something stands for what is not there."""
    return issubclass(type(value), (NotThereWhileGrading, _Module))


# ---- modules --------------------------------------------------------------------------------------------------------


class _Bars(NotThereWhileGrading):
    """tqdm: goes through anything, and takes what is said to a bar."""

    def __call__(self, iterable: Iterable[Any] | None = None, *values: Any, **by_name: Any) -> NotThereWhileGrading:
        return NotThereWhileGrading(by_name.get("iterable", iterable))


def _trange(*ends: Any, **by_name: Any) -> NotThereWhileGrading:
    return NotThereWhileGrading(range(*ends))


def _mapped(function: Any, *iterables: Any, **by_name: Any) -> list[Any]:
    return list(map(function, *iterables))


PROGRESS = {
    "tqdm": _Bars(), "tqdm_notebook": _Bars(), "trange": _trange, "tnrange": _trange, "tmap": map, "tzip": zip,
    "tenumerate": enumerate, "process_map": _mapped, "thread_map": _mapped,
}  # fmt: skip


class _Module(types.ModuleType):
    __version__ = "0.0.0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.__name__.partition(".")[0] == "tqdm":
            return PROGRESS.get(name, self)
        return NotThereWhileGrading()


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the packages `names` and everything below them."""

    def __init__(self, names: list[str]) -> None:
        self.names = tuple(names)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if any(name == known or name.startswith(known + ".") for known in self.names):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        return None


def install(names: list[str]) -> None:
    """Let the packages `names` be found here before anywhere else."""
    sys.meta_path.insert(0, Finder(names))
