"""What programs say in the reader's language: which language, how a sentence is filled, and that none is left out."""

from __future__ import annotations

import ast
import json
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from said import left_in_english, speaking, torn
from test_checks import ANSWERS, WRONG_ANSWERS, function_of
from test_own_network import WRONG as WRONG_NETWORKS

import catalogues
from cnncourse import checks, language
from cnncourse.checks import result
from cnncourse.checks.exercise import FunctionExercise
from cnncourse.checks.result import Result, Text

LANGUAGES = catalogues.languages()


@pytest.fixture(autouse=True)
def forgets() -> Iterator[None]:
    """Have each test look for the language again."""
    yield
    for cached in (language._beside_the_notebook, language._known, language._catalogue):
        cached.cache_clear()


# ---- which language -------------------------------------------------------------------------------------------------


def test_without_a_choice_it_is_english() -> None:
    assert language.language() == "en" and language.html_lang() == ""
    assert language.say("{name} has shape {shape}, expected {expected}", name="x", shape=1, expected=2) == (
        "x has shape 1, expected 2"
    )


@pytest.mark.parametrize("name", ["zh_CN", "zh-cn", " zh_CN\n"])
def test_the_variable_names_the_language(name: str) -> None:
    with speaking(name):
        assert language.language() == "zh_CN" and language.html_lang() == ' lang="zh-CN"'
        assert language.translated("right") == "正确"


def test_the_file_beside_the_notebook_names_it_and_the_variable_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / language.FILE).write_text("zh_CN\n", encoding="utf-8")
    assert language.language() == "zh_CN"
    with speaking("en"):
        assert language.language() == "en"


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """Yield what stands for the shell of a notebook: `sent`, the metadata of its cell, and `user_ns`."""
    shell = SimpleNamespace(sent={}, user_ns={})
    shell.kernel = SimpleNamespace(get_parent=lambda: {"metadata": shell.sent})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    yield shell
    language._named["language"] = ""


def test_a_notebook_that_is_taken_alone_knows_its_language(kernel: SimpleNamespace) -> None:
    assert language.language() == "en"
    kernel.sent = {"cellId": "one", language.METADATA: "zh_CN"}
    assert language.language() == "zh_CN"
    kernel.sent = {}  # a slider is moved: no cell runs
    assert language.language() == "zh_CN"
    with speaking("en"):
        assert language.language() == "en"


def test_the_notebook_comes_before_the_file_beside_it(
    kernel: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / language.FILE).write_text("en\n", encoding="utf-8")
    kernel.sent = {language.METADATA: "zh_CN"}
    assert language.language() == "zh_CN"


@pytest.mark.parametrize(
    ("stored", "spoken"),
    [
        ({"cells": [{"metadata": {}}, {"metadata": {language.METADATA: "zh_CN"}}]}, "zh_CN"),
        ({"cells": [{"metadata": {}}]}, "en"),
        ("no notebook", "en"),
        (None, "en"),
    ],
)
def test_where_nothing_is_sent_along_the_file_of_the_notebook_is_read(
    kernel: SimpleNamespace, tmp_path: Path, stored: object, spoken: str
) -> None:
    path = tmp_path / "05_pooling.ipynb"
    if stored:
        path.write_text(stored if isinstance(stored, str) else json.dumps(stored), encoding="utf-8")
    kernel.user_ns["__vsc_ipynb_file__"] = str(path)  # as VS Code does
    assert language.language() == spoken


def test_a_language_that_there_is_not_gets_one_warning_and_english() -> None:
    with speaking("xx"), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert [language.language() for _ in range(3)] == ["en"] * 3
    [warning] = caught
    assert "'xx', expected one of ['en', 'zh_CN']" in str(warning.message)


# ---- how a sentence is filled ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "fields", "filled"),
    [
        ("{name} 是 {kind}，应为 {n}", {"name": "结果", "kind": "一个 list", "n": 3}, "结果是一个 list，应为 3"),
        ("{name} 是 {kind}，应为 {n}", {"name": "`x`", "kind": "None", "n": "（空）"}, "`x` 是 None，应为（空）"),
        ("在 {a} {b} 中", {"a": "一", "b": "二"}, "在一二中"),
        ("在 {a} {b} 中", {"a": "x", "b": "y"}, "在 x y 中"),
        ("{a} is {b}", {"a": "x", "b": "中 文"}, "x is 中 文"),
        ("{share:.3f} of {{all}}", {"share": 0.5}, "0.500 of {all}"),
    ],
)
def test_a_space_stands_between_chinese_and_latin_only(template: str, fields: dict[str, Any], filled: str) -> None:
    assert language.filled(template, fields) == filled


def test_sentences_and_names_are_joined_as_the_language_does() -> None:
    assert language.joined(["One.", "Two."]) == "One. Two." and language.listed("abc") == "a, b, c"
    with speaking("zh_CN"):
        assert language.joined(["一。", "二。"]) == "一。二。" and language.listed("abc") == "a、b、c"


def test_each_language_has_its_own_plural_forms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, many = (
        "No window reaches the last pixel of the axis.",
        "No window reaches the last {count} pixels of the axis.",
    )
    assert [language.say_count(one, many, n) for n in (1, 2)] == [one, many.format(count=2)]
    with speaking("zh_CN"):
        assert "最后 1 个像素" in language.say_count(one, many, 1)
    folder = tmp_path / "pl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    polish = Catalog(locale="pl", domain="cnncourse", fuzzy=False)
    polish.add((one, many), ("{count} A", "{count} B", "{count} C"))
    with (folder / "cnncourse.mo").open("wb") as target:
        write_mo(target, polish)
    monkeypatch.setattr(language, "CATALOGUES", tmp_path)
    with speaking("pl"):
        language._known.cache_clear()
        assert [language.say_count(one, many, n) for n in (1, 2, 5, 22)] == ["1 A", "2 B", "5 C", "22 B"]


# ---- catalogues -----------------------------------------------------------------------------------------------------


def test_there_is_chinese() -> None:
    assert "zh_CN" in LANGUAGES


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_sentence_is_translated_and_none_is_stale_or_torn(name: str) -> None:
    assert catalogues.faults(name) == []
    assert catalogues.path_of(name).read_bytes() == catalogues.as_po(catalogues.updated(name))


def test_a_template_is_written_where_it_is_marked() -> None:
    # What is put together before it is looked up is in no catalogue.
    count = 0
    for path in sorted(catalogues.PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "language import" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in catalogues.KEYWORDS:
                kinds = (ast.Constant, ast.Name) if node.func.id == "say" else (ast.Constant,)
                assert isinstance(node.args[0], kinds), f"{path.name}:{node.lineno}"
                count += 1
    assert count > 100


PLANTED = [  # what is written in the place of what, and what is said about it
    ('msgid "its input"\n', 'msgid "its output"\n', "'its input' is missing"),
    ("", "", "'its output' is stale"),
    ('#, python-brace-format\nmsgid "value {', '#, fuzzy\nmsgid "value {', "'value {place} of {name}' is fuzzy"),
    ('msgstr "结果旋转了"', 'msgstr ""', "'result turned' is not translated"),
    ("`w` 装着所有的卷积核", "`W` 装着所有的卷积核", "this ['`W`', 'k', '`w[k]`']"),
    ("这是平均池化。", "这是平均池化.", "'这是平均池化.': a mark behind a Chinese character is full-width"),
    ("这是最大池化。", "这是最大抽样。", "the English says 'max pooling', expected 最大池化"),
    ("在 {layer} 中，`forward` 得到 {kind}", "`forward` 在 {layer} 中得到 {kind}", "this ['`forward`', '{layer}', "),
    ("", "", "cnncourse.mo is not made from cnncourse.po"),
]


def test_what_is_missing_stale_or_torn_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(catalogues.CATALOGUES, tmp_path / "locale")
    monkeypatch.setattr(catalogues.COURSE, "folder", tmp_path / "locale")
    path = catalogues.path_of("zh_CN")
    stored = path.read_text(encoding="utf-8")
    for old, new, _ in PLANTED:
        assert old in stored
        stored = stored.replace(old, new, 1)
    path.write_text(stored, encoding="utf-8")
    found = catalogues.faults("zh_CN")
    assert [says for _, _, says in PLANTED if not any(says in what for what in found)] == []


def test_a_changed_sentence_keeps_its_translation_and_is_fuzzy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(catalogues.CATALOGUES, tmp_path / "locale")
    monkeypatch.setattr(catalogues.COURSE, "folder", tmp_path / "locale")
    path = catalogues.path_of("zh_CN")
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace('"The bias is added."', '"The bias was added."'), encoding="utf-8")
    made = catalogues.updated("zh_CN")["The bias is added."]
    assert made.string == "偏置应当相加。" and made.fuzzy


# ---- what the checks say --------------------------------------------------------------------------------------------


def same_in_both(said: Callable[[], Result], name: str = "zh_CN") -> list[str]:
    """Return what differs where the same is said in English and in another language."""
    english = said()
    with speaking(name):
        other = said()
    return torn(english, other, name)


@pytest.mark.parametrize("name", checks.EXERCISES)
def test_right_and_not_yet_are_said_in_chinese(name: str) -> None:
    exercise = checks.EXERCISES[name]
    assert same_in_both(exercise) == []
    if isinstance(exercise, FunctionExercise):
        assert same_in_both(lambda: exercise(exercise.reference_solution, seed=3)) == []
    for answer in ANSWERS.get(name, []):
        assert same_in_both(lambda answer=answer: exercise(answer)) == []


def test_wrong_predictions_are_named_in_chinese() -> None:
    for name, answer, _ in WRONG_ANSWERS:
        if isinstance(answer, dict):
            answer = ANSWERS[name][0] | answer
        assert same_in_both(lambda answer=answer, name=name: checks.EXERCISES[name](answer)) == [], (name, answer)
    for key in ("a", "b"):  # a part alone, and none right so far
        answer = dict.fromkeys(ANSWERS["conv_shapes"][0], ...) | {key: (1, 1, 1)}
        assert same_in_both(lambda answer=answer: checks.conv_shapes(answer)) == []


@pytest.mark.parametrize("network", [network for network, _ in WRONG_NETWORKS])
def test_wrong_networks_are_named_in_chinese(network: Callable[[], Any]) -> None:
    if "not trained" not in str(checks.own_network(made := network())):
        assert same_in_both(lambda: checks.own_network(made)) == []


BODIES = {
    "an error": "return a[9, 9]",
    "no such name": "return missing",
    "a stop": "raise SystemExit(3)",
    "a list": "return [[1.0]]",
    "a number": "return 3.5",
    "complex": "return right.astype(complex)",
    "integers": "return right.astype(int)",
    "half": "return right.astype(np.float16)",
    "another shape": "return right[:1]",
    "one cell": "right[0, 0] += 1\n    return right",
    "nothing": "return None",
    "printed": "print(right)",
    "a tuple": "return right, right",
    "changed": "a *= 0\n    b *= 0\n    return right",
    "float32": "return right.astype(np.float32).astype(float)",
    "a warning": "np.log(np.zeros(1))\n    return right + 1",
    "not a number": "return right * np.nan",
    "several cells": "right[:] = 1\n    print('a')\n    return right",
    "float index": "return np.zeros(a.size / 1)",
    "shapes": "return a + np.zeros(97)",
    "one truth": "return a if a > 0 else b",
    "called": "return a(3)",
    "none": "return None + a",
    "cell": "right[0, 0] = [1, 2]\n    return right",
    "too many": "return a[0, 0, 0]",
    "unbound": "right += x\n    x = 1",
    "key": "return {}['a']",
    "divisor": "return 1 / 0",
    "recursion": "def g(): return g()\n    return g()",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_what_is_wrong_with_the_form_is_said_in_chinese(body: str) -> None:
    function = function_of(f"def f(a, b):\n    right = cnnlib.convolve2d(a, b)\n    {body}")
    assert same_in_both(lambda: checks.true_convolution(function, seed=1)) == []


@pytest.mark.parametrize(
    "said",
    [
        lambda: checks.output_size(lambda size, kernel, stride=1, padding=0: 3.0, seed=1),
        lambda: checks.output_size(lambda size, kernel, stride=1, padding=0: [3], seed=1),
        lambda: checks.output_size(3),
        lambda: checks.output_size(lambda size, kernel, stride=1, padding=0: 3, seed=-1),
        lambda: checks.update_rule(lambda parameters, gradients, lr: [1], seed=1),
        lambda: checks.update_rule(lambda parameters, gradients, lr: {"a": 1}, seed=1),
        lambda: checks.weight_gradient(lambda delta, x, kernel_size, stride=1, padding=0: 1, seed=1),
        lambda: checks.weight_gradient(lambda delta, x, kernel_size, stride=1, padding=0: (1, 2, 3), seed=1),
        lambda: checks.choose_fps((1, 0, 1.5)),
        lambda: checks.choose_fps((10**40, 0, 1)),
        lambda: checks.choose_fps((1, 20, 1)),
        lambda: checks.count_parameters(ANSWERS["count_parameters"][0] | {"b": (14, 430), "a": "1,020", "c": 1.5}),
        lambda: checks.conv_shapes(ANSWERS["conv_shapes"][0] | {"e": (5,), "a": (2.0, 1, 1), "b": "x"}),
        lambda: checks.pooled_shapes(ANSWERS["pooled_shapes"][0] | {"e": (7, 9)}),
        lambda: checks.one_change(3),
        lambda: checks.one_change({"a": 1}),
    ],
)
def test_odd_answers_get_a_sentence_in_chinese(said: Callable[[], Result]) -> None:
    assert same_in_both(said) == []


def test_a_hint_of_two_mistakes_is_given_in_chinese() -> None:
    def off(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
        return (size - kernel) // stride + 1 + (size == 5) * 0 + (stride == 5 and kernel == 3)

    assert same_in_both(lambda: checks.output_size(off, seed=4)) == []


def test_an_argument_too_few_is_said_in_chinese() -> None:
    with speaking("zh_CN"):
        found = str(checks.true_convolution(lambda a: a))
    assert "函数的参数是 (a)，应为 (a, b)：" in found  # and what Python says, in English


def test_english_that_is_left_is_seen() -> None:
    assert list(left_in_english("格子里是 5，expected a number")) == ["'expected a number' is English"]
    assert not list(left_in_english("请用 `a b c`，`np.where`。ValueError: this is Python's own"))


# ---- lines ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", range(20, 120, 7))
def test_chinese_is_broken_into_lines_of_the_same_width(length: int) -> None:
    text = ("窗口的个数应当是整数：`//` 是除后向下取整，`/` 得到浮点数（见第 04 章）。" * 6)[:length] + "完"
    lines = str(Result("x", "right", (Text(text),))).splitlines()[1:]
    assert max(len(line) + sum(map(result.columns_of, line)) for line in lines) <= result.WIDTH + 2  # a mark may hang
    assert not any(line[0] in result.CLOSES or line[-1] in result.OPENS for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
