"""The two data sets of the course: small digits that come with the project, and MNIST, downloaded once and checked.

MNIST is four files in the idx format: a magic number, the sizes of the axes, then the bytes. They may lie packed
(.gz) or unpacked; what counts is the sha256 of the unpacked bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import os
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from . import arguments, paths, shapes
from .paths import FileName

Split = tuple[np.ndarray, np.ndarray]


class MnistFile(NamedTuple):
    """One file of MNIST: its name when unpacked, the shape of its array, the sha256 of its unpacked bytes."""

    name: str
    shape: tuple[int, ...]
    sha256: str

    def candidates(self, folder: Path) -> list[Path]:
        """Return the files of a folder that may be this one: packed or not, and as some programs unpack it."""
        names = (self.name, self.name.replace("-idx", ".idx"))
        places = (folder / f"{name}{ending}" for name in names for ending in (".gz", ""))
        return [path for path in places if path.is_file()]


TRAIN, TEST = (60000, 28, 28), (10000, 28, 28)
MNIST_FILES = (
    MnistFile("train-images-idx3-ubyte", TRAIN, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    MnistFile("train-labels-idx1-ubyte", TRAIN[:1], "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    MnistFile("t10k-images-idx3-ubyte", TEST, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    MnistFile("t10k-labels-idx1-ubyte", TEST[:1], "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
)
MNIST_MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
DOWNLOAD = "python -m cnnlib download mnist"

TIMEOUT = 10.0  # seconds without a byte after which a server counts as dead
SLOWEST = 10_000  # bytes per second below which a server counts as too slow, after a grace of two time-outs
GZIP_MAGIC = b"\x1f\x8b"  # an idx file begins with two zeros, so the first bytes tell packed from unpacked
SMALLEST = 12  # below this, load_digits would have to shrink the digits
BLOCKS = 5  # of the digits in the order of their source


class DownloadError(OSError):
    """MNIST could not be downloaded: the message lists what was tried, why it failed, and what to do by hand."""


class OtherDataError(ValueError):
    """A file that is complete and holds something else than it should: another data set perhaps."""


# The digits that come with the project ------------------------------------------------------------------------------


def load_digits(size: int = 28, split: str = "classes", block: int = 0) -> tuple[Split, Split]:
    """Return the 1,797 bundled handwritten digits, `(x_train, y_train), (x_test, y_test)`.

    Parameters
    ----------
    size : int
        Rows and columns of an image. Size 8 gives the pixels as they are, divided by 16. Any other size enlarges each
        digit to size - 4 by bilinear interpolation, A x Aᵀ, and puts it in the middle, with two rows and columns of
        zeros on each side.
    split : "classes" or "blocks"
        "classes": 1,437 and 360 images; of each class, every fifth image is for testing. Training and test images are
        then by the same 13 people. "blocks": one fifth of the source, in its order, is for testing. The source seems
        to go through its writers one after another, so most of the test images are by people who wrote none of the
        training images.
    block : int
        Which fifth to test on, 0 to 4, with split="blocks". Together the five test sets hold every image once.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Images are float32 in [0, 1], (B, 1, size, size), labels int64, (B,). Both parts are in the order of the source.

    Raises
    ------
    TypeError
        If `size` or `block` is no integer.
    ValueError
        If `size` is neither 8 nor at least 12, for another split or block, or a block without split="blocks".

    Examples
    --------
    >>> (x_train, y_train), (x_test, y_test) = load_digits()
    >>> x_train.shape, x_test.shape
    ((1437, 1, 28, 28), (360, 1, 28, 28))
    >>> [len(load_digits(8, split="blocks", block=k)[1][0]) for k in range(5)]
    [360, 360, 359, 359, 359]
    """
    size = arguments.integer("size", size, 8)
    if 8 < size < SMALLEST:
        raise ValueError(f"size: got {size}, expected 8 (the pixels as they are) or at least {SMALLEST}")
    shapes.must_be_possible("size", size, 2000, size, size)
    _check_block(split, block)
    with np.load(paths.data_folder() / "digits.npz", allow_pickle=False) as file:
        parts = [[file[f"{array}_{part}"] for array in ("x", "y", "place")] for part in ("train", "test")]
    if split == "blocks":
        images, labels, places = (np.concatenate(arrays) for arrays in zip(*parts))
        fifths = np.array_split(np.argsort(places), BLOCKS)
        tested = fifths.pop(block)
        parts = [[images[chosen], labels[chosen]] for chosen in (np.concatenate(fifths), tested)]
    train, test = ((_digit_images(x, size), y.astype(np.int64)) for x, y, *_ in parts)
    return train, test


def _check_block(split: Any, block: Any) -> None:
    if not isinstance(split, str) or split not in ("classes", "blocks"):
        raise ValueError(f"split: got {split!r}, expected 'classes' or 'blocks'")
    if arguments.integer("block", block, 0) >= BLOCKS:
        raise ValueError(f"block: got {block}, expected 0 to {BLOCKS - 1}")
    if block and split != "blocks":
        raise ValueError(f"block: got {block} with split={split!r}, expected split='blocks' (or block=0)")


def _digit_images(pixels: np.ndarray, size: int) -> np.ndarray:
    images: np.ndarray = pixels / 16
    if size != 8:
        enlarge = _interpolation(size - 4, 8)
        images = np.pad(enlarge @ images @ enlarge.T, ((0, 0), (2, 2), (2, 2)))
    return images[:, np.newaxis].astype(np.float32)


def _interpolation(to: int, size: int) -> np.ndarray:
    """Return the matrix (to, size) that stretches a line of `size` pixels over `to` pixels, linear in between.

    Row i holds the weights of the old pixels in the new pixel i: the weight of an old pixel falls from 1 at its
    middle to 0 one pixel away. Beyond the middle of the outermost pixel the line goes on level.
    """
    middles = (np.arange(to) + 0.5) * (size / to) - 0.5  # of the new pixels, counted in old ones
    weights: np.ndarray = 1 - np.abs(np.clip(middles, 0, size - 1)[:, np.newaxis] - np.arange(size))
    return weights.clip(min=0)


# MNIST --------------------------------------------------------------------------------------------------------------


def load_mnist(path: FileName | None = None) -> tuple[Split, Split]:
    """Return MNIST, `(x_train, y_train), (x_test, y_test)`, and download it first if it is not on this computer.

    Parameters
    ----------
    path : str or path, optional
        A folder that holds the four files, packed (.gz) or unpacked: only that folder is looked at. Without, it is the
        first of `$CNNLIB_DATA/mnist/`, `$CNNLIB_DATA/` and `data/mnist/` that holds them; if none does,
        `download_mnist()` fills the first.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Images are float32 in [0, 1], (60000, 1, 28, 28) and (10000, 1, 28, 28), labels int64, (60000,) and (10000,).

    Raises
    ------
    ValueError
        If a file is broken or is another file; it says which, and how to get it again.
    FileNotFoundError
        If files are missing and cannot be downloaded.

    Examples
    --------
    >>> (x_train, y_train), (x_test, y_test) = load_mnist()  # doctest: +SKIP
    >>> x_train.shape, x_test.shape  # doctest: +SKIP
    ((60000, 1, 28, 28), (10000, 1, 28, 28))
    """
    folder = _existing_folder(path)
    if folder is None and path is not None:
        folder = _folder("path", path)
        raise FileNotFoundError(
            f"path: got {folder} ({_missing(folder)}), expected a folder that holds MNIST's four files, packed "
            f"(.gz) or unpacked: {MNIST_FILES[0].name} (or {MNIST_FILES[0].name.replace('-idx', '.idx')}), "
            f"{', '.join(file.name for file in MNIST_FILES[1:])}. {_how_to_get(folder)}"
        )
    if folder is None:
        try:
            folder = download_mnist()
        except DownloadError as error:
            places = "; ".join(f"{place} ({_missing(place)})" for place in _mnist_folders())
            message = f"MNIST is not on this computer and cannot be downloaded.\nSearched: {places}.\n{error}"
            raise FileNotFoundError(message) from error
    x_train, y_train, x_test, y_test = (_read(folder, file) for file in MNIST_FILES)
    return (_mnist_images(x_train), y_train.astype(np.int64)), (_mnist_images(x_test), y_test.astype(np.int64))


def mnist_is_available(path: FileName | None = None) -> bool:
    """Return whether `load_mnist(path)` would succeed without a download: all four files are there and are right.

    Parameters
    ----------
    path : str or path, optional
        As in `load_mnist`.

    Examples
    --------
    >>> mnist_is_available("no such folder")
    False
    """
    folder = _existing_folder(path)
    return folder is not None and all(_is_good(folder, file) for file in MNIST_FILES)


def download_mnist(
    folder: FileName | None = None, mirrors: Sequence[str] | None = None, progress: bool = True, replace: bool = False
) -> Path:
    """Download those of MNIST's four files that are not in a folder yet, about 11 MB, and return the folder.

    Good files are kept. A broken file is replaced, but only by a good one: nothing is written before it is checked.

    Parameters
    ----------
    folder : str or path, optional
        By default `$CNNLIB_DATA/mnist` if that variable is set, else `data/mnist` of the checkout (of an installed
        copy: a folder in the user's cache).
    mirrors : list of str, optional
        Addresses of folders, tried in turn until a file comes right; by default those of the variable
        CNNLIB_MNIST_MIRRORS (with spaces between), else two public ones.
    progress : bool
        Whether to show a progress bar for each file.
    replace : bool
        Whether a `folder` of yours that holds another data set under the same names, Fashion-MNIST for one, loses it.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    DownloadError
        An OSError: a file cannot be fetched from any mirror, or cannot be written. A server is given up after 10 s
        without a byte, and where it sends fewer than 10,000 bytes a second.
    ValueError
        If the folder holds another data set, unless `replace` is set.

    Examples
    --------
    >>> download_mnist("my/mnist")  # doctest: +SKIP
    PosixPath('my/mnist')
    """
    default = _mnist_folders()[0]
    folder = default if folder is None else _folder("folder", folder)
    addresses = _mirrors(mirrors)
    wrong = {file: errors for file in MNIST_FILES for array, errors in [_examined(folder, file)] if array is None}
    errors = [error for found in wrong.values() for error in found.items()]
    others = [path.name for path, error in errors if isinstance(error, OtherDataError)]
    if others and folder != default and not replace:
        raise ValueError(
            f"folder: got {folder}, which holds another data set ({', '.join(others)}), expected a folder for MNIST. "
            f'Choose another, or replace these files: {DOWNLOAD} --folder "{folder}" --replace'
        )
    if wrong and (obstacle := paths.obstacle(folder)):
        raise DownloadError(
            f"{folder}: cannot be written ({obstacle}). Choose another folder: {DOWNLOAD} --folder FOLDER, or set the "
            "variable CNNLIB_DATA."
        )
    for file in wrong:
        content = _fetch(file, addresses, folder, progress)
        target = folder / (f"{file.name}.gz" if content.startswith(GZIP_MAGIC) else file.name)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            paths.write_whole(target, content)
        except OSError as error:
            if not _is_good(folder, file):  # else another process was quicker and holds its own good file open
                raise DownloadError(f"{target}: cannot be written ({error}).") from error
    return folder


# Where MNIST lies


def _mnist_folders() -> list[Path]:
    """Return the folders that MNIST is looked for in, the one to download to first."""
    root = paths.checkout()
    if root is not None:
        folders = [root / "data" / "mnist"]
    else:
        import pooch  # pooch, requests and tqdm are imported where they are needed: `import cnnlib` stays quick

        folders = [Path(pooch.os_cache("cnnlib")) / "mnist"]
    if variable := os.environ.get("CNNLIB_DATA"):
        chosen = Path(variable).expanduser()
        if root is not None and not chosen.exists() and (root / chosen).exists():
            chosen = root / chosen  # "../data" means the same to `make` in the checkout and to a notebook below it
        chosen = chosen.absolute()
        itself = [chosen] if any(file.candidates(chosen) for file in MNIST_FILES) else []  # the files' own folder
        folders = [chosen / "mnist", *itself, *folders]
    return list(dict.fromkeys(folders))


def _existing_folder(path: Any) -> Path | None:
    """Return the folder to read MNIST from: `path`, or without it the first that has it; None if files are missing."""
    folders = _mnist_folders() if path is None else [_folder("path", path)]
    return next((folder for folder in folders if not _missing(folder)), None)


def _folder(name: str, value: Any) -> Path:
    return paths.checked(name, value, "a folder (str or Path) or None").expanduser()


def _missing(folder: Path) -> str:
    """Return in words which of the four files a folder lacks; "" if it has them all."""
    missing = [file.name for file in MNIST_FILES if not file.candidates(folder)]
    if not missing:
        return ""
    if not folder.is_dir():
        return "is not a folder" if folder.exists() else "does not exist"
    return "none of the four files" if len(missing) == len(MNIST_FILES) else f"without {', '.join(missing)}"


def _how_to_get(folder: Path, replace: bool = False) -> str:
    elsewhere = "" if folder == _mnist_folders()[0] else f' --folder "{folder}"{" --replace" if replace else ""}'
    return f"Get it with: {DOWNLOAD}{elsewhere}"


# Reading and checking


def _examined(folder: Path, file: MnistFile) -> tuple[np.ndarray | None, dict[Path, Exception]]:
    """Return the array of one file of `folder`, if one of its candidates is right; else what is wrong with each."""
    wrong: dict[Path, Exception] = {}
    for path in file.candidates(folder):
        try:
            return _array(path.read_bytes(), file), {}
        except (ValueError, OSError) as error:
            wrong[path] = error
    return None, wrong


def _read(folder: Path, file: MnistFile) -> np.ndarray:
    """Return the array of one file of `folder`. ValueError: the file is broken; it says which and how to get it."""
    array, wrong = _examined(folder, file)
    if array is not None:
        return array
    if not wrong:
        raise FileNotFoundError(f"{folder / file.name}.gz: is missing. {_how_to_get(folder)}")
    other = any(isinstance(error, OtherDataError) for error in wrong.values())
    raise ValueError(f"{' '.join(f'{path}: {error}.' for path, error in wrong.items())} {_how_to_get(folder, other)}")


def _is_good(folder: Path, file: MnistFile) -> bool:
    return _examined(folder, file)[0] is not None


def _array(content: bytes, file: MnistFile) -> np.ndarray:
    """Return the array in `content`, a packed or unpacked idx file, uint8; ValueError unless it is exactly `file`."""
    if content.startswith(GZIP_MAGIC):
        content = _unpacked(content, limit=_idx_length(file.shape) + 1)
    array = _idx_array(content, file.shape)
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise OtherDataError(f"got other content than MNIST's: sha256 {found}, expected {file.sha256} (unpacked)")
    return array


def _unpacked(content: bytes, limit: int) -> bytes:
    """Return at most the first `limit` bytes of what is packed in `content`: no file can fill the memory."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            return packed.read(limit)
    except EOFError:
        raise ValueError(f"got a gzip file that ends too early, after {len(content):,} bytes") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"got a broken gzip file ({error})") from None


def _idx_length(shape: tuple[int, ...]) -> int:
    return 4 + 4 * len(shape) + math.prod(shape)


def _idx_array(content: bytes, shape: tuple[int, ...]) -> np.ndarray:
    """Return the array of an idx file: bytes 0, 0, 8 (uint8), the number of axes, each size in 4 bytes, the data."""
    magic, expected = content[:4], bytes([0, 0, 8, len(shape)])
    if magic != expected:
        raise ValueError(f"got a file that begins with {magic.hex(' ') or 'nothing'}, expected {expected.hex(' ')}")
    header = 4 + 4 * len(shape)
    if len(content) < header:
        raise ValueError(f"got {len(content)} bytes, expected a header of {header}")
    sizes = tuple(np.frombuffer(content, ">u4", count=len(shape), offset=4).tolist())
    if sizes != shape:
        raise OtherDataError(f"got sizes {sizes} in the header, expected {shape}")
    if len(content) != _idx_length(shape):
        length = f"{len(content):,} bytes" if len(content) < _idx_length(shape) else "more bytes"
        raise ValueError(f"got {length}, expected {_idx_length(shape):,} (unpacked)")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _mnist_images(pixels: np.ndarray) -> np.ndarray:
    images: np.ndarray = np.divide(pixels, np.float32(255), dtype=np.float32)
    return images[:, np.newaxis]


# Downloading


def _mirrors(mirrors: Any) -> list[str]:
    if mirrors is None:
        mirrors = os.environ.get("CNNLIB_MNIST_MIRRORS", "").split() or MNIST_MIRRORS
    if not isinstance(mirrors, (list, tuple)) or not all(isinstance(mirror, str) for mirror in mirrors):
        raise TypeError(f"mirrors: got {mirrors!r}, expected a list of addresses (str)")
    if not mirrors:
        raise ValueError("mirrors: got none, expected at least one address")
    return [mirror.rstrip("/") for mirror in mirrors]


def _fetch(file: MnistFile, mirrors: list[str], folder: Path, progress: bool) -> bytes:
    """Return the checked content of `file` from the first mirror that sends it right; mirrors that fail go last."""
    failures = []
    for mirror in mirrors.copy():
        address = f"{mirror}/{file.name}.gz"
        try:
            content = _transfer(address, limit=_idx_length(file.shape) + 1_000_000, progress=progress)
            _array(content, file)
            return content
        except Exception as error:  # also those of urllib3, which requests does not make its own while a body comes
            failures.append(f"{address} ({_reason(error)})")
            mirrors.remove(mirror)
            mirrors.append(mirror)
    names = ", ".join(f"{file.name}.gz" for file in MNIST_FILES)
    raise DownloadError(
        f"{file.name}.gz could not be fetched.\nTried: {'; '.join(failures)}.\n"
        f"By hand: get {names} from any mirror of MNIST and put them into {folder}, or "
        "set the variable CNNLIB_DATA to a folder that holds them in a folder mnist."
    )


def _transfer(address: str, limit: int, progress: bool) -> bytes:
    """Return what `address` sends, unchecked: into memory, so that nothing half-received is ever on the disk.

    `pooch.retrieve` checks the packed bytes, which differ from mirror to mirror, and stops neither at a size nor after
    a time: a server that sends a byte now and then never runs into a time-out.
    """
    import requests
    from tqdm import tqdm

    received, start = bytearray(), time.monotonic()
    with (
        tqdm(desc=address.rsplit("/", 1)[-1], unit="B", unit_scale=True, disable=not progress) as bar,
        # A server that unpacks .gz on the way would change what is stored.
        requests.get(address, headers={"Accept-Encoding": "identity"}, stream=True, timeout=TIMEOUT) as response,
    ):
        if not response.ok:
            raise OSError(f"the server answers {response.status_code} {response.reason}")
        bar.total = int(response.headers.get("Content-Length", 0)) or None
        # What has come so far, so that a server that trickles is found out; urllib3 before 2.2 waits for all 64 KiB.
        read = getattr(response.raw, "read1", response.raw.read)
        while chunk := read(1 << 16):
            received += chunk
            bar.update(len(chunk))
            seconds = time.monotonic() - start
            if len(received) > limit:
                raise ValueError(f"got more than {limit:,} bytes")
            if seconds > 2 * TIMEOUT + len(received) / SLOWEST:
                raise TimeoutError(f"too slow: {len(received):,} bytes in {seconds:.0f} s")
    return bytes(received)


def _reason(error: Exception) -> str:
    """Return in a few words why a transfer failed: what requests says spans several lines of library names."""
    import requests

    if "timed out" in str(error):
        return f"no answer within {TIMEOUT:g} s"
    if "Connection broken" in str(error):
        return "the connection broke off"
    if not isinstance(error, requests.RequestException):
        return str(error)
    cause = getattr(error.args[0], "reason", error) if error.args else error
    words = str(getattr(cause, "original_error", cause)).rsplit(": ", 1)[-1] or type(error).__name__
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy of this network, as set in HTTPS_PROXY or HTTP_PROXY, does not let it through: {words}"
    return words
