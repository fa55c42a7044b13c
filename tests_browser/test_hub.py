"""The hub of docs/jupyterhub.md, really started: two students follow its link, run a chapter and move an explorer."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from pages import READY, RUN, SLOW, answers, listened, npm_installed, wait_for
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = "04_padding_and_stride.ipynb"
LINK = re.search(r"^http://HUB/\S+$", (ROOT / "docs" / "jupyterhub.md").read_text(encoding="utf-8"), re.MULTILINE)
STUDENTS = ("ada", "grace")
SETTINGS = '{"fetchNews": "false", "checkForUpdates": false}'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which the hub keeps what it needs, students have theirs, and the repository lies."""
    home = tmp_path_factory.mktemp("hub")
    told = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    told.parent.mkdir(parents=True)
    told.write_text(SETTINGS, encoding="utf-8")
    repository = home / "course"
    (repository / "notebooks").mkdir(parents=True)
    shutil.copy(ROOT / "notebooks" / CHAPTER, repository / "notebooks")
    who = ["-c", "user.name=a teacher", "-c", "user.email=teacher@example.org"]
    for command in (["init", "--quiet", "--initial-branch=students"], ["add", "."], ["commit", "--quiet", "-m", "one"]):
        subprocess.run(["git", *who, *command], cwd=repository, check=True)
    return home


@pytest.fixture(scope="module")
def hub(home: Path) -> Iterator[str]:
    """Yield the address of a hub: the configuration of the docs, with any name let in."""
    pytest.importorskip("jupyterhub", reason="the hub is not installed: it is an extra of its own")
    pytest.importorskip("nbgitpuller", reason="the hub is not installed: it is an extra of its own")
    if os.name == "nt":
        pytest.skip("JupyterHub does not run on Windows")
    npm_installed()
    with contextlib.ExitStack() as probes:
        sockets = [probes.enter_context(socket.socket()) for _ in range(3)]
        for probe in sockets:
            probe.bind(("127.0.0.1", 0))
        ports = [str(probe.getsockname()[1]) for probe in sockets]
    private = {name: str(home / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    environment = os.environ | private | {"HUB_HOME": str(home), "HUB_PORTS": " ".join(ports)}
    configuration = Path(__file__).with_name("hub_for_tests.py")
    with (home / "hub.log").open("w") as log:
        command = [sys.executable, "-m", "jupyterhub", "--config", str(configuration)]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=home)
        address = f"http://127.0.0.1:{ports[0]}"
        try:
            wait_for(lambda: answers(f"{address}/hub/api"), 60, "the hub")
            yield address
        finally:
            process.terminate()  # it ends the servers of the students, and its proxy
            process.wait(30)


def arrived(browser: Browser, hub: str, home: Path, name: str) -> Page:
    """Return the page of a student who has followed the link of the docs and logged in; more takes a while."""
    assert LINK is not None
    link = LINK[0].replace("http://HUB", hub).replace("REPOSITORY", str(home / "course")).replace("FOLDER", "course")
    page = listened(browser)
    page.goto(link.replace("04_padding_and_stride.ipynb", CHAPTER), timeout=SLOW)
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill("any")
    page.locator("input[type=submit]").click(no_wait_after=True)
    return page


@pytest.fixture(scope="module")
def pages(browser: Browser, hub: str, home: Path) -> Iterator[dict[str, Page]]:
    """Yield the pages of two students on which the chapter is open and has run, both at the same time."""
    found = {name: arrived(browser, hub, home, name) for name in STUDENTS}
    for page in found.values():
        page.wait_for_url("**/lab/tree/course/notebooks/**", timeout=SLOW)
        page.wait_for_function(READY, timeout=SLOW)
        page.problems.clear()  # those of the front end itself, before there is anything of ours
    for page in found.values():
        page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    yield found
    for page in found.values():
        page.context.close()


# The cells of code that ran without an error, and whether the kernel has come to the end of the notebook.
RAN = """() => {
  const cells = jupyterapp.shell.currentWidget.content.widgets.filter((cell) => cell.model.type === "code");
  const said = cells.map((cell) => cell.model.sharedModel.outputs.some((one) => one.output_type === "error"));
  return [cells.filter((cell) => cell.model.executionCount).length, said.filter(Boolean).length];
}"""


def test_each_has_run_the_whole_chapter_in_a_folder_of_their_own(pages: dict[str, Page], home: Path) -> None:
    notebook = nbformat.read(ROOT / "notebooks" / CHAPTER, as_version=4)
    count = sum(cell.cell_type == "code" for cell in notebook.cells)
    for name, page in pages.items():
        wait_for(lambda page=page: page.evaluate(RAN)[0] == count, 120, f"the last cell of {name}")
        assert page.evaluate(RAN) == [count, 0]
        here = page.evaluate(RUN, f"import os; who = {name!r}; print(os.getcwd())").strip()
        assert Path(here) == home / name / "course" / "notebooks"
    for name, page in pages.items():
        assert page.evaluate(RUN, "print(who, os.environ['OPENBLAS_NUM_THREADS'])").strip() == f"{name} 1"


# What the kernel knows of the first explorer of the notebook.
SETTINGS_THERE = """
import json
from ipywidgets.widgets import widget
settings = next(one._settings for one in widget._instances.values() if hasattr(one, "_settings"))
print(json.dumps(settings))
"""


def test_each_moves_an_explorer_and_the_other_does_not_see_it(pages: dict[str, Page]) -> None:
    ends = {"ada": ("End", "max"), "grace": ("Home", "min")}
    for name, page in pages.items():
        page.evaluate("jupyterapp.shell.currentWidget.content.scrollToItem(0)")
        # The explorer waits for what the reader predicts.
        page.locator("form.cnn-prediction").first.get_by_role("button", name="Show all answers").click(timeout=SLOW)
        card = page.locator(".cnnx").first
        card.wait_for(timeout=SLOW)
        slider, before = card.locator("input[type=range]").first, card.inner_html()
        slider.press(ends[name][0])
        wait_for(lambda card=card, before=before: card.inner_html() != before, 20, f"what {name} sees")
    for name, page in pages.items():
        slider = page.locator(".cnnx input[type=range]").first
        at, setting = slider.get_attribute(ends[name][1]), slider.get_attribute("data-name")
        assert slider.input_value() == at
        heard = lambda page=page, setting=setting: json.loads(page.evaluate(RUN, SETTINGS_THERE))[setting]
        both = [int(at)] * 2  # rows and columns, which move together
        wait_for(lambda heard=heard, both=both: heard() == both, 20, f"{setting} = {both} in the kernel of {name}")
        assert page.problems == []
