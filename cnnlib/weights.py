"""Files of weights: the arrays of a network by name, in one .npz, with a report of where they come from."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import paths

INFO = "info"  # the entry that tells where the weights come from


def write_weights(path: paths.FileName, arrays: Mapping[str, np.ndarray], info: Any = None) -> None:
    """Write arrays by name, and `info`, into one .npz file; errors as in `Sequential.save`."""
    path = paths.checked("path", path, "the name of a file")
    if info is not None and not isinstance(info, Mapping):
        raise TypeError(f"info: got {type(info).__name__}, expected a dictionary")
    try:
        entries: dict[str, Any] = {INFO: np.array(json.dumps(dict(info or {}))), **arrays}
    except (TypeError, ValueError) as error:
        raise TypeError(f"info: got something that JSON cannot hold ({error}), expected text, numbers, …") from None
    packed = io.BytesIO()
    np.savez(packed, **entries)
    paths.write_whole(path, packed.getvalue())


def read_weights(path: paths.FileName) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays of a weights file by name, and its info; errors as in `Sequential.load`."""
    path = paths.checked("path", path, "the name of a file")
    if not path.is_file():
        raise FileNotFoundError(f"path: got {str(path)!r}, where there is no file; expected a weights file (.npz)")
    try:
        # Opened here, because np.load leaves a file open that turns out to be broken.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        info = json.loads(str(arrays.pop(INFO, "{}")))
        if not all(isinstance(array, np.ndarray) for array in arrays.values()) or not isinstance(info, dict):
            raise ValueError("it holds something else")
    except Exception as error:  # there are a dozen types: of the zip reader, NumPy's, of the unpacker, JSON's, memory
        raise ValueError(
            f"path: got {str(path)!r}, which is damaged or no weights file ({error}); expected an .npz of plain arrays"
        ) from None
    return arrays, info


def copy_weights(parameters: Any, own: Mapping[str, np.ndarray], optional: Mapping[str, np.ndarray]) -> None:
    """Copy arrays into those of `own`, and of `optional` if one of these is given; nothing changes unless all fit."""
    if not isinstance(parameters, Mapping):
        raise TypeError(f"parameters: got {type(parameters).__name__}, expected a dictionary of arrays by name")
    if any(name in parameters for name in optional):
        own = {**own, **optional}
    # PyTorch saves with each running mean how many batches it has seen. Here nothing depends on that.
    counters = {name.replace("running_mean", "num_batches_tracked") for name in own if name.endswith("running_mean")}
    if set(parameters) - counters != set(own):
        raise ValueError(
            f"parameters: got the names {_names(parameters)}, expected {_names(own)}; "
            "they are the weights of another network"
        )
    for name, array in own.items():
        new = parameters[name]
        if not isinstance(new, np.ndarray) or isinstance(new, np.ma.MaskedArray):
            raise TypeError(f"parameters[{name!r}]: got {type(new).__name__}, expected a NumPy array")
        if (new.shape, new.dtype) != (array.shape, array.dtype):
            raise ValueError(
                f"parameters[{name!r}]: got shape {new.shape} of {new.dtype}, expected {array.shape} of {array.dtype}"
            )
    # Copies first: what came may be this network's own arrays under exchanged names.
    copies = {name: parameters[name].copy() for name in own}
    for name, array in own.items():
        array[...] = copies[name]


def _names(parameters: Mapping[str, np.ndarray]) -> str:
    return ", ".join(map(repr, parameters)) or "none"
