"""Write the address of the repository into the packages if $GITHUB_REPOSITORY names it, as on the site."""

from __future__ import annotations

import os
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


def urls(repository: str) -> dict[str, str]:
    """Return the addresses of OWNER/NAME, or none if it is not known.

    >>> urls("someone/course")["Issues"]
    'https://github.com/someone/course/issues'
    >>> urls("")
    {}
    """
    if not repository:
        return {}
    source = f"https://github.com/{repository}"
    return {"Source": source, "Issues": f"{source}/issues", "Changelog": f"{source}/blob/main/CHANGELOG.md"}


class ProjectUrls(MetadataHookInterface):
    """Fills in [project.urls], which pyproject.toml declares as dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        metadata["urls"] = urls(os.environ.get("GITHUB_REPOSITORY", ""))
