"""Running one process in which student code may do what it likes: bubblewrap where it is, else limits alone.

Inside there is Python with its standard library, NumPy, this folder's worker, an empty home, and nothing else: no
network, no other process, no file of the teacher's. What comes out is bytes, no more than a limit, within a time.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import secrets
import selectors
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

import cnnlib
from cnnlib import paths

from . import serialization

HERE = Path(__file__).resolve().parent
FILES = ("worker.py", "serialization.py", "import_stubs.py", "notebook_code.py")
# Of IPython, the files that turn the text of a cell into Python. They need nothing but the standard library.
TRANSFORMER = ("core/inputtransformer2.py", "utils/tokenutil.py")
INSIDE = "/grader"
PACKAGES = "/packages"
STUBBED = ["matplotlib", "IPython", "ipywidgets", "tqdm", "cnncourse", "cnngrader"]
HOME_BYTES = 32 << 20
GRACE = 1.0  # seconds that starting may take on top of a task's own
MOST_MESSAGES = 2000
NOTE_BYTES = 4000  # of what the sandbox itself says
# Where a loader looks for the C library. Only what is there is shown.
LIBRARIES = ("/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/nix/store")
TEXTS = {  # how a process ended, and why there was none
    "time": "stopped after {seconds:g} seconds",
    "much": "stopped: more than {megabytes} MB of results",
    "processor time": "used up its processor time",
    "signal": "the process was ended by {signal}",
    "by itself": "the process ended by itself, with code {code}, before all was done",
    "many messages": "the results hold too many messages",
    "not believed": "the results hold {what}",
    "no process": "the process could not be started: {error}",
    "no start": "the sandbox did not start ({how}). {note}",
    "ended": "ended",
}
UNPROTECTED = (
    "bubblewrap is not used: the submissions run as ordinary programs. Time, memory, output and the number of "
    "processes are limited, and marks are still given outside of them; but a submission can read and change every file "
    "that its user can, reach the network, and signal that user's other programs."
)


@dataclass(frozen=True)
class Limits:
    """What one process may use."""

    seconds: float
    megabytes: int
    output_bytes: int


@dataclass
class Run:
    """What came of one process: its messages, and how it ended.

    ended: "" if it came to its end by itself and said so. fault: why the sandbox itself did not work, "" if it did.
    """

    messages: list[tuple[dict[str, Any], list[np.ndarray]]] = field(default_factory=list)
    ended: str = ""
    fault: str = ""
    seconds: float = 0.0


@functools.cache
def bubblewrap() -> str:
    """Return the path of a bubblewrap that works here, or "": it may be installed and not permitted."""
    program = shutil.which("bwrap")
    if not program:
        return ""
    trial = [*_wrapping(program, "numpy"), _python(), "-I", "-S", "-c", "pass"]
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        if subprocess.run(trial, capture_output=True, timeout=20, env={}).returncode == 0:
            return program
    return ""


@functools.cache
def _offers(program: str) -> str:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        return subprocess.run([program, "--help"], capture_output=True, text=True, timeout=20).stdout
    return ""


def _python() -> str:
    """Return the interpreter itself, not a link to it in some environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _numpy_folders() -> list[Path]:
    own = Path(np.__file__).resolve().parent
    return [folder for folder in (own, own.parent / "numpy.libs") if folder.is_dir()]


@functools.cache
def _wrapping(program: str, needs: str) -> tuple[str, ...]:
    """Return the command that a program is put behind, with everything that it will see."""
    root = os.geteuid() == 0
    command = [program, "--die-with-parent", "--new-session", "--clearenv"]
    # Root changes to an unused user inside, because a limit on processes does not bind root. In a user namespace of
    # its own there would be no other user to change to; an ordinary user needs that namespace.
    if root:
        command += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-all", "--unshare-user"]
        if "--disable-userns" in _offers(program):  # since 0.8
            command += ["--disable-userns"]
    python = Path(_python())
    shown = [place for place in map(Path, LIBRARIES) if place.exists()]
    stdlib = Path(sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix, "base": sys.base_prefix}))
    shown += [python, Path(os.__file__).resolve().parent, stdlib, *python.parent.parent.glob("lib/lib*.so*")]
    within = [*shown, Path(INSIDE, "x"), Path(PACKAGES, "data", "x"), Path("/dev/x")]
    transformer = [(source, Path(INSIDE, place)) for source, place in _transformer()]
    within += [place for _, place in transformer]
    command += _folders_above(within)
    for place in _outermost(shown):
        if place.is_symlink():
            command += ["--symlink", os.readlink(place), str(place)]
        else:
            command += ["--ro-bind", str(place), str(place)]
    command += _hidden(_outermost([place for place in shown if not place.is_symlink()]))
    for folder in _numpy_folders():
        command += ["--ro-bind", str(folder), f"{PACKAGES}/{folder.name}"]
    for name in FILES:
        command += ["--ro-bind", str(HERE / name), f"{INSIDE}/{name}"]
    for source, place in transformer:
        command += ["--ro-bind", str(source), str(place)]
    if needs == "cnnlib":
        command += _package()
    for device in ("null", "zero", "urandom", "random"):
        command += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    command += ["--perms", "1777", "--size", str(HOME_BYTES), "--tmpfs", "/tmp", "--chdir", "/tmp"]
    for name, value in _environment("/tmp").items():
        command += ["--setenv", name, value]
    return (*command, "--remount-ro", "/")


def _outermost(places: list[Path]) -> list[Path]:
    """Return the places that lie in no other one, each once."""
    kept: list[Path] = []
    for place in sorted(set(places), key=lambda place: len(place.parts)):
        if not any(other in place.parents and not other.is_symlink() for other in kept):
            kept.append(place)
    return kept


def _folders_above(places: list[Path]) -> list[str]:
    """Return what makes the folders that the places lie in; by itself bubblewrap would make them for their owner."""
    links = {place for place in places if place.is_symlink()}
    above = {folder for place in places for folder in place.parents if not links & {folder, *folder.parents}}
    command: list[str] = []
    for folder in sorted(above - {Path("/")}):
        command += ["--perms", "0755", "--dir", str(folder)]
    return command


def _hidden(shown: list[Path]) -> list[str]:
    """Return what covers the folders of other packages: tasks ask for loops and NumPy."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    own = Path(os.__file__).resolve().parent
    names = [own / "site-packages", own / "dist-packages", Path("/usr/lib/python3/dist-packages")]
    names += [Path("/usr/lib") / version / "dist-packages", Path("/usr/lib") / version / "site-packages"]
    command: list[str] = []
    for folder in sorted(set(names)):
        if folder.is_dir() and any(place in folder.parents for place in shown):
            command += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
    return command


def _transformer() -> list[tuple[Path, str]]:
    """Return the files of IPython that are shown inside, and where in the worker's folder; [] where there is none."""
    spec = importlib.util.find_spec("IPython")
    if spec is None or not spec.origin:
        return []
    files = [(Path(spec.origin).parent / name, f"ipython/IPython/{name}") for name in TRANSFORMER]
    return files if all(source.is_file() for source, _ in files) else []


def _package() -> list[str]:
    """Return what shows cnnlib, and the digits where they lie beside it."""
    command = ["--ro-bind", str(_cnnlib()), f"{PACKAGES}/cnnlib"]
    if paths.checkout():
        for name in ("digits.npz", "make_digits.py"):
            command += ["--ro-bind", str(paths.data_folder() / name), f"{PACKAGES}/data/{name}"]
    spec = importlib.util.find_spec("threadpoolctl")
    if spec and spec.origin:
        command += ["--ro-bind", spec.origin, f"{PACKAGES}/threadpoolctl.py"]
    return command


def _cnnlib() -> Path:
    return Path(cnnlib.__file__).resolve().parent


def _environment(home: str) -> dict[str, str]:
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {"HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", "PATH": "/nowhere", **threads}


def unused_user() -> int:
    """Return a number that no user of this machine has, another one each time: processes are counted by user."""
    import pwd

    while True:
        uid = 20_000 + secrets.randbelow(40_000)
        try:
            pwd.getpwuid(uid)
        except KeyError:
            return uid


# ---- one process ----------------------------------------------------------------------------------------------------


def run(content: dict[str, Any], arrays: list[np.ndarray], limits: Limits, needs: str, wrapped: bool = True) -> Run:
    """Run the worker on one message, in bubblewrap if `wrapped`, and return what it says."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    content = content | {
        "limits": {
            "seconds": limits.seconds,
            "megabytes": limits.megabytes,
            "file_bytes": HOME_BYTES,
            "processes": 1 if needs == "numpy" else 8,
            "uid": unused_user() if is_root else 0,
        },
        "stubbed": [*STUBBED, *(["cnnlib"] if needs == "numpy" else [])],
        "package": needs == "cnnlib",
        "names": ["display", "get_ipython", "In", "Out", "_", "exit", "quit"],
        "own": [],
    }
    with tempfile.TemporaryDirectory(prefix="cnnlib-grade-") as folder:
        if wrapped:
            start = [*_wrapping(bubblewrap(), needs), _python(), "-I", "-S", "-B", f"{INSIDE}/worker.py"]
            command, environment = [*start, INSIDE, PACKAGES], {}
            content["own"] = [INSIDE, PACKAGES, *_stdlib()]
        else:
            places = _copied(Path(folder), needs)
            command = [_python(), "-I", "-S", "-B", f"{places[0]}/worker.py", *places]
            environment = _environment(folder)
            content["own"] = [*places, *_stdlib()]
            if is_root:
                os.chmod(folder, 0o711)
        message = Path(folder) / "message"
        message.write_bytes(serialization.pack(content, arrays))
        message.chmod(0o600)
        home = Path(folder) / "home"
        home.mkdir()
        home.chmod(0o777 if is_root else 0o700)
        with open(message, "rb") as file:
            message.unlink()
            return _watched(command, environment, str(home), file, limits)


def _stdlib() -> list[str]:
    folders = {Path(os.__file__).parent, Path(os.__file__).resolve().parent}
    zipped = f"python{sys.version_info.major}{sys.version_info.minor}.zip"
    return [*map(str, folders), *(str(folder.parent / zipped) for folder in folders), os.devnull]


def _copied(folder: Path, needs: str) -> list[str]:
    """Return folders with the worker and with NumPy alone, for a process that bubblewrap does not surround."""
    grader, packages = folder / "grader", folder / "packages"
    grader.mkdir()
    packages.mkdir()
    for name in FILES:
        shutil.copy(HERE / name, grader / name)
    for source, name in _transformer():
        (grader / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, grader / name)
    names = [*_numpy_folders(), *([_cnnlib()] if needs == "cnnlib" else [])]
    spec = importlib.util.find_spec("threadpoolctl") if needs == "cnnlib" else None
    for place in [*names, *([Path(spec.origin)] if spec and spec.origin else [])]:
        (packages / place.name).symlink_to(place)
    return [str(grader), str(packages)]


def _watched(command: list[str], environment: dict[str, str], home: str, file: IO[bytes], limits: Limits) -> Run:
    started = time.monotonic()
    done = Run()
    try:
        process = subprocess.Popen(
            command,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=home,
            start_new_session=True,
            bufsize=0,
        )
    except OSError as error:
        return Run(fault=TEXTS["no process"].format(error=error))
    try:
        data, notes, ended = _read(process, started + limits.seconds + GRACE, limits.output_bytes)
    finally:
        _end(process)
    done.seconds = time.monotonic() - started
    _understand(done, data)
    finished = any(content.get("done") is True for content, _ in done.messages)
    if ended:
        done.ended = TEXTS[ended].format(seconds=limits.seconds, megabytes=limits.output_bytes >> 20)
    elif not done.ended and not finished:
        done.ended = _how(process.returncode)
    faults = [str(content["fault"])[:300] for content, _ in done.messages[:1] if "fault" in content]
    if faults or not any("ready" in content for content, _ in done.messages[:1]):
        note = notes.decode(errors="replace").strip()
        unsaid = TEXTS["no start"].format(how=done.ended or TEXTS["ended"], note=note).strip()
        done.fault = faults[0] if faults else unsaid
    return done


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """Return what a process writes its results and its notes to."""
    assert process.stdout is not None and process.stderr is not None  # `_watched` asks for both
    return process.stdout, process.stderr


def _read(process: subprocess.Popen[bytes], deadline: float, most: int) -> tuple[bytes, bytes, str]:
    """Return (results, notes of the sandbox itself, why it was stopped: a key of TEXTS)."""
    data, notes = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        for pipe, kept in zip(_pipes(process), (data, notes)):
            selector.register(pipe, selectors.EVENT_READ, kept)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                return bytes(data), bytes(notes), "time"
            for key, _ in selector.select(min(left, 1.0)):
                part = os.read(key.fd, 1 << 16)
                if not part:
                    selector.unregister(key.fileobj)
                elif key.data is data:
                    data += part
                    if len(data) > most:
                        return bytes(data), bytes(notes), "much"
                else:
                    notes += part[: max(0, NOTE_BYTES - len(notes))]
    return bytes(data), bytes(notes), ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started. bubblewrap takes its own down with it."""
    pipes = _pipes(process)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.5 if pipes[0].closed else 0.05)
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    for pipe in pipes:
        pipe.close()


def _how(code: int | None) -> str:
    number = -code if code and code < 0 else (code or 0) - 128
    if number > 0:
        with contextlib.suppress(ValueError):
            name = signal.Signals(number).name
            return TEXTS["processor time" if name == "SIGXCPU" else "signal"].format(signal=name)
    return TEXTS["by itself"].format(code=code)


def _understand(done: Run, data: bytes) -> None:
    """Read the messages; what comes after something that is none is not believed."""
    view, start = memoryview(data), 0
    while start < len(data):
        if len(done.messages) >= MOST_MESSAGES:
            done.ended = TEXTS["many messages"]
            return
        try:
            content, arrays, used = serialization.unpack(view[start:])
        except serialization.Unreadable as error:
            done.ended = TEXTS["not believed"].format(what=error)
            return
        if not isinstance(content, dict):
            done.ended = TEXTS["not believed"].format(what=serialization.OTHER_FORM)
            return
        done.messages.append((content, arrays))
        start += used
