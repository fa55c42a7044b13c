"""The training film: what is stored is what the chapter's network does, and the scenes say what is stored."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import numpy as np
import pytest
from data_scripts import script_of

import cnnlib
from cnncourse import explorers
from cnncourse.explorers import _training_film as module
from cnnlib.paths import data_folder

FILE = data_folder() / "training_film.npz"
STORED = dict(np.load(FILE))
FILMS = list(module.FILMS)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return script_of("training_film")


@pytest.fixture(scope="module")
def names(script: ModuleType) -> dict[str, Any]:
    return script.chapter()


def test_the_file_is_small_and_whole(script: ModuleType) -> None:
    assert FILE.stat().st_size <= 60_000
    shapes = {"loss": (4, 21, 2), "right": (4, 21, 2), "kernels": (4, 21, 8, 3, 3), "reach": (4,)}
    shapes |= {"scores": (4, 21, 12, 10), "images": (12, 8, 8), "labels": (12,)}
    assert {name: array.shape for name, array in STORED.items()} == shapes
    assert {name: tuple(film) for name, film in script.FILMS.items()} == {n: f[1:] for n, f in module.FILMS.items()}
    assert np.abs(STORED["kernels"]).max(axis=(1, 2, 3, 4)).tolist() == [127] * 4


def test_the_digits_are_those_of_the_validation_set(script: ModuleType, names: dict[str, Any]) -> None:
    images, labels = names["validation"]
    which = script.shown(labels)
    np.testing.assert_array_equal(STORED["images"] / 16, images[which, 0])
    np.testing.assert_array_equal(STORED["labels"], labels[which])
    assert STORED["labels"][:10].tolist() == list(range(10))


# Processors add in different orders, and steps of η = 1 make much of it: of that film a few steps are compared.
@pytest.mark.parametrize(("film", "epochs"), [("few", 20), ("good", 3), ("slow", 2), ("fast", 1)])
def test_a_training_comes_out_as_stored(script: ModuleType, names: dict[str, Any], film: str, epochs: int) -> None:
    found, k = script.trained(names, script.FILMS[film], epochs), FILMS.index(film)
    kernels = STORED["kernels"][k, : epochs + 1] / 127 * STORED["reach"][k]
    np.testing.assert_allclose(found["loss"], STORED["loss"][k, : epochs + 1], rtol=0, atol=0.02)
    assert np.abs(found["right"] - STORED["right"][k, : epochs + 1]).max() <= 3
    np.testing.assert_allclose(found["kernels"], kernels, rtol=0, atol=0.02)
    np.testing.assert_allclose(found["scores"], STORED["scores"][k, : epochs + 1], rtol=0.02, atol=0.05)


@pytest.mark.parametrize("film", FILMS)
def test_every_scene_says_what_is_stored(film: str) -> None:
    k, said = FILMS.index(film), set()
    for epoch in range(21):
        for digit in (0, 5, 11):
            live = explorers.training_film(film=film, epoch=epoch, digit=digit)
            numbers: Any = live.scene.numbers
            np.testing.assert_allclose(numbers["loss"], STORED["loss"][k, : epoch + 1], atol=1e-6)
            p = cnnlib.softmax(STORED["scores"][k, epoch].astype(float))
            np.testing.assert_allclose(numbers["probabilities"], p)
            np.testing.assert_array_equal(live.output, STORED["scores"][k, epoch].argmax(axis=1))
            assert numbers["truth"] == STORED["labels"][digit]
            moved = [STORED["kernels"][k, n].astype(float) for n in (epoch, 0, max(epoch - 1, 0))]
            long = np.linalg.norm(moved[1])
            far, step = (100 * np.linalg.norm(moved[0] - before) / long for before in moved[1:])
            assert f"moved by {far:.0f} % of the length they had at the start, by {step:.0f} %" in live.scene.lines[1]
        right, val = STORED["right"][k, epoch]
        assert f"{right:,} of {module.FILMS[film][2]:,} training digits are read right, and {val} of 300" in repr(live)
        said.add(live.scene.sentence.partition("validation digits. ")[2].split(" ")[0])
    assert said >= {"good": {"The", "Both", "After"}, "few": {"The", "Both"}}.get(film, {"The", "Both"})


FRESH, GUESS = "The kernels are random", "The loss is near ln 10"
PARTED, LOWEST = "The training digits are learned", "Both losses are lower"


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ([(2.3, 2.3)], FRESH),
        ([(3, 3), (2.35, 2.6)], GUESS),
        ([(3, 3), (2.26, 2.9)], GUESS),
        ([(2.4, 2.4), (2.3525, 2.39)], GUESS),  # 0.05 off is near
        ([(2.4, 2.4), (2.3527, 2.39)], LOWEST),
        ([(2, 2), (2.2, 2.2)], ""),
        ([(2.4, 0.1), (0, 0.31)], PARTED),
        ([(2.4, 0.25), (0, 0.3)], ""),  # by more than 0.3
        ([(2.4, 0.4), (0.19, 0.5)], PARTED),
        ([(2.4, 0.4), (0.2, 0.55)], ""),  # learned: below 0.2
        ([(0.1, 1), (1, 1.5)], ""),  # one and a half times as much is not yet more
        ([(2.4, 2), (0.5, 1.056), (0.4, 1.6)], "After epoch 1 the validation loss was 1.06: "),
        ([(2.4, 2), (0.5, 1), (0.5, 0.9)], ""),  # as low as before is not lower
        ([(2.4, 2), (0.5, 1), (0.4, 1)], ""),
        ([(2.4, 2), (0.5, 1), (0.4, 0.9)], LOWEST),
    ],
)
def test_what_is_said_of_the_losses(losses: list[tuple[float, float]], said: str) -> None:
    assert module._seen(np.array(losses, float)).startswith(said)
    assert said or module._seen(np.array(losses, float)) == ""


def test_the_setting_as_code_trains_as_the_film_did(capsys: pytest.CaptureFixture[str]) -> None:
    for epoch in (0, 20):
        exec(module.code({"film": "few", "epoch": epoch, "digit": 0}, "cnnlib"), {})
        assert abs(int(capsys.readouterr().out) - STORED["right"][3, epoch, 1]) <= 3


@pytest.mark.parametrize("stem", ["00_tour", "09_training"])
def test_the_tour_and_its_chapter_show_it(stem: str) -> None:
    notebook = nbformat.read(Path(__file__).resolve().parent.parent / "notebooks" / f"{stem}.ipynb", as_version=4)
    [cell] = [one for one in notebook.cells if one.cell_type == "code" and "explorers.training_film(" in one.source]
    assert any("[explorer: training as a film" in one.get("data", {}).get("text/plain", "") for one in cell.outputs)
