"""Pictures of digits, from files and arrays: dark and light, coloured, transparent, large, turned, badly lit."""

from __future__ import annotations

import functools
import io
import os
import re
from pathlib import Path

import numpy as np
import pens
import pytest
from PIL import Image, ImageDraw

import cnnlib
from cnncourse.explorers import pen
from cnncourse.explorers.drawing_pad import shipped_network
from cnncourse.explorers.pen import digit_image
from cnncourse.explorers.sample_drawings import SAMPLES
from cnnlib import pictures, read_digit

BLACK, WHITE, BLUE, YELLOW, RED, GREEN = (
    (0, 0, 0),
    (255,) * 3,
    (30, 30, 200),
    (250, 240, 150),
    (200, 60, 60),
    (60, 140, 60),
)


def drawn(strokes, size=300, pen=0.1, place=(0, 0), page=None) -> np.ndarray:
    """Return a page (page, page) with a drawing of that size on it, ink 1, painted by Pillow at twice the size."""
    page = page or size
    image = Image.new("L", (2 * page, 2 * page), 0)
    draw, radius = ImageDraw.Draw(image), pen * size
    for stroke in strokes:
        points = [(2 * (place[1] + c * size), 2 * (place[0] + r * size)) for r, c in np.asarray(stroke).tolist()]
        if len(points) > 1:
            draw.line(points, fill=255, width=max(1, round(2 * radius)), joint="curve")
        for c, r in points:
            draw.ellipse((c - radius, r - radius, c + radius, r + radius), fill=255)
    return np.asarray(image.resize((page, page), Image.Resampling.BOX)) / 255


def in_colours(ink: np.ndarray, pen, paper) -> np.ndarray:
    """Return the picture (H, W, 3), uint8, of ink (H, W) by a pen of one colour on paper of another."""
    return np.round(np.array(paper) + (np.array(pen) - np.array(paper)) * ink[..., None]).astype(np.uint8)


def with_opacity(ink: np.ndarray, colour) -> np.ndarray:
    return np.dstack([np.broadcast_to(np.uint8(colour), (*ink.shape, 3)), np.round(255 * ink).astype(np.uint8)])


def enlarged(ink: np.ndarray, times: int) -> np.ndarray:
    size = [times * n for n in ink.shape[::-1]]
    return np.clip(np.asarray(Image.fromarray(ink.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)), 0, 1)


def as_jpeg(pixels: np.ndarray, quality: int = 75) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def photograph(ink: np.ndarray) -> np.ndarray:
    """Return a JPEG of a digit in one corner of a large sheet, in a light that falls off to the other, with noise."""
    sheet = np.zeros((420, 560))
    large = enlarged(ink, 196 // len(ink))
    sheet[120 : 120 + len(large), 90 : 90 + large.shape[1]] = large
    rows, columns = np.linspace(0, 1, 420)[:, None, None], np.linspace(0, 1, 560)[:, None]
    lit = in_colours(sheet, (40, 50, 110), (235, 232, 225)) * (1 - 0.45 * rows * columns - 0.2 * columns)
    return as_jpeg(np.clip(lit + np.random.default_rng(0).normal(0, 6, lit.shape), 0, 255).astype(np.uint8), 80)


# What a picture of ink (28, 28) or larger may look like: the array that `read_digit` gets.
WAYS = {
    "as it is": lambda ink: ink,
    "bytes": lambda ink: np.round(255 * ink).astype(np.uint8),
    "dark on light": lambda ink: np.round(255 - 255 * ink).astype(np.uint8),
    "16 bits, not from 0": lambda ink: np.round(3000 + 60000 * ink).astype(np.uint16),
    "faint": lambda ink: np.round(120 + 40 * ink).astype(np.uint8),
    "blue on yellow": lambda ink: in_colours(ink, BLUE, YELLOW),
    "red on green": lambda ink: in_colours(ink, RED, GREEN),
    "black on nothing": lambda ink: with_opacity(ink, BLACK),
    "white on nothing": lambda ink: with_opacity(ink, WHITE),
    "grey and opacity": lambda ink: np.dstack([1 - ink, np.ones(ink.shape)]),
    "on a large page": lambda ink: np.pad(1 - ink, ((200, 30), (60, 240)), constant_values=1),
    "colours first": lambda ink: np.moveaxis(in_colours(ink, BLACK, WHITE), 2, 0),
    "a batch of one": lambda ink: ink[None, None].astype(np.float32),
    "JPEG": lambda ink: as_jpeg(in_colours(ink, BLACK, WHITE)),
}


@functools.cache
def reading() -> list[tuple[int, np.ndarray]]:
    """Return (digit, ink) of the ten sample drawings in two hands, as pictures of 120 pixels."""
    hands = [pens.HANDS[name] for name in ("as it comes", "slanted right")]
    return [(digit, drawn(pens.bent(SAMPLES[digit], **hand), 120)) for digit in range(10) for hand in hands]


def away(first: np.ndarray, second: np.ndarray) -> float:
    """Return the mean difference of two images, after a move by a pixel if rounding has put their centres apart."""
    moved = (np.roll(first, (down, right), axis=(-2, -1)) for down in (-1, 0, 1) for right in (-1, 0, 1))
    return min(float(np.abs(image - second).mean()) for image in moved)


def answers(images: list[np.ndarray]) -> np.ndarray:
    return shipped_network().predict(np.concatenate(images))


@pytest.mark.parametrize("way", [*WAYS, "photograph"])
def test_drawn_digits_are_read_whatever_they_are_drawn_on(way):
    digits, inks = zip(*reading())
    images = [read_digit({**WAYS, "photograph": photograph}[way](ink)) for ink in inks]
    for image, ink in zip(images, inks):
        assert (image.shape, image.dtype) == ((1, 1, 28, 28), np.float32)
        assert image.min() == 0 and image.max() == 1
        if way != "photograph":
            assert away(image, read_digit(ink)) < 0.05
    assert (answers(images) == digits).mean() >= 0.97


def test_pad_and_file_agree():
    """The pad draws strokes, `read_digit` sees the pixels of the same strokes."""
    for digit, strokes in enumerate(SAMPLES):
        extent = np.ptp(np.concatenate(strokes), axis=0).max()
        pen = 2.6 / 17.4 * extent  # the pad's: 2.6 pixels where the path of the pen takes up 17.4
        image, pad = read_digit(1 - drawn(strokes, 300, pen)), digit_image(strokes)
        assert away(image[0, 0], pad) < 0.04, digit
        assert abs(image.sum() / pad.sum() - 1) < 0.12, digit


@pytest.mark.parametrize("pen", [0.005, 0.01, 0.03, 0.06, 0.12])
def test_thin_and_thick_pens_are_read(pen):
    images = [read_digit(1 - drawn(strokes, 280, pen)) for strokes in SAMPLES]
    assert (answers(images) == np.arange(10)).sum() >= 9
    assert all(image.max() == 1 and image.sum() > 20 for image in images)


def test_size_and_place_on_the_page_make_no_difference():
    for digit in (2, 5, 7):
        alone = read_digit(drawn(SAMPLES[digit], 200))
        for size, place in ((200, (20, 150)), (100, (300, 10)), (350, (0, 40))):
            image = read_digit(drawn(SAMPLES[digit], size, place=place, page=400))
            assert away(image, alone) < 0.03


def test_the_longer_side_is_20_and_the_mass_lies_in_the_middle():
    for _, ink in reading():
        image = read_digit(ink)[0, 0]
        sides = [np.ptp(np.flatnonzero(image.max(axis=axis) > 0)) + 1 for axis in (0, 1)]
        assert max(sides) == 20
        for axis in (0, 1):
            assert abs((np.arange(28) * image.sum(axis=1 - axis)).sum() / image.sum() - 14) <= 0.5 + 1e-5


def test_specks_are_left_out_and_parts_that_are_near_belong_to_the_digit():
    ink = drawn(SAMPLES[3], 200, page=300, place=(50, 50))
    dirty = ink.copy()
    for row, column in ((5, 5), (290, 20), (30, 280)):
        dirty[row : row + 3, column : column + 3] = 1
    assert np.array_equal(read_digit(dirty), read_digit(ink))
    apart = drawn([*SAMPLES[5][:2], SAMPLES[5][2] + [-0.02, 0.12]], 200, pen=0.05, page=300, place=(50, 50))
    rows = np.flatnonzero(read_digit(apart)[0, 0, :, 18:].any(axis=1))
    assert rows.size and rows[0] <= 5, "the bar of the 5 does not touch it"


# Files


def saved(pixels, path: Path, mode: str | None = None, **options) -> Path:
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


def test_every_kind_of_picture_file(tmp_path):
    ink = drawn(SAMPLES[2], 120)
    expected = read_digit(ink)
    grey, colour = np.round(255 - 255 * ink).astype(np.uint8), in_colours(ink, BLUE, YELLOW)
    palette = Image.fromarray(colour).convert("P", palette=Image.Palette.ADAPTIVE)
    files = [saved(grey, tmp_path / f"grey.{ending}") for ending in ("png", "jpg", "bmp", "gif", "tif", "webp")]
    files += [
        saved(colour, tmp_path / "colour.png"),
        saved(colour, tmp_path / "printed.jpg", "CMYK"),
        saved(grey > 127, tmp_path / "one bit.png"),
        saved(with_opacity(ink, BLACK), tmp_path / "transparent.png"),
        saved(with_opacity(ink, WHITE), tmp_path / "transparent.webp"),
        saved(with_opacity(ink, BLUE), tmp_path / "grey and opacity.png", "LA"),
        saved((grey.astype(np.uint16) * 200), tmp_path / "16 bits.png"),
        saved(grey.astype(np.int32), tmp_path / "32 bits.tif"),
        saved((1 - ink).astype(np.float32), tmp_path / "floats.tif"),
        tmp_path / "palette.png",
        tmp_path / "palette with a transparent colour.gif",
    ]
    palette.save(tmp_path / "palette.png")
    palette.save(tmp_path / "palette with a transparent colour.gif", transparency=palette.getpixel((0, 0)))
    for path in files:
        assert away(read_digit(path), expected) < 0.03, path.name
    assert np.array_equal(read_digit(str(files[0])), read_digit(files[0]))
    np.testing.assert_allclose(read_digit(files[0]), read_digit(grey), atol=1e-6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_as_its_orientation_says(tmp_path, orientation):
    upright = np.round(255 - 255 * drawn(SAMPLES[7], 120, page=160)).astype(np.uint8)
    # How a camera that was held that way stores the picture (EXIF's table: where row 0 and column 0 are).
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / "phone.png", exif=exif)
    plain = saved(upright, tmp_path / "upright.png")
    assert np.array_equal(read_digit(tmp_path / "phone.png"), read_digit(plain))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("white", [1, 255, 65535])
def test_white_is_1_in_any_range_of_numbers(white: int, channels: int) -> None:
    shades = np.random.default_rng(4).random((8, 9, channels))
    shades[0, 0], shades[0, 1], shades[..., -1] = 0, 1, shades[..., -1] if channels % 2 else 1
    expected = shades if channels % 2 else shades[..., :-1]
    assert np.allclose(pictures._opaque(white * shades), expected, rtol=0, atol=1e-12)


def test_the_page_reads_by_the_limits_of_the_package() -> None:
    program = (Path(pen.__file__).parent / "web" / "read_digit.js").read_text(encoding="utf-8")
    limits: dict[str, float] = {}
    for names, numbers in re.findall(r"^const \[([A-Z_, ]+)\] = \[([0-9., ]+)\];$", program, re.MULTILINE):
        limits |= zip(names.split(", "), map(float, numbers.split(", ")), strict=True)
    assert len(limits) == 12
    assert limits == {name: getattr(pictures, name) for name in limits}


# What cannot be a digit

RNG = np.random.default_rng(3)
FIVE = drawn(SAMPLES[5], 60)
DISC = np.hypot(*(np.indices((80, 80)) - 40)) < 25


def bar(rows: slice, columns: slice, shape=(80, 80)) -> np.ndarray:
    page = np.full(shape, 255, np.uint8)
    page[rows, columns] = 0
    return page


# What Python says of each; those of numbers between 0 and 255 are asked in the page as well.
NO_DIGITS = [
    (np.zeros((28, 28)), "a page on which nothing stands out, expected a digit, darker or lighter"),
    (np.ones((28, 28)), "nothing stands out"),
    (np.full((90, 90, 4), 255, np.uint8), "nothing stands out"),
    (np.zeros((90, 90, 4), np.uint8), "nothing stands out"),
    (np.linspace(0.3, 0.9, 80 * 80).reshape(80, 80), "nothing stands out"),
    (200 + RNG.normal(0, 3, (80, 80)), "nothing stands out"),
    (np.hstack([FIVE, FIVE]), "2 things apart from each other, expected one digit"),
    (np.pad(np.vstack([FIVE, 0 * FIVE, FIVE]), 60), "2 things apart"),
    (RNG.random((60, 60)), "expected"),
    (DISC, "a shape filled with ink, expected a digit made of strokes"),
    (~DISC, "a shape filled with ink"),
    (bar(slice(20, 60), slice(20, 50)), "a shape filled with ink"),
    (bar(slice(38, 42), slice(10, 70)), "ink 60 wide and 4 high, expected one digit, which is not so wide"),
    (bar(slice(40, 43), slice(40, 42)), "ink of 3 by 2 pixels, expected a digit of at least 5"),
    (np.zeros((0, 0)), "0 by 0 pixels, expected at least 5 by 5"),
    (np.zeros((3, 28)), "3 by 28 pixels"),
    (np.zeros((28, 0, 3)), "28 by 0 pixels"),
    (np.zeros(28), r"shape \(28,\), expected \(height, width\) or"),
    (np.zeros((2, 1, 28, 28)), r"shape \(2, 1, 28, 28\)"),
    (np.zeros((28, 28, 5)), r"shape \(28, 28, 5\)"),
    (np.zeros((28, 28, 0)), r"shape \(28, 28, 0\)"),
    (np.full((28, 28), np.nan), "numbers from nan to nan, expected 0 to 1, 0 to 255 or 0 to 65,535"),
    (np.pad(FIVE, 3, constant_values=np.inf), "numbers from 0 to inf"),
    (FIVE - 0.4, "numbers from -0.4 to 0.6"),
    (FIVE * 1e6, r"numbers from 0 to 1e\+06"),
]


@pytest.mark.parametrize("picture, words", NO_DIGITS)
def test_what_cannot_be_a_digit(picture, words):
    with pytest.raises(ValueError, match=f"^picture: got .*{words}"):
        read_digit(picture)


@pytest.mark.parametrize(
    "picture", [None, 5, b"five.png", [[0, 1]], np.zeros((28, 28), complex), np.ma.zeros((28, 28))]
)
def test_what_is_no_picture(picture):
    with pytest.raises((TypeError, ValueError), match=r"^picture: got "):
        read_digit(picture)


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"<svg></svg>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\x00\x10JFIF"]
)
def test_a_file_that_is_no_picture(tmp_path, content):
    (tmp_path / "digit.png").write_bytes(content)
    with pytest.raises(ValueError, match=r"^picture: got '.*digit\.png', which cannot be read as a picture, expected"):
        read_digit(tmp_path / "digit.png")


def test_a_damaged_picture_a_folder_and_no_file_at_all(tmp_path):
    path = saved(np.round(255 * drawn(SAMPLES[5], 200)).astype(np.uint8), tmp_path / "five.jpg")
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(ValueError, match=r"five\.jpg', which cannot be read as a picture"):
        read_digit(path)
    with pytest.raises(ValueError, match=r"which is a folder, expected a picture file"):
        read_digit(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"six\.png"):
        read_digit(tmp_path / "six.png")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read(tmp_path):
    path = saved(np.zeros((9, 9), np.uint8), tmp_path / "mine.png")
    path.chmod(0)
    with pytest.raises(PermissionError, match=r"mine\.png"):
        read_digit(path)


def test_the_picture_stays_as_it_is():
    picture = in_colours(FIVE, RED, WHITE)
    picture.flags.writeable = False
    image = read_digit(picture)
    assert image.flags.writeable
    image[:] = 7
    assert read_digit(picture).max() == 1


# How well the shipped network reads them


def test_bundled_digits_are_read_at_least_as_well_as_they_are():
    """The network has seen MNIST only: of the bundled digits it reads 82 % as they are, brought into its form 89 %."""
    _, (x, labels) = cnnlib.load_digits()
    x, labels, images = x[::3], labels[::3], []
    for image in x:
        try:
            images.append(read_digit(image))
        except ValueError:  # a few have a gap so wide that they look like two things
            images.append(np.zeros((1, 1, 28, 28), np.float32))
    refused = sum(not image.any() for image in images)
    read = (answers(images) == labels) & np.array([image.any() for image in images])
    assert refused <= 4 and read.mean() >= 0.87 > 0.03 + (answers([x]) == labels).mean()


@pytest.mark.mnist
@pytest.mark.parametrize("way", [*WAYS, "photograph", "large"])
def test_mnist_is_read_as_it_is(way):
    x, _ = pens.mnist_test_set()
    x = x[::500] if way in ("photograph", "large") else x[::100]
    change = {**WAYS, "photograph": photograph, "large": lambda ink: 1 - enlarged(ink, 15)}[way]
    images = [read_digit(change(ink)) for ink in x[:, 0]]
    assert (answers(images) == answers([x])).mean() > 0.96
    if way == "as it is":
        assert np.abs(np.concatenate(images) - x).mean() < 0.01


@pytest.mark.parametrize("reach", [1, 2])
def test_cells_belong_together_that_a_chain_of_short_steps_joins(reach: int) -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        mask = rng.random((6, 7)) < 0.25 / reach
        cells, labels = np.argwhere(mask), pictures._labels(mask, reach)
        joined = np.abs(cells[:, None] - cells[None]).max(axis=-1, initial=0) <= reach
        for _ in cells:
            joined = joined @ joined
        found = labels[mask]
        assert np.array_equal(found[:, None] == found[None], joined)
        assert (found > 0).all() and not labels[~mask].any()


@pytest.mark.parametrize("row", range(pictures.BOX))
@pytest.mark.parametrize("column", [0, 7, pictures.BOX - 1])
def test_the_box_goes_where_its_centre_comes_nearest_to_the_middle(row, column):
    """Of the nine places that an axis of the image has for the box; the ink is one point, so that it is its centre."""
    box = np.zeros((pictures.BOX, pictures.BOX))
    box[row, column] = 0.5
    image = pictures.centred(box)
    found = tuple(int(k) for (k,) in np.nonzero(image))
    starts = range(pictures.SIDE - pictures.BOX + 1)
    assert image[found] == 0.5
    assert found == tuple(min((start + k for start in starts), key=lambda at: abs(at - 13.9)) for k in (row, column))
