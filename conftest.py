"""What holds for all tests, those in tests/ and the cells of notebooks/ alike."""

from __future__ import annotations

import functools
import gc
import os
import random
import sys
from importlib.util import find_spec

import pytest
from hypothesis import Phase, settings

from cnncourse.plots.picture import COARSE
from cnnlib.datasets import mnist_is_available

# The same examples at every run: a red test then means that the code has changed. To look for new ones:
#   make test TESTS="tests --hypothesis-profile=explore"
settings.register_profile("course", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
# For `make mutants`: that a test fails is all there is to know, the smallest example that does so is not looked for.
QUICK = (Phase.explicit, Phase.generate)
settings.register_profile("mutants", deadline=None, derandomize=True, database=None, phases=QUICK)
settings.load_profile("course")


# Thousands of tests are objects that stay. Python would look through all of them for what can be thrown away, again and
# again: so it looks more seldom (by default after 700 new objects). `gc.freeze` would spare it the tests altogether.
# But older versions of Hypothesis ask who refers to NumPy's random state, and nothing that is frozen answers.
gc.set_threshold(20_000)


# What programs say is compared in English, whatever language the course has on this machine.
os.environ.pop("CNNCOURSE_LANGUAGE", None)

# It has an attribute of any name, as an assignment's check is called: pytest would take one for its list of plugins.
# The other is the settings of a JupyterHub, which gives them their names.
collect_ignore = ["cnncourse/assignments/checks.py", "tests_browser/hub_for_tests.py"]


@functools.cache
def mnist() -> bool:
    return mnist_is_available()


@functools.cache
def torch() -> bool:
    return find_spec("torch") is not None


def pytest_addoption(parser: pytest.Parser) -> None:
    what = "run the files, and the tests of each file, in an order that SEED draws; cells of a notebook keep theirs"
    parser.addoption("--shuffle", type=int, metavar="SEED", help=what)


def pytest_report_header(config: pytest.Config) -> list[str]:
    seed = config.getoption("shuffle")
    without_mnist = "tests marked mnist are skipped and notebook cells tagged mnist run without comparison"
    return [
        "MNIST: found" if mnist() else f"MNIST: not found, so {without_mnist}",
        "PyTorch: found" if torch() else "PyTorch: not found, so notebook cells tagged torch are skipped",
        *([] if seed is None else [f"order: drawn by --shuffle={seed}"]),
    ]


def tags_of(item: pytest.Item) -> list[str]:
    """Return the tags of a notebook's cell; only the items that nbval makes have one."""
    cell = getattr(item, "cell", None)
    return cell.metadata.get("tags", []) if cell is not None else []


def shuffled(items: list[pytest.Item], seed: int) -> list[pytest.Item]:
    """Return the items in the order that a seed draws, file by file; the cells of a notebook need those above them."""
    drawing, files = random.Random(seed), dict[str, list[pytest.Item]]()
    for item in items:
        files.setdefault(item.nodeid.partition("::")[0], []).append(item)
    order = list(files.values())
    drawing.shuffle(order)
    for own in order:
        if not hasattr(own[0], "cell"):
            drawing.shuffle(own)
    return [item for own in order for item in own]


@pytest.hookimpl(tryfirst=True)  # before pytest puts those together that share a fixture with a parameter
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if (seed := config.getoption("shuffle")) is not None:
        items[:] = shuffled(items, seed)
    if not torch():
        for item in items:
            if "torch" in tags_of(item):
                item.add_marker(pytest.mark.skip(reason="needs PyTorch: pip install torch"))
    if mnist():
        return
    for item in items:
        if item.get_closest_marker("mnist"):
            item.add_marker(pytest.mark.skip(reason="needs MNIST: python -m cnnlib download mnist"))
        if "mnist" in tags_of(item):
            item.options["check"] = False


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Have the kernels of notebooks, and nothing else, draw coarsely: of figures nbval compares only what they say."""
    if hasattr(item, "cell"):
        os.environ[COARSE] = "1"
    else:
        os.environ.pop(COARSE, None)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write down in each worker which lines it reached, if they are counted (`make coverage`).

    Left to the end of the process this can be lost: xdist ends a worker that takes longer than ten seconds to go.
    """
    coverage = sys.modules.get("coverage")
    counting = coverage and coverage.Coverage.current()
    if counting and hasattr(session.config, "workerinput"):
        counting.stop()
        counting.save()
