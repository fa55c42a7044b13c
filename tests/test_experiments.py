"""What chapters show of stored experiments is what their functions give: one draw or start of each is run again."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from data_scripts import script_of

from cnnlib.paths import data_folder

FILE = data_folder() / "experiments.npz"
STORED = dict(np.load(FILE))


@pytest.fixture(scope="module")
def experiments() -> ModuleType:
    return script_of("experiments")


@pytest.fixture(scope="module")
def names(experiments: ModuleType) -> dict[str, Any]:
    return experiments.chapter()


def test_every_array_has_its_draws_and_starts(experiments: ModuleType) -> None:
    shapes = {name: numbers.shape for name, numbers in STORED.items()}
    wanted = {"cures": (len(experiments.CURES), 10, 4), "kinds": (len(experiments.KINDS), 10, 2)}
    wanted |= {"permuted": (4, 8), "sigmoids": (len(experiments.STACKS), 5), "depths": (4, 5, 5)}
    wanted |= {"members": (len(experiments.MEMBERS), 10), "covered": (6, 3), "sparse": (3, 5, 2, 5), "ends": (3, 10, 2)}
    wanted |= {"deep": (4, 10), "dropout": (10, 4), "noise": (2, 2, 5, 2), "longer": (5,), "adam": (5,)}
    assert shapes == wanted


# Processors add in different orders, and after many steps a share may differ by a few images.
def test_a_cure_comes_out_as_stored(experiments: ModuleType, names: dict[str, Any]) -> None:
    found = experiments.cured(names, "decay", 2)
    assert np.allclose(found, STORED["cures"][1, 2], rtol=0, atol=(0.1, 0.1, 2, 3))


def test_a_kind_of_network_comes_out_as_stored(experiments: ModuleType, names: dict[str, Any]) -> None:
    assert np.allclose(experiments.learned_by_heart(names, "fully_connected", 4), STORED["kinds"][0, 4], rtol=0, atol=2)


@pytest.mark.parametrize(("row", "mixed"), [(0, False), (1, True)])
def test_mixed_pixels_come_out_as_stored(experiments: ModuleType, names: dict[str, Any], row: int, mixed: bool) -> None:
    assert abs(experiments.misread(names, "fully_connected", mixed, 3) - STORED["permuted"][row, 3]) < 2


def test_a_stack_of_sigmoids_comes_out_as_stored(experiments: ModuleType, names: dict[str, Any]) -> None:
    assert abs(experiments.sigmoids(names, experiments.STACKS[3], 1) - STORED["sigmoids"][3, 1]) < 2


@pytest.mark.parametrize(("row", "place", "seed"), [(0, 1, 2), (1, 2, 4), (2, 3, 1), (3, 4, 2)])
def test_a_stack_comes_out_as_stored(
    experiments: ModuleType, names: dict[str, Any], row: int, place: int, seed: int
) -> None:
    found = experiments.stacked(names, list(names["kinds"])[row], names["depths"][place], seed)
    assert abs(found - STORED["depths"][row, place, seed]) < 3


def test_more_epochs_and_adam_come_out_as_stored(experiments: ModuleType, names: dict[str, Any]) -> None:
    assert abs(experiments.longer(names, 3) - STORED["longer"][3]) < 4
    assert abs(experiments.with_adam(names, 1) - STORED["adam"][1]) < 8


def test_dropout_comes_out_as_stored(experiments: ModuleType, names: dict[str, Any]) -> None:
    found = experiments.cured(names, "dropout", 6)
    assert np.allclose(found, STORED["dropout"][6], rtol=0, atol=(0.1, 0.1, 3, 3))


def test_what_learned_with_noise_reads_comes_out_as_stored(experiments: ModuleType) -> None:
    assert np.allclose(experiments.noisy(False, True, [2])[0], STORED["noise"][0, 1, 2], rtol=0, atol=2)


def test_a_member_of_the_pattern_comes_out_as_stored(experiments: ModuleType, names: dict[str, Any]) -> None:
    assert abs(experiments.member(names, experiments.MEMBERS[0], 4) - STORED["members"][0, 4]) < 1


@pytest.fixture(scope="module")
def maps(experiments: ModuleType) -> dict[str, Any]:
    return experiments.chapter("13_fully_convolutional", experiments.MAPS)


def test_an_end_comes_out_as_stored(maps: dict[str, Any]) -> None:
    assert np.allclose(maps["read_right"]("mean of each map", 4), STORED["ends"][0, 4], rtol=0, atol=2)


def test_covered_digits_come_out_as_stored(experiments: ModuleType, maps: dict[str, Any]) -> None:
    assert np.allclose(experiments.covered(maps, 1), STORED["covered"][1], rtol=0, atol=8)


def test_active_shares_come_out_as_stored(experiments: ModuleType) -> None:
    units = experiments.chapter("01_relu", experiments.ACTIVE)
    assert np.allclose(units["active_shares"]("Adam", 3), STORED["sparse"][2, 3], rtol=0, atol=5)


def test_thirteen_layers_come_out_as_stored(experiments: ModuleType) -> None:
    loss_of = experiments.chapter("15_what_came_next", experiments.DEEP)["loss_of"]
    assert abs(loss_of(True, False, 3) - STORED["deep"][2, 3]) < 0.1
    assert abs(loss_of(False, False, 3) - STORED["deep"][0, 3]) < 0.001
