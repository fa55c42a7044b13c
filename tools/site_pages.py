"""What a notebook becomes on its way to a page of the site, and what a finished page gets beside what Sphinx writes."""

from __future__ import annotations

import ast
import base64
import functools
import hashlib
import html
import io
import json
import os
import re
import struct
import subprocess
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

import predicted_cells
import spoken_outputs
import students_branch
from stored_widgets import STATE, VIEW, models_of

ROOT = Path(__file__).resolve().parent.parent
Say = Callable[[str], str]  # gives what the site says, in English, in the language of a page
STILLS = Path("_static/stills")
FIGURES = Path("_static/figures")
SOURCES = Path("_static/sources")
CARDS = ROOT / "docs" / "cards.toml"  # how high the explorers are (tools/measure_pages.py --cards)
CARD_WIDTHS = {"small": 328, "phone": 358, "tablet": 736, "laptop": 896, "wide": 960}  # px that were measured
INLINE = re.compile(r'(?P<before><img [^>]*?)src="data:image/png;base64,(?P<data>[^"]+)"')
SCRIPT = re.compile(rf'<script type="{re.escape(VIEW)}">\s*(\{{.*?\}})\s*</script>', re.DOTALL)
WIDGETS = re.compile(
    rf'(?P<before><script type="{re.escape(STATE)}">)\s*(?P<json>\{{.*?\}})\s*(?P<after></script>)', re.DOTALL
)
FONTS = [f"KaTeX_{name}.woff2" for name in ("Main-Regular", "Math-Italic", "Size1-Regular", "Size2-Regular")]
STYLES = {"katex.min.css": "katex", "mystnb.": "cell", "pygments.css": "highlight"}  # what a page holds that needs them
TERM = re.compile(r"\*\*([^*]+)\*\*")
EXPLORER = re.compile(r"\bexplorers\.(\w+)\(")
PLOTTING = {"plots", "plt", "ax", "axes", "fig", "figure", "grid", "grids", "show", "curves", "bars", "images"}


def told(text: str, here: bool) -> str:
    """Return a page of docs/ that says of two things what is so: <!-- elsewhere -->this<!-- here: or that -->."""
    return re.sub(r"<!-- elsewhere -->(.*?)<!-- here: (.*?) -->", r"\2" if here else r"\1", text, flags=re.DOTALL)


def unlinked(text: str, place: str) -> str:
    """Return a text in which links to what begins with `place`, under any folder, are their words alone."""
    return re.sub(rf'<a [^>]*href="(?:\.\./)*{re.escape(place)}[^"]*"[^>]*>(.*?)</a>', r"\1", text, flags=re.DOTALL)


# ---- the notebook ---------------------------------------------------------------------------------------------------


def page_of(path: Path, lite: bool, known: set[str]) -> bytes:
    """Return a notebook as Sphinx shall read it: where to run it, cells of imports folded, words for the search.

    known: what earlier chapters have in the index.
    """
    return as_page(nbformat.read(path, as_version=4), ways_to_run(path, places_to_run(path, lite)), known)


def plain_name(explorer: str) -> str:
    """Return the name of an explorer in the code as words: "padding and stride"."""
    return explorer.replace("_", " ")


def as_page(
    notebook: NotebookNode,
    run: str,
    known: set[str],
    say: Say = str,
    choice: Say = str,
    titled: Say = plain_name,
) -> bytes:
    """Return a notebook, in any language, as Sphinx shall read it.

    run: the line that says where to run it; say, choice: what the site says, and the choices of a prediction; titled:
    what the index calls an explorer, by its name in the code.
    """
    title, _, rest = notebook.cells[0].source.partition("\n")
    if any("predict" in cell.metadata for cell in notebook.cells):
        button = f' <button type="button" class="all-answers">{say("Show all answers")}</button>'
        run = run.removesuffix("</p>") + button + "</p>"
    notebook.cells[0].source = f"{title}\n\n{run}\n\n{rest.lstrip()}"
    first = next((k for k, cell in enumerate(notebook.cells) if cell.cell_type == "code"), None)
    answers = {
        k: predicted_cells.cells_of_answer(notebook, k)
        for k, cell in enumerate(notebook.cells)
        if "predict" in cell.metadata
    }
    answering = {one.id for answer in answers.values() for one in answer}
    for k, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            with_tables(cell, say)
            tells = cell.id in answering and says_what_is_drawn(cell)
            if folded(cell) or tells or (k == first and prepares(cell)):
                cell.metadata.setdefault("tags", []).append("hide-input")
            if cell.id in answering and predicted_cells.tests_alone(cell):
                cell.metadata.setdefault("tags", []).append("tests-answer")
        elif k in answers:
            cell.source += prediction(cell, answers[k], choice)
    with_stills_of_sliders(notebook)
    with_index_entries(notebook, known, titled)
    return nbformat.writes(notebook).encode()


def with_stills_of_sliders(notebook: NotebookNode) -> None:
    """Put what `interact` has drawn in the place of its sliders: a page has no Python that could answer them."""
    models = models_of(notebook)
    for cell in notebook.cells:
        for output in list(cell.get("outputs", [])):
            data = output.get("data", {})
            if VIEW in data and "image/png" not in data:  # an explorer has a picture, and is alive on a page
                parts = models.get(data[VIEW]["model_id"], {}).get("state", {}).get("children", [])
                states = [models[part.removeprefix("IPY_MODEL_")]["state"] for part in parts]
                at = cell.outputs.index(output)
                cell.outputs[at : at + 1] = [drawn for state in states for drawn in state.get("outputs", [])]


def places_to_run(path: Path, lite: bool) -> dict[str, str]:
    """Return where a notebook of the course can be run, each place with its address."""
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    places = {"in the browser": f"../lite/lab/index.html?path={path.name}"} if lite else {}
    if repository and path.is_relative_to(ROOT / "notebooks"):  # only a workflow of GitHub knows the repository
        at = f"{repository}/{students_branch.BRANCH}?urlpath=lab/tree/notebooks/{path.name}"
        places["on Binder"] = f"https://mybinder.org/v2/gh/{at}"
        at = f"{repository}/blob/{students_branch.BRANCH}/notebooks/{path.name}"
        places["in Colab"] = f"https://colab.research.google.com/github/{at}"
    return places


def ways_to_run(path: Path, places: dict[str, str], say: Say = str) -> str:
    """Return the line under the title: where to run a notebook, and the file itself."""
    run = say(", ").join(f'<a href="{address}">{say(name)}</a>' for name, address in places.items())
    file = f'<a href="{path.name}" download>{say("take the notebook" if run else "Take the notebook")}</a>'
    if checks_of(path).exists():
        file += f'{say(" and ")}<a href="{checks_of(path).name}" download>{say("the file of its checks")}</a>'
    if not run:
        return f'<p class="run">{say("{file}.").format(file=file)}</p>'
    line = say("Run this page {places}, or {file}.").format(places=run, file=file)
    alone = ways_to_run(path, {}, say).removeprefix('<p class="run">').removesuffix("</p>")
    return f'<p class="run">{line}<!-- from a disk: {alone} --></p>'  # see without_runs


def checks_of(notebook: Path) -> Path:
    """Return where the data file of an assignment's instant checks lies: beside the notebook."""
    return notebook.with_name(f"{notebook.stem}_checks.json")


def prepares(first: NotebookNode) -> bool:
    """Return whether the first cell of code of a notebook makes ready what the others use: it imports, shows nothing.

    It may also choose random numbers, load what is stored, or define a helper.
    """
    try:
        statements = ast.parse(first.source).body
    except SyntaxError:
        return False
    return bool(statements) and isinstance(statements[0], (ast.Import, ast.ImportFrom)) and not first.outputs


def folded(cell: NotebookNode) -> bool:
    """Return whether a cell of code is in the way of a reader: it does little but draw a picture, or only imports."""
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError:
        return False
    if all(isinstance(one, (ast.Import, ast.ImportFrom)) for one in statements):
        return bool(statements)
    pictured = any("image/png" in output.get("data", {}) and VIEW not in output["data"] for output in cell.outputs)
    return pictured and len(cell.source.splitlines()) > 4 and 2 * sum(map(draws, statements)) > len(statements)


def says_what_is_drawn(cell: NotebookNode) -> bool:
    """Return whether a cell of code holds the alternative text of its picture, which would give an answer away."""
    if cell.cell_type != "code" or "alt" not in cell.source:
        return False
    return any(isinstance(node, ast.keyword) and node.arg == "alt" for node in ast.walk(ast.parse(cell.source)))


def with_tables(cell: NotebookNode, say: Say = str) -> None:
    """Put the numbers of figures of curves below them, folded: a figure keeps them in the metadata of its output."""
    for output in cell.outputs:
        tables = output.get("metadata", {}).get("tables", [])
        if tables and "text/html" in output.get("data", {}):
            drawn = "\n".join(map(table, tables))
            output["data"]["text/html"] += (
                f'<details class="numbers"><summary>{say("The numbers")}</summary>{drawn}</details>'
            )


def table(text: str) -> str:
    """Return a table of a figure as HTML. text: lines for its caption, its columns and its rows, with tabs between."""
    caption, columns, *rows = ([html.escape(part) for part in line.split("\t")] for line in text.split("\n"))
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{one}</td>" for one in rest)}</tr>' for first, *rest in rows
    )
    return f"<table><caption>{caption[0]}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def draws(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Name) and node.id in PLOTTING for node in ast.walk(statement))


def with_index_entries(notebook: NotebookNode, known: set[str], titled: Say = plain_name) -> None:
    """Make the terms of a glossary, and the explorers, entries of the index: the search looks there first.

    known: the entries of earlier chapters, which keep them; those of this one are added.
    """
    for k, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and (cell.id == "glossary" or cell.source.startswith("## Glossary")):
            items = [re.split("[:：]", line)[0] for line in cell.source.splitlines() if line.startswith("- ")]
            named = [term for item in items for term in TERM.findall(item) if "$" not in term]
            cell.source = entries(named, known) + cell.source
        elif cell.cell_type == "code" and k and notebook.cells[k - 1].cell_type == "markdown":
            named = [titled(name) for name in EXPLORER.findall(cell.source)]
            notebook.cells[k - 1].source += "\n\n" + entries(named, known)


def entries(names: list[str], known: set[str]) -> str:
    """Return the directive that makes those of these names entries of the index that are not yet there."""
    new = [name for name in dict.fromkeys(names) if name not in known and "," not in name]
    known |= set(new)
    return f"```{{index}} {', '.join(f'! {name}' for name in new)}\n```\n\n" if new else ""


def prediction(cell: NotebookNode, answer: list[NotebookNode], choice: Say = str) -> str:
    """Return what the script of predictions needs to know of a question whose answer is given by these cells.

    Its kind, its choices if it has some, and how many of the cells are of code.
    """
    asked = cell.metadata["predict"]
    choices = html.escape(json.dumps([choice(one) for one in asked.get("choices", [])], ensure_ascii=False))
    kind, cells = html.escape(asked.get("kind", "words")), sum(one.cell_type == "code" for one in answer)
    return f'\n\n<div class="predict" data-kind="{kind}" data-choices="{choices}" data-cells="{cells}"></div>'


# ---- stills: what stands in the place of an explorer until it is drawn, and where there is no script ----------------


class Still(NamedTuple):
    """The picture of an explorer: of which model of the notebook, of which explorer, and what it shows in words."""

    model: str
    explorer: str
    picture: bytes
    words: str


def explorers(path: Path) -> Iterator[Still]:
    """Yield the pictures of the explorers of a notebook."""
    notebook = nbformat.read(path, as_version=4)
    models = models_of(notebook)
    for cell in notebook.cells:
        for data in (output.get("data", {}) for output in cell.get("outputs", [])):
            if VIEW in data and "image/png" in data:
                model = data[VIEW]["model_id"]
                name = spoken_outputs.explorer_of(models[model]["state"]) or ""
                words = "".join(data["text/plain"]).strip("[]")
                yield Still(model, name, base64.b64decode(data["image/png"]), words)


def stills(path: Path) -> dict[Path, bytes]:
    """Return the pictures of a notebook's explorers by their places on the site."""
    return {STILLS / path.stem / f"{one.model}.png": one.picture for one in explorers(path)}


@functools.cache
def room(explorer: str) -> str:
    """Return the style that keeps the room for an explorer, in cards of each size; "" for one that is not measured."""
    heights = tomllib.loads(CARDS.read_text(encoding="utf-8")).get(explorer, [])
    return " ".join(f"--{size}: {height}px;" for size, height in zip(CARD_WIDTHS, heights))


def with_stills(page: str, notebook: Path) -> str:
    """Return a page with the still picture of each explorer before it, in the size that it has on paper."""
    found = {one.model: one for one in explorers(notebook)}

    def still(view: re.Match[str]) -> str:
        model = json.loads(view[1])["model_id"]
        if model not in found:
            return view[0]
        known = found[model]
        width, height = struct.unpack(">II", known.picture[16:24])
        source = f"../{STILLS.as_posix()}/{notebook.stem}/{model}.png"
        size = f'width="{width}" height="{height}"'
        image = f'<img class="explorer-still" src="{source}" {size} alt="{html.escape(known.words)}">'
        return f'<div class="explorer-place" style="{room(known.explorer)}"><div>{image}</div></div>{view[0]}'

    return SCRIPT.sub(still, page)


# ---- figures, and what draws explorers: files that all pages share --------------------------------------------------


def with_figures(page: str, name: str) -> tuple[str, dict[Path, bytes]]:
    """Return a page whose figures are files, with their sizes, and these files by their places on the site."""
    files = {}

    def file(image: re.Match[str]) -> str:
        picture = base64.b64decode(image["data"])
        place = FIGURES / f"{hashlib.sha256(picture).hexdigest()[:12]}.png"
        files[place] = picture
        width, height = struct.unpack(">II", picture[16:24])
        tag = image["before"]
        if shown := re.search(
            r'width="(\d+)"', tag
        ):  # the height that goes with it, so that nothing moves when it comes
            tag += f'height="{round(int(shown[1]) * height / width)}" '
        return f'{tag}src="{"../" * name.count("/")}{place.as_posix()}"'

    return INLINE.sub(file, page), files


def with_sources(page: str, name: str) -> tuple[str, dict[Path, bytes]]:
    """Return a page whose explorers name their script and style sheet, and these as files by their places on the site.

    A file is a classic script, because modules are blocked on a page that is opened from a disk; widgets.js reads what
    it leaves in `explorerSources`.
    """
    files: dict[Path, bytes] = {}

    def shared(found: re.Match[str]) -> str:
        models = json.loads(found["json"])
        for model in models["state"].values():
            for part in ("_css", "_esm"):
                if not (source := model["state"].get(part)):
                    continue
                key = hashlib.sha256(source.encode()).hexdigest()[:12]
                script = f'(window.explorerSources ??= {{}})["{key}"] = {json.dumps(source)};\n'
                files[SOURCES / f"{key}.js"] = script.encode()
                model["state"][part] = key
        up = "../" * name.count("/")
        scripts = "".join(f'<script src="{up}{place.as_posix()}"></script>' for place in files)
        return scripts + found["before"] + json.dumps(models).replace("</", r"<\/") + found["after"]

    return WIDGETS.sub(shared, page, count=1), files


# ---- the finished page ----------------------------------------------------------------------------------------------


TOGGLE = re.compile(r'<input type="checkbox" class="sidebar-toggle"[^>]*>\s*')


def mended(page: str, say: Say = str) -> str:
    """Return a page fit for screen readers.

    Headings have a level and no page is without its first, signatures are not lists, folds have their own names, the
    corner of a table is no heading, and the two switches of the theme for its side bars lie in a landmark.
    """
    switches = "".join(one.strip() for one in TOGGLE.findall(page))
    page = TOGGLE.sub("", page)
    page = re.sub(r'(?=<div class="page">)', f'<nav aria-label="{say("Side bars")}">{switches}</nav>\n', page, count=1)
    page = re.sub(r'<th class="head">(?:<p></p>)?</th>', "<td></td>", page)
    if "<h1" not in page:
        title = page.partition("<title>")[2].partition(" - ")[0]  # "Search"
        page = re.sub(r"(<article[^>]*>)", rf"\1<h1>{title}</h1>", page, count=1)
    page = page.replace('class="caption" role="heading">', 'class="caption" role="heading" aria-level="2">')
    page = page.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    return re.sub(r"<dl>(?=\s*<dd>)", '<dl role="presentation">', page)


def lightened(page: str) -> str:
    """Return a page without the style sheets of what it does not hold: formulas, cells of notebooks, code."""
    for sheet, held in STYLES.items():
        if not re.search(rf'class="(?:[^"]* )?{held}\b', page):
            page = re.sub(rf'<link rel="stylesheet"[^>]*/{re.escape(sheet)}[^>]*>\n?', "", page)
    return page


def finished(page: str, name: str, sources: list[Path], version: str, say: Say = str) -> str:
    """Return a page with its name on `body`, its card for those who pass the link on, and where to report a problem.

    name: "notebooks/05_pooling"; sources: its files in the repository, none for some pages.
    """
    page = lightened(mended(page, say)).replace("<body>", f'<body data-page="{name}">', 1)
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    title = html.escape(html.unescape(page.partition("<title>")[2].partition("</title>")[0]).strip())
    described = say(
        "A course on convolutional networks: every number is yours to compute, every picture yours to move."
    )
    head = [f'<meta property="og:title" content="{title}">', f'<meta property="og:description" content="{described}">']
    if 'class="katex"' in page:  # formulas keep their lines from the start if their fonts are there
        up = "../" * name.count("/")
        head += [f'<link rel="preload" as="font" crossorigin href="{up}_static/katex/fonts/{font}">' for font in FONTS]
    day = max(map(last_changed, sources), default="")
    foot = [say("changed {day}").format(day=day)] if day else []
    if repository:
        head.append(f'<meta property="og:image" content="{address(repository)}_static/lenet5.png">')
        body = f"Page: {name}%0AVersion: {version}%0A%0A{say('What I read or did, and what I expected:')}%0A"
        link = f"https://github.com/{repository}/issues/new?title={name}%3A%20&body={body}"
        foot.insert(0, f'<a href="{html.escape(link)}">{say("Report a problem on this page")}</a>')
    page = page.replace("</head>", "\n".join(head) + "\n</head>", 1)
    if foot:
        page = page.replace('<div class="left-details">', f'<div class="left-details"><p>{" · ".join(foot)}</p>', 1)
    return page


def last_changed(source: Path) -> str:
    """Return the day of the last commit that touched a file, "" where git does not know it."""
    command = ["git", "log", "-1", "--format=%cs", "--", str(source)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def address(repository: str) -> str:
    """Return where the pages of a repository on GitHub stand."""
    owner, _, name = repository.partition("/")
    return f"https://{owner.lower()}.github.io/{name}/"


def sitemap(names: list[str], repository: str) -> str:
    """Return the list of all pages for search engines."""
    rows = "\n".join(f"<url><loc>{address(repository)}{name}.html</loc></url>" for name in names)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}\n</urlset>\n'


# ---- the pages in one file, for a disk -------------------------------------------------------------------------------


def packed(folder: Path) -> bytes:
    """Return a zip file with the pages of the site, in a folder `course`, the same bytes for the same pages.

    The in-browser edition needs a server: neither it nor a link to it, or to other places that run notebooks, is there.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder)
            if (
                name.parts[0] in ("lite", ".doctrees", "course.zip", "sitemap.xml", "404.html")
                or name.name == ".buildinfo"
            ):
                continue
            content = path.read_bytes()
            if path.suffix == ".html":
                content = without_runs(content.decode()).encode()
            if path.suffix == ".ipynb":
                content = with_pictures_once(content.decode()).encode()
            archive.writestr(zipfile.ZipInfo(f"course/{name.as_posix()}"), content, zipfile.ZIP_DEFLATED, 9)
    return file.getvalue()


def with_pictures_once(notebook: str) -> str:
    """Return the text of a notebook without the second copies of its figures, which only GitHub and PDF need.

    A figure is stored as HTML, with its alternative text, and as a picture. Pictures hardly get smaller in a zip file.
    """
    read = nbformat.reads(notebook, as_version=4)
    for data in (output.get("data", {}) for output in spoken_outputs.outputs_of(read)):
        picture = data.get("image/png", "").strip()
        if picture and f'src="data:image/png;base64,{picture}"' in data.get("text/html", ""):
            del data["image/png"]
    return nbformat.writes(read).rstrip("\n") + "\n"


def without_runs(page: str) -> str:
    """Return a page without links to places where a notebook runs, which a disk has not; nor are fonts preloaded."""
    page = re.sub(r'<link rel="preload"[^>]*>\n?', "", page)
    page = re.sub(r'<p class="run">(?:(?!</p>).)*?<!-- from a disk: (.*?) -->', r'<p class="run">\1', page)
    return unlinked(unlinked(page, "lite/"), "course.zip")
