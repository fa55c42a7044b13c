"""Random changes of images: what they may do, and that they do it to every image on its own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import ndimage

from cnnlib.augmentation import (
    _read_between_pixels,
    _smooth_fields,
    add_noise,
    dilate_strokes,
    random_distortion,
    random_shift,
    rotate,
    shift,
)

NO_CHANGE = {"rotation": 0, "scale": 0, "shear": 0, "shift": 0, "elastic": 0}


def images(count: int = 40, shape: tuple[int, ...] = (2, 9, 11)) -> np.ndarray:
    return np.random.default_rng(3).uniform(size=(count, *shape)).astype(np.float32)


def moved(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """Return the image (D, H, W) moved by whole pixels, zeros coming in, pixel by pixel."""
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


def drawn_changes(setting: str, most: float, count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Return where a distortion reads: its matrices (count, 2, 2) and its moves (count, 2), found by a straight line.

    Each image holds the places of its own pixels, so that what comes out says where it was read.
    """
    places = np.indices((15, 15)) - 7.0
    x = np.broadcast_to(places, (count, *places.shape))
    read = random_distortion(**{**NO_CHANGE, setting: most})(x, np.random.default_rng(2))[:, :, 5:10, 5:10]
    steps = np.column_stack([*(places[:, 5:10, 5:10].reshape(2, -1)), np.ones(25)])
    found = np.linalg.lstsq(steps, read.reshape(2 * count, 25).T, rcond=None)[0].T.reshape(count, 2, 3)
    return found[..., :2], found[..., 2]


@pytest.mark.parametrize(("setting", "most"), [("rotation", 20.0), ("scale", 0.2), ("shear", 0.3), ("shift", 1.5)])
def test_a_change_is_drawn_evenly_from_one_limit_to_the_other(setting: str, most: float) -> None:
    matrices, moves = drawn_changes(setting, most)
    turns = np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0])
    cosine, sine, zero, one = np.cos(turns), np.sin(turns), 0 * turns, 1 + 0 * turns
    values, form = {
        "rotation": (np.degrees(turns), [[cosine, -sine], [sine, cosine]]),
        "scale": (matrices[:, [0, 1], [0, 1]] - 1, [[matrices[:, 0, 0], zero], [zero, matrices[:, 1, 1]]]),
        "shear": (matrices[:, 1, 0], [[one, zero], [matrices[:, 1, 0], one]]),
        "shift": (moves, [[one, zero], [zero, one]]),
    }[setting]
    assert np.allclose(matrices, np.moveaxis(np.array(form), 2, 0), atol=1e-6), "it changes something else as well"
    assert setting == "shift" or np.allclose(moves, 0, atol=1e-6), "the middle moves"
    share = values / most
    assert np.abs(share).max() <= 1 + 1e-6
    assert (share.min(axis=0) < -0.95).all()
    assert (share.max(axis=0) > 0.95).all()
    assert np.abs(share.mean(axis=0)).max() < 0.1, "400 even draws: a standard error of 0.03"
    assert np.allclose(share.std(axis=0), 1 / np.sqrt(3), atol=0.05)


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


# The same stated change for all images


@pytest.mark.parametrize(("down", "right"), [(0, 0), (1, 0), (-2, 3), (4, -5), (9, 0), (0, -11), (30, 30), (-8, -10)])
def test_shifted_by_whole_pixels(down: int, right: int) -> None:
    x = images(count=3)
    before = x.copy()
    result = shift(x, down, right)
    for image, found in zip(x, result, strict=True):
        assert np.array_equal(moved(image, down, right), found)
    result[...] = 7
    assert np.array_equal(x, before)


@pytest.mark.parametrize("degrees", [0, 5, -30, 90, 123.4, 180, -90, 270, 360])
def test_turned_as_scipy_turns(degrees: float) -> None:
    x = np.pad(images(count=2), ((0, 0), (0, 0), (2, 2), (2, 2)))
    result = rotate(x, degrees)
    for n in range(2):
        for c in range(2):
            wide = np.pad(x[n, c].astype(float), 5)  # SciPy lets go of the rim
            expected = ndimage.rotate(wide, degrees, reshape=False, order=1)[5:-5, 5:-5]
            assert np.allclose(result[n, c], expected, atol=2e-5)


def test_a_quarter_turn_goes_to_the_left() -> None:
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    assert np.allclose(rotate(x, 90)[0, 0], np.rot90(x[0, 0]))
    assert np.allclose(rotate(x, -180)[0, 0], x[0, 0, ::-1, ::-1])


@pytest.mark.parametrize("pixels", [0, 1, 2, 0.25, 1.5, -1, -2, -0.75, -1.25, 40, -40])
def test_thickened_as_scipy_does(pixels: float) -> None:
    x = images(count=2)
    cross = ndimage.generate_binary_structure(2, 1)
    change = ndimage.grey_dilation if pixels > 0 else ndimage.grey_erosion

    def expected(image: np.ndarray, times: int) -> np.ndarray:
        for _ in range(times):
            image = change(image, footprint=cross, mode="constant", cval=0)
        return image

    whole, part = divmod(abs(pixels), 1)
    for n in range(2):
        for c in range(2):
            less, more = (expected(x[n, c].astype(float), int(whole) + k) for k in (0, 1))
            assert np.allclose(dilate_strokes(x, pixels)[n, c], (1 - part) * less + part * more, atol=1e-6)


def test_thicker_strokes_have_more_ink() -> None:
    x = images(count=5)
    ink = [dilate_strokes(x, pixels).sum() for pixels in np.arange(-2, 2.1, 0.25)]
    assert np.all(np.diff(ink) > 0)
    assert np.array_equal(dilate_strokes(x, 0), x)
    assert not np.shares_memory(dilate_strokes(x, 0), x)


def test_noise_has_the_deviation_and_is_cut() -> None:
    x = np.full((20, 1, 28, 28), 0.5)
    assert np.array_equal(add_noise(x, 0), x)
    small = add_noise(x, 0.05) - x
    assert small.std() == pytest.approx(0.05, rel=0.03)
    assert small.mean() == pytest.approx(0, abs=0.002)
    assert np.allclose(add_noise(x, 0.1) - x, 2 * small, atol=1e-6), "the same noise, twice as strong"
    large = add_noise(x, 2.0)
    assert (large.min(), large.max()) == (0, 1)
    assert not np.array_equal(add_noise(x, 0.1, rng=1), add_noise(x, 0.1))
    rng = np.random.default_rng(0)
    assert not np.array_equal(add_noise(x, 0.1, rng), add_noise(x, 0.1, rng)), "a generator goes on"


@pytest.mark.parametrize(
    "change",
    [
        lambda x: shift(x, 1, -2),
        lambda x: rotate(x, 20),
        lambda x: dilate_strokes(x, 0.5),
        lambda x: dilate_strokes(x, -1),
        lambda x: add_noise(x, 0.1),
    ],
)
def test_stated_changes_keep_dtype_and_input(change) -> None:
    for dtype in (np.float32, np.float64):
        x = images().astype(dtype)
        before = x.copy()
        assert change(x).dtype == dtype
        assert change(x).shape == x.shape
        assert np.array_equal(x, before)
        assert change(x[:0]).shape == (0, 2, 9, 11)
        assert np.array_equal(change(x[:1])[0], change(x)[0]), "the others do not matter"
    assert change(np.zeros((1, 1, 5, 5), int)).dtype == np.float64
    with pytest.raises(ValueError, match="x: got shape"):
        change(np.zeros((28, 28)))
    with pytest.raises(TypeError, match="x: got list"):
        change([[1.0]])


@pytest.mark.parametrize(
    ("call", "error", "name"),
    [
        (lambda x: shift(x, 0.5), TypeError, "down"),
        (lambda x: shift(x, 0, "1"), TypeError, "right"),
        (lambda x: shift(x, True), TypeError, "down"),
        (lambda x: rotate(x, "a"), TypeError, "degrees"),
        (lambda x: rotate(x, float("nan")), ValueError, "degrees"),
        (lambda x: rotate(x, float("-inf")), ValueError, "degrees"),
        (lambda x: dilate_strokes(x, None), TypeError, "pixels"),
        (lambda x: dilate_strokes(x, float("inf")), ValueError, "pixels"),
        (lambda x: add_noise(x, -0.1), ValueError, "deviation"),
        (lambda x: add_noise(x, True), TypeError, "deviation"),
    ],
)
def test_bad_stated_changes(call, error: type[Exception], name: str) -> None:
    with pytest.raises(error, match=f"^{name}: got"):
        call(images(count=1))


# ---- smooth fields --------------------------------------------------------------------------------------------------


def bells(size: int, spacing: int) -> list[list[float]]:
    """Return for each pixel the weight of every knot: knots lie evenly, from half a spacing before to half behind."""
    count = math.ceil(size / spacing) + 2
    apart = (size - 1 + spacing) / (count - 1)
    knots = [-spacing / 2 + k * apart for k in range(count)]
    found = []
    for pixel in range(size):
        weights = [math.exp(-(((pixel - knot) / (spacing / 1.5)) ** 2) / 2) for knot in knots]
        length = math.sqrt(sum(weight**2 for weight in weights))
        found.append([weight / length for weight in weights])
    return found


@pytest.mark.parametrize("spacing", [6, 4])
def test_a_smooth_field_is_a_sum_of_bells_at_random_knots(spacing: int) -> None:
    height, width = 7, 11
    rows, columns = bells(height, spacing), bells(width, spacing)
    knots = np.random.default_rng(5).standard_normal((2, len(rows[0]), len(columns[0])), np.float32)
    fields = _smooth_fields(np.random.default_rng(5), 2, height, width, spacing)
    assert fields.shape == (2, height, width)
    for k, i, j in np.ndindex(2, height, width):
        parts = [a * knots[k, p, q] * b for p, a in enumerate(rows[i]) for q, b in enumerate(columns[j])]
        assert math.isclose(fields[k, i, j], sum(parts), rel_tol=1e-4, abs_tol=1e-4)


def test_an_elastic_change_moves_neighbours_alike_as_far_as_its_bells_reach() -> None:
    # Each image holds the places of its own pixels, so that what comes out says where it was read.
    places, inside = np.indices((21, 21)).astype(float), np.s_[:, :, 5:16, 5:16]
    x = np.broadcast_to(places, (600, *places.shape))
    moves = (random_distortion(**{**NO_CHANGE, "elastic": 0.4})(x, np.random.default_rng(1)) - x)[inside] / 0.4
    weights = np.array(bells(21, 6))[5:16]
    for lines in (moves, moves.swapaxes(2, 3)):
        together = np.einsum("ncir,ncjr->ij", lines, lines) / (1200 * 11)
        assert np.allclose(together, weights @ weights.T, rtol=0, atol=0.06)
