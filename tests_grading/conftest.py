"""The sandbox itself: without bubblewrap there is nothing to test here, and that is an error, not a skip."""

from __future__ import annotations

import pytest

from cnnlib.grade import sandbox


def pytest_collection_modifyitems() -> None:
    if not sandbox.bubblewrap():
        raise pytest.UsageError("bubblewrap is missing or may not be used here: apt-get install bubblewrap")
