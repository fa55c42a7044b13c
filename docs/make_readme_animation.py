"""Make docs/reading.webp, the moving picture of the README: `python docs/make_readme_animation.py`, after `make site`.

The front page of the site draws three digits on its pad; each picture is the page at one moment of that. Needs what
`make test-browser` needs: chromium and playwright.
"""

from __future__ import annotations

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "build" / "site" / "html" / "index.html"
DIGITS = (3, 5, 8)
GROWS, RESTS = 16, 1800  # pictures while a digit grows, and milliseconds for which the finished one stays
BETWEEN = 90  # milliseconds
WIDTH = 760  # pixels of the picture

# The page stands still but for what is asked of it: this many points of a sample, seen by every layer.
SHOW = """([digit, share]) => {
  const whole = HOME.samples[digit];
  let left = Math.max(2, Math.round(share * whole.reduce((sum, stroke) => sum + stroke.length, 0)));
  const strokes = [];
  for (const stroke of whole) {
    if (left > 0) strokes.push(stroke.slice(0, left));
    left -= stroke.length;
  }
  document.querySelector("#home-paper").dispatchEvent(new CustomEvent("shown", { detail: strokes }));
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def main(path: Path) -> None:
    with sync_playwright() as playwright:
        options = {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox", "--disable-gpu"]}
        browser = playwright.chromium.launch(**options)
        page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        page.goto(PAGE.as_uri())
        pictures, times = [], []
        for digit in DIGITS:
            for k in range(1, GROWS + 1):
                page.evaluate(SHOW, [digit, k / GROWS])
                pictures.append(picture(page))
                times.append(RESTS if k == GROWS else BETWEEN)
        browser.close()
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=times, loop=0, quality=70, method=6)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} KB, {len(pictures)} pictures")


def picture(page: Page) -> Image.Image:
    shot = Image.open(io.BytesIO(page.locator(".home").screenshot())).convert("RGB")
    return shot.resize((WIDTH, round(shot.height * WIDTH / shot.width)), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main(HERE / "reading.webp")
