"""What the grader says, in the reader's language: a catalogue of its own beside that of the course.

A student's page speaks the language that the notebook was handed out in, unless the command names another one; a name
of a mistake stays English where programs know it by it, and is looked up where it is shown.
"""

from __future__ import annotations

from pathlib import Path

from cnncourse.language import (
    ENGLISH,
    add_catalogue,
    everywhere,
    languages,
    listed,
    mark,
    say,
    say_count,
    speaking,
    translated,
)

__all__ = ["ENGLISH", "everywhere", "languages", "listed", "mark", "say", "say_count", "speaking", "translated"]

DOMAIN = "cnngrader"
CATALOGUES = Path(__file__).resolve().parent / "locale"

add_catalogue(DOMAIN, CATALOGUES)
