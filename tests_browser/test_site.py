"""The site in a real browser: every page, every explorer on it, by mouse and keyboard, from phone to laptop."""

from __future__ import annotations

import functools
import http.server
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from pages import alone_in, listened, wait_for
from playwright.sync_api import Browser, BrowserContext, Locator, Page
from test_drawing_pad import draw_by_mouse, shown_by
from test_grid_explorers import EXPLORERS as GRIDS
from test_grid_explorers import assert_shows, moved, sliders

from cnncourse import explorers
from cnncourse.explorers import pen
from cnncourse.explorers.drawing_pad import listed, maps_of, percent_beside, probabilities_of, sentence, shipped_network
from cnncourse.explorers.sample_drawings import SAMPLES
from cnncourse.explorers.scene import text_of
from cnncourse.language import ENGLISH, languages, speaking, translated
from stored_widgets import VIEW, models_of

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
CHAPTERS = sorted(f"notebooks/{path.stem}.html" for path in (ROOT / "notebooks").glob("*.ipynb"))
WRITTEN = sorted(
    path.relative_to(DOCS).with_suffix(".html").as_posix()
    for path in DOCS.rglob("*.md")
    if path.parent.name != "decisions"
)
MADE = ["genindex.html", "py-modindex.html", "search.html"]
# There where they have been made, as before the site is.
ASSIGNMENTS = sorted(f"assignments/{path.stem}.html" for path in (ROOT / "dist" / "assignments").glob("*.ipynb"))
PAGES = [*CHAPTERS, *WRITTEN, *ASSIGNMENTS, *MADE]
WIDTHS = {"phone": 375, "tablet": 768, "laptop": 1280}
CHAPTER_04 = "notebooks/04_padding_and_stride.html"
every_page = pytest.mark.parametrize("name", PAGES)


# ---- the site --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def html() -> Path:
    """Return the folder of the site, built once in a run of the tests, by the first worker that needs it."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: the formulas of the site are set by a package from its registry")
    pytest.importorskip("myst_nb", reason="the tools that build the site are not installed")
    output = ROOT / "build" / "site-for-tests" / "html"
    command = [sys.executable, str(ROOT / "tools" / "make_site.py"), "--zip", "--output", str(output)]
    run, built_in = os.environ.get("PYTEST_XDIST_TESTRUNUID", ""), ROOT / "build" / "site-for-tests" / "run"
    with alone_in(ROOT / "build" / "site-for-tests.lock"):
        if run and built_in.exists() and built_in.read_text(encoding="utf-8") == run:
            return output
        built = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        if built.returncode and "npm could not fetch" in built.stderr:
            pytest.skip(built.stderr.strip()[-200:])
        assert built.returncode == 0, built.stdout + built.stderr
        built_in.write_text(run, encoding="utf-8")
    return output


class Server(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass

    def send_error(self, code: int, *rest: Any) -> None:
        """Answer as a server of web pages does: what is not there gives the page 404.html."""
        page = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)


@pytest.fixture(scope="session")
def site(html: Path) -> Iterator[str]:
    """Yield the address of the site."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Server, directory=str(html))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Any]:
    """Yield a function that opens a page; explorers are drawn and what went wrong is in `page.problems`."""
    contexts: list[BrowserContext] = []

    def open_one(name: str, width: int = 1280, **options: Any) -> Page:
        page = listened(browser, **options)
        contexts.append(page.context)
        page.set_viewport_size({"width": width, "height": 900})
        page.requests = []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("response", lambda answer: page.problems.append(answer.url) if answer.status >= 400 else None)
        page.goto(f"{site}/{name}", wait_until="load")
        count = len(stored(name))
        page.wait_for_function(f"document.querySelectorAll('.cnnx').length === {count}", timeout=30_000)
        return page

    yield open_one
    for context in contexts:
        context.close()


@functools.cache
def stored(name: str) -> list[dict[str, Any]]:
    """Return what the notebook of a page stores of its explorers, in the order in which they stand on the page."""
    path = ROOT / Path(name).with_suffix(".ipynb")
    if not path.exists():
        return []
    notebook = nbformat.read(path, as_version=4)
    models = models_of(notebook)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = [models[one["data"][VIEW]["model_id"]]["state"] for one in outputs if VIEW in one.get("data", {})]
    return [state for state in shown if "_esm" in state]  # sliders that need Python stay pictures on the web


# ---- pages as text ---------------------------------------------------------------------------------------------------


class Links(HTMLParser):
    """The links and anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = {"", "top"}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for key, value in attributes:
            if key == "id" and value:
                self.anchors.add(value)
            if key in ("href", "src") and value is not None and tag != "use":
                self.links.append(value)


def read(path: Path) -> Links:
    found = Links()
    found.feed(path.read_text(encoding="utf-8"))
    return found


def test_no_link_is_broken(html: Path) -> None:
    pages = {path: read(path) for path in html.rglob("*.html") if path.relative_to(html).parts[0] != "lite"}
    assert {path.relative_to(html).as_posix() for path in pages} >= set(PAGES)
    broken, count = [], 0
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//"):
                assert parts.scheme in ("https", "http", "mailto", "data"), link
                continue
            explorer, sets, _ = parts.fragment.partition("=")
            if sets and not parts.path and explorer in explorers.__all__:  # a sentence sets an explorer of its page
                folder, text = path.relative_to(html).parts[0], path.read_text(encoding="utf-8")
                with speaking(folder if folder in languages() else ENGLISH):
                    title = translated(getattr(explorers, explorer)().title)
                assert title in text or json.dumps(title) in text, link
                continue
            root = html if parts.path.startswith("/") else path.parent
            to = (root / unquote(parts.path).lstrip("/")).resolve() if parts.path else path
            to = to / "index.html" if to.is_dir() else to
            known = pages[to].anchors if to in pages else {""}
            count += 1
            if not to.is_file() or (to.suffix == ".html" and unquote(parts.fragment) not in known):
                broken.append(f"{path.relative_to(html)}: {link}")
    assert broken == []
    assert count > 1000


def test_every_page_is_reached_from_the_first(html: Path) -> None:
    reached, new = set(), [html / "index.html"]
    while new:
        page = new.pop()
        if page in reached:
            continue
        reached.add(page)
        links = [urlsplit(link) for link in read(page).links]
        new += [
            (page.parent / unquote(link.path)).resolve()
            for link in links
            if link.path.endswith(".html") and not link.scheme
        ]
    missed = {name for name in PAGES if (html / name) not in reached}
    assert missed <= {"404.html", "py-modindex.html"}


def test_what_is_shown_of_a_notebook_can_be_taken(html: Path) -> None:
    for name in CHAPTERS:
        copy = (html / name).with_suffix(".ipynb")
        assert copy.read_bytes() == (ROOT / "notebooks" / copy.name).read_bytes()
        assert f'<a href="{copy.name}" download>' in (html / name).read_text(encoding="utf-8").replace("&quot;", '"')


# ---- every page ------------------------------------------------------------------------------------------------------

RAW_TEX = r"""() => {
  const walker = document.createTreeWalker(document.querySelector("article") ?? document.body, NodeFilter.SHOW_TEXT);
  const raw = [];
  for (let node; (node = walker.nextNode()); ) {
    if (node.parentElement.closest("pre, code, script, style, annotation, .katex, .cnnx")) continue;
    const tex = /\$[^$]+\$|\\(frac|sum|partial|delta|begin|text|left|cdot)\b|\\[([]/;
    if (tex.test(node.data)) raw.push(node.data.slice(0, 80));
  }
  return raw;
}"""


@every_page
def test_a_page_loads_with_nothing_wrong(open_page: Any, site: str, html: Path, name: str) -> None:
    page = open_page(name)
    assert [url for url in page.requests if not url.startswith((f"{site}/", "blob:", "data:"))] == []
    assert page.locator(".katex-error, .formula").count() == 0
    assert page.evaluate(RAW_TEX) == []
    if name in CHAPTERS:
        source = nbformat.read(ROOT / Path(name).with_suffix(".ipynb"), as_version=4)
        text = "\n".join(cell.source for cell in source.cells if cell.cell_type == "markdown")
        assert page.locator(".katex").count() >= (text.count("$$") // 2 > 0)
        assert page.locator("article h1").inner_text().startswith(source.cells[0].source.partition("\n")[0].strip("# "))
    without = "[...document.images].filter((image) => !image.alt.trim()).map((image) => image.outerHTML.slice(0, 90))"
    assert page.evaluate(without) == []
    for image in page.locator("article img").all():
        wait_for(
            lambda image=image: image.evaluate("image => image.loading !== 'lazy' && image.complete"), 10, "a picture"
        )
        assert image.evaluate("image => image.naturalWidth") > 0
    assert page.problems == []


# Text that is cut off or that makes the page scroll sideways; boxes that scroll on their own are none of it.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  const own = (node) => getComputedStyle(node).overflowX !== "visible" && !node.matches(".content, .page, .main");
  const scrolls = (node) => node && node !== document.body && (own(node) || scrolls(node.parentElement));
  const wide = [...document.querySelectorAll("article *")].filter((node) => {
    const box = node.getBoundingClientRect();
    return box.width && box.right > width + 1 && !scrolls(node.parentElement);
  });
  const prose = [...document.querySelectorAll("article section > :is(p, h1, h2, h3, ul, ol), .content")].filter(
    (node) => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflowX !== "visible");
  const whole = document.documentElement.scrollWidth;
  const found = [...wide, ...prose].map((node) => node.outerHTML.slice(0, 120));
  return whole > width ? [`the page: ${whole}`, ...found] : found;
}"""


@every_page
def test_text_does_not_scroll_sideways(open_page: Any, name: str) -> None:
    page = open_page(name)
    for width in WIDTHS.values():
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        assert page.evaluate("document.documentElement.clientWidth") == width
        assert page.evaluate(TOO_WIDE) == [], width


# Rows of code that go on with a line above them: how far they stand in from the edge of their box.
HANGING = """() => [...document.querySelectorAll(".cell_input pre")].flatMap((pre) => {
  if (!pre.offsetHeight) return [];
  const walker = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT), range = document.createRange(), lines = [[]];
  for (let node; (node = walker.nextNode()); ) {
    node.data.split("\\n").reduce((start, part, k) => {
      if (k) lines.push([]);
      if (part) {
        range.setStart(node, start);
        range.setEnd(node, start + part.length);
        lines.at(-1).push(...range.getClientRects());
      }
      return start + part.length + 1;
    }, 0);
  }
  const edge = pre.getBoundingClientRect().left + parseFloat(getComputedStyle(pre).paddingLeft);
  return lines.filter((rects) => rects.length).flatMap((rects) => {
    const below = rects.filter((one) => one.top > rects[0].top + 5 && one.width);
    const rows = Map.groupBy(below, (one) => Math.round(one.top));
    return [...rows.values()].map((row) => Math.min(...row.map((one) => one.left)) - edge);
  });
})"""


def test_code_that_is_wrapped_hangs_and_what_folds_it_can_be_hit(open_page: Any) -> None:
    page = open_page(CHAPTER_04, 390)
    inward = page.evaluate(HANGING)
    assert len(inward) > 20 and min(inward) > 30
    heights = page.evaluate("[...document.querySelectorAll('article summary')].map((one) => one.offsetHeight)")
    assert len([height for height in heights if height]) > 5 and min(filter(None, heights)) >= 24


SCROLLING = """() => [...document.querySelectorAll("article :is(pre, .cell_output, .katex-display, .table-wrapper)")]
  .filter((box) => box.scrollWidth > box.clientWidth + 1)
  .map((box) => [getComputedStyle(box).maskImage !== "none", box.tabIndex])"""


def test_a_box_that_can_be_scrolled_is_seen_to_go_on_until_its_end(open_page: Any) -> None:
    page = open_page(CHAPTER_04, 390)
    wait_for(lambda: page.evaluate(SCROLLING), 10, "a box that scrolls")
    wait_for(lambda: all(one == [True, 0] for one in page.evaluate(SCROLLING)), 10, "the hint that there is more")
    box = page.locator(".cell_output[data-more]").first.element_handle()
    box.evaluate("box => box.scrollTo({ left: box.scrollWidth, behavior: 'instant' })")
    wait_for(lambda: box.evaluate("box => getComputedStyle(box).maskImage") == "none", 5, "the end of the box")
    page.emulate_media(media="print")
    assert page.evaluate("[...document.querySelectorAll('[data-more]')].length") > 0
    assert not any(fades for fades, _ in page.evaluate(SCROLLING))


# Lines that end between a formula and its marks, short formulas that go over two lines, headings with an empty line.
TORN = """() => {
  const torn = [];
  for (const math of document.querySelectorAll("article span.math")) {
    const boxes = [...math.querySelectorAll(".base")].map((one) => one.getBoundingClientRect());
    const parts = boxes.filter((one) => one.width);
    if (!parts.length) continue;
    const named = math.querySelector("annotation").textContent, behind = math.nextSibling;
    if (behind?.nodeType === 3 && /^\\u2060?[.,;:!?)]/.test(behind.data)) {
      const mark = document.createRange();
      mark.setStart(behind, behind.data.search(/[.,;:!?)]/));
      mark.setEnd(behind, mark.startOffset + 1);
      if (mark.getBoundingClientRect().left < parts.at(-1).left) torn.push(`${named} ${behind.data.slice(0, 9)}`);
    }
    if (math.matches(".whole") && parts.some((one, k) => k && one.left < parts[k - 1].left)) torn.push(named);
  }
  for (const heading of document.querySelectorAll("article :is(h1, h2, h3)")) {
    const words = document.createRange();
    words.selectNodeContents(heading);
    if (heading.querySelector(".headerlink")) words.setEndBefore(heading.querySelector(".headerlink"));
    const gap = heading.getBoundingClientRect().bottom - words.getBoundingClientRect().bottom;
    if (gap > parseFloat(getComputedStyle(heading).fontSize)) torn.push(heading.textContent);
  }
  return torn;
}"""


@pytest.mark.parametrize("name", CHAPTERS)
def test_formulas_keep_their_marks_and_headings_end_with_their_words(open_page: Any, name: str) -> None:
    page = open_page(name)
    formulas = "[...document.querySelectorAll('article span.math annotation')].map((one) => one.textContent)"
    short = [one for one in page.evaluate(formulas) if len(one.strip()) <= 20]
    assert page.locator("article span.math.whole").count() >= len(short) and page.locator("article h2").count() > 3
    for width in (390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        wait_for(lambda: page.evaluate(TORN) == [], 5, f"whole lines at {width} px: {page.evaluate(TORN)}")


@every_page
def test_axe_finds_nothing_at_any_level(open_page: Any, axe: str, name: str) -> None:
    """Nothing is left out: no part of a page, no rule, no level; light and dark, unfolded, on a laptop and a phone."""
    page = open_page(name, reduced_motion="reduce")  # colours that fade in are measured when they are there
    page.evaluate(axe)
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    looks = [("light", 1280), ("dark", 375)]
    if name in ("index.html", CHAPTER_04, "reference/functions.html"):  # whose side bars and heads are those of all
        looks += [("light", 375), ("dark", 1280)]
    for scheme, width in looks:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.fonts.ready.then(() => new Promise((done) => setTimeout(done, 100)))")
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        bad = [(one["id"], one["impact"], one["nodes"][0]["html"][:120]) for one in found["violations"]]
        assert bad == [], f"{scheme}, {width} px"
        assert len(found["passes"]) > 10


# ---- explorers -------------------------------------------------------------------------------------------------------


def those_on(page: Page, name: str, key: str) -> list[tuple[Locator, dict[str, Any]]]:
    """Return the explorers of a page that store `key`, with what is stored."""
    return [(page.locator(".cnnx").nth(k), state) for k, state in enumerate(stored(name)) if key in state]


def named(known: dict[str, Any], title: str) -> str | None:
    return next((name for name, explorer in known.items() if explorer.title == title), None)


WITH = {
    key: [name for name in CHAPTERS if any(key in state for state in stored(name))] for key in ("_settings", "_drawing")
}


def test_the_pages_show_explorers() -> None:
    assert sum(len(stored(name)) for name in CHAPTERS) >= 15
    assert min(map(len, WITH.values())) >= 1


def assert_slides(explorer: Locator) -> None:
    """Move every slider to both ends: the card shows something else there, in pictures or in words."""
    shown = "card => [card.innerHTML, ...[...card.querySelectorAll('canvas')].map((one) => one.toDataURL())].join()"
    sliders = explorer.locator("input[type=range]").all()
    assert sliders
    for slider in sliders:
        if slider.get_attribute("aria-disabled") == "true":  # does nothing at this setting, and says so
            continue
        seen = set()
        for press, end in (("End", "max"), ("Home", "min")):
            slider.press(press)
            assert slider.input_value() == slider.get_attribute(end)
            seen.add(explorer.evaluate(shown))
        assert len(seen) == 2 and slider.get_attribute("aria-valuetext")


@pytest.mark.parametrize("name", WITH["_settings"])
def test_explorers_react_at_both_ends_of_every_slider(open_page: Any, name: str) -> None:
    page = open_page(name)
    for explorer, state in those_on(page, name, "_settings"):
        title = named(GRIDS, state["title"])
        if title is None:  # of curves or pictures: what they show is compared in tests of their own
            assert_slides(explorer)
            continue
        start = GRIDS[title].changed(
            GRIDS[title].start(), **{k: v for k, v in state["_settings"].items() if k != "apart"}
        )
        assert_shows(explorer, title, start)
        for key, setting, axis in list(sliders(title, start)):
            slider = explorer.locator(f'input[data-name="{key}"]')
            slider.focus()
            settings, first = start, slider.input_value()
            assert (slider.get_attribute("aria-label") or "").strip()
            for press, value in (("End", setting.high), ("Home", setting.low)):
                before = explorer.inner_html()
                page.keyboard.press(press)
                after = moved(title, settings, setting, axis, value)
                assert slider.get_attribute("aria-valuetext") == text_of(value)
                assert_shows(explorer, title, after)
                if GRIDS[title].scene_of(after) != GRIDS[title].scene_of(settings):
                    assert explorer.inner_html() != before
                settings = after
            for _ in range(int(first) - setting.low):
                page.keyboard.press("ArrowRight")
            start = moved(title, settings, setting, axis, int(first))
            assert_shows(explorer, title, start)
        position = explorer.locator("input[data-name=position]")
        if position.count() and position.is_enabled():
            scene = GRIDS[title].scene_of(start)
            places = scene.places or scene.output
            position.focus()
            for press, place in (("End", [n - 1 for n in places]), ("Home", [0] * len(places))):
                page.keyboard.press(press)
                assert_shows(explorer, title, start | {"position": place})
                word = "row" if places[-2] > 1 else "window"  # in one dimension they are numbered
                assert word in position.get_attribute("aria-valuetext")
    assert page.problems == []


@pytest.mark.parametrize("name", WITH["_drawing"])
def test_the_drawing_pad_answers_as_cnnlib_does(open_page: Any, name: str) -> None:
    page = open_page(name)
    for pad, _ in those_on(page, name, "_drawing"):
        for digit, strokes in enumerate(SAMPLES):
            pad.locator("select").select_option(str(digit))
            probabilities = probabilities_of(maps_of(shipped_network(), pen.digit_image(listed(strokes))))
            said = sentence(probabilities)
            wait_for(functools.partial(lambda pad, said: shown_by(pad) == said, pad, said), 10, said)
            shown = pad.locator("li").all_inner_texts()
            expected = [percent_beside(p) for p in probabilities]
            assert [re.search(r"[<>]?[\d.]+\s%", text)[0].replace("\u00a0", " ") for text in shown] == expected
        for digit in (7, 2):
            pad.get_by_role("button", name="Clear").click()
            draw_by_mouse(page, pad, SAMPLES[digit])
            said = f"The network reads {digit},"
            wait_for(functools.partial(lambda pad, said: shown_by(pad).startswith(said), pad, said), 10, said)
    assert page.problems == []


# ---- light and dark, keyboard, motion --------------------------------------------------------------------------------


def test_the_button_for_light_and_dark_is_heard_by_explorers(open_page: Any) -> None:
    page = open_page("notebooks/04_padding_and_stride.html", color_scheme="dark")
    ground = "getComputedStyle(document.querySelector('.cnnx')).backgroundColor"
    paper = "getComputedStyle(document.body).backgroundColor"
    seen = set()
    for _ in range(3):
        page.locator(".theme-toggle:visible").first.click()
        theme = page.evaluate("document.body.dataset.theme")
        dark = theme in ("dark", "auto")
        wait_for(
            lambda dark=dark: (sum(map(int, re.findall(r"\d+", page.evaluate(ground))[:3])) < 380) == dark, 5, theme
        )
        assert (sum(map(int, re.findall(r"\d+", page.evaluate(paper))[:3])) < 380) == dark
        seen.add(theme)
    assert seen == {"light", "dark", "auto"}


FOCUS = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const toggles = { __navigation: ".nav-overlay-icon", __toc: ".toc-overlay-icon" };
  const icons = toggles[node.id] ? [...document.querySelectorAll(toggles[node.id])] : [];
  const shown = icons.find((icon) => icon.getBoundingClientRect().width) ?? node;
  const box = shown.getBoundingClientRect(), style = getComputedStyle(shown);
  const seen = box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight;
  const around = [shown, ...shown.querySelectorAll("*")].map((one) => getComputedStyle(one));
  const ring = node.matches("canvas") || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1 ||
    style.boxShadow !== "none" || (node.closest("svg") && style.strokeWidth !== "0px");
  return { node: node.outerHTML.slice(0, 110), seen, ring, many: around.length };
}"""
KEYED = [
    (name, width)
    for name in ("index.html", "notebooks/04_padding_and_stride.html", "reference/functions.html")
    for width in (1280, 375)
]
KEYED += [("notebooks/12_inside_lenet5.html", 1280), ("search.html", 1280)]


@pytest.mark.parametrize(("name", "width"), KEYED)
def test_everything_is_reached_by_keyboard_and_what_has_the_focus_is_seen(
    open_page: Any, name: str, width: int
) -> None:
    page = open_page(name, width, reduced_motion="reduce")
    page.wait_for_timeout(300)
    wanted = """() => {
      const all = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")];
      const used = all.filter((node) => !node.disabled && node.checkVisibility({ visibilityProperty: true }) &&
        getComputedStyle(node).display !== "none");
      const radios = used.filter((node) => node.type === "radio"); // a group is one stop
      return used.length - radios.length + new Set(radios.map((node) => node.name)).size;
    }"""
    count, faults, met = page.evaluate(wanted), [], 0
    for _ in range(count + 20):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        if found is None:
            break
        met += 1
        if not (found["seen"] and found["ring"]):
            faults.append(found)
    else:
        pytest.fail("the focus does not come to the end of the page")
    assert faults == []
    assert met >= count


def test_the_menus_of_a_phone_open_by_keyboard(open_page: Any) -> None:
    page = open_page("notebooks/01_relu.html", 375, reduced_motion="reduce")
    link = page.locator(".sidebar-tree a").first
    assert not link.is_visible()
    page.locator("#__navigation").focus()
    page.keyboard.press("Space")
    wait_for(lambda: link.is_visible() and link.bounding_box()["x"] >= 0, 5, "the side bar")
    page.keyboard.press("Space")
    wait_for(lambda: not link.is_visible(), 5, "the end of the side bar")
    page.locator("#__toc").focus()
    page.keyboard.press("Space")
    wait_for(lambda: page.locator(".toc-tree li li a").first.is_visible(), 5, "the contents")


@pytest.mark.parametrize("name", ["index.html", CHAPTER_04, "notebooks/12_inside_lenet5.html"])
def test_nothing_moves_for_those_who_want_less_motion(open_page: Any, name: str) -> None:
    moving = """() => [...document.querySelectorAll("*")].filter((node) => {
      const style = getComputedStyle(node);
      const slides = style.transitionDuration.split(", ").some((time) => time !== "0s");
      return slides && style.transitionProperty !== "none" || style.animationName !== "none" ||
        style.scrollBehavior === "smooth";
    }).map((node) => node.outerHTML.slice(0, 80))"""
    assert open_page(name, reduced_motion="reduce").evaluate(moving) == []


# ---- finding the way -------------------------------------------------------------------------------------------------


QUERIES = {
    "ReLU": "01_relu",
    "vanishing gradient": "01_relu",
    "weight sharing": "02_fully",
    "feature map": "02_fully",
    "cross-correlation": "03_convolution",
    "im2col": "03_convolution",
    "receptive field": "04_padding",
    "zero padding": "04_padding",
    "dilation": "04_padding",
    "max pooling": "05_pooling",
    "sensitivity map": "06_back",
    "back-propagation": "06_back",
    "gradient check": "07_sens",
    "saliency map": "07_sens",
    "learning rate": "09_training",
    "momentum": "10_deep",
    "connection table": "11_lenet5",
    "drawing pad": "00_tour",
    "class activation map": "13_fully",
    "transposed convolution": "14_trans",
    "batch normalisation": "15_what",
}


def test_search_gives_the_right_chapter_first_and_shows_sentences(open_page: Any, site: str) -> None:
    page = open_page("index.html")
    for words, chapter in QUERIES.items():
        page.goto(f"{site}/search.html?q={words.replace(' ', '+')}")
        first = page.locator("ul.search > li").first
        wait_for(lambda first=first: first.count() and first.locator("a").count(), 20, f"what is found of {words}")
        page.wait_for_function("!document.querySelector('#search-progress')?.textContent.includes('Searching')")
        assert chapter in first.locator("a").first.get_attribute("href"), words
        assert "\\" not in first.inner_text() and "↔" not in first.inner_text()
    assert page.problems == []


def test_search_finds_functions_of_the_package(open_page: Any) -> None:
    page = open_page("index.html")
    page.locator(".sidebar-search").fill("conv_transpose2d")
    page.keyboard.press("Enter")
    found = "ul.search a[href*='reference/functions']"
    wait_for(lambda: page.locator(found).count(), 20, "the reference among what is found")
    assert page.problems == []


def test_what_does_not_exist_is_said_and_leads_back(open_page: Any, site: str) -> None:
    page = open_page("index.html")
    page.goto(f"{site}/notebooks/deep/no_such_page.html")
    assert page.locator("h1").inner_text().startswith("Page not found")
    assert page.evaluate("getComputedStyle(document.querySelector('.sidebar-drawer')).display") == "flex"  # styled
    page.locator("article a", has_text="first page").click()
    page.wait_for_url(f"{site}/index.html")


def test_the_pages_follow_each_other(open_page: Any, site: str) -> None:
    page, seen = open_page("index.html"), []
    while page.locator("a.next-page").count():
        page.locator("a.next-page").click()
        page.wait_for_load_state("domcontentloaded")
        seen.append(page.url.removeprefix(f"{site}/"))
        assert len(seen) < 60
    assert [name for name in seen if name in CHAPTERS] == CHAPTERS
    assert {name for name in seen if name in WRITTEN} == set(WRITTEN) - {"index.html", "404.html"}


# ---- weight and speed ------------------------------------------------------------------------------------------------


# What has been measured while a page came: bytes, when it could be used, and how far what was seen has moved.
MEASURED = """() => new Promise((done) => {
  let shift = 0, busy = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) shift += one.value;
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) busy = Math.max(busy, one.startTime + one.duration);
  }).observe({ type: "longtask", buffered: true });
  const weight = performance.getEntries().reduce((sum, one) => sum + (one.encodedBodySize ?? 0), 0);
  const marks = ["explorers drawn", "front page lives"].flatMap((name) => performance.getEntriesByName(name));
  const [page] = performance.getEntriesByType("navigation");
  const ready = Math.max(page.domContentLoadedEventEnd, ...marks.map((mark) => mark.startTime));
  setTimeout(() => done({ weight, ready: Math.max(ready, busy), shift }), 300);
})"""


@every_page
def test_a_page_weighs_little_and_stays_where_it_is(
    open_page: Any, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Prints also how long it takes until a page can be used; no bound of time is asserted, machines differ."""
    found = {}
    for width in (1280, 390):
        page = open_page(name, width)
        if stored(name):
            page.wait_for_function("performance.getEntriesByName('explorers drawn').length === 1")
        found[width] = page.evaluate(MEASURED)
    told = [f"{width} px: used after {one['ready']:.0f} ms, shift {one['shift']:.3f}" for width, one in found.items()]
    weight = max(one["weight"] for one in found.values())
    with capsys.disabled():
        print(f"\n{name}: {weight / 1e6:.2f} MB; {'; '.join(told)}")
    assert 100_000 < weight <= (3_000_000 if name in CHAPTERS else 700_000)
    assert max(one["shift"] for one in found.values()) < 0.05


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", [name for name in CHAPTERS if stored(name)])
def test_the_room_of_an_explorer_is_kept_until_it_is_drawn(open_page: Any, name: str, width: int) -> None:
    """What docs/cards.toml says is held against what stands there: python tools/measure_pages.py --cards."""
    page, height = open_page(name, width), "document.querySelector('article').getBoundingClientRect().height"
    page.wait_for_function("performance.getEntriesByName('explorers drawn').length === 1")
    drawn = page.evaluate(height)
    page.route("**/widgets.js*", lambda route: route.abort())
    page.reload()
    assert page.locator(".cnnx").count() == 0
    assert abs(page.evaluate(height) - drawn) <= 24 * len(stored(name))


# ---- the front page -------------------------------------------------------------------------------------------------

HOME_READS = "document.querySelector('#home-bars .best b')?.textContent"


def test_the_front_page_draws_a_digit_itself_and_reads_it(open_page: Any) -> None:
    page = open_page("index.html")
    sure = "document.querySelector('#home-bars .best em').textContent === '100 %'"
    page.wait_for_function(f"{HOME_READS} === '3' && {sure}")
    for piece in ("#home-window", "#home-edges", "#home-loss"):
        slider, words = page.locator(f"{piece} input"), page.locator(f"{piece} output")
        before = words.inner_text()
        slider.press("End")
        wait_for(lambda words=words, before=before: words.inner_text() != before, 5, piece)
        assert slider.get_attribute("aria-valuetext") == words.inner_text()
    assert page.problems == []


# Keeps where the captions of the layers are written: the row, the left and the right end.
NOTED = """() => {
  const write = CanvasRenderingContext2D.prototype.fillText;
  window.captions = [];
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const half = this.measureText(text).width / 2;
    if (this.canvas.id === "home-layers") window.captions.push([y, x - half, x + half]);
    return write.call(this, text, x, y);
  };
}"""


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_the_captions_of_the_layers_stand_apart_and_inside(open_page: Any, width: int) -> None:
    page = open_page("index.html", width, reduced_motion="reduce")
    page.evaluate(NOTED)
    page.get_by_role("button", name="Another digit").click()
    wait_for(lambda: page.evaluate("captions.length") >= 14, 10, "the captions of seven layers")
    strip = page.locator("#home-layers").bounding_box()["width"]
    rows: dict[float, list[tuple[float, float]]] = {}
    for y, left, right in page.evaluate("captions.slice(0, 14)"):
        rows.setdefault(y, []).append((left, right))
        assert left >= 0 and right <= strip + 0.5
    assert [len(row) for row in rows.values()] == [7, 7]
    assert min(b[0] - a[1] for row in rows.values() for a, b in itertools.pairwise(sorted(row))) >= 2


def test_a_hand_takes_the_pad_of_the_front_page_over(open_page: Any) -> None:
    page = open_page("index.html")
    box = page.locator("#home-paper").bounding_box()
    assert box["width"] == box["height"] >= 320
    across, down = box["x"] + box["width"] / 2, box["y"]
    page.mouse.move(across, down + 60)
    page.mouse.down()
    for y in range(60, 270, 10):
        page.mouse.move(across - y / 40, down + y)
    page.mouse.up()
    page.wait_for_function(f"{HOME_READS} === '1'")
    page.locator("#home-paper").press("Delete")
    wait_for(lambda: page.locator("#home-says").inner_text() == "Nothing is drawn yet.", 5, "an empty pad")
    for key in (" ", *["ArrowDown"] * 8):
        page.locator("#home-paper").press(key)
    page.wait_for_function(f"Boolean({HOME_READS})")
    assert page.problems == []


@pytest.mark.parametrize("name", ["index.html", *(f"{one}/index.html" for one in languages() if one != ENGLISH)])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_the_front_page_is_there_at_once_and_stays_where_it_is(
    open_page: Any, name: str, width: int, height: int
) -> None:
    page = open_page(name, width)
    page.set_viewport_size({"width": width, "height": height})
    page.reload()
    page.wait_for_function("performance.getEntriesByName('front page lives').length === 1")
    weight = page.evaluate("performance.getEntries().reduce((sum, one) => sum + (one.encodedBodySize ?? 0), 0)")
    assert 200_000 < weight <= 560_000
    pad, bars = page.locator("#home-paper").bounding_box(), page.locator("#home-bars li").nth(0).bounding_box()
    assert pad["y"] + pad["height"] <= height
    if width > 1000:
        go = page.locator(".home-go").bounding_box()
        assert go["y"] + go["height"] <= height and abs(bars["y"] - pad["y"]) < 20
    shifts = """() => new Promise((done) => {
      const sum = (list) => done(list.getEntries().reduce((all, one) => all + one.value, 0));
      new PerformanceObserver(sum).observe({ type: "layout-shift", buffered: true });
      setTimeout(() => done(0), 500);
    })"""
    assert page.evaluate(shifts) < 0.01


# ---- pages at any width, on paper, from a disk -----------------------------------------------------------------------

CUT = """() => {
  const width = document.documentElement.clientWidth;
  const toc = document.querySelector(".toc-drawer:not(.no-toc)")?.getBoundingClientRect();
  const pinned = toc && getComputedStyle(document.querySelector(".toc-drawer")).position !== "fixed";
  return [document.documentElement.scrollWidth > width, Boolean(pinned && toc.right > width + 1)];
}"""


@pytest.mark.parametrize("name", ["index.html", CHAPTER_04, "notebooks/formulas.html", "teachers.html"])
def test_nothing_is_cut_at_any_width(open_page: Any, name: str) -> None:
    page = open_page(name)
    for width in range(320, 2561, 40):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(60)
        assert page.evaluate(CUT) == [False, False], width
        assert page.evaluate(TOO_WIDE) == [], width


@pytest.mark.parametrize("width", [390, 1366])
def test_no_formula_ends_in_the_margin(open_page: Any, width: int) -> None:
    page = open_page("notebooks/formulas.html", width)
    assert page.locator("article .katex-display").count() > 20
    cut = """[...document.querySelectorAll("article .katex-display")]
      .filter((one) => one.scrollWidth > one.clientWidth + 1)
      .map((one) => `${one.scrollWidth} > ${one.clientWidth}: ` + one.querySelector("annotation")?.textContent)"""
    wait_for(lambda: page.evaluate(cut) == [], 5, f"formulas in their column: {page.evaluate(cut)}")


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_link_to_a_section_lands_there(open_page: Any, site: str, name: str) -> None:
    page = open_page(name)
    headings = "document.querySelectorAll('article section[id] > :is(h2, h3)')"
    sections = page.evaluate(f"[...{headings}].map((heading) => heading.parentElement.id)")
    assert len(sections) > 3
    for section in sections[:: max(1, len(sections) // 5)]:
        page.goto("about:blank")
        page.goto(f"{site}/{name}#{section}")
        if stored(name):
            page.wait_for_function("performance.getEntriesByName('explorers drawn').length === 1")
        landed = """(id) => {
          const top = document.getElementById(id).getBoundingClientRect().top;
          const ends = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
          return (top >= -20 && top <= 100) || ends;
        }"""
        wait_for(lambda section=section, landed=landed: page.evaluate(landed, section), 5, section)


def test_the_sheet_of_formulas_prints_on_two_pages(open_page: Any) -> None:
    page = open_page("notebooks/formulas.html")
    printed = page.pdf(format="A4", margin={side: "10mm" for side in ("top", "right", "bottom", "left")})
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 2


def test_print_has_no_plates_and_cuts_no_code(open_page: Any) -> None:
    page = open_page(CHAPTER_04)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 1000})
    assert not page.locator(".skip-to-content").is_visible()
    cut = "[...document.querySelectorAll('article pre')].filter((one) => one.scrollWidth > one.clientWidth + 1).length"
    assert page.evaluate(cut) == 0
    assert page.evaluate("document.querySelectorAll('article [hidden]').length") == 0 or page.evaluate(
        "[...document.querySelectorAll('article .cell_output')].every((one) => one.getBoundingClientRect().height > 0)"
    )


# What of an explorer is printed though only a screen can move it, what is wider than a sheet, and what is cut off.
PRINTED = """() => [...document.querySelectorAll(".cnnx")].flatMap((card) => {
  const found = [...card.querySelectorAll("input, select, button")].filter((one) => one.checkVisibility() &&
    !one.closest(".cnnx-stagebox"));
  const drawn = [...card.querySelectorAll(".cnnx-svg, .cnnx-backdrop, canvas")].filter((one) => one.checkVisibility());
  const wide = drawn.filter((one) => one.getBoundingClientRect().width * (one.currentCSSZoom ?? 1) > 660);
  const hides = (one) => getComputedStyle(one).overflow === "hidden" && one.scrollHeight > one.clientHeight + 1;
  const cut = [...card.querySelectorAll(".cnnx-panel, .cnnx-words, .cnnx-sentence")].filter(hides);
  const wrong = [...found, ...wide, ...cut].map((one) => one.outerHTML.slice(0, 100));
  return drawn.length ? wrong : [...wrong, "no picture"];
})"""


@pytest.mark.parametrize("name", [name for name in CHAPTERS if stored(name)])
def test_explorers_are_printed_whole_without_controls_and_on_white(open_page: Any, name: str) -> None:
    page = open_page(name, color_scheme="dark")
    page.wait_for_function("performance.getEntriesByName('explorers drawn').length === 1")
    page.wait_for_timeout(100)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.evaluate(PRINTED) == []
    paper = "[...document.querySelectorAll('.cnnx')].map((card) => getComputedStyle(card).backgroundColor)"
    assert set(page.evaluate(paper)) == {"rgb(255, 255, 255)"}
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.body.dataset.theme") == "auto"
    wait_for(lambda: "rgb(255, 255, 255)" not in page.evaluate(paper), 5, "the dark theme again")
    assert page.problems == []


@pytest.fixture(scope="module")
def disk(html: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the zip file of the pages unpacks to."""
    folder = tmp_path_factory.mktemp("disk")
    with zipfile.ZipFile(html / "course.zip") as archive:
        archive.extractall(folder)
    return folder / "course"


def test_the_zip_file_holds_every_page_and_nothing_that_leads_out_of_it(html: Path, disk: Path) -> None:
    assert (html / "course.zip").stat().st_size < 25_000_000
    pages = {path.relative_to(disk).as_posix(): read(path) for path in disk.rglob("*.html")}
    assert set(pages) >= set(PAGES) - {"404.html"}
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if not parts.scheme and parts.path:
                to = ((disk / name).parent / unquote(parts.path)).resolve()
                assert to.exists() and to.is_relative_to(disk), f"{name}: {link}"
            assert "binder" not in parts.netloc and "colab" not in parts.netloc, f"{name}: {link}"


@pytest.mark.parametrize("name", [name for name in CHAPTERS if stored(name)])
def test_a_chapter_opened_from_a_disk_has_its_explorers_alive(browser: Browser, disk: Path, name: str) -> None:
    page = listened(browser)
    page.goto((disk / name).as_uri())
    page.wait_for_function(f"document.querySelectorAll('.cnnx').length === {len(stored(name))}")
    assert page.locator("article img.explorer-still").count() == 0
    for explorer in page.locator(".cnnx").all():
        slider = explorer.locator("input[type=range]:not([aria-disabled=true])").first
        if slider.count():
            ends = {key: slider.get_attribute(key) for key in ("min", "max")}
            before, at = explorer.inner_html(), slider.input_value()
            slider.press("Home" if at != ends["min"] else "End")
            assert slider.input_value() in ends.values() and slider.input_value() != at
            assert explorer.inner_html() != before
    assert page.problems == []
    page.context.close()


def test_the_first_page_and_the_search_work_from_a_disk(browser: Browser, disk: Path) -> None:
    page = listened(browser)
    page.goto((disk / "index.html").as_uri())
    page.wait_for_function(f"{HOME_READS} === '3'")
    assert page.problems == []
    page.locator(".sidebar-search").fill("receptive field")
    page.locator(".sidebar-search").press("Enter")
    first = page.locator("ul.search > li a").first
    wait_for(lambda: first.count() and "04_padding" in (first.get_attribute("href") or ""), 20, "what is found")
    page.context.close()


def test_without_scripts_the_stills_and_all_answers_are_there(browser: Browser, site: str) -> None:
    page = listened(browser, java_script_enabled=False)
    page.goto(f"{site}/{CHAPTER_04}")
    assert page.locator("article img.explorer-still").count() == len(stored(CHAPTER_04))
    assert page.locator("article [hidden]").count() == 0
    page.context.close()


def test_a_line_that_goes_on_fades_out(open_page: Any) -> None:
    page = open_page("notebooks/09_training.html", width=768)
    page.get_by_role("button", name="Show all answers").click()
    line = page.locator("pre", has_text="After epoch 20 (η = 1)")
    wait_for(lambda: line.get_attribute("data-more") is not None, 5, "the end that fades")
    assert "gradient" in line.evaluate("(one) => getComputedStyle(one).maskImage")
    line.evaluate("(one) => { one.scrollLeft = one.scrollWidth; }")
    wait_for(lambda: line.get_attribute("data-more") is None, 5, "nothing that fades at the end")


# ---- predict, then see -----------------------------------------------------------------------------------------------


def shows_explorer(cell: nbformat.NotebookNode) -> bool:
    return any(VIEW in output.get("data", {}) for output in cell.outputs)


def code_of(name: str) -> list[nbformat.NotebookNode]:
    cells = nbformat.read(ROOT / Path(name).with_suffix(".ipynb"), as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def asked_about(name: str) -> set[int]:
    """Return which cells of code of a chapter answer one of its questions: those down to the next text.

    Not explorers, which are there to be tried, nor what stands above them, nor what the next question asks for.
    """
    cells = nbformat.read(ROOT / Path(name).with_suffix(".ipynb"), as_version=4).cells
    places, found = {cell.id: k for k, cell in enumerate(cells)}, set()
    for k, cell in enumerate(cells):
        if "predict" not in cell.metadata:
            continue
        behind = places[cell.metadata["predict"]["answer"]] + 1
        while cells[behind].cell_type == "code" and not shows_explorer(cells[behind]):
            behind += 1
        between = range(k + 1, behind)
        ends = [j for j in between if "predict" in cells[j].metadata]
        own = [j for j in between if cells[j].cell_type == "code" and (not ends or j < ends[0])]
        tried = [j for j in own if shows_explorer(cells[j])]
        found |= {j for j in own if not tried or j > tried[-1]}
    code = [k for k, cell in enumerate(cells) if cell.cell_type == "code"]
    return {code.index(k) for k in found}


def said_behind(name: str) -> list[str]:
    """Return some words of each text that says what an answer was, behind the cells that give it."""
    cells = nbformat.read(ROOT / Path(name).with_suffix(".ipynb"), as_version=4).cells
    places, found = {cell.id: k for k, cell in enumerate(cells)}, []
    for cell in cells:
        if "predict" not in cell.metadata:
            continue
        answer = places[cell.metadata["predict"]["answer"]]
        behind = next(one for one in cells[answer + 1 :] if one.cell_type == "markdown" or shows_explorer(one))
        tried = shows_explorer(cells[answer])
        words = re.search(r"[A-Za-z][A-Za-z ,]{24,}", behind.source)
        if behind.cell_type == "markdown" and behind.source[0] not in "#<" and words and not tried:
            found.append(words[0].strip())
    return found


SEEN_OUTPUTS = """() => [...document.querySelectorAll("article .cell")].map(
    (cell) => [...cell.querySelectorAll(".cell_output")].some((output) => !output.closest("[hidden]")))"""
HIDDEN_CELLS = (
    "() => [...document.querySelectorAll('article .cell')].flatMap((cell, k) => cell.closest('[hidden]') ? [k] : [])"
)


@pytest.mark.parametrize("name", CHAPTERS)
def test_no_answer_stands_open_before_its_prediction(open_page: Any, name: str) -> None:
    page = open_page(name)
    expected, seen = asked_about(name), page.evaluate(SEEN_OUTPUTS)
    gives = [bool(cell.outputs) for cell in code_of(name)]
    assert seen == [given and k not in expected for k, given in enumerate(gives)]
    said = [page.locator("article").get_by_text(words).first for words in said_behind(name)]
    assert not any(one.is_visible() for one in said)
    lines = [cell.source.splitlines() for cell in code_of(name)]
    tests = [k for k in sorted(expected) if all(line.startswith(("#", "assert ", " ", ")", "]")) for line in lines[k])]
    assert page.evaluate(HIDDEN_CELLS) == tests
    if expected:
        page.get_by_role("button", name="Show all answers").click()
        assert all(one.is_visible() for one in said)
        assert page.evaluate(SEEN_OUTPUTS) == gives and page.evaluate(HIDDEN_CELLS) == []
        assert page.locator("[hidden=until-found]").count() == 0


def test_what_comes_out_is_seen_after_a_prediction(open_page: Any) -> None:
    page = open_page(CHAPTER_04)
    forms = page.locator("form.prediction")
    count = forms.count()
    assert count > 3
    answer = forms.nth(0).locator("xpath=following-sibling::*[1]")
    assert not answer.is_visible()
    field = forms.nth(0).locator("input").first
    field.check() if field.get_attribute("type") == "radio" else field.fill("a map of 2 × 2")
    forms.nth(0).get_by_role("button").press("Enter")
    wait_for(lambda: page.locator(".predicted").count() == 1, 5, "what was said")
    assert page.locator(".predicted").inner_text().startswith("You said: ")
    assert page.locator(".predicted + *").is_visible() and forms.count() == count - 1
    page.get_by_role("button", name="Show all answers").click()
    assert forms.count() == 0 and page.locator("article [hidden]").count() == 0
    assert page.problems == []
