"""The checks of chapters 06 to 14: gradients against numerical ones, what is tried, the broken loop, the report."""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from said import speaking, torn
from test_checks import FUNCTIONS, around

import cnnlib
from cnncourse import checks
from cnncourse.checks.patches import Change, Patched
from cnncourse.exercises import one_change, training_loop_bug

SEEDS = range(3)


def given(name: str, seed: int) -> list[dict[str, Any]]:
    """Return the arguments of all cases of an exercise."""
    exercise = FUNCTIONS[name]
    made = exercise.cases(np.random.default_rng(seed))
    return [exercise.with_defaults(case.arguments(exercise.argument_names)) for case in made]


# ---- the right answers are derivatives ------------------------------------------------------------------------------


def same(right: np.ndarray, loss: Callable[[np.ndarray], float], at: np.ndarray) -> None:
    """Compare a gradient with the numerical one of the loss; all losses here are linear in `at`, up to kinks."""
    numerical = cnnlib.numerical_gradient(loss, at, 1e-4)
    assert right.shape == numerical.shape
    assert np.allclose(right, numerical, rtol=0, atol=1e-6 * max(1, np.abs(numerical).max()))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_by_the_input(seed: int) -> None:
    for g in given("delta_stride_one", seed):
        delta, w = g["delta"], g["w"]
        right = FUNCTIONS["delta_stride_one"].reference_solution(delta, w)
        x = np.random.default_rng(seed).normal(size=right.shape)
        same(right, lambda x, w=w, delta=delta: float((cnnlib.cross_correlate2d(x, w) * delta).sum()), x)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_expanded_map_is_the_derivative_by_the_stride_one_map(seed: int) -> None:
    for g in given("expand_delta", seed):
        right = FUNCTIONS["expand_delta"].reference_solution(**g)
        S = g["stride"]
        same(right, lambda net, g=g, S=S: float((net[::S, ::S] * g["delta"]).sum()), np.zeros(right.shape))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradients_of_a_layer(seed: int) -> None:
    for g in given("conv2d_backward", seed):
        x, w, delta, settings = g["x"], g["w"], g["delta"], (g["stride"], g["padding"])
        b = np.zeros(len(w))
        d_x, d_w, d_b = FUNCTIONS["conv2d_backward"].reference_solution(**g)

        def loss(x: np.ndarray, w: np.ndarray, b: np.ndarray, delta: Any = delta, settings: Any = settings) -> float:
            return float((cnnlib.conv2d(x, w, b, *settings) * delta).sum())

        same(d_w, lambda w, x=x, b=b, loss=loss: loss(x, w, b), w)
        same(d_b, lambda b, x=x, w=w, loss=loss: loss(x, w, b), b)
        if x.size <= 60:
            same(d_x, lambda x, w=w, b=b, loss=loss: loss(x, w, b), x)
        else:
            direction = np.random.default_rng(seed).normal(size=x.shape)
            slope = loss(x + direction, w, b) - loss(x, w, b)  # the loss is linear in x
            assert math.isclose(slope, (d_x * direction).sum(), rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradients_of_weights(seed: int) -> None:
    for g in given("weight_gradient", seed):
        x, delta, settings = g["x"][None], g["delta"][None], (g["stride"], g["padding"])
        d_w, d_b = FUNCTIONS["weight_gradient"].reference_solution(**g)
        w, b = np.zeros(d_w.shape), np.zeros(d_b.shape)
        same(d_w, lambda w: float((cnnlib.conv2d(x, w, b, *settings) * delta).sum()), w)  # noqa: B023
        same(d_b, lambda b: float((cnnlib.conv2d(x, w, b, *settings) * delta).sum()), b)  # noqa: B023


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_by_the_pooled_map(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for g in given("max_pool_backward", seed):
        # Of tied cells the first one wins: it is a little larger than the next. Which wins does not depend on a number
        # taken from all, and huge ones would leave no room for small steps.
        order = np.arange(g["x"].size).reshape(g["x"].shape)
        ranks = np.unique(g["x"], return_inverse=True)[1].reshape(order.shape)
        x = ranks - ranks.max() - 0.01 * order / order.size
        right = FUNCTIONS["max_pool_backward"].reference_solution(**g)
        assert np.array_equal(right, FUNCTIONS["max_pool_backward"].reference_solution(**(g | {"x": x})))

        def pooled(x: np.ndarray, g: Any = g) -> np.ndarray:
            return cnnlib.max_pool2d(around(x[0], g["padding"])[None], g["size"], g["stride"])

        direction = rng.normal(size=x.shape)
        slope = (
            (pooled((x + 1e-5 * direction)[None]) - pooled((x - 1e-5 * direction)[None])) * g["delta"]
        ).sum() / 2e-5
        assert math.isclose(slope, (right * direction).sum(), rel_tol=1e-6, abs_tol=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_strides_there_and_back(seed: int) -> None:
    for g in given("pair_strides", seed):
        x, w, delta, strides = g["x"], g["w"], g["delta"], g["strides"]
        net, d_x = FUNCTIONS["pair_strides"].reference_solution(**g)
        assert np.allclose(net, cnnlib.cross_correlate2d(x, w)[:: strides[0], :: strides[1]], rtol=1e-12, atol=1e-12)
        same(d_x, lambda x: float((cnnlib.conv2d(x[None, None], w[None, None], None, strides) * delta).sum()), x)  # noqa: B023


@pytest.mark.parametrize("seed", SEEDS)
def test_a_converted_layer_gives_the_same_numbers(seed: int) -> None:
    for g in given("convert_linear", seed):
        kernels, bias = FUNCTIONS["convert_linear"].reference_solution(**g)
        x = np.random.default_rng(seed).normal(size=(2, *g["shape"]))
        net = cnnlib.conv2d(x, kernels, bias)
        assert net.shape == (2, len(bias), 1, 1)
        assert np.allclose(net[:, :, 0, 0], x.reshape(2, -1) @ g["weight"].T + g["bias"], rtol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_transposed_size_is_that_of_the_array_and_leads_back(seed: int) -> None:
    for g in given("transposed_size", seed):
        size = FUNCTIONS["transposed_size"].reference_solution(**g)
        x, w = np.zeros((1, 1, g["size"], 1)), np.zeros((1, 1, g["kernel"], 1))
        settings = [(g["stride"], 1), (g["padding"], 0), (g["output_padding"], 0)]
        assert cnnlib.conv_transpose2d(x, w, None, *settings).shape == (1, 1, size, 1)
        assert cnnlib.output_size(size, g["kernel"], g["stride"], g["padding"]) == g["size"]


# ---- what is tried --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_the_cases_hold_what_hides_mistakes(seed: int) -> None:
    layers = given("conv2d_backward", seed)
    assert {len(g["x"]) for g in layers} == {1, 2, 3}
    assert {g["stride"] for g in layers} == {1, 2, 3}
    assert {g["padding"] for g in layers} == {0, 1, 2, 3}
    for g in layers + given("weight_gradient", seed):
        assert g["x"].shape[-1] != g["x"].shape[-2]
        assert (g["delta"] != 0).all()  # else a wrong cell could be right by chance
    rests = {
        (length + 2 * g["padding"] - F) % g["stride"]
        for g in layers
        for length, F in zip(g["x"].shape[2:], g["w"].shape[2:])
    }
    assert {0, 1} <= rests
    pools = given("max_pool_backward", seed)
    assert any((g["x"] < 0).all() for g in pools)
    assert any(S < F for g in pools for S, F in zip(g["stride"], g["size"]))
    tied = [np.sort(window.ravel())[-2:] for g in pools for window in windows(g)]
    assert sum(a == b for a, b in tied) > 5
    pairs = given("pair_strides", seed)
    assert sum(S_h > S_w for S_h, S_w in (g["strides"] for g in pairs)) >= 3
    assert sum(S_h < S_w for S_h, S_w in (g["strides"] for g in pairs)) >= 3
    assert all(g["x"].shape[0] != g["x"].shape[1] for g in pairs)
    scores = [g["z"] for g in given("stable_softmax", seed)]
    assert any(len(z) == 1 for z in scores)
    assert any(z.shape[0] == z.shape[1] for z in scores)
    assert any(z.max(axis=1).max() - z.max(axis=1).min() > 1400 for z in scores)  # twice 700: all powers of a row are 0
    with np.errstate(all="ignore"):
        assert sum(not np.isfinite(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)).all() for z in scores) >= 5


def windows(g: dict[str, Any]) -> list[np.ndarray]:
    views = np.lib.stride_tricks.sliding_window_view(around(g["x"], g["padding"]), g["size"], axis=(1, 2))
    return list(views[:, :: g["stride"][0], :: g["stride"][1]].reshape(-1, *g["size"]))


def changed(name: str, old: str, new: str) -> Patched:
    """Return the solution of an exercise with `old` replaced."""
    return Patched(FUNCTIONS[name].reference_solution, (Change(old, new),))


def test_a_cell_of_a_sensitivity_map_is_explained() -> None:
    def upside_down(delta: Any, w: Any) -> Any:
        return cnnlib.cross_correlate2d(delta, w[::-1], mode="full")

    text = repr(checks.delta_stride_one(upside_down, seed=1))
    assert "Every output that reads this cell of `x` sends its δ back" in text
    assert "net (0, 0) with weight" in text
    text = repr(checks.max_pool_backward(changed("max_pool_backward", "+=", "="), seed=1))
    assert "The windows of that channel that have this cell:" in text
    assert text.count("it wins and gets δ = ") >= 2  # else nothing could be overwritten


def test_the_values_of_an_answer_are_called_by_their_names() -> None:
    def d_w_doubled(delta: Any, x: Any, w: Any, stride: int = 1, padding: int = 0) -> Any:
        d_x, d_w, d_b = cnnlib.conv2d_backward(delta, x, w, stride, padding)
        return d_x, 2 * d_w, d_b

    assert "of `d_w` is" in repr(checks.conv2d_backward(d_w_doubled))
    for name, exercise in FUNCTIONS.items():
        answer = exercise.reference_solution(**given(name, 0)[0])
        assert len(exercise.parts) == (len(answer) if isinstance(answer, tuple) else 0)


# ---- the broken loop ------------------------------------------------------------------------------------------------


def test_the_broken_loop_is_not_yet_and_says_so_without_a_seed() -> None:
    found = [checks.training_loop_bug(training_loop_bug.as_given.answer) for _ in range(3)]
    assert {item.status for item in found} == {"not yet"}
    assert len({repr(item) for item in found}) == 1
    assert "does what it did when it was given" in repr(found[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_mended_loop_learns_and_the_broken_one_does_not(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, 90)
    x = np.array([[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0]])[labels] + rng.normal(0, 0.5, (90, 2))
    start = {
        "x": x,
        "labels": labels,
        "W": np.zeros((3, 2)),
        "b": np.zeros(3),
        "lr": 0.1,
        "epochs": 5,
        "batch_size": 16,
    }
    W, b, losses = FUNCTIONS["training_loop_bug"].reference_solution(**start)
    assert losses[-1] < 0.3 < losses[0]
    assert ((x @ W.T + b).argmax(axis=1) == labels).mean() > 0.95
    W, b, losses = training_loop_bug.as_given.answer(**start)
    assert losses[-1] > 0.9
    bugs = [training_loop_bug.PLACES[place][0] for place in training_loop_bug.GIVEN]
    for mended in bugs:  # and one bug less is not enough to be right
        some = training_loop_bug.together(tuple(bug for bug in bugs if bug is not mended)).answer(**start)
        assert not np.allclose(some[0], FUNCTIONS["training_loop_bug"].reference_solution(**start)[0])


def test_every_set_of_bugs_has_a_name_of_its_own() -> None:
    mistakes = FUNCTIONS["training_loop_bug"].mistakes
    sets_of_bugs = 3 * 2 * 3 * 4 - 2
    with_a_slip = 4 + (2 + 2 + 3) + 3 * (2 + 1 + 2 + 3) + 6  # alone, with one other fault, two slips
    assert len({mistake.name for mistake in mistakes}) == len(mistakes) == sets_of_bugs + with_a_slip


# ---- one change -----------------------------------------------------------------------------------------------------


@functools.cache
def digits() -> dict[str, Any]:
    """Return the parts of which chapter 11 speaks: every fifth training digit is for validation."""
    (x, labels), test = cnnlib.load_digits()
    rest = np.delete(x, np.s_[::5], axis=0), np.delete(labels, np.s_[::5])
    return {"training": rest, "validation": (x[::5], labels[::5]), "test": test}


def trained(network: cnnlib.Sequential, images: int = 600) -> cnnlib.Sequential:
    x, labels = digits()["training"]
    optimizer = cnnlib.SGD(network, lr=0.05, momentum=0.9)
    cnnlib.fit(network, optimizer, (x[:images], labels[:images]), epochs=3, batch_size=16, rng=0, progress=False)
    return network


def other_lenet(kernel: int = 5, padding: int = 2, pool: Any = cnnlib.MaxPool2d, activation: Any = cnnlib.ReLU) -> Any:
    size = ((28 + 2 * padding - kernel + 1) // 2 - 4) // 2
    return cnnlib.Sequential(
        cnnlib.Conv2d(1, 6, kernel, padding=padding, rng=1),
        pool(2),
        activation(),
        cnnlib.Conv2d(6, 16, 5, rng=2),
        pool(2),
        activation(),
        cnnlib.Flatten(),
        cnnlib.Linear(16 * size * size, 120, rng=3),
        activation(),
        cnnlib.Linear(120, 84, rng=4),
        activation(),
        cnnlib.Linear(84, 10, rng=5),
    )


@functools.cache
def networks() -> dict[str, cnnlib.Sequential]:
    """Return a few trained networks, and one that is not."""
    made = {
        "lenet": cnnlib.lenet5(rng=1),
        "mean": other_lenet(pool=cnnlib.AvgPool2d),
        "small kernel": other_lenet(kernel=3, padding=1),
        "no padding": other_lenet(kernel=3, padding=0),
        "tanh": other_lenet(activation=cnnlib.Tanh),
        "two": other_lenet(pool=cnnlib.AvgPool2d, activation=cnnlib.Tanh),
    }
    made = {name: trained(network) for name, network in made.items()}
    made["frozen"] = frozen = copy.deepcopy(made["tanh"])
    for k in (0, 3):
        frozen.layers[k].weight[...] = other_lenet().layers[k].weight
    x, labels = digits()["training"]
    seen = cnnlib.Sequential(*frozen.layers[:7]).scores(x[:400])
    rest = cnnlib.Sequential(*frozen.layers[7:])  # only the fully connected layers learn on
    optimizer = cnnlib.SGD(rest, lr=0.005, momentum=0.9)  # slowly, so that rounding decides nothing
    cnnlib.fit(rest, optimizer, (seen, labels[:400]), epochs=10, batch_size=16, rng=0, progress=False)
    return made | {"untrained": other_lenet(activation=cnnlib.Tanh), "copy": copy.deepcopy(made["lenet"])}


def share(name: str, part: str = "validation") -> float:
    x, labels = digits()[part]
    return float((networks()[name].predict(x) == labels).mean())


def report(mine: str, kind: str, lenet: str = "lenet", /, **other: Any) -> dict[str, Any]:
    return {
        "before": networks()[lenet],
        "after": networks()[mine],
        "changed": kind,
        "parameters": sum(array.size for array in networks()[mine].parameters().values()),
        "accuracy_before": share(lenet),
        "accuracy_after": share(mine),
    } | other


@pytest.mark.parametrize(
    ("after", "changed"),
    [("mean", "pooling"), ("small kernel", "kernel size"), ("no padding", "kernel size"), ("tanh", "activation")],
)
def test_a_true_report_is_right(after: str, changed: str) -> None:
    made = report(after, changed)
    assert made["accuracy_before"] > 0.7
    assert checks.one_change(made).status == "right", checks.one_change(made)
    rounded = made | {key: round(made[key], 2) for key in ("accuracy_before", "accuracy_after")}
    assert checks.one_change(rounded).status == "right"


@pytest.mark.parametrize("activation", [cnnlib.Sigmoid, cnnlib.Identity])
def test_a_network_that_was_trained_and_learned_nothing_is_a_result(activation: Any) -> None:
    """It stalls or diverges with the settings with which LeNet-5 learns."""
    network = cnnlib.lenet5(rng=0)
    for k in (2, 5, 8, 10):
        network.layers[k] = activation()
    with np.errstate(all="ignore"):
        trained(network)
    x, labels = digits()["validation"]
    with np.errstate(all="ignore"):
        right = float((network.predict(x) == labels).mean())
    assert right < 0.2
    made = report("lenet", "activation", after=network, accuracy_after=right)
    found = checks.one_change(made)
    assert found.status == "right", found
    assert "Trained, but it learned nothing" in repr(found)
    with speaking("zh_CN"):
        assert torn(found, checks.one_change(made), "zh_CN") == []
    assert "learned nothing" not in repr(checks.one_change(report("mean", "pooling")))


def test_pooling_left_out_or_larger_is_a_change_of_pooling() -> None:
    layers = cnnlib.lenet5(rng=0).layers
    none = cnnlib.Sequential(*layers[:4], *layers[5:7], cnnlib.Linear(1600, 120, rng=0), *layers[8:])
    pools = [cnnlib.MaxPool2d(3, 2), cnnlib.MaxPool2d((2, 2), padding=1)]
    for other in [none, *[cnnlib.Sequential(*layers[:4], pool, *layers[5:]) for pool in pools]]:
        assert one_change.differences(cnnlib.lenet5(rng=0), other) == ["pooling"]


def test_the_place_of_an_activation_matters_beside_a_mean() -> None:
    layers = cnnlib.lenet5(rng=0).layers
    for pool, expected in [(cnnlib.MaxPool2d, []), (cnnlib.AvgPool2d, ["pooling", "order of the layers"])]:
        other = cnnlib.Sequential(layers[0], layers[2], pool(2), *layers[3:])
        assert one_change.differences(cnnlib.lenet5(rng=0), other) == expected


class Squared(cnnlib.Layer):
    """An activation as a reader may write it."""


def test_an_activation_of_the_readers_own_is_a_change_of_activation() -> None:
    plain = cnnlib.lenet5(rng=0)
    for other in (Squared(), cnnlib.LeakyReLU(0.1), cnnlib.Identity()):
        changed = cnnlib.Sequential(*plain.layers[:2], other, *plain.layers[3:])
        assert one_change.differences(plain, changed) == ["activation"]
    trainable = cnnlib.lenet.Subsampling(6, 2, rng=0)
    assert one_change.differences(plain, cnnlib.Sequential(plain.layers[0], trainable, *plain.layers[2:])) == [
        "pooling"
    ]


@pytest.mark.parametrize(
    ("change", "respect"),
    [
        ({3: lambda: cnnlib.Conv2d(6, 16, 5, padding=1)}, "padding"),
        ({3: lambda: cnnlib.Conv2d(6, 16, 5, stride=2)}, "stride"),
        ({3: lambda: cnnlib.Conv2d(6, 16, 3, dilation=2)}, "kernel size, stride"),
        ({0: lambda: cnnlib.Conv2d(1, 8, 5, padding=2)}, "number of filters"),
        ({9: lambda: cnnlib.Linear(120, 64)}, "number of units"),
        (
            {5: lambda: cnnlib.Conv2d(16, 16, 1)},
            "kernel size, stride, number of filters, activation, order of the layers",
        ),
    ],
)
def test_what_else_may_differ_is_found(change: dict[int, Any], respect: str) -> None:
    plain = cnnlib.lenet5(rng=0)
    layers = [change[k]() if k in change else layer for k, layer in enumerate(plain.layers)]
    assert ", ".join(one_change.differences(plain, cnnlib.Sequential(*layers))).startswith(respect)


NO_NUMBERS: list[dict[str, Any]] = [
    {"accuracy_after": np.array([0.9])},
    {"accuracy_before": [0.9]},
    {"accuracy_before": True},
    {"parameters": np.array([61_470])},
    {"parameters": np.True_},
    {"parameters": "61470"},
]
WRONG_REPORTS: list[tuple[Callable[[], Any], str]] = [
    (lambda: report("mean", "activation"), "another change than reported"),
    (lambda: report("two", "pooling"), "more than one change"),
    (lambda: report("copy", "pooling"), "nothing changed"),
    (lambda: report("mean", "pooling", "tanh"), "`before` is not LeNet-5"),
    (lambda: report("lenet", "pooling", "mean"), "networks swapped"),
    (lambda: report("untrained", "activation"), "not trained"),
    (lambda: report("frozen", "activation"), "filters not trained"),
    (lambda: report("lenet", "pooling"), "one network twice"),
    (lambda: report("mean", "pooling", parameters=61_705), "wrong parameter count"),
    (lambda: report("no padding", "kernel size", parameters=61_706), "wrong parameter count"),
    (lambda: report("mean", "pooling", parameters=61_706 - 236), "wrong parameter count"),
    (lambda: report("mean", "pooling", parameters=10), "wrong parameter count"),
    (lambda: report("mean", "pooling", accuracy_after=100 * share("mean")), "percent instead of a share"),
    (lambda: report("mean", "pooling", accuracy_after=1 - share("mean")), "errors instead of right answers"),
    (
        lambda: report("mean", "pooling", accuracy_after=round(288 * share("mean"))),
        "number of digits instead of a share",
    ),
    (
        lambda: report("mean", "pooling", accuracy_before=share("mean"), accuracy_after=share("lenet")),
        "accuracies swapped",
    ),
    (lambda: report("mean", "pooling", accuracy_after=0.5), "reported accuracy not measured"),
    (lambda: report("mean", "pooling", changed="the pooling"), "form"),
    (lambda: report("mean", "pooling", after="a network"), "form"),
    (lambda: report("mean", "pooling", accuracy_after="90 %"), "form"),
    *[(lambda no=no: report("mean", "pooling", **no), "form") for no in NO_NUMBERS],
    (lambda: report("mean", "pooling", more=1), "form"),
    (lambda: report("mean", "pooling", after=cnnlib.Sequential(cnnlib.Flatten())), "network does not fit"),
    (lambda: report("mean", "pooling", after=cnnlib.Sequential(cnnlib.Linear(784, 10))), "network does not fit"),
    (lambda: ["a list"], "form"),
]


@pytest.mark.parametrize(
    ("made", "mistake"), WRONG_REPORTS, ids=[f"{m}, {k}" for k, (_, m) in enumerate(WRONG_REPORTS)]
)
def test_a_wrong_report_is_caught_and_named(made: Callable[[], Any], mistake: str) -> None:
    given = made()
    found = checks.one_change(given)
    assert found.status == "wrong", found
    assert found.mistake == mistake, found
    with speaking("zh_CN"):
        chinese = checks.one_change(given)
    assert torn(found, chinese, "zh_CN") == []


def test_the_accuracy_on_the_training_set_is_named() -> None:
    # A network that knows its few training digits by heart: the two shares lie apart.
    network = trained(other_lenet(pool=cnnlib.AvgPool2d), images=1149)
    x, labels = digits()["training"]
    on_training = float((network.predict(x) == labels).mean())
    made = report("mean", "pooling", after=network, accuracy_after=on_training)
    x, labels = digits()["validation"]
    on_validation = float((network.predict(x) == labels).mean())
    assert abs(on_training - on_validation) > 0.006
    assert checks.one_change(made).mistake == "accuracy on the training set"
    assert checks.one_change(made | {"accuracy_after": on_validation}).status == "right"


def test_the_accuracy_on_the_test_set_is_named() -> None:
    kinds = {"no padding": "kernel size", "small kernel": "kernel size", "mean": "pooling", "tanh": "activation"}

    def apart(name: str) -> bool:  # the three shares differ by more than rounding
        on_test = share(name, "test")
        return min(abs(on_test - share(name)), abs(on_test - share(name, "training"))) > 0.006

    name = next(name for name in kinds if apart(name))
    made = report(name, kinds[name], accuracy_after=share(name, "test"))
    assert checks.one_change(made).mistake == "accuracy on the test set"


def test_a_part_of_a_report_is_not_yet() -> None:
    found = checks.one_change(report("mean", "pooling", parameters=..., accuracy_after=None))
    assert found.status == "not yet"
    assert "Still open: parameters, accuracy_after." in repr(found)
    empty = dict.fromkeys(report("mean", "pooling"), ...)
    assert checks.one_change(empty).status == "not yet"


def test_a_dtype_alone_is_not_taken_for_a_mistake_in_the_numbers() -> None:
    def whole_numbers_only(delta, stride, size=None):
        return cnnlib.expand_sensitivity_map(delta, stride, size).astype(int)

    for seed in range(20):
        result = checks.expand_delta(whole_numbers_only, seed=seed)
        assert result.mistake == "dtype" and "holds no fractions" in str(result) and "Perhaps" not in str(result)
