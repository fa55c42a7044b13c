"""Random changes of images: what they may do, and that they do it to every image on its own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from cnnlib.augmentation import _read_between_pixels, random_distortion, random_shift

NO_CHANGE = {"rotation": 0, "scale": 0, "shear": 0, "shift": 0, "elastic": 0}


def images(count: int = 40, shape: tuple[int, ...] = (2, 9, 11)) -> np.ndarray:
    return np.random.default_rng(3).uniform(size=(count, *shape)).astype(np.float32)


def moved(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """Return the image (C, H, W) moved by whole pixels, zeros coming in, pixel by pixel."""
    result = np.zeros_like(image)
    for i in range(image.shape[1]):
        for j in range(image.shape[2]):
            if 0 <= i - down < image.shape[1] and 0 <= j - right < image.shape[2]:
                result[:, i, j] = image[:, i - down, j - right]
    return result


@pytest.mark.parametrize("pixels", [0, 1, 2])
def test_every_shifted_image_is_the_original_moved_by_whole_pixels(pixels: int) -> None:
    x = images()
    before = x.copy()
    shifted = random_shift(pixels)(x, np.random.default_rng(0))
    found = set()
    for image, result in zip(x, shifted, strict=True):
        places = [
            (down, right)
            for down in range(-pixels, pixels + 1)
            for right in range(-pixels, pixels + 1)
            if np.array_equal(moved(image, down, right), result)
        ]
        assert len(places) == 1
        found.update(places)
    assert len(found) == (1 if pixels == 0 else pytest.approx((2 * pixels + 1) ** 2, abs=10)), "one move for all images"
    assert np.array_equal(x, before)


def test_nothing_asked_nothing_changed() -> None:
    x = images()
    assert np.allclose(random_distortion(**NO_CHANGE)(x, np.random.default_rng(0)), x, atol=1e-6)


def test_reading_between_pixels_is_bilinear() -> None:
    x = images(count=3)
    rng = np.random.default_rng(1)
    rows, columns = rng.uniform(-3, 12, (3, 9, 11)), rng.uniform(-3, 14, (3, 9, 11))
    result = _read_between_pixels(x, rows, columns)
    for n in range(3):
        for c in range(2):
            expected = ndimage.map_coordinates(np.pad(x[n, c], 4), [rows[n] + 4, columns[n] + 4], order=1)
            assert np.allclose(result[n, c], expected, atol=1e-5)


def test_a_turn_keeps_the_centre_and_moves_the_rim() -> None:
    x = np.zeros((200, 1, 21, 21))
    x[:, :, 10, 10] = 1
    x[:, :, 10, 18] = 1
    turned = random_distortion(**{**NO_CHANGE, "rotation": 30})(x, np.random.default_rng(0))
    assert np.allclose(turned[:, 0, 10, 10], 1)
    rows = np.array([np.argwhere(image[0, :, 14:] > 0.3)[:, 0].mean() for image in turned])
    assert rows.min() < 8, "some turn one way"
    assert rows.max() > 12, "some the other"


@pytest.mark.parametrize(("change", "limit"), [({"shift": 1.5}, 1.5), ({"elastic": 0.7}, 3.0)])
def test_the_ink_stays_near_its_place(change: dict[str, float], limit: float) -> None:
    x = np.zeros((300, 1, 21, 21))
    x[:, :, 10, 10] = 1
    result = random_distortion(**{**NO_CHANGE, **change})(x, np.random.default_rng(0))
    places = np.indices((21, 21)).reshape(2, -1)
    ink = result.reshape(300, -1)
    centres = ink @ places.T / ink.sum(axis=1, keepdims=True) - 10
    assert np.abs(centres).max() < limit
    assert centres.std(axis=0).min() > 0.3, "and does move"


@pytest.mark.parametrize("augment", [random_shift(1), random_distortion(elastic=1.0)])
def test_dtype_seed_and_a_batch_of_none(augment) -> None:
    x = images()
    first, second, other = (augment(x, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert first.dtype == np.float32
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)
    assert augment(x.astype(float), np.random.default_rng(5)).dtype == np.float64
    assert augment(x[:0], np.random.default_rng(5)).shape == (0, 2, 9, 11)


@pytest.mark.parametrize(("pixels", "error"), [(-1, ValueError), (1.0, TypeError), (True, TypeError)])
def test_bad_pixels(pixels: object, error: type[Exception]) -> None:
    with pytest.raises(error, match="pixels: got"):
        random_shift(pixels)


@pytest.mark.parametrize("name", NO_CHANGE)
@pytest.mark.parametrize(("value", "error"), [(-0.5, ValueError), (float("nan"), ValueError), ("a", TypeError)])
def test_bad_distortion(name: str, value: object, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"{name}: got"):
        random_distortion(**{name: value})


def test_an_image_without_a_batch_is_refused() -> None:
    for augment in (random_shift(1), random_distortion()):
        with pytest.raises(ValueError, match="x: got shape"):
            augment(np.zeros((28, 28)), np.random.default_rng(0))
