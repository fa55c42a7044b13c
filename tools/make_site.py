"""Make the web edition: collect pages and scripts in build/site/source, let Sphinx write build/site/html.

The pages are docs/, the notebooks as they are stored, and the student versions of the assignments. Formulas, widgets
and fonts are served with the site. What comes from the npm registry is kept in build/npm, pinned and checked.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import front_page
import site_languages
import site_pages
from site_languages import Edition

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "site"
NPM = ROOT / "build" / "npm"

KATEX = "katex@0.16.22"
MADE = ("genindex.html", "py-modindex.html", "search.html")  # pages that have no source


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=BUILD / "html", help="where the pages are written")
    parser.add_argument("--lite", action="store_true", help="make the in-browser edition in lite/, and link to it")
    parser.add_argument("--compiled", type=Path, metavar="FOLDER", help="packages that the edition shall serve itself")
    parser.add_argument("--zip", action="store_true", help="put the pages, to be opened from a disk, into course.zip")
    options = parser.parse_args()
    output = options.output.resolve()
    lite = options.lite or (output / "lite" / "lab" / "index.html").exists()
    source = output.parent / "source"
    fitting = partial(fitted, lite=lite, compiled=options.compiled is not None, zipped=options.zip)
    english = collected(lite, fitting)
    written_pages(english, source, output)
    editions = site_languages.languages()
    pages = {name: path.read_text(encoding="utf-8") for name, path in pages_in(output, editions).items()}
    titles = site_languages.titles_of({name: page for name, page in pages.items() if f"{name}.html" not in MADE})
    for edition in editions:
        wanted = site_languages.collected(edition, english, titles, lite, fitting)
        anchors = {name: site_languages.anchors_of(pages[name]) for name in edition.pages}
        wanted[Path("anchors.json")] = json.dumps(anchors, sort_keys=True).encode()
        settings = {"language": edition.folder, "html_title": edition.say("Convolution by hand")}
        settings |= {"nb_code_prompt_show": edition.say("Show the code")}
        settings |= {"nb_code_prompt_hide": edition.say("Fold the code")}
        written_pages(wanted, source.with_name(f"source-{edition.folder}"), output / edition.folder, settings)
        shutil.rmtree(output / "jupyter_execute", ignore_errors=True)  # what myst-nb leaves beside a folder of pages
    set_formulas(output)
    finish(output, editions)
    lead_on(output / "notebooks")
    if options.zip:
        packed = site_pages.packed(output)
        written(packed, output / "course.zip")
        print(f"The pages for a disk are in {output / 'course.zip'}: {len(packed) / 1e6:.1f} MB.")
    if options.lite:
        command = [sys.executable, str(ROOT / "tools" / "make_lite.py"), "--output", str(output / "lite")]
        if options.compiled:
            command += ["--compiled", str(options.compiled.resolve())]
        if code := subprocess.call(command):
            raise SystemExit(code)
    print(f"The site is in {output}: open {output / 'index.html'}, or serve the folder.")


def written_pages(
    wanted: dict[Path, bytes], source: Path, output: Path, settings: dict[str, str] | None = None
) -> None:
    """Let Sphinx write the pages of one language into `output`; unchanged files of `source` keep their time."""
    for path in [path for path in source.rglob("*") if path.is_file()]:
        if path.relative_to(source) not in wanted:
            path.unlink()
    for place, content in wanted.items():
        written(content, source / place)
    command = ["-m", "sphinx", "--builder", "html", "--fail-on-warning", "--keep-going", "--quiet", "--jobs", "auto"]
    command.append("--write-all")  # pages that are not written again would lose their entries in the search
    command += [part for name, value in (settings or {}).items() for part in ("--define", f"{name}={value}")]
    doctrees = ["--doctree-dir", str(source.with_name(source.name.replace("source", "doctrees")))]
    if code := subprocess.call([sys.executable, *command, *doctrees, str(source), str(output)], cwd=ROOT):
        raise SystemExit(code)
    known = {path.with_suffix("").as_posix() for path in wanted if path.suffix in (".md", ".ipynb")}
    for name, path in pages_in(output, site_languages.languages()).items():  # of an earlier build, whose source is gone
        if path.name not in MADE and name not in known:
            path.unlink()


def finish(output: Path, editions: list[Edition]) -> None:
    """Give each page what it has beside what Sphinx writes, and the site its map where its address is known."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    names = []
    for edition in (None, *editions):
        folder = output / edition.folder if edition else output
        files = [path for path in folder.rglob("*") if path.is_file()] if edition else []
        for path in (twice := site_languages.shared(folder, files)):
            path.unlink()
        there = {path.relative_to(folder).as_posix() for path in set(files) - set(twice)}
        for name, path in pages_in(folder, editions).items():
            notebook = ROOT / f"{name}.ipynb"
            sources = (
                edition.sources(name) if edition else [*filter(Path.exists, (notebook, ROOT / "docs" / f"{name}.md"))]
            )
            names.append(path.relative_to(output).with_suffix("").as_posix())
            page = path.read_text(encoding="utf-8")
            if "data-page=" in page:  # of an earlier build: its source has not changed since
                continue
            if notebook.exists():
                page = site_pages.with_stills(page, path.with_suffix(".ipynb") if edition else notebook)
            page, figures = site_pages.with_figures(page, name)
            page, scripts = site_pages.with_sources(page, name)
            for place, content in (figures | scripts).items():
                written(content, output / place)
            page = site_pages.finished(page, name, sources, version, edition.say if edition else str)
            page = site_languages.led(page, name, there, edition) if edition else page
            page = site_languages.linked(page, name, edition, editions, repository)
            written((from_everywhere(page) if name == "404" else page).encode(), path)
    shown = "".join((output / f"{name}.html").read_text(encoding="utf-8") for name in names)
    for folder in (site_pages.FIGURES, site_pages.SOURCES):
        for path in (output / folder).glob("*"):
            if path.name not in shown:  # of an earlier build
                path.unlink()
    if repository:
        written(site_pages.sitemap(sorted(names), repository).encode(), output / "sitemap.xml")


def fitted(text: str, lite: bool, compiled: bool, zipped: bool) -> str:
    """Return a page of docs/ that says what is so, without links to what there is not.

    lite: whether there is an in-browser edition; compiled: whether it serves packages with compiled parts itself;
    zipped: whether the pages are there as a zip file, too.
    """
    text = site_pages.told(text, compiled)
    for there, address in ((lite, "lite/"), (zipped, "course.zip")):
        if not there:  # then what leads there is words, no link
            text = site_pages.unlinked(text, address)
    return text


def collected(lite: bool, fitting: Callable[[str], str]) -> dict[Path, bytes]:
    """Return the files that Sphinx reads, by their places: docs/, notebooks/ and README.md.

    lite: whether there is an in-browser edition; fitting: gives a page of docs/ as it is for what is made.
    """
    wanted = {
        path.relative_to(ROOT / "docs"): path.read_bytes()
        for path in (ROOT / "docs").rglob("*")
        if path.is_file() and path.parent.name != "decisions"  # for those who change the project, not for readers
    }
    pages = [name for name in wanted if name.suffix == ".md"]
    for page in pages:
        wanted[page] = fitting(wanted[page].decode()).encode()
    known: set[str] = set()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        wanted[path.relative_to(ROOT)] = site_pages.page_of(path, lite, known)
        wanted[Path("extra/notebooks") / path.name] = path.read_bytes()
        wanted |= site_pages.stills(path)
    for path in (ROOT / "dist" / "assignments").rglob("*.ipynb"):  # there where they have been made
        wanted[Path("assignments") / path.name] = site_pages.page_of(path, False, known)
        for file in filter(Path.exists, (path, site_pages.checks_of(path))):
            wanted[Path("extra/assignments") / file.name] = file.read_bytes()
    wanted |= {Path(name): (ROOT / name).read_bytes() for name in ("README.md", "pyproject.toml")}
    wanted |= katex_files() | front_page.files()
    wanted[Path("_static/lenet5.png")] = wanted[Path("lenet5.png")]
    wanted[Path("index.md")] = front_page.index(wanted[Path("index.md")])
    return wanted


def lead_on(pages: Path) -> None:
    """Let old addresses lead on: a page for each that is gone, a line in each that has lost sections to others."""
    for old, sections in tomllib.loads((ROOT / "docs" / "moved.toml").read_text(encoding="utf-8")).items():
        path, page = pages / f"{old}.html", sections.pop("page", "")
        goes = f"const page = {json.dumps(sections)}[location.hash.slice(1)] || {json.dumps(page)}; "
        script = f"<script>{goes}if (page) location.replace(page + '.html' + location.hash);</script>"
        if page:
            elsewhere = f'<meta http-equiv="refresh" content="0; url={page}.html">'
            head = f'<meta charset="utf-8"><title>Moved</title>{script}<noscript>{elsewhere}</noscript>'
            body = f'<h1>This chapter has moved</h1><p>It is now <a href="{page}.html">here</a>.</p>'
            text = f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'
        else:
            text = path.read_text(encoding="utf-8").replace(script, "")  # of an earlier build
            text = text.replace("</head>", f"{script}</head>", 1)
        written(text.encode(), path)


def from_everywhere(page: str) -> str:
    """Return a page whose links work under any address, like the page for addresses that do not exist."""
    base = f"/{os.environ.get('GITHUB_REPOSITORY', '/').split('/')[1]}/".replace("//", "/")
    return re.sub(r'\b(href|src|action)="(?!#|/|data:|https?:)', rf'\1="{base}', page)


def written(content: bytes, path: Path) -> None:
    """Write a file unless its content is the same already: Sphinx rereads newer files."""
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def katex_files() -> dict[Path, bytes]:
    """Return what formulas need on a page: the style sheet and the fonts."""
    katex = package(KATEX) / "dist"
    paths = [katex / "katex.min.css", *(katex / "fonts").glob("*.woff2")]
    return {Path("_static/katex") / path.relative_to(katex): path.read_bytes() for path in paths}


def set_formulas(html: Path) -> None:
    """Set the formulas of all pages; SystemExit if one cannot be set."""
    pages = [str(path) for path in sorted(html.rglob("*.html")) if path.relative_to(html).parts[0] != "lite"]
    script = ROOT / "tools" / "set_formulas.mjs"
    if code := subprocess.call(["node", str(script), str(package(KATEX) / "dist"), *pages]):
        raise SystemExit(code)


def pages_in(folder: Path, editions: list[Edition]) -> dict[str, Path]:
    """Return the pages of one language by their names, without the in-browser edition."""
    others = {"lite", *(edition.folder for edition in editions)}
    paths = [path.relative_to(folder) for path in sorted(folder.rglob("*.html"))]
    return {path.with_suffix("").as_posix(): folder / path for path in paths if path.parts[0] not in others}


def package(name: str) -> Path:
    """Return the folder of an unpacked npm package, downloaded once; SystemExit if npm is missing or fails."""
    folder = NPM / name.replace("/", "-").lstrip("@")
    if not (folder / "package").exists():
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.which("npm") is None:
            raise SystemExit("npm is not installed; it is needed to download the scripts of the pages")
        packed = subprocess.run(["npm", "pack", "--silent", name], cwd=folder, capture_output=True, text=True)
        if packed.returncode:
            raise SystemExit(f"npm could not download {name}: {packed.stderr.strip()}")
        with tarfile.open(folder / packed.stdout.strip().splitlines()[-1]) as archive:
            archive.extractall(folder / "unpacked", filter="data")
        (folder / "unpacked" / "package").rename(folder / "package")
    return folder / "package"


if __name__ == "__main__":
    main()
