"""The checks of assignments: what is stored comes back, sealed answers are recognised, files that cannot be used."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncourse.assignments import checks, network, sealing, stored
from cnncourse.assignments.values import from_json, to_json
from cnnlib import AvgPool2d, Conv2d, Residual, Sequential

# ---- values ---------------------------------------------------------------------------------------------------------

VALUES = [
    None,
    True,
    3,
    -0.0,
    0.1,
    float("inf"),
    "text",
    (1, (2.5, "x")),
    [[], (), None],
    {"a": (1,), "array": [1], 2: None},
    {"error": "IndexError"},
    np.zeros((0, 3)),
    np.arange(6).reshape(2, 3),
    np.array([0.1, -0.0, 1e300, np.nan, -np.inf, 1 << 53]),
    np.array([0.1, 3], np.float32),
    np.array([[True], [False]]),
    np.array(2.0),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_come_back_as_they_were(value: Any) -> None:
    back = from_json(json.loads(json.dumps(to_json(value), allow_nan=False)))
    assert type(back) is type(value)
    if isinstance(value, np.ndarray):
        assert back.dtype == value.dtype and back.shape == value.shape
        assert back.tobytes() == value.tobytes()
    else:
        assert repr(back) == repr(value)


@given(st.floats(allow_nan=False), st.integers(-(1 << 62), 1 << 62))
def test_numbers_come_back_to_the_last_digit(real: float, whole: int) -> None:
    for value in (real, np.array([real]), whole, np.array([whole], np.int64)):
        back = from_json(json.loads(json.dumps(to_json(value))))
        assert np.array(back).tobytes() == np.array(value).tobytes()


FORMLESS = [object(), 1j, {1, 2}, np.array([1j]), np.array(["x"]), np.array([None])]


@pytest.mark.parametrize("value", FORMLESS, ids=range(len(FORMLESS)))  # not repr: that of an object is an address
def test_what_has_no_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=r"got .*, expected"):
        to_json(value)


ARRAY = {"array": [1], "shape": [1], "dtype": "float64"}
BROKEN = [
    {"something": 1},
    {"tuple": 1},
    {"float": "1"},
    ARRAY | {"dtype": "object"},
    ARRAY | {"shape": [2]},
    ARRAY | {"array": [None]},
    ARRAY | {"array": ["x"]},
    ARRAY | {"array": [1.5], "dtype": "int64"},
    ARRAY | {"array": [1], "dtype": "bool"},
]


@pytest.mark.parametrize("tree", BROKEN, ids=repr)
def test_what_was_not_written_here_is_refused(tree: Any) -> None:
    with pytest.raises(ValueError):
        from_json(tree)


# ---- sealed answers -------------------------------------------------------------------------------------------------


def test_a_seal_is_pbkdf2_and_the_same_without_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    salt = bytes(range(16))
    expected = hashlib.pbkdf2_hmac("sha256", b"[3, 2]", salt, sealing.ROUNDS).hex()
    assert sealing.sealed((3, 2), salt) == expected
    cases = [
        (secret, salt * length, rounds) for secret in (b"", b"5", b"x" * 65) for length, rounds in ((0, 1), (4, 7))
    ]
    right = [sealing.pbkdf2(*case) for case in cases]
    monkeypatch.delattr(hashlib, "pbkdf2_hmac")
    assert [sealing.pbkdf2(*case) for case in cases] == right


def test_a_seal_takes_too_many_rounds_to_try_millions() -> None:
    assert sealing.ROUNDS >= 100_000
    assert len({sealing.sealed(answer, b"a") for answer in (3, -3, (3,), (3, 2), (2, 3))}) == 5
    assert sealing.sealed(3, b"a") != sealing.sealed(3, b"b")


# ---- a file ---------------------------------------------------------------------------------------------------------


def one_function() -> dict[str, Any]:
    """Return what a file holds for an exercise `doubled(x, times=2)`, with a mistake for each of its two cases."""
    explained = [[[0], [["text", "Twice 1."], ["code", "1 + 1 = 2"]]], [[1], [["text", "Twice 2."]]]]
    return {
        "kind": "function",
        "signature": [["x"], ["times", 2]],
        "cases_description": "two arrays.",
        "seconds": 2.0,
        "relative": 1e-9,
        "parts": [],
        "cases": [
            {"values": [to_json(np.array([1.0, 2.0]))], "right": to_json(np.array([2.0, 4.0])), "explained": explained},
            {
                "values": [to_json(np.array([[1.0, 0.5, 4.0]]))],
                "by_name": {"times": 3},
                "right": to_json(np.array([[3.0, 1.5, 12.0]])),
                "explained": [],
            },
        ],
        "mistakes": [
            {"name": "plus", "message": "Times, not plus.", "answers": [to_json(np.array([3.0, 4.0])), None]},
            {"name": "one too far", "message": "Stop earlier.", "answers": [{"error": "IndexError"}, None]},
        ],
    }


def one_prediction() -> dict[str, Any]:
    salt = b"0123456789abcdef"

    def question(axes: int | None, right: Any, wrong: Any) -> dict[str, Any]:
        mistake = {"sealed": sealing.sealed(wrong, salt), "name": "off", "message": "Look again."}
        return {"axes": axes, "salt": salt.hex(), "right": sealing.sealed(right, salt), "mistakes": [mistake]}

    return {
        "kind": "prediction",
        "message": "",
        "questions": {"a": question(None, 7, 8), "b": question(2, (3, 2), (2, 3))},
    }


def a_file(**checks_: Any) -> str:
    content = {"format": stored.FORMAT, "assignment": "1", "title": "A title", "checks": checks_}
    return json.dumps(content)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the notebook, with a file of two checks in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(checks.FOLDER, raising=False)
    text = a_file(doubled=one_function(), by_hand=one_prediction())
    (tmp_path / "1_title_checks.json").write_text(text, encoding="utf-8")
    return tmp_path


def right_one(x: np.ndarray, times: int = 2) -> np.ndarray:
    return x * times


def test_a_function_is_checked_with_the_stored_cases(here: Path) -> None:
    result = checks.doubled(right_one)
    assert (result.status, str(result)) == ("right", "✓ right: doubled\n2 cases: two arrays.")
    assert repr(checks.doubled) == "checks.doubled(your_function), where your_function takes (x, times=2)"
    assert checks.doubled().status == checks.doubled(...).status == "not yet"

    def stub(x: np.ndarray, times: int = 2) -> np.ndarray: ...

    assert checks.doubled(stub).status == "not yet"


def test_a_stored_mistake_is_named_and_the_cell_explained(here: Path) -> None:
    result = checks.doubled(lambda x, times=2: x + 2 if times == 2 else x * times)
    assert (result.status, result.mistake) == ("wrong", "plus")
    assert "The mistake: plus. Times, not plus." in str(result)
    assert "cell (0,) of the result is 3, expected 2" in str(result).lower()
    assert "Twice 1.\n    1 + 1 = 2" in str(result)
    assert "seed" not in str(result)

    def past(x: np.ndarray, times: int = 2) -> np.ndarray:
        return x * times if times == 3 else x[[9]]

    assert checks.doubled(past).mistake == "one too far"
    assert "Twice 2." in str(checks.doubled(lambda x, times=2: np.array([2.0, 5.0]) if times == 2 else x * times))


def test_a_table_knows_no_other_arguments(here: Path) -> None:
    table = checks.doubled.reference_solution
    assert table(np.array([1.0, 2.0])).tolist() == table(times=2, x=np.array([1.0, 2.0])).tolist() == [2, 4]
    with pytest.raises(KeyError):
        table(np.array([1.0, 3.0]))


def test_what_a_table_gives_may_be_changed(here: Path) -> None:
    table = checks.doubled.reference_solution
    table(np.array([1.0, 2.0]))[:] = 0
    assert table(np.array([1.0, 2.0])).tolist() == [2, 4]


def test_a_sealed_answer_is_judged_and_its_mistake_named(here: Path) -> None:
    by_hand = checks.by_hand
    assert by_hand({"a": 7, "b": (3, 2)}).status == by_hand({"a": 7.0, "b": [3, 2]}).status == "right"
    assert by_hand({"a": ..., "b": (..., ...)}).status == "not yet"
    assert by_hand({"a": 7, "b": ...}).status == "not yet"
    result = by_hand({"a": 8, "b": (2, 3)})
    assert (result.status, result.mistake) == ("wrong", "off")
    assert "a: 8 is not it. The mistake: off. Look again." in str(result)
    assert "a: 9 is not it." in str(by_hand({"a": 9, "b": (3, 2)}))
    assert "expected a whole number" in str(by_hand({"a": 7.5, "b": (3, 2)}))
    assert "This has 3 numbers, expected 2 numbers." in str(by_hand({"a": 7, "b": (3, 2, 1)}))
    assert "The answer has the keys ['c']" in str(by_hand({"c": 1}))


# ---- a file that is missing or cannot be used -----------------------------------------------------------------------


def test_without_a_file_a_check_says_so(here: Path) -> None:
    (here / "1_title_checks.json").unlink()
    for answer in ((), (right_one,), ({"a": 1},)):
        result = checks.doubled(*answer)
        assert result.status == "not yet"
        assert "a file whose name ends in `_checks.json`" in str(result)
        assert "There is none in this folder." in str(result)
        assert here.name in str(result).replace("\n", "")
    assert "not there" in repr(checks.doubled)
    assert dir(checks) == []


BAD = {
    "empty": ("", "it is no JSON, or breaks off"),
    "broken": (a_file(doubled=one_function())[:500], "it is no JSON, or breaks off"),
    "deep": ("[" * 200_000, "it is no JSON, or breaks off"),
    "a notebook": ('{"cells": []}', "it has no format"),
    "a list": ("[1]", "it has no format"),
    "newer": (a_file().replace("checks 1", "checks 2"), "it has format 'cnncourse checks 2', expected"),
    "no checks": (json.dumps({"format": stored.FORMAT}), "it holds no checks"),
    "of another assignment": (a_file(other=one_function()), "`2_checks.json` holds other checks: other"),
    "of another form": (a_file(doubled={"kind": "function"}), "what it holds for doubled has another form"),
    "of another kind": (a_file(doubled={"kind": "essay"}), "what it holds for doubled has another form"),
    "with another array": (a_file(doubled=one_function()).replace("float64", "object"), "another form (ValueError)"),
    "with a text for a number": (
        a_file(doubled=one_function()).replace('"array": [2, 4]', '"array": ["two", 4]'),
        "another form (ValueError)",
    ),
    "with another error": (a_file(doubled=one_function()).replace("IndexError", "SystemExit"), "another form"),
    "a mistake cut": (
        a_file(doubled=one_function() | {"mistakes": [{"name": "", "message": "", "answers": []}]}),
        "another form",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(here: Path, name: str) -> None:
    text, reason = BAD[name]
    (here / "1_title_checks.json").unlink()
    (here / "2_checks.json").write_text(text, encoding="utf-8")
    result = checks.doubled(right_one)
    assert result.status == "not yet"
    assert "`2_checks.json`" in str(result)
    assert reason in " ".join(str(result).split())


def test_bytes_and_folders_in_the_place_of_a_file_are_named(here: Path) -> None:
    (here / "1_title_checks.json").write_bytes(b"\xff\xfe\x00")
    (here / "2_checks.json").mkdir()
    said = " ".join(str(checks.doubled(right_one)).split())
    assert "`1_title_checks.json` cannot be used: it cannot be read" in said
    assert "`2_checks.json` cannot be used: it cannot be read" in said
    assert dir(checks) == []


def test_a_good_file_beside_a_bad_one_is_used(here: Path) -> None:
    (here / "0_checks.json").write_text("{", encoding="utf-8")
    (here / "1_title_checks.json").rename(here / "1_title_checks (1).json")
    assert checks.doubled(right_one).status == "right"
    assert dir(checks) == ["by_hand", "doubled"]


def test_a_folder_of_the_environment_is_looked_into_after_the_notebooks_own(
    here: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(checks.FOLDER, str(here))
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert checks.doubled(right_one).status == "right"
    Path("1_checks.json").write_text(a_file(doubled=one_prediction()), encoding="utf-8")
    assert checks.doubled({"a": 7, "b": (3, 2)}).status == "right"
    monkeypatch.setenv(checks.FOLDER, str(here / "not there"))
    assert checks.by_hand({"a": 7}).status == "not yet"


def test_names_that_python_asks_for_are_not_checks(here: Path) -> None:
    assert not hasattr(checks, "__wrapped__")


def test_the_work_of_a_layer_counts_rows_and_columns_of_their_own() -> None:
    # For one image: the numbers of the padded input and of the output, and a product for each weight of each output.
    wide = Conv2d(3, 2, (3, 5), padding=(1, 2))
    padded, output = 3 * (10 + 2) * (20 + 4), 2 * 10 * 20
    assert network._work(wide, (3, 10, 20)) == (padded + output, output * 3 * 3 * 5, (2, 10, 20))
    assert network._work(Conv2d(3, 2, (3, 5)), (3, 10, 20)) == (2 * 8 * 16, 2 * 8 * 16 * 3 * 3 * 5, (2, 8, 16))
    pool = AvgPool2d((2, 5), padding=(1, 2))
    padded, output = 3 * (10 + 2) * (20 + 4), 3 * 6 * 4
    assert network._work(pool, (3, 10, 20)) == (padded + output, output * 2 * 5, (3, 6, 4))
    same, again = (Conv2d(3, 3, (3, 5), padding=(1, 2)) for _ in range(2))
    values, products, _ = network._work(same, (3, 10, 20))
    assert network._work(Residual(same, again), (3, 10, 20)) == (600 + 2 * values, 2 * products, (3, 10, 20))


def test_a_network_has_forty_layers_at_most_counted_with_those_inside_others() -> None:
    inside = [Residual(Conv2d(1, 1, 3, padding=1, rng=0)) for _ in range(20)]
    assert len(network.described(Sequential(*inside))) == 40
    with pytest.raises(network.NotANetwork, match="more than 40 layers"):
        network.described(Sequential(*inside, Conv2d(1, 1, 3, rng=0)))
