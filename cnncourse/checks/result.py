"""What a check says, as plain text and as a coloured box.

The text of "not yet" and of "right" is the same at every run, so a notebook can store it.
"""

from __future__ import annotations

import html
import re
import textwrap
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from ..language import html_lang, mark, say, translated

WIDTH = 100  # columns of the plain text
SYMBOLS = {"right": "✓", "not yet": "…", "wrong": "✗"}
STATUSES = (mark("right"), mark("not yet"), mark("wrong"))
# The colour of a box's edge, and thinned to TINT of its ground. The text keeps the colour of the page, so that a box
# can be read in a light and in a dark theme without knowing which one it is in. A test computes the contrasts.
COLOURS = {"right": (27, 138, 107), "not yet": (74, 116, 201), "wrong": (196, 81, 27)}
TINT = 0.12
CODE = re.compile(r"`([^`]+)`")
# What no line is broken in: a Chinese character, or a word, with the marks around it and the spaces after it.
OPENS, CLOSES = "（“《", "，。；：？！、）”》"
WIDE_PIECE = re.compile(
    rf"[{OPENS}]*(?:[\u4e00-\u9fff]|[^\s\u4e00-\u9fff{OPENS}{CLOSES}]+|[{CLOSES}])[{CLOSES}]*\s*|.", re.DOTALL
)


@dataclass(frozen=True)
class Text:
    """A paragraph. What stands between backticks is code; `strong` is a part of it to look at first."""

    text: str
    strong: str = ""


@dataclass(frozen=True)
class Code:
    """Lines that keep their form, such as arrays."""

    text: str


@dataclass(frozen=True, repr=False)
class Result:
    """What a check found: shown by a notebook as a box, elsewhere as text.

    status: "right", "not yet" or "wrong". mistake: the name of the mistake, or "". seed: what the random cases were
    made from, None where there were none. inputs: the arguments of the smallest case with a wrong answer, by name;
    got and expected: the two answers to it.
    """

    exercise: str
    status: str
    parts: tuple[Text | Code, ...]
    mistake: str = ""
    seed: int | None = None
    inputs: dict[str, Any] = field(default_factory=dict)
    got: Any = None
    expected: Any = None

    @property
    def right(self) -> bool:
        return self.status == "right"

    @property
    def headline(self) -> str:
        status = f"{SYMBOLS[self.status]} {translated(self.status)}"
        return say("{status}: {exercise}", status=status, exercise=self.exercise)

    def __repr__(self) -> str:
        return "\n".join([self.headline, *(_as_text(part) for part in self.parts)])

    def _repr_html_(self) -> str:
        red, green, blue = COLOURS[self.status]
        colour = f"{red}, {green}, {blue}"
        # No colour of text is set: it is the page's own, in a light theme and in a dark one.
        box = (
            f"border: 1px solid rgb({colour}); border-left: 8px solid rgb({colour}); border-radius: 4px; "
            f"background-color: rgba({colour}, {TINT}); padding: 0.5em 1em; margin: 0.3em 0; max-width: 60em;"
        )
        symbol, words = html.escape(SYMBOLS[self.status]), html.escape(translated(self.status))
        strong = f'<strong><span aria-hidden="true">{symbol}</span> {words}</strong>'
        head = say("{status}: {exercise}", status=strong, exercise=html.escape(self.exercise))
        return "\n".join(
            [
                f'<div class="cnnlib-check"{html_lang()} style="{box}">',
                f'<p style="margin: 0.2em 0;">{head}</p>',
                *(_as_html(part) for part in self.parts),
                "</div>",
            ]
        )


def _as_text(part: Text | Code) -> str:
    if isinstance(part, Code):
        return textwrap.indent(part.text, "    ")
    if any(map(columns_of, part.text)):
        return _fill_wide(part.text)
    return textwrap.fill(part.text, WIDTH, break_long_words=False, break_on_hyphens=False)


def columns_of(character: str) -> int:
    """Return how many columns more than one a character takes in a terminal: a Chinese one takes two."""
    return int(unicodedata.east_asian_width(character) in "WF")


def _fill_wide(text: str) -> str:
    """Return `text` in lines, broken at spaces and between Chinese characters, but not before a mark that closes."""
    lines, room = [""], WIDTH
    for piece in WIDE_PIECE.findall(text):
        needed = len(piece.rstrip()) + sum(map(columns_of, piece.rstrip()))
        if needed > room and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
            room = WIDTH
        lines[-1] += piece
        room -= len(piece) + sum(map(columns_of, piece))
    return "\n".join(lines).rstrip()


def _as_html(part: Text | Code) -> str:
    if isinstance(part, Code):
        # The backgrounds that themes give to <pre> would hide the box's own.
        style = (
            "margin: 0.3em 0 0.3em 1em; padding: 0; background: transparent; color: inherit; "
            "font-family: monospace; font-size: 0.95em; line-height: 1.35; overflow-x: auto;"
        )
        return f'<pre style="{style}">{html.escape(part.text)}</pre>'
    text = CODE.sub(
        r'<code style="background: transparent; color: inherit; padding: 0;">\1</code>', html.escape(part.text)
    )
    if part.strong:
        text = text.replace(html.escape(part.strong), f"<strong>{html.escape(part.strong)}</strong>", 1)
    return f'<p style="margin: 0.3em 0;">{text}</p>'
