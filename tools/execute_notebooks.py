"""Execute notebooks from top to bottom and store outputs that come out the same, byte for byte, at every run.

    python tools/execute_notebooks.py                    all of notebooks/
    python tools/execute_notebooks.py notebooks/05*      some

A notebook is written only if every cell ran, no widget callback failed, and its outputs hold nothing that would be
different tomorrow or on another machine (see `problems`). What else varies between runs is fixed: times and versions
are dropped, widgets are numbered as they appear, and cells with a random id get a readable one, which they keep. Cells
with the tag `torch` keep what they have stored where PyTorch is not installed. Cells that answer a prediction get what
folds them (predicted_cells.py).
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

import predicted_cells
from cnnlib.datasets import mnist_is_available
from stored_widgets import VIEW, models_of

ROOT = Path(__file__).resolve().parent.parent
PICTURE_LIMIT = 50_000  # bytes: a page of pictures stays quick to load and a changed one cheap to store
SKIPPED = "skip-execution"  # the tag by which nbclient leaves a cell as it is

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {  # what the kernel says of itself, less the version
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
# What editors and executors leave behind in a cell and no reader needs.
CHURNING = ("execution", "ExecuteTime", "trusted", "collapsed", "scrolled", "vscode", "colab", "papermill")

RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?")
VALID_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{5,}")
CELL_FILE = re.compile(r"ipykernel_\d+")
DATA_PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")


# ---- one notebook ---------------------------------------------------------------------------------------------------


def read(path: Path) -> NotebookNode:
    """Return the notebook at `path`, its cells with readable ids, its outputs and their traces removed."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    if raw.get("nbformat") != 4:
        raise ValueError(f"{path.name}: got notebook format {raw.get('nbformat')}, expected 4")
    name_cells(raw["cells"])
    raw["nbformat_minor"] = 5  # the first with cell ids
    notebook = nbformat.reads(json.dumps(raw), as_version=4)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for key in CHURNING:
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def execute(notebook: NotebookNode, folder: Path, timeout: int) -> None:
    """Run all cells of `notebook` in `folder` and put the outputs in order."""
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],  # what a kernel says of its own sockets is nothing to the author
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        allow_errors=False,
        store_widget_state=True,
        coalesce_streams=True,  # else one text comes in one piece or in two, as the kernel's buffer has it
    )
    client.execute()
    notebook.metadata["kernelspec"] = KERNEL
    notebook.metadata["language_info"] = LANGUAGE
    number_widgets(notebook)


def without_torch(notebook: NotebookNode, stored: NotebookNode) -> list[NotebookNode]:
    """Keep the stored outputs of the cells that need PyTorch where it is not; return these cells, not to be run."""
    if find_spec("torch"):
        return []
    kept = []
    for cell, before in zip(code_cells(notebook), code_cells(stored), strict=True):
        if "torch" in cell.metadata.get("tags", []):
            cell.outputs = before.outputs
            cell.metadata["tags"] = [*cell.metadata["tags"], SKIPPED]
            kept.append(cell)
    return kept


def count_as_run(notebook: NotebookNode, kept: list[NotebookNode]) -> None:
    """Number all cells as if those that were kept had been run in their place."""
    for cell in kept:
        cell.metadata["tags"] = [tag for tag in cell.metadata["tags"] if tag != SKIPPED]
    if kept:
        for number, cell in enumerate((cell for cell in code_cells(notebook) if cell.source.strip()), 1):
            cell.execution_count = number
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = number


def write(notebook: NotebookNode, path: Path) -> None:
    """Write `notebook` beside `path` and rename it: an interruption leaves the old file or the new one, whole."""
    nbformat.validate(notebook)
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8", newline="\n")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


# ---- order ----------------------------------------------------------------------------------------------------------


def name_cells(cells: list[dict[str, Any]]) -> None:
    """Give every cell that has no id, a random one or another cell's a readable one; leave all others as they are.

    The name is the nearest heading above, with a number: "what-a-filter-sees", "what-a-filter-sees-2", ...
    """
    kept: set[str] = set()
    nameless = []
    for cell in cells:
        name = cell.get("id") or ""
        if not VALID_ID.fullmatch(name) or RANDOM_ID.fullmatch(name) or name in kept:
            nameless.append(id(cell))
        else:
            kept.add(name)
    section = "start"
    for cell in cells:
        heading = re.search(r"^#+\s+(.+)", "".join(cell["source"]), re.MULTILINE)
        if cell["cell_type"] == "markdown" and heading:
            section = re.sub(r"[^a-z0-9]+", "-", heading[1].lower()).strip("-")[:48] or "section"
        if id(cell) in nameless:
            name, number = section, 1
            while name in kept:
                number += 1
                name = f"{section}-{number}"
            kept.add(name)
            cell["id"] = name


def number_widgets(notebook: NotebookNode) -> None:
    """Replace the random numbers of all widget models by 1, 2, 3, ... in order of appearance.

    First come the widgets that cells show, each followed by those it is made of, then the rest as they were created.
    """
    models = models_of(notebook)
    for model in models.values():
        if "msg_id" in model.state:  # the random number of a message, of no use once it is answered
            model.state["msg_id"] = ""
    shown = [
        output.data[VIEW]["model_id"]
        for cell in code_cells(notebook)
        for output in cell.outputs
        if VIEW in output.get("data", {})
    ]
    known = list(dict.fromkeys([*shown, *models]))
    if not known:
        return
    any_of_them = re.compile("|".join(map(re.escape, known)))
    numbers: dict[str, str] = {}

    def number(model_id: str) -> None:
        if model_id not in numbers:
            numbers[model_id] = f"{len(numbers) + 1:032x}"
            for part in any_of_them.findall(json.dumps(models.get(model_id), sort_keys=True)):
                number(part)

    for model_id in known:
        number(model_id)

    def renamed(part: Any) -> Any:
        return nbformat.from_dict(json.loads(any_of_them.sub(lambda found: numbers[found[0]], json.dumps(part))))

    for cell in code_cells(notebook):
        cell.outputs = renamed(cell.outputs)
    if "widgets" in notebook.metadata:
        notebook.metadata["widgets"] = renamed(notebook.metadata["widgets"])


# ---- checks ---------------------------------------------------------------------------------------------------------


def problems(notebook: NotebookNode) -> list[str]:
    """Return a sentence for everything in an executed notebook that must not be stored, in order; [] if nothing is."""
    found = []
    count = 0
    for cell in code_cells(notebook):
        tags = cell.metadata.get("tags", [])
        if cell.source.strip() and not {SKIPPED, "nbval-skip"} & set(tags):
            count += 1
            if cell.execution_count != count:
                found.append(f"cell {cell.id}: was run as number {cell.execution_count}, expected {count}")
        allowed = "raises-exception" in tags
        found += [f"cell {cell.id}: {what}" for what in problems_of(cell.outputs, errors_allowed=allowed)]
    for model in models_of(notebook).values():
        # A callback that fails writes its error here, where the executed cell does not show it.
        found += [f"a widget: {what}" for what in problems_of(model.state.get("outputs", []))]
        for buffer in model.get("buffers", []):
            content = base64.b64decode(buffer["data"])
            if content.startswith(b"\x89PNG") and len(content) > PICTURE_LIMIT:
                found.append(f"a widget: {too_large(len(content))}")
    return found


def problems_of(outputs: list[NotebookNode], *, errors_allowed: bool = False) -> Iterator[str]:
    """Yield a phrase for everything in `outputs`, those of a cell or of an Output widget, that must not be stored."""
    for output in outputs:
        if output.output_type == "error" and not errors_allowed:
            yield f"{output.ename}: {output.evalue}"
        data = output.get("data", {})
        text = "\n".join(
            [
                *("".join(value) for kind, value in data.items() if kind.startswith("text/")),
                "".join(output.get("text", "")),
                *output.get("traceback", []),
            ]
        )
        for picture in [*DATA_PICTURE.findall(text), "".join(data.get("image/png", ""))]:
            size = len(base64.b64decode(picture))
            if size > PICTURE_LIMIT:
                yield too_large(size)
        if address := ADDRESS.search(text):
            yield f"shows a memory address ({address[0]}), another one at every run: give the class a __repr__"
        if CELL_FILE.search(text):
            yield "shows the file name of a cell, another one at every run: is it a warning that can be avoided?"
        for place in own_places():
            if f"{place}{os.sep}" in text:
                yield f"shows a path of this machine, under {place}"


def too_large(size: int) -> str:
    return f"a picture of {size:,} bytes, expected at most {PICTURE_LIMIT:,}: fewer dots per inch or fewer details"


def own_places() -> list[str]:
    """Return the folders that have another name on the reader's machine: the checkout and the home."""
    return [str(place) for place in {ROOT, Path.home()} if place != Path(place.anchor)]


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


# ---- the command ----------------------------------------------------------------------------------------------------


def store(path: Path, timeout: int) -> list[str]:
    """Execute the notebook at `path` and write it back; return what is wrong with it (and then write nothing)."""
    notebook = read(path)
    if any("mnist" in cell.metadata.get("tags", []) for cell in notebook.cells) and not mnist_is_available():
        return ["shows results on MNIST, which is not here: python -m cnnlib download mnist"]
    kept = without_torch(notebook, nbformat.read(path, as_version=4))
    try:
        execute(notebook, path.parent, timeout)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        return [str(error).strip()]
    count_as_run(notebook, kept)
    predicted_cells.write_into(notebook)
    found = problems(notebook)
    if not found:
        write(notebook, path)
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Execute notebooks and store reproducible outputs.")
    parser.add_argument("notebook", nargs="*", type=Path, help="default: all of notebooks/")
    parser.add_argument("--timeout", type=int, default=120, help="seconds that one cell may take (default 120)")
    options = parser.parse_args(arguments)
    os.environ.pop("MPLBACKEND", None)  # the kernel chooses the one that puts figures into the notebook
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")  # the kernel of this environment, not one of the same name
    failed = 0
    for path in options.notebook or sorted((ROOT / "notebooks").glob("*.ipynb")):
        started = time.perf_counter()
        found = store(path.resolve(), options.timeout)
        if found:
            failed += 1
            print(f"{path.name}: not stored", *found, sep="\n  ", file=sys.stderr, flush=True)
        else:
            seconds = time.perf_counter() - started
            print(f"{path.name}: {seconds:.1f} s, {path.stat().st_size / 1000:.0f} KB", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
