"""How Sphinx makes the site. `make site` collects the pages and the scripts first (tools/make_site.py)."""

from __future__ import annotations

import html
import json
import logging
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # search_pairs.py
PYPROJECT = next(path for path in (HERE / "pyproject.toml", HERE.parent / "pyproject.toml") if path.exists())

project = "cnnlib"
author = "the cnnlib authors"
copyright = "the cnnlib authors, CC BY 4.0"
release = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["version"]
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "search_pairs"]
exclude_patterns = ["README.md", "extra", "decisions"]  # the last are for those who change the code
html_extra_path = ["extra"]  # the notebooks as files
html_static_path = ["_static"]

# ---- pages: the outputs are those that are stored in the notebooks

nb_execution_mode = "off"
nb_number_source_lines = False
nb_merge_streams = True
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Fold the code"
myst_enable_extensions = ["dollarmath", "amsmath", "html_image"]
myst_heading_anchors = 3
myst_url_schemes = ["http", "https", "mailto", "doi", "english"]  # the last: to a page that is not translated
suppress_warnings = [
    "mystnb.unknown_mime_type",  # a widget's own mime types beside the one that is shown
    "myst.header",  # folded solutions hold headings of their own
]

# ---- nothing from other servers, and little to load (tools/make_site.py fetches KaTeX)

# A formula is written as it is, and set once all pages are there (tools/set_formulas.mjs): no script for it.
html_math_renderer = "as_it_is"
html_css_files = ["katex/katex.min.css", "site.css", "home.css"]
# Classic scripts on purpose: a browser loads no module of a page that was opened from a disk.
# The one of predictions comes at once, with its words: what it folds is folded before the page is seen.
html_js_files = [
    ("words.js", {"priority": 90}),
    ("predictions.js", {"priority": 100}),
    ("scrolling.js", {"defer": "defer"}),
    ("languages.js", {"defer": "defer"}),
]
# The explorers need none of the 3.6 MB that draw any widget of Jupyter: widgets.js draws those of this course.
nb_ipywidgets_js = {"widgets.js": {"defer": "defer"}}

# ---- the reference: what the docstrings say

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "signature"
autodoc_type_aliases = {"IntPair": "IntPair"}
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
default_role = "code"
add_module_names = False
EQUATIONS = tomllib.loads((HERE / "equations.toml").read_text(encoding="utf-8"))
# In another language: the anchors that the sections of each page have in English (tools/site_languages.py).
ANCHORS = json.loads(anchors.read_text(encoding="utf-8")) if (anchors := HERE / "anchors.json").exists() else {}
# Functions that only other modules of the package call: not promised, so not in the reference.
FOR_OTHER_MODULES = {
    "cnnlib.geometry.windows_that_fit",
    "cnnlib.losses.mean_over_images",
    "cnnlib.network.every_layer",
    "cnnlib.network.in_mode",
    "cnnlib.paths.write_whole",
    "cnnlib.pictures.centred",
    "cnnlib.summary.summarize",
}

# ---- the theme

html_theme = "furo"
html_title = "Convolution by hand"
html_favicon = "_static/favicon.svg"
html_search_scorer = str(HERE / "_static" / "scorer.js")
html_show_sourcelink = False
html_copy_source = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("as_it_is", (inline_formula, None), (formula, None))
    # Assignments are pages where they were made before the site; where they were not, a list of them is empty.
    logging.getLogger("sphinx.sphinx.directives.other").addFilter(lambda record: "glob pattern" not in str(record.msg))
    app.connect("html-page-context", with_search_words)
    app.connect("doctree-read", with_anchors, priority=100)  # before the lists of contents are made
    app.connect("autodoc-process-docstring", with_equation)
    app.connect("autodoc-skip-member", left_out)
    app.connect("autodoc-process-signature", short_signature)


def with_search_words(app: Sphinx, page: str, *_: Any) -> None:
    if page == "search":
        app.add_js_file("search_words.js", defer="defer")


def with_anchors(app: Sphinx, doctree: nodes.document) -> None:
    """Give the sections of a translated page the anchors that they have in English: a link holds in every language."""
    page = app.env.docname
    if page not in ANCHORS:
        return
    sections = list(doctree.findall(nodes.section))
    if len(sections) != len(ANCHORS[page]):
        raise ValueError(f"{page}: got {len(sections)} sections, expected {len(ANCHORS[page])} as in English")
    slugs = app.env.metadata[page].setdefault("myst_slugs", {})
    for section, anchor in zip(sections, ANCHORS[page]):
        own = [name for name in section["ids"] if name not in ANCHORS[page]]
        section["ids"] = [anchor, *own]
        slugs[anchor] = (section.line, anchor, section.next_node(nodes.title).astext())


def inline_formula(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(f'<span class="formula">{html.escape(node.astext())}</span>')
    raise nodes.SkipNode


def formula(writer: HTML5Translator, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="formula">{html.escape(node.astext())}</div>\n')
    raise nodes.SkipNode


def with_equation(app: Sphinx, what: str, name: str, member: Any, options: Any, lines: list[str]) -> None:
    """Put the equation of a docstring below its first paragraph, if there is one."""
    app.env.note_dependency(str(HERE / "equations.toml"))
    if equation := EQUATIONS.get(name):
        end = lines.index("") if "" in lines else len(lines)
        lines[end:end] = ["", ".. math::", "", f"   {equation}", ""]


def left_out(app: Sphinx, what: str, name: str, member: Any, skip: bool, options: Any) -> bool | None:
    """Leave out what is no part of the reference: functions for other modules, fields of which nothing is said."""
    full = f"{getattr(member, '__module__', '')}.{getattr(member, '__qualname__', '')}"
    if full in FOR_OTHER_MODULES or (getattr(member, "__doc__", None) or "").startswith("Alias for field number"):
        return True
    return None


def short_signature(
    app: Sphinx, what: str, name: str, member: Any, options: Any, arguments: str | None, result: str | None
) -> tuple[str | None, str | None]:
    """Write types by the names that the code has for them."""

    def short(text: str | None) -> str | None:
        if text is None:
            return None
        text = re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", text)
        return re.sub(r"~?\b(?:\w+\.)+(?=[A-Z]\w*\b)", "", text).replace("<factory>", "...")

    return short(arguments), short(result)
