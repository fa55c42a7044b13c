"""Make data/digits.npz from the handwritten digits that scikit-learn ships: `python data/make_digits.py [file]`.

The file comes out the same, byte for byte, whenever and wherever it is made: the split uses no random numbers, the
arrays are stored without compression, and every entry of the archive carries the same date.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

FOLD = 5  # one image in five is a test image


def chosen_for_testing(labels: np.ndarray) -> np.ndarray:
    """Return which images are for testing, booleans (n,): sorted by class, every fifth one, beginning with the first.

    Within a class the order of the source stays. So each class gives a fifth of its images, rounded down or up.
    """
    by_class = np.argsort(labels, kind="stable")
    chosen = np.zeros(len(labels), dtype=bool)
    chosen[by_class[::FOLD]] = True
    return chosen


def save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write `arrays` to an .npz file whose bytes depend on nothing but the arrays."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # else Windows would write another byte here
            entry.external_attr = 0o644 << 16
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            archive.writestr(entry, content.getvalue())


def main(path: Path) -> None:
    digits = load_digits()
    images, labels = digits.images.astype(np.uint8), digits.target.astype(np.uint8)
    if not (np.array_equal(images, digits.images) and np.array_equal(labels, digits.target)):
        raise ValueError("scikit-learn's digits are not whole numbers from 0 to 255")
    test = chosen_for_testing(labels)
    arrays = {"x_train": images[~test], "y_train": labels[~test], "x_test": images[test], "y_test": labels[test]}
    # Where each image stands in the source, which seems to go through its writers one after another.
    places = np.arange(len(labels), dtype=np.uint16)
    arrays |= {"place_train": places[~test], "place_test": places[test]}
    save(path, arrays)
    print(f"{path.name}: {len(arrays['y_train'])} images for training, {len(arrays['y_test'])} for testing")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("digits.npz"))
