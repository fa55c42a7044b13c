"""tools/check_types.py: it finds an error wherever it is, and does without the folders that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

import check_types


@pytest.mark.parametrize("folder", check_types.CHECKED)
def test_an_error_is_found_where_it_is(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / folder).mkdir(parents=True)
    file = tmp_path / folder / "wrong.py"
    monkeypatch.setattr(check_types, "ROOT", tmp_path)
    file.write_text("number: int = 3\n", encoding="utf-8")
    assert check_types.main() == 0
    file.write_text('number: int = "three"\n', encoding="utf-8")
    assert check_types.main() == 1
    assert f"{folder}/wrong.py:1: error: Incompatible types in assignment" in capfd.readouterr().out
