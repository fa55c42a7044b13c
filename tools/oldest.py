"""Print the oldest packages that pyproject.toml allows, as constraints for pip: `name==lower bound.*`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = ("notebooks", "tests")  # the site and the benchmarks are made with the newest


def oldest(requirement: str) -> str:
    """Return the constraint for one requirement, with the newest bug fixes of its oldest version.

    >>> oldest("numpy>=2.0,<3")
    'numpy==2.0.*'
    """
    name, bound = re.fullmatch(r"([A-Za-z0-9._-]+)>=([0-9.]+).*", requirement).groups()
    return f"{name}=={bound}.*"


def constraints() -> list[str]:
    extras = PROJECT["optional-dependencies"]
    requirements = [*PROJECT["dependencies"], *(text for name in EXTRAS for text in extras[name])]
    return sorted({oldest(text) for text in requirements})


if __name__ == "__main__":
    print("\n".join(constraints()))
