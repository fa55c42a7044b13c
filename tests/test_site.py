"""What can be known of the site without building it; tests_browser/test_site.py looks at its pages in a browser."""

from __future__ import annotations

import base64
import html
import importlib
import importlib.util
import io
import json
import re
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
CHAPTERS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
# Rooms that only other rooms enter, and programs.
INSIDE = {"__main__", "arguments", "layout", "shapes", "blas_threads", "weights", "workers"}
ROOMS = {path.stem for path in (ROOT / "cnnlib").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
REFERENCE = {path: path.read_text(encoding="utf-8") for path in (DOCS / "reference").glob("*.md")}


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def listed_in(page: Path) -> list[str]:
    """Return what the lists of contents of a page name."""
    blocks = re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line and not line.startswith(":")]


# ---- every page is on the list ---------------------------------------------------------------------------------------


def test_the_contents_name_every_chapter_and_every_page() -> None:
    patterns = listed_in(DOCS / "index.md")
    pages = [f"notebooks/{Path(name).stem}" for name in CHAPTERS]
    pages += [path.stem for path in DOCS.glob("*.md") if path.stem not in ("index", "404")]
    for page in pages:
        assert any(Path(page).match(pattern) for pattern in patterns), page
    for pattern in patterns:
        if "*" not in pattern and not pattern.startswith("notebooks/"):
            assert (DOCS / f"{pattern}.md").exists(), pattern


def test_the_first_page_shows_every_chapter_of_the_readme_as_a_card() -> None:
    import front_page

    source = front_page.index((DOCS / "index.md").read_bytes()).decode()
    pages = re.findall(r'<li><a href="(notebooks/[^"]+)\.html">', source)
    assert [f"{Path(page).name}.ipynb" for page in pages] == [name for name in CHAPTERS if name != "formulas.ipynb"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for chapter in front_page.chapters():
        assert html.escape(chapter.question) in source and chapter.question in readme
    assert re.findall(r"<small>(.*?)</small>", source) == [front_page.minutes(one) for one in front_page.chapters()]
    assert source.count("<small>about ") >= len(pages) - 1


def test_the_first_page_has_the_numbers_that_its_script_needs() -> None:
    import numpy as np

    import front_page

    made = front_page.files()
    numbers = json.loads(made[Path("_static/home_data.js")].decode().removeprefix("const HOME = ").rstrip(";\n"))
    weights = np.frombuffer(base64.b64decode(numbers["weights"]), "<f2")
    assert weights.size == 61_706 and len(base64.b64decode(numbers["photo"])) == numbers["side"] ** 2
    assert len(numbers["samples"]) == 10
    assert not re.search(r"^export ", made[Path("_static/home.js")].decode(), re.MULTILINE)
    assert sum(map(len, made.values())) < 600_000


# ---- the reference ---------------------------------------------------------------------------------------------------


def test_every_public_room_is_in_the_reference() -> None:
    rooms = re.findall(r"automodule:: cnnlib\.(\w+)", "\n".join(REFERENCE.values()))
    assert len(rooms) == len(set(rooms))
    assert set(rooms) == ROOMS - INSIDE - {"__init__"}
    assert ROOMS >= INSIDE


def test_the_pages_of_the_reference_are_listed_and_headed() -> None:
    assert {f"{name}.md" for name in listed_in(DOCS / "reference" / "index.md")} == {
        path.name for path in REFERENCE if path.name != "index.md"
    }
    for text in REFERENCE.values():
        headings = re.findall(r"^## ((?:cnnlib|cnncourse)\.\w+)$", text, re.MULTILINE)
        assert headings == re.findall(r"automodule:: ((?:cnnlib|cnncourse)\.\w+)", text)


def test_names_that_the_reference_speaks_of_exist() -> None:
    found = re.findall(r"`((?:cnnlib|cnncourse)(?:\.\w+)+)`", "\n".join(REFERENCE.values()))
    assert found
    for name in found:
        package, *parts = name.split(".")
        place = importlib.import_module(package)
        for part in parts:
            place = getattr(place, part, None) or importlib.import_module(f"{place.__name__}.{part}")


def test_equations_belong_to_something_that_the_reference_shows() -> None:
    equations = tomllib.loads((DOCS / "equations.toml").read_text(encoding="utf-8"))
    assert len(equations) > 20
    for full, equation in equations.items():
        _, room, name = full.split(".")
        assert getattr(importlib.import_module(f"cnnlib.{room}"), name).__doc__, full
        assert f"automodule:: cnnlib.{room}" in "\n".join(REFERENCE.values())
        assert equation.count("{") == equation.count("}")


# ---- how the pages are made ------------------------------------------------------------------------------------------


def test_the_settings_load_and_ask_no_other_server() -> None:
    pytest.importorskip("sphinx", reason="Sphinx is not installed")
    settings = vars(loaded(DOCS / "conf.py"))
    assert settings["nb_execution_mode"] == "off"
    files = [*settings["html_css_files"], *settings["html_js_files"], *settings["nb_ipywidgets_js"]]
    for file in files:
        name = file if isinstance(file, str) else file[0]
        assert "//" not in name
        assert name.startswith("katex/") or (DOCS / "_static" / name).exists()
    from packaging.version import Version

    assert Version(settings["release"])


def test_helpers_that_the_reference_leaves_out_exist_and_are_not_promised() -> None:
    pytest.importorskip("sphinx", reason="Sphinx is not installed")
    import cnnlib

    for full in loaded(DOCS / "conf.py").FOR_OTHER_MODULES:
        room, _, name = full.rpartition(".")
        assert callable(getattr(importlib.import_module(room), name))
        assert name not in cnnlib.__all__


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_gets_a_line_that_says_where_it_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import site_pages

    path = ROOT / "notebooks" / name
    stored = json.loads(path.read_text(encoding="utf-8"))
    take = f'<a href="{name}" download>'
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    plain, lite = (json.loads(site_pages.page_of(path, lite, set())) for lite in (False, True))
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/course")
    public = json.loads(site_pages.page_of(path, True, set()))
    for notebook in (plain, lite, public):
        assert len(notebook["cells"]) == len(stored["cells"])
        lines = "".join(notebook["cells"][0]["source"]).splitlines()
        assert lines[0] == "".join(stored["cells"][0]["source"]).splitlines()[0]
        assert lines[2].startswith('<p class="run">') and take in lines[2]
    texts = ["".join(notebook["cells"][0]["source"]) for notebook in (plain, lite, public)]
    assert ["lite/lab" in text for text in texts] == [False, True, True]
    assert ["mybinder.org" in text for text in texts] == [False, False, True]
    assert f"colab.research.google.com/github/someone/course/blob/students/notebooks/{name}" in texts[2]


def test_cells_that_import_or_draw_are_folded_and_others_stay() -> None:
    from nbformat.v4 import new_code_cell, new_output

    import site_pages

    picture = [new_output("display_data", data={"image/png": ""})]
    drawing = "fig, ax = plt.subplots()\n" + "ax.plot(x, y)\n" * 4
    assert site_pages.folded(new_code_cell("import numpy as np\nfrom cnnlib import conv2d"))
    assert not site_pages.folded(new_code_cell("import numpy as np\n\nrng = np.random.default_rng(0)"))
    assert site_pages.folded(new_code_cell(drawing, outputs=picture))
    assert not site_pages.folded(new_code_cell(drawing))
    assert not site_pages.folded(new_code_cell("net = conv2d(x, w)\nplots.grid(net)", outputs=picture))
    assert not site_pages.folded(new_code_cell("a = 1\nb = 2\nc = 3\nd = 4\ngrid(a)", outputs=picture))
    assert not site_pages.folded(new_code_cell("%timeit f(x)")) and not site_pages.folded(new_code_cell(""))


def test_code_that_says_what_a_picture_shows_is_folded_below_a_question_alone() -> None:
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    import site_pages

    asks = new_markdown_cell("**Predict first:** what?", metadata={"predict": {"kind": "words", "answer": "drawn"}})
    drawn, tested = new_code_cell("grid(x, alt=seen)", id="drawn"), new_code_cell("# so\nassert x == 5", id="tested")
    plain = new_code_cell("alt = 5\ngrid(x)", id="plain")
    notebook = new_notebook(cells=[new_markdown_cell("# T"), asks, drawn, tested, new_markdown_cell("So."), plain])
    page = nbformat.reads(site_pages.as_page(notebook, "<p></p>", set()), as_version=4)
    tags = {cell.id: cell.metadata.get("tags") for cell in page.cells if cell.cell_type == "code"}
    assert tags == {"drawn": ["hide-input"], "tested": ["tests-answer"], "plain": None}


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_first_cell_of_a_page_which_prepares_is_folded(name: str) -> None:
    import site_pages

    page = json.loads(site_pages.page_of(ROOT / "notebooks" / name, False, set()))
    first = next(cell for cell in page["cells"] if cell["cell_type"] == "code")
    assert "".join(first["source"]).startswith(("import ", "from ")) and "hide-input" in first["metadata"]["tags"]


def test_only_the_first_cell_prepares_and_only_if_it_shows_nothing() -> None:
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    import site_pages

    def folds(*cells: nbformat.NotebookNode) -> list[bool]:
        notebook = new_notebook(cells=[new_markdown_cell("# Title"), *cells])
        page = nbformat.reads(site_pages.as_page(notebook, "", set()), as_version=4)
        return ["hide-input" in cell.metadata.get("tags", []) for cell in page.cells[1:]]

    prepares = "import numpy as np\n\nrng = np.random.default_rng(0)\nnet = load()\n\n\ndef slope(f): ..."
    assert folds(new_code_cell(prepares), new_code_cell(prepares)) == [True, False]
    assert folds(new_code_cell("net = load()\n" + prepares)) == [False]
    assert folds(new_code_cell(prepares, outputs=[new_output("stream", text="61,706")])) == [False]
    assert folds(new_code_cell("%pip install cnnlib"), new_code_cell("import time")) == [False, True]


def test_a_page_asks_for_no_style_sheet_of_what_it_does_not_hold() -> None:
    import site_pages

    sheets = {
        "../_static/katex/katex.min.css?v=1": '<span class="katex">',
        "_static/mystnb.11b3.css": '<div class="cell docutils container">',
        "_static/pygments.css?v=2": '<div class="highlight-python notranslate"><div class="highlight">',
    }
    links = {name: f'<link rel="stylesheet" type="text/css" href="{name}" />\n' for name in sheets}
    other = '<link rel="stylesheet" type="text/css" href="_static/site.css" />\n<p class="cells katexes">'
    for name, held in sheets.items():
        assert site_pages.lightened("".join(links.values()) + other + held) == links[name] + other + held
    assert site_pages.lightened("".join(links.values()) + other) == other


def test_the_numbers_of_a_figure_of_curves_are_a_table_below_it() -> None:
    from nbformat.v4 import new_code_cell, new_output

    import site_pages
    from cnncourse import plots

    bundle, metadata = plots.curves([1, 2], {"a < b": [0.5, 3]}, xlabel="x", ylabel="y")._repr_mimebundle_()
    cell = new_code_cell("curves()", outputs=[new_output("display_data", bundle, metadata=metadata)])
    site_pages.with_tables(cell)
    shown = cell.outputs[0].data["text/html"]
    assert shown.startswith(bundle["text/html"] + '<details class="numbers">')
    assert "<caption>y against x</caption>" in shown
    assert '<th scope="col">x</th><th scope="col">a &lt; b</th>' in shown
    assert '<tr><th scope="row">2</th><td>3</td></tr>' in shown
    without = new_code_cell("1", outputs=[new_output("display_data", {"text/html": "<b>"})])
    site_pages.with_tables(without)
    assert without.outputs[0].data["text/html"] == "<b>"


def test_terms_and_explorers_become_entries_of_the_index_once() -> None:
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    import site_pages

    known = {"stride"}
    cells = [new_markdown_cell("Move it:"), new_code_cell("explorers.drawing_pad(net)")]
    cells += [new_markdown_cell("## Glossary\n\n- **stride** $S$, **zero padding**: a **word** that is none")]
    notebook = new_notebook(cells=cells)
    site_pages.with_index_entries(notebook, known)
    assert "```{index} ! drawing pad\n```" in notebook.cells[0].source
    assert notebook.cells[2].source.startswith("```{index} ! zero padding\n```\n\n## Glossary")
    assert known == {"stride", "drawing pad", "zero padding"}


def test_a_still_stands_before_each_explorer_with_its_size_and_words() -> None:
    import site_pages

    path = ROOT / "notebooks" / "04_padding_and_stride.ipynb"
    models = [one.model for one in site_pages.explorers(path)]
    view = '<script type="application/vnd.jupyter.widget-view+json">{"model_id": "%s", "version_major": 2}</script>'
    page = site_pages.with_stills("".join(view % model for model in [*models, "another"]), path)
    stills = site_pages.stills(path)
    found = re.findall(r'<img class="explorer-still" src="\.\./(\S+)" width="(\d+)" height="(\d+)" alt="(.+?)">', page)
    assert [Path(source) for source, *_ in found] == list(stills) and len(found) == len(models) >= 2
    for source, width, height, words in found:
        assert Image.open(io.BytesIO(stills[Path(source)])).size == (int(width), int(height))
        assert words.startswith("explorer: ")


def texts_of_pages() -> dict[str, str]:
    """Return the texts that Sphinx reads: pages, cells of notebooks and assignments, and their translations."""
    texts = {}
    for folder in ("docs", "translations", "grader/translations"):
        texts |= {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in (ROOT / folder).rglob("*.md")}
    for path in [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("grader/masters/*.ipynb")]:
        cells = nbformat.read(path, as_version=4).cells
        texts[str(path.relative_to(ROOT))] = "\n\n".join(c.source for c in cells if c.cell_type == "markdown")
    return texts


def test_no_line_of_a_page_is_taken_for_a_comment() -> None:
    """MyST leaves out a line that begins with a percent sign, also one that wrapping has put there."""
    texts = texts_of_pages()
    assert len(texts) > 60
    lines = {
        name: re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE).splitlines()
        for name, text in texts.items()
    }
    assert [(name, line) for name, own in lines.items() for line in own if line.lstrip().startswith("%")] == []


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_still_keeps_the_room_of_its_explorer_at_every_width(path: Path) -> None:
    """The widths are those of docs/cards.toml; tests_browser/test_site.py measures the heights."""
    import site_pages

    assert len(site_pages.CARD_WIDTHS) == 5
    assert str(list(site_pages.CARD_WIDTHS.values()))[1:-1] in site_pages.CARDS.read_text(encoding="utf-8")
    for still in site_pages.explorers(path):
        assert re.fullmatch(r"(--\w+: \d{3,4}px; ?){5}", site_pages.room(still.explorer)), still.explorer


def test_sliders_that_need_python_give_way_to_what_they_have_drawn() -> None:
    import site_pages

    (path,) = (ROOT / "notebooks").glob("04_*.ipynb")
    cells = {cell["id"]: cell for cell in json.loads(site_pages.page_of(path, False, set()))["cells"]}
    (drawn,) = cells["own-slider-code"]["outputs"]
    assert site_pages.VIEW not in drawn["data"] and 'alt="' in "".join(drawn["data"]["text/html"])
    views = [output["data"] for cell in cells.values() for output in cell.get("outputs", []) if "data" in output]
    assert all("image/png" in data for data in views if site_pages.VIEW in data)


def test_a_page_says_its_name_its_date_and_where_to_report(monkeypatch: pytest.MonkeyPatch) -> None:
    import site_pages

    page = '<head><title>A &amp; B</title></head><body><div class="left-details"></div></body>'
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    plain = site_pages.finished(page, "notebooks/a", [], "1.0")
    assert '<body data-page="notebooks/a">' in plain and 'content="A &amp; B"' in plain and "github" not in plain
    monkeypatch.setenv("GITHUB_REPOSITORY", "Someone/course")
    public = site_pages.finished(page, "notebooks/a", [], "1.0")
    assert "https://github.com/Someone/course/issues/new?title=notebooks/a" in public and "Version: 1.0" in public
    assert "https://someone.github.io/course/_static/lenet5.png" in public
    assert "<loc>https://someone.github.io/course/b.html</loc>" in site_pages.sitemap(["b"], "Someone/course")


def test_the_page_for_wrong_addresses_holds_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    import make_site

    page = '<a href="a.html"><img src="_static/b.svg"><a href="#c"><form action="search.html"><a href="https://d.org/">'
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    at_root = (
        '<a href="/a.html"><img src="/_static/b.svg"><a href="#c"><form action="/search.html"><a href="https://d.org/">'
    )
    assert make_site.from_everywhere(page) == at_root
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/course")
    assert make_site.from_everywhere(page).startswith('<a href="/course/a.html"><img src="/course/_static/b.svg">')


def test_old_addresses_lead_to_chapters_that_are_there(tmp_path: Path) -> None:
    import make_site

    moved = tomllib.loads((ROOT / "docs" / "moved.toml").read_text(encoding="utf-8"))
    chapters = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {stem for sections in moved.values() for stem in sections.values()} <= chapters
    (tmp_path / "06_backpropagation.html").write_text("<html><head></head>6</html>", encoding="utf-8")
    for _ in range(2):  # a second build leaves one script, not two
        make_site.lead_on(tmp_path)
    for old, sections in moved.items():
        page = (tmp_path / f"{old}.html").read_text(encoding="utf-8")
        assert page.count("<script>") == 1 and all(
            f'"{name}": "{new}"' in page for name, new in sections.items() if name != "page"
        )
        assert ("page" in sections) == (old not in chapters)


def test_a_page_says_of_compiled_packages_where_they_come_from() -> None:
    import site_pages

    page = (DOCS / "in_the_browser.md").read_text(encoding="utf-8")
    elsewhere, here = (site_pages.told(page, compiled) for compiled in (False, True))
    row = "| `import cnnlib` | {} | the five packages with compiled parts"
    assert row.format("Pyodide's server") in elsewhere and "cdn.jsdelivr.net" in elsewhere
    assert row.format("this site") in here and "cdn.jsdelivr.net" not in here
    assert "No other\nserver is asked" in here
    assert "<!-- " not in elsewhere + here


def test_pages_for_a_disk_lead_nowhere_that_needs_a_server() -> None:
    import site_pages

    run = '<p class="run">Run this page <a href="../lite/lab/x">in the browser</a>, <a href="b">on Binder</a>, or '
    take = '<a href="x.ipynb" download>take the notebook</a>.<!-- from a disk: '
    take += '<a href="x.ipynb" download>Take the notebook</a>. -->'
    page = f'{run}{take}</p><a class="a" href="../lite/lab/index.html?path=x">Open <b>it</b></a> <a href="y">y</a>'
    kept = '<p class="run"><a href="x.ipynb" download>Take the notebook</a>.</p>Open <b>it</b> <a href="y">y</a>'
    assert site_pages.without_runs(page) == kept
    line = site_pages.ways_to_run(Path("x.ipynb"), {"in the browser": "../lite/lab/x", "on Binder": "b"})
    assert line == f"{run}{take}</p>"
    assert site_pages.without_runs(kept) == kept


def test_the_zip_file_is_the_same_for_the_same_pages(tmp_path: Path) -> None:
    import site_pages

    for name in ("index.html", "_static/a.css", "lite/big.wasm", "course.zip", "404.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("<p>text</p>", encoding="utf-8")
    first = site_pages.packed(tmp_path)
    (tmp_path / "index.html").touch()
    assert site_pages.packed(tmp_path) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.namelist() == ["course/_static/a.css", "course/index.html"]


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_zip_file_holds_a_figure_once_and_the_rest_of_a_notebook_as_it_is(path: Path) -> None:
    import site_pages
    import spoken_outputs

    stored = path.read_text(encoding="utf-8")
    packed = site_pages.with_pictures_once(stored)
    before, after = (nbformat.reads(text, as_version=4) for text in (stored, packed))
    pictures = [re.findall(r"iVBORw0KGgo[\w+/=]+", json.dumps(one)) for one in spoken_outputs.outputs_of(after)]
    assert all(len(set(found)) == len(found) for found in pictures)
    for output in spoken_outputs.outputs_of(before):
        if "<img " in output.get("data", {}).get("text/html", ""):
            output["data"].pop("image/png", None)
    assert before == after
