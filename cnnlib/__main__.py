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


class Command(NamedTuple):
    """A sub-command: a line of help, what adds its arguments to a parser, what does its work."""

    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], None]


COMMANDS = {
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
