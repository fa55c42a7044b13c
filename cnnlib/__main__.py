"""The commands of `python -m cnnlib`: one pair of functions for each (its arguments, its work), registered in COMMANDS.

Work is imported inside the function that does it, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple


def download_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", choices=["mnist"], help="what to download")
    parser.add_argument("--folder", help="where to (default: $CNNLIB_DATA/mnist if that is set, else data/mnist)")
    parser.add_argument("--replace", action="store_true", help="replace files of another data set in that folder")
    parser.add_argument("--quiet", action="store_true", help="no progress bars and no closing line")


def download(options: argparse.Namespace) -> None:
    from cnnlib import datasets

    folder = datasets.download_mnist(options.folder, progress=not options.quiet, replace=options.replace)
    if not options.quiet:
        print(f"MNIST is in {folder}, all four files checked.")


def train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--network", choices=["lenet5", "lenet5-1998"], default="lenet5", help="default: lenet5")
    parser.add_argument("--data", choices=["digits", "mnist"], default="digits", help="default: digits, which are here")
    parser.add_argument("--epochs", type=int, help="default: the recipe's (see cnnlib/recipes.py)")
    parser.add_argument("--seed", type=int, default=1, help="of start weights, order and distortions; default: 1")
    parser.add_argument("--validation", type=int, default=0, help="how many training images to hold out; default: 0")
    parser.add_argument("--output", help="write the weights and the report to this .npz file")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def train(options: argparse.Namespace) -> None:
    from cnnlib import __version__, recipes

    if options.output is not None:
        check_output(options.output)
    settings = {name: getattr(options, name) for name in ("network", "data", "epochs", "seed", "validation")}
    trained = recipes.train(**settings, progress=not options.quiet)
    info = {**trained.info, "version": __version__}
    print(trained.network.summary((1, 28, 28)))
    print(f"\n{info['epochs']} epoch{'s' * (info['epochs'] != 1)} in {info['seconds']} s, seed {info['seed']}.")
    if info["history"]["val_accuracy"]:
        error = 100 * (1 - info["history"]["val_accuracy"][-1])
        print(f"Validation error: {error:.2f} % of {info['validation_images']:,} images.")
    print(_test_error(info["test_wrong"], info["test_images"]))
    if options.output:
        trained.network.save(options.output, info)
        print(f"Weights and report: {options.output}")


def check_output(name: str) -> None:
    """Find out before the training whether its result can be written; ValueError if not."""
    from pathlib import Path

    from cnnlib import paths

    path, expected = Path(name), None
    folder = path.resolve().parent
    if path.is_dir() or name.endswith(("/", "\\")) or path.suffix != ".npz":
        expected = "the name of a file that ends in .npz, such as weights.npz"
    elif not folder.is_dir():
        expected = "a file in a folder that exists"
    elif obstacle := paths.obstacle(folder):
        expected = f"a folder that can be written to ({obstacle})"
    if expected:
        raise ValueError(f"output: got {name!r}, expected {expected}")


def evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", help="an .npz file written by train, such as data/lenet5_mnist.npz")
    parser.add_argument("--data", choices=["digits", "mnist"], help="default: what the network was trained for")


def evaluate(options: argparse.Namespace) -> None:
    from cnnlib import recipes

    trained = recipes.load_trained(options.weights)
    data = options.data or trained.info["data"]
    _, test = recipes.DATA[data]()
    wrong = recipes.count_wrong(trained.network, test)
    print(f"{options.weights}: {trained.info['network']}, {trained.info['command']}")
    print(_test_error(wrong, len(test[0])))
    if data == trained.info["data"]:
        print(f"The file says: {trained.info['test_wrong']:,} of {trained.info['test_images']:,}.")


def _test_error(wrong: int, count: int) -> str:
    return f"Test error: {100 * wrong / count:.2f} % ({wrong:,} of {count:,} images)."


def read_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a picture of one digit: a PNG, a JPEG, ...")


def read(options: argparse.Namespace) -> int:
    import numpy as np

    from cnnlib import activations, paths, pictures, recipes

    network, failed = recipes.load_trained(paths.data_folder() / "lenet5_mnist.npz").network, 0
    for file in options.files:
        try:
            scores = network.scores(pictures.read_digit(file))[0].astype(np.float64)
        except (OSError, ValueError) as error:
            print(f"read: error: {file}: {getattr(error, 'strerror', None) or error}", file=sys.stderr)
            failed = 1
            continue
        shares = activations.softmax(scores[None])[0]
        first, second = np.argsort(-shares)[:2]
        print(f"{file}: {first}, {_percent(shares[first])} sure. Runner-up: {second} with {_percent(shares[second])}.")
    return failed


def _percent(share: float) -> str:
    if share > 0.999:
        return "over 99.9 %"
    return "under 0.1 %" if share < 0.001 else f"{100 * share:.1f} %"


class Command(NamedTuple):
    """A sub-command: a line of help, what adds its arguments to a parser, what does its work."""

    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int | None]  # the exit code, if it is not 0


COMMANDS = {
    "train": Command("train a LeNet-5 and report its test error", train_arguments, train),
    "evaluate": Command("measure trained weights on the test set", evaluate_arguments, evaluate),
    "read": Command("read the digit in each picture with the LeNet-5 trained on MNIST", read_arguments, read),
    "download": Command("download a data set and check it", download_arguments, download),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code: 0, 1 after an error (one line on stderr), 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m cnnlib", description="Commands of the course's package.")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, command in COMMANDS.items():
        command.arguments(subparsers.add_parser(name, help=command.help, description=command.help))
    options = parser.parse_args(arguments)
    try:
        return COMMANDS[options.command].run(options) or 0
    except KeyboardInterrupt:
        print(f"\n{options.command}: interrupted.", file=sys.stderr)
        return 130
    except (OSError, ValueError, ImportError) as error:
        print(f"{options.command}: error: {' '.join(str(error).split())}", file=sys.stderr)
        return 1


def _end_on_signals() -> None:
    """Let a terminal that closes, or `kill`, end a command the way an error does: what is half done is cleared away."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # `nohup` ignores it: leave it so
            signal.signal(number, lambda received, frame: sys.exit(128 + received))


if __name__ == "__main__":
    _end_on_signals()
    sys.exit(main())
