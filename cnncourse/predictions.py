"""Predict, then see, in a notebook: an output stays folded until the reader has said what it will be.

A cell of code whose output answers a question carries what is asked in its metadata, under `predicted`: `question`, the
id of the cell that asks, `kind`, and `choices` where there are some. JupyterLab and Notebook send the metadata along
when a reader runs the cell, and a small form comes out above the output. Whatever runs cells without them, such as
nbclient and nbval, is not asked; where the form cannot fold anything, it does not appear. Nothing is stored or sent.
"""

from __future__ import annotations

import json
import time
from functools import cache
from pathlib import Path
from typing import Any

from . import front_end
from .language import html_lang, mark, translated

METADATA = "predicted"
FIELDS = {"number": mark("Your number"), "shape": mark("Your shape"), "choice": mark("Your prediction")}


# JupyterLab shows the first line of an output that is folded; of one that was stored, it would be the answer.
NO_FIRST_LINE = "<style>.jp-OutputPlaceholder .jp-PlaceholderText { display: none; }</style>"


def ask_when_run() -> None:
    """Ask from now on, if this is the kernel of a notebook, whenever a cell is run whose output answers a question."""
    shell = front_end.shell()
    if shell is None or _ask in shell.events.callbacks["pre_run_cell"]:
        return
    shell.events.register("pre_run_cell", _ask)
    if "cellId" in front_end.sent_along():
        _show(NO_FIRST_LINE)


def form(asked: dict[str, Any], now: float) -> str:
    """Return the HTML that asks for a prediction above the output of the cell in which it comes out.

    asked: what the metadata of the cell say; now: seconds since 1970. A page that was opened later does not ask, as the
    output was there before it.
    """
    data = {
        "question": asked["question"],
        "choices": asked.get("choices", []),
        "first": translated(mark("Predict first")),
        "field": translated(FIELDS[asked["kind"]]),
        "show": translated(mark("Show what comes out")),
        "all": translated(mark("Show all answers")),
        "said": translated(mark("You said: {words}")),
        "at": round(1000 * now),
    }
    given = json.dumps(data, ensure_ascii=False).replace("<", r"\u003c")
    script, style = (_beside(f"predictions.{ending}") for ending in ("js", "css"))
    call = f"({script})(document.currentScript.parentElement, {given});"
    return f"<div{html_lang()}><style>\n{style}</style><script>\n{call}\n</script></div>"


def _ask(info: Any) -> None:
    """Show the form if the cell that begins to run has been asked about."""
    if asked := front_end.sent_along().get(METADATA):
        _show(form(asked, time.time()))


def _show(text: str) -> None:
    from IPython.display import HTML, display

    display(HTML(text))


@cache
def _beside(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8").strip()
