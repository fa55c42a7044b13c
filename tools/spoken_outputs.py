"""What the stored outputs of a notebook say, in another language: its explorers and the texts of its figures.

Nothing is executed. What an explorer hands to its page is a function of its name and its settings, and is made in both
languages: where these differ, the stored English is replaced. The numbers stay as they are stored.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode

from cnncourse import explorers
from cnncourse.language import ENGLISH, speaking

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
PARTS = ("title", "controls", "data")  # of the state of an explorer: what holds sentences


def spoken(notebook: NotebookNode, language: str) -> NotebookNode:
    """Put what the outputs of a notebook say into another language, such as "zh_CN", in place. Return the notebook.

    Raises ValueError for an explorer whose stored sentences are not those of today.
    """
    models = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    words: dict[str, tuple[str, str]] = {}
    for number, model in models.items():
        state = model["state"]
        if (name := _explorer_of(state)) is None:
            continue
        made = {spoken_in: _page(name, spoken_in) for spoken_in in (ENGLISH, language)}
        for part in PARTS:
            stored = json.loads(state[part]) if part == "data" else state[part]
            said = replaced(stored, made[ENGLISH][part], made[language][part], f"{name}.{part}")
            state[part] = json.dumps(said, ensure_ascii=False, separators=(",", ":")) if part == "data" else said
        first, then = (_alternative(name, state["_settings"], spoken_in) for spoken_in in (ENGLISH, language))
        words[number] = first, then
    for output in _outputs(notebook):
        number = output.get("data", {}).get(VIEW, {}).get("model_id")
        if number in words:
            _say_instead(output, *words[number])
    return notebook


def replaced(stored: Any, english: Any, other: Any, place: str) -> Any:
    """Return what is stored with all that differs between two languages taken from the other one.

    place: what it is, for the ValueError that comes where the stored text is not the English one.
    """
    if english == other:
        return stored
    if isinstance(stored, dict) and isinstance(other, dict):
        here = {key: replaced(one, english[key], other[key], f"{place}.{key}") for key, one in stored.items()}
        return here | {key: one for key, one in other.items() if key not in english}
    if isinstance(stored, list) and len(stored) == len(english) == len(other):
        return [replaced(*three, place) for three in zip(stored, english, other)]
    if isinstance(stored, str) and stored != english:
        raise ValueError(f"{place}: the notebook has {stored!r}, expected {english!r}: execute it anew")
    return other


def _explorer_of(state: dict[str, Any]) -> str | None:
    """Return the name of the explorer whose state this is; None for another widget."""
    name = json.loads(state["data"]).get("name") if {*PARTS, "_settings"} <= state.keys() else None
    return name if name in explorers.__all__ else None


@functools.cache
def _made(name: str, language: str) -> Any:
    with speaking(language):
        return getattr(explorers, name)()


def _page(name: str, language: str) -> dict[str, Any]:
    widget = _made(name, language)
    return {"title": widget.title, "controls": widget.controls, "data": json.loads(widget.data)}


def _alternative(name: str, settings: dict[str, Any], language: str) -> str:
    with speaking(language):
        return str(_made(name, language)._explorer.text_alternative(dict(settings)))


def _outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    for cell in notebook.cells:
        yield from cell.get("outputs", [])


def _say_instead(output: NotebookNode, english: str, other: str) -> None:
    """Replace the text alternative of an output."""
    if output.data.get("text/plain") == english:  # a network of the reader's own says something else
        output.data["text/plain"] = other
        output.metadata["image/png"]["alt"] = other
