"""Where the project's own files lie: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

import importlib.resources
from pathlib import Path


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
