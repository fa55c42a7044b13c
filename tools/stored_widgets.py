"""Where a stored notebook keeps the widgets that its cells show."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

VIEW = "application/vnd.jupyter.widget-view+json"  # in an output: the number of the model that it shows
STATE = "application/vnd.jupyter.widget-state+json"  # in the metadata of the notebook: all models


def models_of(notebook: NotebookNode) -> dict[str, Any]:
    """Return the models of all widgets of a notebook by their numbers; each has a `state`, some have `buffers`."""
    return dict(notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {}))
