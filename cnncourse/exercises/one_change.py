"""Chapter 11: change one thing in LeNet-5, train, and report.

The report comes with both networks, so everything in it is measured again here.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlib import datasets, layers, lenet, network

from ..checks.comparing import a_kind_of, in_short, is_numeric, number
from ..checks.prediction import Prediction, Verdict
from ..checks.result import Result
from ..language import joined, listed, mark, say, translated

KEYS = ("before", "after", "changed", "parameters", "accuracy_before", "accuracy_after")
RESPECTS = (mark("kernel size"), mark("pooling"), mark("activation"))
ROUNDING = 0.005  # of a share with two decimals
ONE_IN = 5  # training digits one is for validation, beginning with the first
GUESSING = 0.2  # a share of right answers that needs no training
POOLS = (layers.MaxPool2d, layers.AvgPool2d, lenet.Subsampling)
NO_ACTIVATIONS = (*POOLS, layers.GlobalAvgPool2d, layers.Flatten, lenet.NormalizeAndPad)


# ---- what a network is like -----------------------------------------------------------------------------------------


def respects(net: network.Sequential) -> dict[str, Any]:
    """Return what a network is like, respect by respect: two networks differ in those whose values differ."""
    convolutions = [layer for layer in net.layers if isinstance(layer, layers.Conv2d)]
    dense = [layer for layer in net.layers if isinstance(layer, layers.Linear)]
    return {
        "kernel size": [layer.kernel_size for layer in convolutions],
        mark("padding"): [layer.padding for layer in convolutions],
        mark("stride"): [(layer.stride, layer.dilation) for layer in convolutions],
        mark("number of filters"): [layer.out_channels for layer in convolutions],
        "pooling": _pooling(net),
        "activation": [repr(layer) for layer in net.layers if _is_activation(layer)],
        mark("number of units"): [layer.out_features for layer in dense],
        mark("order of the layers"): _order(net),
    }


def _is_activation(layer: layers.Layer) -> bool:
    """Return whether a layer is an activation, the reader's own ones too: without parameters, and nothing else."""
    return not isinstance(layer, NO_ACTIVATIONS) and not layer.parameters()


def _pooling(net: network.Sequential) -> list[tuple[Any, ...]]:
    """Return the pooling layers, each with the number of convolutions before it."""
    found, convolutions = [], 0
    for layer in net.layers:
        convolutions += isinstance(layer, layers.Conv2d)
        if isinstance(layer, POOLS):
            settings = [getattr(layer, name, None) for name in ("size", "stride", "padding")]
            found.append((convolutions, type(layer).__name__, *settings))
    return found


def _order(net: network.Sequential) -> list[str]:
    """Return the kinds of the layers in their order, pooling left out: it is a respect of its own.

    Where a mean is taken, it matters whether the activation comes before it: ReLU of a mean is no mean of ReLUs. With
    the maximum it is the same.
    """
    kinds, activated = [], False
    for layer in net.layers:
        activated = (activated or _is_activation(layer)) and not isinstance(layer, layers.Conv2d)
        if not isinstance(layer, POOLS):
            kinds.append("activation" if _is_activation(layer) else type(layer).__name__)
        elif activated and not isinstance(layer, layers.MaxPool2d):
            kinds.append("a mean after the activation")
    return kinds


def differences(net: network.Sequential, other: network.Sequential) -> list[str]:
    """Return the respects in which two networks differ; another padding belongs to another kernel size."""
    ours, theirs = respects(net), respects(other)
    found = [name for name in ours if ours[name] != theirs[name]]
    return [name for name in found if name != "padding" or not _follows(ours, theirs)]


def _follows(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Return whether the padding differs only at layers whose kernel size differs."""
    pairs = [list(zip(ours[name], theirs[name])) for name in ("kernel size", "padding")]
    return all(kernel != other or padding == same for (kernel, other), (padding, same) in zip(*pairs))


# ---- what it does ---------------------------------------------------------------------------------------------------


@functools.cache
def _digits() -> dict[str, datasets.Split]:
    """Return the bundled digits in three parts: every fifth training digit is put aside for validation."""
    (x, labels), test = datasets.load_digits()
    aside = np.arange(len(x)) % ONE_IN == 0
    return {"training": (x[~aside], labels[~aside]), "validation": (x[aside], labels[aside]), "test": test}


def accuracy(net: network.Sequential, part: str = "validation") -> float:
    """Return the share of the digits of a part that the network reads correctly."""
    x, labels = _digits()[part]
    with np.errstate(all="ignore"):  # the numbers of a network that has diverged
        return float(np.mean(net.scores(x).argmax(axis=1) == labels))


def parameters(net: network.Sequential) -> int:
    return sum(array.size for array in net.parameters().values())


def _does_not_run(net: network.Sequential) -> str:
    """Return what is wrong with the scores for three images, "" if nothing is."""
    try:
        with np.errstate(all="ignore"):
            shape = net.scores(_digits()["validation"][0][:3]).shape
    except Exception as error:  # a network that somebody else has put together may fail in any way
        reason = f"{type(error).__name__}: {error}"
        return say("on images (3, 1, 28, 28) it ends with an error: {error}.", error=reason)
    if shape == (3, 10):
        return ""
    return say("images (3, 1, 28, 28) give an array of shape {shape}, expected (3, 10).", shape=shape)


def _as_started(net: network.Sequential, kinds: tuple[type, ...] = (layers.Conv2d, layers.Linear)) -> bool:
    """Return whether no weight of these layers has left the range of the start values, ±1 / sqrt(fan_in)."""
    weights = [layer.parameters()["weight"] for layer in net.layers if isinstance(layer, kinds)]
    return all(np.abs(w).max() <= (1 + 1e-6) / math.sqrt(w[0].size) for w in weights)


# ---- judging a report -----------------------------------------------------------------------------------------------

LEARNED_NOTHING = mark(
    "Trained, but it learned nothing: with this η and start it stalls or diverges (chapter 09). A result too."
)
NETWORKS = {"before": mark("`before`, the LeNet-5,"), "after": mark("`after`, your network,")}


def judge(report: Any) -> Verdict:
    """Judge a report: networks first, then what was changed, then the numbers; the first fault is reported."""
    for step in (_form, _networks, _change, _training, _parameters, _accuracies):
        if verdict := step(report):
            return verdict
    measured = [accuracy(report[key]) for key in NETWORKS]
    template = mark("Measured again: {before:.3f} before, {after:.3f} after.")
    message = say(template, before=measured[0], after=measured[1])
    if min(measured) < GUESSING:
        message = joined([message, translated(LEARNED_NOTHING)])
    return Verdict(True, message)


def _wrong(mistake: str, message: str) -> Verdict:
    return Verdict(False, say("The mistake: {name}. {message}", name=translated(mistake), message=message), mistake)


def _form(report: dict[str, Any]) -> Verdict | None:
    for key, what in NETWORKS.items():
        if not isinstance(report[key], network.Sequential):
            template = mark("{network} is {kind}, expected a network (`Sequential`).")
            return Verdict(False, say(template, network=translated(what), kind=a_kind_of(report[key])), "form")
    if report["changed"] not in RESPECTS:
        template = mark("`changed` is {value}, expected one of {names}.")
        names = listed(f'"{name}"' for name in RESPECTS)
        return Verdict(False, say(template, value=in_short(report["changed"]), names=names), "form")
    for key in ("parameters", "accuracy_before", "accuracy_after"):
        value = report[key]
        if not is_numeric(value) or np.ndim(value) > 0 or isinstance(value, (bool, np.bool_)):
            template = mark("`{key}` is {kind}, expected a number.")
            return Verdict(False, say(template, key=key, kind=a_kind_of(value)), "form")
    return None


def _networks(report: dict[str, Any]) -> Verdict | None:
    before, after = report["before"], report["after"]
    shared = [a for a in before.parameters().values() for b in after.parameters().values() if np.shares_memory(a, b)]
    if before is after or shared:
        message = mark(
            "`before` and `after` share their weights, so training one changes the other: make two networks."
        )
        return _wrong(mark("one network twice"), translated(message))
    for key, what in NETWORKS.items():
        if message := _does_not_run(report[key]):
            template = mark("{network} does not read digits: {reason}")
            message = say(template, network=translated(what), reason=message)
            return _wrong(mark("network does not fit"), message)
    return None


def _change(report: dict[str, Any]) -> Verdict | None:
    plain = lenet.lenet5(rng=0)
    if found := differences(plain, report["before"]):
        if not differences(plain, report["after"]):
            message = say("`before` is the unchanged LeNet-5, `after` the other one.")
            return _wrong(mark("networks swapped"), message)
        message = say("It differs from `cnnlib.lenet5()` in: {respects}.", respects=listed(map(translated, found)))
        return _wrong(mark("`before` is not LeNet-5"), message)
    found = differences(plain, report["after"])
    if not found:
        message = say("Both networks are built alike: change the kernel size, pooling or activation.")
        return _wrong(mark("nothing changed"), message)
    if len(found) > 1:
        template = mark("`after` differs from LeNet-5 in: {respects}. Then nobody knows which of them did it.")
        return _wrong(mark("more than one change"), say(template, respects=listed(map(translated, found))))
    if found[0] != report["changed"]:
        message = say("What differs from LeNet-5 is: {respect}.", respect=translated(found[0]))
        return _wrong(mark("another change than reported"), message)
    return None


def _training(report: dict[str, Any]) -> Verdict | None:
    for key, what in NETWORKS.items():
        share = accuracy(report[key])
        if share < GUESSING and _as_started(report[key]):
            template = mark(
                "{network} reads {share:.3f} of the validation digits correctly, and no weight has left the range of its "
                "start values: train it."
            )
            return _wrong(mark("not trained"), say(template, network=translated(what), share=share))
        if share >= GUESSING and _as_started(report[key], (layers.Conv2d,)):
            template = mark(
                "In {network} no weight of a convolution has left the range of its start values: train all layers."
            )
            return _wrong(mark("filters not trained"), say(template, network=translated(what)))
    return None


def _parameters(report: dict[str, Any]) -> Verdict | None:
    value, before, after = report["parameters"], parameters(report["before"]), parameters(report["after"])
    if value == after:
        return None
    arrays = report["after"].parameters()
    weights = sum(array.size for name, array in arrays.items() if not name.endswith("bias"))
    known = {
        before: say("That is LeNet-5: your network has another number."),
        weights: say("Those are the weights: the biases are parameters too."),
        before + after: say("That is both networks together: your network alone is asked for."),
        len(arrays): say("That is the number of arrays: count the numbers in them, `array.size`."),
    }
    advice = say("Add up `array.size` over `parameters()`.")
    message = known.get(int(value) if float(value).is_integer() else -1, advice)
    not_it = say("{answer} is not it.", answer=number(value))
    return _wrong(mark("wrong parameter count"), joined([not_it, message]))


def _accuracies(report: dict[str, Any]) -> Verdict | None:
    keys = {"accuracy_before": "before", "accuracy_after": "after"}
    measured = {key: accuracy(report[name]) for key, name in keys.items()}
    wrong = [key for key in keys if not _same(report[key], measured[key])]
    if not wrong:
        return None
    if len(wrong) == 2 and all(_same(report[key], measured[other]) for key, other in zip(keys, reversed(keys))):
        message = say("`accuracy_before` belongs to the LeNet-5, `accuracy_after` to yours.")
        return _wrong(mark("accuracies swapped"), message)
    key = wrong[0]
    value, net = report[key], report[keys[key]]
    reasons: list[tuple[str, str, Callable[[], float]]] = [
        (mark("percent instead of a share"), say("A share lies between 0 and 1."), lambda: 100 * measured[key]),
        (
            mark("errors instead of right answers"),
            say("This is the share of wrong answers."),
            lambda: 1 - measured[key],
        ),
        (
            mark("accuracy on the training set"),
            say(
                "These digits the network has learned from: the validation digits are asked for, which it has not seen."
            ),
            lambda: accuracy(net, "training"),
        ),
        (
            mark("accuracy on the test set"),
            say("These are the test digits: they are kept for the end. The validation digits are asked for."),
            lambda: accuracy(net, "test"),
        ),
        (
            mark("number of digits instead of a share"),
            say("Divide by the number of validation digits."),
            lambda: len(_digits()["validation"][1]) * measured[key],
        ),
    ]
    for mistake, message, what in reasons:
        if abs(value - what()) <= ROUNDING * max(1.0, what() / max(measured[key], 1e-9)):
            template = mark("`{key}` is {value}. {message}")
            return _wrong(mistake, say(template, key=key, value=number(value), message=message))
    message = say(
        "`{key}` is {value}; measured again on the validation digits it is {measured:.3f}. Was the network trained on "
        "after that?",
        key=key,
        value=number(value),
        measured=measured[key],
    )
    return _wrong(mark("reported accuracy not measured"), message)


def _same(reported: Any, measured: float) -> bool:
    return abs(reported - measured) <= ROUNDING + 1e-9


class Report(Prediction):
    """A report to fill in, a dictionary of which all parts are judged together."""

    def __call__(self, answer: Any = ...) -> Result:
        """Check `answer`, if it is a report in which nothing is left open."""
        if not isinstance(answer, dict):
            if answer is None or answer is ...:
                return super().__call__(...)
            template = mark("This is {kind}, expected the dictionary of the cell above, with your report in it.")
            message = say(template, kind=a_kind_of(answer))
            return self.result("wrong", [message], mistake="form")
        if answer.keys() != set(KEYS):
            template = mark("The report has the keys {keys}, expected {expected}.")
            message = say(template, keys=in_short(list(answer)), expected=list(KEYS))
            return self.result("wrong", [message], mistake="form")
        still_open = [key for key in KEYS if answer[key] is ... or answer[key] is None]
        if len(still_open) == len(KEYS):
            return super().__call__(...)
        if still_open:
            return self.result("not yet", [say("Still open: {parts}.", parts=listed(still_open))])
        return super().__call__(answer)


exercise = Report(
    "one_change",
    "11",
    {"": judge},
    message="One run says little about small differences: try another seed before you believe them.",
)
