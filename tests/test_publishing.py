"""What is published: workflows call what exists, versions and bounds agree, Binder installs what is needed."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version
from rattler import MatchSpec

import project_urls
import students_branch

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
FILES = {path.stem: path for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))}
WORKFLOWS = {name: yaml.safe_load(path.read_text(encoding="utf-8")) for name, path in FILES.items()}


def jobs() -> list[tuple[str, dict[str, Any]]]:
    return [(f"{file}: {name}", job) for file, flow in WORKFLOWS.items() for name, job in flow["jobs"].items()]


def steps() -> list[tuple[str, dict[str, Any]]]:
    return [(name, step) for name, job in jobs() for step in job["steps"]]


def pythons() -> set[str]:
    """Return all versions of Python that the tests run with."""
    listed = re.findall(r'python(?:-version)?: \[?((?:"[\d.]+"(?:, )?)+)', FILES["tests"].read_text(encoding="utf-8"))
    return {version for text in listed for version in re.findall(r'"([\d.]+)"', text)}


# ---- workflows ------------------------------------------------------------------------------------------------------


def test_the_workflows_are_known() -> None:
    assert set(WORKFLOWS) == {"tests", "site", "students"}


def test_every_step_does_one_thing_and_every_job_ends() -> None:
    assert [name for name, step in steps() if ("uses" in step) == ("run" in step)] == []
    assert [name for name, job in jobs() if not 0 < job["timeout-minutes"] <= 60] == []


def test_actions_have_a_major_version() -> None:
    used = [step["uses"] for _, step in steps() if "uses" in step]
    assert len(used) > 10
    assert [name for name in used if not re.fullmatch(r"actions/[a-z-]+@v\d+", name)] == []


def test_no_workflow_may_write_more_than_it_needs() -> None:
    assert all(flow["permissions"] == {"contents": "read"} for flow in WORKFLOWS.values())
    wider = {name: job["permissions"] for name, job in jobs() if "permissions" in job}
    assert wider == {
        "site: deploy": {"pages": "write", "id-token": "write"},
        "students: push": {"contents": "write"},
    }


def test_targets_of_make_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    called = {found for _, step in steps() for found in re.findall(r"\bmake ([a-z-]+)", step.get("run", ""))}
    assert called == {"test", "test-oldest", "coverage", "test-browser", "test-grading", "site"}
    assert called <= targets


def test_extras_and_scripts_exist() -> None:
    runs = [step.get("run", "") for _, step in steps()]
    extras = {name for run in runs for found in re.findall(r"\.\[([a-z,]+)\]", run) for name in found.split(",")}
    assert extras == {"notebooks", "tests"}
    assert extras <= set(PROJECT["optional-dependencies"])
    scripts = {name for run in runs for name in re.findall(r"\b(tools/\S+\.py)", run)}
    assert scripts == {"tools/students_branch.py"}
    assert all((ROOT / name).is_file() for name in scripts)


def test_three_systems_and_the_oldest_python() -> None:
    text = FILES["tests"].read_text(encoding="utf-8")
    assert set(re.findall(r"\b([a-z]+)-latest", text)) == {"ubuntu", "macos", "windows"}
    first = min(pythons(), key=Version)
    assert f">={first}" == PROJECT["requires-python"]
    assert first in CHANGES
    assert max(pythons(), key=Version) in CHANGES


def test_pre_releases_are_tried_every_week() -> None:
    flow = WORKFLOWS["tests"]
    [schedule] = flow[True]["schedule"]  # YAML reads the key "on" as true
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", schedule["cron"])
    runs = [step["run"] for step in flow["jobs"]["next"]["steps"] if "run" in step]
    tried = {name for run in runs if "--pre" in run for name in run.split()}
    assert {"numpy", "matplotlib", "anywidget"} <= tried


@pytest.mark.parametrize(("name", "first"), [("site", "build"), ("students", "push")])
def test_what_is_published_has_passed_the_tests(name: str, first: str) -> None:
    flow = WORKFLOWS[name]
    assert set(flow[True]) == {"workflow_run", "workflow_dispatch"}
    assert flow[True]["workflow_run"] == {"workflows": ["tests"], "types": ["completed"], "branches": ["main"]}
    conditions = flow["jobs"][first]["if"].split(" || ")
    assert conditions == [
        "github.event_name == 'workflow_dispatch'",
        "(github.event.workflow_run.conclusion == 'success' && github.event.workflow_run.event == 'push')",
    ]
    others = {job: flow["jobs"][job].get("needs") for job in flow["jobs"] if job != first}
    assert others == dict.fromkeys(others, first)
    checkout = next(step for step in flow["jobs"][first]["steps"] if "checkout" in step["uses"])
    assert checkout["with"]["ref"] == "${{ github.event.workflow_run.head_sha || github.sha }}"  # what was tested


def test_students_are_linked_to_a_branch_of_their_own() -> None:
    assert students_branch.BRANCH == "students"


def test_the_site_is_published_from_where_it_is_made() -> None:
    [folder] = [step["with"]["path"] for _, step in steps() if "upload-pages" in step.get("uses", "")]
    assert f"in {folder}" in next(line for line in MAKEFILE.splitlines() if line.startswith("site:"))


# ---- versions and bounds --------------------------------------------------------------------------------------------


def test_the_version_is_one() -> None:
    assert CITATION["version"] == PROJECT["version"]
    number, date = re.findall(r"^## (\S+) \((.+)\)$", CHANGES, re.MULTILINE)[0]
    assert number == PROJECT["version"]
    assert date == str(CITATION.get("date-released", "not released"))


@pytest.mark.skipif(not (ROOT / "grader").is_dir(), reason="students have no grader/")
def test_the_grader_belongs_to_the_same_version() -> None:
    grader = tomllib.loads((ROOT / "grader" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert grader["version"] == PROJECT["version"]
    [asked] = [one for one in map(Requirement, grader["dependencies"]) if one.name == PROJECT["name"]]
    assert str(asked.specifier) == f"=={PROJECT['version']}"


def test_every_bundle_of_scripts_is_named_where_it_is_explained() -> None:
    bundles = {path.name for path in (ROOT / "cnncourse" / "explorers").glob("bundle*.js")}
    explained = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert bundles and set(re.findall(r"`(bundle\w*\.js)`", explained)) == bundles
    skipped = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["codespell"]["skip"]
    assert {name for name in skipped.split(",") if name.startswith("bundle")} == bundles


def test_the_citation_says_what_the_package_says() -> None:
    assert " AND ".join(CITATION["license"]) == PROJECT["license"]
    assert [author["name"] for author in CITATION["authors"]] == [author["name"] for author in PROJECT["authors"]]
    assert f"# {CITATION['title']}\n" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["numpy", "matplotlib"])
def test_the_changelog_names_the_oldest_packages(name: str) -> None:
    asked = map(Requirement, [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["course"]])
    [lowest] = [bound.version for one in asked if one.name == name for bound in one.specifier if bound.operator == ">="]
    assert f"{name} {lowest} and newer" in CHANGES.lower()


def test_packages_name_where_they_come_from_when_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    hook = project_urls.ProjectUrls(str(ROOT), {})
    metadata: dict[str, Any] = {}
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/course")
    hook.update(metadata)
    assert metadata["urls"]["Source"] == "https://github.com/someone/course"
    assert all(address.startswith(metadata["urls"]["Source"]) for address in metadata["urls"].values())
    monkeypatch.delenv("GITHUB_REPOSITORY")
    hook.update(metadata)
    assert metadata["urls"] == {}
    assert PROJECT["dynamic"] == ["urls"]  # so that no address is written down where it may be wrong


# ---- Binder ---------------------------------------------------------------------------------------------------------


def test_binder_installs_what_the_chapters_need_and_nothing_else() -> None:
    listed = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    specs = {spec.name.normalized: str(spec.version or "") for spec in map(MatchSpec, listed)}
    assert specs.pop("pip") == ""
    python = specs.pop("python")
    assert python.removesuffix(".*").lstrip("=") in pythons()
    extras = PROJECT["optional-dependencies"]
    asked = map(Requirement, [*PROJECT["dependencies"], *extras["course"], *extras["notebooks"]])
    wanted = {one.name: {str(bound) for bound in one.specifier} for one in asked if one.name != PROJECT["name"]}
    assert {name: set(bounds.split(",")) for name, bounds in specs.items()} == wanted


def test_binder_may_run_its_script() -> None:
    script = ROOT / "binder" / "postBuild"
    assert script.read_text(encoding="utf-8").startswith("#!")
    if os.name == "posix":
        assert os.access(script, os.X_OK)
