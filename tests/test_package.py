"""The package as a whole: what `import cnnlib` brings, the interface, the manners of functions."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import itertools
import pkgutil
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from forms import FORMS

import cnnlib
from cnnlib import lenet, reference, training

ROOT = Path(cnnlib.__file__).parent

MODULES = [module.name for module in pkgutil.iter_modules([str(ROOT)])]

# What is imported


def test_import_brings_nothing_that_takes_time():
    heavy = "matplotlib ipywidgets anywidget IPython tqdm pooch requests PIL threadpoolctl scipy sklearn torch pandas"
    code = (
        "import sys, cnnlib\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        f"print(sorted(loaded & set({heavy.split()})))\n"
        "print(sorted(name for name in sys.modules if name.startswith('cnncourse')))\n"
        "network = cnnlib.lenet5(rng=0)\n"
        "network.backward(network.forward(cnnlib.load_digits()[0][0][:2]))\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'matplotlib', 'ipywidgets', 'IPython'}))\n"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == "[]\n[]\n[]\n"


# The interface of the course: names, parameters in their order, defaults. Nothing here may change.

INTERFACE = {
    "output_size": "size, kernel, stride=1, padding=0, dilation=1",
    "conv_transpose_output_size": "size, kernel, stride=1, padding=0, output_padding=0",
    "receptive_field": "layers",
    "cross_correlate2d": "x, kernel, mode='valid'",
    "convolve2d": "x, kernel, mode='full'",
    "conv2d": "x, weight, bias=None, stride=1, padding=0, dilation=1",
    "conv2d_backward": "delta, x, weight, stride=1, padding=0, dilation=1",
    "conv_transpose2d": "x, weight, bias=None, stride=1, padding=0, output_padding=0",
    "expand_sensitivity_map": "delta, stride, size=None",
    "max_pool2d": "x, size, stride=None, padding=0",
    "max_pool2d_backward": "delta, x, size, stride=None, padding=0",
    "avg_pool2d": "x, size, stride=None, padding=0",
    "avg_pool2d_backward": "delta, x, size, stride=None, padding=0",
    "global_avg_pool2d": "x",
    "global_avg_pool2d_backward": "delta, x",
    "relu": "x",
    "relu_derivative": "x",
    "sigmoid": "x",
    "sigmoid_derivative": "x",
    "tanh": "x",
    "tanh_derivative": "x",
    "leaky_relu": "x",
    "leaky_relu_derivative": "x",
    "softmax": "logits",
    "cross_entropy": "logits, labels",
    "mean_squared_error": "outputs, targets",
    "Conv2d": "in_channels, out_channels, kernel_size, stride=1, padding=0, *, rng=None, dtype=np.float32",
    "Linear": "in_features, out_features, *, rng=None, dtype=np.float32",
    "BatchNorm2d": "channels, eps=1e-5, momentum=0.1",
    "Dropout": "p=0.5, *, rng=None",
    "Residual": "*layers",
    "MaxPool2d": "size, stride=None, padding=0",
    "AvgPool2d": "size, stride=None, padding=0",
    "GlobalAvgPool2d": "",
    "Flatten": "",
    "Identity": "",
    "ReLU": "",
    "LeakyReLU": "",
    "Sigmoid": "",
    "Tanh": "",
    "Layer": "",
    "Layer.forward": "self, x",
    "Layer.backward": "self, gradient, input_gradient=True",
    "Layer.parameters": "self",
    "Layer.gradients": "self",
    "Sequential": "*layers",
    "Sequential.forward": "self, x",
    "Sequential.backward": "self, gradient, input_gradient=True",
    "Sequential.predict": "self, x",
    "Sequential.scores": "self, x",
    "Sequential.parameters": "self",
    "Sequential.gradients": "self",
    "Sequential.buffers": "self",
    "Sequential.load_parameters": "self, parameters",
    "Sequential.save": "self, path",
    "Sequential.load": "self, path",
    "Sequential.summary": "self, input_shape",
    "SGD": "network, lr, momentum=0, weight_decay=0",
    "SGD.step": "self",
    "Adam": "network, lr=...",
    "Adam.step": "self",
    "fit": (
        "network, optimizer, train, validation=None, epochs=..., batch_size=..., loss=cross_entropy, augment=None, "
        "schedule=None, callback=None, rng=None"
    ),
    "numerical_gradient": "f, x, eps=...",
    "gradient_check": "layer, x",
    "lenet5": "rng=None, dtype=np.float32",
    "lenet5_1998": "rng=None, dtype=np.float32",
    "load_digits": "size=28, split='classes', block=0",
    "load_mnist": "path=None",
    "read_digit": "picture",
}


@pytest.mark.parametrize("name", INTERFACE)
def test_the_interface(name):
    thing = cnnlib
    for part in name.split("."):
        thing = getattr(thing, part)
    names = {"np": np, "cross_entropy": cnnlib.cross_entropy}
    expected = inspect.signature(eval(f"lambda {INTERFACE[name]}: 0", names))
    actual = inspect.signature(thing).parameters
    positional = [p for p in expected.parameters.values() if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    assert list(actual)[: len(positional)] == [p.name for p in positional]
    for parameter in expected.parameters.values():
        ours = actual[parameter.name]
        assert ours.kind is parameter.kind
        if parameter.default is not ...:  # where the design leaves the value open
            assert ours.default == parameter.default
        else:
            assert ours.default is not inspect.Parameter.empty
    for extra in set(actual) - set(expected.parameters):  # more is welcome if nobody needs to give it
        assert actual[extra].default is not inspect.Parameter.empty


# What a program gets that leaves a setting out. A change here is one for CHANGELOG.md; None is no setting.
LEFT_OUT = {
    "activations.leaky_relu": {"slope": 0.01},
    "activations.leaky_relu_derivative": {"slope": 0.01},
    "augmentation.add_noise": {"rng": 0},
    "augmentation.random_distortion": {"rotation": 10, "scale": 0.1, "shear": 0.1, "shift": 1, "elastic": 0},
    "augmentation.random_shift": {"pixels": 1},
    "augmentation.shift": {"down": 0, "right": 0},
    "convolution.conv2d_backward": {"input_gradient": True},
    "datasets.download_mnist": {"progress": True, "replace": False},
    "geometry.kernel_extent": {"dilation": 1},
    "geometry.same_padding": {"dilation": 1},
    "geometry.unused_pixels": {"stride": 1, "padding": 0, "dilation": 1},
    "geometry.visit_counts": {"stride": 1, "padding": 0, "dilation": 1},
    "gradcheck.gradient_check": {"eps": 1e-5, "rng": 0, "report": False},
    "gradcheck.numerical_gradient": {"eps": 1e-5},
    "layers.Conv2d": {"dilation": 1},
    "layers.LeakyReLU": {"slope": 0.01},
    "layers.Pool2d": {"padding": 0},
    "lenet.map_criterion": {"j": 1},
    "pooling.maxima": {"padding": 0},
    "recipes.train": {"network": "lenet5", "data": "digits", "seed": 1, "validation": 0, "progress": True},
    "training.Adam": {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0},
    "training.Optimizer": {"weight_decay": 0},
    "training.evaluate": {"loss": cnnlib.cross_entropy},
    "training.fit": {"epochs": 10, "batch_size": 64, "progress": True},
    "training.one_cycle": {"warm_up": 0.2},
    "training.steps": {"factor": 0.1, "at": (0.5, 0.75)},
}
INSIDE = {"__main__", "arguments", "layout", "shapes", "summary", "weights"}  # not called by programs of others


def left_open(name: str, thing: Callable[..., object]) -> dict[str, object]:
    """Return the defaults of a function or class that INTERFACE leaves open, but for those that say nothing."""
    stated = inspect.signature(eval(f"lambda {INTERFACE.get(name, '')}: 0", {"np": np, **vars(cnnlib)})).parameters
    fixed = {"dtype"} | {one.name for one in stated.values() if one.default is not ...}
    given = inspect.signature(thing).parameters.values()
    return {one.name: one.default for one in given if one.name not in fixed and one.default not in (None, one.empty)}


def test_a_setting_that_is_left_out_has_the_value_it_had() -> None:
    found = {}
    for module in set(MODULES) - INSIDE - {"reference"}:  # whose signatures are those of the fast functions, see below
        for name, thing in vars(importlib.import_module(f"cnnlib.{module}")).items():
            own = getattr(thing, "__module__", "") == f"cnnlib.{module}" and not name.startswith("_")
            if own and callable(thing) and not (inspect.isclass(thing) and issubclass(thing, Exception)):
                found[f"{module}.{name}"] = left_open(name, thing)
    assert {name: values for name, values in found.items() if values} == LEFT_OUT


def test_all_names_are_there_and_nothing_else():
    assert len(set(cnnlib.__all__)) == len(cnnlib.__all__)
    assert {name for name in INTERFACE if "." not in name} | {"mnist_is_available", "reference"} <= set(cnnlib.__all__)
    assert all(hasattr(cnnlib, name) for name in cnnlib.__all__)
    public = {name for name, value in vars(cnnlib).items() if not name.startswith("_") and not inspect.ismodule(value)}
    assert public == set(cnnlib.__all__) - {"reference"}


def test_plain_loops_have_the_signatures_of_the_fast_functions():
    shared = [name for name in dir(reference) if hasattr(cnnlib, name) and inspect.isfunction(getattr(cnnlib, name))]
    assert {name for name in INTERFACE if name.endswith(("2d", "2d_backward")) and name[0].islower()} <= set(shared)
    assert "expand_sensitivity_map" in shared
    for name in shared:
        plain, fast = (inspect.signature(getattr(module, name)).parameters for module in (reference, cnnlib))
        more = [p for p in fast.values() if p.kind is p.KEYWORD_ONLY]  # what only saves work
        assert all(p.default in (None, True) for p in more), name
        shared_ones = [(p.name, p.default) for p in fast.values() if p not in more]
        assert [(p.name, p.default) for p in plain.values()] == shared_ones, name


def test_the_version_is_that_of_the_project():
    project = ROOT.parent / "pyproject.toml"
    if not project.exists():
        pytest.skip("not in a checkout")
    assert cnnlib.__version__ == tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]


# Documentation


@pytest.mark.parametrize("module", sorted({*MODULES} - {"__main__"}))
def test_everything_public_is_documented(module):
    module = importlib.import_module(f"cnnlib.{module}")
    assert module.__doc__
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__ or not callable(thing):
            continue
        assert inspect.getdoc(thing), f"{module.__name__}.{name}"
        if inspect.isclass(thing):
            for method, function in vars(thing).items():
                if inspect.isfunction(function) and not method.startswith("_"):
                    assert inspect.getdoc(getattr(thing, method)), f"{module.__name__}.{name}.{method}"


def test_what_computes_on_arrays_has_an_example():
    finder = doctest.DocTestFinder(recurse=False)
    missing = [
        name
        for name in cnnlib.__all__
        if inspect.isfunction(getattr(cnnlib, name))
        and name not in ("fit", "load_mnist", "mnist_is_available", "gradient_check", "load_digits")
        and not any(test.examples for test in finder.find(getattr(cnnlib, name), name))
    ]
    assert missing == []


def test_a_letter_of_a_shape_stands_for_one_thing():
    """B images, D channels, N filters, C classes, as in the chapters: none is the batch's N or the channels' C."""
    other = re.compile(r"\((?:N, (?!D, F)|C, H)[^)]*\)")
    assert all(map(other.search, ["(N, C, H, W)", "(N, features)", "(C, H, W)"]))
    assert not any(map(other.search, ["(N, D, F_h, F_w)", "(B, N, H2, W2)", "(B, C)", "(N,)", "(B, D, H, W)"]))
    found = []
    for path in sorted(ROOT.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = ast.get_docstring(node) if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) else None
            found += [f"{path.name}: {match[0]}" for match in other.finditer(text or "")]
    assert found == []


# Size. Lines of code: without blanks, comments and docstrings.


def code_lines(path):
    with tokenize.open(path) as file:
        source = file.read()
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    owners = [node for node in ast.walk(ast.parse(source)) if isinstance(node, documented) and ast.get_docstring(node)]
    docstrings = {line for node in owners for line in range(node.body[0].lineno, node.body[0].end_lineno + 1)}
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(iter(source.splitlines(keepends=True)).__next__)
    code = {n for token in tokens if token.type not in layout for n in range(token.start[0], token.end[0] + 1)}
    return len(code - docstrings)


def test_lines_of_code_are_counted_without_blanks_comments_and_docstrings(tmp_path):
    path = tmp_path / "counted.py"
    lines = ['"""Of', 'the module."""', "", "# why", "def f(x):  # what", '    """Twice x."""', ""]
    lines += ['    return """a', 'b""" * (', "        x", "    )", ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert code_lines(path) == 5


EVERYTHING = sorted(path.stem for path in ROOT.glob("*.py"))
# What leads from sizes to networks, and what it shares.
EVENING = ["arguments", "paths", "blas_threads", "geometry", "activations", "shapes", "layout"]
EVENING += ["convolution", "pooling", "losses", "reference", "layers", "network"]


@pytest.mark.parametrize(
    ("modules", "most"),
    [
        (EVENING, 1_200),  # an evening is enough to read it, as the README promises
        (EVERYTHING, 2_550),  # whoever changes the package can know all of it; what only chapters use is in cnncourse
    ],
    ids=["evening", "everything"],
)
def test_the_package_stays_small(modules, most):
    counts = {module: code_lines(ROOT / f"{module}.py") for module in modules}
    assert sum(counts.values()) <= most, f"{sum(counts.values())} lines of code: {counts}"
    readme = ROOT.parent / "README.md"
    assert not readme.exists() or f"{most:,}" in readme.read_text(encoding="utf-8")


def script_lines(path):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith("//"))


@pytest.mark.skipif(not (ROOT.parent / "README.md").exists(), reason="an installed package has no README")
def test_the_readme_knows_how_large_the_other_folders_are():
    readme = (ROOT.parent / "README.md").read_text(encoding="utf-8")
    said = {folder: re.findall(r"\d+,\d+", size) for folder, size in re.findall(r"\| `(\w+)/` \|.*\| (.*) \|", readme)}
    course, grader = ROOT.parent / "cnncourse", ROOT.parent / "grader" / "cnngrader"
    counted = {"cnncourse": [sum(map(code_lines, course.rglob("*.py")))]}
    counted["cnncourse"] += [sum(map(script_lines, (course / "explorers" / "web").rglob("*.js")))]
    if grader.is_dir():
        counted["grader"] = [sum(map(code_lines, grader.rglob("*.py")))]
    for folder, sizes in counted.items():
        assert [int(size.replace(",", "")) for size in said[folder]] == pytest.approx(sizes, rel=0.03), sizes


# Manners of every function that takes arrays: (function, arrays, other arguments). Whatever is added to the package
# must be added here.

rng = np.random.default_rng(31)
MAPS, KERNELS, PLANE = rng.normal(size=(2, 3, 6, 5)), rng.normal(size=(4, 3, 3, 2)), rng.normal(size=(5, 6))
NET, LABELS = rng.normal(size=(3, 4)), np.array([3, 0, 1])
NETWORK = cnnlib.Sequential(cnnlib.Linear(4, 3, rng=0, dtype=np.float64), cnnlib.Tanh())
CALLS = {
    "cross_correlate2d": ([PLANE, KERNELS[0, 0]], ["same"]),
    "convolve2d": ([PLANE, KERNELS[0, 0]], []),
    "conv2d": ([MAPS, KERNELS, rng.normal(size=4)], [2, 1]),
    "conv2d_backward": ([rng.normal(size=(2, 4, 3, 3)), MAPS, KERNELS], [2, 1]),
    "conv_transpose2d": ([MAPS, KERNELS.transpose(1, 0, 2, 3), rng.normal(size=4)], [2, 1]),
    "expand_sensitivity_map": ([MAPS], [(2, 3)]),
    "max_pool2d": ([MAPS], [3, 2, 1]),
    "max_pool2d_backward": ([rng.normal(size=(2, 3, 3, 3)), MAPS], [3, 2, 1]),
    "avg_pool2d": ([MAPS], [3, 2, 1]),
    "avg_pool2d_backward": ([rng.normal(size=(2, 3, 3, 3)), MAPS], [3, 2, 1]),
    "global_avg_pool2d": ([MAPS], []),
    "global_avg_pool2d_backward": ([rng.normal(size=(2, 3)), MAPS], []),
    **{name: ([NET], []) for name in ("relu", "relu_derivative", "sigmoid", "sigmoid_derivative", "tanh")},
    **{name: ([NET], []) for name in ("tanh_derivative", "leaky_relu", "leaky_relu_derivative", "softmax")},
    "cross_entropy": ([NET, LABELS], []),
    "mean_squared_error": ([NET, rng.normal(size=(3, 4))], []),
    "numerical_gradient": ([NET], []),
    "gradient_check": ([NET], []),
}
NO_ARRAYS = {"output_size", "conv_transpose_output_size", "receptive_field", "load_digits", "load_mnist", "fit"}
NO_ARRAYS |= {"read_digit", "mnist_is_available", "lenet5", "lenet5_1998"}  # fit: see test_training.py


def called(name, arrays, rest):
    if name == "numerical_gradient":
        return cnnlib.numerical_gradient(lambda x: (x**2).sum(), *arrays)
    if name == "gradient_check":
        return cnnlib.gradient_check(NETWORK, *arrays)
    return getattr(cnnlib, name)(*arrays, *rest)


def arrays_of(result):
    return [part for part in (result if isinstance(result, tuple) else (result,)) if isinstance(part, np.ndarray)]


def test_the_table_has_every_function():
    functions = {name for name in cnnlib.__all__ if inspect.isfunction(getattr(cnnlib, name))}
    assert set(CALLS) | NO_ARRAYS == functions


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("name", CALLS)
def test_inputs_stay_and_results_are_new(name, form):
    arrays, rest = CALLS[name]
    expected = arrays_of(called(name, arrays, rest))
    given = [form(array) for array in arrays]
    for array in given:
        array.flags.writeable = False
    results = arrays_of(called(name, given, rest))
    for array, before in zip(given, arrays, strict=True):
        np.testing.assert_array_equal(array, before)
    for place, (result, wanted) in enumerate(zip(results, expected, strict=True)):
        np.testing.assert_allclose(result, wanted, rtol=1e-12, atol=1e-12)
        assert result.flags.writeable
        assert not any(np.shares_memory(result, other) for other in [*given, *results[:place]])


@pytest.mark.parametrize("name", [name for name in CALLS if name not in ("numerical_gradient", "gradient_check")])
def test_dtypes_of_results(name):
    arrays, rest = CALLS[name]
    floating = [array.dtype.kind == "f" for array in arrays]
    for dtypes in itertools.product((np.float32, np.float64, np.int16), repeat=sum(floating)):
        kinds = iter(dtypes)
        given = [array.astype(next(kinds)) if is_float else array for array, is_float in zip(arrays, floating)]
        as_floats = [np.dtype(np.float32 if array.dtype == np.float32 else np.float64) for array in given]
        if name.endswith("pool2d_backward"):
            expected = [as_floats[1]]  # of x
        elif name == "conv2d_backward":
            expected = [as_floats[1], as_floats[2], as_floats[2]]
        elif name in ("cross_entropy", "mean_squared_error"):
            expected = [as_floats[0]]  # delta
        else:
            expected = [np.result_type(*as_floats)]
        assert [result.dtype for result in arrays_of(called(name, given, rest))] == expected


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_warning_and_no_nan_where_numbers_are_extreme(dtype):
    """Warnings are errors in these tests."""
    largest = np.finfo(dtype).max
    x = np.array([[-largest, -1e30, -1e4, -1.0, -0.0, 0.0, 1.0, 1e4, 1e30, largest]], dtype)
    for name in ("relu", "leaky_relu", "sigmoid", "tanh", "softmax"):
        assert np.isfinite(getattr(cnnlib, name)(x)).all(), name
    for name in ("relu", "leaky_relu", "sigmoid", "tanh"):
        assert np.isfinite(getattr(cnnlib, f"{name}_derivative")(x)).all(), name
    for layer in (cnnlib.ReLU(), cnnlib.LeakyReLU(), cnnlib.Sigmoid(), cnnlib.Tanh(), lenet.ScaledTanh()):
        y = layer.forward(x)
        assert np.isfinite(y).all() and np.isfinite(layer.backward(np.ones_like(x))).all(), layer
    for loss in (cnnlib.cross_entropy, lenet.map_criterion):
        for label in (0, 5, 9):
            value, delta = loss(x / 4, np.array([label]))
            assert np.isfinite(value) and np.isfinite(delta).all()
    for schedule in (training.constant(), training.cosine(), training.one_cycle(), training.steps()):
        assert all(0 <= schedule(place) <= 1 for place in np.linspace(0, 1, 101))


def test_integers_of_any_width_are_counted_exactly():
    """Sums of integers are made in float64: nothing wraps round as the integers' own arithmetic would."""
    for dtype in (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32):
        largest = int(np.iinfo(dtype).max)
        x = np.full((1, 2, 3, 4), largest, dtype)
        assert (cnnlib.conv2d(x, np.full((1, 2, 3, 4), 3, dtype)) == 24 * 3 * largest).all()
        assert (cnnlib.avg_pool2d(x, 2) == largest).all() and (cnnlib.max_pool2d(x, 2) == largest).all()
        assert cnnlib.mean_squared_error(x, np.zeros_like(x))[0] == pytest.approx(12.0 * float(largest) ** 2)
        assert (cnnlib.global_avg_pool2d(x) == largest).all()
        assert (cnnlib.cross_correlate2d(x[0, 0], x[0, 0]) == 12.0 * largest**2).all()
    unsigned = np.zeros((1, 1, 1, 2), np.uint8), np.array([[[[1, 0]]]], np.uint8)
    assert cnnlib.mean_squared_error(*unsigned)[1].ravel().tolist() == [-1, 0]
    assert cnnlib.conv2d(unsigned[1], np.array([[[[-1, 1]]]], np.int8)).item() == -1
