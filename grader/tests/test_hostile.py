"""A class in which nearly everybody attacks: each gets what it has earned, and nobody else comes to harm.

The whole class is graded once, as a teacher would; the tests look at what came of it.
"""

from __future__ import annotations

import contextlib
import csv
import ctypes
import hashlib
import html
import json
import os
import socket
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import made_up_class as made_up
import pytest

from cnngrader import grading, report, sandbox, submission
from cnngrader.__main__ import main
from cnngrader.results import TaskResult
from cnngrader.submission import Submission

BROKEN = {
    "not JSON": b"this is no notebook",
    "huge": b" " * (11 << 20),
    "deep": b"[" * 200_000,
    "no cells": b'{"cells": 7}',
}
RIGHT = json.dumps({"cells": made_up.cells()}).encode()
ZIPS = {  # what they hold, and the points of it
    "climbs": (
        {"../teacher/gradebook.db": b"100", "../../teacher/x.ipynb": RIGHT, "..\\\\x.ipynb": RIGHT},
        made_up.ALL,
    ),
    "bomb": ({"x.ipynb": b" " * (submission.MOST_FILE + 1)}, 0),
    "links": ({"x.ipynb": b"../teacher/master.ipynb"}, 0),
    "zip in zip": ({"x.zip": b"PK"}, 0),
    "twenty thousand": ({f"{k}.ipynb": b"" for k in range(20_000)}, 0),
    "names": ({"<script>.ipynb": RIGHT, "=1+1\n.ipynb": b"{}"}, made_up.ALL),
}
NAMES = [
    "=cmd|' /C calc'!A0",
    "so;=1+1",
    "\N{MATHEMATICAL BOLD SMALL A}" * 60,
    "a\nb",
    "<script>alert(1)</script>",
    "..",
    "x" * 200,
]
EDITED = {  # what is done to a right notebook that costs nothing
    "checks edited": lambda cells: [{**c, "source": "1 / 0"} if _role(c) in ("check", "test") else c for c in cells],
    "checks deleted": lambda cells: [c for c in cells if _role(c) not in ("check", "test")],
    "names deleted": lambda cells: [{**c, "metadata": {}} for c in cells],
    "names twice": lambda cells: [*cells, made_up.code(made_up.POOL, "task-max_pool2d")],
    "all names alike": lambda cells: [{**c, "metadata": {"nbgrader": {"grade_id": "task-max_pool2d"}}} for c in cells],
    "locked cells unlocked": lambda cells: [{**c, "metadata": {**c["metadata"], "deletable": True}} for c in cells],
}


def _role(cell: dict[str, Any]) -> str:
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "").rpartition("-")[2]


class Listener:
    """Counts who connects to a port of this machine."""

    def __init__(self) -> None:
        self.count = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            connection, _ = self.socket.accept()
            self.count += 1
            connection.close()


class Class(NamedTuple):
    """What was handed in, and what came of it."""

    attacks: dict[str, made_up.Attack]
    rows: dict[str, list[str]]
    output: Path
    secret: Path
    before: dict[str, str]
    listener: Listener
    seconds: float


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """Grade the class. The teacher's folder lies where everybody may read and write, as far as the system goes."""
    folder = tmp_path_factory.mktemp("class")
    secret, handed_in, output = folder / "teacher", folder / "submissions", folder / "results"
    made_up.write(secret / "master.ipynb", made_up.cells())
    made_up.write(secret / "submitted" / "honest.ipynb", made_up.cells())
    (secret / "gradebook.db").write_text("ada 100")
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.getuid() and "pytest" in str(path):
            path.chmod(0o777)
    for path in [secret, *secret.rglob("*")]:
        path.chmod(0o777)
    listener = Listener()
    attacks = made_up.attacks(secret, listener.port)
    for name, attack in attacks.items():
        made_up.write(handed_in / f"{name}.ipynb", made_up.attacked(attack))
    for name, data in BROKEN.items():
        (handed_in / f"{name}.ipynb").write_bytes(data)
    for name, (files, _) in ZIPS.items():
        with zipfile.ZipFile(handed_in / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for place, data in files.items():
                entry = zipfile.ZipInfo(place)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = (stat.S_IFLNK | 0o777) << 16 if name == "links" else 0
                archive.writestr(entry, data)
    for name in NAMES:
        made_up.write(handed_in / f"{name}.ipynb".replace("/", "∕"), made_up.cells())
    for name, edit in EDITED.items():
        made_up.write(handed_in / f"{name}.ipynb", edit(made_up.cells()))
    for k in range(5):
        made_up.write(handed_in / f"honest {k}.ipynb", made_up.cells())
    before = contents(secret) | contents(handed_in)
    started = time.monotonic()
    with orphans_stay_here():
        assert main([str(handed_in), "--assignment", "demo", "--output", str(output)], made_up.ASSIGNMENT) == 0
    seconds = time.monotonic() - started
    with open(output / "grades.csv", encoding="utf-8-sig", newline="") as file:
        _, *rows = csv.reader(file)
    after = contents(secret) | contents(handed_in)
    assert after == before
    return Class(attacks, {row[0]: row for row in rows}, output, secret, before, listener, seconds)


ATTACKS = made_up.attacks(Path("/nowhere"))


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gets_what_it_has_earned(graded: Class, name: str) -> None:
    row = graded.rows[name]
    points = sum(float(cell or 0) for cell in row[1:4])
    assert points == graded.attacks[name].earned, row
    assert row[4] == "" and "in_words" in row[6]  # the words are still to be marked


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.seen])
def test_the_report_says_what_an_attack_did(graded: Class, name: str) -> None:
    seen = graded.attacks[name].seen
    assert seen in graded.rows[name][-1]
    page = (graded.output / "feedback" / report.file_name(name)).read_text(encoding="utf-8")
    assert html.escape(seen) in page
    assert html.escape(seen) in (graded.output / "summary.html").read_text(encoding="utf-8")


def test_the_honest_ones_get_all_points(graded: Class) -> None:
    for k in range(5):
        assert graded.rows[f"honest {k}"][1:4] == ["2", "4", "3"] and not graded.rows[f"honest {k}"][-1]


@pytest.mark.parametrize("name", EDITED)
def test_edited_cells_change_nothing(graded: Class, name: str) -> None:
    assert graded.rows[name][1:4] == ["2", "4", "3"]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_notebook_gets_nothing_and_is_named(graded: Class, name: str) -> None:
    assert graded.rows[name][1:4] == ["0", "0", "0"] and graded.rows[name][-1]


@pytest.mark.parametrize("name", ZIPS)
def test_a_zip_file_gets_what_its_notebook_has_earned(graded: Class, name: str) -> None:
    assert sum(map(float, graded.rows[name][1:4])) == ZIPS[name][1]
    assert graded.rows[name][-1]  # each of them deserves a remark


def test_names_do_no_harm(graded: Class) -> None:
    assert len(list((graded.output / "feedback").iterdir())) == len(graded.rows)
    for row in graded.rows.values():
        assert all(cell.isprintable() and (not cell or cell[0] not in "=+-@|%") for cell in row)
    for page in (graded.output / "feedback").iterdir():
        assert "<script" not in page.read_text(encoding="utf-8")


def test_nobody_came_out(graded: Class) -> None:
    assert graded.listener.count == 0
    assert contents(graded.secret) == {name: graded.before[name] for name in contents(graded.secret)}
    left = [line for line in below(os.getpid()) if "/grader/worker.py" in line]
    assert left == []


def test_a_process_that_came_out_would_be_found() -> None:
    child = "[sys.executable, '-c', 'import sys; sys.stdin.read()', 'came out']"
    read, write = os.pipe()
    with orphans_stay_here():
        program = f"import subprocess, sys; subprocess.Popen({child})"
        subprocess.run([sys.executable, "-c", program], stdin=read, check=True)
        found = [line for line in below(os.getpid()) if "came out" in line]
        os.close(write)
        os.close(read)
        if found:
            os.wait()
    assert len(found) == 1


@contextlib.contextmanager
def orphans_stay_here() -> Iterator[None]:
    """Let processes whose parent ends become children of this one, which are told from those of other test runs."""
    PR_SET_CHILD_SUBREAPER = 36
    prctl = ctypes.CDLL(None).prctl
    assert prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def below(process: int) -> list[str]:
    """Return the command lines of a process's children, of their children, and so on."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == process:
                line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found += [line, *below(int(path.name))]
    return found


def test_a_rerun_grades_nothing_again(graded: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    again = []
    monkeypatch.setattr(grading, "grade", lambda assignment, one, *rest: again.append(one.student) or _broken(one))
    handed_in = graded.output.parent / "submissions"
    assert main([str(handed_in), "--assignment", "demo", "--output", str(graded.output)], made_up.ASSIGNMENT) == 0
    assert sorted(again) == sorted([*BROKEN, *(name for name, (_, earned) in ZIPS.items() if not earned)])


def _broken(one: Submission) -> grading.Graded:
    results = [TaskResult(task.name, task.points) for task in made_up.ASSIGNMENT.tasks]
    return grading.Graded(one.student, results, problem=one.problem)


# ---- what is visible inside -----------------------------------------------------------------------------------------


def job(expression: str, seconds: float = 25, first: str = "") -> sandbox.Job:
    """Return a task whose function gives an expression as text. first: what its cell does before."""
    source = f"import os, sys\n{first}\ndef f():\n    return str(({expression}))"
    content = {"cells": [[1, source]], "answer": "f", "kind": "function", "call_seconds": 15, "cell_seconds": 5}
    content["calls"] = [{"arguments": [], "positional": 0}]
    return sandbox.Job(content, [], sandbox.Limits(seconds, 1024, 1 << 20))


def answer(run: sandbox.Run) -> Any:
    assert not run.fault
    return next((message for message, _ in run.messages if "call" in message), None)


def inside(expression: str, needs: str = "numpy", seconds: float = 25) -> Any:
    """Return the text that an expression gives inside: the same alone, and before and after other tasks."""
    runs = sandbox.run_all([job(expression, seconds)], needs) + sandbox.run_all([job(expression, seconds)] * 2, needs)
    alone, *others = map(answer, runs)
    for other in others:
        assert alone.keys() == other.keys() and alone.get("error") == other.get("error")
        assert alone.get("value") == other.get("value") or "getuid" in expression
    return alone


@pytest.mark.parametrize("needs", ["numpy", "cnnlib"])
def test_nothing_of_the_teachers_is_visible(needs: str) -> None:
    files = "sorted(f'{a}/{c}' for a, b, d in os.walk('/') if not a.startswith(('/usr/lib', sys.prefix)) for c in d)"
    found = inside(files + "[:400]", needs)["value"]
    home, here = str(Path.home()), str(Path(__file__).resolve().parent.parent)
    assert f"'{home}/" not in found.replace(f"'{sandbox.sys.base_prefix}", "'") or home == "/"
    assert "/.venv" not in found and f"{here}/" not in found and "assignment" not in found and "judge" not in found
    assert (
        inside("os.environ.get('HOME'), os.getcwd(), len(os.listdir('/tmp'))", needs)["value"] == "('/tmp', '/tmp', 0)"
    )
    assert int(inside("os.getuid()", needs)["value"]) != 0 or os.getuid() != 0
    assert inside("os.path.exists('/proc/1'), os.path.exists('/sys/kernel')", needs)["value"] == "(False, False)"


def test_other_packages_are_not_there() -> None:
    for name in ("scipy", "torch", "sklearn", "pytest"):
        assert inside(f"__import__({name!r})")["error"]["type"] == "ModuleNotFoundError"
    assert inside("__import__('cnnlib').conv2d(1, 2)")["value"] == "(not there while grading)"
    assert inside("__import__('cnnlib').conv2d.__module__", "cnnlib")["value"] == "cnnlib.convolution"
    assert inside("__import__('cnngrader.tasks').grade.checks.x(1)", "cnnlib")["value"] == "(not there while grading)"
    assert inside("__import__('cnnlib').load_digits()[0][0].shape", "cnnlib")["value"] == "(1437, 1, 28, 28)"


def test_nothing_can_be_written_but_a_small_home() -> None:
    write = "[open(p + '/x', 'wb').write(b'x') for p in ({!r},)]"
    assert inside(write.format("/tmp"))["value"] == "[1]"
    for place in ("/", "/dev", "/grader", "/packages", "/usr/lib", "/etc"):
        assert inside(write.format(place))["error"]["type"] in ("PermissionError", "OSError"), place
    fill = "[open(f'/tmp/{k}', 'wb').write(b'x' * (1 << 20)) for k in range(100)]"
    assert inside(fill)["error"]["type"] == "OSError"


def test_the_limits_hold() -> None:
    assert inside("os.fork()")["error"]["type"] == "BlockingIOError"
    assert inside("__import__('_thread').start_new_thread(print, ())")["error"]["type"] == "RuntimeError"
    assert inside("len(bytearray(2 << 30))")["error"]["type"] == "MemoryError"
    assert inside("__import__('resource').setrlimit(9, (-1, -1))")["error"]["type"] == "ValueError"
    assert inside("os.setuid(0)")["error"]["type"] == "PermissionError" or os.getuid() != 0
    assert inside("os.system('echo hello')")["value"] == str(127 << 8)


@pytest.mark.parametrize("needs", ["numpy", "cnnlib"])
def test_what_no_limit_counts_is_refused(needs: str) -> None:
    library = "__import__('ctypes').CDLL(None)"
    for call in ("unshare(0x10000000)", "shmget(0, 1 << 20, 0o1600)", "ptrace(0, 0, 0, 0)"):
        assert inside(f"{library}.{call}", needs)["value"] == "-1", call
    assert inside("os.memfd_create('x')", needs)["error"]["type"] == "PermissionError"


def test_a_process_may_be_started_where_the_package_needs_it() -> None:
    assert inside("os.waitpid(os.fork() or os._exit(3), 0)[1] >> 8", "cnnlib")["value"] == "3"


# ---- tasks that share a sandbox -------------------------------------------------------------------------------------


def test_the_tasks_of_a_submission_share_a_sandbox_and_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started = counted(monkeypatch)
    runs = sandbox.run_all(
        [job("os.__dict__.setdefault('left', 0)", first=f"os.left = {k}") for k in (1, 2, 3)], "numpy"
    )
    assert [answer(run)["value"] for run in runs] == ["1", "2", "3"] and len(started) == 1
    uids = {answer(run)["value"] for run in sandbox.run_all([job("os.getuid()")] * 3, "numpy")}
    assert len(uids) == 3 or os.getuid() != 0


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list to which each start of a sandbox is added, with the number of tasks that it may take."""
    started: list[int] = []

    def start(jobs: list[sandbox.Job], *given: Any, real: Any = sandbox._run_some) -> Any:
        started.append(len(jobs))
        return real(jobs, *given)

    monkeypatch.setattr(sandbox, "_run_some", start)
    return started


@pytest.mark.parametrize(
    ("first", "ended"),
    {
        "open('/tmp/numpy.py', 'w').write('1 / 0')": "",
        "os.mkdir('/tmp/a')": "",
        "os._exit(0)": "the process ended by itself, with code 0, before all was done",
        "os._exit(3)": "the process ended by itself, with code 3, before all was done",
        "os._exit(99)": "the process ended by itself, with code {code}, before all was done",
        "__import__('ctypes').string_at(0)": "the process was ended by SIGSEGV",
        "os.kill(os.getpid(), 9)": "the process was ended by SIGKILL",
        "os.kill(os.getpid(), 19)": "stopped after 2 seconds",
        "[os.write(fd, b'x' * (4 << 20)) for fd in range(3, 64) if fd in OPEN]": "stopped: more than 1 MB of results",
    }.items(),
)
def test_a_task_takes_no_other_one_with_it(first: str, ended: str) -> None:
    fds = "def there(fd):\n    try: return bool(os.fstat(fd))\n    except OSError: return False\n"
    fds += "OPEN = [fd for fd in range(3, 64) if there(fd)]\n"
    jobs = [job("7"), job("7", 2, fds + first), job("os.listdir('/tmp')"), job("7")]
    before, odd, *after = sandbox.run_all(jobs, "numpy")
    assert answer(before)["value"] == "7" and before.ended == ""
    assert odd.ended in (ended, ended.format(code=0), ended.format(code=99), ended.format(code=137))
    assert [answer(run)["value"] for run in after] == ["[]", "7"]


def test_a_task_reaches_neither_the_pipes_nor_the_memory_of_another() -> None:
    there = "def there(fd):\n    try: return bool(os.fstat(fd))\n    except OSError: return False\n"
    one = job("[fd for fd in range(64) if there(fd)]", first=there)
    for run in sandbox.run_all([one], "numpy") + sandbox.run_all([one] * 2, "numpy"):
        assert answer(run)["value"].count(",") == 4  # four that lead nowhere, and its own pipe
    library = "__import__('ctypes').CDLL(None, use_errno=True)"
    for call in ("process_vm_readv(os.getppid(), None, 0, None, 0, 0)", "syscall(438, 3, 0, 0)"):
        assert inside(f"({library}.{call}, __import__('ctypes').get_errno())")["value"] == "(-1, 1)", call


def test_a_task_that_ends_the_others_ends_nothing() -> None:
    kill = "try: os.kill(os.getppid(), 9)\nexcept OSError: pass"
    runs = sandbox.run_all([job("7", first=kill), job("8"), job("9")], "numpy")
    assert [answer(run)["value"] for run in runs[1:]] == ["8", "9"]
    assert answer(runs[0]) == {"call": 0, "value": "7", "changed": []} or os.getuid() != 0


WORKS = "[i for i in iter(lambda: time.process_time() >= {}, True)][:0]"  # seconds
ON_LINUX = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="this system does not say who works")


@ON_LINUX
def test_a_busy_computer_takes_no_time_from_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that may take two seconds and works for half of one, while other programs run for three."""
    begun: list[int] = []
    real = subprocess.Popen

    def start(*values: Any, **by_name: Any) -> Any:
        process = real(*values, **by_name)
        begun.append(process.pid)
        return process

    monkeypatch.setattr(sandbox.subprocess, "Popen", start)
    others = threading.Thread(target=let_others_run, args=(begun, 3))
    others.start()
    one = job(f"({WORKS.format(0.3)}, os.kill(os.getpid(), 19), {WORKS.format(0.5)})[0]", 2, "import time")
    one.content["call_seconds"] = 2
    (run,) = sandbox.run_all([one], "numpy")
    others.join()
    assert answer(run).get("value") == "[]" and not run.ended
    assert run.seconds > 3


def let_others_run(begun: list[int], seconds: float) -> None:
    """Wait for a process that has stopped itself, and let it go on after some seconds."""
    for _ in range(6000):
        for pid in [one for first in begun for one in started_by(first)]:
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T":
                    time.sleep(seconds)
                    return os.kill(pid, 18)
        time.sleep(0.01)


def started_by(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in started_by(int(child)))]


@ON_LINUX
@pytest.mark.parametrize(
    ("expression", "most"),
    [("time.sleep(60)", 3), (WORKS.format(60), 20), ("[time.sleep(0.001) for _ in iter(int, 1)]", 20)],
    ids=["waits", "works", "does both"],
)
def test_what_waits_or_never_ends_is_stopped(expression: str, most: float) -> None:
    one = job(expression, 10, "import time")
    one.content["call_seconds"] = 0.5
    began = time.monotonic()
    (run,) = sandbox.run_all([one], "numpy")
    assert answer(run) == {"call": 0, "time_up": True} and run.finished
    assert time.monotonic() - began < most  # on a busy computer work may take ten times as long


def test_what_a_busy_computer_takes_to_start_is_not_the_time_of_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    real = sandbox._wrapping
    slowly = ("/bin/sh", "-c", 'sleep 3; exec "$@"', "sh")
    monkeypatch.setattr(sandbox, "_wrapping", lambda *given: (*slowly, *real(*given)))
    both = sandbox.run_all([job("7", 1), job("8", 1)], "numpy")
    assert [answer(run)["value"] for run in both] == ["7", "8"] and not any(run.ended for run in both)
    monkeypatch.setattr(sandbox, "START", 0.5)
    assert "stopped after 0.5 seconds" in sandbox.run_all([job("7")], "numpy")[0].fault
