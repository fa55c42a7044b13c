"""Make the web edition: collect pages and scripts in build/site/source, let Sphinx write build/site/html.

The pages are docs/, the notebooks as they are stored, and the student versions of the assignments. Formulas, widgets
and fonts are served with the site. What comes from the npm registry is kept in build/npm, pinned and checked.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "site"
NPM = ROOT / "build" / "npm"

KATEX = "katex@0.16.22"
MADE = ("genindex.html", "py-modindex.html", "search.html")  # pages that have no source


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=BUILD / "html", help="where the pages are written")
    parser.add_argument("--lite", action="store_true", help="make the in-browser edition in lite/, and link to it")
    options = parser.parse_args()
    output = options.output.resolve()
    lite = options.lite or (output / "lite" / "lab" / "index.html").exists()
    source = collected(output.parent / "source", lite)
    command = ["-m", "sphinx", "--builder", "html", "--fail-on-warning", "--keep-going", "--quiet", "--jobs", "auto"]
    doctrees = ["--doctree-dir", str(output.parent / "doctrees")]
    if code := subprocess.call([sys.executable, *command, *doctrees, str(source), str(output)], cwd=ROOT):
        raise SystemExit(code)
    for path in pages_in(output):  # of an earlier build, whose source is gone
        known = [(source / path.relative_to(output)).with_suffix(kind) for kind in (".md", ".ipynb")]
        if path.name not in MADE and not any(one.exists() for one in known):
            path.unlink()
    set_formulas(output)
    for path in pages_in(output):
        page = path.read_text(encoding="utf-8")
        written((from_everywhere(page) if path.name == "404.html" else mended(page)).encode(), path)
    if options.lite:
        command = [sys.executable, str(ROOT / "tools" / "make_lite.py"), "--output", str(output / "lite")]
        if code := subprocess.call(command):
            raise SystemExit(code)
    print(f"The site is in {output}: open {output / 'index.html'}, or serve the folder.")


def collected(source: Path, lite: bool) -> Path:
    """Return the folder that Sphinx reads, with docs/, notebooks/ and README.md; what has not changed stays."""
    wanted = {
        path.relative_to(ROOT / "docs"): path.read_bytes() for path in (ROOT / "docs").rglob("*") if path.is_file()
    }
    pages = [name for name in wanted if name.suffix == ".md"]
    if not lite:  # then what leads there is words, no link
        wanted |= {name: re.sub(rb'<a href="lite/[^"]*">(.*?)</a>', rb"\1", wanted[name]) for name in pages}
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        wanted[path.relative_to(ROOT)] = with_links(path, lite)
        wanted[Path("extra/notebooks") / path.name] = path.read_bytes()
    for path in (ROOT / "dist" / "assignments").rglob("*.ipynb"):  # there where they have been made
        wanted[Path("assignments") / path.name] = with_links(path, lite=False)
        wanted[Path("extra/assignments") / path.name] = path.read_bytes()
    for name in ("README.md", "pyproject.toml"):
        wanted[Path(name)] = (ROOT / name).read_bytes()
    wanted |= katex_files()
    for path in [path for path in source.rglob("*") if path.is_file()]:
        if path.relative_to(source) not in wanted:
            path.unlink()
    for name, content in wanted.items():
        written(content, source / name)
    return source


def with_links(path: Path, lite: bool) -> bytes:
    """Return a notebook with a line under its title: where to run it, and the file itself."""
    notebook = nbformat.read(path, as_version=4)
    repository, branch = os.environ.get("GITHUB_REPOSITORY", ""), os.environ.get("GITHUB_REF_NAME", "main")
    places = {"in the browser": f"../lite/lab/index.html?path={path.name}"} if lite else {}
    if repository and path.is_relative_to(ROOT / "notebooks"):  # only a workflow of GitHub knows the repository
        at = f"{repository}/{branch}?urlpath=lab/tree/notebooks/{path.name}"
        places["on Binder"] = f"https://mybinder.org/v2/gh/{at}"
        places["in Colab"] = (
            f"https://colab.research.google.com/github/{repository}/blob/{branch}/notebooks/{path.name}"
        )
    run = ", ".join(f'<a href="{address}">{name}</a>' for name, address in places.items())
    file = f'<a href="{path.name}" download>take the notebook</a>'
    links = f'<p class="run">{f"Run this page {run}, or {file}" if run else file.replace("take", "Take")}.</p>'
    title, _, rest = notebook.cells[0].source.partition("\n")
    notebook.cells[0].source = f"{title}\n\n{links}\n\n{rest.lstrip()}"
    return nbformat.writes(notebook).encode()


def mended(page: str) -> str:
    """Return a page as screen readers need it: headings of the side bar have a level, signatures are no lists."""
    page = page.replace('class="caption" role="heading">', 'class="caption" role="heading" aria-level="2">')
    return re.sub(r"<dl>(?=\s*<dd>)", '<dl role="presentation">', page)


def from_everywhere(page: str) -> str:
    """Return a page whose links hold wherever it is shown, as that of an address that does not exist."""
    base = f"/{os.environ.get('GITHUB_REPOSITORY', '/').split('/')[1]}/".replace("//", "/")
    return re.sub(r'\b(href|src|action)="(?!#|/|data:|https?:)', rf'\1="{base}', mended(page))


def written(content: bytes, path: Path) -> None:
    """Write a file unless it holds the same: Sphinx reads again what is newer."""
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
    pages = [str(path) for path in pages_in(html)]
    script = ROOT / "tools" / "set_formulas.mjs"
    if code := subprocess.call(["node", str(script), str(package(KATEX) / "dist"), *pages]):
        raise SystemExit(code)


def pages_in(html: Path) -> list[Path]:
    """Return the pages of the site; the in-browser edition is no part of it."""
    return [path for path in sorted(html.rglob("*.html")) if path.relative_to(html).parts[0] != "lite"]


def package(name: str) -> Path:
    """Return the folder of an unpacked npm package, fetched once; SystemExit where npm is missing or fails."""
    folder = NPM / name.replace("/", "-").lstrip("@")
    if not (folder / "package").exists():
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.which("npm") is None:
            raise SystemExit("npm is not installed: the scripts of the pages come from its registry")
        packed = subprocess.run(["npm", "pack", "--silent", name], cwd=folder, capture_output=True, text=True)
        if packed.returncode:
            raise SystemExit(f"npm could not fetch {name}: {packed.stderr.strip()}")
        with tarfile.open(folder / packed.stdout.strip().splitlines()[-1]) as archive:
            archive.extractall(folder / "unpacked", filter="data")
        (folder / "unpacked" / "package").rename(folder / "package")
    return folder / "package"


if __name__ == "__main__":
    main()
