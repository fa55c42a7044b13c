"""Make docs/lenet5.png, the picture of the README: `python docs/make_readme_picture.py`.

A digit of the bundled test set goes through the trained LeNet-5; the picture shows what every layer makes of it.
"""

from __future__ import annotations

from pathlib import Path

import cnnlib
from cnncourse import plots
from cnnlib import paths, recipes

DIGIT = 108  # of the test digits; the tour shows the same one


def main(path: Path) -> None:
    network, _ = recipes.load_trained(paths.data_folder() / "lenet5_mnist.npz")
    _, (x_test, y_test) = cnnlib.load_digits()
    x = x_test[DIGIT : DIGIT + 1]
    net1 = network[0].forward(x)
    p1 = network[1:3].forward(net1)
    net2 = network[3].forward(p1)
    p2 = network[4:6].forward(net2)
    f1 = network[6:9].forward(p2)
    f2 = network[9:11].forward(f1)
    p = cnnlib.softmax(network[11].forward(f2))
    first, second = [("CONV", net1), ("RELU, POOL", p1)], [("CONV", net2), ("RELU, POOL", p2)]
    stages = [("image", x), *first, *second, ("FC, RELU", f1), ("FC, RELU", f2), ("FC, softmax", p)]
    plots.layer_maps(stages, truth=int(y_test[DIGIT])).save(path)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main(Path(__file__).with_name("lenet5.png"))
