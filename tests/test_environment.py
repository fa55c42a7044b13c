"""The packages: pyproject.toml and environment.yml ask for the same, and what the code imports is asked for."""

from __future__ import annotations

import ast
import functools
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler import MatchSpec

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = (ROOT / "environment.yml").read_text(encoding="utf-8")

CONDA_NAMES = {"torch": "pytorch-cpu", "playwright": "playwright-python"}  # the others have one name in both worlds

Bounds = dict[str, frozenset[str]]


@functools.cache
def distributions() -> Mapping[str, list[str]]:
    """Return which distributions bring a package that can be imported: asked once, as it takes a while."""
    return packages_distributions()


def pip_bounds(requirements: list[str]) -> Bounds:
    parsed = [Requirement(text) for text in requirements]
    others = [one for one in parsed if canonicalize_name(one.name) != PROJECT["name"]]  # cnnlib[course]: ourselves
    return {canonicalize_name(one.name): frozenset(str(bound) for bound in one.specifier) for one in others}


def conda_bounds(specs: list[str]) -> Bounds:
    parsed = [MatchSpec(text) for text in specs]
    return {one.name.normalized: frozenset(str(one.version).split(",") if one.version else ()) for one in parsed}


def everything_of_pip() -> Bounds:
    extras = PROJECT["optional-dependencies"].values()
    return pip_bounds([*PROJECT["dependencies"], *(text for extra in extras for text in extra)])


def everything_of_conda() -> Bounds:
    listed = [entry for entry in yaml.safe_load(CONDA)["dependencies"] if isinstance(entry, str)]
    offered = re.findall(r"^  # - (.+)$", CONDA, re.MULTILINE)  # one that is large and not for everyone
    return conda_bounds([*listed, *offered])


def test_conda_and_pip_ask_for_the_same() -> None:
    pip = {CONDA_NAMES.get(name, name): bounds for name, bounds in everything_of_pip().items()}
    conda = everything_of_conda()
    assert conda.pop("pip") == frozenset()
    assert conda.pop("python") == frozenset({PROJECT["requires-python"]})
    assert conda == pip


def test_only_pytorch_and_the_hub_are_left_to_choice() -> None:
    assert re.findall(r"^  # - (\S+)", CONDA, re.MULTILINE) == ["pytorch-cpu", "jupyterhub", "nbgitpuller"]


def test_conda_installs_the_project_itself_and_nothing_else_by_pip() -> None:
    environment = yaml.safe_load(CONDA)
    assert environment["name"] == PROJECT["name"]
    assert environment["channels"] == ["conda-forge"]
    assert [entry for entry in environment["dependencies"] if not isinstance(entry, str)] == [{"pip": ["--editable ."]}]


def test_a_package_in_two_extras_has_one_range() -> None:
    seen: Bounds = {}
    for requirements in [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]:
        for name, bounds in pip_bounds(requirements).items():
            assert seen.setdefault(name, bounds) == bounds, name


def test_every_package_has_a_lower_bound() -> None:
    without = [name for name, bounds in everything_of_pip().items() if not any(b.startswith(">=") for b in bounds)]
    assert without == []


def python_files() -> list[Path]:
    folders = ("cnnlib", "cnncourse", "tests", "tools", "benchmarks", "data", "docs")
    return [ROOT / "conftest.py", *(path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))]


def imports(path: Path) -> Iterator[str]:
    """Yield the top-level names that a file imports, also by pytest.importorskip."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).split(".")[0]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "importorskip":
            yield ast.literal_eval(node.args[0]).split(".")[0]


OURS = {"cnnlib", "cnncourse", *(path.stem for path in python_files()), *(path.parent.name for path in python_files())}


@pytest.mark.parametrize("path", python_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_is_imported_is_asked_for(path: Path) -> None:
    if path.is_relative_to(ROOT / "cnnlib"):
        asked = pip_bounds(PROJECT["dependencies"])
    elif path.is_relative_to(ROOT / "cnncourse"):
        asked = pip_bounds([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["course"]])
    else:
        asked = everything_of_pip()
    known = distributions()
    foreign = set(imports(path)) - sys.stdlib_module_names - OURS - {"IPython"}  # comes with ipykernel and ipywidgets
    if path.parent == ROOT / "tools":
        foreign -= {"cnngrader"}  # a tool of this repository looks into grader/, where that is there
    if path.parent == ROOT / "docs":
        foreign -= {"docutils"}  # comes with Sphinx
    missing = {
        module
        for module in foreign
        # PyTorch is not always installed: then its name on the shelf is the name in the code
        if not {canonicalize_name(name) for name in known.get(module, [module])} & set(asked)
    }
    assert missing == set()
