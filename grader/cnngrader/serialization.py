"""How inputs go into the sandbox and results come out: JSON with plain arrays beside it, nothing that runs when read.

This file is used on both sides, so it needs nothing but the standard library and NumPy. What comes out of the sandbox
was written by a process that somebody else's code ran in: `unpack` and `plain` believe nothing of it. An array is its
dtype (one of DTYPES), its shape, and the bytes of its elements: no pickle, no header to interpret.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

MAGIC = b"cnn1"
HEAD = struct.Struct(">4sII")  # magic, bytes of JSON, bytes of arrays
DTYPES = {f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)} | {"b1", "f2", "f4", "f8"}
DEEP = 8  # levels of an answer within an answer
MANY = 2000  # parts of an answer
LONG = 2000  # characters of a text
JSON_LIMIT = 1 << 20  # bytes of the JSON of one message
AXES = 32
TEXTS = {  # what a message, or the answer in it, may be instead
    "other form": "a message of another form",
    "other form, why": "a message of another form ({error})",
    "breaks off": "a message that breaks off",
    "no message": "bytes that are no message",
    "too long": "a message with bytes too many",
    "no answer": "an answer that is none ({error})",
    "many parts": "an answer of too many parts",
    "unknown": "an answer of an unknown kind",
    "no array": "an array that is not there",
    "other array": "an array of another form",
    "large array": "an array larger than its message",
    "huge int": "huge int",
    "dtype": "{kind} of dtype {dtype}",
    "network": "network with a layer {kind}",
}


class Unreadable(ValueError):
    """What came out of the sandbox is not a message."""


class Foreign:
    """Something that an answer held and that has no plain form: only its kind is known."""


# ---- to plain form and back -----------------------------------------------------------------------------------------


def as_tree(value: Any, arrays: list[np.ndarray], depth: int = DEEP) -> Any:
    """Return `value` as JSON can hold it; its arrays are put into `arrays` and referred to by their place."""
    kind = type(value)
    if value is None or kind is bool:
        return value
    if value is ...:
        return {"open": True}
    if isinstance(value, int):
        return {"int": hex(value)} if value.bit_length() <= 512 else _foreign(TEXTS["huge int"])
    if kind is float:
        return {"float": value.hex()}
    if kind is str:
        return value[:LONG]
    if kind is np.ndarray or isinstance(value, (np.number, np.bool_)):
        array = np.asarray(value)
        if array.dtype == np.longdouble:  # where it has more digits than fit into a message
            array = array.astype(float)
        if array.dtype.newbyteorder("=").str[1:] not in DTYPES:
            return _foreign(TEXTS["dtype"].format(kind=kind.__name__, dtype=array.dtype))
        arrays.append(np.ascontiguousarray(array).reshape(array.shape))
        return {"array" if kind is np.ndarray else "scalar": len(arrays) - 1}
    if depth and (kind is list or isinstance(value, tuple)):  # also a named one
        return {"list" if kind is list else "tuple": [as_tree(part, arrays, depth - 1) for part in value]}
    if depth and isinstance(value, dict):
        return {"dict": [[as_tree(part, arrays, depth - 1) for part in pair] for pair in value.items()]}
    return _foreign(kind.__name__)


def _foreign(name: str) -> dict[str, str]:
    return {"foreign": "".join(c if c.isalnum() or c in " _" else "_" for c in str(name)[:60])}


def plain(tree: Any, arrays: list[np.ndarray]) -> Any:
    """Return the value that `as_tree` was given; raises Unreadable for anything that it cannot have made."""
    room = [MANY]
    try:
        return _plain(tree, arrays, room, DEEP + 1)
    except Unreadable:
        raise
    except (TypeError, ValueError, IndexError, KeyError, OverflowError, AttributeError) as error:
        raise Unreadable(TEXTS["no answer"].format(error=type(error).__name__)) from None


def _plain(tree: Any, arrays: list[np.ndarray], room: list[int], depth: int) -> Any:
    room[0] -= 1
    if room[0] < 0 or depth < 0:
        raise Unreadable(TEXTS["many parts"])
    if tree is None or isinstance(tree, bool):
        return tree
    if isinstance(tree, str):
        return tree[:LONG]
    ((kind, content),) = tree.items()
    if kind == "open":
        return ...
    if kind == "int":
        return int(content[:200], 16)
    if kind == "float":
        return float.fromhex(content[:60])
    if kind in ("array", "scalar"):
        if type(content) is not int or content < 0:
            raise Unreadable(TEXTS["no array"])
        array = arrays[content]
        return array if kind == "array" else array[()]
    if kind in ("tuple", "list"):
        parts = [_plain(part, arrays, room, depth - 1) for part in content]
        return tuple(parts) if kind == "tuple" else parts
    if kind == "dict":
        pairs = [[_plain(part, arrays, room, depth - 1) for part in pair] for pair in content]
        return {key: value for key, value in pairs if isinstance(key, (str, int, float, tuple, bool))}
    if kind == "foreign":
        name = "".join(c if c.isalnum() or c in " _" else "_" for c in str(content)[:60]).strip() or "thing"
        return type(name, (Foreign,), {})()
    raise Unreadable(TEXTS["unknown"])


# ---- messages -------------------------------------------------------------------------------------------------------


def pack(content: dict[str, Any], arrays: list[np.ndarray]) -> bytes:
    """Return one message: `content` as JSON, then the bytes of the arrays."""
    arrays = [array.astype(array.dtype.newbyteorder("<"), copy=False) for array in arrays]
    shapes = [[array.dtype.str[1:], list(array.shape)] for array in arrays]
    text = json.dumps({**content, "arrays": shapes}, separators=(",", ":")).encode()
    body = b"".join(array.tobytes() for array in arrays)
    return HEAD.pack(MAGIC, len(text), len(body)) + text + body


def unpack(data: bytes | memoryview, longest: int = JSON_LIMIT) -> tuple[dict[str, Any], list[np.ndarray], int]:
    """Return (content, arrays, bytes used) of the message that `data` begins with; raises Unreadable.

    longest: bytes of JSON that are read. What goes into the sandbox holds a notebook and may be longer.
    No array is made before its dtype is a known one and its size is that of the bytes that are there.
    """
    if len(data) < HEAD.size:
        raise Unreadable(TEXTS["breaks off"])
    magic, of_text, of_arrays = HEAD.unpack(data[: HEAD.size])
    end = HEAD.size + of_text + of_arrays
    if magic != MAGIC or of_text > longest or end > len(data):
        raise Unreadable(TEXTS["no message" if magic != MAGIC else "breaks off"])
    try:
        content = json.loads(bytes(data[HEAD.size : HEAD.size + of_text]))
        shapes = content.pop("arrays")
        arrays, start = [], HEAD.size + of_text
        for name, shape in shapes:
            array, start = _array(data, name, shape, start, end)
            arrays.append(array)
    except Unreadable:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise Unreadable(TEXTS["other form, why"].format(error=type(error).__name__)) from None
    if start != end:
        raise Unreadable(TEXTS["too long"])
    return content, arrays, end


def _array(data: Any, name: str, shape: list[int], start: int, end: int) -> tuple[np.ndarray, int]:
    if name not in DTYPES or len(shape) > AXES or any(type(n) is not int or not 0 <= n < 1 << 40 for n in shape):
        raise Unreadable(TEXTS["other array"])
    dtype = np.dtype(f"<{name}")
    size = math.prod(shape) * dtype.itemsize
    if size > end - start:
        raise Unreadable(TEXTS["large array"])
    array = np.frombuffer(bytes(data[start : start + size]), dtype).reshape(shape)
    if name == "b1":  # any other byte in a bool would be a number that NumPy does not expect
        array = np.frombuffer(array.tobytes(), np.uint8).reshape(shape) != 0
    return array.copy(), start + size


def network_tree(network: Any, arrays: list[np.ndarray], known: Mapping[str, Sequence[str]]) -> Any:
    """Return a network as its layers in order, each with settings and arrays; its numbers are put into `arrays`.

    known: the settings that make a layer again, by its kind. What is inside a layer that has `layers` follows it.
    """
    layers = getattr(network, "layers", None)
    if not isinstance(layers, list) or type(network).__name__ == "Residual":
        return as_tree(network, arrays)
    made: list[tuple[str, dict[str, Any], dict[str, np.ndarray]]] = []
    left = layers[::-1]
    while left and len(made) < MANY:
        layer = left.pop()
        kind = type(layer).__name__
        if kind not in known:
            return _foreign(TEXTS["network"].format(kind=kind))
        settings, own = {name: getattr(layer, name) for name in known[kind]}, {}
        if "layers" in settings:
            left += layer.layers[::-1]
            settings = {"layers": len(layer.layers)}
        else:
            own = {name: np.asarray(array) for name, array in {**layer.parameters(), **layer.buffers()}.items()}
        made.append((kind, settings, own))
    return as_tree(made, arrays)
