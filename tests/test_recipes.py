"""The recipes, the commands that train and evaluate, and the weights that are shipped."""

from __future__ import annotations

import json
import re
import shlex
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnlib import __main__ as commands
from cnnlib import augmentation, datasets, paths, read_digit, recipes, softmax

SHIPPED = {"lenet5": "lenet5_mnist.npz", "lenet5-1998": "lenet5_1998_mnist.npz"}
needs_mnist = pytest.mark.skipif(not datasets.mnist_is_available(), reason="MNIST is not here (CNNLIB_DATA)")


def test_a_recipe_trains_and_reports() -> None:
    calls = []
    trained = recipes.train("lenet5", "digits", epochs=4, seed=2, validation=100, progress=False,
                            callback=lambda epoch, history: calls.append(epoch))  # fmt: skip
    info = trained.info
    assert calls == [1, 2, 3, 4]
    assert [len(info["history"][name]) for name in ("loss", "accuracy", "val_loss", "val_accuracy")] == [4] * 4
    assert info["history"]["loss"][-1] < info["history"]["loss"][0]
    _, (x, labels) = datasets.load_digits()
    wrong = sum(int(trained.network.scores(x[i : i + 1]).argmax() != labels[i]) for i in range(len(x)))
    assert (info["test_wrong"], info["test_images"]) == (wrong, 360)
    assert info["test_error_percent"] == pytest.approx(100 * wrong / 360, abs=0.001)
    assert json.loads(json.dumps(info)) == info


def test_the_same_seed_gives_the_same_network_and_another_seed_another() -> None:
    first, second, other = (recipes.train(epochs=1, seed=seed, progress=False).network for seed in (3, 3, 4))
    assert np.array_equal(first.parameters()["11.weight"], second.parameters()["11.weight"])
    assert not np.array_equal(first.parameters()["11.weight"], other.parameters()["11.weight"])


def displacements(augment: augmentation.Augmentation, count: int = 100) -> tuple[float, np.ndarray]:
    """Return how far pixels are moved beyond a linear map (root mean square), and how far each image, in pixels.

    Read off images whose pixels say their own row and column; a third channel of ones says which came from inside.
    """
    places = np.indices((28, 28)).astype(np.float64)
    linear = np.stack([np.ones((28, 28)), *(places - 13.5)], axis=-1)
    changed = augment(np.tile(np.stack([*places, np.ones((28, 28))]), (count, 1, 1, 1)), np.random.default_rng(0))
    bends, moves = [], []
    for *read, ones in changed:
        inside = ones > 1 - 1e-6
        for axis in read:
            fit = np.linalg.lstsq(linear[inside], axis[inside], rcond=None)[0]
            bends.append(np.mean((axis[inside] - linear[inside] @ fit) ** 2))
            moves.append(fit[0] - 13.5)
    return float(np.sqrt(np.mean(bends))), np.array(moves)


@pytest.mark.parametrize("network", recipes.NETWORKS)
def test_recipes_bend_by_seven_tenths_of_a_pixel_and_move_the_small_digits_half_a_pixel_further(network: str) -> None:
    """The figures behind the shipped weights. A linear map takes a part of a smooth field of 0.7 pixels with it."""
    digits, mnist = (displacements(recipes.RECIPES[network, data].augment) for data in ("digits", "mnist"))
    assert 0.45 < digits[0] < 0.7 and 0.45 < mnist[0] < 0.7
    further = np.abs(digits[1] - mnist[1])  # of the same draws, each times what the recipe moves by
    assert 0.45 < further.max() < 0.55
    assert 1.5 < np.abs(digits[1]).max() < 1.5 + 0.7, "the bends move an image by less than their own size"


@pytest.mark.parametrize("recipe", recipes.RECIPES.values(), ids=map("-".join, recipes.RECIPES))
def test_recipes_bend_what_is_learned_from(recipe: recipes.Recipe) -> None:
    """No rotation, scale, shear or shift makes a straight bar crooked."""
    x = np.zeros((40, 1, 28, 28))
    x[:, 0, 3:25, 13:15] = 1
    rows = recipe.augment(x, np.random.default_rng(0))[:, 0, 7:21]
    middles = (rows * np.arange(28)).sum(axis=-1) / rows.sum(axis=-1)
    at = np.arange(14)
    straight = np.stack([np.polyval(np.polyfit(at, middle, 1), at) for middle in middles])
    assert 0.1 < np.sqrt(np.mean((middles - straight) ** 2, axis=1)).mean() < 0.4  # pixels


def test_the_1998_network_learns_too() -> None:
    info = recipes.train("lenet5-1998", "digits", epochs=8, seed=1, progress=False).info
    assert info["test_error_percent"] < 30, "ten classes: a network that learned nothing is wrong in 90 of 100"


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"network": "lenet6"}, ValueError, "network: got 'lenet6'.*'lenet5', 'lenet5-1998'"),
        ({"data": "cifar"}, ValueError, "data: got 'cifar'"),
        ({"epochs": -1}, ValueError, "epochs: got -1"),
        ({"epochs": 1.5}, TypeError, "epochs: got 1.5"),
        ({"seed": -1}, ValueError, "seed: got -1"),
        ({"validation": 1437}, ValueError, "validation: got 1437"),
    ],
)
def test_bad_arguments(change: dict, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        recipes.train(**change)


def test_train_and_evaluate_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    weights = tmp_path / "net.npz"
    asked = f"train --network lenet5 --data digits --epochs 1 --seed 7 --quiet --output {shlex.quote(str(weights))}"
    assert commands.main(shlex.split(asked)) == 0
    report = capsys.readouterr().out
    assert "61,706" in report
    assert "\n1 epoch in " in report
    trained = recipes.load_trained(weights)
    wrong = trained.info["test_wrong"]
    assert f"({wrong:,} of 360 images)" in report
    assert trained.info["command"] == "python -m cnnlib train --network lenet5 --data digits --epochs 1 --seed 7"
    assert commands.main(["evaluate", str(weights)]) == 0
    report = capsys.readouterr().out
    assert f"({wrong:,} of 360 images)" in report
    assert f"The file says: {wrong:,} of 360." in report


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["evaluate", "nowhere.npz"], "nowhere.npz"),
        (["evaluate", __file__], "damaged or no weights file"),
        (["train", "--epochs", "-3"], "epochs: got -3"),
        (["train", "--output", "no/such/folder/net.npz"], "expected a file in a folder that exists"),
        (["train", "--output", "no/such/folder/"], "expected the name of a file that ends in .npz"),
        (["train", "--output", "tests"], "expected the name of a file that ends in .npz"),
        (["train", "--output", "tests/"], "expected the name of a file that ends in .npz"),
        (["train", "--output", "tests\\"], "expected the name of a file that ends in .npz"),
        (["train", "--output", "weights.h5"], "expected the name of a file that ends in .npz"),
        (["train", "--output", "weights"], "expected the name of a file that ends in .npz"),
        (["train", "--output", ""], "expected the name of a file that ends in .npz"),
    ],
)
def test_command_errors_are_one_line(asked: list[str], says: str, capsys: pytest.CaptureFixture) -> None:
    assert commands.main(asked) == 1
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_where_nothing_can_be_written_nothing_is_trained(tmp_path, monkeypatch, capsys) -> None:
    (tmp_path / "folder.npz").mkdir()
    monkeypatch.setattr(recipes, "train", lambda *arguments, **options: pytest.fail("trained"))
    assert commands.main(["train", "--output", str(tmp_path / "folder.npz")]) == 1
    assert "expected the name of a file" in capsys.readouterr().err

    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    assert commands.main(["train", "--output", str(tmp_path / "weights.npz")]) == 1
    assert "weights.npz', expected a folder that can be written to (Permission denied)" in capsys.readouterr().err


def picture(path: Path, digit: int) -> Path:
    ink = np.round(255 * datasets.load_digits(28)[1][0][digit, 0]).astype(np.uint8)
    Image.fromarray(255 - ink).resize((140, 140)).save(path)
    return path


def test_read_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    files = [picture(tmp_path / f"{number}.png", number) for number in range(4)]
    network = recipes.load_trained(paths.data_folder() / SHIPPED["lenet5"]).network
    expected = []
    for file in files:
        image = read_digit(file).astype(np.float64)
        shares = softmax(network.scores(image.astype(np.float32)).astype(np.float64))[0]
        first, second = np.argsort(shares)[::-1][:2]
        expected.append((str(file), first, second, 100 * shares[first], 100 * shares[second]))
    assert commands.main(["read", *map(str, files)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for line, (file, first, second, sure, less) in zip(out.splitlines(), expected, strict=True):
        words = re.fullmatch(r"(.*): (\d), (.*) % sure\. Runner-up: (\d) with (.*) %\.", line)
        assert words.group(1, 2, 4) == (file, str(first), str(second))
        for said, percent in ((words[3], sure), (words[5], less)):
            bound, _, number = said.rpartition(" ")
            assert {"over": percent > 99.9, "under": percent < 0.1, "": abs(float(number) - percent) < 0.051}[bound]


def test_what_cannot_be_read_is_said_and_the_others_are_read(tmp_path, capsys) -> None:
    good = picture(tmp_path / "good.png", 0)
    Image.new("L", (90, 90), 255).save(tmp_path / "blank.png")
    (tmp_path / "notes.txt").write_text("a 5")
    files = [tmp_path / name for name in ("blank.png", "good.png", "notes.txt", "nowhere.png")] + [tmp_path, good]
    assert commands.main(["read", *map(str, files)]) == 1
    out, err = capsys.readouterr()
    assert [line.partition(": ")[0] for line in out.splitlines()] == [str(good)] * 2
    lines = err.splitlines()
    said = ["nothing stands out", "cannot be read as a picture", "No such file", "is a folder"]
    for line, file, words in zip(lines, [files[0], files[2], files[3], tmp_path], said, strict=True):
        assert line.startswith(f"read: error: {file}: ") and words in line
    with pytest.raises(SystemExit):
        commands.main(["read"])


def test_weights_that_do_not_say_what_they_are(tmp_path: Path) -> None:
    network = recipes.NETWORKS["lenet5"].make(rng=0)
    network.save(tmp_path / "anonymous.npz")
    with pytest.raises(ValueError, match=r"path: got .*anonymous\.npz.*does not say which"):
        recipes.load_trained(tmp_path / "anonymous.npz")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_weights_tell_where_they_come_from(name: str) -> None:
    trained = recipes.load_trained(paths.data_folder() / SHIPPED[name])
    info = trained.info
    assert info["command"].startswith(f"python -m cnnlib train --network {name} --data mnist ")
    assert {"seed", "version", "epochs", "seconds", "validation_images", "history"} <= set(info)
    assert len(info["history"]["val_accuracy"]) == info["epochs"]
    assert info["test_error_percent"] <= {"lenet5": 0.6, "lenet5-1998": 0.8}[name]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_weights_come_from_the_recipe(name: str) -> None:
    info = recipes.load_trained(paths.data_folder() / SHIPPED[name]).info
    recipe = recipes.RECIPES[info["network"], info["data"]]
    assert (recipe.epochs, recipe.batch_size, recipe.lr) == (info["epochs"], info["batch_size"], info["lr"])


@pytest.mark.mnist
@needs_mnist
@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_weights_make_as_many_mistakes_as_they_say(name: str) -> None:
    trained = recipes.load_trained(paths.data_folder() / SHIPPED[name])
    _, (x, labels) = datasets.load_mnist()
    assert len(x) == trained.info["test_images"] == 10_000
    wrong = int((trained.network.predict(x) != labels).sum())
    # Rounding differs between processors: an image on the very edge between two classes may fall either way.
    assert wrong == pytest.approx(trained.info["test_wrong"], abs=1)
