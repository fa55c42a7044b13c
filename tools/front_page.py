"""What the front page of the site is made of: the numbers that its script needs, and the chapters as cards.

Everything comes from the project itself: the trained LeNet-5, the drawings of the pad, the photograph of chapter 03,
the table of chapters in the README, and the first picture and the minutes of each notebook.
"""

from __future__ import annotations

import base64
import html
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import nbformat
import numpy as np
from nbformat import NotebookNode
from PIL import Image

from cnncourse.explorers import pen
from cnncourse.explorers.drawing_pad import described, listed, shipped_network, steps
from cnncourse.explorers.kernel_editor import SIDE, photograph
from cnncourse.explorers.sample_drawings import SAMPLES
from cnnlib import pictures
from site_pages import Say
from stored_widgets import VIEW

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "docs" / "_static"
WEB = ROOT / "cnncourse" / "explorers" / "web"
COMPUTING = ("pen.js", "layers.js")  # modules without imports: the image of a drawing, and the network
READING = ROOT / "docs" / "lenet5.png"
CARDS = "<!-- the chapters as cards -->"
BEGINS = 3  # the drawing that the pad begins with
PHOTO = 128  # pixels of the small photograph, rows and columns
THUMBNAIL = (480, 240)  # pixels of a card's picture, at most
ROW = re.compile(
    r"^\| (?P<number>\d\d) \| \[(?P<title>[^\]]+)\]\((?P<path>[^)]+)\) \| (?P<question>.+?) \|$", re.MULTILINE
)


class Chapter(NamedTuple):
    """A row of the README's table."""

    number: str
    title: str
    path: str
    question: str


def chapters(readme: str | None = None) -> list[Chapter]:
    """Return the chapters as the README lists them, or a text of it in another language."""
    text = (ROOT / "README.md").read_text(encoding="utf-8") if readme is None else readme
    return [Chapter(**found.groupdict()) for found in ROW.finditer(text)]


def files() -> dict[Path, bytes]:
    """Return the files of the front page by their places on the site: its script, its numbers, its small pictures."""
    made = {Path("_static/home.js"): script().encode(), Path("_static/home_data.js"): data().encode()}
    return made | {Path("_static/cards") / f"{one.number}.webp": thumbnail(one) for one in chapters()}


def script() -> str:
    """Return the script: what computes the network, then what draws, in a function that leaves no names behind."""
    modules = "\n".join((WEB / name).read_text(encoding="utf-8") for name in COMPUTING)
    computing = re.sub(r"^export ", "", modules, flags=re.MULTILINE)
    return f"(() => {{\n{computing}\n{(STATIC / 'home.js').read_text(encoding='utf-8')}\n}})();\n"


def data() -> str:
    """Return the numbers: the network in sixteen bits a weight, ten drawings, a small photograph."""
    network = shipped_network()
    weights = b"".join(np.ascontiguousarray(one, "<f2").tobytes() for one in network.parameters().values())
    form = {
        "side": pictures.SIDE,
        "box": pictures.BOX,
        "middle": pictures.MIDDLE,
        "pen": pen.PEN,
        "smallest": pen.SMALLEST,
    }
    k = SIDE // PHOTO
    photo = photograph().reshape(PHOTO, k, PHOTO, k).mean(axis=(1, 3)).round().astype(np.uint8)
    numbers = {
        "layers": [described(name, layer) for name, layer in steps(network)],
        "weights": base64.b64encode(weights).decode(),
        "form": form,
        "samples": [listed(drawing) for drawing in SAMPLES],
        "begins": BEGINS,
        "photo": base64.b64encode(photo.tobytes()).decode(),
        "side": PHOTO,
    }
    return f"const HOME = {json.dumps(numbers, separators=(',', ':'))};\n"


def first_picture(notebook: NotebookNode) -> dict[str, str]:
    """Return the first figure of a chapter with its words, the picture of the README if there is none.

    Explorers are left out: what stands around their pictures cannot be read when it is small.
    """
    outputs = (output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", []))
    readme = {"image/png": base64.b64encode(READING.read_bytes()).decode()}
    return next((found for found in outputs if "image/png" in found and VIEW not in found), readme)


def in_words(notebook: NotebookNode) -> str:
    """Return the first picture of a chapter in words, in the language of the notebook; "" for that of the README."""
    return "".join(first_picture(notebook).get("text/plain", "")).strip("[]")


def _read(chapter: Chapter) -> NotebookNode:
    return nbformat.read(ROOT / chapter.path, as_version=4)


def thumbnail(chapter: Chapter) -> bytes:
    """Return the first picture of a chapter, small."""
    picture = Image.open(io.BytesIO(base64.b64decode(first_picture(_read(chapter))["image/png"]))).convert("RGB")
    picture.thumbnail(THUMBNAIL, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=72, method=6)
    return file.getvalue()


def minutes(chapter: Chapter, say: Say = str) -> str:
    """Return what a chapter says of the time it takes: "about 60 minutes"."""
    found = next(
        (m for cell in _read(chapter).cells if (m := re.search(r"\*\*It takes\*\* about (\d+) minutes", cell.source))),
        None,
    )
    return say("about {minutes} minutes").format(minutes=found.group(1)) if found else ""


def index(page: bytes) -> bytes:
    """Return the source of the front page with the cards in their place."""
    return with_cards(page.decode(), cards(chapters())).encode()


def with_cards(page: str, listed: str) -> str:
    return page.replace(CARDS, f"```{{raw}} html\n{listed}\n```")


def cards(listed: list[Chapter], say: Say = str, pictures: Mapping[str, str] | None = None) -> str:
    """Return chapters as a list of links, each with its picture, its question and its minutes.

    pictures: what the pictures show, in words, by the paths of the chapters; those that are missing are in English.
    """
    rows = []
    for one in listed:
        page = one.path.replace(".ipynb", ".html")
        words = (pictures or {}).get(one.path) or in_words(_read(one)) or one.title
        rows.append(
            f'<li><a href="{page}"><img src="_static/cards/{one.number}.webp" alt="{html.escape(words)}" width="480"'
            f' height="240">'
            f"<strong>{one.number} {html.escape(one.title)}</strong><span>{html.escape(one.question)}</span>"
            f"<small>{minutes(one, say)}</small></a></li>"
        )
    return '<ul class="home-cards">\n' + "\n".join(rows) + "\n</ul>"
