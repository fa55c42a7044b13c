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
import secrets
import tempfile
import threading
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cnnlib import arguments, paths

Split = tuple[np.ndarray, np.ndarray]


class MnistFile(NamedTuple):
    """One file of MNIST: its name when unpacked, the shape of its array, the sha256 of its unpacked bytes."""

    name: str
    shape: tuple[int, ...]
    sha256: str


MNIST_FILES = (
    MnistFile(
        "train-images-idx3-ubyte", (60000, 28, 28), "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    ),
    MnistFile("train-labels-idx1-ubyte", (60000,), "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    MnistFile(
        "t10k-images-idx3-ubyte", (10000, 28, 28), "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    ),
    MnistFile("t10k-labels-idx1-ubyte", (10000,), "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
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


class DownloadError(OSError):
    """MNIST could not be downloaded: the message lists what was tried, why it failed, and what to do by hand."""


# The digits that come with the project ------------------------------------------------------------------------------


def load_digits(size: int = 28) -> tuple[Split, Split]:
    """Return the 1,797 bundled handwritten digits, `(x_train, y_train), (x_test, y_test)`, always split the same way.

    Images are float32 in [0, 1], (1437, 1, size, size) and (360, 1, size, size); labels are int64, (1437,) and (360,).
    Size 8 gives the pixels as they are, divided by 16. Any other size enlarges each digit to size - 4 by bilinear
    interpolation, A x Aᵀ, and puts it in the middle, with two rows and columns of zeros on each side.
    Raises TypeError if `size` is no integer, ValueError if it is neither 8 nor at least 12.

    >>> (x_train, y_train), (x_test, y_test) = load_digits()
    >>> x_train.shape, x_test.shape
    ((1437, 1, 28, 28), (360, 1, 28, 28))
    """
    size = arguments.integer("size", size, 8)
    if 8 < size < SMALLEST:
        raise ValueError(f"size: got {size}, expected 8 (the pixels as they are) or at least {SMALLEST}")
    with np.load(paths.data_folder() / "digits.npz", allow_pickle=False) as digits:
        return (
            (_digit_images(digits["x_train"], size), digits["y_train"].astype(np.int64)),
            (_digit_images(digits["x_test"], size), digits["y_test"].astype(np.int64)),
        )


def _digit_images(pixels: np.ndarray, size: int) -> np.ndarray:
    images = pixels / 16
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
    middles = np.clip(middles, 0, size - 1)
    return np.maximum(0, 1 - np.abs(middles[:, np.newaxis] - np.arange(size)))


# MNIST --------------------------------------------------------------------------------------------------------------


def load_mnist(path: str | os.PathLike[str] | None = None) -> tuple[Split, Split]:
    """Return MNIST, `(x_train, y_train), (x_test, y_test)`, and download it first if it is not on this computer.

    Images are float32 in [0, 1], (60000, 1, 28, 28) and (10000, 1, 28, 28); labels are int64, (60000,) and (10000,).
    With `path`, a folder that holds the four files (.gz or unpacked), only that folder is looked at. Without, the
    first of `$CNNLIB_DATA/mnist/` and `data/mnist/` that holds them; if none does, `download_mnist()` fills the first.
    Raises ValueError if a file is broken or is another file, FileNotFoundError if files are missing and cannot be
    downloaded.

    >>> (x_train, y_train), (x_test, y_test) = load_mnist()  # doctest: +SKIP
    >>> x_train.shape, x_test.shape  # doctest: +SKIP
    ((60000, 1, 28, 28), (10000, 1, 28, 28))
    """
    folder = _existing_folder(path)
    if folder is None:
        try:
            folder = download_mnist()
        except DownloadError as error:
            places = "; ".join(f"{place} ({_what_is_missing(place)})" for place in _mnist_folders())
            message = f"MNIST is not on this computer and cannot be downloaded.\nSearched: {places}.\n{error}"
            raise FileNotFoundError(message) from error
    x_train, y_train, x_test, y_test = (_read(folder, file) for file in MNIST_FILES)
    return (_mnist_images(x_train), y_train.astype(np.int64)), (_mnist_images(x_test), y_test.astype(np.int64))


def mnist_is_available(path: str | os.PathLike[str] | None = None) -> bool:
    """Return whether `load_mnist(path)` would succeed without a download: all four files are there and are right.

    >>> mnist_is_available("no such folder")
    False
    """
    try:
        folder = _existing_folder(path)
        return folder is not None and all(_is_good(folder, file) for file in MNIST_FILES)
    except FileNotFoundError:
        return False


def download_mnist(
    folder: str | os.PathLike[str] | None = None, mirrors: Sequence[str] | None = None, progress: bool = True
) -> Path:
    """Download those of MNIST's four files that are not in `folder` yet, about 11 MB, and return the folder.

    `folder` is by default `$CNNLIB_DATA/mnist` if that variable is set, else `data/mnist` of the checkout (of an
    installed copy: a folder in the user's cache). `mirrors` are addresses of folders, tried in turn until a file comes
    right; by default those of the variable CNNLIB_MNIST_MIRRORS (with spaces between), else two public ones.
    Good files are kept. A broken file is replaced, but only by a good one: nothing is written before it is checked.
    Raises DownloadError (an OSError) if a file cannot be fetched from any mirror or cannot be written.

    >>> download_mnist("my/mnist")  # doctest: +SKIP
    PosixPath('my/mnist')
    """
    folder = _mnist_folders()[0] if folder is None else _folder("folder", folder)
    addresses = _mirrors(mirrors)
    wanted = [file for file in MNIST_FILES if not _is_good(folder, file)]
    if wanted:
        _check_writable(folder)
    for file in wanted:
        content = _fetch(file, addresses, folder, progress)
        target = folder / (f"{file.name}.gz" if content.startswith(GZIP_MAGIC) else file.name)
        try:
            _write(target, content)
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
    variable = os.environ.get("CNNLIB_DATA")
    if variable:
        chosen = Path(variable).expanduser()
        if root is not None and not chosen.exists() and (root / chosen).exists():
            chosen = root / chosen  # "../data" means the same to `make` in the checkout and to a notebook below it
        folders.insert(0, chosen.absolute() / "mnist")
    return list(dict.fromkeys(folders))


def _existing_folder(path: Any) -> Path | None:
    """Return the folder to read MNIST from, None if there is none yet. With `path`: that folder, or an error."""
    if path is None:
        return next((folder for folder in _mnist_folders() if not _missing(folder)), None)
    folder = _folder("path", path)
    if _missing(folder):
        raise FileNotFoundError(
            f"path: got {folder} ({_what_is_missing(folder)}), expected a folder that holds MNIST's four files, "
            f"packed (.gz) or unpacked. {_how_to_get(folder)}"
        )
    return folder


def _folder(name: str, value: Any) -> Path:
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name}: got {type(value).__name__}, expected a folder (str or Path) or None")
    return Path(value).expanduser()


def _candidates(folder: Path, file: MnistFile) -> list[Path]:
    return [path for path in (folder / f"{file.name}.gz", folder / file.name) if path.is_file()]


def _missing(folder: Path) -> list[str]:
    return [file.name for file in MNIST_FILES if not _candidates(folder, file)]


def _what_is_missing(folder: Path) -> str:
    missing = _missing(folder)
    if not folder.is_dir():
        return "is not a folder" if folder.exists() else "does not exist"
    return "none of the four files" if len(missing) == len(MNIST_FILES) else f"without {', '.join(missing)}"


def _how_to_get(folder: Path) -> str:
    elsewhere = "" if folder == _mnist_folders()[0] else f' --folder "{folder}"'
    return f"Get it with: {DOWNLOAD}{elsewhere}"


# Reading and checking


def _read(folder: Path, file: MnistFile) -> np.ndarray:
    """Return the array of one file of `folder`. ValueError: the file is broken; it says which and how to get it."""
    broken = []
    for path in _candidates(folder, file):
        try:
            return _array(path.read_bytes(), file)
        except ValueError as error:
            broken.append(f"{path}: {error}.")
    if not broken:
        raise FileNotFoundError(f"{folder / file.name}.gz: is missing. {_how_to_get(folder)}")
    raise ValueError(f"{' '.join(broken)} {_how_to_get(folder)}")


def _is_good(folder: Path, file: MnistFile) -> bool:
    try:
        _read(folder, file)
    except (ValueError, OSError):
        return False
    return True


def _array(content: bytes, file: MnistFile) -> np.ndarray:
    """Return the array in `content`, a packed or unpacked idx file, uint8; ValueError unless it is exactly `file`."""
    if content.startswith(GZIP_MAGIC):
        content = _unpacked(content, limit=_idx_length(file.shape) + 1)
    array = _idx_array(content, file.shape)
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise ValueError(f"got other content than MNIST's: sha256 {found}, expected {file.sha256} (unpacked)")
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
        raise ValueError(f"got sizes {sizes} in the header, expected {shape}")
    if len(content) != _idx_length(shape):
        length = f"{len(content):,} bytes" if len(content) < _idx_length(shape) else "more bytes"
        raise ValueError(f"got {length}, expected {_idx_length(shape):,} (unpacked)")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _mnist_images(pixels: np.ndarray) -> np.ndarray:
    return np.divide(pixels, np.float32(255), dtype=np.float32)[:, np.newaxis]


# Downloading


def _mirrors(mirrors: Any) -> list[str]:
    if mirrors is None:
        mirrors = os.environ.get("CNNLIB_MNIST_MIRRORS", "").split() or MNIST_MIRRORS
    if not isinstance(mirrors, (list, tuple)) or not all(isinstance(mirror, str) for mirror in mirrors):
        raise TypeError(f"mirrors: got {mirrors!r}, expected a list of addresses (str)")
    if not mirrors:
        raise ValueError("mirrors: got none, expected at least one address")
    return [mirror.rstrip("/") for mirror in mirrors]


def _check_writable(folder: Path) -> None:
    """Find out before the download, and without leaving a trace, whether something can be written in `folder`."""
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise DownloadError(
            f"{folder}: cannot be written ({error.strerror or error}). Choose another folder: {DOWNLOAD} --folder "
            "FOLDER, or set the variable CNNLIB_DATA."
        ) from error


def _fetch(file: MnistFile, mirrors: list[str], folder: Path, progress: bool) -> bytes:
    """Return the checked content of `file` from the first mirror that sends it right; mirrors that fail go last."""
    failures = []
    for mirror in mirrors.copy():
        address = f"{mirror}/{file.name}.gz"
        try:
            content = _transfer(address, limit=_idx_length(file.shape) + 1_000_000, progress=progress)
            _array(content, file)
            return content
        except (ValueError, OSError) as error:
            failures.append(f"{address} ({_reason(error)})")
            mirrors.remove(mirror)
            mirrors.append(mirror)
    names = ", ".join(f"{file.name}.gz" for file in MNIST_FILES)
    raise DownloadError(
        f"{file.name}.gz could not be fetched.\nTried: {'; '.join(failures)}.\n"
        f"By hand: get {names} from any mirror of MNIST and put them into {folder}, or "
        "set the variable CNNLIB_DATA to a folder that holds them in a folder mnist."
    )


class _Received(io.BytesIO):
    """What has come from a server so far. It refuses what is too long, and all else once it is closed to more."""

    def __init__(self, limit: int):
        super().__init__()
        self.limit = limit
        self.wanted = True

    def write(self, chunk: Any) -> int:
        if not self.wanted:
            raise ValueError("no longer wanted")
        if self.tell() + len(chunk) > self.limit:
            raise ValueError(f"got more than {self.limit:,} bytes")
        return super().write(chunk)


def _transfer(address: str, limit: int, progress: bool) -> bytes:
    """Return what `address` sends, unchecked: into memory, so that nothing half-received is ever on the disk.

    The transfer runs beside, in a thread of its own. Thus it can be given up at any moment, whatever it waits for: a
    name server, a connection, or a server that sends a byte now and then and so never runs into the time-out.
    """
    import pooch

    received = _Received(limit)
    responses: list[Any] = []
    failure: list[Exception] = []
    bar = _progress_bar(address) if progress else None
    download = pooch.HTTPDownloader(
        progressbar=bar or False,
        chunk_size=8192,
        timeout=TIMEOUT,
        headers={"Accept-Encoding": "identity"},  # a server that unpacks .gz on the way would change what is stored
        hooks={"response": lambda response, **_: responses.append(response)},
    )

    def work() -> None:
        try:
            download(address, received, None)
        except Exception as error:
            failure.append(error)
        finally:
            for response in responses:  # pooch leaves the connection open when something goes wrong
                response.close()

    worker = threading.Thread(target=work, name=f"download {address}", daemon=True)
    start = time.monotonic()
    try:
        worker.start()
        while worker.is_alive():
            worker.join(0.1)
            if time.monotonic() - start > 2 * TIMEOUT + received.tell() / SLOWEST and worker.is_alive():
                raise TimeoutError(f"too slow: {received.tell():,} bytes in {time.monotonic() - start:.0f} s")
    finally:
        received.wanted = False
        if bar is not None:
            bar.close()
    if failure:
        raise failure[0]
    return received.getvalue()


def _progress_bar(address: str) -> Any:
    from tqdm import tqdm

    class Bar(tqdm):
        def __bool__(self) -> bool:  # a bar whose total is not known yet is a bar: pooch asks
            return True

    return Bar(desc=address.rsplit("/", 1)[-1], unit="B", unit_scale=True)


def _reason(error: Exception) -> str:
    """Return in a few words why a transfer failed: what requests says spans several lines of library names."""
    import requests

    if isinstance(error, requests.HTTPError):
        return f"the server answers {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.RequestException):
        if "timed out" in str(error):
            return f"no answer within {TIMEOUT:g} s"
        if isinstance(error, requests.exceptions.ChunkedEncodingError):
            return "the connection broke off"
        cause = getattr(error.args[0], "reason", error) if error.args else error
        return str(cause).rsplit(": ", 1)[-1] or type(error).__name__
    return str(error)


def _write(path: Path, content: bytes) -> None:
    """Write `content` beside `path` and rename it: at every moment there is the old file or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")  # every process has a name of its own
    try:
        with open(beside, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
