"""Change the code in one place at a time and see whether a test turns red: what survives is what no test looks at.

    python tools/mutants.py                                75 changes in cnnlib, 75 in cnncourse and the grader
    python tools/mutants.py --core 20 --outside 0          fewer
    python tools/mutants.py --only cnnlib/pooling.py       all from one file or folder, or from several
    python tools/mutants.py --resume                       goes on where a run was stopped, and tries survivors again

A change is another operator, comparison, constant, condition, return value or argument, in code that runs. Which ones
are drawn depends on the seed and on the line itself, so a change elsewhere in the project draws no others. Each is made
in a copy of the project, where the tests of TESTS for its file run until the first one fails. Changes that no test can
tell apart stand in tools/equivalent_mutants.toml, each with its reason, and others are drawn in their place.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import fnmatch
import hashlib
import itertools
import marshal
import os
import queue
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

from cnncourse.chance import interval

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / "build" / "mutants.txt"  # one line for each change that was tried: outcome, key, place
GROUPS = {"core": ["cnnlib"], "outside": ["cnncourse", "grader/cnngrader"]}
NO_TESTS = 5  # exit code of pytest
MEMORY = 6 << 30  # bytes: a size that was changed may ask for all there is

# Which tests look at a file (the first pattern that fits), those first that are likely to notice; {} is its name.
# Doctests of the file itself always run before them.
BAD_INPUT = "tests/test_bad_input.py tests/test_package.py"
LAYERS = f"tests/test_layers.py tests/test_network.py {BAD_INPUT} tests/test_training.py tests/test_lenet.py"
CHECKS = "tests/test_checks.py tests/test_checks_06_to_12.py tests/test_exercises.py tests/test_notebook_exercises.py "
CHECKS += "tests/test_language.py"  # everything that a check knows to say is in the catalogue
GRADER = "grader/tests/test_grade.py grader/tests/test_cells.py grader/tests/test_instant_checks.py "
GRADER += "grader/tests/test_class_life.py grader/tests/test_sentences.py grader/tests/test_personal.py "
GRADER += "grader/tests/test_assignments.py grader/tests/test_hostile.py"
GRIDS = "convolution_steps padding_stride pooling pooling_back receptive_field scene sensitivity_steps "
GRIDS += "sensitivity_stride sheet sparse_matrix stamps still still_convolution still_grids transposed"
OTHERS = "tests/test_pictures.py tests/test_explorers_curves.py tests/test_explorers_live.py "
OTHERS += "tests/test_explorers_networks.py tests/test_training_film.py tests/test_training_step.py"
TESTS = {
    "cnnlib/arguments.py": f"{BAD_INPUT} tests/test_geometry.py tests/test_layers.py tests/test_datasets.py",
    "cnnlib/shapes.py": f"{BAD_INPUT} tests/test_convolution.py tests/test_pooling.py tests/test_layers.py",
    "cnnlib/layout.py": f"tests/test_convolution.py tests/test_pooling.py {LAYERS}",
    "cnnlib/convolution.py": f"tests/test_convolution.py tests/test_reference.py {LAYERS}",
    "cnnlib/pooling.py": f"tests/test_pooling.py tests/test_reference.py {LAYERS}",
    "cnnlib/reference.py": f"tests/test_reference.py tests/test_convolution.py tests/test_pooling.py {BAD_INPUT}",
    "cnnlib/layers.py": LAYERS,
    "cnnlib/network.py": LAYERS,
    "cnnlib/lenet.py": f"tests/test_lenet.py {LAYERS}",
    "cnnlib/training.py": "tests/test_training.py tests/test_recipes.py tests/test_package.py",
    "cnnlib/summary.py": LAYERS,
    "cnnlib/weights.py": LAYERS,
    "cnnlib/workers.py": "tests/test_training.py tests/test_network.py",
    "cnnlib/blas_threads.py": "tests/test_training.py tests/test_network.py",
    "cnnlib/pictures.py": "tests/test_read_digit.py tests/test_drawing_pad.py",
    "cnnlib/__init__.py": BAD_INPUT,
    "cnnlib/paths.py": "tests/test_datasets.py tests/test_lenet.py",
    "cnnlib/__main__.py": "tests/test_recipes.py tests/test_datasets.py",
    "cnnlib/*.py": f"tests/test_{{}}.py {BAD_INPUT}",
    "cnncourse/plots/*.py": "tests/test_plots.py tests/test_pictures.py",
    "cnncourse/checks/*.py": CHECKS,
    "cnncourse/exercises/own_network.py": f"tests/test_own_network.py {CHECKS}",
    "cnncourse/exercises/*.py": "tests/test_exercises.py tests/test_checks.py tests/test_checks_06_to_12.py",
    "cnncourse/explorers/drawing_pad.py": "tests/test_pictures.py tests/test_drawing_pad.py",
    "cnncourse/explorers/pen.py": "tests/test_drawing_pad.py",
    **{f"cnncourse/explorers/{name}.py": f"tests/test_explorers.py {OTHERS}" for name in GRIDS.split()},
    "cnncourse/explorers/*.py": f"{OTHERS} tests/test_explorers.py",
    "cnncourse/assignments/*.py": "tests/test_assignment_checks.py",
    "cnncourse/architectures.py": "tests/test_architectures.py tests/test_plots.py tests/test_pictures.py",
    "cnncourse/chance.py": "tests/test_chance.py tests/test_explorers_curves.py",
    "cnncourse/language.py": "tests/test_language.py tests/test_language_explorers.py tests/test_exercises.py",
    "cnncourse/predictions.py": "tests/test_predictions.py",
    "cnncourse/__init__.py": "tests/test_imports.py",
    "grader/cnngrader/cluster.py": f"grader/tests/test_cluster.py {GRADER}",
    "grader/cnngrader/tasks/*.py": f"grader/tests/test_personal.py grader/tests/test_instant_checks.py {GRADER}",
    "grader/cnngrader/personal.py": f"grader/tests/test_personal.py {GRADER}",
    "grader/cnngrader/instant_checks.py": f"grader/tests/test_instant_checks.py {GRADER}",
    "grader/cnngrader/worker.py": f"grader/tests/test_cells.py grader/tests/test_hostile.py {GRADER}",
    "grader/cnngrader/*.py": GRADER,
}

OTHER = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.MatMult: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.And: ast.Or, ast.Or: ast.And, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


SYMMETRIC = {"min", "max", "minimum", "maximum", "array_equal", "result_type", "shares_memory"}  # in their arguments

Place = ast.expr | ast.stmt


@dataclass(frozen=True)
class Mutant:
    """One change of one file: where, and what the whole file then says."""

    file: str
    line: int
    text: str  # of the line
    change: str
    source: bytes

    def place(self) -> str:
        return f"{self.file}:{self.line}: {self.change}"

    def key(self) -> str:
        return hashlib.sha256(self.file.encode() + b"\n" + self.source).hexdigest()[:16]


# ---- making changes -------------------------------------------------------------------------------------------------


def parts(tree: ast.AST) -> Iterator[Place]:
    """Yield what may be changed: not annotations, nor what stands inside of f-strings, whose places are not known."""
    if isinstance(tree, ast.expr | ast.stmt):
        yield tree
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns") or isinstance(tree, ast.JoinedStr):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from parts(child)


def changes(node: Place) -> Iterator[tuple[Place, Place]]:
    """Yield (what is replaced, by what) for every change of a node itself.

    Not `copy=False`: one copy more costs a moment, which `make bench` sees, and changes no value.
    """

    def other(**fields: object) -> tuple[Place, Place]:
        changed = copy.copy(node)
        for name, value in fields.items():
            setattr(changed, name, value)
        return node, changed

    match node:
        case ast.BinOp(op=op) | ast.BoolOp(op=op) | ast.AugAssign(op=op) if type(op) in OTHER:
            yield other(op=OTHER[type(op)]())
        case ast.Compare(ops=ops):
            for k, sign in enumerate(ops):
                yield other(ops=[*ops[:k], OTHER[type(sign)](), *ops[k + 1 :]])
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield node, operand
        case ast.Constant(value=bool() as value):
            yield other(value=not value)
        case ast.Constant(value=int() | float() as value):
            yield other(value=value + 1)
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
                yield test, ast.UnaryOp(ast.Not(), test)
        case ast.Return(value=ast.expr() as value):
            yield value, ast.Constant(None)
        case ast.Call(func=func, args=args, keywords=keywords):
            for k in (k for k, keyword in enumerate(keywords) if ast.unparse(keyword) != "copy=False"):
                yield other(keywords=keywords[:k] + keywords[k + 1 :])
            ordered = ast.unparse(func).rpartition(".")[2] not in SYMMETRIC
            if ordered and len(args) > 1 and not any(isinstance(arg, ast.Starred) for arg in args[:2]):
                yield other(args=[args[1], args[0], *args[2:]])


def stripped(code: CodeType) -> CodeType:
    """Return code without its line numbers."""
    inner = tuple(stripped(c) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_consts=inner, co_firstlineno=1, co_linetable=b"")


def compiled(source: bytes) -> bytes:
    return marshal.dumps(stripped(compile(source, "", "exec")))


def mutants_of(path: Path) -> list[Mutant]:
    """Return every change of a file."""
    source, file = path.read_bytes(), path.relative_to(ROOT).as_posix()
    lines = source.splitlines(keepends=True)
    starts = [0, *itertools.accumulate(map(len, lines))]
    found = []
    for node in parts(ast.parse(source)):
        for old, new in changes(node):
            begin, end = (
                starts[old.lineno - 1] + old.col_offset,
                starts[(old.end_lineno or 0) - 1] + (old.end_col_offset or 0),
            )
            text = ast.unparse(new)
            put = f"({text})" if isinstance(old, ast.expr) else text
            said = f"{ast.unparse(old)} -> {text}".replace("\n", " ")
            changed = source[:begin] + put.encode() + source[end:]
            found.append(Mutant(file, old.lineno, lines[old.lineno - 1].decode().strip(), said, changed))
    return found


def drawn(paths: list[Path], count: int, seed: int) -> list[Mutant]:
    """Return `count` changes that alter what is compiled, and of which it is not known that nobody can see them."""
    listed = tomllib.loads((ROOT / "tools" / "equivalent_mutants.toml").read_text(encoding="utf-8")).get("mutant", [])
    known = {(entry["file"], entry["line"], entry["change"]) for entry in listed}
    seen: Counter[tuple[str, str, str]] = Counter()
    order = []
    for mutant in [one for path in paths for one in mutants_of(path)]:
        key = mutant.file, mutant.text, mutant.change
        if key not in known:
            order.append((hashlib.sha256(repr((seed, key, seen[key])).encode()).digest(), mutant))
            seen[key] += 1
    plain = {path.relative_to(ROOT).as_posix(): compiled(path.read_bytes()) for path in paths}
    real = (one for _, one in sorted(order, key=lambda pair: pair[0]) if compiled(one.source) != plain[one.file])
    return list(itertools.islice(real, count))


# ---- running tests --------------------------------------------------------------------------------------------------


def tests_of(file: str) -> list[str]:
    """Return the tests of a file, itself first; one that is not there is an error of the table."""
    pattern = next(pattern for pattern in TESTS if fnmatch.fnmatch(file, pattern))
    names = [file, *dict.fromkeys(TESTS[pattern].format(Path(file).stem).split())]
    if missing := [name for name in names if not (ROOT / name).exists()]:
        raise SystemExit(f"TESTS in tools/mutants.py names {', '.join(missing)} for {file}, which is not there")
    return names


def copied(folder: Path) -> Path:
    """Copy the project and compile it; a compiled file then holds only as long as its source has the same content."""
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in (name for name in names if (ROOT / name).is_file()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    modes = ["-q", "--invalidation-mode", "checked-hash", "cnnlib", "cnncourse", "grader"]
    subprocess.run([sys.executable, "-m", "compileall", *modes], cwd=folder, check=True)
    return folder


RUNNING: set[int] = set()  # the process groups of the runs of pytest at this moment
ENDING = threading.Event()
# What ends a program from outside and lets it say a last word; a system without hangups has no SIGHUP.
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def end_runs() -> None:
    """End all runs of pytest with whatever they started, and let no other begin."""
    ENDING.set()
    for group in list(RUNNING):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


@contextlib.contextmanager
def runs_end_with_this() -> Iterator[None]:
    """Whatever ends the block, a signal too, ends the runs of pytest: each has a group of its own and would go on.

    Only in the main thread. A signal raises SystemExit there, with the exit code that shells give to it.
    """

    def leave(number: int, frame: FrameType | None) -> None:
        end_runs()
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in SIGNALS}
    try:
        yield
    except BaseException:
        end_runs()
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(folder: Path, tests: list[str], timeout: float) -> tuple[str, str]:
    """Return ("passed", "failed" or "too slow", the last lines of pytest); SystemExit once `end_runs` was called."""
    inside = {"PYTHONPATH": f"{folder}:{folder / 'grader'}:{folder / 'grader' / 'tools'}", "OPENBLAS_NUM_THREADS": "1"}
    options = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile=mutants"]
    command = [sys.executable, "-m", "pytest", *options, *tests]
    if ENDING.is_set():
        raise SystemExit(2)
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | inside, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    ) as process:  # fmt: skip
        RUNNING.add(process.pid)
        try:
            if ENDING.is_set():  # between the question above and here
                end_runs()
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return "too slow", ""
        finally:
            RUNNING.discard(process.pid)
    if ENDING.is_set():  # its exit code says nothing of the change
        raise SystemExit(2)
    last = "\n".join(said.splitlines()[-15:])
    if process.returncode == NO_TESTS:  # which says nothing of the change
        raise SystemExit(f"pytest found no test in {' '.join(tests)}\n{last}")
    return "passed" if process.returncode == 0 else "failed", last


def survives(mutant: Mutant, folders: queue.Queue[Path], timeout: float) -> bool:
    folder = folders.get()
    before = (folder / mutant.file).read_bytes()
    try:
        (folder / mutant.file).write_bytes(mutant.source)
        return run(folder, tests_of(mutant.file), timeout)[0] == "passed"
    finally:
        (folder / mutant.file).write_bytes(before)
        folders.put(folder)


def killed_before() -> set[str]:
    """Return the keys of the changes that a test noticed according to the log; what survived may have a test by now."""
    lines = LOG.read_text(encoding="utf-8").splitlines() if LOG.exists() else []
    return {line.split()[1] for line in lines if line.startswith("killed")}


def report(group: str, mutants: list[Mutant], jobs: int, done: set[str]) -> bool:
    """Try those changes of a group that are not `done`, and print what becomes of each.

    Return whether the tests are green without any change.
    """
    start = time.monotonic()
    count, mutants = len(mutants), [mutant for mutant in mutants if mutant.key() not in done]
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(jobs) as pool, runs_end_with_this():
        folders: queue.Queue[Path] = queue.Queue()
        for k in range(jobs):
            folders.put(copied(Path(place) / str(k)))
        first = folders.get()
        print(f"{group}: {len(mutants)} changes to try; first all their tests without any", flush=True)
        outcome, said = run(first, [*dict.fromkeys(test for one in mutants for test in tests_of(one.file)[1:])], 3600)
        if outcome != "passed":
            print(f"{group}: without any change the tests are red already ({outcome})\n{said}")
            return False
        folders.put(first)
        limit = 60 + 3 * (time.monotonic() - start)
        survived = 0
        tried = {pool.submit(survives, mutant, folders, limit): mutant for mutant in mutants}
        with LOG.open("a", encoding="utf-8") as log:
            for future in as_completed(tried):
                survived += future.result()
                word, mutant = "survived" if future.result() else "killed  ", tried[future]
                print(f"{word}  {mutant.place()}", flush=True)
                print(f"{word}  {mutant.key()}  {mutant.place()}", file=log, flush=True)
    killed = count - survived
    low, high = interval(killed, count)
    print(f"{group}: {killed} of {count} killed, {killed / count:.0%} (95 %: {low:.0%} to {high:.0%}), ", end="")
    print(f"{(time.monotonic() - start) / 60:.1f} minutes", flush=True)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--core", type=int, default=75, help="changes of cnnlib")
    parser.add_argument("--outside", type=int, default=75, help="changes of cnncourse and the grader")
    parser.add_argument("--only", nargs="+", default=[""], help="files or folders: changes of nothing else")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--list", action="store_true", help="say what would be changed, and end")
    parser.add_argument("--resume", action="store_true", help=f"leave out what {LOG.name} in build/ calls killed")
    options = parser.parse_args()
    LOG.parent.mkdir(exist_ok=True)
    if not options.resume and not options.list:
        LOG.unlink(missing_ok=True)
    done = killed_before()
    green = True
    for group, count in (("core", options.core), ("outside", options.outside)):
        paths = [path for name in GROUPS[group] for path in sorted((ROOT / name).rglob("*.py"))]
        paths = [path for path in paths if path.relative_to(ROOT).as_posix().startswith(tuple(options.only))]
        mutants = drawn(paths, count, options.seed)
        if options.list:
            print("\n".join(mutant.place() for mutant in mutants))
        elif mutants:
            green &= report(group, mutants, options.jobs, done)
    return 0 if green else 2


if __name__ == "__main__":
    sys.exit(main())
