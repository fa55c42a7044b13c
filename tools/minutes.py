"""How long a chapter takes, by the measure that fitted how long readers needed, beside what the chapter says itself.

    python tools/minutes.py

Words of text at 110 a minute, 0.14 minutes for a line of code, one minute for a prediction, ten for an exercise with
code and five for one without. Folded solutions and tests, displayed formulas and blank lines do not count, nor do cells
with the tag `optional`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"

FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
DISPLAYED = re.compile(r"\$\$.*?\$\$", re.DOTALL)
PREDICTION = re.compile(r"\*\*Predict( first)?[:.]\*\*")
SAYS = re.compile(r"\*\*It takes\*\* about (\d+) minutes")
EXERCISE = re.compile(r"exercise-[a-z0-9-]+-solution")
CODED = re.compile(r"^ *(def|class) |\bfit\(", re.MULTILINE)  # in the solution: what is written, or trained


class Measure(NamedTuple):
    """What there is to read and to do in a chapter; `says` is its own number of minutes, 0 if it gives none."""

    words: int
    lines: int
    predictions: int
    coded: int
    uncoded: int
    says: int

    @property
    def minutes(self) -> float:
        return self.words / 110 + 0.14 * self.lines + self.predictions + 10 * self.coded + 5 * self.uncoded


def measure(notebook: NotebookNode) -> Measure:
    """Return what a chapter holds."""
    words = lines = predictions = coded = uncoded = says = 0
    for cell in notebook.cells:
        if "optional" in cell.metadata.get("tags", []):
            continue
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            continue
        if cell.cell_type == "code":
            lines += sum(bool(line.strip()) for line in cell.source.splitlines())
            continue
        text = DISPLAYED.sub(" ", FOLDED.sub(" ", cell.source))
        words += len(text.split())
        predictions += len(PREDICTION.findall(text))
        if EXERCISE.fullmatch(cell.id):
            with_code = bool(CODED.search(cell.source))
            coded, uncoded = coded + with_code, uncoded + (not with_code)
        if found := SAYS.search(text):
            says = int(found[1])
    return Measure(words, lines, predictions, coded, uncoded, says)


def main() -> None:
    print(f"{'chapter':36} words  code  predictions  exercises  minutes  says")
    for path in sorted(FOLDER.glob("[0-9]*.ipynb")):
        found = measure(nbformat.read(path, as_version=4))
        exercises = f"{found.coded} + {found.uncoded}"
        row = f"{path.stem:36} {found.words:5} {found.lines:5} {found.predictions:12} {exercises:>10}"
        print(f"{row} {found.minutes:8.0f} {found.says or '–':>5}")


if __name__ == "__main__":
    main()
