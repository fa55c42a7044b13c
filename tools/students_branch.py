"""Make the branch `students`, the repository without grader/: Colab, Binder, nbgitpuller and the site's links use it.

    python tools/students_branch.py           makes its next commit and prints it
    python tools/students_branch.py --push    pushes it to origin as well

The branch has its own history, which never contained grader/, so a clone of that branch alone holds no answer key.
Its notebooks begin with a cell that installs the course in Colab, from the branch itself, and does nothing elsewhere.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BRANCH = "students"
LEFT_OUT = "grader"
INSTALL = """\
# In Colab this installs the course and lets its sliders move; elsewhere it does nothing.
import sys

if "google.colab" in sys.modules:
    %pip install --quiet "cnnlib[course] @ git+{address}@{branch}"
    from google.colab import output

    output.enable_custom_widget_manager()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--push", action="store_true", help="push the commit to origin")
    options = parser.parse_args()
    before = published(ROOT)
    commit = next_commit(ROOT, before)
    if options.push and commit != before:
        git(ROOT, "push", "--quiet", "origin", f"{commit}:refs/heads/{BRANCH}")
    print(commit)


def published(root: Path) -> str:
    """Fetch the branch and return its commit at origin, "" if origin does not have it."""
    listed = git(root, "ls-remote", "origin", f"refs/heads/{BRANCH}")
    if not listed:
        return ""
    git(root, "fetch", "--quiet", "--depth=1", "origin", f"refs/heads/{BRANCH}")
    return listed.split()[0]


def next_commit(root: Path, before: str) -> str:
    """Return a commit of HEAD without grader/, whose parent is `before`; `before` itself if nothing has changed."""
    tree = tree_for_students(root)
    if before and git(root, "rev-parse", f"{before}^{{tree}}") == tree:
        return before
    message = f"The course as of {git(root, 'rev-parse', '--short', 'HEAD')}, without the folder {LEFT_OUT}"
    return git(root, "commit-tree", tree, *(["-p", before] if before else []), "-m", message)


def tree_for_students(root: Path) -> str:
    """Return the tree of HEAD without grader/, its notebooks with the cell that installs; nothing here changes."""
    address = git(root, "remote", "get-url", "origin")
    with tempfile.TemporaryDirectory() as made:
        index = {"GIT_INDEX_FILE": str(Path(made) / "index")}
        git(root, "read-tree", "HEAD", **index)
        git(root, "rm", "-r", "--cached", "--quiet", "--ignore-unmatch", LEFT_OUT, **index)
        for name in git(root, "ls-files", "notebooks/*.ipynb", **index).splitlines():
            changed = Path(made) / "notebook"
            changed.write_text(with_install_cell(git(root, "show", f"HEAD:{name}"), address), encoding="utf-8")
            blob = git(root, "hash-object", "-w", str(changed))
            git(root, "update-index", "--cacheinfo", f"100644,{blob},{name}", **index)
        return git(root, "write-tree", **index)


def with_install_cell(notebook: str, address: str) -> str:
    """Return the text of a notebook that begins with a cell which installs the course in Colab."""
    content = json.loads(notebook)
    source = INSTALL.format(address=address, branch=BRANCH).splitlines(keepends=True)
    cell: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "install",
        "metadata": {},
        "outputs": [],
        "source": source,
    }
    content["cells"].insert(0, cell)
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def git(root: Path, *command: str, **environment: str) -> str:
    """Return what git prints; raises CalledProcessError if it fails."""
    done = subprocess.run(
        ["git", *command], cwd=root, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.strip()


if __name__ == "__main__":
    main()
