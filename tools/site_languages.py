"""The web edition in other languages: for each a folder of pages beside the English ones, made from the same notebooks.

A language needs only its folder of `translations/` (tools/translations.py): its chapters, its pages of docs/, and
`site.toml`, what the site says beside them. Pages that are not translated are the English ones: links lead there.
"""

from __future__ import annotations

import html
import json
import os
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path, PurePosixPath

import nbformat
from nbformat import NotebookNode

import front_page
import site_pages
import spoken_outputs
import translations
from translations import Language

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"  # where assignments lie that have been made
ENGLISH = "en"
SAID = re.compile(r'((?:aria-[a-z]+|alt)=)"([^"]*)"')  # of a tag: words that are read out
# Links of Markdown that lead to a page of ours: [words](05_pooling.ipynb#section)
LINK = re.compile(r"\]\((?P<path>[\w./-]+)\.(?:ipynb|md)(?P<anchor>#[^)\s]*)?\)")
LOCAL = re.compile(r"\]\(#(?P<anchor>[^)=\s]+)\)")  # to a section of the same page; those with = set an explorer
CONTENTS = re.compile(r"```\{toctree\}\n(?P<options>(?::[^\n]*\n)*)\n(?P<entries>.*?)```", re.DOTALL)
CHECK = re.compile(r"<!-- check: .*?-->\n?", re.DOTALL)  # of a number that a page says: for our tests
LITE = re.compile(r"(?<=lite/lab/index\.html\?path=)(?=\w+\.ipynb)")  # of the in-browser edition: where its notebook is
SECTION = re.compile(r'<section [^>]*?id="([^"]+)"')
# What the theme says that Sphinx does not translate.
THEME = (
    *("Skip to content", "Back to top", "On this page", "Contents", "Menu", "Expand", "Light mode", "Dark mode"),
    *("Auto light/dark, in light mode", "Auto light/dark, in dark mode", "Toggle Light / Dark / Auto color theme"),
    *("Toggle site navigation sidebar", "Toggle table of contents sidebar", "Link to this heading", "Home"),
    *("Made with", "and", "'s", "Copyright &#169; the cnnlib authors, CC BY 4.0"),
)


def languages() -> list[Edition]:
    """Return the languages that the site is made in, beside English: those that say what it says."""
    return [Edition(one) for one in translations.languages() if (one.folder / "site.toml").exists()]


@dataclass(frozen=True)
class Edition:
    """The web edition in one language."""

    language: Language

    @property
    def folder(self) -> str:
        """The folder of its pages, beside the English ones: "zh_CN"."""
        return self.language.folder.name

    @property
    def code(self) -> str:
        """What a page says of its language: "zh-Hans"."""
        return str(self.language.settings["lang"])

    @cached_property
    def texts(self) -> dict[str, dict[str, str]]:
        return tomllib.loads((self.language.folder / "site.toml").read_text(encoding="utf-8"))

    def say(self, text: str) -> str:
        """Return what the site says, in this language. Raise ValueError if its table has no such line."""
        return self._found("words", text)

    def choice(self, text: str) -> str:
        """Return a choice of a prediction, in this language; numbers stay."""
        return self._found("choices", text) if re.search("[a-z]", text) else text

    def titled(self, explorer: str) -> str:
        """Return the title of an explorer in this language, by its name in the code."""
        return spoken_outputs.title(explorer, self.folder)

    def _found(self, table: str, text: str) -> str:
        if text not in self.texts[table]:
            raise ValueError(f"translations/{self.folder}/site.toml has no {text!r} in its {table}")
        return self.texts[table][text]

    @property
    def chapters(self) -> list[str]:
        return list(self.language.settings["whole"])

    @cached_property
    def docs(self) -> dict[str, Path]:
        """The pages of docs/ that are translated, by their names, and the files of their pieces."""
        return {path.stem: path for path in sorted(self.language.folder.glob("docs/*.md"))}

    @cached_property
    def assignments(self) -> dict[str, Path]:
        """The assignments that have been made in this language and in English, by the names of their pages."""
        made = sorted((DIST / self.folder / "assignments").glob("*.ipynb"))
        return {f"assignments/{one.stem}": one for one in made if (DIST / "assignments" / one.name).exists()}

    @cached_property
    def pages(self) -> set[str]:
        """The names of the pages that are translated: "notebooks/05_pooling", "index"; search.html is made again."""
        return {f"notebooks/{name}" for name in self.chapters} | self.docs.keys() | self.assignments.keys()

    @property
    def made(self) -> set[str]:
        """The names of all its pages."""
        return self.pages | {"search", "genindex"}

    def text(self, page: str) -> str:
        """Return a page of docs/ in this language."""
        pieces = translations.parse(self.docs[page].read_text(encoding="utf-8"))
        texts = parts_of(page)
        return "\n\n".join(translations.with_code(one.text, texts[one.cell]) for one in pieces) + "\n"

    def readme(self) -> str:
        """Return the README in this language."""
        return (ROOT / f"README.{self.folder}.md").read_text(encoding="utf-8")

    def faults(self, page: str, texts: dict[str, str]) -> list[str]:
        """Return a sentence for everything that is stale, torn or missing in a page of docs/, by its English parts."""
        stored = self.docs[page].read_text(encoding="utf-8")
        found = translations.faults_of_pieces(self.language, stored, texts, whole=True)
        for piece in [] if found else translations.parse(stored):
            tags = [tags_of(text) for text in (piece.text, texts[piece.cell])]
            found += [f"{piece.cell}: lacks {tag}" for tag in (tags[1] - tags[0]).elements()]
            found += [f"{piece.cell}: has {tag}" for tag in (tags[0] - tags[1]).elements()]
            if commands_of(translations.with_code(piece.text, texts[piece.cell])) != commands_of(texts[piece.cell]):
                found.append(f"{piece.cell}: the commands are not those of the English")
        return found

    def sources(self, page: str) -> list[Path]:
        """Return the files that a page is made from."""
        if page.startswith("notebooks/"):
            stem = PurePosixPath(page).name
            return [translations.NOTEBOOKS / f"{stem}.ipynb", self.language.path(stem)]
        return [ROOT / "docs" / f"{page}.md", self.docs[page]] if page in self.docs else []


def parts_of(page: str) -> dict[str, str]:
    """Return the parts of a page of docs/ by their headings; one that begins with none is the "top".

    What only our tests read is left out, and a tag stands on one line.
    """
    text = CHECK.sub("", (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8"))
    parts = translations.sections(re.sub(r"<a\s+", "<a ", text))
    return {name or "top": text for name, text in parts.items()}


def tags_of(text: str) -> Counter[str]:
    """Return the tags of what is written as HTML, of what is read out of them the numbers alone."""
    blocks = [block for block in translations.FENCE.findall(text) if block.startswith("```{raw} html")]
    said = [SAID.sub(lambda one: one[1] + " ".join(translations.NUMBER.findall(one[2])), block) for block in blocks]
    return Counter(translations.TAG.findall("\n".join(said)))


def commands_of(text: str) -> list[str]:
    """Return the blocks of code of a page without what is said beside a line: its comment, or its second column."""
    blocks = [block for block in translations.FENCE.findall(text) if not block.startswith("```{")]
    return [re.sub(r"(?<=\S)(?: *# | {2,}).*", "", block) for block in blocks]


# ---- what Sphinx reads -----------------------------------------------------------------------------------------------


def collected(
    edition: Edition, english: dict[Path, bytes], titles: dict[str, str], lite: bool, fitting: Callable[[str], str]
) -> dict[Path, bytes]:
    """Return the files that Sphinx reads for a language.

    english: those of the English site; titles: the titles of its pages by their names; lite: whether there is an
    in-browser edition; fitting: gives a page of docs/ as it is for what is made with the site.
    """
    static = {name: content for name, content in english.items() if name.parts[0] == "_static"}
    wanted = {name: english[name] for name in english if name.suffix in (".py", ".toml") and len(name.parts) == 1}
    wanted |= static | {Path("_static/words.js"): words_of_scripts(edition, static[Path("_static/words.js")])}
    wanted[Path("_static/site.css")] += f"body {{ --font-stack: {edition.language.settings['fonts']}; }}\n".encode()
    known: set[str] = set()
    pictures: dict[str, str] = {}
    for chapter in edition.chapters:
        notebook = translations.spoken(edition.language, chapter)
        pictures[f"notebooks/{chapter}.ipynb"] = front_page.in_words(notebook)
        wanted[Path("extra/notebooks") / f"{chapter}.ipynb"] = nbformat.writes(notebook).encode()
        _lead(notebook, f"notebooks/{chapter}", edition, titles)
        path = translations.NOTEBOOKS / f"{chapter}.ipynb"
        places = {name: f"../{to}" for name, to in site_pages.places_to_run(path, lite).items() if to[:3] == "../"}
        run = site_pages.ways_to_run(path, places, edition.say)
        wanted[Path("notebooks") / path.name] = site_pages.as_page(
            notebook, run, known, edition.say, edition.choice, edition.titled
        )
    wanted |= assignments(edition, titles, known)
    for name in edition.docs:
        text = with_contents(fitting(edition.text(name)), edition, titles)
        if name == "index":
            text = front_page.with_cards(text, cards(edition, pictures))
        wanted[Path(f"{name}.md")] = with_links(text, name, edition.pages, titles).encode()
    return wanted


def assignments(edition: Edition, titles: dict[str, str], known: set[str]) -> dict[Path, bytes]:
    """Return the pages of the assignments that have been made, and what is taken along from them.

    known: what earlier pages have in the index.
    """
    wanted = {}
    for name, path in edition.assignments.items():
        notebook = nbformat.read(path, as_version=4)
        _lead(notebook, name, edition, titles)
        run = site_pages.ways_to_run(path, {}, edition.say)
        wanted[Path(f"{name}.ipynb")] = site_pages.as_page(
            notebook, run, known, edition.say, edition.choice, edition.titled
        )
        for file in filter(Path.exists, (path, site_pages.checks_of(path))):
            wanted[Path("extra/assignments") / file.name] = file.read_bytes()
    return wanted


def _lead(notebook: NotebookNode, page: str, edition: Edition, titles: dict[str, str]) -> None:
    """Let the links in the text of a notebook lead to pages that there are, in place."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = with_links(cell.source, page, edition.pages, titles)


def words_of_scripts(edition: Edition, script: bytes) -> bytes:
    """Return the script that knows what the others say, with the table of a language."""
    table = json.dumps(edition.texts["words"], ensure_ascii=False)
    return script.decode().replace("const WORDS = {};", f"const WORDS = {table};", 1).encode()


def with_links(text: str, page: str, pages: set[str], titles: dict[str, str]) -> str:
    """Return the text of a page whose links to pages that are not translated lead to the English ones.

    page: its name; pages: those that are translated. A link with the scheme `english:` becomes a path when all pages
    are there (`finished`).
    """

    def led(link: re.Match[str]) -> str:
        to = os.path.normpath(PurePosixPath(page).parent / link["path"])
        if to in pages or to not in titles:
            return link[0]
        return f"](english://{to}.html{link['anchor'] or ''})"

    ending = "ipynb" if page.startswith("notebooks/") else "md"
    own = LOCAL.sub(lambda link: f"]({PurePosixPath(page).name}.{ending}#{link['anchor']})", text)
    return LINK.sub(led, own)


def with_contents(text: str, edition: Edition, titles: dict[str, str]) -> str:
    """Return a page whose lists of contents name the pages that there are, in this language or in English."""

    def listed(block: re.Match[str]) -> str:
        options = re.sub(r"(?<=:caption: ).*", lambda caption: edition.say(caption[0]), block["options"])
        patterns = [line for line in block["entries"].splitlines() if line]
        names = [
            name
            for one in patterns
            for name in sorted(titles)
            if fnmatchcase(name, one) and name.count("/") == one.count("/")
        ]
        lines = [name if name in edition.pages else entry(name) for name in dict.fromkeys(names)]
        options = options.replace(":glob:\n", "")
        return f"```{{toctree}}\n{options}\n" + "\n".join(lines) + "\n```"

    def entry(name: str) -> str:
        return f"{edition.say('{title} (in English)').format(title=titles[name])} <english://{name}.html>"

    return CONTENTS.sub(listed, text)


def cards(edition: Edition, pictures: Mapping[str, str]) -> str:
    """Return the chapters as cards; those that are not translated say so. pictures: as in `front_page.cards`."""
    listed = front_page.chapters(edition.readme())
    there = [one.path.removesuffix(".ipynb") in edition.pages for one in listed]
    marked = [edition.say("{title} (in English)").format(title=one.title) for one in listed]
    shown = [one if here else one._replace(title=title) for one, here, title in zip(listed, there, marked)]
    return front_page.cards(shown, edition.say, pictures)


def titles_of(pages: dict[str, str]) -> dict[str, str]:
    """Return the titles of finished pages, by their names: those that Sphinx has in its lists of contents."""
    found = {name: page.partition("<title>")[2].partition("</title>")[0] for name, page in pages.items()}
    return {name: html.unescape(title.rpartition(" - ")[0] or title).strip() for name, title in found.items()}


def anchors_of(page: str) -> list[str]:
    """Return the anchors of the sections of a finished page, in order."""
    return SECTION.findall(page.partition("<article")[2].partition("</article>")[0])


# ---- the finished pages ----------------------------------------------------------------------------------------------


def led(page: str, name: str, there: set[str], edition: Edition) -> str:
    """Return a page of a language whose links to pages and files that it has not lead to the English ones.

    Those to the in-browser edition lead to its notebooks in that language.

    there: the files of its folder, by their paths.
    """
    up = "../" * name.count("/")

    def aimed(link: re.Match[str]) -> str:
        address = html.unescape(link["address"])
        if address.startswith("english://"):
            return f'{link["key"]}="{up}../{html.escape(address.removeprefix("english://"))}" hreflang="{ENGLISH}"'
        path = re.split("[?#]", address)[0]
        to = os.path.normpath(PurePosixPath(name).parent / path)
        if not path or to in there or to.startswith(".."):
            return link[0]
        return f'{link["key"]}="{up}../{html.escape(to + address[len(path) :])}"'

    page = LITE.sub(f"{edition.folder}/", page)
    page = re.sub(r'\b(?P<key>href|src)="(?!https?:|mailto:|data:|#|/)(?P<address>[^"]+)"', aimed, page)
    page = re.sub(r'(<html [^>]*lang=")[^"]*"', rf'\g<1>{edition.code}"', page, count=1)
    for text in THEME:
        said = edition.say(text)
        page = re.sub(rf'(?<=[">])(\s*){re.escape(text)}(\s*)(?=["<])', rf"\g<1>{said}\g<2>", page)
    return page


def linked(page: str, name: str, own: Edition | None, editions: list[Edition], repository: str) -> str:
    """Return a page that names its other languages in its head, and links to them at its top.

    own: its language, None for English. Where the address of the site is not known, the links are relative.
    """
    home = "../" * (name.count("/") + (own is not None))
    folders = {ENGLISH: ""} | {one.code: f"{one.folder}/" for one in editions}
    has = {code for code, one in zip(list(folders)[1:], editions) if name in one.made} | {ENGLISH}
    if len(has) > 1:
        base = site_pages.address(repository) if repository else home
        rows = [f'<link rel="alternate" hreflang="{code}" href="{base}{folders[code]}{name}.html">' for code in has]
        rows.append(f'<link rel="alternate" hreflang="x-default" href="{base}{name}.html">')
        page = page.replace("</head>", "\n".join(sorted(rows)) + "\n</head>", 1)
    names = {ENGLISH: "English"} | {one.code: str(one.language.settings["name"]) for one in editions}
    links = []
    for code, folder in folders.items():
        if code == (own.code if own else ENGLISH):
            continue
        # A page that is not translated leads to the first page of the language, and is no other form of it.
        to, other = (f"{name}.html", f' hreflang="{code}"') if code in has else ("index.html", "")
        links.append(f'<a lang="{code}"{other} href="{home}{folder}{to}">{names[code]}</a>')
    label = own.say("Language") if own else "Language"
    switch = f'<nav class="languages" aria-label="{label}">{" ".join(links)}</nav>'
    for place in ('<div class="header-right">', '<div class="content-icon-container">'):  # on a phone, and elsewhere
        page = page.replace(place, place + switch, 1)
    return page


def shared(folder: Path, files: Iterable[Path]) -> list[Path]:
    """Return those files of a language's folder that are the same as the English ones, and not needed twice."""
    return [
        path
        for path in files
        if (twin := folder.parent / path.relative_to(folder)).is_file() and twin.read_bytes() == path.read_bytes()
    ]
