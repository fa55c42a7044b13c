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
    parser.add_argument(
        "--folder", help="where to (default: $CNNLIB_DATA/mnist if the variable is set, else data/mnist)"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bars and no closing line")


def download(options: argparse.Namespace) -> None:
    from cnnlib import datasets

    folder = datasets.download_mnist(options.folder, progress=not options.quiet)
    if not options.quiet:
        print(f"MNIST is in {folder}, all four files checked.")


def train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--network", choices=["lenet5", "lenet5-1998"], default="lenet5", help="default: lenet5")
    parser.add_argument("--data", choices=["digits", "mnist"], default="digits", help="default: digits, which are here")
    parser.add_argument("--epochs", type=int, help="default: the recipe's (see cnnlib/recipes.py)")
    parser.add_argument("--seed", type=int, default=1, help="of start weights, order and distortions; default: 1")
    parser.add_argument("--validation", type=int, default=0, help="hold out so many training images; default: 0")
    parser.add_argument("--output", help="write the weights and the report to this .npz file")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def train(options: argparse.Namespace) -> None:
    from pathlib import Path

    from cnnlib import __version__, recipes

    if options.output and not Path(options.output).resolve().parent.is_dir():
        raise ValueError(f"output: got {options.output!r}, expected a file in a folder that exists")
    trained = recipes.train(
        options.network,
        options.data,
        epochs=options.epochs,
        seed=options.seed,
        validation=options.validation,
        progress=not options.quiet,
    )
    info = {**trained.info, "version": __version__}
    print(trained.network.summary((1, 28, 28)))
    print(f"\n{info['epochs']} epochs in {info['seconds']} s, seed {info['seed']}.")
    if info["history"]["val_accuracy"]:
        error = 100 * (1 - info["history"]["val_accuracy"][-1])
        print(f"Validation error: {error:.2f} % of {info['validation_images']:,} images.")
    print(_test_error(info["test_wrong"], info["test_images"]))
    if options.output:
        trained.network.save(options.output, info)
        print(f"Weights and report: {options.output}")


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


class Command(NamedTuple):
    """A sub-command: a line of help, what adds its arguments to a parser, what does its work."""

    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], None]


COMMANDS = {
    "train": Command("train a LeNet-5 and report its test error", train_arguments, train),
    "evaluate": Command("measure trained weights on the test set", evaluate_arguments, evaluate),
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
        COMMANDS[options.command].run(options)
    except KeyboardInterrupt:
        print(f"\n{options.command}: interrupted.", file=sys.stderr)
        return 130
    except (OSError, ValueError, ImportError) as error:
        print(f"{options.command}: error: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    return 0


def _end_on_signals() -> None:
    """Let a terminal that closes, or `kill`, end a command the way an error does: what is half done is cleared away."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # `nohup` ignores it: leave it so
            signal.signal(number, lambda received, frame: sys.exit(128 + received))


if __name__ == "__main__":
    _end_on_signals()
    sys.exit(main())
