"""The branch that students get: the same files without grader/, a history of its own, nothing pushed without need."""

from __future__ import annotations

import shutil
import sys
import types
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell

import students_branch
from students_branch import git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
WHO = {f"GIT_{role}_{what}": f"somebody@{role}.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

NOTEBOOK = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Größe", id="title")]))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a checkout with a key in grader/, pushed to an origin beside it."""
    for name, value in WHO.items():
        monkeypatch.setenv(name, value)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):  # of a git that runs these tests in a hook
        monkeypatch.delenv(name, raising=False)
    git(tmp_path, "init", "--quiet", "--bare", "origin")
    root = tmp_path / "checkout"
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(root))
    git(root, "remote", "add", "origin", str(tmp_path / "origin"))
    for name in ("README.md", "notebooks/one.ipynb", "grader/key.py", "notebooks/grader.md"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(NOTEBOOK if name.endswith(".ipynb") else name, encoding="utf-8")
    committed(root)
    return root


def committed(root: Path) -> None:
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "one more")
    git(root, "push", "--quiet", "origin", "main")


def pushed(root: Path) -> str:
    """Return the commit after the branch was brought up to date."""
    commit = students_branch.next_commit(root, students_branch.published(root))
    git(root, "push", "--quiet", "origin", f"{commit}:refs/heads/students")
    return commit


def test_the_branch_has_all_files_but_those_of_the_grader(checkout: Path, tmp_path: Path) -> None:
    pushed(checkout)
    git(tmp_path, "clone", "--quiet", "--single-branch", "--branch", "students", str(tmp_path / "origin"), "copy")
    copy = tmp_path / "copy"
    assert git(copy, "ls-files").split() == ["README.md", "notebooks/grader.md", "notebooks/one.ipynb"]
    assert (copy / "README.md").read_text(encoding="utf-8") == "README.md"
    assert git(copy, "log", "--all", "--format=%H", "--", "grader") == ""


def test_its_history_grows_and_never_held_the_grader(checkout: Path) -> None:
    first = pushed(checkout)
    (checkout / "README.md").write_text("more", encoding="utf-8")
    committed(checkout)
    second = pushed(checkout)
    assert git(checkout, "rev-parse", f"{second}^") == first
    assert git(checkout, "log", "--format=%H", second, "--", "grader") == ""
    assert git(checkout, "show", f"{second}:README.md") == "more"


def test_a_change_of_the_grader_alone_makes_no_commit(checkout: Path) -> None:
    first = pushed(checkout)
    (checkout / "grader/key.py").write_text("another", encoding="utf-8")
    committed(checkout)
    assert pushed(checkout) == first


def test_the_checkout_stays_as_it_is(checkout: Path) -> None:
    (checkout / "new.txt").write_text("not committed", encoding="utf-8")
    git(checkout, "add", "new.txt")
    pushed(checkout)
    assert git(checkout, "status", "--short") == "A  new.txt"
    assert (checkout / "grader/key.py").exists()


def test_notebooks_begin_with_a_cell_that_installs_the_course_in_colab_alone(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = git(checkout, "show", f"{pushed(checkout)}:notebooks/one.ipynb")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == ["install", "title"]
    assert notebook.cells[1].source == "# Größe"
    shell, ran, enabled = InteractiveShell(), [], []
    monkeypatch.setattr(shell, "run_line_magic", lambda magic, line, *_, **__: ran.append((magic, line)))
    assert shell.run_cell(notebook.cells[0].source).success and not ran
    output = types.SimpleNamespace(enable_custom_widget_manager=lambda: enabled.append(True))
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", types.SimpleNamespace(output=output))
    assert shell.run_cell(notebook.cells[0].source).success
    address = git(checkout, "remote", "get-url", "origin")
    assert ran == [("pip", f'install --quiet "cnnlib[course] @ git+{address}@students"')] and enabled == [True]
