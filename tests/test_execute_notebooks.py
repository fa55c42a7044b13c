"""tools/execute_notebooks.py on small notebooks: what it puts in order, and what it refuses to store."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import execute_notebooks
import stored_widgets

TOOL = Path(execute_notebooks.__file__)

ORDERLY = [
    "print('one')\nprint('two', flush=True)\nprint('three')",
    "import ipywidgets as widgets\nslider = widgets.IntSlider(3)\nout = widgets.Output()\n"
    "with out:\n    print('inside')\nwidgets.VBox([out, slider])",
    "widgets.interact(lambda n: print('n is', n), n=(0, 4));",
    "import matplotlib.pyplot as plt\n_ = plt.plot([1, 3, 2])",
]
FAULTY = {
    "cell": ("1 / 0", "ZeroDivisionError"),
    "interact": (
        "import ipywidgets as widgets\n_ = widgets.interact(lambda n: [][n], n=(0, 4))",
        "a widget: IndexError: list index out of range",
    ),
    "click": (
        "import ipywidgets as widgets\nbutton = widgets.Button()\n"
        "button.on_click(lambda _: {}['missing'])\nbutton.click()",
        "KeyError: 'missing'",
    ),
    "observe": (
        "import ipywidgets as widgets\nslider = widgets.IntSlider()\nout = widgets.Output()\n"
        "slider.observe(out.capture()(lambda change: 1 / 0), 'value')\nslider.value = 2\nout",
        "a widget: ZeroDivisionError",
    ),
    "picture": (
        "import numpy as np, matplotlib.pyplot as plt\n"
        "plt.imsave('large.png', np.random.default_rng(0).random((200, 200, 3)))\n"
        "from IPython.display import Image\nImage('large.png')",
        "a picture of 140,",
    ),
    "address": ("object()", "shows a memory address"),
    "warning": ("import warnings\nwarnings.warn('careful')", "shows the file name of a cell"),
    "path": ("from pathlib import Path\nprint(Path.home() / 'here')", "shows a path of this machine"),
}


def write(path: Path, sources: list[str]) -> None:
    cells = [new_markdown_cell("# A small notebook\nText."), *map(new_code_cell, sources)]
    nbformat.write(new_notebook(cells=cells), path)


def run(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, TOOL, *(folder / name for name in names)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "orderly.ipynb"
    write(path, ORDERLY)
    first_run = run(tmp_path, path.name)
    assert first_run.returncode == 0, first_run.stderr
    first = path.read_bytes()
    assert run(tmp_path, path.name).returncode == 0
    assert path.read_bytes() == first
    assert [file.name for file in tmp_path.iterdir()] == [path.name]

    notebook = nbformat.read(path, as_version=4)
    assert execute_notebooks.problems(notebook) == []
    assert "version" not in notebook.metadata.language_info
    text, *code = notebook.cells
    assert [cell.id for cell in notebook.cells] == ["a-small-notebook", *(f"a-small-notebook-{n}" for n in range(2, 6))]
    assert [cell.execution_count for cell in code] == [1, 2, 3, 4]
    assert not any("execution" in cell.metadata for cell in code)
    assert [output.text for output in code[0].outputs] == ["one\ntwo\nthree\n"]
    assert "image/png" in code[3].outputs[0].data

    models = stored_widgets.models_of(notebook)
    assert list(models) == [f"{number:032x}" for number in range(1, len(models) + 1)]
    box = models[code[1].outputs[0].data[execute_notebooks.VIEW]["model_id"]]
    assert box.state.children == [f"IPY_MODEL_{number:032x}" for number in (2, 4)]  # 3 is the layout of 2
    inside = models[f"{2:032x}"]
    assert inside.model_name == "OutputModel"
    assert inside.state.outputs[0].text == "inside\n"
    assert inside.state.msg_id == ""


def test_what_is_not_stored(tmp_path: Path) -> None:
    for name, (source, _) in FAULTY.items():
        write(tmp_path / f"{name}.ipynb", [source])
    before = {name: (tmp_path / f"{name}.ipynb").read_bytes() for name in FAULTY}
    result = run(tmp_path, *(f"{name}.ipynb" for name in FAULTY))
    assert result.returncode == 1
    told = dict(zip(FAULTY, result.stderr.split(".ipynb: not stored\n")[1:], strict=True))
    for name, (_, message) in FAULTY.items():
        assert message in told[name]
        assert (tmp_path / f"{name}.ipynb").read_bytes() == before[name]


def with_torch_cell(path: Path) -> None:
    """Write a notebook of three cells; the second needs PyTorch and has an output of the day when it was there."""
    write(path, ["print('first')", "import torch\nprint('torch is here')", "print('last')"])
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].metadata["tags"] = ["torch"]
    notebook.cells[2].outputs = [new_output("stream", text="what it gave\n")]
    nbformat.write(notebook, path)


def test_without_pytorch_its_cells_keep_what_they_gave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute_notebooks, "find_spec", lambda name: None)
    path = tmp_path / "torch.ipynb"
    with_torch_cell(path)
    assert execute_notebooks.store(path, timeout=60) == []
    _, first, kept, last = nbformat.read(path, as_version=4).cells
    assert [cell.outputs[0].text for cell in (first, kept, last)] == ["first\n", "what it gave\n", "last\n"]
    assert [cell.execution_count for cell in (first, kept, last)] == [1, 2, 3] and kept.metadata["tags"] == ["torch"]


def test_with_pytorch_its_cells_are_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute_notebooks, "find_spec", lambda name: object())
    path = tmp_path / "torch.ipynb"
    with_torch_cell(path)
    notebook = execute_notebooks.read(path)
    assert execute_notebooks.without_torch(notebook, nbformat.read(path, as_version=4)) == []
    assert notebook.cells[2].outputs == [] and notebook.cells[2].metadata["tags"] == ["torch"]


def test_stored_faults_are_found() -> None:
    notebook = new_notebook(cells=[new_code_cell("x", execution_count=2), new_code_cell("  "), new_code_cell("y")])
    first, _, last = notebook.cells
    first.outputs = [new_output("error", ename="E", evalue="v", traceback=[])]
    found = execute_notebooks.problems(notebook)
    assert found == [
        f"cell {first.id}: was run as number 2, expected 1",
        f"cell {first.id}: E: v",
        f"cell {last.id}: was run as number None, expected 2",
    ]
    first.metadata.tags, last.metadata.tags = ["raises-exception"], ["skip-execution"]
    first.execution_count = 1
    assert execute_notebooks.problems(notebook) == []


@pytest.mark.parametrize("excess", [0, 1])
def test_pictures_are_measured_wherever_they_are(excess: int) -> None:
    content = b"\x89PNG".ljust(execute_notebooks.PICTURE_LIMIT + excess, b"\0")
    picture = base64.b64encode(content).decode()
    plain = new_output("display_data", {"image/png": picture})
    inline = new_output("display_data", {"text/html": f'<img src="data:image/png;base64,{picture}">'})
    notebook = new_notebook(cells=[new_code_cell("x", execution_count=1, outputs=[plain, inline])])
    widgets = {
        "output": {"state": {"outputs": [plain]}},
        "image": {"state": {}, "buffers": [{"encoding": "base64", "path": ["value"], "data": picture}]},
    }
    notebook.metadata["widgets"] = {stored_widgets.STATE: {"state": widgets}}
    found = execute_notebooks.problems(notebook)
    assert len(found) == 4 * excess
    assert all("a picture of 50,001 bytes" in sentence for sentence in found)


def test_names_of_cells_stay() -> None:
    cells = [
        {"cell_type": "code", "source": "import this", "id": "0f3a9c1e"},
        {"cell_type": "markdown", "source": ["Text.\n", "## Max & mean: 2×2\n"], "id": "pools"},
        {"cell_type": "code", "source": "# a comment", "id": "b3c1f1a2-5d0e-4a7f-9d3e-0123456789ab"},
        {"cell_type": "code", "source": "2", "id": "max-mean-2-2-2"},
        {"cell_type": "code", "source": "3", "id": "pools"},
        {"cell_type": "code", "source": "4"},
    ]
    execute_notebooks.name_cells(cells)
    names = [cell["id"] for cell in cells]
    assert names == ["start", "pools", "max-mean-2-2", "max-mean-2-2-2", "max-mean-2-2-3", "max-mean-2-2-4"]
    execute_notebooks.name_cells(cells)
    assert [cell["id"] for cell in cells] == names


def test_a_notebook_that_needs_mnist_is_not_stored_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "digits.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1", metadata={"tags": ["mnist"]})]), path)
    monkeypatch.setattr(execute_notebooks, "mnist_is_available", lambda: False)
    assert "MNIST" in execute_notebooks.store(path, timeout=10)[0]


def test_an_old_notebook_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"nbformat": 3, "worksheets": []}))
    with pytest.raises(ValueError, match=r"old\.ipynb: got notebook format 3, expected 4"):
        execute_notebooks.read(path)
