"""tools/check_types.py: it finds an error wherever it is, and does without the folders that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

import check_types

RIGHT, WRONG = "number: int = 3\n", 'number: int = "three"\n'


def test_an_error_is_found_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each start of mypy takes a second: what is right, and what is wrong, is looked at in all folders at once."""
    monkeypatch.setattr(check_types, "ROOT", tmp_path)
    files = [tmp_path / folder / f"module_{k}.py" for k, folder in enumerate(check_types.CHECKED)]
    for file in files:
        file.parent.mkdir(parents=True)
        file.write_text(RIGHT, encoding="utf-8")
    assert check_types.main() == 0
    for file in files:
        file.write_text(WRONG, encoding="utf-8")
    assert check_types.main() == 1
    told = capfd.readouterr().out
    for file in files:
        assert f"{file.relative_to(tmp_path)}:1: error: Incompatible types in assignment" in told


def test_one_folder_alone_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_types, "ROOT", tmp_path)
    file = tmp_path / check_types.CHECKED[-1] / "module.py"
    file.parent.mkdir(parents=True)
    file.write_text(WRONG, encoding="utf-8")
    assert check_types.main() == 1
    assert "module.py:1: error: Incompatible types in assignment" in capfd.readouterr().out
