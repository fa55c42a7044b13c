"""What a kernel knows of the notebook that it runs: what the front end sends along with a cell, and the file."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

VS_CODE_FILE = "__vsc_ipynb_file__"  # the variable in which VS Code leaves the path of the notebook


def shell() -> Any:
    """Return the shell of IPython if this is the kernel of a notebook, else None."""
    ipython = sys.modules.get("IPython")  # where it is not loaded, there is no notebook
    found = ipython.get_ipython() if ipython else None
    return found if hasattr(found, "kernel") else None


def sent_along() -> dict[str, Any]:
    """Return the id and the metadata of the cell that runs, as JupyterLab and Notebook send them; {} without them."""
    parent: Any = getattr(getattr(shell(), "kernel", None), "get_parent", dict)()  # not every kernel has it
    return dict(parent.get("metadata") or {}) if isinstance(parent, dict) else {}


def in_file(key: str) -> Any:
    """Return what the first cell that has `key` in its metadata says there, by the file of the notebook; else None.

    VS Code sends no metadata along, but says where the file is.
    """
    return _in_file(str(getattr(shell(), "user_ns", {}).get(VS_CODE_FILE, "")), key)


@cache
def _in_file(path: str, key: str) -> Any:
    try:
        cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"] if path else []
    except (OSError, ValueError, KeyError):  # it has been moved since, or is being written
        return None
    return next((cell["metadata"][key] for cell in cells if key in cell.get("metadata", {})), None)
