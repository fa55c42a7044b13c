"""The JavaScript of the explorers by itself: types, style, unit tests, scenes against Python's, and the bundle.

Needs node and npm, and its tools from npm's registry; where they are not to be had, the tests are skipped and say so.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import subprocess
from pathlib import Path
from typing import Any

import digit_pictures
import numpy as np
import pytest
from pages import npm_installed

from cnncourse.explorers import _learning_rate as learning_rate
from cnncourse.explorers import _stacked_kernels as stacked_kernels
from cnncourse.explorers import (
    activation,
    chain,
    convolution_steps,
    deep_stack,
    one_dimension,
    padding_stride,
    parameter_calculator,
    pooling,
    pooling_back,
    receptive_field,
    sensitivity_steps,
    sensitivity_stride,
    sparse_matrix,
    transposed,
)
from cnncourse.explorers.scene import Choice, Explorer, Range, Settings, combinations
from cnncourse.language import ENGLISH, speaking
from cnnlib import geometry

ROOT = Path(__file__).resolve().parent.parent
BUNDLES = [ROOT / "cnncourse" / "explorers" / name for name in ("bundle.js", "bundle_pictures.js", "bundle_pad.js")]


@pytest.fixture(scope="session")
def npm() -> Path:
    """Return the folder of the tools, installed as the lock file says if they are not there yet."""
    return npm_installed()


def run(npm: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["npm", "run", "-s", *arguments], cwd=npm, capture_output=True, text=True, env=os.environ | more
    )


@pytest.mark.parametrize("what", ["types", "lint"])
def test_the_modules_are_clean(npm: Path, what: str) -> None:
    done = run(npm, what)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_bundles_are_made_of_the_modules_byte_for_byte(npm: Path, tmp_path: Path) -> None:
    done = run(npm, "build", "--", f"--outdir={tmp_path}", "--allow-overwrite")
    assert done.returncode == 0, done.stderr
    for bundle in BUNDLES:
        assert (tmp_path / bundle.name).read_bytes() == bundle.read_bytes(), "npm run build, then commit the bundles"


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda bundle: bundle.stem)
def test_a_bundle_is_small_and_asks_no_other_host(bundle: Path) -> None:
    text = bundle.read_text(encoding="utf-8")
    assert len(text.encode()) <= 150_000
    addresses = text.split("http")[1:]
    assert bool(addresses) == ("createElementNS" in text)  # who draws with SVG names its language, by an address
    assert all(rest.startswith(("://www.w3.org/", "s?|file")) for rest in addresses)


def test_the_lock_file_names_no_registry() -> None:
    assert "resolved" not in (ROOT / "package-lock.json").read_text(encoding="utf-8")


def settings_of(explorer: Explorer) -> list[Settings]:
    """Return every combination with rows and columns alike, and a thousand drawn ones with each number of its own."""
    ranges = [s for s in explorer.settings if isinstance(s, Range)]
    start, rng = explorer.start(), np.random.default_rng(8)
    numbers = [range(s.low, s.high + 1) for s in ranges]
    alike = [
        start | {s.name: [n, n] if s.pair else n for s, n in zip(ranges, some)} for some in itertools.product(*numbers)
    ]
    drawn = [start | {s.name: s.values()[int(rng.integers(len(s.values())))] for s in ranges} for _ in range(1000)]
    return alike + drawn


STORED = (
    convolution_steps.STEPS,
    convolution_steps.DEPTH,
    pooling.EXPLORER,
    pooling_back.EXPLORER,
    one_dimension.EXPLORER,
    sparse_matrix.EXPLORER,
)
COMPUTED = (receptive_field.EXPLORER, sensitivity_steps.EXPLORER, sensitivity_stride.EXPLORER, transposed.EXPLORER)
# What the program of a setting calls the output.
RESULTS = {"convolution_step_by_step": "a", "convolution_over_channels": "a", "pooling_step_by_step": "a"} | {
    "pooling_sensitivity": "d_x",
    "convolution_in_one_dimension": "result",
    "sensitivity_stepper": "d_x",
    "sensitivity_through_stride": "d_x",
    "transposed_convolution": "out",
}


def drawn(explorer: Explorer, count: int) -> list[Settings]:
    """Return every value of every setting beside those of the start, and `count` drawn combinations."""
    start, rng = explorer.start(), np.random.default_rng(12)
    known = [s for s in explorer.settings if isinstance(s, (Range, Choice))]
    chosen = [start | {s.name: value} for s in known for value in s.values()]
    return chosen + [
        start | {s.name: s.values()[int(rng.integers(len(s.values())))] for s in known} for _ in range(count)
    ]


def table_of(explorer: Explorer, chosen: list[Settings], language: str = ENGLISH) -> dict[str, Any]:
    with speaking(language):
        cases = [{"settings": s, "scene": explorer.scene_of(s).to_json()} for s in chosen]
        return {"data": explorer.page(), "cases": cases, "codes": []}


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the table of cases and return its path."""
    chosen = settings_of(padding_stride.EXPLORER)
    table: dict[str, Any] = {
        "data": padding_stride.data(),
        "cases": [{"settings": s, "scene": padding_stride.EXPLORER.scene_of(s).to_json()} for s in chosen],
        "codes": [
            {"settings": s, "library": library, "code": padding_stride.code(s, library)}
            for s in chosen[::19]
            for library in ("cnnlib", "torch")
        ],
    }
    path = tmp_path_factory.mktemp("cases") / "cases.json"
    others = [table_of(one, list(combinations(one.settings))) for one in STORED]
    others += [table_of(one, drawn(one, 300)) for one in COMPUTED]
    others += [table_of(one, drawn(one, 30), "zh_CN") for one in (*STORED, *COMPUTED)]
    others.append(table_of(padding_stride.EXPLORER, chosen[::40], "zh_CN"))
    path.write_text(json.dumps([table, *others]), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def curves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the table of the explorers of curves, for each explorer its data, scenes and codes, and return its path."""
    table = []
    for module in (activation, chain, parameter_calculator, learning_rate, deep_stack, stacked_kernels):
        explorer, rng, start = module.EXPLORER, np.random.default_rng(8), module.EXPLORER.start()
        numbers = [s.values() for s in explorer.settings]
        alone = [start | {s.name: value} for s, values in zip(explorer.settings, numbers) for value in values]
        drawn = [[values[int(rng.integers(len(values)))] for values in numbers] for _ in range(300)]
        chosen = alone + [dict(zip(start, one)) for one in drawn]
        if math.prod(map(len, numbers)) <= 400:
            chosen = [dict(zip(start, one)) for one in itertools.product(*numbers)]
        codes = [(s, library, module.code(s, library)) for s in chosen[::29] for library in ("cnnlib", "torch")]
        for language, some in ((ENGLISH, chosen), ("zh_CN", chosen[::10])):
            with speaking(language):
                scenes = [(s, explorer.scene_of(s).to_json()) for s in some]
                table.append({"data": explorer.page(), "cases": scenes, "codes": codes})
    path = tmp_path_factory.mktemp("curves") / "curves.json"
    path.write_text(json.dumps(table), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the table of pictures, with the image that cnnlib makes of each or why there is none; return its path."""
    path = tmp_path_factory.mktemp("pictures") / "pictures.json"
    path.write_text(json.dumps(digit_pictures.table()), encoding="utf-8")
    return path


def test_the_modules_pass_their_unit_tests_and_compute_what_python_does(
    npm: Path, cases: Path, curves: Path, pictures: Path
) -> None:
    done = run(npm, "test", CASES=str(cases), CURVES=str(curves), PICTURES=str(pictures))
    assert done.returncode == 0, done.stdout[done.stdout.find("not ok") :][:3000] + done.stderr
    assert "# skipped 0" in done.stdout or "skipped 0" in done.stdout


@pytest.mark.parametrize("explorer", [*STORED, *COMPUTED], ids=lambda explorer: explorer.name)
def test_the_code_that_is_copied_computes_the_output(
    npm: Path, explorer: Explorer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fitting = [s for s in drawn(explorer, 60) if explorer.scene_of(s).output is not None][::4]
    (tmp_path / "in.json").write_text(json.dumps([explorer.data(), fitting]), encoding="utf-8")
    program = (
        f"import {{ codeOf }} from {json.dumps((ROOT / 'cnncourse/explorers/web/index.js').as_uri())};"
        'import fs from "node:fs"; const [data, all] = JSON.parse(fs.readFileSync(process.argv[1], "utf8"));'
        'const both = (s) => ["cnnlib", "torch"].map((library) => codeOf(data, s, library));'
        "console.log(JSON.stringify(all.map(both)));"
    )
    command = ["node", "--input-type=module", "-e", program, str(tmp_path / "in.json")]
    done = subprocess.run(command, cwd=npm, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for settings, (ours, theirs) in zip(fitting, json.loads(done.stdout)):
        compile(theirs, "torch", "exec")
        assert "undefined" not in ours + theirs and "{" not in ours + theirs
        found: dict[str, Any] = {}
        exec(ours, found)
        scene = explorer.scene_of(settings)
        if explorer is receptive_field.EXPLORER:
            assert int(capsys.readouterr().out) == geometry.receptive_field(found["layers"])
            assert found["layers"] == [
                (settings[f"kernel_{l}"], settings[f"stride_{l}"]) for l in range(1, settings["layers"] + 1)
            ]
        elif explorer is sparse_matrix.EXPLORER:
            assert np.array_equal(found["matrix"], scene.grid("matrix").values)
        else:
            expected = np.array([grid.values for grid in scene.grids if grid.role == "output"], float)
            assert np.allclose(found[RESULTS[explorer.name]][0], expected), settings
    capsys.readouterr()
