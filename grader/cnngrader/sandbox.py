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
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

import cnnlib
from cnnlib import paths

from . import serialization
from .wording import say, translated
from .worker import IDLE, PATIENCE

HERE = Path(__file__).resolve().parent
FILES = ("worker.py", "serialization.py", "import_stubs.py", "notebook_code.py")
# Of IPython, the files that turn the text of a cell into Python. They need nothing but the standard library.
TRANSFORMER = ("core/inputtransformer2.py", "utils/tokenutil.py")
INSIDE = "/grader"
PACKAGES = "/packages"
STUBBED = ["matplotlib", "IPython", "ipywidgets", "tqdm", "cnncourse", "cnngrader"]
HOME_BYTES = 32 << 20
START = 60.0  # seconds that starting may take, on a busy computer; what is handed in does not run yet
GRACE = 1.0  # seconds on top of a task's own, which count from then on
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

    @property
    def began(self) -> bool:
        """Return whether the limits were set and the notebook began."""
        return any("ready" in content for content, _ in self.messages[:1])

    @property
    def finished(self) -> bool:
        """Return whether it said that it came to its end."""
        return any(content.get("done") is True for content, _ in self.messages)


@dataclass(frozen=True)
class Job:
    """One task of a submission: the message to the worker, and what the process may use."""

    content: dict[str, Any]
    arrays: list[np.ndarray]
    limits: Limits


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
    stdlib = Path(sysconfig.get_path("stdlib"))
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
    return run_all([Job(content, arrays, limits)], needs, wrapped)[0]


def run_all(jobs: list[Job], needs: str, wrapped: bool = True) -> list[Run]:
    """Run the worker on the messages of one submission, and return what it says to each.

    They share a sandbox as long as each ends as it should and leaves nothing behind; the next one then gets another.
    Where nothing but limits is around them, or a process may start others, none shares anything.
    """
    together = wrapped and needs == "numpy"
    done: list[Run] = []
    while len(done) < len(jobs):
        left = jobs[len(done) :]
        done += _run_some(left if together else left[:1], needs, wrapped)
    return done


def _run_some(jobs: list[Job], needs: str, wrapped: bool) -> list[Run]:
    """Return what came of the first job, and of as many more as could share its sandbox."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with tempfile.TemporaryDirectory(prefix="cnnlib-grade-") as folder, contextlib.ExitStack() as pipes:
        if wrapped:
            start = [*_wrapping(bubblewrap(), needs), _python(), "-I", "-S", "-B", f"{INSIDE}/worker.py"]
            command, environment = [*start, INSIDE, PACKAGES], {}
            own = [INSIDE, PACKAGES, *_stdlib()]
        else:
            places = _copied(Path(folder), needs)
            command = [_python(), "-I", "-S", "-B", f"{places[0]}/worker.py", *places]
            environment = _environment(folder)
            own = [*places, *_stdlib()]
            if is_root:
                os.chmod(folder, 0o711)
        ends = [os.pipe() for _ in jobs]
        readers = [pipes.enter_context(open(end, "rb", buffering=0)) for end, _ in ends]
        writers = [pipes.enter_context(open(end, "wb", buffering=0)) for _, end in ends]
        message = Path(folder) / "message"
        with open(message, "xb") as file:
            message.chmod(0o600)
            for job, writer in zip(jobs, writers):
                given = {"limits": _limits(job.limits, needs, is_root), "own": own, "to": writer.fileno()}
                file.write(serialization.pack(job.content | _setting(needs) | given, job.arrays))
        home = Path(folder) / "home"
        home.mkdir()
        home.chmod(0o777 if is_root else 0o700)
        with open(message, "rb") as file:
            message.unlink()
            return _watched(command, environment, str(home), file, [job.limits for job in jobs], readers, writers)


def _limits(limits: Limits, needs: str, is_root: bool) -> dict[str, Any]:
    return {
        "seconds": limits.seconds,
        "megabytes": limits.megabytes,
        "file_bytes": HOME_BYTES,
        "processes": 1 if needs == "numpy" else 8,
        "uid": unused_user() if is_root else 0,
    }


def _setting(needs: str) -> dict[str, Any]:
    return {
        "stubbed": [*STUBBED, *(["cnnlib"] if needs == "numpy" else [])],
        "package": needs == "cnnlib",
        "names": [
            "display",
            "get_ipython",
            "In",
            "Out",
            "_",
            "exit",
            "quit",
            "help",
            "copyright",
            "credits",
            "license",
        ],
    }


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


def _watched(
    command: list[str],
    environment: dict[str, str],
    home: str,
    file: IO[bytes],
    limits: list[Limits],
    readers: Sequence[IO[bytes]],
    writers: Sequence[IO[bytes]],
) -> list[Run]:
    """Start the worker and return what comes out of its pipes, up to the first one that did not end as it should."""
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            command,
            stdin=file,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=home,
            start_new_session=True,
            pass_fds=[writer.fileno() for writer in writers],
        )
    except OSError as error:
        return [Run(fault=say(TEXTS["no process"], error=error))]
    for writer in writers:
        writer.close()
    runs: list[Run] = []
    notes, ended = "", ""
    try:
        for limit, reader in zip(limits, readers):
            data, ended = _read(reader, limit, process.pid)
            run = Run(seconds=time.monotonic() - started)
            _understand(run, data)
            if ended:
                seconds = limit.seconds if data else START
                run.ended = say(TEXTS[ended], seconds=seconds, megabytes=limit.output_bytes >> 20)
            if not run.began and runs:  # it gets a sandbox of its own
                return runs
            runs.append(run)
            if not run.finished or run.ended:
                break
            started = time.monotonic()
        if not runs[0].began:
            notes = _notes(process)
    finally:
        _end(process, bool(ended))
    last = runs[-1]
    if not last.ended and not last.finished:
        last.ended = _how(process.returncode)
    if not last.began:
        said = [str(content["fault"])[:300] for content, _ in last.messages[:1] if "fault" in content]
        unsaid = say(TEXTS["no start"], how=last.ended or translated(TEXTS["ended"]), note=notes).strip()
        last.fault = said[0] if said else unsaid
    return runs


def _read(reader: IO[bytes], limits: Limits, pid: int) -> tuple[bytes, str]:
    """Return what comes out of a pipe, and why no more of it was waited for: a key of TEXTS.

    The first thing that comes is said before anything runs that was handed in. From then on its time counts.
    """
    data, began, before = bytearray(), time.monotonic(), 0.0
    with selectors.DefaultSelector() as selector:
        selector.register(reader, selectors.EVENT_READ)
        while not (_is_over(began, before, limits.seconds + GRACE, pid) if data else time.monotonic() - began > START):
            if selector.select(min(0.5, limits.seconds)):
                part = os.read(reader.fileno(), 1 << 16)
                if not part:
                    return bytes(data), ""
                if not data:
                    began, before = time.monotonic(), _worked(pid)
                data += part
                if len(data) > limits.output_bytes:
                    return bytes(data), "much"
    return bytes(data), "time"


def _is_over(began: float, before: float, seconds: float, pid: int) -> bool:
    """Return whether a task has had its time: of the processor, or where it hardly uses any, on the wall.

    before: what the processor had worked when it began. On a busy computer a task may take PATIENCE times as long.
    """
    passed = time.monotonic() - began
    if passed < seconds:
        return False
    worked = _worked(pid) - before
    waits = 0 <= worked < passed / IDLE  # it is less than none where the process has just ended
    return waits or worked >= seconds or passed >= PATIENCE * seconds


def _worked(pid: int) -> float:
    """Return for how many seconds the processor has worked for a process and those that it started and that go on.

    Where a system does not say it, that is 0: a task then has its seconds on the wall.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:
            children = file.read().split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(_worked(int(one)) for one in children)


def _notes(process: subprocess.Popen[bytes]) -> str:
    """Return what the sandbox itself had to say, where it did not start."""
    assert process.stderr is not None  # `_watched` asks for it
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    os.set_blocking(process.stderr.fileno(), False)
    return (process.stderr.read(NOTE_BYTES) or b"").decode(errors="replace").strip()


def _end(process: subprocess.Popen[bytes], stopped: bool) -> None:
    """End the process and all that it started. bubblewrap takes its own down with it.

    stopped: it would go on; else it is about to end by itself, and how it does so is of interest.
    """
    assert process.stderr is not None  # `_watched` asks for it
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if process.poll() is None and not stopped:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    process.stderr.close()


def _how(code: int | None) -> str:
    number = -code if code and code < 0 else (code or 0) - 128
    if number > 0:
        with contextlib.suppress(ValueError):
            name = signal.Signals(number).name
            return say(TEXTS["processor time" if name == "SIGXCPU" else "signal"], signal=name)
    return say(TEXTS["by itself"], code=code)


def _understand(done: Run, data: bytes) -> None:
    """Read the messages; what comes after something that is none is not believed."""
    view, start = memoryview(data), 0
    while start < len(data):
        if len(done.messages) >= MOST_MESSAGES:
            done.ended = translated(TEXTS["many messages"])
            return
        try:
            content, arrays, used = serialization.unpack(view[start:])
        except serialization.Unreadable as error:
            done.ended = say(TEXTS["not believed"], what=error)
            return
        if not isinstance(content, dict):
            done.ended = say(TEXTS["not believed"], what=translated(serialization.TEXTS["other form"]))
            return
        done.messages.append((content, arrays))
        start += used
