"""What runs inside the sandbox: the notebook's cells, then the answer on the inputs.

It reads one message from its standard input and writes messages to what was its standard output. Student code shares
this process, so it can change everything here; it then spoils its own results and nothing else. This file is started
as a script, beside `wire.py` and `placeholder.py`, and needs nothing else but NumPy.
"""

from __future__ import annotations

import ast
import os
import signal
import sys
import traceback
import types
from typing import Any

MOST_EVENTS = 12
MOST_TIME_UPS = 4  # calls that took too long, after which no more are made
PARSE, COMPILE, EXECUTE = ast.parse, compile, exec  # as they are before a notebook may replace them
MOST_ERRORS = 50
LONG = 300  # characters of an error
# What a solution has no reason to do. The hook is there to tell the teacher; what stops it are sandbox and limits.
EVENTS = {
    "socket.connect": "opened a network connection",
    "socket.getaddrinfo": "asked for a network address",
    "socket.bind": "listened to the network",
    "subprocess.Popen": "started a program",
    "os.system": "started a program",
    "os.exec": "started a program",
    "os.posix_spawn": "started a program",
    "os.fork": "started a process",
    "os.forkpty": "started a process",
    "os.kill": "sent a signal to a process",
    "os.killpg": "sent a signal to a process",
    "signal.pthread_kill": "sent a signal to a process",
    "os.remove": "deleted a file",
    "os.rmdir": "deleted a folder",
    "shutil.rmtree": "deleted a folder",
    "os.rename": "renamed a file",
    "os.chmod": "changed the rights of a file",
    "os.listdir": "listed a folder",
    "os.scandir": "listed a folder",
    "ctypes.dlopen": "loaded a library",
    "sys.addaudithook": "watched the interpreter",
    "sys.settrace": "watched the interpreter",
}


# System calls that no solution needs: memory that no limit counts, user namespaces with rights of their own, and the
# parts of a kernel that are attacked most. By machine: its number for the kernel, `clone`, and the rest.
REFUSED = {
    "x86_64": (0xC000003E, 56, (29, 64, 68, 101, 165, 248, 249, 250, 272, 298, 308, 319, 321, 323, 425, 428, 430, 447)),
    "aarch64": (
        0xC00000B7,
        220,
        (194, 190, 186, 117, 40, 217, 218, 219, 97, 241, 268, 279, 280, 282, 425, 428, 430, 447),
    ),
}  # shmget semget msgget ptrace mount add_key request_key keyctl unshare perf_event_open setns memfd_create bpf …
CLONE3, NO_CALL, NEW_NAMESPACES = 435, 38, 0x7E020000


class TimeUp(BaseException):
    """Raised in code that takes too long; `except Exception` does not catch it."""


class _Silence:
    """Takes everything that is printed and keeps nothing."""

    encoding, errors, closed = "utf-8", "replace", False

    def write(self, text: str) -> int:
        return len(text)

    def writelines(self, lines: Any) -> None:
        pass

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False


class Channel:
    """The pipe to the outside."""

    def __init__(self, wire: Any) -> None:
        self.wire = wire
        self.fd = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nothing, fd)
        sys.stdout = sys.stderr = _Silence()

    def send(self, content: dict[str, Any], arrays: Any = ()) -> None:
        data = memoryview(self.wire.pack(content, list(arrays)))
        while data:
            data = data[os.write(self.fd, data) :]


def limit(settings: dict[str, Any]) -> None:
    """Bind this process and all that it starts; change to a user who owns nothing, if there is one to change to."""
    try:
        import resource
    except ImportError:  # no such limits in this system
        return
    amounts = {
        "RLIMIT_CPU": int(settings["seconds"]) + 2,
        "RLIMIT_FSIZE": settings["file_bytes"],
        "RLIMIT_NOFILE": 64,
        "RLIMIT_CORE": 0,
        "RLIMIT_AS": settings["megabytes"] << 20,
        "RLIMIT_NPROC": settings["processes"],
    }
    for name, most in amounts.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            try:
                resource.setrlimit(kind, (most, most))
            except (ValueError, OSError):
                if sys.platform.startswith("linux"):
                    raise
    if settings.get("uid"):
        os.setgroups([])
        os.setresgid(settings["uid"], settings["uid"], settings["uid"])
        os.setresuid(settings["uid"], settings["uid"], settings["uid"])


def refuse() -> None:
    """Let the kernel refuse the calls of REFUSED, by a filter that nothing can take off again (seccomp)."""
    import ctypes
    import errno
    import struct

    machine = os.uname().machine if sys.platform.startswith("linux") else ""
    if machine not in REFUSED or sys.maxsize < 1 << 32:
        return
    kernel, clone, calls = REFUSED[machine]
    load, equal, at_least, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    no, no_such, yes = 0x00050001, 0x00050000 | NO_CALL, 0x7FFF0000
    # (operation, steps if so, steps if not, number)
    steps = [(load, 0, 0, 4), (equal, 1, 0, kernel), (give, 0, 0, no)]
    steps += [(load, 0, 0, 0), (at_least, 0, 1, 1 << 30), (give, 0, 0, no)]
    for call in calls:
        steps += [(equal, 0, 1, call), (give, 0, 0, no)]
    steps += [(equal, 0, 1, CLONE3), (give, 0, 0, no_such)]  # the C library then takes clone, whose flags can be read
    steps += [(equal, 0, 3, clone), (load, 0, 0, 16), (any_bit, 0, 1, NEW_NAMESPACES), (give, 0, 0, no)]
    steps += [(give, 0, 0, yes)]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    kept = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(kept)))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    long = ctypes.c_ulong
    failed = prctl(38, long(1), long(0), long(0), long(0)) or prctl(22, long(2), program, long(0), long(0))
    if failed and ctypes.get_errno() != errno.EINVAL:  # that is a kernel that knows no filters: the other limits hold
        raise OSError(ctypes.get_errno(), "seccomp")


def watch(channel: Channel, own: list[str]) -> None:
    """Report what student code does beyond computing. own: folders that Python reads from by itself."""
    state = {"busy": False}
    seen: set[str] = set()

    def report(event: str, details: tuple) -> None:
        if state["busy"] or len(seen) >= MOST_EVENTS:
            return
        if event == "open":
            path, _, flags = (*details, None, None, None)[:3]
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            quiet = ("<", *own)  # no file, or one that Python reads by itself
            if not isinstance(path, (str, bytes)) or (not writes and os.fsdecode(path).startswith(quiet)):
                return
            says = "opened a file for writing" if writes else "opened a file"
        elif event in EVENTS:
            says, path = EVENTS[event], details[0] if details else ""
            if event in ("os.listdir", "os.scandir") and str(path).startswith(tuple(own)):
                return
        else:
            return
        state["busy"] = True
        try:
            text = f"{says}: {str(path)[:80]}" if isinstance(path, (str, bytes)) and path else says
            if text not in seen:
                seen.add(text)
                channel.send({"event": text})
        finally:
            state["busy"] = False

    sys.addaudithook(report)


# ---- running cells --------------------------------------------------------------------------------------------------


def alarm(seconds: float) -> None:
    """Raise TimeUp in `seconds`, and again and again, for it may be caught; 0 calls it off."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.2 if seconds else 0)


def _time_up(number: int, frame: Any) -> None:
    raise TimeUp


def without_magics(source: str) -> str:
    """Return a cell without the lines that only a notebook understands."""
    lines = source.split("\n")
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("%%") and first.split()[0] not in ("%%time", "%%timeit", "%%capture"):
        return ""
    kept = []
    for line in lines:
        bare = line.lstrip()
        kept.append(line[: len(line) - len(bare)] + "pass" if bare[:1] in ("%", "!", "?") and bare else line)
    return "\n".join(kept)


def describe(error: BaseException) -> dict[str, Any]:
    """Return type, message and place of an error, as far as it lets itself be described."""
    try:
        message = str(error)[:LONG]
    except BaseException:
        message = ""
    said: dict[str, Any] = {"type": type(error).__name__[:60], "message": message}
    steps = traceback.walk_tb(error.__traceback__)
    own = [(frame.f_code.co_filename, line) for frame, line in steps if frame.f_code.co_filename.startswith("<cell ")]
    if own:
        said["cell"], said["line"] = own[-1]
    return said


def run_cell(source: str, place: str, namespace: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
    """Run one cell, statement by statement, to its first error; an import that fails does not end it."""
    errors = []
    try:
        alarm(seconds)
        tree = PARSE(without_magics(source), place)
        for statement in tree.body:
            try:
                EXECUTE(COMPILE(ast.Module([statement], []), place, "exec"), namespace)
            except ImportError as error:
                errors.append(describe(error))
                if not isinstance(statement, (ast.Import, ast.ImportFrom)):
                    break
    except TimeUp:
        errors.append({"type": "TimeUp", "message": f"stopped after {seconds:.3g} seconds", "cell": place})
    except BaseException as error:
        errors.append({"cell": place, **describe(error)})
    finally:
        _quiet()
    return errors


def _quiet() -> None:
    """Call the alarm off, which may ring once more while we do so."""
    while True:
        try:
            alarm(0)
            return
        except TimeUp:
            continue


# ---- the answer -----------------------------------------------------------------------------------------------------


def call(channel: Channel, function: Any, number: int, given: list[Any], positional: int, seconds: float) -> bool:
    """Call the function once and send what it came to; return whether its time was up.

    given: [name, value] pairs, the first ones without names.
    """
    wire = channel.wire
    arrays: list[Any] = []
    before = [wire.pack({"tree": wire.as_tree(value, part)}, part) for _, value in given for part in [[]]]
    said: dict[str, Any] = {"call": number}
    try:
        try:
            alarm(seconds)
            value = function(*(value for _, value in given[:positional]), **dict(given[positional:]))
            said["value"] = wire.as_tree(value, arrays)
        finally:
            _quiet()
        after = [wire.pack({"tree": wire.as_tree(value, part)}, part) for _, value in given for part in [[]]]
        said["changed"] = [name for (name, _), a, b in zip(given, before, after) if a != b]
    except TimeUp:
        said = {"call": number, "time_up": True}
    except BaseException as error:
        said, arrays = {"call": number, "error": describe(error)}, []
    channel.send(said, arrays)
    return "time_up" in said


def work(channel: Channel, content: dict[str, Any], arrays: list[Any]) -> None:
    wire = channel.wire
    module = types.ModuleType("__main__")
    namespace = module.__dict__
    namespace.update(content["names"] and {name: _nothing() for name in content["names"]})
    sys.modules["__main__"] = module
    errors: list[dict[str, Any]] = []
    for place, source in content["cells"]:
        errors += run_cell(source, f"<cell {place}>", namespace, content["cell_seconds"])
    kind = "missing" if content["answer"] not in namespace else "there"
    answer = namespace.get(content["answer"])
    if kind == "there" and content["kind"] == "function" and not callable(answer):
        kind = "open" if answer is None or answer is ... else "no function"
    channel.send({"cells": errors[:MOST_ERRORS], "answer": kind})
    if kind == "there" and content["kind"] == "function":
        late = 0
        for number, one in enumerate(content["calls"]):
            if late >= MOST_TIME_UPS:
                break
            given = [[name, wire.plain(tree, arrays)] for name, tree in one["arguments"]]
            late += call(channel, answer, number, given, one["positional"], content["call_seconds"])
    elif kind == "there":
        parts: list[Any] = []
        tree = wire.network_tree(answer, parts) if content["kind"] == "network" else wire.as_tree(answer, parts)
        channel.send({"call": 0, "value": tree}, parts)
    channel.send({"done": True})


def _nothing() -> Any:
    from placeholder import NotThereWhileGrading

    return NotThereWhileGrading()


def main() -> None:
    sys.path[:0] = sys.argv[1:]
    data = sys.stdin.buffer.read()
    import collections
    import dataclasses
    import functools
    import itertools
    import math
    import random
    import time
    import typing

    import numpy as np
    import placeholder
    import wire

    assert [collections, dataclasses, functools, itertools, math, random, time, typing, np]  # loaded before the limits
    content, arrays, _ = wire.unpack(data, len(data))
    channel = Channel(wire)
    try:
        placeholder.install(content["placeholders"])
        if content["package"]:  # its files may be out of reach for the user that we change to
            import zipfile  # noqa: F401

            import cnnlib

            cnnlib.threads.allowed()
        limit(content["limits"])
        refuse()
    except BaseException as error:
        channel.send({"fault": f"the limits could not be set ({type(error).__name__}: {error})"})
        os._exit(1)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _time_up)
    channel.send({"ready": True})
    watch(channel, content["own"])
    del data
    work(channel, content, arrays)
    os._exit(0)  # what student code has left for the end is not run


if __name__ == "__main__":
    main()
