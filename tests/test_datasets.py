"""Tests of the data sets. No test leaves this computer: the mirrors are a small server on 127.0.0.1.

The fake MNIST has a few hundred images and check sums of its own; tests marked mnist use the real files.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import hashlib
import os
import re
import runpy
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from cnnlib import datasets, paths
from cnnlib.__main__ import COMMANDS, main

ROOT = Path(__file__).resolve().parent.parent
IMAGES = "train-images-idx3-ubyte"
NAMES = [file.name for file in datasets.MNIST_FILES]
WAIT = 60  # seconds after which a test that hangs fails: no measure of speed


# The digits ---------------------------------------------------------------------------------------------------------


def digits_file() -> dict[str, np.ndarray]:
    with np.load(ROOT / "data" / "digits.npz", allow_pickle=False) as file:
        return dict(file)


def plain_bilinear(image, to):
    """Enlarge a square image by the textbook: four neighbours, weighted by nearness, edges repeated."""
    size = len(image)
    result = np.zeros((to, to))
    for i in range(to):
        for j in range(to):
            y = min(max((i + 0.5) * size / to - 0.5, 0), size - 1)
            x = min(max((j + 0.5) * size / to - 0.5, 0), size - 1)
            top, left = int(y), int(x)
            below, right = min(top + 1, size - 1), min(left + 1, size - 1)
            dy, dx = y - top, x - left
            upper = (1 - dx) * image[top, left] + dx * image[top, right]
            lower = (1 - dx) * image[below, left] + dx * image[below, right]
            result[i, j] = (1 - dy) * upper + dy * lower
    return result


def test_digits_file_holds_the_split():
    file = digits_file()
    assert {key: (array.shape, array.dtype.name) for key, array in file.items()} == {
        "x_train": ((1437, 8, 8), "uint8"),
        "y_train": ((1437,), "uint8"),
        "x_test": ((360, 8, 8), "uint8"),
        "y_test": ((360,), "uint8"),
        "place_train": ((1437,), "uint16"),
        "place_test": ((360,), "uint16"),
    }
    assert int(file["x_train"].sum(dtype=np.int64)) + int(file["x_test"].sum(dtype=np.int64)) == 561718
    assert file["x_train"].max() == 16 and file["x_test"].max() == 16


def test_digits_are_stratified():
    file = digits_file()
    train, test = np.bincount(file["y_train"]), np.bincount(file["y_test"])
    assert (train + test).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as UCI counts them
    assert np.all(np.abs(test - (train + test) / 5) < 1)


def test_readme_gives_the_sums_of_the_files():
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256((ROOT / "data" / "digits.npz").read_bytes()).hexdigest() in readme
    for file in datasets.MNIST_FILES:
        assert f"| `{file.name}` | `{file.sha256}` |" in readme
    for mirror in datasets.MNIST_MIRRORS:
        assert mirror in readme


def test_digits_file_is_made_again_byte_for_byte(tmp_path, capsys):
    pytest.importorskip("sklearn", reason="data/make_digits.py takes the digits from scikit-learn")
    make = runpy.run_path(str(ROOT / "data" / "make_digits.py"))["main"]
    make(tmp_path / "digits.npz")
    assert (tmp_path / "digits.npz").read_bytes() == (ROOT / "data" / "digits.npz").read_bytes()
    assert "1437 images for training, 360 for testing" in capsys.readouterr().out


def test_digits_are_those_of_sklearn():
    sklearn = pytest.importorskip("sklearn.datasets", reason="the digits are compared with scikit-learn's")
    source = sklearn.load_digits()
    order = sorted(range(1797), key=lambda i: (source.target[i], i))
    test = sorted(order[::5])
    train = sorted(set(order) - set(test))
    (x_train, y_train), (x_test, y_test) = datasets.load_digits(8)
    assert np.array_equal(x_train[:, 0] * 16, source.images[train]) and np.array_equal(y_train, source.target[train])
    assert np.array_equal(x_test[:, 0] * 16, source.images[test]) and np.array_equal(y_test, source.target[test])


@pytest.mark.parametrize("size", [8, 12, 13, 28, 32, np.int64(17)])
def test_digits_shapes_dtypes_range(size):
    (x_train, y_train), (x_test, y_test) = datasets.load_digits(size)
    assert x_train.shape == (1437, 1, size, size) and x_test.shape == (360, 1, size, size)
    assert x_train.dtype == x_test.dtype == np.float32
    assert y_train.shape == (1437,) and y_test.shape == (360,)
    assert y_train.dtype == y_test.dtype == np.int64
    for x in (x_train, x_test):
        assert x.min() == 0 and 0.5 < x.max() <= 1
        assert x.flags.c_contiguous and x.flags.writeable


def test_size_8_gives_the_pixels_as_they_are():
    file = digits_file()
    (x_train, y_train), (x_test, y_test) = datasets.load_digits(size=8)
    assert np.array_equal(x_train[:, 0] * 16, file["x_train"]) and np.array_equal(x_test[:, 0] * 16, file["x_test"])
    assert np.array_equal(y_train, file["y_train"]) and np.array_equal(y_test, file["y_test"])


@pytest.mark.parametrize("size", [12, 13, 19, 28, 33])
def test_digits_are_enlarged_bilinearly_and_centred(size):
    file = digits_file()
    (x_train, _), (x_test, _) = datasets.load_digits(size)
    for x, pixels in ((x_train, file["x_train"]), (x_test, file["x_test"])):
        for number in (0, 7, len(pixels) - 1):
            expected = np.zeros((size, size))
            expected[2:-2, 2:-2] = plain_bilinear(pixels[number] / 16, size - 4)
            np.testing.assert_allclose(x[number, 0], expected, rtol=0, atol=1e-7)
        border = np.ones((size, size), dtype=bool)
        border[2:-2, 2:-2] = False
        assert not x[:, 0, border].any()


def test_default_size_is_28_and_agrees_with_torch():
    torch = pytest.importorskip("torch", reason="the enlargement is compared with PyTorch's")
    pixels = torch.from_numpy(digits_file()["x_test"] / 16)[:, None]
    expected = torch.nn.functional.interpolate(pixels, size=(24, 24), mode="bilinear", align_corners=False).numpy()
    _, (x_test, _) = datasets.load_digits()
    np.testing.assert_allclose(x_test[:, :, 2:-2, 2:-2], expected, rtol=0, atol=1e-6)


def test_the_digits_files_places_are_those_of_sklearn():
    sklearn = pytest.importorskip("sklearn.datasets", reason="the digits are compared with scikit-learn's")
    source, file = sklearn.load_digits(), digits_file()
    for part in ("train", "test"):
        assert np.array_equal(source.images[file[f"place_{part}"]], file[f"x_{part}"])
        assert np.array_equal(source.target[file[f"place_{part}"]], file[f"y_{part}"])


def in_order_of_the_source() -> tuple[np.ndarray, np.ndarray]:
    """Return all images and labels, put together by their places one at a time."""
    file = digits_file()
    images, labels = np.zeros((1797, 8, 8)), np.full(1797, -1)
    for part in ("train", "test"):
        for image, label, place in zip(file[f"x_{part}"], file[f"y_{part}"], file[f"place_{part}"]):
            assert labels[place] == -1
            images[place], labels[place] = image, label
    return images, labels


def test_the_five_blocks_are_the_fifths_of_the_source():
    images, labels = in_order_of_the_source()
    assert labels.min() == 0
    tested = []
    for block in range(5):
        (x_train, y_train), (x_test, y_test) = datasets.load_digits(8, split="blocks", block=block)
        start = sum(tested)
        inside = np.zeros(1797, dtype=bool)
        inside[start : start + len(x_test)] = True
        assert np.array_equal(x_test[:, 0] * 16, images[inside]) and np.array_equal(y_test, labels[inside])
        assert np.array_equal(x_train[:, 0] * 16, images[~inside]) and np.array_equal(y_train, labels[~inside])
        assert x_train.dtype == x_test.dtype == np.float32 and y_train.dtype == y_test.dtype == np.int64
        tested.append(len(x_test))
    assert sum(tested) == 1797 and max(tested) - min(tested) == 1


def test_blocks_have_any_size_and_are_drawn_as_the_usual_digits_are():
    (x_train, _), (x_test, _) = datasets.load_digits(28, "blocks", np.int64(3))
    small, _ = datasets.load_digits(8, "blocks", 3)[1]
    (usual_train, _), (usual_test, _) = datasets.load_digits()
    usual = {image.tobytes() for image in np.concatenate([usual_train, usual_test])}
    assert x_train.shape[1:] == (1, 28, 28) and len(x_test) == len(small)
    assert {image.tobytes() for image in np.concatenate([x_train, x_test])} == usual


def test_blocks_are_harder_than_the_usual_split():
    """By its nearest neighbour a digit of another writer is misread more often: it is the reason for the blocks."""

    def misread(train, test):
        (x, labels), (others, truth) = train, test
        x, others = x.reshape(len(x), -1).astype(float), others.reshape(len(others), -1).astype(float)
        away = (x**2).sum(axis=1) - 2 * others @ x.T
        return int((labels[away.argmin(axis=1)] != truth).sum()), len(truth)

    assert misread(*datasets.load_digits(8)) == (4, 360)
    blocks = [misread(*datasets.load_digits(8, "blocks", block)) for block in range(5)]
    assert [wrong for wrong, _ in blocks] == [14, 17, 12, 4, 16]


@pytest.mark.parametrize(
    "change, error, words",
    [
        ({"split": "writers"}, ValueError, r"^split: got 'writers', expected 'classes' or 'blocks'"),
        ({"split": None}, ValueError, r"^split: got None, expected"),
        ({"split": 2}, ValueError, r"^split: got 2, expected"),
        ({"split": "blocks", "block": 5}, ValueError, r"^block: got 5, expected 0 to 4"),
        ({"split": "blocks", "block": -1}, ValueError, r"^block: got -1, expected"),
        ({"split": "blocks", "block": 1.0}, TypeError, r"^block: got 1.0"),
        ({"split": "blocks", "block": True}, TypeError, r"^block: got True"),
        ({"block": 2}, ValueError, r"^block: got 2 with split='classes', expected split='blocks'"),
        ({"block": 7}, ValueError, r"^block: got 7, expected 0 to 4"),
    ],
)
def test_blocks_that_do_not_exist(change, error, words):
    with pytest.raises(error, match=words):
        datasets.load_digits(8, **change)


def test_digits_are_fresh_arrays_at_each_call():
    (first, labels), _ = datasets.load_digits(8)
    first[:] = 7
    labels[:] = 7
    (second, second_labels), _ = datasets.load_digits(8)
    assert second.max() == 1 and len(np.unique(second_labels)) == 10


@pytest.mark.parametrize("size", [-28, 0, 7, 9, 10, 11])
def test_digits_of_a_size_that_does_not_fit(size):
    with pytest.raises(ValueError, match=rf"^size: got {size}, expected"):
        datasets.load_digits(size)


@pytest.mark.parametrize("size", [28.0, "28", None, True, (28, 28)])
def test_digits_size_of_a_wrong_type(size):
    with pytest.raises(TypeError, match=r"^size: got "):
        datasets.load_digits(size)


def test_data_folder_of_a_checkout_and_of_a_wheel(tmp_path, monkeypatch):
    assert paths.checkout() == ROOT and paths.data_folder() == ROOT / "data"
    installed = tmp_path / "site-packages" / "cnnlib"
    (installed / "data").mkdir(parents=True)
    shutil.copy(ROOT / "data" / "digits.npz", installed / "data")
    (tmp_path / "site-packages" / "data").mkdir()  # of another package
    monkeypatch.setattr(paths, "__file__", str(installed / "paths.py"))
    monkeypatch.setattr(paths.importlib.resources, "files", lambda package: tmp_path / "site-packages" / package)
    assert paths.checkout() is None and paths.data_folder() == installed / "data"
    assert datasets.load_digits(8)[1][0].shape == (360, 1, 8, 8)


# A fake MNIST and a server that has it ------------------------------------------------------------------------------


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


@pytest.fixture
def fake(monkeypatch) -> dict[str, np.ndarray]:
    """The arrays of a small MNIST, by the names of the files, whose sums datasets.MNIST_FILES now has."""
    rng = np.random.default_rng(5)
    shapes = [(300, 28, 28), (300,), (70, 28, 28), (70,)]
    arrays = {n: rng.integers(0, 10 if len(s) == 1 else 256, s, dtype=np.uint8) for n, s in zip(NAMES, shapes)}
    files = tuple(datasets.MnistFile(n, a.shape, hashlib.sha256(idx(a)).hexdigest()) for n, a in arrays.items())
    monkeypatch.setattr(datasets, "MNIST_FILES", files)
    return arrays


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """An empty world: no MNIST, no mirror but those a test names, no proxy between it and 127.0.0.1."""
    monkeypatch.setattr(datasets.paths, "checkout", lambda: tmp_path / "checkout")
    monkeypatch.setenv("CNNLIB_DATA", str(tmp_path / "chosen"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(datasets, "MNIST_MIRRORS", (f"http://127.0.0.1:{unused_port()}/nobody",))
    monkeypatch.delenv("CNNLIB_MNIST_MIRRORS", raising=False)
    return tmp_path


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def header(*sizes, axes=3, kind=8):
    return bytes([0, 0, kind, axes]) + struct.pack(f">{len(sizes)}I", *sizes)


def largest(content: bytes) -> int:
    """Return how many bytes a mirror may send for a file that holds `content`, as the message says it."""
    return len(content) + 1_000_000


BOMB = packed(header(300, 28, 28) + bytes(50_000_000))


class Server(ThreadingHTTPServer):
    """Serves `content` (by file name) under /<behaviour>/<file name>.gz and keeps a list of what was asked for."""

    daemon_threads = True

    def __init__(self, content: dict[str, bytes]):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.asked: list[str] = []
        self.half_sent = threading.Event()
        self.closing = threading.Event()
        self.on_half: list = []  # called once half of a body is out

    def mirror(self, behaviour: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{behaviour}/"

    def handle_error(self, request, client_address):
        pass  # clients that hang up are what is tested


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.server.asked.append(self.path)
        _, behaviour, file = self.path.split("/")
        name = file.removesuffix(".gz")
        if file == name or name not in self.server.content:
            return self.send_error(404)
        getattr(self, behaviour)(self.server.content[name])

    def body(self, body, length=None, **headers):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def half(self, content):
        body = packed(content)
        self.body(body[: len(body) // 2], length=len(body))
        self.server.half_sent.set()
        for action in self.server.on_half:
            action()

    def good(self, content):
        self.body(packed(content))

    def good_unpacked(self, content):
        self.body(content)

    def good_encoded(self, content):  # as some stores do: the client's library unpacks it on the way
        self.body(packed(content), Content_Encoding="gzip")

    def largest(self, content, beyond=0):  # a long file name inside the packed file: its content is good
        plain = packed(content)
        name = b"n" * (largest(content) + beyond - len(plain) - 1) + b"\0"
        self.body(plain[:3] + b"\x08" + plain[4:10] + name + plain[10:])

    def too_large(self, content):
        self.largest(content, beyond=1)

    def good_without_length(self, content):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(packed(content))

    def truncated(self, content):  # says that it is complete
        self.body(packed(content)[:-9])

    def truncated_idx(self, content):
        self.body(packed(content[:-1]))

    def corrupted(self, content):
        body = bytearray(packed(content))
        body[len(body) // 2] ^= 0x55
        self.body(bytes(body))

    def wrong(self, content):  # a good gzip file of a good idx file, with one pixel changed
        self.body(packed(content[:-1] + bytes([content[-1] ^ 1])))

    def page(self, content):  # what a hotel's network answers to everything
        self.body(b"<html>Please log in</html>")

    def empty(self, content):
        self.body(b"")

    def endless(self, content):
        self.send_response(200)
        self.end_headers()
        for _ in range(500):
            self.wfile.write(bytes(100_000))

    def bomb(self, content):
        self.body(BOMB)

    def missing(self, content):
        self.send_error(404)

    def refused(self, content):
        self.send_error(503)

    def dropped(self, content):
        self.half(content)  # and the connection is closed

    def stalled(self, content):
        self.half(content)
        self.server.closing.wait(WAIT)

    def silent(self, content):
        self.server.closing.wait(WAIT)

    def dripping(self, content):  # never silent for long enough to run into a time-out
        self.body(b"", length=len(content))
        for _ in range(500):
            if not self.server.closing.wait(0.02):
                self.wfile.write(b"\x1f")


@contextlib.contextmanager
def serving(content: dict[str, bytes]):
    with Server(content) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join(WAIT)


@pytest.fixture
def server(fake, home):
    with serving({name: idx(array) for name, array in fake.items()}) as server:
        yield server


@pytest.fixture
def impatient(monkeypatch):
    """A short time-out, but only for mirrors that let one wait: else a busy computer could make a test fail."""
    transfer = datasets._transfer

    def hurry(address, **options):
        slow = re.search("/(stalled|silent|dripping)/", address)
        monkeypatch.setattr(datasets, "TIMEOUT", 0.5 if slow else WAIT)
        return transfer(address, **options)

    monkeypatch.setattr(datasets, "_transfer", hurry)


def fill(folder: Path, fake: dict[str, np.ndarray], form: str = "packed") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in fake.items():
        if form == "packed":
            (folder / f"{name}.gz").write_bytes(packed(idx(array)))
        else:
            (folder / name).write_bytes(idx(array))
    return folder


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Everything below `folder`, hidden files too: name -> (time of the last change, content)."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in found}


def check_is_fake(loaded, fake):
    (x_train, y_train), (x_test, y_test) = loaded
    for x, y, images, labels in ((x_train, y_train, *NAMES[:2]), (x_test, y_test, *NAMES[2:])):
        assert x.dtype == np.float32 and y.dtype == np.int64
        assert x.shape == (len(fake[images]), 1, 28, 28)
        assert np.array_equal(x[:, 0], fake[images].astype(np.float32) / np.float32(255))
        assert np.array_equal(y, fake[labels])
        assert x.flags.writeable and y.flags.writeable


# Reading ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["packed", "unpacked"])
@pytest.mark.parametrize("as_type", [str, Path])
def test_load_from_a_folder(fake, home, form, as_type):
    folder = fill(home / "somewhere", fake, form)
    check_is_fake(datasets.load_mnist(as_type(folder)), fake)
    assert datasets.mnist_is_available(as_type(folder))
    assert not datasets.mnist_is_available()


def test_packed_and_unpacked_files_may_be_mixed(fake, home):
    folder = fill(home / "somewhere", fake)
    (folder / f"{IMAGES}.gz").unlink()
    (folder / IMAGES).write_bytes(idx(fake[IMAGES]))
    check_is_fake(datasets.load_mnist(folder), fake)


@pytest.mark.parametrize("ending", [".gz", ""])
def test_names_with_a_dot_as_some_programs_unpack_them(fake, home, ending):
    folder = home / "somewhere"
    folder.mkdir()
    for name, array in fake.items():
        content = packed(idx(array)) if ending else idx(array)
        (folder / f"{name.replace('-idx', '.idx')}{ending}").write_bytes(content)
    check_is_fake(datasets.load_mnist(folder), fake)
    assert datasets.mnist_is_available(folder)
    assert datasets.download_mnist(folder) == folder  # nothing is missing: no mirror is asked


def test_the_variable_may_name_the_folder_of_the_files_itself(fake, home):
    fill(home / "chosen", fake)
    check_is_fake(datasets.load_mnist(), fake)
    assert datasets.mnist_is_available()
    assert datasets._mnist_folders()[:2] == [home / "chosen" / "mnist", home / "chosen"]


def test_a_folder_without_the_files_says_what_was_looked_for(fake, home):
    (home / "chosen").mkdir()
    with pytest.raises(FileNotFoundError) as caught:
        datasets.load_mnist(home / "chosen")
    for words in (*NAMES, "train-images.idx3-ubyte", ".gz"):
        assert words in str(caught.value)


def test_a_good_form_is_read_where_the_other_is_broken(fake, home):
    folder = fill(fill(home / "somewhere", fake), fake, "unpacked")
    (folder / f"{IMAGES}.gz").write_bytes(b"")
    (folder / NAMES[1]).write_bytes(b"")
    check_is_fake(datasets.load_mnist(folder), fake)


def test_search_order(fake, home, monkeypatch):
    chosen, default = home / "chosen" / "mnist", home / "checkout" / "data" / "mnist"
    read = []
    original = datasets._read
    monkeypatch.setattr(datasets, "_read", lambda folder, file: read.append(folder) or original(folder, file))
    fill(default, fake)
    check_is_fake(datasets.load_mnist(), fake)
    assert set(read) == {default}
    fill(chosen, fake)
    read.clear()
    check_is_fake(datasets.load_mnist(), fake)
    assert set(read) == {chosen}
    (chosen / f"{IMAGES}.gz").unlink()  # a folder that lacks one is passed over
    read.clear()
    check_is_fake(datasets.load_mnist(), fake)
    assert set(read) == {default}
    monkeypatch.setenv("CNNLIB_DATA", "")
    assert datasets._mnist_folders() == [default]


def test_relative_variable_counts_from_here_or_from_the_checkout(fake, home, monkeypatch):
    (home / "checkout" / "notebooks").mkdir(parents=True)
    fill(home / "shared" / "mnist", fake)
    monkeypatch.setenv("CNNLIB_DATA", os.path.join("..", "shared"))
    for place in (home / "checkout", home / "checkout" / "notebooks"):
        monkeypatch.chdir(place)
        check_is_fake(datasets.load_mnist(), fake)
    monkeypatch.setenv("CNNLIB_DATA", "nowhere")
    assert datasets._mnist_folders()[0] == home / "checkout" / "notebooks" / "nowhere" / "mnist"


def test_installed_without_a_checkout_the_cache_is_used(fake, home, monkeypatch):
    pooch = pytest.importorskip("pooch")
    monkeypatch.setattr(datasets.paths, "checkout", lambda: None)
    monkeypatch.setattr(pooch, "os_cache", lambda project: home / "cache" / project)
    fill(home / "cache" / "cnnlib" / "mnist", fake)
    check_is_fake(datasets.load_mnist(), fake)
    assert datasets._mnist_folders() == [home / "chosen" / "mnist", home / "cache" / "cnnlib" / "mnist"]


BROKEN = {
    "empty": (lambda good: b"", "begins with nothing"),
    "text": (lambda good: b"<html>not here</html>", "begins with 3c 68 74 6d"),
    "gzip cut": (lambda good: packed(good)[:-30], "gzip file that ends too early"),
    "gzip cut in its first bytes": (lambda good: packed(good)[:5], "gzip file that ends too early"),
    "gzip without its sum": (lambda good: packed(good)[:-8], "gzip file that ends too early"),
    "gzip with a wrong sum": (lambda good: packed(good)[:-8] + bytes(8), "broken gzip file"),
    "gzip with a method that is none": (lambda good: b"\x1f\x8b\x00" + packed(good)[3:], "broken gzip file"),
    "gzip with rubbish in it": (lambda good: packed(good)[:10] + b"\xff" * 100, "broken gzip file"),
    "idx cut": (lambda good: packed(good[:-1]), "got 235,215 bytes, expected 235,216"),
    "idx cut in its header": (lambda good: packed(good[:9]), "got 9 bytes, expected a header of 16"),
    "one byte more": (lambda good: packed(good + b"\0"), "got more bytes, expected 235,216"),
    "magic of labels": (lambda good: packed(header(300, axes=1) + good[16:]), "00 00 08 01, expected 00 00 08 03"),
    "magic of floats": (lambda good: packed(header(300, 28, 28, kind=13) + good[16:]), "begins with 00 00 0d 03"),
    "little-endian sizes": (lambda good: packed(good[:4] + struct.pack("<3I", 300, 28, 28) + good[16:]), "got sizes"),
    "another count": (lambda good: packed(header(299, 28, 28) + good[16:-784]), r"\(299, 28, 28\).*\(300, 28, 28\)"),
    "another size": (lambda good: packed(header(300, 14, 56) + good[16:]), r"\(300, 14, 56\).*\(300, 28, 28\)"),
    "one pixel changed": (lambda good: packed(good[:-1] + bytes([good[-1] ^ 1])), "other content.*sha256 [0-9a-f]{64}"),
    "unpacked and cut": (lambda good: good[:-784], "got 234,432 bytes"),
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("suffix", [".gz", ""])
def test_a_broken_file_is_named_and_how_to_get_it(fake, home, kind, suffix):
    make, message = BROKEN[kind]
    folder = fill(home / "some folder", fake)
    (folder / f"{IMAGES}.gz").unlink()
    broken = folder / f"{IMAGES}{suffix}"
    broken.write_bytes(make(idx(fake[IMAGES])))
    with pytest.raises(ValueError, match=message) as caught:
        datasets.load_mnist(folder)
    assert str(broken) in str(caught.value)
    assert f'python -m cnnlib download mnist --folder "{folder}"' in str(caught.value)
    assert not datasets.mnist_is_available(folder)


@pytest.mark.parametrize("name", NAMES)
def test_each_of_the_four_is_checked(fake, home, name):
    folder = fill(home / "chosen" / "mnist", fake)
    (folder / f"{name}.gz").write_bytes(packed(idx(fake[name])[:-1] + b"\x0b"))
    with pytest.raises(ValueError, match=rf"{name}\.gz: got .* Get it with: python -m cnnlib download mnist$"):
        datasets.load_mnist()
    assert not datasets.mnist_is_available()


def test_a_gzip_bomb_does_not_fill_the_memory(fake, home):
    folder = fill(home / "somewhere", fake)
    (folder / f"{IMAGES}.gz").write_bytes(BOMB)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="got more bytes"):
            datasets.load_mnist(folder)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_folder_without_the_files_is_an_error_and_no_download(server, home, monkeypatch):
    monkeypatch.setenv("CNNLIB_MNIST_MIRRORS", server.mirror("good"))
    (home / "empty").mkdir()
    (home / "file").write_text("")
    for folder, state in (("empty", "none of the four files"), ("nowhere", "does not exist"), ("file", "not a folder")):
        with pytest.raises(FileNotFoundError, match=f"^path: got .*{folder}.*{state}.*python -m cnnlib download mnist"):
            datasets.load_mnist(home / folder)
        assert not datasets.mnist_is_available(home / folder)
    assert server.asked == []


def test_a_folder_that_lacks_one_file_says_which(fake, home):
    folder = fill(home / "somewhere", fake)
    (folder / f"{NAMES[3]}.gz").unlink()
    with pytest.raises(FileNotFoundError, match=rf"without {NAMES[3]}\)"):
        datasets.load_mnist(folder)


@pytest.mark.parametrize("path", [3, b"mnist", ["mnist"]])
def test_a_path_of_a_wrong_type(path):
    for function, name in (
        (datasets.load_mnist, "path"),
        (datasets.mnist_is_available, "path"),
        (datasets.download_mnist, "folder"),
    ):
        with pytest.raises(TypeError, match=rf"^{name}: got .* \({type(path).__name__}\), expected a folder"):
            function(path)


def test_is_available_does_not_download(server, monkeypatch):
    monkeypatch.setenv("CNNLIB_MNIST_MIRRORS", server.mirror("good"))
    assert not datasets.mnist_is_available()
    assert server.asked == []


# Downloading --------------------------------------------------------------------------------------------------------


def test_download(server, fake, home, capsys):
    folder = datasets.download_mnist(home / "new" / "folder", [server.mirror("good")])
    assert folder == home / "new" / "folder"
    assert sorted(tree(home)) == sorted(os.path.join("new", "folder", f"{name}.gz") for name in NAMES)
    check_is_fake(datasets.load_mnist(folder), fake)
    assert server.asked == [f"/good/{name}.gz" for name in NAMES]
    bars = capsys.readouterr()
    assert bars.out == "" and "100%" in bars.err
    assert {line.split(":")[0] for line in re.split("[\r\n]+", bars.err) if line} == {f"{name}.gz" for name in NAMES}


def test_download_without_progress_prints_nothing(server, home, capsys):
    datasets.download_mnist(str(home / "folder"), (server.mirror("good"),), progress=False)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("behaviour", ["good_unpacked", "good_encoded", "good_without_length"])
def test_other_ways_to_send_a_good_file(server, fake, home, behaviour):
    folder = datasets.download_mnist(home / "folder", [server.mirror(behaviour)])
    check_is_fake(datasets.load_mnist(folder), fake)
    for path in folder.iterdir():  # what is called .gz is packed, for other programs too
        assert (path.suffix == ".gz") == path.read_bytes().startswith(b"\x1f\x8b")


def test_a_file_may_be_a_megabyte_larger_than_what_it_holds_and_no_more(server, fake, home):
    datasets.download_mnist(home / "folder", [server.mirror("largest")])
    check_is_fake(datasets.load_mnist(home / "folder"), fake)
    limit = largest(idx(fake[NAMES[0]]))
    with pytest.raises(datasets.DownloadError, match=f"got more than {limit:,} bytes"):
        datasets.download_mnist(home / "other", [server.mirror("too_large")])


def test_load_downloads_into_the_chosen_folder(server, fake, home, monkeypatch):
    monkeypatch.setenv("CNNLIB_MNIST_MIRRORS", f"{server.mirror('missing')}  {server.mirror('good')}")
    check_is_fake(datasets.load_mnist(), fake)
    assert {os.path.dirname(name) for name in tree(home)} == {os.path.join("chosen", "mnist")}
    assert datasets.mnist_is_available()
    count = len(server.asked)
    check_is_fake(datasets.load_mnist(), fake)
    assert len(server.asked) == count


def test_load_downloads_into_the_checkout_by_default(server, fake, home, monkeypatch):
    monkeypatch.setenv("CNNLIB_MNIST_MIRRORS", server.mirror("good"))
    monkeypatch.delenv("CNNLIB_DATA")
    check_is_fake(datasets.load_mnist(), fake)
    assert {os.path.dirname(name) for name in tree(home)} == {os.path.join("checkout", "data", "mnist")}


BAD = {
    "truncated": "ends too early",
    "truncated_idx": "235,215 bytes",
    "corrupted": "gzip|other content",
    "wrong": "other content than MNIST's: sha256",
    "page": "begins with 3c 68",
    "empty": "begins with nothing",
    "endless": "got more than 1,235,216 bytes",
    "bomb": "got more bytes",
    "missing": "the server answers 404 Not Found",
    "refused": "the server answers 503",
    "dropped": "the connection broke off",
    "stalled": "no answer within 0.5 s",
    "silent": "no answer within 0.5 s",
    "dripping": "too slow: [0-9]+ bytes",
}


@pytest.mark.parametrize("behaviour", BAD)
def test_a_bad_mirror_leaves_nothing_and_is_named(server, home, impatient, behaviour):
    with pytest.raises(datasets.DownloadError, match=BAD[behaviour]) as caught:
        datasets.download_mnist(home / "new" / "folder", [server.mirror(behaviour)])
    assert f"{server.mirror(behaviour)}{IMAGES}.gz (" in str(caught.value)
    assert list(home.iterdir()) == []  # not even an empty folder


@pytest.mark.parametrize("behaviour", BAD)
def test_the_second_mirror_helps_out(server, fake, home, impatient, behaviour):
    folder = datasets.download_mnist(home / "folder", [server.mirror(behaviour), server.mirror("good")])
    check_is_fake(datasets.load_mnist(folder), fake)
    assert sorted(tree(folder)) == sorted(f"{name}.gz" for name in NAMES)
    bad = [path for path in server.asked if path.startswith(f"/{behaviour}/")]
    assert bad == [f"/{behaviour}/{IMAGES}.gz"]  # having failed once it is not waited for again


def test_a_mirror_that_nobody_serves(server, fake, home):
    nobody = f"http://127.0.0.1:{unused_port()}/mnist"
    folder = datasets.download_mnist(home / "folder", [nobody, server.mirror("good")])
    check_is_fake(datasets.load_mnist(folder), fake)
    with pytest.raises(datasets.DownloadError, match=rf"{nobody}/{IMAGES}\.gz \(.*refused"):
        datasets.download_mnist(home / "other", [nobody])
    with pytest.raises(datasets.DownloadError, match="no-scheme"):
        datasets.download_mnist(home / "other", ["no-scheme"])


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_cannot_be_reached_is_named(home, monkeypatch, scheme):
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://user:secret@127.0.0.1:{unused_port()}")
    with pytest.raises(datasets.DownloadError) as caught:
        datasets.download_mnist(home / "folder", [f"{scheme}://mirror.invalid/mnist"])
    reason = re.search(r"\.gz \((.*)\)\.$", str(caught.value), re.MULTILINE).group(1)
    assert re.fullmatch(r"the proxy of this network, as set in HTTPS_PROXY or HTTP_PROXY, .*[Rr]efused", reason)
    assert "secret" not in str(caught.value) and list(home.iterdir()) == []


def test_a_proxy_that_refuses_is_named(server, home, monkeypatch):
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy")
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, server.mirror("good"))  # it knows no CONNECT: 501
    with pytest.raises(datasets.DownloadError, match=r"\(the proxy of this network, .*: .*501 Unsupported"):
        datasets.download_mnist(home / "folder", ["https://mirror.invalid/mnist"])


def test_a_mirror_that_has_only_some_of_the_files(server, fake, home):
    del server.content[NAMES[2]]
    with serving({NAMES[2]: idx(fake[NAMES[2]])}) as second:
        folder = datasets.download_mnist(home / "folder", [server.mirror("good"), second.mirror("good")])
        assert second.asked == [f"/good/{NAMES[2]}.gz", f"/good/{NAMES[3]}.gz"]
    check_is_fake(datasets.load_mnist(folder), fake)


def test_what_came_before_a_failure_is_kept(server, fake, home):
    last = server.content.pop(NAMES[3])
    with pytest.raises(datasets.DownloadError, match=NAMES[3]):
        datasets.download_mnist(home / "folder", [server.mirror("good")])
    before = tree(home / "folder")
    assert sorted(before) == sorted(f"{name}.gz" for name in NAMES[:3])
    server.content[NAMES[3]] = last
    server.asked.clear()
    datasets.download_mnist(home / "folder", [server.mirror("good")])
    assert server.asked == [f"/good/{NAMES[3]}.gz"]
    after = tree(home / "folder")
    assert {name: after[name] for name in before} == before
    check_is_fake(datasets.load_mnist(home / "folder"), fake)


@pytest.mark.parametrize("form", ["packed", "unpacked"])
def test_good_files_are_kept_and_not_fetched(server, fake, home, form):
    folder = fill(home / "folder", fake, form)
    before = tree(folder)
    assert datasets.download_mnist(folder, [server.mirror("good")]) == folder
    assert server.asked == [] and tree(folder) == before


@pytest.mark.parametrize("content", [b"", b"half of it", b"\x1f\x8b\x08"])
def test_a_bad_file_is_replaced_by_a_good_one(server, fake, home, content):
    folder = fill(home / "folder", fake)
    (folder / f"{IMAGES}.gz").write_bytes(content)
    before = tree(folder)
    datasets.download_mnist(folder, [server.mirror("good")])
    assert server.asked == [f"/good/{IMAGES}.gz"]
    check_is_fake(datasets.load_mnist(folder), fake)
    after = tree(folder)
    assert [name for name in after if after[name] != before[name]] == [f"{IMAGES}.gz"]


@pytest.mark.parametrize("behaviour", BAD)
def test_a_bad_file_is_not_replaced_by_a_bad_one(server, fake, home, impatient, behaviour):
    folder = fill(home / "folder", fake)
    (folder / f"{IMAGES}.gz").write_bytes(b"the user's own")
    before = tree(home)
    with pytest.raises(datasets.DownloadError):
        datasets.download_mnist(folder, [server.mirror(behaviour)])
    assert tree(home) == before


@pytest.fixture(autouse=True)
def listening_to_ctrl_c():
    """A shell starts what runs in the background deaf to Ctrl-C, and the programs that this starts as well."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


OTHERS = {
    "another data set of the same shape": lambda good: packed(good[:-1] + bytes([good[-1] ^ 1])),
    "of another count": lambda good: packed(header(299, 28, 28) + good[16:-784]),
    "unpacked": lambda good: good[:-1] + bytes([good[-1] ^ 1]),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_another_data_set_is_replaced_only_if_asked(server, fake, home, kind, monkeypatch, capsys):
    folder = fill(home / "fashion", fake)
    (folder / f"{IMAGES}.gz").unlink()
    name = IMAGES if kind == "unpacked" else f"{IMAGES}.gz"
    (folder / name).write_bytes(OTHERS[kind](idx(fake[IMAGES])))
    before = tree(home)
    with pytest.raises(ValueError, match=rf"^folder: got .*fashion, which holds another data set \({name}\).*--rep"):
        datasets.download_mnist(folder, [server.mirror("good")])
    monkeypatch.setenv("CNNLIB_MNIST_MIRRORS", server.mirror("good"))
    assert main(["download", "mnist", "--quiet", "--folder", str(folder)]) == 1
    assert "another data set" in capsys.readouterr().err
    assert tree(home) == before and server.asked == []
    with pytest.raises(ValueError, match=r"--replace$"):
        datasets.load_mnist(folder)
    assert main(["download", "mnist", "--quiet", "--folder", str(folder), "--replace"]) == 0
    check_is_fake(datasets.load_mnist(folder), fake)


def test_in_its_own_folder_mnist_replaces_what_is_no_mnist(server, fake, home):
    folder = fill(home / "chosen" / "mnist", fake)
    (folder / f"{IMAGES}.gz").write_bytes(packed(idx(fake[IMAGES])[:-1] + b"\x0b"))
    datasets.download_mnist(None, [server.mirror("good")])
    check_is_fake(datasets.load_mnist(), fake)


def test_ctrl_c_half_way_leaves_nothing(server, fake, home):
    folder = fill(home / "folder", fake)
    (folder / f"{IMAGES}.gz").write_bytes(b"the user's own")
    before = tree(home)
    server.on_half.append(lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        datasets.download_mnist(folder, [server.mirror("stalled"), server.mirror("good")])
    assert server.half_sent.is_set()
    assert tree(home) == before
    assert server.asked == [f"/stalled/{IMAGES}.gz"]  # the user said stop: no other mirror is tried


@pytest.mark.parametrize("moment", ["write", "fsync", "replace"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_a_failure_while_writing_leaves_the_old_file(server, fake, home, monkeypatch, moment, error):
    folder = fill(home / "folder", fake)
    (folder / f"{IMAGES}.gz").write_bytes(b"the user's own")
    before = tree(home)
    seen = []

    def fail(*arguments):
        seen.extend(path.name for path in folder.iterdir())
        raise error

    if moment == "write":
        monkeypatch.setattr(paths, "open", lambda *arguments: FailingFile(arguments, fail), raising=False)
    else:
        monkeypatch.setattr(os, moment, fail)
    expected = KeyboardInterrupt if error is KeyboardInterrupt else datasets.DownloadError
    with pytest.raises(expected, match=None if expected is KeyboardInterrupt else r"cannot be written.*No space left"):
        datasets.download_mnist(folder, [server.mirror("good")])
    assert any(name.endswith(".part") for name in seen)  # it was written beside, in the same folder
    assert tree(home) == before


class FailingFile:
    """An open file that writes half of what it is given and then fails."""

    def __init__(self, arguments, fail):
        self.file, self.fail = open(*arguments), fail  # noqa: SIM115 (closed by __exit__)

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.file.close()

    def write(self, content):
        self.file.write(content[: len(content) // 2])
        self.fail()


def test_a_file_that_another_process_put_there_meanwhile_is_good_enough(server, fake, home, monkeypatch):
    folder = home / "folder"

    def refuse(source, target):  # as Windows does while another process reads the file that it has put there
        Path(target).write_bytes(Path(source).read_bytes())
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    datasets.download_mnist(folder, [server.mirror("good")])
    assert sorted(tree(folder)) == sorted(f"{name}.gz" for name in NAMES)
    check_is_fake(datasets.load_mnist(folder), fake)


def test_two_at_once(server, fake, home):
    folder, barrier, problems = home / "folder", threading.Barrier(4), []

    def run():
        try:
            barrier.wait(WAIT)
            datasets.download_mnist(folder, [server.mirror("good")], progress=False)
            check_is_fake(datasets.load_mnist(folder), fake)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert problems == []
    assert sorted(tree(folder)) == sorted(f"{name}.gz" for name in NAMES)


def test_one_gives_up_while_another_goes_on(server, fake, home, impatient):
    folder, problems = home / "folder", []

    def run():
        try:
            datasets.download_mnist(folder, [server.mirror("stalled")], progress=False)
        except datasets.DownloadError as error:
            problems.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert server.half_sent.wait(WAIT)
    datasets.download_mnist(folder, [server.mirror("good")], progress=False)
    before = tree(home)
    thread.join(WAIT)
    assert len(problems) == 1
    assert tree(home) == before
    check_is_fake(datasets.load_mnist(folder), fake)


def test_a_read_only_folder_is_refused_before_the_download(server, home, monkeypatch):
    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(paths.tempfile, "TemporaryFile", refuse)
    with pytest.raises(datasets.DownloadError, match=r"folder: cannot be written \(Permission denied\).*--folder"):
        datasets.download_mnist(home / "folder", [server.mirror("good")])
    assert server.asked == [] and list(home.iterdir()) == []


def test_a_folder_that_is_really_read_only(server, home):
    folder = home / "folder"
    folder.mkdir()
    folder.chmod(0o555)
    if os.access(folder, os.W_OK):
        pytest.skip("root may write into read-only folders")
    try:
        for target in (folder, folder / "below"):
            with pytest.raises(datasets.DownloadError, match="cannot be written"):
                datasets.download_mnist(target, [server.mirror("good")])
    finally:
        folder.chmod(0o755)
    assert server.asked == [] and tree(home) == {}


def test_a_read_only_folder_with_good_files_is_fine(server, fake, home, monkeypatch):
    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    folder = fill(home / "folder", fake)
    monkeypatch.setattr(paths.tempfile, "TemporaryFile", refuse)
    assert datasets.download_mnist(folder, [server.mirror("good")]) == folder
    check_is_fake(datasets.load_mnist(folder), fake)


def test_a_file_where_the_folder_should_be(server, home):
    (home / "file").write_text("mine")
    for target in (home / "file", home / "file" / "below"):
        with pytest.raises(datasets.DownloadError, match="cannot be written"):
            datasets.download_mnist(target, [server.mirror("good")])
    assert (home / "file").read_text() == "mine" and server.asked == []


def test_a_folder_where_a_file_should_be(server, home):
    (home / "folder" / f"{IMAGES}.gz").mkdir(parents=True)
    with pytest.raises(datasets.DownloadError, match=rf"{IMAGES}\.gz: cannot be written"):
        datasets.download_mnist(home / "folder", [server.mirror("good")])
    assert tree(home) == {}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_files_are_as_readable_as_any_other(server, home):
    folder = datasets.download_mnist(home / "folder", [server.mirror("good")])
    (home / "other").write_text("")
    usual = stat.S_IMODE((home / "other").stat().st_mode)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {usual}


def test_nothing_found_and_no_download(server, fake, home, monkeypatch):
    chosen, default = home / "chosen" / "mnist", home / "checkout" / "data" / "mnist"
    fill(default, fake)
    (default / f"{NAMES[1]}.gz").unlink()
    monkeypatch.setenv("CNNLIB_MNIST_MIRRORS", f"{server.mirror('missing')} {server.mirror('wrong')}")
    with pytest.raises(FileNotFoundError) as caught:
        datasets.load_mnist()
    message = str(caught.value)
    assert f"Searched: {chosen} (does not exist); {default} (without {NAMES[1]})." in message
    assert f"{server.mirror('missing')}{IMAGES}.gz (the server answers 404 Not Found)" in message
    assert f"{server.mirror('wrong')}{IMAGES}.gz (got other content than MNIST's" in message
    assert re.search(
        rf"By hand: get {', '.join(f'{name}.gz' for name in NAMES)} .* into {re.escape(str(chosen))}", message
    )
    assert not chosen.exists()


def test_mirrors_of_a_wrong_kind(home):
    for mirrors in ("http://127.0.0.1/", b"http://127.0.0.1/", [3], 3):
        with pytest.raises(TypeError, match=r"^mirrors: got .*, expected a list of addresses"):
            datasets.download_mnist(home, mirrors)
    with pytest.raises(ValueError, match=r"^mirrors: got none"):
        datasets.download_mnist(home, [])


# The command --------------------------------------------------------------------------------------------------------


def test_command(server, fake, home, monkeypatch, capsys):
    monkeypatch.setenv("CNNLIB_MNIST_MIRRORS", server.mirror("good"))
    assert main(["download", "mnist"]) == 0
    assert str(home / "chosen" / "mnist") in capsys.readouterr().out
    check_is_fake(datasets.load_mnist(), fake)
    assert main(["download", "mnist", "--quiet", "--folder", str(home / "else")]) == 0
    assert capsys.readouterr() == ("", "")
    check_is_fake(datasets.load_mnist(home / "else"), fake)


def test_command_that_fails_says_so_in_one_line(server, home, monkeypatch, capsys):
    monkeypatch.setenv("CNNLIB_MNIST_MIRRORS", server.mirror("missing"))
    assert main(["download", "mnist", "--quiet"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith(f"download: error: {IMAGES}.gz could not")
    assert "404 Not Found" in err and "By hand:" in err


def test_command_interrupted(server, home, monkeypatch, capsys):
    monkeypatch.setenv("CNNLIB_MNIST_MIRRORS", server.mirror("stalled"))
    server.on_half.append(lambda: os.kill(os.getpid(), signal.SIGINT))
    assert main(["download", "mnist", "--quiet"]) == 130
    assert capsys.readouterr() == ("", "\ndownload: interrupted.\n")
    assert tree(home) == {}


@pytest.mark.parametrize("arguments", [[], ["download"], ["download", "cifar"], ["upload"]])
def test_command_that_does_not_exist(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: python -m cnnlib" in capsys.readouterr().err


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    help_text = capsys.readouterr().out
    assert all(re.search(rf"^ +{name} ", help_text, re.MULTILINE) for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_explains_every_argument_and_names_the_defaults_that_hold(name):
    parser = argparse.ArgumentParser()
    COMMANDS[name].arguments(parser)
    for action in parser._actions:
        assert action.help, f"{name} {action.dest}"
        if action.default not in (None, False, argparse.SUPPRESS):
            assert re.search(rf"default: {re.escape(str(action.default))}\b", action.help), f"{name} {action.dest}"
        if action.nargs != 0 and action.option_strings and action.default is None and action.dest != "output":
            assert "default: " in action.help, f"{name} {action.dest}: what holds without it?"


def test_the_documentation_of_the_download_states_how_long_it_waits():
    said = " ".join(str(datasets.download_mnist.__doc__).split())
    assert f"after {datasets.TIMEOUT:g} s without a byte" in said
    assert f"fewer than {datasets.SLOWEST:,} bytes a second" in said


def test_help_names_the_folder_that_download_takes(server, home, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        main(["download", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "(default: $CNNLIB_DATA/mnist if that is set, else data/mnist)" in said
    monkeypatch.setenv("CNNLIB_DATA", str(home / "named"))
    monkeypatch.setenv("CNNLIB_MNIST_MIRRORS", server.mirror("good"))
    assert main(["download", "mnist", "--quiet"]) == 0
    assert {os.path.dirname(name) for name in tree(home)} == {os.path.join("named", "mnist")}


def command(*arguments: str, mirrors: str, folder: Path) -> subprocess.Popen:
    environment = {**os.environ, "CNNLIB_MNIST_MIRRORS": mirrors, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return subprocess.Popen(
        [sys.executable, "-m", "cnnlib", "download", "mnist", "--folder", str(folder), *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_command_line_without_a_mirror(server, tmp_path):
    with command("--quiet", mirrors=server.mirror("missing"), folder=tmp_path / "new") as process:
        out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, out, err.count("\n")) == (1, "", 1)
    assert "404 Not Found" in err and "Traceback" not in err
    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 128 + signal.SIGTERM)])
def test_command_line_ended_half_way(server, tmp_path, number, code):
    (tmp_path / f"{IMAGES}.gz").write_bytes(b"the user's own")
    before = tree(tmp_path)
    with command(mirrors=server.mirror("stalled"), folder=tmp_path) as process:
        assert server.half_sent.wait(WAIT)
        time.sleep(0.1)
        process.send_signal(number)
        _, err = process.communicate(timeout=WAIT)
    assert process.returncode == code
    assert "Traceback" not in err and ("interrupted" in err) == (number == signal.SIGINT)
    assert tree(tmp_path) == before


# The real MNIST -----------------------------------------------------------------------------------------------------


@pytest.mark.mnist
def test_real_mnist():
    assert datasets.mnist_is_available()
    (x_train, y_train), (x_test, y_test) = datasets.load_mnist()
    assert x_train.shape == (60000, 1, 28, 28) and x_test.shape == (10000, 1, 28, 28)
    assert x_train.dtype == x_test.dtype == np.float32 and y_train.dtype == y_test.dtype == np.int64
    assert (x_train.min(), x_train.max(), x_test.min(), x_test.max()) == (0, 1, 0, 1)
    assert np.bincount(y_train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert abs(x_train.mean(dtype=np.float64) - 0.1306604762738429) < 1e-8
    assert abs(x_test.mean(dtype=np.float64) - 0.1325149) < 1e-6


@pytest.mark.mnist
def test_command_line_downloads_the_real_mnist_by_two_at_once(tmp_path):
    folder = next(folder for folder in datasets._mnist_folders() if not datasets._missing(folder))
    content = {}
    for file in datasets.MNIST_FILES:
        path = file.candidates(folder)[0]
        content[file.name] = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    with serving(content) as server:
        first = command(mirrors=server.mirror("good_unpacked"), folder=tmp_path / "mnist")
        second = command(mirrors=server.mirror("good_unpacked"), folder=tmp_path / "mnist")
        with first, second:
            for process in (first, second):
                out, err = process.communicate(timeout=WAIT)
                assert process.returncode == 0, err
                assert "all four files checked" in out and "100%" in err
    assert sorted(path.name for path in (tmp_path / "mnist").iterdir()) == sorted(NAMES)
    assert datasets.mnist_is_available(tmp_path / "mnist")
