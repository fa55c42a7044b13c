"""The words of the drawing pad: what it says on its page and in Python, whole sentences with named gaps."""

from __future__ import annotations

from typing import Any

from cnncourse.language import ENGLISH, Texts, language, mark

# The page fills the same gaps from the same table.
TEXTS = Texts(
    title=mark("drawing pad"),
    paper=mark("Pad to draw a digit on"),
    help=mark(
        "Draw with mouse or finger. By keyboard: arrow keys move the pen (with Shift in small steps; Home, Page Up, "
        "End and Page Down diagonally), Space puts it down or lifts it, Backspace undoes, Delete clears. Or choose a "
        "picture of a digit, a PNG or JPEG file, or drop it here."
    ),
    undo=mark("Undo"),
    clear=mark("Clear"),
    picture=mark("Picture…"),
    samples=mark("Sample drawing"),
    own=mark("own drawing"),
    sample=mark("sample {digit}"),
    # what stands on the pad
    is_sample=mark("A sample. Your first stroke replaces it."),
    is_picture=mark("A picture, read as cnnlib.read_digit reads it. Your first stroke replaces it."),
    is_small=mark("Small: the network gets it enlarged, its strokes as thin as those of a large drawing."),
    is_empty=mark("The pad is empty."),
    pen_down=mark("Pen down, {row} % from the top, {column} % from the left."),
    pen_up=mark("Pen up, {row} % from the top, {column} % from the left."),
    pen_at=mark("{row} % from the top, {column} % from the left."),
    # what the network sees, and what it answers
    sees=mark("What the network sees: {side} × {side}"),
    seen=mark("The image that the network sees. {how}"),
    scaled=mark(
        "Scaled ×{scale} to {height} × {width} pixels in a box of {box} × {box} (dashed), then moved: its centre of "
        "mass lies in row {row}, column {column}."
    ),
    cut_out=mark(
        "Cut out and scaled to {height} × {width} pixels in a box of {box} × {box}, then moved: its centre of mass "
        "lies in row {row}, column {column}."
    ),
    nothing=mark("Nothing is drawn yet."),
    answers=mark("Probabilities of the ten digits"),
    reads=mark("The network reads {digit}, {sure} sure. Runner-up: {second} with {less}."),
    percent=mark("{share} %"),
    over=mark("over {share} %"),
    under=mark("under {share} %"),
    # layers
    kinds={
        "convolution": mark("convolution"),
        "max pooling": mark("max pooling"),
        "mean pooling": mark("mean pooling"),
        "global mean pooling": mark("global mean pooling"),
        "fully connected": mark("fully connected"),
    },
    units=mark("{count} units"),
    one_map=mark("{count} map {height} × {width}"),
    maps=mark("{count} maps {height} × {width}"),
    first=mark("{size}, the first {most} drawn"),
    range=mark("{least} to {most}"),
    no_range=mark("nothing yet"),
    layer=mark("{name}, {size}, {range}"),
    at_unit=mark("{name}, unit {k}: {value}"),
    at_map=mark("{name}, map {k}, row {r}, column {c}: {value}"),
    scales=mark("Every layer in its own scale, white is zero:"),
    grey=mark("zero to largest"),
    above=mark("above zero"),
    below=mark("below zero, dotted"),
    # a network of the reader's own is asked in Python
    no_kernel=mark(
        "Answer and maps belong to the drawing shown here. To draw another one, open this notebook in Jupyter and run "
        "its cells: this network is asked in Python."
    ),
    no_answer=mark(
        "Python has not answered yet: it is busy, or it was stopped. Answer and maps still belong to an earlier "
        "drawing. They will follow when Python is free; if Python was stopped, run the cell again."
    ),
    # why a file was not read, by the names of web/read_digit.js
    refused={
        "no_picture": mark("{file} cannot be read as a picture. The pad reads PNG and JPEG files."),
        "few": mark(
            "{file} was not read: it shows {height} by {width} pixels. The pad reads at least {least} by {least}."
        ),
        "small": mark(
            "{file} was not read: it shows ink of {height} by {width} pixels. The pad reads a digit of at least "
            "{least}, better 20 or more."
        ),
        "wide": mark(
            "{file} was not read: it shows ink {width} wide and {height} high. The pad reads one digit, which is not "
            "so wide."
        ),
        "filled": mark("{file} was not read: it shows a shape filled with ink. The pad reads a digit made of strokes."),
        "blank": mark(
            "{file} was not read: it shows a page on which nothing stands out. The pad reads a digit, darker or "
            "lighter than its paper."
        ),
        "apart": mark("{file} was not read: it shows {count} things apart from each other. The pad reads one digit."),
    },
    # the pad in words
    one_stroke=mark("{count} stroke drawn."),
    strokes=mark("{count} strokes drawn."),
    read=mark("A picture, read as read_digit reads it."),
    layers=mark("Layers and their numbers: {layers}."),
    in_words=mark("[explorer: {title}. {seen}]"),
)


def on_page() -> dict[str, Any]:
    """Return what the page says, in the reader's language, and which one that is."""
    lang = {} if language() == ENGLISH else {"lang": language().replace("_", "-")}
    return {"texts": {name: TEXTS[name] for name in TEXTS}} | lang


def named(layer: str) -> str:
    """Return the name of a layer, such as "convolution 2", in the reader's language."""
    kind, _, count = layer.rpartition(" ")
    return f"{TEXTS['kinds'].get(kind, kind)} {count}"
