"""What the browser tests share: names, waiting, pages that listen, the notebook run in a front end."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from anywidget import AnyWidget
from nbclient import NotebookClient
from nbformat import NotebookNode
from playwright.sync_api import Browser, Page, Route
from playwright.sync_api import TimeoutError as PageTimeout

import make_site

try:
    import fcntl
except ImportError:  # on Windows, where these tests run in one process
    fcntl = None

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
SLOW = 120_000  # ms; a busy machine takes long to start JupyterLab
TOKEN = "explorers"
NAMES = [
    "padding_and_stride",
    "stacked_receptive_field",
    "convolution_step_by_step",
    "convolution_over_channels",
    "pooling_step_by_step",
    "matrix_of_a_convolution",
    "sensitivity_stepper",
    "sensitivity_through_stride",
    "transposed_convolution",
    "pooling_sensitivity",
    "convolution_in_one_dimension",
]
# What the pages of Jupyter say themselves, with no explorer on them.
NOT_OURS = ("favicon", "net::ERR_", "Failed to load resource", "WebSocket", "service worker", "[Violation]")


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as response:
            return response.status == 200
    except OSError:
        return False


def wait_for(happened: Callable[[], Any], seconds: float, what: str) -> Any:
    """Poll until something has happened and return it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := happened():
            return found
        time.sleep(0.05)
    raise TimeoutError(f"{what} did not come within {seconds} s")


def listened(browser: Browser, **options: Any) -> Page:
    """Return a new page that collects what goes wrong on it, in `page.problems`."""
    page = browser.new_context(viewport={"width": 1500, "height": 1100}, **options).new_page()
    page.problems = []

    def note(text: str) -> None:
        if not any(part in text for part in NOT_OURS):
            page.problems.append(text)

    page.on("console", lambda message: note(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: note(str(error)))
    return page


READY = """() => {
  const context = window.jupyterapp?.shell?.currentWidget?.sessionContext;
  const kernel = context?.session?.kernel;
  return Boolean(context?.isReady && kernel?.connectionStatus === "connected" && kernel?.status === "idle");
}"""


def written(path: Path, code: str) -> NotebookNode:
    """Write a notebook with one cell to `path` and return it."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code, id="explorers")])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return notebook


def in_lab(browser: Browser, server: str, name: str, there: str) -> Page:
    """Return the page of a notebook, run in JupyterLab, once `there` holds.

    It has a workspace of its own: two in one would open each other's tabs.
    """
    return _run(browser, f"{server}/lab/workspaces/{Path(name).stem}/tree/{name}?token={TOKEN}&reset", there)


def in_notebook(browser: Browser, server: str, name: str, there: str) -> Page:
    """Return the page of a notebook, run in Notebook 7, once `there` holds."""
    return _run(browser, f"{server}/notebooks/{name}?token={TOKEN}", there)


def _run(browser: Browser, address: str, there: str) -> Page:
    page = listened(browser)
    page.goto(address, timeout=SLOW)
    page.wait_for_function(READY, timeout=SLOW)
    page.problems.clear()  # those of the front end itself, before there is anything of ours
    for patience in (30_000, 30_000, SLOW):  # a front end may drop the command while it is still busy with itself
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        with contextlib.suppress(PageTimeout):
            page.wait_for_function(there, timeout=patience)
            return page
    page.wait_for_function(there, timeout=1)
    return page


def npm_file(package: str, member: str) -> Path:
    """Return one file of a package of the npm registry; skips the test where there is no npm."""
    try:
        return make_site.package(package) / member
    except SystemExit as reason:
        pytest.skip(str(reason))


def npm_installed() -> Path:
    """Return the folder of the tools from npm, installed as the lock file says if they are not there yet.

    Two processes of tests do not install at the same time. Skips the test where there is no npm.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node or npm is not installed: only who changes the JavaScript of the explorers needs them")
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    wanted = {name: one["version"] for name, one in lock["packages"].items() if name and not one.get("optional")}
    with alone_in(ROOT / "build" / "npm.lock"):
        if any(_version(ROOT / name) != number for name, number in wanted.items()):
            command = ["npm", "ci", "--no-audit", "--no-fund"]
            installed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
            if installed.returncode:
                pytest.skip(f"npm could not install the tools: {installed.stderr.strip()[-200:]}")
    return ROOT


def _version(folder: Path) -> str | None:
    """Return which version of a package is installed in a folder."""
    path = folder / "package.json"
    return json.loads(path.read_text(encoding="utf-8"))["version"] if path.exists() else None


@contextlib.contextmanager
def alone_in(path: Path) -> Iterator[None]:
    """Hold a lock that other processes of these tests wait for; it is gone when the process is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def saved_page(browser: Browser, notebook: NotebookNode, folder: Path, count: int, kind: str = ".cnnx") -> Page:
    """Return an executed notebook as a saved page with `count` explorers: no server, no kernel.

    The scripts that such a page loads come from packages; other addresses cannot be reached.
    """
    nbconvert = pytest.importorskip("nbconvert")
    NotebookClient(notebook, store_widget_state=True, timeout=60).execute()
    html, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    (folder / "page.html").write_text(html, encoding="utf-8")
    scripts = {
        "embed-amd.js": npm_file("@jupyter-widgets/html-manager@1.0.15", "dist/embed-amd.js"),
        "require": npm_file("requirejs@2.3.8", "require.js"),
        "anywidget": Path(sys.prefix) / "share/jupyter/nbextensions/anywidget/index.js",
    }

    def serve(route: Route) -> None:
        address = route.request.url
        if address.startswith(("file:", "blob:")):
            return route.continue_()
        for part, path in scripts.items():
            if part in address:
                return route.fulfill(path=str(path), content_type="text/javascript")
        return route.abort()

    page = listened(browser)
    page.route("**/*", serve)
    page.goto((folder / "page.html").as_uri())
    page.wait_for_function(f"document.querySelectorAll('{kind}').length >= {count}", timeout=30_000)
    return page


# Runs code in the kernel of the notebook on the page and gives what it prints.
RUN = """async (code) => {
  const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const request = kernel.requestExecute({ code, store_history: false });
  let text = "";
  request.onIOPub = (message) => {
    if (message.header.msg_type === "stream") text += message.content.text;
    if (message.header.msg_type === "error") text += message.content.ename + ": " + message.content.evalue;
  };
  await request.done;
  return text;
}"""


# A model of a page without Jupyter. Its bytes do not begin at a multiple of four, as may be when they are sent.
HOST = """async ([script, state, bytes]) => {
  window.module = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  const heard = {};
  for (const [name, text] of Object.entries(bytes)) {
    const all = Uint8Array.from("?" + atob(text), (c) => c.charCodeAt(0));
    state[name] = new DataView(all.buffer, 1);
  }
  window.model = {
    get: (name) => state[name],
    set(name, value) { state[name] = value; for (const act of heard["change:" + name] ?? []) act(); },
    on: (event, act) => (heard[event] ??= []).push(act),
    off(event, act) { heard[event] = (heard[event] ?? []).filter((one) => one !== act); },
    save_changes() {},
    heard,
  };
  window.away = window.module.default.render({ model: window.model, el: document.querySelector("#place") });
}"""


def page_of(browser: Browser, widget: AnyWidget, names: Sequence[str], width: int, **options: Any) -> Page:
    """Return a page with one widget on it and nothing else; `names` are the traits that its module reads."""
    page = listened(browser, **options)
    page.set_viewport_size({"width": width, "height": 1000})
    head = f"<meta name=viewport content='width=device-width'><style>{widget._css}</style>"
    page.set_content(f"{head}<body style='margin: 0'><div id='place'></div>")
    values = {name: getattr(widget, name) for name in names}
    data = {name: base64.b64encode(value).decode() for name, value in values.items() if isinstance(value, bytes)}
    state = {name: value for name, value in values.items() if name not in data}
    page.evaluate(HOST, [str(widget._esm), json.loads(json.dumps(state)), data])
    return page
