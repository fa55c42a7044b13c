"""Each chapter is read and worked in one sitting, and says how long that takes: see tools/minutes.py."""

from __future__ import annotations

import nbformat
import pytest

import minutes

CHAPTERS = {path.stem: path for path in sorted(minutes.FOLDER.glob("[0-9]*.ipynb"))}
LONGEST = 90
TOUR = 20


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_chapter_fits_into_one_sitting(stem: str) -> None:
    found = minutes.measure(nbformat.read(CHAPTERS[stem], as_version=4))
    assert found.minutes <= (TOUR if stem == "00_tour" else LONGEST)


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_chapter_says_how_long_it_takes(stem: str) -> None:
    found = minutes.measure(nbformat.read(CHAPTERS[stem], as_version=4))
    assert found.says == 5 * round(found.minutes / 5), f"{found.minutes:.1f} by the measure"


@pytest.mark.parametrize("stem", [stem for stem in CHAPTERS if "01" <= stem[:2] <= "14"])
def test_a_chapter_has_an_exercise_that_is_coded(stem: str) -> None:
    assert minutes.measure(nbformat.read(CHAPTERS[stem], as_version=4)).coded


def test_what_counts_and_what_does_not() -> None:
    markdown, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    solution = "<details>\n<summary>Solution</summary>\n\n```python\n{}\n```\n\n</details>"
    cells = [
        markdown("# Title\n\n**It takes** about 45 minutes, with the exercise.", id="title"),
        markdown("one two $x$ three\n\n$$a + b + c$$\n\n**Predict first:** four", id="text"),
        code("x = 1\n\n# a comment\ny = 2", id="code"),
        code("# what came out\nassert x == 1", id="code-test", metadata={"jupyter": {"source_hidden": True}}),
        markdown("Write it.", id="exercise-f"),
        markdown(solution.format("def f(x):\n    return x"), id="exercise-f-solution"),
        markdown(solution.format('mine = {"a": 3}'), id="exercise-n-solution"),
        markdown("more words", id="more", metadata={"tags": ["optional"]}),
        markdown(solution.format("def g(): ..."), id="exercise-g-solution", metadata={"tags": ["optional"]}),
    ]
    found = minutes.measure(nbformat.v4.new_notebook(cells=cells))
    assert found == minutes.Measure(words=10 + 7 + 2, lines=3, predictions=1, coded=1, uncoded=1, says=45)
    assert found.minutes == pytest.approx(19 / 110 + 0.14 * 3 + 1 + 10 + 5)
