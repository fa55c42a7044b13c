"""Who imports whom: what `make lint` does not see, import-linter's contracts being in pyproject.toml."""

from __future__ import annotations

import ast
import functools
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"cnnlib": ROOT / "cnnlib", "cnncourse": ROOT / "cnncourse", "cnngrader": ROOT / "grader" / "cnngrader"}
OURS = [*PACKAGES.values(), ROOT / "tools", ROOT / "benchmarks", ROOT / "grader" / "tools"]

# What modules of cnnlib import beside NumPy and Python's own modules. All others need nothing else.
BESIDE_NUMPY = {
    "blas_threads": {"threadpoolctl"},
    "datasets": {"pooch", "requests", "tqdm"},
    "pictures": {"PIL"},
    "training": {"tqdm"},
}


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def foreign(path: Path) -> set[str]:
    """Return the packages of others that a file imports, inside of functions too."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(str(node.module).partition(".")[0])
    return names - sys.stdlib_module_names - PACKAGES.keys()


def test_cnnlib_needs_numpy_and_few_modules_a_little_more() -> None:
    needs = {path.stem: foreign(path) - {"numpy"} for path in sorted(PACKAGES["cnnlib"].glob("*.py"))}
    assert {module: names for module, names in needs.items() if names} == BESIDE_NUMPY


def imported(path: Path, package: Path) -> set[Path]:
    """Return the modules of a package that one of them imports, inside of functions too."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            name = (node.module or "").split(".") if node.module else []
            if node.level:
                folder = path.parents[node.level - 1].joinpath(*name)
            elif name and name[0] == package.name:
                folder = package.joinpath(*name[1:])
            else:
                continue
            places = [folder.with_suffix(".py"), *(folder / f"{alias.name}.py" for alias in node.names)]
            found |= {place for place in places if place.exists()}
    return found - {path}


@pytest.mark.parametrize("package", [path for path in PACKAGES.values() if path.is_dir()], ids=lambda path: path.name)
def test_modules_import_each_other_in_no_circle(package: Path) -> None:
    graph = {path: imported(path, package) for path in sorted(package.rglob("*.py"))}
    assert sum(map(len, graph.values())) > 20
    order = list(graphlib.TopologicalSorter(graph).static_order())  # CycleError names a circle
    assert len(order) == len(graph)


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def reaches(path: Path) -> Iterator[str]:
    """Yield where a file takes a private name from another module: by importing it, or from a module it imported."""
    modules = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            modules |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules |= {alias.asname or alias.name for alias in node.names}
            for alias in node.names:
                if private(alias.name) or any(map(private, (node.module or "").split("."))):
                    yield f"{path.name}:{node.lineno}: {alias.name} of {node.module}"
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and private(node.attr):
            owner = node.value
            while isinstance(owner, ast.Attribute):
                owner = owner.value
            if isinstance(owner, ast.Name) and owner.id in modules and ast.unparse(node) != "os._exit":
                yield f"{path.name}:{node.lineno}: {ast.unparse(node)}"


def test_modules_keep_out_of_each_others_private_names() -> None:
    files = [path for folder in OURS for path in sorted(folder.rglob("*.py"))]
    assert len(files) > 80
    assert [place for path in files for place in reaches(path)] == []


def test_a_private_name_is_seen_however_it_is_reached(tmp_path: Path) -> None:
    path = tmp_path / "curious.py"
    path.write_text(
        "import os.path\nfrom cnnlib import layers as l, pooling\nfrom .chain import _step\nfrom ._chain import step\n"
        "os._exit(0)\nl._cached(pooling.__name__)\npooling.max_pool2d._inner()\nself._mine = _step.name\n",
        encoding="utf-8",
    )
    assert [place.split(": ")[1] for place in reaches(path)] == [
        "_step of chain",
        "step of _chain",
        "l._cached",
        "pooling.max_pool2d._inner",
    ]
