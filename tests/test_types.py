"""tools/check_types.py: it finds an error wherever it is, and does without the folders that are not there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import check_types


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of its own, where mypy remembers the types of Python itself from one test to the next."""
    return tmp_path_factory.mktemp("types")


@pytest.mark.parametrize("folder", check_types.CHECKED)
def test_an_error_is_found_where_it_is(
    folder: str, root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_types, "ROOT", root)
    file = root / folder / "module.py"
    file.parent.mkdir(parents=True)
    file.write_text("number: int = 3\n", encoding="utf-8")
    assert check_types.main() == 0
    file.write_text('number: int = "three"\n', encoding="utf-8")
    assert check_types.main() == 1
    assert f"{folder}/module.py:1: error: Incompatible types in assignment" in capfd.readouterr().out
    shutil.rmtree(root / folder.split("/")[0])
