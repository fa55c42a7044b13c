"""constraints.txt, what make installs: one version of everything asked for, for every supported Python and system."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LINES = [line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
PROJECTS = [path for path in (ROOT / "pyproject.toml", ROOT / "grader" / "pyproject.toml") if path.exists()]
PYTHONS = ["3.11.0", "3.11.9", "3.12.0", "3.13.0", "3.14.0"]
SYSTEMS = {"linux": ("Linux", "posix"), "darwin": ("Darwin", "posix"), "win32": ("Windows", "nt")}
# Not pinned: ourselves, and the yardstick of the benchmarks, whose version the Makefile names.
FREE = {"cnnlib", "cnnlib-grader", "torch"}


def asked_for() -> list[Requirement]:
    found = []
    for path in PROJECTS:
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        extras = project["optional-dependencies"].values()
        found += map(Requirement, [*project["dependencies"], *(text for extra in extras for text in extra)])
    return [one for one in found if canonicalize_name(one.name) not in FREE]


def pinned(python: str, system: str) -> dict[str, list[str]]:
    """Return the versions that hold for one Python on one system: one for each package, if all is well."""
    platform, name = SYSTEMS[system]
    place = {"python_full_version": python, "python_version": python.rpartition(".")[0], "sys_platform": system}
    place |= {"platform_system": platform, "os_name": name}
    versions: dict[str, list[str]] = {}
    for one in map(Requirement, LINES):
        if one.marker is None or one.marker.evaluate(place):
            versions.setdefault(canonicalize_name(one.name), []).extend(bound.version for bound in one.specifier)
    return versions


def test_there_are_versions_and_markers_and_no_address_or_place() -> None:
    assert len(LINES) > 100
    wanted = re.compile(r"[a-z0-9-]+==[0-9a-z.]+( ; [a-z0-9_.<>=!'()* ]+)?", re.IGNORECASE)
    assert [line for line in LINES if not wanted.fullmatch(line)] == []


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_everything_asked_for_has_one_version_within_its_bounds(python: str, system: str) -> None:
    versions = pinned(python, system)
    assert {name: found for name, found in versions.items() if len(found) != 1} == {}
    asked = {str(one): (one.specifier, versions.get(canonicalize_name(one.name), [])) for one in asked_for()}
    assert {
        text: found for text, (bounds, found) in asked.items() if list(bounds.filter(found)) != found or not found
    } == {}


def test_what_depends_on_the_python_differs() -> None:
    """NumPy's newest release has no wheel for the oldest Python: one list for all must hold two versions."""
    assert pinned(PYTHONS[0], "linux")["numpy"] != pinned(PYTHONS[-1], "linux")["numpy"]
