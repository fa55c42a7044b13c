"""Where the project's own files lie, in a checkout and in an installed wheel; names of files; how one is written."""

from __future__ import annotations

import importlib.resources
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any, TypeAlias

FileName: TypeAlias = str | os.PathLike[str]


def checkout() -> Path | None:
    """Return the root of the checkout that `cnnlib` is used from, or None for an installed copy.

    >>> checkout() is None or (checkout() / "cnnlib").is_dir()
    True
    """
    root = Path(__file__).resolve().parent.parent
    # Only a checkout has this script: another package's folder called "data" is not taken for ours.
    return root if (root / "data" / "make_digits.py").is_file() else None


def data_folder() -> Path:
    """Return the folder of the digits and the trained weights: `data/` of the checkout, else the wheel's copy.

    >>> (data_folder() / "digits.npz").is_file()
    True
    """
    root = checkout()
    return root / "data" if root else Path(str(importlib.resources.files("cnnlib"))) / "data"


def checked(name: str, value: Any, expected: str) -> Path:
    """Return `value`, the name of a file or folder, as a path; TypeError for anything else.

    >>> checked("path", "weights.npz", "the name of a file").suffix
    '.npz'
    """
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name}: got {value!r} ({type(value).__name__}), expected {expected}")
    return Path(value)


def obstacle(folder: Path) -> str | None:
    """Return why nothing can be written in a folder, or in the nearest one above if it is not there yet; else None.

    >>> obstacle(Path(tempfile.gettempdir()) / "not there yet") is None
    True
    """
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            return None
    except OSError as error:
        return error.strerror or str(error)


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` beside `path` and rename it: at every moment there is the old file or the whole new one."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")  # every process has a name of its own
    try:
        with open(beside, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
