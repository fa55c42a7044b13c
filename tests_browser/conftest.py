"""A browser, a Jupyter server with JupyterLab and Notebook, and a saved page: what the browser tests stand on."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pages import CHROMIUM, NAMES, TOKEN, answers, in_lab, in_notebook, npm_file, page_of, saved_page, wait_for, written
from playwright.sync_api import Browser, Page, sync_playwright

from cnncourse import explorers

ALL_THERE = f"document.querySelectorAll('.cnnx').length >= {len(NAMES)}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.exit("No chromium found: apt-get install chromium", returncode=2)
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one notebook, in which one cell shows all explorers."""
    folder = tmp_path_factory.mktemp("notebooks")
    lines = ["from cnncourse import explorers"]
    lines += [f"{name} = explorers.{name}()" for name in NAMES]
    lines += [f"display({', '.join(NAMES)})"]
    written(folder / "explorers.ipynb", "\n".join(lines))
    return folder


@pytest.fixture(scope="session")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a Jupyter server of our own, with settings of its own."""
    home = tmp_path_factory.mktemp("home")
    private = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = os.environ | {name: str(home / name.lower()) for name in private} | {"JUPYTER_PREFER_ENV_PATH": "1"}
    settings = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"fetchNews": "false", "checkForUpdates": false}', encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--allow-root"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}", "--log-level=ERROR"]
    command += ["--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"]
    command += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += [f"--LabApp.user_settings_dir={home}/settings", f"--LabApp.workspaces_dir={home}/workspaces"]
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=home)
        address = f"http://127.0.0.1:{port}"
        try:
            wait_for(lambda: answers(f"{address}/api?token={TOKEN}"), 60, "the Jupyter server")
            yield address
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="session")
def lab(browser: Browser, server: str) -> Iterator[Page]:
    page = in_lab(browser, server, "explorers.ipynb", ALL_THERE)
    yield page
    page.context.close()


@pytest.fixture(scope="session")
def notebook(browser: Browser, server: str, folder: Path) -> Iterator[Page]:
    shutil.copy(folder / "explorers.ipynb", folder / "again.ipynb")
    page = in_notebook(browser, server, "again.ipynb", ALL_THERE)
    yield page
    page.context.close()


# ---- a saved page ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def saved(browser: Browser, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Yield the notebook as a saved HTML page: no server, no kernel; its scripts come from packages."""
    notebook = nbformat.read(folder / "explorers.ipynb", as_version=4)
    page = saved_page(browser, notebook, tmp_path_factory.mktemp("scripts"), len(NAMES))
    yield page
    page.context.close()


# ---- a page with nothing but one explorer ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the script of axe-core, which looks for what keeps people out."""
    path = npm_file("axe-core@4.14.1", "axe.min.js")
    return path.read_text(encoding="utf-8")


@pytest.fixture
def alone(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Yield a function that opens a page with one explorer on it and nothing else."""
    pages = []

    def open_one(name: str, width: int = 1100, options: dict[str, Any] | None = None, **start: Any) -> Page:
        widget = getattr(explorers, name)(**start)
        page = page_of(browser, widget, ("title", "controls", "data", "_settings"), width, **(options or {}))
        pages.append(page)
        return page

    yield open_one
    for page in pages:
        page.context.close()
