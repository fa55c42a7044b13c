"""The in-browser edition: it starts with no server but its own, its kernel runs, widgets move, the rest is as told."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pages import READY, RUN, SLOW, listened
from playwright.sync_api import Browser, Page

import translations
from cnncourse.language import say, speaking

make_lite = pytest.importorskip("make_lite", reason="the tools that build the edition are not installed")

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "build" / "site" / "html"
SETTINGS = HTML / "lite" / "jupyter-lite.json"
LOCK = HTML / "lite" / "static" / "pyodide" / "pyodide-lock.json"
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
LANGUAGES = [one.folder.name for one in translations.languages()]
TOLD = (ROOT / "docs" / "in_the_browser.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.skipif(not SETTINGS.exists(), reason="there is no in-browser edition: run `make site`")


class Handler(SimpleHTTPRequestHandler):
    """Serves the site as it is, but for one setting: the page hands its application to the tests."""

    def do_GET(self) -> None:
        if self.path.split("?")[0] != "/lite/jupyter-lite.json":
            return super().do_GET()
        path = Path(self.directory) / "lite" / "jupyter-lite.json"
        settings = json.loads(path.read_text(encoding="utf-8"))
        settings["jupyter-config-data"]["exposeAppInBrowser"] = True
        content = json.dumps(settings).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *what: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(HTML))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def opened(browser: Browser, address: str, place: str) -> Page:
    """Return a page of the edition; `page.outside` collects the requests to other servers, none of which is answered.

    The page itself and the worker that Python runs in are both heard.
    """
    page = listened(browser)
    page.outside = []
    context = page.context

    def note(url: str) -> None:
        if not url.startswith((address, "blob:", "data:")):
            page.outside.append(url)

    context.on("request", lambda request: note(request.url))
    page.goto(f"{address}/lite/{place}", timeout=SLOW)
    return page


@pytest.fixture(scope="module")
def lab(browser: Browser, address: str) -> Iterator[Page]:
    """Yield JupyterLab in the browser with a chapter opened as its page links to it, the kernel started."""
    page = opened(browser, address, "lab/index.html?path=04_padding_and_stride.ipynb")
    page.wait_for_selector(".jp-Notebook", timeout=SLOW)
    page.wait_for_function(READY, timeout=SLOW)
    yield page
    page.context.close()


def lock() -> dict[str, dict]:
    return json.loads(LOCK.read_text(encoding="utf-8"))["packages"]


def everything_for(name: str) -> set[str]:
    """Return a package and all that come with it."""
    packages, found, queue = lock(), set(), [name]
    while queue:
        if (one := queue.pop()) not in found:
            found.add(one)
            queue += packages[one]["depends"]
    return found


def elsewhere(names: set[str]) -> set[str]:
    return {name for name in names if "://" in lock()[name]["file_name"]}


# ---- what is stored -------------------------------------------------------------------------------------------------


def test_every_package_of_the_site_answers_with_what_is_listed(address: str) -> None:
    here = {name: entry for name, entry in lock().items() if "://" not in entry["file_name"]}
    assert {"cnnlib", "ipywidgets", "anywidget", "psygnal", "jupyterlab-widgets", "ipython", "pooch"} <= set(here)
    for entry in here.values():
        with urllib.request.urlopen(f"{address}/lite/static/pyodide/{entry['file_name']}") as response:
            assert hashlib.sha256(response.read()).hexdigest() == entry["sha256"], entry["name"]


def test_only_packages_with_compiled_parts_come_from_elsewhere_and_the_page_names_them() -> None:
    names = elsewhere(everything_for("cnnlib"))
    assert names == set(re.findall(r"^\| `([a-z0-9-]+)` \|", TOLD, re.MULTILINE))
    assert all(lock()[name]["file_name"].endswith("_wasm32.whl") for name in names)
    hosts = {lock()[name]["file_name"].split("/")[2] for name in names}
    assert hosts == set(re.findall(r"`(cdn[a-z.]+)`", TOLD))


def test_what_the_kernel_starts_with_is_all_here() -> None:
    settings = json.loads(SETTINGS.read_text(encoding="utf-8"))["jupyter-config-data"]["litePluginSettings"]
    [kernel] = settings.values()
    assert kernel["pyodideUrl"].startswith("./")
    names = set().union(*(everything_for(name) for name in kernel["loadPyodideOptions"]["packages"]))
    assert elsewhere(names) == set()


# ---- the packages with compiled parts, served by the site itself ----------------------------------------------------


def test_the_lock_file_names_what_pyodide_lists_and_the_guide_where_it_is() -> None:
    lines = (make_lite.COMPILED).read_text(encoding="utf-8").splitlines()
    entries = [lock()[name] for name in sorted(elsewhere(everything_for("cnnlib")))]
    assert lines == [f"{entry['sha256']}  {entry['file_name'].rsplit('/', 1)[1]}" for entry in entries]
    guide = (ROOT / "docs" / "teachers.md").read_text(encoding="utf-8")
    assert f"#{entries[0]['file_name'].rsplit('/', 1)[0]}/#" in guide


def stand_in(path: Path, modules: list[str]) -> None:
    """Write a wheel in the place of a package: its modules hold nothing but a line that says so."""
    name, version = path.name.split("-")[:2]
    tag = path.stem.split("-", 2)[2]
    files = {f"{module}/__init__.py": "stands_in = True\n" for module in modules}
    about = f"{name}-{version}.dist-info"
    files[f"{about}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files[f"{about}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: false\nTag: {tag}\n"
    files[f"{about}/RECORD"] = "".join(f"{one},,\n" for one in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for one, text in files.items():
            archive.writestr(one, text)


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a stand-in for each package with compiled parts, and `lock.txt` with their checksums."""
    folder, lines = tmp_path_factory.mktemp("compiled"), []
    for name in sorted(elsewhere(everything_for("cnnlib"))):
        path = folder / lock()[name]["file_name"].rsplit("/", 1)[1]
        stand_in(path, lock()[name]["imports"])
        lines.append(f"{make_lite.checksum(path)}  {path.name}\n")
    (folder / "lock.txt").write_text("".join(lines), encoding="utf-8")
    return folder


def built(output: Path, compiled: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "make_lite.py"), "--output", str(output / "lite")]
    return subprocess.run([*command, "--compiled", str(compiled), *more], capture_output=True, text=True)


def test_a_file_that_is_missing_or_another_stops_the_build(stand_ins: Path, tmp_path: Path) -> None:
    some = shutil.copytree(stand_ins, tmp_path / "some")
    next(some.glob("numpy-*")).unlink()
    with next(some.glob("pillow-*")).open("ab") as file:
        file.write(b"more")
    for done in (built(tmp_path, stand_ins), built(tmp_path, some, "--lock", str(some / "lock.txt"))):
        assert done.returncode == 1 and not (tmp_path / "lite").exists()
        assert "has the checksum" in done.stderr and "pillow-" in done.stderr
    assert re.search(r"numpy-\S+ is missing", done.stderr) and "kiwisolver" not in done.stderr


def test_with_these_files_no_other_server_is_asked(browser: Browser, stand_ins: Path, tmp_path: Path) -> None:
    done = built(tmp_path, stand_ins, "--lock", str(stand_ins / "lock.txt"))
    assert done.returncode == 0, done.stderr
    packages = json.loads((tmp_path / "lite/static/pyodide/pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name in everything_for("cnnlib") if "://" in packages[name]["file_name"]] == []
    handler = functools.partial(Handler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = opened(browser, f"http://127.0.0.1:{server.server_port}", "lab/index.html?path=01_relu.ipynb")
        page.wait_for_selector(".jp-Notebook", timeout=SLOW)
        page.wait_for_function(READY, timeout=SLOW)
        program = "import numpy, PIL, contourpy, kiwisolver, matplotlib\nprint(numpy.stands_in, matplotlib.__file__)"
        said = page.evaluate(RUN, program).split()
        assert said[0] == "True" and said[1].endswith("matplotlib/__init__.py")
        assert page.outside == []
        page.context.close()
        server.shutdown()


# ---- in the browser -------------------------------------------------------------------------------------------------


def test_the_lab_starts_with_nothing_from_elsewhere(lab: Page) -> None:
    assert lab.outside == []
    assert lab.problems == []


def test_the_list_shows_every_notebook(lab: Page) -> None:
    shown = lab.eval_on_selector_all(".jp-DirListing-itemName", "items => items.map((item) => item.innerText.trim())")
    assert [name for name in shown if name] == [*LANGUAGES, *NOTEBOOKS]


def test_the_chapter_of_the_address_is_open(lab: Page) -> None:
    assert lab.evaluate("jupyterapp.shell.currentWidget.context.path") == "04_padding_and_stride.ipynb"
    assert lab.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.name") == "python"
    assert lab.locator(".jp-Notebook h1").first.inner_text().startswith("04 Padding and stride")


def test_python_runs(lab: Page) -> None:
    program = "import sys, math\nprint(1 + 1, sys.platform, math.factorial(20))"
    assert lab.evaluate(RUN, program).strip() == "2 emscripten 2432902008176640000"
    assert lab.outside == []


def test_a_widget_moves_and_python_hears_of_it(lab: Page) -> None:
    """The road of all explorers, without NumPy: anywidget in a cell, drawn, changed from either side."""
    program = "\n".join(
        [
            "import anywidget, traitlets",
            "class Probe(anywidget.AnyWidget):",
            "    _esm = '''export default { render({ model, el }) {",
            "      const button = document.createElement('button');",
            "      button.className = 'probe';",
            "      const show = () => (button.textContent = model.get('value'));",
            "      model.on('change:value', show); show();",
            "      button.onclick = () => { model.set('value', 2 * model.get('value')); model.save_changes(); };",
            "      el.append(button);",
            "    } }'''",
            "    value = traitlets.Int(3).tag(sync=True)",
            "probe = Probe()",
            "probe",
        ]
    )
    lab.evaluate(
        """async (program) => {
          const notebook = jupyterapp.shell.currentWidget.content;
          notebook.activeCellIndex = notebook.widgets.findIndex((cell) => cell.model.type === "code");
          notebook.activeCell.model.sharedModel.setSource(program);
          await jupyterapp.commands.execute("notebook:run-cell");
        }""",
        program,
    )
    button = lab.locator("button.probe")
    button.wait_for(timeout=SLOW)
    assert button.inner_text() == "3"
    button.click()
    lab.wait_for_function("document.querySelector('button.probe').textContent === '6'")
    assert lab.evaluate(RUN, "print(probe.value)").strip() == "6"
    lab.evaluate(RUN, "probe.value = 7")
    lab.wait_for_function("document.querySelector('button.probe').textContent === '7'")
    assert lab.outside == []
    assert lab.problems == []


def test_the_course_asks_elsewhere_for_compiled_packages_only(lab: Page) -> None:
    """Where another server does not answer, what is asked for says what would come from it, and all else is here."""
    said = lab.evaluate(RUN, "import cnnlib; print('imported')").strip()
    assert said == "imported" or said.endswith("No module named 'numpy'")
    asked = {url.rsplit("/", 1)[1] for url in lab.outside}
    assert asked == {lock()[name]["file_name"].rsplit("/", 1)[1] for name in elsewhere(everything_for("cnnlib"))}
    program = "import importlib.metadata as m; print(sorted(map(str, m.files('cnnlib'))))"
    files = lab.evaluate(RUN, program)
    assert "cnnlib/data/digits.npz" in files
    assert "cnncourse/explorers/bundle.js" in files


# Puts cells of code before those of the notebook that is open, runs them one after the other.
RUN_FIRST = """async (cells) => {
  const { content } = jupyterapp.shell.currentWidget;
  cells.forEach((cell, k) => content.model.sharedModel.insertCell(k, { cell_type: "code", ...cell }));
  for (let k = 0; k < cells.length; k++) {
    content.deselectAll();
    content.activeCellIndex = k;
    await jupyterapp.commands.execute("notebook:run-cell");
  }
}"""


def test_a_prediction_is_asked_and_its_answer_comes(lab: Page) -> None:
    """What the front end says of a cell arrives at the kernel here as well; asking needs no NumPy."""
    asked = {"question": "probe", "kind": "choice", "choices": ["yes", "no"]}
    answers = {"source": "print('it is so')", "metadata": {"predicted": asked, "jupyter": {"outputs_hidden": True}}}
    lab.evaluate(RUN_FIRST, [{"source": "import cnncourse", "metadata": {}}, answers])
    cell = lab.locator(".jp-Notebook-cell").nth(1)
    form, answer = cell.locator("form.cnn-prediction"), cell.locator(".jp-OutputArea pre")
    form.wait_for(timeout=SLOW)
    answer.wait_for(state="attached", timeout=SLOW)
    assert not answer.is_visible()
    form.get_by_label("no").check()
    form.get_by_role("button", name="Show what comes out").click()
    assert answer.inner_text().strip() == "it is so" and answer.is_visible()
    assert cell.locator(".cnn-predicted").inner_text() == "You said: no" and form.count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chapter_in_another_language_knows_which_it_is(browser: Browser, address: str, language: str) -> None:
    page = opened(browser, address, f"lab/index.html?path={language}/04_padding_and_stride.ipynb")
    page.wait_for_selector(".jp-Notebook h1", timeout=SLOW)
    [own] = translations.languages([language])
    [title] = [piece.text for piece in own.pieces("04_padding_and_stride") if piece.text.startswith("# ")]
    assert page.locator(".jp-Notebook h1").first.inner_text().startswith(title.splitlines()[0].removeprefix("# "))
    page.wait_for_function(READY, timeout=SLOW)
    assert page.evaluate(RUN, "print(open('cnncourse_language.txt').read())").strip() == language
    assert page.outside == []
    # What the course says needs no NumPy, which another server has to send.
    program = "from cnncourse.language import language, say\nprint(language(), say('Nothing is drawn yet.'))"
    with speaking(language):
        assert page.evaluate(RUN, program).strip() == f"{language} {say('Nothing is drawn yet.')}"
    page.context.close()


def test_the_simple_page_of_one_notebook_opens_too(browser: Browser, address: str) -> None:
    page = opened(browser, address, "notebooks/index.html?path=formulas.ipynb")
    page.wait_for_selector(".jp-Notebook h1", timeout=SLOW)
    assert page.outside == []
    assert page.problems == []
    page.context.close()
