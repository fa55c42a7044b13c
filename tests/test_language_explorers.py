"""Explorers in the reader's language: all that they say is in it, with the numbers of the English in their order."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import nbformat
import numpy as np
import pytest
from said import left_in_english
from tried_settings import one_at_a_time, sampled

import catalogues
import spoken_outputs
import stored_widgets
import translations
from cnncourse import explorers
from cnncourse.explorers.scene import Explorer
from cnncourse.language import ENGLISH, speaking

EXPLORERS: dict[str, Explorer] = {
    name: made._explorer for name in explorers.__all__ if hasattr(made := getattr(explorers, name)(), "_explorer")
}
every_explorer = pytest.mark.parametrize("explorer", EXPLORERS.values(), ids=list(EXPLORERS))
LANGUAGES = catalogues.languages()
SILENT = ("kinds", "role", "stage", "mark", "look", "anchor", "place", "by", "pool")  # of a scene: names for programs


def tried(explorer: Explorer) -> list[dict[str, Any]]:
    """Return settings with each value of each setting in turn, and some at random; few where there are many."""
    alone = one_at_a_time(explorer)
    return alone[:: max(1, len(alone) // 25)] + sampled(explorer, 15)


def said(value: Any, name: str = "") -> Iterator[str]:
    """Yield the texts of a scene, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            if key not in SILENT:
                yield from said(one, key)
    elif isinstance(value, (list, tuple)) and not (value and isinstance(value[0], (int, float))):
        for one in value:
            yield from said(one, name)


def told(explorer: Explorer, settings: dict[str, Any]) -> list[str]:
    """Return all that the explorer says of these settings: what stands on its card, and its text alternative."""
    return [*said(explorer.scene_of(settings).to_json()), explorer.text_alternative(settings)]


@every_explorer
@pytest.mark.parametrize("name", LANGUAGES)
def test_all_that_is_said_is_in_the_language_and_has_the_numbers_of_the_english(explorer: Explorer, name: str) -> None:
    for settings in tried(explorer):
        english = told(explorer, settings)
        with speaking(name):
            other = told(explorer, settings)
        assert len(english) == len(other), settings
        for one, two in zip(english, other):
            assert catalogues.sequence(one) == catalogues.sequence(two), (settings, one, two)
            assert not list(left_in_english(two)), (settings, two)
            assert "  " not in two, (settings, two)


@every_explorer
@pytest.mark.parametrize("name", LANGUAGES)
def test_the_page_gets_every_sentence_in_the_language(explorer: Explorer, name: str) -> None:
    english = explorer.page()
    with speaking(name):
        other = explorer.page()
    assert other.pop("lang") == name.replace("_", "-")
    assert english.keys() == other.keys()
    known = {key if isinstance(key, str) else key[0] for key in catalogues.entries(name)}
    for part in ("texts", "words", "legend"):
        for one, two in zip(said(english.get(part)), said(other.get(part)), strict=True):
            assert one == two or one in known, one
    for (_, one), (_, two) in zip(english.get("presets", ()), other.get("presets", ()), strict=True):
        assert one == two  # what a preset sets is no word


@every_explorer
@pytest.mark.parametrize("name", LANGUAGES)
def test_settings_keep_their_names_and_get_other_labels(explorer: Explorer, name: str) -> None:
    maker = getattr(explorers, explorer.name)
    english = maker()
    with speaking(name):
        other = maker()
    assert other.settings == english.settings and other.title != english.title
    for one, two in zip(english.controls, other.controls, strict=True):
        assert one["name"] == two["name"] and one.keys() == two.keys()
        assert [value for value, _ in one.get("options", [])] == [value for value, _ in two.get("options", [])]
        assert not list(left_in_english(two["label"])), two


@pytest.mark.parametrize("name", ["padding_and_stride", "learning_rate", "layers_of_lenet"])
def test_the_still_picture_is_the_same_in_every_language(name: str) -> None:
    # Its words are drawn with a font that has no Chinese; those who do not see it get the text alternative.
    english = getattr(explorers, name)()._picture()
    with speaking("zh_CN"):
        data, metadata = getattr(explorers, name)()._repr_mimebundle_()
    assert data["image/png"] == english and base64.b64decode(english)
    assert metadata["image/png"]["alt"] == data["text/plain"] and data["text/plain"].startswith("[探索图：")


def test_a_language_that_is_spoken_for_a_while_is_left_again() -> None:
    before = explorers.padding_and_stride().title
    with speaking("zh_CN"):
        assert explorers.padding_and_stride().title != before
        with speaking(ENGLISH):
            assert explorers.padding_and_stride().title == before
    assert explorers.padding_and_stride().title == before


def figures_with_tables(notebook: nbformat.NotebookNode) -> list[list[str]]:
    """Return the parts of the tables of each output that has some."""
    drawn = [spoken_outputs.tables(output) for output in spoken_outputs.outputs_of(notebook)]
    return [[part for table in one for line in spoken_outputs.parts(table) for part in line] for one in drawn if one]


# ---- stored outputs -------------------------------------------------------------------------------------------------


def test_what_differs_between_languages_is_taken_over_and_the_rest_stays() -> None:
    english = {"a": "one", "n": [1.0, 2.0], "words": ["x", "same"], "index": [0, 1]}
    other = {"a": "一", "n": [1.0, 2.0], "words": ["叉", "same"], "index": [0, 0], "lang": "zh-CN"}
    stored = english | {"n": [1.0, np.nextafter(2.0, 3)]}  # of another machine
    found = spoken_outputs.replaced(stored, english, other, "here")
    assert found == other | {"n": stored["n"]}
    with pytest.raises(ValueError, match=r"here\.a: the notebook has 'two', expected 'one': execute it again"):
        spoken_outputs.replaced(stored | {"a": "two"}, english, other, "here")


@pytest.mark.parametrize("chapter", translations.chapters())
@pytest.mark.parametrize("name", LANGUAGES)
def test_the_outputs_of_every_chapter_speak(chapter: str, name: str) -> None:
    notebook = translations.read(chapter)
    before = nbformat.writes(notebook)
    names = {key for key, message in catalogues.entries(name).items() if message.string == key} | {"net"}
    after = spoken_outputs.spoken(notebook, name)
    models = stored_widgets.models_of(after)
    for model in models.values():
        if "controls" in model.state:
            assert json.loads(model.state["data"])["lang"] == name.replace("_", "-")
            for text in said([model.state["title"], json.loads(model.state["data"])["words"]]):
                assert not list(left_in_english(text)), text
        if "form" in model.state:  # the drawing pad
            assert model.state["form"]["lang"] == name.replace("_", "-")
            for text in said(model.state["form"]["texts"]):
                assert not list(left_in_english(text)), text
    for output in spoken_outputs.outputs_of(after):
        if spoken_outputs.VIEW in output.get("data", {}) and "image/png" in output.data:
            assert not list(left_in_english(output.metadata["image/png"]["alt"])), output.metadata["image/png"]["alt"]
        data = output.get("data", {})
        assert not data.get("text/plain", "").startswith("[figure: ")
        if "cnnlib-check" in data.get("text/html", ""):
            assert 'lang="zh-CN"' in data["text/html"] and "尚未" in data["text/plain"].split("\n")[0]
            assert not list(left_in_english(data["text/plain"])), data["text/plain"]
    for one, two in zip(figures_with_tables(translations.read(chapter)), figures_with_tables(after), strict=True):
        for cell, other in zip(one, two, strict=True):
            assert re.findall(r"\d+", cell) == re.findall(r"\d+", other)
            assert not re.search("[A-Za-z]{2}", cell) or cell != other or cell in names, cell
    pictures = [nb.count('"image/png": "') for nb in (before, nbformat.writes(after))]
    assert pictures[0] == pictures[1]
