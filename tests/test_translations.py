"""Translations: nothing stale, nothing torn, and the checks that see to it see it."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

import translations
from cnncourse.language import METADATA as LANGUAGE_METADATA
from translations import Language, Piece, hash_of

LANGUAGES = translations.languages()


# ---- what is stored -------------------------------------------------------------------------------------------------


def test_there_is_a_language() -> None:
    assert "zh_CN" in [language.folder.name for language in LANGUAGES]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.folder.name)
@pytest.mark.parametrize("chapter", translations.chapters())
def test_a_chapter_is_neither_stale_nor_torn(chapter: str, language: Language) -> None:
    assert translations.faults(language, chapter, translations.english(translations.read(chapter))) == []


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.folder.name)
def test_a_folder_holds_chapters_only(language: Language) -> None:
    files = {path.stem for path in language.folder.glob("*.md")} | set(language.settings["whole"])
    assert files <= set(translations.chapters())


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.folder.name)
def test_files_are_stored_as_the_tool_writes_them(language: Language) -> None:
    paths = list(language.folder.glob("*.md"))
    assert paths
    for path in paths:
        assert translations.written(language.pieces(path.stem)) == path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.folder.name)
def test_a_glossary_is_in_order(language: Language) -> None:
    assert len(language.terms) >= 200
    for term, entry in language.terms.items():
        assert entry.keys() <= {"use", "also", "mention", "avoid", "held"}, term
        words = [entry["use"], *entry.get("also", []), *entry.get("mention", []), *entry.get("avoid", [])]
        assert len(set(words)) == len(words), term
    used = {word for entry in language.terms.values() for word in [entry["use"], *entry.get("also", [])]}
    avoided = [word for entry in language.terms.values() for word in entry.get("avoid", [])]
    assert not [(word, term) for word in avoided for term in used if word in term]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.folder.name)
def test_code_and_outputs_are_those_of_the_english(language: Language) -> None:
    for chapter in language.settings["whole"]:
        source = translations.read(chapter)
        made = translations.translated(translations.read(chapter), language.pieces(chapter))
        nbformat.validate(made)
        assert made.metadata == source.metadata
        for ours, theirs in zip(made.cells, source.cells, strict=True):
            assert (ours.id, ours.cell_type, ours.metadata) == (theirs.id, theirs.cell_type, theirs.metadata)
            assert translations.FENCE.findall(ours.source) == translations.FENCE.findall(theirs.source)
            if ours.cell_type == "code":
                assert ours == theirs
            else:
                assert ours.source != theirs.source, ours.id


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.folder.name)
def test_every_cell_of_code_names_the_language_of_its_notebook(language: Language) -> None:
    spoken = translations.spoken(language, "05_pooling")
    names = [cell.metadata.get(LANGUAGE_METADATA) for cell in spoken.cells if cell.cell_type == "code"]
    assert names and set(names) == {language.folder.name}
    assert not [cell for cell in translations.read("05_pooling").cells if LANGUAGE_METADATA in cell.metadata]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.folder.name)
def test_a_readme_says_what_the_english_says(language: Language) -> None:
    assert translations.faults_of_readme(language) == []
    name = f"README.{language.folder.name}.md"
    ours, theirs = ((translations.ROOT / one).read_text(encoding="utf-8") for one in (name, "README.md"))
    assert "](README.md)" in ours and f"]({name})" in theirs


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.folder.name)
def test_a_readme_calls_the_chapters_by_their_names(language: Language) -> None:
    readme = (translations.ROOT / f"README.{language.folder.name}.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d\d) \| \[(.+?)\]\(notebooks/(.+?)\.ipynb\) \|", readme, re.MULTILINE)
    assert [chapter for _, _, chapter in rows] == [name for name in translations.chapters() if name[0].isdigit()]
    for number, title, chapter in rows:
        if chapter in language.settings["whole"]:
            heading = language.pieces(chapter)[0].text.splitlines()[0]
            assert re.match(rf"# {number} {re.escape(title)}(：|$)", heading), heading


# ---- the checks -----------------------------------------------------------------------------------------------------

ENGLISH = "## A stride\n\nThe **stride** $S$ is 2, see `conv2d` and [chapter 05](05_pooling.ipynb): <b>2</b>.\n\n"
ENGLISH += "```python\nx = 1\n```"
CHINESE = "## 步幅\n\n**步幅** $S$ 是 2，见 `conv2d` 和[第 05 章](05_pooling.ipynb)：<b>2</b>。\n\n{{code 1}}"


@pytest.fixture
def language(tmp_path: Path) -> Language:
    """A language with the rules and the glossary of the Chinese course, and a chapter of one piece."""
    folder = tmp_path / "xx"
    shutil.copytree(translations.FOLDER / "zh_CN", folder, ignore=shutil.ignore_patterns("*.md"))
    settings = re.sub(r"^whole = .*", 'whole = ["one"]', (folder / "language.toml").read_text("utf-8"), flags=re.M)
    (folder / "language.toml").write_text(settings, encoding="utf-8")
    return Language(folder)


def told(language: Language, text: str, source: str = ENGLISH) -> list[str]:
    """Return the faults of a chapter with one cell."""
    language.path("one").write_text(translations.written([Piece("a", hash_of(source), False, text)]), encoding="utf-8")
    return translations.faults(language, "one", {"a": source})


def test_a_right_piece_passes(language: Language) -> None:
    assert told(language, CHINESE) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("$S$", "$s$", "lacks the formula $S$"),
        ("是 2，", "是 3，", "has the number 3"),
        ("`conv2d`", "`conv`", "lacks the inline code `conv2d`"),
        ("05_pooling.ipynb", "06.ipynb", "lacks the link 05_pooling.ipynb"),
        ("<b>2</b>", "2", "lacks the HTML tag <b>"),
        ("{{code 1}}", "", "lacks the block of code 1"),
        ("{{code 1}}", "{{code 1}}\n\n{{code 2}}", "has the block of code 2"),
        ("## ", "### ", "lacks the heading ##"),
        ("步幅", "步长", "says 步长 without 步幅"),
        ("步幅", "跨步", "says 跨步, expected 步幅"),
        ("步幅", "大小", "the English says 'stride', expected 步幅"),
        ("**步幅** ", "**步幅：**它", "is not shown bold"),
        ("**步幅** ", "**步幅 ** ", "is not shown bold"),
        ("是 2，见", "是 2, 见一见,", "is full-width"),
        ("是 2，见", "是2，见", "a space stands between Chinese and Latin"),
        ("，见 `conv2d`", "，见`conv2d`", "a space stands between Chinese and Latin"),
        ("，见", "， 见", "no space stands beside a full-width mark"),
        ("和[第", "和(见)[第", "brackets around Chinese are full-width"),
        ("。", "！", "no exclamation marks"),
        ("。", "。This is left in English by mistake.", "left in English"),
    ],
)
def test_what_is_torn_is_named(language: Language, old: str, new: str, says: str) -> None:
    assert old in CHINESE
    assert [what for what in told(language, CHINESE.replace(old, new)) if says in what]


def test_a_changed_sentence_of_the_english_turns_its_piece_red_and_no_other(language: Language) -> None:
    texts = {"a": "One sentence.", "b": "Another one.", "c": "And a third one."}
    pieces = [Piece(name, hash_of(text), False, "一句话。") for name, text in texts.items()]
    language.path("one").write_text(translations.written(pieces), encoding="utf-8")
    assert translations.faults(language, "one", texts) == []
    [what] = translations.faults(language, "one", texts | {"b": "Another sentence."})
    assert what.startswith("b: is stale")

    # Who does not write the language marks the piece open: the English is shown, and the chapter is not whole.
    waiting = [Piece(piece.cell, piece.made_from, piece.cell == "b", piece.text) for piece in pieces]
    language.path("one").write_text(translations.written(waiting), encoding="utf-8")
    [what] = translations.faults(language, "one", texts | {"b": "Another sentence."})
    assert what.startswith("b: is missing")


def test_missing_strange_double_and_shifted_pieces_are_named(language: Language) -> None:
    texts = {"a": "One.", "b": "Two.", "c": "Three."}
    a, b, _ = (Piece(name, hash_of(text), False, "一句话。") for name, text in texts.items())
    waiting = Piece("c", hash_of("Three."), True, "Three.")
    for pieces, expected in [
        ([a, b], ["c: is missing, and the chapter is said to be whole"]),
        ([a, b, waiting], ["c: is missing, and the chapter is said to be whole"]),
        ([a, a, b, waiting], ["a: has 2 pieces", "c: is missing, and the chapter is said to be whole"]),
        (
            [b, a],
            [
                "the pieces do not stand in the order of the cells",
                "c: is missing, and the chapter is said to be whole",
            ],
        ),
        (
            [a, b, Piece("d", "0" * 8, False, "无")],
            ["d: the English has no such part", "c: is missing, and the chapter is said to be whole"],
        ),
    ]:
        language.path("one").write_text(translations.written(pieces), encoding="utf-8")
        assert translations.faults(language, "one", texts) == expected


def test_the_month_of_a_date_is_a_number() -> None:
    english = "Measured on 30 November 2026. It may take 3 weeks."
    assert list(translations.parity(english, "测于 2026 年 11 月 30 日，可能要 3 周。")) == []
    wrong = list(translations.parity(english, "测于 2026 年 12 月 30 日，可能要 3 周。"))
    assert wrong == ["lacks the number 11", "has the number 12, which the English has not"]


ENGLISH_README = "# A stride\n\n[中文](README.xx.md)\n\n```sh\nmake lab  # opens it\n```\n\n"
ENGLISH_README += '## More of it\n\n<img alt="A map" src="a.png"> has 3 cells, see `make test`.\n'
CHINESE_README = ["# 步幅\n\n[English](README.md)\n\n```sh\nmake lab  # 打开课程\n```"]
CHINESE_README += ['## 更多\n\n<img alt="特征图" src="a.png"> 有 3 格，见 `make test`。']


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("3 格", "4 格", "more-of-it: has the number 4"),
        ("见 `make test`", "见测试", "more-of-it: lacks the inline code `make test`"),
        ("a.png", "b.png", "more-of-it: lacks the HTML tag"),
        ("alt=", "title=", "more-of-it: lacks the HTML tag"),
        ("## 更多", "### 更多", "more-of-it: lacks the heading ##"),
        ("[English](README.md)", "[English](LICENSE)", "a-stride: lacks the link README.xx.md"),
        ("make lab", "make labs", "the commands are not those of README.md"),
        ("步幅", "步长", "a-stride: says 步长 without 步幅"),
        ("<!-- cell: more", "<!-- cell: other", "more-of-it: is missing"),
        ("<!-- cell: more", "<!-- cell: other", "other-of-it: the English has no such part"),
    ],
)
def test_a_torn_readme_is_named(
    language: Language, monkeypatch: pytest.MonkeyPatch, old: str, new: str, says: str
) -> None:
    monkeypatch.setattr(translations, "ROOT", language.folder.parent)
    english, chinese = language.folder.parent / "README.md", language.folder.parent / "README.xx.md"
    english.write_text(ENGLISH_README, encoding="utf-8")
    assert translations.faults_of_readme(language) == []  # who has none has no fault
    parts = translations.sections(ENGLISH_README)
    pieces = [Piece(*part, text) for part, text in zip(readme_heads(parts), CHINESE_README, strict=True)]
    stored = translations.written(pieces)
    chinese.write_text(stored, encoding="utf-8")
    assert translations.faults_of_readme(language) == []
    assert old in stored
    chinese.write_text(stored.replace(old, new), encoding="utf-8")
    assert [what for what in translations.faults_of_readme(language) if says in what]


def readme_heads(parts: dict[str, str]) -> list[tuple[str, str, bool]]:
    """Return what stands in the line above each part of a README that is translated."""
    return [(name, hash_of(text), False) for name, text in parts.items()]


def test_a_changed_readme_turns_its_section_red_and_no_other(
    language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translations, "ROOT", language.folder.parent)
    heads = readme_heads(translations.sections(ENGLISH_README))
    for is_open in (False, True):  # an open section waits for somebody who writes the language
        pieces = [Piece(*head, text) for head, text in zip(heads, CHINESE_README, strict=True)]
        pieces[1] = Piece(*heads[1][:2], is_open, CHINESE_README[1])
        (language.folder.parent / "README.xx.md").write_text(translations.written(pieces), encoding="utf-8")
        (language.folder.parent / "README.md").write_text(ENGLISH_README + "\nMore.\n", encoding="utf-8")
        found = translations.faults_of_readme(language)
        assert ([] if is_open else ["more-of-it: is stale"]) == [what[:20] for what in found]


@pytest.mark.parametrize("line", ["<!-- cell: a -->", "<!-- cell: a 123 -->", "<!-- cell: a 12345678 done -->"])
def test_a_malformed_line_is_named(language: Language, line: str) -> None:
    language.path("one").write_text(f"{line}\n\n一句话。\n", encoding="utf-8")
    [what] = translations.faults(language, "one", {"a": "One."})
    assert "expected <!-- cell: ID HASH -->" in what


def test_words_inside_english_words_are_no_terms() -> None:
    assert translations.occurs("layer", "Two Layers, one")
    assert not translations.occurs("class", "a classic, the subclass, a class-like thing")


def test_code_goes_out_and_comes_back() -> None:
    text = "One\n\n```python\nx = 1\n```\n\ntwo\n\n```sh\nls\n```"
    short = translations.without_code(text)
    assert short == "One\n\n{{code 1}}\n\ntwo\n\n{{code 2}}"
    assert translations.with_code(short, text) == text


# ---- the commands ---------------------------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A course of one small notebook in a folder of its own, with a language `xx`."""
    cells = [
        nbformat.v4.new_markdown_cell("# One\n\nText.", id="title"),
        nbformat.v4.new_code_cell("1 + 1", id="sum"),
        nbformat.v4.new_markdown_cell("More.", id="more"),
    ]
    for name in ("notebooks", "translations/xx"):
        (tmp_path / name).mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "notebooks" / "one.ipynb")
    (tmp_path / "translations/xx/language.toml").write_text('name = "X"\nlang = "xx"\nwhole = []\n')
    (tmp_path / "translations/xx/glossary.toml").write_text("[terms]\n")
    monkeypatch.setattr(translations, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(translations, "FOLDER", tmp_path / "translations")
    monkeypatch.setattr(translations, "BUILD", tmp_path / "build")
    yield tmp_path


def test_a_third_language_needs_only_a_folder(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert translations.main(["extract", "xx", "one"]) == 0
    stored = course / "translations/xx/one.md"
    assert [piece.is_open for piece in translations.parse(stored.read_text(encoding="utf-8"))] == [True, True]
    half = stored.read_text(encoding="utf-8").replace(" open", "", 1).replace("One\n\nText.", "Eins\n\nÄText.")
    stored.write_text(half, encoding="utf-8")
    assert translations.main(["extract", "xx", "one"]) == 0 and stored.read_text(encoding="utf-8") == half
    assert translations.main(["build", "xx"]) == 0
    assert "1 of 2 pieces, 1 are open" in capsys.readouterr().out
    made = nbformat.read(course / "build/xx/notebooks/one.ipynb", as_version=4)
    assert [cell.source for cell in made.cells] == ["# Eins\n\nÄText.", "1 + 1", "More."]
    assert (course / "build/xx/notebooks/cnncourse_language.txt").read_text(encoding="utf-8") == "xx\n"


def test_work_of_a_reader_is_not_overwritten(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = course / "build/xx/notebooks/one.ipynb"
    assert translations.main(["build", "xx"]) == 0
    path.write_text(path.read_text(encoding="utf-8").replace("1 + 1", "2 + 2"), encoding="utf-8")
    for _ in range(2):
        assert translations.main(["build"]) == 0
        assert "2 + 2" in path.read_text(encoding="utf-8") and "you have changed it" in capsys.readouterr().out
    path.unlink()
    assert translations.main(["build"]) == 0
    assert "1 + 1" in path.read_text(encoding="utf-8")


def test_nothing_is_built_from_a_stale_piece(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    piece = Piece("title", "0" * 8, False, "# Eins\n\nÄText.")
    (course / "translations/xx/one.md").write_text(translations.written([piece]), encoding="utf-8")
    assert translations.main(["check"]) == 1 and "xx/one: title: is stale" in capsys.readouterr().err
    assert translations.main(["build"]) == 1 and not (course / "build").exists()


def test_an_unknown_language_gets_a_sentence(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        translations.main(["build", "yy"])
    assert "got language 'yy', expected one of ['xx']" in capsys.readouterr().err


def test_settings_are_read_by_every_python() -> None:
    paths = list(translations.FOLDER.rglob("*.toml"))
    assert paths
    for path in paths:
        assert tomllib.loads(path.read_text(encoding="utf-8"))
