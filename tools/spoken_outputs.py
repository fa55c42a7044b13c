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
from cnncourse.checks.result import Result, Text
from cnncourse.language import ENGLISH, fill, say, speaking, templates
from cnncourse.plots import words
from cnncourse.plots.picture import FIGURE
from stored_widgets import VIEW, models_of

ALT = re.compile(r'<img alt="([^"]*)"')
CHECK = '<div class="cnnlib-check" '  # the box of a check
SHORT = 30  # letters of a text in code that may be a name
PARTS = ("title", "controls", "data")  # of the state of an explorer: what holds sentences
PAD, OF_PAD = "drawing_pad", ("form",)  # the drawing pad has a state of its own


def spoken(notebook: NotebookNode, language: str) -> NotebookNode:
    """Put what the outputs of a notebook say into another language, such as "zh_CN", in place. Return the notebook.

    Raises ValueError for an explorer whose stored sentences are not those of today.
    """
    said: dict[str, tuple[str, str]] = {}
    for number, model in models_of(notebook).items():
        state = model["state"]
        if (name := explorer_of(state)) is None:
            continue
        made = {spoken_in: _page(name, spoken_in) for spoken_in in (ENGLISH, language)}
        for part in made[ENGLISH]:
            stored = json.loads(state[part]) if part == "data" else state[part]
            new = replaced(stored, made[ENGLISH][part], made[language][part], f"{name}.{part}")
            state[part] = json.dumps(new, ensure_ascii=False, separators=(",", ":")) if part == "data" else new
        first, then = (_alternative(name, state, spoken_in) for spoken_in in (ENGLISH, language))
        said[number] = first, then
    for output in outputs_of(notebook):
        number = output.get("data", {}).get(VIEW, {}).get("model_id")
        if number in said:
            _say_instead(output, *said[number])
        _tell(output, language)
        if CHECK in output.get("data", {}).get("text/html", ""):
            _check_instead(output, language)
    return notebook


def title(name: str, language: str) -> str:
    """Return the title of an explorer in a language, by its name in the code."""
    widget = _made(name, language)
    return str(widget.form["texts"]["title"] if name == PAD else widget.title)


def outputs_of(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Yield the outputs of a notebook: those of its cells, and those that a widget has drawn."""
    for cell in notebook.cells:
        yield from cell.get("outputs", [])
    for model in models_of(notebook).values():
        yield from model["state"].get("outputs", [])


def alternatives(output: NotebookNode) -> list[str]:
    """Return the alternative texts of the figures of an output."""
    shown = "".join(output.get("data", {}).get("text/html", ""))
    return [html.unescape(text) for text in ALT.findall(shown)]


def tables(output: NotebookNode) -> list[str]:
    """Return the tables of the figures of an output, each a text of lines with tabs between their parts."""
    return list(output.get("metadata", {}).get("tables", []))


def parts(table: str) -> list[list[str]]:
    """Return the lines of a table: its caption, its columns, its rows."""
    return [line.split("\t") for line in table.split("\n")]


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
        raise ValueError(f"{place}: the notebook has {stored!r}, expected {english!r}: execute it again")
    return other


def explorer_of(state: dict[str, Any]) -> str | None:
    """Return the name of the explorer whose state this is; None for another widget."""
    if {*OF_PAD, "_drawing"} <= state.keys():
        return PAD
    name = json.loads(state["data"]).get("name") if {*PARTS, "_settings"} <= state.keys() else None
    return name if name in explorers.__all__ else None


@functools.cache
def _made(name: str, language: str) -> Any:
    with speaking(language):
        return getattr(explorers, name)()


def _page(name: str, language: str) -> dict[str, Any]:
    widget = _made(name, language)
    page = {part: getattr(widget, part) for part in (OF_PAD if name == PAD else PARTS)}
    return page | ({"data": json.loads(page["data"])} if "data" in page else {})


def _alternative(name: str, state: dict[str, Any], language: str) -> str:
    widget = _made(name, language)
    with speaking(language):
        if name == PAD:
            widget.set_trait("_drawing", state["_drawing"])
            return str(widget.text_alternative)
        return str(widget._explorer.text_alternative(dict(state["_settings"])))


def _tell(output: NotebookNode, language: str) -> None:
    """Tell the figures of an output, and the tables of what they draw, in a language."""
    with speaking(language):
        told = {text: words.told(text) for text in alternatives(output)}
        shown = {text: say(FIGURE, alt=other) for text, other in told.items()}
        if drawn := tables(output):
            spoken_parts = ([[words.told(part) for part in line] for line in parts(table)] for table in drawn)
            output.metadata["tables"] = ["\n".join(map("\t".join, lines)) for lines in spoken_parts]
    for english, other in told.items():
        tag, new = (f'<img alt="{html.escape(text)}"' for text in (english, other))
        output.data["text/html"] = output.data["text/html"].replace(tag, new)
        output.data["text/plain"] = output.data["text/plain"].replace(fill(FIGURE, alt=english), shown[english])


def _check_instead(output: NotebookNode, language: str) -> None:
    """Put the box of a check, whose sentence is stored, into a language. ValueError for one that cannot be told."""
    head, *lines = output.data["text/plain"].split("\n")
    words, exercise = head.partition(" ")[2].split(": ")
    text = " ".join(lines)
    english = Result(exercise, words, (Text(text),))
    with speaking(ENGLISH):
        if (english._repr_html_(), repr(english)) != (output.data["text/html"], output.data["text/plain"]):
            raise ValueError(f"{head}: the box holds more than the sentence {text!r}")
    with speaking(language):
        other = Result(exercise, words, (Text(_sentence(text)),))
        output.data |= {"text/html": other._repr_html_(), "text/plain": repr(other)}


def _sentence(text: str) -> str:
    """Return a sentence of a program, filled, in the language that is spoken. ValueError if its template is unknown."""
    fitting = {}
    for template in templates():
        parts = re.split(r"\{(\w+)[^{}]*\}", template)
        fields = [f"(?P<{name}>.+?)" for name in parts[1::2]]
        if len(set(fields)) == len(fields):
            pattern = "".join(re.escape(words) + field for words, field in zip(parts[::2], [*fields, ""]))
            if found := re.fullmatch(pattern, text):
                fitting[template] = found.groupdict()
    if not fitting:
        raise ValueError(f"{text!r} is in no catalogue")
    template = max(fitting, key=lambda one: len(re.sub(r"\{\w+\}", "", one)))
    return say(template, **fitting[template])


def _say_instead(output: NotebookNode, english: str, other: str) -> None:
    """Replace the text alternative of an output."""
    if output.data.get("text/plain") == english:  # a network of the reader's own says something else
        output.data["text/plain"] = other
        output.metadata["image/png"]["alt"] = other
