"""Measure every page of the finished site in a browser: when it can be used, how far it moves, what it weighs.

    python tools/measure_pages.py                 all pages of build/site/html, as a table of Markdown
    python tools/measure_pages.py index notebooks/04_padding_and_stride
    python tools/measure_pages.py --cards         writes docs/cards.toml: how high the explorers are

Each page is opened in a new browser context, with an empty cache, at the widths of a phone and of a laptop. A page can
be used when its explorers are drawn and the browser has no long task left. Shift is what browsers call the cumulative
layout shift. Weight is the bytes of everything that a page asks for, as it lies in the folder and as a server with gzip
sends it. It needs Chromium (`make test-browser` says how) and a folder made by `make site`.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import shutil
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "build" / "site" / "html"
CARDS = ROOT / "docs" / "cards.toml"
CARD_PAGES = (360, 390, 768, 1280, 1920)  # px: pages whose cards are small, on a phone, a tablet, a laptop, and wide
WIDTHS = {390: 844, 1366: 768}
PACKED = {".html", ".js", ".css", ".svg", ".json", ".txt", ".ipynb"}  # what servers compress; pictures and fonts are
MEASURED = """() => new Promise((done) => {
  const found = { shift: 0, ready: 0 };
  const watch = (type, use) =>
    new PerformanceObserver((list) => list.getEntries().forEach(use)).observe({ type, buffered: true });
  watch("layout-shift", (one) => { if (!one.hadRecentInput) found.shift += one.value; });
  watch("longtask", (one) => { found.ready = Math.max(found.ready, one.startTime + one.duration); });
  const marks = ["explorers drawn", "front page lives"].flatMap((name) => performance.getEntriesByName(name));
  const [page] = performance.getEntriesByType("navigation");
  setTimeout(() => {
    found.ready = Math.max(found.ready, page.domContentLoadedEventEnd, ...marks.map((mark) => mark.startTime));
    done(found);
  }, 500);
})"""
DRAWN = """() => !document.querySelector('script[type="application/vnd.jupyter.widget-view+json"], .cnnx') ||
  performance.getEntriesByName("explorers drawn").length > 0"""

HEIGHTS = """() => Object.fromEntries([...document.querySelectorAll("article .cnnx")].map((card) =>
  [card.dataset.kind ?? "drawing_pad", [card.offsetWidth, card.offsetHeight]]))"""


@dataclass(frozen=True)
class Measure:
    """One page at one width: ms until it can be used, layout shift, bytes as they lie and as they are sent."""

    ready: float
    shift: float
    raw: int
    sent: int


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves the folder and says nothing of it."""

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


def measured(browser: Browser, address: str, name: str, width: int) -> Measure:
    """Return what one page needs; a request that fails weighs nothing."""
    context = browser.new_context(viewport={"width": width, "height": WIDTHS[width]})
    page, asked = context.new_page(), set()
    page.on("requestfinished", lambda request: asked.add(request.url.removeprefix(address).split("?")[0]))
    page.goto(f"{address}/{name}.html")
    page.wait_for_load_state("load")
    page.wait_for_function(DRAWN)
    found = page.evaluate(MEASURED)
    context.close()
    files = [path for one in asked if (path := HTML / one.lstrip("/")).is_file()]
    return Measure(found["ready"], found["shift"], *(sum(map(size, files)) for size in (raw_size, sent_size)))


@functools.cache
def raw_size(path: Path) -> int:
    return path.stat().st_size


@functools.cache
def sent_size(path: Path) -> int:
    """Return the bytes of a file as servers send it: text is compressed."""
    return len(gzip.compress(path.read_bytes(), 6)) if path.suffix in PACKED else raw_size(path)


def row(name: str, found: dict[int, Measure]) -> str:
    """Return the line of a page in the table."""
    times = " | ".join(f"{one.ready:,.0f}" for one in found.values())
    shifts = " | ".join(f"{one.shift:.3f}" for one in found.values())
    heaviest = max(found.values(), key=lambda one: one.raw)
    return f"| {name} | {times} | {shifts} | {heaviest.raw / 1000:,.0f} | {heaviest.sent / 1000:,.0f} |"


def cards(browser: Browser, address: str, names: list[str]) -> str:
    """Return how high each explorer of these pages is, at each width, as lines of TOML."""
    found: dict[str, list[int]] = {}
    widths: list[int] = []
    for width in CARD_PAGES:
        context = browser.new_context(viewport={"width": width, "height": 900})
        page, here = context.new_page(), dict[str, tuple[int, int]]()
        for name in names:
            page.goto(f"{address}/{name}.html")
            page.wait_for_function(DRAWN)
            here |= page.evaluate(HEIGHTS)
        context.close()
        widths.append(next(iter(here.values()))[0])
        for explorer, (_, height) in here.items():
            if not height:
                raise SystemExit(
                    f"{explorer} is folded on its page, which `make site` does not do: make the site first"
                )
            found.setdefault(explorer, []).append(height)
    first = (
        f"# How high the explorers are, in px, in cards of {', '.join(map(str, widths))} px: measure_pages.py --cards\n"
    )
    return first + "".join(f"{explorer} = {heights}\n" for explorer, heights in sorted(found.items()))


def main() -> None:
    pages = (path.relative_to(HTML) for path in sorted(HTML.rglob("*.html")))
    # The edition in the browser is a program, not a page: it loads for as long as Python starts in it.
    names = sys.argv[1:] or [page.with_suffix("").as_posix() for page in pages if "lite" not in page.parts]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=HTML))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("| page | " + " | ".join(f"used after, ms, {width} px" for width in WIDTHS), end=" | ")
    print(" | ".join(f"shift, {width} px" for width in WIDTHS) + " | KB | KB with gzip |")
    print("|---" + "|---:" * 6 + "|")
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=path, args=options)
        address = f"http://127.0.0.1:{server.server_port}"
        if sys.argv[1:] == ["--cards"]:
            chapters = sorted((ROOT / "notebooks").glob("*.ipynb"))
            CARDS.write_text(cards(browser, address, [f"notebooks/{path.stem}" for path in chapters]), encoding="utf-8")
            return
        for name in names:
            try:
                print(row(name, {width: measured(browser, address, name, width) for width in WIDTHS}), flush=True)
            except Error as error:
                print(f"| {name} | {str(error).splitlines()[0]} |", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
