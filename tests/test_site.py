"""What can be known of the site without building it; tests_browser/test_site.py looks at its pages in a browser."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
CHAPTERS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
# Rooms that only other rooms enter, and programs.
INSIDE = {"__main__", "arguments", "memory", "shapes", "threads", "grade"}
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


def test_the_first_page_shows_the_table_of_chapters() -> None:
    begin, end = "<!-- the table of chapters begins -->", "<!-- and ends -->"
    first, readme = (path.read_text(encoding="utf-8") for path in (DOCS / "index.md", ROOT / "README.md"))
    assert f":start-after: {begin}" in first and f":end-before: {end}" in first
    table = readme.partition(begin)[2].partition(end)[0]
    assert [f"notebooks/{name}" for name in CHAPTERS] == re.findall(r"\]\((notebooks/[\w.]+)\)", table)


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
        headings = re.findall(r"^## (cnnlib\.\w+)$", text, re.MULTILINE)
        assert headings == re.findall(r"automodule:: (cnnlib\.\w+)", text)


def test_names_that_the_reference_speaks_of_exist() -> None:
    found = re.findall(r"`(cnnlib(?:\.\w+)+)`", "\n".join(REFERENCE.values()))
    assert found
    for name in found:
        place = importlib.import_module("cnnlib")
        for part in name.split(".")[1:]:
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

    for full in loaded(DOCS / "conf.py").BETWEEN_ROOMS:
        room, _, name = full.rpartition(".")
        assert callable(getattr(importlib.import_module(room), name))
        assert name not in cnnlib.__all__


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_gets_a_line_that_says_where_it_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import make_site

    path = ROOT / "notebooks" / name
    stored = json.loads(path.read_text(encoding="utf-8"))
    take = f'<a href="{name}" download>'
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    plain, lite = (json.loads(make_site.with_links(path, lite)) for lite in (False, True))
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/course")
    monkeypatch.setenv("GITHUB_REF_NAME", "stable")
    public = json.loads(make_site.with_links(path, True))
    for notebook in (plain, lite, public):
        assert len(notebook["cells"]) == len(stored["cells"])
        lines = "".join(notebook["cells"][0]["source"]).splitlines()
        assert lines[0] == "".join(stored["cells"][0]["source"]).splitlines()[0]
        assert lines[2].startswith('<p class="run">') and take in lines[2]
    texts = ["".join(notebook["cells"][0]["source"]) for notebook in (plain, lite, public)]
    assert ["lite/lab" in text for text in texts] == [False, True, True]
    assert ["mybinder.org" in text for text in texts] == [False, False, True]
    assert f"colab.research.google.com/github/someone/course/blob/stable/notebooks/{name}" in texts[2]


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
