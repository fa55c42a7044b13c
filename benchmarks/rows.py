"""The rows of the table, from top to bottom."""

from __future__ import annotations

from functools import partial

from . import lenet, operations, resources, training
from .goals import Row
from .operations import Convolution

PYTORCH, SCIPY = ("torch",), ("scipy",)

STEP = "LeNet-5, a training step: images/s over PyTorch's, eager / best of eager and channels_last"
LOOPS = "LeNet-5, a training step: images/s over those of plain loops"
CONVOLUTIONS = "Other convolutions, forward + backward, 1 thread: time over PyTorch's, C order / layers' own order"
IMAGE = "One 512×512 image, one 3×3 kernel, 1 thread: SciPy's time over ours"
TRAINING = "Whole trainings, all cores"
REST = "Memory and waiting"


def _step(batch: int) -> Row:
    return Row(
        f"lenet-{batch}",
        STEP,
        f"batch {batch}, 1 thread",
        partial(lenet.training_step, batch),
        "≥2.6 / ≥2.2",
        "≥3 / ≥2.6",
        must_avx2="≥1.6 / ≥1.4",
        threads=1,
        needs=PYTORCH,
    )


def _fit(batch: int, threads: int) -> Row:
    return Row(
        f"fit-{batch}-{threads}",
        STEP,
        f"batch {batch}, in fit, {threads} {'thread' if threads == 1 else 'cores'}",
        partial(lenet.step_in_fit, batch),
        "≥2.6 / ≥2.2" if threads == 1 else "≥2.0 / ≥1.8",
        "≥3 / ≥2.6" if threads == 1 else "≥2.5 / ≥2.2",
        must_avx2="≥1.6 / ≥1.4" if threads == 1 else "",
        threads=threads,
        needs=PYTORCH,
    )


def _convolution(name: str, what: str, layer: Convolution, must: str, aim: str) -> Row:
    measure = partial(operations.convolution, layer)
    return Row(name, CONVOLUTIONS, f"{what}, batch {layer.batch}", measure, must, aim, threads=1, needs=PYTORCH)


def _image(dtype: str, must: str, aim: str) -> Row:
    measure = partial(operations.one_image, dtype)
    return Row(f"image-{dtype}", IMAGE, dtype, measure, must, aim, threads=1, needs=SCIPY)


def _weights(file: str, what: str, must: str, aim: str) -> Row:
    measure = partial(training.shipped_weights, f"{file}.npz")
    return Row(f"weights-{file}", TRAINING, f"{what}: error", measure, must, aim, blas=False)


ROWS = [
    _step(64),
    _step(128),
    _fit(64, 1),
    _fit(128, 1),
    _fit(128, 2),
    _fit(256, 2),
    Row(
        "lenet-1",
        STEP,
        "batch 1, 1 thread",
        partial(lenet.training_step, 1),
        "≥2.5",
        "≥3.5",
        threads=1,
        needs=PYTORCH,
    ),
    Row("loops", LOOPS, "cnnlib.reference, 1 thread", lenet.reference_loops, "≥1000", threads=1),
    _convolution("conv-3x3-56", "3×3, 64→64, 56²", Convolution(8, 64, 64, 56, 3, padding=1), "≤1.35", "≤1.1"),
    _convolution("conv-3x3-14", "3×3, 32→64, 14²", Convolution(32, 32, 64, 14, 3, padding=1), "≤1.25", "≤1.0"),
    _convolution("conv-1x1-56", "1×1, 64→256, 56²", Convolution(8, 64, 256, 56, 1), "≤0.9", "≤0.7"),
    _convolution("conv-11x11", "11×11, 3→96, 227², stride 4", Convolution(8, 3, 96, 227, 11, 4), "≤0.8", "≤0.7"),
    _image("float32", "≥6", "≥8"),
    _image("float64", "≥3.2", "≥4.5"),
    Row(
        "digits",
        TRAINING,
        "digits: mean of 10 seeds / longest of 2",
        training.digits,
        "≥99.5 % / ≤5 s",
    ),
    Row("mnist-99", TRAINING, "MNIST: longest of 5 seeds to 99 %", training.mnist_seconds, "≤4.5 s", "≤3 s"),
    Row(
        "mnist-error",
        TRAINING,
        "MNIST: error of 5 seeds / time of one",
        training.mnist_error,
        "≤0.60 % / ≤15 s",
        "≤0.55 % / ≤12 s",
    ),
    _weights("lenet5_mnist", "MNIST, shipped LeNet-5", "≤0.52 %", "≤0.45 %"),
    _weights("lenet5_1998_mnist", "MNIST, shipped 1998 network", "≤0.75 %", "≤0.65 %"),
    Row(
        "memory-fit",
        REST,
        "most memory of fit, batch 128",
        resources.memory_of_training,
        "≤30 MB",
        blas=False,
    ),
    Row(
        "memory-predict",
        REST,
        "most memory of predict, 10,000 images",
        resources.memory_of_predict,
        "≤40 MB",
        blas=False,
    ),
    Row("import", REST, "import cnnlib after import numpy", resources.import_time, "≤0.1 s", blas=False),
    Row("chapters", REST, "the slowest chapter, from the top", resources.chapters, "≤10 s", "≤6 s", blas=False),
    Row(
        "sliders",
        REST,
        "one step of a slider, in the page",
        resources.sliders,
        "≤16 ms",
        "≤8 ms",
        blas=False,
    ),
]


def selected(names: list[str] | None) -> list[Row]:
    """Return the rows with these names, or names that begin so ("conv"), in the order of the table; None means all.

    Raises ValueError for a name that no row has.
    """
    if names is None:
        return ROWS
    unknown = [name for name in names if not any(row.name.startswith(name) for row in ROWS)]
    if unknown:
        raise ValueError(f"row: got {', '.join(unknown)}, expected {', '.join(row.name for row in ROWS)}")
    return [row for row in ROWS if any(_is_meant(row, name) for name in names)]


def _is_meant(row: Row, name: str) -> bool:
    """Return whether a name means this row: "lenet-1" means the row with exactly that name, not lenet-128 as well."""
    return row.name == name if any(other.name == name for other in ROWS) else row.name.startswith(name)
