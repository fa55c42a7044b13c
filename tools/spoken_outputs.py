"""What the stored outputs of a notebook say, in another language: its explorers and the texts of its figures.

Nothing is executed. What an explorer hands to its page is a function of its name and its settings, and is made in both
languages: where these differ, the stored English is replaced. The numbers stay as they are stored.
"""

from __future__ import annotations

import ast
import functools
import html
import json
import re
from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode

from cnncourse import explorers
from cnncourse.language import ENGLISH, speaking
from cnncourse.plots import words

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
ALT = re.compile(r'<img alt="([^"]*)"')
SHORT = 30  # letters of a text in code that may be a name
PARTS = ("title", "controls", "data")  # of the state of an explorer: what holds sentences


def spoken(notebook: NotebookNode, language: str) -> NotebookNode:
    """Put what the outputs of a notebook say into another language, such as "zh_CN", in place. Return the notebook.

    Raises ValueError for an explorer whose stored sentences are not those of today.
    """
    said: dict[str, tuple[str, str]] = {}
    for number, model in _models(notebook).items():
        state = model["state"]
        if (name := _explorer_of(state)) is None:
            continue
        made = {spoken_in: _page(name, spoken_in) for spoken_in in (ENGLISH, language)}
        for part in PARTS:
            stored = json.loads(state[part]) if part == "data" else state[part]
            new = replaced(stored, made[ENGLISH][part], made[language][part], f"{name}.{part}")
            state[part] = json.dumps(new, ensure_ascii=False, separators=(",", ":")) if part == "data" else new
        first, then = (_alternative(name, state["_settings"], spoken_in) for spoken_in in (ENGLISH, language))
        said[number] = first, then
    for output in outputs_of(notebook):
        number = output.get("data", {}).get(VIEW, {}).get("model_id")
        if number in said:
            _say_instead(output, *said[number])
        _tell(output, language)
    return notebook


def outputs_of(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Yield the outputs of a notebook: those of its cells, and those that a widget has drawn."""
    for cell in notebook.cells:
        yield from cell.get("outputs", [])
    for model in _models(notebook).values():
        yield from model["state"].get("outputs", [])


def alternatives(output: NotebookNode) -> list[str]:
    """Return the alternative texts of the figures of an output."""
    shown = "".join(output.get("data", {}).get("text/html", ""))
    return [html.unescape(text) for text in ALT.findall(shown)]


def sentences_in_code(notebook: NotebookNode) -> Iterator[str]:
    """Yield the texts that the cells of a notebook give as a whole."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            code = "\n".join(line for line in cell.source.splitlines() if not line.startswith(("%", "!")))
            for node in ast.walk(ast.parse(code)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    text = " ".join(node.value.split())
                    if len(text) > SHORT and " " in text:
                        yield text


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


def _models(notebook: NotebookNode) -> dict[str, Any]:
    return dict(notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {}))


def _tell(output: NotebookNode, language: str) -> None:
    """Tell the figures of an output in a language."""
    with speaking(language):
        told = {text: words.told(text) for text in alternatives(output)}
    for english, other in told.items():
        tag, new = (f'<img alt="{html.escape(text)}"' for text in (english, other))
        output.data["text/html"] = output.data["text/html"].replace(tag, new)
        output.data["text/plain"] = output.data["text/plain"].replace(f"[figure: {english}]", f"[figure: {other}]")


def _say_instead(output: NotebookNode, english: str, other: str) -> None:
    """Replace the text alternative of an output."""
    if output.data.get("text/plain") == english:  # a network of the reader's own says something else
        output.data["text/plain"] = other
        output.metadata["image/png"]["alt"] = other
